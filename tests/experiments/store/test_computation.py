"""A chunk: the draws that an ensemble gives, whatever else is in it, and no draw lost with another."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear import model
from fiveyear.calibration.errors import CalibrationError
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.store import computation
from fiveyear.experiments.store.computation import compute, ensemble_of, named, run
from fiveyear.experiments.store.description import Description
from fiveyear.experiments.store.summary import count, from_dataset, patterns_of
from fiveyear.model import InputError, Inputs
from fiveyear.scenarios import ScenarioError, load_scenario

FACTOR = "[factors.'paths.planned_rd_intensity.values.2015']"
Describe = Callable[..., dict[str, Any]]


def opened(data: bytes) -> xr.Dataset:
    return xr.open_dataset(io.BytesIO(data), engine="scipy").load()


def test_the_same_description_and_rows_give_the_same_bytes(described: Describe) -> None:
    for keep in ("draws", "summary"):
        told = described(keep=f"'{keep}'")
        assert compute(told, 5, 31) == compute(json.loads(json.dumps(told)), 5, 31)


def test_a_chunk_over_two_cases_holds_the_draws_of_their_ensembles(
    described: Describe, shipped: Callable[..., Ensemble]
) -> None:
    found = opened(compute(described(), 20, 30))
    assert found["case"].values.tolist() == [0] * 3 + [1] * 7
    assert found["draw"].values.tolist() == [20, 21, 22, 0, 1, 2, 3, 4, 5, 6]
    for scenario, rows, draws in (("plan", slice(0, 3), range(20, 23)), ("behavioural", slice(3, 10), range(7))):
        expected = shipped(scenario).run(draws).dataset()
        for name in expected.data_vars:
            assert np.array_equal(found[name].values[rows], expected[name].values, equal_nan=True), name


def test_units_and_labels_of_a_chunk_are_those_of_a_run(described: Describe, shipped: Callable[..., Ensemble]) -> None:
    found, one = opened(compute(described(), 0, 2)), shipped("plan").run(2).dataset()
    assert list(found.data_vars) == list(one.data_vars)
    for name in one.data_vars:
        assert [found[name].attrs[k] for k in ("unit", "long_name")] == [
            one[name].attrs[k] for k in ("units", "long_name")
        ]


def test_a_case_is_its_scenario_with_the_factors_set(described: Describe) -> None:
    told = described(FACTOR, "values = [1.8, 2.4]", scenarios="['plan']", draws=4)
    for case, value in enumerate((1.8, 2.4)):
        own = load_scenario("plan", [f"paths.planned_rd_intensity.values.2015={value}"])
        assert ensemble_of(Description.model_validate(told), case).scenario == own
    first, second = (run(Description.model_validate(told), case, range(4))["rd_intensity"][:, -1] for case in (0, 1))
    assert np.all(second > 1.3 * first) and np.all(first < 2.0)


def test_scenarios_share_their_random_numbers(described: Describe) -> None:
    told = described(outputs="['gdp', 'rd_intensity']", draws=6)
    plan, behavioural = (run(Description.model_validate(told), case, range(6)) for case in (0, 1))
    assert np.array_equal(plan["gdp"], behavioural["gdp"])
    assert len(np.unique(plan["gdp"][:, -1])) == 6
    assert not np.array_equal(plan["rd_intensity"], behavioural["rd_intensity"])


def test_the_first_draws_of_an_experiment_of_more_are_those_of_one_of_fewer(described: Describe) -> None:
    fewer, more = described(draws=9), described(draws=18)
    for case in (0, 1):
        found = [opened(compute(told, case * told["draws"], case * told["draws"] + 9)) for told in (fewer, more)]
        assert all(np.array_equal(found[0][n], found[1][n], equal_nan=True) for n in fewer["outputs"])


def test_draws_are_the_same_in_any_company(shipped: Callable[..., Ensemble]) -> None:
    one = shipped("behavioural")
    whole, some = one.run(40).dataset(), one.run([3, 4, 5, 31, 7]).dataset()
    assert some["draw"].values.tolist() == [3, 4, 5, 31, 7]
    for name in whole.data_vars:
        assert np.array_equal(whole[name].values[[3, 4, 5, 31, 7]], some[name].values, equal_nan=True), name


def test_outputs_are_those_asked_for_in_their_order(described: Describe) -> None:
    told = described(outputs="['researchers', 'rd_intensity']")
    assert list(opened(compute(told, 0, 3)).data_vars) == ["researchers", "rd_intensity"]
    assert [t["indicator"] for t in told["targets"]] == ["rd_intensity"]


def test_a_description_needs_no_file_of_the_user(tmp_path: Path, described: Describe) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        "title = 'Own'\nextends = 'plan'\nexpect = 'Less.'\n"
        "[paths.planned_rd_intensity]\nunit = '%'\nvalues = { 2015 = 1.9 }\nassumed = 'a test'\n"
    )
    told = json.loads(json.dumps(described(scenarios="['own.toml']")))
    before = ensemble(load_scenario(str(own)), None, told["seed"]).run(5).values["rd_intensity"]
    own.unlink()
    after = opened(compute(told, 0, 5))["rd_intensity"].values
    assert after.tolist() == before.tolist()
    assert np.median(after[:, -1]) < 2.0  # of its own path, not of the plan's


def test_counts_are_those_of_the_draws(described: Describe) -> None:
    told = described(keep="'summary'")
    counted = from_dataset(opened(compute(told, 0, 46)))
    for case in (0, 1):
        values = run(Description.model_validate(told), case, range(23))
        expected = count(list(values.values()), patterns_of(Description.model_validate(told), values))
        assert np.array_equal(counted[case].entries, expected.entries)
        assert np.array_equal(counted[case].counts, expected.counts)
        assert counted[case].draws == 23


@pytest.mark.parametrize(
    ("group", "key"),
    [("model", "structure"), ("model", "indicators"), ("posterior", "checksum"), ("posterior", "outlook")],
)
def test_a_change_since_the_description_is_refused_by_name(described: Describe, group: str, key: str) -> None:
    told = described()
    told[group] = {**told[group], key: "0" * 64}
    with pytest.raises(InputError, match=f"the {group}: {key} has changed since"):
        compute(told, 0, 2)


def test_another_engine_has_another_fingerprint_and_another_computer_has_not(described: Describe) -> None:
    told = described(engine="reference")
    moved = {**told, "made_by": {**told["made_by"], "numpy": "1.0"}}
    assert computation.fingerprint(moved) == told["fingerprint"] != computation.fingerprint({**told, "engine": "fast"})
    assert computation.changed_versions(Description.model_validate(told)) == []
    (sentence,) = computation.changed_versions(Description.model_validate(moved))
    assert sentence.startswith("made by numpy 1.0, here is ")


def test_an_indicator_that_the_plan_cannot_give_is_refused(described: Describe) -> None:
    text = r"outputs.0: citation_rank needs groups.rivals, which neither the plan eleventh, its priors"
    with pytest.raises(ScenarioError, match=text):
        described(scenarios="['eleventh_plan']", outputs="['citation_rank']")


def test_an_unknown_information_set_is_refused(described: Describe) -> None:
    with pytest.raises(CalibrationError, match="no such information set"):
        described(facts="'july1911'")


def test_a_case_that_leaves_the_models_ranges_is_refused_before_anything_runs(described: Describe) -> None:
    text = r"has 1 fault:\n  factors.*: paths.gdp_real: .* in 201\d is outside .*first in case 1: plan with .*2011 = 91"
    with pytest.raises(ScenarioError, match=text):
        described("[factors.'paths.gdp_real.growth.2011']", "values = [7, 91]", scenarios="['plan']")


# -- draws that fail ----------------------------------------------------------------------------------------
@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Give what makes a drawn Series of draw 4 something else in 2013."""

    def give(series: str, value: float) -> None:
        inputs = Ensemble.inputs

        def spoilt(self: Ensemble, start: int, stop: int) -> Inputs:
            found = inputs(self, start, stop)
            if not start <= 4 < stop:
                return found
            changed = found.series[series].copy()
            changed[8, 4 - start] = value
            return found.but({}, {series: changed})

        monkeypatch.setattr(Ensemble, "inputs", spoilt)

    return give


