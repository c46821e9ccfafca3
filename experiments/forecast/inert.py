"""Whether what a scenario changes moves anything: tried with and without the change, on the same random numbers.

A few draws of the plain equations are enough for that, and no draw of the answer is another for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from fiveyear.model import INDICATORS, Inputs, integrate
from fiveyear.model.errors import ModelError
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import default_reading, quickest_engine
from fiveyear.scenarios import (
    Case,
    Experiment,
    Scenario,
    ScenarioError,
    Target,
    YearlyPath,
    load_scenario,
    scenario_names,
)
from fiveyear.scenarios.scenario_file import change
from fiveyear.scenarios.settings import NUMBERS, keys_of, setting

from .ensemble import Ensemble
from .runnable import held
from .targets import decisive

DRAWS = 64  # of each trial: a place moves by steps, in few draws
STEP = 0.5  # years
SAME = 1e-9  # of a number: what rounding may move
HARDLY = 0.025  # of a target's scatter over draws: no probability moves by more than one in a hundred
WEAKLY = 0.25  # of it: what moves no more is tried with other loops cut, too
TIMES = 20.0  # as far, with one loop cut or closed, as without
TOGETHER = 32  # scenarios that are run together, so that memory stays flat
TENTH = 0.1  # of a lever, by which it is raised on trial
LISTED = 3  # of what is moved, at most, that a sentence names


class Trial(NamedTuple):
    """What a few draws of a scenario give: what decides each target, (draw,), and what targets depend on, if asked."""

    decisive: Mapping[str, Array]  # by indicator
    variables: Mapping[str, Array]


class Change(NamedTuple):
    """What is tried: an input, how the change is called, and scenarios with and without it, a pair for each trial."""

    name: str  # "" of what is no input
    called: str
    pairs: Sequence[tuple[Scenario, Scenario]]


@dataclass(frozen=True)
class Effect:
    """What a change moves: how far the headline target that it moves most, as a share of its scatter, and what else."""

    shift: float
    others: tuple[Target, ...]  # that are no headline targets


# -- what is said -----------------------------------------------------------------------------------------------
def of_scenario(ensemble: Ensemble) -> list[str]:
    """Say which paths and parameters that a scenario changes move no headline target, and why.

    What counts is what its own file changes in what it extends, and what was set on the command line.
    """
    return _warnings(ensemble, _of_scenario(ensemble))


def of_experiment(experiment: Experiment, first: Ensemble) -> list[str]:
    """Say the same of each scenario of an experiment, and of its factors in each; ``first``: of the first case."""
    by_name: dict[str, list[Case]] = {}
    for case in experiment.cases:
        by_name.setdefault(case.scenario.name, []).append(case)
    changes: list[Change] = []
    for cases in by_name.values():
        itself = cases[0].scenario.before if cases[0].factors else cases[0].scenario
        if itself is not None:
            with contextlib.suppress(ModelError):  # without its factors it may not run
                changes += _of_scenario(replace(first, scenario=itself))
            changes += [_of_factor(itself, cases, key) for key in cases[0].factors]
    return _warnings(first, changes)


def acting(ensembles: Sequence[Ensemble], levers: Sequence[str]) -> dict[str, list[str]]:
    """Give by lever the names of the scenarios in which it moves a target that has a probability there.

    Tried on the middle of its path, which is raised by a tenth after the base year, or by a tenth of its range where
    that is nil; in the mean of draws, as chances do. The ensembles are of one plan.
    """
    acting: dict[str, list[str]] = {name: [] for name in levers}
    for ensemble in ensembles:
        for name, indicators in _moved_by(ensemble, levers).items():
            acting[name] += [ensemble.scenario.name] if indicators else []
    return acting


def moved(ensemble: Ensemble) -> set[str]:
    """Give the indicators of targets that some lever moves, tried as ``acting`` does: alone."""
    levers = [n for n, series in ensemble.model.series.items() if series.lever]
    return {n for indicators in _moved_by(ensemble, levers).values() for n in indicators}


def _moved_by(ensemble: Ensemble, levers: Sequence[str]) -> dict[str, list[str]]:
    """Give by lever the indicators of targets that it moves and that have a probability in the scenario."""
    scenario = ensemble.scenario
    silent = {t.indicator for t in scenario.plan.targets if t.untold_under(scenario.cuts)}
    pairs = {n: (_raised(ensemble, n, 0.0), _raised(ensemble, n, TENTH)) for n in levers}
    trials = _trials(ensemble, [scenario for pair in pairs.values() for scenario in pair])
    by_lever = {}
    for name, pair in pairs.items():
        if all(id(scenario) in trials for scenario in pair):
            here, there = (trials[id(scenario)].decisive for scenario in pair)
            by_lever[name] = [
                n for n, values in here.items() if n not in silent and _shift(values, there[n], np.mean) >= HARDLY
            ]
    return by_lever


def _raised(ensemble: Ensemble, name: str, share: float) -> Scenario:
    """Give the scenario with an input on the middle of its path, raised after the base year by a share of it."""
    scenario, plan, declared = ensemble.scenario, ensemble.scenario.plan, ensemble.model.series[name]
    given = ensemble.median_inputs().series.get(name)
    if given is None:
        return scenario
    ahead = np.broadcast_to(given, len(ensemble.years))[-ensemble.years_ahead :]
    by = share * np.where(ahead > 0.0, ahead, declared.high - declared.low)
    points = tuple((plan.base_year + 1 + n, float(v)) for n, v in enumerate(np.minimum(ahead + by, declared.high)))
    own = scenario.paths.get(name)
    before = None if own is None or own.needs_history else own
    return replace(scenario, paths={**scenario.paths, name: YearlyPath(plan.base_year, points, before=before)})


def _of_scenario(ensemble: Ensemble) -> list[Change]:
    scenario = ensemble.scenario
    return [
        Change(name, f"{scenario.name}: {group}.{name}", [(scenario, without)])
        for group, name, before in _changes(scenario)
        if (without := _without(ensemble, group, name, before)) is not None
    ]


def _of_factor(itself: Scenario, cases: Sequence[Case], key: str) -> Change:
    """Give the trials of a factor: from end to end at the first case with each set of loops, and at the last case."""
    ends = _ends([case.factors[key] for case in cases])
    bases = {case.scenario.cuts: case for case in reversed(cases)}
    pairs = []
    for base in (*reversed(bases.values()), *(cases[-1:] if len(cases[0].factors) > 1 else ())):
        for value in ends:
            if value != base.factors[key]:
                settings = [setting(keys_of(k), value if k == key else v) for k, v in base.factors.items()]
                with contextlib.suppress(ScenarioError):  # such a case the experiment does not have
                    pairs.append((base.scenario, change(itself, settings)))
    group, *names = keys_of(key)
    return Change(names[0] if group in NUMBERS and names else "", f"{itself.name}: factor {key}", pairs)


def _warnings(ensemble: Ensemble, changes: Sequence[Change]) -> list[str]:
    """Say of each change what ``_words`` does of the trial in which it moves most."""
    effects = iter(_effects(ensemble, [pair for change in changes for pair in change.pairs]))
    sentences = []
    for name, called, pairs in changes:
        tried = [(effect, *pair) for pair, effect in zip(pairs, effects, strict=False) if effect]
        words = _words(ensemble, name, *max(tried, key=lambda t: t[0].shift)) if tried else ""
        sentences += [f"{called} {words}"] if words else []
    return sentences


def _ends(values: Sequence[Any]) -> list[Any]:
    """Give two values that lie as far apart as any: the least and the largest number, or else the first two."""
    if all(isinstance(value, int | float) for value in values):
        return [min(values), max(values)]
    return [values[0], *[value for value in values if value != values[0]][:1]]


def _words(ensemble: Ensemble, name: str, effect: Effect, here: Scenario, there: Scenario) -> str:
    """Say how little a change of an input moves, and why; nothing if it moves a headline target."""
    if effect.shift >= WEAKLY:
        return ""
    ensemble = replace(ensemble, scenario=here)
    reason = _reason(ensemble, name, effect, here, there) if name else ""
    if effect.shift >= HARDLY and not reason:
        return ""
    moved = [f'"{target.label}"' for target in effect.others] or _moved(ensemble, name, here, there)
    if effect.shift > 0.0:
        what = f"moves no headline target by more than {effect.shift:.2g} of its scatter"
    elif moved:
        what = f"moves none of the {len(_headline(ensemble))} headline targets"
    else:
        what = "moves nothing that a target depends on"
    more = f" and {len(moved) - LISTED} more" if len(moved) > LISTED else ""
    return f"{what}{reason}" + (f". It moves {', '.join(moved[:LISTED])}{more}" if moved else "")


def _reason(ensemble: Ensemble, name: str, effect: Effect, here: Scenario, there: Scenario) -> str:
    """Say which loop, cut or closed, stands between an input and the headline targets, and what to extend for it.

    Found by trying the same change with each loop closed that is cut here, and the other way with those that the plan
    cuts.
    """
    for loop in (*here.cuts, *(loop for loop in here.plan.cuts if loop not in here.cuts)):
        is_cut = loop in here.cuts
        cuts = tuple(c for c in here.cuts if c != loop) if is_cut else (*here.cuts, loop)
        pair = replace(here, cuts=cuts), replace(there, cuts=cuts)
        turned = replace(ensemble, scenario=pair[0])
        read = [r.variable for t in _headline(turned) for r in INDICATORS[t.indicator].readings]
        if name not in turned.model.upstream(read):
            continue
        (turned_effect,) = _effects(turned, [pair])
        shift = turned_effect.shift if turned_effect else 0.0
        if shift >= max(HARDLY, TIMES * effect.shift) or shift > effect.shift == 0.0:
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
    alike.sort(key=lambda s: (sum(len(s.content[group]) for group in NUMBERS), s.before is not None))
    return alike[0].name if alike else None


def _moved(ensemble: Ensemble, name: str, here: Scenario, there: Scenario) -> list[str]:
    """Give what a change of an input moves of all that targets depend on, the nearest to it first."""
    trials = _trials(ensemble, [here, there], every=True)
    if len(trials) < 2:
        return []
    first, second = (trials[id(scenario)].variables for scenario in (here, there))
    moved = {n for n, values in first.items() if _moves(values, second[n])}
    readers: dict[str, list[str]] = {}
    for variable in moved:
        for source in ensemble.model.reads(variable):
            readers.setdefault(source, []).append(variable)
    variables = [name]
    for variable in variables:
        variables += sorted({*readers.get(variable, ())} - {*variables})
    return variables[1:]


# -- what is tried ----------------------------------------------------------------------------------------------
def _changes(scenario: Scenario) -> Iterator[tuple[str, str, Any]]:
    """Give what a scenario changes: group and name, and what was there before, or None."""
    of_file = scenario
    while of_file.settings and of_file.before is not None:
        of_file = of_file.before
    base = of_file.before or of_file.plan
    for group in NUMBERS:
        before = getattr(base, group)
        for name, value in getattr(scenario, group).items():
            if before.get(name) != value:
                yield group, name, before.get(name)


def _without(ensemble: Ensemble, group: str, name: str, before: Any) -> Scenario | None:
    """Give the scenario with one path or parameter as it was before; None if nobody says how that was.

    A path that nobody else gives is held as it is in the base year.
    """
    others = {n: value for n, value in getattr(ensemble.scenario, group).items() if n != name}
    others |= {} if before is None else {name: before}
    if group == "parameters":
        is_given = before is not None or name in ensemble.posterior.parameters
        return replace(ensemble.scenario, parameters=others) if is_given else None
    scenario = replace(ensemble.scenario, paths=others)
    try:
        replace(ensemble, scenario=scenario).median_inputs()
    except ScenarioError:
        scenario = held(ensemble, [f"paths.{name}"]).scenario
    mine, its = (replace(ensemble, scenario=s).median_inputs().series.get(name) for s in (ensemble.scenario, scenario))
    return None if its is None or np.array_equal(mine, its) else scenario  # type: ignore[arg-type]


def _effects(ensemble: Ensemble, pairs: Sequence[tuple[Scenario, Scenario]]) -> list[Effect | None]:
    """Give what the second of each pair of scenarios moves, held against the first; None where one cannot run."""
    trials = _trials(ensemble, [scenario for pair in pairs for scenario in pair])
    tried = [[trials[id(scenario)] for scenario in pair if id(scenario) in trials] for pair in pairs]
    return [_effect(ensemble, *both) if len(both) == 2 else None for both in tried]


def _trials(ensemble: Ensemble, scenarios: Iterable[Scenario], every: bool = False) -> dict[int, Trial]:
    """Run the same draws of scenarios, those with the same loops cut together: by ``id``, those that can run.

    ``every``: whether all is kept that targets depend on.
    """
    trials: dict[int, Trial] = {}
    by_cuts: dict[tuple[str, ...], list[Scenario]] = {}
    for scenario in {id(scenario): scenario for scenario in scenarios}.values():
        by_cuts.setdefault(scenario.cuts, []).append(scenario)
    for several in by_cuts.values():
        for start in range(0, len(several), TOGETHER):
            trials |= _tried(ensemble, several[start : start + TOGETHER], every)
    return trials


def _tried(ensemble: Ensemble, scenarios: Sequence[Scenario], every: bool) -> dict[int, Trial]:
    inputs: dict[int, Inputs] = {}
    for scenario in scenarios:
        with contextlib.suppress(ModelError):
            inputs[id(scenario)] = replace(ensemble, scenario=scenario).inputs(0, DRAWS)
    if not inputs:
        return {}
    first = replace(ensemble, scenario=next(s for s in scenarios if id(s) in inputs))
    plan, model = first.scenario.plan, first.model
    indicators = {t.indicator: t for t in plan.targets if t.indicator in first.indicators}
    readings = [r for n in indicators for r in INDICATORS[n].readings]
    given = {*model.parameters, *model.series}
    names = [n for n in model.upstream(r.variable for r in readings) if n not in given] if every else []
    readings += [default_reading(model, n) for n in names]
    together = _side_by_side(list(inputs.values()))
    engine = quickest_engine(model, together, readings)
    with np.errstate(all="ignore"):
        values = integrate(model, together, dict.fromkeys(readings), step=STEP, engine=engine)
        of_targets = {
            n: model.indicators[n].value(values, model.units, plan.base_year - plan.start) for n in indicators
        }
    trials = {}
    for number, key in enumerate(inputs):
        mine = slice(number * DRAWS, (number + 1) * DRAWS)
        trials[key] = Trial(
            {n: decisive(first, t, of_targets[n][:, mine].T) for n, t in indicators.items()},
            {n: values[default_reading(model, n)][:, mine] for n in names},
        )
    return trials


def _side_by_side(several: Sequence[Inputs]) -> Inputs:
    """Give the draws of several runs as those of one."""
    first = several[0]

    def joined(parts: Sequence[Any], shape: tuple[int, ...]) -> Array:
        columns = np.empty((*shape, len(parts), DRAWS))
        for place, part in enumerate(parts):
            columns[..., place, :] = np.reshape(part, (*shape, -1))
        return columns.reshape(*shape, -1)

    years = first.last_year - first.first_year + 1
    parameters = {n: joined([i.parameters[n] for i in several], ()) for n in first.parameters}
    series = {n: joined([i.series[n] for i in several], (years,)) for n in first.series}
    return Inputs(first.first_year, first.last_year, parameters, series, first.settled_years)


def _effect(ensemble: Ensemble, here: Trial, there: Trial) -> Effect:
    shifts = {n: _shift(values, there.decisive[n]) for n, values in here.decisive.items() if n in there.decisive}
    headline = [shifts[t.indicator] for t in _headline(ensemble) if t.indicator in shifts]
    others = [
        t for t in ensemble.scenario.plan.targets if t.kind != "headline" and shifts.get(t.indicator, 0.0) >= HARDLY
    ]
    return Effect(max(headline, default=0.0), tuple(others))


def _headline(ensemble: Ensemble) -> list[Target]:
    """Give the headline targets that the model says something of."""
    return [t for t in ensemble.scenario.plan.targets if t.kind == "headline" and t.indicator in ensemble.indicators]


def _shift(here: Array, there: Array, over: Callable[[Array], np.floating[Any]] = np.max) -> float:
    """Give how far numbers, (draw,), move, at most or in another sense over draws, as a share of their scatter."""
    if not _moves(here, there):
        return 0.0
    if not np.isfinite([here, there]).all():
        return np.inf
    scatter = max(float(np.std(here)), SAME * float(np.max(np.abs(here))))
    return float(over(np.abs(here - there))) / scatter if scatter > 0.0 else np.inf


def _moves(here: Array, there: Array) -> bool:
    return not np.allclose(here, there, rtol=SAME, atol=0.0, equal_nan=True)
