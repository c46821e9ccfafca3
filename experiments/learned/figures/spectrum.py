"""Figure: the information of the facts in each direction of the parameters, over that of the prior."""

from __future__ import annotations

from functools import partial

import numpy as np

from fiveyear.calibration.information import effective_number
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Drawing, Frame, Page, inner, tint
from fiveyear.model.quantities import Array

from ..study import Study, framed
from ..tables import table

LEAST = 1e-3  # drawn: below it a direction is as open as before the facts
# Millimetres on the page.
TICKS, AXES_HEIGHT, UNDER = 12.0, 50.0, 10.5


def drawing(study: Study) -> Drawing:
    """Give the information in each direction to be drawn."""
    spectrum = study.spectrum
    title = say(
        "The facts know more than the prior in {known} of {count} directions; in effect they settle {number} numbers",
        known=int(np.sum(spectrum >= 1.0)), count=len(spectrum), number=f"{effective_number(spectrum):.1f}",
    )  # fmt: skip
    foot = say(
        "Information of the facts over the prior's, by direction: eigenvalues of the Fisher information at the most "
        "probable parameters, the largest first. Directions below {least} are not drawn.",
        least=f"{LEAST:g}",
    )
    return Drawing(partial(figure, framed(study, title, foot), spectrum), table("spectrum", study))


def figure(frame: Frame, spectrum: Array) -> page.Figure:
    """Lay out a bar a direction."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        (Patch(color="C0"), say("the facts know more than the prior")),
        (Patch(color=tint("C1", 0.8)), say("the prior knows more")),
        (Line2D([], [], color="black", lw=0.7, ls=(0, (3, 1.5))), say("as much as the prior")),
    ]
    drawn = Page(*frame, 2.0 + AXES_HEIGHT + UNDER, marks)
    axes = drawn.axes(MARGIN + TICKS, drawn.top + 2.0, inner() - TICKS - 2.0, AXES_HEIGHT)
    kept = spectrum[spectrum >= LEAST]
    places = np.arange(1, len(kept) + 1)
    colors = ["C0" if value >= 1.0 else tint("C1", 0.8) for value in kept]
    axes.bar(places, kept - LEAST, 0.75, bottom=LEAST, color=colors)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.set_ylim(LEAST, 3.0 * float(spectrum[0]))
    axes.axhline(1.0, color="black", lw=0.7, ls=(0, (3, 1.5)))
    axes.set_xlim(0.3, len(kept) + 0.7)
    axes.set_xlabel(say("direction, the best informed first"))
    return drawn.picture
