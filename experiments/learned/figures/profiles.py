"""Figure: the profile likelihood of every parameter that any fact depends on."""

from __future__ import annotations

import numpy as np

from fiveyear.calibration.information import NOT_REFUSED, RANGE, Profile
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import Page, folded, in_rows, pitch, tint
from fiveyear.model.labels import label

from ..study import Study, made_from

# Millimetres on the page.
COLUMNS = 6
TICKS, GAP = 4.5, 2.0
HEADER, AXES_HEIGHT, UNDER = 7.5, 13.0, 5.5
MOST = 9.0  # rise at the top of the axes

COLORS = {"closed": "C0", "one-sided": "C4", "flat": "C1"}
MEANING = {
    "closed": "closed: refused on both sides",
    "one-sided": "one-sided: refused on one side only",
    "flat": "flat: refused nowhere",
}


def figure(study: Study) -> page.Figure:
    """Lay out a small panel a parameter, in the order of the priors."""
    from matplotlib.lines import Line2D

    read = {p.parameter for p in study.parameters if p.read}
    shown = [p for p in study.profiles if p.name in read]
    places, high = in_rows(COLUMNS, GAP, [HEADER] * len(shown), AXES_HEIGHT, [UNDER] * len(shown))
    sheet = Page(
        "Profile likelihoods", study.fitted.evidence.plan.title,
        f"{made_from(study)} Across: prior sds from the prior's median. Up: twice the loss of log-likelihood when the "
        f"parameter is held there and all others are fitted again; beyond {NOT_REFUSED:.2f}, the broken line, a value "
        f"is refused at 95 %. The {len(study.profiles) - len(shown)} parameters that no fact depends on are flat and "
        "not drawn.",
        high, [(Line2D([], [], color=COLORS[shape]), words) for shape, words in MEANING.items()],
    )  # fmt: skip
    room = pitch(COLUMNS, GAP) - GAP
    for profile, (left, top, at) in zip(shown, places, strict=True):
        name = folded(label(profile.name), room, 7, "normal")
        down = sheet.top + top + (2 - len(name)) * 3.0
        sheet.text(left, down, name, 3.0, color=tint(COLORS[profile.shape], 1.0, 0.7))
        _draw_profile(sheet.axes(left + TICKS, sheet.top + at, room - TICKS, AXES_HEIGHT), profile)
    return sheet.picture


def _draw_profile(axes: page.Axes, profile: Profile) -> None:
    axes.axhline(NOT_REFUSED, color="0.45", lw=0.5, ls=(0, (3, 1.5)))
    # Between points the root of the rise is nearly straight, on each side of the best point.
    best = int(np.argmin(profile.rise))
    signed = np.sqrt(profile.rise) * np.sign(np.arange(len(profile.rise)) - best)
    fine = np.linspace(profile.latent[0], profile.latent[-1], 200)
    axes.plot(fine, np.interp(fine, profile.latent, signed) ** 2, color=COLORS[profile.shape], gid=profile.name)
    axes.set_xlim(-RANGE, RANGE)
    axes.set_ylim(-0.4, MOST)
    axes.set_xticks([-RANGE, 0.0, RANGE], [f"−{RANGE:g}", "0", f"{RANGE:g}"])
    axes.set_yticks([0.0, 4.0, 8.0])
