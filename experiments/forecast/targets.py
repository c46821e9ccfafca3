"""When a target is met: in the last year or in every one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios import Target

from .ensemble import Ensemble

MEASURED = "that statistics measure"  # said of the headline targets that are counted together


def meets(values: Array, target: float, comparator: str) -> Condition:
    """Tell which values meet a target; one that differs from it by rounding of the last bits does."""
    slack = 1e-9 * abs(target)
    return np.asarray(values >= target - slack if comparator == ">=" else values <= target + slack)


def met_by_year(values: Array, target: float, comparator: str, every_year: bool, years_ahead: int) -> Condition:
    """Tell of each draw and year whether a target is met: from the base year on in each, if it asks for that.

    Parameters
    ----------
    values : (draw, year), of which the last ``years_ahead`` are those after the base year; it stays as it is

    Returns
    -------
    (draw, year)
    """
    met = meets(values, target, comparator)
    if every_year:
        met[:, -years_ahead:] = np.logical_and.accumulate(met[:, -years_ahead:], axis=1)
    return met


def met_of(ensemble: Ensemble, target: Target, values: Array) -> Condition:
    """Tell of each draw and year whether a target of the scenario's plan is met, as ``met_by_year`` does."""
    return met_by_year(values, target.value, target.comparator, target.every_year, ensemble.years_ahead)


def decisive(ensemble: Ensemble, target: Target, values: Array) -> Array:
    """Give the number of each draw that decides, (draw,): of the last year, or of the worst if each year counts."""
    if not target.every_year:
        return values[:, -1]
    ahead = values[:, -ensemble.years_ahead :]
    return np.asarray(ahead.min(axis=1) if target.comparator == ">=" else ahead.max(axis=1))


def groups(targets: Iterable[Target]) -> dict[str, list[Target]]:
    """Give the headline targets by what a joint probability speaks of: all of them, or the measurable."""
    headline = [t for t in targets if t.kind == "headline"]
    return {"all": headline, "measurable": [t for t in headline if not t.unmeasurable]}
