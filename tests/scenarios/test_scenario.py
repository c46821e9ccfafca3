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
    assert load_scenario(written(tmp_path, "b", 'extends = "a.toml"\n')).cuts == ("FINANCE", "R1", "R4", "B3")
    assert load_scenario(written(tmp_path, "c", 'extends = "./b.toml"\ncuts = []\n')).cuts == ("FINANCE", "R1")


def test_what_the_plan_cuts_is_cut_unless_a_scenario_closes_it(tmp_path: Path) -> None:
    assert load_plan("twelfth").cuts == ("FINANCE", "R1")
    assert load_scenario("plan").cuts == ("FINANCE", "R1")
    assert load_scenario("behavioural").cuts == ("R1",)
    assert load_scenario(written(tmp_path, "a", 'plan = "twelfth"\ncloses = ["R1", "FINANCE"]\n')).cuts == ()


def test_a_loop_that_the_plan_cuts_may_be_cut_again(tmp_path: Path) -> None:
    assert load_scenario(written(tmp_path, "a", 'plan = "twelfth"\ncuts = ["R1"]\n')).cuts == ("FINANCE", "R1")


def test_what_is_closed_is_inherited_unless_there_is_something_own(tmp_path: Path) -> None:
    written(tmp_path, "a", 'extends = "behavioural"\n')
    assert load_scenario(written(tmp_path, "b", 'extends = "a.toml"\n')).cuts == ("R1",)
    assert load_scenario(written(tmp_path, "c", 'extends = "a.toml"\ncuts = ["R4"]\n')).cuts == ("R1", "R4")
    assert load_scenario(written(tmp_path, "d", 'extends = "a.toml"\ncloses = ["R1"]\n')).cuts == ("FINANCE",)
    assert load_scenario(written(tmp_path, "e", 'extends = "a.toml"\ncloses = []\n')).cuts == ("FINANCE", "R1")


def test_the_nearer_file_counts_where_one_cuts_what_the_other_closes(tmp_path: Path) -> None:
    written(tmp_path, "a", 'extends = "behavioural"\ncuts = ["FINANCE"]\n')
    assert load_scenario(str(tmp_path / "a.toml")).cuts == ("FINANCE", "R1")
    assert load_scenario(written(tmp_path, "b", 'extends = "a.toml"\ncloses = ["FINANCE"]\n')).cuts == ("R1",)


def test_a_plan_without_cuts_leaves_nothing_to_close(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "scenarios" / "plans" / "eleventh" / "plan.toml"
    text = shipped.read_text(encoding="utf-8")
    assert "\ncuts = " in text
    (tmp_path / "mine.toml").write_text(text.replace("\ncuts = ", "\n# cuts = "), encoding="utf-8")
    assert load_plan(str(tmp_path / "mine.toml")).cuts == ()
    with pytest.raises(ScenarioError, match=r"closes\.0: FINANCE is not cut by the plan; it cuts none"):
        load_scenario(written(tmp_path, "a", 'plan = "mine.toml"\ncloses = ["FINANCE"]\n'))


def test_a_target_may_have_to_be_met_every_year() -> None:
    assert [t.indicator for t in load_plan("twelfth").targets if t.every_year] == ["basic_research_growth"]


def test_output_of_the_scenario_stands_over_its_outlook_where_a_path_holds_spend(tmp_path: Path) -> None:
    own = '[paths.planned_rd_intensity]\nvalues = { 2015 = 2.2 }\nunit = "%"\nassumed = "a test"\n'
    own += 'shape = 2.0\nhold = "spend"\n'
    scenario = load_scenario(written(tmp_path, "a", 'extends = "growth_7"\n' + own))
    history = {"planned_rd_intensity": INTENSITY, "gdp_real": np.full(6, 100.0)}
    found = scenario.yearly_paths(YEARS, history, np.full(11, 100.0))["planned_rd_intensity"]
    output, gone = 1.07 ** np.arange(1, 6), np.arange(1, 6) / 5.0
    assert found[-1] == pytest.approx(0.0175 + 0.0045 * (output @ gone) / (output @ gone**2), rel=1e-12)


def test_title_and_expectation_are_not_inherited(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('extends = "plan"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="2 faults") as caught:
        load_scenario(str(path))
    assert caught.value.faults == [
        "title: missing; expected a line for tables and figures",
        "expect: missing; expected one sentence: what to expect, and why",
    ]


def test_a_plan_file_is_found_beside_the_scenario_that_names_it(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "scenarios" / "plans" / "eleventh" / "plan.toml"
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
