"""Hold the generated kernel against C, numpy and itself: ``python benchmarks/kernel.py`` writes docs/kernel_*.md.

There is a page for each width of vectors: that of the machine it runs on is written. From the other pages, rows that
are measured in another way now are left out, and the page says so. All rows of a table are timed round by round in
turn, so that a noisy machine disturbs them alike; ratios are taken within a round, and their median and range are
printed. Every result is held against that of the plain functions: if one is off, nothing is written.
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
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import llvmlite  # type: ignore[import-untyped]
import numpy as np
from c_kernel import Kind, c_kernel
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name  # type: ignore[import-untyped]

from fiveyear.calibration import posterior
from fiveyear.calibration.fit import FIT_STEP
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.model import Inputs, Method, integrate
from fiveyear.model.kernel import engine
from fiveyear.model.kernel.lowering import lower
from fiveyear.model.kernel.sections import sections
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import load_plan, load_scenario

DOCS = Path(__file__).parents[1] / "docs"
VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "sse2": "SSE2"}  # widest first
SCENARIO, DRAWS, ROUNDS = "behavioural", 100_000, 5
CLOSE = 1e-12  # within which, relatively, every row gives the numbers of the plain functions
BLOCK = 4_096  # draws of a call, as in an ensemble
PROCESSORS = {"x86-64-v2": "sse4.2", "x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}  # what each must have

# Times the kernel in a process of its own, compiled for another kind of processor. Prints microseconds a draw, a hash.
ELSEWHERE = """
import hashlib, pickle, sys, time
import numpy as np
from fiveyear.model.kernel import machine_code
from fiveyear.model.kernel.engine import Kernel
arguments, made, shape = pickle.load(open(sys.argv[1], "rb"))
if sys.argv[2]:
    machine_code.processor = lambda: (sys.argv[2], "")
found, run = np.empty(shape), Kernel(None, (), made).run
run(*arguments, False, found)
times = []
for _ in range(15):
    begun = time.process_time()
    run(*arguments, False, found)
    times.append(time.process_time() - begun)
print(sorted(times)[7] / shape[-1] * 1e6, hashlib.sha256(found.tobytes()).hexdigest())
"""
COMPILE = """
import hashlib, pickle, sys, time
import numpy as np
from fiveyear.model.kernel.engine import Kernel
arguments, made, shape = pickle.load(open(sys.argv[1], "rb"))
found, begun = np.empty(shape), time.process_time()
Kernel(None, (), made).run(*arguments, False, found)
print(time.process_time() - begun, hashlib.sha256(found.tobytes()).hexdigest())
"""


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Time one call."""
    begun = clock()
    work()
    return clock() - begun


def require_close(name: str, found: Any, expected: Any, scale: Any = 0.0) -> None:
    """End with an error if a row's numbers are not those expected; they are as large as ``scale`` at least."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(found - expected) / np.maximum(np.abs(expected), scale)
    wrong = ~((off <= CLOSE) | (found == expected))
    if np.any(wrong):
        worst = np.max(off[wrong])
        sys.exit(f"{name}: {np.mean(wrong):.1%} of its numbers are off, by up to {worst:.2g}: nothing is written")


def digest_of(blocks: Iterable[Any]) -> str:
    """Give the hash of results."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block.tobytes())
    return digest.hexdigest()


class Work:
    """All draws of a scenario as the kernel takes them, in blocks, and every way to run them."""

    def __init__(self, found: Ensemble) -> None:
        self.ensemble = found
        readings = frozenset(r for i in found.indicators.values() for r in i.readings)
        self.kernel = engine.kernel(found.model, readings)
        self.sections = sections(lower(self.kernel.model, self.kernel.readings))
        self.inputs = [found.inputs(start, min(start + BLOCK, DRAWS)) for start in range(0, DRAWS, BLOCK)]
        self.blocks = [self.kernel.arguments(inputs, DEFAULT_STEP) for inputs in self.inputs]
        self.found = [self.results(block) for block in self.blocks]

    def results(self, block: tuple[Any, ...]) -> Any:
        """Give room for what a block comes to."""
        years = int(np.sum(block[-1]))
        return np.empty((len(self.kernel.readings), years, block[0].shape[1]))

    def run(self, kernel: Callable[..., None], threads: int = 1, euler: bool = False) -> None:
        """Run all draws; what they come to is in ``found``."""

        def one(block: tuple[Any, ...], found: Any) -> None:
            kernel(*block, euler, found)

        with ThreadPoolExecutor(threads) as pool:
            for _ in (pool.map if threads > 1 else map)(one, self.blocks, self.found):
                pass

    def reference(self, inputs: Inputs, euler: bool = False) -> Any:
        """Give what some draws come to by the plain functions."""
        method: Method = "euler" if euler else "rk4"
        read = integrate(self.ensemble.model, inputs, self.kernel.readings, method=method)
        return np.array([read[r] for r in self.kernel.readings])


