"""What is wrong in the folder of a plan, and what each of its targets still lacks until it has a probability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import FACTS, PRIORS
from fiveyear.experiments.forecast import needs
from fiveyear.model import INDICATORS
from fiveyear.model.errors import ModelError, nearest, raise_all
from fiveyear.model.xmile import names
from fiveyear.scenarios import Plan, Scenario, Target, load_plan, scenarios_of
from fiveyear.scenarios.errors import Fault, ScenarioError, shown
from fiveyear.scenarios.plan import FILE, locate_plan
from fiveyear.scenarios.programme import load_portfolio, programme_files
from fiveyear.scenarios.register import REGISTER, read_register

INDICATOR_FILE, NAMES_FILE = "model/indicators.py", "model/xmile/names_zh.toml"


@dataclass(frozen=True)
class Checked:
    """A plan without faults: what each target lacks, and whether each information set has been fitted."""

    plan: Plan
    scenarios: tuple[Scenario, ...]
    evidence: tuple[posterior.Evidence, ...]
    lacking: dict[str, list[str]]  # by indicator, of targets that the model has
    unfitted: dict[str, list[str]]  # by information set: why its posterior cannot be taken
    unnamed: tuple[str, ...]  # variables that have no Chinese name

    @property
    def missing(self) -> list[str]:
        """All that is lacking, each once; of a shipped plan also a posterior of its first information set."""
        of_posteriors = next(iter(self.unfitted.values())) if self.plan.named else []
        chinese = [f"{NAMES_FILE}: {n}: missing: `model export --lang zh` needs it" for n in self.unnamed]
        return list(
            dict.fromkeys([*(text for texts in self.lacking.values() for text in texts), *chinese, *of_posteriors])
        )


def check(name: str) -> Checked:
    """Check a plan of a shipped name or folder; raises ModelError with every fault of every file in it."""
    file = locate_plan(name)
    errors: list[ModelError] = []

    def attempt(read: Callable[[], object]) -> None:
        try:
            read()
        except ModelError as error:
            errors.append(error)

    try:
        plan = load_plan(name)
    except ScenarioError as error:
        # Without the plan nobody knows of which years and country the others are; that they are there can be told.
        absent = [n for n in (FACTS, PRIORS) if not (file.parent / n).is_file()]
        lacking = [ScenarioError(str(file.parent), [Fault(n, "missing: there is no such file") for n in absent])]
        raise_all([error, *(lacking if absent and file.name == FILE else [])])
    attempt(lambda: posterior.evidence(plan, None))
    attempt(lambda: scenarios_of(plan))
    attempt(lambda: _distinct(plan))
    attempt(lambda: _no_formulas(plan))
    if (plan.folder / REGISTER).exists():
        attempt(lambda: read_register(plan))
    if programme_files(plan):
        attempt(lambda: load_portfolio(plan))
    raise_all(errors)
    sets = [posterior.evidence(plan, each) for each in posterior.evidence(plan, None).priors.information_sets]
    modelled = [target for target in plan.targets if target.indicator in plan.model.indicators]
    chinese = names.naming(names.table("zh"))
    unnamed = [n for n in dict.fromkeys((*INDICATORS, *plan.model.names)) if plan.named and chinese(n) == n]
    return Checked(
        plan,
        tuple(scenarios_of(plan)),
        tuple(sets),
        {target.indicator: _lacking(target, sets[0]) for target in modelled},
        {evidence.information_set: _unfitted(evidence) for evidence in sets},
        tuple(unnamed),
    )


def _distinct(plan: Plan) -> None:
    """Raise ScenarioError where names of scenarios differ in capitals only: on some disks they are one file."""
    by_name: dict[str, list[Path]] = {}
    for path in sorted((plan.folder / "scenarios").glob("*.toml")):
        by_name.setdefault(path.stem.casefold(), []).append(path)
    if twice := [several for several in by_name.values() if len(several) > 1]:
        texts = [f"{' and '.join(path.name for path in several)}: two scenarios of one name" for several in twice]
        raise ScenarioError(str(plan.folder / "scenarios"), texts)


def _no_formulas(plan: Plan) -> None:
    """Raise ScenarioError for labels that a spreadsheet may take for formulas, wherever they are copied to."""
    expected = "a text that does not begin as a formula, with = + - or @"
    faults = [
        Fault(f"targets.{target.indicator}.label", found=shown(target.own_label), expected=expected)
        for target in plan.targets
        if (target.own_label or "").lstrip()[:1] in ("=", "+", "-", "@")
    ]
    if faults:
        raise ScenarioError(plan.file, faults)


def _unfitted(evidence: posterior.Evidence) -> list[str]:
    try:
        posterior.load(evidence)
    except CalibrationError as error:
        return [f"{error.title}: {fault}" for fault in error.faults]
    return []


def _lacking(target: Target, evidence: posterior.Evidence) -> list[str]:
    """Give what a target lacks, by the file in which it is to be written, on the plan's first information set."""
    priors = evidence.plan.folder / PRIORS
    lacking = _unobserved(target, evidence)
    lacking += [f"{priors}: {fault}" for fault in needs.faults(evidence, only=(target.indicator,))]
    return lacking + [f"{priors}: outlook.{n}: missing: {why}" for n, why in _without_outlook(target, evidence)]


def _unobserved(target: Target, evidence: posterior.Evidence) -> list[str]:
    """Give what keeps facts from speaking of a target; of a rise since the base year they need not."""
    indicator = evidence.model.indicators[target.indicator]
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
    table = evidence.plan.folder / FACTS
    for name in (series, indicator.facts.denominator):
        if name and name not in evidence.facts:
            hint = nearest(name, evidence.facts)
            lacking.append(f"{table}: no row of {name} in {evidence.information_set}, as {target.label} needs{hint}")
    return lacking


def _without_outlook(target: Target, evidence: posterior.Evidence) -> list[tuple[str, str]]:
    """Give the Series that a target needs, whose history ends in the base year and that no lever of policy goes on."""
    plan, model = evidence.plan, evidence.model
    model = model.cut(c for c in plan.cuts if c not in model.cuts)
    needed = needs.inputs_of(model, [target.indicator])
    ending = [n for n in needed if n in evidence.history and not model.series[n].lever]
    why = f"facts end in {plan.base_year}, and neither these priors nor the plan {plan.name} go on"
    return [(n, why) for n in ending if n not in evidence.priors.outlook and n not in plan.paths]
