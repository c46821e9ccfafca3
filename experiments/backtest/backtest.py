"""The method and its rivals against the facts of later years."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import ANY_MONTH, FACTS, Fact, known_by, read_facts
from fiveyear.calibration.history import Facts
from fiveyear.calibration.random_numbers import normals, uniforms
from fiveyear.experiments.forecast import rivals
from fiveyear.experiments.forecast.targets import meets
from fiveyear.model import INDICATOR_FACTS
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Target, load_plan, plan_names

from . import scores
from .method import Method, up_to

Forecaster = Literal[
    "model", "model, given as it turned out", "random walk", "growth continues", "growth fades", "pool"
]
MODEL: Forecaster = "model"
TURNED_OUT: Forecaster = "model, given as it turned out"
WALK: Forecaster = "random walk"
CONTINUED: Forecaster = "growth continues"
FADES: Forecaster = "growth fades"
POOL: Forecaster = "pool"

BANDS = (0.5, 0.8, 0.9)  # shares of the draws that a band holds
WIDEST = BANDS[-1]
WALK_POINTS = 2000  # even shares of the random walk's distribution, which stand for it
JOINT_DRAWS = 2000  # of all series together, for the energy score
LEAST_RECORD = 2  # earlier plans whose record makes a forecast
ANY_YEAR = 9999  # what scores may be as late as it likes


@dataclass(frozen=True)
class Score:
    """One forecast of one number: what it said, what came, and how good it was.

    Bands of a point have no width; ``pit``, the share of the forecast below what came, and ``log_score`` are NaN then.
    """

    forecaster: Forecaster
    series: str
    year: int
    came: float
    median: float
    bands: dict[float, tuple[float, float]]
    log_crps: float
    log_score: float = np.nan
    pit: float = np.nan

    @property
    def inside(self) -> Array:
        """Whether the number lies in each of the bands, (band,)."""
        return np.array([low <= self.came <= high for low, high in self.bands.values()], dtype=float)

    @property
    def log_width(self) -> float:
        """The width of the widest band, in logarithms."""
        low, high = np.maximum(self.bands[WIDEST], scores.LEAST_SHARE * self.came)
        return float(np.log(high / low))

    def as_dict(self) -> dict[str, Any]:
        """Give the score ready for JSON or a table."""
        ends = {
            f"p{50 * (1 + side * share):02.0f}": end
            for share, pair in self.bands.items()
            for side, end in zip((-1, 1), pair, strict=True)
        }
        row = {n: getattr(self, n) for n in ("forecaster", "series", "year", "came", "median")}
        of_sample = {n: None if np.isnan(v := getattr(self, n)) else v for n in ("log_score", "pit")}
        return {**row, **ends, "log_crps": self.log_crps, **of_sample}


@dataclass(frozen=True)
class Promise:
    """A target whose year has come: whether it was met, and the probability that each forecaster gave it."""

    target: Target
    came: float
    met: bool
    chances: dict[str, float | None]

    def brier(self, forecaster: str) -> float | None:
        """Give the squared error of a probability: 0 is best, 0.25 says nothing; None without one."""
        chance = self.chances[forecaster]
        return None if chance is None else (chance - self.met) ** 2


@dataclass(frozen=True)
class Backtest:
    """The scores of the method and its rivals from one origin."""

    method: Method
    came: dict[str, dict[int, tuple[float, float]]]  # after the origin: name -> year -> (value, sd)
    draws: dict[str, Array]  # what the method says, name -> (draw, year)
    scores: tuple[Score, ...]
    promises: tuple[Promise, ...]
    energy: dict[Forecaster, dict[int, float]]  # of all series with a walk together, by year

    @property
    def count(self) -> int:
        """The number of draws."""
        return len(next(iter(self.draws.values())))

    @property
    def series(self) -> tuple[str, ...]:
        """The series that are scored, of which there is a later fact."""
        return tuple(self.came)

    @property
    def compared(self) -> tuple[str, ...]:
        """The series with a random walk to compare with."""
        return tuple(n for n in self.series if self.of(WALK, n))

    @property
    def facts_fingerprint(self) -> str:
        """A hash of the numbers that came."""
        numbers = sorted((name, sorted(years.items())) for name, years in self.came.items())
        return hashlib.sha256(repr(numbers).encode()).hexdigest()[:12]

    def of(self, forecaster: Forecaster, series: str) -> list[Score]:
        """Give the scores of a forecaster on a series, year by year."""
        return [s for s in self.scores if (s.forecaster, s.series) == (forecaster, series)]

    def log_crps(self, forecaster: Forecaster, series: str) -> float | None:
        """Give the mean score of a forecaster on a series; None if it says nothing of it."""
        series_scores = self.of(forecaster, series)
        return float(np.mean([s.log_crps for s in series_scores])) if series_scores else None

    def skill(self, series: str, rival: Forecaster = WALK, forecaster: Forecaster = MODEL) -> float | None:
        """Give how much lower than a rival's the score on a series is: 1 perfect, 0 no better; None without a rival."""
        own, other = self.log_crps(forecaster, series), self.log_crps(rival, series)
        return None if own is None or other is None else 1.0 - own / other

    def width(self, series: str) -> float | None:
        """Give the mean width of the 90 % band over the random walk's; None without one."""
        own, walk = ([s.log_width for s in self.of(f, series)] for f in (MODEL, WALK))
        return float(np.sum(own) / np.sum(walk)) if walk else None

    @cached_property
    def overall(self) -> dict[str, tuple[float, float, float]]:
        """Give skill and width against the random walk over all series, each with its interval over series."""
        if not self.compared:
            return {}
        pairs = [
            np.array([(m.log_crps, w.log_crps, m.log_width, w.log_width) for m, w in zip(*both, strict=True)])
            for both in ((self.of(MODEL, n), self.of(WALK, n)) for n in self.compared)
        ]
        return {
            "skill": scores.over_series(pairs, lambda rows: float(1.0 - rows[:, 0].sum() / rows[:, 1].sum())),
            "width": scores.over_series(pairs, lambda rows: float(rows[:, 2].sum() / rows[:, 3].sum())),
        }

    def coverage(self, forecaster: Forecaster) -> dict[float, tuple[float, float, float]]:
        """Give, for each band, the share of numbers that came inside, with its interval over series."""
        inside = [np.array([s.inside for s in self.of(forecaster, n)]) for n in self.series if self.of(forecaster, n)]
        if not inside:
            return {}
        each = ([rows[:, place] for rows in inside] for place in range(len(BANDS)))
        return dict(zip(BANDS, map(scores.over_series, each), strict=True))

    def brier(self) -> dict[str, tuple[float, float]]:
        """Give the mean squared error of each forecaster's probabilities, and that of the model's for the same."""
        by_forecaster = {}
        for forecaster in dict.fromkeys(f for p in self.promises for f in p.chances):
            errors = [(own, p.brier(MODEL)) for p in self.promises if (own := p.brier(forecaster)) is not None]
            if errors:
                own, model = np.array(errors, dtype=float).mean(axis=0)
                by_forecaster[forecaster] = (float(own), float(model))
        return by_forecaster

    def why(self, series: str) -> str:
        """Say of a series on which the model loses to the random walk whether the outlook or the model is to blame."""
        skill = self.skill(series)
        if skill is None or skill >= 0.0:
            return ""
        if self.method.is_given(series):
            return "the outlook: the model explains nothing of it"
        informed_skill = self.skill(series, forecaster=TURNED_OUT)
        assert informed_skill is not None
        if informed_skill >= 0.0:
            return f"the outlook: with what it is given as that turned out, skill is {informed_skill:+.2f}"
        return f"the model: with what it is given as that turned out, skill is {informed_skill:+.2f}"


