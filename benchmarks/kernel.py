"""Hold the generated kernel against C, numpy and itself: ``python benchmarks/kernel.py`` writes docs/kernel_*.md.

There is a page for each width of vectors: that of the machine it runs on is written. All rows of a table are timed
round by round in turn, so that a noisy machine disturbs them alike; ratios are taken within a round, and their median
is printed.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
from c_kernel import Kind, c_kernel
from llvmlite.binding import get_host_cpu_features  # type: ignore[import-untyped]

from fiveyear import model
from fiveyear.calibration import posterior
from fiveyear.calibration.fit import FIT_STEP
from fiveyear.experiments.ensemble import Ensemble, ensemble
from fiveyear.model import integrate
from fiveyear.model.kernel import engine
from fiveyear.model.kernel.lowering import lower
from fiveyear.model.kernel.numba_text import numba_text
from fiveyear.model.kernel.sections import sections
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import load_plan, load_scenario

DOCS = Path(__file__).parents[1] / "docs"
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "sse2": "SSE2"}  # widest first
SCENARIO, DRAWS, ROUNDS = "behavioural", 100_000, 5
BLOCK = 4_096  # draws of a call, as in an ensemble
PROCESSORS = {"x86-64-v2": "sse4.2", "x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}  # what each must have

# Times the kernel in a process of its own, compiled for another kind of processor. Prints microseconds a draw, a hash.
ELSEWHERE = """
import hashlib, pickle, sys, time
import numpy as np
from fiveyear.model.kernel.compiled import compiled
arguments, text, shape = pickle.load(open(sys.argv[1], "rb"))
found, run = np.empty(shape), compiled(text)
run(*arguments, False, found)
times = []
for _ in range(15):
    begun = time.perf_counter()
    run(*arguments, False, found)
    times.append(time.perf_counter() - begun)
print(sorted(times)[7] / shape[-1] * 1e6, hashlib.sha256(found.tobytes()).hexdigest())
"""
COMPILE = """
import pickle, sys, time
import numba
import numpy as np
from fiveyear.model.kernel.compiled import compiled
arguments, text, shape = pickle.load(open(sys.argv[1], "rb"))
begun = time.perf_counter()
compiled(text)(*arguments, False, np.empty(shape))
print(time.perf_counter() - begun)
"""


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Work:
    """All draws of a scenario as the kernel takes them, in blocks, and every way to run them."""

    def __init__(self, found: Ensemble) -> None:
        self.ensemble = found
        readings = frozenset(r for i in found.indicators.values() for r in i.readings)
        self.kernel = engine.kernel(found.model, readings)
        self.sections = sections(lower(self.kernel.model, self.kernel.readings))
        self.text = numba_text(self.sections)
        self.inputs = [found.inputs(start, min(start + BLOCK, DRAWS)) for start in range(0, DRAWS, BLOCK)]
        self.blocks = [self.kernel.arguments(inputs, DEFAULT_STEP) for inputs in self.inputs]

    def results(self, block: tuple[Any, ...]) -> Any:
        """Give room for what a block comes to."""
        years = int(np.sum(block[-1]))
        return np.empty((len(self.kernel.readings), years, block[0].shape[1]))

    def run(self, kernel: Callable[..., None], threads: int = 1, euler: bool = False) -> str:
        """Run all draws; give the hash of all results."""

        def one(block: tuple[Any, ...]) -> bytes:
            found = self.results(block)
            kernel(*block, euler, found)
            return bytes(found.tobytes())

        digest = hashlib.sha256()
        with ThreadPoolExecutor(threads) as pool:
            for made in pool.map(one, self.blocks) if threads > 1 else map(one, self.blocks):
                digest.update(made)
        return digest.hexdigest()

    def reference(self) -> None:
        """Run some draws by the plain functions."""
        integrate(self.ensemble.model, self.inputs[0], self.kernel.readings)


def rows(work: Work, euler: bool) -> Iterator[str]:
    """Time the engines side by side, one core, and two for the kernel."""
    c: dict[Kind, Callable[..., None]] = {k: c_kernel(work.sections, k) for k in ("scalar", "fast", "strict")}
    ways: dict[str, Callable[[], object]] = {
        "C, one run at a time, C library (gcc -O3)": lambda: work.run(c["scalar"], euler=euler),
        "C over draws, fast-math, same exp and log": lambda: work.run(c["fast"], euler=euler),
        "C over draws, strict": lambda: work.run(c["strict"], euler=euler),
        "**the kernel**": lambda: work.run(work.kernel.run, euler=euler),
        "the kernel, two threads": lambda: work.run(work.kernel.run, threads=2, euler=euler),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(seconds(way))
    base, *_ = times.values()
    own = times["**the kernel**"]
    for name, found in times.items():
        speed = DRAWS / statistics.median(found)
        ratio = statistics.median(b / f for b, f in zip(base, found, strict=True))
        of_kernel = statistics.median(f / o for f, o in zip(found, own, strict=True))
        yield f"| {name} | {speed:,.0f} | {ratio:.2f} | {of_kernel:.2f} |"
    if not euler:
        share = len(work.blocks[0][0][0]) / statistics.median(seconds(work.reference) for _ in range(ROUNDS))
        ratio = share * statistics.median(base) / DRAWS
        yield f"| the plain functions on numpy, blocks of {BLOCK:,} | {share:,.0f} | {ratio:.2f} | |"


def elsewhere(work: Work, folder: Path) -> Iterator[str]:
    """Time the kernel as compiled for other processors, and compare the bits."""
    file = folder / "given.pickle"
    shape = work.results(work.blocks[0]).shape
    file.write_bytes(pickle.dumps((work.blocks[0], work.text, shape)))
    hashes = set()
    can = get_host_cpu_features()
    for processor in ("", *(p for p, needed in PROCESSORS.items() if can.get(needed))):
        kind = {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": ""} if processor else {}
        environment = os.environ | kind | {"XDG_CACHE_HOME": str(folder / (processor or "here"))}
        call = [sys.executable, "-c", ELSEWHERE, str(file)]
        ended = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
        time_, digest = ended.stdout.split()
        hashes.add(digest)
        yield f"| {processor or 'this machine'} | {1e6 / float(time_):,.0f} | {digest[:12]} |"
    assert len(hashes) == 1, hashes


def compiling(work: Work, folder: Path) -> tuple[float, float]:
    """Give the seconds of a first call without and with a cache, numba's own import left out."""
    file = folder / "given.pickle"
    found = []
    for name in ("cold", "cold"):
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / name)}
        call = [sys.executable, "-c", COMPILE, str(file)]
        found.append(float(subprocess.run(call, env=environment, capture_output=True, text=True, check=True).stdout))
    return found[0], found[1]


