"""What is wrong with what a program hands over is said with its place, with what was found, expected, and near."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fiveyear as fy

PLAN = "planned_rd_intensity"
VALUES = f"paths.{PLAN}.values"
IN_2015 = f"{VALUES}.2015"


def plan() -> fy.Scenario:
    return fy.plan("twelfth").scenario("plan")


def changed(changes: Any, name: str = "mine") -> fy.Scenario:
    return plan().change(changes, name=name)


def sweep(**others: Any) -> object:
    return fy.experiment(**{"scenarios": ["plan"], "vary": {PLAN: {2015: ["2 %"]}}, "out": "r", "draws": 20, **others})


@pytest.fixture(scope="module")
def answer() -> fy.Answers:
    return fy.reach("plan", draws=20)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "text.nc").write_text("no result", encoding="utf-8")


#: What is done, and what the first fault holds of key, found, expected and nearest ("" where it need not say it).
MISTAKES: dict[str, tuple[Callable[[], object], tuple[str, str, str, str]]] = {
    "a plan misspelt": (lambda: fy.plan("twelth"), ("", "twelth", "a shipped plan", "twelfth")),
    "a plan that is no name": (lambda: fy.plan(12), ("", "12", "the name of a plan", "")),  # type: ignore[arg-type]
    "a scenario misspelt": (lambda: fy.reach("behavioral"), ("", "behavioral", "a shipped scenario", "behavioural")),
    "a scenario of another plan": (
        lambda: fy.plan("twelfth").scenario("eleventh_plan"),
        ("plan", "eleventh", "twelfth", ""),
    ),
    "scenarios of two plans": (lambda: fy.reach("plan", "eleventh_plan"), ("eleventh_plan", "eleventh", "twelfth", "")),
    "no scenario": (fy.reach, ("", "none", "one or more", "")),
    "an empty list in an experiment": (lambda: sweep(scenarios=[]), ("", "none", "one or more", "")),
    "a name for a list": (lambda: sweep(scenarios="plan"), ("", "'plan'", "a list of scenarios", "")),
    "a list for a name": (lambda: fy.reach(["plan"]), ("", "['plan']", "name, file or object", "")),  # type: ignore[arg-type]
    "two of one name": (lambda: fy.reach("plan", "plan"), ("plan", "plan", "a name of its own", "")),
    "one to compare": (lambda: fy.compare("plan"), ("", "one scenario", "two or more", "")),
    "a folder for a file": (lambda: fy.reach("folder.toml"), ("", "", "", "")),
    "no file": (lambda: fy.reach(Path("none.toml")), ("", "", "", "")),
    "draws as a fraction": (lambda: fy.reach("plan", draws=2e4), ("", "20000.0", "whole number", "")),  # type: ignore[arg-type]
    "no draws": (lambda: fy.reach("plan", draws=0), ("", "0", "1 to 1,000,000", "")),
    "draws as a truth": (lambda: fy.reach("plan", draws=True), ("", "True", "whole number", "")),
    "a seed below nil": (lambda: fy.reach("plan", seed=-1), ("", "-1", "from 0", "")),
    "an engine misspelt": (lambda: fy.reach("plan", engine="fsat"), ("", "fsat", "", "fast")),
    "facts misspelt": (lambda: fy.reach("plan", facts="july2012"), ("", "", "", "")),
    "an input misspelt": (lambda: changed({"planned_rd_intensty": {2015: 2}}), ("", "planned_rd_intensty", "", PLAN)),
    "no change": (lambda: changed({}), ("", "no change", "one or more", "")),
    "what the model computes": (lambda: changed({"applications": {2015: 1}}), ("applications", "applications", "", "")),
    "a file that is none": (lambda: plan().save(None), ("", "None", "ends with .toml", "")),  # type: ignore[arg-type]
    "a scenario for a result": (lambda: fy.load(plan().save("mine.toml")), ("", "", "", "")),
    "an input that is no name": (lambda: changed({1: {2015: 2}}), ("1", "1", "", "")),
    "a list of changes": (lambda: changed([PLAN]), ("", f"['{PLAN}']", "a dictionary", "")),
    "a number for a path": (lambda: changed({PLAN: 2.0}), (VALUES, "2.0", "numbers by year", "")),
    "a path without a year": (lambda: changed({PLAN: {}}), (VALUES, "no year", "numbers by year", "")),
    "a unit of something else": (
        lambda: changed({PLAN: {2015: "2 person"}}),
        (IN_2015, "person", "%", ""),
    ),
    "a unit misspelt": (lambda: changed({PLAN: {2015: "2 persn"}}), (IN_2015, "persn", "%", "")),
    "a text for a number": (lambda: changed({PLAN: {2015: "two"}}), (IN_2015, "'two'", "a finite", "")),
    "no number": (lambda: changed({PLAN: {2015: math.nan}}), (IN_2015, "nan", "a finite", "")),
    "None": (lambda: changed({PLAN: {2015: None}}), (IN_2015, "None", "a finite", "")),
    "a year that is none": (lambda: changed({PLAN: {"15": 2}}), (VALUES, "'15'", "such as 2015", "")),
    "a year outside the plan": (lambda: changed({PLAN: {2021: 2}}), (f"{VALUES}.2021", "2021", "2005 to 2020", "")),
    "a number out of range": (lambda: changed({PLAN: {2015: 22}}), (IN_2015, "22 %", "0 to 10 %", "")),
    "a table for a parameter": (
        lambda: changed({"attrition_rate": {2015: 2}}),
        ("parameters.attrition_rate", "{2015: 2}", "a finite", ""),
    ),
    "growth of a parameter": (
        lambda: changed({"attrition_rate": fy.growth(2)}),
        ("parameters.attrition_rate", "Growth(rate=2)", "a finite", ""),
    ),
    "a name that is no file's": (lambda: changed({PLAN: {2015: 2}}, name="a/b"), ("name", '"a/b"', "up to 200", "")),
    "a file of another kind": (lambda: plan().save("mine.txt"), ("", "mine.txt", "ends with .toml", "")),
    "a folder in the way": (lambda: plan().save("folder.toml"), ("", "", "", "")),
    "a folder that is not there": (lambda: plan().save("no/mine.toml"), ("", "", "", "")),
    "no result": (lambda: fy.load("text.nc"), ("", "", "", "")),
    "no store": (lambda: fy.load("folder.toml"), ("", "", "", "")),
    "nothing to load": (lambda: fy.load(None), ("", "None", "the folder of a store", "")),  # type: ignore[arg-type]
    "nothing varied": (lambda: sweep(vary={}), ("", "{}", "a dictionary", "")),
    "one value varied": (lambda: sweep(vary={PLAN: {2015: "2 %"}}), (IN_2015, "'2 %'", "values", "")),
    "values without a year": (lambda: sweep(vary={PLAN: ["2 %"]}), (VALUES, "['2 %']", "values", "")),
    "an input misspelt in an experiment": (
        lambda: sweep(vary={"planed_rd_intensity": {2015: [2]}}),
        ("", "planed_rd_intensity", "", PLAN),
    ),
    "workers as a text": (lambda: sweep(workers="2"), ("", "'2'", "whole number", "")),
    "a set of facts misspelt": (lambda: sweep(facts="july2012"), ("", "", "", "")),
    "plans as one text": (lambda: fy.calibrate("twelfth"), ("", "'twelfth'", "a list", "")),
    "a set that no plan has": (lambda: fy.calibrate(facts=["july"]), ("", "", "", "")),
    "a plan to validate misspelt": (lambda: fy.validate("twelth"), ("", "", "", "")),
    "a plan to score misspelt": (lambda: fy.backtest("elventh"), ("", "elventh", "a shipped plan", "eleventh")),
    "draws of a backtest": (lambda: fy.backtest(draws=0), ("", "0", "1 to 1,000,000", "")),
}  # fmt: skip


def holds(fault: fy.Fault, key: str, found: str, expected: str, nearest: str) -> bool:
    said = (key in fault.key, found in fault.found, expected in fault.expected, nearest == fault.nearest or not nearest)
    return all(said)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_its_place_and_what_was_expected(mistake: str) -> None:
    make, parts = MISTAKES[mistake]
    with pytest.raises(fy.Error) as caught:
        make()
    assert all(isinstance(fault, fy.Fault) for fault in caught.value.faults)
    fault = caught.value.faults[0]
    assert holds(fault, *parts), (fault.key, fault.found, fault.expected, fault.nearest)
    assert fault.text in str(caught.value)


#: The same of what an answer is asked.
QUESTIONS: dict[str, tuple[Callable[[fy.Answers], object], tuple[str, str, str, str]]] = {
    "an indicator misspelt": (lambda a: a.chance("rd_intensty", at_least=2), ("rd_intensty", "", "", "rd_intensity")),
    "a target misspelt": (lambda a: a.chance("citation_rnk"), ("citation_rnk", "", "", "citation_rank")),
    "a threshold of another unit": (
        lambda a: a.chance("rd_intensity", at_least="2 person"),
        ("at_least.rd_intensity", "person", "%", ""),
    ),
    "no number": (lambda a: a.chance("rd_intensity", at_least=math.nan), ("at_least.", "nan", "a finite", "")),
    "one threshold of two": (
        lambda a: a.chance("rd_intensity", "citation_rank", at_least=2),
        ("at_least", "2 indicators", "one", ""),
    ),
    "nothing": (lambda a: a.chance(), ("", "no indicator", "one or more", "")),
    "two thresholds that leave nothing": (
        lambda a: a.chance("rd_intensity", at_least="3 %", at_most="2 %"),
        ("rd_intensity", "", "", ""),
    ),
    "a target twice": (lambda a: a.chance("citation_rank", "citation_rank"), ("citation_rank", "", "", "")),
    "a list of targets": (lambda a: a.chance(["citation_rank"]), ("", "citation_rank", "one by one", "")),  # type: ignore[arg-type]
    "no name": (lambda a: a.chance(3), ("3", "3", "", "")),  # type: ignore[arg-type]
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_that_has_no_answer_is_told_why(answer: fy.Answers, question: str) -> None:
    ask, parts = QUESTIONS[question]
    with pytest.raises(fy.Error) as caught:
        ask(answer)
    fault = caught.value.faults[0]
    assert holds(fault, *parts), (fault.key, fault.found, fault.expected, fault.nearest)


def test_all_faults_are_told_at_once_and_each_has_the_place_of_its_thing() -> None:
    with pytest.raises(fy.Error) as caught:
        changed({"planned_rd_intensty": {2015: 2}, "attrition_rate": "5 %/yaer", PLAN: {2015: "many"}})
    assert len(caught.value.faults) == 3
    assert {fault.place for fault in caught.value.faults} == {"changes of plan"}


def test_a_fault_comes_whole_out_of_another_process() -> None:
    import pickle

    with pytest.raises(fy.Error) as caught:
        changed({PLAN: {2015: 22}})
    (fault,) = pickle.loads(pickle.dumps(caught.value)).faults
    assert (fault.key, fault.found, fault.expected) == (IN_2015, "22 %", "0 to 10 %")
    assert fault == caught.value.faults[0]


def test_a_file_that_exists_is_written_over_only_when_that_is_said() -> None:
    plan().save("mine.toml")
    with pytest.raises(fy.Error, match="exists"):
        changed({PLAN: {2015: 2}}).save("mine.toml")
    assert "planned_rd_intensity" in changed({PLAN: {2015: 2}}).save("mine.toml", force=True).read_text(
        encoding="utf-8"
    )
