"""Output as budgets reckon with it, before it is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fiveyear.model import Inputs, Model

Change = Callable[..., Inputs]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]


@pytest.mark.parametrize("growth", [0.0, 0.12, -0.05])
def test_budgets_are_right_about_output_that_has_always_grown_at_one_rate(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, growth: float
) -> None:
    years = np.arange(len(inputs.series["gdp_real"]))
    # A yearly number is the mean over its year.
    mean = np.expm1(growth) / growth if growth else 1.0
    steady = changed(
        inputs,
        gdp_real=3e13 * np.exp(growth * years) * mean,
        price_level=1.0,
        knowledge_return=0.0,
        gdp_at_start=3e13,
        gdp_growth_before_start=growth,
    )
    # The path through yearly numbers bends a little less than an exponential, and at its ends by half a per cent.
    time, (foreseen, gdp) = watched(model, steady, "gdp_foreseen", "gdp")
    np.testing.assert_allclose(foreseen, 3e13 * np.exp(growth * time), rtol=5e-3)
    np.testing.assert_allclose(foreseen, gdp, rtol=5e-3)


@pytest.mark.parametrize(("budget_lag", "growth_lag"), [(1.0, 3.0), (0.5, 8.0)])
def test_budgets_learn_of_a_level_and_a_growth_that_they_did_not_foresee(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, budget_lag: float, growth_lag: float
) -> None:
    # Output stands a fifth above what budgets begin with, and does not grow as they believe.
    flat = changed(
        inputs,
        gdp_real=3e13,
        price_level=1.2,
        knowledge_return=0.0,
        gdp_at_start=3e13,
        gdp_growth_before_start=0.1,
        budget_lag=budget_lag,
        growth_lag=growth_lag,
    )
    time, (foreseen, growth, gdp) = watched(model, flat, "gdp_foreseen", "growth_foreseen", "gdp")
    np.testing.assert_allclose(gdp, 3.6e13, rtol=1e-12)

    def slopes(_: float, state: np.ndarray) -> list[float]:
        level, rate = state
        miss = 1.2 - level
        return [level * rate + miss / budget_lag, miss / level / (budget_lag * growth_lag)]

    t = time[:, 0]
    solved = solve_ivp(slopes, (0.0, t[-1]), [1.0, 0.1], t_eval=t, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(foreseen[:, 0] / 3e13, solved.y[0], rtol=1e-4)
    np.testing.assert_allclose(growth[:, 0], solved.y[1], atol=1e-4)
    assert abs(foreseen[-1, 0] / gdp[-1, 0] - 1.0) < 0.02


def test_history_is_spent_of_output_as_it_was_and_what_follows_of_output_as_foreseen(
    model: Model, inputs: Inputs, watched: Watch
) -> None:
    time, (budgeted, foreseen, gdp) = watched(model, inputs, "gdp_budgeted", "gdp_foreseen", "gdp")
    history = time[:, 0] <= 5.0
    np.testing.assert_allclose(budgeted[history], gdp[history], rtol=1e-2)
    np.testing.assert_array_equal(budgeted[time[:, 0] <= 4.0], gdp[time[:, 0] <= 4.0])
    np.testing.assert_allclose(budgeted[time[:, 0] >= 7.0], foreseen[time[:, 0] >= 7.0], rtol=1e-2)
