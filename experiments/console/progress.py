"""Progress on long work, on the error stream, and what is to be said if a signal ends it."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from .printing import unescaped, visible

EVERY = 30.0  # seconds between two lines where there is no terminal

_endings: list[Callable[[], str]] = []


@contextlib.contextmanager
def counter(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how much more is done.

    On a terminal it shows a bar with rate and remaining time; elsewhere it says the same in a plain line every 30 s.
    """
    if not sys.stderr.isatty():
        yield _lines(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), Remaining())
    with Progress(*columns, console=Console(file=unescaped(sys.stderr)), transient=True) as progress:
        task = progress.add_task(visible(what), total=total)
        yield lambda done: progress.advance(task, done)


def _lines(what: str, total: int) -> Callable[[int], None]:
    """Give a function that counts, and says how far it is if that has not been said for long."""
    count, begun = 0, time.monotonic()
    printed = begun

    def advance(done: int) -> None:
        nonlocal count, printed
        count += done
        now = time.monotonic()
        if now - printed < EVERY or not count:
            return
        printed, rate = now, count / (now - begun)
        going = f"{count:,} of {total:,}, {rate:,.0f} a second, {span((total - count) / rate)} to go"
        print(f"{what}: {going}", file=sys.stderr, flush=True)

    return advance


def span(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    minutes = round(seconds / 60)
    if minutes >= 90:
        return f"{minutes / 60:.1f} h"
    return f"{minutes} min" if seconds >= 90 else f"{seconds:.0f} s"


@contextlib.contextmanager
def ending(tell: Callable[[], str]) -> Iterator[None]:
    """Let a signal that ends the program meanwhile say what ``tell`` gives, too: see ``endings``."""
    _endings.append(tell)
    try:
        yield
    finally:
        _endings.remove(tell)


def endings() -> list[str]:
    """Give what is to be said when a signal ends the program now."""
    return [tell() for tell in _endings]
