"""What a simulation study should report (after Rahmandad & Sterman 2012), and whether and where this one does.

Each answer is counted from the model, the plan, the facts and the posterior, so that it changes when they do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..listing.blocks import Grid, Heading, Listing, Paragraph
from . import reported
from .reported import Found


@dataclass(frozen=True)
class Item:
    """One thing to report. ``look`` names what it takes of a subject by its parameters, as checks do."""

    part: Literal["model", "simulation", "estimation"]
    level: Literal["minimum", "preferred"]
    asks: str
    look: Callable[..., Found]
    where: str


@dataclass(frozen=True)
class Answer:
    """An item with what was found."""

    item: Item
    met: bool
    says: str

    def as_dict(self) -> dict[str, Any]:
        """Give the row, ready for JSON."""
        item = self.item
        return {
            "part": item.part,
            "level": item.level,
            "asks": item.asks,
            "met": self.met,
            "says": self.says,
            "where": item.where,
        }


def answers(subject: object) -> list[Answer]:
    """Look each item up in a subject."""
    return [
        Answer(item, *item.look(*(getattr(subject, n) for n in inspect.signature(item.look).parameters)))
        for item in ITEMS
    ]


ITEMS: tuple[Item, ...] = (
    Item("model", "minimum", "Every equation in full", reported.equations, "`fiveyear model equations --out FILE`"),
    Item("model", "minimum", "What each variable is", reported.definitions, "`fiveyear model list`"),
    Item("model", "minimum", "The unit of each variable", reported.units, "`fiveyear model list`; `fiveyear validate`"),
    Item("model", "minimum", "The value of each parameter", reported.values, "`fiveyear model equations --out FILE`"),
    Item("model", "minimum", "What each stock starts from", reported.initial_values, "`fiveyear model show NAME`"),
    Item(
        "model",
        "minimum",
        "The numbers of what is given",
        reported.inputs,
        "`calibration/PLAN/observed.csv`; `scenarios/plans`",
    ),
    Item("model", "minimum", "The mechanisms in words", reported.mechanisms, "`model/sectors`; `model/loops.py`"),
    Item(
        "model",
        "preferred",
        "Where each parameter is from",
        reported.sources_of_parameters,
        "`calibration/PLAN/priors.toml`",
    ),
    Item("model", "preferred", "Where the data are from", reported.sources_of_facts, "`calibration/PLAN/observed.csv`"),
    Item("model", "preferred", "The literature behind each part", reported.literature, "`model/references.toml`"),
    Item("model", "preferred", "The model in a common format", reported.exchange, "`fiveyear model export SCENARIO`"),
    Item("simulation", "minimum", "Software and versions", reported.software, "`requirements.lock`"),
    Item(
        "simulation", "minimum", "Method of integration", reported.method, "`model/simulation.py`; `docs/validation.md`"
    ),
    Item("simulation", "minimum", "Time step", reported.step, "`model/steps.py`"),
    Item("simulation", "minimum", "Period that is run", reported.period, "`scenarios/plans/PLAN.toml`"),
    Item("simulation", "minimum", "What each experiment changes", reported.scenarios, "`fiveyear scenario show NAME`"),
    Item("simulation", "minimum", "Number of runs", reported.runs, "`--draws`; attributes of each .nc file"),
    Item(
        "simulation", "minimum", "Random numbers and seeds", reported.seeds, "`--seed`; `calibration/random_numbers.py`"
    ),
    Item("simulation", "minimum", "How outcomes follow from runs", reported.outcomes, "`model/indicators.py`"),
    Item("simulation", "preferred", "Sensitivity of the results", reported.sensitivity, "`fiveyear reach --decompose`"),
    Item(
        "simulation",
        "preferred",
        "The same results elsewhere",
        reported.repeatable,
        "`fiveyear store reproduce`; `docs/engines.md`",
    ),
    Item("estimation", "minimum", "The data compared with", reported.data, "`fiveyear calibrate`"),
    Item("estimation", "minimum", "The payoff function", reported.payoff, "`calibration/likelihood.py`"),
    Item(
        "estimation",
        "minimum",
        "What is searched, and within what",
        reported.search_space,
        "`calibration/PLAN/priors.toml`",
    ),
    Item("estimation", "minimum", "The resulting parameters", reported.results, "`calibration/PLAN/posterior_SET.nc`"),
    Item("estimation", "preferred", "Intervals of the parameters", reported.intervals, "`fiveyear calibrate`"),
    Item("estimation", "preferred", "Goodness of fit", reported.goodness, "`fiveyear calibrate`"),
    Item("estimation", "preferred", "Prediction of what was held out", reported.held_out, "`fiveyear validate`"),
)
PARTS = {
    "model": "The model",
    "simulation": "The simulations",
    "estimation": "The estimation",
}


def listing(found: Iterable[Answer], head: Mapping[str, str]) -> Listing:
    """Give the checklist as a listing, to be written in any of its formats."""
    found = list(found)
    met = sum(a.met for a in found)
    blocks: list[Heading | Paragraph | Grid] = [
        Paragraph(
            "After Rahmandad and Sterman (2012), Reporting guidelines for simulation-based research in social sciences,"
            " System Dynamics Review 28(4), 396-411."
            f" Plan {head['plan']}, facts of {head['facts']}:"
            f" {met} of {len(found)} items met. Written by fiveyear validate."
        )
    ]
    for part, title in PARTS.items():
        rows = tuple(
            (a.item.asks, a.item.level, "yes" if a.met else "no", a.says, a.item.where)
            for a in found
            if a.item.part == part
        )
        columns = (("to report", 18), ("level", 10), ("met", 6), ("found", 40), ("where", 26))
        blocks += [Heading(title, 1), Grid(columns, rows, len(columns))]
    return Listing("Reporting checklist", tuple(blocks))
