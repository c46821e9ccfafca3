"""Heat map: the probability of each target under each scenario, and of meeting together those that are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.terminal import number_text, share_text
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.forecast.targets import MEASURED
from fiveyear.experiments.forecast.verdicts import CUT_POINTS, scale
from fiveyear.experiments.page import heat_map
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import Drawing, Frame
from fiveyear.experiments.page.heat_map import Heading

from ..answer import Reach
from .panels import sign
from .scenarios import made_from, scenario_labels, spaced

TOGETHER = f"Together: all {MEASURED}"
UNMODELLED = "–"
MARK = " (a)"  # of what no statistic shows, as under the first answer


@dataclass(frozen=True)
class Cell:
    """One cell: a probability, or why there is none."""

    scenario: str
    column: str  # an indicator, or the name of the joint probability
    text: str
    probability: Probability | None


# -- numbers ------------------------------------------------------------------------------------------------
def cells(answers: Sequence[Reach]) -> list[list[Cell]]:
    """Give a row of cells for each scenario: the plan's targets in its order, then, of several, the joint one."""
    labels = scenario_labels(answers)
    if not answers[0].findings:
        raise FigureError("the heat map", [f"the plan {answers[0].ensemble.scenario.plan.name} has no targets"])
    return [_row(label, answer) for label, answer in zip(labels, answers, strict=True)]


def _row(label: str, answer: Reach) -> list[Cell]:
    chances = [(f.target.indicator, f.probability) for f in answer.findings]
    if answer.has_joint:
        chances.append(("measurable", answer.joint["measurable"]))
    return [Cell(label, name, share_text(p.value) if p else UNMODELLED, p) for name, p in chances]


def table(rows: Sequence[Sequence[Cell]]) -> Rows:
    """Give every number drawn, and its interval."""
    yield "scenario", "target", "text", "probability", "low", "high"
    for cell in (c for row in rows for c in row):
        p = cell.probability
        yield cell.scenario, cell.column, cell.text, *((p.value, p.low, p.high) if p else (None, None, None))


# -- picture ------------------------------------------------------------------------------------------------
def drawing(answers: Sequence[Reach]) -> Drawing:
    """Give the cells of scenarios of one plan to be drawn, and the scale of their colours.

    Raises FigureError if the scenarios are none or of different plans.
    """
    rows = cells(answers)
    plan = answers[0].ensemble.scenario.plan
    targets = [f.target for f in answers[0].findings]
    headings = [
        Heading(t.heading + MARK * bool(t.unmeasurable), f"{sign(t.comparator)} {number_text(t.value)}")
        for t in targets
    ]
    foot = (
        f"{made_from(answers)} P: share of draws that meet the target: {scale()}. "
        f"{UNMODELLED}: not modelled, no forecast, or refused, since the facts do not give what it needs."
    )
    if any(t.unmeasurable for t in targets):
        foot += f"{MARK}: no statistic shows whether it is met."
    if answers[0].has_joint:
        headings.append(Heading(TOGETHER, apart=True))
        foot += " Together: of the headline targets that the model has and that statistics measure."
    named = [(spaced(row[0].scenario), [_cell(cell) for cell in row]) for row in rows]
    frame = Frame(f"Probability of each target in {plan.end}", plan.title, foot)
    cuts = [least for least, _ in CUT_POINTS]
    return Drawing(partial(heat_map.figure, frame, headings, named, cuts), table(rows))


def _cell(cell: Cell) -> heat_map.Cell:
    chance = cell.probability
    return heat_map.Cell(cell.text, chance.value if chance else None, f"{cell.scenario} {cell.column}")
