"""Experiment files: what they hold, the cases they make in which order, and what is wrong with a bad one."""

from __future__ import annotations

import json
import math
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from fiveyear.scenarios import (
    Experiment,
    ScenarioError,
    is_experiment,
    load_experiment,
    load_plan,
    load_scenario,
    restore,
)
from fiveyear.scenarios.design import points
from fiveyear.scenarios.experiment_table import DesignTable, FactorTable
from fiveyear.scenarios.experiment_template import experiment_template
from fiveyear.scenarios.settings import read_settings, setting

INTENSITY = "paths.planned_rd_intensity.values.2015"
ATTRITION = "parameters.attrition_rate.value"

HEAD = """\
title = "How much money, how late?"
scenarios = ["plan", "behavioural"]
draws = 1000
"""
GRID = f"""\
[factors."{INTENSITY}"]
values = [1.8, 2.0, 2.2]
[factors."{ATTRITION}"]
values = [0.03, 0.05]
"""
SAMPLE = f"""\
[design]
kind = "sobol"
points = 64
[factors."{INTENSITY}"]
low = 1.8
high = 2.6
[factors."{ATTRITION}"]
low = 0.01
high = 0.1
scale = "log"
"""


def loaded(folder: Path, text: str) -> Experiment:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_experiment(str(path))


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, text)
    assert caught.value.title == str(folder / "mine.toml")
    return [*caught.value.faults]


def scenario_file(folder: Path, name: str, text: str = 'plan = "twelfth"\n') -> None:
    (folder / f"{name}.toml").write_text(f'title = "{name}"\nexpect = "A test."\n{text}', encoding="utf-8")


# -- what it makes -----------------------------------------------------------------------------------------
def test_an_experiment_without_factors_has_a_case_for_each_scenario_as_it_is(tmp_path: Path) -> None:
    found = loaded(tmp_path, HEAD)
    assert [case.scenario for case in found.cases] == [load_scenario("plan"), load_scenario("behavioural")]
    assert [case.number for case in found.cases] == [0, 1]
    assert found.rows == 2000


def test_what_the_file_leaves_out_is_what_single_runs_take(tmp_path: Path) -> None:
    found = loaded(tmp_path, HEAD)
    assert (found.name, found.title, found.draws) == ("mine", "How much money, how late?", 1000)
    assert (found.seed, found.facts, found.keep, found.outputs) == (2011, None, "draws", ())
    assert (found.method, found.step) == ("rk4", 0.125)


def test_what_the_file_says_is_taken(tmp_path: Path) -> None:
    own = 'seed = 7\nfacts = "yearbook"\nkeep = "summary"\noutputs = ["rd_intensity", "researchers"]\n'
    found = loaded(tmp_path, HEAD + own + 'method = "euler"\nstep = 1\n')
    assert (found.seed, found.facts, found.keep) == (7, "yearbook", "summary")
    assert found.outputs == ("rd_intensity", "researchers")
    assert (found.method, found.step) == ("euler", 1.0)


def test_cases_go_by_scenario_then_by_factor_the_last_changing_fastest(tmp_path: Path) -> None:
    found = loaded(tmp_path, HEAD + GRID)
    combinations = [(1.8, 0.03), (1.8, 0.05), (2.0, 0.03), (2.0, 0.05), (2.2, 0.03), (2.2, 0.05)]
    assert [(case.scenario.name, *case.factors.values()) for case in found.cases] == [
        *(("plan", *values) for values in combinations),
        *(("behavioural", *values) for values in combinations),
    ]
    assert [case.number for case in found.cases] == list(range(12))


@pytest.mark.parametrize("text", [GRID, SAMPLE], ids=["grid", "sample"])
def test_a_case_is_the_scenario_with_its_factors_set(tmp_path: Path, text: str) -> None:
    for case in loaded(tmp_path, HEAD + text).cases[::5]:
        settings = [f"{key}={value!r}" for key, value in case.factors.items()]
        assert case.scenario == load_scenario(case.scenario.name, settings)


def test_all_scenarios_have_the_same_points(tmp_path: Path) -> None:
    found = loaded(tmp_path, HEAD + SAMPLE)
    first, second = ([c.factors for c in found.cases if c.scenario.name == name] for name in ("plan", "behavioural"))
    assert len(first) == 64
    assert first == second


