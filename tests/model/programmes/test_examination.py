"""Examination as a queue, against the closed forms of Erlang's queues and of the continuous chain."""

from __future__ import annotations

import math
from itertools import repeat

import numpy as np
import pytest

from fiveyear.model.programmes.examination import Application, Decision, examine

CUSTOMERS = 60_000


def pace_of_one(_: float) -> float:
    return 1.0


def served(load: float, examiners: int, seed: int, oldest_first: bool = True) -> tuple[float, float]:
    """Give the mean time in the system and its standard error, by batch means, of a queue that serves at rate 1."""
    random = np.random.default_rng(seed)
    filed = np.cumsum(random.exponential(1.0 / (load * examiners), CUSTOMERS))
    applications = [Application(time) for time in filed.tolist()]
    picks = None if oldest_first else iter(random.random(2 * CUSTOMERS).tolist())
    demands = iter(random.exponential(1.0, 2 * CUSTOMERS).tolist())
    found = examine(applications, examiners, 1, pace_of_one, demands, picks, 0.0, float(filed[-1])).decisions
    waits = np.array([d.decided - d.application.filed for d in found])[5000:]
    batches = waits[: len(waits) // 50 * 50].reshape(50, -1).mean(axis=1)
    return float(waits.mean()), float(batches.std(ddof=1) / math.sqrt(50))


def erlang_c(load: float, servers: int) -> float:
    """Give the probability of a wait with Poisson arrivals and exponential service (Erlang 1917)."""
    offered = load * servers
    blocked = offered**servers / math.factorial(servers) / (1.0 - load)
    return blocked / (sum(offered**k / math.factorial(k) for k in range(servers)) + blocked)


@pytest.mark.slow
@pytest.mark.parametrize(("load", "examiners"), [(0.5, 1), (0.8, 1), (0.7, 3), (0.8, 5)])
@pytest.mark.parametrize("oldest_first", [True, False])
def test_time_in_the_system_is_that_of_erlangs_queues_in_any_order(
    load: float, examiners: int, oldest_first: bool
) -> None:
    mean, error = served(load, examiners, 11, oldest_first)
    expected = 1.0 + erlang_c(load, examiners) / (examiners * (1.0 - load))
    assert error < 0.06 * expected
    assert mean == pytest.approx(expected, abs=3.5 * error)


def test_erlangs_formula_for_one_server_is_that_of_its_load() -> None:
    assert erlang_c(0.8, 1) == pytest.approx(0.8)


def test_the_oldest_is_decided_first_and_in_random_order_it_need_not_be() -> None:
    applications = [Application(float(n)) for n in range(5)]
    picks = iter([0.99, 0.0, 0.99, 0.0, 0.0])
    orders = [
        [d.application.filed for d in examine(applications, 1, 1, pace_of_one, repeat(1.0), p, 10.0, 20.0).decisions]
        for p in (None, picks)
    ]
    assert orders[0] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert sorted(orders[1]) == orders[0] != orders[1]


def test_an_examination_takes_its_steps_less_those_behind_it() -> None:
    applications = [Application(0.0, 0, 2), Application(0.5, 1, 0)]
    found = examine(applications, 1, 3, lambda _: 2.0, repeat(1.0), None, 1.0, 9.0)
    assert found.decisions == [Decision(1.5, Application(0.0, 0, 3)), Decision(3.0, Application(0.5, 1, 3))]
    assert found.steps == [1.5, 2.0, 2.5, 3.0]


def test_an_idle_examiner_starts_on_what_is_filed_next() -> None:
    found = examine([Application(2.0), Application(2.5)], 2, 1, pace_of_one, repeat(1.0), None, 0.0, 9.0)
    assert [d.decided for d in found.decisions] == [3.0, 3.5]
