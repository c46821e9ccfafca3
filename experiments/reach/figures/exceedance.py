"""Exceedance curves: for each target, the probability of reaching any other number, under each scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase
from typing import Any, Literal

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
from fiveyear.experiments.console.terminal import number_text
from fiveyear.experiments.forecast.targets import meets
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import (
    LETTER,
    LINE,
    MARKS,
    Drawing,
    Frame,
    Page,
    folded,
    in_rows,
    pitch,
    same_decimals,
)
from fiveyear.experiments.page.style import sheet as paper
from fiveyear.model.quantities import Array

from ..answer import Finding, Reach
from .fan import beside
from .findings import chance_text, more_likely_than_not, subtitle
from .panels import unit_of
from .scenarios import LINES, made_from, require_few, scenario_labels, scenario_marks, scenario_titles

POINTS_DRAWN = 161  # of a curve
TAIL = 0.002  # the share of draws at each end that an axis need not show

# Millimetres on the page.
AXES_HEIGHT = 30.0  # at most
LOWEST = 9.0  # axes that can be read
TICKS = 7.0  # left of the axes
UNDER = 9.5  # below them, for the unit
GAP = 4.0
MOST_WRITTEN = 2  # chances in a panel of a slide
CHANCE_GAP = 2.0  # between probabilities


@dataclass(frozen=True)
class Curve:
    """What one panel says of one scenario."""

    scenario: str
    values: Array  # (point,), in the unit of the panel
    shares: Array  # (point,), the share of draws at or beyond each
    at_target: float  # the share of draws that meet the target


@dataclass(frozen=True)
class Panel:
    """The numbers of one panel: all that is drawn in it and nothing else."""

    indicator: str
    label: str
    unit: str
    comparator: Literal[">=", "<="]
    target: float
    every_year: bool  # whether x counts in each year after the base year, not only in the last
    whole: bool  # whether all draws are whole numbers
    place: bool  # whether it is a place among others, the first of which is 1
    headline: bool
    curves: tuple[Curve, ...]  # one for each scenario


# -- numbers ------------------------------------------------------------------------------------------------
def panels(answers: Sequence[Reach]) -> list[Panel]:
    """Give the numbers of each panel, one for each target that every scenario models, in the plan's order."""
    labels = scenario_labels(answers)
    require_few(answers)
    by_target = zip(*(r.findings for r in answers), strict=True)
    shown = [_panel(answers, labels, findings) for findings in by_target if all(f.probability for f in findings)]
    if not shown:
        raise FigureError("the exceedance curves", ["no target of the plan is modelled"])
    return shown


def _panel(answers: Sequence[Reach], labels: Sequence[str], findings: Sequence[Finding]) -> Panel:
    target = findings[0].target
    last = [r.outcomes.decisive[target.indicator] for r in answers]
    whole = all(np.array_equal(v, np.rint(v)) for v in last)
    ends = [target.value, *(q for v in last for q in np.quantile(v, (TAIL, 1.0 - TAIL)))]
    if whole:
        points = np.arange(np.floor(min(ends)) - 1.0, np.ceil(max(ends)) + 2.0)
    else:
        points = np.union1d(np.linspace(min(ends), max(ends), POINTS_DRAWN), [target.value])
    curves = tuple(
        Curve(label, points, shares_beyond(v, points, target.comparator), f.probability.value)
        for label, v, f in zip(labels, last, findings, strict=True)
        if f.probability
    )
    return Panel(
        target.indicator, target.label, unit_of(target), target.comparator, target.value, target.every_year, whole,
        target.unit == "rank", target.kind == "headline", curves,
    )  # fmt: skip


def shares_beyond(values: Array, points: Array, comparator: Literal[">=", "<="]) -> Array:
    """Give the share of draws at or above each point, or at or below it.

    >>> shares_beyond(np.array([1.0, 2.0, 2.0, 4.0]), np.array([0.0, 2.0, 3.0]), ">=").tolist()
    [1.0, 0.75, 0.25]
    >>> shares_beyond(np.array([1.0, 2.0, 2.0, 4.0]), np.array([0.0, 2.0, 3.0]), "<=").tolist()
    [0.0, 0.75, 0.75]
    """
    return np.array([np.mean(meets(values, float(p), comparator)) for p in points])


