"""The sampler: walkers that know nothing of each other, and whether they agree.

Hamiltonian trajectories (Duane et al. 1987; Neal 2011) follow the slopes of the posterior, which the kernel gives run
backwards, in coordinates in which its ridges are straight (``offset``); where they end is accepted or refused
(Metropolis et al. 1953; Hastings 1970).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fiveyear.model.quantities import Array

from .beside import Beside, beside
from .fit import Fit, Problem
from .offset import Offset, learn_offset

Whole = npt.NDArray[np.int_]

ENSEMBLES = 4
WALKERS = 8  # of each ensemble
WARM_UP = (20, 40, 60)  # trajectories; after each the shape and the length of their leaps are learned anew
STEPS = 300  # trajectories that are counted, and again so many ...
AGAIN = 8  # ... as often as this at most, until the sampling has settled
LEAPS = 160  # of a trajectory at most: as many as are drawn, so that none comes back to where it was
LEAP = 0.12  # at first, in sds
SHORTEST = 0.3  # of that: where the posterior bends most, only short leaps find the way
SETS = 640  # parameter sets that are given, from all walkers and times
WIDE = 1.5  # how much wider than the normal approximation the walkers are scattered at the start
NEARER = 10  # times that one of them is drawn half the way back, at most
AT_ONCE = 10  # trajectories that are walked before walkers meet
ACCEPTED = 0.8  # share of trajectories (Beskos et al. 2013: .65 at least)
R_HAT, EFFECTIVE = 1.01, 400.0  # what a sampling that has settled must reach (Vehtari et al. 2021) ...
LONG = 50.0  # ... in autocorrelation times, below which neither is known well (Foreman-Mackey et al. 2013)
SEED = 2011
ALL_STEPS = sum(WARM_UP) + AGAIN * STEPS  # of which progress is reported, at most


@dataclass(frozen=True)
class Convergence:
    """Whether the sampling has settled: figures by latent number, and how many steps were taken.

    ``r_hat``: between ensembles, rank-normalised and split; ``ess_bulk``, ``ess_tail``: effective numbers of draws of
    all walkers together (Vehtari et al. 2021); ``autocorrelation_time``: steps that are worth one independent draw.
    """

    r_hat: dict[str, float]
    ess_bulk: dict[str, float]
    ess_tail: dict[str, float]
    autocorrelation_time: dict[str, float]
    steps: int
    walkers: int
    ensembles: int

    @property
    def autocorrelation_times(self) -> float:
        """How many autocorrelation times the shortest chain is long."""
        return self.steps / max(self.autocorrelation_time.values())

    @property
    def settled(self) -> bool:
        """Whether all that a settled sampling must reach is reached."""
        effective = min(*self.ess_bulk.values(), *self.ess_tail.values())
        return max(self.r_hat.values()) < R_HAT and effective >= EFFECTIVE and self.autocorrelation_times >= LONG


@dataclass(frozen=True)
class Target:
    """The posterior of the numbers that facts inform, in the coordinates that are sampled."""

    problem: Problem
    offset: Offset

    def log_density(self, walkers: Array) -> Array:
        """Give the log density of walkers, (walker, latent), up to a constant."""
        z = walkers + self.offset(walkers)
        with np.errstate(all="ignore"):  # a step into nonsense is refused
            residuals = self.problem.residuals(self.problem.among(z))
            value = -0.5 * (np.sum(residuals**2, axis=1) + np.sum(z**2, axis=1))
        return np.where(np.isfinite(value), value, -np.inf)

    def slopes(self, walkers: Array) -> Array:
        """Give the slopes of minus the log density, (walker, latent)."""
        offset, by_counted = self.offset.with_slopes(walkers)
        z = walkers + offset
        by_latent = self.problem.slopes(self.problem.among(z))
        return by_counted(z + by_latent[:, self._informed])

    @cached_property
    def _informed(self) -> Whole:
        return np.flatnonzero(self.problem.informed)

    def drawn_nearer(self, mode: Array, away: Array) -> Array:
        """Give walkers so far from the mode, (walker, latent), or nearer where nothing would lead back from."""
        lowest = self.log_density(mode[None])[0] - WIDE**2 * len(mode)  # of a normal distribution, twice the expected
        for _ in range(NEARER):
            lost = self.log_density(mode + away) < lowest
            away = np.where(lost[:, None], 0.5 * away, away)
        return mode + away


@dataclass(frozen=True)
class Chances:
    """The random numbers of a trajectory of each walker, which hang on nothing that walkers meet on the way."""

    momentum: Array  # (walker, latent)
    leaps: int
    share: float  # of the longest leap
    bar: Array  # (walker,): how much the logarithm of the density must gain for the end to be accepted

    @classmethod
    def drawn(cls, random: np.random.RandomState, shape: tuple[int, ...]) -> Chances:
        """Draw them for walkers of a shape, (walker, latent)."""
        random.random_sample()  # unused; without it, chains would not be those of earlier versions
        momentum = random.standard_normal(shape)
        leaps, share = random.randint(1, LEAPS + 1), SHORTEST ** random.uniform()
        return cls(momentum, leaps, share, np.log(random.random_sample(shape[0])))

    def of(self, some: slice) -> Chances:
        """Give those of some walkers."""
        return replace(self, momentum=self.momentum[some], bar=self.bar[some])


@dataclass(frozen=True)
class Trajectories:
    """Hamiltonian trajectories, in coordinates in which a normal distribution like the posterior has the sd 1."""

    target: Target
    root: Array  # (latent, latent): its product with its transpose is the covariance of that distribution
    leap: float  # of the longest, in sds

    def __call__(self, walkers: Array, chances: Chances) -> tuple[Array, Array]:
        """Give where trajectories from walkers, (walker, latent), end, and the kinetic energy lost, (walker,)."""
        momentum = chances.momentum
        with np.errstate(all="ignore"):  # a trajectory that is lost is refused
            there, then = self.walked(walkers, momentum, chances.leaps, self.leap * chances.share)
            lost = 0.5 * (np.sum(momentum**2, axis=1) - np.sum(then**2, axis=1))
        sound = np.isfinite(lost) & np.all(np.isfinite(there), axis=1)
        return np.where(sound[:, None], there, walkers), np.where(sound, lost, -np.inf)

    def walked(self, walkers: Array, momentum: Array, leaps: int, leap: float) -> tuple[Array, Array]:
        """Give where so many leaps of so many sds lead, and with what momentum, each (walker, latent)."""
        momentum = momentum - 0.5 * leap * self._steepness(walkers)
        for left in range(leaps - 1, -1, -1):
            walkers = walkers + (leap * momentum) @ self.root.T
            momentum = momentum - (leap if left else 0.5 * leap) * self._steepness(walkers)
        return walkers, momentum

    def _steepness(self, walkers: Array) -> Array:
        return np.asarray(self.target.slopes(walkers) @ self.root)

    def learned(self, states: Array, accepted: float) -> Trajectories:
        """Give such trajectories by the states, (state, latent), that these have led to, and the share accepted."""
        # A few states in many dimensions may all lie in a plane: what was taken before keeps a little weight.
        weight = len(states) / (len(states) + 10 * states.shape[1])
        covariance = weight * np.cov(states.T).reshape(self.root.shape) + (1.0 - weight) * self.root @ self.root.T
        leap = self.leap * float(np.exp(accepted - ACCEPTED))
        return replace(self, root=np.asarray(np.linalg.cholesky(covariance)), leap=leap)


def sample(
    fit: Fit,
    seed: int = SEED,
    progress: Callable[[int], None] | None = None,
    steps: int | None = None,
    ensembles: int = ENSEMBLES,
) -> tuple[Array, Convergence]:
    """Sample the posterior: give parameter sets as latent numbers, (draw, latent), and whether the chains agree.

    Chains are so many ``steps`` long, or else as long as it takes to settle, within a limit. Latent numbers that no
    fact depends on are drawn from their prior. ``progress`` is called with the steps taken. Raises InputError if the
    fast engine is not installed.
    """
    from threadpoolctl import threadpool_limits  # a posterior that is read does not wait for it

    problem = fit.problem
    informed = np.array(problem.informed)
    names = [n for n, i in zip(problem.names, informed, strict=True) if i]
    mode = fit.mode[informed]
    random = np.random.RandomState(seed)
    # What only stands for a problem may not be known to another process.
    start = beside() if type(problem) is Problem else contextlib.nullcontext()
    with start as helper, threadpool_limits(1, "blas"):  # for matrices so small, what more threads do is wait
        target = Target(problem, learn_offset(fit, seed))
        if helper:
            helper.begin((Target(replace(problem), target.offset), mode[None]))  # without what it has worked out
        root = np.linalg.cholesky(target.offset.covariance_before(fit.covariance[np.ix_(informed, informed)]))
        away = WIDE * random.standard_normal((ensembles * WALKERS, len(mode))) @ root.T
        walkers = target.drawn_nearer(mode, away)
        trajectories = Trajectories(target, np.asarray(root), LEAP)
        for count in WARM_UP:
            walk = Walk(trajectories, walkers, random, progress, helper)
            walkers = walk.on(count)[-1]
            trajectories = trajectories.learned(walk.late(), walk.accepted)
        walk = Walk(trajectories, walkers, random, progress, helper)
        for _ in range(1 if steps else AGAIN):
            chain = walk.on(steps or STEPS)
            walked = chain.reshape(-1, len(mode))
            states = walked + target.offset(walked)
            by_ensemble = states.reshape(len(chain), ensembles, WALKERS, -1).swapaxes(0, 1)
            diagnostics = convergence(by_ensemble, names, len(chain))
            if diagnostics.settled:
                break
    drawn = states[kept(len(states), SETS)]
    others = np.random.default_rng(seed).standard_normal((len(drawn), len(informed)))
    return problem.among(drawn, others), diagnostics


def kept(states: int, sets: int) -> Whole:
    """Give which of so many states, by time and then by walker, are kept: neighbours are of different walkers."""
    return np.linspace(0, states - 1, sets).astype(int)


def places(convergence: Convergence, sets: int) -> tuple[Whole, Whole]:
    """Give the walker and the step of each of the parameter sets that are kept of a sampling, each (draw,)."""
    walkers = convergence.walkers * convergence.ensembles
    step, walker = np.divmod(kept(convergence.steps * walkers, sets), walkers)
    return walker, step


class Walk:
    """Walkers, (walker, latent), each on trajectories of its own, which are accepted or refused where they end."""

    def __init__(
        self,
        trajectories: Trajectories,
        walkers: Array,
        random: np.random.RandomState,
        progress: Callable[[int], None] | None,
        helper: Beside | None = None,
    ) -> None:
        self._trajectories, self._random, self._progress, self._helper = trajectories, random, progress, helper
        self._walkers, self._log_density = walkers, trajectories.target.log_density(walkers)
        self._chain: list[Array] = []
        self._accepted = np.zeros(len(walkers))

    def on(self, count: int) -> Array:
        """Go so many steps on; give all states so far, (step, walker, latent)."""
        for begun in range(0, count, AT_ONCE):
            steps = min(AT_ONCE, count - begun)
            chances = [Chances.drawn(self._random, self._walkers.shape) for _ in range(steps)]
            states, self._log_density, accepted = self._walked(chances)
            self._walkers = states[-1]
            self._accepted += accepted
            self._chain.extend(states)
        return np.array(self._chain)

    def _walked(self, chances: Sequence[Chances]) -> tuple[Array, Array, Array]:
        """Walk all walkers, half of them in the process beside this one if there is one.

        Halves they are without it, too: how a product of matrices is rounded hangs on how many rows there are.
        """
        half = len(self._walkers) // 2
        ours, theirs = (
            (self._walkers[some], self._log_density[some], [one.of(some) for one in chances])
            for some in (slice(half), slice(half, None))
        )
        helper = self._helper if self._helper and self._helper.is_ready else None
        if helper:
            helper.send((self._trajectories.root, self._trajectories.leap, *theirs))
        halves = (
            walked(self._trajectories, *ours, self._progress),
            (helper and helper.answer()) or walked(self._trajectories, *theirs),
        )
        states, *others = zip(*halves, strict=True)
        log_density, accepted = map(np.concatenate, others)
        return np.concatenate(states, axis=1), log_density, accepted

    def late(self) -> Array:
        """Give the states of the later half, (state, latent)."""
        return np.concatenate(self._chain[len(self._chain) // 2 :])

    @property
    def accepted(self) -> float:
        """The share of trajectories that were accepted."""
        return float((self._accepted / len(self._chain)).mean())


def walked(
    trajectories: Trajectories,
    walkers: Array,
    log_density: Array,
    chances: Sequence[Chances],
    progress: Callable[[int], None] | None = None,
) -> tuple[Array, Array, Array]:
    """Walk walkers: one trajectory after the other, each accepted or refused where it ends.

    Gives the states after each, (step, walker, latent), the log density at the last, (walker,), and how often each
    walker was accepted, (walker,).
    """
    states, count = [], np.zeros(len(walkers))
    for one in chances:
        proposed, lost = trajectories(walkers, one)
        there = trajectories.target.log_density(proposed)
        accepted = one.bar < there - log_density + lost
        walkers = np.where(accepted[:, None], proposed, walkers)
        log_density = np.where(accepted, there, log_density)
        count += accepted
        states.append(walkers)
        if progress:
            progress(1)
    return np.array(states), log_density, count


def convergence(chains: Array, names: Sequence[str], steps: int) -> Convergence:
    """Tell whether chains, (ensemble, time, walker, latent), have settled, whose times are of so many steps."""
    import arviz_stats.base  # imports all of scipy.stats

    array_stats: Any = vars(arviz_stats.base)["array_stats"]  # which states no types
    ensembles, times, walkers, size = chains.shape
    pooled = chains.reshape(ensembles, times * walkers, size)
    each = chains.swapaxes(1, 2).reshape(ensembles * walkers, times, size)

    def by_name(statistics: Array) -> dict[str, float]:
        return dict(zip(names, np.atleast_1d(statistics).tolist(), strict=True))

    def ess(method: str, **others: Any) -> Array:
        return np.asarray(array_stats.ess(each, chain_axis=0, draw_axis=1, method=method, **others))

    return Convergence(
        by_name(array_stats.rhat(pooled, chain_axis=0, draw_axis=1, method="rank")),
        by_name(ess("bulk")),
        by_name(ess("tail", prob=0.1)),
        by_name(steps * walkers * ensembles / ess("mean")),
        steps,
        walkers,
        ensembles,
    )
