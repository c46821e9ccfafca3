"""What the class says of forecasts: how large errors are and how they grow, what growth lasts, what goes together.

Every statistic is as docs/protocol.md has it. Arrays of windows are (country, origin): a window is a year with a figure
in it and five years before.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from scipy.stats import t as student

from fiveyear.model.quantities import Array

from .panel import FIRST, SERIES, Panel

BACK = 5  # years before the origin whose growth is carried on
HORIZONS = (1, 2, 3, 4, 5)
LARGE = 7  # economies
DEGREES = BACK - 1  # of freedom, of Student's t
DRAWS, SEED = 1000, 2011  # of countries, for intervals
ENOUGH = 10  # countries that grew as fast, for the class to say what comes on average
WINSOR = 3.0  # robust sds to which an error is drawn in before it is correlated
WIDE = 0.9

Flags = npt.NDArray[np.bool_]
Countries = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A statistic, and the ends of the interval that 90 % of its draws lie in: here, of countries."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Windows:
    """The windows of one series: growth before the origin, errors of carrying it on, what was said of their size."""

    growth: Array  # (country, origin), a year, in logarithms; NaN where there is no window
    errors: dict[int, Array]  # horizon -> (country, origin)
    yearly_sd: Array  # (country, origin), of the five yearly changes; NaN where one is missing
    is_large: Flags  # (country, origin)

    @cached_property
    def fastest(self) -> float:
        """The growth before, a year, above which the quarter of the fastest windows lies."""
        return float(np.quantile(self.growth[np.isfinite(self.errors[1])], 0.75))

    @property
    def is_fast(self) -> Flags:
        """Whether the growth before is in the quarter of the fastest of all windows."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.growth >= self.fastest)

    @property
    def fast_growth(self) -> tuple[Array, Array]:
        """The growth before and after of windows in which that before is fast, a year; countries that have any."""
        chosen = self.is_fast & np.isfinite(self.errors[BACK])
        last, following = (np.where(chosen, v, np.nan)[chosen.any(axis=1)] for v in (self.growth, self.next_growth()))
        return last, following

    def among(self, countries: Flags | Countries) -> Windows:
        """Give the windows of some countries, told by a flag each or by their places."""
        errors = {h: e[countries] for h, e in self.errors.items()}
        return Windows(self.growth[countries], errors, self.yearly_sd[countries], self.is_large[countries])

    def next_growth(self, horizon: int = BACK) -> Array:
        """Give the growth a year after the origin."""
        return self.growth + self.errors[horizon] / horizon

    def errors_about(self, retained: float, horizon: int) -> Array:
        """Give the errors of carrying on no more than a share of the growth before."""
        return self.errors[horizon] + horizon * (1.0 - retained) * self.growth

    @property
    def walk_sd(self) -> dict[int, Array]:
        """The scale of the random walk's error: of the shocks to come, and of a growth known from five changes."""
        return {h: self.yearly_sd * np.sqrt(h + h**2 / BACK) for h in HORIZONS}


def forecast_series(panel: Panel) -> tuple[str, ...]:
    """Give the series of ``SERIES`` of which a panel says how growth went on five years after an origin."""
    return tuple(name for name in SERIES if np.isfinite(windows(panel, name).errors[BACK]).any())


def windows(panel: Panel, name: str) -> Windows:
    """Give the windows of a series of ``SERIES``."""
    logs, is_origin = panel.logs(name), panel.is_origin(name)
    growth = np.full_like(logs, np.nan)
    growth[:, BACK:] = (logs[:, BACK:] - logs[:, :-BACK]) / BACK
    growth[~is_origin] = np.nan
    errors = {}
    for h in HORIZONS:
        errors[h] = np.full_like(logs, np.nan)
        errors[h][:, :-h] = logs[:, h:] - logs[:, :-h] - h * growth[:, :-h]
    yearly_sd = np.full_like(logs, np.nan)
    changes = np.diff(logs, axis=1)
    for year in range(BACK, logs.shape[1]):
        yearly_sd[:, year] = np.std(changes[:, year - BACK : year], axis=1, ddof=1)
    size = np.where(np.isfinite(growth), panel.values["gdp_real"], -np.inf)
    size = np.where(np.isfinite(size), size, -np.inf)
    place = np.argsort(np.argsort(-size, axis=0), axis=0)
    return Windows(growth, errors, yearly_sd, (place < LARGE) & np.isfinite(growth))


def growth_to(panel: Panel, name: str, country: str, year: int) -> float:
    """Give the growth of a country a year, in logarithms, over the five years to a year; NaN without the figures."""
    return float(windows(panel, name).growth[panel.countries.index(country), year - FIRST])


