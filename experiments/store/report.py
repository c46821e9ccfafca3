"""How ``fiveyear store show`` says what a result holds, in the words of ``fiveyear reach``: a table, or JSON."""

from __future__ import annotations

import json

from fiveyear.experiments.console.terminal import Column, columns_text, folded, number_text, share_text, text_width
from fiveyear.experiments.forecast.targets import groups
from fiveyear.scenarios import Target

from .results import Result, TargetsMet
from .tables.targets import joint_groups

HEADING = 18  # characters of a line of a heading


def print_json(result: Result) -> None:
    """Print one JSON object: for each case, what is said of each target, and of the headline targets together."""
    targets = result.plan_targets
    rows = [
        {
            "case": case.case,
            "scenario": case.scenario,
            "factors": dict(case.factors),
            "draws": case.draws,
            "probability": {t.indicator: case.probability(t.indicator) for t in targets},
            "verdict": {t.indicator: case.verdict(t) for t in targets},
            "joint": {
                n: case.jointly([t.indicator for t in members]) if members else None
                for n, members in groups(targets).items()
            },
        }
        for case in result.targets()
    ]
    print(json.dumps({"schema": "fiveyear.store-show/1", "cases": rows}, ensure_ascii=False, indent=2))


def print_table(result: Result) -> None:
    """Print a row for each case: its factors, the probability of each target, and of the headline targets together."""
    targets, of_cases = result.plan_targets, result.description.cases
    factors = dict.fromkeys(key for case in of_cases for key in case.factors)
    headings = [f"{t.heading} {t.comparator} {number_text(t.value)}" for t in targets]
    together = joint_groups(targets).values()
    headings += [words for words, _ in together]
    rows = [
        [*(_cell(case, t) for t in targets), *(share_text(case.jointly(group)) for _, group in together)]
        for case in result.targets()
    ]
    columns = [
        Column(key.replace(".", ".\n"), [str(case.factors.get(key, "")) for case in of_cases], names_rows=True)
        for key in factors
    ]
    columns += [Column(folded(h, HEADING), [row[n] for row in rows]) for n, h in enumerate(headings)]
    print(columns_text(Column("P in scenario", [case.scenario for case in of_cases], left=True), columns, text_width()))


def _cell(case: TargetsMet, target: Target) -> str:
    chance = case.probability(target.indicator)
    return case.verdict(target) if chance is None else share_text(chance)
