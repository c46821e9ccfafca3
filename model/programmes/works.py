"""What projects go through, number by number as it will turn out, and what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..quantities import Array, Condition

# What becomes of a project that has started: one of these.
DELIVERED, FAILED, CANCELLED, RUNNING = "delivered", "failed", "cancelled", "running"
ENDS = (DELIVERED, FAILED, CANCELLED, RUNNING)
# What else a log tells of.
APPROPRIATED, STARTED, DREW, RETURNED, TOOK, LEFT, PASSED = (
    "appropriated", "started", "drew", "returned", "took", "left", "passed",
)  # fmt: skip
WORK = "work"  # beside the names of accounts and platforms, what projects spend time on

Span = tuple[float, float]  # two dates in years


class Stage(NamedTuple):
    """A stage of a line: the places of the stages that come right before it, and the platform it needs, or ""."""

    name: str
    after: tuple[int, ...] = ()
    platform: str = ""


@dataclass(frozen=True)
class Line:
    """Projects of one kind: the account that pays for them, and their priority on platforms (the lower, the sooner)."""

    name: str
    account: str
    stages: tuple[Stage, ...]
    priority: int = 1

    @cached_property
    def is_straight(self) -> bool:
        """Whether the stages stand in a row, each right after the one before."""
        return all(stage.after == ((place - 1,) if place else ()) for place, stage in enumerate(self.stages))


@dataclass(frozen=True)
class Work:
    """What the projects of a line go through, each number as it will turn out, in lists or in arrays.

    ``begins``: (project,), the date of each; ``years``: (project, stage), how long each stage takes; ``passes``:
    (project, stage), whether the gate at its end lets the project go on; ``costs``: (stage,), in whole units of money;
    ``patience``: the years that a project waits for money or a platform.
    """

    line: Line
    begins: Sequence[float] | Array
    years: Sequence[Sequence[float]] | Array
    passes: Sequence[Sequence[bool]] | Condition
    costs: Sequence[int]
    patience: float

    @cached_property
    def dates(self) -> Array:
        """When projects enter each stage, and come out of the last, if nothing holds them up: (project, stage + 1).

        This and ``reached`` are of stages in a row.
        """
        dates = np.empty((len(self.begins), len(self.line.stages) + 1))
        dates[:, 0] = self.begins
        dates[:, 1:] = np.reshape(self.years, (-1, len(self.line.stages)))
        return np.cumsum(dates, axis=1, out=dates)

    @cached_property
    def reached(self) -> Condition:
        """Whether the gates let projects come to each stage, and out of the last: (project, stage + 1)."""
        reached = np.ones((len(self.begins), len(self.line.stages) + 1), dtype=bool)
        reached[:, 1:] = np.reshape(self.passes, (-1, len(self.line.stages)))
        return np.logical_and.accumulate(reached, axis=1, out=reached)


class Event(NamedTuple):
    """An entry of the log. Where money is appropriated, ``line`` is the account and ``project`` is -1."""

    time: float
    what: str
    line: str
    project: int
    stage: str = ""
    amount: int = 0  # of money


@dataclass
class LineOutcome:
    """What became of the projects of a line."""

    passed: list[list[float]]  # of each stage: the dates at which projects passed it, in order
    delivered: list[float] = field(default_factory=list)  # the dates, in order
    ends: Counter[str] = field(default_factory=Counter)  # of the projects started, by ENDS
    # Project-years within the window: of WORK, and of waiting for the account or a platform, by its name.
    spent: dict[str, float] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of everything by the end."""

    lines: dict[str, LineOutcome]
    busy: dict[str, float]  # of each platform: the years within the window that its places were taken
    payments: dict[str, list[tuple[float, int]]]  # into each account, and, below 0, out of it: date and amount
    balance: dict[str, int]  # of each account
    events: int  # on SimPy's clock: without a log, none where nothing can be waited for


def is_free(work: Work, is_ample: bool) -> bool:
    """Say if a line's projects can wait for platforms alone: all that it costs is there, and stages stand in a row."""
    return work.line.is_straight and (is_ample or not any(work.costs))
