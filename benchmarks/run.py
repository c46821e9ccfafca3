"""Time the simulator: ``make bench``. Prints medians of several rounds, and ratios taken side by side in one run."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fiveyear import model
from fiveyear.experiments.ensemble import Ensemble, ensemble
from fiveyear.model import INDICATORS
from fiveyear.scenarios import load_scenario

ROUNDS = 5
BATCH = 20_000
SINGLE = 20
COMMAND = Path(sys.executable).parent / "fiveyear"


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def one_at_a_time(plan: Ensemble) -> None:
    """Run some draws the way most tools do: each as a run of its own."""
    every = plan.inputs(0, SINGLE)
    for draw in range(SINGLE):
        model.simulate(plan.model, every.block(draw, draw + 1), INDICATORS)


def engine(plan: Ensemble) -> None:
    """Compare a batch with one run at a time, round by round."""
    every = plan.inputs(0, BATCH)
    rates, ratios = [], []
    for _ in range(ROUNDS):
        batch = BATCH / seconds(lambda: model.simulate(plan.model, every, INDICATORS))
        single = SINGLE / seconds(lambda: one_at_a_time(plan))
        rates.append(batch)
        ratios.append(batch / single)
    print(f"engine, reference, one core, RK4: {statistics.median(rates):,.0f} draws a second")
    print(f"  {statistics.median(ratios):,.0f} x one run at a time (rounds {min(ratios):,.0f} to {max(ratios):,.0f})")


def command(what: str, *arguments: str, rounds: int = ROUNDS) -> None:
    """Time a command from a cold start."""
    call = [str(COMMAND), *arguments]
    times = [seconds(lambda: subprocess.run(call, check=True, capture_output=True)) for _ in range(rounds)]
    print(f"{what}: {statistics.median(times):.2f} s (rounds {min(times):.2f} to {max(times):.2f})")


def memory() -> None:
    """Measure the peak memory of a large ensemble; last, since it is the largest child so far."""
    call = [str(COMMAND), "reach", "behavioural", "--draws", "100000", "--json"]
    subprocess.run(call, check=True, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    print(f"fiveyear reach behavioural --draws 100000: peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    engine(ensemble(load_scenario("plan"), None, 2011))
    command("fiveyear --help", "--help", rounds=9)
    command("fiveyear reach (plan and behavioural, 20,000 draws each)", "reach")
    memory()
