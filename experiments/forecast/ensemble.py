"""An ensemble: one scenario over many draws of all that is uncertain, as a Dataset."""

from __future__ import annotations

import importlib.metadata
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from fiveyear import model
from fiveyear.calibration import outlook, posterior
from fiveyear.calibration.fit import Problem
from fiveyear.model import INDICATORS, Engine, Indicator, InputError, Inputs, Method, Model, Run
from fiveyear.model.errors import raise_all
from fiveyear.model.inputs import Known
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import BLOCK
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import Scenario, ScenarioError
from fiveyear.scenarios.errors import Fault, shown

from . import needs

LARGEST_DRAW = 10_000_000
# Draws that are looked at together: all of as many as an answer usually has, so that what scenarios share is drawn
# once; of more, fewer, since nobody has room for all.
USUAL, PART = 5 * BLOCK, 2 * BLOCK

SetNumbers = npt.NDArray[np.intp]
#: What is drawn: the parameters; with shocks, too; with growth and all else that is given, too.
Uncertainty = Literal["parameters", "shocks", "growth"]


class Drawn(NamedTuple):
    """What draws have in all scenarios: each parameter, (draw,), and Series, (year, draw); and the known past.

    ``known``: what has been found out of them so far.
    """

    parameters: Mapping[str, Array]
    series: Mapping[str, Array]
    history: Mapping[str, Array]
    known: Known

    def part(self, start: int, stop: int) -> Drawn:
        """Give some of the draws."""
        parameters = {n: v[start:stop] for n, v in self.parameters.items()}
        series, history = (
            {n: v if v.ndim == 1 else v[:, start:stop] for n, v in yearly.items()}
            for yearly in (self.series, self.history)
        )
        return Drawn(parameters, series, history, Known())


