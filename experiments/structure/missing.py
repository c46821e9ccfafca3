"""What the targets of a plan still lack until each has a probability, by the file in which it is to be written."""

from __future__ import annotations

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import folder
from fiveyear.experiments.forecast import needs
from fiveyear.model import INDICATORS
from fiveyear.model.errors import nearest
from fiveyear.model.xmile import names
from fiveyear.scenarios import Plan, Target

INDICATOR_FILE, NAMES_FILE = "model/indicators.py", "model/xmile/names_zh.toml"


def missing(plan: Plan) -> list[str]:
    """Give what is missing, on the plan's first information set; a posterior that is stale comes last.

    Raises ModelError if the model, or one of the plan's files, is faulty.
    """
    evidence = posterior.evidence(plan, None)
    priors = folder(plan) / "priors.toml"
    modelled = [target for target in plan.targets if target.indicator in INDICATORS]
    lacking = [text for target in modelled for text in _unobserved(target, evidence)]
    lacking += [f"{priors}: {fault}" for fault in needs.faults(evidence)]
    lacking += [f"{priors}: outlook.{name}: missing: {why}" for name, why in _without_outlook(modelled, evidence)]
    chinese = names.naming(names.table("zh"))
    unnamed = [n for n in dict.fromkeys((*INDICATORS, *evidence.model.names)) if chinese(n) == n]
    lacking += [f"{NAMES_FILE}: {name}: missing: `model export --lang zh` needs it" for name in unnamed]
    try:
        posterior.load(evidence)
    except CalibrationError as error:
        lacking += [f"{error.title}: {fault}" for fault in error.faults]
    return lacking


def _unobserved(target: Target, evidence: posterior.Evidence) -> list[str]:
    """Give what keeps facts from speaking of a target; of a rise since the base year they need not."""
    indicator = INDICATORS[target.indicator]
    if indicator.above:
        return []
    if indicator.facts is None:
        return [f"{INDICATOR_FILE}: {target.indicator}: no `facts`: {target.label} is held against no series of facts"]
    lacking, observations = [], evidence.model.observations
    series = indicator.facts.numerator
    if indicator.unit != "rank" and not (series in observations and observations[series].readings):
        sector = evidence.model.sectors[indicator.numerator.variable]
        text = f"no Observation of {series} has readings: no fit compares {target.label} with facts"
        lacking.append(f"model/sectors/{sector}.py: {text}")
    table = folder(evidence.plan) / "observed.csv"
    for name in (series, indicator.facts.denominator):
        if name and name not in evidence.facts:
            hint = nearest(name, evidence.facts)
            lacking.append(f"{table}: no row of {name} in {evidence.information_set}, as {target.label} needs{hint}")
    return lacking


def _without_outlook(targets: list[Target], evidence: posterior.Evidence) -> list[tuple[str, str]]:
    """Give the Series that targets need, whose history ends in the base year and that no lever of policy goes on."""
    plan, model = evidence.plan, evidence.model
    model = model.cut(c for c in plan.cuts if c not in model.cuts)
    needed = needs.inputs_of(model, [t.indicator for t in targets])
    ending = [n for n in needed if n in evidence.history and not model.series[n].lever]
    why = f"facts end in {plan.base_year}, and neither these priors nor the plan {plan.name} go on"
    return [(n, why) for n in ending if n not in evidence.priors.outlook and n not in plan.paths]
