"""The likelihood of printed facts: "2.8 times" means anything that rounds to 2.8, "over 20 %" anything above it."""

from __future__ import annotations

import numpy as np
import scipy

from fiveyear.model.quantities import Array


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
    half = np.where(rounded, rounding, 1.0) / (2.0 * sd)
    # The two ends are taken on the side where their logarithms keep all digits.
    near, far = scipy.special.log_ndtr(-np.abs(z) + half), scipy.special.log_ndtr(-np.abs(z) - half)
    interval = near + np.log(-np.expm1(far - near))
    return np.asarray(np.where(rounded, interval, np.where(np.isinf(rounding), bound, normal)))


def slope(observed: Array, predicted: Array, sd: Array, rounding: Array) -> Array:
    """Give how the logarithm of the probability changes with what is predicted; arrays broadcast."""
    z = (observed - predicted) / sd
    half = np.where(np.isfinite(rounding), rounding, 0.0) / (2.0 * sd)
    log_normal = -0.5 * np.log(2.0 * np.pi)
    # The probability of all that rounds to the number, in units of a density, is what its two ends are compared with.
    log_mass = log_probability(observed, predicted, sd, rounding)
    ends = [np.exp(log_normal - 0.5 * (z + end) ** 2 - log_mass) for end in (-half, half)]
    side = np.sign(rounding)
    rounded_slope = np.where(np.isinf(rounding), side * ends[0], ends[0] - ends[1])
    return np.asarray(np.where(rounding == 0.0, z, rounded_slope) / sd)


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
