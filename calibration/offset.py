"""Coordinates in which the ridges of a posterior are straight.

Facts that are more precise than the priors leave curved ridges: when one latent number moves, others make up for it.
Those that facts settle, given the rest, are therefore counted from where they would best do so.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fiveyear.model.cores import cores
from fiveyear.model.quantities import Array, Condition

from .fit import Fit, Problem

Whole = npt.NDArray[np.intp]

SHIFT = 1e-5  # of a latent number, for slopes
SETTLED = 4.0  # information of the facts on a latent number, whose prior says 1
SPREAD = 1.2  # how far from the fit the offset is learned, in sds of the normal approximation
ROUNDS = 4  # of the search for the most probable numbers
AT_ONCE = 64  # points, whose arrays the processor's caches hold
RIDGE = 30.0  # which keeps the polynomial from following single points


@dataclass(frozen=True)
class Offset:
    """Where the numbers that facts settle best make up for the free ones: a polynomial in these.

    It is of second degree in parameters, and of first in the numbers of single years, along which ridges hardly bend.
    Counting from there changes no volume, whatever the polynomial: densities stay as they are.
    """

    settled: Condition  # which latent numbers
    middle: Array  # (free,)
    scale: Array  # (free,)
    slopes: Array  # (free, settled)
    curved: Whole  # (curved,), the places of parameters among the free
    bends: Array  # (curved, curved, settled)

    def __call__(self, z: Array) -> Array:
        """Give the offset at latent numbers, both (walker, latent): 0 for the free ones."""
        x = self._free(z)
        return self._offset(z, x, self._bent(x))

    def with_slopes(self, z: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Give the offset, and what pulls a gradient back through the shift (a vector-Jacobian product).

        All are (walker, latent): the gradient by latent numbers, and that by the numbers counted from the offset.
        """
        x = self._free(z)
        bent = self._bent(x)

        def slopes(by_latent: Array) -> Array:
            by_settled = by_latent.take(self._settled_places, axis=1)
            by_free = by_settled @ self.slopes.T
            by_free[:, self.curved] += 2.0 * (bent @ by_settled[:, :, None])[:, :, 0]
            by_counted = by_latent.copy()
            by_counted[:, self._free_places] += by_free / self.scale
            return by_counted

        return self._offset(z, x, bent), slopes

    def _offset(self, z: Array, x: Array, bent: Array) -> Array:
        offset = np.zeros_like(z)
        bends = (x.take(self.curved, axis=1)[:, None] @ bent)[:, 0]
        offset[:, self._settled_places] = x @ self.slopes + bends
        return offset

    def covariance_before(self, covariance: Array) -> Array:
        """Give the covariance round ``middle`` of what is counted from the offset, given that of latent numbers."""
        counted = np.eye(len(covariance))  # less what the free ones pull along
        counted[np.ix_(self.settled, ~self.settled)] = -(self.slopes / self.scale[:, None]).T
        return np.asarray(counted @ covariance @ counted.T)

    def _free(self, z: Array) -> Array:
        return np.asarray((z.take(self._free_places, axis=1) - self.middle) / self.scale)

    @cached_property
    def _settled_places(self) -> Whole:
        return np.flatnonzero(self.settled)

    @cached_property
    def _free_places(self) -> Whole:
        return np.flatnonzero(~self.settled)

    def _bent(self, x: Array) -> Array:
        size, _, count = self.bends.shape
        bent = x.take(self.curved, axis=1) @ self.bends.reshape(size, size * count)
        return bent.reshape(len(x), size, count)


def learn_offset(fit: Fit, seed: int) -> Offset:
    """Learn the offset from where settled numbers are most probable given free ones, at points round the fit."""
    informed = np.array(fit.problem.informed)
    mode, covariance = fit.mode[informed], fit.covariance[np.ix_(informed, informed)]
    settled = _settled(covariance)
    count, size = int(np.sum(settled)), int(np.sum(~settled))
    middle, scale = mode[~settled], np.sqrt(np.diag(covariance)[~settled])
    names = np.array(fit.problem.names)[informed][~settled]
    curved = np.flatnonzero([name in fit.problem.parameters for name in names])
    pairs = np.triu_indices(len(curved))
    terms = size + len(pairs[0])
    root = np.linalg.cholesky(covariance[np.ix_(~settled, ~settled)])
    z = np.tile(mode, (3 * terms, 1))
    z[:, ~settled] += SPREAD * np.random.default_rng(seed).standard_normal((len(z), size)) @ root.T
    few = [slice(first, first + AT_ONCE) for first in range(0, len(z), AT_ONCE)]
    with ThreadPoolExecutor(cores()) as threads:  # the kernel leaves Python's lock alone
        for some, best in zip(few, threads.map(lambda some: _best(fit.problem, z[some], settled), few), strict=True):
            z[some] = best
    x = (z[:, ~settled] - middle) / scale
    design = np.concatenate([x, x[:, curved[pairs[0]]] * x[:, curved[pairs[1]]]], axis=1)
    aims = z[:, settled] - mode[settled]
    sound = np.all(np.isfinite(aims), axis=1)
    design, aims = design[sound], aims[sound]
    learned = np.linalg.solve(design.T @ design + RIDGE * np.eye(terms), design.T @ aims)
    bends = np.zeros((len(curved), len(curved), count))
    bends[pairs] = 0.5 * learned[size:]
    return Offset(settled, middle, scale, learned[:size], curved, bends + bends.swapaxes(0, 1))


@np.errstate(all="ignore")  # a point that leads into nonsense is left out
def _best(problem: Problem, z: Array, settled: Condition) -> Array:
    """Give latent numbers, (point, latent), of which those that facts settle are the most probable given the others."""
    z, count = z.copy(), int(np.sum(settled))
    for _ in range(ROUNDS):
        residuals = problem.residuals(problem.among(z))
        shifted = np.repeat(z[:, None], count, axis=1)
        shifted[:, np.arange(count), settled] += SHIFT
        others = problem.residuals(problem.among(shifted.reshape(-1, z.shape[1])))
        steepness = (others.reshape(len(z), count, residuals.shape[1]) - residuals[:, None]) / SHIFT
        slope = np.einsum("pso,po->ps", steepness, residuals) + z[:, settled]
        bend = steepness @ steepness.swapaxes(1, 2) + np.eye(count)
        z[:, settled] -= np.clip(np.linalg.solve(bend, slope[:, :, None])[:, :, 0], -1.0, 1.0)
    return z


def _settled(covariance: Array) -> Condition:
    """Choose the numbers of which facts say most, each given those that are chosen before it."""
    information = np.linalg.inv(covariance) - np.eye(len(covariance))  # the information of the facts
    settled = np.zeros(len(covariance), dtype=bool)
    while np.max(np.diag(information)) > SETTLED and not np.all(settled):
        most = int(np.argmax(np.diag(information)))
        settled[most] = True
        information = information - np.outer(information[:, most], information[most]) / information[most, most]
    return settled
