"""A table as its columns, whatever the file it goes into."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .text import one_line

Cell: TypeAlias = str | int | float | None  # texts are of one line; None is empty

_EXACT = 2**53  # beyond it not every integer is a double


@dataclass(frozen=True)
class Column:
    """A column: what stands above it, what that means, and its cells. A year is a number above its column, too."""

    name: str | int
    meaning: str
    cells: Sequence[Cell]

    @property
    def kind(self) -> str:
        """Give "text" if any cell is one, "integer" if all are, else "number": for formats that know one a column."""
        kinds = {type(c) for c in self.cells}
        if str in kinds:
            return "text"
        return "integer" if kinds == {int} else "number"

    def texts(self) -> list[str]:
        """Give the cells as texts, empty ones as ""."""
        return ["" if c is None else c if isinstance(c, str) else repr(c) for c in self.cells]


def cell(value: object) -> Cell:
    """Give a JSON value as a cell: numbers as they are, what is not finite empty, lists and truth values as JSON.

    >>> [cell(v) for v in (1.5, float("nan"), "late", True, [2011, 0.5])]
    [1.5, None, 'late', 'true', '[2011, 0.5]']
    """
    match value:
        case None:
            return None
        case str():
            return one_line(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case int() if not isinstance(value, bool) and abs(value) <= _EXACT:
            return value
        case _:
            return one_line(json.dumps(value, ensure_ascii=False))


def factor_columns(rows: Sequence[Mapping[str, object]], taken: Collection[str]) -> list[Column]:
    """Give one column a factor, by its key; a key that is the name of another column gets a number."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    names = distinct([one_line(key) for key in keys], taken)
    return [
        Column(name, f"factor {one_line(key)}", [cell(row.get(key)) for row in rows])
        for name, key in zip(names, keys, strict=True)
    ]


def distinct(names: Iterable[str], taken: Collection[str], longest: int = 1000) -> list[str]:
    """Give the names cut to a length; one that is taken, or was given before, ends in a number.

    >>> distinct(["growth", "growth", "year"], {"year"})
    ['growth', 'growth_2', 'year_2']
    """
    used = set(taken)
    given = []
    for name in names:
        candidate, count = name[:longest], 1
        while candidate in used:
            count += 1
            ending = f"_{count}"
            candidate = name[: longest - len(ending)] + ending
        used.add(candidate)
        given.append(candidate)
    return given
