"""`check` means "will run": what a run would stumble over is told beforehand, with file and key, all at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.console import files
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach.answer import reach
from fiveyear.experiments.store.store import DESCRIPTION
from fiveyear.scenarios import shipped

Run = Callable[..., Any]  # words in, how it ended out

HEAD = 'title = "Mine"\nexpect = "A test."\n'
PATH = '[paths.{name}]\nunit = "{unit}"\nvalues = {{ {values} }}\nassumed = "a test"\n'


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Write a file in the working folder, and give its name."""
    monkeypatch.chdir(tmp_path)

    def give(name: str, text: str) -> str:
        Path(name).write_text(text, encoding="utf-8")
        return name

    return give


@pytest.fixture
def without_priors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Give copies of the files of all plans, and take away what is named of the twelfth plan's priors."""
    kept = tmp_path / "plans"
    shutil.copytree(shipped.PLANS, kept)
    monkeypatch.setattr(shipped, "PLANS", kept)

    def take(names: str) -> Path:
        priors = kept / "twelfth" / "priors.toml"
        text = priors.read_text(encoding="utf-8")
        fewer = re.sub(rf"\n\[(?:{names})\]\n(?:[^\[\n].*\n)*", "\n", text)
        assert fewer != text
        if "parameters" not in re.findall(r"^\[(\w+)", fewer, re.MULTILINE):
            fewer = "[parameters]\n" + fewer
        priors.write_text(fewer, encoding="utf-8")
        return priors

    return take


def experiment(scenarios: str = '"plan"', more: str = "") -> str:
    return f'title = "Mine"\nscenarios = [{scenarios}]\ndraws = 10\n{more}'


# -- scenarios ----------------------------------------------------------------------------------------------
def test_a_scenario_without_the_path_that_spending_follows_is_a_fault(fiveyear: Run, write: Callable[..., str]) -> None:
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'plan = "twelfth"\n'))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("mine.toml has 1 fault:\n  paths.planned_rd_intensity: no path after 2010")


def test_a_path_that_goes_on_from_a_history_that_nobody_gives_is_a_fault(
    fiveyear: Run, write: Callable[..., str]
) -> None:
    own = PATH.format(name="rd_deduction", unit="%", values="2009 = 160")
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'extends = "eleventh_plan"\n' + own))
    assert result.code == 2
    assert "mine.toml has 1 fault:\n  paths.rd_deduction: goes on from history" in result.err


def test_growth_that_leads_out_of_the_models_range_is_a_fault(fiveyear: Run, write: Callable[..., str]) -> None:
    own = '[paths.gdp_real]\nunit = "%/year"\ngrowth = { 2011 = 91 }\nassumed = "a test"\n'
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'extends = "plan"\n' + own))
    assert result.code == 2
    assert re.search(r"mine.toml has 1 fault:\n  paths.gdp_real: .* in 201\d is outside", result.err)


def test_faults_of_structure_hide_none_of_what_is_built(fiveyear: Run, write: Callable[..., str]) -> None:
    gdp = '[paths.gdp_real]\nunit = "%/year"\ngrowth = { 2011 = 91 }\nassumed = "a test"\n'
    unit = PATH.format(name="graduates", unit="yuan", values="2015 = 1")
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'plan = "twelfth"\ntag = 1\n' + gdp + unit))
    lines = [line.strip().split(": ")[0] for line in result.err.splitlines()[1:]]
    assert sorted(lines) == ["paths.gdp_real", "paths.graduates.unit", "paths.planned_rd_intensity", "tag"]
    assert "paths.graduates: no path" not in result.err


def test_what_follows_from_a_misspelt_name_is_not_told_twice(fiveyear: Run, write: Callable[..., str]) -> None:
    own = PATH.format(name="planned_rd_intensty", unit="%", values="2015 = 2")
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'plan = "twelfth"\n' + own))
    assert "mine.toml has 1 fault:\n  paths.planned_rd_intensty: the model has no such input" in result.err


def test_faults_of_what_a_file_extends_hide_none_of_its_own(fiveyear: Run, write: Callable[..., str]) -> None:
    write("below.toml", HEAD + 'extends = "plan"\ncuts = ["R99"]\n')
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'extends = "below.toml"\ntag = 1\n'))
    assert "mine.toml has 2 faults:" in result.err
    assert "extends: found below.toml; cuts.0: no loop is called R99" in result.err
    assert "tag: no such key" in result.err


