"""A number ten times or more away from the base year's, as the commands answer it: before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiveyear.scenarios import ScenarioError

from .conftest import Ended

Run = Callable[..., Ended]
Described = Callable[..., dict[str, Any]]
INTENSITY, INCENTIVE = "paths.planned_rd_intensity.values.2015", "paths.filing_incentive.values.2011"
SAID = "found 0.02 %, 1/88 of 2010's 1.75 %: did you mean 2 %? If it is meant, say unusual = true"
SCENARIO = """\
title = "A share for a per cent"
extends = "plan"
expect = "A fault."
[paths.planned_rd_intensity]
unit = "%"
values = { 2015 = 0.02 }
assumed = "a slip of the pen"
"""
SAMPLE = ["[design]", "kind = 'latin hypercube'", "points = 20"]


def ranged(key: str, low: float, high: float) -> list[str]:
    return [f"[factors.'{key}']", f"low = {low}", f"high = {high}"]


@pytest.mark.parametrize("command", [["reach"], ["compare", "plan"], ["run", "--out", "run.nc"]])
def test_a_scenario_with_such_a_number_is_refused_with_file_and_key(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("slip.toml").write_text(SCENARIO, encoding="utf-8")
    ended = fiveyear(command[0], *command[1:], "slip.toml", "--draws", "10")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"slip.toml has 1 fault:\n  {INTENSITY}: {SAID}\n"
    assert not Path("run.nc").exists()


def test_a_setting_that_makes_such_a_number_is_named(fiveyear: Run) -> None:
    ended = fiveyear("reach", "plan", "--draws", "10", "--set", f"{INTENSITY}=0.02")
    assert ended.code == 2
    assert f"{INTENSITY}: {SAID} (from --set {INTENSITY}=0.02)" in ended.err


def test_a_dry_run_names_the_factor_and_the_first_case(fiveyear: Run, tmp_path: Path) -> None:
    file = tmp_path / "money.toml"
    head = ["title = 'Money'", "scenarios = ['plan']", "draws = 10"]
    file.write_text("\n".join([*head, f"[factors.'{INTENSITY}']", "values = [2.2, 0.02]"]), encoding="utf-8")
    ended = fiveyear("run", str(file), "--dry-run")
    assert (ended.code, ended.out) == (2, "")
    assert f'factors."{INTENSITY}": {SAID} (first in case 1: plan with {INTENSITY} = 0.02)' in ended.err


def test_a_number_of_the_scenario_itself_is_told_once_and_not_as_one_of_a_factor(
    described: Described, tmp_path: Path
) -> None:
    (tmp_path / "slip.toml").write_text(SCENARIO, encoding="utf-8")
    lines = ["[factors.'parameters.attrition_rate.value']", "values = [0.03, 0.05]"]
    with pytest.raises(ScenarioError) as refused:
        described(*lines, scenarios="['plan', 'slip.toml']")
    assert refused.value.faults == [f"scenarios.slip: {INTENSITY}: {SAID}"]


def test_a_range_is_judged_as_a_whole(described: Described) -> None:
    # 0 to 1 holds numbers below a tenth of the 1 of 2010, and is no slip; 0.018 to 0.025 % is one from end to end.
    told = described(*SAMPLE, *ranged(INCENTIVE, 0.0, 1.0))
    taken = [case["factors"][INCENTIVE] for case in told["cases"]]
    assert min(taken) < 0.1 < max(taken)
    with pytest.raises(ScenarioError, match="and 17 more faults of cases") as refused:
        described(*SAMPLE, *ranged(INTENSITY, 0.018, 0.025), scenarios="['plan']")
    assert len(refused.value.faults) == 4


def test_a_case_of_a_range_computes_what_it_describes(described: Described) -> None:
    from fiveyear.experiments.store.computation import ensemble_of
    from fiveyear.experiments.store.description import Description

    told = described(*SAMPLE, *ranged(INCENTIVE, 0.0, 1.0), scenarios="['plan']")
    low = min(range(20), key=lambda case: told["cases"][case]["factors"][INCENTIVE])
    ((_, number),) = ensemble_of(Description.model_validate(told), low).scenario.paths["filing_incentive"].points
    assert number == told["cases"][low]["factors"][INCENTIVE] < 0.1
