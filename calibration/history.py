"""From facts to history: the yearly numbers of the given Series, and what each fact is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fiveyear.model import Reading, Unit
from fiveyear.model.elementary import exp, log
from fiveyear.model.quantities import Array

from .errors import CalibrationError
from .facts import Fact

Facts = Mapping[str, Mapping[int, Fact]]

#: What the model says of each series of facts: one reading, or the ratio of two.
OBSERVED: dict[str, tuple[Reading, Reading | None]] = {
    "rd_expenditure": (Reading("rd_decided", "over the year"), None),
    "rd_fte": (Reading("researchers_counted", "average"), None),
    "invention_applications_domestic": (Reading("applications", "over the year"), None),
    "invention_grants_domestic": (Reading("domestic_grants", "over the year"), None),
    "invention_patents_in_force": (Reading("patents_in_force_counted", "year end"), None),
    "share_in_force_older_than_5_years": (Reading("mature_share", "year end"), None),
    "technology_market_value": (Reading("technology_contracts", "over the year"), None),
    "high_tech_value_added_share": (
        Reading("high_tech_value_added", "over the year"),
        Reading("manufacturing_value_added", "over the year"),
    ),
    "sci_papers": (Reading("papers", "over the year"), None),
    "citations": (Reading("citations", "year end"), None),
    "civic_scientific_literacy": (Reading("literate_share", "average"), None),
}

#: What the model itself says of an indicator that a run of history is given.
EXPLAINED: dict[str, Reading] = {"rd_intensity": Reading("rd_decided", "over the year")}


@dataclass(frozen=True)
class Ratio:
    """An indicator's figures in the facts: one series over another, or a series alone; ``share`` of it is counted."""

    numerator: str
    denominator: str = ""
    share: str = ""


#: How an indicator follows from the facts; of the others they say nothing.
INDICATOR_FACTS: dict[str, Ratio] = {
    "rd_intensity": Ratio("rd_expenditure", "gdp"),
    "rd_fte_per_10k_employed": Ratio("rd_fte", "employed"),
    "invention_patents_per_10k": Ratio("invention_patents_in_force", "population", share="mainland_share"),
    "applications_per_100_fte": Ratio("invention_applications_domestic", "rd_fte"),
    "technology_market_value": Ratio("technology_market_value"),
    "high_tech_value_added_share": Ratio("high_tech_value_added_share"),
    "citation_rank": Ratio("citation_rank"),
    "civic_scientific_literacy": Ratio("civic_scientific_literacy"),
    "innovation_rank": Ratio("innovation_rank"),
}


def yearly(facts: Facts, series: str, years: Array, unit: str) -> Array:
    """Give a series for all years in a unit: published figures; gaps and ends filled at the growth next to them.

    Raises CalibrationError if fewer than two figures are there.
    """
    found = {y: f.to(Unit.parse(unit)).value for y, f in facts.get(series, {}).items()}
    if len(found) < 2:
        raise CalibrationError("the facts", [f"{series}: {len(found)} figures; at least two are needed"])
    known = np.array(sorted(found), dtype=float)
    logs = log([found[int(y)] for y in known])
    inside = np.interp(years, known, logs)
    # A year that is not published yet is taken to have grown like the year before it.
    after = logs[-1] + (years - known[-1]) * (logs[-1] - logs[-2]) / (known[-1] - known[-2])
    before = logs[0] + (years - known[0]) * (logs[1] - logs[0]) / (known[1] - known[0])
    filled: Array = exp(np.where(years > known[-1], after, np.where(years < known[0], before, inside)))
    return filled


def _gdp_real(facts: Facts, years: Array) -> Array:
    growth = yearly(facts, "gdp_real_growth", years, "%/year") / 100.0
    level = np.concatenate([[1.0], np.cumprod(1.0 + growth[1:])])
    return np.asarray(yearly(facts, "gdp", years, "yuan")[-1] * level / level[-1])


def _share(facts: Facts, part: str, whole: str, years: Array) -> Array:
    # A share that is not published yet is taken to have stayed; part and whole alone would drift apart.
    both = sorted(set(facts[part]) & set(facts[whole]))
    shares = [facts[part][y].value / facts[whole][y].value for y in both]
    factor = Unit.parse(facts[part][both[0]].unit).factor_to(Unit.parse(facts[whole][both[0]].unit))
    return np.asarray(np.interp(years, both, shares) * factor)