# -- statistics -----------------------------------------------------------------------------------------------------
def by_country(values: Array) -> Array:
    """Give the mean over the windows of each country that has any, (country,)."""
    some = values[np.isfinite(values).any(axis=1)]
    return np.asarray(np.nanmean(some, axis=1))


def rmse(errors: Array) -> float:
    """Give the root of the mean squared error; each country counts the same."""
    return float(np.sqrt(np.mean(by_country(errors**2))))


def robust_sd(errors: Array) -> float:
    """Give the sd of a normal distribution with the same median distance from the median."""
    some = errors[np.isfinite(errors)]
    return float(1.4826 * np.median(np.abs(some - np.median(some))))


def exponent(sizes: Sequence[float]) -> float:
    """Give the power of the horizon with which errors grow, from their sizes at ``HORIZONS``.

    >>> round(exponent([0.1 * h**0.75 for h in HORIZONS]), 6)
    0.75
    """
    return float(np.polyfit(np.log(HORIZONS), np.log(sizes), 1)[0])


def estimate(countries: int, statistic: Callable[[Countries], float]) -> Estimate:
    """Give a statistic of countries, told by their places, and its interval; draws that have none are left out."""
    (of,) = estimates(countries, lambda drawn: (statistic(drawn),))
    return of


def estimates(countries: int, statistics: Callable[[Countries], Sequence[float]]) -> list[Estimate]:
    """Give several statistics of the same draws of countries."""
    random = np.random.default_rng(SEED)
    drawn = [statistics(random.integers(0, countries, countries)) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [(1.0 - WIDE) / 2.0, (1.0 + WIDE) / 2.0], axis=0)
    return [Estimate(*of) for of in zip(statistics(np.arange(countries)), low.tolist(), high.tolist(), strict=True)]


# -- errors ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class HorizonErrors:
    """Errors of carrying growth on, at one horizon, over some of the windows."""

    series: str
    among: str
    horizon: int
    windows: int
    countries: int
    mean: float
    rmse: Estimate
    robust_sd: Estimate
    covered: float  # share that Student's t with the sd of five yearly changes holds at 90 %; NaN without any


def horizon_errors(panel: Panel, name: str) -> list[HorizonErrors]:
    """Give the errors of a series at each horizon, over all windows and over large economies."""
    of = windows(panel, name)
    rows = []
    for among, chosen in (("all", np.isfinite(of.growth)), ("large economies", of.is_large)):
        for h in HORIZONS:
            errors = np.where(chosen, of.errors[h], np.nan)
            errors = errors[np.isfinite(errors).any(axis=1)]
            if not len(errors):
                continue
            rows.append(
                HorizonErrors(
                    name,
                    among,
                    h,
                    int(np.isfinite(errors).sum()),
                    len(errors),
                    float(np.mean(by_country(errors))),
                    estimate(len(errors), lambda c, e=errors: rmse(e[c])),  # type: ignore[misc]
                    estimate(len(errors), lambda c, e=errors: robust_sd(e[c])),  # type: ignore[misc]
                    _covered(of, chosen, h),
                )
            )
    return rows


def _covered(of: Windows, chosen: Flags, horizon: int) -> float:
    half = student.ppf((1.0 + WIDE) / 2.0, DEGREES) * of.walk_sd[horizon]
    there = chosen & np.isfinite(of.errors[horizon]) & np.isfinite(half)
    if not there.any():
        return float("nan")
    with np.errstate(invalid="ignore"):
        inside = np.where(there, (np.abs(of.errors[horizon]) <= half).astype(float), np.nan)
    return float(np.mean(by_country(inside)))


# -- what lasts -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Persistence:
    """Of windows of the fastest growth: how fast it was, how fast growth went on, and the share retained."""

    series: str
    cases: int
    countries: int
    last: float  # a year, in logarithms
    following: float
    retained: Estimate


def persistence(panel: Panel, name: str) -> Persistence:
    """Give what was retained of growth in the quarter of the fastest windows."""
    last, following = windows(panel, name).fast_growth
    cases = int(np.isfinite(last).sum())
    before, after = float(np.nanmean(last)), float(np.nanmean(following))
    retained = estimate(len(last), lambda countries: share_retained(last[countries], following[countries]))
    return Persistence(name, cases, len(last), before, after, retained)


def share_retained(last: Array, following: Array) -> float:
    """Give the mean of a growth over that of the growth before it; both (country, origin), NaN in the same places.

    All pairs count the same. Were it each country, those with few fast windows would weigh most, and what follows the
    fastest of a few is slow by selection alone (Miller and Sanjurjo 2018): of growth drawn anew each year, -.10 to -.18
    would seem to be retained.
    """
    return float(np.nanmean(following) / np.nanmean(last))


