"""A placebo country, whose facts have half the growth: how much of the growth its projection has, both windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fiveyear.scenarios import Plan

from .behaviour import has_placebo, placebo, placebo_ahead, placebo_shares, placebo_shares_ahead
from .check import Measure
from .criteria import CHECKS
from .subject import Subject


@dataclass(frozen=True)
class Placebo:
    """The growth of a placebo country over that of the country, by indicator, and the bands in which checks hold.

    ``past``: from the first year of the facts to the last year of the plan; ``ahead``: after the base year.
    """

    plan: Plan
    month: str  # by which its facts were published
    past: Mapping[str, float]
    ahead: Mapping[str, float]
    band: tuple[float, float]
    band_ahead: tuple[float, float]


def placebos(subject: Subject) -> Placebo | None:
    """Fit the placebo country and project it; None where the plan lacks the facts or the scenario for it."""
    if subject.deciding is None or not has_placebo(subject.evidence):
        return None
    return Placebo(
        subject.scenario.plan,
        subject.evidence.month,
        placebo_shares(subject.evidence, subject.fit, subject.deciding),
        placebo_shares_ahead(subject.evidence, subject.fit, subject.deciding),
        _bounds(placebo),
        _bounds(placebo_ahead),
    )


def _bounds(measure: Measure) -> tuple[float, float]:
    return next(check.bounds for check in CHECKS if check.measure is measure)
