"""Rank by citations: how likely each place is, and the margin by which the target's place is won or missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.terminal import share_text
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LETTER, LINE, MARGIN, MARKS, Drawing, Frame, Page, pitch, same_decimals
from fiveyear.model.quantities import Array

from ..answer import Reach
from ..places import RANK, rank_distribution
from .scenarios import made_from, require_few, scenario_labels, scenario_marks

BINS = 32
TAIL = 0.005  # the share of draws at each end that the axis of margins leaves out

# Millimetres on the page.
AXES_HEIGHT = 48.0
TICKS = 10.0
UNDER = 9.0
GAP = 6.0
HEADER = 3 * LINE + 3.0


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
    return Drawing(partial(figure, frame(answers, drawn), drawn), table(drawn))


def frame(answers: Sequence[Reach], drawn: Shown) -> Frame:
    """Give the title, and a foot that says what the figure was made from."""
    plan = answers[0].ensemble.scenario.plan
    only = f": {answers[0].ensemble.scenario.title}" if len(answers) == 1 else ""
    foot = (
        f"{made_from(answers)} Margin: citations over those of the rival in place {drawn.place}; marks: medians. "
        f"Its axis leaves out {100.0 * drawn.outside:.1f} % of draws{' at most' if len(answers) > 1 else ''}."
    )
    return Frame(f"World rank by citations in {plan.end}{only}", plan.title, foot)


def figure(frame: Frame, drawn: Shown) -> page.Figure:
    """Lay out, in the house style, ranks on the left and margins on the right."""
    from matplotlib.lines import Line2D

    place = drawn.place
    many = drawn.scenarios
    marks = scenario_marks([ranking.scenario for ranking in many])
    marks.append((Line2D([], [], color="black", lw=0.7, ls=(0, (3, 1.5))), f"target: place {place} or better"))
    high = HEADER + AXES_HEIGHT + UNDER + 1.0
    sheet = Page(*frame, high, marks)
    wide = pitch(2, GAP) - GAP - TICKS - 2.0
    right, top = MARGIN + pitch(2, GAP), sheet.top
    sheet.letter("a", MARGIN, top, ["Rank"])
    sheet.in_colours(MARGIN + LETTER, top + LINE + 0.6, f"P(rank ≤ {place})", [share_text(o.held) for o in many])
    sheet.letter("b", right, top, [f"Margin to place {place}"])
    sheet.in_colours(right + LETTER, top + LINE + 0.6, "median, %", [page.signed(o.median, 0) for o in many])
    ranks = sheet.axes(MARGIN + TICKS, top + HEADER, wide, AXES_HEIGHT)
    _draw_ranks(ranks, drawn)
    margins = sheet.axes(right + TICKS, top + HEADER, wide, AXES_HEIGHT)
    _draw_margins(margins, drawn)
    for axes in (ranks, margins):
        axes.yaxis.set_label_coords((LETTER - TICKS) / wide, 1.0 + 1.2 / AXES_HEIGHT)
        same_decimals(axes.yaxis)
    return sheet.picture


def _draw_ranks(axes: page.Axes, drawn: Shown) -> None:
    thick = 0.84 / len(drawn.scenarios)
    places = sorted({k for ranking in drawn.scenarios for k in ranking.shares})
    for n, ranking in enumerate(drawn.scenarios):
        at = np.array(places) - 0.42 + (n + 0.5) * thick
        shares = [ranking.shares.get(k, 0.0) for k in places]
        for bar, k in zip(axes.bar(at, shares, 0.94 * thick, color=f"C{n}"), places, strict=True):
            bar.set_gid(f"rank {k} {ranking.scenario}")
    axes.set_xlim(0.4, max(places) + 0.6)
    axes.set_xticks(places)
    axes.tick_params(axis="x", length=0)
    axes.set_ylim(0.0, 1.12 * max(p for ranking in drawn.scenarios for p in ranking.shares.values()))
    axes.locator_params(axis="y", nbins=5)
    _divide(axes, drawn.place + 0.5, "← met", "right")
    axes.set_xlabel("rank")
    axes.set_ylabel("share of draws", rotation=0, ha="left", va="bottom")


def _draw_margins(axes: page.Axes, drawn: Shown) -> None:
    top = max(float(ranking.density.max()) for ranking in drawn.scenarios)
    for n, ranking in enumerate(drawn.scenarios):
        if len(drawn.scenarios) == 1:
            axes.stairs(ranking.density, drawn.edges, fill=True, color=page.tint(f"C{n}", 0.35))
        axes.stairs(ranking.density, drawn.edges, color=f"C{n}", lw=1.1, gid=f"margin {ranking.scenario}")
        axes.plot(ranking.median, -0.035 * top, marker=MARKS[n], color=f"C{n}", ms=4.0, mec="white", mew=0.4, ls="",
                  clip_on=False, zorder=6 + n, gid=f"median {ranking.scenario}")  # fmt: skip
    axes.set_ylim(-0.07 * top, 1.12 * top)
    axes.set_xlim(1.5 * drawn.edges[0] - 0.5 * drawn.edges[1], drawn.edges[-1])
    axes.locator_params(axis="x", nbins=7)
    axes.locator_params(axis="y", nbins=6)
    axes.set_yticks([t for t in axes.get_yticks() if 0.0 <= t <= 1.1 * top])
    axes.spines["left"].set_bounds(0.0, 1.12 * top)
    room = float(drawn.edges[-1]) > 0.2 * float(drawn.edges[-1] - drawn.edges[0])
    _divide(axes, 0.0, "met →", "left" if room else "right")
    same_decimals(axes.xaxis)
    axes.set_xlabel(f"citations over those of the rival in place {drawn.place}, %")
    axes.set_ylabel("share of draws per %", rotation=0, ha="left", va="bottom")


def _divide(axes: page.Axes, at: float, words: str, side: str) -> None:
    axes.axvline(at, color="black", lw=0.7, ls=(0, (3, 1.5)), zorder=1.5, gid="target")
    place = (3.0 if side == "left" else -3.0, -1.0)
    axes.annotate(
        words, (at, 1.0), place, axes.get_xaxis_transform(), textcoords="offset points", ha=side, va="top", color="0.25"
    )
