"""The fit: the most probable parameters given the facts, and the normal approximation round them.

All is done in latent numbers z that are standard normal a priori (see ``priors``), so that the negative log
posterior is half a sum of squares: z itself, and one residual a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fiveyear.model import Indicator, Inputs, Model, PreparedRun, Reading, best_engine, integrate
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan

from .errors import CalibrationError
from .facts import Fact
from .history import Facts, Past, Rise, history, pasts, rises
from .likelihood import log_probability, signed_root, slope, slope_of_bound, slope_of_interval
from .points import Points
from .priors import Bounded, Priors, Together

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Problem:
    """What is to be fitted to what: a model, a plan's fixed values, the facts of one information set, the priors.

    ``last_year`` is the last year whose facts are compared (the base year, or earlier to hold some out). The model is
    run with the loops cut that the plan leaves cut. What lacks an input in this plan is not compared.
    """

    model: Model
    plan: Plan
    facts: Facts
    priors: Priors
    last_year: int

    def __getstate__(self) -> dict[str, Any]:
        """Give what it is made of: what was worked out of that, such as machine code, is worked out again elsewhere."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def parameters(self) -> dict[str, Bounded]:
        """The fitted parameters: all with a prior that the plan does not fix."""
        declared = self.model.parameters
        return {
            n: Bounded(d, declared[n].low, declared[n].high)
            for n, d in self.priors.parameters.items()
            if n not in self.plan.parameters
        }

    @cached_property
    def shocks(self) -> dict[str, Bounded]:
        """The yearly shocks, one distribution a Series; and the yearly growth of each Series with a past."""
        declared = self.model.series
        own = {n: Bounded(s.yearly, declared[n].low, declared[n].high) for n, s in self.priors.surprises.items()}
        return own | {n: p.growth for n, p in self.pasts.items()}

    @cached_property
    def pasts(self) -> dict[str, Past]:
        """The given Series of which the facts know no more than the base year: their past is fitted."""
        return pasts(self.facts, self.priors.past, self._given, self.plan.base_year, self.model)

    @cached_property
    def years(self) -> Array:
        """The years that are run: from the plan's start to its base year."""
        return np.arange(self.plan.start, self.plan.base_year + 1, dtype=float)

    @cached_property
    def run_model(self) -> Model:
        """The model with the loops cut that the plan leaves cut."""
        return self.model.cut(self.plan.cuts)

    def can_run(self, readings: Iterable[Reading | None]) -> bool:
        """Tell whether this plan, its facts and its priors give all that these readings need."""
        needed = set(self.run_model.upstream(r.variable for r in readings if r is not None))
        return needed & {*self.model.parameters, *self.model.series} <= self.available

    @cached_property
    def available(self) -> set[str]:
        """The Parameters and Series that this plan, its facts and its priors give."""
        return {*self.plan.parameters, *self.parameters, *self._given, *self.shocks}

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The indicators that this plan, its facts and its priors let the model compute."""
        return {n: i for n, i in self.model.indicators.items() if self.can_run(i.readings)}

    @cached_property
    def observed(self) -> dict[str, tuple[Reading, Reading | None]]:
        """The readings that each series of facts is compared with, of those that are there and can be computed."""
        observations = sorted(self.model.observations.items())  # whatever order they are declared in
        compared = {n: o.readings for n, o in observations if o.readings and n in self.facts}
        return {n: (r[0], r[1] if r[1:] else None) for n, r in compared.items() if self.can_run(r)}

    @cached_property
    def rises(self) -> dict[str, Rise]:
        """The series of facts that are rises of another."""
        return rises(self.model)

    @cached_property
    def informed(self) -> tuple[bool, ...]:
        """Whether any fact depends on each of the latent numbers."""
        read = [r.variable for pair in self.observed.values() for r in pair if r is not None]
        upstream = set(self.run_model.upstream(read))
        return tuple(n.partition("[")[0] in upstream for n in self.names)

    def among(self, z: Array, others: Array | float = 0.0) -> Array:
        """Put the latent numbers that facts inform, (draw, informed), among the others, (draw, latent)."""
        every = np.empty((len(z), len(self.informed)))
        every[:] = others
        every[:, self._informed_places] = z
        return every

    @cached_property
    def _informed_places(self) -> Places:
        return np.flatnonzero(self.informed)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each latent number is: a parameter, or a shock in a year."""
        return (*self.parameters, *(f"{n}[{y:.0f}]" for n in self.shocks for y in self.years))

    @cached_property
    def observations(self) -> tuple[Fact, ...]:
        """The facts that are compared, in the unit of their readings."""
        chosen = []
        for series, (top, bottom) in self.observed.items():
            unit = self.rises[series].unit if series in self.rises else top.unit(self.model.units[top.variable])
            if bottom is not None:
                unit = unit / bottom.unit(self.model.units[bottom.variable])
            chosen += [
                f.to(unit) for y, f in self.facts.get(series, {}).items() if self.plan.start <= y <= self.last_year
            ]
        return tuple(chosen)

    @cached_property
    def _given(self) -> dict[str, Array]:
        given = history(self.facts, self.plan.start, self.plan.base_year, self.model)
        return given | {n: p.yearly(self.years, None) for n, p in self.plan.paths.items()}

    def values(self, z: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """Give the parameters, (draw,), and shocks and pasts, (year, draw), of latent numbers (draw, latent)."""
        rows = self._distributions(z.T)
        yearly = self._yearly(rows)
        levels = {n: p.path(yearly[n]) for n, p in self.pasts.items()}
        return dict(zip(self.parameters, rows, strict=False)), yearly | levels

    def _split(self, rows: Array) -> tuple[Array, Array]:
        """Give the parts of such rows that are parameters, and that are yearly, (shock, year, draw)."""
        count = len(self.parameters)
        return rows[:count], rows[count:].reshape(len(self.shocks), len(self.years), -1)

    def _yearly(self, rows: Array) -> dict[str, Array]:
        """Give the part of such rows that is yearly, each (year, draw)."""
        return dict(zip(self.shocks, self._split(rows)[1], strict=True))

    @cached_property
    def _distributions(self) -> Together:
        """What latent numbers stand for, and how fast it changes with these, each (latent, draw)."""
        return Together([*self.parameters.values(), *(b for b in self.shocks.values() for _ in self.years)])

    def inputs(self, parameters: Mapping[str, Array], shocks: Mapping[str, Array]) -> Inputs:
        """Give what a run over the years with facts needs: fitted values, the plan's fixed ones, and history."""
        return self._fixed.but(parameters, shocks)

    @cached_property
    def _fixed(self) -> Inputs:
        return Inputs(self.plan.start, self.plan.base_year, self.plan.parameters, self._given)

    def predict(self, z: Array) -> Array:
        """Give what the model predicts of each observation, (draw, observation)."""
        inputs = self.inputs(*self.values(z))
        readings = integrate(self.run_model, inputs, self._readings, step=FIT_STEP, engine=best_engine())
        return self._points.predicted(self._points.levels(np.array([readings[r] for r in self._readings]))).T

    @cached_property
    def _readings(self) -> tuple[Reading, ...]:
        return tuple(dict.fromkeys(r for pair in self.observed.values() for r in pair if r is not None))

    @cached_property
    def _points(self) -> Points:
        return Points(self.observations, self.observed, self.rises, self._readings, self.plan.start)

    def residuals(self, z: Array) -> Array:
        """Give the signed roots of the log-likelihood, (draw, observation)."""
        value, sd, rounding = self._columns
        predicted, rounded = self.predict(z), rounding != 0.0
        residuals = (predicted - value) / sd
        # Only these take logarithms of probabilities, which cost ten times as much.
        residuals[:, rounded] = signed_root(value[..., rounded], predicted[:, rounded], sd[rounded], rounding[rounded])
        return np.asarray(residuals)

    def log_likelihood(self, z: Array) -> Array:
        """Give the logarithm of the probability of each observation, or of its density, (draw, observation)."""
        value, sd, rounding = self._columns
        return log_probability(value, self.predict(z), sd, rounding)

    def log_prior(self, z: Array) -> dict[str, Array]:
        """Give the logarithm of the prior density of parameters, (draw,), and shocks and growth of pasts, (year, draw).

        Densities are by the unit of each, not by its latent number.
        """
        rows = -0.5 * (z.T**2 + np.log(2.0 * np.pi)) - np.log(self._distributions.with_slopes(z.T)[1])
        return dict(zip(self.parameters, rows, strict=False)) | self._yearly(rows)

    def slopes(self, z: Array) -> Array:
        """Give the slopes of half the sum of squared residuals by latent numbers, (draw, latent).

        Raises InputError if the fast engine is not installed.
        """
        rows, by_latent = self._distributions.with_slopes(z.T)
        parameters, yearly = self._split(rows)
        series = yearly.copy() if self._pasts else yearly
        for place, past in self._pasts:
            series[place] = past.path(yearly[place])
        values, slopes_by_input = self._prepared(parameters, series)
        levels = self._points.levels(values)
        by_prediction = self._by_prediction(self._points.predicted(levels).T)
        by_parameter, by_yearly = slopes_by_input(self._points.slopes(values, levels, by_prediction))
        for place, past in self._pasts:
            by_yearly[place] = past.slopes(yearly[place], by_yearly[place])
        return (np.concatenate([by_parameter, by_yearly.reshape(-1, len(z))]) * by_latent).T

    @cached_property
    def _prepared(self) -> PreparedRun:
        given = (tuple(self.parameters), tuple(self.shocks))
        return PreparedRun(self.run_model, self._fixed, *given, self._readings, FIT_STEP)

    @cached_property
    def _pasts(self) -> list[tuple[int, Past]]:
        """The pasts that are fitted, each with its place among the shocks."""
        return [(i, self.pasts[n]) for i, n in enumerate(self.shocks) if n in self.pasts]

    def _by_prediction(self, predicted: Array) -> Array:
        """Give the slopes by the prediction of each observation, (observation, draw)."""
        value, sd, rounding = self._columns
        slopes = slope(value, predicted, sd)
        for places, of_kind in ((self._intervals, slope_of_interval), (self._bounds, slope_of_bound)):
            if len(places):
                numbers = value[..., places], predicted[:, places], sd[places], rounding[places]
                slopes[:, places] = of_kind(*numbers)
        return np.asarray(-slopes.T)

    @cached_property
    def _intervals(self) -> Places:
        """Which observations are rounded."""
        rounding = self._columns[2]
        return np.flatnonzero(np.isfinite(rounding) & (rounding != 0.0))

    @cached_property
    def _bounds(self) -> Places:
        """Which observations are bounds."""
        return np.flatnonzero(np.isinf(self._columns[2]))

    def standardised(self, z: Array) -> Array:
        """Give (fact - model) / sd for each observation, (draw, observation).

        A bound that holds is met, however far off it is.
        """
        value, sd, rounding = self._columns
        residuals = (value - self.predict(z)) / sd
        return np.asarray(np.where(np.isinf(rounding) & (np.sign(residuals) == -np.sign(rounding)), 0.0, residuals))

    @cached_property
    def _columns(self) -> tuple[Array, Array, Array]:
        """The value, sd and rounding of each observation, each (observation,)."""
        value, sd, rounding = np.array([(f.value, f.sd, f.rounding) for f in self.observations]).reshape(-1, 3).T
        return value, sd, rounding


@dataclass(frozen=True)
class Fit:
    """The most probable latent numbers, (latent,), and the covariance round them, (latent, latent)."""

    problem: Problem
    mode: Array
    covariance: Array

    def sample(self, z: Array) -> Array:
        """Turn standard normal numbers (draw, latent) into latent numbers of the approximate posterior."""
        return np.asarray(self.mode + z @ np.linalg.cholesky(self.covariance).T)


FIT_STEP = 0.25  # years; its error, 6e-4 at most, is a twentieth of an error of measurement
STEP = 1e-4  # of a latent number, whose prior sd is 1: central differences are then good to some 1e-8


def fit(problem: Problem) -> Fit:
    """Find the most probable parameters by least squares, and the Laplace approximation round them.

    Raises CalibrationError if the search does not end in a minimum.
    """
    from scipy.optimize import least_squares  # only fitting waits for it

    size = len(problem.names)
    shifts = STEP * np.concatenate([np.eye(size), -np.eye(size)])

    def jacobian(z: Array) -> Array:
        both = problem.residuals(z + shifts)
        slopes = (both[:size] - both[size:]).T / (2.0 * STEP)
        return np.concatenate([slopes, np.eye(size)])

    def all_residuals(z: Array) -> Array:
        return np.concatenate([problem.residuals(z[None, :])[0], z])

    solution = least_squares(all_residuals, np.zeros(size), jac=jacobian, method="lm", xtol=1e-10, ftol=1e-10)
    if not solution.success:
        raise CalibrationError("the fit", [f"no most probable parameters were found: {solution.message}"])
    slopes = jacobian(solution.x)
    return Fit(problem, np.asarray(solution.x), np.asarray(np.linalg.inv(slopes.T @ slopes)))
