"""What each scenario is expected to do, in ``expectations.toml``, against a run in the middle of what is uncertain."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear import model
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.model import INDICATORS
from fiveyear.scenarios import load_scenario, scenario_names

EXPECTED = tomllib.loads(Path(__file__).with_name("expectations.toml").read_text(encoding="utf-8"))
IN_POINTS = EXPECTED.pop("in_points")
OTHERS = ("experimental_development", "gdp", "papers", "rd_spending_real")
OF_TWELFTH = [n for n in scenario_names() if load_scenario(n).plan.name == "twelfth"]
CHILDREN = {n: p for n in OF_TWELFTH if (p := load_scenario(n).content.get("extends")) is not None}


@functools.cache
def ensemble_of(scenario: str) -> Ensemble:
    return ensemble(load_scenario(scenario), None, seed=2011)


@functools.cache
def median_run(scenario: str) -> xr.Dataset:
    one = ensemble_of(scenario)
    return model.simulate(one.model, one.median_inputs(), one.indicators, OTHERS).dataset().squeeze()


def change(scenario: str, name: str) -> float:
    """Give the change in 2015 against the scenario extended, in per cent or in points."""
    own, other = (float(median_run(n)[name].sel(year=2015)) for n in (scenario, CHILDREN[scenario]))
    return own - other if name in IN_POINTS else 100.0 * (own / other - 1.0)


def numbers(scenario: str) -> dict[str, float]:
    found: dict[str, Any] = EXPECTED[scenario]
    return {n: float(v["change"] if isinstance(v, dict) else v) for n, v in found.items()}


def test_each_scenario_that_changes_another_has_its_expectation() -> None:
    assert set(EXPECTED) == set(CHILDREN)


@pytest.mark.parametrize(("scenario", "name"), [(s, n) for s in EXPECTED for n in EXPECTED[s]])
def test_a_scenario_moves_what_it_is_expected_to_move_in_the_direction_expected(scenario: str, name: str) -> None:
    expected, found = numbers(scenario)[name], change(scenario, name)
    assert abs(found) < 1.0 if expected == 0.0 else found * expected > 0.0
    assert found == pytest.approx(expected, abs=1.0 + 0.4 * abs(expected))


@pytest.mark.parametrize("scenario", EXPECTED)
def test_what_was_written_first_had_the_sign_it_has_now(scenario: str) -> None:
    for entry in (e for e in EXPECTED[scenario].values() if isinstance(e, dict)):
        assert entry.keys() == {"change", "first", "overlooked"}
        assert entry["first"] * entry["change"] > 0.0 or (entry["first"] == 0.0 and abs(entry["change"]) <= 1.0)


@pytest.mark.parametrize("scenario", sorted(CHILDREN))
def test_a_scenario_leaves_history_untouched_unless_it_changes_a_parameter(scenario: str) -> None:
    table = load_scenario(scenario).content["parameters"]
    until = {"year": slice(None, 2010)}
    own, plan = median_run(scenario).sel(until), median_run("plan").sel(until)
    apart = [n for n in plan.data_vars if not np.allclose(own[n], plan[n], rtol=1e-9, atol=0.0, equal_nan=True)]
    assert bool(apart) == bool(table), apart


@pytest.mark.parametrize("scenario", sorted(CHILDREN))
def test_a_scenario_moves_something_after_2010(scenario: str) -> None:
    assert any(abs(change(scenario, n)) > 0.1 for n in (*INDICATORS, *OTHERS))


@pytest.mark.parametrize("scenario", ["front_loaded_spend", "back_loaded_spend"])
def test_a_path_that_holds_spend_spends_what_the_plan_does(scenario: str) -> None:
    one, plan = ensemble_of(scenario).median_inputs().series, ensemble_of("plan").median_inputs().series
    spent, planned = (s["planned_rd_intensity"] * s["gdp_real"] for s in (one, plan))
    assert spent[6:].sum() == pytest.approx(planned[6:].sum(), rel=1e-12)
    assert spent[-1] != pytest.approx(planned[-1], rel=0.01)


def test_the_middle_of_the_outlook_weighs_what_is_spent_in_every_draw() -> None:
    one = ensemble_of("back_loaded_spend")
    drawn, middle = one.inputs(0, 3).series, one.median_inputs().series
    assert drawn["gdp_real"].shape[1] == 3
    assert drawn["planned_rd_intensity"].tolist() == middle["planned_rd_intensity"].tolist()


def test_knowledge_that_breeds_applications_raises_their_growth_by_a_fifth() -> None:
    growth = [
        float(run.sel(year=2015) / run.sel(year=2010))
        for run in (median_run(n)["applications_per_100_fte"] for n in ("ideas_from_knowledge", "plan"))
    ]
    assert growth[0] / growth[1] == pytest.approx(1.2, abs=0.03)
