"""What a scenario is made of: its plan, what it extends, and its own."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from fiveyear.scenarios import ScenarioError, load_plan, load_scenario

YEARS = np.arange(2005.0, 2016.0)
INTENSITY = np.array([0.0132, 0.0139, 0.0140, 0.0147, 0.0170, 0.0175])


def written(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.toml"
    path.write_text(f'title = "{name}"\nexpect = "A test."\n{text}', encoding="utf-8")
    return str(path)


def test_the_plan_raises_rd_intensity_by_a_fifth_of_the_way_each_year() -> None:
    path = load_scenario("plan").paths["planned_rd_intensity"]
    assert path.yearly(YEARS, INTENSITY)[5:] == pytest.approx([0.0175, 0.0184, 0.0193, 0.0202, 0.0211, 0.0220])


def test_frozen_holds_rd_intensity() -> None:
    path = load_scenario("frozen").paths["planned_rd_intensity"]
    assert path.yearly(YEARS, INTENSITY)[5:] == pytest.approx([0.0175] * 6)


def test_a_scenario_has_the_parameters_and_paths_of_its_plan() -> None:
    plan, scenario = load_plan("twelfth"), load_scenario("plan")
    assert scenario.parameters == plan.parameters
    assert scenario.paths == {**plan.paths, "planned_rd_intensity": scenario.paths["planned_rd_intensity"]}


def test_growth_7_keeps_the_path_of_the_plan_it_extends() -> None:
    scenario = load_scenario("growth_7")
    assert scenario.paths["planned_rd_intensity"] == load_scenario("plan").paths["planned_rd_intensity"]
    gdp = scenario.paths["gdp_real"].yearly(YEARS, np.full(6, 100.0))
    assert gdp[6:] == pytest.approx([107.0, 114.49, 122.5043, 131.079601, 140.25517307])


def test_own_parameters_stand_over_those_of_the_plan_in_base_units(tmp_path: Path) -> None:
    own = '[parameters.attrition_rate]\nvalue = 5\nunit = "%/year"\nassumed = "a test"\n'
    scenario = load_scenario(written(tmp_path, "a", 'plan = "twelfth"\n' + own))
    assert scenario.parameters["attrition_rate"] == pytest.approx(0.05)
    assert scenario.parameters["minimum_examination_time"] == 1.0


def test_a_path_takes_the_place_of_the_one_extended_as_a_whole(tmp_path: Path) -> None:
    own = '[paths.planned_rd_intensity]\nvalues = { 2012 = 2.0 }\nunit = "%"\nassumed = "a test"\n'
    scenario = load_scenario(written(tmp_path, "a", 'extends = "plan"\n' + own))
    assert [year for year, _ in scenario.paths["planned_rd_intensity"].points] == [2012]


def test_cuts_are_inherited_unless_there_are_own(tmp_path: Path) -> None:
    written(tmp_path, "a", 'plan = "twelfth"\ncuts = ["R4", "B3"]\n')
    assert load_scenario(written(tmp_path, "b", 'extends = "a.toml"\n')).cuts == ("R4", "B3")
    assert load_scenario(written(tmp_path, "c", 'extends = "./b.toml"\ncuts = []\n')).cuts == ()


def test_title_and_expectation_are_not_inherited(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('extends = "plan"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="2 faults") as caught:
        load_scenario(str(path))
    assert caught.value.faults == ["title: missing", "expect: missing"]


def test_a_plan_file_is_found_beside_the_scenario_that_names_it(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "scenarios" / "plans" / "eleventh.toml"
    (tmp_path / "mine.toml").write_bytes(shipped.read_bytes())
    assert load_scenario(written(tmp_path, "a", 'plan = "mine.toml"\n')).plan.name == "mine"


def test_a_path_over_one_of_the_plan_keeps_its_history(tmp_path: Path) -> None:
    own = '[paths.examiner_effort]\nvalues = { 2015 = 1.5 }\nunit = "share"\nassumed = "a test"\n'
    path = load_scenario(written(tmp_path, "a", 'plan = "twelfth"\n' + own)).paths["examiner_effort"]
    assert path.yearly(YEARS) == pytest.approx([1, 1, 1, 1, 1, 1, 1.1, 1.2, 1.3, 1.4, 1.5])


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('\ufefftitle = "a"\nextends = "plan"\nexpect = "A test."\n', encoding="utf-8")
    assert load_scenario(str(path)).title == "a"


def test_a_scenario_reaches_another_process_unchanged() -> None:
    scenario = load_scenario("growth_7", ["paths.gdp_real.growth.2011=7.5"])
    assert pickle.loads(pickle.dumps(scenario)) == scenario
