"""Simulation-based calibration (Talts et al. 2018): ``python benchmarks/simulated.py``.

Each replicate draws parameters from the prior, makes the facts they would have led to, fits these, samples, and ranks
the true parameters among the draws. Where fit, sampler and likelihood are right, ranks are uniform, and nine in ten
of the true values lie in intervals of 90 %. What is done is kept in docs/simulated.csv, and gone on with on whatever
machine, unless facts, priors, model or sampler have changed; when all are done, docs/simulated.md is written. The tests
use the same functions: tests/calibration/test_simulated.py.
"""

from __future__ import annotations

import argparse
import copy
import csv
import hashlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from fiveyear.calibration import information, offset, posterior, sampler
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.fit import Fit, Problem, fit
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan

DOCUMENT = Path(__file__).parents[1] / "docs" / "simulated.md"
KEPT = DOCUMENT.with_suffix(".csv")
REPLICATES, SEED, FACTS = 500, 2011, "july2011"
STEPS = 150  # of one ensemble: some hundred independent draws or more
DRAWS = sampler.SETS - 1  # ranks from 0 to 639, in bins of forty
SIZE, ROWS = 16, 5_000  # replicates of a batch, and latent numbers that it asks about at once
BINS = 16
INSIDE = ((DRAWS + 1) // 20, DRAWS - (DRAWS + 1) // 20)  # ranks in the central 90 %
LEVEL = 0.01  # of the test that ranks are uniform, over all parameters (Holm 1979)
HEAD = """\
# Simulation-based calibration

Made by `make simulated`: {count} times, parameters of the twelfth plan are drawn from the prior, the facts of
`{information_set}` are made from them, with errors and rounding, and fitted; the true values are ranked among {draws}
draws of the posterior (Talts et al. 2018). Right fits give uniform ranks.
"""


@dataclass(frozen=True)
class Replica(Problem):
    """A problem with other figures of the same facts; the given Series stay those of the facts."""

    figures: tuple[float, ...] = ()
    batch: Batch | None = None  # that answers for it
    place: int = 0  # there

    @cached_property
    def observations(self) -> tuple[Fact, ...]:
        """The facts with these figures."""
        told = vars(Problem)["observations"].func(self)
        return tuple(replace(f, value=v) for f, v in zip(told, self.figures, strict=True))

    def residuals(self, z: Array) -> Array:
        """Give the residuals of a problem, by the batch if there is one."""
        return self.batch.ask(self, "residuals", z) if self.batch else super().residuals(z)

    def slopes(self, z: Array) -> Array:
        """Give the slopes of a problem, by the batch if there is one."""
        return self.batch.ask(self, "slopes", z) if self.batch else super().slopes(z)


class Asked(NamedTuple):
    """What a replica asks its batch: residuals or slopes, at latent numbers (draw, latent), for its figures."""

    what: str
    z: Array
    figures: Array  # (draw, observation)


class Batch:
    """Replicas that are fitted in step, each in a thread of its own: when all have asked, all are answered at once.

    Eight walkers take the model a third as long as 128: to be called costs it more than to run. One thread runs at a
    time, and wakes the next: a barrier would take as long as the model.
    """

    def __init__(self, problem: Problem, size: int) -> None:
        self._problem = copy.copy(problem)  # whose figures are replaced, while others use the problem itself
        _, self._sd, self._rounding = problem._columns
        self._asked: dict[int, Asked] = {}
        self._answers: dict[int, Array] = {}
        self._going_on = list(range(size))
        self._turns = [threading.Lock() for _ in range(size)]
        for turn in self._turns[1:]:
            turn.acquire()

    def wait(self, place: int) -> None:
        """Wait for the turn of a replica."""
        self._turns[place].acquire()

    def ask(self, replica: Replica, what: str, z: Array) -> Array:
        """Give what a problem with a replica's figures gives at latent numbers, (draw, latent)."""
        figures = np.broadcast_to(replica.figures, (len(z), len(replica.figures)))
        self._asked[replica.place] = Asked(what, z, figures)
        self._pass_on(replica.place)
        self.wait(replica.place)
        return self._answers[replica.place]

    def leave(self, place: int) -> None:
        """Ask no more."""
        self._going_on.remove(place)
        if self._going_on:
            self._pass_on(place)

    def _pass_on(self, place: int) -> None:
        later = [other for other in self._going_on if other > place]
        if not later:
            self._answer()
        self._turns[(later or self._going_on)[0]].release()

    def _answer(self) -> None:
        asked, self._asked = sorted(self._asked.items()), {}
        for what in ("residuals", "slopes"):
            together: list[tuple[int, Asked]] = []
            for place, one in (request for request in asked if request[1].what == what):
                if together and sum(len(other.z) for _, other in together) + len(one.z) > ROWS:
                    self._answer_together(what, together)
                    together = []
                together.append((place, one))
            if together:
                self._answer_together(what, together)

    def _answer_together(self, what: str, asked: Sequence[tuple[int, Asked]]) -> None:
        figures = np.concatenate([one.figures for _, one in asked])
        vars(self._problem)["_columns"] = figures, self._sd, self._rounding
        with np.errstate(all="ignore"):  # walkers may be lost
            answer = getattr(self._problem, what)(np.concatenate([one.z for _, one in asked]))
        ends = np.cumsum([len(one.z) for _, one in asked])
        self._answers.update(zip((place for place, _ in asked), np.split(answer, ends[:-1]), strict=True))


@dataclass(frozen=True)
class Replicate:
    """One replicate: the rank of each true value by the name of the latent number, or why there are none."""

    number: int
    ranks: Mapping[str, int]
    fault: str = ""


def rank(true: Array, found: Fit, seed: int, steps: int = STEPS) -> list[int]:
    """Rank true latent numbers, (latent,), among draws of the posterior."""
    drawn, _ = sampler.sample(found, seed, steps=steps, ensembles=1)
    ranks: list[int] = np.sum(drawn[:DRAWS] < true, axis=0).tolist()
    return ranks


def unevenness(ranks: Sequence[int]) -> float:
    """Give the probability of ranks at least so uneven, if all are as likely (chi-squared, in bins)."""
    counts = np.bincount(np.array(ranks) * BINS // (DRAWS + 1), minlength=BINS)
    return float(stats.chisquare(counts).pvalue)


def holm(chances: dict[str, float]) -> dict[str, float]:
    """Give the chances corrected for their number (Holm 1979)."""
    corrected, least = {}, 0.0
    for place, (name, chance) in enumerate(sorted(chances.items(), key=lambda c: c[1])):
        least = max(least, min((len(chances) - place) * chance, 1.0))
        corrected[name] = least
    return corrected


def replicates(numbers: Sequence[int]) -> list[Replicate]:
    """Do some replicates, at once."""
    problem = _evidence().problem()
    batch = Batch(_evidence().problem(), len(numbers))

    def done(place: int) -> Replicate:
        batch.wait(place)
        try:
            return replicate(problem, numbers[place], batch, place)
        finally:
            batch.leave(place)

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(len(numbers)) as threads:
        return list(threads.map(done, range(len(numbers))))


def replicate(problem: Problem, number: int, batch: Batch | None = None, place: int = 0) -> Replicate:
    """Do one replicate, in its place of a batch or by itself."""
    true = np.random.default_rng([SEED, number]).standard_normal((1, len(problem.names)))
    with np.errstate(all="ignore"):
        figures = information.replicated(problem, true, SEED, f"replicate {number}")[0]
    if not np.all(np.isfinite(figures)):
        return Replicate(number, {}, "the model has no answer")
    fields = {n: getattr(problem, n) for n in ("model", "plan", "facts", "priors", "last_year")}
    replica = Replica(**fields, figures=tuple(figures.tolist()), batch=batch, place=place)
    try:
        ranks = rank(true[0], fit(replica), number)
    except (CalibrationError, np.linalg.LinAlgError) as error:
        return Replicate(number, {}, str(error))
    named = zip(problem.names, ranks, problem.informed, strict=True)
    return Replicate(number, {n: r for n, r, informed in named if informed})


def _evidence() -> posterior.Evidence:
    return posterior.evidence(load_plan("twelfth"), FACTS)


def made_from(known: posterior.Evidence) -> str:
    """Give a hash of what replicates depend on, code apart: the evidence, and the settings of the sampler."""
    settings = [sorted((n, v) for n, v in vars(of).items() if n.isupper()) for of in (sampler, offset)]
    told = repr((sorted(known.identity.items()), settings, STEPS, SEED))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def read(file: Path, made: str) -> list[Replicate]:
    """Give the replicates that a file keeps, as far as they were made from the same."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row.pop("made_from") == made]
    return [
        Replicate(int(row.pop("number")), {} if fault else {n: int(r) for n, r in row.items()}, fault)
        for row in rows
        for fault in (row.pop("fault"),)
    ]


def lines(results: Sequence[Replicate]) -> list[str]:
    """Give the document."""
    done = [r.ranks for r in results if not r.fault]
    names = list(done[0])
    chances = {n: unevenness([ranks[n] for ranks in done]) for n in names}
    corrected = holm(chances)
    covered = {n: float(np.mean([INSIDE[0] <= ranks[n] <= INSIDE[1] for ranks in done])) for n in names}
    every = float(np.mean(list(covered.values())))
    least, most = min(covered, key=lambda n: covered[n]), max(covered, key=lambda n: covered[n])
    told = [HEAD.format(count=len(done), information_set=FACTS, draws=DRAWS)]
    if faults := [r.fault for r in results if r.fault]:
        told.append(
            f"{len(faults)} more gave no figures or no fit, and are left out: {', '.join(sorted(set(faults)))}.\n"
        )
    rejected = [n for n, p in corrected.items() if p < LEVEL]
    told += [
        f"- Uniform ranks rejected at p < {LEVEL:g} after correction (Holm): {', '.join(rejected) or 'none'}.",
        f"- Intervals of 90 % hold {every:.3f} of the true values; {covered[least]:.3f} of `{least}`, the least, "
        f"and {covered[most]:.3f} of `{most}`, the most.",
    ]
    told += ["", "| latent number | p of its ranks | corrected | in the 90 % interval |", "| --- | --- | --- | --- |"]
    told += [f"| {n} | {chances[n]:.3f} | {corrected[n]:.3f} | {covered[n]:.3f} |" for n in names]
    return told


def main() -> None:
    """Do what is not done yet; write the document when all is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    asked = parser.parse_args()
    known = _evidence()
    problem, made = known.problem(), made_from(known)
    problem.slopes(np.zeros((1, len(problem.names))))  # compiles
    results = read(KEPT, made)
    names = [n for n, informed in zip(problem.names, problem.informed, strict=True) if informed]
    with KEPT.open("a" if results else "w", encoding="utf-8", newline="") as stream:
        kept = csv.DictWriter(stream, ["made_from", "number", "fault", *names], lineterminator="\n")
        if not results:
            kept.writeheader()
        todo = sorted(set(range(asked.replicates)) - {r.number for r in results})
        with ProcessPoolExecutor(2) as pool:
            for done in as_completed([pool.submit(replicates, todo[i : i + SIZE]) for i in range(0, len(todo), SIZE)]):
                for one in done.result():
                    kept.writerow({"made_from": made, "number": one.number, "fault": one.fault, **one.ranks})
                    results.append(one)
                stream.flush()
                print(f"{len(results)} of {asked.replicates}", flush=True)
    told = lines(sorted(results, key=lambda r: r.number))
    print("\n".join(told))
    if asked.replicates == REPLICATES:
        DOCUMENT.write_text("\n".join(told) + "\n", "utf-8")
        print(f"written: {DOCUMENT}")


if __name__ == "__main__":
    main()
