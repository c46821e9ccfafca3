"""``fiveyear calibrate``: fit, show the fit, keep the posterior."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np

from fiveyear import model
from fiveyear.calibration import posterior
from fiveyear.calibration.facts import folder
from fiveyear.calibration.fit import Fit
from fiveyear.calibration.priors import read_priors
from fiveyear.model.errors import InputError
from fiveyear.scenarios import load_plan

from .files import write_whole
from .progress import counter


def calibrate(plan_names: list[str], information_sets: list[str], as_json: bool) -> None:
    """Fit each information set of each plan, print how each fact is met, and keep the posteriors in the project."""
    whole = model.load()
    sets = {name: read_priors(folder(load_plan(name)) / "priors.toml", whole).information_sets for name in plan_names}
    wanted = [(p, s) for p, has in sets.items() for s in has if not information_sets or s in information_sets]
    unknown = [s for s in information_sets if all(s not in has for has in sets.values())]
    if unknown:
        there = "; ".join(f"{p} has {', '.join(has)}" for p, has in sets.items())
        raise InputError("--facts", [f"{s}: no such information set; {there}" for s in unknown])
    results = []
    for plan, information_set in wanted:
        known = posterior.evidence(load_plan(plan), information_set, whole)
        with counter(f"{plan}, {information_set}: steps", posterior.STEPS) as count:
            fit, found = posterior.calibrate(known, progress=count)
        file = posterior.file_of(known)
        write_whole(file, partial(posterior.save, found))
        result = {"plan": plan, "facts": information_set, "file": str(file), **_summary(fit, found)}
        results.append(result)
        if not as_json:
            _print(result)
    if as_json:
        print(json.dumps({"schema": "fiveyear.calibrate/1", "fits": results}))


def _summary(fit: Fit, found: posterior.Posterior) -> dict[str, Any]:
    standardised = fit.problem.standardised(fit.mode[None, :])[0]
    predicted = fit.problem.predict(fit.mode[None, :])[0]
    return {
        "residuals": [
            {
                "series": o.series,
                "year": o.year,
                "unit": o.unit,
                "fact": o.value,
                "model": float(p),
                "residual_in_sd": float(r),
            }
            for o, p, r in zip(fit.problem.observations, predicted, standardised, strict=True)
        ],
        "share_within_2_sd": float(np.mean(np.abs(standardised) <= 2.0)),
        "contraction": found.contraction,
        "parameter_sets": found.size,
        "shift": found.shift,
    }


def _print(result: dict[str, Any]) -> None:
    print(f"\n{result['plan']}, {result['facts']}: facts against the most probable parameters, without discrepancy")
    print(f"  {'series':36} {'year':>4} {'fact':>12} {'model':>12} {'residual / sd':>13}")
    for r in result["residuals"]:
        what = f"  {r['series']:36} {r['year']:4} {r['fact']:12.5g} {r['model']:12.5g}"
        print(f"{what} {r['residual_in_sd']:13.2f}")
    print(f"  {100.0 * result['share_within_2_sd']:.0f} % of residuals within 2 sd")
    little = [n for n, c in result["contraction"].items() if c < 0.5 and "[" not in n]
    print(f"  the facts took away less than half of the prior variance of: {', '.join(little)}")
    print(
        f"  {result['parameter_sets']} parameter sets, last shift of a mean {result['shift']:.2f} sd: {result['file']}"
    )
