"""A heat map of probabilities: rows with names, columns with headings, and the scale of colours in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from fiveyear.experiments.console.language import say

from . import figure as page
from .figure import LINE, MARGIN, POINTS, Frame, Page, folded, inner

COLOURS = "cividis"  # perceptually uniform, and the same to colour-blind readers (Nuñez, Anderton & Renslow 2018)

HALF = 0.5  # from this probability on a cell is bold: more likely met than missed

# Millimetres on the page.
NAMES = 76.0  # left of the cells, at most
NARROW = 110.0  # a page on which there is less room for names
WIDEST = 14.0  # a cell
ROW = 5.2
LOWEST = 3.4  # a row, where many have to fit
LONGEST = 26.0  # a line of a heading, unless two do not hold it
HEADING_LINE = 2.8  # of the width of a column
TALLEST = 60.0  # a line of any heading
BETWEEN = 2.0  # groups of columns, or of rows
SECTION, BAR = 34.0, 2.6  # of the bar of colours: the width of each word's, at most, and the height


class Cell(NamedTuple):
    """One cell: what it says, its probability if there is one, and what it is called in the file."""

    text: str
    probability: float | None
    gid: str


class Heading(NamedTuple):
    """A column's: its label, what stands on a line of its own below it, and whether it stands apart, as a last one.

    ``group``: columns of one group stand together, a little apart from the next.
    """

    label: str
    below: str = ""
    apart: bool = False
    group: str = ""


def figure(
    frame: page.Frame,
    headings: Sequence[Heading],
    rows: Sequence[tuple[str, Sequence[Cell]]],
    scale: Sequence[tuple[float, str]],
) -> page.Figure:
    """Lay out, in the house style, the cells, and below them the colours with the words of ``scale``.

    On a narrow page, fewer rows than columns become columns. Rows for which the page has no room are left out from the
    last on, and the foot says so.
    """
    names = [Heading(name) for name, _ in rows]
    cells = [list(of) for _, of in rows]
    if inner() < NARROW and len(rows) < len(headings):
        return _laid_out(frame, names, headings, [list(of) for of in zip(*cells, strict=True)], scale)
    return _laid_out(frame, headings, names, cells, scale)


def _laid_out(
    frame: page.Frame,
    columns: Sequence[Heading],
    rows: Sequence[Heading],
    cells: Sequence[Sequence[Cell]],
    scale: Sequence[tuple[float, str]],
) -> page.Figure:
    apart, down = _gaps(columns), _gaps(rows)
    texts = [f"{row.label} {row.below}".strip() for row in rows]
    longest = max(page.text_width(text, 7, "bold") for text in texts) + 2.0
    least = max(page.text_width(cell.text, 7, "bold") for row in cells for cell in row) + 0.8
    room = inner() - sum(apart)
    names_wide = min(longest, NAMES, max(room - least * len(columns), 0.4 * inner()))
    wide = min(WIDEST, (room - names_wide) / len(columns))
    names = [folded(text, names_wide - 2.0, 7, _weight(row)) for text, row in zip(texts, rows, strict=True)]
    words = [_of_column(column, wide) for column in columns]
    above = max(page.text_width(line, 7, _weight(c)) for c, ls in zip(columns, words, strict=True) for line in ls) + 1.5

    full = frame
    for count in range(len(rows), 0, -1):
        if count < len(rows):
            more = say("{count} rows more are in the file beside the figure.", count=len(rows) - count)
            full = Frame(frame.title, frame.subtitle, f"{more} {frame.foot}")
        lines = sum(map(len, names[:count]))
        free = page.room(full) - above - _scale_height(scale) - sum(down[:count]) - lines * LINE
        if free >= count * (LOWEST - LINE) or count == 1:
            break
    padding = min(ROW - LINE, max(free / count, LOWEST - LINE))
    highs = [LINE * len(name) + padding for name in names[:count]]
    tops = [high + gap for high, gap in zip(accumulate([0.0, *highs]), accumulate(down[:count]), strict=False)]
    lefts = [n * wide + gap for n, gap in enumerate(accumulate(apart))]
    across, deep = lefts[-1] + wide, tops[-1] + highs[-1]

    sheet = Page(*full, above + deep + _scale_height(scale))
    start = sheet.top + above
    for left, lines_of, column in zip(lefts, words, columns, strict=True):
        sheet.picture.text(
            *sheet.place(MARGIN + names_wide + left + wide / 2.0, start - 1.0), "\n".join(lines_of), rotation=90,
            ha="center", va="bottom", weight=_weight(column), linespacing=1.1, multialignment="left",
        )  # fmt: skip
    axes = sheet.axes(MARGIN + names_wide, start, across, deep)
    axes.set_axis_off()
    axes.set_xlim(0.0, across)
    axes.set_ylim(deep, 0.0)
    colours = _colours()
    for of_row, row, name, top, high in zip(cells, rows, names, tops, highs, strict=False):
        sheet.text(MARGIN, start + top + padding / 2.0, name, weight=_weight(row))
        for cell, left in zip(of_row, lefts, strict=True):
            _draw_cell(axes, cell, (left, top, wide, high), colours, wide >= least)
    _draw_scale(sheet, start + deep + 3.0, scale)
    return sheet.picture


def _weight(of: Heading) -> str:
    return "bold" if of.apart else "normal"


def _of_column(of: Heading, wide: float) -> list[str]:
    """Give the lines of a heading, as many as a column has room for."""
    if wide < 2 * HEADING_LINE:
        return [page.shortened(f"{of.label} {of.below}".strip(), TALLEST, 7, _weight(of))]
    return [*_two_lines(of.label, _weight(of)), *([of.below] if of.below else [])]


def _gaps(headings: Sequence[Heading]) -> list[float]:
    """Give the room ahead of each row or column: between groups, and ahead of what stands apart."""
    kinds = [(of.group, of.apart) for of in headings]
    return [0.0, *(BETWEEN if one != other else 0.0 for one, other in pairwise(kinds))]


def _colours() -> Any:
    import matplotlib as mpl

    return mpl.colormaps[COLOURS]


def _draw_scale(sheet: Page, top: float, scale: Sequence[tuple[float, str]]) -> None:
    """Draw the colours, with a section as wide as any other for each word, which stands below it."""
    cuts = [*sorted(least for least, _ in scale), 1.0]
    words, section = _words_of(scale), _section(scale)
    bar = sheet.axes(MARGIN, top, section * len(words), BAR)
    edges = np.linspace(0.0, len(words), 64 * len(words) + 1)
    chances = np.interp(edges, range(len(cuts)), cuts)
    bar.pcolormesh(edges, [0.0, 1.0], ((chances[1:] + chances[:-1]) / 2.0)[None, :], cmap=COLOURS, vmin=0.0, vmax=1.0)
    bar.set_axis_off()
    below = top + BAR + 0.5 + 0.75 * LINE
    for n, cut in enumerate(cuts):
        side = {0: "left", len(words): "right"}.get(n, "center")
        place = sheet.place(MARGIN + section * n, below)
        sheet.picture.text(*place, _cut_text(cut), ha=side, va="baseline", color="0.25")
    for n, lines in enumerate(words):
        for k, line in enumerate(lines, 1):
            place = sheet.place(MARGIN + section * (n + 0.5), below + LINE * k)
            sheet.picture.text(*place, line, ha="center", va="baseline")


def _scale_height(scale: Sequence[tuple[float, str]]) -> float:
    return 3.0 + BAR + 0.5 + LINE * (1 + max(map(len, _words_of(scale))))


def _section(scale: Sequence[tuple[float, str]]) -> float:
    return min(inner() / len(scale), SECTION)


def _words_of(scale: Sequence[tuple[float, str]]) -> list[list[str]]:
    """Give the words of a scale from the least probability on, line by line."""
    return [folded(say(word), _section(scale) - 1.0, 7, "normal") for _, word in sorted(scale)]


def _cut_text(cut: float) -> str:
    return say(".{hundredths}", hundredths=f"{cut:.2f}"[-2:]) if 0.0 < cut < 1.0 else f"{cut:g}"


def _two_lines(text: str, weight: str) -> list[str]:
    """Break a text into two lines at most, as narrow as may be; what is far too long is cut."""
    text, width = page.shortened(text, 2.0 * TALLEST, 7, weight), LONGEST
    while len(lines := folded(text, width, 7, weight)) > 2:
        width += 1.0
    return lines


def _draw_cell(
    axes: Any, cell: Cell, place: tuple[float, float, float, float], scale: Any, with_text: bool = True
) -> None:
    from matplotlib.patches import Rectangle

    left, top, wide, high = place
    fill = (1.0, 1.0, 1.0) if cell.probability is None else tuple(scale(cell.probability)[:3])
    lw = 0.25 * POINTS
    axes.add_patch(Rectangle((left, top), wide, high, facecolor=fill, edgecolor="white", lw=lw, gid=cell.gid))
    likely = cell.probability is not None and cell.probability >= HALF
    text = cell.text if with_text else "●" if likely else ""
    if text:
        axes.text(
            left + wide / 2.0, top + high / 2.0, text, ha="center", va="center", color=ink(fill),
            weight="bold" if likely else "normal",
        )  # fmt: skip


def ink(fill: tuple[float, float, float]) -> str:
    """Give black or white, whichever stands out more from a colour (contrast ratio of WCAG 2.1; it is 4.5 at least).

    >>> ink((1.0, 1.0, 1.0)), ink((0.0, 0.1, 0.3))
    ('black', 'white')
    """
    lit = luminance(fill)
    return "black" if (lit + 0.05) / 0.05 >= 1.05 / (lit + 0.05) else "white"


def luminance(colour: tuple[float, float, float]) -> float:
    """Give the relative luminance of an sRGB colour, from 0 for black to 1 for white (WCAG 2.1)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