class Ground:
    """What all scenarios of a plan have in common under one posterior, worked out once for all of them."""

    def __init__(self, fitted: posterior.Posterior) -> None:
        self.posterior = fitted
        self._models: dict[tuple[str, ...], Model] = {}
        self._given: dict[tuple[tuple[str, ...], str], bool] = {}
        self._inputs: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}
        self._middle: dict[int, dict[str, Array]] = {}
        self._known: dict[int, Known] = {}
        self._course: dict[int, dict[str, Array]] = {}
        self._indicators: dict[tuple[tuple[str, ...], frozenset[str]], dict[str, Indicator]] = {}
        self._names: dict[tuple[tuple[str, ...], frozenset[str]], tuple[str, ...]] = {}
        self._latest: tuple[tuple[object, ...], int, int, Drawn] | None = None

    @cached_property
    def problem(self) -> Problem:
        """What was fitted."""
        return self.posterior.evidence.problem()

    @cached_property
    def history(self) -> dict[str, Array]:
        """The given Series up to the base year, each (year,), in base units; on the middle of a past that is fitted."""
        middle = {n: np.median(self.posterior.shocks[n], axis=1) for n in self.problem.pasts}
        return {**self.posterior.evidence.history, **middle}

    @cached_property
    def coming(self) -> tuple[str, ...]:
        """The shocks that years after the base year bring."""
        return tuple(n for n in self.problem.shocks if n not in self.problem.pasts)

    def middle(self, years_ahead: int) -> dict[str, Array]:
        """Give each Series with an outlook, (year,), on the middle of it."""
        if years_ahead not in self._middle:
            priors = self.posterior.evidence.priors
            self._middle[years_ahead] = outlook.median_course(priors, self.growth, self.history, years_ahead)
        return self._middle[years_ahead]

    @cached_property
    def growth(self) -> dict[str, outlook.Growth]:
        """How the growth of each Series with an outlook varies."""
        return self.posterior.evidence.growth

    def course(self, years_ahead: int) -> dict[str, Array]:
        """Give each Series that goes on without a scenario, (year,), on the middle of all years."""
        if years_ahead not in self._course:
            fitted = {n: np.median(self.posterior.shocks[n], axis=1) for n in self.coming}
            ahead = outlook.median_shocks(self.posterior.evidence.priors, fitted, years_ahead)
            whole = {n: np.concatenate([fitted[n], v]) for n, v in ahead.items()}
            self._course[years_ahead] = {**self.middle(years_ahead), **whole}
        return self._course[years_ahead]

    def known_of_middle(self, years_ahead: int) -> Known:
        """Give what has been found out of inputs on the middle of all that is uncertain."""
        return self._known.setdefault(years_ahead, Known())

    @cached_property
    def median_parameters(self) -> dict[str, Array]:
        """The median of each fitted parameter, ()."""
        return {n: np.asarray(np.median(v)) for n, v in self.posterior.parameters.items()}

    def model(self, cuts: tuple[str, ...]) -> Model:
        """Give the model with these loops cut."""
        if cuts not in self._models:
            model = self.posterior.evidence.model
            self._models[cuts] = model.cut(c for c in cuts if c not in model.cuts)
        return self._models[cuts]

    def inputs_of(self, indicator: str, cuts: tuple[str, ...]) -> tuple[str, ...]:
        """Give the Parameters and Series that an indicator needs, with these loops cut."""
        if (cuts, indicator) not in self._inputs:
            self._inputs[cuts, indicator] = needs.inputs_of(self.model(cuts), [indicator])
        return self._inputs[cuts, indicator]

    def lacking(self, indicator: str, cuts: tuple[str, ...], given: frozenset[str]) -> tuple[str, ...]:
        """Give the inputs that an indicator needs and that neither plan, facts and priors give, nor are ``given``."""
        needed, available = self.inputs_of(indicator, cuts), self.problem.available
        return tuple(n for n in needed if n not in given and n not in available)

    def indicators(self, cuts: tuple[str, ...], given: frozenset[str]) -> dict[str, Indicator]:
        """Give the indicators that need no more than plan, facts and priors give and is ``given``."""
        if (cuts, given) not in self._indicators:
            every = self.model(cuts).indicators
            self._indicators[cuts, given] = {n: i for n, i in every.items() if not self.lacking(n, cuts, given)}
        return self._indicators[cuts, given]

    def names(self, cuts: tuple[str, ...], given: frozenset[str]) -> tuple[str, ...]:
        """Give the variables that these Parameters and Series let the model compute, with these loops cut."""
        if (cuts, given) not in self._names:
            model = self.model(cuts)
            without = model.downstream({*model.parameters, *model.series} - given)
            self._names[cuts, given] = tuple(n for n in model.names if n not in without)
        return self._names[cuts, given]

    def drawn(self, uncertainty: Uncertainty, seed: int, years_ahead: int, start: int, stop: int) -> Drawn:
        """Give what the draws ``start`` to ``stop`` have in all scenarios; those made last are still there."""
        how = (uncertainty, seed, years_ahead)
        latest = self._latest
        if latest is None or latest[0] != how or not latest[1] <= start < stop <= latest[2]:
            self._latest = None  # before others take up memory
            latest = self._latest = how, start, stop, self._drawn(*how, start, stop)
        _, first, last, drawn = latest
        return drawn if (start, stop) == (first, last) else drawn.part(start - first, stop - first)

    def _drawn(self, uncertainty: Uncertainty, seed: int, years_ahead: int, start: int, stop: int) -> Drawn:
        fitted, priors = self.posterior, self.posterior.evidence.priors
        sets = np.arange(start, stop) % fitted.size
        pasts = {n: fitted.shocks[n][:, sets] for n in self.problem.pasts}
        history = {**self.history, **pasts}
        if uncertainty == "growth":
            carried = outlook.carry_on(priors, self.growth, history, years_ahead, seed, start, stop)
            carried = {n: self._within(n, v) for n, v in carried.items()}
        else:
            uncertain = outlook.median_course(priors, self.growth, pasts, years_ahead)
            carried = self.middle(years_ahead) | uncertain
        past = {n: fitted.shocks[n][:, sets] for n in self.coming}
        if uncertainty == "parameters":
            ahead = outlook.median_shocks(priors, past, years_ahead)
        else:
            ahead = outlook.shocks_ahead(priors, past, years_ahead, seed, start, stop)
        shocks = {n: np.concatenate([past[n], self._within(n, v)]) for n, v in ahead.items()}
        parameters = {n: v[sets] for n, v in fitted.parameters.items()}
        drawn = Drawn(parameters, {**carried, **shocks}, history, Known())
        for numbers in itertools.chain(*(group.values() for group in drawn[:3])):
            numbers.setflags(write=False)  # whoever changes them would change all scenarios
        return drawn

    def _within(self, series: str, values: Array) -> Array:
        """Give what is drawn of a Series cut at its hard range, beyond which one draw of many thousand may lie."""
        declared = self.posterior.evidence.model.series[series]
        return np.clip(values, declared.low, declared.high)

    def is_given(self, indicator: str, cuts: tuple[str, ...]) -> bool:
        """Tell whether an indicator follows from given Series alone, but for what stands above and below the line."""
        if (cuts, indicator) not in self._given:
            upstream = [set(self.model(cuts).upstream([r.variable])) for r in INDICATORS[indicator].readings]
            counted, *against = upstream
            self._given[cuts, indicator] = not counted.difference(*against) & set(self.posterior.parameters)
        return self._given[cuts, indicator]


@lru_cache(maxsize=16)
def ground(fitted: posterior.Posterior) -> Ground:
    """Give what all scenarios have in common under a posterior."""
    return Ground(fitted)


