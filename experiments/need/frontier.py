"""Figure: what each probability costs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from fiveyear.experiments.console.language import month_in_words, say
from fiveyear.experiments.console.money import MoneyUnit, money_unit
from fiveyear.experiments.console.terminal import number_text
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Drawing, Frame, Page, inner
from fiveyear.experiments.reach.figures.panels import display_unit, sign
from fiveyear.model.country import Country
from fiveyear.scenarios import Target

from .need import Need
from .report import in_money, money_of

# Millimetres on the page.
TICKS, ABOVE, HIGH, UNDER = 12.0, 6.0, 55.0, 10.5
LINE: dict[str, Any] = {"color": "C0", "marker": "o", "ms": 3.5}
OWN: dict[str, Any] = {"color": "0.3", "marker": "s", "ms": 4.5, "lw": 0.0}
EVEN: dict[str, Any] = {"color": "C1", "marker": "D", "ms": 4.5, "lw": 0.0}
MOST: dict[str, Any] = {"color": "0.45", "lw": 0.8, "ls": (0, (3, 1.5))}


# -- numbers ------------------------------------------------------------------------------------------------
class Shown(NamedTuple):
    """What is drawn: points of probability and cost, the latter in ``unit``."""

    scenario: str
    own: float
    cheapest: tuple[tuple[float, float], ...]
    even: tuple[float, float] | None
    most: float
    unit: str


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
    yield "the largest probability within the limits", need.most, None, None, None, money_of(need)


def _unit(need: Need) -> MoneyUnit:
    paths = [path.paid.total for path in (need.cheapest, need.straight) if path]
    amounts = [paid.total for _, paid in need.frontier] + paths
    return money_unit(max(amounts, default=0.0), need.scenario.plan.country.currency)


# -- picture ------------------------------------------------------------------------------------------------
def drawing(need: Need) -> Drawing:
    """Give the cost of each probability to be drawn."""
    unit = _unit(need)
    even = need.straight
    shown = Shown(
        say(need.scenario.title),
        need.before.value,
        tuple((chance, paid.total / unit.scale) for chance, paid in need.frontier),
        (even.chance.value, even.paid.total / unit.scale) if even else None,
        need.most,
        unit.words,
    )
    return Drawing(partial(figure, frame(need), shown), numbers(need))


def frame(need: Need) -> Frame:
    """Give the title, which says what the wish costs, and a foot on what is counted."""
    plan, unit = need.scenario.plan, _unit(need)
    name = say(need.scenario.title)
    foot = say(
        "Scenario “{scenario}”, facts published by {month}; {draws} draws, seed {seed}. Cost: R&D and tax forgone "
        "beyond the scenario, in prices of {year}, discounted at {rate} % a year.",
        scenario=name, month=month_in_words(need.month), draws=f"{need.draws:,}", seed=need.seed,
        year=plan.base_year, rate=f"{100.0 * need.discount:g}",
    )  # fmt: skip
    if need.is_met:
        title = say(
            "As it is, scenario “{scenario}” gives a probability of {value}",
            scenario=name,
            value=f"{need.before.value:.2f}",
        )
    elif need.cheapest is None:
        title = say("Within the limits the probability is {value} at most", value=f"{need.most:.2f}")
    else:
        title = say(
            "A probability of {wished} costs {cost} {unit} more than scenario “{scenario}”, which gives {before}",
            wished=f"{need.wished:g}", cost=number_text(need.cheapest.paid.total / unit.scale), unit=unit.words,
            scenario=name, before=f"{need.before.value:.2f}",
        )  # fmt: skip
    wishes = ", ".join(_wish(target, plan.country) for target in need.targets)
    return Frame(title, say("{wishes} in {year}", wishes=wishes, year=plan.end), foot)


def _wish(target: Target, country: Country) -> str:
    """Give what is wished for of a target, with the unit unless its label says it; an amount in few digits."""
    wish = f"{say(target.label)} {sign(target.comparator)}"
    if target.unit == country.money:
        unit = money_unit(target.value * country.scale, country.currency)
        return f"{wish} {target.value * country.scale / unit.scale:,g} {unit.words}"
    in_label = target.unit == "rank" or " per " in target.label
    return f"{wish} {target.value:,g}" + ("" if in_label else f" {say(display_unit(target.unit, nominal=False))}")


def figure(frame: Frame, shown: Shown) -> page.Figure:
    """Draw the cost against the probability."""
    from matplotlib.lines import Line2D

    marks = [
        (Line2D([], [], **OWN), say("{scenario} itself", scenario=shown.scenario)),
        (Line2D([], [], **MOST), say("largest probability within the limits, {value}", value=f"{shown.most:.2f}")),
    ]
    if shown.even:
        marks.insert(0, (Line2D([], [], **EVEN), say("cheapest path that rises evenly")))
    if shown.cheapest:
        marks.insert(0, (Line2D([], [], **LINE), say("cheapest path")))
    drawn = Page(*frame, ABOVE + HIGH + UNDER, marks)
    drawn.text(MARGIN, drawn.top, [say("cost, {unit}", unit=shown.unit)], color="0.25")
    axes = drawn.axes(MARGIN + TICKS, drawn.top + ABOVE, inner() - TICKS - 2.0, HIGH)
    points = [(shown.own, 0.0), *shown.cheapest]
    axes.plot(*zip(*points, strict=True), gid="frontier", zorder=3, **LINE)
    axes.plot([shown.own], [0.0], gid="own", zorder=4, clip_on=False, **OWN)
    if shown.even:
        axes.plot(*([of] for of in shown.even), gid="even", zorder=4, **EVEN)
    axes.axvline(shown.most, zorder=1, **MOST)
    axes.set_xlim(max(0.0, min(shown.own, shown.most) - 0.1), 1.0)
    axes.set_ylim(0.0, 1.08 * max(cost for _, cost in (*points, *([shown.even] if shown.even else []))) or 1.0)
    axes.locator_params(axis="y", nbins=5)
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.set_xlabel(say("probability"))
    return drawn.picture
