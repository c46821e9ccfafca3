"""Figure: the information of the facts in each direction of the parameters, over that of the prior."""

from __future__ import annotations

import numpy as np

from fiveyear.calibration.information import effective_number
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import MARGIN, Page, inner, tint

from ..study import Study, made_from

LEAST = 1e-3  # drawn: below it a direction is as open as before the facts
# Millimetres on the page.
TICKS, AXES_HEIGHT, UNDER = 14.0, 50.0, 8.0


def figure(study: Study) -> page.Figure:
    """Lay out a bar a direction."""
    spectrum, number = study.spectrum, effective_number(study.spectrum)
    sheet = Page(
        "How many directions the facts inform", study.fitted.evidence.plan.title,
        f"{made_from(study)} Eigenvalues of the Fisher information at the most probable parameters; directions below "
        f"{LEAST:g} are not drawn.",
        5.0 + AXES_HEIGHT + UNDER,
    )  # fmt: skip
    axes = sheet.axes(MARGIN + TICKS, sheet.top + 5.0, inner() - TICKS - 2.0, AXES_HEIGHT)
    places = np.arange(1, len(spectrum) + 1)
    shown = np.maximum(spectrum, LEAST)
    colors = ["C0" if value >= 1.0 else tint("C1", 0.8) for value in spectrum]
    axes.bar(places, shown - LEAST, 0.75, bottom=LEAST, color=colors)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.set_ylim(LEAST, 3.0 * float(spectrum[0]))
    axes.axhline(1.0, color="black", lw=0.7, ls=(0, (3, 1.5)))
    axes.annotate(
        "as much as the prior", (len(spectrum) + 0.5, 1.0), (0.0, 2.0), textcoords="offset points", ha="right"
    )
    axes.annotate(
        f"{int(np.sum(spectrum >= 1.0))} directions in which the facts know more than the prior\n"
        f"effective number of parameters: {number:.1f} of {len(spectrum)}",
        (1.0, 1.0), (-2.0, -2.0), "axes fraction", "offset points", ha="right", va="top", linespacing=1.4,
    )  # fmt: skip
    axes.set_xlim(0.3, len(spectrum) + 0.7)
    axes.set_xlabel("direction, the best informed first")
    axes.set_ylabel("information of the facts over the prior's", rotation=0, ha="left", va="bottom")
    axes.yaxis.set_label_coords(-TICKS / (inner() - TICKS - 2.0), 1.0 + 1.2 / AXES_HEIGHT)
    return sheet.picture
