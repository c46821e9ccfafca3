"""Information sets: what each holds, that nothing is counted twice, and what the plan alone can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import Fact, known_by, read_facts
from fiveyear.calibration.fit import Problem, fit
from fiveyear.calibration.history import counted_once, rises
from fiveyear.calibration.posterior import Evidence, evidence
from fiveyear.calibration.series import SPAN
from fiveyear.model import Model, Unit
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan

FACTS = Mapping[str, Mapping[int, Fact]]


@pytest.fixture(scope="module")
def plan_only(plan: Plan, model: Model) -> Evidence:
    return evidence(plan, "plan-only")


@pytest.fixture(scope="module")
def published(plan: Plan) -> FACTS:
    """All that had been published by July 2011, with what the plan printed of what follows from the rest."""
    return known_by(read_facts(plan.folder / "observed.csv", plan.base_year, plan.model), "2011-07")


def errors(problem: Problem) -> dict[str, float]:
    """The sds of the latent numbers after the fit."""
    return dict(zip(problem.names, np.sqrt(np.diag(fit(problem).covariance)), strict=True))


# -- one piece of information, once ---------------------------------------------------------------------------
def test_what_the_plan_prints_beside_the_tables_says_nothing_new(
    known: Mapping[str, Evidence], published: FACTS
) -> None:
    printed = {"rd_expenditure_multiple", "rd_intensity", "rd_fte_growth", "rd_fte_per_10k_employed"}
    assert printed < set(published) - set(known["july2011"].facts)


def test_a_fact_given_twice_narrows_nothing(known: Mapping[str, Evidence], published: FACTS) -> None:
    problem = known["july2011"].problem()
    without = {n: years for n, years in published.items() if all(f.vintage[:4] != "plan" for f in years.values())}
    without |= {n: published[n] for n in ("rd_expenditure", "rd_fte", "high_tech_value_added_share", "citation_rank")}
    without |= {n: published[n] for n in ("civic_scientific_literacy", "innovation_rank")}
    once, twice = (
        errors(replace(problem, facts=without)),
        errors(replace(problem, facts=counted_once(published, known["july2011"].model))),
    )
    assert twice == pytest.approx(once, rel=0.01)


def test_counted_twice_it_would_narrow_what_it_speaks_of(known: Mapping[str, Evidence], published: FACTS) -> None:
    problem = known["july2011"].problem()
    once, twice = errors(problem), errors(replace(problem, facts=published))
    assert twice["propensity"] < 0.95 * once["propensity"]
    assert twice["researchers_at_start"] < 0.98 * once["researchers_at_start"]
    assert twice["contract_surprise[2005]"] < 0.98 * once["contract_surprise[2005]"]


def test_facts_rounded_to_one_digit_widen_the_posterior(known: Mapping[str, Evidence]) -> None:
    problem = known["july2011"].problem()

    def to_one_digit(fact: Fact) -> Fact:
        step = float(10.0 ** np.floor(np.log10(fact.value)))
        return replace(fact, value=round(fact.value / step) * step, rounding=step)

    rounded = {
        n: {y: to_one_digit(f) if n in problem.observed else f for y, f in years.items()}
        for n, years in problem.facts.items()
    }
    fits = [fit(problem), fit(replace(problem, facts=rounded))]
    volumes = [np.linalg.slogdet(found.covariance).logabsdet for found in fits]
    assert volumes[1] > volumes[0] + 10.0
    fine, coarse = (np.sqrt(np.diag(found.covariance)) for found in fits)
    # What is learned badly may be learned a little better elsewhere: other figures have another mode.
    assert np.all(coarse > 0.9 * fine)
    # What papers were at the start hangs more on what their spending did for them than on their count.
    learned = (fine < 0.7) & (np.array(problem.names) != "reference_papers")
    assert np.all(coarse[learned] > 1.05 * fine[learned])
    assert np.all(coarse[fine < 0.7] > fine[fine < 0.7])


def fact(series: str, year: int, value: float, unit: str, sd: float = 1.0, rounding: float = 0.0) -> Fact:
    return Fact(series, year, value, unit, sd, rounding, "", "2011-07", "a source", "plan")


def test_a_denominator_that_nobody_prints_follows_from_ratio_and_numerator(model: Model) -> None:
    # 6,980 over 1.75 %, 255 over 33 per 10,000; as good as both are printed.
    facts = {
        "rd_expenditure": {2010: fact("rd_expenditure", 2010, 6980.0, "100M yuan", rounding=10.0)},
        "rd_intensity": {2010: fact("rd_intensity", 2010, 1.75, "%", rounding=0.01)},
        "rd_fte": {2010: fact("rd_fte", 2010, 255.0, "10k person", rounding=1.0)},
        "rd_fte_per_10k_employed": {2010: fact("x", 2010, 33.0, "person/10k person", rounding=1.0)},
    }
    found = counted_once(facts, model)
    assert set(found) == {"rd_expenditure", "gdp", "rd_fte", "employed"}
    gdp, employed = found["gdp"][2010].to(Unit.parse("100M yuan")), found["employed"][2010].to(Unit.parse("10k person"))
    assert (gdp.value, employed.value) == pytest.approx((6980.0 / 0.0175, 255.0 / 33.0 * 1e4))
    assert gdp.sd / gdp.value == pytest.approx(np.sqrt(((10 / 6980) ** 2 + (0.01 / 1.75) ** 2) / 12.0))
    assert employed.sd / employed.value == pytest.approx(np.sqrt(((1 / 255) ** 2 + (1 / 33) ** 2) / 12.0))


def test_a_rise_counts_where_one_of_its_ends_is_not_known(model: Model) -> None:
    level = {2005: fact("rd_fte", 2005, 136.5, "10k person"), 2010: fact("rd_fte", 2010, 255.0, "10k person")}
    rise = {2010: fact("rd_fte_growth", 2010, 13.0, "%/year")}
    assert "rd_fte_growth" not in counted_once({"rd_fte": level, "rd_fte_growth": rise}, model)
    assert counted_once({"rd_fte": {2010: level[2010]}, "rd_fte_growth": rise}, model)["rd_fte_growth"] == rise


def test_a_rise_is_what_a_hand_calculation_gives(model: Model) -> None:
    level = np.array([[136.5], [150.2], [173.6], [196.5], [229.1], [255.4]])  # 10k person-years, 2005-2010
    growth, multiple = (
        rises(model)[n].of(level[SPAN:], level[:-SPAN]) for n in ("rd_fte_growth", "rd_expenditure_multiple")
    )
    assert growth[0, 0] == pytest.approx(0.1335, abs=1e-4)
    assert multiple[0, 0] == pytest.approx(255.4 / 136.5)


# -- what the plan alone can tell ------------------------------------------------------------------------------
def test_plan_only_holds_what_the_plan_prints_and_what_follows_from_it(plan_only: Evidence) -> None:
    kept = [f for years in plan_only.facts.values() for f in years.values()]
    assert {f.status for f in kept if f.series not in {"gdp", "employed"}} == {"plan"}
    assert {f.year for f in kept if f.series != "citation_rank"} == {2009, 2010}
    assert plan_only.indicator("rd_intensity")[2010][0] == pytest.approx(1.75)
    assert plan_only.indicator("rd_fte_per_10k_employed")[2010][0] == pytest.approx(33.0)
    ((year, (value, sd)),) = plan_only.indicator("applications_per_100_fte").items()
    assert (year, value) == (2009, 10.0)
    assert sd == pytest.approx(np.hypot(0.22, 1.0 / np.sqrt(12.0)))


def test_plan_only_does_not_tell_what_needs_population_patents_from_abroad_or_manufacturing(
    plan_only: Evidence,
) -> None:
    told = set(plan_only.problem().indicators)
    assert told == {
        "rd_intensity", "rd_fte_per_10k_employed", "applications_per_100_fte", "technology_market_value",
        "citation_rank", "civic_scientific_literacy", "innovation_rank", "st_contribution_rate",
        "basic_research_growth",
    }  # fmt: skip


def path_of(problem: Problem, name: str, z: Array) -> Array:
    return problem.values(z)[1][name]


def test_a_past_that_is_fitted_ends_in_the_figure_and_grows_as_its_prior_says(plan_only: Evidence) -> None:
    problem = plan_only.problem()
    middle = np.zeros((1, len(problem.names)))
    gdp = path_of(problem, "gdp_real", middle)[:, 0]
    assert gdp[-1] == pytest.approx(6980e8 / 0.0175)
    assert gdp[1:] / gdp[:-1] == pytest.approx([1.092] * 5)  # the prior's 9.2 % a year
    assert path_of(problem, "price_level", middle)[-1, 0] == 1.0
    assert path_of(problem, "planned_rd_intensity", middle)[-1, 0] == pytest.approx(0.0175)


def test_a_past_scatters_as_the_sum_of_its_years(plan_only: Evidence) -> None:
    problem = plan_only.problem()
    z = np.random.default_rng(2).standard_normal((20_000, len(problem.names)))
    gdp = np.log(path_of(problem, "gdp_real", z))
    # Five years, each with 3 points in 109.2; in the base year only the rounding of 1.75 and 6,980 is left.
    assert (gdp[-1] - gdp[0]).std() == pytest.approx(np.sqrt(5.0) * 3.0 / 109.2, rel=0.02)
    assert gdp[-1].std() == pytest.approx(np.sqrt(((10 / 6980) ** 2 + (0.01 / 1.75) ** 2) / 12.0), rel=0.02)


def test_the_multiple_of_2005_makes_the_past_of_rd_expenditure(plan_only: Evidence) -> None:
    problem = plan_only.problem()
    mode = fit(problem).mode[None]
    gdp, prices, intensity = (
        path_of(problem, n, mode)[:, 0] for n in ("gdp_real", "price_level", "planned_rd_intensity")
    )
    spent = gdp * prices * intensity
    assert 2.7 < spent[-1] / spent[0] < 2.9
    without = replace(problem, facts={n: f for n, f in problem.facts.items() if n != "rd_expenditure_multiple"})
    wide, narrow = (errors(p)["planned_rd_intensity[2008]"] for p in (without, problem))
    assert narrow < wide <= 1.0


def test_eighth_place_keeps_citations_between_those_of_the_seventh_and_the_ninth(plan_only: Evidence) -> None:
    problem = plan_only.problem()
    found = fit(problem)
    z = found.sample(np.random.default_rng(3).standard_normal((40_000, len(problem.names))))
    places = {o.series: i for i, o in enumerate(problem.observations)}
    free = problem.predict(np.random.default_rng(3).standard_normal((40_000, len(problem.names))))
    for series, holds in (("citations_over_italy", np.less), ("citations_over_netherlands", np.greater)):
        place = places[series]
        breaks = [1.0 - np.mean(holds(drawn[:, place], 1.0)) for drawn in (problem.predict(z), free)]
        assert breaks[0] < 0.8 * breaks[1], series


def test_a_posterior_of_other_pasts_is_stale(plan_only: Evidence) -> None:
    priors = plan_only.priors
    gdp = priors.past["gdp_real"]
    wider = gdp.model_copy(update={"growth": gdp.growth.model_copy(update={"sd": 4.0})})
    other = replace(plan_only, priors=priors.model_copy(update={"past": {**priors.past, "gdp_real": wider}}))
    differ = {n for n, v in plan_only.identity.items() if other.identity[n] != v}
    assert differ == {"pasts"}


# -- vintages --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("month", "name"), [("2011-07", "july2011"), ("2011-12", "yearbook"), ("2012-05", "yearbook")])
def test_a_vintage_with_the_facts_of_a_set_is_that_set(plan: Plan, model: Model, month: str, name: str) -> None:
    assert posterior.vintage(plan, month).information_set == name


def test_a_vintage_holds_what_had_been_published(plan: Plan, model: Model) -> None:
    evidence = posterior.vintage(plan, "2010-12")
    assert evidence.information_set == evidence.month == "2010-12"
    assert max(f.first_published for years in evidence.facts.values() for f in years.values()) <= "2010-12"
    assert max(evidence.facts["rd_expenditure"]) == 2009


def test_a_vintage_before_any_fact_is_refused(plan: Plan, model: Model) -> None:
    with pytest.raises(CalibrationError, match="--vintage 1999-01: none of its facts had been published by then"):
        posterior.vintage(plan, "1999-01")
