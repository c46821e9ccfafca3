"""How ``fiveyear need`` says what it would take: a table, sentences, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from fiveyear.experiments.console.terminal import Column, columns_text, folded, number_text, share_text, text_width
from fiveyear.model import Unit
from fiveyear.model.labels import in_words, with_unit
from fiveyear.scenarios import Target

from .need import DIGITS, Need, Path
from .search import Paid

ENDS = {"low": "least level", "high": "largest level", "step": "largest yearly step"}
WAITS = 0.5  # of what is spent: where the last year has more, the path is said to wait


def as_dict(need: Need) -> dict[str, Any]:
    """Give the answer ready for JSON; amounts in the money of the plan."""
    return {
        "schema": "fiveyear.need/1",
        "scenario": need.scenario.name,
        "plan": need.scenario.plan.name,
        "facts": need.information_set,
        "targets": [
            {"indicator": t.indicator, "comparator": t.comparator, "value": t.value, "unit": t.unit}
            for t in need.targets
        ],
        "probability": need.wished,
        "already_met": need.is_met,
        "before": {"probability": need.before.value, "interval": [need.before.low, need.before.high]},
        "most": need.most,
        "years": list(need.years),
        "limits": {n: _limit(need, n) for n in need.limits},
        "not_costed": list(need.not_costed),
        "inert": list(need.inert),
        "scenario_levels": {n: list(row) for n, row in need.own.items()},
        "cheapest": _path(need, need.cheapest),
        "straight": _path(need, need.straight),
        "likeliest": _path(need, need.likeliest),
        "binding": [{"lever": lever, "limit": kind} for lever, kind in need.binding],
        "relaxation": vars(need.relaxation) if need.relaxation else None,
        "all_limits_times": need.all_relaxed,
        "frontier": [{"probability": chance, **_paid(need, paid)} for chance, paid in need.frontier],
        "last_year_to_begin": {
            name: {f"{chance:g}": year for chance, year in of.items()} for name, of in need.too_late.items()
        },
        "money": {"unit": money_of(need), "prices_of": need.scenario.plan.base_year, "discount": need.discount},
        "seed": need.seed,
        "draws": need.draws,
    }


def money_of(need: Need) -> str:
    """Give the unit in which amounts are told."""
    return need.scenario.plan.country.money


def in_money(need: Need, amount: float | None) -> float | None:
    """Give an amount in that unit; None of what is not known."""
    return None if amount is None else amount / need.scenario.plan.country.scale


def _limit(need: Need, name: str) -> dict[str, Any]:
    limit = need.limits[name]
    factor = Unit.parse(limit.unit).factor_to(need.scenario.plan.model.units[name])
    numbers = {kind: float(f"{getattr(limit, kind) / factor:.12g}") for kind in ("low", "high", "step")}
    return {"unit": limit.unit, **numbers}


def _paid(need: Need, paid: Paid) -> dict[str, float | None]:
    return {key: in_money(need, getattr(paid, key)) for key in ("total", "public", "private")}


def _path(need: Need, path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    chance = {"probability": path.chance.value, "interval": [path.chance.low, path.chance.high]}
    return {"levels": {n: list(row) for n, row in path.levels.items()}, **chance, "paid": _paid(need, path.paid)}


def print_json(need: Need) -> None:
    """Print one JSON object."""
    print(json.dumps(as_dict(need), ensure_ascii=False, allow_nan=False))


def text(need: Need, width: int) -> str:
    """Write the path, what it costs, and when it is too late; or why there is none."""
    tables = [*([table(need)] if need.paths else []), *([frontier(need)] if need.frontier else []), too_late(need)]
    lines = "\n".join(folded(line, width, "  ") for line in sentences(need))
    return "\n\n".join([folded(heading(need), width), *(columns_text(*of, width) for of in tables), lines])


def print_answer(need: Need) -> None:
    """Print it."""
    print(text(need, text_width()))


def heading(need: Need) -> str:
    """Say what is wished for."""
    wishes = " and ".join(map(_wish, need.targets))
    return (
        f"What it would take: {wishes} in {need.scenario.plan.end}, with a probability of {_chance(need.wished)} "
        f"({need.scenario.name}, {need.information_set})"
    )


def _wish(target: Target) -> str:
    return f"{with_unit(target.label, target.unit)} {target.comparator} {target.value:,g}"


def _chance(value: float) -> str:
    return f"{value:.3g}".removeprefix("0")


def table(need: Need) -> tuple[Column, list[Column]]:
    """Give the levels of each lever by year, of the scenario and of each path, with cost and chance."""
    names: list[str] = []
    rows: list[tuple[str, ...]] = []
    for lever in need.limits:
        names.append(with_unit(in_words(lever), need.limits[lever].unit))
        rows.append(("",) * len(need.years))
        for name, levels in ((need.scenario.name, need.own), *((n, p.levels) for n, p in need.paths.items())):
            names.append(f"  {name}")
            rows.append(tuple(level_text(level) for level in levels[lever]))
    columns = [Column(str(year), [row[place] for row in rows]) for place, year in enumerate(need.years)]
    return Column("", names, left=True), columns


def level_text(level: float) -> str:
    """Write a level with its digits, at least ``DIGITS`` of them."""
    short = f"{level:.{DIGITS}g}"
    longer = f"{level:.{DIGITS + 1}g}"
    return longer if abs(float(longer) - level) < 1e-9 and float(longer) != float(short) else short


def frontier(need: Need) -> tuple[Column, list[Column]]:
    """Give what each chance costs, by the cheapest path."""
    money = money_of(need)
    every = [paid for _, paid in need.frontier]
    columns = [Column(f"cost beyond {need.scenario.name},\n{money}", [_amount(need, paid.total) for paid in every])]
    if all(paid.public is not None for paid in every):
        columns.append(Column("government", [_amount(need, paid.public) for paid in every]))
        columns.append(Column("firms and others", [_amount(need, paid.private) for paid in every]))
    return Column("probability", [_chance(chance) for chance, _ in need.frontier]), columns


def _amount(need: Need, amount: float | None) -> str:
    return number_text(in_money(need, amount))


def _payers(need: Need, paid: Paid) -> str:
    """Say who pays, if that is known."""
    if paid.public is None:
        return "who pays is not known"
    return f"government {_amount(need, paid.public)}, firms and others {_amount(need, paid.private)}"


def sentences(need: Need) -> Iterator[str]:
    """Say what it comes to."""
    plan, name = need.scenario.plan, need.scenario.name
    if need.is_met:
        yield f"Already met: {name} itself gives {share_text(need.before.value)}."
    else:
        yield f"{name} itself gives {share_text(need.before.value)}."
    for called, path in need.paths.items():
        yield (
            f"The {called} path costs {_amount(need, path.paid.total)} ({money_of(need)}) beyond {name}: "
            f"{_payers(need, path.paid)}. On other draws than those of the search it gives "
            f"{share_text(path.chance.value)} ({share_text(path.chance.low)} to {share_text(path.chance.high)})."
        )
    yield from _waits(need)
    if not need.is_met and need.cheapest is None:
        yield from _why_not(need)
    moved = ", ".join(in_words(n) for n in need.limits)
    yield f"Moved: {moved}, within the limits of the plan {plan.name} or of this command."
    if need.not_costed:
        yield f"Not costed: {', '.join(map(in_words, need.not_costed))}."
    if need.inert:
        yield f"Left out, since they move no target under {name}: {', '.join(map(in_words, need.inert))}."
    yield (
        f"Costs are what is spent on R&D, and tax forgone, beyond {name} in {need.years[0]}-{need.years[-1]}, in "
        f"prices of {plan.base_year}, discounted to it at {100.0 * need.discount:g} % a year; a lever that is paid for "
        f"is moved up only. {need.draws:,} draws, seed {need.seed}."
    )


def _waits(need: Need) -> Iterator[str]:
    """Say that a path waits for the last year, if it does, and why that pays."""
    path = need.cheapest
    if path is None or not need.straight or len(need.years) < 2:
        return
    for lever, levels in path.levels.items():
        if lever in need.not_costed:
            continue
        rises = [level - own for level, own in zip(levels, need.own[lever], strict=True)]
        if sum(rises) > 0.0 and rises[-1] > WAITS * sum(rises):
            more = need.straight.paid.total - path.paid.total
            share = 100.0 * rises[-1] / sum(rises)
            yield (
                f"The cheapest path waits: {share:.0f} % of the rise of {in_words(lever)} is in {need.years[-1]}, "
                "since the model lets money act in the year in which it is spent. To rise evenly costs "
                f"{_amount(need, more)} more, and does not hang on that."
            )


def _why_not(need: Need) -> Iterator[str]:
    """Say why the wish cannot be met."""
    if need.most >= need.wished:
        yield "Limits allow it, but no path in numbers of few digits was found: ask for a little less."
        return
    yield f"Limits allow {share_text(need.most)} at most. What holds the likeliest path: {_limits(need.binding)}."
    of = need.relaxation
    if of is not None:
        limit = f"the {ENDS[of.kind]} of {in_words(of.lever)}"
        yield f"The least that would do, of one limit alone: {limit} at {of.after:g} {of.unit}, not {of.before:g}."
    elif need.all_relaxed is not None:
        yield f"No limit alone would do: all would have to be {need.all_relaxed:.3g} times as large."
    else:
        yield "No wider limits would do: the levers do not reach so far."


def _limits(binding: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"the {ENDS[kind]} of {in_words(lever)}" for lever, kind in binding) or "nothing"


def too_late(need: Need) -> tuple[Column, list[Column]]:
    """Give by target the last year in which changes within the limits may begin, for each of some chances."""
    columns = []
    for chance in next(iter(need.too_late.values())):
        years = [need.too_late[target.indicator][chance] for target in need.targets]
        columns.append(Column(f"for a chance\nof {_chance(chance)}", ["never" if y is None else str(y) for y in years]))
    return Column("changes may begin in, at the latest", [t.label for t in need.targets], left=True), columns
