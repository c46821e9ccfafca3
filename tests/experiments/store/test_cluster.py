"""A scheduler and workers of Dask as a user starts them, on the loopback address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.store import runner
from fiveyear.experiments.store.store import Store
from fiveyear.model.errors import InputError

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason='comes with the extra "cluster"')

START = "import sys; from distributed.cli.{0} import main; main()"


class Cluster:
    """A scheduler and two workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.folder = folder
        self.log = (folder / "log").open("w")
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.workers = [self.add() for _ in range(2)]

    def add(self) -> subprocess.Popen[bytes]:
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        return self._start("dask_worker", *options, "--local-directory", str(self.folder))

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", START.format(what), "--scheduler-file", str(self.file), *options]
        places = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        return subprocess.Popen(command, env=places, stdout=self.log, stderr=self.log, cwd=self.folder)

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        end = time.monotonic() + 30
        while not cluster.file.exists() and time.monotonic() < end:
            time.sleep(0.05)
        with runner.scheduler(str(cluster.file)) as (_, count):
            while count() < 2 and time.monotonic() < end:
                time.sleep(0.05)
            assert count() == 2, (cluster.folder / "log").read_text()
        yield cluster
    finally:
        cluster.close()


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_cluster_gives_the_bytes_that_one_process_gives(stand_in: Any, tmp_path: Path, cluster: Cluster) -> None:
    here, there = (Store.create(tmp_path / name, stand_in.describe(rows=40)) for name in ("here", "there"))
    runner.run(here, stand_in.compute, here.missing())
    with runner.scheduler(str(cluster.file)) as (executor, count):
        runner.run(there, stand_in.compute, there.missing(), count, executor)
    assert content(there.folder) == content(here.folder)


def test_a_refusal_on_a_cluster_is_told_as_it_is_here(stand_in: Any, tmp_path: Path, cluster: Cluster) -> None:
    store = Store.create(tmp_path, stand_in.describe(refuse=7))
    with (
        runner.scheduler(str(cluster.file)) as (executor, count),
        pytest.raises(InputError, match="row 7: is refused"),
    ):
        runner.run(store, stand_in.compute, store.missing(), count, executor)


def test_a_worker_of_a_cluster_that_is_killed_costs_only_its_chunks(
    stand_in: Any, tmp_path: Path, cluster: Cluster
) -> None:
    here = Store.create(tmp_path / "here", stand_in.describe(rows=60))
    runner.run(here, stand_in.compute, here.missing())
    description = stand_in.describe(rows=60, seconds=0.1)
    there = Store.create(tmp_path / "there", description)
    done = []

    def kill_once(rows: int) -> None:
        done.append(rows)
        if len(done) == 4:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)

    with runner.scheduler(str(cluster.file)) as (executor, count):
        runner.run(there, stand_in.compute, there.missing(), count, executor, kill_once)
    assert cluster.workers[0].wait(5) == -signal.SIGKILL
    assert sum(done) == 60  # each chunk was written once
    assert there.verify() == []
    names = {store: {n for n in content(store.folder) if n.startswith("rows_")} for store in (here, there)}
    assert names[here] == names[there]


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(InputError, match=r"127\.0\.0\.1:9: cannot be reached"),
        runner.scheduler("tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.parametrize("address", ["nonsense://x", "nofile.json", "http://x:1", "tcp://x", "/tmp", ""])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(InputError, match=f"{address}: .*expected tcp://HOST:PORT"), runner.scheduler(address):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"address": 1}', '{"address": "inproc://x"}'])
def test_a_file_that_is_no_scheduler_file_is_told(text: str, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(text)
    with pytest.raises(InputError, match="expected tcp://HOST:PORT"), runner.scheduler(str(file)):
        pass
