"""The portfolio: the same rules written with SimPy's processes, closed forms, and conservation at every event."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest
import simpy

from fiveyear.model.programmes.portfolio import never_full, never_short, simulate
from fiveyear.model.programmes.works import (  # fmt: skip
    APPROPRIATED,
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
    Line,
    Outcome,
    Stage,
    Work,
)

END = 12.0
Appropriations = dict[str, list[tuple[float, int]]]


def run(
    works: Sequence[Work], capacities: Mapping[str, int] | None = None, money: Appropriations | None = None
) -> tuple[Outcome, list[Event]]:
    log: list[Event] = []
    return simulate(works, capacities or {}, money or {"a": []}, END, (0.0, END), log), log


def chain(
    *years: float, cost: int = 0, platform: str = "", name: str = "l", priority: int = 1
) -> tuple[Line, list[int]]:
    stages = tuple(Stage(f"s{n}", (n - 1,) if n else (), platform) for n in range(len(years)))
    return Line(name, "a", stages, priority), [cost] * len(years)


def one(years: Sequence[float], begins: Sequence[float] = (1.0,), patience: float = 9.0, **how: Any) -> Work:
    line, costs = chain(*years, **how)
    return Work(line, begins, [list(years)] * len(begins), [[True] * len(years)] * len(begins), costs, patience)


# -- the same rules with what SimPy offers ------------------------------------------------------------------
def with_processes(works: Sequence[Work], capacities: Mapping[str, int], money: Appropriations) -> list[Event]:
    """Run a portfolio on SimPy's processes, containers and priority resources, and give its log."""
    environment = simpy.Environment()
    log: list[Event] = []
    platforms = {n: simpy.PriorityResource(environment, c) for n, c in capacities.items()}
    accounts = {n: simpy.Container(environment) for n in money}

    def appropriate(account: str, time: float, amount: int) -> Generator[simpy.Event]:
        yield environment.timeout(time)
        log.append(Event(time, APPROPRIATED, account, -1, "", amount))
        accounts[account].put(amount)

    def project(work: Work, number: int) -> Generator[simpy.Event]:
        line = work.line
        yield environment.timeout(work.begins[number])
        alive = [True]

        def tell(what: str, stage: int = -1, amount: int = 0) -> None:
            name = line.stages[stage].name if stage >= 0 else ""
            log.append(Event(environment.now, what, line.name, number, name, amount))

        def end(how: str, stage: int = -1) -> None:
            if alive[0]:
                alive[0] = False
                tell(how, stage)

        def go(stage: int, before: list[simpy.Event]) -> Generator[simpy.Event]:
            yield environment.all_of(before)
            if not alive[0]:
                return
            cost, platform = work.costs[stage], line.stages[stage].platform
            if cost:
                account = accounts[line.account]
                got = account.get(cost)
                yield got | environment.timeout(work.patience)
                if not got.triggered:
                    got.cancel()
                    account._trigger_get(
                        None
                    )  # those behind it, which SimPy itself looks at with the next payment only
                    end(CANCELLED, stage)
                    return
                tell(DREW, stage, cost)
            if platform:
                place = platforms[platform].request(line.priority)
                yield place | environment.timeout(work.patience)
                if not place.triggered:
                    place.cancel()
                    if cost:
                        tell(RETURNED, stage, cost)
                        accounts[line.account].put(cost)
                    end(CANCELLED, stage)
                    return
                tell(TOOK, stage)
            yield environment.timeout(work.years[number][stage])
            if platform:
                tell(LEFT, stage)
                platforms[platform].release(place)
            if alive != [True]:
                return
            if not work.passes[number][stage]:
                end(FAILED, stage)
                return
            tell(PASSED, stage)
            passed[stage].succeed()
            if all(event.triggered for event in passed):
                end(DELIVERED)

        tell(STARTED)
        passed = [environment.event() for _ in line.stages]
        for stage in range(len(line.stages)):
            environment.process(go(stage, [passed[s] for s in line.stages[stage].after]))

    for account, amounts in money.items():
        for time, amount in amounts:
            environment.process(appropriate(account, time, amount))
    for work in works:
        for number in range(len(work.begins)):
            environment.process(project(work, number))
    environment.run(until=END)
    return log


