"""The page figures are printed on: its width, texts folded to fit, marks explained, and the files of a figure."""

from __future__ import annotations

import functools
import io
import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.files import write_whole
from fiveyear.experiments.console.language import speaking, spoken

from .comma_separated import Rows, drawn
from .style import house_style, sheet

if TYPE_CHECKING:  # matplotlib takes longer to import than the rest of a small run
    from matplotlib.axes import Axes as Axes  # for all figures, which call it page.Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Figure

# Millimetres on the page.
MARGIN = 2.0
LINE = 3.3  # of text
LETTER = 4.0  # for the letter of a panel, left of its label
BAR = 60.0  # width of a bar of colours
KEY = 5.8  # for the mark in a legend, left of its words
POINTS = 72.0 / 25.4  # in a millimetre

JOINTS = "_.=/-"  # after these a word that is too long is broken, if that helps
CLOSING = "，。、；：！？）》」』】”’％"  # no line of Chinese starts with these
OPENING = "（《「『【“‘"  # and none ends with these

# A Chinese character, or a run of others, with what opens ahead of it and what closes after it.
HAN = "\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef"
PIECES = re.compile(
    f"[{OPENING}]*(?:(?![{CLOSING}{OPENING}])[{HAN}]|[^{HAN}{CLOSING}{OPENING}]+)[{CLOSING}]*|[{OPENING}{CLOSING}]+"
)

MOST = 6  # scenarios that colours and marks tell apart
MARKS = ("o", "s", "^", "D", "v", "<")  # a shape for each colour of the style sheet, for print in grey

Legend = Sequence[tuple[Any, str]]  # marks, each with its words
Form = Literal["png", "pdf", "svg"]
SAME_SIGNS = 0.95  # of a line: on the grid of a picture, signs of one width take up to a twentieth more
LOW = 120.0  # a page that is a slide
TITLE_LINES = 6  # about, of a title that would be longer
SUBTITLE_LINES = 3  # about, of what stands beneath it
EXPLAINED = 58.0  # about the width of a mark with its words; two stand beside one another in a narrow legend, too
PACKING = 3  # of nine; at the usual six a PNG takes half as long again and is a twelfth smaller
SURE = 0.95  # of a line: words that add up to less fit without being measured together


class Frame(NamedTuple):
    """The texts around a figure; on a low page, the foot goes to its first line end only."""

    title: str
    subtitle: str
    foot: str


class Drawing(NamedTuple):
    """A figure that is not drawn yet, made of its numbers and texts alone so that any process can draw it."""

    figure: Callable[[], Figure]  # can be pickled
    rows: Rows  # the numbers drawn


# -- files --------------------------------------------------------------------------------------------------
def files(file: Path) -> list[Path]:
    """Give what a figure leaves: the PNG, the PDF and the CSV.

    >>> [f.name for f in files(Path("plan.png"))]
    ['plan.png', 'plan.pdf', 'plan.csv']
    """
    return [file, file.with_suffix(".pdf"), file.with_suffix(".csv")]


def write_files(file: Path, figure: Callable[[], Figure], rows: Rows, style: str = "page") -> list[Path]:
    """Draw in the house style, and write the PNG, a PDF and the rows beside it as CSV; gives what was written.

    A character that no font has is drawn as a box. Raises FigureError if the name does not end in .png, WriteError if a
    file cannot be written.
    """
    if file.suffix != ".png":
        raise FigureError(str(file), [f"ends in {file.suffix or 'nothing'}; expected a name that ends in .png"])
    return write_printed(file, in_both_forms(figure, style), rows)


def write_printed(file: Path, forms: Sequence[bytes], rows: Rows) -> list[Path]:
    """Write what ``in_both_forms`` gave, and the rows beside it; gives what was written."""
    written = files(file)
    for path, content in zip(written, [*forms, drawn(rows)], strict=True):
        write_whole(path, lambda temporary, content=content: temporary.write_bytes(content))  # type: ignore[misc]
    return written


