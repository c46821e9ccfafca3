"""The same bits however an experiment is computed: any chunks, workers and order, at once or after an interruption."""

from __future__ import annotations

import hashlib
import itertools
import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.parallel.processes import Processes
from fiveyear.experiments.store import runner
from fiveyear.experiments.store.computation import compute
from fiveyear.experiments.store.results import open_result
from fiveyear.experiments.store.store import Store
from fiveyear.model import best_engine
from fiveyear.scenarios import load_scenario

DRAWS, SCENARIOS = 23, ("plan", "behavioural")
CHUNKS = (7, 16, 23, 46)  # some over two cases, some of one case each, one of all
WORKERS = (1, 2, 3)
CELLS = [
    pytest.param(*cell, marks=pytest.mark.slow if cell[1] > 1 else ())
    for cell in itertools.product(CHUNKS, WORKERS, ("in order", "backwards"), ("at once", "after an interruption"))
]
Describe = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def pools() -> Iterator[dict[int, Executor | None]]:
    """Give processes by their number, once for all cells; one worker is this process."""
    found: dict[int, Executor | None] = {1: None}
    for workers in WORKERS[1:]:
        found[workers] = Processes(workers, multiprocessing.get_context("forkserver"))
    yield found
    for pool in found.values():
        if pool is not None:
            pool.shutdown()


@pytest.fixture(scope="module")
def straight_through() -> str:
    """Give the hash of all values by draw, output and year, from the ensembles themselves."""
    runs = [ensemble(load_scenario(name), None, 2011, best_engine()).run(DRAWS).dataset() for name in SCENARIOS]
    names = [str(n) for n in runs[0].data_vars]
    found = hashlib.sha256(json.dumps([names, runs[0]["year"].values.tolist()]).encode())
    for one in runs:
        for draw in range(DRAWS):
            for name in names:
                values = one[name].values[draw]
                found.update(b"".join(np.float64(v if v == v else np.nan).tobytes() for v in values))
    return found.hexdigest()


def compute_all(store: Store, workers: int, pool: Executor | None, order: str, resume: bool) -> None:
    chunks = store.missing()
    chunks = chunks[::-1] if order == "backwards" else chunks
    if resume:
        done = chunks[: len(chunks) // 2]
        runner.run(store, compute, done, workers, pool)
        for chunk in done[:1]:  # and one of them is damaged
            (file,) = store.folder.glob(f"rows_{chunk.start:012d}_*.nc")
            data = bytearray(file.read_bytes())
            data[-20] ^= 4
            file.write_bytes(data)
        store = Store.create(store.folder, store.description, resume=True)
        chunks = store.missing()
        assert len(chunks) == len(store.chunks) - max(len(done) - 1, 0)
    runner.run(store, compute, chunks, workers, pool)


@pytest.mark.parametrize(("chunk", "workers", "order", "when"), CELLS)
def test_an_experiment_has_the_same_bits(
    tmp_path: Path,
    described: Describe,
    pools: dict[int, Executor | None],
    straight_through: str,
    chunk: int,
    workers: int,
    order: str,
    when: str,
) -> None:
    store = Store.create(tmp_path / "store", described(draws=DRAWS, chunk=chunk))
    compute_all(store, workers, pools[workers], order, when != "at once")
    assert store.verify() == []
    assert open_result(store.folder).content_hash() == straight_through


@pytest.mark.parametrize(("chunk", "order"), [(c, o) for c in CHUNKS for o in ("in order", "backwards")])
def test_counts_have_the_same_bits(tmp_path: Path, described: Describe, chunk: int, order: str) -> None:
    found = []
    for name, cut, way in (("one", chunk, order), ("other", 46, "in order")):
        store = Store.create(tmp_path / name, described(draws=DRAWS, chunk=cut, keep="'summary'"))
        compute_all(store, 1, None, way, resume=False)
        found.append(open_result(store.folder).content_hash())
    assert found[0] == found[1]


@pytest.mark.slow
def test_the_reference_engine_has_the_same_bits_in_any_chunks(tmp_path: Path, described: Describe) -> None:
    found = set()
    for chunk in CHUNKS:
        store = Store.create(tmp_path / str(chunk), described(draws=DRAWS, chunk=chunk, engine="reference"))
        compute_all(store, 1, None, "backwards", resume=True)
        found.add(open_result(store.folder).content_hash())
    assert len(found) == 1


@pytest.mark.slow
def test_the_pool_of_the_runner_itself_has_the_same_bits(
    tmp_path: Path, described: Describe, straight_through: str
) -> None:
    store = Store.create(tmp_path / "store", described(draws=DRAWS, chunk=16))
    runner.run(store, compute, store.missing(), 2)
    assert open_result(store.folder).content_hash() == straight_through


def test_blocks_of_the_computation_are_not_seen_in_the_bits(
    tmp_path: Path, described: Describe, straight_through: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiveyear.experiments.store.computation.BLOCK", 5)
    store = Store.create(tmp_path / "store", described(draws=DRAWS, chunk=46))
    compute_all(store, 1, None, "in order", resume=False)
    assert open_result(store.folder).content_hash() == straight_through


def test_draws_beyond_the_parameter_sets_are_the_same_alone_and_among_others(
    shipped: Callable[..., Ensemble],
) -> None:
    one = shipped("plan")
    place = 3 * one.posterior.size + 11
    whole, alone = one.run(range(place - 40, place + 40)).dataset(), one.run([place]).dataset()
    for name in whole.data_vars:
        assert np.array_equal(whole[name].values[40], alone[name].values[0], equal_nan=True), name
