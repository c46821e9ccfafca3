"""The words for probabilities."""

from __future__ import annotations

import pytest

from fiveyear.experiments.forecast.verdicts import CUT_POINTS, verdict


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, "very unlikely"),
        (0.0999, "very unlikely"),
        (0.10, "unlikely"),
        (0.3299, "unlikely"),
        (0.33, "about as likely as not"),
        (0.6599, "about as likely as not"),
        (0.66, "likely"),
        (0.8999, "likely"),
        (0.90, "very likely"),
        (1.0, "very likely"),
    ],
)
def test_a_word_begins_at_its_cut_point(probability: float, word: str) -> None:
    assert verdict(probability) == word


def test_the_cut_points_fall_to_zero_and_mirror_each_other() -> None:
    cuts = [cut for cut, _ in CUT_POINTS]
    assert cuts == sorted(cuts, reverse=True)
    assert cuts[-1] == 0.0
    assert cuts[0] == pytest.approx(1.0 - cuts[3])
