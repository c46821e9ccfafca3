"""The scenarios and facts that a command or a program asks about, as ensembles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from fiveyear.calibration import posterior
from fiveyear.experiments.console.defaults import MOST_SEED
from fiveyear.experiments.console.files import refuse_result
from fiveyear.model import Engine, InputError
from fiveyear.model.errors import Fault, ModelError, nearest, raise_all
from fiveyear.scenarios import Plan, Scenario, answered_by, is_plan, load_plan, load_scenario
from fiveyear.scenarios.changes import quantity, shown_value
from fiveyear.scenarios.toml_files import is_path

from .ensemble import Ensemble
from .fitting import fitted
from .runnable import built


def ensembles_by_facts(
    names: list[str],
    settings: list[str] | None,
    facts: list[str] | None,
    vintages: list[str] | None,
    seed: int,
    engine: str | None = None,
) -> dict[str, list[Ensemble]]:
    """Give the ensembles of scenarios by what had been published: a set of facts, or all up to a month."""
    wrong = [v for v in vintages or () if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", v)]
    if wrong:
        raise InputError("--vintage", [Fault("", found=wrong[0], expected="a month such as 2011-07")])
    if not facts and not vintages:
        of_default = ensembles(names, settings, None, seed, engine)
        return {of_default[0].posterior.evidence.information_set: of_default}
    for name in filter(is_path, facts or ()):  # before anything is fitted
        posterior.with_facts(scenarios_of(names[0], settings or ())[0].plan, Path(name))
    by_facts: dict[str, list[Ensemble]] = {}
    if facts and all(map(is_path, facts)) and not vintages:  # beside what is shipped, or nobody sees what they moved
        first = ensembles(names, settings, None, seed, engine)
        by_facts[first[0].posterior.evidence.information_set] = first
    for name in facts or ():
        by_facts[Path(name).stem if is_path(name) else name] = ensembles(names, settings, name, seed, engine)
    for month in vintages or ():
        of_default = ensembles(names, settings, None, seed, engine)
        by_facts[month] = [replace(e, posterior=_posterior_by(e.scenario.plan, month)) for e in of_default]
    return by_facts


def _posterior_by(plan: Plan, month: str) -> posterior.Posterior:
    """Give the posterior of a plan under the facts published by a month, such as 2010-11.

    That of the information set with the same facts if there is one; else the model is fitted, once.
    Raises CalibrationError if the facts of that time are too few.
    """
    evidence = posterior.vintage(plan, month)
    return fitted(evidence)


def ensembles(
    scenarios: Sequence[str | Path | Scenario],
    settings: list[str] | None,
    facts: str | None,
    seed: int,
    engine: str | None = None,
) -> list[Ensemble]:
    """Give the ensembles of scenarios; raises ModelError with every fault; none, or two of one name, is one."""
    require_whole("seed", seed, 0, MOST_SEED)
    if facts is not None:
        require_text("facts", facts, "the name of an information set")
    if engine is not None and engine not in get_args(Engine):
        near = nearest(str(engine), get_args(Engine))
        raise InputError(
            "engine", [Fault("", f"there is no engine {shown_value(engine)}", found=str(engine), near=near)]
        )
    ensembles: list[Ensemble] = []
    errors: list[ModelError] = []
    for scenario in scenarios:
        try:
            for chosen in scenarios_of(scenario, settings or ()):
                ensembles.append(built(chosen, facts, seed, cast("Engine | None", engine)))
        except ModelError as error:
            errors.append(error)
    raise_all(errors)
    require_own_names([ensemble.scenario for ensemble in ensembles])
    return ensembles


def asking(chosen: Sequence[Ensemble], texts: Sequence[str]) -> list[Ensemble]:
    """Give ensembles whose plan asks for other values of targets, each as ``indicator=value``, with or without a unit.

    Raises InputError for what is no such text or no target of the plan, ScenarioError for values that no plan can have.
    """
    plan, faults = chosen[0].scenario.plan, list[Fault]()
    units = {target.indicator: target.unit for target in plan.targets}
    values: dict[str, float] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in units:
            faults.append(
                Fault(name, "the plan has no such target", found=shown_value(name), near=nearest(name, units))
            )
        elif name in values:
            faults.append(Fault(name, "it is given twice; expected each once"))
        else:
            values[name] = quantity(name, value, units[name], faults, "the target is in")
    if faults:
        raise InputError("--target", faults)
    asked = plan.asking(values)
    return [replace(e, scenario=replace(e.scenario, plan=asked)) for e in chosen]


def require_own_names(scenarios: Sequence[Scenario]) -> None:
    """Raise InputError where there is no scenario, or two have one name."""
    if not scenarios:
        raise InputError(
            "scenarios", [Fault("", found="none", expected="one or more, each a name, a file or an object")]
        )
    called = [scenario.name for scenario in scenarios]
    if twice := sorted({name for name in called if called.count(name) > 1}):
        text = "two scenarios have this name; expected a name of its own for each, by which results go"
        raise InputError("scenarios", [Fault(name, text, found=name, expected="a name of its own") for name in twice])


def require_one_plan(scenarios: Sequence[Scenario]) -> None:
    """Raise InputError where scenarios are of several plans."""
    first, *others = scenarios
    if faults := [
        Fault(
            s.name,
            f"belongs to the plan {s.plan.name}, {first.name} to {first.plan.name}; expected scenarios of one plan",
            found=s.plan.name,
            expected=first.plan.name,
        )
        for s in others
        if s.plan.content != first.plan.content
    ]:
        raise InputError("scenarios", faults)


def scenarios_of(scenario: str | Path | Scenario, settings: Sequence[str] = ()) -> list[Scenario]:
    """Give what ``scenario_of`` does, or, of the name or folder of a plan, the scenarios by which it is answered."""
    if isinstance(scenario, str | Path) and is_plan(str(scenario)):
        return [load_scenario(one.file, settings) for one in answered_by(load_plan(str(scenario)))]
    return [scenario_of(scenario, settings)]


def scenario_of(scenario: str | Path | Scenario, settings: Sequence[str] = ()) -> Scenario:
    """Give the scenario of a shipped name or a file; raises ModelError with every fault, and for what is a result."""
    if isinstance(scenario, Scenario):
        return scenario
    name = require_text("scenario", scenario, "the name, file or object of a scenario")
    refuse_result(name)
    return load_scenario(name, settings)


def require_text(key: str, value: object, expected: str) -> str:
    """Give a name or path as text; raises InputError for anything else."""
    if not isinstance(value, str | Path) or not str(value).strip():
        raise InputError(key, [Fault("", found=shown_value(value), expected=expected)])
    return str(value)


def require_whole(key: str, value: object, least: int, most: int) -> None:
    """Raise InputError unless a value is a whole number from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        expected = f"a whole number from {least:,} to {most:,}"
        raise InputError(key, [Fault("", found=shown_value(value), expected=expected)])
