"""Behaviour: whether the model moves as theory says, and whether what it has been given matters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fiveyear.calibration.facts import Fact
from fiveyear.calibration.fit import Fit, Problem
from fiveyear.calibration.fit import fit as refitted
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.random_numbers import normals
from fiveyear.calibration.sampler import Convergence
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.model import INDICATORS, Engine, Inputs, Model, simulate
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Scenario, load_scenario

from . import steady_state
from .check import Figure, least, worst
from .extremes import PLANNED, changed, planned
from .numerics import indicators_of


def steady_state_of_the_whole(model: Model, median: Inputs) -> Figure | None:
    """Where a constant economy stands after 200 years with all loops closed, against its closed form: largest gap."""
    return steady_state.gap(model, median, ())


def steady_state_of_the_plan(model: Model, median: Inputs) -> Figure | None:
    """The same with spending as planned and output as foreseen: largest gap, relative."""
    return steady_state.gap(planned(model), median, PLANNED)


# -- prices -------------------------------------------------------------------------------------------------
PLAIN: Engine = "reference"  # what is looked at is the equations themselves
DEARER = 3.7  # by how much all prices are multiplied
NOMINAL = {
    *("price_level", "gdp", "gdp_counted", "revenue", "cost_per_researcher", "technology_contracts", "tax_forgone"),
    *("gdp_at_start", "gdp_foreseen", "gdp_budgeted", "gdp_in_view", "growth_carried_on", "level_learned"),
    *("rd_planned", "rd_decided", "rd_counted", "rd_spending", "government_rd", "enterprise_rd", "other_rd"),
    *("manufacturing_value_added", "high_tech_value_added", "technology_market_value"),
}


def prices(model: Model, draws: Inputs) -> Figure:
    """Change of any variable or indicator with prices 3.7 times as high, but for those in current prices: largest."""
    in_prices = {n: v for n, v in {**draws.parameters, **draws.series}.items() if n in NOMINAL}
    dearer = changed(draws, **{n: DEARER * np.asarray(v) for n, v in in_prices.items()})
    indicators = indicators_of(model)
    before, after = (
        simulate(model, inputs, indicators, keep=model.names, engine=PLAIN).dataset() for inputs in (draws, dearer)
    )
    gaps = {}
    for name in map(str, before):
        was, now = before[name].values, after[name].values / (DEARER if name in NOMINAL else 1.0)
        gap = np.abs(now - was)
        gaps[name] = np.divide(gap, np.abs(was), out=gap, where=(gap != 0.0) & (was != 0.0))
    return worst({n: g[~np.isnan(g)] for n, g in gaps.items() if not np.isnan(g).all()})


# -- spending -----------------------------------------------------------------------------------------------
FED_BY_SPENDING = ("researchers", "knowledge", "applications", "patents_in_force", "technology_contracts", "papers")


def more_spending(model: Model, draws: Inputs) -> Figure:
    """Rise of people, knowledge, applications, patents, contracts and papers with a tenth more R&D: least, relative."""
    cut, more = planned(model), changed(draws, planned_rd_intensity=1.1 * draws.series["planned_rd_intensity"])
    kept = [n for n in FED_BY_SPENDING if n in model.units]
    before, after = (simulate(cut, inputs, {}, kept, engine=PLAIN).dataset().isel(year=-1) for inputs in (draws, more))
    return least({n: after[n].values / before[n].values - 1.0 for n in kept})


# -- loops --------------------------------------------------------------------------------------------------
#: A scenario in which a loop is at work.
CLOSING = {
    "FINANCE": "behavioural",
    "R1": "endogenous_growth",
    "R3": "enterprise_led",
    "R4": "plan",
    "B2": "accelerated",
    "B3": "plan",
    "B4": "plan",
    "B6": "ideas_from_knowledge",
    "B7": "plan",
    "B8": "midterm_review",
}


def loops_at_work(ensemble: Ensemble) -> Figure | None:
    """Move of the indicator of the last year that cutting a loop moves most, in the median run: least of all loops."""
    moves = moved_by_loops(ensemble)
    if not moves:
        return None
    loop = min(moves, key=lambda n: moves[n].value)
    return Figure(moves[loop].value, f"{loop} moves {moves[loop].at} most")


def moved_by_loops(ensemble: Ensemble) -> dict[str, Figure]:
    """Give, by loop, how far cutting it moves the indicator that it moves most, where it is at work."""
    return {n: moved_most(variant, n) for n, variant in at_work(ensemble).items()}


def at_work(ensemble: Ensemble) -> dict[str, Ensemble]:
    """Give, by loop, the same under a scenario in which it is at work.

    An information set may cut a loop, lack what a scenario that closes it needs, or leave it no indicator to move:
    such a loop is left out.
    """
    scenarios = {loop: load_scenario(name) for loop, name in CLOSING.items()}
    of_plan = {n: s for n, s in scenarios.items() if s.plan.content == ensemble.scenario.plan.content}
    closed = {loop: replace(ensemble, scenario=s) for loop, s in of_plan.items()}
    return {
        n: variant
        for n, variant in closed.items()
        if n in _closed(variant) and variant.indicators == ensemble.indicators
    }


def _closed(ensemble: Ensemble) -> set[str]:
    """Give the loops that are closed and that some indicator depends on."""
    behind = ensemble.model.upstream(r.variable for i in ensemble.indicators.values() for r in i.readings)
    read = {n for n, loop in ensemble.model.loops.items() if {loop.source, loop.reader} <= set(behind)}
    return read - set(ensemble.model.cuts)


def moved_most(ensemble: Ensemble, loop: str) -> Figure:
    """Give how far cutting a loop moves the indicator of the last year that it moves most, in the median run.

    In per cent, or in points of what is itself a growth, a rise, a share of growth or a rank.
    """
    inputs = ensemble.median_inputs()
    closed, cut = (
        simulate(wired, inputs, ensemble.indicators, engine=PLAIN).dataset().isel(year=-1, draw=0)
        for wired in (ensemble.model, ensemble.model.cut([loop]))
    )
    points = {n for n, i in INDICATORS.items() if i.above or i.unit == "rank"}
    moves = {n: cut[n] - closed[n] if n in points else 100.0 * (cut[n] / closed[n] - 1.0) for n in ensemble.indicators}
    return worst({n: abs(float(move)) for n, move in moves.items()})


# -- a placebo ----------------------------------------------------------------------------------------------
NOTHING_SAMPLED = Convergence({}, {}, {}, {}, steps=0, walkers=0, ensembles=0)
GROWING = (
    *("rd_intensity", "rd_fte_per_10k_employed", "invention_patents_per_10k", "applications_per_100_fte"),
    *("technology_market_value", "civic_scientific_literacy", "citations"),
)
AHEAD = tuple(n for n in GROWING if n not in ("civic_scientific_literacy", "citations"))  # of which it is asked
PARTS = {
    "rd_funds_government": "rd_expenditure",
    "rd_funds_enterprise": "rd_expenditure",
    "rd_expenditure_basic": "rd_expenditure",
    "rd_expenditure_applied": "rd_expenditure",
    "invention_applications_total": "invention_applications_domestic",
}
PLACEBO_DRAWS = 1000
SEED = 2011


def has_placebo(evidence: Evidence) -> bool:
    """Tell whether the facts are those of which a placebo country can be made."""
    return {*PARTS, *PARTS.values()} <= set(evidence.facts)


def placebo(evidence: Evidence, fit: Fit, deciding: Scenario | None) -> Figure | None:
    """Growth to the last year from facts with half the growth, over that from the facts: the one farthest from .5."""
    if deciding is None or not has_placebo(evidence):
        return None
    shares = placebo_shares(evidence, fit, deciding)
    name = max(shares, key=lambda n: abs(shares[n] - 0.5))
    return Figure(shares[name], name)


def placebo_shares(evidence: Evidence, fit: Fit, scenario: Scenario) -> dict[str, float]:
    """Give, by indicator, the median growth of a placebo country over that of the country, in logarithms."""
    slow = halved(evidence)
    true, half = _growth(evidence, fit, scenario), _growth(slow, refitted(slow.problem()), scenario)
    return {n: half[n] / true[n] for n in true}


def _growth(evidence: Evidence, fit: Fit, scenario: Scenario, first: int = 0) -> dict[str, float]:
    z = fit.sample(normals(SEED, "placebo", 0, PLACEBO_DRAWS, len(fit.problem.names)))
    projection = projected(evidence, fit.problem, z, scenario, "citations")
    return {
        n: float(np.median(np.log(projection[n][:, -1] / projection[n][:, first]))) for n in GROWING if n in projection
    }


def placebo_ahead(evidence: Evidence, fit: Fit, deciding: Scenario | None) -> Figure | None:
    """The same from the base year on, where outside forecasts see half the growth, too: the one farthest from .6."""
    if deciding is None or not has_placebo(evidence):
        return None
    shares = placebo_shares_ahead(evidence, fit, deciding)
    name = max(shares, key=lambda n: abs(shares[n] - 0.6))
    return Figure(shares[name], f"{name} ({', '.join(f'{n} {v:.2f}' for n, v in shares.items())})")


def placebo_shares_ahead(evidence: Evidence, fit: Fit, scenario: Scenario) -> dict[str, float]:
    """Give, of ``AHEAD``, the median growth of a placebo country after the base year over that of the country."""
    slow = halved(evidence)
    outlook = {n: c.model_copy(update={"mean": c.mean / 2.0}) for n, c in slow.priors.outlook.items()}
    slow = replace(slow, priors=slow.priors.model_copy(update={"outlook": outlook}))
    base = scenario.plan.base_year - scenario.plan.start
    true = _growth(evidence, fit, scenario, base)
    half = _growth(slow, refitted(slow.problem()), scenario, base)
    return {n: half[n] / true[n] for n in true if n in AHEAD}


def projected(evidence: Evidence, problem: Problem, z: Array, scenario: Scenario, *keep: str) -> dict[str, Array]:
    """Give the indicators, and what else to keep, (draw, year), with these latent numbers."""
    believed = Posterior(evidence, *problem.values(z), {}, NOTHING_SAMPLED)
    dataset = Ensemble(scenario, believed, SEED).run(len(z), keep).dataset()
    return {str(n): v.values for n, v in dataset.items()}


def halved(evidence: Evidence) -> Evidence:
    """Give the facts of a placebo country: each series from the same first figure, with half the growth."""

    def slower(fact: Fact, first: Fact) -> Fact:
        if fact.unit == "%/year":  # a growth itself
            return replace(fact, value=fact.value / 2.0)
        value = float(np.sqrt(fact.value * first.value))
        return replace(fact, value=value, sd=fact.sd * value / fact.value)

    facts = {s: {y: slower(f, series[min(series)]) for y, f in series.items()} for s, series in evidence.facts.items()}
    for part, total in PARTS.items():  # parts of a sum shrink as the sum does, or would no longer add up to it
        scale = {y: f.value / evidence.facts[total][y].value for y, f in facts[total].items()}
        whole = evidence.facts[part].items()
        facts[part] = {y: replace(f, value=f.value * scale[y], sd=f.sd * scale[y]) for y, f in whole}
    return replace(evidence, facts=facts)
