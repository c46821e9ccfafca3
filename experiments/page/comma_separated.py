"""CSV files: UTF-8 without a byte order mark, lines that end in LF, every number with all its digits."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from .columns import Cell, Column
from .text import harmless


def write(columns: Sequence[Column], file: Path) -> None:
    """Write a table; a text that a spreadsheet would take for a formula gets an apostrophe, a number never."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([_safe(c.name) for c in columns])
        writer.writerows([_safe(c) for c in row] for row in zip(*(c.cells for c in columns), strict=True))


def _safe(cell: Cell) -> Cell:
    return harmless(cell) if isinstance(cell, str) else cell
