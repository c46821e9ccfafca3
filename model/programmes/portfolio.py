"""Programmes as discrete events: projects pass stages and gates, wait for money and for platforms, and arrive, or not.

A project starts a stage once the stages before it are passed. It draws the stage's cost from its programme's account,
takes a place on the platform that the stage needs, and works for the time that the stage takes; at the end the place is
free again, and the gate says if the project goes on. A project that waits longer than its patience is cancelled, and
what it has drawn for that stage goes back. Nothing here is random: every number is given, so that the same numbers give
the same events.

Projects hang on SimPy's clock by callbacks, and what is free is taken without an event. The same rules, written with
SimPy's processes, containers and resources, are in the tests, and give the same events.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import simpy

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


@dataclass(frozen=True)
class Work:
    """What the projects of a line go through, each number as it will turn out.

    ``begins``: (project,), the date of each; ``years``: (project, stage), how long each stage takes; ``passes``:
    (project, stage), whether the gate at its end lets the project go on; ``costs``: (stage,), in whole units of money;
    ``patience``: the years that a project waits for money or a platform.
    """

    line: Line
    begins: Sequence[float]
    years: Sequence[Sequence[float]]
    passes: Sequence[Sequence[bool]]
    costs: Sequence[int]
    patience: float


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
    events: int  # on SimPy's clock


def simulate(
    works: Sequence[Work],
    capacities: Mapping[str, int],
    appropriations: Mapping[str, Sequence[tuple[float, int]]],
    end: float,
    window: Span,
    log: list[Event] | None = None,
) -> Outcome:
    """Let the projects of all lines run until ``end``, and give what became of them.

    Parameters
    ----------
    capacities : of each platform, the projects that it takes at once
    appropriations : of each account, when it gets how much money
    window : from when to when the years are counted that projects spend, and places are taken
    log : where every event is put, in the order in which it happens
    """
    clock = _Clock(end, window, log)
    platforms = {n: _Platform(clock, n, capacity) for n, capacity in capacities.items()}
    # One for each programme: in a shared account, one large request in turn starves all others.
    accounts = {n: _Account(clock, n) for n in appropriations}
    budgets: dict[float, list[tuple[_Account, int]]] = {}  # what all accounts get at a date
    for name, amounts in appropriations.items():
        for time, amount in amounts:
            budgets.setdefault(time, []).append((accounts[name], amount))
    for time, budget in budgets.items():
        clock.later(time, partial(_appropriate, budget))
    courses = [_Course(clock, work, accounts[work.line.account], platforms) for work in works]
    clock.run()
    for supply in (*platforms.values(), *accounts.values()):
        supply.close()
    return Outcome(
        {course.line.name: course.outcome() for course in courses},
        {n: platform.busy for n, platform in platforms.items()},
        {n: account.payments for n, account in accounts.items()},
        {n: account.free for n, account in accounts.items()},
        clock.events,
    )


def _appropriate(budget: Sequence[tuple[_Account, int]], _: simpy.Event) -> None:
    """Give accounts their money."""
    for account, amount in budget:
        account.appropriate(amount)


class _Happening(simpy.Event):
    """What happens at a date: SimPy's Timeout in fewer steps, since it is told at once what to do."""

    _ok, _value = True, None

    def __init__(self, what: Callable[[simpy.Event], None]) -> None:
        self.callbacks = [what]


class _Clock(simpy.Environment):
    """SimPy's clock, with the end, after which nothing happens, the window, and the log."""

    def __init__(self, end: float, window: Span, log: list[Event] | None) -> None:
        super().__init__()
        self.end, self.log = end, log
        self.first, self.last = window[0], min(window[1], end)
        self.events = 0

    def later(self, delay: float, what: Callable[[simpy.Event], None]) -> None:
        """Have something happen, if that is before the end."""
        if self.now + delay < self.end:
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


class _Supply:
    """Money in an account, or places on a platform: taken at once if free, or else in turn."""

    def __init__(self, clock: _Clock, name: str, free: int) -> None:
        self.clock, self.name, self.free = clock, name, free
        self.waiting: list[_Wait] = []
        self.asked = 0

    def take(self, amount: int) -> bool:
        """Take an amount, if it is free and nobody waits."""
        if self.waiting or amount > self.free:
            return False
        self.free -= amount
        return True

    def wait(self, amount: int, priority: int, course: _Course, then: Callable[[int, bool], None], stage: int) -> None:
        """Have ``then`` told of the stage when the amount is taken for it, or patience has run out."""
        self.asked += 1
        wait = _Wait(priority, self.asked, amount, self.clock.now, course.record, then, stage)
        insort(self.waiting, wait)
        self.clock.later(course.patience, lambda _: self.give_up(wait))

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

    def give_up(self, wait: _Wait) -> None:
        """End a wait, if it has not ended."""
        if wait in self.waiting:
            self.waiting.remove(wait)
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


class _Account(_Supply):
    """The money of a programme, and every payment."""

    def __init__(self, clock: _Clock, name: str) -> None:
        super().__init__(clock, name, 0)
        self.payments: list[tuple[float, int]] = []  # dates and amounts, those that go out below 0

    def appropriate(self, amount: int) -> None:
        """Get money."""
        self.payments.append((self.clock.now, amount))
        if self.clock.log is not None:
            self.clock.log.append(Event(self.clock.now, APPROPRIATED, self.name, -1, "", amount))
        self.give(amount)


