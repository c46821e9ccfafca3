"""The answer in few lines: that it fits, what it says, and that what it says of levers and of trust is so."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.forecast import inert, trust
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach import summary
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.scenarios import Target, load_plan

Reached = Callable[..., Reach]
Run = Callable[..., Any]  # words -> how it ended: code, out, err

TWELFTH = (
    "plan",
    "behavioural",
    "frozen",
    "accelerated",
    "front_loaded_spend",
    "growth_7",
    "talent_first",
    "late_plan",
)
FURTHER = "More: --full, --out DIR."


def chances(text: str) -> dict[str, str]:
    """Give the chances of a table of one scenario, by the first words of the label."""
    rows = [re.split(r"  +", line.strip()) for line in text.split("\n")[4:13]]
    return {cells[0].split(", ")[0]: cells[1 if cells[0].startswith("All") else 3] for cells in rows}


# -- what it looks like ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("width", [80, 100, 146])
@pytest.mark.parametrize("names", [("plan",), ("behavioural", "plan"), TWELFTH[:4], TWELFTH[:7], ("eleventh_plan",)])
def test_it_has_thirty_lines_at_most_and_none_is_wider_than_asked(
    reached: Reached, names: tuple[str, ...], width: int
) -> None:
    facts = "yearbook" if names == ("eleventh_plan",) else "july2011"
    lines = summary.text([reached(n, facts) for n in names], width, FURTHER).split("\n")
    assert len(lines) <= 30
    assert max(map(len, lines)) <= width
    assert lines[0].startswith(reached(names[0], facts).ensemble.scenario.plan.title)
    assert lines[-1].endswith(FURTHER)


def test_ranges_stand_where_there_is_room_and_then_medians_and_then_chances_alone(reached: Reached) -> None:
    two = [reached("plan"), reached("behavioural")]
    assert "2015 (90 %)" in summary.text(two, 100, FURTHER)
    narrow = summary.text(two, 80, FURTHER)
    assert "(90 %)" not in narrow and narrow.count(" 2015\n") == 1
    four = summary.text([*two, reached("frozen"), reached("accelerated")], 100, FURTHER)
    assert four.count("chance") == 4 + 1  # and in the line on levers
    assert "2015" in four.split("\n")[0] and "2015" not in four.split("\n")[3]


def test_scenarios_that_find_no_room_are_counted(reached: Reached) -> None:
    many = [replace_name(reached("plan"), f"scenario_of_a_very_long_name_{n}") for n in range(9)]
    text = summary.text(many, 100, FURTHER)
    shown = len(re.findall(r"scenario_of_a_very_long_name_\d", text.split("\n")[2]))
    assert 1 <= shown < 9
    assert f"(and {9 - shown} scenarios more)" in text


def replace_name(answer: Reach, name: str) -> Reach:
    scenario = replace(answer.ensemble.scenario, name=name)
    return replace(answer, ensemble=replace(answer.ensemble, scenario=scenario))


# -- what it says ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scenario", ["plan", "frozen"])
def test_targets_are_sorted_by_their_chance_in_the_first_scenario(reached: Reached, scenario: str) -> None:
    by_name = {f.target.indicator: f for f in reached(scenario).findings}
    values = [by_name[t.indicator].probability for t in summary._headline([reached(scenario), reached("plan")])]
    assert all(a and b and a.value >= b.value for a, b in itertools.pairwise(values))


def test_each_chance_is_that_of_the_answer_with_two_digits(reached: Reached) -> None:
    plan = reached("plan")
    said = chances(summary.text([plan], 146, FURTHER))
    for finding in plan.findings:
        if finding.target.kind == "headline":
            name = finding.target.label
            assert said[name] == (summary.share(finding.probability.value) if finding.probability else ""), name
    assert said["All 7 that statistics measure"] == summary.share(plan.joint["measurable"].value)  # type: ignore[union-attr]


def test_the_weak_link_is_the_least_likely_of_those_that_are_measured(reached: Reached) -> None:
    text = " ".join(summary.text([reached("plan"), reached("frozen")], 100, FURTHER).split())
    counted = [f for f in reached("plan").findings if f.probability and f.target.kind == "headline"]
    least = min((f for f in counted if not f.target.unmeasurable), key=lambda f: f.probability.value)  # type: ignore[union-attr]
    assert f"weak link in plan: {least.target.label} ({summary._chance(least)});" in text
    assert "in frozen: R&D / GDP (< .05)." in text


@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_what_no_lever_moves_keeps_its_chance_to_a_hundredth_with_a_tenth_more_of_any(
    shipped: Callable[..., Ensemble], scenario: str
) -> None:
    ensemble = shipped(scenario)
    draws = 1_000
    before = reach(ensemble, draws)
    still = {t.indicator for t in summary.unmoved([before])}
    assert {"high_tech_value_added_share", "civic_scientific_literacy"} <= still
    levers = [n for n, series in ensemble.model.series.items() if series.lever]
    moved = set()
    for lever in levers:
        raised = replace(ensemble, scenario=inert._raised(ensemble, lever, inert.TENTH))
        same = replace(ensemble, scenario=inert._raised(ensemble, lever, 0.0))
        for old, new in zip(reach(same, draws).findings, reach(raised, draws).findings, strict=True):
            if old.probability and new.probability and old.target.kind == "headline":
                change = abs(new.probability.value - old.probability.value)
                moved |= {old.target.indicator} if change >= 0.01 else set()
    assert not still & moved
    assert moved  # or this shows nothing


def test_what_was_set_and_why_nothing_is_said_stand_below_the_table(fiveyear: Run) -> None:
    setting = "paths.planned_rd_intensity.values.2015=2.0"
    printed = " ".join(fiveyear("reach", "plan", "--draws", 20, "--set", setting).out.split())
    assert f"Set in plan: {setting}" in printed
    printed = " ".join(fiveyear("reach", "plan", "--draws", 20, "--facts", "plan-only").out.split())
    assert "Refused, since plan-only does not tell" in printed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "< .05"),
        (0.0499, "< .05"),
        (0.05, ".05"),
        (0.354, ".35"),
        (0.95, ".95"),
        (0.9501, "> .95"),
        (1.0, "> .95"),
    ],
)
def test_a_probability_has_two_digits_and_none_near_its_ends(value: float, words: str) -> None:
    assert summary.share(value) == words


def test_a_number_has_two_digits_but_what_the_plan_prints_and_ranks(reached: Reached) -> None:
    targets: dict[str, Target] = {f.target.indicator: f.target for f in reached("plan").findings}
    market, rank = targets["technology_market_value"], targets["citation_rank"]
    numbers = (0.02345, 0.996, 1.96, 9.96, 54.4, 99.7, 8297.0, 3906.0, 8000.0, -10.2)
    words = ["0.023", "1.0", "2.0", "10", "54", "100", "8,300", "3,906", "8,000", "-10"]
    assert [summary.digits(v, market) for v in numbers] == words
    assert (summary.digits(4.4, rank), summary.digits(None, market)) == ("4", "")


def test_html_says_the_same_and_runs_nothing(reached: Reached) -> None:
    answer = reached("plan")
    findings = [
        replace(f, target=f.target.model_copy(update={"own_label": "<script>x</script>, %"})) for f in answer.findings
    ]
    hostile = summary.as_html([replace(answer, findings=tuple(findings))], FURTHER)
    assert "<script>" not in hostile and "&lt;script&gt;x" in hostile
    page = summary.as_html([answer], FURTHER)
    plain = summary.text([answer], 146, FURTHER)
    for cell in (cell for line in plain.split("\n")[4:13] for cell in re.split(r"  +", line.strip())):
        assert f"<td>{html.escape(cell)}</td>" in page
    for remark in plain.split("\n")[-4:]:
        assert f"<p>{html.escape(remark)}</p>" in page


# -- trust ----------------------------------------------------------------------------------------------------
def test_the_line_on_trust_says_what_the_page_of_the_scoreboard_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "scoreboard.md").read_text(encoding="utf-8")
    (inside,) = re.findall(
        r"^\| inside the 90 % band, 3 years ahead and more \| [^|]* \| ([\d.]+) \(", page, re.MULTILINE
    )
    (crps,) = re.findall(r"^\| CRPS over the random walk's \| [^|]* \| [\d.]+ \((.*)\) \|", page, re.MULTILINE)
    low, high = map(float, crps.split(" to "))
    against = "smaller than" if high < 1.0 else "larger than" if low > 1.0 else "no smaller than"
    assert trust.sentence(load_plan("twelfth").country) == (
        f"Trust: from 2003-2009, 90 % bands held {inside.removeprefix('0')} 3 to 5 years on;"
        f" errors {against} a random walk's."
    )
    assert len(trust.sentence(load_plan("twelfth").country)) <= 100
