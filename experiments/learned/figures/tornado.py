"""Figure: how far each answer moves when a parameter that the facts left open moves across its prior."""

from __future__ import annotations

from collections.abc import Sequence

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Page, pitch, tint
from fiveyear.model.labels import label

from ..robustness import DRAWS, Moved
from ..study import Study, made_from

MOST = 4  # parameters a target
LEAST = 0.02  # a smaller swing is not drawn
# Millimetres on the page.
ROW, HEADER, UNDER = 3.6, 5.0, 5.5
NAMES, GAP = 42.0, 6.0


def shown(study: Study) -> list[list[list[Moved]]]:
    """Give a row for each target that moves at all, and in it for each scenario what moves it, the strongest first."""
    scenarios = dict.fromkeys(m.scenario for m in study.moved)
    strongest = sorted((m for m in study.moved if m.swing >= LEAST), key=lambda m: -m.swing)
    return [
        [[m for m in strongest if (m.scenario, m.indicator) == (scenario, target)][:MOST] for scenario in scenarios]
        for target in (t.indicator for t in study.fitted.evidence.plan.targets)
        if any(m.indicator == target for m in strongest)
    ]


def figure(study: Study) -> page.Figure:
    """Lay out a row a target and a column a scenario."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    rows = shown(study)
    highs = [HEADER + ROW * max(map(len, row)) + UNDER for row in rows]
    apart = pitch(max(map(len, rows), default=1), GAP)
    marks = [
        (Patch(color=tint("C0", 0.7)), "at the 5 % point of its prior"),
        (Patch(color=tint("C1", 0.7)), "at the 95 % point of its prior"),
        (Line2D([], [], color="black", lw=1.2), "as fitted"),
        (Line2D([], [], color="0.45", lw=0.6, ls=(0, (3, 1.5))), "as likely as not"),
    ]
    sheet = Page(
        "Answers that hang on what was assumed", study.fitted.evidence.plan.title,
        f"{made_from(study)} P of each target, from {DRAWS:,} draws, when a parameter of which the facts said little "
        f"is known to be at either end of its prior; the {MOST} that move it most. Targets that none moves by "
        f"{LEAST:g} are not drawn.",
        sum(highs), marks,
    )  # fmt: skip
    top = sheet.top
    for row, high in zip(rows, highs, strict=True):
        for column, panel in enumerate(row):
            left = MARGIN + column * apart
            if panel:
                sheet.text(
                    left, top, [f"{study.target_labels[panel[0].indicator]}, {panel[0].scenario}"], weight="bold"
                )
                _draw_panel(sheet.axes(left + NAMES, top + HEADER, apart - GAP - NAMES, ROW * len(panel)), panel)
        top += high
    return sheet.picture


def _draw_panel(axes: page.Axes, panel: Sequence[Moved]) -> None:
    axes.axvline(0.5, color="0.45", lw=0.6, ls=(0, (3, 1.5)), zorder=0.5)
    for place, sensitivity in enumerate(panel):
        for end, color in ((sensitivity.at_low, "C0"), (sensitivity.at_high, "C1")):
            axes.barh(place, end - sensitivity.probability, 0.62, left=sensitivity.probability, color=tint(color, 0.7))
    axes.axvline(panel[0].probability, color="black", lw=1.2)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", ".25", ".5", ".75", "1"])
    axes.set_ylim(len(panel) - 0.5, -0.5)
    axes.set_yticks(range(len(panel)), [label(m.parameter) for m in panel])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
