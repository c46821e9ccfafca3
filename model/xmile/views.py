"""Where everything stands in the stock-and-flow diagram that comes with the file: a frame for each sector.

In a frame, stocks and their flows lie at the top, one row for stocks that flows join. Below lie auxiliaries, each under
what reads it, so that arrows point upward; what is read of another sector is an alias there. A flow stands with its
stock, whose pipe it is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..quantities import Array
from .variables import Variable

Point = tuple[float, float]

# Pixels.
PITCH = 118.0  # between auxiliaries beside one another
STAGGER = 34.0  # every other one stands this much lower, so that long names pass
ROW = 112.0  # between rows of auxiliaries
STEP = 112.0  # from a stock to the valve of a flow beside it, or more for a long name
LETTER = 6.2  # of a name
BAND = 150.0  # between rows of stocks
ABOVE = 62.0  # from a stock to where a flow from above starts
WIDE, HIGH = 45.0, 35.0  # of a stock
ROUND = 12.0  # radius of what an arrow must not touch at an auxiliary
BOWS = (0.0, 12.0, -12.0, 22.0, -22.0, 34.0, -34.0, 48.0, -48.0)  # degrees by which an arrow may bend
HEAD, MARGIN, GAP = 40.0, 70.0, 40.0  # of a frame, in it and between frames
SHEET = 3600.0  # width at which a new row of frames starts
MOST = 14  # auxiliaries in a row


@dataclass
class Frame:
    """One sector: places of what is drawn in it, from its top left corner; aliases go by the name of what they show."""

    sector: str
    places: dict[str, Point] = field(default_factory=dict)
    aliases: dict[str, Point] = field(default_factory=dict)
    pipes: dict[str, list[Point]] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    angles: list[float] = field(default_factory=list)  # at which each of them leaves
    wide: float = 0.0
    high: float = 0.0

    def label_side(self, name: str) -> str:
        """Tell on which side of what is drawn its name is clear of pipes."""
        if name in self.pipes:
            (left, _), (right, _) = self.pipes[name]
            return "right" if left == right else "bottom"
        x, y = self.places[name]
        from_above = any(abs(right - x) < WIDE / 2 and low == y - HIGH / 2 for _, (right, low) in self.pipes.values())
        return "bottom" if from_above else "top"

    def moved(self, right: float, down: float) -> None:
        """Move everything."""
        self.places = {n: (x + right, y + down) for n, (x, y) in self.places.items()}
        self.aliases = {n: (x + right, y + down) for n, (x, y) in self.aliases.items()}
        self.pipes = {n: [(x + right, y + down) for x, y in pts] for n, pts in self.pipes.items()}


def frames(variables: Mapping[str, Variable]) -> list[tuple[Frame, Point]]:
    """Give every sector's frame with the place of its top left corner; every variable stands in one of them."""
    home = {n: v.sector for n, v in variables.items()}
    for variable in variables.values():
        home |= dict.fromkeys((*variable.inflows, *variable.outflows), variable.sector)
    drawn = []
    left, top, low = GAP, GAP, 0.0
    for sector in dict.fromkeys(home.values()):
        frame = _frame(sector, variables, [n for n in variables if home[n] == sector])
        if left > GAP and left + frame.wide > SHEET:
            left, top = GAP, low + GAP
        frame.moved(left, top)
        drawn.append((frame, (left, top)))
        left, low = left + frame.wide + GAP, max(low, top + frame.high)
    return drawn


def _frame(sector: str, variables: Mapping[str, Variable], own: Sequence[str]) -> Frame:
    frame = Frame(sector)
    stocks = [n for n in own if variables[n].kind == "stock"]
    across = down = 0.0
    for row in _rows(stocks, variables):
        piece = _row(sector, row, variables)
        xs = [x for x, _ in _corners(piece)]
        if across and across + max(xs) - min(xs) > MOST * PITCH:
            across, down = 0.0, down + BAND
        piece.moved(across - min(xs), down)
        frame.places |= piece.places
        frame.pipes |= piece.pipes
        across += max(xs) - min(xs) + PITCH
    reads = {n: [i for i in variables[n].formula.inputs if i in variables] for n in own}
    frame.links = [(source, n) for n in own for source in reads[n]]
    _set_auxiliaries(frame, own, reads, down)
    frame.angles = _angles(frame, stocks)
    corners = _corners(frame)
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    frame.moved(MARGIN - min(xs), HEAD + MARGIN - min(ys))
    frame.wide, frame.high = max(xs) - min(xs) + 2 * MARGIN, max(ys) - min(ys) + HEAD + 2 * MARGIN
    return frame


def _corners(frame: Frame) -> list[Point]:
    return [*frame.places.values(), *frame.aliases.values(), *itertools.chain.from_iterable(frame.pipes.values())]


def _rows(stocks: Sequence[str], variables: Mapping[str, Variable]) -> list[list[str]]:
    """Give the stocks in rows: one that flows out into another stands before it."""

    def joined(source: str, other: str) -> bool:
        return bool(set(variables[source].outflows) & set(variables[other].inflows))

    waiting, rows = list(stocks), []
    while waiting:
        first = next((n for n in waiting if not any(joined(m, n) for m in waiting if m != n)), waiting[0])
        row = [first]
        while after := [n for n in waiting if n not in row and joined(row[-1], n)]:
            row.append(after[0])
        waiting = [n for n in waiting if n not in row]
        rows.append(row)
    return rows