def crowded(seed: int) -> tuple[list[Work], dict[str, int], Appropriations]:
    """Give a portfolio in which money and places are short, some lines branch, and some projects fail."""
    rng = random.Random(seed)
    works = []
    for n in range(6):
        branches = (Stage("s0"), Stage("s1", (0,), "p"), Stage("s2", (0,), "q"), Stage("s3", (1, 2), "p"))
        straight = (Stage("s0", (), "p"), Stage("s1", (0,), rng.choice(["", "q"])), Stage("s2", (1,), "p"))
        stages = branches if n % 2 else straight
        count = rng.randint(1, 12)
        works.append(
            Work(
                Line(f"l{n}", rng.choice("ab"), stages, rng.randint(1, 3)),
                sorted(rng.uniform(0.0, 8.0) for _ in range(count)),
                [[rng.lognormvariate(0.0, 0.5) for _ in stages] for _ in range(count)],
                [[rng.random() < 0.85 for _ in stages] for _ in range(count)],
                [rng.choice([0, 7, 30]) for _ in stages],
                rng.uniform(0.3, 3.0),
            )
        )
    money = {a: [(float(y), rng.randint(1, 60)) for y in range(15)] for a in "ab"}
    return works, {"p": rng.randint(1, 5), "q": rng.randint(1, 3)}, money


SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_events_are_those_of_simpys_own_processes_containers_and_resources(seed: int) -> None:
    works, capacities, money = crowded(seed)
    log: list[Event] = []
    simulate(works, capacities, money, END, (0.0, END), log)
    assert ordered(log) == ordered(with_processes(works, capacities, money))


def ordered(log: list[Event]) -> list[Event]:
    """Give a log in an order of its own: where two branches have waited too long at once, either may be told first."""
    return sorted(event._replace(stage="") if event.what == CANCELLED else event for event in log)


def test_the_crowded_portfolios_hold_every_kind_of_event_and_of_end() -> None:
    told: set[str] = set()
    ends: Counter[str] = Counter()
    for seed in SEEDS:
        outcome, log = run(*crowded(seed))
        told |= {event.what for event in log}
        ends += sum((o.ends for o in outcome.lines.values()), Counter())
    assert told == {APPROPRIATED, CANCELLED, DELIVERED, DREW, FAILED, LEFT, PASSED, RETURNED, STARTED, TOOK}
    assert set(ends) == {DELIVERED, FAILED, CANCELLED, RUNNING}


# -- off the clock ------------------------------------------------------------------------------------------
def eased(seed: int) -> tuple[list[Work], dict[str, int], Appropriations]:
    """Give a portfolio of which one account may have plenty and one platform much room, with rows of stages alone."""
    works, capacities, money = crowded(seed)
    rng = random.Random(seed)
    plenty = {a: [(date, amount * rng.choice([1, 30])) for date, amount in amounts] for a, amounts in money.items()}
    return works[::2] if seed % 3 else works, {**capacities, "q": capacities["q"] * 3, "p": capacities["p"] * 3}, plenty


def unhindered(
    works: Sequence[Work], capacities: Mapping[str, int], money: Appropriations
) -> tuple[set[str], set[str]]:
    """Give the accounts that are never short and the platforms that are never full."""
    ample = {a for a in money if never_short([w for w in works if w.line.account == a], money[a], END)}
    return ample, never_full(works, capacities, ample, END)


@pytest.mark.parametrize("seed", range(60))
def test_what_never_waits_ends_off_the_clock_as_on_that_of_simpys_own_processes(seed: int) -> None:
    works, capacities, money = eased(seed)
    ample, roomy = unhindered(works, capacities, money)
    outcome = simulate(works, capacities, money, END, (0.0, END), None, ample, roomy)
    log = with_processes(works, capacities, money)
    for work in works:
        of_line = [event for event in log if event.line == work.line.name]
        found = outcome.lines[work.line.name]
        for stage, passed in zip(work.line.stages, found.passed, strict=True):
            assert passed == [e.time for e in of_line if e.what == PASSED and e.stage == stage.name]
        assert found.delivered == [e.time for e in of_line if e.what == DELIVERED]
        ended = Counter(e.what for e in of_line if e.what in (DELIVERED, FAILED, CANCELLED))
        running = sum(e.what == STARTED for e in of_line) - ended.total()
        assert found.ends == ended + Counter({RUNNING: running})
    for account in money:
        names = [work.line.name for work in works if work.line.account == account]
        paid = [(e.time, -e.amount if e.what == DREW else e.amount) for e in log if e.line in names and e.amount]
        paid += [(e.time, e.amount) for e in log if e.line == account]
        assert sorted(outcome.payments[account]) == sorted(paid)
        assert outcome.balance[account] == sum(amount for _, amount in paid)
    taken = {(e.line, e.project, e.stage): e.time for e in log if e.what == TOOK}
    left = {(e.line, e.project, e.stage): e.time for e in log if e.what == LEFT}
    for platform in capacities:
        stages = {(w.line.name, s.name) for w in works for s in w.line.stages if s.platform == platform}
        years = sum(left.get(key, END) - time for key, time in taken.items() if (key[0], key[2]) in stages)
        assert outcome.busy[platform] == pytest.approx(years)


