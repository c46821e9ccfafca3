"""Simulation-based calibration (Talts et al. 2018): ``python benchmarks/simulated.py``.

Each replicate draws parameters from the prior, makes the facts they would have led to, fits these, samples, and ranks
the true parameters among the draws. Where fit, sampler and likelihood are right, ranks are uniform, and nine in ten
of the true values lie in intervals of 90 %. What is done is kept in results/ and gone on with; when all are done,
docs/simulated.md is written. The tests use the same functions: tests/calibration/test_simulated.py.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from fiveyear import model
from fiveyear.calibration import information, posterior, sampler
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.fit import Fit, Problem, fit
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan

DOCUMENT = Path(__file__).parents[1] / "docs" / "simulated.md"
KEPT = Path(__file__).parents[1] / "results" / "simulated.jsonl"
REPLICATES, SEED = 500, 2011
STEPS = 150  # of one ensemble: some hundred independent draws or more
DRAWS = 63  # ranks from 0 to 63, in bins of four
BINS = 16
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

    @cached_property
    def observations(self) -> tuple[Fact, ...]:
        """The facts with these figures."""
        told = vars(Problem)["observations"].func(self)
        return tuple(replace(f, value=v) for f, v in zip(told, self.figures, strict=True))


def rank(true: Array, found: Fit, seed: int, steps: int = STEPS) -> tuple[list[int], list[bool]]:
    """Rank true latent numbers, (latent,), among draws of the posterior; tell which lie in the central 90 %."""
    drawn, _ = sampler.sample(found, seed, steps=steps, ensembles=1)
    some = drawn[np.linspace(0, len(drawn) - 1, DRAWS).astype(int)]
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return np.sum(some < true, axis=0).tolist(), ((low <= true) & (true <= high)).tolist()


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


def replicate(number: int, information_set: str) -> dict[str, Any]:
    """Do one replicate: ranks and coverage by the name of the latent number, or why there are none."""
    problem = _problem(information_set)
    true = np.random.default_rng([SEED, number]).standard_normal((1, len(problem.names)))
    with np.errstate(all="ignore"):
        figures = information.replicated(problem, true, SEED, f"replicate {number}")[0]
    if not np.all(np.isfinite(figures)):
        return {"number": number, "fault": "the model has no answer"}
    fields = {n: getattr(problem, n) for n in ("model", "plan", "facts", "priors", "last_year")}
    try:
        found = fit(Replica(**fields, figures=tuple(figures.tolist())))
        ranks, covered = rank(true[0], found, number)
    except (CalibrationError, np.linalg.LinAlgError) as error:
        return {"number": number, "fault": str(error)}
    names = [n for n, informed in zip(problem.names, problem.informed, strict=True) if informed]
    told = dict(zip(problem.names, zip(ranks, covered, strict=True), strict=True))
    return {"number": number, "ranks": {n: told[n][0] for n in names}, "covered": {n: told[n][1] for n in names}}


def _problem(information_set: str) -> Problem:
    return posterior.evidence(load_plan("twelfth"), information_set, model.load()).problem()


def lines(results: Sequence[dict[str, Any]], information_set: str) -> list[str]:
    """Give the document."""
    done = [r for r in results if "ranks" in r]
    names = list(done[0]["ranks"])
    chances = {n: unevenness([r["ranks"][n] for r in done]) for n in names}
    corrected = holm(chances)
    covered = {n: float(np.mean([r["covered"][n] for r in done])) for n in names}
    every = float(np.mean(list(covered.values())))
    least, most = min(covered, key=lambda n: covered[n]), max(covered, key=lambda n: covered[n])
    told = [HEAD.format(count=len(done), information_set=information_set, draws=DRAWS)]
    if faults := [r["fault"] for r in results if "fault" in r]:
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
    parser.add_argument("--facts", default="july2011")
    asked = parser.parse_args()
    KEPT.parent.mkdir(exist_ok=True)
    _problem(asked.facts).residuals(np.zeros((1, len(_problem(asked.facts).names))))  # compiles
    results = [json.loads(line) for line in KEPT.read_text().splitlines()] if KEPT.exists() else []
    todo = sorted(set(range(asked.replicates)) - {r["number"] for r in results})
    with ProcessPoolExecutor(2) as pool, KEPT.open("a") as kept:
        for done in as_completed([pool.submit(partial(replicate, information_set=asked.facts), i) for i in todo]):
            results.append(done.result())
            print(json.dumps(results[-1]), file=kept, flush=True)
            if len(results) % 10 == 0:
                print(f"{len(results)} of {asked.replicates}", flush=True)
    told = lines(sorted(results, key=lambda r: r["number"]), asked.facts)
    print("\n".join(told))
    if asked.replicates == REPLICATES:
        DOCUMENT.write_text("\n".join(told) + "\n", "utf-8")
        print(f"written: {DOCUMENT}")


if __name__ == "__main__":
    main()
