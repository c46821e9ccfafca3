"""Replications of a portfolio: each draw simulated, and what is kept of it."""

from __future__ import annotations

import gc
import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from fiveyear.model.programmes.diffusion import ramped, spread
from fiveyear.model.programmes.portfolio import ENDS, WORK, Event, Outcome, simulate
from fiveyear.model.quantities import Array
from fiveyear.scenarios.programme import Programme, due
from fiveyear.scenarios.programme_table import DiffusionTable

from .draws import LARGE, Draws

STEP = 0.25  # years between the dates at which what spreads is looked at
RAMPS: Mapping[str, float] = {"low": 4.0, "high": 2.0}  # years until an arrival has its whole effect


@dataclass(frozen=True)
class Replications:
    """What is kept of replications.

    ``met``: (draw, figure), when the figure of the plan was reached, inf if not by the end of the simulation;
    ``level``: (draw, figure), the number in its unit at the end of the year in which it is due; ``ends``: (draw, line,
    end), projects started, by ENDS; ``spent``: (draw, line, what), project-years during the plan, at work, waiting for
    money and for each platform; ``busy``: (draw, platform), years of places taken during the plan; ``money``: (draw,
    programme, what), appropriated, drawn, both until the plan's end, and balance at the end of the simulation, in the
    unit of ``draws.MONEY``; ``added``: (draw, ramp, year), high-tech value added by arrivals, for each year of
    the plan after its base; ``events``: (draw,), that SimPy processed.
    """

    met: Array
    level: Array
    ends: Array
    spent: Array
    busy: Array
    money: Array
    added: Array
    events: Array

    @staticmethod
    def joined(parts: list[Replications]) -> Replications:
        """Give the replications of all parts, in their order."""
        names = Replications.__dataclass_fields__
        return Replications(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


def replicate(draws: Draws) -> Replications:
    """Simulate each of the draws."""
    collects = gc.isenabled()
    gc.disable()  # what a run leaves hangs in no circle: to look for them would take as long as the run
    try:
        return Replications.joined([_kept(draws, draw, run(draws, draw)) for draw in range(draws.start, draws.stop)])
    finally:
        if collects:
            gc.enable()


def run(draws: Draws, draw: int, log: list[Event] | None = None) -> Outcome:
    """Simulate one draw."""
    plan = draws.portfolio.plan
    window = float(plan.base_year + 1), float(plan.end + 1)
    works, appropriations = draws.works(draw), draws.appropriations(draw)
    return simulate(works, draws.capacities(draw), appropriations, draws.end, window, log)


def _kept(draws: Draws, draw: int, outcome: Outcome) -> Replications:
    """Give what is kept of one draw, as a batch of one."""
    portfolio, plan = draws.portfolio, draws.portfolio.plan
    met, level, ends, spent, money = [], [], [], [], []
    appropriations = draws.appropriations(draw)
    years = plan.end - plan.base_year
    added = np.zeros((len(RAMPS), years))
    middles = plan.base_year + 1.5 + np.arange(years, dtype=float)
    for programme in portfolio.programmes.values():
        for figure in programme.figures:
            if figure in programme.table.deliverables:
                attainment = _count(draws, draw, programme, figure, outcome)
                added += _added(programme, figure, outcome, middles)
            else:
                attainment = _spread(draws, draw, programme, figure, outcome)
            met.append(attainment[0])
            level.append(attainment[1])
        for line in programme.lines.values():
            of = outcome.lines[line.name]
            ends.append([of.ends[how] for how in ENDS])
            whats = (WORK, programme.name, *portfolio.platforms)
            spent.append([of.spent.get(what, 0.0) for what in whats])
        given = sum(amount for time, amount in appropriations[programme.name] if time <= plan.end)
        payments = outcome.payments[programme.name]
        left = sum(map(itemgetter(1), payments[: bisect_left(payments, (plan.end + 1,))]))
        money.append([given, given - left, outcome.balance[programme.name]])
    busy = [outcome.busy[name] for name in portfolio.platforms]
    # Of programmes whose figures only spread there are no lines, and no rows.
    by_line = np.reshape(ends, (-1, len(ENDS))), np.reshape(spent, (-1, 2 + len(portfolio.platforms)))
    parts = (met, level, *by_line, busy, money, added, outcome.events)
    return Replications(*(np.asarray(part, dtype=float)[None] for part in parts))


def _count(draws: Draws, draw: int, programme: Programme, figure: str, outcome: Outcome) -> tuple[float, float]:
    """Give when a count was reached, and the count at the end of the year in which it is due."""
    wanted, table = programme.figures[figure], programme.table.deliverables[figure]
    arrivals = _arrivals(programme, table.line, table.stage, outcome)
    each = draws.value(draw, programme, f"deliverables.{figure}.each", table.each)
    assert wanted.low is not None
    needed = math.ceil(wanted.low / each - 1e-9)
    met = arrivals[needed - 1] if needed <= len(arrivals) else math.inf
    return met, each * bisect_left(arrivals, due(wanted) + 1)


def _arrivals(programme: Programme, line: str, stage: str | None, outcome: Outcome) -> list[float]:
    """Give when projects of a line passed a stage, or, without one, arrived."""
    line_outcome = outcome.lines[programme.lines[line].name]
    if stage is None:
        return line_outcome.delivered
    return line_outcome.passed[[s.name for s in programme.lines[line].stages].index(stage)]


def _spread(draws: Draws, draw: int, programme: Programme, figure: str, outcome: Outcome) -> tuple[float, float]:
    """Give when a level was reached, and the level at the end of the year in which it is due."""
    wanted, table = programme.figures[figure], programme.table.diffusions[figure]
    start = draws.portfolio.plan.base_year + 1
    dates = np.arange(start, draws.end + 0.5 * STEP, STEP)
    levels = levels_of(draws, draw, programme, figure, table, outcome, dates)
    assert wanted.low is not None
    reached = np.flatnonzero(levels >= wanted.low)
    met = float(dates[reached[0]]) if reached.size else math.inf
    return met, float(levels[round((due(wanted) + 1 - start) / STEP)])


def levels_of(
    draws: Draws, draw: int, programme: Programme, figure: str, table: DiffusionTable, outcome: Outcome, dates: Array
) -> Array:
    """Give what spreads at some dates, (date,), in the unit of the plan's figure; delays slow its growth, too."""
    key = f"diffusions.{figure}"
    factor = draws.factors[programme.name][draw - draws.start]
    growth = draws.value(draw, programme, f"{key}.growth", table.growth) / factor
    years = dates - (draws.portfolio.plan.base_year + 1)
    ceiling = table.ceiling and draws.value(draw, programme, f"{key}.ceiling", table.ceiling)
    if table.base is None:
        levels = 100.0 * (spread(np.array(1.0), growth, years) - 1.0)
    else:
        base = draws.value(draw, programme, f"{key}.base", table.base)
        levels = spread(np.array(base), growth, years, ceiling)
    if lift := table.lift:
        each, ramp = (draws.value(draw, programme, f"{key}.lift.{n}", getattr(lift, n)) for n in ("each", "ramp"))
        levels = levels + each * ramped(np.array(_arrivals(programme, lift.line, None, outcome)), dates, ramp)
    return levels if ceiling is None else np.minimum(levels, ceiling)


def _added(programme: Programme, figure: str, outcome: Outcome, dates: Array) -> Array:
    """Give the value added by arrivals that count for a figure, (ramp, date), a year."""
    table = programme.table.deliverables[figure]
    if table.value_added is None:
        return np.zeros((len(RAMPS), len(dates)))
    arrivals = np.array(_arrivals(programme, table.line, table.stage, outcome))
    each = {"low": table.value_added.low, "high": table.value_added.high}
    return np.array([each[n] * LARGE * ramped(arrivals, dates, ramp) for n, ramp in RAMPS.items()])
