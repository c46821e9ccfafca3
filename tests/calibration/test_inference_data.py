"""What ArviZ is given is what was believed and what was printed, in chains of walkers."""

from __future__ import annotations

from collections.abc import Mapping

import arviz_base
import numpy as np
import pytest
import xarray as xr
from scipy import integrate, stats

from fiveyear.calibration import sampler
from fiveyear.calibration.fit import fit
from fiveyear.calibration.inference_data import inference_data
from fiveyear.calibration.posterior import Evidence, load
from fiveyear.calibration.sampler import Walk, places, sample
from fiveyear.model.quantities import Array

Groups = Mapping[str, xr.Dataset]


@pytest.fixture(scope="module")
def tree(known: Mapping[str, Evidence]) -> Groups:
    given = arviz_base.convert_to_datatree(inference_data(load(known["july2011"])))
    return {name: group.to_dataset() for name, group in given.children.items()}


def test_arviz_takes_all_groups_with_named_dimensions(tree: Groups) -> None:
    assert {*tree} == {
        "posterior", "log_likelihood", "log_prior", "sample_stats", "posterior_predictive", "observed_data",
        "prior", "prior_predictive",
    }  # fmt: skip
    assert tree["posterior"]["propensity"].sizes == {"chain": 8, "draw": 80}
    assert tree["posterior"]["propensity_surprise"].sizes == {"chain": 8, "draw": 80, "year": 6}
    assert tree["log_prior"].sizes == tree["posterior"].sizes
    assert tree["log_likelihood"]["facts"].dims == ("chain", "draw", "fact")
    assert tree["posterior_predictive"]["rd_fte"].sizes == {"chain": 8, "draw": 80, "year_of_rd_fte": 6}
    assert tree["observed_data"]["rd_fte"]["year_of_rd_fte"].values.tolist() == [*range(2005, 2011)]
    assert "rd_fte 2007" in tree["log_likelihood"]["fact"].values
    assert tree["posterior"]["propensity"].attrs["units"] == "application/person/year"


def test_the_posterior_holds_every_kept_draw_once_and_to_the_bit(tree: Groups, known: Mapping[str, Evidence]) -> None:
    kept = load(known["july2011"])
    for name, values in {**kept.parameters, **kept.shocks}.items():
        told = tree["posterior"][name].values
        assert np.array_equal(np.sort(told.reshape(640, -1), axis=0), np.sort(values.reshape(-1, 640).T, axis=0)), name


def test_a_chain_is_of_neighbouring_walkers_each_in_order_of_time(tree: Groups) -> None:
    walkers, steps = (tree["sample_stats"][n].values.ravel() for n in ("walker", "step"))
    assert sorted(set(walkers.tolist())) == [*range(32)]
    assert np.all(np.diff(walkers) >= 0)
    assert np.all(np.diff(steps)[np.diff(walkers) == 0] > 0)
    assert max(len(set(chain.tolist())) for chain in walkers.reshape(8, 80)) <= 5


@pytest.mark.slow
def test_a_draw_is_of_the_walker_and_the_step_that_it_is_said_to_be_of(
    known: Mapping[str, Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[tuple[Walk, Array]] = []
    on = Walk.on

    def noted(walk: Walk, count: int) -> Array:
        chain = on(walk, count)
        walked.append((walk, chain))
        return chain

    monkeypatch.setattr(Walk, "on", noted)
    monkeypatch.setattr(sampler, "WARM_UP", (5,))
    monkeypatch.setattr(sampler, "LEAPS", 8)  # where a trajectory leads is another matter
    best = fit(known["july2011"].problem())
    z, convergence = sample(best, steps=30)
    walk, chain = walked[-1]
    walker, step = places(convergence, len(z))
    states = chain[step, walker]
    expected = states + walk._trajectories.target.offset(states)
    assert np.array_equal(z[:, np.array(best.problem.informed)], expected)


def test_the_log_likelihood_is_of_the_facts_under_each_draw(tree: Groups, known: Mapping[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    told = tree["log_likelihood"]["facts"]
    assert told["series"].values.tolist() == [f.series for f in problem.observations]
    normal = [n for n, f in enumerate(problem.observations) if f.rounding == 0.0]
    place = normal[0]
    fact = problem.observations[place]
    least = -np.log(fact.sd * np.sqrt(2.0 * np.pi))  # of a fact that is met
    assert float(told[..., place].max()) <= least
    assert float(told[..., place].max()) == pytest.approx(least, abs=0.1)


@pytest.mark.parametrize("name", ["mainland_share", "hiring_time", "literacy_ceiling"])
def test_the_density_of_a_prior_has_the_sum_1(name: str, known: Mapping[str, Evidence]) -> None:
    problem = known["july2011"].problem()
    ladder = np.linspace(-8.0, 8.0, 4001)
    z = np.zeros((len(ladder), len(problem.names)))
    z[:, problem.names.index(name)] = ladder
    values, density = problem.values(z)[0][name], np.exp(problem.log_prior(z)[name])
    assert integrate.trapezoid(density, values) == pytest.approx(1.0, abs=1e-4)


def test_lp_is_the_sum_of_both(tree: Groups) -> None:
    parts = [tree["log_likelihood"]["facts"].sum("fact")]
    parts += [v.sum([d for d in v.dims if d == "year"]) for v in tree["log_prior"].data_vars.values()]
    assert sum(p.values for p in parts) == pytest.approx(tree["sample_stats"]["lp"].values, rel=1e-12)


def test_the_observed_data_are_what_was_printed(tree: Groups, known: Mapping[str, Evidence]) -> None:
    evidence = known["july2011"]
    printed = [f.to(evidence.model.units["researchers_counted"]) for f in evidence.facts["rd_fte"].values()]
    assert tree["observed_data"]["rd_fte"].values.tolist() == [f.value for f in printed if f.year >= 2005]


def test_the_prior_is_that_of_the_file(tree: Groups, known: Mapping[str, Evidence]) -> None:
    prior = known["july2011"].priors.parameters["mainland_share"]
    exact = stats.norm(prior.mean, prior.sd)  # type: ignore[union-attr]  # whose bounds cut nothing off
    assert stats.kstest(tree["prior"]["mainland_share"].values[0], exact.cdf).pvalue > 0.01


def test_most_facts_lie_within_what_the_posterior_foretells(tree: Groups) -> None:
    inside = []
    for series, printed in tree["observed_data"].data_vars.items():
        foretold = tree["posterior_predictive"][str(series)]
        low, high = foretold.quantile([0.025, 0.975], ("chain", "draw")).values
        inside += ((low <= printed.values) & (printed.values <= high)).tolist()
    assert np.mean(inside) >= 0.9
