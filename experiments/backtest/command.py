"""``fiveyear backtest``: fit to an origin, project, score."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options


def backtest_command(
    plan: Annotated[str, options.plan("The plan whose method is scored.")] = options.BACKTESTED,
    origin: Annotated[
        int | None, typer.Option("--origin", metavar="YEAR", help="Last year that is fitted; default: the base year.")
    ] = None,
    origins: Annotated[
        str | None,
        typer.Option("--origins", metavar="YEAR-YEAR", help="Score from each of these years, by horizon (10 minutes)."),
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
    if origins is not None:
        from fiveyear.model.errors import InputError

        alone = {"--origin": origin, "--horizon": horizon, "--scored": scored}
        if beside := [name for name, value in alone.items() if value is not None]:
            raise InputError("--origins", [f"{beside[0]} goes with one origin only: leave one of the two out"])
        _score_board(plan, _years(origins), facts, draws, seed, look, out, force, as_json)
        return
    from . import files as backtest_files
    from . import looks, report
    from .on_record import backtest

    with files.results(out, force, backtest_files.names(), quiet=as_json):
        evaluation = backtest(
            plan, origin=origin, horizon=horizon, scored=scored, facts=facts, draws=draws, seed=seed, look=look
        )
        seen = looks.have(looks.ledger(plan), looks.at(evaluation, ""))  # this one is on record by now
        (report.print_json if as_json else report.print_tables)(evaluation, seen)
        if out is not None:
            stated = {"origin": origin, "horizon": horizon, "scored": scored, "facts": facts}
            words = "".join(f" --{option} {value}" for option, value in stated.items() if value is not None)
            backtest_files.write(evaluation, seen, f"fiveyear backtest --plan {plan}{words} --out DIR", out)


def _years(written: str) -> range:
    """Read "2003-2009"; raises InputError for anything but a year and a later one."""
    from fiveyear.model.errors import Fault, InputError
    from fiveyear.scenarios.errors import shown

    years = re.fullmatch("([0-9]{4})-([0-9]{4})", written)
    if years is None or not int(years[1]) < int(years[2]):
        fault = Fault("", found=shown(written), expected="two years, the earlier first, such as 2003-2009")
        raise InputError("--origins", [fault])
    return range(int(years[1]), int(years[2]) + 1)


def _score_board(
    plan: str,
    years: range,
    facts: str | None,
    draws: int,
    seed: int,
    look: str | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    from fiveyear.experiments.console.progress import counter

    from . import files as backtest_files
    from . import looks, scoreboard_report
    from .on_record import scoreboard

    with files.results(out, force, backtest_files.board_names(), quiet=as_json):
        with counter("scoreboard: origins", len(years)) as count:
            board = scoreboard(plan, origins=years, facts=facts, draws=draws, seed=seed, look=look, progress=count)
        seen = [s for s in looks.have(looks.ledger(plan), looks.at(board, "")) if s.origin == board.name]
        (scoreboard_report.print_json if as_json else scoreboard_report.print_tables)(board, seen)
        if out is not None:
            words = f" --facts {facts}" if facts else ""
            command = f"fiveyear backtest --plan {plan} --origins {board.name}{words} --out DIR"
            backtest_files.write_board(board, seen, command, out)
