"""The last link: how the high-tech share of manufacturing moved with R&D and patents in other countries.

What is estimated, on whom, and what a prior takes of it is as docs/protocol.md has it. Arrays are (country, year).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from scipy.stats import t as student

from fiveyear.model.quantities import Array

from .panel import PEOPLE, Panel
from .study import WIDE, Estimate

DEPRECIATION = 0.15  # of a stock, a year
GROWTH_BEFORE = 0.03  # of what enters a stock, a year, before its first figure
LEAST_RD, LEAST_APPLICATIONS = 0.1, 1000.0  # % of GDP; applications in the stock
LAG, SPAN = 2, 5  # years: of the regressors in most specifications, and of long differences
NIL = 1e-10  # a singular value over the largest that counts as none
CAUSES = ("knowledge", "patents")  # what the share is regressed on, in this order


@dataclass(frozen=True)
class Fit:
    """Slopes by least squares, (regressor,), and their covariance, which holds if errors of a cluster go together."""

    slopes: Array
    covariance: Array  # (regressor, regressor)
    observations: int
    clusters: int

    @property
    def standard_errors(self) -> Array:
        """The standard error of each slope, (regressor,)."""
        return np.sqrt(np.diag(self.covariance))

    def estimate(self, place: int) -> Estimate:
        """Give a slope with its interval, from Student's t with a degree of freedom a cluster but one."""
        slope = float(self.slopes[place])
        half = float(student.ppf((1.0 + WIDE) / 2.0, self.clusters - 1) * self.standard_errors[place])
        return Estimate(slope, slope - half, slope + half)


@dataclass(frozen=True)
class Specification:
    """One way to estimate the elasticities of the odds: a row of the table."""

    name: str
    label: str
    fit: Fit
    causes: tuple[str, ...] = CAUSES  # of which the first slopes are

    def estimate(self, cause: str) -> Estimate:
        """Give the elasticity of the odds to one of ``causes``, with its interval."""
        return self.fit.estimate(self.causes.index(cause))

    def standard_error(self, cause: str) -> float:
        """Give the standard error of the elasticity to a cause."""
        return float(self.fit.standard_errors[self.causes.index(cause)])


@dataclass(frozen=True)
class LastLink:
    """The specifications that a prior is of, and the checks that it is not of."""

    specifications: tuple[Specification, ...]
    checks: tuple[Specification, ...]

    def estimate(self, cause: str) -> Estimate:
        """Give the mean of the estimates of the specifications, and the interval of a normal one with ``sd``."""
        mean, half = float(np.mean(self._slopes(cause))), float(norm.ppf((1.0 + WIDE) / 2.0)) * self.sd(cause)
        return Estimate(mean, mean - half, mean + half)

    def sd(self, cause: str) -> float:
        """Give an sd that has both: what each estimate is off, and how much they differ."""
        errors = [s.standard_error(cause) for s in self.specifications]
        both = np.sqrt(np.mean(np.square(errors)) + np.var(self._slopes(cause), ddof=1))
        return float(max(both, *errors))

    def _slopes(self, cause: str) -> list[float]:
        return [float(s.fit.slopes[s.causes.index(cause)]) for s in self.specifications]


# -- least squares --------------------------------------------------------------------------------------------------
def least_squares(outcome: Array, regressors: Array, clusters: npt.NDArray[np.intp]) -> Fit:
    """Regress an outcome, (observation,), on regressors, (regressor, observation), with errors that go by cluster.

    The covariance is the sandwich of Liang and Zeger (1986), with G / (G - 1) times (N - 1) / (N - K) for G clusters, N
    observations and K regressors that no others make up.
    """
    inverse = np.linalg.pinv(regressors.T, rcond=NIL)
    slopes = inverse @ outcome
    influences = inverse * (outcome - slopes @ regressors)
    names, place = np.unique(clusters, return_inverse=True)
    of_cluster = np.zeros((len(names), len(regressors)))
    np.add.at(of_cluster, place, influences.T)
    many, rank = len(outcome), int(np.linalg.matrix_rank(regressors, rtol=NIL))
    few = len(names) / (len(names) - 1) * (many - 1) / (many - rank)
    return Fit(slopes, few * of_cluster.T @ of_cluster, many, len(names))


