"""Figure: what each chance costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fiveyear.experiments.console.terminal import number_text
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import Page

from .need import Need
from .report import heading, in_money, money_of

# Millimetres on the page.
LEFT, WIDE, HIGH, UNDER = 18.0, 148.0, 70.0, 14.0
LINE: dict[str, Any] = {"color": "C0", "marker": "o", "ms": 3.5}
OWN: dict[str, Any] = {"color": "0.3", "marker": "s", "ms": 4.5, "lw": 0.0}
EVEN: dict[str, Any] = {"color": "C1", "marker": "D", "ms": 4.5, "lw": 0.0}
MOST: dict[str, Any] = {"color": "0.45", "lw": 0.8, "ls": (0, (3, 1.5))}


def numbers(need: Need) -> Iterator[tuple[object, ...]]:
    """Give every number drawn."""
    yield "what", "probability", "total", "government", "firms and others", "unit"
    yield need.scenario.name, need.before.value, 0.0, 0.0, 0.0, money_of(need)
    for chance, paid in need.frontier:
        amounts = (in_money(need, amount) for amount in (paid.total, paid.public, paid.private))
        yield "cheapest path", chance, *amounts, money_of(need)
    if need.straight:
        of = need.straight
        amounts = (in_money(need, amount) for amount in (of.paid.total, of.paid.public, of.paid.private))
        yield "cheapest path that rises evenly", of.chance.value, *amounts, money_of(need)
    yield "the largest chance within the limits", need.most, None, None, None, money_of(need)


def figure(need: Need) -> page.Figure:
    """Draw the cost against the chance."""
    from matplotlib.lines import Line2D

    marks = [
        (Line2D([], [], **OWN), f"{need.scenario.name} itself"),
        (Line2D([], [], **MOST), f"the largest chance within the limits, {need.most:.2f}"),
    ]
    if need.straight:
        marks.insert(0, (Line2D([], [], **EVEN), "cheapest path that rises evenly"))
    if need.frontier:
        marks.insert(0, (Line2D([], [], **LINE), "cheapest path"))
    sheet = Page(
        _finding(need),
        heading(need),
        f"Cost: R&D and tax forgone beyond {need.scenario.name}, in {money_of(need)}, prices of "
        f"{need.scenario.plan.base_year}, discounted at {100.0 * need.discount:g} % a year. {need.draws:,} draws, seed "
        f"{need.seed}.",
        HIGH + UNDER,
        marks,
    )
    scale = need.scenario.plan.country.scale
    axes = sheet.axes(LEFT, sheet.top + 2.0, WIDE, HIGH)
    chances = [need.before.value, *(chance for chance, _ in need.frontier)]
    costs = [0.0, *(paid.total / scale for _, paid in need.frontier)]
    axes.plot(chances, costs, gid="frontier", zorder=3, **LINE)
    axes.plot([need.before.value], [0.0], gid="own", zorder=4, clip_on=False, **OWN)
    if need.straight:
        even = need.straight
        axes.plot([even.chance.value], [even.paid.total / scale], gid="even", zorder=4, **EVEN)
    axes.axvline(need.most, zorder=1, **MOST)
    axes.set_xlim(max(0.0, min(need.before.value, need.most) - 0.1), 1.0)
    axes.set_ylim(0.0, 1.08 * max(costs) or 1.0)
    axes.set_xlabel("probability")
    axes.set_ylabel(f"cost, {money_of(need)}")
    return sheet.picture


def _finding(need: Need) -> str:
    if need.is_met:
        return f"As it is, {need.scenario.name} gives {need.before.value:.2f}"
    if need.cheapest is None:
        return f"Within the limits the chance is {need.most:.2f} at most"
    return (
        f"A chance of {need.wished:g} costs {number_text(in_money(need, need.cheapest.paid.total))} ({money_of(need)})"
    )
