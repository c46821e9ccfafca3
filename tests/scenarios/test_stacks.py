"""Stacked scenarios: each sets what its own files set, and two that contradict each other are refused."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fiveyear.scenarios import load_scenario, restore
from fiveyear.scenarios.changes import toml_text

Faults = Callable[[str], list[str]]  # of the fixture `faults_of`

YEARS = np.arange(2005.0, 2016.0)


def written(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.toml"
    path.write_text(f'title = "{name}"\nexpect = "A test."\n{text}', encoding="utf-8")
    return str(path)


def growth(rate: float, why: str = "a test") -> str:
    return f'[paths.gdp_real]\nunit = "%/year"\ngrowth = {{ 2011 = {rate} }}\nassumed = "{why}"\n'


def attrition(value: float, unit: str = "1/year") -> str:
    return f'[parameters.attrition_rate]\nvalue = {value}\nunit = "{unit}"\nassumed = "a test"\n'


def test_a_stack_sets_what_each_of_its_scenarios_sets(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, "a", 'extends = ["growth_7", "talent_first"]\n'))
    history = np.full(6, 100.0)
    assert scenario.paths["gdp_real"].yearly(YEARS, history)[-1] == pytest.approx(100.0 * 1.07**5)
    assert scenario.paths["graduates"].yearly(YEARS, history)[-1] == pytest.approx(100.0 * 1.08**5)
    assert scenario.paths["planned_rd_intensity"].points == ((2015, 2.2 * 0.01),)
    assert (scenario.title, scenario.expect, scenario.plan.name) == ("a", "A test.", "twelfth")
    other = load_scenario(written(tmp_path, "a", 'extends = ["talent_first", "growth_7"]\n'))
    assert (other.paths, other.parameters, other.cuts) == (scenario.paths, scenario.parameters, scenario.cuts)


def test_a_stack_survives_json_and_a_file_of_its_own(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, "a", f'extends = ["growth_7", "behavioural"]\n{attrition(0.05)}'))
    assert restore(scenario.stored()) == scenario
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "a.toml").write_text(toml_text(scenario), encoding="utf-8")
    saved = load_scenario(str(tmp_path / "saved" / "a.toml"))
    assert (saved.paths, saved.parameters, saved.cuts) == (scenario.paths, scenario.parameters, scenario.cuts)
    assert scenario.cuts == ("R1",)


@pytest.mark.parametrize("stack", ['["accelerated", "talent_first"]', '["talent_first", "accelerated"]'])
def test_what_a_scenario_changes_counts_over_what_the_other_leaves_as_both_found_it(tmp_path: Path, stack: str) -> None:
    scenario = load_scenario(written(tmp_path, "a", f"extends = {stack}\n"))
    assert scenario.paths["planned_rd_intensity"].points == ((2015, 2.5 * 0.01),)


@pytest.mark.parametrize("stack", ['["accelerated", "plan"]', '["plan", "accelerated"]', '["accelerated"]'])
def test_a_scenario_counts_over_the_one_that_it_extends(tmp_path: Path, stack: str) -> None:
    scenario = load_scenario(written(tmp_path, "a", f"extends = {stack}\n"))
    assert scenario.paths == load_scenario("accelerated").paths


def test_two_growth_paths_contradict_each_other(tmp_path: Path, faults_of: Faults) -> None:
    assert faults_of(written(tmp_path, "a", 'extends = ["growth_7", "talent_first", "growth_10"]\n')) == [
        "extends: paths.gdp_real: growth_7.toml has growth 2011 = 7 %/year, growth_10.toml growth 2011 = 10 %/year; "
        "expected the same in both, or a decision in this file"
    ]


def test_the_file_that_sets_it_is_named_though_another_is_extended(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "low", f'extends = "plan"\n{growth(6)}')
    written(tmp_path, "over", 'extends = "low.toml"\n')
    (fault,) = faults_of(written(tmp_path, "a", 'extends = ["over.toml", "growth_7"]\n'))
    assert "low.toml has growth 2011 = 6 %/year, growth_7.toml growth 2011 = 7 %/year" in fault


def test_the_same_value_in_both_is_no_contradiction(tmp_path: Path) -> None:
    written(tmp_path, "b", f'extends = "plan"\n{growth(7, "another reason")}{attrition(0.25)}')
    written(tmp_path, "c", f'extends = "plan"\n{growth(7.0)}{attrition(25, "%/year")}')
    scenario = load_scenario(written(tmp_path, "a", 'extends = ["growth_7", "b.toml", "c.toml"]\n'))
    assert scenario.paths["gdp_real"] == load_scenario("growth_7").paths["gdp_real"]
    assert scenario.parameters["attrition_rate"] == 0.25


def test_a_contradiction_is_told_in_any_order(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "b", f'extends = "plan"\n{growth(7)}')
    written(tmp_path, "c", f'extends = "b.toml"\n{growth(8)}')
    for stack in itertools.permutations(["growth_7", "b.toml", "c.toml"]):
        (fault,) = faults_of(written(tmp_path, "a", f"extends = {list(stack)}\n"))
        assert "growth_7.toml" in fault
        assert "c.toml" in fault


def test_a_file_decides_what_its_stack_contradicts(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, "a", f'extends = ["growth_7", "growth_10"]\n{growth(8)}'))
    assert scenario.paths["gdp_real"].points == ((2011, 8 * 0.01),)


def test_parameters_contradict_each_other(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "b", f'extends = "plan"\n{attrition(0.05)}')
    written(tmp_path, "c", f'extends = "plan"\n{attrition(6, "%/year")}')
    (fault,) = faults_of(written(tmp_path, "a", 'extends = ["b.toml", "c.toml"]\n'))
    assert fault.startswith("extends: parameters.attrition_rate: b.toml has 0.05 1/year, c.toml 6 %/year; expected")


def test_loops_add_up_and_what_is_taken_back_stays_so(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "b", 'extends = "plan"\ncuts = ["R4"]\n')
    written(tmp_path, "c", 'extends = "b.toml"\ncuts = []\n')
    written(tmp_path, "d", 'extends = "b.toml"\ncuts = ["R4", "B3"]\n')
    assert load_scenario(written(tmp_path, "a", 'extends = ["b.toml", "behavioural"]\n')).cuts == ("R1", "R4")
    assert load_scenario(written(tmp_path, "a", 'extends = ["b.toml", "c.toml"]\n')).cuts == ("FINANCE", "R1")
    assert load_scenario(written(tmp_path, "a", 'extends = ["b.toml", "d.toml"]\n')).cuts == (
        "FINANCE",
        "R1",
        "R4",
        "B3",
    )
    (fault,) = faults_of(written(tmp_path, "a", 'extends = ["c.toml", "d.toml"]\n'))
    assert "loops.R4: c.toml has it as the plan has it, d.toml it cut" in fault


def test_a_loop_that_one_cuts_and_the_other_closes_is_a_contradiction(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "b", 'extends = "plan"\ncuts = ["FINANCE"]\n')
    (fault,) = faults_of(written(tmp_path, "a", 'extends = ["behavioural", "b.toml"]\n'))
    assert fault.startswith("extends: loops.FINANCE: behavioural.toml has it closed, b.toml it cut; expected the same")
    decided = written(tmp_path, "a", 'extends = ["behavioural", "b.toml"]\ncloses = ["FINANCE"]\n')
    assert load_scenario(decided).cuts == ("R1",)


def test_scenarios_of_two_plans_cannot_be_stacked(tmp_path: Path, faults_of: Faults) -> None:
    (fault,) = faults_of(written(tmp_path, "a", 'extends = ["growth_7", "eleventh_plan"]\n'))
    assert fault == "extends.1: eleventh_plan is of the plan eleventh, growth_7 of twelfth; expected one plan"


def test_a_scenario_stands_in_a_stack_once(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "b", 'extends = "plan"\n')
    assert faults_of(written(tmp_path, "a", 'extends = ["growth_7", "growth_7"]\n')) == [
        "extends.1: growth_7 stands twice"
    ]
    assert faults_of(written(tmp_path, "a", 'extends = ["b.toml", "./b.toml"]\n')) == [
        "extends.1: ./b.toml stands twice"
    ]


def test_a_circle_through_a_stack_is_told(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "b", 'extends = ["plan", "a.toml"]\n')
    (fault,) = faults_of(written(tmp_path, "a", 'extends = ["growth_7", "b.toml"]\n'))
    assert fault.startswith("extends.1: found ")
    assert fault.endswith("a.toml; extends: a.toml extends b.toml extends a.toml, in a circle")


@pytest.mark.parametrize(
    ("extends", "expected"),
    [
        ("[]", "extends: found a list, expected at least one entry"),
        ("3", "extends: found 3, expected a text in quotes"),
        ("{}", "extends: found a table, expected a text in quotes"),
        ("[3]", "extends.0: found 3, expected a text in quotes"),
        ('["plan", ["plan"]]', "extends.1: found a list, expected a text in quotes"),
        ('["plan", "growth7"]', 'extends.1: found "growth7"; no scenario of this name is shipped; nearest is growth_7'),
        (str(["plan"] * 17), "extends: found 17 entries, expected at most 16"),
    ],
)
def test_a_bad_stack_is_refused(tmp_path: Path, extends: str, expected: str, faults_of: Faults) -> None:
    assert any(fault.startswith(expected) for fault in faults_of(written(tmp_path, "a", f"extends = {extends}\n")))


def test_a_fault_below_both_is_told_once_and_the_own_ones_too(tmp_path: Path, faults_of: Faults) -> None:
    written(tmp_path, "base", 'extends = "plan"\ntag = 1\n')
    for name in "bc":
        written(tmp_path, name, 'extends = "base.toml"\n')
    found = faults_of(written(tmp_path, "a", 'extends = ["b.toml", "c.toml"]\nmore = 1\n'))
    assert [("tag" in fault, "more" in fault) for fault in found] == [(True, False), (False, True)]


def test_files_that_share_what_they_extend_are_read_once(tmp_path: Path, faults_of: Faults) -> None:
    for side in "xy":
        written(tmp_path, f"{side}0", 'extends = "plan"\ntag = 1\n')
        for level in range(1, 31):
            written(tmp_path, f"{side}{level}", f'extends = ["x{level - 1}.toml", "y{level - 1}.toml"]\n')
    start = time.process_time()
    assert len(faults_of(str(tmp_path / "x30.toml"))) == 2
    assert time.process_time() - start < 20.0  # 2^30 files otherwise


def test_a_chain_without_end_is_told(tmp_path: Path, faults_of: Faults) -> None:
    for level in range(60):
        written(tmp_path, f"s{level}", f'extends = "s{level + 1}.toml"\n')
    (fault,) = faults_of(str(tmp_path / "s0.toml"))
    assert fault.endswith("extends: more than 50 files extend each other")


def test_a_setting_changes_a_stack(tmp_path: Path) -> None:
    file = written(tmp_path, "a", 'extends = ["growth_7", "talent_first"]\n')
    scenario = load_scenario(file, ["paths.gdp_real.growth.2011=6.0"])
    assert scenario.paths["gdp_real"].points == ((2011, 6.0 * 0.01),)
    assert scenario.paths["graduates"] == load_scenario("talent_first").paths["graduates"]
