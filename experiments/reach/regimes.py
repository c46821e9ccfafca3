"""Whether money or candidates hold hiring back, and what is met under each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble, SetNumbers
from fiveyear.experiments.forecast.probability import Probability, estimate
from fiveyear.model.quantities import Array, Condition

WANTED, SUPPLY = "hires_wanted", "graduate_supply"


@dataclass(frozen=True)
class Regime:
    """Draws in which ``short`` is short, money or candidates: their share, and P of each target by indicator there."""

    short: str
    weight: Probability
    chances: dict[str, Probability]

    def as_dict(self) -> dict[str, Any]:
        """Give the regime ready for JSON."""
        chances = {n: {"value": p.value, "low": p.low, "high": p.high} for n, p in self.chances.items()}
        return {"short": self.short, "weight": self.weight.value, "probabilities": chances}


def has_regimes(ensemble: Ensemble) -> bool:
    """Tell whether the plan lets the model compute who is wanted and who is there."""
    return {WANTED, SUPPLY} <= set(ensemble.names)


def candidates_short(wanted: Array, supply: Array, years_ahead: int) -> Condition:
    """Tell of each draw, (draw,), whether more are wanted than are there in the last years together.

    ``wanted``, ``supply``: (draw, year), hires wanted in a year, and those that R&D could hire.
    """
    return np.asarray(wanted[:, -years_ahead:].sum(axis=1) > supply[:, -years_ahead:].sum(axis=1))


def regimes(short_of_candidates: Condition, met: Mapping[str, Condition], sets: SetNumbers) -> tuple[Regime, ...]:
    """Give the regimes that occur; ``met``: by indicator, which draws meet its target, (draw,)."""
    several = []
    for short, which in (("money", ~short_of_candidates), ("candidates", short_of_candidates)):
        if which.any():
            of_sets = np.unique(sets[which], return_inverse=True)[1]  # numbered anew: some may not occur
            chances = {n: estimate(m[which], of_sets) for n, m in met.items()}
            several.append(Regime(short, estimate(which, sets), chances))
    return tuple(several)
