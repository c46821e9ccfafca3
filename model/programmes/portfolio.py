"""Programmes as discrete events: projects pass stages and gates, wait for money and for platforms, and arrive, or not.

A project starts a stage once the stages before it are passed. It draws the stage's cost from its programme's account,
takes a place on the platform that the stage needs, and works for the time that the stage takes; at the end the place is
free again, and the gate says if the project goes on. A project that waits longer than its patience is cancelled, and
what it has drawn for that stage goes back. Nothing here is random: every number is given, so that the same numbers give
the same events.

Projects hang on SimPy's clock by callbacks, and what is free is taken without an event. Nor does the clock need to tick
where nothing can be waited for: stages without a platform, paid for from an account that can never be short, are gone
through at once, with the same dates. A log has every event in its order, so that with one all is on the clock. The same
rules, written with SimPy's processes, containers and resources, are in the tests, and give the same events.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import simpy

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


def simulate(
    works: Sequence[Work],
    capacities: Mapping[str, int],
    appropriations: Mapping[str, Sequence[tuple[float, int]]],
    end: float,
    window: Span,
    log: list[Event] | None = None,
    ample: Collection[str] = (),
    roomy: Collection[str] = (),
) -> Outcome:
    """Let the projects of all lines run until ``end``, and give what became of them.

    Parameters
    ----------
    capacities : of each platform, the projects that it takes at once
    appropriations : of each account, when it gets how much money
    window : from when to when the years are counted that projects spend, and places are taken
    log : where every event is put, in the order in which it happens
    ample : accounts that are known to be never short (``never_short``)
    roomy : platforms that are known to be never full (``never_full``)
    """
    clock = _Clock(end, window, log)
    platforms = {n: _Platform(clock, n, capacity, n in roomy) for n, capacity in capacities.items()}
    # One for each programme: in a shared account, one large request in turn starves all others.
    accounts = {n: _Account(clock, n, n in ample) for n in appropriations}
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
        {n: platform.busy() for n, platform in platforms.items()},
        {n: account.in_order() for n, account in accounts.items()},
        {n: account.free - account.drawn_ahead for n, account in accounts.items()},
        clock.events,
    )


def never_short(works: Sequence[Work], appropriations: Sequence[tuple[float, int]], end: float) -> bool:
    """Say if an account has, at any date before the end, all that its lines can have asked for by then.

    They ask for the most the soonest if nothing holds them up: a wait makes what follows it later, or cancels it. That
    is so of stages in a row; on branches, what comes late may go on where it would have been stopped, and the answer is
    no.

    Parameters
    ----------
    works : of all lines that the account pays for
    appropriations : when it gets how much money
    """
    costly = [work for work in works if any(work.costs)]
    if not all(work.line.is_straight for work in costly):
        return False
    dates = [np.array([date for date, _ in appropriations])]  # before what is drawn at the same date
    amounts = [np.array([amount for _, amount in appropriations], dtype=np.int64)]
    for work in costly:
        asks = work.reached[:, :-1] & (work.dates[:, :-1] < end) & (np.array(work.costs) > 0)
        dates.append(work.dates[:, :-1][asks])
        amounts.append(np.broadcast_to(np.negative(work.costs), asks.shape)[asks])
    in_order = np.argsort(np.concatenate(dates), kind="stable")
    return bool(np.all(np.cumsum(np.concatenate(amounts)[in_order]) >= 0))


def never_full(works: Sequence[Work], capacities: Mapping[str, int], ample: Collection[str], end: float) -> set[str]:
    """Give the platforms that are never full before the end, whatever their projects do elsewhere.

    Those are the ones that projects come to unhindered, by the rows of stages and money of all their lines and the
    platforms before, and that have room for all of these whenever one enters.

    Parameters
    ----------
    works : of all lines
    capacities : of each platform, the projects that it takes at once
    ample : accounts that are never short
    """
    users: dict[str, list[tuple[Work, int]]] = {}
    for work in works:
        for place, stage in enumerate(work.line.stages):
            if stage.platform:
                users.setdefault(stage.platform, []).append((work, place))
    roomy = set()
    for platform, of in users.items():
        if not all(is_free(work, work.line.account in ample) for work, _ in of):
            continue
        enters = [work.reached[:, place] & (work.dates[:, place] < end) for work, place in of]
        taken = [work.dates[some, place] for some, (work, place) in zip(enters, of, strict=True)]
        left = [work.dates[some, place + 1] for some, (work, place) in zip(enters, of, strict=True)]
        dates = np.sort(np.concatenate(taken))
        before = np.searchsorted(np.sort(np.concatenate(left)), dates)  # who leaves at the same date is still there
        if np.all(np.arange(1, len(dates) + 1) - before <= capacities[platform]):
            roomy.add(platform)
    while late := {
        platform
        for platform in roomy
        for work, place in users[platform]
        if any(stage.platform and stage.platform not in roomy for stage in work.line.stages[:place])
    }:
        roomy -= late
    return roomy


def is_free(work: Work, is_ample: bool) -> bool:
    """Say if a line's projects can wait for platforms alone: all that it costs is there, and stages stand in a row."""
    return work.line.is_straight and (is_ample or not any(work.costs))


def _total(spans: list[Span]) -> float:
    """Give the years of spans, (begin, years), added up in the order in which they begin: the same to the last bit."""
    total = 0.0
    for _, years in sorted(spans, key=itemgetter(0)):
        total += years
    return total


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
        self.clock.later(course.patience, partial(self.give_up, wait))

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


