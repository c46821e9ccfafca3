"""``run`` with an experiment, and ``store``: as a user calls them."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear.experiments.console.terminal import share_text
from fiveyear.experiments.store.experiment import LARGEST, SMALLEST, chunk_of
from fiveyear.experiments.store.results import open_result
from fiveyear.scenarios import load_experiment

EXPERIMENT = """\
title = "How much money"
scenarios = ["plan", "behavioural"]
draws = 30
keep = "{keep}"
outputs = ["rd_intensity", "technology_market_value"]

[factors."paths.planned_rd_intensity.values.2015"]
values = [2.0, 2.4]
"""

Command = Callable[..., Any]


@pytest.fixture
def money(tmp_path: Path) -> Callable[..., Path]:
    def give(keep: str = "draws", text: str = EXPERIMENT) -> Path:
        file = tmp_path / "money.toml"
        file.write_text(text.format(keep=keep), encoding="utf-8")
        return file

    return give


def content(told: str) -> str:
    found = re.search(r"content ([0-9a-f]{64})", told)
    assert found is not None, told
    return found[1]


@pytest.mark.parametrize("keep", ["draws", "summary"])
def test_an_experiment_is_run_verified_reproduced_and_exported(
    keep: str, money: Callable[..., Path], fiveyear: Command, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    ran = fiveyear("run", money(keep), "--out", store, "--chunk", "50")
    assert ran.code == 0, ran.err
    assert "3 of 3 chunks are finished; 120 rows computed" in ran.out
    verified = fiveyear("store", "verify", store)
    assert (verified.code, content(verified.out)) == (0, content(ran.out))
    again = fiveyear("store", "reproduce", store, "--draws", "20")
    assert again.code == 0
    assert "the same to the bit" in again.out
    shown = fiveyear("store", "show", store)
    assert shown.code == 0
    told = json.loads(fiveyear("store", "show", store, "--json").out)["cases"]
    # Of a target of 2.2, the path of the plan goes to 2.0 in one case and to 2.4 in the other.
    assert [case["verdict"]["rd_intensity"] for case in told[:2]] == ["very unlikely", "likely"]
    for case in told:
        assert all(0.0 <= chance <= 1.0 for chance in case["probability"].values())
        assert case["joint"]["all"] <= min(case["probability"].values())
        assert all(share_text(chance) in shown.out for chance in (*case["probability"].values(), case["joint"]["all"]))
    table = tmp_path / "money.csv"
    assert fiveyear("store", "export", store, "--out", table).code == 0
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    assert header.startswith("scenario,paths.planned_rd_intensity.values.2015,indicator")
    assert len(rows) == 2 * 2 * 2 * 11


def test_resuming_computes_what_is_missing_or_damaged_and_no_more(
    money: Callable[..., Path], fiveyear: Command, tmp_path: Path
) -> None:
    store, file = tmp_path / "store", money()
    whole = content(fiveyear("run", file, "--out", store, "--chunk", "20").out)
    first, second, *_ = sorted(store.glob("rows_*"))
    first.unlink()
    data = bytearray(second.read_bytes())
    data[-9] ^= 1
    second.write_bytes(data)
    found = fiveyear("store", "verify", store)
    assert found.code == 1
    assert "rows 0 to 20: is not there" in found.out
    assert f"{second.name}: is damaged" in found.out
    resumed = fiveyear("run", file, "--out", store, "--resume")  # with the chunks that are there
    assert resumed.code == 0, resumed.err
    assert "40 rows computed" in resumed.out
    assert content(resumed.out) == whole


def test_shards_are_merged_into_what_one_run_gives(
    money: Callable[..., Path], fiveyear: Command, tmp_path: Path
) -> None:
    file = money()
    whole = content(fiveyear("run", file, "--out", tmp_path / "whole", "--chunk", "20").out)
    parts = [tmp_path / f"part_{i}" for i in (1, 2)]
    for i, part in enumerate(parts, start=1):
        ended = fiveyear("run", file, "--out", part, "--chunk", "20", "--shard", f"{i}/2")
        assert (ended.code, "3 of 6 chunks" in ended.out) == (0, True)
    merged = fiveyear("store", "merge", *parts, "--out", tmp_path / "merged")
    assert merged.code == 0, merged.err
    assert "6 of 6 chunks" in merged.out
    assert content(fiveyear("store", "verify", tmp_path / "merged").out) == whole


def test_a_changed_number_is_found_when_draws_are_computed_again(
    money: Callable[..., Path], fiveyear: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    fiveyear("run", money(), "--out", store)
    from fiveyear.experiments.store import computation

    honest = computation.run

    def moved(*arguments: Any) -> dict[str, Any]:
        return {name: np.nextafter(table, np.inf) for name, table in honest(*arguments).items()}

    monkeypatch.setattr(computation, "run", moved)
    found = fiveyear("store", "reproduce", store, "--draws", "5")
    assert found.code == 1
    assert "NOT the same" in found.out


def test_a_file_of_run_is_reproduced_from_itself_alone(fiveyear: Command, tmp_path: Path) -> None:
    file = tmp_path / "plan.nc"
    assert fiveyear("run", "plan", "--draws", "50", "--out", file).code == 0
    found = fiveyear("store", "reproduce", file, "--draws", "10")
    assert found.code == 0, found.err + found.out
    assert "10 rows" in found.out


def test_a_dry_run_says_what_it_takes_and_writes_nothing(
    money: Callable[..., Path], fiveyear: Command, tmp_path: Path
) -> None:
    told = fiveyear("run", money(), "--dry-run", "--out", tmp_path / "store")
    assert told.code == 0
    assert "4 cases x 30 draws = 120 rows" in told.out
    for word in ("chunks of", "MB to be written", "MB free in", "rows a second"):
        assert word in told.out
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--draws", "5"), "--draws: an experiment states it"),
        (("--set", "title='x'"), "--set: an experiment states it"),
        (("--every-step",), "--every-step: an experiment states it"),
        (("--shard", "3/2", "--out", "s"), "--shard"),
        (("--workers", "2", "--scheduler", "tcp://127.0.0.1:1", "--out", "s"), "expected no --workers"),
        ((), "--out: missing"),
        (("--out", "."), "expected a path other than"),
    ],
)
def test_options_that_do_not_go_with_an_experiment_are_refused(
    words: tuple[str, ...],
    said: str,
    money: Callable[..., Path],
    fiveyear: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = fiveyear("run", money(), *words)
    assert ended.code == 2
    assert said in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("option", ["--resume", "--dry-run", "--workers=2", "--chunk=5", "--shard=1/2"])
def test_options_of_an_experiment_are_refused_for_a_scenario(option: str, fiveyear: Command, tmp_path: Path) -> None:
    ended = fiveyear("run", "plan", "--out", tmp_path / "x.nc", option)
    assert ended.code == 2
    assert "only an experiment takes it" in " ".join(ended.err.split())


def test_a_folder_that_holds_something_else_is_left_alone(
    money: Callable[..., Path], fiveyear: Command, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "thesis.txt").write_text("years of work")
    ended = fiveyear("run", money(), "--out", store)
    assert ended.code == 2
    assert "thesis.txt" in ended.err
    assert [p.name for p in store.iterdir()] == ["thesis.txt"]


def test_another_experiment_does_not_go_on_in_a_store(
    money: Callable[..., Path], fiveyear: Command, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    fiveyear("run", money(), "--out", store)
    ended = fiveyear("run", money(text=EXPERIMENT.replace("draws = 30", "draws = 31")), "--out", store, "--resume")
    assert ended.code == 2
    assert "draws: is 30 in the folder, 31 in this run" in ended.err


def test_a_started_experiment_is_a_sound_file(fiveyear: Command, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    assert fiveyear("scenario", "new", "Money, late", "--experiment", "--out", file).code == 0
    checked = fiveyear("scenario", "check", file)
    assert (checked.code, "no fault; Money, late (3 cases)" in checked.out) == (0, True)


def test_chunks_are_many_enough_for_workers_and_no_larger_than_memory_bears(money: Callable[..., Path]) -> None:
    text = EXPERIMENT.replace("draws = 30", "draws = {draws}")
    sizes = {}
    for draws in (30, 100_000, 100_000_000):
        file = money("summary", text.replace("{draws}", str(draws)))
        sizes[draws] = chunk_of(load_experiment(str(file)))
    assert sizes == {30: SMALLEST, 100_000: 14_000, 100_000_000: LARGEST["summary"]}


@pytest.mark.usefixtures("unprinted")
@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_run_reach_and_a_store_hold_the_same_numbers_and_say_the_same_of_the_targets(
    scenario: str, fiveyear: Command, tmp_path: Path
) -> None:
    experiment = tmp_path / "one.toml"
    experiment.write_text(f"title = 'One'\nscenarios = ['{scenario}']\ndraws = 40\nkeep = 'draws'\nseed = 2011\n")
    results = [tmp_path / "run.nc", tmp_path / "reach" / f"{scenario}.nc", tmp_path / "store"]
    assert fiveyear("run", scenario, "--draws", 40, "--out", results[0]).code == 0
    answer = json.loads(fiveyear("reach", scenario, "--draws", 40, "--json", "--out", tmp_path / "reach").out)
    assert fiveyear("run", experiment, "--out", results[2]).code == 0

    first, *others = [open_result(path).dataset() for path in results]
    for other in others:
        for name in first.data_vars:
            assert np.array_equal(first[name].values, other[name].values, equal_nan=True), name
            assert first[name].attrs == other[name].attrs
        assert {k: other.attrs[k] for k in ("facts", "seed", "engine", "draws", "version")} == {
            k: first.attrs[k] for k in ("facts", "seed", "engine", "draws", "version")
        }
    with (
        xr.open_dataset(results[0], engine="scipy") as of_run,
        xr.open_dataset(results[1], engine="scipy") as of_reach,
    ):
        assert of_run.attrs.keys() == of_reach.attrs.keys()
        unlike = {k for k in of_run.attrs if of_run.attrs[k] != of_reach.attrs[k]}
        assert unlike == {"description", "history"}  # of more outputs, by another command
        assert of_run.attrs["version"] == importlib.metadata.version("fiveyear")
        assert json.loads(of_reach.attrs["scenario_content"])["name"] == scenario

    targets = {t["indicator"]: t for t in answer["scenarios"][0]["targets"]}
    for result in results:
        (case,) = json.loads(fiveyear("store", "show", result, "--json").out)["cases"]
        assert case["probability"] == {n: t["probability"] for n, t in targets.items()}
        assert case["verdict"] == {n: t["verdict"] for n, t in targets.items()}
        assert case["joint"] == answer["scenarios"][0]["joint"]
        assert "the same to the bit" in fiveyear("store", "reproduce", result, "--draws", 10).out
        assert fiveyear("store", "export", result, "--out", tmp_path / f"{result.stem}.csv").code == 0
