"""Rank by citations: how likely each place is, and the margin by which the target's place is won or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import (
    LETTER,
    LINE,
    MARKS,
    Drawing,
    Frame,
    Page,
    in_rows,
    inner,
    pitch,
    same_decimals,
)
from fiveyear.model.quantities import Array

from ..answer import Reach
from ..places import RANK, rank_distribution
from .fan import DASHES
from .findings import chance_text, of_rank, subtitle
from .scenarios import LINES, made_from, require_few, scenario_labels, scenario_marks, scenario_titles, sentences

BINS = 32
TAIL = 0.005  # the share of draws at each end that the axis of margins leaves out

# Millimetres on the page.
AXES_HEIGHT = 48.0  # at most
NARROW = 110.0  # a page on which the panels stand below one another
TICKS = 10.0
UNDER = 9.0
GAP = 6.0
HEADER = 2 * LINE + 2.5
UNIT = LINE + 1.0  # above the axes
BESIDE = 1.22  # of the longest bar: the axis, with room for words
MEDIANS = 0.055  # of the width of the axes of margins: for the median of each scenario


@dataclass(frozen=True)
class Ranked:
    """What is drawn of one scenario."""

    scenario: str
    shares: dict[int, float]  # of draws, by rank
    held: float  # share of draws in the target's place or better
    density: Array  # (bin,), share of draws per per cent of margin
    median: float  # margin in %


@dataclass(frozen=True)
class Shown:
    """The numbers of the figure: all that is drawn and nothing else."""

    place: int  # the target
    edges: Array  # (bin + 1,), margin in %
    outside: float  # the share of draws that no bin holds, of the scenario that has most
    scenarios: tuple[Ranked, ...]


# -- numbers ------------------------------------------------------------------------------------------------
def shown(answers: Sequence[Reach]) -> Shown:
    """Give the numbers of the figure."""
    labels = scenario_labels(answers)
    require_few(answers)
    plan = answers[0].ensemble.scenario.plan
    targets = [t for t in plan.targets if t.indicator == RANK]
    if not targets:
        raise FigureError("the figure of ranks", [f"the plan {plan.name} has no target of {RANK}"])
    missing = [n for n, r in zip(labels, answers, strict=True) if RANK not in r.outcomes.decisive]
    if missing:
        raise FigureError("the figure of ranks", [f"{n}: {RANK} is not modelled" for n in missing])
    place = int(targets[0].value)
    margins = [100.0 * np.expm1(r.outcomes.of("margin")[RANK]) for r in answers]
    low, high = np.quantile(np.concatenate(margins), (TAIL, 1.0 - TAIL))
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    # Zero is an edge, so that no bin holds both won and missed places; and it never is the end of the axis.
    step = max(high - low, 1e-6) / BINS
    edges = step * np.arange(min(np.floor(low / step), -2.0), max(np.ceil(high / step), 2.0) + 1.0)
    counts = [np.histogram(m, edges)[0] for m in margins]
    return Shown(
        place,
        edges,
        max(1.0 - float(c.sum()) / len(m) for c, m in zip(counts, margins, strict=True)),
        tuple(
            Ranked(
                label,
                rank_distribution(answer.outcomes.decisive[RANK]),
                float(np.mean(answer.outcomes.decisive[RANK] <= place)),
                counted / len(held) / step,
                float(np.median(held)),
            )
            for label, answer, counted, held in zip(labels, answers, counts, margins, strict=True)
        ),
    )


def table(drawn: Shown) -> Rows:
    """Give every number drawn."""
    yield "scenario", "what", "from", "to", "value", "unit"
    for of in drawn.scenarios:
        yield from ((of.scenario, "rank", float(k), float(k), p, "share of draws") for k, p in of.shares.items())
        yield of.scenario, "target met", 1.0, float(drawn.place), of.held, "share of draws"
        for low, high, density in zip(drawn.edges[:-1], drawn.edges[1:], of.density, strict=True):
            yield of.scenario, "margin", float(low), float(high), float(density), "share of draws per %"
        yield of.scenario, "median margin", of.median, of.median, of.median, "%"


# -- picture ------------------------------------------------------------------------------------------------
def drawing(answers: Sequence[Reach]) -> Drawing:
    """Give the ranks of up to six scenarios to be drawn.

    Raises FigureError if the scenarios are none, too many or of different plans, or if one does not model the rank or
    the plan has no target of it; InputError if rivals' citations are missing.
    """
    drawn = shown(answers)
    return Drawing(partial(figure, frame(answers, drawn), scenario_titles(answers), drawn), table(drawn))


def frame(answers: Sequence[Reach], drawn: Shown) -> Frame:
    """Give the title, and a foot that says what the figure was made from."""
    foot = say(
        "Margin: citations over those of the rival in place {place}; marks left of it: medians. Its axis leaves "
        "out {share} % of draws at most.",
        place=drawn.place, share=f"{100.0 * drawn.outside:.1f}",
    )  # fmt: skip
    return Frame(
        of_rank(answers, drawn.place, [o.held for o in drawn.scenarios]),
        subtitle(answers),
        sentences(made_from(answers), foot),
    )


def figure(frame: Frame, titles: Sequence[str], drawn: Shown) -> page.Figure:
    """Lay out, in the house style, ranks and margins, both with what is better above, beside one another if it fits."""
    from matplotlib.lines import Line2D

    marks = scenario_marks(titles, ["-"] * len(titles) if len(titles) == 1 else LINES)
    marks.append((Line2D([], [], color="black", lw=0.7, ls=DASHES), say("target: place {place}", place=drawn.place)))
    columns = 1 if inner() < NARROW else 2
    values = [[chance_text(o.held) for o in drawn.scenarios], [page.signed(o.median, 0) for o in drawn.scenarios]]
    above, below = [HEADER + UNIT] * 2, [UNDER + 1.0] * 2
    free = page.room(frame, marks) - in_rows(columns, GAP, above, 0.0, below)[1]
    axes_high = min(AXES_HEIGHT, free * columns / 2)
    places, high = in_rows(columns, GAP, above, axes_high, below)
    sheet = Page(*frame, high, marks)
    wide = pitch(columns, GAP) - GAP - TICKS - 2.0
    heads = [
        (say("Rank by citations"), say("chance of place {place} or better", place=drawn.place)),
        (say("Margin to place {place}", place=drawn.place), say("median, %")),
    ]
    units = [say("place"), say("citations over those of the rival in place {place}, %", place=drawn.place)]
    for n, draw in enumerate((_draw_ranks, _draw_margins)):
        left, top, at = places[n]
        sheet.letter("ab"[n], left, sheet.top + top, [heads[n][0]])
        sheet.in_colours(left + LETTER, sheet.top + top + LINE + 0.6, heads[n][1], values[n])
        sheet.text(left + LETTER, sheet.top + at - LINE - 1.0, [units[n]], color="0.25", gid="unit")
        axes = sheet.axes(left + TICKS, sheet.top + at, wide, axes_high)
        draw(axes, drawn)
        same_decimals(axes.xaxis)
    return sheet.picture


def _draw_ranks(axes: page.Axes, drawn: Shown) -> None:
    thick = 0.84 / len(drawn.scenarios)
    places = sorted({k for ranking in drawn.scenarios for k in ranking.shares})
    for n, ranking in enumerate(drawn.scenarios):
        at = np.array(places) - 0.42 + (n + 0.5) * thick
        shares = [ranking.shares.get(k, 0.0) for k in places]
        for bar, k in zip(axes.barh(at, shares, 0.94 * thick, color=f"C{n}"), places, strict=True):
            bar.set_gid(f"rank {k} {ranking.scenario}")
    axes.set_ylim(max(places) + 0.6, 0.4)  # better is up
    axes.set_yticks(places)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0.0, BESIDE * max(p for ranking in drawn.scenarios for p in ranking.shares.values()))
    axes.locator_params(axis="x", nbins=5)
    _divide(axes, drawn.place + 0.5, "bottom")
    axes.set_xlabel(say("share of draws"))


def _draw_margins(axes: page.Axes, drawn: Shown) -> None:
    top = max(float(ranking.density.max()) for ranking in drawn.scenarios)
    for n, ranking in enumerate(drawn.scenarios):
        sideways: dict[str, Any] = {"orientation": "horizontal", "ls": LINES[n]}
        if len(drawn.scenarios) == 1:
            axes.stairs(ranking.density, drawn.edges, fill=True, color=page.tint(f"C{n}", 0.35), **sideways)
        gid = f"margin {ranking.scenario}"
        axes.stairs(ranking.density, drawn.edges, color=f"C{n}", lw=1.4 if n == 0 else 1.2, gid=gid, **sideways)
        # Each in a column of its own, so that no median hides another.
        axes.plot(-MEDIANS * (n + 0.7) * top, ranking.median, marker=MARKS[n], color=f"C{n}", ms=4.0, mec="white",
                  mew=0.4, ls="", zorder=6 + n, gid=f"median {ranking.scenario}")  # fmt: skip
    axes.set_xlim(-MEDIANS * (len(drawn.scenarios) + 0.5) * top, BESIDE * top)
    axes.set_ylim(1.5 * drawn.edges[0] - 0.5 * drawn.edges[1], drawn.edges[-1])
    axes.locator_params(axis="y", nbins=7)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xticks([t for t in axes.get_xticks() if 0.0 <= t <= BESIDE * top])
    axes.spines["bottom"].set_bounds(0.0, BESIDE * top)
    room = float(drawn.edges[-1]) > 0.2 * float(drawn.edges[-1] - drawn.edges[0])
    _divide(axes, 0.0, "bottom" if room else "top")
    same_decimals(axes.yaxis)
    axes.set_xlabel(say("share of draws per %"))


def _divide(axes: page.Axes, at: float, side: str) -> None:
    """Draw the line between what meets the target, above it, and what misses it."""
    axes.axhline(at, color="black", lw=0.7, ls=DASHES, zorder=1.5, gid="target")
    place = (-1.0, 3.0 if side == "bottom" else -3.0)
    axes.annotate(
        say("↑ met"), (1.0, at), place, axes.get_yaxis_transform(), textcoords="offset points", ha="right", va=side,
        color="0.25",
    )  # fmt: skip
