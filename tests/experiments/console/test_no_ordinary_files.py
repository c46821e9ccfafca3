"""A pipe, a device, a socket or a folder where a file is wanted: every command says so, and waits for nothing."""

from __future__ import annotations

import ast
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import typer.main

from fiveyear.calibration import facts, posterior, priors
from fiveyear.calibration.errors import CalibrationError
from fiveyear.experiments import command_line
from fiveyear.experiments.backtest import looks
from fiveyear.scenarios import ScenarioError, load_plan
from fiveyear.scenarios.register import read_figures

Run = Callable[..., Any]  # words -> how it ended: code, out, err
PROGRAM = Path(sys.executable).parent / "fiveyear"

#: By command, the words that name the file "own.toml", or one that names it in turn.
READING: dict[str, tuple[tuple[str, ...], ...]] = {
    "reach": (("own.toml",), ("extends.toml",), ("of_plan.toml",)),
    "run": (
        ("own.toml", "--out", "x.nc"),
        ("experiment.toml", "--out", "x"),
        ("small.toml", "--out", "x", "--scheduler", "own.toml"),
    ),
    "compare": (("own.toml", "plan"), ("plan", "own.toml")),
    "backtest": (("--scored", "own.toml"),),
    "scenario check": (("own.toml",), ("experiment.toml",)),
    "plan show": (("own.toml",),),
    "plan check": (("own.toml",),),
    "scenario show": (("own.toml",),),
    "scenario new": (("A title", "--extends", "own.toml", "--out", "new.toml"),),
    "model check": (("own.toml",),),
    "model export": (("own.toml", "--out", "x.stmx"),),
    "levers": (("own.toml",), ("extends.toml",)),
    "need": (("rd_intensity", "--scenario", "own.toml"),),
    "paper": (("own.toml", "--out", "x"), ("paper.toml", "--out", "x")),
    "store show": (("own.toml",),),
    "store verify": (("own.toml",), ("store",)),
    "store merge": (("store", "--out", "x"),),
    "store reproduce": (("own.toml",),),
    "store export": (("own.toml", "--out", "x.csv"),),
    "programmes reach": (("own.toml",), ("--scenario", "own.toml")),
    "programmes examination": (("own.toml",),),
}
#: Those that take no name of a file to read.
READING_NONE = {
    "calibrate", "validate", "scenario list", "scenario schema", "model list", "model show", "model diagram",
    "model equations", "plan new", "plan list", "plan schema", "programmes list", "reference",
}  # fmt: skip

#: By command, the words of a run that writes to "own" with an ending.
WRITING: dict[str, tuple[str, ...]] = {
    "reach": ("plan", "--draws", "1000000", "--out", "own"),
    "compare": ("plan", "frozen", "--draws", "1000000", "--out", "own"),
    "run": ("plan", "--draws", "1000000", "--out", "own.nc"),
    "backtest": ("--draws", "1000000", "--out", "own"),
    "reference": ("--out", "own"),
    "levers": ("plan", "--draws", "100000", "--out", "own.csv"),
    "need": ("rd_intensity", "--draws", "200000", "--out", "own"),
    "calibrate": ("--report", "own"),
    "validate": ("--out", "own"),
    "scenario new": ("A title", "--out", "own.toml"),
    "model diagram": ("--out", "own.png"),
    "model equations": ("--out", "own.md"),
    "model export": ("plan", "--out", "own.stmx"),
    "store export": ("result.nc", "--out", "own.csv"),
    "store merge": ("whole", "--out", "own"),
    "store show": ("whole", "--out", "own"),
    "programmes reach": ("--draws", "100000", "--out", "own"),
    "paper": ("--out", "own"),
}


def commands() -> dict[str, Any]:
    """Give every command of the program by its words."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name, part in getattr(command, "commands", {}).items():
            yield from below(part, (*words, name))
        if not hasattr(command, "commands"):
            yield " ".join(words), command

    return dict(below(typer.main.get_command(command_line.app), ()))


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(path.name)  # in the working folder: the name of a socket may have some hundred bytes


MAKE: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "socket": bound,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder with files that name "own.toml" in turn; what waits fails after a while."""
    monkeypatch.chdir(tmp_path)
    rest = 'title = "A"\nexpect = "B"\n'
    (tmp_path / "extends.toml").write_text(f'{rest}extends = "own.toml"\n')
    (tmp_path / "of_plan.toml").write_text(f'{rest}plan = "own.toml"\n')
    (tmp_path / "experiment.toml").write_text('title = "A"\ndraws = 10\nscenarios = ["own.toml"]\n')
    (tmp_path / "paper.toml").write_text('article = "own.toml"\nscenarios = ["own.toml"]\n')
    (tmp_path / "small.toml").write_text('title = "A"\ndraws = 10\nscenarios = ["plan"]\n')
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "experiment.json").symlink_to("../own.toml")

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("it waited")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield tmp_path
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_every_command_is_here() -> None:
    assert set(READING) | READING_NONE == set(commands())
    writing = {name for name, c in commands().items() if {"--out", "--report"} & {o for p in c.params for o in p.opts}}
    assert set(WRITING) == writing


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize(("command", "words"), [(c, w) for c, several in READING.items() for w in several])
def test_what_is_no_file_is_not_read(
    fiveyear: Run, folder: Path, command: str, words: tuple[str, ...], kind: str
) -> None:
    MAKE[kind](folder / "own.toml")
    if "--scheduler" in words:
        pytest.importorskip("distributed")
    before = sorted(folder.rglob("*"))
    ended = fiveyear(*command.split(), *words)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    if not (command.startswith("store") and (kind == "folder" or words[0] == "store" or command == "store verify")):
        assert f"it is a {kind}" in ended.err
    if "--scheduler" not in words:  # the store is begun before there is a scheduler
        assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("kind", MAKE)
