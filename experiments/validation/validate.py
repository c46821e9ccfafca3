"""Run the checks on a plan: they say what holds of its model and what does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fiveyear.calibration.posterior import Evidence
from fiveyear.model import ModelError

from . import checklist
from .check import Check, Figure
from .criteria import CHECKS
from .subject import Subject


@dataclass(frozen=True)
class Result:
    """What a check found; no figure where the plan lacks what it is about."""

    check: Check
    figure: Figure | None

    @property
    def verdict(self) -> str:
        """In a word: "holds", "FAILS", or "no input"."""
        if self.figure is None:
            return "no input"
        return "holds" if self.check.holds(self.figure) else "FAILS"

    def as_dict(self) -> dict[str, Any]:
        """Give the row, ready for JSON."""
        check, figure = self.check, self.figure
        value = figure.value if figure and math.isfinite(figure.value) else None
        return {
            **{"group": check.group, "check": check.name, "tests": check.tests},
            **{"figure": value, "unit": check.unit, "threshold": check.threshold},
            **{"verdict": self.verdict, "worst": figure.at if figure else ""},
            **{"means_if_it_fails": check.means, "source": check.source},
        }


def run(subject: object, checks: Sequence[Check], progress: Callable[[int], None]) -> list[Result]:
    """Measure a subject by each check; what cannot even be computed fails with the reason why."""
    results = []
    for check in checks:
        try:
            figure = check.figure(subject)
        except ModelError as error:
            figure = Figure(math.nan, error.faults[0])
        results.append(Result(check, figure))
        progress(1)
    return results


@dataclass(frozen=True)
class Validation:
    """What the checks found of the model of a plan, on one information set."""

    evidence: Evidence
    results: tuple[Result, ...]
    answers: tuple[checklist.Answer, ...]  # to the items of the reporting checklist

    @property
    def failed(self) -> list[Result]:
        """The checks that do not hold."""
        return [r for r in self.results if r.verdict == "FAILS"]

    @property
    def head(self) -> dict[str, str]:
        """The plan and the information set by name."""
        return {"plan": self.evidence.plan.name, "facts": self.evidence.information_set}


def validate(plan: str, information_set: str | None, progress: Callable[[int], None]) -> Validation:
    """Run the checks on a plan; raises ModelError if the plan, its facts or its posterior cannot be used."""
    subject = Subject(plan, information_set)
    evidence = subject.posterior.evidence  # what it rests on must hold before anything is measured
    results = run(subject, CHECKS, progress)
    return Validation(evidence, tuple(results), tuple(checklist.answers(subject)))
