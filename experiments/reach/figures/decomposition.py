"""Why R&D over GDP rises: what each factor adds in the years of the facts and of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any

import numpy as np

from fiveyear.experiments.console.errors import FigureError
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
from .scenarios import made_from, scenario_labels

UNIT = "percentage points of GDP"

# Millimetres on the page.
ROW = 4.6
VALUES = 12.0  # right of the bars, for their medians
GAP = 5.0
APART = 3.0  # above a row of curves
HEADER = LINE + 2.5
UNDER = 9.0
CURVE = 32.0  # height of the axes of a curve
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
    """Give the title, and a foot that says what the figure was made from."""
    scenario = reach.ensemble.scenario
    foot = (
        f"{made_from([reach])} Logarithmic-mean Divisia decomposition, draw by draw; bars and numbers: medians; "
        "whiskers: 90 % of draws. The means add up to the mean change; medians need not."
        + (
            " Curves: equally many draws in each mark; bars: 90 % Jeffreys interval of counting draws."
            if finance.curves
            else ""
        )
    )
    return Frame(f"What moves R&D / GDP: {scenario.title}", scenario.plan.title, foot)


def figure(frame: Frame, finance: Finance) -> page.Figure:
    """Lay out, in the house style, the bars of each period side by side, and the curves below them."""
    shown, curves = finance.periods, finance.curves
    labels = [r.label for r in (*shown[0].rows, shown[0].total)]
    bars_high = ROW * len(labels) + 1.5
    column = pitch(2, GAP) - GAP
    asked = [f"P of {c.target}".replace(">=", "≥").replace("<=", "≤") for c in curves]
    titles = [folded(words, column - LETTER, 7.5, "bold") for words in asked]
    units = ["" if c.unit == "1" else f", {c.unit}" for c in curves]
    drivers = [folded(c.driver + unit, column - TICKS, 7, "normal") for c, unit in zip(curves, units, strict=True)]
    above, below = [APART + LINE * (len(t) + 1) + 2.5 for t in titles], [UNDER + LINE * (len(d) - 1) for d in drivers]
    places, curves_high = in_rows(2, GAP, above, CURVE, below)
    high = HEADER + bars_high + UNDER + curves_high
    sheet = Page(*frame, high)

    names = max(page.text_width(label, 7, "bold") for label in labels) + 2.0
    wide = (inner() - names - len(shown) * VALUES - (len(shown) - 1) * GAP) / len(shown)
    ends = [v for period in shown for r in (*period.rows, period.total) for v in (r.p05, r.p95, r.median, 0.0)]
    room = 0.04 * (max(ends) - min(ends) or 1.0)
    for n, period in enumerate(shown):
        left = MARGIN + names + n * (wide + VALUES + GAP)
        sheet.letter(ascii_lowercase[n], left, sheet.top, [f"{period.from_year}–{period.to_year}"])
        axes = sheet.axes(left, sheet.top + HEADER, wide, bars_high)
        _draw_bars(axes, [*period.rows, period.total])
        axes.set_xlim(min(ends) - room, max(ends) + room)
        axes.locator_params(axis="x", nbins=5)
        page.same_decimals(axes.xaxis)
        if n == 0:
            axes.set_yticks(range(len(labels)), labels)
            axes.get_yticklabels()[-1].set_fontweight("bold")
        else:
            axes.set_yticks([])
    top = sheet.top + HEADER + bars_high + UNDER
    letters = ascii_lowercase[len(shown) : len(shown) + len(curves)]
    broad = column - TICKS - 2.0
    for letter, curve, title, driver, (left, down, at) in zip(letters, curves, titles, drivers, places, strict=True):
        sheet.letter(letter, left, top + down + APART, title)
        axes = sheet.axes(left + TICKS, top + at, broad, CURVE)
        _draw_curve(axes, curve)
        axes.set_xlabel("\n".join(driver), linespacing=1.1)
        axes.yaxis.set_label_coords((LETTER - TICKS) / broad, 1.0 + 1.2 / CURVE)
    return sheet.picture


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
    axes.set_xlabel(UNIT)


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
    axes.set_yticks([0.25, 0.75], minor=True)
    axes.locator_params(axis="x", nbins=6)
    page.same_decimals(axes.xaxis)
    axes.set_ylabel("P", rotation=0, ha="left", va="bottom")
