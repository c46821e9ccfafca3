"""Discrepancy: the filter against the exact conditional normal, the learned sd against numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fiveyear.calibration.discrepancy import GRID, Discrepancy, _filter, apply, gaps, learn, walk
from fiveyear.calibration.priors import DiscrepancyPrior
from fiveyear.model.quantities import Array

PRIOR = DiscrepancyPrior(degrees_of_freedom=3.0, scale=0.03, assumed="a test")
GAP = np.array([0.010, np.nan, -0.020, 0.035, np.nan, 0.050])
ERROR = np.array([0.010, np.nan, 0.020, 0.015, np.nan, 0.030])


def conditional(gap: Array, error: Array, yearly_sd: float) -> tuple[float, float]:
    """Give mean and variance of a walk in its last year, given its gaps, by algebra.

    The walk starts from nothing a year before the first, so its covariance is yearly_sd^2 min(i, j), i from 1.
    """
    years = np.arange(1, len(gap) + 1)
    walk = yearly_sd**2 * np.minimum.outer(years, years)
    seen = ~np.isnan(gap)
    total = walk[np.ix_(seen, seen)] + np.diag(error[seen] ** 2)
    weights = np.linalg.solve(total, walk[seen, -1])
    return float(weights @ gap[seen]), float(walk[-1, -1] - weights @ walk[seen, -1])


@pytest.mark.parametrize("last", [3, 4, 5, 6])  # ends with a fact, or with years without one
@pytest.mark.parametrize("yearly_sd", [1e-4, 0.02, 0.5])
def test_the_filter_gives_the_exact_conditional_normal(yearly_sd: float, last: int) -> None:
    mean, variance = _filter(GAP[:last, None], ERROR[:last], np.array([yearly_sd]))
    assert (mean[0], variance[0]) == pytest.approx(conditional(GAP[:last], ERROR[:last], yearly_sd), rel=1e-9)


def test_without_any_fact_the_walk_is_free() -> None:
    none = np.full((6, 1), np.nan)
    mean, variance = _filter(none, none[:, 0], np.array([0.02]))
    assert (mean[0], variance[0]) == pytest.approx((0.0, 6 * 0.02**2))


def learned(ahead: list[tuple[float, float]], draws: int = 20_000) -> Discrepancy:
    return learn(np.repeat(GAP[:, None], draws, axis=1), ERROR, ahead, PRIOR, 1, "test")


def test_the_yearly_sd_is_drawn_from_its_posterior_given_the_errors_ahead() -> None:
    ahead = [(0.05, 0.02**2), (-0.01, 0.01**2)]
    density = stats.t.pdf(GRID / PRIOR.scale, 3) * GRID  # even in logarithms
    for error, variance in ahead:
        density = density * stats.norm.pdf(error, 0.0, np.sqrt(variance + GRID**2))
    cumulative = np.cumsum(density) / density.sum()
    drawn = learned(ahead).yearly_sd
    for share in (0.05, 0.25, 0.5, 0.75, 0.95):
        place = int(np.searchsorted(cumulative, share))
        assert np.mean(drawn <= GRID[place]) == pytest.approx(cumulative[place], abs=0.015)


def test_the_anchor_is_drawn_from_the_walk_given_its_own_sd() -> None:
    found = learned([(0.05, 0.02**2)])
    exact = [conditional(GAP, ERROR, s) for s in np.unique(found.yearly_sd)]
    means, variances = np.array(exact)[np.searchsorted(np.unique(found.yearly_sd), found.yearly_sd)].T
    standard = (found.at_base - means) / np.sqrt(variances)
    assert stats.kstest(standard, "norm").pvalue > 1e-3


def test_without_forecasts_the_yearly_sd_has_its_half_t_prior() -> None:
    drawn = learned([]).yearly_sd
    for share in (0.1, 0.5, 0.9):
        quantile = PRIOR.scale * stats.t.ppf(0.5 + share / 2.0, 3)
        assert np.mean(drawn <= quantile) == pytest.approx(share, abs=0.02)


def test_forecasts_that_hit_shrink_the_yearly_sd_below_its_prior_and_misses_widen_it() -> None:
    prior_median = PRIOR.scale * stats.t.ppf(0.75, 3)
    assert np.median(learned([(0.0, 0.005**2)] * 6).yearly_sd) < 0.5 * prior_median
    assert np.median(learned([(0.1, 0.005**2)] * 6).yearly_sd) > 2.0 * prior_median


def test_a_walk_starts_at_its_anchor_and_its_variance_grows_by_its_own_square_a_year() -> None:
    draws = 40_000
    anchored = Discrepancy(np.full(draws, 0.02), np.linspace(-0.1, 0.1, draws))
    deviating = walk(anchored, 5, 7, "test", 0, draws)
    assert np.array_equal(deviating[:, 0], anchored.at_base)
    years = np.arange(1, 6)
    found = np.cov((deviating[:, 1:] - anchored.at_base[:, None]).T)
    exact = 0.02**2 * np.minimum.outer(years, years)
    assert found == pytest.approx(exact, abs=4.0 * exact[-1, -1] * np.sqrt(2.0 / draws))


def test_the_walks_of_some_draws_are_those_they_have_among_all() -> None:
    whole = walk(Discrepancy(np.full(50, 0.02), np.zeros(50)), 5, 7, "test", 0, 50)
    part = walk(Discrepancy(np.full(20, 0.02), np.zeros(20)), 5, 7, "test", 13, 33)
    assert part.tobytes() == whole[13:33].tobytes()


def test_gaps_are_logarithms_or_shares_of_the_last_fact_and_missing_where_there_is_no_fact() -> None:
    facts = {2003: (9.0, 9.0), 2005: (1.1, 0.11), 2007: (2.0, 0.1)}
    said = np.array([[1.0], [1.5], [1.9]])
    gap, sd = gaps(facts, said, 2005, "log")
    assert gap[:, 0] == pytest.approx([np.log(1.1), np.nan, np.log(2.0 / 1.9)], nan_ok=True)
    assert sd == pytest.approx([0.1, np.nan, 0.05], nan_ok=True)
    gap, sd = gaps(facts, said, 2005, "linear")
    assert gap[:, 0] == pytest.approx([0.05, np.nan, 0.05], nan_ok=True)
    assert sd == pytest.approx([0.055, np.nan, 0.05], nan_ok=True)


@pytest.mark.parametrize("trend", ["log", "linear"])
def test_adding_a_gap_to_what_the_model_says_gives_the_fact(trend: str) -> None:
    facts, said = {2005: (1.1, 0.1), 2006: (2.2, 0.1)}, np.array([[1.0], [2.5]])
    gap, _ = gaps(facts, said, 2005, trend)  # type: ignore[arg-type]
    assert apply(said.T, gap.T, trend, 2.2)[0] == pytest.approx([1.1, 2.2])  # type: ignore[arg-type]
