"""Which steps a run takes: none crosses a year end, or a bend or jump of any path."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

Method = Literal["rk4", "euler"]

# Half of it moves no indicator of the last year by 1e-4 in any of 20,000 draws:
# tests/experiments/forecast/test_ensemble.py.
DEFAULT_STEP = 0.125


def stops(first_year: int, last_year: int, knots: Iterable[Iterable[float]]) -> list[float]:
    """Give the times that a step must not cross, from the start of the first year to the end of the last.

    >>> stops(2010, 2011, [[2010.0, 2010.5, 2013.0]])
    [2010.0, 2010.5, 2011.0, 2012.0]
    """
    inside = {float(t) for times in knots for t in times if first_year < t < last_year + 1}
    return sorted(inside | {float(year) for year in range(first_year, last_year + 2)})


def count(begin: float, end: float, step: float) -> int:
    """Give how many even steps, none longer than ``step``, lead from one time to another."""
    return max(1, math.ceil((end - begin) / step - 1e-9))
