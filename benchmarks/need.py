"""What it would take, tried: ``python benchmarks/need.py`` writes docs/need.md; exit code 1 if anything does not hold.

Random wishes that can be met, of one to three targets under two scenarios: the path is run again on other draws. Random
wishes that cannot: the relaxation that is named must be enough, and nine tenths of it must not. And the times.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import TypeVar

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.forecast.targets import groups
from fiveyear.experiments.need.limits import limits_of
from fiveyear.experiments.need.need import Relaxation, Wish
from fiveyear.model import Unit
from fiveyear.scenarios import Target, load_scenario
from fiveyear.scenarios.checks import Limit

DOCUMENT = Path(__file__).parents[1] / "docs" / "need.md"
SEED, OTHER = 2011, 4711
WISHES, IMPOSSIBLE = 30, 10
NEAR = 0.015  # to which a path has to give the chance that it promises
LEAST = 0.02  # of chance between what a scenario gives and the most: else there is nothing to wish for
T = TypeVar("T")


def timed(function: Callable[[], T]) -> tuple[T, float]:
    """Call a function, and give what it gives and the seconds that it took."""
    begun = time.perf_counter()
    return function(), time.perf_counter() - begun


def wishes(ensembles: list[Ensemble], random: Random) -> Iterator[tuple[Wish, float, float]]:
    """Yield wishes for nothing yet, with the scenario's own chance and the largest within the limits."""
    while True:
        of = random.choice(ensembles)
        with_chance = [
            t
            for t in groups(of.scenario.plan.targets)["measurable"]
            if t.unmodelled is None and not of.lacking(t.indicator) and not t.untold_under(of.scenario.cuts)
        ]
        chosen = random.sample(with_chance, random.choice([1, 1, 1, 2, 3]))
        wish = Wish(of, chosen, 0.5, limits_of(of, None, {}, {}))
        if wish.limits:
            own = wish.search.chance(np.zeros(wish.search.size))
            yield wish, own, wish.search.chance(wish.likeliest)


def possible(ensembles: list[Ensemble], random: Random) -> Iterator[list[str]]:
    """Yield a row of the table for each wish that can be met."""
    count = 0
    for wish, own, most in wishes(ensembles, random):
        if most - own < LEAST:
            continue
        wish.wished = round(random.uniform(own + LEAST / 2.0, most - LEAST / 4.0), 3)
        path, seconds = timed(wish.cheapest)
        wished = [called(wish), f"{own:.3f}", f"{wish.wished:.3f}"]
        if path is None:
            yield [*wished, "none found", "", "", f"{seconds:.1f}"]
        else:
            of = wish.scenario(path.levels)
            again = Wish(Ensemble(of, wish.ensemble.posterior, OTHER), wish.targets, wish.wished, wish.limits)
            other = again.search.chance(np.zeros(again.search.size))
            holds = "yes" if abs(other - wish.wished) <= NEAR else "no"
            yield [*wished, f"{other:.3f}", holds, f"{path.paid.total / 1e8:,.0f}", f"{seconds:.1f}"]
        count += 1
        if count == WISHES:
            return


def impossible(ensembles: list[Ensemble], random: Random) -> Iterator[list[str]]:
    """Yield a row of the table for each wish that cannot be met."""
    count = 0
    for wish, own, most in wishes(ensembles, random):
        if most > 0.97 or most - own < LEAST:
            continue
        wish.wished = round(random.uniform(most + 0.005, min(most + 0.05, 0.985)), 3)
        of, seconds = timed(wish.relaxation)
        row = [called(wish), f"{most:.3f}", f"{wish.wished:.3f}"]
        if of is None:
            continue  # no limit alone is enough
        enough, not_enough = (reaches(wish, of, part) for part in (1.0, 0.9))
        named = f"{of.kind} of {of.lever}: {of.before:g} to {of.after:g} {of.unit}"
        yield [*row, named, f"{enough:.4f}", f"{not_enough:.4f}", verdict(wish, enough, not_enough), f"{seconds:.1f}"]
        count += 1
        if count == IMPOSSIBLE:
            return


