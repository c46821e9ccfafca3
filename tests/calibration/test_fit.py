"""The fit and the sampling, on problems whose posterior is known in closed form or by integration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
from scipy import integrate

from fiveyear.calibration import posterior
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

    def residuals(self, z: Array) -> Array:
        return self.function(z)


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


@pytest.fixture
def many_walkers(monkeypatch: pytest.MonkeyPatch) -> int:
    """Use enough walkers for a per cent of Monte Carlo error."""
    monkeypatch.setattr(posterior, "WALKERS", 8000)
    return 8000


def test_sampling_a_linear_problem_gives_its_posterior_even_from_an_approximation_that_is_off(
    many_walkers: int,
) -> None:
    for start in (Fit(LINEAR, MEAN, COVARIANCE), Fit(LINEAR, MEAN + 0.5, 2.0 * COVARIANCE)):
        drawn, shift = posterior.sample(start, seed=4)
        assert drawn.shape == (many_walkers, 3)
        errors = np.sqrt(np.diag(COVARIANCE) / many_walkers)
        assert np.all(np.abs(drawn.mean(axis=0) - MEAN) < 3.5 * errors)
        assert np.cov(drawn.T) == pytest.approx(COVARIANCE, abs=0.05 * np.diag(COVARIANCE).max())
        assert shift < 0.1


def test_sampling_a_bent_problem_gives_its_moments_where_the_approximation_does_not(many_walkers: int) -> None:
    def residuals(z: Array) -> Array:
        return 2.0 * (np.exp(z) - 1.5)  # a fact of exp(z)

    def density(z: float) -> float:
        return float(np.exp(-0.5 * (z**2 + 4.0 * (np.exp(z) - 1.5) ** 2)))

    whole, first, second = (integrate.quad(lambda z, n=n: z**n * density(z), -8.0, 4.0)[0] for n in range(3))
    mean, variance = first / whole, second / whole - (first / whole) ** 2
    found = fit(stub(1, residuals))
    drawn, _ = posterior.sample(found, seed=3)
    assert drawn.mean() == pytest.approx(mean, abs=3.5 * np.sqrt(variance / many_walkers))
    assert drawn.var() == pytest.approx(variance, rel=0.05)
    assert abs(found.mode[0] - mean) > 20.0 * np.sqrt(variance / many_walkers)


def test_a_region_where_the_model_gives_nonsense_is_never_entered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posterior, "STEPS", 60)
    problem = stub(1, lambda z: np.where(z < 1.0, 0.0, np.nan))
    started = Fit(problem, np.array([-2.0]), np.array([[0.01]]))
    drawn, _ = posterior.sample(started, seed=3)
    assert np.all(drawn < 1.0)


def test_the_same_seed_gives_the_same_draws_and_another_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posterior, "STEPS", 20)
    start = Fit(LINEAR, MEAN, COVARIANCE)
    once, again, other = (posterior.sample(start, seed=s)[0] for s in (3, 3, 4))
    assert once.tobytes() == again.tobytes() != other.tobytes()
