"""How ``fiveyear calibrate`` says what it fitted, and what the data said: for a reader, or as one JSON object."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from fiveyear.calibration.information import effective_number
from fiveyear.experiments.console.terminal import print_text
from fiveyear.model.labels import label

from .sections import sections
from .study import Study


def print_json(**content: Any) -> None:
    """Print one JSON object with this content."""
    print(json.dumps({"schema": "fiveyear.calibrate/1", **content}))


def print_findings(study: Study) -> None:
    """Print the first finding of each section."""
    for section in sections(study):
        print_text(f"- {section.findings[0]}")


def of(study: Study) -> dict[str, Any]:
    """Give what the report finds, ready for JSON."""
    evidence = study.fitted.evidence
    return {
        "plan": evidence.plan.name,
        "facts": evidence.information_set,
        "sections": {s.title: list(s.findings) for s in sections(study)},
        "not_followed": [s.series for s in study.not_followed],
        "one_sided_shocks": [s.shock for s in study.shocks if s.one_sided],
        "effective_number_of_parameters": effective_number(study.spectrum),
        "uninformed": [p.parameter for p in study.uninformed],
        "profiles": {p.parameter: p.profile for p in study.parameters},
        "answers_that_change": [
            {**asdict(m), "other_side_of_even_odds": m.other_side} for m in study.moved if m.other_word or m.other_side
        ],
    }


def print_fit(result: dict[str, Any]) -> None:
    """Print how each fact is met, what the facts taught little of, and how the sampling went."""
    print(f"\n{result['plan']}, {result['facts']}: facts against the most probable parameters")
    print(f"  {'series':36} {'year':>4} {'fact':>12} {'model':>12} {'residual / sd':>13}")
    for r in result["residuals"]:
        what = f"  {label(r['series']):36} {r['year']:4} {r['fact']:12.5g} {r['model']:12.5g}"
        print(f"{what} {r['residual_in_sd']:13.2f}")
    print(f"  {100.0 * result['share_within_2_sd']:.0f} % of residuals within 2 sd")
    little = [n for n, c in result["contraction"].items() if c < 0.5 and "[" not in n]
    print(f"  the facts took away less than half of the prior variance of: {', '.join(map(label, little))}")
    convergence = result["convergence"]
    print(
        f"  {convergence['ensembles']} ensembles of {convergence['walkers']} walkers, {convergence['steps']} steps: "
        f"R-hat at most {max(convergence['r_hat'].values()):.3f}, "
        f"effective draws at least {min(convergence['ess_bulk'].values()):.0f} in the bulk and "
        f"{min(convergence['ess_tail'].values()):.0f} in the tails; "
        f"an independent draw takes a walker up to {max(convergence['autocorrelation_time'].values()):.0f} steps"
    )
    print(f"  {result['parameter_sets']} parameter sets: {result['file']}")
