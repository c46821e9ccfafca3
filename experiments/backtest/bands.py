"""What the method said of each series from the origin on, and what came: one panel a series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase
from typing import Any

import numpy as np

from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.forecast import rivals
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import (
    LETTER,
    LINE,
    Drawing,
    Frame,
    Legend,
    Page,
    folded,
    in_rows,
    pitch,
    shortened,
    tint,
)
from fiveyear.experiments.page.small_multiples import fitted
from fiveyear.experiments.reach.figures import panels as fan
from fiveyear.experiments.reach.figures.panels import FACT_BARS, LEVELS
from fiveyear.model.quantities import Array

from .backtest import MODEL as MODEL_SAID
from .backtest import Backtest

# Millimetres on the page.
WIDEST, NARROWEST = 60.0, 34.0  # a panel
LEAST, MOST = 14.0, 34.0  # height of the axes
LINES = 2  # of a label, at most
TICKS = 11.0  # left of the axes
UNDER = 6.0  # below them
GAP = 3.0

MODEL, WALK = "C0", "C2"
BEFORE: dict[str, Any] = {"fmt": "o", "ms": 2.4, "color": "black", "elinewidth": 0.7, "capsize": 1.2}
CAME: dict[str, Any] = {**BEFORE, "fmt": "D", "ms": 3.0, "color": "C1", "mec": "white", "mew": 0.4}
FEW, SPARSE = 4.0, 300.0  # how many times the lowest number the highest is: below, even ticks; above, powers of ten


@dataclass(frozen=True)
class Panel:
    """The numbers of one panel: all that is drawn in it and nothing else."""

    series: str
    label: str
    unit: str
    origin: int
    years: Array  # (year,), from the origin on
    quantiles: Array  # (level, year), the levels as in LEVELS
    walk: Array  # (end, year), the two ends of its band; empty without one
    before: tuple[tuple[int, float, float], ...]  # year, value, sd
    came: tuple[tuple[int, float, float], ...]

    def numbers(self) -> Iterator[tuple[str, int, float]]:
        """Give every number drawn: what it is, its year, its value."""
        yield from fan.numbers_of_bands(self.years, self.quantiles)
        for name, row in zip(("p05", "p95"), self.walk, strict=False):
            yield from ((f"random walk {name}", int(y), float(v)) for y, v in zip(self.years, row, strict=True))
        yield from (*fan.numbers_of_facts("before", self.before), *fan.numbers_of_facts("came", self.came))


def panels(backtest: Backtest) -> list[Panel]:
    """Give the numbers of each panel."""
    return [_panel(backtest, name) for name in backtest.series]


def _panel(backtest: Backtest, name: str) -> Panel:
    method, indicator = backtest.method, backtest.method.scored[name]
    origin, facts = method.plan.base_year, method.facts(name)
    years = np.arange(origin, method.plan.end + 1, dtype=float)
    values = {y: value for y, (value, _) in facts.items()}
    walks = [rivals.walk(values, int(year), indicator.trend) for year in years[1:]]
    ends = [w.quantiles(np.array(LEVELS)[[0, -1]]) for w in walks if w]
    return Panel(
        series=name,
        label=indicator.label,
        unit=fan.display_unit(indicator.unit, indicator.nominal),
        origin=origin,
        years=years,
        quantiles=fan.quantiles(backtest.draws[name][:, -len(years) :]),
        walk=np.array([np.full(2, values[origin]), *ends]).T if ends and origin in values else np.empty((0, 0)),
        before=tuple((y, *facts[y]) for y in sorted(facts)),
        came=tuple((y, *backtest.came[name][y]) for y in sorted(backtest.came[name])),
    )


# -- picture ------------------------------------------------------------------------------------------------
def drawing(backtest: Backtest) -> Drawing:
    """Give the bands to be drawn."""
    shown = panels(backtest)
    return Drawing(partial(figure, frame(backtest), shown), _table(shown))


def frame(backtest: Backtest) -> Frame:
    """Give the title, which says how much of what came lay in the bands, and a foot on what is drawn."""
    plan = backtest.method.plan
    scores = [score for name in backtest.series for score in backtest.of(MODEL_SAID, name)]
    inside = [bool(score.inside[-1]) for score in scores]
    title = say(
        "{inside} of {count} figures that came lie in the 90 % band of what was projected from {year}",
        inside=sum(inside), count=len(inside), year=plan.base_year,
    )  # fmt: skip
    foot = say(
        "Facts up to {year}, published by {month}; {draws} draws, seed {seed}. Logarithmic axes. Bands are of the "
        "truth, without the error of measurement, which the count in the title allows for. Where there is no random "
        "walk, its facts are too few.",
        month=month_in_words(backtest.method.evidence.month), year=plan.base_year, draws=f"{backtest.count:,}",
        seed=backtest.method.ensemble.seed,
    )  # fmt: skip
    return Frame(title, say(plan.title), foot)


def _table(shown: Sequence[Panel]) -> Rows:
    yield "series", "what", "year", "value", "unit"
    for panel in shown:
        yield from ((panel.series, what, y, value, panel.unit) for what, y, value in panel.numbers())


def figure(frame: Frame, shown: Sequence[Panel]) -> page.Figure:
    """Lay out a panel a series, as many as fit."""
    marks = _marks()
    above = (LINES + 1) * LINE + 2.5
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
    heads = [folded(say(p.label), wide - LETTER, 7.5, "bold")[:LINES] for p in shown]
    above_each = [LINE * (len(head) + 1) + 2.5 for head in heads]
    places, high = in_rows(fit.columns, GAP, above_each, fit.high, [UNDER] * len(shown))
    drawn = Page(*frame, high, marks)
    for n, (panel, head, (left, top, at)) in enumerate(zip(shown, heads, places, strict=True)):
        drawn.letter(ascii_lowercase[n], left, drawn.top + top, head)
        unit = shortened(say(panel.unit), wide - LETTER, 7, "normal")
        drawn.text(left + LETTER, drawn.top + top + LINE * len(head), [unit])
        _draw_panel(drawn.axes(left + TICKS, drawn.top + at, wide - TICKS - 1.0, fit.high), panel)
    return drawn.picture


def _draw_panel(axes: page.Axes, panel: Panel) -> None:
    low90, low50, median, high50, high90 = panel.quantiles
    axes.set_yscale("log")
    axes.fill_between(panel.years, low90, high90, color=tint(MODEL, 0.25), gid="90 %")
    axes.fill_between(panel.years, low50, high50, color=tint(MODEL, 0.5), gid="50 %")
    axes.plot(panel.years, median, color=MODEL, lw=1.6, gid="median")
    for end in panel.walk:
        axes.plot(panel.years, end, color=WALK, lw=1.0, ls=(0, (3, 1.5)), gid="random walk")
    for facts, look in ((panel.before, BEFORE), (panel.came, CAME)):
        years, values, sds = np.array(facts).reshape(-1, 3).T
        axes.errorbar(years, values, FACT_BARS * sds, zorder=5, **look)
    axes.axvline(panel.origin, color="0.6", lw=0.5, zorder=1.0)
    numbers = [value for _, _, value in panel.numbers()]
    first = min([panel.origin, *(year for year, _, _ in panel.before)])
    end = int(panel.years[-1])
    axes.set_xlim(first - 0.4, end + 0.4)
    axes.set_xticks(sorted({first, panel.origin, end}))
    axes.set_xticks(range(first, end + 1), minor=True)
    low, high = min(numbers) / 1.05, max(numbers) * 1.05
    axes.set_ylim(low, high)
    axes.set_yticks(_ticks(low, high), [f"{t:,g}" for t in _ticks(low, high)])
    axes.set_yticks([], minor=True)


def _ticks(low: float, high: float) -> list[float]:
    """Give round numbers between two: evenly spaced if these are near, or else 1, 2, 5, 10 and so on."""
    from matplotlib.ticker import MaxNLocator

    if high < FEW * low:
        candidates = [float(t) for t in MaxNLocator(4).tick_values(low, high)]
    else:
        first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
        steps = (1.0, 2.0, 5.0) if high < SPARSE * low else (1.0,)
        candidates = [m * 10.0**power for power in range(first, last + 1) for m in steps]
    return [t for t in candidates if low <= t <= high]


def _marks() -> Legend:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    scratch = Figure().add_subplot()
    return [
        (Line2D([], [], color=MODEL, lw=1.6), say("median of the model")),
        (Patch(color=tint(MODEL, 0.5)), say("50 % of draws")),
        (Patch(color=tint(MODEL, 0.25)), say("90 % of draws")),
        (Line2D([], [], color=WALK, lw=1.0, ls=(0, (3, 1.5))), say("random walk with drift, 90 %")),
        (scratch.errorbar([], [], [], **BEFORE), say("fact before the origin ± {sds} sd", sds=f"{FACT_BARS:g}")),
        (
            scratch.errorbar([], [], [], **CAME),
            say("fact after it, unseen by the fit ± {sds} sd", sds=f"{FACT_BARS:g}"),
        ),
    ]
