"""The likelihood of printed facts: "2.8 times" means anything that rounds to 2.8."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr

from fiveyear.model.quantities import Array


def log_probability(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give the logarithm of the probability of what was printed; arrays broadcast.

    Where ``rounding`` is 0 the fact is a number with a normal error; else it is an interval of that width round the
    number printed: P = Phi((high - x) / sd) - Phi((low - x) / sd).

    >>> float(np.exp(log_probability(np.array(2.8), np.array(2.8), np.array(1e-6), np.array(0.1))).round(6))
    1.0
    """
    z = (observed - predicted) / sd
    normal = -0.5 * z**2 - np.log(sd * np.sqrt(2.0 * np.pi))
    half = np.where(rounding > 0.0, rounding, 1.0) / (2.0 * sd)
    # The two ends are taken on the side where their logarithms keep all digits.
    near, far = log_ndtr(-np.abs(z) + half), log_ndtr(-np.abs(z) - half)
    interval = near + np.log(-np.expm1(far - near))
    return np.asarray(np.where(rounding > 0.0, interval, normal))


def signed_root(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give residuals whose half sum of squares is minus the log-likelihood, up to a constant.

    For a fact that is not rounded this is (predicted - observed) / sd.
    """
    best = log_probability(observed, observed, sd, rounding)
    shortfall = np.maximum(best - log_probability(observed, predicted, sd, rounding), 0.0)
    rounded = np.sign(predicted - observed) * np.sqrt(2.0 * shortfall)
    return np.asarray(np.where(rounding > 0.0, rounded, (predicted - observed) / sd))
