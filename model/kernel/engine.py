"""Running a model by its kernel: what is lowered, printed and compiled once, and the arrays that go in and out."""

from __future__ import annotations

import functools
import importlib.util
import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..indicators import Reading
from ..paths import Path
from ..quantities import Array
from ..steps import count, stops
from ..wiring import Model
from .compiled import compiled
from .lowering import lower
from .numba_text import numba_text
from .sections import sections

if TYPE_CHECKING:
    from ..simulation import Inputs


@functools.cache
def available() -> bool:
    """Tell whether numba is installed (extra ``fast``)."""
    return importlib.util.find_spec("numba") is not None


class Timetable(NamedTuple):
    """The parts of a run in which no path bends: for each, where the paths begin, and its steps.

    ``knot``, ``weight``, ``per_year`` : (part, series). A path begins ``weight`` of the way from ``knot`` to the next,
    and passes ``per_year`` of that way in a year. ``length``, ``steps``, ``ends_year`` : (part,).
    """

    knot: Any
    weight: Array
    per_year: Array
    length: Array
    steps: Any
    ends_year: Any


@functools.lru_cache(maxsize=64)
def timetable(
    first_year: int, last_year: int, step: float, knots: tuple[tuple[float, ...], ...], constant: tuple[bool, ...]
) -> Timetable:
    """Give the timetable for paths with these knots; ``constant`` ones jump at them."""
    times = stops(first_year, last_year, knots)
    knot = np.zeros((len(times) - 1, len(knots)), dtype=np.int64)
    weight, per_year = np.zeros(knot.shape), np.zeros(knot.shape)
    for part, begin in enumerate(times[:-1]):
        for s, own in enumerate(knots):
            place = bisect_right(own, begin) - 1
            if constant[s] or begin >= own[-1]:
                knot[part, s] = min(max(place, 0), len(own) - 1)
            else:
                place = max(place, 0)
                span = own[place + 1] - own[place]
                knot[part, s] = place
                weight[part, s], per_year[part, s] = (begin - own[place]) / span, 1.0 / span
    parts = list(itertools.pairwise(times))
    steps = [count(begin, end, step) for begin, end in parts]
    length = [(end - begin) / n for (begin, end), n in zip(parts, steps, strict=True)]
    ends_year = [end == round(end) for _, end in parts]
    return Timetable(knot, weight, per_year, np.array(length), np.array(steps), np.array(ends_year))


@dataclass(frozen=True)
class Kernel:
    """The compiled kernel of a model for some readings."""

    model: Model  # pruned to what the readings depend on
    readings: tuple[Reading, ...]  # in the order of what the kernel gives: those over a year, then year ends
    run: Callable[..., None]

    def arguments(self, inputs: Inputs, step: float) -> tuple[Any, ...]:
        """Give the arrays that the kernel runs on, all but the method and the results."""
        draws = inputs.draws
        parameters = np.empty((len(self.model.parameters), draws))
        for row, name in zip(parameters, self.model.parameters, strict=True):
            row[:] = inputs.parameters[name]
        paths = [inputs.path(declared, n) for n, declared in self.model.series.items()]
        knots = tuple(p.knots for p in paths)
        table = timetable(inputs.first_year, inputs.last_year, step, knots, tuple(p.constant for p in paths))
        drawn = [p for p in paths if p.values.ndim == 2]
        given = [p for p in paths if p.values.ndim == 1]
        # Which of those that are drawn a path is, or, from -1 down, which of those that are given.
        drawn_places, given_places = itertools.count(), itertools.count(-1, -1)
        place = [next(drawn_places if p.values.ndim == 2 else given_places) for p in paths]
        most = max((len(k) for k in knots), default=0) + 1  # one more, so that each knot has a next
        values = (_stacked(drawn, (most, draws)), _stacked(given, (most,)), np.array(place, dtype=np.int64))
        return (parameters, *values, *table)

    def results(self, inputs: Inputs, step: float, euler: bool) -> dict[Reading, Array]:
        """Give each reading as (year, draw), in base units."""
        found = np.empty((len(self.readings), inputs.last_year - inputs.first_year + 1, inputs.draws))
        self.run(*self.arguments(inputs, step), euler, found)
        return dict(zip(self.readings, found, strict=True))


def _stacked(paths: Sequence[Path], shape: tuple[int, ...]) -> Array:
    stacked = np.empty((len(paths), *shape))
    for row, one in zip(stacked, paths, strict=True):
        row[: len(one.values)] = one.values
        row[len(one.values) :] = one.values[-1]
    return stacked


@functools.lru_cache(maxsize=64)
def kernel(model: Model, readings: frozenset[Reading]) -> Kernel:
    """Give the kernel of what these readings depend on."""
    pruned = model.pruned(r.variable for r in readings)
    ordered = tuple(sorted(readings, key=lambda r: (r.how == "year end", r.variable, r.how)))
    return Kernel(pruned, ordered, compiled(numba_text(sections(lower(pruned, ordered)))))


def integrate(
    model: Model, inputs: Inputs, readings: Iterable[Reading], method: str, step: float
) -> dict[Reading, Array]:
    """Give each reading as (year, draw), in base units; the inputs must have passed ``simulation.check``."""
    return kernel(model, frozenset(readings)).results(inputs, step, method == "euler")
