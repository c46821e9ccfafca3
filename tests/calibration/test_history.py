"""History: what the facts of a year become, checked against sums done by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.fit import Problem
from fiveyear.calibration.history import indicator_facts, made, ratios, rises, yearly
from fiveyear.calibration.posterior import Evidence
from fiveyear.calibration.series import measures
from fiveyear.model import INDICATOR_FACTS, INDICATORS, Model, Unit
from fiveyear.model.observation import History
from fiveyear.model.sectors import papers

SETS = ("july2011", "yearbook")
YEARS = np.arange(2005.0, 2011.0)
YUAN = 1e8  # in 100M yuan


def series(values: Mapping[int, float], unit: str = "100M yuan", sd: float = 1.0) -> dict[int, Fact]:
    return {y: Fact("x", y, v, unit, sd, 0.0, "", "2010-09", "a source", "seen") for y, v in values.items()}


# -- the given Series ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SETS)
def test_real_gdp_times_prices_is_gdp_as_published(known: Mapping[str, Evidence], name: str) -> None:
    history, facts = known[name].history, known[name].facts
    nominal = history["gdp_real"] * history["price_level"]
    assert nominal == pytest.approx([facts["gdp"][int(y)].value * YUAN for y in YEARS], rel=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_real_gdp_grows_as_published_and_prices_are_1_in_the_base_year(
    known: Mapping[str, Evidence], name: str
) -> None:
    history, facts = known[name].history, known[name].facts
    growth = 100.0 * (history["gdp_real"][1:] / history["gdp_real"][:-1] - 1.0)
    assert growth == pytest.approx([facts["gdp_real_growth"][int(y)].value for y in YEARS[1:]], rel=1e-9)
    assert history["price_level"][-1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_the_planned_rd_intensity_of_the_past_is_the_ratio_of_the_facts(
    known: Mapping[str, Evidence], name: str
) -> None:
    facts = known[name].facts
    expected = [facts["rd_expenditure"][int(y)].value / facts["gdp"][int(y)].value for y in YEARS]
    assert known[name].history["planned_rd_intensity"] == pytest.approx(expected, rel=1e-12)


def test_foreign_applications_are_the_total_less_the_domestic_ones(known: Mapping[str, Evidence]) -> None:
    # SIPO, 2010: 391,177 in all, 293,066 of them domestic.
    assert known["july2011"].history["foreign_applications"][-1] == pytest.approx(391_177 - 293_066)


def test_a_year_that_is_not_published_yet_is_taken_to_have_grown_like_the_year_before(
    known: Mapping[str, Evidence],
) -> None:
    # In July 2011 employment of 2010 was not known; 77,480 and 77,995 (10k) are 2008 and 2009 before the census.
    assert known["july2011"].history["employed"][-1] == pytest.approx(1e4 * 77_995 * 77_995 / 77_480)


def test_gaps_and_ends_of_a_series_are_filled_at_the_growth_next_to_them() -> None:
    facts = {"x": series({2005: 1.0, 2007: 4.0, 2008: 12.0})}
    filled = yearly(facts, "x", np.arange(2004.0, 2011.0), Unit.parse("100M yuan"))
    assert filled == pytest.approx([0.5, 1.0, 2.0, 4.0, 12.0, 36.0, 108.0])


@pytest.mark.parametrize("values", [{}, {2009: 1.0}])
def test_a_series_of_fewer_than_two_figures_is_refused(values: dict[int, float]) -> None:
    with pytest.raises(CalibrationError, match=f"x: {len(values)} figures; at least two are needed"):
        yearly({"x": series(values)}, "x", YEARS, Unit.parse("yuan"))


def test_a_share_that_is_not_published_yet_is_taken_to_have_stayed(known: Mapping[str, Evidence]) -> None:
    # Manufacturing of 2008 was known in July 2011 (102,539.5 of 314,045.4), that of 2009 and 2010 was not.
    share = known["july2011"].history["manufacturing_share"]
    assert share[-3:] == pytest.approx([102_539.5 / 314_045.4] * 3)
    assert known["yearbook"].history["manufacturing_share"][-2] == pytest.approx(110_118.5 / 340_902.8)


def test_a_share_is_the_same_in_whatever_unit_a_year_is_printed() -> None:
    part, whole = series({2005: 32.0, 2006: 33.0}), series({2005: 100.0, 2006: 110.0})
    in_million = {2006: next(iter(series({2006: 3300.0}, "1M yuan").values()))}
    past = History("manufacturing_share", "share", ("manufacturing_value_added", "gdp"))
    found = made(past, {"manufacturing_value_added": part | in_million, "gdp": whole}, np.array([2005.0, 2006.0]))
    assert found == pytest.approx([0.32, 0.3])


def test_no_history_is_missing_or_leaves_the_hard_range_of_its_series(
    known: Mapping[str, Evidence], model: Model
) -> None:
    for evidence in known.values():
        for name, values in evidence.history.items():
            assert values.shape == YEARS.shape
            assert np.all((values >= model.series[name].low) & (values <= model.series[name].high)), name
    assert set(model.histories) <= set(model.series)


# -- indicators by hand -------------------------------------------------------------------------------------
BY_HAND = {
    # R&D personnel 2.55 M and employment as above, both in 10k.
    ("july2011", "rd_fte_per_10k_employed"): 1e4 * 255.0 / (77_995**2 / 77_480),
    ("yearbook", "rd_fte_per_10k_employed"): 1e4 * 255.4 / 76_105,
    # 88 % of 257,754 are held on the mainland; the census counted 133,972 (10k), later revised to 134,091.
    ("july2011", "invention_patents_per_10k"): 0.88 * 257_754 / 133_972,
    ("yearbook", "invention_patents_per_10k"): 0.88 * 257_754 / 134_091,
    ("july2011", "applications_per_100_fte"): 293_066 / 25_500,
    ("yearbook", "applications_per_100_fte"): 293_066 / 25_540,
    ("july2011", "technology_market_value"): 3_906.0,
    ("july2011", "high_tech_value_added_share"): 13.0,
    ("yearbook", "high_tech_value_added_share"): 13.21,
}


@pytest.mark.parametrize(("name", "indicator"), BY_HAND)
def test_an_indicator_of_2010_is_what_a_hand_calculation_gives(
    known: Mapping[str, Evidence], name: str, indicator: str
) -> None:
    assert known[name].indicator(indicator)[2010][0] == pytest.approx(BY_HAND[name, indicator], rel=1e-9)


def test_the_figures_of_2010_are_those_that_the_plan_s_readers_would_find(known: Mapping[str, Evidence]) -> None:
    found = {n: known["july2011"].indicator(n)[2010][0] for n in INDICATOR_FACTS}
    assert round(found["rd_intensity"], 2) == 1.75
    assert round(found["applications_per_100_fte"], 2) == 11.49
    assert round(found["invention_patents_per_10k"], 2) == 1.69
    # Employment of 2010 is carried on, so the ratio is a half below the 33 that the plan prints.
    assert found["rd_fte_per_10k_employed"] == pytest.approx(33.0, abs=0.6)


def test_the_errors_of_two_figures_add_as_squares_in_their_ratio() -> None:
    facts = {
        "rd_expenditure": series({2009: 10.0, 2010: 20.0}, sd=0.6),  # 3 % in 2010
        "gdp": series({2009: 1000.0, 2010: 1000.0}, sd=40.0),  # 4 %
    }
    value, sd = indicator_facts(facts, "rd_intensity", "%", {})[2010]
    assert (value, sd) == pytest.approx((2.0, 0.05 * 2.0))


def test_a_rounded_figure_is_as_uncertain_as_a_number_anywhere_in_its_step() -> None:
    rounded = {2010: Fact("x", 2010, 13.0, "%", 0.8, 1.0, "", "2011-07", "a source", "plan")}
    _, sd = indicator_facts({"high_tech_value_added_share": rounded}, "high_tech_value_added_share", "%", {})[2010]
    assert sd == pytest.approx(np.sqrt(0.8**2 + 1.0 / 12.0))


def test_every_indicator_and_every_comparison_names_facts_that_are_there(
    known: Mapping[str, Evidence], model: Model
) -> None:
    for evidence in known.values():
        for name in INDICATOR_FACTS:
            assert evidence.indicator(name), name
        for fitted, observation in model.observations.items():
            if not observation.readings:
                continue
            if fitted not in evidence.facts:  # printed in the plan alone, where these are there
                assert fitted in {*ratios(model), *rises(model)}
                continue
            top, *bottom = observation.readings
            unit = top.unit(model.units[top.variable])
            for reading in bottom:
                unit = unit / reading.unit(model.units[reading.variable])
            assert all(Unit.parse(f.unit).converts_to(unit) for f in evidence.facts[fitted].values()), fitted
    # The plan prints no base value of these, and no statistic of 2005-2010 is in the facts.
    without = {"st_contribution_rate", "basic_research_growth", "enterprise_rd_per_revenue_rise"}
    assert set(INDICATOR_FACTS) == set(INDICATORS) - without


def test_citations_may_be_printed_over_those_of_any_rival(model: Model) -> None:
    for rival in model.country.members(papers.RIVALS):
        observation = model.observations[f"citations_over_{rival}"]
        assert [r.variable for r in observation.readings] == ["citations", f"rival_citations_{rival}"]
        assert observation.over == (f"counted_citations_{rival}",)
        assert f"citations_over_{rival}" in measures(model)
    assert "citations_over" not in model.observations


# -- the date of a survey -----------------------------------------------------------------------------------
def test_a_survey_held_three_months_off_the_middle_of_the_year_costs_less_than_half_its_error(
    known: Mapping[str, Evidence],
) -> None:
    problem: Problem = known["july2011"].problem()
    values = {n: float(v[0]) for n, v in problem.values(np.zeros((1, len(problem.names))))[0].items()}
    start, rate, ceiling = (values[n] for n in ("literate_share_at_start", "literacy_growth_rate", "literacy_ceiling"))

    def share(years_after_start: float) -> float:  # the logistic curve
        return ceiling / (1.0 + (ceiling / start - 1.0) * float(np.exp(-rate * years_after_start)))

    said = problem.predict(np.zeros((1, len(problem.names))))[0]
    surveys = [(o, s) for o, s in zip(problem.observations, said, strict=True) if "literacy" in o.series]
    assert [o.year for o, _ in surveys] == [2005, 2007, 2010]
    for survey, average in surveys:
        middle = survey.year - problem.plan.start + 0.5
        # The average over a year differs from its middle by a 24th of the second derivative; hardly at all.
        assert average == pytest.approx(share(middle), rel=1e-3)
        off = max(abs(share(middle + months / 12.0) - share(middle)) for months in (-3.0, 3.0))
        assert off == pytest.approx(share(middle) * rate * (1.0 - share(middle) / ceiling) / 4.0, rel=0.05)
        assert off < survey.sd / 2.0
