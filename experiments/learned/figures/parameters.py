"""Figure: every parameter before and after the facts, in prior standard deviations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from scipy.special import ndtri

from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Drawing, Frame, Page, inner, room, shortened, tint
from fiveyear.model.labels import label

from ..study import ParameterRow, Study, framed
from ..tables import table

# Millimetres on the page.
ROW = 3.5
LETTERS = 4.0  # above the axes
UNDER = 11.5
GAP = 4.0
NAMES, CONTRACTION = 0.41, 0.24  # of the width: names, and bars of the contraction


def drawing(study: Study) -> Drawing:
    """Give the parameters to be drawn, those first of which the facts taught most."""
    informed = sum(p.informed for p in study.parameters)
    title = say(
        "The facts narrow {informed} of {count} parameters by half or more; of {others} the priors say most",
        informed=informed, count=len(study.parameters), others=len(study.parameters) - informed,
    )  # fmt: skip
    foot = say("Of a parameter that no fact depends on, the posterior is the prior.")
    rows = sorted(study.parameters, key=lambda p: -p.contraction)
    return Drawing(partial(figure, framed(study, title, foot), rows), table("parameters", study))


def figure(frame: Frame, rows: Sequence[ParameterRow]) -> page.Figure:
    """Lay out a row a parameter, as many as fit: its intervals, and how much of the prior variance the facts took."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        (Patch(color="0.92"), say("90 % of the prior")),
        (Line2D([], [], color="C0", marker="o", ms=2.6), say("90 % of the posterior: informed by the facts")),
        (Line2D([], [], color="C1", marker="D", ms=2.6), say("90 % of the posterior: not informed")),
    ]
    left_out = say("{count} parameters with less contraction are in the file of the numbers.", count=len(rows))
    fit = int((room(frame._replace(foot=f"{frame.foot} {left_out}"), marks) - LETTERS - UNDER) // ROW)
    if fit < len(rows):
        words = say("{count} parameters with less contraction are in the file of the numbers.", count=len(rows) - fit)
        frame = frame._replace(foot=f"{frame.foot} {words}")
    rows = rows[:fit]
    high = ROW * len(rows)
    drawn = Page(*frame, LETTERS + high + UNDER, marks)
    names, side = NAMES * inner(), CONTRACTION * inner()
    top, wide = drawn.top + LETTERS, inner() - names - side - GAP
    drawn.letter("a", MARGIN + names, drawn.top, [say("Value")])
    drawn.letter("b", MARGIN + names + wide + GAP, drawn.top, [say("Contraction")])
    axes = drawn.axes(MARGIN + names, top, wide, high)
    bars = drawn.axes(MARGIN + names + wide + GAP, top, side - 1.0, high)
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
    axes.set_yticks(
        range(len(rows)), [shortened(say(label(r.parameter)), names - 1.0, 7, "normal") for r in rows]
    )  # fmt: skip
    bars.set_yticks([])
    axes.set_xlim(-3.2, 3.2)
    axes.set_xticks([-2.0, 0.0, 2.0], ["−2", "0", "2"])
    axes.set_xlabel(say("prior sds from its median"))
    bars.set_xlim(0.0, 1.0)
    bars.set_xticks([0.0, 0.5, 1.0], ["0", ".5", "1"])
    bars.axvline(0.5, color="black", lw=0.6, ls=(0, (3, 1.5)))
    bars.set_xlabel(say("of variance"))
    return drawn.picture
