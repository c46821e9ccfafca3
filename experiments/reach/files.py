"""The files of ``fiveyear reach --out``: draws, figures and one table, all of them or none."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import spoken
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.page.comma_separated import drawn, write_table
from fiveyear.experiments.page.figure import MOST, Drawing, in_both_forms, write_files, write_printed
from fiveyear.experiments.page.figure import files as of_figure
from fiveyear.experiments.page.style import undrawable
from fiveyear.experiments.parallel import work
from fiveyear.model.cores import cores
from fiveyear.model.errors import LISTED, InputError, ModelError

from .answer import Reach
from .figures import comparison, decomposition, exceedance, fan, heat_map, rank
from .outcomes import has_finance, has_ranks, size_of_whole

SUMMARY, COMPARISON = "targets.csv", "comparison.png"
LARGE = 1_000_000_000  # bytes of memory, worth a word before they are taken
MadeBy = Callable[[Sequence[Reach]], Drawing]

#: What processes import that draw figures.
PRELOAD = ("fiveyear.experiments.page.ready", "fiveyear.experiments.reach.files")


def get_ready() -> None:
    """Have what draws the figures loaded while the answers are computed, if there is a processor for it."""
    if cores() > 1:
        with contextlib.suppress(OSError):  # then they are drawn here
            work.get_ready(PRELOAD)


def notes(ensembles: Sequence[Ensemble], draws: int) -> list[str]:
    """Tell, before any work, what takes much memory, which figures are left out, and what they cannot show.

    Left out are those that there are too many scenarios for; not shown are characters that no font has.
    """
    texts: dict[str, str] = {}
    counts = Counter(e.scenario.plan.name for e in ensembles)
    size = sum(size_of_whole(e, draws) for e in ensembles)
    need = f"the files hold all draws by year, for which {size / 1e9:.1f} GB of memory are needed"
    large = [f"{need}; fewer --draws need less"] if size > LARGE else []
    many = [
        f"plan {plan}: no figures of exceedance and of ranks: {count} scenarios, and colours tell {MOST} apart"
        for plan, count in counts.items()
        if count > MOST
    ]
    many += [
        f"plan {plan}: the figures of targets show {fan.SHOWN} scenarios, the first of {count}"
        for plan, count in counts.items()
        if count > fan.SHOWN
    ]
    for ensemble in ensembles:
        scenario, plan = ensemble.scenario, ensemble.scenario.plan
        texts[f"scenario {scenario.name}, title"] = scenario.title
        texts[f"scenario {scenario.name}, name and settings"] = " ".join((scenario.name, *scenario.settings))
        texts[f"plan {plan.name}, title"] = plan.title
        texts |= {f"plan {plan.name}, targets.{t.indicator}.label": t.label for t in plan.targets}
    boxes = [
        f"{place}: figures show a box for {', '.join(f'{c} (U+{ord(c):04X})' for c in signs[:LISTED])}: no font has it"
        for place, text in texts.items()
        if (signs := undrawable(text))
    ]
    return [*large, *many, *boxes]


def names_of_comparison(ensembles: Sequence[Ensemble]) -> list[str]:
    """Give what the files of a comparison will be called: the figure and its table; of many the table alone."""
    few = len(ensembles) <= MOST
    return [f.name for f in of_figure(Path(COMPARISON)) if few or f.suffix == ".csv"]


def write_comparison(
    answers: Sequence[Reach], rows: Sequence[Mapping[str, Any]], out: Path, style: str = "page"
) -> None:
    """Write the figure of a comparison with all its numbers beside it, or the numbers alone, all or none."""
    table = [list(rows[0]), *(list(row.values()) for row in rows)]
    with files.together(out) as folder:
        if len(answers) <= MOST:
            write_files(folder / COMPARISON, lambda: comparison.figure(answers), table, style)
        else:
            file = (folder / COMPARISON).with_suffix(".csv")
            files.write_whole(file, lambda temporary: temporary.write_bytes(drawn(table)))


def names(ensembles: Sequence[Ensemble]) -> Iterator[str]:
    """Yield what the files will be called; raises InputError if two results would have one name."""
    draws = [f"{e.scenario.name}.nc" for e in ensembles]
    every = [*draws, *(f.name for figure in _figures(ensembles) for f in of_figure(Path(figure))), SUMMARY]
    twice = sorted({n for n in every if every.count(n) > 1})
    if twice:
        raise InputError("reach", [f"two results would be called {n}: give the scenario another name" for n in twice])
    yield from every


def _figures(ensembles: Sequence[Ensemble]) -> dict[str, tuple[MadeBy, list[int]]]:
    """Give the figures by the name of their PNG: each with what it is made by, and from the answers in which places."""
    figures: dict[str, tuple[MadeBy, list[int]]] = {}
    for plan in dict.fromkeys(e.scenario.plan.name for e in ensembles):
        of_plan = [place for place, e in enumerate(ensembles) if e.scenario.plan.name == plan]
        figures[f"{plan}_targets.png"] = fan.drawing, of_plan[: fan.SHOWN]
        if all(_has_others(ensembles[place]) for place in of_plan[: fan.SHOWN]):
            figures[f"{plan}_other_targets.png"] = partial(fan.drawing, headline=False), of_plan[: fan.SHOWN]
        figures[f"{plan}_heat_map.png"] = heat_map.drawing, of_plan
        if len(of_plan) <= MOST:  # more curves could not be told apart
            figures[f"{plan}_exceedance.png"] = exceedance.drawing, of_plan
            if all(has_ranks(ensembles[place]) for place in of_plan):
                figures[f"{plan}_ranks.png"] = rank.drawing, of_plan
    for place, ensemble in enumerate(ensembles):
        if has_finance(ensemble):
            figures[f"{ensemble.scenario.name}_finance.png"] = _finance, [place]
    return figures


def _has_others(ensemble: Ensemble) -> bool:
    """Tell whether a target beside the headline ones is modelled."""
    return any(t.kind != "headline" and t.indicator in ensemble.indicators for t in ensemble.scenario.plan.targets)


def _finance(answers: Sequence[Reach]) -> Drawing:
    (answer,) = answers
    assert answer.finance is not None
    return decomposition.drawing(answer, answer.finance)


def write(answers: Sequence[Reach], out: Path, style: str = "page") -> None:
    """Write the draws of each scenario and one table of all targets, all of them or none, and then the figures.

    ``style``: what figures are drawn for; they are in the language that is spoken.

    Raises FigureError, once all else is written, if some figure cannot be drawn.
    """
    faults, drawings = [], {}
    with work.meanwhile(PRELOAD) as begin:
        for name, (made_by, places) in _figures([r.ensemble for r in answers]).items():
            try:
                drawing = made_by([answers[place] for place in places])
            except ModelError as error:
                faults += [f"{name}: {fault}" for fault in error.faults]
            else:
                drawings[name] = begin(in_both_forms, drawing.figure, style, spoken()), drawing.rows
        # With xarray, which neither an answer nor a figure waits for.
        from fiveyear.experiments.store.run import described

        with files.together(out) as folder:
            for answer in answers:
                scenario = answer.ensemble.scenario
                dataset = described(answer.ensemble, answer.dataset)
                files.write_netcdf(dataset, folder / f"{scenario.name}.nc", scenario.title, "reach")
            files.write_whole(folder / SUMMARY, partial(write_table, [row for r in answers for row in r.rows()]))
        with files.together(out) as folder:
            for name, (forms, rows) in drawings.items():
                write_printed(folder / name, forms(), rows)
    if faults:
        raise FigureError(f"{out}: draws, tables and all other figures are written; what was not drawn", faults)