def read_later(method: Method, file: Path | None) -> dict[str, dict[int, Fact]]:
    """Read the facts that score the method, in their last vintage, up to the horizon and no further.

    By default those of the first plan kept here that is based on the last year of the horizon or later. Raises
    CalibrationError with every fault of the file, or if there is no such plan.
    """
    if file is None:
        end = method.plan.end
        plans = [p for p in map(load_plan, plan_names()) if p.base_year >= end]
        if not plans:
            raise CalibrationError("--scored", [f"no plan kept here has facts up to {end}: name a file of such facts"])
        plan = min(plans, key=lambda p: p.base_year)
        file, of_country = plan.folder / FACTS, plan.model
    else:
        of_country = method.plan.model
    return up_to(known_by(read_facts(file, ANY_YEAR, of_country), ANY_MONTH), method.plan.end)


def backtest(method: Method, later: Facts, draws: int) -> Backtest:
    """Score the method and its rivals from its origin against later facts.

    Raises CalibrationError if these do not reach the horizon, or cannot be scored.
    """
    came = _came(method, later)
    projections, turned_out = method.draws(draws), method.draws(draws, later)
    all_scores = []
    joint: dict[Forecaster, dict[int, list[Array]]] = {MODEL: {}, TURNED_OUT: {}, WALK: {}}
    for name, years in came.items():
        history = {y: value for y, (value, _) in method.facts(name).items()}
        for year, (value, sd) in years.items():
            place = year - method.plan.start
            # What came is a figure of statistics, which have errors of measurement; the rivals' past has them too.
            errors = np.exp(sd / value * normals(method.ensemble.seed, f"printed {name} {year}", 0, draws, 1)[:, 0])
            samples: dict[Forecaster, Array] = {
                MODEL: projections[name][:, place] * errors,
                TURNED_OUT: turned_out[name][:, place] * errors,
            }
            samples |= _rivals(method, name, history, year, samples[MODEL])
            all_scores += [_score(f, name, year, value, s) for f, s in samples.items()]
            if WALK in samples:
                samples[WALK] = _shuffled(samples[WALK], f"{name} {year}")  # its steps know nothing of other series
                for forecaster, of_years in joint.items():
                    errors_of = np.log(np.maximum(samples[forecaster][:JOINT_DRAWS] / value, scores.LEAST_SHARE))
                    of_years.setdefault(year, []).append(errors_of)
    end = method.plan.end
    due = method.plan.targets if end == load_plan(method.plan.name).end else ()
    promises = [_promise(method, t, projections, came[t.indicator]) for t in due if end in came.get(t.indicator, {})]
    energy = {
        forecaster: {year: scores.energy(np.stack(errors, axis=1)) for year, errors in of_years.items()}
        for forecaster, of_years in joint.items()
    }
    return Backtest(method, came, projections, tuple(all_scores), tuple(promises), energy)