def test_the_eased_portfolios_hold_every_kind_of_account_and_platform() -> None:
    kinds = Counter[tuple[str, bool]]()
    for seed in range(60):
        works, capacities, money = eased(seed)
        ample, roomy = unhindered(works, capacities, money)
        kinds += Counter(("account", a in ample) for a in money) + Counter(("platform", p in roomy) for p in capacities)
    assert len(kinds) == 4
    assert min(kinds.values()) >= 10


def test_the_clock_ticks_for_nothing_that_cannot_wait() -> None:
    works, money = [one((1.0, 2.0), begins=[0.5] * 20, cost=5, platform="p")], {"a": [(0.0, 200)]}
    by_hand = {"lines": 20, "money": 1, "stages": 2 * 20}
    events = {
        (ample, roomy): simulate(works, {"p": 20}, money, END, (0.0, END), None, ample, roomy).events
        for ample in ("", "a")
        for roomy in ("", "p")
    }
    assert events["", ""] == events["", "p"] == sum(by_hand.values())
    assert events["a", ""] == sum(by_hand.values())  # to the platform, and at its ends
    assert events["a", "p"] == by_hand["money"]


def test_an_account_is_never_short_if_it_has_by_then_what_is_asked_for_at_the_soonest() -> None:
    work = one((1.0, 1.0), begins=[0.5, 0.5], cost=10)  # 20 at 0.5, and 20 at 1.5
    assert never_short([work], [(0.0, 20), (1.5, 20)], END)
    assert not never_short([work], [(0.0, 20), (1.6, 20)], END)
    assert not never_short([work], [(0.0, 19), (1.5, 99)], END)
    assert never_short([work], [(0.0, 20)], 1.5)  # the end comes first
    branches = Line("l", "a", (Stage("a"), Stage("b"), Stage("c", (0, 1))))
    assert not never_short([Work(branches, [0.0], [[1.0] * 3], [[True] * 3], [1] * 3, 1.0)], [(0.0, 99)], END)


def test_a_platform_is_never_full_if_it_has_room_for_those_who_come_unhindered() -> None:
    work = one((2.0,), begins=[0.0, 1.0, 3.0], cost=1, platform="p")  # two at once, from 1 to 2, and one from 3 to 5
    assert never_full([work], {"p": 2}, {"a"}, END) == {"p"}
    assert never_full([work], {"p": 1}, {"a"}, END) == set()
    assert never_full([work], {"p": 1}, {"a"}, 1.0) == {"p"}  # the second comes after the end
    assert never_full([work], {"p": 2}, set(), END) == set()  # waits for money may bring them together
    first = one((2.0,), begins=[0.0, 0.0], platform="q", name="first")
    both = Work(
        Line("both", "a", (Stage("s", (), "q"), Stage("t", (0,), "p"))), [0.0], [[1.0, 1.0]], [[True] * 2], [0, 0], 9.0
    )
    assert never_full([first, both], {"p": 1, "q": 2}, set(), END) == set()  # q is full, and delays what comes to p
    assert never_full([first, both], {"p": 1, "q": 3}, set(), END) == {"p", "q"}


# -- conservation -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", SEEDS)
def test_every_project_ends_once_and_every_unit_of_money_is_drawn_or_left(seed: int) -> None:
    works, capacities, money = crowded(seed)
    outcome, log = run(works, capacities, money)
    for work in works:
        of_line = [event for event in log if event.line == work.line.name]
        started = sum(event.what == STARTED for event in of_line)
        ended = Counter(event.what for event in of_line if event.what in (DELIVERED, FAILED, CANCELLED))
        ends = outcome.lines[work.line.name].ends
        assert started == len(work.begins) == sum(ends.values())
        assert {how: n for how, n in ends.items() if how != RUNNING and n} == dict(ended)
    for account in money:
        names = [work.line.name for work in works if work.line.account == account]
        drawn = sum(e.amount for e in log if e.what == DREW and e.line in names)
        returned = sum(e.amount for e in log if e.what == RETURNED and e.line in names)
        appropriated = sum(e.amount for e in log if e.what == APPROPRIATED and e.line == account)
        assert drawn - returned == appropriated - outcome.balance[account]
        assert outcome.balance[account] == sum(amount for _, amount in outcome.payments[account])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_platform_is_over_its_capacity_and_no_account_below_zero_at_any_event(seed: int) -> None:
    works, capacities, money = crowded(seed)
    _, log = run(works, capacities, money)
    platform_of = {(w.line.name, s.name): s.platform for w in works for s in w.line.stages}
    account_of = {w.line.name: w.line.account for w in works}
    taken: dict[str, int] = defaultdict(int)
    level: dict[str, int] = defaultdict(int)
    assert [event.time for event in log] == sorted(event.time for event in log)
    for event in log:
        if event.what in (TOOK, LEFT):
            platform = platform_of[event.line, event.stage]
            taken[platform] += 1 if event.what == TOOK else -1
            assert 0 <= taken[platform] <= capacities[platform]
        elif event.amount:
            account = event.line if event.what == APPROPRIATED else account_of[event.line]
            level[account] += -event.amount if event.what == DREW else event.amount
            assert level[account] >= 0


