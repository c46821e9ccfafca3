"""The targets of each case: the chance of each, of the headline targets together and of how many; and which are met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.forecast.targets import MEASURED, groups
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.experiments.page.columns import Cell, Column, cell, factor_columns
from fiveyear.experiments.page.text import one_line
from fiveyear.scenarios import Target

if TYPE_CHECKING:
    from ..results import Result, TargetsMet

ENDS = (0.05, 0.5, 0.95)
WORDS = {"measurable": MEASURED, "all": ""}
SEVERAL = ("joint", "number met")  # kinds of rows that speak of more than one target
NAMES = (
    "case", "scenario", "kind", "indicator", "label", "unit", "comparator", "target", "probability", "probability_low",
    "probability_high", "verdict", "p05", "median", "p95",
)  # fmt: skip


class Row(NamedTuple):
    """One thing that may come: of what kind, what it is, how likely, and how the draws of a target end."""

    kind: str
    indicator: str
    label: str
    unit: str
    comparator: str
    target: float | None
    chance: Probability | None  # None of what is no forecast
    verdict: str
    ends: Sequence[float] = (float("nan"),) * len(ENDS)


def joint_groups(targets: Sequence[Target]) -> dict[str, tuple[str, list[str]]]:
    """Give the groups of headline targets that are told together: those of more than one, each once, and its words."""
    by_name = {name: [t.indicator for t in group] for name, group in groups(targets).items()}
    if by_name["measurable"] == by_name["all"]:
        del by_name["measurable"]
    together = {name: by_name[name] for name in WORDS if len(by_name.get(name, ())) > 1}
    return {
        name: (f"the {len(group)} {WORDS[name]}, together" if WORDS[name] else f"all {len(group)}", group)
        for name, group in together.items()
    }


def table(result: Result) -> list[Column]:
    """Give the columns of all that may come, case by case: ``NAMES``, and the factors after the scenario.

    Kind ``headline``, ``monitoring`` or ``directional``: a target of the plan, with p05, median and p95 of its
    indicator when they fall due, empty if each year must meet it. Kind ``joint``: headline targets together. Kind
    ``number met``: so many of them. The ends of an interval are those of the Monte Carlo error, at 90 %.
    """
    ends: dict[int, dict[str, list[float]]] = {}
    for s in result.statistics(ENDS, [result.description.due]):
        ends.setdefault(s.case, {})[s.indicator] = list(s.quantiles.values())
    rows = [(case, row) for case in result.targets() for row in _rows(case, result.plan_targets, ends[case.case])]
    chances = [row.chance for _, row in rows]
    cells: dict[str, tuple[str, list[Cell]]] = {
        "kind": ("what may come", [row.kind for _, row in rows]),
        "indicator": ("name of the indicator", [one_line(row.indicator) for _, row in rows]),
        "label": ("what it is called", [one_line(row.label) for _, row in rows]),
        "unit": ("unit of target, p05, median, p95", [one_line(row.unit) for _, row in rows]),
        "comparator": ("how the target is met", [row.comparator for _, row in rows]),
        "target": ("the target", [cell(row.target) for _, row in rows]),
        "probability": ("share of the draws; empty of what is no forecast", [cell(c and c.value) for c in chances]),
        "probability_low": ("5 % end of its Monte Carlo error", [cell(c and c.low) for c in chances]),
        "probability_high": ("95 % end of its Monte Carlo error", [cell(c and c.high) for c in chances]),
        "verdict": ("the probability in words", [row.verdict for _, row in rows]),
        **{
            name: (f"{meaning} in the year when targets fall due", [cell(row.ends[place]) for _, row in rows])
            for place, (name, meaning) in enumerate(
                (("p05", "5th percentile"), ("median", "median"), ("p95", "95th percentile"))
            )
        },
    }
    return [
        *_of_cases([case for case, _ in rows], NAMES),
        *(Column(name, meaning, of_rows) for name, (meaning, of_rows) in cells.items()),
    ]


def together(result: Result) -> list[Column]:
    """Give the columns of which targets are met together: a row a case and combination, with its share of the draws.

    The column of a target, by its indicator, is 1 where it is met and 0 where it is missed.
    """
    targets = [t.indicator for t in result.plan_targets]
    rows = [(case, met, draws) for case in result.targets() for met, draws in case.together.items()]
    return [
        *_of_cases([case for case, _, _ in rows], {"case", "scenario", "draws", "share", *targets}),
        *(Column(n, f"whether the target of {n} is met", [int(n in met) for _, met, _ in rows]) for n in targets),
        Column("draws", "draws that meet these targets and no others", [draws for _, _, draws in rows]),
        Column("share", "their share of the draws of the case", [draws / case.draws for case, _, draws in rows]),
    ]


def _of_cases(cases: Sequence[TargetsMet], taken: Sequence[str] | set[str]) -> list[Column]:
    return [
        Column("case", "number of the case", [case.case for case in cases]),
        Column("scenario", "scenario", [one_line(case.scenario) for case in cases]),
        *factor_columns([case.factors for case in cases], taken),
    ]


def _rows(case: TargetsMet, targets: Sequence[Target], ends: dict[str, list[float]]) -> Iterator[Row]:
    for t in targets:
        chance = None if case.probability(t.indicator) is None else case.chance(lambda met, n=t.indicator: n in met)  # type: ignore[misc]
        about = t.kind, t.indicator, t.label, t.unit, t.comparator, t.value
        yield Row(*about, chance, case.verdict(t), *([] if t.every_year else [ends[t.indicator]]))
    for name, (words, group) in joint_groups(targets).items():
        of_all = case.chance(set(group).issubset)
        yield Row("joint", name, words, "", "", None, of_all, verdict(of_all.value))
    headline = {t.indicator for t in targets if t.kind == "headline"}
    for number in range(len(headline) + 1) if headline else ():
        chance = case.chance(lambda met, number=number: len(headline & set(met)) == number)  # type: ignore[misc]
        label = f"{number} of the {len(headline)} headline targets"
        yield Row("number met", f"number_met_{number}", label, "", "", None, chance, verdict(chance.value))
