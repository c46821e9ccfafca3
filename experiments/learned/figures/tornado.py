"""Figure: how far each answer moves when a parameter that the facts left open moves across its prior."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import (
    LINE,
    LOW,
    MARGIN,
    Drawing,
    Frame,
    Page,
    folded,
    inner,
    pitch,
    room,
    shortened,
    tint,
)
from fiveyear.experiments.page.style import sheet
from fiveyear.model.labels import label
from fiveyear.scenarios import answered_by

from ..robustness import DRAWS, Moved
from ..study import Study, framed
from ..tables import table

MOST = 4  # parameters a target
LEAST = 0.05  # a smaller swing is not drawn

# Millimetres on the page.
ROW, UNDER, TIGHT = 3.6, 6.5, 2.9  # of a parameter, below the axes, and a line of a name that takes several
NARROWEST = 40.0  # a panel
NAMES, ON_SLIDE, GAP = 0.48, 0.58, 4.0  # of the width of a panel, also where the page is low; between two

Panel = list[Moved]  # of one target under one scenario, the strongest first


def shown(study: Study) -> list[list[Panel]]:
    """Give a row for each headline target that moves at all, and in it for each scenario what moves it."""
    scenarios = dict.fromkeys(m.scenario for m in study.moved)
    strongest = sorted((m for m in study.moved if m.swing >= LEAST), key=lambda m: -m.swing)
    headline = [t.indicator for t in study.fitted.evidence.plan.targets if t.kind == "headline"]
    return [
        [[m for m in strongest if (m.scenario, m.indicator) == (scenario, target)][:MOST] for scenario in scenarios]
        for target in headline
        if any(m.indicator == target for m in strongest)
    ]


def drawing(study: Study) -> Drawing:
    """Give the robustness of the answers to be drawn."""
    headline = [t.indicator for t in study.fitted.evidence.plan.targets if t.kind == "headline"]
    asked = {(m.scenario, m.indicator) for m in study.moved if m.indicator in headline}
    turned = {(m.scenario, m.indicator) for m in study.moved if m.other_side and m.indicator in headline}
    title = say(
        "Within what the facts left open, {turned} of {count} probabilities cross one half",
        turned=len(turned), count=len(asked),
    )  # fmt: skip
    foot = say(
        "Probability of each headline target, from {draws} draws, when a parameter of which the facts said little is "
        "known to be at either end of its prior; of each answer those that move it most. What moves an answer by less "
        "than {least} is not drawn.",
        draws=f"{DRAWS:,}", least=f"{LEAST:g}",
    )  # fmt: skip
    panels = shown(study)
    labels = {n: say(words) for n, words in study.target_labels.items()}
    titles = {s.name: say(s.title) for s in answered_by(study.fitted.evidence.plan)}
    return Drawing(partial(figure, framed(study, title, foot), panels, labels, titles), table("robustness", study))


def figure(
    frame: Frame, rows: Sequence[Sequence[Panel]], labels: Mapping[str, str], titles: Mapping[str, str]
) -> page.Figure:
    """Lay out a row a target and a column a scenario; where the page is too low, more targets beside one another."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        (Patch(color=tint("C0", 0.7)), say("at the 5 % point of its prior")),
        (Patch(color=tint("C1", 0.7)), say("at the 95 % point of its prior")),
        (Line2D([], [], color="black", lw=1.2), say("as fitted")),
        (Line2D([], [], color="0.45", lw=0.6, ls=(0, (3, 1.5))), say("as likely as not")),
    ]
    layout = _layout(rows, labels, room(frame, marks))
    names = _share() * layout.wide
    drawn = Page(*frame, layout.height(rows), marks)
    top = drawn.top
    for shelf in layout.shelves(rows):
        for column, panel in enumerate(panel for row in shelf for panel in row):
            left = MARGIN + column * (layout.wide + GAP)
            if not panel:
                continue
            words = labels[panel[0].indicator]
            cut = [shortened(words, layout.wide, 7, "bold")]
            drawn.text(left, top, cut if layout.lines == 1 else _title(words, layout.wide), weight="bold")
            drawn.text(
                left, top + layout.lines * LINE, [shortened(titles[panel[0].scenario], layout.wide, 7, "normal")]
            )
            kept = panel[: layout.kept]
            place = (left + names, top + (layout.lines + 1) * LINE + 1.0, layout.wide - names, layout.row * len(kept))
            _draw_panel(drawn.axes(*place), kept, names)
        top += layout.high(shelf)
    return drawn.picture


class _Layout(NamedTuple):
    """How many targets stand beside one another, how many parameters each shows, how wide a panel and high a row is."""

    beside: int
    kept: int
    wide: float
    row: float
    lines: int  # of a title

    def shelves(self, rows: Sequence[Sequence[Panel]]) -> list[Sequence[Sequence[Panel]]]:
        """Give the targets that stand beside one another, from the top down."""
        return [rows[n : n + self.beside] for n in range(0, len(rows), self.beside)]

    def high(self, shelf: Sequence[Sequence[Panel]]) -> float:
        """Give the height of a shelf."""
        return (
            (self.lines + 1) * LINE
            + 1.0
            + self.row * max(len(panel[: self.kept]) for row in shelf for panel in row)
            + UNDER
        )

    def height(self, rows: Sequence[Sequence[Panel]]) -> float:
        """Give the height of all."""
        return sum(self.high(shelf) for shelf in self.shelves(rows))


def _layout(rows: Sequence[Sequence[Panel]], labels: Mapping[str, str], space: float) -> _Layout:
    """Give the layout that fits: rather fewer parameters of a target than more targets beside one another."""
    across = max(map(len, rows), default=1)
    widest = max(int((inner() + GAP) / (across * (NARROWEST + GAP))), 1)
    layouts = []
    for cut, beside, kept in itertools.product((False, True), range(1, widest + 1), range(MOST, 0, -1)):
        wide = pitch(across * beside, GAP) - GAP
        titles = [len(_title(labels[panel[0].indicator], wide)) for row in rows for panel in row if panel]
        lines = max((len(_name(m, _share() * wide)) for row in rows for panel in row for m in panel[:kept]), default=1)
        high = ROW if lines == 1 else lines * TIGHT + 0.6
        layouts.append(_Layout(beside, kept, wide, high, 1 if cut else max(titles, default=1)))
    fitting = [of for of in layouts if of.height(rows) <= space]
    return next((of for of in fitting if of.kept > 1), next(iter(fitting), layouts[-1]))


def _share() -> float:
    """Give the share of a panel that names take."""
    return ON_SLIDE if sheet().tallest < LOW else NAMES


def _title(words: str, width: float) -> list[str]:
    return folded(words, width, 7, "bold")


def _name(moved: Moved, width: float) -> list[str]:
    return folded(say(label(moved.parameter)), width - 1.5, 7, "normal")


def _draw_panel(axes: page.Axes, panel: Sequence[Moved], names: float) -> None:
    axes.axvline(0.5, color="0.45", lw=0.6, ls=(0, (3, 1.5)), zorder=0.5)
    for place, sensitivity in enumerate(panel):
        for end, color in ((sensitivity.at_low, "C0"), (sensitivity.at_high, "C1")):
            axes.barh(place, end - sensitivity.probability, 0.62, left=sensitivity.probability, color=tint(color, 0.7))
    axes.axvline(panel[0].probability, color="black", lw=1.2)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", ".5", "1"])
    axes.set_ylim(len(panel) - 0.5, -0.5)
    axes.set_yticks(range(len(panel)), ["\n".join(_name(m, names)) for m in panel], linespacing=1.05)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
