"""``fiveyear validate``: run the programme, say what holds and what does not, and write both down."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fiveyear.experiments.console import files
from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.console.terminal import Column, columns_text, folded, print_text, text_width
from fiveyear.experiments.page import comma_separated, markdown
from fiveyear.experiments.page.columns import Column as TableColumn
from fiveyear.experiments.page.columns import cell
from fiveyear.model import ModelError

from . import checklist
from .check import Check, Figure
from .criteria import GROUPS, PROGRAMME
from .subject import Subject

TABLE, CHECKLIST = "checks.csv", "checklist.md"
WORST_WIDTH = 60  # columns, for what stands worst


@dataclass(frozen=True)
class Result:
    """What a check found; no figure where the plan lacks what it is about."""

    check: Check
    figure: Figure | None

    @property
    def verdict(self) -> str:
        """In a word: "holds", "FAILS", or "no input"."""
        if self.figure is None:
            return "no input"
        return "holds" if self.check.holds(self.figure) else "FAILS"

    def as_dict(self) -> dict[str, Any]:
        """Give the row, ready for JSON."""
        check, figure = self.check, self.figure
        return {
            "group": check.group,
            "check": check.name,
            "tests": check.tests,
            "figure": figure.value if figure and math.isfinite(figure.value) else None,
            "unit": check.unit,
            "threshold": check.threshold,
            "verdict": self.verdict,
            "worst": figure.at if figure else "",
            "means_if_it_fails": check.means,
            "source": check.source,
        }


def run(subject: object, checks: Sequence[Check], progress: Callable[[int], None]) -> list[Result]:
    """Measure a subject by each check; what cannot even be computed fails with the reason why."""
    results = []
    for check in checks:
        try:
            figure = check.figure(subject)
        except ModelError as error:
            figure = Figure(math.nan, error.faults[0])
        results.append(Result(check, figure))
        progress(1)
    return results


def validate(plan: str, information_set: str | None, out: Path | None, force: bool, as_json: bool) -> bool:
    """Run the programme on a plan, print it, and write it to a folder; tell whether all of it holds.

    Raises ModelError if the plan, its facts or its posterior cannot be used, ExistsError or WriteError for the folder.
    """
    if out is not None:
        files.folder(out)
        files.refuse_existing([out / TABLE, out / CHECKLIST], force)
    subject = Subject(plan, information_set)
    evidence = subject.posterior.evidence  # what it rests on must hold before anything is measured
    with counter("checks", len(PROGRAMME)) as progress:
        results = run(subject, PROGRAMME, progress)
    answers = checklist.answers(subject)
    head = {"plan": evidence.plan.name, "facts": evidence.information_set}
    failed = [r for r in results if r.verdict == "FAILS"]
    if as_json:
        content = {
            "schema": "fiveyear.validate/1",
            **head,
            "checks": [r.as_dict() for r in results],
            "failed": [r.check.name for r in failed],
            "checklist": [a.as_dict() for a in answers],
        }
        print(json.dumps(content, ensure_ascii=False, allow_nan=False))
    else:
        _print(f"{evidence.plan.title}, facts of {evidence.information_set}", results, answers)
    if out is not None:
        with files.together(out) as folder:
            files.write_whole(folder / TABLE, partial(_write_table, results))
            text = markdown.written(checklist.listing(answers, head))
            files.write_whole(folder / CHECKLIST, lambda path: path.write_text(text, encoding="utf-8"))
        if not as_json:
            print_text(f"written: {out / TABLE}, {out / CHECKLIST}")
    return not failed


def _write_table(results: Sequence[Result], file: Path) -> None:
    rows = [r.as_dict() for r in results]
    comma_separated.write([TableColumn(name, "", [cell(row[name]) for row in rows]) for name in rows[0]], file)


def _print(title: str, results: Sequence[Result], answers: Sequence[checklist.Answer]) -> None:
    print_text(title)
    for group, question in GROUPS.items():
        rows = [r for r in results if r.check.group == group]
        print(f"\n{question}")
        columns = [
            Column("figure", [_figure_text(r.figure) for r in rows]),
            Column("threshold", [r.check.threshold for r in rows]),
            Column("unit", [r.check.unit for r in rows], left=True),
            Column("verdict", [r.verdict for r in rows], left=True),
            Column("worst", [folded(r.figure.at if r.figure else "", WORST_WIDTH) for r in rows], left=True),
        ]
        print(columns_text(Column("check", [r.check.name for r in rows], left=True), columns, text_width()))
    verdicts = [r.verdict for r in results]
    counts = [
        f"{verdicts.count(v)} {word}"
        for v, word in (("holds", "hold"), ("FAILS", "fail"), ("no input", "have no input in this plan"))
    ]
    print()
    print_text(f"{len(results)} checks: {', '.join(c for c in counts if not c.startswith('0 '))}")
    for r in results:
        if r.verdict == "FAILS":
            comparison = f"Found {_figure_text(r.figure)}{_at(r.figure)}, expected {r.check.threshold}."
            print_text(f"FAILS {r.check.name}: {r.check.tests} {comparison} It means: {r.check.means}.")
    unmet = [a for a in answers if not a.met]
    print_text(
        f"Reporting checklist (Rahmandad & Sterman 2012): {len(answers) - len(unmet)} of {len(answers)} met;"
        f" --out DIR writes it{''.join(f'. Not met: {a.item.asks} ({a.says})' for a in unmet)}"
    )


def _at(figure: Figure | None) -> str:
    return f" ({figure.at})" if figure and figure.at else ""


def _figure_text(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.value:.3g}"