# -- what can be worked out by hand -------------------------------------------------------------------------
def test_a_project_that_nothing_holds_up_arrives_after_the_years_of_its_stages() -> None:
    outcome, _ = run([one((1.5, 2.5))])
    assert outcome.lines["l"].passed == [[2.5], [5.0]]
    assert outcome.lines["l"].delivered == [5.0]
    assert outcome.lines["l"].spent == {WORK: 4.0}


def test_a_stage_waits_for_the_longer_of_two_branches() -> None:
    stages = (Stage("a"), Stage("b", (0,)), Stage("c", (0,)), Stage("d", (1, 2)))
    work = Work(Line("l", "a", stages), [1.0], [[1.0, 2.0, 5.0, 0.5]], [[True] * 4], [0] * 4, 1.0)
    outcome, _ = run([work])
    assert outcome.lines["l"].delivered == [7.5]


def test_projects_of_priority_pass_others_in_the_queue_and_not_those_at_work() -> None:
    low = one((2.0,), begins=[0.0, 0.1, 0.2], platform="p", name="low", priority=2)
    high = one((2.0,), begins=[0.3], platform="p", name="high", priority=1)
    outcome, _ = run([low, high], {"p": 1})
    assert outcome.lines["high"].delivered == [4.0]
    assert outcome.lines["low"].delivered == [2.0, 6.0, 8.0]


def test_projects_without_money_wait_for_the_next_year_in_the_order_in_which_they_asked() -> None:
    work = one((1.0,), begins=[0.5, 0.6, 0.7], cost=10)
    outcome, _ = run([work], money={"a": [(0.0, 10), (1.0, 10), (2.0, 10)]})
    assert outcome.lines["l"].delivered == [1.5, 2.0, 3.0]
    assert outcome.lines["l"].spent == pytest.approx({WORK: 3.0, "a": 0.4 + 1.3})


def test_a_project_that_has_waited_too_long_for_a_place_gives_its_money_back() -> None:
    first = one((5.0,), begins=[0.0], platform="p", cost=10)
    second = one((5.0,), begins=[0.5], platform="p", cost=10, patience=1.0, name="late")
    outcome, log = run([first, second], {"p": 1}, {"a": [(0.0, 25)]})
    assert outcome.lines["late"].ends == {CANCELLED: 1}
    assert outcome.balance == {"a": 15}
    assert Event(1.5, RETURNED, "late", 0, "s0", 10) in log


def test_one_programme_that_is_short_of_money_does_not_hold_up_another() -> None:
    rich = one((1.0,), begins=[0.5], cost=10)
    line, costs = chain(1.0, cost=1000, name="poor")
    poor = Work(Line("poor", "b", line.stages), [0.1], [[1.0]], [[True]], costs, 99.0)
    outcome, _ = run([poor, rich], money={"a": [(0.0, 10)], "b": [(0.0, 10)]})
    assert outcome.lines["l"].delivered == [1.5]
    assert outcome.lines["poor"].ends == {RUNNING: 1}


def test_only_years_within_the_window_are_counted() -> None:
    outcome = simulate([one((4.0,), begins=[1.0], platform="p")], {"p": 1}, {"a": []}, END, (2.0, 4.0))
    assert outcome.lines["l"].spent == {WORK: 2.0}
    assert outcome.busy == {"p": 2.0}


def test_a_project_that_fails_on_one_branch_ends_there_and_then_and_the_other_stage_is_finished() -> None:
    stages = (Stage("a"), Stage("b", (), "p"), Stage("c", (0, 1)))
    work = Work(Line("l", "a", stages), [0.0], [[1.0, 3.0, 1.0]], [[False, True, True]], [0] * 3, 1.0)
    outcome, log = run([work], {"p": 1})
    assert [(e.time, e.what) for e in log] == [(0.0, STARTED), (0.0, TOOK), (1.0, FAILED), (3.0, LEFT)]
    assert outcome.lines["l"].ends == {FAILED: 1}
