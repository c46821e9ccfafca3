"""What the shipped sectors must do whatever the numbers: extreme conditions, conservation, steady states, the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.model import INDICATORS, Inputs, Model, Reading, integrate, simulate
from fiveyear.model.simulation import check

DRAWS = 1000
YEARS_RUN = 11
EVERY_OTHER = (np.arange(YEARS_RUN) % 2) * 1.0
PLANNED = ("FINANCE", "R1")  # cut, spending follows the plan's path, and output what was foreseen

Change = Callable[..., Inputs]
Read = Callable[..., list[np.ndarray]]
Look = Callable[[Model, Inputs], Mapping[str, np.ndarray]]


@pytest.fixture(scope="module")
def many(scattered: Callable[..., Inputs]) -> Inputs:
    return scattered(DRAWS, spread=0.3, seed=11)


@pytest.fixture(scope="module")
def planned(model: Model) -> Model:
    return model.cut(PLANNED)


# -- conservation -----------------------------------------------------------------------------------------------
def test_every_stock_and_chain_changes_by_what_flows_in_less_what_flows_out(
    model: Model, many: Inputs, at_start: Look
) -> None:
    flows = {n: (s.inflows, s.outflows) for n, s in model.stocks.items()}
    flows |= {n: ((c.inflow,), (c.outflow,)) for n, c in model.chains.items()}
    assert {"candidates", "enterprise_effort", "citations", "literate_share", "output_gain"} <= set(flows)
    levels = {n: Reading(n, "year end") for n in flows}
    totals = {f: Reading(f, "over the year") for pair in flows.values() for f in (*pair[0], *pair[1])}
    found = integrate(model, many, [*levels.values(), *totals.values()])
    start = at_start(model, many)
    for name, (inflows, outflows) in flows.items():
        level = np.concatenate([[start[name]], found[levels[name]]])
        gained = sum(found[totals[f]] for f in inflows) - sum(found[totals[f]] for f in outflows)
        scale = np.abs(level[:-1]) + sum(np.abs(found[totals[f]]) for f in (*inflows, *outflows))
        assert (np.abs(np.diff(level, axis=0) - gained) <= 1e-12 * scale).all(), name


# -- extreme conditions -------------------------------------------------------------------------------------------
def test_without_research_knowledge_decays_exponentially(
    planned: Model, many: Inputs, changed: Change, read: Read
) -> None:
    idle = changed(many, planned_rd_intensity=0.0)
    (knowledge,) = read(planned, idle, "year end", "knowledge")
    p = idle.parameters
    at_start = p["rd_spending_at_start"] / (p["rd_growth_before_start"] + p["obsolescence_rate"])
    years = np.arange(1, YEARS_RUN + 1)[:, None]
    # A step of RK4 is off by (rate x step)^5 / 120: less than 1e-6 after 44 of them, at twice the rate of the fixture.
    np.testing.assert_allclose(knowledge, at_start * np.exp(-p["obsolescence_rate"] * years), rtol=1e-5)


def test_without_research_no_researcher_is_hired_and_nothing_comes_of_it(
    planned: Model, many: Inputs, changed: Change, read: Read
) -> None:
    # A gap that closes in less time than a researcher stays: else leavers outnumber those whom money cannot pay.
    assert (np.asarray(many.parameters["hiring_time"]) * many.parameters["attrition_rate"] < 1.0).all()
    idle = changed(many, planned_rd_intensity=0.0)
    nothing = ("hiring", "rd_spending", "technology_contracts", "basic_research", "experimental_development", "papers")
    for name, total in zip(nothing, read(planned, idle, "over the year", *nothing), strict=True):
        assert (total == 0.0).all(), name


def test_without_examiners_nothing_is_granted_and_the_backlog_grows_by_all_filings(
    model: Model, many: Inputs, changed: Change, read: Read, at_start: Look
) -> None:
    idle = changed(many.block(0, 100), examiner_effort=0.0)
    grants, domestic, foreign = read(
        model, idle, "over the year", "domestic_grants", "applications", "foreign_applications"
    )
    (backlog,) = read(model, idle, "year end", "backlog")
    start = at_start(model, idle)["backlog"]
    assert (grants == 0.0).all()
    np.testing.assert_allclose(backlog, start + np.cumsum(domestic + foreign, axis=0), rtol=1e-12)


# A share that is computed and may leave [0, 1], with the range it stays in.
WIDER: dict[str, tuple[float, float]] = {
    "government_top_up": (-1.0, 1.0),  # added to government's funds, or taken from them
    "enterprise_rd_per_revenue": (-1.0, 1.0),  # a plan may ask for less than government and others pay
    "census_coverage": (0.0, 1.5),  # where the path of the census swings past its yearly numbers, which are 0 and 1,
    "statistical_coverage": (0.0, 1.5),  # no further than to 1.5, so that the splice bounds it
}


EXTREMES: list[dict[str, np.ndarray | float]] = [
    {},
    {"planned_rd_intensity": 0.0},
    {"planned_rd_intensity": 0.1},
    {"plan_followed": 0.0, "fiscal_share": 0.0},
    {"plan_followed": 0.0, "fiscal_share": 1.0, "st_share_of_fiscal": 0.5},
    # Government that chases a plan of less than others pay anyway would come to pay less than nothing.
    {"plan_followed": 0.0, "revenue_to_gdp": 5.0, "effort_incentive": 5.0, "gap_closing": 0.0},
    {"plan_followed": EVERY_OTHER, "planned_rd_intensity": 0.1, "gap_closing": EVERY_OTHER},
    {"effort_surprise": 4.0 * EVERY_OTHER - 2.0},
    {"census_done": EVERY_OTHER},
    {"gdp_revised": EVERY_OTHER},
    {"basic_research_share": 0.0, "applied_research_share": 0.0},
    {"basic_research_share": 0.5, "applied_research_share": 0.5},
    {"knowledge_return": 1.0, "gdp_real": np.geomspace(3e13, 3e14, YEARS_RUN)},
    {"examiner_effort": 0.0},
    {"examiner_effort": 5.0},
    {"foreign_applications": 0.0},
    {"filing_incentive": 5.0},
    {"propensity_surprise": 4.0 * EVERY_OTHER - 2.0, "capacity_surprise": 2.0 - 4.0 * EVERY_OTHER},
    {"graduates": 1e3},
    {"manufacturing_share": 0.0},
    {"gdp_real": np.geomspace(3e13, 3e12, YEARS_RUN)},
    {"examiner_effort": 1.0 - EVERY_OTHER, "graduates": np.array([1e3, 1e8] * 5 + [1e3])},
    {"years_since_count": 100.0 * EVERY_OTHER - 50.0, "rival_recut": 6.0 * EVERY_OTHER - 3.0},
    {"innovation_standing": -100.0},
]
DRAWS_EACH = 40


def test_shares_stay_shares_stocks_stay_above_their_floor_and_nothing_is_infinite(model: Model, many: Inputs) -> None:
    # All extremes in one run, each in some of the draws.
    inputs = many.block(0, len(EXTREMES) * DRAWS_EACH)
    series = {n: np.tile(v[:, None], inputs.draws) for n, v in inputs.series.items()}
    for place, extreme in enumerate(EXTREMES):
        for name, value in extreme.items():
            at = slice(place * DRAWS_EACH, (place + 1) * DRAWS_EACH)
            series[name][:, at] = value if np.ndim(value) == 0 else np.asarray(value)[:, None]

    shares = {n: (0.0, 1.0) for n, u in model.units.items() if u.text == "share" and n not in model.parameters}
    shares |= {n: (s.low, s.high) for n, s in model.series.items() if n in shares} | WIDER
    assert {"high_tech_share", "literate_share", "government_intensity", "enterprise_effort"} <= set(shares)
    ranges = {n: (s.low, np.inf) for n, s in model.stocks.items()} | shares
    ranges |= dict.fromkeys((*model.chains, *(s for c in model.chains for s in model.stages(c))), (0.0, np.inf))
    ranges |= {"rank_by_innovation": (1.0, np.inf), "rank_by_citations": (1.0, 9.0)}
    # No time is finite with no examiners: what never comes takes for ever.
    examined = np.repeat(["examiner_effort" not in extreme for extreme in EXTREMES], DRAWS_EACH)

    def broken(name: str, fine: np.ndarray, time: float) -> tuple[str, float, list[object]]:
        places = np.unique(np.argwhere(~np.broadcast_to(fine, inputs.draws)) // DRAWS_EACH)
        return name, time, [EXTREMES[place] for place in places]

    def look(time: float, values: Mapping[str, np.ndarray]) -> None:
        for name in model.names:
            fine = np.isfinite(values[name])
            fine = fine | ~examined if name == "examination_time" else fine
            assert fine.all(), broken(name, fine, time)
        for name, (low, high) in ranges.items():
            fine = (values[name] >= low) & (values[name] <= high)
            assert fine.all(), broken(name, fine, time)
        assert (values["literate_share"] <= inputs.parameters["literacy_ceiling"]).all()

    check(model, replace(inputs, series=series))
    integrate(model, replace(inputs, series=series), [], watch=look)


# -- steady states --------------------------------------------------------------------------------------------------
CONSTANT = {
    **{"gdp_real": 3e13, "price_level": 1.1, "population": 1.3e9, "employed": 7.5e8, "manufacturing_share": 0.32},
    **{"planned_rd_intensity": 0.02, "plan_followed": 0.0, "fiscal_share": 0.2, "st_share_of_fiscal": 0.05},
    **{"rd_content_of_st": 0.45, "gap_closing": 0.0, "revenue_to_gdp": 1.5, "effort_incentive": 1.2},
    **{"effort_surprise": 0.0, "other_rd_intensity": 0.001, "census_done": 0.0, "gdp_revised": 1.0},
    **{"basic_research_share": 0.05, "applied_research_share": 0.15, "graduates": 2e6, "filing_incentive": 1.0},
    **{"propensity_surprise": 0.0, "counting_break_done": 0.0, "foreign_applications": 9e4, "examiner_effort": 1.0},
    **{"capacity_surprise": 0.0, "years_since_count": 0.0, "rival_recut": 0.0, "knowledge_return": 1.0},
    **{"innovation_standing": 20.0},
}
STILL = {
    **{"propensity_drift_at_start": 0.0, "high_tech_drift": 0.0, "effort_trend": 0.0, "capital_growth": 0.0},
    **{"knowledge_growth_foreseen": 0.0, "literacy_growth_rate": 0.2, "paper_drift": 0.0},
    # Not far from where knowledge settles: what RK4 is off by on the way there is never made good in output.
    "rd_spending_at_start": 1.29e12,
}


@pytest.mark.parametrize("cuts", [(), PLANNED], ids=["whole", "planned"])
def test_a_constant_economy_settles_where_its_closed_form_says(
    model: Model, inputs: Inputs, read: Read, cuts: tuple[str, ...]
) -> None:
    p = {n: float(v) for n, v in inputs.parameters.items()} | STILL
    c = CONSTANT

    # Spending: the plan's 2 % of GDP as published, of which statistics count a part. Output with R1 closed has risen by
    # (knowledge / knowledge at the start)^elasticity, where knowledge = output x spent / obsolescence: solved for it.
    coverage = 1.0 / p["census_splice"]
    counted = 1.0 - p["enterprise_share_of_rd"] * (1.0 - coverage)
    spent = c["planned_rd_intensity"] * (1.0 + p["gdp_revision"]) / counted
    knowledge_at_start = p["rd_spending_at_start"] / (p["rd_growth_before_start"] + p["obsolescence_rate"])
    e = 0.0 if "R1" in cuts else p["output_elasticity"]
    as_foreseen = c["gdp_real"] * spent / p["obsolescence_rate"]
    knowledge = (as_foreseen / knowledge_at_start**e) ** (1.0 / (1.0 - e))
    output = c["gdp_real"] * (knowledge / knowledge_at_start) ** e
    spending = spent * output

    # The workforce: three million, once the cost of a person-year is such that the spending pays for them and for as
    # many more as keep hires up to leavers while posts and candidates find each other.
    researchers = 3e6
    leavers = p["attrition_rate"] * researchers
    candidates = (c["graduates"] * p["graduate_entry_share"] - leavers) * p["candidate_time"]
    supply = candidates / p["search_time"]
    wanted = leavers / (1.0 - (leavers / supply) ** 2) ** 0.5
    paid_for = researchers + p["hiring_time"] * (wanted - leavers)
    cost = spending / paid_for / (paid_for / researchers) ** p["scarcity_elasticity"]
    relative_productivity = output / c["employed"] / p["reference_productivity"]
    p["reference_cost"] = cost / relative_productivity ** p["cost_elasticity"]

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

    # Capacity is planned for the time aimed at; a decision takes a little longer, for the smooth floor.
    waiting, floor = p["examination_time_aimed_at"], p["minimum_examination_time"]
    pending = (floor**4 + waiting**4) ** 0.25
    filings = applications + c["foreign_applications"]

    odds = p["high_tech_share_at_start"] / (p["high_tech_share_ceiling"] - p["high_tech_share_at_start"])
    odds *= (knowledge / output / p["reference_knowledge_intensity"]) ** p["knowledge_effect"]
    odds *= (patents / c["population"] / p["reference_patent_density"]) ** p["patent_effect"]
    share = p["high_tech_share_ceiling"] * odds / (1.0 + odds)

    # Who pays: firms' effort at the start is such that they, government and others come to the same 2 %.
    government = c["fiscal_share"] * c["st_share_of_fiscal"] * c["rd_content_of_st"]
    firms = c["planned_rd_intensity"] * (1.0 + p["gdp_revision"]) - government - c["other_rd_intensity"]
    effort = firms / (c["revenue_to_gdp"] * coverage)
    incentive = c["effort_incentive"] * (government / p["reference_government_intensity"]) ** p["crowding"]
    incentive *= (share / p["high_tech_share_at_start"]) ** p["high_tech_pull"]
    p["enterprise_effort_at_start"] = effort / incentive

    expected = {
        "knowledge": knowledge,
        "output_real": output,
        "researchers": researchers,
        "candidates": candidates,
        "domestic_under_examination": applications * pending,
        "foreign_under_examination": c["foreign_applications"] * pending,
        "examination_capacity": filings * pending / waiting,
        "examination_time": pending,
        "patents_in_force": patents,
        "mature_share": 1.0 / (1.0 + p["time_to_maturity"] * p["mature_lapse_rate"]),
        "high_tech_share": share,
        "enterprise_effort": effort,
        "intensity_decided": c["planned_rd_intensity"],
        "literate_share": p["literacy_ceiling"],
        "rd_spending": spending * c["price_level"],
        "factor_productivity": output,
    }
    span = 200
    still = Inputs(1, span, p, {n: np.full(span, v) for n, v in c.items()})
    # Where nothing moves any more, a step of any length is exact.
    last = read(model.cut(cuts), still, "year end", *expected, step=0.25)
    for name, found in zip(expected, last, strict=True):
        assert found[-1, 0] == pytest.approx(expected[name], rel=1e-9), name


@pytest.mark.parametrize("factor", [0.1, 3.7])
def test_other_prices_change_no_real_variable(model: Model, many: Inputs, changed: Change, factor: float) -> None:
    nominal = {
        *("price_level", "gdp", "gdp_counted", "revenue", "cost_per_researcher", "technology_contracts"),
        *("rd_planned", "rd_decided", "rd_counted", "rd_spending", "government_rd", "enterprise_rd", "other_rd"),
        *("manufacturing_value_added", "high_tech_value_added", "technology_market_value"),
    }
    few = many.block(0, 50)
    dearer = changed(few, price_level=factor * few.series["price_level"])
    before = simulate(model, few, INDICATORS, keep=model.names)
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
    before = simulate(planned, changed(inputs, **plenty), {}, keep=kept).isel(year=-1, draw=0)
    after = simulate(planned, changed(more_researchers, **plenty), {}, keep=kept).isel(year=-1, draw=0)
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
    [(PLANNED, "planned_rd_intensity"), ((), "fiscal_share"), ((), "effort_incentive")],
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
