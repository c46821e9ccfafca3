"""The fits of all information sets of all plans, for a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fiveyear.model.errors import Fault, InputError

from .calibrate import calibrate as fit_of
from .calibrate import evidence_of


def calibrate(plans: Sequence[str] | None = None, facts: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Fit the parameters to each information set of each plan, by default all, and keep the posteriors; takes minutes.

    Gives of each fit what ``fiveyear calibrate --json`` does: ``plan``, ``facts``, the ``residuals`` of each fact in
    standard deviations, the ``contraction`` of each parameter's variance, ``convergence``, and the ``file`` written.
    Raises Error if a plan, its facts or its priors cannot be used.
    """
    for key, names in (("plans", plans), ("facts", facts)):
        if isinstance(names, str):
            raise InputError(key, [Fault("", found=repr(names), expected=f"a list, such as [{names!r}]")])
    return [fit_of(evidence) for evidence in evidence_of(plans or [], facts or [])]
