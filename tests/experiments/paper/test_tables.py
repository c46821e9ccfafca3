"""The tables of a paper: what stands in a row, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fiveyear.experiments.page.printed_table import Number
from fiveyear.experiments.paper import tables
from fiveyear.experiments.reach.answer import Reach


def _first_cells(names: list[str], reached: Callable[..., Reach]) -> list[object]:
    return [row[0] for row in tables.targets([reached(name) for name in names]).rows]


def test_each_scenario_stands_below_the_one_that_it_alters_and_is_compared_with_that(
    reached: Callable[..., Reach],
) -> None:
    titles = {n: reached(n).ensemble.scenario.title for n in ("plan", "behavioural", "frozen", "crisis_2012")}
    assert _first_cells(["plan", "frozen", "behavioural", "crisis_2012"], reached) == [
        titles["plan"],
        titles["frozen"],
        "difference from plan",
        titles["behavioural"],
        "difference from plan",
        titles["crisis_2012"],
        "difference from behavioural",
    ]
    assert _first_cells(["plan", "crisis_2012", "frozen"], reached) == [
        titles["plan"],
        titles["crisis_2012"],
        "difference from plan",
        titles["frozen"],
        "difference from plan",
    ]


def test_differences_are_of_the_medians_above_them(reached: Callable[..., Reach]) -> None:
    shown = tables.targets([reached("plan"), reached("behavioural"), reached("crisis_2012")])
    medians, change = shown.rows[1], shown.rows[4]  # of behavioural, and of crisis_2012 from it
    assert change[0] == "difference from behavioural"
    for above, below, moved in zip(medians[1:], shown.rows[3][1:], change[1:], strict=True):
        assert isinstance(above, Number) and isinstance(below, Number) and isinstance(moved, Number)
        if above.value is not None and below.value is not None:
            assert moved.value == pytest.approx(below.value - above.value)


def test_a_chance_near_nought_or_one_is_told_as_the_text_tells_it(reached: Callable[..., Reach]) -> None:
    cells = [c for row in tables.attainment([reached("plan")]).rows for c in row[1:] if isinstance(c, Number)]
    assert {c.text for c in cells} & {"< .05", "> .95"}
