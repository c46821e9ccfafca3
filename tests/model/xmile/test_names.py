"""Chinese names: one for everything in the model, none for anything else, and no two that a program takes for one."""

from __future__ import annotations

import re

import pytest

from fiveyear.model import INDICATORS, Inputs, Model
from fiveyear.model.xmile import formulas
from fiveyear.model.xmile.names import naming, table
from fiveyear.model.xmile.variables import INDICATORS as OF_INDICATORS
from fiveyear.model.xmile.variables import variables

CHINESE = table("zh")
ENDS = ("left", "initially", "stage_ratio", "adding_up", "so_far", "sector")


@pytest.fixture
def named(model: Model) -> set[str]:
    """Give what the table is to name: variables, sectors, indicators and what names of made things end with."""
    sectors = set(model.sectors.values())
    return {*model.names, *sectors, OF_INDICATORS, *INDICATORS, *ENDS}


def test_every_variable_sector_indicator_and_ending_has_a_chinese_name(named: set[str]) -> None:
    assert not named - set(CHINESE)


def test_every_chinese_name_is_of_something_that_exists(named: set[str]) -> None:
    assert not set(CHINESE) - named


def test_every_chinese_name_is_a_plain_identifier_with_chinese_in_it() -> None:
    for shown in CHINESE.values():
        assert re.fullmatch(r"[^\W\d]\w*", shown) and formulas.identifier(shown) == shown
        assert re.search(r"[\u4e00-\u9fff]", shown), shown


def test_no_two_chinese_names_are_one_to_a_program_whatever_ending_is_put_on_them(
    model: Model, named: set[str]
) -> None:
    stages = {stage for chain in model.chains for stage in model.stages(chain)}
    whole = named | stages
    name = naming(CHINESE)
    found: dict[str, str] = {}
    for one in whole | {f"{n}_{end}" for n in whole for end in ENDS}:
        key = formulas.canonical(name(one))
        assert key not in formulas.RESERVED
        assert found.setdefault(key, one) == one


def test_no_name_in_an_exported_model_is_left_in_english(model: Model, inputs: Inputs) -> None:
    name = naming(CHINESE)
    for one in variables(model, inputs, INDICATORS, "euler"):
        assert not re.search("[a-z]", name(one)), one


def test_a_made_thing_is_called_by_what_it_is_made_of_and_its_ending() -> None:
    name = naming({"queue": "队列", "left": "流出"})
    assert name("queue_2_left") == "队列_2_流出"
    assert name("queue_so_far") == "队列_so_far"


@pytest.mark.parametrize("lacking", ["unheard_of", "unheard_of_3", "unheard_of_so_far", "so_far"])
def test_a_name_that_the_table_lacks_stays_as_it_is(lacking: str) -> None:
    assert naming({"queue": "队列", "left": "流出"})(lacking) == lacking


def test_english_names_are_those_of_the_code(named: set[str]) -> None:
    name = naming(table("en"))
    assert {name(n) for n in named} == named
