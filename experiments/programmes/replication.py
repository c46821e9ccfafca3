"""Replications of a portfolio: each draw simulated, and what is kept of it."""

from __future__ import annotations

import gc
import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from fiveyear.model.programmes.diffusion import ramped, spread
from fiveyear.model.programmes.portfolio import never_full, never_short, simulate
from fiveyear.model.programmes.works import ENDS, WORK, Event, Outcome, Work
from fiveyear.model.quantities import Array
from fiveyear.scenarios.programme import Programme, due
from fiveyear.scenarios.programme_table import DiffusionTable
from fiveyear.scenarios.register import Figure

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
    with without_collector():
        return Replications.joined([_kept(draws, draw, run(draws, draw)) for draw in range(draws.start, draws.stop)])


@contextmanager
def without_collector() -> Iterator[None]:
    """Look for no circles: what a run leaves hangs in none, and to look for them would take as long as the run."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def run(draws: Draws, draw: int, log: list[Event] | None = None) -> Outcome:
    """Simulate one draw."""
    works, appropriations = draws.works(draw), draws.appropriations(draw)
    by_account: dict[str, list[Work]] = {}
    for work in works:
        by_account.setdefault(work.line.account, []).append(work)
    ample = {n for n, theirs in by_account.items() if never_short(theirs, appropriations[n], draws.end)}
    return _simulated(draws, draw, works, appropriations, ample, log)


def run_line(draws: Draws, draw: int, programme: Programme, line: str) -> Outcome:
    """Simulate one draw of a line, and of the others only what can make it wait: its own outcome is the same."""
    appropriations = draws.appropriations(draw)
    works, ample = linked(draws, draw, programme, line, appropriations)
    accounts = {work.line.account for work in works}
    return _simulated(draws, draw, works, {n: a for n, a in appropriations.items() if n in accounts}, ample)


def linked(
    draws: Draws, draw: int, programme: Programme, line: str, appropriations: Mapping[str, list[tuple[float, int]]]
) -> tuple[list[Work], set[str]]:
    """Give the works of a line and of all that moves it in this draw, in order, and the accounts that are never short.

    Those are the lines on the same platforms, those paid for from the same account if it may be short, what moves
    these, and so on.
    """
    works: dict[str, Work] = {}

    def work(name: str) -> Work:
        if name not in works:
            works[name] = draws.work(draw, *draws.lines[name])
        return works[name]

    found, todo = set[str](), [programme.lines[line].name]
    ample: dict[str, bool] = {}
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        for platform in {stage.platform for stage in work(name).line.stages if stage.platform}:
            todo += draws.users[platform]
        payer = draws.lines[name][0]
        if any(work(name).costs) and payer.name not in ample:
            paid = [work(of.name) for of in payer.lines.values()]
            ample[payer.name] = never_short(paid, appropriations[payer.name], draws.end)
            if not ample[payer.name]:
                todo += [of.line.name for of in paid if any(of.costs)]
    return [works[name] for name in draws.lines if name in found], {name for name, enough in ample.items() if enough}


def _simulated(
    draws: Draws,
    draw: int,
    works: list[Work],
    appropriations: Mapping[str, list[tuple[float, int]]],
    ample: set[str],
    log: list[Event] | None = None,
) -> Outcome:
    plan = draws.portfolio.plan
    window = float(plan.base_year + 1), float(plan.end + 1)
    capacities = draws.capacities(draw)
    roomy = never_full(works, capacities, ample, draws.end)
    return simulate(works, capacities, appropriations, draws.end, window, log, ample, roomy)


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
                attainment = count(draws, draw, programme, figure, outcome)
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


def count(draws: Draws, draw: int, programme: Programme, figure: str, outcome: Outcome) -> tuple[float, float]:
    """Give when a count was reached, and the count at the end of the year in which it is due."""
    promised, table = programme.figures[figure], programme.table.deliverables[figure]
    arrivals = _arrivals(programme, table.line, table.stage, outcome)
    needed = wanted(draws, draw, programme, promised)
    met = arrivals[needed - 1] if needed <= len(arrivals) else math.inf
    each = draws.value(draw, programme, f"deliverables.{figure}.each", table.each)
    return met, each * bisect_left(arrivals, due(promised) + 1)


def wanted(draws: Draws, draw: int, programme: Programme, figure: Figure) -> int:
    """Give how many arrivals it takes for a count to be reached."""
    usual = programme.table.deliverables[figure.id].each
    each = draws.value(draw, programme, f"deliverables.{figure.id}.each", usual)
    assert figure.low is not None
    return math.ceil(figure.low / each - 1e-9)


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
