"""Paths from tables: they are what they would be if written out, and a bad table is refused with its row."""

from __future__ import annotations

import contextlib
import json
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from fiveyear.scenarios import Scenario, ScenarioError, load_plan, load_scenario, restore
from fiveyear.scenarios.changes import toml_text
from fiveyear.scenarios.path_tables import LARGEST, MOST_ROWS

Faults = Callable[[str], list[str]]  # of the fixture `faults_of`

PATH = "planned_rd_intensity"
ROWS = [(2011, 1.85), (2012, 1.9), (2013, 2.0), (2014, 2.1), (2015, 2.3)]
CSV = "year,intensity\n" + "".join(f"{year},{number}\n" for year, number in ROWS)
TABLE = 'unit = "%"\ncolumn = "intensity"\nsource = "a ministry"\n'


def scenario_file(folder: Path, own: str, name: str = "mine", extends: str = '"plan"') -> str:
    path = folder / f"{name}.toml"
    path.write_text(f'title = "Mine"\nexpect = "A test."\nextends = {extends}\n{own}', encoding="utf-8")
    return str(path)


def with_table(folder: Path, content: str | bytes, own: str = TABLE, name: str = "t.csv", path: str = PATH) -> str:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return scenario_file(folder, f'[paths.{path}]\ntable = "{name}"\n{own}')


def workbook(file: Path, rows: list[tuple[Any, ...]], sheet: str = "data") -> None:
    book = openpyxl.Workbook()
    book.active.title = "notes"
    book.active.append(["year", "intensity"])
    for row in rows:
        book.create_sheet(sheet).append(row) if sheet not in book.sheetnames else book[sheet].append(row)
    book.save(file)


def yearly(scenario: Scenario) -> bytes:
    years, history = np.arange(2005.0, 2016.0), np.linspace(0.0132, 0.0175, 6)
    return scenario.paths[PATH].yearly(years, history).tobytes()


# -- what is read ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_path_of_a_table_is_to_the_bit_the_one_written_out(tmp_path: Path, kind: str) -> None:
    written = ", ".join(f"{year} = {number}" for year, number in ROWS)
    own = f'[paths.{PATH}]\nunit = "%"\nvalues = {{ {written} }}\nsource = "a ministry"\n'
    (tmp_path / "other").mkdir()
    expected = load_scenario(scenario_file(tmp_path / "other", own))
    if kind == "csv":
        file = with_table(tmp_path, CSV)
    else:
        workbook(tmp_path / "t.xlsx", [("year", "intensity"), *ROWS])
        file = scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\nsheet = "data"\n{TABLE}')
    found = load_scenario(file)
    assert found == expected
    assert found.content == expected.content
    assert json.dumps(found.stored(), sort_keys=True) == json.dumps(expected.stored(), sort_keys=True)
    assert yearly(found) == yearly(expected)
    after = np.frombuffer(yearly(found))[6:]
    assert after.tolist() == [number * 0.01 for _, number in ROWS]


def test_what_is_kept_of_a_scenario_needs_its_table_no_more(tmp_path: Path) -> None:
    scenario = load_scenario(with_table(tmp_path, CSV))
    stored, text = json.dumps(scenario.stored()), toml_text(scenario)
    (tmp_path / "t.csv").unlink()
    assert restore(json.loads(stored)) == scenario
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "mine.toml").write_text(text, encoding="utf-8")
    saved = load_scenario(str(tmp_path / "saved" / "mine.toml"))
    assert saved.paths == scenario.paths
    assert saved.content["paths"] == scenario.content["paths"]
    assert "table" not in text


def test_growth_may_come_from_a_table(tmp_path: Path) -> None:
    own = 'unit = "%/year"\ncolumn = "GDP growth"\nyears = "Year"\nnumbers = "growth"\nassumed = "a test"\n'
    table = "note,Year,GDP growth\nfirst,2011,9\n,2012,8.5\n"
    scenario = load_scenario(with_table(tmp_path, table, own, path="gdp_real"))
    found = scenario.paths["gdp_real"].yearly(np.arange(2005.0, 2016.0), np.full(6, 100.0))
    assert found[6:] == pytest.approx([109.0, *(109.0 * 1.085**n for n in range(1, 5))])


