"""The second plan runs through the same code on facts, priors and a posterior of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from fiveyear.calibration import information, posterior
from fiveyear.calibration.facts import read_facts
from fiveyear.calibration.fit import fit
from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.scenarios import load_plan, load_scenario, shipped


@pytest.fixture(scope="module")
def eleventh() -> posterior.Evidence:
    return posterior.evidence(load_plan("eleventh"), "yearbook")


@pytest.fixture(scope="module")
def answer() -> Reach:
    return reach(ensemble(load_scenario("eleventh_plan"), "yearbook", seed=2011), draws=500)


def test_no_fact_is_of_a_year_after_the_base_year() -> None:
    plan = load_plan("eleventh")
    assert max(f.year for f in read_facts(plan.folder / "observed.csv", plan.base_year, plan.model)) == 2005


def test_the_priors_name_no_year_after_the_plan() -> None:
    text = (load_plan("eleventh").folder / "priors.toml").read_text(encoding="utf-8")
    sets, text = text.split("[parameters.", 1)  # the month of a vintage may be later; no fact in it is of a later year
    assert "[information_sets]" in sets
    assert max(map(int, re.findall(r"\b20[0-9]{2}\b", text))) <= 2010


def test_gdp_and_its_growth_are_of_one_vintage(eleventh: posterior.Evidence) -> None:
    # With the growth of an earlier vintage the deflator of 2005 would be a point too high.
    assert eleventh.facts["gdp"][2005].vintage.startswith("yearbook 2010")
    assert eleventh.facts["gdp_real_growth"][2005].vintage == "yearbook 2010"
    prices = eleventh.history["price_level"]
    assert prices[-1] / prices[-2] == pytest.approx(1.039, abs=0.001)


def test_each_parameter_that_an_indicator_needs_has_either_a_prior_or_a_fixed_value(
    eleventh: posterior.Evidence,
) -> None:
    priors, fixed = set(eleventh.priors.parameters), set(eleventh.plan.parameters)
    problem = eleventh.problem()
    readings = [r.variable for i in problem.indicators.values() for r in i.readings]
    needed = set(problem.run_model.pruned(readings).parameters)
    assert priors & fixed == set()
    assert priors | fixed == needed


def test_fixed_values_that_are_scales_are_near_what_they_stand_for(eleventh: posterior.Evidence) -> None:
    given, fixed = eleventh.history, eleventh.plan.parameters
    product = given["gdp_real"][-1]
    assert fixed["reference_productivity"] == pytest.approx(product / given["employed"][-1], rel=0.05)
    assert fixed["reference_rd_spending"] == pytest.approx(given["planned_rd_intensity"][-1] * product, rel=0.05)
    middle = {n: float(b(np.zeros(1))[0]) for n, b in eleventh.problem().parameters.items()}
    density = middle["patents_in_force_at_start"] / given["population"][0]
    assert fixed["reference_patent_density"] == pytest.approx(density, rel=0.10)
    rates = middle["rd_growth_before_start"] + middle["obsolescence_rate"]
    intensity = middle["rd_spending_at_start"] / rates / given["gdp_real"][0]
    assert fixed["reference_knowledge_intensity"] == pytest.approx(intensity, rel=0.10)


def test_nine_facts_in_ten_are_met_within_two_sd(eleventh: posterior.Evidence) -> None:
    found = fit(eleventh.problem())
    assert np.mean(np.abs(found.problem.standardised(found.mode[None, :])) <= 2.0) >= 0.9


def test_both_targets_have_a_probability(answer: Reach) -> None:
    by_name = {t["indicator"]: t for t in answer.as_dict()["targets"]}
    intensity, other = by_name["rd_intensity"], by_name["high_tech_value_added_share"]
    assert 0.0 < intensity["probability_low"] < intensity["probability_high"] < 1.0
    assert intensity["p05"] < intensity["median"] < intensity["p95"]
    assert 0.0 < other["probability_low"] < other["probability"] < other["probability_high"] < 1.0
    assert other["p05"] < other["median"] < other["p95"]


def test_the_answer_stands_on_the_plans_own_facts(answer: Reach) -> None:
    found = answer.as_dict()
    assert (found["plan"], found["facts"], found["draws"]) == ("eleventh", "yearbook", 500)
    assert list(answer.dataset["year"].values) == list(range(2001, 2011))
    # In 2005 the model is where the facts are.
    share = answer.dataset["high_tech_value_added_share"].sel(year=2005)
    assert float(share.median()) == pytest.approx(13.52, abs=0.2)
    assert found["targets"][0]["value_at_base_in_truth"] == pytest.approx(100.0 * 2450.0 / 184937.4)


def test_the_other_plans_priors_do_not_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def identity(name: str) -> dict[str, str]:
        return posterior.evidence(load_plan(name), "yearbook").identity

    before = {name: identity(name) for name in ("eleventh", "twelfth")}
    for name in before:
        shutil.copytree(shipped.PLANS / name, tmp_path / name, ignore=shutil.ignore_patterns("*.nc"))
    priors = tmp_path / "twelfth" / "priors.toml"
    text, count = re.subn(r"(?m)^median = .*$", "median = 1.3e6", priors.read_text(encoding="utf-8"), count=1)
    assert count == 1
    priors.write_text(text, encoding="utf-8")
    monkeypatch.setattr(shipped, "PLANS", tmp_path)
    assert identity("eleventh") == before["eleventh"]
    assert identity("twelfth") != before["twelfth"]


def test_a_number_held_where_the_facts_refuse_it_is_refitted_too(eleventh: posterior.Evidence) -> None:
    found = information.profile(fit(eleventh.problem()), "domestic_grant_share")
    assert found.rise.min() == 0.0
    assert found.rise[0] > 8.0 * information.NOT_REFUSED  # a small share is what the facts refuse
