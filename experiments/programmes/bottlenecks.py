"""What limits programmes: where their projects spend time, and how full platforms are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from fiveyear.experiments.console.language import say, say_heading
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import (
    LETTER,
    LINE,
    MARGIN,
    Drawing,
    Frame,
    Page,
    folded,
    inner,
    room,
    same_decimals,
    tint,
)
from fiveyear.model.labels import label
from fiveyear.model.quantities import Array

from .dates import titled
from .study import Study, lines

LEAST = 0.005  # of its project-years: a programme that waits less is not drawn

# Millimetres on the page.
ROW, TIGHT = 4.2, 2.9  # a row, and more for each further line of a name
NAMES, VALUES = 0.34, 20.0  # where the bars start, as a share of a panel; room for values right of them
UNDER = 9.0
GAP, FIRST = 6.0, 0.62  # between panels beside one another, and how much of the width the first takes

Colour = tuple[float, float, float]
Shares = Mapping[str, Mapping[str, float]]  # of the project-years of each programme, by what they are spent on


# -- numbers ------------------------------------------------------------------------------------------------
class Waits(NamedTuple):
    """What a panel of waits shows: shares of project-years by programme, in words, and the share of money drawn."""

    shares: dict[str, dict[str, float]]
    drawn: dict[str, float]


def shares(study: Study) -> dict[str, dict[str, float]]:
    """Give the share of its project-years that each programme spends waiting, by what for; those with projects."""
    whats = ("work", "money", *study.portfolio.platforms)
    spent: dict[str, Array] = {}
    for place, (programme, _) in enumerate(lines(study.portfolio)):
        if programme.name in study.asked:
            years = study.replications.spent[:, place].sum(axis=0)
            spent[programme.name] = spent.get(programme.name, np.zeros(len(whats))) + years
    return {n: dict(zip(whats, (s / max(s.sum(), 1e-300)).tolist(), strict=True)) for n, s in spent.items()}


def platforms(study: Study) -> dict[str, tuple[float, float, float]]:
    """Give how full each platform is that the programmes use: p05, median and p95 over draws."""
    used = {p for name in study.asked for p in study.portfolio.programmes[name].platforms}
    return {n: tuple(np.quantile(v, [0.05, 0.5, 0.95]).tolist()) for n, v in study.utilisation().items() if n in used}


def table(study: Study) -> Rows:
    """Give every number drawn."""
    yield "panel", "row", "what", "value", "p05", "p95"
    for name, of in shares(study).items():
        yield from (("waiting", name, what, v, None, None) for what, v in of.items() if what != "work")
        yield "money", name, "drawn", float(np.median(study.spending()[name])), None, None
    for name, (low, middle, high) in platforms(study).items():
        yield "platforms", name, "in use", middle, low, high


# -- picture ------------------------------------------------------------------------------------------------
def drawing(study: Study) -> Drawing:
    """Give what limits the programmes to be drawn, those first that wait most."""
    waits = shares(study)
    waiting = sorted((n for n, of in waits.items() if 1.0 - of["work"] >= LEAST), key=lambda n: waits[n]["work"])
    drawn = Waits(
        {say(titled(study, n)): {say(label(w)): v for w, v in waits[n].items() if w != "work"} for n in waiting},
        {say(titled(study, n)): float(np.median(study.spending()[n])) for n in waiting},
    )
    full = dict(sorted(platforms(study).items(), key=lambda of: -of[1][1]))
    in_words = {say_heading(label(n)): ends for n, ends in full.items()}
    return Drawing(partial(figure, frame(study, waits, full), drawn, in_words), table(study))


def frame(study: Study, waits: Shares, full: Mapping[str, tuple[float, float, float]]) -> Frame:
    """Give the title, which says who waits most and what is fullest, and a foot on what is counted."""
    waited = {n: 1.0 - of["work"] for n, of in waits.items()}
    if not waited or (most := max(waited.values())) < LEAST:
        title = say("No programme of the plan waits for money or platforms")
    elif full:
        fullest = max(full, key=lambda n: full[n][1])
        title = say(
            "Programmes wait for {most} % of their time at most; the fullest platform is: {platform}, {taken} % taken",
            most=f"{100.0 * most:.0f}", platform=say(label(fullest)), taken=f"{100.0 * full[fullest][1]:.0f}",
        )  # fmt: skip
    else:
        title = say("Programmes wait for {most} % of their time at most", most=f"{100.0 * most:.0f}")
    foot = say(
        "The rest of the time projects are at work; the {count} programmes that wait for less than {least} % are not "
        "drawn. Money: what is drawn by the end of the plan of what a programme gets, median. Capacities, shares of "
        "money and numbers of projects are assumed.",
        count=sum(of < LEAST for of in waited.values()),
        least=f"{100.0 * LEAST:g}",
    )
    return Frame(title, say(study.portfolio.plan.title), f"{study.made_from} {foot}")


def figure(frame: Frame, waits: Waits, full: Mapping[str, tuple[float, float, float]]) -> page.Figure:
    """Lay out waits by programme above the use of platforms, or beside it where the page is low."""
    from matplotlib.patches import Patch

    whats = list(dict.fromkeys(w for of in waits.shares.values() for w in of))
    whats = [w for w in whats if any(of[w] >= LEAST for of in waits.shares.values())]
    # Six colours are told apart; beyond them the same ones, lighter.
    colours = {what: tint(f"C{n % 6}", 1.0 if n < 6 else 0.45) for n, what in enumerate(whats)}
    marks = [(Patch(color=colours[w]), say("waiting for {what}", what=w)) for w in whats]
    beside = False
    for beside in (False, True):
        widths = [of * (inner() - GAP) for of in (FIRST, 1.0 - FIRST)] if beside else [inner(), inner()]
        named = [(words, names, wide) for (words, names), wide in zip(_panels(waits, full), widths, strict=True)]
        panels = [_Panel(words, names, wide) for words, names, wide in named if names]
        high = max((p.high for p in panels), default=0.0) if beside else sum(p.high for p in panels)
        if high <= room(frame, marks):
            break
    drawn = Page(*frame, high, marks)
    left, top = MARGIN, drawn.top
    for n, panel in enumerate(panels):
        axes = panel.lay_out(drawn, "ab"[n], left, top)
        if n == 0 and waits.shares:
            _draw_waits(drawn, axes, panel, (left, top), waits, colours)
        else:
            _draw_platforms(drawn, axes, panel, (left, top), full)
        left, top = (left + panel.wide + GAP, top) if beside else (left, top + panel.high)
    return drawn.picture


def _panels(waits: Waits, full: Mapping[str, object]) -> list[tuple[str, list[str]]]:
    return [
        (say("Waiting, % of project-years during the plan; right: money drawn"), [*waits.shares]),
        (say("Places of platforms taken, %: median, 5 to 95 % of draws"), [*full]),
    ]


class _Panel:
    """A panel with a row for each name, on as many lines as it needs."""

    def __init__(self, words: str, names: list[str], wide: float) -> None:
        self.wide, self.bars = wide, NAMES * wide
        self.heading = folded(words, wide - LETTER, 7.5, "bold")
        self.names = [folded(name, self.bars - LETTER - 1.0, 7, "normal") for name in names]
        self.highs = [ROW + TIGHT * (len(name) - 1) for name in self.names]
        self.above = LINE * len(self.heading) + 1.0
        self.high = self.above + sum(self.highs) + UNDER

    @property
    def middles(self) -> list[float]:
        """Where the middle of each row is, from the top of the axes."""
        return [sum(self.highs[:n]) + high / 2.0 for n, high in enumerate(self.highs)]

    def lay_out(self, drawn: Page, letter: str, left: float, top: float) -> page.Axes:
        """Write the heading and the names, and give the axes, whose rows are in millimetres."""
        drawn.letter(letter, left, top, self.heading)
        for name, middle in zip(self.names, self.middles, strict=True):
            drawn.text(left + LETTER, top + self.above + middle - TIGHT * len(name) / 2.0, name, TIGHT)
        size = (self.wide - self.bars - VALUES, sum(self.highs))
        axes = drawn.axes(left + self.bars, top + self.above, *size)
        axes.set_ylim(size[1], 0.0)
        axes.set_yticks([])
        return axes

    def value(self, drawn: Page, left: float, top: float, words: str) -> None:
        """Write a value right of the bars, around a height."""
        drawn.text(left + self.wide - VALUES + 2.0, top + self.above - LINE / 2.0, [words])


def _draw_waits(
    drawn: Page,
    axes: page.Axes,
    panel: _Panel,
    corner: tuple[float, float],
    waits: Waits,
    colours: Mapping[str, Colour],
) -> None:
    for (name, of), middle in zip(waits.shares.items(), panel.middles, strict=True):
        left = 0.0
        for what, colour in colours.items():
            axes.barh(middle, 100.0 * of[what], 2.9, left=left, color=colour)
            left += 100.0 * of[what]
        panel.value(drawn, corner[0], corner[1] + middle, f"{100.0 * waits.drawn[name]:.0f} %")
    axes.set_xlim(0.0, max(5.0, 1.05 * max(100.0 * sum(of.values()) for of in waits.shares.values())))
    same_decimals(axes.xaxis)


def _draw_platforms(
    drawn: Page,
    axes: page.Axes,
    panel: _Panel,
    corner: tuple[float, float],
    full: Mapping[str, tuple[float, float, float]],
) -> None:
    axes.set_xlim(0.0, 102.0)
    for (low, middle, high), at in zip(full.values(), panel.middles, strict=True):
        axes.plot([100.0 * low, 100.0 * high], [at, at], color=tint("C0", 0.45), lw=2.4, solid_capstyle="butt")
        axes.plot([100.0 * middle], [at], "o", color="C0", ms=3.5)
        panel.value(drawn, corner[0], corner[1] + at, f"{100.0 * middle:.0f} %")
