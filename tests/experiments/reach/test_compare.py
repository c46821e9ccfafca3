"""Scenarios side by side: who does better in words, the numbers, and the figure."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.console.terminal import share_text
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.experiments.reach.compare import compared, conclusions
from fiveyear.experiments.reach.figures import comparison
from fiveyear.scenarios import load_scenario

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def answers(shipped: Callable[..., Ensemble]) -> dict[str, Reach]:
    return {name: reach(shipped(name), 400) for name in ("behavioural", "plan", "frozen")}


def of_intensity(answer: Reach) -> str:
    """Give the chance of R&D over GDP as it is written."""
    (chance,) = (f.probability for f in answer.findings if f.target.indicator == "rd_intensity")
    assert chance is not None
    return share_text(chance.value)


def test_the_sentence_names_who_does_better_and_by_how_much(answers: dict[str, Reach]) -> None:
    behavioural, plan = answers["behavioural"], answers["plan"]
    joint = [answer.joint["measurable"] for answer in (plan, behavioural)]
    assert joint[0] and joint[1] and joint[0].value < joint[1].value - 0.02
    (there,) = conclusions(behavioural, plan)
    assert there.startswith(
        "plan does worse than behavioural: all 7 headline targets that statistics measure are met with P ."
    )
    assert f"Less likely: R&D / GDP ({of_intensity(plan)}, against {of_intensity(behavioural)})" in there
    assert "Likelier: R&D personnel per 10,000 employed" in there
    assert conclusions(plan, behavioural)[0].startswith("behavioural does better than plan: ")


def test_a_scenario_does_as_well_as_itself(answers: dict[str, Reach]) -> None:
    (sentence,) = conclusions(answers["plan"], answers["plan"])
    assert sentence.startswith("plan does about as well as plan: ")
    assert sentence.endswith(" 8 of 8 headline targets differ by less than .010.")
    assert "ikel" not in sentence


def test_no_chance_is_a_bare_0_or_1(answers: dict[str, Reach]) -> None:
    (sentence,) = conclusions(answers["plan"], answers["frozen"])
    assert "met with P <.001, against ." in sentence
    assert f"R&D / GDP (<.001, against {of_intensity(answers['plan'])})" in sentence


def test_a_label_of_any_length_stays_on_the_page_and_apart(answers: dict[str, Reach]) -> None:
    labels = ["=1+1 " + "long " * 58, "研发经费占国内生产总值的比重" * 20]
    findings = [
        replace(f, target=f.target.model_copy(update={"own_label": labels[n]})) if n < len(labels) else f
        for n, f in enumerate(answers["plan"].findings)
    ]
    several = [replace(answers["plan"], findings=tuple(findings)), answers["frozen"]]
    with house_style():
        picture = comparison.figure(several)
    assert page.faults(picture) == []


def test_each_mark_stands_at_its_chance(answers: dict[str, Reach]) -> None:
    with house_style():
        picture = comparison.figure([*answers.values()])
    places = {line.get_gid(): line.get_xdata()[0] for axes in picture.axes for line in axes.lines if line.get_gid()}  # type: ignore[index]
    by_target = zip(*(a.findings for a in answers.values()), strict=True)
    told = [[(f.target.indicator, f.probability.value) for f in of if f.probability] for of in by_target]
    told = [of for of in told if len(of) == len(answers)]
    assert places == {f"{indicator} {n}": chance for of in told for n, (indicator, chance) in enumerate(of)}
    assert len(told) == 9  # the headline targets, and basic research


def test_the_command_writes_the_figure_and_its_numbers(fiveyear: Run, tmp_path: Path) -> None:
    words = ("compare", "behavioural", "plan", "--draws", 50, "--out", tmp_path / "c")
    ended = fiveyear(*words)
    assert ended.code == 0 and ended.out.startswith("plan does ")
    assert {f.name for f in (tmp_path / "c").iterdir()} == {f"comparison.{s}" for s in ("png", "pdf", "csv")}
    told = json.loads(fiveyear("compare", "behavioural", "plan", "--draws", 50, "--json").out)
    with (tmp_path / "c" / "comparison.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["indicator"] for r in rows] == [r["indicator"] for r in told["comparisons"]]
    assert [float(r["difference"]) for r in rows] == pytest.approx([r["difference"] for r in told["comparisons"]])
    assert " ".join(ended.out.split()).startswith(told["conclusions"][0])
    again = fiveyear(*words)
    assert again.code == 2 and "comparison.png" in again.err and "--force" in again.err


def test_of_more_scenarios_than_colours_there_is_the_table_alone(fiveyear: Run, tmp_path: Path) -> None:
    names = ("plan", "frozen", "behavioural", "growth_7", "growth_10", "crisis_2012", "talent_first")
    assert fiveyear("compare", *names, "--draws", 20, "--out", tmp_path / "c").code == 0
    assert [f.name for f in (tmp_path / "c").iterdir()] == ["comparison.csv"]


def test_what_differs_in_the_last_bits_alone_does_not_differ(shipped: Callable[..., Ensemble]) -> None:
    # Budgets that go by GDP as it turns out make of the same share the same, however GDP grows.
    known = [
        ensemble(load_scenario(n, ["paths.budgets_ahead.values={2005=0}"]), None, 2011) for n in ("plan", "growth_7")
    ]
    rows = {r["indicator"]: r for r in compared(*(reach(one, 200) for one in known))}
    row = rows["enterprise_rd_per_revenue_rise"]  # of which growth moves neither part
    assert [row[k] for k in ("difference", "difference_p05", "difference_p95", "share_higher")] == [0.0] * 4
    assert rows["technology_market_value"]["difference"] < -100.0


@pytest.mark.usefixtures("unprinted")
def test_of_more_scenarios_than_colours_reach_says_which_figures_it_leaves_out(fiveyear: Run, tmp_path: Path) -> None:
    names = ("plan", "frozen", "behavioural", "growth_7", "growth_10", "crisis_2012", "talent_first")
    ended = fiveyear("reach", *names, "--draws", 20, "--out", tmp_path / "r")
    assert ended.code == 0
    assert "note: plan twelfth: no figures of exceedance and of ranks: 7 scenarios, and colours tell 6" in ended.err
    assert not list((tmp_path / "r").glob("*exceedance*"))
