"""The files of ``fiveyear validate --out``: the checks as a table, and the reporting checklist."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.page import comma_separated, markdown
from fiveyear.experiments.page.columns import Column, cell

from . import checklist
from .validate import Result, Validation

TABLE, CHECKLIST = "checks.csv", "checklist.md"


def write(validation: Validation, out: Path) -> None:
    """Write the table of checks and the checklist; raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        files.write_whole(folder / TABLE, partial(_write_table, validation.results))
        text = markdown.written(checklist.listing(validation.answers, validation.head))
        files.write_whole(folder / CHECKLIST, lambda path: path.write_text(text, encoding="utf-8"))


def _write_table(results: Sequence[Result], file: Path) -> None:
    rows = [r.as_dict() for r in results]
    comma_separated.write([Column(name, "", [cell(row[name]) for row in rows]) for name in rows[0]], file)
