"""Reproducing: a result comes out again from its file alone, a bit that differs is found, another model is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear.experiments.console.errors import StoreError
from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.store import computation, runner
from fiveyear.experiments.store.computation import compute
from fiveyear.experiments.store.reproduction import reproduce
from fiveyear.experiments.store.results import open_result
from fiveyear.experiments.store.run import run
from fiveyear.experiments.store.store import Store
from fiveyear.model import InputError
from fiveyear.scenarios import load_scenario

Describe = Callable[..., dict[str, Any]]
ROWS = 46  # of the small experiment: two cases of 23


@pytest.fixture
def stored(tmp_path: Path, described: Describe) -> Callable[..., Path]:
    """Give the folder of a finished small experiment."""

    def give(name: str = "store", **keys: Any) -> Path:
        store = Store.create(tmp_path / name, described(**keys))
        runner.run(store, compute, store.chunks)
        return store.folder

    return give


def written(file: Path, scenario: str = "plan", draws: int = 12, keep: tuple[str, ...] = (), **options: Any) -> Path:
    """Give the file of a run."""
    one = ensemble(load_scenario(scenario, options.pop("settings", ())), None, 5)
    run(one, file, draws, options.pop("draw", None), "rk4", 0.125, False, list(keep))
    return file


def rewritten(file: Path, change: Callable[[xr.Dataset], None]) -> Path:
    with xr.open_dataset(file, engine="scipy", decode_times=False) as opened:
        dataset = opened.load()
    change(dataset)
    dataset.to_netcdf(file, engine="scipy")
    return file


@pytest.mark.parametrize("keep", ["draws", "summary"])
def test_a_store_is_reproduced_from_its_folder_alone(stored: Callable[..., Path], keep: str) -> None:
    found = reproduce(stored(keep=f"'{keep}'"), 1000)
    assert found.same and found.rows == ROWS
    assert found.values == ROWS * len(open_result(found.path).outputs) * 11


def test_counts_of_a_version_that_said_less_of_its_files_are_reproduced(stored: Callable[..., Path]) -> None:
    folder = stored(keep="'summary'")
    for file in folder.glob("rows_*.nc"):
        with xr.open_dataset(file, engine="scipy", decode_times=False) as opened:
            old = opened.load()
        for name in ("Conventions", "title", "history"):
            del old.attrs[name]
        for variable in old.variables.values():
            variable.attrs.clear()
        data = bytes(old.to_netcdf(engine="scipy"))
        file.unlink()
        file.with_name(f"{file.name[:31]}{hashlib.sha256(data).hexdigest()}.nc").write_bytes(data)
    assert reproduce(folder, 1000).same


def test_no_more_rows_are_computed_than_asked_for_and_another_seed_takes_others(
    stored: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stored()
    taken: list[tuple[int, int]] = []
    real = computation.run

    def noted(description: Any, case: int, draws: Any) -> Any:
        taken.extend((case, draw) for draw in draws)
        return real(description, case, draws)

    monkeypatch.setattr(computation, "run", noted)
    assert reproduce(folder, 9, seed=1).rows == 9
    first = set(taken)
    taken.clear()
    reproduce(folder, 9, seed=2)
    assert len(first) == len(set(taken)) == 9
    assert first != set(taken)


@pytest.mark.parametrize("settings", [[], ["paths.planned_rd_intensity.values.2015=2.4"]])
def test_a_run_is_reproduced_from_its_file_alone(tmp_path: Path, settings: list[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text("title = 'Own'\nextends = 'behavioural'\nexpect = 'The same.'\n")
    file = written(tmp_path / "run.nc", str(own), keep=("researchers",), settings=settings)
    own.unlink()
    found = reproduce(file)
    assert found.same and found.rows == 12
    assert found.lines() == [f"{file}: 12 rows, {found.values:,} values computed again: the same to the bit"]
    assert "researchers" in open_result(file).outputs


def test_a_run_says_its_engine_its_posterior_and_what_it_was_made_by(tmp_path: Path) -> None:
    told = open_result(written(tmp_path / "run.nc")).description
    one = ensemble(load_scenario("plan"), None, 5)
    assert told.engine == one.engine
    assert one.posterior.evidence.identity.items() <= told.posterior.items()
    assert {"fiveyear", "python", "numpy"} <= told.made_by.model_dump().keys()


def test_the_last_bit_of_one_value_is_missed_by_nobody(tmp_path: Path) -> None:
    def change(dataset: xr.Dataset) -> None:
        values = dataset["rd_intensity"].values
        values[7, 9] = np.nextafter(values[7, 9], np.inf)

    found = reproduce(rewritten(written(tmp_path / "run.nc"), change))
    assert not found.same
    (difference,) = found.differences
    assert (difference.row, difference.output, difference.year) == (7, "rd_intensity", 2014)
    assert difference.stored == np.nextafter(difference.computed, np.inf)
    assert "row 7, draw 7 of case 0 (plan): rd_intensity in 2014 is " in found.lines()[1]


def test_a_lost_value_differs_from_one_that_is_there(tmp_path: Path) -> None:
    file = written(tmp_path / "run.nc")
    found = reproduce(rewritten(file, lambda d: d["rd_intensity"].values.__setitem__((3, 5), np.nan)))
    assert [(d.row, d.output, d.year) for d in found.differences] == [(3, "rd_intensity", 2010)]


def test_counts_that_differ_are_told_with_their_rows(stored: Callable[..., Path]) -> None:
    folder = stored(keep="'summary'", chunk=23)
    store = Store.open(folder)
    chunk = store.chunks[1]
    other = compute({**store.description, "seed": 1}, *chunk)
    for file in folder.glob("rows_000000000023_*"):
        file.unlink()
    store = Store.open(folder)
    store.write(chunk, other)
    found = reproduce(folder, 1000)
    assert found.other == ("the counts of rows 23 to 46 differ",) and not found.same


def test_other_versions_are_told_and_are_no_fault(tmp_path: Path) -> None:
    def change(dataset: xr.Dataset) -> None:
        told = json.loads(dataset.attrs["description"])
        told["made_by"]["numpy"] = "1.0"
        dataset.attrs["description"] = json.dumps(told)

    found = reproduce(rewritten(written(tmp_path / "run.nc"), change))
    assert found.same
    assert found.lines()[-1].startswith("made by numpy 1.0, here is ")


@pytest.mark.parametrize(("group", "key"), [("model", "structure"), ("posterior", "facts"), ("posterior", "checksum")])
def test_another_model_or_posterior_is_refused_with_what_has_changed(tmp_path: Path, group: str, key: str) -> None:
    def change(dataset: xr.Dataset) -> None:
        told = json.loads(dataset.attrs["description"])
        told[group][key] = "0" * 64
        dataset.attrs["description"] = json.dumps({**told, "fingerprint": computation.fingerprint(told)})

    with pytest.raises(InputError, match=f"the {group}: {key} has changed since"):
        reproduce(rewritten(written(tmp_path / "run.nc"), change))


def test_a_description_that_was_changed_is_refused(tmp_path: Path) -> None:
    def change(dataset: xr.Dataset) -> None:
        dataset.attrs["description"] = dataset.attrs["description"].replace('"seed": 5', '"seed": 6')

    with pytest.raises(StoreError, match="not what its fingerprint says"):
        reproduce(rewritten(written(tmp_path / "run.nc"), change))
