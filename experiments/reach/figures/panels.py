"""The numbers of the fan charts: for each target, all that its panel shows and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from fiveyear.experiments.console.language import say
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.page.comma_separated import Rows
from fiveyear.model import INDICATORS
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Target

from ..answer import Finding, Reach
from .scenarios import scenario_labels

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)  # the ends of the 90 % band, of the 50 % band, and the median
FACT_BARS = 2.0  # standard deviations of measurement shown on each side of a fact

# How a unit reads on an axis; one that is not here is shown as it is.
UNITS = {
    "%": "%",
    "person/10k person": "person-years per 10,000 employed",
    "patent/10k person": "patents per 10,000 people",
    "application/100 person": "applications per 100 person-years",
    "10k person": "10,000 person-years",
    "application": "applications",
    "patent": "patents",
    "rank": "rank (1 is best)",
    "%/year": "% a year",
}
COUNTED = {"10k person": "10,000 people"}  # of a target that the model lacks; what it has, it counts in person-years
#: What a figure says beside a probability, in this order.
FLAGGED = ("unmeasurable", "without facts", "driven by assumptions", "met-at-base", "monitoring", "directional")
WORDS = {"k": "thousand", "M": "million", "G": "billion"}


class Interval(NamedTuple):
    """A median with its 90 % interval."""

    median: float
    p05: float
    p95: float


@dataclass(frozen=True)
class Fan:
    """What one scenario says of a target."""

    scenario: str  # as the file beside the figure names it
    probability: Probability | None
    quantiles: Array  # (level, year), the levels as in LEVELS


@dataclass(frozen=True)
class Panel:
    """The numbers of one panel: all that is drawn in it and nothing else.

    Of the second scenario, nothing up to the base year is drawn: there it says what the first does.
    """

    indicator: str
    label: str
    unit: str  # as it reads on the axis
    flags: tuple[str, ...]  # what qualifies the probabilities
    base_year: int
    years: npt.NDArray[np.int_]  # (year,)
    fans: tuple[Fan, ...]  # of each scenario
    facts: tuple[tuple[int, float, float], ...]  # year, value, sd
    comparator: Literal[">=", "<="]
    target: float
    every_year: bool  # whether the target counts in each year after the base year, not only in the last
    place: bool  # whether it is a place among others, the first of which is 1
    required: Array  # (year,), from the base year to the end; empty where the base is not known
    walk: Interval | None
    continued: float | None
    view: Interval | None

    @property
    def end(self) -> int:
        """The year of the target, and of the rival forecasts."""
        return int(self.years[-1])

    @property
    def years_ahead(self) -> npt.NDArray[np.int_]:
        """The years from the base year on, (year,)."""
        return self.years[self.years >= self.base_year]

    @property
    def target_years(self) -> npt.NDArray[np.int_]:
        """The years in which the target counts, (year,)."""
        return self.years_ahead[1:] if self.every_year else self.years[-1:]

    def numbers(self) -> Iterator[tuple[str, int, float]]:
        """Give every number drawn: what it is, its year, its value."""
        for fan in self.fans:
            yield from ((f"{fan.scenario}: {what}", y, v) for what, y, v in self._of(fan))
        yield from numbers_of_facts("fact", self.facts)
        yield from ((f"target {self.comparator}", int(y), self.target) for y in self.target_years)
        if len(self.required):
            yield from (("required", int(y), float(v)) for y, v in zip(self.years_ahead, self.required, strict=True))
        for name, interval in (("random walk", self.walk), ("record of earlier plans", self.view)):
            if interval is not None:
                yield from ((f"{name} {end}", self.end, value) for end, value in interval._asdict().items())
        if self.continued is not None:
            yield "growth continues", self.end, self.continued

    def _of(self, fan: Fan) -> Iterator[tuple[str, int, float]]:
        first = fan is self.fans[0]
        for what, year, value in numbers_of_bands(self.years, fan.quantiles):
            of_half = what in ("model p25", "model p75")  # which a further scenario has in the last year alone
            if first or year == self.end or (year >= self.base_year and not of_half):
                yield what, year, value


def numbers_of_bands(years: Array | npt.NDArray[np.int_], quantiles: Array) -> Iterator[tuple[str, int, float]]:
    """Give the numbers of ``quantiles``, (level, year), as they are drawn: what each is, its year, its value."""
    for level, row in zip(LEVELS, quantiles, strict=True):
        # A rise has no value in the year it is counted from.
        there = ((int(y), float(v)) for y, v in zip(years, row, strict=True) if np.isfinite(v))
        yield from ((f"model p{100 * level:02.0f}", y, v) for y, v in there)


def numbers_of_facts(name: str, facts: Sequence[tuple[int, float, float]]) -> Iterator[tuple[str, int, float]]:
    """Give the numbers of facts (year, value, sd) and their bars: what each is, its year, its value."""
    for year, value, sd in facts:
        yield name, year, value
        yield f"{name} - {FACT_BARS:g} sd", year, value - FACT_BARS * sd
        yield f"{name} + {FACT_BARS:g} sd", year, value + FACT_BARS * sd


def quantiles(values: Array) -> Array:
    """Give the quantiles drawn, (level, year), of draws (draw, year).

    >>> quantiles(np.arange(101.0)[:, None])[:, 0].tolist()
    [5.0, 25.0, 50.0, 75.0, 95.0]
    """
    return np.quantile(values, LEVELS, axis=0)


def required_ray(base: float, target: float, years: int, trend: Literal["linear", "log"]) -> Array:
    """Give the course that just meets a target: equal growth a year for "log", equal steps for "linear".

    >>> required_ray(100.0, 400.0, 2, "log").tolist(), required_ray(100.0, 400.0, 2, "linear").tolist()
    ([100.0, 200.0, 400.0], [100.0, 250.0, 400.0])

    Returns
    -------
    (years + 1,), from the base to the target, in their unit
    """
    gone = np.arange(years + 1) / years
    if trend == "linear":
        return base + (target - base) * gone
    return np.asarray(base * (target / base) ** gone)


def display_unit(unit: str, nominal: bool) -> str:
    """Give a unit as it reads on an axis.

    >>> display_unit("patent/10k person", nominal=False), display_unit("100M yuan", nominal=True)
    ('patents per 10,000 people', '100 million yuan (current prices)')
    """
    large = re.fullmatch(r"(\d+)([kMG]) (\w+)", unit)
    if large and unit not in UNITS:
        words = f"{WORDS[large[2]]} {large[3]}"
        unit = words if large[1] == "1" else f"{large[1]} {words}"
    return f"{UNITS.get(unit, unit)}{' (current prices)' if nominal else ''}"


def unit_of(target: Target) -> str:
    """Give the unit of a target as a figure has it, in English."""
    indicator = INDICATORS.get(target.indicator)
    if indicator is None:
        return COUNTED.get(target.unit) or display_unit(target.unit, nominal=False)
    return display_unit(target.unit, indicator.nominal)


def headed(label: str, unit: str, place: bool) -> str:
    """Give the label of a target with its unit, unless the label says it or the target is a place."""
    return say(label) if place or " per " in label else say("{label}, {unit}", label=say(label), unit=say(unit))


def sign(comparator: Literal[">=", "<="]) -> str:
    """Give a comparator as a figure has it."""
    return "≥" if comparator == ">=" else "≤"


def panels(answers: Sequence[Reach], headline: bool) -> list[Panel]:
    """Give the numbers of each panel, in the plan's order.

    One for each target, of the headline ones or of the others, that is modelled under every scenario.
    """
    labels = scenario_labels(answers)
    several = [
        findings
        for findings in zip(*(a.findings for a in answers), strict=True)
        if (findings[0].target.kind == "headline") == headline
    ]
    modelled = [fs for fs in several if all(fs[0].target.indicator in a.outcomes.decisive for a in answers)]
    return [_panel(answers, labels, findings) for findings in modelled]


def _panel(answers: Sequence[Reach], labels: Sequence[str], findings: Sequence[Finding]) -> Panel:
    reach, finding = answers[0], findings[0]
    plan, target = reach.ensemble.scenario.plan, finding.target
    evidence = reach.ensemble.posterior.evidence
    indicator = evidence.model.indicators[target.indicator]
    facts = evidence.indicator(target.indicator)
    base = facts.get(plan.base_year)
    required = np.array([])
    if base is not None and (indicator.trend == "linear" or target.value > 0.0):
        required = required_ray(base[0], target.value, plan.end - plan.base_year, indicator.trend)
    raised = {flag for f in findings for flag in f.flags}
    continued = finding.rivals.get("growth_continues")
    return Panel(
        indicator=target.indicator,
        label=target.label,
        unit=display_unit(indicator.unit, indicator.nominal),
        flags=tuple(flag for flag in FLAGGED if flag in raised),
        base_year=plan.base_year,
        years=reach.run.years,
        fans=tuple(
            Fan(label, f.probability, quantiles(answer.run.values[target.indicator]))
            for label, answer, f in zip(labels, answers, findings, strict=True)
        ),
        facts=tuple((y, *facts[y]) for y in sorted(facts) if plan.start <= y <= plan.base_year),
        comparator=target.comparator,
        target=target.value,
        every_year=target.every_year,
        place=indicator.unit == "rank",
        required=required,
        walk=_interval(finding.rivals.get("random_walk")),
        continued=None if continued is None else continued["median"],
        view=_interval(finding.rivals.get("outside_view")),
    )


def _interval(rival: Mapping[str, Any] | None) -> Interval | None:
    return None if rival is None else Interval(rival["median"], rival["p05"], rival["p95"])


def table(shown: Sequence[Panel]) -> Rows:
    """Give every number drawn, and the probability of each target."""
    yield "indicator", "what", "year", "value", "unit"
    for panel in shown:
        yield from ((panel.indicator, what, y, v, panel.unit) for what, y, v in panel.numbers())
        for fan in panel.fans:
            if p := fan.probability:
                ends = (("probability", p.value), ("probability p05", p.low), ("probability p95", p.high))
                yield from ((panel.indicator, f"{fan.scenario}: {what}", panel.end, v, "1") for what, v in ends)
