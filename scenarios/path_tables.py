"""Paths from tables: years and numbers in two columns of a CSV or Excel file, read as if they were written out."""

from __future__ import annotations

import csv
import io
import math
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiveyear.model import ordinary_files
from fiveyear.model.errors import nearest

from .checks import passed
from .errors import Fault, dotted, shown
from .tables import TABLE_KEYS, YEAR, PathTable, read_number

LARGEST = 4 * 1024**2  # bytes of a table
LARGEST_UNPACKED = 32 * 1024**2  # bytes of what an Excel file, which is a zip, holds
MOST_ROWS, MOST_COLUMNS = 1_000, 1_000
MOST_LINES = 10 * MOST_ROWS  # of a CSV file, with blank ones at its end
LISTED = 20  # faults at most that are told of a table
EXCEL = (".xlsx", ".xlsm")
FORMULA = object()  # a formula whose value the file does not hold

#: What openpyxl and what it rests on raise where a file is no sound workbook.
_UNSOUND = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
#: A document type, which no spreadsheet writes, may hold entities that grow or read other files.
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")

Row = Sequence[Any]  # cells: numbers, texts, None where there is nothing


@dataclass(frozen=True)
class Column:
    """Numbers by year from a column of a table, and the row of each, counted from 1 as a spreadsheet does."""

    file: str  # as the scenario names it
    name: str
    numbers: Mapping[str, float]
    rows: Mapping[str, int]

    def place(self, year: str = "") -> str:
        """Say where in the table the number of a year stands, or all of them."""
        row = f", row {self.rows[year]}" if year in self.rows else ""
        return f"{self.file}{row}, column {shown(self.name)}"


@dataclass(frozen=True)
class Read:
    """What a scenario file holds once its tables are read: ``unread`` are the paths whose tables have faults."""

    content: Mapping[str, Any]
    columns: Mapping[str, Column]  # by path
    unread: frozenset[str]
    faults: tuple[Fault, ...]


def with_numbers(content: Mapping[str, Any], folder: Path) -> Read:
    """Give what a scenario file in a folder holds, with the numbers of its tables in the place of their names."""
    groups = content.get("paths")
    paths: dict[str, Any] = dict(groups) if isinstance(groups, dict) else {}
    columns: dict[str, Column] = {}
    unread: set[str] = set()
    faults: list[Fault] = []
    for name, entry in paths.items():
        table = passed(PathTable, entry)
        if table is None or table.table is None or table.values is not None or table.growth is not None:
            continue
        try:
            columns[name] = column = _column(table, table.table, folder)
        except _TableError as error:
            key = dotted("paths", name)
            faults += [fault.under(key) for fault in error.faults[:LISTED]]
            if (more := len(error.faults) - LISTED) > 0:
                faults.append(Fault(f"{key}.table", f"{table.table}: and {more:,} more faults"))
            unread.add(name)
            continue
        kept = {key: value for key, value in entry.items() if key not in TABLE_KEYS}
        paths[name] = {table.numbers or "values": dict(column.numbers), **kept}
    read = {**content, "paths": paths} if columns else content
    return Read(read, columns, frozenset(unread), tuple(faults))


def at_table(fault: Fault, columns: Mapping[str, Column]) -> Fault:
    """Give a fault of numbers that came from a table as one of the table, with its row."""
    group, _, rest = fault.key.partition(".")
    name, _, rest = rest.partition(".")
    numbers, _, year = rest.partition(".")
    if group != "paths" or name not in columns or numbers not in ("values", "growth"):
        return fault
    return fault.altered(key=f"paths.{name}.table", text=f"{columns[name].place(year)}: {fault.text}")


class _TableError(Exception):
    """Faults of a table, by key of the path."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults


def _wrong(key: str, text: str, content: str = "", expected: str = "") -> _TableError:
    return _TableError(Fault(key, text, found=content, expected=expected))


def _column(table: PathTable, file: str, folder: Path) -> Column:
    if table.column is None:
        raise _wrong("column", f"missing; expected the heading of the column of {file} to take", expected="a heading")
    of_years = table.years or "year"
    rows = _rows(table, file, folder)
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(cell is not None for cell in row)]
    if not numbered:
        raise _wrong("table", f"{file} is empty")
    (heading_row, headings), *body = numbered
    places: list[int] = []
    faults: list[Fault] = []
    for key, heading in (("years", of_years), ("column", table.column)):
        try:
            places.append(_place(key, heading, headings, file))
        except _TableError as error:
            faults += error.faults
    if faults:
        raise _TableError(*faults)
    if not body:
        raise _wrong("table", f"{file} has no row below its headings, in row {heading_row}")
    numbers: dict[str, float] = {}
    row_of: dict[str, int] = {}
    last = 0
    for row_number, row in body:
        cell_of_year, cell = (row[place] if place < len(row) else None for place in places)
        where = f"{file}, row {row_number}, column"
        year, number = _year(cell_of_year), _number(cell)
        if year is None:
            content, expected = _shown(cell_of_year), "a year such as 2015"
            faults.append(_at(f"{where} {shown(of_years)}", content, expected))
        elif year <= last:
            content = f"{year} again" if str(year) in row_of else f"{year} after {last}"
            faults.append(_at(f"{where} {shown(of_years)}", content, "years that rise"))
        last = year or last
        row_of.setdefault(str(year), row_number)
        if number is None:
            kept = "; open the file in a spreadsheet and save it, so that it holds the values of formulas"
            faults.append(_at(f"{where} {shown(table.column)}", _shown(cell), "a number", kept * (cell is FORMULA)))
        else:
            numbers.setdefault(str(year), number)
    if faults:
        raise _TableError(*faults)
    return Column(file, table.column, numbers, row_of)


def _at(where: str, content: str, expected: str, more: str = "") -> Fault:
    text = f"{where}: found {content}, expected {expected}{more}"
    return Fault("table", text, found=content, expected=expected)


def _place(key: str, heading: str, headings: Row, file: str) -> int:
    names = [name.strip() if isinstance(name, str) else _shown(name) for name in headings]
    if (times := names.count(heading.strip())) == 1:
        return names.index(heading.strip())
    if times:
        raise _wrong(key, f"{file} has {times} columns {shown(heading)}, expected one", str(times), "one")
    columns = [name for name, cell in zip(names, headings, strict=True) if cell is not None]
    hint = nearest(heading, columns)
    text = f"{file} has no column {shown(heading)}"
    if len(columns) == 1 and (sign := next((s for s in (";", "\t") if s in columns[0]), "")):
        text += f"; its columns are separated by {shown(sign)}, expected commas"
        raise _wrong(key, text, sign, "commas")
    raise _TableError(Fault(key, text, found=heading, near=hint))


def _number(cell: Any) -> float | None:
    """Give the finite number that a cell holds; None for a text, a truth value, a date or nothing."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    try:
        return float(cell) if math.isfinite(cell) else None
    except OverflowError:
        return None


