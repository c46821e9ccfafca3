"""Options that several commands share: one spelling and one meaning each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # a `--help` does not wait for it
    from .ensemble import Ensemble


class MethodName(StrEnum):
    """How the model is integrated."""

    RK4 = "rk4"
    EULER = "euler"


class EngineName(StrEnum):
    """What runs the model."""

    FAST = "fast"
    REFERENCE = "reference"


Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a .toml file.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")]
Facts = Annotated[
    str | None,
    typer.Option("--facts", help="Information set: what had been published when; default: the plan's first."),
]
SeveralFacts = Annotated[
    list[str] | None,
    typer.Option(
        "--facts",
        metavar="SET",
        help="Information set: what had been published when; given several times, they stand side by side. Default: the"
        " plan's first.",
    ),
]
Vintages = Annotated[
    list[str] | None,
    typer.Option(
        "--vintage",
        metavar="YYYY-MM",
        help="Facts as they had been published by a month, whatever their source. If no information set holds the same,"
        " the model is fitted to them first, in a minute or so. Priors and outlook stay those of the plan.",
    ),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the scenario.")
]
Method = Annotated[MethodName, typer.Option("--method", help="How to integrate.")]
Step = Annotated[float, typer.Option("--step", min=1e-4, max=1.0, help="Longest step, in years.")]
Engine = Annotated[
    EngineName | None,
    typer.Option("--engine", help="The compiled kernel or the plain equations; default: fast, if numba is installed."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what exists.")]

SEED = 2011
STEP = 0.125  # model.simulation.DEFAULT_STEP, which a `--help` does not wait for; tests compare the two


def refuse_given(context: typer.Context, names: Iterable[str], reason: str) -> None:
    """Refuse options that were given on the command line, where they have no meaning."""
    given = [n for n in names if getattr(context.get_parameter_source(n), "name", "") == "COMMANDLINE"]
    if given:
        raise typer.BadParameter(f"--{given[0].replace('_', '-').replace('settings', 'set')}: {reason}")


def require_path(out: Path, option: str = "--out") -> None:
    """Refuse the current folder as the name of an output."""
    if out == Path():
        raise typer.BadParameter(f"{option}: expected a path other than the current folder")


def ensembles_by_facts(
    names: list[str],
    settings: list[str] | None,
    facts: list[str] | None,
    vintages: list[str] | None,
    seed: int,
    engine: EngineName | None = None,
) -> dict[str, list[Ensemble]]:
    """Give the ensembles of scenarios by what had been published: a set of facts, or all up to a month."""
    from .vintages import posterior_by

    wrong = [v for v in vintages or () if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", v)]
    if wrong:
        raise typer.BadParameter(f"--vintage {wrong[0]}: expected a month such as 2011-07")
    if not facts and not vintages:
        of_default = ensembles(names, settings, None, seed, engine)
        return {of_default[0].posterior.evidence.information_set: of_default}
    found = {name: ensembles(names, settings, name, seed, engine) for name in facts or ()}
    for month in vintages or ():
        of_default = ensembles(names, settings, None, seed, engine)
        found[month] = [replace(e, posterior=posterior_by(e.scenario.plan, month)) for e in of_default]
    return found


def ensembles(
    names: list[str], settings: list[str] | None, facts: str | None, seed: int, engine: EngineName | None = None
) -> list[Ensemble]:
    """Give the ensembles of scenarios; raises ModelError with every fault, BadParameter for two of one name."""
    from fiveyear.scenarios import load_scenario

    from .ensemble import ensemble

    scenarios = [load_scenario(name, settings or ()) for name in names]
    twice = sorted({s.name for s in scenarios if sum(s.name == other.name for other in scenarios) > 1})
    if twice:
        raise typer.BadParameter(f"two scenarios are called {', '.join(twice)}: results go by the name of the file")
    return [ensemble(scenario, facts, seed, engine.value if engine else None) for scenario in scenarios]
