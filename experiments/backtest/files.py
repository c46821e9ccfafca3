"""The files of ``fiveyear backtest --out``: scores, a page and figures, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.page.comma_separated import write_records
from fiveyear.experiments.page.figure import files as of_figure

from . import bands, report, skills
from .backtest import Backtest
from .looks import Look

SCORES, PAGE, SUMMARY = "backtest_scores.csv", "backtest.md", "backtest_summary.json"
PICTURES = {
    "backtest_bands.png": "The projections of each series, and what came",
    "backtest_skills.png": "Skill, width of the bands, and coverage",
}


def names() -> Iterator[str]:
    """Yield what the files are called."""
    yield from (SCORES, PAGE, SUMMARY, *(f.name for picture in PICTURES for f in of_figure(Path(picture))))


def write(evaluation: Backtest, seen: Sequence[Look], command: str, out: Path) -> None:
    """Write all files; ``command`` is what the page says it was made by. Raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        files.write_whole(folder / SCORES, partial(write_records, [s.as_dict() for s in evaluation.scores]))
        for name, draw in zip(PICTURES, (bands.draw, skills.draw), strict=True):
            draw(evaluation, folder / name)
        text = report.page(evaluation, seen, command, PICTURES)
        files.write_whole(folder / PAGE, lambda path: path.write_text(text, encoding="utf-8"))
        summary = json.dumps(report.summary(evaluation), indent=2) + "\n"
        files.write_whole(folder / SUMMARY, lambda path: path.write_text(summary, encoding="utf-8"))
