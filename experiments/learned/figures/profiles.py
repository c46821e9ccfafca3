"""Figure: the profile likelihood of the parameters that facts depend on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from fiveyear.calibration.information import NOT_REFUSED, RANGE, Profile
from fiveyear.experiments.console.language import say
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.figure import Drawing, Frame, Page, folded, in_rows, pitch, room, tint
from fiveyear.experiments.page.small_multiples import panels
from fiveyear.model.labels import label

from ..study import Study, framed
from ..tables import table

# Millimetres on the page.
WIDEST, NARROWEST = 30.0, 19.0  # a panel
TICKS, GAP = 4.5, 2.0
PITCH, LINES = 3.0, 2  # of a name
HEADER, UNDER = LINES * PITCH + 1.5, 5.5
LEAST, MOST = 9.0, 13.0  # height of the axes
TOP = 9.0  # rise at the top of the axes

COLORS = {"closed": "C0", "one-sided": "C4", "flat": "C1"}


def drawing(study: Study) -> Drawing:
    """Give the profiles to be drawn: those that bend first, which shows what the facts told."""
    read = {p.parameter for p in study.parameters if p.read}
    curved = [p for p in study.profiles if p.name in read]
    closed = sum(p.shape == "closed" for p in study.profiles)
    title = say(
        "The facts bound {closed} of {count} parameters on both sides", closed=closed, count=len(study.profiles)
    )  # fmt: skip
    foot = say(
        "Across: prior sds from the prior's median. Up: twice the loss of log-likelihood when the parameter is held "
        "there and all others are fitted again; beyond {limit}, the broken line, a value is refused at 95 %. The "
        "{count} parameters that no fact depends on are flat and not drawn.",
        limit=f"{NOT_REFUSED:.2f}", count=len(study.profiles) - len(curved),
    )  # fmt: skip
    shapes = list(COLORS)
    ordered = sorted(curved, key=lambda p: (shapes.index(p.shape), -float(np.max(p.rise))))
    return Drawing(partial(figure, framed(study, title, foot), ordered), table("profiles", study))


def figure(frame: Frame, profiles: Sequence[Profile]) -> page.Figure:
    """Lay out a small panel a parameter, as many as fit."""
    from matplotlib.lines import Line2D

    meaning = {
        "closed": say("closed: refused on both sides"),
        "one-sided": say("one-sided: refused on one side only"),
        "flat": say("flat: refused nowhere"),
    }
    marks = [(Line2D([], [], color=COLORS[shape]), words) for shape, words in meaning.items()]
    left_out = say("{count} more, flatter ones are in the file of the numbers.", count=len(profiles))
    space = room(frame._replace(foot=f"{frame.foot} {left_out}"), marks)
    fit = panels(
        len(profiles), space, HEADER + UNDER, widest=WIDEST, narrowest=NARROWEST, least=LEAST, most=MOST
    )  # fmt: skip
    if fit.number < len(profiles):
        words = say("{count} more, flatter ones are in the file of the numbers.", count=len(profiles) - fit.number)
        frame = frame._replace(foot=f"{frame.foot} {words}")
    profiles = profiles[: fit.number]
    places, high = in_rows(fit.columns, GAP, [HEADER] * len(profiles), fit.high, [UNDER] * len(profiles))
    drawn = Page(*frame, high, marks)
    wide = pitch(fit.columns, GAP) - GAP
    for profile, (left, top, at) in zip(profiles, places, strict=True):
        name = folded(say(label(profile.name)), wide, 7, "normal")[:LINES]
        down = drawn.top + top + (LINES - len(name)) * PITCH
        drawn.text(left, down, name, PITCH, color=tint(COLORS[profile.shape], 1.0, 0.7))
        _draw_profile(drawn.axes(left + TICKS, drawn.top + at, wide - TICKS, fit.high), profile)
    return drawn.picture


def _draw_profile(axes: page.Axes, profile: Profile) -> None:
    axes.axhline(NOT_REFUSED, color="0.45", lw=0.5, ls=(0, (3, 1.5)))
    # Between points the root of the rise is nearly straight, on each side of the best point.
    best = int(np.argmin(profile.rise))
    signed = np.sqrt(profile.rise) * np.sign(np.arange(len(profile.rise)) - best)
    fine = np.linspace(profile.latent[0], profile.latent[-1], 200)
    axes.plot(fine, np.interp(fine, profile.latent, signed) ** 2, color=COLORS[profile.shape], gid=profile.name)
    axes.set_xlim(-RANGE, RANGE)
    axes.set_ylim(-0.4, TOP)
    axes.set_xticks([-RANGE, 0.0, RANGE], [f"−{RANGE:g}", "0", f"{RANGE:g}"])
    axes.set_yticks([0.0, 4.0, 8.0], ["0", "4", "8"])
