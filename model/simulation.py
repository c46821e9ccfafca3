"""Run a model: RK4 or Euler over arrays of draws, steps aligned to year ends and to the bends of every path.

``simulate`` gives an xarray.Dataset: yearly integrals of what is per year, year-end values of the rest.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr

from . import delays
from .declarations import Parameter, Series
from .errors import InputError, nearest
from .indicators import Indicator, Reading
from .kernel import engine as kernel_engine
from .paths import Path, path
from .quantities import Array
from .steps import DEFAULT_STEP, count, stops
from .wiring import Argument, Model, flat

Method = Literal["rk4", "euler"]
#: The kernel that is generated from the equations, or the equations themselves, called on arrays.
Engine = Literal["fast", "reference"]
BLOCK = 4096  # draws that are computed together: their arrays fit the processor's cache


@dataclass(frozen=True)
class Inputs:
    """What a run needs besides the model: yearly numbers from ``first_year`` on, and the values of Parameters.

    ``parameters``: name -> () or (draw,); ``series``: name -> (year,) or (year, draw), in base units. Up to
    ``settled_year`` the paths through the yearly numbers do not depend on later ones.
    """

    first_year: int
    last_year: int
    parameters: Mapping[str, Array | float]
    series: Mapping[str, Array]
    settled_year: int | None = None
    # Of each Series without draws: its yearly numbers, and the path through them.
    _paths: dict[str, tuple[Array, Path]] = field(default_factory=dict, repr=False, compare=False)

    @functools.cached_property
    def draws(self) -> int:
        """The number of draws: the one length that the uncertain inputs share, or 1."""
        # numpy's own function takes ten times as long, for each input of each run.
        lengths = {v.shape[-1] for v in self.parameters.values() if isinstance(v, np.ndarray) and v.ndim == 1}
        lengths |= {np.shape(v)[-1] for v in self.series.values() if np.ndim(v) == 2}
        return max(lengths, default=1)

    def block(self, start: int, stop: int) -> Inputs:
        """Give the inputs of some of the draws."""
        parameters = {n: (v[start:stop] if np.ndim(v) == 1 else v) for n, v in self.parameters.items()}  # type: ignore[index]
        series = {n: (v[:, start:stop] if np.ndim(v) == 2 else v) for n, v in self.series.items()}
        return Inputs(self.first_year, self.last_year, parameters, series, self.settled_year, self._paths)

    def but(self, parameters: Mapping[str, Array | float], series: Mapping[str, Array]) -> Inputs:
        """Give the same inputs but for these; the paths of the others are not worked out again."""
        merged = ({**self.parameters, **parameters}, {**self.series, **series})
        return Inputs(self.first_year, self.last_year, *merged, self.settled_year, self._paths)

    @property
    def settled(self) -> int:
        """The number of years up to the settled one."""
        return 0 if self.settled_year is None else self.settled_year + 1 - self.first_year

    def path(self, declared: Series, name: str) -> Path:
        """Give the path of a Series through its yearly numbers."""
        yearly = self.series[name]
        numbers, known = self._paths.get(name, (None, None))
        if known is not None and numbers is yearly:
            return known
        found = path(declared, self.first_year, np.asarray(yearly, dtype=float), self.settled)
        if np.ndim(yearly) == 1:
            self._paths[name] = yearly, found
        return found


def check(model: Model, inputs: Inputs, keep: Iterable[str] = (), read: Iterable[str] | None = None) -> None:
    """Compare inputs, and the variables to keep, with what the model declares; raises InputError with every fault.

    What a run reads, ``read`` and ``keep``, says which inputs it needs; without ``read`` it needs all.
    """
    keep = list(keep)
    unknown = [n for n in keep if n not in model.units]
    if unknown:
        raise InputError("keep", [f"{n}: the model has no such variable{nearest(n, model.units)}" for n in unknown])
    needed = model if read is None else model.pruned([*read, *keep])
    declared: dict[str, Parameter | Series] = {**model.parameters, **model.series}
    faults = []
    for given, kind in ((inputs.parameters, model.parameters), (inputs.series, model.series)):
        for name in sorted(set(given) - set(kind)):
            faults.append(f"{name}: the model has no such input{nearest(name, declared)}")
    for name, declaration in declared.items():
        group = inputs.series if isinstance(declaration, Series) else inputs.parameters
        if name in group:
            faults += _input_faults(name, declaration, np.asarray(group[name], dtype=float), inputs)
        elif name in needed.units:
            faults.append(f"{name} ({declaration.unit}): no value; {declaration.about}")
    if faults:
        raise InputError("the run", faults)


def _input_faults(name: str, declaration: Parameter | Series, value: Array, inputs: Inputs) -> list[str]:
    dated = isinstance(declaration, Series)
    years = inputs.last_year - inputs.first_year + 1
    if dated and (value.ndim not in (1, 2) or len(value) != years):
        return [f"{name}: {len(value) if value.ndim else 1} yearly values, but the run has {years} years"]
    if not dated and value.ndim > 1:
        return [f"{name}: an array of {value.ndim} dimensions, but a Parameter is one number, or one a draw"]
    if value.ndim > dated and value.shape[-1] != inputs.draws:
        return [f"{name}: {value.shape[-1]} draws, but the run has {inputs.draws}"]
    inside = (value >= declaration.low) & (value <= declaration.high)  # NaN is outside too
    if inside.all():
        return []
    place = tuple(np.argwhere(~inside)[0])
    parts = [f"in {inputs.first_year + place[0]}"] if dated else []
    parts += [f"in draw {place[-1]}"] if value.ndim > dated else []
    where = "".join(f" {part}" for part in parts)
    hard_range = f"[{declaration.low:g}, {declaration.high:g}] {declaration.unit}"
    return [f"{name}: {float(value[place]):g}{where} is outside {hard_range}"]


def best_engine() -> Engine:
    """Give the fast engine where numba (extra ``fast``) is installed, or else the reference."""
    return "fast" if kernel_engine.available() else "reference"


class Run:
    """One model with the inputs of some draws, ready to be evaluated at any time and state.

    ``initial`` gives the states at the start; ``values`` the variables at a time, given the states: every one, or those
    that rates and what is ``summed`` depend on; ``rates`` the states' rates of change, given the values.
    """

    def __init__(self, model: Model, inputs: Inputs, summed: Iterable[str] = ()) -> None:
        self.model = model
        self.draws = inputs.draws
        self.first_year, self.last_year = inputs.first_year, inputs.last_year
        self.paths: dict[str, Path] = {n: inputs.path(declared, n) for n, declared in model.series.items()}
        self._fixed: dict[str, Array] = {n: np.asarray(inputs.parameters[n], dtype=float) for n in model.parameters}
        computed = {n: self._computation(n) for n in (*model.constants, *model.timed, *model.states)}
        self._steps = {n: (function, read, _fetching(read)) for n, (function, read) in computed.items()}
        self._run(model.constants, self._fixed)
        flows = [f for stock in model.stocks.values() for f in (*stock.inflows, *stock.outflows)]
        flows += [n for c in model.chains.values() for n in (c.inflow, c.outflow, c.time)]
        often = self._behind([*flows, *summed])
        self._orders = {
            False: ([n for n in model.timed if n in often], [n for n in model.states if n in often]),
            True: (model.timed, model.states),
        }
        self._timed: dict[tuple[float, str, bool], dict[str, Array]] = {}
        self.state_names = (*model.stocks, *(s for c in model.chains for s in model.stages(c)))

    def _computation(self, name: str) -> tuple[Callable[..., Array], tuple[Argument, ...]]:
        if name in self.model.equations:
            equation = self.model.equations[name]
            return equation.function, equation.arguments
        chain = self.model.outflows[name]
        rate = functools.partial(delays.leaving, stages=self.model.chains[chain].stages)
        return rate, (self.model.stages(chain)[-1], self.model.chains[chain].time)

    def _behind(self, names: Iterable[str]) -> set[str]:
        """Give what must be computed for these variables at one time."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self._steps and name not in found:
                found.add(name)
                waiting += flat(self._steps[name][1])
        return found

    def _run(self, names: Iterable[str], values: dict[str, Array]) -> None:
        for name in names:
            function, _, fetch = self._steps[name]
            values[name] = function(*fetch(values))

    def initial(self) -> list[Array]:
        """Give the states at the start, each (draw,)."""
        chains = self.model.chains
        empty = np.zeros(self.draws)
        states = [self._full(self._fixed[s.initial]) if s.initial else empty for s in self.model.stocks.values()]
        even = [self._full(self._fixed[c.initial]) / c.stages for c in chains.values() for _ in range(c.stages)]
        if not any(chain.growth for chain in chains.values()):
            return states + even
        # The time through a chain depends on its total at most, so an even split is enough to find it.
        values = self.values(float(self.first_year), states + even)
        for chain in chains.values():
            growth = self._fixed[chain.growth] if chain.growth else np.asarray(0.0)
            ratio = delays.stage_ratio(growth, values[chain.time], chain.stages)
            weights = delays.stage_weights(ratio, chain.stages)
            states += [self._full(self._fixed[chain.initial] * w / sum(weights)) for w in weights]
        return states

    def _full(self, value: Array) -> Array:
        return np.array(np.broadcast_to(value, (self.draws,)))

    def values(self, time: float, states: list[Array], side: str = "right", every: bool = True) -> dict[str, Array]:
        """Give the variables at a time, () where one is the same in all draws, else (draw,)."""
        timed_order, states_order = self._orders[every]
        if (time, side, every) not in self._timed:
            if len(self._timed) > 4:  # the times of one step; older ones are not asked for again
                self._timed.clear()
            timed = self._fixed | {n: p.at(time, side) for n, p in self.paths.items()}
            self._run(timed_order, timed)
            self._timed[time, side, every] = timed
        values = self._timed[time, side, every] | dict(zip(self.state_names, states, strict=True))
        for chain in self.model.chains:
            values[chain] = sum((values[s] for s in self.model.stages(chain)), start=np.asarray(0.0))
        self._run(states_order, values)
        return values

    def rates(self, values: Mapping[str, Array]) -> list[Array]:
        """Give the rate of change of each state, () where it is the same in all draws, else (draw,)."""
        rates: list[Array] = []
        for stock in self.model.stocks.values():
            rate = np.asarray(0.0)
            for flow in stock.inflows:
                rate = rate + values[flow]
            for flow in stock.outflows:
                rate = rate - values[flow]
            rates.append(rate)
        for name, chain in self.model.chains.items():
            time, stages = values[chain.time], self.model.stages(name)
            inner = [delays.leaving(values[stage], time, chain.stages) for stage in stages[:-1]]
            passing = [values[chain.inflow], *inner, values[chain.outflow]]
            rates += [a - b for a, b in itertools.pairwise(passing)]
        return rates


