"""What the sampler walks on: slopes of the posterior, coordinates that straighten it, trajectories."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from fiveyear.calibration.fit import Problem, fit
from fiveyear.calibration.offset import Offset, learn_offset
from fiveyear.calibration.posterior import evidence
from fiveyear.calibration.sampler import Chances, Target, Trajectories
from fiveyear.model import Model
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan

SHIFT = 1e-6


# -- slopes of the posterior: rounded facts, bounds, rises, ratios and pasts, down to the latent numbers --------------
@pytest.mark.slow
def test_the_slopes_of_a_problem_are_those_of_differences(plan: Plan, model: Model) -> None:
    problem = evidence(plan, "plan-only").problem()
    size = len(problem.names)
    z = fit(problem).mode + 0.3 * np.random.default_rng(1).standard_normal((3, size))
    shifts = SHIFT * np.eye(size)
    above, below = (
        0.5 * np.sum(problem.residuals((z[:, None] + s).reshape(-1, size)) ** 2, axis=1).reshape(3, size)
        for s in (shifts, -shifts)
    )
    differences = (above - below) / (2.0 * SHIFT)
    scale = np.max(np.abs(differences), axis=0) + 1.0
    assert np.max(np.abs(problem.slopes(z) - differences) / scale) < 1e-5
    uninformed = ~np.array(problem.informed)
    assert np.any(uninformed)
    assert np.all(problem.slopes(z)[:, uninformed] == 0.0)


# -- coordinates ------------------------------------------------------------------------------------------------------
def bent() -> Offset:
    """An offset of two settled numbers, the first and the last, that follows three free ones: one only straight."""
    random = np.random.default_rng(3)
    bends = random.standard_normal((2, 2, 2))
    settled = np.array([True, False, False, False, True])
    middle, scale, slopes = random.standard_normal(3), np.array([0.5, 2.0, 1.5]), random.standard_normal((3, 2))
    return Offset(settled, middle, scale, slopes, np.array([0, 2]), bends + bends.swapaxes(0, 1))


def test_an_offset_is_a_polynomial_of_the_free_numbers() -> None:
    one = bent()
    z = np.random.default_rng(4).standard_normal((7, 5))
    x = (z[:, 1:4] - one.middle) / one.scale
    pairs = [(i, j, (0, 2)[i], (0, 2)[j]) for i in (0, 1) for j in (0, 1)]
    straight = [[sum(one.slopes[i, s] * v[i] for i in (0, 1, 2)) for s in (0, 1)] for v in x]
    bent_ones = [[sum(one.bends[i, j, s] * v[p] * v[q] for i, j, p, q in pairs) for s in (0, 1)] for v in x]
    assert one(z)[:, [0, 4]] == pytest.approx(np.array(straight) + np.array(bent_ones))
    assert np.all(one(z)[:, 1:4] == 0.0)


def test_slopes_by_what_is_counted_from_an_offset_are_those_of_differences() -> None:
    one = bent()

    def number(walkers: Array) -> Array:
        return np.asarray(np.sum(np.sin(walkers + one(walkers)), axis=1))

    walkers = np.random.default_rng(5).standard_normal((3, 5))
    offset, by_counted = one.with_slopes(walkers)
    assert np.array_equal(offset, one(walkers))
    differences = [(number(walkers + s) - number(walkers - s)) / (2.0 * SHIFT) for s in SHIFT * np.eye(5)]
    assert by_counted(np.cos(walkers + offset)) == pytest.approx(np.array(differences).T, rel=1e-6, abs=1e-8)


# -- trajectories -----------------------------------------------------------------------------------------------------
class Hill:
    """Stands for a problem: one fact of exp(a) + b."""

    names = ("a", "b")
    parameters = ("a", "b")
    informed = (True, True)

    def among(self, z: Array) -> Array:
        return z

    def residuals(self, z: Array) -> Array:
        return np.asarray(3.0 * (np.exp(z[:, :1]) + z[:, 1:] - 1.0))

    def slopes(self, z: Array) -> Array:
        return np.asarray(3.0 * self.residuals(z) * np.stack([np.exp(z[:, 0]), np.ones(len(z))], axis=1))


@pytest.fixture
def hill() -> Trajectories:
    found = fit(cast(Problem, Hill()))
    return Trajectories(
        Target(found.problem, learn_offset(found, 1)), np.asarray(np.linalg.cholesky(found.covariance)), 0.1
    )


def test_the_shorter_the_leaps_of_a_trajectory_the_better_it_keeps_its_energy(hill: Trajectories) -> None:
    walkers = np.random.default_rng(6).standard_normal((50, 2))

    def error(one: Trajectories) -> float:
        chances = Chances.drawn(np.random.RandomState(8), walkers.shape)  # as many leaps, of as much of the longest
        there, gained = one(walkers, chances)
        density = hill.target.log_density
        return float(np.max(np.abs(density(there) - density(walkers) + gained)))

    # Of second order in the leap. With half the leap a trajectory is half as long.
    assert error(replace(hill, leap=0.05)) < 0.4 * error(hill)


def test_a_trajectory_walked_back_ends_where_it_began(hill: Trajectories) -> None:
    walkers = np.random.default_rng(6).standard_normal((50, 2))
    momentum = np.random.default_rng(9).standard_normal(walkers.shape)
    there, momentum = hill.walked(walkers, momentum, 12, 0.08)
    back, _ = hill.walked(there, -momentum, 12, 0.08)
    assert back == pytest.approx(walkers, abs=1e-9)
    assert np.min(np.linalg.norm(there - walkers, axis=1)) > 0.01


class Yearly:
    """Stands for a problem: one fact of exp(a) + 2 b + c + c squared, where a and b are parameters, c a shock."""

    names = ("a", "b", "c[2005]")
    parameters = ("a", "b")
    informed = (True, True, True)

    def among(self, z: Array) -> Array:
        return z

    def residuals(self, z: Array) -> Array:
        return np.asarray(30.0 * (np.exp(z[:, :1]) + 2.0 * z[:, 1:2] + z[:, 2:] + z[:, 2:] ** 2 - 1.0))


def test_the_offset_bends_along_parameters_and_is_straight_along_the_numbers_of_single_years() -> None:
    one = learn_offset(fit(cast(Problem, Yearly())), 1)
    # b, of which the fact says most, makes up for the other two: for exp(a) by a parabola, for c by a straight line.
    assert one.settled.tolist() == [False, True, False]
    assert one.curved.tolist() == [0]
    assert one.bends.shape == (1, 1, 1)
    away = np.array([-1.0, 0.0, 1.0])
    for place, is_straight in ((0, False), (2, True)):
        along = np.zeros((3, 3))
        along[:, place] = away
        (bend,) = np.diff(one(along)[:, 1], 2)
        assert bend == pytest.approx(0.0, abs=1e-12) if is_straight else bend < -0.1
