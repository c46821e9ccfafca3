"""Inference: whether the facts are met, what they taught, and whether anything else got in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fiveyear.calibration.fit import Fit, Problem
from fiveyear.calibration.fit import fit as refitted
from fiveyear.calibration.information import inside, latent, replicated
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.random_numbers import normals
from fiveyear.calibration.residual_test import flagged
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Scenario

from .behaviour import SEED, projected
from .check import Figure, counted, least, worst

WITHIN = 2.0  # sds
BAND = 0.9
FORECASTS = 2000  # draws
OPEN = ("applications_per_100_fte", "invention_patents_per_10k", "technology_market_value")


def plausible_facts(problem: Problem) -> Figure:
    """Series of facts that look like another unit, or like their years in another order, before any fit."""
    return counted([str(flag) for flag in flagged(problem)])


def residuals(fit: Fit) -> Figure:
    """Share of the facts within 2 errors of measurement of the most probable run."""
    gaps = np.abs(fit.problem.standardised(fit.mode[None, :])[0])
    far = fit.problem.observations[int(np.argmax(gaps))]
    return Figure(float(np.mean(gaps <= WITHIN)), f"farthest: {far.series} {far.year}, {gaps.max():.1f} sd")


def last_year_held_out(evidence: Evidence) -> Figure | None:
    """Share of the series whose last figure lies in the 90 % band of a fit without that year."""
    held = forecasts_of_the_last_year(evidence)
    if not held:
        return None
    outside = [n for n, (fact, drawn) in held.items() if not inside(np.array([fact]), drawn[:, None], BAND)[0]]
    return Figure(1.0 - len(outside) / len(held), f"of {len(held)}; outside: {', '.join(outside) or 'none'}")


def forecasts_of_the_last_year(evidence: Evidence) -> dict[str, tuple[float, Array]]:
    """Give the last figure of each series and what a fit to earlier ones says of it, with its errors: (draw,).

    Parameters and shocks are those of the fit; of the last year, shocks are from their prior. The given Series are
    those of the last year.
    """
    base = evidence.plan.base_year
    problem, held = evidence.problem(), refitted(evidence.problem(base - 1))
    z = held.sample(normals(SEED, "the last year", 0, FORECASTS, len(problem.names)))
    return {
        fact.series: _with_error(fact.value, fact.sd, drawn, fact.series)
        for fact, drawn in zip(problem.observations, problem.predict(z).T, strict=True)
        if fact.year == base
    }


def _with_error(fact: float, sd: float, drawn: Array, name: str) -> tuple[float, Array]:
    return fact, drawn + sd * normals(SEED, f"figure of {name}", 0, len(drawn), 1)[:, 0]


def open_a_priori(evidence: Evidence, problem: Problem, scenario: Scenario) -> Figure | None:
    """Top over bottom of the prior's 90 % band of applications per person-year, patents and contracts: the least."""
    z = normals(SEED, "prior", 0, FORECASTS, len(problem.names))
    projection = projected(evidence, problem, z, scenario)
    ends = {n: np.quantile(projection[n][:, -1], [0.05, 0.95]) for n in OPEN if n in projection}
    return least({n: float(high / low) for n, (low, high) in ends.items()}) if ends else None


def contraction(posterior: Posterior) -> Figure:
    """Least share of its prior variance that the facts took away from any fitted number; below 0 it grew."""
    return least(posterior.contraction)


def predictive(problem: Problem, posterior: Posterior) -> Figure:
    """Share of the facts inside the 90 % band of facts as the posterior would have made them."""
    z = latent(problem, posterior.parameters, posterior.shocks)
    facts = np.array([f.value for f in problem.observations])
    caught = inside(facts, replicated(problem, z, SEED, "facts again"), BAND)
    missed = [f"{f.series} {f.year}" for f, c in zip(problem.observations, caught, strict=True) if not c]
    return Figure(float(np.mean(caught)), f"outside: {', '.join(missed) or 'none'}")


def targets_are_no_data(evidence: Evidence, fit: Fit) -> Figure:
    """Move of the most probable parameters when every target is doubled, and what else a posterior must match by."""
    moved = tuple(t.model_copy(update={"value": 2.0 * t.value, "rounding": 9.0}) for t in evidence.plan.targets)
    other = replace(evidence, plan=replace(evidence.plan, targets=moved))
    changed = [n for n, digest in other.identity.items() if digest != evidence.identity[n]]
    gap = float(np.abs(refitted(other.problem()).mode - fit.mode).max())
    return Figure(gap + len(changed), ", ".join(changed))


# -- sampling -----------------------------------------------------------------------------------------------
def r_hat(posterior: Posterior) -> Figure:
    """Scatter of a fitted number over all ensembles together, over that inside each, by ranks: largest."""
    return worst(posterior.convergence.r_hat)


def ess_bulk(posterior: Posterior) -> Figure:
    """Independent draws that the sampled ones are worth in the middle of a fitted number: least."""
    return least(posterior.convergence.ess_bulk)


def ess_tail(posterior: Posterior) -> Figure:
    """Independent draws that the sampled ones are worth at the ends of a fitted number: least."""
    return least(posterior.convergence.ess_tail)


def autocorrelation_times(posterior: Posterior) -> Figure:
    """Length of each chain in autocorrelation times of a fitted number: least."""
    convergence = posterior.convergence
    return least({n: convergence.steps / time for n, time in convergence.autocorrelation_time.items()})