@dataclass(frozen=True)
class Ensemble:
    """A scenario under one posterior. The same seed gives each draw the same numbers in every scenario.

    A run ``until`` a later year than that in which the plan's targets fall due is the same up to there.
    """

    scenario: Scenario
    posterior: posterior.Posterior
    seed: int
    uncertainty: Uncertainty = "growth"
    engine: Engine = field(default_factory=model.best_engine)
    until: int | None = None  # the last simulated year, if it is not that in which the targets fall due

    @property
    def ground(self) -> Ground:
        """What the scenarios of the plan share."""
        return ground(self.posterior)

    def going_on(self, end: int | None) -> Ensemble:
        """Give the same, run until a later year; raises InputError if the plan's outlooks do not go so far."""
        plan = self.scenario.plan
        if end is not None and not plan.end <= end <= plan.outlook_end:
            expected = f"{plan.end} to {plan.outlook_end}"
            text = f"found {end}, expected {expected}: the outlooks of the plan {plan.name} go no further"
            raise InputError("the last year", [Fault("", text, found=str(end), expected=expected)])
        return replace(self, until=None if end == plan.end else end)

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """What the plan, its facts and its priors let the model compute under this scenario."""
        given = frozenset({*self.scenario.paths, *self.scenario.parameters})
        return self.ground.indicators(self.scenario.cuts, given)

    def lacking(self, indicator: str) -> tuple[str, ...]:
        """Give the inputs that an indicator needs and that neither plan, scenario, facts nor priors give."""
        if indicator not in self.model.indicators:
            return tuple(f"groups.{name}" for name in model.groups() if name not in dict(self.model.country.groups))
        given = frozenset({*self.scenario.paths, *self.scenario.parameters})
        return self.ground.lacking(indicator, self.scenario.cuts, given)

    @property
    def model(self) -> Model:
        """The model, with the scenario's loops cut."""
        return self.ground.model(self.scenario.cuts)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variables that the plan, its facts and its priors let the model compute."""
        inputs = self.median_inputs()
        return self.ground.names(self.scenario.cuts, frozenset({*inputs.parameters, *inputs.series}))

    @cached_property
    def years(self) -> Array:
        """The simulated years, history and plan, as numbers with a point."""
        return np.arange(self.scenario.plan.start, self.end + 1, dtype=float)

    @property
    def end(self) -> int:
        """The last simulated year."""
        return self.until or self.scenario.plan.end

    @property
    def years_ahead(self) -> int:
        """The number of years after the base year."""
        return self.end - self.scenario.plan.base_year

    def parameter_sets(self, start: int, stop: int) -> SetNumbers:
        """Give which parameter set of the posterior each draw takes: all in turn, again and again."""
        return np.arange(start, stop) % self.posterior.size

    def inputs(self, start: int, stop: int) -> Inputs:
        """Give what the draws ``start`` to ``stop`` run on; each is the same whatever others are asked for with it.

        Parameters of the posterior; history, outlook and shocks; over them the scenario's own values.
        """
        drawn = self.ground.drawn(self.uncertainty, self.seed, self.years_ahead, start, stop)
        return self._inputs(drawn.parameters, drawn.series, drawn.history, drawn.known)

    def inputs_of(self, draws: Sequence[int]) -> Inputs:
        """Give what these draws run on, in this order."""
        first, *others = [self.inputs(start, stop) for start, stop in _stretches(draws)]
        if not others:
            return first
        # What is drawn has an entry for each draw; what is given is the same in all.
        parameters: dict[str, Array | float] = {
            n: np.concatenate([v, *(i.parameters[n] for i in others)]) if np.ndim(v) else v
            for n, v in first.parameters.items()
        }
        series = {
            n: np.concatenate([v, *(i.series[n] for i in others)], axis=1) if v.ndim == 2 else v
            for n, v in first.series.items()
        }
        return Inputs(first.first_year, first.last_year, parameters, series, first.settled_years)

    def median_inputs(self) -> Inputs:
        """Give the inputs of a single run in the middle of everything uncertain."""
        return self._median_inputs

    @cached_property
    def _median_inputs(self) -> Inputs:
        ground = self.ground
        course = ground.course(self.years_ahead)
        return self._inputs(ground.median_parameters, course, ground.history, ground.known_of_middle(self.years_ahead))

    def single_inputs(self, draw: str) -> Inputs:
        """Give the inputs of a single run, ``median`` or the number of a draw; raises InputError for anything else."""
        if draw == "median":
            return self.median_inputs()
        if not re.fullmatch("[0-9]{1,20}", draw) or int(draw) >= LARGEST_DRAW:
            raise InputError("the draw", [f"{shown(draw)}: expected median, or the number of a draw from 0 on"])
        return self.inputs(int(draw), int(draw) + 1)

    def _inputs(
        self,
        parameters: Mapping[str, Array],
        series: Mapping[str, Array],
        history: Mapping[str, Array],
        known: Known | None = None,
    ) -> Inputs:
        if faults := self._path_faults(series, history):
            raise ScenarioError(self.scenario.place, faults)
        own = self.scenario.yearly_paths(self.years, history, self.ground.middle(self.years_ahead).get("gdp_real"))
        plan = self.scenario.plan
        values: dict[str, Array | float] = {**parameters, **self.scenario.parameters}
        # A longer run is the same up to where a shorter one ends.
        settled = (plan.base_year, plan.end) if self.end > plan.end else (plan.base_year,)
        return Inputs(plan.start, self.end, values, {**series, **own}, settled, known or Known())

    def _path_faults(self, series: Iterable[str], history: Iterable[str]) -> list[Fault]:
        """Give the paths that the scenario gives though facts do, or that neither it nor anybody else gives."""
        base, paths = self.scenario.plan.base_year, self.scenario.paths
        information_set = self.posterior.evidence.information_set
        rewritten = f"facts give its numbers up to {base}; expected years after {base}"
        cut_off = f"goes on from history, and the facts of {information_set} give none; give all years"
        missing = f"no path after {base}, and the priors give no outlook"
        return [
            *(Fault(f"paths.{n}", rewritten) for n, p in sorted(paths.items()) if n in history and not p.needs_history),
            *(Fault(f"paths.{n}", cut_off) for n, p in sorted(paths.items()) if p.needs_history and n not in history),
            *(Fault(f"paths.{n}", missing) for n in sorted({*history} - {*series, *paths})),
        ]

    def run(
        self,
        draws: int | Sequence[int],
        keep: Iterable[str] = (),
        *,
        indicators: Iterable[str] | None = None,
        method: Method = "rk4",
        step: float = DEFAULT_STEP,
        progress: Callable[[int], None] | None = None,
        only_finite: bool = True,
        threads: int = 1,
    ) -> Run:
        """Run the draws: indicators, and variables to keep, (draw, year).

        Parameters
        ----------
        draws : how many, from draw 0 on; or which, such as ``range(4096, 8192)``. A draw is the same to the bit
            whatever others are run with it.
        indicators : names; by default all that the plan lets the model compute
        only_finite : whether a value that is not finite raises InputError, or stays as it is
        """
        which = range(draws) if isinstance(draws, int) else draws
        run = model.simulate(
            self.model,
            self.inputs_of(which),
            self.indicators if indicators is None else {n: self.indicators[n] for n in indicators},
            keep,
            method=method,
            step=step,
            engine=self.engine,
            progress=progress,
            only_finite=only_finite,
            threads=threads,
            numbers=which,
        )
        return replace(run, attributes=run.attributes | self.provenance(len(which)))

    def is_given(self, indicator: str) -> bool:
        """Tell whether an indicator follows from given Series alone, but for what stands above and below the line."""
        return self.ground.is_given(indicator, self.scenario.cuts)

    def provenance(self, draws: int) -> dict[str, str | int]:
        """Give what a result must say of itself."""
        return {
            "scenario": self.scenario.name,
            "plan": self.scenario.plan.name,
            "facts": self.posterior.evidence.information_set,
            "draws": draws,
            "seed": self.seed,
            "engine": self.engine,
            "version": _version(),
            "settings": " ".join(self.scenario.settings),
        }


def ensemble(scenario: Scenario, information_set: str | None, seed: int, engine: Engine | None = None) -> Ensemble:
    """Give the ensemble of a scenario, by default on the first information set of its plan and on the best engine.

    Whether its numbers are plausible is for ``runnable.built`` to say. Raises CalibrationError if the plan has no
    posterior that holds, or its targets need what nobody gives.
    """
    evidence = posterior.evidence(scenario.plan, information_set)
    raise_all(needs.errors(evidence, scenario))
    return Ensemble(scenario, posterior.load(evidence), seed, engine=engine or model.best_engine())


@cache
def _version() -> str:
    return importlib.metadata.version("fiveyear")


def stretches(draws: int) -> list[range]:
    """Give the draws from 0 on in parts of which memory holds one at a time."""
    size = USUAL if draws <= USUAL else PART
    return [range(start, min(start + size, draws)) for start in range(0, draws, size)]


def _stretches(draws: Sequence[int] | npt.NDArray[np.int_]) -> list[tuple[int, int]]:
    """Give draws as stretches, start to stop, of such as follow each other; raises ValueError if there are none."""
    numbers = np.asarray(draws)
    ends = [0, *(np.flatnonzero(np.diff(numbers) != 1) + 1), len(numbers)]
    return [(int(numbers[a]), int(numbers[b - 1]) + 1) for a, b in itertools.pairwise(ends)]