def reaches(wish: Wish, of: Relaxation, part: float) -> float:
    """Give the largest chance with a part of a relaxation."""
    units = wish.ensemble.model.units
    factor = Unit.parse(of.unit).factor_to(units[of.lever])
    wider, limit = (of.before + part * (of.after - of.before)) * factor, wish.limits[of.lever]
    numbers = {"low": limit.low, "high": limit.high, "step": limit.step} | {of.kind: wider}
    search = wish.search.of({**wish.limits, of.lever: Limit(limit.unit, **numbers)})
    return search.chance(search.likeliest(search.whole()))


def verdict(wish: Wish, enough: float, not_enough: float) -> str:
    """Tell whether a relaxation is enough, and nine tenths of it are not."""
    return "yes" if enough >= wish.wished > not_enough else "no"


def times(ensembles: list[Ensemble]) -> Iterator[list[str]]:
    """Yield how long answers take, in this process, when all is compiled."""
    plan = ensembles[0]
    targets = groups(plan.scenario.plan.targets)["measurable"]
    by_name: dict[str, Target] = {t.indicator: t for t in targets}
    one = ["planned_rd_intensity"]

    def wish(names: list[str], wished: float) -> Wish:
        return Wish(plan, [by_name[n] for n in names], wished, limits_of(plan, one, {}, {}))

    asked: dict[str, tuple[Callable[[], object], float]] = {
        "one lever that rises evenly, R&D / GDP at .8": (lambda: wish(["rd_intensity"], 0.8).straight(), 1.0),
        "five years of one lever, R&D / GDP at .8": (lambda: wish(["rd_intensity"], 0.8).cheapest(), 5.0),
        "five years of one lever, contracts at .7": (lambda: wish(["technology_market_value"], 0.7).cheapest(), 5.0),
        "the whole answer, all targets that statistics measure at .2": (
            lambda: wish(list(by_name), 0.2).answer(),
            60.0,
        ),
    }
    for what, (function, most) in asked.items():
        function()  # compiles
        seconds = float(np.median([timed(function)[1] for _ in range(3)]))
        yield [what, f"{seconds:.2f}", f"{most:g}", "yes" if seconds <= most else "no"]


def called(wish: Wish) -> str:
    """Say what is wished for."""
    return f"{wish.ensemble.scenario.name}: {', '.join(t.indicator for t in wish.targets)}"


TABLES = {
    f"{WISHES} random wishes that can be met": (
        ["scenario: targets", "own", "wished", "on other draws", f"within {NEAR}", "cost, 100M yuan", "seconds"],
        possible,
    ),
    f"{IMPOSSIBLE} random wishes that cannot": (
        ["scenario: targets", "most", "wished", "relaxation", "with it", "with nine tenths", "as it should", "seconds"],
        impossible,
    ),
}
HEAD = """\
# What it would take, tried

Written by `make need`, on two cores. The paths of `fiveyear need` for random wishes, run on 20,000 draws of another
seed than those of the search; and for wishes that cannot be met, whether the relaxation that is named is enough, and
nine tenths of it are not.
"""


def main() -> int:
    """Try all, write the page, and give the exit code."""
    ensembles = [ensemble(load_scenario(name), None, SEED) for name in ("plan", "behavioural")]
    parts, failed = [HEAD], 0
    for title, (heads, rows_of) in TABLES.items():
        rows = []
        for row in rows_of(ensembles, Random(SEED)):
            rows.append(row)
            print(" | ".join(row), flush=True)
            failed += "no" in row or "none found" in row
        parts.append(table(title, heads, rows))
    rows = list(times(ensembles))
    failed += sum("no" in row for row in rows)
    parts.append(table("Times, in this process, warm", ["what", "seconds", "asked at most", "holds"], rows))
    text = "\n".join(parts)
    print(text)
    DOCUMENT.write_text(text, encoding="utf-8")
    return int(failed > 0)


def table(title: str, heads: list[str], rows: list[list[str]]) -> str:
    """Write a table as Markdown."""
    lines = [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
    return f"## {title}\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
