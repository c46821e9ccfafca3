"""Single values set on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiveyear.model.errors import ModelError
from fiveyear.scenarios import ScenarioError, YearlyPath, load_scenario

INTENSITY = "paths.planned_rd_intensity"


def fault_of(*settings: str, scenario: str = "plan") -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(scenario, settings)
    return str(caught.value)


def assert_point(path: YearlyPath, year: int, number: float) -> None:
    assert dict(path.points) == pytest.approx({year: number})


def test_a_value_set_keeps_its_unit_and_becomes_an_assumption() -> None:
    scenario = load_scenario("plan", [f"{INTENSITY}.values.2015=2.4"])
    assert_point(scenario.paths["planned_rd_intensity"], 2015, 0.024)
    assert scenario.as_dict()["paths"]["planned_rd_intensity"] == {
        "unit": "%",
        "values": {"2015": 2.4},
        "assumed": "set on the command line, or by an experiment",
    }


def test_what_was_set_is_stored_with_the_scenario() -> None:
    settings = [f"{INTENSITY}.values.2015=2.4", 'title = "More"']
    scenario = load_scenario("plan", settings)
    assert scenario.title == "More"
    assert scenario.as_dict()["settings"] == settings


def test_the_shipped_scenario_is_as_before_once_it_was_set() -> None:
    load_scenario("plan", [f"{INTENSITY}.values.2015=2.4"])
    assert_point(load_scenario("plan").paths["planned_rd_intensity"], 2015, 0.022)


def test_an_earlier_year_set_later_still_stands_in_order() -> None:
    scenario = load_scenario("plan", [f"{INTENSITY}.values.2012=2.0"])
    assert [year for year, _ in scenario.paths["planned_rd_intensity"].points] == [2012, 2015]


def test_the_last_of_two_settings_of_one_key_counts() -> None:
    scenario = load_scenario("plan", [f"{INTENSITY}.values.2015=2.4", f"{INTENSITY}.values.2015=2.3"])
    assert_point(scenario.paths["planned_rd_intensity"], 2015, 0.023)


def test_a_parameter_of_the_plan_is_set_in_its_unit() -> None:
    scenario = load_scenario("plan", ["parameters.reference_rd_spending.value=8000"])
    assert scenario.parameters["reference_rd_spending"] == pytest.approx(8000 * 1e8)


def test_a_path_of_the_plan_that_is_set_keeps_its_history() -> None:
    path = load_scenario("plan", ["paths.examiner_effort.values.2013=2"]).paths["examiner_effort"]
    assert path.points == ((2013, 2.0),)
    assert path.before is not None
    assert path.before.points == ((2005, 1.0),)


def test_a_parameter_nobody_gave_is_set_in_the_unit_of_the_model() -> None:
    scenario = load_scenario("plan", ["parameters.obsolescence_rate.value=0.15"])
    assert scenario.parameters["obsolescence_rate"] == 0.15
    assert scenario.as_dict()["parameters"]["obsolescence_rate"] == {
        "unit": "1/year",
        "value": 0.15,
        "assumed": "set on the command line, or by an experiment",
    }


def test_a_path_nobody_gave_is_set_in_the_unit_of_the_model() -> None:
    assert_point(load_scenario("plan", ["paths.population.values.2015=1.4e9"]).paths["population"], 2015, 1.4e9)


@pytest.mark.parametrize("name", ["gdp_real", "examiner_effort"])  # of the second the plan gives values
def test_growth_is_set_in_percent_a_year(name: str) -> None:
    path = load_scenario("plan", [f"paths.{name}.growth.2011=7"]).paths[name]
    assert path.numbers == "growth"
    assert_point(path, 2011, 0.07)


def test_the_source_of_growth_can_be_set_before_it() -> None:
    settings = ['paths.gdp_real.source="a speech"', "paths.gdp_real.growth.2011=7"]
    assert_point(load_scenario("plan", settings).paths["gdp_real"], 2011, 0.07)


@pytest.mark.parametrize("before", [True, False])
def test_a_unit_that_is_set_counts_whenever_it_is_set(before: bool) -> None:
    settings = ["paths.gdp_real.growth.2011=0.07", 'paths.gdp_real.unit="1/year"']
    scenario = load_scenario("plan", sorted(settings, reverse=before))
    assert_point(scenario.paths["gdp_real"], 2011, 0.07)


def test_a_scenario_keeps_the_unit_it_states() -> None:
    path = load_scenario("growth_7", ["paths.gdp_real.growth.2011=6"]).paths["gdp_real"]
    assert dict(path.points)[2011] == pytest.approx(0.06)


def test_values_give_way_to_growth_that_is_set() -> None:
    path = load_scenario("plan", [f"{INTENSITY}.growth.2011=5", f'{INTENSITY}.unit="%/year"'])
    assert path.paths["planned_rd_intensity"].numbers == "growth"


def test_a_source_can_be_set_after_the_value() -> None:
    settings = [f"{INTENSITY}.values.2015=2.4", f'{INTENSITY}.source="a speech"']
    table = load_scenario("plan", settings).as_dict()["paths"]["planned_rd_intensity"]
    assert table["source"] == "a speech"
    assert "assumed" not in table


def test_cuts_are_set_as_a_list() -> None:
    assert load_scenario("plan", ["cuts=['R4', 'B3']"]).cuts == ("FINANCE", "R1", "R4", "B3")


def test_loops_to_close_are_set_as_a_list() -> None:
    assert load_scenario("plan", ["closes=['FINANCE']"]).cuts == ("R1",)
    assert load_scenario("behavioural", ["closes=[]"]).cuts == ("FINANCE", "R1")


def test_what_a_path_holds_is_set_by_name() -> None:
    assert (
        load_scenario("plan", [f"{INTENSITY}.shape=2", f"{INTENSITY}.hold='spend'"]).paths["planned_rd_intensity"].hold
        == "spend"
    )


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("foo", '"foo": expected KEY=VALUE'),
        ("=3", '"=3": expected KEY=VALUE'),
        ("paths..values=3", "expected KEY=VALUE"),
        ("plan='eleventh'", "a scenario has no plan to set; known are closes, cuts"),
        ("pahts.x.values=3", "a scenario has no pahts to set; nearest is paths"),
        ("title=abc", '"title=abc": it is not TOML'),
        (f"{INTENSITY}.values.2015=2\nx = 3", "expected one value"),
        ("title=" + "[" * 100_000, "lists lie inside each other"),
        (f"{INTENSITY}.values.2015=22", f"{INTENSITY}.values.2015: found 22 %, expected 0 to 10 % (from --set"),
        (f"{INTENSITY}.values.2015=nan", "found nan, expected a finite number (from --set"),
        (f"{INTENSITY}.values.2015='2.2'", 'found "2.2", expected a number (from --set'),
        (f"{INTENSITY}.values.2010=2", "2010 and before is history: give later years only"),
        (f"{INTENSITY}.unit.x=2", f"{INTENSITY}.unit is not a table"),
        (f"{INTENSITY}.values.2015.x.y=2", f"{INTENSITY}.values.2015.x is not a table"),
        ("title.x=2", "title is not a table"),
        ("paths=3", "paths: found 3, expected a table (from --set paths=3)"),
        ("paths.planned_rd_intensity=3", f"{INTENSITY}: found 3, expected a table (from --set"),
        ("paths.planned_rd_intensty.values.2015=2", "no such input; nearest is planned_rd_intensity (from --set"),
        ("parameters.attrition_rat.value=2", "no such parameter; nearest is attrition_rate (from --set"),
        ("cuts=['R99']", "no loop is called R99; known are"),
        ("closes=['R99']", "no loop is called R99; known are"),
        ("closes=['R4']", "R4 is not cut by the plan; it cuts FINANCE, R1 (from --set"),
        (f"{INTENSITY}.hold='money'", "found \"money\", expected 'intensity' or 'spend' (from --set"),
    ],
)
def test_a_bad_setting_is_refused_by_name(setting: str, expected: str) -> None:
    assert expected in fault_of(setting)


@pytest.mark.parametrize("first", ["paths=3", "paths.x=3", "parameters=[]"])
def test_a_setting_below_what_another_made_no_table_is_refused(first: str) -> None:
    second = f"{first.split('=')[0]}.x.values.2015=3"
    assert "is not a table" in fault_of(first, second)


@pytest.mark.parametrize(
    ("setting", "scenario", "whole"),
    [
        ("planned_rd_intensity=2.0", "plan", f"{INTENSITY}.values.2015"),
        ("planned_rd_intensty=2.0", "plan", f"{INTENSITY}.values.2015"),
        ("planned_rd_intensity.2013=2.0", "plan", f"{INTENSITY}.values.2013"),
        (f"{INTENSITY}=2", "plan", f"{INTENSITY}.values.2015"),
        (f"{INTENSITY}.values=2", "plan", f"{INTENSITY}.values.2015"),
        (f"{INTENSITY}.2013=2", "plan", f"{INTENSITY}.values.2013"),
        ("planned_rd_intensity=2.0", "eleventh_plan", f"{INTENSITY}.values.2010"),
        ("gdp_real=8.0", "crisis_2012", "paths.gdp_real.growth.2015"),
        ("examiner_effort=1.1", "plan", "paths.examiner_effort.values.2015"),
        ("attrition_rate=0.05", "plan", "parameters.attrition_rate.value"),
        ("parameters.attrition_rate=0.05", "plan", "parameters.attrition_rate.value"),
    ],
)
def test_a_number_without_its_whole_key_is_told_the_nearest(setting: str, scenario: str, whole: str) -> None:
    message = fault_of(setting, scenario=scenario)
    assert message.endswith(f"; nearest is {whole}")
    load_scenario(scenario, [f"{whole}={setting.partition('=')[2]}"])


def test_faults_of_a_file_do_not_hide_those_of_settings(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"\nextends = "plan"\n', encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        load_scenario(str(file), ["planned_rd_intensity=2.0"])
    assert "mine.toml has 1 fault:\n  expect: missing" in str(caught.value)
    assert "--set has 1 fault:" in str(caught.value)


def test_all_faults_of_all_settings_are_told_at_once() -> None:
    message = fault_of("foo", "plan='eleventh'", "title=abc")
    assert message.startswith("--set has 3 faults:\n")


def test_a_fault_names_the_setting_it_is_from_and_no_other() -> None:
    message = fault_of(f"{INTENSITY}.values.2015=22", "parameters.attrition_rate.value=7")
    first, second = message.splitlines()[1:]
    assert "attrition_rate.value=7)" in first
    assert "values.2015=22)" in second
    assert "2015" not in first
