"""Why R&D over GDP rises: what each factor adds in the years of the facts and of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
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
    in_rows,
    inner,
    pitch,
    tint,
)

from ..answer import Finance, Reach
from ..finance import Conditional, Contribution
from .findings import of_finance, subtitle
from .panels import display_unit
from .scenarios import made_from, scenario_labels, scenario_titles, sentences

UNIT = "percentage points of GDP"

# Millimetres on the page.
NARROW = 110.0  # a page on which the periods stand below one another
ROW, LOW_ROW = 4.6, 3.4  # of the bars; where the page is low
VALUES = 12.0  # right of the bars, for their medians
GAP = 5.0
APART = 3.0  # above a row of curves
HEADER = LINE + 2.5
UNDER = 9.0
CURVE, LOW_CURVE = 32.0, 12.0  # height of the axes of a curve, at most and at least
TICKS = 10.0

FACTOR, TOTAL = "C0", "0.25"


# -- numbers ------------------------------------------------------------------------------------------------
def table(finance: Finance) -> Rows:
    """Give every number drawn; ``at`` is the value of a driver."""
    yield "panel", "row", "at", "unit of at", "value", "p05", "p95", "unit"
    for period in finance.periods:
        for row in (*period.rows, period.total):
            years = f"{period.from_year}-{period.to_year}"
            yield years, row.label, None, None, row.median, row.p05, row.p95, UNIT
    for curve in finance.curves:
        for b in curve.bins:
            yield curve.target, curve.driver, b.centre, curve.unit, b.probability, b.low, b.high, "1"


# -- picture ------------------------------------------------------------------------------------------------
def drawing(reach: Reach, finance: Finance) -> Drawing:
    """Give the decomposition under one scenario to be drawn, the curves below it, two in a row.

    Raises FigureError if a curve has no bins.
    """
    scenario_labels([reach])
    bare = [f"{c.target} by {c.driver}: no bins" for c in finance.curves if not c.bins]
    if bare:
        raise FigureError("the decomposition", bare)
    return Drawing(partial(figure, frame(reach, finance), finance), table(finance))


def frame(reach: Reach, finance: Finance) -> Frame:
    """Give the title, and a foot that says what the figure was made from and, after a line end, how to read it."""
    period = finance.periods[-1]
    most = max((row.median for row in period.rows), key=abs)
    title = of_finance(finance, [page.signed(period.total.median, 2), page.signed(most, 2)])
    beneath = say("“{scenario}”; {rest}", scenario=scenario_titles([reach])[0], rest=subtitle([reach]))
    foot = say(
        "Logarithmic-mean Divisia decomposition, draw by draw; bars and numbers: medians; whiskers: 90 % of draws. The "
        "means add up to the mean change; medians need not."
    )
    of_curves = ""
    if finance.curves:
        target = next((t for t in reach.ensemble.scenario.plan.targets if t.indicator == "rd_intensity"), None)
        assert target is not None
        of_curves = say(
            "Chance: the share of draws in which R&D / GDP is {value} % or more in {year}; equally many draws "
            "in each mark; bars: 90 % Jeffreys interval of counting draws.",
            value=f"{target.value:g}", year=reach.ensemble.scenario.plan.end,
        )  # fmt: skip
    return Frame(title, beneath, f"{made_from([reach])}\n{sentences(foot, of_curves)}")


def figure(frame: Frame, finance: Finance) -> page.Figure:
    """Lay out, in the house style, the bars of each period, and the curves below them, two in a row."""
    shown, curves = finance.periods, finance.curves
    labels = [say(r.label) for r in (*shown[0].rows, shown[0].total)]
    column = pitch(2, GAP) - GAP
    titles = [
        folded(say("Chance of the target, by {driver}", driver=say(c.driver)), column - LETTER, 7.5, "bold")
        for c in curves
    ]
    units = [_driver(c) for c in curves]
    drivers = [folded(words, column - TICKS, 7, "normal") for words in units]
    above, below = [APART + LINE * len(t) + 2.5 for t in titles], [UNDER + LINE * (len(d) - 1) for d in drivers]
    across = 1 if inner() < NARROW else len(shown)
    down = -(-len(shown) // across)
    curves_least = in_rows(2, GAP, above, 0.0, below)[1]
    curve_rows = -(-len(curves) // 2)
    free = page.room(frame) - down * (HEADER + UNDER + 1.5) - curves_least
    row = ROW if free - ROW * len(labels) * down >= LOW_CURVE * curve_rows else LOW_ROW
    curve_high = max(min((free - row * len(labels) * down) / max(curve_rows, 1), CURVE), LOW_CURVE)
    places, curves_high = in_rows(2, GAP, above, curve_high, below)
    bars_high = row * len(labels) + 1.5
    block = HEADER + bars_high + UNDER
    sheet = Page(*frame, down * block + curves_high)

    names = max(page.text_width(label, 7, "bold") for label in labels) + 2.0
    wide = (inner() - names - across * VALUES - (across - 1) * GAP) / across
    ends = [v for period in shown for r in (*period.rows, period.total) for v in (r.p05, r.p95, r.median, 0.0)]
    room = 0.04 * (max(ends) - min(ends) or 1.0)
    for n, period in enumerate(shown):
        left, top = MARGIN + names + (n % across) * (wide + VALUES + GAP), sheet.top + (n // across) * block
        sheet.letter(ascii_lowercase[n], left, top, [f"{period.from_year}–{period.to_year}"])
        axes = sheet.axes(left, top + HEADER, wide, bars_high)
        _draw_bars(axes, [*period.rows, period.total])
        axes.set_xlim(min(ends) - room, max(ends) + room)
        axes.locator_params(axis="x", nbins=5)
        page.same_decimals(axes.xaxis)
        if n % across == 0:
            axes.set_yticks(range(len(labels)), labels)
            axes.get_yticklabels()[-1].set_fontweight("bold")
        else:
            axes.set_yticks([])
    top = sheet.top + down * block
    letters = ascii_lowercase[len(shown) : len(shown) + len(curves)]
    broad = column - TICKS - 2.0
    for letter, curve, title, driver, (left, deep, at) in zip(letters, curves, titles, drivers, places, strict=True):
        sheet.letter(letter, left, top + deep + APART, title)
        axes = sheet.axes(left + TICKS, top + at, broad, curve_high)
        _draw_curve(axes, curve)
        axes.set_xlabel("\n".join(driver), linespacing=1.1)
    return sheet.picture


def _driver(curve: Conditional) -> str:
    """Give the driver of a curve, with its unit if it has one."""
    if curve.unit == "1":
        return say(curve.driver)
    return say("{driver}, {unit}", driver=say(curve.driver), unit=say(display_unit(curve.unit, nominal=False)))


def _draw_bars(axes: page.Axes, rows: Sequence[Contribution]) -> None:
    axes.axvline(0.0, color="0.25", lw=0.6, zorder=3)
    axes.axhline(len(rows) - 1.5, color="0.6", lw=0.5)
    for n, row in enumerate(rows):
        last = n == len(rows) - 1
        (bar,) = axes.barh([n], [row.median], 0.62, color=TOTAL if last else tint(FACTOR, 0.75), gid=row.label)
        bar.set_gid(row.label)
        axes.hlines(n, row.p05, row.p95, color="0.55" if last else "black", lw=0.8, zorder=4, gid=f"{row.label} bar")
        axes.annotate(
            page.signed(row.median, 2), (1.0, n), (2.0, 0.0), axes.get_yaxis_transform(), textcoords="offset points",
            va="center", weight="bold" if last else "normal",
        )  # fmt: skip
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(say(UNIT))


def _draw_curve(axes: page.Axes, curve: Conditional) -> None:
    at = np.array([b.centre for b in curve.bins])
    chances = np.array([b.probability for b in curve.bins])
    ends = np.array([[b.low, b.high] for b in curve.bins]).T
    axes.vlines(at, *ends, color=FACTOR, lw=0.9, zorder=3, gid="interval")
    look: dict[str, Any] = {"color": FACTOR, "lw": 0.8, "ms": 3.4, "mec": "white", "mew": 0.4, "zorder": 4}
    axes.plot(at, chances, marker="o", clip_on=False, gid="curve", **look)
    room = 0.06 * (float(np.ptp(at)) or 1.0)
    axes.set_xlim(at.min() - room, at.max() + room)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
    axes.locator_params(axis="x", nbins=6)
    page.same_decimals(axes.xaxis)
