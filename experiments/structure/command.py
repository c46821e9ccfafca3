"""``fiveyear model``: what the model is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fiveyear.experiments.console import files, options

if TYPE_CHECKING:  # a `--help` does not wait for the model
    from fiveyear.model import Model


app = options.App("What the model is made of: listed, shown, drawn, exported.")


OfPlan = Annotated[str, options.plan("The plan whose country it is of.")]


@app.command("list")
def list_variables(plan: OfPlan = options.PLAN, as_json: options.Json = False) -> None:
    """List all variables by sector, the loops, and the indicators."""
    from fiveyear.scenarios import load_plan

    whole = load_plan(plan).model
    rows = [_row(whole, name) for name in whole.names]
    loops = [{"name": n, "sign": loop.sign, "about": loop.about} for n, loop in whole.loops.items()]
    indicators = [{"name": n, "unit": i.unit, "about": i.about} for n, i in whole.indicators.items()]
    if as_json:
        content = {"schema": "fiveyear.model-list/1", "variables": rows, "loops": loops, "indicators": indicators}
        typer.echo(json.dumps(content, ensure_ascii=False))
        return
    groups = {sector: [r for r in rows if r["sector"] == sector] for sector in sorted({r["sector"] for r in rows})}
    for heading, entries in (*groups.items(), ("loops", loops), ("indicators", indicators)):
        typer.echo(f"\n{heading}")
        for e in entries:
            kind = e.get("kind") or e.get("sign", "")
            typer.echo(f"  {e['name']:34} {kind:10} {e.get('unit', ''):24} {e['about']}")


@app.command("show")
def show_variable(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A variable, indicator or loop.")],
    plan: OfPlan = options.PLAN,
    as_json: options.Json = False,
) -> None:
    """Show one variable, indicator or loop: its formula, unit, what it reads and what reads it."""
    from fiveyear.model.errors import InputError, nearest
    from fiveyear.scenarios import load_plan

    whole = load_plan(plan).model
    if name in whole.loops:
        loop = whole.loops[name]
        content: dict[str, Any] = {"name": name, "kind": "loop", "about": loop.about, "sign": loop.sign}
        content |= {"path": " -> ".join(whole.cycle(loop)[0]), "cut": f"{loop.reader} is set to {loop.held}"}
    elif name in whole.units:
        content = _row(whole, name)
        content |= _detail(whole, name)
    elif name not in whole.indicators:
        names = [*whole.units, *whole.loops, *whole.indicators]
        raise InputError("show", [f"{name}: the model has no such name{nearest(name, names)}"])
    else:
        content = {"name": name, "kind": "indicator", "unit": whole.indicators[name].unit}
    if name in whole.indicators:
        indicator = whole.indicators[name]
        parts = [f"{r.variable} ({r.how})" for r in indicator.readings]
        about = f"{indicator.about} Coverage: {indicator.coverage}."
        content["indicator"] = f"{' / '.join(parts)} in {indicator.unit}: {about}"
    if as_json:
        typer.echo(json.dumps({"schema": "fiveyear.model-show/1", **content}, ensure_ascii=False))
        return
    for key, value in content.items():
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        typer.echo(f"{key.replace('_', ' '):12} {shown}")


@app.command("diagram")
def draw_diagram(
    out: Annotated[Path, options.out("The .png, .pdf or .svg to write.", "FILE")],
    names: Annotated[
        list[str] | None,
        typer.Option("--sector", metavar="NAME", help="A sector to draw, or several; all by default."),
    ] = None,
    loops: Annotated[bool, typer.Option("--loops", help="Draw the named feedback loops instead, on one page.")] = False,
    sectors: Annotated[
        bool, typer.Option("--overview", help="Draw what passes between the sectors instead, on one page.")
    ] = False,
    plan: OfPlan = options.PLAN,
    force: options.Force = False,
) -> None:
    """Draw stocks, flows and links by sector, as the code has them: one sheet, or the pages of a PDF."""
    from fiveyear.model.errors import InputError
    from fiveyear.scenarios import load_plan

    from .diagrams import causal_loops, diagram, overview

    if loops + sectors + bool(names) > 1:
        raise InputError("diagram", ["--loops, --overview and --sector draw different pages; expected one of them"])
    chosen = load_plan(plan)
    whole = chosen.model
    diagram.check(whole, out, names or ())
    with files.results(out, force):
        if loops:
            causal_loops.draw(whole, out, chosen.title)
        elif sectors:
            diagram.write(out, lambda: [overview.drawing(chosen).figure()], diagram.PAGE_DPI)
        else:
            diagram.draw(whole, out, names or ())


@app.command("equations")
def write_equations(
    out: Annotated[Path, options.out("The .tex, .md or .html to write.", "FILE")],
    plan: Annotated[str, options.plan("The plan whose priors and posterior are listed.")] = options.PLAN,
    facts: options.Facts = None,
    force: options.Force = False,
) -> None:
    """Write the complete listing: equations, parameters, series, indicators and loops, with units and sources."""
    from . import equations

    equations.check(out)
    with files.results(out, force):
        equations.equations(plan, facts, out)


@app.command("export")
def export_model(
    scenario: options.Scenario,
    out: Annotated[Path, options.out("The XMILE file to write, .stmx or .xmile.", "FILE.stmx")],
    draw: Annotated[str, options.draw()] = "median",
    method: options.Method = options.MethodName.RK4,
    step: options.Step = options.STEP,
    language: Annotated[options.Language, options.LANG] = options.Language.ENGLISH,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    force: options.Force = False,
) -> None:
    """Write a scenario as XMILE, to be opened and run in Stella, PySD or simlin."""
    from fiveyear.model.errors import InputError
    from fiveyear.model.xmile.document import IGNORE_RK4

    from .exchange import Export

    if out.suffix not in (".stmx", ".xmile"):
        raise InputError("export", [f"--out {out}: expected a file that ends with .stmx or .xmile"])
    options.refuse_file(facts)
    with files.results(out, force):
        content = Export(
            scenario=scenario,
            settings=settings or [],
            facts=facts,
            seed=seed,
            draw=draw,
            method=method.value,
            step=step,
            language=language.value,
        ).file()
        files.write_whole(out, lambda file: file.write_bytes(content))
    if method is options.MethodName.RK4:
        text = f"the file asks for RK4; {' and '.join(IGNORE_RK4)} ignore that and integrate by Euler: for them, use"
        typer.echo(f"note: {text} --method euler", err=True)


@app.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.stmx", help="An exported file, perhaps edited elsewhere.")],
    scenario: Annotated[str | None, options.scenario("The scenario to compare with, if the file does not say.")] = None,
    draw: Annotated[str | None, options.draw()] = None,
    language: Annotated[options.Language | None, options.LANG] = None,
    seed: Annotated[int | None, options.seed()] = None,
    facts: options.Facts = None,
    settings: options.Settings = None,
    as_json: options.Json = False,
) -> None:
    """Tell in which equations, values and units a file differs from the code; exit code 1 if it does."""
    from . import exchange

    chosen: dict[str, Any] = {"scenario": scenario, "draw": draw, "language": language and language.value, "seed": seed}
    chosen |= {"facts": facts, "settings": settings or None}
    export, differences = exchange.check(file, {k: v for k, v in chosen.items() if v is not None})
    if as_json:
        rows = [vars(d) for d in differences]
        content = {"schema": "fiveyear.model-check/1", "file": str(file), "differences": rows}
        typer.echo(json.dumps(content, ensure_ascii=False))
    else:
        count = f"{len(differences) or 'no'} difference{'' if len(differences) < 2 else 's'}"
        typer.echo(f"{file}: {count} from {export.name()}")
        for row in differences:
            typer.echo(f"  {row.name}: {row.what}\n    code: {row.code}\n    file: {row.file}")
    if differences:
        raise typer.Exit(1)


def _row(model: Model, name: str) -> dict[str, str]:
    groups = {"parameter": model.parameters, "series": model.series, "stock": model.stocks, "chain": model.chains}
    kind = next((k for k, g in groups.items() if name in g), "equation")
    sector = model.sectors[name]
    return {"name": name, "kind": kind, "sector": sector, "unit": str(model.units[name]), "about": model.about(name)}


def _detail(model: Model, name: str) -> dict[str, Any]:
    from fiveyear.model import INDICATORS

    detail: dict[str, Any] = {}
    if name in model.equations:
        detail["formula"] = f"{name} = {model.equations[name].term}"
        detail["reads"] = list(model.equations[name].inputs)
        conditions = [str(c) for c in model.equations[name].term.conditions]
        if conditions:
            detail["conditions"] = conditions
    elif name in model.stocks:
        stock = model.stocks[name]
        detail |= {"initial": stock.initial or "empty"}
        detail |= {"inflows": list(stock.inflows), "outflows": list(stock.outflows)}
    elif name in model.chains:
        chain = model.chains[name]
        detail |= {"initial": chain.initial, "inflow": chain.inflow, "outflow": chain.outflow}
        detail |= {"time": chain.time, "stages": chain.stages}
    declared = model.parameters.get(name) or model.series.get(name)
    if declared is not None:
        detail["hard_range"] = f"{declared.low:g} to {declared.high:g}"
    if name in model.series:
        detail["dated"] = model.series[name].dated
        detail["lever"] = "yes" if model.series[name].lever else "no"
    indicators = [f"{n} (indicator)" for n, i in INDICATORS.items() if name in [r.variable for r in i.readings]]
    detail["read_by"] = sorted(n for n in model.names if name in model.reads(n)) + indicators
    return detail
