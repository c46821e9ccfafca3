"""A store that a stranger has changed, with every hash written anew, is refused with the place."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear.experiments.console.errors import StoreError
from fiveyear.experiments.store.computation import compute, describe, fingerprint
from fiveyear.experiments.store.description import faults_of
from fiveyear.experiments.store.results import Result, open_result, open_store
from fiveyear.experiments.store.store import Store
from fiveyear.model import best_engine
from fiveyear.scenarios import load_experiment

EXPERIMENT = """\
title = "Small"
scenarios = ["plan", "behavioural"]
draws = 23
outputs = ["rd_intensity", "invention_patents_per_10k", "st_contribution_rate"]
keep = "{keep}"

[factors."paths.planned_rd_intensity.values.2015"]
values = [2.0, 2.4]
"""
Description = dict[str, Any]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Description]:
    file = tmp_path_factory.mktemp("experiment") / "small.toml"
    found = {}
    for keep in ("draws", "summary"):
        file.write_text(EXPERIMENT.format(keep=keep), encoding="utf-8")
        found[keep] = describe(load_experiment(str(file)), 40, best_engine()).content()
    return found


def rehashed(description: Description) -> Description:
    return {**description, "fingerprint": fingerprint(description)}


def set_to(*keys: str | int, value: Any) -> Callable[[Description], None]:
    def change(description: Description) -> None:
        *above, last = keys
        table: Any = description
        for key in above:
            table = table[key]
        table[last] = value

    return change


CHANGES: dict[str, tuple[Callable[[Description], Any], str]] = {
    "draws of 10**9": (set_to("draws", value=10**9), r"rows: found 92, expected 4 cases x 1000000000 draws"),
    "draws of 10**18": (
        set_to("draws", value=10**18),
        r"draws: found 1000000000000000000, expected less than or equal",
    ),
    "no draws": (set_to("draws", value=0), r"draws: found 0, expected greater than or equal to 1"),
    "draws in quotes": (set_to("draws", value="23"), r'draws: found "23", expected a whole number'),
    "falling years": (set_to("years", value=[2015, 2010, 2005]), r"years: found \[2015, 2010, 2005\], expected those"),
    "other years": (
        set_to("years", value=[1995, 2010, 2015]),
        r"years: found .* those of the plan in it, \[2005, 2010",
    ),
    "two years": (set_to("years", value=[2005, 2015]), r"years: found a list, expected"),
    "an unknown output": (
        set_to("outputs", 0, value="rd_intensty"),
        r"outputs.0: .* called \"rd_intensty\"; nearest is",
    ),
    "an output twice": (set_to("outputs", 1, value="rd_intensity"), r"outputs.1: \"rd_intensity\" stands in outputs.0"),
    "no output": (set_to("outputs", value=[]), r"outputs: found a list, expected"),
    "a target of less": (
        set_to("targets", 0, "value", value=0.1),
        r"targets.rd_intensity.value: found 0.1, the plan in it says 2.2",
    ),
    "a target turned round": (set_to("targets", 0, "comparator", value="<="), r'comparator: found "<=", .* says ">="'),
    "a target left out": (lambda d: d["targets"].pop(0), r"targets: found .*; the plan in it has, of these outputs"),
    "no number in a target": (set_to("targets", 0, "value", value=None), r"targets.rd_intensity.value: found None"),
    "attributes of no output": (
        set_to("attributes", "x", value=dict.fromkeys(("units", "long_name", "description", "reading"), "x")),
        r"attributes.x: is of",
    ),
    "no attributes": (lambda d: d["attributes"].clear(), r"attributes.rd_intensity: missing"),
    "attributes of numbers": (
        set_to("attributes", "rd_intensity", "units", value=3),
        r"units: found 3, expected a text",
    ),
    "no case": (set_to("cases", value=[]), r"cases: found a list, expected"),
    "a case of nothing": (set_to("cases", 1, value={}), r"cases.1.scenario: missing"),
    "a case that is none": (set_to("cases", 1, value=3), r"cases.1: found 3, expected a"),
    "another name": (set_to("cases", 1, "scenario", value="best"), r'scenario: found "best", its content is of "plan"'),
    "a plan in a case": (set_to("cases", 0, "content", "plan", value={}), r"cases.0.content.plan: no such key"),
    "a scenario out of range": (
        set_to("cases", 0, "content", "content", "paths", "planned_rd_intensity", "values", value={"2015": 1e9}),
        r"cases.0.content.content.paths.planned_rd_intensity.values.2015: found 1e\+09 %, expected",
    ),
    "a factor of two lines": (set_to("cases", 0, "factors", value={"a": "x\ny"}), r"factors.a: .* a text on one line"),
    "a factor that is nothing": (set_to("cases", 0, "factors", value={"a": None}), r"factors.a: found None"),
    "a plan without targets": (set_to("plan", "targets", value=3), r"plan.targets: found 3, expected a list"),
    "a plan of another end": (set_to("plan", "end", value=2016), r"years: found .*, expected those of the plan in it"),
    "a plan called ..": (set_to("plan", "name", value="../x"), r'plan.name: its name, "../x", becomes a label'),
    "made by nothing": (set_to("made_by", value={"": ""}), r"made_by.fiveyear: missing"),
    "an unknown engine": (set_to("engine", value="warp"), r'engine: found "warp", expected'),
    "a key too many": (set_to("more", value=1), r"more: no such key"),
    "the schema": (set_to("schema", value="x"), r"is of the schema x"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_description_that_does_not_hold_is_refused_with_its_place(
    name: str, described: dict[str, Description], tmp_path: Path
) -> None:
    change, expected = CHANGES[name]
    description = copy.deepcopy(described["draws"])
    change(description)
    # As the file of a run, and as a store.
    with pytest.raises(StoreError, match=expected):
        _open_run(rehashed(description), tmp_path / "run.nc")
    with pytest.raises(StoreError, match=expected):
        open_store(Store.create(tmp_path / "store", rehashed(description)).folder)


def _open_run(description: Description, file: Path) -> Result:
    attributes = {"draw": "all", "description": json.dumps(description)}
    xr.Dataset(attrs=attributes).to_netcdf(file, engine="scipy")
    return open_result(file)


def test_what_experiments_write_holds(described: dict[str, Description]) -> None:
    for description in described.values():
        assert faults_of(description) == []
        assert faults_of(json.loads(json.dumps(description))) == []


# Made by version 0.1.0 (commit de62128): `fiveyear run one.toml --out written_by_0_1_0 --engine fast`. one.toml:
# title = "Written by fiveyear 0.1.0", scenarios = ["plan"], draws = 5, outputs = ["rd_intensity"].
OLD = Path(__file__).with_name("written_by_0_1_0")


def test_a_store_of_version_0_1_0_is_refused_with_the_schemas() -> None:
    expected = r"is of the schema fiveyear.experiment/2; this version of fiveyear reads fiveyear.experiment/3"
    with pytest.raises(StoreError, match=expected):
        open_result(OLD)


@pytest.mark.parametrize("words", [["show"], ["verify"], ["reproduce"], ["merge", "--out"], ["export", "--out"]])
def test_every_command_refuses_such_a_store(
    words: list[str], described: dict[str, Description], tmp_path: Path, fiveyear: Callable[..., Any]
) -> None:
    description = copy.deepcopy(described["draws"])
    description["targets"][0]["value"] = 0.1
    store = Store.create(tmp_path / "store", rehashed(description)).folder
    command, *out = words
    ended = fiveyear("store", command, store, *out, *([tmp_path / "out.csv"] if out else []))
    assert ended.code == 2
    assert "targets.rd_intensity.value: found 0.1, the plan in it says 2.2" in ended.err
    assert not (tmp_path / "out.csv").exists()


def test_a_description_that_lies_deep_within_itself_is_refused(
    described: dict[str, Description], tmp_path: Path
) -> None:
    for depth in (500, 100_000):
        description = {**described["draws"], "cases": 0}
        text = json.dumps(description).replace('"cases": 0', f'"cases": {"[" * depth}{"]" * depth}')
        xr.Dataset(attrs={"draw": "all", "description": text}).to_netcdf(tmp_path / "run.nc", engine="scipy")
        with pytest.raises(StoreError, match=r"cases|cannot be read as a result|lies within one another"):
            open_result(tmp_path / "run.nc")


def test_many_faulty_cases_are_told_by_the_first(described: dict[str, Description]) -> None:
    description = copy.deepcopy(described["draws"])
    description["cases"] = [{**description["cases"][0], "scenario": 3}] * 1000
    description["rows"] = 23_000
    told = faults_of(description)
    assert len(told) == 21 and told[0].startswith("cases.0.scenario") and told[-1] == "and more"


@pytest.mark.slow
def test_no_part_of_a_description_can_be_changed_into_a_traceback(described: dict[str, Description]) -> None:
    description = copy.deepcopy(described["draws"])
    del description["cases"][1:]
    places = [p for p in _places(description, ()) if p[0] != "plan" or len(p) < 3]
    assert len(places) > 100
    for *above, last in places:
        for value in (None, True, -1, 10**400, 1e308, float("nan"), "", "\0", "\ud800", [], {}, [None], {"": 0}):
            one = copy.deepcopy(description)
            table: Any = one
            for key in above:
                table = table[key]
            table[last] = value
            assert all(isinstance(fault, str) for fault in faults_of(one))


def _places(value: Any, above: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*above, key)
        yield from _places(value[key], (*above, key))


# -- chunks ---------------------------------------------------------------------------------------------------
CHUNKS: dict[str, tuple[str, Callable[[xr.Dataset], xr.Dataset], str]] = {
    "an output left out": ("draws", lambda d: d.drop_vars("rd_intensity"), "rd_intensity is not there"),
    "an output of whole numbers": (
        "draws",
        lambda d: d.assign(rd_intensity=d["rd_intensity"].astype(np.int32)),
        "no table of numbers",
    ),
    "an output by row alone": ("draws", lambda d: d.assign(rd_intensity=d["draw"]), "no table of numbers by row"),
    "a row too few": ("draws", lambda d: d.isel(row=slice(1, None)), "holds 39 rows, expected 40"),
    "other years": ("draws", lambda d: d.assign_coords(year=d["year"] + 1), "its years are not 2005 to 2015"),
    "runs of bins without end": ("summary", lambda d: d.assign(length=d["length"] * 0 + (2**31 - 1)), "runs of bins"),
    "counts that are negative": ("summary", lambda d: d.assign(count=-d["count"]), "its counts are not those of its"),
    "draws that are too many": ("summary", lambda d: d.assign(draws=d["draws"] + 1), "its counts are not those of its"),
    "a pattern of no target": ("summary", lambda d: d.assign(pattern=d["pattern"] + 2**30), "its counts are not those"),
    "another case": ("summary", lambda d: d.assign_coords(case=d["case"] + 7), "its counts are not those of its rows"),
    "no counts": ("summary", lambda d: d.drop_vars("count"), "count"),
}


@pytest.fixture(scope="module")
def computed(described: dict[str, Description]) -> dict[str, list[bytes]]:
    return {keep: [compute(d, 0, 40), compute(d, 40, 80), compute(d, 80, 92)] for keep, d in described.items()}


@pytest.mark.parametrize("name", CHUNKS)
def test_a_chunk_that_is_not_of_its_rows_is_refused(
    name: str,
    described: dict[str, Description],
    computed: dict[str, list[bytes]],
    tmp_path: Path,
    fiveyear: Callable[..., Any],
) -> None:
    keep, change, expected = CHUNKS[name]
    store = Store.create(tmp_path / "store", described[keep])
    for chunk, data in zip(store.chunks, computed[keep], strict=True):
        store.write(chunk, data)
    (first,) = store.folder.glob("rows_000000000000_*")
    with xr.open_dataset(first, engine="scipy", decode_times=False) as opened:
        changed = change(opened.load())
    first.unlink()
    for variable in changed.variables:
        changed[variable].encoding["_FillValue"] = None
    data = bytes(changed.to_netcdf(engine="scipy"))
    first.with_name(f"{first.name[:31]}{hashlib.sha256(data).hexdigest()}.nc").write_bytes(data)
    for command in ("verify", "show"):
        ended = fiveyear("store", command, store.folder)
        assert ended.code == 2, ended
        assert "the chunk of rows 0 to 40: " in ended.err and expected in ended.err
