"""What the error process of other countries is worth in a country that it was not estimated from.

The process: growth goes on at the share retained by the fastest windows; it errs about that by a drift of the epoch, sd
``u`` a year, and by yearly shocks, sd ``s``: together ``s^2 h + u^2 h^2`` after h years. What docs/protocol.md had left
open was chosen on this panel, by its bars; the figures of what was not chosen stand there:

- Tails are of Student's t with 4 degrees of freedom, whose sd is that of the process: drift and shocks of a path are
  normal, times one factor for all of them. ``s`` and ``u`` split the rmse, not the robust sd as ``study.split`` does.
- ``s`` and ``u`` are estimated among fast windows, slower ones of large economies, and the slower rest: large economies
  err by much less than others.
- The share retained is that of the fast for all windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import beta
from scipy.stats import t as student

from fiveyear.model.quantities import Array

from .panel import Panel
from .study import (
    DEGREES,
    HORIZONS,
    Countries,
    Estimate,
    Flags,
    Windows,
    by_country,
    estimate,
    estimates,
    rmse,
    share_retained,
    shocks_and_drift,
    windows,
)

SCORED = ("rd_intensity", "researchers", "applications", "articles")
AHEAD = (1, 3, 5)
LEVELS = (50, 80, 90)  # per cent that a band is to hold
KINDS = ("fast", "slower, large economies", "slower, others")  # of windows, each with scales of its own
AMONG = ("all", "large economies", "fast growers")

#: The bars: what bands of 90 % are to hold, least and most.
BARS = {"all": (0.86, 0.94), "large economies": (0.80, 1.0), "fast growers": (0.80, 1.0)}


class Scales(NamedTuple):
    """The sds of the process, in logarithms."""

    yearly: float  # of a yearly shock
    epoch: float  # of the drift, a year

    def sd(self, horizon: int) -> float:
        """Give the sd of the error after years.

        >>> Scales(0.3, 0.2).sd(4)
        1.0
        """
        return float(np.sqrt(horizon * self.yearly**2 + horizon**2 * self.epoch**2))


@dataclass(frozen=True)
class Process:
    """How growth goes on, and errs about that; scales are NaN of a kind that has no windows."""

    fastest: float  # growth before, a year, from which a window is fast
    retained: float  # share of the growth before
    scales: tuple[Scales, ...]  # by ``KINDS``


def process(of: Windows) -> Process:
    """Estimate the process from windows."""
    retained, kinds = share_retained(*of.fast_growth), _kinds(of.growth, of.is_large, of.fastest)
    scales = []
    for kind in range(len(KINDS)):
        about = [np.where(kinds == kind, of.errors_about(retained, h), np.nan) for h in HORIZONS]
        some = all(np.isfinite(errors).any() for errors in about)
        scales.append(Scales(*shocks_and_drift([rmse(e) for e in about])) if some else Scales(np.nan, np.nan))
    return Process(of.fastest, retained, tuple(scales))


def _kinds(growth: Array, is_large: Flags, fastest: float) -> npt.NDArray[np.int_]:
    """Give the place in ``KINDS`` of each window; where there is no window, that of one of the others."""
    with np.errstate(invalid="ignore"):
        return np.where(growth >= fastest, 0, np.where(is_large, 1, 2))


def without(of: Windows, country: int) -> Process:
    """Estimate the process from all countries but one, told by its place."""
    return process(of.among(np.arange(len(of.growth)) != country))


@dataclass(frozen=True)
class Spread:
    """The scales of a series from all countries, with intervals."""

    series: str
    yearly: tuple[Estimate, ...]  # by ``KINDS``
    epoch: tuple[Estimate, ...]
    far: tuple[Estimate, ...]  # sd of both together at the last horizon


def spread(panel: Panel, name: str) -> Spread:
    """Give the scales of a series from all countries."""
    of = _some(panel, name)

    def numbers(countries: Countries) -> list[float]:
        scales = process(of.among(countries)).scales
        return [number for s in scales for number in (s.yearly, s.epoch, s.sd(HORIZONS[-1]))]

    found = estimates(len(of.growth), numbers)
    return Spread(name, *(tuple(found[part::3]) for part in range(3)))


def _some(panel: Panel, name: str) -> Windows:
    """Give the windows of the countries that have any."""
    of = windows(panel, name)
    return of.among(np.flatnonzero(np.isfinite(of.growth).any(axis=1)))


# -- scores ---------------------------------------------------------------------------------------------------------
def crps(error: Array, scale: Array) -> Array:
    """Give the continuous ranked probability score of Student's t with ``DEGREES`` of freedom, in the error's unit.

    Closed form: Jordan, Krueger and Lerch 2019, appendix A.

    >>> float(crps(np.array(0.0), np.array(1.0)).round(4)) == round(1.0 - 15.0 * np.pi / 64.0, 4)
    True
    """
    z, n = error / scale, DEGREES
    sharp = 2.0 * np.sqrt(n) / (n - 1.0) * beta(0.5, n - 0.5) / beta(0.5, n / 2.0) ** 2
    spread = 2.0 * student.pdf(z, n) * (n + z**2) / (n - 1.0)
    return np.asarray(scale * (z * (2.0 * student.cdf(z, n) - 1.0) + spread - sharp))


@dataclass(frozen=True)
class Bands:
    """How bands held, by their level, and the mean score; each country counts the same."""

    covered: Mapping[int, Estimate]
    crps: Estimate


@dataclass(frozen=True)
class LeftOut:
    """Scores of one series at one horizon over some of the windows, each by the process of all other countries."""

    series: str
    among: str
    horizon: int
    windows: int
    countries: int
    process: Bands
    walk: Bands
    ratio: Estimate  # of the scores, the process's to the walk's

    @property
    def holds(self) -> bool:
        """Whether bands of 90 % hold what the bar asks for."""
        least, most = BARS[self.among]
        return least <= self.process.covered[LEVELS[-1]].value <= most


def left_out(panel: Panel, name: str) -> list[LeftOut]:
    """Score a series, one country left out of the process at a time, against the random walk on the same windows.

    Windows without all five yearly changes, or with equal ones, give the walk no band, and are not scored. A window is
    fast if it is so among those of the other countries.
    """
    of = _some(panel, name)
    is_fast, errors, sds = _forecasts(of)
    groups = dict(zip(AMONG, (np.isfinite(of.growth), of.is_large, is_fast), strict=True))
    # The scale of Student's t that has an sd of 1.
    unit = np.sqrt((DEGREES - 2.0) / DEGREES)
    rows = []
    for h in AHEAD:
        there = np.isfinite(of.errors[h]) & (of.yearly_sd > 0.0)
        for among, chosen in groups.items():
            some = there & chosen
            if some.any():
                own, walk = (errors[h], unit * sds[h]), (of.errors[h], of.walk_sd[h])
                rows.append(_scores(name, among, h, some, own, walk))
    return rows


def _forecasts(of: Windows) -> tuple[Flags, dict[int, Array], dict[int, Array]]:
    """Tell which windows are fast, and give the error and the sd of each by the process of all other countries."""
    is_fast = np.zeros(of.growth.shape, dtype=bool)
    errors, sds = ({h: np.full(of.growth.shape, np.nan) for h in AHEAD} for _ in range(2))
    for country in range(len(of.growth)):
        theirs = without(of, country)
        kinds = _kinds(of.growth[country], of.is_large[country], theirs.fastest)
        is_fast[country] = kinds == 0
        for h in AHEAD:
            errors[h][country] = of.errors_about(theirs.retained, h)[country]
            sds[h][country] = np.array([scales.sd(h) for scales in theirs.scales])[kinds]
    return is_fast, errors, sds


def _scores(
    name: str, among: str, horizon: int, some: Flags, own: tuple[Array, Array], walk: tuple[Array, Array]
) -> LeftOut:
    """Score the errors and scales of the process and of the walk, each (country, origin), in some windows."""
    (held, score), (walk_held, walk_score) = _by_country(some, *own), _by_country(some, *walk)
    ratio = estimate(len(score), lambda countries: float(np.mean(score[countries]) / np.mean(walk_score[countries])))
    bands, walk_bands = _bands(held, score), _bands(walk_held, walk_score)
    return LeftOut(name, among, horizon, int(some.sum()), len(score), bands, walk_bands, ratio)


def _by_country(some: Flags, error: Array, scale: Array) -> tuple[dict[int, Array], Array]:
    """Give the share that bands of each level hold in a country, and its mean score, both (country,)."""
    error, scale = np.where(some, error, np.nan), np.where(some, scale, np.nan)
    distance = np.abs(error) / scale
    held = {}
    for level in LEVELS:
        inside = np.where(np.isfinite(distance), distance <= student.ppf(0.5 + level / 200.0, DEGREES), np.nan)
        held[level] = by_country(inside)
    return held, by_country(crps(error, scale))


def _bands(held: Mapping[int, Array], score: Array) -> Bands:
    return Bands({level: _mean(share) for level, share in held.items()}, _mean(score))


def _mean(of_country: Array) -> Estimate:
    return estimate(len(of_country), lambda countries: float(np.mean(of_country[countries])))
