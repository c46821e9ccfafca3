"""Random numbers keyed by the draw."""

from __future__ import annotations

import itertools
import statistics

import numpy as np
import pytest
from scipy import special, stats

from fiveyear.calibration.random_numbers import fill, normal_quantile, normal_share, normals, uniforms


@pytest.mark.parametrize("count", [1, 3, 4, 5, 6, 17])
def test_the_first_draws_of_a_longer_run_are_those_of_a_shorter_one(count: int) -> None:
    assert np.array_equal(uniforms(3, "a", 0, 50, count), uniforms(3, "a", 0, 100, count)[:50])


@pytest.mark.parametrize("count", [1, 4, 6])
@pytest.mark.parametrize("cuts", [(0, 100), (0, 1, 100), (0, 33, 34, 71, 100), tuple(range(0, 101, 4))])
def test_however_the_draws_are_split_their_numbers_are_the_same_bits(cuts: tuple[int, ...], count: int) -> None:
    whole = normals(2011, "outlook gdp_real", 0, 100, count)
    parts = [normals(2011, "outlook gdp_real", a, b, count) for a, b in itertools.pairwise(cuts)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_no_number_is_shared_by_two_draws_two_streams_or_two_seeds() -> None:
    numbers = np.concatenate(
        [uniforms(seed, stream, 0, 500, 6).ravel() for seed in (1, 2, 11) for stream in ("a", "b", "1 a")]
    )
    assert len(np.unique(numbers)) == len(numbers)


def test_uniform_numbers_are_uniform_and_inside_0_and_1() -> None:
    numbers = uniforms(5, "test", 0, 20_000, 3)
    assert 0.0 < numbers.min() < numbers.max() < 1.0
    for column in numbers.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3


def test_normal_numbers_are_standard_normal_and_independent_between_places_and_streams() -> None:
    one, other = normals(5, "test", 0, 20_000, 3), normals(5, "another", 0, 20_000, 3)
    for column in (*one.T, *other.T):
        assert stats.kstest(column, "norm").pvalue > 1e-3
    correlation = np.corrcoef(np.concatenate([one, other], axis=1).T) - np.eye(6)
    assert np.abs(correlation).max() < 4.0 / np.sqrt(20_000)
    assert abs(np.corrcoef(one[:-1, 0], one[1:, 0])[0, 1]) < 4.0 / np.sqrt(20_000)


@pytest.mark.parametrize(("count", "taken"), [(1, 1), (6, 1), (6, 6), (8, 3)])
def test_a_few_of_a_draw_s_numbers_are_the_first_of_all(count: int, taken: int) -> None:
    some = np.empty((taken, 9_000))
    fill(some, 7, "a", 5, count)
    assert some.T.tobytes() == uniforms(7, "a", 5, 9_005, count)[:, :taken].tobytes()


def test_normal_quantiles_are_those_of_the_standard_library() -> None:
    numbers = np.random.default_rng(1)
    low = 10.0 ** numbers.uniform(-300.0, -0.3, 5_000)
    shares = np.concatenate([numbers.uniform(0.0, 1.0, 20_000), low, 1.0 - low[low > 1e-15], [0.075, 0.925, 2.0**-53]])
    exact = np.array([statistics.NormalDist().inv_cdf(float(p)) for p in shares])
    assert normal_quantile(shares) == pytest.approx(exact, rel=3e-15, abs=1e-16)


def test_normal_quantiles_at_the_ends_and_the_middle_and_of_nothing() -> None:
    assert normal_quantile(np.array([0.0, 0.5, 1.0])).tolist() == [-np.inf, 0.0, np.inf]
    assert np.isnan(normal_quantile(np.array([[np.nan]]))).tolist() == [[True]]
    assert normal_quantile(np.empty((0, 4))).shape == (0, 4)


def test_the_share_below_a_normal_number_is_right_in_both_tails() -> None:
    z = np.concatenate([np.linspace(-12.0, 12.0, 481), [-30.0, np.nextafter(2.0, 3.0), -np.nextafter(2.0, 3.0)]])
    found = [normal_share(float(v)) for v in z]
    assert found == pytest.approx(special.ndtr(z), rel=1e-13, abs=0.0)
    assert (normal_share(-np.inf), normal_share(np.inf)) == (0.0, 1.0)
