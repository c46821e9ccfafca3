"""CSV files: UTF-8 without a byte order mark, lines that end in LF, every number with all its digits."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from .columns import Cell, Column
from .text import harmless, of_cell

Rows = Iterable[Sequence[object]]  # the first of them the heading


def write(columns: Sequence[Column], file: Path) -> None:
    """Write a table; a text that a spreadsheet would take for a formula gets an apostrophe, a number never."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([_safe(c.name) for c in columns])
        writer.writerows([_safe(c) for c in row] for row in zip(*(c.cells for c in columns), strict=True))


def drawn(rows: Rows) -> bytes:
    """Give rows as the CSV beside a figure; NaN and None are empty."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([_drawn(value) for value in row] for row in rows)
    return stream.getvalue().encode()


def _drawn(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return decimal(value) if math.isfinite(value) else ""
        case str():
            return of_cell(value)
        case _:
            return value


def decimal(value: float) -> str:
    """Give a number as the tables of drawn numbers write it."""
    return f"{value:.10g}"


def _safe(cell: Cell) -> Cell:
    return harmless(cell) if isinstance(cell, str) else cell
