"""Which targets are reached: intervals, identities between the numbers, and scenarios on common random numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.probability import estimate
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.experiments.reach.answers import reach as answers
from fiveyear.experiments.reach.dependence import dependence
from fiveyear.experiments.reach.regimes import candidates_short, regimes
from fiveyear.model import INDICATORS, InputError
from fiveyear.model.quantities import Condition
from fiveyear.scenarios import Target, load_plan

SHIPPED = ("plan", "frozen", "accelerated", "growth_7")
HEADLINE = 8


# -- Monte Carlo error --------------------------------------------------------------------------------------
@pytest.mark.parametrize("met", [0, 1, 7, 150, 299, 300])
def test_of_independent_draws_the_interval_is_jeffreys(met: int) -> None:
    found = estimate(np.arange(300) < met, np.arange(300))
    exact = stats.beta.ppf([0.05, 0.95], met + 0.5, 300 - met + 0.5)
    assert found.value == met / 300
    assert (found.low, found.high) == pytest.approx(tuple(exact), rel=1e-9)
    assert 0.0 < found.low < found.high < 1.0


@pytest.mark.parametrize("share", [0, 1])
@pytest.mark.parametrize("draws", [1, 40, 4000])
def test_no_interval_ever_touches_0_or_1(draws: int, share: int) -> None:
    found = estimate(np.full(draws, bool(share)), np.arange(draws) % 40)
    assert found.value == share
    assert 0.0 < found.low < found.high < 1.0


def test_draws_of_few_parameter_sets_are_as_uncertain_as_the_bootstrap_of_the_sets_says() -> None:
    random = np.random.default_rng(1)
    sets = np.arange(6000) % 300
    chance = random.beta(0.8, 0.5, 300)  # sets differ widely
    met = random.random(6000) < chance[sets]
    by_set = np.bincount(sets, weights=met) / 20
    means = by_set[random.integers(0, 300, (20_000, 300))].mean(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    found = estimate(met, sets)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))
    naive = estimate(met, np.arange(6000))
    assert found.high - found.low > 2.0 * (naive.high - naive.low)


def test_sets_that_do_not_differ_leave_the_draws_almost_independent() -> None:
    random = np.random.default_rng(2)
    met = random.random(6000) < 0.4
    clustered, naive = estimate(met, np.arange(6000) % 300), estimate(met, np.arange(6000))
    assert clustered.high - clustered.low == pytest.approx(naive.high - naive.low, rel=0.15)


def test_all_or_none_of_the_draws_prove_no_more_than_there_are_parameter_sets() -> None:
    found = estimate(np.ones(20_000, dtype=bool), np.arange(20_000) % 100)
    assert found.low == pytest.approx(stats.beta.ppf(0.05, 100.5, 0.5))


# -- one answer ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_target_of_the_plan_is_answered_once_in_the_plan_s_order(
    reached: Callable[..., Reach], scenario: str
) -> None:
    found = reached(scenario)
    assert [o.target.indicator for o in found.findings] == [t.indicator for t in load_plan("twelfth").targets]
    modelled = [o for o in found.findings if o.median is not None]
    assert {o.target.indicator for o in modelled} == set(INDICATORS)
    for o in found.findings:
        if o.median is None:
            assert (o.probability, o.probability_rounded, o.verdict) == (None, None, "not modelled")
            assert "unmodelled" in o.flags


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_numbers_of_a_target_agree_with_the_draws_and_with_each_other(
    reached: Callable[..., Reach], scenario: str
) -> None:
    found = reached(scenario)
    for o in found.findings:
        if o.median is None or o.p05 is None or o.p95 is None:
            continue
        last = found.dataset[o.target.indicator].sel(year=2015).values
        if o.target.every_year:  # the worst year decides
            last = found.dataset[o.target.indicator].sel(year=slice(2011, None)).values.min(axis=1)
        assert o.p05 <= o.median <= o.p95
        for level, value in ((0.5, o.median), (0.05, o.p05)):  # of a place, many draws have the very same
            assert np.mean(last < value) - 0.01 <= level <= np.mean(last <= value) + 0.01
        if o.probability is None:
            continue
        assert o.probability.value == np.mean(met(found, o.target.indicator))
        assert o.probability.low <= o.probability.value <= o.probability.high or o.probability.value in (0.0, 1.0)
        assert o.probability_rounded is not None
        slack = o.target.rounding / 2.0
        in_reach = last >= o.target.value - slack if o.target.comparator == ">=" else last <= o.target.value + slack
        assert o.probability_rounded == np.mean(in_reach)
        assert o.probability_rounded >= o.probability.value
        assert o.verdict == verdict(o.probability.value)
        missed = last[~met(found, o.target.indicator)]
        assert o.expected_shortfall == (
            pytest.approx(np.mean(np.abs(o.target.value - missed))) if len(missed) else None
        )


@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_target_that_is_modelled_has_a_probability_unless_the_plan_says_why_not(
    reached: Callable[..., Reach], scenario: str
) -> None:
    for o in reached(scenario).findings:
        assert (o.probability is None) == (o.median is None or o.untold is not None), o.target.indicator


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_joint_probability_is_at_most_that_of_its_rarest_member(
    reached: Callable[..., Reach], scenario: str
) -> None:
    found = reached(scenario)
    assert set(found.joint) == {"all", "measurable"}
    for group, members in found.joint_targets.items():
        shares = [float(np.mean(met(found, m))) for m in members]
        joint = found.joint[group]
        assert joint is not None
        assert max(0.0, sum(shares) - len(shares) + 1.0) - 1e-9 <= joint.value <= min(shares)


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_product_of_probabilities_stands_beside_the_joint_one(reached: Callable[..., Reach], scenario: str) -> None:
    found = reached(scenario)
    for group, members in found.joint_targets.items():
        apart = found.dependence[group]
        assert apart is not None
        shares = {m: float(np.mean(met(found, m))) for m in members}
        assert apart.independent == pytest.approx(np.prod([*shares.values()]))
        if pair := apart.pair:
            both = np.all([met(found, m) for m in (pair.first, pair.second)], axis=0)
            assert pair.together == pytest.approx(float(np.mean(both)))
            assert pair.by_chance == pytest.approx(shares[pair.first] * shares[pair.second])


@pytest.mark.parametrize("scenario", SHIPPED)
def test_chances_where_money_and_where_candidates_are_short_make_up_the_whole(
    reached: Callable[..., Reach], scenario: str
) -> None:
    found = reached(scenario)
    assert [r.short for r in found.regimes] == ["money", "candidates"]
    assert sum(r.weight.value for r in found.regimes) == pytest.approx(1.0)
    for finding in found.findings:
        if finding.target.kind == "headline":
            whole = sum(r.weight.value * r.chances[finding.target.indicator].value for r in found.regimes)
            assert finding.probability is not None
            assert whole == pytest.approx(finding.probability.value, abs=1e-12)


def test_candidates_are_short_where_more_are_wanted_than_are_there() -> None:
    wanted, supply = np.zeros((4, 11)), np.ones((4, 11))
    wanted[:, 6:] = [[0.5], [1.5], [0.9], [3.0]]
    wanted[0, :6] = 100.0  # before the base year
    met = {"rd_intensity": np.array([True, True, False, False])}
    money, candidates = regimes(candidates_short(wanted, supply, 5), met, np.array([0, 0, 1, 2]))
    assert (money.weight.value, candidates.weight.value) == (0.5, 0.5)
    assert money.chances["rd_intensity"].value == candidates.chances["rd_intensity"].value == 0.5


def test_what_two_targets_hang_on_together_is_found(shipped: Callable[..., Ensemble]) -> None:
    ensemble, draws = shipped("behavioural"), 3000
    spending = ensemble.inputs(0, draws).series["effort_surprise"][-ensemble.years_ahead :].mean(axis=0)
    much = spending > np.median(spending)
    chance = np.random.default_rng(5).random(draws) < 0.5
    names = ("rd_intensity", "technology_market_value", "civic_scientific_literacy")
    found = dependence(ensemble, dict(zip(names, (much, much | chance, chance), strict=True))).pair
    assert found is not None and (found.first, found.second, found.shared) == (*names[:2], "effort_surprise")
    against = dependence(ensemble, dict(zip(names, (much, ~much & chance, chance), strict=True))).pair
    assert against is not None and against.together == 0.0 and against.shared == "effort_surprise"
    # Nothing uncertain moves both, however often they are met together.
    alone = dependence(ensemble, {"rd_intensity": much, "civic_scientific_literacy": much})
    assert alone.pair is None and alone.independent == pytest.approx(0.25)


@pytest.mark.parametrize("scenario", SHIPPED)
def test_fewer_targets_are_easier_to_meet_together(reached: Callable[..., Reach], scenario: str) -> None:
    found = reached(scenario)
    joint = {n: p.value if p else 0.0 for n, p in found.joint.items()}
    assert joint["all"] <= joint["measurable"]
    assert set(found.joint_targets["all"]) - set(found.joint_targets["measurable"]) == {"high_tech_value_added_share"}


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_numbers_met_sum_to_1_and_their_mean_is_the_sum_of_the_shares(
    reached: Callable[..., Reach], scenario: str
) -> None:
    found = reached(scenario)
    assert len(found.number_met) == HEADLINE + 1
    assert sum(found.number_met) == pytest.approx(1.0, abs=1e-12)
    shares = [np.mean(met(found, o.target.indicator)) for o in found.findings if o.target.kind == "headline"]
    assert sum(k * p for k, p in enumerate(found.number_met)) == pytest.approx(sum(shares), abs=1e-12)
    joint = found.joint["all"]
    assert found.number_met[-1] == pytest.approx(joint.value if joint else 0.0, abs=1e-12)


@pytest.mark.parametrize("scenario", SHIPPED)
def test_the_binding_target_is_a_headline_target_that_is_met_least(
    reached: Callable[..., Reach], scenario: str
) -> None:
    found = reached(scenario)
    headline = [o for o in found.findings if o.target.kind == "headline"]
    chances = {o.target.indicator: o.probability.value for o in headline if o.probability}
    assert found.binding_target is not None
    assert chances[found.binding_target] == min(chances.values())


def met(found: Reach, indicator: str, year: int = 2015) -> Condition:
    """Tell of each draw whether it meets a target in a year, or in every year to it where the target asks for that."""
    target = next(o.target for o in found.findings if o.target.indicator == indicator)
    table = found.dataset[indicator].sel(year=slice(2011 if target.every_year else year, year)).values
    # What differs from the target by rounding of the last bits meets it.
    slack = 1e-9 * target.value
    met = table >= target.value - slack if target.comparator == ">=" else table <= target.value + slack
    return np.asarray(np.all(met, axis=1))


def test_growth_needed_and_achieved_are_those_of_a_hand_calculation(reached: Callable[..., Reach]) -> None:
    contracts = next(o for o in reached().findings if o.target.indicator == "technology_market_value")
    assert contracts.growth_needed == pytest.approx(100.0 * ((8000 / 3906) ** 0.2 - 1.0))  # 15.4
    assert contracts.growth_achieved == pytest.approx(100.0 * ((3906 / 1551) ** 0.2 - 1.0))  # 20.3
    assert "nominal" in contracts.flags
    intensity = next(o for o in reached().findings if o.target.indicator == "rd_intensity")
    assert intensity.base_in_truth == pytest.approx(100.0 * 6980 / 397_983)
    assert intensity.target.base == 1.75


def test_the_first_year_met_is_the_first_in_which_half_of_the_draws_do(reached: Callable[..., Reach]) -> None:
    for o in reached().findings:
        if o.median is None or o.untold:
            continue
        half = [y for y in range(2011, 2016) if np.mean(met(reached(), o.target.indicator, y)) >= 0.5]
        assert o.first_year_met == (half[0] if half else None)


def test_a_target_that_is_met_at_the_base_says_so(shipped: Callable[..., Ensemble]) -> None:
    easier = with_targets(shipped(), 0.45)
    flags = {o.target.indicator: o.flags for o in reach(easier, 20).findings if o.base_in_truth is not None}
    assert len(flags) == 9  # the facts say nothing of the others
    assert all("met-at-base" in f for f in flags.values()), flags
    assert not any("met-at-base" in o.flags for o in reach(shipped(), 20).findings)


def test_only_unmeasurable_monitoring_and_directional_targets_are_flagged_as_such(
    reached: Callable[..., Reach],
) -> None:
    flags = {o.target.indicator: set(o.flags) - {"driven by assumptions"} for o in reached().findings}
    assert flags["high_tech_value_added_share"] == {"unmeasurable"}
    assert flags["innovation_rank"] == {"monitoring"}
    assert flags["basic_research_growth"] == {"directional"}
    assert flags["citation_rank"] == set()
    assert flags["rd_fte_per_10k_employed"] == set()


# -- targets are not data -----------------------------------------------------------------------------------
def with_targets(ensemble: Ensemble, factor: float) -> Ensemble:
    """Give the plan with targets that are so much harder: larger, or for a place smaller, but that of the first."""
    plan = ensemble.scenario.plan
    last = {"citation_rank": 8.0}  # as many rivals are modelled

    def moved(target: Target) -> float:
        if target.comparator == ">=":
            return factor * target.value
        return min(max(target.value / factor, 1.0), last.get(target.indicator, np.inf))

    targets = tuple(t.model_copy(update={"value": moved(t)}) for t in plan.targets)
    return replace(ensemble, scenario=replace(ensemble.scenario, plan=replace(plan, targets=targets)))


def test_a_higher_target_never_has_a_higher_probability_and_moves_no_draw(shipped: Callable[..., Ensemble]) -> None:
    found = [reach(with_targets(shipped(), factor), 300) for factor in (0.7, 1.0, 1.0 + 1e-12, 1.1, 2.0)]
    for name in INDICATORS:
        assert len({r.dataset[name].values.tobytes() for r in found}) == 1
        chances = [next(o for o in r.findings if o.target.indicator == name).probability for r in found]
        values = [p.value for p in chances if p is not None]
        assert values == sorted(values, reverse=True)
    joint = [r.joint["measurable"].value for r in found if r.joint["measurable"]]
    assert joint == sorted(joint, reverse=True)


# -- common random numbers ----------------------------------------------------------------------------------
@pytest.mark.parametrize("indicator", ["rd_fte_per_10k_employed", "technology_market_value", "rd_intensity"])
def test_more_money_never_lowers_what_money_drives_in_any_draw(reached: Callable[..., Reach], indicator: str) -> None:
    low, middle, high = (reached(n).dataset[indicator].values for n in ("frozen", "plan", "accelerated"))
    ahead = slice(6, None)  # from 2011 on
    assert np.all(low[:, ahead] <= middle[:, ahead])
    assert np.all(middle[:, ahead] <= high[:, ahead])
    assert np.mean(low[:, -1] < high[:, -1]) > 0.95  # graduates may be too few for even the lower spending


def test_scenarios_share_their_history_draw_by_draw(reached: Callable[..., Reach]) -> None:
    for name in INDICATORS:
        first, *others = (reached(n).dataset[name].sel(year=slice(2005, 2009)).values for n in SHIPPED)
        for other in others:
            assert np.allclose(other, first, rtol=1e-12, atol=0.0, equal_nan=True), name


def test_slower_growth_means_fewer_contracts_but_nearly_the_same_rd_intensity(reached: Callable[..., Reach]) -> None:
    contracts = [np.median(reached(n).dataset["technology_market_value"].values[:, -1]) for n in ("growth_7", "plan")]
    assert contracts[0] < contracts[1]
    intensity = [np.median(reached(n).dataset["rd_intensity"].values[:, -1]) for n in ("growth_7", "plan")]
    assert intensity[0] == pytest.approx(intensity[1], rel=1e-2)  # budgets carry growth on


# -- the same bits ------------------------------------------------------------------------------------------
def test_the_first_draws_of_a_longer_run_are_those_of_a_shorter_one(shipped: Callable[..., Ensemble]) -> None:
    short, long = shipped().run(37).dataset(), shipped().run(74).dataset()
    for name in INDICATORS:
        assert short[name].values.tobytes() == long[name].values[:37].tobytes(), name


def test_the_same_seed_gives_the_same_answer_and_another_seed_does_not(shipped: Callable[..., Ensemble]) -> None:
    answers = [json.dumps(reach(shipped(seed=s), 50).as_dict()["targets"]) for s in (2011, 2011, 7)]
    assert answers[0] == answers[1] != answers[2]


def test_the_information_sets_give_different_answers(reached: Callable[..., Reach]) -> None:
    one, other = (reached(facts=f) for f in ("july2011", "yearbook"))
    # A place is a whole number, and the one by innovation has a single fact that both sets hold.
    for name in set(INDICATORS) - {"rd_intensity", "citation_rank", "innovation_rank"}:
        values = [r.dataset[name].values[:, -1] for r in (one, other)]
        assert np.median(values[0]) != np.median(values[1])
        one_median, other_median = (np.median(v) for v in values)
        # What is asked of firms is what is left of the plan, over what they paid in 2010.
        allowed = 0.25 if name == "enterprise_rd_per_revenue_rise" else 0.15
        assert one_median == pytest.approx(other_median, rel=allowed), name
    truth = [r.findings[0].base_in_truth for r in (one, other)]
    assert [round(t or 0.0, 2) for t in truth] == [1.75, 1.76]


@pytest.mark.parametrize("facts", ["july2011", "yearbook"])
def test_the_mean_of_the_draws_in_the_true_year_is_the_fact_within_its_error(
    reached: Callable[..., Reach], facts: str
) -> None:
    found = reached("behavioural", facts)
    known = [o for o in found.findings if o.base_in_truth is not None]
    assert len(known) == 9
    for o in known:
        fact, sd = found.ensemble.posterior.evidence.indicator(o.target.indicator)[2010]
        assert o.base_in_truth == fact
        values = found.dataset[o.target.indicator].sel(year=2010).values
        assert abs(np.mean(values) - fact) < 1.5 * sd, o.target.indicator
        assert np.std(values) < 1.5 * sd, o.target.indicator


@pytest.mark.parametrize(("scenario", "untold"), [("plan", 3), ("behavioural", 2)])
def test_what_is_no_forecast_has_a_median_and_a_reason_and_no_probability(
    fiveyear: Callable[..., Any], reached: Callable[..., Reach], scenario: str, untold: int
) -> None:
    without = [o for o in reached(scenario).findings if o.untold]
    assert len(without) == untold
    printed = " ".join(fiveyear("reach", scenario, "--draws", "200", "--full").out.split())
    for finding in without:
        assert (finding.probability, finding.probability_as_printed) == (None, None)
        assert finding.verdict == "no probability" and finding.median is not None
        assert f"No probability of {finding.target.label}: {finding.untold}" in printed
        with pytest.raises(InputError, match=f"no probability under {scenario}: "):
            answers(scenario, draws=100).chance(finding.target.indicator)


def test_what_the_plan_asks_of_firms_stands_beside_what_is_expected_of_them(fiveyear: Callable[..., Any]) -> None:
    def medians() -> list[tuple[str, str]]:
        printed = " ".join(fiveyear("reach", *scenarios, "--draws", "500").out.split())
        return [*re.findall(r"asked by (\w+), \S+ \(|expected by (\w+), \S+ \(", printed)]

    scenarios: tuple[str, ...] = ("plan", "behavioural")
    assert medians() == [("plan", ""), ("", "behavioural")]
    scenarios = ("frozen",)
    assert medians() == [("frozen", "")]
    scenarios = ("behavioural",)
    assert medians() == []


def test_both_readings_of_a_lagged_target_are_given(reached: Callable[..., Reach]) -> None:
    # The plan prints 10 applications per 100 person-years for 2010, which is the figure of 2009; and a rank of 2008.
    found = {o.target.indicator: o for o in reached().findings}
    applications = found["applications_per_100_fte"]
    assert (applications.target.base, applications.target.reference_lag) == (10.0, 1)
    assert applications.base_in_truth == pytest.approx(293_066 / 25_500)
    assert applications.probability_as_printed == np.mean(met(reached(), "applications_per_100_fte", 2014))
    assert found["innovation_rank"].target.reference_lag == 2
    assert {n for n, o in found.items() if o.target.reference_lag} == {"applications_per_100_fte", "innovation_rank"}
