"""Figure: each series of facts, with what the most probable parameters say and the band of the posterior."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING

import numpy as np

from fiveyear.experiments.page.figure import LETTER, LINE, MARGIN, WIDTH, Page, legend_height, tint
from fiveyear.experiments.reach.figures.panels import FACT_BARS

from ..study import FactRow, Study, made_from

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Millimetres on the page.
COLUMNS = 3
TICKS, GAP = 12.0, 4.0  # left of the axes, and between a panel and its right neighbour
HEADER, AXES_HEIGHT, UNDER = 8.0, 27.0, 7.0

BAND, MODE, FACTS = "90 % band of the posterior", "most probable parameters", f"facts ± {FACT_BARS:g} sd of measurement"


def figure(study: Study) -> Figure:
    """Lay out a panel a series."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = [s.series for s in study.series]
    rows, pitch = -(-len(names) // COLUMNS), (WIDTH - 2 * MARGIN + GAP) / COLUMNS
    high, explained = HEADER + AXES_HEIGHT + UNDER, legend_height([BAND, MODE, FACTS])
    sheet = Page(
        "Facts and fit, without discrepancy", study.fitted.evidence.plan.title, made_from(study),
        rows * high + explained,
    )  # fmt: skip
    for place, name in enumerate(names):
        row, column = divmod(place, COLUMNS)
        left, top = MARGIN + column * pitch, sheet.top + row * high
        shown = [f for f in study.facts if f.series == name]
        sheet.letter(ascii_lowercase[place], left, top, [name])
        sheet.text(left + LETTER, top + LINE, [shown[0].unit], color="0.25")
        axes = sheet.axes(left + TICKS, top + HEADER, pitch - GAP - TICKS - 1.0, AXES_HEIGHT)
        _draw_panel(axes, shown, study)
    marks = [
        (Patch(color=tint("C0", 0.3)), BAND),
        (Line2D([], [], color="C0"), MODE),
        (Line2D([], [], color="black", marker="o", ls="", ms=2.5), FACTS),
    ]
    sheet.legend(marks, sheet.top + rows * high)
    return sheet.picture


def _draw_panel(axes: Axes, shown: list[FactRow], study: Study) -> None:
    years = np.array([f.year for f in shown])
    fact, sd, mode, low, high = np.array([(f.fact, f.sd, f.mode, f.p05, f.p95) for f in shown]).T
    if len(shown) > 1:
        axes.fill_between(years, low, high, color=tint("C0", 0.3), gid="band")
    else:
        axes.vlines(years, low, high, color=tint("C0", 0.3), lw=5.0, gid="band")
    axes.plot(years, mode, color="C0", marker="_" if len(shown) == 1 else None, ms=8.0, gid="mode")
    axes.errorbar(years, fact, FACT_BARS * sd, color="black", fmt="o", ms=2.2, elinewidth=0.7, capsize=1.2, zorder=5)
    plan = study.fitted.evidence.plan
    axes.set_xlim(plan.start - 0.4, plan.base_year + 0.4)
    axes.set_xticks([plan.start, plan.base_year])
    axes.set_xticks(range(plan.start, plan.base_year + 1), minor=True)
    axes.margins(y=0.08)
    axes.locator_params(axis="y", nbins=5)
    axes.yaxis.set_major_formatter("{x:,g}")
