"""Figure: the sectors of the model on one page, and in bold the shortest ways from planned spending to the targets."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fiveyear.experiments.console.language import say, say_heading
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LINE, MARGIN, Drawing, Frame, Page, folded, inner
from fiveyear.experiments.page.style import sheet
from fiveyear.model import Model
from fiveyear.model.labels import label
from fiveyear.scenarios import Plan

from .curves import Curve, curves
from .layout import Array, Panel, Point, tables
from .pen import Pen
from .sketch import Part, Sketch

LEVER = "planned_rd_intensity"  # where the main chain starts: what a plan of research spends

# Millimetres on the page.
CELL = 28.0  # about the width of a cell of the grid; a page has as many as fit
MOST = 5  # of them beside one another
BESIDE, BELOW = 0.22, 9.0  # between boxes, for links and their numbers: a share of the cell, and its height
PAD = 1.4  # inside a box, left and right
DOT = 1.55  # radius of a number
SHORT = 8.5  # a link that has no room for a number and a head
NOTE = 75.0  # about the width of a line of the list of numbers
APART = 4.2  # between two numbers

# How bad these are, in lengths of a column.
MAIN, CROSSING, RUNNING_OVER, UPWARD, ALONE = 2.0, 1.6, 6.0, 3.0, 0.02
STARTS = 80  # from which the search for places starts
BOLD, THIN = "C0", "0.62"

Pair = tuple[str, str]


# -- numbers ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Overview:
    """What is drawn: ``passes`` and ``chain`` give, by giving and reading sector, the variables that pass.

    ``chain`` holds those on a way from the lever to a headline target that crosses the fewest sectors, in the order in
    which the lever reaches them; ``targets`` are labels of headline targets by the sector that their indicators read;
    ``apart`` are those that the lever does not act on.
    """

    sectors: tuple[str, ...]
    passes: Mapping[Pair, tuple[str, ...]]
    chain: Mapping[Pair, tuple[str, ...]]
    targets: Mapping[str, tuple[str, ...]]
    apart: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many targets there are."""
        return sum(map(len, self.targets.values()))


def overview(plan: Plan) -> Overview:
    """Read off the wiring what the sectors give one another, and how spending reaches the plan's headline targets."""
    model = plan.model
    sector = model.sectors
    passing = [
        (source, reader)
        for source, readers in model.acts_on.items()
        for reader in readers
        if source not in model.parameters and sector[source] != sector[reader]
    ]
    targets: dict[str, list[str]] = {}
    ends: dict[str, str] = {}  # of each headline target, the variable that its figure counts
    for target in plan.targets:
        if target.kind == "headline" and (indicator := model.indicators.get(target.indicator)):
            ends[target.indicator] = indicator.numerator.variable
            targets.setdefault(sector[indicator.numerator.variable], []).append(target.indicator)
    backwards: dict[str, list[str]] = {}
    for source, readers in model.acts_on.items():
        for reader in readers:
            backwards.setdefault(reader, []).append(source)
    reached, chain = _steps(model, LEVER, model.acts_on), []
    for end in ends.values():
        left = _steps(model, end, backwards)
        chain += [
            (a, b) for a, b in passing if reached.get(a, math.inf) + 1 + left.get(b, math.inf) == reached.get(end)
        ]
    main = _by_sectors(model, sorted(chain, key=lambda link: reached[link[0]]))
    return Overview(
        tuple(sorted(set(sector.values()))),
        _by_sectors(model, passing),
        main,
        {name: tuple(indicators) for name, indicators in targets.items()},
        tuple(n for n, end in ends.items() if end not in reached),
    )


def _by_sectors(model: Model, links: Iterable[Pair]) -> dict[Pair, tuple[str, ...]]:
    """Give, by the sectors that links join, the variables that pass."""
    passing: dict[Pair, dict[str, None]] = {}
    for source, reader in links:
        passing.setdefault((model.sectors[source], model.sectors[reader]), {})[source] = None
    return {pair: tuple(names) for pair, names in passing.items()}


