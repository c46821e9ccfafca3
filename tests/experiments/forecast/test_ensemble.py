"""The ensemble: exact enough on the very draws that answer, and the same for each draw however many are asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.validation import numerics
from fiveyear.model import INDICATORS, InputError, simulate
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
        assert np.mean(apart > 1e-4) < 2e-3 and np.mean(apart > 1e-3) < 1e-4 and np.max(apart) < 2e-3, name


def test_some_draws_are_what_they_are_among_all(shipped: Callable[..., Ensemble]) -> None:
    whole, part = shipped("plan").inputs(0, 1000), shipped("plan").inputs(900, 930)
    fitted = {n: np.asarray(v) for n, v in part.parameters.items() if np.ndim(v)}
    assert fitted and all(np.array_equal(v, np.asarray(whole.parameters[n])[900:930]) for n, v in fitted.items())
    assert all(np.array_equal(v, whole.series[n][:, 900:930]) for n, v in part.series.items() if v.ndim == 2)


def test_no_scenario_changes_the_past(shipped: Callable[..., Ensemble]) -> None:
    plan, frozen = (shipped(n).run(200).dataset().sel(year=slice(None, 2010)) for n in ("plan", "frozen"))
    assert all(np.array_equal(plan[n].values, frozen[n].values, equal_nan=True) for n in INDICATORS)


@pytest.mark.parametrize("scenario", ["plan", "behavioural", "front_loaded_spend", "crisis_2012"])
def test_a_longer_run_is_the_same_to_the_bit_up_to_where_the_shorter_ends(
    scenario: str, shipped: Callable[..., Ensemble]
) -> None:
    short = shipped(scenario)
    longer = short.going_on(2020)
    here, there = short.run(40, ["knowledge", "gdp"]), longer.run(40, ["knowledge", "gdp"])
    for name, values in here.values.items():
        assert np.array_equal(values, there.values[name][:, :11], equal_nan=True), name
    assert there.values["gdp"].shape == (40, 16)
    assert np.array_equal(
        short.median_inputs().series["price_level"], longer.median_inputs().series["price_level"][:11]
    )


def test_years_after_the_plan_have_shocks_and_growth_of_their_own(shipped: Callable[..., Ensemble]) -> None:
    inputs = shipped("behavioural").going_on(2020).inputs(0, 4000)
    shocks, growth = inputs.series["propensity_surprise"], np.diff(np.log(inputs.series["gdp_real"]), axis=0)
    of_prior = shipped("behavioural").posterior.evidence.priors.surprises["propensity_surprise"]
    drifts = [shocks[6:11].mean(axis=0), shocks[11:].mean(axis=0)]
    # The next drift is what is retained of the one before it, and a new one.
    slope = np.cov(*drifts)[0, 1] / np.var(drifts[0])
    assert slope == pytest.approx(of_prior.retained, abs=0.1)
    assert np.abs(np.asarray(np.corrcoef(shocks[6:]))[np.triu_indices(10, 1)]).max() < 0.95
    assert np.abs(np.asarray(np.corrcoef(growth[5:]))[np.triu_indices(10, 1)]).max() < 0.95


@pytest.mark.parametrize("end", [2014, 2021])
def test_a_run_ends_no_sooner_than_the_plan_and_no_later_than_its_outlooks(
    end: int, shipped: Callable[..., Ensemble]
) -> None:
    with pytest.raises(InputError, match=f"found {end}, expected 2015 to 2020: the outlooks of the plan twelfth"):
        shipped("plan").going_on(end)
