"""How good the forecasts were: skill and width of the bands by series, and how many numbers came inside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, LINE, MARGIN, Drawing, Frame, Page, folded, inner, room

from .backtest import BANDS, MODEL, TURNED_OUT, WALK, Backtest, Forecaster
from .report import WIDEST_ALLOWED

# Millimetres on the page.
ROW, LEAST = 5.0, 3.6  # a series; less where a page is low
NAMES = 0.3  # of the width: left of the first axes
GAP = 6.0
UNDER = 12.0  # below the axes, for their numbers and words
COLUMN = 100.0  # a narrower page has one panel beside the names, the others below

SEEN: dict[str, Any] = {"color": "C0", "marker": "o", "ms": 4.5, "ls": "", "mec": "white", "mew": 0.5, "zorder": 4}
AFTER: dict[str, Any] = {"color": "C0", "marker": "o", "ms": 4.5, "ls": "", "mfc": "white", "zorder": 3}
WANDERED: dict[str, Any] = {"color": "C2", "marker": "s", "ms": 4.0, "ls": "", "mec": "white", "mew": 0.5, "zorder": 3}
OVERALL = "All"


def numbers(backtest: Backtest) -> list[tuple[str, str, float]]:
    """Give every number drawn: the panel, what it is of, the value."""
    drawn: list[tuple[str, str, float | None]] = []
    for name in backtest.compared:
        drawn += [("skill", name, backtest.skill(name)), ("width", name, backtest.width(name))]
        if not backtest.method.is_given(name):
            drawn.append(("skill, given as it turned out", name, backtest.skill(name, forecaster=TURNED_OUT)))
    for what, three in backtest.overall.items():
        drawn += [(f"{what}{end}", OVERALL, v) for end, v in zip(("", " p05", " p95"), three, strict=True)]
    for forecaster in (MODEL, WALK):
        for band, three in backtest.coverage(forecaster).items():
            ends = zip(("", " p05", " p95"), three, strict=True)
            drawn += [(f"inside {100 * band:.0f} %{end}", forecaster, v) for end, v in ends]
    return [(panel, of, value) for panel, of, value in drawn if value is not None]


# -- picture ------------------------------------------------------------------------------------------------
class Shown(NamedTuple):
    """What is drawn: the rows, by series or ``OVERALL``, what they are called, the numbers, and coverage by band."""

    rows: tuple[str, ...]
    labels: tuple[str, ...]
    numbers: Mapping[tuple[str, str], float]
    coverage: Mapping[Forecaster, Mapping[float, tuple[float, ...]]]


def drawing(backtest: Backtest) -> Drawing:
    """Give the scores to be drawn, the series with the most skill first."""
    drawn = numbers(backtest)
    of = {(what, name): value for what, name, value in drawn}
    series = sorted(backtest.compared, key=lambda n: -of["skill", n])
    rows = (*series, *([OVERALL] if backtest.overall else []))
    labels = tuple(say(OVERALL) if n == OVERALL else say(backtest.method.scored[n].label) for n in rows)
    coverage = {f: {b: tuple(v) for b, v in backtest.coverage(f).items()} for f in (MODEL, WALK)}
    return Drawing(
        partial(figure, frame(backtest, of), Shown(rows, labels, of, coverage)), [("panel", "of", "value"), *drawn]
    )


def frame(backtest: Backtest, of: Mapping[tuple[str, str], float]) -> Frame:
    """Give the title, which says where the model beats the random walk, and a foot on what is drawn."""
    plan, compared = backtest.method.plan, backtest.compared
    title = say(
        "Projected from {year}, the model beats the random walk on {better} of {count} series",
        year=plan.base_year, better=sum(of["skill", n] > 0.0 for n in compared), count=len(compared),
    )  # fmt: skip
    foot = say(
        "Skill: 1 less the mean log-CRPS over the random walk's; 0 is no better than it, 1 perfect. Width: of the 90 % "
        "band, in logarithms, over the random walk's; dashed: what was asked for at most. Bars: 90 % intervals from a "
        "bootstrap over series. Series without a random walk are left out of a and b. Lines in c: the share that a "
        "band should hold."
    )
    return Frame(title, say(plan.title), foot)


def figure(frame: Frame, shown: Shown) -> page.Figure:
    """Lay out skill and width by series, and coverage beside or below them."""
    from matplotlib.lines import Line2D

    meaning = {
        "model": (SEEN, say("model")),
        "given": (AFTER, say("model, had it known what it is given")),
        "walk": (WANDERED, say("random walk with drift")),
    }
    marks = [(Line2D([], [], **look), words) for look, words in meaning.values()]
    beside = inner() >= COLUMN
    names = NAMES * inner()
    wide = (inner() - names - 2 * GAP) / 3.0 if beside else (inner() - names - GAP) / 2.0
    titles = [folded(t, wide - LETTER, 7.5, "bold") for t in (say("Skill"), say("Width of the 90 % band"))]
    titles.append(folded(say("Inside the band, %"), wide - LETTER, 7.5, "bold"))
    head = LINE * max(map(len, titles)) + 1.5
    space = room(frame, marks) - head - UNDER
    row = ROW if beside else min(ROW, (space - head - UNDER) / (len(shown.rows) + 6))
    high = max(row * len(shown.rows), 25.0)
    high = min(high, space)
    below = 0.0 if beside else head + 28.0 + UNDER
    drawn = Page(*frame, head + high + UNDER + below, marks)
    left = MARGIN + names
    places = [(left + n * (wide + GAP), drawn.top) for n in range(3)]
    if not beside:
        places[2] = (left, drawn.top + head + high + UNDER)
    sizes = [(wide, high), (wide, high), (wide, high) if beside else (2 * wide + GAP, 28.0)]
    every = []
    for n, ((x, top), size) in enumerate(zip(places, sizes, strict=True)):
        drawn.letter("abc"[n], x, top, titles[n])
        every.append(drawn.axes(x, top + head, *size))
    every[1].axvline(WIDEST_ALLOWED, color="0.4", lw=0.7, ls=(0, (2, 1.5)))
    _by_series(every[0], shown, "skill", 0.0)
    _by_series(every[1], shown, "width", 1.0)
    words = ["\n".join(folded(label, names - 2.0, 7, "normal")) for label in shown.labels]
    every[0].set_yticks(range(len(words)), words, linespacing=1.0)
    every[1].set_yticks(range(len(words)), [])
    every[0].set_xlabel(say("1: perfect"))
    every[1].set_xlabel(say("times the walk's"))
    _coverage(every[2], shown)
    return drawn.picture


def _by_series(axes: page.Axes, shown: Shown, panel: str, neutral: float) -> None:
    axes.axvline(neutral, color="black", lw=0.6, zorder=1.5)
    for row, name in enumerate(shown.rows):
        axes.plot(shown.numbers[panel, name], row, clip_on=False, **SEEN)
        after = shown.numbers.get((f"{panel}, given as it turned out", name))
        if after is not None:
            axes.plot(after, row, clip_on=False, **AFTER)
        if name == OVERALL:
            low, high = (shown.numbers[f"{panel} {end}", name] for end in ("p05", "p95"))
            axes.hlines(row, low, high, color="C0", lw=1.2, zorder=2.5)
    axes.set_ylim(len(shown.rows) - 0.5, -0.5)
    low, high = axes.get_xlim()
    axes.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=4)


def _coverage(axes: page.Axes, shown: Shown) -> None:
    for shift, forecaster, look in ((-0.12, MODEL, SEEN), (0.12, WALK, WANDERED)):
        for place, (low_to_high, share) in enumerate(zip(shown.coverage[forecaster].values(), BANDS, strict=False)):
            value, low, high = 100.0 * np.array(low_to_high)
            axes.plot(place + shift, value, clip_on=False, **look)
            axes.vlines(place + shift, low, high, color=look["color"], lw=1.2, zorder=2.5)
            axes.hlines(100.0 * share, place - 0.35, place + 0.35, color="black", lw=0.6, zorder=1.5)
    axes.set_xlim(-0.5, len(BANDS) - 0.5)
    axes.set_xticks(range(len(BANDS)), [f"{100 * b:.0f} %" for b in BANDS])
    axes.set_xlabel(say("band, share of draws"))
    axes.set_ylim(0.0, 104.0)  # a mark at 100 is whole
