"""The files of ``fiveyear programmes reach --out``: a table, draws, the events of a draw, and figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.page.comma_separated import write_rows
from fiveyear.experiments.page.figure import files as of_figure
from fiveyear.experiments.page.figure import write_files
from fiveyear.model.programmes.works import Event

from . import bottlenecks, dates, report
from .draws import Draws
from .replication import run
from .study import Study

TABLE, DATA, EVENTS = "programmes.csv", "programmes.nc", "programmes_events.csv"
DATES, WAITS = "programmes_dates.png", "programmes_bottlenecks.png"


def names() -> Iterator[str]:
    """Yield what the files are called."""
    yield from (TABLE, DATA, EVENTS, *(f.name for picture in (DATES, WAITS) for f in of_figure(Path(picture))))


def write(study: Study, wide: report.Widths, out: Path) -> None:
    """Write all files or none; raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        files.write_whole(folder / TABLE, partial(report.write_table, study, wide))
        title = f"The programmes of the plan {study.portfolio.plan.name}"
        files.write_netcdf(report.dataset(study), folder / DATA, title, "programmes reach")
        files.write_whole(folder / EVENTS, partial(_write_events, study))
        for name, drawn in ((DATES, dates), (WAITS, bottlenecks)):
            write_files(folder / name, *drawn.drawing(study))


def _write_events(study: Study, file: Path) -> None:
    """Write every event of draw 0, to be read along."""
    log: list[Event] = []
    run(Draws(study.portfolio, study.seed, 0, 1, study.government[:1]), 0, log)
    heading = ("year", "what", "line", "project", "stage", f"amount_10k_{study.portfolio.plan.country.currency}")
    write_rows([heading, *((f"{e.time:.6f}", *e[1:]) for e in log)], file)
