"""What the facts said: statistics worked by hand, and a linear-Gaussian model, of which all is known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fiveyear.calibration import information
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.fit import Fit, Problem, fit
from fiveyear.calibration.posterior import Evidence, evidence
from fiveyear.model import Model
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan

# Five facts of three latent numbers: residual = SLOPES z - FACTS, all with unit error; z is standard normal a priori.
SLOPES = np.array([[1.0, 0.5, 0.0], [0.0, 2.0, -1.0], [3.0, 0.0, 0.2], [0.1, 0.1, 0.1], [-1.0, 1.0, 0.4]])
FACTS = np.array([1.0, -0.5, 2.0, 0.3, 0.7])
INFORMATION = SLOPES.T @ SLOPES


@dataclass
class Stub:
    """Stands for a problem: the names of the latent numbers, which of them facts depend on, and the residuals."""

    names: tuple[str, ...]
    informed: tuple[bool, ...]
    function: Callable[[Array], Array]

    def residuals(self, z: Array) -> Array:
        return self.function(z)


def stub(function: Callable[[Array], Array], informed: tuple[bool, ...] = (True, True, True)) -> Problem:
    return cast(Problem, Stub(tuple("abcdef"[: len(informed)]), informed, function))


@pytest.fixture(scope="module")
def linear() -> Fit:
    return fit(stub(lambda z: z @ SLOPES.T - FACTS))


# -- statistics of a fit ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "shares"),
    [
        ([2.0, 3.0, 4.0, 5.0], (1.0, 0.0, 0.0)),  # the facts, one too high
        ([0.0, 1.0, 4.0, 5.0], (0.0, None, None)),  # the same mean
        ([4.0, 3.0, 2.0, 1.0], (0.0, 0.0, 1.0)),  # the same mean and scatter, the wrong way
        # Twice as steep round the mean: scatter 2 x sqrt(1.25), r = 1, mean squared error 1.25.
        ([-0.5, 1.5, 3.5, 5.5], (0.0, 1.0, 0.0)),
        # No scatter at all, at 3.5: mean squared error 1 + 1.25.
        ([3.5, 3.5, 3.5, 3.5], (1.0 / 2.25, 1.25 / 2.25, 0.0)),
    ],
)
def test_theils_shares_of_cases_worked_by_hand(said: list[float], shares: tuple[float | None, ...]) -> None:
    found = information.theil(np.array([1.0, 2.0, 3.0, 4.0]), np.array(said))
    for share, expected in zip(found, shares, strict=True):
        if expected is not None:
            assert share == pytest.approx(expected, abs=1e-12)


# Of 32 bits, so that no square is too small for a number of 64.
pairs = st.lists(st.tuples(*(st.floats(-1e6, 1e6, width=32) for _ in range(2))), min_size=1, max_size=8)


@given(pairs)
@example([(0.0, -0.035), (454560.0, 454564.0)])  # levels whose squares round by more than the errors' squares are
def test_theils_shares_add_to_1_and_none_is_negative(pairs: list[tuple[float, float]]) -> None:
    fact, said = np.array(pairs).T
    found = information.theil(fact, said)
    if np.mean((fact - said) ** 2) == 0.0:
        assert np.isnan(found).all()
    else:
        assert sum(found) == pytest.approx(1.0, abs=1e-12)
        assert min(found) >= 0.0


@pytest.mark.parametrize("years", [2, 5, 6])
def test_durbin_watson_of_residuals_that_alternate(years: int) -> None:
    alternating = 0.7 * (-1.0) ** np.arange(float(years))
    assert information.durbin_watson(alternating) == pytest.approx(4.0 * (years - 1) / years)


def test_durbin_watson_of_residuals_that_do_not_change_is_nil_and_of_one_there_is_none() -> None:
    assert information.durbin_watson(np.full(5, 0.3)) == 0.0
    assert np.isnan(information.durbin_watson(np.array([1.0])))
    assert np.isnan(information.durbin_watson(np.zeros(4)))


def test_r_squared_is_1_of_the_facts_0_of_their_mean_and_nothing_where_they_do_not_scatter() -> None:
    facts = np.array([1.0, 2.0, 6.0])
    assert information.r_squared(facts, facts) == 1.0
    assert information.r_squared(facts, np.full(3, 3.0)) == 0.0
    assert information.r_squared(facts, np.array([2.0, 3.0, 7.0])) == pytest.approx(1.0 - 3.0 / 14.0)
    assert np.isnan(information.r_squared(np.full(3, 2.0), facts))


def test_the_chance_of_a_misfit_of_two_residuals_is_that_of_an_exponential_distribution() -> None:
    assert information.chance_of_misfit(np.array([1.0, -2.0])) == pytest.approx(np.exp(-2.5))


# -- how much the facts inform ----------------------------------------------------------------------------------
def test_the_spectrum_of_a_linear_model_is_that_of_its_information(linear: Fit) -> None:
    found = information.fisher_spectrum(linear)
    assert found == pytest.approx(np.sort(np.linalg.eigvalsh(INFORMATION))[::-1], rel=1e-6)


def test_the_effective_number_of_a_linear_model_is_the_trace_of_its_hat_matrix(linear: Fit) -> None:
    hat = SLOPES @ np.linalg.inv(np.eye(3) + INFORMATION) @ SLOPES.T
    found = information.effective_number(information.fisher_spectrum(linear))
    assert found == pytest.approx(np.trace(hat), rel=1e-6)
    assert information.effective_number(np.array([1e9, 1.0, 0.0])) == pytest.approx(1.5)


def test_draws_of_a_linear_model_with_one_number_known_have_its_conditional_distribution(linear: Fit) -> None:
    draws = linear.sample(np.random.default_rng(3).standard_normal((200_000, 3)))
    (found,) = information.conditioned(linear, draws, "b", [1.5])
    # With b known it is a problem of two latent numbers.
    slopes, facts = SLOPES[:, [0, 2]], FACTS - 1.5 * SLOPES[:, 1]
    covariance = np.linalg.inv(np.eye(2) + slopes.T @ slopes)
    assert np.all(found[:, 1] == 1.5)
    assert found[:, [0, 2]].mean(axis=0) == pytest.approx(covariance @ slopes.T @ facts, abs=0.01)
    assert np.cov(found[:, [0, 2]].T) == pytest.approx(covariance, abs=0.01)


def test_draws_of_a_bent_model_with_one_number_known_lie_round_what_is_most_probable_then() -> None:
    # The fact is that b is a squared less a half, or nearly so.
    bent = fit(stub(lambda z: 50.0 * (z[:, 1:] - z[:, :1] ** 2 + 0.5), (True, True)))
    draws = np.array([[0.0, -0.5], [2.0, 3.5], [-1.0, 0.6]])  # the last is .1 off
    (found,) = information.conditioned(bent, draws, "a", [1.5])
    assert found == pytest.approx(np.array([[1.5, 1.75], [1.5, 1.75], [1.5, 1.85]]), abs=0.06)


# -- profiles ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_profile_of_a_linear_model_is_a_parabola(linear: Fit, place: int) -> None:
    found = information.profile(linear, "abc"[place])
    others = [p for p in range(3) if p != place]
    slopes, own = SLOPES[:, others], SLOPES[:, place]
    # What is left of the facts, and of the column, when the others are fitted: the curvature and top in closed form.
    left = np.eye(5) - slopes @ np.linalg.inv(np.eye(2) + slopes.T @ slopes) @ slopes.T
    curvature, top = own @ left @ own, own @ left @ FACTS / (own @ left @ own)
    parabola = curvature * (found.latent - top) ** 2
    assert found.rise == pytest.approx(parabola - parabola.min(), abs=1e-5)
    ends = top + np.array([-1.0, 1.0]) * np.sqrt(information.NOT_REFUSED / curvature)
    for end, expected in zip(found.ends, ends, strict=True):
        if abs(expected) < information.RANGE:
            assert end == pytest.approx(expected, abs=0.02 * np.ptp(ends))
        else:
            assert np.isinf(end)


def test_a_number_that_only_moves_together_with_another_is_flat_or_nearly_so() -> None:
    both = fit(stub(lambda z: 10.0 * (z[:, :1] + z[:, 1:] - 1.0), (True, True)))
    # a = 1 - b is all the facts say: the rise is what the prior of b says of 1 - a.
    found = information.profile(both, "a")
    rise = (found.latent - 1.0) ** 2 / (1.0 + 0.01)
    assert found.rise == pytest.approx(rise - rise.min(), abs=1e-4)


def test_a_number_that_no_fact_depends_on_is_flat() -> None:
    found = information.profile(fit(stub(lambda z: 5.0 * (z[:, :1] - 1.0), (True, False))), "b")
    assert found.shape == "flat"
    assert not found.rise.any()
    assert found.ends == (-np.inf, np.inf)


def test_a_number_that_facts_bound_on_one_side_only_is_one_sided() -> None:
    bounded = fit(stub(lambda z: 8.0 * np.maximum(-0.5 - z[:, :1], 0.0), (True, True)))
    found = information.profile(bounded, "a")
    assert found.shape == "one-sided"
    assert found.ends[0] == pytest.approx(-0.5 - np.sqrt(information.NOT_REFUSED) / 8.0, abs=0.1)


def _bent(z: Array) -> Array:
    return np.stack([3.0 * (np.exp(z[:, 0]) - np.exp(0.5 * z[:, 1])), z[:, 0] - 2.0 * z[:, 1] - 1.0], axis=1)


def _two_valleys(z: Array) -> Array:
    return np.stack([2.0 * (z[:, 1] ** 2 - 1.0), z[:, 0] - z[:, 1], z[:, 1] - 0.2], axis=1)


@pytest.mark.parametrize("residuals", [_bent, _two_valleys])
def test_the_profile_is_the_least_over_a_fine_grid(residuals: Callable[[Array], Array]) -> None:
    found = information.profile(fit(stub(residuals, (True, True))), "a")
    fine = np.linspace(-6.0, 6.0, 200_001)
    least = [
        np.min(np.sum(residuals(np.stack([np.full_like(fine, x), fine], axis=1)) ** 2, axis=1) + fine**2)
        for x in found.latent
    ]
    assert found.rise == pytest.approx(np.array(least) - min(least), abs=0.01)


def test_a_profile_that_does_not_settle_is_refused(linear: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(information, "ROUNDS", 0)
    with pytest.raises(CalibrationError, match="with b held, 15 of 15 did not settle"):
        information.profile(linear, "b")


# -- the shipped problem ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def problem(known: Mapping[str, Evidence]) -> Problem:
    return known["july2011"].problem()


@pytest.fixture(scope="module")
def whole(problem: Problem) -> Fit:
    return fit(problem)


def test_latent_numbers_come_back_from_what_they_stand_for(problem: Problem) -> None:
    z = np.random.default_rng(5).standard_normal((50, len(problem.names)))
    assert information.latent(problem, *problem.values(z)) == pytest.approx(z, abs=1e-5)


def test_so_do_those_of_a_past_that_is_fitted(plan: Plan, model: Model) -> None:
    problem = evidence(plan, "plan-only").problem()
    assert problem.pasts
    z = np.random.default_rng(6).standard_normal((50, len(problem.names)))
    parameters, yearly = problem.values(z)
    again_parameters, again = problem.values(information.latent(problem, parameters, yearly))
    for name, levels in yearly.items():
        assert again[name] == pytest.approx(levels, rel=1e-6, abs=1e-9), name
    assert again_parameters["propensity"] == pytest.approx(parameters["propensity"], rel=1e-6)


def test_a_series_left_out_is_fitted_worse_and_informs_fewer_parameters(whole: Fit) -> None:
    for series in ("technology_market_value", "civic_scientific_literacy"):
        found = information.leave_out(whole, series)
        at = np.array([f.series == series for f in whole.problem.observations])
        errors = [np.sum(f.problem.standardised(f.mode[None, :])[0, at] ** 2) for f in (whole, found.fit)]
        assert errors[1] > errors[0]
        assert found.fit.problem.residuals(found.fit.mode[None, :]).shape[1] == (~at).sum()
        numbers = [information.effective_number(information.fisher_spectrum(f)) for f in (whole, found.fit)]
        assert numbers[1] < numbers[0] - 1.0


def test_without_contracts_what_contracts_alone_inform_is_as_uncertain_as_before_any_fact(whole: Fit) -> None:
    found = information.leave_out(whole, "technology_market_value")
    of_contracts = {"reference_contracts", "contract_elasticity", "contract_surprise"}
    for place, name in enumerate(whole.problem.names):
        if name.partition("[")[0] in of_contracts:
            assert found.fit.covariance[place, place] == pytest.approx(1.0, abs=0.01), name
            # The last year's shock has hardly acted when the last fact is counted.
            assert found.widened[place] > (1.2 if "2010" not in name else 1.01), name
        else:
            assert found.widened[place] == pytest.approx(1.0, abs=0.01), name


def test_replicated_facts_scatter_by_the_error_of_measurement_and_are_printed_as_the_facts_are(whole: Fit) -> None:
    problem = whole.problem
    draws = information.replicated(problem, np.repeat(whole.mode[None, :], 4000, axis=0), 1, "again")
    said = problem.predict(whole.mode[None, :])[0]
    for place, fact in enumerate(problem.observations):
        spread = np.hypot(fact.sd, fact.rounding / np.sqrt(12.0))
        assert draws[:, place].mean() == pytest.approx(said[place], abs=4.0 * spread / np.sqrt(4000) + fact.rounding)
        assert draws[:, place].std() == pytest.approx(fact.sd, rel=0.1, abs=fact.rounding)
        if fact.rounding:
            steps = draws[:, place] / fact.rounding
            assert steps == pytest.approx(np.round(steps), abs=1e-6)


def test_a_central_interval_holds_its_share() -> None:
    drawn = np.tile(np.linspace(0.0, 1.0, 1001)[:, None], 3)
    found = information.inside(np.array([0.04, 0.3, 0.96]), drawn, 0.9)
    assert found.tolist() == [False, True, False]


# -- tightening a prior -------------------------------------------------------------------------------------------
def _tightened(problem: Problem, name: str) -> Problem:
    """Give the problem with the prior of one parameter half as wide, round its middle."""
    prior = problem.priors.parameters[name]
    width = "sd" if hasattr(prior, "sd") else "sigma"
    half: Any = prior.model_copy(update={width: getattr(prior, width) / 2.0})
    priors = problem.priors.model_copy(update={"parameters": {**problem.priors.parameters, name: half}})
    return replace(problem, priors=priors)


def _sd(found: Fit, name: str) -> float:
    """Give the sd of a parameter in its own unit, or of its logarithm where the prior is lognormal."""
    place, prior = found.problem.names.index(name), found.problem.priors.parameters[name]
    width = prior.sd if hasattr(prior, "sd") else getattr(prior, "sigma")  # noqa: B009
    return float(width * np.sqrt(found.covariance[place, place]))


@pytest.mark.parametrize("name", ["research_elasticity", "obsolescence_rate", "high_tech_pull", "mainland_share"])
def test_tightening_the_prior_of_an_uninformed_parameter_moves_its_posterior(whole: Fit, name: str) -> None:
    place = whole.problem.names.index(name)
    assert 1.0 - whole.covariance[place, place] < 0.5
    assert _sd(fit(_tightened(whole.problem, name)), name) < 0.65 * _sd(whole, name)


@pytest.mark.parametrize("name", ["reference_cost", "domestic_grant_share", "propensity", "high_tech_share_at_start"])
def test_tightening_the_prior_of_an_informed_parameter_does_not(whole: Fit, name: str) -> None:
    place = whole.problem.names.index(name)
    assert 1.0 - whole.covariance[place, place] > 0.82
    assert _sd(fit(_tightened(whole.problem, name)), name) > 0.8 * _sd(whole, name)


def test_what_a_tighter_prior_does_to_each_parameter_is_what_its_contraction_says(whole: Fit) -> None:
    # A prior of four times the precision makes a posterior variance v one of 1 / (1 / v + 3), in prior variances.
    for name in ("propensity", "enterprise_effort_at_start", "reference_papers", "hiring_time", "time_to_maturity"):
        place = whole.problem.names.index(name)
        expected = 1.0 / np.sqrt(1.0 + 3.0 * whole.covariance[place, place])
        assert _sd(fit(_tightened(whole.problem, name)), name) / _sd(whole, name) == pytest.approx(expected, rel=0.15)
