"""Ramps and spread, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from fiveyear.model.programmes.diffusion import ramped, spread


def test_half_of_an_arrival_has_taken_effect_half_way_up_its_ramp() -> None:
    years = np.array([2010.0, 2011.0, 2012.0, 2013.0, 2020.0])
    assert ramped(np.array([2011.0]), years, 2.0).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_no_arrival_has_no_effect() -> None:
    assert ramped(np.array([]), np.array([2015.0]), 2.0).tolist() == [0.0]


def test_odds_below_a_ceiling_grow_by_the_rate() -> None:
    level = spread(np.array(2.0), np.array(0.7), np.array([0.0, 5.0]), 100.0)
    odds = level / (100.0 - level)
    assert np.log(odds[1] / odds[0]) == pytest.approx(3.5)


def test_without_a_ceiling_the_level_doubles_in_the_time_that_its_rate_implies() -> None:
    assert spread(np.array(3.0), np.array(np.log(2.0) / 4.0), np.array([4.0]))[0] == pytest.approx(6.0)
