"""Stata files (.dta, format 118, which Stata 14 and later read): Unicode, names that Stata takes, and labels."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from fiveyear.experiments.console.errors import LimitError
from fiveyear.experiments.page.columns import Column, distinct

COLUMNS, NAME, LABEL = 32_767, 32, 80  # at most: of a file, and characters of a name and of a label
PLAIN = 2_045  # bytes of a text at most, in a plain field; pandas 2.2 counts characters
LARGEST = 8.988e307  # beyond it Stata reads a missing value
_WRITTEN = dt.datetime(1980, 1, 1)  # always the same: the same results give the same bytes
_RESERVED = re.compile(
    r"byte|case|int|long|float|double|str(L|\d+)|if|in|using|with"
)  # for what we write, without a "_" first


def require_room(columns: Sequence[Column], out: Path) -> None:
    """Raise LimitError if Stata cannot hold the table."""
    faults = []
    if len(columns) > COLUMNS:
        faults.append(f"{len(columns):,} columns, and .dta takes {COLUMNS:,} at most; write .csv")
    for column in columns:
        large = [c for c in column.cells if isinstance(c, int | float) and abs(c) > LARGEST]
        if large:
            faults.append(f"{column.name}: {large[0]!r} is beyond {LARGEST!r}, the most that .dta takes; write .csv")
    if faults:
        raise LimitError(str(out), faults)


def names(columns: Sequence[Column]) -> list[str]:
    """Give the columns' names as Stata takes them: ASCII letters, digits and ``_``, 32 at most, all distinct.

    What is too long loses its first words, since the end of a factor's key tells it from others.
    """
    return distinct([_name(str(c.name)) for c in columns], (), NAME)


def _name(name: str) -> str:
    words = re.findall("[A-Za-z0-9]+", name) or ["factor"]
    while len("_".join(words)) > NAME and len(words) > 1:
        del words[0]
    short = "_".join(words)
    return f"_{short}" if short[0].isdigit() or _RESERVED.fullmatch(short) else short


def write(columns: Sequence[Column], title: str, file: Path) -> None:
    """Write a table with the title as the label of the data; a column that holds a text is one of texts."""
    import pandas as pd

    short = names(columns)
    made = {n: _series(c) for n, c in zip(short, columns, strict=True)}
    texts = {n: c.texts() for n, c in zip(short, columns, strict=True) if c.kind == "text"}
    pd.DataFrame(made).to_stata(
        file,
        write_index=False,
        version=118,
        time_stamp=_WRITTEN,
        convert_strl=[n for n, cells in texts.items() if any(len(cell.encode()) > PLAIN for cell in cells)],
        data_label=title[:LABEL],
        variable_labels={n: c.meaning[:LABEL] for n, c in zip(short, columns, strict=True)},
    )


def _series(column: Column) -> object:
    import pandas as pd

    if column.kind == "text":
        return pd.Series(column.texts(), dtype=object)
    return pd.Series(column.cells, dtype="int64" if column.kind == "integer" else "float64")
