"""How ``fiveyear store show`` says what a result holds, in the words of ``fiveyear reach``: a table, or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fiveyear.experiments.console.terminal import Column, columns_text, folded, number_text, share_text, text_width
from fiveyear.experiments.forecast.targets import groups
from fiveyear.experiments.forecast.verdicts import met_text
from fiveyear.scenarios import Target

from .results import Result, TargetsMet

HEADING = 18  # characters of a line of a heading
JOINT = {"measurable": "that statistics measure", "all": ""}


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
            "set_to": dict(case.set_to),
            "verdict": {t.indicator: case.verdict(t) for t in targets},
            "joint": {n: case.jointly(members) for n, members in _groups(targets, case).items()},
        }
        for case in result.targets()
    ]
    print(json.dumps({"schema": "fiveyear.store-show/1", "cases": rows}, ensure_ascii=False, indent=2))


def print_table(result: Result) -> None:
    """Print a row for each case: its factors, the probability of each target, and of the headline targets together."""
    targets, cases = result.plan_targets, list(result.targets())
    factors = list(dict.fromkeys(key for case in cases for key in case.factors))
    columns = [Column(key, [str(case.factors.get(key, "")) for case in cases]) for key in factors]
    for target in targets:
        heading = folded(f"{target.heading} {target.comparator} {number_text(target.value)}", HEADING)
        columns.append(Column(heading, [_cell(case, target) for case in cases]))
    for name, words in JOINT.items() if cases else ():
        members = _groups(targets, cases[0])[name]
        if len(members) > 1 and (name == "all" or members != _groups(targets, cases[0])["all"]):
            heading = folded(f"the {len(members)} {words}, together" if words else f"all {len(members)}", HEADING)
            columns.append(Column(heading, [_joint(case, members) for case in cases]))
    first = Column("P in scenario", [case.scenario for case in cases], left=True)
    print(columns_text(first, columns, text_width()))


def _groups(targets: Sequence[Target], case: TargetsMet) -> dict[str, list[str]]:
    return {name: [t.indicator for t in group] for name, group in groups(targets, case.set_to).items()}


def _cell(case: TargetsMet, target: Target) -> str:
    chance = case.probability(target.indicator)
    return case.verdict(target) if chance is None else share_text(chance)


def _joint(case: TargetsMet, members: Sequence[str]) -> str:
    chance = case.jointly(members)
    if chance is None:
        return met_text(True)
    return share_text(chance, certain=any(n in case.set_to and not case.met[n] for n in members))
