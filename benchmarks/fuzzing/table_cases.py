"""Scenarios that take a path from an altered table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from fiveyear.scenarios import load_scenario

from .case import EQUAL, OTHER, Case, Ended, Expected
from .plan_tables import NOT_NUMBERS, REWRITTEN, SPOILT, csv_of, rows_of
from .slips import SLIPS
from .toml_cases import same
from .valid_files import SHIPPED, WHOLE, at_base, near

DIGITS_OF_EXCEL = 1e-15  # openpyxl writes sixteen
PATH, COLUMN = "planned_rd_intensity", "as planned"
SCENARIO = """\
title = "From a table"
extends = "{extends}"
expect = "As the table."

[paths.{path}]
unit = "share"
table = "{table}"
column = "{column}"
assumed = "for a test"
"""
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_FORM_OF_YEAR = re.compile(r"[+]?(19|20|21)[0-9]{2}(\.0*)?")

#: What a cell of a workbook may hold that is no number.
NOT_NUMBERS_OF_EXCEL: dict[str, Any] = {
    "a truth for a number": True,
    "a date for a number": date(2011, 7, 1),
    "a formula without a value": "=1+1",
    "a fault for a number": "#DIV/0!",
    "nothing": None,
}


def case(random: Random) -> Case:
    """Give a scenario with an altered table."""
    extends = random.choice([name for name, scenario in SHIPPED.items() if scenario.plan.name == "twelfth"])
    plan, declared = SHIPPED[extends].plan, WHOLE.series[PATH]
    years = sorted(random.sample(range(plan.base_year + 1, plan.end + 1), random.randint(1, 5)))
    base = at_base(plan.name)[PATH]
    numbers = [float(near(random, base, declared.low, declared.high)) for _ in years]
    rows = [["year", "note", COLUMN], *([str(y), "x", repr(n)] for y, n in zip(years, numbers, strict=True))]
    if random.random() < 0.2:
        return _excel(random, extends, rows)
    data = csv_of(rows)
    place = random.randrange(1, len(rows))
    how = random.choices(["cell", "table", "spoilt", "rewritten", "slip"], [30, 25, 12, 13, 20])[0]
    if how == "spoilt":
        label = random.choice(list(SPOILT))
        if label == "a NUL":  # perhaps in a column that is not read
            return _slip(extends, rows, label, SPOILT[label](data))
        return _case(extends, "t.csv", SPOILT[label](data), label, Expected(("t.csv",), (f"paths.{PATH}.",)))
    if how == "rewritten":
        label = random.choice(list(REWRITTEN))
        backwards = label == "rows in another order" and len(rows) > 2
        expected = Expected(("t.csv",), ("row 3",)) if backwards else _as(rows, EQUAL)
        return _case(extends, "t.csv", REWRITTEN[label](data), label, expected)
    if how == "slip":
        label = random.choice([name for name in SLIPS if name != "a long number"])
        return _slip(extends, rows, label, SLIPS[label](data, random))
    if how == "cell":
        label = random.choice(list(NOT_NUMBERS))
        column = random.choice([0, 2])
        rows[place][column] = NOT_NUMBERS[label](rows[place][column])
        return _case(extends, "t.csv", csv_of(rows), label, Expected(("t.csv",), (f"row {place + 1}",)))
    label, changed, expected = random.choice(_of_table(rows, place, plan.outlook_end + 1))
    return _case(extends, "t.csv", csv_of(changed), label, expected)


def _of_table(rows: list[list[str]], place: int, after: int) -> list[tuple[str, list[list[str]], Expected]]:
    """Give what can be done to the rows of a table, and what must come of it."""
    in_row = Expected(("t.csv",), (f"row {place + 1}",))
    row = rows[place]
    changed = [
        ("columns in another order", [list(reversed(r)) for r in rows], _as(rows, EQUAL)),
        ("a column called otherwise", [["year", "note", f"{COLUMN}s"], *rows[1:]], Expected(("t.csv",), (".column:",))),
        ("a column twice", [[*r, r[2]] for r in rows], Expected(("t.csv",), (".column:",))),
        ("a column lost", [r[1:] for r in rows], Expected(("t.csv",), (".years:",))),
        ("an empty line", [*rows[:place], ["", "", ""], *rows[place:]], _as(rows, EQUAL)),
        ("an empty cell", [*rows[:place], [row[0], "x", ""], *rows[place + 1 :]], in_row),
        ("an entry too many", [*rows[:place], [*row, "x"], *rows[place + 1 :]], in_row),
        ("a row twice", [*rows[: place + 1], *rows[place:]], Expected(("t.csv",), (f"row {place + 2}",))),
        (
            "a year outside the plan",
            [*rows, [str(after), "x", rows[-1][2]]],
            Expected(("t.csv",), (f"row {len(rows) + 1}",)),
        ),
        ("far outside what can be", [*rows[:place], [row[0], "x", "1e6"], *rows[place + 1 :]], in_row),
    ]
    if len(rows) > 2:
        without = [*rows[:place], *rows[place + 1 :]]
        changed.append(("a row lost", without, _as(without, OTHER)))
    return changed


def _case(extends: str, name: str, data: bytes, label: str, expected: Expected) -> Case:
    scenario = SCENARIO.format(extends=extends, path=PATH, table=name, column=COLUMN)
    return Case(label, ("scenario", "check", "mine.toml"), expected, {"mine.toml": scenario.encode(), name: data})


def _as(rows: Sequence[Sequence[str]], taken_as: str, tolerance: float = 0.0) -> Expected:
    """Expect that a table is taken as these rows."""
    return Expected(refused=False, taken_as=taken_as, holds=_holds(lambda: rows, tolerance))


def _holds(rows: Callable[[], Sequence[Sequence[str]]], tolerance: float = 0.0) -> Callable[[Ended, Path], str]:
    def holds(ended: Ended, folder: Path) -> str:
        points = load_scenario(str(folder / "mine.toml")).paths[PATH].points
        expected = _points(rows())
        alike = expected is not None and same([list(p) for p in points], [list(p) for p in expected], tolerance)
        return "" if alike else f"it is read as {points}, and says {expected}"

    return holds


def _points(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, float], ...] | None:
    """Give the points that rows of texts say, by rules written down here anew; None if they say none."""
    heading, *body = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)] or [[]]
    if heading.count("year") != 1 or heading.count(COLUMN) != 1:
        return None
    years, numbers = ([row[heading.index(name)] for row in body if len(row) > 2] for name in ("year", COLUMN))
    if (
        len(years) < len(body)
        or not all(map(_FORM_OF_YEAR.fullmatch, years))
        or not all(map(_NUMBER.fullmatch, numbers))
    ):
        return None
    return tuple((int(float(year)), float(number)) for year, number in zip(years, numbers, strict=True))


def _slip(extends: str, rows: list[list[str]], label: str, data: bytes) -> Case:
    try:
        changed = rows_of(data.removeprefix(b"\xef\xbb\xbf"))
    except (UnicodeDecodeError, csv.Error):
        return _case(extends, "t.csv", data, label, Expected(("t.csv",), (f"paths.{PATH}.",)))
    as_before = _points(changed) == _points(rows)
    expected = Expected(("t.csv",), (), taken_as=EQUAL if as_before else OTHER, holds=_holds(lambda: changed))
    return _case(extends, "t.csv", data, label, expected)


def _excel(random: Random, extends: str, rows: list[list[str]]) -> Case:
    import openpyxl

    cells: list[list[Any]] = [list(rows[0]), *([int(year), note, float(number)] for year, note, number in rows[1:])]
    place = random.randrange(1, len(rows))
    label = random.choice([*NOT_NUMBERS_OF_EXCEL, "alike", "its end cut off", "a part altered"])
    expected = _as(rows, EQUAL, DIGITS_OF_EXCEL)
    if label in NOT_NUMBERS_OF_EXCEL:
        cells[place][random.choice([0, 2])] = NOT_NUMBERS_OF_EXCEL[label]
        expected = Expected(("t.xlsx",), (f"row {place + 1}",))
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in cells:
        book.active.append(row)
    book.save(stream)
    data = stream.getvalue()
    if label == "its end cut off":
        data, expected = data[: random.randrange(len(data) - 30)], Expected(("t.xlsx",), (f"paths.{PATH}.table",))
    if label == "a part altered":
        at = random.randrange(len(data))
        data = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
        expected = Expected(
            ("t.xlsx",), (f"paths.{PATH}.",), taken_as=EQUAL, holds=_holds(lambda: rows, DIGITS_OF_EXCEL)
        )
    return _case(extends, "t.xlsx", data, label, expected)
