"""``fiveyear paper``: all figures, tables and numbers of a paper, and the paper itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import options


def paper_command(
    file: Annotated[
        Path | None, typer.Argument(metavar="[PAPER.toml]", help="A paper of one's own; by default the one shipped.")
    ] = None,
    out: Annotated[Path, options.out("The folder of the paper; only what is missing or stale is built.")] = ...,  # type: ignore[assignment]
    quick: Annotated[bool, typer.Option("--quick", help="On a twentieth of the draws, for a look.")] = False,
    as_json: options.Json = False,
) -> None:
    """Build the figures, tables and numbers of a paper, and the paper itself, as far as they are missing or stale."""
    import json
    import shlex

    from .build import build
    from .paper_file import load

    paper = load(file, quick)
    words = shlex.join(["fiveyear", "paper", *([str(file)] if file else []), *(["--quick"] if quick else [])])
    made = build(paper, out, words, lambda line: typer.echo(line, err=True))
    if as_json:
        typer.echo(json.dumps({"schema": "fiveyear.paper/1", "files": list(map(str, made))}, ensure_ascii=False))
    else:
        typer.echo(f"written: {len(made)} files, as {out / 'manifest.json'} lists them; the paper: {out / 'paper.pdf'}")
