"""Figure: what bands from other countries held of a country left out, and their scores against a random walk's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import ascii_lowercase
from typing import Any

import numpy as np

from fiveyear.calibration.reference_class.left_out import AHEAD, AMONG, BARS, LEVELS, SCORED, LeftOut
from fiveyear.calibration.reference_class.panel import SERIES
from fiveyear.calibration.reference_class.study import Estimate
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, Page, folded, in_rows, pitch, tint

from .report import GROUPS
from .study import Study

# Millimetres on the page.
COLUMNS = 4
TICKS, GAP = 8.0, 3.0
HEADER, AXES_HEIGHT, UNDER = 9.0, 36.0, 10.0
NEXT, LOWER = 3.5, 34.0  # above the lower axes, and their height

APART = 0.36  # years, of groups at one horizon
LOOKS: dict[str, dict[str, Any]] = {
    "all": {"color": "C0", "marker": "o", "ms": 3.5},
    "large economies": {"color": "C2", "marker": "s", "ms": 3.2},
    "fast growers": {"color": "C1", "marker": "^", "ms": 3.5},
}
WALK: dict[str, Any] = {"color": "0.35", "marker": "_", "ms": 6.0, "mew": 1.2, "lw": 0.0}
BAR: dict[str, Any] = {"color": "0.45", "lw": 0.7, "ls": (0, (3, 1.5))}
LEVEL = LEVELS[-1]
LEAST, MOST = BARS["all"]


def numbers(study: Study) -> Iterator[tuple[object, ...]]:
    """Give every number drawn: series, windows, horizon, what it is, the value and the ends of its interval."""
    yield "series", "among", "horizon", "what", "value", "p05", "p95"
    for r in study.left_out:
        held, walk = r.process.covered[LEVEL], r.walk.covered[LEVEL]
        yield r.series, r.among, r.horizon, f"{LEVEL} % bands hold", held.value, held.low, held.high
        yield r.series, r.among, r.horizon, "the random walk's hold", walk.value, None, None
        yield r.series, r.among, r.horizon, "CRPS over the random walk's", r.ratio.value, r.ratio.low, r.ratio.high


def figure(study: Study) -> page.Figure:
    """Lay out a column a series: above what bands held, below the ratio of the scores."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    scored = [name for name in SCORED if name in study.series]
    heads = [folded(SERIES[name].label, pitch(COLUMNS, GAP) - GAP - LETTER, 7.5, "bold") for name in scored]
    places, high = in_rows(COLUMNS, GAP, [HEADER] * COLUMNS, AXES_HEIGHT + NEXT + LOWER, [UNDER] * COLUMNS)
    held = float(np.mean([r.process.covered[LEVEL].value for r in study.left_out if r.among == "all"]))
    sheet = Page(
        f"In a country left out, bands of {LEVEL} % from the others held {100 * held:.0f} %",
        f"Above: share of what came that bands of {LEVEL} % held. Below: CRPS over the random walk's, less is better",
        "Lines: 90 % intervals from draws of countries. Dashed: the bars, for what bands hold in large economies and "
        f"fast growers at least {BARS['large economies'][0]:.2f}, for the CRPS at most 1. Each country counts the same."
        " In the title: the mean of the four series and three horizons, over all.",
        high,
        [
            *((Line2D([], [], lw=0.0, **look), GROUPS[among]) for among, look in LOOKS.items()),
            (Line2D([], [], **WALK), "the random walk's bands, each group"),
            (Patch(color=tint("C0", 0.15), lw=0.0), f"the bar over all, {LEAST:.2f} to {MOST:.2f}"),
            (Line2D([], [], **BAR), "the other bars"),
        ],
    )
    rows = study.left_out
    held_ends = _ends([r.process.covered[LEVEL] for r in rows], [r.walk.covered[LEVEL].value for r in rows])
    ratio_ends = _ends([r.ratio for r in rows], [1.0])
    wide = pitch(COLUMNS, GAP) - GAP - TICKS - 0.5
    for n, (name, head, (left, top, at)) in enumerate(zip(scored, heads, places, strict=True)):
        sheet.letter(ascii_lowercase[n], left, sheet.top + top, head)
        above = sheet.axes(left + TICKS, sheet.top + at, wide, AXES_HEIGHT)
        below = sheet.axes(left + TICKS, sheet.top + at + AXES_HEIGHT + NEXT, wide, LOWER)
        _held(above, [r for r in rows if r.series == name])
        _ratio(below, [r for r in rows if r.series == name])
        above.set_ylim(*held_ends)
        below.set_ylim(*ratio_ends)
    return sheet.picture


def _ends(found: list[Estimate], values: list[float]) -> tuple[float, float]:
    """Give the ends of an axis that holds estimates with their intervals, and values."""
    low, high = min([*(e.low for e in found), *values]), max([*(e.high for e in found), *values])
    return low - 0.03 * (high - low), high + 0.03 * (high - low)


def _held(axes: page.Axes, rows: list[LeftOut]) -> None:
    axes.axhspan(LEAST, MOST, color=tint("C0", 0.15), lw=0.0, zorder=0)
    axes.axhline(BARS["large economies"][0], zorder=1, **BAR)
    for r in rows:
        axes.plot(_place(r), r.walk.covered[LEVEL].value, zorder=2, **WALK)
    _draw(axes, rows, lambda r: r.process.covered[LEVEL])
    axes.set_xticks(AHEAD, [])


def _ratio(axes: page.Axes, rows: list[LeftOut]) -> None:
    axes.axhline(1.0, zorder=1, **BAR)
    _draw(axes, rows, lambda r: r.ratio)
    axes.set_xticks(AHEAD)
    axes.set_xlabel("years ahead")


def _draw(axes: page.Axes, rows: list[LeftOut], take: Callable[[LeftOut], Estimate]) -> None:
    for among, look in LOOKS.items():
        of = [r for r in rows if r.among == among]
        places, found = [_place(r) for r in of], [take(r) for r in of]
        axes.vlines(places, [e.low for e in found], [e.high for e in found], color=look["color"], lw=0.9, zorder=2.5)
        axes.plot(places, [e.value for e in found], gid=among, zorder=3, lw=0.0, **look)
    axes.set_xlim(AHEAD[0] - 2.0 * APART, AHEAD[-1] + 2.0 * APART)


def _place(row: LeftOut) -> float:
    return row.horizon + APART * (AMONG.index(row.among) - 1)
