"""``fiveyear calibrate``: fit, show the fit, keep the posterior; report what the data said."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fiveyear import model
from fiveyear.calibration import posterior, sampler
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import folder
from fiveyear.calibration.fit import Fit
from fiveyear.calibration.fit import fit as fit_of
from fiveyear.calibration.priors import read_priors
from fiveyear.calibration.residual_test import require_plausible
from fiveyear.experiments.console.files import remove_abandoned, write_whole
from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.console.terminal import print_text
from fiveyear.experiments.forecast import needs
from fiveyear.model.errors import InputError, raise_all
from fiveyear.scenarios import load_plan, load_scenario


def calibrate(plan_names: list[str], information_sets: list[str], as_json: bool) -> None:
    """Fit each information set of each plan, print how each fact is met, and keep the posteriors in the project."""
    whole = model.load()
    sets = {name: read_priors(folder(load_plan(name)) / "priors.toml", whole).information_sets for name in plan_names}
    wanted = [(p, s) for p, has in sets.items() for s in has if not information_sets or s in information_sets]
    unknown = [s for s in information_sets if all(s not in has for has in sets.values())]
    if unknown:
        there = "; ".join(f"{p} has {', '.join(has)}" for p, has in sets.items())
        raise InputError("--facts", [f"{s}: no such information set; {there}" for s in unknown])
    evidence = [posterior.evidence(load_plan(plan), information_set, whole) for plan, information_set in wanted]
    raise_all(error for known in evidence for error in needs.errors(known))
    results = []
    for known in evidence:
        fit, found = _kept_anew(known)
        file = posterior.file_of(known)
        result = {"plan": known.plan.name, "facts": known.information_set, "file": str(file), **_summary(fit, found)}
        results.append(result)
        if not as_json:
            _print(result)
    if as_json:
        print(json.dumps({"schema": "fiveyear.calibrate/1", "fits": results}))


def report(plan: str | None, information_set: str | None, out: Path, force: bool, as_json: bool) -> None:
    """Write what the data said of one information set of a plan: by default the first of the plan that is reached.

    The posterior that is kept is taken if it holds; else it is sampled and kept. Raises InputError, ScenarioError or
    CalibrationError for what cannot be used, ExistsError or WriteError for what cannot be written.
    """
    from . import files
    from .robustness import SCENARIOS
    from .study import steps, study

    chosen = load_plan(plan) if plan else load_scenario(SCENARIOS[0]).plan
    known = posterior.evidence(chosen, information_set, model.load())
    raise_all(needs.errors(known))
    files.prepare(out, force)
    try:
        found, fit = posterior.load(known), fit_of(known.problem())
    except CalibrationError as error:
        print(f"{error}\nfitting again", file=sys.stderr)
        fit, found = _kept_anew(known)
    with counter(f"{chosen.name}, {known.information_set}: refits and runs", steps(found)) as count:
        studied = study(found, fit, progress=count)
    written = files.write(studied, out)
    if as_json:
        told = {"plan": chosen.name, "facts": known.information_set, **files.findings(studied)}
        print(json.dumps({"schema": "fiveyear.calibrate/1", "report": told, "files": [str(f) for f in written]}))
        return
    for sentence in files.findings(studied)["sections"].values():
        print_text(f"- {sentence[0].replace('`', '')}")
    print(f"written: {written[0]} and {len(written) - 1} figures and tables beside it")


def _kept_anew(known: posterior.Evidence) -> tuple[Fit, posterior.Posterior]:
    """Fit, sample, and keep the posterior in the project; raises CalibrationError for facts that cannot be right."""
    require_plausible(known.problem())
    with counter(f"{known.plan.name}, {known.information_set}: steps at most", sampler.ALL_STEPS) as count:
        fit, found = posterior.calibrate(known, progress=count)
    file = posterior.file_of(known)
    remove_abandoned(file.parent)
    write_whole(file, partial(posterior.save, found))
    return fit, found


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
        "convergence": asdict(found.convergence),
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
    told = result["convergence"]
    print(
        f"  {told['ensembles']} ensembles of {told['walkers']} walkers, {told['steps']} steps: "
        f"R-hat at most {max(told['r_hat'].values()):.3f}, "
        f"effective draws at least {min(told['ess_bulk'].values()):.0f} in the bulk and "
        f"{min(told['ess_tail'].values()):.0f} in the tails; "
        f"an independent draw takes a walker up to {max(told['autocorrelation_time'].values()):.0f} steps"
    )
    print(f"  {result['parameter_sets']} parameter sets: {result['file']}")
