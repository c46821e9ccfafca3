"""The fit and the sampling, on problems whose posterior is known in closed form or by integration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
from scipy import integrate

from fiveyear.calibration import sampler
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.fit import Fit, Problem, fit
from fiveyear.model.quantities import Array

# Five facts of three latent numbers: residual = SLOPES z - FACTS, all with unit error; z is standard normal a priori.
SLOPES = np.array([[1.0, 0.5, 0.0], [0.0, 2.0, -1.0], [3.0, 0.0, 0.2], [0.1, 0.1, 0.1], [-1.0, 1.0, 0.4]])
FACTS = np.array([1.0, -0.5, 2.0, 0.3, 0.7])
PRECISION = np.eye(3) + SLOPES.T @ SLOPES
COVARIANCE = np.linalg.inv(PRECISION)
MEAN = COVARIANCE @ SLOPES.T @ FACTS


@dataclass
class Stub:
    """Stands for a problem: the names of the latent numbers, and the residuals of the facts."""

    names: tuple[str, ...]
    function: Callable[[Array], Array]

    @property
    def informed(self) -> tuple[bool, ...]:
        return (True,) * len(self.names)

    @property
    def parameters(self) -> tuple[str, ...]:
        return self.names

    def residuals(self, z: Array) -> Array:
        return self.function(z)

    def slopes(self, z: Array) -> Array:
        shifts = 1e-5 * np.eye(z.shape[1])
        halves = [
            0.5 * np.sum(self.residuals((z[:, None] + s).reshape(z.shape[0] * len(s), -1)) ** 2, axis=1)
            for s in (shifts, -shifts)
        ]
        return np.asarray((halves[0] - halves[1]).reshape(z.shape) / 2e-5)

    def among(self, z: Array, others: Array | float = 0.0) -> Array:
        return z


def stub(size: int, function: Callable[[Array], Array]) -> Problem:
    return cast(Problem, Stub(tuple("abc"[:size]), function))


LINEAR = stub(3, lambda z: z @ SLOPES.T - FACTS)


def test_the_fit_of_a_linear_problem_is_its_posterior() -> None:
    found = fit(LINEAR)
    assert found.mode == pytest.approx(MEAN, rel=1e-7)
    assert found.covariance == pytest.approx(COVARIANCE, rel=1e-6)


def test_a_draw_of_the_approximation_has_its_mean_and_covariance() -> None:
    drawn = Fit(LINEAR, MEAN, COVARIANCE).sample(np.random.default_rng(1).standard_normal((100_000, 3)))
    assert drawn.mean(axis=0) == pytest.approx(MEAN, abs=4.0 * np.sqrt(COVARIANCE.max() / 100_000))
    assert np.cov(drawn.T) == pytest.approx(COVARIANCE, abs=0.02 * COVARIANCE.max())


def test_a_fit_without_facts_is_the_prior() -> None:
    found = fit(stub(2, lambda z: np.zeros((len(z), 1))))
    assert found.mode == pytest.approx(np.zeros(2))
    assert found.covariance == pytest.approx(np.eye(2))


def test_a_search_that_ends_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:

    def gives_up(*args: object, **kwargs: object) -> object:
        return type("Found", (), {"success": False, "message": "too many evaluations", "x": np.zeros(3)})()

    monkeypatch.setattr("scipy.optimize.least_squares", gives_up)
    with pytest.raises(CalibrationError, match="no most probable parameters were found: too many evaluations"):
        fit(LINEAR)


def errors_of_means(convergence: sampler.Convergence) -> Array:
    """Give the Monte Carlo error of the mean over ``SETS`` draws of each number, in its own sd."""
    return np.sqrt(1.0 / np.array(list(convergence.ess_bulk.values())) + 1.0 / sampler.SETS)


@pytest.fixture
def many_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give enough parameter sets for a per cent of Monte Carlo error."""
    monkeypatch.setattr(sampler, "SETS", 20_000)


@pytest.mark.usefixtures("many_sets")
def test_sampling_a_linear_problem_gives_its_posterior_even_from_an_approximation_that_is_off() -> None:
    for start in (Fit(LINEAR, MEAN, COVARIANCE), Fit(LINEAR, MEAN + 0.5, 2.0 * COVARIANCE)):
        drawn, convergence = sampler.sample(start, seed=4, steps=600)
        assert drawn.shape == (20_000, 3)
        assert min(convergence.ess_bulk.values()) > 10_000
        errors = np.sqrt(np.diag(COVARIANCE)) * errors_of_means(convergence)
        assert np.all(np.abs(drawn.mean(axis=0) - MEAN) < 3.0 * errors)
        assert np.cov(drawn.T) == pytest.approx(COVARIANCE, abs=0.05 * np.diag(COVARIANCE).max())
        assert np.diag(np.cov(drawn.T)) == pytest.approx(np.diag(COVARIANCE), rel=0.05)
        assert max(convergence.r_hat.values()) < 1.001


