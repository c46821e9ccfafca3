"""Figure: each series of facts, with what the most probable parameters say and the band of the posterior."""

from __future__ import annotations

from string import ascii_lowercase

import numpy as np

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, LINE, Page, folded, in_rows, pitch, tint
from fiveyear.experiments.reach.figures.panels import FACT_BARS
from fiveyear.model.labels import label
from fiveyear.scenarios import Plan

from ..study import FactRow, Study, made_from

# Millimetres on the page.
COLUMNS = 3
TICKS, GAP = 12.0, 4.0  # left of the axes, and between a panel and its right neighbour
HEADER, AXES_HEIGHT, UNDER = 8.0, 27.0, 7.0


def figure(study: Study) -> page.Figure:
    """Lay out a panel a series."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names, plan = [s.series for s in study.series], study.fitted.evidence.plan
    places, high = in_rows(COLUMNS, GAP, [HEADER] * len(names), AXES_HEIGHT, [UNDER] * len(names))
    marks = [
        (Patch(color=tint("C0", 0.3)), "90 % band of the posterior"),
        (Line2D([], [], color="C0"), "most probable parameters"),
        (Line2D([], [], color="black", marker="o", ls="", ms=2.5), f"facts ± {FACT_BARS:g} sd of measurement"),
    ]
    sheet = Page("Facts and fit", plan.title, made_from(study), high, marks)
    for place, (name, (left, top, at)) in enumerate(zip(names, places, strict=True)):
        shown = [f for f in study.facts if f.series == name]
        sheet.letter(
            ascii_lowercase[place],
            left,
            sheet.top + top,
            folded(label(name, heading=True), pitch(COLUMNS, GAP) - GAP - LETTER, 7.5, "bold"),
        )
        sheet.text(left + LETTER, sheet.top + top + LINE, [shown[0].unit], color="0.25")
        axes = sheet.axes(left + TICKS, sheet.top + at, pitch(COLUMNS, GAP) - GAP - TICKS - 1.0, AXES_HEIGHT)
        _draw_panel(axes, shown, plan)
    return sheet.picture


def _draw_panel(axes: page.Axes, shown: list[FactRow], plan: Plan) -> None:
    years = np.array([f.year for f in shown])
    fact, sd, mode, low, high = np.array([(f.fact, f.sd, f.mode, f.p05, f.p95) for f in shown]).T
    if len(shown) > 1:
        axes.fill_between(years, low, high, color=tint("C0", 0.3), gid="band")
    else:
        axes.vlines(years, low, high, color=tint("C0", 0.3), lw=5.0, gid="band")
    axes.plot(years, mode, color="C0", marker="_" if len(shown) == 1 else None, ms=8.0, gid="mode")
    axes.errorbar(years, fact, FACT_BARS * sd, color="black", fmt="o", ms=2.2, elinewidth=0.7, capsize=1.2, zorder=5)
    axes.set_xlim(plan.start - 0.4, plan.base_year + 0.4)
    axes.set_xticks([plan.start, plan.base_year])
    axes.set_xticks(range(plan.start, plan.base_year + 1), minor=True)
    axes.margins(y=0.08)
    axes.locator_params(axis="y", nbins=5)
    axes.yaxis.set_major_formatter("{x:,g}")
