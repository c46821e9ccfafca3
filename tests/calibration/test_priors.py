"""Priors: the maps from the standard normal against scipy.stats, and what is refused in the file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.posterior import Evidence
from fiveyear.calibration.priors import (
    Bounded,
    Distribution,
    HalfNormal,
    Lognormal,
    Normal,
    Together,
    Uniform,
    read_priors,
)
from fiveyear.model import Model
from fiveyear.scenarios import Plan, load_plan, plan_names

SHARES = np.array([1e-6, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0 - 1e-6])
Z = stats.norm.ppf(SHARES)
MIDDLING = np.linspace(-2.0, 2.0, 9)


def normal(mean: float, sd: float) -> Normal:
    return Normal(distribution="normal", mean=mean, sd=sd, unit="1", assumed="a test")


def lognormal(median: float, sigma: float) -> Lognormal:
    return Lognormal(distribution="lognormal", median=median, sigma=sigma, unit="1", assumed="a test")


def uniform(low: float, high: float) -> Uniform:
    return Uniform(distribution="uniform", low=low, high=high, unit="1", assumed="a test")


def half_normal(sd: float) -> HalfNormal:
    return HalfNormal(distribution="half_normal", sd=sd, unit="1", assumed="a test")


# -- quantiles ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("low", "high"), [(-np.inf, np.inf), (-1.0, 1.5), (0.3, 0.4), (0.0, np.inf), (-9.0, -0.5)])
def test_a_normal_prior_has_the_quantiles_of_the_truncated_normal(low: float, high: float) -> None:
    mean, sd = 0.2, 0.6
    exact = stats.truncnorm.ppf(SHARES, (low - mean) / sd, (high - mean) / sd, mean, sd)
    assert Bounded(normal(mean, sd), low, high)(Z) == pytest.approx(exact, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("low", "high"), [(0.0, np.inf), (-1.0, 5.0), (2.0, 3.5), (0.1, 3.0)])
def test_a_lognormal_prior_has_the_quantiles_of_the_truncated_lognormal(low: float, high: float) -> None:
    whole = stats.lognorm(0.4, scale=3.0)
    exact = whole.ppf(whole.cdf(low) + SHARES * (whole.cdf(high) - whole.cdf(low)))
    assert Bounded(lognormal(3.0, 0.4), low, high)(Z) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 9.0), (0.3, 9.0), (-1.0, 0.35), (0.28, 0.3)])
def test_a_uniform_prior_has_the_quantiles_of_the_uniform_inside_the_hard_range(low: float, high: float) -> None:
    ends = max(low, 0.25), min(high, 0.40)
    exact = stats.uniform.ppf(SHARES, ends[0], ends[1] - ends[0])
    assert Bounded(uniform(0.25, 0.40), low, high)(Z) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("low", "high"), [(0.0, np.inf), (-1.0, 1.0), (0.02, 1.0), (0.0, 0.06)])
def test_a_half_normal_prior_has_the_quantiles_of_the_truncated_half_normal(low: float, high: float) -> None:
    exact = stats.truncnorm.ppf(SHARES, max(low, 0.0) / 0.05, high / 0.05, 0.0, 0.05)
    assert Bounded(half_normal(0.05), low, high)(Z) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("distribution", [normal(0.0, 1.0), lognormal(1.0, 3.0), uniform(0.0, 2.0), half_normal(1.0)])
def test_no_number_however_far_out_leaves_the_hard_range(distribution: Distribution) -> None:
    values = Bounded(distribution, 0.1, 1.1)(np.array([-40.0, -9.0, 9.0, 40.0]))
    assert np.all((values >= 0.1) & (values <= 1.1))
    assert np.all(np.diff(values) >= 0.0)


@pytest.mark.parametrize(("low", "high"), [(-np.inf, np.inf), (0.1, 1.1), (0.3, 0.35), (-9.0, 0.3)])
@pytest.mark.parametrize("distribution", [normal(0.2, 0.6), lognormal(1.0, 0.8), uniform(0.0, 2.0), half_normal(0.3)])
def test_a_share_stands_for_the_same_value_as_its_normal_number(
    distribution: Distribution, low: float, high: float
) -> None:
    one = Bounded(distribution, low, high)
    assert one.at(SHARES) == pytest.approx(one(Z), rel=1e-9)  # Z itself is no nearer in the upper tail


def test_every_shipped_prior_is_the_distribution_that_it_names(known: Mapping[str, Evidence], model: Model) -> None:
    priors = known["july2011"].priors
    for name, d in {**priors.parameters, **{n: s.yearly for n, s in priors.surprises.items()}}.items():
        declared = model.parameters.get(name) or model.series[name]
        match d:
            case Normal():
                whole = stats.norm(d.mean, d.sd)
            case Lognormal():
                whole = stats.lognorm(d.sigma, scale=d.median)
            case Uniform():
                whole = stats.uniform(d.low, d.high - d.low)
            case HalfNormal():
                whole = stats.halfnorm(scale=d.sd)
        low, high = whole.cdf([declared.low, declared.high])
        found = (whole.cdf(Bounded(d, declared.low, declared.high)(Z)) - low) / (high - low)
        assert found == pytest.approx(SHARES, rel=1e-6, abs=1e-9), name
        # dx/dz is the density of z over that of x, which is cut at the hard range.
        one = Bounded(d, declared.low, declared.high)
        by_density = stats.norm.pdf(MIDDLING) / (whole.pdf(one(MIDDLING)) / (high - low))
        values, slopes = Together([one]).with_slopes(MIDDLING[None])
        assert np.array_equal(values[0], one(MIDDLING)), name
        assert slopes[0] == pytest.approx(by_density, rel=1e-6), name


def test_distributions_worked_out_at_once_are_those_one_by_one() -> None:
    kinds: list[Distribution] = [normal(0.2, 0.6), lognormal(1.0, 0.8), uniform(0.0, 2.0), half_normal(0.3)]
    every = [Bounded(d, low, high) for low, high in ((0.1, 1.1), (-np.inf, np.inf), (0.0, 0.9)) for d in kinds]
    together = Together(every)
    z = np.random.default_rng(2).standard_normal((len(every), 19))
    values, slopes = together.with_slopes(z)
    assert np.array_equal(together(z), values)
    for row, one in enumerate(every):
        alone, slope = Together([one]).with_slopes(z[row : row + 1])
        assert np.array_equal(values[row], one(z[row]))
        assert np.array_equal(values[row], alone[0]) and np.array_equal(slopes[row], slope[0])


@pytest.mark.parametrize("name", plan_names())
def test_the_shock_of_a_year_is_normal_with_a_mean_of_nil_and_the_stated_sd(name: str) -> None:
    plan = load_plan(name)
    surprises = read_priors(plan.folder / "priors.toml", plan.model).surprises
    stated = tomllib.loads((plan.folder / "priors.toml").read_text(encoding="utf-8"))["surprises"]
    assert set(surprises) == set(stated)
    for series, of in surprises.items():
        assert (of.yearly.mean, of.yearly.sd, of.yearly.unit) == (0.0, stated[series]["yearly_sd"], "1/year")


def test_every_behavioural_flow_has_a_shock(known: Mapping[str, Evidence], model: Model) -> None:
    surprises = set(known["july2011"].priors.surprises)
    assert surprises == {n for n in model.series if n.endswith("_surprise")}
    assert len(surprises) == 9


def test_every_parameter_has_a_prior_or_a_value_in_the_plan_and_none_has_both(
    known: Mapping[str, Evidence], plan: Plan, model: Model
) -> None:
    priors = set(known["july2011"].priors.parameters)
    assert priors | set(plan.parameters) == set(model.parameters)
    assert not priors & set(plan.parameters)


# -- faults -------------------------------------------------------------------------------------------------
FAULTS = {
    "a misspelt name": ("[parameters.hiring_time]", "[parameters.hirring_time]", "parameters.hirring_time: the model"),
    "a surprise of no Series": ("[surprises.capacity_s", "[surprises.kapacity_s", "surprises.kapacity_surprise: the"),
    "an outlook of no Series": ("[outlook.population]", "[outlook.populace]", "outlook.populace: the model has no"),
    "a misspelt key": ("median = 1.2e6", "medain = 1.25e6", "parameters.researchers_at_start.median: "),
    "an unknown distribution": ('"uniform"', '"triangular"', "parameters.high_tech_share_ceiling: Input tag"),
    "a negative median": ("median = 1.2e6", "median = -1.25e6", "parameters.researchers_at_start.median: "),
    "an sd of nothing": ("sd = 0.15", "sd = 0.0", "parameters.cost_elasticity.sd: Input should be greater"),
    "a NaN": ("mean = 0.35", "mean = nan", "parameters.cost_elasticity.mean: Input should be a finite number"),
    "a text for a number": ("mean = 0.35", 'mean = "0.35"', "parameters.cost_elasticity.mean: Input should be"),
    "no provenance": (
        'source = "Hall, Mairesse & Mohnen 2010"\n',
        "",
        "parameters.obsolescence_rate: give either source or assumed",
    ),
    "both source and assumed": (
        'source = "Hall, Mairesse & Mohnen 2010"',
        'source = "Hall, Mairesse & Mohnen 2010"\nassumed = "guess"',
        "parameters.obsolescence_rate: give either source or assumed",
    ),
    "the wrong unit": ('unit = "yuan/person/year"', 'unit = "yuan/year"', "parameters.reference_cost.unit: is yuan"),
    "a unit nobody knows": ('unit = "yuan/person/year"', 'unit = "yuna"', "parameters.reference_cost.unit: "),
    "ends the wrong way round": ("low = 0.25\nhigh = 0.40", "low = 0.40\nhigh = 0.25", "high_tech_share_ceiling: no v"),
    "a prior outside the hard range": (
        "low = 0.25\nhigh = 0.40",
        "low = 0.7\nhigh = 0.8",
        "ceiling.low: found 0.7 share, expected 0.25 to 0.6",
    ),
    "an autocorrelation of 1": ("autocorrelation = 0.5", "autocorrelation = 1.0", "outlook.gdp_real.autocorrelation: "),
    "following nothing": ('follows = "gdp_real"', 'follows = "gdp"', "outlook.price_level.follows: gdp has no outlook"),
    "following itself": ('follows = "gdp_real"', 'follows = "price_level"', "price_level has no outlook of its own"),
    "a cut-off that is no month": ('"2011-07"', '"July 2011"', "information_sets.july2011.by: String should match"),
    "no TOML": ("[parameters.hiring_time]", "[parameters.hiring_time", "cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_key(tmp_path: Path, plan: Plan, model: Model, fault: str) -> None:
    right, wrong, message = FAULTS[fault]
    text = (plan.folder / "priors.toml").read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "priors.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CalibrationError, match=re.escape(message)):
        read_priors(file, model)


def test_all_faults_are_told_at_once(tmp_path: Path, plan: Plan, model: Model) -> None:
    text = (plan.folder / "priors.toml").read_text(encoding="utf-8")
    file = tmp_path / "priors.toml"
    file.write_text(text.replace("hiring_time", "hirring_time").replace('"person"', '"yuan"', 1), encoding="utf-8")
    with pytest.raises(CalibrationError) as refused:
        read_priors(file, model)
    assert [f.split(":")[0] for f in refused.value.faults] == [
        "parameters.researchers_at_start.unit",
        "parameters.hirring_time",
    ]


def test_the_fingerprint_is_of_what_the_fit_depends_on_and_of_no_source_nor_of_what_comes_after(
    tmp_path: Path, plan: Plan, model: Model
) -> None:
    text = (plan.folder / "priors.toml").read_text(encoding="utf-8")
    found = {}
    for name, (right, wrong) in {
        "as shipped": ("", ""),
        "reworded": ("schools and surveys change slowly", "so it is"),
        "another outlook": ("mean = 9.2", "mean = 7.0"),
        "a wider epoch": ("epoch_sd = 0.058", "epoch_sd = 0.1"),
        "more is retained": ("retained = 0.65", "retained = 0.9"),
        "how much more": ("retained_sd = 0.2", "retained_sd = 0.3"),
        "wider shocks": ("yearly_sd = 0.3", "yearly_sd = 0.2"),
        "wider prior": ("sigma = 0.06", "sigma = 0.07"),
    }.items():
        file = tmp_path / "priors.toml"
        assert right in text
        file.write_text(text.replace(right, wrong, 1) if right else text, encoding="utf-8")
        found[name] = read_priors(file, model).fingerprint
    changed = {name for name, fingerprint in found.items() if fingerprint != found["as shipped"]}
    assert changed == {"wider shocks", "wider prior"}
    assert found["wider shocks"] != found["wider prior"]
