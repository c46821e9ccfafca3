"""The sampler: several ensembles that know nothing of each other, and whether they agree.

Facts that are more precise than the priors leave curved ridges: when one latent number moves, others make up for it. So
those that facts settle, given the rest, are counted from where they would best do so (``Offset``), which straightens
the ridges. Each walker then steps by itself, now towards the middle of a normal distribution like the posterior
(Cotter, Roberts, Stuart & White 2013), which is fast, now at random (Roberts, Gelman & Gilks 1997), without which tails
that are longer than that distribution's would be left out; emcee accepts or refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fiveyear.model.quantities import Array, Condition

from .fit import Fit

ENSEMBLES = 4
WALKERS = 64  # of each ensemble
WARM_UP = (500, 1_000, 2_000)  # steps; after each the proposal is learned anew
STEPS = 6_000
THIN = 50  # one state in so many is kept: states next to each other are much the same
SETS = 640  # parameter sets that are given, from all walkers and times
WIDE = 1.5  # how much wider than the normal approximation the walkers are scattered at the start
STEP = 0.3  # at first; 1 would forget where a walker was
ACCEPTED = 0.2  # share of steps; half or twice as many make little difference
R_HAT, EFFECTIVE = 1.01, 400.0  # what a sampling that has settled must reach (Vehtari et al. 2021) ...
LONG = 50.0  # ... in autocorrelation times, below which neither is known well (Foreman-Mackey et al. 2013)
SHIFT = 1e-5  # of a latent number, for slopes
SETTLED = 4.0  # information of the facts on a latent number, whose prior says 1
SPREAD = 1.2  # how far from the fit the offset is learned, in sds of the normal approximation
ROUNDS = 4  # of the search for the most probable numbers
RIDGE = 30.0  # which keeps the polynomial from following single points
SEED = 2011
ALL_STEPS = ENSEMBLES * (sum(WARM_UP) + STEPS)  # of which progress is told


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


@dataclass(frozen=True)
class Offset:
    """Where the numbers that facts settle best make up for the free ones: a polynomial of second degree in these.

    Counting them from there changes no volume, whatever the polynomial: densities stay as they are.
    """

    settled: Condition  # which latent numbers
    middle: Array  # (free,)
    scale: Array  # (free,)
    slopes: Array  # (free, settled)
    bends: Array  # (free, free, settled)

    def __call__(self, z: Array) -> Array:
        """Give the offset at latent numbers, (walker, latent), as (walker, latent): none for the free ones."""
        x = (z[:, ~self.settled] - self.middle) / self.scale
        found = np.zeros_like(z)
        found[:, self.settled] = x @ self.slopes + np.einsum("wj,wjs->ws", x, self._bent(x))
        return found

    def _bent(self, x: Array) -> Array:
        size, count = self.slopes.shape
        return np.asarray((x @ self.bends.reshape(size, size * count)).reshape(len(x), size, count))


def learn_offset(found: Fit, informed: Condition, seed: int) -> Offset:
    """Learn the offset from where settled numbers are most probable given free ones, at points round the fit."""
    mode, covariance = found.mode[informed], found.covariance[np.ix_(informed, informed)]
    settled = _settled(covariance)
    count, size = int(np.sum(settled)), int(np.sum(~settled))
    middle, scale = mode[~settled], np.sqrt(np.diag(covariance)[~settled])
    pairs = np.triu_indices(size)
    terms = size + len(pairs[0])
    root = np.linalg.cholesky(covariance[np.ix_(~settled, ~settled)])
    z = np.tile(mode, (3 * terms, 1))
    z[:, ~settled] += SPREAD * np.random.default_rng(seed).standard_normal((len(z), size)) @ root.T
    for _ in range(ROUNDS):
        residuals = found.problem.residuals(_among(informed, z))
        shifted = np.repeat(z[:, None], count, axis=1)
        shifted[:, np.arange(count), settled] += SHIFT
        others = found.problem.residuals(_among(informed, shifted.reshape(-1, z.shape[1])))
        steepness = (others.reshape(len(z), count, residuals.shape[1]) - residuals[:, None]) / SHIFT
        slope = np.einsum("pso,po->ps", steepness, residuals) + z[:, settled]
        bend = steepness @ steepness.swapaxes(1, 2) + np.eye(count)
        z[:, settled] -= np.clip(np.linalg.solve(bend, slope[:, :, None])[:, :, 0], -1.0, 1.0)
    x = (z[:, ~settled] - middle) / scale
    design = np.concatenate([x, x[:, pairs[0]] * x[:, pairs[1]]], axis=1)
    aims = z[:, settled] - mode[settled]
    sound = np.all(np.isfinite(aims), axis=1)
    design, aims = design[sound], aims[sound]
    learned = np.linalg.solve(design.T @ design + RIDGE * np.eye(terms), design.T @ aims)
    bends = np.zeros((size, size, count))
    bends[pairs] = 0.5 * learned[size:]
    return Offset(settled, middle, scale, learned[:size], bends + bends.swapaxes(0, 1))


def _settled(covariance: Array) -> Condition:
    """Choose the numbers of which facts say most, each given those that are chosen before it."""
    told = np.linalg.inv(covariance) - np.eye(len(covariance))  # the information of the facts
    settled = np.zeros(len(covariance), dtype=bool)
    while np.max(np.diag(told)) > SETTLED and not np.all(settled):
        most = int(np.argmax(np.diag(told)))
        settled[most] = True
        told = told - np.outer(told[:, most], told[most]) / told[most, most]
    return settled


@dataclass(frozen=True)
class Proposal:
    """Where the next step of a walker may lead, given a normal distribution like the posterior."""

    mean: Array  # (latent,)
    root: Array  # (latent, latent): its product with its transpose is the covariance
    step: float

    def drawn_in(self, walkers: Array, random: np.random.RandomState) -> tuple[Array, Array]:
        """Give the next states of walkers, (walker, latent), and log q(back) - log q(there), (walker,)."""
        away = (walkers - self.mean) @ self._whitening.T
        then = np.sqrt(1.0 - self.step**2) * away + self.step * random.standard_normal(walkers.shape)
        return self.mean + then @ self.root.T, 0.5 * (np.sum(then**2, axis=1) - np.sum(away**2, axis=1))

    def at_random(self, walkers: Array, random: np.random.RandomState) -> tuple[Array, Array]:
        """Give the same for steps that lead as often out as in."""
        length = 2.38 / np.sqrt(len(self.mean)) * self.step / STEP
        return walkers + length * random.standard_normal(walkers.shape) @ self.root.T, np.zeros(len(walkers))

    @cached_property
    def _whitening(self) -> Array:
        return np.asarray(np.linalg.inv(self.root))

    def learned(self, states: Array, accepted: float) -> Proposal:
        """Give the proposal after some steps: from their states, (state, latent), and the share that was accepted."""
        # A few states in many dimensions may all lie in a plane: what was taken before keeps a little weight.
        weight = len(states) / (len(states) + len(self.mean))
        covariance = weight * np.cov(states.T).reshape(self.root.shape) + (1.0 - weight) * self.root @ self.root.T
        step = min(self.step * float(np.exp(2.0 * (accepted - ACCEPTED))), 0.95)
        return Proposal(states.mean(axis=0), np.asarray(np.linalg.cholesky(covariance)), step)


def sample(
    found: Fit,
    seed: int = SEED,
    progress: Callable[[int], None] | None = None,
    steps: int = STEPS,
    ensembles: int = ENSEMBLES,
) -> tuple[Array, Convergence]:
    """Sample the posterior: give parameter sets as latent numbers, (draw, latent), and whether the chains agree.

    Latent numbers that no fact depends on are drawn from their prior. ``progress`` is told of the steps taken.
    """
    informed = np.array(found.problem.informed)
    # The kernel and numpy leave Python's lock alone for most of the time; what BLAS would start besides only waits.
    with ThreadPoolExecutor(2) as threads, threadpool_limits(1, "blas"):
        offset = learn_offset(found, informed, seed)
        one = partial(_ensemble, found, informed, offset, steps, progress or (lambda count: None))
        seeds = np.random.SeedSequence(seed).generate_state(ensembles)
        chains = np.array(list(threads.map(one, seeds.tolist())))
    names = [n for n, i in zip(found.problem.names, informed, strict=True) if i]
    # By time: those next to each other are of different walkers.
    states = chains.swapaxes(0, 1).reshape(-1, len(names))
    drawn = states[np.linspace(0, len(states) - 1, SETS).astype(int)]
    others = np.random.default_rng(seed).standard_normal((len(drawn), len(informed)))
    return _among(informed, drawn, others), convergence(chains, names, steps)


def convergence(chains: Array, names: Sequence[str], steps: int) -> Convergence:
    """Tell whether chains, (ensemble, time, walker, latent), have settled, whose times are of so many steps."""
    import arviz_stats.base  # imports all of scipy.stats

    array_stats: Any = vars(arviz_stats.base)["array_stats"]  # which states no types
    ensembles, times, walkers, size = chains.shape
    pooled = chains.reshape(ensembles, times * walkers, size)
    each = chains.swapaxes(1, 2).reshape(ensembles * walkers, times, size)

    def told(found: Array) -> dict[str, float]:
        return dict(zip(names, np.atleast_1d(found).tolist(), strict=True))

    def ess(method: str, **others: Any) -> Array:
        return np.asarray(array_stats.ess(each, chain_axis=0, draw_axis=1, method=method, **others))

    return Convergence(
        told(array_stats.rhat(pooled, chain_axis=0, draw_axis=1, method="rank")),
        told(ess("bulk")),
        told(ess("tail", prob=0.1)),
        told(steps * walkers * ensembles / ess("mean")),
        steps,
        walkers,
        ensembles,
    )


def _among(informed: Condition, z: Array, others: Array | float = 0.0) -> Array:
    """Put the latent numbers that facts inform, (draw, informed), among the others, (draw, latent)."""
    every = np.empty((len(z), len(informed)))
    every[:] = others
    every[:, informed] = z
    return every


def _ensemble(
    found: Fit, informed: Condition, offset: Offset, steps: int, progress: Callable[[int], None], seed: int
) -> Array:
    """Give the states of one ensemble as latent numbers, (step, walker, latent)."""
    import emcee  # only sampling waits for it

    def log_posterior(walkers: Array) -> Array:
        z = walkers + offset(walkers)
        with np.errstate(all="ignore"):  # a step into nonsense is refused
            residuals = found.problem.residuals(_among(informed, z))
            value = -0.5 * (np.sum(residuals**2, axis=1) + np.sum(z**2, axis=1))
        return np.where(np.isfinite(value), value, -np.inf)

    random = np.random.RandomState(seed)
    mode = found.mode[informed]
    # The normal approximation of numbers that are counted from the offset: less what the free ones pull along.
    counted = np.eye(len(mode))
    counted[np.ix_(offset.settled, ~offset.settled)] = -(offset.slopes / offset.scale[:, None]).T
    root = np.linalg.cholesky(counted @ found.covariance[np.ix_(informed, informed)] @ counted.T)
    walkers = mode + WIDE * random.standard_normal((WALKERS, len(mode))) @ root.T
    proposal = Proposal(mode, np.asarray(root), STEP)
    for count in (*WARM_UP, steps):
        thin = min(THIN, count)
        moves = [emcee.moves.MHMove(step) for step in (proposal.drawn_in, proposal.at_random)]
        sampler = emcee.EnsembleSampler(*walkers.shape, log_posterior, vectorize=True, moves=moves)
        sampler.random_state = random.get_state()
        # Walkers that step by themselves may be fewer than dimensions, which the check is against.
        for state in sampler.sample(walkers, iterations=count // thin, thin_by=thin, skip_initial_state_check=True):
            walkers = state.coords
            progress(thin)
        random.set_state(sampler.random_state)
        chain = np.asarray(sampler.get_chain())
        late = chain[len(chain) // 2 :].reshape(-1, len(mode))
        proposal = proposal.learned(late, float(sampler.acceptance_fraction.mean()))
    return chain + offset(chain.reshape(-1, len(mode))).reshape(chain.shape)