class _Platform(_Supply):
    """The places of a platform, and the years within the window that they were taken."""

    busy = 0.0


class _Course:
    """What all projects of a line go through, and what became of them."""

    def __init__(self, clock: _Clock, work: Work, account: _Account, platforms: Mapping[str, _Platform]) -> None:
        self.clock, self.account = clock, account
        self.line, self.costs, self.patience = work.line, work.costs, work.patience
        stages = work.line.stages
        self.platforms = [platforms[stage.platform] if stage.platform else None for stage in stages]
        self.before = [len(stage.after) for stage in stages]
        self.first = [s for s, before in enumerate(self.before) if not before]
        self.followers = [[f for f, stage in enumerate(stages) if s in stage.after] for s in range(len(stages))]
        self.record = LineOutcome([[] for _ in stages])
        self.logs = clock.log is not None
        self.started, self.worked = 0, 0.0
        for number, begins in enumerate(work.begins):
            clock.later(begins, _Project(self, number, work.years[number], work.passes[number]).start)

    def outcome(self) -> LineOutcome:
        """Give what became of the projects by the end."""
        if running := self.started - self.record.ends.total():
            self.record.ends[RUNNING] = running
        if self.worked:
            self.record.spent[WORK] = self.worked
        return self.record


class _Project:
    """A project: what it goes through, where it stands, and what comes next."""

    __slots__ = ("before", "course", "ended", "number", "passes", "to_pass", "years")

    def __init__(self, course: _Course, number: int, years: Sequence[float], passes: Sequence[bool]) -> None:
        self.course, self.number, self.years, self.passes = course, number, years, passes
        self.ended = False
        self.to_pass = len(years)
        self.before = course.before.copy()  # stages still to pass before each

    def start(self, _: simpy.Event) -> None:
        """Start, with every stage that has none before it."""
        self.course.started += 1
        if self.course.logs:
            self.tell(STARTED)
        for stage in self.course.first:
            self.enter(stage)

    def enter(self, stage: int) -> None:
        """Take the money that a stage costs, or wait for it."""
        course = self.course
        cost = course.costs[stage]
        if not cost:
            self.move_in(stage)
        elif course.account.take(cost):
            self.draw(stage, cost)
        else:
            course.account.wait(cost, 0, course, self.after_money, stage)

    def after_money(self, stage: int, got: bool) -> None:
        """Go on after a wait for money, or not."""
        if got:
            self.draw(stage, self.course.costs[stage])
        else:
            self.end(CANCELLED, stage)

    def draw(self, stage: int, cost: int) -> None:
        """Put on record what has been taken for a stage."""
        course = self.course
        course.account.payments.append((course.clock.now, -cost))
        if course.logs:
            self.tell(DREW, stage, cost)
        self.move_in(stage)

    def move_in(self, stage: int) -> None:
        """Take a place on the platform that a stage needs, or wait for it."""
        course = self.course
        platform = course.platforms[stage]
        if not platform or platform.take(1):
            self.work(stage)
        else:
            platform.wait(1, course.line.priority, course, self.after_place, stage)

    def after_place(self, stage: int, got: bool) -> None:
        """Go on after a wait for a place, or give back what has been drawn."""
        course = self.course
        if got:
            self.work(stage)
            return
        if cost := course.costs[stage]:
            course.account.payments.append((course.clock.now, cost))
            self.tell(RETURNED, stage, cost)
            course.account.give(cost)
        self.end(CANCELLED, stage)

    def work(self, stage: int) -> None:
        """Work for the time that a stage takes."""
        course, years = self.course, self.years[stage]
        clock = course.clock
        now = clock.now
        clock.later(years, partial(self.finish, stage))
        # The years within the window: min and max in the plain, here where most of the time goes.
        first = now if now > clock.first else clock.first
        last = now + years if now + years < clock.last else clock.last
        counted = last - first if last > first else 0.0
        course.worked += counted
        if platform := course.platforms[stage]:
            platform.busy += counted
            self.tell(TOOK, stage)

    def finish(self, stage: int, _: simpy.Event) -> None:
        """Leave the platform, pass the gate or not, and enter what can start now."""
        course = self.course
        if platform := course.platforms[stage]:
            self.tell(LEFT, stage)
            platform.give(1)
        if self.ended:
            return  # by another branch
        if not self.passes[stage]:
            self.end(FAILED, stage)
            return
        course.record.passed[stage].append(course.clock.now)
        if course.logs:
            self.tell(PASSED, stage)
        self.to_pass -= 1
        if not self.to_pass:
            course.record.delivered.append(course.clock.now)
            self.end(DELIVERED)
        for follower in course.followers[stage]:
            self.before[follower] -= 1
            if not self.before[follower]:
                self.enter(follower)

    def end(self, how: str, stage: int = -1) -> None:
        """End, but once: a branch may fail, or have waited too long, after another has."""
        if not self.ended:
            self.ended = True
            self.course.record.ends[how] += 1
            self.tell(how, stage)

    def tell(self, what: str, stage: int = -1, amount: int = 0) -> None:
        """Put an event in the log, if there is one."""
        clock = self.course.clock
        if clock.log is not None:
            line = self.course.line
            name = line.stages[stage].name if stage >= 0 else ""
            clock.log.append(Event(clock.now, what, line.name, self.number, name, amount))
