"""Running a model by its kernel: what is lowered, printed and compiled once, and the arrays that go in and out."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import threading
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..declarations import Series
from ..errors import InputError
from ..inputs import Inputs
from ..observation import Reading
from ..paths import Path, knots_by_year, path
from ..quantities import Array
from ..steps import count, stops
from ..wiring import Model
from .llvm_text import RUN_ARGUMENTS, SLOPES_ARGUMENTS, llvm_slopes_text, llvm_text
from .lowering import lower
from .sections import WIDTH, Sections, sections

if TYPE_CHECKING:
    from .machine_code import MachineCode

#: From slopes of a number by readings, (reading, year, draw), to those by the parameters and series that are given.
Slopes = Callable[[Array], tuple[Array, Array]]


@functools.cache
def available() -> bool:
    """Tell whether llvmlite is installed (extra ``fast``)."""
    return importlib.util.find_spec("llvmlite") is not None


def require_fast_engine() -> None:
    """Raise InputError if llvmlite is not installed."""
    if not available():
        raise InputError("the fast engine", ['llvmlite is not installed; pip install "fiveyear[fast]" brings it'])


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


#: What slopes are taken by, of these arrays.
WITH_SLOPES = {"result": "results", "parameter": "parameters", "knot": "knots"}
MOST_KEPT = 2**19  # numbers: 4 MB, which the processor's caches hold

#: What ``Kernel.arguments`` gives, in this order.
ARRAYS = ("parameters", "knots", "common", "place", *Timetable._fields)


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
    return Timetable(knot, weight, per_year, np.array(length), np.array(steps), np.array(ends_year, np.uint8))


@dataclass(frozen=True)
class Kernel:
    """The compiled kernel of a model for some readings."""

    model: Model  # pruned to what the readings depend on
    readings: tuple[Reading, ...]  # in the order of what the kernel gives: those over a year, then year ends
    made: Sections

    @functools.cached_property
    def run(self) -> Callable[..., None]:
        """What is compiled, to be called with ``arguments``, whether by Euler, and room for (reading, year, draw).

        The kernel computes whole vectors: all arrays hold ``filled`` draws.
        """
        from .machine_code import MachineCode  # and llvmlite, which may not be there

        code = MachineCode(llvm_text(self.made), RUN_ARGUMENTS)

        def run(*arguments: Any) -> None:
            *arrays, euler, results = arguments
            code(work=_aligned(self.made.rows.count * WIDTH), **_named(arrays, results), euler=euler)

        return run

    @functools.cached_property
    def with_slopes(self) -> MachineCode:
        """The same and back, which takes three times as long to compile: for those who ask for slopes."""
        from .machine_code import MachineCode

        return MachineCode(llvm_slopes_text(self.made), SLOPES_ARGUMENTS)

    def arguments(self, inputs: Inputs, step: float) -> tuple[Any, ...]:
        """Give the arrays that the kernel runs on, all but the method and the results.

        Draws that fill the last vector up are copies of the last one.
        """
        draws, alone = filled(inputs.draws), inputs.draws == 1
        given = [inputs.parameters[n] for n in self.model.parameters]
        parameters = np.empty((len(given), draws))
        if alone:
            parameters[:] = np.array([np.asarray(v).item() for v in given])[:, None]
        else:
            for row, value in zip(parameters, given, strict=True):
                _put(row, np.asarray(value))
        paths = [inputs.path(declared, n) for n, declared in self.model.series.items()]
        knots = tuple(p.knots for p in paths)
        table = timetable(inputs.first_year, inputs.last_year, step, knots, tuple(p.constant for p in paths))
        by_draw = [p.values.ndim == 2 and not alone for p in paths]
        # Which of those that are drawn a path is, or, from -1 down, which of those that are the same in all draws.
        drawn_places, common_places = itertools.count(), itertools.count(-1, -1)
        place = [next(drawn_places if drawn else common_places) for drawn in by_draw]
        most = max((len(k) for k in knots), default=0) + 1  # one more, so that each knot has a next
        common = [p.filled(most) for p, drawn in zip(paths, by_draw, strict=True) if not drawn]
        values = _stacked(list(itertools.compress(paths, by_draw)), (most, draws))
        return (parameters, values, np.array(common).reshape(-1, most), np.array(place, dtype=np.int64), *table)

    def results(self, inputs: Inputs, step: float, euler: bool) -> dict[Reading, Array]:
        """Give each reading as (year, draw), in base units."""
        values = np.empty((len(self.readings), inputs.last_year - inputs.first_year + 1, filled(inputs.draws)))
        self.run(*self.arguments(inputs, step), euler, values)
        return dict(zip(self.readings, values[..., : inputs.draws], strict=True))


class PreparedRun:
    """A run by RK4 that is made over and over: what stays as it is, in ``fixed``, is worked out once.

    ``parameters`` and ``series`` name the inputs that each call gives, in the order of their rows, and ``readings``
    what it gets. Inputs must be what ``inputs.check`` lets pass. Raises InputError if the fast engine is not installed.
    """

    def __init__(
        self,
        model: Model,
        fixed: Inputs,
        parameters: Sequence[str],
        series: Sequence[str],
        readings: Sequence[Reading],
        step: float,
    ) -> None:
        require_fast_engine()
        self._kernel = kernel(model, frozenset(readings))
        self._order = np.array([self._kernel.readings.index(r) for r in readings], dtype=np.int64)
        self._years = fixed.last_year - fixed.first_year + 1
        self._first_year, self._settled = fixed.first_year, fixed.settled
        # Of two draws: of one alone, what is given by draw would be the same in all.
        nothing = ({n: np.zeros(2) for n in parameters}, {n: np.zeros((self._years, 2)) for n in series})
        self._parameters, self._knots, *others = self._kernel.arguments(fixed.but(*nothing), step)
        self._others = dict(zip(ARRAYS[2:], others, strict=True))
        parts = len(self._others["length"])
        self._evaluations = 4 * int(np.sum(self._others["steps"])) + parts  # and the end of each part
        self._code = self._kernel.with_slopes
        self._always = self._code.addresses(**self._others)
        self._always |= {"knot_count": self._knots.shape[1], "parts": parts, "years": self._years}
        used = list(self._kernel.model.parameters)
        # Which rows of the kernel's parameters are given, and by which rows of those.
        given = [(used.index(n), i) for i, n in enumerate(parameters) if n in used]
        self._used, self._given = np.array(given, dtype=np.int64).reshape(-1, 2).T
        drawn = [n for n in self._kernel.model.series if n in series]
        alike: dict[Series, tuple[list[int], list[int]]] = {}
        for place, name in enumerate(drawn):
            declared = self._kernel.model.series[name]
            kind = Series("", declared.low, declared.high, declared.dated)
            places, rows = alike.setdefault(kind, ([], []))
            places.append(place)
            rows.append(series.index(name))
        # Paths of one kind are made at once: their places among the kernel's knots, their rows among those given, and
        # how their knots follow these.
        pulls = [knots_by_year(kind, self._years, self._settled) for kind in alike]
        self._paths = [(kind, *rows, pull) for (kind, rows), pull in zip(alike.items(), pulls, strict=True)]

    def __call__(self, parameters: Array, series: Array) -> tuple[Array, Slopes]:
        """Give the readings, (reading, year, draw), and what takes slopes by these to slopes by the inputs given.

        ``parameters``: (parameter, draw); ``series``: (series, year, draw). Slopes are of the same shape; where a path
        meets its hard range, they are as if it had none.
        """
        draws, rows = parameters.shape[1], self._kernel.made.rows
        arrays = dict(zip(ARRAYS[:2], self._arguments(parameters, series), strict=True))
        size, block = filled(draws), self._evaluations * len(rows.kept) * WIDTH
        # What the way back needs is kept of a few draws; of many, it is computed again, block by block.
        apart = self._evaluations if size // WIDTH * block <= MOST_KEPT else 0
        arrays["results"] = np.empty((len(self._order), self._years, size))
        arrays |= {f"by_{n}": np.zeros(arrays[of].shape) for n, of in WITH_SLOPES.items()}
        arrays["kept"] = np.empty((size // WIDTH if apart else 1) * block)
        arrays["work"] = _aligned(2 * rows.count * WIDTH)
        given = self._always | self._code.addresses(**arrays) | {"draws": size, "apart": apart}
        self._code(**given, forth=True, back=False)

        def slopes(by_reading: Array) -> tuple[Array, Array]:
            arrays["by_result"][self._order, :, :draws] = by_reading
            arrays["by_knot"][:] = 0.0  # to which all parts add
            self._code(**given, forth=not apart, back=True)
            by_parameter, by_series = np.zeros(parameters.shape), np.zeros(series.shape)
            by_parameter[self._given] = arrays["by_parameter"][self._used, :draws]
            for _, places, rows, pull in self._paths:
                by_series[rows] = pull.T @ arrays["by_knot"][places, : len(pull), :draws]
            return by_parameter, by_series

        return arrays["results"][self._order, :, :draws], slopes

    def _arguments(self, parameters: Array, series: Array) -> tuple[Array, Array]:
        """Give the kernel's parameters and knots."""
        draws = filled(parameters.shape[1])
        rows, knots = np.empty((len(self._parameters), draws)), np.empty((*self._knots.shape[:2], draws))
        rows[:] = self._parameters[:, :1]
        rows[self._used] = _filled_up(parameters[self._given], draws)
        for kind, places, given_rows, _ in self._paths:
            values = path(kind, self._first_year, series[given_rows].swapaxes(0, 1), self._settled).values
            count = len(values)
            knots[places, :count] = _filled_up(values, draws).swapaxes(0, 1)
            knots[places, count:] = knots[places, count - 1 : count]
        return rows, knots


