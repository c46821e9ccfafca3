"""The probability of something as a share of draws, and how far counting draws may be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from fiveyear.model.quantities import Condition

from .ensemble import SetNumbers


@dataclass(frozen=True)
class Probability:
    """A share of draws, and the 90 % Jeffreys interval of its Monte Carlo error, which never ends at 0 or 1.

    Where a lever decides, it is certain: there is no such error.
    """

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether no draw decides it."""
        return self.low == self.high


def jeffreys(successes: float, trials: float) -> tuple[float, float]:
    """Give the 90 % Jeffreys interval of a probability, of which so many of the trials were successes.

    >>> [round(end, 4) for end in jeffreys(0.0, 10.0)]
    [0.0002, 0.1708]
    """
    low, high = (float(betaincinv(successes + 0.5, trials - successes + 0.5, p)) for p in (0.05, 0.95))
    return low, high


def estimate(met: Condition, sets: SetNumbers) -> Probability:
    """Give the share of draws that meet something, with the Jeffreys interval of its Monte Carlo error.

    Draws that share a parameter set are not independent: ``sets`` (draw,) says which set each has, and the interval
    is that of as many independent draws as would scatter like the sets do.
    """
    share, draws = float(np.mean(met)), len(met)
    counts = np.bincount(sets)
    by_set = np.bincount(sets, weights=met) / counts
    scatter = float(np.sum((counts / draws) ** 2 * (by_set - share) ** 2))
    effective = min(share * (1.0 - share) / scatter, draws) if scatter > 0.0 else float(len(counts))
    return Probability(share, *jeffreys(share * effective, effective))
