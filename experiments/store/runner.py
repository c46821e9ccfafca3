"""Running the chunks of an experiment on workers: processes of this machine, or a cluster that somebody else runs."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from pathlib import Path
from typing import Any

from fiveyear.experiments.console.errors import WorkerError
from fiveyear.experiments.console.progress import ending
from fiveyear.experiments.parallel.work import Chunk, compute_here, fill
from fiveyear.model import ordinary_files
from fiveyear.model.errors import InputError

from .store import Store

LARGEST = 64 * 1024  # bytes of a scheduler file, which has some 1,000

#: What workers import.
PRELOAD = (
    "fiveyear.experiments.store.runner",
    "fiveyear.experiments.store.computation",
    "fiveyear.model.kernel.machine_code",
    "scipy.io",
    "scipy.special",
)

Compute = Callable[[Mapping[str, Any], int, int], bytes]


def run(
    store: Store,
    compute: Compute,
    chunks: Sequence[Chunk],
    workers: int | Callable[[], int] = 1,
    executor: Executor | None = None,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Compute chunks and write them into their store.

    Parameters
    ----------
    compute : gives the bytes of a chunk from the description, first row and the row after the last; importable by name
    chunks : what to compute: ``store.missing()`` or a shard of it
    workers : how many chunks are computed at once; 1 without an executor computes here, in this process
    executor : where to compute; by default processes of this machine, which end when this one ends in any way
    progress : told how many rows are finished, chunk by chunk

    Raises what ``compute`` raises; WriteError if a chunk cannot be written; WorkerError if workers are killed again
    and again. What is finished by then is in the store.
    """
    report = progress or (lambda rows: None)

    def keep(chunk: Chunk, data: bytes) -> None:
        store.write(chunk, data)
        report(chunk.stop - chunk.start)

    count = workers if callable(workers) else lambda: workers
    with ending(lambda: f"{store.finished()}; go on with --resume"):
        if executor is None and count() == 1:
            for chunk in chunks:
                keep(chunk, compute(store.description, chunk.start, chunk.stop))
            return
        # The description may be a megabyte of much the same: packed once, small enough to go with each chunk to any
        # worker, whenever it has joined, and read there only once.
        packed = zlib.compress(json.dumps(store.description).encode())
        task = functools.partial(_task, compute, packed)
        if executor is None:
            compute_here(task, deque(chunks), min(count(), len(chunks)), keep, PRELOAD)
            return
        try:
            fill(executor, task, deque(chunks), count, keep)
        except (BrokenExecutor, CancelledError) as error:
            raise WorkerError(
                f"the workers are gone ({str(error) or type(error).__name__}); {store.finished()}; go on with --resume"
            ) from None


def shard(chunks: Sequence[Chunk], part: str) -> tuple[Chunk, ...]:
    """Give the part "i/n" of all chunks of an experiment, for one of n jobs that need not know of each other.

    Raises InputError if that is not such a part.

    >>> shard([Chunk(0, 2), Chunk(2, 4), Chunk(4, 5)], "1/2")
    (Chunk(start=0, stop=2), Chunk(start=4, stop=5))
    """
    match = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", part)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError("--shard", [f"{part}: expected i/n, such as 1/8, with i from 1 to n"])
    return tuple(chunks[int(match[1]) - 1 :: int(match[2])])


@contextlib.contextmanager
def scheduler(address: str) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """Give the executor of a Dask scheduler, and how many chunks its workers compute at once, as ``run`` takes them.

    ``address`` is that of the scheduler, or a scheduler file; certificates and the like are as Dask is configured.
    Raises InputError if Dask is not installed or the scheduler cannot be reached.
    """
    try:
        import distributed
    except ImportError:
        raise InputError("--scheduler", ['needs Dask: pip install "fiveyear[cluster]"']) from None
    where = _where(address)
    try:
        dask: Any = distributed  # which states no types
        client = dask.Client(**where, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError("--scheduler", [f"{address}: cannot be reached: {error}"]) from None

    def workers() -> int:
        try:
            return max(int(sum(client.nthreads().values())), 1)
        except (OSError, RuntimeError):  # it is gone, as the chunks under way are about to say
            return 1

    with client:
        if not client.nthreads():
            print(f"{address}: has no workers yet; waiting for them", file=sys.stderr)
        yield client.get_executor(pure=False), workers


def _where(address: str) -> dict[str, str]:
    """Tell an address from a scheduler file; Dask waits for ever for what is neither."""
    if re.fullmatch(r"(tcp|tls)://.+:[0-9]+", address):
        return {"address": address}
    expected = "expected tcp://HOST:PORT, tls://HOST:PORT or the file that dask scheduler --scheduler-file writes"
    try:
        scheduler_address = json.loads(ordinary_files.read(Path(address), LARGEST))["address"]
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        scheduler_address = ""
    except OSError as error:
        raise InputError("--scheduler", [f"{address}: cannot be read: {error.strerror}; {expected}"]) from None
    if not isinstance(scheduler_address, str) or not re.fullmatch(r"(tcp|tls)://.+:[0-9]+", scheduler_address):
        raise InputError("--scheduler", [f"{address}: {expected}"])
    return {"scheduler_file": address}


# -- in a worker --------------------------------------------------------------------------------------------
def _task(compute: Compute, packed: bytes, chunk: Chunk) -> bytes:
    return compute(_unpacked(packed), chunk.start, chunk.stop)


@functools.lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Mapping[str, Any]:
    description: Mapping[str, Any] = json.loads(zlib.decompress(packed))
    return description
