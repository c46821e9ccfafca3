"""The files of ``fiveyear calibrate --report``: the page, its figures, its tables; all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.page.comma_separated import drawn
from fiveyear.experiments.page.figure import files as of_figure
from fiveyear.experiments.page.figure import write_files

from . import page
from .figures import correlations, fit, parameters, profiles, spectrum, tornado
from .study import Study
from .tables import ROWS, table

PAGE = "report.html"
FIGURES = {
    "fit": fit.drawing,
    "parameters": parameters.drawing,
    "spectrum": spectrum.drawing,
    "profiles": profiles.drawing,
    "correlations": correlations.drawing,
    "robustness": tornado.drawing,
}
TABLES = [name for name in ROWS if name not in FIGURES]


def names() -> Iterator[str]:
    """Yield what the files are called, the page first."""
    yield PAGE
    yield from (file.name for name in FIGURES for file in of_figure(Path(f"{name}.png")))
    yield from (f"{name}.csv" for name in TABLES)


def write(study: Study, out: Path) -> None:
    """Write all files; raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        for name, drawing in FIGURES.items():
            write_files(folder / f"{name}.png", *drawing(study))
        for name in TABLES:
            (folder / f"{name}.csv").write_bytes(drawn(table(name, study)))
        pictures = {name: (folder / f"{name}.png").read_bytes() for name in FIGURES}
        (folder / PAGE).write_text(page.written(study, pictures), encoding="utf-8")
