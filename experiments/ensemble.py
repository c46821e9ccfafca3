"""An ensemble: one scenario over many draws of all that is uncertain, as a Dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from fiveyear import model
from fiveyear.calibration import discrepancy, outlook, posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.model import INDICATORS, Indicator, InputError, Inputs, Method, Model
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import DEFAULT_STEP
from fiveyear.scenarios import Scenario

LARGEST_DRAW = 10_000_000

SetNumbers = npt.NDArray[np.intp]
#: What is drawn: the parameters; with surprises and discrepancy; with growth and all else that is given, too.
Uncertainty = Literal["parameters", "discrepancy", "growth"]


@dataclass(frozen=True)
class Ensemble:
    """A scenario under one posterior. The same seed gives each draw the same numbers in every scenario."""

    scenario: Scenario
    posterior: posterior.Posterior
    seed: int
    uncertainty: Uncertainty = "growth"

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """What the plan, its facts and its priors let the model compute."""
        return self.posterior.evidence.problem().indicators

    @cached_property
    def model(self) -> Model:
        """The model, with the scenario's loops cut."""
        return model.load().cut(self.scenario.cuts)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variables that the plan, its facts and its priors let the model compute."""
        inputs, whole = self.median_inputs(), self.model
        missing = {*whole.parameters, *whole.series} - {*inputs.parameters, *inputs.series}
        return tuple(n for n in whole.names if not missing & set(whole.upstream([n])))

    @cached_property
    def years(self) -> Array:
        """The simulated years, history and plan, as numbers with a point."""
        return np.arange(self.scenario.plan.start, self.scenario.plan.end + 1, dtype=float)

    @property
    def years_ahead(self) -> int:
        """The number of years after the base year."""
        return self.scenario.plan.end - self.scenario.plan.base_year

    def parameter_sets(self, start: int, stop: int) -> SetNumbers:
        """Give which parameter set of the posterior each draw takes: all in turn, again and again."""
        return np.arange(start, stop) % self.posterior.size

    def inputs(self, start: int, stop: int) -> Inputs:
        """Give what the draws ``start`` to ``stop`` run on; each is the same whatever others are asked for with it.

        Parameters of the posterior; history, outlook and surprises; over them the scenario's own values.
        """
        sets = self.parameter_sets(start, stop)
        fitted = self.posterior
        history, priors = fitted.evidence.history, fitted.evidence.priors
        coming = fitted.evidence.problem().surprises
        if self.uncertainty == "growth":
            carried = outlook.carry_on(priors, history, self.years_ahead, self.seed, start, stop)
        else:
            carried = outlook.median_course(priors, history, self.years_ahead)
        ahead = outlook.surprises_ahead(coming, self.years_ahead, self.seed, start, stop)
        if self.uncertainty == "parameters":
            ahead = {n: np.zeros_like(v) for n, v in ahead.items()}
        surprises = {n: np.concatenate([v[:, sets], ahead[n]]) for n, v in fitted.surprises.items()}
        parameters = {n: v[sets] for n, v in fitted.parameters.items()}
        return self._inputs(parameters, {**carried, **surprises}, history)

    def median_inputs(self) -> Inputs:
        """Give the inputs of a single run in the middle of everything uncertain."""
        fitted = self.posterior
        history = fitted.evidence.history
        carried = outlook.median_course(fitted.evidence.priors, history, self.years_ahead)
        problem = fitted.evidence.problem()
        middle = {n: b(np.zeros(self.years_ahead)) for n, b in problem.surprises.items()}
        surprises = {n: np.concatenate([np.median(v, axis=1), middle[n]]) for n, v in fitted.surprises.items()}
        return self._inputs(
            {n: np.asarray(np.median(v)) for n, v in fitted.parameters.items()}, {**carried, **surprises}, history
        )

    def single_inputs(self, draw: str) -> Inputs:
        """Give the inputs of a single run, ``median`` or the number of a draw; raises InputError for anything else."""
        if draw == "median":
            return self.median_inputs()
        if not draw.isascii() or not draw.isdigit() or int(draw) >= LARGEST_DRAW:
            raise InputError("the draw", [f"{draw!r}: expected median, or the number of a draw from 0 on"])
        return self.inputs(int(draw), int(draw) + 1)

    def _inputs(self, parameters: dict[str, Array], series: dict[str, Array], history: dict[str, Array]) -> Inputs:
        rewritten = sorted(n for n, p in self.scenario.paths.items() if n in history and not p.needs_history)
        if rewritten:
            raise CalibrationError(
                f"scenario {self.scenario.name}",
                [f"paths.{n}: facts give its numbers up to {self.scenario.plan.base_year}" for n in rewritten],
            )
        middle = outlook.median_course(self.posterior.evidence.priors, history, self.years_ahead)
        own = self.scenario.yearly_paths(self.years, history, middle.get("gdp_real"))
        unknown = sorted(set(history) - set(series) - set(own))
        if unknown:
            raise CalibrationError(
                f"scenario {self.scenario.name}",
                [
                    f"paths.{n}: no path after {self.scenario.plan.base_year}, and the priors give no outlook"
                    for n in unknown
                ],
            )
        plan = self.scenario.plan
        values: dict[str, Array | float] = {**parameters, **self.scenario.parameters}
        return Inputs(plan.start, plan.end, values, {**series, **own}, settled_year=plan.base_year)

    def run(
        self,
        draws: int,
        keep: Iterable[str] = (),
        *,
        method: Method = "rk4",
        step: float = DEFAULT_STEP,
        progress: Callable[[int], None] | None = None,
    ) -> xr.Dataset:
        """Run the draws: indicators, with discrepancy from the base year on, and variables to keep, (draw, year)."""
        dataset = self.run_model(draws, keep, method=method, step=step, progress=progress)
        self.put(dataset, self.strayed(dataset))
        return dataset

    def run_model(
        self,
        draws: int,
        keep: Iterable[str] = (),
        *,
        method: Method = "rk4",
        step: float = DEFAULT_STEP,
        progress: Callable[[int], None] | None = None,
    ) -> xr.Dataset:
        """Run the draws as ``run`` does, without discrepancy."""
        dataset = model.simulate(
            self.model, self.inputs(0, draws), self.indicators, keep, method=method, step=step, progress=progress
        )
        dataset.attrs |= self.provenance(draws)
        return dataset

    def strayed(self, dataset: xr.Dataset, common: float = 0.0) -> dict[str, Array]:
        """Give the indicators that stray from the model, with discrepancy, from the base year on: (draw, year).

        ``dataset`` is what the model alone says; ``common`` the correlation between the errors of indicators.
        """
        draws, base = dataset.sizes["draw"], -1 - self.years_ahead
        sets = self.parameter_sets(0, draws)
        found = {}
        for name, learned in self.posterior.discrepancy.items():
            if self.is_given(name) or self.uncertainty == "parameters":
                continue
            facts = self.posterior.evidence.indicator(name)
            taken = discrepancy.Discrepancy(learned.yearly_sd[sets], learned.at_base[sets])
            walk = discrepancy.walk(taken, self.years_ahead, self.seed, name, 0, draws, common)
            scale = facts[max(facts)][0] if facts else 1.0
            found[name] = discrepancy.apply(dataset[name].values[:, base:], walk, INDICATORS[name].trend, scale)
        return found

    def put(self, dataset: xr.Dataset, strayed: Mapping[str, Array]) -> None:
        """Put what ``strayed`` gives in place of what the model alone says."""
        for name, values in strayed.items():
            dataset[name].values[:, -1 - self.years_ahead :] = values

    def is_given(self, indicator: str) -> bool:
        """Tell whether an indicator follows from given Series alone, but for what stands above and below the line."""
        one = INDICATORS[indicator]
        counted, *against = (set(self.model.upstream([r.variable])) for r in one.readings)
        return not counted.difference(*against) & set(self.posterior.parameters)

    def provenance(self, draws: int) -> dict[str, str | int]:
        """Give what a result must say of itself."""
        return {
            "scenario": self.scenario.name,
            "plan": self.scenario.plan.name,
            "facts": self.posterior.evidence.information_set,
            "draws": draws,
            "seed": self.seed,
            "settings": " ".join(self.scenario.settings),
        }


def ensemble(scenario: Scenario, information_set: str | None, seed: int) -> Ensemble:
    """Give the ensemble of a scenario, by default on the first information set of its plan.

    Raises CalibrationError if the plan has no posterior that holds.
    """
    known = posterior.evidence(scenario.plan, information_set, model.load())
    return Ensemble(scenario, posterior.load(known), seed)
