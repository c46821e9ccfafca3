"""What a build makes, what it makes again, and what no kill takes away."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy._core import _multiarray_umath  # type: ignore[attr-defined]  # numpy tells it nowhere else

from fiveyear.experiments.paper.build import KEPT, MANIFEST, NUMBERS, PRINTED
from fiveyear.experiments.paper.paper_file import load
from fiveyear.experiments.reach.answer import reach

Build = Callable[..., list[str]]
Write = Callable[..., Path]

EVERY = [
    *("figure exceedance", "figure heat_map", "numbers.json", "paper", "study answers", "study scenarios"),
    *("table attainment", "table targets"),
]


def sums(out: Path) -> dict[str, str]:
    """Give the hash of every file that a paper consists of."""
    files = [f for f in out.rglob("*") if f.is_file() and KEPT not in f.relative_to(out).parts]
    return {str(f.relative_to(out)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_a_build_makes_each_file_and_the_manifest_has_the_hash_of_each(
    paper: Write, build: Build, tmp_path: Path
) -> None:
    assert build(paper(), tmp_path / "out") == EVERY
    made = sums(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert {n: of["sha256"] for n, of in manifest["files"].items()} == {n: s for n, s in made.items() if n != MANIFEST}
    forms = {"figures": ("pdf", "svg", "png", "csv"), "tables": ("csv", "tex", "md")}
    names = {"figures": ("heat_map", "exceedance"), "tables": ("attainment", "targets")}
    for folder, of in names.items():
        assert {f"{folder}/{n}.{form}" for n in of for form in forms[folder]} <= made.keys()
    by = manifest["files"]["figures/exceedance.pdf"]["made_by"]
    assert by == "fiveyear reach plan behavioural --draws 500 --seed 2011"


def test_a_second_build_makes_nothing(paper: Write, build: Build, tmp_path: Path) -> None:
    build(paper(), tmp_path / "out")
    before = sums(tmp_path / "out")
    assert build(paper(), tmp_path / "out") == []
    assert sums(tmp_path / "out") == before


def test_two_builds_have_one_hash_a_file(paper: Write, build: Build, tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(paper(), tmp_path / name)
    assert sums(tmp_path / "one") == sums(tmp_path / "two")


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ((("A small paper", "Another title"),), ["paper"]),
        ((("others =", 'style = "column"\nothers ='),), ["figure exceedance", "figure heat_map", "paper"]),
        ((('["heat_map", "exceedance"]', '["heat_map"]'),), ["paper"]),
        ((("draws = 500", "draws = 501"),), EVERY),
    ],
    ids=["title", "style", "figure left out", "draws"],
)
def test_what_hangs_on_a_change_is_made_again_and_nothing_else(
    changes: tuple[tuple[str, str], ...], again: list[str], paper: Write, build: Build, tmp_path: Path
) -> None:
    build(paper(), tmp_path / "out")
    assert build(paper(*changes), tmp_path / "out") == again
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert {MANIFEST, *manifest["files"]} == sums(tmp_path / "out").keys()


@pytest.mark.parametrize("lost", ["figures/heat_map.svg", "tables/targets.tex", NUMBERS, PRINTED])
def test_what_is_gone_or_altered_is_made_again(lost: str, paper: Write, build: Build, tmp_path: Path) -> None:
    build(paper(), tmp_path / "out")
    before = sums(tmp_path / "out")
    (tmp_path / "out" / lost).unlink()
    build(paper(), tmp_path / "out")
    assert sums(tmp_path / "out") == before
    (tmp_path / "out" / lost).write_bytes(b"altered")
    build(paper(), tmp_path / "out")
    assert sums(tmp_path / "out") == before


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.7, 1.5])
def test_a_kill_loses_nothing_that_was_finished(after: float, paper: Write, build: Build, tmp_path: Path) -> None:
    file = paper()
    build(file, tmp_path / "undisturbed")
    command = [sys.executable, "-m", "fiveyear", "paper", str(file), "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        first, _ = running.stderr.readline(), running.stderr.readline()  # by the second line the first is on record
        time.sleep(after)
        os.kill(running.pid, signal.SIGKILL)
    finished = first.rpartition(":")[0]
    assert finished not in build(file, tmp_path / "out")
    own = {n: s for n, s in sums(tmp_path / "out").items() if n != MANIFEST}
    assert own == {n: s for n, s in sums(tmp_path / "undisturbed").items() if n != MANIFEST}
    assert not list((tmp_path / "out").rglob(".unfinished*"))


def test_numbers_and_tables_hold_what_reach_says(paper: Write, build: Build, tmp_path: Path) -> None:
    file = paper()
    build(file, tmp_path / "out")
    numbers = json.loads((tmp_path / "out" / NUMBERS).read_text())["numbers"]
    (plan, _) = (reach(ensemble, 500) for ensemble in load(file).first)
    spending = plan.findings[0]
    assert spending.target.indicator == "rd_intensity" and spending.probability
    assert numbers["reach.plan.rd_intensity.chance"]["value"] == spending.probability.value
    met = plan.dataset["rd_intensity"].values[:, -1] >= spending.target.value
    assert spending.probability.value == np.mean(met)
    with (tmp_path / "out/tables/attainment.csv").open(encoding="utf-8") as stream:
        heading, first, *_ = csv.reader(stream)
    row = dict(zip(heading, first, strict=True))
    assert float(row["plan: probability"]) == pytest.approx(np.mean(met))
    assert float(row["target"]) == 2.2


def test_every_number_of_the_shipped_text_comes_from_a_study() -> None:
    from fiveyear.experiments.paper import article

    roots = {key.partition(".")[0] for key in article.keys(article.shipped())}
    assert roots == {"reach", "fit", "reference", "need", "scoreboard", "programmes", "robustness", "loops", "placebo"}


def test_a_folder_may_be_named_from_the_working_folder_on(
    paper: Write, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    build(paper(), Path("out"))
    assert sums(tmp_path / "out").keys() >= {"paper.pdf", "tables/targets.md"}


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="emulates another x86-64 machine")
def test_another_machine_makes_the_same_files(paper: Write, build: Build, tmp_path: Path) -> None:
    file = paper()
    build(file, tmp_path / "here")
    known = {f for f in _multiarray_umath.__cpu_dispatch__ if _multiarray_umath.__cpu_features__[f]}
    machine = {"NPY_DISABLE_CPU_FEATURES": " ".join(known), "OPENBLAS_CORETYPE": "Nehalem"}
    command = [sys.executable, "-m", "fiveyear", "paper", str(file), "--out", str(tmp_path / "there")]
    subprocess.run(command, env=os.environ | machine, check=True, capture_output=True)
    here, there = ({n: s for n, s in sums(tmp_path / place).items() if n != MANIFEST} for place in ("here", "there"))
    assert here == there