def test_a_table_is_sought_beside_the_scenario_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "below").mkdir()
    with_table(tmp_path / "below", CSV)
    monkeypatch.chdir(tmp_path)
    file = scenario_file(tmp_path, "", name="above", extends='"below/mine.toml"')
    assert load_scenario(file).paths[PATH].points[-1] == (2015, 2.3 * 0.01)


@pytest.mark.parametrize("years", [(2011, 2013, 2015), (2011, 2012, 2015), (2012, 2015), (2011, 2014)])
@pytest.mark.parametrize("numbers", ["values", "growth"])
def test_years_that_a_table_leaves_out_are_as_those_that_a_file_leaves_out(
    tmp_path: Path, years: tuple[int, ...], numbers: str
) -> None:
    path, unit = ("gdp_real", "%/year") if numbers == "growth" else (PATH, "%")
    years = (2011, *years[1:]) if numbers == "growth" else years
    rows = [(year, 1.8 + place / 10) for place, year in enumerate(years)]
    table = "year,intensity\n" + "".join(f"{year},{number}\n" for year, number in rows)
    own = f'unit = "{unit}"\ncolumn = "intensity"\nnumbers = "{numbers}"\nsource = "a ministry"\n'
    in_table = load_scenario(with_table(tmp_path, table, own, path=path))
    listed = ", ".join(f"{year} = {number}" for year, number in rows)
    text = f'[paths.{path}]\nunit = "{unit}"\n{numbers} = {{ {listed} }}\nsource = "a ministry"\n'
    assert in_table == load_scenario(scenario_file(tmp_path, text))


def test_blank_rows_of_a_table_are_passed_over(tmp_path: Path) -> None:
    table = "\ufeff\r\n year , intensity ,\r\n2011.0,1.9,\r\n,,\r\n2013, 2e0 ,\r\n2015,2.2\r\n\r\n"
    scenario = load_scenario(with_table(tmp_path, table))
    assert scenario.paths[PATH].points == ((2011, 1.9 * 0.01), (2013, 2.0 * 0.01), (2015, 2.2 * 0.01))


def test_a_number_of_a_table_can_be_set(tmp_path: Path) -> None:
    scenario = load_scenario(with_table(tmp_path, CSV), [f"paths.{PATH}.values.2015=2.0"])
    assert scenario.content["paths"][PATH]["values"] == {**{str(y): n for y, n in ROWS}, "2015": 2.0}


