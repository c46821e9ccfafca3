"""Figure: how many of the headline targets are met, and how many would be if each were met or missed by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase

import numpy as np

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.console.language import say
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LETTER, LINE, Drawing, Frame, Page, folded, in_rows, pitch, tint
from fiveyear.experiments.page.small_multiples import fitted

from ..answer import Reach
from .findings import chance_text
from .scenarios import made_from, scenario_labels, scenario_titles

GROUP = "measurable"  # the targets that statistics measure

# Millimetres on the page.
WIDEST, NARROWEST = 90.0, 40.0  # a panel
LEAST, MOST = 12.0, 30.0  # height of the axes
TICKS, GAP = 9.0, 5.0
ABOVE, UNDER = 2 * LINE + 2.0, 10.5


# -- numbers ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Panel:
    """How likely each number of targets met is under one scenario, from none on, and were they independent."""

    scenario: str
    title: str
    joint: Probability
    met: tuple[float, ...]
    independent: tuple[float, ...]

    @property
    def targets(self) -> int:
        """How many there are."""
        return len(self.met) - 1


def panel(answer: Reach, label: str, title: str) -> Panel:
    """Count, draw by draw, the measurable headline targets that are met; raises FigureError where there are none."""
    joint, names = answer.joint[GROUP], answer.joint_targets[GROUP]
    if joint is None:
        raise FigureError("the number of targets met", [f"{label}: has no joint probability of measurable targets"])
    met = np.array([answer.outcomes.met[n] for n in names])
    shares = np.bincount(met.sum(axis=0), minlength=len(names) + 1) / met.shape[1]
    return Panel(label, title, joint, tuple(shares.tolist()), independently(met.mean(axis=1).tolist()))


def independently(chances: Sequence[float]) -> tuple[float, ...]:
    """Give how likely each number of events is, from none on, if they are independent (the Poisson binomial law).

    >>> independently([0.5, 0.5])
    (0.25, 0.5, 0.25)
    """
    law = np.ones(1)
    for chance in chances:
        law = np.convolve(law, (1.0 - chance, chance))
    return tuple(law.tolist())


def table(shown: Sequence[Panel]) -> Rows:
    """Give every number drawn."""
    yield "scenario", "targets met", "probability", "if independent", "probability low", "probability high"
    for p in shown:
        for number, (met, independent) in enumerate(zip(p.met, p.independent, strict=True)):
            ends = (p.joint.low, p.joint.high) if number == p.targets else (None, None)
            yield p.scenario, number, met, independent, *ends


# -- picture ------------------------------------------------------------------------------------------------
def drawing(answers: Sequence[Reach]) -> Drawing:
    """Give the number of targets met to be drawn, a panel a scenario."""
    named = zip(answers, scenario_labels(answers), scenario_titles(answers), strict=True)
    shown = [panel(answer, label, title) for answer, label, title in named]
    return Drawing(partial(figure, frame(answers, shown), shown), table(shown))


def frame(answers: Sequence[Reach], shown: Sequence[Panel]) -> Frame:
    """Give the title, which says how likely all targets together are, and a foot on what is counted."""
    chances = sorted(p.joint.value for p in shown)
    count, low, high = shown[0].targets, chance_text(chances[0]), chance_text(chances[-1])
    title = say(
        "All {count} measurable headline targets together: probability {low} to {high}, by scenario",
        count=count, low=low, high=high,
    )  # fmt: skip
    if low == high:
        title = say(
            "All {count} measurable headline targets together: probability {joint}, {independent} if independent",
            count=count, joint=high, independent=chance_text(shown[0].independent[-1]),
        )  # fmt: skip
    plan = answers[0].ensemble.scenario.plan
    foot = say(
        "Counted draw by draw: headline targets that statistics measure. Independent: the same probabilities of single "
        "targets, were each met or missed by itself."
    )
    return Frame(title, say(plan.title), f"{made_from(answers)} {foot}")


def figure(frame: Frame, shown: Sequence[Panel]) -> page.Figure:
    """Lay out a panel a scenario: bars by number of targets, and beside them what independence would give."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        (Patch(color=tint("C0", 0.45)), say("probability of exactly so many")),
        (Patch(color="C0"), say("of all of them")),
        (Line2D([], [], color="C1", marker="D", ms=3.2, ls=""), say("if targets were independent")),
    ]
    frame, fit = fitted(
        frame,
        marks,
        len(shown),
        ABOVE + UNDER,
        lambda count: say("{count} further scenarios are in the file of the numbers.", count=count),
        widest=WIDEST,
        narrowest=NARROWEST,
        least=LEAST,
        most=MOST,
    )
    shown = shown[: fit.number]
    wide = pitch(fit.columns, GAP) - GAP
    heads = [folded(_heading(p), wide - LETTER, 7.5, "bold")[:2] for p in shown]
    places, high = in_rows(fit.columns, GAP, [ABOVE] * len(shown), fit.high, [UNDER] * len(shown))
    drawn = Page(*frame, high, marks)
    most = max(max(*p.met, *p.independent) for p in shown)
    for n, (p, head, (left, top, at)) in enumerate(zip(shown, heads, places, strict=True)):
        drawn.letter(ascii_lowercase[n], left, drawn.top + top, head)
        axes = drawn.axes(left + TICKS, drawn.top + at, wide - TICKS, fit.high)
        numbers = np.arange(p.targets + 1)
        colours = [tint("C0", 0.45)] * p.targets + ["C0"]
        axes.bar(numbers, p.met, 0.7, color=colours, gid="met")
        axes.plot(numbers, p.independent, "D", color="C1", ms=3.2, mec="white", mew=0.4, gid="independent")
        axes.set_xlim(-0.6, p.targets + 0.6)
        axes.set_ylim(0.0, 1.12 * most)
        axes.set_xticks(numbers)
        axes.locator_params(axis="y", nbins=4)
        axes.set_xlabel(say("targets met"))
    return drawn.picture


def _heading(shown: Panel) -> str:
    return say(
        "{scenario}: all {count} with {joint}",
        scenario=shown.title, count=shown.targets, joint=f"{shown.joint.value:.2f}",
    )  # fmt: skip
