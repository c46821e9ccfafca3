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

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np
import simpy

from .projects import Course
from .supplies import Account, Clock, Platform
from .works import Event, Outcome, Span, Work, is_free


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
    clock = Clock(end, window, log)
    platforms = {n: Platform(clock, n, capacity, n in roomy) for n, capacity in capacities.items()}
    # One for each programme: in a shared account, one large request in turn starves all others.
    accounts = {n: Account(clock, n, n in ample) for n in appropriations}
    budgets: dict[float, list[tuple[Account, int]]] = {}  # what all accounts get at a date
    for name, amounts in appropriations.items():
        for time, amount in amounts:
            budgets.setdefault(time, []).append((accounts[name], amount))
    for time, budget in budgets.items():
        clock.later(time, partial(_appropriate, budget))
    courses = [Course(clock, work, accounts[work.line.account], platforms) for work in works]
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


def _appropriate(budget: Sequence[tuple[Account, int]], _: simpy.Event) -> None:
    """Give accounts their money."""
    for account, amount in budget:
        account.appropriate(amount)
