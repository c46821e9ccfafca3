"""The command line: ``fiveyear COMMAND``. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import options, printing, progress, streams
from fiveyear.experiments.console.files import ExistsError, WriteError, remove_unfinished
from fiveyear.experiments.forecast import command as scenario_commands
from fiveyear.experiments.programmes import command as programme_commands
from fiveyear.experiments.store import command as store_commands
from fiveyear.experiments.structure import command as model_commands

CHECK_FAILED, BAD_INPUT, NOT_WRITTEN, INTERRUPTED, TERMINATED = 1, 2, 74, 130, 143

app = options.App("Say whether a five-year plan's targets are reachable, and with what probability.", "fiveyear")
app.add_typer(scenario_commands.app, name="scenario")
app.add_typer(model_commands.app, name="model")
app.add_typer(store_commands.app, name="store")
app.add_typer(programme_commands.app, name="programmes")


Scenarios = Annotated[list[str] | None, typer.Argument(metavar="SCENARIO", help="Shipped names or .toml files.")]
Draws = Annotated[int, typer.Option("--draws", min=1, max=1_000_000, help="How many draws.")]


@app.command("reach")
def reach_command(
    scenarios: Scenarios = None,
    draws: Draws = 20_000,
    seed: options.Seed = options.SEED,
    facts: options.SeveralFacts = None,
    vintages: options.Vintages = None,
    settings: options.Settings = None,
    decompose: Annotated[
        bool, typer.Option("--decompose", help="Say how much parameters, discrepancy and growth each make uncertain.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write data, tables and figures there.")
    ] = None,
    engine: options.Engine = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Give every target of the plan with its probability, under scenarios (default: plan and behavioural)."""
    from fiveyear.experiments.console.progress import counter
    from fiveyear.experiments.reach import files as reach_files
    from fiveyear.experiments.reach import report as reach_report

    names = scenarios or ["plan", "behavioural"]
    from .forecast.selection import ensembles_by_facts

    by_set = ensembles_by_facts(names, settings, facts, vintages, seed, engine)
    if out is not None:
        options.require_path(out)
        for information_set, ensembles in by_set.items():
            reach_files.prepare(ensembles, out / information_set if len(by_set) > 1 else out, force)
        for note in reach_files.notes([e for ensembles in by_set.values() for e in ensembles]):
            typer.echo(f"note: {note}", err=True)
    from fiveyear.experiments.forecast.inert import of_scenario
    from fiveyear.experiments.reach.answer import Reach, reach
    from fiveyear.experiments.reach.uncertainty import WAYS, three_ways

    options.warn(
        line
        for ensembles in by_set.values()
        for scenario_ensemble in ensembles
        for line in of_scenario(scenario_ensemble)
    )
    answers: dict[str, list[Reach]] = {}
    ways: list[reach_report.Ways] = []
    for information_set, ensembles in by_set.items():
        answers[information_set] = []
        for ensemble in ensembles:
            what = " on ".join([ensemble.scenario.name, *([information_set] if len(by_set) > 1 else [])])
            with counter(f"{what}: draws", draws * (len(WAYS) if decompose else 1)) as count:
                answers[information_set].append(reach(ensemble, draws, progress=count))
                ways.append(three_ways(answers[information_set][-1], progress=count) if decompose else {})
    all_answers = [answer for several in answers.values() for answer in several]
    if as_json:
        reach_report.print_json(all_answers, ways)
    elif len(answers) > 1 and not decompose:
        reach_report.print_side_by_side(answers)
    else:
        reach_report.print_tables(all_answers, ways)
    for information_set, several in answers.items():
        if out is None:
            break
        written = reach_files.write(several, out / information_set if len(answers) > 1 else out)
        if not as_json:
            typer.echo(f"written: {', '.join(str(f) for f in written)}")