def test_the_scenarios_themselves_stay_as_they_are(tmp_path: Path) -> None:
    path = '[paths.planned_rd_intensity]\nvalues = { 2015 = 2.2 }\nunit = "%"\nsource = "x"\n'
    scenario_file(tmp_path, "own", 'plan = "twelfth"\n' + path)
    before = load_scenario(str(tmp_path / "own.toml"))
    found = loaded(tmp_path, HEAD.replace('"plan"', '"own.toml"') + GRID)
    own = found.cases[0].scenario.content["paths"]["planned_rd_intensity"]
    assert (own["values"], "source" in own) == ({"2015": 1.8}, False)
    assert found.cases[4].scenario.content["paths"]["planned_rd_intensity"]["values"] == {"2015": 2.2}
    assert load_scenario(str(tmp_path / "own.toml")) == before


def test_factors_take_lists_and_tables_too(tmp_path: Path) -> None:
    text = '[factors.closes]\nvalues = [[], ["FINANCE"], ["FINANCE", "R1"]]\n'
    text += '[factors."paths.planned_rd_intensity.values"]\nvalues = [{ 2015 = 2.2 }, { 2013 = 2.1, 2015 = 2.3 }]\n'
    found = loaded(tmp_path, HEAD + text).cases[:6]
    assert [case.scenario.cuts for case in found[::2]] == [("FINANCE", "R1"), ("R1",), ()]
    years = [[y for y, _ in case.scenario.paths["planned_rd_intensity"].points] for case in found[:2]]
    assert years == [[2015], [2013, 2015]]


