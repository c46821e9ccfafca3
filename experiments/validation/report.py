"""How ``fiveyear validate`` says what holds: tables for a reader, or one JSON object."""

from __future__ import annotations

import json
import re

from fiveyear.experiments.console.terminal import Column, columns_text, folded, print_text, text_width
from fiveyear.model.labels import in_words, label

from .check import Figure
from .criteria import GROUPS
from .validate import Validation

WORST_WIDTH = 42  # columns, for what stands worst


def print_json(validation: Validation) -> None:
    """Print one JSON object: every check, and every item of the checklist."""
    content = {
        "schema": "fiveyear.validate/1",
        **validation.head,
        "checks": [r.as_dict() for r in validation.results],
        "failed": [r.check.name for r in validation.failed],
        "checklist": [a.as_dict() for a in validation.answers],
    }
    print(json.dumps(content, ensure_ascii=False, allow_nan=False))


def print_tables(validation: Validation) -> None:
    """Print the checks group by group, what fails and what it means, and what the checklist lacks."""
    evidence, results, answers = validation.evidence, validation.results, validation.answers
    print_text(f"{evidence.plan.title}, facts of {evidence.information_set}")
    for group, question in GROUPS.items():
        rows = [r for r in results if r.check.group == group]
        print(f"\n{question}")
        columns = [
            Column("figure", [_figure_text(r.figure) for r in rows]),
            Column("threshold", [r.check.threshold for r in rows]),
            Column("unit", [r.check.unit for r in rows], left=True),
            Column("verdict", [r.verdict for r in rows], left=True),
            Column("worst", [folded(_in_words(r.figure.at) if r.figure else "", WORST_WIDTH) for r in rows], left=True),
        ]
        print(columns_text(Column("check", [in_words(r.check.name) for r in rows], left=True), columns, text_width()))
    verdicts = [r.verdict for r in results]
    counts = [
        f"{verdicts.count(v)} {word}"
        for v, word in (("holds", "hold"), ("FAILS", "fail"), ("no input", "have no input in this plan"))
    ]
    print()
    print_text(f"{len(results)} checks: {', '.join(c for c in counts if not c.startswith('0 '))}")
    for r in validation.failed:
        comparison = f"Found {_figure_text(r.figure)}{_at(r.figure)}, expected {r.check.threshold}."
        print_text(f"FAILS {in_words(r.check.name)}: {r.check.tests} {comparison} It means: {r.check.means}.")
    unmet = [a for a in answers if not a.met]
    print_text(
        f"Reporting checklist (Rahmandad & Sterman 2012): {len(answers) - len(unmet)} of {len(answers)} met;"
        f" --out DIR writes it{''.join(f'. Not met: {a.item.asks} ({a.says})' for a in unmet)}"
    )


def _at(figure: Figure | None) -> str:
    return f" ({_in_words(figure.at)})" if figure and figure.at else ""


def _in_words(text: str) -> str:
    """Give a text with labels for names of the code.

    >>> _in_words("outside: sci_papers 2006, rd_intensity 2008")
    'outside: SCI papers 2006, R&D / GDP 2008'
    """
    return re.sub(r"[a-z]+(?:_[a-z0-9]+)+", lambda name: label(name[0]), text)


def _figure_text(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.value:.3g}"
