"""The shipped plans and scenarios: complete, sourced, and without a word on years after their plan."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fiveyear.scenarios import load_plan, load_scenario, plan_names, scenario_names, shipped

FILES = sorted([*shipped.files("scenarios/*.toml"), *shipped.files("plan.toml")])


def content_of(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_shipped_names_are_those_of_the_files() -> None:
    assert plan_names() == ("eleventh", "korea577", "twelfth")
    assert {"behavioural", "crisis_2012", "eleventh_plan", "frozen", "korea_plan", "plan"} <= set(scenario_names())
    assert len(scenario_names()) == 27


def test_a_scenario_extends_another_unless_the_plan_begins_or_nothing_of_it_is_followed() -> None:
    alone = [name for name in scenario_names() if "extends" not in load_scenario(name).content]
    assert alone == ["eleventh_plan", "korea_plan", "korea_record", "plan"]
    record = load_scenario("korea_record")
    assert not record.content["paths"] and not record.content["parameters"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_number_has_a_unit_and_says_where_it_is_from(path: Path) -> None:
    content = content_of(path)
    tables = [table for group in ("paths", "parameters") for table in content.get(group, {}).values()]
    for table in tables:
        assert table["unit"]
        assert len({"source", "assumed"} & table.keys()) == 1
    for target in content.get("targets", ()):
        assert target["unit"]
        assert target["source"]


@pytest.mark.parametrize("name", plan_names())
def test_no_year_after_the_end_of_the_plan_occurs_in_a_plan(name: str) -> None:
    text = Path(load_plan(name).file).read_text(encoding="utf-8")
    assert max(map(int, re.findall(r"\b20[0-9]{2}\b", text))) == load_plan(name).outlook_end


@pytest.mark.parametrize("name", scenario_names())
def test_no_year_after_the_end_of_the_plan_occurs_in_a_scenario(name: str) -> None:
    text = Path(load_scenario(name).file).read_text(encoding="utf-8")
    assert max(map(int, re.findall(r"\b20[0-9]{2}\b", text)), default=0) <= load_scenario(name).plan.end


@pytest.mark.parametrize("name", scenario_names())
def test_what_a_scenario_expects_is_one_sentence(name: str) -> None:
    expect = load_scenario(name).expect
    assert expect.endswith(".")
    assert ". " not in expect


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_can_be_stored_as_json_with_each_unit_and_source(name: str) -> None:
    scenario = load_scenario(name)
    stored = json.loads(json.dumps(scenario.as_dict(), allow_nan=False))
    assert stored["parameters"].keys() == scenario.parameters.keys()
    assert stored["paths"].keys() == scenario.paths.keys()
    assert stored["plan"]["name"] == scenario.plan.name
    for table in [*stored["parameters"].values(), *stored["paths"].values()]:
        assert table["unit"]
        assert len({"source", "assumed"} & table.keys()) == 1


def test_the_twelfth_plan_holds_every_target_of_its_second_chapter() -> None:
    plan = load_plan("twelfth")
    printed = {target.indicator: (target.base, target.value, target.comparator) for target in plan.targets}
    assert (plan.start, plan.base_year, plan.end) == (2005, 2010, 2015)
    assert printed == {
        "rd_intensity": (1.75, 2.2, ">="),
        "rd_fte_per_10k_employed": (33, 43, ">="),
        "citation_rank": (8, 5, "<="),
        "invention_patents_per_10k": (1.7, 3.3, ">="),
        "applications_per_100_fte": (10, 12, ">="),
        "technology_market_value": (3906, 8000, ">="),
        "high_tech_value_added_share": (13, 18, ">="),
        "civic_scientific_literacy": (3.27, 5, ">="),
        "innovation_rank": (21, 18, "<="),
        "st_contribution_rate": (None, 55, ">="),
        "basic_research_growth": (None, 0, ">="),
        "enterprise_rd_per_revenue_rise": (None, 10, ">="),
    }
    kinds = [target.kind for target in plan.targets]
    assert [kinds.count(kind) for kind in ("headline", "monitoring", "directional")] == [8, 2, 2]


def test_every_value_is_printed_in_whole_steps_of_its_rounding() -> None:
    for name in plan_names():
        for target in load_plan(name).targets:
            steps = target.value / target.rounding
            assert steps == pytest.approx(round(steps), abs=1e-9)


def test_the_eleventh_plan_wants_2_percent_and_18_percent_in_2010() -> None:
    plan = load_plan("eleventh")
    assert (plan.start, plan.base_year, plan.end) == (2001, 2005, 2010)
    assert [(t.indicator, t.base, t.value) for t in plan.targets if t.unmodelled is None] == [
        ("rd_intensity", 1.34, 2.0),
        ("high_tech_value_added_share", 13.5, 18),
    ]
    assert len(plan.targets) == 7
    assert all("recalled" in target.source for target in plan.targets)


def test_the_plan_of_korea_wants_5_percent_in_2012_and_nothing_in_it_is_later_than_2007() -> None:
    plan = load_plan("korea577")
    assert (plan.start, plan.base_year, plan.end) == (2001, 2007, 2012)
    assert [(t.indicator, t.value, t.unmodelled is None) for t in plan.targets] == [
        ("rd_intensity", 5.0, True),
        ("science_power_place", 7, False),
    ]
    with (plan.folder / "observed.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["year"] for row in csv.DictReader(stream)} == {str(year) for year in range(2000, 2008)}


def test_values_fixed_by_the_plan_are_in_base_units() -> None:
    parameters = load_plan("twelfth").parameters
    assert parameters["reference_rd_spending"] == pytest.approx(7000 * 1e8)
    assert parameters["reference_patent_density"] == pytest.approx(0.46 / 10_000)
    # Totals less domestic applications, 2004 and 2005: 130,133 - 65,786 and 173,327 - 93,485.
    assert parameters["foreign_applications_at_start"] == pytest.approx((64_347 + 79_842) / 2, abs=0.51)
