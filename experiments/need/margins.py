"""By how much each draw meets a target, and the slope of that by what the target is read from.

A margin is at or above nil where the target is met. Arrays of readings are (year, draw), in base units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach import places
from fiveyear.model import Indicator, Reading
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import default_reading
from fiveyear.scenarios import Target

Slopes = dict[Reading, Array]
Back = Callable[[Array], Array]  # takes slopes by a result to slopes by what it is made of


@dataclass(frozen=True)
class Margin:
    """The margin of one target: (draw,), and its slopes by reading, (year, draw)."""

    target: Target
    indicator: Indicator
    readings: tuple[Reading, ...]
    factor: float  # from base units to those of the indicator
    base: int  # the place of the base year
    own: Reading | None = None  # of a place by citations: the country's; the others are the rivals'

    def __call__(self, values: Mapping[Reading, Array]) -> tuple[Array, Slopes]:
        """Give the margin of each draw, and its slopes."""
        if self.own is not None:
            return self._of_place(self.own, values)
        value, slopes = self._value(values)
        sign = 1.0 if self.target.comparator == ">=" else -1.0
        margins = sign * (value - self.target.value)
        ahead = margins[self.base + 1 :] if self.target.every_year else margins[-1:]
        worst = len(margins) - len(ahead) + np.argmin(ahead, axis=0)
        draws = np.arange(margins.shape[1])
        decides = np.zeros_like(margins)
        decides[worst, draws] = sign
        return margins[worst, draws], {reading: slope(decides) for reading, slope in slopes.items()}

    def _value(self, values: Mapping[Reading, Array]) -> tuple[Array, dict[Reading, Back]]:
        """Give the indicator, (year, draw), and what takes slopes by it to slopes by each of its readings."""
        parts = [_rise(values[r], self.indicator.above, self.base) for r in self.readings]
        (above, of_above), *rest = parts
        if not rest:
            return self.factor * above, {self.readings[0]: lambda by: of_above(self.factor * by)}
        ((below, of_below),) = rest
        with np.errstate(divide="ignore", invalid="ignore"):  # of a rise over the base year there is none up to it
            value = self.factor * above / below
            slopes = self.factor / below, -value / below

        def by_above(by: Array) -> Array:
            return of_above(_where(by, slopes[0]))

        def by_below(by: Array) -> Array:
            return of_below(_where(by, slopes[1]))

        return value, {self.readings[0]: by_above, self.readings[1]: by_below}

    def _of_place(self, own: Reading, values: Mapping[Reading, Array]) -> tuple[Array, Slopes]:
        """Give by how much, in logarithms, citations are above those of the rival who would be in that place."""
        rivals = [r for r in self.readings if r != own]
        counts = np.array([values[r][-1] for r in rivals])
        draws = np.arange(counts.shape[1])
        ahead = np.argsort(counts, axis=0)[len(rivals) - int(self.target.value)]
        slopes = {reading: np.zeros_like(values[reading]) for reading in self.readings}
        slopes[own][-1] = 1.0 / values[own][-1]
        for place, reading in enumerate(rivals):
            slopes[reading][-1] = np.where(ahead == place, -1.0 / counts[place], 0.0)
        return np.log(values[own][-1] / counts[ahead, draws]), slopes


def _where(by: Array, slope: Array) -> Array:
    """Give the product where something is asked for: elsewhere a slope need not be finite."""
    return np.where(by == 0.0, 0.0, by * np.where(by == 0.0, 0.0, slope))


def _rise(values: Array, above: str, base: int) -> tuple[Array, Back]:
    """Give a reading as an indicator counts it, over the year before or the base year if it is a rise; and back."""
    if above == "the year before":

        def by_year(by: Array) -> Array:
            slopes = np.zeros_like(values)
            slopes[1:] += by[1:] / values[:-1]
            slopes[:-1] -= by[1:] * values[1:] / values[:-1] ** 2
            return slopes

        return np.concatenate([np.full_like(values[:1], np.nan), values[1:] / values[:-1] - 1.0]), by_year
    if above == "the base year":

        def by_base(by: Array) -> Array:
            slopes: Array = by / values[base]
            slopes[base] -= np.sum(by * values, axis=0) / values[base] ** 2
            return slopes

        return values / values[base] - 1.0, by_base
    return values, lambda by: by


def margin_of(ensemble: Ensemble, target: Target) -> Margin:
    """Give the margin of a target that the ensemble's model has."""
    model, plan = ensemble.model, ensemble.scenario.plan
    indicator = ensemble.indicators[target.indicator]
    base = plan.base_year - plan.start
    if target.indicator == places.RANK:
        names = [n for n in model.names if n == places.OWN or n.startswith(places.RIVAL)]
        readings = {name: default_reading(model, name) for name in names}
        return Margin(target, indicator, tuple(readings.values()), 1.0, base, readings[places.OWN])
    factor = indicator.factor(model.units)
    return Margin(target, indicator, indicator.readings, factor, base)