def in_both_forms(figure: Callable[[], Figure], style: str = "page", language: str = "") -> tuple[bytes, bytes]:
    """Draw in the house style, in a language or the one that is spoken; gives the PNG and the PDF."""
    with house_style(style), speaking(language or spoken()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the command has said which
        picture = figure()
        return printed(picture, "png"), printed(picture, "pdf")


def printed(picture: Figure, form: Form) -> bytes:
    """Give the file of a picture."""
    stream = io.BytesIO()
    if form != "png":
        undated = {"CreationDate": None} if form == "pdf" else {"Date": None}
        picture.savefig(stream, format=form, metadata=undated)  # the same picture is the same file
        return stream.getvalue()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas: Any = FigureCanvasAgg(picture)  # which states no types
    canvas.draw()
    # Nothing shines through paper: without that channel a quarter less is packed.
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    pixels.save(stream, form, dpi=(picture.dpi, picture.dpi), compress_level=PACKING)
    return stream.getvalue()


# -- numbers ------------------------------------------------------------------------------------------------
def signed(value: float, decimals: int) -> str:
    """Write a number with its sign, and nil without one.

    >>> signed(0.123, 2), signed(-17.2, 0), signed(-0.001, 2)
    ('+0.12', '−17', '0.00')
    """
    text = f"{value:+.{decimals}f}"
    return text.replace("-", "−") if float(text) else text[1:]


# -- page ---------------------------------------------------------------------------------------------------
def inner() -> float:
    """Give the width of the page between its margins, in millimetres."""
    return sheet().width - 2 * MARGIN


class Page:
    """A page with title and foot; places on it are millimetres from its top left corner.

    ``high`` is the room between them, which starts at ``top``; below it a legend explains the marks.
    """

    def __init__(self, title: str, subtitle: str, foot: str, high: float, marks: Legend = ()) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        heading, beneath, under = _lines(Frame(title, subtitle, foot))
        self.top = MARGIN + 4.0 * len(heading) + LINE * len(beneath) + 1.5
        self.height = self.top + high + _below(under, marks)
        self.picture = Figure(figsize=(sheet().width / 25.4, self.height / 25.4))
        FigureCanvasAgg(self.picture)
        self.text(MARGIN, MARGIN, heading, 4.0, size=9, weight="bold")
        self.text(MARGIN, MARGIN + 4.0 * len(heading), beneath)
        foot, place = "\n".join(under), (MARGIN / sheet().width, MARGIN / self.height)
        self.picture.text(*place, foot, va="bottom", color="0.25", linespacing=1.25)
        self.legend(marks, self.top + high)

    def place(self, left: float, top: float) -> tuple[float, float]:
        """Give a place as matplotlib's shares of the page."""
        return left / sheet().width, 1.0 - top / self.height

    def text(self, left: float, top: float, lines: Sequence[str], pitch: float = LINE, **how: Any) -> None:
        """Write lines, the first just below ``top``, ``pitch`` apart."""
        for n, line in enumerate(lines):
            self.picture.text(*self.place(left, top + n * pitch + 0.75 * pitch), line, va="baseline", **how)

    def axes(self, left: float, top: float, wide: float, high: float) -> Axes:
        """Give axes; their numbers and labels stand outside this rectangle."""
        return self.picture.add_axes((*self.place(left, top + high), wide / sheet().width, high / self.height))

    def colour_bar(self, left: float, top: float, colours: Any, ticks: Mapping[float, str]) -> None:
        """Draw a bar of colours from the first to the last of the ticks, each of which has its words."""
        low, *_, high = ticks
        bar, edges = self.axes(left, top, BAR, 2.6), np.linspace(low, high, 257)
        middles = ((edges[1:] + edges[:-1]) / 2.0)[None, :]
        bar.pcolormesh(edges, [0.0, 1.0], middles, cmap=colours, vmin=low, vmax=high)
        bar.set_xticks([*ticks], [*ticks.values()])
        bar.set_yticks([])
        bar.spines[["left", "bottom"]].set_visible(False)

    def letter(self, letter: str, left: float, top: float, label: Sequence[str]) -> None:
        """Write the letter of a panel and, right of it, its label."""
        self.text(left, top, [letter], size=7.5, weight="bold")
        self.text(left + LETTER, top, label, size=7.5, weight="bold")

    def in_colours(self, left: float, top: float, words: str, values: Sequence[str]) -> None:
        """Write words and, after them, a value for each scenario in its colour."""
        self.text(left, top, [words])
        left += text_width(words, 7, "normal") + 1.5
        for n, value in enumerate(values):
            self.text(left, top, [value], color=tint(f"C{n}", 1.0, 0.75))
            left += text_width(value, 7, "normal") + 2.0

    def legend(self, marks: Legend, top: float) -> None:
        """Explain marks, row by row over the width of the page; takes ``legend_height``."""
        for (mark, _), (words, left, down) in zip(marks, _explained(marks)[0], strict=True):
            place = self.place(left, top + down)
            self.picture.legend([mark], ["\n".join(words)], loc="upper left", bbox_to_anchor=place)


def room(frame: Frame, marks: Legend = ()) -> float:
    """Give the millimetres that are left between title and foot, and their legend, on a page of the greatest height."""
    heading, beneath, under = _lines(frame)
    return sheet().tallest - MARGIN - 4.0 * len(heading) - LINE * len(beneath) - 1.5 - _below(under, marks)


def _lines(frame: Frame) -> tuple[list[str], list[str], list[str]]:
    """Give title, subtitle and foot line by line."""
    wide = inner()
    return (
        folded(shortened(frame.title, TITLE_LINES * wide, 9, "bold"), wide, 9, "bold"),
        folded(shortened(frame.subtitle, SAME_SIGNS * SUBTITLE_LINES * wide, 7, "normal"), wide, 7, "normal") or [""],
        folded(frame.foot.partition("\n")[0] if sheet().tallest < LOW else frame.foot, wide, 7, "normal"),
    )


def _below(foot: Sequence[str], marks: Legend) -> float:
    """Give the millimetres that a legend takes, and a foot below it."""
    return legend_height(marks) + 2.5 + LINE * len(foot) + MARGIN


def legend_height(marks: Legend) -> float:
    """Give the millimetres that a legend takes."""
    return _explained(marks)[1]


def _explained(marks: Legend) -> tuple[list[tuple[list[str], float, float]], float]:
    """Give the words of each mark, line by line, how far right and down it stands, and how far down all of them go."""
    beside = max(round(inner() / EXPLAINED), 2)
    wide = inner() / beside
    lines = [folded(words, wide - KEY - 3.0, 7, "normal") for _, words in marks]
    places, high = in_rows(beside, 0.0, [0.0] * len(lines), 0.6, [LINE * len(words) for words in lines])
    return [(words, left, down) for words, (left, down, _) in zip(lines, places, strict=True)], high


def in_rows(
    columns: int, gap: float, above: Sequence[float], high: float, below: Sequence[float]
) -> tuple[list[tuple[float, float, float]], float]:
    """Set panels out in rows over the width of the page, in each row all axes at one height; all in millimetres.

    ``above`` and ``below``: the room that each panel needs around its axes, which are ``high``. Gives where each panel
    starts from the left of the page, where it and its axes start from the top of the first row, and the height of all.
    """
    places, top = [], 0.0
    for n in range(0, len(above), columns):
        at = top + max(above[n : n + columns])
        places += [(MARGIN + k * pitch(columns, gap), top, at) for k in range(len(above[n : n + columns]))]
        top = at + high + max(below[n : n + columns])
    return places, top


def pitch(columns: int, gap: float) -> float:
    """Give how far it is from a panel to the next in a row that fills the width of the page, in millimetres."""
    return (inner() + gap) / columns


# -- text and colour ----------------------------------------------------------------------------------------
def tint(color: str, share: float, shade: float = 1.0) -> tuple[float, float, float]:
    """Mix a colour with white, or with black: a solid tint prints as it looks, unlike a transparent one."""
    from matplotlib.colors import to_rgb

    red, green, blue = (shade * (1.0 - share * (1.0 - c)) for c in to_rgb(color))
    return red, green, blue


@functools.lru_cache(10_000)  # labels and words come again in each figure of an answer
def text_width(text: str, size: float, weight: str) -> float:
    """Give the width of a line of text in millimetres, in the house style."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) / POINTS


def shortened(text: str, width: float, size: float, weight: str) -> str:
    """Cut a text where it is longer than a width in millimetres; three dots stand for the rest."""
    if text_width(text, size, weight) <= width:
        return text
    fits = bisect_right(range(len(text)), width, key=lambda n: text_width(f"{text[:n]}...", size, weight)) - 1
    return f"{text[: max(fits, 1)].rstrip()}..."


def folded(text: str, width: float, size: float, weight: str) -> list[str]:
    """Break a text into lines that fit a width in millimetres; a word that is too long is broken inside.

    Chinese, which has no blanks, is broken anywhere but ahead of what closes and after what opens.
    """
    if re.search(f"[{HAN}]", text):
        width *= SAME_SIGNS
    lines: list[str] = []
    blank, added = text_width("n n", size, weight) - text_width("nn", size, weight), 0.0  # the words of the last line
    for word, gap in _words(text):
        longer = f"{lines[-1]}{gap}{word}" if lines else word
        added += blank * len(gap) + text_width(word, size, weight)
        if lines and (added <= SURE * width or text_width(longer, size, weight) <= width):
            lines[-1] = longer
            continue
        rest = word
        while len(rest) > 1 and text_width(rest, size, weight) > width:
            fits = bisect_right(range(1, len(rest)), width, key=lambda n: text_width(rest[:n], size, weight)) or 1
            inside = max(int(SAME_SIGNS * fits), 1)
            cut = max((n for n in range(1, fits + 1) if rest[n - 1] in JOINTS), default=inside)
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
        added = text_width(rest, size, weight)
    return lines


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Give the pieces between which a line may end, each with the blank that stands ahead of it, if one does."""
    before = ""
    for word in text.split():
        pieces = PIECES.findall(word) if re.search(f"[{HAN}]", word) else [word]
        gap = "" if before.endswith("。") else " "  # a sentence of Chinese has room behind it
        yield from ((piece, "" if n else gap) for n, piece in enumerate(pieces))
        before = word


def same_decimals(axis: Axis) -> None:
    """Write the ticks of an axis with as many decimals as their step needs, and with commas."""
    first, second = axis.get_major_locator()()[:2]
    places = next(p for p in range(12) if np.isclose((second - first) * 10**p % 1.0, (0.0, 1.0)).any())
    axis.set_major_formatter(f"{{x:,.{places}f}}")


def faults(picture: Figure) -> list[str]:
    """Tell what a reader could not read: texts that leave the page, or lie on one another."""
    from itertools import chain, combinations

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas: Any = FigureCanvasAgg(picture)  # which states no types
    with house_style():
        picture.draw_without_rendering()
        outside = set()  # matplotlib keeps ticks beyond the ends of an axis and does not draw them
        for axis in chain.from_iterable((a.xaxis, a.yaxis) for a in picture.axes):
            low, high = sorted(axis.get_view_interval())
            outside |= {t.label1 for t in axis.get_major_ticks() if not low <= t.get_loc() <= high}
        texts = [t for t in picture.findobj(Text) if t not in outside]
        seen = [t for t in texts if t.get_visible() and t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent()) for t in seen]
    width, height = canvas.get_width_height(physical=True)
    left = [t for t, b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > width or b.y1 > height]
    crossed = [
        (first, two)
        for (first, a), (two, b) in combinations(boxes, 2)
        if not (a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0)
    ]
    return [f"{t!r} leaves the page" for t in left] + [f"{first!r} lies on {two!r}" for first, two in crossed]
