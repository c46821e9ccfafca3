"""``fiveyear scenario``: list the shipped scenarios, start one of your own, check it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from .files import refuse_existing, write_whole

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="List, start and check scenarios.")

TEMPLATE = """\
# A scenario of your own. Check it with: fiveyear scenario check {file}
# For completion in an editor: fiveyear scenario schema > scenario.schema.json,
# and as the first line of this file: #:schema ./scenario.schema.json

title = {title}
extends = {extends}
expect = "Say here in one sentence what to expect, and why."

# Loops that may be cut, to see what a feedback does:
{loops}
# cuts = ["R4"]


# --- paths: yearly numbers after {base_year}, up to {end} ---
# Between the years given they are interpolated, after the last they are held. With `shape` the way from {base_year}
# to one later value is early (below 1) or late (above 1). `growth` in %/year takes the place of `values`.
# Each path has a `source`, or says why it is `assumed`. It takes the place of one of the same name as a whole.
#
# [paths.planned_rd_intensity]
# unit = "%"
# values = {{ {end} = 2.2 }}
# assumed = "why these numbers"
#
{series}


# --- parameters: numbers that are constant in a run, and are then not fitted to facts ---
#
# [parameters.attrition_rate]
# value = 0.05
# unit = "1/year"
# assumed = "why this number"
#
{parameters}
"""


@app.command("list")
def list_scenarios(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the shipped scenarios: name, plan, title, and what to expect."""
    from fiveyear.scenarios import load_scenario, scenario_names

    scenarios = [load_scenario(name) for name in scenario_names()]
    if as_json:
        rows = [{"name": s.name, "plan": s.plan.name, "title": s.title, "expect": s.expect} for s in scenarios]
        typer.echo(json.dumps({"schema": "fiveyear.scenario-list/1", "scenarios": rows}, ensure_ascii=False, indent=2))
        return
    width = max(len(s.name) for s in scenarios)
    for s in scenarios:
        typer.echo(f"{s.name:{width}}  {s.title} ({s.plan.name} plan)\n{'':{width}}  {s.expect}")


@app.command("new")
def new_scenario(
    title: Annotated[str, typer.Argument(metavar="NAME", help="What to call it, in a line.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, a .toml.")],
    extends: Annotated[str, typer.Option("--extends", help="The scenario to change: a name or a file.")] = "plan",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
) -> None:
    """Write a commented scenario file to start from."""
    from fiveyear import model
    from fiveyear.scenarios import load_scenario, scenario_names

    if not title.strip() or not title.isprintable():
        raise typer.BadParameter("NAME: expected a line of text")
    if out.suffix != ".toml":
        raise typer.BadParameter(f"{out}: expected a file that ends with .toml")
    refuse_existing([out], force)
    plan = load_scenario(extends).plan
    if extends not in scenario_names():  # a path in a scenario file starts at the folder of that file
        if os.path.realpath(out) == os.path.realpath(extends):
            raise typer.BadParameter(f"{out}: a scenario cannot extend itself")
        extends = os.path.relpath(extends, out.parent)
    whole = model.load()
    series = [f"{name} ({s.unit}): {s.about}" for name, s in whole.series.items()]
    parameters = [f"{name} ({p.unit}): {p.about}" for name, p in whole.parameters.items()]
    text = TEMPLATE.format(
        file=out.name,
        title=json.dumps(title, ensure_ascii=False),
        extends=json.dumps(extends, ensure_ascii=False),
        base_year=plan.base_year,
        end=plan.end,
        loops=_comments([f"{name}: {loop.about}" for name, loop in whole.loops.items()]),
        series=_comments(series),
        parameters=_comments(parameters),
    )
    write_whole(out, lambda file: file.write_text(text, encoding="utf-8"))
    typer.echo(f"{out}: written; it extends {extends} and changes nothing yet: edit it, then check it")


@app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a scenario file, for completion and checks in an editor."""
    from fiveyear.scenarios.tables import ScenarioTable

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **ScenarioTable.model_json_schema()}
    typer.echo(json.dumps(schema, ensure_ascii=False, indent=2))


@app.command("check")
def check_scenarios(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenario files, or names of shipped ones.")],
) -> None:
    """Check scenario files, and list all that is wrong with them."""
    from fiveyear.scenarios import ScenarioError, load_scenario

    faulty = False
    for file in files:
        try:
            scenario = load_scenario(file)
        except ScenarioError as error:
            typer.echo(error, err=True)
            faulty = True
        else:
            typer.echo(f"{file}: no fault; {scenario.title} ({scenario.plan.name} plan)")
    if faulty:
        raise typer.Exit(2)


def _comments(lines: list[str]) -> str:
    return "\n".join(f"#   {line}" for line in lines)
