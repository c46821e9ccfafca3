"""How much fits on what is drawn for: panels in rows, or rows of a list, beside the texts around them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .figure import Frame, Legend, inner, room


class Panels(NamedTuple):
    """Small panels in rows: how many beside one another, the height of their axes, and how many fit in all."""

    columns: int
    high: float
    number: int


def panels(
    count: int, space: float, around: float, *, widest: float, narrowest: float, least: float, most: float
) -> Panels:
    """Give the fewest columns in which so many panels fit a space with axes of at least the height ``least``.

    ``around``: what a panel needs above and below its axes; ``widest`` and ``narrowest``: how wide a panel may be.
    Where none do, as many panels as fit the narrowest. All in millimetres.
    """
    fewest, narrow = max(math.ceil(inner() / widest), 1), max(int(inner() / narrowest), 1)
    for columns in range(min(fewest, narrow), narrow + 1):
        high = space / math.ceil(max(count, 1) / columns) - around
        if high >= least:
            return Panels(columns, min(high, most), count)
    rows = max(int(space / (around + least)), 1)
    return Panels(narrow, least, min(count, rows * narrow))


def fitted(
    frame: Frame,
    marks: Legend,
    count: int,
    around: float,
    left_out: Callable[[int], str],
    *,
    widest: float,
    narrowest: float,
    least: float,
    most: float,
) -> tuple[Frame, Panels]:
    """Give the panels that fit a page with these texts and marks, and the texts, whose foot says how many do not.

    ``left_out`` says that of a number; the rest is as for ``panels``.
    """
    fit = panels(count, room(frame, marks), around, widest=widest, narrowest=narrowest, least=least, most=most)
    if fit.number == count:
        return frame, fit
    return frame._replace(foot=f"{frame.foot} {left_out(count - fit.number)}"), fit
