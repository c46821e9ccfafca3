"""Figure: the chance of each target under scenarios, a line from that in the first to that in each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LINE, MARGIN, Page, folded, inner

from ..answer import Finding, Reach
from .scenarios import made_from, require_few, scenario_labels, scenario_marks

# Millimetres on the page.
NAMES = 62.0
MARK, LEAST = 1.9, 5.0  # of a row: for each scenario, and at least
HEADER, UNDER, GAP = 4.5, 8.0, 7.0


class Row(NamedTuple):
    """A target: its label, line by line, its chance in each scenario, and how high its row is."""

    indicator: str
    kind: str
    label: Sequence[str]
    chances: Sequence[float]
    high: float


def figure(answers: Sequence[Reach], title: str) -> page.Figure:
    """Lay out a row a target that all scenarios model, headline targets first, each from the likeliest in the first.

    Raises FigureError if there are more scenarios than colours tell apart, or two are called the same.
    """
    require_few(answers)
    plan, marks = answers[0].ensemble.scenario.plan, scenario_marks(scenario_labels(answers))
    by_target = zip(*(a.findings for a in answers), strict=True)
    rows = [_row(findings) for findings in by_target if all(f.probability for f in findings)]
    rows.sort(key=lambda row: -row.chances[0])
    blocks = {
        "Headline targets": [row for row in rows if row.kind == "headline"],
        "Further targets": [row for row in rows if row.kind != "headline"],
    }
    blocks = {words: several for words, several in blocks.items() if several}
    high = sum(HEADER + sum(row.high for row in several) + GAP for several in blocks.values()) + UNDER
    foot = f"{made_from(answers)} Across: probability that the target is met in {plan.end}, on the same random numbers."
    sheet = Page(title, plan.title, foot, high, marks)
    at = sheet.top
    for words, several in blocks.items():
        sheet.text(MARGIN, at, [words], weight="bold")
        at += HEADER
        size = inner() - NAMES - 2.0, sum(row.high for row in several)
        _draw(sheet.axes(MARGIN + NAMES, at, *size), several, last=words == list(blocks)[-1])
        for row in several:
            sheet.text(MARGIN, at + 0.5 * (row.high - LINE * len(row.label)), row.label)
            at += row.high
        at += GAP
    return sheet.picture


def _row(findings: Sequence[Finding]) -> Row:
    target = findings[0].target
    label = folded(target.label, NAMES - 3.0, 7, "normal")
    high = max(LEAST, 1.0 + MARK * len(findings), 1.0 + LINE * len(label))
    return Row(target.indicator, target.kind, label, [f.probability.value for f in findings if f.probability], high)


def _draw(axes: page.Axes, rows: Sequence[Row], last: bool) -> None:
    top = 0.0
    for row in rows:
        # Each scenario on a height of its own, so that no mark hides another.
        count = len(row.chances)
        heights = [top + 0.5 * row.high + MARK * (n + 0.5 - 0.5 * count) for n in range(count)]
        axes.hlines(heights[1:], row.chances[0], row.chances[1:], color="0.75", lw=0.9, zorder=1)
        for n, (value, height) in enumerate(zip(row.chances, heights, strict=True)):
            how = {"color": f"C{n}", "ms": 4.5, "mec": "white", "mew": 0.4, "clip_on": False}
            axes.plot(value, height, page.MARKS[n], gid=f"{row.indicator} {n}", **how)  # type: ignore[arg-type]
        top += row.high
        axes.axhline(top, color="0.93", lw=0.6, zorder=0)
    axes.axvline(0.5, color="0.45", lw=0.6, ls=(0, (3, 1.5)), zorder=0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(top, 0.0)
    axes.set_yticks([])
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    axes.set_xticks(ticks, ["0", ".25", ".5", ".75", "1"])
    axes.set_xlabel("probability that the target is met" if last else "")
    axes.spines["left"].set_visible(False)
