"""From R&D to high-tech value added: what a tenth more of each link, from the year after the base year on, comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.levers import STEP, years_of
from fiveyear.model import Inputs, Reading, integrate
from fiveyear.model.quantities import Array

#: What is raised, by name. Whoever pays, R&D rises with these; people come with what they cost, where money is held.
RD = ("planned_rd_intensity", "fiscal_share", "revenue_to_gdp", "other_rd_intensity")
LABELS = {"rd": "R&D", "researchers": "R&D personnel, by what one costs", "applications": "applications a person files"}
LINKS = {
    "rd_counted": Reading("rd_counted", "over the year"),
    "researchers": Reading("researchers", "average"),
    "applications": Reading("applications", "over the year"),
    "patents_in_force": Reading("patents_in_force", "year end"),
    "high_tech_value_added": Reading("high_tech_value_added", "over the year"),
}


@dataclass(frozen=True)
class Response:
    """By how much a link of the chain is larger in a year, in per cent: the middle, and the ends of the 90 % band."""

    raised: str
    link: str
    year: int
    median: float
    p05: float
    p95: float


def responses(ensemble: Ensemble, draws: int, by: float) -> list[Response]:
    """Give what raising each link by the share ``by`` does to those that follow; none where the plan lacks the last."""
    if "high_tech_value_added" not in ensemble.names:
        return []
    inputs, start = ensemble.inputs(0, draws), ensemble.scenario.plan.start
    before = _run(ensemble, inputs)
    made = []
    for raised in LABELS:
        after = _run(ensemble, _with(inputs, _paths(raised, ensemble, inputs, by)))
        for link, of in LINKS.items():
            for year in years_of(ensemble):
                rise = 100.0 * (after[of][year - start] / before[of][year - start] - 1.0)
                p05, median, p95 = np.quantile(rise, [0.05, 0.5, 0.95]).tolist()
                made.append(Response(raised, link, year, median, p05, p95))
    return made


def _paths(raised: str, ensemble: Ensemble, inputs: Inputs, by: float) -> dict[str, Array]:
    """Give the paths that differ, (year, draw or 1)."""
    base = ensemble.scenario.plan.base_year
    later = (np.arange(inputs.first_year, inputs.last_year + 1) > base)[:, None]
    own = {n: np.asarray(p).reshape(len(later), -1) for n, p in inputs.series.items()}
    if raised == "rd":
        return {n: own[n] * np.where(later, 1.0 + by, 1.0) for n in RD if n in own}
    # A surprise of one year, which lasts: there in full after the year that follows.
    first = np.arange(inputs.first_year, inputs.last_year + 1)[:, None] == base + 1
    name, sign = ("cost_surprise", -1.0) if raised == "researchers" else ("propensity_surprise", 1.0)
    return {name: own[name] + np.where(first, sign * np.log1p(by), 0.0)}


def _with(inputs: Inputs, paths: Mapping[str, Array]) -> Inputs:
    return replace(inputs, series={**inputs.series, **paths})


def _run(ensemble: Ensemble, inputs: Inputs) -> Mapping[Reading, Array]:
    return integrate(ensemble.model, inputs, list(LINKS.values()), step=STEP, engine=ensemble.engine)
