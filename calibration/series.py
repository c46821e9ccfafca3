"""The series of facts: of what dimension each is, and between which numbers it may lie.

Both are those of what the model declares: of an input that is like the series, or of the indicator that it is. A series
that does not stand here is read by nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from fiveyear import model
from fiveyear.model import INDICATORS, Unit, UnitError
from fiveyear.model.declarations import Parameter, Series
from fiveyear.model.units import DIMENSIONLESS, YEAR
from fiveyear.scenarios.checks import GROWTH_RANGE, GROWTH_UNIT
from fiveyear.scenarios.errors import shown

SPAN = 5  # years over which a rise is printed
LEAST_GROWTH = 1e-4  # of real GDP in a year: it is carried on to years without a figure by its logarithm


@dataclass(frozen=True)
class Like:
    """A series is like the product of some inputs, a year's total of it if that is a flow, over others."""

    inputs: tuple[str, ...]
    total: bool = False
    over: tuple[str, ...] = ()


LIKE: dict[str, Like] = {
    "gdp": Like(("gdp_real",), total=True),
    "industrial_revenue": Like(("gdp_real",), total=True),
    "manufacturing_value_added": Like(("gdp_real",), total=True),
    "fiscal_expenditure": Like(("gdp_real",), total=True),
    "fiscal_st_appropriation": Like(("rd_spending_at_start",), total=True),
    "rd_expenditure": Like(("rd_spending_at_start",), total=True),
    "rd_expenditure_basic": Like(("rd_spending_at_start",), total=True),
    "rd_expenditure_applied": Like(("rd_spending_at_start",), total=True),
    "rd_funds_government": Like(("rd_spending_at_start",), total=True),
    "rd_funds_enterprise": Like(("rd_spending_at_start",), total=True),
    "population": Like(("population",)),
    "employed": Like(("employed",)),
    "rd_fte": Like(("researchers_at_start",)),
    "se_first_degrees": Like(("graduates",), total=True),
    "invention_applications_domestic": Like(("propensity", "researchers_at_start"), total=True),
    "invention_applications_total": Like(("propensity", "researchers_at_start"), total=True),
    "invention_grants_domestic": Like(("propensity", "researchers_at_start", "domestic_grant_share"), total=True),
    "invention_patents_in_force": Like(("patents_in_force_at_start",)),
    "share_in_force_older_than_5_years": Like(("mature_share_at_start",)),
    "sci_papers": Like(("reference_papers",), total=True),
    "citations": Like(("citations_at_start",)),
    "citations_over_italy": Like(("citations_at_start",), over=("counted_citations_italy",)),
    "citations_over_netherlands": Like(("citations_at_start",), over=("counted_citations_netherlands",)),
}

#: Printed as growth a year, or as how many times what it was five years before.
GROWTHS = (
    "gdp_real_growth",
    "rd_fte_growth",
    "invention_applications_domestic_growth",
    "invention_grants_domestic_growth",
    "technology_market_value_growth",
)
MULTIPLES = ("rd_expenditure_multiple",)

#: Those that are an indicator themselves.
OF_INDICATORS = (
    "rd_intensity",
    "rd_fte_per_10k_employed",
    "invention_patents_per_10k",
    "applications_per_100_fte",
    "technology_market_value",
    "high_tech_value_added_share",
    "citation_rank",
    "civic_scientific_literacy",
    "innovation_rank",
)


@dataclass(frozen=True)
class Measure:
    """A unit, and the least and the largest number in it.

    ``is_level``: whether a number is a size, above 0 and about as large as the one next to it; a growth is not.
    """

    unit: Unit
    low: float
    high: float
    is_level: bool = True

    def fault(self, value: float, unit: Unit) -> str | None:
        """Say what is wrong with a number in a unit that converts, if it is out of the range; a level is above 0."""
        factor = unit.factor_to(self.unit)
        if self.low <= value * factor <= self.high and (value > 0.0 or not self.is_level):
            return None
        ends = f"{self.low / factor:g} to {self.high / factor:g}"
        return f"found {value:g} {unit}, expected {'more than ' if self.low == 0.0 else ''}{ends} {unit}"


@cache
def measures() -> Mapping[str, Measure]:
    """Give the measure of each series of facts that is read."""
    full_model = model.load()
    declared: dict[str, Parameter | Series] = {**full_model.parameters, **full_model.series}
    by_series = {}
    for name, like in LIKE.items():
        unit = math.prod(
            (Unit.parse(declared[n].unit) for n in like.inputs), start=YEAR if like.total else DIMENSIONLESS
        )
        low, high = math.prod(declared[n].low for n in like.inputs), math.prod(declared[n].high for n in like.inputs)
        for below in like.over:
            unit = unit / Unit.parse(declared[below].unit)
            low, high = low / declared[below].high, high / declared[below].low
        by_series[name] = Measure(unit, low, high)
    growth = Measure(Unit.parse(GROWTH_UNIT), *GROWTH_RANGE, is_level=False)
    by_series |= dict.fromkeys(GROWTHS, growth) | {"gdp_real_growth": replace(growth, low=LEAST_GROWTH)}
    low, high = ((1.0 + rate) ** SPAN for rate in GROWTH_RANGE)
    by_series |= dict.fromkeys(MULTIPLES, Measure(DIMENSIONLESS, low, high))
    return by_series | {n: of_indicator(n) for n in OF_INDICATORS}


def of_indicator(name: str) -> Measure:
    """Give the measure of an indicator."""
    indicator = INDICATORS[name]
    return Measure(Unit.parse(indicator.unit), indicator.low, indicator.high, is_level=indicator.low >= 0.0)


def unit_fault(text: str) -> str | None:
    """Say what is wrong with a unit from a file, if it cannot be read or its scale is of no use."""
    try:
        scale = Unit.parse(text).scale
    except UnitError as error:
        return str(error)
    except ArithmeticError:  # a scale too large for a float, or one over nothing
        scale = math.inf
    return None if 0.0 < scale < math.inf else f"unit {shown(text)} is too large or too small for a number"
