"""Alter 12,000 inputs of every kind and see what becomes of each: ``python benchmarks/fuzz.py``.

Writes docs/fuzz.md; exit code 1 if anything is wrong, ends in a traceback or hangs. A case is named by its kind and its
number, which is its seed: ``python benchmarks/fuzz.py --case scenario:123`` runs one again, and shows it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzzing import (
    folder_cases,
    option_cases,
    plan_tables,
    result_cases,
    stack_cases,
    table_cases,
    toml_cases,
    xmile_cases,
)
from fuzzing.case import (
    HANG,
    SECONDS,
    TRACEBACK,
    UNPLACED,
    VERDICTS,
    WRONG,
    Case,
    Ended,
    Outcome,
    outcome,
)

DOCUMENT = Path(__file__).parents[1] / "docs" / "fuzz.md"
PROGRAM = Path(sys.executable).parent / "fiveyear"
BLOCK = 25  # cases that are handed to a process at once
SAMPLED = 100  # of so many cases one is run by the installed program, too
TO_START = 5.0  # times as long as a case in this process the program may take, which starts anew
FAULTS = (WRONG, TRACEBACK, HANG)


class Kind(NamedTuple):
    """A kind of input: how a case of it is made, how many there are of 12,000, and what it is."""

    make: Callable[[Random], Case]
    cases: int
    about: str


KINDS: dict[str, Kind] = {
    "scenario": Kind(partial(toml_cases.case, "scenario"), 1100, "a scenario, by `scenario check`"),
    "table": Kind(table_cases.case, 500, "a table that a scenario takes a path from, by `scenario check`"),
    "stack": Kind(stack_cases.case, 200, "scenarios that one stacks, by `scenario check`"),
    "experiment": Kind(partial(toml_cases.case, "experiment"), 800, "an experiment, by `scenario check`"),
    "plan": Kind(partial(toml_cases.case, "plan"), 600, "a plan, by `scenario check` of a scenario that names it"),
    "programme": Kind(partial(toml_cases.case, "programme"), 1000, "a programme, by the reader of `programmes reach`"),
    "facts": Kind(plan_tables.facts_case, 1200, "the facts of a plan, by `scenario show`"),
    "scored": Kind(plan_tables.scored_case, 1000, "later facts, by the reader of `backtest --scored`"),
    "record": Kind(plan_tables.record_case, 800, "a record of targets, by the reader of `reach`"),
    "priors": Kind(plan_tables.priors_case, 900, "the priors of a plan, by `scenario show`"),
    "folder": Kind(folder_cases.case, 2000, "the folder of a plan, by `plan check`"),
    "xmile": Kind(xmile_cases.case, 400, "an XMILE file, by `model check`"),
    "run": Kind(partial(result_cases.file_case, "run"), 400, "the file of `run`, by `store show`"),
    "reach": Kind(partial(result_cases.file_case, "reach"), 200, "a file of `reach --out`, by `store show`"),
    "store": Kind(result_cases.store_case, 500, "the store of an experiment, by `store show` and `verify`"),
    "options": Kind(option_cases.case, 400, "words on the command line"),
}


def make(kind: str, number: int) -> Case:
    """Give a case; the same kind and number give the same."""
    return KINDS[kind].make(Random(f"{kind}:{number}"))


class Result(NamedTuple):
    """What came of a case; ``told`` where that is a fault."""

    kind: str
    number: int
    label: str
    verdict: str
    told: str


def run_block(kind: str, numbers: Sequence[int], sampled: int) -> list[Result]:
    """Run cases of a kind, in a folder of their own."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        for number in numbers:
            case = make(kind, number)
            result = outcome(case, folder)
            if case.run is None and number % sampled == 0 and result.verdict not in FAULTS:
                result = _by_program(case, folder, result)
            found.append(Result(kind, number, case.label, result.verdict, result.told))
    return found


def _by_program(case: Case, folder: Path, here: Outcome) -> Outcome:
    """Run a case by the installed program, and compare."""
    there = outcome(case, folder, say_to_program, TO_START * SECONDS)
    if here.verdict == there.verdict and here.ended and there.ended and here.ended.err == there.ended.err:
        return here
    return Outcome(WRONG, f"the program: {there.verdict}: {there.told} {there.ended}; in this process: {here}")


def say_to_program(words: tuple[str, ...], folder: Path) -> Ended:
    """Say words to the installed program."""
    ended = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, check=False)
    return Ended(ended.returncode, *(text.decode("utf-8", "replace") for text in (ended.stdout, ended.stderr)))


