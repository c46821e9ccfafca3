"""Conservation: nothing appears in a stock, or leaves it, but by its flows."""

from __future__ import annotations

import numpy as np

from fiveyear.model import Inputs, Model, Reading, integrate
from fiveyear.model.reference import Run

from .check import Figure, worst


def stocks(model: Model, draws: Inputs) -> Figure:
    """Largest gap between a stock's change in a year and its flows, over the stock and its flows."""
    flows = {n: (s.inflows, s.outflows) for n, s in model.stocks.items()}
    flows |= {n: ((c.inflow,), (c.outflow,)) for n, c in model.chains.items()}
    levels = {n: Reading(n, "year end") for n in flows}
    totals = {f: Reading(f, "over the year") for pair in flows.values() for f in (*pair[0], *pair[1])}
    readings = integrate(model, draws, [*levels.values(), *totals.values()])
    run = Run(model, draws)
    start = run.values(float(draws.first_year), run.initial())
    gaps = {}
    for name, (inflows, outflows) in flows.items():
        level = np.concatenate([[start[name]], readings[levels[name]]])
        gained = sum(readings[totals[f]] for f in inflows) - sum(readings[totals[f]] for f in outflows)
        scale = np.abs(level[:-1]) + sum(np.abs(readings[totals[f]]) for f in (*inflows, *outflows))
        gap = np.abs(np.diff(level, axis=0) - gained)
        gaps[name] = np.divide(gap, scale, out=np.zeros_like(gap), where=gap != 0.0)
    return worst(gaps)


def chains(model: Model, draws: Inputs) -> Figure | None:
    """Largest gap between what a chain holds at the start and the initial value that it is given, relative."""
    if not model.chains:
        return None
    run = Run(model, draws)
    start = run.values(float(draws.first_year), run.initial())
    return worst({n: np.abs(start[n] / start[c.initial] - 1.0) for n, c in model.chains.items()})
