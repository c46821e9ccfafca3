"""From facts to history: the yearly numbers of the given Series, and what each fact is compared with.

A survey is compared with the average over its year, that is, with about the middle of it. Where it was held k months
off, a share that grows by g a year is g k / 12 off: of literacy, which grows by some .13 a year, 3 % in three months,
against an error of the survey of 9 % in 2010.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fiveyear.model import INDICATOR_FACTS, Model, Ratio, Unit
from fiveyear.model.elementary import exp, log
from fiveyear.model.observation import History
from fiveyear.model.quantities import Array
from fiveyear.model.units import DIMENSIONLESS, YEAR

from .errors import CalibrationError
from .facts import Fact
from .priors import Bounded, Normal, PastPrior
from .series import SPAN, of_indicator

Facts = Mapping[str, Mapping[int, Fact]]


@dataclass(frozen=True)
class Rise:
    """How far a series stands above what it was five years before: how many times, or by what growth a year.

    The error of measurement of such a fact is that of both its ends: of growth, a fifth of sqrt(2) times theirs.
    """

    series: str
    how: Literal["multiple", "growth"]

    @property
    def unit(self) -> Unit:
        return DIMENSIONLESS if self.how == "multiple" else DIMENSIONLESS / YEAR

    def of(self, level: Array, before: Array) -> Array:
        """Give the rise to a level from what it was before; arrays broadcast."""
        multiple = level / before
        return multiple if self.how == "multiple" else np.asarray(multiple ** (1.0 / SPAN) - 1.0)

    def slopes(self, level: Array, before: Array, by_rise: Array) -> tuple[Array, Array]:
        """Give the slopes of a number by the level and by that before, given those by the rise."""
        multiple = level / before
        by_level = by_rise / before
        if self.how == "growth":
            by_level = by_level * multiple ** (1.0 / SPAN - 1.0) / SPAN
        return by_level, -by_level * multiple


def rises(model: Model) -> dict[str, Rise]:
    """Give the series of facts that are rises of another."""
    rise_of: dict[str, Rise] = {}
    for name, observation in model.observations.items():
        if observation.of and (observation.printed == "growth" or observation.printed == "multiple"):
            rise_of[name] = Rise(observation.of, observation.printed)
    return rise_of


def ratios(model: Model) -> dict[str, Ratio]:
    """Give the series of facts that follow from others: a ratio from what stands above and below its line."""
    printed = {n: Ratio(o.of) for n, o in model.observations.items() if o.printed == "ratio"}
    return INDICATOR_FACTS | printed


def counted_once(facts: Facts, model: Model) -> dict[str, dict[int, Fact]]:
    """Give facts of which none follows from others.

    "2.8 times 2005" and "1.75 % of GDP" say nothing beside R&D expenditure of 2005 and 2010 and GDP: a rise falls away
    where both its ends are there, a ratio where what stands above its line is and what stands below is given. Where
    nothing is known of what stands below, the ratio tells it: 6,980 over 1.75 % is GDP. Such a figure is as good as
    both are printed; what is wrong with the one above was wrong in the ratio too.
    """
    independent = {n: dict(years) for n, years in facts.items()}
    for name, ratio in ratios(model).items():
        if ratio.denominator and ratio.denominator not in facts:
            for year in sorted(set(facts.get(name, {})) & set(facts.get(ratio.numerator, {}))):
                below = _below(facts[ratio.numerator][year], facts[name][year], ratio.denominator)
                independent.setdefault(ratio.denominator, {})[year] = below
    for name, ratio in ratios(model).items():
        if name != ratio.numerator and (not ratio.denominator or ratio.denominator in independent):
            _drop(independent, name, facts.get(ratio.numerator, {}))
    for name, rise in rises(model).items():
        level = facts.get(rise.series, {})
        _drop(independent, name, [y for y in level if y - SPAN in level])
    return independent


def _below(above: Fact, ratio: Fact, series: str) -> Fact:
    top, quotient = Unit.parse(above.unit), Unit.parse(ratio.unit)
    rounded = np.hypot(above.rounding / above.value, ratio.rounding / ratio.value) / np.sqrt(12.0)
    value = above.value * top.scale / (ratio.value * quotient.scale)
    published = max(above.first_published, ratio.first_published)
    source = f"{above.series} over {ratio.series}: {above.source}; {ratio.source}"
    unit = str(top / quotient)  # in base units
    error = value * float(rounded)
    return Fact(series, ratio.year, value, unit, error, 0.0, ratio.vintage, published, source, "derived", above.row)


def _drop(facts: dict[str, dict[int, Fact]], name: str, years: Iterable[int]) -> None:
    kept = {y: f for y, f in facts.get(name, {}).items() if y not in set(years)}
    if kept:
        facts[name] = kept
    else:
        facts.pop(name, None)


def yearly(facts: Facts, series: str, years: Array, unit: Unit) -> Array:
    """Give a series for all years in a unit: published figures; gaps and ends filled at the growth next to them.

    Raises CalibrationError if fewer than two figures are there.
    """
    figures = {y: f.to(unit).value for y, f in facts.get(series, {}).items()}
    if len(figures) < 2:
        raise CalibrationError("the facts", [f"{series}: {len(figures)} figures; at least two are needed"])
    figure_years = np.array(sorted(figures), dtype=float)
    logs = log([figures[int(y)] for y in figure_years])
    inside = np.interp(years, figure_years, logs)
    # A year that is not published yet is taken to have grown like the year before it.
    after = logs[-1] + (years - figure_years[-1]) * (logs[-1] - logs[-2]) / (figure_years[-1] - figure_years[-2])
    before = logs[0] + (years - figure_years[0]) * (logs[1] - logs[0]) / (figure_years[1] - figure_years[0])
    filled: Array = exp(np.where(years > figure_years[-1], after, np.where(years < figure_years[0], before, inside)))
    return filled


def _volume(facts: Facts, level: str, growth: str, years: Array) -> Array:
    index = np.concatenate([[1.0], np.cumprod(1.0 + yearly(facts, growth, years, PERCENT_A_YEAR)[1:] / 100.0)])
    return np.asarray(yearly(facts, level, years, _base(facts, level))[-1] * index / index[-1])


def _share(facts: Facts, part: str, whole: str, years: Array) -> Array:
    # A share that is not published yet is taken to have stayed; part and whole alone would drift apart.
    both = sorted(set(facts[part]) & set(facts[whole]))
    above, below = (Unit.parse(facts[n][both[0]].unit) for n in (part, whole))
    shares = [facts[part][y].to(above).value / facts[whole][y].to(below).value for y in both]
    return np.asarray(np.interp(years, both, shares) * above.factor_to(below))


def _rest(facts: Facts, names: tuple[str, ...], years: Array) -> Array:
    both = sorted(set.intersection(*(set(facts[n]) for n in names)))
    unit = _base(facts, names[0])
    total, first, second, whole = (np.array([facts[n][y].to(unit).value for y in both]) for n in names)
    return np.asarray(np.interp(years, both, (total - first - second) / whole))


def observed_years(past: History, facts: Facts) -> set[int]:
    """Give the years of which the facts say a given Series; none where they have its latest figure or mere absence."""
    if past.how in ("latest", "nil"):
        return set()
    return set.intersection(*(set(facts.get(name, {})) for name in past.facts))


PERCENT_A_YEAR = Unit.parse("%/year")


def _base(facts: Facts, series: str) -> Unit:
    """Give the base unit of a series of facts."""
    return Unit(1.0, Unit.parse(next(iter(facts[series].values())).unit).powers, "")


def made(past: History, facts: Facts, years: Array) -> Array:
    """Give the yearly numbers of a given Series, in base units, from the facts that its history names."""
    first, other = past.facts[0], past.facts[-1]
    match past.how:
        case "share":
            return _share(facts, first, other, years)
        case "rest":
            return _rest(facts, past.facts, years)
        case "volume":
            return _volume(facts, first, other, years)
        case "latest":
            return np.full(len(years), facts[first][max(facts[first])].value)
        case "nil":
            return np.zeros(len(years))
    level, *against = (
        yearly(facts, n, years, _base(facts, n)) for n in past.facts[: 1 if past.how == "deflator" else 2]
    )
    match past.how:
        case "level":
            return level
        case "ratio":
            return np.asarray(level / against[0])
        case "difference":
            return np.asarray(level - against[0])
        case "deflator":
            return np.asarray(level / _volume(facts, first, other, years))


def history(facts: Facts, start: int, base_year: int, model: Model) -> dict[str, Array]:
    """Give each Series that the facts determine as (year,), from ``start`` to ``base_year``, in base units."""
    years = np.arange(start, base_year + 1, dtype=float)
    # What is carried on by its growth takes two figures; elsewhere one will do.
    carried = {
        n for past in model.histories.values() if past.how in ("level", "volume", "deflator") for n in past.facts
    }
    enough = {n for n, by_year in facts.items() if len(by_year) >= (2 if n in carried else 1)}
    return {n: made(past, facts, years) for n, past in model.histories.items() if enough.issuperset(past.facts)}


def misfits(facts: Facts, start: int, base_year: int, model: Model) -> list[str]:
    """Give what facts make together and cannot be: an input out of its hard range, an indicator out of its own."""
    faults = []
    for name, values in history(facts, start, base_year, model).items():
        declared = model.series[name]
        wrong = np.flatnonzero(~((values >= declared.low) & (values <= declared.high)))
        if len(wrong):
            year, ends = start + int(wrong[0]), f"{declared.low:g} to {declared.high:g} {declared.unit}"
            rows = _rows(facts, model.histories[name].facts, year)
            faults.append(f"{rows}: {name} of {year} would be {values[wrong[0]]:g}, expected {ends}")
    for name, ratio in INDICATOR_FACTS.items():
        if name not in model.indicators:
            continue
        measure = of_indicator(model.indicators[name])
        for year, above in facts.get(ratio.numerator, {}).items():
            below = facts.get(ratio.denominator, {}).get(year)
            if below is None:
                continue
            unit = Unit.parse(above.unit) / Unit.parse(below.unit)
            value = above.value / below.value * unit.factor_to(measure.unit)
            if fault := measure.fault(value, measure.unit):
                rows = _rows(facts, (ratio.numerator, ratio.denominator), year)
                faults.append(f"{rows}: {name} of {year}: {fault}")
                break
    return faults


def _rows(facts: Facts, names: Iterable[str], year: int) -> str:
    """Name the rows of some series that a number of a year is made of: those of that year, or of the nearest one."""
    nearest = {name: facts[name][min(facts[name], key=lambda y: abs(y - year))].row for name in names}
    return ", ".join(f"row {row} ({name})" for name, row in nearest.items())


@dataclass(frozen=True)
class Past:
    """The past of a given Series of which no more than the base year is known: it grew as the priors say.

    ``level``: in the base year, in base units; ``spread``: the sd of its logarithm; ``growth``: of each year.
    """

    level: float
    spread: float
    growth: Bounded

    def __repr__(self) -> str:
        """All that a fit depends on."""
        numbers = self.growth.distribution.model_dump(exclude={"source", "assumed"})
        return f"Past({self.level!r}, {self.spread!r}, {numbers})"

    def path(self, growth: Array) -> Array:
        """Give the yearly numbers, (year, draw), from the growth in each year, (year, draw), in the prior's unit.

        Nothing lies before the first year: its number says how far the level is off, by as many sds.
        """
        prior = self.growth.distribution
        assert isinstance(prior, Normal)
        off = (growth[0] - prior.mean) / prior.sd
        steps = 1.0 + growth[:0:-1] * Unit.parse(prior.unit).scale
        back = np.cumprod(np.concatenate([np.ones_like(growth[:1]), 1.0 / steps]), axis=0)
        return np.asarray(self.level * np.exp(self.spread * off) * back[::-1])

    def slopes(self, growth: Array, by_level: Array) -> Array:
        """Give the slopes of a number by the growth, (year, draw), given those by the yearly numbers."""
        prior = self.growth.distribution
        assert isinstance(prior, Normal)
        scale = Unit.parse(prior.unit).scale
        share = by_level * self.path(growth)
        slopes = np.empty_like(growth)
        slopes[0] = np.sum(share, axis=0) * self.spread / prior.sd
        slopes[1:] = -np.cumsum(share, axis=0)[:-1] * scale / (1.0 + growth[1:] * scale)
        return slopes


def _at_base(past: History, facts: Facts, year: int) -> tuple[float, float] | None:
    """Give what the facts say of a Series in the base year, if they say no more.

    Gives the value in base units, and the sd of its logarithm; None where they say nothing.
    """
    figures = [_figure(facts[n][year]) for n in past.facts if year in facts.get(n, {})]
    match past.how:
        case "level" | "volume" if year in facts.get(past.facts[0], {}):
            return figures[0]
        case "deflator" if year in facts.get(past.facts[0], {}):
            return 1.0, 0.0  # by its definition
        case "ratio" if len(figures) == 2:
            return figures[0][0] / figures[1][0], 0.0
    return None


def _figure(fact: Fact) -> tuple[float, float]:
    return fact.value * Unit.parse(fact.unit).scale, _spread(fact) / fact.value


def pasts(
    facts: Facts, priors: Mapping[str, PastPrior], given: Iterable[str], base_year: int, model: Model
) -> dict[str, Past]:
    """Give the pasts of Series that neither facts nor plan give, but priors and the base year do."""
    by_name = {}
    for name, prior in priors.items():
        growth = Bounded(prior.growth, -np.inf, np.inf)
        if name in given:
            continue
        if name in model.histories and (at_base := _at_base(model.histories[name], facts, base_year)):
            by_name[name] = Past(*at_base, growth)
        elif prior.level:
            by_name[name] = Past(prior.level.median * Unit.parse(prior.level.unit).scale, prior.level.sigma, growth)
    return by_name


def indicator_facts(
    facts: Facts, indicator: str, unit: str, shares: Mapping[str, float]
) -> dict[int, tuple[float, float]]:
    """Give what the facts say of an indicator: year -> (value in the indicator's unit, its sd), in the true years.

    What was printed of the ratio itself counts where what it is made of is not there.
    """
    if indicator not in INDICATOR_FACTS:
        return {}
    ratio = INDICATOR_FACTS[indicator]
    printed = {y: f.to(Unit.parse(unit)) for y, f in facts.get(indicator, {}).items() if indicator != ratio.numerator}
    figures = {y: (f.value, _spread(f)) for y, f in printed.items()}
    for year, fact in facts.get(ratio.numerator, {}).items():
        value, error = fact.value, _spread(fact) / fact.value
        own = Unit.parse(fact.unit)
        if ratio.denominator:
            # A denominator that is not published yet is carried on, as it is for the run.
            unit_below = Unit.parse(next(iter(facts[ratio.denominator].values())).unit)
            published = facts[ratio.denominator].get(year)
            if published:
                below = published.to(unit_below).value
            else:
                below = float(yearly(facts, ratio.denominator, np.array([float(year)]), unit_below)[0])
            value, error = value / below, float(np.hypot(error, _spread(published) / below if published else 0.0))
            own = own / unit_below
        value *= own.factor_to(Unit.parse(unit)) * (shares[ratio.share] if ratio.share else 1.0)
        figures[year] = (value, error * value)
    return figures


def _spread(fact: Fact) -> float:
    # A figure rounded to a step adds the spread of a number anywhere in that step.
    return float(np.hypot(fact.sd, fact.rounding / np.sqrt(12.0)))
