"""The number of targets met: counted draw by draw, beside the law of independent events, and drawn on every sheet."""

from __future__ import annotations

import itertools
import math
import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page.figure import Drawing
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures import number_met
from fiveyear.experiments.reach.figures.findings import chance_text
from fiveyear.experiments.reach.figures.number_met import independently

NAMES = ("plan", "behavioural", "midterm_review")


@pytest.fixture
def answers(reached: Callable[..., Reach]) -> list[Reach]:
    return [reached(name) for name in NAMES]


def test_the_last_bar_is_the_joint_probability_and_all_bars_are_one(answers: list[Reach]) -> None:
    for answer, name in zip(answers, NAMES, strict=True):
        shown, joint = number_met.panel(answer, name, name), answer.joint["measurable"]
        assert joint is not None
        assert shown.met[-1] == pytest.approx(joint.value)
        assert sum(shown.met) == pytest.approx(1.0)
        assert len(shown.met) == 1 + len(answer.joint_targets["measurable"])


def test_the_mean_number_met_is_the_sum_of_the_probabilities_independent_or_not(answers: list[Reach]) -> None:
    for answer in answers:
        shown = number_met.panel(answer, "any", "any")
        of = {f.target.indicator: f.probability for f in answer.findings}
        expected = math.fsum(p.value for n in answer.joint_targets["measurable"] if (p := of[n]))
        for law in (shown.met, shown.independent):
            assert float(np.arange(len(law)) @ law) == pytest.approx(expected)


def test_the_law_of_independent_events_is_the_sum_over_all_their_outcomes() -> None:
    chances = (0.1, 0.5, 0.7, 0.95)
    law = [0.0] * 5
    for outcome in itertools.product((0, 1), repeat=4):
        law[sum(outcome)] += math.prod(c if met else 1.0 - c for c, met in zip(chances, outcome, strict=True))
    assert independently(chances) == pytest.approx(law)
    assert independently([0.3] * 5)[2] == pytest.approx(math.comb(5, 2) * 0.3**2 * 0.7**3)


def test_the_title_tells_of_every_scenario_and_of_one_what_independence_would_give(answers: list[Reach]) -> None:
    of = {n: number_met.panel(a, n, n) for n, a in zip(NAMES, answers, strict=True)}
    low, high = (chance_text(end([p.joint.value for p in of.values()])) for end in (min, max))
    several, alone = (number_met.drawing(a).figure.args[0].title for a in (answers, answers[:1]))  # type: ignore[attr-defined]
    assert low != high and several.endswith(f"probability {low} to {high}, by scenario")
    joint, independent = (chance_text(of["plan"].met[-1]), chance_text(of["plan"].independent[-1]))
    assert alone.endswith(f"probability {joint}, {independent} if independent")


def test_an_answer_without_a_joint_probability_is_refused(answers: list[Reach]) -> None:
    refused = replace(answers[0], joint={**answers[0].joint, "measurable": None})
    with pytest.raises(FigureError, match="has no joint probability"):
        number_met.drawing([refused])


def test_it_fits_every_sheet_and_can_be_drawn_elsewhere(
    answers: list[Reach], fits: Callable[[Callable[[], Drawing]], list[str]]
) -> None:
    # The foot names scenarios as they are typed.
    assert fits(lambda: number_met.drawing(answers[:2])) == []
    assert pickle.loads(pickle.dumps(number_met.drawing(answers).figure))


def test_scenarios_that_do_not_fit_a_slide_are_said_to_be_in_the_numbers(reached: Callable[..., Reach]) -> None:
    names = ("plan", "frozen", "accelerated", "growth_7", "growth_10", "crisis_2012", "talent_first", "basic_tilt")
    drawing = number_met.drawing([reached(name) for name in names])
    rows = list(drawing.rows)
    assert {row[0] for row in rows[1:]} == set(names)
