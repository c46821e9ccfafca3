"""``fiveyear paper``: all figures, tables and numbers of a paper, the paper itself, and a replication package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import options


def paper_command(
    out: Annotated[Path, options.out("The folder of the paper; only what is missing or stale is built.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[PAPER.toml]", help="A paper of one's own; by default the one shipped.")
    ] = None,
    style: Annotated[options.Style | None, typer.Option("--style", help="What figures are drawn for.")] = None,
    language: Annotated[options.Language | None, typer.Option("--lang", help="Of figures and tables.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="On a twentieth of the draws, for a look.")] = False,
    package: Annotated[
        bool, typer.Option("--package", help="Write a replication package, too: program, inputs and results.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Build the figures, tables and numbers of a paper, and the paper itself, as far as they are missing or stale."""
    import json
    import shlex

    from . import package as replication
    from .build import KEPT, build
    from .paper_file import load

    paper = load(file, quick, style, language)
    if package:
        replication.require_rocrate()
        replication.inputs(paper, file)
    look = [*(["--style", style] if style else []), *(["--lang", language] if language else [])]
    words = shlex.join(["fiveyear", "paper", *([str(file)] if file else []), *look, *(["--quick"] if quick else [])])

    def tell(line: str) -> None:
        typer.echo(line, err=True)

    made = build(paper, out, words, tell)
    if package:
        beside = out
        if not quick:
            beside = out / KEPT / "quick"
            build(
                load(file, True, style, language), beside, f"{words} --quick", lambda line: typer.echo(line, err=True)
            )
        made.append(replication.write(paper, file, out, beside, words))
    if as_json:
        typer.echo(json.dumps({"schema": "fiveyear.paper/1", "files": list(map(str, made))}, ensure_ascii=False))
    else:
        typer.echo(f"written: {len(made)} files, as {out / 'manifest.json'} lists them; the paper: {out / 'paper.pdf'}")
