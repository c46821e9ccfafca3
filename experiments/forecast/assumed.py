"""What comes of assumptions rather than facts: the share that parameters of which the facts say little account for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.model.quantities import Array

from .ensemble import Ensemble

INFORMED = 0.5  # a parameter is called informed if the facts took away at least this share of its prior variance


def assumed(ensemble: Ensemble, draws: int) -> Array:
    """Give what is assumed rather than learned, standardised, (draw, number), with a column of ones.

    That is: the parameters of which the facts said little. Shocks still to come are none of them: how large they are is
    known from other countries.
    """
    contraction, inputs = ensemble.posterior.contraction, ensemble.inputs(0, draws)
    little = [np.asarray(inputs.parameters[n]) for n in ensemble.posterior.parameters if contraction[n] < INFORMED]
    columns = [(c - c.mean()) / c.std() for c in little if c.ndim == 1 and c.std() > 0.0]
    return np.stack([*columns, np.ones(draws)], axis=1)


def shares(values: Mapping[str, Array], assumptions: Array) -> dict[str, float]:
    """Give the share of the variance of values, each (draw,), that comes from what is assumed, ``assumed``.

    What a linear regression on it accounts for, adjusted for the columns used, comes from it: 0 where nothing varies.
    With too few draws to tell there are none.
    """
    draws, count = assumptions.shape
    if draws <= 2 * count or not values:
        return {}
    every = np.stack(list(values.values()), axis=1)
    # By the normal equations: with columns of one scale they are exact enough, and ten times sooner.
    coefficients = np.linalg.lstsq(assumptions.T @ assumptions, assumptions.T @ every, rcond=None)[0]
    unexplained = np.var(every - assumptions @ coefficients, axis=0) * (draws - 1) / (draws - count)
    variance = np.var(every, axis=0)
    explained = np.divide(variance - unexplained, variance, out=np.zeros_like(variance), where=variance > 0.0)
    return dict(zip(values, np.clip(explained, 0.0, 1.0).tolist(), strict=True))
