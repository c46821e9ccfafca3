"""The feedback loops of the model as a causal-loop diagram: what moves what, which way, and where a cut goes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from scipy.signal import fftconvolve

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LOW, MARGIN, Frame, Page, folded, inner, room, text_width
from fiveyear.experiments.page.style import sheet
from fiveyear.model import Model
from fiveyear.model.labels import in_words
from fiveyear.scenarios import Plan

from .diagram import PAGE_DPI, check, write
from .loop_pictures import (
    ASIDE,
    BETWEEN,
    COLOURS,
    CUT,
    SCALES,
    SHARED,
    STEPS,
    STROKE,
    SYMBOL,
    TITLE,
    Array,
    Drawing,
    Group,
    Point,
    arc_of,
    drawing,
    fits_symbol,
    groups,
)
from .pen import Pen
from .sketch import LINE, SIZE

LETTERS = {"+": "R", "-": "B"}
MARK = 8.5  # of a polarity

# Millimetres on the page.
HEAD = (2.1, 1.5)  # of an arrow
KEY = 4.6  # height of a row of the key
NOTE = 75.0  # about the width of a line of the list below the pictures


# -- the page -----------------------------------------------------------------------------------------------


def draw(model: Model, file: Path, title: str = "") -> None:
    """Draw the loops into a file; the same model gives the same bytes.

    Raises FigureError if the model has no loop, the file is of no form that can be drawn, or the font lacks a
    character; WriteError if the file cannot be written.
    """
    check(model, file, ())
    if not model.loops:
        raise FigureError(str(file), ["the model names no feedback loop"])
    write(file, lambda: [figure(frame(model, title), model)], PAGE_DPI)


def of_plan(plan: Plan) -> page.Drawing:
    """Give the loops of the model of a plan to be drawn, with a row for each: its sign, its sentence and its cut."""
    loops = plan.model.loops.items()
    rows = [("loop", "sign", "about", "from", "to", "set to")]
    rows += [(name, loop.sign, loop.about, loop.source, loop.reader, loop.held) for name, loop in loops]
    return page.Drawing(partial(figure, frame(plan.model, say(plan.title)), plan.model), rows)


def frame(model: Model, subtitle: str) -> Frame:
    """Give the title, which counts loops of each kind and those through what most pass, and a foot on signs."""
    ways = [set(model.cycle(loop)[0]) for loop in model.loops.values()]
    through = {name: sum(name in way for way in ways) for way in ways for name in sorted(way)}
    most = max(through, key=lambda name: through[name])
    kinds = [loop.sign for loop in model.loops.values()]
    title = say(
        "{count} named feedback loops: {reinforcing} reinforce and {balancing} balance",
        count=len(kinds), reinforcing=kinds.count("+"), balancing=kinds.count("-"),
    )  # fmt: skip
    if through[most] > 1:
        title = say("{first}; {count} pass through {variable}", first=title, count=through[most], variable=_words(most))
    foot = say("Read off the equations of the model: the sign of a link is the one that its formula gives.")
    return Frame(title, subtitle, foot)


def _words(name: str) -> str:
    return say(in_words(name))


@dataclass(frozen=True)
class Layout:
    """Where the pictures that fit go, with corners in millimetres of a drawing of this scale, and the list of loops."""

    scale: float
    corners: Mapping[int, Point]
    high: float
    wide: float
    columns: int  # of the list; none where it stands beside the pictures
    cuts: bool  # whether the list tells of cuts


def figure(frame: Frame, model: Model) -> Figure:
    """Draw the loops that fit, what each is, and a key, on the page that is drawn for; to be called in its style."""
    drawings = [drawing(group) for group in groups(model)]
    layout = _laid_out(frame, model, drawings)
    of_groups = [drawings[n].group for n in layout.corners]
    shown = [name for name in model.loops if any(name in group.kinds for group in of_groups)]
    marks = _marks(of_groups)
    if left_out := [name for name in model.loops if name not in shown]:
        words = say("Left out: {loops}.", loops=", ".join(left_out))
        frame = frame._replace(foot=say("{first} {second}", first=words, second=frame.foot))
    beside = not layout.columns
    left = MARGIN + (layout.wide + BETWEEN if beside else 0.0)
    wide = sheet().width - MARGIN - left
    entries = _entries(model, wide / max(layout.columns, 1), layout.cuts, shown)
    under, rows = _list_height(entries, layout.columns), len(_key_rows(marks, wide))
    listed = under + 1.0 + KEY * rows
    drawn = Page(*frame, max(layout.high, listed) if beside else layout.high + BETWEEN / 2 + listed)
    pen, small = _pen(drawn, 1.0), _pen(drawn, layout.scale)
    for n, (x, y) in layout.corners.items():
        box = drawings[n].box
        _draw(small, drawings[n], MARGIN / layout.scale + x - box[0], drawn.top / layout.scale + y - box[1])
    top = drawn.top + (0.0 if beside else layout.high + BETWEEN / 2)
    for entry, (x, y) in zip(entries, _list_places(entries, layout.columns, wide), strict=True):
        _write_entry(pen, entry, left + x, top + y)
    _key(pen, left, top + under + 1.0, _key_rows(marks, wide))
    return drawn.picture


def _pen(drawn: Page, scale: float) -> Pen:
    """Give a pen that draws over the whole page in millimetres of a drawing of this scale."""
    axes = drawn.axes(0.0, 0.0, sheet().width, drawn.height)
    axes.set_axis_off()
    axes.set_xlim(0.0, sheet().width / scale)
    axes.set_ylim(drawn.height / scale, 0.0)
    return Pen(axes, scale)


def _laid_out(frame: Frame, model: Model, drawings: Sequence[Drawing]) -> Layout:
    """Give the layout with most loops on it; of those, the one with the largest letters and the fullest list."""
    space = room(frame._replace(foot=f"{frame.foot} {say('Left out: {loops}.', loops=', '.join(model.loops))}"))
    columns = max(round(inner() / NOTE), 1)
    below = [(columns, True), (columns, False)]
    marks = _marks([drawn.group for drawn in drawings])
    layouts, fit = [], []
    for scale, (of_list, cuts) in itertools.product(SCALES, [*below, (0, False)] if sheet().tallest < LOW else below):
        wide = inner() if of_list else inner() - ASIDE - BETWEEN
        entries = _entries(model, (inner() if of_list else ASIDE) / max(of_list, 1), cuts, list(model.loops))
        under = _list_height(entries, of_list)
        listed = under + 1.0 + KEY * len(_key_rows(marks, inner() if of_list else ASIDE))
        high = space - listed - BETWEEN / 2 if of_list else space
        corners, low = _packed(drawings, wide / scale, high / scale)
        layouts.append(Layout(scale, corners, low * scale, wide, of_list, cuts))
        shown = [name for n in corners for name in drawings[n].group.kinds]
        beside = 0.0 if of_list else _list_height([entry for entry in entries if entry.name in shown], 0)
        inside = low * scale <= high and (drawings[0].box[2] - drawings[0].box[0]) * scale <= wide
        fit.append((inside and beside + listed - under <= space, len(shown)))
    return layouts[fit.index(max(fit))]


def _packed(drawings: Sequence[Drawing], wide: float, high: float) -> tuple[dict[int, Point], float]:
    """Set pictures on the page, the largest first, as high up as each goes, then as far left; those that fit.

    Gives their corners and the low end. The first, which is there in any case, stands where that leaves room for most.
    """
    covers = [_cover(drawn) for drawn in drawings]
    rows, columns = max(int(high), covers[0].shape[0]), max(int(wide), covers[0].shape[1])
    trials = []
    for first in {0, (columns - covers[0].shape[1]) // 2, columns - covers[0].shape[1]}:
        taken, corners, low = np.zeros((rows, columns)), {}, 0
        for n, cover in enumerate(covers):
            if cover.shape[0] > rows or cover.shape[1] > columns:
                continue
            free = np.argwhere(fftconvolve(taken, cover[::-1, ::-1], "valid") < 0.5)
            if not len(free):
                continue
            top, left = (0, first) if n == 0 else free[0].tolist()
            taken[top : top + cover.shape[0], left : left + cover.shape[1]] += cover
            corners[n] = (float(left), float(top))
            low = max(low, top + cover.shape[0])
        trials.append((-len(corners), low, first, corners))
    _, low, _, corners = min(trials, key=lambda trial: trial[:3])
    return corners, float(low)


def _cover(drawn: Drawing) -> Array:
    """Give what a picture covers, (millimetre down, millimetre right): 1 on it, in its rings and close by."""
    left, top, right, low = drawn.box
    cover = np.zeros((math.ceil(low - top), math.ceil(right - left)))
    down, across = np.indices(cover.shape)
    points = np.stack([across.ravel() + left + 0.5, down.ravel() + top + 0.5], axis=1)
    for ring in drawn.group.rings:
        middles = [np.array([drawn.places[name]]) for name in ring.names]
        outline = np.concatenate(
            [p for pair in zip(middles, map(drawn.arcs.get, ring.links), strict=True) for p in pair]
        )
        cover.ravel()[Outline(outline).contains_points(points)] = 1.0
    for x0, y0, x1, y1 in drawn.boxes:
        rows = slice(max(math.floor(y0 - top - BETWEEN / 2), 0), math.ceil(y1 - top + BETWEEN / 2))
        cover[rows, max(math.floor(x0 - left - BETWEEN / 2), 0) : math.ceil(x1 - left + BETWEEN / 2)] = 1.0
    return cover


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
    inside = loop if fits_symbol(loop) else LETTERS[sign]
    pen.text(x, y, [inside], f"{kind}/{loop}", size=TITLE, weight="bold", color=colour)
    if inside != loop:
        pen.text(x, y + SYMBOL + 2.2, [loop], f"{kind}/{loop}/name", size=TITLE, weight="bold", color=colour)


# -- the list and the key ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """What the list says of a loop, line by line; the first lines leave room for its name."""

    name: str
    sign: str
    room: float
    about: list[str]
    cut: list[str]

    @property
    def high(self) -> float:
        return LINE * len(self.about + self.cut) + 1.2


def _entries(model: Model, wide: float, cuts: bool, names: Sequence[str]) -> list[Entry]:
    """Give what the list says of these loops, in columns so wide."""
    ways = {name: set(model.cycle(loop)[0]) for name, loop in model.loops.items()}
    entries = []
    for name in names:
        loop, about = model.loops[name], say(model.loops[name].about)
        sentence, free = f"{about[:1].upper()}{about[1:]}", text_width(name, SIZE, "bold") + 2.0
        note = say("Cut: {reader} is set to {held}.", reader=_words(loop.reader), held=_words(loop.held))
        if others := [n for n, way in ways.items() if n != name and way == ways[name]]:
            same = say("Same way round as {loops}.", loops=", ".join(others))
            note = say("{first} {second}", first=same, second=note)
        lines = folded(sentence, wide - 4.0 - free, SIZE, "normal")
        entries.append(Entry(name, loop.sign, free, lines, folded(note, wide - 4.0, SIZE, "normal") if cuts else []))
    return entries


def _list_places(entries: Sequence[Entry], columns: int, wide: float) -> list[Point]:
    """Give where each entry stands from the corner of the list, filled column by column."""
    down = -(-len(entries) // max(columns, 1))
    return [
        (n // down * wide / max(columns, 1), sum(entry.high for entry in entries[n - n % down : n]))
        for n in range(len(entries))
    ]


def _list_height(entries: Sequence[Entry], columns: int) -> float:
    places = _list_places(entries, columns, 0.0)
    return max((top + entry.high for entry, (_, top) in zip(entries, places, strict=True)), default=0.0)


def _write_entry(pen: Pen, entry: Entry, left: float, top: float) -> None:
    gid, colour = f"list/{entry.name}", COLOURS[entry.sign]
    pen.text(left, top, [entry.name], gid, ha="left", va="top", weight="bold", color=colour)
    pen.text(left + entry.room, top, entry.about, ha="left", va="top")
    pen.text(left, top + LINE * len(entry.about), entry.cut, ha="left", va="top", color="0.4")


def _marks(shown: Sequence[Group]) -> dict[str, str]:
    """Give the words of each mark that is on these pictures."""
    words = {
        "+": say("moves it the same way"), "-": say("the other way"), "?": say("left open by the bounds"),
        "reinforcing": say("reinforcing loop, R"), "balancing": say("balancing loop, B"),
        "shared": say("link of loops of both kinds"), "cut": say("link that a cut replaces"),
        "stock": say("stock"), "chain": say("delay, in stages"),
    }  # fmt: skip
    kinds = {"+": "reinforcing", "-": "balancing"}
    on = {"cut"}.union(*(group.signs.values() for group in shown))
    for group in shown:
        on |= {kinds[sign] for sign in group.kinds.values()} | {part.kind for part in group.parts.values()}
        on |= {"shared" for link in group.signs if group.colour(group.through(link)) == SHARED}
    return {mark: text for mark, text in words.items() if mark in on}


def _key_rows(words: Mapping[str, str], wide: float) -> list[list[tuple[str, str, float]]]:
    """Give the marks that the key explains, row by row over a width: each with its words, and where it stands."""
    rows: list[list[tuple[str, str, float]]] = [[]]
    x = 0.0
    for mark, text in words.items():
        long = _marked(mark) + text_width(text, SIZE, "normal")
        if rows[-1] and x + long > wide:
            rows.append([])
            x = 0.0
        rows[-1].append((mark, text, x))
        x += long + 4.0
    return rows


def _marked(mark: str) -> float:
    """Give where the words of a mark start."""
    return 12.5 if mark in "+-?" else 9.5


def _key(pen: Pen, left: float, top: float, rows: Sequence[Sequence[tuple[str, str, float]]]) -> None:
    """Explain what the marks mean, row by row."""
    colours = {"reinforcing": COLOURS["+"], "balancing": COLOURS["-"]}
    for n, row in enumerate(rows):
        y = top + n * KEY + KEY / 2
        for mark, text, right in row:
            x = left + right
            if mark in ("stock", "chain"):
                pen.box(x, y - 1.8, 8.0, 3.6)
            else:
                ends = (x, y + 0.8), (x + 8.0, y + 0.8)
                _link(pen, arc_of(*ends, np.array([-0.12]), STEPS)[0], colours.get(mark, SHARED))
            if mark == "chain":
                pen.box(x + 0.6, y - 1.2, 6.8, 2.4, lw=0.4)
            elif mark == "cut":
                _stroke(pen, (x + 4.0, y - 0.3), np.array([1.0, 0.0]), SHARED)
            elif mark in "+-?":
                _polarity(pen, (x + 10.0, y), mark, SHARED)
            pen.text(x + _marked(mark), y, [text], ha="left")
