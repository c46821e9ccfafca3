"""When each figure of the plan is reached: a row each, from the first project to the quantiles of the date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from fiveyear.experiments.console.language import say
from fiveyear.experiments.console.money import money_unit
from fiveyear.experiments.console.terminal import share_text
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LINE, MARGIN, Drawing, Frame, Page, folded, inner, room, tint
from fiveyear.model.country import Country
from fiveyear.scenarios.programme import due
from fiveyear.scenarios.register import Figure

from .study import Answer, Study

# Millimetres on the page.
TIGHT = 2.9  # a line of a row
BETWEEN = 0.9  # rows
WORDS = 0.56  # of the width
CHANCE = 8.0  # where probabilities stand, from the right
UNDER = 6.0
WIDE = 110.0  # a page from this width on has a line a row, a narrower one two

#: A phrase starts here, and what stands ahead of it is one without it.
PHRASES = re.compile(r"(?=，|, | (?:and|as|at|by|for|from|in|of|on|over|per|that|to|with)\b)")

Dates = tuple[float | None, ...]  # p05 to p95


class Row(NamedTuple):
    """One figure of the plan in words, and all that is drawn of it."""

    programme: str
    promised: str
    measured: str
    begins: float | None
    met: Dates
    due: float
    probability: float


# -- numbers ------------------------------------------------------------------------------------------------
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


def titled(study: Study, programme: str) -> str:
    """Give what a programme is called in a figure: its title without what stands in brackets."""
    return study.portfolio.programmes[programme].table.title.partition(" (")[0]


def promised(figure: Figure, country: Country) -> str:
    """Give how much a plan promises, as a figure shows it: an amount of money in few digits."""
    sign = {">=": "≥ ", "<=": "≤ ", "about": say("about") + " "}.get(figure.comparator, "")
    if figure.low is None or figure.unit == "milestone":
        return say(figure.in_words())
    ends, unit = [of for of in (figure.low, figure.high) if of is not None], say(figure.unit.replace("/", " / "))
    if figure.unit.startswith(country.money):
        money = money_unit(ends[-1] * country.scale, country.currency)
        ends = [of * country.scale / money.scale for of in ends]
        unit = f"{money.words}{say(figure.unit.removeprefix(country.money).replace('/', ' / '))}"
    elif many := re.fullmatch(r"(\d+)([kM]) (.+)", figure.unit):  # as 10k persons
        ends, unit = [of * {"k": 1e3, "M": 1e6}[many[2]] * int(many[1]) for of in ends], say(many[3])
    return f"{sign}{'-'.join(f'{of:,.10g}' for of in ends)} {unit}"


# -- picture ------------------------------------------------------------------------------------------------
def drawing(study: Study) -> Drawing:
    """Give the dates to be drawn."""
    plan = study.portfolio.plan
    rows = [
        Row(
            say(titled(study, answer.programme)),
            promised(answer.figure, plan.country),
            say(answer.figure.measured),
            begin(study, answer),
            tuple(answer.met.values()),
            due(answer.figure) + 1.0,
            answer.probability.value,
        )
        for answer in study.answers
    ]
    likely = sum(row.probability >= 0.5 for row in rows)
    title = say(
        "{likely} of {count} figures promised by programmes are more likely than not reached in time",
        likely=likely, count=len(rows),
    )  # fmt: skip
    foot = say(
        "Right: probability of being in time, the share of draws. An arrow goes on after the simulation ends. Most "
        "numbers behind the figure are assumed."
    )
    frame = Frame(title, say(plan.title), f"{study.made_from} {foot}")
    return Drawing(partial(figure, frame, rows, plan.end), table(study))


def chosen(rows: Sequence[Row], most: int) -> list[Row]:
    """Give so many rows in their order: the least likely of each programme, then the next of each."""
    place: dict[int, tuple[int, float]] = {}
    for programme in dict.fromkeys(row.programme for row in rows):
        own = [n for n, row in enumerate(rows) if row.programme == programme]
        for rank, n in enumerate(sorted(own, key=lambda n: rows[n].probability)):
            place[n] = (rank, rows[n].probability)
    return [rows[n] for n in sorted(sorted(place, key=lambda n: place[n])[:most])]


def figure(frame: Frame, rows: Sequence[Row], end: int) -> page.Figure:
    """Lay out a row for each figure, as many as fit."""
    from matplotlib.lines import Line2D

    marks = [
        (Line2D([], [], color="0.75", lw=0.8), say("since the first project starts")),
        (Line2D([], [], color=tint("C0", 0.45), lw=1.6), say("reached: 5 to 95 % of draws")),
        (Line2D([], [], color="C0", lw=3.2), say("25 to 75 % of draws")),
        (Line2D([], [], color="white", marker="o", mec="C0", ms=2.6, ls=""), say("median")),
        (Line2D([], [], color="C1", marker="|", ms=6.0, mew=1.2, ls=""), say("end of the year in which it is due")),
    ]
    lines = 1 if inner() > WIDE else 2
    pitch = lines * TIGHT + BETWEEN
    longer = say(
        "{count} more figures are in the file of the numbers; the least likely of each programme come first.",
        count=len(rows),
    )
    most = int((room(frame._replace(foot=f"{frame.foot} {longer}"), marks) - LINE - UNDER) // pitch)
    if most < len(rows):
        words = say(
            "{count} more figures are in the file of the numbers; the least likely of each programme come first.",
            count=len(rows) - most,
        )
        frame = frame._replace(foot=f"{frame.foot} {words}")
    rows = chosen(rows, most)
    high = pitch * len(rows)
    drawn = Page(*frame, LINE + high + UNDER, marks)
    top, names = drawn.top + LINE, WORDS * inner()
    last = end + 6.0
    first = float(np.floor(min([*(row.begins for row in rows if row.begins is not None), last - 10.0])))
    axes = drawn.axes(MARGIN + names, top, inner() - names - CHANCE, high)
    axes.set_xlim(first, last)
    axes.set_ylim(high, 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    every = 3 if last - first <= 12.0 and inner() > WIDE else 5  # years between numbers on the axis
    years = [year for year in range(int(first), int(last) + 1) if year % every == 0]
    axes.set_xticks(years, [str(y) for y in years])
    axes.axvline(end + 1.0, color="0.6", lw=0.6, zorder=0)
    for n, row in enumerate(rows):
        drawn.text(MARGIN, top + n * pitch, _words(row, names - 2.0, lines), TIGHT, size=6.5)
        chance, down = [share_text(row.probability)], (lines - 1) * TIGHT / 2.0
        drawn.text(MARGIN + inner() - CHANCE + 1.0, top + n * pitch + down, chance, TIGHT, size=6.5)
        _draw(axes, row, (n + 0.5) * pitch - BETWEEN / 2.0, last)
    return drawn.picture


def _draw(axes: page.Axes, row: Row, middle: float, last: float) -> None:
    p05, p25, median, p75, p95 = (last if date is None else min(date, last) for date in row.met)
    if row.begins is not None:
        axes.plot([row.begins, min(p05, last)], [middle, middle], color="0.75", lw=0.6)
        axes.plot([row.begins], [middle], "|", color="0.5", ms=3.5)
    axes.plot([p05, p95], [middle, middle], color=tint("C0", 0.45), lw=1.6, solid_capstyle="butt")
    axes.plot([p25, p75], [middle, middle], color="C0", lw=3.2, solid_capstyle="butt")
    if row.met[2] is not None:
        axes.plot([median], [middle], "o", color="white", mec="C0", ms=2.6)
    if row.met[-1] is None:
        axes.plot([last - 0.12], [middle], ">", color=tint("C0", 0.45), ms=3.0, clip_on=False)
    axes.plot([row.due], [middle], "|", color="C1", ms=6.0, mew=1.2)


def _words(row: Row, width: float, lines: int) -> list[str]:
    """Give the words of a row in so many lines; where room is short, what is measured loses its last phrases."""
    phrases = PHRASES.split(row.measured)
    heads = ["".join(phrases[:n]) for n in range(len(phrases), 0, -1)]
    complete = [head for head in heads if not head.endswith((",", "-")) and head.count("(") == head.count(")")]
    for text in (f"{row.programme}: {row.promised} ({head})" for head in complete):
        if len(folded_text := folded(text, width, 6.5, "normal")) <= lines:
            return folded_text
    return folded(f"{row.programme}: {row.promised}", width, 6.5, "normal")
