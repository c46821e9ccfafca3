"""Draws in which given Series grow as they are assumed to, for chances under a condition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.model import InputError
from fiveyear.model.errors import Fault, nearest
from fiveyear.model.quantities import Condition
from fiveyear.scenarios.changes import Quantity, quantity, shown_value

Ends = tuple[Quantity | None, Quantity | None]  # of growth a year; None where there is none

LEAST = 100  # draws, of which a share is told
UNIT = "%/year"


def draws_that_grow(ensemble: Ensemble, draws: int, given: Mapping[str, Ends]) -> Condition:
    """Tell of each draw, (draw,), whether the mean growth a year after the base year lies between the ends, by Series.

    Raises InputError for what is no Series that grows, ends that are no numbers of growth, or fewer than ``LEAST``
    draws that are left.
    """
    series, faults = ensemble.inputs(0, draws).series, list[Fault]()
    base = ensemble.scenario.plan.base_year - ensemble.scenario.plan.start
    among = np.ones(draws, dtype=bool)
    stated: Mapping[str, object] = given
    for name, ends in stated.items():
        path = series.get(name)
        if path is None or not np.all(path[base:] > 0.0):
            near = nearest(str(name), [n for n, values in series.items() if np.all(values[base:] > 0.0)])
            faults.append(Fault(str(name), "no given Series of this name grows", found=shown_value(name), near=near))
            continue
        if not isinstance(ends, tuple) or len(ends) != 2:
            faults.append(Fault(name, found=shown_value(ends), expected='two ends, such as (None, "7 %/year")'))
            continue
        years = len(path) - 1 - base
        rate = 100.0 * np.expm1(np.log(path[-1] / path[base]) / years)
        for end, beyond in zip(ends, (np.greater_equal, np.less_equal), strict=True):
            if end is not None:
                among &= beyond(rate, quantity(name, end, UNIT, faults, "growth is in"))
    if not faults and given and among.sum() < LEAST:
        left, expected = f"{among.sum()} of {draws:,} draws", f"{LEAST} or more: wider ends, or more draws"
        faults.append(Fault("given", found=left, expected=expected))
    if faults:
        raise InputError("chance", faults)
    return among
