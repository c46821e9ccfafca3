"""All numbers of the report: how each fact is met, what each parameter was and is, and what each series adds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from fiveyear.calibration import information
from fiveyear.calibration.fit import Fit, Problem
from fiveyear.calibration.information import LeftOut, Profile
from fiveyear.calibration.posterior import Posterior
from fiveyear.calibration.random_numbers import normals
from fiveyear.calibration.sampler import SEED
from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.forecast.assumed import INFORMED
from fiveyear.experiments.page.figure import Frame
from fiveyear.model.quantities import Array, Condition

from .robustness import Moved, robustness

PRIOR_DRAWS = 2000
ENDS, NAMES = (0.05, 0.5, 0.95), ("p05", "median", "p95")  # of the bands and intervals
WITHIN = (0.5, 0.9)  # the central intervals of the predictive checks
MISFIT = 0.05  # what chance alone brings less often than that is called a misfit
TOGETHER = 0.5  # parameters that correlate more than this are told apart by the prior rather than the facts
MOST_MOVED, LEAST_MOVED = 3, 0.2  # parameters named for each series left out, and by how many sds they must move


@dataclass(frozen=True)
class FactRow:
    """One fact and what is said of it, in its unit; ``residual`` in errors of measurement, of the mode."""

    series: str
    year: int
    unit: str
    fact: float
    sd: float
    mode: float
    p05: float
    median: float
    p95: float
    residual: float


@dataclass(frozen=True)
class SeriesRow:
    """How the mode follows one series; NaN where a series is too short to say."""

    series: str
    facts: int
    r_squared: float
    durbin_watson: float
    bias: float
    variance: float
    covariance: float
    root_mean_square: float  # of the residuals, in errors of measurement
    chance: float  # of residuals as large by error of measurement alone


@dataclass(frozen=True)
class ShockRow:
    """The fitted shocks of one Series, in prior sds."""

    shock: str
    years: int
    up: int  # in how many of them it was above nil
    mean: float
    chance: float  # of a mean as far from nil if all are chance

    @property
    def one_sided(self) -> bool:
        """Whether the shocks point one way more than chance would have it."""
        return self.chance < MISFIT


@dataclass(frozen=True)
class ParameterRow:
    """One parameter before and after the facts, in its unit; and what the facts alone say of it."""

    parameter: str
    about: str
    unit: str
    read: bool  # whether any fact depends on it
    contraction: float
    prior_p05: float
    prior_median: float
    prior_p95: float
    p05: float
    median: float
    p95: float
    sds_p05: float  # the same in prior sds from the prior's median
    sds_median: float
    sds_p95: float
    profile: str  # closed, one-sided or flat
    profile_low: float | None  # the ends of its 95 % interval, None where there is none
    profile_high: float | None

    @property
    def informed(self) -> bool:
        """Whether the facts took away at least half of the prior variance."""
        return self.contraction >= INFORMED


@dataclass(frozen=True)
class Correlated:
    """Two parameters that go together in the posterior."""

    first: str
    second: str
    correlation: float


@dataclass(frozen=True)
class LeftOutRow:
    """One series left out: how well the others foretell it, what moves, and what no other series informs."""

    series: str
    facts: int
    inside: float  # share of its facts inside the 90 % band foretold
    root_mean_square: float  # misses of the median foretold, in errors of measurement
    lost: float  # effective number of parameters that no other series determines
    moved: tuple[tuple[str, float], ...]  # parameters, and by how many posterior sds, the farthest first


@dataclass(frozen=True)
class PredictiveRow:
    """How many facts lie inside the central intervals foretold."""

    drawn_from: str  # prior or posterior
    level: float
    facts: int
    inside: float


@dataclass(frozen=True)
class Study:
    """The numbers of the report on one posterior. Parameters are in the order of the priors."""

    fitted: Posterior
    fit: Fit
    facts: tuple[FactRow, ...]
    series: tuple[SeriesRow, ...]
    shocks: tuple[ShockRow, ...]
    parameters: tuple[ParameterRow, ...]
    spectrum: Array  # (latent,), the largest first
    profiles: tuple[Profile, ...]
    correlation: Array  # (parameter, parameter)
    left_out: tuple[LeftOutRow, ...]
    predictive: tuple[PredictiveRow, ...]
    moved: tuple[Moved, ...]

    @property
    def target_labels(self) -> dict[str, str]:
        """The label of each target, by indicator."""
        return {t.indicator: t.label for t in self.fitted.evidence.plan.targets}

    @property
    def uninformed(self) -> list[ParameterRow]:
        """The parameters of which the facts said little."""
        return [p for p in self.parameters if not p.informed]

    @property
    def not_followed(self) -> list[SeriesRow]:
        """The series that the model does not follow within the error of measurement."""
        return [s for s in self.series if s.chance < MISFIT]

    @property
    def correlated(self) -> list[Correlated]:
        """All pairs of parameters, those that go together most closely first."""
        names = [p.parameter for p in self.parameters]
        pairs = [
            Correlated(names[i], names[j], float(self.correlation[i, j]))
            for i, j in itertools.combinations(range(len(names)), 2)
        ]
        return sorted(pairs, key=lambda pair: -abs(pair.correlation))


def framed(study: Study, title: str, *sentences: str) -> Frame:
    """Give the texts around a figure: its title, the plan, and what it was made from, followed by sentences."""
    evidence = study.fitted.evidence
    made = say(
        "Facts published by {month}; {count} parameter sets.",
        month=month_in_words(evidence.month), count=f"{study.fitted.size:,}",
    )  # fmt: skip
    return Frame(title, say(evidence.plan.title), " ".join((made, *sentences)))


def steps(fitted: Posterior) -> int:
    """Give how many steps ``study`` tells of: profiles, series left out, and parameters moved."""
    problem = fitted.evidence.problem()
    uninformed = [n for n in problem.parameters if fitted.contraction[n] < INFORMED]
    return len(problem.parameters) + len(problem.observed) + len(uninformed)


def study(fitted: Posterior, fit: Fit, progress: Callable[[int], None] | None = None) -> Study:
    """Work out all numbers of the report on a posterior and the fit that it was sampled from.

    Raises CalibrationError if a refit does not settle.
    """
    problem = fit.problem
    z = information.latent(problem, fitted.parameters, fitted.shocks)
    profiles = information.profiles(fit, list(problem.parameters), progress)
    left_out = []
    for series in problem.observed:
        left_out.append(_left_out(fit, information.leave_out(fit, series)))
        if progress:
            progress(1)
    parameters = tuple(_parameter(fitted, problem, z, p) for p in profiles)
    uninformed = [p.parameter for p in parameters if not p.informed]
    return Study(
        fitted,
        fit,
        _facts(fit, z),
        tuple(_series(fit, series) for series in problem.observed),
        tuple(_shock(fit, name) for name in problem.shocks if name not in problem.pasts),
        parameters,
        information.fisher_spectrum(fit),
        profiles,
        np.asarray(np.corrcoef(z[:, : len(parameters)].T)),
        tuple(left_out),
        tuple(_predictive(problem, z)),
        robustness(fitted, fit, z, uninformed, progress),
    )


def _facts(fit: Fit, z: Array) -> tuple[FactRow, ...]:
    problem, mode = fit.problem, fit.mode[None, :]
    bands = np.quantile(problem.predict(z), ENDS, axis=0).T
    predicted, residuals = np.column_stack([problem.predict(mode)[0], bands]), problem.standardised(mode)[0].tolist()
    rows = []
    for compared, mode_and_band, residual in zip(problem.observations, predicted, residuals, strict=True):
        fact = problem.facts[compared.series][compared.year]
        scaled = fact.value / compared.value * mode_and_band  # back to the unit it was published in
        figures = fact.value, fact.sd, *scaled.tolist(), residual
        rows.append(FactRow(fact.series, fact.year, fact.unit, *figures))
    return tuple(rows)


def _ends(values: Array) -> list[float]:
    ends: list[float] = np.quantile(values, ENDS).tolist()
    return ends


def _of(problem: Problem, series: str) -> Condition:
    """Tell which observations are facts of a series."""
    return np.array([f.series == series for f in problem.observations])


def _series(fit: Fit, series: str) -> SeriesRow:
    problem, mode, at = fit.problem, fit.mode[None, :], _of(fit.problem, series)
    fact = np.array([f.value for f in problem.observations])[at]
    predicted, residuals = problem.predict(mode)[0, at], problem.standardised(mode)[0, at]
    return SeriesRow(
        series,
        len(fact),
        information.r_squared(fact, predicted),
        information.durbin_watson(residuals),
        *information.theil(fact, predicted),
        float(np.sqrt(np.mean(residuals**2))),
        information.chance_of_misfit(residuals),
    )


def _shock(fit: Fit, name: str) -> ShockRow:
    yearly = fit.mode[[n.partition("[")[0] == name and "[" in n for n in fit.problem.names]]
    chance = information.chance_of_one_side(yearly)
    return ShockRow(name, len(yearly), int(np.sum(yearly > 0.0)), float(yearly.mean()), chance)


def _parameter(fitted: Posterior, problem: Problem, z: Array, profile: Profile) -> ParameterRow:
    name = profile.name
    place, bounded, declared = problem.names.index(name), problem.parameters[name], problem.model.parameters[name]
    prior = bounded(ndtri(ENDS))
    prior[np.abs(prior) < 1e-9 * np.ptp(prior)] = 0.0  # a median of nil, but for rounding
    ends = {"prior_": prior.tolist(), "": _ends(fitted.parameters[name]), "sds_": _ends(z[:, place])}
    quantiles = {f"{of}{end}": q for of, three in ends.items() for end, q in zip(NAMES, three, strict=True)}
    low, high = (float(bounded(np.array([end]))[0]) if np.isfinite(end) else None for end in profile.ends)
    about, read, contraction = declared.about, problem.informed[place], fitted.contraction[name]
    described = name, about, declared.unit, read, contraction
    return ParameterRow(*described, profile=profile.shape, profile_low=low, profile_high=high, **quantiles)


def _left_out(fit: Fit, without: LeftOut) -> LeftOutRow:
    problem, at = fit.problem, _of(fit.problem, without.series)
    fact, sd = np.array([(f.value, f.sd) for f in problem.observations])[at].T
    stream = f"without {without.series}"
    z = without.fit.sample(normals(SEED, stream, 0, PRIOR_DRAWS, len(problem.names)))
    foretold = information.replicated(problem, z, SEED, f"facts {stream}")[:, at]
    numbers = [information.effective_number(information.fisher_spectrum(f)) for f in (fit, without.fit)]
    farthest = [p for p in np.argsort(-np.abs(without.moved))[:MOST_MOVED] if abs(without.moved[p]) >= LEAST_MOVED]
    return LeftOutRow(
        without.series,
        int(at.sum()),
        float(np.mean(information.inside(fact, foretold, 0.9))),
        float(np.sqrt(np.mean(((np.median(foretold, axis=0) - fact) / sd) ** 2))),
        numbers[0] - numbers[1],
        tuple((problem.names[p], float(without.moved[p])) for p in farthest),
    )


def _predictive(problem: Problem, z: Array) -> list[PredictiveRow]:
    # A bound is no number that could lie inside.
    measured = np.array([np.isfinite(f.rounding) for f in problem.observations])
    fact = np.array([f.value for f in problem.observations])[measured]
    drawn = {"prior": normals(SEED, "parameters a priori", 0, PRIOR_DRAWS, len(problem.names)), "posterior": z}
    return [
        PredictiveRow(name, level, len(fact), float(np.mean(information.inside(fact, facts[:, measured], level))))
        for name, numbers in drawn.items()
        for facts in [information.replicated(problem, numbers, SEED, f"facts from the {name}")]
        for level in WITHIN
    ]
