"""The likelihood of printed facts, against integrals and scipy.stats."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from fiveyear.calibration.likelihood import (
    log_probability,
    signed_root,
    slope,
    slope_of_bound,
    slope_of_interval,
)


def probability(observed: float, predicted: float, sd: float, rounding: float) -> float:
    return float(log_probability(np.array(observed), np.array(predicted), np.array(sd), np.array(rounding)))


@pytest.mark.parametrize("sd", [1e-6, 0.3, 4e11])
@pytest.mark.parametrize("z", [-40.0, -2.0, 0.0, 0.5, 8.0, 200.0])
def test_a_fact_that_is_not_rounded_has_the_normal_density(z: float, sd: float) -> None:
    assert probability(7.0 * sd, (7.0 - z) * sd, sd, 0.0) == pytest.approx(stats.norm.logpdf(z) - np.log(sd), rel=1e-9)


@pytest.mark.parametrize("width", [0.01, 0.5, 2.0, 20.0])  # in sds
@pytest.mark.parametrize("z", [-35.0, -9.0, -3.0, -0.2, 0.0, 0.4, 1.0, 5.0, 12.0, 37.0])
def test_a_rounded_fact_has_the_integral_of_the_density_over_its_step(z: float, width: float) -> None:
    # The integral is taken relative to its largest value, so that it is a number where the density is not.
    low, high = z - width / 2.0, z + width / 2.0
    peak = max(low, min(high, 0.0))
    points = np.unique(np.clip([low, peak - 8.0, peak - 1.0, peak, peak + 1.0, peak + 8.0, high], low, high))
    pieces = [
        integrate.quad(lambda x: np.exp(0.5 * (peak**2 - x**2)), a, b, epsabs=0.0, epsrel=1e-11)[0]
        for a, b in itertools.pairwise(points)
    ]
    exact = float(np.log(sum(pieces)) - 0.5 * peak**2 - 0.5 * np.log(2.0 * np.pi))
    assert probability(z, 0.0, 1.0, width) == pytest.approx(exact, abs=1e-8, rel=1e-9)


@pytest.mark.parametrize("z", [0.0, 1.3, -6.0, 30.0])
def test_a_step_of_almost_no_width_has_the_density_times_its_width(z: float) -> None:
    for width in (1e-4, 1e-6, 1e-8):
        assert probability(z, 0.0, 1.0, width) - np.log(width) == pytest.approx(stats.norm.logpdf(z), abs=1e-5)


def test_it_is_the_same_on_both_sides_and_finite_a_thousand_sds_away() -> None:
    z = np.array([0.0, 0.1, 3.0, 50.0, 1000.0])
    one = np.ones_like(z)
    above, below = log_probability(z, 0.0 * z, one, 0.1 * one), log_probability(-z, 0.0 * z, one, 0.1 * one)
    assert np.array_equal(above, below)
    assert np.all(np.isfinite(above))
    assert np.all(np.diff(above) < 0.0)


@pytest.mark.parametrize("truth", [2.8, 2.849, -0.31])
def test_all_that_could_have_been_printed_has_probability_1_in_sum(truth: float) -> None:
    printed = 0.1 * np.arange(-300.0, 301.0)
    logs = log_probability(printed, np.array(truth), np.array(0.4), np.array(0.1))
    assert np.exp(logs).sum() == pytest.approx(1.0, abs=1e-12)


def test_a_fact_without_error_is_certain_inside_its_step_and_impossible_outside() -> None:
    assert probability(2.8, 2.76, 1e-6, 0.1) == pytest.approx(0.0, abs=1e-12)
    assert probability(2.8, 2.74, 1e-6, 0.1) < -1e6


@pytest.mark.parametrize("rounding", [0.0, 0.05, 1.0, 10.0])
def test_the_square_of_the_root_is_twice_what_the_log_likelihood_falls_short(rounding: float) -> None:
    predicted = np.linspace(-30.0, 30.0, 61) + 0.013
    observed, sd, step = np.array(0.5), np.array(0.7), np.array(rounding)
    best = log_probability(observed, observed, sd, step)
    shortfall = best - log_probability(observed, predicted, sd, step)
    root = signed_root(observed, predicted, sd, step)
    assert root**2 == pytest.approx(2.0 * shortfall, rel=1e-6, abs=1e-9)
    assert np.array_equal(np.sign(root), np.sign(predicted - observed))
    assert np.all(np.diff(root) > 0.0) or rounding == 10.0


def test_the_root_of_a_fact_that_is_not_rounded_is_its_distance_in_sds_to_all_digits() -> None:
    predicted = np.array([1.0 - 1e-9, 1.0, 1.0 + 1e-9, 7.0])
    root = signed_root(np.array(1.0), predicted, np.array(0.5), np.array(0.0))
    assert root == pytest.approx((predicted - 1.0) / 0.5, rel=1e-12, abs=0.0)


# -- bounds, and two vintages of one figure -----------------------------------------------------------------
@pytest.mark.parametrize("sd", [1e-3, 0.4, 30.0])
@pytest.mark.parametrize("z", [-30.0, -3.0, -0.5, 0.0, 2.0, 30.0])
def test_a_bound_has_the_probability_of_all_that_lies_beyond_it(z: float, sd: float) -> None:
    # "over 20": a truth of 20 + z sd is printed so with probability Phi(z); "under 20" with Phi(-z).
    over = probability(20.0, 20.0 + z * sd, sd, np.inf)
    under = probability(20.0, 20.0 + z * sd, sd, -np.inf)
    assert (over, under) == pytest.approx((stats.norm.logcdf(z), stats.norm.logcdf(-z)), rel=1e-6, abs=1e-12)


def test_a_bound_is_an_interval_without_an_end() -> None:
    # From 20 to 20 + w, as w grows.
    for width in (10.0, 100.0, 1000.0):
        interval = probability(20.0 + width / 2.0, 21.0, 2.0, width)
        assert interval <= probability(20.0, 21.0, 2.0, np.inf)
    assert interval == pytest.approx(probability(20.0, 21.0, 2.0, np.inf), rel=1e-12)


def test_a_bound_without_error_holds_or_does_not() -> None:
    assert probability(20.0, 20.01, 1e-6, np.inf) == pytest.approx(0.0, abs=1e-12)
    assert probability(20.0, 19.99, 1e-6, np.inf) < -1e6


def test_the_root_of_a_bound_fades_on_the_side_that_was_printed() -> None:
    predicted = np.linspace(10.0, 30.0, 41)
    for rounding, expected in (
        (np.inf, stats.norm.logcdf(predicted - 20.0)),
        (-np.inf, stats.norm.logcdf(20.0 - predicted)),
    ):
        root = signed_root(np.array(20.0), predicted, np.array(1.0), np.array(rounding))
        assert root**2 == pytest.approx(-2.0 * expected, rel=1e-6, abs=1e-12)
        assert np.all(np.diff(root) >= 0.0)
        assert np.all(root <= 0.0) if rounding > 0.0 else np.all(root >= 0.0)


def test_beside_the_final_figure_the_preliminary_one_says_nothing_of_the_truth() -> None:
    # final = truth + error, preliminary = final + revision. The truth given both is the truth given the final alone,
    # whatever the revision is; if the errors were independent, two figures of one truth would narrow it by sqrt(2).
    error, truth = 1.5, np.linspace(-6.0, 6.0, 25)
    final, preliminary = 0.7, -0.4
    alone = log_probability(np.array(final), truth, np.array(error), np.array(0.0))
    for revision in (0.2, 1.0, 5.0):
        together = [[error**2, error**2], [error**2, error**2 + revision**2]]
        both = np.array([stats.multivariate_normal([t, t], together).logpdf([final, preliminary]) for t in truth])
        assert both - alone == pytest.approx(np.full(25, both[0] - alone[0]), abs=1e-9)


@pytest.mark.parametrize("rounding", [0.0, 0.5, 3.0, np.inf, -np.inf])
@pytest.mark.parametrize("z", [-30.0, -4.0, -0.3, 0.0, 0.2, 1.5, 9.0, 33.0])
def test_the_slope_is_the_limit_of_differences(z: float, rounding: float) -> None:
    sd, shift = 2.0, 1e-5
    above, below = (probability(7.0, 7.0 - sd * z + s, sd, rounding * sd) for s in (shift, -shift))
    fact = np.array(7.0), np.array(7.0 - sd * z), np.array(sd)
    of_kind = slope_of_bound if np.isinf(rounding) else slope_of_interval
    found = float(of_kind(*fact, np.array(rounding * sd)) if rounding else slope(*fact))
    assert found == pytest.approx((above - below) / (2.0 * shift), rel=1e-5, abs=1e-8)
