"""The tables of the report: one a figure, under its name, and one a check, with all that is drawn or said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from .study import Study

Records = Iterable[Mapping[str, Any]]


def _convergence(study: Study) -> Records:
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


ROWS: dict[str, Callable[[Study], Records]] = {
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
    "shocks": lambda study: map(asdict, study.shocks),
    "left_out": _left_out,
    "predictive": lambda study: map(asdict, study.predictive),
}


def table(name: str, study: Study) -> list[list[object]]:
    """Give a table of ``ROWS``: its heading, then its rows; nothing if it has none."""
    rows = list(ROWS[name](study))
    return [list(rows[0]), *(list(row.values()) for row in rows)] if rows else []
