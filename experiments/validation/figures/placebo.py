"""Figure: how much of the growth the projection of a placebo country has, whose facts have half of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from fiveyear.experiments.console.language import month_in_words, say, say_heading
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.experiments.page.figure import LETTER, LINE, MARGIN, Drawing, Frame, Page, folded, inner, tint
from fiveyear.model.labels import label

from ..placebo import Placebo

HALF = 0.5  # of the growth is in the placebo's facts

# Millimetres on the page.
ROW, TIGHT = 5.0, 2.9  # a row, and more for each further line of a name
NAMES, GAP = 0.34, 6.0  # names, as a share of the width
UNDER = 10.5


class Panel(NamedTuple):
    """One window: what it is, the share of each indicator, and the band in which the check holds."""

    words: str
    shares: Mapping[str, float]
    band: tuple[float, float]


# -- numbers ------------------------------------------------------------------------------------------------
def table(placebo: Placebo) -> Rows:
    """Give every number drawn."""
    yield "window", "indicator", "share of the growth", "band low", "band high"
    for window, shares, band in _windows(placebo):
        yield from ((window, name, share, *band) for name, share in shares.items())


def _windows(placebo: Placebo) -> list[tuple[str, Mapping[str, float], tuple[float, float]]]:
    return [("past", placebo.past, placebo.band), ("ahead", placebo.ahead, placebo.band_ahead)]


# -- picture ------------------------------------------------------------------------------------------------
def drawing(placebo: Placebo) -> Drawing:
    """Give the placebo to be drawn."""
    plan = placebo.plan
    words = (
        say("{first} to {last}", first=plan.start, last=plan.end),
        say("After {year}, outside forecasts halved, too", year=plan.base_year),
    )
    shown = [
        Panel(heading, {say_heading(label(n)): share for n, share in shares.items()}, band)
        for heading, (_, shares, band) in zip(words, _windows(placebo), strict=True)
    ]
    return Drawing(partial(figure, frame(placebo), shown), table(placebo))


def frame(placebo: Placebo) -> Frame:
    """Give the title, which says how far the projection follows the facts, and a foot on what is drawn."""
    plan, ahead = placebo.plan, placebo.ahead.values()
    title = say(
        "Facts with half the growth: what is projected after {year} grows {low} to {high} as much",
        year=plan.base_year, low=f"{min(ahead):.2f}", high=f"{max(ahead):.2f}",
    )  # fmt: skip
    foot = say(
        "Facts published by {month}. Median growth of a placebo country over that of the country, in logarithms: its "
        "series start from the same figures and have half the growth, and all is fitted again. At 1 the facts would "
        "not matter.",
        month=month_in_words(placebo.month),
    )
    return Frame(title, say(plan.title), foot)


def figure(frame: Frame, shown: list[Panel]) -> page.Figure:
    """Lay out a row an indicator and a panel a window."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        (Line2D([], [], color="C0", marker="o", ms=4.0, ls=""), say("growth of the placebo over the country's")),
        (Patch(color=tint("C2", 0.25)), say("where the check holds")),
        (Line2D([], [], color="0.45", lw=0.8, ls=(0, (3, 1.5))), say("half, as in the facts")),
    ]
    names = list(dict.fromkeys(name for panel in shown for name in panel.shares))
    width = NAMES * inner()
    lines = [folded(name, width - 2.0, 7, "normal") for name in names]
    highs = [ROW + TIGHT * (len(words) - 1) for words in lines]
    middles = [sum(highs[:n]) + high / 2.0 for n, high in enumerate(highs)]
    wide = (inner() - width - GAP * (len(shown) - 1)) / len(shown) - 1.0
    heads = [folded(panel.words, wide - LETTER, 7.5, "bold") for panel in shown]
    above = LINE * max(map(len, heads)) + 1.5
    drawn = Page(*frame, above + sum(highs) + UNDER, marks)
    for words, middle in zip(lines, middles, strict=True):
        drawn.text(MARGIN, drawn.top + above + middle - TIGHT * len(words) / 2.0, words, TIGHT)
    for n, (panel, head) in enumerate(zip(shown, heads, strict=True)):
        left = MARGIN + width + n * (wide + GAP)
        drawn.letter("ab"[n], left, drawn.top, head)
        axes = drawn.axes(left, drawn.top + above, wide, sum(highs))
        axes.axvspan(*panel.band, color=tint("C2", 0.25), lw=0.0, zorder=0)
        axes.axvline(HALF, color="0.45", lw=0.8, ls=(0, (3, 1.5)), zorder=1)
        for name, middle in zip(names, middles, strict=True):
            if name in panel.shares:
                axes.plot(panel.shares[name], middle, "o", color="C0", ms=4.0, clip_on=False, gid="share")
        low, high = min(0.0, *panel.shares.values()), max(1.0, *panel.shares.values())
        axes.set_xlim(low, high)
        axes.set_ylim(sum(highs), 0.0)
        axes.set_xticks([0.0, 0.5, 1.0], ["0", ".5", "1"])
        axes.set_yticks([])
        axes.set_xlabel(say("of the growth"))
    return drawn.picture