def _row(sector: str, row: Sequence[str], variables: Mapping[str, Variable]) -> Frame:
    """Set stocks beside one another; their first flows lie on the sides, others come from above and leave below."""
    frame = Frame(sector)
    names = [flow for stock in row for flow in (*variables[stock].inflows, *variables[stock].outflows)]
    step = max(STEP, max(map(len, names), default=0) * LETTER / 2 + WIDE)
    for n, stock in enumerate(row):
        x = 2 * step * n
        frame.places[stock] = (x, 0.0)
        before = set(variables[row[n - 1]].outflows) if n else set[str]()
        after = set(variables[row[n + 1]].inflows) if n + 1 < len(row) else set[str]()
        joins = [f for f in variables[stock].outflows if f in after]
        for flow in joins[:1]:
            _set_flow(frame, flow, (x + WIDE / 2, 0.0), (x + 2 * step - WIDE / 2, 0.0))
        coming = [f for f in variables[stock].inflows if f not in before]
        going = [f for f in variables[stock].outflows if f not in joins[:1]]
        if coming and not n:
            _set_flow(frame, coming.pop(0), (x - 2 * step + WIDE, 0.0), (x - WIDE / 2, 0.0))
        if going and n + 1 == len(row):
            _set_flow(frame, going.pop(0), (x + WIDE / 2, 0.0), (x + 2 * step - WIDE, 0.0))
        for k, flow in enumerate(coming):
            side = x + (k - (len(coming) - 1) / 2) * WIDE / 2
            _set_flow(frame, flow, (side, -HIGH / 2 - ABOVE), (side, -HIGH / 2))
        for k, flow in enumerate(going):
            side = x + (k - (len(going) - 1) / 2) * WIDE / 2
            _set_flow(frame, flow, (side, HIGH / 2), (side, HIGH / 2 + ABOVE))
    return frame


def _set_flow(frame: Frame, flow: str, start: Point, end: Point) -> None:
    frame.pipes[flow] = [start, end]
    frame.places[flow] = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)


def _set_auxiliaries(frame: Frame, own: Sequence[str], reads: Mapping[str, Sequence[str]], down: float) -> None:
    """Set all that is not there yet below what reads it, each as near under its readers as its neighbours let it."""
    foreign = dict.fromkeys(i for sources in reads.values() for i in sources if i not in own)
    readers: dict[str, list[str]] = {n: [] for n in (*own, *foreign)}
    for reader, sources in reads.items():
        for source in sources:
            readers[source].append(reader)
    waiting = [n for n in readers if n not in frame.places]
    depth: dict[str, int] = {}

    def below(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((below(r) for r in readers[name] if r not in frame.places), default=0)
        return depth[name]

    placed = dict(frame.places)
    for _, level in itertools.groupby(sorted(waiting, key=below), key=below):
        wanted = {n: _mean([placed[r][0] for r in readers[n] if r in placed]) for n in level}
        ordered = sorted(wanted, key=lambda n: wanted[n])
        for start in range(0, len(ordered), MOST):
            row = ordered[start : start + MOST]
            down += ROW if placed else 0.0
            for k, (name, x) in enumerate(zip(row, _spaced([wanted[n] for n in row]), strict=True)):
                placed[name] = (x, down + STAGGER * (k % 2))
        down += STAGGER
    frame.places |= {n: placed[n] for n in own}
    frame.aliases = {n: placed[n] for n in foreign}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _spaced(wanted: Sequence[float]) -> list[float]:
    """Give places at least a pitch apart, in this order, moved as a whole to where they were wanted on average."""
    places: list[float] = []
    for x in wanted:
        places.append(max(x, places[-1] + PITCH) if places else x)
    shift = _mean([a - b for a, b in zip(wanted, places, strict=True)])
    return [x + shift for x in places]


def _angles(frame: Frame, stocks: Sequence[str]) -> list[float]:
    """Give the angle at which each arrow leaves, in degrees against the clock from three o'clock.

    An arrow is an arc; it bends as little as it takes to pass by what it does not join.
    """
    everywhere = frame.places | frame.aliases
    names = list(everywhere)
    spots = np.array([everywhere[n] for n in names])
    sizes = np.array([(WIDE / 2 + 3.0, HIGH / 2 + 3.0) if n in stocks else (ROUND, ROUND) for n in names])
    angles = []
    for source, target in frame.links:
        start, end = np.array(everywhere[source]), np.array(everywhere[target])
        strange = np.array([n not in (source, target) for n in names])
        met = {}
        for bow in BOWS:
            off = (_arc(start, end, bow)[:, None] - spots[strange]) / sizes[strange]
            met[bow] = int(((off**2).sum(axis=-1) < 1.0).any(axis=0).sum())
            if not met[bow]:
                break
        straight = math.degrees(math.atan2(start[1] - end[1], end[0] - start[0]))
        angles.append((straight + min(met, key=lambda bow: met[bow])) % 360.0)
    return angles


def _arc(start: Array, end: Array, bow: float) -> Array:
    """Give points along the arc that leaves the chord at an angle, (point, 2)."""
    along = np.linspace(0.0, 1.0, 41)
    across, height = along, np.zeros_like(along)
    if bow:
        half = math.radians(bow)
        turned = half - 2.0 * half * along
        across = (math.sin(half) - np.sin(turned)) / (2.0 * math.sin(half))
        height = (np.cos(turned) - math.cos(half)) / (2.0 * math.sin(half))
    chord = end - start
    points: Array = start + across[:, None] * chord + height[:, None] * np.array([chord[1], -chord[0]])
    return points