@dataclass(frozen=True)
class Support:
    """How many countries ever grew as fast in five years as the one that is forecast did of late."""

    series: str
    own: float  # growth a year, in logarithms
    countries: int
    of: int

    @property
    def gives_means(self) -> bool:
        """Whether the class says what comes on average, and not only how much it scatters."""
        return self.countries >= ENOUGH


def support(panel: Panel, name: str, own: float) -> Support:
    """Give the support that the class has for a growth a year, in logarithms."""
    growth = windows(panel, name).growth
    growth = growth[np.isfinite(growth).any(axis=1)]
    return Support(name, own, int(np.sum(np.nanmax(growth, axis=1) >= own)), len(growth))


# -- split of the variance ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Split:
    """Errors about the retained growth of the fastest windows, as yearly shocks and the drift of an epoch."""

    series: str
    yearly: Estimate  # sd of a yearly shock
    epoch: Estimate  # sd of the growth a year of an epoch
    floor: Estimate  # sd of both together after five years
    robust_sd: tuple[float, ...]  # at ``HORIZONS``, of which they are the split


def split(panel: Panel, name: str) -> Split:
    """Split the variance of a series by how it grows with the horizon."""
    of, retained = windows(panel, name), persistence(panel, name).retained.value
    about = {h: np.where(of.is_fast, of.errors_about(retained, h), np.nan) for h in HORIZONS}
    some = np.isfinite(about[1]).any(axis=1)
    about = {h: errors[some] for h, errors in about.items()}

    def sizes(countries: Countries) -> list[float]:
        return [robust_sd(about[h][countries]) for h in HORIZONS]

    def part(take: Callable[[float, float], float]) -> Estimate:
        return estimate(int(some.sum()), lambda countries: take(*shocks_and_drift(sizes(countries))))

    return Split(
        name,
        part(lambda s, u: s),
        part(lambda s, u: u),
        part(lambda s, u: float(np.sqrt(HORIZONS[-1] * s**2 + HORIZONS[-1] ** 2 * u**2))),
        tuple(sizes(np.arange(int(some.sum())))),
    )


def scales(panel: Panel, name: str) -> tuple[float, float]:
    """Give the sds of a yearly shock and of the drift of an epoch, a year, as ``split`` has them."""
    of = windows(panel, name)
    retained = share_retained(*of.fast_growth)
    about = [np.where(of.is_fast, of.errors_about(retained, h), np.nan) for h in HORIZONS]
    return shocks_and_drift([robust_sd(errors) for errors in about])


def shocks_and_drift(sizes: Sequence[float]) -> tuple[float, float]:
    """Give the sds of a yearly shock and of a drift that together give errors of these sizes at ``HORIZONS``.

    >>> s, u = shocks_and_drift([(0.04 * h + 0.0009 * h**2) ** 0.5 for h in HORIZONS])
    >>> round(s, 6), round(u, 6)
    (0.2, 0.03)
    """
    h = np.array(HORIZONS, dtype=float)
    shares, _ = nnls(np.column_stack([h, h**2]) / h[:, None], np.asarray(sizes) ** 2 / h)
    return float(np.sqrt(shares[0])), float(np.sqrt(shares[1]))


# -- what goes together ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Together:
    """The correlation of errors five years ahead of two series, of the same country and window."""

    first: str
    second: str
    windows: int
    countries: int
    correlation: Estimate


def correlations(panel: Panel, names: Sequence[str]) -> list[Together]:
    """Give the correlations of all pairs of some series, from errors drawn in to ``WINSOR`` robust sds."""
    of = {n: _drawn_in(windows(panel, n).errors[HORIZONS[-1]]) for n in names}
    rows = []
    for first, second in itertools.combinations(names, 2):
        both = np.isfinite(of[first]) & np.isfinite(of[second])
        some = both.any(axis=1)
        if not some.any():
            continue
        pair = [np.where(both, of[n], np.nan)[some] for n in (first, second)]

        def correlation(countries: Countries, pair: list[Array] = pair) -> float:
            flat = [v[countries].ravel() for v in pair]
            there = np.isfinite(flat[0])
            return float(np.corrcoef(flat[0][there], flat[1][there])[0, 1]) if there.sum() > 2 else float("nan")

        rows.append(Together(first, second, int(both.sum()), int(some.sum()), estimate(int(some.sum()), correlation)))
    return rows


def _drawn_in(errors: Array) -> Array:
    middle, sd = float(np.nanmedian(errors)), robust_sd(errors)
    return np.clip(errors, middle - WINSOR * sd, middle + WINSOR * sd)
