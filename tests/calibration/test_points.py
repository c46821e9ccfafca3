"""Where facts are compared with a run: by places in arrays, held against hand calculations and differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.calibration.history import Rise
from fiveyear.calibration.points import Points
from fiveyear.calibration.posterior import Evidence, evidence
from fiveyear.model import Reading
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan

TOP, LOW = Reading("spending", "over the year"), Reading("output", "over the year")
OBSERVED = {"growth": (TOP, None), "level": (TOP, None), "multiple": (TOP, None), "share": (TOP, LOW)}
RISES = {"growth": Rise("level", "growth"), "multiple": Rise("level", "multiple")}


def points(known: Mapping[str, Evidence], facts: list[tuple[str, int]], start: int = 2005) -> Points:
    some = known["july2011"].problem().observations[0]
    observations = [replace(some, series=series, year=year) for series, year in facts]
    return Points(observations, OBSERVED, RISES, (LOW, TOP), start)


def of_a_run(draws: int, years: int = 12) -> Array:
    return np.random.default_rng(1).uniform(1.0, 2.0, (2, years, draws))


def test_each_fact_is_compared_with_its_readings_in_its_year(known: Mapping[str, Evidence]) -> None:
    one = points(known, [("growth", 2011), ("level", 2006), ("multiple", 2010), ("multiple", 2012), ("share", 2006)])
    low, top = values = of_a_run(3)
    growth = (top[6] / top[1]) ** 0.2 - 1.0
    expected = [growth, top[1], top[5] / top[0], top[7] / top[2], top[1] / low[1]]
    assert one.predicted(one.levels(values)) == pytest.approx(np.array(expected), rel=1e-14)


def test_slopes_of_facts_that_share_readings_add_up_to_those_of_differences(known: Mapping[str, Evidence]) -> None:
    # The level of 2010 stands in five facts: twice before a rise or as one, once under a share.
    facts = [("growth", 2010), ("growth", 2015), ("level", 2010), ("multiple", 2010), ("multiple", 2015)]
    one = points(known, [*facts, ("share", 2010), ("share", 2011)])
    values, weights = of_a_run(4), np.random.default_rng(2).standard_normal((7, 4))

    def number(at: Array) -> Array:
        return np.asarray(np.sum(weights * one.predicted(one.levels(at)), axis=0))

    found = one.slopes(values, one.levels(values), weights)
    for reading, year in np.ndindex(2, 12):
        shift = np.zeros_like(values)
        shift[reading, year] = 1e-6
        differences = (number(values + shift) - number(values - shift)) / 2e-6
        assert found[reading, year] == pytest.approx(differences, rel=1e-6, abs=1e-8)


def test_a_rise_from_before_the_run_is_not_known(known: Mapping[str, Evidence]) -> None:
    one = points(known, [("multiple", 2008), ("level", 2008)])
    predicted = one.predicted(one.levels(of_a_run(2)))
    assert np.isnan(predicted[0]).all()
    assert np.isfinite(predicted[1]).all()


def test_nothing_is_done_once_a_fact(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"of": 0, "slopes": 0}
    for name in calls:

        def counted(*given: Array, name: str = name, done: object = getattr(Rise, name)) -> object:
            calls[name] += 1
            assert callable(done)
            return done(*given)

        monkeypatch.setattr(Rise, name, counted)
    problem = evidence(plan, "plan-only").problem()
    assert sum(f.series in problem.rises for f in problem.observations) > 2
    problem.slopes(np.zeros((2, len(problem.names))))
    assert calls == {"of": 2, "slopes": 2}  # growth and multiples
    assert len(problem._points._turns) <= 3 < len(problem.observations)
