"""Time the portfolio of programmes and the queue of patent examination: ``make programmes``.

SimPy's own share is the time that it takes for as many bare timeouts, at the same dates, over that of the whole.
"""

from __future__ import annotations

import os
import statistics
import time

import numpy as np
import simpy

from fiveyear.experiments.ensemble import ensemble
from fiveyear.experiments.programmes.draws import Draws
from fiveyear.experiments.programmes.examination import course, queues
from fiveyear.experiments.programmes.replication import run
from fiveyear.experiments.programmes.study import replications
from fiveyear.scenarios import load_scenario
from fiveyear.scenarios.programme import load_portfolio

ROUNDS = 3
REPLICATIONS = 2000
SEED = 2011
SOME = 100  # draws whose events are timed beside bare ones


def bare(dates: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Time SimPy on timeouts at these dates, and nothing else."""
    begun = time.perf_counter()
    clock = simpy.Environment()
    for date in dates.tolist():
        simpy.Timeout(clock, date)
    clock.run()
    return time.perf_counter() - begun


def main() -> None:
    """Print replications and events a second, and the share of SimPy in it."""
    cores = len(os.sched_getaffinity(0))
    portfolio, _ = load_portfolio()
    plan = ensemble(load_scenario("plan"), None, SEED)
    government = plan.run(REPLICATIONS, ["government_rd"], indicators=[])["government_rd"].values
    draws = Draws(portfolio, SEED, 0, SOME, government[:SOME])
    shares, rates = [], []
    for _ in range(ROUNDS):
        whole = alone = 0.0
        events = 0
        for draw in range(SOME):
            begun = time.perf_counter()
            count = run(draws, draw).events
            whole += time.perf_counter() - begun
            alone += bare(np.random.default_rng(draw).uniform(2005.0, draws.end, count))
            events += count
        shares.append(alone / whole)
        rates.append(events / whole)
    projects = sum(len(work.begins) for work in draws.works(0))
    rate, share = statistics.median(rates), statistics.median(shares)
    print(f"one core: {rate:,.0f} events a second; {events / SOME:,.0f} events and some {projects:,} projects each")
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
