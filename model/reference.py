"""The reference engine: the equations themselves, called on arrays of draws, by RK4 or Euler."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from . import delays
from .errors import InputError
from .inputs import Inputs
from .observation import Reading
from .paths import Path
from .quantities import Array
from .steps import Method, count, stops
from .wiring import Argument, Model, flat


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
        needed: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self._steps and name not in needed:
                needed.add(name)
                waiting += flat(self._steps[name][1])
        return needed

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
    method: Method,
    step: float,
    watch: Callable[[float, Mapping[str, Array]], None] | None = None,
) -> dict[Reading, Array]:
    """Give each reading as (year, draw), in base units; the inputs must have passed ``inputs.check``.

    Only what the readings depend on is computed; ``watch`` is called with the time and all variables of the model at
    each step and at the end.
    """
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
