"""Stock-and-flow diagrams of the model, sector by sector, read off the code: nothing here names a sector.

Each panel is laid out on a grid. Stocks that a flow joins stand in a row and move as one; every other name takes a
cell. Names go, one by one, where their links are shortest, cross least and run over no other name, until no name has
a better cell; then each link takes the bend that stays clearest of names, pipes and other links.
"""

from __future__ import annotations

import io
import itertools
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fiveyear.experiments.files import write_whole
from fiveyear.model import Model
from fiveyear.model.errors import InputError, nearest

from . import house_style
from .errors import FigureError
from .page import MARGIN, WIDTH, folded, text_width, tint

if TYPE_CHECKING:  # matplotlib takes longer to import than the rest of a small run
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
Cell = tuple[int, int]  # column and row

FORMS = (".png", ".pdf", ".svg")

# Millimetres on the page.
COLUMN = (WIDTH - 2 * MARGIN - 4.0) / 6  # of the grid; six fill the width of a page
ROW = 17.0
EDGE = 4.0  # between the frame of a panel and what it shows
HEAD = 6.0  # of a panel, for its name
GAP = 4.0  # between panels
LINE = 2.9  # of text
WRAP = 21.5  # names are folded to this width
BOX = 23.5  # width of a stock
VALVE = 1.7  # half of its height
UNDER = 2.4  # from the pipe to the name of the flow
RAISED = 2.5  # pipes lie this much above the middle of a cell, for the names under them
CLOUD = 2.2  # its radius
PAGE_HEIGHT = 250.0  # at most, unless one panel is higher
SIDE = 3  # pages beside one another on a sheet
FILLED = 0.6  # of a shelf on a sheet, from where its frames are stretched to the full width
KEY = 9.0  # height of the key at the foot
LOOP_NAME = 20.0
LINE_OF_LOOP = 3.3

PASSED = 2  # names on an arrow of the overview
SIZE = 7.0  # points

# How bad it is, in lengths of a column: what the layout weighs.
CROSSING, RUNNING_OVER, INWARD = 1.6, 3.5, 0.35
ROUNDS = 10  # of moves, at most
KICKS = 150  # times that a few names are taken up and set again
BENDS = (0.1, -0.1, 0.18, -0.18, 0.27, -0.27, 0.38, -0.38, 0.52, -0.52, 0.7, -0.7, 0.9, -0.9, 0.0)
SKEWS = (0.5, 0.25, 0.75)  # where along the link it bends
STEPS = np.linspace(0.0, 1.0, 121)  # along a link that is drawn
COURSE = 10  # points that tell whether two links cross

LINK, GIVEN, GHOST = "0.35", "0.45", "0.45"


# -- what is drawn ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Part:
    """One thing drawn: its kind, the name it stands for and its words, line by line."""

    kind: str  # stock, chain, flow, equation, series, ghost, sector or passing
    name: str
    lines: tuple[str, ...]
    valve: bool = False  # on a pipe; a series and a ghost may be there too
    stages: int = 0
    rows: int = 1  # how many cells a stock is high

    @property
    def boxed(self) -> bool:
        """Whether it is drawn as a box."""
        return self.kind in ("stock", "chain", "sector")

    @property
    def up(self) -> float:
        """How far above the middle of its cell it stands."""
        return RAISED if self.valve or self.kind in ("stock", "chain") else 0.0

    @property
    def outer(self) -> bool:
        """Whether it comes from outside and belongs at the margin."""
        return self.kind in ("ghost", "series") and not self.valve

    def extent(self) -> list[tuple[float, float, float, float]]:
        """Give the rectangles it covers, in millimetres from its place: left, top, right, bottom."""
        wide = max((text_width(line, SIZE, "normal") for line in self.lines), default=0.0) / 2 + 0.4
        high = len(self.lines) * LINE / 2 + 0.3
        if self.kind in ("stock", "chain"):
            return [(-BOX / 2, -_box_height(self) / 2, BOX / 2, _box_height(self) / 2 + (self.rows - 1) * ROW)]
        if self.kind == "sector":
            return [(-BOX / 2, -5.0, BOX / 2, 5.0)]
        if self.valve:
            return [(-2.2, -VALVE - 0.3, 2.2, VALVE + 0.3), (-wide, UNDER - 0.4, wide, UNDER + 2 * high)]
        return [(-wide, -high, wide, high)]


@dataclass
class Item:
    """What is placed as one: parts with their cells, counted from its first."""

    parts: dict[str, Cell]
    cells: tuple[Cell, ...]


@dataclass
class Sketch:
    """One panel before it has a layout: parts by key, what moves as one, pipes and links between keys."""

    title: str
    parts: dict[str, Part] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    pipes: list[tuple[str, str, str]] = field(default_factory=list)  # from, flow, to; "" is a cloud
    links: list[tuple[str, str, str]] = field(default_factory=list)  # from, to, and how: "", "initial" or "tail"

    def add(self, key: str, part: Part) -> None:
        """Add a part that is placed on its own."""
        self.parts[key] = part
        self.items.append(Item({key: (0, 0)}, ((0, 0),)))


def sectors(model: Model) -> list[str]:
    """Give the names of the sectors, sorted."""
    return sorted({_sector(model, n) for n in model.units})


def _sector(model: Model, name: str) -> str:
    return model.sectors[name].split(" ")[0]  # the outflow of a chain says more after it


def _words(name: str, form: str = "{}", width: float = WRAP, weight: str = "normal") -> tuple[str, ...]:
    return tuple(folded(form.format(name.replace("_", " ")), width, SIZE, weight))


