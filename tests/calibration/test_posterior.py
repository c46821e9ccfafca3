"""The shipped posteriors: they fit, they are small, and they are refused once anything they rest on has changed."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from fiveyear.calibration import posterior, sampler
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.fit import Problem, fit
from fiveyear.calibration.likelihood import log_probability
from fiveyear.calibration.outlook import shocks_ahead
from fiveyear.calibration.posterior import Evidence, load
from fiveyear.calibration.priors import Course, Distribution, Surprise
from fiveyear.model import Inputs, Model, integrate
from fiveyear.model.inputs import check
from fiveyear.scenarios import Plan, load_plan

SETS = ("july2011", "yearbook")


@pytest.fixture(scope="module")
def shipped(known: Mapping[str, Evidence]) -> Mapping[str, posterior.Posterior]:
    return {name: load(known[name]) for name in SETS}


# -- what is shipped ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SETS)
def test_a_posterior_is_shipped_for_each_information_set_and_the_model_takes_every_draw(
    shipped: Mapping[str, posterior.Posterior], known: Mapping[str, Evidence], model: Model, name: str
) -> None:
    found, problem = shipped[name], known[name].problem()
    assert set(found.parameters) == set(problem.parameters)
    assert set(found.shocks) == set(problem.shocks)
    assert set(found.contraction) == set(problem.names)
    assert found.size == sampler.SETS
    given = problem.inputs(found.parameters, found.shocks)
    check(model, given)  # every value inside its hard range
    assert isinstance(given, Inputs)


def test_all_posteriors_together_are_at_most_5_quarters_of_a_mib() -> None:
    files = [f for name in ("eleventh", "twelfth") for f in load_plan(name).folder.glob("*.nc")]
    assert files
    assert sum(f.stat().st_size for f in files) <= 5 * 2**18


@pytest.mark.parametrize("name", SETS)
def test_the_sampling_had_settled(shipped: Mapping[str, posterior.Posterior], name: str) -> None:
    told = shipped[name].convergence
    assert max(told.r_hat.values()) < 1.01
    assert min(*told.ess_bulk.values(), *told.ess_tail.values()) > 400


@pytest.mark.parametrize("name", SETS)
def test_the_facts_took_away_what_they_speak_of_and_not_what_they_do_not(
    shipped: Mapping[str, posterior.Posterior], name: str
) -> None:
    contraction = shipped[name].contraction
    for informed in ("researchers_at_start", "reference_contracts", "propensity", "high_tech_share_at_start"):
        assert contraction[informed] > 0.5, informed
    for silent in ("mainland_share", "high_tech_share_ceiling", "diffusion_time", "patent_effect"):
        assert abs(contraction[silent]) < 0.25, silent
    assert max(contraction.values()) < 1.0


@pytest.mark.parametrize("name", SETS)
def test_at_least_nine_in_ten_residuals_are_within_2_sd(known: Mapping[str, Evidence], name: str) -> None:
    problem = known[name].problem()
    standardised = problem.standardised(fit(problem).mode[None, :])[0]
    assert len(standardised) >= 30
    assert np.mean(np.abs(standardised) <= 2.0) >= 0.9


@pytest.mark.parametrize("name", SETS)
def test_most_facts_lie_where_the_shipped_draws_say_they_should(
    shipped: Mapping[str, posterior.Posterior], known: Mapping[str, Evidence], model: Model, name: str
) -> None:
    problem = known[name].problem()
    readings = {r for observation in model.observations.values() for r in observation.readings}
    found = integrate(model, problem.inputs(shipped[name].parameters, shipped[name].shocks), readings)
    inside = []
    for fact in problem.observations:
        top, bottom = problem.observed[fact.series]
        said = found[top][fact.year - 2005] / (1.0 if bottom is None else found[bottom][fact.year - 2005])
        inside.append(abs(fact.value - said.mean()) <= 2.0 * np.hypot(said.std(), fact.sd))
    assert np.mean(inside) >= 0.9


# -- what a posterior rests on ------------------------------------------------------------------------------
def with_fact(known: Evidence, series: str, year: int, **change: float) -> Evidence:
    facts = {s: dict(years) for s, years in known.facts.items()}
    facts[series][year] = replace(facts[series][year], **change)  # type: ignore[arg-type]
    return replace(known, facts=facts)


def with_prior(known: Evidence, group: str, name: str, **change: float) -> Evidence:
    tables: dict[str, Distribution | Course | Surprise] = dict(getattr(known.priors, group))
    tables[name] = tables[name].model_copy(update=change)
    return replace(known, priors=known.priors.model_copy(update={group: tables}))


def with_fixed_value(known: Evidence, name: str, value: float) -> Evidence:
    return replace(known, plan=replace(known.plan, parameters={**known.plan.parameters, name: value}))


def with_path(known: Evidence, name: str, points: tuple[tuple[int, float], ...]) -> Evidence:
    paths = {**known.plan.paths, name: replace(known.plan.paths[name], points=points)}
    return replace(known, plan=replace(known.plan, paths=paths))


def stale(known: Evidence) -> Mapping[str, tuple[Evidence, str]]:
    return {
        "a loop is cut": (replace(known, model=known.model.cut(("R4",))), "model structure"),
        "a fact": (with_fact(known, "rd_fte", 2010, value=256.0), "facts"),
        "an sd": (with_fact(known, "rd_fte", 2010, sd=6.0), "facts"),
        "a prior": (with_prior(known, "parameters", "hiring_time", median=1.0), "priors"),
        "a shock": (with_prior(known, "surprises", "capacity_surprise", yearly_sd=0.2), "priors"),
        "a fixed value": (with_fixed_value(known, "attrition_rate", 0.05), "fixed values"),
        "a fixed path": (with_path(known, "examiner_effort", ((2005, 1.1),)), "fixed values"),
    }


CHANGES = ("a loop is cut", "a fact", "an sd", "a prior", "a shock", "a fixed value", "a fixed path")


@pytest.mark.parametrize("change", CHANGES)
def test_a_posterior_is_refused_by_name_once_what_it_rests_on_has_changed(
    known: Mapping[str, Evidence], change: str
) -> None:
    changed, name = stale(known["july2011"])[change]
    message = f"is stale: since the fit these have changed: {name}; fit again with: fiveyear calibrate"
    with pytest.raises(CalibrationError, match=re.escape(message)) as refused:
        load(changed)
    assert "--plan twelfth --facts july2011" in str(refused.value)


def test_a_changed_reading_of_a_fact_is_refused(known: Mapping[str, Evidence], model: Model) -> None:
    observation = model.observations["rd_fte"]
    (reading,) = observation.readings
    assert reading.how == "average"
    changed = replace(observation, readings=(reading._replace(how="year end"),))
    other = replace(model, observations={**model.observations, "rd_fte": changed})
    with pytest.raises(CalibrationError, match="these have changed: comparisons"):
        load(replace(known["july2011"], model=other))


def test_all_that_has_changed_is_named(known: Mapping[str, Evidence]) -> None:
    changed = with_fact(with_fixed_value(known["yearbook"], "attrition_rate", 0.05), "rd_fte", 2010, value=256.0)
    with pytest.raises(CalibrationError, match=r"these have changed: facts, fixed values; .* --facts yearbook"):
        load(changed)


def test_targets_are_no_data_changing_one_leaves_the_posterior_bit_identical(known: Mapping[str, Evidence]) -> None:
    plan = known["july2011"].plan
    moved = tuple(t.model_copy(update={"value": 2.0 * t.value, "base": 1.0, "rounding": 9.0}) for t in plan.targets)
    changed = replace(known["july2011"], plan=replace(plan, targets=moved))
    assert changed.identity == known["july2011"].identity
    one, other = load(known["july2011"]), load(changed)
    for before, after in ((one.parameters, other.parameters), (one.shocks, other.shocks)):
        assert {n: v.tobytes() for n, v in before.items()} == {n: v.tobytes() for n, v in after.items()}
    z = np.random.default_rng(1).standard_normal((3, len(changed.problem().names)))
    assert changed.problem().residuals(z).tobytes() == known["july2011"].problem().residuals(z).tobytes()


def test_what_comes_after_the_base_year_is_no_data_either(known: Mapping[str, Evidence]) -> None:
    changed = with_prior(known["july2011"], "outlook", "gdp_real", mean=7.0, yearly_sd=9.0)
    changed = with_prior(changed, "surprises", "capacity_surprise", epoch_sd=0.1, retained=0.9, retained_sd=0.0)
    assert changed.identity == known["july2011"].identity


def test_an_unknown_information_set_is_refused_with_those_there_are(plan: Plan, model: Model) -> None:
    with pytest.raises(
        CalibrationError, match="the plan twelfth has no such information set; it has july2011, yearbook"
    ):
        posterior.evidence(plan, "july2012")


# -- files --------------------------------------------------------------------------------------------------
@pytest.fixture
def copied(tmp_path: Path, known: Mapping[str, Evidence], monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "posterior.nc"
    file.write_bytes(posterior.file_of(known["july2011"]).read_bytes())
    monkeypatch.setattr(posterior, "file_of", lambda evidence: file)
    monkeypatch.setattr(posterior, "cached_file_of", lambda evidence: tmp_path / "no_such.nc")
    return file


def refused(known: Mapping[str, Evidence]) -> str:
    with pytest.raises(CalibrationError, match="fit again with: fiveyear calibrate --plan twelfth") as error:
        load(known["july2011"])
    return str(error.value)


def test_a_missing_posterior_is_refused(copied: Path, known: Mapping[str, Evidence]) -> None:
    copied.unlink()
    assert "is not there" in refused(known)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.05, 0.3, 0.7, 0.999])
def test_a_truncated_posterior_is_refused(copied: Path, known: Mapping[str, Evidence], share: float) -> None:
    content = copied.read_bytes()
    copied.write_bytes(content[: int(share * len(content))])
    refused(known)


@pytest.mark.parametrize("start", [b"", b"CDF\x01", b"CDF\x02", b"\x89HDF\r\n\x1a\n", b"\x1f\x8b"])
def test_random_bytes_are_refused(copied: Path, known: Mapping[str, Evidence], start: bytes) -> None:
    random = np.random.default_rng(1)
    for size in (10, 1000, 100_000):
        copied.write_bytes(start + random.bytes(size))
        refused(known)


def test_a_folder_or_another_netcdf_in_its_place_is_refused(copied: Path, known: Mapping[str, Evidence]) -> None:
    copied.unlink()
    xr.Dataset({"a": (("draw",), np.arange(3.0))}).to_netcdf(copied, engine="scipy")
    assert "these have changed: information set, model structure" in refused(known)
    copied.unlink()
    copied.mkdir()
    refused(known)


def test_a_flipped_bit_is_refused_wherever_it_matters(copied: Path, known: Mapping[str, Evidence]) -> None:
    content = copied.read_bytes()
    whole = load(known["july2011"])
    random = np.random.default_rng(2)
    for place in random.integers(0, len(content), 60):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(random.integers(8))
        copied.write_bytes(damaged)
        try:
            found = load(known["july2011"])
        except CalibrationError:
            continue
        # Padding, and attributes that nobody reads, may change.
        assert all(np.array_equal(found.parameters[n], v) for n, v in whole.parameters.items()), place
        assert all(np.array_equal(found.shocks[n], v) for n, v in whole.shocks.items()), place


def test_a_posterior_that_is_saved_is_loaded_as_it_was(copied: Path, known: Mapping[str, Evidence]) -> None:
    whole = load(known["july2011"])
    before = copied.read_bytes()
    posterior.save(whole, copied)
    again = load(known["july2011"])
    assert copied.read_bytes() == before
    assert all(again.parameters[n].tobytes() == v.tobytes() for n, v in whole.parameters.items())
    assert (again.contraction, again.convergence) == (whole.contraction, whole.convergence)


# -- hold-out -----------------------------------------------------------------------------------------------
def without_2010(known: Evidence) -> Evidence:
    """Give the evidence without the figures of 2010 of all that is compared; the given Series keep theirs."""
    compared = {n for n, observation in known.model.observations.items() if observation.readings}
    facts = {
        series: {y: f for y, f in years.items() if y < 2010 or series not in compared}
        for series, years in known.facts.items()
    }
    return replace(known, facts=facts)


@pytest.mark.slow
@pytest.mark.usefixtures("briefly_sampled")
@pytest.mark.parametrize("name", SETS)
def test_a_fit_without_2010_predicts_2010_inside_its_90_percent_band_for_three_series_in_four(
    known: Mapping[str, Evidence], name: str
) -> None:
    """The forecast is the project's: parameters, shocks of 2010 from those before, and measurement error.

    The given Series (R&D spending, GDP, people) are those of 2010: the forecast is of what follows from them, and of
    the spending that those who pay decide.
    """
    held = without_2010(known[name])
    found = fit(held.problem())
    z, _ = sampler.sample(found)
    whole = known[name].problem()
    parameters, shocks = whole.values(z)
    ahead = shocks_ahead(held.priors, {n: v[:-1] for n, v in shocks.items()}, 1, 2011, 0, len(z))
    inputs = whole.inputs(parameters, shocks | {n: np.concatenate([shocks[n][:-1], v]) for n, v in ahead.items()})
    readings = integrate(whole.run_model, inputs, whole._readings)
    levels = whole._points.levels(np.array([readings[r] for r in whole._readings]))
    random, inside = np.random.default_rng(1), []
    print(f"\n{name}, 2010{'':20} {'fact':>10} {'p05':>10} {'median':>10} {'p95':>10}  inside")
    for fact, predicted in zip(whole.observations, whole._points.predicted(levels), strict=True):
        if fact.year == 2010 and np.isfinite(fact.rounding):
            error = np.hypot(fact.sd, fact.rounding / np.sqrt(12.0)) * random.standard_normal(len(z))
            p05, median, p95 = np.quantile(predicted + error, [0.05, 0.5, 0.95])
            inside.append(bool(p05 <= fact.value <= p95))
            numbers = " ".join(f"{x:10.4g}" for x in (fact.value, p05, median, p95))
            print(f"{fact.series:34} {numbers}  {inside[-1]}")
    assert len(inside) >= 7
    assert np.mean(inside) >= 0.75


def test_facts_after_the_last_year_are_held_out(known: Mapping[str, Evidence]) -> None:
    held: Problem = known["july2011"].problem(last_year=2009)
    assert {o.year for o in held.observations} == set(range(2005, 2010))
    assert held.names == known["july2011"].problem().names


def test_the_residuals_of_a_problem_are_roots_of_its_likelihood(known: Mapping[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    z = 0.1 * np.random.default_rng(3).standard_normal((4, len(problem.names)))
    value, sd, rounding = (np.array([getattr(o, k) for o in problem.observations]) for k in ("value", "sd", "rounding"))
    logs = log_probability(value, problem.predict(z), sd, rounding).sum(axis=1)
    halves = -0.5 * np.sum(problem.residuals(z) ** 2, axis=1)
    assert np.diff(logs) == pytest.approx(np.diff(halves), rel=1e-7)


def test_a_file_of_0_1_0_that_says_all_of_itself_and_nothing_of_variables_is_read(
    copied: Path, known: Mapping[str, Evidence]
) -> None:
    here = load(known["july2011"])
    with xr.open_dataset(copied, engine="scipy") as opened:
        old = opened.load()
    for name, variable in old.data_vars.items():
        for figure in ("contraction", "r_hat", "ess_bulk", "ess_tail", "autocorrelation_time"):
            numbers = np.atleast_1d(variable.attrs.pop(figure, []))
            names = [f"{name}[{y}]" for y in old["year"].values] if len(numbers) > 1 else [name]
            old.attrs |= {f"{figure} {n}": float(v) for n, v in zip(names, numbers, strict=False)}
    assert "r_hat propensity" in old.attrs
    old.to_netcdf(copied, engine="scipy")
    there = load(known["july2011"])
    assert (there.contraction, there.convergence) == (here.contraction, here.convergence)


def test_a_posterior_of_an_earlier_version_is_refused(copied: Path, known: Mapping[str, Evidence]) -> None:
    with xr.open_dataset(copied, engine="scipy") as opened:
        old = opened.load()
    for figure in ("r_hat", "ess_bulk", "ess_tail", "ensembles"):
        for variable in (old, *old.data_vars.values()):
            variable.attrs.pop(figure, None)
    old.to_netcdf(copied, engine="scipy")
    with pytest.raises(CalibrationError, match=r"is of an earlier version: .*; fit again with: fiveyear calibrate"):
        load(known["july2011"])


def test_a_problem_that_has_run_can_go_to_another_process(known: Mapping[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    latent = np.zeros((1, len(problem.names)))
    before = problem.slopes(latent)  # by machine code, which no process can hand to another
    again = pickle.loads(pickle.dumps(problem))
    assert np.array_equal(again.slopes(latent), before)
