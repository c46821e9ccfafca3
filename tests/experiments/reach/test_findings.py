"""The titles of the figures: what they say follows from the numbers, whichever these are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import pytest

from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.reach.answer import Finding, Reach
from fiveyear.experiments.reach.figures import findings

FIRST, SECOND = "“The plan is followed”", "“Spending is what government and firms decide”"


def certain(value: float) -> Probability:
    return Probability(value, value, value)


def told(answer: Reach, chances: Mapping[str, float], others: float = 0.8, together: float = 0.2) -> Reach:
    """Give an answer with other probabilities: these, and one for all further targets that have any."""

    def changed(finding: Finding) -> Finding:
        if finding.probability is None:
            return finding
        return dataclasses.replace(finding, probability=certain(chances.get(finding.target.indicator, others)))

    joint = {**answer.joint, "measurable": certain(together)}
    return dataclasses.replace(answer, findings=tuple(map(changed, answer.findings)), joint=joint)


@pytest.fixture(scope="module")
def pair(reached: Callable[..., Reach]) -> tuple[Reach, Reach]:
    return reached("plan"), reached("behavioural")


def test_the_weak_link_is_the_least_likely_of_what_statistics_measure(pair: tuple[Reach, Reach]) -> None:
    chances = {"rd_intensity": 0.19, "high_tech_value_added_share": 0.02}  # of which the second is not measured
    answers = [told(pair[0], chances), told(pair[1], {**chances, "rd_intensity": 0.31})]
    assert findings.least_likely(answers, headline=True) == (
        f"R&D / GDP is the weak link among the targets that statistics measure: .19 under {FIRST}; .31 under {SECOND}"
    )


def test_where_scenarios_have_other_weak_links_each_is_named(pair: tuple[Reach, Reach]) -> None:
    answers = [told(pair[0], {"rd_intensity": 0.19}), told(pair[1], {"technology_market_value": 0.3})]
    assert findings.least_likely(answers, headline=True) == (
        f"The weak link depends on the scenario: R&D / GDP, .19 under {FIRST}; Technology market, .30 under {SECOND}"
    )


def test_a_title_counts_what_is_more_likely_met_than_missed_and_names_the_few_that_are_not(
    pair: tuple[Reach, Reach],
) -> None:
    headline = [f.target.indicator for f in pair[0].findings if f.target.kind == "headline"]
    one = {"rd_intensity": 0.4}
    few = [told(pair[0], one), told(pair[1], one)]
    title = findings.more_likely_than_not(few, headline)
    assert title == "More likely met than missed: 7 of 8 headline targets, all but R&D / GDP"
    differ = [told(pair[0], one), told(pair[1], {**one, "citation_rank": 0.1})]
    assert findings.more_likely_than_not(differ, headline) == (
        f"More likely met than missed: 7 of 8 headline targets under {FIRST}, 6 under {SECOND}"
    )
    every = [told(answer, {}) for answer in pair]
    assert findings.more_likely_than_not(every, headline) == "More likely met than missed: 8 of 8 headline targets"


def test_of_many_scenarios_the_best_is_named(pair: tuple[Reach, Reach]) -> None:
    many = [told(pair[0], {}, together=0.1), told(pair[1], {}, together=0.27), told(pair[0], {}, together=0.02)]
    assert findings.together(many) == (
        f"At best, all 7 targets that statistics measure are met together with a chance of .27 under {SECOND}"
    )
    assert findings.together(many[:2]).endswith(f"with a chance of .10 under {FIRST}; .27 under {SECOND}")
    assert findings.together([many[2]] * 3).endswith("with a chance of < .05 in each scenario")


@pytest.mark.parametrize(
    ("held", "title"),
    [
        (
            (0.79, 0.7),
            f"Place 5 by citations, or a better one, is likely in 2015: .79 under {FIRST}; .70 under {SECOND}",
        ),
        ((0.99, 0.2), f"Place 5 by citations, or a better one, in 2015: > .95 under {FIRST}; .20 under {SECOND}"),
    ],
)
def test_a_verdict_is_in_the_title_only_where_it_holds_in_every_scenario(
    pair: tuple[Reach, Reach], held: tuple[float, float], title: str
) -> None:
    assert findings.of_rank(pair, 5, held) == title


def test_beneath_stand_the_plan_the_year_and_what_was_known(
    pair: tuple[Reach, Reach], reached: Callable[..., Reach]
) -> None:
    assert (
        findings.subtitle(pair) == "12th Five-Year S&T plan of China, 2011-2015: targets of 2015, as known in July 2011"
    )
    earlier = findings.subtitle([reached("eleventh_plan", "yearbook")])
    assert earlier.endswith(": targets of 2010, from figures to 2005 as of December 2011")
