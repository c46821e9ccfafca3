"""Numerics: whether the numbers are those of the equations, and not of the step, the method or the engine."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import xarray as xr

from fiveyear.model import INDICATORS, Indicator, Inputs, Model, Reading, assemble, best_engine, integrate, simulate
from fiveyear.model.quantities import Array
from fiveyear.model.reference import Run
from fiveyear.model.steps import DEFAULT_STEP, Method

from . import spring
from .check import Figure, worst

HALVED = {"rk4": (1 / 4, 1 / 8, 1 / 16), "euler": (1 / 64, 1 / 128, 1 / 256)}


def order_of(errors: Sequence[float]) -> list[float]:
    """Give the order of convergence that each halving of the step shows, from errors at steps each half the last.

    >>> order_of([0.16, 0.01])
    [4.0]
    """
    return [float(np.log2(a / b)) for a, b in itertools.pairwise(errors)]


def spring_orders(method: Method) -> list[float]:
    """Give the orders at which the end of each year, and what a year adds up to, come near the closed form."""
    model = assemble([spring])
    inputs = Inputs(1, 5, {"position_at_start": 1.0, "frequency": 0.7}, {})
    where, moved = Reading("position", "year end"), Reading("velocity", "over the year")
    time = np.arange(1.0, 6.0)
    exact = {where: np.cos(0.7 * time), moved: np.cos(0.7 * time) - np.cos(0.7 * (time - 1.0))}
    runs = [integrate(model, inputs, [where, moved], method=method, step=step) for step in HALVED[method]]
    return [order for r in exact for order in order_of([float(np.abs(f[r][:, 0] - exact[r]).max()) for f in runs])]


def _farthest(orders: Sequence[float], nominal: float) -> Figure:
    return Figure(max(orders, key=lambda order: abs(order - nominal)))


def rk4_order() -> Figure:
    """Order of Runge-Kutta's method on a spring, by halving the step: the one farthest from 4."""
    return _farthest(spring_orders("rk4"), 4.0)


def euler_order() -> Figure:
    """Order of Euler's method on a spring, by halving the step: the one farthest from 1."""
    return _farthest(spring_orders("euler"), 1.0)


def indicators_of(model: Model) -> dict[str, Indicator]:
    """Give the indicators that a model, or a part of one, can compute."""
    return {n: i for n, i in model.indicators.items() if all(r.variable in model.units for r in i.readings)}


def half_step(model: Model, draws: Inputs) -> Figure:
    """Move of any indicator of the last year, or of citations, when the step is halved: largest, relative."""
    smooth = {n: i for n, i in indicators_of(model).items() if n != "citation_rank"}  # a place jumps
    keep = ["citations"] if "citations" in model.units else []
    first, other = (
        simulate(model, draws, smooth, keep, step=step, engine=best_engine()).dataset()
        for step in (DEFAULT_STEP, DEFAULT_STEP / 2.0)
    )
    return worst({str(n): moved(str(n), _last(first[n]), _last(other[n])) for n in first})


def _last(values: xr.DataArray) -> Array:
    return np.asarray(values.values[:, -1])


def moved(indicator: str, first: Array, other: Array) -> Array:
    """Give how far two values of an indicator are apart, relative to the second."""
    # What is itself a rise in per cent, and may be none, counts as that much more than a hundred.
    base = 100.0 if indicator in INDICATORS and INDICATORS[indicator].above else 0.0
    return np.asarray(np.abs((base + first) / (base + other) - 1.0))


def engines(model: Model, draws: Inputs) -> Figure | None:
    """Gap between compiled kernel and plain equations in any reading, year and draw: largest, relative."""
    if best_engine() != "fast":
        return None
    readings = _read(model)
    fast, reference = (integrate(model, draws, readings, engine=engine) for engine in ("fast", "reference"))
    gaps = {}
    for reading in readings:
        gap = np.abs(fast[reading] - reference[reading])
        gaps[reading.variable] = np.divide(gap, np.abs(reference[reading]), out=gap, where=gap != 0.0)
    return worst(gaps)


def _read(model: Model) -> list[Reading]:
    return list(dict.fromkeys(r for i in indicators_of(model).values() for r in i.readings))


def adaptive(model: Model, median: Inputs) -> Figure:
    """Gap to an adaptive solver (LSODA) in any indicator of the last year: largest, relative."""
    indicators, base = indicators_of(model), median.base_year - median.first_year
    fixed = simulate(model, median, indicators, engine="reference").dataset()
    readings = adaptively(model, median)
    exact = {n: i.value(readings, model.units, base)[-1] for n, i in indicators.items()}
    return worst({n: moved(n, _last(fixed[n]), exact[n]) for n in indicators})


def adaptively(model: Model, inputs: Inputs) -> dict[Reading, Array]:
    """Give what the indicators read of one draw, (year, 1), by LSODA, begun anew where a path bends or jumps."""
    from scipy.integrate import solve_ivp

    run, readings = Run(model, inputs), _read(model)
    totals = [r for r in readings if r.how != "year end"]
    states = np.concatenate([np.ravel(s) for s in run.initial()])
    count = len(states)
    scale = np.concatenate([np.maximum(np.abs(states), 1.0), np.ones(len(totals))])
    yearly: dict[Reading, list[Array]] = {r: [] for r in readings}
    for begin in np.arange(inputs.first_year, inputs.last_year + 1, 0.5):
        end = begin + 0.5
        if begin == round(begin):
            summed = np.zeros(len(totals))

        def rates(time: float, y: Array, end: float = end) -> Array:
            values = run.values(time, [np.array([v]) for v in y[:count]], "left" if time >= end else "right")
            changes = [np.ravel(rate) for rate in run.rates(values)]
            return np.concatenate([*changes, *(np.ravel(values[r.variable]) for r in totals)])

        y = np.concatenate([states, summed])
        solution = solve_ivp(rates, (begin, end), y, method="LSODA", rtol=1e-10, atol=1e-12 * scale)
        if not solution.success:
            return {r: np.full((inputs.last_year - inputs.first_year + 1, 1), np.nan) for r in readings}
        states, summed = solution.y[:count, -1], solution.y[count:, -1]
        if end == round(end):
            closing = run.values(end, [np.array([v]) for v in states], "left")
            for r in readings:
                yearly[r].append(np.ravel(closing[r.variable] if r.how == "year end" else summed[totals.index(r)]))
    return {r: np.array(rows) for r, rows in yearly.items()}
