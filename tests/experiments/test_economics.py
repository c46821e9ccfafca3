"""Probabilities respond as economics says, on common random numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from fiveyear import model
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.validation import behaviour
from fiveyear.experiments.validation.behaviour import CLOSING
from fiveyear.model import Inputs
from fiveyear.scenarios import load_plan, load_scenario, scenario_names

WHOLE = load_plan("twelfth").model

DRAWS = 400


def chance(found: Reach, indicator: str) -> float:
    (finding,) = [o for o in found.findings if o.target.indicator == indicator]
    assert finding.probability is not None
    return finding.probability.value


def run(one: Ensemble, *keep: str, cuts: tuple[str, ...] = (), inputs: Inputs | None = None) -> xr.Dataset:
    """Give what a run says of 2015."""
    wired = one.model.cut(cuts)
    return model.simulate(wired, inputs or one.inputs(0, DRAWS), one.indicators, keep).dataset().sel(year=2015)


# -- money --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("indicator", ["rd_fte_per_10k_employed", "technology_market_value"])
@pytest.mark.parametrize(
    "rising",
    [
        ("frozen", "plan", "accelerated"),
        ("behavioural", "midterm_review"),
        ("behavioural", "government_led"),
        ("behavioural", "enterprise_led"),
    ],
    ids=" < ".join,
)
def test_more_spending_never_lowers_the_probability_of_personnel_and_contracts(
    reached: Callable[..., Reach], indicator: str, rising: tuple[str, ...]
) -> None:
    chances = [chance(reached(n), indicator) for n in rising]
    assert chances == sorted(chances)


def test_the_same_money_late_brings_fewer_people_than_early_when_its_end_is_the_same(
    shipped: Callable[..., Ensemble],
) -> None:
    early, plan, late = (
        np.median(run(shipped(n))["rd_fte_per_10k_employed"]) for n in ("front_loaded", "plan", "back_loaded")
    )
    assert late < plan < early


# -- filing and examination ---------------------------------------------------------------------------------
def test_a_frozen_propensity_lowers_applications_per_person_year(
    reached: Callable[..., Reach], shipped: Callable[..., Ensemble]
) -> None:
    name = "applications_per_100_fte"
    assert chance(reached("propensity_frozen"), name) < chance(reached("plan"), name)
    frozen, plan = (run(shipped(n), "propensity_drift")[name] for n in ("propensity_frozen", "plan"))
    rises = shipped().inputs(0, DRAWS).parameters["propensity_drift_at_start"] > 0.0
    assert np.mean(rises) > 0.9
    assert np.all((frozen < plan).values == rises)


def test_fewer_examiners_mean_fewer_patents_in_force_and_a_longer_queue(
    reached: Callable[..., Reach], shipped: Callable[..., Ensemble]
) -> None:
    name = "invention_patents_per_10k"
    assert chance(reached("examiner_cut"), name) < chance(reached("plan"), name)
    one = shipped("plan")
    cut, plan, boost = (
        run(shipped(n), "backlog", "examination_time") for n in ("examiner_cut", "plan", "examiner_boost")
    )
    assert np.all(cut[name] < plan[name])
    # Where applications hardly wait any more nothing is left to grant, and what was granted sooner has lapsed sooner.
    emptied = boost["examination_time"] < 1.15 * one.median_inputs().parameters["minimum_examination_time"]
    assert np.all((plan[name] < boost[name]) | emptied) and np.mean(emptied) < 0.05
    assert np.all(cut["backlog"] > plan["backlog"]) and np.all(plan["backlog"] > boost["backlog"])


def test_twice_the_applications_from_abroad_lower_domestic_grants_while_examiners_are_fixed(
    shipped: Callable[..., Ensemble],
) -> None:
    one = shipped("plan")
    inputs = one.inputs(0, DRAWS)
    foreign = np.array(inputs.series["foreign_applications"])
    foreign[6:] *= 2.0  # from 2011 on
    twice = Inputs(
        inputs.first_year,
        inputs.last_year,
        inputs.parameters,
        {**inputs.series, "foreign_applications": foreign},
        inputs.settled_years,
    )
    crowded, alone = (run(one, "domestic_grants", cuts=("B3",), inputs=i)["domestic_grants"] for i in (twice, inputs))
    assert np.all(crowded < alone)
    assert np.median(crowded / alone) < 0.95


# -- loops --------------------------------------------------------------------------------------------------
def test_every_loop_has_a_scenario_in_which_it_is_at_work() -> None:
    assert set(CLOSING) == set(WHOLE.loops)
    assert set(CLOSING.values()) <= set(scenario_names())
    assert all(loop not in load_scenario(scenario).cuts for loop, scenario in CLOSING.items())


def test_cutting_any_loop_changes_an_indicator_of_the_last_year_visibly(
    shipped: Callable[..., Ensemble], holds: Callable[..., bool]
) -> None:
    assert set(behaviour.moved_by_loops(shipped("plan"))) == set(CLOSING)
    assert holds(behaviour.loops_at_work, shipped("plan"))
