"""Time the portfolio of programmes and the queue of patent examination: ``make programmes``.

SimPy's own share is the time that it takes for as many bare timeouts, at the same dates, over that of the whole.
"""

from __future__ import annotations

import gc
import os
import statistics
import time

import numpy as np
import simpy

from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.programmes.draws import Draws
from fiveyear.experiments.programmes.examination import course, queues
from fiveyear.experiments.programmes.replication import replicate
from fiveyear.experiments.programmes.study import replications
from fiveyear.scenarios import load_plan, load_scenario
from fiveyear.scenarios.programme import load_portfolio

ROUNDS = 3
REPLICATIONS = 2000
SEED = 2011
SOME = 100  # draws whose events are timed beside bare ones


def bare(dates: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Time SimPy on timeouts at these dates, and nothing else; without a collector of circles, like replications."""
    gc.disable()
    begun = time.perf_counter()
    clock = simpy.Environment()
    for date in dates.tolist():
        simpy.Timeout(clock, date)
    clock.run()
    taken = time.perf_counter() - begun
    gc.enable()
    return taken


def main() -> None:
    """Print replications and events a second, and the share of SimPy in it."""
    cores = len(os.sched_getaffinity(0))
    portfolio, _ = load_portfolio(load_plan("twelfth"))
    plan = ensemble(load_scenario("plan"), None, SEED)
    government = plan.run(REPLICATIONS, ["government_rd"], indicators=[]).dataset()["government_rd"].values
    draws = Draws(portfolio, SEED, 0, SOME, government[:SOME])
    shares, rates = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        counts = replicate(draws).events.astype(int).tolist()
        whole = time.perf_counter() - begun
        dates = [np.random.default_rng(draw).uniform(2005.0, draws.end, count) for draw, count in enumerate(counts)]
        shares.append(sum(bare(of) for of in dates) / whole)
        rates.append(sum(counts) / whole)
    projects = sum(len(work.begins) for work in draws.works(0))
    rate, share = statistics.median(rates), statistics.median(shares)
    each = f"{sum(counts) / SOME:,.0f} events and some {projects:,} projects each"
    print(f"one core: {rate:,.0f} events a second; {each}")
    print(f"  SimPy's own share of the time: {share:.0%} (rounds {min(shares):.0%} to {max(shares):.0%})")
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        replications(portfolio, SEED, government, cores)
        times.append(time.perf_counter() - begun)
    told = f"{statistics.median(times):.1f} s (rounds {min(times):.1f} to {max(times):.1f})"
    print(f"{REPLICATIONS:,} replications of all {len(portfolio.programmes)} programmes on {cores} cores: {told}")
    of = course(plan, REPLICATIONS)
    begun = time.perf_counter()
    queues(of, SEED, False, cores)
    print(f"{REPLICATIONS:,} replications of patent examination on {cores} cores: {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
