"""The tables of the report, as CSV: one a figure, under its name, and one a check, with all that is drawn or said."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from fiveyear.experiments.page.figure import decimal

from .study import Study

Rows = Iterable[Mapping[str, Any]]


def _convergence(study: Study) -> Rows:
    """Give the figures of the sampling, by latent number; of one that no fact depends on there are none."""
    figures = asdict(study.fitted.convergence)
    columns = ("r_hat", "ess_bulk", "ess_tail", "autocorrelation_time")
    return ({"latent": latent, **{n: figures[n][latent] for n in columns}} for latent in figures["r_hat"])


def _left_out(study: Study) -> Iterator[Mapping[str, Any]]:
    for omission in study.left_out:
        row = {n: v for n, v in asdict(omission).items() if n != "moved"}
        for number, (name, sds) in enumerate(omission.moved, start=1):
            row |= {f"moved_{number}": name, f"moved_{number}_sds": sds}
        yield row


ROWS: dict[str, Callable[[Study], Rows]] = {
    "fit": lambda study: map(asdict, study.facts),
    "parameters": lambda study: ({**asdict(p), "informed": p.informed} for p in study.parameters),
    "spectrum": lambda study: (
        {"direction": number, "information_over_prior": value, "settled": value / (1.0 + value)}
        for number, value in enumerate(map(float, study.spectrum), start=1)
    ),
    "profiles": lambda study: (
        {"parameter": p.name, "prior_sds": float(at), "rise": float(rise)}
        for p in study.profiles
        for at, rise in zip(p.latent, p.rise, strict=True)
    ),
    "correlations": lambda study: map(asdict, study.correlated),
    "robustness": lambda study: (
        {**asdict(m), "swing": m.swing, "other_word": m.other_word, "other_side": m.other_side} for m in study.moved
    ),
    "convergence": _convergence,
    "series": lambda study: map(asdict, study.series),
    "shocks": lambda study: map(asdict, study.surprises),
    "deviations": lambda study: map(asdict, study.deviates),
    "left_out": _left_out,
    "predictive": lambda study: map(asdict, study.predictive),
}


def table(name: str, study: Study) -> bytes:
    """Give a table of ``ROWS`` as CSV."""
    stream = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in ROWS[name](study):
        if writer is None:
            writer = csv.DictWriter(stream, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({column: _cell(value) for column, value in row.items()})
    return stream.getvalue().encode()


def _cell(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return decimal(value) if np.isfinite(value) else ""
        case _:
            return value