def test_the_first_sheet_is_read_unless_one_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("year", "intensity"), (2015, 2.0)]:
        book.active.append(row)
    book.create_sheet("high").append(("year", "intensity"))
    book["high"].append((2015, 2.4))
    book.save(tmp_path / "t.xlsx")
    first = load_scenario(scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\n{TABLE}'))
    named = load_scenario(scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\nsheet = "high"\n{TABLE}'))
    assert first.content["paths"][PATH]["values"] == {"2015": 2.0}
    assert named.content["paths"][PATH]["values"] == {"2015": 2.4}


# -- bad tables -----------------------------------------------------------------------------------------------
HEAD = f"paths.{PATH}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "year,intensity\n2014,\n2015,2\n",
            '.table: t.csv, row 2, column "intensity": found nothing, expected a number',
        ),
        (
            "year,intensity\n2014\n2015,2\n",
            '.table: t.csv, row 2, column "intensity": found nothing, expected a number',
        ),
        ("year,intensity\n2014,n/a\n", '.table: t.csv, row 2, column "intensity": found "n/a", expected a number'),
        ("year,intensity\n2014,nan\n", '.table: t.csv, row 2, column "intensity": found "nan", expected a number'),
        ("year,intensity\n2014,inf\n", '.table: t.csv, row 2, column "intensity": found "inf", expected a number'),
        ("year,intensity\n2014,1e999\n", '.table: t.csv, row 2, column "intensity": found "1e999", expected a number'),
        ("year,intensity\n2014,2 %\n", '.table: t.csv, row 2, column "intensity": found "2 %", expected a number'),
        ('year,intensity\n2014,"2,1"\n', '.table: t.csv, row 2, column "intensity": found "2,1", expected a number'),
        ("year,intensity\n2014,2,1\n", ".table: t.csv, row 2: found 3 cells, expected 2 as in row 1"),
        ("year,intensity\n,2\n", '.table: t.csv, row 2, column "year": found nothing, expected a year such as 2015'),
        ("year,intensity\n2014.5,2\n", '.table: t.csv, row 2, column "year": found 2014.5, expected a year such as'),
        ("year,intensity\n14,2\n", '.table: t.csv, row 2, column "year": found 14.0, expected a year such as 2015'),
        ("year,intensity\nFY14,2\n", '.table: t.csv, row 2, column "year": found "FY14", expected a year such as'),
        (
            "year,intensity\n2013,2\n2015,2\n2014,2\n",
            '.table: t.csv, row 4, column "year": found 2014 after 2015, expected years that rise',
        ),
        (
            "year,intensity\n2014,2\n2014,2\n",
            '.table: t.csv, row 3, column "year": found 2014 again, expected years that rise',
        ),
        (
            "year,intensity\n2013,2\n2014,\n2015,2\n",
            '.table: t.csv, row 3, column "intensity": found nothing, expected a number',
        ),
        ("year,intensty\n2015,2\n", '.column: t.csv has no column "intensity"; nearest is intensty'),
        ("Year,intensity\n2015,2\n", '.years: t.csv has no column "year"; nearest is Year'),
        ("year,intensity,intensity\n2015,2,2\n", '.column: t.csv has 2 columns "intensity", expected one'),
        ("year,intensity\n", ".table: t.csv has no row below its headings, in row 1"),
        ("", ".table: t.csv is empty"),
        ("\n\n,,\n", ".table: t.csv is empty"),
        (CSV.encode("utf-16"), ".table: t.csv: byte 1 is not UTF-8; save the file as CSV UTF-8"),
        (CSV.encode() + b"\xff", f".table: t.csv: byte {len(CSV) + 1} is not UTF-8"),
        ('year,intensity\n2015,"2\n', ".table: t.csv, row 2: it is not CSV: unexpected end of data"),
        ("year,intensity\n2015," + "2" * 200_000, ".table: t.csv, row 2: it is not CSV: field larger than"),
        ("x" * (LARGEST + 1), ".table: t.csv cannot be read: it is larger than 4 MB"),
        ("year,intensity\n" + "2015,2\n" * MOST_ROWS, ".table: t.csv has more than 1,000 rows"),
        ("\n" * LARGEST, ".table: t.csv has more than 1,000 rows"),
        (
            "year,intensity\n2014,2\n2015,900\n",
            '.table: t.csv, row 3, column "intensity": found 900 %, expected 0 to',
        ),
        (
            "year,intensity\n2015,2\n2021,2\n",
            '.table: t.csv, row 3, column "intensity": found a year outside the plan\'s, 2005 to 2020',
        ),
        (
            "year,intensity\n2010,2\n2011,2\n",
            '.table: t.csv, row 2, column "intensity": 2010 and before is history: give later years only',
        ),
    ],
)
def test_a_bad_table_is_refused_with_its_file_key_row_and_what_was_expected(
    tmp_path: Path, content: str | bytes, expected: str, faults_of: Faults
) -> None:
    (fault,) = faults_of(with_table(tmp_path, content))
    assert fault.startswith(HEAD + expected)


def test_columns_apart_by_semicolons_are_told(tmp_path: Path, faults_of: Faults) -> None:
    found = faults_of(with_table(tmp_path, CSV.replace(",", ";")))
    assert found[0] == f'{HEAD}.years: t.csv has no column "year"; its columns are separated by ";", expected commas'


def test_every_fault_of_a_table_is_told_with_those_of_the_file(tmp_path: Path, faults_of: Faults) -> None:
    own = 'unit = "person"\ncolumn = "intensity"\n[paths.gdp]\nunit = "%"\n'
    found = faults_of(with_table(tmp_path, "year,intensity\n2014,x\n2013,\n", own))
    assert [fault.partition(": ")[0] for fault in found] == [
        *[f"{HEAD}.table"] * 3,
        HEAD,
        f"{HEAD}.unit",
        "paths.gdp",
        "paths.gdp",
        "paths.gdp",
    ]


