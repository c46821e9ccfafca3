"""Figure: how far each headline indicator moves when a feedback loop is cut, as a grid of loops and indicators."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LINE, MARGIN, Drawing, Frame, Page, folded, inner, room, signed
from fiveyear.experiments.page.heat_map import ink
from fiveyear.model.labels import label

from ..loop_cuts import LoopCut, LoopCuts

COLOURS = "PuOr_r"  # purple to orange through white, apart for colour-blind readers too
FULL = 20.0  # per cent, or places times ten, at which a colour is full
LEAST = 0.05  # a smaller move is written as nil

# Millimetres on the page.
NAMES = 0.4  # of the width: the words of a loop
TIGHT = 2.9  # a line of them
SIGN = 3.0  # for the mark left of them
HEADING, LINES = 20.0, 3  # a line of a heading, unless so many do not hold it


class Row(NamedTuple):
    """A loop, its sign as a mark, in words, the scenario, and what each cell says with the size of its move."""

    mark: str
    words: str
    scenario: str
    cells: tuple[tuple[str, float], ...]


# -- numbers ------------------------------------------------------------------------------------------------
def table(cuts: LoopCuts) -> Rows:
    """Give every number drawn, and the medians it is made of."""
    yield "loop", "sign", "about", "scenario", "indicator", "median, closed", "median, cut", "moved", "unit of moved"
    for cut in cuts.cuts:
        for name, ends in cut.medians.items():
            yield cut.loop, cut.sign, cut.about, cut.scenario, name, *ends, cut.moved(name), cut.units[name]


# -- picture ------------------------------------------------------------------------------------------------
def drawing(cuts: LoopCuts) -> Drawing:
    """Give the moves to be drawn, the loops that move most first."""
    ordered = sorted(cuts.cuts, key=lambda cut: -_strength(cut))
    rows = [
        Row(
            _mark(cut),
            say(cut.about),
            say(cut.title),
            tuple(_cell(cut, name) for name in cuts.indicators),
        )
        for cut in ordered
    ]
    headings = [say(label(name)) for name in cuts.indicators]
    return Drawing(partial(figure, frame(cuts, ordered), headings, rows), table(cuts))


def frame(cuts: LoopCuts, ordered: Sequence[LoopCut]) -> Frame:
    """Give the title, which says what moves most, and a foot on how."""
    plan, month = cuts.ensemble.scenario.plan, cuts.ensemble.posterior.evidence.month
    title = say("No feedback loop moves a headline indicator of {year}", year=plan.end)
    moves = [(abs(cut.moved(n)), cut, n) for cut in ordered for n in cut.medians if cut.units[n] == "%"]
    if moves and (most := max(moves, key=lambda move: move[0]))[0] >= LEAST:
        _, cut, name = most
        title = say(
            "The loop “{loop}” moves most: cutting it moves the median of “{indicator}” in {year} by {moved} %",
            loop=say(cut.about), indicator=say(label(name)), year=plan.end, moved=signed(cut.moved(name), 1),
        )  # fmt: skip
    foot = say(
        "Facts published by {month}; {draws} draws, seed {seed}. Move of the median of {year} when the loop is cut, "
        "in per cent, of a rank in places. ▲ reinforcing, ▼ balancing.",
        month=month_in_words(month), draws=f"{cuts.draws:,}", seed=cuts.ensemble.seed, year=plan.end,
    )  # fmt: skip
    more = say(
        "With the loop and without the draws are the same; each loop is in a scenario in which it is at work, named "
        "with it. An empty cell: the median stays to the last digit."
    )
    return Frame(title, say(plan.title), f"{foot}\n{more}")


def _mark(cut: LoopCut) -> str:
    return "▲" if cut.sign == "+" else "▼"


def _strength(cut: LoopCut) -> float:
    return max(abs(_size(cut, name)) for name in cut.medians)


def _size(cut: LoopCut, name: str) -> float:
    return cut.moved(name) * (10.0 if cut.units[name] == "places" else 1.0)


def _cell(cut: LoopCut, name: str) -> tuple[str, float]:
    if name not in cut.medians or not (moved := cut.moved(name)):
        return "", 0.0
    decimals = 1 if abs(moved) < 9.95 else 0
    return signed(moved, decimals), _size(cut, name)


def figure(frame: Frame, headings: Sequence[str], rows: Sequence[Row]) -> page.Figure:
    """Lay out the cells: a row a loop, a column an indicator."""
    import matplotlib as mpl
    from matplotlib.patches import Rectangle

    names = NAMES * inner()
    wide = (inner() - names) / max(len(headings), 1)
    heads = [_heading(words, min(max(int(wide / LINE), 1), LINES)) for words in headings]
    above = max((page.text_width(line, 7, "normal") for lines in heads for line in lines), default=0.0) + 2.0
    lines = [folded(row.words, names - SIGN - 1.5, 7, "normal") for row in rows]
    high = [TIGHT * (len(words) + 1) + 1.6 for words in lines]
    drawn = Page(*frame, above + sum(high) + 1.0)
    spare = room(frame) - above - sum(high) - 1.0
    if spare < 0.0:  # the scenario beside the loop rather than below it, or in the file only
        for form in ("{0.words} ({0.scenario})", "{0.words}"):
            lines = [folded(form.format(row), names - SIGN - 1.5, 7, "normal") for row in rows]
            high = [TIGHT * len(words) + 1.2 for words in lines]
            if above + sum(high) + 1.0 <= room(frame):
                break
        drawn = Page(*frame, above + sum(high) + 1.0)
    axes = drawn.axes(MARGIN + names, drawn.top + above, inner() - names, sum(high))
    axes.set_axis_off()
    axes.set_xlim(0.0, inner() - names)
    axes.set_ylim(sum(high), 0.0)
    for column, words in enumerate(heads):
        place = drawn.place(MARGIN + names + (column + 0.5) * wide, drawn.top + above - 1.0)
        drawn.picture.text(
            *place, "\n".join(words), rotation=90, ha="center", va="bottom", linespacing=1.05, multialignment="left"
        )
    scale, top = mpl.colormaps[COLOURS], 0.0
    for row, words, tall in zip(rows, lines, high, strict=True):
        drawn.text(MARGIN, drawn.top + above + top + 0.5, [row.mark], TIGHT)
        drawn.text(MARGIN + SIGN, drawn.top + above + top + 0.5, words, TIGHT)
        if spare >= 0.0:
            down = above + top + 0.5 + TIGHT * len(words)
            drawn.text(MARGIN + SIGN, drawn.top + down, [row.scenario], TIGHT, color="0.45")
        for column, (text, size) in enumerate(row.cells):
            fill: Any = scale(0.5 + 0.5 * float(np.sign(size)) * min(abs(size) / FULL, 1.0) ** 0.5)[:3]
            box = Rectangle((column * wide, top), wide, tall, facecolor=fill, edgecolor="white", lw=0.8)
            axes.add_patch(box)
            axes.text(
                (column + 0.5) * wide, top + tall / 2.0, text, ha="center", va="center", color=ink(fill), size=6.5
            )
        top += tall
    return drawn.picture


def _heading(words: str, most: int) -> list[str]:
    """Give a heading that stands on its side, on so many lines at most and as short as these let it be."""
    width = HEADING
    while len(lines := folded(words, width, 7, "normal")) > most:
        width += 2.0
    return lines
