"""Every command where somebody has handed over a folder full of modules, beside a notebook, and without docstrings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import typer

from fiveyear.experiments import command_line

PROGRAM = Path(sys.executable).parent / "fiveyear"

# Each command once, with little to do; what a later one reads, an earlier one of the same line has written.
LINES = {
    "run": ["run mine.toml --draws 40 --out mine.nc", "store show mine.nc", "store reproduce mine.nc"],
    "run with workers": ["run small.toml --out store --workers 2 --chunk 10"],
    "store": [
        "run small.toml --out store",
        "store verify store",
        "store show store",
        "store export store --out store.xlsx",
        "run small.toml --out first --shard 1/2 --chunk 20",
        "run small.toml --out second --shard 2/2 --chunk 20",
        "store merge first second --out both",
    ],
    "programmes reach": ["programmes reach wind_power --draws 200 --workers 2 --out programmes"],
    "reach": ["reach plan mine.toml --draws 60 --decompose --out reach"],
    "compare": ["compare plan mine.toml --draws 60"],
    "scenario": [
        "scenario list",
        "scenario show mine.toml",
        "scenario new Another --out another.toml",
        "scenario check mine.toml another.toml small.toml",
        "scenario schema",
        "scenario schema experiment",
    ],
    "docstrings": ["model list", "model show hiring", "model equations --out equations.md"],
    "plan": ["plan list", "plan new ruritania", "plan show ruritania", "plan check ruritania", "plan schema"],
    "model": [
        "model export mine.toml --out mine.stmx",
        "model check mine.stmx --scenario mine.toml",
        "model equations --out equations.tex",
        "model diagram --sector papers --out model.svg",
        "model diagram --loops --out loops.pdf",
    ],
    "programmes": ["programmes list", "programmes examination --draws 40 --workers 2"],
    "backtest": ["backtest --draws 60 --out backtest"],
    "levers": ["levers mine.toml --draws 200 --out levers.csv"],
    "need": ["need technology_market_value --probability 0.7 --scenario mine.toml --draws 2000 --out needed"],
    "help": ["--help", "reach --help", "store export --help"],
}
AT_ONCE = ("run with workers", "reach")
WITHOUT_DOCSTRINGS = (*AT_ONCE, "docstrings", "help")  # which costs each start four seconds
TOO_LONG = {"paper", "calibrate", "reference", "validate"}  # for half a minute or more, in one process without workers


def fill(folder: Path) -> None:
    """Write what the commands read."""
    folder.mkdir()
    mine = 'title = "Mine"\nextends = "plan"\nexpect = "The same."\n'
    (folder / "mine.toml").write_text(mine, encoding="utf-8")
    (folder / "small.toml").write_text('title = "Small"\nscenarios = ["plan", "mine.toml"]\ndraws = 20\n')


def plant(folder: Path, marker: Path) -> None:
    """Write modules of every name that Python might import, each of which leaves a mark where it is executed."""
    own = {"fiveyear", "exp", "mine", "small", "sitecustomize", "usercustomize", "conftest", "__main__", "setup"}
    for name in sys.stdlib_module_names | packages_distributions().keys() | own:
        (folder / f"{name}.py").write_text(f"open({str(marker)!r}, 'a').write({name!r} + chr(10))\n")
    # What their libraries would read here: matplotlib a style.
    (folder / "matplotlibrc").write_bytes(b"backend: module://mine\nfont.size: 30\nfont.family: \xff\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("line", [n if n in AT_ONCE else pytest.param(n, marks=pytest.mark.slow) for n in LINES])
def test_no_file_of_the_folder_is_run_and_nothing_is_other_than_in_an_empty_one(
    fiveyear: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    plain, hostile, marker = tmp_path / "plain", tmp_path / "hostile", tmp_path / "executed"
    fill(plain)
    fill(hostile)
    plant(hostile, marker)
    planted = contents(hostile).keys() - contents(plain).keys()
    around = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    around |= {"PYTHONOPTIMIZE": "2"} if line in WITHOUT_DOCSTRINGS else {}
    monkeypatch.chdir(plain)
    for words in LINES[line]:
        expected = fiveyear(*words.split())
        ended = subprocess.run(
            [PROGRAM, *words.split()], cwd=hostile, env=os.environ | around, capture_output=True, text=True
        )
        assert not marker.exists(), f"{words} has run {marker.read_text()}"
        assert (ended.returncode, expected.code) == (0, 0), ended.stderr
        assert without_times(ended.stderr) == without_times(expected.err), words
        assert without_times(ended.stdout) == without_times(expected.out), words
    here, there = contents(plain), contents(hostile)
    assert {n: c for n, c in there.items() if n not in planted and c != here.get(n)} == {}
    assert here.keys() == there.keys() - planted


def without_times(printed: str) -> str:
    """Leave out how fast it is, which is said of long work."""
    return "\n".join(line for line in printed.splitlines() if "a second" not in line)


def test_there_is_a_line_for_every_command() -> None:
    program: Any = typer.main.get_command(command_line.app)
    commands = {
        f"{name} {below}".strip() for name, c in program.commands.items() for below in getattr(c, "commands", [""])
    }
    written = [words for line in LINES.values() for words in line]
    assert {c for c in commands if not any(words.startswith(f"{c} ") or words == c for words in written)} == TOO_LONG


def test_python_looks_for_modules_at_no_place_that_begins_in_the_working_folder(tmp_path: Path) -> None:
    # An editable install of a namespace would leave such a place; of a package it leaves none.
    code = "import os, sys; print([place for place in sys.path if not os.path.isabs(place)])"
    ended = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
