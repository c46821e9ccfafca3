"""Which targets are reachable, and with what probability: the question the project exists for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import betaincinv

from fiveyear.calibration.facts import folder, read_record
from fiveyear.model import INDICATORS, Unit
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios import Target

from . import rivals
from .ensemble import Ensemble, SetNumbers
from .verdicts import verdict

MEMO = ("gdp", "rd_spending", "high_tech_value_added")  # yuan lines printed below the targets
INFORMED = 0.5  # a parameter is called informed if the facts took away at least this share of its prior variance
PRIOR_LED = 0.5  # a target is prior-led if what the facts do not inform accounts for this share of its variance
LEAST_RECORD = 3  # earlier plans without which their record is no forecast


@dataclass(frozen=True)
class Probability:
    """A share of draws, and the 90 % Jeffreys interval of its Monte Carlo error, which never ends at 0 or 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Finding:
    """What is said of one target under one scenario, in the target's unit; None where nothing can be said."""

    target: Target
    base_in_truth: float | None  # what the facts say of the base year
    growth_needed: float | None  # % a year, from the truth (or else the printed value) to the target
    growth_achieved: float | None  # % a year, since ``achieved_since``
    achieved_since: int | None
    flags: tuple[str, ...]
    verdict: str
    median_at_base: float | None = None
    median: float | None = None
    p05: float | None = None
    p95: float | None = None
    probability: Probability | None = None
    probability_rounded: float | None = None
    expected_shortfall: float | None = None
    first_year_met: int | None = None  # the first year in which at least half of the draws meet the target
    rivals: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Give the finding ready for JSON."""
        t, p = self.target, self.probability
        return {
            "indicator": t.indicator,
            "label": t.label,
            "unit": t.unit,
            "kind": t.kind,
            "comparator": t.comparator,
            "value_at_base": t.base,
            "reference_lag": t.reference_lag,
            "value_at_base_in_truth": self.base_in_truth,
            "median_at_base": self.median_at_base,
            "target": t.value,
            "growth_needed": self.growth_needed,
            "growth_achieved": self.growth_achieved,
            "growth_achieved_since": self.achieved_since,
            "median": self.median,
            "p05": self.p05,
            "p95": self.p95,
            "probability": p.value if p else None,
            "probability_low": p.low if p else None,
            "probability_high": p.high if p else None,
            "probability_rounded": self.probability_rounded,
            "expected_shortfall": self.expected_shortfall,
            "first_year_met": self.first_year_met,
            "rivals": self.rivals,
            "flags": list(self.flags),
            "verdict": self.verdict,
            "note": t.note,
        }


@dataclass(frozen=True)
class Reach:
    """The answer for one scenario. ``joint`` and ``number_met`` speak of the headline targets that are modelled.

    A joint probability is None where levers decide it: the scenario misses one, or there is nothing else.
    """

    ensemble: Ensemble
    dataset: xr.Dataset
    findings: tuple[Finding, ...]
    joint: dict[str, Probability | None]
    joint_targets: dict[str, tuple[str, ...]]
    number_met: tuple[float, ...]
    binding_target: str | None
    memo: dict[str, dict[str, float]]  # name -> median, p05, p95 in the last year, in yuan

    def as_dict(self) -> dict[str, Any]:
        """Give the answer ready for JSON."""
        return {
            **self.ensemble.provenance(self.dataset.sizes["draw"]),
            "title": self.ensemble.scenario.title,
            "expect": self.ensemble.scenario.expect,
            "targets": [f.as_dict() for f in self.findings],
            "joint": {n: p.value if p else None for n, p in self.joint.items()},
            "joint_interval": {n: [p.low, p.high] if p else None for n, p in self.joint.items()},
            "joint_targets": {n: list(t) for n, t in self.joint_targets.items()},
            "number_met": list(self.number_met),
            "binding_target": self.binding_target,
            "memo": {n: {"unit": "yuan", **v} for n, v in self.memo.items()},
        }


def reach(ensemble: Ensemble, draws: int, progress: Callable[[int], None] | None = None) -> Reach:
    """Run a scenario and hold it against the plan's targets."""
    dataset = ensemble.run(draws, MEMO, progress=progress)
    targets = ensemble.scenario.plan.targets
    for target in targets:
        if _is_lever(ensemble, target):
            _take_at_its_word(ensemble, dataset, target)
    sets = ensemble.parameter_sets(0, draws)
    met = {
        t.indicator: meets(dataset[t.indicator].values, t.value, t.comparator)
        for t in targets
        if t.indicator in dataset
    }
    uninformed = _uninformed(ensemble, draws)
    findings = tuple(
        _modelled(ensemble, dataset, t, met[t.indicator], sets, uninformed)
        if t.indicator in met
        else Finding(t, *_growth_of(ensemble, t), flags=(*_flags(ensemble, t), "unmodelled"), verdict="not modelled")
        for t in targets
    )
    headline = [t for t in targets if t.kind == "headline" and t.indicator in met]
    groups = {
        "all": headline,
        "measurable": [t for t in headline if not t.unmeasurable],
        "without_levers": [t for t in headline if not _is_lever(ensemble, t)],
    }
    count = np.sum([met[t.indicator][:, -1] for t in headline], axis=0, dtype=int)
    chances = {
        f.target.indicator: f.probability.value for f in findings if f.probability and f.target.kind == "headline"
    }
    return Reach(
        ensemble,
        dataset,
        findings,
        {n: _jointly(ensemble, group, met, sets) for n, group in groups.items()},
        {n: tuple(t.indicator for t in group) for n, group in groups.items()},
        tuple(float(c) / draws for c in np.bincount(count, minlength=len(headline) + 1)),
        min(chances, key=chances.__getitem__) if chances else None,
        {n: _interval(dataset[n].values[:, -1]) for n in MEMO},
    )


