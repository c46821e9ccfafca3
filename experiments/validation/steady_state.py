"""An economy in which nothing is given to change: where it settles, solved by hand from the equations.

The economy is made up of round numbers; elasticities, times and rates are those of the subject.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.model import Inputs, Model, Reading, integrate
from fiveyear.model.inputs import check

from .check import Figure, worst

CONSTANT = {
    **{"gdp_real": 3e13, "price_level": 1.1, "population": 1.3e9, "employed": 7.5e8, "manufacturing_share": 0.32},
    **{"planned_rd_intensity": 0.02, "plan_followed": 0.0, "fiscal_share": 0.2, "st_share_of_fiscal": 0.05},
    **{"rd_content_of_st": 0.45, "gap_closing": 0.0, "revenue_to_gdp": 1.5, "rd_deduction": 2.0},
    **{"effort_surprise": 0.0, "other_rd_intensity": 0.001, "census_done": 0.0, "gdp_revised": 1.0},
    **{"revision_budgeted": 1.0, "budgets_ahead": 1.0},
    **{"basic_research_share": 0.05, "applied_research_share": 0.15, "graduates": 2e6, "filing_incentive": 1.0},
    **{"propensity_surprise": 0.0, "counting_break_done": 0.0, "foreign_applications": 9e4, "examiner_effort": 1.0},
    **{"capacity_surprise": 0.0, "years_since_count": 0.0, "rival_recut": 0.0, "knowledge_return": 1.0},
    **{"innovation_standing": 20.0, "cost_surprise": 0.0, "contract_surprise": 0.0, "high_tech_surprise": 0.0},
    **{"paper_surprise": 0.0, "citation_surprise": 0.0, "literacy_surprise": 0.0},
}
STILL = {
    **{"propensity_drift_at_start": 0.0, "high_tech_drift": 0.0, "effort_trend": 0.0, "capital_growth": 0.0},
    **{"knowledge_growth_foreseen": 0.0, "literacy_growth_rate": 0.2, "paper_drift_at_start": 0.0},
    **{"gdp_growth_before_start": 0.0},
}
NEAR = 1.02
SPAN, STEP = 200, 0.25  # years; where nothing moves any more, a step of any length is exact


def gap(model: Model, median: Inputs, cuts: tuple[str, ...]) -> Figure | None:
    """Give the largest relative gap between where the economy stands in the end and the closed form.

    ``cuts``: which of R1 and FINANCE are cut in the model. None if it lacks a variable that the economy is made of.
    """
    if not {*CONSTANT, *STILL} <= set(model.units):
        return None
    parameters, expected = closed_form({n: float(v) for n, v in median.parameters.items()}, cuts)
    still = Inputs(1, SPAN, parameters, {n: np.full(SPAN, v) for n, v in CONSTANT.items()})
    check(model, still, expected, expected)
    readings = integrate(model, still, [Reading(n, "year end") for n in expected], step=STEP)
    return worst({r.variable: abs(values[-1, 0] / expected[r.variable] - 1.0) for r, values in readings.items()})


def closed_form(given: Mapping[str, float], cuts: tuple[str, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Give the parameters with which the economy comes to rest, and where variables then stand, in base units.

    ``given`` are the parameters of the subject; ``cuts`` the loops that are cut, of R1 and FINANCE.
    """
    p = {**given, **STILL}
    c = CONSTANT

    # Spending: the plan's 2 % of GDP as published, of which statistics count a part. Output with R1 closed has risen by
    # (knowledge / knowledge at the start)^elasticity, where knowledge = output x spent / obsolescence: solved for it.
    coverage = 1.0 / p["census_splice"]
    counted = 1.0 - p["enterprise_share_of_rd"] * (1.0 - coverage)
    spent = c["planned_rd_intensity"] * (1.0 + p["gdp_revision"]) / counted
    e = 0.0 if "R1" in cuts else p["output_elasticity"]
    as_foreseen = c["gdp_real"] * spent / p["obsolescence_rate"]
    # Knowledge begins near where it settles: what a step is off by on the way there is never made good in output.
    knowledge_at_start = NEAR * as_foreseen
    p["rd_spending_at_start"] = knowledge_at_start * (p["rd_growth_before_start"] + p["obsolescence_rate"])
    knowledge = (as_foreseen / knowledge_at_start**e) ** (1.0 / (1.0 - e))
    output = c["gdp_real"] * (knowledge / knowledge_at_start) ** e
    p["gdp_at_start"] = output * c["price_level"]
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
    cost, reference_cost = (
        1.0 - p["profit_tax_rate"] * (1.0 + p["deduction_uptake"] * (d - 1.0))
        for d in (c["rd_deduction"], p["reference_deduction"])
    )
    incentive = (reference_cost / cost) ** p["user_cost_elasticity"]
    incentive *= (government / p["reference_government_intensity"]) ** p["crowding"]
    incentive *= (share / p["high_tech_share_at_start"]) ** p["high_tech_pull"]
    p["enterprise_effort_at_start"] = effort / incentive

    return p, {
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
        "factor_productivity": output / (c["employed"] / p["reference_employment"]) ** (1.0 - p["capital_share"]),
    }
