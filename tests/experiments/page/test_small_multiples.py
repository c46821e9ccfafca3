"""How much fits on a sheet: panels in the fewest columns whose rows are not too low, and the room between texts."""

from __future__ import annotations

import math

import pytest

from fiveyear.experiments.page.figure import Frame, Page, inner, room
from fiveyear.experiments.page.small_multiples import panels
from fiveyear.experiments.page.style import SHEETS, house_style, sheet


@pytest.mark.parametrize("style", SHEETS)
def test_a_page_that_fills_the_room_is_as_high_as_the_sheet_allows(style: str) -> None:
    frame = Frame("A title", "what it is of", "a foot that takes several lines " * 9)
    with house_style(style):
        high = Page(*frame, room(frame)).height
        assert sheet().tallest - 0.2 < high <= sheet().tallest


@pytest.mark.parametrize("count", [1, 5, 12, 40])
@pytest.mark.parametrize("style", SHEETS)
def test_panels_fit_the_space_and_no_narrower_ones_would_do(style: str, count: int) -> None:
    space, around, least = 90.0, 12.0, 11.0
    with house_style(style):
        fit = panels(count, space, around, widest=60.0, narrowest=25.0, least=least, most=30.0)
        rows = math.ceil(fit.number / fit.columns)
        assert least <= fit.high <= 30.0
        assert rows * (fit.high + around) <= space + 1e-9
        assert inner() / fit.columns >= 25.0
        if fit.number < count:
            assert fit.columns == int(inner() / 25.0)
            assert (rows + 1) * (least + around) > space
        elif fit.columns > math.ceil(inner() / 60.0):  # one column less would need lower axes
            assert space / math.ceil(count / (fit.columns - 1)) - around < least
