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

import gc
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

    ``begins``: (project,), years that rise; ``years``: (project, stage), how long each stage takes; ``passes``:
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
    events: int  # that SimPy has processed


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
    collects = gc.isenabled()
    gc.disable()  # some ten thousand objects that all live to the end: to look for cycles takes as long as the run
    try:
        run = _Run(capacities, list(appropriations), window, log)
        for account, amounts in appropriations.items():
            for time, amount in amounts:
                run.at(time, partial(run.appropriate, account, amount))
        for work in works:
            run.begin(work)
        run.clock.run(until=end)
        return run.outcome()
    finally:
        if collects:
            gc.enable()


class _Supply:
    """Money in an account, or places on a platform: taken at once if free, or else in turn."""

    def __init__(self, clock: simpy.Environment, free: int) -> None:
        self.clock, self.free = clock, free
        self.waiting: list[tuple[int, int, int, Callable[[bool], None]]] = []  # priority, order, amount, what to do
        self.asked = 0

    def ask(self, amount: int, priority: int, patience: float, then: Callable[[bool], None]) -> bool:
        """Take an amount and give True; or else have ``then`` told later if it was got, or patience has run out."""
        if amount <= self.free and not self.waiting:
            self.free -= amount
            return True
        self.asked += 1
        asked = priority, self.asked, amount, then
        insort(self.waiting, asked)
        simpy.Timeout(self.clock, patience).callbacks.append(lambda _: self.give_up(asked))
        return False

    def give(self, amount: int) -> None:
        """Put an amount in, and let those who wait have it."""
        self.free += amount
        self.serve()

    def serve(self) -> None:
        """Let those in turn have what they ask for, as far as it goes."""
        while self.waiting and self.waiting[0][2] <= self.free:
            _, _, amount, then = self.waiting.pop(0)
            self.free -= amount
            then(True)

    def give_up(self, asked: tuple[int, int, int, Callable[[bool], None]]) -> None:
        """End a wait, if it has not ended."""
        if asked in self.waiting:
            self.waiting.remove(asked)
            asked[3](False)
            self.serve()  # those behind a large request may fit


class _Run:
    """The clock, the accounts, the platforms and the projects of one run."""

    def __init__(
        self, capacities: Mapping[str, int], accounts: Sequence[str], window: Span, log: list[Event] | None
    ) -> None:
        self.clock = simpy.Environment()
        self.window = window
        self.log = log
        self.platforms = {n: _Supply(self.clock, c) for n, c in capacities.items()}
        # One a programme: in a shared one, one large request in turn starves all others.
        self.accounts = {n: _Supply(self.clock, 0) for n in accounts}
        self.payments: dict[str, list[tuple[float, int]]] = {n: [] for n in accounts}
        self.busy = dict.fromkeys(capacities, 0.0)
        self.lines: dict[str, LineOutcome] = {}
        self.projects: list[_Project] = []

    def at(self, time: float, what: Callable[[simpy.Event], None]) -> None:
        """Have something happen at a date."""
        simpy.Timeout(self.clock, time).callbacks.append(what)

    def appropriate(self, account: str, amount: int, _: simpy.Event) -> None:
        """Put money into an account."""
        self.payments[account].append((self.clock.now, amount))
        if self.log is not None:
            self.log.append(Event(self.clock.now, APPROPRIATED, account, -1, "", amount))
        self.accounts[account].give(amount)

    def begin(self, work: Work) -> None:
        """Have the projects of a line start, each at its date."""
        stages = work.line.stages
        self.lines[work.line.name] = LineOutcome([[] for _ in stages])
        followers = [[f for f, stage in enumerate(stages) if s in stage.after] for s in range(len(stages))]
        for number, time in enumerate(work.begins):
            self.at(time, _Project(self, work, number, followers).start)

    def outcome(self) -> Outcome:
        """Give what became of everything by now."""
        for project in self.projects:
            project.found.ends[project.status] += 1
            for stage in list(project.under_way):
                project.spend(stage)
        balance = {n: a.free for n, a in self.accounts.items()}
        events = next(self.clock._eid) - len(self.clock._queue)  # scheduled, less what is still to come
        return Outcome(self.lines, self.busy, self.payments, balance, events)


