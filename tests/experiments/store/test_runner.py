from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from fiveyear.experiments.console import progress
from fiveyear.experiments.console.errors import WorkerError
from fiveyear.experiments.parallel.work import Chunk
from fiveyear.experiments.store import runner
from fiveyear.experiments.store.store import Store
from fiveyear.model.errors import InputError

PROGRAM = Path(__file__).with_name("stand_in.py")
SLOWLY = {"rows": 30, "chunk": 3, "seconds": 0.2}


@pytest.fixture(scope="module")
def whole(stand_in: Any) -> Callable[..., dict[str, bytes]]:
    """What a store must hold in the end, but for its description: from the definition, by no store and no runner."""
    import hashlib

    def content(**others: Any) -> dict[str, bytes]:
        description = {**stand_in.describe(**others), "seconds": 0, "killers": []}
        rows, size = description["rows"], description["chunk"]
        found = {}
        for start in range(0, rows, size):
            data = stand_in.compute(description, start, stop := min(start + size, rows))
            found[f"rows_{start:012d}_{stop:012d}_{hashlib.sha256(data).hexdigest()}.nc"] = data
        return found

    return content


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "experiment.json"}


@contextlib.contextmanager
def program(folder: Path, *options: str, **others: Any) -> Iterator[subprocess.Popen[str]]:
    """The stand-in program, in a session of its own as a terminal would start it."""
    command = [sys.executable, str(PROGRAM), str(folder), "--description", json.dumps(others), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(what: Callable[[], Any], seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it does not come to pass")


def finished(folder: Path, least: int) -> bool:
    return len(list(folder.glob("rows_*"))) >= least


def busy(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Its workers, which a child of it has started."""
    return [p for p in psutil.Process(process.pid).children(recursive=True) if p.ppid() != process.pid]


def resumed(folder: Path, **others: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), str(folder), "--resume", "--description", json.dumps(others)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# -- which chunks -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 2, 3, 7, 20])
def test_the_shards_are_all_chunks_once(count: int) -> None:
    chunks = [Chunk(i, i + 1) for i in range(13)]
    shards = [runner.shard(chunks, f"{i}/{count}") for i in range(1, count + 1)]
    assert sorted(c for shard in shards for c in shard) == chunks
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", " 1/2", "1.0/2", "", "\u0661/2"])
def test_what_is_no_shard_is_refused(part: str) -> None:
    with pytest.raises(InputError, match="expected i/n"):
        runner.shard([Chunk(0, 1)], part)


# -- where and in what order --------------------------------------------------------------------------------
def test_workers_of_any_kind_and_number_give_the_same_bytes(
    stand_in: Any, whole: Callable[..., dict[str, bytes]], tmp_path: Path
) -> None:
    ways: dict[str, Callable[[Store], None]] = {
        "here": lambda s: runner.run(s, stand_in.compute, s.missing()),
        "backwards": lambda s: runner.run(s, stand_in.compute, s.missing()[::-1]),
        "processes": lambda s: runner.run(s, stand_in.compute, s.missing(), 3),
    }
    for name, way in ways.items():
        way(Store.create(tmp_path / name, stand_in.describe()))
        assert content(tmp_path / name) == whole()
    with ThreadPoolExecutor(2) as executor:
        store = Store.create(tmp_path / "threads", stand_in.describe())
        runner.run(store, stand_in.compute, store.missing(), 2, executor)
    assert content(tmp_path / "threads") == whole()


def test_progress_is_told_in_rows(stand_in: Any, tmp_path: Path) -> None:
    store = Store.create(tmp_path, stand_in.describe(rows=20, chunk=8))
    told: list[int] = []
    runner.run(store, stand_in.compute, store.missing(), progress=told.append)
    assert told == [8, 8, 4]


def test_no_more_than_two_chunks_a_worker_are_under_way(stand_in: Any, tmp_path: Path) -> None:
    class Counting(Executor):
        """It finishes a chunk only when it has been given all that it gets."""

        most = 0

        def __init__(self) -> None:
            self.waiting: list[tuple[Future[Any], Any, Any]] = []

        def submit(self, task: Any, /, *given: Any, **_: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.waiting.append((future, task, given))
            self.most = max(self.most, len(self.waiting))
            if len(self.waiting) == 6:
                self.finish(1)
            return future

        def finish(self, least: int) -> None:
            while len(self.waiting) >= least:
                future, task, given = self.waiting.pop()
                future.set_result(task(*given))

    store, executor = Store.create(tmp_path, stand_in.describe(rows=90)), Counting()
    chunks = store.missing()
    assert len(chunks) % 6 == 0
    runner.run(store, stand_in.compute, chunks, 3, executor)
    assert executor.most == 6


def test_the_description_goes_to_a_worker_packed_and_is_read_there_once(
    stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def loads(text: Any) -> Any:
        read.append(len(text))
        return json.JSONDecoder().decode(text.decode())

    store = Store.create(tmp_path, stand_in.describe(cases=["much the same"] * 50_000))
    monkeypatch.setattr("fiveyear.experiments.store.runner.json.loads", loads)
    with ThreadPoolExecutor(1) as executor:
        runner.run(store, stand_in.compute, store.missing(), 1, executor)
    assert len(read) == 1
    assert read[0] > 700_000


# -- what goes wrong ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("workers", [1, 2])
def test_a_refusal_in_a_worker_is_told_as_it_is_here(stand_in: Any, tmp_path: Path, workers: int) -> None:
    store = Store.create(tmp_path, stand_in.describe(refuse=7))
    with pytest.raises(InputError, match="the stand-in has 1 fault:\n  row 7: is refused"):
        runner.run(store, stand_in.compute, store.missing(), workers)
    assert Chunk(6, 9) in store.missing()


def test_a_killed_worker_costs_only_its_chunk(
    stand_in: Any,
    whole: Callable[..., dict[str, bytes]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    killers = [tmp_path / str(i) for i in range(4)]  # more than in a row are borne, but chunks finish in between
    for killer in killers:
        killer.touch()
    others = {"rows": 30, "killers": [str(k) for k in killers[:1]]}
    store = Store.create(tmp_path / "s", stand_in.describe(**others))
    runner.run(store, stand_in.compute, store.missing(), 2)
    assert content(tmp_path / "s") == whole(**others)
    assert capfd.readouterr().err.startswith("a worker was killed: what it had to do is done again")


def test_workers_that_are_killed_again_and_again_end_the_run(
    stand_in: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "killer").touch()
    store = Store.create(tmp_path / "s", stand_in.describe(killers=[str(tmp_path / "killer")], once=False))
    with pytest.raises(WorkerError, match="killed 3 times, and no chunk finished in between"):
        runner.run(store, stand_in.compute, store.missing(), 2)
    assert len(capfd.readouterr().err.splitlines()) == 2
    assert store.missing() == list(store.chunks)


def test_a_broken_executor_of_somebody_else_ends_the_run_with_what_was_finished(stand_in: Any, tmp_path: Path) -> None:
    class Breaking(Executor):
        given = 0

        def submit(self, task: Any, /, *given: Any, **_: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.given += 1
            if self.given == 3:
                future.set_exception(BrokenExecutor("all gone"))
            else:
                future.set_result(task(*given))
            return future

    store = Store.create(tmp_path, stand_in.describe())
    with pytest.raises(WorkerError, match=r"the workers are gone \(all gone\); 3 of 7 chunks are finished; .*--resume"):
        runner.run(store, stand_in.compute, store.missing(), 2, Breaking())
    assert len(store.missing()) == 4


def test_a_signal_that_ends_a_run_can_say_how_far_it_is(stand_in: Any, tmp_path: Path) -> None:
    store = Store.create(tmp_path, stand_in.describe())
    told = []
    runner.run(store, stand_in.compute, store.missing(), progress=lambda rows: told.extend(progress.endings()))
    assert told[2] == "3 of 7 chunks are finished; go on with --resume"
    assert progress.endings() == []


@pytest.mark.slow
def test_a_run_that_fails_does_not_wait_for_what_workers_were_just_answering(
    stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Answers of 3 MB are more than a pipe takes at once, and take longer to send than a worker takes to end.
    store = Store.create(tmp_path, stand_in.describe(rows=1_000_000, chunk=100_000))

    def full(*_: Any) -> None:
        raise WorkerError("the disk is full")

    monkeypatch.setattr(store, "write", full, raising=True)
    for _ in range(5):
        with ThreadPoolExecutor(1) as aside:
            ended = aside.submit(runner.run, store, stand_in.compute, store.missing(), 2)
            assert isinstance(ended.exception(timeout=30), WorkerError)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "to_all", "code"),
    [
        (signal.SIGINT, True, 130),  # as Ctrl-C does: the workers get it too
        (signal.SIGINT, False, 130),
        (signal.SIGTERM, True, 143),
        (signal.SIGTERM, False, 143),
        (signal.SIGKILL, False, -9),
    ],
)
def test_a_run_that_is_ended_leaves_no_process_and_nothing_half_written_and_a_resume_ends_with_the_same_bytes(
    whole: Callable[..., dict[str, bytes]], tmp_path: Path, number: int, to_all: bool, code: int
) -> None:
    folder = tmp_path / "s"
    with program(folder, **SLOWLY) as process:
        wait_for(lambda: finished(folder, 2))
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 3
        (os.killpg if to_all else os.kill)(process.pid, number)
        assert process.wait(10) == code
        assert process.stderr is not None
        said = process.stderr.read()
        _, alive = psutil.wait_procs(started, 3)
    assert not alive
    assert said.splitlines() == [] if number == signal.SIGKILL else len(said.splitlines()) == 1
    assert number == signal.SIGKILL or said.endswith("of 10 chunks are finished; go on with --resume\n")
    there = content(folder)
    assert 2 <= len(there) < 10
    assert there.items() <= whole(**SLOWLY).items()
    assert resumed(folder, **SLOWLY).returncode == 0
    assert content(folder) == whole(**SLOWLY)


@pytest.mark.slow
def test_a_worker_killed_from_outside_is_replaced(whole: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    folder = tmp_path / "s"
    with program(folder, **SLOWLY) as process:
        for least in (2, 5):
            wait_for(functools.partial(finished, folder, least))
            wait_for(lambda: busy(process))[0].kill()
        assert process.wait(20) == 0
        assert process.stderr is not None
        said = process.stderr.read()
    assert [line.split(":")[0] for line in said.splitlines()] == ["a worker was killed"] * 2
    assert content(folder) == whole(**SLOWLY)


@pytest.mark.slow
@pytest.mark.parametrize("least", [0, 2])
def test_the_server_that_starts_the_workers_may_be_killed_too(
    whole: Callable[..., dict[str, bytes]], tmp_path: Path, least: int
) -> None:
    folder = tmp_path / "s"

    def server(process: subprocess.Popen[str]) -> list[psutil.Process]:
        return [p for p in psutil.Process(process.pid).children() if "forkserver" in " ".join(p.cmdline())]

    with program(folder, **SLOWLY) as process:
        wait_for(lambda: finished(folder, least) and server(process))[0].kill()
        assert process.wait(20) == 0
    assert content(folder) == whole(**SLOWLY)


@pytest.mark.slow
def test_a_full_disk_ends_a_run_with_74_and_a_resume_goes_on_when_there_is_room(
    whole: Callable[..., dict[str, bytes]], small_disk: Path
) -> None:
    folder, others = small_disk / "s", {"rows": 2000, "chunk": 300}
    (small_disk / "ballast").write_bytes(bytes(16_000))
    ended = resumed(folder, **others)
    assert ended.returncode == 74
    assert "No space left on device" in ended.stderr
    assert "chunks are finished; when that is mended, go on with --resume" in ended.stderr
    assert 0 < len(content(folder)) < 7
    assert content(folder).items() <= whole(**others).items()
    (small_disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=256k", str(small_disk)], check=True)
    assert resumed(folder, **others).returncode == 0
    assert content(folder) == whole(**others)


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_ends_a_run_with_74(small_disk: Path) -> None:
    (small_disk / "s").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    ended = resumed(small_disk / "s")
    assert ended.returncode == 74
    assert "Read-only file system" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


# -- progress -----------------------------------------------------------------------------------------------
def test_without_a_terminal_progress_is_a_plain_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("fiveyear.experiments.console.progress.time.monotonic", lambda: now[0])
    with progress.counter("rows", 100_000) as count:
        for _ in range(7):
            now[0] += 10
            count(1_000)
    assert capsys.readouterr().err.splitlines() == [
        "rows: 3,000 of 100,000, 100 a second, 16 min to go",
        "rows: 6,000 of 100,000, 100 a second, 16 min to go",
    ]
