"""Work that another process does meanwhile: done here where there is no other, or where it is killed."""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor, Future
from unittest import mock

import pytest

from fiveyear.experiments.parallel import work
from fiveyear.experiments.parallel.processes import Processes


@pytest.mark.parametrize(("processors", "elsewhere"), [(1, False), (2, True)])
def test_a_task_is_done_by_another_process_where_there_is_a_processor_for_it(processors: int, elsewhere: bool) -> None:
    with mock.patch.object(work, "cores", return_value=processors), work.meanwhile([]) as begin:
        assert (begin(os.getpid)() != os.getpid()) == elsewhere


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ("get_ready", BlockingIOError("too many processes")),
        ("_submit", BlockingIOError("too many processes")),
        ("_submit", BrokenExecutor("what starts them has been killed")),
    ],
)
def test_a_task_is_done_here_where_no_process_can_be_started(what: str, fault: Exception) -> None:
    with (
        mock.patch.object(work, "cores", return_value=2),
        mock.patch.object(work, what, side_effect=fault),
        work.meanwhile([]) as begin,
    ):
        assert begin(os.getpid)() == os.getpid()


def test_a_task_at_which_its_process_was_killed_is_done_here() -> None:
    lost: Future[int] = Future()
    lost.set_exception(BrokenExecutor("a worker was killed"))
    with (
        mock.patch.object(work, "cores", return_value=2),
        mock.patch.object(Processes, "submit", return_value=lost),
        work.meanwhile([]) as begin,
    ):
        assert begin(os.getpid)() == os.getpid()


def test_a_task_that_fails_fails_as_it_does_here() -> None:
    with (
        mock.patch.object(work, "cores", return_value=2),
        work.meanwhile([]) as begin,
        pytest.raises(OSError, match="No such process"),
    ):
        begin(os.kill, 2**22 + 1, signal.SIGTERM)()
