"""The files of ``fiveyear calibrate --report``: the page, its figures, its tables; all of them or none."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from fiveyear.calibration.information import effective_number
from fiveyear.experiments.console import files
from fiveyear.experiments.page.comma_separated import drawn
from fiveyear.experiments.page.figure import files as of_figure
from fiveyear.experiments.page.figure import write_files

from . import page
from .figures import correlations, fit, parameters, profiles, spectrum, tornado
from .sections import sections
from .study import Study
from .tables import ROWS, table

PAGE = "report.html"
FIGURES = {
    "fit": fit.figure,
    "parameters": parameters.figure,
    "spectrum": spectrum.figure,
    "profiles": profiles.figure,
    "correlations": correlations.figure,
    "robustness": tornado.figure,
}
TABLES = [name for name in ROWS if name not in FIGURES]


def prepare(out: Path, force: bool) -> None:
    """Refuse, before any work, what could not be written.

    Raises ExistsError if a file is there and not ``force``, WriteError without a folder.
    """
    files.folder(out)
    files.refuse_existing(_paths(out), force)


def _paths(out: Path) -> list[Path]:
    figures = [path for name in FIGURES for path in of_figure(out / f"{name}.png")]
    return [out / PAGE, *figures, *(out / f"{name}.csv" for name in TABLES)]


def write(study: Study, out: Path) -> list[Path]:
    """Write all files; gives what was written. Raises WriteError if that cannot be done."""
    with files.together(out) as folder:
        for name, figure in FIGURES.items():
            write_files(folder / f"{name}.png", partial(figure, study), table(name, study))
        for name in TABLES:
            (folder / f"{name}.csv").write_bytes(drawn(table(name, study)))
        pictures = {name: (folder / f"{name}.png").read_bytes() for name in FIGURES}
        (folder / PAGE).write_text(page.written(study, pictures), encoding="utf-8")
    return _paths(out)


def findings(study: Study) -> dict[str, Any]:
    """Give what the report finds, ready for JSON."""
    return {
        "sections": {s.title: list(s.findings) for s in sections(study)},
        "not_followed": [s.series for s in study.not_followed],
        "one_sided_surprises": [s.surprise for s in study.surprises if s.one_sided],
        "effective_number_of_parameters": effective_number(study.spectrum),
        "uninformed": [p.parameter for p in study.uninformed],
        "profiles": {p.parameter: p.profile for p in study.parameters},
        "answers_that_change": [
            {
                "scenario": m.scenario,
                "indicator": m.indicator,
                "parameter": m.parameter,
                "probability": m.probability,
                "at_low": m.at_low,
                "at_high": m.at_high,
                "other_side_of_even_odds": m.other_side,
            }
            for m in study.moved
            if m.other_word or m.other_side
        ],
    }