def _box_height(part: Part) -> float:
    lines = len(part.lines) + (part.stages > 0)
    return max(9.0, lines * LINE + 2.4)


def sketch(model: Model, sector: str) -> Sketch:
    """Say what the panel of a sector shows: all it owns but Parameters, and what it reads of other sectors."""
    found = Sketch(sector)
    own = [n for n in model.units if _sector(model, n) == sector and n not in model.parameters]
    stocks = [n for n in own if n in model.stocks or n in model.chains]
    _add_stocks(found, model, stocks)
    flows = {p.name for p in found.parts.values()}
    for name in own:
        if name not in flows:
            found.add(name, _text(model, name, sector))
    for name in own:
        for source in model.reads(name):
            if source in model.parameters:
                continue
            if source not in found.parts and (name not in stocks or source in (_initials(model, name))):
                found.add(source, _text(model, source, sector))
            how = "initial" if name in stocks else ""
            if name in model.equations or (name in stocks and source in _initials(model, name)):
                found.links.append((source, name, how))
    for name in stocks:
        if name in model.chains and model.chains[name].time not in model.parameters:
            time = model.chains[name].time
            if time not in found.parts:
                found.add(time, _text(model, time, sector))
            found.links.append((time, model.chains[name].outflow, ""))
    return found


def _initials(model: Model, name: str) -> tuple[str, ...]:
    if name in model.stocks:
        return (model.stocks[name].initial,)
    return (model.chains[name].initial, model.chains[name].growth)


def _text(model: Model, name: str, sector: str) -> Part:
    if _sector(model, name) != sector:
        return Part("ghost", name, _words(name, "<{}>"))
    return Part("series" if name in model.series else "equation", name, _words(name))


def _add_stocks(found: Sketch, model: Model, stocks: Sequence[str]) -> None:
    """Set each stock beside its flows; stocks that a flow joins stand in one row."""
    ins = {n: list(model.stocks[n].inflows) if n in model.stocks else [model.chains[n].inflow] for n in stocks}
    outs = {n: list(model.stocks[n].outflows) if n in model.stocks else [model.chains[n].outflow] for n in stocks}
    joins: dict[str, tuple[str, str]] = {}  # the stocks a flow joins
    after: dict[str, set[str]] = {n: {n} for n in stocks}  # each stock and those its flows lead to
    for source, target in itertools.permutations(stocks, 2):
        for flow in outs[source]:
            if flow in ins[target] and flow not in joins and source not in after[target]:
                joins[flow] = (source, target)
                for reached in after.values():
                    if source in reached:
                        reached |= after[target]
    level = dict.fromkeys(stocks, 0)
    for _ in stocks:
        for source, target in joins.values():
            level[target] = max(level[target], level[source] + 1)
    joins = {f: (a, b) for f, (a, b) in joins.items() if level[b] == level[a] + 1}
    group = {n: n for n in stocks}
    for source, target in joins.values():
        old, new = group[target], group[source]
        group = {n: new if g == old else g for n, g in group.items()}
    for leader in dict.fromkeys(group.values()):
        _add_row(found, model, sorted((n for n in stocks if group[n] == leader), key=level.__getitem__),
                 level, ins, outs, joins)  # fmt: skip


def _add_row(
    found: Sketch,
    model: Model,
    members: Sequence[str],
    level: Mapping[str, int],
    ins: Mapping[str, list[str]],
    outs: Mapping[str, list[str]],
    joins: Mapping[str, tuple[str, str]],
) -> None:
    """Set stocks that flows join from left to right, each flow in a cell of its own between them."""
    sector = _sector(model, members[0])
    first = min(level[n] for n in members)
    place: dict[str, Cell] = {}
    cells: list[Cell] = []
    free: dict[int, int] = {}  # by column, the first row that is free

    def add_flow(flow: str, column: int, top: int, stock: str) -> str:
        """Give the key: the name, or for a second drawing of a flow the name with its stock."""
        at_home = _sector(model, flow) == sector and flow not in found.parts
        key = flow if flow not in found.parts else f"{flow} at {stock}"
        kind = "ghost" if not at_home else "series" if flow in model.series else "flow"
        found.parts[key] = Part(kind, flow, _words(flow, "{}" if at_home else "<{}>"), valve=True)
        row = max(top, free.get(column, 0))
        free[column] = row + 1
        place[key] = (column, row)
        cells.append((column, row))
        return key

    for stock in members:
        column = 2 * (level[stock] - first) + 1
        joined_in = [f for f in ins[stock] if joins.get(f, ("", ""))[1] == stock]
        joined_out = [f for f in outs[stock] if joins.get(f, ("", ""))[0] == stock]
        top = max([free.get(column, 0), *(place[f][1] for f in joined_in[:1])])
        rows = [top, *(place[f][1] for f in joined_in)]
        for flow in ins[stock]:
            if flow not in joined_in:
                key = add_flow(flow, column - 1, top, stock)
                rows.append(place[key][1])
                found.pipes.append(("", key, stock))
        for flow in (*joined_out, *(f for f in outs[stock] if f not in joined_out)):
            key = add_flow(flow, column + 1, top, stock)
            rows.append(place[key][1])
            found.pipes.append((stock, key, joins[flow][1] if flow in joined_out else ""))
        high = max(rows) - top + 1
        stages = model.chains[stock].stages if stock in model.chains else 0
        words = _words(stock, width=BOX - 2.0)
        found.parts[stock] = Part("chain" if stages else "stock", stock, words, stages=stages, rows=high)
        place[stock] = (column, top)
        cells += [(column, top + n) for n in range(high)]
        free[column] = top + high
    left, up = min(c for c, _ in cells), min(r for _, r in cells)
    found.items.append(
        Item({k: (c - left, r - up) for k, (c, r) in place.items()}, tuple((c - left, r - up) for c, r in cells))
    )


