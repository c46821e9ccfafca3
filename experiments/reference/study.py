"""All numbers of the study of the reference class, and what priors follow from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fiveyear.calibration import posterior
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.reference_class import left_out as of_left_out
from fiveyear.calibration.reference_class import study as of_class
from fiveyear.calibration.reference_class.last_link import CAUSES, LastLink, last_link
from fiveyear.calibration.reference_class.left_out import KINDS, SCORED, LeftOut, Spread
from fiveyear.calibration.reference_class.panel import LAST, read_panel
from fiveyear.calibration.reference_class.records import SURVEYS, PlannedRise, read_planned_rises, read_provinces
from fiveyear.calibration.reference_class.study import Estimate, HorizonErrors, Persistence, Split, Support, Together
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan

PLAN = "twelfth"
FIRST = 2005  # of China's growth that the class is asked about
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Market:
    """Technology sold or bought by provinces: growth of five years against that of the five before, in logarithms."""

    series: str
    provinces: int
    retained: float  # slope of the later growth on the earlier
    rmse: float  # of growth carried on


@dataclass(frozen=True)
class Study:
    """What the reference class says; each by series, in the order of ``series``."""

    series: tuple[str, ...]  # those that the panel tells of five years ahead
    last_year: int  # of all figures
    without: str  # the country that is left out, China apart; "" if none is
    errors: tuple[HorizonErrors, ...]
    persistence: tuple[Persistence, ...]
    support: tuple[Support, ...]
    splits: tuple[Split, ...]
    together: tuple[Together, ...]
    rises: tuple[PlannedRise, ...]
    markets: tuple[Market, ...]
    spreads: tuple[Spread, ...]
    left_out: tuple[LeftOut, ...]
    last_link: LastLink

    def at(self, series: str, horizon: int, among: str = "all") -> HorizonErrors | None:
        """Give the errors of a series at a horizon; None if no window has any."""
        rows = (e for e in self.errors if (e.series, e.horizon, e.among) == (series, horizon, among))
        return next(rows, None)

    def exponent(self, series: str) -> float:
        """Give the power of the horizon with which the errors of a series grow."""
        rows = [self.at(series, h) for h in of_class.HORIZONS]
        return of_class.exponent([row.rmse.value for row in rows if row])

    @property
    def delivered(self) -> Array:
        """The share of each planned rise that was delivered, (target,)."""
        return np.array([rise.delivered for rise in self.rises])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give every number as a row: its id, which a prior names, the number, its interval, and what it rests on."""
        for e in self.errors:
            place = f"errors.{e.series}.{e.among.replace(' ', '_')}.{e.horizon}"
            rests = {"cases": e.windows, "countries": e.countries}
            yield _row(f"{place}.rmse", e.rmse, **rests)
            yield _row(f"{place}.robust_sd", e.robust_sd, **rests)
            yield _row(f"{place}.covered", e.covered, **rests)
        for name in self.series:
            yield _row(f"errors.{name}.exponent", self.exponent(name))
        for p in self.persistence:
            yield _row(f"persistence.{p.series}.retained", p.retained, cases=p.cases, countries=p.countries)
        for s in self.support:
            yield _row(f"support.{s.series}.countries", float(s.countries), countries=s.of)
        for of in self.splits:
            for part in ("yearly", "epoch", "floor"):
                yield _row(f"split.{of.series}.{part}", getattr(of, part))
        for t in self.together:
            yield _row(f"together.{t.first}.{t.second}", t.correlation, cases=t.windows, countries=t.countries)
        delivered, countries = self.delivered, len({r.country for r in self.rises})
        for name, value in (("mean", delivered.mean()), ("sd", delivered.std(ddof=1))):
            yield _row(f"targets.delivered.{name}", float(value), cases=len(delivered), countries=countries)
        for level, value in zip(LEVELS, np.quantile(delivered, LEVELS), strict=True):
            yield _row(f"targets.delivered.p{100 * level:02.0f}", float(value), cases=len(delivered))
        yield _row("targets.met", float(sum(r.met for r in self.rises)), cases=len(delivered), countries=countries)
        for m in self.markets:
            yield _row(f"provinces.{m.series}.retained", m.retained, cases=m.provinces)
            yield _row(f"provinces.{m.series}.rmse", m.rmse, cases=m.provinces)
        for spread in self.spreads:
            for n, kind in enumerate(KINDS):
                for part in ("yearly", "epoch", "far"):
                    place = f"spread.{spread.series}.{kind.replace(',', '').replace(' ', '_')}.{part}"
                    yield _row(place, getattr(spread, part)[n])
        for out in self.left_out:
            place = f"left_out.{out.series}.{out.among.replace(' ', '_')}.{out.horizon}"
            rests = {"cases": out.windows, "countries": out.countries}
            for whose, bands in (("", out.process), ("walk_", out.walk)):
                for level, held in bands.covered.items():
                    yield _row(f"{place}.{whose}covered_{level}", held, **rests)
                yield _row(f"{place}.{whose}crps", bands.crps, **rests)
            yield _row(f"{place}.crps_ratio", out.ratio, **rests)
        yield from self._rows_of_last_link()

    def _rows_of_last_link(self) -> Iterator[dict[str, Any]]:
        link = self.last_link
        for cause in CAUSES:
            yield _row(f"last_link.{cause}", link.estimate(cause))
            yield _row(f"last_link.{cause}.sd", link.sd(cause))
        for s in (*link.specifications, *link.checks):
            rests = {"cases": s.fit.observations, "countries": s.fit.clusters}
            for cause in s.causes:
                yield _row(f"last_link.{s.name}.{cause}", s.estimate(cause), **rests)
                yield _row(f"last_link.{s.name}.{cause}.standard_error", s.standard_error(cause), **rests)


