"""Figure: how far each factor of an experiment moves the chance of each target, the most first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import Page, folded

from .factors import Swing, swings
from .results import Result

MOST = 15  # bars
# Millimetres on the page.
LABELS, WIDE, BAR, UNDER = 78.0, 90.0, 8.5, 12.0
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


def figure(result: Result, drawn: Sequence[Swing]) -> page.Figure:
    """Draw a bar for each target and factor, from the least mean chance to the largest."""
    from matplotlib.patches import Patch

    high = BAR * max(len(drawn), 1)
    marks = [
        (Patch(**CROSSES), "from one verdict into another"),
        (Patch(**WITHIN), "within one verdict"),
    ]
    sheet = Page(
        _finding(drawn),
        result.description.title,
        "Bars: mean chances, over all that the other factors take, at the levels of a factor between which they differ "
        f"most. Dashed: where a verdict ends. {len(result.cases)} cases of {result.description.draws:,} draws.",
        high + UNDER,
        marks,
    )
    axes = sheet.axes(LABELS, sheet.top + 1.0, WIDE, high)
    for least, _ in CUT_POINTS[:-1]:
        axes.axvline(least, zorder=0, **CUTS)
    for place, of in enumerate(drawn):
        axes.barh(
            place, of.size, left=of.least, height=0.5, zorder=2, gid="swing", **(CROSSES if of.crosses else WITHIN)
        )
        words = [of.label, f"{of.factor}: {of.at_least} to {of.at_most}"]
        for line, text in enumerate(words):
            size = {"size": 7.5} if line == 0 else {"size": 6.0, "color": "0.35"}
            first = folded(text, LABELS - 4.0, size["size"], "normal")[0]  # type: ignore[arg-type]
            sheet.text(2.0, sheet.top + 1.0 + BAR * place + 0.8 + 3.2 * line, [first], **size)
    axes.set_ylim(len(drawn) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_yticks([])
    axes.set_xlabel("probability")
    return sheet.picture


def _finding(drawn: Sequence[Swing]) -> str:
    if not drawn:
        return "No factor moves the chance of a target"
    first = drawn[0]
    return f"The chance of {first.label} moves most, from {first.least:.2f} to {first.most:.2f}"
