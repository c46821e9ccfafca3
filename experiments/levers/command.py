"""``fiveyear levers``: what each lever of a plan moves, by when, and how surely."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options
from fiveyear.experiments.console.progress import counter

DRAWS, RAISED = 1_000, 0.1  # those of forecast.levers, which a `--help` does not wait for; tests compare them


def levers_command(
    scenarios: Annotated[
        list[str] | None, typer.Argument(metavar="[SCENARIO...]", help="Shipped names or .toml files.")
    ] = None,
    draws: Annotated[int, options.draws(least=200)] = DRAWS,
    by: Annotated[
        float, typer.Option("--by", min=0.001, max=1.0, help="The share of its path by which each lever is raised.")
    ] = RAISED,
    end: options.End = None,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    out: Annotated[Path | None, options.out("The .csv file to write.", "FILE")] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Say what each lever moves in the last year of the plan and later (default: under plan and behavioural)."""
    from fiveyear.experiments.forecast.selection import ensembles, require_one_plan

    from . import report
    from .table import tables

    if out is not None and out.suffix != ".csv":
        raise typer.BadParameter(f"--out {out}: expected a file that ends with .csv")
    chosen = ensembles(scenarios or ["plan", "behavioural"], settings, facts, seed)
    require_one_plan([e.scenario for e in chosen])
    last = chosen[0].scenario.plan.outlook_end if end is None else end
    longer = [ensemble.going_on(last) for ensemble in chosen]
    with files.results(out, force, quiet=as_json):
        with counter("levers: scenarios", len(longer)) as count:
            made = tables(longer, draws, by, progress=count)
        (report.print_json if as_json else report.print_tables)(made)
        if out is not None:
            from fiveyear.experiments.page.comma_separated import write_records

            files.write_whole(out, partial(write_records, [row for of in made for row in of.rows()]))
