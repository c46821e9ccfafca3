"""Other values of targets for one answer, and chances among draws in which what is given grows as is assumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fiveyear as fy
from fiveyear.model.errors import Error
from fiveyear.scenarios import load_plan

Run = Callable[..., Any]


def test_another_value_of_a_target_is_asked_for_and_said(fiveyear: Run) -> None:
    words = ("reach", "plan", "--draws", "2000", "--target", "technology_market_value=7500 100M yuan")
    (scenario,) = json.loads(fiveyear(*words, "--json").out)["scenarios"]
    (contracts,) = (t for t in scenario["targets"] if t["indicator"] == "technology_market_value")
    asked = fy.reach("plan", draws=2000).chance("technology_market_value", at_least="7500 100M yuan")
    assert contracts["probability"] == asked["probability"].iloc[0]
    said = "Asked for in this answer: Technology market, 100M yuan >= 7,500, where the plan has 8,000"
    assert said in " ".join(fiveyear(*words).out.split())
    assert "asked for in this answer" in fiveyear(*words, "--full").out


def test_a_value_between_the_steps_of_a_plan_is_in_steps_of_its_last_digit() -> None:
    asked = load_plan("twelfth").asking({"rd_intensity": 2.123, "technology_market_value": 7500.0})
    steps = {t.indicator: t.rounding for t in asked.targets}
    assert steps["rd_intensity"] == 0.001 and steps["technology_market_value"] == 1
    assert asked.content != load_plan("twelfth").content


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rd_intensty=2", "the plan has no such target"),
        ("rd_intensity=two", "expected a finite number"),
        ("rd_intensity=2 yuan", 'unit is "yuan"'),
        ("rd_intensity=25", "expected 0.01 to 10 %"),
        ("rd_intensity", "expected a finite number"),
    ],
)
def test_a_value_that_no_target_has_is_refused(fiveyear: Run, text: str, expected: str) -> None:
    ended = fiveyear("reach", "plan", "--draws", "10", "--target", text)
    assert ended.code == 2 and "--target" in ended.err and expected in ended.err


def test_a_chance_among_some_draws_is_their_share() -> None:
    answer = fy.reach("plan", draws=4000)
    slow = answer.chance("rd_intensity", given={"gdp_real": (None, "8 %/year")})
    fast = answer.chance("rd_intensity", given={"gdp_real": ("8 %/year", None)})
    assert slow["draws"].iloc[0] + fast["draws"].iloc[0] == 4000
    parts = [(p["probability"].iloc[0], p["draws"].iloc[0]) for p in (slow, fast)]
    whole = answer.chance("rd_intensity")["probability"].iloc[0]
    assert sum(p * n for p, n in parts) / 4000 == pytest.approx(whole, abs=1e-9)
    # Where GDP turns out smaller than budgets reckoned with, R&D over it is larger.
    assert parts[0][0] > parts[1][0]
    path = answer.by_scenario[0].ensemble.inputs(0, 4000).series["gdp_real"]
    growth = 100.0 * ((path[-1] / path[5]) ** 0.2 - 1.0)
    assert slow["draws"].iloc[0] == int(np.sum(growth <= 8.0))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"gdp_rea": (None, 7)}, "nearest is gdp_real"),
        ({"gdp_real": 7}, "expected two ends"),
        ({"gdp_real": (None, "7 yuan")}, "growth is in"),
        ({"gdp_real": (None, "-20 %/year")}, "expected 100 or more"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(Error, match=expected):
        fy.reach("plan", draws=200).chance("rd_intensity", given=given)