@pytest.mark.usefixtures("many_sets")
def test_sampling_a_bent_problem_gives_its_moments_where_the_approximation_does_not() -> None:
    def residuals(z: Array) -> Array:
        return 2.0 * (np.exp(z) - 1.5)  # a fact of exp(z)

    def density(z: float) -> float:
        return float(np.exp(-0.5 * (z**2 + 4.0 * (np.exp(z) - 1.5) ** 2)))

    whole, first, second = (integrate.quad(lambda z, n=n: z**n * density(z), -8.0, 4.0)[0] for n in range(3))
    mean, variance = first / whole, second / whole - (first / whole) ** 2
    found = fit(stub(1, residuals))
    drawn, convergence = sampler.sample(found, seed=3)
    error = np.sqrt(variance) * errors_of_means(convergence)[0]
    assert drawn.mean() == pytest.approx(mean, abs=3.0 * error)
    assert drawn.var() == pytest.approx(variance, rel=0.05)
    assert abs(found.mode[0] - mean) > 20.0 * error


@pytest.mark.usefixtures("many_sets")
def test_sampling_along_a_ridge_gives_its_moments() -> None:
    # One fact, thirty times as precise as the prior, of a difference that is bent: the offset has to follow it.
    def residuals(z: Array) -> Array:
        return 30.0 * (np.exp(z[:, :1] - z[:, 1:2] + 0.1 * z[:, 1:2] ** 2) - 1.0)

    def given_b(b: float, power: int) -> float:
        aim = b - 0.1 * b**2  # the a that the fact asks for; its sd is about 1 / 30
        found: float = integrate.quad(
            lambda a: a**power * np.exp(-0.5 * (900.0 * (np.exp(a - aim) - 1.0) ** 2 + a**2 + b**2)),
            aim - 0.4,
            aim + 0.4,
            epsabs=1e-12,
        )[0]
        return found

    def moment(weight: Callable[[float], float], power: int = 0) -> float:
        found: float = integrate.quad(lambda b: weight(b) * given_b(b, power), -8.0, 8.0, limit=200)[0]
        return found

    whole = moment(lambda b: 1.0)
    means = np.array([moment(lambda b: 1.0, 1), moment(lambda b: b)]) / whole
    squares = np.array([moment(lambda b: 1.0, 2), moment(lambda b: b**2)]) / whole
    drawn, convergence = sampler.sample(fit(stub(2, residuals)), seed=3)
    sds = np.sqrt(squares - means**2)
    assert np.all(np.abs(drawn.mean(axis=0) - means) < 3.0 * sds * errors_of_means(convergence))
    assert drawn.std(axis=0) == pytest.approx(sds, rel=0.05)


def test_a_region_where_the_model_gives_nonsense_is_never_entered() -> None:
    problem = stub(1, lambda z: np.where(z < 1.0, 0.0, np.nan))
    started = Fit(problem, np.array([-2.0]), np.array([[0.01]]))
    drawn, _ = sampler.sample(started, seed=3, steps=100)
    assert np.all(drawn < 1.0)


def test_the_same_seed_gives_the_same_draws_and_another_does_not() -> None:
    start = Fit(LINEAR, MEAN, COVARIANCE)
    once, again, other = (sampler.sample(start, seed=s, steps=50)[0] for s in (3, 3, 4))
    assert once.tobytes() == again.tobytes() != other.tobytes()


def test_chains_that_disagree_are_told_from_chains_that_do_not() -> None:
    chains = np.random.default_rng(1).standard_normal((4, 200, 8, 2))
    chains[0, :, :, 1] += 1.0
    found = sampler.convergence(chains, ("same", "other"), 200)
    assert found.r_hat["same"] < 1.01 < 1.05 < found.r_hat["other"]
    assert found.ess_bulk["same"] == pytest.approx(4 * 200 * 8, rel=0.1)
    assert found.autocorrelation_time["same"] == pytest.approx(1.0, rel=0.1)


def test_the_autocorrelation_time_of_a_first_order_process_is_the_closed_form() -> None:
    random, kept = np.random.default_rng(2), 0.8
    chains = random.standard_normal((4, 4000, 8, 1))
    for time in range(1, 4000):
        chains[:, time] = kept * chains[:, time - 1] + np.sqrt(1.0 - kept**2) * chains[:, time]
    found = sampler.convergence(chains, ("x",), 4000)
    assert found.autocorrelation_time["x"] == pytest.approx((1.0 + kept) / (1.0 - kept), rel=0.05)
