"""The command line: ``fiveyear COMMAND``. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from . import model_commands, scenario_commands
from .files import ExistsError, WriteError, remove_unfinished

BAD_INPUT, NOT_WRITTEN, INTERRUPTED, TERMINATED = 2, 74, 130, 143

app = typer.Typer(
    name="fiveyear",
    help="Say whether a five-year plan's targets are reachable, and with what probability.",
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(scenario_commands.app, name="scenario")
app.add_typer(model_commands.app, name="model")


class MethodName(StrEnum):
    """How the model is integrated."""

    RK4 = "rk4"
    EULER = "euler"


Scenarios = Annotated[list[str] | None, typer.Argument(metavar="SCENARIO", help="Shipped names or .toml files.")]
Draws = Annotated[int, typer.Option("--draws", min=1, max=1_000_000, help="How many draws.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")]
Facts = Annotated[
    str | None,
    typer.Option("--facts", help="Information set: what had been published when; default: the plan's first."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the scenario.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what exists.")]


@app.command("reach")
def reach_command(
    scenarios: Scenarios = None,
    draws: Draws = 20_000,
    seed: Seed = 2011,
    facts: Facts = None,
    settings: Settings = None,
    decompose: Annotated[
        bool, typer.Option("--decompose", help="Say how much parameters, discrepancy and growth each make uncertain.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write data, tables and figures there.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Give every target of the plan with its probability, under scenarios (default: plan and behavioural)."""
    from . import reach_files, reach_report
    from .progress import counter

    ensembles = _ensembles(scenarios or ["plan", "behavioural"], settings, facts, seed)
    if out is not None:
        _require_path(out)
        reach_files.prepare(ensembles, out, force)
    from .reach import reach
    from .uncertainty import WAYS, three_ways

    found, ways = [], []
    for ensemble in ensembles:
        with counter(f"{ensemble.scenario.name}: draws", draws * (len(WAYS) if decompose else 1)) as count:
            found.append(reach(ensemble, draws, progress=count))
            ways.append(three_ways(found[-1], progress=count) if decompose else {})
    if as_json:
        reach_report.print_json(found, ways)
    else:
        reach_report.print_tables(found, ways)
    if out is not None:
        written = reach_files.write(found, out)
        if not as_json:
            typer.echo(f"written: {', '.join(str(f) for f in written)}")


@app.command("run")
def run_command(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a .toml file.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.nc", help="The netCDF file to write.")],
    draws: Draws = 20_000,
    draw: Annotated[
        str | None,
        typer.Option(
            "--draw", metavar="median|I", help="A single run in place of --draws: the model alone, without discrepancy."
        ),
    ] = None,
    method: Annotated[MethodName, typer.Option("--method", help="How to integrate.")] = MethodName.RK4,
    step: Annotated[float, typer.Option("--step", min=1e-4, max=1.0, help="Longest step, in years.")] = 0.125,
    every_step: Annotated[bool, typer.Option("--every-step", help="Keep all steps of a single run.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="NAME,...", help="Variables to keep besides the indicators, or all."),
    ] = None,
    seed: Seed = 2011,
    facts: Facts = None,
    settings: Settings = None,
    force: Force = False,
) -> None:
    """Run a scenario and write the draws to a file."""
    from . import run
    from .files import refuse_existing

    _require_path(out)
    (ensemble,) = _ensembles([scenario], settings, facts, seed)
    refuse_existing([out], force)
    names = [name.strip() for names in keep or [] for name in names.split(",") if name.strip()]
    run.run(ensemble, out, draws, draw, method.value, step, every_step, names)
    typer.echo(f"written: {out}")


@app.command("compare")
def compare_command(
    first: Annotated[str, typer.Argument(metavar="SCENARIO", help="The scenario to compare with.")],
    others: Annotated[list[str], typer.Argument(metavar="OTHER", help="The scenarios to compare.")],
    draws: Draws = 20_000,
    seed: Seed = 2011,
    facts: Facts = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Set scenarios side by side, draw by draw on the same random numbers."""
    from . import compare

    compare.compare(_ensembles([first, *others], settings, facts, seed), draws, as_json)


@app.command("calibrate")
def calibrate_command(
    plans: Annotated[
        list[str] | None, typer.Option("--plan", metavar="PLAN", help="Plans whose model is fitted; all by default.")
    ] = None,
    facts: Annotated[
        list[str] | None, typer.Option("--facts", metavar="SET", help="Information sets; all by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit the parameters to the facts, print the fit, and keep the posterior."""
    from fiveyear.scenarios import plan_names

    from . import calibrate

    calibrate.calibrate(plans or list(plan_names()), facts or [], as_json)


def _require_path(out: Path) -> None:
    if out == Path():
        raise typer.BadParameter("--out: expected a path other than the current folder")


def _ensembles(names: list[str], settings: list[str] | None, facts: str | None, seed: int) -> list[Any]:
    from fiveyear.scenarios import load_scenario

    from .ensemble import ensemble

    scenarios = [load_scenario(name, settings or ()) for name in names]
    twice = sorted({s.name for s in scenarios if sum(s.name == other.name for other in scenarios) > 1})
    if twice:
        raise typer.BadParameter(f"two scenarios are called {', '.join(twice)}: results go by the name of the file")
    return [ensemble(scenario, facts, seed) for scenario in scenarios]


def _end(number: int, _: object) -> None:
    """End at once on a signal, with nothing half-written left; an exception could get lost on its way out."""
    remove_unfinished()
    print("interrupted" if number == signal.SIGINT else "terminated", file=sys.stderr, flush=True)
    os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)


def main() -> None:
    """Run the command line; a user's mistake ends in a message and an exit code, never in a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except (ExistsError, WriteError, OSError, MemoryError, ValueError) as error:
        sys.exit(_told(error))


def _told(error: Exception) -> int:
    """Say what is wrong in a message and give the exit code; raise what is no user's mistake again."""
    from fiveyear.model.errors import ModelError

    if isinstance(error, OSError):  # of standard output, which must not fail a second time when Python ends
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 0  # the reader has had enough
    elif isinstance(error, ValueError) and not isinstance(error, ModelError):
        raise error
    print("too little memory: ask for fewer draws" if isinstance(error, MemoryError) else error, file=sys.stderr)
    return BAD_INPUT if isinstance(error, ExistsError | ModelError) else NOT_WRITTEN
