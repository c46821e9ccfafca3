"""What a plan counts: each indicator as one reading of the model over another.

A published figure is a reading (a year's total, a year's average, or a level at year end), or the ratio of two; or how
far these stand above the year before, or above the base year.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .errors import UnitError, nearest
from .observation import Ratio, Reading
from .quantities import Array
from .units import DIMENSIONLESS, YEAR, Unit

if TYPE_CHECKING:
    from .wiring import Model

MOMENT = "Here as it stands at a moment, in base units."  # said of an indicator outside a year


@dataclass(frozen=True)
class Indicator:
    """One indicator: its definition, and how its published figures are to be understood.

    ``label``: what it is called wherever a reader meets it; its unit is not in it, unless as "per".
    ``low`` and ``high``: between which a figure or a target is plausible, in ``unit``, whatever the country.
    """

    label: str
    unit: str
    numerator: Reading
    denominator: Reading | None
    about: str
    coverage: str
    trend: Literal["linear", "log"] = "log"  # whether a trend of it is drawn in levels or in logarithms
    nominal: bool = False  # counted in current prices
    above: Literal["", "the year before", "the base year"] = ""  # what each reading's rise is counted from, if it is
    low: float = -math.inf
    high: float = math.inf
    facts: Ratio | None = None  # the series of facts that its figures are made of; without any they say nothing of it

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The numerator, and the denominator if there is one."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    def unit_of_readings(self, of_variables: Mapping[str, Unit]) -> Unit:
        """Give the unit that the readings have together, before they are put into the indicator's own."""
        if self.above:
            growth = self.above == "the year before" and self.denominator is None
            return DIMENSIONLESS / YEAR if growth else DIMENSIONLESS
        unit = self.numerator.unit(of_variables[self.numerator.variable])
        if self.denominator is None:
            return unit
        return unit / self.denominator.unit(of_variables[self.denominator.variable])

    def factor(self, of_variables: Mapping[str, Unit]) -> float:
        """Give what the readings together are multiplied by to be in the indicator's own unit."""
        units = tuple(of_variables[r.variable] for r in self.readings)
        if units not in self._factors:
            self._factors[units] = self.unit_of_readings(of_variables).factor_to(Unit.parse(self.unit))
        return self._factors[units]

    @functools.cached_property
    def _factors(self) -> dict[tuple[Unit, ...], float]:
        return {}

    def at_a_moment(self, values: Mapping[str, Any]) -> Any:
        """Give the indicator, if it is no rise, from its variables as they stand: arrays, symbols or their units."""
        parts = [values[r.variable] for r in self.readings]
        return parts[0] if len(parts) == 1 else parts[0] / parts[1]

    def value(self, readings: Mapping[Reading, Array], of_variables: Mapping[str, Unit], base: int) -> Array:
        """Give the indicator in its own unit, (year, draw), from its readings in base units.

        ``base`` is the place of the base year. A rise is NaN where there is none: over the year before in the first
        year; and where it is one rise over another since the base year, up to that year.
        """
        parts = [readings[r] for r in self.readings]
        if self.above == "the year before":
            parts = [np.concatenate([np.full_like(p[:1], np.nan), p[1:] / p[:-1] - 1.0]) for p in parts]
        elif self.above == "the base year":
            parts = [p / p[base] - 1.0 for p in parts]
            if len(parts) == 2:
                parts = [np.where(np.arange(len(p))[:, None] > base, p, np.nan) for p in parts]
        value = parts[0] if len(parts) == 1 else parts[0] / parts[1]
        return np.asarray(value * self.factor(of_variables))


