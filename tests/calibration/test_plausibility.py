"""Whether a number of a scenario that is ten times or more away from what it changes is a fault, and says so."""

from __future__ import annotations

import math

import pytest

from fiveyear.calibration.plausibility import Plausibility, Usual
from fiveyear.calibration.posterior import evidence
from fiveyear.model import Model
from fiveyear.scenarios import ScenarioError, load_plan, load_scenario, scenario_names

SETS = [
    ("twelfth", "july2011"),
    ("twelfth", "yearbook"),
    ("twelfth", "plan-only"),
    ("eleventh", "yearbook"),
    ("korea577", "panel"),
]


@pytest.fixture(scope="module")
def plausibility(model: Model) -> dict[tuple[str, str], Plausibility]:
    return {(plan, name): Plausibility(evidence(load_plan(plan), name)) for plan, name in SETS}


def faults(plausibility: dict[tuple[str, str], Plausibility], *settings: str) -> list[str]:
    of = plausibility["twelfth", "july2011"]
    return [str(fault) for fault in of.faults(load_scenario("plan", settings))]


@pytest.mark.parametrize("name", scenario_names())
def test_no_number_of_a_shipped_scenario_is_implausible_under_any_facts(
    plausibility: dict[tuple[str, str], Plausibility], name: str
) -> None:
    scenario = load_scenario(name)
    held = [of.faults(scenario) for (plan, _), of in plausibility.items() if plan == scenario.plan.name]
    assert held
    assert not any(held)


def test_no_shipped_scenario_claims_to_be_unusual() -> None:
    shipped = [load_scenario(name).content for name in scenario_names()]
    tables = [table for content in shipped for table in (*content["paths"].values(), *content["parameters"].values())]
    assert tables
    assert not any("unusual" in table for table in tables)


# 1.754 % is 6,980 over 397,983; 6,980 is printed in the plan, 397,983 is the first estimate.
FAR = {
    "paths.planned_rd_intensity.values.2015=0.02": "found 0.02 %, 1/88 of 2010's 1.75 %: did you mean 2 %?",
    "paths.planned_rd_intensity.values.2015=0.17": "found 0.17 %, 1/10 of 2010's 1.75 %: did you mean 1.7 %?",
    "paths.population.values={2015=13.7e4}": None,  # below the declared range
    "paths.population.values={2015=1.3e8}": "1/10 of 2010's 1,339,720,000 person: did you mean 1.3e+09 person?",
    "paths.basic_research_share.values={2015=0.0008}": "1/58 of 2010's 0.0466 share",
    "paths.gdp_real.growth={2011=0.08}": "found 0.08 %/year, 1/115 of the outlook's 9.2 %/year: did you mean 8 %/year?",
    "paths.gdp_real.growth={2011=95}": "found 95 %/year, 10 times the outlook's 9.2 %/year",
    "paths.population.growth={2011=0.0048}": "found 0.0048 %/year, 1/100 of the outlook's 0.48 %/year",
    "paths.graduates.growth={2011=0.08}": "1/38 of the outlook's 3 %/year: did you mean 8 %/year?",
    "paths.st_share_of_fiscal.growth={2011=0.04}": "1/32 of the outlook's 1.3 %/year",
    "paths.manufacturing_share.growth={2011=30}": "331 times the yearly growth so far, 0.0906 %/year",
    "parameters.attrition_rate.value=0.004": "1/10 of the plan's 0.04 1/year: did you mean 0.04 1/year?",
    "parameters.mainland_share.value=0.0088": "1/100 of the prior's middle, 0.88 share: did you mean 0.88 share?",
    "parameters.reference_rd_spending.value=7e7": None,
    "parameters.reference_rd_spending.value=0.7": None,
}


@pytest.mark.parametrize(("setting", "said"), FAR.items())
def test_a_number_ten_times_away_is_a_fault_that_says_what_was_and_what_may_be_meant(
    plausibility: dict[tuple[str, str], Plausibility], setting: str, said: str | None
) -> None:
    if said is None:  # the declared range refuses it before
        with pytest.raises(ScenarioError, match=r"expected .* to "):
            load_scenario("plan", [setting])
        return
    (fault,) = faults(plausibility, setting)
    key = setting.partition("=")[0]
    assert fault.startswith(f"{key}")
    assert said in fault
    assert fault.endswith("If it is meant, say unusual = true")


@pytest.mark.parametrize("setting", [s for s, said in FAR.items() if said])
def test_a_number_that_is_said_to_be_unusual_passes(
    plausibility: dict[tuple[str, str], Plausibility], setting: str
) -> None:
    table = ".".join(setting.partition("=")[0].split(".")[:2])
    assert faults(plausibility, setting, f"{table}.unusual=true") == []


@pytest.mark.parametrize(
    "setting",
    [
        "paths.planned_rd_intensity.values.2015=0.18",  # just above a tenth
        "paths.planned_rd_intensity.values.2015=0",
        "paths.gap_closing.values={2013=0.01}",  # from 0
        "paths.filing_incentive.values={2011=0}",
        "paths.gdp_real.growth={2011=0}",
        "paths.gdp_real.growth={2011=-9.2}",
        "paths.gdp_real.growth={2011=-0.08}",
        "paths.revenue_to_gdp.growth={2011=0.2}",  # within the outlook's 2.2 +- 5
        "paths.graduates.growth={2011=0.25}",
        "paths.manufacturing_share.growth={2011=1}",  # which had stood still
        "parameters.knowledge_elasticity.value=0.25",  # the plan's is 0
        "parameters.effort_trend.value=0.001",  # within the prior's 0.015 +- 0.04
    ],
)
def test_nothing_and_what_may_well_be_meant_is_no_fault(
    plausibility: dict[tuple[str, str], Plausibility], setting: str
) -> None:
    assert faults(plausibility, setting) == []


def test_the_limit_is_ten_times_either_way() -> None:
    usual = Usual(0.04, "", 0.04, 0.04)
    assert [usual.is_far(0.04 * ratio) for ratio in (0.1, 0.101, 1.0, 9.99, 10.0)] == [True, False, False, False, True]
    assert not any(usual.is_far(number) for number in (0.0, -0.04, -4.0))
    assert not Usual(0.0, "", 0.0, 0.0).is_far(1e9)


def test_what_the_outlook_may_well_bring_is_far_only_if_a_hundred_times_as_much_would_be_usual_too() -> None:
    usual = Usual(0.03, "", -0.05, 0.11)
    assert [usual.is_far(number) for number in (0.0008, 0.0025, 0.003)] == [True, False, False]
    assert math.isclose(100 * 0.0008, 0.08)