def meets(values: Array, target: float, comparator: str) -> Condition:
    """Tell which values meet a target; one that differs from it by rounding of the last bits does."""
    slack = 1e-9 * abs(target)
    return np.asarray(values >= target - slack if comparator == ">=" else values <= target + slack)


def estimate(met: Condition, sets: SetNumbers) -> Probability:
    """Give the share of draws that meet something, with the Jeffreys interval of its Monte Carlo error.

    Draws that share a parameter set are not independent: ``sets`` (draw,) says which set each has, and the interval
    is that of as many independent draws as would scatter like the sets do.
    """
    share, draws = float(np.mean(met)), len(met)
    counts = np.bincount(sets)
    by_set = np.bincount(sets, weights=met) / counts
    scatter = float(np.sum((counts / draws) ** 2 * (by_set - share) ** 2))
    effective = min(share * (1.0 - share) / scatter, draws) if scatter > 0.0 else float(len(counts))
    successes = share * effective
    low, high = (betaincinv(successes + 0.5, effective - successes + 0.5, p) for p in (0.05, 0.95))
    return Probability(share, float(low), float(high))


def _jointly(
    ensemble: Ensemble, group: list[Target], met: dict[str, Condition], sets: SetNumbers
) -> Probability | None:
    levers = [t for t in group if _is_lever(ensemble, t)]
    if len(levers) == len(group) or not all(met[t.indicator][0, -1] for t in levers):
        return None
    return estimate(np.all([met[t.indicator][:, -1] for t in group], axis=0), sets)


def _interval(values: Array) -> dict[str, float]:
    p05, median, p95 = np.quantile(values, [0.05, 0.5, 0.95])
    return {"median": float(median), "p05": float(p05), "p95": float(p95)}


def _is_lever(ensemble: Ensemble, target: Target) -> bool:
    return target.lever is not None and target.lever in ensemble.scenario.paths


def _take_at_its_word(ensemble: Ensemble, dataset: xr.Dataset, target: Target) -> None:
    """Give a lever's indicator the scenario's own yearly numbers.

    The ratio of two yearly totals strays from the planned ratio, by hundredths of a per cent, when both move within
    the year; that must not decide whether a plan that sets 2.2 meets 2.2.
    """
    assert target.lever is not None
    years_ahead = ensemble.years_ahead
    factor = Unit.parse(ensemble.model.series[target.lever].unit).factor_to(Unit.parse(target.unit))
    planned = ensemble.median_inputs().series[target.lever][-years_ahead:] * factor
    dataset[target.indicator].values[:, -years_ahead:] = planned


def _facts(ensemble: Ensemble, target: Target) -> dict[int, float]:
    if target.indicator not in INDICATORS:
        return {}
    return {y: value for y, (value, _) in ensemble.posterior.evidence.indicator(target.indicator).items()}


def _growth_of(ensemble: Ensemble, target: Target) -> tuple[float | None, float | None, float | None, int | None]:
    """Give the true value of the base year, growth needed and achieved in % a year, and since when achieved."""
    plan, facts = ensemble.scenario.plan, _facts(ensemble, target)
    truth, ahead = facts.get(plan.base_year), plan.end - plan.base_year
    first = rivals.first_fact(facts, plan.base_year, ahead)
    achieved = None if first is None else _growth(facts[first], truth, plan.base_year - first)
    needed = _growth(target.base if truth is None else truth, target.value, ahead)
    return truth, needed, achieved, first


