"""Figure: the parameters that go together in the posterior, as a heat map."""

from __future__ import annotations

import numpy as np

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import BAR, MARGIN, Page, inner, text_width
from fiveyear.model.labels import label

from ..study import TOGETHER, Study, made_from

COLOURS = "PuOr_r"  # purple to orange through white, apart for colour-blind readers too
# Millimetres on the page.
WIDEST = 5.0  # a cell


def shown(study: Study) -> list[int]:
    """Give the places of the parameters that go together with any other."""
    apart = study.correlation - np.eye(len(study.correlation))
    return [int(place) for place in np.flatnonzero(np.abs(apart).max(axis=0) >= TOGETHER)]


def figure(study: Study) -> page.Figure:
    """Lay out the cells and the scale of their colours."""
    import matplotlib as mpl

    places = shown(study)
    names = [label(study.parameters[p].parameter) for p in places]
    longest = max((text_width(name, 7, "normal") for name in names), default=0.0) + 2.0
    cell = min(WIDEST, (inner() - longest - 4.0) / max(len(names), 1))
    side = cell * len(names)
    sheet = Page(
        "Parameters that go together in the posterior", study.fitted.evidence.plan.title,
        f"{made_from(study)} Shown are those that correlate by {TOGETHER:g} or more with any other.",
        side + longest + 10.0,
    )  # fmt: skip
    axes = sheet.axes(MARGIN + longest, sheet.top, side or 1.0, side or 1.0)
    values = study.correlation[np.ix_(places, places)]
    colours = mpl.colormaps[COLOURS]
    if names:
        axes.pcolormesh(values[::-1], cmap=colours, vmin=-1.0, vmax=1.0, edgecolor="white", linewidth=0.3)
    axes.set_xticks(np.arange(len(names)) + 0.5, names, rotation=90)
    axes.set_yticks(np.arange(len(names)) + 0.5, names[::-1])
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    ticks = {-1.0: "−1", -0.5: "−0.5", 0.0: "0", 0.5: "0.5", 1.0: "1"}
    sheet.colour_bar(MARGIN + longest, sheet.top + side + longest + 1.0, colours, ticks)
    sheet.text(MARGIN + longest + BAR + 4.0, sheet.top + side + longest + 0.6, ["correlation of latent numbers"])
    return sheet.picture
