"""Why R&D over GDP rises: its change by factor (Ang 2005), and how a target's probability hangs on one driver.

Counted R&D over published GDP is the sum of what government, firms and others pay. Government's part is the product of
the budget over GDP, the share of science and technology in it, and the R&D in that; firms' part is the product of
industrial revenue over GDP, the share of R&D that statistics count, and firms' own effort; each part is held against
GDP before its revision. The logarithmic-mean Divisia index shares a change out among such factors without residual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fiveyear.experiments.forecast.probability import jeffreys
from fiveyear.model.errors import InputError
from fiveyear.model.quantities import Array, Condition

FACTORS = (
    "gdp",
    "gdp_counted",
    "fiscal_share",
    "st_share_of_fiscal",
    "rd_content_of_st",
    "revenue_to_gdp",
    "census_coverage",
)  # whose logarithm is taken
NEEDED = ("rd_counted", "government_rd", "other_rd", *FACTORS)  # (draw, year): amounts over the year, and shares
TOP_UP = "government_top_up"  # a share of GDP; where it is there and not nil, it has a row of its own

BUDGET, SCIENCE, CONTENT = "fiscal expenditure / GDP", "S&T share of it", "R&D content"
ADDED = "government top-up"
REVENUE, COVERAGE, EFFORT = "industrial revenue / GDP", "coverage of the R&D census", "firms' own effort"
OTHERS, REVISION, TOTAL = "other funds", "GDP revision", "change of R&D / GDP"


@dataclass(frozen=True)
class Contribution:
    """What one factor adds to the intensity, in percentage points of GDP, over draws."""

    label: str
    mean: float
    median: float
    p05: float
    p95: float


@dataclass(frozen=True)
class Decomposition:
    """The change of R&D over GDP between two years; the means of ``rows`` add up to the mean of ``total``."""

    from_year: int
    to_year: int
    rows: tuple[Contribution, ...]
    total: Contribution

    def as_dict(self) -> dict[str, Any]:
        """Give the decomposition ready for JSON."""
        rows = {
            r.label: {"mean": r.mean, "median": r.median, "p05": r.p05, "p95": r.p95} for r in (*self.rows, self.total)
        }
        return {"from": self.from_year, "to": self.to_year, "unit": "percentage points", "contributions": rows}


@dataclass(frozen=True)
class Bin:
    """Draws of like value of a driver: its median, and the share that meets a target with its 90 % interval."""

    centre: float
    probability: float
    low: float
    high: float


@dataclass(frozen=True)
class Conditional:
    """How the probability of a target hangs on a driver: words and numbers of one curve."""

    target: str  # such as "R&D / GDP of 2.2 %"
    driver: str  # such as "growth of industrial revenue / GDP"
    unit: str  # of the driver
    bins: tuple[Bin, ...]


def decompose(values: Mapping[str, Array], years: Sequence[int], from_year: int, to_year: int) -> Decomposition:
    """Share out the change of counted R&D over published GDP among its factors.

    What the factors do not explain of a part, since the mean of a ratio is not the ratio of totals, counts as its last
    factor: as firms' own effort, as other funds, and for government as its top-up, or as R&D content if it has none.

    Parameters
    ----------
    values : with the names in ``NEEDED``, and ``government_top_up`` if there is one, all (draw, year)
    years : of the values
    from_year, to_year : two of these

    Raises
    ------
    InputError
        if a name or a year is missing, or if a factor is not above zero
    """
    if TOP_UP in values and not np.any(values[TOP_UP]):
        values = {n: v for n, v in values.items() if n != TOP_UP}
    return summarised(contributions(values, years, from_year, to_year), from_year, to_year)


def summarised(shares: Mapping[str, Array], from_year: int, to_year: int) -> Decomposition:
    """Give the decomposition of ``contributions``."""
    *factors, total = (_contribution(label, share) for label, share in shares.items())
    return Decomposition(from_year, to_year, tuple(factors), total)


def contributions(values: Mapping[str, Array], years: Sequence[int], from_year: int, to_year: int) -> dict[str, Array]:
    """Give what each factor adds, and last their sum ``TOTAL``, by label, (draw,); takes and raises as ``decompose``.

    The top-up has a part of its own wherever ``values`` hold it.
    """
    faults = [f"{n}: missing" for n in NEEDED if n not in values]
    faults += [f"{y}: no such year; expected {years[0]} to {years[-1]}" for y in (from_year, to_year) if y not in years]
    if not faults:
        places = [years.index(y) for y in (from_year, to_year)]
        values = {n: values[n][:, places] for n in (*NEEDED, *({TOP_UP} & values.keys()))}
        faults = [f"{n}: not above zero in a draw" for n in FACTORS if not np.all(values[n] > 0.0)]
    if faults:
        raise InputError("the decomposition of R&D over GDP", faults)

    before, after = (_parts({n: v[:, k] for n, v in values.items()}) for k in (0, 1))
    revision = np.log(values["gdp"] / values["gdp_counted"])
    revised = np.zeros(len(revision))
    added: dict[str, Array] = {}
    for old, new in zip(before, after, strict=True):
        old_part, new_part = (
            np.prod(list(part.values()), axis=0) * np.exp(revision[:, k]) for k, part in enumerate((old, new))
        )
        weight = log_mean(new_part, old_part)
        by_revision = weight * (revision[:, 1] - revision[:, 0])
        revised += by_revision
        *first, last = old
        shares = {name: weight * np.log(new[name] / old[name]) for name in first}
        # The same as for the others where the last factor is above zero, and right where it is not.
        added |= {**shares, last: new_part - old_part - by_revision - np.sum(list(shares.values()), axis=0)}
    intensity = values["rd_counted"] / values["gdp_counted"]
    return {**added, REVISION: revised, TOTAL: intensity[:, 1] - intensity[:, 0]}


def _parts(values: Mapping[str, Array]) -> list[dict[str, Array]]:
    """Give, for each part of R&D over GDP before its revision, its factors; the last is what the others leave."""
    gdp, topped_up = values["gdp"], TOP_UP in values
    government = values["government_rd"] / gdp
    budget, science, content = (values[n] for n in ("fiscal_share", "st_share_of_fiscal", "rd_content_of_st"))
    firms = (values["rd_counted"] - values["government_rd"] - values["other_rd"]) / gdp
    revenue, coverage = values["revenue_to_gdp"], values["census_coverage"]
    added = [{ADDED: government - budget * science * content}] if topped_up else []
    return [
        {BUDGET: budget, SCIENCE: science, CONTENT: content if topped_up else government / (budget * science)},
        *added,
        {REVENUE: revenue, COVERAGE: coverage, EFFORT: firms / (revenue * coverage)},
        {OTHERS: values["other_rd"] / gdp},
    ]


def log_mean(first: Array, two: Array) -> Array:
    """Give the logarithmic mean (a - b) / ln(a / b), which is a where both are a; 0 where not both have one sign.

    >>> log_mean(np.array([np.e, 2.0, 1.0]), np.array([1.0, 2.0, 0.0])).round(6).tolist()
    [1.718282, 2.0, 0.0]
    """
    alike = first * two > 0.0
    ratio = np.where(alike, first, 1.0) / np.where(alike, two, 1.0)
    # Near 1, (x - 1) / ln(x) loses all its digits; its series does not.
    near = np.abs(ratio - 1.0) < 1e-6
    away = np.where(near, 2.0, ratio)
    grown = np.where(near, 1.0 + (ratio - 1.0) / 2.0, (away - 1.0) / np.log(away))
    return np.asarray(np.where(alike, two * grown, 0.0))


def _contribution(label: str, shares: Array) -> Contribution:
    points = 100.0 * shares
    p05, median, p95 = np.quantile(points, [0.05, 0.5, 0.95])
    return Contribution(label, float(points.mean()), float(median), float(p05), float(p95))


def conditional_probability(met: Condition, by: Array, bins: int = 8) -> tuple[Bin, ...]:
    """Give the share of draws that meet a target, by the value of a driver, in bins of equally many draws.

    The interval is Jeffreys', 90 %, of as many independent draws: it is too narrow if draws share their parameters.

    Parameters
    ----------
    met, by : (draw,)
    bins : at least 1, at most one for each draw

    Raises
    ------
    InputError
        if the two are not of one length, if there are fewer draws than bins, or if the driver is the same in all

    Examples
    --------
    >>> [b.probability for b in conditional_probability(np.arange(100) >= 75, np.arange(100.0), bins=4)]
    [0.0, 0.0, 0.0, 1.0]
    """
    faults = []
    if met.shape != by.shape or by.ndim != 1:
        faults.append(f"met is {met.shape} and by is {by.shape}; expected two rows of draws")
    elif not 1 <= bins <= len(by):
        faults.append(f"{bins} bins of {len(by)} draws; expected 1 to {len(by)}")
    elif np.ptp(by) == 0.0:
        faults.append("by is the same in all draws; expected a driver that varies")
    if faults:
        raise InputError("the conditional probability", faults)
    return tuple(
        Bin(float(np.median(by[m])), float(np.mean(met[m])), *jeffreys(float(np.sum(met[m])), len(m)))
        for m in np.array_split(np.argsort(by, kind="stable"), bins)
    )
