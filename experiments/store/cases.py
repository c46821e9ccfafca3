"""Figure: the probability of each target in each case of an experiment, as a heat map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from fiveyear.experiments.console.language import say
from fiveyear.experiments.console.terminal import number_text, share_text
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.heat_map import HALF, Cell, Heading
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


def drawing(result: Result) -> page.Drawing:
    """Give a row for each case to be drawn."""
    cases, every = shown(result), len(result.cases)
    foot = say(
        "Probability: the share of {draws} draws that meet the target; bold from a half on. {none}: no forecast.",
        draws=f"{result.description.draws:,}", none=NONE,
    )  # fmt: skip
    if len(cases) < every:
        more = say("Drawn: {count} of {all} cases.", count=len(cases), all=every)
        foot = say("{first} {second}", first=foot, second=more)
    targets = result.plan_targets
    likely = [
        sum((case.probability(target.indicator) or 0.0) >= HALF for target in targets) for case in result.of_cases
    ]
    title = say(
        "Of {targets} targets, {least} to {most} are more likely met than missed, by case",
        targets=len(targets), least=min(likely), most=max(likely),
    )  # fmt: skip
    headings = [
        Heading(say(t.heading), f"{'≥' if t.comparator == '>=' else '≤'} {number_text(t.value)}") for t in targets
    ]
    rows = [(_name(case), [_cell(case, target) for target in targets]) for case in cases]
    frame = page.Frame(title, say(result.description.title), foot)
    return page.Drawing(partial(of_cells, frame, headings, rows, CUT_POINTS), numbers(result, cases))


def _cell(case: TargetsMet, target: Target) -> Cell:
    chance = case.probability(target.indicator)
    return Cell(NONE if chance is None else share_text(chance), chance, f"{case.case} {target.indicator}")


def _name(case: TargetsMet) -> str:
    """Give what a case is called: its scenario, and what its factors take."""
    return ", ".join([say(in_words(case.scenario)), *map(level_text, case.factors.values())])
