"""Figure: the probability of each target in each case of an experiment, as a heat map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fiveyear.experiments.console.language import say
from fiveyear.experiments.console.terminal import number_text, share_text
from fiveyear.experiments.forecast.verdicts import CUT_POINTS, scale
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.heat_map import Cell, Heading
from fiveyear.experiments.page.heat_map import figure as of_cells
from fiveyear.model.labels import in_words
from fiveyear.scenarios import Target

from .factors import level_text
from .results import Result, TargetsMet

MOST = 40  # cases on the page: of more, every so-and-so-manieth
NONE = "–"  # of what is no forecast


def shown(result: Result) -> Sequence[TargetsMet]:
    """Give the cases that are drawn."""
    every = result.of_cases
    return every[:: -(-len(every) // MOST)]


def numbers(result: Result, cases: Sequence[TargetsMet]) -> Iterator[tuple[object, ...]]:
    """Give every number drawn."""
    yield "case", "scenario", "factors", "target", "probability"
    for case in cases:
        for target in result.plan_targets:
            yield case.case, case.scenario, _name(case), target.indicator, case.probability(target.indicator)


def figure(result: Result, cases: Sequence[TargetsMet]) -> page.Figure:
    """Draw a row for each case."""
    targets, every = result.plan_targets, len(result.cases)
    foot = f"P: share of {result.description.draws:,} draws that meet the target: {scale()}. {NONE}: no forecast."
    if len(cases) < every:
        foot += f" Drawn: {len(cases)} of {every} cases."
    return of_cells(
        page.Frame("Probability of each target in each case", result.description.title, foot),
        [Heading(t.heading, f"{'≥' if t.comparator == '>=' else '≤'} {number_text(t.value)}") for t in targets],
        [(_name(case), [_cell(case, target) for target in targets]) for case in cases],
        CUT_POINTS,
    )


def _cell(case: TargetsMet, target: Target) -> Cell:
    chance = case.probability(target.indicator)
    return Cell(NONE if chance is None else share_text(chance), chance, f"{case.case} {target.indicator}")


def _name(case: TargetsMet) -> str:
    """Give what a case is called: its scenario, and what its factors take."""
    return ", ".join([say(in_words(case.scenario)), *map(level_text, case.factors.values())])
