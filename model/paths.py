"""From yearly numbers to a path in continuous time.

Statistics give a year's total or average, or a level at year end. A ``Path`` passes through time so
that its yearly means, or its year ends, are exactly those numbers. Time is the calendar: year 2010
is the interval from 2010.0 to 2011.0.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_banded

from .declarations import Series
from .quantities import Array


@dataclass(frozen=True)
class Path:
    """Values at rising ``times``, (knot,) or (knot, draw); straight between them, or constant from each to the next.

    Before the first and after the last it stays as it is there.
    """

    times: Array
    values: Array
    constant: bool = False

    def at(self, time: float, side: str = "right") -> Array:
        """Give the value at a time, () or (draw,); at a jump, from the ``right`` (after) or the ``left`` (before)."""
        if self.constant:
            place = (bisect_right if side == "right" else bisect_left)(self.times, time) - 1
            return np.asarray(self.values[min(max(place, 0), len(self.values) - 1)])
        place = min(max(bisect_right(self.times, time) - 1, 0), len(self.times) - 2)
        weight = (time - self.times[place]) / (self.times[place + 1] - self.times[place])
        weight = min(max(weight, 0.0), 1.0)
        return np.asarray((1.0 - weight) * self.values[place] + weight * self.values[place + 1])


def path(series: Series, first_year: int, yearly: Array, settled: int = 0) -> Path:
    """Give the path whose yearly numbers, as the Series is dated, are ``yearly``: (year,) or (year, draw).

    "over the year": straight lines between mid-years whose mean over each year is that year's number. The first
    ``settled`` years are drawn by themselves, so that what comes later, a scenario, cannot change them.
    "at year end": straight lines between year ends; the first year's line is extended back to its start.
    "constant within the year": jumps at year ends.
    All stay inside the hard range: a swing so sharp that no such line does is followed as closely as the range allows.
    """
    count = len(yearly)
    years = first_year + np.arange(count, dtype=float)
    if series.dated == "constant within the year":
        return Path(years, yearly, constant=True)
    if series.dated == "at year end":
        before = yearly[0] - (yearly[1] - yearly[0] if count > 1 else 0.0)
        return _inside(series, np.array([first_year, *(years + 1.0)]), np.array([before, *yearly]))
    times = np.array([first_year, *(years + 0.5), first_year + count], dtype=float)
    if not 0 < settled < count:
        return _inside(series, times, _through(yearly))
    early = np.clip(_through(yearly[:settled]), series.low, series.high)
    late = _through(yearly[settled:], start=early[-1])
    times = np.insert(times, settled + 1, first_year + settled)
    return _inside(series, times, np.concatenate([early, late[1:]]))


def _through(yearly: Array, start: Array | None = None) -> Array:
    """Give the values at the start, at each mid-year and at the end of straight lines with these yearly means.

    A line through mid-year values k has the mean (k[i-1] + 6 k[i] + k[i+1]) / 8 over year i. At an end without a
    neighbour the line is extended, which makes the mean k itself; from a given ``start`` the first mean is
    (2 start + 5 k[0] + k[1]) / 8.
    """
    count = len(yearly)
    middle = yearly
    if count > 1:
        bands = np.tile(np.array([[0.125], [0.75], [0.125]]), count)
        bands[1, -1], bands[2, -2] = 1.0, 0.0
        known = np.array(yearly)
        if start is None:
            bands[1, 0], bands[0, 1] = 1.0, 0.0
        else:
            bands[1, 0], known[0] = 0.625, yearly[0] - 0.25 * start
        middle = solve_banded((1, 1), bands, known)
    if start is None:
        start = middle[0] - 0.5 * (middle[1] - middle[0]) if count > 1 else middle[0]
    end = middle[-1] + (0.5 * (middle[-1] - middle[-2]) if count > 1 else middle[0] - start)
    return np.array([start, *middle, end])


def _inside(series: Series, times: Array, values: Array) -> Path:
    return Path(times, np.clip(values, series.low, series.high))
