"""Figure: how large errors were and were said to be, how often bands held, and who was nearer, by horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from fiveyear.calibration.reference_class.study import Estimate
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, Page, folded, in_rows, pitch, tint

from . import scoreboard as board
from .backtest import FADES, MODEL, POOL, WALK, WIDEST, Forecaster
from .scoreboard import Pair, Scoreboard
from .scoreboard_report import WORDS, heading

# Millimetres on the page.
COLUMNS = 3
TICKS, GAP, RIGHT = 10.0, 3.0, 2.5
HEADER, AXES_HEIGHT, UNDER = 8.0, 34.0, 10.0

LOOKS: dict[Forecaster, dict[str, Any]] = {
    MODEL: {"color": "C0", "marker": "o", "ms": 4.0},
    WALK: {"color": "C2", "marker": "s", "ms": 3.5},
    FADES: {"color": "C1", "marker": "^", "ms": 4.0},
    POOL: {"color": "0.35", "marker": "D", "ms": 3.2},
}
DODGE: dict[Forecaster, float] = {MODEL: -0.06, WALK: 0.06, FADES: 0.0, POOL: 0.0}  # years
STATED: dict[str, Any] = {"color": "C0", "lw": 1.0, "ls": (0, (3, 1.5))}
ASKED: dict[str, Any] = {"color": "black", "lw": 0.7}
BINS = 10  # of the share of a forecast below what came
Line = tuple[str, Forecaster, list[Estimate]]


def _lines(of: Scoreboard) -> dict[str, list[Line]]:
    """Give what each panel by horizon draws: the forecaster, and a number with its interval at each horizon."""

    def at(forecaster: Forecaster, statistic: Callable[[Sequence[Pair]], float], series: Sequence[str] | None) -> Line:
        by_horizon = [of.estimate(of.pairs(forecaster, series, [h]), statistic) for h in of.horizons]
        return str(forecaster), forecaster, by_horizon

    held = partial(board.covered, band=WIDEST)
    return {
        "Root mean squared error, series the model explains": [
            at(f, board.rmse, of.explained) for f in (MODEL, WALK, FADES)
        ],
        "Inside the 90 % band, all series": [at(f, held, None) for f in (MODEL, WALK)],
        "CRPS, all series": [at(f, board.mean_crps, None) for f in (MODEL, WALK, POOL)],
    }


def _stated(of: Scoreboard) -> list[float]:
    return [board.stated([p for o in of.pairs(MODEL, of.explained, [h]) for p in o]) for h in of.horizons]


def _by_series(of: Scoreboard) -> dict[str, list[float]]:
    return {
        n: [board.rmse([p for o in of.pairs(MODEL, [n], [h]) for p in o]) for h in of.horizons] for n in of.explained
    }


def _below(of: Scoreboard) -> dict[Forecaster, np.ndarray[Any, Any]]:
    """Give, of all forecasts, the share in each tenth of the forecast that what came lies in."""
    shares = {}
    for f in (MODEL, WALK):
        pits = [p.score.pit for o in of.pairs(f) for p in o]
        shares[f] = np.histogram(pits, BINS, (0.0, 1.0))[0] / len(pits)
    return shares


def _by_origin(of: Scoreboard) -> dict[Forecaster, list[float]]:
    return {f: [board.covered(pairs, WIDEST) for pairs in of.pairs(f)] for f in (MODEL, WALK)}


def numbers(of: Scoreboard) -> Iterator[tuple[object, ...]]:
    """Give every number drawn: the panel, what it is of, where, the value and the ends of its interval."""
    yield "panel", "of", "at", "value", "p05", "p95"
    for panel, lines in _lines(of).items():
        for name, _, estimates in lines:
            yield from ((panel, name, h, e.value, e.low, e.high) for h, e in zip(of.horizons, estimates, strict=True))
    yield from (("stated sd", MODEL, h, v, None, None) for h, v in zip(of.horizons, _stated(of), strict=True))
    for name, values in _by_series(of).items():
        yield from (("by series", name, h, v, None, None) for h, v in zip(of.horizons, values, strict=True))
    for f, shares in _below(of).items():
        yield from (("share below", f, f"{n / BINS:g}", float(v), None, None) for n, v in enumerate(shares))
    for f, held in _by_origin(of).items():
        yield from (("by origin", f, o.year, v, None, None) for o, v in zip(of.origins, held, strict=True))


def figure(of: Scoreboard) -> page.Figure:
    """Lay out the six panels."""
    from matplotlib.lines import Line2D

    titles = [
        *_lines(of),
        "Root mean squared error of the model",
        "What came, in the forecast",
        "Inside the 90 % band, by origin",
    ]
    heads = [folded(t, pitch(COLUMNS, GAP) - GAP - LETTER, 7.5, "bold") for t in titles]
    places, high = in_rows(COLUMNS, GAP, [HEADER] * len(heads), AXES_HEIGHT, [UNDER] * len(heads))
    grow, say = (of.exponent(MODEL, s, of.explained) for s in (board.rmse, board.stated))
    sheet = Page(
        f"Errors grew with the horizon to the power of {grow:.2f}, the sd that bands state to {say:.2f}",
        heading(of),
        "Medians of forecasts over what came, in logarithms. Shaded: 90 % intervals, from draws of blocks of two "
        "origins. Black: what a band should hold; even shares. In e, each forecast gives ten parts that are as likely; "
        "where bands are right, each holds a tenth of what came. Forecasts overlap: one decade holds two or three.",
        high,
        [
            *((Line2D([], [], **look), WORDS[f]) for f, look in LOOKS.items()),
            (Line2D([], [], **STATED), "sd that the model's bands state"),
        ],
    )
    every = []
    for n, (head, (left, top, at)) in enumerate(zip(heads, places, strict=True)):
        sheet.letter("abcdef"[n], left, sheet.top + top, head)
        wide = pitch(COLUMNS, GAP) - GAP - TICKS - RIGHT
        every.append(sheet.axes(left + TICKS, sheet.top + at, wide, AXES_HEIGHT))
    for axes, lines in zip(every, _lines(of).values(), strict=False):
        for _, f, estimates in lines:
            years = np.array(of.horizons) + DODGE[f]  # where both are the same, both are seen
            axes.plot(years, [e.value for e in estimates], zorder=3, clip_on=False, **LOOKS[f])
            ends = ([e.low for e in estimates], [e.high for e in estimates])
            axes.fill_between(years, *ends, color=tint(LOOKS[f]["color"], 0.15), lw=0.0, zorder=1)
    every[0].plot(of.horizons, _stated(of), zorder=2.5, **STATED)
    every[1].axhline(WIDEST, **ASKED)
    _draw_series(every[3], of)
    for f, shares in _below(of).items():
        edges = np.linspace(0.0, 1.0, BINS + 1)
        every[4].stairs(shares, edges, color=LOOKS[f]["color"], lw=1.2)
    every[4].axhline(1.0 / BINS, **ASKED)
    for f, held in _by_origin(of).items():
        every[5].plot([o.year for o in of.origins], held, clip_on=False, **LOOKS[f])
    every[5].axhline(WIDEST, **ASKED)
    for n, axes in enumerate(every):
        axes.set_ylim(0.0, 1.0 if n in (1, 5) else None)
        axes.locator_params(axis="y", nbins=5)
        if n < 4:
            axes.set_xticks(of.horizons)
            axes.set_xlabel("years ahead")
    every[4].set_xlabel("share of the forecast below what came")
    every[5].set_xlabel("origin")
    every[5].set_xticks([o.year for o in of.origins][::2])
    return sheet.picture


def _draw_series(axes: page.Axes, of: Scoreboard) -> None:
    values = _by_series(of)
    apart = 0.08 * max(max(row) for row in values.values())
    place = -apart
    for name in sorted(values, key=lambda n: values[n][-1]):
        colour = f"C{list(values).index(name)}"
        axes.plot(of.horizons, values[name], color=colour, marker=".", clip_on=False)
        place = max(values[name][-1], place + apart)
        axes.text(of.horizons[-1] + 0.2, place, of.labels[name], color=tint(colour, 1.0, 0.75), size=6, va="center")
    axes.set_xlim(of.horizons[0] - 0.2, of.horizons[-1] + 3.6)