def test_a_scenario_of_ones_own_is_found_beside_the_experiment(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    scenario_file(tmp_path, "own", 'extends = "plan"\n')
    scenario_file(tmp_path / "below", "deeper", 'extends = "../own.toml"\n')
    found = loaded(tmp_path, HEAD.replace('"behavioural"', '"own.toml", "below/deeper.toml"'))
    assert [case.scenario.name for case in found.cases] == ["plan", "own", "deeper"]


def test_the_template_is_an_experiment_for_every_plan(tmp_path: Path) -> None:
    for plan, scenarios in (("twelfth", ["plan", "behavioural"]), ("eleventh", ["eleventh_plan"])):
        text = experiment_template('A "test" of 计划', scenarios, load_plan(plan), "mine.toml", "experiment.json")
        found = loaded(tmp_path, text)
        assert found.title == 'A "test" of 计划'
        assert len(found.cases) == 3 * len(scenarios)


def test_what_the_template_has_in_comments_can_be_taken_into_use(tmp_path: Path) -> None:
    text = experiment_template("A test", ["plan"], load_plan("twelfth"), "mine.toml", "experiment.json")
    used = re.sub(r"^# (?=outputs|facts|\[|values|kind|points|seed|low|high)", "", text, flags=re.MULTILINE)
    found = loaded(tmp_path, used)
    assert (len(found.cases), found.facts, found.outputs) == (64, "yearbook", ("rd_intensity", "researchers"))
    assert list(found.cases[0].factors) == [INTENSITY, "closes", ATTRITION]


# -- points ------------------------------------------------------------------------------------------------
def factor(**content: Any) -> FactorTable:
    return FactorTable.model_validate(content)


def design(kind: str, **content: int) -> DesignTable:
    return DesignTable.model_validate({"kind": kind, **content})


RANGES = [factor(low=0.0, high=1.0), factor(low=-2.0, high=2.0), factor(low=0.01, high=100.0, scale="log")]


def sample(kind: str, count: int, seed: int = 1) -> list[tuple[float, ...]]:
    return points(design(kind, points=count, seed=seed), RANGES)


@pytest.mark.parametrize("kind", ["latin hypercube", "sobol"])
def test_a_sample_has_a_point_in_every_stratum_of_every_factor(kind: str) -> None:
    found = np.array(sample(kind, 256))
    shares = np.array([found[:, 0], (found[:, 1] + 2.0) / 4.0, np.log(found[:, 2] / 0.01) / math.log(1e4)])
    strata = np.sort(np.floor(shares * 256 * (1 + 1e-12)), axis=1)
    assert (strata == np.arange(256)).all()


@pytest.mark.parametrize("kind", ["latin hypercube", "sobol"])
def test_the_seed_of_a_sample_decides_it(kind: str) -> None:
    assert sample(kind, 64) == sample(kind, 64)
    assert not set(sample(kind, 64)) & set(sample(kind, 64, seed=2))


def test_half_the_points_of_sobol_are_the_sample_of_half_as_many() -> None:
    assert sample("sobol", 512)[:256] == sample("sobol", 256)


def test_the_factors_of_a_sample_are_not_correlated() -> None:
    found = stats.spearmanr(np.array(sample("latin hypercube", 4096))).statistic
    assert np.abs(found - np.eye(3)).max() < 5.0 / math.sqrt(4096)


def test_a_sample_takes_each_of_a_list_of_values_as_often() -> None:
    factors = [factor(values=["a", "b", [], {"x": 1}]), factor(low=0.0, high=1.0)]
    for kind in ("latin hypercube", "sobol"):
        found = points(design(kind, points=64), factors)
        assert set(Counter(map(str, (first for first, _ in found))).values()) == {16}


@pytest.mark.parametrize("low", [1e-300, 3.0, 0.1])
def test_no_number_leaves_its_range(low: float) -> None:
    for scale in ("linear", "log"):
        one = factor(low=low, high=np.nextafter(low, 10.0).item(), scale=scale)
        found = points(design("latin hypercube", points=100), [one])
        assert {number for (number,) in found} <= {one.low, one.high}


def test_numbers_and_texts_survive_their_setting_to_the_bit() -> None:
    random = np.random.default_rng(3)
    numbers = [*(random.standard_normal(500) * 10.0 ** random.integers(-300, 300, 500)).tolist(), -0.0, 5e-324, 1e16]
    values = [*numbers, 3, 2**62, True, 'a"b\\c', "计划\x7f\n\t=", [1, ["x"]], {"a b": 1, "": {"c": [0.1]}}]
    for value in values:
        one = setting(("paths", "x", "values"), value)
        assert read_settings([one.text]) == (one,)
        assert repr(read_settings([one.text])[0].value) == repr(value)


# -- what is wrong -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("found", "written", "expected"),
    [
        ("title =", "titel =", ["titel: no such key; nearest is title", "title: missing"]),
        ('"How much money, how late?"', '" "', ["title: found blanks only, expected a text"]),
        ('"How much money, how late?"', '"a\\nb"', ['title: found "a\\nb", expected a text on one line']),
        ('"How much money, how late?"', '"a\\u202eb"', ['title: found "a\\u202eb", expected a text on one line']),
        ('"How much money, how late?"', '"计划\u30002015"', []),
        ('["plan", "behavioural"]', "[]", ["scenarios: found a list, expected at least one entry"]),
        ('["plan", "behavioural"]', '"plan"', ['scenarios: found "plan", expected a list']),
        ('["plan", "behavioural"]', '[["plan"]]', ["scenarios.0: found a list, expected a text in quotes"]),
        ('["plan", "behavioural"]', '["plan"] # ' + '"plan"' * 2, []),
        (
            '["plan", "behavioural"]',
            "[" + '"plan", ' * 1001 + "]",
            ["scenarios: found 1001 entries, expected at most 1000"],
        ),
        ('"behavioural"', '"plan"', ["scenarios.1: plan is the name of scenarios.0, too"]),
        ('"behavioural"', '"behaviour"', ["scenarios.1: found \"behaviour\"; no scenario of this name is"]),
        ('"behavioural"', '"no.toml"', ['scenarios.1: found "no.toml"; there is no such file in']),
        ('"behavioural"', '"mine.toml"', ["scenarios.1: found", "mine.toml; it lists scenarios: it is an experiment"]),
        ('"behavioural"', '"eleventh_plan"', ["scenarios.1: it is of the plan eleventh, scenarios.0 is of twelfth"]),
        ("draws = 1000\n", "", ["draws: missing"]),
        ("draws = 1000", "draws = 0", ["draws: found 0, expected greater than or equal to 1"]),
        ("draws = 1000", "draws = 1e3", ["draws: found 1000.0, expected a whole number"]),
        ("draws = 1000", "draws = true", ["draws: found true, expected a whole number"]),
        ("draws = 1000", "draws = 10000000001", ["draws: found 10000000001, expected less than or equal to"]),
        (
            "draws = 1000",
            "draws = 10000000000",
            ["draws: found 10,000,000,000, expected at most 833,333,333 of 12 cases: 10,000,000,000 in all"],
        ),
        ("draws = 1000", "draws = 1000\nseed = -1", ["seed: found -1, expected greater than or equal to 0"]),
        ("draws = 1000", "draws = 1000\nseed = 1.0", ["seed: found 1.0, expected a whole number"]),
        ("draws = 1000", 'draws = 1000\nkeep = "all"', ["keep: found \"all\", expected 'draws' or 'summary'"]),
        ("draws = 1000", 'draws = 1000\nmethod = "rk5"', ["method: found \"rk5\", expected 'rk4' or 'euler'"]),
        ("draws = 1000", "draws = 1000\nstep = 0", ["step: found 0, expected greater than or equal to 0.0001"]),
        ("draws = 1000", "draws = 1000\nstep = nan", ["step: found nan, expected"]),
        ("draws = 1000", "draws = 1000\nstep = 2", ["step: found 2, expected less than or equal to 1"]),
        ("draws = 1000", "draws = 1000\nfacts = 2011", ["facts: found 2011, expected a text in quotes"]),
        ("draws = 1000", "draws = 1000\noutputs = []", ["outputs: found a list, expected at least one entry"]),
        (
            "draws = 1000",
            'draws = 1000\noutputs = ["rd_intensity", "rd_intensty", "rd_intensity"]',
            [
                'outputs.1: no indicator and no variable of the model is called "rd_intensty"; nearest is rd_intensity',
                "outputs.2: rd_intensity stands in outputs.0, too",
            ],
        ),
        ("[1.8, 2.0, 2.2]", "[]", [f'factors."{INTENSITY}".values: found a list, expected at least one entry']),
        ("[1.8, 2.0, 2.2]", "2.0", [f'factors."{INTENSITY}".values: found 2.0, expected a list']),
        ("[1.8, 2.0, 2.2]", "[2, nan]", [f'factors."{INTENSITY}".values.1: found nan, expected a finite number']),
        ("[1.8, 2.0, 2.2]", "[2.0, 2]", [f'factors."{INTENSITY}".values.1: 2 stands in values.0, too']),
        ("[1.8, 2.0, 2.2]", "[{a=1}, {a=1}]", [f'factors."{INTENSITY}".values.1: a table stands in values.0, too']),
        ("[1.8, 2.0, 2.2]", "[2011-07-01]", [f'factors."{INTENSITY}".values.0: found 2011-07-01, expected a']),
        ("[1.8, 2.0, 2.2]", '[["\\u001b"]]', [f'factors."{INTENSITY}".values.0: found "\\u001b", expected a text']),
        ("[1.8, 2.0, 2.2]", "[9999999999999999999]", [f'factors."{INTENSITY}".values.0: found 9999999999999999999,']),
        (
            "[1.8, 2.0, 2.2]",
            '["2.2", 22, 2]',
            [
                f'factors."{INTENSITY}": found "2.2", expected a number (first in case 0: plan with {INTENSITY} = '
                f'"2.2", {ATTRITION} = 0.03)',
                f'factors."{INTENSITY}": found 22 %, expected 0 to 10 % (first in case 2: plan with {INTENSITY} = 22, ',
                f'factors."{INTENSITY}": and 6 more faults of cases',
            ],
        ),
        (
            "values = [1.8, 2.0, 2.2]",
            "low = 1.8\nhigh = 2.6",
            [f'factors."{INTENSITY}": found a range, expected values for a full factorial; or a sample, such as'],
        ),
        ("values = [1.8", "vals = [1.8", [f'factors."{INTENSITY}".vals: no such key; nearest is values']),
        (
            "values = [1.8, 2.0, 2.2]",
            "values = [1.8]\nlow = 1\nscale = 'log'",
            [
                f'factors."{INTENSITY}".low: found beside values; expected values alone, or low and high',
                f'factors."{INTENSITY}".scale: found "log" beside values; only a range has a scale',
            ],
        ),
        (f'"{INTENSITY}"', '"plan"', ["factors.plan: a scenario has no plan to set; known are"]),
        (f'"{INTENSITY}"', '"planned_rd_intensity"', [f"to set; nearest is {INTENSITY}"]),
        (f'"{INTENSITY}"', '"pahts.x"', ['factors."pahts.x": a scenario has no pahts to set; nearest is paths']),
        (f'"{INTENSITY}"', '"paths..x"', ['factors."paths..x": expected a key of a scenario, such as']),
        (f'"{INTENSITY}"', '""', ['factors."": expected a key of a scenario, such as']),
        (f'"{INTENSITY}"', INTENSITY, ["factors.paths.planned_rd_intensity: no such key", "factors.paths: the whole"]),
        (
            f'"{INTENSITY}"',
            '"paths.planned_rd_intensty.values.2015"',
            ['factors."paths.planned_rd_intensty.values.2015": paths.planned_rd_intensty: the model has no'],
        ),
        (
            f'"{INTENSITY}"',
            '"paths.planned_rd_intensity.values.2021"',
            ['factors."paths.planned_rd_intensity.values.2021": found a year outside the plan'],
        ),
        (f'"{INTENSITY}"', '"title.x"', ['factors."title.x": title is not a table (first in case 0']),
        (f'"{INTENSITY}"', '"cuts"', ["factors.cuts: found 1.8, expected a list (first in case 0"]),
        (
            f'"{INTENSITY}"',
            '"parameters.attrition_rate"',
            [f'factors."{ATTRITION}": it takes the place of what parameters.attrition_rate sets; expected one of them'],
        ),
        (
            f'"{INTENSITY}"',
            '"parameters . attrition_rate . value"',
            [f'factors."{ATTRITION}": it takes the place of what {ATTRITION} sets; expected one of them'],
        ),
        (
            f'"{ATTRITION}"',
            '"paths.planned_rd_intensity.growth.2011"',
            [f'factors."paths.planned_rd_intensity.growth.2011": it takes the place of what {INTENSITY} sets'],
        ),
        (f'"{INTENSITY}"]', f'"{INTENSITY}".x]', [f'factors."{INTENSITY}".x: no such key']),
        ("draws = 1000", "draws = 1000\ndesign = 3", ["design: found 3, expected a table"]),
        ("draws = 1000", "draws = 1000\ndesign = {}", ["design.kind: missing"]),
        ("draws = 1000", 'draws = 1000\ndesign = { kind = "random" }', ['design.kind: found "random", expected']),
        ("draws = 1000", "draws = 1000\nfactors = 3\n#", ["factors: found 3, expected a table"]),
        (
            "draws = 1000",
            'draws = 1000\ndesign = { kind = "full factorial", points = 3, seed = 1 }',
            ["design.points: only a sample has it; a full factorial is", "design.seed: only a sample has it"],
        ),
        ("draws = 1000", 'draws = 1000\ndesign = { kind = "sobol" }', ["design.points: missing"]),
        (
            "draws = 1000",
            'draws = 1000\ndesign = { kind = "sobol", points = 100 }',
            ["design.points: found 100, expected a power of two for sobol, such as 128"],
        ),
        (
            "draws = 1000",
            'draws = 1000\ndesign = { kind = "sobol", points = 99999 }',
            ["design.points: found 99999, expected a power of two for sobol, such as 65536"],
        ),
        (
            "draws = 1000",
            'draws = 1000\ndesign = { kind = "sobol", points = 65536 }',
            ["found 2 scenarios at 65,536 points each, expected at most 100,000 cases"],
        ),
        (
            "draws = 1000",
            'draws = 1000\ndesign = { kind = "sobol", points = 100001 }',
            ["design.points: found 100001, expected less than or equal to 100000"],
        ),
    ],
)  # fmt: skip
def test_a_bad_experiment_is_refused_with_what_is_wrong_and_where(
    tmp_path: Path, found: str, written: str, expected: list[str]
) -> None:
    assert found in HEAD + GRID
    text = (HEAD + GRID).replace(found, written, 1)
    if written.startswith("draws = 1000\nfactors = 3"):
        text = text.replace("[factors", "# [").replace("\nvalues", "\n# ")
    if not expected:
        loaded(tmp_path, text)
        return
    faults = faults_of(tmp_path, text)
    of_cases = re.compile(r" \(first in case |: and [\d,]+ more faults of cases$")
    for piece in expected:
        assert any(piece in fault for fault in faults)
    for fault in faults:
        assert any(piece in fault for piece in expected) or of_cases.search(fault)


