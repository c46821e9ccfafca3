"""``fiveyear scenario``: list the shipped scenarios, start one of your own, check it."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fiveyear.experiments.console import files, options

if TYPE_CHECKING:  # a `--help` does not wait for it
    from fiveyear.scenarios import Plan, Scenario
    from fiveyear.scenarios.shipped import Heading

WIDTH = 100  # columns

app = options.App("List, start and check scenarios.")

TEMPLATE = """\
#:schema {schema}
# A scenario of your own. Check it with: fiveyear scenario check {file}

title = {title}
extends = {extends}
expect = "Say here in one sentence what to expect, and why."

# The loops. Some may be cut, to see what a feedback does; those that the plan cuts may be closed:
# with FINANCE cut, spending follows `planned_rd_intensity`; closed, it is what government and firms decide, and the
# path of the plan is only what they fall short of.
{loops}
# cuts = ["R4"]
# closes = ["{closes}"]


# --- paths: yearly numbers after {base_year}, up to {end} ---
# Between the years given they are interpolated, after the last they are held. With `shape` the way from {base_year}
# to one later value is early (below 1) or late (above 1); `hold = "spend"` moves the later value so that as much is
# spent over the years as on the straight way to it. `growth` in %/year takes the place of `values`.
# Each path has a `source`, or says why it is `assumed`. It takes the place of one of the same name as a whole.
# The numbers may be in a table beside this file instead: table = "mine.csv", column = "its heading" (a .csv or .xlsx,
# with a column "year") in place of `values`, and numbers = "growth" if they are growth.
#
# What policy may move, each held at its value of {base_year}: take the "# " before `paths` away, and change the number.
#
{levers}
#
# What else is given. These are tables, with a heading in brackets: put them below all keys without one.
#
# [paths.gdp_real]
# unit = "%/year"
# growth = {{ {first} = 8 }}
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
def list_scenarios(as_json: options.Json = False) -> None:
    """List the shipped scenarios: name and title, each below the one it changes."""
    from fiveyear.scenarios.shipped import headings

    scenarios = headings()
    if as_json:
        rows = [{"name": s.name, "plan": s.plan, "title": s.title, "expect": s.expect} for s in scenarios]
        typer.echo(json.dumps({"schema": "fiveyear.scenario-list/1", "scenarios": rows}, ensure_ascii=False, indent=2))
        return
    for plan in dict.fromkeys(s.plan for s in reversed(scenarios)):
        typer.echo(f"{plan} plan")
        for line in _tree([s for s in scenarios if s.plan == plan]):
            typer.echo(line)
    typer.echo("What to expect of one: fiveyear scenario show NAME")


@app.command("show")
def show_scenario(
    name: Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped scenario, or a scenario file.")],
    as_json: options.Json = False,
) -> None:
    """Show a scenario: what to expect, and the yearly numbers of its own paths as they are run."""
    from .selection import scenario_of

    scenario = scenario_of(name)
    rows = _yearly(scenario)
    if as_json:
        content = {"schema": "fiveyear.scenario/1", **scenario.as_dict(), "yearly": rows}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{scenario.name}: {scenario.title} ({scenario.plan.name} plan)\n")
    typer.echo(textwrap.fill(f"Expect: {scenario.expect}", WIDTH))
    typer.echo(f"\nLoops cut: {', '.join(scenario.cuts) or 'none'}")
    for path, row in rows.items():
        table = scenario.content["paths"][path]
        typer.echo(f"\n{path}, {row['unit']}")
        typer.echo("".join(f"{year:>9}" for year in row["numbers"]))
        typer.echo("".join(f"{number:>9.4g}" for number in row["numbers"].values()))
        typer.echo(_provenance(table))
        _echo_origin(scenario, "paths", path)
    for parameter, table in scenario.content["parameters"].items():
        otherwise = _otherwise(scenario, parameter, table["unit"])
        typer.echo(f"\n{parameter} = {table['value']:g} {table['unit']} ({otherwise})\n{_provenance(table)}")
        _echo_origin(scenario, "parameters", parameter)


