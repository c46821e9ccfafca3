"""A path given year by year, continued from history where it has to be."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from fiveyear.model.elementary import exp, log
from fiveyear.model.quantities import Array


@dataclass(frozen=True)
class YearlyPath:
    """Yearly numbers in base units at given years: levels, or growth over the year before.

    Between given years they are interpolated, after the last they are held. ``shape`` k bends the way from one
    level to the next, a + (b - a) ((t - t0) / (t1 - t0))^k: early below 1, late above. A path whose first year is
    after ``base_year`` continues history: what ``before`` gives, or else what the caller hands over.

    ``hold`` says what a bend leaves as it is: the level given ("intensity"), or the sum over the years after the base
    year of level times output ("spend"). For "spend" the level given moves: it is that of the straight way with the
    same sum.
    """

    base_year: int
    points: tuple[tuple[int, float], ...]
    numbers: Literal["values", "growth"] = "values"
    shape: float = 1.0
    before: YearlyPath | None = None
    hold: Literal["intensity", "spend"] = "intensity"

    @property
    def needs_history(self) -> bool:
        """Whether ``yearly`` must be handed the numbers up to the base year."""
        return self.points[0][0] > self.base_year and self.before is None

    def based_on(self, year: int) -> YearlyPath:
        """Give the path as it goes on from a later base year.

        What turns right after the base year turns after the new one. What continues history does so from there: to what
        was given for later years, or else to the last that was.
        """
        given = [at for at, _ in self.points]
        if given[0] <= self.base_year:
            turns = {self.base_year, self.base_year + 1} <= {*given}
            by = year - self.base_year if turns else 0
            points = tuple((at + by if at >= self.base_year else at, level) for at, level in self.points)
            return replace(self, base_year=year, points=points)
        later = tuple(point for point in self.points if point[0] > year) or ((year + 1, self.points[-1][1]),)
        return replace(self, base_year=year, points=later, before=self.before and self.before.based_on(year))

    def yearly(self, years: Array, history: Array | None = None, output: Array | None = None) -> Array:
        """Give the yearly numbers.

        Parameters
        ----------
        years : (year,), rising by one from the first simulated year
        history : (h,) or (h, draw), in base units: the numbers of the first h of ``years``, up to the base year;
            read only if the path needs it
        output : (year,), above 0: what a level is a share of, such as real GDP; read only if the path holds spend

        Returns
        -------
        (year,), or (year, draw) if history is by draw, in base units

        Raises
        ------
        ValueError
            if the path needs history and it is missing or does not end at the base year, or output and it is missing

        Examples
        --------
        >>> path = YearlyPath(2010, ((2012, 2.0),))
        >>> path.yearly(np.arange(2009.0, 2014.0), np.array([0.5, 1.0])).tolist()
        [0.5, 1.0, 1.5, 2.0, 2.0]
        """
        if self.points[0][0] <= self.base_year:
            return _stated(self, float(years[0]), len(years))
        if self.before is not None:
            history = self.before.yearly(years[years <= self.base_year])
        if history is None or not 0 < len(history) <= len(years) or years[len(history) - 1] != self.base_year:
            raise ValueError(f"the path starts in {self.points[0][0]}: it needs history that ends in {self.base_year}")
        later = years[len(history) :]
        if self.numbers == "growth":
            growth = [self._level(year, self.points) for year in later]
            after = [history[-1] * factor for factor in np.cumprod(1.0 + np.array(growth))]
        else:
            points: list[tuple[int, float | Array]] = [(self.base_year, history[-1]), *self.points]
            if self.hold == "spend":
                if output is None or len(output) != len(years):
                    raise ValueError("the path holds spend: it needs the output of each year")
                points[1] = self._end_of_same_spend(history[-1], later, output[len(history) :])
            after = [self._level(year, tuple(points)) for year in later]
        return np.stack([*history, *(np.broadcast_to(level, history.shape[1:]) for level in after)])

    def _end_of_same_spend(self, base: Array, later: Array, output: Array) -> tuple[int, Array]:
        # The sum over the years of output * (base + rise * part of the way gone) is linear in the rise.
        ((end, level),) = self.points
        gone = np.clip((later - self.base_year) / (end - self.base_year), 0.0, 1.0)
        return end, base + (level - base) * (np.sum(output * gone) / np.sum(output * self._bent(gone)))

    def _level(self, year: float, points: tuple[tuple[int, float | Array], ...]) -> Array:
        (year_before, level), *rest = points
        for year_after, level_after in rest:
            if year < year_after:
                weight = self._bent(np.asarray(max(year - year_before, 0.0) / (year_after - year_before)))
                return (1.0 - weight) * level + weight * level_after
            year_before, level = year_after, level_after
        return np.asarray(level)

    def _bent(self, gone: Array) -> Array:
        # By our own logarithm: a power has other last bits on other processors.
        return gone if self.shape == 1.0 else exp(self.shape * log(gone))


@functools.lru_cache(maxsize=4096)
def _stated(path: YearlyPath, first_year: float, count: int) -> Array:
    """Give the yearly numbers of a path that states them all, (year,): the same array whoever asks."""
    numbers = np.array([path._level(year, path.points) for year in first_year + np.arange(count)])
    numbers.setflags(write=False)
    return numbers
