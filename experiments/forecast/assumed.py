"""What comes of assumptions rather than facts: the share that parameters of which the facts say little account for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from fiveyear.calibration.posterior import Posterior
from fiveyear.model.quantities import Array

from .ensemble import Ensemble

INFORMED = 0.5  # a parameter is called informed if the facts took away at least this share of its prior variance


def assumed(ensemble: Ensemble, draws: int) -> Array:
    """Give what is assumed rather than learned, standardised, (set, number), with a column of ones.

    That is: the parameters of which the facts said little, of each parameter set that the draws take in turn. Shocks
    still to come are none of them: how large they are is known from other countries.
    """
    sets = min(draws, ensemble.posterior.size)
    columns = _standardised(ensemble.posterior, sets)
    return np.stack([*(c for n, c in columns.items() if n not in ensemble.scenario.parameters), np.ones(sets)], axis=1)


@lru_cache(maxsize=8)
def _standardised(posterior: Posterior, sets: int) -> dict[str, Array]:
    """Give the parameters of which the facts said little, of the first sets, standardised, (set,), by name."""
    little = {n: v[:sets] for n, v in posterior.parameters.items() if posterior.contraction[n] < INFORMED}
    return {n: (v - v.mean()) / v.std() for n, v in little.items() if v.std() > 0.0}


def shares(values: Mapping[str, Array], assumptions: Array) -> dict[str, float]:
    """Give the share of the variance of values, each (draw,), that comes from what is assumed, ``assumed``.

    What a linear regression on it accounts for, adjusted for the columns used, comes from it: 0 where nothing varies.
    With too few draws to tell there are none.
    """
    count, draws = assumptions.shape[1], len(next(iter(values.values()), ()))
    if draws <= 2 * count:
        return {}
    sets = np.arange(draws) % len(assumptions)
    totals = np.stack([np.bincount(sets, v) for v in values.values()], axis=1)
    # By the normal equations: with columns of one scale they are exact enough, and ten times sooner. Not by BLAS, whose
    # threads take longer to be woken than so few numbers to be multiplied.
    weighted = np.bincount(sets)[:, None] * assumptions
    squares, products = (np.einsum("sa,sb->ab", assumptions, by) for by in (weighted, totals))
    coefficients = np.linalg.lstsq(squares, products, rcond=None)[0]
    return {
        name: _share(of, (assumptions @ by)[sets], (draws - 1) / (draws - count))
        for (name, of), by in zip(values.items(), coefficients.T, strict=True)
    }


def _share(values: Array, predicted: Array, adjusted: float) -> float:
    variance = float(np.var(values))
    return min(max(1.0 - adjusted * float(np.var(values - predicted)) / variance, 0.0), 1.0) if variance > 0.0 else 0.0