@pytest.mark.parametrize(
    ("found", "written", "expected"),
    [
        ("low = 1.8", "low = 2.6", "high: found 2.6, expected a number above low = 2.6"),
        ("low = 1.8", "low = nan", "low: found nan, expected a finite number"),
        ("low = 1.8", 'low = "1.8"', 'low: found "1.8", expected a number'),
        ("low = 1.8", "low = -1e301", "low: found -1e+301, expected greater than or equal to"),
        ("low = 1.8\n", "", "found high alone, expected values, or low and high"),
        ("low = 1.8", 'low = 0\nscale = "log"', 'low: found 0, expected a number above 0 where scale is "log"'),
        ("low = 1.8", 'low = 1.8\nscale = "exp"', "scale: found \"exp\", expected 'linear' or 'log'"),
        ("low = 1.8\nhigh = 2.6", "low = 11\nhigh = 12", "%, expected 0 to 10 %"),
    ],
)
def test_a_bad_range_is_refused_with_what_is_wrong_and_where(
    tmp_path: Path, found: str, written: str, expected: str
) -> None:
    assert found in SAMPLE
    faults = faults_of(tmp_path, HEAD + SAMPLE.replace(found, written, 1))
    assert faults[0].startswith(f'factors."{INTENSITY}"')
    assert expected in "\n".join(faults)


