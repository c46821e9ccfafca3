"""``fiveyear run EXPERIMENT.toml``: all cases of an experiment into a store, or what that would take."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from fiveyear.experiments.console.progress import counter, span
from fiveyear.model import Engine, InputError
from fiveyear.scenarios import Experiment

from . import runner
from .computation import compute, describe, named
from .results import open_result
from .store import DESCRIPTION, Store

PARTS = 32  # chunks at least, where they are not too small: workers end at about the same time
SMALLEST = 2_000  # rows of a chunk: its file takes as long as a few hundred draws
LARGEST = {"draws": 10_000, "summary": 4_000_000}  # some ten megabytes; some two minutes of work
PROBE = 4_096  # rows of a trial


def chunk_of(experiment: Experiment) -> int:
    """Give the rows of a chunk where nobody says how many."""
    even = -(-experiment.rows // (PARTS * SMALLEST)) * SMALLEST
    return min(max(even, SMALLEST), LARGEST[experiment.keep])


def run(
    experiment: Experiment,
    out: Path,
    *,
    engine: Engine,
    chunk: int | None = None,
    workers: int | None = None,
    resume: bool = False,
    shard: str | None = None,
    scheduler: str | None = None,
) -> tuple[str, list[str]]:
    """Compute what the store in ``out`` lacks, or its part ``shard``.

    Gives a sentence on what is there now, and one on each draw that is not finite. ``resume`` goes on with the chunks
    that a store has. Raises InputError for options that do not go together, and what ``describe``, ``Store.create`` and
    ``runner.run`` raise.
    """
    if scheduler and workers:
        raise InputError("run", ["--scheduler: its workers are its own; expected no --workers beside it"])
    if chunk is None and resume and (out / DESCRIPTION).exists():
        chunk = int(Store.open(out).description["chunk"])
    description = describe(experiment, chunk or chunk_of(experiment), engine)
    if shard:
        runner.shard((), shard)  # nothing is made for a part that there is not
    with contextlib.ExitStack() as stack:
        executor, count = stack.enter_context(runner.scheduler(scheduler)) if scheduler else (None, workers or 1)
        store = Store.create(out, description.content(), resume=resume)
        mine = runner.shard(store.chunks, shard) if shard else store.chunks
        todo = store.missing(among=mine)
        rows = sum(c.stop - c.start for c in todo)
        begun = time.perf_counter()
        with counter(f"{experiment.name}: rows", rows) as progress:
            runner.run(store, compute, todo, count, executor, progress)
    rate = rows / (time.perf_counter() - begun)
    sentence = f"{out}: {store.finished()}; {rows:,} rows computed" + (f", {rate:,.0f} a second" if rows else "")
    if store.missing(check=False):
        return sentence, []
    result = open_result(out)
    return f"{sentence}; content {result.content_hash()}", named(description, result.not_finite())


def dry_run(experiment: Experiment, out: Path, engine: Engine, chunk: int | None, workers: int | None) -> list[str]:
    """Say what an experiment would take, measured on a trial of its first rows; nothing is written."""
    description = describe(experiment, chunk or chunk_of(experiment), engine)
    probe = min(PROBE, experiment.rows)
    content = description.content()
    compute(content, 0, probe)  # once for the compiler
    begun = time.perf_counter()
    measured = len(compute(content, 0, probe))
    rate = probe / (time.perf_counter() - begun)
    chunks = -(-experiment.rows // description.chunk)
    # A chunk of counts grows with the values that occur, hardly with how often they do.
    size = measured / probe * experiment.rows if experiment.keep == "draws" else float(measured) * chunks
    folder = out.absolute()
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    outputs, years = len(description.outputs), len(description.all_years)
    return [
        f"{len(experiment.cases):,} cases x {experiment.draws:,} draws = {experiment.rows:,} rows; {engine} engine",
        f"{chunks:,} chunks of {description.chunk:,} rows; {outputs} outputs of {years} years each",
        f"{size / 1e6:,.1f} MB to be written; {free / 1e6:,.0f} MB free in {folder}"
        + ("" if size < free else ': TOO LITTLE; keep = "summary" takes less'),
        f"{span(experiment.rows / rate / (workers or 1))} expected: {rate:,.0f} rows a second and worker",
    ]
