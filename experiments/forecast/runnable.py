"""Whether a scenario or an experiment will run: its faults are found by building what a run builds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fiveyear import model
from fiveyear.calibration import posterior
from fiveyear.calibration.facts import PRIORS
from fiveyear.calibration.plausibility import Plausibility
from fiveyear.calibration.priors import read_priors
from fiveyear.model import INDICATORS, Engine, InputError
from fiveyear.model.errors import ModelError, nearest, raise_all
from fiveyear.model.inputs import check
from fiveyear.scenarios import Case, Experiment, Plan, Scenario, ScenarioError, YearlyPath, load_experiment
from fiveyear.scenarios.errors import Fault, shown
from fiveyear.scenarios.experiment import case_faults, draft_experiment
from fiveyear.scenarios.experiment_table import SEED
from fiveyear.scenarios.scenario_file import draft_scenario, locate_scenario
from fiveyear.scenarios.settings import changed_by, read_settings
from fiveyear.scenarios.toml_files import is_path

from . import needs
from .ensemble import Ensemble
from .fitting import fitted


def faults_of(ensemble: Ensemble, outputs: Sequence[str] = ()) -> list[Fault]:
    """Give what keeps an ensemble from running, by key of its scenario; ``outputs``: by default all indicators."""
    try:
        inputs = ensemble.median_inputs()
    except ScenarioError as error:
        others = faults_of(held(ensemble, [fault.key for fault in error.faults]), outputs)
        return error.faults + [fault for fault in others if fault.key not in [f.key for f in error.faults]]
    wanted = outputs or tuple(ensemble.indicators)
    read = [r.variable for n in wanted if n in ensemble.indicators for r in INDICATORS[n].readings]
    try:
        check(ensemble.model, inputs, [n for n in wanted if n not in INDICATORS], read)
    except InputError as error:
        return [_by_key(ensemble, text) for text in error.faults]
    return []


def held(ensemble: Ensemble, keys: Iterable[str]) -> Ensemble:
    """Give an ensemble with these paths held as they are in the base year, so that what else is wrong is found."""
    base = ensemble.scenario.plan.base_year
    faulty = [key.partition(".")[2] for key in keys]
    held = {n: YearlyPath(base, ((base + 1, 0.0),), "growth") for n in faulty if n in ensemble.ground.history}
    paths = {n: p for n, p in ensemble.scenario.paths.items() if n not in faulty}
    return replace(ensemble, scenario=replace(ensemble.scenario, paths={**paths, **held}))


def built(
    scenario: Scenario,
    facts: str | None,
    seed: int,
    engine: Engine | None = None,
    faults: Sequence[Fault] = (),
    fit: bool = True,
) -> Ensemble:
    """Give the ensemble of a scenario, by default on the first information set of its plan and on the best engine.

    ``facts``: the name of an information set, or a file of facts that are added to the first one. ``fit``: whether what
    is not shipped is fitted, if it is not yet.
    Raises ModelError with all that keeps it from running, after ``faults``, those that are known of its file. What may
    follow from them is left out.
    """
    errors: list[ModelError] = []
    build_faults: list[Fault] = []
    try:
        if facts is not None and is_path(facts):
            evidence = posterior.with_facts(scenario.plan, Path(facts))
            scenario = scenario.based_on(evidence.plan)
        else:
            evidence = posterior.evidence(scenario.plan, facts)
        build_faults += Plausibility(evidence).faults(scenario)
        errors += needs.errors(evidence, scenario, [fault.key for fault in faults])
        kept = fitted(evidence) if fit else posterior.load(evidence)
        ensemble = Ensemble(scenario, kept, seed, engine=engine or model.best_engine())
        build_faults += faults_of(ensemble)
    except ModelError as error:
        errors.append(error)
    changes = read_settings(scenario.settings)
    fault_text = " ".join(map(str, faults))
    independent = [
        f for f in build_faults if not re.search(rf"\b{re.escape('.'.join(f.key.split('.')[1:2]))}\b", fault_text)
    ]
    build_faults = [f.altered(text=f"{f.text}{changed_by(changes, f.key)}") for f in independent]
    every = [*faults, *(scenario.placed(fault) for fault in build_faults)]
    raise_all([*([ScenarioError(scenario.place, every)] if every else []), *errors])
    return ensemble


def faults_of_cases(
    first: Ensemble, cases: Sequence[Case], outputs: Sequence[str], content: Mapping[str, Any]
) -> list[Fault]:
    """Give what keeps cases of an experiment from running, by key of its file, whose ``content`` it is.

    ``outputs`` are those that the file names; without any, all cases have those of ``first``, the ensemble of the first
    case.
    """
    wanted = outputs or tuple(first.indicators)
    lacking: dict[str, Fault] = {}

    def of_scenario(scenario: Scenario) -> list[Fault]:
        ensemble = replace(first, scenario=scenario)
        for place, name in enumerate(wanted):
            if name in INDICATORS and name not in lacking and (inputs := ensemble.lacking(name)):
                evidence = ensemble.posterior.evidence
                givers = f"the plan {evidence.plan.name}, its priors nor the facts {evidence.information_set}"
                text = f"{name} needs {', '.join(inputs)}, which neither {givers} give under {scenario.name}"
                lacking[name] = Fault(f"outputs.{place}" if outputs else "outputs", text)
        return [scenario.placed(fault) for fault in faults_of(ensemble, wanted)]

    def implausible_of(scenario: Scenario) -> list[Fault]:
        return [scenario.placed(fault) for fault in plausibility.faults(scenario)]

    plausibility = Plausibility(first.posterior.evidence)
    of_cases = case_faults(cases, of_scenario)
    ranges = [key for key, table in content.get("factors", {}).items() if "low" in table]
    implausible = case_faults(cases, implausible_of, ranges)
    return [*lacking.values(), *of_cases, *implausible]


def _by_key(ensemble: Ensemble, text: str) -> Fault:
    """Give a fault of inputs as one of the key of a scenario that gives them."""
    match = re.match(r"\w+", text)
    name = match[0] if match else ""
    group = "parameters" if name in ensemble.model.parameters else "paths"
    return Fault(f"{group}.{name}", text.removeprefix(name).removeprefix(": ").strip())


# -- files ------------------------------------------------------------------------------------------------------
def check_scenario(name: str) -> Ensemble:
    """Give the ensemble of a scenario on the plan's first information set.

    Raises ModelError with every fault: of the file, of what it extends, and of what a run builds of it, as far as one
    does not follow from another.
    """
    path = locate_scenario(name)
    scenario, faults = draft_scenario(path)
    if scenario is None:
        raise ScenarioError(str(path), faults)
    return built(scenario, None, SEED, faults=faults, fit=False)


def read_experiment(name: str) -> Experiment:
    """Give an experiment whose file, scenarios and facts are sound; raises what ``check_experiment`` does."""
    try:
        experiment = load_experiment(name)
        is_sound = not facts_faults(experiment.cases[0].scenario.plan, experiment.facts)
    except ScenarioError:
        is_sound = False
    return experiment if is_sound else check_experiment(name)[0]


def check_experiment(name: str) -> tuple[Experiment, Ensemble]:
    """Give an experiment, and the ensemble of its first case.

    Raises ModelError with every fault: of the file, of its scenarios, and of what a run builds of its cases.
    """
    draft = draft_experiment(name)
    faults = [*draft.faults, *(facts_faults(draft.plan, draft.facts) if draft.plan else ())]
    errors: list[ModelError] = []
    first: Ensemble | None = None
    if draft.cases and "facts" not in [fault.key for fault in faults]:
        scenario = draft.cases[0].scenario
        cases = [case for case in draft.cases if case.scenario.plan == scenario.plan]  # of others it is said above
        by_cuts = {case.scenario.cuts: case.scenario for case in reversed(cases)}
        try:
            evidence = posterior.evidence(scenario.plan, draft.facts)
            errors += [error for other in by_cuts.values() for error in needs.errors(evidence, other)]
            first = Ensemble(scenario, posterior.load(evidence), SEED)
        except ModelError as error:
            errors.append(error)
        else:
            faults += faults_of_cases(first, cases, draft.outputs, draft.content) if not errors else []
    raise_all([*([ScenarioError(draft.title, faults)] if faults else []), *errors])
    assert first is not None
    return load_experiment(name), first


def facts_faults(plan: Plan, facts: str | None) -> list[Fault]:
    """Give what is wrong with the information set that a file names under ``facts``."""
    sets = read_priors(plan.folder / PRIORS, plan.model).information_sets
    if facts is None or facts in sets:
        return []
    text = f"found {shown(facts)}, the plan {plan.name} has no such information set"
    return [Fault("facts", text, found=facts, near=nearest(facts, sets))]
