"""From yearly numbers to a path in continuous time.

Statistics give a year's total or average, or a level at year end. A ``Path`` passes through time so
that its yearly means, or its year ends, are exactly those numbers. Time is the calendar: year 2010
is the interval from 2010.0 to 2011.0.
"""

from __future__ import annotations

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
            place = int(np.searchsorted(self.times, time, side="right" if side == "right" else "left")) - 1
            return np.asarray(self.values[min(max(place, 0), len(self.values) - 1)])
        place = min(max(int(np.searchsorted(self.times, time, side="right")) - 1, 0), len(self.times) - 2)
        weight = (time - self.times[place]) / (self.times[place + 1] - self.times[place])
        weight = min(max(weight, 0.0), 1.0)
        return np.asarray((1.0 - weight) * self.values[place] + weight * self.values[place + 1])


def path(series: Series, first_year: int, yearly: Array) -> Path:
    """Give the path whose yearly numbers, as the Series is dated, are ``yearly``: (year,) or (year, draw).

    "over the year": straight lines between mid-years whose mean over each year is that year's number.
    "at year end": straight lines between year ends; the first year's line is extended back to its start.
    "constant within the year": jumps at year ends.
    All stay inside the hard range: a swing so sharp that no such line does is followed as closely as the range allows.
    """
    years = first_year + np.arange(len(yearly), dtype=float)
    if series.dated == "constant within the year":
        return Path(years, yearly, constant=True)
    if series.dated == "at year end":
        before = yearly[0] - _rises(yearly)[0]
        return _inside(series, np.array([first_year, *(years + 1.0)]), np.array([before, *yearly]))
    # A line through mid-year knots k has the yearly mean (k[i-1] + 6 k[i] + k[i+1]) / 8; at both ends the line is
    # extended, which makes the mean k itself.
    count = len(yearly)
    bands = np.tile(np.array([[0.125], [0.75], [0.125]]), count)
    bands[:, [0, -1]] = [[0.125, 0.125], [1.0, 1.0], [0.125, 0.125]]
    bands[0, :2] = 0.0  # the first row has no upper neighbour
    bands[2, -2:] = 0.0  # nor the last a lower one
    if count > 2:
        yearly = solve_banded((1, 1), bands, yearly)
    rises = _rises(yearly)
    first, last = yearly[0] - 0.5 * rises[0], yearly[-1] + 0.5 * rises[-1]
    times = np.array([first_year, *(years + 0.5), first_year + count], dtype=float)
    return _inside(series, times, np.array([first, *yearly, last]))


def _rises(yearly: Array) -> Array:
    """Give the change from each year to the next; of a single year, none."""
    return np.diff(yearly, axis=0) if len(yearly) > 1 else np.zeros_like(yearly)


def _inside(series: Series, times: Array, values: Array) -> Path:
    return Path(times, np.clip(values, series.low, series.high))
