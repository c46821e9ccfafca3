"""Heat map: the probability of each target under each scenario, and of meeting together those that are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.terminal import number_text, share_text
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.forecast.targets import MEASURED
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LINE, MARGIN, POINTS, WIDTH, Page, folded

from ..answer import Reach
from .panels import sign
from .scenarios import made_from, scenario_labels, spaced

COLOURS = "cividis"  # perceptually uniform, and the same to colour-blind readers (Nuñez, Anderton & Renslow 2018)
TOGETHER = f"Together: all {MEASURED}"
UNMODELLED = "–"

# Millimetres on the page.
NAMES = 36.0  # left of the cells
WIDEST = 14.0  # a cell
ROW = 5.2
LONGEST = 26.0  # a line of a target's label, unless two do not hold it
TALLEST = 60.0  # a line of any label
BETWEEN = 2.0  # the targets and the joint probability


@dataclass(frozen=True)
class Cell:
    """One cell: a probability, or why there is none."""

    scenario: str
    column: str  # an indicator, or the name of the joint probability
    text: str
    probability: Probability | None


# -- numbers ------------------------------------------------------------------------------------------------
def cells(answers: Sequence[Reach]) -> list[list[Cell]]:
    """Give the cells, a row for each scenario: the plan's targets in its order, then the joint probability."""
    labels = scenario_labels(answers)
    if not answers[0].findings:
        raise FigureError("the heat map", [f"the plan {answers[0].ensemble.scenario.plan.name} has no targets"])
    return [_row(label, answer) for label, answer in zip(labels, answers, strict=True)]


def _row(label: str, answer: Reach) -> list[Cell]:
    chances = [
        *((f.target.indicator, f.probability) for f in answer.findings),
        ("measurable", answer.joint["measurable"]),
    ]
    return [Cell(label, name, share_text(p.value) if p else UNMODELLED, p) for name, p in chances]


def table(rows: Sequence[Sequence[Cell]]) -> Rows:
    """Give every number drawn, and its interval."""
    yield "scenario", "target", "text", "probability", "low", "high"
    for cell in (c for row in rows for c in row):
        p = cell.probability
        yield cell.scenario, cell.column, cell.text, *((p.value, p.low, p.high) if p else (None, None, None))


# -- picture ------------------------------------------------------------------------------------------------
def draw(answers: Sequence[Reach], file: Path) -> list[Path]:
    """Draw the heat map of scenarios of one plan into ``file`` (PNG), with a PDF and the numbers (CSV) beside it.

    The same answers give the same bytes. Raises FigureError if the scenarios are none or of different plans, or if
    the name does not end in .png; raises WriteError if a file cannot be written.
    """
    rows = cells(answers)
    return page.write_files(file, lambda: figure(answers, rows), table(rows))


def figure(answers: Sequence[Reach], rows: Sequence[Sequence[Cell]]) -> page.Figure:
    """Lay out, in the house style, the cells and the scale of their colours."""
    import matplotlib as mpl

    plan = answers[0].ensemble.scenario.plan
    targets = [f.target for f in answers[0].findings]
    asked = [f"{sign(t.comparator)} {number_text(t.value)}" for t in targets]
    headings = [[*_two_lines(t.heading, "normal"), words] for t, words in zip(targets, asked, strict=True)]
    headings.append(_two_lines(TOGETHER, "bold"))
    names = [folded(spaced(row[0].scenario), NAMES - 2.0, 7, "normal") for row in rows]
    highs = [max(ROW, LINE * len(name) + 1.4) for name in names]
    wide = min(WIDEST, (WIDTH - 2 * MARGIN - NAMES - BETWEEN) / len(headings))
    above = max(page.text_width(line, 7, "bold") for heading in headings for line in heading) + 1.5
    cells_high = sum(highs)
    verdicts = ", ".join(f"{word} from {f'{least:.2f}'.lstrip('0')}" for least, word in CUT_POINTS if least > 0.0)
    foot = (
        f"{made_from(answers)} P: share of draws that meet the target: {verdicts}. "
        f"{UNMODELLED}: not modelled, no forecast, or refused, "
        "since the facts do not give what it needs. Together: of the headline targets that the model has."
    )
    sheet = Page(f"Probability of each target in {plan.end}", plan.title, foot, above + cells_high + 13.0)

    lefts = [n * wide + (BETWEEN if n == len(headings) - 1 else 0.0) for n in range(len(headings))]
    tops = [float(sum(highs[:n])) for n in range(len(rows))]
    for n, (left, heading) in enumerate(zip(lefts, headings, strict=True)):
        sheet.picture.text(
            *sheet.place(MARGIN + NAMES + left + wide / 2.0, sheet.top + above - 1.0), "\n".join(heading), rotation=90,
            ha="center", va="bottom", weight="bold" if n == len(headings) - 1 else "normal",
            linespacing=1.1, multialignment="left",
        )  # fmt: skip
    axes = sheet.axes(MARGIN + NAMES, sheet.top + above, lefts[-1] + wide, cells_high)
    axes.set_axis_off()
    axes.set_xlim(0.0, lefts[-1] + wide)
    axes.set_ylim(cells_high, 0.0)
    scale = mpl.colormaps[COLOURS]
    for row, name, top, high in zip(rows, names, tops, highs, strict=True):
        sheet.text(MARGIN, sheet.top + above + top + (high - LINE * len(name)) / 2.0, name)
        for cell, left in zip(row, lefts, strict=True):
            _draw_cell(axes, cell, (left, top, wide, high), scale)

    cuts = sorted({0.0, 1.0, *(least for least, _ in CUT_POINTS)})
    words = {c: f"{c:.2f}".lstrip("0") if 0.0 < c < 1.0 else f"{c:g}" for c in cuts}
    sheet.colour_bar(MARGIN + NAMES, sheet.top + above + cells_high + 3.0, scale, words)
    sheet.text(MARGIN, sheet.top + above + cells_high + 2.7, ["P of meeting the target"])
    return sheet.picture


def _two_lines(text: str, weight: str) -> list[str]:
    """Break a text into two lines at most, as narrow as may be; what is far too long is cut."""
    text, width = page.shortened(text, 2.0 * TALLEST, 7, weight), LONGEST
    while len(lines := folded(text, width, 7, weight)) > 2:
        width += 1.0
    return lines


def _draw_cell(axes: Any, cell: Cell, place: tuple[float, float, float, float], scale: Any) -> None:
    from matplotlib.patches import Rectangle

    left, top, wide, high = place
    fill = (1.0, 1.0, 1.0) if cell.probability is None else tuple(scale(cell.probability.value)[:3])
    gid = f"{cell.scenario} {cell.column}"
    axes.add_patch(Rectangle((left, top), wide, high, facecolor=fill, edgecolor="white", lw=0.25 * POINTS, gid=gid))
    axes.text(left + wide / 2.0, top + high / 2.0, cell.text, ha="center", va="center", color=ink(fill))


def ink(fill: tuple[float, float, float]) -> str:
    """Give black or white, whichever stands out more from a colour (contrast ratio of WCAG 2.1; it is 4.5 at least).

    >>> ink((1.0, 1.0, 1.0)), ink((0.0, 0.1, 0.3))
    ('black', 'white')
    """
    lit = luminance(fill)
    return "black" if (lit + 0.05) / 0.05 >= 1.05 / (lit + 0.05) else "white"


def luminance(colour: tuple[float, float, float]) -> float:
    """Give the relative luminance of an sRGB colour, from 0 for black to 1 for white (WCAG 2.1)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
