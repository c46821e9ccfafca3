"""What the shipped sectors must do whatever the numbers: extreme conditions, conservation, steady states, the chain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.experiments.validation import behaviour, conservation, extremes, structure
from fiveyear.experiments.validation.check import Figure
from fiveyear.experiments.validation.extremes import PLANNED
from fiveyear.model import INDICATORS, Inputs, Model, simulate

DRAWS = 1000

Change = Callable[..., Inputs]
Holds = Callable[..., bool]


@pytest.fixture(scope="module")
def many(scattered: Callable[..., Inputs]) -> Inputs:
    return scattered(DRAWS, spread=0.3, seed=11)


@pytest.fixture(scope="module")
def planned(model: Model) -> Model:
    return extremes.planned(model)


# -- conservation -----------------------------------------------------------------------------------------------
def test_every_stock_and_chain_changes_by_what_flows_in_less_what_flows_out(
    model: Model, many: Inputs, holds: Holds
) -> None:
    assert holds(conservation.stocks, model, many)


def test_a_chain_starts_with_what_it_is_given(model: Model, many: Inputs, holds: Holds) -> None:
    assert holds(conservation.chains, model, many)


# -- extreme conditions -------------------------------------------------------------------------------------------
def test_without_research_knowledge_decays_exponentially(model: Model, many: Inputs, holds: Holds) -> None:
    assert holds(extremes.knowledge_without_research, model, many)


def test_without_research_no_researcher_is_hired_and_nothing_comes_of_it(
    model: Model, many: Inputs, holds: Holds
) -> None:
    # A gap that closes in less time than a researcher stays: else leavers outnumber those whom money cannot pay.
    assert (np.asarray(many.parameters["hiring_time"]) * many.parameters["attrition_rate"] < 1.0).all()
    assert holds(extremes.nothing_without_research, model, many)


def test_without_examiners_nothing_is_granted_and_the_backlog_grows_by_all_filings(
    model: Model, many: Inputs, holds: Holds
) -> None:
    assert holds(extremes.grants_without_examiners, model, many.block(0, 100))
    assert holds(extremes.backlog_without_examiners, model, many.block(0, 100))


def test_shares_stay_shares_stocks_stay_above_their_floor_and_nothing_is_infinite(
    model: Model, many: Inputs, holds: Holds
) -> None:
    assert holds(extremes.shares_and_floors, model, many)


def test_what_is_computed_stays_in_the_bounds_that_its_formula_sets(model: Model, many: Inputs, holds: Holds) -> None:
    assert holds(structure.bounds, model, many)


# -- steady states --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("measure", [behaviour.steady_state_of_the_whole, behaviour.steady_state_of_the_plan])
def test_a_constant_economy_settles_where_its_closed_form_says(
    model: Model, inputs: Inputs, holds: Holds, measure: Callable[..., Figure | None]
) -> None:
    assert holds(measure, model, inputs)


def test_other_prices_change_no_real_variable(model: Model, many: Inputs, holds: Holds) -> None:
    assert {*model.names, *INDICATORS} >= behaviour.NOMINAL
    assert holds(behaviour.prices, model, many.block(0, 50))


# -- the chain of the project -----------------------------------------------------------------------------------------
def value_added(model: Model, inputs: Inputs) -> float:
    data = simulate(model, inputs, {}, keep=["high_tech_value_added"]).dataset()
    return float(data["high_tech_value_added"].isel(year=-1, draw=0))


@pytest.fixture(scope="module")
def more_researchers(inputs: Inputs, changed: Change) -> Inputs:
    """A tenth more researchers at the same spending, once the gap has closed and as far as graduates allow."""
    return changed(inputs, reference_cost=float(inputs.parameters["reference_cost"]) / 1.1)


@pytest.fixture(scope="module")
def more_patents(inputs: Inputs, changed: Change) -> Inputs:
    return changed(inputs, domestic_grant_share=1.1 * float(inputs.parameters["domestic_grant_share"]))


def test_a_cheaper_person_year_buys_a_tenth_more_researchers_while_graduates_are_plentiful(
    planned: Model, inputs: Inputs, more_researchers: Inputs, changed: Change
) -> None:
    kept = ["researchers", "rd_spending", "patents_in_force"]
    plenty = {"graduates": 1e8, "scarcity_elasticity": 0.0}
    before = simulate(planned, changed(inputs, **plenty), {}, keep=kept).dataset().isel(year=-1, draw=0)
    after = simulate(planned, changed(more_researchers, **plenty), {}, keep=kept).dataset().isel(year=-1, draw=0)
    assert float(after["rd_spending"] / before["rd_spending"]) == 1.0
    assert float(after["researchers"] / before["researchers"]) == pytest.approx(1.1, rel=1e-4)
    assert float(after["patents_in_force"] / before["patents_in_force"]) > 1.02


@pytest.mark.parametrize("cuts", [(), PLANNED], ids=["whole", "planned"])
def test_more_researchers_at_fixed_spending_raise_high_tech_value_added(
    model: Model, inputs: Inputs, more_researchers: Inputs, cuts: tuple[str, ...]
) -> None:
    cut = model.cut(cuts)
    assert value_added(cut, more_researchers) > value_added(cut, inputs) * (1.0 + 1e-4)


@pytest.mark.parametrize("cuts", [(), PLANNED], ids=["whole", "planned"])
def test_more_patents_in_force_raise_high_tech_value_added(
    model: Model, inputs: Inputs, more_patents: Inputs, cuts: tuple[str, ...]
) -> None:
    cut = model.cut(cuts)
    assert value_added(cut, more_patents) > value_added(cut, inputs) * (1.0 + 1e-4)


@pytest.mark.parametrize(
    ("cuts", "source"),
    [(PLANNED, "planned_rd_intensity"), ((), "fiscal_share"), ((), "rd_deduction")],
    ids=["the plan", "government", "firms"],
)
def test_more_spending_raises_high_tech_value_added(
    model: Model, inputs: Inputs, changed: Change, cuts: tuple[str, ...], source: str
) -> None:
    cut = model.cut(cuts)
    more = changed(inputs, **{source: 1.1 * inputs.series[source]})
    assert value_added(cut, more) > value_added(cut, inputs) * (1.0 + 1e-4)


def test_with_the_link_from_patents_held_neither_moves_it_by_a_bit(
    model: Model, inputs: Inputs, more_researchers: Inputs, more_patents: Inputs
) -> None:
    held = model.hold("patents_in_force", "patent_density", "patents_in_force_at_start")
    assert value_added(held, more_researchers) == value_added(held, inputs)
    assert value_added(held, more_patents) == value_added(held, inputs)


def test_with_both_links_held_spending_does_not_move_it_by_a_bit(
    planned: Model, inputs: Inputs, changed: Change
) -> None:
    held = planned.hold("patents_in_force", "patent_density", "patents_in_force_at_start")
    held = held.hold("knowledge", "knowledge_intensity", "knowledge_at_start")
    more = changed(inputs, planned_rd_intensity=1.1 * inputs.series["planned_rd_intensity"])
    assert value_added(held, more) == value_added(held, inputs)
