"""Worker processes of this machine, as an executor that a killed worker cannot leave waiting for ever.

Each worker has a pipe of its own. Those of ``ProcessPoolExecutor`` share one: a worker that is killed while it answers
leaves half an answer in it, or its lock held, and the run hangs (seen on a full disk, where workers are told to stop
just when they answer).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from multiprocessing import connection, resource_tracker, spawn
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]

_starting = threading.RLock()


class Processes(Executor):
    """Up to ``workers`` processes, started when there is something to do; they end when this process ends in any way.

    When one is killed, what it had to do fails with BrokenExecutor, and so does what would be its turn. ``stop`` ends
    all in the middle of what they do.
    """

    def __init__(self, workers: int, context: ForkServerContext) -> None:
        self._workers, self._context = workers, context
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._served: list[tuple[threading.Thread, Any]] = []
        self._alive, self._ours = context.Pipe(duplex=False)

    def submit(self, task: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
        """Have a task done, importable by name, on arguments that can be pickled; keywords are not taken."""
        if len(self._served) < self._workers:
            self._start()
        future: Future[Any] = Future()
        self._tasks.put((future, task, given))
        return future

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        # Not a daemon to Python, which would want to end it its own way: it ends with `ours`.
        process = self._context.Process(target=_work, args=(theirs, self._alive))
        with apart():
            process.start()
        theirs.close()  # or the end of the worker would not be the end of the pipe
        thread = threading.Thread(target=self._serve, args=(ours,), daemon=True)
        thread.start()
        self._served.append((thread, process))

    def _serve(self, worker: connection.Connection) -> None:
        """Hand one worker its tasks, one after the other."""
        with worker:
            while (waiting := self._tasks.get()) is not None:
                future, *call = waiting
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    worker.send(call)
                    answer, failure = worker.recv()
                except (EOFError, OSError):  # an answer cut short, too
                    failure = BrokenExecutor("a worker was killed")
                if failure is None:
                    future.set_result(answer)
                else:
                    future.set_exception(failure)

    def stop(self) -> None:
        """End the workers, whatever they do."""
        self._ours.close()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers end after what has been asked for, or, with ``cancel_futures``, after what they do now."""
        if cancel_futures:
            with contextlib.suppress(queue.Empty):
                while (waiting := self._tasks.get_nowait()) is not None:
                    waiting[0].cancel()
        for _ in self._served:
            self._tasks.put(None)
        if wait:
            for thread, process in self._served:
                thread.join()
                process.join()
            self._ours.close()
            self._alive.close()


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """Keep what Python starts meanwhile from running the caller's script again, or a module of the working folder.

    The server that starts the workers, and the tracker beside it, are started as ``python -c``, which looks for every
    module in the working folder first. Each worker would then run the script that called us as a module, once more.
    """
    with _starting:
        given, ours, before = spawn.get_preparation_data, threading.get_ident(), os.environ.get("PYTHONSAFEPATH")

        def prepared(name: str) -> dict[str, Any]:
            data = given(name)
            if threading.get_ident() == ours:  # what other threads of the caller start is theirs
                for main in ("init_main_from_name", "init_main_from_path"):
                    data.pop(main, None)
                # The modules of this folder come last: they can be found there, and stand for no others.
                here = {Path.cwd(), Path(data["orig_dir"] or "").resolve()}
                data["sys_path"].sort(key=lambda place: Path(place).resolve() in here)
            return data

        try:
            os.environ["PYTHONSAFEPATH"] = "1"
            spawn.get_preparation_data = prepared
            yield
        finally:
            spawn.get_preparation_data = given
            if before is None:
                del os.environ["PYTHONSAFEPATH"]
            else:
                os.environ["PYTHONSAFEPATH"] = before


def start_tracker() -> None:
    """Start Python's tracker of semaphores deaf and dumb: it does its work, but complains where a signal ended us."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        with apart():
            resource_tracker.ensure_running()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


# -- in a worker --------------------------------------------------------------------------------------------
def _work(parent: connection.Connection, alive: connection.Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent alone
    threading.Thread(target=_watch, args=(alive,), daemon=True).start()
    while True:
        try:
            packed = parent.recv_bytes()
        except EOFError:  # nothing more to do
            return
        try:
            task, given = pickle.loads(packed)  # fails for a function of the caller's script, which is not here
            answer, failure = task(*given), None
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the parent's to tell
            error.add_note(f"in a worker:\n{traceback.format_exc()}")
            answer, failure = None, error
        parent.send((answer, failure))


def _watch(alive: connection.Connection) -> None:
    # Nothing is ever sent: it can be read from when the parent has closed its end, or is gone.
    connection.wait([alive])
    os._exit(1)
