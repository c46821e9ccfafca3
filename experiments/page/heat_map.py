"""A heat map of probabilities: rows with names, columns with headings, and the scale of colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from . import figure as page
from .figure import LINE, MARGIN, POINTS, Page, folded, inner

COLOURS = "cividis"  # perceptually uniform, and the same to colour-blind readers (Nuñez, Anderton & Renslow 2018)

# Millimetres on the page.
NAMES = 36.0  # left of the cells
WIDEST = 14.0  # a cell
ROW = 5.2
LONGEST = 26.0  # a line of a heading, unless two do not hold it
TALLEST = 60.0  # a line of any heading
BETWEEN = 2.0  # the columns and a last one that stands apart


class Cell(NamedTuple):
    """One cell: what it says, its probability if there is one, and what it is called in the file."""

    text: str
    probability: float | None
    gid: str


class Heading(NamedTuple):
    """A column's: its label, what stands on a line of its own below it, and whether it stands apart, as a last one."""

    label: str
    below: str = ""
    apart: bool = False


def figure(
    frame: page.Frame,
    headings: Sequence[Heading],
    rows: Sequence[tuple[str, Sequence[Cell]]],
    cuts: Sequence[float],
) -> page.Figure:
    """Lay out, in the house style, the cells and the scale of their colours, with ticks at ``cuts``."""
    import matplotlib as mpl

    weights = ["bold" if h.apart else "normal" for h in headings]
    words = [
        [*_two_lines(h.label, weight), *([h.below] if h.below else [])]
        for h, weight in zip(headings, weights, strict=True)
    ]
    names = [folded(name, NAMES - 2.0, 7, "normal") for name, _ in rows]
    highs = [max(ROW, LINE * len(name) + 1.4) for name in names]
    wide = min(WIDEST, (inner() - NAMES - BETWEEN) / len(headings))
    above = max(page.text_width(line, 7, "bold") for lines in words for line in lines) + 1.5
    cells_high = sum(highs)
    sheet = Page(*frame, above + cells_high + 13.0)

    lefts = [n * wide + (BETWEEN if h.apart else 0.0) for n, h in enumerate(headings)]
    tops = [float(sum(highs[:n])) for n in range(len(rows))]
    for left, lines, weight in zip(lefts, words, weights, strict=True):
        sheet.picture.text(
            *sheet.place(MARGIN + NAMES + left + wide / 2.0, sheet.top + above - 1.0), "\n".join(lines), rotation=90,
            ha="center", va="bottom", weight=weight, linespacing=1.1, multialignment="left",
        )  # fmt: skip
    axes = sheet.axes(MARGIN + NAMES, sheet.top + above, lefts[-1] + wide, cells_high)
    axes.set_axis_off()
    axes.set_xlim(0.0, lefts[-1] + wide)
    axes.set_ylim(cells_high, 0.0)
    scale = mpl.colormaps[COLOURS]
    for (_, cells), name, top, high in zip(rows, names, tops, highs, strict=True):
        sheet.text(MARGIN, sheet.top + above + top + (high - LINE * len(name)) / 2.0, name)
        for cell, left in zip(cells, lefts, strict=True):
            _draw_cell(axes, cell, (left, top, wide, high), scale)

    ticks = {c: f"{c:.2f}".lstrip("0") if 0.0 < c < 1.0 else f"{c:g}" for c in sorted({0.0, 1.0, *cuts})}
    sheet.colour_bar(MARGIN + NAMES, sheet.top + above + cells_high + 3.0, scale, ticks)
    sheet.text(MARGIN, sheet.top + above + cells_high + 2.7, ["P of meeting the target"])
    return sheet.picture


def _two_lines(text: str, weight: str) -> list[str]:
    """Break a text into two lines at most, as narrow as may be; what is far too long is cut."""
    text, width = page.shortened(text, 2.0 * TALLEST, 7, weight), LONGEST
    while len(lines := folded(text, width, 7, weight)) > 2:
        width += 1.0
    return lines


def _draw_cell(axes: Any, cell: Cell, place: tuple[float, float, float, float], scale: Any) -> None:
    from matplotlib.patches import Rectangle

    left, top, wide, high = place
    fill = (1.0, 1.0, 1.0) if cell.probability is None else tuple(scale(cell.probability)[:3])
    lw = 0.25 * POINTS
    axes.add_patch(Rectangle((left, top), wide, high, facecolor=fill, edgecolor="white", lw=lw, gid=cell.gid))
    axes.text(left + wide / 2.0, top + high / 2.0, cell.text, ha="center", va="center", color=ink(fill))


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
