"""Projects on their way: those that can wait hang on the clock, and the others are gone through at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import simpy

from .supplies import Account, Clock, Platform, total
from .works import (
    CANCELLED,
    DELIVERED,
    DREW,
    FAILED,
    LEFT,
    PASSED,
    RETURNED,
    RUNNING,
    STARTED,
    TOOK,
    WORK,
    Event,
    LineOutcome,
    Span,
    Work,
    is_free,
)


class Course:
    """What all projects of a line go through, and what became of them."""

    def __init__(self, clock: Clock, work: Work, account: Account, platforms: Mapping[str, Platform]) -> None:
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
            clock.later(begins, Project(self, number, years[number], passes[number]).start)

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
            clock.later(date, partial(Project(self, number, years, passes).arrive, until))

    def work(self, now: float, years: float, platform: Platform | None = None) -> None:
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
            record.spent[WORK] = total(self.worked)
        return record


class Project:
    """A project: what it goes through, where it stands, and what comes next."""

    __slots__ = ("before", "course", "ended", "number", "passes", "to_pass", "years")

    def __init__(self, course: Course, number: int, years: Sequence[float], passes: Sequence[bool]) -> None:
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
            course.account.wait(cost, 0, course.patience, course.record, self.after_money, stage)

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
            platform.wait(1, course.line.priority, course.patience, course.record, self.after_place, stage)

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
