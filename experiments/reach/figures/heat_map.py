"""Heat map: the probability of each target under each scenario, and of meeting together those that are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
from fiveyear.experiments.console.terminal import number_text
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import heat_map
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import Drawing, Frame
from fiveyear.experiments.page.heat_map import Heading
from fiveyear.scenarios import Target

from ..answer import Finding, Reach
from .findings import after_another, chance_text, subtitle, together
from .panels import headed, sign, unit_of
from .scenarios import made_from, scenario_labels, scenario_titles, sentences

UNMODELLED = "–"
MARK = " (a)"  # of what no statistic shows, as under the first answer
BASE_PAIR = ("plan", "behavioural")  # the question itself; the other scenarios are variants of these two


@dataclass(frozen=True)
class Cell:
    """One cell: a probability, or why there is none."""

    scenario: str
    column: str  # an indicator, or the name of the joint probability
    text: str
    probability: Probability | None


# -- numbers ------------------------------------------------------------------------------------------------
def cells(answers: Sequence[Reach]) -> list[list[Cell]]:
    """Give a row of cells for each scenario: the targets that are ``with_chances``, then, of several, the joint one."""
    labels = scenario_labels(answers)
    plan = answers[0].ensemble.scenario.plan
    if not answers[0].findings:
        raise FigureError("the heat map", [f"the plan {plan.name} has no targets"])
    order = [t.indicator for t in with_chances(answers)]
    return [_row(label, answer, order) for label, answer in zip(labels, answers, strict=True)]


def with_chances(answers: Sequence[Reach]) -> list[Target]:
    """Give the targets that have a probability under a scenario; if none has, all.

    Headline targets come first; in each group the likeliest in the first scenario does.
    """
    several = list(zip(*(a.findings for a in answers), strict=True))
    with_chance = [findings for findings in several if any(f.probability for f in findings)] or several

    def order(findings: Sequence[Finding]) -> tuple[bool, float]:
        chances = [f.probability.value for f in findings if f.probability]
        return findings[0].target.kind != "headline", -chances[0] if chances else 0.0

    return [findings[0].target for findings in sorted(with_chance, key=order)]


def by_chance(answers: Sequence[Reach]) -> list[Reach]:
    """Give the scenarios as rows: the base pair first, then by the joint probability, or by the mean of all."""

    def order(answer: Reach) -> tuple[int, float, float]:
        name, joint = answer.ensemble.scenario.name, answer.joint["measurable"]
        first = BASE_PAIR.index(name) if name in BASE_PAIR else len(BASE_PAIR)
        chances = [f.probability.value for f in answer.findings if f.probability]
        mean = sum(chances) / len(chances) if chances else 0.0
        return first, -joint.value if joint and answer.has_joint else 0.0, -mean

    return sorted(answers, key=order)


def _row(label: str, answer: Reach, order: Sequence[str]) -> list[Cell]:
    findings = {f.target.indicator: f.probability for f in answer.findings}
    chances = [(name, findings[name]) for name in order]
    if answer.has_joint:
        chances.append(("measurable", answer.joint["measurable"]))
    return [Cell(label, name, chance_text(p.value) if p else UNMODELLED, p) for name, p in chances]


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
    scenario_labels(answers)
    answers = by_chance(answers)
    rows, targets = cells(answers), with_chances(answers)
    headings = [_heading(t) for t in targets]
    silent = [say(f.target.label) for f in answers[0].findings if f.target not in targets]
    foot = [
        say(
            "Cells: share of draws that meet the target; bold, or a dot: {half} or more, likelier met than not.",
            half=chance_text(heat_map.HALF),
        )
    ]
    if answers[0].has_joint:
        headings.append(Heading(say("All that statistics measure, together"), apart=True))
    if silent:
        foot.append(say("Of these no probability is given: {targets}.", targets=after_another(silent)))
    if any(cell.probability is None for row in rows for cell in row):
        foot.append(say("–: no forecast under this scenario."))
    if any(t.unmeasurable for t in targets):
        foot.append(say("(a): no official statistic shows whether it is met."))
    titles = scenario_titles(answers)
    named = [(title, [_cell(cell) for cell in row]) for title, row in zip(titles, rows, strict=True)]
    frame = Frame(together(answers), subtitle(answers), f"{made_from(answers)}\n{sentences(*foot)}")
    return Drawing(partial(heat_map.figure, frame, headings, named, CUT_POINTS), table(rows))


def _heading(target: Target) -> Heading:
    place, share = target.unit == "rank", target.unit == "%"
    label = say(target.label) if share else headed(target.label, unit_of(target), place)
    asked = f"{sign(target.comparator)} {number_text(target.value)}{' %' * share}"
    return Heading(label + MARK * bool(target.unmeasurable), asked, group=str(target.kind == "headline"))


def _cell(cell: Cell) -> heat_map.Cell:
    chance = cell.probability
    return heat_map.Cell(cell.text, chance.value if chance else None, f"{cell.scenario} {cell.column}")