def regress(outcome: Array, regressors: Array, with_countries: bool = True) -> Fit:
    """Regress an outcome, (country, year), on regressors, (regressor, country, year).

    Years have effects and, unless told not, so have countries. Where a figure is NaN there is no observation; nor is
    there where a country has a single one, of which its effect leaves nothing. Effects of countries, each of which lies
    in one cluster, are not counted among the regressors of ``least_squares``.
    """
    there = np.isfinite(outcome) & np.all(np.isfinite(regressors), axis=0)
    if with_countries:
        there &= there.sum(axis=1, keepdims=True) > 1
    country, year = np.nonzero(there)
    effects = (year == np.unique(year)[:, None]).astype(float)
    every = np.vstack([outcome[there], regressors[:, there], effects])
    if with_countries:
        sums = np.zeros((len(there), len(every)))
        np.add.at(sums, country, every.T)
        every = every - (sums[country] / there.sum(axis=1)[country, None]).T
    fit = least_squares(every[0], every[1:], country)
    some = slice(len(regressors))
    return Fit(fit.slopes[some], fit.covariance[some, some], fit.observations, fit.clusters)


# -- series ---------------------------------------------------------------------------------------------------------
def filled(values: Array) -> Array:
    """Give values above nil, (country, year), with gaps between two of them filled in logarithms.

    >>> filled(np.array([[np.nan, 1.0, np.nan, 4.0, np.nan]])).round(6).tolist()
    [[nan, 1.0, 2.0, 4.0, nan]]
    """
    logs, years = np.log(values), np.arange(values.shape[1])
    for row in logs:
        some = np.isfinite(row)
        if some.any():
            row[:] = np.interp(years, years[some], row[some], left=np.nan, right=np.nan)
    return np.asarray(np.exp(logs))


def stock(flow: Array) -> Array:
    """Give the stock at the end of each year that a flow leaves, (country, year); NaN outside the flow's figures.

    >>> steady = 1.03 ** np.arange(4.0)[None]
    >>> (stock(steady) / steady * (0.03 + 0.15) / 1.03).round(6).tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """
    stocks = np.full_like(flow, np.nan)
    before = np.full(len(flow), np.nan)
    for year in range(flow.shape[1]):
        at_start = flow[:, year] / (GROWTH_BEFORE + DEPRECIATION)
        before = np.where(np.isfinite(before), before, at_start)
        before = stocks[:, year] = (1.0 - DEPRECIATION) * before + flow[:, year]
    return stocks


def lagged(values: Array, years: int) -> Array:
    """Give what stood some years before, (..., year); after, if the number is below nil.

    >>> lagged(np.array([1.0, 2.0, 3.0]), 1).tolist(), lagged(np.array([1.0, 2.0, 3.0]), -1).tolist()
    ([nan, 1.0, 2.0], [2.0, 3.0, nan])
    """
    moved = np.full_like(values, np.nan)
    if years >= 0:
        moved[..., years:] = values[..., : values.shape[-1] - years]
    else:
        moved[..., :years] = values[..., -years:]
    return moved


def causes(panel: Panel) -> Array:
    """Give the logarithms of knowledge per unit of output, years, and of patents per head, (cause, country, year).

    NaN where a country is too small to be in the class, or has too little of either.
    """
    of = panel.values
    intensity, output, people = filled(of["gerd_gdp"]), of["gdp_real"], of["population"]
    patents = stock(filled(of["patents_resident"]))
    both = np.log([stock(intensity / 100.0 * output) / output, patents / people])
    return np.where(_in_class(panel, patents), both, np.nan)


def flows(panel: Panel) -> Array:
    """Give what enters the stocks, as means of the logarithms of one to three years before, (cause, country, year)."""
    of = panel.values
    intensity, applications = filled(of["gerd_gdp"]), filled(of["patents_resident"])
    both = np.log([intensity / 100.0, applications / of["population"]])
    both = np.where(_in_class(panel, stock(applications)), both, np.nan)
    return np.asarray(np.mean([lagged(both, years) for years in (1, 2, 3)], axis=0))


