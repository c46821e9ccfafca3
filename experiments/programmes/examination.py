"""Patent examination as single applications, beside the continuous chain of the core, on the same draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fiveyear import model
from fiveyear.calibration.random_numbers import generator_of_draw
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.parallel.work import Chunk
from fiveyear.model.delays import stage_ratio, stage_weights
from fiveyear.model.programmes.examination import Application, Examined, examine
from fiveyear.model.quantities import Array, Condition
from fiveyear.model.sectors.examination import STAGES

from .study import Progress, in_batches

LOT = 500  # applications that one application of the queue stands for
EXAMINERS = 20  # who get through as many lots as all examiners do
BATCH = 10  # draws that a worker takes at a time
DOMESTIC, FOREIGN = "domestic_under_examination", "foreign_under_examination"  # the core's chains, by origin
INFLOWS = ("applications", "foreign_applications")
PATHS = (DOMESTIC, FOREIGN, *INFLOWS, "examination_capacity", "examiner_effort", "examination_time", "domestic_grants")
MEASURES = ("backlog", "grants", "waiting")


@dataclass(frozen=True)
class Course:
    """What the core says of examination in some draws.

    ``times``: (time,), the steps of its run; ``paths``: by name of PATHS, (draw, time), in base units; ``grant_share``,
    ``growth``: (draw,), grants among domestic decisions, and growth of filings before the start.
    """

    times: Array
    paths: Mapping[str, Array]
    grant_share: Array
    growth: Array

    def some(self, start: int, stop: int) -> Course:
        """Give that of some of the draws."""
        paths = {n: v[start:stop] for n, v in self.paths.items()}
        return Course(self.times, paths, self.grant_share[start:stop], self.growth[start:stop])

    @property
    def years(self) -> Array:
        return np.arange(round(self.times[0]), round(self.times[-1]))

    def yearly(self, rates: Array) -> Array:
        """Give the integral of rates, (draw, time), over each year: (draw, year)."""
        pieces = 0.5 * (rates[:, 1:] + rates[:, :-1]) * np.diff(self.times)
        places = np.searchsorted(self.times, self.years - 1e-9)
        return np.asarray(np.add.reduceat(pieces, places, axis=1))

    def chain(self) -> dict[str, Array]:
        """Give what the chain says, by MEASURES, (draw, year): the queue is measured in the same way."""
        backlog = self.paths[DOMESTIC] + self.paths[FOREIGN]
        ends = np.searchsorted(self.times, self.years + 1.0 - 1e-9)
        worked_off = self.yearly(backlog / self.paths["examination_time"])
        return {
            "backlog": backlog[:, ends],
            "grants": self.yearly(self.paths["domestic_grants"]),
            "waiting": self.yearly(backlog) / worked_off,
        }


def course(ensemble: Ensemble, draws: int) -> Course:
    """Run the core, and give the course of examination in each draw."""
    inputs = ensemble.inputs(0, draws)
    trajectories = model.trajectories(ensemble.model, inputs, {}, PATHS)
    paths = {n: np.broadcast_to(trajectories[n].values, (draws, trajectories.sizes["moment"])) for n in PATHS}
    share, growth = (
        np.broadcast_to(np.asarray(inputs.parameters[n], dtype=float), (draws,))
        for n in ("domestic_grant_share", "filing_growth_before_start")
    )
    return Course(trajectories["moment"].values, paths, share, growth)


def queues(
    of: Course, seed: int, oldest_first: bool, workers: int, progress: Progress | None = None
) -> dict[str, Array]:
    """Simulate the queue in each draw, and give what it measures, by MEASURES: (draw, year)."""
    task = partial(_task, of, seed, oldest_first)
    measures = np.concatenate(in_batches(task, len(of.growth), BATCH, workers, progress))
    return {name: measures[:, n] for n, name in enumerate(MEASURES)}


def _task(of: Course, seed: int, oldest_first: bool, chunk: Chunk) -> Array:
    some = of.some(chunk.start, chunk.stop)
    return np.array([queue(some, n, seed, chunk.start + n, oldest_first) for n in range(chunk.stop - chunk.start)])


def queue(of: Course, place: int, seed: int, draw: int, oldest_first: bool) -> Array:
    """Simulate the queue of one draw, and give what it measures: (measure, year)."""
    random = generator_of_draw(seed, "programmes examination", draw)
    applications = _filed(of, place, random)
    times = of.times
    decided = of.paths["examination_capacity"][place] * of.paths["examiner_effort"][place] / LOT
    paces = (decided * STAGES / EXAMINERS).tolist()
    start, step = float(times[0]), float(times[1] - times[0])

    def pace(date: float) -> float:
        n = min(int((date - start) / step), len(paces) - 2)
        within = (date - start) / step - n
        return float(paces[n] + within * (paces[n + 1] - paces[n]))

    picks = None if oldest_first else _numbers(random.random)
    demands = _numbers(random.standard_exponential)
    examination = examine(applications, EXAMINERS, STAGES, pace, demands, picks, start, float(times[-1]))
    return _measured(of, place, applications, examination, random)


def _numbers(draw: object) -> Iterator[float]:
    while True:
        yield from draw(4096).tolist()  # type: ignore[operator]


def _filed(of: Course, place: int, random: np.random.Generator) -> list[Application]:
    """Give what waits at the start, with its age and the steps behind it, and what is filed later, in order."""
    applications: list[Application] = []
    start, time = of.times[0], of.paths["examination_time"][place, 0]
    growth = of.growth[place]
    weights = np.array(stage_weights(stage_ratio(growth, time, STAGES), STAGES))
    for origin, (waiting, inflow) in enumerate(zip((DOMESTIC, FOREIGN), INFLOWS, strict=True)):
        holds = of.paths[waiting][place, 0] / LOT * weights / weights.sum()
        for steps, content in enumerate(holds):
            count = int(content + random.random())  # its mean is the content
            # The age of what is in a stage, after filings have grown at one rate for ever.
            ages = random.gamma(steps + 1, 1.0 / (STAGES / time + growth), count)
            applications += [Application(start - age, origin, steps) for age in ages.tolist()]
        rates = of.paths[inflow][place] / LOT
        counts = random.poisson(0.5 * (rates[1:] + rates[:-1]) * np.diff(of.times))
        dates = np.repeat(of.times[:-1], counts) + np.repeat(np.diff(of.times), counts) * random.random(counts.sum())
        applications += [Application(date, origin) for date in dates.tolist()]
    return sorted(applications)


def _measured(
    of: Course, place: int, applications: Sequence[Application], examination: Examined, random: np.random.Generator
) -> Array:
    """Measure the queue as the chain is measured: waiting is the time in which its steps work off what there is."""
    years = of.years
    edges = np.append(years, years[-1] + 1).astype(float)
    filed = np.array([a.filed for a in applications])
    decided = np.array([d.decided for d in examination.decisions])
    backlog = np.searchsorted(filed, edges[1:]) - np.searchsorted(decided, edges[1:])
    # Years that applications wait in each year: those filed, less those decided, before each date, integrated.
    waited = [
        np.clip(edges[n + 1] - filed, 0.0, 1.0).sum() - np.clip(edges[n + 1] - decided, 0.0, 1.0).sum()
        for n in range(len(years))
    ]
    steps = np.diff(np.searchsorted(np.array(examination.steps), edges))
    domestic = np.array([d.decided for d in examination.decisions if d.application.origin == 0])
    granted = domestic[random.random(len(domestic)) < of.grant_share[place]]
    grants = np.diff(np.searchsorted(granted, edges))
    return np.array([backlog * LOT, grants * LOT, np.array(waited) * STAGES / np.maximum(steps, 1)])


@dataclass(frozen=True)
class Difference:
    """How the queue differs from the chain in one year: means, and the difference in %, with its standard error."""

    chain: float
    queue: float
    percent: float
    error: float


def differences(of: Course, queue: Mapping[str, Array], some: Condition) -> dict[str, dict[int, Difference]]:
    """Compare means over some of the draws, (draw,), by MEASURES and year."""
    chain = of.chain()
    by_measure: dict[str, dict[int, Difference]] = {}
    for name in MEASURES:
        predicted, measured = chain[name][some], queue[name][some]
        mean = predicted.mean(axis=0)
        gap = measured - predicted
        errors = 100.0 * gap.std(axis=0, ddof=1) / np.sqrt(len(gap)) / mean
        percents = 100.0 * gap.mean(axis=0) / mean
        rows = zip(mean.tolist(), measured.mean(axis=0).tolist(), percents.tolist(), errors.tolist(), strict=True)
        by_measure[name] = {int(y): Difference(*row) for y, row in zip(of.years, rows, strict=True)}
    return by_measure


def floor_effect(of: Course) -> Array:
    """Give by how much the core's floor lengthens the time to a decision at the most, as a share: (draw,).

    The queue has none: examiners with nothing else to do take up an application at once.
    """
    paths = of.paths
    bare = (paths[DOMESTIC] + paths[FOREIGN]) / (paths["examination_capacity"] * paths["examiner_effort"])
    return np.asarray((paths["examination_time"] / bare - 1.0).max(axis=1))
