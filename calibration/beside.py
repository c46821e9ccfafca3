"""A process beside this one that walks half of the walkers: the same numbers in half the time.

Nothing hangs on it: where it is not ready yet, cannot be started or is killed, all is walked here.
"""

from __future__ import annotations

import contextlib
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any

from fiveyear.model.cores import cores


class Beside:
    """The process. Only what both sides have is sent to it: arrays, and what a posterior is made from."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process, self._ready = process, False

    def begin(self, works_on: Any) -> None:
        """Tell it what it works on."""
        self.send(pickle.dumps(works_on))  # which it can take in before it has imported anything

    def send(self, something: Any) -> None:
        """Send it a task."""
        with contextlib.suppress(OSError):  # it has ended, as will be found when it is asked for an answer
            _send(_pipe(self._process.stdin), something)

    @property
    def is_ready(self) -> bool:
        """Whether it can be given a task; it takes a second or two to start."""
        if not self._ready and select.select([_pipe(self._process.stdout)], [], [], 0.0)[0]:
            self._ready = self.answer() is not None
        return self._ready and self._process.poll() is None

    def answer(self) -> Any:
        """Give the answer to what was sent last; None if the process has ended."""
        try:
            return pickle.load(_pipe(self._process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError):  # an answer cut short, too
            self._process.kill()
            return None


@contextlib.contextmanager
def beside() -> Iterator[Beside | None]:
    """Start the process, which ends with the block, or with this process; None where there is no second processor."""
    if not sys.executable or cores() < 2:
        yield None
        return
    # A fork would copy the locks of other threads; Python's own workers would run the caller's script once more.
    command, pipe = [sys.executable, "-P", "-m", __name__], subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    try:
        yield Beside(process)
    finally:
        process.kill()
        process.communicate()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _send(pipe: IO[bytes], something: Any) -> None:
    pickle.dump(something, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


# -- in the process -----------------------------------------------------------------------------------------
def main() -> None:
    """Walk what is asked for by the standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other process alone
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers goes there
    begun = pickle.load(asked)

    from threadpoolctl import threadpool_limits

    from .sampler import Trajectories, walked

    with threadpool_limits(1, "blas"), contextlib.suppress(EOFError, BrokenPipeError):
        target, somewhere = pickle.loads(begun)
        target.slopes(somewhere)  # which compiles the model
        target.log_density(somewhere)
        _send(answers, True)
        while True:
            root, leap, *task = pickle.load(asked)
            _send(answers, walked(Trajectories(target, root, leap), *task))


if __name__ == "__main__":
    main()
