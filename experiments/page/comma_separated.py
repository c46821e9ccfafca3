"""CSV files: UTF-8 without a byte order mark, lines that end in LF, every number with all its digits."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .columns import Column
from .text import harmless, of_cell

Rows = Iterable[Sequence[object]]  # the first of them the heading
DIGITS = 10  # of drawn numbers


def write(columns: Sequence[Column], file: Path) -> None:
    """Write a table; a text that a spreadsheet would take for a formula gets an apostrophe, a number never."""
    rows = zip(*([c.name, *c.cells] for c in columns), strict=True)
    write_rows(([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows), file)


def write_table(records: Sequence[Mapping[str, object]], file: Path) -> None:
    """Write records under all their keys, empty where one lacks a key; texts as ``of_cell`` gives them."""
    names = list(dict.fromkeys(key for record in records for key in record))
    cells = ([record.get(name) for name in names] for record in records)
    write_rows([names, *([of_cell(v) if isinstance(v, str) else v for v in row] for row in cells)], file)


def write_records(records: Sequence[Mapping[str, object]], file: Path) -> None:
    """Write records, all with the keys of the first, as they are."""
    write_rows([records[0], *(record.values() for record in records)], file)


def write_rows(rows: Iterable[Iterable[object]], file: Path) -> None:
    """Write rows, the first of them the heading, as they are."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def drawn(rows: Rows, digits: int = DIGITS) -> bytes:
    """Give rows as the CSV beside a figure, numbers with so many digits; NaN and None are empty."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([_drawn(value, digits) for value in row] for row in rows)
    return stream.getvalue().encode()


def _drawn(value: object, digits: int) -> object:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return decimal(value, digits) if math.isfinite(value) else ""
        case str():
            return of_cell(value)
        case _:
            return value


def decimal(value: float, digits: int = DIGITS) -> str:
    """Give a number as the tables of drawn numbers write it."""
    return f"{value:.{digits}g}"
