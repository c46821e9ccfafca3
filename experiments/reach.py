"""Which targets are reachable, and with what probability: the question the project exists for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import betaincinv

from fiveyear.calibration import facts as facts_of
from fiveyear.model import INDICATORS
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios import Target

from . import rivals
from .ensemble import Ensemble, Places
from .verdicts import verdict

MEMO = ("gdp", "rd_spending", "high_tech_value_added")  # yuan lines printed below the targets
LEAST_RECORD = 3  # earlier plans without which their record is no forecast
INFORMED = 0.5  # a parameter is called informed if the facts took away at least this share of its prior variance
PRIOR_LED = 0.5  # a target is prior-led if uninformed parameters account for at least this share of its variance


@dataclass(frozen=True)
class Probability:
    """A share of draws, with the 90 % interval of its Monte Carlo error (Jeffreys: never exactly 0 or 1)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """What is said of one target under one scenario; None where nothing can be said."""

    target: Target
    base_in_truth: float | None
    growth_needed: float | None  # % a year
    growth_achieved: float | None  # % a year, over as many years before
    median: float | None
    p05: float | None
    p95: float | None
    probability: Probability | None
    probability_rounded: float | None
    expected_shortfall: float | None
    first_year_met: int | None
    rivals: dict[str, Any]
    flags: tuple[str, ...]
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Give the outlook ready for JSON."""
        p = self.probability
        return {
            "indicator": self.target.indicator,
            "label": self.target.label,
            "unit": self.target.unit,
            "kind": self.target.kind,
            "comparator": self.target.comparator,
            "value_at_base": self.target.base,
            "reference_lag": self.target.reference_lag,
            "value_at_base_in_truth": self.base_in_truth,
            "target": self.target.value,
            "growth_needed": self.growth_needed,
            "growth_achieved": self.growth_achieved,
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
            "note": self.target.note,
        }


@dataclass(frozen=True)
class Reach:
    """The answer for one scenario. ``joint`` and ``number_met`` speak of the headline targets that are modelled."""

    ensemble: Ensemble
    dataset: xr.Dataset
    outlooks: tuple[Outlook, ...]
    joint: dict[str, Probability | None]
    joint_targets: dict[str, tuple[str, ...]]
    number_met: tuple[float, ...]
    binding_target: str | None
    memo: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Give the answer ready for JSON."""
        return {
            **self.ensemble.provenance(self.dataset.sizes["draw"]),
            "title": self.ensemble.scenario.title,
            "expect": self.ensemble.scenario.expect,
            "targets": [o.as_dict() for o in self.outlooks],
            "joint": {n: p.value if p else None for n, p in self.joint.items()},
            "joint_targets": {n: list(t) for n, t in self.joint_targets.items()},
            "number_met": list(self.number_met),
            "binding_target": self.binding_target,
            "memo": self.memo,
        }


def reach(ensemble: Ensemble, draws: int, progress: Callable[[int], None] | None = None) -> Reach:
    """Run a scenario and hold it against the plan's targets."""
    dataset = ensemble.run(draws, MEMO, progress=progress)
    plan = ensemble.scenario.plan
    sets = ensemble.parameter_sets(draws)
    met = {
        t.indicator: meets(dataset[t.indicator].values, t.value, t.comparator)
        for t in plan.targets
        if t.indicator in dataset
    }
    outlooks = tuple(_outlook(ensemble, dataset, t, met.get(t.indicator), sets) for t in plan.targets)
    headline = [t for t in plan.targets if t.kind == "headline" and t.indicator in met]
    groups = {
        "all": headline,
        "measurable": [t for t in headline if not t.unmeasurable],
        "without_levers": [t for t in headline if not _is_lever(ensemble, t)],
    }
    joint = {
        # Levers alone have no probability: the scenario sets them.
        n: estimate(np.all([met[t.indicator][:, -1] for t in group], axis=0), sets)
        if any(not _is_lever(ensemble, t) for t in group)
        else None
        for n, group in groups.items()
    }
    count = np.sum([met[t.indicator][:, -1] for t in headline], axis=0, dtype=int)
    chances = {
        o.target.indicator: o.probability.value for o in outlooks if o.probability and o.target.kind == "headline"
    }
    return Reach(
        ensemble,
        dataset,
        outlooks,
        joint,
        {n: tuple(t.indicator for t in group) for n, group in groups.items()},
        tuple(float(c) / draws for c in np.bincount(count, minlength=len(headline) + 1)),
        min(chances, key=chances.__getitem__) if chances else None,
        {n: _memo(dataset[n].values[:, -1]) for n in MEMO},
    )


def meets(values: Array, target: float, comparator: str) -> Condition:
    """Tell which values meet a target."""
    return np.asarray(values >= target if comparator == ">=" else values <= target)


def estimate(met: Condition, sets: Places) -> Probability:
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


def _memo(values: Array) -> dict[str, float]:
    p05, median, p95 = np.quantile(values, [0.05, 0.5, 0.95])
    return {"median": float(median), "p05": float(p05), "p95": float(p95)}


