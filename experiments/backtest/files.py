"""The files of ``fiveyear backtest --out``: scores, a page and figures, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.page.comma_separated import write_records
from fiveyear.experiments.page.figure import files as of_figure
from fiveyear.experiments.page.figure import write_files

from . import bands, report, scoreboard_figure, scoreboard_report, skills
from .backtest import Backtest
from .looks import Look
from .scoreboard import Scoreboard

SCORES, PAGE = "backtest_scores.csv", "backtest.md"
PICTURES = {
    "backtest_bands.png": "The projections of each series, and what came",
    "backtest_skills.png": "Skill, width of the bands, and coverage",
}

BOARD_SCORES, BOARD_PAGE, BOARD_SUMMARY = "scoreboard_scores.csv", "scoreboard.md", "scoreboard_summary.json"
BOARD_PICTURES = {"scoreboard.png": "Errors, coverage and scores by how far ahead the forecast looks"}


def names() -> Iterator[str]:
    """Yield what the files are called."""
    yield from (SCORES, PAGE, *(f.name for picture in PICTURES for f in of_figure(Path(picture))))


def write(evaluation: Backtest, seen: Sequence[Look], command: str, out: Path) -> None:
    """Write all files; ``command`` is what the page says it was made by. Raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        files.write_whole(folder / SCORES, partial(write_records, [s.as_dict() for s in evaluation.scores]))
        for name, drawing in zip(PICTURES, (bands.drawing, skills.drawing), strict=True):
            write_files(folder / name, *drawing(evaluation))
        text = report.page(evaluation, seen, command, PICTURES)
        files.write_whole(folder / PAGE, lambda path: path.write_text(text, encoding="utf-8"))


def board_names() -> Iterator[str]:
    """Yield what the files of a scoreboard are called."""
    pictures = (f.name for picture in BOARD_PICTURES for f in of_figure(Path(picture)))
    yield from (BOARD_SCORES, BOARD_PAGE, BOARD_SUMMARY, *pictures)


def write_board(board: Scoreboard, seen: Sequence[Look], command: str, out: Path) -> None:
    """Write all files of a scoreboard; ``command`` is what the page says it was made by. Raises WriteError likewise."""
    with files.together(out) as folder:
        files.write_whole(folder / BOARD_SCORES, partial(write_records, list(scoreboard_report.rows(board))))
        for name in BOARD_PICTURES:
            write_files(folder / name, *scoreboard_figure.drawing(board))
        text = scoreboard_report.page(board, seen, command, BOARD_PICTURES)
        files.write_whole(folder / BOARD_PAGE, lambda path: path.write_text(text, encoding="utf-8"))
        summary = json.dumps(scoreboard_report.summary(board), indent=2) + "\n"
        files.write_whole(folder / BOARD_SUMMARY, lambda path: path.write_text(summary, encoding="utf-8"))
