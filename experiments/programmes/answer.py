"""``fiveyear programmes reach``: simulate, print, and write."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.parallel.work import cores
from fiveyear.model.programmes.portfolio import Event
from fiveyear.scenarios.errors import ScenarioError
from fiveyear.scenarios.programme import load_portfolio

from . import report
from .draws import Draws
from .replication import run
from .study import Study, study
from .width import widths

TABLE, DATA, EVENTS = "programmes.csv", "programmes.nc", "programmes_events.csv"
DATES, WAITS = "programmes_dates.png", "programmes_bottlenecks.png"


def reach(
    names: Sequence[str],
    ensemble: Ensemble,
    draws: int,
    workers: int | None,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Answer for the programmes of these names, or all, under a scenario."""
    portfolio, asked = load_portfolio(names)
    if ensemble.scenario.plan.name != portfolio.plan.name:
        plan = portfolio.plan.name
        text = f"is of the plan {ensemble.scenario.plan.name}, the programmes are of {plan}; give a scenario of {plan}"
        raise ScenarioError(f"scenario {ensemble.scenario.name}", [text])
    if out is not None:
        files.folder(out)
        files.refuse_existing([out / n for n in _names()], force)
    count = workers or cores()
    with counter("replications", draws) as progress:
        portfolio_study = study(ensemble, portfolio, asked, draws, count, progress)
    with counter(
        "widths", sum(f.modelled_as == "portfolio" for n in asked for f in portfolio.programmes[n].figures.values())
    ) as progress:
        wide = widths(portfolio_study, count, progress)
    if as_json:
        report.print_json(portfolio_study, wide)
    else:
        report.print_tables(portfolio_study, wide)
    if out is not None:
        _write(portfolio_study, wide, out)
        if not as_json:
            print(f"written: {', '.join(str(out / n) for n in _names())}")


def _names() -> list[str]:
    from fiveyear.experiments.page.figure import files as of_figure

    return [TABLE, DATA, EVENTS, *(f.name for picture in (DATES, WAITS) for f in of_figure(Path(picture)))]


def _write(study: Study, wide: report.Widths, out: Path) -> None:
    from .bottlenecks import draw as draw_bottlenecks
    from .dates import draw as draw_dates

    with files.together(out) as folder:
        files.write_whole(folder / TABLE, partial(report.write_table, study, wide))
        files.write_netcdf(report.dataset(study), folder / DATA)
        files.write_whole(folder / EVENTS, partial(_write_events, study))
        draw_dates(study, folder / DATES)
        draw_bottlenecks(study, folder / WAITS)


def _write_events(study: Study, file: Path) -> None:
    """Write every event of draw 0, to be read along."""
    log: list[Event] = []
    run(Draws(study.portfolio, study.seed, 0, 1, study.government[:1]), 0, log)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("year", "what", "line", "project", "stage", "amount_10k_yuan"))
        writer.writerows((f"{e.time:.6f}", *e[1:]) for e in log)
