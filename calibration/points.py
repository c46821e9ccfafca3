"""Where in a run the facts are compared with it: what each is predicted to be, and slopes the other way round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from fiveyear.model import Reading
from fiveyear.model.quantities import Array

from .facts import Fact
from .history import Rise
from .series import SPAN

Places = npt.NDArray[np.intp]


class Points:
    """The readings and years that facts are compared with, as places in arrays: one operation does all of a kind.

    A fact is compared with a level, one reading or the ratio of two, in its year; a rise with two levels, its own and
    that of some years before. Points are the levels of all facts, in their order, and then those before the rises.
    """

    def __init__(
        self,
        observations: Sequence[Fact],
        observed: Mapping[str, tuple[Reading, Reading | None]],
        rises: Mapping[str, Rise],
        readings: Sequence[Reading],
        start: int,
    ) -> None:
        rise_of = {place: rises[f.series] for place, f in enumerate(observations) if f.series in rises}
        points = [(f.series, f.year - start) for f in observations]
        before = {place: len(points) + i for i, place in enumerate(rise_of)}
        points += [(points[place][0], points[place][1] - SPAN) for place in rise_of]
        self._count = len(observations)
        # One of each kind of rise, with the points of all of that kind, and those before them.
        self._rises: list[tuple[Rise, Places, Places]] = []
        for kind in {rise.how: rise for rise in rise_of.values()}.values():
            places = [place for place, rise in rise_of.items() if rise.how == kind.how]
            self._rises.append((kind, np.array(places), np.array([before[place] for place in places])))
        self._unknown = np.array([i for i, (_, year) in enumerate(points) if year < 0], dtype=np.intp)
        self._years = np.array([max(year, 0) for _, year in points], dtype=np.intp)
        self._tops = np.array([readings.index(observed[series][0]) for series, _ in points], dtype=np.intp)
        lows = [(i, readings.index(low)) for i, (series, _) in enumerate(points) if (low := observed[series][1])]
        self._ratios, self._lows = np.array(lows, dtype=np.intp).reshape(-1, 2).T
        self._turns = self._in_turns([list(observed).index(series) for series, _ in points])

    def _in_turns(self, series: list[int]) -> list[tuple[Places, Places, Places]]:
        """Sort what ``slopes`` adds up, by points and then by ratios, so that no sum gets two terms in one turn.

        Each turn is places among these terms, and the readings and years that get them. Each sum keeps the order of the
        series, given by point.
        """
        readings = np.concatenate([self._tops, self._lows])
        years = np.concatenate([self._years, self._years[self._ratios]])
        order = np.argsort([*series, *(series[point] for point in self._ratios)], kind="stable").tolist()
        had: Counter[tuple[int, int]] = Counter()
        turns: dict[int, list[int]] = {}
        for term in order:
            cell = int(readings[term]), int(years[term])
            turns.setdefault(had[cell], []).append(term)
            had[cell] += 1
        return [(np.array(terms), readings[terms], years[terms]) for terms in turns.values()]

    def levels(self, values: Array) -> Array:
        """Give the level at each point, (point, draw), from the readings of a run, (reading, year, draw)."""
        levels = values[self._tops, self._years]
        levels[self._ratios] /= values[self._lows, self._years[self._ratios]]
        levels[self._unknown] = np.nan
        return np.asarray(levels)

    def predicted(self, levels: Array) -> Array:
        """Give what is predicted of each fact, (observation, draw), from the levels, (point, draw)."""
        predicted = levels[: self._count].copy()
        for rise, places, before in self._rises:
            predicted[places] = rise.of(levels[places], levels[before])
        return predicted

    def slopes(self, values: Array, levels: Array, by_prediction: Array) -> Array:
        """Give the slopes of a number by the readings, (reading, year, draw), from those by predictions, (.., draw)."""
        by_level = np.empty_like(levels)
        by_level[: self._count] = by_prediction
        for rise, places, before in self._rises:
            by_level[places], by_level[before] = rise.slopes(levels[places], levels[before], by_prediction[places])
        by_level[self._ratios] /= values[self._lows, self._years[self._ratios]]
        terms = np.concatenate([by_level, -by_level[self._ratios] * levels[self._ratios]])
        by_value = np.zeros_like(values)
        for places, readings, years in self._turns:
            by_value[readings, years] += terms[places]
        return by_value
