"""The register of the plan's figures: what it holds, and what is refused."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from fiveyear.scenarios import ScenarioError, load_plan
from fiveyear.scenarios.register import COLUMNS, Figure, read_figures, read_register

ROWS = {
    "core": "S001,2,targets,R&D over GDP,2.2,,%,>=,2015,1.75,2010,core,rd_intensity,,words",
    "portfolio": "S002,3,nuclear power,plants,1,3,plants,between,2011-2015,,,portfolio,nuclear_power,,words",
    "recorded": "S003,3,nuclear power,a name,,,,,2015,,,recorded,,the name of a project,words",
}


def written(folder: Path, *rows: str, header: str = ",".join(COLUMNS)) -> Path:
    file = folder / "figures.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_a_register_is_read_as_it_is_written(tmp_path: Path) -> None:
    figures = read_figures(written(tmp_path, *ROWS.values()))
    assert figures[0] == Figure(
        "S001", 2, "targets", "R&D over GDP", 2.2, None, "%", ">=", "2015", 1.75, 2010, "core", "rd_intensity", "",
        "words",
    )  # fmt: skip
    assert [f.in_words() for f in figures] == [">= 2.2 %", "1 to 3 plants", "no figure"]


def test_the_headline_targets_of_the_plan_stand_in_its_register_with_the_same_numbers() -> None:
    core = {f.model: f for f in read_register(load_plan("twelfth")) if f.modelled_as == "core"}
    headline = [t for t in load_plan("twelfth").targets if t.kind == "headline"]
    assert len(headline) == 8
    for target in headline:
        figure = core[target.indicator]
        assert (figure.low, figure.comparator, figure.base) == (target.value, target.comparator, target.base)


def test_the_register_holds_every_figure_of_the_first_reading_once_and_the_items_of_chapter_3_without_one() -> None:
    figures = read_register(load_plan("twelfth"))
    ids = Counter(f.id for f in figures)
    assert set(ids) >= {f"S{n:03}" for n in range(1, 116)}
    assert set(ids.values()) == {1}
    without = [f for f in figures if f.chapter == 3 and f.low is None and f.modelled_as == "recorded"]
    assert len(without) >= 4
    assert all(f.reason for f in without)


FAULTS: dict[str, tuple[str, Callable[[dict[str, str]], object], str]] = {
    "no class": ("recorded", lambda r: r.update(modelled_as=""), 'modelled_as: is "", expected one of core'),
    "another class": ("recorded", lambda r: r.update(modelled_as="guess"), 'modelled_as: is "guess"'),
    "no reason": ("recorded", lambda r: r.update(reason=""), "reason: empty, expected why it is recorded"),
    "a programme recorded": ("recorded", lambda r: r.update(model="biomass"), 'model: is "biomass", expected none'),
    "no such indicator": (
        "core",
        lambda r: r.update(model="rd_intensty"),
        'model: is "rd_intensty", expected an indicator; nearest is rd_intensity',
    ),
    "no programme": ("portfolio", lambda r: r.update(model=""), 'model: is "", expected the name of a programme'),
    "no figure": (
        "portfolio",
        lambda r: r.update(low="", high="", comparator="", unit=""),
        "low: empty, expected a number, as it is modelled as a portfolio",
    ),
    "a range turned round": ("portfolio", lambda r: r.update(low="3", high="1"), "low, high: 3 to 1"),
    "a range without an end": ("portfolio", lambda r: r.update(high=""), 'high: is "", expected a number'),
    "no number": ("core", lambda r: r.update(low="much"), 'low: is "much", expected a number or nothing'),
    "not finite": ("core", lambda r: r.update(low="nan"), 'low: is "nan", expected a number or nothing'),
    "no unit": ("core", lambda r: r.update(unit=""), "unit, comparator: empty, expected both beside a number"),
    "no date": ("core", lambda r: r.update(due="soon"), 'due: is "soon", expected a year, or two with a hyphen'),
    "another comparator": ("core", lambda r: r.update(comparator=">"), 'comparator: is ">", expected one of >=, <='),
    "an id of its own": ("core", lambda r: r.update(id="X1"), 'id: is "X1", expected S and three digits'),
    "no words": ("core", lambda r: r.update(quote=""), 'quote: is "", expected the words of the plan'),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_row_is_refused_with_its_number(tmp_path: Path, name: str) -> None:
    kind, spoil, message = FAULTS[name]
    row = dict(zip(COLUMNS, next(csv.reader([ROWS[kind]])), strict=True))
    spoil(row)
    with pytest.raises(ScenarioError) as refused:
        read_figures(written(tmp_path, ",".join(row.values())))
    assert f"row 2: {message}" in str(refused.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    rows = [ROWS["core"].replace("core", "guess"), ROWS["portfolio"].replace("2011-2015", "?"), ROWS["recorded"]]
    with pytest.raises(ScenarioError) as refused:
        read_figures(written(tmp_path, *rows))
    assert "row 2: modelled_as" in str(refused.value)
    assert "row 3: due" in str(refused.value)
    assert "row 4" not in str(refused.value)


def test_ids_that_do_not_rise_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="row 3: id: S001 after S001; expected ids that rise"):
        read_figures(written(tmp_path, ROWS["core"], ROWS["core"]))


def test_a_faulty_id_makes_no_fault_of_the_next(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as refused:
        read_figures(written(tmp_path, ROWS["core"].replace("S001", "X1"), ROWS["portfolio"]))
    assert "row 2: id" in str(refused.value)
    assert "row 3" not in str(refused.value)


def test_other_columns_and_values_too_many_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="columns are id, year; expected id, chapter"):
        read_figures(written(tmp_path, header="id,year"))
    with pytest.raises(ScenarioError, match="row 2: 1 values too many"):
        read_figures(written(tmp_path, ROWS["core"] + ",more"))


def test_a_plan_without_a_register_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"eleventh/register.csv has 1 fault.*\n.*cannot be read"):
        read_register(load_plan("eleventh"))