def overview(model: Model) -> Sketch:
    """Say what the overview shows: the sectors, and between them what one reads of another."""
    found = Sketch("Overview: what passes between the sectors")
    names = sectors(model)
    for sector in names:
        found.add(sector, Part("sector", sector, _words(sector, width=BOX - 2.0, weight="bold")))
    passed: dict[tuple[str, str], list[str]] = {}
    for name in model.units:
        for source in model.reads(name):
            between = (_sector(model, source), _sector(model, name))
            if between[0] != between[1] and source not in model.parameters:
                read = passed.setdefault(between, [])
                if source not in read:
                    read.append(source)
    for (source, target), read in sorted(passed.items()):
        texts = [name.replace("_", " ") for name in read[:PASSED]]
        lines = [line for text in texts for line in folded(text, WRAP, SIZE, "normal")]
        if len(read) > PASSED:
            lines[-1] += f" +{len(read) - PASSED}"
        key = f"{source} to {target}"
        found.add(key, Part("passing", key, tuple(lines)))
        found.links += [(source, key, "tail"), (key, target, "")]
    return found


# -- layout -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Panel:
    """A sketch with a place for every part, in millimetres from the top left corner of its frame."""

    sketch: Sketch
    places: Mapping[str, tuple[float, float]]
    wide: float
    high: float


class _Layout:
    """A search for good cells; the rules are in ``_cost``."""

    def __init__(self, drawn: Sketch) -> None:
        self.items = drawn.items
        self.keys = list(drawn.parts)
        number = {key: n for n, key in enumerate(self.keys)}
        parts = list(drawn.parts.values())
        self.item_of = {number[k]: n for n, item in enumerate(self.items) for k in item.parts}
        self.owner = np.array([self.item_of[n] for n in range(len(parts))], int)
        self.offset = np.zeros((len(parts), 2))
        for item in self.items:
            for key, (column, row) in item.parts.items():
                self.offset[number[key]] = (column * COLUMN, row * ROW - drawn.parts[key].up)
        boxes = [p.extent() for p in parts]
        self.boxes = np.array(
            [(min(b[0] for b in r), min(b[1] for b in r), max(b[2] for b in r), max(b[3] for b in r)) for r in boxes]
        ).reshape(-1, 4)
        middle = [(0.0, (p.rows - 1) * ROW / 2) for p in parts]
        self.middle = np.array(middle).reshape(-1, 2)  # of a part from its place, where links start and end
        self.outer = np.array([p.outer for p in parts], bool)
        self.weights = np.array([2.0 if p.boxed else 1.0 for p in parts])
        pairs = dict.fromkeys((number[a], number[b]) for a, b, _ in drawn.links)
        for source, flow, target in drawn.pipes:  # which nothing should cross either
            pairs |= dict.fromkeys((number[end], number[flow]) for end in (source, target) if end)
        self.ends = np.array(list(pairs), int).reshape(-1, 2)
        widest = max([max(c for c, _ in item.cells) + 1 for item in self.items], default=1)
        tallest = max([max(r for _, r in item.cells) + 1 for item in self.items], default=1)
        taken = sum(len(item.cells) for item in self.items)
        self.columns = max(widest, min(6, max(3, math.ceil(math.sqrt(1.1 * taken)))))
        self.rows = max(tallest, math.ceil(taken / self.columns / 0.62)) + 1
        self.at: list[Cell | None] = [None] * len(self.items)
        self.search()

    def search(self) -> None:
        """Set the items one by one, the one with most links to what stands first; then move and swap them."""
        waiting = list(range(len(self.items)))
        links = [[self.item_of[a], self.item_of[b]] for a, b in self.ends]
        while waiting:
            stands = {n for n, at in enumerate(self.at) if at is not None}
            weight = {n: sum(n in pair and bool(stands & set(pair)) for pair in links) for n in waiting}
            chosen = max(
                waiting, key=lambda n: (len(self.items[n].cells) > 1, weight[n], sum(n in p for p in links), -n)
            )
            waiting.remove(chosen)
            self.move(chosen)
        self.settle(range(len(self.items)))
        # Take up a few names that are linked and set them again, as long as that helps.
        random, everything = np.random.default_rng(0), range(len(self.items))
        singles = [n for n in everything if len(self.items[n].cells) == 1]
        least, best = float(self._cost([self.at], everything)[0]), [*self.at]
        for _ in range(KICKS if len(singles) > 3 else 0):
            chosen = int(random.choice(singles))
            near = dict.fromkeys(n for pair in links if chosen in pair for n in pair if n != chosen)
            near |= dict.fromkeys(int(n) for n in random.permutation(singles)[:2])
            taken = [chosen, *(n for n in near if n in singles and n != chosen)][:5]
            for n in taken:
                self.at[n] = None
            for n in random.permutation(taken):
                self.move(int(n))
            for n in dict.fromkeys((*taken, *near)):
                self.move(n)
            cost = float(self._cost([self.at], everything)[0])
            if cost < least - 1e-6:
                least, best = cost, [*self.at]
            self.at = [*best]
        self.settle(everything)

    def settle(self, items: Sequence[int]) -> None:
        """Move and swap items until none has a better cell."""
        for _ in range(ROUNDS):
            moved = [self.move(n) | self.swap(n) for n in items]
            if not any(moved):
                break

    def move(self, item: int) -> bool:
        """Move an item to the free cells that suit it best; tell whether it moved."""
        old = self.at[item]
        taken = {c for n in range(len(self.items)) if n != item for c in self.cells(n, self.at[n])}
        room: list[Cell] = []
        while not room:
            every = itertools.product(range(self.columns), range(self.rows))
            room = [at for at in every if all(self.inside(c) and c not in taken for c in self.cells(item, at))]
            self.rows += 0 if room else 1
        trials = [[*self.at] for _ in room]
        for trial, at in zip(trials, room, strict=True):
            trial[item] = at
        costs = self._cost(trials, [item])
        least = int(np.argmin(costs))
        if old is not None and costs[room.index(old)] <= costs[least] + 1e-6:
            return False
        self.at = trials[least]
        return True

    def inside(self, cell: Cell) -> bool:
        """Whether the grid has this cell."""
        return cell[0] < self.columns and cell[1] < self.rows

    def swap(self, item: int) -> bool:
        """Let an item trade places with one of the same shape."""
        shape = sorted(self.items[item].cells)
        others = [n for n in range(len(self.items)) if n != item and sorted(self.items[n].cells) == shape]
        trials = [[*self.at]]
        for other in others:
            trial = [*self.at]
            trial[item], trial[other] = trial[other], trial[item]
            trials.append(trial)
        costs = self._cost(trials, range(len(self.items)))
        least = int(np.argmin(costs))
        if costs[0] <= costs[least] + 1e-6:
            return False
        self.at = trials[least]
        return True

    def cells(self, item: int, at: Cell | None) -> list[Cell]:
        """Give the cells an item covers."""
        return [] if at is None else [(c + at[0], r + at[1]) for c, r in self.items[item].cells]

    def _cost(self, trials: Sequence[Sequence[Cell | None]], moved: Iterable[int]) -> Array:
        """Give, for each trial, how long, crossed and hidden the links are that the moved items change."""
        moved = set(moved)
        there = np.array([at is not None for at in trials[0]], bool)[self.owner]
        mine = np.isin(self.owner, list(moved))
        corners = np.array([[at or (0, 0) for at in trial] for trial in trials])[:, self.owner]
        place = (corners + 0.5) * (COLUMN, ROW) + self.offset  # trial, part, x and y
        centre = place + self.middle
        cost: Array = np.zeros(len(trials))
        across = np.array([self.columns * COLUMN, self.rows * ROW])
        inward = np.minimum(centre, across - centre) / (COLUMN, ROW) - 0.5
        cost += (INWARD * inward.min(axis=2) * (mine & there & self.outer)).sum(axis=1)
        apart = np.abs(centre - across / 2) / (COLUMN, ROW)
        cost += (0.06 * apart.sum(axis=2) * (mine & there)).sum(axis=1)
        ends = self.ends[there[self.ends].all(axis=1)] if len(self.ends) else self.ends
        if not len(ends):
            return cost
        a, b = centre[:, ends[:, 0]], centre[:, ends[:, 1]]
        changed = mine[ends].any(axis=1)
        length = np.hypot(*np.moveaxis((b - a) / COLUMN, 2, 0))
        cost += (length**1.4 * changed).sum(axis=1)
        # Crossings, of changed links with all.
        c, d = a[:, changed, None], b[:, changed, None]
        e, f = a[:, None], b[:, None]
        apart_ends = ~(ends[changed][:, None, :, None] == ends[None, :, None, :]).any(axis=(2, 3))
        crossed = (_turn(c, d, e) * _turn(c, d, f) < 0) & (_turn(e, f, c) * _turn(e, f, d) < 0) & apart_ends
        twice = np.where(changed, 0.5, 1.0)  # pairs of changed links are met twice
        cost += CROSSING * (crossed * twice).sum(axis=(1, 2))
        # Links that run over a part: changed links over all, the others over what has moved.
        for over, parts in ((changed, there), (~changed, there & mine)):
            which = np.flatnonzero(parts)
            if not over.any() or not len(which):
                continue
            hit = _meets(a[:, over, None], b[:, over, None], place[:, None, which], self.boxes[which])
            hit &= ~(ends[over][:, :, None] == which).any(axis=1)
            cost += RUNNING_OVER * (hit * self.weights[which]).sum(axis=(1, 2))
        return cost