def _growth(start: float | None, end: float | None, years: int) -> float | None:
    if start is None or end is None or start <= 0.0 or end <= 0.0:
        return None
    return float(100.0 * ((end / start) ** (1.0 / years) - 1.0))


def _flags(ensemble: Ensemble, target: Target) -> tuple[str, ...]:
    truth = _facts(ensemble, target).get(ensemble.scenario.plan.base_year)
    met_at_base = truth is not None and bool(meets(np.array(truth), target.value, target.comparator))
    told = {
        "lever": _is_lever(ensemble, target),
        "met-at-base": met_at_base,
        "nominal": target.indicator in INDICATORS and INDICATORS[target.indicator].nominal,
        "unmeasurable": bool(target.unmeasurable),
        "monitoring": target.kind == "monitoring",
        "directional": target.kind == "directional",
    }
    return tuple(flag for flag, raised in told.items() if raised)


def _modelled(
    ensemble: Ensemble, dataset: xr.Dataset, target: Target, met: Condition, sets: SetNumbers, uninformed: Array
) -> Finding:
    plan = ensemble.scenario.plan
    values = dataset[target.indicator].values
    last, base = values[:, -1], plan.base_year - plan.start
    shared: dict[str, Any] = {"median_at_base": float(np.median(values[:, base])), **_interval(last)}
    shared["rivals"] = _rivals(ensemble, target)
    flags = _flags(ensemble, target)
    if _is_lever(ensemble, target):
        return Finding(target, *_growth_of(ensemble, target), flags, "set by the scenario", **shared)
    chance = estimate(met[:, -1], sets)
    slack = target.rounding / 2.0 * (-1.0 if target.comparator == ">=" else 1.0)
    missed = ~met[:, -1]
    half = met[:, base + 1 :].mean(axis=0) >= 0.5
    return Finding(
        target,
        *_growth_of(ensemble, target),
        flags=(*flags, "prior-led") if _prior_led(last, uninformed) else flags,
        verdict=verdict(chance.value),
        probability=chance,
        probability_rounded=float(np.mean(meets(last, target.value + slack, target.comparator))),
        expected_shortfall=float(np.mean(np.abs(last[missed] - target.value))) if missed.any() else None,
        first_year_met=int(plan.base_year + 1 + np.argmax(half)) if half.any() else None,
        **shared,
    )


def _rivals(ensemble: Ensemble, target: Target) -> dict[str, Any]:
    plan, known, facts = ensemble.scenario.plan, ensemble.posterior.evidence, _facts(ensemble, target)
    walk = rivals.random_walk(facts, plan.end, target.value, target.comparator, INDICATORS[target.indicator].trend)
    continued = rivals.growth_continues(facts, plan.base_year, plan.end)
    month = known.priors.information_sets[known.information_set]
    record = read_record(folder(plan) / "record_of_targets.csv", target.indicator, month)
    base = facts.get(plan.base_year)
    view = rivals.outside_view(record, base, target.value) if len(record) >= LEAST_RECORD and base is not None else None
    met = None if continued is None else bool(meets(np.array(continued), target.value, target.comparator))
    return {
        "random_walk": walk.as_dict() if walk else None,
        "growth_continues": None if continued is None else {"median": continued, "met": met},
        "outside_view": view.as_dict() if view else None,
    }


def _uninformed(ensemble: Ensemble, draws: int) -> Array:
    """Give what is assumed rather than learned, standardised, (draw, number), with a column of ones.

    That is: the parameters of which the facts said little, and the surprises still to come.
    """
    contraction, inputs = ensemble.posterior.contraction, ensemble.inputs(0, draws)
    little = [np.asarray(inputs.parameters[n]) for n in ensemble.posterior.parameters if contraction[n] < INFORMED]
    coming = [row for n in ensemble.posterior.surprises for row in inputs.series[n][-ensemble.years_ahead :]]
    columns = [(c - c.mean()) / c.std() for c in (*little, *coming) if c.ndim == 1 and c.std() > 0.0]
    return np.stack([*columns, np.ones(draws)], axis=1)


def _prior_led(values: Array, uninformed: Array) -> bool:
    """Tell whether what is assumed rather than learned accounts, linearly, for most of the variance of some values.

    With too few draws to tell, it is not said.
    """
    draws, count = uninformed.shape
    if draws <= 2 * count:
        return False
    fitted = uninformed @ np.linalg.lstsq(uninformed, values, rcond=None)[0]
    unexplained = np.var(values - fitted) * (draws - 1) / (draws - count)  # adjusted for the columns used
    return bool(np.var(values) - unexplained >= PRIOR_LED * np.var(values))
