"""The opening page of a listing: of which run it is, and how to read it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable

from fiveyear.calibration.facts import STATUSES
from fiveyear.calibration.posterior import Posterior
from fiveyear.experiments.page.blocks import Block, Grid, Heading, Paragraph, number
from fiveyear.model import Model
from fiveyear.model.steps import DEFAULT_STEP

from .formulas import Group
from .sentences import proper

SUBJECTS = (("subject", 25), ("in this listing", 75))
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: How the yearly numbers of a Series become a path; as ``fiveyear.model.paths`` makes it.
DATED = {
    "over the year": "by straight lines through mid-years whose mean over each year is that year's number",
    "at year end": "by straight lines between year ends",
    "constant within the year": "by the year's number all year, with jumps at year ends",
}


def opening(model: Model, posterior: Posterior, groups: Iterable[Group]) -> Iterable[Block]:
    """Give the blocks ahead of the first sector."""
    yield Grid(SUBJECTS, tuple(_run(model, posterior)), texts=2)
    yield Heading("How to read it", 2)
    yield Paragraph(
        "Names are those of the code, with blanks for underscores. Upright names are variables of the model; a name"
        " in italics is a piece of the one formula under which it stands. Each variable that is computed has a number;"
        " an index of all names stands at the end. Time t is in years; x(0) is x at the start. Equations marked"
        " “constant” depend on parameters only, those marked “of time” on given paths too; all others on stocks. They"
        " stand here with every loop closed; the section on loops says which of them the plan cuts."
    )
    for group in groups:
        yield Paragraph(f"The index {group.letter} stands for {', '.join(map(proper, group.members))}.")
    yield from _time(model, posterior)
    yield Paragraph(
        "Facts have errors of measurement, fixed before the fit, and may be rounded (`calibration/likelihood.py`). A"
        " prior is cut at the hard range; sd is the standard deviation, sigma that of the logarithm. The posterior is"
        f" a sample of {posterior.size} draws (`fiveyear calibrate` makes it): given are its median, and in brackets"
        " the interval that holds 90 % of it. The draws of one parameter are correlated with those of others, so single"
        " intervals do not give a joint one. What nobody foresees comes in by the series called surprises: a shock each"
        " year and, after the base year, the drift of an epoch (`calibration/outlook.py`)."
    )


def _run(model: Model, posterior: Posterior) -> Iterable[tuple[str, str]]:
    evidence = posterior.evidence
    plan = evidence.plan
    year, month = evidence.month.split("-")
    published = f"`{evidence.information_set}`: what had been published by {MONTHS[int(month) - 1]} {year}"
    chosen = evidence.priors.information_sets.get(evidence.information_set)
    if chosen and len(chosen.statuses) < len(STATUSES):
        published += f"; of it, facts of status {', '.join(chosen.statuses)} only"
    yield "software", f"fiveyear, version {importlib.metadata.version('fiveyear')}"
    yield "plan", f"`{plan.name}`: {plan.title}"
    yield "first simulated day", f"1 January {plan.start}"
    yield "last simulated day", f"31 December {plan.end}"
    yield "base year", f"{plan.base_year}, the last with facts; what is real is in prices of {plan.base_year}"
    yield "information set", published
    method = "classical Runge-Kutta method of fourth order (RK4)"
    yield "integration", f"{method}, steps of {number(DEFAULT_STEP)} years at most"
    yield "fingerprint of the equations", model.structure(model.names)[:16]


def _time(model: Model, posterior: Posterior) -> Iterable[Block]:
    start, base = posterior.evidence.plan.start, posterior.evidence.plan.base_year
    dated = {series.dated for series in model.series.values()}
    ways = "; ".join(f"“{how}”, {way}" for how, way in DATED.items() if how in dated)
    if ways:
        yield Paragraph(
            "Series are given, not computed; policy may move what is called a lever. They pass through time as paths:"
            f" year {base} is the interval [{base}, {base + 1}), so that the run starts at t = {start}. A yearly number"
            f" becomes a path, if it is dated {ways}. All stay inside the hard range."
        )
    if posterior.evidence.priors.outlook:
        yield Paragraph(
            f"The outlooks of series after {base} are the same for all information sets; their sources may quote {base}"
            f" in its final vintage, published in autumn {base + 1}. Works are cited for mechanisms, some of them in"
            " the journal issue that came later."
        )
