"""Which targets are reachable, and with what probability: the question the project exists for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from fiveyear.experiments.forecast import assumed, rivals
from fiveyear.experiments.forecast.ensemble import Ensemble, SetNumbers
from fiveyear.experiments.forecast.probability import Probability, estimate
from fiveyear.experiments.forecast.targets import groups, meets
from fiveyear.experiments.forecast.verdicts import UNTOLD, verdict
from fiveyear.model import INDICATORS, Run
from fiveyear.model.labels import in_words
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios import Target

from .dependence import Dependence, dependence
from .finance import Conditional, Decomposition, conditional_probability, summarised
from .outcomes import DRIVERS, Outcomes, gather, has_finance, has_ranks, period_name, periods, place_asked
from .places import RANK, rank_distribution
from .regimes import Regime, regimes

if TYPE_CHECKING:
    import xarray as xr

PRIOR_LED = 0.5  # driven by assumptions: what the facts do not inform accounts for this share of the variance
LEAST_RECORD = 3  # earlier plans without which their record is no forecast
BINS = 8  # of draws, for a probability over a driver


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
    probability_as_printed: float | None = None  # of the value as many years before the last as the plan's base lags
    expected_shortfall: float | None = None
    refused: str | None = None  # why nothing is said, of an indicator that the model has
    untold: str | None = None  # why no probability is given of what is computed
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
            "probability_as_printed": self.probability_as_printed,
            "expected_shortfall": self.expected_shortfall,
            "first_year_met": self.first_year_met,
            "rivals": self.rivals,
            "flags": list(self.flags),
            "refused": self.refused,
            "untold": self.untold,
            "verdict": self.verdict,
            "note": t.note,
        }

    def as_row(self) -> dict[str, Any]:
        """Give the finding as a row of a table."""
        content = self.as_dict()
        rivals = content.pop("rivals")
        content["flags"] = "; ".join(content["flags"])
        for rival, keys in (
            ("random_walk", ("median", "probability")),
            ("growth_continues", ("median", "met")),
            ("outside_view", ("median", "probability")),
            ("pool", ("median", "probability")),
        ):
            for key in keys:
                content[f"{rival}_{key}"] = (rivals.get(rival) or {}).get(key)
        return content


@dataclass(frozen=True)
class Ranks:
    """The place by citations in the last year: how likely each is, and the margin to the target's place."""

    place: int
    distribution: dict[int, float]
    margin_log: dict[str, float]  # median, p05, p95 of ln(citations / those of the rival in that place)


