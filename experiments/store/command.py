"""The ``fiveyear store`` commands: whether a finished experiment is whole, and what it says in other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import options

from .tables.form import Form

CHECK_FAILED = 1

app = options.App("Show, verify, merge, reproduce and export stores of experiments.")

StoreFolder = Annotated[Path, typer.Argument(metavar="STORE", help="A folder that run has made of an experiment.")]
Result = Annotated[Path, typer.Argument(metavar="RESULT", help="A store, or a .nc file that run has written.")]


@app.command("show")
def show_command(result: Result, as_json: options.Json = False) -> None:
    """Print the probability of each target in each case: the share of its draws that meet it."""
    from . import report
    from .results import open_result

    (report.print_json if as_json else report.print_table)(open_result(result))


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
    draws: Annotated[int, typer.Option("--draws", min=1, max=1_000_000, help="How many rows.")] = 100,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=options.MOST_SEED, help="Of the choice of rows.")
    ] = options.SEED,
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
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="A .csv, .xlsx or .dta of quantiles, a .parquet of draws.")
    ],
    form: Annotated[Form, typer.Option("--as", help="What the table holds.")] = Form.QUANTILES,
    region: Annotated[
        str, typer.Option("--region", metavar="NAME", help="What stands under Region in the IAMC's table.")
    ] = "",
    force: options.Force = False,
) -> None:
    """Write a result as a table: quantiles by year, every draw, or quantiles as the IAMC lays them out."""
    from fiveyear.experiments.console.files import refuse_existing

    from .results import open_result
    from .tables import export

    options.require_path(out)
    export.require_format(out, form, region)
    refuse_existing([out], force)
    export.write(open_result(result), out, form, region)
    typer.echo(f"written: {out}")
