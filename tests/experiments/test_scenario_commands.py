"""`fiveyear scenario`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiveyear.scenarios import load_scenario, scenario_names

Run = Callable[..., Any]  # words in, how it ended out

BAD = Path(__file__).parents[1] / "scenarios" / "bad"


@pytest.fixture
def run(fiveyear: Run) -> Run:
    return lambda *words: fiveyear("scenario", *words)


def test_list_names_every_shipped_scenario_with_its_plan_and_expectation(run: Run) -> None:
    result = run("list")
    assert result.code == 0
    for name in scenario_names():
        scenario = load_scenario(name)
        assert f"{name} " in result.out
        assert f"{scenario.title} ({scenario.plan.name} plan)" in result.out
        assert scenario.expect in result.out


def test_list_as_json_is_one_object_and_nothing_else(run: Run) -> None:
    result = run("list", "--json")
    found = json.loads(result.out)
    assert found["schema"] == "fiveyear.scenario-list/1"
    assert [row["name"] for row in found["scenarios"]] == list(scenario_names())
    assert {tuple(row) for row in found["scenarios"]} == {("name", "plan", "title", "expect")}


@pytest.mark.parametrize("title", ["Mine", 'A "quoted" \\ title', "创新"])
def test_a_new_scenario_passes_its_check_and_is_called_what_was_asked(run: Run, tmp_path: Path, title: str) -> None:
    out = tmp_path / "mine.toml"
    assert run("new", title, "--out", out).code == 0
    assert run("check", out).code == 0
    assert load_scenario(str(out)).title == title
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("extends", ["plan", "eleventh_plan"])
def test_the_examples_in_a_new_scenario_pass_once_they_are_no_comments(run: Run, tmp_path: Path, extends: str) -> None:
    out = tmp_path / "mine.toml"
    run("new", "Mine", "--out", out, "--extends", extends)
    example = re.compile(r"^# (?=\[|cuts =|(?:unit|values|value|assumed) =)", re.MULTILINE)
    text, count = example.subn("", out.read_text(encoding="utf-8"))
    assert count == 9
    out.write_text(text, encoding="utf-8")
    scenario = load_scenario(str(out))
    assert scenario.cuts == ("R4",)
    assert scenario.parameters["attrition_rate"] == 0.05
    assert [year for year, _ in scenario.paths["planned_rd_intensity"].points] == [scenario.plan.end]


def test_a_new_scenario_finds_the_file_it_extends_from_its_own_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    assert run("new", "First", "--out", "first.toml").code == 0
    assert run("new", "Second", "--out", "sub/second.toml", "--extends", "first.toml").code == 0
    assert 'extends = "../first.toml"' in Path("sub/second.toml").read_text(encoding="utf-8")
    assert run("check", "sub/second.toml").code == 0


def test_a_file_that_exists_is_written_over_only_by_force(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("precious", encoding="utf-8")
    result = run("new", "Mine", "--out", out)
    assert result.code == 2
    assert "--force" in result.err
    assert out.read_text(encoding="utf-8") == "precious"
    assert run("new", "Mine", "--out", out, "--force").code == 0
    assert load_scenario(str(out)).title == "Mine"


def test_a_scenario_is_not_written_over_the_one_it_extends(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    run("new", "Mine", "--out", out)
    before = out.read_bytes()
    result = run("new", "Mine", "--out", out, "--extends", out, "--force")
    assert result.code == 2
    assert "cannot extend itself" in result.err
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Mine", "--out", "mine.txt"], "expected a file that ends with .toml"),
        (["two\nlines", "--out", "mine.toml"], "NAME: expected a line of text"),
        ([" ", "--out", "mine.toml"], "NAME: expected a line of text"),
        (["Mine", "--out", "mine.toml", "--extends", "plann"], "nearest is plan"),
        (["Mine", "--out", "mine.toml", "--extends", "none.toml"], "there is no such file"),
    ],
)
def test_new_refuses_bad_input_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("new", *words)
    assert result.code == 2
    assert expected in result.err
    assert result.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/mine.toml", "file/mine.toml", "x" * 300 + ".toml"])
def test_a_file_that_cannot_be_written_ends_with_74(run: Run, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    result = run("new", "Mine", "--out", tmp_path / place)
    assert result.code == 74
    assert "cannot be written" in result.err


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_other(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "mine.toml"
    out.write_text("precious", encoding="utf-8")
    monkeypatch.setattr("os.fsync", full)
    result = run("new", "Mine", "--out", out, "--force")
    assert result.code == 74
    assert "No space left on device" in result.err
    assert out.read_text(encoding="utf-8") == "precious"
    assert list(tmp_path.iterdir()) == [out]


def test_check_says_of_each_good_file_that_it_has_no_fault(run: Run) -> None:
    result = run("check", "plan", "frozen")
    assert result.code == 0
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["plan", "frozen"]
    assert result.err == ""


def test_check_tells_the_faults_of_every_bad_file_and_ends_with_2(run: Run) -> None:
    result = run("check", BAD / "nan.toml", "plan", BAD / "four_faults.toml")
    assert result.code == 2
    assert "nan.toml has 1 fault:" in result.err
    assert "four_faults.toml has 4 faults:" in result.err
    assert result.out.startswith("plan: no fault")


def test_the_schema_has_the_keys_of_a_scenario_and_refuses_others(run: Run) -> None:
    result = run("schema")
    schema = json.loads(result.out)
    assert result.code == 0
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {"title", "plan", "extends", "expect", "paths", "parameters", "cuts"}
    assert schema["required"] == ["title", "expect"]
    assert schema["oneOf"] == [{"required": ["plan"]}, {"required": ["extends"]}]
    tables = [schema, *schema["$defs"].values()]
    assert all(table["additionalProperties"] is False for table in tables)


def test_the_commands_load_without_the_model(run: Run) -> None:
    heavy = "numpy", "scipy", "pydantic", "fiveyear.model", "fiveyear.scenarios", "rich"
    code = f"import sys, fiveyear.experiments.scenario_commands; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
