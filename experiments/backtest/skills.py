"""How good the forecasts were: skill and width of the bands by series, and how many numbers came inside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LINE, MARGIN, Page, inner, write_files

from .backtest import BANDS, MODEL, TURNED_OUT, WALK, Backtest
from .report import WIDEST_ALLOWED

# Millimetres on the page.
ROW = 5.0  # a series
NAMES = 42.0  # left of the first axes
GAP = 8.0
UNDER = 9.0  # below the axes, for their numbers and words

SEEN: dict[str, Any] = {"color": "C0", "marker": "o", "ms": 4.5, "ls": "", "mec": "white", "mew": 0.5, "zorder": 4}
AFTER: dict[str, Any] = {"color": "C0", "marker": "o", "ms": 4.5, "ls": "", "mfc": "white", "zorder": 3}
WANDERED: dict[str, Any] = {"color": "C2", "marker": "s", "ms": 4.0, "ls": "", "mec": "white", "mew": 0.5, "zorder": 3}
WORDS = {"model": SEEN, "model, had it known what it is given": AFTER, "random walk with drift": WANDERED}
OVERALL = "All"


def draw(backtest: Backtest, file: Path) -> list[Path]:
    """Draw the scores into ``file`` (PNG), with a PDF and the numbers (CSV) beside it; gives what was written."""
    return write_files(file, lambda: _figure(backtest), [("panel", "of", "value"), *numbers(backtest)])


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


def _figure(backtest: Backtest) -> page.Figure:
    from matplotlib.lines import Line2D

    names = [*backtest.compared, *([OVERALL] if backtest.overall else [])]
    high = ROW * max(len(names), 6)
    wide = (inner() - NAMES - 2 * GAP) / 3.0
    head = 2.0 * LINE
    plan = backtest.method.plan
    sheet = Page(
        f"How good the projections from {plan.base_year} were",
        plan.title,
        "Skill: 1 less the mean log-CRPS over the random walk's. Width: of the 90 % band, in logarithms, over the "
        "random walk's; dashed: what was asked for at most. Bars: 90 % intervals from a bootstrap over series. Series "
        "without a random walk are left out of a and b. Lines in c: the share that a band should hold.",
        head + high + UNDER,
        [(Line2D([], [], **look), words) for words, look in WORDS.items()],
    )
    titles = ("Skill", "Width of the 90 % band", "Inside the band, %")
    every = []
    for n, title in enumerate(titles):
        left = MARGIN + NAMES + n * (wide + GAP)
        sheet.letter("abc"[n], left, sheet.top, [title])
        every.append(sheet.axes(left, sheet.top + head, wide, high))
    labels = [backtest.method.scored[n].label if n != OVERALL else OVERALL for n in names]
    every[1].axvline(WIDEST_ALLOWED, color="0.4", lw=0.7, ls=(0, (2, 1.5)))
    _by_series(every[0], names, "skill", backtest, 0.0)
    _by_series(every[1], names, "width", backtest, 1.0)
    every[0].set_yticks(range(len(names)), labels)
    every[1].set_yticks(range(len(names)), [])
    every[0].set_xlabel("0: no better than the walk, 1: perfect")
    every[1].set_xlabel("times the random walk's")
    _coverage(every[2], backtest)
    return sheet.picture


def _by_series(axes: page.Axes, names: Sequence[str], panel: str, backtest: Backtest, neutral: float) -> None:
    drawn = {(what, of): value for what, of, value in numbers(backtest)}
    axes.axvline(neutral, color="black", lw=0.6, zorder=1.5)
    for row, name in enumerate(names):
        axes.plot(drawn[panel, name], row, clip_on=False, **SEEN)
        after = drawn.get((f"{panel}, given as it turned out", name))
        if after is not None:
            axes.plot(after, row, clip_on=False, **AFTER)
        if name == OVERALL:
            axes.hlines(row, drawn[f"{panel} p05", name], drawn[f"{panel} p95", name], color="C0", lw=1.2, zorder=2.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    low, high = axes.get_xlim()
    axes.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=5)


def _coverage(axes: page.Axes, backtest: Backtest) -> None:
    for shift, forecaster, look in ((-0.12, MODEL, SEEN), (0.12, WALK, WANDERED)):
        for place, (low_to_high, share) in enumerate(zip(backtest.coverage(forecaster).values(), BANDS, strict=False)):
            value, low, high = 100.0 * np.array(low_to_high)
            axes.plot(place + shift, value, clip_on=False, **look)
            axes.vlines(place + shift, low, high, color=look["color"], lw=1.2, zorder=2.5)
            axes.hlines(100.0 * share, place - 0.35, place + 0.35, color="black", lw=0.6, zorder=1.5)
    axes.set_xlim(-0.5, len(BANDS) - 0.5)
    axes.set_xticks(range(len(BANDS)), [f"{100 * b:.0f} %" for b in BANDS])
    axes.set_xlabel("band, share of draws")
    axes.set_ylim(0.0, 104.0)  # a mark at 100 is whole