@app.command("run")
def run_command(
    context: typer.Context,
    scenario: Annotated[
        str,
        typer.Argument(metavar="SCENARIO|EXPERIMENT", help="A shipped scenario, or a .toml file of either."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="The .nc file, or an experiment's folder, to write.")
    ] = None,
    draws: Draws = 20_000,
    draw: Annotated[
        str | None,
        typer.Option(
            "--draw", metavar="median|I", help="A single run in place of --draws: the model alone, without discrepancy."
        ),
    ] = None,
    method: options.Method = options.MethodName.RK4,
    step: options.Step = options.STEP,
    every_step: Annotated[bool, typer.Option("--every-step", help="Keep all steps of a single run.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="NAME,...", help="Variables to keep besides the indicators, or all."),
    ] = None,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    force: options.Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what an experiment would take, and write nothing.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Compute what is missing or damaged in a store.")] = False,
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=1024, help="Processes, 1 by default.")] = None,
    chunk: Annotated[
        int | None, typer.Option("--chunk", min=1, metavar="ROWS", help="Rows of a chunk; moves no number.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="I/N", help="Every N-th chunk from the I-th on: one of N jobs.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS|FILE", help="Compute on the workers of Dask.")
    ] = None,
    engine: options.Engine = None,
) -> None:
    """Run a scenario into a file, or the cases of an experiment into a store."""
    from fiveyear.scenarios import is_experiment

    options.refuse_result(scenario)
    if is_experiment(scenario):
        options.refuse_given(context, OF_SCENARIO, "an experiment states it in its file")
        _run_experiment(scenario, out, dry_run, resume, workers, chunk, shard, scheduler, engine)
        return
    options.refuse_given(context, OF_EXPERIMENT, "only an experiment takes it, a .toml file that lists scenarios")
    if out is None:
        raise typer.BadParameter("--out: missing; expected a file that ends with .nc")
    from fiveyear.experiments.console.files import refuse_existing
    from fiveyear.experiments.forecast.inert import of_scenario
    from fiveyear.experiments.store import run

    options.require_path(out)
    from .forecast.selection import ensembles

    (ensemble,) = ensembles([scenario], settings, facts, seed, engine)
    refuse_existing([out], force)
    options.warn(of_scenario(ensemble))
    names = [name.strip() for names in keep or [] for name in names.split(",")]
    if not all(names):
        raise typer.BadParameter(f"--keep {','.join(keep or [])}: expected names, with one comma between two of them")
    run.run(ensemble, out, draws, draw, method.value, step, every_step, names)
    typer.echo(f"written: {out}")


OF_SCENARIO = (
    "draws", "draw", "method", "step", "every_step", "keep", "seed", "facts", "settings", "force",
)  # fmt: skip
OF_EXPERIMENT = ("dry_run", "resume", "workers", "chunk", "shard", "scheduler")


def _run_experiment(
    name: str,
    out: Path | None,
    dry_run: bool,
    resume: bool,
    workers: int | None,
    chunk: int | None,
    shard: str | None,
    scheduler: str | None,
    engine: options.EngineName | None,
) -> None:
    from fiveyear.experiments.console.errors import WorkerError
    from fiveyear.experiments.forecast.ensemble import ensemble
    from fiveyear.experiments.forecast.inert import of_experiment
    from fiveyear.experiments.forecast.runnable import read_experiment
    from fiveyear.experiments.store import experiment as batch
    from fiveyear.model import best_engine

    experiment = read_experiment(name)
    chosen = engine.value if engine else best_engine()
    first = ensemble(experiment.cases[0].scenario, experiment.facts, experiment.seed, plausible=True)
    if dry_run:
        for line in batch.dry_run(experiment, out or Path(), chosen, chunk, workers):
            typer.echo(line)
        options.warn(of_experiment(experiment, first))
        return
    if out is None:
        raise typer.BadParameter("--out: missing; expected a folder")
    options.require_path(out)
    options.warn(of_experiment(experiment, first))
    try:
        sentence, faults = batch.run(
            experiment,
            out,
            engine=chosen,
            chunk=chunk,
            workers=workers,
            resume=resume,
            shard=shard,
            scheduler=scheduler,
        )
    except WorkerError as error:
        typer.echo(error, err=True)
        raise typer.Exit(CHECK_FAILED) from None
    typer.echo(sentence)
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(CHECK_FAILED)


@app.command("compare")
def compare_command(
    first: Annotated[str, typer.Argument(metavar="SCENARIO", help="The scenario to compare with.")],
    others: Annotated[list[str], typer.Argument(metavar="OTHER", help="The scenarios to compare.")],
    draws: Draws = 20_000,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    engine: options.Engine = None,
    as_json: options.Json = False,
) -> None:
    """Set scenarios side by side, draw by draw on the same random numbers."""
    from fiveyear.experiments.reach import compare

    from .forecast.selection import ensembles

    compare.compare(ensembles([first, *others], settings, facts, seed, engine), draws, as_json)


