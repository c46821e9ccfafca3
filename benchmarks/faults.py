"""Kill runs, flip bits, fill disks: ``python benchmarks/faults.py`` writes what stores come to into docs/faults.md.

All on the command line as a user has it, with two workers. With fewer faults than by default nothing is written.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

from fiveyear.experiments.console.errors import StoreError
from fiveyear.experiments.store.store import Store

DOCUMENT = Path(__file__).parents[1] / "docs" / "faults.md"
KILLS, FLIPS, DISKS, SEED = 300, 1_000, 30, 2011
MENDED_EVERY = 50  # flips: one of so many is mended by a resume, the others are flipped back
BEGIN = "from fiveyear.experiments.command_line import main; main()"
EXPERIMENT = """\
title = "An experiment to be disturbed"
scenarios = ["plan", "behavioural"]
draws = 1_000
keep = "draws"
"""
CHUNK = 50
ENDS = {  # what ends a run -> signal, to whom, exit code
    "kill -9 of the run": (signal.SIGKILL, "run", -9),
    "kill -9 of a worker": (signal.SIGKILL, "worker", 0),
    "Ctrl-C": (signal.SIGINT, "all", 130),
    "SIGTERM": (signal.SIGTERM, "run", 143),
}
HEAD = """\
# What befalls a store

Made by `benchmarks/faults.py`: an experiment of {rows:,} rows in {chunks} chunks, {size:.1f} MB, which
`fiveyear run` with two workers finishes in {seconds:.1f} s undisturbed. Each fault is followed by `--resume`.
"The same": the folder holds the same files with the same bytes as that of the undisturbed run, and nothing else.
A wrong exit code is any but the one that fiveyear itself gives; to die of the signal while Python is starting or ending
counts as wrong too, though a shell shows the same number.
"""


class Bench:
    """A folder to work in, and what an undisturbed run gives."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        self.file = folder / "experiment.toml"
        self.file.write_text(EXPERIMENT)
        self.whole = folder / "whole"
        self.run(folder / "warm")  # compiles
        begun = time.perf_counter()
        self.run(self.whole)
        self.seconds = time.perf_counter() - begun
        self.digest = digest(self.whole)

    def command(self, out: Path, resume: bool = False) -> list[str]:
        options = ["--workers", "2", "--chunk", str(CHUNK), *(["--resume"] if resume else [])]
        return [sys.executable, "-c", BEGIN, "run", str(self.file), "--out", str(out), *options]

    def run(self, out: Path, resume: bool = False, expected: int = 0) -> str:
        ended = subprocess.run(self.command(out, resume), capture_output=True, text=True, check=False)
        if ended.returncode != expected:
            raise RuntimeError(f"exit code {ended.returncode} in place of {expected}: {ended.stderr}")
        return ended.stderr


