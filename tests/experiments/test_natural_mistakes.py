"""What a new user gets wrong, and what is said to that: the place, what was found, what was expected, and the nearest.

Each ends in exit code 2 and a message, with no traceback, nothing on standard output and nothing left behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Run = Callable[..., Any]  # words -> how it ended: code, out, err

SCENARIO = """\
title = "Mine"
extends = "plan"
expect = "Less money."

[paths.planned_rd_intensity]
unit = "%"
values = { 2015 = 2.0 }
assumed = "for a test"
"""
EXPERIMENT = """\
title = "Mine"
scenarios = ["plan", "behavioural"]
draws = 4
outputs = ["rd_intensity"]
"""
FACTORS = '\n[factors."paths.planned_rd_intensity.values.2015"]\nvalues = [1.9, 2.2]\n'


class Mistake(NamedTuple):
    """What a user does, and all that the message must say."""

    words: str
    said: tuple[str, ...]
    file: str = "mine.toml"
    change: tuple[str, str] = ("", "")  # in the text of the file: this, written as that
    text: str = SCENARIO


def scenario(old: str, new: str, *said: str) -> Mistake:
    return Mistake("scenario check mine.toml", ("mine.toml", *said), change=(old, new))


def experiment(old: str, new: str, *said: str) -> Mistake:
    return Mistake("scenario check exp.toml", ("exp.toml", *said), "exp.toml", (old, new), EXPERIMENT + FACTORS)


def asked(words: str, *said: str) -> Mistake:
    return Mistake(words, said)


MISTAKES: dict[str, Mistake] = {
    # -- in a scenario
    "a key is misspelt": scenario(
        "expect =", "expects =", "expects: no such key", "nearest is expect", "expect: missing"
    ),
    "a variable is misspelt": scenario(
        "planned_rd_intensity", "planned_rd_intensty", "paths.planned_rd_intensty: ", "nearest is planned_rd_intensity"
    ),
    "a key of a path is misspelt": scenario(
        "values =", "value =", "paths.planned_rd_intensity.value: no such key", "nearest is values"
    ),
    "a key is in capitals": scenario(
        "unit =", "Unit =", "paths.planned_rd_intensity.Unit: no such key", "nearest is unit"
    ),
    "a parameter stands among the paths": scenario(
        "[paths.planned_rd_intensity]",
        "[paths.attrition_rate]",
        "paths.attrition_rate: ",
        "write [parameters.attrition_rate]",
    ),
    "the quotes of a text are missing": scenario('"Mine"', "Mine", "not TOML", "line 1"),
    "the quotes are Chinese": scenario('"Mine"', "“Mine”", "not TOML", "line 1"),
    "the comma is Chinese": scenario("{ 2015 = 2.0 }", "{ 2014 = 2.0，2015 = 2.0 }", "not TOML", "line 7"),
    "the decimal point is a comma": scenario("2.0", "2,0", "not TOML", "line 7"),
    "the digits are full-width": scenario("2.0", "２.０", "not TOML", "line 7"),
    "the number stands in quotes": scenario(
        "2.0", '"2.0"', "paths.planned_rd_intensity.values.2015: found", '"2.0"', "expected a number"
    ),
    "the number has its unit with it": scenario("2.0", "2.0 %", "not TOML", "line 7"),
    "a share is written where per cent are": scenario(
        "2.0", "0.02", "paths.planned_rd_intensity.values.2015: found 0.02 %", "2010's 1.75 %", "did you mean 2 %?"
    ),
    "per cent are written where a share is": scenario(
        '"%"', '"share"', "paths.planned_rd_intensity.values.2015: found 2 share", "share"
    ),
    "the unit is one of something else": scenario(
        '"%"', '"100M yuan"', "paths.planned_rd_intensity.unit: ", '"100M yuan"', 'takes "share"'
    ),
    "the unit is one that there is not": scenario(
        '"%"', '"percent"', "paths.planned_rd_intensity.unit: ", "percent", '"share"'
    ),
    "the year lies beyond the plan": scenario(
        "2015", "2051", "paths.planned_rd_intensity.values.2051: ", "2005 to 2020"
    ),
    "the year has two digits": scenario(
        "2015", "15", "paths.planned_rd_intensity.values.15: found", "expected a year such as 2015"
    ),
    "the year is history": scenario("2015", "2009", "paths.planned_rd_intensity.values.2009: ", "history"),
    "the years are in the wrong order": scenario(
        "{ 2015 = 2.0 }", "{ 2015 = 2.0, 2012 = 1.9 }", "paths.planned_rd_intensity.values: ", "years must rise"
    ),
    "nothing says where a number is from": scenario(
        'assumed = "for a test"', "", "paths.planned_rd_intensity: ", "neither source nor assumed"
    ),
    "the title is missing": scenario('title = "Mine"', "", "title: missing"),
    "the scenario to extend is misspelt": scenario(
        '"plan"', '"behavioral"', 'extends: found "behavioral"', "nearest is behavioural"
    ),
    "the plan is misspelt": scenario(
        'extends = "plan"', 'plan = "twelvth"', 'plan: found "twelvth"', "nearest is twelfth"
    ),
    "a loop is one that there is not": scenario(
        'expect = "', 'cuts = ["R44"]\nexpect = "', "cuts.0: no loop is called R44", "nearest is R4"
    ),
    "a value stands twice": scenario("{ 2015 = 2.0 }", "{ 2015 = 2.0, 2015 = 2.1 }", "not TOML", "line 7"),
    # -- in an experiment
    "an output is misspelt": experiment(
        '"rd_intensity"]', '"rd_intensty"]', "outputs.0: ", '"rd_intensty"', "nearest is rd_intensity"
    ),
    "a scenario of an experiment is misspelt": experiment(
        '"behavioural"', '"behavioral"', "scenarios.1: ", "nearest is behavioural"
    ),
    "an experiment names no scenarios": experiment(
        'scenarios = ["plan", "behavioural"]', "", "1 fault", "scenarios: missing"
    ),
    "draws are a text": experiment("draws = 4", 'draws = "4"', "draws: found", '"4"', "expected a whole number"),
    "draws are half a number": experiment("draws = 4", "draws = 1e3", "draws: found 1000.0", "expected a whole number"),
    "a factor is misspelt": experiment(
        "planned_rd_intensity",
        "planned_rd_intensty",
        "factors.",
        "planned_rd_intensty",
        "nearest is planned_rd_intensity",
    ),
    "the quotes of a factor are missing": experiment(
        '"paths.planned_rd_intensity.values.2015"',
        "paths.planned_rd_intensity.values.2015",
        "factors.paths: ",
        "stands in quotes",
    ),
    "the facts of an experiment are misspelt": experiment(
        "draws = 4", 'draws = 4\nfacts = "july"', "facts: ", "july", "july2011"
    ),
    # -- the wrong file
    "a scenario is asked for by its title": asked("reach Plan --draws 5", '"Plan"', "nearest is plan"),
    "a scenario is misspelt": asked("reach behaviorual --draws 5", '"behaviorual"', "nearest is behavioural"),
    "a file is not there": asked("reach your.toml --draws 5", "your.toml", "there is no such file"),
    "a name is longer than any file's": asked(
        f"reach {'a' * 300}.nc --draws 5", "aaa", "no scenario of this name is shipped"
    ),
    "a store has a name longer than any file's": asked(f"store show {'a' * 300}", "aaa", "File name too long"),
    "a file is in YAML": Mistake("reach mine.yaml --draws 5", ("mine.yaml", ".toml"), "mine.yaml"),
    "an experiment is given for a scenario": Mistake(
        "reach exp.toml --draws 5", ("exp.toml", "experiment", "fiveyear run exp.toml"), "exp.toml", text=EXPERIMENT
    ),
    "an experiment is compared": Mistake(
        "compare plan exp.toml --draws 5", ("exp.toml", "experiment"), "exp.toml", text=EXPERIMENT
    ),
    "a result is given for a scenario": Mistake(
        "reach mine.nc --draws 5", ("mine.nc", "result", "fiveyear store show mine.nc"), "mine.nc", text="CDF\x01"
    ),
    "a folder is given for a scenario": Mistake(
        "reach ./folder --draws 5", ("folder", "it is a folder"), "folder/x.toml"
    ),
    "a store is given for a scenario": Mistake(
        "reach ./store --draws 5",
        ("store", "it is a result", "fiveyear store show"),
        "store/experiment.json",
        text="{}",
    ),
    "a scenario is given for a result": Mistake(
        "store show mine.toml", ("mine.toml", "expected a folder or a file that fiveyear run")
    ),
    "a folder is given that is no store": Mistake("store show folder", ("folder", "experiment.json"), "folder/x.toml"),
    "a store is of another version": Mistake(
        "store show store",
        ("store", "fiveyear.experiment/0", "this version of fiveyear reads fiveyear.experiment/"),
        "store/experiment.json",
        text="",
    ),
    "a scenario is given for a programme": Mistake("programmes reach mine.toml", ("mine.toml", "pace: missing")),
    "a scenario is given for an XMILE file": Mistake("model check mine.toml", ("mine.toml", "is no XML")),
    # -- on the command line
    "an option is misspelt": asked("reach plan --drws 5", "No such option: --drws", "--draws"),
    "a command is misspelt": asked("raech plan", "No such command", "'raech'", "reach"),
    "draws are in words": asked("reach plan --draws many", "--draws", '"many"', "expected a whole number"),
    "draws are none": asked("reach plan --draws 0", "--draws", "greater than or equal to 1"),
    "--out is missing": asked("run plan", "--out", "missing", "a file that ends with .nc"),
    "--out of an experiment is missing": Mistake(
        "run exp.toml", ("--out", "missing", "expected a folder"), "exp.toml", text=EXPERIMENT
    ),
    "--out is no netCDF": asked("run plan --draws 5 --out x.csv", "--out", "x.csv", "ends with .nc"),
    "the output is there already": asked("run plan --draws 5 --out mine.toml", "mine.toml"),
    "--set is without a value": asked(
        "reach plan --set paths.planned_rd_intensity.values.2015", "--set", "expected KEY=VALUE"
    ),
    "--set is without its path": asked(
        "reach plan --set planned_rd_intensity=2.0",
        "--set",
        "planned_rd_intensity",
        "paths.planned_rd_intensity.values.",
    ),
    "--set names no variable": asked(
        "reach plan --set paths.planned_rd_intensty.values.2015=2.0",
        "planned_rd_intensty",
        "nearest is planned_rd_intensity",
    ),
    "--set is a share where per cent are": asked(
        "reach plan --set paths.planned_rd_intensity.values.2015=0.02", "--set", "found 0.02 %", "did you mean 2 %?"
    ),
    "--facts is misspelt": asked("reach plan --facts jully2011", "--facts", "jully2011", "july2011", "yearbook"),
    "--vintage is a year": asked("reach plan --vintage 2011", "--vintage", "2011", "a month such as 2011-07"),
    "--shard begins with 0": Mistake(
        "run exp.toml --out st --shard 0/4", ("--shard", "0/4", "such as 1/8"), "exp.toml", text=EXPERIMENT
    ),
    "--engine is misspelt": asked("reach plan --engine fats", "--engine", "'fats'", "'fast'", "'reference'"),
    "an option is one of experiments": asked("run plan --out x.nc --workers 2", "--workers", "experiment"),
    "an option is one of scenarios": Mistake(
        "run exp.toml --out st --draws 5", ("--draws", "in its file"), "exp.toml", text=EXPERIMENT
    ),
    "a variable to show is misspelt": asked("model show researcher", "researcher", "nearest is researchers"),
    "a programme is misspelt": asked("programmes reach seed_industies", "seed_industies", "nearest is seed_industry"),
    "a plan is misspelt": asked("backtest --plan elevnth", "elevnth", "nearest is eleventh"),
    "facts to score with are not there": asked("backtest --scored later.csv", "later.csv"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=[name.replace(" ", "_") for name in MISTAKES])
def test_a_mistake_is_answered_with_its_place_and_what_was_expected(
    mistake: Mistake, fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = mistake.change
    assert mistake.text.count(old) == 1 or not old, "the mistake must be made"
    file = tmp_path / mistake.file
    file.parent.mkdir(exist_ok=True)
    file.write_text(mistake.text.replace(old, new) if old else mistake.text or _of_another_version(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ended = fiveyear(*mistake.words.split())
    assert ended.code == 2, ended
    assert ended.out == ""
    assert "Traceback" not in ended.err
    missing = [text for text in mistake.said if text not in ended.err]
    assert not missing, ended.err
    assert sorted(tmp_path.rglob("*")) == before, "a refusal leaves nothing behind"


def _of_another_version() -> str:
    """Give the description of a store that another version wrote, whole by its own hash."""
    import hashlib

    told = {"schema": "fiveyear.experiment/0", "rows": 4, "chunk": 4}
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return json.dumps({"sha256": digest, **told}) + "\n"


def test_there_are_at_least_forty_mistakes() -> None:
    assert len(MISTAKES) >= 40
