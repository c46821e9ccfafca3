"""What a study reports, counted: each function looks at a part of the subject and says whether it is all there."""

from __future__ import annotations

import importlib
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import metadata, version
from typing import Any, NamedTuple

from fiveyear.calibration.fit import Fit, Problem
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.random_numbers import normals
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach.uncertainty import WORDS
from fiveyear.experiments.structure.exchange import Export
from fiveyear.model import INDICATORS, Inputs, Model, simulate
from fiveyear.model.docstrings import docstring
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import Scenario, scenarios_of

from . import inference, numerics, structure

SOFTWARE = ("fiveyear", "numpy", "scipy", "xarray")
UNINFORMED = 0.5  # of the prior variance: if facts took away less, what is said is mostly the prior
YEAR = re.compile(r"\b1[89]\d\d\b|\b20\d\d\b")


class Found(NamedTuple):
    """Whether all that is to be reported is there, and the count or fact that says so."""

    met: bool
    says: str


def _all_of(flags: Iterable[object], what: str) -> Found:
    present = [bool(flag) for flag in flags]
    return Found(all(present) and bool(present), f"{sum(present)} of {len(present)} {what}")


# -- the model ----------------------------------------------------------------------------------------------
def equations(whole: Model) -> Found:
    """Give how many equations have a formula."""
    return _all_of((str(e.term) for e in whole.equations.values()), "equations have their formula read off the code")


def definitions(whole: Model) -> Found:
    """Give how many variables have a sentence."""
    return _all_of(map(whole.about, whole.names), "variables are defined in a sentence")


def units(whole: Model) -> Found:
    """Give how many equations keep the unit that is stated."""
    count, wrong = len(whole.equations), int(structure.units(whole).value)
    return Found(not wrong, f"{count - wrong} of {count} equations give the unit that all their readers state")


def values(model: Model, evidence: Evidence, problem: Problem) -> Found:
    """Give how many of the parameters that the plan needs have a number, or a distribution of it."""
    given = {*evidence.plan.parameters, *problem.parameters}
    return _all_of((n in given for n in model.parameters), "parameters have a fixed value or a prior")


def initial_values(whole: Model) -> Found:
    """Give how many stocks and delays have an initial value."""
    initials = [s.initial for s in whole.stocks.values()] + [c.initial for c in whole.chains.values()]
    empty = initials.count("")
    what = f"stocks and delays say what they start from; {empty} of them start empty"
    return _all_of((not n or n in whole.units for n in initials), what)


def inputs(model: Model, median: Inputs) -> Found:
    """Give how many series that the plan needs have numbers."""
    return _all_of((n in median.series for n in model.series), "series over time have their yearly numbers")


def mechanisms(whole: Model) -> Found:
    """Give how many sectors and loops are explained."""
    sectors = set(whole.sectors.values())
    heads = [docstring(importlib.import_module(f"fiveyear.model.sectors.{sector}")) for sector in sorted(sectors)]
    what = f"sectors and loops are put in words ({len(sectors)} sectors, {len(whole.loops)} loops)"
    return _all_of((*heads, *(loop.about for loop in whole.loops.values())), what)


def sources_of_parameters(evidence: Evidence, model: Model) -> Found:
    """Give how many parameters have a source, or a reason."""
    tables: Mapping[str, Any] = evidence.plan.content.get("parameters", {})
    fixed = {n: (t.get("source"), t.get("assumed")) for n, t in tables.items()}
    drawn = {n: (d.source, d.assumed) for n, d in evidence.priors.parameters.items()}
    origins = {n: both for n, both in {**drawn, **fixed}.items() if n in model.parameters}
    sourced = sum(bool(source) for source, _ in origins.values())
    tally = _all_of((any(origins.get(n, ())) for n in model.parameters), "parameters say where their numbers are from")
    return Found(tally.met, f"{tally.says}: {sourced} a source, {len(origins) - sourced} an assumption and why")


def sources_of_facts(evidence: Evidence) -> Found:
    """Give how many facts have a source."""
    facts = [f for series in evidence.facts.values() for f in series.values()]
    return _all_of(
        (f.source and f.vintage for f in facts), f"facts have a source and a vintage, in {len(evidence.facts)} series"
    )


def literature(whole: Model) -> Found:
    """Give how many sectors cite any work, by a year in the words about them."""
    texts: dict[str, list[str]] = {}
    for name, equation in whole.equations.items():
        texts.setdefault(whole.sectors[name], []).append(equation.about)
    for sector, sentences in texts.items():
        sentences.append(docstring(importlib.import_module(f"fiveyear.model.sectors.{sector}")))
    citing = {sector: any(YEAR.search(text) for text in sentences) for sector, sentences in texts.items()}
    without = sorted(sector for sector, cites in citing.items() if not cites)
    lacking = f"; without: {', '.join(without)}" if without else ""
    return _all_of(citing.values(), f"sectors with equations cite the work they follow{lacking}")


def exchange(scenario: Scenario, evidence: Evidence) -> Found:
    """Write the plan's own scenario for other programs."""
    called = scenario.name if scenario.plan.named else scenario.file
    size = len(Export(scenario=called, facts=evidence.information_set).file())
    return Found(size > 0, f"{scenario.name} as XMILE, {size / 1000:.0f} kB")


def licence() -> Found:
    """Give the licence that the package states."""
    package_metadata = metadata("fiveyear")
    stated = "License-Expression" in package_metadata
    return Found(stated, package_metadata["License-Expression"] if stated else "none is stated")


# -- the simulations ----------------------------------------------------------------------------------------
def software() -> Found:
    """Give the versions at work here."""
    versions = [f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in SOFTWARE)]
    return Found(True, ", ".join(versions))


