"""How much fits on what is drawn for: panels in rows, or rows of a list, beside the texts around them."""

from __future__ import annotations

import math
from typing import NamedTuple

from .figure import Frame, Legend, Page, inner
from .style import sheet

SLACK = 0.1  # millimetres, for rounding


class Panels(NamedTuple):
    """Small panels in rows: how many beside one another, the height of their axes, and how many fit in all."""

    columns: int
    high: float
    number: int


def room(frame: Frame, marks: Legend = ()) -> float:
    """Give the millimetres between the texts of a page of the greatest height."""
    return sheet().tallest - Page(*frame, 0.0, marks).height - SLACK


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
