"""What the targets of a plan need, and what of it neither the plan, its priors nor its facts give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import PRIORS
from fiveyear.calibration.posterior import Evidence
from fiveyear.model import INDICATORS, Model
from fiveyear.model.errors import ModelError
from fiveyear.scenarios import Scenario
from fiveyear.scenarios.errors import Fault

LISTED = 3  # targets at most that a fault names


def inputs_of(model: Model, indicators: Iterable[str]) -> tuple[str, ...]:
    """Give the Parameters and Series that indicators need."""
    upstream = model.upstream(r.variable for n in indicators for r in INDICATORS[n].readings)
    return tuple(n for n in upstream if n in model.parameters or n in model.series)


def faults(evidence: Evidence, scenario: Scenario | None = None, only: Collection[str] = ()) -> list[Fault]:
    """Give what the targets of a plan need and nobody gives, whatever had been published; else a fit is to no purpose.

    A scenario may give what its plan does not, and may close loops that need more. ``only``: of these indicators alone.
    """
    plan, model = evidence.plan, evidence.model
    cuts = plan.cuts if scenario is None else scenario.cuts
    model = model.cut(c for c in cuts if c not in model.cuts)
    given = evidence.problem().available
    if scenario is not None:
        given = given | {*scenario.paths, *scenario.parameters}
    wanted = only or model.indicators
    targets = {t.indicator: t.label for t in plan.targets if t.indicator in wanted}
    lacking = [n for n in inputs_of(model, targets) if n not in given]
    for other in evidence.priors.information_sets if any(n in model.series for n in lacking) else ():
        elsewhere = posterior.evidence(plan, other).problem().available
        lacking = [n for n in lacking if n not in elsewhere]
    faults = []
    for name in lacking:
        labels = [label for n, label in targets.items() if name in inputs_of(model, [n])]
        more = f" and {len(labels) - LISTED} targets more" if labels[LISTED:] else ""
        reason = f"{'; '.join(labels[:LISTED])}{more} {'needs' if len(labels) == 1 else 'need'} it"
        group, givers = "paths", f"the plan {plan.name}, its facts nor these priors"
        if name in model.parameters:
            group, givers = "parameters", f"these priors nor the plan {plan.name}"
        faults.append(Fault(f"{group}.{name}", f"missing: {reason}, and neither {givers} give it"))
    return faults


def errors(evidence: Evidence, scenario: Scenario | None = None, but: Sequence[str] = ()) -> list[ModelError]:
    """Give the same as errors of the file of priors, less faults of keys that are told already: none, or one."""
    remaining = [fault for fault in faults(evidence, scenario) if fault.key not in but]
    return [CalibrationError(str(evidence.plan.folder / PRIORS), list(map(str, remaining)))] if remaining else []