def test_faults_beyond_twenty_are_counted(tmp_path: Path, faults_of: Faults) -> None:
    rows = "".join(f"{year},x\n" for year in range(1950, 2000))
    found = faults_of(with_table(tmp_path, "year,intensity\n" + rows))
    assert (len(found), found[-1]) == (21, f"{HEAD}.table: t.csv: and 30 more faults")


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ('table = "none.csv"\ncolumn = "x"', ".table: none.csv: there is no such file in "),
        ('table = "folder.csv"\ncolumn = "x"', ".table: folder.csv cannot be read: it is a folder; expected a file"),
        ('table = "a\\u0000.csv"\ncolumn = "x"', ".table: a\\u0000.csv cannot be read: no file can have such a name"),
        (f'table = "{"x" * 300}.csv"\ncolumn = "x"', f".table: {'x' * 300}.csv cannot be read: File name too long"),
        ('table = "t.ods"\ncolumn = "x"', '.table: found "t.ods", expected a file that ends with .csv or .xlsx'),
        ('table = "t.csv"\ncolumn = "x"\nsheet = "y"', ".sheet: t.csv has no sheets; leave this key out"),
        ('table = "t.csv"', ".column: missing; expected the heading of the column of t.csv to take"),
        ('table = 3\ncolumn = "x"', ".table: found 3, expected a text in quotes"),
        ('table = "t.csv"\ncolumn = "x"\nvalues = { 2015 = 2 }', ": found both values and table, expected one"),
        ('column = "x"\nvalues = { 2015 = 2 }', ".column: found without table, the file that it is of"),
        (
            'table = "t.csv"\ncolumn = "x"\nnumbers = "rates"',
            ".numbers: found \"rates\", expected 'values' or 'growth'",
        ),
    ],
)
def test_bad_keys_of_a_table_are_refused(tmp_path: Path, own: str, expected: str, faults_of: Faults) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "t.csv").write_text(CSV, encoding="utf-8")
    found = faults_of(scenario_file(tmp_path, f'[paths.{PATH}]\nunit = "%"\nassumed = "a test"\n{own}\n'))
    assert [fault.startswith(HEAD + expected) for fault in found] == [True], found


def test_only_a_scenario_file_takes_numbers_from_a_table(tmp_path: Path) -> None:
    expected = f"{HEAD}.table: only a scenario file takes numbers from a table"
    with pytest.raises(ScenarioError, match=expected):
        load_scenario("plan", [f'paths.{PATH}={{table = "t.csv", column = "x", unit = "%", assumed = "a test"}}'])
    stored = json.loads(json.dumps(load_scenario("plan").stored()))
    stored["content"]["paths"][PATH] = {"table": "/etc/t.csv", "column": "x", "unit": "%", "assumed": "a test"}
    with pytest.raises(ScenarioError, match=f"content.{expected}"):
        restore(stored)
    shipped = Path(__file__).parents[2] / "scenarios" / "plans" / "eleventh" / "plan.toml"
    text = shipped.read_text(encoding="utf-8")
    own = '\n[paths.graduates]\ntable = "t.csv"\ncolumn = "x"\nunit = "person/year"\nassumed = "a test"\n'
    (tmp_path / "p.toml").write_text(text + own, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"paths\.graduates\.table: only a scenario file takes"):
        load_plan(str(tmp_path / "p.toml"))


# -- Excel ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((2015, "2.2"), 'row 2, column "intensity": found "2.2", expected a number'),
        ((2015, True), 'row 2, column "intensity": found true, expected a number'),
        ((2015, None), 'row 2, column "intensity": found nothing, expected a number'),
        (
            (2015, "=1+1"),
            'row 2, column "intensity": found a formula without a value, expected a number; open the file',
        ),
        ((2015, "#DIV/0!"), 'row 2, column "intensity": found "#DIV/0!", expected a number'),
        (("=2014+1", 2.2), 'row 2, column "year": found a formula without a value, expected a year such as 2015'),
        (("2015", 2.2), 'row 2, column "year": found "2015", expected a year such as 2015'),
        ((np.datetime64("2009-01-01").astype(object), 2.2), 'row 2, column "year": found a datetime, expected a year'),
    ],
)
def test_a_bad_cell_of_excel_is_refused_with_its_row(
    tmp_path: Path, row: tuple[Any, ...], expected: str, faults_of: Faults
) -> None:
    workbook(tmp_path / "t.xlsx", [("year", "intensity"), row])
    file = scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\nsheet = "data"\n{TABLE}')
    (fault,) = faults_of(file)
    assert fault.startswith(f"{HEAD}.table: t.xlsx, {expected}")


