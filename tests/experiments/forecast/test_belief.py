"""Whether an answer is earned: what the priors alone would say, and what other facts would."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fiveyear.calibration import posterior
from fiveyear.calibration.fit import fit
from fiveyear.calibration.posterior import Evidence
from fiveyear.experiments.validation import behaviour, inference
from fiveyear.scenarios import load_scenario


@pytest.fixture(scope="module")
def known() -> Evidence:
    """What was known in July 2011."""
    return posterior.evidence(load_scenario("plan").plan, "july2011")


@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_the_prior_alone_does_not_know_the_answer(known: Evidence, holds: Callable[..., bool], scenario: str) -> None:
    assert holds(inference.open_a_priori, known, known.problem(), load_scenario(scenario))


def test_a_placebo_country_with_half_the_growth_is_projected_to_grow_about_half_as_much(
    known: Evidence, holds: Callable[..., bool]
) -> None:
    found = fit(known.problem())
    shares = behaviour.placebo_shares(known, found, load_scenario("behavioural"))
    for name, share in shares.items():
        print(f"{name:28} ln growth to the last year: placebo x {share:.2f}")
    assert set(shares) == set(behaviour.GROWING)
    assert holds(behaviour.placebo, known, found, load_scenario("behavioural"))