def _is_lever(ensemble: Ensemble, target: Target) -> bool:
    return target.lever is not None and target.lever in ensemble.scenario.paths


def _outlook(ensemble: Ensemble, dataset: xr.Dataset, target: Target, met: Condition | None, sets: Places) -> Outlook:
    plan = ensemble.scenario.plan
    facts = (
        {y: v for y, (v, _) in ensemble.posterior.evidence.indicator(target.indicator).items()}
        if target.indicator in INDICATORS
        else {}
    )
    truth = facts.get(plan.base_year)
    needed = _growth(truth, target.value, plan.end - plan.base_year)
    earlier = plan.base_year - (plan.end - plan.base_year)
    achieved = _growth(facts.get(earlier), truth, plan.base_year - earlier)
    flags = [
        *(["lever"] if _is_lever(ensemble, target) else []),
        *(
            ["met-at-base"]
            if truth is not None and bool(meets(np.array(truth), target.value, target.comparator))
            else []
        ),
        *(["nominal"] if target.indicator in INDICATORS and INDICATORS[target.indicator].nominal else []),
        *(["unmeasurable"] if target.unmeasurable else []),
        *(["monitoring"] if target.kind == "monitoring" else []),
        *(["directional"] if target.kind == "directional" else []),
    ]
    if met is None:
        return Outlook(
            target, truth, needed, achieved, None, None, None, None, None, None, None, {}, (*flags, "unmodelled"),
            "not modelled",
        )  # fmt: skip
    values = dataset[target.indicator].values
    p05, median, p95 = np.quantile(values[:, -1], [0.05, 0.5, 0.95])
    lever = "lever" in flags
    chance = None if lever else estimate(met[:, -1], sets)
    slack = target.rounding / 2.0
    rounded = float(
        np.mean(
            meets(
                values[:, -1],
                target.value - slack if target.comparator == ">=" else target.value + slack,
                target.comparator,
            )
        )
    )
    missed = ~met[:, -1]
    ahead = met[:, plan.base_year + 1 - plan.start :].mean(axis=0) >= 0.5
    if not lever and _prior_led(ensemble, values[:, -1], sets):
        flags.append("prior-led")
    return Outlook(
        target=target,
        base_in_truth=truth,
        growth_needed=needed,
        growth_achieved=achieved,
        median=float(median),
        p05=float(p05),
        p95=float(p95),
        probability=chance,
        probability_rounded=None if lever else rounded,
        expected_shortfall=None
        if lever or not missed.any()
        else float(np.mean(np.abs(values[missed, -1] - target.value))),
        first_year_met=None if lever or not ahead.any() else int(plan.base_year + 1 + np.argmax(ahead)),
        rivals=_rivals(ensemble, target, facts),
        flags=tuple(flags),
        verdict=("set by the scenario" if lever else verdict(chance.value if chance else 0.0)),
    )


def _growth(start: float | None, end: float | None, years: int) -> float | None:
    if start is None or end is None or start <= 0.0:
        return None
    return float(100.0 * ((end / start) ** (1.0 / years) - 1.0))


def _rivals(ensemble: Ensemble, target: Target, facts: dict[int, float]) -> dict[str, Any]:
    plan, known = ensemble.scenario.plan, ensemble.posterior.evidence
    walk = rivals.random_walk(facts, plan.end, target.value, target.comparator, INDICATORS[target.indicator].trend)
    continued = rivals.growth_continues(facts, plan.base_year, plan.end)
    month = known.priors.information_sets[known.information_set]
    record = rivals.read_record(facts_of.folder(plan) / "record_of_targets.csv", target.indicator, month)
    base = facts.get(plan.base_year)
    view = rivals.outside_view(record, base, target.value) if len(record) >= LEAST_RECORD and base is not None else None
    met = None if continued is None else bool(meets(np.array(continued), target.value, target.comparator))
    return {
        "random_walk": walk.as_dict() if walk else None,
        "growth_continues": None if continued is None else {"median": continued, "met": met},
        "outside_view": view.as_dict() if view else None,
    }


def _prior_led(ensemble: Ensemble, values: Array, sets: Places) -> bool:
    """Tell whether most of what parameters explain of the scatter comes from parameters the facts said little about."""
    contraction = ensemble.posterior.contraction
    columns = {
        n: (v - v.mean()) / v.std()
        for n, v in ensemble.posterior.parameters.items()
        if v.std() > 0.0 and contraction[n] < INFORMED
    }
    if not columns or np.std(values) == 0.0:
        return False
    by_set = np.bincount(sets, weights=values) / np.bincount(sets)
    used, count = len(by_set), len(columns)
    if used <= count + 1:
        return False  # too few sets to tell
    matrix = np.stack([c[:used] for c in columns.values()] + [np.ones(used)], axis=1)
    fitted = matrix @ np.linalg.lstsq(matrix, by_set, rcond=None)[0]
    unexplained = np.var(by_set - fitted) * (used - 1) / (used - count - 1)  # adjusted for the columns used
    return bool(np.var(by_set) - unexplained >= PRIOR_LED * np.var(values))
