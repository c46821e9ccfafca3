"""Standard input, output and error of the program: closed ones, and those that nobody reads any more."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO


def prepare() -> None:
    """Let work go on, and its files be written, when nobody reads what is printed.

    A cut pipe (``| head -1``) takes no more output, whatever befalls standard error; every other failure of standard
    output is an OSError still. Raises OSError if standard output is closed.
    """
    closed = [number for number in range(3) if not _is_open(number)]
    for _ in closed:  # or the next file that is opened would get its number, and what is printed into it
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if 2 in closed:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    if sys.__stderr__ and sys.stderr is sys.__stderr__:  # nobody has put another in its place
        sys.stderr = _forgiving(sys.stderr, OSError)
    if 1 in closed:
        sys.stdout = os.fdopen(1, "w", closefd=False)
        raise OSError("standard output is closed; expected a terminal, a file or a pipe, or > /dev/null for none")
    if sys.__stdout__ and sys.stdout is sys.__stdout__:
        sys.stdout = _forgiving(sys.stdout, BrokenPipeError)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _forgiving(stream: TextIO, faults: type[OSError]) -> TextIO:
    """Give a stream like this one, on which what cannot be written for these faults is lost without a word."""

    class Raw(io.FileIO):
        def write(self, data: Any, /) -> int:
            try:
                return super().write(data)
            except faults:
                return memoryview(data).nbytes

    raw = io.BufferedWriter(Raw(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(
        raw, stream.encoding, stream.errors, line_buffering=getattr(stream, "line_buffering", False)
    )
