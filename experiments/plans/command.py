"""``fiveyear plan``: the plans there are, what one holds and lacks, and a folder to start one's own from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import options

app = options.App("Plans: listed, shown, checked, and one to start from.")

Called = Annotated[str, typer.Argument(metavar="PLAN", help="A shipped name, or the folder of a plan.")]


@app.callback()
def plans() -> None:
    """Plans: listed, shown, checked, and one to start from."""


@app.command("new")
def new_plan(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.", show_default=False)],
) -> None:
    """Write the folder of a small plan of a made-up country, commented, that runs at once."""
    from . import report
    from .new import new

    new(out)
    report.print_new(out)


@app.command("list")
def list_plans(as_json: options.Json = False) -> None:
    """List the shipped plans."""
    from fiveyear.scenarios import load_plan, plan_names

    rows = [
        {"name": p.name, "title": p.title, "base_year": p.base_year, "end": p.end, "targets": len(p.targets)}
        for p in map(load_plan, plan_names())
    ]
    if as_json:
        typer.echo(json.dumps({"schema": "fiveyear.plan-list/1", "plans": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']:12} {row['title']}; {row['targets']} targets")


@app.command("show")
def show_plan(plan: Called, as_json: options.Json = False) -> None:
    """Show a plan: its years, money, targets, facts and scenarios."""
    from . import report
    from .check import check

    report.show(check(plan), as_json)


@app.command("check")
def check_plan(plan: Called, as_json: options.Json = False) -> None:
    """Say of each target what it needs until it can be answered; exit code 1 if any lacks something."""
    from . import report
    from .check import check

    checked = check(plan)
    report.print_check(checked, as_json)
    if checked.missing:
        raise typer.Exit(1)


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of plan.toml, by which editors complete it."""
    from fiveyear.experiments.forecast.schemas import schema_of

    typer.echo(json.dumps(schema_of("plan"), ensure_ascii=False, indent=1))