def _in_class(panel: Panel, patents: Array) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        enough_rd = filled(panel.values["gerd_gdp"]) >= LEAST_RD
        return np.asarray(enough_rd & (patents >= LEAST_APPLICATIONS) & (panel.values["population"] >= PEOPLE))


# -- specifications -------------------------------------------------------------------------------------------------
def last_link(panel: Panel) -> LastLink:
    """Estimate the elasticities of the odds of the high-tech share to knowledge and patents, in all specifications."""
    share, exports = (_log_odds(panel.values[of]) for of in ("medium_high_tech_share", "high_tech_export_share"))
    of, both = causes(panel), lagged(causes(panel), LAG)
    income = np.log(panel.values["gdp_real"] / panel.values["population"])
    with_income = np.array([*both, lagged(income, LAG)])
    specifications = (
        Specification("lag_0", "Stocks of the same year", regress(share, of)),
        Specification("lag_2", "Stocks of two years before", regress(share, both)),
        Specification("lag_5", "Stocks of five years before", regress(share, lagged(of, 5))),
        Specification("flows", "Flows of one to three years before", regress(share, flows(panel))),
        Specification("long", "Changes of five years", regress(_change(share), _change(both), with_countries=False)),
        Specification("reported", "Without shares carried forward", regress(_reported(share), both)),
        Specification("income", "With real GDP per head", regress(share, with_income)),
    )
    of_share = np.log(panel.values["medium_high_tech_share"])
    between = _means_of_countries(share, with_income)
    checks = (
        Specification("knowledge_alone", "Knowledge alone", regress(share, both[:1]), CAUSES[:1]),
        Specification("patents_alone", "Patents alone", regress(share, both[1:]), CAUSES[1:]),
        Specification("later", "Stocks of two years later", regress(share, lagged(of, -LAG))),
        Specification("plain", "The share, not its odds", regress(of_share, both)),
        Specification("between", "Means of countries, with GDP per head", regress(*between, with_countries=False)),
        Specification("exports_lag_0", "Exports, stocks of the same year", regress(exports, of)),
        Specification("exports_lag_2", "Exports, stocks of two years before", regress(exports, both)),
        Specification("exports_lag_5", "Exports, stocks of five years before", regress(exports, lagged(of, 5))),
        Specification(
            "exports_long", "Exports, changes of five years", regress(_change(exports), _change(both), False)
        ),
        _without_one(panel.countries, share, both),
    )
    return LastLink(specifications, checks)


def _without_one(countries: Sequence[str], outcome: Array, regressors: Array) -> Specification:
    """Leave out the country without which the first slope moves most."""
    whole = regress(outcome, regressors).slopes[0]
    fits = {}
    for place, country in enumerate(countries):
        if np.isfinite(outcome[place] + regressors[:, place]).any():
            fits[country] = regress(np.where(np.arange(len(outcome))[:, None] == place, np.nan, outcome), regressors)
    most = max(fits, key=lambda country: abs(fits[country].slopes[0] - whole))
    return Specification("without_one", f"Two years before, without {most}", fits[most])


def _log_odds(percent: Array) -> Array:
    return np.asarray(np.log(percent / (100.0 - percent)))


def _change(values: Array) -> Array:
    return values - lagged(values, SPAN)


def _reported(share: Array) -> Array:
    """Give the shares that do not repeat those of the year before."""
    return np.where(share == lagged(share, 1), np.nan, share)


def _means_of_countries(outcome: Array, regressors: Array) -> tuple[Array, Array]:
    """Give the means over the years in which there is all, (country, 1) and (regressor, country, 1)."""
    every = np.array([outcome, *regressors])
    every = np.where(np.isfinite(every).all(axis=0), every, np.nan)
    some = np.isfinite(every[0]).any(axis=1)
    means = np.full((*every.shape[:2], 1), np.nan)
    means[:, some, 0] = np.nanmean(every[:, some], axis=2)
    return means[0], means[1:]
