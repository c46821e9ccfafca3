"""Exceedance curves: for each target, the probability of reaching any other number, under each scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase
from typing import Any, Literal

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.terminal import number_text, share_text
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
from fiveyear.model.quantities import Array

from ..answer import Finding, Reach
from .panels import display_unit, sign
from .scenarios import made_from, require_few, scenario_labels, scenario_marks

POINTS_DRAWN = 161  # of a curve
TAIL = 0.002  # the share of draws at each end that an axis need not show

# Millimetres on the page.
AXES_HEIGHT = 30.0
TICKS = 9.0  # left of the axes
UNDER = 10.0  # below them, for the unit
GAP = 4.0


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
    unit = display_unit(target.unit, "nominal" in findings[0].flags)
    label = target.label
    return Panel(target.indicator, label, unit, target.comparator, target.value, target.every_year, whole, curves)


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
    return Drawing(partial(figure, frame(answers), shown), table(shown))


def frame(answers: Sequence[Reach]) -> Frame:
    """Give the title, and a foot that says what the figure was made from."""
    plan = answers[0].ensemble.scenario.plan
    only = f": {answers[0].ensemble.scenario.title}" if len(answers) == 1 else ""
    order = ", in the order of the legend" if len(answers) > 1 else ""
    return Frame(
        f"Probability of reaching any number x in {plan.end}{only}",
        plan.title,
        f"{made_from(answers)} P: share of draws that meet the target{order}.",
    )


def figure(frame: Frame, shown: Sequence[Panel]) -> page.Figure:
    """Lay out, in the house style, the panels, one legend, and a line that says what it was made from."""
    columns = 2 if len(shown) in (2, 4) else min(3, len(shown))
    room = pitch(columns, GAP) - GAP
    wide = room - GAP - TICKS
    heads = [folded(p.label, room - LETTER, 7.5, "bold") for p in shown]
    units = [folded(p.unit, room - LETTER, 7, "normal") for p in shown]
    above, below = [LINE * (len(h) + 3) + 2.5 for h in heads], [UNDER + LINE * (len(u) - 1) for u in units]
    places, high = in_rows(columns, GAP, above, AXES_HEIGHT, below)
    sheet = Page(*frame, high + 2.0, _marks([curve.scenario for curve in shown[0].curves]))
    for n, (panel, head, unit, (left, top, at)) in enumerate(zip(shown, heads, units, places, strict=True)):
        sheet.letter(ascii_lowercase[n], left, sheet.top + top, head)
        line = sheet.top + top + LINE * len(head)
        asked = f"target {sign(panel.comparator)} {number_text(panel.target)}"
        sheet.text(left + LETTER, line, [asked + " in every year" * panel.every_year])
        sheet.in_colours(left + LETTER, line + LINE, "P", [share_text(c.at_target) for c in panel.curves])
        axes = sheet.axes(left + TICKS, sheet.top + at, wide, AXES_HEIGHT)
        _draw_panel(axes, panel)
        axes.set_ylabel(f"P(X {sign(panel.comparator)} x)", rotation=0, ha="left", va="bottom")
        axes.yaxis.set_label_coords((LETTER - TICKS) / wide, 1.0 + 1.2 / AXES_HEIGHT)
        axes.set_xlabel("\n".join(unit), labelpad=1.5, linespacing=1.1)
    return sheet.picture


def _draw_panel(axes: page.Axes, panel: Panel) -> None:
    steps: Any = "default"
    if panel.whole:  # the share holds up to the next whole number, above or below
        steps = "steps-pre" if panel.comparator == ">=" else "steps-post"
    axes.axvline(panel.target, color="black", lw=0.7, gid="target", zorder=1.5)
    for n, curve in enumerate(panel.curves):
        look: dict[str, Any] = {"color": f"C{n}", "marker": MARKS[n], "ls": "", "zorder": 5 + n, "clip_on": False}
        # Thinner and thinner, so that of curves that coincide the earlier ones show as rims.
        width, gid = 1.1 + 0.18 * (len(panel.curves) - n), f"at target {curve.scenario}"
        line = axes.plot(curve.values, curve.shares, color=f"C{n}", lw=width, drawstyle=steps, zorder=3)
        line[0].set_gid(f"curve {curve.scenario}")
        axes.plot(panel.target, curve.at_target, gid=gid, mec="white", mew=0.5, ms=5.0, **look)

    seen = [v for c in panel.curves for v in c.values]
    low, high = min(panel.target, *seen), max(panel.target, *seen)
    room = 0.05 * (high - low) if high > low else 0.2 * abs(high) + 1e-9
    axes.set_xlim(max(low - room, 0.5) if panel.whole else low - room, high + room)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
    axes.set_yticks([0.25, 0.75], minor=True)
    axes.locator_params(axis="x", nbins=4, integer=panel.whole)
    same_decimals(axes.xaxis)


def _marks(labels: Sequence[str]) -> list[tuple[Any, str]]:
    from matplotlib.lines import Line2D

    marks: list[tuple[Any, str]] = scenario_marks(labels)
    marks.append((Line2D([], [], color="black", lw=0.7), "target; mark: P of meeting it"))
    return marks