@app.command("new")
def new_scenario(
    title: Annotated[str, typer.Argument(metavar="NAME", help="What to call it, in a line.")],
    out: Annotated[Path, options.out("The file to write, a .toml.", "FILE")],
    extends: Annotated[
        list[str] | None,
        typer.Option(
            "--extends", metavar="SCENARIO", help="The scenario to change: a name or a file; several are stacked."
        ),
    ] = None,
    experiment: options.Experiment = False,
    force: options.Force = False,
) -> None:
    """Write a commented scenario, or experiment, to start from."""
    from fiveyear.scenarios import scenario_names
    from fiveyear.scenarios.experiment_template import experiment_template
    from fiveyear.scenarios.scenario_file import require_stack

    if not title.isprintable():
        raise typer.BadParameter("NAME: expected a line of text")
    if out.suffix != ".toml":
        raise typer.BadParameter(f"{out}: expected a file that ends with .toml")
    from .schemas import schema_file
    from .selection import require_one_plan, scenario_of

    with files.results(out, force):
        extended = [scenario_of(name) for name in extends or ["plan"]]
        require_one_plan(extended)
        plan, names = extended[0].plan, list(extends or ["plan"])
        for place, name in enumerate(names):
            if name not in scenario_names():  # a path in a scenario file starts at the folder of that file
                if os.path.realpath(out) == os.path.realpath(name):
                    raise typer.BadParameter(f"{out}: a scenario cannot extend itself")
                names[place] = os.path.relpath(name, out.parent)
        text = experiment_template(title, names, plan, out.name, schema_file("experiment").as_uri())
        if not experiment:
            require_stack(out, names)
            whole = plan.model
            text = TEMPLATE.format(
                schema=schema_file("scenario").as_uri(),
                file=out.name,
                title=json.dumps(title, ensure_ascii=False),
                extends=json.dumps(names if len(names) > 1 else names[0], ensure_ascii=False),
                base_year=plan.base_year,
                first=plan.base_year + 1,
                end=plan.end,
                loops=_comments(
                    [
                        f"{n}: {loop.about}{' (the plan cuts it)' if n in plan.cuts else ''}"
                        for n, loop in whole.loops.items()
                    ]
                ),
                closes=next(iter(plan.cuts), "FINANCE"),
                levers="\n".join(_levers(plan)),
                series=_comments([f"{n} ({s.unit}): {s.about}" for n, s in whole.series.items() if not s.lever]),
                parameters=_comments([f"{name} ({p.unit}): {p.about}" for name, p in whole.parameters.items()]),
            )
        files.write_whole(out, lambda file: file.write_text(text, encoding="utf-8"))
    if experiment:
        typer.echo(f"edit it, then see what it takes: fiveyear run {out} --dry-run")
    else:
        typer.echo(f"it extends {', '.join(names)} and changes nothing yet: edit it, then check it")


class Kind(StrEnum):
    """What a file is, for its schema."""

    SCENARIO = "scenario"
    EXPERIMENT = "experiment"
    PROGRAMME = "programme"
    PLATFORMS = "platforms"
    PLAN = "plan"
    PRIORS = "priors"


@app.command("schema")
def print_schema(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help=f"One of {', '.join(Kind)}.")] = Kind.SCENARIO,
) -> None:
    """Print the JSON Schema of a kind of file, for completion and checks in an editor."""
    from .schemas import schema_of

    typer.echo(json.dumps(schema_of(kind), ensure_ascii=False, indent=1))


@app.command("check")
def check_scenarios(
    names: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Scenario or experiment files, or shipped names.")
    ],
) -> None:
    """Check that scenarios and experiments will run: list all that is wrong, and what they change to no effect."""
    from fiveyear.model.errors import ModelError
    from fiveyear.scenarios import is_experiment

    from . import inert, runnable

    faulty = False
    for file in names:
        try:
            files.refuse_result(file)
            if is_experiment(file):
                experiment, first = runnable.check_experiment(file)
                typer.echo(f"{file}: no fault; {experiment.title} ({len(experiment.cases)} cases)")
                options.warn(inert.of_experiment(experiment, first))
            else:
                ensemble = runnable.check_scenario(file)
                typer.echo(f"{file}: no fault; {ensemble.scenario.title} ({ensemble.scenario.plan.name} plan)")
                options.warn(inert.of_scenario(ensemble))
        except ModelError as error:
            typer.echo(error, err=True)
            faulty = True
    if faulty:
        raise typer.Exit(2)


