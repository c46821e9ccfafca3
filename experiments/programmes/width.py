"""How many projects it takes to start in parallel for a figure to be reached with a probability of .8."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from fiveyear.experiments.parallel.work import Chunk
from fiveyear.model.programmes.works import WORK, Line
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios.programme import Portfolio, Programme, due
from fiveyear.scenarios.programme_table import MOST_STARTS
from fiveyear.scenarios.register import Figure

from .draws import Draws
from .replication import count, run_line, wanted, without_collector
from .study import Progress, Study, figures, in_batches, most_waited_for

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


class Try:
    """A number of starts, on as many of the draws as it takes to tell. Draws are common: tries are compared on them."""

    def __init__(self, draws: Draws, programme: Programme, figure: Figure) -> None:
        self.draws, self.programme, self.figure = draws, programme, figure
        self.line = programme.table.deliverables[figure.id].line
        self.in_time: list[bool] = []  # of the draws looked at, whether the figure is reached
        self.spent: dict[int, dict[str, float]] = {}  # of the draws run, project-years of the line by what they went to

    def reaches(self) -> bool:
        """Say if the figure has the probability wanted: on all draws, or no more than have to fail for it not to."""
        every, missed = self.draws.stop, 0
        while len(self.in_time) < every and (every - missed) / every >= WANTED:
            draw = len(self.in_time)
            of = self.draws, draw, self.programme, self.figure
            # What is too few if nothing waits needs no run: waits only make it later.
            self.in_time.append(are_in_time(*of, self._starts).sum() >= wanted(*of) and self._run(draw))
            missed += not self.in_time[-1]
        return (every - missed) / every >= WANTED

    def surpasses(self, other: Try) -> bool:
        """Say if more of the draws that both have looked at are in time."""
        both = min(len(self.in_time), len(other.in_time))
        return sum(self.in_time[:both]) > sum(other.in_time[:both])

    def told(self, free: int | None, needed: int | None) -> Width:
        """Run the draws that are left, and give what is told of this try."""
        every = range(self.draws.stop)
        self.in_time = [self.in_time[draw] if draw in self.spent else self._run(draw) for draw in every]
        portfolio = self.draws.portfolio
        whats = (WORK, self.programme.name, *portfolio.platforms)
        spent = np.sum([[self.spent[draw].get(what, 0.0) for what in whats] for draw in every], axis=0)
        what, waiting, _ = most_waited_for(portfolio, spent)
        return Width(free, needed, self._starts, float(np.mean(self.in_time)), what, waiting)

    @property
    def _starts(self) -> int:
        return self.draws.starts[self.programme.name, self.line]

    def _run(self, draw: int) -> bool:
        """Run a draw, and say if the figure is reached in it."""
        outcome = run_line(self.draws, draw, self.programme, self.line)
        self.spent[draw] = outcome.lines[self.programme.lines[self.line].name].spent
        met, _ = count(self.draws, draw, self.programme, self.figure.id, outcome)
        return met < due(self.figure) + 1


def width(portfolio: Portfolio, seed: int, government: Array, programme: Programme, figure: Figure) -> Width:
    """Give the width that one figure needs; all other lines start what their files say."""
    line = programme.table.deliverables[figure.id].line
    # Nothing is told of what comes after the plan, or after the figure is due.
    later = max(due(figure) - portfolio.plan.end, 0)
    draws = Draws(portfolio, seed, 0, len(government), government, later=later)
    free = unhindered(draws, programme, figure)
    best: Try | None = None
    starts = min(free or MOST_STARTS, 4 * int(programme.table.lines[line].starts.high))
    with without_collector():
        for _ in range(TRIES):
            tried = Try(replace(draws, starts={(programme.name, line): starts}), programme, figure)
            if tried.reaches():
                return tried.told(free, starts)
            if best and not tried.surpasses(best):
                break  # queues eat up more than is added
            best = tried
            starts = min(math.ceil(starts * WIDER), MOST_STARTS)
        assert best
        return best.told(free, None)


def unhindered(draws: Draws, programme: Programme, figure: Figure) -> int | None:
    """Give the width that is enough in eight of ten draws if nothing ever waits; None beyond ``MOST_STARTS``."""
    line = programme.table.deliverables[figure.id].line
    count = 2 * int(programme.table.lines[line].starts.high)
    while True:
        needed = []
        for draw in range(draws.start, draws.stop):
            in_time = np.flatnonzero(are_in_time(draws, draw, programme, figure, count))
            few = wanted(draws, draw, programme, figure)
            needed.append(int(in_time[few - 1]) + 1 if len(in_time) >= few else math.inf)
        quantile = np.quantile(needed, WANTED, method="inverted_cdf")
        if np.isfinite(quantile):
            return int(quantile)
        if count == MOST_STARTS:
            return None
        count = min(2 * count, MOST_STARTS)


def are_in_time(draws: Draws, draw: int, programme: Programme, figure: Figure, count: int) -> Condition:
    """Say which of the first projects of a figure's line arrive in time for it if nothing waits: (project,)."""
    table = programme.table.deliverables[figure.id]
    line = programme.lines[table.line]
    last = len(line.stages) if table.stage is None else [s.name for s in line.stages].index(table.stage)
    begins, years, passes = draws.projects(draw, programme, table.line, count)
    return np.asarray(arrivals(line, begins, years, passes, last) < due(figure) + 1)


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