def digest(folder: Path) -> str:
    """Give the hash of all that a folder holds, with the names."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        found.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def finished(folder: Path) -> dict[str, tuple[int, int]]:
    """Give the files at final names, each with what would change if it were written again."""
    paths = folder.glob("rows_*") if folder.exists() else ()
    return {p.name: ((found := p.stat()).st_ino, found.st_mtime_ns) for p in paths}


# -- kills --------------------------------------------------------------------------------------------------
def kills(bench: Bench, count: int) -> Iterator[str]:
    """Kill runs at random moments; give the lines of a table."""
    yield "\n| ended by | runs | chunks finished by then | of them lost | wrong exit code | processes left | the same |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    tallies = {how: Counter[str]() for how in ENDS}
    for i in range(count):
        how = list(ENDS)[i % len(ENDS)]
        _kill(bench, bench.folder / f"killed_{i}", how, tallies[how])
    for how, tally in tallies.items():
        shown = (f"{tally[key]:,}" for key in ("chunks", "lost", "code", "left"))
        yield f"| {how} | {tally['runs']} | {' | '.join(shown)} | {tally['same']} of {tally['runs']} |"


def _kill(bench: Bench, out: Path, how: str, tally: Counter[str]) -> None:
    number, whom, code = ENDS[how]
    # A run that is done before its moment is run again, with another one.
    while True:
        process = subprocess.Popen(bench.command(out), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   start_new_session=True)  # fmt: skip
        time.sleep(bench.rng.uniform(0.3, bench.seconds))  # before, Python itself is only starting
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            started = psutil.Process(process.pid).children(recursive=True)
            workers = [p for p in started if p.ppid() != process.pid]  # which a child of it starts
            if process.poll() is None and (workers or whom != "worker"):
                break
        process.wait()
        _remove(out)
    before = finished(out)
    if whom == "worker":
        with contextlib.suppress(psutil.NoSuchProcess):
            bench.rng.choice(workers).send_signal(number)
    elif whom == "all":
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    ended = process.wait()
    before = before if whom == "worker" else finished(out)
    _, left = psutil.wait_procs(started, 5)
    tally["left"] += len(left)
    for orphan in left:
        orphan.kill()
    tally["runs"] += 1
    tally["code"] += ended not in (code, 0)  # 0: it was just done
    tally["chunks"] += len(before)
    bench.run(out, resume=True)
    tally["lost"] += len(before.items() - finished(out).items())
    tally["same"] += digest(out) == bench.digest
    _remove(out)


def _remove(folder: Path) -> None:
    for path in folder.iterdir() if folder.exists() else ():
        path.unlink()
    if folder.exists():
        folder.rmdir()


# -- flips --------------------------------------------------------------------------------------------------
def flips(bench: Bench, count: int) -> Iterator[str]:
    """Flip single bits anywhere in a finished store; give the lines of a table."""
    out = bench.folder / "warm"
    tally = Counter[str]()
    paths = sorted(out.iterdir())
    weights = [p.stat().st_size for p in paths]
    for i in range(count):
        path = out / "experiment.json" if i % 10 == 0 else bench.rng.choices(paths, weights)[0]
        bit = bench.rng.randrange(path.stat().st_size * 8)
        flip(path, bit)
        try:
            noticed = any(path.name in fault for fault in Store.open(out).verify())
        except StoreError:
            noticed = True
        tally["silent"] += not noticed
        if i % MENDED_EVERY == MENDED_EVERY - 1:
            bench.run(out, resume=True)
            tally["mended"] += 1
            tally["same"] += digest(out) == bench.digest
        else:
            flip(path, bit)
    yield "\n| bits flipped, one at a time | unnoticed when verified | mended by a resume | then the same |"
    yield "| --- | --- | --- | --- |"
    mended = f"{tally['mended']} | {tally['same']} of {tally['mended']}"
    yield f"| {count:,}, a tenth of them in experiment.json | {tally['silent']} | {mended} |"


def flip(file: Path, bit: int) -> None:
    """Flip a bit of a file in place."""
    with file.open("r+b") as opened:
        opened.seek(bit // 8)
        (byte,) = opened.read(1)
        opened.seek(bit // 8)
        opened.write(bytes([byte ^ 1 << bit % 8]))


# -- full disks ---------------------------------------------------------------------------------------------
def disks(bench: Bench, count: int) -> Iterator[str]:
    """Run on disks that are too small, then larger; give the lines of a table."""
    yield "\n| disks too small | exit code 74 | something half-written at a final name | the same after a resume |"
    yield "| --- | --- | --- | --- |"
    if os.geteuid():
        yield "| not measured: only root can mount them | | | |"
        return
    size = sum(-(-p.stat().st_size // 4096) * 4 for p in bench.whole.iterdir())  # KiB, in pages
    tally = Counter[str]()
    disk = bench.folder / "disk"
    disk.mkdir()
    for i in range(count):
        budget = 16 + int((size - 32) * (i + bench.rng.random()) / count)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={budget}k", "tmpfs", str(disk)], check=True)
        try:
            said = bench.run(disk / "out", expected=74)
            tally["told"] += "No space left on device" in said
            out = disk / "out"
            whole = {p.name: p.read_bytes() for p in bench.whole.iterdir()}
            tally["half"] += any(whole.get(p.name) != p.read_bytes() for p in out.iterdir())
            subprocess.run(["mount", "-o", f"remount,size={size * 2}k", str(disk)], check=True)
            bench.run(out, resume=True)
            tally["same"] += digest(out) == bench.digest
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    yield f"| {count} | {tally['told']} | {tally['half']} | {tally['same']} of {count} |"


def main() -> None:
    """Do all three, and write the document if it is the whole of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("kills", KILLS), ("flips", FLIPS), ("disks", DISKS), ("seed", SEED)):
        parser.add_argument(f"--{name}", type=int, default=number)
    asked = parser.parse_args()
    lines = []
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(Path(temporary), asked.seed)
        store = Store.open(bench.whole)
        size = sum(p.stat().st_size for p in bench.whole.iterdir()) / 1e6
        told = {"rows": store.description["rows"], "chunks": len(store.chunks), "size": size, "seconds": bench.seconds}
        lines.append(HEAD.format(**told).rstrip())
        print(lines[0], flush=True)
        for part in (flips(bench, asked.flips), disks(bench, asked.disks), kills(bench, asked.kills)):
            for line in part:
                print(line, flush=True)
                lines.append(line)
    print(f"\n{(time.perf_counter() - begun) / 60:.1f} minutes")
    if (asked.kills, asked.flips, asked.disks) == (KILLS, FLIPS, DISKS):
        DOCUMENT.write_text("\n".join(lines) + "\n", "utf-8")
        print(f"written: {DOCUMENT}")


if __name__ == "__main__":
    main()
