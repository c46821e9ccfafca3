"""``fiveyear programmes``: the figures that the plan prints, how each is modelled, and which are reachable."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import options
from fiveyear.experiments.console.options import Json

app = options.App("Say which of the plan's many figures are reachable.")

Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=1024, help="Processes; they move no number. Default: all cores.")
]

PLAN = "twelfth"  # the one plan with a register
WIDTH = 100  # columns


@app.callback()
def programmes() -> None:
    """Say which of the plan's many figures are reachable."""


class Kind(StrEnum):
    """How a figure of the plan is modelled."""

    CORE = "core"
    DIRECTIONAL = "directional"
    PORTFOLIO = "portfolio"
    DIFFUSION = "diffusion"
    MILESTONE = "milestone"
    RECORDED = "recorded"


@app.command("list")
def list_figures(
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only those that are modelled in this way.")] = None,
    as_json: Json = False,
) -> None:
    """List every figure of the plan: when it is due, what it measures, and how it is modelled."""
    from fiveyear.scenarios.register import read_register

    figures = [f for f in read_register(PLAN) if kind in (None, f.modelled_as)]
    if as_json:
        content = {"schema": "fiveyear.programmes-list/1", "plan": PLAN, "figures": [asdict(f) for f in figures]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    wrapper = textwrap.TextWrapper(WIDTH, "  ", " " * 19, break_on_hyphens=False)
    section = ""
    for figure in figures:
        if f"{figure.chapter}, {figure.section}" != section:
            section = f"{figure.chapter}, {figure.section}"
            typer.echo(f"\nChapter {section}")
        of = f": {figure.model}" if figure.model else ""
        summary = f"{figure.id}  {figure.due:9}  {figure.measured}: {figure.in_words()} [{figure.modelled_as}{of}]"
        why = f" - {figure.reason}" if figure.modelled_as in (Kind.RECORDED, Kind.DIRECTIONAL) else ""
        typer.echo(wrapper.fill(summary + why))
    counts = Counter(f.modelled_as for f in figures)
    summary = ", ".join(f"{counts[c.value]} {c}" for c in Kind if counts[c.value])
    typer.echo("\n" + textwrap.fill(f"{len(figures)} figures of the {PLAN} plan: {summary}", WIDTH))


@app.command("reach")
def reach_programmes(
    programmes: Annotated[
        list[str] | None, typer.Argument(metavar="PROGRAMME", help="Shipped names or .toml files; all by default.")
    ] = None,
    scenario: Annotated[
        str,
        typer.Option("--scenario", metavar="SCENARIO", help="Whose government funds pay, a shipped name or a file."),
    ] = "plan",
    draws: Annotated[int, typer.Option("--draws", min=1, max=100_000, help="How many replications.")] = 2000,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=1024, help="Processes; they move no number. Default: all cores."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write data, tables and figures there.")
    ] = None,
    engine: options.Engine = None,
    force: options.Force = False,
    as_json: Json = False,
) -> None:
    """Simulate programmes: how many projects each figure needs, its probability, and what limits it."""
    if out is not None:
        options.require_path(out)
    from fiveyear.experiments.forecast.selection import ensembles

    (ensemble,) = ensembles([scenario], settings, facts, seed, engine)
    from . import answer as command

    command.reach(programmes or [], ensemble, draws, workers, out, force, as_json)


@app.command("examination")
def examine_programmes(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Whose applications are examined, a shipped name or a .toml file.")
    ] = "plan",
    draws: Annotated[int, typer.Option("--draws", min=20, max=100_000, help="How many replications.")] = 2000,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Hold patent examination, application by application, beside the core's continuous chain."""
    from fiveyear.experiments.forecast.selection import ensembles

    (ensemble,) = ensembles([scenario], settings, facts, seed, None)
    from . import examination_report

    examination_report.report(ensemble, draws, workers, as_json)
