"""The ensemble: exact enough on the very draws that answer, and the same for each draw however many are asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.experiments.ensemble import Ensemble, ensemble
from fiveyear.model import INDICATORS, simulate
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import load_scenario, scenario_names


@pytest.mark.parametrize(
    ("draws", "scenario"),
    [
        (1000, "plan"),
        *(pytest.param(20_000, n, marks=pytest.mark.slow) for n in scenario_names()),
    ],
)
def test_half_the_step_moves_no_indicator_of_the_last_year_by_a_ten_thousandth(draws: int, scenario: str) -> None:
    found = ensemble(load_scenario(scenario), None, 2011)
    inputs = found.inputs(0, draws)
    keep = ["citations"] if "citation_rank" in found.indicators else []
    whole = simulate(found.model, inputs, found.indicators, keep)
    half = simulate(found.model, inputs, found.indicators, keep, step=DEFAULT_STEP / 2.0)
    for name in {*found.indicators, *keep} - {"citation_rank"}:  # a place jumps where citations cross
        one, other = (r[name].values[:, -1] for r in (whole, half))
        # What is itself a rise in per cent, and may be none, counts as that much more than a hundred.
        base = 100.0 if name in INDICATORS and INDICATORS[name].above else 0.0
        assert np.abs((base + one) / (base + other) - 1.0).max() < 1e-4, name


def test_some_draws_are_what_they_are_among_all(shipped: Callable[..., Ensemble]) -> None:
    whole, part = shipped("plan").inputs(0, 1000), shipped("plan").inputs(900, 930)
    fitted = {n: np.asarray(v) for n, v in part.parameters.items() if np.ndim(v)}
    assert fitted and all(np.array_equal(v, np.asarray(whole.parameters[n])[900:930]) for n, v in fitted.items())
    assert all(np.array_equal(v, whole.series[n][:, 900:930]) for n, v in part.series.items() if v.ndim == 2)


def test_no_scenario_changes_the_past(shipped: Callable[..., Ensemble]) -> None:
    plan, frozen = (shipped(n).run(200).sel(year=slice(None, 2010)) for n in ("plan", "frozen"))
    assert all(np.array_equal(plan[n].values, frozen[n].values, equal_nan=True) for n in INDICATORS)
