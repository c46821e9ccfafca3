"""What a simulation study should report (after Rahmandad & Sterman 2012), and whether and where this one does.

Each answer is counted from the model, the plan, the facts and the posterior, so that it changes when they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fiveyear.experiments.page.blocks import Grid, Heading, Listing, Paragraph

from . import reported
from .check import looked_up
from .reported import Found

Part = Literal["model", "simulation", "estimation"]
Level = Literal["minimum", "preferred"]


@dataclass(frozen=True)
class Item:
    """One thing to report. ``look`` is ``looked_up`` in a subject, as what checks measure."""

    part: Part
    level: Level
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
        asked = {"part": item.part, "level": item.level, "asks": item.asks}
        return {**asked, "met": self.met, "says": self.says, "where": item.where}


def answers(subject: object) -> list[Answer]:
    """Look each item up in a subject."""
    return [Answer(item, *looked_up(item.look, subject)) for item in ITEMS]


ASKED: dict[tuple[Part, Level], tuple[tuple[str, Callable[..., Found], str], ...]] = {
    ("model", "minimum"): (
        ("Every equation in full", reported.equations, "`fiveyear model equations --out FILE`"),
        ("What each variable is", reported.definitions, "`fiveyear model list`"),
        ("The unit of each variable", reported.units, "`fiveyear model list`; `fiveyear validate`"),
        ("The value of each parameter", reported.values, "`fiveyear model equations --out FILE`"),
        ("What each stock starts from", reported.initial_values, "`fiveyear model show NAME`"),
        ("The numbers of what is given", reported.inputs, "`observed.csv` and `plan.toml` of the plan's folder"),
        ("The mechanisms in words", reported.mechanisms, "`model/sectors`; `model/loops.py`"),
    ),
    ("model", "preferred"): (
        ("Where each parameter is from", reported.sources_of_parameters, "`priors.toml` of the plan's folder"),
        ("Where the data are from", reported.sources_of_facts, "`observed.csv` of the plan's folder"),
        ("The literature behind each part", reported.literature, "`model/references.toml`"),
        ("The model in a common format", reported.exchange, "`fiveyear model export SCENARIO`"),
        ("The code, and leave to use it", reported.licence, "`LICENSE`"),
    ),
    ("simulation", "minimum"): (
        ("Software and versions", reported.software, "`requirements.lock`"),
        ("Method of integration", reported.method, "`model/simulation.py`; `docs/validation.md`"),
        ("Time step", reported.step, "`model/steps.py`"),
        ("Period that is run", reported.period, "`plan.toml` of the plan's folder"),
        ("What each experiment changes", reported.scenarios, "`fiveyear scenario show NAME`"),
        ("Number of runs", reported.runs, "`--draws`; attributes of each .nc file"),
        ("Random numbers and seeds", reported.seeds, "`--seed`; `calibration/random_numbers.py`"),
        ("How outcomes follow from runs", reported.outcomes, "`model/indicators.py`"),
    ),
    ("simulation", "preferred"): (
        ("Sensitivity of the results", reported.sensitivity, "`fiveyear reach --decompose`"),
        ("The same results elsewhere", reported.repeatable, "`fiveyear store reproduce`; `docs/engines.md`"),
    ),
    ("estimation", "minimum"): (
        ("The data compared with", reported.data, "`fiveyear calibrate`"),
        ("The payoff function", reported.payoff, "`calibration/likelihood.py`"),
        ("What is searched, and within what", reported.search_space, "`priors.toml` of the plan's folder"),
        ("The resulting parameters", reported.results, "`posterior_SET.nc` of the plan's folder"),
    ),
    ("estimation", "preferred"): (
        ("How it is searched, and from how many starts", reported.search, "`calibration/sampler.py`"),
        ("Intervals of the parameters", reported.intervals, "`fiveyear calibrate`"),
        ("Goodness of fit", reported.goodness, "`fiveyear calibrate`"),
        ("Prediction of what was held out", reported.held_out, "`fiveyear validate`"),
    ),
}
ITEMS = tuple(Item(part, level, *row) for (part, level), rows in ASKED.items() for row in rows)
PARTS: dict[Part, str] = {"model": "The model", "simulation": "The simulations", "estimation": "The estimation"}


def listing(answers: Iterable[Answer], head: Mapping[str, str]) -> Listing:
    """Give the checklist as a listing, to be written in any of its formats."""
    answers = list(answers)
    met = sum(a.met for a in answers)
    blocks: list[Heading | Paragraph | Grid] = [
        Paragraph(
            "After Rahmandad and Sterman (2012), Reporting guidelines for simulation-based research in social sciences,"
            " System Dynamics Review 28(4), 396-411."
            f" Plan {head['plan']}, facts of {head['facts']}:"
            f" {met} of {len(answers)} items met. Written by fiveyear validate."
        )
    ]
    for part, title in PARTS.items():
        of_part = [(a.item, a) for a in answers if a.item.part == part]
        rows = tuple((i.asks, i.level, "yes" if a.met else "no", a.says, i.where) for i, a in of_part)
        columns = (("to report", 18), ("level", 10), ("met", 6), ("found", 40), ("where", 26))
        blocks += [Heading(title, 1), Grid(columns, rows, len(columns))]
    return Listing("Reporting checklist", tuple(blocks))
