"""``fiveyear calibrate``: fit, show the fit, keep the posterior; report what the data said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options
from fiveyear.experiments.console.progress import counter


def calibrate_command(
    plans: Annotated[list[str] | None, options.plan("Plans whose model is fitted; all by default.")] = None,
    facts: Annotated[
        list[str] | None, typer.Option("--facts", metavar="SET", help="Information sets; all by default.")
    ] = None,
    out: Annotated[
        Path | None, options.out("Write what the data said of one set; fits only what is stale.", name="--report")
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Fit the parameters to the facts, print the fit, and keep the posterior; or report what the data said."""
    from . import files as report_files
    from . import report
    from .calibrate import calibrate, evidence_of, fitted, of_one

    if out is None:
        if force:
            raise typer.BadParameter("--force: only --report writes files that it could write over")
        fits = []
        for evidence in evidence_of(plans or [], facts or []):
            fits.append(calibrate(evidence))
            if not as_json:
                report.print_fit(fits[-1])
        if as_json:
            report.print_json(fits=fits)
        return
    if len(plans or []) > 1 or len(facts or []) > 1:
        raise typer.BadParameter("--report: expected one --plan and one --facts at most")
    evidence = of_one(plans[0] if plans else None, facts[0] if facts else None)
    from .study import steps, study

    with files.results(out, force, report_files.names(), quiet=as_json):
        posterior, fit = fitted(evidence)
        with counter(f"{evidence.plan.name}, {evidence.information_set}: refits and runs", steps(posterior)) as count:
            studied = study(posterior, fit, progress=count)
        report_files.write(studied, out)
        if as_json:
            report.print_json(report=report.of(studied), files=[str(out / name) for name in report_files.names()])
        else:
            report.print_findings(studied)