def method(ensemble: Ensemble, median: Inputs) -> Found:
    """Give the method that a run says it was integrated by, and the order that it shows."""
    order = numerics.rk4_order().value
    method_name = simulate(ensemble.model, median, {}).attributes["method"]
    says = f"Runge-Kutta, order {order:.2f} as measured; Euler for comparison with other programs"
    return Found(method_name == "rk4", says)


def step(ensemble: Ensemble, median: Inputs) -> Found:
    """Give the step that a run says it took."""
    longest_step = simulate(ensemble.model, median, {}).attributes["step"]
    says = f"{longest_step:g} years at most; steps end at year ends and where a path bends"
    return Found(longest_step == DEFAULT_STEP, says)


def period(median: Inputs) -> Found:
    """Give the years of a run."""
    years = f"{median.first_year} to {median.last_year}; facts up to {median.base_year}"
    return Found(bool(median.settled_years), years)


def scenarios(scenario: Scenario) -> Found:
    """Give how many of the changes that scenarios make have a source, or a reason."""
    of_plan = scenarios_of(scenario.plan)
    tables = [t for s in of_plan for group in ("paths", "parameters") for t in s.content[group].values()]
    tally = _all_of((t.get("source") or t.get("assumed") for t in tables), "changes say where their numbers are from")
    return Found(tally.met, f"{len(of_plan)} scenarios; {tally.says}")


def runs(ensemble: Ensemble) -> Found:
    """Tell whether a result says how it was made."""
    provenance = ensemble.provenance(1)
    wanted = ("scenario", "facts", "draws", "seed", "engine", "settings")
    return Found(set(wanted) <= set(provenance), f"each result says its {', '.join(wanted)}")


def seeds(ensemble: Ensemble) -> Found:
    """Draw the same numbers in two companies."""
    again = [normals(ensemble.seed, "checklist", start, 8, 4)[-4:].tobytes() for start in (0, 4)]
    keyed = "a counter-based stream (Philox), keyed by seed, purpose and draw"
    return Found(again[0] == again[1], f"seed {ensemble.seed} by default; {keyed}: a draw is the same in any company")


def outcomes() -> Found:
    """Give how many indicators are defined."""
    defined = (i.about and i.coverage and i.unit for i in INDICATORS.values())
    return _all_of(defined, "indicators state numerator, denominator, unit and coverage")


def sensitivity() -> Found:
    """Give in how many ways a probability is taken apart."""
    return Found(len(WORDS) > 1, f"each probability in {len(WORDS)} ways: {'; '.join(WORDS.values())}")


def repeatable(model: Model, draws: Inputs) -> Found:
    """Compute the same with two engines."""
    gap = numerics.engines(model, draws)
    if gap is None:
        return Found(False, "the compiled kernel is not installed: only one engine")
    return Found(gap.value <= 1e-12, f"two engines agree to {gap.value:.1g}")


# -- the estimation -----------------------------------------------------------------------------------------
def data(problem: Problem) -> Found:
    """Give what is compared with the model."""
    facts = problem.observations
    years = sorted({f.year for f in facts})
    of = f"{len(problem.observed)} series, {years[0]} to {years[-1]}"
    return _all_of((f.sd > 0.0 for f in facts), f"compared facts have an error of measurement: {of}")


def payoff(problem: Problem) -> Found:
    """Give which facts have which likelihood."""
    rounded = sum(f.rounding != 0.0 for f in problem.observations)
    exact = len(problem.observations) - rounded
    kinds = f"{exact} facts with a normal error, {rounded} as the interval that they were rounded to"
    return Found(exact + rounded > 0, f"likelihood x prior; {kinds}")


def search_space(problem: Problem) -> Found:
    """Give how many fitted parameters are bounded."""
    bounded = [b.low < b.high for b in problem.parameters.values()]
    shocks = len(problem.names) - len(bounded)
    return _all_of(bounded, f"fitted parameters have a prior inside a hard range, and {shocks} yearly shocks")


def search(posterior: Posterior) -> Found:
    """Give how much was sampled, and how well ensembles agree."""
    convergence, worst = posterior.convergence, inference.r_hat(posterior).value
    steps = f"{convergence.steps} steps each after a warm-up"
    sampled = f"{convergence.ensembles} ensembles of {convergence.walkers} walkers, {steps}"
    return Found(convergence.ensembles > 1 and worst < 1.01, f"{sampled}; R-hat at most {worst:.3f}")


def results(posterior: Posterior) -> Found:
    """Give how many parameter sets are kept."""
    return Found(posterior.size >= 400, f"{posterior.size} sets of {len(posterior.parameters)} parameters")


def intervals(posterior: Posterior) -> Found:
    """Give how many parameters have an interval, and how many of those are the prior's."""
    little = sum(c < UNINFORMED for n, c in posterior.contraction.items() if n in posterior.parameters)
    tally = _all_of((n in posterior.contraction for n in posterior.parameters), "parameters have draws and contraction")
    return Found(tally.met, f"{tally.says}; of {little} the facts took away less than half of the prior variance")


def goodness(fit: Fit) -> Found:
    """Give how well the fit follows the facts."""
    figure = inference.residuals(fit)
    return Found(True, f"{figure.value:.0%} of the facts within 2 sd; {figure.at}")


def held_out(evidence: Evidence) -> Found:
    """Give how well a fit to earlier years foretells the last."""
    figure = inference.last_year_held_out(evidence)
    if figure is None:
        return Found(False, "no series has an earlier figure to fit and a last one to foretell")
    return Found(True, f"{figure.value:.0%} of the last year's figures in the 90 % band {figure.at}")
