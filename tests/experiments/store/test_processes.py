"""What workers know of the program that starts them: neither its script nor the modules of its working folder."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from multiprocessing import process
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.parallel.processes import Processes
from fiveyear.experiments.store import runner
from fiveyear.experiments.store.store import Store

PROGRAM = Path(__file__).with_name("stand_in.py")

UNGUARDED = """
import os
import sys
from pathlib import Path

print("begun")

from fiveyear.experiments.store import experiment
from fiveyear.scenarios import load_experiment

said, faults = experiment.run(load_experiment("small.toml"), Path("out"), engine="reference", chunk=10, workers=2)
print(said.partition(";")[0], faults, "PYTHONSAFEPATH" in os.environ)
"""

OWN_TASK = """
from pathlib import Path

from fiveyear.experiments.store import runner
from fiveyear.experiments.store.store import Store

def compute(description, start, stop):
    return bytes(stop - start)

store = Store.create(Path("out"), {"rows": 20, "chunk": 3})
runner.run(store, compute, store.missing(), 2)
"""


def ended(*words: str | Path, cwd: Path, **others: Any) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, **others
    )


@pytest.mark.parametrize("how", ["script", pytest.param("standard input", marks=pytest.mark.slow)])
def test_a_script_without_a_guard_that_starts_workers_runs_once(tmp_path: Path, how: str) -> None:
    (tmp_path / "small.toml").write_text("title = 'Small'\nscenarios = ['plan']\ndraws = 40\n")
    (tmp_path / "script.py").write_text(UNGUARDED)
    # Standard input is no file that could be run again, and neither is a notebook.
    done = ended("script.py" if how == "script" else "-", cwd=tmp_path, input=UNGUARDED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["begun", "out: 4 of 4 chunks are finished [] False"]


def test_a_task_of_the_calling_script_is_refused_by_name_and_not_taken_for_a_killed_worker(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(OWN_TASK)
    done = ended("script.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "Can't get attribute 'compute' on <module '__main__'" in done.stderr
    assert "killed" not in done.stderr


def test_workers_run_no_module_of_the_working_folder(tmp_path: Path) -> None:
    for name in sys.stdlib_module_names | {"numpy", "scipy", "xarray", "llvmlite", "typer", "pydantic", "fiveyear"}:
        (tmp_path / f"{name}.py").write_text(f'open("ran", "a").write("{name}\\n")\n')
    done = ended(PROGRAM, "out", "--workers", "2", cwd=tmp_path)
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((tmp_path / "out").glob("rows_*"))) == 7


def test_the_working_folder_comes_last_where_a_worker_looks_for_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path, "/elsewhere"])
    pool = Processes(1, multiprocessing.get_context("forkserver"))
    places = pool.submit(eval, "__import__('sys').path").result()
    pool.shutdown()
    last = {str(tmp_path), vars(process)["ORIGINAL_DIR"]}  # the second is what Python makes of ""
    assert "/elsewhere" in places
    assert not last & {*places[: places.index("/elsewhere")]}
    assert str(tmp_path) in places


@pytest.mark.parametrize("before", [None, "", "1"])
def test_starting_workers_leaves_the_environment_as_it_was(
    stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    if before is None:
        monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    else:
        monkeypatch.setenv("PYTHONSAFEPATH", before)
    store = Store.create(tmp_path, stand_in.describe())
    runner.run(store, stand_in.compute, store.missing(), 2)
    assert os.environ.get("PYTHONSAFEPATH") == before