def _named(arrays: Sequence[Array], results: Array) -> dict[str, Any]:
    """Give what both directions take, by the names of generated code."""
    named: dict[str, Any] = dict(zip(ARRAYS, arrays, strict=True))
    parameters, common = named["parameters"], named["common"]
    sizes = {"draws": parameters.shape[1], "knot_count": common.shape[1], "parts": len(named["length"])}
    return {**named, **sizes, "years": results.shape[1], "results": results}


def _aligned(count: int) -> Array:
    """Give room for numbers, from the beginning of a line of the processor's cache on."""
    space = np.empty(count + 7)
    begin = -space.ctypes.data % 64 // 8
    return space[begin : begin + count]


def _stacked(paths: Sequence[Path], shape: tuple[int, ...]) -> Array:
    stacked = np.empty((len(paths), *shape))
    for row, own in zip(stacked, paths, strict=True):
        _put(row[: len(own.values)], own.values)
        _put(row[len(own.values) :], own.values[-1])
    return stacked


def filled(draws: int) -> int:
    """Give the number of draws that so many are computed with: whole vectors."""
    return -(-draws // WIDTH) * WIDTH


def _put(room: Array, values: Array) -> None:
    """Put values, (.., draw) or one for all draws, into room for a few draws more: copies of the last."""
    if values.ndim and values.shape[-1] < room.shape[-1]:
        room[..., : values.shape[-1]] = values
        room[..., values.shape[-1] :] = values[..., -1:]
    else:
        room[...] = values


def _filled_up(values: Array, draws: int) -> Array:
    """Give values, (.., draw), for a few draws more: copies of the last."""
    more = draws - values.shape[-1]
    return np.concatenate([values, np.repeat(values[..., -1:], more, axis=-1)], axis=-1) if more else values


@functools.lru_cache(maxsize=64)
def kernel(model: Model, readings: frozenset[Reading]) -> Kernel:
    """Give the kernel of what these readings depend on."""
    pruned = model.pruned(r.variable for r in readings)
    ordered = tuple(sorted(readings, key=lambda r: (r.how == "year end", r.variable, r.how)))
    made = Kernel(pruned, ordered, sections(lower(pruned, ordered)))
    _of_model.setdefault(model, []).append(made)
    return made


_making = threading.Lock()  # so that no two threads make the same one
#: The kernels made of each model, the largest of which compute what others do, too, to the same bits.
_of_model: weakref.WeakKeyDictionary[Model, list[Kernel]] = weakref.WeakKeyDictionary()


def compiled(model: Model, inputs: Inputs, readings: Iterable[Reading]) -> Kernel | None:
    """Give a kernel that is there and gives these readings, and maybe more, from these inputs."""
    wanted = frozenset(readings)
    for made in _of_model.get(model, ()):
        needed = {*made.model.parameters, *made.model.series}
        if needed <= {*inputs.parameters, *inputs.series} and wanted <= frozenset(made.readings):
            return made
    return None


def integrate(
    model: Model, inputs: Inputs, readings: Iterable[Reading], method: str, step: float
) -> dict[Reading, Array]:
    """Give each reading as (year, draw), in base units; the inputs must have passed ``inputs.check``."""
    with _making:
        made = compiled(model, inputs, readings) or kernel(model, frozenset(readings))
    return made.results(inputs, step, method == "euler")
