"""When each figure of the plan is reached: a row each, from the first project to the quantiles of the date."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from fiveyear.experiments.console.terminal import share_text
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LINE, MARGIN, Page, text_width, tint
from fiveyear.model.labels import in_words
from fiveyear.scenarios.programme import due

from .study import Answer, Study

# Millimetres on the page.
ROW = 3.7
GAP = 1.2  # between programmes
LABELS = 36.0  # where the figures' names start
DRAWN = 113.0  # where the axes start
WIDE = 54.0  # of the axes
CHANCE = 171.0  # where probabilities stand
UNDER = 6.0
LONGEST = DRAWN - LABELS - 2.0


def table(study: Study) -> Rows:
    """Give every number drawn; an empty date is one after the end of the simulation."""
    yield "programme", "figure", "measured", "due", "begins", "p05", "p25", "median", "p75", "p95", "probability"
    for answer in study.answers:
        asked = answer.programme, answer.figure.id, answer.figure.measured, due(answer.figure)
        yield *asked, begin(study, answer), *answer.met.values(), answer.probability.value


def begin(study: Study, answer: Answer) -> float | None:
    """Give when the first project of a figure's line starts."""
    if answer.line is None:
        return None
    return study.portfolio.programmes[answer.programme].table.lines[answer.line].begins.low


def figure(study: Study) -> page.Figure:
    """Lay out, in the house style, a row for each figure."""
    plan = study.portfolio.plan
    groups = [list(rows) for _, rows in groupby(study.answers, key=lambda a: a.programme)]
    high = ROW * len(study.answers) + GAP * len(groups)
    begins = [b for answer in study.answers if (b := begin(study, answer)) is not None]
    last = plan.end + 6.0
    first = float(np.floor(min([*begins, last - 10.0])))
    foot = (
        f"{study.made_from} Grey: since the first project starts. Blue: date at which the figure is reached, 5 to 95 % "
        "of draws (thin), 25 to 75 % (thick), median (ring); an arrow goes on after the simulation ends. Red: the end "
        "of the year in which it is due. P: share of draws in time. Most numbers behind it are assumed."
    )
    sheet = Page("When the figures of the plan's programmes are reached", plan.title, foot, LINE + high + UNDER)
    top = sheet.top + LINE
    axes = sheet.axes(DRAWN, top, WIDE, high)
    axes.set_xlim(first, last)
    axes.set_ylim(high, 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    every = 2 if last - first <= 12.0 else 3  # years between numbers on the axis
    years = list(range(int(first), int(last) + 1, every))
    axes.set_xticks(years, [str(y) for y in years])
    axes.axvline(plan.end + 1.0, color="0.6", lw=0.6, zorder=0)
    sheet.text(CHANCE, sheet.top, ["P"], weight="bold")
    sheet.text(LABELS, sheet.top, ["what is promised, and how much"], weight="bold")
    at = GAP / 2.0
    for rows in groups:
        sheet.text(MARGIN, top + at + 0.2, [in_words(rows[0].programme)], weight="bold")
        for answer in rows:
            _row(sheet, axes, study, answer, top, at, last)
            at += ROW
        at += GAP
    return sheet.picture


def _row(sheet: Page, axes: page.Axes, study: Study, answer: Answer, top: float, at: float, last: float) -> None:
    label = _short(f"{answer.figure.id} {answer.figure.measured}: {answer.figure.in_words()}")
    sheet.text(LABELS, top + at + 0.2, [label], size=6.5)
    sheet.text(CHANCE, top + at + 0.2, [share_text(answer.probability.value)])
    middle = at + ROW / 2.0
    begins = begin(study, answer)
    p05, p25, median, p75, p95 = (last if date is None else min(date, last) for date in answer.met.values())
    if begins is not None:
        axes.plot([begins, min(p05, last)], [middle, middle], color="0.75", lw=0.6)
        axes.plot([begins], [middle], "|", color="0.5", ms=3.5)
    axes.plot([p05, p95], [middle, middle], color=tint("C0", 0.45), lw=1.6, solid_capstyle="butt")
    axes.plot([p25, p75], [middle, middle], color="C0", lw=3.2, solid_capstyle="butt")
    if answer.met["median"] is not None:
        axes.plot([median], [middle], "o", color="white", mec="C0", ms=2.6)
    if answer.met["p95"] is None:
        axes.plot([last - 0.12], [middle], ">", color=tint("C0", 0.45), ms=3.0, clip_on=False)
    axes.plot([due(answer.figure) + 1.0], [middle], "|", color="C1", ms=6.0, mew=1.2)


def _short(text: str) -> str:
    """Give a text that fits its column, cut between words where it must be."""
    if text_width(text, 6.5, "normal") <= LONGEST:
        return text
    head, tail = text.rsplit(": ", 1)
    words = head.split()
    while words and text_width(f"{' '.join(words)} …: {tail}", 6.5, "normal") > LONGEST:
        words.pop()
    return f"{' '.join(words)} …: {tail}"
