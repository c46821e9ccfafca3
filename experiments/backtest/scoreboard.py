"""The scoreboard: the method refitted at several origins, and scored with its rivals by how far they look ahead.

The origins lie in one decade and their forecasts overlap, so that intervals are from draws of blocks of origins, and
wide. Figures of the years before an origin are as published later: it is real time but for revisions.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
from scipy.special import ndtri

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.history import Facts
from fiveyear.calibration.priors import Lognormal
from fiveyear.calibration.reference_class.study import Estimate
from fiveyear.experiments.parallel.work import Chunk, compute_here
from fiveyear.model.cores import cores
from fiveyear.scenarios import load_plan

from .backtest import (
    BANDS,
    CONTINUED,
    FADES,
    MODEL,
    POOL,
    TURNED_OUT,
    WALK,
    WIDEST,
    Forecaster,
    Score,
    backtest,
    read_later,
)
from .method import Method, at_origin, known_at

FARTHEST = 5  # years ahead
FAR = 3  # years ahead, from which on a band has to hold what the bar says
COLUMNS: tuple[Forecaster, ...] = (MODEL, TURNED_OUT, WALK, CONTINUED, FADES, POOL)
BANDED: tuple[Forecaster, ...] = (MODEL, WALK, POOL)  # what gives a distribution, each for other use than the next
BLOCK, DRAWS, SEED = 2, 1000, 2011  # of origins that follow each other, for intervals
WIDE = 0.9
CENSUS = 2009  # the first year whose R&D a census has counted
SURVEYED = ("rd_expenditure", "rd_intensity", "rd_fte")  # what a census of R&D counts
CENSUS_PLAN = "twelfth"  # whose priors say by how much its firms' R&D rose

Row = TypeVar("Row")
Statistic = Callable[[Sequence["Pair"]], float]


@dataclass(frozen=True)
class Pair:
    """One forecast from one origin and what came."""

    origin: int
    score: Score
    given: bool  # whether it scores what the model is given, and nothing that it explains

    @property
    def horizon(self) -> int:
        return self.score.year - self.origin

    @property
    def error(self) -> float:
        """The median of the forecast over what came, in logarithms."""
        return float(np.log(self.score.median / self.score.came))

    def without_census(self, rise: float) -> Pair:
        """Give the pair as it were had the census of R&D not raised what came by so much, in logarithms."""
        if self.score.series not in SURVEYED or not self.origin < CENSUS <= self.score.year:
            return self
        return replace(self, score=replace(self.score, came=self.score.came * np.exp(-rise)))

    @property
    def stated_sd(self) -> float:
        """The sd of a normal distribution with the widest band, in logarithms."""
        return self.score.log_width / (2.0 * float(ndtri(0.5 + WIDEST / 2.0)))


@dataclass(frozen=True)
class Origin:
    """All scores from one origin."""

    year: int
    pairs: tuple[Pair, ...]
    energy: dict[Forecaster, dict[int, float]]  # by horizon
    method: str
    facts: str


@dataclass(frozen=True)
class Scoreboard:
    """The scores from several origins."""

    plan: str
    information_set: str
    origins: tuple[Origin, ...]
    labels: dict[str, str]
    draws: int
    seed: int
    rise: float  # of what statistics count of R&D by the census, in logarithms

    @property
    def name(self) -> str:
        """The first and the last origin."""
        return f"{self.origins[0].year}-{self.origins[-1].year}"

    @property
    def last_year(self) -> int:
        """The last year that is forecast."""
        return max(p.score.year for o in self.origins for p in o.pairs)

    @property
    def method(self) -> str:
        """A hash of the methods at all origins."""
        return _hash([o.method for o in self.origins])

    @property
    def facts(self) -> str:
        """A hash of all numbers that came."""
        return _hash([o.facts for o in self.origins])

    @cached_property
    def horizons(self) -> tuple[int, ...]:
        """How many years ahead anything is forecast."""
        return tuple(sorted({p.horizon for o in self.origins for p in o.pairs}))

    @cached_property
    def series(self) -> tuple[str, ...]:
        """The series scored, those that the model explains first."""
        names = dict.fromkeys(p.score.series for o in self.origins for p in o.pairs)
        return tuple(sorted(names, key=self.given.__contains__))

    @cached_property
    def given(self) -> set[str]:
        """The series that follow from what the model is given alone."""
        return {p.score.series for o in self.origins for p in o.pairs if p.given}

    @cached_property
    def explained(self) -> tuple[str, ...]:
        """The yearly series that the model explains and that a walk can forecast from every origin."""
        walks = [{p.score.series for p in o.pairs if p.score.forecaster == WALK} for o in self.origins]
        return tuple(n for n in self.series if n not in self.given and all(n in names for names in walks))

    def pairs(
        self,
        forecaster: Forecaster,
        series: Sequence[str] | None = None,
        horizons: Sequence[int] | None = None,
        with_walk: bool = True,
    ) -> list[list[Pair]]:
        """Give the pairs of a forecaster by origin; by default of all series that have a walk, at all horizons."""
        return [
            [
                p
                for p in o.pairs
                if p.score.forecaster == forecaster
                and (series is None or p.score.series in series)
                and (horizons is None or p.horizon in horizons)
                and (not with_walk or (p.score.series, p.score.year) in compared)
            ]
            for o in self.origins
            for compared in [{(q.score.series, q.score.year) for q in o.pairs if q.score.forecaster == WALK}]
        ]

    def estimate(self, by_origin: Sequence[Sequence[Pair]], statistic: Statistic) -> Estimate:
        """Give a statistic of pairs with its interval; NaN where there are none."""
        return _estimate([list(pairs) for pairs in by_origin], statistic)

    def ratio(self, series: Sequence[str] | None = None, horizons: Sequence[int] | None = None) -> Estimate:
        """Give the model's mean CRPS over the walk's, on the same numbers."""
        own, walk = (self.pairs(f, series, horizons) for f in (MODEL, WALK))
        both = [
            [(a.score.log_crps, b.score.log_crps) for a, b in zip(*o, strict=True)] for o in zip(own, walk, strict=True)
        ]
        return _estimate(both, lambda rows: float(np.sum(rows, axis=0)[0] / np.sum(rows, axis=0)[1]))

    def exponent(self, forecaster: Forecaster, of: Statistic, series: Sequence[str] | None = None) -> float:
        """Give the power of the horizon with which a size grows; NaN if a horizon has none."""
        by_horizon = [[p for o in self.pairs(forecaster, series, [h]) for p in o] for h in self.horizons]
        if not all(by_horizon):
            return np.nan
        sizes = [of(pairs) for pairs in by_horizon]
        return float(np.polyfit(np.log(self.horizons), np.log(sizes), 1)[0])

    def energy(self, forecaster: Forecaster, horizon: int) -> Estimate:
        """Give the mean energy score of all series with a walk together."""
        by_origin = [[e] if (e := o.energy[forecaster].get(horizon)) is not None else [] for o in self.origins]
        return _estimate(by_origin, lambda scores: float(np.mean(scores)))


# -- statistics of pairs --------------------------------------------------------------------------------------------
def bias(pairs: Sequence[Pair]) -> float:
    """Give the mean error."""
    return float(np.mean([p.error for p in pairs]))


def rmse(pairs: Sequence[Pair]) -> float:
    """Give the root of the mean squared error."""
    return float(np.sqrt(np.mean([p.error**2 for p in pairs])))


def stated(pairs: Sequence[Pair]) -> float:
    """Give the root of the mean square of the sd that the forecasts state."""
    return float(np.sqrt(np.mean([p.stated_sd**2 for p in pairs])))


def mean_crps(pairs: Sequence[Pair]) -> float:
    """Give the mean CRPS of logarithms."""
    return float(np.mean([p.score.log_crps for p in pairs]))


def mean_log_score(pairs: Sequence[Pair]) -> float:
    """Give the mean log score."""
    return float(np.mean([p.score.log_score for p in pairs]))


def covered(pairs: Sequence[Pair], band: float) -> float:
    """Give the share of what came that lies in a band of ``BANDS``."""
    return float(np.mean([p.score.inside[BANDS.index(band)] for p in pairs]))


def _estimate(by_origin: list[list[Row]], statistic: Callable[[Sequence[Row]], float]) -> Estimate:
    """Give a statistic, and its interval from draws of blocks of origins that follow each other, round in a circle."""
    count = len(by_origin)
    random = np.random.default_rng(SEED)
    drawn = []
    for starts in random.integers(0, count, (DRAWS, -(-count // BLOCK))):
        places = [int(s + k) % count for s in starts for k in range(BLOCK)][:count]
        rows = [row for place in places for row in by_origin[place]]
        if rows:
            drawn.append(statistic(rows))
    everything = [row for rows in by_origin for row in rows]
    if not everything:
        return Estimate(np.nan, np.nan, np.nan)
    low, high = np.quantile(drawn, [(1.0 - WIDE) / 2.0, (1.0 + WIDE) / 2.0])
    return Estimate(statistic(everything), float(low), float(high))


# -- from the facts -------------------------------------------------------------------------------------------------
def scoreboard(
    plan: str,
    years: Sequence[int],
    information_set: str | None,
    draws: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> Scoreboard:
    """Refit and score at each origin; ``progress`` is told of each.

    Raises CalibrationError with the faults of every origin whose facts are too few, before anything is fitted.
    """
    base = at_origin(plan, None, None, information_set, seed)
    later = read_later(base, None)
    last = max(y for figures in later.values() for y in figures)
    ahead = {year: min(FARTHEST, last - year) for year in years}
    faults: dict[str, None] = {}
    for year, horizon in ahead.items():
        if horizon < 1:
            faults |= {f"--origin {year}: the facts to score with end in {last}": None}
            continue
        try:
            known_at(plan, year, horizon, information_set, later)
        except CalibrationError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise CalibrationError(f"scoreboard of the plan {plan}", list(faults))
    kept: dict[int, Origin] = {}

    def keep(_: Chunk, origins: list[Origin]) -> None:
        kept.update({o.year: o for o in origins})
        if progress:
            progress(len(origins))

    task = partial(_scored, plan, ahead, information_set, draws, seed)
    todo = deque(Chunk(n, n + 1) for n in range(len(ahead)))
    compute_here(task, todo, min(cores(), len(ahead)), keep, [__name__], "there is too little memory for two at once")
    labels = {n: i.label for n, i in base.scored.items()}
    origins = tuple(kept[year] for year in sorted(kept))
    return Scoreboard(plan, base.evidence.information_set, origins, labels, draws, seed, census_rise())


def _scored(
    plan: str, ahead: Mapping[int, int], information_set: str | None, draws: int, seed: int, chunk: Chunk
) -> list[Origin]:
    later = read_later(at_origin(plan, None, None, information_set, seed), None)
    chosen = list(ahead)[chunk.start : chunk.stop]
    return [_origin(at_origin(plan, y, ahead[y], information_set, seed, later), later, draws) for y in chosen]


def _origin(method: Method, later: Facts, draws: int) -> Origin:
    scored, year = backtest(method, later, draws), method.plan.base_year
    pairs = tuple(Pair(year, score, method.is_given(score.series)) for score in scored.scores)
    energy = {f: {y - year: score for y, score in of.items()} for f, of in scored.energy.items()}
    return Origin(year, pairs, energy, method.fingerprint, scored.facts_fingerprint)


def census_rise() -> float:
    """Give by how much the census of R&D raised what statistics count, in logarithms, in the middle of its prior."""
    plan = load_plan(CENSUS_PLAN)
    splice = posterior.evidence(plan, None).priors.parameters["census_splice"]
    assert isinstance(splice, Lognormal)
    return float(-np.log(1.0 - plan.parameters["enterprise_share_of_rd"] * (1.0 - 1.0 / splice.median)))


def _hash(parts: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]
