"""Figure: how errors of growth carried on grow with the horizon, series by series."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase
from typing import Any

import numpy as np

from fiveyear.calibration.reference_class.panel import SERIES
from fiveyear.calibration.reference_class.study import HORIZONS
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, Page, folded, in_rows, pitch, tint

from .report import own
from .study import Study

# Millimetres on the page.
COLUMNS = 3
TICKS, GAP = 9.0, 4.0
HEADER, AXES_HEIGHT, UNDER = 8.0, 30.0, 10.0

LINES: dict[str, dict[str, Any]] = {
    "all": {"color": "C0", "marker": "o", "ms": 3.5},
    "large economies": {"color": "C2", "marker": "s", "ms": 3.2},
}
WALK: dict[str, Any] = {"color": "0.45", "lw": 0.7, "ls": (0, (3, 1.5))}
SPLIT: dict[str, Any] = {"color": "C1", "lw": 1.0}


def numbers(study: Study) -> Iterator[tuple[object, ...]]:
    """Give every number drawn: series, what it is of, the horizon, the value and the ends of its interval."""
    yield "series", "what", "horizon", "value", "p05", "p95"
    for e in study.errors:
        yield e.series, f"robust sd, {e.among}", e.horizon, e.robust_sd.value, e.robust_sd.low, e.robust_sd.high
    for s in study.splits:
        yield from ((s.series, "shocks and epochs, fastest", h, sd, None, None) for h, sd in _of_split(study, s.series))


def _of_split(study: Study, series: str) -> list[tuple[int, float]]:
    of = next(s for s in study.splits if s.series == series)
    return [(h, float(np.sqrt(h * of.yearly.value**2 + h**2 * of.epoch.value**2))) for h in HORIZONS]


def figure(study: Study) -> page.Figure:
    """Lay out a panel a series."""
    from matplotlib.lines import Line2D

    heads = [folded(SERIES[n].label, pitch(COLUMNS, GAP) - GAP - LETTER, 7.5, "bold") for n in study.series]
    places, high = in_rows(COLUMNS, GAP, [HEADER] * len(heads), AXES_HEIGHT, [UNDER] * len(heads))
    middle = float(np.median([study.exponent(name) for name in study.series]))
    sheet = Page(
        f"Forecast errors grow with the horizon to the power of {middle:.2f}, not 0.5",
        f"Growth of five years carried on, in countries other than {own(study)}, to {study.last_year}",
        "Robust sd of the errors, in logarithms, and 90 % intervals from draws of countries. Dashed: the first year's, "
        "growing as that of a random walk does. Power: the median over the series, of the rmse. Shocks and epochs: "
        "s² h + u² h² fitted to the errors about retained growth, in the quarter of windows with the fastest growth.",
        high,
        [
            *((Line2D([], [], **look), f"robust sd, {words}") for words, look in LINES.items()),
            (Line2D([], [], **SPLIT), "yearly shocks and epochs, fastest growth"),
            (Line2D([], [], **WALK), "a random walk's"),
        ],
    )
    for n, (name, head, (left, top, at)) in enumerate(zip(study.series, heads, places, strict=True)):
        sheet.letter(ascii_lowercase[n], left, sheet.top + top, head)
        _draw(
            sheet.axes(left + TICKS, sheet.top + at, pitch(COLUMNS, GAP) - GAP - TICKS - 1.0, AXES_HEIGHT), study, name
        )
    return sheet.picture


def _draw(axes: page.Axes, study: Study, name: str) -> None:
    for among, look in LINES.items():
        rows = [e for e in study.errors if (e.series, e.among) == (name, among)]
        horizons = [e.horizon for e in rows]
        low, high = ([getattr(e.robust_sd, end) for e in rows] for end in ("low", "high"))
        axes.fill_between(horizons, low, high, color=tint(look["color"], 0.2), lw=0.0, zorder=1)
        axes.plot(horizons, [e.robust_sd.value for e in rows], gid=among, zorder=3, **look)
        if among == "all":
            first = rows[0].robust_sd.value
            axes.plot(HORIZONS, first * np.sqrt(HORIZONS), zorder=2, **WALK)
    axes.plot(*zip(*_of_split(study, name), strict=True), gid="split", zorder=2.5, **SPLIT)
    axes.set_xticks(HORIZONS)
    axes.set_ylim(0.0)
    axes.set_xlabel("years ahead" if name in study.series[-COLUMNS:] else "")
    axes.locator_params(axis="y", nbins=4)
