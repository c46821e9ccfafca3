"""What the model leaves out: an indicator deviates from it as a random walk.

The gap between fact and model is taken in logarithms, or as a share of the last fact for an indicator whose trend is
drawn in levels. The walk's yearly sd has a half-t prior and is learned from forecasts one year ahead, since the gaps
of a fit are smaller than those of a forecast: its parameters have absorbed most of them. Where the walk stands in the
last year with facts is filtered (Kalman) from the gaps of the fit and their errors of measurement, so that an
indicator starts between its last fact and the model, the nearer to the fact the better that is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr

from fiveyear.model.elementary import exp
from fiveyear.model.quantities import Array

from .priors import DiscrepancyPrior
from .random_numbers import normals

GRID = np.geomspace(1e-4, 0.5, 400)  # yearly sds at which the posterior is evaluated


@dataclass(frozen=True)
class Discrepancy:
    """For one indicator and each parameter set: the yearly sd of the walk, and where it stands in the base year."""

    yearly_sd: Array  # (draw,)
    at_base: Array  # (draw,)


def last_of(facts: Mapping[int, tuple[float, float]]) -> float:
    """Give the last fact, of which a discrepancy in levels is a share; 1 if there is none."""
    return facts[max(facts)][0] if facts else 1.0


def gaps(
    facts: Mapping[int, tuple[float, float]], predicted: Array, first_year: int, trend: Literal["linear", "log"]
) -> tuple[Array, Array]:
    """Give the gaps between facts and model, (year, draw) with NaN where there is no fact, and their sds, (year,).

    ``facts``: year -> (value, sd); ``predicted``: by the model, (year, draw).
    """
    scale = last_of(facts)
    gap, sd = np.full(predicted.shape, np.nan), np.full(len(predicted), np.nan)
    for year, (value, error) in facts.items():
        place = year - first_year
        if 0 <= place < len(predicted):
            gap[place] = np.log(value / predicted[place]) if trend == "log" else (value - predicted[place]) / scale
            sd[place] = error / (value if trend == "log" else scale)
    return gap, sd


def _filter(gap: Array, sd: Array, yearly_sd: Array) -> tuple[Array, Array]:
    """Run the Kalman filter: mean and variance of the walk in the last year, each (draw,)."""
    mean, variance = (np.zeros(np.broadcast(gap[0], yearly_sd).shape) for _ in range(2))
    for observed, error in zip(gap, sd, strict=True):
        variance = variance + yearly_sd**2
        if not np.isnan(error):
            gain = variance / (variance + error**2)
            mean, variance = mean + gain * (observed - mean), (1.0 - gain) * variance
    return mean, variance


def learn(
    gap: Array, sd: Array, ahead: Sequence[tuple[float, float]], prior: DiscrepancyPrior, seed: int, name: str
) -> Discrepancy:
    """Draw the yearly sd, and where the walk stands in the base year, for each parameter set.

    Parameters
    ----------
    gap, sd : as ``gaps`` gives them for the parameter sets
    ahead : for each forecast one year ahead, how far the fact was from its mean, and the variance that parameters,
        shocks and measurement account for; what is beyond that is put down to the walk
    """
    tail = prior.degrees_of_freedom
    half_t = -0.5 * (tail + 1.0) * np.log1p((GRID / prior.scale) ** 2 / tail)
    weight = half_t + np.log(GRID)  # the grid is even in logarithms
    for error, accounted in ahead:
        total = accounted + GRID**2
        weight = weight - 0.5 * (error**2 / total + np.log(total))
    cumulative = np.cumsum(np.exp(weight - weight.max()))
    numbers = normals(seed, f"discrepancy of the past {name}", 0, gap.shape[1], 2)
    yearly_sd = GRID[np.searchsorted(cumulative / cumulative[-1], ndtr(numbers[:, 0]))]
    mean, variance = _filter(gap, sd, yearly_sd)
    return Discrepancy(yearly_sd, mean + np.sqrt(variance) * numbers[:, 1])


def walk(
    discrepancy: Discrepancy, years_ahead: int, seed: int, name: str, start: int, stop: int, common: float = 0.0
) -> Array:
    """Give the discrepancy from the base year on, (draw, 1 + years_ahead), for the draws ``start`` to ``stop``.

    The arrays of ``discrepancy`` hold those draws. ``common`` is the correlation between the yearly steps of any two
    indicators: that share of their variance is one and the same factor.
    """
    steps = normals(seed, f"discrepancy {name}", start, stop, years_ahead).T
    if common:
        shared = normals(seed, "discrepancy in common", start, stop, years_ahead).T
        steps = np.sqrt(common) * shared + np.sqrt(1.0 - common) * steps
    deviations = np.zeros((1 + years_ahead, stop - start))
    for year, step in enumerate(steps, start=1):
        np.add(deviations[year - 1], step, out=deviations[year])
    deviations *= discrepancy.yearly_sd
    deviations += discrepancy.at_base
    return deviations.T


def apply(values: Array, deviations: Array, trend: Literal["linear", "log"], scale: float) -> Array:
    """Add a discrepancy, (draw, year), to the predictions of an indicator, (draw, year)."""
    # Transposed, since what is drawn lies year by year.
    return (values.T * exp(deviations.T) if trend == "log" else values.T + scale * deviations.T).T
