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
    raise_all(error for basis in evidence for error in needs.errors(basis))
    results = []
    for basis in evidence:
        fit, fitted = _kept_anew(basis)
        file = posterior.file_of(basis)
        result = {"plan": basis.plan.name, "facts": basis.information_set, "file": str(file), **_summary(fit, fitted)}
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
    evidence = posterior.evidence(chosen, information_set, model.load())
    raise_all(needs.errors(evidence))
    files.prepare(out, force)
    try:
        fitted, fit = posterior.load(evidence), fit_of(evidence.problem())
    except CalibrationError as error:
        print(f"{error}\nfitting again", file=sys.stderr)
        fit, fitted = _kept_anew(evidence)
    with counter(f"{chosen.name}, {evidence.information_set}: refits and runs", steps(fitted)) as count:
        studied = study(fitted, fit, progress=count)
    written = files.write(studied, out)
    if as_json:
        summary = {"plan": chosen.name, "facts": evidence.information_set, **files.findings(studied)}
        print(json.dumps({"schema": "fiveyear.calibrate/1", "report": summary, "files": [str(f) for f in written]}))
        return
    for sentence in files.findings(studied)["sections"].values():
        print_text(f"- {sentence[0].replace('`', '')}")
    print(f"written: {written[0]} and {len(written) - 1} figures and tables beside it")


def _kept_anew(evidence: posterior.Evidence) -> tuple[Fit, posterior.Posterior]:
    """Fit, sample, and keep the posterior in the project; raises CalibrationError for facts that cannot be right."""
    require_plausible(evidence.problem())
    with counter(f"{evidence.plan.name}, {evidence.information_set}: steps at most", sampler.ALL_STEPS) as count:
        fit, fitted = posterior.calibrate(evidence, progress=count)
    file = posterior.file_of(evidence)
    remove_abandoned(file.parent)
    write_whole(file, partial(posterior.save, fitted))
    return fit, fitted


def _summary(fit: Fit, fitted: posterior.Posterior) -> dict[str, Any]:
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
        "contraction": fitted.contraction,
        "parameter_sets": fitted.size,
        "convergence": asdict(fitted.convergence),
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
    convergence = result["convergence"]
    print(
        f"  {convergence['ensembles']} ensembles of {convergence['walkers']} walkers, {convergence['steps']} steps: "
        f"R-hat at most {max(convergence['r_hat'].values()):.3f}, "
        f"effective draws at least {min(convergence['ess_bulk'].values()):.0f} in the bulk and "
        f"{min(convergence['ess_tail'].values()):.0f} in the tails; "
        f"an independent draw takes a walker up to {max(convergence['autocorrelation_time'].values()):.0f} steps"
    )
    print(f"  {result['parameter_sets']} parameter sets: {result['file']}")
