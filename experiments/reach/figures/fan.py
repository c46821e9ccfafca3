"""Fan charts: each target of the plan against what the facts say, the model under scenarios, and other forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from string import ascii_lowercase
from typing import Any

import numpy as np
import numpy.typing as npt

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import (
    LETTER,
    LINE,
    MARGIN,
    MARKS,
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
from .findings import chance_text, least_likely, subtitle
from .panels import FACT_BARS, Fan, Interval, Panel, headed, panels, table
from .scenarios import LINES, made_from, scenario_titles, sentences

SHOWN = 2  # scenarios in a panel: bands of more hide one another
ZERO_UNLESS = 0.6  # the axis starts at zero unless the lowest number drawn is above this share of the highest
# The share of the height of the axes that a target stands above their foot: room for its mark, or for words below it.
UNDER_MARK, UNDER_WORDS = 0.04, 0.1
OVER_WORDS = 0.12  # the same below their top: room for words above it
TICKS_ABOVE = 2.01  # the zorder of ticks
PLACE_TICKS = 6  # of an axis of places, at most

# Millimetres on the page.
AXES_HEIGHT = 37.0  # at most
LOWEST = 9.0  # axes that can be read
PANEL = 52.0  # about the width of a panel with what stands left of it
TICKS = 11.0  # left of the axes
UNDER = 6.0  # below them
GAP = 4.0  # between a panel and its right neighbour
ENTRY, FOLDED, APART = (
    3.7,
    3.1,
    1.2,
)  # the height of a mark of the legend, and of each further line of its words; between groups

# Colours of the style sheet, each with a shape of its own for print in grey.
WALK, VIEW, PLAN, FACTS = "C2", "C3", "black", "black"
DASHES = (0, (3, 1.5))
FACT_MARK: dict[str, Any] = {"fmt": "o", "ms": 2.0, "elinewidth": 0.7, "capsize": 1.2}
RIVAL_BAR: dict[str, Any] = {"ms": 3.2, "elinewidth": 1.0, "capsize": 1.6}
TARGET_MARK: dict[str, Any] = {"marker": "D", "color": PLAN, "ms": 4.5, "mec": "white", "mew": 0.5}
CONTINUED_MARK: dict[str, Any] = {"marker": "o", "ls": "", "color": "black", "mfc": "white", "ms": 3.5}
END_MARK: dict[str, Any] = {"ms": 3.0, "mfc": "white", "mew": 0.8, "ls": "", "zorder": 4.5, "clip_on": False}
OUTLINE: dict[str, Any] = {"lw": 0.8, "ls": (0, (1.2, 1.2))}


# -- files --------------------------------------------------------------------------------------------------
def drawing(answers: Sequence[Reach], headline: bool = True) -> Drawing:
    """Give the fan charts of the first scenarios of a plan to be drawn, of its headline targets or of the others.

    Raises FigureError if the scenarios are of different plans or called the same, or if no such target is modelled.
    """
    answers = answers[:SHOWN]
    shown = panels(answers, headline)
    if not shown:
        plan = answers[0].ensemble.scenario.plan.name
        raise FigureError("the fan charts", [f"no target of the plan {plan} is modelled"])
    return Drawing(partial(figure, frame(answers, shown, headline), scenario_titles(answers), shown), table(shown))


# -- picture ------------------------------------------------------------------------------------------------
def beside(count: int) -> int:
    """Give how many of so many panels stand beside one another."""
    most = max(round(inner() / PANEL), 2)
    return 2 if most == 3 and count in (2, 4) else min(most, count)


def figure(frame: Frame, titles: Sequence[str], shown: Sequence[Panel]) -> page.Figure:
    """Lay out, in the house style, the title, the panels, one legend, and a line that says what it was made from."""
    columns = beside(len(shown))
    wide = pitch(columns, GAP) - GAP - TICKS
    marks = _flag_marks(shown)
    heads = [headed(p.label, p.unit, p.place) + "".join(f" ({marks[f]})" for f in p.flags) for p in shown]
    labels = [folded(head, wide + TICKS - LETTER, 7.5, "bold") for head in heads]
    above = [LINE * (len(label) + 1) + 2.6 for label in labels]
    groups = _groups(shown, titles)
    legend_high = _legend_places(groups)[1]
    rows = -(-len(shown) // columns)
    free = page.room(frame) - in_rows(columns, GAP, above, 0.0, [UNDER + 1.5] * len(shown))[1] - legend_high
    axes_high = max(min(free / rows, AXES_HEIGHT), LOWEST)
    places, panels_high = in_rows(columns, GAP, above, axes_high, [UNDER + 1.5] * len(shown))
    sheet = Page(*frame, panels_high + legend_high)
    slots = _slots(shown)
    for n, (panel, (left, top, at)) in enumerate(zip(shown, places, strict=True)):
        head = sheet.top + top + 0.1 * LINE
        sheet.letter(ascii_lowercase[n % 26], left, head, labels[n])
        _write_chances(sheet, left + LETTER, head + LINE * (len(labels[n]) + 0.1), panel)
        _draw_panel(sheet.axes(left + TICKS, sheet.top + at, wide, axes_high), panel, slots, axes_high)
    _legend(sheet, groups, sheet.top + panels_high)
    return sheet.picture


def frame(answers: Sequence[Reach], shown: Sequence[Panel], headline: bool) -> Frame:
    """Give the title, and a foot that says what the figure was made from and, after a line end, how to read it."""
    ensemble = answers[0].ensemble
    rivals = sum(n.startswith(RIVAL) for n in ensemble.names) if any(p.indicator == RANK for p in shown) else 0
    base = shown[0].base_year
    derived = any(not p.facts and np.isfinite(p.fans[0].quantiles[:, p.years < p.base_year]).any() for p in shown)
    words = [say("Chance: share of draws that meet the target.")]
    words.append(say("After {base} the bands include what nobody can foresee.", base=base))
    if any(p.walk is None or p.view is None for p in shown):
        words.append(say("A forecast is left out where the facts are too few for it."))
    if derived:
        words.append(say("A past without facts follows from the facts of its parts."))
    if rivals:
        words.append(
            say(
                "By citations, {rivals} countries are modelled: place {last} is that or a further one.",
                rivals=rivals,
                last=rivals + 1,
            )
        )
    if any(fan.probability is None for p in shown for fan in p.fans):
        words.append(say("–: no probability can be given."))
    words += [f"({letter}) {explained()[flag]}" for flag, letter in _flag_marks(shown).items()]
    return Frame(least_likely(answers, headline), subtitle(answers), f"{made_from(answers)}\n{sentences(*words)}")


def _flag_marks(shown: Sequence[Panel]) -> dict[str, str]:
    """Give the letter of each flag, in the order in which a reader meets them."""
    flags = dict.fromkeys(flag for panel in shown for flag in panel.flags)
    return dict(zip(flags, ascii_lowercase, strict=False))


def explained() -> dict[str, str]:
    """Give what each flag beside a probability means."""
    return {
        "unmeasurable": say("No official statistic shows whether it is met."),
        "without facts": say("Without facts: what is drawn follows from the priors alone."),
        "driven by assumptions": say("Driven by assumptions: what the facts leave open is most of its spread."),
        "met-at-base": say("The facts of the base year meet it already."),
        "monitoring": say("The plan prints it outside its headline targets."),
        "directional": say("The plan promises it without a figure; the figure is how we read it."),
    }


def _write_chances(sheet: Page, left: float, top: float, panel: Panel) -> None:
    if any(fan.probability for fan in panel.fans):
        chances = [chance_text(fan.probability.value) if fan.probability else "–" for fan in panel.fans]
        sheet.in_colours(left, top, say("chance"), chances)
    else:
        sheet.text(left, top, [say("no probability")])


def _slots(shown: Sequence[Panel]) -> dict[str, int]:
    """Give the place of each mark right of the end, where there is no axis any more: scenarios, then forecasts."""
    there = [fan.scenario for fan in shown[0].fans]
    there += ["random walk"] * any(p.walk is not None for p in shown)
    there += ["growth continues"] * any(p.continued is not None for p in shown)
    there += ["record of earlier plans"] * any(p.view is not None for p in shown)
    return {name: place for place, name in enumerate(there)}


def _draw_panel(axes: page.Axes, panel: Panel, slots: Mapping[str, int], high: float) -> None:
    first, end, span = int(panel.years[0]), panel.end, panel.end - int(panel.years[0])
    step = 0.08 * span
    at = {name: end + step * (slot + 1.0) for name, slot in slots.items()}
    right = end + step * (len(slots) + 0.7)
    axes.axvspan(end + 0.4 * step, right, color="0.95", zorder=0)
    _draw_bands(axes, panel, panel.fans[0])
    for n, fan in enumerate(panel.fans[1:], 1):
        _draw_outline(axes, panel, fan, n)
    for n, fan in enumerate(panel.fans):
        _draw_end(axes, at[fan.scenario], fan, n)

    axes.hlines(panel.target, first, end, color=PLAN, lw=0.5, zorder=1.5)
    above = panel.comparator == ">=" or panel.place
    axes.annotate(
        _target_words(panel), (first, panel.target), (1.0, 1.5 if above else -1.5),
        textcoords="offset points", va="bottom" if above else "top",
    )  # fmt: skip
    if len(panel.required):
        axes.plot(panel.years_ahead, panel.required, color=PLAN, lw=0.8, ls=DASHES, gid="required", zorder=3.5)
    counting = panel.target_years
    axes.plot(
        counting, np.full(len(counting), panel.target), gid="target", zorder=6, clip_on=False, ls="", **TARGET_MARK
    )
    if panel.facts:
        years, values, sds = zip(*panel.facts, strict=True)
        bars = axes.errorbar(years, values, FACT_BARS * np.array(sds), color=FACTS, zorder=5, **FACT_MARK)
        _name(bars, "facts")
    if panel.walk:
        _rival(axes, at["random walk"], panel.walk, WALK, "s", "random walk")
    if panel.continued is not None:
        axes.plot(at["growth continues"], panel.continued, gid="growth continues", **CONTINUED_MARK)
    if panel.view:
        _rival(axes, at["record of earlier plans"], panel.view, VIEW, "^", "record of earlier plans")

    _set_height(axes, panel, above)
    axes.set_xlim(first - 0.03 * span, right)
    axes.set_xticks([first, panel.base_year, end])
    if len(slots) > 2:  # below what stands right of the end, which is of that year, too
        axes.get_xticklabels()[-1].set_horizontalalignment("left")
    _mark_years(axes, np.setdiff1d(panel.years, [first, panel.base_year, end]))
    axes.spines["bottom"].set_bounds(first, end)
    if panel.place:
        axes.set_yticks(_places(*sorted(axes.get_ylim())))
    else:
        axes.locator_params(axis="y", nbins=max(min(6, round(high / 5.0)), 2))
        page.same_decimals(axes.yaxis)


def _target_words(panel: Panel) -> str:
    if panel.place:
        return say("target: place {place}", place=f"{panel.target:g}")
    value = f"{panel.target:,g}"
    return say("target {value}", value=value) if panel.comparator == ">=" else say("target ≤ {value}", value=value)


def _draw_bands(axes: page.Axes, panel: Panel, fan: Fan) -> None:
    """Draw the bands of the first scenario, those up to the base year in paler colours."""
    past, ahead = panel.years <= panel.base_year, panel.years >= panel.base_year
    low90, low50, median, high50, high90 = fan.quantiles
    for when, strength, name in ((past, 0.5, "past"), (ahead, 1.0, "ahead")):
        wide, narrow, middle = (tint("C0", s) for s in (0.25 * strength, 0.5 * strength, 0.1 + 0.9 * strength))
        axes.fill_between(panel.years[when], low90[when], high90[when], color=wide, gid=f"90 % {name}")
        axes.fill_between(panel.years[when], low50[when], high50[when], color=narrow, gid=f"50 % {name}")
        axes.plot(panel.years[when], median[when], color=middle, lw=1.6 * strength, gid=f"median {name}")


def _draw_outline(axes: page.Axes, panel: Panel, fan: Fan, n: int) -> None:
    """Draw the median of a further scenario in dashes, between which the first is seen, and the ends of its band."""
    ahead = panel.years >= panel.base_year
    low90, _, median, _, high90 = fan.quantiles[:, ahead]
    years, ends = panel.years[ahead], np.concatenate([low90, [np.nan], high90])
    axes.plot(np.concatenate([years, [np.nan], years]), ends, color=f"C{n}", gid=f"90 % {fan.scenario}", **OUTLINE)
    axes.plot(years, median, color=f"C{n}", lw=1.4, ls=LINES[n], gid=f"median {fan.scenario}", zorder=3)


def _draw_end(axes: page.Axes, at: float, fan: Fan, n: int) -> None:
    """Draw what a scenario says of the last year: its median, and the bars of 50 % and of 90 % of draws."""
    p05, p25, median, p75, p95 = fan.quantiles[:, -1]
    axes.plot([at, at], [p05, p95], color=f"C{n}", lw=0.9, gid=f"end 90 % {fan.scenario}")
    axes.plot([at, at], [p25, p75], color=f"C{n}", lw=2.4, solid_capstyle="butt", gid=f"end 50 % {fan.scenario}")
    axes.plot(at, median, marker=MARKS[n], color=f"C{n}", gid=f"end {fan.scenario}", **END_MARK)


def _set_height(axes: page.Axes, panel: Panel, above: bool) -> None:
    """Set the ends of the axis: it starts at zero, or has the first place at its top, unless the numbers are far."""
    numbers = [v for _, _, v in panel.numbers()]
    least, most = min(numbers), max(numbers)
    lowest = 1.0 if panel.place else 0.0
    near = lowest <= least <= ZERO_UNLESS * most
    first = lowest if near else least - 0.08 * (most - least)
    if panel.place:  # better is up
        room = OVER_WORDS * (most - first)
        axes.set_ylim(most + 0.03 * (most - first), min(first, panel.target - room))
        return
    top = max(most + 0.03 * (most - first), panel.target + (most - first) * (OVER_WORDS if above else 0.03))
    under = UNDER_MARK if above else UNDER_WORDS
    axes.set_ylim(min(first, (panel.target - under * top) / (1.0 - under)), top)


def _places(low: float, high: float) -> list[int]:
    """Give the places to mark between two numbers: the first, if it is among them, and multiples of a round step."""
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000) if (high - low) / s < PLACE_TICKS)
    marked = [k for k in range(int(np.ceil(low)), int(high) + 1) if k % step == 0]
    return [1, *(k for k in marked if k > 1 + step / 2)] if low <= 1.0 else marked


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


# -- legend -------------------------------------------------------------------------------------------------
Groups = dict[str, list[tuple[Any, str]]]


def _groups(shown: Sequence[Panel], titles: Sequence[str]) -> Groups:
    """Give each mark once with its words: what the model says, what facts and plan say, what others forecast."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    scratch = Figure().add_subplot()

    def line(color: Any, width: float, style: Any = "-") -> Line2D:
        return Line2D([], [], color=color, lw=width, ls=style)

    def band(share: float) -> Patch:
        return Patch(color=tint("C0", share))

    def bars(color: str, **how: Any) -> Any:
        return scratch.errorbar([], [], [], color=color, **how)

    base, end = shown[0].base_year, shown[0].end
    each = any(p.every_year for p in shown)
    scenarios: list[tuple[Any, str]] = [((band(0.25), line("C0", 1.6)), titles[0])]
    scenarios += [(line(f"C{n}", 1.4, LINES[n]), title) for n, title in enumerate(titles[1:], 1)]
    draws: list[tuple[Any, str]] = [(line("C0", 1.6), say("median")), (band(0.5), say("50 % of draws"))]
    if len(titles) > 1:
        outlined = band(0.25), line("C1", OUTLINE["lw"], OUTLINE["ls"])
        draws.append((outlined, say("90 % of draws: band, and dots")))
    else:
        draws.append((band(0.25), say("90 % of draws")))
    draws.append(((band(0.125), line(tint("C0", 0.55), 0.8)), say("up to {base}: fit to the facts", base=base)))
    bar = line("0.5", 0.9), Line2D([], [], color="0.5", marker="o", **END_MARK)
    scenarios.append((bar, say("in {end}: median, 50 %, 90 %", end=end)))
    target = Line2D([], [], lw=0.5, **TARGET_MARK)
    continued = Line2D([], [], **CONTINUED_MARK)
    rivals = [
        (bars(WALK, fmt="s", **RIVAL_BAR), say("random walk with drift, 90 %"), any(p.walk for p in shown)),
        (continued, say("trend continues"), any(p.continued is not None for p in shown)),
        (bars(VIEW, fmt="^", **RIVAL_BAR), say("record of earlier plans, 90 %"), any(p.view for p in shown)),
    ]
    due = say("target, in each year from {first}", first=base + 1) if each else say("target for {end}", end=end)
    return {
        say("Scenarios"): scenarios,
        say("Model"): draws[len(titles) > 1 :],  # of two, the medians are the lines of the scenarios
        say("Facts and plan"): [
            (bars(FACTS, **FACT_MARK), say("fact ± {bars} sd of measurement", bars=f"{FACT_BARS:g}")),
            (target, due),
            *([(line(PLAN, 0.8, DASHES), say("growth required from {base}", base=base))]
              if any(len(p.required) for p in shown) else []),
        ],
        say("Other forecasts of {end}", end=end): [(mark, words) for mark, words, there in rivals if there],
    }  # fmt: skip