def test_a_design_without_factors_is_refused(tmp_path: Path) -> None:
    assert faults_of(tmp_path, HEAD + '[design]\nkind = "full factorial"\n') == [
        "factors: missing; a design is one of factors"
    ]


def test_more_than_100_factors_are_refused(tmp_path: Path) -> None:
    text = "".join(f'[factors."parameters.p{i}.value"]\nvalues = [1]\n' for i in range(101))
    assert faults_of(tmp_path, HEAD + text) == ["factors: found 101 entries, expected at most 100"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    scenario_file(tmp_path / "below", "plan")
    found = faults_of(tmp_path, HEAD.replace('"behavioural"', '"below/plan.toml"'))
    assert found == ["scenarios.1: plan is the name of scenarios.0, too: results go by the name of the file"]


def test_every_fault_of_a_scenario_of_ones_own_is_told(tmp_path: Path) -> None:
    scenario_file(tmp_path, "own", 'plan = "twelfth"\ncuts = ["R98", "R99"]\n')
    found = faults_of(tmp_path, HEAD.replace('"behavioural"', '"own.toml"'))
    assert [fault.split("; known are ")[0] for fault in found] == [
        f"scenarios.1: found {tmp_path}/own.toml; cuts.{k}: no loop is called R{98 + k}" for k in (0, 1)
    ]


def test_an_experiment_that_is_too_large_is_refused_at_once(tmp_path: Path) -> None:
    text = "".join(
        f'[factors."parameters.p{i}.value"]\nvalues = [{", ".join(map(str, range(500)))}]\n' for i in range(100)
    )
    start = time.process_time()
    assert faults_of(tmp_path, HEAD + text) == [
        "found 2 scenarios at more than 10^15 points each, expected at most 100,000 cases"
    ]
    assert time.process_time() - start < 2.0


def test_faults_of_very_many_cases_are_told_in_a_few_lines(tmp_path: Path) -> None:
    text = SAMPLE.replace("points = 64", "points = 4096").replace("high = 2.6", "high = 26")
    found = faults_of(tmp_path, HEAD + text)
    assert len(found) == 4
    assert re.search(r": and [56],\d\d\d more faults of cases$", found[-1])  # two thirds of 8,192


def test_a_case_takes_a_tenth_of_a_millisecond(tmp_path: Path) -> None:
    text = HEAD + SAMPLE.replace("points = 64", "points = 2048")
    loaded(tmp_path, HEAD + SAMPLE)
    start = time.process_time()
    cases = loaded(tmp_path, text).cases
    assert (time.process_time() - start) / len(cases) < 1e-3  # some 8e-5 where nothing else runs


# -- which files are experiments -----------------------------------------------------------------------------
def test_an_experiment_is_told_from_a_scenario(tmp_path: Path) -> None:
    loaded(tmp_path, HEAD)
    scenario_file(tmp_path, "own")
    (tmp_path / "broken.toml").write_text("scenarios = ", encoding="utf-8")
    assert is_experiment(str(tmp_path / "mine.toml"))
    for name in ("plan", str(tmp_path / "own.toml"), str(tmp_path / "broken.toml"), str(tmp_path), "a\0", "a" * 5000):
        assert not is_experiment(name)


def test_an_experiment_goes_through_json_and_its_cases_are_the_same(tmp_path: Path) -> None:
    found = loaded(tmp_path, HEAD + SAMPLE)
    assert json.loads(json.dumps(found.content)) == found.content
    for case in found.cases[::7]:
        assert json.loads(json.dumps(case.factors)) == case.factors
        assert restore(json.loads(json.dumps(case.scenario.stored()))) == case.scenario
