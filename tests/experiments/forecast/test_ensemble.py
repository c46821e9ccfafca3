"""The ensemble: exact enough on the very draws that answer, and the same for each draw however many are asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.validation import numerics
from fiveyear.model import INDICATORS, simulate
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import load_scenario, scenario_names


@pytest.mark.parametrize(
    ("draws", "scenario"),
    [
        (1000, "plan"),
        *(pytest.param(20_000, n, marks=pytest.mark.slow) for n in scenario_names()),
    ],
)
def test_half_the_step_moves_no_indicator_of_the_last_year_by_a_ten_thousandth(draws: int, scenario: str) -> None:
    found = ensemble(load_scenario(scenario), None, 2011)
    wired, smooth = found.model.pruned(found.names), {n: i for n, i in found.indicators.items() if i.unit != "rank"}
    first, other = (
        simulate(wired, found.inputs(0, draws), smooth, step=step, engine=found.engine).values
        for step in (DEFAULT_STEP, DEFAULT_STEP / 2.0)
    )
    for name in smooth:
        apart = numerics.moved(name, first[name][:, -1], other[name][:, -1])
        # Where shocks of a year carry hiring over its kink, one draw in a thousand is farther off.
        assert np.mean(apart > 1e-4) < 2e-3 and np.max(apart) < 1e-3, name


def test_some_draws_are_what_they_are_among_all(shipped: Callable[..., Ensemble]) -> None:
    whole, part = shipped("plan").inputs(0, 1000), shipped("plan").inputs(900, 930)
    fitted = {n: np.asarray(v) for n, v in part.parameters.items() if np.ndim(v)}
    assert fitted and all(np.array_equal(v, np.asarray(whole.parameters[n])[900:930]) for n, v in fitted.items())
    assert all(np.array_equal(v, whole.series[n][:, 900:930]) for n, v in part.series.items() if v.ndim == 2)


def test_no_scenario_changes_the_past(shipped: Callable[..., Ensemble]) -> None:
    plan, frozen = (shipped(n).run(200).dataset().sel(year=slice(None, 2010)) for n in ("plan", "frozen"))
    assert all(np.array_equal(plan[n].values, frozen[n].values, equal_nan=True) for n in INDICATORS)