def table(shown: Sequence[Panel]) -> Rows:
    """Give every number drawn."""
    yield "indicator", "scenario", "what", "comparator", "value", "unit", "probability"
    for panel, curve in ((p, c) for p in shown for c in p.curves):
        points = [("curve", float(v), float(s)) for v, s in zip(curve.values, curve.shares, strict=True)]
        for what, value, share in (*points, ("target", panel.target, curve.at_target)):
            yield panel.indicator, curve.scenario, what, panel.comparator, value, panel.unit, share


# -- picture ------------------------------------------------------------------------------------------------
def drawing(answers: Sequence[Reach]) -> Drawing:
    """Give the curves of up to six scenarios to be drawn.

    Raises FigureError if the scenarios are none, too many or of different plans, or if no target is modelled.
    """
    shown = panels(answers)
    return Drawing(partial(figure, frame(answers, shown), scenario_titles(answers), shown), table(shown))


def frame(answers: Sequence[Reach], shown: Sequence[Panel]) -> Frame:
    """Give the title, and a foot that says what the figure was made from and, after a line end, how to read it."""
    foot = say("Curves: the share of draws that reach a number, or a better one.")
    return Frame(
        more_likely_than_not(answers, [p.indicator for p in shown if p.headline]), subtitle(answers),
        f"{made_from(answers)}\n{foot}",
    )  # fmt: skip


