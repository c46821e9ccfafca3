"""What R&D gives back to growth, growth accounting, knowledge and literacy: closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, simulate

Change = Callable[..., Inputs]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]


@pytest.fixture(scope="module")
def steady(inputs: Inputs, changed: Change) -> Inputs:
    """Real R&D of .02 x 3e13 a year, by plan, and the knowledge that it keeps up."""
    return changed(
        inputs,
        gdp_real=3e13,
        planned_rd_intensity=0.02,
        gdp_revised=0.0,
        budgets_ahead=0.0,
        revision_budgeted=0.0,
        census_splice=1.0,
        plan_followed=1.0,
        rd_spending_at_start=6e11,
        rd_growth_before_start=0.0,
        knowledge_growth_foreseen=0.0,
        knowledge_return=1.0,
        output_elasticity=0.2,
    )


# -- knowledge and output -----------------------------------------------------------------------------------------
def test_knowledge_that_grows_as_foreseen_leaves_output_as_foreseen(
    model: Model, steady: Inputs, watched: Watch
) -> None:
    _, (knowledge, index, output) = watched(model, steady, "knowledge", "output_index", "output_real")
    np.testing.assert_allclose(knowledge, 6e11 / 0.15, rtol=1e-12)
    np.testing.assert_allclose(index, 1.0, rtol=1e-12)
    np.testing.assert_allclose(output, 3e13, rtol=1e-12)


@pytest.mark.parametrize(("foreseen", "elasticity"), [(0.0, 0.1), (0.12, 0.1), (0.2, 0.5), (0.1, 0.0)])
def test_output_strays_by_the_power_of_knowledge_over_what_it_was_foreseen_to_be(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, foreseen: float, elasticity: float
) -> None:
    # The logarithm of output gains elasticity x (growth of knowledge - foreseen growth): it integrates to a power.
    returning = changed(inputs, knowledge_return=1.0, knowledge_growth_foreseen=foreseen, output_elasticity=elasticity)
    time, (index, knowledge) = watched(model, returning, "output_index", "knowledge")
    # RK4 takes the logarithm of knowledge, and knowledge, each to a few parts in ten million.
    np.testing.assert_allclose(index, (knowledge / knowledge[0] * np.exp(-foreseen * time)) ** elasticity, rtol=1e-6)


def test_more_spending_than_foreseen_raises_output_and_less_lowers_it(
    model: Model, steady: Inputs, changed: Change, watched: Watch
) -> None:
    for intensity, sign in ((0.03, 1.0), (0.01, -1.0)):
        _, (index,) = watched(model, changed(steady, planned_rd_intensity=intensity), "output_index")
        np.testing.assert_array_equal(np.sign(index[1:] - 1.0), sign)


def test_where_knowledge_returns_nothing_output_is_what_was_foreseen(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    _, (index, output, foreseen) = watched(
        model, changed(inputs, knowledge_return=0.0), "output_index", "output_real", "gdp_real"
    )
    assert (index == 1.0).all()
    np.testing.assert_array_equal(output, foreseen)


def test_knowledge_loses_its_worth_and_gains_all_real_spending(
    model: Model, steady: Inputs, changed: Change, watched: Watch
) -> None:
    # K' = S - d K, from half of what S keeps up.
    half = changed(steady, rd_spending_at_start=3e11)
    time, (knowledge,) = watched(model.cut(["R1"]), half, "knowledge")
    np.testing.assert_allclose(knowledge, 6e11 / 0.15 * (1.0 - 0.5 * np.exp(-0.15 * time)), rtol=1e-8)


def test_gdp_and_productivity_are_real_output_in_its_prices_and_per_head(
    model: Model, inputs: Inputs, watched: Watch
) -> None:
    names = ("gdp", "productivity", "gdp_real", "output_index", "price_level", "employed")
    _, (gdp, productivity, foreseen, index, prices, employed) = watched(model, inputs, *names)
    np.testing.assert_allclose(gdp, foreseen * index * prices, rtol=1e-14)
    np.testing.assert_allclose(productivity, foreseen * index / employed, rtol=1e-14)


# -- growth accounting --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("capital_share", [0.2, 0.5, 0.8])
def test_growth_of_output_is_that_of_factor_productivity_and_of_capital_and_labour_by_their_shares(
    model: Model, scattered: Callable[..., Inputs], changed: Change, watched: Watch, capital_share: float
) -> None:
    inputs = changed(scattered(20, spread=0.3, seed=51), capital_share=capital_share)
    time, (productivity, output, employed) = watched(model, inputs, "factor_productivity", "output_real", "employed")

    def growth(level: np.ndarray) -> np.ndarray:
        return np.diff(np.log(level), axis=0)

    capital = np.diff(time, axis=0) * inputs.parameters["capital_growth"]
    accounted = growth(productivity) + capital_share * capital + (1.0 - capital_share) * growth(employed)
    np.testing.assert_allclose(growth(output), accounted, rtol=1e-9, atol=1e-12)
    # At the start nothing is accounted for by growth of capital, and labour counts against the employment quoted.
    relative = employed[0] / inputs.parameters["reference_employment"]
    np.testing.assert_allclose(productivity[0], output[0] / relative ** (1.0 - capital_share), rtol=1e-12)


def test_the_contribution_of_science_is_all_growth_where_capital_and_labour_stand_still(
    model: Model, inputs: Inputs, changed: Change
) -> None:
    still = changed(inputs, capital_growth=0.0, employed=7.5e8)
    rate = simulate(model, still, model.indicators).dataset()["st_contribution_rate"].values[0]
    np.testing.assert_allclose(rate[6:], 100.0, rtol=1e-9)


def test_the_contribution_of_science_is_none_where_output_grows_as_fast_as_capital_and_labour_do(
    model: Model, inputs: Inputs, changed: Change
) -> None:
    # Output grows by half of the growth of capital, whose share is a half, and labour stands still. Straight lines
    # stand for the exponential within each year: off by .05^2 / 24 = 1e-4 of output, a few thousandths of its rise.
    years = np.arange(11)
    grown = changed(inputs, capital_share=0.5, capital_growth=0.1, employed=7.5e8, gdp_real=3e13 * np.exp(0.05 * years))
    rate = simulate(model.cut(["R1"]), grown, model.indicators).dataset()["st_contribution_rate"].values[0]
    np.testing.assert_allclose(rate[6:], 0.0, atol=0.5)


@pytest.mark.parametrize(("standing", "rank"), [(20.0, 20.0), (1.0, 1.0), (0.4, 1.0), (-7.0, 1.0)])
def test_no_place_by_innovation_is_better_than_the_first(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, standing: float, rank: float
) -> None:
    _, (found,) = watched(model, changed(inputs, innovation_standing=standing), "rank_by_innovation")
    assert (found == rank).all()


# -- literacy -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "rate", "ceiling"), [(0.02, 0.1, 0.3), (0.2, 0.5, 0.21), (0.1, -0.2, 0.5), (0.2, 0.3, 0.15)]
)
def test_literacy_is_a_logistic_curve_between_its_start_and_its_ceiling(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, start: float, rate: float, ceiling: float
) -> None:
    spreading = changed(inputs, literate_share_at_start=start, literacy_growth_rate=rate, literacy_ceiling=ceiling)
    time, (share, left) = watched(model, spreading, "literate_share", "literacy_left")
    expected = ceiling / (1.0 + (ceiling / start - 1.0) * np.exp(-rate * time))
    np.testing.assert_allclose(share, expected, rtol=1e-7)
    np.testing.assert_allclose(left, 1.0 - expected / ceiling, rtol=1e-6, atol=1e-8)
    assert (share <= max(start, ceiling)).all()


def test_no_research_moves_literacy(model: Model, inputs: Inputs, changed: Change, watched: Watch) -> None:
    _, (before,) = watched(model, inputs, "literate_share")
    _, (after,) = watched(model, changed(inputs, planned_rd_intensity=0.05, fiscal_share=0.3), "literate_share")
    np.testing.assert_array_equal(after, before)
