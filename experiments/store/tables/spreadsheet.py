"""Spreadsheets (.xlsx): every text a text, never a formula or a link, and every number with all its digits."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fiveyear.experiments.console.errors import LimitError
from fiveyear.experiments.page.columns import Column

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ROWS, COLUMNS, CHARACTERS = 1_048_576, 16_384, 32_767  # a sheet's, and a cell's
_CREATED = dt.datetime(1980, 1, 1)  # always the same: the same results give the same bytes


class _Exact(float):
    """A number that the package writes with all its digits; by itself it would write 16, and 17 may be needed."""

    def __format__(self, _: str, /) -> str:
        return repr(float(self))


def require_room(columns: Sequence[Column], out: Path) -> None:
    """Raise LimitError if a sheet cannot hold the table."""
    rows = 1 + max((len(c.cells) for c in columns), default=0)
    longest = max((len(c) for column in columns for c in column.cells if isinstance(c, str)), default=0)
    faults = [
        f"{count:,} {what}, and .xlsx takes {most:,} at most; write .csv, which takes any number"
        for count, what, most in (
            (rows, "rows with that of the names", ROWS),
            (len(columns), "columns", COLUMNS),
            (longest, "characters in a cell", CHARACTERS),
        )
        if count > most
    ]
    if faults:
        raise LimitError(str(out), faults)


def write(sheets: Mapping[str, Sequence[Column]], file: Path) -> None:
    """Write each table on a sheet of its own; raises OSError if the disk does not take it."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as scratch:  # rows go there one by one: a million need no memory
        options = {
            "constant_memory": True,
            "tmpdir": scratch,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = Workbook(packed, options)
        book.set_properties({"created": _CREATED})
        try:
            for name, columns in sheets.items():
                _fill(book.add_worksheet(name), columns)
            book.close()
        except (FileCreateError, OSError) as error:
            for sheet in book.worksheets():  # a file left open would complain once more, on its way out
                with contextlib.suppress(OSError):
                    sheet._opt_close()
            raise (error.args[0] if isinstance(error, FileCreateError) else error) from None
    file.write_bytes(packed.getbuffer())


def _fill(sheet: Worksheet, columns: Sequence[Column]) -> None:
    sheet.freeze_panes(1, 0)
    for row, cells in enumerate(zip(*([c.name, *c.cells] for c in columns), strict=True)):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                # The package takes "<r>...</r>" for markup of its own and would copy it into the sheet, formulas and
                # all.
                sheet.write_string(row, place, f" {cell}" if cell.startswith("<r>") else cell)
            elif cell is not None:
                sheet.write_number(row, place, _Exact(cell))
