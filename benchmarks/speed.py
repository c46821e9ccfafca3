"""How soon answers come, held beside an earlier commit: ``python benchmarks/speed.py`` writes docs/speed.md.

The earlier commit is built from git into a folder of its own, with what its lock file pins. Each row is done by both in
turn, round by round, so that a noisy machine disturbs them alike; what they give is compared first. A row may be
another over a row before: then the ratio is what counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parents[1]
OUT = HERE / "docs" / "speed.md"
BEFORE = "a509870"  # the commit that is held beside
CLOSE = 1e-9  # within which, relatively, numbers of both must agree

MANY = """\
title = "Many cases"
scenarios = ["plan"]
draws = 200
[design]
kind = "latin hypercube"
points = 2000
[factors."paths.planned_rd_intensity.values.2015"]
low = 1.9
high = 2.5
[factors."parameters.propensity.value"]
low = 0.3
high = 0.6
"""
ONE = 'title = "One case"\nscenarios = ["plan"]\ndraws = 400_000\n'

# Snippets print one line of JSON: wall and processor milliseconds, and what came out.
RESIDENT = """
import json, statistics, time
import fiveyear as fy
plan = fy.plan("twelfth").scenario("plan")
def answer(level):
    changed = plan.change({"planned_rd_intensity": {2015: f"{level} %"}}, name="mine")
    return fy.reach(changed, draws=1000).by_scenario[0].as_dict()
answer(2.0)
times = []
for number in range(31):
    wall, own = time.perf_counter(), time.process_time()
    found = answer(2.0 + number / 100)
    times.append((time.perf_counter() - wall, time.process_time() - own))
wall, own = (1e3 * statistics.median(t) for t in zip(*times))
print(json.dumps([wall, own, found["targets"]]))
"""
SINGLE = """
import json, statistics, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, "benchmarks"); sys.path.insert(0, "tests")
import engines
from fiveyear import model
method = sys.argv[1]
export = engines.Export(scenario="plan", draw="0", method=method)
ensemble = export.ensemble
inputs, indicators = ensemble.single_inputs("0"), ensemble.indicators
read = {r for i in indicators.values() for r in i.readings}
columns = sorted({r.variable if r.how == "year end" else engines.so_far(r.variable) for r in read})
with tempfile.TemporaryDirectory() as folder:
    other = engines.simlin_model(export.file(), Path(folder)).simulate()
def theirs():
    other.reset()
    other.run_to_end()
    return [other.get_series(column) for column in columns]
def ours():
    return model.simulate(ensemble.model, inputs, indicators, method=method, engine="fast")
ours()
rounds = []
for _ in range(31):
    times = []
    for work in (theirs, ours):
        begun = time.perf_counter()
        for _ in range(20):
            work()
        times.append((time.perf_counter() - begun) / 20)
    rounds.append((*times, times[0] / times[1]))