def _tree(scenarios: Sequence[Heading], below: str | None = None, depth: int = 1) -> Iterator[str]:
    """Give a line for each scenario, in front of those that extend it."""
    names = [s.name for s in scenarios]
    for s in scenarios:
        if s.extends == below or (below is None and s.extends not in names):
            indented = f"{'':{2 * depth}}{s.name}"
            yield f"{indented:26}{s.title}"
            yield from _tree(scenarios, s.name, depth + 1)


def _otherwise(scenario: Scenario, parameter: str, unit: str) -> str:
    """Say what a parameter is where no scenario changes it."""
    import numpy as np

    from fiveyear.calibration import posterior
    from fiveyear.model import Unit

    plan = scenario.plan
    whole = plan.model
    factor = Unit.parse(whole.parameters[parameter].unit).factor_to(Unit.parse(unit))
    if parameter in plan.parameters:
        return f"the plan: {plan.parameters[parameter] * factor:.3g}"
    priors = posterior.evidence(plan, None).problem().parameters
    if parameter in priors:
        return f"fitted; median of its prior: {float(priors[parameter](np.zeros(1))[0]) * factor:.3g}"
    return "nothing else gives it"


def _yearly(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Give the own paths of a scenario from the base year on as they are run, each in the unit that its file states."""
    import numpy as np

    from fiveyear.calibration import outlook, posterior
    from fiveyear.model import Unit

    plan = scenario.plan
    whole = plan.model
    evidence = posterior.evidence(plan, None)
    ahead = plan.end - plan.base_year
    middle = outlook.median_course(evidence.priors, evidence.growth, evidence.history, ahead)
    years = np.arange(plan.start, plan.end + 1)
    run = scenario.yearly_paths(years.astype(float), evidence.history, middle.get("gdp_real"))
    rows = {}
    for path, table in scenario.content["paths"].items():
        numbers, unit = run[path], whole.series[path].unit
        if "growth" in table:
            numbers, unit = numbers[1:] / numbers[:-1] - 1.0, "1/year"
        numbers = numbers[-1 - ahead :] * Unit.parse(unit).factor_to(Unit.parse(table["unit"]))
        by_year = dict(zip(map(str, years[-1 - ahead :]), numbers.tolist(), strict=True))
        rows[path] = {"unit": table["unit"], "numbers": by_year}
    return rows


def _provenance(table: Mapping[str, Any]) -> str:
    key = "source" if "source" in table else "assumed"
    return textwrap.fill(f"{key}: {table[key]}", WIDTH, initial_indent="  ", subsequent_indent="  ")


def _echo_origin(scenario: Scenario, group: str, name: str) -> None:
    """Print the table that numbers are from, and which of several stacked scenarios sets them."""
    origin = scenario.origins.get((group, name))
    if origin is None:
        return
    set_in = f"set in: {origin.file.stem}" if isinstance(scenario.content.get("extends"), list) else ""
    table = f"read from: {origin.column.place()}" if origin.column else ""
    for line in filter(None, (table, set_in)):
        typer.echo(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="  "))


def _levers(plan: Plan) -> Iterator[str]:
    """Yield, for each lever, what it is, and a path that holds it at its value of the base year, as comments."""
    from fiveyear.calibration import posterior
    from fiveyear.calibration.errors import CalibrationError
    from fiveyear.model import Unit

    from .planning import base_values
    from .schemas import ranges

    whole = plan.model
    try:
        base = base_values(plan, posterior.evidence(plan, None).history)
    except CalibrationError:  # of a plan that has no facts yet
        base = base_values(plan, {})
    for name, series in whole.series.items():
        if series.lever:
            unit, low, high = ranges(series.unit, series.low, series.high)[-1]
            year, number, of_base = plan.start, 0.5 * (low + high), "not in the facts"
            if name in base:
                year, number = plan.end, base[name] / Unit.parse(unit).factor_to(Unit.parse(series.unit))
                of_base = f"{number:.4g} {unit}"
            yield f"#   {series.about}; {plan.base_year}: {of_base}; from {low:g} to {high:g} {unit}"
            yield f'# paths.{name} = {{ unit = "{unit}", values = {{ {year} = {number:.4g} }}, assumed = "why" }}'


def _comments(lines: list[str]) -> str:
    return "\n".join(f"#   {line}" for line in lines)
