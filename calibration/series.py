"""The series of facts: of what dimension each is, and between which numbers it may lie.

Both are those of what the model declares: of the inputs that the series is like, or of the indicator that it is. A
series that the model does not observe is read by nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from fiveyear.model import Indicator, Model, Unit, UnitError
from fiveyear.model.declarations import Parameter, Series
from fiveyear.model.units import DIMENSIONLESS, YEAR
from fiveyear.scenarios.checks import GROWTH_RANGE, GROWTH_UNIT
from fiveyear.scenarios.errors import shown

SPAN = 5  # years over which a rise is printed
LEAST_GROWTH = 1e-4  # of real GDP in a year: it is carried on to years without a figure by its logarithm


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
def measures(full_model: Model) -> Mapping[str, Measure]:
    """Give the measure of each series of facts that a model reads."""
    declared: dict[str, Parameter | Series] = {**full_model.parameters, **full_model.series}
    growth = Measure(Unit.parse(GROWTH_UNIT), *GROWTH_RANGE, is_level=False)
    multiple = Measure(DIMENSIONLESS, (1.0 + GROWTH_RANGE[0]) ** SPAN, (1.0 + GROWTH_RANGE[1]) ** SPAN)
    by_series = {}
    for name, observation in full_model.observations.items():
        if observation.like:
            start = YEAR if observation.total else DIMENSIONLESS
            unit = math.prod((Unit.parse(declared[n].unit) for n in observation.like), start=start)
            low = math.prod(declared[n].low for n in observation.like)
            high = math.prod(declared[n].high for n in observation.like)
            for below in observation.over:
                unit = unit / Unit.parse(declared[below].unit)
                low, high = low / declared[below].high, high / declared[below].low
            by_series[name] = Measure(unit, low, high)
        elif observation.printed:
            by_series[name] = growth if observation.printed == "growth" else multiple
    # Real growth is carried on to years without a figure by its logarithm.
    volumes = [past.facts[1] for past in full_model.histories.values() if past.how == "volume"]
    by_series |= {n: replace(growth, low=LEAST_GROWTH) for n in volumes}
    return by_series | {n: of_indicator(i) for n, i in full_model.indicators.items() if i.facts}


def of_indicator(indicator: Indicator) -> Measure:
    """Give the measure of an indicator."""
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
