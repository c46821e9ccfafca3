"""``fiveyear model``: what the model is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # a `--help` does not wait for the model
    from fiveyear.model import Model

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="List and show what the model is made of.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.command("list")
def list_variables(as_json: Json = False) -> None:
    """List all variables by sector, the loops, and the indicators."""
    from fiveyear import model

    whole = model.load()
    rows = [_row(whole, name) for name in whole.names]
    loops = [{"name": n, "sign": loop.sign, "about": loop.about} for n, loop in whole.loops.items()]
    indicators = [{"name": n, "unit": i.unit, "about": i.about} for n, i in model.INDICATORS.items()]
    if as_json:
        content = {"schema": "fiveyear.model-list/1", "variables": rows, "loops": loops, "indicators": indicators}
        typer.echo(json.dumps(content, ensure_ascii=False))
        return
    for sector in sorted({row["sector"] for row in rows}):
        typer.echo(f"\n{sector}")
        for row in (r for r in rows if r["sector"] == sector):
            typer.echo(f"  {row['name']:34} {row['kind']:10} {row['unit']:24} {row['about']}")
    typer.echo("\nloops")
    for one in loops:
        typer.echo(f"  {one['name']:34} {one['sign']:10} {'':24} {one['about']}")
    typer.echo("\nindicators")
    for one in indicators:
        typer.echo(f"  {one['name']:34} {'':10} {one['unit']:24} {one['about']}")


@app.command("show")
def show_variable(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A variable, indicator or loop.")], as_json: Json = False
) -> None:
    """Show one variable, indicator or loop: its formula, unit, what it reads and what reads it."""
    from fiveyear import model
    from fiveyear.model.errors import InputError, nearest

    whole = model.load()
    if name in whole.loops:
        loop = whole.loops[name]
        content: dict[str, Any] = {"name": name, "kind": "loop", "about": loop.about, "sign": loop.sign}
        content |= {"path": " -> ".join(whole.cycle(loop)[0]), "cut": f"{loop.reader} is fed {loop.held}"}
    elif name in whole.units:
        content = _row(whole, name)
        content |= _detail(whole, name)
    elif name not in model.INDICATORS:
        known = [*whole.units, *whole.loops, *model.INDICATORS]
        raise InputError("show", [f"{name}: the model has no such name{nearest(name, known)}"])
    else:
        content = {"name": name, "kind": "indicator", "unit": model.INDICATORS[name].unit}
    if name in model.INDICATORS:
        one = model.INDICATORS[name]
        parts = [f"{r.variable} ({r.how})" for r in one.readings]
        content["indicator"] = f"{' / '.join(parts)} in {one.unit}: {one.about} Coverage: {one.coverage}."
    if as_json:
        typer.echo(json.dumps({"schema": "fiveyear.model-show/1", **content}, ensure_ascii=False))
        return
    for key, value in content.items():
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        typer.echo(f"{key.replace('_', ' '):12} {shown}")


@app.command("diagram")
def draw_diagram(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The .png, .pdf or .svg to write.")],
    names: Annotated[
        list[str] | None,
        typer.Option("--sector", metavar="NAME", help="A sector to draw, or several; all with an overview by default."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
) -> None:
    """Draw stocks, flows and links by sector, as the code has them: one sheet, or the pages of a PDF."""
    from fiveyear import model

    from .figures import diagram
    from .files import refuse_existing

    whole = model.load()
    diagram.check(whole, out, names or ())
    refuse_existing([out], force)
    diagram.draw(whole, out, names or ())
    typer.echo(f"written: {out}")


def _row(model: Model, name: str) -> dict[str, str]:
    groups = {"parameter": model.parameters, "series": model.series, "stock": model.stocks, "chain": model.chains}
    kind = next((k for k, g in groups.items() if name in g), "equation")
    sector = model.sectors[name].split(" ")[0]
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
        detail |= {
            "initial": stock.initial or "empty",
            "inflows": list(stock.inflows),
            "outflows": list(stock.outflows),
        }
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
