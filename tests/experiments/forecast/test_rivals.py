"""Rival forecasts, against scipy.stats and the figures that were worked out by hand before the model was built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from fiveyear.calibration.facts import read_records
from fiveyear.calibration.posterior import evidence
from fiveyear.experiments.forecast.rivals import growth_continues, outside_view, random_walk
from fiveyear.scenarios import load_plan

# R&D over GDP, %, on GDP of one vintage.
INTENSITY = {2005: 1.325, 2006: 1.388, 2007: 1.396, 2008: 1.470, 2009: 1.702, 2010: 1.760}


def test_the_walk_s_chance_of_2_2_percent_is_the_49_percent_worked_out_by_hand() -> None:
    rival = random_walk(INTENSITY, 2015, 2.2, ">=", "linear")
    assert rival is not None
    assert rival.probability == pytest.approx(0.49, abs=0.005)
    assert rival.median == pytest.approx(1.760 + 5 * (1.760 - 1.325) / 5)


def test_without_the_jump_of_the_census_year_its_chance_is_8_percent() -> None:
    # The change of 2009 is dropped; the others end at the same 1.760.
    changes = [0.063, 0.008, 0.074, 0.058]
    levels = 1.760 - np.cumsum([0.0, *changes[::-1]])[::-1]
    rival = random_walk(dict(zip(range(2006, 2011), levels, strict=True)), 2015, 2.2, ">=", "linear")
    assert rival is not None
    assert rival.probability == pytest.approx(0.08, abs=0.005)


@pytest.mark.parametrize("trend", ["linear", "log"])
@pytest.mark.parametrize("comparator", [">=", "<="])
@pytest.mark.parametrize("ahead", [1, 5])
def test_the_walk_forecasts_by_the_t_distribution(trend: str, comparator: str, ahead: int) -> None:
    values = np.array(list(INTENSITY.values()))
    levels = np.log(values) if trend == "log" else values
    changes = levels[1:] - levels[:-1]
    mean, sd = changes.sum() / 5, np.sqrt(((changes - changes.mean()) ** 2).sum() / 4)
    # The error of a forecast over h years: h yearly shocks, and h times the error of the mean of five changes.
    forecast = stats.t(4, levels[-1] + ahead * mean, sd * np.sqrt(ahead + ahead**2 / 5))
    goal = np.log(1.9) if trend == "log" else 1.9
    rival = random_walk(INTENSITY, 2010 + ahead, 1.9, comparator, trend)  # type: ignore[arg-type]
    assert rival is not None
    assert rival.probability == pytest.approx(forecast.sf(goal) if comparator == ">=" else forecast.cdf(goal))
    ends = forecast.ppf([0.05, 0.5, 0.95])
    assert (rival.p05, rival.median, rival.p95) == pytest.approx(np.exp(ends) if trend == "log" else ends)


def test_the_walk_counts_only_the_years_without_a_gap_at_the_end() -> None:
    with_older = {1999: 0.7, 2001: 0.9, **INTENSITY}
    assert random_walk(with_older, 2015, 2.2, ">=", "linear") == random_walk(INTENSITY, 2015, 2.2, ">=", "linear")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_than_three_changes_make_no_walk(count: int) -> None:
    assert random_walk(dict(list(INTENSITY.items())[-count:] if count else []), 2015, 2.2, ">=", "linear") is None


def test_three_changes_make_a_walk() -> None:
    assert random_walk(dict(list(INTENSITY.items())[-4:]), 2015, 2.2, ">=", "linear") is not None


def test_growth_that_continues_multiplies_once_more_by_what_the_years_before_did() -> None:
    assert growth_continues({2005: 2.0, 2010: 6.0}, 2010, 2015) == pytest.approx(18.0)
    # 4 years from 2 to 6: 5 more years multiply by 3^(5/4)
    assert growth_continues({2006: 2.0, 2010: 6.0}, 2010, 2015) == pytest.approx(6.0 * 3.0**1.25)
    assert growth_continues({2005: 2.0, 2009: 6.0}, 2010, 2015) is None


def test_the_record_of_rd_targets_delivered_44_68_and_62_percent() -> None:
    facts = evidence(load_plan("twelfth"), "july2011")
    shares = facts.record("rd_intensity", "2011-07")
    assert [round(s, 2) for s in shares] == [0.44, 0.68, 0.62]
    assert len(facts.record("rd_intensity", "2011-06")) == 2
    assert facts.record("citation_rank", "2011-07") == []
    assert read_records(Path("/nowhere/record.csv"), load_plan("twelfth").model) == []


def test_the_outside_view_is_a_t_distribution_of_the_shares_delivered() -> None:
    shares = [0.44, 0.68, 0.62]
    spread = np.std(shares, ddof=1) * np.sqrt(1.0 + 1.0 / 3.0)
    exact = stats.t(2, np.mean(shares), spread)
    rival = outside_view(shares, 1.75, 2.2)
    assert rival.probability == pytest.approx(exact.sf(1.0))
    assert rival.median == pytest.approx(1.75 + 0.45 * 0.58)
    assert (rival.p05, rival.p95) == pytest.approx(tuple(1.75 + 0.45 * exact.ppf([0.05, 0.95])))


def test_a_target_that_is_a_fall_has_the_same_outside_view_as_the_rise_it_mirrors() -> None:
    rise, fall = outside_view([0.44, 0.68, 0.62], 1.0, 2.0), outside_view([0.44, 0.68, 0.62], 8.0, 5.0)
    assert fall.probability == rise.probability
    assert fall.median == pytest.approx(8.0 - 3.0 * 0.58)
    assert fall.p05 < fall.median < fall.p95
