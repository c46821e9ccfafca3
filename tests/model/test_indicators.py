from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

import fiveyear.model
from fiveyear.model import INDICATORS, Country, Indicator, Inputs, Model, Reading, Unit, WiringError, simulate
from fiveyear.model.units import YEAR

BASE = 2010  # the base year of the made-up inputs


def test_a_total_over_the_year_has_the_unit_of_the_flow_times_a_year() -> None:
    flow = Unit.parse("patent/year")
    assert Reading("grants", "over the year").unit(flow) == Unit.parse("patent")
    assert Reading("grants", "average").unit(flow) == flow
    assert Reading("grants", "year end").unit(flow) == flow


@pytest.mark.parametrize("name", INDICATORS)
def test_the_readings_of_every_indicator_convert_to_the_unit_it_states(model: Model, name: str) -> None:
    one = model.indicators[name]

    def unit(reading: Reading) -> Unit:
        return model.units[reading.variable] * (YEAR if reading.how == "over the year" else Unit.parse("1"))

    stated = Unit.parse(one.unit)
    if one.above == "the year before" and one.denominator is None:
        assert stated.converts_to(Unit.parse("1/year"))  # a rise over one year, whatever it is a rise of
    elif one.above:
        assert stated.dimensionless  # a rise, or one rise over another
    elif one.denominator is None:
        assert stated.converts_to(unit(one.numerator))
    else:
        assert stated.converts_to(unit(one.numerator) / unit(one.denominator))


YUAN = {"output": Unit.parse("yuan/year"), "factors": Unit.parse("yuan/year")}
OUTPUT, FACTORS = Reading("output", "over the year"), Reading("factors", "over the year")


def rise(
    above: Literal["the year before", "the base year"], unit: str, denominator: Reading | None = None
) -> Indicator:
    return Indicator(
        label="a rise", unit=unit, numerator=FACTORS, denominator=denominator, about="", coverage="", above=above
    )


def test_what_grows_at_a_constant_rate_rises_by_that_rate_over_every_year_before() -> None:
    # Two draws, 5 % and -20 % a year, over five years.
    growth = np.array([0.05, -0.2])
    found = {FACTORS: 3e12 * (1.0 + growth) ** np.arange(5.0)[:, None]}
    value = rise("the year before", "%/year").value(found, YUAN, base=2)
    assert np.isnan(value[0]).all()
    np.testing.assert_allclose(value[1:], np.tile(100.0 * growth, (4, 1)), rtol=1e-12)


def test_the_rise_above_the_base_year_compounds_and_is_negative_before_it() -> None:
    found = {FACTORS: 7.0 * 1.1 ** np.arange(5.0)[:, None]}
    value = rise("the base year", "%").value(found, YUAN, base=2)
    np.testing.assert_allclose(value[:, 0], 100.0 * (1.1 ** np.arange(-2.0, 3.0) - 1.0), rtol=1e-12, atol=1e-12)
    assert value[2, 0] == 0.0


def test_one_rise_over_another_is_their_ratio_after_the_base_year_and_none_up_to_it() -> None:
    # Factors rise by 2 a year on 10, output by 4 on 10: after the base year, half.
    after = np.arange(-2.0, 3.0)[:, None]
    found = {FACTORS: 10.0 + 2.0 * after, OUTPUT: 10.0 + 4.0 * after}
    value = rise("the base year", "%", OUTPUT).value(found, YUAN, base=2)
    assert np.isnan(value[:3]).all()
    np.testing.assert_allclose(value[3:], 50.0, rtol=1e-12)


def test_a_rise_does_not_depend_on_the_unit_that_is_counted_in() -> None:
    found = {FACTORS: np.array([[3.0], [4.0], [4.5]])}
    scaled = {FACTORS: 1e8 * found[FACTORS]}
    for one in (rise("the base year", "%"), rise("the year before", "%/year")):
        np.testing.assert_allclose(one.value(scaled, YUAN, 0), one.value(found, YUAN, 0), rtol=1e-12)


def test_a_ratio_of_levels_is_put_into_its_own_unit() -> None:
    patents, people = Reading("patents", "year end"), Reading("people", "year end")
    one = Indicator("", "patent/10k person", patents, people, about="", coverage="")
    units = {"patents": Unit.parse("patent"), "people": Unit.parse("person")}
    found = {patents: np.array([[2e5]]), people: np.array([[1e9]])}
    assert one.value(found, units, 0)[0, 0] == pytest.approx(2.0, rel=1e-12)  # 2e5 / 1e9 is 2 in ten thousand


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("rd_intensity", [("rd_counted", "over the year"), ("gdp_counted", "over the year")]),
        ("citation_rank", [("rank_by_citations", "year end")]),
        ("civic_scientific_literacy", [("literate_share", "average")]),
        ("innovation_rank", [("rank_by_innovation", "year end")]),
        ("st_contribution_rate", [("factor_productivity", "over the year"), ("output_real", "over the year")]),
        ("basic_research_growth", [("basic_research", "over the year")]),
        ("enterprise_rd_per_revenue_rise", [("enterprise_rd_per_revenue", "average")]),
    ],
)
def test_an_indicator_reads_what_its_sentence_says(name: str, readings: list[tuple[str, str]]) -> None:
    assert [(r.variable, r.how) for r in INDICATORS[name].readings] == readings


def test_growth_and_rises_of_a_run_are_those_of_its_own_yearly_numbers(model: Model, inputs: Inputs) -> None:
    kept = ["basic_research", "factor_productivity", "output_real"]
    data = simulate(model, inputs, model.indicators, keep=kept).dataset().isel(draw=0)
    basic, productivity, output = (data[n].values for n in kept)
    np.testing.assert_allclose(
        data["basic_research_growth"].values[1:], 100.0 * (basic[1:] / basic[:-1] - 1.0), rtol=1e-12, atol=1e-12
    )
    base = BASE - inputs.first_year
    expected = 100.0 * (productivity / productivity[base] - 1.0)[base + 1 :] / (output / output[base] - 1.0)[base + 1 :]
    np.testing.assert_allclose(data["st_contribution_rate"].values[base + 1 :], expected, rtol=1e-12)
    assert np.isnan(data["st_contribution_rate"].values[: base + 1]).all()


def test_no_indicator_has_the_name_of_a_variable(model: Model) -> None:
    assert not set(INDICATORS) & set(model.names)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"unit": "yuan"}, 'indicator rd_intensity: ".*" cannot be converted to "yuan"'),
        (
            {"numerator": Reading("rd_spendings", "over the year")},
            "indicator rd_intensity reads rd_spendings, which nobody owns; nearest is rd_spending",
        ),
        ({"denominator": Reading("population", "year end")}, "indicator rd_intensity: .* cannot be converted"),
    ],
)
def test_an_indicator_that_does_not_fit_the_model_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object], fault: str
) -> None:
    spoilt: dict[str, Indicator] = {"rd_intensity": replace(INDICATORS["rd_intensity"], **change)}  # type: ignore[arg-type]
    monkeypatch.setattr("fiveyear.model.indicators.INDICATORS", spoilt)
    with pytest.raises(WiringError, match=fault):
        fiveyear.model.load.__wrapped__(Country("100M yuan"))
