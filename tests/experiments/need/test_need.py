"""What it would take: slopes against differences, the cheapest against a grid, wishes against runs of the scenario."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fiveyear as fy
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.need.limits import limits_of
from fiveyear.experiments.need.margins import margin_of
from fiveyear.experiments.need.need import Wish, neighbours
from fiveyear.experiments.need.search import Search, priced
from fiveyear.experiments.reach import places
from fiveyear.model import InputError
from fiveyear.scenarios import Target, load_scenario

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def plan() -> Ensemble:
    return ensemble(load_scenario("plan"), None, 2011)


@pytest.fixture(scope="module")
def behavioural() -> Ensemble:
    return ensemble(load_scenario("behavioural"), None, 2011)


def target(of: Ensemble, name: str) -> Target:
    return next(t for t in of.scenario.plan.targets if t.indicator == name)


def search(of: Ensemble, *names: str, levers: list[str] | None = None, draws: int = 400) -> Search:
    return Search(of, limits_of(of, levers, {}, {}), [target(of, n) for n in names], draws, 0.05)


# -- margins and slopes -------------------------------------------------------------------------------------------
def test_a_margin_is_how_far_a_run_lies_beyond_the_target(plan: Ensemble) -> None:
    modelled = [t for t in plan.scenario.plan.targets if t.indicator in plan.indicators]
    searched = Search(plan, limits_of(plan, None, {}, {}), modelled, 200, 0.05).start.margins
    values = plan.run(200, [n for n in plan.names if n == places.OWN or n.startswith(places.RIVAL)], step=0.5).values
    for of, (margin, _) in zip(modelled, searched, strict=True):
        if of.indicator == places.RANK:
            expected = places.margin(values, int(of.value))[:, -1]
        else:
            beyond = (values[of.indicator] - of.value) * (1.0 if of.comparator == ">=" else -1.0)
            expected = beyond[:, 6:].min(axis=1) if of.every_year else beyond[:, -1]
        np.testing.assert_allclose(margin, expected, rtol=1e-9, atol=1e-9, err_msg=of.indicator)


@pytest.mark.parametrize("name", ["plan", "behavioural"])
def test_slopes_are_those_of_differences(name: str, request: pytest.FixtureRequest) -> None:
    of: Ensemble = request.getfixturevalue(name)
    levers = [n for n in of.scenario.plan.limits if n in of.inputs(0, 1).series]
    chosen = ("rd_intensity", "citation_rank", "basic_research_growth", "applications_per_100_fte")
    paths = search(of, *chosen, levers=levers)
    point = np.random.default_rng(5).uniform(0.05, 0.2, paths.size)
    at, step = paths.at(point), 2e-5  # so small that hardly a draw crosses a kink
    slopes, paid = at.smoothed(0.5)[1], at.paid_slopes
    for place in range(0, paths.size, 3):
        moved = np.zeros(paths.size)
        moved[place] = step
        # Of fourth order: what is left of it is below what rounding leaves.
        ends = [paths.at(point + k * moved) for k in (-2, -1, 1, 2)]
        weights = np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * step)
        by_chance = weights @ [e.smoothed(0.5)[0] for e in ends]
        by_cost = weights @ [e.paid.total for e in ends]
        assert by_chance == pytest.approx(slopes[place], rel=1e-6, abs=1e-6 * np.max(np.abs(slopes)))
        assert by_cost == pytest.approx(paid[place], rel=1e-6, abs=1e-6 * np.max(np.abs(paid)))


# -- what is paid for, and limits -----------------------------------------------------------------------------------
def test_levers_that_are_paid_for_are_those_that_spending_follows(plan: Ensemble, behavioural: Ensemble) -> None:
    assert priced(plan) == priced(behavioural)
    assert priced(plan) == {
        "planned_rd_intensity", "st_share_of_fiscal", "rd_content_of_st", "rd_deduction", "gap_closing",
    }  # fmt: skip


def test_what_rounds_keeps_its_digits() -> None:
    below, above = neighbours(np.array([2.4147, 0.0123456, 150.0, 1234.5]))
    np.testing.assert_allclose(below, [2.41, 0.0123, 150.0, 1230.0])
    np.testing.assert_allclose(above, [2.42, 0.0124, 150.0, 1240.0])


# -- the cheapest -------------------------------------------------------------------------------------------------
def test_no_point_of_a_grid_is_cheaper_by_half_a_per_cent(plan: Ensemble) -> None:
    paths = search(plan, "technology_market_value", levers=["planned_rd_intensity"], draws=1000)
    shape, wished = paths.whole(2014), 0.7
    cheapest = paths.cheapest(wished, shape, paths.likeliest(shape))
    assert cheapest is not None and paths.is_allowed(cheapest)
    own = paths.at(cheapest)
    costs = []
    for first in np.linspace(0.0, 0.5, 11):
        for last in np.linspace(0.5, 1.0, 51):
            at = paths.at(shape @ np.array([first, last]))
            if paths.is_allowed(shape @ np.array([first, last])) and at.chance >= own.chance:
                costs.append(at.paid.total)
    assert len(costs) > 20
    assert own.paid.total <= min(costs) * 1.005


def test_costs_never_fall_as_more_is_wished_for(plan: Ensemble) -> None:
    wish = Wish(plan, [target(plan, "rd_intensity")], 0.8, limits_of(plan, None, {}, {}), 4000)
    chances, paid = zip(*wish.frontier(), strict=True)
    assert len(chances) >= 8 and list(chances) == sorted(chances)
    assert np.all(np.diff([p.total for p in paid]) > 0.0)


def test_costs_never_fall_as_a_target_rises(plan: Ensemble) -> None:
    costs = []
    for value in (2.15, 2.2, 2.25, 2.3):
        asked = plan.scenario.plan.asking({"rd_intensity": value})
        of = replace(plan, scenario=replace(plan.scenario, plan=asked))
        path = Wish(of, [target(of, "rd_intensity")], 0.6, limits_of(of, None, {}, {}), 4000).cheapest()
        assert path is not None
        costs.append(path.paid.total)
    assert np.all(np.diff(costs) > 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "wished", "scenario"),
    [
        (["technology_market_value"], 0.7, "plan"),
        (["rd_intensity"], 0.6, "behavioural"),
        (["rd_intensity", "technology_market_value"], 0.5, "plan"),
    ],
)
def test_a_path_has_the_chance_that_it_promises_on_other_draws(names: list[str], wished: float, scenario: str) -> None:
    answer = fy.need(*names, probability=wished, scenario=scenario)
    for path in answer.paths.values():
        assert path.chance.value == pytest.approx(wished, abs=0.015)
        assert path.paid.total > 0.0
    assert answer.cheapest and answer.straight
    assert answer.cheapest.paid.total <= answer.straight.paid.total
    again = fy.reach(answer.needed, seed=77).chance(*names)["probability"].iloc[0]
    assert again == pytest.approx(wished, abs=0.015)
    for lever, levels in answer.cheapest.levels.items():
        for level, own in zip(levels, answer.own[lever], strict=True):
            assert level == own or float(f"{level:.4g}") == pytest.approx(level, rel=1e-12)


# -- where there is none -------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_relaxation_that_is_named_is_enough_and_nine_tenths_of_it_are_not(plan: Ensemble) -> None:
    limits = limits_of(plan, None, {}, {})
    wish = Wish(plan, [target(plan, "rd_intensity")], 0.995, limits)
    assert wish.cheapest() is None
    of = wish.relaxation()
    assert of is not None and (of.lever, of.kind, of.unit) == ("planned_rd_intensity", "step", "%")
    limit = limits[of.lever]
    for part, enough in ((1.0, True), (0.9, False)):
        wider = limit._replace(step=(of.before + part * (of.after - of.before)) / 100.0)
        other = Wish(plan, wish.targets, 0.995, {of.lever: wider})
        assert (other.search.chance(other.likeliest) >= 0.995) is enough


def test_later_beginnings_never_reach_more(plan: Ensemble) -> None:
    paths = search(plan, "technology_market_value", draws=1000)
    most = [paths.chance(paths.likeliest(paths.whole(year))) for year in paths.years]
    assert most == sorted(most, reverse=True) and most[0] > most[-1]


# -- the command -----------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_command_writes_a_scenario_that_reach_takes(fiveyear: Run, tmp_path: Path) -> None:
    words = ("need", "technology_market_value", "--probability", "0.7", "--draws", "4000", "--out", tmp_path / "n")
    ended = fiveyear(*words, "--json")
    answer = json.loads(ended.out)
    assert ended.code == 0 and answer["cheapest"]["probability"] == pytest.approx(0.7, abs=0.03)
    assert sorted(p.name for p in (tmp_path / "n").iterdir()) == [
        "frontier.csv", "frontier.pdf", "frontier.png", "need.json", "needed.toml", "path.csv",
    ]  # fmt: skip
    assert json.loads((tmp_path / "n" / "need.json").read_text("utf-8")) == answer
    reached = json.loads(fiveyear("reach", tmp_path / "n" / "needed.toml", "--draws", "4000", "--json").out)
    (contracts,) = (t for t in reached["scenarios"][0]["targets"] if t["indicator"] == "technology_market_value")
    assert contracts["probability"] == pytest.approx(0.7, abs=0.03)
    assert fiveyear(*words).code == 2


def test_another_value_can_be_wished_for(fiveyear: Run) -> None:
    ended = fiveyear("need", "rd_intensity=2.0", "--probability", "0.5", "--draws", "2000")
    assert "R&D / GDP, % >= 2 in 2015" in " ".join(ended.out.split()) and "Already met" in ended.out


def test_what_is_met_already_costs_nothing(fiveyear: Run) -> None:
    ended = fiveyear("need", "rd_fte_per_10k_employed", "--probability", "0.8", "--draws", "2000")
    assert ended.code == 0 and "Already met: plan itself gives" in " ".join(ended.out.split())


def test_what_cannot_be_had_ends_with_code_1_and_says_what_binds(fiveyear: Run) -> None:
    ended = fiveyear("need", "technology_market_value", "--probability", "0.95", "--draws", "2000")
    said = " ".join(ended.out.split())
    assert ended.code == 1
    assert "What holds the likeliest path: the largest yearly step of planned R&D intensity" in said
    assert "No limit alone would do: all would have to be" in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("rd_intensty",), "nearest is rd_intensity"),
        (("rd_intensity", "--probability", "1"), "expected a number above 0 and below 1"),
        (("rd_intensity", "rd_intensity"), "asked for twice"),
        (("rd_intensity=25",), "expected 0.01 to 10 %"),
        (("rd_intensty=2",), "the plan has no such target"),
        (("innovation_rank",), "there is no probability of it"),
        (("rd_intensity", "--lever", "planned_rd_intensty"), "nearest is planned_rd_intensity"),
        (("rd_intensity", "--lever", "rd_deduction"), "expected one that does: planned_rd_intensity"),
        (("rd_intensity", "--cap", "planned_rd_intensity=1"), "expected more than 1.5 and up to 10 %"),
        (("rd_intensity", "--cap", "planned_rd_intensity"), "expected LEVER=LEVEL"),
        (("rd_intensity", "--step", "planned_rd_intensity=0"), "expected more than 0"),
        (("rd_intensity", "--step", "planned_rd_intensity=0.1 yuan"), 'unit is "yuan"'),
        (("rd_intensity", "--cap", "examiner_effort=2"), "add --lever examiner_effort"),
        (("rd_intensity", "--scenario", "plann"), "nearest is plan"),
        (("rd_intensity", "--scenario", "twelfth"), "expected one scenario"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(fiveyear: Run, words: tuple[str, ...], expected: str) -> None:
    ended = fiveyear("need", *words, "--draws", "2000")
    assert ended.code == 2
    assert expected in " ".join(ended.err.split()), ended.err


def test_a_lever_without_limits_is_refused_with_the_key_to_write() -> None:
    with pytest.raises(InputError, match=r"limits\.rd_deduction: missing"):
        fy.need("rd_intensity", scenario="korea_plan", levers=["rd_deduction"])


def test_a_margin_of_a_target_takes_what_the_indicator_is_read_from(plan: Ensemble) -> None:
    of = margin_of(plan, target(plan, "rd_intensity"))
    assert [r.variable for r in of.readings] == ["rd_counted", "gdp_counted"]
