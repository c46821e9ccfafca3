"""The placebo country in a figure: the shares are those of the checks, and so are the bands."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest

from fiveyear.experiments.page.figure import Drawing
from fiveyear.experiments.validation import behaviour
from fiveyear.experiments.validation.criteria import CHECKS
from fiveyear.experiments.validation.figures import placebo as figure
from fiveyear.experiments.validation.placebo import Placebo, placebos
from fiveyear.experiments.validation.subject import Subject


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject("twelfth", "july2011")


@pytest.fixture(scope="module")
def found(subject: Subject) -> Placebo:
    shares = placebos(subject)
    assert shares is not None
    return shares


def test_the_shares_and_bands_are_those_of_the_checks(subject: Subject, found: Placebo) -> None:
    by_name = {check.name: check for check in CHECKS}
    assert (found.band, found.band_ahead) == (by_name["placebo"].bounds, by_name["placebo_ahead"].bounds)
    worst = behaviour.placebo(subject.evidence, subject.fit, subject.deciding)
    assert worst is not None
    assert found.past[worst.at] == worst.value
    assert set(found.ahead) == set(behaviour.AHEAD)


def test_every_share_lies_in_its_band(found: Placebo) -> None:
    for shares, (low, high) in ((found.past, found.band), (found.ahead, found.band_ahead)):
        assert all(low <= share <= high for share in shares.values())


def test_the_title_says_how_far_the_projection_follows(found: Placebo) -> None:
    made = replace(found, ahead={"rd_intensity": 0.31, "technology_market_value": 0.77})
    assert figure.frame(made).title.endswith("after 2010 grows 0.31 to 0.77 as much")


def test_a_plan_without_the_facts_for_it_has_no_placebo() -> None:
    assert placebos(Subject("eleventh", None)) is None


def test_the_figure_fits_every_sheet_and_can_be_drawn_elsewhere(
    found: Placebo, fits: Callable[[Callable[[], Drawing]], list[str]]
) -> None:
    assert fits(lambda: figure.drawing(found)) == []
    assert pickle.loads(pickle.dumps(figure.drawing(found).figure))
