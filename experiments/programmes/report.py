"""What ``fiveyear programmes reach`` prints and writes of a study."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from fiveyear.experiments.console.terminal import Column, columns_text, number_text, print_text, share_text, text_width
from fiveyear.experiments.forecast.verdicts import verdict
from fiveyear.experiments.page import comma_separated
from fiveyear.model.labels import in_words
from fiveyear.model.programmes.works import ENDS
from fiveyear.scenarios.programme import due

from .draws import LARGE, LATER, MONEY
from .replication import RAMPS
from .study import WAITING, Answer, Study, figures, lines
from .width import WANTED, Width

Widths = Mapping[str, Width]


# -- for a reader -------------------------------------------------------------------------------------------
def print_tables(study: Study, widths: Widths) -> None:
    """Print each figure with the projects needed, its probability and what limits it, and what all of it adds."""
    scenario = study.ensemble.scenario
    print_text(
        f"Programmes of {scenario.plan.title}, paid for as in {scenario.name}: {study.draws:,} draws, seed {study.seed}"
    )
    for name in study.asked:
        print(f"\n{study.portfolio.programmes[name].title} [{name}]\n")
        _print_programme([a for a in study.answers if a.programme == name], widths)
    print()
    _print_ends(study)
    _print_coupling(study)
    assumed, total = study.share_assumed()
    share = f"{assumed} are assumed ({100.0 * assumed / total:.0f} %)"
    print_text(
        f"Of the {total} numbers that these programmes rest on, {share}: the plan prints what is to come out, and "
        "hardly ever what goes in. Read widths first, probabilities second."
    )


def _print_programme(answers: list[Answer], widths: Widths) -> None:
    promises = [f"{a.figure.id} {a.figure.measured}: {a.figure.in_words()}, {due(a.figure)}" for a in answers]
    first = Column("promise", promises, left=True)
    others = [
        Column(f"projects needed\nfor P = {f'{WANTED:g}'.lstrip('0')}", [_width(a, widths) for a in answers]),
        Column("projects\nassumed", [_starts(a) for a in answers]),
        Column("P", [share_text(a.probability.value) for a in answers]),
        Column("number by then\n(90 %)", [_interval(a.level, number_text) for a in answers]),
        Column("reached by the end of\n(90 %)", [_interval(a.met, _year) for a in answers]),
    ]
    print(columns_text(first, others, text_width()))
    print()
    for answer in answers:
        print_text(f"{answer.figure.id}: {'. '.join(_notes(answer, widths))}.", "      ")


def _notes(answer: Answer, widths: Widths) -> Iterator[str]:
    """Give what is to be said of a figure with its numbers."""
    yield _held(answer)
    width = widths.get(answer.figure.id)
    if width and width.needed is None:
        why = f"they wait for {in_words(width.held_up_by)} {100.0 * width.waiting:.0f} % of their time"
        if width.waiting < WAITING:
            why = "none of them waits, but the work itself takes too long in the other draws"
        best = f"P is {share_text(width.probability)} with {width.best:,}, the best tried"
        yield f"To start more is not enough: {best}; {why}"
    if answer.sensitivity:
        shares = [f"{_key(s.of, s.key)} {share_text(s.low)} to {share_text(s.high)}" for s in answer.sensitivity]
        yield f"P from the lowest to the highest third of {'; '.join(shares)}"


def _key(of: str, key: str) -> str:
    """Give the words for a number: its key without what the reader sees anyway."""
    if of == "platforms":
        return key.removeprefix("platforms.").replace(".", " ").replace("_", " ")
    hidden = ("lines", "stages", "deliverables", "diffusions", "money", "pace")
    parts = [p for p in key.replace('"', "").split(".") if p not in hidden and not re.fullmatch(r"S[0-9]{3}", p)]
    words = " ".join(parts).replace("_", " ")
    return f"money {words}" if key.startswith("money.") else words


def _width(answer: Answer, widths: Widths) -> str:
    width = widths.get(answer.figure.id)
    if width is None:
        return "one project" if answer.figure.modelled_as == "milestone" else "-"
    return f"{width.needed:,}" if width.needed else "no number"


def _starts(answer: Answer) -> str:
    if answer.starts is None:
        return "-"
    low, high = answer.starts
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


def _interval(of: Mapping[str, Any], text: Callable[[Any], str]) -> str:
    return f"{text(of['median'])} ({text(of['p05'])} to {text(of['p95'])})"


def _year(date: float | None) -> str:
    return "later" if date is None else f"{np.ceil(date) - 1:.0f}"


def _held(answer: Answer) -> str:
    held = answer.bottleneck
    if held is None:
        return "Limited by nothing but the time that it takes to spread"
    if held.utilisation is None:
        return f"Limited by no queue; its longest stage is {held.what}"
    of = "drawn" if held.what == "money" else "in use"
    waiting = f"{100.0 * held.waiting:.0f} % of its projects' time is waiting for it"
    return f"Limited by {in_words(held.what)}, {100.0 * held.utilisation:.0f} % {of}: {waiting}"


def _print_ends(study: Study) -> None:
    ends = study.ends()
    totals = {how: sum(line[how] for of in ends.values() for line in of.values()) for how in ENDS}
    summary = ", ".join(f"{number_text(totals[how])} {how}" for how in ENDS)
    last = study.portfolio.plan.end + LATER
    print_text(f"Of {number_text(sum(totals.values()))} projects started, on average, by the end of {last}: {summary}.")
    theirs = {p for name in study.asked for p in study.portfolio.programmes[name].platforms}
    used = []
    for name, of in ((n, _spread(shares)) for n, shares in study.utilisation().items() if n in theirs):
        low, middle, high = (f"{100 * of[k]:.0f}" for k in ("p05", "median", "p95"))
        used.append(f"{in_words(name)} {middle} % ({low} to {high})")
    if used:
        print_text(f"Places taken during the plan: {', '.join(used)}.")


def _print_coupling(study: Study) -> None:
    coupled = study.coupled()
    if not coupled:
        return
    clauses = []
    for ramp, of in coupled.items():
        points, chance = of["added_points"], share_text(of["probability"].value)
        if ramp == "off":
            clauses.append(f"without arrivals P {chance}, median {number_text(of['share']['median'])} %")
        else:
            amount = number_text(of["added"]["median"] / LARGE)
            band = f"{points['p05']:.2f} to {points['p95']:.2f}"
            clauses.append(
                f"ramps of {RAMPS[ramp]:g} years and {ramp} values add {points['median']:.2f} points ({band}; "
                f"{amount} x 100M {study.portfolio.plan.country.currency}), P {chance}"
            )
    target = next(t for t in study.portfolio.plan.targets if t.indicator == "high_tech_value_added_share")
    print_text(f"On {target.label}, target {target.value:g} {target.unit}: {'; '.join(clauses)}.")


# -- for programs -------------------------------------------------------------------------------------------
def as_dict(study: Study, widths: Widths) -> dict[str, Any]:
    """Give a study ready for JSON."""
    assumed, total = study.share_assumed()
    coupled = {r: {**of, "probability": asdict(of["probability"])} for r, of in study.coupled().items()}
    return {
        "schema": "fiveyear.programmes-reach/1",
        **study.ensemble.provenance(study.draws),
        "programmes": list(study.asked),
        "figures": [_row(a, widths) for a in study.answers],
        "projects": study.ends(),
        "platforms": {n: _spread(v) for n, v in study.utilisation().items()},
        "money_drawn_share": {n: _spread(v) for n, v in study.spending().items() if n in study.asked},
        "high_tech_value_added": coupled,
        "numbers": {"assumed": assumed, "total": total, "share_assumed": assumed / total},
    }


def _spread(values: Any) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"median": float(middle), "p05": float(low), "p95": float(high)}


def _row(answer: Answer, widths: Widths) -> dict[str, Any]:
    figure, width, chance = answer.figure, widths.get(answer.figure.id), answer.probability
    return {
        **{"id": figure.id, "programme": answer.programme, "measured": figure.measured},
        **{"promised": figure.low, "promised_high": figure.high, "unit": figure.unit, "due": due(figure)},
        "modelled_as": figure.modelled_as,
        "width": asdict(width) if width else None,
        "starts_assumed": list(answer.starts) if answer.starts else None,
        **{"probability": chance.value, "probability_low": chance.low, "probability_high": chance.high},
        "verdict": verdict(answer.probability.value),
        "level": dict(answer.level),
        "reached": dict(answer.met),
        "bottleneck": asdict(answer.bottleneck) if answer.bottleneck else None,
        "sensitivity": [asdict(s) for s in answer.sensitivity],
    }


def print_json(study: Study, widths: Widths) -> None:
    """Print a study as one JSON object."""
    print(json.dumps(as_dict(study, widths), ensure_ascii=False, indent=2))


def write_table(study: Study, widths: Widths, file: Path) -> None:
    """Write one row a figure as CSV."""
    comma_separated.write_table([_flat(_row(a, widths)) for a in study.answers], file)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{inner}": v for inner, v in value.items()}
        elif key == "sensitivity":
            flat[key] = "; ".join(f"{s['of']} {s['key']}: {s['low']:.3f} to {s['high']:.3f}" for s in value)
        elif key == "starts_assumed":
            flat["starts_low"], flat["starts_high"] = value or (None, None)
        elif value is None and key in ("width", "bottleneck"):
            continue
        else:
            flat[key] = value
    return flat


def dataset(study: Study) -> xr.Dataset:
    """Give every replication, with labels and units, as a Dataset; all programmes that were simulated."""
    r, plan = study.replications, study.portfolio.plan
    years, money = np.arange(plan.base_year + 1, plan.end + 1), plan.country.currency
    dataset = xr.Dataset(
        {
            "reached": (("draw", "figure"), r.met, _says("when a figure is reached; inf: not", "year")),
            "level": (("draw", "figure"), r.level, _says("number at the end of the due year, in its own unit")),
            "projects": (("draw", "line", "end"), r.ends, _says("projects, by how they ended", "1")),
            "project_years": (
                ("draw", "line", "spent_on"),
                r.spent,
                _says("project years, by what they went to", "year"),
            ),
            "places_taken": (("draw", "platform"), r.busy, _says("place years taken on a platform", "year")),
            "money": (("draw", "programme", "account"), r.money * MONEY, _says("money of a programme", money)),
            "high_tech_added": (("draw", "ramp", "year"), r.added, _says("high-tech value added", f"{money}/year")),
        },
        coords={
            "draw": np.arange(study.draws),
            "figure": [f.id for _, f in figures(study.portfolio)],
            "line": [f"{p.name} {line}" for p, line in lines(study.portfolio)],
            "end": list(ENDS),
            "spent_on": ["work", "money", *study.portfolio.platforms],
            "platform": list(study.portfolio.platforms),
            "programme": list(study.portfolio.programmes),
            "account": ["appropriated during the plan", "drawn during the plan", "balance at the end"],
            "ramp": list(RAMPS),
            "year": years,
        },
        attrs=study.ensemble.provenance(study.draws),
    )
    # netCDF-3 takes a dimension of length nil for one without end; programmes whose figures only spread have no lines.
    return dataset.drop_dims([name for name, size in dataset.sizes.items() if not size])


def _says(long_name: str, units: str = "") -> dict[str, str]:
    return {"long_name": long_name} | ({"units": units} if units else {})
