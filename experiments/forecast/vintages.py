"""What had been published by a month: a posterior for it, kept or fitted now."""

from __future__ import annotations

from fiveyear import model
from fiveyear.calibration import posterior, sampler
from fiveyear.calibration.residual_test import require_plausible
from fiveyear.experiments.console.progress import counter
from fiveyear.scenarios import Plan

_fitted: dict[tuple[str, str], posterior.Posterior] = {}


def posterior_by(plan: Plan, month: str) -> posterior.Posterior:
    """Give the posterior of a plan under the facts published by a month, such as 2010-11.

    That of the information set with the same facts if there is one; else the model is fitted, once in a process.
    Raises CalibrationError if the facts of that time are too few.
    """
    evidence = posterior.vintage(plan, month, model.load())
    if evidence.information_set != month:
        return posterior.load(evidence)
    if (plan.name, month) not in _fitted:
        require_plausible(evidence.problem())
        with counter(f"{plan.name}, facts by {month}: steps of the fit at most", sampler.ALL_STEPS) as count:
            _fitted[plan.name, month] = posterior.calibrate(evidence, progress=count)[1]
    return _fitted[plan.name, month]
