"""The method at an origin: fitted to the facts up to a year, and what it then says of each series that is scored."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fiveyear import model
from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.history import Facts, counted_once, history
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.rivals import LEAST_CHANGES
from fiveyear.model import INDICATOR_FACTS, STATISTICS, Indicator, Unit
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Plan, Scenario, YearlyPath, load_plan

#: The series that every plan is scored on; the indicators of its targets come with them.
SERIES = (*STATISTICS, "technology_market_value", "civic_scientific_literacy")
YEARLY = tuple(n for n in SERIES if n != "civic_scientific_literacy")  # surveys are years apart


def up_to(facts: Facts, year: int) -> dict[str, dict[int, Fact]]:
    """Give the facts of no year after this one; a series without any is left out."""
    kept = {n: {y: f for y, f in by_year.items() if y <= year} for n, by_year in facts.items()}
    return {n: by_year for n, by_year in kept.items() if by_year}


def at_origin(
    name: str,
    origin: int | None,
    horizon: int | None,
    information_set: str | None,
    seed: int,
    later: Facts | None = None,
) -> Method:
    """Fit the method to the facts up to an origin, by default the plan's base year, to forecast up to a horizon.

    The arguments are those of ``known_at``. Where the origin is the base year, the plan's posterior is taken.
    """
    evidence = known_at(name, origin, horizon, information_set, later)
    is_kept = evidence.plan.base_year == load_plan(name).base_year
    fitted = posterior.load(evidence) if is_kept else posterior.calibrate(evidence)[1]
    return Method(Ensemble(_unplanned(evidence), fitted, seed))


def known_at(
    name: str, origin: int | None, horizon: int | None, information_set: str | None, later: Facts | None = None
) -> posterior.Evidence:
    """Give what was known at an origin, by default the plan's base year; the plan ends ``horizon`` years after it.

    By default that is its own end. ``later``: facts after the base year, for origins after it; those of series that the
    plan has facts of count. Raises ModelError if the plan is unknown, and CalibrationError with every fault if the
    origin has too few facts.
    """
    plan = load_plan(name)
    evidence = posterior.evidence(plan, information_set)
    origin = plan.base_year if origin is None else origin
    horizon = plan.end - origin if horizon is None else horizon
    continued = _continued(evidence, later or {})
    early = up_to(continued, origin)
    faults = _faults(plan, origin, horizon, early, max(y for years in continued.values() for y in years))
    if faults:
        raise CalibrationError(f"backtest of the plan {plan.name}", faults)
    evidence = replace(evidence, plan=replace(plan, base_year=origin, end=origin + horizon), facts=early)
    # What no fact tells of by then is not carried on.
    outlook = {n: course for n, course in evidence.priors.outlook.items() if n in evidence.history}
    return replace(evidence, priors=evidence.priors.model_copy(update={"outlook": outlook}))


def _continued(evidence: posterior.Evidence, later: Facts) -> Facts:
    """Give the facts of a plan with those of later years, of the same series; none of them follows from others."""
    base = evidence.plan.base_year
    added = {n: {y: f for y, f in later.get(n, {}).items() if y > base} for n in evidence.facts}
    return counted_once({n: {**years, **added[n]} for n, years in evidence.facts.items()}, evidence.model)


def _faults(plan: Plan, origin: int, horizon: int, early: Facts, last: int) -> list[str]:
    if not plan.start < origin <= last:
        between = f"{plan.start + 1} to {last}"
        return [f"--origin {origin}: expected a year with facts to fit, {between}"]
    faults = [] if horizon >= 1 else [f"--horizon {horizon}: expected a year or more after the origin, {origin}"]
    counts = {n: len(early.get(n, {})) for n in YEARLY}
    least = LEAST_CHANGES + 1
    return faults + [
        f"--origin {origin}: {n} has {count} facts up to then; expected {least} or more, as a random walk needs"
        for n, count in counts.items()
        if count < least
    ]


def _unplanned(evidence: posterior.Evidence) -> Scenario:
    """Give the scenario of nobody following a plan: spending is decided where that can be told, or else goes on."""
    plan, origin = evidence.plan, evidence.plan.base_year
    cuts, paths = plan.cuts, plan.paths
    if evidence.problem().can_run(evidence.model.observations["rd_expenditure"].readings):
        cuts = tuple(c for c in cuts if c != "FINANCE")
        # The budgets of the first year are still those of the origin, in part.
        paths = {
            **paths,
            "plan_followed": YearlyPath(origin, ((plan.start, 1.0), (origin, 1.0), (origin + 1, 0.0))),
            "planned_rd_intensity": YearlyPath(origin, ((origin + 1, 0.0),), numbers="growth"),
        }
    return Scenario(
        name=f"{plan.name}_unplanned",
        title="Nobody follows a plan",
        expect="",
        plan=plan,
        parameters=plan.parameters,
        paths=paths,
        cuts=cuts,
        settings=(),
        content={},
    )


@dataclass(frozen=True)
class Method:
    """The ensemble of a plan that ends at the horizon, under what was known at the origin."""

    ensemble: Ensemble

    @property
    def evidence(self) -> posterior.Evidence:
        """What was known at the origin."""
        return self.ensemble.posterior.evidence

    @property
    def plan(self) -> Plan:
        """The plan, with the origin for its base year and the horizon for its end."""
        return self.ensemble.scenario.plan

    @property
    def years(self) -> range:
        """The years after the origin."""
        return range(self.plan.base_year + 1, self.plan.end + 1)

    @cached_property
    def scored(self) -> dict[str, Indicator]:
        """What is scored: the series, and the indicators of targets, of which the method can say something."""
        targets = [t.indicator for t in self.plan.targets if t.indicator in INDICATOR_FACTS]
        indicators = self.evidence.model.statistics | self.evidence.model.indicators
        wanted = {n: indicators[n] for n in dict.fromkeys((*SERIES, *targets)) if n in indicators}
        return {n: i for n, i in wanted.items() if self.evidence.problem().can_run(i.readings)}

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the forecasts follow from, but for their random numbers."""
        priors = self.evidence.priors
        ahead = [
            {n: t.model_dump(exclude={"source", "assumed"}) for n, t in sorted(tables.items())}
            for tables in (priors.outlook, priors.surprises)
        ]
        content = [self.evidence.identity, ahead, list(self.scored), self.plan.end, self.ensemble.scenario.cuts]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def facts(self, name: str, evidence: posterior.Evidence | None = None) -> dict[int, tuple[float, float]]:
        """Give what facts, by default those of the origin, say of what is scored: year -> (value, sd)."""
        evidence = evidence or self.evidence
        if name in evidence.model.indicators:
            return evidence.indicator(name)
        unit = Unit.parse(evidence.model.statistics[name].unit)
        return {y: (f.to(unit).value, f.to(unit).sd) for y, f in evidence.facts.get(name, {}).items()}

    def is_given(self, name: str) -> bool:
        """Tell whether what is scored follows from given Series alone: then it scores the outlook, not the model."""
        counted = self.ensemble.model.upstream([self.scored[name].numerator.variable])
        return not set(counted) & set(self.ensemble.posterior.parameters)

    def draws(self, count: int, turned_out: Facts | None = None) -> dict[str, Array]:
        """Give what the method says of each scored series, (draw, year), from the first simulated year on.

        ``turned_out``: facts of the years after the origin, which all that the model is given then follows.
        """
        ensemble = self.ensemble
        inputs = ensemble.inputs(0, count)
        if turned_out is not None:
            inputs = inputs.but({}, self._given_as(turned_out))
        return model.simulate(ensemble.model, inputs, self.scored, engine=ensemble.engine).values

    def _given_as(self, turned_out: Facts) -> dict[str, Array]:
        """Give the given Series, (year,), going on from the origin at the growth of later facts, of any vintage."""
        facts = {n: {**self.evidence.facts.get(n, {}), **later} for n, later in turned_out.items()}
        actual, ahead = history(facts, self.plan.start, self.plan.end, self.evidence.model), len(self.years)
        series = {}
        for name in set(actual) & set(self.evidence.priors.outlook) & set(self.evidence.history):
            past, came = self.evidence.history[name], actual[name]
            if came[-1 - ahead] != 0.0:
                series[name] = np.concatenate([past, past[-1] * came[-ahead:] / came[-1 - ahead]])
        return series
