"""What is believed before and after the facts, in the groups that ArviZ takes.

With arviz-base, or ArviZ 1.0 and later, ``arviz_base.from_dict(groups(load(known)))`` gives the tree that its plots and
tables work on.
"""

from __future__ import annotations

import numpy as np

from fiveyear.model.quantities import Array

from .fit import Problem
from .information import latent, replicated
from .posterior import Posterior
from .random_numbers import normals
from .sampler import SEED


def groups(posterior: Posterior) -> dict[str, dict[str, Array]]:
    """Give draws of parameters and of facts, before and after the fit: group -> name -> (chain, draw, ...).

    Parameters are in their own units, (1, draw); yearly shocks (1, draw, year). ``prior_predictive`` and
    ``posterior_predictive`` hold the facts that these would have led to, with error of measurement and rounding, by
    series, (1, draw, fact); ``observed_data`` what was printed, (fact,). There is one chain: the kept draws of all
    ensembles. Raises nothing of its own.
    """
    problem = posterior.evidence.problem()
    before = normals(SEED, "parameters a priori", 0, posterior.size, len(problem.names))
    after = latent(problem, posterior.parameters, posterior.shocks)
    printed = np.array([[f.value for f in problem.observations]])
    return {
        "prior": _drawn(problem, before),
        "posterior": _drawn(problem, after),
        "prior_predictive": _by_series(problem, replicated(problem, before, SEED, "facts from the prior")),
        "posterior_predictive": _by_series(problem, replicated(problem, after, SEED, "facts from the posterior")),
        "observed_data": {n: v[0, 0] for n, v in _by_series(problem, printed).items()},
    }


def _drawn(problem: Problem, z: Array) -> dict[str, Array]:
    parameters, shocks = problem.values(z)
    return {n: v[None] for n, v in parameters.items()} | {n: v.T[None] for n, v in shocks.items()}


def _by_series(problem: Problem, facts: Array) -> dict[str, Array]:
    series = np.array([f.series for f in problem.observations])
    return {str(n): facts[None, :, series == n] for n in dict.fromkeys(series)}