@dataclass(frozen=True)
class Finance:
    """Why R&D over GDP is what it is, and how the probability of its target hangs on what drives it."""

    periods: tuple[Decomposition, ...]
    curves: tuple[Conditional, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give the finance ready for JSON."""
        periods, curves = [p.as_dict() for p in self.periods], [asdict(c) for c in self.curves]
        return {"decomposition": periods, "probability_over": curves}


@dataclass(frozen=True)
class Reach:
    """The answer for one scenario. ``joint`` speaks of the headline targets that are modelled.

    ``number_met`` speaks of those among them of which the facts let the model say something. A joint probability is
    None where that of one of its targets is refused, and where there are no such targets.
    """

    ensemble: Ensemble
    outcomes: Outcomes
    findings: tuple[Finding, ...]
    joint: dict[str, Probability | None]
    joint_targets: dict[str, tuple[str, ...]]
    number_met: tuple[float, ...]
    binding_target: str | None
    memo: dict[str, dict[str, float]]  # name -> median, p05, p95 in the last year, in the money of the plan
    ranks: Ranks | None  # of the place by citations, if the plan has a target for it
    finance: Finance | None  # if those who pay, not the plan, set what is spent
    regimes: tuple[Regime, ...]  # whether money or candidates hold hiring back, if the model says

    @property
    def run(self) -> Run:
        """The draws by year; raises ValueError if they were not asked for."""
        if self.outcomes.whole is None:
            raise ValueError("the draws by year were not kept")
        return self.outcomes.whole

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The draws, (draw, year); raises ValueError if they were not asked for."""
        return self.run.dataset()

    @property
    def draws(self) -> int:
        """How many there are."""
        return self.outcomes.draws

    @property
    def has_joint(self) -> bool:
        """Tell whether several targets are measurable, so that something is to be said of all together."""
        return len(self.joint_targets["measurable"]) > 1

    def refused(self, group: str) -> tuple[Finding, ...]:
        """Give the findings for which a joint probability is refused."""
        return tuple(f for f in self.findings if f.refused and f.target.indicator in self.joint_targets[group])

    @cached_property
    def dependence(self) -> dict[str, Dependence | None]:
        """By group, why its joint probability is not the product of its targets' own; None where there is no chance."""
        return {n: self._dependence(n) if p else None for n, p in self.joint.items()}

    def _dependence(self, group: str) -> Dependence:
        return dependence(self.ensemble, {n: self.outcomes.met[n] for n in self.joint_targets[group]})

    def rows(self) -> list[dict[str, Any]]:
        """Give a row of a table for each target."""
        return [{"scenario": self.ensemble.scenario.name, **f.as_row()} for f in self.findings]

    def as_dict(self) -> dict[str, Any]:
        """Give the answer ready for JSON."""
        return {
            **self.ensemble.provenance(self.draws),
            "settings": list(self.ensemble.scenario.settings),
            "title": self.ensemble.scenario.title,
            "expect": self.ensemble.scenario.expect or None,
            "targets": [f.as_dict() for f in self.findings],
            "joint": {n: p.value if p else None for n, p in self.joint.items()},
            "joint_interval": {n: [p.low, p.high] if p else None for n, p in self.joint.items()},
            "joint_targets": {n: list(t) for n, t in self.joint_targets.items()},
            "dependence": {n: asdict(d) if d else None for n, d in self.dependence.items()},
            "number_met": list(self.number_met),
            "binding_target": self.binding_target,
            "memo": {n: {"unit": self.ensemble.scenario.plan.country.currency, **v} for n, v in self.memo.items()},
            "citation_ranks": asdict(self.ranks) if self.ranks else None,
            "finance": self.finance.as_dict() if self.finance else None,
            "regimes": [r.as_dict() for r in self.regimes],
        }


def reach(
    ensemble: Ensemble, draws: int, progress: Callable[[int], None] | None = None, *, whole: bool = True
) -> Reach:
    """Run a scenario and hold it against the plan's targets; the draws by year are kept only if ``whole``."""
    targets = ensemble.scenario.plan.targets
    with ThreadPoolExecutor(1) as meanwhile:
        meanwhile.submit(getattr, scipy, "special")  # which takes as long to import as a kernel to compile
        outcomes = gather(ensemble, draws, whole, progress)
    sets, met = ensemble.parameter_sets(0, draws), outcomes.met
    of_assumptions = assumed.shares(outcomes.decisive, assumed.assumed(ensemble, draws))
    led = {n for n, share in of_assumptions.items() if share >= PRIOR_LED}
    findings = tuple(
        _modelled(ensemble, outcomes, t, sets, t.indicator in led) if t.indicator in met else _not_modelled(ensemble, t)
        for t in targets
    )
    refused = {f.target.indicator for f in findings if f.refused}
    untold = {f.target.indicator for f in findings if f.untold}
    grouped = groups([t for t in targets if t.indicator in {*met, *refused} - untold])
    counted = [t.indicator for t in grouped["all"] if t.indicator in met]
    count = np.sum([met[n] for n in counted], axis=0, dtype=int) + np.zeros(draws, dtype=int)
    chances = {
        f.target.indicator: f.probability.value for f in findings if f.target.kind == "headline" and f.probability
    }
    short = outcomes.of("short").get("candidates")
    return Reach(
        ensemble,
        outcomes,
        findings,
        {n: _jointly(group, met, sets) for n, group in grouped.items()},
        {n: tuple(t.indicator for t in group) for n, group in grouped.items()},
        tuple(float(c) / draws for c in np.bincount(count, minlength=len(counted) + 1)),
        min(chances, key=chances.__getitem__) if chances else None,
        {n: _interval(v) for n, v in outcomes.of("memo").items()},
        _ranks(ensemble, outcomes) if has_ranks(ensemble) else None,
        _finance(ensemble, outcomes) if has_finance(ensemble) else None,
        () if short is None else regimes(short, {n: met[n] for n in counted}, sets),
    )


def _ranks(ensemble: Ensemble, outcomes: Outcomes) -> Ranks:
    ranks, margins = (outcomes.of(kind)[RANK] for kind in ("decisive", "margin"))
    return Ranks(place_asked(ensemble), rank_distribution(ranks), _interval(margins))


def _finance(ensemble: Ensemble, outcomes: Outcomes) -> Finance:
    plan = ensemble.scenario.plan
    (target,) = (t for t in plan.targets if t.indicator == "rd_intensity")
    name = f"{INDICATORS['rd_intensity'].label} {target.comparator} {target.value:g} {target.unit} in {plan.end}"
    met = outcomes.met["rd_intensity"]
    return Finance(
        tuple(summarised(outcomes.of(period_name(*years)), *years) for years in periods(ensemble)),
        tuple(
            Conditional(name, words, DRIVERS[words], conditional_probability(met, by, BINS))
            for words, by in outcomes.of("driver").items()
            if np.ptp(by) > 0.0
        ),
    )


def _jointly(group: list[Target], met: dict[str, Condition], sets: SetNumbers) -> Probability | None:
    if not group or any(t.indicator not in met for t in group):
        return None
    return estimate(np.all([met[t.indicator] for t in group], axis=0), sets)


def _interval(values: Array) -> dict[str, float]:
    p05, median, p95 = np.quantile(values, [0.05, 0.5, 0.95])
    return {"median": float(median), "p05": float(p05), "p95": float(p95)}


def _facts(ensemble: Ensemble, target: Target) -> dict[int, float]:
    evidence = ensemble.posterior.evidence
    if target.indicator not in evidence.model.indicators:
        return {}
    return {y: value for y, (value, _) in evidence.indicator(target.indicator).items()}


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
    flags = {
        "met-at-base": met_at_base,
        "nominal": target.indicator in INDICATORS and INDICATORS[target.indicator].nominal,
        "unmeasurable": bool(target.unmeasurable),
        "without facts": _without_facts(ensemble, target),
        "monitoring": target.kind == "monitoring",
        "directional": target.kind == "directional",
    }
    return tuple(flag for flag, raised in flags.items() if raised)


def _without_facts(ensemble: Ensemble, target: Target) -> bool:
    """Tell whether a target that facts could speak of has none: what is said of it follows from priors alone."""
    indicator = INDICATORS.get(target.indicator)
    return target.unmodelled is None and indicator is not None and not indicator.above and not _facts(ensemble, target)


def _modelled(ensemble: Ensemble, outcomes: Outcomes, target: Target, sets: SetNumbers, prior_led: bool) -> Finding:
    plan, name = ensemble.scenario.plan, target.indicator
    last, met, by_year = outcomes.decisive[name], outcomes.met[name], outcomes.met_by_year[name]
    at_base = float(np.median(outcomes.of("at base")[name]))  # of a rise since the base year there is none yet
    shared: dict[str, Any] = {"median_at_base": at_base if np.isfinite(at_base) else None, **_interval(last)}
    shared["rivals"] = _rivals(ensemble, target, last)
    flags = _flags(ensemble, target)
    if reason := target.untold_under(ensemble.scenario.cuts):
        return Finding(target, *_growth_of(ensemble, target), flags, UNTOLD, untold=reason, **shared)
    chance = estimate(met, sets)
    slack = target.rounding / 2.0 * (-1.0 if target.comparator == ">=" else 1.0)
    missed = ~met
    half = by_year[plan.base_year - plan.start + 1 :] / len(met) >= 0.5
    return Finding(
        target,
        *_growth_of(ensemble, target),
        flags=(*flags, "driven by assumptions") if prior_led else flags,
        verdict=verdict(chance.value),
        probability=chance,
        probability_rounded=float(np.mean(meets(last, target.value + slack, target.comparator))),
        probability_as_printed=float(by_year[-1 - target.reference_lag] / len(met)) if target.reference_lag else None,
        expected_shortfall=float(np.mean(np.abs(last[missed] - target.value))) if missed.any() else None,
        first_year_met=int(plan.base_year + 1 + np.argmax(half)) if half.any() else None,
        **shared,
    )


def _not_modelled(ensemble: Ensemble, target: Target) -> Finding:
    """Say of a target nothing but why: the model has no such indicator, or the facts do not give what it needs."""
    growth, flags = _growth_of(ensemble, target), _flags(ensemble, target)
    lacking = () if target.unmodelled else ensemble.lacking(target.indicator)
    if not lacking:
        return Finding(target, *growth, (*flags, "unmodelled"), "not modelled")
    what = ", ".join(in_words(n) for n in lacking)
    reason = f"{ensemble.posterior.evidence.information_set} does not tell {what}"
    return Finding(target, *growth, (*flags, "refused"), "refused", refused=reason)


def _rivals(ensemble: Ensemble, target: Target, last: Array) -> dict[str, Any]:
    """Give the rivals of a target, and the pool of the random walk with what the model says of its year, (draw,)."""
    evidence = ensemble.posterior.evidence
    record = evidence.record(target.indicator, evidence.month)
    beside = rivals.beside(target, ensemble.scenario.plan, _facts(ensemble, target), record, LEAST_RECORD)
    walk, continued, view = beside.random_walk, beside.growth_continues, beside.outside_view
    met = None if continued is None else bool(meets(np.array(continued), target.value, target.comparator))
    return {
        "random_walk": asdict(walk) if walk else None,
        "growth_continues": None if continued is None else {"median": continued, "met": met},
        "outside_view": asdict(view) if view else None,
        "pool": _pool(ensemble, target, last),
    }


def _pool(ensemble: Ensemble, target: Target, last: Array) -> dict[str, float] | None:
    facts = {y: v for y, v in _facts(ensemble, target).items() if y <= ensemble.scenario.plan.base_year}
    walk = rivals.walk(facts, ensemble.scenario.plan.end, INDICATORS[target.indicator].trend)
    if walk is None:
        return None
    pooled = rivals.pooled(last, walk)
    return {**_interval(pooled), "probability": float(np.mean(meets(pooled, target.value, target.comparator)))}
