"""Stock-and-flow diagrams of the model, sector by sector, drawn from the code: one sheet, or the pages of a PDF."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.files import write_whole
from fiveyear.experiments.page.figure import MARGIN, folded, text_width
from fiveyear.experiments.page.style import house_style
from fiveyear.model import Model
from fiveyear.model.errors import InputError, nearest
from fiveyear.model.labels import in_words

from .curves import Curve, curves
from .layout import EDGE, HEAD, Panel, Point, laid_out
from .pen import Pen
from .sketch import LINE, SIZE, WIDTH, sketch, structure

FORMS = (".png", ".pdf", ".svg")

# Millimetres on the page.
GAP = 4.0  # between panels
KEY = 9.0  # height of the key at the foot
PAGE_HEIGHT = 250.0  # at most, unless one panel is higher
SIDE = 3  # pages beside one another on a sheet
LOOP_NAME = 22.0
PITCH = 1.2  # between loops, beside their lines

TITLE = 8.0  # points
PAGE_DPI = 300
SHEET_DPI = 200  # a sheet is for a screen, and as wide as three pages


@dataclass(frozen=True)
class Block:
    """What takes a place on a page: a panel, or the list of the loops."""

    title: str
    wide: float
    high: float
    panel: Panel | None = None
    loops: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # name and sign, sentence, way round it line by line


Shelf = tuple[Block, ...]  # blocks beside one another


def check(model: Model, file: Path, names: Sequence[str]) -> None:
    """Raise InputError or FigureError if these sectors cannot be drawn into such a file."""
    sectors = set(structure(model).sectors.values())
    faults = [f"{n}: the model has no such sector{nearest(n, sectors)}" for n in names if n not in sectors]
    if faults:
        raise InputError("diagram", faults)
    if file.suffix not in FORMS:
        raise FigureError(str(file), [f"ends in {file.suffix or 'nothing'}; expected {', '.join(FORMS)}"])


def draw(model: Model, file: Path, names: Sequence[str] = ()) -> None:
    """Draw these sectors, or else all loops and sectors, into a file; the same model gives the same bytes.

    A PDF has pages, the others are one sheet. Raises InputError if a sector is unknown, FigureError if the file is of
    no form that can be drawn or the font lacks a character, WriteError if the file cannot be written.
    """
    check(model, file, names)
    write(file, lambda: figures(model, names, file.suffix == ".pdf"), SHEET_DPI)


def write(file: Path, pictures: Callable[[], Sequence[Figure]], dpi: int) -> None:
    """Draw in the house style and write: pages into a PDF, the first picture into a file of another form.

    Raises FigureError if the font lacks a character, WriteError if the file cannot be written.
    """
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            content = _printed(pictures(), file.suffix, dpi)
        except UserWarning as warning:
            raise FigureError(str(file), [f"{warning}; leave the character out"]) from None
    write_whole(file, lambda temporary: temporary.write_bytes(content))


def _printed(pictures: Sequence[Figure], form: str, dpi: int) -> bytes:
    stream = io.BytesIO()
    if form == ".pdf":  # no dates, so that the same model is the same file
        with PdfPages(stream, metadata={"CreationDate": None}) as pages:
            for picture in pictures:
                pages.savefig(picture)
    elif form == ".svg":
        with mpl.rc_context({"svg.hashsalt": "fiveyear"}):
            pictures[0].savefig(stream, format="svg", metadata={"Date": None})
    else:
        pictures[0].savefig(stream, format="png", dpi=dpi, pil_kwargs={"compress_level": 3})
    return stream.getvalue()


def figures(model: Model, names: Sequence[str] = (), paged: bool = False) -> list[Figure]:
    """Lay the panels out on pages of the width of a paper, or on one sheet; to be called in the house style."""
    drawn = structure(model)
    chosen = dict.fromkeys(names or sorted(set(drawn.sectors.values())))
    panels = [laid_out(sketch(drawn, name)) for name in chosen]
    blocks = sorted((_block(panel) for panel in panels), key=lambda b: -b.high)  # shelves of panels of like heights
    if not names:
        blocks = [_loops(model), *blocks]
    side = 1 if paged or len(blocks) < SIDE else SIDE
    shelves = _shelved(blocks, side * WIDTH - 2 * MARGIN)
    if not paged:
        return [_page(shelves)]
    pages: list[list[Shelf]] = [[]]
    for shelf in shelves:
        if pages[-1] and _height([*pages[-1], shelf]) > PAGE_HEIGHT:
            pages.append([])
        pages[-1].append(shelf)
    return [_page(page) for page in pages]


def _block(panel: Panel) -> Block:
    words = in_words(panel.sketch.title)
    title = words[:1].upper() + words[1:]
    return Block(title, max(panel.wide, text_width(title, TITLE, "bold") + 4.0), panel.high, panel)


def _loops(model: Model) -> Block:
    """Give the list of the loops: name, sign and sentence, and under it the way round."""
    wide = WIDTH - 2 * MARGIN
    loops = []
    for name, loop in model.loops.items():
        way = " → ".join(in_words(n) for n in model.cycle(loop)[0])
        lines = tuple(folded(way, wide - 2 * EDGE - LOOP_NAME, SIZE, "normal"))
        loops.append((f"{name} ({loop.sign.replace('-', '−')})", loop.about, lines))
    high = HEAD + sum(LINE * (1 + len(lines)) + PITCH for *_, lines in loops) + EDGE
    return Block("Feedback loops", wide, high, loops=tuple(loops))


def _shelved(blocks: Sequence[Block], wide: float) -> list[Shelf]:
    """Set blocks beside one another, in their order, so that little room stays empty, and that evenly."""

    @cache
    def best(start: int) -> tuple[float, list[Shelf]]:
        trials = []
        for stop in range(start + 1, len(blocks) + 1):
            shelf = tuple(blocks[start:stop])
            if len(shelf) == 1 or _width(shelf) <= wide + 1e-6:
                empty = max(b.high for b in shelf) * wide - sum(b.wide * b.high for b in shelf)
                worse, others = best(stop)
                trials.append((empty**2 + worse, [shelf, *others]))
        return min(trials, key=lambda trial: trial[0], default=(0.0, []))

    return best(0)[1]


def _width(shelf: Shelf) -> float:
    return math.fsum(block.wide + GAP for block in shelf) - GAP


def _height(shelves: Sequence[Shelf]) -> float:
    return sum(max(b.high for b in shelf) + GAP for shelf in shelves) + KEY + 2 * MARGIN


def sheet(wide: float, high: float) -> tuple[Figure, Pen]:
    """Give an empty page, and a pen that draws on it in millimetres from its top left corner."""
    picture = Figure(figsize=(wide / 25.4, high / 25.4))
    FigureCanvasAgg(picture)
    axes = picture.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0.0, wide)
    axes.set_ylim(high, 0.0)
    return picture, Pen(axes)


def _page(shelves: Sequence[Shelf]) -> Figure:
    """Draw shelves under one another, and the key below; frames fill the width."""
    inner = max(WIDTH - 2 * MARGIN, *(_width(shelf) for shelf in shelves))
    wide, high = inner + 2 * MARGIN, _height(shelves)
    picture, pen = sheet(wide, high)
    top = MARGIN
    for shelf in shelves:
        more = (inner - _width(shelf)) / len(shelf)
        tall, left = max(b.high for b in shelf), MARGIN
        for block in shelf:
            _draw_block(pen, block, left, top, block.wide + more, tall)
            left += block.wide + more + GAP
        top += tall + GAP
    pen.key(MARGIN, top)
    return picture


def _draw_block(pen: Pen, block: Block, left: float, top: float, wide: float, high: float) -> None:
    pen.box(left, top, wide, high, f"{block.title}/frame", ec="0.5", lw=0.6, zorder=1)
    pen.text(left + 2.0, top + 3.4, [block.title], f"{block.title}/title", ha="left", size=TITLE, weight="bold")
    if block.panel:
        _draw_panel(pen, block.panel, left + (wide - block.panel.wide) / 2, top + (high - block.panel.high) / 2)
    down = top + HEAD + 0.5
    for name, about, way in block.loops:
        pen.text(left + 2.0, down, [name], f"loop/{name}", ha="left", va="top", weight="bold")
        pen.text(left + LOOP_NAME, down, [about], ha="left", va="top")
        pen.text(left + LOOP_NAME, down + LINE, way, ha="left", va="top", color="0.45")
        down += LINE * (1 + len(way)) + PITCH


def _draw_panel(pen: Pen, panel: Panel, left: float, top: float) -> None:
    def moved(point: Point) -> Point:
        return point[0] + left, point[1] + top

    for (start, end), pipe in zip(panel.courses(), panel.sketch.pipes, strict=True):
        pen.pipe(moved(start), moved(end), pipe.clouds)
    for curve in curves(panel):
        pen.link(Curve(moved(curve.start), moved(curve.bend), moved(curve.end), curve.how))
    for key, part in panel.sketch.parts.items():
        pen.part(part, *moved(panel.places[key]), f"{panel.sketch.title}/{part.kind}/{key}")
