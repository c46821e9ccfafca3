"""The files of ``fiveyear validate --out``: the checks as a table, and the reporting checklist."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.page import markdown
from fiveyear.experiments.page.comma_separated import write_table

from . import checklist
from .validate import Validation

TABLE, CHECKLIST = "checks.csv", "checklist.md"


def write(validation: Validation, out: Path) -> None:
    """Write the table of checks and the checklist; raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        files.write_whole(folder / TABLE, partial(write_table, [r.as_dict() for r in validation.results]))
        text = markdown.written(checklist.listing(validation.answers, validation.head))
        files.write_whole(folder / CHECKLIST, lambda path: path.write_text(text, encoding="utf-8"))
