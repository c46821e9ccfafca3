"""When a target is met: in the last year or in every one, and a lever as its scenario sets it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from fiveyear.model import Unit
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios import Target

from .ensemble import Ensemble

MEASURED = "that statistics measure"  # said of the headline targets that are counted together


def meets(values: Array, target: float, comparator: str) -> Condition:
    """Tell which values meet a target; one that differs from it by rounding of the last bits does."""
    slack = 1e-9 * abs(target)
    return np.asarray(values >= target - slack if comparator == ">=" else values <= target + slack)


def met_by_year(
    values: Array,
    target: float,
    comparator: str,
    every_year: bool,
    years_ahead: int,
    own: Sequence[float] | Array | None = None,
) -> Condition:
    """Tell of each draw and year whether a target is met: from the base year on in each, if it asks for that.

    Parameters
    ----------
    values : (draw, year), of which the last ``years_ahead`` are those after the base year; it stays as it is
    own : (years ahead,), what a scenario sets: where it does, that decides in every draw

    Returns
    -------
    (draw, year)
    """
    met = meets(values, target, comparator)
    if own is not None:
        met[:, -years_ahead:] = meets(np.asarray(own), target, comparator)
    if every_year:
        met[:, -years_ahead:] = np.logical_and.accumulate(met[:, -years_ahead:], axis=1)
    return met


def met_of(ensemble: Ensemble, target: Target, values: Array) -> Condition:
    """Tell of each draw and year whether a target of the scenario's plan is met, as ``met_by_year`` does."""
    own = planned(ensemble, target) if is_lever(ensemble, target) else None
    return met_by_year(values, target.value, target.comparator, target.every_year, ensemble.years_ahead, own)


def decisive(ensemble: Ensemble, target: Target, values: Array) -> Array:
    """Give the number of each draw that decides, (draw,): of the last year, or of the worst if each year counts."""
    if not target.every_year:
        return values[:, -1]
    ahead = values[:, -ensemble.years_ahead :]
    return np.asarray(ahead.min(axis=1) if target.comparator == ">=" else ahead.max(axis=1))


def is_lever(ensemble: Ensemble, target: Target) -> bool:
    """Tell whether the scenario itself sets a target, by a path that nothing else acts on."""
    return target.lever is not None and target.lever in ensemble.scenario.paths and ensemble.is_given(target.indicator)


def planned(ensemble: Ensemble, target: Target) -> Array:
    """Give the scenario's own numbers of a lever's indicator, (year,), for the years after the base year.

    The ratio of two yearly totals deviates from the planned ratio, by hundredths of a per cent, when both move within
    the year; that must not decide whether a plan that sets 2.2 meets 2.2. So the number set is what counts; what the
    run computed stays as it is.
    """
    assert target.lever is not None
    factor = Unit.parse(ensemble.model.series[target.lever].unit).factor_to(Unit.parse(target.unit))
    plan = ensemble.scenario.plan
    due = slice(plan.base_year + 1 - plan.start, plan.end + 1 - plan.start)
    return ensemble.median_inputs().series[target.lever][due] * factor


def groups(targets: Iterable[Target], levers: Collection[str]) -> dict[str, list[Target]]:
    """Give the headline targets by what a joint probability speaks of: all, the measurable, those without levers."""
    headline = [t for t in targets if t.kind == "headline"]
    return {
        "all": headline,
        "measurable": [t for t in headline if not t.unmeasurable],
        "without_levers": [t for t in headline if t.indicator not in levers],
    }
