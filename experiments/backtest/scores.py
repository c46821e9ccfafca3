"""How good a forecast was: scores of a sample against the number that came, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import logsumexp

from fiveyear.model.quantities import Array

RESAMPLES = 4000  # of the series, for an interval round a mean over them
SEED = 2011
LAGS = (1, 3, 7, 13, 29, 61, 127)  # between two draws that are compared
LEAST_SHARE = 1e-3  # of the number that came; below it logarithms are not told apart


def crps(sample: Array, came: float) -> float:
    """Give the continuous ranked probability score (Gneiting & Raftery 2007), in the sample's unit; 0 is best.

    Of a single number it is the absolute error; a sample of a distribution gives E|X - came| - E|X - X'| / 2.

    >>> crps(np.array([3.0]), 5.0), crps(np.array([4.0, 6.0]), 5.0)
    (2.0, 0.5)
    """
    ordered, count = np.sort(sample), len(sample)
    between = np.dot(2.0 * np.arange(1, count + 1) - count - 1.0, ordered) / count**2
    return float(np.mean(np.abs(ordered - came)) - between)


def log_crps(sample: Array, came: float) -> float:
    """Give the score of the logarithm of a sample, of which only far tails may lie near 0 or below it.

    >>> round(log_crps(np.array([4.0]), 5.0), 3)
    0.223
    """
    return crps(np.log(np.maximum(sample / came, LEAST_SHARE)), 0.0)


def log_score(sample: Array, came: float) -> float:
    """Give minus the logarithm of the density that a sample has at what came, by the logarithm of both; less is better.

    The density is a kernel estimate (Silverman 1986), whose width knows nothing of far tails.

    >>> from scipy.special import ndtri
    >>> even = np.exp(ndtri((np.arange(20_000) + 0.5) / 20_000))
    >>> round(log_score(even, 1.0), 1)  # the standard normal has log(2 pi) / 2, or .92
    0.9
    """
    logs = np.log(np.maximum(sample / came, LEAST_SHARE))
    low, high = np.quantile(logs, (0.25, 0.75))
    width = 0.9 * min(float(np.std(logs)), float(high - low) / 1.349) * len(logs) ** -0.2
    return float(np.log(width * np.sqrt(2.0 * np.pi)) - logsumexp(-0.5 * (logs / width) ** 2, b=1.0 / len(logs)))


def pit(sample: Array, came: float) -> float:
    """Give the share of a sample that lies below what came (Dawid 1984): over many forecasts, even between 0 and 1.

    >>> pit(np.array([1.0, 2.0, 3.0, 4.0]), 3.5)
    0.75
    """
    return float(np.mean(sample < came))


def energy(samples: Array) -> float:
    """Give the energy score (Gneiting & Raftery 2007) of a joint sample, (draw, number), of errors; 0 is best.

    It is E|X| - E|X - X'| / 2, the second from ``LAGS`` pairings of the draws; of one number it is the CRPS.
    """
    between = [np.linalg.norm(samples - np.roll(samples, lag, axis=0), axis=1).mean() for lag in LAGS]
    return float(np.linalg.norm(samples, axis=1).mean() - 0.5 * np.mean(between))


def ends(sample: Array, share: float) -> tuple[float, float]:
    """Give the ends of the middle ``share`` of a sample."""
    low, high = np.quantile(sample, (0.5 - share / 2.0, 0.5 + share / 2.0))
    return float(low), float(high)


def over_series(
    rows: Sequence[Array], statistic: Callable[[Array], float] = lambda values: float(values.mean())
) -> tuple[float, float, float]:
    """Give a statistic of all numbers, and its 90 % bootstrap interval over series, whose years hang together.

    ``rows``: for each series, (year,) or (year, number); ``statistic`` takes them one below the other.
    """
    drawn = np.random.default_rng(SEED).integers(len(rows), size=(RESAMPLES, len(rows)))
    statistics = [statistic(np.concatenate([rows[n] for n in which])) for which in drawn]
    low, high = np.quantile(statistics, (0.05, 0.95))
    return statistic(np.concatenate(rows)), float(low), float(high)
