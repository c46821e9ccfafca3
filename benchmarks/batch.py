"""Time whole experiments on the command line: ``python benchmarks/batch.py`` writes docs/batch_speed.md."""

from __future__ import annotations

import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fiveyear.experiments.store.experiment import LARGEST

OUT = Path(__file__).parents[1] / "docs" / "batch_speed.md"
COMMAND = Path(sys.executable).parent / "fiveyear"
ROUNDS = 3
EXPERIMENT = """\
title = "Speed"
scenarios = ["behavioural"]
draws = {draws}
keep = "{keep}"
"""


def run(folder: Path, draws: int, keep: str, workers: int) -> tuple[float, str, float, float]:
    """Run an experiment; give its seconds, the hash of its content, its peak memory in MB, and its MB a chunk."""
    file, out = folder / "speed.toml", folder / f"store_{time.monotonic_ns()}"
    file.write_text(EXPERIMENT.format(draws=draws, keep=keep), encoding="utf-8")
    call = [str(COMMAND), "run", str(file), "--out", str(out), "--workers", str(workers)]
    begun = time.perf_counter()
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - begun
    assert process.returncode == 0, told
    found = re.search(r"content ([0-9a-f]{64})", told)
    assert found is not None, told
    sizes = [file.stat().st_size / 1e6 for file in out.glob("rows_*")]
    shutil.rmtree(out)
    return spent, found[1], used.ru_maxrss / 1024.0, statistics.mean(sizes)


def main() -> None:
    """Measure, print, and write the page."""
    lines = [
        "# Whole experiments",
        "",
        "*Written by* `python benchmarks/batch.py` (`make batch`): all indicators of `behavioural`, 2005-2015, from",
        f"the command to the finished store; medians of {ROUNDS} rounds on {os.cpu_count()} cores.",
        "",
        "| draws | keep | workers | seconds | draws/s | us a draw beyond the start | peak memory of one process, MB |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, 1000, "draws", 1)  # compiles
        start = {w: statistics.median(run(folder, 1000, "draws", w)[0] for _ in range(ROUNDS)) for w in (1, 2)}
        speeds: dict[int, float] = {}
        size = 0.0
        hashes: dict[tuple[int, str], set[str]] = {}
        cells = [(10_000, "draws"), (100_000, "draws"), (1_000_000, "draws"), (1_000_000, "summary")]
        for draws, keep in cells:
            for workers in (1, 2):
                found = [run(folder, draws, keep, workers) for _ in range(ROUNDS)]
                spent = statistics.median(f[0] for f in found)
                hashes.setdefault((draws, keep), set()).update(f[1] for f in found)
                if (draws, keep) == cells[-1]:
                    speeds[workers], size = spent, found[0][3]
                beyond = f"{1e6 * (spent - start[workers]) / draws:.1f}" if draws > 10_000 else ""
                peak = max(f[2] for f in found)
                lines.append(
                    f"| {draws:,} | {keep} | {workers} | {spent:.1f} | {draws / spent:,.0f} | {beyond} | {peak:,.0f} |"
                )
                print(lines[-1], flush=True)
    one, two = speeds[1], speeds[2]
    rate = 1_000_000 / (one - start[1])
    chunks = math.ceil(1e9 / LARGEST["summary"])
    lines += [
        "",
        f"Two workers are {one / two:.2f} times one, {(one - start[1]) / (two - start[2]):.2f} times beyond the start,"
        f" which takes {start[1]:.1f} and {start[2]:.1f} s"
        " (1,000,000 draws, summary)."
        f" Content hashes: {'one' if all(len(h) == 1 for h in hashes.values()) else 'SEVERAL'} for each experiment.",
        "",
        "## A billion draws",
        "",
        f'From the run above with `keep = "summary"`: {rate:,.0f} draws a second and worker, {size:.2f} MB a chunk. A'
        f" billion draws are {chunks} chunks of {LARGEST['summary']:,} rows,",
        f"{1e9 / rate / 3600:.1f} hours of one core, {1e9 / rate / 36:,.0f} seconds of 100, and some"
        f" {chunks * size:,.0f} MB. As 100 array jobs:",
        "",
        "    fiveyear run billion.toml --out part_$SLURM_ARRAY_TASK_ID --shard $SLURM_ARRAY_TASK_ID/100",
        "    fiveyear store merge part_* --out results/billion",
    ]
    print("\n".join(lines))
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
