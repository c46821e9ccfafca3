"""The scenarios and facts that a command is asked about, as ensembles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import typer

from fiveyear.experiments.console.options import EngineName, refuse_result
from fiveyear.model.errors import ModelError, raise_all
from fiveyear.scenarios import Scenario, load_scenario

from .ensemble import Ensemble
from .runnable import built
from .vintages import posterior_by


def ensembles_by_facts(
    names: list[str],
    settings: list[str] | None,
    facts: list[str] | None,
    vintages: list[str] | None,
    seed: int,
    engine: EngineName | None = None,
) -> dict[str, list[Ensemble]]:
    """Give the ensembles of scenarios by what had been published: a set of facts, or all up to a month."""
    wrong = [v for v in vintages or () if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", v)]
    if wrong:
        raise typer.BadParameter(f"--vintage {wrong[0]}: expected a month such as 2011-07")
    if not facts and not vintages:
        of_default = ensembles(names, settings, None, seed, engine)
        return {of_default[0].posterior.evidence.information_set: of_default}
    by_facts = {name: ensembles(names, settings, name, seed, engine) for name in facts or ()}
    for month in vintages or ():
        of_default = ensembles(names, settings, None, seed, engine)
        by_facts[month] = [replace(e, posterior=posterior_by(e.scenario.plan, month)) for e in of_default]
    return by_facts


def ensembles(
    names: list[str], settings: list[str] | None, facts: str | None, seed: int, engine: EngineName | None = None
) -> list[Ensemble]:
    """Give the ensembles of scenarios; raises ModelError with every fault, BadParameter for two of one name."""
    ensembles: list[Ensemble] = []
    errors: list[ModelError] = []
    for name in names:
        try:
            ensembles.append(built(scenario_of(name, settings or ()), facts, seed, engine.value if engine else None))
        except ModelError as error:
            errors.append(error)
    raise_all(errors)
    called = [ensemble.scenario.name for ensemble in ensembles]
    twice = sorted({name for name in called if called.count(name) > 1})
    if twice:
        raise typer.BadParameter(f"two scenarios are called {', '.join(twice)}: results go by the name of the file")
    return ensembles


def scenario_of(name: str, settings: Sequence[str] = ()) -> Scenario:
    """Give the scenario of a shipped name or a file; raises ModelError with every fault, and for what is a result."""
    refuse_result(name)
    return load_scenario(name, settings)
