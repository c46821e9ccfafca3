"""Reading results: what a store says, of draws or of counts, is what numpy says of the draws themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fiveyear.experiments.console.errors import StoreError
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach.answer import reach
from fiveyear.experiments.store import results
from fiveyear.experiments.store.computation import compute, run
from fiveyear.experiments.store.results import Result, open_result
from fiveyear.experiments.store.store import Store
from fiveyear.model import InputError

FACTOR = "[factors.'paths.planned_rd_intensity.values.2015']"
OUTPUTS = "['rd_intensity', 'invention_patents_per_10k', 'st_contribution_rate', 'basic_research_growth']"
Describe = Callable[..., dict[str, Any]]


def stored(folder: Path, told: dict[str, Any]) -> Result:
    store = Store.create(folder, told)
    for chunk in store.chunks:
        store.write(chunk, compute(told, *chunk))
    return open_result(folder)


@pytest.fixture
def draws(tmp_path: Path, described: Describe) -> Result:
    return stored(tmp_path / "draws", described(outputs=OUTPUTS))


@pytest.fixture
def counts(tmp_path: Path, described: Describe) -> Result:
    return stored(tmp_path / "counts", described(outputs=OUTPUTS, keep="'summary'"))


def test_statistics_of_draws_are_those_of_numpy(draws: Result) -> None:
    found = {(s.case, s.indicator, s.year): s for s in draws.statistics([0.1, 0.5])}
    for case, scenario in enumerate(("plan", "behavioural")):
        values = run(draws.description, case, range(23))
        one = found[case, "rd_intensity", 2015]
        last = values["rd_intensity"][:, -1]
        assert (one.scenario, one.draws, one.not_finite) == (scenario, 23, 0)
        assert one.mean == pytest.approx(last.mean(), rel=1e-15)
        assert one.quantiles == {level: np.quantile(last, level) for level in (0.1, 0.5)}
        assert (one.label, one.unit) == ("R&D / GDP", "%")


def test_statistics_go_by_case_then_output_then_year(draws: Result) -> None:
    order = [(s.case, draws.outputs.index(s.indicator), s.year) for s in draws.statistics()]
    assert order == sorted(order) and len(set(order)) == len(order)


def test_a_rise_has_no_statistic_in_years_without_one(draws: Result, counts: Result) -> None:
    for result in (draws, counts):
        years = {s.year for s in result.statistics() if s.indicator == "st_contribution_rate"}
        assert years == set(range(2011, 2016))


def test_counts_say_the_same_as_draws_to_the_width_of_a_bin(draws: Result, counts: Result) -> None:
    for exact, one in zip(draws.statistics(), counts.statistics(), strict=True):
        assert (exact.case, exact.indicator, exact.year) == (one.case, one.indicator, one.year)
        assert exact.mean is not None
        # Of a mean of both signs the error is a share of the numbers, not of the mean.
        size = max(abs(q) for q in (exact.mean, *exact.quantiles.values()))
        assert one.mean == pytest.approx(exact.mean, abs=size / 128.0)
        assert all(one.quantiles[level] == pytest.approx(q, rel=1.0 / 128.0) for level, q in exact.quantiles.items())


def test_targets_are_met_as_often_in_draws_as_in_counts(draws: Result, counts: Result) -> None:
    assert list(draws.targets()) == list(counts.targets())


def test_targets_are_met_as_often_as_in_the_answer_of_reach(
    tmp_path: Path, described: Describe, shipped: Callable[..., Ensemble]
) -> None:
    result = stored(tmp_path / "all", described(keep="'summary'", draws=300, chunk=250))
    for scenario, met in zip(("plan", "behavioural"), result.targets(), strict=True):
        found = reach(shipped(scenario), 300)
        chances = {f.target.indicator: f.probability.value for f in found.findings if f.probability}
        assert met.draws == 300 and set(chances) <= set(met.met)
        assert {n: met.probability(n) for n in chances} == pytest.approx(chances, abs=1e-12)
        assert sum(met.together.values()) == 300
        assert met.met["rd_intensity"] == sum(n for names, n in met.together.items() if "rd_intensity" in names)


def test_draws_of_outputs_without_a_target_meet_none(tmp_path: Path, described: Describe) -> None:
    for keep in ("draws", "summary"):
        result = stored(tmp_path / keep, described(outputs="['researchers']", keep=f"'{keep}'"))
        for met in result.targets():
            assert (met.met, met.together) == ({}, {(): 23})


@pytest.mark.parametrize("keep", ["draws", "summary"])
def test_the_hash_of_the_content_is_the_same_for_any_chunks(tmp_path: Path, described: Describe, keep: str) -> None:
    found = {
        stored(tmp_path / str(chunk), described(keep=f"'{keep}'", outputs=OUTPUTS, chunk=chunk)).content_hash()
        for chunk in (7, 23, 46)
    }
    other = stored(tmp_path / "other", described(keep=f"'{keep}'", outputs=OUTPUTS, seed="5")).content_hash()
    assert len(found) == 1 and other not in found


def test_blocks_say_of_each_row_its_case_and_draw(draws: Result) -> None:
    rows = [np.stack([b[n].values for n in ("row", "case", "draw")]) for b in draws.blocks()]
    assert [b.shape[1] for b in rows] == [10, 10, 10, 10, 6]
    assert np.array_equal(np.concatenate(rows, axis=1), np.stack([np.arange(46), *np.divmod(np.arange(46), 23)]))


def test_all_draws_come_in_one_dataset_by_case_draw_and_year(draws: Result) -> None:
    whole = draws.dataset()
    assert dict(whole.sizes) == {"case": 2, "draw": 23, "year": 11}
    assert whole["scenario"].values.tolist() == ["plan", "behavioural"]
    values = run(draws.description, 1, [5])["rd_intensity"]
    assert np.array_equal(whole["rd_intensity"].sel(case=1, draw=5).values, values[0])


def test_a_result_larger_than_is_read_at_once_says_the_same(draws: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(draws.statistics())
    monkeypatch.setattr(results, "AT_ONCE", 1)
    assert list(draws.statistics()) == whole


def test_counts_give_no_draws(counts: Result) -> None:
    with pytest.raises(InputError, match='run the experiment with keep = "draws"'):
        next(counts.blocks())


def test_a_store_that_is_not_finished_is_no_result(tmp_path: Path, described: Describe) -> None:
    told = described()
    store = Store.create(tmp_path / "store", told)
    store.write(store.chunks[0], compute(told, *store.chunks[0]))
    with pytest.raises(StoreError, match=r"4 of 5 chunks are not there; go on with: fiveyear run .* --resume"):
        open_result(tmp_path / "store")


def test_a_chunk_of_another_experiment_is_told_from_ones_own(tmp_path: Path, described: Describe) -> None:
    told = described(outputs=OUTPUTS)
    store = Store.create(tmp_path / "store", told)
    for chunk in store.chunks:
        store.write(chunk, compute(described(outputs=OUTPUTS, seed="5") if chunk.start == 10 else told, *chunk))
    with pytest.raises(StoreError, match="the chunk of rows 10 to 20: experiment is"):
        open_result(tmp_path / "store").content_hash()


def test_a_file_of_a_run_reads_as_a_store_of_the_same_draws_does(
    tmp_path: Path, described: Describe, fiveyear: Callable[..., Any]
) -> None:
    assert fiveyear("run", "plan", "--draws", "23", "--out", tmp_path / "run.nc").code == 0
    one = open_result(tmp_path / "run.nc")
    other = stored(tmp_path / "store", described(scenarios="['plan']"))
    assert one.content_hash() == other.content_hash()
    assert list(one.statistics()) == list(other.statistics())
    assert list(one.targets()) == list(other.targets())


@pytest.mark.parametrize("content", [b"", b"CDF\x01", b"{}"])
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.nc").write_bytes(content)
    with pytest.raises(StoreError, match="cannot be read as a result"):
        open_result(tmp_path / "some.nc")


def test_a_single_run_is_refused(tmp_path: Path, fiveyear: Callable[..., Any]) -> None:
    assert fiveyear("run", "plan", "--draw", "3", "--out", tmp_path / "run.nc").code == 0
    with pytest.raises(StoreError, match="holds a single run"):
        open_result(tmp_path / "run.nc")


def test_a_description_of_another_version_is_refused(tmp_path: Path, described: Describe) -> None:
    Store.create(tmp_path / "newer", {**described(), "schema": "fiveyear.experiment/9"})
    with pytest.raises(StoreError, match=r"is of the schema fiveyear.experiment/9; this version .* reads"):
        open_result(tmp_path / "newer")
    Store.create(tmp_path / "less", {k: v for k, v in described().items() if k != "cases"})
    with pytest.raises(StoreError, match="cases: missing"):
        open_result(tmp_path / "less")


def test_a_description_is_json(described: Describe) -> None:
    told = described(FACTOR, "values = [1.8, 2.4]")
    assert json.loads(json.dumps(told, allow_nan=False)) == told
