"""What files hold cannot steer a terminal: it is planted into every text of every kind of file, and all are printed."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.console import printing
from fiveyear.model.errors import InputError, printable
from fiveyear.scenarios import load_scenario, scenario_names

Run = Callable[..., Any]

# Colours, the title of the window, both in one sign, writing from right to left, what is not seen, ends of lines, tags.
EVIL = "\x1b[31m\x1b]0;owned\x07\x9b2J\x9d8;;x\x9c\u202e\u2066\u200f\u061c\u200b\u00ad\u2028\u2029\U000e0041\x7f\b\r"
FINE = "研发投入，占《规划》“２％”　R&D – naïve é 1\u00a0000"


def steering(text: str) -> list[str]:
    """Give the signs that should not have been printed."""
    return sorted({f"U+{ord(sign):04X}" for sign in text.replace("\n", "") if printable(sign) != sign})


def toml(text: str) -> str:
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\U{ord(c):08x}" for c in text) + '"'


# -- the stream -----------------------------------------------------------------------------------------------
def test_nothing_that_steers_gets_through_and_chinese_does() -> None:
    assert len(steering(EVIL)) == len({sign for sign in EVIL if not " " <= sign <= "~"}) == 17
    assert steering(printing.visible(EVIL + "\ud800")) == []
    assert printing.visible(FINE) == FINE
    assert printing.visible("a\tb\nc") == "a\\u0009b\nc"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "gb2312"])
def test_an_object_in_json_means_the_same_and_any_terminal_can_show_it(encoding: str) -> None:
    raw = io.BytesIO()
    below = io.TextIOWrapper(raw, encoding)
    content = {EVIL: [FINE, "🚀 é", EVIL, "\ud800"]}
    with contextlib.redirect_stdout(below), printing.escaped():
        print(json.dumps(content, ensure_ascii=False))
    below.flush()
    text = raw.getvalue().decode(encoding)
    assert json.loads(text) == content
    assert steering(text) == []


def test_no_error_lets_a_text_through_or_a_fault_begin_a_line() -> None:
    error = InputError(f"a{EVIL}", [f"b{EVIL}\n  own.toml: no fault"])
    assert steering(str(error)) == [] and len(str(error).splitlines()) == 2


# -- commands -------------------------------------------------------------------------------------------------
@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_plan: Path) -> Path:
    """Give a folder of files with the signs in every text that a reader sees."""
    monkeypatch.chdir(tmp_path)
    evil = toml(f"x{EVIL}y")
    plan = own_plan.read_text(encoding="utf-8")
    texts = r"^(title|source|assumed|label|note|unmeasurable) = \".*\"$"
    plan, count = re.subn(texts, lambda found: f"{found[1]} = {evil}", plan, flags=re.MULTILINE)
    assert count > 50
    own_plan.write_text(plan, encoding="utf-8")
    path = f'[paths.planned_rd_intensity]\nunit = "%"\nvalues = {{ 2015 = 2.2 }}\nassumed = {evil}\n'
    scenario = f'title = {evil}\nplan = "./twelfth"\nexpect = {evil}\n{path}'
    Path("own.toml").write_text(scenario, encoding="utf-8")
    Path("again.toml").write_text(scenario, encoding="utf-8")
    Path("bad.toml").write_text(f"{evil} = {evil}\n{scenario}cuts = [{evil}]\n[paths.{evil}]\nunit = {evil}\n")
    Path("exp.toml").write_text(
        'title = "Small"\nscenarios = ["own.toml"]\ndraws = 20\noutputs = ["rd_intensity"]\n'
        f'[factors.title]\nvalues = [{toml(FINE)}, "b"]\n',
        encoding="utf-8",
    )
    Path("bad_exp.toml").write_text(f"title = {evil}\nscenarios = [{evil}]\nfacts = {evil}\noutputs = [{evil}]\n")
    return tmp_path


PRINTED = {
    "scenario check": (("scenario", "check", "own.toml"), 0),
    "scenario check, faulty": (("scenario", "check", "bad.toml"), 2),
    "scenario check, an experiment": (("scenario", "check", "bad_exp.toml"), 2),
    "scenario show": (("scenario", "show", "own.toml"), 0),
    "scenario show, JSON": (("scenario", "show", "own.toml", "--json"), 0),
    "reach": (("reach", "own.toml", "--draws", "50"), 0),
    "reach, JSON": (("reach", "own.toml", "--draws", "50", "--json"), 0),
    "reach, set": (("reach", "own.toml", "--draws", "50", "--set", f"title='{FINE}\u202e'"), 0),
    "reach, files": (("reach", "own.toml", "--draws", "50", "--out", "out"), 0),
    "compare": (("compare", "own.toml", "again.toml", "--draws", "50"), 0),
    "run": (("run", "own.toml", "--draws", "20", "--out", "own.nc"), 0),
    "run, no facts": (("run", "own.toml", "--facts", f"x{EVIL}", "--out", "own.nc"), 2),
    "run, faulty": (("run", "bad_exp.toml", "--out", "store"), 2),
    "run, no file": (("run", f"{EVIL}.toml", "--out", "store"), 2),
    "dry run": (("run", "exp.toml", "--dry-run"), 0),
    "store": (("store", "show", f"no{EVIL}"), 2),
    "programmes": (("programmes", "reach", f"{EVIL}.toml"), 2),
    "a command that is none": ((f"x{EVIL}",), 2),
    "an option that is none": (("reach", f"--x{EVIL}"), 2),
}


@pytest.mark.parametrize("what", PRINTED)
def test_no_command_prints_what_steers_a_terminal(planted: Path, fiveyear: Run, what: str) -> None:
    words, code = PRINTED[what]
    ended = fiveyear(*words)
    assert steering(ended.out) == steering(ended.err) == []
    assert ended.code == code, ended
    assert "Traceback" not in ended.err


def test_results_of_such_files_are_shown_exported_and_checked_without_it(planted: Path, fiveyear: Run) -> None:
    assert fiveyear("run", "own.toml", "--draws", "20", "--out", "own.nc").code == 0
    assert fiveyear("run", "exp.toml", "--out", "store").code == 0
    assert fiveyear("model", "export", "plan", "--set", f"title={toml(FINE)}", "--out", "own.stmx").code == 0
    text = Path("own.stmx").read_text("utf-8")
    changed = text.replace("<eqn>knowledge * ", "<eqn>knowledge\u202e\x9b * ").replace(
        'name="hiring"', 'name="h\u202e\x9b"'
    )
    assert changed != text
    Path("own.stmx").write_text(changed, "utf-8")
    for words in (
        ("store", "show", "own.nc"),
        ("store", "show", "store"),
        ("store", "show", "store", "--json"),
        ("store", "verify", "store"),
        ("store", "reproduce", "store", "--draws", "5"),
        ("store", "export", "store", "--out", "table.csv"),
        ("model", "check", "own.stmx"),
        ("model", "check", "own.stmx", "--json"),
    ):
        ended = fiveyear(*words)
        assert steering(ended.out) == steering(ended.err) == [], words
        assert ended.code in (0, 1) and (ended.out or ended.err), ended


def test_a_label_is_no_formula_and_no_line_in_the_tables_of_reach(planted: Path, fiveyear: Run) -> None:
    plan = Path("twelfth/plan.toml").read_text("utf-8")
    evil = toml(f"=HYPERLINK(1){EVIL}")
    plan, count = re.subn("^indicator = .*$", lambda m: f"{m[0]}\nlabel = {evil}", plan, count=1, flags=re.MULTILINE)
    assert count == 1
    Path("twelfth/plan.toml").write_text(plan, "utf-8")
    assert fiveyear("reach", "own.toml", "--draws", "50", "--out", "out").code == 0
    tables = {file.name: file.read_text("utf-8") for file in Path("out").glob("*.csv")}
    assert "targets.csv" in tables and len(tables) == 6
    told = "".join(tables.values())
    assert "'=HYPERLINK(1)" in tables["targets.csv"]
    assert not re.search('[,\n"]=HYPERLINK', told)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", told)


def test_a_title_makes_no_line_of_its_own(planted: Path, fiveyear: Run) -> None:
    text = Path("own.toml").read_text("utf-8").splitlines()
    Path("own.toml").write_text("\n".join(['title = "One\\nother.toml: no fault"', *text[1:]]), "utf-8")
    assert load_scenario("own.toml").title == "One other.toml: no fault"
    assert len(fiveyear("scenario", "check", "own.toml").out.splitlines()) == 1
    assert all(load_scenario(name).title == " ".join(load_scenario(name).title.split()) for name in scenario_names())