def _steps(model: Model, start: str, followers: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Give, for each variable that can be got to, how many borders of sectors lie on the way at least."""
    steps, waiting = {start: 0}, deque([start])
    while waiting:
        name = waiting.popleft()
        for follower in followers.get(name, ()):
            crosses = model.sectors[name] != model.sectors[follower]
            if steps[name] + crosses < steps.get(follower, math.inf):
                steps[follower] = steps[name] + crosses
                (waiting.append if crosses else waiting.appendleft)(follower)
    return steps


def table(shown: Overview) -> Rows:
    """Give every link: the sectors, the variable that passes, and whether it is on the main chain."""
    yield "from", "to", "variable", "on the main chain"
    for pair, names in shown.passes.items():
        yield from ((*pair, name, name in shown.chain.get(pair, ())) for name in names)


# -- places -------------------------------------------------------------------------------------------------
def cells(shown: Overview, columns: int) -> dict[str, tuple[int, int]]:
    """Give each sector a cell, column and row, of a grid so wide, so that the main chain runs down and links are short.

    From several starts, two cells at a time change places as long as that helps.
    """
    rows = math.ceil(len(shown.sectors) / columns)
    number = {name: n for n, name in enumerate(shown.sectors)}
    pairs = list(dict.fromkeys((min(p), max(p)) for p in shown.passes))
    ends = np.array([(number[a], number[b]) for a, b in pairs], int).reshape(-1, 2)
    on_chain = {(min(p), max(p)) for p in shown.chain}
    weight = np.array([MAIN if pair in on_chain else 1.0 for pair in pairs])
    down = [(number[a], number[b]) for a, b in shown.chain if (b, a) not in shown.chain]
    downward = np.array(down, int).reshape(-1, 2)
    swaps = np.array([(0, 0), *itertools.combinations(range(rows * columns), 2)])
    random, best = np.random.default_rng(0), (math.inf, np.arange(rows * columns))
    for _ in range(STARTS):
        places = random.permutation(rows * columns)
        while True:
            trials = np.repeat(places[None], len(swaps), axis=0)
            which = np.arange(len(swaps))
            trials[which, swaps[:, 0]], trials[which, swaps[:, 1]] = places[swaps[:, 1]], places[swaps[:, 0]]
            costs = _costs(trials[:, : len(number)], ends, weight, downward, (columns, rows))
            least = int(np.argmin(costs))
            if costs[least] >= costs[0] - 1e-9:
                break
            places = trials[least]
        best = min(best, (float(costs[0]), places), key=lambda found: found[0])
    return {name: (int(best[1][n]) % columns, int(best[1][n]) // columns) for name, n in number.items()}


def _costs(
    trials: NDArray[np.int64],
    ends: NDArray[np.int64],
    weight: Array,
    downward: NDArray[np.int64],
    grid: tuple[int, int],
) -> Array:
    """Give, for each trial, (trial, sector), how long and crossed its links are, run over boxes or run up."""
    length, turn, met = tables(*grid)
    many, columns = len(length), grid[0]
    a, b = trials[:, ends[:, 0]], trials[:, ends[:, 1]]
    costs: Array = (weight * length[a, b]).sum(axis=1)
    way = (a * many + b)[:, :, None] * many
    crossed = turn.take(way + a[:, None]) * turn.take(way + b[:, None]) < 0
    crossed &= np.swapaxes(crossed, 1, 2)
    costs += CROSSING / 2.0 * (crossed * np.maximum(weight, weight[:, None])).sum(axis=(1, 2))
    strange = (ends[:, :, None] != np.arange(trials.shape[1])).all(axis=1)
    hidden = (met.take(way + trials[:, None]) & strange).sum(axis=2)
    costs += RUNNING_OVER * (weight * hidden).sum(axis=1)
    row = trials // columns
    costs += UPWARD * (row[:, downward[:, 1]] <= row[:, downward[:, 0]]).sum(axis=1)
    costs += ALONE * row.sum(axis=1)
    return costs


# -- picture ------------------------------------------------------------------------------------------------
def drawing(plan: Plan) -> Drawing:
    """Give the overview of the model of a plan to be drawn."""
    shown = overview(plan)
    return Drawing(partial(figure, frame(plan, shown), shown), table(shown))


def frame(plan: Plan, shown: Overview) -> Frame:
    """Give the title, which says how many targets spending acts on, and a foot that says what is drawn."""
    lever, apart = _named(LEVER), ", ".join(_named(n) for n in shown.apart)
    reached = shown.count - len(shown.apart)
    if shown.apart:
        title = say(
            "{lever} acts on {reached} of {count} headline targets; no link leads from it to: {apart}",
            lever=lever, reached=reached, count=shown.count, apart=apart,
        )  # fmt: skip
    elif shown.count > 1:
        title = say("{lever} acts on all {count} headline targets", lever=lever, count=shown.count)
    else:
        title = say("{lever} acts on the headline target", lever=lever)
    foot = say(
        "Read off the wiring of the equations. Numbered: what passes on the ways from {lever} to the headline targets "
        "that cross the fewest sectors. Constants of the model are left out.",
        lever=lever[:1].lower() + lever[1:],
    )
    return Frame(title, say(plan.title), foot)


def _named(name: str) -> str:
    return say_heading(label(name))


def figure(frame: Frame, shown: Overview) -> page.Figure:
    """Lay out the sectors, the links between them, and the list of what the numbered ones pass."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    panel = placed(shown)
    beside = max(round(inner() / NOTE), 1)
    notes = [
        (n, folded(_note(pair, names), inner() / beside - APART - 2.0, 7, "normal"))
        for n, (pair, names) in enumerate(shown.chain.items(), 1)
    ]
    down = math.ceil(len(notes) / beside)
    lists = [notes[k * down : (k + 1) * down] for k in range(beside)]
    listed = max((sum(LINE * len(words) + 0.5 for _, words in part) for part in lists), default=0.0)
    marks = [
        (Line2D([], [], color=BOLD, lw=2.0), say("shortest ways from planned spending to a target")),
        (Line2D([], [], color=THIN, lw=0.7), say("other links")),
        (Patch(fc=page.tint(BOLD, 0.12), ec="0.2", lw=0.6), say("sector, with the headline targets counted in it")),
    ]
    drawn = Page(*frame, panel.high + 2.0 + listed + 1.5, marks)
    axes = drawn.axes(0.0, 0.0, sheet().width, drawn.height)
    axes.set_axis_off()
    axes.set_xlim(0.0, sheet().width)
    axes.set_ylim(drawn.height, 0.0)
    _draw(Pen(axes), panel, shown, (MARGIN, drawn.top))
    for k, part in enumerate(lists):
        top = drawn.top + panel.high + 2.0
        for n, words in part:
            left = MARGIN + k * inner() / beside
            _dot(Pen(axes), (left + DOT, top + LINE / 2 + 0.1), n)
            drawn.text(left + APART, top, words)
            top += LINE * len(words) + 0.5
    return drawn.picture


def _note(pair: Pair, names: Sequence[str]) -> str:
    giver, taker = (_named(n) for n in pair)
    return f"{giver} → {taker}: {', '.join(say(label(n)) for n in names)}"


def placed(shown: Overview) -> Panel:
    """Give every sector its place on a page of the width that is drawn for; the panel is as wide as that."""
    columns = min(max(int(inner() / CELL), 2), MOST)
    wide = (1.0 - BESIDE) * inner() / columns
    parts = {}
    for name in shown.sectors:
        lines = folded(_named(name), wide - 2 * PAD, 7, "bold")
        for target in shown.targets.get(name, ()):
            lines += folded(f"▸ {_named(target)}", wide - 2 * PAD, 7, "normal")
        parts[name] = Part("sector", tuple(lines), wide=wide)
    at = cells(shown, columns)
    sketch = Sketch("", parts, links=dict.fromkeys(shown.passes, ""))
    high = {name: part.boxes[0][3] - part.boxes[0][1] for name, part in parts.items()}
    places, top = {}, 0.0
    for row in range(max(r for _, r in at.values()) + 1):
        own = [name for name in shown.sectors if at[name][1] == row]
        tallest = max((high[name] for name in own), default=0.0)
        for name in own:
            places[name] = ((at[name][0] + 0.5) * inner() / columns, top + tallest / 2)
        top += tallest + BELOW
    return Panel(sketch, places, inner(), top - BELOW)


def _draw(pen: Pen, panel: Panel, shown: Overview, corner: Point) -> None:
    """Draw the boxes, and links with their numbers where these are clear of boxes and of one another."""

    def moved(point: Point) -> Point:
        return point[0] + corner[0], point[1] + corner[1]

    numbers = {pair: n for n, pair in enumerate(shown.chain, 1)}
    bold: dict[Pair, Curve] = {}
    for pair, curve in zip(panel.sketch.links, curves(panel), strict=True):
        there = Curve(moved(curve.start), moved(curve.bend), moved(curve.end), "")
        if pair in numbers:
            bold[pair] = there
            pen.link(there, color=BOLD, lw=2.0, zorder=1.6)
        else:
            pen.link(there, color=THIN, lw=0.6, zorder=1.2)
    boxes = np.array([box for _, box in panel.boxes()]).reshape(-1, 4) + np.array([*corner, *corner])
    taken: list[Point] = []
    for pair, curve in bold.items():
        others = [_at(other, t) for p, other in bold.items() if p != pair for t in np.linspace(0.0, 1.0, 9).tolist()]
        taken.append(_clear(curve, boxes, [*taken, *others]))
        _dot(pen, taken[-1], numbers[pair])
    for name, part in panel.sketch.parts.items():
        pen.sector(part, *moved(panel.places[name]), name, len(folded(_named(name), part.wide - 2 * PAD, 7, "bold")))


def _clear(curve: Curve, boxes: Array, others: Sequence[Point]) -> Point:
    """Give the point for the number of a curve: on it near its middle, or beside it where it is too short for both."""
    points = [(abs(t - 0.5), _at(curve, t)) for t in np.linspace(0.15, 0.8, 41).tolist()]
    if math.dist(curve.start, curve.end) < SHORT:
        (x, y), (right, down) = _at(curve, 0.4), np.subtract(curve.end, curve.start) / math.dist(curve.start, curve.end)
        points = [(0.0, (x - side * down, y + side * right)) for side in (2.5, -2.5)]

    def worse(trial: tuple[float, Point]) -> float:
        off, (x, y) = trial
        left, top, right, low = boxes.T
        inside = np.sum((left - DOT < x) & (x < right + DOT) & (top - DOT < y) & (y < low + DOT))
        near = sum(math.dist((x, y), other) < 2.3 * DOT for other in others)
        return off + float(5 * inside + 2 * near)

    return min(points, key=worse)[1]


def _at(curve: Curve, t: float) -> Point:
    parts = zip(curve.start, curve.bend, curve.end, strict=True)
    x, y = ((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c for a, b, c in parts)
    return x, y


def _dot(pen: Pen, at: Point, number: int) -> None:
    from matplotlib.patches import Circle

    pen.axes.add_patch(Circle(at, DOT, fc=BOLD, ec="white", lw=0.5, zorder=6))
    pen.axes.text(*at, str(number), ha="center", va="center_baseline", size=5.5, color="white", weight="bold", zorder=7)
