from __future__ import annotations

from dataclasses import replace

import pytest

import fiveyear.model
from fiveyear.model import INDICATORS, Indicator, Model, Reading, Unit, WiringError
from fiveyear.model.units import YEAR


def test_a_total_over_the_year_has_the_unit_of_the_flow_times_a_year() -> None:
    flow = Unit.parse("patent/year")
    assert Reading("grants", "over the year").unit(flow) == Unit.parse("patent")
    assert Reading("grants", "average").unit(flow) == flow
    assert Reading("grants", "year end").unit(flow) == flow


@pytest.mark.parametrize("name", INDICATORS)
def test_the_readings_of_every_indicator_convert_to_the_unit_it_states(model: Model, name: str) -> None:
    one = INDICATORS[name]
    unit = model.units[one.numerator.variable] * (YEAR if one.numerator.how == "over the year" else Unit.parse("1"))
    if one.denominator is not None:
        below = model.units[one.denominator.variable]
        unit = unit / (below * YEAR if one.denominator.how == "over the year" else below)
    assert unit.converts_to(Unit.parse(one.unit))


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
        fiveyear.model.load.__wrapped__()
