"""Figure: how far each factor of an experiment moves the chance of each target, the most first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from fiveyear.experiments.console.language import say
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Drawing, Frame, Page, inner, room, shortened
from fiveyear.model.labels import in_words

from .factors import Swing, swings
from .results import Result

MOST = 15  # bars
# Millimetres on the page.
LABELS, BAR, UNDER = 0.44, 8.5, 12.0  # labels as a share of the width
CROSSES: dict[str, Any] = {"color": "C1"}
WITHIN: dict[str, Any] = {"color": "C0"}
CUTS: dict[str, Any] = {"color": "0.45", "lw": 0.7, "ls": (0, (3, 1.5))}


def shown(result: Result) -> list[Swing]:
    """Give the swings that are drawn."""
    return [swing for swing in swings(result) if swing.size > 0.0][:MOST]


def numbers(drawn: Sequence[Swing]) -> Iterator[tuple[object, ...]]:
    """Give every number drawn."""
    yield "factor", "indicator", "least", "at", "most", "at", "crosses a verdict"
    for of in drawn:
        yield of.factor, of.indicator, of.least, of.at_least, of.most, of.at_most, of.crosses


# -- picture ------------------------------------------------------------------------------------------------
def drawing(result: Result) -> Drawing:
    """Give the swings to be drawn."""
    drawn = shown(result)
    return Drawing(partial(figure, frame(result, drawn), drawn), numbers(drawn))


def frame(result: Result, drawn: Sequence[Swing]) -> Frame:
    """Give the title, which says what moves most, and a foot on what is drawn."""
    title = say("No factor moves the probability of a target")
    if drawn:
        first = drawn[0]
        title = say(
            "The probability of “{target}” moves most, from {least} to {most}",
            target=say(first.label), least=f"{first.least:.2f}", most=f"{first.most:.2f}",
        )  # fmt: skip
    foot = say(
        "Bars: mean probabilities, over all that the other factors take, at the levels of a factor between which they "
        "differ most. Dashed: where a verdict ends. {cases} cases of {draws} draws.",
        cases=len(result.cases), draws=f"{result.description.draws:,}",
    )  # fmt: skip
    return Frame(title, say(result.description.title), foot)


def figure(frame: Frame, drawn: Sequence[Swing]) -> page.Figure:
    """Draw a bar for each target and factor, as many as fit, from the least mean probability to the largest."""
    from matplotlib.patches import Patch

    marks = [
        (Patch(**CROSSES), say("from one verdict into another")),
        (Patch(**WITHIN), say("within one verdict")),
    ]
    drawn = drawn[: int((room(frame, marks) - UNDER) // BAR)]
    high = BAR * max(len(drawn), 1)
    names = LABELS * inner()
    sheet = Page(*frame, high + UNDER, marks)
    axes = sheet.axes(MARGIN + names, sheet.top + 1.0, inner() - names - 2.0, high)
    for least, _ in CUT_POINTS[:-1]:
        axes.axvline(least, zorder=0, **CUTS)
    for place, of in enumerate(drawn):
        axes.barh(
            place, of.size, left=of.least, height=0.5, zorder=2, gid="swing", **(CROSSES if of.crosses else WITHIN)
        )
        factor, low, high_end = (_in_words(text) for text in (of.factor, of.at_least, of.at_most))
        levels = say("{factor}: {low} to {high}", factor=say(factor), low=low, high=high_end)
        top = sheet.top + 1.0 + BAR * place + 0.8
        sheet.text(MARGIN, top, [shortened(say(of.label), names - 2.0, 7.5, "normal")], size=7.5)
        sheet.text(MARGIN, top + 3.2, [shortened(levels, names - 2.0, 6.0, "normal")], size=6.0, color="0.35")
    axes.set_ylim(len(drawn) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", ".5", "1"])
    axes.set_yticks([])
    axes.set_xlabel(say("probability"))
    return sheet.picture


def _in_words(key: str) -> str:
    """Give the key of a factor, or a level of it, as a figure shows it.

    >>> _in_words("planned_rd_intensity.2015")
    'planned R&D intensity 2015'
    >>> _in_words("2.2 to 2.4")
    '2.2 to 2.4'
    """
    return " ".join(in_words(part) for part in re.split(r"\.(?=[a-z]|\d{4}$)", key))
