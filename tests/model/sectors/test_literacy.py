"""Scientific literacy: the closed form of the logistic curve."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.model import Inputs, Model

Change = Callable[..., Inputs]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]
START, CEILING = 0.02, 0.3


@pytest.mark.parametrize(("rate", "surprise"), [(0.1, 0.0), (0.1, 0.05), (0.1, -0.3), (0.0, 0.2), (0.0, 0.0)])
def test_the_odds_of_the_literate_share_grow_exponentially_by_the_rate_and_what_nobody_foresaw(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, rate: float, surprise: float
) -> None:
    growing = changed(inputs, literacy_growth_rate=rate, literacy_surprise=surprise)
    time, (share,) = watched(model, growing, "literate_share")
    odds = START / (CEILING - START) * np.exp((rate + surprise) * time)
    np.testing.assert_allclose(share, CEILING * odds / (1.0 + odds), rtol=1e-8)


def test_a_small_literate_share_grows_at_the_rate_and_the_surprise_and_one_at_its_ceiling_stays(
    model: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    both = {"literacy_growth_rate": 0.1, "literacy_surprise": 0.05}
    time, (small,) = watched(
        model, changed(inputs, **both, literate_share_at_start=0.001, literacy_ceiling=1.0), "literate_share"
    )
    # It slows by its share of the ceiling, some half of a per cent of growth of 1.65 when it is largest.
    np.testing.assert_allclose(np.log(small / 0.001), 0.15 * time, rtol=5e-3)
    _, (full,) = watched(
        model, changed(inputs, **both, literate_share_at_start=0.2, literacy_ceiling=0.2), "literate_share"
    )
    np.testing.assert_allclose(full, 0.2, rtol=1e-12)
