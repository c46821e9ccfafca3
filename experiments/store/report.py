"""How ``fiveyear store show`` says what a result holds, in the words of ``fiveyear reach``: a table, or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from fiveyear.experiments.console.terminal import (
    Column,
    columns_text,
    folded,
    number_text,
    print_text,
    share_text,
    text_width,
)
from fiveyear.experiments.forecast.targets import groups
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.scenarios import Target

from .factors import Swing, swings
from .results import Result, TargetsMet
from .tables.targets import joint_groups

HEADING = 18  # characters of a line of a heading
HARDLY, MOST = 0.01, 12  # of chance, that is worth a line; lines of what moves most


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
        for case in result.of_cases
    ]
    factors = [{**asdict(swing), "crosses_a_verdict": swing.crosses} for swing in swings(result)]
    content = {"schema": "fiveyear.store-show/1", "cases": rows, "factors": factors}
    print(json.dumps(content, ensure_ascii=False, indent=2))


def print_table(result: Result) -> None:
    """Print a row for each case: its factors, the probability of each target, and of the headline targets together."""
    targets, of_cases = result.plan_targets, result.description.cases
    factors = dict.fromkeys(key for case in of_cases for key in case.factors)
    headings = [f"{t.heading} {t.comparator} {number_text(t.value)}" for t in targets]
    together = joint_groups(targets).values()
    headings += [words for words, _ in together]
    rows = [
        [*(_cell(case, t) for t in targets), *(share_text(case.jointly(group)) for _, group in together)]
        for case in result.of_cases
    ]
    columns = [
        Column(key.replace(".", ".\n"), [str(case.factors.get(key, "")) for case in of_cases], names_rows=True)
        for key in factors
    ]
    columns += [Column(folded(h, HEADING), [row[n] for row in rows]) for n, h in enumerate(headings)]
    print(columns_text(Column("P in scenario", [case.scenario for case in of_cases], left=True), columns, text_width()))
    if visible := [swing for swing in swings(result) if swing.size >= HARDLY]:
        print(f"\n{columns_text(*_ranked(visible[:MOST]), text_width())}")
        if visible[MOST:]:
            print_text(f"{len(visible[MOST:])} smaller ones: --json.")


def _ranked(ranked: Sequence[Swing]) -> tuple[Column, list[Column]]:
    """Give what moves most, the largest first; each in the mean over all that the other factors take."""
    return Column("what moves the chance of", [swing.label for swing in ranked], left=True), [
        Column("factor", [swing.factor for swing in ranked], left=True),
        Column("from", [f"{share_text(swing.least)} at {swing.at_least}" for swing in ranked], left=True),
        Column("to", [f"{share_text(swing.most)} at {swing.at_most}" for swing in ranked], left=True),
        Column("verdict", [_words(swing) for swing in ranked], left=True),
    ]


def _words(swing: Swing) -> str:
    low, high = verdict(swing.least), verdict(swing.most)
    return f"{low} -> {high}" if swing.crosses else low


def _cell(case: TargetsMet, target: Target) -> str:
    chance = case.probability(target.indicator)
    return case.verdict(target) if chance is None else share_text(chance)
