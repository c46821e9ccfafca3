"""Figure: how large errors were and were said to be, how often bands held, and who was nearer, by horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np

from fiveyear.calibration.reference_class.study import Estimate
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, LINE, Drawing, Frame, Page, folded, in_rows, pitch, room, tint
from fiveyear.experiments.page.small_multiples import panels

from . import scoreboard as board
from .backtest import FADES, MODEL, POOL, WALK, WIDEST, Forecaster
from .scoreboard import Pair, Scoreboard
from .scoreboard_report import WORDS

# Millimetres on the page.
BROADEST, NARROWEST = 60.0, 36.0  # a panel
TICKS, GAP, RIGHT = 10.0, 3.0, 2.5
ABOVE, UNDER = 3 * LINE + 1.5, 10.0
LEAST, MOST = 16.0, 34.0  # height of the axes

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
Shares = np.ndarray[Any, Any]


class Shown(NamedTuple):
    """All that is drawn; ``series`` by what they are called."""

    horizons: tuple[int, ...]
    lines: dict[str, list[Line]]
    stated: list[float]
    series: dict[str, list[float]]
    below: dict[Forecaster, Shares]
    origins: list[int]
    by_origin: dict[Forecaster, list[float]]


# -- numbers ------------------------------------------------------------------------------------------------
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


def _below(of: Scoreboard) -> dict[Forecaster, Shares]:
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


# -- picture ------------------------------------------------------------------------------------------------
def drawing(of: Scoreboard) -> Drawing:
    """Give the scoreboard to be drawn."""
    series = {say(of.labels[n]): values for n, values in _by_series(of).items()}
    shown = Shown(
        tuple(of.horizons), _lines(of), _stated(of), series, _below(of), [o.year for o in of.origins], _by_origin(of)
    )
    return Drawing(partial(figure, frame(of), shown), numbers(of))


def frame(of: Scoreboard) -> Frame:
    """Give the title, which says how errors and bands grow, what was scored, and a foot on how."""
    grow, stated = (of.exponent(MODEL, s, of.explained) for s in (board.rmse, board.stated))
    title = say(
        "Errors grew with the horizon to the power of {grow}, the sd that bands state to {stated}",
        grow=f"{grow:.2f}", stated=f"{stated:.2f}",
    )  # fmt: skip
    subtitle = say(
        "Forecasts from {count} origins, {first} to {last}, up to {ahead} years ahead",
        count=len(of.origins), first=of.origins[0].year, last=of.origins[-1].year, ahead=of.horizons[-1],
    )  # fmt: skip
    foot = say(
        "{draws} draws, seed {seed}. Medians of forecasts over what came, in logarithms; errors and CRPS run down, so "
        "that better is up. Shaded: 90 % intervals, from draws of blocks of two origins. Black: what a band should "
        "hold, and even shares. In e each forecast gives ten parts that are as likely. Forecasts overlap: one decade "
        "holds two or three. In d: {series}.",
        draws=f"{of.draws:,}", seed=of.seed,
        series=", ".join(f"{n} {say(of.labels[name])}" for n, name in enumerate(of.explained, 1)),
    )  # fmt: skip
    return Frame(title, subtitle, foot)


def figure(frame: Frame, shown: Shown) -> page.Figure:
    """Lay out the six panels."""
    from matplotlib.lines import Line2D

    titles = [
        say("Root mean squared error, series the model explains"),
        say("Inside the 90 % band, all series"),
        say("CRPS, all series"),
        say("Root mean squared error of the model, by series"),
        say("What came, in the forecast"),
        say("Inside the 90 % band, by origin"),
    ]
    marks = [
        *((Line2D([], [], **look), say(WORDS[f])) for f, look in LOOKS.items()),
        (Line2D([], [], **STATED), say("sd that the model's bands state")),
    ]
    fit = panels(6, room(frame, marks), ABOVE + UNDER, widest=BROADEST, narrowest=NARROWEST, least=LEAST, most=MOST)
    wide = pitch(fit.columns, GAP) - GAP
    heads = [folded(t, wide - LETTER, 7.5, "bold") for t in titles]
    places, high = in_rows(fit.columns, GAP, [ABOVE] * len(heads), fit.high, [UNDER] * len(heads))
    drawn = Page(*frame, high, marks)
    every = []
    for n, (head, (left, top, at)) in enumerate(zip(heads, places, strict=True)):
        drawn.letter(ascii_lowercase[n], left, drawn.top + top, head)
        every.append(drawn.axes(left + TICKS, drawn.top + at, wide - TICKS - RIGHT, fit.high))
    for axes, lines in zip(every, shown.lines.values(), strict=False):
        for _, f, estimates in lines:
            years = np.array(shown.horizons) + DODGE[f]  # where both are the same, both are seen
            axes.plot(years, [e.value for e in estimates], zorder=3, clip_on=False, **LOOKS[f])
            ends = ([e.low for e in estimates], [e.high for e in estimates])
            axes.fill_between(years, *ends, color=tint(LOOKS[f]["color"], 0.15), lw=0.0, zorder=1)
    every[0].plot(shown.horizons, shown.stated, zorder=2.5, **STATED)
    every[1].axhline(WIDEST, **ASKED)
    _draw_series(every[3], shown)
    for f, shares in shown.below.items():
        edges = np.linspace(0.0, 1.0, BINS + 1)
        every[4].stairs(shares, edges, color=LOOKS[f]["color"], lw=1.2)
    every[4].axhline(1.0 / BINS, **ASKED)
    for f, held in shown.by_origin.items():
        every[5].plot(shown.origins, held, clip_on=False, **LOOKS[f])
    every[5].axhline(WIDEST, **ASKED)
    for n, axes in enumerate(every):
        axes.set_ylim(0.0, 1.0 if n in (1, 5) else None)
        axes.locator_params(axis="y", nbins=4)
        if n in (0, 2, 3):
            axes.invert_yaxis()
        if n < 4:
            axes.set_xticks(shown.horizons)
            axes.set_xlabel(say("years ahead"))
    every[4].set_xticks([0.0, 0.5, 1.0], ["0", ".5", "1"])
    every[4].set_xlabel(say("share of the forecast below it"))
    every[5].set_xlabel(say("origin"))
    every[5].set_xticks([shown.origins[0], shown.origins[len(shown.origins) // 2], shown.origins[-1]])
    return drawn.picture


def _draw_series(axes: page.Axes, shown: Shown) -> None:
    """Draw a line a series, with its number at the end."""
    apart = 0.1 * max(max(row) for row in shown.series.values())
    place = -apart
    for name in sorted(shown.series, key=lambda n: shown.series[n][-1]):
        number, values = [*shown.series].index(name), shown.series[name]
        colour = f"C{number % 6}"
        axes.plot(shown.horizons, values, color=colour, marker=".", clip_on=False)
        place = max(values[-1], place + apart)
        axes.text(
            shown.horizons[-1] + 0.2, place, str(number + 1), color=tint(colour, 1.0, 0.75), size=6, va="center"
        )  # fmt: skip
    axes.set_xlim(shown.horizons[0] - 0.2, shown.horizons[-1] + 0.8)
