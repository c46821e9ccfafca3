"""The feedback loops as pictures, each with a place for everything in millimetres; nothing here names a variable.

Loops that share a variable make one picture, in which that variable stands once. Every cycle is drawn round: names
stand where their distances are those on a ring, as far as all rings allow that.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from fiveyear.experiments.console.language import say
from fiveyear.experiments.page.figure import LOW, folded, inner, text_width
from fiveyear.experiments.page.style import sheet
from fiveyear.model import Model, signs
from fiveyear.model.labels import in_words

from .sketch import SIZE, STOCK, WRAP, Box, Part

Array = NDArray[np.float64]
Point = tuple[float, float]
Link = tuple[str, str]

COLOURS = {"+": "C0", "-": "C1"}
SHARED = "0.25"  # of links that loops of both kinds share

# Millimetres on the page.
PITCH = 12.0  # from name to name on a ring, up and down
AROUND = 6.0  # between the symbols in a small ring and the middle of a name on it
ROOM = (4.5, 3.0)  # between names
FOR_ARROW, FOR_CUT = 4.0, 6.5  # more, between names that a link joins, and if that bears the mark of a cut
BETWEEN = 5.0  # pictures
EDGE = 6.0  # for marks beside what stands outermost
SYMBOL = 4.4  # radius of the arrow round the name of a loop
NAME = 4.0  # for the name below a symbol
APART = 15.0  # symbols in the same ring
STROKE = 1.5  # half the length of the marks of a cut
ASIDE = 43.0  # width of a list beside them

OVAL = 1.8  # of a square sheet: rings are so much wider than high, as names are
NARROW = 1.3  # below that the symbols of a ring stand under one another
SCALES = (1.0, 0.93, 6.0 / 7.0)  # of pictures; the last leaves letters of 6 points

TITLE = 7.5  # points

STARTS = 6  # from which names find their places
TURNS = 10  # of the best
KEPT = 3  # of them, to try arrows on
SPREAD = 0.3  # weight of names that lie on one another, against that of rings that are not round
TALL = 0.5  # weight of the height
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
        """Half the width and height of the symbols of its loops, beside one another or in a narrow ring below."""
        widest = max(text_width(loop, TITLE, "bold") / 2 for loop in self.loops)
        below = 0.0 if all(map(fits_symbol, self.loops)) else NAME
        more = (len(self.loops) - 1) * APART / 2
        across, down = (0.0, more) if oval() < NARROW else (more, 0.0)
        return across + max(SYMBOL + 0.5, widest), down + SYMBOL + 0.6 + below / 2

    @property
    def radius(self) -> float:
        """Half its height: for its names, and for the symbols inside."""
        wide, high = self.symbols
        return max(len(self.names) * PITCH / (2 * math.pi), high + AROUND, wide / oval() + AROUND)


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
    def boxes(self) -> Array:
        """The rectangles it covers: left, top, right and bottom of each."""
        around = {(3.0, 2.0): self.polarities.values(), (4.5, 2.0): [named for _, named in self.strokes.values()]}
        boxes = [np.hstack([np.subtract(at, half), np.add(at, half)]) for half, of in around.items() for at in of]
        boxes += [np.add(b, self.places[key] * 2) for key, part in self.group.parts.items() for b in part.boxes]
        return np.concatenate([np.array(boxes), *(np.hstack([arc, arc]) for arc in self.arcs.values())])

    @cached_property
    def box(self) -> Box:
        """What it covers in all."""
        left, top = self.boxes[:, :2].min(axis=0).tolist()
        right, low = self.boxes[:, 2:].max(axis=0).tolist()
        return left, top, right, low


def oval() -> float:
    """Give how much wider than high rings are: less in a narrow column, more on a low slide."""
    return OVAL * math.sqrt(sheet().width / sheet().tallest)


def extent() -> float:
    """Give the width that names have; where a page is narrow, or a list stands beside them, at the smallest scale."""
    if sheet().tallest < LOW:
        return (inner() - ASIDE - BETWEEN) / SCALES[-1]
    return inner() / SCALES[-1] if oval() < NARROW else inner()


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
    return Part(kind, tuple(folded(say(in_words(name)), wide, SIZE, "normal")))


# -- where names stand --------------------------------------------------------------------------------------
class _Places:
    """How far names stand from where they should; ``settled`` moves them until that is least."""

    def __init__(self, group: Group) -> None:
        self.oval, self.wide = np.array([oval(), 1.0]), extent()
        self.names = list(group.parts)
        number = {name: n for n, name in enumerate(self.names)}
        self.size = np.array([(b[2] - b[0], b[3] - b[1]) for part in group.parts.values() for b in part.boxes])
        self.rings = [np.array([number[name] for name in ring.names]) for ring in group.rings]
        self.radii = [ring.radius for ring in group.rings]
        self.symbols = [np.add(ring.symbols, 1.0) for ring in group.rings]
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
        oval = self.oval
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
        # In each ring there is room for its symbols.
        for ring, half in zip(self.rings, self.symbols, strict=True):
            apart = places - places[ring].mean(axis=0)
            over = np.maximum(self.size / 2 + half - np.abs(apart), 0.0)
            total += spread * float(over.prod(axis=1).sum())
            shove = -spread * over[:, ::-1] * np.sign(apart) * (over > 0)
            slope += shove
            slope[ring] -= shove.sum(axis=0) / len(ring)
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
        beyond = np.maximum(np.abs(places[:, 0]) + self.size[:, 0] / 2 - self.wide / 2 + EDGE, 0.0)
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
            cost, places = self.settled(best / self.oval @ turn * self.oval, SPREAD)
            cost += TALL * float(np.ptp(places[:, 1]))
            trials.append((cost, {name: (x, y) for name, (x, y) in zip(self.names, places.tolist(), strict=True)}))
        return sorted(trials, key=lambda trial: trial[0])[:KEPT]


# -- where arrows and marks go ------------------------------------------------------------------------------
def drawing(group: Group) -> Drawing:
    """Give everything of a group its place."""
    trials = []
    with threadpool_limits(1, "blas"):  # for matrices so small, what more threads do is wait
        settled = _Places(group).trials()
    for cost, places in settled:
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
        asides = (3.0, 3.5, half + 1.5, half + 2.5, half + 4.0)
        ways = _beside(arc, _outward(group, places, link), (back, back + 2.0, back - 2.0, back + 4.0), asides)
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
            across, down = ((n - (len(ring.loops) - 1) / 2) * APART, 0.0) if oval() >= NARROW else (0.0, n * APART)
            symbols[loop] = ((x + across, y - high + SYMBOL + 0.6 + down), bool(clockwise))
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
        arcs = arc_of(places[link[0]], places[link[1]], bends, STEPS)
        others = np.array([key not in link for key in keys])
        off = np.abs(arcs[:, :, None] - boxes[others, :2]) - boxes[others, 2:]
        over = np.maximum(1.2 - off.max(axis=3), 0.0).max(axis=1, initial=0.0).sum(axis=1)
        every.append(arcs)
        prices.append(6.0 * np.abs(bends - like) + 8.0 * over)
        courses.append(arc_of(places[link[0]], places[link[1]], bends, 25)[:, 5:-4])
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


def arc_of(a: Point, b: Point, bends: Array, steps: int) -> Array:
    """Give the points, (bend, step, x and y), of arcs of ovals; a bend is how high one stands, in lengths a - b."""
    stretch = np.array([oval(), 1.0])
    start, end = np.array(a) / stretch, np.array(b) / stretch  # where ovals are circles
    half = 2 * np.arctan(2 * bends)[:, None]  # the angle on either side of the top
    turn = half * np.linspace(-1.0, 1.0, steps)
    along, up = np.sin(turn) / np.sin(half), (np.cos(turn) - np.cos(half)) / np.sin(half)
    ahead = (end - start) / 2
    points: Array = (start + end) / 2 + along[..., None] * ahead + up[..., None] * np.array([-ahead[1], ahead[0]])
    points *= stretch
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
    for name, more in zip(link, (0.6, 0.8), strict=True):
        ((_, _, wide, high),) = group.parts[name].boxes
        inside.append((np.abs(arc - places[name]) < (wide + more, high + more)).all(axis=1))
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


def fits_symbol(loop: str) -> bool:
    """Tell whether the name of a loop fits into its symbol."""
    return text_width(loop, TITLE, "bold") < 2 * SYMBOL - 2.5
