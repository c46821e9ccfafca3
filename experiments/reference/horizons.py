"""Figure: how errors of growth carried on grow with the horizon, series by series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np

from fiveyear.calibration.reference_class.panel import SERIES
from fiveyear.calibration.reference_class.study import HORIZONS, HorizonErrors
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LETTER, LINE, Drawing, Frame, Page, folded, in_rows, pitch, tint
from fiveyear.experiments.page.small_multiples import fitted

from .report import own
from .study import Study

# Millimetres on the page.
WIDEST, NARROWEST = 60.0, 34.0  # a panel
LEAST, MOST = 12.0, 30.0  # height of the axes
TICKS, GAP, UNDER = 9.0, 4.0, 9.5

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


# -- picture ------------------------------------------------------------------------------------------------
class Panel(NamedTuple):
    """One series: how its errors grow, by group of countries, and by shocks and epochs."""

    label: str
    errors: dict[str, tuple[HorizonErrors, ...]]
    split: list[tuple[int, float]]


def drawing(study: Study) -> Drawing:
    """Give the growth of errors to be drawn."""
    shown = [
        Panel(
            say(SERIES[name].label),
            {g: tuple(e for e in study.errors if (e.series, e.among) == (name, g)) for g in LINES},
            _of_split(study, name),
        )
        for name in study.series
    ]
    return Drawing(partial(figure, frame(study), shown), numbers(study))


def frame(study: Study) -> Frame:
    """Give the title, which says how errors grow, and a foot on what is drawn."""
    middle = float(np.median([study.exponent(name) for name in study.series]))
    title = say("Forecast errors grow with the horizon to the power of {power}, not 0.5", power=f"{middle:.2f}")
    subtitle = say(
        "Growth of five years carried on, without {own}, to {year}",
        own=say(own(study)), year=study.last_year,
    )  # fmt: skip
    foot = say(
        "Robust sd of the errors, in logarithms, run down, so that better is up; 90 % intervals from draws of "
        "countries. Power: the median over the series, of the rmse. Shocks and epochs: s² h + u² h² fitted to the "
        "errors about retained growth, in the quarter of windows with the fastest growth."
    )
    return Frame(title, subtitle, foot)


def figure(frame: Frame, shown: Sequence[Panel]) -> page.Figure:
    """Lay out a panel a series."""
    from matplotlib.lines import Line2D

    among = {"all": say("robust sd, all"), "large economies": say("robust sd, large economies")}
    marks = [
        *((Line2D([], [], **look), among[words]) for words, look in LINES.items()),
        (Line2D([], [], **SPLIT), say("yearly shocks and epochs, fastest growth")),
        (Line2D([], [], **WALK), say("the first year's, growing as a random walk's does")),
    ]
    above = 2 * LINE + 1.5
    frame, fit = fitted(
        frame,
        marks,
        len(shown),
        above + UNDER,
        lambda count: say("{count} further series are in the file of the numbers.", count=count),
        widest=WIDEST,
        narrowest=NARROWEST,
        least=LEAST,
        most=MOST,
    )
    shown = shown[: fit.number]
    wide = pitch(fit.columns, GAP) - GAP
    heads = [folded(p.label, wide - LETTER, 7.5, "bold")[:2] for p in shown]
    places, high = in_rows(fit.columns, GAP, [above] * len(heads), fit.high, [UNDER] * len(heads))
    drawn = Page(*frame, high, marks)
    for n, (panel, head, (left, top, at)) in enumerate(zip(shown, heads, places, strict=True)):
        drawn.letter(ascii_lowercase[n], left, drawn.top + top, head)
        axes = drawn.axes(left + TICKS, drawn.top + at, wide - TICKS - 1.0, fit.high)
        _draw(axes, panel)
        axes.set_xlabel(say("years ahead") if n >= len(shown) - fit.columns else "")
    return drawn.picture


def _draw(axes: page.Axes, panel: Panel) -> None:
    for among, look in LINES.items():
        rows = panel.errors[among]
        horizons = [e.horizon for e in rows]
        low, high = ([getattr(e.robust_sd, end) for e in rows] for end in ("low", "high"))
        axes.fill_between(horizons, low, high, color=tint(look["color"], 0.2), lw=0.0, zorder=1)
        axes.plot(horizons, [e.robust_sd.value for e in rows], gid=among, zorder=3, **look)
        if among == "all":
            first = rows[0].robust_sd.value
            axes.plot(HORIZONS, first * np.sqrt(HORIZONS), zorder=2, **WALK)
    axes.plot(*zip(*panel.split, strict=True), gid="split", zorder=2.5, **SPLIT)
    axes.set_xticks(HORIZONS)
    axes.set_ylim(axes.get_ylim()[1], 0.0)
    axes.locator_params(axis="y", nbins=4)
