"""A case: what a user hands over, what is done with it, and what must come of it; and what came of it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from typer.main import get_command

from fiveyear.experiments import command_line

SECONDS = 30.0  # that a case may take

#: What may come of a case, in the order of the columns of the page.
REFUSED, UNPLACED, EQUAL, OTHER, WRONG, TRACEBACK, HANG = (
    "refused, with its place",
    "refused, no place",
    "equal in meaning",
    "another meaning, as written",
    "wrong",
    "traceback",
    "hang",
)
VERDICTS = (REFUSED, UNPLACED, EQUAL, OTHER, WRONG, TRACEBACK, HANG)


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Holds = Callable[[Ended, Path], str]  # -> what is wrong with what was taken, or ""
Run = Callable[[tuple[str, ...], Path], Ended]  # words of the command line, the folder in which they are said


@dataclass(frozen=True)
class Expected:
    """What must come of a case.

    Refused: exit code 2, and a message that names all of ``names`` and one of ``places``, if there are any. Taken: one
    of ``codes``, and ``holds`` finds nothing wrong; it then counts as ``taken_as``, or is wrong if that is nothing.
    """

    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    refused: bool = True
    taken_as: str = ""
    holds: Holds = lambda ended, folder: ""
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Case:
    """One altered input. ``files`` lie in the folder in which the command is run; ``prepare`` makes the others."""

    label: str
    words: tuple[str, ...]
    expected: Expected
    files: Mapping[str, bytes] = field(default_factory=dict)
    prepare: Callable[[Path], object] = lambda folder: None
    run: Run | None = None  # the command line, if nothing else


class Outcome(NamedTuple):
    """What came of a case, and what was said."""

    verdict: str
    told: str
    ended: Ended | None = None


class _TooLong(BaseException):
    """A case takes too long: no ``except Exception`` may catch it."""


def say(words: tuple[str, ...], folder: Path) -> Ended:
    """Say words on the command line, in this process; a traceback comes out as its exception."""
    with patch.object(command_line, "app", _app()):
        return captured(command_line.main, words)


@cache
def _app() -> Callable[[], object]:
    """Give all commands, which the program builds anew each time that it starts."""
    return get_command(command_line.app)


def captured(function: Callable[[], object], words: tuple[str, ...] = ()) -> Ended:
    """Call a function that ends as the command line does, with what it prints taken down."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape", write_through=True) for _ in range(2))
    before, code = sys.argv, 0
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    sys.argv = ["fiveyear", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            function()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Ended(code, *(stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err)))


def outcome(case: Case, folder: Path, run: Run | None = None, seconds: float = 0.0) -> Outcome:
    """Run a case in an empty folder, by ``run`` or as it says, and give what came of it."""
    lay_out(case, folder)
    there = _names(folder)
    try:
        with _limit(seconds or SECONDS), contextlib.chdir(folder), warnings.catch_warnings():
            warnings.simplefilter("error")
            ended = (run or case.run or say)(case.words, folder)
            wrong = _wrong_with(case.expected, ended, folder)
    except _TooLong:
        return Outcome(HANG, f"not done after {seconds or SECONDS:g} s")
    except Exception as error:  # noqa: BLE001 - that there is none is what is shown
        return Outcome(TRACEBACK, f"{type(error).__name__}: {error}")
    if "Traceback (most recent call last)" in ended.err:
        return Outcome(TRACEBACK, ended.err, ended)
    if wrong:
        return Outcome(WRONG, wrong, ended)
    if ended.code in case.expected.codes:
        return Outcome(case.expected.taken_as, "", ended)
    if left := _names(folder) - there:
        return Outcome(WRONG, f"refused, but it left {', '.join(sorted(left))}", ended)
    missing = [name for name in case.expected.names if name not in ended.err]
    places = case.expected.places
    if missing or (places and not any(place in ended.err for place in places)):
        return Outcome(UNPLACED, f"expected {[*missing, *places]} in: {ended.err}", ended)
    return Outcome(REFUSED, "", ended)


def lay_out(case: Case, folder: Path) -> None:
    """Empty a folder and put the files of a case there."""
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink()
    for name, data in case.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    case.prepare(folder)


def _wrong_with(expected: Expected, ended: Ended, folder: Path) -> str:
    text = ended.out + ended.err
    if not all(line.isprintable() for line in text.replace("\t", " ").split("\n")):
        return f"it steers a terminal: {text!r}"
    if ended.code in expected.codes:
        if not expected.taken_as:
            return f"taken, though it is wrong: {[*expected.names, *expected.places]}; {ended.out[:300]}"
        return expected.holds(ended, folder)
    if ended.code != 2:
        return f"exit code {ended.code}: {ended.err}"
    if not expected.refused:
        return f"refused, though nothing is wrong: {ended.err}"
    return "" if ended.err.strip() else "refused without a word"


def _names(folder: Path) -> set[str]:
    return {
        os.path.relpath(Path(root, name), folder)
        for root, folders, files in os.walk(folder)
        for name in (*folders, *files)
    }


@contextlib.contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
