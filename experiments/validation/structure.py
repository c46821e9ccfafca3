"""Structure: whether the equations hang together, by units, by owners, by loops and by bounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from fiveyear.model import Inputs, Model, UnitError, indicators, integrate, signs
from fiveyear.model.checks import declaration_faults, loop_faults, use_faults
from fiveyear.model.errors import TraceError
from fiveyear.model.quantities import Array
from fiveyear.model.trace import trace
from fiveyear.model.wiring import symbols

from .check import Figure, counted

TOUCH = 1e-9  # how far round-off may carry a value over a bound, of the value


def units(whole: Model) -> Figure:
    """Equations whose formula, traced again, does not give the unit that the model holds for them."""
    return counted([f"{n}: {fault}" for n in whole.equations if (fault := _unit_fault(whole, n))])


def _unit_fault(model: Model, name: str) -> str:
    equation = model.equations[name]
    try:
        term, _ = trace(equation.function, symbols(equation.arguments, model.units))
    except (TraceError, UnitError) as error:
        return str(error)
    nothing = term.op == "number" and term.value == 0.0  # zero has any unit
    return "" if nothing or term.unit == model.units[name] else f"gives {term.unit}, stated is {model.units[name]}"


def indicator_units(whole: Model) -> Figure:
    """Indicators that read what no equation gives, or whose parts do not come to the indicator's unit."""
    return counted(indicators.check(whole))


def owners(whole: Model) -> Figure:
    """Names that are read and nobody owns, ends of a link with unlike units, and inputs that nobody reads."""
    read = [n for equation in whole.equations.values() for n in equation.inputs]
    unowned = [f"{n}: nobody owns it" for n in sorted(set(read) - set(whole.units))]
    return counted([*unowned, *declaration_faults(whole), *use_faults(whole, read)])


def loops(whole: Model) -> Figure:
    """Named loops that cannot be cut, lie on no cycle, or have another sign by their formulas than is declared."""
    return counted(loop_faults(whole))


def loop_signs(model: Model, median: Inputs) -> Figure:
    """Named loops that have another sign than is declared, or none for sure, where the median run ends."""
    last: dict[str, Array] = {}
    integrate(model, median, [], watch=lambda _, values: last.update(values))
    ended = {n: (float(np.ravel(last[n])[0]),) * 2 for n in model.units}
    closed = {n: loop for n, loop in model.loops.items() if n not in model.cuts}
    sign_by_loop = {n: _sign_at(model, model.cycle(loop)[0], ended) for n, loop in closed.items()}
    return counted([f"{n} is {sign_by_loop[n]}" for n, loop in closed.items() if sign_by_loop[n] != loop.sign])


def _sign_at(model: Model, cycle: Sequence[str], values: Mapping[str, signs.Interval]) -> str:
    product = (1.0, 1.0)
    for source, reader in itertools.pairwise(cycle):
        step = model.influences[source][reader]
        if signs.sign(step) == "?" and reader in model.equations:  # the values settle what the hard ranges leave open
            step = signs.slope(model.equations[reader].term, source, values)
        product = signs.times(product, step)
    return signs.sign(product)


def bounds(model: Model, draws: Inputs) -> Figure:
    """Variables that some draw carries, at some step, out of the bounds that hard ranges and formulas set."""
    ranges = model.ranges()
    outside: dict[str, str] = {}

    def look(time: float, values: Mapping[str, Array]) -> None:
        for name, (low, high) in ranges.items():
            value = np.asarray(values[name])
            slack = TOUCH * np.abs(value)
            # A time that never ends is infinite; NaN is within no bounds.
            inside = (value >= low - slack) & (value <= high + slack) if not np.isnan(value).any() else np.False_
            if not np.all(inside):
                outside.setdefault(name, f"{name} in {time:g}, outside {_interval(low, high)}")

    integrate(model, draws, [], watch=look)
    return counted(list(outside.values()))


def _interval(low: float, high: float) -> str:
    return f"[{low:g}, {high:g}]" if math.isfinite(high) else f"from {low:g}"
