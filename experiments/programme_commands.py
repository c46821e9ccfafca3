"""``fiveyear programmes``: the figures that the plan prints, and how each is modelled."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from .options import Json

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="List the plan's figures and programmes.")

PLAN = "twelfth"  # the one plan with a register
WIDTH = 100  # columns


@app.callback()
def programmes() -> None:
    """List the plan's figures and programmes."""


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
        told = f"{figure.id}  {figure.due:9}  {figure.measured}: {figure.said()} [{figure.modelled_as}{of}]"
        why = f" - {figure.reason}" if figure.modelled_as in (Kind.RECORDED, Kind.DIRECTIONAL) else ""
        typer.echo(wrapper.fill(told + why))
    counts = Counter(f.modelled_as for f in figures)
    told = ", ".join(f"{counts[c.value]} {c}" for c in Kind if counts[c.value])
    typer.echo("\n" + textwrap.fill(f"{len(figures)} figures of the {PLAN} plan: {told}", WIDTH))