theirs_, ours_, ratio = (statistics.median(r) for r in zip(*rounds))
print(json.dumps([1e3 * ours_, ratio, {n: v[0].tolist()[1:] for n, v in ours().values.items()}]))
"""


class Took(NamedTuple):
    """What one run of a row took, and what it gave."""

    wall: float  # seconds
    own: float  # seconds of processors, of all its processes
    memory: float  # MB at most, of its largest process
    gave: Any


@dataclass(frozen=True)
class Side:
    """A commit that is built: where, and how messages call it."""

    name: str
    root: Path
    scratch: Path

    @property
    def bin(self) -> Path:
        return self.root / ".venv" / "bin"

    def call(self, words: list[str], **environment: str) -> tuple[float, float, float, str]:
        """Run a program of its environment; give wall and processor seconds, memory and what it prints."""
        around = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}
        around |= {"XDG_CACHE_HOME": str(self.scratch / "cache"), **environment}
        begun = time.perf_counter()
        with subprocess.Popen(
            [str(self.bin / words[0]), *words[1:]], cwd=self.root, env=around, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            told = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{self.name}: {' '.join(words)[:80]} ended with {process.returncode}: nothing is written")
        return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024.0, told


Work = Callable[[Side], Took]
Found = dict[str, dict[str, list[Took]]]  # by row and side


def command(*words: str, gives: str = "json", fresh: bool = False) -> Work:
    """A command; ``gives``: what of it is compared, its JSON or a part of that, the hash of its content, or nothing."""

    def work(side: Side) -> Took:
        cache = {"XDG_CACHE_HOME": tempfile.mkdtemp(dir=side.scratch)} if fresh else {}
        filled = [word.replace("SCRATCH", str(side.scratch)) for word in words]
        if words[0] == "run":
            shutil.rmtree(filled[filled.index("--out") + 1], ignore_errors=True)
        wall, own, memory, told = side.call(["fiveyear", *filled], **cache)
        gave: Any = None
        if gives == "json":
            gave = json.loads(told)
        elif gives == "fits":  # draws part ways where a last bit does
            gave = [[fact["model"] for fact in fit["residuals"]] for fit in json.loads(told)["fits"]]
        elif gives == "figures":  # but for the widths tried, of which fewer are tried now
            gave = [{n: v for n, v in figure.items() if n != "width"} for figure in json.loads(told)["figures"]]
        elif gives == "content":
            found = re.search(r"content ([0-9a-f]{64})", told)
            gave = found and found[1]
        elif gives == "text":
            gave = hashlib.sha256(told.encode()).hexdigest()
        return Took(wall, own, memory, gave)

    return work


def snippet(code: str, *words: str) -> Work:
    """A piece of Python that times itself: milliseconds by the clock and of processors, and what it gives."""

    def work(side: Side) -> Took:
        *_, memory, told = side.call(["python", "-c", code, *words])
        wall, own, gave = json.loads(told)
        return Took(wall / 1e3, own / 1e3, memory, gave)

    return work


def single(method: str) -> Work:
    """A single run beside pysimlin: ``wall`` is its seconds, ``own`` how many times sooner than pysimlin it is."""

    def work(side: Side) -> Took:
        *_, memory, told = side.call(["python", "-c", SINGLE, method])
        wall, ratio, gave = json.loads(told)
        return Took(wall / 1e3, ratio, memory, gave)

    return work


class Row(NamedTuple):
    """What is done, how often, what it must reach, and by what: seconds by the clock, a ratio, MB."""

    name: str
    work: Work
    rounds: int
    target: str = ""
    over: str = ""  # the row of which this one's time is given as a multiple
    figure: str = "wall"


RUN = ("--workers", "1", "--force")
RUN_ONE = ("run", "SCRATCH/one.toml", "--out", "SCRATCH/one", "--workers")
RUN_MANY = ("run", "SCRATCH/many.toml", "--out", "SCRATCH/many", "--workers")
LARGE = ("reach", "behavioural", "--draws", "100000", "--json")
CALIBRATE = ("calibrate", "--plan", "twelfth", "--facts", "july2011", "--json")
ONE_CASE = "`run`: one case of 400,000 rows"
PLAN = "`reach plan`"
ROWS = (
    Row("`reach plan --draws 1000 --json`", command("reach", "plan", "--draws", "1000", "--json"), 5, "0.7 s"),
    Row("`scenario check plan`", command("scenario", "check", "plan", gives="text"), 5, "0.3 s"),
    Row("`scenario list`", command("scenario", "list", gives="text"), 5, "0.3 s"),
    Row("`model show rd_intensity`", command("model", "show", "rd_intensity", gives="text"), 5, "0.3 s"),
    Row("a changed lever, resident, 1,000 draws: the whole answer", snippet(RESIDENT), 3, "0.03 s"),
    Row("`reach`", command("reach", gives="text"), 2),
    Row("`reach --out`", command("reach", "--out", "SCRATCH/reach", "--force", gives=""), 2, "1.8 x", "`reach`"),
    Row(PLAN, command("reach", "plan", gives="text"), 3),
    Row(
        "the first `reach plan`, its cache empty", command("reach", "plan", gives="text", fresh=True), 3, "1.5 x", PLAN
    ),
    Row("a single run by RK4, over pysimlin", single("rk4"), 3, "2 x", figure="own"),
    Row("a single run by Euler, over pysimlin", single("euler"), 3, "2 x", figure="own"),
    Row(ONE_CASE, command(*RUN_ONE, "1", gives="content"), 1),
    Row("`run`: 2,000 cases of 200 rows", command(*RUN_MANY, "1", gives="content"), 1, "1.3 x", ONE_CASE),
    Row("the one case on two workers", command(*RUN_ONE, "2", gives="content"), 1, "0.56 x", ONE_CASE),
    Row("`store show` of the 2,000 cases", command("store", "show", "SCRATCH/many", gives="text"), 2, "2 s"),
    Row("`programmes reach`", command("programmes", "reach", "--json", gives="figures"), 1, "45 s"),
    Row("`calibrate` of one information set", command(*CALIBRATE, gives="fits"), 1, "25 s"),
    Row("`reach behavioural --draws 100000`", command(*LARGE), 1, "400 MB", figure="memory"),
)


def built(root: Path) -> None:
    """Build the earlier commit: its files from git, its environment from its own lock file."""
    subprocess.run(["git", "worktree", "add", "--detach", str(root), BEFORE], cwd=HERE, check=True, capture_output=True)
    subprocess.run(["make", "install"], cwd=root, check=True, capture_output=True)


def agree(first: Any, second: Any) -> bool:
    """Tell whether two answers are the same, numbers but for rounding; versions and engines are not looked at."""
    if isinstance(first, dict) and isinstance(second, dict):
        keys = (first.keys() | second.keys()) - {"version"}
        return all(k in first and k in second and agree(first[k], second[k]) for k in keys)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(agree, first, second))
    if isinstance(first, float) and isinstance(second, int | float):
        return abs(first - second) <= CLOSE * max(abs(first), abs(second)) or first != first
    return bool(first == second)


def measured(rows: list[Row], sides: list[Side]) -> Found:
    """Do every row on each side, round by round; ends with an error if results differ."""
    found: Found = {}
    differing: list[str] = []
    for row in rows:
        taken: dict[str, list[Took]] = {side.name: [] for side in sides}
        for _ in range(row.rounds):
            for side in sides:
                taken[side.name].append(row.work(side))
        same = agree(*(taken[side.name][0].gave for side in sides))
        found[row.name] = taken
        print(row.name, "" if same else "WHAT THEY GIVE DIFFERS", flush=True)
        if not same:
            differing.append(row.name)
        for side in sides:
            print(f"  {side.name}: {_figures(row, found, side)}", flush=True)
    if differing:
        sys.exit(f"what they give differs: {', '.join(differing)}: nothing is written")
    return found


def _median(taken: list[Took], figure: str) -> float:
    return statistics.median(getattr(one, figure) for one in taken)


def _figures(row: Row, found: Found, side: Side) -> str:
    """Give the cells of one side: seconds by the clock and of processors, and what is compared with the target."""
    taken = found[row.name][side.name]
    wall, own = _median(taken, "wall"), _median(taken, "own")
    if row.figure == "own":
        return f"{1e3 * wall:.2f} ms | | {own:.2f} x"
    if row.figure == "memory":
        return f"{wall:.2f} | {own:.2f} | {_median(taken, 'memory'):,.0f} MB"
    if row.over:
        against = found[row.over][side.name]
        return f"{wall:.2f} | {own:.2f} | {wall / _median(against, 'wall'):.2f} x ({own / _median(against, 'own'):.2f})"
    return f"{wall:.3f} | {own:.3f} | {wall:.3g} s" if wall < 1.0 else f"{wall:.2f} | {own:.2f} | {wall:.3g} s"


def page(rows: list[Row], found: Found, sides: list[Side]) -> str:
    """Give the document."""
    before, here = sides
    lines = [
        "# How soon answers come",
        "",
        f"*Written by* `python benchmarks/speed.py` (`make bench`), which builds the commit {BEFORE} beside this one"
        f" and has both do each row in turn: medians, on {os.cpu_count()} cores of {platform.machine()}; load average"
        f" {os.getloadavg()[0]:.1f}. What both give was the same, numbers to {CLOSE:g}. The last figure of each is the"
        " one to reach: seconds by the clock; a multiple of another row, in brackets of its processor seconds; or MB."
        " Processor seconds leave out those of worker processes.",
        "",
        f"| what | to reach | {before.name}: s | s of processors | | {here.name}: s | s of processors | |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        lines.append(f"| {row.name} | {row.target} | {' | '.join(_figures(row, found, side) for side in sides)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the rows named, or all of them; all of them are written down."""
    rows = [row for row in ROWS if len(sys.argv) < 2 or any(word in row.name for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built(folder / "before")
        try:
            sides = [Side(f"at {BEFORE}", folder / "before", folder / "a"), Side("now", HERE, folder / "b")]
            for side in sides:
                side.scratch.mkdir()
                (side.scratch / "many.toml").write_text(MANY, encoding="utf-8")
                (side.scratch / "one.toml").write_text(ONE, encoding="utf-8")
                side.call(["fiveyear", "reach", "--draws", "500"])  # bytecode, and kernels where they are kept
            found = measured(rows, sides)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(folder / "before")], cwd=HERE, check=False)
    if len(rows) == len(ROWS):
        OUT.write_text(page(rows, found, sides), encoding="utf-8")
        print(f"written: {OUT}")


if __name__ == "__main__":
    main()
