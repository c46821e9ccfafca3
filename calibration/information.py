"""What the facts teach of the parameters, and what they leave open.

Of a fit: how well it follows each series. Of the facts: how many directions of the parameters they inform, how far
each parameter could be elsewhere without contradicting them, and what each series of them adds. Parameters are taken
as latent numbers, which are standard normal a priori (see ``priors``), so that 1 is one prior sd for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from fiveyear.model import Unit
from fiveyear.model.quantities import Array, Condition

from .errors import CalibrationError
from .fit import STEP, Fit, Problem, fit
from .history import Past
from .priors import Normal
from .random_numbers import normals

NOT_REFUSED = float(ndtri(0.975) ** 2)  # the 95 % point of chi-squared with one degree of freedom
RANGE = 3.0  # prior sds on each side over which a profile is drawn
POINTS = 15  # of a profile
REACH = 3.0  # of the likelihood's own sds on each side of its top, unless RANGE ends sooner
ROUNDS = 200  # of a refit
RIDGE = 0.5  # prior sds by which refits of neighbouring points differ that are not of one valley
LEAST = 0.1  # damping of a step after one that won nothing, in prior precisions
SETTLED = 1e-3  # what another round would take off a refit's sum of squares, when it is called done


# -- how well a series is followed -----------------------------------------------------------------------------
class Theil(NamedTuple):
    """Why a series is missed, as shares of the mean squared error that add to 1 (Theil 1966; Sterman 1984)."""

    bias: float
    variance: float
    covariance: float


def theil(fact: Array, predicted: Array) -> Theil:
    """Decompose the mean squared error of predictions of facts, both (year,); NaN where there is no error.

    >>> theil(np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0]))
    Theil(bias=1.0, variance=0.0, covariance=0.0)
    """
    mean_squared_error = np.mean((predicted - fact) ** 2)
    if mean_squared_error == 0.0:
        return Theil(np.nan, np.nan, np.nan)
    # From deviations and errors, never from squares of levels, whose rounding would be as large as a small error.
    bias = np.mean(predicted - fact)
    error, fact = predicted - fact - bias, fact - fact.mean()
    predicted = fact + error
    sd_fact, sd_predicted = np.sqrt(np.mean(fact**2)), np.sqrt(np.mean(predicted**2))
    if sd_fact == 0.0 or sd_predicted == 0.0:  # one series does not scatter: nothing varies together
        variance, covariance = np.mean(error**2), 0.0
    else:
        steeper = np.mean(error * (predicted + fact)) / (sd_predicted + sd_fact)  # sd_predicted - sd_fact
        variance = steeper**2
        covariance = np.mean((error * sd_fact - fact * steeper) ** 2) / (sd_fact * sd_predicted)  # 2 (1 - r) sd sd
    return Theil(*(float(part / mean_squared_error) for part in (bias**2, variance, covariance)))


def r_squared(fact: Array, predicted: Array) -> float:
    """Give the share of the variance of facts that predictions account for; NaN if they do not vary."""
    scatter = np.sum((fact - fact.mean()) ** 2)
    return float(1.0 - np.sum((fact - predicted) ** 2) / scatter) if scatter > 0.0 else np.nan


def durbin_watson(residuals: Array) -> float:
    """Give the Durbin-Watson statistic of residuals, (year,): 2 if they do not hang together, near 0 if they do.

    NaN of a single one, or if all are 0.
    """
    sum_of_squares = np.sum(residuals**2)
    return (
        float(np.sum(np.diff(residuals) ** 2) / sum_of_squares)
        if len(residuals) > 1 and sum_of_squares > 0.0
        else np.nan
    )


def chance_of_misfit(residuals: Array) -> float:
    """Give the probability that residuals in sds, (year,), are as large as these by error of measurement alone.

    The chi-squared test without a degree of freedom taken off: a fit makes residuals smaller than errors, so that
    what is refused here is refused for certain.
    """
    return float(chdtrc(len(residuals), np.sum(residuals**2)))


def chance_of_one_side(shocks: Array) -> float:
    """Give the probability that the mean of shocks, (year,) in prior sds, is as far from nil, if all are chance.

    Fitted shocks are nearer to nil than true ones, so that what is refused here is refused for certain. Shocks
    that point one way are a mechanism that the model lacks.

    >>> round(chance_of_one_side(np.array([0.98, 0.98, 0.98, 0.98])), 3)
    0.05
    """
    return float(2.0 * ndtr(-abs(shocks.mean()) * np.sqrt(len(shocks))))


# -- how much the facts inform ---------------------------------------------------------------------------------
def fisher_spectrum(fit: Fit) -> Array:
    """Give the eigenvalues of the Fisher information at the mode, (latent,), the largest first.

    An eigenvalue is the information of the facts in one direction over that of the prior: beyond 1 the facts know
    more. The covariance of the fit is the inverse of prior and facts together.
    """
    return np.asarray(np.maximum(1.0 / np.linalg.eigvalsh(fit.covariance) - 1.0, 0.0))


def effective_number(spectrum: Array) -> float:
    """Give how many parameters the facts determine: each direction counts as the share of it that they settle."""
    return float(np.sum(spectrum / (1.0 + spectrum)))


def latent(problem: Problem, parameters: Mapping[str, Array], shocks: Mapping[str, Array]) -> Array:
    """Give the latent numbers, (draw, latent), that parameters, (draw,), and shocks and pasts, (year, draw), mean.

    It is ``Problem.values`` the other way round, to 1e-6 within eight sds.
    """
    ladder = np.linspace(-8.0, 8.0, 16_001)
    yearly = {n: _growth(problem.pasts[n], v) if n in problem.pasts else v for n, v in shocks.items()}
    rows = [np.interp(parameters[n], bounded(ladder), ladder) for n, bounded in problem.parameters.items()]
    rows += [np.interp(year, b(ladder), ladder) for n, b in problem.shocks.items() for year in yearly[n]]
    return np.stack(rows, axis=1)


def _growth(past: Past, levels: Array) -> Array:
    """Give the growth, (year, draw), by which a past, (year, draw), came about: ``Past.path`` the other way round."""
    prior = past.growth.distribution
    assert isinstance(prior, Normal)
    off = np.log(levels[-1] / past.level) / past.spread if past.spread else np.zeros(levels.shape[1])
    steps = (levels[1:] / levels[:-1] - 1.0) / Unit.parse(prior.unit).scale
    return np.concatenate([[prior.mean + prior.sd * off], steps])


def conditioned(fit: Fit, z: Array, name: str, values: Sequence[float]) -> list[Array]:
    """Give draws (draw, latent) as they would be if one latent number were known, for each value that it may have.

    All others are fitted again along the number's range, and every draw keeps its distance from this path: so the facts
    stay about as well met, which they would not if the number alone were moved. Raises CalibrationError if a refit does
    not settle.
    """
    place, points = fit.problem.names.index(name), np.linspace(-RANGE, RANGE, POINTS)
    path = _refitted(fit, name, points)[0] if fit.problem.informed[place] else np.zeros((POINTS, z.shape[1]))
    own = z[:, place]
    draws = []
    for value in values:
        moved = z + np.stack([np.interp(value, points, p) - np.interp(own, points, p) for p in path.T], axis=1)
        moved[:, place] = value
        draws.append(moved)
    return draws


def _along(fit: Fit, place: int) -> Array:
    """Give by how much all latent numbers move with one, (latent,), in the normal approximation."""
    return np.asarray(fit.covariance[:, place] / fit.covariance[place, place])


# -- profiles --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Profile:
    """How much worse the facts are met when one latent number is held and all others are fitted again.

    ``rise`` is twice the loss in log-likelihood from the best point. The prior of the others counts, that of the
    number itself does not: the profile says what the facts say of it. Without any prior, all would be flat.
    """

    name: str
    latent: Array  # (point,), rising
    rise: Array  # (point,)

    @property
    def ends(self) -> tuple[float, float]:
        """Where the 95 % interval ends; infinite on a side where nothing within ``RANGE`` is refused."""
        best = int(np.argmin(self.rise))
        up = _crossing(self.latent[best:], self.rise[best:])
        return -_crossing(-self.latent[best::-1], self.rise[best::-1]), up

    @property
    def shape(self) -> str:
        """Whether the interval is ``closed``, ``one-sided`` or ``flat`` (Raue et al. 2009)."""
        return ("flat", "one-sided", "closed")[int(np.isfinite(self.ends).sum())]


def _crossing(latent: Array, rise: Array) -> float:
    """Give where a rise first is refused; infinity if nowhere."""
    beyond = np.flatnonzero(rise > NOT_REFUSED)
    if not len(beyond):
        return np.inf
    # The root of the rise is nearly straight.
    at = slice(beyond[0] - 1, beyond[0] + 1)
    return float(np.interp(np.sqrt(NOT_REFUSED), np.sqrt(rise[at]), latent[at]))


def profile(fit: Fit, name: str) -> Profile:
    """Profile one latent number (Raue et al. 2009): hold it, fit all others again, at each of ``POINTS`` points.

    Each refit starts where the normal approximation expects it. Raises CalibrationError if one does not settle.
    """
    place = fit.problem.names.index(name)
    points = _points(fit.mode[place], fit.covariance[place, place])
    if not fit.problem.informed[place]:
        return Profile(name, points, np.zeros(POINTS))
    _, least = _refitted(fit, name, points)
    # Where nothing is refused so near the top, look as far as may be.
    further = [
        np.linspace(at, end, POINTS // 2 + 1)[1:]
        for at, end, cost in ((points[0], -RANGE, least[0]), (points[-1], RANGE, least[-1]))
        if cost - least.min() <= NOT_REFUSED and at != end
    ]
    least = np.concatenate([least, *(_refitted(fit, name, more)[1] for more in further)])
    points = np.concatenate([points, *further])
    order = np.argsort(points)
    return Profile(name, points[order], least[order] - least.min())


def _refitted(fit: Fit, name: str, points: Array) -> tuple[Array, Array]:
    """Hold one latent number at each of these points, (point,), and fit all others: (point, latent), and the costs."""
    place, free = fit.problem.names.index(name), np.array([n != name for n in fit.problem.names])
    z = fit.mode + np.outer(points - fit.mode[place], _along(fit, place))
    z, cost = _least_squares(fit.problem, z, free, name)
    # Neighbours that differ much lie in two valleys: see whether the other's is the lower one.
    while len(below := np.flatnonzero(np.abs(np.diff(z, axis=0)).max(axis=1) > RIDGE)):
        here, there = np.concatenate([below, below + 1]), np.concatenate([below + 1, below])
        starts = z[there]
        starts[:, place] = points[here]
        again, costs = _least_squares(fit.problem, starts, free, name)
        lower = costs < cost[here] - SETTLED
        if not lower.any():
            break
        z[here[lower]], cost[here[lower]] = again[lower], costs[lower]
    return z, cost


def profiles(fit: Fit, names: Sequence[str], progress: Callable[[int], None] | None = None) -> tuple[Profile, ...]:
    """Profile several latent numbers, one after another; ``progress`` is called after each."""
    done = []
    for name in names:
        done.append(profile(fit, name))
        if progress:
            progress(1)
    return tuple(done)


def _points(mode: float, variance: float) -> Array:
    """Give where to look: round the top of the likelihood, which is the posterior without the prior of the number."""
    informed = 1.0 - min(variance, 1.0 - 1e-9)  # what the facts add to a posterior precision of 1 / variance
    top = float(np.clip(mode / informed, -RANGE, RANGE))
    reach = REACH * np.sqrt(variance / informed)
    return np.linspace(max(top - reach, -RANGE), min(top + reach, RANGE), POINTS)


def _least_squares(problem: Problem, z: Array, free: Condition, name: str) -> tuple[Array, Array]:
    """Find the least sum of squares of residuals and free latent numbers from each start, (point, latent).

    Gives where it is, (point, latent), and what it is, (point,).

    Gauss-Newton steps, all points at once: the model runs many draws in little more time than one. They are damped
    as by Nielsen (1999, Damping Parameter in Marquardt's Method): the less, the better the last foretold what it won.
    """
    z, own = z.copy(), np.eye(int(free.sum()))
    cost, damping, harder, open_ = _cost(problem, z, free), np.zeros(len(z)), np.full(len(z), 2.0), np.arange(len(z))
    for _ in range(ROUNDS):
        slopes, damped = _slopes(problem, z[open_], free), damping[open_]
        gradient = np.einsum("pol,po->pl", slopes, problem.residuals(z[open_])) + z[open_][:, free]
        curvature = np.swapaxes(slopes, 1, 2) @ slopes + own
        step = _solved(curvature + damped[:, None, None] * own, gradient)
        tried = z[open_]
        tried[:, free] -= step
        costs = _cost(problem, tried, free)
        better = costs < cost[open_]
        with np.errstate(invalid="ignore"):  # nothing is left to be won where a refit began at its end
            won = (cost[open_] - costs) / np.sum(step * (gradient + damped[:, None] * step), axis=1)
        z[open_[better]], cost[open_[better]] = tried[better], costs[better]
        eased = np.maximum(1.0 - (2.0 * won - 1.0) ** 3, 1.0 / 3.0) * damped
        damping[open_] = np.where(better, eased, np.maximum(harder[open_] * damped, LEAST))
        harder[open_] = np.where(better, 2.0, 2.0 * harder[open_])
        gain = np.sum(gradient * _solved(curvature, gradient), axis=1)  # what an undamped step expects to take off
        open_ = open_[gain > SETTLED]
        if not len(open_):
            return z, cost
    raise CalibrationError("the refits", [f"with {name} held, {len(open_)} of {len(z)} did not settle"])


def _solved(curvature: Array, gradient: Array) -> Array:
    return np.asarray(np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0], dtype=np.float64)


def _cost(problem: Problem, z: Array, free: Condition) -> Array:
    with np.errstate(all="ignore"):  # a step into nonsense is refused
        cost = np.sum(problem.residuals(z) ** 2, axis=1) + np.sum(z[:, free] ** 2, axis=1)
    return np.where(np.isfinite(cost), cost, np.inf)


def _slopes(problem: Problem, z: Array, free: Condition) -> Array:
    """Give the derivatives of the residuals at each point, (point, observation, free latent)."""
    shifts = STEP * np.eye(len(free))[free]
    around = (z[:, None, :] + np.concatenate([shifts, -shifts])).reshape(-1, len(free))
    up, down = np.split(problem.residuals(around).reshape(len(z), 2 * len(shifts), -1), 2, axis=1)
    return np.asarray(np.swapaxes(up - down, 1, 2) / (2.0 * STEP))


# -- what each series adds -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Without(Problem):
    """The same problem with one series of facts predicted, but not compared: it has no residuals."""

    series: str = ""

    def residuals(self, z: Array) -> Array:
        """Give the signed roots of the log-likelihood of the other series, (draw, observation of theirs)."""
        # The run stays that of all series, for which there is a compiled kernel.
        return super().residuals(z)[:, [f.series != self.series for f in self.observations]]


@dataclass(frozen=True)
class LeftOut:
    """A fit without one series: how far each latent number then is from the whole fit, and how uncertain."""

    series: str
    fit: Fit
    moved: Array  # (latent,), in sds of the fit to all facts
    widened: Array  # (latent,), its sd over that of the fit to all facts


def leave_out(full_fit: Fit, series: str) -> LeftOut:
    """Fit again without one series of facts; raises CalibrationError if the fit does not end."""
    problem = full_fit.problem
    again = fit(Without(**{f.name: getattr(problem, f.name) for f in fields(problem)}, series=series))
    sd = np.sqrt(np.diag(full_fit.covariance))
    return LeftOut(series, again, (again.mode - full_fit.mode) / sd, np.sqrt(np.diag(again.covariance)) / sd)


# -- what the facts could have been ----------------------------------------------------------------------------
def replicated(problem: Problem, z: Array, seed: int, stream: str) -> Array:
    """Give facts as latent numbers (draw, latent) would have made them, (draw, observation).

    With error of measurement, and rounded as they were printed.
    """
    sd, step = np.array([(f.sd, f.rounding) for f in problem.observations]).T
    drawn = problem.predict(z) + sd * normals(seed, stream, 0, len(z), len(sd))
    printed = (step > 0.0) & np.isfinite(step)
    drawn[:, printed] = np.round(drawn[:, printed] / step[printed]) * step[printed]
    return np.asarray(drawn)


def inside(fact: Array, drawn: Array, level: float) -> Condition:
    """Tell which facts, (observation,), lie in the central interval of draws, (draw, observation), at a level."""
    low, high = np.quantile(drawn, [0.5 - level / 2.0, 0.5 + level / 2.0], axis=0)
    return np.asarray((low <= fact) & (fact <= high))