def rows(work: Work, euler: bool) -> Iterator[str]:
    """Time the engines side by side, one core, and two for the kernel; hold every result against the reference."""
    c: dict[Kind, Callable[..., None]] = {k: c_kernel(work.sections, k) for k in ("scalar", "fast", "strict")}
    own, both = "**the kernel**", "the kernel, two threads"
    kernels = {
        "C, one run at a time, C library (gcc -O3)": c["scalar"],
        "C over draws, fast-math but for the order of sums, same exp and log": c["fast"],
        "C over draws, strict": c["strict"],
        own: work.kernel.run,
        both: work.kernel.run,
    }
    expected, plain = [], []
    for inputs in work.inputs:
        plain.append(seconds(lambda inputs=inputs: expected.append(work.reference(inputs, euler))) / inputs.draws)  # type: ignore[misc]
    work.run(work.kernel.run, euler=euler)  # compiled before it is timed
    times: dict[str, list[float]] = {name: [] for name in kernels}
    bits = set()
    for _ in range(ROUNDS):
        clock = {}
        for name, kernel in kernels.items():
            for found in work.found:
                found.fill(np.nan)
            begun = time.perf_counter()
            times[name].append(seconds(lambda n=name, k=kernel: work.run(k, 2 if n == both else 1, euler)))  # type: ignore[misc]
            clock[name] = time.perf_counter() - begun
            for found, right in zip(work.found, expected, strict=True):
                require_close(name, found, right)
            if name in ("C over draws, strict", own, both):
                bits.add(digest_of(work.found))
        times[both][-1] = times[own][-1] * clock[both] / clock[own]
    if len(bits) > 1:
        sys.exit("the kernel, on one thread and two, and strict C do not give the same bits: nothing is written")
    base = times["C, one run at a time, C library (gcc -O3)"]
    for name, found in times.items():
        ratio = statistics.median(b / f for b, f in zip(base, found, strict=True))
        shares = sorted(f / o for f, o in zip(found, times[own], strict=True))
        spread = "" if name == own else f" ({shares[0]:.2f} to {shares[-1]:.2f})"
        speed = DRAWS / statistics.median(found)
        yield f"| {name} | {speed:,.0f} | {ratio:.2f} | {statistics.median(shares):.2f}{spread} |"
    if not euler:
        speed = 1.0 / statistics.median(plain)
        ratio = speed * statistics.median(base) / DRAWS
        yield f"| the plain functions on numpy, blocks of {BLOCK:,} | {speed:,.0f} | {ratio:.2f} | |"


def elsewhere(work: Work, folder: Path) -> Iterator[str]:
    """Time the kernel as compiled for other processors, and compare the bits."""
    can = get_host_cpu_features()
    for processor in ("", *(p for p, needed in PROCESSORS.items() if can.get(needed))):
        time_, digest = in_a_process(work, ELSEWHERE, folder, processor)
        yield f"| {processor or 'this machine'} | {1e6 / time_:,.0f} | {digest[:12]} |"


def in_a_process(work: Work, code: str, folder: Path, processor: str = "") -> tuple[float, str]:
    """Run the first block in a process of its own; give the time that it prints, and the hash of its results."""
    found, file = work.results(work.blocks[0]), folder / "given.pickle"
    work.kernel.run(*work.blocks[0], False, found)
    require_close("the first block", found, work.reference(work.inputs[0]))
    file.write_bytes(pickle.dumps((work.blocks[0], work.sections, found.shape)))
    call = [sys.executable, "-c", code, str(file), processor]
    time_, digest = subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()
    if digest != digest_of([found]):
        sys.exit(f"{processor or 'another process'}: other bits than here: nothing is written")
    return float(time_), digest


