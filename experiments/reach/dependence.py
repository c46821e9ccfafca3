"""Whether targets are met together more or less often than by chance, and what they hang on together."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble, stretches
from fiveyear.model.quantities import Array, Condition

BEYOND = 2.0  # Monte Carlo sds of independent events, by which two must depart from chance


@dataclass(frozen=True)
class Pair:
    """Two targets that are met ``together`` in another share of draws than ``by_chance``, the product of their own.

    ``shared``: the uncertain input that both hang on most, of those that both depend on.
    """

    first: str
    second: str
    together: float
    by_chance: float
    shared: str


@dataclass(frozen=True)
class Dependence:
    """What a joint probability would be if each target were met or missed by itself, and why it is another.

    ``pair``: of the two that depart from chance the most; None where none do by more than Monte Carlo error.
    """

    independent: float
    pair: Pair | None


def dependence(ensemble: Ensemble, met: Mapping[str, Condition]) -> Dependence:
    """Give the dependence of targets, by indicator, of which each draw meets those ``met``, (draw,)."""
    chances = {n: float(np.mean(m)) for n, m in met.items()}
    draws = len(next(iter(met.values())))
    sets = min(draws, ensemble.posterior.size)
    departures: dict[tuple[str, str], float] = {}
    for a, b in itertools.combinations(met, 2):
        by_chance = chances[a] * chances[b]
        sd = np.sqrt(by_chance * (1.0 - chances[a]) * (1.0 - chances[b]) / sets)
        excess = float(np.mean(met[a] & met[b])) - by_chance
        if sd > 0.0 and abs(excess) > BEYOND * sd:
            departures[a, b] = excess
    independent = float(np.prod(list(chances.values())))
    for (a, b), excess in sorted(departures.items(), key=lambda of: -abs(of[1])):
        common = set.intersection(*(set(ensemble.ground.inputs_of(n, ensemble.scenario.cuts)) for n in (a, b)))
        if shared := _shared(ensemble, common, met[a], met[b], excess):
            by_chance = chances[a] * chances[b]
            return Dependence(independent, Pair(a, b, by_chance + excess, by_chance, shared))
    return Dependence(independent, None)


def _shared(
    ensemble: Ensemble, among: Collection[str], first: Condition, second: Condition, excess: float
) -> str | None:
    """Give the input with which two events go most, in the sense in which they go together; None if there is none."""
    events = np.array([first, second], dtype=float)
    events -= events.mean(axis=1, keepdims=True)
    middle: Array | None = None
    total, squares, both = (np.zeros(()),) * 3  # over draws: of inputs less their middle, and of them with the events
    for which in stretches(len(first)):
        columns = {n: c for n, c in _columns(ensemble, which).items() if n in among}
        if not columns:
            return None
        every = np.array([*columns.values()])
        middle = every.mean(axis=1) if middle is None else middle
        every -= middle[:, None]
        total, squares = total + every.sum(axis=1), squares + np.sum(every**2, axis=1)
        # Not by BLAS, whose threads take longer to be woken than so few numbers to be multiplied.
        both = both + np.einsum("id,ed->ie", every, events[:, which.start : which.stop])
    assert middle is not None
    variance = (squares - total**2 / len(first)) / len(first)
    varies = variance > 1e-24 * middle**2
    if not np.any(varies):
        return None
    shared = np.sign(excess) * np.prod(both[varies], axis=1) / variance[varies]
    return [n for n, v in zip(columns, varies, strict=True) if v][int(np.argmax(shared))]


def _columns(ensemble: Ensemble, which: range) -> dict[str, Array]:
    """Give what is drawn, (draw,): parameters, and means of the years ahead."""
    inputs = ensemble.inputs(which.start, which.stop)
    columns = {n: np.asarray(v) for n, v in inputs.parameters.items() if np.ndim(v) == 1}
    return columns | {n: v[-ensemble.years_ahead :].mean(axis=0) for n, v in inputs.series.items() if v.ndim == 2}