def _fetching(arguments: tuple[Argument, ...]) -> Callable[[Mapping[str, Array]], Iterable[Any]]:
    """Give what takes the arguments of a function from the values; this is asked for at every step."""
    if len(arguments) > 1 and not any(isinstance(a, tuple) for a in arguments):
        return operator.itemgetter(*arguments)
    return lambda values: [tuple(values[n] for n in a) if isinstance(a, tuple) else values[a] for a in arguments]


def _stops(run: Run) -> list[float]:
    return stops(run.first_year, run.last_year, (p.times.tolist() for p in run.paths.values()))


def even_step(model: Model, inputs: Inputs, step: float) -> float:
    """Give the one length in years of all steps that ``integrate`` takes; raises InputError where they are unlike."""
    times = _stops(Run(model, inputs))
    lengths = sorted({(end - begin) / count(begin, end, step) for begin, end in itertools.pairwise(times)})
    if lengths[-1] - lengths[0] > 1e-12:
        raise InputError("the run", [f"steps are {lengths[0]:g} to {lengths[-1]:g} years long; expected one length"])
    return lengths[0]


def integrate(
    model: Model,
    inputs: Inputs,
    readings: Iterable[Reading],
    *,
    method: Method = "rk4",
    step: float = DEFAULT_STEP,
    engine: Engine = "reference",
    watch: Callable[[float, Mapping[str, Array]], None] | None = None,
) -> dict[Reading, Array]:
    """Give each reading as (year, draw), in base units.

    ``step`` is the longest step in years; it is shortened so that steps end at year ends and at the bends of paths.
    Only what the readings depend on is computed; ``watch``, which the reference engine alone knows, is called with the
    time and all variables of the model at each step and at the end. The inputs must have passed ``check``. Raises
    InputError if the fast engine is not installed.
    """
    if engine == "fast" and watch is None:
        kernel_engine.require_fast_engine()
        return kernel_engine.integrate(model, inputs, readings, method, step)
    draws = inputs.draws
    results = {r: np.empty((inputs.last_year - inputs.first_year + 1, draws)) for r in readings}
    totals = tuple(dict.fromkeys(r.variable for r in results if r.how != "year end"))
    summed = {n: np.zeros(draws) for n in totals}
    with np.errstate(all="ignore"):  # a value that is not finite is found afterwards, and named
        run = Run(model if watch else model.pruned(r.variable for r in results), inputs, totals)
        every = watch is not None
        states = run.initial()
        for begin, end in itertools.pairwise(_stops(run)):
            steps = count(begin, end, step)
            size = (end - begin) / steps
            for k in range(steps):
                now, then = begin + k * size, (end if k == steps - 1 else begin + (k + 1) * size)
                start = run.values(now, states, every=every)
                if watch:
                    watch(now, start)
                stages = [start]
                rates = run.rates(start)
                if method == "euler":
                    weights = [size]
                    states = [s + size * r for s, r in zip(states, rates, strict=True)]
                else:
                    weights = [size / 6.0, size / 3.0, size / 3.0, size / 6.0]
                    change = [weights[0] * r for r in rates]
                    middle = now + 0.5 * size
                    ahead = ((0.5, middle, "right"), (0.5, middle, "right"), (1.0, then, "left"))
                    for (part, time, side), weight in zip(ahead, weights[1:], strict=True):
                        moved = [s + part * size * r for s, r in zip(states, rates, strict=True)]
                        stages.append(run.values(time, moved, side, every))
                        rates = run.rates(stages[-1])
                        change = [c + weight * r for c, r in zip(change, rates, strict=True)]
                    states = [s + c for s, c in zip(states, change, strict=True)]
                for name in totals:
                    summed[name] = summed[name] + sum(w * v[name] for w, v in zip(weights, stages, strict=True))
            if end == round(end):
                year = round(end) - inputs.first_year - 1
                closing = run.values(end, states, "left")
                for reading, table in results.items():
                    table[year] = closing[reading.variable] if reading.how == "year end" else summed[reading.variable]
                summed = {n: np.zeros(draws) for n in totals}
        if watch:
            last = float(inputs.last_year + 1)
            watch(last, run.values(last, states, "left"))
    return results


