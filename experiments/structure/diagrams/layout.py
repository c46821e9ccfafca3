"""Where the parts of a panel go.

A panel is a grid. Stocks that flows join move as one; every other name takes a cell. What no link joins is laid out
apart. Within that, names go, one by one, where their links are shortest, cross least and run over no other name, until
none has a better cell; then a few that are linked are taken up and set again, as long as that helps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .sketch import COLUMN, ROW, STOCK, Box, Cell, Sketch

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
Point = tuple[float, float]

# Millimetres on the page.
EDGE = 4.0  # between the frame of a panel and what it shows
HEAD = 6.0  # of a panel, for its name
CLOUD = 2.2  # its radius

COLUMNS = 6  # of a panel, unless a row of stocks is wider
# How bad these are, in lengths of a column; apart: a cell off the middle.
CROSSING, RUNNING_OVER, APART = 1.6, 6.0, 0.06
KICKS = 40  # times in a row that it may fail to take up a few names and set them again
TAKEN = 5  # of them at once


@dataclass(frozen=True)
class Panel:
    """A sketch with a place for every part, in millimetres from the top left corner of its frame."""

    sketch: Sketch
    places: Mapping[str, Point]
    wide: float
    high: float

    def boxes(self) -> list[tuple[str, Box]]:
        """Give the rectangles that parts cover, each with the key of its part."""
        boxes = []
        for key, part in self.sketch.parts.items():
            x, y = self.places[key]
            boxes += [(key, (x + left, y + top, x + right, y + low)) for left, top, right, low in part.boxes]
        return boxes

    def courses(self) -> list[tuple[Point, Point]]:
        """Give the ends of each pipe, in the order of the sketch."""
        courses = []
        for pipe in self.sketch.pipes:
            x, y = self.places[pipe.flow]
            start = self.places[pipe.source][0] + STOCK / 2 if pipe.source else x - COLUMN / 2 + CLOUD + 1.2
            end = self.places[pipe.target][0] - STOCK / 2 if pipe.target else x + COLUMN / 2 - CLOUD - 3.2
            courses.append(((start, y), (end, y)))
        return courses


def laid_out(drawn: Sketch) -> Panel:
    """Give every part of a sketch its place."""
    places = {
        key: ((column + 0.5) * COLUMN, (row + 0.5) * ROW - drawn.parts[key].raised)
        for key, (column, row) in _packed([_cells(drawn, items) for items in _apart(drawn)], drawn).items()
    }
    # Cut the room around what is drawn down to a margin.
    loose = Panel(drawn, places, 0.0, 0.0)
    covered = [box for _, box in loose.boxes()]
    for ((start, y), (end, _)), pipe in zip(loose.courses(), drawn.pipes, strict=True):
        covered.append((start - CLOUD, y, end + 2 * CLOUD * (not pipe.target), y))
    edges = np.array(covered or [(0.0, 0.0, 0.0, 0.0)])
    (left, top), (right, low) = edges.min(axis=0)[:2] - EDGE, edges.max(axis=0)[2:] + EDGE
    moved = {key: (float(x - left), float(y - top + HEAD)) for key, (x, y) in places.items()}
    return Panel(drawn, moved, max(float(right - left), COLUMN), float(low - top) + HEAD)


def _apart(drawn: Sketch) -> list[list[dict[str, Cell]]]:
    """Give the items in groups between which there is no link, the largest first."""
    group = {key: n for n, item in enumerate(drawn.items) for key in item}
    for first, two in drawn.links:
        new, old = sorted((group[first], group[two]))
        group = {key: new if n == old else n for key, n in group.items()}
    groups = [[item for item in drawn.items if group[next(iter(item))] == n] for n in sorted(set(group.values()))]
    return sorted(groups, key=lambda items: -sum(map(len, items)))


def _packed(groups: Iterable[Mapping[str, Cell]], drawn: Sketch) -> dict[str, Cell]:
    """Set groups, each a rectangle, beside and under one another so that they take little room together."""
    positions: dict[str, Cell] = {}
    taken: set[Cell] = set()
    for cells in groups:
        wide = 1 + max(column for column, _ in cells.values())
        high = max(row + drawn.parts[key].rows for key, (_, row) in cells.items())
        across, down = (1 + max(ends, default=-1) for ends in zip(*taken, strict=True)) if taken else (0, 0)
        trials = []
        for left in range(max(across, COLUMNS) - wide + 1) or (0,):
            for top in range(down + 1):
                covered = {(left + column, top + row) for column in range(wide) for row in range(high)}
                if not covered & taken:
                    room = max(across, left + wide) * max(down, top + high)
                    trials.append((room, top, left, covered))
        _, top, left, covered = min(trials, key=lambda trial: trial[:3])
        taken |= covered
        positions |= {key: (column + left, row + top) for key, (column, row) in cells.items()}
    return positions


def _cells(drawn: Sketch, items: Sequence[Mapping[str, Cell]]) -> dict[str, Cell]:
    """Give the parts of linked items good cells; columns and rows that stay empty are left out."""
    search = _Search(drawn, items)
    search.run()
    column, row = (search.corner[search.owner] + search.offset).T.tolist()
    used = {r + n for r, key in zip(row, search.keys, strict=True) for n in range(drawn.parts[key].rows)}
    columns, rows = sorted(set(column)), sorted(used)
    return {key: (columns.index(c), rows.index(r)) for key, c, r in zip(search.keys, column, row, strict=True)}


@cache
def tables(columns: int, rows: int) -> tuple[Array, NDArray[np.int8], Truth]:
    """Give, for the cells of a grid by number: how bad the way a-b is; on which side of it c lies; whether it meets c.

    The last two are flat, with c as the last of three places.
    """
    row, column = np.divmod(np.arange(columns * rows), columns)
    right, down = column - column[:, None], row - row[:, None]
    length = np.hypot(right, down * (ROW / COLUMN)) ** 1.4
    turn = right[:, :, None] * down[:, None] - down[:, :, None] * right[:, None]
    met = np.abs(turn) <= (0.42 * np.abs(down) + 0.34 * np.abs(right))[:, :, None]  # c fills that much to each side
    for at in (row, column):
        met &= (np.minimum(at, at[:, None])[:, :, None] <= at) & (at <= np.maximum(at, at[:, None])[:, :, None])
    return length, np.sign(turn).astype(np.int8).ravel(), met.ravel()


class _Search:
    """A search for good cells; what is good stands in ``cost``."""

    def __init__(self, drawn: Sketch, items: Sequence[Mapping[str, Cell]]) -> None:
        self.keys = [key for item in items for key in item]
        number = {key: n for n, key in enumerate(self.keys)}
        self.owner = np.array([n for n, item in enumerate(items) for _ in item])
        self.offset: Whole = np.array([cell for item in items for cell in item.values()])
        self.tall: Whole = np.array([drawn.parts[key].rows for key in self.keys])
        # What each part covers, cell by cell, from the corner of its item.
        self.part = np.repeat(np.arange(len(self.keys)), self.tall)
        below = np.concatenate([np.arange(tall) for tall in self.tall])
        self.item, self.spot = self.owner[self.part], self.offset[self.part] + np.array([0, 1]) * below[:, None]
        self.size = np.bincount(self.item).tolist()
        # Nothing should cross a pipe either.
        pairs = [*drawn.links, *((p.source, p.flow) for p in drawn.pipes), *((p.flow, p.target) for p in drawn.pipes)]
        pairs = list(dict.fromkeys((min(pair), max(pair)) for pair in pairs if number.keys() >= set(pair)))
        self.ends: Whole = np.array([(number[a], number[b]) for a, b in pairs], int).reshape(-1, 2)
        self.strange: Truth = (self.ends[:, :, None] != self.part).all(axis=1)  # by link and cell: at no end of it
        self.links = [{int(self.owner[a]), int(self.owner[b])} for a, b in self.ends]
        wide = max(column for column, _ in self.spot.tolist()) + 1
        self.columns = max(wide, min(COLUMNS, max(3, math.ceil(math.sqrt(1.1 * len(self.part))))))
        high = sum(int(self.spot[self.item == n, 1].max()) + 1 for n, size in enumerate(self.size) if size > 1)
        self.rows = max(2 * high, math.ceil(1.6 * len(self.part) / self.columns)) + 2  # for rows of stocks in any order
        self.corner: Whole = np.zeros((len(items), 2), int)
        self.set: Truth = np.zeros(len(items), bool)

    def run(self) -> None:
        """Set all items and move them; then take up a few that are linked and set them again, as long as that helps."""
        while not self.set.all():  # rows of stocks first, then what has most links to what is set
            near = [sum(n in pair and any(self.set[list(pair)]) for pair in self.links) for n in range(len(self.size))]
            self.move(max(np.flatnonzero(~self.set).tolist(), key=lambda n: (self.size[n], near[n])))
        self.settle()
        random = np.random.default_rng(0)
        least, best, failed = self.total(), self.corner.copy(), 0
        while failed < KICKS:
            first, *others = random.permutation(len(self.size)).tolist()
            linked = [n for pair in self.links if first in pair for n in sorted(pair)]
            taken = list(dict.fromkeys((first, *linked, *others[:2])))[:TAKEN]
            self.set[taken] = False
            # Rows of stocks first, since only now their old place is sure to be free.
            for n in sorted(random.permutation(taken).tolist(), key=lambda n: -self.size[n]) + taken:
                self.move(n)
            cost, failed = self.total(), failed + 1
            if cost < least - 1e-6:
                least, best, failed = cost, self.corner.copy(), 0
            self.corner = best.copy()
        self.settle()

    def settle(self) -> None:
        """Move items until none has a better cell."""
        while sum(self.move(n) for n in range(len(self.size))):
            pass

    def move(self, item: int) -> bool:
        """Move an item to the free cells that suit it best; tell whether it moved."""
        others = self.set.copy()
        others[item] = False
        spots = self.spot[self.item == item]
        wide, high = spots.max(axis=0) + 1
        free = np.zeros((self.rows + high, self.columns + wide), bool)
        free[: self.rows, : self.columns] = True
        column, row = (self.corner[self.item] + self.spot)[others[self.item]].T
        free[row, column] = False
        first, last = (row.min(), row.max() + 1) if len(row) else (self.rows // 2, self.rows // 2)
        room = np.logical_and.reduce([free[y : y + self.rows, x : x + self.columns] for x, y in spots])
        room[: max(first - high, 0)] = False  # what is set stays together
        room[last + 1 :] = False
        trials = np.argwhere(room)[:, ::-1]
        corners = np.repeat(self.corner[None], len(trials), axis=0)
        corners[:, item] = trials
        stays = self.set[item] & (trials == self.corner[item]).all(axis=1)
        others[item] = True
        costs = self.cost(corners, others, np.arange(len(others)) == item) - 1e-6 * stays
        least = int(np.argmin(costs))
        self.corner[item], self.set[item] = trials[least], True
        return not stays[least]

    def total(self) -> float:
        """Give what all items cost as they stand."""
        return float(self.cost(self.corner[None], self.set, self.set)[0])

    def cost(self, corners: Whole, items: Truth, moved: Truth) -> Array:
        """Give, for each trial, how long, crossed and hidden the links are that the moved items change."""
        length, turn, met = tables(self.columns, self.rows)
        cells = corners[:, self.owner] + self.offset  # by trial and part
        off = abs(cells[:, moved[self.owner]] - np.array([self.columns - 1, self.rows - 1]) / 2).sum(axis=(1, 2))
        placed = items[self.owner[self.ends]].all(axis=1)
        first, two = self.ends[placed].T
        changed = moved[self.owner[first]] | moved[self.owner[two]]
        # A high stock is met at the height of the other end.
        (column_a, row_a), (column_b, row_b) = np.moveaxis(cells[:, first], 2, 0), np.moveaxis(cells[:, two], 2, 0)
        a = np.minimum(np.maximum(row_b, row_a), row_a + self.tall[first] - 1) * self.columns + column_a
        b = np.minimum(np.maximum(row_a, row_b), row_b + self.tall[two] - 1) * self.columns + column_b
        way = a * len(length) + b
        costs: Array = APART * off + length.take(way[:, changed]).sum(axis=1)
        # Crossings, of changed links with all.
        way = way[:, :, None] * len(length)
        mine, other = way[:, changed], np.swapaxes(way, 1, 2)
        crossed = turn.take(mine + a[:, None]) * turn.take(mine + b[:, None]) < 0
        crossed &= turn.take(other + a[:, changed, None]) * turn.take(other + b[:, changed, None]) < 0
        costs += CROSSING * crossed.sum(axis=1) @ np.where(changed, 0.5, 1.0)  # pairs of changed links are met twice
        # Links that run over a cell: changed links over all, the others over what has moved.
        filled = corners[:, self.item] + self.spot
        block = (filled[..., 1] * self.columns + filled[..., 0])[:, None]
        for links, blocks in ((changed, items[self.item]), (~changed, moved[self.item])):
            hidden = met.take(way[:, links] + block[:, :, blocks]) & self.strange[placed][links][:, blocks]
            costs += RUNNING_OVER * np.count_nonzero(hidden, axis=(1, 2))
        return costs
