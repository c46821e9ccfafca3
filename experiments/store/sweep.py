"""An experiment made by a program: scenarios, each with inputs that take several values, into a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fiveyear.experiments.console.defaults import DRAWS, MOST_DRAWS, SEED
from fiveyear.experiments.console.errors import StoreError
from fiveyear.experiments.forecast.selection import (
    require_one_plan,
    require_own_names,
    require_text,
    require_whole,
    scenario_of,
)
from fiveyear.model import InputError, best_engine
from fiveyear.model.errors import Fault
from fiveyear.scenarios import Scenario
from fiveyear.scenarios.changes import Values, factors_of, shown_value
from fiveyear.scenarios.experiment import experiment_of
from fiveyear.scenarios.scenario_file import checked_scenario

from . import experiment as batch
from .loaded import Loaded, load


def experiment(
    scenarios: Sequence[str | Path | Scenario],
    vary: Mapping[str, Values],
    *,
    out: str | Path,
    draws: int = DRAWS,
    seed: int = SEED,
    facts: str | None = None,
    workers: int = 1,
) -> Loaded:
    """Run scenarios at every combination of what is varied, into a store; the same call goes on with one begun.

    Parameters
    ----------
    scenarios : of one plan, as ``reach`` takes them
    vary : values by name of the Parameter; of a Series values by year, or ``growth`` of values by year. A number
        without a unit is in the one that the scenario states; other years stay as they are.
    out : the folder of the store
    draws : how many, of each combination and scenario

    Gives the store as ``load`` does. Raises Error with every fault, and if the folder holds anything else.
    """
    if isinstance(scenarios, str | Path) or not isinstance(scenarios, Sequence):
        raise InputError("scenarios", [Fault("", found=shown_value(scenarios), expected="a list of scenarios")])
    if not (isinstance(vary, dict) and vary):
        expected = 'a dictionary such as {"planned_rd_intensity": {2015: ["1.9 %", "2.2 %"]}}'
        raise InputError("vary", [Fault("", found=shown_value(vary), expected=expected)])
    require_text("out", out, "the folder of the store")
    require_whole("draws", draws, 1, MOST_DRAWS)
    require_whole("workers", workers, 1, 1024)
    chosen = [scenario_of(scenario) for scenario in scenarios]
    require_own_names(chosen)
    require_one_plan(chosen)
    faults: list[Fault] = []
    factors = dict(factors_of(chosen, vary, faults))
    if faults:
        raise InputError("vary", faults)
    content = {"draws": draws, "seed": seed, "factors": factors} | ({"facts": facts} if facts is not None else {})
    planned = experiment_of([_with_paths_of_plan(s, vary) for s in chosen], content)
    sentence, wrong = batch.run(planned, Path(out), engine=best_engine(), workers=workers, resume=True)
    if wrong:
        raise StoreError(str(out), [sentence, *wrong])
    return load(out)


def _with_paths_of_plan(scenario: Scenario, names: Mapping[str, object]) -> Scenario:
    """Give a scenario with those paths of its plan as its own, so that a year that is varied leaves the others."""
    paths = {n: path for n, path in scenario.plan.content.get("paths", {}).items() if n in names}
    own = scenario.content["paths"]
    if not paths.keys() - own.keys():
        return scenario
    return checked_scenario(scenario.name, scenario.plan, {**scenario.content, "paths": {**paths, **own}})
