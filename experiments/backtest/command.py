"""``fiveyear backtest``: fit to an origin, project, score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options


def backtest_command(
    plan: Annotated[str, options.plan("The plan whose method is scored.")] = options.BACKTESTED,
    origin: Annotated[
        int | None, typer.Option("--origin", metavar="YEAR", help="Last year that is fitted; default: the base year.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option("--horizon", metavar="YEARS", help="Years projected; default: to the plan's end.")
    ] = None,
    scored: Annotated[
        Path | None,
        typer.Option("--scored", metavar="FILE", help="Later facts to score with; default: those of the next plan."),
    ] = None,
    facts: options.Facts = None,
    draws: options.Draws = options.DRAWS,
    seed: options.Seed = options.SEED,
    look: Annotated[
        str | None,
        typer.Option("--look", metavar="TEXT", help="Put a new look at scores on record, and what has changed since."),
    ] = None,
    out: Annotated[Path | None, options.out("Write scores, a page and figures there.")] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Fit to the facts up to a year, project, and score it against later facts, beside rival forecasts."""
    from . import files as backtest_files
    from . import looks, report
    from .on_record import backtest

    with files.results(out, force, backtest_files.names(), quiet=as_json):
        evaluation = backtest(
            plan, origin=origin, horizon=horizon, scored=scored, facts=facts, draws=draws, seed=seed, look=look
        )
        seen = looks.have(looks.LEDGER, looks.at(evaluation, ""))  # this one is on record by now
        (report.print_json if as_json else report.print_tables)(evaluation, seen)
        if out is not None:
            stated = {"origin": origin, "horizon": horizon, "scored": scored, "facts": facts}
            words = "".join(f" --{option} {value}" for option, value in stated.items() if value is not None)
            backtest_files.write(evaluation, seen, f"fiveyear backtest --plan {plan}{words} --out DIR", out)
