"""Words, numbers and tables as a terminal shows them: folded to its width, and no number is cut."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len

WIDEST = 146  # columns of a table, where a terminal has room
WIDTH = 100  # where the output is no terminal: what an editor or a page shows


def text_width() -> int:
    """Give the columns to print in: those of the terminal, if it is one, up to the widest of the tables."""
    from rich.console import Console  # which few answers of a program need

    console = Console()
    return min(console.width, WIDEST) if console.is_terminal else WIDTH


@dataclass(frozen=True)
class Column:
    """A column of a table: a heading and cells, each of one line or more."""

    heading: str
    cells: Sequence[str]
    left: bool = False  # else numbers, which stand at the right
    names_rows: bool = False  # with the first column, so that it stands in each block of a table

    @cached_property
    def width(self) -> int:
        return max(_width(line) for text in (self.heading, *self.cells) for line in text.split("\n"))


def _width(text: str) -> int:
    """Give the columns of a text: of most, as many as signs; East Asian ones are twice as wide."""
    return len(text) if text.isascii() else cell_len(text)


#: What stays together in a line: a word, or a sign of Chinese with the marks that no line starts with.
_HAN, _MARKS = "\u2e80-\u9fff", "\uff00-\uffef"
_PIECE = re.compile(rf"\s*(?:[{_HAN}]|[^\s{_HAN}{_MARKS}]+)[\u3001-\u3011{_MARKS}]*|\s*[{_MARKS}]+")

LEAST_FIRST = 24  # columns, to which the first column of a table is folded before others go below it


def columns_text(first: Column, others: Sequence[Column], width: int) -> str:
    """Lay columns out beside the first; those for which ``width`` has no room go below, beside the first once more.

    So are those that name the rows with it, as far as three quarters of the width hold them. The first is folded, to
    no less than ``LEAST_FIRST``, where all of them fit then.

    >>> print(columns_text(Column("target", ["R&D"], left=True), [Column("2010", ["1.75"]), Column("P", [".473"])], 16))
    target  2010
    R&D     1.75
    <BLANKLINE>
    target     P
    R&D     .473
    >>> of = Column("in", ["a", "b"], names_rows=True)
    >>> others = [of, Column("2010", ["1.75", "1.8"]), Column("P", [".473", ".5"])]
    >>> print(columns_text(Column("target", ["R&D", "R&D"], left=True), others, 18))
    target  in  2010
    R&D      a  1.75
    R&D      b   1.8
    <BLANKLINE>
    target  in     P
    R&D      a  .473
    R&D      b    .5
    """
    room, beside = max(width // 2, 1), width - sum(c.width + 2 for c in others)
    if LEAST_FIRST <= beside < first.width:
        room = beside
    if first.width > room:
        heading, *cells = (folded(text, room) for text in (first.heading, *first.cells))
        first = Column(heading, cells, first.left)
    naming: list[Column] = [first]
    beside_them: list[Column] = []
    for column in others:
        fits = sum(c.width + 2 for c in (*naming, column)) <= 3 * width // 4
        (naming if column.names_rows and fits else beside_them).append(column)
    blocks: list[list[Column]] = []
    for column in beside_them:
        if not blocks or sum(c.width + 2 for c in (*blocks[-1], column)) - 2 > width:
            blocks.append([*naming])
        blocks[-1].append(column)
    return "\n\n".join("\n".join(_rows(block)) for block in blocks)


def _rows(columns: Sequence[Column]) -> Iterator[str]:
    """Give the lines of a table; headings stand on the same last line, cells on the same first."""
    texts = zip(*([c.heading, *c.cells] for c in columns), strict=True)
    for place, cells in enumerate(texts):
        split = [cell.split("\n") for cell in cells]
        most = max(map(len, split))
        if most > 1:
            split = [[""] * (most - len(s)) + s if place == 0 else s + [""] * (most - len(s)) for s in split]
        for line in zip(*split, strict=True):
            gaps = [" " * (c.width - _width(word)) for c, word in zip(columns, line, strict=True)]
            parts = [w + g if c.left else g + w for c, w, g in zip(columns, line, gaps, strict=True)]
            yield "  ".join(parts).rstrip()


def folded(text: str, width: int, further: str = "") -> str:
    """Fold a text between words, or signs of Chinese; ``further`` starts every line but the first."""
    if _width(text) == len(text):
        return textwrap.fill(
            text, max(width, 1), subsequent_indent=further, break_long_words=False, break_on_hyphens=False
        )
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1].strip() and _width(lines[-1]) + _width(piece.rstrip()) > width:
            lines = [*lines[:-1], lines[-1].rstrip(), further]
            piece = piece.lstrip()
        lines[-1] += piece
    return "\n".join(lines)


def print_text(text: str, further: str = "  ") -> None:
    """Print a text folded to the width there is."""
    print(folded(text, text_width(), further))


def share_text(value: float) -> str:
    """Write a probability with three digits, never a bare 0 or 1."""
    if value < 0.001:
        return "<.001"
    return ">.999" if value > 0.999 else f"{value:.3f}"[1:]


def number_text(value: float | None) -> str:
    """Write a number with three digits, or all before the point; nothing for what is not known."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"
