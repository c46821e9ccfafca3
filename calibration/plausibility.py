"""Whether a scenario's own numbers are about as large as what they change.

A number ten times or more away from that of the base year is a slip of a unit more often than it is meant: a share
written as per cent, or 万 and 亿 left out. Where either is 0, or they differ in sign, their ratio says nothing, and the
declared range alone decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from fiveyear.model import Unit
from fiveyear.model.quantities import Array
from fiveyear.model.units import DIMENSIONLESS, YEAR
from fiveyear.scenarios import Scenario
from fiveyear.scenarios.errors import Fault
from fiveyear.scenarios.sizes import far_text, is_far

from .fit import Problem
from .posterior import Evidence

USUAL_SDS = 2.0  # of an outlook, of growth so far or of a prior: what lies within is usual, however small it is
GROWTH = DIMENSIONLESS / YEAR


class Usual(NamedTuple):
    """What a number is held against, in base units, and how it is called; ``low`` to ``high`` is usual in any case."""

    value: float
    called: str
    low: float
    high: float

    def is_far(self, number: float) -> bool:
        """Tell whether a number is ten times or more away.

        What lies in the usual range is not, unless a slip of the unit would lie there as well: about an outlook of 3 %
        a year with an sd of 4, 0.3 % may be meant, but 0.08 % was 8 % once.
        """
        if not is_far(number, self.value):
            return False
        return not self.low <= number <= self.high or self.low <= 100.0 * number <= self.high


@dataclass(frozen=True)
class Plausibility:
    """What is usual of every input of a plan, by its facts and priors; worked out once for all of its scenarios."""

    evidence: Evidence

    def faults(self, scenario: Scenario) -> list[Fault]:
        """Give each number of a scenario that is ten times or more away from what it changes, unless its table says so.

        Values are held against the base year's, in the plan's path or else in the facts; growth against the outlook,
        or else the growth so far; parameters against the plan's value, or else the middle of the prior.
        """
        faults: list[Fault] = []
        declared = self.evidence.model
        for name, table in scenario.content["paths"].items():
            numbers = "growth" if "growth" in table else "values"
            unit = GROWTH if numbers == "growth" else Unit.parse(declared.series[name].unit)
            usual = self._growth(name) if numbers == "growth" else self._level(name)
            faults += _far({f"paths.{name}.{numbers}.{y}": n for y, n in table[numbers].items()}, table, unit, usual)
        for name, table in scenario.content["parameters"].items():
            unit = Unit.parse(declared.parameters[name].unit)
            faults += _far({f"parameters.{name}.value": table["value"]}, table, unit, self._parameter(name))
        return faults

    @cached_property
    def _history(self) -> dict[str, Array]:
        return self.evidence.history

    @cached_property
    def _problem(self) -> Problem:
        return self.evidence.problem()

    def _level(self, name: str) -> Usual | None:
        plan = self.evidence.plan
        if name in plan.paths:
            years = np.arange(plan.start, plan.base_year + 1, dtype=float)
            value = float(plan.paths[name].yearly(years)[-1])
        elif name in self._history:
            value = float(self._history[name][-1])
        elif name in self._problem.pasts:
            value = self._problem.pasts[name].level
        else:
            return None
        return Usual(value, f"{plan.base_year}'s", value, value)

    def _growth(self, name: str) -> Usual | None:
        course = self.evidence.priors.outlook.get(name)
        if course is not None and course.kind == "growth":
            factor = Unit.parse(course.unit).factor_to(GROWTH)
            mean, reach = course.mean * factor, USUAL_SDS * math.hypot(course.sd, course.yearly_sd) * factor
            return Usual(mean, "the outlook's", mean - reach, mean + reach)
        past = self._history.get(name)
        if past is None or len(past) < 2 or np.any(past <= 0.0):
            return None
        growth = past[1:] / past[:-1] - 1.0
        mean, reach = float(growth.mean()), USUAL_SDS * float(growth.std())
        return Usual(mean, "the yearly growth so far,", mean - reach, mean + reach)

    def _parameter(self, name: str) -> Usual | None:
        fixed = self.evidence.plan.parameters.get(name)
        if fixed is not None:
            return Usual(fixed, "the plan's", fixed, fixed)
        prior = self._problem.parameters.get(name)
        if prior is None:
            return None
        low, value, high = (float(v) for v in prior(np.array([-USUAL_SDS, 0.0, USUAL_SDS])))
        return Usual(value, "the prior's middle,", low, high)


def _far(numbers: Mapping[str, float], table: Mapping[str, Any], unit: Unit, usual: Usual | None) -> list[Fault]:
    if usual is None or table.get("unusual", False):
        return []
    factor = Unit.parse(table["unit"]).factor_to(unit)
    far = {key: number for key, number in numbers.items() if usual.is_far(number * factor)}
    return [
        Fault(key, far_text(number, table["unit"], usual.value / factor, usual.called)) for key, number in far.items()
    ]
