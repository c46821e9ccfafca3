"""All figures and tables that a paper can hold, in its order: what each is made of, and by which function."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fiveyear.experiments.forecast.ensemble import Ensemble

from .studies import STUDIES


class Entry(NamedTuple):
    """What is made of a study: its result, the function that takes it, in ``experiments``, and a caption."""

    study: str
    of: str
    about: str

    @property
    def function(self) -> Callable[[Any], Any]:
        """The function, imported now."""
        room, _, name = self.of.partition(":")
        function: Callable[[Any], Any] = getattr(importlib.import_module(f"fiveyear.experiments.{room}"), name)
        return function


def gives(entry: Entry, first: Sequence[Ensemble]) -> bool:
    """Tell whether a plan gives what a figure or table shows, by the scenarios that every figure shows."""
    return STUDIES[entry.study].given(first) and all(asks(first) for asks in ASKS.get(entry.of, ()))


#: Each gives a ``Drawing``.
FIGURES = {
    "exceedance": Entry("answers", "reach.figures.exceedance:drawing", "The probability of reaching any number"),
    "heat_map": Entry(
        "scenarios", "reach.figures.heat_map:drawing", "The probability of each target under each scenario"
    ),
}

#: Each gives a ``PrintedTable``.
TABLES = {
    "targets": Entry("scenarios", "paper.tables:targets", "Targets under each scenario, in levels and differences"),
    "attainment": Entry("answers", "paper.tables:attainment", "Attainment of each target"),
    "parameters": Entry("learned", "paper.tables:parameters", "Parameters before and after the facts"),
    "fit": Entry("learned", "paper.tables:fit", "Fit to each series of facts"),
    "levers": Entry("levers", "paper.tables:levers", "What each lever moves"),
    "sources": Entry("learned", "paper.tables:sources", "Facts, their vintages and sources"),
}

#: What more a figure needs than its study.
ASKS: dict[str, tuple[Callable[[Sequence[Ensemble]], bool], ...]] = {}
