"""A lever that moves nothing speaks: which change, of what, what stands in between, and which scenario lets it act."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.inert import of_experiment, of_scenario
from fiveyear.scenarios import load_experiment, load_scenario, scenario_names

Shipped = Callable[..., Ensemble]
Run = Callable[..., Any]  # words in, how it ended out
Said = Callable[..., list[str]]

INTENSITY = "paths.planned_rd_intensity.values.2015"
GOVERNMENT = "paths.st_share_of_fiscal.values.2015=0.06"
CLOSED = "the loop FINANCE is closed; extend plan, which cuts it"
CUT = "the loop FINANCE is cut; extend behavioural, which closes it"


@pytest.fixture
def said(shipped: Shipped) -> Said:
    """Give what is said of a shipped scenario with settings."""
    return lambda name, *settings: of_scenario(replace(shipped(), scenario=load_scenario(name, settings)))


@pytest.fixture
def said_of_experiment(shipped: Shipped, tmp_path: Path) -> Said:
    """Give what is said of an experiment on shipped scenarios, or files beside it: lines of factors in."""

    def give(scenarios: list[str], *lines: str) -> list[str]:
        file = tmp_path / "mine.toml"
        head = f"title = 'Mine'\nscenarios = {scenarios}\ndraws = 10\n"
        file.write_text(head + "\n".join(lines), encoding="utf-8")
        experiment = load_experiment(str(file))
        return of_experiment(experiment, replace(shipped(), scenario=experiment.cases[0].scenario))

    return give


def factor(key: str, values: list[Any]) -> str:
    return f"[factors.'{key}']\nvalues = {json.dumps(values)}"


# -- scenarios ----------------------------------------------------------------------------------------------
def test_the_path_of_the_plan_hardly_acts_where_those_who_pay_decide(said: Said) -> None:
    (line,) = said("behavioural", f"{INTENSITY}=2.0")
    assert line.startswith("behavioural: paths.planned_rd_intensity moves no headline target by more than 0.0")
    assert f"of its scatter: {CLOSED}." in line


def test_what_government_decides_does_not_act_where_the_plan_is_followed(said: Said) -> None:
    (line,) = said("plan", GOVERNMENT)
    assert line.startswith(f"plan: paths.st_share_of_fiscal moves none of the 8 headline targets: {CUT}.")


def test_what_knowledge_gives_to_output_does_not_act_where_output_is_as_foreseen(said: Said) -> None:
    (line,) = said("plan", "parameters.output_elasticity.value=0.1")
    cut = "the loop R1 is cut; extend endogenous_growth, which closes it"
    assert line == f"plan: parameters.output_elasticity moves nothing that a target depends on: {cut}"


def test_what_moves_no_headline_target_is_told_from_what_moves_nothing(said: Said) -> None:
    (government,) = said("plan", "paths.rd_content_of_st.values.2015=0.5")
    assert government == (
        "plan: paths.rd_content_of_st moves none of the 8 headline targets: the loop FINANCE is cut; extend "
        'behavioural, which closes it. It moves "Rise of enterprise R&D / revenue"'
    )
    (uptake,) = said("plan", "parameters.deduction_uptake.value=0.6")
    assert uptake == "plan: parameters.deduction_uptake moves nothing that a target depends on"


def test_each_shipped_scenario_moves_a_headline_target(shipped: Shipped) -> None:
    assert [name for name in scenario_names() if of_scenario(shipped(name, _facts(name)))] == []


def _facts(name: str) -> str:
    return {"eleventh": "yearbook", "korea577": "panel"}.get(load_scenario(name).plan.name, "july2011")


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("plan", f"{INTENSITY}=2.0"),
        ("plan", f"{INTENSITY}=2.201"),  # a hair, but of what nothing else moves
        ("behavioural", GOVERNMENT),
        ("behavioural", "paths.gap_closing.values.2015=0.5"),
        ("plan", "parameters.attrition_rate.value=0.05"),
        ("plan", f"{INTENSITY}=2.2"),  # it is that already
    ],
)
def test_a_lever_that_acts_stays_silent(said: Said, name: str, setting: str) -> None:
    assert said(name, setting) == []


def test_a_loop_that_the_file_itself_cuts_is_named(said: Said) -> None:
    (line,) = said("plan", 'cuts=["R4"]', "parameters.strategic_filing.value=0.04")
    assert "parameters.strategic_filing moves nothing" in line or "moves none" in line
    assert ": the loop R4 is cut; leave it out of cuts" in line


def test_what_a_scenario_inherits_is_not_held_against_it(said: Said) -> None:
    assert "planned_rd_intensity" in load_scenario("behavioural").content["paths"]
    assert said("behavioural") == []


# -- experiments --------------------------------------------------------------------------------------------
def test_a_factor_is_told_of_the_scenario_in_which_it_does_not_act(said_of_experiment: Said) -> None:
    for values in ([1.9, 2.2, 2.5], [1.5, 3.0], [2.19, 2.21]):
        (line,) = said_of_experiment(["plan", "behavioural"], factor(INTENSITY, values))
        assert line.startswith(f"behavioural: factor {INTENSITY} moves no headline target by more than 0.")
        assert CLOSED in line


def test_a_factor_that_acts_in_some_cases_is_silent(said_of_experiment: Said) -> None:
    closes, government = factor("closes", [[], ["FINANCE"]]), factor(GOVERNMENT.partition("=")[0], [0.04, 0.06])
    assert said_of_experiment(["plan"], closes, government) == []
    (line,) = said_of_experiment(["plan"], factor("cuts", [[], ["R4"]]), government)
    assert f"factor {GOVERNMENT.partition('=')[0]} moves none of the 8 headline targets: {CUT}" in line


def test_a_factor_of_a_sample_is_tried_at_its_ends(said_of_experiment: Said) -> None:
    design = "[design]\nkind = 'latin hypercube'\npoints = 8"
    ranges = [f"[factors.'{INTENSITY}']\nlow = 1.9\nhigh = 2.5"]
    ranges += ["[factors.'parameters.attrition_rate.value']\nlow = 0.03\nhigh = 0.05"]
    (line,) = said_of_experiment(["behavioural"], design, *ranges)
    assert f"factor {INTENSITY}" in line


# -- the commands -------------------------------------------------------------------------------------------
def test_reach_warns_on_the_error_stream_and_its_json_stays_pure(fiveyear: Run) -> None:
    words = ("reach", "plan", "behavioural", "--draws", "50", "--set", f"{INTENSITY}=2.0")
    result = fiveyear(*words, "--json")
    assert result.code == 0
    assert json.loads(result.out)["schema"]
    (line,) = result.err.splitlines()
    assert line.startswith("warning: behavioural: paths.planned_rd_intensity moves no headline target")


@pytest.mark.parametrize("words", [("scenario", "check", "mine.toml"), ("run", "mine.toml", "--dry-run")])
def test_what_an_experiment_changes_to_no_effect_is_told_before_it_runs(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "title = 'Mine'\nscenarios = ['plan', 'behavioural']\ndraws = 10\n" + factor(INTENSITY, [1.9, 2.5])
    Path("mine.toml").write_text(text, encoding="utf-8")
    result = fiveyear(*words)
    assert result.code == 0
    (line,) = result.err.splitlines()
    assert line.startswith(f"warning: behavioural: factor {INTENSITY} moves no headline target")


def test_run_warns_and_writes_all_the_same(fiveyear: Run, tmp_path: Path) -> None:
    result = fiveyear("run", "plan", "--draws", "10", "--out", tmp_path / "a.nc", "--set", GOVERNMENT)
    assert result.code == 0
    assert result.err.startswith("warning: plan: paths.st_share_of_fiscal moves none of the 8 headline targets")
    assert (tmp_path / "a.nc").exists()


def test_trying_moves_no_number_of_the_answer(shipped: Shipped) -> None:
    one = replace(shipped(), scenario=load_scenario("plan", [GOVERNMENT]))
    before = one.run(20).dataset()
    assert of_scenario(one)
    after = one.run(20).dataset()
    for name in before:
        assert np.array_equal(before[name], after[name], equal_nan=True)
