"""What the shipped sectors must do whatever the numbers: extreme conditions, conservation, steady states, the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.model import INDICATORS, Inputs, Model, Reading, integrate, simulate
from fiveyear.model.simulation import Run

DRAWS = 1000
YEARS_RUN = 11


@pytest.fixture(scope="module")
def many(scattered: Callable[..., Inputs]) -> Inputs:
    return scattered(DRAWS, spread=0.3, seed=11)


def with_series(inputs: Inputs, **series: np.ndarray) -> Inputs:
    return replace(inputs, series={**inputs.series, **series})


def with_parameters(inputs: Inputs, **parameters: float) -> Inputs:
    return replace(inputs, parameters={**inputs.parameters, **parameters})


def yearly(model: Model, inputs: Inputs, how: str, *names: str) -> list[np.ndarray]:
    readings = [Reading(n, how) for n in names]  # type: ignore[arg-type]
    found = integrate(model, inputs, readings)
    return [found[r] for r in readings]


# -- conservation -----------------------------------------------------------------------------------------------
def test_every_stock_and_chain_changes_by_what_flows_in_less_what_flows_out(model: Model, many: Inputs) -> None:
    flows = {n: (s.inflows, s.outflows) for n, s in model.stocks.items()}
    flows |= {n: ((c.inflow,), (c.outflow,)) for n, c in model.chains.items()}
    levels = {n: Reading(n, "year end") for n in flows}
    totals = {f: Reading(f, "over the year") for pair in flows.values() for f in (*pair[0], *pair[1])}
    found = integrate(model, many, [*levels.values(), *totals.values()])
    run = Run(model, many)
    start = run.values(float(many.first_year), run.initial())
    for name, (inflows, outflows) in flows.items():
        level = np.concatenate([[start[name]], found[levels[name]]])
        gained = sum(found[totals[f]] for f in inflows) - sum(found[totals[f]] for f in outflows)
        scale = np.abs(level[:-1]) + sum(np.abs(found[totals[f]]) for f in (*inflows, *outflows))
        assert (np.abs(np.diff(level, axis=0) - gained) <= 1e-12 * scale).all(), name


# -- extreme conditions -------------------------------------------------------------------------------------------
def test_without_research_knowledge_decays_exponentially(model: Model, many: Inputs) -> None:
    idle = with_series(many, planned_rd_intensity=np.zeros(YEARS_RUN))
    (knowledge,) = yearly(model, idle, "year end", "knowledge")
    p = idle.parameters
    at_start = p["rd_spending_at_start"] / (p["rd_growth_before_start"] + p["obsolescence_rate"])
    years = np.arange(1, YEARS_RUN + 1)[:, None]
    # A step of RK4 is off by (rate x step)^5 / 120: less than 1e-6 after 44 of them, at twice the rate of the fixture.
    np.testing.assert_allclose(knowledge, at_start * np.exp(-p["obsolescence_rate"] * years), rtol=1e-5)


def test_without_research_no_researcher_is_hired(model: Model, many: Inputs) -> None:
    # A gap that closes in less time than a researcher stays: else leavers outnumber those whom money cannot pay.
    assert (np.asarray(many.parameters["hiring_time"]) * many.parameters["attrition_rate"] < 1.0).all()
    idle = with_series(many, planned_rd_intensity=np.zeros(YEARS_RUN))
    hired, spent, contracts = yearly(model, idle, "over the year", "hiring", "rd_spending", "technology_contracts")
    assert (hired == 0.0).all()
    assert (spent == 0.0).all()
    assert (contracts == 0.0).all()


def test_without_examiners_nothing_is_granted_and_the_backlog_grows_by_all_filings(model: Model, many: Inputs) -> None:
    idle = with_series(many, examiner_effort=np.zeros(YEARS_RUN))
    grants, domestic, foreign = yearly(
        model, idle, "over the year", "domestic_grants", "applications", "foreign_applications"
    )
    (backlog,) = yearly(model, idle, "year end", "backlog")
    run = Run(model, idle)
    with np.errstate(divide="ignore"):
        at_start = run.values(float(idle.first_year), run.initial())["backlog"]
    assert (grants == 0.0).all()
    np.testing.assert_allclose(backlog, at_start + np.cumsum(domestic + foreign, axis=0), rtol=1e-12)


@pytest.mark.parametrize(
    "extreme",
    [
        {},
        {"planned_rd_intensity": np.zeros(YEARS_RUN)},
        {"planned_rd_intensity": np.full(YEARS_RUN, 0.1)},
        {"examiner_effort": np.zeros(YEARS_RUN)},
        {"examiner_effort": np.full(YEARS_RUN, 5.0)},
        {"foreign_applications": np.zeros(YEARS_RUN)},
        {"graduates": np.full(YEARS_RUN, 1e3)},
        {"manufacturing_share": np.zeros(YEARS_RUN)},
        {"gdp_real": np.geomspace(3e13, 3e12, YEARS_RUN)},
        {"examiner_effort": np.array([1.0, 0.0] * 5 + [1.0]), "graduates": np.array([1e3, 1e8] * 5 + [1e3])},
    ],
    ids=lambda extreme: ", ".join(extreme) or "none",
)
def test_shares_stay_shares_stocks_stay_above_their_floor_and_nothing_is_infinite(
    model: Model, many: Inputs, extreme: Mapping[str, np.ndarray]
) -> None:
    shares = [n for n, u in model.units.items() if u.text == "share" and n not in model.parameters]
    floors = {n: s.low for n, s in model.stocks.items()} | dict.fromkeys(model.chains, 0.0)
    # No time is finite with no examiners: what never comes takes for ever.
    finite = [n for n in model.names if n != "examination_time" or "examiner_effort" not in extreme]

    def look(time: float, values: Mapping[str, np.ndarray]) -> None:
        for name in finite:
            assert np.isfinite(values[name]).all(), (name, time)
        for name in shares:
            top = 5.0 if name == "examiner_effort" else 1.0
            assert ((values[name] >= 0.0) & (values[name] <= top)).all(), (name, time)
        for name, floor in floors.items():
            assert (values[name] >= floor).all(), (name, time)
        for chain in model.chains:
            for stage in model.stages(chain):
                assert (values[stage] >= 0.0).all(), (stage, time)

    assert "high_tech_share" in shares
    integrate(model, with_series(many, **extreme), [], watch=look)


# -- steady states --------------------------------------------------------------------------------------------------
def test_a_constant_economy_settles_where_its_closed_form_says(model: Model, inputs: Inputs) -> None:
    span = 200
    constant = {
        **{"gdp_real": 3e13, "price_level": 1.1, "population": 1.3e9, "employed": 7.5e8, "graduates": 2e6},
        **{"planned_rd_intensity": 0.02, "propensity_surprise": 0.0, "counting_break_done": 0.0},
        **{"foreign_applications": 9e4, "examiner_effort": 1.0, "capacity_surprise": 0.0, "manufacturing_share": 0.32},
    }
    still = with_parameters(inputs, propensity_drift_at_start=0.0, high_tech_drift=0.0)
    still = Inputs(1, span, still.parameters, {n: np.full(span, v) for n, v in constant.items()})
    p = {n: float(v) for n, v in still.parameters.items()}

    spending = constant["planned_rd_intensity"] * constant["gdp_real"]
    relative_productivity = constant["gdp_real"] / constant["employed"] / p["reference_productivity"]
    researchers = spending / (p["reference_cost"] * relative_productivity ** p["cost_elasticity"])
    knowledge = spending / p["obsolescence_rate"]
    knowledge_at_start = p["rd_spending_at_start"] / (p["rd_growth_before_start"] + p["obsolescence_rate"])
    unprompted = p["propensity"] * p["researchers_at_start"]
    unprompted *= (researchers / p["researchers_at_start"]) ** p["research_elasticity"]
    unprompted *= (knowledge / knowledge_at_start) ** p["knowledge_elasticity"]
    # Patents in force P = life x grant share x A, and A = unprompted x (P / P0)^s: two equations, solved for A.
    leaving = 1.0 / p["time_to_maturity"] + p["young_lapse_rate"]
    life = (1.0 + 1.0 / (p["time_to_maturity"] * p["mature_lapse_rate"])) / leaving
    s = p["strategic_filing"]
    prompted = (life * p["domestic_grant_share"] / p["patents_in_force_at_start"]) ** s
    applications = (unprompted * prompted) ** (1.0 / (1.0 - s))
    patents = life * p["domestic_grant_share"] * applications
    at_start = p["high_tech_share_at_start"] / (p["high_tech_share_ceiling"] - p["high_tech_share_at_start"])
    intensity = knowledge / constant["gdp_real"] / p["reference_knowledge_intensity"]
    density = patents / constant["population"] / p["reference_patent_density"]
    odds = at_start * intensity ** p["knowledge_effect"] * density ** p["patent_effect"]
    expected = {
        "researchers": researchers,
        "knowledge": knowledge,
        "domestic_under_examination": applications * p["examination_time_aimed_at"],
        "foreign_under_examination": constant["foreign_applications"] * p["examination_time_aimed_at"],
        "examination_capacity": applications + constant["foreign_applications"],
        "examination_time": p["examination_time_aimed_at"],
        "patents_in_force": patents,
        "mature_share": 1.0 / (1.0 + p["time_to_maturity"] * p["mature_lapse_rate"]),
        "high_tech_share": p["high_tech_share_ceiling"] * odds / (1.0 + odds),
    }
    for name, found in zip(expected, yearly(model, still, "year end", *expected), strict=True):
        assert found[-1, 0] == pytest.approx(expected[name], rel=1e-9), name


@pytest.mark.parametrize("factor", [0.1, 3.7])
def test_other_prices_change_no_real_variable(model: Model, many: Inputs, factor: float) -> None:
    nominal = {
        *("price_level", "gdp", "rd_spending", "cost_per_researcher", "technology_contracts"),
        *("manufacturing_value_added", "high_tech_value_added", "technology_market_value"),
    }
    dearer = with_series(many, price_level=factor * many.series["price_level"])
    before = simulate(model, many, INDICATORS, keep=model.names)
    after = simulate(model, dearer, INDICATORS, keep=model.names)
    assert nominal <= set(before)
    for name in before:
        expected = before[name] * (factor if name in nominal else 1.0)
        np.testing.assert_allclose(after[name], expected, rtol=1e-9, err_msg=str(name))


# -- the chain of the project -----------------------------------------------------------------------------------------
def value_added(model: Model, inputs: Inputs) -> float:
    data = simulate(model, inputs, {}, keep=["high_tech_value_added"])
    return float(data["high_tech_value_added"].isel(year=-1, draw=0))


@pytest.fixture(scope="module")
def more_researchers(inputs: Inputs) -> Inputs:
    """A tenth more researchers at the same spending, once the gap has closed and as far as graduates allow."""
    p = inputs.parameters
    return with_parameters(inputs, reference_cost=float(p["reference_cost"]) / 1.1)


@pytest.fixture(scope="module")
def more_patents(inputs: Inputs) -> Inputs:
    p = inputs.parameters
    return with_parameters(inputs, domestic_grant_share=1.1 * float(p["domestic_grant_share"]))


def test_a_cheaper_person_year_buys_a_tenth_more_researchers_while_graduates_are_plentiful(
    model: Model, inputs: Inputs, more_researchers: Inputs
) -> None:
    kept = ["researchers", "rd_spending", "patents_in_force"]
    plenty = np.full(YEARS_RUN, 1e8)
    before = simulate(model, with_series(inputs, graduates=plenty), {}, keep=kept).isel(year=-1, draw=0)
    after = simulate(model, with_series(more_researchers, graduates=plenty), {}, keep=kept).isel(year=-1, draw=0)
    assert float(after["rd_spending"] / before["rd_spending"]) == 1.0
    assert float(after["researchers"] / before["researchers"]) == pytest.approx(1.1, rel=1e-4)
    assert float(after["patents_in_force"] / before["patents_in_force"]) > 1.02


def test_more_researchers_at_fixed_spending_raise_high_tech_value_added(
    model: Model, inputs: Inputs, more_researchers: Inputs
) -> None:
    assert value_added(model, more_researchers) > value_added(model, inputs) * (1.0 + 1e-4)


def test_more_patents_in_force_raise_high_tech_value_added(model: Model, inputs: Inputs, more_patents: Inputs) -> None:
    assert value_added(model, more_patents) > value_added(model, inputs) * (1.0 + 1e-4)


def test_more_spending_raises_high_tech_value_added(model: Model, inputs: Inputs) -> None:
    more = with_series(inputs, planned_rd_intensity=1.1 * inputs.series["planned_rd_intensity"])
    assert value_added(model, more) > value_added(model, inputs) * (1.0 + 1e-4)


def test_with_the_link_from_patents_held_neither_moves_it_by_a_bit(
    model: Model, inputs: Inputs, more_researchers: Inputs, more_patents: Inputs
) -> None:
    held = model.hold("patents_in_force", "patent_density", "patents_in_force_at_start")
    assert value_added(held, more_researchers) == value_added(held, inputs)
    assert value_added(held, more_patents) == value_added(held, inputs)


def test_with_both_links_held_spending_does_not_move_it_by_a_bit(model: Model, inputs: Inputs) -> None:
    held = model.hold("patents_in_force", "patent_density", "patents_in_force_at_start")
    held = held.hold("knowledge", "knowledge_intensity", "knowledge_at_start")
    more = with_series(inputs, planned_rd_intensity=1.1 * inputs.series["planned_rd_intensity"])
    assert value_added(held, more) == value_added(held, inputs)
