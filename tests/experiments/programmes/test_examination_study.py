"""Patent examination, application by application, beside the core's chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.programmes.examination import MEASURES, Course, course, differences, floor_effect, queues
from fiveyear.scenarios import load_scenario

DRAWS = 60


@cache
def of_plan() -> Course:
    return course(ensemble(load_scenario("plan"), None, 2011), DRAWS)


@pytest.mark.slow
def test_the_queue_is_within_one_per_cent_of_the_chain_where_the_floor_adds_little() -> None:
    of = of_plan()
    valid = floor_effect(of) < 0.01
    assert valid.sum() > DRAWS / 2
    found = differences(of, queues(of, 5, False, 2), valid)
    for name in MEASURES:
        for year, difference in found[name].items():
            assert abs(difference.percent) < 1.0 + 3.0 * difference.error, (name, year)
    oldest = differences(of, queues(of, 5, True, 2), valid)
    assert all(d.percent < -10.0 for d in oldest["backlog"].values())


def test_a_draw_has_the_same_queue_for_any_number_of_workers() -> None:
    of = of_plan().some(0, 12)
    one, two = (queues(of, 5, False, workers) for workers in (1, 2))
    last = queues(of.some(0, 11), 5, False, 1)
    for name in MEASURES:
        assert np.array_equal(one[name], two[name])
        assert np.array_equal(one[name][:11], last[name])


def test_the_chain_is_read_as_the_core_says() -> None:
    of = of_plan().some(0, 8)
    of_plan_alone = ensemble(load_scenario("plan"), None, 2011)
    core = of_plan_alone.run(8, ["backlog", "domestic_grants"], indicators=[]).dataset()
    chain = of.chain()
    assert np.allclose(chain["backlog"], core["backlog"].values, rtol=1e-6)
    assert np.allclose(chain["grants"], core["domestic_grants"].values, rtol=5e-3)  # shocks bend it within a year


@pytest.mark.slow
def test_the_command_gives_one_object(fiveyear: Callable[..., Any]) -> None:
    ended = fiveyear("programmes", "examination", "--draws", "40", "--workers", "1", "--json")
    assert ended.code == 0
    content = json.loads(ended.out)
    assert content["schema"] == "fiveyear.programmes-examination/1"
    assert set(content["groups"]["valid"]["measures"]) == set(MEASURES)


def test_draws_too_few_for_a_mean_are_said(fiveyear: Callable[..., Any]) -> None:
    ended = fiveyear("programmes", "examination", "--draws", "22", "--workers", "1")
    assert ended.code == 0
    few = int((floor_effect(of_plan().some(0, 22)) >= 0.01).sum())
    assert 0 < few < 20
    assert f"in some year: {few} draws; a mean takes 20, so give more --draws" in " ".join(ended.out.split())
    ended = fiveyear("programmes", "examination", "--draws", "22", "--workers", "1", "--json")
    groups = json.loads(ended.out)["groups"]
    assert (groups["valid"]["draws"], groups["floor"]["draws"]) == (22 - few, few)
    assert groups["floor"]["measures"] == {}