def test_reach_tells_the_faults_of_every_scenario_before_it_computes_any(
    fiveyear: Run, write: Callable[..., str]
) -> None:
    first = write("first.toml", HEAD + 'plan = "twelfth"\n')
    second = write("second.toml", HEAD + 'extends = "plan"\ntag = 1\n')
    result = fiveyear("reach", "plan", first, second, "--draws", "1000000")
    assert (result.code, result.out) == (2, "")
    assert "first.toml has 1 fault:\n  paths.planned_rd_intensity: no path" in result.err
    assert "second.toml has 1 fault:\n  tag: no such key" in result.err


def test_a_setting_that_is_wrong_for_all_scenarios_is_told_once(fiveyear: Run) -> None:
    result = fiveyear("reach", "plan", "behavioural", "--set", "planned_rd_intensity=2.0")
    assert result.err.count("has 1 fault") == 1
    assert "nearest is paths.planned_rd_intensity.values.2015" in result.err


def test_a_wrong_setting_is_told_once_beside_the_faults_of_a_file(fiveyear: Run, write: Callable[..., str]) -> None:
    file = write("mine.toml", HEAD + 'extends = "plan"\ntag = 1\n')
    result = fiveyear("reach", "plan", file, "--set", "planned_rd_intensity=2.0")
    assert (result.code, result.err.count("--set has 1 fault"), result.err.count("mine.toml has 1 fault")) == (2, 1, 1)


# -- experiments --------------------------------------------------------------------------------------------
def test_facts_that_the_plan_does_not_have_are_a_fault_of_the_file(fiveyear: Run, write: Callable[..., str]) -> None:
    file = write("mine.toml", experiment(more='facts = "yearbok"\n'))
    for words in (("scenario", "check", file), ("run", file, "--dry-run"), ("run", file, "--out", "results")):
        result = fiveyear(*words)
        assert (result.code, result.out) == (2, "")
        assert 'mine.toml has 1 fault:\n  facts: found "yearbok", the plan twelfth has no such' in result.err
        assert "nearest is yearbook" in result.err


def test_a_scenario_of_another_plan_is_a_fault_of_an_experiment_and_is_not_built(
    fiveyear: Run, write: Callable[..., str]
) -> None:
    file = write(
        "two.toml", "title = 'Two plans'\nscenarios = ['plan', 'eleventh_plan']\ndraws = 2\nfacts = 'yearbook'\n"
    )
    ended = fiveyear("scenario", "check", file)
    assert ended.code == 2
    assert ended.err.count("\n") == 2
    assert "scenarios.1: it is of the plan eleventh, scenarios.0 is of twelfth" in ended.err


def test_faults_of_an_experiment_hide_none_of_its_cases(fiveyear: Run, write: Callable[..., str]) -> None:
    factor = '[factors."paths.gdp_real.growth.2011"]\nvalues = [7, 91, 700]\n'
    more = 'outputs = ["citation_rank", "reserchers"]\nfacts = "yearbok"\n' + factor
    result = fiveyear("scenario", "check", write("mine.toml", experiment('"plan", "nope"', more)))
    assert result.code == 2
    for fault in (
        'scenarios.1: found "nope"; no scenario of this name is shipped',
        'outputs.1: no indicator and no variable of the model is called "reserchers"; nearest is researchers',
        'facts: found "yearbok"',
        'factors."paths.gdp_real.growth.2011": found 700 %/year, expected',
    ):
        assert fault in result.err


def test_each_fault_that_keeps_cases_from_running_is_told_once_with_the_first(
    fiveyear: Run, write: Callable[..., str]
) -> None:
    factor = '[factors."paths.gdp_real.growth.2011"]\nvalues = [7, 91]\n'
    write("bare.toml", HEAD + 'plan = "twelfth"\n')
    result = fiveyear("scenario", "check", write("mine.toml", experiment('"plan", "bare.toml"', factor)))
    assert result.code == 2
    faults = result.err.splitlines()[1:]
    assert re.search(r"paths.gdp_real: .* is outside .* \(first in case 1: plan with .*2011 = 91\)", faults[1])
    assert [fault for fault in faults if "no path after 2010" in fault] == [
        "  scenarios.bare: paths.planned_rd_intensity: no path after 2010, and the priors give no outlook"
    ]


def test_an_output_that_the_plan_does_not_give_is_a_fault(fiveyear: Run, write: Callable[..., str]) -> None:
    more = 'outputs = ["rd_intensity", "citation_rank"]\n'
    result = fiveyear("scenario", "check", write("mine.toml", experiment('"eleventh_plan"', more)))
    assert result.code == 2
    assert "mine.toml has 1 fault:\n  outputs.1: citation_rank needs" in result.err