class _Project:
    """A project: what it goes through, where it stands, and what comes next."""

    __slots__ = ("account", "before", "followers", "found", "number", "passes", "run", "status", "to_pass", "under_way",
                 "work", "years")  # fmt: skip

    def __init__(self, run: _Run, work: Work, number: int, followers: Sequence[Sequence[int]]) -> None:
        self.run, self.work, self.number, self.followers = run, work, number, followers
        self.years, self.passes = work.years[number], work.passes[number]
        self.found = run.lines[work.line.name]
        self.account = run.accounts[work.line.account]
        self.status = RUNNING
        self.to_pass = len(followers)
        self.before = [len(stage.after) for stage in work.line.stages]  # stages still to pass before each
        self.under_way: dict[int, tuple[str, float]] = {}  # of stages: what time is spent on, and since when

    def start(self, _: simpy.Event) -> None:
        """Start, with every stage that has none before it."""
        self.run.projects.append(self)
        self.tell(STARTED)
        for stage, before in enumerate(self.before):
            if not before:
                self.enter(stage)

    def enter(self, stage: int) -> None:
        """Ask for the money that a stage costs."""
        cost = self.work.costs[stage]
        if not cost:
            self.move_in(stage)
        elif self.account.ask(cost, 0, self.work.patience, partial(self.after_money, stage)):
            self.draw(stage)
        else:
            self.under_way[stage] = self.work.line.account, self.run.clock.now

    def after_money(self, stage: int, got: bool) -> None:
        """Go on after a wait for money, or not."""
        self.spend(stage)
        if got:
            self.draw(stage)
        else:
            self.end(CANCELLED, stage)

    def draw(self, stage: int) -> None:
        """Put on record what has been drawn."""
        cost = self.work.costs[stage]
        self.run.payments[self.work.line.account].append((self.run.clock.now, -cost))
        self.tell(DREW, stage, cost)
        self.move_in(stage)

    def move_in(self, stage: int) -> None:
        """Ask for a place on the platform that a stage needs."""
        line = self.work.line
        platform = line.stages[stage].platform
        if not platform or self.run.platforms[platform].ask(
            1, line.priority, self.work.patience, partial(self.after_place, stage)
        ):
            self.work_on(stage)
        else:
            self.under_way[stage] = platform, self.run.clock.now

    def after_place(self, stage: int, got: bool) -> None:
        """Go on after a wait for a place, or give back what has been drawn."""
        self.spend(stage)
        if got:
            self.work_on(stage)
            return
        if cost := self.work.costs[stage]:
            self.run.payments[self.work.line.account].append((self.run.clock.now, cost))
            self.tell(RETURNED, stage, cost)
            self.account.give(cost)
        self.end(CANCELLED, stage)

    def work_on(self, stage: int) -> None:
        """Work for the time that a stage takes."""
        clock = self.run.clock
        if self.work.line.stages[stage].platform:
            self.tell(TOOK, stage)
        self.under_way[stage] = WORK, clock.now
        simpy.Timeout(clock, self.years[stage]).callbacks.append(partial(self.worked, stage))

    def worked(self, stage: int, _: simpy.Event) -> None:
        """Leave the platform, pass the gate or not, and enter what can start now."""
        self.spend(stage)
        if platform := self.work.line.stages[stage].platform:
            self.tell(LEFT, stage)
            self.run.platforms[platform].give(1)
        if self.status is not RUNNING:
            return  # another branch has ended it
        if not self.passes[stage]:
            self.end(FAILED, stage)
            return
        self.found.passed[stage].append(self.run.clock.now)
        self.tell(PASSED, stage)
        self.to_pass -= 1
        if not self.to_pass:
            self.found.delivered.append(self.run.clock.now)
            self.end(DELIVERED)
        for follower in self.followers[stage]:
            self.before[follower] -= 1
            if not self.before[follower]:
                self.enter(follower)

    def spend(self, stage: int) -> None:
        """Put on record the time within the window that a stage has spent on one thing by now."""
        what, since = self.under_way.pop(stage)
        first, last = self.run.window
        years = min(self.run.clock.now, last) - max(since, first)
        if years > 0.0:
            spent = self.found.spent
            spent[what] = spent.get(what, 0.0) + years
            if what is WORK and (platform := self.work.line.stages[stage].platform):
                self.run.busy[platform] += years

    def end(self, how: str, stage: int = -1) -> None:
        """End, but once: a branch may fail, or have waited too long, after another has."""
        if self.status is RUNNING:
            self.status = how
            self.tell(how, stage)

    def tell(self, what: str, stage: int = -1, amount: int = 0) -> None:
        """Put an event in the log, if there is one."""
        if self.run.log is not None:
            name = self.work.line.stages[stage].name if stage >= 0 else ""
            self.run.log.append(Event(self.run.clock.now, what, self.work.line.name, self.number, name, amount))