def _other_rd(facts: Facts, years: Array) -> Array:
    parts = [facts[n] for n in ("rd_expenditure", "rd_funds_government", "rd_funds_enterprise", "gdp")]
    both = sorted(set.intersection(*(set(p) for p in parts)))
    whole, government, enterprise, gdp = (np.array([p[y].to(YUAN).value for y in both]) for p in parts)
    return np.asarray(np.interp(years, both, (whole - government - enterprise) / gdp))


YUAN = Unit.parse("yuan")
Made = tuple[tuple[str, ...], Callable[[Facts, Array], Array]]  # the series of facts it is made of, and how


def _level(series: str, unit: str) -> Made:
    return (series,), lambda f, y: yearly(f, series, y, unit)


def _share_of(part: str, whole: str) -> Made:
    return (part, whole), lambda f, y: _share(f, part, whole, y)


#: The history of each given Series, in base units, from the facts of one information set.
HISTORY: dict[str, Made] = {
    "gdp_real": (("gdp", "gdp_real_growth"), _gdp_real),
    "price_level": (("gdp", "gdp_real_growth"), lambda f, y: yearly(f, "gdp", y, "yuan") / _gdp_real(f, y)),
    "population": _level("population", "person"),
    "employed": _level("employed", "person"),
    "planned_rd_intensity": (
        ("rd_expenditure", "gdp"),
        lambda f, y: yearly(f, "rd_expenditure", y, "yuan") / yearly(f, "gdp", y, "yuan"),
    ),
    "fiscal_share": _share_of("fiscal_expenditure", "gdp"),
    "st_share_of_fiscal": _share_of("fiscal_st_appropriation", "fiscal_expenditure"),
    "rd_content_of_st": _share_of("rd_funds_government", "fiscal_st_appropriation"),
    "revenue_to_gdp": _share_of("industrial_revenue", "gdp"),
    "other_rd_intensity": (("rd_expenditure", "rd_funds_government", "rd_funds_enterprise", "gdp"), _other_rd),
    "basic_research_share": _share_of("rd_expenditure_basic", "rd_expenditure"),
    "applied_research_share": _share_of("rd_expenditure_applied", "rd_expenditure"),
    "graduates": _level("se_first_degrees", "person"),
    "foreign_applications": (
        ("invention_applications_total", "invention_applications_domestic"),
        lambda f, y: (
            yearly(f, "invention_applications_total", y, "application")
            - yearly(f, "invention_applications_domestic", y, "application")
        ),
    ),
    "manufacturing_share": _share_of("manufacturing_value_added", "gdp"),
    "innovation_standing": (
        ("innovation_rank",),
        lambda f, y: np.full(len(y), f["innovation_rank"][max(f["innovation_rank"])].value),
    ),
    "rival_recut": (("citations",), lambda f, y: np.zeros(len(y))),  # counts are those of the cut they were made in
}


def history(facts: Facts, start: int, base_year: int) -> dict[str, Array]:
    """Give each Series that the facts determine as (year,), from ``start`` to ``base_year``, in base units."""
    years = np.arange(start, base_year + 1, dtype=float)
    return {name: made(facts, years) for name, (of, made) in HISTORY.items() if all(n in facts for n in of)}


def indicator_facts(
    facts: Facts, indicator: str, unit: str, shares: Mapping[str, float]
) -> dict[int, tuple[float, float]]:
    """Give what the facts say of an indicator: year -> (value in the indicator's unit, its sd), in the true years."""
    if indicator not in INDICATOR_FACTS:
        return {}
    ratio = INDICATOR_FACTS[indicator]
    found = {}
    for year, fact in facts.get(ratio.numerator, {}).items():
        value, error = fact.value, _spread(fact) / fact.value
        own = Unit.parse(fact.unit)
        if ratio.denominator:
            # A denominator that is not published yet is carried on, as it is for the run.
            unit_below = Unit.parse(next(iter(facts[ratio.denominator].values())).unit)
            below = float(yearly(facts, ratio.denominator, np.array([float(year)]), str(unit_below))[0])
            published = facts[ratio.denominator].get(year)
            value, error = value / below, float(np.hypot(error, _spread(published) / below if published else 0.0))
            own = own / unit_below
        value *= own.factor_to(Unit.parse(unit)) * (shares[ratio.share] if ratio.share else 1.0)
        found[year] = (value, error * value)
    return found


def _spread(fact: Fact) -> float:
    # A figure rounded to a step adds the spread of a number anywhere in that step.
    return float(np.hypot(fact.sd, fact.rounding / np.sqrt(12.0)))
