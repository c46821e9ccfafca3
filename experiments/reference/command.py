"""``fiveyear reference``: what other countries say of errors five years ahead."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fiveyear.experiments.console import files, options
from fiveyear.experiments.console.progress import counter

TABLE, PAGE = "reference_class.csv", "reference_class.md"
HORIZONS, LEFT_OUT = "reference_horizons.png", "reference_left_out.png"
PICTURES = {
    HORIZONS: "How errors of growth carried on grow with the horizon, series by series",
    LEFT_OUT: "What bands from other countries held of a country left out, and their scores against a random walk's",
}


def names() -> Iterator[str]:
    """Yield what the files are called."""
    from fiveyear.experiments.page.figure import files as of_figure

    yield from (TABLE, PAGE, *(f.name for picture in PICTURES for f in of_figure(Path(picture))))


def call(last_year: int | None, without: str) -> str:
    """Give the command that a page says it was written by."""
    asked = f" --last-year {last_year}" if last_year else ""
    return f"fiveyear reference{asked}{f' --without {without}' if without else ''} --out DIR"


def reference_command(
    last_year: Annotated[int | None, typer.Option(metavar="YEAR", help="Figures to that year only, from 2006.")] = None,
    without: Annotated[
        str, typer.Option(metavar="ISO3", help="A country whose own plan is asked about, and is left out.")
    ] = "",
    out: Annotated[Path | None, options.out("Write all numbers, a page and two figures there.")] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Study the reference class: how forecasts of other countries erred up to five years ahead, to 2010."""
    from fiveyear.calibration.reference_class.panel import LAST, SERIES

    from . import report
    from .study import study

    with files.results(out, force, names(), quiet=as_json):
        with counter("reference class: series", len(SERIES)) as count:
            studied = study(last_year or LAST, without, progress=count)
        (report.print_json if as_json else report.print_tables)(studied)
        if out is not None:
            from fiveyear.experiments.page.comma_separated import write_records
            from fiveyear.experiments.page.figure import write_files

            from . import horizons, left_out

            with files.together(out) as folder:
                files.write_whole(folder / TABLE, partial(write_records, list(studied.rows())))
                write_files(folder / HORIZONS, *horizons.drawing(studied))
                write_files(folder / LEFT_OUT, *left_out.drawing(studied))
                text = report.page(studied, call(last_year, without), PICTURES)
                files.write_whole(folder / PAGE, lambda path: path.write_text(text, encoding="utf-8"))
