"""What is scarce: the money of programmes and the places of platforms, taken at once if free, or else in turn."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import simpy

from .works import APPROPRIATED, Event, LineOutcome, Span


class _Happening(simpy.Event):
    """What happens at a date: SimPy's Timeout in fewer steps, since it is told at once what to do."""

    _ok, _value = True, None

    def __init__(self, what: Callable[[simpy.Event], None]) -> None:
        self.callbacks = [what]


class Clock(simpy.Environment):
    """SimPy's clock, with the end, after which nothing happens, the window, and the log."""

    def __init__(self, end: float, window: Span, log: list[Event] | None) -> None:
        super().__init__()
        self.end, self.log = end, log
        self.first, self.last = window[0], min(window[1], end)
        self.events = 0

    def later(self, delay: float, what: Callable[[simpy.Event], None]) -> None:
        """Have something happen, if that is before the end."""
        if self._now + delay < self.end:
            self.events += 1
            self.schedule(_Happening(what), delay=delay)


class _Wait(NamedTuple):
    """A project's turn, how much it waits for, since when, and what is told if it was got, or patience has run out."""

    priority: int
    order: int  # no two have the same, so that nothing behind it is compared
    amount: int
    since: float
    record: LineOutcome
    then: Callable[[int, bool], None]
    stage: int


class Supply:
    """Money in an account, or places on a platform: taken at once if free, or else in turn."""

    def __init__(self, clock: Clock, name: str, free: int) -> None:
        self.clock, self.name, self.free = clock, name, free
        self.waiting: list[_Wait] = []
        self.asked = 0

    def take(self, amount: int) -> bool:
        """Take an amount, if it is free and nobody waits."""
        if self.waiting or amount > self.free:
            return False
        self.free -= amount
        return True

    def wait(
        self,
        amount: int,
        priority: int,
        patience: float,
        record: LineOutcome,
        then: Callable[[int, bool], None],
        stage: int,
    ) -> None:
        """Have ``then`` told of the stage when the amount is taken for it, or patience has run out."""
        self.asked += 1
        wait = _Wait(priority, self.asked, amount, self.clock.now, record, then, stage)
        insort(self.waiting, wait)
        self.clock.later(patience, partial(self.give_up, wait))

    def give(self, amount: int) -> None:
        """Put an amount in, and let those who wait have it."""
        self.free += amount
        if self.waiting:
            self.serve()

    def serve(self) -> None:
        """Let those in turn have what they ask for, as far as it goes."""
        while self.waiting and self.waiting[0].amount <= self.free:
            wait = self.waiting.pop(0)
            self.free -= wait.amount
            self.leave(wait, True)

    def give_up(self, wait: _Wait, _: simpy.Event) -> None:
        """End a wait, if it has not ended."""
        place = bisect_left(self.waiting, wait)
        if place < len(self.waiting) and self.waiting[place] is wait:
            del self.waiting[place]
            self.leave(wait, False)
            self.serve()  # those behind a large request may fit

    def leave(self, wait: _Wait, got: bool) -> None:
        """Put a wait on record, and tell who has waited."""
        self.spend(wait, self.clock.now)
        wait.then(wait.stage, got)

    def close(self) -> None:
        """Put the waits that last until the end on record."""
        for wait in self.waiting:
            self.spend(wait, self.clock.end)
        self.waiting.clear()  # what waits knows this supply: a circle would be garbage that only a collector finds

    def spend(self, wait: _Wait, until: float) -> None:
        """Put on record the years within the window that a project has waited."""
        years = min(until, self.clock.last) - max(wait.since, self.clock.first)
        if years > 0.0:
            wait.record.spent[self.name] = wait.record.spent.get(self.name, 0.0) + years


class Account(Supply):
    """The money of a programme, and every payment."""

    def __init__(self, clock: Clock, name: str, ample: bool) -> None:
        super().__init__(clock, name, 0)
        self.ample = ample
        self.payments: list[tuple[float, int]] = []  # dates and amounts, those that go out below 0
        self.drawn_ahead = 0  # by projects that go through stages at once, and not taken from what is free

    def appropriate(self, amount: int) -> None:
        """Get money."""
        self.payments.append((self.clock.now, amount))
        if self.clock.log is not None:
            self.clock.log.append(Event(self.clock.now, APPROPRIATED, self.name, -1, "", amount))
        self.give(amount)

    def in_order(self) -> list[tuple[float, int]]:
        """Give the payments in the order of their dates."""
        if self.drawn_ahead:
            self.payments.sort(key=itemgetter(0))
        return self.payments


class Platform(Supply):
    """The places of a platform, and the years within the window that they were taken."""

    def __init__(self, clock: Clock, name: str, capacity: int, roomy: bool) -> None:
        super().__init__(clock, name, capacity)
        self.roomy = roomy
        self.taken: list[Span] = []  # when places were taken, and the years of it within the window

    def busy(self) -> float:
        """Give the years within the window that places were taken."""
        return total(self.taken)


def total(spans: list[Span]) -> float:
    """Give the years of spans, (begin, years), added up in the order in which they begin: the same to the last bit."""
    total = 0.0
    for _, years in sorted(spans, key=itemgetter(0)):
        total += years
    return total
