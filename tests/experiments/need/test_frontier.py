"""What each probability costs, drawn: the title is derived, amounts have short numbers, and it fits every sheet."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest

import fiveyear as fy
from fiveyear.experiments.console.money import money_unit
from fiveyear.experiments.need import frontier
from fiveyear.experiments.need.need import Need
from fiveyear.experiments.page.figure import Drawing


@pytest.fixture(scope="module")
def need() -> Need:
    return fy.need("technology_market_value", probability=0.7, draws=2000)


def test_the_title_says_what_the_wish_costs(need: Need) -> None:
    cheapest = need.cheapest
    assert cheapest is not None
    title = frontier.drawing(need).figure.args[0].title  # type: ignore[attr-defined]
    billions = cheapest.paid.total / 1e9
    assert title == (
        f"A probability of 0.7 costs {billions:.3g} billion yuan more than scenario “The plan is followed”, "
        f"which gives {need.before.value:.2f}"
    )
    met = replace(need, wished=0.1)
    as_it_is = "As it is, scenario “The plan is followed” gives a probability of"
    assert frontier.frame(met).title == f"{as_it_is} {need.before.value:.2f}"
    never = replace(need, cheapest=None)
    assert frontier.frame(never).title == f"Within the limits the probability is {need.most:.2f} at most"


def test_an_amount_is_not_told_as_so_many_hundred_millions(need: Need) -> None:
    assert frontier.frame(need).subtitle == "Technology market ≥ 800 billion yuan in 2015"
    assert money_unit(999e9, "yuan") == ("billion yuan", 1e9)
    assert money_unit(5.0, "won") == ("won", 1.0)


def test_the_frontier_fits_every_sheet_and_can_be_drawn_elsewhere(
    need: Need, fits: Callable[[Callable[[], Drawing]], list[str]]
) -> None:
    assert fits(lambda: frontier.drawing(need)) == []
    assert pickle.loads(pickle.dumps(frontier.drawing(need).figure))
