"""Extreme conditions: what must happen whatever the numbers when something is nothing, or all there can be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.model import Country, Inputs, Model, Reading, Unit, integrate
from fiveyear.model.inputs import check
from fiveyear.model.observation import How
from fiveyear.model.quantities import Array
from fiveyear.model.reference import Run

from .check import Figure, counted, worst

PLANNED = ("FINANCE", "R1")  # cut, spending follows the plan's path, and output what was foreseen


def planned(model: Model) -> Model:
    """Give the model in which spending is the plan's, cut as far as it is not yet."""
    return model.cut([n for n in PLANNED if n in model.loops and n not in model.cuts])


def changed(inputs: Inputs, **values: Array | float) -> Inputs:
    """Give inputs with some of them changed; one number for a Series is its value in every year."""
    parameters = {n: v for n, v in values.items() if n in inputs.parameters}
    years = inputs.last_year - inputs.first_year + 1
    series = {n: np.full(years, v) if np.ndim(v) == 0 else np.asarray(v) for n, v in values.items()}
    return inputs.but(parameters, {n: v for n, v in series.items() if n not in parameters})


def read(model: Model, inputs: Inputs, how: How, *names: str) -> list[Array]:
    """Give variables as they are read, each (year, draw); raises InputError if the inputs do not fit."""
    check(model, inputs, names, names)
    readings = integrate(model, inputs, [Reading(n, how) for n in names])
    return [readings[Reading(n, how)] for n in names]


def knowledge_without_research(model: Model, draws: Inputs) -> Figure:
    """Knowledge, and research in print, without any R&D, against exp(-rate x time): largest relative gap."""
    # With shorter lags it is the step of the integration that would be seen.
    lag = {"publication_lag": 2.0} if "research_in_print" in model.units else {}
    idle = changed(draws, planned_rd_intensity=0.0, **lag)
    p = idle.parameters
    at_start = p["rd_spending_at_start"] / np.add(p["rd_growth_before_start"], p["obsolescence_rate"])
    decaying = {"knowledge": (at_start, p["obsolescence_rate"])}
    if lag:
        decaying["research_in_print"] = (p["research_at_start"], 1.0 / lag["publication_lag"])
    contents = read(planned(model), idle, "year end", *decaying)
    years = np.arange(1, len(contents[0]) + 1)[:, None]
    gaps = {}
    for (name, (start, rate)), content in zip(decaying.items(), contents, strict=True):
        gaps[name] = np.abs(content / (start * np.exp(-rate * years)) - 1.0)
    return worst(gaps)


OF_RESEARCH = ("hiring", "rd_spending", "technology_contracts", "basic_research", "experimental_development")


def nothing_without_research(model: Model, draws: Inputs) -> Figure:
    """Hiring, contracts and research by type of all years without any R&D: the largest."""
    names = [n for n in OF_RESEARCH if n in model.units]
    totals = read(planned(model), changed(draws, planned_rd_intensity=0.0), "over the year", *names)
    return worst(dict(zip(names, map(np.abs, totals), strict=True)))


def grants_without_examiners(model: Model, draws: Inputs) -> Figure:
    """Patents granted in any year without examiners: the most."""
    (grants,) = read(model, changed(draws, examiner_effort=0.0), "over the year", "domestic_grants")
    return worst({"domestic_grants": np.abs(grants)})


def backlog_without_examiners(model: Model, draws: Inputs) -> Figure:
    """Backlog without examiners, against the first one and all filings since: largest relative gap."""
    idle = changed(draws, examiner_effort=0.0)
    filed = sum(read(model, idle, "over the year", "applications", "foreign_applications"))
    (backlog,) = read(model, idle, "year end", "backlog")
    run = Run(model, draws)
    start = run.values(float(draws.first_year), run.initial())["backlog"]
    return worst({"backlog": np.abs(backlog / (start + np.cumsum(filed, axis=0)) - 1.0)})


# A share that is computed and may leave [0, 1], with the range it stays in.
WIDER: dict[str, tuple[float, float]] = {
    "government_top_up": (-1.0, 1.0),  # added to government's funds, or taken from them
    "enterprise_rd_per_revenue": (-1.0, 1.0),  # a plan may ask for less than government and others pay
    "census_coverage": (0.0, 1.5),  # where the path of the census swings past its yearly numbers, which are 0 and 1,
    "statistical_coverage": (0.0, 1.5),  # no further than to 1.5, so that the splice bounds it
}


