"""Work done by several processes at once; what a killed one had to do is done again."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import partial
from multiprocessing import forkserver, util
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import WorkerError
from fiveyear.model.cores import cores

from .processes import Processes, apart, start_tracker

STRIKES = 3  # times that workers are killed with no chunk finished in between
PAUSE = 0.5  # seconds: what was killed takes a moment to be gone
AHEAD = 2  # chunks a worker has or waits for: it is never idle, and memory stays bounded


class Chunk(NamedTuple):
    """The rows of a file, from ``start`` up to but not including ``stop``."""

    start: int
    stop: int


Result = TypeVar("Result")
Task = Callable[[Chunk], Result]


def get_ready(preload: Sequence[str]) -> ForkServerContext:
    """Start the server that workers are forked from, unless it runs; it imports modules while this process goes on.

    A fork of this process would copy the locks of its threads in whatever state they are; workers that start on their
    own would each import everything, and anew after a kill.
    """
    start_tracker()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    files.remove_on_signal(Path(util.get_temp_dir()))  # for the server's socket
    with apart():
        forkserver.ensure_running()
    return context


@contextlib.contextmanager
def meanwhile(preload: Sequence[str]) -> Iterator[Callable[..., Callable[[], Any]]]:
    """Give what has a task done by another process meanwhile; what that gives, called, waits for the result.

    A task that no process can do, or that one was killed at, is done here, when its result is asked for; so are all
    where there is but one processor.
    """
    pool = None
    if cores() > 1:
        with contextlib.suppress(OSError):
            pool = Processes(cores(), get_ready(preload))
    if pool is None:
        yield partial
        return

    def begin(task: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        try:
            future = _submit(pool, task, *given)
        except (BrokenExecutor, OSError):
            return partial(task, *given)

        def result() -> Any:
            try:
                return future.result()
            except BrokenExecutor:
                return task(*given)

        return result

    try:
        yield begin
    finally:
        pool.stop()
        pool.shutdown(cancel_futures=True)


def compute_here(
    task: Task[Result],
    todo: deque[Chunk],
    workers: int,
    keep: Callable[[Chunk, Result], None],
    preload: Sequence[str],
    advice: str = "go on with --resume and fewer --workers, or smaller chunks",
) -> None:
    """Compute on processes of this machine; where one is killed, go on with new ones.

    ``keep`` is given what ``task`` gave, chunk by chunk as they are finished. Raises what ``task`` raises; WorkerError,
    with ``advice``, if workers are killed again and again.
    """
    context = get_ready(preload)
    strikes = 0
    while todo:
        left = len(todo)
        pool = Processes(workers, context)
        try:
            fill(pool, task, todo, lambda: workers, keep)
            pool.shutdown()
        except BrokenExecutor:
            strikes = 1 if len(todo) < left else strikes + 1
            if strikes == STRIKES:
                raise WorkerError(
                    f"workers were killed {STRIKES} times, and no chunk finished in between; at row {todo[0].start}; "
                    f"is there too little memory? {advice}"
                ) from None
            print(f"a worker was killed: what it had to do is done again, {len(todo)} chunks to go", file=sys.stderr)
            time.sleep(PAUSE * strikes)
        finally:
            pool.stop()  # workers may still compute what nobody wants any more
            pool.shutdown(cancel_futures=True)


def fill(
    executor: Executor,
    task: Task[Result],
    todo: deque[Chunk],
    workers: Callable[[], int],
    keep: Callable[[Chunk, Result], None],
) -> None:
    """Keep workers busy until nothing is left to do; if the executor breaks, ``todo`` holds what is not finished."""
    flying: dict[Future[Result], Chunk] = {}
    try:
        while todo or flying:
            most = AHEAD * workers() if todo else 0
            while todo and len(flying) < most:
                flying[_submit(executor, task, todo[0])] = todo[0]
                todo.popleft()
            # What went well first: it is not to be lost with what did not.
            for future in sorted(wait(flying, return_when=FIRST_COMPLETED).done, key=_failed):
                data = _result(future)
                keep(flying.pop(future), data)
    except BrokenExecutor:
        lost = []
        for future, chunk in flying.items():
            if future.done() and not _failed(future):
                keep(chunk, _result(future))
            else:
                lost.append(chunk)
        todo.extendleft(sorted(lost, reverse=True))
        raise
    finally:
        for future in flying:
            future.cancel()


def _submit(executor: Executor, task: Callable[..., Result], *given: Any) -> Future[Result]:
    # A new worker inherits that interrupts are held: Ctrl-C is for the parent alone.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return executor.submit(task, *given)
    except (EOFError, ConnectionError):  # what starts the workers has been killed
        raise BrokenExecutor("no worker can be started") from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except Exception as error:
        if type(error).__module__.startswith("distributed."):  # after retries of its own
            raise WorkerError(f"{error}; go on with --resume") from None
        raise


def _failed(future: Future[Any]) -> bool:
    return future.cancelled() or future.exception() is not None