def blocks(counts: Mapping[str, int]) -> Iterator[tuple[str, range]]:
    """Give so many cases of each kind in blocks."""
    for kind, count in counts.items():
        for start in range(0, count, BLOCK):
            yield kind, range(start, min(start + BLOCK, count))


def collect(counts: Mapping[str, int], workers: int = 1, sampled: int = SAMPLED) -> list[Result]:
    """Run so many cases of each kind; what should not be is told at once."""
    if workers == 1:
        return [result for block in blocks(counts) for result in _told(run_block(*block, sampled))]
    found: list[Result] = []
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run_block, *block, sampled) for block in blocks(counts)]):
            found += _told(done.result())
    return sorted(found)


def _told(found: list[Result]) -> list[Result]:
    for result in found:
        if result.verdict in (*FAULTS, UNPLACED):
            print(f"{result.kind}:{result.number} ({result.label}): {result.verdict}: {result.told}", flush=True)
    return found


TEXT = """\
# Altered inputs

Written by `make fuzz`. {count:,} inputs of every kind that a user hands over. Each began as a valid one, made from what
the project ships and what its model declares; then one thing was done to it. What it must come to is known from what
was done (a misspelt key is a fault at that key; keys in another order mean the same) or, for slips such as a flipped
bit, is found out without the project's readers: by a parser of the format and a table of units of the harness's own.

{columns}

A case is named by its kind and number, which is its seed: `python benchmarks/fuzz.py --case scenario:123` shows one.
The commands run in one process for speed; one case in {sampled} is run by the installed program as well, which must end
with the same code and the same words. After a refusal no new file may be there, and no output may steer a terminal.

| input | {heads} | all |
| --- | {lines} | ---: |
{kinds}

| what was done | {heads} | all |
| --- | {lines} | ---: |
{labels}
"""
COLUMNS = """\
- *refused, with its place*: exit code 2, and a message with the file and the key or row, or the option
- *refused, no place*: exit code 2, and a message without it
- *equal in meaning*: what is computed with is the same to the bit (to 1e-12 where a unit was converted)
- *another meaning, as written*: what is computed with is what the altered text says
- *wrong*: taken though it is a fault, refused though it is none, or read as something that the text does not say
- *traceback*, *hang*: no answer, or none within {seconds:g} s"""


def document(found: Sequence[Result]) -> str:
    """Give the page that says what became of the cases."""

    def rows(name_of: Callable[[Result], str]) -> str:
        names = sorted({name_of(result) for result in found})
        return "\n".join(_row(name, [r for r in found if name_of(r) == name]) for name in names)

    return TEXT.format(
        count=len(found),
        columns=COLUMNS.format(seconds=SECONDS),
        sampled=SAMPLED,
        heads=" | ".join(VERDICTS),
        lines=" | ".join("---:" for _ in VERDICTS),
        kinds=rows(lambda result: KINDS[result.kind].about) + "\n" + _row("all", found),
        labels=rows(lambda result: result.label),
    )


def _row(name: str, found: Sequence[Result]) -> str:
    by_verdict = Counter(result.verdict for result in found)
    return f"| {name} | {' | '.join(f'{by_verdict[v]:,}' for v in VERDICTS)} | {len(found):,} |"


def show(name: str) -> int:
    """Run one case, show it, and give the exit code."""
    kind, _, number = name.partition(":")
    case = make(kind, int(number))
    with tempfile.TemporaryDirectory() as place:
        found = outcome(case, Path(place).resolve())
    for file, data in case.files.items():
        print(f"--- {file}, {len(data):,} bytes\n{data[:20_000].decode('utf-8', 'backslashreplace')}")
    print(f"--- fiveyear {' '.join(map(repr, case.words))}")
    if found.ended is not None:
        print(f"{found.ended.out}{found.ended.err}exit code {found.ended.code}")
    print(f"--- {name}, {case.label}: {found.verdict} {found.told}")
    print(f"expected: {case.expected}")
    return int(found.verdict in FAULTS)


def main() -> int:
    """Run the cases, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", metavar="KIND:NUMBER", help="run and show one case")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these kinds; writes no page")
    parser.add_argument("--count", type=int, help="cases of each kind; writes no page")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    if asked.case:
        return show(asked.case)
    begun = time.perf_counter()
    counts = {kind: asked.count or KINDS[kind].cases for kind in asked.kind or KINDS}
    found = collect(counts, asked.workers)
    text = document(found)
    print(text)
    print(f"{len(found):,} cases in {time.perf_counter() - begun:,.0f} s")
    if asked.kind is None and asked.count is None:
        DOCUMENT.write_text(text, encoding="utf-8")
    return int(any(result.verdict in FAULTS for result in found))


if __name__ == "__main__":
    sys.exit(main())