def extremes(years: int, country: Country) -> list[dict[str, Array | float]]:
    """Give what is put at an end of its range, over so many years."""
    output = 3e13 * country.larger(Unit.parse(country.currency))
    every_other: Array = np.asarray(np.arange(years) % 2, dtype=float)
    rising: Array = np.asarray(np.geomspace(1.0, 10.0, years), dtype=float)
    return [
        {},
        {"planned_rd_intensity": 0.0},
        {"planned_rd_intensity": 0.1},
        # Where firms make up for what government leaves out, nothing from it would ask for all there is of theirs.
        {"plan_followed": 0.0, "fiscal_share": 0.0, "crowding": 0.1},
        {"plan_followed": 0.0, "fiscal_share": 0.01},
        {"plan_followed": 0.0, "fiscal_share": 1.0, "st_share_of_fiscal": 0.3, "rd_content_of_st": 1.0},
        # Government that chases a plan of less than others pay anyway would come to pay less than nothing.
        {"plan_followed": 0.0, "revenue_to_gdp": 5.0, "rd_deduction": 2.5, "gap_closing": 0.0},
        {"plan_followed": every_other, "planned_rd_intensity": 0.1, "gap_closing": every_other},
        {"effort_surprise": 4.0 * every_other - 2.0},
        {"census_done": every_other},
        {"gdp_revised": every_other, "revision_budgeted": 1.0 - every_other, "budgets_ahead": every_other},
        {"basic_research_share": 0.0, "applied_research_share": 0.0},
        {"basic_research_share": 0.5, "applied_research_share": 0.5},
        {"knowledge_return": 1.0, "gdp_real": output * rising},
        {"examiner_effort": 0.0},
        {"examiner_effort": 5.0},
        {"foreign_applications": 0.0},
        {"filing_incentive": 5.0},
        {"propensity_surprise": 4.0 * every_other - 2.0, "capacity_surprise": 2.0 - 4.0 * every_other},
        {"graduates": 1e3},
        {"manufacturing_share": 0.0},
        {"gdp_real": output / rising},
        {"examiner_effort": 1.0 - every_other, "graduates": np.where(every_other, 1e8, 1e3)},
        {"years_since_count": 100.0 * every_other - 50.0, "rival_recut": 6.0 * every_other - 3.0},
        {"innovation_standing": -100.0},
    ]


def shares_and_floors(model: Model, draws: Inputs) -> Figure:
    """Variables that some extreme makes infinite, a share outside its range, or a stock below its floor."""
    cases = extremes(draws.last_year - draws.first_year + 1, model.country)
    each = max(draws.draws // len(cases), 1)  # all extremes in one run, each in some of the draws
    inputs = draws.block(0, len(cases) * each)
    if inputs.draws < len(cases):
        raise ValueError(f"{inputs.draws} draws; expected at least one for each of {len(cases)} extremes")
    parameters = {n: np.array(np.broadcast_to(v, inputs.draws)) for n, v in inputs.parameters.items()}
    columns = {n: v if v.ndim == 2 else v[:, None] for n, v in inputs.series.items()}
    series = {n: np.array(np.broadcast_to(v, (len(v), inputs.draws))) for n, v in columns.items()}
    given = {**parameters, **series}
    for place, case in enumerate(cases):
        for name in set(case) & set(given):
            value = np.asarray(case[name])
            given[name][..., place * each : (place + 1) * each] = value[:, None] if value.ndim else value
    inputs = inputs.but(parameters, series)
    examined = np.repeat(["examiner_effort" not in case for case in cases], each)
    ranges = _ranges(model, inputs)
    outside: dict[str, str] = {}

    def look(time: float, values: Mapping[str, Array]) -> None:
        for name in model.names:
            value = np.broadcast_to(values[name], inputs.draws)
            fine = np.isfinite(value)
            if name == "examination_time":  # no time is finite with no examiners: what never comes takes for ever
                fine |= ~examined
            if name in ranges:
                fine &= (value >= ranges[name][0]) & (value <= ranges[name][1])
            if not fine.all():
                case = cases[int(np.argmin(fine)) // each]
                outside.setdefault(name, f"{name} in {time:g} with {', '.join(case) or 'nothing changed'} at an end")

    check(model, inputs, model.names, model.names)
    integrate(model, inputs, [], watch=look)
    return counted(list(outside.values()))


def _ranges(model: Model, inputs: Inputs) -> dict[str, tuple[float, float | Array]]:
    shares = {n: (0.0, 1.0) for n, u in model.units.items() if u.text == "share" and n not in model.parameters}
    shares |= {n: (s.low, s.high) for n, s in model.series.items() if n in shares} | WIDER
    ranges: dict[str, tuple[float, float | Array]] = {n: (s.low, np.inf) for n, s in model.stocks.items()}
    ranges |= shares | dict.fromkeys(model.chains, (0.0, np.inf))
    ranges |= {"rank_by_innovation": (1.0, np.inf), "rank_by_citations": (1.0, 9.0)}
    if "literacy_ceiling" in inputs.parameters:
        ranges["literate_share"] = (0.0, np.asarray(inputs.parameters["literacy_ceiling"]))
    return ranges
