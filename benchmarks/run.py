"""Time the simulator: ``make bench``. Prints medians of several rounds, and ratios taken side by side in one run."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from fiveyear import model
from fiveyear.calibration import posterior
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.model import INDICATORS, Engine
from fiveyear.scenarios import load_plan, load_scenario

ROUNDS = 5
BATCH = 20_000
SINGLE = 20
WALKERS = 32
COMMAND = str(Path(sys.executable).parent / "fiveyear")
FIRST_ANSWER = "import fiveyear as fy; fy.reach('plan', draws=2_000)"


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def one_at_a_time(plan: Ensemble, engine: Engine) -> None:
    """Run some draws the way most tools do: each as a run of its own."""
    every = plan.inputs(0, SINGLE)
    for draw in range(SINGLE):
        model.simulate(plan.model, every.block(draw, draw + 1), INDICATORS, engine=engine)


def engines(plan: Ensemble) -> None:
    """Compare a batch with one run at a time, round by round, on both engines."""
    every = plan.inputs(0, BATCH)
    rates: dict[Engine, list[float]] = {"fast": [], "reference": []}
    ratios: dict[Engine, list[float]] = {"fast": [], "reference": []}
    one_at_a_time(plan, "fast")  # compiles
    for _ in range(ROUNDS):
        for engine, found in rates.items():
            found.append(BATCH / seconds(partial(model.simulate, plan.model, every, INDICATORS, engine=engine)))
            ratios[engine].append(found[-1] * seconds(partial(one_at_a_time, plan, engine)) / SINGLE)
    for engine, found in rates.items():
        one = statistics.median(ratios[engine])
        print(f"{engine} engine, one core, RK4: {statistics.median(found):,.0f} draws a second")
        print(f"  {one:,.0f} x one run at a time (rounds {min(ratios[engine]):,.0f} to {max(ratios[engine]):,.0f})")


def slopes() -> None:
    """Compare the slopes of the posterior with runs of the model, as many as differences would take."""
    problem = posterior.evidence(load_plan("twelfth"), "july2011").problem()
    count = len(problem.names)
    z = 0.1 * np.random.default_rng(1).standard_normal((WALKERS, count))
    by_differences = np.repeat(z, count + 1, axis=0)
    problem.slopes(z)  # compiles
    exact, runs, ratios = [], [], []
    for _ in range(4 * ROUNDS):
        exact.append(seconds(partial(problem.slopes, z)) / WALKERS)
        runs.append(seconds(partial(problem.residuals, z)) / WALKERS)
        ratios.append(seconds(partial(problem.residuals, by_differences)) / WALKERS / exact[-1])
    one, run, ratio = (statistics.median(times) for times in (exact, runs, ratios))
    print(f"slopes of the posterior by {count} numbers: {1e6 * one:,.0f} us, {one / run:.1f} x a likelihood")
    print(f"  {ratio:.1f} x sooner than by differences (rounds {min(ratios):.1f} to {max(ratios):.1f})")


def command(what: str, *call: str, rounds: int = ROUNDS) -> None:
    """Time a command from a cold start."""
    times = [seconds(lambda: subprocess.run(call, check=True, capture_output=True)) for _ in range(rounds)]
    print(f"{what}: {statistics.median(times):.2f} s (rounds {min(times):.2f} to {max(times):.2f})")


def memory() -> None:
    """Measure the peak memory of a large ensemble; last, since it is the largest child so far."""
    call = [COMMAND, "reach", "behavioural", "--draws", "100000", "--json"]
    subprocess.run(call, check=True, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    print(f"fiveyear reach behavioural --draws 100000: peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    engines(ensemble(load_scenario("plan"), None, 2011))
    slopes()
    command("fiveyear --help", COMMAND, "--help", rounds=9)
    command(f'python -c "{FIRST_ANSWER}"', sys.executable, "-c", FIRST_ANSWER, rounds=9)
    command("fiveyear reach (plan and behavioural, 20,000 draws each)", COMMAND, "reach")
    memory()
