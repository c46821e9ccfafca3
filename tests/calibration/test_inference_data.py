"""What ArviZ is given is what was believed and what was printed."""

from __future__ import annotations

from collections.abc import Mapping

import arviz_base
import numpy as np
import pytest
from scipy import stats

from fiveyear.calibration.inference_data import groups
from fiveyear.calibration.posterior import Evidence, load
from fiveyear.model.quantities import Array

Groups = Mapping[str, Mapping[str, Array]]


@pytest.fixture(scope="module")
def told(known: Mapping[str, Evidence]) -> Groups:
    return groups(load(known["july2011"]))


def test_arviz_takes_the_groups_as_they_are(told: Groups) -> None:
    tree = arviz_base.from_dict(dict(told))
    assert set(tree.children) == set(told)
    assert tree["posterior"]["propensity"].dims == ("chain", "draw")
    assert tree["posterior_predictive"]["rd_fte"].shape == (1, 640, 6)
    assert tree["observed_data"]["rd_fte"].shape == (6,)


def test_the_groups_hold_the_kept_draws_and_the_printed_facts(told: Groups, known: Mapping[str, Evidence]) -> None:
    kept = load(known["july2011"])
    assert told["posterior"]["propensity"][0] == pytest.approx(kept.parameters["propensity"], rel=1e-6)
    printed = [f.to(kept.evidence.model.units["researchers_counted"]) for f in kept.evidence.facts["rd_fte"].values()]
    assert told["observed_data"]["rd_fte"].tolist() == [f.value for f in printed if f.year >= 2005]


def test_the_prior_is_that_of_the_file(told: Groups, known: Mapping[str, Evidence]) -> None:
    prior = known["july2011"].priors.parameters["mainland_share"]
    exact = stats.norm(prior.mean, prior.sd)  # type: ignore[union-attr]  # whose bounds cut nothing off
    assert stats.kstest(told["prior"]["mainland_share"][0], exact.cdf).pvalue > 0.01


def test_most_facts_lie_within_what_the_posterior_foretells(told: Groups) -> None:
    inside = []
    for series, printed in told["observed_data"].items():
        low, high = np.quantile(told["posterior_predictive"][series][0], [0.025, 0.975], axis=0)
        inside += ((low <= printed) & (printed <= high)).tolist()
    assert np.mean(inside) >= 0.9
