"""Figure: each series of facts, with what the most probable parameters say and the band of the posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from fiveyear.experiments.console.language import say, say_heading
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LINE, Drawing, Frame, Page, folded, in_rows, pitch, shortened, tint
from fiveyear.experiments.page.small_multiples import fitted
from fiveyear.experiments.reach.figures.panels import FACT_BARS, display_unit
from fiveyear.model.labels import label

from ..study import FactRow, Study, framed
from ..tables import table

UNITS = {"1M citation": "million citations", "10k paper": "10,000 papers"}  # how those read of which no target is

# Millimetres on the page.
WIDEST, NARROWEST = 60.0, 25.0  # a panel
TICKS, GAP = 10.5, 2.5  # left of the axes, and between a panel and its right neighbour
LINES = 2  # of a label, at most
UNDER = 6.0
LEAST, MOST = 10.0, 27.0  # height of the axes


def drawing(study: Study) -> Drawing:
    """Give the facts and the fit to be drawn."""
    plan = study.fitted.evidence.plan
    inside = sum(f.p05 <= f.fact <= f.p95 for f in study.facts)
    missed = [say(label(s.series)) for s in study.not_followed]
    title = (
        say("{inside} of {count} facts lie in the 90 % band; not followed within the error of measurement: {missed}",
            inside=inside, count=len(study.facts), missed=", ".join(missed))
        if missed
        else say("{inside} of {count} facts lie in the 90 % band; every series is followed within its error",
                 inside=inside, count=len(study.facts))
    )  # fmt: skip
    frame = framed(study, title)
    currency = plan.country.currency
    units = {f.series: say(UNITS.get(f.unit, display_unit(f.unit, f.unit.endswith(currency)))) for f in study.facts}
    return Drawing(partial(figure, frame, study.facts, units, (plan.start, plan.base_year)), table("fit", study))


def figure(frame: Frame, facts: Sequence[FactRow], units: Mapping[str, str], years: tuple[int, int]) -> page.Figure:
    """Lay out a panel a series; what does not fit is said to be in the file of numbers."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        (Patch(color=tint("C0", 0.3)), say("90 % band of the posterior")),
        (Line2D([], [], color="C0"), say("most probable parameters")),
        (
            Line2D([], [], color="black", marker="o", ls="", ms=2.5),
            say("facts ± {sds} sd of measurement", sds=f"{FACT_BARS:g}"),
        ),
    ]
    names = [*dict.fromkeys(f.series for f in facts)]
    tallest = LINE * (LINES + 1) + 2.0
    frame, fit = fitted(
        frame,
        marks,
        len(names),
        tallest + UNDER,
        lambda count: say("{count} further series are in the file of the numbers.", count=count),
        widest=WIDEST,
        narrowest=NARROWEST,
        least=LEAST,
        most=MOST,
    )
    names = names[: fit.number]
    wide = pitch(fit.columns, GAP) - GAP
    heads = [folded(say_heading(label(name)), wide, 7, "bold")[:LINES] for name in names]
    above = [LINE * (len(words) + 1) + 2.0 for words in heads]
    places, high = in_rows(fit.columns, GAP, above, fit.high, [UNDER] * len(names))
    drawn = Page(*frame, high, marks)
    for name, words, (left_at, top, at) in zip(names, heads, places, strict=True):
        shown = [f for f in facts if f.series == name]
        drawn.text(left_at, drawn.top + top, words, weight="bold")
        unit = shortened(units[name], wide, 7, "normal")
        drawn.text(left_at, drawn.top + top + LINE * len(words), [unit], color="0.25")
        _draw_panel(drawn.axes(left_at + TICKS, drawn.top + at, wide - TICKS - 1.0, fit.high), shown, years)
    return drawn.picture


def _draw_panel(axes: page.Axes, shown: list[FactRow], ends: tuple[int, int]) -> None:
    years = np.array([f.year for f in shown])
    fact, sd, mode, low, high = np.array([(f.fact, f.sd, f.mode, f.p05, f.p95) for f in shown]).T
    if len(shown) > 1:
        axes.fill_between(years, low, high, color=tint("C0", 0.3), gid="band")
    else:
        axes.vlines(years, low, high, color=tint("C0", 0.3), lw=5.0, gid="band")
    axes.plot(years, mode, color="C0", marker="_" if len(shown) == 1 else None, ms=8.0, gid="mode")
    axes.errorbar(years, fact, FACT_BARS * sd, color="black", fmt="o", ms=2.2, elinewidth=0.7, capsize=1.2, zorder=5)
    axes.set_xlim(ends[0] - 0.4, ends[1] + 0.4)
    axes.set_xticks(range(ends[0], ends[1] + 1), minor=True)
    axes.set_xticks([*ends])
    axes.margins(y=0.08)
    axes.locator_params(axis="y", nbins=4)
    axes.yaxis.set_major_formatter("{x:,g}")
