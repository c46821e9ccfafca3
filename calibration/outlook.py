"""The given Series after the base year: history carried on with the uncertainty that stood in front of the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.model import Unit
from fiveyear.model.quantities import Array

from .priors import Bounded, Course, Priors
from .random_numbers import normals


def carry_on(
    priors: Priors, history: Mapping[str, Array], years_ahead: int, seed: int, start: int, stop: int
) -> dict[str, Array]:
    """Give each Series with an outlook from first to last year, (year, draw), for the draws ``start`` to ``stop``.

    The numbers of a Series depend on the seed, its name and the draw only: scenarios share them, and a Series more or
    less changes no other.
    """
    drawn = {n: normals(seed, f"outlook {n}", start, stop, 1 + years_ahead).T for n in priors.outlook}
    return {n: _carried(course, n, history[n], drawn) for n, course in priors.outlook.items()}


def median_course(priors: Priors, history: Mapping[str, Array], years_ahead: int) -> dict[str, Array]:
    """Give each Series with an outlook as (year,), on the middle of its outlook."""
    middle = {n: np.zeros((1 + years_ahead, 1)) for n in priors.outlook}
    return {n: _carried(course, n, history[n], middle)[:, 0] for n, course in priors.outlook.items()}


def surprises_ahead(
    surprises: Mapping[str, Bounded], years_ahead: int, seed: int, start: int, stop: int
) -> dict[str, Array]:
    """Give the surprises of the years after the base year, (year, draw), for the draws ``start`` to ``stop``."""
    return {n: b(normals(seed, f"surprise {n}", start, stop, years_ahead)).T for n, b in surprises.items()}


def _carried(course: Course, name: str, history: Array, drawn: Mapping[str, Array]) -> Array:
    own, *yearly = drawn[name]
    scale = Unit.parse(course.unit).scale
    if course.follows:
        own = course.correlation * drawn[course.follows][0] + np.sqrt(1.0 - course.correlation**2) * own
    levels = [np.broadcast_to(history[-1], own.shape)]
    deviation = np.zeros_like(own)
    for number in yearly:
        # Stationary from the first year on: its sd is yearly_sd in every year.
        fresh = np.sqrt(1.0 - course.autocorrelation**2) if len(levels) > 1 else 1.0
        deviation = course.autocorrelation * deviation + fresh * course.yearly_sd * number
        change = (course.mean + course.sd * own + deviation) * scale
        levels.append(levels[-1] * (1.0 + change) if course.kind == "growth" else levels[-1] + change)
    known = np.broadcast_to(history[:, None], (len(history), own.size))
    return np.concatenate([known, np.stack(levels[1:])])
