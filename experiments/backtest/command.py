"""``fiveyear backtest``: fit to an origin, project, score."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files

from . import looks, report
from .backtest import backtest, read_later
from .looks import Look
from .method import at_origin

SCORES, PAGE = "backtest_scores.csv", "backtest.md"
PICTURES = {
    "backtest_bands.png": "The projections of each series, and what came",
    "backtest_skills.png": "Skill, width of the bands, and coverage",
}


def run(
    plan: str,
    origin: int | None,
    horizon: int | None,
    scored: Path | None,
    information_set: str | None,
    draws: int,
    seed: int,
    look: str | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Score a plan's method from an origin, put the look on record, and print or write what was found."""
    if out is not None:
        files.folder(out)
        files.refuse_existing([out / n for n in _names()], force)
    method = at_origin(plan, origin, horizon, information_set, seed)
    evaluation = backtest(method, read_later(method, scored), draws)
    seen = looks.have(
        looks.LEDGER,
        Look(
            dt.date.today().isoformat(),
            method.plan.name,
            method.plan.base_year,
            len(method.years),
            method.fingerprint,
            evaluation.facts_fingerprint,
            look or "",
        ),
    )
    if as_json:
        report.print_json(evaluation, seen)
    else:
        report.print_tables(evaluation, seen)
    if out is None:
        return
    from . import bands, skills

    with files.together(out) as folder:
        files.write_whole(folder / SCORES, partial(report.write_scores, evaluation))
        for name, draw in zip(PICTURES, (bands.draw, skills.draw), strict=True):
            draw(evaluation, folder / name)
        given = {"origin": origin, "horizon": horizon, "scored": scored, "facts": information_set}
        options = "".join(f" --{option} {value}" for option, value in given.items() if value is not None)
        text = report.page(evaluation, seen, f"fiveyear backtest --plan {plan}{options} --out DIR", PICTURES)
        files.write_whole(folder / PAGE, lambda path: path.write_text(text, encoding="utf-8"))
    if not as_json:
        print(f"written: {', '.join(str(out / n) for n in _names())}")


def _names() -> list[str]:
    from fiveyear.experiments.page.figure import files as of_figure

    return [SCORES, PAGE, *(f.name for picture in PICTURES for f in of_figure(Path(picture)))]
