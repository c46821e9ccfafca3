"""Figure: the chance of each target under scenarios, a line from that in the first to that in each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import LINE, MARGIN, Frame, Page, folded, inner

from ..answer import Finding, Reach
from .fan import DASHES
from .findings import subtitle, together
from .scenarios import made_from, require_few, scenario_labels, scenario_marks, scenario_titles, sentences

# Millimetres on the page.
NAMES, SHARE = 62.0, 0.45  # for labels, at most; and of the width of the page
MARK, LEAST = 1.9, 5.0  # of a row: for each scenario, and at least
PACKED = 1.0  # for each scenario, where the page is low
HEADER, UNDER, GAP = 4.5, 8.0, 4.0


class Row(NamedTuple):
    """A target: its label, line by line, its chance in each scenario, and how high its row is."""

    indicator: str
    kind: str
    label: Sequence[str]
    chances: Sequence[float]
    high: float


def figure(answers: Sequence[Reach]) -> page.Figure:
    """Lay out a row a target that all scenarios model, headline targets first, each from the likeliest in the first.

    Raises FigureError if there are more scenarios than colours tell apart, or two are called the same.
    """
    require_few(answers)
    scenario_labels(answers)
    plan, marks = answers[0].ensemble.scenario.plan, scenario_marks(scenario_titles(answers), [""] * len(answers))
    foot = say(
        "Across: probability that the target is met in {end}, on the same random numbers.",
        end=plan.end,
    )  # fmt: skip
    frame = Frame(together(answers), subtitle(answers), sentences(made_from(answers), foot))
    mark, blocks = MARK, _blocks(answers, MARK)
    if _height(blocks) > page.room(frame, marks):
        mark, blocks = PACKED, _blocks(answers, PACKED)
    if _height(blocks) > page.room(frame, marks):
        blocks = dict(list(blocks.items())[:1])
    sheet = Page(*frame, _height(blocks), marks)
    at, names = sheet.top, _names()
    for words, several in blocks.items():
        sheet.text(MARGIN, at, [words], weight="bold")
        at += HEADER
        size = inner() - names - 2.0, sum(row.high for row in several)
        _draw(sheet.axes(MARGIN + names, at, *size), several, mark, last=words == list(blocks)[-1])
        for row in several:
            sheet.text(MARGIN, at + 0.5 * (row.high - LINE * len(row.label)), row.label)
            at += row.high
        at += GAP
    return sheet.picture


def _names() -> float:
    return min(NAMES, SHARE * inner())


def _blocks(answers: Sequence[Reach], mark: float) -> dict[str, list[Row]]:
    by_target = zip(*(a.findings for a in answers), strict=True)
    rows = [_row(findings, mark) for findings in by_target if all(f.probability for f in findings)]
    rows.sort(key=lambda row: -row.chances[0])
    blocks = {
        say("Headline targets"): [row for row in rows if row.kind == "headline"],
        say("Other targets"): [row for row in rows if row.kind != "headline"],
    }
    return {words: several for words, several in blocks.items() if several}


def _height(blocks: Mapping[str, Sequence[Row]]) -> float:
    return sum(HEADER + sum(row.high for row in several) + GAP for several in blocks.values()) + UNDER - GAP + 2.5


def _row(findings: Sequence[Finding], mark: float) -> Row:
    target = findings[0].target
    label = folded(say(target.label), _names() - 3.0, 7, "normal")
    high = max(LEAST, 1.0 + mark * len(findings), 1.0 + LINE * len(label))
    return Row(target.indicator, target.kind, label, [f.probability.value for f in findings if f.probability], high)


def _draw(axes: page.Axes, rows: Sequence[Row], mark: float, last: bool) -> None:
    top = 0.0
    for row in rows:
        # Each scenario on a height of its own, so that no mark hides another.
        count = len(row.chances)
        heights = [top + 0.5 * row.high + mark * (n + 0.5 - 0.5 * count) for n in range(count)]
        axes.hlines(heights[1:], row.chances[0], row.chances[1:], color="0.75", lw=0.9, zorder=1)
        for n, (value, height) in enumerate(zip(row.chances, heights, strict=True)):
            how = {"color": f"C{n}", "ms": 4.5, "mec": "white", "mew": 0.4, "clip_on": False}
            axes.plot(value, height, page.MARKS[n], gid=f"{row.indicator} {n}", **how)  # type: ignore[arg-type]
        top += row.high
        axes.axhline(top, color="0.93", lw=0.6, zorder=0)
    axes.axvline(0.5, color="0.45", lw=0.6, ls=DASHES, zorder=0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(top, 0.0)
    axes.set_yticks([])
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    axes.set_xticks(ticks, ["0", ".25", ".5", ".75", "1"])
    axes.set_xlabel(say("probability that the target is met") if last else "")
    axes.spines["left"].set_visible(False)
