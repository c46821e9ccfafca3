"""Posteriors that a command needs: those that are kept, or fitted now, announced, and kept."""

from __future__ import annotations

import sys
from functools import partial

from fiveyear.calibration import posterior, sampler
from fiveyear.calibration.errors import NotFittedError
from fiveyear.calibration.fit import Fit
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.residual_test import require_plausible
from fiveyear.experiments.console.files import remove_abandoned, write_whole
from fiveyear.experiments.console.progress import counter

from . import needs


def fitted(evidence: Evidence) -> Posterior:
    """Give the posterior that is kept, if it holds; else, where it is of one's own plan or facts, fit it.

    Raises CalibrationError where a shipped one does not hold, one is damaged, or facts cannot be right.
    """
    try:
        return posterior.load(evidence)
    except NotFittedError:
        if evidence.is_shipped:
            raise
    if faults := needs.errors(evidence):
        raise faults[0]
    print(f"{evidence.plan.name}, {evidence.information_set}: not fitted yet; fitting", file=sys.stderr)
    return kept_anew(evidence)[0]


def kept_anew(evidence: Evidence) -> tuple[Posterior, Fit]:
    """Fit, sample, and keep the posterior; raises CalibrationError for facts that cannot be right."""
    require_plausible(evidence.problem())
    with counter(f"{evidence.plan.name}, {evidence.information_set}: steps at most", sampler.ALL_STEPS) as count:
        fit, sampled = posterior.calibrate(evidence, progress=count)
    file = posterior.place_to_keep(evidence)
    remove_abandoned(file.parent)
    write_whole(file, partial(posterior.save, sampled))
    return sampled, fit