def _row(name: str, of: Estimate | float, cases: int | None = None, countries: int | None = None) -> dict[str, Any]:
    value, low, high = (of.value, of.low, of.high) if isinstance(of, Estimate) else (of, None, None)
    return {"id": name, "value": value, "p05": low, "p95": high, "cases": cases, "countries": countries}


def study(last_year: int = LAST, without: str = "", progress: Callable[[int], None] | None = None) -> Study:
    """Work out the study from figures to a year, without a country; ``progress`` is told of each series.

    Raises CalibrationError with every faulty row of the class, or of the facts of the plan; InputError for a year of
    which the panel tells too little, or a country that has no row.
    """
    whole = read_panel()
    panel = whole.as_known(last_year, without)
    series = of_class.forecast_series(panel)
    rises = [rise for rise in read_planned_rises() if rise.due <= last_year and rise.country != without]
    provinces = read_provinces() if last_year >= SURVEYS[-1] else {}
    own = {n: of_class.growth_to(whole, n, without, last_year) for n in series} if without else own_growth()
    errors: list[HorizonErrors] = []
    lasting, supports, splits = [], [], []
    for name in series:
        errors += of_class.horizon_errors(panel, name)
        lasting.append(of_class.persistence(panel, name))
        supports.append(of_class.support(panel, name, own[name]))
        splits.append(of_class.split(panel, name))
        if progress:
            progress(1)
    together = of_class.correlations(panel, series)
    scored = [name for name in SCORED if name in series]
    markets = tuple(_market(series, figures) for series, figures in provinces.items())
    return Study(
        series,
        last_year,
        without,
        tuple(errors),
        tuple(lasting),
        tuple(supports),
        tuple(splits),
        tuple(together),
        tuple(rises),
        markets,
        tuple(of_left_out.spread(panel, name) for name in scored),
        tuple(row for name in scored for row in of_left_out.left_out(panel, name)),
        last_link(panel),
    )


def _market(series: str, figures: Array) -> Market:
    with np.errstate(divide="ignore"):
        logs = np.log(figures)
    logs = logs[np.isfinite(logs).all(axis=1)]
    before, after = logs[:, 1] - logs[:, 0], logs[:, 2] - logs[:, 1]
    return Market(
        series, len(logs), float(np.polyfit(before, after, 1)[0]), float(np.sqrt(np.mean((after - before) ** 2)))
    )


def own_growth() -> dict[str, float]:
    """Give China's growth a year, in logarithms, from 2005 to the last figure known in July 2011, by series."""
    facts = posterior.evidence(load_plan(PLAN), None).facts

    def level(*path: str) -> float:
        series, *below = ({y: f.value for y, f in _of(facts, name).items() if y >= FIRST} for name in path)
        for other in below:
            series = {y: v / other[y] for y, v in series.items() if y in other}
        last = max(series)
        return math.log(series[last] / series[FIRST]) / (last - FIRST)

    real = [math.log1p(f.value / 100.0) for y, f in _of(facts, "gdp_real_growth").items() if y > FIRST]
    gdp_real = sum(real) / len(real)
    intensity = level("rd_expenditure", "gdp")
    share = {y: f.value for y, f in _of(facts, "high_tech_value_added_share").items() if y >= FIRST}
    odds = {y: v / (100.0 - v) for y, v in share.items()}
    last = max(odds)
    return {
        "rd_intensity": intensity,
        "rd_real": intensity + gdp_real,
        "researchers": level("rd_fte"),
        "applications": level("invention_applications_domestic"),
        "applications_per_researcher": level("invention_applications_domestic", "rd_fte"),
        "grants": level("invention_grants_domestic"),
        "articles": level("sci_papers"),
        "gdp_real": gdp_real,
        "high_tech_share": math.log(odds[last] / odds[FIRST]) / (last - FIRST),
    }


def _of(facts: Mapping[str, Mapping[int, Fact]], series: str) -> Mapping[int, Fact]:
    return facts.get(series, {})