def test_a_draw_with_an_input_out_of_range_takes_no_other_with_it(
    described: Describe, failing: Callable[[str, float], None]
) -> None:
    told = described(scenarios="['plan']")
    whole = run(Description.model_validate(told), 0, range(8))
    failing("price_level", -1.0)
    found = opened(compute(told, 0, 8))
    assert np.all(np.isnan([found[n].values[4] for n in told["outputs"]]))
    others = [0, 1, 2, 3, 5, 6, 7]
    assert all(np.array_equal(found[n].values[others], whole[n][others], equal_nan=True) for n in told["outputs"])
    assert found.attrs["not_finite"] == "1"
    assert json.loads(found.attrs["not_finite_first"]) == [[4, "rd_intensity", 2005]]


@pytest.mark.parametrize("keep", ["draws", "summary"])
def test_a_value_that_is_not_finite_is_kept_as_such_and_named(
    described: Describe, monkeypatch: pytest.MonkeyPatch, keep: str
) -> None:
    told = described(keep=f"'{keep}'", scenarios="['plan']")
    simulate = model.simulate

    def infinite(*args: Any, **options: Any) -> model.Run:
        run = simulate(*args, **options)
        if options["only_finite"] is False:
            run.values["technology_market_value"][2:4, 9] = np.inf
        return run

    monkeypatch.setattr(model, "simulate", infinite)
    found = opened(compute(told, 0, 8))
    assert found.attrs["not_finite"] == "2"
    assert json.loads(found.attrs["not_finite_first"]) == [[r, "technology_market_value", 2014] for r in (2, 3)]
    if keep == "draws":
        assert np.argwhere(np.isnan(found["technology_market_value"].values)).tolist() == [[2, 9], [3, 9]]
    else:
        (counts,) = from_dataset(found).values()
        place = told["outputs"].index("technology_market_value")
        assert counts.not_finite[place].tolist() == [0] * 9 + [2, 0]


def test_those_that_are_not_finite_are_named_with_case_draw_and_parameters(described: Describe) -> None:
    told = described(FACTOR, "values = [1.8, 2.4]", scenarios="['plan']", draws=30)
    faults = computation.NotFinite(45, [(row, "rd_intensity", 2013) for row in range(31, 51)])
    lines = named(Description.model_validate(told), faults)
    case = "case 1 (plan, paths.planned_rd_intensity.values.2015 = 2.4)"
    assert lines[0].startswith(f"row 31, draw 1 of {case}: rd_intensity is not finite in 2013; its parameters: ")
    one = ensemble_of(Description.model_validate(told), 1)
    values = one.inputs(1, 2).parameters
    assert all(f"{n} = {float(np.ravel(values[n])[0]):.6g}" in lines[0] for n in one.posterior.parameters)
    assert len(lines) == 21 and lines[-1] == "and 25 rows more"


def test_a_rise_that_has_no_value_before_the_base_year_is_no_fault(described: Describe) -> None:
    found = opened(compute(described(outputs="['st_contribution_rate']"), 0, 5))
    assert np.all(np.isnan(found["st_contribution_rate"].values[:, :6]))
    assert found.attrs["not_finite"] == "0"
