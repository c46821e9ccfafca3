"""``fiveyear validate``: run the checks, say what holds and what does not, and write both down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options
from fiveyear.experiments.console.progress import counter

CHECK_FAILED = 1


def validate_command(
    plan: Annotated[str, options.plan("The plan whose model is tested.")] = options.PLAN,
    facts: options.Facts = None,
    out: Annotated[Path | None, options.out("Write the checks and the reporting checklist there.")] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Test structure, extremes, conservation, numerics, behaviour and inference; exit code 1 if anything fails."""
    from . import criteria, report
    from . import files as validation_files
    from .validate import validate

    with files.results(out, force, (validation_files.TABLE, validation_files.CHECKLIST), quiet=as_json):
        with counter("checks", len(criteria.CHECKS)) as count:
            validation = validate(plan, facts, progress=count)
        (report.print_json if as_json else report.print_tables)(validation)
        if out is not None:
            validation_files.write(validation, out)
    if validation.failed:
        raise typer.Exit(CHECK_FAILED)
