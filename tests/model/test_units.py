from __future__ import annotations

import pytest

from fiveyear.model.errors import UnitError
from fiveyear.model.units import NAMES, PREFIXES, Unit


@pytest.mark.parametrize(
    ("text", "scale", "powers"),
    [
        ("yuan", 1.0, {"yuan": 1}),
        ("1", 1.0, {}),
        ("share", 1.0, {}),
        ("%", 0.01, {}),
        ("1/year^2", 1.0, {"year": -2}),
        ("application/person/year", 1.0, {"application": 1, "person": -1, "year": -1}),
        ("person*year", 1.0, {"person": 1, "year": 1}),
        ("100M yuan", 1e8, {"yuan": 1}),
        ("2.5k yuan^2", 6.25e6, {"yuan": 2}),
        ("person/10k person", 1e-4, {}),
        ("application/100 person/year", 0.01, {"application": 1, "person": -1, "year": -1}),
        ("1G yuan/year", 1e9, {"yuan": 1, "year": -1}),
        ("yuan/year*year", 1.0, {"yuan": 1}),
    ],
)
def test_a_unit_has_the_scale_and_powers_it_is_written_with(text: str, scale: float, powers: dict[str, int]) -> None:
    unit = Unit.parse(text)
    assert unit.scale == pytest.approx(scale, rel=1e-15)
    assert dict(unit.powers) == powers


def test_a_product_of_units_has_the_sum_of_their_powers() -> None:
    assert Unit.parse("yuan/person/year") * Unit.parse("person") == Unit.parse("yuan/year")
    assert Unit.parse("yuan") / Unit.parse("yuan/year") == Unit.parse("year")
    assert Unit.parse("yuan/year") ** 2 == Unit.parse("yuan^2/year^2")
    assert (Unit.parse("yuan/year") ** 0).dimensionless
    assert Unit.parse("100M yuan") ** -1 == Unit.parse("1/100M yuan")


def test_equal_units_are_equal_however_they_are_written() -> None:
    one, other = Unit.parse("yuan/person/year"), Unit.parse("yuan/year/person")
    assert one == other
    assert hash(one) == hash(other)
    assert Unit.parse("share") == Unit.parse("1")
    assert Unit.parse("share") != Unit.parse("%")


def test_converting_there_and_back_gives_the_number_again() -> None:
    small, large = Unit.parse("yuan/year"), Unit.parse("100M yuan/year")
    assert small.factor_to(large) == 1e-8
    assert large.factor_to(small) * small.factor_to(large) == 1.0
    assert Unit.parse("patent/person").factor_to(Unit.parse("patent/10k person")) == pytest.approx(1e4, rel=1e-15)


def test_unlike_units_do_not_convert() -> None:
    assert not Unit.parse("person").converts_to(Unit.parse("yuan"))
    with pytest.raises(UnitError, match='"person/year" cannot be converted to "person"'):
        Unit.parse("person/year").factor_to(Unit.parse("person"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("peson/year", 'unit "peson/year": cannot read "peson"; nearest is person'),
        ("yuan/yaer", 'cannot read "yaer"; nearest is year'),
        ("banana", 'cannot read "banana"; nearest|known are'),
        ("", 'unit "": cannot read ""; known are'),
        ("yuan/", 'cannot read ""'),
        ("yuan//year", 'cannot read ""'),
        ("10", 'cannot read "10"'),
        ("yuan^0", 'cannot read "yuan\\^0"'),
        ("-1 yuan", 'cannot read "-1 yuan"'),
    ],
)
def test_what_cannot_be_read_is_named_with_the_nearest_unit(text: str, message: str) -> None:
    with pytest.raises(UnitError, match=message):
        Unit.parse(text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_number_before_any_unit_scales_it(name: str, prefix: str) -> None:
    scaled = Unit.parse(f"3{prefix} {name}")
    assert scaled.scale == pytest.approx(3 * PREFIXES[prefix] * NAMES[name][0])
    assert scaled.converts_to(Unit.parse(name))


@pytest.mark.parametrize("text", ["yuan/person/year", "1/year^2", "person^2*year/yuan", "1", "yuan^3"])
def test_a_unit_that_was_computed_prints_as_one_that_can_be_read(text: str) -> None:
    computed = Unit.parse(text) * Unit.parse("person") / Unit.parse("person")
    assert computed.text == ""
    assert Unit.parse(str(computed)) == Unit.parse(text)