class _Account(_Supply):
    """The money of a programme, and every payment."""

    def __init__(self, clock: _Clock, name: str, ample: bool) -> None:
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


class _Platform(_Supply):
    """The places of a platform, and the years within the window that they were taken."""

    def __init__(self, clock: _Clock, name: str, capacity: int, roomy: bool) -> None:
        super().__init__(clock, name, capacity)
        self.roomy = roomy
        self.taken: list[Span] = []  # when places were taken, and the years of it within the window

    def busy(self) -> float:
        """Give the years within the window that places were taken."""
        return _total(self.taken)


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
        self.started = 0
        self.worked: list[Span] = []  # when projects began to work, and the years of it within the window
        # In a row that is always paid for, projects wait for crowded platforms alone; after the last, for nothing.
        self.free = not self.logs and is_free(work, account.ample)
        crowded = [s for s, platform in enumerate(self.platforms) if platform and not (self.free and platform.roomy)]
        self.last_platform = max(crowded, default=-1)
        if self.free:
            self.all_ahead(work, min(crowded, default=len(stages)))
            return
        years, passes = np.asarray(work.years).tolist(), np.asarray(work.passes).tolist()
        for number, begins in enumerate(np.asarray(work.begins).tolist()):
            clock.later(begins, _Project(self, number, years[number], passes[number]).start)

    def all_ahead(self, work: Work, until: int) -> None:
        """Put on record what becomes of projects before they can wait for anything, at a stage, or never.

        Those that come so far are handed to the clock, which stands at 0: the delay to a date is that date, to the last
        bit.
        """
        record, account, clock = self.record, self.account, self.clock
        in_time = work.dates < clock.end
        reached = work.reached & in_time
        self.started = int(reached[:, 0].sum())
        failed = reached[:, :until] & in_time[:, 1 : until + 1] & ~reached[:, 1 : until + 1]
        if failed.any():
            record.ends[FAILED] = int(failed.sum())
        first, last = np.maximum(work.dates, clock.first), np.minimum(work.dates, clock.last)
        for stage in range(until):
            enters = reached[:, stage]
            dates = work.dates[enters, stage].tolist()
            if cost := work.costs[stage]:
                account.payments += [(date, -cost) for date in dates]
                account.drawn_ahead += cost * len(dates)
            passes = reached[:, stage + 1]
            record.passed[stage] = work.dates[passes, stage + 1].tolist()
            years = (last[enters, stage + 1] - first[enters, stage]).tolist()
            spans = [span for span in zip(dates, years, strict=True) if span[1] > 0.0]
            self.worked += spans
            if platform := self.platforms[stage]:
                platform.taken += spans
        if until == len(work.costs):
            record.delivered = record.passed[-1].copy()
            if record.delivered:
                record.ends[DELIVERED] = len(record.delivered)
            return
        stays = np.flatnonzero(reached[:, until])
        goes_on = zip(
            work.dates[stays, until].tolist(),
            np.asarray(work.years)[stays].tolist(),
            np.asarray(work.passes)[stays].tolist(),
            strict=True,
        )
        for number, (date, years, passes) in zip(stays.tolist(), goes_on, strict=True):
            clock.later(date, partial(_Project(self, number, years, passes).arrive, until))

    def work(self, now: float, years: float, platform: _Platform | None = None) -> None:
        """Put on record the years of work within the window, and of a place that it takes."""
        clock, until = self.clock, now + years
        # min and max in the plain, here where most of the time goes.
        first = now if now > clock.first else clock.first
        last = until if until < clock.last else clock.last
        if last > first:
            span = (now, last - first)
            self.worked.append(span)
            if platform:
                platform.taken.append(span)

    def outcome(self) -> LineOutcome:
        """Give what became of the projects by the end."""
        record = self.record
        if self.free:  # the clock has not put it in order
            record.delivered.sort()
            for dates in record.passed:
                dates.sort()
        if running := self.started - record.ends.total():
            record.ends[RUNNING] = running
        if self.worked:
            record.spent[WORK] = _total(self.worked)
        return record


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

    def ahead(self, stage: int, now: float) -> None:
        """Go through the last stages, at which nothing can be waited for."""
        course = self.course
        end, account, record = course.clock.end, course.account, course.record
        for place in range(stage, len(self.years)):
            if cost := course.costs[place]:
                account.payments.append((now, -cost))
                account.drawn_ahead += cost
            years = self.years[place]
            course.work(now, years)
            now += years
            if now >= end:
                return
            if not self.passes[place]:
                record.ends[FAILED] += 1
                return
            record.passed[place].append(now)
        record.delivered.append(now)
        record.ends[DELIVERED] += 1

    def arrive(self, stage: int, _: simpy.Event) -> None:
        """Enter the first stage that needs a platform."""
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
        clock.later(years, partial(self.finish, stage))
        platform = course.platforms[stage]
        course.work(clock.now, years, platform)
        if platform and course.logs:
            self.tell(TOOK, stage)

    def finish(self, stage: int, _: simpy.Event) -> None:
        """Leave the platform, pass the gate or not, and enter what can start now."""
        course = self.course
        if platform := course.platforms[stage]:
            if course.logs:
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
        if course.free and stage == course.last_platform:
            self.ahead(stage + 1, course.clock.now)
            return
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
