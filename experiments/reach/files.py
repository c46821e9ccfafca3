"""The files of ``fiveyear reach --out``: draws, figures and one table, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.page.comma_separated import write_records
from fiveyear.experiments.page.text import of_cell
from fiveyear.experiments.store.run import described
from fiveyear.model.errors import LISTED, InputError, ModelError

from .answer import Reach, has_finance, has_ranks

SUMMARY = "targets.csv"


def notes(ensembles: Sequence[Ensemble]) -> list[str]:
    """Tell, before any work, which characters of titles and labels figures cannot show."""
    from fiveyear.experiments.page.style import undrawable

    texts: dict[str, str] = {}
    for ensemble in ensembles:
        scenario, plan = ensemble.scenario, ensemble.scenario.plan
        texts[f"scenario {scenario.name}, title"] = scenario.title
        texts[f"scenario {scenario.name}, name and settings"] = " ".join((scenario.name, *scenario.settings))
        texts[f"plan {plan.name}, title"] = plan.title
        texts |= {f"plan {plan.name}, targets.{t.indicator}.label": t.label for t in plan.targets}
    lacking = {place: undrawable(text) for place, text in texts.items()}
    return [
        f"{place}: figures show a box for {', '.join(f'{c} (U+{ord(c):04X})' for c in signs[:LISTED])}: no font has it"
        for place, signs in lacking.items()
        if signs
    ]


def names(ensembles: Sequence[Ensemble]) -> Iterator[str]:
    """Yield what the files will be called; raises InputError if two results would have one name."""
    from fiveyear.experiments.page.figure import files as of_figure

    draws = [f"{e.scenario.name}.nc" for e in ensembles]
    every = [*draws, *(f.name for figure in _figures(ensembles) for f in of_figure(Path(figure))), SUMMARY]
    twice = sorted({n for n in every if every.count(n) > 1})
    if twice:
        raise InputError("reach", [f"two results would be called {n}: give the scenario another name" for n in twice])
    yield from every


def _figures(ensembles: Sequence[Ensemble]) -> dict[str, Callable[[Sequence[Reach], Path], object]]:
    """Give the figures by the name of their PNG, each with what draws it from the answers of all scenarios."""
    from fiveyear.experiments.page.figure import MOST

    from .figures import exceedance, fan, heat_map, rank

    figures: dict[str, Callable[[Sequence[Reach], Path], object]] = {}
    for place, ensemble in enumerate(ensembles):
        name = ensemble.scenario.name
        figures[f"{name}.png"] = partial(_draw_one, fan.draw, place)
        if has_finance(ensemble):
            figures[f"{name}_finance.png"] = partial(_draw_one, _draw_finance, place)
    for plan in dict.fromkeys(e.scenario.plan.name for e in ensembles):
        of_plan = [e for e in ensembles if e.scenario.plan.name == plan]
        figures[f"{plan}_heat_map.png"] = partial(_draw_plan, heat_map.draw, plan)
        if len(of_plan) <= MOST:  # more curves could not be told apart
            figures[f"{plan}_exceedance.png"] = partial(_draw_plan, exceedance.draw, plan)
            if all(has_ranks(e) for e in of_plan):
                figures[f"{plan}_ranks.png"] = partial(_draw_plan, rank.draw, plan)
    return figures


def _draw_one(draw: Callable[[Reach, Path], object], place: int, answers: Sequence[Reach], file: Path) -> None:
    draw(answers[place], file)


def _draw_finance(answer: Reach, file: Path) -> None:
    from .figures import decomposition

    assert answer.finance is not None
    decomposition.draw(answer, answer.finance, file)


def _draw_plan(
    draw: Callable[[Sequence[Reach], Path], object], plan: str, answers: Sequence[Reach], file: Path
) -> None:
    draw([r for r in answers if r.ensemble.scenario.plan.name == plan], file)


def write(answers: Sequence[Reach], out: Path) -> None:
    """Write the draws of each scenario and one table of all targets, all of them or none, and then the figures.

    Raises FigureError, once all else is written, if some figure cannot be drawn.
    """
    ensembles = [r.ensemble for r in answers]
    with files.together(out) as folder:
        for answer in answers:
            files.write_netcdf(
                described(answer.ensemble, answer.dataset), folder / f"{answer.ensemble.scenario.name}.nc"
            )
        files.write_whole(folder / SUMMARY, lambda path: _write_table(answers, path))
    faults = []
    with files.together(out) as folder:
        for name, draw in _figures(ensembles).items():
            try:
                draw(answers, folder / name)
            except ModelError as error:
                faults += [f"{name}: {fault}" for fault in error.faults]
    if faults:
        raise FigureError(f"{out}: draws, tables and all other figures are written; what was not drawn", faults)


def _write_table(answers: Sequence[Reach], file: Path) -> None:
    rows = [row for r in answers for row in r.rows()]
    rows = [{n: of_cell(v) if isinstance(v, str) else v for n, v in row.items()} for row in rows]
    write_records(rows, file)
