"""Writing results: never over something else unasked, complete or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import ExistsError, WriteError
from fiveyear.experiments.console.files import (
    refuse_existing,
    remove_abandoned,
    results,
    together,
    write_whole,
)

Run = Callable[..., Any]  # words -> how it ended: code, out, err

#: A program that begins a file and a folder of results, says so, and never ends by itself.
PROGRAM = """
import sys, time
from pathlib import Path
from fiveyear.experiments.console.files import together, write_whole

def fill(path):
    path.write_text("half")
    with together(Path(sys.argv[1])) as folder:
        (folder / "half.csv").write_text("half")
        print("begun", flush=True)
        time.sleep(600)

write_whole(Path(sys.argv[1]) / "result.nc", fill)
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Give another process that is writing a file and a folder of results in this moment."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        yield process
        process.kill()


def half_written(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".unfinished.")]


def test_what_exists_is_refused_unless_forced_even_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ExistsError, match="link: exists; --force writes over it"):
        refuse_existing([tmp_path / "new", link], force=False)
    refuse_existing([link], force=True)
    refuse_existing([tmp_path / "new"], force=False)


@pytest.mark.parametrize("error", [SystemExit(143), KeyboardInterrupt(), ValueError("nonsense"), OSError(28, "full")])
def test_a_writer_that_is_stopped_half_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: BaseException
) -> None:
    file = tmp_path / "result.nc"
    file.write_text("old")

    def half(path: Path) -> None:
        path.write_text("ne")
        raise error

    with pytest.raises((WriteError, type(error))) as stopped:
        write_whole(file, half)
    assert isinstance(stopped.value, WriteError) == isinstance(error, OSError)
    assert [p.name for p in tmp_path.iterdir()] == ["result.nc"]
    assert file.read_text() == "old"


def test_a_new_file_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    write_whole(tmp_path / "result", lambda path: path.write_text("new"))
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "result").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "result").read_text() == "new"


def test_a_place_below_a_file_and_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "result.nc", tmp_path / "nowhere" / "result.nc"):
        with pytest.raises(WriteError, match=r"result\.nc: cannot be written: "):
            write_whole(place, lambda path: path.write_text("new"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_run_left_goes_with_the_next_to_the_same_place(
    fiveyear: Run, tmp_path: Path, running: subprocess.Popen[str]
) -> None:
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert len(half_written(tmp_path)) == 2
    assert fiveyear("run", "plan", "--draws", 5, "--out", tmp_path / "result.nc").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["result.nc"]


def test_what_a_run_is_writing_stays_while_another_writes_to_the_same_place(
    fiveyear: Run, tmp_path: Path, running: subprocess.Popen[str]
) -> None:
    before = sorted(half_written(tmp_path))
    assert len(before) == 2
    assert fiveyear("run", "plan", "--draws", 5, "--out", tmp_path / "other.nc").code == 0
    assert sorted(half_written(tmp_path)) == before


def test_what_this_process_is_writing_stays_and_what_looks_like_it_but_is_not_stays_too(tmp_path: Path) -> None:
    alike = [".unfinished", ".unfinished.abc.nc", ".unfinished.ABCDEFGH", "x.unfinished.abcdefgh", ".notes.personal.md"]
    for name in alike:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".unfinished.a_linked").symlink_to(alike[0])
    os.mkfifo(tmp_path / ".unfinished.the_pipe")
    with together(tmp_path) as folder:
        (folder / "a.csv").write_text("a")
        remove_abandoned(tmp_path)
        assert (folder / "a.csv").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [*alike, ".unfinished.a_linked", ".unfinished.the_pipe", "a.csv"]
    )


def test_a_file_that_is_taken_for_abandoned_before_it_is_locked_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_file, begun = files._new_file, []

    def swept_at_once(file: Path) -> Path:
        begun.append(new_file(file))
        if len(begun) == 1:
            remove_abandoned(tmp_path)
            assert not begun[0].exists()
        return begun[-1]

    monkeypatch.setattr(files, "_new_file", swept_at_once)
    write_whole(tmp_path / "result", lambda path: path.write_text("new"))
    assert len(begun) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_where_there_are_no_locks_a_file_is_written_and_nothing_is_taken_for_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def none(handle: int, operation: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    (tmp_path / ".unfinished.abcdefgh.nc").write_text("of whom?")
    write_whole(tmp_path / "result", lambda path: path.write_text("new"))
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".unfinished.abcdefgh.nc", "result"]


def test_a_folder_that_was_made_for_results_that_never_came_goes_again(fiveyear: Run, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    out = tmp_path / "own" / "a" / "b"
    found = fiveyear("backtest", "--plan", "nowhere", "--draws", 5, "--out", out)
    assert found.code == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["own"]
    out.mkdir(parents=True)
    assert fiveyear("backtest", "--plan", "nowhere", "--draws", 5, "--out", out).code == 2
    assert out.is_dir()  # which was not made by the command


def test_a_folder_that_somebody_removes_meanwhile_is_made_again(tmp_path: Path) -> None:
    files.folder(tmp_path / "out")
    (tmp_path / "out").rmdir()
    with together(tmp_path / "out") as folder:
        (folder / "a.csv").write_text("a")
    assert (tmp_path / "out" / "a.csv").read_text() == "a"


def test_what_is_there_is_refused_before_the_work_and_what_was_written_is_named_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, worked = tmp_path / "new" / "folder", []
    for force in (False, True):
        with results(out, force, ("a.csv", "below/b.csv")):
            worked.append(out)
            (out / "below" / "b.csv").write_text("1")
        assert capsys.readouterr().out == f"written: {out / 'a.csv'}, {out / 'below' / 'b.csv'}\n"
    with pytest.raises(ExistsError, match=r"b\.csv: exists"), results(out, False, ("a.csv", "below/b.csv")):
        worked.append(out)
    assert len(worked) == 2


def test_nothing_is_said_to_be_written_by_work_that_failed_or_is_to_be_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ZeroDivisionError), results(tmp_path / "a.nc", False):
        raise ZeroDivisionError
    with results(tmp_path / "a.nc", False, quiet=True), results(None, False, ("a.csv",)):
        pass
    assert capsys.readouterr().out == ""
