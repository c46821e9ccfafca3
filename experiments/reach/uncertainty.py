"""What makes an answer uncertain: the same scenario with more and more of it drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fiveyear.experiments.forecast.ensemble import Uncertainty

from .answer import Finding, Reach, reach

WORDS: dict[Uncertainty, str] = {
    "parameters": "parameters only",
    "shocks": "+ shocks",
    "growth": "+ growth, all that is given",
}


def three_ways(answer: Reach, progress: Callable[[int], None] | None = None) -> dict[Uncertainty, tuple[Finding, ...]]:
    """Give the findings of a scenario with parameters drawn; with shocks; and with all.

    ``answer`` is that with all of it; the draws of parameters are the same in each way.
    """
    draws = answer.draws
    return {
        way: answer.findings
        if way == answer.ensemble.uncertainty
        else reach(replace(answer.ensemble, uncertainty=way), draws, progress, whole=False).findings
        for way in WORDS
    }


def share_of_outlook(ways: Mapping[Uncertainty, Finding]) -> float | None:
    """Give the share of the squared width of a 90 % band that comes in with what is given; None of a number.

    What is drawn last widens a band by what the others leave: where both matter, the order does.
    """
    width = {way: (f.p95 - f.p05) ** 2 for way, f in ways.items() if f.p95 is not None and f.p05 is not None}
    return max(0.0, 1.0 - width["shocks"] / width["growth"]) if width.get("growth") and "shocks" in width else None


def as_dict(ways: Mapping[Uncertainty, Sequence[Finding]]) -> dict[str, Any]:
    """Give, ready for JSON, what each way says of each target."""
    keys = ("probability", "median", "p05", "p95")
    said: dict[str, Any] = {
        way: {f.target.indicator: {k: f.as_dict()[k] for k in keys} for f in findings} for way, findings in ways.items()
    }
    if ways:
        by_target = (dict(zip(ways, findings, strict=True)) for findings in zip(*ways.values(), strict=True))
        said["share_of_outlook"] = {of["growth"].target.indicator: share_of_outlook(of) for of in by_target}
    return said
