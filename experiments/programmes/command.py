"""``fiveyear programmes``: the figures that the plan prints, how each is modelled, and which are reachable."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options
from fiveyear.experiments.console.progress import counter

app = options.App("Say which of the plan's many figures are reachable.")

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
    plan: Annotated[str, options.plan("The plan whose register is listed.")] = options.PLAN,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only those that are modelled in this way.")] = None,
    as_json: options.Json = False,
) -> None:
    """List every figure of the plan: when it is due, what it measures, and how it is modelled."""
    from fiveyear.scenarios import load_plan
    from fiveyear.scenarios.register import read_register

    chosen = load_plan(plan)
    figures = [f for f in read_register(chosen) if kind in (None, f.modelled_as)]
    if as_json:
        content = {"schema": "fiveyear.programmes-list/1", "plan": chosen.name, "figures": [asdict(f) for f in figures]}
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
    typer.echo("\n" + textwrap.fill(f"{len(figures)} figures of the {chosen.name} plan: {summary}", WIDTH))


@app.command("reach")
def reach_programmes(
    programmes: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROGRAMME", help="Those of the scenario's plan, or .toml files; all by default."),
    ] = None,
    scenario: Annotated[str, options.scenario("Whose government funds pay, a shipped name or a file.")] = "plan",
    draws: Annotated[int, options.draws("How many replications.", most=100_000)] = 2000,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    workers: options.Workers = None,
    out: options.Files = None,
    engine: options.Engine = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Simulate programmes: how many projects each figure needs, its probability, and what limits it."""
    from fiveyear.experiments.forecast.selection import ensembles
    from fiveyear.model.cores import cores
    from fiveyear.scenarios.programme import load_portfolio

    from . import files as programme_files
    from . import report
    from .study import study
    from .width import widths

    (ensemble,) = ensembles([scenario], settings, facts, seed, engine)
    portfolio, asked = load_portfolio(ensemble.scenario.plan, programmes or [])
    with files.results(out, force, programme_files.names(), quiet=as_json):
        processes = workers or cores()
        with counter("replications", draws) as count:
            answers = study(ensemble, portfolio, asked, draws, processes, count)
        wanted = [f for n in asked for f in portfolio.programmes[n].figures.values() if f.modelled_as == "portfolio"]
        with counter("widths", len(wanted)) as count:
            wide = widths(answers, processes, count)
        (report.print_json if as_json else report.print_tables)(answers, wide)
        if out is not None:
            programme_files.write(answers, wide, out)


@app.command("examination")
def examine_programmes(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Whose applications are examined, a shipped name or a .toml file.")
    ] = "plan",
    draws: Annotated[int, options.draws("How many replications.", least=20, most=100_000)] = 2000,
    seed: options.Seed = options.SEED,
    facts: options.Facts = None,
    settings: options.Settings = None,
    workers: options.Workers = None,
    as_json: options.Json = False,
) -> None:
    """Hold patent examination, application by application, beside the core's continuous chain."""
    from fiveyear.experiments.forecast.selection import ensembles

    (ensemble,) = ensembles([scenario], settings, facts, seed, None)
    from . import examination_report

    examination_report.report(ensemble, draws, workers, as_json)