@app.command("calibrate")
def calibrate_command(
    plans: Annotated[
        list[str] | None, typer.Option("--plan", metavar="PLAN", help="Plans whose model is fitted; all by default.")
    ] = None,
    facts: Annotated[
        list[str] | None, typer.Option("--facts", metavar="SET", help="Information sets; all by default.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Write what the data said of one set; fits only what is stale."),
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Fit the parameters to the facts, print the fit, and keep the posterior; or report what the data said."""
    from fiveyear.experiments.learned import calibrate
    from fiveyear.scenarios import plan_names

    if report is not None:
        if len(plans or []) > 1 or len(facts or []) > 1:
            raise typer.BadParameter("--report: expected one --plan and one --facts at most")
        options.require_path(report, "--report")
        plan, information_set = plans[0] if plans else None, facts[0] if facts else None
        calibrate.report(plan, information_set, report, force, as_json)
        return
    if force:
        raise typer.BadParameter("--force: only --report writes files that it could write over")
    calibrate.calibrate(plans or list(plan_names()), facts or [], as_json)


@app.command("validate")
def validate_command(
    plan: Annotated[str, typer.Option("--plan", metavar="PLAN", help="The plan whose model is tested.")] = "twelfth",
    facts: options.Facts = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the checks and the reporting checklist there.")
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Test structure, extremes, conservation, numerics, behaviour and inference; exit code 1 if anything fails."""
    from .validation.validate import validate

    if out is not None:
        options.require_path(out)
    if not validate(plan, facts, out, force, as_json):
        raise typer.Exit(CHECK_FAILED)


@app.command("backtest")
def backtest_command(
    plan: Annotated[str, typer.Option("--plan", metavar="PLAN", help="The plan whose method is scored.")] = "eleventh",
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
    draws: Draws = 20_000,
    seed: options.Seed = options.SEED,
    look: Annotated[
        str | None,
        typer.Option("--look", metavar="TEXT", help="Put a new look at scores on record, and what has changed since."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write scores, a page and figures there.")
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Fit to the facts up to a year, project, and score it against later facts, beside rival forecasts."""
    from .backtest import command

    if out is not None:
        options.require_path(out)
    command.run(plan, origin, horizon, scored, facts, draws, seed, look, out, force, as_json)


def _end(number: int, _: object) -> None:
    """End at once on a signal, with nothing half-written left; an exception could get lost on its way out."""
    remove_unfinished()
    how = "interrupted" if number == signal.SIGINT else "terminated"
    print("; ".join([how, *progress.endings()]), file=sys.stderr, flush=True)
    os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)


def main() -> None:
    """Run the command line; a user's mistake ends in a message and an exit code, never in a traceback."""
    if sys.platform == "win32":  # which has no forkserver, no locks of this kind, and other signals
        text = (
            "fiveyear needs a POSIX system, such as Linux; on Windows, run it in the Windows Subsystem for Linux (WSL)"
        )
        print(text, file=sys.stderr)
        sys.exit(BAD_INPUT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        streams.prepare()
        _keep_out_settings_of_matplotlib()
        try:
            with printing.escaped():
                app()
        finally:
            remove_unfinished()
            sys.stdout.flush()
    except (ExistsError, WriteError, OSError, MemoryError, ValueError) as error:
        sys.exit(_exit_code(error))


def _keep_out_settings_of_matplotlib() -> None:
    """Draw the same whatever a notebook hands on to what it starts, or lies in the working folder."""
    os.environ.pop("MPLBACKEND", None)  # may name what is not installed here; every figure is a file
    if os.path.lexists("matplotlibrc"):  # which is read on import, and evaluated by some versions
        with contextlib.chdir(sys.prefix):
            importlib.import_module("matplotlib")


def _exit_code(error: Exception) -> int:
    """Say what is wrong in a message and give the exit code; raise what is no user's mistake again."""
    from fiveyear.model.errors import ModelError

    if isinstance(error, OSError):  # of standard output, which must not fail a second time when Python ends
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    elif isinstance(error, ValueError) and not isinstance(error, ModelError):
        raise error
    text = "too little memory: ask for fewer draws" if isinstance(error, MemoryError) else str(error)
    print(printing.visible(text, sys.stderr.encoding), file=sys.stderr)
    return BAD_INPUT if isinstance(error, ExistsError | ModelError) else NOT_WRITTEN
