"""From facts to history: the yearly numbers of the given Series, and what each fact is compared with.

A survey is compared with the average over its year, that is, with about the middle of it. Where it was held k months
off, a share that grows by g a year is g k / 12 off: of literacy, which grows by some .13 a year, 3 % in three months,
against an error of the survey of 9 % in 2010.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fiveyear.model import Model, Reading, Unit
from fiveyear.model.elementary import exp, log
from fiveyear.model.quantities import Array
from fiveyear.model.units import DIMENSIONLESS, YEAR

from .errors import CalibrationError
from .facts import Fact
from .priors import Bounded, Normal, PastPrior
from .series import SPAN, of_indicator

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
    # What a text may print in place of these. A place by citations bounds them: above the rival that comes next, below
    # the one ahead.
    "applications_per_100_fte": (Reading("applications", "over the year"), Reading("researchers_counted", "average")),
    "citations_over_italy": (Reading("citations", "year end"), Reading("rival_citations_italy", "year end")),
    "citations_over_netherlands": (
        Reading("citations", "year end"),
        Reading("rival_citations_netherlands", "year end"),
    ),
    "rd_expenditure_multiple": (Reading("rd_counted", "over the year"), None),
    "rd_fte_growth": (Reading("researchers_counted", "average"), None),
    "invention_applications_domestic_growth": (Reading("applications", "over the year"), None),
    "invention_grants_domestic_growth": (Reading("domestic_grants", "over the year"), None),
    "technology_market_value_growth": (Reading("technology_contracts", "over the year"), None),
}


@dataclass(frozen=True)
class Rise:
    """How far a series stands above what it was five years before: how many times, or by what growth a year.

    The error of measurement of such a fact is that of both its ends: of growth, a fifth of sqrt(2) times theirs.
    """

    series: str
    how: Literal["multiple", "growth"]

    @property
    def unit(self) -> Unit:
        return DIMENSIONLESS if self.how == "multiple" else DIMENSIONLESS / YEAR

    def of(self, level: Array) -> Array:
        """Give the rise up to each year, (year, draw), from the level in each; NaN in the first five."""
        multiple = np.concatenate([np.full_like(level[:SPAN], np.nan), level[SPAN:] / level[:-SPAN]])
        return multiple if self.how == "multiple" else np.asarray(multiple ** (1.0 / SPAN) - 1.0)

    def slopes(self, level: Array, by_rise: Array) -> Array:
        """Give the slopes of a number by the level, (year, draw), given those by the rise up to each year."""
        multiple = level[SPAN:] / level[:-SPAN]
        share = by_rise[SPAN:] / level[:-SPAN]
        if self.how == "growth":
            share = share * multiple ** (1.0 / SPAN - 1.0) / SPAN
        slopes = np.zeros_like(level)
        slopes[SPAN:] += share
        slopes[:-SPAN] -= share * multiple
        return slopes


#: The series of facts that are rises of another.
RISES: dict[str, Rise] = {
    "rd_expenditure_multiple": Rise("rd_expenditure", "multiple"),
    "rd_fte_growth": Rise("rd_fte", "growth"),
    "invention_applications_domestic_growth": Rise("invention_applications_domestic", "growth"),
    "invention_grants_domestic_growth": Rise("invention_grants_domestic", "growth"),
    "technology_market_value_growth": Rise("technology_market_value", "growth"),
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

#: The series of facts that follow from others: a ratio from what stands above and below its line.
RATIOS: dict[str, Ratio] = INDICATOR_FACTS | {
    "citations_over_italy": Ratio("citations"),  # the rival's citations are those of the plan's file
    "citations_over_netherlands": Ratio("citations"),
}


def counted_once(facts: Facts) -> dict[str, dict[int, Fact]]:
    """Give facts of which none follows from others.

    "2.8 times 2005" and "1.75 % of GDP" say nothing beside R&D expenditure of 2005 and 2010 and GDP: a rise falls away
    where both its ends are there, a ratio where what stands above its line is and what stands below is given. Where
    nothing is known of what stands below, the ratio tells it: 6,980 over 1.75 % is GDP. Such a figure is as good as
    both are printed; what is wrong with the one above was wrong in the ratio too.
    """
    independent = {n: dict(years) for n, years in facts.items()}
    for name, ratio in RATIOS.items():
        if ratio.denominator and ratio.denominator not in facts:
            for year in sorted(set(facts.get(name, {})) & set(facts.get(ratio.numerator, {}))):
                below = _below(facts[ratio.numerator][year], facts[name][year], ratio.denominator)
                independent.setdefault(ratio.denominator, {})[year] = below
    for name, ratio in RATIOS.items():
        if name != ratio.numerator and (not ratio.denominator or ratio.denominator in independent):
            _drop(independent, name, facts.get(ratio.numerator, {}))
    for name, rise in RISES.items():
        level = facts.get(rise.series, {})
        _drop(independent, name, [y for y in level if y - SPAN in level])
    return independent


def _below(above: Fact, ratio: Fact, series: str) -> Fact:
    top, quotient = Unit.parse(above.unit), Unit.parse(ratio.unit)
    rounded = np.hypot(above.rounding / above.value, ratio.rounding / ratio.value) / np.sqrt(12.0)
    value = above.value * top.scale / (ratio.value * quotient.scale)
    published = max(above.first_published, ratio.first_published)
    source = f"{above.series} over {ratio.series}: {above.source}; {ratio.source}"
    unit = str(top / quotient)  # in base units
    error = value * float(rounded)
    return Fact(series, ratio.year, value, unit, error, 0.0, ratio.vintage, published, source, "derived", above.row)


def _drop(facts: dict[str, dict[int, Fact]], name: str, years: Iterable[int]) -> None:
    kept = {y: f for y, f in facts.get(name, {}).items() if y not in set(years)}
    if kept:
        facts[name] = kept
    else:
        facts.pop(name, None)


def yearly(facts: Facts, series: str, years: Array, unit: str) -> Array:
    """Give a series for all years in a unit: published figures; gaps and ends filled at the growth next to them.

    Raises CalibrationError if fewer than two figures are there.
    """
    figures = {y: f.to(Unit.parse(unit)).value for y, f in facts.get(series, {}).items()}
    if len(figures) < 2:
        raise CalibrationError("the facts", [f"{series}: {len(figures)} figures; at least two are needed"])
    figure_years = np.array(sorted(figures), dtype=float)
    logs = log([figures[int(y)] for y in figure_years])
    inside = np.interp(years, figure_years, logs)
    # A year that is not published yet is taken to have grown like the year before it.
    after = logs[-1] + (years - figure_years[-1]) * (logs[-1] - logs[-2]) / (figure_years[-1] - figure_years[-2])
    before = logs[0] + (years - figure_years[0]) * (logs[1] - logs[0]) / (figure_years[1] - figure_years[0])
    filled: Array = exp(np.where(years > figure_years[-1], after, np.where(years < figure_years[0], before, inside)))
    return filled


def _gdp_real(facts: Facts, years: Array) -> Array:
    growth = yearly(facts, "gdp_real_growth", years, "%/year") / 100.0
    level = np.concatenate([[1.0], np.cumprod(1.0 + growth[1:])])
    return np.asarray(yearly(facts, "gdp", years, "yuan")[-1] * level / level[-1])


def _share(facts: Facts, part: str, whole: str, years: Array) -> Array:
    # A share that is not published yet is taken to have stayed; part and whole alone would drift apart.
    both = sorted(set(facts[part]) & set(facts[whole]))
    above, below = (Unit.parse(facts[n][both[0]].unit) for n in (part, whole))
    shares = [facts[part][y].to(above).value / facts[whole][y].to(below).value for y in both]
    return np.asarray(np.interp(years, both, shares) * above.factor_to(below))


def _other_rd(facts: Facts, years: Array) -> Array:
    parts = [facts[n] for n in ("rd_expenditure", "rd_funds_government", "rd_funds_enterprise", "gdp")]
    both = sorted(set.intersection(*(set(p) for p in parts)))
    total, government, enterprise, gdp = (np.array([p[y].to(YUAN).value for y in both]) for p in parts)
    return np.asarray(np.interp(years, both, (total - government - enterprise) / gdp))


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
    "rival_recut": (("citation_rank",), lambda f, y: np.zeros(len(y))),  # counts are those of the cut they were made in
}
#: The least number of figures of each series that a history is made of, where one is too few.
AT_LEAST = {"gdp": 2, "gdp_real_growth": 2, "employed": 2, "population": 2, "se_first_degrees": 2}


def history(facts: Facts, start: int, base_year: int) -> dict[str, Array]:
    """Give each Series that the facts determine as (year,), from ``start`` to ``base_year``, in base units."""
    years = np.arange(start, base_year + 1, dtype=float)
    enough = {n for n, by_year in facts.items() if len(by_year) >= AT_LEAST.get(n, 1)}
    return {name: made(facts, years) for name, (of, made) in HISTORY.items() if enough.issuperset(of)}


def misfits(facts: Facts, start: int, base_year: int, model: Model) -> list[str]:
    """Give what facts make together and cannot be: an input out of its hard range, an indicator out of its own."""
    faults = []
    for name, values in history(facts, start, base_year).items():
        declared = model.series[name]
        wrong = np.flatnonzero(~((values >= declared.low) & (values <= declared.high)))
        if len(wrong):
            year, ends = start + int(wrong[0]), f"{declared.low:g} to {declared.high:g} {declared.unit}"
            rows = _rows(facts, HISTORY[name][0], year)
            faults.append(f"{rows}: {name} of {year} would be {values[wrong[0]]:g}, expected {ends}")
    for name, ratio in INDICATOR_FACTS.items():
        measure = of_indicator(name)
        for year, above in facts.get(ratio.numerator, {}).items():
            below = facts.get(ratio.denominator, {}).get(year)
            if below is None:
                continue
            unit = Unit.parse(above.unit) / Unit.parse(below.unit)
            value = above.value / below.value * unit.factor_to(measure.unit)
            if fault := measure.fault(value, measure.unit):
                rows = _rows(facts, (ratio.numerator, ratio.denominator), year)
                faults.append(f"{rows}: {name} of {year}: {fault}")
                break
    return faults


def _rows(facts: Facts, names: Iterable[str], year: int) -> str:
    """Name the rows of some series that a number of a year is made of: those of that year, or of the nearest one."""
    nearest = {name: facts[name][min(facts[name], key=lambda y: abs(y - year))].row for name in names}
    return ", ".join(f"row {row} ({name})" for name, row in nearest.items())


@dataclass(frozen=True)
class Past:
    """The past of a given Series of which no more than the base year is known: it grew as the priors say.

    ``level``: in the base year, in base units; ``spread``: the sd of its logarithm; ``growth``: of each year.
    """

    level: float
    spread: float
    growth: Bounded

    def __repr__(self) -> str:
        """All that a fit depends on."""
        numbers = self.growth.distribution.model_dump(exclude={"source", "assumed"})
        return f"Past({self.level!r}, {self.spread!r}, {numbers})"

    def path(self, growth: Array) -> Array:
        """Give the yearly numbers, (year, draw), from the growth in each year, (year, draw), in the prior's unit.

        Nothing lies before the first year: its number says how far the level is off, by as many sds.
        """
        prior = self.growth.distribution
        assert isinstance(prior, Normal)
        off = (growth[0] - prior.mean) / prior.sd
        steps = 1.0 + growth[:0:-1] * Unit.parse(prior.unit).scale
        back = np.cumprod(np.concatenate([np.ones_like(growth[:1]), 1.0 / steps]), axis=0)
        return np.asarray(self.level * np.exp(self.spread * off) * back[::-1])

    def slopes(self, growth: Array, by_level: Array) -> Array:
        """Give the slopes of a number by the growth, (year, draw), given those by the yearly numbers."""
        prior = self.growth.distribution
        assert isinstance(prior, Normal)
        scale = Unit.parse(prior.unit).scale
        share = by_level * self.path(growth)
        slopes = np.empty_like(growth)
        slopes[0] = np.sum(share, axis=0) * self.spread / prior.sd
        slopes[1:] = -np.cumsum(share, axis=0)[:-1] * scale / (1.0 + growth[1:] * scale)
        return slopes


#: What the facts say of a Series in the base year, if they say no more: value in base units, and sd of its logarithm.
AT_BASE: dict[str, tuple[tuple[str, ...], Callable[[Facts, int], tuple[float, float]]]] = {
    "gdp_real": (("gdp",), lambda f, y: _figure(f["gdp"][y])),
    "price_level": (("gdp",), lambda f, y: (1.0, 0.0)),  # by its definition
    "employed": (("employed",), lambda f, y: _figure(f["employed"][y])),
    "planned_rd_intensity": (
        ("rd_expenditure", "gdp"),
        lambda f, y: (_figure(f["rd_expenditure"][y])[0] / _figure(f["gdp"][y])[0], 0.0),
    ),
}


def _figure(fact: Fact) -> tuple[float, float]:
    return fact.value * Unit.parse(fact.unit).scale, _spread(fact) / fact.value


def pasts(facts: Facts, priors: Mapping[str, PastPrior], given: Iterable[str], base_year: int) -> dict[str, Past]:
    """Give the pasts of Series that neither facts nor plan give, but priors and the base year do."""
    by_name = {}
    for name, prior in priors.items():
        of, at_base = AT_BASE.get(name, ((), None))
        growth = Bounded(prior.growth, -np.inf, np.inf)
        if name in given:
            continue
        if at_base and all(base_year in facts.get(n, {}) for n in of):
            by_name[name] = Past(*at_base(facts, base_year), growth)
        elif prior.level:
            by_name[name] = Past(prior.level.median * Unit.parse(prior.level.unit).scale, prior.level.sigma, growth)
    return by_name


def indicator_facts(
    facts: Facts, indicator: str, unit: str, shares: Mapping[str, float]
) -> dict[int, tuple[float, float]]:
    """Give what the facts say of an indicator: year -> (value in the indicator's unit, its sd), in the true years.

    What was printed of the ratio itself counts where what it is made of is not there.
    """
    if indicator not in INDICATOR_FACTS:
        return {}
    ratio = INDICATOR_FACTS[indicator]
    printed = {y: f.to(Unit.parse(unit)) for y, f in facts.get(indicator, {}).items() if indicator != ratio.numerator}
    figures = {y: (f.value, _spread(f)) for y, f in printed.items()}
    for year, fact in facts.get(ratio.numerator, {}).items():
        value, error = fact.value, _spread(fact) / fact.value
        own = Unit.parse(fact.unit)
        if ratio.denominator:
            # A denominator that is not published yet is carried on, as it is for the run.
            unit_below = Unit.parse(next(iter(facts[ratio.denominator].values())).unit)
            published = facts[ratio.denominator].get(year)
            if published:
                below = published.to(unit_below).value
            else:
                below = float(yearly(facts, ratio.denominator, np.array([float(year)]), str(unit_below))[0])
            value, error = value / below, float(np.hypot(error, _spread(published) / below if published else 0.0))
            own = own / unit_below
        value *= own.factor_to(Unit.parse(unit)) * (shares[ratio.share] if ratio.share else 1.0)
        figures[year] = (value, error * value)
    return figures


def _spread(fact: Fact) -> float:
    # A figure rounded to a step adds the spread of a number anywhere in that step.
    return float(np.hypot(fact.sd, fact.rounding / np.sqrt(12.0)))
