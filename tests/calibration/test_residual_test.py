"""The test of facts before a fit: silent on what is right and on the model's own, loud on wrong units and years."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import Fact
from fiveyear.calibration.fit import Problem, fit
from fiveyear.calibration.posterior import Evidence, evidence
from fiveyear.calibration.residual_test import flagged, require_plausible
from fiveyear.model import Model
from fiveyear.scenarios import load_plan

YearsOfFacts = Mapping[int, Fact]


def changed(known: Evidence, series: str, change: Callable[[YearsOfFacts], YearsOfFacts]) -> Problem:
    """Give the problem with one series of facts changed."""
    facts = {**known.facts, series: change(known.facts[series])}
    return replace(known.problem(), facts=facts)


def times(factor: float) -> Callable[[YearsOfFacts], YearsOfFacts]:
    return lambda years: {y: replace(f, value=factor * f.value, sd=factor * f.sd) for y, f in years.items()}


def reordered(years: YearsOfFacts, order: list[int]) -> YearsOfFacts:
    labels = sorted(years)
    return {y: replace(years[labels[place]], year=y) for y, place in zip(labels, order, strict=True)}


@pytest.mark.parametrize(
    ("plan", "name"),
    [("twelfth", "july2011"), ("twelfth", "yearbook"), ("twelfth", "plan-only"), ("eleventh", "yearbook")],
)
def test_nothing_is_flagged_in_the_shipped_facts(model: Model, plan: str, name: str) -> None:
    assert flagged(evidence(load_plan(plan), name).problem()) == []


def test_at_least_19_of_20_twins_made_by_the_model_itself_pass(known: Mapping[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    found = fit(problem)
    generator = np.random.default_rng(6)
    z = found.sample(generator.standard_normal((20, len(problem.names))))
    passed = 0
    for said in problem.predict(z):
        twin: dict[str, dict[int, Fact]] = {n: dict(years) for n, years in problem.facts.items()}
        for fact, value in zip(problem.observations, said, strict=True):
            twin[fact.series][fact.year] = replace(fact, value=float(value + fact.sd * generator.standard_normal()))
            if fact.series == "rd_expenditure":  # who paid for it is told by the same survey
                for funds in ("rd_funds_government", "rd_funds_enterprise"):
                    scaled = twin[funds].get(fact.year)
                    ratio = twin[fact.series][fact.year].value / fact.value
                    twin[funds] |= {fact.year: replace(scaled, value=ratio * scaled.value)} if scaled else {}
        passed += not flagged(replace(problem, facts=twin))
    assert passed >= 19


@pytest.mark.parametrize("factor", [10.0, 1e4])
def test_every_series_in_a_unit_that_is_off_is_flagged(known: Mapping[str, Evidence], factor: float) -> None:
    passed = [s for s in known["july2011"].facts if not flagged(changed(known["july2011"], s, times(factor)))]
    assert passed == []


@pytest.mark.parametrize("factor", [10.0, 1e4])
def test_of_the_series_that_are_compared_it_is_the_one_in_the_wrong_unit_that_is_named(
    known: Mapping[str, Evidence], factor: float
) -> None:
    for series in known["july2011"].problem().observed:
        named = {f.series for f in flagged(changed(known["july2011"], series, times(factor)))}
        assert any(series in name for name in named), series


def test_every_series_that_is_compared_is_flagged_with_its_years_in_another_order(
    known: Mapping[str, Evidence],
) -> None:
    july, generator, tried = known["july2011"], np.random.default_rng(1), set()
    for series in july.problem().observed:
        years = {y: f for y, f in july.facts[series].items() if y >= july.plan.start}
        count = len(years)
        for order in [list(range(count))[::-1], *(generator.permutation(count).tolist() for _ in range(6))]:
            wrong = reordered(years, order)
            if all(errors_apart(years[y], wrong[y]) < 3.0 for y in years):
                continue  # nobody could tell
            named = {f.series for f in flagged(changed(july, series, lambda known, wrong=wrong: {**known, **wrong}))}  # type: ignore[misc]
            assert any(series in name for name in named), (series, order)
            tried.add(series)
    assert set(july.problem().observed) - tried <= {"high_tech_value_added_share", "share_in_force_older_than_5_years"}


def errors_apart(one: Fact, other: Fact) -> float:
    return float(abs(one.value - other.value) / np.hypot(one.sd, other.sd))


def test_years_of_gdp_that_have_changed_places_are_flagged(known: Mapping[str, Evidence]) -> None:
    order = [0, 1, 5, 3, 4, 2, 6]
    named = {f.series for f in flagged(changed(known["july2011"], "gdp", lambda years: reordered(years, order)))}
    assert "gdp" in named


def test_a_single_wrong_figure_is_flagged(known: Mapping[str, Evidence]) -> None:
    # Grants of other countries do jump by half from year to year.
    factors = {"rd_fte": 1.5, "technology_market_value": 1.5, "invention_grants_domestic": 2.5}
    for series, factor in factors.items():

        def misprinted(years: YearsOfFacts, factor: float = factor) -> YearsOfFacts:
            return {**years, 2008: replace(years[2008], value=factor * years[2008].value)}

        assert series in {f.series for f in flagged(changed(known["july2011"], series, misprinted))}


def test_the_refusal_names_file_series_test_and_figures(known: Mapping[str, Evidence]) -> None:
    with pytest.raises(CalibrationError) as refused:
        require_plausible(changed(known["july2011"], "rd_fte", times(10.0)))
    assert "observed.csv has" in str(refused.value)
    assert any(f.startswith("rd_fte: squared distance from what the priors foresee: ") for f in refused.value.faults)
    assert any("expected" in f and "at most" in f for f in refused.value.faults)