def _legend_places(groups: Groups) -> tuple[list[tuple[float, float, list[list[str]]]], float]:
    """Give where each group starts, from the left and the top, and the words of its marks, and the height of all."""
    there = [entries for entries in groups.values() if entries]
    columns = min(len(there), max(round(inner() / PANEL), 2))
    wide = (inner() + GAP) / columns
    tops, places = [0.0] * columns, []
    for n, entries in enumerate(there):
        column = n if n < columns else tops.index(min(tops))
        words = [folded(text, wide - GAP - page.KEY - 3.0, 7, "normal") for _, text in entries]
        places.append((MARGIN + column * wide, tops[column], words))
        tops[column] += ENTRY * (1 + len(words)) + FOLDED * sum(len(lines) - 1 for lines in words) + APART
    return places, max(tops) - APART


def _legend(sheet: Page, groups: Groups, top: float) -> None:
    """Set the marks out over the width of the page, group by group."""
    from matplotlib.legend_handler import HandlerTuple

    there = [(heading, entries) for heading, entries in groups.items() if entries]
    for (heading, entries), (left, down, words) in zip(there, _legend_places(groups)[0], strict=True):
        handles, lines = [mark for mark, _ in entries], ["\n".join(text) for text in words]
        sheet.picture.legend(
            handles, lines, loc="upper left", bbox_to_anchor=sheet.place(left, top + down), title=heading,
            alignment="left", title_fontproperties={"weight": "bold", "size": 7},
            handler_map={tuple: HandlerTuple(ndivide=1, pad=0)},
        )  # fmt: skip
