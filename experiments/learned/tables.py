"""The tables of the report: one CSV a figure or check, with all that is drawn or said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from fiveyear.experiments.page.figure import decimal

from .study import Study


def convergence(study: Study) -> bytes:
    """Give the figures of the sampling, by latent number; of one that no fact depends on there are none."""
    diagnostics = study.fitted.convergence
    return _csv(
        {
            "latent": name,
            "r_hat": diagnostics.r_hat[name],
            "ess_bulk": diagnostics.ess_bulk[name],
            "ess_tail": diagnostics.ess_tail[name],
            "autocorrelation_time": diagnostics.autocorrelation_time[name],
        }
        for name in diagnostics.r_hat
    )


def facts(study: Study) -> bytes:
    """Give what is said of each fact."""
    return _csv(asdict(row) for row in study.facts)


def series(study: Study) -> bytes:
    """Give how each series is followed."""
    return _csv(asdict(row) for row in study.series)


def surprises(study: Study) -> bytes:
    """Give which way the surprises of each Series point."""
    return _csv(asdict(row) for row in study.surprises)


def deviates(study: Study) -> bytes:
    """Give how far each indicator deviates from the model."""
    return _csv(asdict(row) for row in study.deviates)


def parameters(study: Study) -> bytes:
    """Give each parameter before and after the facts."""
    return _csv({**asdict(row), "informed": row.informed} for row in study.parameters)


def spectrum(study: Study) -> bytes:
    """Give the eigenvalues of the Fisher information, and the share of each direction that the facts settle."""
    return _csv(
        {"direction": number, "information_over_prior": value, "settled": value / (1.0 + value)}
        for number, value in enumerate(map(float, study.spectrum), start=1)
    )


def profiles(study: Study) -> bytes:
    """Give every point of every profile."""
    return _csv(
        {"parameter": p.name, "prior_sds": float(at), "rise": float(rise)}
        for p in study.profiles
        for at, rise in zip(p.latent, p.rise, strict=True)
    )


def correlations(study: Study) -> bytes:
    """Give the correlation of all pairs of parameters, the strongest first."""
    return _csv(asdict(pair) for pair in study.correlated)


def left_out(study: Study) -> bytes:
    """Give what each series adds."""
    rows = []
    for omission in study.left_out:
        row = {n: v for n, v in asdict(omission).items() if n != "moved"}
        for number, (name, sds) in enumerate(omission.moved, start=1):
            row |= {f"moved_{number}": name, f"moved_{number}_sds": sds}
        rows.append(row)
    return _csv(rows)


def predictive(study: Study) -> bytes:
    """Give the predictive checks."""
    return _csv(asdict(row) for row in study.predictive)


def robustness(study: Study) -> bytes:
    """Give what each parameter that the facts left open does to each answer."""
    return _csv(
        {**asdict(m), "swing": m.swing, "other_word": m.other_word, "other_side": m.other_side} for m in study.moved
    )


def _csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(stream, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return stream.getvalue().encode()


def _cell(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return decimal(value) if np.isfinite(value) else ""
        case _:
            return value
