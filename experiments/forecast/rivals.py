"""Rival forecasts, made from the facts alone: what a model has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import scipy

from fiveyear.model import INDICATORS
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan, Target

Trend = Literal["linear", "log"]
QUANTILES = (0.05, 0.5, 0.95)  # of a forecast that are told
DAMPING = 0.9  # share of growth that is left a year later (Gardner & McKenzie 1985): between .8 and .98 in practice
LEAST_CHANGES = 3  # yearly changes below which no scatter is worth stating


@dataclass(frozen=True)
class Rival:
    """A forecast for one year: its median and 90 % interval, and the probability of the target."""

    median: float
    p05: float
    p95: float
    probability: float


@dataclass(frozen=True)
class Forecast:
    """A forecast as a t distribution, of the logarithm for a "log" trend."""

    middle: float
    scale: float
    degrees: int
    trend: Trend

    def quantiles(self, shares: Array) -> Array:
        """Give the values below which these shares of the forecast lie, of the same shape."""
        return self.at(scipy.special.stdtrit(self.degrees, shares))

    def at(self, standard: Array) -> Array:
        """Give the values that lie so many scales from the middle."""
        quantiles = np.asarray(self.middle + self.scale * standard)
        return np.exp(quantiles) if self.trend == "log" else quantiles

    def below(self, value: float) -> float:
        """Give the probability of less than a value."""
        goal = np.log(value) if self.trend == "log" else value
        return float(scipy.special.stdtr(self.degrees, (goal - self.middle) / self.scale))


def walk(facts: Mapping[int, float], year: int, trend: Trend) -> Forecast | None:
    """Forecast by a random walk with drift: the mean and scatter of the yearly changes so far.

    ``facts``: year -> value, years without gaps at the end. In logarithms for a "log" trend. The drift is itself
    uncertain, so the forecast is a t distribution: over h years from n changes of sd s, s^2 (h + h^2 / n).
    None with fewer than three changes.
    """
    years = [max(facts)] if facts else []
    while years and years[0] - 1 in facts:
        years.insert(0, years[0] - 1)
    values = [facts[y] for y in years]
    if len(values) <= LEAST_CHANGES:
        return None
    levels = np.log(values) if trend == "log" else np.asarray(values)
    changes = np.diff(levels)
    count, ahead = len(changes), year - years[-1]
    scale = float(np.std(changes, ddof=1)) * np.sqrt(ahead + ahead**2 / count)
    return Forecast(float(levels[-1] + ahead * changes.mean()), float(scale), count - 1, trend)


def random_walk(facts: Mapping[int, float], year: int, target: float, comparator: str, trend: Trend) -> Rival | None:
    """Give what ``walk`` forecasts: the median, its interval, and the probability of a target; None without a walk."""
    forecast = walk(facts, year, trend)
    if forecast is None:
        return None
    low, median, high = forecast.quantiles(np.array(QUANTILES))
    below = forecast.below(target)
    return Rival(float(median), float(low), float(high), 1.0 - below if comparator == ">=" else below)


def growth_continues(facts: Mapping[int, float], base_year: int, year: int) -> float | None:
    """Extend the mean growth achieved so far: the value in ``year``; None without a base and an earlier fact.

    Growth counts from the earliest fact that lies no further back than the forecast reaches ahead.
    """
    first = first_fact(facts, base_year, year - base_year)
    if first is None:
        return None
    growth = np.log(facts[base_year] / facts[first]) / (base_year - first)
    return float(facts[base_year] * np.exp(growth * (year - base_year)))


def growth_fades(facts: Mapping[int, float], base_year: int, year: int) -> float | None:
    """Extend the mean growth achieved so far, of which ``DAMPING`` is left each year; None as for ``growth_continues``.

    >>> round(growth_fades({2000: 100.0, 2001: 110.0}, 2001, 2002), 2)  # of 10 %, nine tenths, in logarithms
    119.85
    """
    continued = growth_continues(facts, base_year, year)
    if continued is None:
        return None
    ahead = year - base_year
    share = float(np.mean(DAMPING ** np.arange(1.0, ahead + 1.0)))
    return float(facts[base_year] * (continued / facts[base_year]) ** share)


def pooled(sample: Array, walk: Forecast) -> Array:
    """Give a sample of the pool of a sample and a walk: their quantiles averaged (Lichtendahl et al. 2013).

    Both count the same (Smith & Wallis 2009), on the scale of the walk: logarithms for a "log" trend. Its CRPS there
    is no worse than the mean of both, since that of a quantile is a convex function of it.
    """
    own, other = np.sort(sample), walk.at(_standard(walk.degrees, len(sample)))
    return np.asarray(np.sqrt(own * other) if walk.trend == "log" else 0.5 * (own + other))


@lru_cache(maxsize=4)
def _standard(degrees: int, count: int) -> Array:
    """Give the middles of so many equally likely parts of a t distribution."""
    return np.asarray(scipy.special.stdtrit(degrees, (np.arange(count) + 0.5) / count))


def first_fact(facts: Mapping[int, float], base_year: int, reach: int) -> int | None:
    """Give the earliest year with a fact, at most ``reach`` years before the base year, which must have one too."""
    earlier = [y for y in facts if base_year - reach <= y < base_year]
    return min(earlier) if earlier and base_year in facts else None


def outside_view(record: list[float], base: float, target: float) -> Rival:
    """Forecast from the record of such targets: the shares of the planned rise that earlier plans delivered.

    ``record``: two shares or more, taken as draws from one distribution: a t distribution with their mean and scatter.
    """
    shares = np.asarray(record)
    scale = float(np.std(shares, ddof=1)) * np.sqrt(1.0 + 1.0 / len(shares))
    forecast = Forecast(float(shares.mean()), scale, len(shares) - 1, "linear")
    low, median, high = sorted((base + (target - base) * forecast.quantiles(np.array(QUANTILES))).tolist())
    return Rival(median, low, high, 1.0 - forecast.below(1.0))


@dataclass(frozen=True)
class Rivals:
    """What rivals say of a target's last year; None of which the facts are too few."""

    random_walk: Rival | None
    growth_continues: float | None
    outside_view: Rival | None


def beside(target: Target, plan: Plan, facts: Mapping[int, float], record: list[float], least_record: int) -> Rivals:
    """Give the rivals of a target, by the facts of its indicator (year -> value) and the record of earlier plans.

    ``record``: the share of its planned rise that each delivered; ``least_record``: how many of them make a forecast.
    """
    trend, base = INDICATORS[target.indicator].trend, facts.get(plan.base_year)
    return Rivals(
        random_walk(facts, plan.end, target.value, target.comparator, trend),
        growth_continues(facts, plan.base_year, plan.end),
        outside_view(record, base, target.value) if len(record) >= least_record and base is not None else None,
    )