def test_no_table_of_a_plan_is_read_from_what_is_no_file(folder: Path, kind: str) -> None:
    own = folder / "own.toml"
    MAKE[kind](own)
    with pytest.raises(CalibrationError, match=f"it is a {kind}"):
        facts.read_facts(own, 2010, load_plan("twelfth").model)
    with pytest.raises(CalibrationError, match=f"it is a {kind}"):
        facts.read_records(own, load_plan("twelfth").model)
    with pytest.raises(ScenarioError, match=f"it is a {kind}"):
        read_figures(own)
    with pytest.raises(CalibrationError, match=f"it is a {kind}"):
        priors.read_priors(own, None)  # type: ignore[arg-type]  # it is read before the model is asked


@pytest.mark.parametrize("kind", MAKE)
def test_neither_a_posterior_nor_the_record_of_looks_is_read_from_what_is_no_file(
    shipped: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    evidence = shipped("plan").posterior.evidence
    own = folder / "own.toml"
    MAKE[kind](own)
    monkeypatch.setattr(posterior, "file_of", lambda known: own)
    with pytest.raises(CalibrationError, match=f"it is a {kind}.*; fit again with"):
        posterior.load(evidence)
    with pytest.raises(CalibrationError, match=f"it is a {kind}"):
        looks.read(own)


#: The modules that read by themselves what nobody hands over: what is shipped, kept or was just written.
OWN_READING = {
    "model/ordinary_files.py", "model/xmile/names.py", "experiments/console/language.py",
    "experiments/paper/article.py", "experiments/paper/build.py", "experiments/paper/package.py",
    "experiments/paper/paper_file.py", "experiments/paper/typesetting.py",
    "experiments/structure/listing/content.py", "experiments/learned/files.py", "experiments/console/files.py",
}  # fmt: skip


def test_no_module_reads_a_file_in_a_way_of_its_own() -> None:
    root = Path(__file__).parents[3]
    found = set()
    for module in (m for f in ("model", "scenarios", "calibration", "experiments") for m in (root / f).rglob("*.py")):
        for call in (n for n in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
            modes = [a.value for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Constant)]
            opens = name == "open" and not {"w", "wb", "a"} & set(modes) and (not call.args or bool(modes))
            if name in ("read_text", "read_bytes") or opens:
                found.add(module.relative_to(root).as_posix())
    assert found <= OWN_READING


@pytest.mark.parametrize("kind", [k for k in MAKE if k != "folder"])
@pytest.mark.parametrize("command", WRITING)
def test_what_is_no_file_is_not_written_to_and_that_is_said_before_anything_is_computed(
    fiveyear: Run, folder: Path, command: str, kind: str
) -> None:
    words = WRITING[command]
    if words[0] == "result.nc":
        assert fiveyear("run", "plan", "--draws", "5", "--out", "result.nc").code == 0
    if words[0] == "whole":
        assert fiveyear("run", "small.toml", "--out", "whole").code == 0
    (own,) = (folder / word for word in words if word.startswith("own"))
    MAKE[kind](own)
    before = (own.lstat().st_ino, own.lstat().st_mode)
    ended = fiveyear(*command.split(), *words, *(() if command in ("store merge", "paper") else ("--force",)))
    assert (ended.code, ended.out) == (74, "")
    assert f"it is a {kind}" in ended.err
    assert (own.lstat().st_ino, own.lstat().st_mode) == before


def test_a_pipe_as_a_scenario_ends_the_installed_program_at_once(folder: Path) -> None:
    os.mkfifo(folder / "x.toml")
    ended = subprocess.run(
        [PROGRAM, "reach", "x.toml"], capture_output=True, text=True, check=False, timeout=60, cwd=folder
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "x.toml has 1 fault:\n"
        "  it cannot be read: it is a pipe, such as <(...) gives; save what it gives in a file, and name that\n"
    )