def _shuffled(sample: Array, stream: str) -> Array:
    """Give a sample in an order that depends on nothing but the name of the stream."""
    return sample[np.argsort(uniforms(0, f"order {stream}", 0, len(sample), 1)[:, 0])]


def _came(method: Method, later: Facts) -> dict[str, dict[int, tuple[float, float]]]:
    """Give what came of each scored series after the origin: name -> year -> (value, sd)."""
    facts = method.evidence.facts
    seen = replace(method.evidence, facts={n: {**facts.get(n, {}), **later.get(n, {})} for n in {*facts, *later}})
    came = {}
    for name in method.scored:
        # What stands below the line is carried on where it is not known: no fact to score with.
        below = INDICATOR_FACTS[name].denominator if name in INDICATOR_FACTS else ""
        figures = method.facts(name, seen)
        came[name] = {y: figures[y] for y in method.years if y in figures and (not below or y in later.get(below, {}))}
    last = max((y for years in came.values() for y in years), default=method.plan.base_year)
    faults = [
        f"{n} of {year}: {value:g} has no logarithm, in which it is scored"
        for n, years in came.items()
        for year, (value, _) in years.items()
        if value <= 0.0
    ]
    if last < method.plan.end:
        ahead = f"{last}, {last - method.plan.base_year} years after the origin"
        faults.append(f"they end in {ahead}; expected facts up to {method.plan.end}, or a shorter --horizon")
    if faults:
        raise CalibrationError("the facts to score with", faults)
    return {n: years for n, years in came.items() if years}


def _score(forecaster: Forecaster, series: str, year: int, came: float, sample: Array) -> Score:
    bands = {share: scores.ends(sample, share) for share in BANDS}
    of_sample = (scores.log_score(sample, came), scores.pit(sample, came)) if len(sample) > 1 else ()
    median, log_crps = float(np.median(sample)), scores.log_crps(sample, came)
    return Score(forecaster, series, year, came, median, bands, log_crps, *of_sample)


def _rivals(method: Method, name: str, history: Mapping[int, float], year: int, own: Array) -> dict[Forecaster, Array]:
    """Give a sample of each rival that the facts known are enough for, and of the pool with the model's own.

    Of the walk, they are even shares of its distribution.
    """
    walk, base = rivals.walk(history, year, method.scored[name].trend), method.plan.base_year
    points = {CONTINUED: rivals.growth_continues(history, base, year), FADES: rivals.growth_fades(history, base, year)}
    samples = {forecaster: np.array([point]) for forecaster, point in points.items() if point is not None}
    if walk:
        samples[WALK] = walk.quantiles((np.arange(WALK_POINTS) + 0.5) / WALK_POINTS)
        samples[POOL] = rivals.pooled(own, walk)
    return samples


def _promise(
    method: Method, target: Target, projections: Mapping[str, Array], came: Mapping[int, tuple[float, float]]
) -> Promise:
    plan = method.plan
    facts = {y: value for y, (value, _) in method.facts(target.indicator).items()}
    published = min(method.evidence.month, f"{plan.base_year + 1}-12")  # a record later than the origin is no forecast
    record = method.evidence.record(target.indicator, published)
    beside = rivals.beside(target, plan, facts, record, LEAST_RECORD)

    def met(values: Array) -> float:
        return float(np.mean(meets(values, target.value, target.comparator)))

    return Promise(
        target,
        came[plan.end][0],
        bool(met(np.array([came[plan.end][0]]))),
        {
            MODEL: met(projections[target.indicator][:, -1]),
            WALK: beside.random_walk.probability if beside.random_walk else None,
            CONTINUED: None if beside.growth_continues is None else met(np.array([beside.growth_continues])),
            "record of earlier plans": beside.outside_view.probability if beside.outside_view else None,
        },
    )