def _year(cell: Any) -> int | None:
    number = _number(cell)
    return int(number) if number is not None and number.is_integer() and re.match(YEAR, f"{number:.0f}") else None


def _shown(cell: Any) -> str:
    if cell is None:
        return "nothing"
    if cell is FORMULA:
        return "a formula without a value"
    return shown(cell) if isinstance(cell, bool | int | float | str) else f"a {type(cell).__name__}"


def _rows(table: PathTable, file: str, folder: Path) -> list[Row]:
    suffix = Path(file).suffix.lower()
    if suffix not in (".csv", *EXCEL):
        raise _wrong("table", "", shown(file), "a file that ends with .csv or .xlsx")
    if table.sheet is not None and suffix == ".csv":
        raise _wrong("sheet", f"{file} has no sheets; leave this key out")
    try:
        content = ordinary_files.read(folder / file, LARGEST)
    except FileNotFoundError:
        raise _wrong("table", f"{file}: there is no such file in {folder}", file, "a file") from None
    except OSError as error:
        raise _wrong("table", f"{file} cannot be read: {error.strerror}") from None
    rows = _of_csv(content, file) if suffix == ".csv" else _of_excel(content, file, table.sheet)
    if len(rows) > MOST_LINES or any(cell is not None for row in rows[MOST_ROWS:] for cell in row):
        raise _wrong("table", f"{file} has more than {MOST_ROWS:,} rows", expected=f"at most {MOST_ROWS:,} rows")
    return rows[:MOST_ROWS]


def _of_csv(content: bytes, file: str) -> list[Row]:
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        text = f"{file}: byte {error.start + 1} is not UTF-8; save the file as CSV UTF-8"
        raise _wrong("table", text, expected="UTF-8") from None
    rows: list[Row] = []
    headings: int | None = None
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            texts = [cell.strip() or None for cell in cells]
            if headings is None and any(texts):
                headings = number
                rows.append(texts)
                continue
            if headings is not None and any(texts[len(rows[headings - 1]) :]):  # such as 1,234 without quotes
                counted, expected = f"{len(texts)} cells", f"{len(rows[headings - 1])} as in row {headings}"
                raise _wrong("table", f"{file}, row {number}: found {counted}, expected {expected}", counted, expected)
            rows.append([_of_text(cell) for cell in texts])
            if len(rows) > MOST_LINES or (len(rows) > MOST_ROWS and any(texts)):
                break
    except csv.Error as error:
        raise _wrong("table", f"{file}, row {len(rows) + 1}: it is not CSV: {error}") from None
    return rows


def _of_text(cell: str | None) -> float | str | None:
    number = None if cell is None else read_number(cell)
    return cell if number is None else number


def _of_excel(content: bytes, file: str, sheet: str | None) -> list[Row]:
    try:
        import openpyxl
    except ImportError:
        text = f'{file} needs openpyxl, which is not installed; pip install "fiveyear[tables]"'
        raise _wrong("table", text, expected="openpyxl") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise _wrong("table", f"{file} is larger than {LARGEST_UNPACKED // 1024**2} MB when unpacked")
            if any(_DOCTYPE.search(parts.read(part)) for part in parts.infolist()):
                raise _wrong("table", f"{file} holds a document type, as no spreadsheet does")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and the like, which are not read
            values = _cells(openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True), file, sheet)
            formulas = _cells(openpyxl.load_workbook(io.BytesIO(content), read_only=True), file, sheet)
    except (*_UNSOUND, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise _wrong("table", f"{file} is not a sound Excel file: {str(error)[:100]}") from None
    return [
        [
            FORMULA if cell.value is None and formula.data_type == "f" else _trimmed(cell.value)
            for cell, formula in pairs
        ]
        for pairs in (zip(*rows, strict=True) for rows in zip(values, formulas, strict=True))
    ]


def _cells(book: Any, file: str, sheet: str | None) -> list[Row]:
    """Give the cells of a sheet, by default of the first, up to one row more than there may be."""
    sheets = {each.title: each for each in book.worksheets}
    if sheet is not None and sheet not in sheets:
        text = f"{file} has no sheet {shown(sheet)}"
        raise _TableError(Fault("sheet", text, found=sheet, near=nearest(sheet, sheets)))
    if not sheets:
        raise _wrong("table", f"{file} has no sheet of cells")
    chosen = next(iter(sheets.values())) if sheet is None else sheets[sheet]
    # The size that a sheet states of itself may be anything.
    return list(chosen.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS))


def _trimmed(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value
