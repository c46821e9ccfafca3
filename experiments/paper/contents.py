"""All figures and tables that a paper can hold, in its order: what each is made of, and by which function."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach.outcomes import has_finance, has_joint_probability, has_ranks

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


def given(entries: Mapping[str, Entry], first: Sequence[Ensemble]) -> list[str]:
    """Give the names of those that a plan gives what they show, by the scenarios that every figure shows."""
    return [
        name
        for name, entry in entries.items()
        if STUDIES[entry.study].given(first) and (name not in ASKS or ASKS[name](first))
    ]


#: Each gives a ``Drawing``.
FIGURES = {
    "overview": Entry("model", "structure.diagrams.overview:drawing", "The sectors of the model"),
    "structure": Entry("model", "structure.diagrams.causal_loops:of_plan", "The feedback loops"),
    "fit": Entry("learned", "learned.figures.fit:drawing", "Facts and fit"),
    "contraction": Entry("learned", "learned.figures.parameters:drawing", "What the facts say of each parameter"),
    "scoreboard": Entry("scoreboard", "paper.drawings:scoreboard", "How earlier forecasts did"),
    "fan": Entry("answers", "reach.figures.fan:drawing", "The targets, as projected"),
    "exceedance": Entry("answers", "reach.figures.exceedance:drawing", "The probability of reaching any number"),
    "finance": Entry("answers", "paper.drawings:finance", "What R&D over GDP is made of"),
    "ranks": Entry("answers", "reach.figures.rank:drawing", "The rank by citations"),
    "number_met": Entry("answers", "reach.figures.number_met:drawing", "How many targets are met"),
    "heat_map": Entry("scenarios", "reach.figures.heat_map:drawing", "The probability of each target by scenario"),
    "frontier": Entry("need", "need.frontier:drawing", "What each probability costs"),
    "programme_dates": Entry("programmes", "programmes.dates:drawing", "When programmes reach their figures"),
    "robustness": Entry("learned", "learned.figures.tornado:drawing", "Which answers hang on what was assumed"),
    "loop_cuts": Entry("loop_cuts", "validation.figures.loop_cuts:drawing", "What each feedback loop moves"),
    "placebo": Entry("placebo", "validation.figures.placebo:drawing", "What facts of half the growth give"),
}

#: Each gives a ``PrintedTable``.
TABLES = {
    "targets": Entry("scenarios", "paper.tables:targets", "Targets under each scenario, in levels and differences"),
    "attainment": Entry("answers", "paper.tables:attainment", "Attainment of each target"),
    "informed": Entry("learned", "paper.tables:informed", "Parameters that the facts inform"),
    "parameters": Entry("learned", "paper.tables:parameters", "Parameters before and after the facts"),
    "fit": Entry("learned", "paper.tables:fit", "Fit to each series of facts"),
    "scoreboard": Entry("scoreboard", "paper.tables:scoreboard", "Scores of earlier forecasts"),
    "levers": Entry("levers", "paper.tables:levers", "What each lever moves"),
    "sources": Entry("learned", "paper.tables:sources", "Facts, their vintages and sources"),
}

#: What more a figure asks for than its study.
ASKS: dict[str, Callable[[Sequence[Ensemble]], bool]] = {
    "finance": lambda first: any(map(has_finance, first)),
    "number_met": lambda first: all(map(has_joint_probability, first)),
    "ranks": lambda first: all(map(has_ranks, first)),
}