def test_a_sheet_that_there_is_not_is_answered_with_the_nearest(tmp_path: Path, faults_of: Faults) -> None:
    workbook(tmp_path / "t.xlsx", [("year", "intensity"), (2015, 2.0)])
    file = scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\nsheet = "dat"\n{TABLE}')
    assert faults_of(file) == [f'{HEAD}.sheet: t.xlsx has no sheet "dat"; nearest is data']


def test_excel_without_openpyxl_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults_of: Faults
) -> None:
    workbook(tmp_path / "t.xlsx", [("year", "intensity"), (2015, 2.0)])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (fault,) = faults_of(scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\n{TABLE}'))
    assert fault == f'{HEAD}.table: t.xlsx needs openpyxl, which is not installed; pip install "fiveyear[tables]"'


def test_a_csv_needs_no_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert load_scenario(with_table(tmp_path, CSV)).paths[PATH].points[0][0] == 2011


def _altered(file: Path, change: dict[str, bytes]) -> bytes:
    """Give an Excel file with parts of it in the place of others."""
    out = file.with_name("altered.xlsx")
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change.get(name, before.read(name)))
        for name in change.keys() - set(before.namelist()):
            after.writestr(name, change[name])
    return out.read_bytes()


SHEET = "xl/worksheets/sheet2.xml"
HEADINGS = b"".join(
    b'<c r="%s1" t="inlineStr"><is><t>%s</t></is></c>' % cell for cell in [(b"A", b"year"), (b"B", b"intensity")]
)
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def _sheet(rows: bytes, before: bytes = b"") -> bytes:
    return before + OPEN + b"<sheetData><row>" + HEADINGS + b"</row>" + rows + b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({SHEET: b"<worksheet"}, "t.xlsx is not a sound Excel file: "),
        ({"xl/workbook.xml": b""}, "t.xlsx is not a sound Excel file: "),
        ({SHEET: _sheet(b'<row r="2"><c r="A2"><v>2015</v></c><c r="B2"><v>x</v></c></row>')}, "t.xlsx is not a sound"),
        (
            {SHEET: _sheet(b'<row r="2"><c r="A2"><v>2015</v></c><c r="B2"><v>1e999</v></c></row>')},
            't.xlsx, row 2, column "intensity": found ',
        ),
        ({SHEET: _sheet(b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>')}, "t.xlsx has no row below"),
        ({SHEET: _sheet(b"", b'<!DOCTYPE a [<!ENTITY b "c">]>')}, "t.xlsx holds a document type"),
        ({"xl/large": b"0" * (33 * 1024**2)}, "t.xlsx is larger than 32 MB when unpacked"),
    ],
    ids=["cut sheet", "empty workbook", "text as number", "beyond floats", "far row", "entities", "bomb"],
)
def test_an_excel_file_that_no_spreadsheet_wrote_is_refused(
    tmp_path: Path, parts: dict[str, bytes], expected: str, faults_of: Faults
) -> None:
    workbook(tmp_path / "good.xlsx", [("year", "intensity"), (2015, 2.0)])
    (tmp_path / "t.xlsx").write_bytes(_altered(tmp_path / "good.xlsx", parts))
    (fault,) = faults_of(scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "t.xlsx"\nsheet = "data"\n{TABLE}'))
    assert fault.startswith(f"{HEAD}.table: {expected}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_no_bytes_of_a_table_make_a_traceback(tmp_path: Path, name: str) -> None:
    workbook(tmp_path / "good.xlsx", [("year", "intensity"), *ROWS])
    good = CSV.encode() if name == "t.csv" else (tmp_path / "good.xlsx").read_bytes()
    sheet = 'sheet = "data"\n' if name == "t.xlsx" else ""
    file = scenario_file(tmp_path, f'[paths.{PATH}]\ntable = "{name}"\n{sheet}{TABLE}')
    source = random.Random(2011)
    for _ in range(150):
        content = bytearray(good)
        for _ in range(source.choice([1, 3, 30])):
            content[source.randrange(len(content))] = source.randrange(256)
        (tmp_path / name).write_bytes(bytes(content[: source.choice([None, source.randrange(len(good))])]))
        with contextlib.suppress(ScenarioError):
            load_scenario(file)
