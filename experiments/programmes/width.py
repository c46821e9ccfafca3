"""How many projects it takes to start in parallel for a figure to be reached with a probability of .8."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fiveyear.experiments.parallel.work import Chunk
from fiveyear.model.programmes.portfolio import Line
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios.programme import Portfolio, Programme, due
from fiveyear.scenarios.programme_table import MOST_STARTS
from fiveyear.scenarios.register import Figure

from .draws import Draws
from .replication import replicate
from .study import Progress, Study, figures, in_batches, line_place, most_waited_for

WANTED = 0.8  # the probability
DRAWS = 200  # that a width is tried on: its probability has a standard error of some .03
WIDER = 1.3  # the step by which more is tried where queues eat up what is added
TRIES = 6


@dataclass(frozen=True)
class Width:
    """The projects of a line that have to start for a figure to be reached with a probability of .8.

    ``unhindered``: if neither money nor places were ever short, None if not even ten thousand do; ``needed``: with the
    queues that they make, None if no width tried does. The rest is of the width needed, or else of the best tried.
    """

    unhindered: int | None
    needed: int | None
    best: int
    probability: float
    held_up_by: str  # what the line waits for most, money or a platform
    waiting: float  # share of the line's project-years during the plan


def widths(study: Study, workers: int, progress: Progress | None = None) -> dict[str, Width]:
    """Give the width needed for each counted figure of the programmes asked for, by id; a single project has none."""
    counted = [f for f in figures(study.portfolio) if f[0].name in study.asked and f[1].modelled_as == "portfolio"]
    names = [(programme.name, figure.id) for programme, figure in counted]
    task = partial(_task, study.portfolio, study.seed, study.government[:DRAWS], names)
    by_place = in_batches(task, len(names), 1, workers, progress)
    return {figure: wide for (_, figure), wide in zip(names, by_place, strict=True)}


def _task(portfolio: Portfolio, seed: int, government: Array, names: Sequence[tuple[str, str]], chunk: Chunk) -> Width:
    of, figure = names[chunk.start]
    programme = portfolio.programmes[of]
    return width(portfolio.among([of]), seed, government, programme, programme.figures[figure])


def width(portfolio: Portfolio, seed: int, government: Array, programme: Programme, figure: Figure) -> Width:
    """Give the width that one figure needs; all other lines start what their files say."""
    line = programme.table.deliverables[figure.id].line
    count = len(government)
    draws = Draws(portfolio, seed, 0, count, government)
    free = unhindered(draws, programme, figure)
    place = [f.id for _, f in figures(portfolio)].index(figure.id)
    at_line = line_place(portfolio, programme, line)
    best = Width(free, None, 0, -1.0, "", 0.0)
    starts = min(free or MOST_STARTS, 4 * int(programme.table.lines[line].starts.high))
    for _ in range(TRIES):
        wide = Draws(portfolio, seed, 0, count, government, {(programme.name, line): starts})
        replications = replicate(wide)
        chance = float(np.mean(replications.met[:, place] < due(figure) + 1))
        what, waiting, _ = most_waited_for(portfolio, replications.spent[:, at_line].sum(axis=0))
        if chance >= WANTED:
            return Width(free, starts, starts, chance, what, waiting)
        if chance <= best.probability:
            break  # queues eat up more than is added
        best = Width(free, None, starts, chance, what, waiting)
        starts = min(math.ceil(starts * WIDER), MOST_STARTS)
    return best


def unhindered(draws: Draws, programme: Programme, figure: Figure) -> int | None:
    """Give the width that is enough in eight of ten draws if nothing ever waits; None beyond ``MOST_STARTS``."""
    table = programme.table.deliverables[figure.id]
    line = programme.lines[table.line]
    last = len(line.stages) if table.stage is None else [s.name for s in line.stages].index(table.stage)
    count = 2 * int(programme.table.lines[table.line].starts.high)
    while True:
        needed = []
        for draw in range(draws.start, draws.stop):
            begins, years, passes = draws.projects(draw, programme, table.line, count)
            arrive = arrivals(line, begins, years, passes, last)
            each = draws.value(draw, programme, f"deliverables.{figure.id}.each", table.each)
            assert figure.low is not None
            wanted = math.ceil(figure.low / each - 1e-9)
            in_time = np.flatnonzero(arrive < due(figure) + 1)
            needed.append(int(in_time[wanted - 1]) + 1 if len(in_time) >= wanted else math.inf)
        quantile = np.quantile(needed, WANTED, method="inverted_cdf")
        if np.isfinite(quantile):
            return int(quantile)
        if count == MOST_STARTS:
            return None
        count = min(2 * count, MOST_STARTS)


def arrivals(line: Line, begins: Array, years: Array, passes: Condition, last: int) -> Array:
    """Give when projects pass a stage, or all of them (``last``: how many), if nothing waits; inf if they do not.

    Parameters
    ----------
    begins : (project,); years, passes : (project, stage)
    """
    ends: dict[int, Array] = {}

    def end(stage: int) -> Array:
        if stage not in ends:
            before = line.stages[stage].after
            ready = np.max([end(s) for s in before], axis=0) if before else begins
            ends[stage] = np.where(passes[:, stage], ready + years[:, stage], np.inf)
        return ends[stage]

    stages = range(len(line.stages)) if last == len(line.stages) else (last,)
    return np.asarray(np.max([end(s) for s in stages], axis=0))