def _meets(a: Array, b: Array, place: Array, boxes: Array) -> NDArray[np.bool_]:
    """Say which straight lines from a to b meet which boxes around their places."""
    step = b - a
    step = np.where(np.abs(step) < 1e-9, 1e-9, step)
    one, two = (place + boxes[:, :2] - 0.5 - a) / step, (place + boxes[:, 2:] + 0.5 - a) / step
    low, high = np.minimum(one, two), np.maximum(one, two)
    enters, leaves = np.maximum(low[..., 0], low[..., 1]), np.minimum(high[..., 0], high[..., 1])
    found: NDArray[np.bool_] = (enters < leaves) & (leaves > 0.0) & (enters < 1.0)
    return found


def _turn(a: Array, b: Array, c: Array) -> Array:
    """Say on which side of a -> b the point c lies."""
    found: Array = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    return found


def laid_out(drawn: Sketch) -> Panel:
    """Give every part of a sketch its place; rows and columns that stay empty are left out."""
    layout = _Layout(drawn)
    taken = [c for n, at in enumerate(layout.at) for c in layout.cells(n, at)]
    columns = {c: n for n, c in enumerate(sorted({c for c, _ in taken}))}
    rows = {r: n for n, r in enumerate(sorted({r for _, r in taken}))}
    places = {}
    for item, at in zip(drawn.items, layout.at, strict=True):
        assert at is not None
        for key, (column, row) in item.parts.items():
            y = (rows[at[1] + row] + 0.5) * ROW - drawn.parts[key].up
            places[key] = ((columns[at[0] + column] + 0.5) * COLUMN, y)
    # Cut the room around what is drawn down to a margin.
    covered = [np.add(places[key] * 2, box) for key, part in drawn.parts.items() for box in part.extent()]
    for _, corners, _, after in pipes(Panel(drawn, places, 0.0, 0.0)):
        (first, y), (last, _) = corners[0], corners[-1]
        covered.append(np.array([first - CLOUD, y, last + 2 * CLOUD * after, y]))
    left, top = np.min(covered, axis=0)[:2] - EDGE if covered else (0.0, 0.0)
    right, bottom = np.max(covered, axis=0)[2:] + EDGE if covered else (COLUMN, ROW)
    moved = {key: (float(x - left), float(y - top + HEAD)) for key, (x, y) in places.items()}
    return Panel(drawn, moved, max(float(right - left), COLUMN), float(bottom - top) + HEAD)


