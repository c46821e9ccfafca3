"""Figure: what bands from other countries held of a country left out, and their scores against a random walk's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from string import ascii_lowercase
from typing import Any

import numpy as np

from fiveyear.calibration.reference_class.left_out import AHEAD, AMONG, BARS, LEVELS, SCORED, LeftOut
from fiveyear.calibration.reference_class.panel import SERIES
from fiveyear.calibration.reference_class.study import Estimate
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import (
    LETTER,
    LINE,
    Drawing,
    Frame,
    Page,
    folded,
    in_rows,
    inner,
    pitch,
    room,
    tint,
)

from .report import GROUPS
from .study import Study

# Millimetres on the page.
COLUMNS, NARROWEST = 4, 36.0  # panels beside one another, unless they are narrower: then two
TICKS, GAP = 8.0, 3.0
AXES_HEIGHT, UNDER = 35.0, 10.0
NEXT = 3.5  # above the lower axes

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


# -- picture ------------------------------------------------------------------------------------------------
def drawing(study: Study) -> Drawing:
    """Give what bands from other countries held to be drawn."""
    scored = {say(SERIES[name].label): name for name in SCORED if name in study.series}
    shown = {words: [r for r in study.left_out if r.series == name] for words, name in scored.items()}
    return Drawing(partial(figure, frame(study), shown), numbers(study))


def frame(study: Study) -> Frame:
    """Give the title, which says how much bands held, and a foot on what is drawn."""
    held = float(np.mean([r.process.covered[LEVEL].value for r in study.left_out if r.among == "all"]))
    title = say(
        "In a country left out, bands of {level} % from the others held {held} %",
        level=LEVEL, held=f"{100 * held:.0f}",
    )  # fmt: skip
    subtitle = say("Above: held by bands. Below: CRPS over the random walk's.")
    foot = say(
        "Above: share of what came that bands of {level} % held. Lines: 90 % intervals from draws of countries. The "
        "CRPS runs down, so that better is up. Dashed: the bars, for what bands hold in large economies and fast "
        "growers at least {bar}, for the CRPS at most 1. Each country counts the same. In the title: the mean of the "
        "series and horizons, over all.",
        level=LEVEL,
        bar=f"{BARS['large economies'][0]:.2f}",
    )
    return Frame(title, subtitle, foot)


def figure(frame: Frame, shown: Mapping[str, list[LeftOut]]) -> page.Figure:
    """Lay out a column a series: above what bands held, below the ratio of the scores."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        *((Line2D([], [], lw=0.0, **look), say(GROUPS[among])) for among, look in LOOKS.items()),
        (Line2D([], [], **WALK), say("the random walk's bands, each group")),
        (
            Patch(color=tint("C0", 0.15), lw=0.0),
            say("the bar over all, {least} to {most}", least=f"{LEAST:.2f}", most=f"{MOST:.2f}"),
        ),
        (Line2D([], [], **BAR), say("the other bars")),
    ]
    columns = COLUMNS if inner() > 4 * NARROWEST else 2
    rows = -(-len(shown) // columns)
    around = 2 * LINE + 1.5 + NEXT + UNDER
    high_each = min((room(frame, marks) / rows - around) / 2.0, AXES_HEIGHT)
    heads = [folded(words, pitch(columns, GAP) - GAP - LETTER, 7.5, "bold")[:2] for words in shown]
    each = len(heads)
    places, high = in_rows(columns, GAP, [2 * LINE + 1.5] * each, 2 * high_each + NEXT, [UNDER] * each)
    drawn = Page(*frame, high, marks)
    every = [r for of in shown.values() for r in of]
    held_ends = _ends([r.process.covered[LEVEL] for r in every], [r.walk.covered[LEVEL].value for r in every])
    ratio_ends = _ends([r.ratio for r in every], [1.0])
    wide = pitch(columns, GAP) - GAP - TICKS - 0.5
    for n, (of, head, (left, top, at)) in enumerate(zip(shown.values(), heads, places, strict=True)):
        drawn.letter(ascii_lowercase[n], left, drawn.top + top, head)
        above = drawn.axes(left + TICKS, drawn.top + at, wide, high_each)
        below = drawn.axes(left + TICKS, drawn.top + at + high_each + NEXT, wide, high_each)
        _held(above, of)
        _ratio(below, of)
        above.set_ylim(*held_ends)
        below.set_ylim(*reversed(ratio_ends))
        for axes in (above, below):
            axes.locator_params(axis="y", nbins=5)
    return drawn.picture


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
    axes.set_xlabel(say("years ahead"))


def _draw(axes: page.Axes, rows: list[LeftOut], take: Callable[[LeftOut], Estimate]) -> None:
    for among, look in LOOKS.items():
        of = [r for r in rows if r.among == among]
        places, found = [_place(r) for r in of], [take(r) for r in of]
        axes.vlines(places, [e.low for e in found], [e.high for e in found], color=look["color"], lw=0.9, zorder=2.5)
        axes.plot(places, [e.value for e in found], gid=among, zorder=3, lw=0.0, **look)
    axes.set_xlim(AHEAD[0] - 2.0 * APART, AHEAD[-1] + 2.0 * APART)


def _place(row: LeftOut) -> float:
    return row.horizon + APART * (AMONG.index(row.among) - 1)