def default_reading(model: Model, name: str) -> Reading:
    """Give the reading a variable has when nothing else is said: what is per year is totalled, the rest at year end."""
    per_year = dict(model.units[name].powers).get("year") == -1
    return Reading(name, "over the year" if per_year else "year end")


def _needed(model: Model, indicators: Mapping[str, Indicator], keep: Iterable[str]) -> list[Reading]:
    readings = [r for i in indicators.values() for r in i.readings]
    return list(dict.fromkeys([*readings, *(default_reading(model, n) for n in keep)]))


def simulate(
    model: Model,
    inputs: Inputs,
    indicators: Mapping[str, Indicator],
    keep: Iterable[str] = (),
    *,
    method: Method = "rk4",
    step: float = DEFAULT_STEP,
    engine: Engine = "reference",
    progress: Callable[[int], None] | None = None,
    only_finite: bool = True,
) -> xr.Dataset:
    """Run all draws and give the indicators, and the variables to ``keep``, as a Dataset with dims (draw, year).

    Attributes of each variable: ``units``, ``long_name``, ``description`` (the equation's sentence) and ``reading``.
    Raises InputError if an input is missing or out of range, or a draw goes non-finite and ``only_finite`` is true.
    ``progress`` is told how many draws were done, block by block.
    """
    keep = list(dict.fromkeys(keep))
    readings = _needed(model, indicators, [n for n in keep if n in model.units])
    check(model, inputs, keep, [r.variable for r in readings])
    years = np.arange(inputs.first_year, inputs.last_year + 1)
    names = [*indicators, *keep]
    base = (inputs.last_year if inputs.settled_year is None else inputs.settled_year) - inputs.first_year
    tables = {n: np.empty((inputs.draws, len(years))) for n in names}
    for start in range(0, inputs.draws, BLOCK):
        stop = min(start + BLOCK, inputs.draws)
        found = integrate(model, inputs.block(start, stop), readings, method=method, step=step, engine=engine)
        for name, indicator in indicators.items():
            tables[name][start:stop] = indicator.value(found, model.units, base).T
        for name in keep:
            tables[name][start:stop] = found[default_reading(model, name)].T
        if progress:
            progress(stop - start)
    if only_finite:
        rises = {n for n, i in indicators.items() if i.above}  # which some years up to the base year have none of
        _require_finite({n: t[:, base + 1 :] if n in rises else t for n, t in tables.items()}, inputs.last_year)
    return xr.Dataset(
        {n: (("draw", "year"), t, describe(model, indicators, n)) for n, t in tables.items()},
        coords={"draw": np.arange(inputs.draws), "year": years},
        attrs={"model": model.structure(model.names), "method": method, "step": step, "cuts": " ".join(model.cuts)},
    )


def describe(model: Model, indicators: Mapping[str, Indicator], name: str) -> dict[str, str]:
    """Give the attributes of a variable or indicator in a Dataset."""
    if name in indicators:
        one = indicators[name]
        return {"units": one.unit, "long_name": one.label, "description": one.about, "reading": "indicator"}
    reading = default_reading(model, name)
    return {
        "units": str(reading.unit(model.units[name])),
        "long_name": name.replace("_", " "),
        "description": model.about(name),
        "reading": reading.how,
    }


def _require_finite(tables: Mapping[str, Array], last_year: int) -> None:
    faults = []
    for name, table in tables.items():
        bad = np.argwhere(~np.isfinite(table))
        if len(bad):
            draw, year = bad[0]
            draws = len(np.unique(bad[:, 0]))
            when = last_year + 1 - table.shape[1] + year
            faults.append(f"{name}: draw {draw} is {table[draw, year]} in {when} ({draws} draws in all)")
    if faults:
        raise InputError("the result", faults)
