"""``fiveyear run``, and ``fiveyear store``: whether what was run is whole, and what it says in other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fiveyear.experiments.console import files, options

from .tables.statistics import Form

CHECK_FAILED = 1
MOVES_MOST, CASES = "moves_most.png", "cases.png"  # what ``store show --out`` draws

app = options.App("Show, verify, merge, reproduce and export stores of experiments.")

StoreFolder = Annotated[Path, typer.Argument(metavar="STORE", help="A folder that run has made of an experiment.")]
Result = Annotated[Path, typer.Argument(metavar="RESULT", help="A store, or a .nc file that run has written.")]


OF_SCENARIO = (
    "draws", "draw", "method", "step", "every_step", "keep", "seed", "facts", "settings", "end", "force",
)  # fmt: skip
OF_EXPERIMENT = ("dry_run", "resume", "workers", "chunk", "shard", "scheduler")


def run_command(
    context: typer.Context,
    scenario: Annotated[
        str,
        typer.Argument(metavar="SCENARIO|EXPERIMENT", help="A shipped scenario, or a .toml file of either."),
    ],
    out: Annotated[Path | None, options.out("The .nc file, or an experiment's folder, to write.", "PATH")] = None,
    draws: options.Draws = options.DRAWS,
    draw: Annotated[
        str | None,
        options.draw("A single run in place of --draws."),
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
    end: options.End = None,
    force: options.Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what an experiment would take, and write nothing.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Compute what is missing or damaged in a store.")] = False,
    workers: Annotated[int | None, options.workers("1")] = None,
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

    files.refuse_result(scenario)
    if is_experiment(scenario):
        options.refuse_given(context, OF_SCENARIO, "an experiment states it in its file")
        how = {"resume": resume, "workers": workers, "chunk": chunk, "shard": shard, "scheduler": scheduler}
        _run_experiment(scenario, out, dry_run, engine, how)
        return
    options.refuse_given(context, OF_EXPERIMENT, "only an experiment takes it, a .toml file that lists scenarios")
    if out is None:
        raise typer.BadParameter("--out: missing; expected a file that ends with .nc")
    from fiveyear.experiments.forecast.inert import of_scenario
    from fiveyear.experiments.forecast.selection import ensembles

    from .run import run

    options.refuse_file(facts)
    (ensemble,) = ensembles([scenario], settings, facts, seed, engine)
    ensemble = ensemble.going_on(end)
    with files.results(out, force):
        options.warn(of_scenario(ensemble))
        names = [name.strip() for names in keep or [] for name in names.split(",")]
        if not all(names):
            text = f"--keep {','.join(keep or [])}: expected names, with one comma between two of them"
            raise typer.BadParameter(text)
        run(ensemble, out, draws, draw, method.value, step, every_step, names)


def _run_experiment(
    name: str, out: Path | None, dry_run: bool, engine: options.EngineName | None, how: dict[str, Any]
) -> None:
    from fiveyear.experiments.console.errors import WorkerError
    from fiveyear.experiments.forecast.ensemble import ensemble
    from fiveyear.experiments.forecast.inert import of_experiment
    from fiveyear.experiments.forecast.runnable import read_experiment
    from fiveyear.experiments.parallel.work import get_ready
    from fiveyear.model import best_engine

    from .runner import PRELOAD

    if (how["workers"] or 1) > 1 and not dry_run:
        get_ready(PRELOAD)  # what workers import is imported while this process checks the experiment
    from . import experiment as batch

    experiment = read_experiment(name)
    chosen = engine.value if engine else best_engine()
    first = ensemble(experiment.cases[0].scenario, experiment.facts, experiment.seed)
    if dry_run:
        for line in batch.dry_run(experiment, out or Path(), chosen, how["chunk"], how["workers"]):
            typer.echo(line)
        options.warn(of_experiment(experiment, first))
        return
    if out is None:
        raise typer.BadParameter("--out: missing; expected a folder")
    options.warn(of_experiment(experiment, first))
    try:
        sentence, faults = batch.run(experiment, out, engine=chosen, **how)
    except WorkerError as error:
        typer.echo(error, err=True)
        raise typer.Exit(CHECK_FAILED) from None
    typer.echo(sentence)
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(CHECK_FAILED)


@app.command("show")
def show_command(
    result: Result,
    out: Annotated[
        Path | None, options.out("Draw what moves chances most, and the chances of each case, into files there.")
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Print the chance of each target in each case, and which factors move it most."""
    from . import report
    from .results import open_result

    with files.results(out, force, _drawn() if out else (), quiet=as_json):
        opened = open_result(result)
        (report.print_json if as_json else report.print_table)(opened)
        if out is not None:
            from fiveyear.experiments.page.figure import write_files

            from . import cases, tornado

            with files.together(out) as folder:
                write_files(folder / MOVES_MOST, *tornado.drawing(opened))
                write_files(folder / CASES, *cases.drawing(opened))


def _drawn() -> list[str]:
    """Give what the files are called that ``store show`` draws."""
    from fiveyear.experiments.page.figure import files as of_figure

    return [file.name for name in (MOVES_MOST, CASES) for file in of_figure(Path(name))]


@app.command("verify")
def verify_command(store: StoreFolder) -> None:
    """Say what is missing, damaged or foreign in a store; exit code 1 if anything is."""
    from .results import open_result, open_store

    opened = open_store(store)
    faults = opened.verify()
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(CHECK_FAILED)
    typer.echo(f"{store}: {opened.finished()}, and are what they were; content {open_result(store).content_hash()}")


@app.command("merge")
def merge_command(
    stores: Annotated[list[Path], typer.Argument(metavar="STORE...", help="Stores of shards of one experiment.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder of the whole.")],
) -> None:
    """Bring the shards of an experiment together in one store; the shards stay as they are."""
    from .results import open_store
    from .store import merge

    merged = merge([open_store(store) for store in stores], out)
    typer.echo(f"written: {out}: {merged.finished()}")


@app.command("reproduce")
def reproduce_command(
    result: Result,
    draws: Annotated[int, options.draws("How many rows.")] = 100,
    seed: Annotated[int, options.seed("Of the choice of rows.")] = options.SEED,
) -> None:
    """Compute random rows of a result again, from its file alone, and compare the bits; exit code 1 if any differs."""
    from .reproduction import reproduce

    reproduction = reproduce(result, draws, seed)
    for line in reproduction.lines():
        typer.echo(line)
    if not reproduction.same:
        raise typer.Exit(CHECK_FAILED)


@app.command("export")
def export_command(
    result: Result,
    out: Annotated[Path, options.out("A .csv, .xlsx or .dta of quantiles, a .parquet of draws.", "FILE")],
    form: Annotated[Form, typer.Option("--as", help="What the table holds.")] = Form.QUANTILES,
    region: Annotated[
        str, typer.Option("--region", metavar="NAME", help="What stands under Region in the IAMC's table.")
    ] = "",
    force: options.Force = False,
) -> None:
    """Write a result as a table: quantiles by year, every draw, or quantiles as the IAMC lays them out."""
    from .results import open_result
    from .tables import export

    export.require_format(out, form, region)
    with files.results(out, force):
        export.write(open_result(result), out, form, region)