# -- plans whose priors lack what a target needs ----------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    [
        ("scenario", "check", "plan"),
        ("calibrate", "--plan", "twelfth"),
        ("reach", "plan"),
        ("run", "plan", "--out", "a.nc"),
    ],
    ids=lambda words: words[0] if words[0] != "scenario" else "check",
)
def test_priors_without_a_parameter_that_a_target_needs_are_told_by_every_command(
    fiveyear: Run, without_priors: Callable[[str], Path], words: tuple[str, ...]
) -> None:
    priors = without_priors(r"parameters\.propensity")
    before = {file: file.read_bytes() for file in priors.parent.glob("*.*")}
    result = fiveyear(*words)
    assert (result.code, result.out) == (2, "")
    assert f"{priors} has 1 fault:\n  parameters.propensity: missing: " in result.err
    assert "Applications per 100 R&D person-years" in result.err
    assert {file: file.read_bytes() for file in priors.parent.glob("*.*")} == before


def test_priors_without_any_parameter_end_in_a_message_and_not_in_an_array(
    fiveyear: Run, without_priors: Callable[[str], Path]
) -> None:
    without_priors(r"parameters\.\w+")
    result = fiveyear("reach", "plan", "--draws", "10")
    assert (result.code, result.out) == (2, "")
    assert "parameters.reference_cost: missing" in result.err
    assert "array" not in result.err


def test_a_parameter_that_the_scenario_gives_is_not_missed_in_the_priors(
    fiveyear: Run, without_priors: Callable[[str], Path], write: Callable[..., str]
) -> None:
    without_priors(r"parameters\.propensity")
    own = '[parameters.propensity]\nvalue = 0.06\nunit = "application/person/year"\nassumed = "a test"\n'
    result = fiveyear("scenario", "check", write("mine.toml", HEAD + 'extends = "plan"\n' + own))
    assert "propensity: missing" not in result.err


def test_facts_that_say_too_little_refuse_a_target_and_are_no_fault_of_the_plan(fiveyear: Run) -> None:
    result = fiveyear("reach", "plan", "--facts", "plan-only", "--draws", "200")
    assert result.code == 0
    assert "refused" in result.out


def test_a_store_is_known_by_the_file_that_a_store_writes() -> None:
    assert files.STORE == DESCRIPTION


def test_facts_that_refuse_every_target_end_in_no_array(
    shipped: Callable[..., Ensemble], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ensemble, "lacking", lambda self, indicator: ("gdp_real",))
    monkeypatch.setattr(Ensemble, "indicators", {})
    answer = reach(replace(shipped(facts="plan-only")), 500)
    assert {finding.verdict for finding in answer.findings} == {"refused"}


# -- the wrong kind of file -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    [
        ("reach", "mine.toml"),
        ("compare", "plan", "mine.toml"),
        ("scenario", "show", "mine.toml"),
        ("scenario", "new", "Mine", "--extends", "mine.toml", "--out", "new.toml"),
        ("model", "export", "mine.toml", "--out", "a.stmx"),
        ("programmes", "reach", "--scenario", "mine.toml"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_an_experiment_in_place_of_a_scenario_is_called_so_and_told_what_runs_it(
    fiveyear: Run, write: Callable[..., str], words: tuple[str, ...]
) -> None:
    write("mine.toml", experiment())
    result = fiveyear(*words)
    assert (result.code, result.out) == (2, "")
    assert "mine.toml has 1 fault:\n  it lists scenarios: it is an experiment; expected a scenario" in result.err
    assert "To run it: fiveyear run mine.toml --out DIR" in result.err


@pytest.mark.parametrize("command", [("reach",), ("run", "--out", "x.nc"), ("scenario", "check"), ("scenario", "show")])
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plan.nc", "plan.nc"),
        ("store", "store"),
        ("store/experiment.json", "store"),
        ("reached", "reached/plan.nc"),
    ],
)
def test_a_result_in_place_of_a_scenario_is_called_so_and_told_what_prints_it(
    fiveyear: Run, write: Callable[..., str], command: tuple[str, ...], given: str, shown: str
) -> None:
    write("plan.nc", "CDF")
    for folder, name in (("store", "experiment.json"), ("reached", "plan.nc")):
        Path(folder).mkdir()
        write(f"{folder}/{name}", "{}")
    result = fiveyear(*command, given)
    assert (result.code, result.out) == (2, "")
    assert f"{given} has 1 fault:\n  it is a result; expected a scenario" in result.err
    assert result.err.strip().endswith(f"fiveyear store show {shown}")
