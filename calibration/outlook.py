"""The given Series after the base year: history carried on with the uncertainty that stood in front of the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from fiveyear.model import Unit
from fiveyear.model.quantities import Array

from .priors import Bounded, Course, Priors
from .random_numbers import fill, normal_quantile, uniforms


def carry_on(
    priors: Priors, history: Mapping[str, Array], years_ahead: int, seed: int, start: int, stop: int
) -> dict[str, Array]:
    """Give each Series with history and outlook from first to last year, (year, draw), for these draws.

    ``history``: (year,), or (year, draw) where the past is as uncertain; draws: from ``start`` to ``stop``. The numbers
    of a Series depend on the seed, its name and the draw only: scenarios share them, and a Series more or less changes
    no other.
    """
    drawn = _drawn(priors, years_ahead, seed, start, stop)
    return {n: _carried(c, n, history[n], drawn, years_ahead) for n, c in priors.outlook.items() if n in history}


def median_course(priors: Priors, history: Mapping[str, Array], years_ahead: int) -> dict[str, Array]:
    """Give each Series with history and outlook, (year,) or (year, draw) as its history, on the middle of it."""
    middle = {n: np.zeros((1, 1)) for n in priors.outlook}
    carried = {n: c for n, c in priors.outlook.items() if n in history}
    courses = {n: _carried(c, n, history[n], middle, years_ahead) for n, c in carried.items()}
    return {n: v if history[n].ndim == 2 else v[:, 0] for n, v in courses.items()}


def shocks_ahead(shocks: Mapping[str, Bounded], years_ahead: int, seed: int, start: int, stop: int) -> dict[str, Array]:
    """Give the shocks of the years after the base year, (year, draw), for the draws ``start`` to ``stop``."""
    return {n: b.at(uniforms(seed, f"surprise {n}", start, stop, years_ahead).T) for n, b in shocks.items()}


def _drawn(priors: Priors, years_ahead: int, seed: int, start: int, stop: int) -> dict[str, Array]:
    """Give the normal numbers of each Series, (number, draw): the first for its trend, one a year if the years differ.

    They are made normal all at once, and not those of years that do not differ: nothing here takes more time.
    """
    counts = {n: 1 + years_ahead if course.yearly_sd else 1 for n, course in priors.outlook.items()}
    ends = np.cumsum([0, *counts.values()])
    numbers = np.empty((ends[-1], stop - start))
    for name, first, end in zip(counts, ends, ends[1:], strict=False):
        fill(numbers[first:end], seed, f"outlook {name}", start, 1 + years_ahead)
    normal = normal_quantile(numbers)
    return {n: normal[first:end] for n, first, end in zip(counts, ends, ends[1:], strict=False)}


def _carried(course: Course, name: str, history: Array, drawn: Mapping[str, Array], years_ahead: int) -> Array:
    own, *yearly = drawn[name]
    scale, history_length = Unit.parse(course.unit).scale, len(history)
    if course.follows:
        alone = math.sqrt(1.0 - course.correlation * course.correlation)
        own = course.correlation * drawn[course.follows][0] + alone * own
    trend = course.mean + course.sd * own
    # Stationary from the first year on: its sd is yearly_sd in every year.
    spread, fresh = course.yearly_sd, math.sqrt(1.0 - course.autocorrelation * course.autocorrelation)
    deviation, change = np.zeros(1), trend * scale
    past = history.reshape(history_length, -1)
    levels = np.empty((history_length + years_ahead, max(own.size, past.shape[1])))
    levels[:history_length] = past
    for year in range(years_ahead):
        if yearly:
            deviation = course.autocorrelation * deviation + spread * yearly[year]
            spread, change = fresh * course.yearly_sd, (trend + deviation) * scale
        if course.kind == "growth":
            np.multiply(levels[history_length + year - 1], 1.0 + change, out=levels[history_length + year])
        else:
            np.add(levels[history_length + year - 1], change, out=levels[history_length + year])
    return levels
