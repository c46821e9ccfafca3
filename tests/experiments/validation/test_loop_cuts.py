"""What cutting a loop does to the headline indicators: signs that theory gives, and a figure that fits."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.page.figure import Drawing
from fiveyear.experiments.validation import behaviour
from fiveyear.experiments.validation.figures import loop_cuts as figure
from fiveyear.experiments.validation.loop_cuts import LoopCut, LoopCuts, loop_cuts
from fiveyear.scenarios import load_scenario

DRAWS = 300


@pytest.fixture(scope="module")
def cuts(shipped: Callable[..., Ensemble]) -> LoopCuts:
    return loop_cuts(shipped("plan"), DRAWS)


def by_name(cuts: LoopCuts) -> dict[str, LoopCut]:
    return {cut.loop: cut for cut in cuts.cuts}


def test_every_named_loop_of_the_model_is_cut(cuts: LoopCuts) -> None:
    assert set(by_name(cuts)) == set(cuts.ensemble.scenario.plan.model.loops)


def test_a_cut_moves_medians_as_a_scenario_does_that_cuts_the_loop(
    cuts: LoopCuts, shipped: Callable[..., Ensemble]
) -> None:
    plan = load_scenario("plan")
    without = replace(shipped("plan"), scenario=replace(plan, cuts=(*plan.cuts, "R4")))
    for closed_or_cut, ensemble in enumerate((shipped("plan"), without)):
        values = ensemble.run(DRAWS).values["applications_per_100_fte"][:, -1]
        assert by_name(cuts)["R4"].medians["applications_per_100_fte"][closed_or_cut] == np.median(values)


def test_loops_move_what_they_are_about_the_way_theory_says(cuts: LoopCuts) -> None:
    moved = by_name(cuts)
    assert moved["R4"].moved("applications_per_100_fte") < 0.0  # no strategic filing
    assert moved["B3"].moved("invention_patents_per_10k") < 0.0  # no examiners for a longer queue
    assert moved["B4"].moved("invention_patents_per_10k") > 0.0  # no more lapses for more old patents
    assert moved["B7"].moved("civic_scientific_literacy") > 0.0  # no ceiling
    assert moved["R4"].moved("civic_scientific_literacy") == 0.0


def test_half_as_much_is_a_move_of_minus_50_per_cent_and_a_rank_moves_by_places() -> None:
    cut = LoopCut("R", "", "+", "plan", "The plan", {"a": (4.0, 2.0), "rank": (4.0, 6.0)}, {"a": "%", "rank": "places"})
    assert (cut.moved("a"), cut.moved("rank")) == (-50.0, 2.0)


def test_the_title_names_the_loop_that_moves_most(cuts: LoopCuts) -> None:
    moves = {(c.about, n): c.moved(n) for c in cuts.cuts for n in c.medians if c.units[n] == "%"}
    (about, _), moved = max(moves.items(), key=lambda move: abs(move[1]))
    title = figure.drawing(cuts).figure.args[0].title  # type: ignore[attr-defined]
    assert about in title
    assert f"{abs(moved):.1f} %" in title
    still = LoopCuts(cuts.ensemble, DRAWS, ())
    assert figure.frame(still, []).title == "No feedback loop moves a headline indicator of 2015"


def test_the_figure_fits_every_sheet_and_can_be_drawn_elsewhere(
    cuts: LoopCuts, fits: Callable[[Callable[[], Drawing]], list[str]]
) -> None:
    assert fits(lambda: figure.drawing(cuts)) == []
    assert pickle.loads(pickle.dumps(figure.drawing(cuts).figure))


def test_a_loop_is_at_work_under_the_scenario_that_closes_it(shipped: Callable[..., Ensemble]) -> None:
    for loop, variant in behaviour.at_work(shipped("plan")).items():
        assert loop not in variant.model.cuts
