"""What comes after the base year: the given Series, carried on from history, and the shocks that nobody foresees.

Growth, or change, of a given Series returns to a steady state, of which outside forecasts say where it lies (Villani
2009): g(t) = steady + persistence (g(t - 1) - steady) + a shock of the year, from the last growth in the facts on. Who
made the forecasts knew those facts; so they do not move the steady state once more. They teach how much of a deviation
lasts, and how large the shocks are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fiveyear.model import Model, Unit
from fiveyear.model.elementary import exp, log
from fiveyear.model.quantities import Array

from .history import Facts, observed_years
from .priors import Course, Priors
from .random_numbers import fill, normal_quantile, uniforms

EPOCH = 5  # years: of the windows of the reference class whose mean shocks are drifts
PERSISTENCE_SD = 0.2  # of the prior of persistence, round what the course says
SCALE_SIGMA = 0.5  # of the prior of the sd of a year's shock, in logarithms
PERSISTENCES = np.linspace(-0.5, 0.9, 29)
SCALES = np.linspace(-2.0, 2.0, 9)  # of the sd of a year's shock, in sds of its prior


@dataclass(frozen=True)
class Growth:
    """What facts leave open of how the growth of a Series varies: cells, and the share of them up to and with each."""

    below: Array  # (cell,), rising to 1
    persistence: Array  # (cell,)
    yearly_sd: Array  # (cell,), in the unit of the course

    @property
    def mean_persistence(self) -> float:
        """The mean of persistence."""
        return math.fsum(np.diff(self.below, prepend=0.0) * self.persistence)


def learned(
    priors: Priors, facts: Facts, history: Mapping[str, Array], first_year: int, model: Model
) -> dict[str, Growth]:
    """Give what facts, and priors, say of how the growth of each Series with an outlook varies.

    ``history``: (year,) from ``first_year`` on; of a Series whose past is uncertain, and not there, the prior speaks.
    """
    growth = {}
    for name, course in priors.outlook.items():
        pairs = np.empty((0, 2))
        if name in history and name in model.histories:
            pairs = _pairs(course, history[name], observed_years(model.histories[name], facts), first_year)
        growth[name] = _learned(course, pairs)
    return growth


def _pairs(course: Course, levels: Array, years: set[int], first_year: int) -> Array:
    """Give the growth of each observed year and of the year after it, (pair, 2)."""
    changes = _changes(course, levels)
    observed = [first_year + n + 1 for n in range(len(changes)) if {first_year + n, first_year + n + 1} <= years]
    both = [y for y in observed if y + 1 in observed]
    return np.array([(changes[y - first_year - 1], changes[y - first_year]) for y in both]).reshape(-1, 2)


def _changes(course: Course, levels: Array) -> Array:
    """Give growth, in logarithms, or change a year, in the unit of a course."""
    change = log(levels[1:] / levels[:-1]) if course.kind == "growth" else levels[1:] - levels[:-1]
    return np.asarray(change / Unit.parse(course.unit).scale)


def _steady(course: Course) -> float:
    """Give the mean of the steady state: of growth, in logarithms, in which no year ends below nothing."""
    scale = Unit.parse(course.unit).scale
    return float(log(1.0 + course.mean * scale)) / scale if course.kind == "growth" else course.mean


def _learned(course: Course, pairs: Array) -> Growth:
    """Weigh cells of persistence and yearly sd by prior and likelihood; where the past was steady is left open."""
    persistence, place = (v.reshape(-1) for v in np.meshgrid(PERSISTENCES, SCALES, indexing="ij"))
    variance = (course.yearly_sd * exp(SCALE_SIGMA * place)) ** 2
    weight = -0.5 * ((persistence - course.autocorrelation) / PERSISTENCE_SD) ** 2 - 0.5 * place**2
    if len(pairs) > 1:
        shocks = pairs[:, 1, None] - pairs[:, 0, None] * persistence
        squares = ((shocks - shocks.mean(axis=0)) ** 2).sum(axis=0)
        weight = weight - 0.5 * ((len(pairs) - 1) * log(variance) + squares / variance)
    cumulative = np.cumsum(exp(weight - weight.max()))
    return Growth(cumulative / cumulative[-1], persistence, np.sqrt(variance))


def carry_on(
    priors: Priors,
    growth: Mapping[str, Growth],
    history: Mapping[str, Array],
    years_ahead: int,
    seed: int,
    start: int,
    stop: int,
) -> dict[str, Array]:
    """Give each Series with history and outlook from first to last year, (year, draw), for these draws.

    ``history``: (year,), or (year, draw) where the past is as uncertain; draws: from ``start`` to ``stop``. The numbers
    of a Series depend on the seed, its name and the draw only: scenarios share them, and a Series more or less changes
    no other.
    """
    drawn = _drawn(priors, years_ahead, seed, start, stop)
    carried = {}
    for name, course in priors.outlook.items():
        if name in history:
            cell, normal = drawn[name]
            if course.follows:
                alone = math.sqrt(1.0 - course.correlation * course.correlation)
                normal = course.correlation * drawn[course.follows][1] + alone * normal
            of = growth[name]
            cells = np.searchsorted(of.below, cell)
            steady, shocks = _steady(course) + course.sd * normal[0], of.yearly_sd[cells] * normal[1:]
            carried[name] = _carried(course, history[name], steady, of.persistence[cells], shocks)
    return carried


def median_course(
    priors: Priors, growth: Mapping[str, Growth], history: Mapping[str, Array], years_ahead: int
) -> dict[str, Array]:
    """Give each Series with history and outlook, (year,) or (year, draw) as its history, on the middle of it."""
    courses = {}
    for name, course in priors.outlook.items():
        if name in history:
            middle = np.array([_steady(course)]), np.array([growth[name].mean_persistence]), np.zeros((years_ahead, 1))
            levels = _carried(course, history[name], *middle)
            courses[name] = levels if history[name].ndim == 2 else levels[:, 0]
    return courses


def shocks_ahead(
    priors: Priors, past: Mapping[str, Array], years_ahead: int, seed: int, start: int, stop: int
) -> dict[str, Array]:
    """Give the shocks of the years after the base year, (year, draw), for the draws ``start`` to ``stop``.

    ``past``: those up to the base year, (year, draw), of these draws. Each year has a shock of its own and the drift of
    its epoch, of five years. Both are normal, times one factor a draw that gives them the tails of Student's t with
    four degrees of freedom and leaves their sds as they are: so the class errs (``reference_class.left_out``).
    """
    ahead = {}
    for name, of in priors.surprises.items():
        if name in past:
            before = _mean_shock(past[name])
            epochs: list[Array] = []
            for number, years in enumerate(_epochs(years_ahead)):
                stream = f"surprise {name}, epoch {number + 1}" if number else f"surprise {name}"
                numbers = uniforms(seed, stream, start, stop, 4 + years).T
                share, drift, *yearly = normal_quantile(numbers[2:])
                if not epochs:
                    # Half a chi-squared of four degrees of freedom is minus the logarithm of a product of two uniforms.
                    tails = 1.0 / np.sqrt(-log(numbers[0] * numbers[1]))
                foreseen = (of.retained + of.retained_sd * share) * before
                epochs.append(foreseen + tails * (of.epoch_sd * drift + of.yearly_sd * np.array(yearly)))
                before = epochs[-1].mean(axis=0)
            ahead[name] = np.concatenate(epochs)
    return ahead


def median_shocks(priors: Priors, past: Mapping[str, Array], years_ahead: int) -> dict[str, Array]:
    """Give the shocks of the years after the base year, (year, draw) or (year,) as the past, in the middle of them."""
    ahead = {}
    for name, of in priors.surprises.items():
        if name in past:
            foreseen = [of.retained ** (year // EPOCH + 1) * _mean_shock(past[name]) for year in range(years_ahead)]
            ahead[name] = np.array(foreseen)
    return ahead


def _epochs(years: int) -> list[int]:
    """Give the lengths of the epochs that so many years are made of."""
    return [min(EPOCH, years - begin) for begin in range(0, years, EPOCH)]


def _mean_shock(past: Array) -> Array:
    """Give the mean shock of the years after the first, which it has hardly moved."""
    return np.asarray(past[1:].mean(axis=0))


def _drawn(priors: Priors, years_ahead: int, seed: int, start: int, stop: int) -> dict[str, tuple[Array, Array]]:
    """Give of each Series uniform numbers, (draw,), and normal ones, (number, draw): steady state and years.

    They are made normal all at once: nothing here takes more time.
    """
    first, *later = _epochs(years_ahead)
    numbers = np.empty((len(priors.outlook), 2 + years_ahead, stop - start))
    for name, rows in zip(priors.outlook, numbers, strict=True):
        fill(rows[: 2 + first], seed, f"outlook {name}", start, 2 + first)
        for number, years in enumerate(later):  # streams of their own, so that a longer run is the same at first
            begin = 2 + EPOCH * (number + 1)
            fill(rows[begin : begin + years], seed, f"outlook {name}, epoch {number + 2}", start, years)
    normal = normal_quantile(numbers[:, 1:])
    return {n: (rows[0], row) for n, rows, row in zip(priors.outlook, numbers, normal, strict=True)}


def _carried(course: Course, history: Array, steady: Array, persistence: Array, shocks: Array) -> Array:
    """Give levels, (year, draw), by growth that returns to its steady state, (draw,); shocks: (year ahead, draw)."""
    scale, past = Unit.parse(course.unit).scale, history.reshape(len(history), -1)
    levels = np.empty((len(history) + len(shocks), max(steady.size, past.shape[1])))
    levels[: len(history)] = past
    deviation = _changes(course, past[-2:])[0] - steady
    for level, following, shock in zip(levels[len(history) - 1 :], levels[len(history) :], shocks, strict=False):
        deviation = persistence * deviation + shock
        change = (steady + deviation) * scale
        if course.kind == "growth":
            np.multiply(level, exp(change), out=following)
        else:
            np.add(level, change, out=following)
    return levels
