"""High-tech industry and the technology market: closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.model import Inputs, Model

Change = Callable[..., Inputs]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]
NO_EFFECT = {"knowledge_effect": 0.0, "patent_effect": 0.0}
CEILING, START = 0.3, 0.135
ODDS = START / (CEILING - START)


@pytest.mark.parametrize(("drift", "surprise"), [(-0.3, 0.0), (0.0, 0.0), (0.2, 0.0), (0.0, 0.1), (0.05, -0.2)])
def test_the_odds_of_the_share_supported_move_exponentially_by_drift_and_surprise(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, drift: float, surprise: float
) -> None:
    drifting, rate = changed(inputs, **NO_EFFECT, high_tech_drift=drift, high_tech_surprise=surprise), drift + surprise
    time, (supported, share) = watched(model, drifting, "high_tech_share_supported", "high_tech_share")
    np.testing.assert_allclose(supported / (CEILING - supported), ODDS * np.exp(rate * time), rtol=1e-9)
    assert (share < CEILING).all()
    # The share runs after the share supported: it stands between its start and there.
    np.testing.assert_array_equal(np.sign(share[1:] - START), np.sign(rate))
    np.testing.assert_array_equal(np.sign(supported[1:] - share[1:]), np.sign(rate))


def test_a_share_supported_that_stays_is_approached_exponentially(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    # Twice the knowledge that the odds are quoted at, per unit of output, and it stays so: the odds double.
    spending = 0.02 * 3e13
    steady = changed(
        inputs,
        gdp_real=3e13,
        planned_rd_intensity=0.02,
        gdp_revised=0.0,
        budgets_ahead=0.0,
        revision_budgeted=0.0,
        census_splice=1.0,
        rd_growth_before_start=0.0,
        rd_spending_at_start=spending,
        obsolescence_rate=0.15,
        reference_knowledge_intensity=0.02 / 0.15 / 2.0,
        knowledge_effect=1.0,
        patent_effect=0.0,
        high_tech_drift=0.0,
        diffusion_time=2.0,
    )
    time, (share, supported) = watched(
        model.cut(["FINANCE", "R1"]), steady, "high_tech_share", "high_tech_share_supported"
    )
    settled = CEILING * 2.0 * ODDS / (1.0 + 2.0 * ODDS)
    np.testing.assert_allclose(supported, settled, rtol=1e-9)
    np.testing.assert_allclose(share, settled + (START - settled) * np.exp(-time / 2.0), rtol=1e-6)


@pytest.mark.parametrize(("knowledge_effect", "patent_effect"), [(0.15, 0.04), (0.5, 0.0), (0.0, 0.5), (-0.5, 0.2)])
def test_the_odds_rise_with_knowledge_per_output_and_patents_per_head_by_their_effects(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, knowledge_effect: float, patent_effect: float
) -> None:
    affected = changed(
        inputs, high_tech_drift=0.0, knowledge_effect=knowledge_effect, patent_effect=patent_effect, population=1.3e9
    )
    names = ("high_tech_odds", "knowledge", "output_real", "patents_in_force")
    _, (odds, knowledge, output, patents) = watched(model, affected, *names)
    expected = ODDS * (knowledge / output / 0.04) ** knowledge_effect * (patents / 1.3e9 / 5e-5) ** patent_effect
    np.testing.assert_allclose(odds, expected, rtol=1e-12)


def test_high_tech_value_added_is_its_share_of_a_share_of_gdp(model: Model, inputs: Inputs, watched: Watch) -> None:
    names = ("high_tech_value_added", "high_tech_share", "gdp_real", "output_index", "price_level")
    _, (value_added, share, foreseen, index, prices) = watched(model, inputs, *names)
    np.testing.assert_allclose(value_added, 0.32 * share * foreseen * index * prices, rtol=1e-12)


@pytest.mark.parametrize(
    ("elasticity", "surprise"), [(0.0, 0.0), (0.9, 0.0), (1.0, 0.0), (2.0, 0.0), (0.9, 0.1), (0.0, -0.3)]
)
def test_contracts_rise_with_real_spending_by_their_elasticity_with_prices_in_full_and_by_what_nobody_foresaw(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, elasticity: float, surprise: float
) -> None:
    # Spending of 14e11 in prices of the base year is twice what contracts are quoted at.
    twice = changed(
        inputs,
        contract_elasticity=elasticity,
        contract_surprise=surprise,
        gdp_real=7e13,
        planned_rd_intensity=0.02,
        gdp_revised=0.0,
        budgets_ahead=0.0,
        revision_budgeted=0.0,
        census_splice=1.0,
        price_level=1.3,
    )
    time, (contracts,) = watched(model.cut(["FINANCE", "R1"]), twice, "technology_contracts")
    np.testing.assert_allclose(contracts, 4e11 * 1.3 * 2.0**elasticity * np.exp(surprise * time), rtol=1e-9)
