"""How ``fiveyear levers`` says what moves what: a table for each scenario, or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from fiveyear.experiments.console.terminal import Column, columns_text, print_text, text_width
from fiveyear.experiments.forecast.levers import HARDLY, Effect
from fiveyear.model.labels import in_words, label, with_unit
from fiveyear.scenarios import scenarios_of

from .chain import LABELS, LINKS, Response
from .table import Table

_SHOWN = {
    "rd_counted": "R&D expenditure",
    "researchers": "R&D personnel",
    "high_tech_value_added": "High-tech value added",
}


def print_json(tables: Sequence[Table]) -> None:
    """Print one JSON object."""
    rows = [row for of in tables for row in of.rows()]
    missing = {of.ensemble.scenario.name: of.missing for of in tables if of.missing}
    chain = [{"scenario": of.ensemble.scenario.name, **asdict(response)} for of in tables for response in of.chain]
    settings = {"draws": tables[0].draws, "by": tables[0].by, "years": tables[0].years}
    print(json.dumps({"schema": "fiveyear.levers/1", **settings, "effects": rows, "chain": chain, "missing": missing}))


def print_tables(tables: Sequence[Table]) -> None:
    """Print what each lever moves under each scenario, the most first, and what moves nothing."""
    for of in tables:
        scenario, plan = of.ensemble.scenario, of.ensemble.scenario.plan
        heading = (
            f"{scenario.name}: what each lever moves, raised by {100.0 * of.by:.3g} % of its path from "
            f"{plan.base_year + 1} to {plan.end}; medians, and 90 % of {of.draws:,} draws"
        )
        print_text(heading, "")
        moved = {name: _moved(of, name) for name in of.acting}
        if any(moved.values()):
            print(f"\n{_table(of, moved)}\n")
        if idle := [in_words(name) for name, effects in moved.items() if not effects]:
            print_text(f"What moves nothing by a fortieth of its scatter, in nine draws of ten: {', '.join(idle)}.")
        for indicator, lacking in of.missing.items():
            needed = ", ".join(map(in_words, lacking))
            print_text(f"Nothing is said of {label(indicator)}: the plan {plan.name} lacks {needed}.")
        if of.chain:
            more = f"{100.0 * of.by:.3g} % more from {plan.base_year + 1} on"
            print_text(f"From R&D to high-tech value added: what {more} comes to, %")
            print(f"\n{_chain(of.chain)}")
        print()
    first = tables[0]
    shipped = [scenario.name for scenario in scenarios_of(first.ensemble.scenario.plan)]
    for name, acts_in in first.acting.items():
        about = first.ensemble.model.series[name].about
        print_text(f"{in_words(name)}, {about}, moves {_where(acts_in, shipped)}.")
    print_text(
        "Effects are slopes times what is raised, and exact where that is little. Assumed: the share of an effect's "
        "variance that comes of parameters of which the facts say little. A place by citations moves by steps: papers "
        "and citations stand for it. Tax forgone is the price of a deduction. All effects: --json, or --out FILE."
    )


def _moved(of: Table, lever: str) -> list[tuple[Effect, ...]]:
    """Give the effects of a lever, those of a quantity by year together, on what it moves; the most first."""
    by_indicator: dict[str, list[Effect]] = {}
    for effect in of.effects:
        if effect.lever == lever:
            by_indicator.setdefault(effect.indicator, []).append(effect)
    most = {n: max(e.of_scatter for e in several) for n, several in by_indicator.items()}
    return [tuple(by_indicator[n]) for n in sorted(most, key=lambda n: -most[n]) if most[n] >= HARDLY]


def _table(of: Table, moved: dict[str, list[tuple[Effect, ...]]]) -> str:
    names: list[str] = []
    assumed: list[str] = []
    bands: list[list[str]] = [[] for _ in of.years]
    for lever, every in moved.items():
        if every:
            names.append(in_words(lever))
            for cells in (*bands, assumed):
                cells.append("")
        for several in every:
            names.append(f"  {with_unit(several[0].label, several[0].unit)}")
            for cells, effect in zip(bands, several, strict=True):
                cells.append(_band(effect))
            assumed.append("" if several[0].assumed is None else f"{several[0].assumed:.2f}")
    years = [Column(str(year), cells) for year, cells in zip(of.years, bands, strict=True)]
    return columns_text(Column("", names, left=True), [*years, Column("assumed", assumed)], text_width())


def _chain(responses: Sequence[Response]) -> str:
    names: list[str] = []
    cells: dict[str, list[str]] = {link: [] for link in LINKS}
    for raised, about in LABELS.items():
        of = [r for r in responses if r.raised == raised]
        years = sorted({r.year for r in of})
        names += [about, *(f"  {year}" for year in years)]
        for link, column in cells.items():
            column += ["", *(_percent(r) for r in of if r.link == link)]
    columns = [Column(_SHOWN.get(link) or label(link, heading=True), column) for link, column in cells.items()]
    return columns_text(Column("", names, left=True), columns, text_width())


def _where(acts_in: Sequence[str], shipped: Sequence[str]) -> str:
    """Say in which of the shipped scenarios a lever moves a target."""
    others = [name for name in shipped if name not in acts_in]
    if not acts_in:
        return "no target in any shipped scenario"
    if len(others) > len(acts_in):
        return f"targets in {', '.join(acts_in)}"
    return "targets in all shipped scenarios" + (f" but {', '.join(others)}" if others else "")


def _percent(response: Response) -> str:
    """Write by how many per cent a link is larger, to a hundredth of one."""
    low, middle, high = (round(v, 2) for v in (response.p05, response.median, response.p95))
    return f"{_signed(middle)} ({_signed(low)} to {_signed(high)})" if low or high else "0"


def _band(effect: Effect) -> str:
    if effect.median == effect.p05 == effect.p95 == 0.0:
        return "0"
    return f"{_signed(effect.median)} ({_signed(effect.p05)} to {_signed(effect.p95)})"


def _signed(value: float) -> str:
    """Write an effect with two digits."""
    rounded = float(f"{value:.2g}") + 0.0  # nil has no sign
    return f"{rounded:+,.0f}" if abs(rounded) >= 10.0 else f"{rounded:+.2g}"
