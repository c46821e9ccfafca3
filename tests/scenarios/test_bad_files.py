"""One bad file a fault: what is wrong, where, and what was expected is said in a sentence, and never a traceback."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from fiveyear.scenarios import ScenarioError, load_plan, load_scenario
from fiveyear.scenarios.toml_files import _LONG_KEY, DEEPEST, LARGEST

BAD = Path(__file__).parent / "bad"
INTENSITY = "paths.planned_rd_intensity"

FAULTS = {
    "bad_toml": ["it is not TOML: Invalid value (at line 6, column 8)"],
    "boolean_for_number": [f"{INTENSITY}.values.2015: found true, expected a number"],
    "close_no_list": ['closes: found "FINANCE", expected a list'],
    "close_of_what_is_not_cut": ["closes.0: R4 is not cut by the plan; it cuts FINANCE, R1"],
    "close_of_what_is_not_cut_by_what_is_extended": ["closes.0: B4 is not cut by the plan; it cuts FINANCE, R1"],
    "close_twice": ["closes: R1 stands twice"],
    "close_unknown": ["closes.0: no loop is called FINANCES; nearest is FINANCE"],
    "cut_and_closed": ["closes.0: FINANCE stands in cuts too"],
    "cut_twice": ["cuts: R4 stands twice"],
    "empty": ["it is empty"],
    "empty_source": [f"{INTENSITY}.source: found blanks only, expected a text"],
    "extends_in_a_circle": ["extends: extends_in_a_circle.toml extends", "in a circle"],
    "extends_in_a_circle_back": ["extends: extends_in_a_circle_back.toml extends", "in a circle"],
    "extends_itself": ["extends: extends_itself.toml extends extends_itself.toml, in a circle"],
    "four_faults": [
        "has 4 faults:",
        "title: found 2011-07-01, expected a text in quotes",
        "expect: missing",
        "paths.planned_rd_intensty.values.2015: found nan, expected a finite number",
        "paths.planned_rd_intensty: the model has no such input; nearest is planned_rd_intensity",
    ],
    "growth_from_the_start": ["paths.gdp_real.growth: growth starts in 2005, expected 2011"],
    "growth_out_of_range": ["paths.gdp_real.growth.2011: found 700 %/year, expected -50 to 100 %/year"],
    "growth_that_leaves_a_gap": ["paths.gdp_real.growth: growth starts in 2013, expected 2011"],
    "growth_without_per_year": ['paths.gdp_real.unit: unit is "%", growth is in "1/year"'],
    "hexadecimal_of_20000_digits": ["title: found a whole number of more than 64 bits, expected a text in quotes"],
    "history_year": [
        f"{INTENSITY}.values.2010: 2010 and before is history: give later years only",
        "of what no fact gives, all from 2005",
    ],
    "hold_of_growth": [f'{INTENSITY}.hold: found "spend", expected "intensity", or the value of one year after 2010'],
    "hold_of_three_points": [f'{INTENSITY}.hold: found "spend", expected "intensity", or the value of one year'],
    "hold_of_values_from_the_start": [
        'paths.other_rd_intensity.hold: found "spend", expected "intensity", or the value'
    ],
    "hold_of_what_is_not_spent": [
        'paths.rd_deduction.hold: found "spend", expected "intensity": only of planned_rd_intensity,'
    ],
    "hold_unknown": [f"{INTENSITY}.hold: found \"money\", expected 'intensity' or 'spend'"],
    "inf": ["parameters.attrition_rate.value: found inf, expected a finite number"],
    "key_twice": ["it is not TOML: Cannot overwrite a value (at line 9, column"],
    "missing_plan_file": ['plan: found "no_such_plan.toml"; there is no such file in'],
    "missing_source": [f"{INTENSITY}: found neither source nor assumed, expected one"],
    "missing_title": ["title: missing"],
    "missing_unit": [f"{INTENSITY}.unit: missing"],
    "nan": [f"{INTENSITY}.values.2015: found nan, expected a finite number"],
    "negative_shape": [f"{INTENSITY}.shape: found -1.0, expected greater than 0"],
    "neither_plan_nor_extends": ["found neither plan nor extends, expected one"],
    "neither_values_nor_growth": [f"{INTENSITY}: found neither values nor growth, expected one"],
    "no_table": [f"{INTENSITY}: found 2.2, expected a table"],
    "no_years": [f"{INTENSITY}.values: found a table, expected at least one entry"],
    "not_utf8": ["byte 10 is not UTF-8"],
    "only_blanks": ["it is empty"],
    "plan_and_extends": ["found both plan and extends, expected one"],
    "series_among_parameters": ["parameters.gdp_real: the model has no such parameter; it is a Series"],
    "shape_of_growth": ["paths.gdp_real.shape: expected values that lead from one point to one other"],
    "shape_of_three_points": [f"{INTENSITY}.shape: expected values that lead from one point to one other"],
    "source_and_assumed": [f"{INTENSITY}: found both source and assumed, expected one"],
    "text_for_number": [f'{INTENSITY}.values.2015: found "2.2", expected a number'],
    "unit_over_none": ['parameters.attrition_rate.unit: unit "1/0 person": cannot read "0 person"'],
    "unknown_cut": ["cuts.0: no loop is called R99; known are", "R4"],
    "unknown_input": ["paths.planned_rd_intensty: the model has no such input; nearest is planned_rd_intensity"],
    "unknown_key": [f"{INTENSITY}.shpae: no such key; nearest is shape"],
    "unknown_parameter": ["parameters.atrition_rate: the model has no such parameter; nearest is attrition_rate"],
    "unknown_plan": ['plan: found "twelve"; no plan of this name is shipped; nearest is twelfth'],
    "unknown_top_key": ["tags: no such key; known are closes, cuts, expect, extends"],
    "unreadable_unit": [f'{INTENSITY}.unit: unit "percent": cannot read "percent"; nearest is', 'takes "share"'],
    "value_out_of_range": [f"{INTENSITY}.values.2015: found 22 %, expected 0 to 10 %"],
    "values_and_growth": [f"{INTENSITY}: found both values and growth, expected one"],
    "whole_number_of_5000_digits": ["a whole number in it has thousands of digits"],
    "wrong_unit": [f'{INTENSITY}.unit: unit is "person", the model takes "share"'],
    "year_after_the_plan": [f"{INTENSITY}.values.2021: found a year outside the plan's, 2005 to 2020"],
    "year_before_the_plan": [f"{INTENSITY}.values.2004: found a year outside the plan's, 2005 to 2020"],
    "year_that_is_no_year": [f'{INTENSITY}.values.mid-2013: found "mid-2013", expected a year such as 2015'],
    "year_with_a_fraction": ['found "2013.5", expected a year such as 2015'],
    "years_out_of_order": [f"{INTENSITY}.values: found years in the order 2015, 2013; years must rise"],
}


def fault_of(path: Path | str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD.glob("*.toml")))
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(name: str) -> None:
    message = fault_of(BAD / f"{name}.toml")
    assert message.startswith(str(BAD))
    for piece in FAULTS[name]:
        assert piece in message
    if name != "four_faults":
        assert " has 1 fault:\n" in message


def test_every_fault_expected_has_its_file() -> None:
    assert {path.stem for path in BAD.glob("*.toml")} == set(FAULTS)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "{ a = " * 400 + "1" + " }" * 400,
        "a = " + "[" * 100_000,
        "[" + "a." * 400 + "a]",
        "a" + ".a" * 100_000 + " = 1",
        '"a\\"b"' + " . 'a'" * (DEEPEST + 1) + " = 1",
        "a = " + "[" * DEEPEST + "1" + "]" * DEEPEST,
    ],
    ids=["inline tables", "brackets", "table name", "dotted key", "quoted key", "one list too many"],
)
def test_tables_that_lie_too_deep_are_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(text, encoding="utf-8")
    assert f"more than {DEEPEST} tables or lists lie inside each other" in fault_of(path)


@pytest.mark.parametrize("text", ['"\\' * 130_000, '\\"' * 130_000, "a = [" + '"a.b", ' * 30_000, "-" * LARGEST])
def test_the_search_for_deep_keys_takes_time_in_proportion_to_the_text(text: str) -> None:
    start = time.process_time()
    assert _LONG_KEY.search(text) is None
    assert time.process_time() - start < 2.0  # some 0.02 in proportion, over 100 by the square


def test_a_megabyte_of_brackets_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_text("a = " + "[" * 1_000_000, encoding="utf-8")
    assert "it is larger than 256 kB" in fault_of(path)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    head = 'title = "Long"\nextends = "plan"\nexpect = "As the plan."\n#'
    path.write_text(head + "x" * (LARGEST - len(head)), encoding="utf-8")
    assert load_scenario(str(path)).title == "Long"


def test_a_folder_is_not_taken_for_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    assert "it is a folder; expected a file" in fault_of(folder)


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    assert "there is no such file" in fault_of(tmp_path / "none.toml")


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "circle.toml"
    path.symlink_to(path)  # unreadable for the superuser too
    assert "it cannot be read: Too many levels of symbolic links" in fault_of(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.touch(mode=0o000)
    assert "it cannot be read: Permission denied" in fault_of(path)


def test_an_unknown_scenario_is_answered_with_the_nearest_shipped_one() -> None:
    assert "no scenario of this name is shipped; nearest is frozen" in fault_of("frozzen")


def test_a_name_like_none_is_answered_with_where_the_shipped_ones_are_named() -> None:
    assert "no scenario of this name is shipped; fiveyear scenario list names those that are" in fault_of("zzz")


def test_a_name_with_a_nul_is_refused() -> None:
    assert 'its name, "a\\u0000", becomes a label' in fault_of("a\0.toml")


@pytest.mark.parametrize("name", ["a\\u0000.toml", "a" * 1000 + ".toml", "\\u001b[31m.toml", "../" * 2000 + "a.toml"])
def test_a_plan_file_that_cannot_exist_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(f'title = "Odd"\nplan = "{name}"\nexpect = "Nothing."\n', encoding="utf-8")
    assert "plan: found" in fault_of(path)


PLAN = (Path(__file__).parents[2] / "scenarios" / "plans" / "eleventh" / "plan.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("found", "written", "expected"),
    [
        ("start = 2001", "start = 2001.0", "start: found 2001.0, expected a whole number"),
        ("base_year = 2005", "base_year = 2001", "base_year: found 2001, expected a year after start = 2001"),
        ("end = 2010", "end = 2005", "end: found 2005, expected a year after base_year = 2005"),
        ('">="', '">"', "targets.rd_intensity.comparator: found \">\", expected '>=' or '<='"),
        ("rounding = 0.1", "rounding = 0", "targets.rd_intensity.rounding: found 0, expected greater than 0"),
        ("rounding = 0.1", "rouding = 0.1", "targets.rd_intensity.rouding: no such key; nearest is rounding"),
        ('unit = "%"', 'unit = "share"', 'targets.rd_intensity.unit: unit is "share", the indicator is in "%"'),
        (
            '"rd_intensity"',
            '"rd_intensty"',
            "targets.rd_intensty.indicator: no such indicator; nearest is rd_intensity",
        ),
        (
            '"rd_intensity"',
            '"high_tech_value_added_share"',
            "targets.high_tech_value_added_share.indicator: high_tech_value_added_share has a target already",
        ),
        (
            "rounding = 0.1",
            'rounding = 0.1\nunmodelled = "too hard"',
            "targets.rd_intensity.unmodelled: the model has rd_intensity; leave this key out",
        ),
        (
            "rounding = 0.1",
            'rounding = 0.1\nuntold = "it is set"\nuntold_where_cut = "FINANCES"',
            "targets.rd_intensity.untold_where_cut: no such loop; nearest is FINANCE",
        ),
        (
            "rounding = 0.1",
            'rounding = 0.1\nuntold_where_cut = "FINANCE"',
            "targets.rd_intensity.untold: missing: the reason why no probability is given",
        ),
        ("end = 2010", "end = 2010\noutlook_end = 2009", "outlook_end: found 2009, expected end = 2010, or a later"),
        (
            '[paths.examiner_effort]\nunit = "share"\nvalues = { 2001 = 1 }',
            '[paths.examiner_effort]\nunit = "share"\nvalues = { 2002 = 1 }',
            "paths.examiner_effort.values.2002: 2005 and before is history",
        ),
        (
            'cuts = ["FINANCE", "R1"]',
            'cuts = ["FINANCES", "R1"]',
            "cuts.0: no loop is called FINANCES; nearest is FINANCE",
        ),
        ('cuts = ["FINANCE", "R1"]', 'cuts = ["R1", "R1"]', "cuts: R1 stands twice"),
        ('cuts = ["FINANCE", "R1"]', 'cuts = "R1"', 'cuts: found "R1", expected a list'),
        ('cuts = ["FINANCE", "R1"]', "cuts = [1]", "cuts.0: found 1, expected a text in quotes"),
        ('cuts = ["FINANCE", "R1"]', 'closes = ["R1"]', "closes: no such key"),
        ("rounding = 0.1", "rounding = 0.1\nevery_year = 1", "targets.rd_intensity.every_year: found 1, expected"),
    ],
)
def test_a_bad_plan_is_refused_with_what_is_wrong_and_where(
    tmp_path: Path, found: str, written: str, expected: str
) -> None:
    path = tmp_path / "plan.toml"
    assert found in PLAN
    path.write_text(PLAN.replace(found, written, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=re.escape(expected)):
        load_plan(str(path))
