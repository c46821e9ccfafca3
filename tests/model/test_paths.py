from __future__ import annotations

import numpy as np
import pytest

from fiveyear.model.declarations import Dated, Series
from fiveyear.model.paths import Path, path
from fiveyear.model.quantities import Array


def declared(dated: Dated, low: float = -1e9, high: float = 1e9) -> Series:
    return Series("1", low=low, high=high, dated=dated)


def mean_over(one: Path, begin: float, end: float) -> Array:
    """The mean of a path that is straight on each half year: trapezoids are exact."""
    knots = np.arange(begin, end + 0.25, 0.5)
    values = np.array([one.at(t) for t in knots])
    return np.asarray(((values[1:] + values[:-1]) / 2).mean(axis=0))


@pytest.mark.parametrize("count", [1, 2, 3, 11])
def test_the_mean_over_each_year_is_that_years_number(count: int) -> None:
    yearly = np.random.default_rng(1).uniform(1.0, 2.0, count)
    one = path(declared("over the year"), 2005, yearly)
    found = [mean_over(one, year, year + 1) for year in range(2005, 2005 + count)]
    np.testing.assert_allclose(found, yearly, rtol=1e-14)


@pytest.mark.parametrize("count", [1, 2, 11])
def test_a_path_of_year_ends_passes_through_them(count: int) -> None:
    yearly = np.random.default_rng(2).uniform(1.0, 2.0, count)
    one = path(declared("at year end"), 2005, yearly)
    np.testing.assert_allclose([one.at(2006.0 + i) for i in range(count)], yearly, rtol=1e-15)
    if count > 1:
        assert one.at(2005.0) == pytest.approx(2 * yearly[0] - yearly[1])


def test_a_straight_line_stays_straight_to_both_ends() -> None:
    years = np.arange(2005.0, 2016.0)
    total, level = path(declared("over the year"), 2005, 3.0 * years), path(declared("at year end"), 2005, 3.0 * years)
    for time in np.linspace(2005.0, 2016.0, 45):
        assert total.at(time) == pytest.approx(3.0 * (time - 0.5), rel=1e-14)
        assert level.at(time) == pytest.approx(3.0 * (time - 1.0), rel=1e-14)


def test_a_constant_path_jumps_at_the_year_end_and_only_there() -> None:
    one = path(declared("constant within the year"), 2005, np.array([1.0, 2.0, 3.0]))
    assert [float(one.at(t)) for t in (2005.0, 2005.999, 2006.0, 2007.5, 2008.0)] == [1.0, 1.0, 2.0, 3.0, 3.0]
    assert [float(one.at(t, "left")) for t in (2005.0, 2006.0, 2007.0, 2008.0)] == [1.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("dated", ["over the year", "at year end", "constant within the year"])
def test_no_path_leaves_the_hard_range(dated: Dated) -> None:
    swings = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    one = path(declared(dated, 0.0, 1.0), 2005, swings)
    for time in np.linspace(2005.0, 2014.0, 181):
        assert 0.0 <= one.at(time) <= 1.0, time


@pytest.mark.parametrize("dated", ["over the year", "at year end", "constant within the year"])
def test_each_draw_of_a_path_has_the_bits_it_has_alone(dated: Dated) -> None:
    yearly = np.random.default_rng(3).uniform(1.0, 2.0, (11, 37))
    together = path(declared(dated), 2005, yearly)
    for draw in range(37):
        alone = path(declared(dated), 2005, yearly[:, draw])
        for time in np.linspace(2005.0, 2016.0, 23):
            assert together.at(time)[draw] == alone.at(time)


def test_later_years_change_no_path_through_settled_ones() -> None:
    history = np.array([1.0, 1.4, 1.5, 2.3])
    calm = path(declared("over the year"), 2005, np.array([*history, 2.4, 2.5]), settled=(4,))
    wild = path(declared("over the year"), 2005, np.array([*history, 9.0, 0.5]), settled=(4,))
    for time in np.linspace(2005.0, 2009.0, 33):
        assert calm.at(time) == wild.at(time)


def test_a_longer_path_through_settled_years_begins_as_the_shorter_does() -> None:
    yearly = np.array([1.0, 1.4, 1.5, 2.3, 9.0, 0.5])
    short = path(declared("over the year"), 2005, yearly[:5], settled=(3,))
    longer = path(declared("over the year"), 2005, yearly, settled=(3, 5))
    for time in np.linspace(2005.0, 2010.0, 41):
        assert short.at(time) == longer.at(time)


@pytest.mark.parametrize("settled", [(1,), (2,), (3,), (5,), (2, 4), (1, 2, 5)])
def test_a_settled_path_keeps_every_yearly_mean(settled: tuple[int, ...]) -> None:
    yearly = np.array([1.0, 1.4, 1.5, 2.3, 2.0, 2.6])
    one = path(declared("over the year"), 2005, yearly, settled)
    for year, mean in enumerate(yearly, start=2005):
        halves = np.array([one.at(year), one.at(year + 0.5), one.at(year + 1.0)])
        assert (halves[0] + 2.0 * halves[1] + halves[2]) / 4.0 == pytest.approx(mean, rel=1e-12)
