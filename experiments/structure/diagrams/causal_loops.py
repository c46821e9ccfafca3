"""The feedback loops of the model as a causal-loop diagram: what moves what, which way, and where a cut goes.

Loops that share a variable make one picture, in which that variable stands once. Every cycle is drawn round: names
stand where their distances are those on a ring, as far as all rings allow that. Nothing here names a variable.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from scipy.optimize import minimize

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, folded, text_width
from fiveyear.model import Model, signs
from fiveyear.model.labels import in_words
from fiveyear.scenarios import Plan

from .diagram import check, sheet, write
from .pen import Pen
from .sketch import LINE, SIZE, STOCK, WIDTH, WRAP, Box, Part

Array = NDArray[np.float64]
Point = tuple[float, float]
Link = tuple[str, str]

COLOURS = {"+": "C0", "-": "C1"}
SHARED = "0.25"  # of links that loops of both kinds share
LETTERS = {"+": "R", "-": "B"}

# Millimetres on the page.
INNER = WIDTH - 2 * MARGIN
PITCH = 14.0  # from name to name on a ring, up and down
OVAL = 1.6  # rings are so much wider than high, as names are
AROUND = 6.0  # between the symbols in a small ring and the middle of a name on it
ROOM = (4.5, 3.0)  # between names
FOR_ARROW, FOR_CUT = 4.0, 6.5  # more, between names that a link joins, and if that bears the mark of a cut
BETWEEN = 5.0  # pictures
EDGE = 4.0  # for marks beside what stands outermost
SYMBOL = 4.4  # radius of the arrow round the name of a loop
NAME = 4.0  # for the name below a symbol
APART = 15.0  # symbols in the same ring
HEAD = (2.1, 1.5)  # of an arrow
STROKE = 1.5  # half the length of the marks of a cut

COLUMNS = 2  # of the list
ORDERS = 200  # in which pictures are set on the page
KEY = 15.0  # height of the key

TITLE = 7.5  # points
MARK = 8.5  # of a polarity
DPI = 300

STARTS = 6  # from which names find their places
TURNS = 10  # of the best
KEPT = 3  # of them, to try arrows on
SPREAD = 0.3  # weight of names that lie on one another, against that of rings that are not round
TALL = 0.15  # weight of the height
BENDS = (-0.5, -0.35, -0.25, -0.18, -0.12, -0.07, 0.07, 0.12, 0.18, 0.25, 0.35, 0.5)
STEPS = 121  # along an arc
CUT = 0.4  # of an arc: where the mark of a cut stands


@dataclass(frozen=True)
class Ring:
    """A cycle, and the loops that are named for it: two may be cut at different links of the same cycle."""

    names: tuple[str, ...]
    loops: tuple[str, ...]

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple(zip(self.names, (*self.names[1:], self.names[0]), strict=True))

    @property
    def symbols(self) -> Point:
        """Half the width and height of the symbols of its loops, beside one another."""
        widest = max(text_width(loop, TITLE, "bold") / 2 for loop in self.loops)
        below = 0.0 if all(map(_fits, self.loops)) else NAME
        return (len(self.loops) - 1) * APART / 2 + max(SYMBOL + 0.5, widest), SYMBOL + 0.6 + below / 2

    @property
    def radius(self) -> float:
        """Half its height: for its names, and for the symbols inside."""
        wide, high = self.symbols
        return max(len(self.names) * PITCH / (2 * math.pi), high + AROUND, wide / OVAL + AROUND)


@dataclass(frozen=True)
class Group:
    """Rings that hang together by variables they share."""

    rings: tuple[Ring, ...]
    signs: Mapping[Link, str]
    parts: Mapping[str, Part]
    cuts: Mapping[Link, tuple[str, ...]]  # the loops that are cut at a link
    kinds: Mapping[str, str]  # the declared sign of each loop

    def colour(self, loops: Iterable[str]) -> str:
        """Give the colour of what these loops share."""
        colours = {COLOURS[self.kinds[loop]] for loop in loops}
        return colours.pop() if len(colours) == 1 else SHARED

    def smallest(self, link: Link) -> Ring:
        """Give the smallest ring that a link is part of."""
        return min((ring for ring in self.rings if link in ring.links), key=lambda ring: len(ring.names))

    def through(self, link: Link) -> list[str]:
        """Give the loops that a link is part of."""
        return [loop for ring in self.rings if link in ring.links for loop in ring.loops]


@dataclass(frozen=True)
class Drawing:
    """A group with a place for everything, in millimetres, with y down."""

    group: Group
    places: Mapping[str, Point]
    arcs: Mapping[Link, Array]  # points along each, from edge to head
    polarities: Mapping[Link, Point]
    strokes: Mapping[Link, tuple[Point, Point]]  # where a cut is marked, and where its loops are named
    symbols: Mapping[str, tuple[Point, bool]]  # of each loop: its place, and whether it runs clockwise

    @cached_property
    def box(self) -> Box:
        """What it covers."""
        points = [*self.arcs.values()]
        points += [np.add(place, [(-3.0, -2.0), (3.0, 2.0)]) for place in self.polarities.values()]
        points += [np.add(named, [(-4.5, -2.0), (4.5, 2.0)]) for _, named in self.strokes.values()]
        points += [np.add(self.places[key], np.reshape(p.boxes, (2, 2))) for key, p in self.group.parts.items()]
        edges = np.concatenate(points)
        (left, top), (right, low) = edges.min(axis=0).tolist(), edges.max(axis=0).tolist()
        return left, top, right, low


# -- what is drawn ------------------------------------------------------------------------------------------
def groups(model: Model) -> list[Group]:
    """Give the cycles of all loops, those that share variables together, the largest group first."""
    influences = model.influences
    loops: dict[tuple[str, ...], list[str]] = {}  # by cycle, started where its first name is
    cuts: dict[Link, list[str]] = {}
    for name, loop in model.loops.items():
        around = model.cycle(loop)[0][:-1]
        start = around.index(min(around))
        loops.setdefault((*around[start:], *around[:start]), []).append(name)
        cuts.setdefault((loop.source, loop.reader), []).append(name)
    together: list[list[Ring]] = []
    for ring in (Ring(names, tuple(called)) for names, called in loops.items()):
        touched = [rings for rings in together if any(set(ring.names) & set(other.names) for other in rings)]
        together = [rings for rings in together if rings not in touched]
        together.append([*itertools.chain(*touched), ring])
    groups = []
    for rings in together:
        links = dict.fromkeys(link for ring in rings for link in ring.links)
        names = dict.fromkeys(name for ring in rings for name in ring.names)
        groups.append(
            Group(
                tuple(rings),
                {(a, b): signs.sign(influences[a][b]) for a, b in links},
                {name: _part(model, name) for name in names},
                {link: tuple(cuts[link]) for link in links if link in cuts},
                {loop: model.loops[loop].sign for ring in rings for loop in ring.loops},
            )
        )
    return sorted(groups, key=lambda group: -len(group.parts))


def _part(model: Model, name: str) -> Part:
    kind = "stock" if name in model.stocks else "chain" if name in model.chains else "equation"
    wide = WRAP if kind == "equation" else STOCK - 2.0
    return Part(kind, tuple(folded(in_words(name), wide, SIZE, "normal")))


# -- where names stand --------------------------------------------------------------------------------------
class _Places:
    """How far names stand from where they should; ``settled`` moves them until that is least."""

    def __init__(self, group: Group) -> None:
        self.names = list(group.parts)
        number = {name: n for n, name in enumerate(self.names)}
        self.size = np.array([(b[2] - b[0], b[3] - b[1]) for part in group.parts.values() for b in part.boxes])
        self.rings = [np.array([number[name] for name in ring.names]) for ring in group.rings]
        self.radii = [ring.radius for ring in group.rings]
        pairs, wanted, weight = [], [], []
        for ring, radius in zip(self.rings, self.radii, strict=True):
            for a, b in itertools.combinations(range(len(ring)), 2):
                pairs.append((ring[a], ring[b]))
                wanted.append(2 * radius * math.sin(math.pi * (b - a) / len(ring)))
                weight.append(1.0 / len(ring))
        self.sources, self.targets = np.array(pairs).T
        self.wanted, self.weight = np.array(wanted), np.array(weight)
        self.apart = [self._apart(*pair) for pair in itertools.combinations(range(len(self.rings)), 2)]
        self.others = [np.setdiff1d(np.arange(len(self.names)), ring) for ring in self.rings]
        self.first, self.second = np.triu_indices(len(self.names), 1)
        more = np.zeros((len(self.names), len(self.names)))
        for link in group.signs:
            first, two = sorted(number[name] for name in link)
            more[first, two] = max(more[first, two], FOR_CUT if link in group.cuts else FOR_ARROW)
        self.least = (self.size[self.first] + self.size[self.second]) / 2 + ROOM
        self.least += more[self.first, self.second][:, None]

    def _apart(self, first: int, two: int) -> tuple[int, int, float]:
        """Give two rings, and how far apart their middles are when they lie side by side and share their names."""
        ring = self.rings[first]
        at = np.flatnonzero(np.isin(ring, self.rings[two]))
        chord = np.sin(math.pi * (at[:, None] - at) / len(ring)).max(initial=0.0)
        half = chord * self.radii[first]
        return first, two, sum(math.sqrt(max(self.radii[n] ** 2 - half**2, 0.0)) for n in (first, two))

    def energy(self, flat: Array, spread: float) -> tuple[float, Array]:
        """Give how bad these places are, and its slope; ``spread`` weighs that names stay clear of one another."""
        places = flat.reshape(-1, 2)
        slope = np.zeros_like(places)
        oval = np.array([OVAL, 1.0])
        # The distances on each ring.
        apart = (places[self.sources] - places[self.targets]) / oval
        long = np.hypot(*apart.T) + 1e-9
        off = (long - self.wanted) / self.wanted
        total = float((self.weight * off**2 * self.wanted).sum())
        push = (2 * self.weight * off / long)[:, None] * apart / oval
        np.add.at(slope, self.sources, push)
        np.add.at(slope, self.targets, -push)
        # A name that is not on a ring stands outside it.
        for ring, others, radius in zip(self.rings, self.others, self.radii, strict=True):
            away = (places[others] - places[ring].mean(axis=0)) / oval
            far = np.hypot(*away.T) + 1e-9
            lack = np.maximum(1.25 * radius - far, 0.0)
            total += 0.05 * float((lack**2).sum())
            pull = (-0.1 * lack / far)[:, None] * away / oval
            slope[others] += pull
            slope[ring] -= pull.sum(axis=0) / len(ring)
        # Rings that touch lie beside one another.
        for first, two, wanted in self.apart:
            a, b = self.rings[first], self.rings[two]
            away = (places[a].mean(axis=0) - places[b].mean(axis=0)) / oval
            far = float(np.hypot(*away)) + 1e-9
            lack = max(wanted - far, 0.0)
            total += 0.05 * lack**2
            pull = (-0.1 * lack / far) * away / oval
            slope[a] += pull / len(a)
            slope[b] -= pull / len(b)
        # Names keep clear of one another, and of the edges of the page.
        between = places[self.first] - places[self.second]
        over = np.maximum(self.least - np.abs(between), 0.0)
        total += spread * float(over.prod(axis=1).sum())
        shove = -spread * over[:, ::-1] * np.sign(between) * (over > 0)
        np.add.at(slope, self.first, shove)
        np.add.at(slope, self.second, -shove)
        beyond = np.maximum(np.abs(places[:, 0]) + self.size[:, 0] / 2 - INNER / 2 + EDGE, 0.0)
        total += spread * float((beyond**2).sum())
        slope[:, 0] += spread * 2 * beyond * np.sign(places[:, 0])
        return total, slope.ravel()

    def settled(self, places: Array, spread: float) -> tuple[float, Array]:
        """Give the least energy near these places, and where it is."""
        least = minimize(self.energy, places.ravel(), (spread,), method="L-BFGS-B", jac=True, options={"ftol": 1e-5})
        optimum: Array = least.x.reshape(-1, 2)
        return float(least.fun), optimum - (optimum.max(axis=0) + optimum.min(axis=0)) / 2

    def trials(self) -> list[tuple[float, dict[str, Point]]]:
        """Give good places, turned many ways, and how bad they are, the best first."""
        random = np.random.default_rng(0)
        scale = 1.5 * max(self.radii)
        starts = [self.settled(random.normal(0.0, scale, (len(self.names), 2)), 0.0) for _ in range(STARTS)]
        _, best = min(starts, key=lambda start: start[0])
        trials = []
        for angle in np.arange(TURNS) * (math.pi / TURNS):  # upside down it is as good
            turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            cost, places = self.settled(best / (OVAL, 1.0) @ turn * (OVAL, 1.0), SPREAD)
            cost += TALL * float(np.ptp(places[:, 1]))
            trials.append((cost, {name: (x, y) for name, (x, y) in zip(self.names, places.tolist(), strict=True)}))
        return sorted(trials, key=lambda trial: trial[0])[:KEPT]


# -- where arrows and marks go ------------------------------------------------------------------------------
def drawing(group: Group) -> Drawing:
    """Give everything of a group its place."""
    trials = []
    for cost, places in _Places(group).trials():
        arcs, worse = _arcs(group, places)
        trials.append((cost + worse, places, arcs))
    _, places, full_arcs = min(trials, key=lambda trial: trial[0])
    names = np.array([np.add(box, (*at, *at)) for key, at in places.items() for box in group.parts[key].boxes])
    arcs = {link: _shown(arc, group, places, link) for link, arc in full_arcs.items()}
    marks = {link: arcs[link][int(CUT * len(arcs[link]))] for link in group.cuts}
    marked = [np.hstack([mark - STROKE, mark + STROKE])[None] for mark in marks.values()]
    taken = np.concatenate([names, *marked, *(np.hstack([arc, arc])[::3] for arc in arcs.values())])
    polarities: dict[Link, Point] = {}
    for link, arc in arcs.items():
        ways = _beside(arc, _outward(group, places, link), (2.4, 3.2, 4.2), (2.1, 2.6, 3.2))
        polarities[link], taken = _free(ways, (1.3, 1.6), taken)
    strokes: dict[Link, tuple[Point, Point]] = {}
    for link, mark in marks.items():
        arc, half = arcs[link], text_width(", ".join(group.cuts[link]), SIZE, "bold") / 2
        back = (1.0 - CUT) * float(np.hypot(*np.diff(arc, axis=0).T).sum())
        ways = _beside(arc, _outward(group, places, link), (back, back + 2.0), (3.0, 3.5, half + 1.5, half + 2.5))
        place, taken = _free(ways, (half, 1.2), taken, room=1.2)
        strokes[link] = ((float(mark[0]), float(mark[1])), place)
    symbols: dict[str, tuple[Point, bool]] = {}
    for ring in group.rings:
        outline = np.concatenate([full_arcs[link] for link in ring.links])
        wide, high = ring.symbols
        (x, y), taken = _free(_inside(outline), (wide, high), taken, room=8.0)
        right, down = outline.T
        clockwise = (right * np.roll(down, -1) - np.roll(right, -1) * down).sum() > 0.0  # the area, with y down
        for n, loop in enumerate(ring.loops):
            across = (n - (len(ring.loops) - 1) / 2) * APART
            symbols[loop] = ((x + across, y - high + SYMBOL + 0.6), bool(clockwise))
    return Drawing(group, places, arcs, polarities, strokes, symbols)


def _arcs(group: Group, places: Mapping[str, Point]) -> tuple[dict[Link, Array], float]:
    """Give each link an arc, from name to name, that follows its ring and keeps clear; and how bad they all are."""
    links = list(group.signs)
    keys = list(group.parts)
    boxes = np.array([(*places[key], *group.parts[key].boxes[0][2:]) for key in keys])
    every, prices, courses = [], [], []
    for link in links:
        like = _bend(group, places, link)
        bends = np.array([like, *BENDS])
        arcs = _arc(places[link[0]], places[link[1]], bends, STEPS)
        others = np.array([key not in link for key in keys])
        off = np.abs(arcs[:, :, None] - boxes[others, :2]) - boxes[others, 2:]
        over = np.maximum(1.2 - off.max(axis=3), 0.0).max(axis=1, initial=0.0).sum(axis=1)
        every.append(arcs)
        prices.append(6.0 * np.abs(bends - like) + 8.0 * over)
        courses.append(_arc(places[link[0]], places[link[1]], bends, 25)[:, 5:-4])
    picked = [0] * len(links)
    for _ in range(2):
        cost = 0.0
        for n in range(len(links)):
            others = np.array([courses[m][picked[m]] for m in range(len(links)) if m != n]).reshape(-1, 2)
            apart = np.hypot(*np.moveaxis(courses[n][:, :, None] - others, 3, 0))
            total = prices[n] + 1.5 * np.maximum(1.6 - apart, 0.0).sum(axis=(1, 2))
            picked[n] = int(np.argmin(total))
            cost += float(total[picked[n]])
    return {link: every[n][picked[n]] for n, link in enumerate(links)}, cost


def _arc(a: Point, b: Point, bends: Array, steps: int) -> Array:
    """Give the points, (bend, step, x and y), of arcs of ovals; a bend is how high one stands, in lengths a - b."""
    oval = np.array([OVAL, 1.0])
    start, end = np.array(a) / oval, np.array(b) / oval  # where ovals are circles
    half = 2 * np.arctan(2 * bends)[:, None]  # the angle on either side of the top
    turn = half * np.linspace(-1.0, 1.0, steps)
    along, up = np.sin(turn) / np.sin(half), (np.cos(turn) - np.cos(half)) / np.sin(half)
    ahead = (end - start) / 2
    points: Array = (start + end) / 2 + along[..., None] * ahead + up[..., None] * np.array([-ahead[1], ahead[0]])
    points *= oval
    return points


def _bend(group: Group, places: Mapping[str, Point], link: Link) -> float:
    """Give the bend with which a link follows the round of its smallest ring."""
    small = group.smallest(link)
    bend = math.tan(math.pi / (2 * len(small.names))) / 2
    if link[::-1] in group.signs and link[::-1] not in small.links:  # there and back in two rings: each on its side
        bend = -max(bend, 0.15)
    return _outward(group, places, link) * bend


def _outward(group: Group, places: Mapping[str, Point], link: Link) -> float:
    """Tell on which side of a link, 1 or -1, the outside of its smallest ring is."""
    (x, y), (right, down) = places[link[0]], places[link[1]]
    middle = np.array([places[name] for name in group.smallest(link).names]).mean(axis=0)
    side = (middle[0] - x) * (down - y) - (middle[1] - y) * (right - x)
    return -1.0 if side < -1e-9 else 1.0  # of two names, either: the way back takes the other side


def _shown(arc: Array, group: Group, places: Mapping[str, Point], link: Link) -> Array:
    """Give the part of an arc between the names it joins."""
    inside = []
    for name, room in zip(link, (0.6, 0.8), strict=True):
        ((_, _, wide, high),) = group.parts[name].boxes
        inside.append((np.abs(arc - places[name]) < (wide + room, high + room)).all(axis=1))
    first = int(np.flatnonzero(inside[0])[-1]) + 1
    segment: Array = arc[first : int(np.flatnonzero(inside[1])[0])]
    return segment


def _beside(arc: Array, outward: float, back: Sequence[float], aside: Sequence[float]) -> Array:
    """Give places beside an arc, so far back from its head; those outside its ring come first."""
    to_head = np.append(np.cumsum(np.hypot(*np.diff(arc[::-1], axis=0).T))[::-1], 0.0)
    places = []
    for side, off, far in itertools.product((outward, -outward), aside, back):
        n = int(np.argmin(np.abs(to_head - far)))
        ahead = arc[min(n + 1, len(arc) - 1)] - arc[max(n - 1, 0)]
        x, y = ahead / np.hypot(*ahead)
        places.append(arc[n] + side * off * np.array([-y, x]))
    return np.array(places)


def _inside(outline: Array) -> Array:
    """Give places inside an outline, the most central first."""
    (left, top), (right, low) = outline.min(axis=0), outline.max(axis=0)
    grid = np.stack(np.meshgrid(np.linspace(left, right, 41), np.linspace(top, low, 41)), axis=2).reshape(-1, 2)
    inside: Array = grid[Outline(outline).contains_points(grid)]
    order = np.argsort(np.hypot(*(inside - (outline.min(axis=0) + outline.max(axis=0)) / 2).T), kind="stable")
    return inside[order]


def _free(places: Array, half: Point, taken: Array, room: float = 0.5) -> tuple[Point, Array]:
    """Give the first place with so much room around a rectangle, or else that with most; and what is taken now."""
    middle, size = (taken[:, :2] + taken[:, 2:]) / 2, (taken[:, 2:] - taken[:, :2]) / 2
    gaps = (np.abs(places[:, None] - middle) - size - half).max(axis=2).min(axis=1)
    x, y = places[int(np.argmax(np.minimum(gaps, room)))].tolist()
    return (x, y), np.vstack([taken, (x - half[0], y - half[1], x + half[0], y + half[1])])


def _fits(loop: str) -> bool:
    """Tell whether the name of a loop fits into its symbol."""
    return text_width(loop, TITLE, "bold") < 2 * SYMBOL - 2.5


# -- the page -----------------------------------------------------------------------------------------------
def draw(model: Model, file: Path) -> None:
    """Draw all loops into a file; the same model gives the same bytes.

    Raises FigureError if the model has no loop, the file is of no form that can be drawn, or the font lacks a
    character; WriteError if the file cannot be written.
    """
    check(model, file, ())
    if not model.loops:
        raise FigureError(str(file), ["the model names no feedback loop"])
    write(file, lambda: [figure(model)], DPI)


def of_plan(plan: Plan) -> page.Drawing:
    """Give the loops of the model of a plan to be drawn, with a row for each: its name, its sign and its sentence."""
    loops = plan.model.loops.items()
    rows = [("loop", "sign", "about"), *((name, loop.sign, loop.about) for name, loop in loops)]
    return page.Drawing(partial(figure, plan.model), rows)


def figure(model: Model) -> Figure:
    """Draw all loops, what each is, and a key, on a page of the width of a paper; to be called in the house style."""
    drawings = [drawing(group) for group in groups(model)]
    corners, high = _packed([drawn.box for drawn in drawings])
    entries = _entries(model)
    rows = -(-len(entries) // COLUMNS)
    heights = [LINE * max(len(e.about + e.cut) for e in entries[row::rows]) + 1.4 for row in range(rows)]
    wide = max([WIDTH, *(left + d.box[2] - d.box[0] + MARGIN for (left, _), d in zip(corners, drawings, strict=True))])
    foot = high + BETWEEN + sum(heights) + 1.5
    picture, pen = sheet(wide, foot + KEY + MARGIN)
    for (left, top), drawn in zip(corners, drawings, strict=True):
        _draw(pen, drawn, left - drawn.box[0], top - drawn.box[1])
    top = high + BETWEEN
    for row, tall in enumerate(heights):
        for column, entry in enumerate(entries[row::rows]):
            _write_entry(pen, entry, MARGIN + column * INNER / COLUMNS, top)
        top += tall
    _key(pen, MARGIN, foot)
    return picture


def _packed(boxes: Sequence[Box]) -> tuple[list[Point], float]:
    """Set boxes on the page so that it is low; give their corners, and the low end."""
    orders = list(itertools.islice(itertools.permutations(range(len(boxes))), ORDERS))
    trials = [_set([boxes[n] for n in order]) for order in orders]
    lows = [max(box[3] for box in trial) for trial in trials]
    best = next(n for n, low in enumerate(lows) if low < min(lows) + 0.1)  # of like ones that with the largest on top
    corners = {n: box[:2] for n, box in zip(orders[best], trials[best], strict=True)}
    return [corners[n] for n in range(len(boxes))], lows[best]


def _set(boxes: Sequence[Box]) -> list[Box]:
    """Set boxes on the page one after the other, each as high up as it goes, then as far left."""
    taken: list[Box] = []
    for box in boxes:
        wide, high = box[2] - box[0], box[3] - box[1]
        trials = []
        for left in sorted({MARGIN, *(b[2] + BETWEEN for b in taken)}):
            for top in sorted({MARGIN, *(b[3] + BETWEEN for b in taken)}):
                right, low = left + wide, top + high
                apart = [max(b[0] - right, left - b[2], b[1] - low, top - b[3]) for b in taken]
                if (left == MARGIN or right <= WIDTH - MARGIN) and min(apart, default=BETWEEN) >= BETWEEN - 1e-6:
                    trials.append((top, left, right, low))
        top, left, right, low = min(trials)
        taken.append((left, top, right, low))
    return taken


def _draw(pen: Pen, drawn: Drawing, left: float, top: float) -> None:
    group, shift = drawn.group, np.array([left, top])
    for link, arc in drawn.arcs.items():
        _link(pen, arc + shift, group.colour(group.through(link)), f"link/{link[0]}/{link[1]}")
    for name, part in group.parts.items():
        x, y = drawn.places[name]
        pen.part(part, x + left, y + top, f"name/{name}")
    for link, (x, y) in drawn.polarities.items():
        colour = group.colour(group.through(link))
        _polarity(pen, (x + left, y + top), group.signs[link], colour, f"polarity/{link[0]}/{link[1]}")
    for link, ((x, y), (right, down)) in drawn.strokes.items():
        arc, loops = drawn.arcs[link], group.cuts[link]
        n = int(CUT * len(arc))
        _stroke(pen, (x + left, y + top), arc[n + 1] - arc[n - 1], group.colour(loops))
        words, colour = ", ".join(loops), group.colour(loops)
        pen.text(right + left, down + top, [words], f"cut/{link[0]}/{link[1]}", weight="bold", color=colour)
    for loop, ((x, y), clockwise) in drawn.symbols.items():
        _symbol(pen, (x + left, y + top), loop, group.kinds[loop], clockwise)


def _link(pen: Pen, arc: Array, colour: str, gid: str | None = None) -> None:
    pen.axes.plot(*arc[:-1].T, color=colour, lw=0.8, zorder=1.5, solid_capstyle="butt", gid=gid)
    pen.head(tuple(arc[-1].tolist()), tuple(arc[max(len(arc) - 6, 0)].tolist()), *HEAD, colour, 1.6)


def _polarity(pen: Pen, place: Point, sign: str, colour: str, gid: str | None = None) -> None:
    x, y = place
    pen.text(x, y - 0.1, [sign.replace("-", "−")], gid, size=MARK, weight="bold", color=colour)


def _stroke(pen: Pen, place: Point, ahead: Array, colour: str) -> None:
    """Mark a cut: two strokes across a link."""
    x, y = ahead / np.hypot(*ahead)
    for off in (-0.5, 0.5):
        middle = (place[0] + off * x, place[1] + off * y)
        ends = [(middle[0] - side * y, middle[1] + side * x) for side in (-STROKE, STROKE)]
        pen.axes.plot(*zip(*ends, strict=True), color=colour, lw=1.0, zorder=1.7)


def _symbol(pen: Pen, place: Point, loop: str, sign: str, clockwise: bool, kind: str = "loop") -> None:
    """Draw the sign of a loop: an arrow the way it runs round, with its name, or else its letter and below its name."""
    (x, y), colour = place, COLOURS[sign]
    turn = np.radians(np.linspace(150.0, 420.0, 60) if clockwise else np.linspace(30.0, -240.0, 60))
    _link(pen, place + SYMBOL * np.stack([np.cos(turn), np.sin(turn)], axis=1), colour, f"{kind}/{loop}/round")
    inside = loop if _fits(loop) else LETTERS[sign]
    pen.text(x, y, [inside], f"{kind}/{loop}", size=TITLE, weight="bold", color=colour)
    if inside != loop:
        pen.text(x, y + SYMBOL + 2.2, [loop], f"{kind}/{loop}/name", size=TITLE, weight="bold", color=colour)


# -- the list and the key -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Entry:
    """What the list says of a loop, line by line; the first lines leave room for its name."""

    name: str
    sign: str
    room: float
    about: list[str]
    cut: list[str]


def _entries(model: Model) -> list[Entry]:
    wide = INNER / COLUMNS - 4.0
    ways = {name: model.cycle(loop)[0] for name, loop in model.loops.items()}
    entries = []
    for name, loop in model.loops.items():
        reader, held = (in_words(n) for n in (loop.reader, loop.held))
        sentence, room = f"{loop.about[:1].upper()}{loop.about[1:]}.", text_width(name, SIZE, "bold") + 2.0
        note = f"Cut: {reader} is set to {held}."
        if others := [n for n, other in ways.items() if n != name and set(other) == set(ways[name])]:
            note = f"Same way round as {' and '.join(others)}. {note}"
        about, cut = folded(sentence, wide - room, SIZE, "normal"), folded(note, wide, SIZE, "normal")
        entries.append(Entry(name, loop.sign, room, about, cut))
    return entries


def _write_entry(pen: Pen, entry: Entry, left: float, top: float) -> None:
    gid, colour = f"list/{entry.name}", COLOURS[entry.sign]
    pen.text(left, top, [entry.name], gid, ha="left", va="top", weight="bold", color=colour)
    pen.text(left + entry.room, top, entry.about, ha="left", va="top")
    pen.text(left, top + LINE * len(entry.about), entry.cut, ha="left", va="top", color="0.4")


def _key(pen: Pen, left: float, top: float) -> None:
    """Explain, in two lines, what the marks mean."""
    y = top + 2.3

    def say(x: float, words: str) -> float:
        pen.text(x, y, [words], ha="left")
        return x + text_width(words, SIZE, "normal") + 5.0

    def line(x: float, colour: str) -> float:
        _link(pen, _arc((x, y + 0.8), (x + 9.0, y + 0.8), np.array([-0.12]), STEPS)[0], colour)
        return x + 9.0

    x = left
    for sign, words in {"+": "moves it the same way", "-": "the other way", "?": "left open by the bounds"}.items():
        x = line(x, SHARED)
        _polarity(pen, (x + 2.0, y), sign, SHARED)
        x = say(x + 4.5, words)
    say(line(x, SHARED) + 1.5, "link of loops of both kinds")
    y += KEY / 2
    x = left
    for sign, words in {"+": "reinforcing loop", "-": "balancing loop"}.items():
        _symbol(pen, (x + SYMBOL, y), LETTERS[sign], sign, True, "key")
        x = say(x + 2 * SYMBOL + 1.5, words)
    line(x, SHARED)
    _stroke(pen, (x + 4.5, y - 0.4), np.array([1.0, 0.0]), SHARED)
    x = say(x + 10.5, "link that a cut replaces")
    pen.box(x, y - 2.0, 8.0, 4.0)
    x = say(x + 9.5, "stock")
    pen.box(x, y - 2.0, 8.0, 4.0)
    pen.box(x + 0.6, y - 1.4, 6.8, 2.8, lw=0.4)
    say(x + 9.5, "delay, in stages")
