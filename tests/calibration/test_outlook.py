"""The outlook: closed forms of growth that returns to a steady state, what facts teach of it, and shocks to come."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
import pytest
from scipy import integrate, stats

from fiveyear.calibration.facts import Fact
from fiveyear.calibration.outlook import Growth, carry_on, learned, median_course, median_shocks, shocks_ahead
from fiveyear.calibration.posterior import Evidence, evidence
from fiveyear.calibration.priors import Course, Priors, Surprise
from fiveyear.model import Model
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan

DRAWS, AHEAD, SEED = 40_000, 5, 7
ERRORS = 4.0  # Monte Carlo errors that a moment may be off
CHANCE = 1e-3  # of a distribution to be refused though it is the right one
YEARS = np.arange(1, AHEAD + 1)
Kind = Literal["growth", "change"]
KINDS: tuple[Kind, ...] = ("growth", "change")
UNITS = {"growth": "%/year", "change": "person/year"}
# The growth of the last year is log(110 / 104), the change 6.
LEVELS = np.array([100.0, 104.0, 110.0])


def course(
    kind: Kind = "growth",
    mean: float = 4.0,
    sd: float = 0.0,
    yearly_sd: float = 2.0,
    autocorrelation: float = 0.3,
    follows: str = "",
    correlation: float = 0.0,
) -> Course:
    return Course(
        kind=kind,
        mean=mean,
        sd=sd,
        yearly_sd=yearly_sd,
        autocorrelation=autocorrelation,
        follows=follows,
        correlation=correlation,
        unit=UNITS[kind],
        assumed="a test",
    )


def outlooks(**courses: Course) -> Priors:
    return Priors.model_construct(information_sets={}, parameters={}, surprises={}, outlook=courses)


def one(persistence: float, yearly_sd: float) -> Growth:
    """Give growth of which all is known."""
    return Growth(np.ones(1), np.array([persistence]), np.array([yearly_sd]))


def shares(growth: Growth) -> Array:
    return np.diff(growth.below, prepend=0.0)


def changes(kind: str, levels: Array) -> Array:
    """Give growth a year in logarithms, in %, or the change."""
    return np.asarray(100.0 * np.diff(np.log(levels), axis=0) if kind == "growth" else np.diff(levels, axis=0))


def steady(kind: str, mean: float) -> float:
    return float(100.0 * np.log(1.0 + mean / 100.0)) if kind == "growth" else mean


def same_moments(found: Array, mean: Array, covariance: Array) -> None:
    """Hold numbers, (number, draw), against moments: a covariance has a variance of (C_ii C_jj + C_ij^2) / draws."""
    variance = np.diag(covariance)
    draws = found.shape[1]
    assert np.all(np.abs(found.mean(axis=1) - mean) <= ERRORS * np.sqrt(variance / draws) + 1e-9)
    errors = np.sqrt((np.outer(variance, variance) + covariance**2) / draws)
    assert np.all(np.abs(np.cov(found) - covariance) <= ERRORS * errors + 1e-9)


# -- growth ahead ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("persistence", "yearly_sd", "sd"), [(0.6, 1.5, 2.0), (0.0, 1.5, 0.5), (-0.4, 3.0, 1.0)])
def test_growth_ahead_has_the_moments_of_a_first_order_process_from_the_last_growth_on(
    kind: Kind, persistence: float, yearly_sd: float, sd: float
) -> None:
    priors, growth = outlooks(a=course(kind, 3.0, sd)), {"a": one(persistence, yearly_sd)}
    found = changes(kind, carry_on(priors, growth, {"a": LEVELS}, AHEAD, SEED, 0, DRAWS)["a"][2:])
    kept, last = persistence**YEARS, changes(kind, LEVELS)[-1]
    mean = steady(kind, 3.0) + kept * (last - steady(kind, 3.0))
    covariance = sd**2 * np.outer(1.0 - kept, 1.0 - kept)
    for first, second in itertools.product(range(AHEAD), repeat=2):
        years = range(min(first, second) + 1)
        shocks = sum(persistence ** (2.0 * j) for j in years) * persistence ** abs(first - second)
        covariance[first, second] += yearly_sd**2 * shocks
    same_moments(found, mean, covariance)


def test_each_draw_keeps_one_cell_and_takes_it_as_often_as_its_share_says() -> None:
    # Next to no shocks: the deviation of the last year from a steady state of none tells the persistence.
    growth = Growth(np.array([0.2, 0.2, 0.7, 1.0]), np.array([0.1, 0.9, 0.4, 0.8]), np.full(4, 1e-9))
    levels = carry_on(outlooks(a=course(mean=0.0)), {"a": growth}, {"a": LEVELS}, AHEAD, SEED, 0, DRAWS)["a"]
    ahead = changes("growth", levels[1:])
    kept = ahead[1:] / ahead[:-1]
    assert kept == pytest.approx(np.broadcast_to(kept[0], kept.shape), rel=1e-4)
    for cell, share in zip((0.1, 0.9, 0.4, 0.8), (0.2, 0.0, 0.5, 0.3), strict=True):
        found = np.mean(np.abs(kept[0] - cell) < 1e-4)
        assert found == pytest.approx(share, abs=ERRORS * np.sqrt(share * (1.0 - share) / DRAWS))


@pytest.mark.parametrize("correlation", [-0.6, 0.3, 1.0])
def test_a_series_shares_its_steady_state_and_its_shocks_with_the_one_that_it_follows(correlation: float) -> None:
    priors = outlooks(
        a=course(sd=1.0), free=course(sd=1.0), b=course("change", 5.0, sd=2.0, follows="a", correlation=correlation)
    )
    growth = {"a": one(0.5, 2.0), "b": one(-0.2, 3.0), "free": one(0.5, 2.0)}
    carried = carry_on(priors, growth, dict.fromkeys(growth, LEVELS), AHEAD, SEED, 0, DRAWS)
    a, b, free = (changes(priors.outlook[n].kind, carried[n][2:]) for n in growth)
    for year in YEARS:
        from_steady_states = 1.0 * 2.0 * (1.0 - 0.5**year) * (1.0 - (-0.2) ** year)
        from_shocks = 2.0 * 3.0 * sum((0.5 * -0.2) ** j for j in range(year))
        exact = correlation * (from_steady_states + from_shocks)
        found = np.cov([a[year - 1], b[year - 1], free[year - 1]])
        errors = np.sqrt((np.outer(np.diag(found), np.diag(found)) + found**2) / DRAWS)
        assert found[0, 1] == pytest.approx(exact, abs=ERRORS * errors[0, 1])
        alone = 2.0**2 * (1.0 - (-0.2) ** year) ** 2 + 3.0**2 * sum(0.2 ** (2 * j) for j in range(year))
        assert found[1, 1] == pytest.approx(alone, abs=ERRORS * errors[1, 1])
        assert np.all(np.abs(found[2, :2]) < ERRORS * errors[2, :2])


def test_no_growth_however_bad_ends_below_nothing() -> None:
    priors = outlooks(a=course(mean=-40.0, sd=60.0))
    levels = carry_on(priors, {"a": one(0.5, 90.0)}, {"a": LEVELS}, AHEAD, SEED, 0, DRAWS)["a"]
    assert levels.min() > 0.0
    assert levels[-1].min() < 1e-2  # and some come near


def test_history_is_unchanged_in_every_draw(known: Mapping[str, Evidence]) -> None:
    july = known["july2011"]
    carried = carry_on(july.priors, july.growth, july.history, AHEAD, SEED, 0, 50)
    assert set(carried) == set(july.priors.outlook) <= set(july.history)
    for name, levels in carried.items():
        past = july.history[name]
        assert levels.shape == (len(past) + AHEAD, 50)
        assert np.array_equal(levels[: len(past)], np.broadcast_to(past[:, None], (len(past), 50)))
    past = np.random.default_rng(1).uniform(1.0, 2.0, (4, 50))
    uncertain = carry_on(outlooks(a=course()), {"a": one(0.5, 1.0)}, {"a": past}, AHEAD, SEED, 0, 50)["a"]
    assert np.array_equal(uncertain[:4], past)


def test_where_the_past_is_uncertain_each_draw_goes_on_from_its_own() -> None:
    past = np.array([[1.0, 1.0], [1.1, 2.0]])
    priors = outlooks(a=course(mean=0.0, sd=0.0))
    found = carry_on(priors, {"a": one(0.5, 1e-12)}, {"a": past}, AHEAD, SEED, 0, 2)["a"]
    for draw, growth in enumerate((1.1, 2.0)):
        # A half of it, a quarter, an eighth and so on: all of it in the end.
        assert found[2:, draw] == pytest.approx(growth * growth ** (1.0 - 0.5**YEARS), rel=1e-9)


def test_a_series_more_or_less_and_any_split_of_the_draws_change_no_other_number(
    known: Mapping[str, Evidence],
) -> None:
    july = known["july2011"]
    priors, growth, history = july.priors, july.growth, july.history
    whole = carry_on(priors, growth, history, AHEAD, SEED, 0, 60)
    for start, stop in ((0, 1), (17, 41), (59, 60)):
        for name, part in carry_on(priors, growth, history, AHEAD, SEED, start, stop).items():
            assert part.tobytes() == whole[name][:, start:stop].tobytes(), name
    fewer = outlooks(gdp_real=priors.outlook["gdp_real"], fiscal_share=priors.outlook["fiscal_share"])
    for name, alone in carry_on(fewer, growth, history, AHEAD, SEED, 17, 41).items():
        assert alone.tobytes() == whole[name][:, 17:41].tobytes()
    other = carry_on(priors, growth, history, AHEAD, SEED + 1, 0, 60)
    assert all(np.all(other[n][-1] != whole[n][-1]) for n in whole)


# -- the middle of it -----------------------------------------------------------------------------------------------
#: A mean persistence of a quarter of .2 and three quarters of .6: a half.
HALF = Growth(np.array([0.25, 1.0]), np.array([0.2, 0.6]), np.array([1.0, 5.0]))


@pytest.mark.parametrize("mean", [0.0, 4.0, -3.0])
def test_the_median_course_returns_to_the_steady_state_by_the_mean_persistence(mean: float) -> None:
    found = median_course(outlooks(a=course(mean=mean, sd=9.0)), {"a": HALF}, {"a": LEVELS}, AHEAD)["a"]
    assert np.array_equal(found[:3], LEVELS)
    # Of the factor by which the last year was off, a half stays in the first year, a quarter in the second ...
    times = 1.0 + mean / 100.0
    assert found[3:] == pytest.approx(110.0 * times**YEARS * (110.0 / 104.0 / times) ** (1.0 - 0.5**YEARS), rel=1e-12)


def test_the_median_course_of_changes_is_that_worked_out_by_hand() -> None:
    priors = outlooks(a=course("change", 2.0, sd=9.0), elsewhere=course())
    found = median_course(priors, {"a": HALF, "elsewhere": HALF}, {"a": LEVELS}, AHEAD)
    assert set(found) == {"a"}
    # 6 a year, which is 4 too many: then 2 + 2, 2 + 1, 2 + .5, 2 + .25, 2 + .125.
    assert found["a"][3:] == pytest.approx(np.array([114.0, 117.0, 119.5, 121.75, 123.875]), rel=1e-12)


def test_the_median_course_of_an_uncertain_past_is_one_a_draw() -> None:
    past = np.stack([LEVELS, 3.0 * LEVELS, LEVELS**2], axis=1)
    priors, growth = outlooks(a=course()), {"a": HALF}
    found = median_course(priors, growth, {"a": past}, AHEAD)["a"]
    for draw in range(3):
        alone = median_course(priors, growth, {"a": past[:, draw]}, AHEAD)["a"]
        assert found[:, draw] == pytest.approx(alone, rel=1e-12)


# -- what facts teach -----------------------------------------------------------------------------------------------
START = 1000


def facts(years: Collection[int]) -> dict[str, dict[int, Fact]]:
    """Give facts of the population of these years."""
    return {"population": {y: Fact("population", y, 1.0, "person", 0.0, 0.0, "", "", "", "seen") for y in years}}


def taught(of: Course, model: Model, levels: Array, years: Collection[int] | None = None) -> Growth:
    """Give what is learned from levels of the population from ``START`` on, all or those of some years observed."""
    observed = facts(range(START, START + len(levels)) if years is None else years)
    return learned(outlooks(population=of), observed, {"population": levels}, START, model)["population"]


def from_growth(kind: str, growth: Array) -> Array:
    """Give levels that grow, or change, so from 1e9 on."""
    total = np.concatenate([[0.0], np.cumsum(growth)])
    return np.asarray(1e9 * np.exp(total / 100.0) if kind == "growth" else 1e9 + total)


def prior_shares(of: Course, growth: Growth) -> Array:
    """Give the prior's share of each cell: persistence normal, sd .2; the sd of a year lognormal, sigma .5."""
    density = stats.norm.pdf(growth.persistence, of.autocorrelation, 0.2)
    density = density * stats.norm.pdf(np.log(growth.yearly_sd), np.log(of.yearly_sd), 0.5)
    return np.asarray(density / density.sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factor", [np.exp(-0.5), 1.0, np.exp(0.75)])
@pytest.mark.parametrize("persistence", [-0.3, 0.0, 0.5, 0.8])
def test_hundreds_of_years_teach_how_much_lasts_and_how_large_shocks_are(
    model: Model, kind: Kind, persistence: float, factor: float
) -> None:
    of, random = course(kind, mean=0.5, yearly_sd=1.5), np.random.default_rng(3)
    deviation, growth = 0.0, []
    for shock in 1.5 * factor * random.standard_normal(800):
        deviation = persistence * deviation + shock
        growth.append(0.7 + deviation)
    found = taught(of, model, from_growth(kind, np.array(growth)))
    share = shares(found)
    error = np.sqrt((1.0 - persistence**2) / 800.0)
    assert found.mean_persistence == pytest.approx(persistence, abs=ERRORS * error)
    assert share[np.abs(found.persistence - persistence) < 0.15].sum() > 0.99
    assert share[np.abs(np.log(found.yearly_sd / (1.5 * factor))) < 0.13].sum() > 0.99


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_years_weigh_the_cells_as_a_numerical_integral_over_the_steady_state_does(
    model: Model, kind: Kind
) -> None:
    of, growth = course(kind, yearly_sd=1.5, autocorrelation=0.4), np.array([5.0, 3.5, 4.0, 7.0, 6.0])
    found = taught(of, model, from_growth(kind, growth))

    def likelihood(persistence: float, yearly_sd: float) -> float:
        def at(constant: float) -> float:
            shocks = growth[1:] - constant - persistence * growth[:-1]
            return float(np.prod(stats.norm.pdf(shocks, 0.0, yearly_sd)))

        middle = float(np.mean(growth[1:] - persistence * growth[:-1]))
        value: float = integrate.quad(at, middle - 8.0 * yearly_sd, middle + 8.0 * yearly_sd, epsrel=1e-9)[0]
        return value

    cells = zip(found.persistence, found.yearly_sd, strict=True)
    weight = prior_shares(of, found) * np.array([likelihood(*cell) for cell in cells])
    assert shares(found) == pytest.approx(weight / weight.sum(), rel=1e-5, abs=1e-9)


def test_the_cells_cover_what_is_believed_from_minus_a_half_to_nine_tenths_and_a_factor_of_e_either_way(
    model: Model,
) -> None:
    found = taught(course(yearly_sd=1.5), model, LEVELS)
    assert (found.persistence.min(), found.persistence.max()) == pytest.approx((-0.5, 0.9))
    assert (found.yearly_sd.min(), found.yearly_sd.max()) == pytest.approx((1.5 / np.e, 1.5 * np.e))
    assert np.all(np.diff(found.below) > 0.0)
    assert found.below[-1] == 1.0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_than_two_pairs_of_years_teach_nothing_since_the_steady_state_is_left_open(
    model: Model, count: int
) -> None:
    of = course(autocorrelation=-0.2)
    found = taught(of, model, np.array([1.0, 1.2, 1.1])[:count])  # no growth, one, and a pair
    assert shares(found) == pytest.approx(prior_shares(of, found), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_another_steady_state_in_the_past_changes_nothing(model: Model, kind: Kind) -> None:
    growth = np.random.default_rng(4).standard_normal(8)
    few, more = (taught(course(kind), model, from_growth(kind, growth + shift)) for shift in (0.0, 6.0))
    assert few.below == pytest.approx(more.below, abs=1e-6)
    assert np.array_equal(few.persistence, more.persistence)


def test_only_years_that_were_observed_one_after_the_other_count(model: Model) -> None:
    growth = np.random.default_rng(5).standard_normal(12)
    levels = from_growth("growth", growth)
    last = START + 12
    # Without the level of the sixth year there are two records: growth of years 1 to 5, and of 8 to 12.
    found = taught(course(), model, levels, set(range(START, last + 1)) - {START + 6})
    without = taught(
        course(), model, np.where(np.arange(13) == 6, 2e9, levels), set(range(START, last + 1)) - {START + 6}
    )
    assert found.below.tobytes() == without.below.tobytes()
    whole = taught(course(), model, levels)
    assert np.abs(found.below - whole.below).max() > 1e-3
    alone = taught(course(), model, levels[7:])
    only = taught(course(), model, levels, range(START + 7, last + 1))
    assert only.below == pytest.approx(alone.below, abs=1e-12)


def test_a_series_of_which_facts_say_the_latest_figure_only_or_nothing_is_as_the_priors_have_it(
    known: Mapping[str, Evidence], plan: Plan, model: Model
) -> None:
    def is_prior(of: Evidence, name: str) -> bool:
        found, expected = shares(of.growth[name]), prior_shares(of.priors.outlook[name], of.growth[name])
        return bool(np.allclose(found, expected, atol=1e-9))

    for set_ in known.values():
        assert set(set_.growth) == set(set_.priors.outlook)
        untaught = {n for n in set_.growth if is_prior(set_, n)}
        assert {"innovation_standing", "rival_recut"} <= untaught
        assert not {"gdp_real", "population", "employed", "manufacturing_share", "revenue_to_gdp"} & untaught
    # The plan alone prints one year of each.
    alone = evidence(plan, "plan-only")
    assert {n for n in alone.growth if not is_prior(alone, n)} == set()


@pytest.mark.parametrize(
    ("name", "series"), [("innovation_standing", "innovation_rank"), ("rival_recut", "citation_rank")]
)
def test_not_even_many_latest_figures_teach_how_a_place_moves(model: Model, name: str, series: str) -> None:
    of, levels = course("change"), np.random.default_rng(8).uniform(1.0, 40.0, 30)
    years = {y: Fact(series, y, 1.0, "rank", 0.0, 0.0, "", "", "", "seen") for y in range(START, START + 30)}
    found = learned(outlooks(**{name: of}), {series: years}, {name: levels}, START, model)[name]
    assert shares(found) == pytest.approx(prior_shares(of, found), abs=1e-12)


def test_what_is_believed_has_its_middle_where_the_course_says(model: Model) -> None:
    # Far enough from the bounds of the cells, the mean of the prior is its middle.
    found = taught(course(autocorrelation=0.2, yearly_sd=3.0), model, LEVELS)
    assert found.mean_persistence == pytest.approx(0.2, abs=1e-3)
    assert np.sum(shares(found) * np.log(found.yearly_sd / 3.0)) == pytest.approx(0.0, abs=1e-9)


# -- shocks to come ---------------------------------------------------------------------------------------------------
TAILS = stats.t(4, scale=1.0 / np.sqrt(2.0))  # variance 4 / (4 - 2), times a half


def surprises(yearly_sd: float, epoch_sd: float, retained: float = 0.0, retained_sd: float = 0.0) -> Priors:
    of = Surprise(
        yearly_sd=yearly_sd,
        epoch_sd=epoch_sd,
        retained=retained,
        retained_sd=retained_sd,
        unit="1/year",
        assumed="a test",
    )
    return Priors.model_construct(information_sets={}, parameters={}, surprises={"a": of, "b": of}, outlook={})


def ahead(priors: Priors, past: Array, years: int = AHEAD) -> Array:
    return shocks_ahead(priors, {"a": past}, years, SEED, 0, past.shape[1])["a"]


def fits(numbers: Array, distribution: stats.rv_continuous) -> bool:
    return bool(stats.kstest(numbers, distribution.cdf).pvalue > CHANCE)


NO_SHOCKS = np.zeros((6, DRAWS))


@pytest.mark.parametrize(("yearly_sd", "epoch_sd"), [(0.1, 0.05), (0.04, 0.04), (0.2, 0.0)])
def test_any_sum_of_shocks_has_the_tails_of_student_s_t_and_the_variance_of_years_and_epoch(
    yearly_sd: float, epoch_sd: float
) -> None:
    # The fourth moment of this t is infinite, so that covariances are held against whole distributions: the sums that
    # follow have them all.
    found = ahead(surprises(yearly_sd, epoch_sd), NO_SHOCKS)
    assert found.shape == (AHEAD, DRAWS)
    for weights in (*np.eye(AHEAD), np.ones(AHEAD), [1.0, -1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 1.0]):
        sd = np.sqrt(yearly_sd**2 * np.sum(np.square(weights)) + epoch_sd**2 * np.sum(weights) ** 2)
        standardised = weights @ found / sd
        assert fits(standardised, TAILS), weights
        assert not fits(standardised, stats.norm), weights
        assert standardised.std() == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize(("retained", "retained_sd"), [(0.65, 0.2), (0.0, 0.2), (-0.3, 0.1)])
def test_of_the_mean_past_shock_the_share_retained_goes_on_but_of_the_first_year_nothing(
    retained: float, retained_sd: float
) -> None:
    past = np.concatenate([np.full((1, DRAWS), 9.0), np.array([0.1, 0.3, 0.2, 0.0, 0.4])[:, None] * np.ones(DRAWS)])
    found = ahead(surprises(1e-12, 0.0, retained, retained_sd), past)
    assert found == pytest.approx(np.broadcast_to(found[0], found.shape), abs=1e-9)
    assert fits(found[0], stats.norm(retained * 0.2, retained_sd * 0.2))


def test_each_draw_retains_its_own_past() -> None:
    past = np.random.default_rng(6).standard_normal((6, 20))
    found = ahead(surprises(1e-12, 0.0, 0.5), past)
    assert found == pytest.approx(np.broadcast_to(0.5 * past[1:].sum(axis=0) / 5.0, (AHEAD, 20)), abs=1e-9)


def test_shocks_to_come_have_the_moments_of_all_parts() -> None:
    past = np.concatenate([np.full((1, DRAWS), -5.0), np.full((5, DRAWS), 0.3)])
    found = ahead(surprises(0.1, 0.05, 0.65, 0.2), past)
    exact = np.full((AHEAD, AHEAD), 0.2**2 * 0.3**2 + 0.05**2) + 0.1**2 * np.eye(AHEAD)
    assert found.mean(axis=1) == pytest.approx(0.65 * 0.3, abs=ERRORS * np.sqrt(exact[0, 0] / DRAWS))
    # These have no error of Monte Carlo that could be told, for the tails: see above.
    assert np.cov(found) == pytest.approx(exact, abs=0.07 * exact[0, 0])


def test_shocks_of_two_series_are_independent() -> None:
    both = shocks_ahead(surprises(0.1, 0.05), {"a": NO_SHOCKS, "b": NO_SHOCKS}, AHEAD, SEED, 0, DRAWS)
    for measure in (np.sign, np.abs):  # the sign, and the tails
        found = stats.spearmanr(measure(both["a"].sum(axis=0)), measure(both["b"].sum(axis=0))).statistic
        assert abs(found) < ERRORS / np.sqrt(DRAWS)


def test_shocks_are_the_same_whatever_the_split_and_a_series_more_or_less_changes_none() -> None:
    past = {n: np.random.default_rng(i).standard_normal((6, 60)) for i, n in enumerate("ab")}
    priors = surprises(0.1, 0.05, 0.65, 0.2)
    whole = shocks_ahead(priors, past, AHEAD, SEED, 0, 60)
    assert set(whole) == {"a", "b"}
    for start, stop in ((0, 1), (17, 41), (59, 60)):
        some = {n: v[:, start:stop] for n, v in past.items()}
        for name, part in shocks_ahead(priors, some, AHEAD, SEED, start, stop).items():
            assert part.tobytes() == whole[name][:, start:stop].tobytes()
        alone = shocks_ahead(priors, {"b": some["b"]}, AHEAD, SEED, start, stop)
        assert set(alone) == {"b"}
        assert alone["b"].tobytes() == whole["b"][:, start:stop].tobytes()


def test_in_the_middle_of_them_shocks_are_the_share_retained_of_the_mean_past_one() -> None:
    past = np.array([[9.0, 9.0], [0.1, 0.0], [0.3, -0.2]])
    priors = surprises(0.1, 0.05, 0.5, 0.2)
    assert median_shocks(priors, {"a": past}, 3)["a"] == pytest.approx(np.array([[0.1, -0.05]] * 3))
    assert median_shocks(priors, {"a": past[:, 0]}, 3)["a"] == pytest.approx([0.1] * 3)
    assert set(median_shocks(priors, {"a": past}, 3)) == {"a"}
