"""Titles, labels, notes and sources that begin like a formula, or are very long, or Chinese: every command copes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import Page, inner
from fiveyear.experiments.page.style import house_style

Run = Callable[..., Any]  # words in, how it ended out

LABELS = {
    "equals": "=1+1",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "Chinese": "研发投入占国内生产总值之比",
    "300 signs": "x" * 300,
    "300 in words": "word " * 59 + "words",
    "300 in Chinese": "研" * 300,
}
FORMULA = tuple("=+-@")


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_plan: Path) -> Callable[[str], None]:
    """Give what lays a plan and two scenarios of it into the folder, with a label for each text that a reader sees."""
    monkeypatch.chdir(tmp_path)
    shipped = own_plan.read_text(encoding="utf-8")

    def plant(label: str) -> None:
        text = json.dumps(label, ensure_ascii=False)
        plan = re.sub(r"^(indicator = .*)$", rf"\1\nlabel = {text}", shipped, flags=re.MULTILINE)
        plan = re.sub(
            r"^(title|source|note|assumed|unmeasurable) = .*$",
            lambda key: f"{key[1]} = {text}",
            plan,
            flags=re.MULTILINE,
        )
        own_plan.write_text(plan, encoding="utf-8")
        own = f'[paths.planned_rd_intensity]\nunit = "%"\nvalues = {{ 2015 = 2.2 }}\nsource = {text}\n'
        for name in ("own", "again"):
            scenario = f'title = {text}\nplan = "./twelfth"\nexpect = {text}\n{own}'
            Path(f"{name}.toml").write_text(scenario, encoding="utf-8")
        experiment = f'title = {text}\nscenarios = ["own.toml", "again.toml"]\ndraws = 20\noutputs = ["rd_intensity"]\n'
        Path("exp.toml").write_text(f'{experiment}[factors.title]\nvalues = [{text}, "b"]\n', encoding="utf-8")

    return plant


def cells_of(file: Path) -> list[str]:
    """Give the cells of a table that are texts."""
    if file.suffix == ".csv":
        rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        return [cell for row in rows for cell in row if not re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell)]
    found = [cell for sheet in openpyxl.load_workbook(file) for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in found} <= {"s", "n", "inlineStr"}  # "f" is a formula
    return []


@pytest.mark.slow
@pytest.mark.parametrize("label", LABELS.values(), ids=list(LABELS))
def test_every_command_copes_with_such_labels(fiveyear: Run, planted: Callable[[str], None], label: str) -> None:
    planted(label)
    for words in (
        "scenario show own.toml",
        "scenario check own.toml again.toml exp.toml",
        "reach own.toml again.toml --full --draws 50",
        "reach own.toml again.toml --draws 50 --out reach",
        "compare own.toml again.toml --draws 50",
        "run exp.toml --out store",
        "store show store",
        "store export store --out table.csv",
        "store export store --out table.xlsx",
        "model export own.toml --out own.stmx",
    ):
        ended = fiveyear(*words.split())
        assert (ended.code, "Traceback" in ended.err) == (0, False), (words, ended.err)
        assert all(line.isprintable() for line in ended.out.split("\n"))
    tables = [*Path("reach").glob("*.csv"), Path("table.csv"), Path("table.xlsx")]
    assert len(tables) > 5
    assert [cell for file in tables for cell in cells_of(file) if cell.startswith(FORMULA)] == []
    assert any(label[:100] in file.read_text(encoding="utf-8") for file in tables if file.suffix == ".csv")


@pytest.mark.parametrize("label", LABELS.values(), ids=list(LABELS))
def test_the_short_answer_fits_its_columns_whatever_targets_are_called(
    fiveyear: Run, planted: Callable[[str], None], label: str
) -> None:
    planted(label)
    shown = fiveyear("reach", "own.toml", "--draws", 20)
    assert shown.code == 0
    of_table = shown.out.split("\n\n")[1].partition("\n(")[0].splitlines()  # without notes
    assert len(of_table) < 20
    assert max(map(len, of_table)) <= 100


@pytest.mark.parametrize("label", LABELS.values(), ids=list(LABELS))
def test_a_page_of_a_figure_holds_its_title_and_what_stands_below(label: str) -> None:
    with house_style():
        sheet = Page(label, label, "Where it is from.", 30.0)
    sheet.picture.set_dpi(300)  # as it is printed: on a coarser grid the signs lie further apart
    assert page.faults(sheet.picture) == []
    assert sheet.height < 80.0


@pytest.mark.parametrize("label", LABELS.values(), ids=list(LABELS))
def test_what_is_shortened_fits_and_begins_as_it_did(label: str) -> None:
    with house_style():
        short = page.shortened(label, inner() / 3, 7, "normal")
        assert page.text_width(short, 7, "normal") <= inner() / 3
        assert (short == label) is (page.text_width(label, 7, "normal") <= inner() / 3)
    assert label.startswith(short.removesuffix("..."))
