"""From yearly numbers to a path in continuous time.

Statistics give a year's total or average, or a level at year end. A ``Path`` passes through time so
that its yearly means, or its year ends, are exactly those numbers. Time is the calendar: year 2010
is the interval from 2010.0 to 2011.0.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

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

    @cached_property
    def knots(self) -> tuple[float, ...]:
        """The times as plain numbers."""
        return tuple(self.times.tolist())

    def filled(self, count: int) -> Array:
        """Give so many values, (count,), of which those after the last knot are the last; of a path without draws."""
        if count not in self._filled:
            values = self.values.reshape(-1)
            self._filled[count] = np.concatenate([values, np.repeat(values[-1:], count - len(values))])
        return self._filled[count]

    @cached_property
    def _filled(self) -> dict[int, Array]:
        return {}

    def at(self, time: float, side: str = "right") -> Array:
        """Give the value at a time, () or (draw,); at a jump, from the ``right`` (after) or the ``left`` (before)."""
        if self.constant:
            place = (bisect_right if side == "right" else bisect_left)(self.times, time) - 1
            return np.asarray(self.values[min(max(place, 0), len(self.values) - 1)])
        place = min(max(bisect_right(self.times, time) - 1, 0), len(self.times) - 2)
        weight = (time - self.times[place]) / (self.times[place + 1] - self.times[place])
        weight = min(max(weight, 0.0), 1.0)
        return np.asarray((1.0 - weight) * self.values[place] + weight * self.values[place + 1])


def path(series: Series, first_year: int, yearly: Array, settled: tuple[int, ...] = ()) -> Path:
    """Give the path whose yearly numbers, as the Series is dated, are ``yearly``: (year,) or (year, draw).

    "over the year": straight lines between mid-years whose mean over each year is that year's number. Each of the
    numbers of years ``settled`` are drawn without those after them, so that what comes later cannot change them.
    "at year end": straight lines between year ends; the first year's line is extended back to its start.
    "constant within the year": jumps at year ends.
    All stay inside the hard range: a swing so sharp that no such line does is followed as closely as the range allows.
    """
    count = len(yearly)
    ends = tuple(number for number in settled if 0 < number < count)
    times = _times(series.dated, first_year, count, ends)
    if series.dated == "constant within the year":
        return Path(times, yearly, constant=True)
    if series.dated == "at year end":
        before = yearly[:1] - (yearly[1:2] - yearly[:1] if count > 1 else 0.0)
        return Path(times, _inside(series, np.concatenate([before, yearly])))
    values = np.empty((count + 2 + len(ends), *yearly.shape[1:]))
    start, row = None, 0
    for begin, end in itertools.pairwise([0, *ends, count]):
        part = yearly[begin:end]
        if end != count and begin == 0 and part.ndim == 2 and np.all(part == part[:, :1]):
            part = part[:, :1]  # one history for all draws
        knots = _inside(series, _through(part, start))
        values[row : row + len(knots)] = knots
        start, row = knots[-1], row + len(knots) - 1  # which the next part begins with
    return Path(times, values)


@cache
def _times(dated: str, first_year: int, years: int, ends: tuple[int, ...]) -> Array:
    """Give the times of the knots of a path, which ends and begins anew after so many years each."""
    of_years = first_year + np.arange(years, dtype=float)
    if dated == "constant within the year":
        return of_years
    if dated == "at year end":
        return np.array([first_year, *(of_years + 1.0)])
    times = np.array([first_year, *(of_years + 0.5), first_year + years], dtype=float)
    return np.insert(times, [number + 1 for number in ends], [first_year + number for number in ends])


@cache
def knots_by_year(series: Series, years: int, settled: tuple[int, ...]) -> Array:
    """Give how far each knot of a path follows each year's number, (knot, year), where no range cuts anything off."""
    return path(replace(series, low=-np.inf, high=np.inf), 0, np.eye(years), settled).values


def _through(yearly: Array, start: Array | None = None) -> Array:
    """Give the values at the start, at each mid-year and at the end of straight lines with these yearly means.

    A line through mid-year values k has the mean (k[i-1] + 6 k[i] + k[i+1]) / 8 over year i. At an end without a
    neighbour the line is extended, which makes the mean k itself; from a given ``start`` the first mean is
    (2 start + 5 k[0] + k[1]) / 8.
    """
    count = len(yearly)
    values = np.empty((count + 2, *yearly.shape[1:]))
    middle = values[1:-1]
    middle[:] = yearly
    if count > 1:
        if start is not None:
            middle[0] -= 0.25 * start
        _solve(middle, 1.0 if start is None else 0.625, 0.0 if start is None else 0.125)
    if start is None:
        start = middle[0] - 0.5 * (middle[1] - middle[0]) if count > 1 else middle[0]
    values[0] = start
    values[-1] = middle[-1] + (0.5 * (middle[-1] - middle[-2]) if count > 1 else middle[0] - start)
    return values


def _solve(middle: Array, first: float, beside: float) -> None:
    """Solve, in place, for mid-year values with these yearly means: ``first`` and ``beside`` weigh the first two.

    Elimination in a fixed order, row by row: the same bits for any number of draws and on every machine.
    """
    count = len(middle)
    above = [beside / first]
    middle[0] *= 1.0 / first
    for year in range(1, count):
        before, own, after = (0.125, 0.75, 0.125) if year < count - 1 else (0.0, 1.0, 0.0)
        pivot = own - before * above[-1]
        middle[year] -= before * middle[year - 1]
        middle[year] *= 1.0 / pivot
        above.append(after / pivot)
    for year in range(count - 2, -1, -1):
        middle[year] -= above[year] * middle[year + 1]


def _inside(series: Series, values: Array) -> Array:
    return np.clip(values, series.low, series.high, out=values)
