"""Figure: every parameter before and after the facts, in prior standard deviations."""

from __future__ import annotations

from scipy.special import ndtri

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Page, inner, tint
from fiveyear.model.labels import label

from ..study import Study, made_from

# Millimetres on the page.
ROW = 3.5
NAMES = 48.0
CONTRACTION = 34.0  # of the bars at the right
UNDER = 11.5


def figure(study: Study) -> page.Figure:
    """Lay out a row a parameter: its intervals, and how much of the prior variance the facts took away."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    rows = sorted(study.parameters, key=lambda p: -p.contraction)
    high = ROW * len(rows)
    marks = [
        (Patch(color="0.92"), "90 % of the prior"),
        (Line2D([], [], color="C0", marker="o", ms=2.6), "90 % of the posterior: informed"),
        (Line2D([], [], color="C1", marker="D", ms=2.6), "the same: not informed"),
    ]
    sheet = Page(
        "Parameters before and after the facts", study.fitted.evidence.plan.title,
        f"{made_from(study)} Of a parameter that no fact depends on, the posterior is the prior.",
        4.0 + high + UNDER, marks,
    )  # fmt: skip
    top, wide = sheet.top + 4.0, inner() - NAMES - CONTRACTION - 6.0
    sheet.letter("a", MARGIN + NAMES, sheet.top, ["Value"])
    sheet.letter("b", MARGIN + NAMES + wide + 6.0, sheet.top, ["Contraction"])
    axes = sheet.axes(MARGIN + NAMES, top, wide, high)
    bars = sheet.axes(MARGIN + NAMES + wide + 6.0, top, CONTRACTION, high)
    end = float(ndtri(0.95))
    axes.axvspan(-end, end, color="0.92", zorder=0)
    axes.axvline(0.0, color="0.75", lw=0.6, zorder=0.5)
    for place, row in enumerate(rows):
        color = "C0" if row.informed else "C1"
        axes.plot([row.sds_p05, row.sds_p95], [place, place], color=color, lw=1.6, solid_capstyle="butt")
        axes.plot(row.sds_median, place, "o" if row.informed else "D", color=color, ms=2.6, gid=row.parameter)
        bars.barh(place, max(row.contraction, 0.0), 0.7, color=tint(color, 0.7))
    for each in (axes, bars):
        each.set_ylim(len(rows) - 0.5, -0.5)
        each.tick_params(axis="y", length=0)
        each.spines["left"].set_visible(False)
    axes.set_yticks(range(len(rows)), [label(r.parameter) for r in rows])
    bars.set_yticks([])
    axes.set_xlim(-3.2, 3.2)
    axes.set_xlabel("prior standard deviations from the prior's median")
    bars.set_xlim(0.0, 1.0)
    bars.set_xticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
    bars.axvline(0.5, color="black", lw=0.6, ls=(0, (3, 1.5)))
    bars.set_xlabel("of the prior variance")
    return sheet.picture
