"""Which answers hang on what was assumed: each parameter that the facts left open, moved across its prior."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from fiveyear.calibration import information
from fiveyear.calibration.fit import Fit
from fiveyear.calibration.posterior import Posterior
from fiveyear.experiments.console.options import SEED
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.targets import met_of
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Scenario, answered_by

DRAWS = 4_000
ENDS = (0.05, 0.95)  # of the prior


@dataclass(frozen=True)
class Moved:
    """The probability of a target when one parameter is known to be at the low, and the high, end of its prior."""

    scenario: str
    indicator: str
    parameter: str
    probability: float  # with the parameter as uncertain as the posterior has it
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """How far the probability moves at most from what it is."""
        return max(abs(self.at_low - self.probability), abs(self.at_high - self.probability))

    @property
    def other_word(self) -> bool:
        """Whether the verdict changes its word at either end."""
        return {verdict(self.at_low), verdict(self.at_high)} != {verdict(self.probability)}

    @property
    def other_side(self) -> bool:
        """Whether more likely than not turns into the contrary at either end."""
        return len({p >= 0.5 for p in (self.probability, self.at_low, self.at_high)}) > 1


def robustness(
    fitted: Posterior, fit: Fit, z: Array, names: Sequence[str], progress: Callable[[int], None] | None = None
) -> tuple[Moved, ...]:
    """Move each of the parameters across its prior and run the scenarios: one entry a scenario, target and parameter.

    Every draw gets the parameter at the 5 %, or the 95 %, point of its prior; all else that was fitted moves with it so
    that the facts stay about as well met (``information.conditioned``); all that lies ahead stays draw
    by draw. ``z``: the draws as latent numbers. ``progress`` is told of each parameter.
    """
    scenarios = answered_by(fitted.evidence.plan)
    as_fitted = [_chances(fitted, s) for s in scenarios]
    moved = []
    for name in names:
        at_ends = []
        for moved_draws in information.conditioned(fit, z, name, ndtri(ENDS)):  # standard normal a priori
            parameters, shocks = fit.problem.values(moved_draws)
            there = replace(fitted, parameters=parameters, shocks=shocks)
            at_ends.append([_chances(there, s) for s in scenarios])
        moved += [
            Moved(scenario.name, target, name, chance, low[target], high[target])
            for scenario, chances, low, high in zip(scenarios, as_fitted, *at_ends, strict=True)
            for target, chance in chances.items()
        ]
        if progress:
            progress(1)
    return tuple(moved)


def _chances(fitted: Posterior, scenario: Scenario) -> dict[str, float]:
    """Give the probability of each target that the model computes, but for those of which none is given."""
    ensemble = Ensemble(scenario, fitted, SEED)
    forecast = [t for t in scenario.plan.targets if not t.untold_under(scenario.cuts)]
    targets = [t for t in forecast if t.indicator in ensemble.indicators]
    drawn = ensemble.run(DRAWS, indicators=[t.indicator for t in targets])
    return {t.indicator: float(np.mean(met_of(ensemble, t, drawn.values[t.indicator])[:, -1])) for t in targets}
