"""Fitting the parameters of plans to facts, and keeping the posteriors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import PRIORS
from fiveyear.calibration.fit import Fit
from fiveyear.calibration.fit import fit as fit_of
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.priors import read_priors
from fiveyear.experiments.console.defaults import PLAN
from fiveyear.experiments.forecast import needs
from fiveyear.experiments.forecast.fitting import kept_anew
from fiveyear.model.errors import InputError, raise_all
from fiveyear.scenarios import load_plan, plan_names


def evidence_of(plans: Sequence[str], information_sets: Sequence[str]) -> list[Evidence]:
    """Give each of these information sets of each of these plans, by default all; raises ModelError with every fault.

    InputError for a set that no plan has.
    """
    chosen = {name: load_plan(name) for name in plans or plan_names()}
    sets = {n: read_priors(plan.folder / PRIORS, plan.model).information_sets for n, plan in chosen.items()}
    wanted = [(p, s) for p, has in sets.items() for s in has if not information_sets or s in information_sets]
    unknown = [s for s in information_sets if all(s not in has for has in sets.values())]
    if unknown:
        there = "; ".join(f"{p} has {', '.join(has)}" for p, has in sets.items())
        raise InputError("--facts", [f"{s}: no such information set; {there}" for s in unknown])
    evidence = [posterior.evidence(chosen[plan], information_set) for plan, information_set in wanted]
    raise_all(error for basis in evidence for error in needs.errors(basis))
    return evidence


def of_one(plan: str | None, information_set: str | None) -> Evidence:
    """Give one information set of a plan: by default the first of the twelfth."""
    evidence = posterior.evidence(load_plan(plan or PLAN), information_set)
    raise_all(needs.errors(evidence))
    return evidence


def fitted(evidence: Evidence) -> tuple[Posterior, Fit]:
    """Give the posterior that is kept, if it holds, and the fit; else fit, sample and keep it anew."""
    try:
        return posterior.load(evidence), fit_of(evidence.problem())
    except CalibrationError as error:
        print(f"{error}\nfitting again", file=sys.stderr)
        return kept_anew(evidence)


def calibrate(evidence: Evidence) -> dict[str, Any]:
    """Fit one information set, keep its posterior, and give how each fact is met, ready for JSON.

    Raises CalibrationError for facts that cannot be right, WriteError if the posterior cannot be written.
    """
    sampled, fit = kept_anew(evidence)
    standardised = fit.problem.standardised(fit.mode[None, :])[0]
    predicted = fit.problem.predict(fit.mode[None, :])[0]
    return {
        "plan": evidence.plan.name,
        "facts": evidence.information_set,
        "file": str(posterior.place_to_keep(evidence)),
        "residuals": [
            {"series": o.series, "year": o.year, "unit": o.unit, "fact": o.value, "model": p, "residual_in_sd": r}
            for o, p, r in zip(fit.problem.observations, predicted.tolist(), standardised.tolist(), strict=True)
        ],
        "share_within_2_sd": float(np.mean(np.abs(standardised) <= 2.0)),
        "contraction": sampled.contraction,
        "parameter_sets": sampled.size,
        "convergence": asdict(sampled.convergence),
    }
