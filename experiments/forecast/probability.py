"""The probability of something as a share of draws, and how far counting draws may be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from fiveyear.model.quantities import Array, Condition

from .ensemble import SetNumbers

Counts = Array | npt.NDArray[np.integer]


@dataclass(frozen=True)
class Probability:
    """A share of draws, and the 90 % Jeffreys interval of its Monte Carlo error, which never ends at 0 or 1."""

    value: float
    low: float
    high: float


def jeffreys(successes: float, trials: float) -> tuple[float, float]:
    """Give the 90 % Jeffreys interval of a probability, of which so many of the trials were successes.

    >>> [round(end, 4) for end in jeffreys(0.0, 10.0)]
    [0.0002, 0.1708]
    """
    low, high = (float(scipy.special.betaincinv(successes + 0.5, trials - successes + 0.5, p)) for p in (0.05, 0.95))
    return low, high


def estimate(met: Condition, sets: SetNumbers) -> Probability:
    """Give the share of draws that meet something, with the Jeffreys interval of its Monte Carlo error.

    Draws that share a parameter set are not independent: ``sets`` (draw,) says which set each has, and the interval
    is that of as many independent draws as would scatter like the sets do.
    """
    return of_sets(np.bincount(sets, weights=met), np.bincount(sets))


def of_sets(met: Counts, draws: Counts) -> Probability:
    """Give the same from how many draws of each parameter set meet it, and how many there are, both (set,)."""
    every, share = float(np.sum(draws)), float(np.sum(met) / np.sum(draws))
    scatter = float(np.sum((draws / every) ** 2 * (met / draws - share) ** 2))
    effective = min(share * (1.0 - share) / scatter, every) if scatter > 0.0 else float(len(draws))
    return Probability(share, *jeffreys(share * effective, effective))


def at_most_of_sets(share: float, draws: int, sets: int) -> Probability:
    """Give a share of draws with an interval that is wide enough even if the parameter set alone decides each draw."""
    effective = float(min(draws, sets))
    return Probability(share, *jeffreys(share * effective, effective))
