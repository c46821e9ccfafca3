"""Whether an answer is earned: what the priors alone would say, and what other facts would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fiveyear import model
from fiveyear.calibration import posterior
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.fit import Problem, fit
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.random_numbers import normals
from fiveyear.experiments.ensemble import Ensemble
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_scenario

DRAWS, SEED = 1000, 2011
PARTS = {
    "rd_funds_government": "rd_expenditure",
    "rd_funds_enterprise": "rd_expenditure",
    "rd_expenditure_basic": "rd_expenditure",
    "rd_expenditure_applied": "rd_expenditure",
    "invention_applications_total": "invention_applications_domestic",
}


def projected(known: Evidence, problem: Problem, z: Array, scenario: str, *keep: str) -> dict[str, Array]:
    """Give the indicators, and what else to keep, (draw, year), of the model alone with these latent numbers."""
    parameters, surprises = problem.values(z)
    believed = Posterior(known, parameters, surprises, {}, {}, 0.0)
    found = Ensemble(load_scenario(scenario), believed, SEED).run_model(len(z), keep)
    return {str(n): v.values for n, v in found.items()}


def of_july_2011() -> Evidence:
    return posterior.evidence(load_scenario("plan").plan, "july2011", model.load())


@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_the_prior_alone_does_not_know_the_answer(scenario: str) -> None:
    known = of_july_2011()
    problem = known.problem()
    z = normals(SEED, "prior", 0, DRAWS, len(problem.names))
    found = projected(known, problem, z, scenario)
    for name in ("applications_per_100_fte", "invention_patents_per_10k", "technology_market_value"):
        low, high = np.quantile(found[name][:, -1], [0.05, 0.95])
        assert high / low > 2.0, (name, low, high)


def halved(known: Evidence) -> Evidence:
    """Give the facts of a placebo country: each series from the same first figure, with half the growth."""

    def slower(fact: Fact, first: Fact) -> Fact:
        if fact.unit == "%/year":  # a growth itself
            return replace(fact, value=fact.value / 2.0)
        value = float(np.sqrt(fact.value * first.value))
        return replace(fact, value=value, sd=fact.sd * value / fact.value)

    facts = {s: {y: slower(f, series[min(series)]) for y, f in series.items()} for s, series in known.facts.items()}
    for part, whole in PARTS.items():  # parts of a sum shrink as the sum does, or would no longer add up to it
        scale = {y: f.value / known.facts[whole][y].value for y, f in facts[whole].items()}
        facts[part] = {
            y: replace(f, value=f.value * scale[y], sd=f.sd * scale[y]) for y, f in known.facts[part].items()
        }
    return replace(known, facts=facts)


def test_a_placebo_country_with_half_the_growth_is_projected_to_grow_about_half_as_much() -> None:
    grown = {}
    for name, known in (("true", of_july_2011()), ("placebo", halved(of_july_2011()))):
        found = fit(known.problem())
        z = found.sample(normals(SEED, "placebo", 0, DRAWS, len(found.problem.names)))
        said = projected(known, found.problem, z, "behavioural", "citations")
        grown[name] = {n: np.median(np.log(v[:, -1] / v[:, 0])) for n, v in said.items() if np.all(v[:, [0, -1]] > 0)}
    for indicator in (
        "rd_intensity",
        "rd_fte_per_10k_employed",
        "invention_patents_per_10k",
        "applications_per_100_fte",
        "technology_market_value",
        "civic_scientific_literacy",
        "citations",
    ):
        share = grown["placebo"][indicator] / grown["true"][indicator]
        print(f"{indicator:28} ln growth 2005-15: {grown['true'][indicator]:.2f}, placebo x {share:.2f}")
        assert grown["true"][indicator] > 0.0
        assert 0.2 < share < 0.8, indicator
