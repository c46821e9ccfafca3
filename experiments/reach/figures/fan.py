"""Fan charts: each target of the plan against what the facts say, the model, and the rival forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any

import numpy as np
import numpy.typing as npt

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page import figure as page
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

from ..answer import Reach
from ..places import RANK, RIVAL
from .panels import FACT_BARS, Interval, Panel, panels, table

ZERO_UNLESS = 0.6  # the axis starts at zero unless the lowest number drawn is above this share of the highest
# The share of the height of the axes that a target stands above their foot: room for its mark, or for words below it.
UNDER_MARK, UNDER_WORDS = 0.04, 0.1
TICKS_ABOVE = 2.01  # the zorder of ticks

# What a flag beside a probability means, said at the foot of the figure.
FLAGS = {
    "unmeasurable": "Unmeasurable: no official statistic shows whether it is met.",
    "without facts": "Without facts: what is drawn follows from the priors alone.",
    "driven by assumptions": "Driven by assumptions: what the facts leave open accounts for most of its spread.",
    "met-at-base": "Met-at-base: the facts of the base year meet it already.",
    "monitoring": "Monitoring: the plan prints it outside its headline targets.",
    "directional": "Directional: the plan promises it without a figure; the figure is how we read it.",
}

# Millimetres on the page.
AXES_HEIGHT = 37.0
TICKS = 11.0  # left of the axes
UNDER = 6.0  # below them
GAP = 4.0  # between a panel and its right neighbour

# Colours of the style sheet, each with a shape of its own for print in grey.
MODEL, PLAN, WALK, VIEW, FACTS = "C0", "C1", "C2", "C3", "black"
DASHES = (0, (3, 1.5))
FACT_MARK: dict[str, Any] = {"fmt": "o", "ms": 2.2, "elinewidth": 0.7, "capsize": 1.2}
RIVAL_BAR: dict[str, Any] = {"ms": 3.2, "elinewidth": 1.2, "capsize": 2.0}
TARGET_MARK: dict[str, Any] = {"marker": "D", "color": PLAN, "ms": 4.5, "mec": "white", "mew": 0.5}
CONTINUED_MARK: dict[str, Any] = {"marker": "o", "ls": "", "color": "black", "mfc": "white", "ms": 3.5}


# -- files --------------------------------------------------------------------------------------------------
def drawing(reach: Reach) -> Drawing:
    """Give the fan charts of one scenario to be drawn; raises FigureError if no target is modelled."""
    scenario, shown = reach.ensemble.scenario, panels(reach)
    if not shown:
        raise FigureError(f"the figure of {scenario.name}", [f"no target of the plan {scenario.plan.name} is modelled"])
    return Drawing(partial(figure, frame(reach, shown), shown), table(shown))


# -- picture ------------------------------------------------------------------------------------------------
def figure(frame: Frame, shown: Sequence[Panel]) -> page.Figure:
    """Lay out, in the house style, the title, the panels, one legend, and a line that says what it was made from."""
    columns = 2 if len(shown) in (2, 4) else min(3, len(shown))
    wide = pitch(columns, GAP) - GAP - TICKS
    labels = [folded(p.label, wide + TICKS - LETTER, 7.5, "bold") for p in shown]
    chances = [folded(p.chance, wide + TICKS - LETTER, 7, "normal") for p in shown]
    above = [LINE * (len(a) + len(b) + 1) + 3.0 for a, b in zip(labels, chances, strict=True)]
    places, high = in_rows(columns, GAP, above, AXES_HEIGHT, [UNDER + GAP] * len(shown))
    panels_high, groups = high - GAP + 1.5, _marks(shown)
    legend_high = 3.6 * (1 + max(map(len, groups.values())))
    sheet = Page(*frame, panels_high + legend_high)
    for n, (panel, (left, top, at)) in enumerate(zip(shown, places, strict=True)):
        head = sheet.top + top + 0.25 * LINE
        sheet.letter(ascii_lowercase[n % 26], left, head, labels[n])
        sheet.text(left + LETTER, head + LINE * (len(labels[n]) + 0.1), chances[n], color=tint(MODEL, 1.0, 0.75))
        axes = sheet.axes(left + TICKS, sheet.top + at, wide, AXES_HEIGHT)
        _draw_panel(axes, panel)
        axes.set_ylabel(panel.unit, rotation=0, ha="left", va="bottom")
        axes.yaxis.set_label_coords((LETTER - TICKS) / wide, 1.0 + 1.5 / AXES_HEIGHT)
    _legend(sheet, groups, sheet.top + panels_high)
    return sheet.picture


def frame(reach: Reach, shown: Sequence[Panel]) -> Frame:
    """Give the title, and a foot that says what the figure was made from."""
    made = reach.ensemble.provenance(reach.draws)
    settings = f" with {made['settings']}" if made["settings"] else ""
    rivals = sum(n.startswith(RIVAL) for n in reach.ensemble.names) if any(p.indicator == RANK for p in shown) else 0
    derived = any(not p.facts and np.isfinite(p.quantiles[:, p.years < p.base_year]).any() for p in shown)
    foot = (
        f"Scenario {made['scenario']}{settings}; facts of {made['facts']}; "
        f"{made['draws']:,} draws, seed {made['seed']}. "
        "P: share of draws that meet the target (90 % interval of the Monte Carlo error). "
        f"After {reach.ensemble.scenario.plan.base_year} the bands include what nobody can foresee. "
        "A rival is left out where the facts are too few for it."
        + (" A past without facts follows from the facts of its parts." if derived else "")
        + (
            f" By citations, {rivals} rivals are modelled: place {rivals + 1} is that or a further one."
            if rivals
            else ""
        )
        + "".join(f" {words}" for flag, words in FLAGS.items() if any(flag in p.chance for p in shown))
    )
    return Frame(reach.ensemble.scenario.title, reach.ensemble.scenario.plan.title, foot)


def _draw_panel(axes: page.Axes, panel: Panel) -> None:
    past, ahead = panel.years <= panel.base_year, panel.years >= panel.base_year
    low90, low50, median, high50, high90 = panel.quantiles
    for when, strength, name in ((past, 0.5, "past"), (ahead, 1.0, "ahead")):
        wide, narrow, middle = (tint(MODEL, s) for s in (0.25 * strength, 0.5 * strength, 0.1 + 0.9 * strength))
        axes.fill_between(panel.years[when], low90[when], high90[when], color=wide, gid=f"90 % {name}")
        axes.fill_between(panel.years[when], low50[when], high50[when], color=narrow, gid=f"50 % {name}")
        axes.plot(panel.years[when], median[when], color=middle, lw=1.6 * strength, gid=f"median {name}")

    first, end, span = int(panel.years[0]), panel.end, panel.end - int(panel.years[0])
    axes.hlines(panel.target, first, end, color=PLAN, lw=0.5, zorder=1.5)
    above = panel.comparator == ">="
    axes.annotate(
        f"target {'' if above else '≤ '}{panel.target:,g}", (first, panel.target), (1.0, 1.5 if above else -1.5),
        textcoords="offset points", va="bottom" if above else "top", color=tint(PLAN, 1.0, 0.8),
    )  # fmt: skip
    if len(panel.required):
        axes.plot(panel.years_ahead, panel.required, color=PLAN, lw=1.0, ls=DASHES, gid="required", zorder=3)
    counting = panel.target_years
    axes.plot(
        counting, np.full(len(counting), panel.target), gid="target", zorder=6, clip_on=False, ls="", **TARGET_MARK
    )
    if panel.facts:
        years, values, sds = zip(*panel.facts, strict=True)
        bars = axes.errorbar(years, values, FACT_BARS * np.array(sds), color=FACTS, zorder=5, **FACT_MARK)
        _name(bars, "facts")

    step = 0.08 * span  # right of the end, where there is no axis any more
    if panel.walk:
        _rival(axes, end + 1.2 * step, panel.walk, WALK, "s", "random walk")
    if panel.continued is not None:
        axes.plot(end + 2.2 * step, panel.continued, gid="growth continues", **CONTINUED_MARK)
    if panel.view:
        _rival(axes, end + 3.2 * step, panel.view, VIEW, "^", "record of earlier plans")

    numbers = [v for _, _, v in panel.numbers()]
    least, most = min(numbers), max(numbers)
    lowest = 1.0 if panel.place else 0.0
    bottom = lowest if lowest <= least <= ZERO_UNLESS * most else least - 0.08 * (most - least)
    room = (most - bottom) * (0.12 if above else 0.03)
    top = max(most + 0.03 * (most - bottom), panel.target + room)
    under = UNDER_MARK if above else UNDER_WORDS
    axes.set_ylim(min(bottom, (panel.target - under * top) / (1.0 - under)), top)
    axes.set_xlim(first - 0.03 * span, end + 3.6 * step)
    axes.set_xticks([first, panel.base_year, end])
    _mark_years(axes, np.setdiff1d(panel.years, [first, panel.base_year, end]))
    axes.spines["bottom"].set_bounds(first, end)
    axes.locator_params(axis="y", nbins=8 if panel.place else 6, integer=panel.place)
    page.same_decimals(axes.yaxis)


def _mark_years(axes: page.Axes, years: npt.NDArray[np.int_]) -> None:
    """Mark each year below the axis as minor ticks would, in one line: every tick is made of five artists."""
    from matplotlib import rcParams
    from matplotlib.markers import TICKDOWN

    look: dict[str, Any] = {"marker": TICKDOWN, "ls": "", "zorder": TICKS_ABOVE, "clip_on": False}
    look |= {"ms": rcParams["xtick.minor.size"], "mew": rcParams["xtick.minor.width"], "color": rcParams["xtick.color"]}
    below = axes.get_xaxis_transform(which="tick1")
    axes.plot(years, np.zeros(len(years)), transform=below, gid="years", **look)


def _rival(axes: page.Axes, at: float, interval: Interval, color: str, marker: str, name: str) -> None:
    ends = [[interval.median - interval.p05], [interval.p95 - interval.median]]
    _name(axes.errorbar([at], [interval.median], ends, color=color, fmt=marker, **RIVAL_BAR), name)


def _name(bars: Any, name: str) -> None:
    points, _, lines = bars.lines
    if points is not None:
        points.set_gid(name)
    for line in lines:
        line.set_gid(f"{name} bar")


def _marks(shown: Sequence[Panel]) -> dict[str, list[tuple[Any, str]]]:
    """Give each mark once with its words: what the model says, what facts and plan say, what the rivals say."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    scratch = Figure().add_subplot()

    def line(color: Any, width: float, style: Any = "-") -> Line2D:
        return Line2D([], [], color=color, lw=width, ls=style)

    def band(share: float) -> Patch:
        return Patch(color=tint(MODEL, share))

    def bars(color: str, **how: Any) -> Any:
        return scratch.errorbar([], [], [], color=color, **how)

    base, end = shown[0].base_year, shown[0].end
    each = any(p.every_year for p in shown)
    target = Line2D([], [], lw=0.5, **TARGET_MARK)
    continued = Line2D([], [], **CONTINUED_MARK)
    rivals = [
        (bars(WALK, fmt="s", **RIVAL_BAR), "random walk with drift, 90 %", any(p.walk for p in shown)),
        (continued, "trend continues", any(p.continued is not None for p in shown)),
        (bars(VIEW, fmt="^", **RIVAL_BAR), "record of earlier plans, 90 %", any(p.view for p in shown)),
    ]
    return {
        "Model": [
            (line(MODEL, 1.6), "median"),
            (band(0.5), "50 % of draws"),
            (band(0.25), "90 % of draws"),
            ((band(0.125), line(tint(MODEL, 0.55), 0.8)), f"the same up to {base}: fit to the facts"),
        ],
        "Facts and plan": [
            (bars(FACTS, **FACT_MARK), f"fact ± {FACT_BARS:g} sd of measurement"),
            (target, f"target for {end}{f', or each year from {base + 1}' if each else ''}"),
            (line(PLAN, 1.0, DASHES), f"growth required from {base}"),
        ],
        f"Rival forecasts of {end}": [(mark, words) for mark, words, there in rivals if there],
    }


def _legend(sheet: Page, groups: Mapping[str, Sequence[tuple[Any, str]]], top: float) -> None:
    """Set the marks out in one legend over the width of the page, a column for each group."""
    from matplotlib.legend_handler import HandlerTuple

    for place, (heading, entries) in enumerate((h, e) for h, e in groups.items() if e):
        handles, labels = zip(*entries, strict=True)
        left = MARGIN + place * (inner() + GAP) / len(groups)
        sheet.picture.legend(
            handles, labels, loc="upper left", bbox_to_anchor=sheet.place(left, top), title=heading, alignment="left",
            title_fontproperties={"weight": "bold", "size": 7}, handler_map={tuple: HandlerTuple(ndivide=1, pad=0)},
        )  # fmt: skip