INDICATORS: dict[str, Indicator] = {
    "rd_intensity": Indicator(
        label="R&D / GDP",
        unit="%",
        low=0.01,
        high=10.0,
        numerator=Reading("rd_counted", "over the year"),
        denominator=Reading("gdp_counted", "over the year"),
        about="Gross domestic expenditure on R&D over gross domestic product, both in current prices of one vintage.",
        coverage="whole economy",
        trend="linear",
        facts=Ratio("rd_expenditure", "gdp"),
    ),
    "rd_fte_per_10k_employed": Indicator(
        label="R&D personnel per 10,000 employed",
        unit="person/10k person",
        low=0.1,
        high=1000.0,
        numerator=Reading("researchers_counted", "average"),
        denominator=Reading("employed", "year end"),
        about="Person-years of R&D personnel (full-time equivalents) in a year per 10,000 employed at its end.",
        coverage="whole economy",
        facts=Ratio("rd_fte", "employed"),
    ),
    "citation_rank": Indicator(
        label="World rank by citations",
        unit="rank",
        low=1.0,
        high=200.0,
        numerator=Reading("rank_by_citations", "year end"),
        denominator=None,
        about="Place by citations of the papers of some ten years, as counted in the autumn of the year.",
        coverage="Essential Science Indicators",
        trend="linear",
        facts=Ratio("citation_rank"),
    ),
    "invention_patents_per_10k": Indicator(
        label="Invention patents per 10,000 people",
        unit="patent/10k person",
        low=0.001,
        high=1000.0,
        numerator=Reading("mainland_patents_in_force", "year end"),
        denominator=Reading("population", "year end"),
        about="Invention patents in force held by residents of the mainland per 10,000 population, at year end.",
        coverage="residents of the mainland",
        facts=Ratio("invention_patents_in_force", "population", share="mainland_share"),
    ),
    "applications_per_100_fte": Indicator(
        label="Applications per 100 R&D person-years",
        unit="application/100 person",
        low=0.1,
        high=100.0,
        numerator=Reading("applications", "over the year"),
        denominator=Reading("researchers_counted", "average"),
        about="Domestic invention applications filed in a year per 100 person-years of R&D personnel.",
        coverage="domestic applicants",
        facts=Ratio("invention_applications_domestic", "rd_fte"),
    ),
    "technology_market_value": Indicator(
        label="Technology market",
        unit="money",
        low=1e8,
        high=1e14,
        numerator=Reading("technology_contracts", "over the year"),
        denominator=None,
        about="Value of contracts registered on the technology market in a year, in current prices.",
        coverage="registered contracts",
        nominal=True,
        facts=Ratio("technology_market_value"),
    ),
    "high_tech_value_added_share": Indicator(
        label="High-tech share of manufacturing",
        unit="%",
        low=1.0,
        high=60.0,
        numerator=Reading("high_tech_value_added", "over the year"),
        denominator=Reading("manufacturing_value_added", "over the year"),
        about="High-tech value added over manufacturing value added.",
        coverage="above-scale firms",
        trend="linear",
        facts=Ratio("high_tech_value_added_share"),
    ),
    "civic_scientific_literacy": Indicator(
        label="Scientific literacy",
        unit="%",
        low=0.1,
        high=100.0,
        numerator=Reading("literate_share", "average"),
        denominator=None,
        about="Share of adults who are literate in science, in a survey in the middle of the year.",
        coverage="adults of 18 to 69",
        facts=Ratio("civic_scientific_literacy"),
    ),
    "innovation_rank": Indicator(
        label="World rank by innovation",
        unit="rank",
        low=1.0,
        high=200.0,
        numerator=Reading("rank_by_innovation", "year end"),
        denominator=None,
        about="Place among some 40 countries by capability to innovate.",
        coverage="countries of the national innovation index",
        trend="linear",
        facts=Ratio("innovation_rank"),
    ),
    "st_contribution_rate": Indicator(
        label="S&T contribution to growth",
        unit="%",
        low=-200.0,
        high=200.0,
        numerator=Reading("factor_productivity", "over the year"),
        denominator=Reading("output_real", "over the year"),
        about="Growth of factor productivity over growth of real GDP, both since the base year.",
        coverage="whole economy",
        trend="linear",
        above="the base year",
    ),
    "basic_research_growth": Indicator(
        label="Basic research growth",
        unit="%/year",
        low=-50.0,
        high=100.0,
        numerator=Reading("basic_research", "over the year"),
        denominator=None,
        about="Growth of real expenditure on basic research over the year before.",
        coverage="whole economy",
        trend="linear",
        above="the year before",
    ),
    "enterprise_rd_per_revenue_rise": Indicator(
        label="Rise of enterprise R&D / revenue",
        unit="%",
        low=-90.0,
        high=400.0,
        numerator=Reading("enterprise_rd_per_revenue", "average"),
        denominator=None,
        about="R&D that firms pay for over the revenue of industrial firms, above its value in the base year.",
        coverage="industrial firms above scale",
        trend="linear",
        above="the base year",
    ),
}

#: How an indicator's figures follow from the facts.
INDICATOR_FACTS: dict[str, Ratio] = {n: i.facts for n, i in INDICATORS.items() if i.facts}

#: What statistics publish and no plan counts as a target, in the form of indicators.
STATISTICS: dict[str, Indicator] = {
    "rd_expenditure": Indicator(
        label="R&D expenditure",
        unit="money",
        numerator=Reading("rd_counted", "over the year"),
        denominator=None,
        about="Gross domestic expenditure on R&D, in current prices.",
        coverage="whole economy",
        nominal=True,
    ),
    "rd_fte": Indicator(
        label="R&D personnel",
        unit="10k person",
        numerator=Reading("researchers_counted", "average"),
        denominator=None,
        about="Person-years of R&D personnel (full-time equivalents).",
        coverage="whole economy",
    ),
    "invention_applications_domestic": Indicator(
        label="Invention applications",
        unit="application",
        numerator=Reading("applications", "over the year"),
        denominator=None,
        about="Domestic invention applications filed in a year.",
        coverage="domestic applicants",
    ),
    "invention_grants_domestic": Indicator(
        label="Invention grants",
        unit="patent",
        numerator=Reading("domestic_grants", "over the year"),
        denominator=None,
        about="Invention patents granted to domestic applicants in a year.",
        coverage="domestic applicants",
    ),
}


def check(model: Model) -> list[str]:
    """Give the faults of the indicators: what they read and the model lacks, and units that do not convert.

    What hangs on a group without members is not there, and no fault.
    """
    faults = []
    for name, indicator in model.country.indicators(INDICATORS).items():
        if any(r.variable in model.without_members for r in indicator.readings):
            continue
        unowned = [r.variable for r in indicator.readings if r.variable not in model.units]
        if unowned:
            faults += [f"indicator {name} reads {n}, which nobody owns{nearest(n, model.units)}" for n in unowned]
            continue
        ratio = indicator.facts or Ratio("")
        series = [n for n in (ratio.numerator, ratio.denominator) if n and n not in (name, *model.observations)]
        faults += [f"indicator {name}: nothing observes {n}{nearest(n, model.observations)}" for n in series]
        if ratio.share and ratio.share not in model.parameters:
            faults.append(f"indicator {name}: no Parameter is {ratio.share}{nearest(ratio.share, model.parameters)}")
        try:
            indicator.factor(model.units)
        except UnitError as error:
            faults.append(f"indicator {name}: {error}")
    return faults
