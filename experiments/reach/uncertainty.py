"""What makes an answer uncertain: the same scenario with more and more of it drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fiveyear.experiments.forecast.ensemble import Uncertainty

from .answer import Finding, Reach, reach

WORDS: dict[Uncertainty, str] = {
    "parameters": "parameters only",
    "discrepancy": "+ shocks, discrepancy",
    "growth": "+ growth, all that is given",
}


def three_ways(answer: Reach, progress: Callable[[int], None] | None = None) -> dict[Uncertainty, tuple[Finding, ...]]:
    """Give the findings of a scenario with parameters drawn; with shocks and discrepancy; and with all.

    ``answer`` is that with all of it; the draws of parameters are the same in each way.
    """
    draws = answer.draws
    return {
        way: answer.findings
        if way == answer.ensemble.uncertainty
        else reach(replace(answer.ensemble, uncertainty=way), draws, progress).findings
        for way in WORDS
    }


def as_dict(ways: Mapping[Uncertainty, Sequence[Finding]]) -> dict[str, Any]:
    """Give, ready for JSON, what each way says of each target."""
    keys = ("probability", "median", "p05", "p95")
    return {
        way: {f.target.indicator: {k: f.as_dict()[k] for k in keys} for f in findings} for way, findings in ways.items()
    }
