"""Figure: the parameters that go together in the posterior, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import BAR, LINE, MARGIN, Drawing, Frame, Page, inner, room, shortened, text_width
from fiveyear.model.labels import label
from fiveyear.model.quantities import Array

from ..study import TOGETHER, Study, framed
from ..tables import table

COLOURS = "PuOr_r"  # purple to orange through white, apart for colour-blind readers too
# Millimetres on the page.
WIDEST, NARROWEST = 5.0, 3.0  # a cell; narrower, their names would lie on one another
SCALE = 7.0 + LINE  # the bar of colours and its words


def shown(study: Study) -> list[int]:
    """Give the places of the parameters that go together with any other, the most closely first."""
    closest = np.abs(study.correlation - np.eye(len(study.correlation))).max(axis=0)
    return [int(p) for p in np.argsort(-closest, kind="stable") if closest[p] >= TOGETHER]


def drawing(study: Study) -> Drawing:
    """Give the parameters that go together to be drawn."""
    places = shown(study)
    if places:
        first = study.correlated[0]
        title = say(
            "{count} of {all} parameters go together with another, the most closely: {first} and {second} ({value})",
            count=len(places), all=len(study.parameters), first=say(label(first.first)),
            second=say(label(first.second)), value=page.signed(first.correlation, 2),
        )  # fmt: skip
    else:
        title = say("No two parameters go together in the posterior")
    foot = say(
        "Correlations of latent numbers. Shown are parameters that correlate by {least} or more with any other.",
        least=f"{TOGETHER:g}",
    )
    names = [say(label(study.parameters[p].parameter)) for p in places]
    values = study.correlation[np.ix_(places, places)]
    return Drawing(partial(figure, framed(study, title, foot), names, values), table("correlations", study))


def figure(frame: Frame, names: Sequence[str], values: Array) -> page.Figure:
    """Lay out the cells, as many as fit, and the scale of their colours."""
    import matplotlib as mpl

    space = room(frame)
    longest = min(
        max((text_width(name, 7, "normal") for name in names), default=0.0) + 2.0, 0.42 * inner(), 0.4 * space
    )
    fit = min(inner() - 4.0, space - SCALE) - longest
    count = min(len(names), int(fit / NARROWEST))
    names, values = [shortened(n, longest - 1.5, 7, "normal") for n in names[:count]], values[:count, :count]
    cell = min(WIDEST, fit / max(count, 1))
    side = cell * count
    drawn = Page(*frame, side + longest + SCALE)
    axes = drawn.axes(MARGIN + longest, drawn.top, side or 1.0, side or 1.0)
    colours = mpl.colormaps[COLOURS]
    if count:
        axes.pcolormesh(values[::-1], cmap=colours, vmin=-1.0, vmax=1.0, edgecolor="white", linewidth=0.3)
    axes.set_xticks(np.arange(count) + 0.5, names, rotation=90)
    axes.set_yticks(np.arange(count) + 0.5, names[::-1])
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    ticks = {-1.0: "−1", -0.5: "−.5", 0.0: "0", 0.5: ".5", 1.0: "1"}
    down = drawn.top + side + longest + 0.5
    drawn.text(MARGIN, down, [say("correlation")])
    drawn.colour_bar(min(MARGIN + 22.0, inner() - BAR), down + 0.3, colours, ticks)
    return drawn.picture