def figure(frame: Frame, titles: Sequence[str], shown: Sequence[Panel]) -> page.Figure:
    """Lay out, in the house style, the panels, one legend, and a line that says what it was made from.

    Where there is no room for all of them, those of headline targets alone.
    """
    marks = _marks(titles)
    columns = beside(len(shown))
    width = pitch(columns, GAP) - GAP
    wide = width - TICKS - 1.5
    heads = [folded(say(p.label), width - LETTER, 7.5, "bold") for p in shown]
    units = [folded(say(p.unit), width - LETTER, 7, "normal") for p in shown]
    asked = [folded(_asked(p), width - LETTER, 7, "normal") for p in shown]
    chances = [[chance_text(c.at_target) for c in p.curves] for p in shown]
    wide_of = [sum(page.text_width(text, 7, "normal") + 2.0 for text in texts) for texts in chances]
    # Of many scenarios, the chances stand below the words.
    below = [
        page.text_width(words[-1], 7, "normal") + wide > width - LETTER
        for words, wide in zip(asked, wide_of, strict=True)
    ]
    pitch_of = max(page.text_width(text, 7, "normal") for texts in chances for text in texts) + CHANCE_GAP
    per_line = max(int((width - LETTER + CHANCE_GAP) / pitch_of), 1)
    written = paper().tallest > page.LOW or len(titles) <= MOST_WRITTEN  # on a slide, marks of many must do
    lines = [len(a) + (-(-len(titles) // per_line) if b and written else 0) for a, b in zip(asked, below, strict=True)]
    above = [LINE * (len(h) + n) + 2.6 for h, n in zip(heads, lines, strict=True)]
    under = [UNDER + LINE * (len(u) - 1) for u in units]
    rows = -(-len(shown) // columns)
    free = page.room(frame, marks) - 2.0 - in_rows(columns, GAP, above, 0.0, under)[1]
    if free / rows < LOWEST and not all(p.headline for p in shown) and any(p.headline for p in shown):
        return figure(frame, titles, [p for p in shown if p.headline])
    axes_high = max(min(free / rows, AXES_HEIGHT), LOWEST)
    places, high = in_rows(columns, GAP, above, axes_high, under)
    sheet = Page(*frame, high + 2.0, marks)
    for n, (panel, head, unit, (left, top, at)) in enumerate(zip(shown, heads, units, places, strict=True)):
        sheet.letter(ascii_lowercase[n % 26], left, sheet.top + top, head)
        line = sheet.top + top + LINE * len(head) + 0.4
        *first, last = asked[n]
        sheet.text(left + LETTER, line, first)
        line += LINE * len(first)
        if below[n]:
            sheet.text(left + LETTER, line, [last])
            if written:
                _in_rows_of(sheet, left + LETTER, line + LINE, chances[n], per_line, pitch_of)
        else:
            sheet.in_colours(left + LETTER, line, last, chances[n])
        axes = sheet.axes(left + TICKS, sheet.top + at, wide, axes_high)
        _draw_panel(axes, panel)
        axes.set_xlabel("\n".join(unit), labelpad=1.5, linespacing=1.1)
    return sheet.picture


def _asked(panel: Panel) -> str:
    """Say what the probability beside it is of."""
    value = number_text(panel.target)
    if panel.place:
        return say("chance of place {place} or better", place=value)
    if panel.comparator == "<=":
        return say("chance of {value} or less", value=value)
    if panel.every_year:
        return say("chance of {value} or more in every year", value=value)
    return say("chance of {value} or more", value=value)


def _in_rows_of(sheet: Page, left: float, top: float, chances: Sequence[str], per_line: int, wide: float) -> None:
    for n, chance in enumerate(chances):
        place = left + wide * (n % per_line), top + LINE * (n // per_line)
        sheet.text(*place, [chance], color=page.tint(f"C{n}", 1.0, 0.75))


def _draw_panel(axes: page.Axes, panel: Panel) -> None:
    steps: Any = "default"
    if panel.whole:  # the share holds up to the next whole number, above or below
        steps = "steps-pre" if panel.comparator == ">=" else "steps-post"
    axes.axvline(panel.target, color="black", lw=0.7, gid="target", zorder=1.5)
    for n, curve in enumerate(panel.curves):
        look: dict[str, Any] = {"color": f"C{n}", "marker": MARKS[n], "ls": "", "zorder": 5 + n, "clip_on": False}
        gid, how = f"at target {curve.scenario}", {"ls": LINES[n], "drawstyle": steps, "zorder": 3}
        line = axes.plot(curve.values, curve.shares, color=f"C{n}", lw=1.6 if n == 0 else 1.4, **how)
        line[0].set_gid(f"curve {curve.scenario}")
        # Smaller and smaller, so that of marks that coincide the earlier ones show as rims.
        axes.plot(panel.target, curve.at_target, gid=gid, mec="white", mew=0.4, ms=5.6 - 0.9 * n, **look)

    seen = [v for c in panel.curves for v in c.values]
    low, high = min(panel.target, *seen), max(panel.target, *seen)
    room = 0.05 * (high - low) if high > low else 0.2 * abs(high) + 1e-9
    ends = max(low - room, 0.5) if panel.whole else low - room, high + room
    axes.set_xlim(*(reversed(ends) if panel.place else ends))  # better is right
    met_right = panel.place or panel.comparator == ">="
    better = max(ends) if panel.comparator == ">=" else min(ends)
    axes.axvspan(panel.target, better, color="0.95", zorder=0)
    # Where a curve is lowest.
    side, shift = ("right", -2.0) if met_right else ("left", 2.0)
    axes.annotate(
        say("met"), (float(met_right), 1.0), (shift, -1.0), "axes fraction", textcoords="offset points", va="top",
        ha=side, color="0.25",
    )  # fmt: skip
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
    axes.locator_params(axis="x", nbins=4, integer=panel.whole)
    same_decimals(axes.xaxis)


def _marks(titles: Sequence[str]) -> list[tuple[Any, str]]:
    from matplotlib.lines import Line2D

    marks: list[tuple[Any, str]] = scenario_marks(titles)
    marks.append((Line2D([], [], color="black", lw=0.7), say("target")))
    return marks
