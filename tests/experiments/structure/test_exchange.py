"""``fiveyear model export`` and ``model check``, as a user meets them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.structure.exchange import Export
from fiveyear.scenarios import scenario_names

Run = Callable[..., Any]  # words -> how it ended: code, out, err


@pytest.fixture
def exported(fiveyear: Run, tmp_path: Path) -> Path:
    file = tmp_path / "plan.stmx"
    assert fiveyear("model", "export", "plan", "--out", file).code == 0
    return file


# -- export -------------------------------------------------------------------------------------------------
def test_rk4_is_written_with_a_note_on_who_ignores_it_and_euler_without(fiveyear: Run, tmp_path: Path) -> None:
    file = tmp_path / "plan.stmx"
    ended = fiveyear("model", "export", "plan", "--out", file)
    assert (ended.code, ended.out) == (0, f"written: {file}\n")
    assert "PySD and BPTK ignore that and integrate by Euler" in ended.err
    assert 'method="rk4"' in file.read_text("utf-8")
    ended = fiveyear("model", "export", "plan", "--out", file, "--method", "euler", "--force")
    assert (ended.code, ended.err) == (0, "")
    assert 'method="euler"' in file.read_text("utf-8")


def test_a_file_that_exists_is_kept_unless_forced(fiveyear: Run, exported: Path) -> None:
    before = exported.read_bytes()
    ended = fiveyear("model", "export", "behavioural", "--out", exported)
    assert (ended.code, exported.read_bytes()) == (2, before)
    assert "--force" in ended.err


@pytest.mark.parametrize("scenario", scenario_names())
def test_every_scenario_can_be_exported_with_its_own_cuts(scenario: str) -> None:
    export = Export(scenario=scenario, draw="5")
    text = export.file().decode()
    reads = "plan_followed * rd_planned + (1 - plan_followed) * rd_planned"
    assert (reads in text) == ("FINANCE" in export.ensemble.scenario.cuts)


def test_other_draws_seeds_and_facts_give_other_values(fiveyear: Run) -> None:
    files = {
        Export(scenario="plan", **other).file()
        for other in ({}, {"draw": "0"}, {"draw": "1"}, {"draw": "0", "seed": 7}, {"facts": "yearbook"})
    }
    assert len(files) == 5


WRONG = {
    "no file": (("export", "plan"), "--out"),
    "a file of another kind": (("export", "plan", "--out", "x.nc"), ".stmx"),
    "an unknown scenario": (("export", "plna", "--out", "x.stmx"), "nearest is plan"),
    "a draw that is none": (("export", "plan", "--out", "x.stmx", "--draw", "mean"), "expected median, or the number"),
    "a language nobody has written": (
        ("export", "plan", "--out", "x.stmx", "--lang", "fr"),
        "--lang is 'fr'; expected one of",
    ),
    "a step that is none": (("export", "plan", "--out", "x.stmx", "--step", "nan"), "step"),
    "a file that is not there": (("check", "x.stmx"), "cannot be read: No such file"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_ends_in_2_with_a_message_and_writes_nothing(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words, message = WRONG[wrong]
    ended = fiveyear("model", *words)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


# -- check --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    [
        ("plan",),
        ("behavioural", "--draw", "7", "--lang", "zh"),
        ("crisis_2012", "--method", "euler", "--step", "0.25", "--facts", "yearbook", "--seed", "3"),
        ("plan", "--set", "paths.planned_rd_intensity.values.2015=2.4", "--set", 'title="with a \\"title\\""'),
        ("eleventh_plan",),
    ],
)
def test_a_file_as_exported_differs_in_nothing(fiveyear: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "x.stmx"
    assert fiveyear("model", "export", *words, "--out", file).code == 0
    ended = fiveyear("model", "check", file)
    assert (ended.code, ended.err) == (0, "")
    assert "no difference from" in ended.out


def test_an_edited_file_is_told_apart_with_exit_code_1(fiveyear: Run, exported: Path) -> None:
    text = exported.read_text("utf-8")
    start = text.index('<aux name="attrition_rate">')
    value = text[text.index("<eqn>", start) + 5 : text.index("</eqn>", start)]
    text = text[:start] + text[start:].replace(f"<eqn>{value}</eqn>", "<eqn>0.5</eqn>", 1)
    text = text.replace("<eqn>knowledge * obsolescence_rate</eqn>", "<eqn>knowledge + obsolescence_rate</eqn>")
    exported.write_text(text, "utf-8")
    ended = fiveyear("model", "check", exported)
    assert ended.code == 1
    assert ended.out.splitlines() == [
        f"{exported}: 2 differences from plan, median of july2011",
        "  obsolescence: equation",
        "    code: knowledge * obsolescence_rate",
        "    file: knowledge + obsolescence_rate",
        "  attrition_rate: value",
        f"    code: {value}",
        "    file: 0.5",
    ]
    ended = fiveyear("model", "check", exported, "--json")
    found = json.loads(ended.out)
    assert (ended.code, found["schema"]) == (1, "fiveyear.model-check/1")
    assert [(d["name"], d["what"]) for d in found["differences"]] == [
        ("obsolescence", "equation"),
        ("attrition_rate", "value"),
    ]


def test_a_file_held_against_another_scenario_differs_where_the_scenarios_do(fiveyear: Run, exported: Path) -> None:
    ended = fiveyear("model", "check", exported, "--scenario", "examiner_boost")
    assert ended.code == 1
    assert "1 difference from examiner_boost" in ended.out
    assert "  examiner_effort: graphical function\n" in ended.out


def test_another_scenario_leaves_draw_and_language_as_the_file_has_them(fiveyear: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.stmx"
    assert fiveyear("model", "export", "plan", "--draw", "7", "--lang", "zh", "--out", file).code == 0
    ended = fiveyear("model", "check", file, "--scenario", "examiner_boost")
    assert ended.out.startswith(f"{file}: 1 difference from examiner_boost, draw 7 of july2011\n")


def test_a_file_that_another_program_has_saved_needs_to_be_told_its_scenario(fiveyear: Run, exported: Path) -> None:
    import simlin

    project = simlin.load(exported).project
    assert project is not None
    exported.write_bytes(project.to_xmile())
    ended = fiveyear("model", "check", exported)
    assert (ended.code, ended.out) == (2, "")
    assert "add --scenario" in ended.err
    ended = fiveyear("model", "check", exported, "--scenario", "plan")
    assert (ended.code, ended.out) == (0, f"{exported}: no difference from plan, median of july2011\n")


def test_a_scenario_of_ones_own_is_read_only_where_it_is_named(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    title = 'R&D "doubled" <soon> 国'
    assert fiveyear("scenario", "new", title, "--out", "own.toml").code == 0
    assert fiveyear("model", "export", "own.toml", "--out", "own.stmx", "--method", "euler").code == 0
    ended = fiveyear("model", "check", "own.stmx")
    assert (ended.code, ended.out) == (2, "")
    assert 'was made of "own.toml", which is not shipped and not read unasked; add --scenario "own.toml"' in ended.err
    assert fiveyear("model", "check", "own.stmx", "--scenario", "own.toml").code == 0
    Path("own.toml").unlink()
    ended = fiveyear("model", "check", "own.stmx", "--scenario", "own.toml")
    assert (ended.code, ended.out) == (2, "")
    assert "there is no such file" in ended.err


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("{", "how it was made cannot be read"),
        ("[" * 100_000, "how it was made cannot be read"),
        ('{"scenario": "plan", "seed": 1' + "1" * 5000 + "}", "how it was made cannot be read"),
        ("[]", "add --scenario"),
        ('{"scenario": "plan", "method": "rk45"}', 'method: found "rk45"'),
        ('{"scenario": "plan", "step": 0}', "step: found 0"),
        ('{"scenario": "plan", "draw": "all"}', "expected median"),
        ('{"scenario": "plan", "draw": "' + "1" * 5000 + '"}', "draw: found"),
        ('{"scenario": "plan", "draw": "' + "1" * 20 + '"}', "expected median, or the number of a draw"),
        ('{"scenario": "plan", "seed": 1' + "1" * 4000 + "}", "seed: found a whole number of more than 64 bits"),
        ('{"scenario": "plan", "facts": "' + "f" * 5000 + '"}', "facts: found"),
        ('{"scenario": "plan", "facts": "\\u001b[31m"}', "facts \\u001b[31m has 1 fault"),
        ('{"scenario": "plan", "settings": ["\\u202e"]}', "expected KEY=VALUE"),
        ('{"scenario": "pipe.toml"}', 'was made of "pipe.toml", which is not shipped and not read unasked'),
        ('{"scenario": "/etc/passwd.toml"}', "not read unasked"),
        ('{"scenario": "../plan"}', "not read unasked"),
        ('{"scenario": 3}', "scenario: found 3"),
        ('{"scenario": "plan", "colour": "red"}', 'colour: found "red"'),
    ],
)
def test_what_a_file_says_of_itself_is_checked_before_it_is_believed(
    fiveyear: Run, exported: Path, made: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exported.parent)
    os.mkfifo("pipe.toml")  # nobody would ever write into it
    text = exported.read_text("utf-8")
    start = text.index('made="') + 6
    quoted = made.replace('"', "&quot;")
    exported.write_text(text[:start] + quoted + text[text.index('"', start) :], "utf-8")
    ended = fiveyear("model", "check", exported)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
