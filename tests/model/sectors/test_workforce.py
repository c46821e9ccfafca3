"""The R&D workforce: what spending pays for, and the people there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from fiveyear.model import Inputs, Model

Change = Callable[..., Inputs]
Read = Callable[..., list[np.ndarray]]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]
Look = Callable[[Model, Inputs], Mapping[str, np.ndarray]]


@pytest.fixture(scope="module")
def planned(model: Model) -> Model:
    return model.cut(["FINANCE", "R1"])


@pytest.fixture(scope="module")
def many(scattered: Callable[..., Inputs]) -> Inputs:
    return scattered(100, spread=0.3, seed=21)


# -- money --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scarcity", [0.0, 0.3, 1.5])
def test_those_wanted_cost_all_the_spending_at_the_cost_that_wanting_them_brings_about(
    model: Model, many: Inputs, changed: Change, watched: Watch, scarcity: float
) -> None:
    names = ("researchers_affordable", "researchers", "cost_per_researcher", "rd_spending")
    _, (wanted, at_work, cost, spending) = watched(model, changed(many, scarcity_elasticity=scarcity), *names)
    np.testing.assert_allclose(wanted * cost * (wanted / at_work) ** scarcity, spending, rtol=1e-12)


def test_where_people_are_scarce_spending_pays_for_fewer_than_it_would_at_the_present_cost(
    model: Model, inputs: Inputs, changed: Change, at_start: Look
) -> None:
    generous = changed(inputs, planned_rd_intensity=0.05, plan_followed=1.0)
    wanted = [
        at_start(model, changed(generous, scarcity_elasticity=x))["researchers_affordable"].item()
        for x in (0.0, 0.3, 1.5)
    ]
    assert wanted[0] > wanted[1] > wanted[2] > float(inputs.parameters["researchers_at_start"])


@pytest.mark.parametrize("elasticity", [-0.5, 0.0, 0.35, 1.0])
def test_the_cost_of_a_person_year_follows_prices_fully_and_productivity_by_its_elasticity(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch, elasticity: float
) -> None:
    rich = changed(
        inputs,
        cost_elasticity=elasticity,
        gdp_real=8e13,
        employed=8e8,  # 1e5 a head, twice the reference
        reference_productivity=5e4,
        reference_cost=3e5,
        price_level=1.5,
    )
    _, (cost,) = watched(planned, rich, "cost_per_researcher")
    np.testing.assert_allclose(cost, 3e5 * 1.5 * 2.0**elasticity, rtol=1e-12)


@pytest.mark.parametrize("surprise", [-0.2, 0.0, 0.05])
def test_the_cost_of_a_person_year_grows_exponentially_by_what_nobody_foresaw(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch, surprise: float
) -> None:
    steady = changed(
        inputs,
        cost_elasticity=0.0,
        reference_cost=3e5,
        price_level=1.5,
        cost_surprise=surprise,
        planned_rd_intensity=0.02,
        scarcity_elasticity=0.0,
    )
    names = ("cost_per_researcher", "researchers_affordable", "rd_spending")
    time, (cost, wanted, spending) = watched(planned, steady, *names)
    np.testing.assert_allclose(cost, 3e5 * 1.5 * np.exp(surprise * time), rtol=1e-9)
    np.testing.assert_allclose(wanted * 3e5 * 1.5 * np.exp(surprise * time), spending, rtol=1e-9)


# -- people -------------------------------------------------------------------------------------------------------
def test_hires_never_exceed_those_wanted_or_those_there_are(model: Model, many: Inputs, watched: Watch) -> None:
    _, (hires, wanted, supply) = watched(model, many, "hiring", "hires_wanted", "graduate_supply")
    assert (hires <= wanted).all()
    assert (hires <= supply).all()
    assert (hires >= 0.0).all()
    some = hires > 0.0
    assert some.mean() > 0.5
    # Posts and candidates meet so that the inverse squares add up.
    np.testing.assert_allclose(hires[some] ** -2.0, wanted[some] ** -2.0 + supply[some] ** -2.0, rtol=1e-9)


def test_hires_are_those_wanted_where_candidates_abound_and_all_there_are_where_they_do_not(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    names = ("hiring", "hires_wanted", "graduate_supply")
    _, (hires, wanted, _) = watched(model, changed(inputs, candidates_at_start=1e8, graduates=1e8), *names)
    np.testing.assert_allclose(hires, wanted, rtol=1e-4)
    few = changed(inputs, graduates=1e3, candidates_at_start=1e3, plan_followed=1.0, planned_rd_intensity=0.05)
    _, (hires, _, supply) = watched(model, few, *names)
    np.testing.assert_allclose(hires, supply, rtol=1e-4)


def test_those_wanted_close_the_gap_in_the_hiring_time_and_make_good_those_who_leave(
    model: Model, many: Inputs, watched: Watch
) -> None:
    names = ("hires_wanted", "researchers_affordable", "researchers")
    _, (wanted, paid_for, at_work) = watched(model, many, *names)
    p = many.parameters
    needed = (paid_for - at_work) / p["hiring_time"] + at_work * p["attrition_rate"]
    margin = 0.01 * at_work / p["hiring_time"]
    clear, none = needed >= margin, needed <= -margin
    assert clear.any() and none.any()
    np.testing.assert_allclose(wanted[clear], needed[clear], rtol=1e-12)
    assert (wanted[none] == 0.0).all()
    # In between the slope rises from none to one in proportion, which makes a parabola.
    between = ~clear & ~none
    assert between.any()
    np.testing.assert_allclose(wanted[between], ((needed + margin) ** 2 / (4.0 * margin))[between], rtol=1e-9)


def test_who_is_hired_is_a_candidate_no_more(model: Model, many: Inputs, read: Read, at_start: Look) -> None:
    flows = ("candidates_entering", "candidates_leaving", "attrition", "hiring")
    entering, leaving, attrition, hiring = read(model, many, "over the year", *flows)
    researchers, candidates = read(model, many, "year end", "researchers", "candidates")
    start = at_start(model, many)
    both = researchers + candidates
    change = np.diff(np.concatenate([[start["researchers"] + start["candidates"]], both]), axis=0)
    assert (np.abs(change - (entering - leaving - attrition)) <= 1e-12 * (both + entering + leaving)).all()
    assert np.mean(hiring.sum(axis=0) > 0.0) > 0.95  # money may be short of those who are there
    np.testing.assert_allclose(
        entering, many.series["graduates"][:, None] * many.parameters["graduate_entry_share"], rtol=1e-12
    )


def test_without_hires_candidates_settle_at_what_enters_times_the_time_they_stay(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    idle = changed(inputs, planned_rd_intensity=0.0, graduates=1.2e6, graduate_entry_share=0.5, candidate_time=2.0)
    time, (candidates, researchers) = watched(planned, idle, "candidates", "researchers")
    settled = 1.2e6 * 0.5 * 2.0
    np.testing.assert_allclose(candidates, settled + (8e5 - settled) * np.exp(-time / 2.0), rtol=1e-6)
    np.testing.assert_allclose(researchers, 1.25e6 * np.exp(-0.04 * time), rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"graduates": 2e6}, 1),
        ({"graduate_entry_share": 0.8}, 1),
        ({"candidates_at_start": 2e6}, 1),
        ({"candidate_time": 4.0}, 1),
        ({"search_time": 2.0}, -1),
        ({"hiring_time": 1.5}, -1),
        ({"attrition_rate": 0.08}, -1),
        ({"reference_cost": 3e5}, -1),
        ({"scarcity_elasticity": 1.0}, -1),
    ],
    ids=lambda change: next(iter(change)) if isinstance(change, dict) else str(change),
)
def test_researchers_rise_with_what_brings_people_and_fall_with_what_keeps_or_takes_them_away(
    planned: Model, inputs: Inputs, changed: Change, read: Read, change: dict[str, float], sign: int
) -> None:
    (before,) = read(planned, inputs, "year end", "researchers")
    (after,) = read(planned, changed(inputs, **change), "year end", "researchers")
    assert sign * (after[-1, 0] / before[-1, 0] - 1.0) > 1e-3


def test_statistics_count_people_with_the_coverage_they_have_of_money(
    model: Model, many: Inputs, watched: Watch
) -> None:
    names = ("researchers_counted", "researchers", "rd_counted", "rd_spending")
    _, (counted, people, money_counted, money) = watched(model, many, *names)
    np.testing.assert_allclose(counted / people, money_counted / money, rtol=1e-13)