# -- pipes and links ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Curve:
    """A link as it is drawn: start, the point it bends towards, and end."""

    start: tuple[float, float]
    bend: tuple[float, float]
    end: tuple[float, float]
    how: str  # "", "initial" or "tail"


def pipes(panel: Panel) -> list[tuple[str, list[tuple[float, float]], bool, bool]]:
    """Give each pipe with the key of its flow, its corners, and whether it starts and ends in a cloud."""
    found = []
    for source, flow, target in panel.sketch.pipes:
        x, y = panel.places[flow]
        reach = COLUMN / 2 - CLOUD - (1.2 if target else 3.2)  # an arrow ends before its cloud
        start = panel.places[source][0] + BOX / 2 if source else x - COLUMN / 2 + CLOUD + 1.2
        corners = [(start, y)]
        if target:
            into, top = panel.places[target]
            low = top + (panel.sketch.parts[target].rows - 1) * ROW
            level = min(max(y, top), low)
            if level != y:
                corners += [(x + COLUMN / 2, y), (x + COLUMN / 2, level)]
            corners.append((into - BOX / 2, level))
        else:
            corners.append((x + reach, y))
        found.append((flow, corners, not source, not target))
    return found


def curves(panel: Panel) -> list[Curve]:
    """Give each link the bend that keeps it clear of names, pipes and other links as far as may be."""
    drawn = panel.sketch
    rectangles = [(key, np.add(panel.places[key] * 2, box)) for key, p in drawn.parts.items() for box in p.extent()]
    boxes = np.array([box for _, box in rectangles]).reshape(-1, 4)
    runs = []  # of pipes, as thin rectangles
    for _, corners, before, after in pipes(panel):
        for (x, y), cloud in ((corners[0], before), ((corners[-1][0] + CLOUD, corners[-1][1]), after)):
            if cloud:
                runs.append((x - CLOUD, y - CLOUD, x + CLOUD, y + CLOUD))
        for one, two in itertools.pairwise(corners):
            (left, right), (top, bottom) = (sorted(ends) for ends in zip(one, two, strict=True))
            runs.append((left - 0.6, top - 0.6, right + 0.6, bottom + 0.6))
    thin = np.array(runs).reshape(-1, 4)
    frame = np.array([0.5, HEAD - 1.0, panel.wide - 0.5, panel.high - 0.5])
    links = list(dict.fromkeys(drawn.links))
    choices: list[list[tuple[Array, Curve]]] = []
    prices: list[Array] = []
    for source, target, how in links:
        a, b = _ends(panel, source, target)
        own, goal = (np.array([k == key for k, _ in rectangles], bool) for key in (source, target))
        options, price = [], []
        for bend, skew in itertools.product(BENDS, SKEWS):
            across = np.array([-(b - a)[1], (b - a)[0]])
            middle = a + skew * (b - a) + bend * across
            path = _bezier(a, middle, b, STEPS)
            inside = _inside(path, boxes, 0.5)
            leaves = int(np.flatnonzero(inside[:, own].any(axis=1)).max(initial=0))
            reached = np.flatnonzero(inside[:, goal].any(axis=1) & (np.arange(len(STEPS)) > leaves))
            reaches = int(reached.min(initial=len(STEPS) - 1))
            visible = slice(leaves, max(reaches, leaves + 1) + 1)
            over = inside[visible][:, ~own & ~goal]
            outside = (path < frame[:2]).any(axis=1) | (path > frame[2:]).any(axis=1)
            through = _inside(path[visible], thin, 0.0).any(axis=0)
            low, high = STEPS[visible][[0, -1]]
            options.append(
                (_bezier(a, middle, b, np.linspace(low, high, COURSE)), _part_of(a, middle, b, low, high, how))
            )
            length = math.dist(*path[visible][[0, -1]])
            price.append(
                10.0 * over.any(axis=0).sum()
                + 0.2 * over.sum()
                + 15.0 * outside.any()
                + 0.7 * through.sum()
                + 2.0 * max(abs(bend) - 0.1, 0.0)
                + 0.2 * (bend == 0.0)
                + 0.3 * (skew != 0.5)
                + 1.5 * (length < 4.0)
            )
        choices.append(options)
        prices.append(np.array(price))
    picked = [int(np.argmin(p)) for p in prices]
    for _ in range(2):
        for n in range(len(links)):
            others = np.array([choices[m][picked[m]][0] for m in range(len(links)) if m != n]).reshape(-1, COURSE, 2)
            mine = np.array([path for path, _ in choices[n]])
            picked[n] = int(np.argmin(prices[n] + _entangled(mine, others)))
    return [choices[n][picked[n]][1] for n in range(len(links))]


