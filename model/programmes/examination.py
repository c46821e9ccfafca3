"""Patent examination as a queue of single applications: examiners take one from the pile, one step at a time.

In random order the examiners' steps fall on all that wait alike, which is what the core's chain says of them on average
(``model/sectors/examination.py``), as long as the pile is never empty. With the oldest first they do not. Nothing here
is random: arrivals, demands and picks are given.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

import simpy


class Application(NamedTuple):
    """An application: when it was filed, by whom (0 at home, 1 abroad), and the steps that it has behind it."""

    filed: float
    origin: int = 0
    steps: int = 0


class Decision(NamedTuple):
    """The end of an examination."""

    decided: float
    application: Application


class Examined(NamedTuple):
    """What examiners have done: decisions, and the date of every step, in order."""

    decisions: list[Decision]
    steps: list[float]


def examine(
    applications: Sequence[Application],
    examiners: int,
    steps: int,
    pace: Callable[[float], float],
    demands: Iterator[float],
    picks: Iterator[float] | None,
    start: float,
    end: float,
) -> Examined:
    """Let examiners work from ``start`` to ``end``, and give what they have done.

    Parameters
    ----------
    applications : in the order of filing; those filed before ``start`` wait there
    steps : of each examination; one examiner does one of them at a time
    pace : steps that an examiner does in a year, at a date
    demands : how much work each step is, 1 on average
    picks : numbers in [0, 1) that pick from the pile, or None for the oldest first
    """
    office = _Office(simpy.Environment(start), steps, pace, demands, picks)
    for _ in range(examiners):
        office.clock.process(office.work())
    office.clock.process(office.receive(applications))
    office.clock.run(until=end)
    return Examined(office.decisions, office.done)


@dataclass
class _Office:
    clock: simpy.Environment
    steps: int
    pace: Callable[[float], float]
    demands: Iterator[float]
    picks: Iterator[float] | None
    pile: list[Application] = field(default_factory=list)
    idle: list[simpy.Event] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    done: list[float] = field(default_factory=list)

    def receive(self, applications: Sequence[Application]) -> Generator[simpy.Event, object, None]:
        """Put applications on the pile as they are filed."""
        for application in applications:
            if application.filed > self.clock.now:
                yield self.clock.timeout(application.filed - self.clock.now)
            self.put(application)

    def work(self) -> Generator[simpy.Event, object, None]:
        """Do one step after the other, as long as there is one to do."""
        while True:
            if not self.pile:
                wake = self.clock.event()
                self.idle.append(wake)
                yield wake
                continue
            filed, origin, steps = self.take()
            yield self.clock.timeout(next(self.demands) / self.pace(self.clock.now))
            self.done.append(self.clock.now)
            application = Application(filed, origin, steps + 1)
            if application.steps < self.steps:
                self.put(application)
            else:
                self.decisions.append(Decision(self.clock.now, application))

    def put(self, application: Application) -> None:
        """Put an application on the pile, and wake an examiner who has nothing to do."""
        if self.picks is None:
            heappush(self.pile, application)
        else:
            self.pile.append(application)
        if self.idle:
            self.idle.pop(0).succeed()

    def take(self) -> Application:
        """Take an application from the pile."""
        if self.picks is None:
            return heappop(self.pile)
        place = int(next(self.picks) * len(self.pile))
        self.pile[place], self.pile[-1] = self.pile[-1], self.pile[place]
        return self.pile.pop()
