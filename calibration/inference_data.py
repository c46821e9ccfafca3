"""What is believed before and after the facts, in the groups that ArviZ takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from fiveyear.model.labels import in_words
from fiveyear.model.quantities import Array

from .fit import Problem
from .information import latent, replicated
from .posterior import Posterior
from .random_numbers import normals
from .sampler import SEED, places

if TYPE_CHECKING:
    import xarray as xr

CHAINS = 8


def inference_data(posterior: Posterior) -> xr.DataTree:
    """Give a posterior as the tree that ArviZ 1.0 and later work on; ``arviz.from_datatree`` takes it before.

    A chain is four walkers, which know nothing of each other, one after another, each in order of time. Of some walkers
    a few more draws are kept than of others: where a chain is full, the rest of a walker stands in the next one.

    Returns
    -------
    groups ``posterior``, ``log_prior`` : by parameter, (chain, draw), and yearly shock or past, (chain, draw, year)
        ``log_prior`` is the density of each, in its own unit; of a past, of its yearly growth
    ``log_likelihood`` : ``facts``, (chain, draw, fact): of each fact, or of all that rounds to it
    ``sample_stats`` : ``lp``, the sum of both; ``walker`` and ``step``, from where a draw is
    ``posterior_predictive``, ``observed_data`` : facts as they would be printed, and as they were, by series
    ``prior``, ``prior_predictive`` : the same before the fit, independent draws in one chain
    """
    import xarray as xr

    problem = posterior.evidence.problem()
    walker, step = places(posterior.convergence, posterior.size)
    order = np.lexsort((step, walker)).reshape(CHAINS, -1)
    before = normals(SEED, "parameters a priori", 0, posterior.size, len(problem.names))
    after = latent(problem, posterior.parameters, posterior.shocks)

    def chains(values: Array) -> Array:  # (draw, ...)
        return np.asarray(values[order])

    def one_chain(values: Array) -> Array:
        return values[None]

    likelihood, prior = problem.log_likelihood(after), problem.log_prior(after)
    density = likelihood.sum(axis=1) + sum(v.reshape(-1, posterior.size).sum(axis=0) for v in prior.values())
    foreseen = replicated(problem, after, SEED, "facts from the posterior")
    foreseen_before = replicated(problem, before, SEED, "facts from the prior")
    facts = problem.observations
    by_fact = {
        "fact": [f"{f.series} {f.year}" for f in facts],
        "series": ("fact", [f.series for f in facts]),
        "year": ("fact", [f.year for f in facts]),
    }
    statistics = {"lp": density, "walker": walker, "step": step}
    printed = _by_series(problem, np.array([f.value for f in facts]), ())
    groups = {
        "posterior": _parameters(problem, {**posterior.parameters, **posterior.shocks}, chains),
        "log_likelihood": xr.Dataset({"facts": (("chain", "draw", "fact"), chains(likelihood))}, by_fact),
        "log_prior": _parameters(problem, prior, chains),
        "sample_stats": xr.Dataset({n: (("chain", "draw"), chains(v)) for n, v in statistics.items()}),
        "posterior_predictive": _by_series(problem, chains(foreseen)),
        "observed_data": printed,
        "prior": _parameters(problem, {n: v for part in problem.values(before) for n, v in part.items()}, one_chain),
        "prior_predictive": _by_series(problem, one_chain(foreseen_before)),
    }
    sampled = {n: _counted(group) for n, group in groups.items()}
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=posterior.evidence.identity), **sampled})


def _parameters(problem: Problem, values: Mapping[str, Array], laid_out: Callable[[Array], Array]) -> xr.Dataset:
    """Give parameters, (draw,), and what is yearly, (year, draw), by name; ``laid_out`` puts draws in chains."""
    import xarray as xr

    dims = ("chain", "draw", "year")
    attributes = {n: {"units": str(problem.model.units[n]), "long_name": in_words(n)} for n in values}
    return xr.Dataset(
        {n: (dims[: v.ndim + 1], laid_out(v.T), attributes[n]) for n, v in values.items()},
        {"year": problem.years.astype(int)},
    )


def _by_series(problem: Problem, facts: Array, dims: tuple[str, ...] = ("chain", "draw")) -> xr.Dataset:
    """Give facts, (..., fact), by series, each along years of its own."""
    import xarray as xr

    series, years = (np.array([getattr(f, key) for f in problem.observations]) for key in ("series", "year"))
    names = list(dict.fromkeys(series.tolist()))
    return xr.Dataset(
        {n: ((*dims, f"year_of_{n}"), facts[..., series == n]) for n in names},
        {f"year_of_{n}": years[series == n] for n in names},
    )


def _counted(group: xr.Dataset) -> xr.Dataset:
    """Give a group with the numbers of its chains and draws."""
    return group.assign_coords({n: np.arange(size) for n, size in group.sizes.items() if n in ("chain", "draw")})
