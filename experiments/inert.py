"""Whether what a scenario changes moves anything: tried with and without the change, on the same random numbers.

A few draws of the plain equations are enough for that, and no draw of the answer is another for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from fiveyear.model import INDICATORS, Inputs, integrate
from fiveyear.model.errors import ModelError
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import default_reading
from fiveyear.scenarios import Case, Experiment, Scenario, ScenarioError, Target, load_scenario, scenario_names
from fiveyear.scenarios.scenario import change
from fiveyear.scenarios.settings import NUMBERS, keys_of, setting

from .ensemble import Ensemble
from .runnable import held
from .targets import decisive

DRAWS = 16  # of each trial
STEP = 0.5  # years
SAME = 1e-9  # of a number: what rounding may move
HARDLY = 0.025  # of a target's scatter over draws: no probability moves by more than one in a hundred
WEAKLY = 0.25  # of it: what moves no more is tried with other loops cut, too
TIMES = 20.0  # as far, with one loop cut or closed, as without
LISTED = 3  # of what is moved, at most, that a sentence names


class Trial(NamedTuple):
    """What a few draws of a scenario give: what decides each target, (draw,), and what targets depend on."""

    decisive: Mapping[str, Array]  # by indicator
    variables: Mapping[str, Array]


@dataclass(frozen=True)
class Effect:
    """What a change moves: how far the headline target that it moves most, and what else."""

    shift: float  # of its scatter over draws
    targets: tuple[Target, ...]  # of every kind, moved by more than HARDLY
    variables: tuple[str, ...]  # moved at all


# -- what is said -----------------------------------------------------------------------------------------------
def of_scenario(one: Ensemble) -> list[str]:
    """Say which paths and parameters that a scenario changes move no headline target, and why.

    What counts is what its own file changes in what it extends, and what was set on the command line.
    """
    without = {key: _without(one, *key, before) for key, before in _changes(one.scenario)}
    tried = {key: scenario for key, scenario in without.items() if scenario is not None}
    if not tried:
        return []
    here, *others = _trials(one, [one.scenario, *tried.values()])
    said = []
    for ((group, name), scenario), there in zip(tried.items(), others, strict=True):
        effect = _effect(one, here, there)
        told = _words(one, name, effect, one.scenario, scenario)
        said += [f"{one.scenario.name}: {group}.{name} {told}"] if told else []
    return said


def of_experiment(experiment: Experiment, first: Ensemble) -> list[str]:
    """Say the same of each scenario of an experiment, and of its factors in each; ``first``: of the first case."""
    by_name: dict[str, list[Case]] = {}
    for case in experiment.cases:
        by_name.setdefault(case.scenario.name, []).append(case)
    said = []
    for cases in by_name.values():
        itself = cases[0].scenario.before if cases[0].factors else cases[0].scenario
        if itself is None:
            continue
        with contextlib.suppress(ModelError):  # without its factors it may not run
            said += of_scenario(replace(first, scenario=itself))
        for key in cases[0].factors:
            told = _of_factor(first, itself, cases, key)
            said += [f"{itself.name}: factor {key} {told}"] if told else []
    return said


def _of_factor(first: Ensemble, itself: Scenario, cases: Sequence[Case], key: str) -> str:
    """Say that a factor moves no headline target in a scenario, and why; nothing if it does, or has one value.

    It is tried at the first case with each set of loops, and at the last: where it moves most counts.
    """
    ends = _ends([case.factors[key] for case in cases])
    largest: tuple[Effect, Scenario, Scenario] | None = None
    bases = {case.scenario.cuts: case for case in reversed(cases)}
    for base in (*reversed(bases.values()), *(cases[-1:] if len(cases[0].factors) > 1 else ())):
        others = []
        for value in ends:
            if value != base.factors[key]:
                settings = [setting(keys_of(k), value if k == key else v) for k, v in base.factors.items()]
                try:
                    others.append(change(itself, settings))
                except ScenarioError:  # such a case the experiment does not have
                    continue
        here, *there = _trials(first, [base.scenario, *others])
        for scenario, trial in zip(others, there, strict=True):
            effect = _effect(first, here, trial)
            if effect.shift >= WEAKLY:
                return ""
            if largest is None or effect.shift > largest[0].shift:
                largest = effect, base.scenario, scenario
    if largest is None:
        return ""
    group, *names = keys_of(key)
    return _words(first, names[0] if group in NUMBERS and names else "", *largest)


def _ends(values: Sequence[Any]) -> list[Any]:
    """Give two values that lie as far apart as any: the least and the largest number, or else the first two."""
    if all(isinstance(value, int | float) for value in values):
        return [min(values), max(values)]
    different: list[Any] = []
    for value in values:
        if value not in different and len(different) < 2:
            different.append(value)
    return different


def _words(one: Ensemble, name: str, effect: Effect, here: Scenario, there: Scenario) -> str:
    """Say how little a change of an input moves, and why; nothing if it moves a headline target."""
    if effect.shift >= WEAKLY:
        return ""
    one = replace(one, scenario=here)
    reason = _reason(one, name, effect, here, there) if name else ""
    if effect.shift >= HARDLY and not reason:
        return ""
    if effect.shift > 0.0:
        what = f"moves no headline target by more than {effect.shift:.2g} of its scatter"
    elif effect.variables:
        what = f"moves none of the {len(_headline(one))} headline targets"
    else:
        what = "moves nothing that a target depends on"
    moved: Sequence[str] = [f'"{target.label}"' for target in effect.targets if target.kind != "headline"]
    moved = moved or [n for n in _downstream(one, name) if n in effect.variables]
    more = f" and {len(moved) - LISTED} more" if len(moved) > LISTED else ""
    return f"{what}{reason}" + (f". It moves {', '.join(moved[:LISTED])}{more}" if moved else "")


def _reason(one: Ensemble, name: str, effect: Effect, here: Scenario, there: Scenario) -> str:
    """Say which loop, cut or closed, stands between an input and the headline targets, and what to extend for it.

    Found by trying the same change with each loop closed that is cut here, and the other way with those that the plan
    cuts.
    """
    for loop in (*here.cuts, *(loop for loop in here.plan.cuts if loop not in here.cuts)):
        is_cut = loop in here.cuts
        cuts = tuple(c for c in here.cuts if c != loop) if is_cut else (*here.cuts, loop)
        pair = [replace(scenario, cuts=cuts) for scenario in (here, there)]
        turned = replace(one, scenario=pair[0])
        read = [r.variable for t in _headline(turned) for r in INDICATORS[t.indicator].readings]
        if name not in turned.model.upstream(read):
            continue
        try:
            otherwise = _effect(turned, *_trials(turned, pair))
        except ModelError:  # with that loop it needs what nobody gives
            continue
        if otherwise.shift >= max(HARDLY, TIMES * effect.shift):
            state, turn = ("cut", "closes") if is_cut else ("closed", "cuts")
            if is_cut and loop not in here.plan.cuts:
                return f": the loop {loop} is cut; leave it out of cuts"
            shipped = _shipped_with(here, cuts)
            if shipped:
                return f": the loop {loop} is {state}; extend {shipped}, which {turn} it"
            return f': the loop {loop} is {state}; {turn} = ["{loop}"] changes that'
    return ""


def _shipped_with(here: Scenario, cuts: Sequence[str]) -> str | None:
    """Give the shipped scenario of the same plan with these loops cut and no others that changes least."""
    shipped = [load_scenario(name) for name in scenario_names()]
    alike = [s for s in shipped if s.plan.name == here.plan.name and set(s.cuts) == set(cuts)]
    return (
        min(alike, key=lambda s: (sum(len(s.content[group]) for group in NUMBERS), s.before is not None)).name
        if alike
        else None
    )


def _downstream(one: Ensemble, name: str) -> list[str]:
    """Give what depends on an input, the nearest first."""
    readers: dict[str, list[str]] = {}
    for variable in one.model.names:
        for source in one.model.reads(variable):
            readers.setdefault(source, []).append(variable)
    found = [name]
    for variable in found:
        found += [n for n in dict.fromkeys(readers.get(variable, ())) if n not in found]
    return found[1:]


# -- what is tried ----------------------------------------------------------------------------------------------
def _changes(scenario: Scenario) -> Iterator[tuple[tuple[str, str], Any]]:
    """Give what a scenario changes: group and name, and what was there before, or None."""
    of_file = scenario
    while of_file.settings and of_file.before is not None:
        of_file = of_file.before
    base = of_file.before or of_file.plan
    for group in NUMBERS:
        before = getattr(base, group)
        for name, value in getattr(scenario, group).items():
            if before.get(name) != value:
                yield (group, name), before.get(name)


def _without(one: Ensemble, group: str, name: str, before: Any) -> Scenario | None:
    """Give the scenario with one path or parameter as it was before; None if nobody says how that was.

    A path that nobody else gives is held as it is in the base year.
    """
    others = {n: value for n, value in getattr(one.scenario, group).items() if n != name}
    others |= {} if before is None else {name: before}
    if group == "parameters":
        known = before is not None or name in one.posterior.parameters
        return replace(one.scenario, parameters=others) if known else None
    scenario = replace(one.scenario, paths=others)
    try:
        replace(one, scenario=scenario).median_inputs()
    except ScenarioError:
        scenario = held(one, [f"paths.{name}"]).scenario
    mine, its = (replace(one, scenario=s).median_inputs().series.get(name) for s in (one.scenario, scenario))
    return None if its is None or np.array_equal(mine, its) else scenario  # type: ignore[arg-type]


def _trials(one: Ensemble, scenarios: Sequence[Scenario]) -> list[Trial]:
    """Run the same draws of several scenarios, those with the same loops cut together."""
    found: dict[int, Trial] = {}
    for cuts in dict.fromkeys(scenario.cuts for scenario in scenarios):
        places = [place for place, scenario in enumerate(scenarios) if scenario.cuts == cuts]
        ensembles = [replace(one, scenario=scenarios[place]) for place in places]
        first, plan = ensembles[0], ensembles[0].scenario.plan
        indicators = {t.indicator: t for t in plan.targets if t.indicator in first.indicators}
        readings = [r for n in indicators for r in INDICATORS[n].readings]
        names = [n for n in first.model.upstream(r.variable for r in readings) if _is_computed(first, n)]
        readings += [default_reading(first.model, n) for n in names]
        inputs = _side_by_side([e.inputs(0, DRAWS) for e in ensembles])
        values = integrate(first.model, inputs, dict.fromkeys(readings), step=STEP)
        base = plan.base_year - plan.start
        of_targets = {n: INDICATORS[n].value(values, first.model.units, base) for n in indicators}
        for number, place in enumerate(places):
            mine = slice(number * DRAWS, (number + 1) * DRAWS)
            found[place] = Trial(
                {n: decisive(first, t, of_targets[n][:, mine].T) for n, t in indicators.items()},
                {n: values[default_reading(first.model, n)][:, mine] for n in names},
            )
    return [found[place] for place in range(len(scenarios))]


def _is_computed(one: Ensemble, name: str) -> bool:
    return name not in one.model.parameters and name not in one.model.series


def _side_by_side(several: Sequence[Inputs]) -> Inputs:
    """Give the draws of several runs as those of one."""
    first = several[0]

    def joined(parts: Sequence[Any], shape: tuple[int, ...]) -> Array:
        columns = [np.reshape(part, (*shape, -1)) for part in parts]
        return np.concatenate([np.broadcast_to(c, (*shape, DRAWS)) for c in columns], axis=-1)

    years = first.last_year - first.first_year + 1
    parameters = {n: joined([i.parameters[n] for i in several], ()) for n in first.parameters}
    series = {n: joined([i.series[n] for i in several], (years,)) for n in first.series}
    return Inputs(first.first_year, first.last_year, parameters, series, first.settled_year)


def _effect(one: Ensemble, here: Trial, there: Trial) -> Effect:
    shifts = {n: _shift(values, there.decisive[n]) for n, values in here.decisive.items() if n in there.decisive}
    headline = [shifts[t.indicator] for t in _headline(one) if t.indicator in shifts]
    moved = [n for n, values in here.variables.items() if n in there.variables and _moves(values, there.variables[n])]
    targets = tuple(t for t in one.scenario.plan.targets if shifts.get(t.indicator, 0.0) >= HARDLY)
    return Effect(max(headline, default=0.0), targets, tuple(moved))


def _headline(one: Ensemble) -> list[Target]:
    """Give the headline targets that the model says something of."""
    return [t for t in one.scenario.plan.targets if t.kind == "headline" and t.indicator in one.indicators]


def _shift(here: Array, there: Array) -> float:
    """Give how far numbers, (draw,), move at most, as a share of their scatter over draws."""
    if not _moves(here, there):
        return 0.0
    scatter = max(float(np.std(here)), SAME * float(np.max(np.abs(here))))
    return float(np.max(np.abs(here - there))) / scatter if scatter > 0.0 else np.inf


def _moves(here: Array, there: Array) -> bool:
    return not np.allclose(here, there, rtol=SAME, atol=0.0, equal_nan=True)