def _ends(panel: Panel, source: str, target: str) -> tuple[Array, Array]:
    """Give the points between which a link runs; a high box is met at the height of the other end."""
    found = []
    for one, other in ((source, target), (target, source)):
        x, y = panel.places[one]
        low = y + (panel.sketch.parts[one].rows - 1) * ROW
        found.append(np.array([x, min(max(panel.places[other][1], y), low)]))
    return found[0], found[1]


def _bezier(a: Array, middle: Array, b: Array, steps: Array) -> Array:
    t = steps[:, None]
    found: Array = (1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * b
    return found


def _part_of(a: Array, middle: Array, b: Array, low: float, high: float, how: str) -> Curve:
    """Give the stretch of a curve between two of its parameters, which is such a curve again."""
    start, end = _bezier(a, middle, b, np.array([low, high]))
    first, second = (1 - low) * a + low * middle, (1 - low) * middle + low * b
    bend = (1 - high) * first + high * second
    return Curve((start[0], start[1]), (bend[0], bend[1]), (end[0], end[1]), how)


def _inside(points: Array, boxes: Array, room: float) -> NDArray[np.bool_]:
    """Say which points lie in which boxes, with some room around."""
    x, y = points[:, None, 0], points[:, None, 1]
    left, top, right, bottom = boxes.T
    found: NDArray[np.bool_] = (x > left - room) & (x < right + room) & (y > top - room) & (y < bottom + room)
    return found


def _entangled(mine: Array, others: Array) -> Array:
    """Say how much each of my courses crosses the other links or runs along them."""
    if not len(others):
        return np.zeros(len(mine))
    a, b = mine[:, :-1, None, None], mine[:, 1:, None, None]
    c, d = others[None, None, :, :-1], others[None, None, :, 1:]
    crossed = (_turn(a, b, c) * _turn(a, b, d) < 0) & (_turn(c, d, a) * _turn(c, d, b) < 0)
    apart = np.hypot(*np.moveaxis(mine[:, :, None, None] - others[None, None], 4, 0))
    along = (apart < 1.3).any(axis=3).sum(axis=(1, 2))
    found: Array = 1.5 * crossed.any(axis=(1, 3)).sum(axis=1) + 0.35 * along
    return found


# -- picture ------------------------------------------------------------------------------------------------
class _Pen:
    """Draws on a page in millimetres from its top left corner."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes

    def text(self, x: float, y: float, lines: Sequence[str], gid: str | None = None, **how: Any) -> None:
        """Write lines around a point, or from it down with ``va="top"``; the first bears the name."""
        first = y + 0.9 - (len(lines) - 1) * LINE / 2 if how.pop("va", "center") == "center" else y + 2.1
        how = {"ha": "center", "size": SIZE, "zorder": 5, **how}
        for n, line in enumerate(lines):
            self.axes.text(x, first + n * LINE, line, va="baseline", gid=None if n else gid, **how)

    def box(self, left: float, top: float, wide: float, high: float, gid: str | None = None, **how: Any) -> None:
        """Draw a rectangle."""
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((left, top), wide, high, gid=gid, **how))

    def line(self, corners: Sequence[tuple[float, float]], **how: Any) -> None:
        """Draw a line through points."""
        self.axes.plot([x for x, _ in corners], [y for _, y in corners], solid_capstyle="butt", **how)

    def head(self, tip: tuple[float, float], back: tuple[float, float], long: float, wide: float, **how: Any) -> None:
        """Draw the head of an arrow that comes from ``back``."""
        from matplotlib.patches import Polygon

        size = math.hypot(tip[0] - back[0], tip[1] - back[1]) or 1.0
        x, y = (tip[0] - back[0]) / size, (tip[1] - back[1]) / size
        base = (tip[0] - long * x, tip[1] - long * y)
        sides = [(base[0] - side * y, base[1] + side * x) for side in (wide / 2, -wide / 2)]
        self.axes.add_patch(Polygon([tip, *sides], closed=True, **how))

    def pipe(self, corners: Sequence[tuple[float, float]], cloud_before: bool, cloud_after: bool) -> None:
        """Draw a pipe with what it starts and ends in."""
        *before, last = corners
        shaft = [*before, (last[0] - 1.6, last[1])]
        self.line(shaft, color="0.2", lw=2.6, zorder=2)
        self.line(shaft, color="white", lw=1.4, zorder=2.1)
        self.head(last, shaft[-1], 2.0, 2.4, color="0.2", zorder=2.2)
        if cloud_before:
            self.cloud(corners[0][0], corners[0][1])
        if cloud_after:
            self.cloud(last[0] + CLOUD, last[1])

    def valve(self, x: float, y: float) -> None:
        """Draw a valve on a pipe."""
        from matplotlib.patches import Polygon

        for side in (-1, 1):
            corners = [(x, y), (x + side * VALVE, y - VALVE), (x + side * VALVE, y + VALVE)]
            self.axes.add_patch(Polygon(corners, closed=True, fc="white", ec="0.2", lw=0.7, zorder=3))

    def cloud(self, x: float, y: float) -> None:
        """Draw the cloud that a flow comes from or goes to."""
        from matplotlib.patches import Circle

        puffs = [(-1.1, 0.3, 0.95), (-0.3, -0.6, 1.1), (0.9, -0.35, 1.0), (1.2, 0.5, 0.8), (0.1, 0.65, 0.95)]
        for edge, order in (("0.45", 2.3), ("none", 2.4)):
            for right, down, radius in puffs:
                how = {"fc": "white", "ec": edge, "lw": 0.9 if edge != "none" else 0.0, "zorder": order}
                self.axes.add_patch(Circle((x + right, y + down), radius, **how))

    def link(self, curve: Curve) -> None:
        """Draw a link, with a head unless it is the tail of one."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Course

        course = Course([curve.start, curve.bend, curve.end], [Course.MOVETO, Course.CURVE3, Course.CURVE3])
        style = (0, (2.5, 1.5)) if curve.how == "initial" else "-"
        self.axes.add_patch(PathPatch(course, fc="none", ec=LINK, lw=0.55, ls=style, zorder=1.5))
        if curve.how != "tail":
            self.head(curve.end, curve.bend, 1.5, 1.1, color=LINK, lw=0, zorder=1.6)

    def part(self, part: Part, x: float, y: float, gid: str) -> None:
        """Draw a stock, a valve with its name, or a name."""
        how: dict[str, Any] = {"color": "black"}
        if part.kind == "series":
            how = {"color": GIVEN, "style": "italic"}
        elif part.kind == "ghost":
            how = {"color": GHOST}
        elif part.kind == "passing":
            how = {"color": "0.25"}
        if part.boxed:
            left, top, right, bottom = part.extent()[0]
            sector = part.kind == "sector"
            look: dict[str, Any] = {"fc": tint("C0", 0.12), "ec": "0.2", "lw": 0.8, "zorder": 3}
            self.box(x + left, y + top, right - left, bottom - top, gid, **look)
            if part.kind == "chain":  # a second edge, for what goes on inside
                inner: dict[str, Any] = {"fc": "none", "ec": "0.2", "lw": 0.4, "zorder": 3}
                self.box(x + left + 0.7, y + top + 0.7, right - left - 1.4, bottom - top - 1.4, **inner)
            lines = [*part.lines, *([f"{part.stages} stages"] if part.stages else [])]
            self.text(x, y + (top + bottom) / 2, lines, weight="bold" if sector else "normal")
        elif part.valve:
            self.valve(x, y)
            self.text(x, y + UNDER, part.lines, gid, va="top", **how)
        else:
            self.text(x, y, part.lines, gid, **how)


@dataclass(frozen=True)
class Block:
    """What takes a place on a page: a panel, or the list of the loops."""

    wide: float
    high: float
    panel: Panel | None = None
    loops: tuple[tuple[str, str, str, tuple[str, ...]], ...] = ()  # name, sign, sentence, way round


def draw(model: Model, file: Path, names: Sequence[str] = ()) -> None:
    """Draw these sectors, or else the overview and all sectors, into a file; the same model gives the same bytes.

    A PDF has pages, the others are one sheet. Raises InputError if a sector is unknown, FigureError if the file is of
    no form that can be drawn or the font lacks a character, WriteError if the file cannot be written.
    """
    check(model, file, names)
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            content = _printed(figures(model, names, file.suffix == ".pdf"), file.suffix)
        except UserWarning as warning:
            raise FigureError(str(file), [f"{warning}; write the names in Latin letters"]) from None
    write_whole(file, lambda temporary: temporary.write_bytes(content))


def check(model: Model, file: Path, names: Sequence[str]) -> None:
    """Raise InputError or FigureError if these sectors cannot be drawn into such a file."""
    known = sectors(model)
    faults = [f"{n}: the model has no such sector{nearest(n, known)}" for n in names if n not in known]
    if faults:
        raise InputError("diagram", faults)
    if file.suffix not in FORMS:
        raise FigureError(str(file), [f"ends in {file.suffix or 'nothing'}; expected {', '.join(FORMS)}"])


def _printed(pictures: Sequence[Figure], form: str) -> bytes:
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    stream = io.BytesIO()
    if form == ".pdf":  # no dates, so that the same model is the same file
        with PdfPages(stream, metadata={"CreationDate": None}) as pages:
            for picture in pictures:
                pages.savefig(picture)
    elif form == ".svg":
        with mpl.rc_context({"svg.hashsalt": "fiveyear"}):
            pictures[0].savefig(stream, format="svg", metadata={"Date": None})
    else:
        pictures[0].savefig(stream, format="png")
    return stream.getvalue()


def figures(model: Model, names: Sequence[str] = (), paged: bool = False) -> list[Figure]:
    """Lay the panels out on pages of the width of a paper, or on one sheet; to be called in the house style."""
    blocks = [_block(laid_out(sketch(model, n))) for n in (dict.fromkeys(names) if names else sectors(model))]
    first = [] if names else [_block(laid_out(overview(model))), _loops(model)]
    if not paged:
        wide = (1 if names else min(SIDE, len(blocks))) * WIDTH - 2 * MARGIN
        return [_page([*_shelved(first, wide), *_shelved(blocks, wide)])]
    pages: list[list[list[Block]]] = []
    for part in (first, blocks):
        page: list[list[Block]] = []
        for shelf in _shelved(part, WIDTH - 2 * MARGIN):
            if page and _height([*page, shelf]) > PAGE_HEIGHT:
                pages.append(page)
                page = []
            page.append(shelf)
        pages.append(page)
    return [_page(page) for page in pages if page]


def _block(panel: Panel) -> Block:
    return Block(panel.wide, panel.high, panel)


def _loops(model: Model) -> Block:
    """Give the list of the loops: name, sign and sentence, and under it the way round."""
    wide = WIDTH - 2 * MARGIN
    rows = []
    for name, loop in model.loops.items():
        way = " → ".join(n.replace("_", " ") for n in model.cycle(loop)[0])
        lines = folded(way, wide - 2 * EDGE - LOOP_NAME, SIZE, "normal")
        rows.append((name, loop.sign.replace("-", "−"), loop.about, tuple(lines)))
    high = HEAD + sum(LINE_OF_LOOP * (1 + len(lines)) + 1.2 for *_, lines in rows) + EDGE
    return Block(wide, high, loops=tuple(rows))


def _shelved(blocks: Sequence[Block], wide: float) -> list[list[Block]]:
    """Set blocks beside one another as long as they fit."""
    shelves: list[list[Block]] = []
    for block in blocks:
        if shelves and sum(b.wide + GAP for b in (*shelves[-1], block)) - GAP <= wide + 1e-6:
            shelves[-1].append(block)
        else:
            shelves.append([block])
    return shelves


def _height(shelves: Sequence[Sequence[Block]]) -> float:
    shown = sum(max(b.high for b in shelf) + GAP for shelf in shelves) - GAP
    return shown + 2 * MARGIN + (GAP + KEY if _keyed(shelves) else 0.0)


def _keyed(shelves: Sequence[Sequence[Block]]) -> bool:
    """Whether there is a panel of a sector, which takes a key."""
    kinds = {part.kind for shelf in shelves for b in shelf if b.panel for part in b.panel.sketch.parts.values()}
    return bool(kinds - {"sector", "passing"})


def _page(shelves: Sequence[Sequence[Block]]) -> Figure:
    """Draw shelves of blocks under one another, and the key below; frames fill the width."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    inner = max(WIDTH - 2 * MARGIN, *(sum(b.wide + GAP for b in shelf) - GAP for shelf in shelves))
    wide, high = inner + 2 * MARGIN, _height(shelves)
    picture = Figure(figsize=(wide / 25.4, high / 25.4))
    FigureCanvasAgg(picture)
    axes = picture.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0.0, wide)
    axes.set_ylim(high, 0.0)
    pen = _Pen(axes)
    top = MARGIN
    for shelf in shelves:
        taken = sum(b.wide + GAP for b in shelf) - GAP
        more = (inner - taken) / len(shelf) if taken > FILLED * inner or inner <= WIDTH else 0.0
        tall, left = max(b.high for b in shelf), MARGIN
        for block in shelf:
            _draw_block(pen, block, left, top, block.wide + more, tall)
            left += block.wide + more + GAP
        top += tall + GAP
    if _keyed(shelves):
        _draw_key(pen, MARGIN, top)
    return picture


def _draw_block(pen: _Pen, block: Block, left: float, top: float, wide: float, high: float) -> None:
    name = block.panel.sketch.title if block.panel else "Feedback loops"
    pen.box(left, top, wide, high, f"{name}/frame", fc="none", ec="0.5", lw=0.6, zorder=1)
    pen.text(left + 2.0, top + 3.4, [_title(name)], f"{name}/title", ha="left", size=8.0, weight="bold")
    if block.panel:
        _draw_panel(pen, block.panel, left + (wide - block.panel.wide) / 2, top + (high - block.panel.high) / 2)
    down = top + HEAD + 0.5
    for name, sign, about, way in block.loops:
        pen.text(left + 2.0, down, [f"{name} ({sign})"], f"loop/{name}", ha="left", va="top", weight="bold")
        pen.text(left + LOOP_NAME, down, [about], f"loop/{name}/about", ha="left", va="top")
        for n, line in enumerate(way, start=1):
            pen.text(left + LOOP_NAME, down + n * LINE_OF_LOOP, [line], ha="left", va="top", color="0.45")
        down += LINE_OF_LOOP * (1 + len(way)) + 1.2


def _draw_panel(pen: _Pen, panel: Panel, left: float, top: float) -> None:
    for _, corners, before, after in pipes(panel):
        pen.pipe([(x + left, y + top) for x, y in corners], before, after)
    for curve in curves(panel):
        start, bend, end = ((x + left, y + top) for x, y in (curve.start, curve.bend, curve.end))
        pen.link(Curve(start, bend, end, curve.how))
    for key, part in panel.sketch.parts.items():
        x, y = panel.places[key]
        pen.part(part, x + left, y + top, f"{panel.sketch.title}/{part.kind}/{key}")


def _draw_key(pen: _Pen, left: float, top: float) -> None:
    """Explain, in two lines at the foot, what the marks mean."""
    y = top + 2.3
    box: dict[str, Any] = {"fc": "white", "ec": "0.2", "lw": 0.8, "zorder": 3}

    def say(x: float, words: str, **how: Any) -> float:
        pen.text(x, y, [words], ha="left", **how)
        return x + text_width(words, SIZE, "normal") + 6.0

    pen.box(left, y - 2.0, 11.0, 4.0, **box)
    x = say(left + 13.0, "stock")
    pen.box(x, y - 2.0, 11.0, 4.0, **box)
    pen.box(x + 0.6, y - 1.4, 9.8, 2.8, **{**box, "lw": 0.4})
    x = say(x + 13.0, "delay, in stages")
    pen.pipe([(x + 1.8, y), (x + 14.0, y)], True, False)
    pen.valve(x + 8.0, y)
    x = say(x + 16.0, "flow, from a cloud: from what is not modelled")
    y += 5.5
    pen.link(Curve((left, y + 0.7), (left + 5.5, y - 1.5), (left + 11.0, y), ""))
    x = say(left + 13.0, "acts on")
    pen.link(Curve((x, y + 0.7), (x + 5.5, y - 1.5), (x + 11.0, y), "initial"))
    x = say(x + 13.0, "sets what it starts with")
    x = say(x, "given series", style="italic", color=GIVEN)
    x = say(x, "<name> of another sector", color=GHOST)
    say(x, "Parameters are left out.", color="0.25")


def _title(name: str) -> str:
    """Write a name as a heading.

    >>> _title("high_tech")
    'High tech'
    """
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
