"""The outlook: moments against the numbers that ``priors.toml`` states, and what must not move."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import numpy as np
import pytest

from fiveyear.calibration.facts import folder
from fiveyear.calibration.outlook import carry_on, median_course, shocks_ahead
from fiveyear.calibration.posterior import Evidence
from fiveyear.calibration.priors import Course, Priors
from fiveyear.model import Unit
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan

DRAWS, AHEAD, SEED = 40_000, 5, 7
ERRORS = 4.0  # Monte Carlo errors that a moment may be off
NAMES = tuple(tomllib.loads((folder(load_plan("twelfth")) / "priors.toml").read_text(encoding="utf-8"))["outlook"])


@pytest.fixture(scope="module")
def evidence(known: Mapping[str, Evidence]) -> Evidence:
    return known["july2011"]


@pytest.fixture(scope="module")
def carried(evidence: Evidence) -> dict[str, Array]:
    return carry_on(evidence.priors, evidence.history, AHEAD, SEED, 0, DRAWS)


def changes(course: Course, levels: Array) -> Array:
    """Give the yearly changes after the base year, (year, draw), in the unit of the course: growth, or differences."""
    ahead = levels[-AHEAD - 1 :]
    per = Unit.parse(course.unit).scale
    return np.asarray((ahead[1:] / ahead[:-1] - 1.0 if course.kind == "growth" else np.diff(ahead, axis=0)) / per)


def test_history_is_unchanged_in_every_draw(evidence: Evidence, carried: dict[str, Array]) -> None:
    assert set(carried) == set(NAMES)
    for name, levels in carried.items():
        known = evidence.history[name]
        assert levels.shape == (len(known) + AHEAD, DRAWS)
        assert np.array_equal(levels[: len(known)], np.broadcast_to(known[:, None], (len(known), DRAWS)))


@pytest.mark.parametrize("name", NAMES)
def test_each_year_s_change_has_the_stated_mean_and_spread(
    evidence: Evidence, carried: dict[str, Array], name: str
) -> None:
    course = evidence.priors.outlook[name]
    variance = course.sd**2 + course.yearly_sd**2
    for year in changes(course, carried[name]):
        assert year.mean() == pytest.approx(course.mean, abs=ERRORS * np.sqrt(variance / DRAWS))
        assert year.var() == pytest.approx(variance, rel=ERRORS * np.sqrt(2.0 / DRAWS))


@pytest.mark.parametrize("name", NAMES)
def test_changes_of_two_years_share_their_mean_and_fade_as_the_autocorrelation_says(
    evidence: Evidence, carried: dict[str, Array], name: str
) -> None:
    course = evidence.priors.outlook[name]
    found = np.cov(changes(course, carried[name]))
    apart = np.abs(np.subtract.outer(np.arange(AHEAD), np.arange(AHEAD)))
    exact = course.sd**2 + course.yearly_sd**2 * course.autocorrelation**apart
    assert found == pytest.approx(exact, abs=ERRORS * exact[0, 0] * np.sqrt(2.0 / DRAWS))


def test_the_five_year_mean_of_growth_spreads_by_its_own_sd_and_the_years_deviations(
    evidence: Evidence, carried: dict[str, Array]
) -> None:
    # sd 1.3 of the mean; deviations of 1.5 at autocorrelation .5: (5 + 2 (4/2 + 3/4 + 2/8 + 1/16)) / 25 of 1.5^2.
    mean = changes(evidence.priors.outlook["gdp_real"], carried["gdp_real"]).mean(axis=0)
    exact = 1.3**2 + 1.5**2 * (5.0 + 2.0 * (4 / 2 + 3 / 4 + 2 / 8 + 1 / 16)) / 25.0
    assert mean.var() == pytest.approx(exact, rel=ERRORS * np.sqrt(2.0 / DRAWS))


def test_prices_rise_faster_where_output_does_as_much_as_stated(evidence: Evidence, carried: dict[str, Array]) -> None:
    output, prices = (changes(evidence.priors.outlook[n], carried[n]) for n in ("gdp_real", "price_level"))
    covariance = np.mean((output[2] - output[2].mean()) * (prices[2] - prices[2].mean()))
    exact = 0.3 * 1.3 * 2.0  # correlation of the means times their sds
    spread = np.sqrt(output[2].var() * prices[2].var() / DRAWS)
    assert covariance == pytest.approx(exact, abs=ERRORS * spread)


def test_series_that_follow_no_other_are_uncorrelated(evidence: Evidence, carried: dict[str, Array]) -> None:
    free = [n for n in NAMES if not evidence.priors.outlook[n].follows]
    correlation = np.corrcoef([carried[n][-1] for n in free]) - np.eye(len(free))
    assert np.abs(correlation).max() < ERRORS / np.sqrt(DRAWS)


def test_a_series_more_or_less_and_any_split_of_the_draws_change_no_other_number(
    evidence: Evidence, carried: dict[str, Array]
) -> None:
    priors, history = evidence.priors, evidence.history
    fewer = Priors.model_construct(**{**dict(priors), "outlook": {"gdp_real": priors.outlook["gdp_real"]}})
    alone = carry_on(fewer, history, AHEAD, SEED, 17, 41)["gdp_real"]
    assert alone.tobytes() == carried["gdp_real"][:, 17:41].tobytes()


def test_the_median_course_grows_at_the_stated_mean(evidence: Evidence) -> None:
    for name, levels in median_course(evidence.priors, evidence.history, AHEAD).items():
        course = evidence.priors.outlook[name]
        assert changes(course, levels[:, None]) == pytest.approx(np.full((AHEAD, 1), course.mean), rel=1e-9)


def test_shocks_to_come_have_the_spread_of_their_prior_and_no_memory(evidence: Evidence) -> None:
    for name, numbers in shocks_ahead(evidence.problem().shocks, AHEAD, SEED, 0, DRAWS).items():
        sd = evidence.priors.surprises[name].sd  # type: ignore[union-attr]
        assert np.cov(numbers) == pytest.approx(np.eye(AHEAD) * sd**2, abs=ERRORS * sd**2 * np.sqrt(2.0 / DRAWS))
        assert numbers.mean(axis=1) == pytest.approx(0.0, abs=ERRORS * sd / np.sqrt(DRAWS))
