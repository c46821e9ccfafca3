"""``fiveyear compare``: scenarios side by side on common random numbers, so that a difference is not chance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.console.terminal import Column, columns_text, number_text, print_text, share_text, text_width
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.targets import decisive
from fiveyear.experiments.forecast.verdicts import met_text
from fiveyear.model.errors import InputError

from .answer import Reach, reach


def compare(ensembles: Sequence[Ensemble], draws: int, as_json: bool) -> None:
    """Run the scenarios and print, for each target, each scenario's difference from the first, draw by draw.

    Raises InputError if the scenarios are of different plans.
    """
    plans = {e.scenario.plan.name for e in ensembles}
    if len(plans) > 1:
        raise InputError("compare", [f"the scenarios are of different plans: {', '.join(sorted(plans))}"])
    answers = []
    for ensemble in ensembles:
        with counter(f"{ensemble.scenario.name}: draws", draws) as count:
            answers.append(reach(ensemble, draws, progress=count))
    first, *others = answers
    modelled = [k for k, o in enumerate(first.findings) if o.median is not None]
    rows = [_row(first, other, place) for place in modelled for other in others]
    if as_json:
        content = {
            "schema": "fiveyear.compare/1",
            "draws": draws,
            "seed": ensembles[0].seed,
            "first": first.ensemble.scenario.name,
        }
        print(json.dumps({**content, "comparisons": rows}, ensure_ascii=False))
        return
    print_text(
        f"{draws:,} draws on the same random numbers; difference = scenario less {first.ensemble.scenario.name}\n"
    )
    cells = {
        "scenario": [r["scenario"] for r in rows],
        "median": [number_text(r["median"]) for r in rows],
        "difference (90 %)": [
            f"{_signed(r['difference'])} ({_signed(r['difference_p05'])} to {_signed(r['difference_p95'])})"
            for r in rows
        ],
        "higher in": [f"{100.0 * r['share_higher']:.0f} %" for r in rows],
        "P": [_chance(r["probability"], r["met"]) for r in rows],
        "P of first": [_chance(r["probability_of_first"], r["met_of_first"]) for r in rows],
    }
    columns = [Column(heading, texts, left=heading == "scenario") for heading, texts in cells.items()]
    print(columns_text(Column("target", [r["label"] for r in rows], left=True), columns, text_width()))


def _chance(value: float | None, met: bool | None) -> str:
    if value is not None:
        return share_text(value)
    return "-" if met is None else met_text(met)


def _signed(value: float) -> str:
    return ("+" if value >= 0.0 else "-") + number_text(abs(value))


def _row(first: Reach, other: Reach, place: int) -> dict[str, Any]:
    mine, reference = other.findings[place], first.findings[place]
    name = mine.target.indicator
    target = mine.target
    difference, before = (decisive(r.ensemble, target, r.dataset[name].values) for r in (other, first))
    difference = difference - before
    p05, median, p95 = np.quantile(difference, [0.05, 0.5, 0.95])
    return {
        "scenario": other.ensemble.scenario.name,
        "indicator": name,
        "label": mine.target.label,
        "unit": mine.target.unit,
        "median": mine.median,
        "difference": float(median),
        "difference_p05": float(p05),
        "difference_p95": float(p95),
        "share_higher": float(np.mean(difference > 0.0)),
        "probability": mine.probability.value if mine.probability else None,
        "probability_of_first": reference.probability.value if reference.probability else None,
        "met": mine.met,
        "met_of_first": reference.met,
    }
