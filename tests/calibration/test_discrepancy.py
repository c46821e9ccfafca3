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


def conditional(gap: Array, error: Array, yearly_sd: float) -> tuple[float, float, float]:
    """Give mean and variance of a walk in its last year, and the log density of its gaps given the first, by algebra.

    The walk starts from nothing a year before the first, so its covariance is yearly_sd^2 min(i, j), i from 1.
    """
    years = np.arange(1, len(gap) + 1)
    walk = yearly_sd**2 * np.minimum.outer(years, years)
    seen = ~np.isnan(gap)
    total = walk[np.ix_(seen, seen)] + np.diag(error[seen] ** 2)
    weights = np.linalg.solve(total, walk[seen, -1])
    density = stats.multivariate_normal(np.zeros(seen.sum()), total).logpdf(gap[seen])
    density -= stats.norm(0.0, np.sqrt(total[0, 0])).logpdf(gap[seen][0])
    return float(weights @ gap[seen]), float(walk[-1, -1] - weights @ walk[seen, -1]), float(density)


@pytest.mark.parametrize("last", [3, 4, 5, 6])  # ends with a fact, or with years without one
@pytest.mark.parametrize("yearly_sd", [1e-4, 0.02, 0.5])
def test_the_filter_gives_the_exact_conditional_normal(yearly_sd: float, last: int) -> None:
    mean, variance, log_likelihood = _filter(GAP[:last, None], ERROR[:last], np.array([yearly_sd]))
    exact = conditional(GAP[:last], ERROR[:last], yearly_sd)
    assert (mean[0], variance[0]) == pytest.approx(exact[:2], rel=1e-9)
    constant = 0.5 * (np.sum(~np.isnan(GAP[:last])) - 1) * np.log(2.0 * np.pi)
    assert log_likelihood[0] - constant == pytest.approx(exact[2], rel=1e-9)


def test_without_any_fact_the_walk_is_free() -> None:
    none = np.full((6, 1), np.nan)
    mean, variance, log_likelihood = _filter(none, none[:, 0], np.array([0.02]))
    assert (mean[0], variance[0], log_likelihood[0]) == pytest.approx((0.0, 6 * 0.02**2, 0.0))


def learned(at_mode: Array, error: Array, draws: int = 20_000) -> Discrepancy:
    return learn(np.repeat(at_mode[:, None], draws, axis=1), error, at_mode, PRIOR, 1, "test")


def test_the_yearly_sd_is_drawn_from_its_posterior() -> None:
    density = np.array([np.exp(conditional(GAP, ERROR, s)[2]) for s in GRID])
    density = density * stats.t.pdf(GRID / PRIOR.scale, 3) * GRID  # even in logarithms
    cumulative = np.cumsum(density) / density.sum()
    drawn = learned(GAP, ERROR).yearly_sd
    for share in (0.05, 0.25, 0.5, 0.75, 0.95):
        place = int(np.searchsorted(cumulative, share))
        assert np.mean(drawn <= GRID[place]) == pytest.approx(cumulative[place], abs=0.015)


def test_the_anchor_is_drawn_from_the_walk_given_its_own_sd() -> None:
    found = learned(GAP, ERROR)
    exact = [conditional(GAP, ERROR, s)[:2] for s in np.unique(found.yearly_sd)]
    means, variances = np.array(exact)[np.searchsorted(np.unique(found.yearly_sd), found.yearly_sd)].T
    standard = (found.at_base - means) / np.sqrt(variances)
    assert stats.kstest(standard, "norm").pvalue > 1e-3


def test_without_facts_the_yearly_sd_has_its_half_t_prior() -> None:
    drawn = learned(np.full(6, np.nan), np.full(6, np.nan)).yearly_sd
    for share in (0.1, 0.5, 0.9):
        quantile = PRIOR.scale * stats.t.ppf(0.5 + share / 2.0, 3)
        assert np.mean(drawn <= quantile) == pytest.approx(share, abs=0.02)


def test_gaps_of_nothing_shrink_the_yearly_sd_below_its_prior_and_wide_gaps_widen_it() -> None:
    prior_median = PRIOR.scale * stats.t.ppf(0.75, 3)
    exact = np.full(6, 0.005)
    assert np.median(learned(np.zeros(6), exact).yearly_sd) < 0.5 * prior_median
    assert np.median(learned(np.array([0.1, 0.0, 0.1, 0.0, 0.1, 0.0]), exact).yearly_sd) > 2.0 * prior_median


def test_a_walk_starts_at_its_anchor_and_its_variance_grows_by_its_own_square_a_year() -> None:
    draws = 40_000
    anchored = Discrepancy(np.full(draws, 0.02), np.linspace(-0.1, 0.1, draws))
    strayed = walk(anchored, 5, 7, "test", 0, draws)
    assert np.array_equal(strayed[:, 0], anchored.at_base)
    years = np.arange(1, 6)
    found = np.cov((strayed[:, 1:] - anchored.at_base[:, None]).T)
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