def small(work: Work) -> Iterator[str]:
    """Time a single run, and 32 parameter sets over the years with facts."""
    one = work.kernel.arguments(work.ensemble.inputs(7, 8), DEFAULT_STEP)
    found = work.results(one)
    yield f"| one run, 2005-2015 | {1e3 * median_of(lambda: work.kernel.run(*one, False, found)):.3f} |"
    problem = posterior.evidence(load_plan("twelfth"), None, model.load()).problem()
    z = np.random.default_rng(0).standard_normal((32, len(problem.names)))
    readings = frozenset(r for pair in problem.observed.values() for r in pair if r is not None)
    kernel = engine.kernel(problem.run_model, readings)
    arguments = kernel.arguments(problem.inputs(*problem.values(z)), FIT_STEP)
    room = np.empty((len(kernel.readings), 6, 32))
    alone = median_of(lambda: kernel.run(*arguments, False, room))
    yield f"| 32 parameter sets, 2005-2010, as fitted | {1e3 * alone:.3f} |"
    whole = median_of(lambda: problem.residuals(z))
    yield f"| the same with priors, paths and likelihood round it | {1e3 * whole:.3f} |"


def median_of(work: Callable[[], object], rounds: int = 101) -> float:
    """Give the median seconds of a call."""
    work()
    return statistics.median(seconds(work) for _ in range(rounds))


def main() -> None:
    """Measure, print, and write the page."""
    work = Work(ensemble(load_scenario(SCENARIO), None, 2011))
    strict = c_kernel(work.sections, "strict")
    same = work.run(work.kernel.run) == work.run(work.kernel.run, threads=2) == work.run(strict)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        processors = list(elsewhere(work, folder))
        cold, cached = compiling(work, folder)
    vectors = next(name for flag, name in VECTORS.items() if get_host_cpu_features().get(flag))
    lines = [
        f"# The kernel, {vectors}",
        "",
        f"*Written by* `python benchmarks/kernel.py` (`make kernel`): {SCENARIO}, {DRAWS:,} draws, 2005-2015, one core,"
        f" medians of {ROUNDS} rounds; numba {numba.__version__}, {platform.machine()}.",
    ]
    for method, euler in (("RK4, steps of an eighth of a year", False), ("Euler, the same steps", True)):
        lines += ["", f"## {method}", "", "| engine | runs/s | x one run at a time in C | time, the kernel's = 1 |"]
        lines += ["|---|---:|---:|---:|", *rows(work, euler)]
    lines += [
        "",
        "All from the same sections (`model/kernel/sections.py`). The kernel, on one thread and two, and strict C give"
        f" {'the same' if same else 'DIFFERENT'} bits.",
        "",
        "## Other processors",
        "",
        "The kernel compiled for them and run here, RK4:",
        "",
        "| compiled for | runs/s | hash of the results |",
        "|---|---:|---|",
        *processors,
        "",
        "## Small calls",
        "",
        "| call | ms |",
        "|---|---:|",
        *small(work),
        f"| first call of a new kernel: compiled | {1e3 * cold:,.0f} |",
        f"| first call in a process: from the cache | {1e3 * cached:,.0f} |",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (DOCS / f"kernel_{vectors.lower().replace('-', '')}.md").write_text(text, encoding="utf-8")
    if not same:
        sys.exit("the bits differ")


if __name__ == "__main__":
    main()