def small(work: Work) -> Iterator[str]:
    """Time a single run, and 32 parameter sets over the years with facts."""
    inputs = work.ensemble.inputs(7, 8)
    one = work.kernel.arguments(inputs, DEFAULT_STEP)
    found = work.results(one)
    alone = median_of(lambda: work.kernel.run(*one, False, found))
    require_close("one run", found, work.reference(inputs))
    yield f"| one run, 2005-2015 | {1e3 * alone:.3f} |"
    problem = posterior.evidence(load_plan("twelfth"), None).problem()
    z = np.random.default_rng(0).standard_normal((32, len(problem.names)))
    readings = frozenset(r for pair in problem.observed.values() for r in pair if r is not None)
    kernel = engine.kernel(problem.run_model, readings)
    inputs = problem.inputs(*problem.values(z))
    arguments = kernel.arguments(inputs, FIT_STEP)
    found = np.empty((len(kernel.readings), 6, 32))
    alone = median_of(lambda: kernel.run(*arguments, False, found))
    read = integrate(problem.run_model, inputs, kernel.readings, step=FIT_STEP)
    require_close("32 parameter sets", found, np.array([read[r] for r in kernel.readings]))
    yield f"| 32 parameter sets, 2005-2010, as fitted | {1e3 * alone:.3f} |"
    whole = median_of(lambda: problem.residuals(z))
    with mock.patch("fiveyear.calibration.fit.best_engine", return_value="reference"):
        expected = problem.residuals(z)
    require_close("residuals", problem.residuals(z), expected, scale=1e3)  # differences, which may be next to none
    yield f"| the same with priors, paths and likelihood round it | {1e3 * whole:.3f} |"


def median_of(work: Callable[[], object], rounds: int = 101) -> float:
    """Give the median seconds of a call."""
    work()
    return statistics.median(seconds(work, time.perf_counter) for _ in range(rounds))


def page(work: Work, vectors: str) -> str:
    """Measure, and give the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        processors = list(elsewhere(work, folder))
        compiled = in_a_process(work, COMPILE, folder)[0]
    lines = [
        f"# The kernel, {vectors}",
        "",
        f"*Written by* `python benchmarks/kernel.py` (`make kernel`): {SCENARIO}, {DRAWS:,} draws, 2005-2015, one core,"
        f" medians (and ranges) of {ROUNDS} rounds, processor time; llvmlite {llvmlite.__version__},"
        f" {platform.machine()}, {get_host_cpu_name()};"
        f" load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores. Every result of"
        f" every row was compared with that of the plain functions: none is off by more than {CLOSE:g} of its value.",
    ]
    for method, euler in (("RK4, steps of an eighth of a year", False), ("Euler, the same steps", True)):
        lines += ["", f"## {method}", "", "| engine | runs/s | x one run at a time in C | time, the kernel's = 1 |"]
        lines += ["|---|---:|---:|---:|", *rows(work, euler)]
    lines += [
        "",
        "All from the same sections (`model/kernel/sections.py`). The kernel, on one thread and two, and strict C give"
        " the same bits. Two threads: the share of the kernel's time by the clock.",
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
        f"| first call in a process: compiled | {1e3 * compiled:,.0f} |",
    ]
    return "\n".join(lines) + "\n"


def without_what_changed(old: str, new: str) -> str:
    """Give a page of another processor without the rows that a new page does not have; it says what was left out."""
    names = [line.split("|")[1].strip() for line in new.splitlines() if line.startswith("|")]
    lines, left_out = [], dict[str, None]()
    for line in old.splitlines():
        name = line.split("|")[1].strip() if line.startswith("|") else ""
        if not name or name in names:
            lines.append(line)
        else:
            left_out[f'"{name}"'] = None
    if left_out:
        lines[3:3] = [
            "",
            f"*Left out since*: {', '.join(left_out)}. They are measured in another way now, and no such processor was"
            " at hand. All other rows are as an earlier version of this command measured them.",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write the pages."""
    work = Work(ensemble(load_scenario(SCENARIO), None, 2011))
    vectors = next(name for flag, name in VECTORS.items() if get_host_cpu_features().get(flag))
    text = page(work, vectors)
    print(text)
    own = DOCS / f"kernel_{vectors.lower().replace('-', '')}.md"
    own.write_text(text, encoding="utf-8")
    for other in set(DOCS.glob("kernel_*.md")) - {own}:
        other.write_text(without_what_changed(other.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
