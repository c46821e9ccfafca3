"""The likelihood of printed facts: "2.8 times" means anything that rounds to 2.8, "over 20 %" anything above it."""

from __future__ import annotations

import numpy as np
import scipy

from fiveyear.model.quantities import Array

LOG_NORMAL = -0.5 * np.log(2.0 * np.pi)  # of the largest density of the standard normal distribution


def log_probability(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give the logarithm of the probability of what was printed; arrays broadcast.

    Where ``rounding`` is 0 the fact is a number with a normal error. Else it is an interval, P = Phi((high - x) / sd)
    - Phi((low - x) / sd): of the width ``rounding`` round the number printed; or, if that is inf, from the number on
    ("over 20"), and if it is -inf, up to the number.

    >>> float(np.exp(log_probability(np.array(2.8), np.array(2.8), np.array(1e-6), np.array(0.1))).round(6))
    1.0
    """
    z = (observed - predicted) / sd
    normal = -0.5 * z**2 - np.log(sd * np.sqrt(2.0 * np.pi))
    bound = scipy.special.log_ndtr(-np.sign(rounding) * z)
    rounded = (rounding > 0.0) & np.isfinite(rounding)
    interval = _log_interval(z, np.where(rounded, rounding, 1.0) / (2.0 * sd))
    return np.asarray(np.where(rounded, interval, np.where(np.isinf(rounding), bound, normal)))


def _log_interval(z: Array, half: Array) -> Array:
    # The two ends are taken on the side where their logarithms keep all digits.
    away = np.abs(z)
    near, far = scipy.special.log_ndtr(half - away), scipy.special.log_ndtr(-away - half)
    return np.asarray(near + np.log(-np.expm1(far - near)))


# Slopes are of the logarithm of the probability by what is predicted, one function a kind of fact. The probability of
# all that rounds to the number, in units of a density, is what the density at its ends is compared with.
def slope(observed: Array, predicted: Array, sd: Array) -> Array:
    """Give the slope of a fact that is not rounded; arrays broadcast."""
    return np.asarray((observed - predicted) / sd**2)


def slope_of_interval(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give the slope of a fact that is rounded; arrays broadcast."""
    z, half = (observed - predicted) / sd, rounding / (2.0 * sd)
    low, high = _densities(np.stack([z - half, z + half]), _log_interval(z, half))
    return np.asarray((low - high) / sd)


def slope_of_bound(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give the slope of a bound; arrays broadcast."""
    z, side = (observed - predicted) / sd, np.sign(rounding)
    return np.asarray(side * _densities(z, scipy.special.log_ndtr(-side * z)) / sd)


def _densities(ends: Array, log_mass: Array) -> Array:
    return np.asarray(np.exp(LOG_NORMAL - 0.5 * ends**2 - log_mass))


def signed_root(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give residuals whose half sum of squares is minus the log-likelihood, up to a constant.

    For a fact that is not rounded this is (predicted - observed) / sd; for a bound it fades to 0 on the side that was
    printed.
    """
    # The probability of an interval is highest at its middle.
    best = np.log(scipy.special.erf(np.where(rounding > 0.0, rounding, np.inf) / (np.sqrt(8.0) * sd)))
    shortfall = np.maximum(best - log_probability(observed, predicted, sd, rounding), 0.0)
    side = np.where(np.isinf(rounding), -np.sign(rounding), np.sign(predicted - observed))
    return np.asarray(np.where(rounding == 0.0, (predicted - observed) / sd, side * np.sqrt(2.0 * shortfall)))
