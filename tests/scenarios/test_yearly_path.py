"""Yearly numbers of a path, against arithmetic done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fiveyear.scenarios import YearlyPath

YEARS = np.arange(2009.0, 2016.0)
HISTORY = np.array([0.8, 1.0])


def test_a_path_leads_straight_from_history_to_the_year_given() -> None:
    path = YearlyPath(2010, ((2015, 2.0),))
    assert path.yearly(YEARS, HISTORY) == pytest.approx([0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0])


def test_the_year_given_has_the_very_number_given() -> None:
    assert YearlyPath(2010, ((2015, 0.022),)).yearly(YEARS, np.array([0.0176, 0.0175]))[-1] == 0.022


def test_a_number_is_held_after_the_last_year_given() -> None:
    path = YearlyPath(2010, ((2011, 1.5),))
    assert path.yearly(YEARS, HISTORY) == pytest.approx([0.8, 1.0, 1.5, 1.5, 1.5, 1.5, 1.5])


def test_the_way_between_two_given_years_is_straight() -> None:
    path = YearlyPath(2010, ((2012, 2.0), (2014, 1.0)))
    assert path.yearly(YEARS, HISTORY) == pytest.approx([0.8, 1.0, 1.5, 2.0, 1.5, 1.0, 1.0])


@pytest.mark.parametrize(
    ("shape", "rise"),
    [(2.0, [0.04, 0.16, 0.36, 0.64, 1.0]), (0.5, [0.2**0.5, 0.4**0.5, 0.6**0.5, 0.8**0.5, 1.0])],
)
def test_the_shape_is_the_power_of_the_time_gone(shape: float, rise: list[float]) -> None:
    path = YearlyPath(2010, ((2015, 3.0),), shape=shape)
    assert path.yearly(YEARS, HISTORY)[2:] == pytest.approx(1.0 + 2.0 * np.array(rise))


def test_growth_of_7_percent_compounds() -> None:
    path = YearlyPath(2010, ((2011, 0.07),), "growth")
    assert path.yearly(YEARS, 100.0 * HISTORY) == pytest.approx(
        [80.0, 100.0, 107.0, 114.49, 122.5043, 131.079601, 140.25517307]
    )


def test_growth_between_two_given_years_is_interpolated() -> None:
    path = YearlyPath(2010, ((2011, 0.10), (2013, 0.20)), "growth")
    after = [1.1, 1.1 * 1.15, 1.1 * 1.15 * 1.2, 1.1 * 1.15 * 1.2**2, 1.1 * 1.15 * 1.2**3]
    assert path.yearly(YEARS, HISTORY)[2:] == pytest.approx(after)


@pytest.mark.parametrize("path", [YearlyPath(2010, ((2012, 2.0),)), YearlyPath(2010, ((2011, 0.1),), "growth")])
def test_each_draw_continues_its_own_history_and_its_row_equals_a_single_run(path: YearlyPath) -> None:
    history = np.array([[0.8, 1.8, 0.2], [1.0, 2.0, 0.5]])
    together = path.yearly(YEARS, history)
    assert together.shape == (7, 3)
    for draw in range(3):
        assert together[:, draw].tolist() == path.yearly(YEARS, history[:, draw]).tolist()


def test_a_path_from_the_start_needs_no_history() -> None:
    path = YearlyPath(2010, ((2009, 0.0), (2010, 1.0)))
    assert not path.needs_history
    assert path.yearly(YEARS).tolist() == [0, 1, 1, 1, 1, 1, 1]


def test_a_path_over_one_from_the_start_leaves_its_history_alone() -> None:
    path = YearlyPath(2010, ((2015, 2.0),), before=YearlyPath(2010, ((2009, 1.0),)))
    assert not path.needs_history
    assert path.yearly(YEARS) == pytest.approx([1.0, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0])


@pytest.mark.parametrize("history", [None, np.array([]), np.array([1.0]), np.ones(3)])
def test_history_that_does_not_end_at_the_base_year_is_refused(history: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="needs history that ends in 2010"):
        YearlyPath(2010, ((2015, 2.0),)).yearly(YEARS, history)


def test_history_alone_is_given_back_when_no_year_follows() -> None:
    assert YearlyPath(2010, ((2015, 2.0),)).yearly(YEARS[:2], HISTORY).tolist() == HISTORY.tolist()


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 7.3])
@pytest.mark.parametrize("end", [2015, 2013])
def test_a_bend_that_holds_spend_spends_what_the_straight_way_does(shape: float, end: int) -> None:
    output = np.array([9.0, 8.0, 11.0, 12.5, 11.9, 17.0, 23.0])
    bent = YearlyPath(2010, ((end, 2.2),), shape=shape, hold="spend").yearly(YEARS, HISTORY, output)
    straight = YearlyPath(2010, ((end, 2.2),)).yearly(YEARS, HISTORY)
    assert (bent * output)[2:].sum() == pytest.approx((straight * output)[2:].sum(), rel=1e-12)
    assert bent[:2].tolist() == HISTORY.tolist()


def test_the_end_of_a_bend_that_holds_spend_follows_from_weights_in_whole_numbers() -> None:
    # Over two years of output 1 and 3 the straight way to 1 + 2 spends (1 + 3) + 1/2 * 2 * 1 + 2 * 3 = 11. The square
    # with the rise A spends 4 + A / 4 + 3 A, which is 11 for A = 28/13.
    path = YearlyPath(2010, ((2012, 3.0),), shape=2.0, hold="spend")
    found = path.yearly(np.array([2010.0, 2011.0, 2012.0]), np.array([1.0]), np.array([5.0, 1.0, 3.0]))
    assert found == pytest.approx([1.0, 1.0 + 7.0 / 13.0, 1.0 + 28.0 / 13.0], rel=1e-12)


@pytest.mark.parametrize("output", [1.0, 250.0])
def test_the_unit_of_output_does_not_matter_to_what_is_held(output: float) -> None:
    path = YearlyPath(2010, ((2015, 3.0),), shape=2.0, hold="spend")
    # With level output: rise 2 * (1/5 + 2/5 + 3/5 + 4/5 + 1) / (1/25 + 4/25 + 9/25 + 16/25 + 1) = 2 * 15/11.
    assert path.yearly(YEARS, HISTORY, np.full(7, output))[-1] == pytest.approx(1.0 + 30.0 / 11.0, rel=1e-12)


def test_each_draw_holds_the_spend_of_its_own_history() -> None:
    history, output = np.array([[0.8, 1.8], [1.0, 2.0]]), np.arange(1.0, 8.0)
    path = YearlyPath(2010, ((2015, 3.0),), shape=0.5, hold="spend")
    together = path.yearly(YEARS, history, output)
    for draw in range(2):
        assert together[:, draw] == pytest.approx(path.yearly(YEARS, history[:, draw], output), rel=1e-14)


def test_a_path_that_holds_spend_over_one_from_the_start_leaves_its_history_alone() -> None:
    path = YearlyPath(2010, ((2015, 3.0),), shape=2.0, before=YearlyPath(2010, ((2009, 1.0),)), hold="spend")
    found = path.yearly(YEARS, None, np.ones(7))
    assert found[[0, 1, -1]] == pytest.approx([1.0, 1.0, 1.0 + 30.0 / 11.0])


@pytest.mark.parametrize("output", [None, np.ones(5)])
def test_a_path_that_holds_spend_asks_for_the_output_of_each_year(output: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="needs the output of each year"):
        YearlyPath(2010, ((2015, 2.0),), shape=2.0, hold="spend").yearly(YEARS, HISTORY, output)
