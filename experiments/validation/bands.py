"""Bands: whether they are as wide as forecasts of other countries were off, and errors go together as they do there.

What is measured is the scenario in which those who pay decide, with all that is drawn in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from fiveyear.calibration.posterior import Posterior
from fiveyear.calibration.reference_class import study
from fiveyear.calibration.reference_class.panel import read_panel
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.reach.answer import reach
from fiveyear.model import Reading, best_engine, integrate
from fiveyear.model.elementary import log
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Scenario

from .behaviour import SEED
from .check import Figure, least, worst

DRAWS = 40_000  # from which an sd is known to half a per cent
TRIED = 4_000  # with each scale of shocks
THIRD = 1.0 / 3.0

Level = Callable[[Mapping[Reading, Array]], Array]


def _of(variable: str, how: str = "over the year") -> Level:
    return lambda readings: readings[Reading(variable, how)]  # type: ignore[arg-type]


def _odds(readings: Mapping[Reading, Array]) -> Array:
    share = _of("high_tech_value_added")(readings) / _of("manufacturing_value_added")(readings)
    return np.asarray(share / (1.0 - share))


#: The series of the class, and what they are in the model.
LEVELS: dict[str, Level] = {
    "rd_intensity": lambda r: _of("rd_counted")(r) / _of("gdp_counted")(r),
    "rd_real": _of("rd_spending_real"),
    "researchers": _of("researchers_counted", "average"),
    "applications": _of("applications"),
    "applications_per_researcher": lambda r: _of("applications")(r) / _of("researchers_counted", "average")(r),
    "grants": _of("domestic_grants"),
    "articles": _of("papers"),
    "gdp_real": _of("gdp_real"),
    "high_tech_share": _odds,
}
READ = (
    *(Reading(n, "over the year") for n in ("rd_counted", "gdp_counted", "rd_spending_real", "applications", "papers")),
    *(Reading(n, "over the year") for n in ("domestic_grants", "high_tech_value_added", "manufacturing_value_added")),
    Reading("researchers_counted", "average"),
    Reading("gdp_real", "over the year"),
)


@cache
def _scales() -> dict[str, tuple[float, float]]:
    panel = read_panel()
    return {name: study.scales(panel, name) for name in LEVELS}


def _class_sd(name: str, horizon: int) -> float:
    yearly, epoch = _scales()[name]
    return float(np.sqrt(horizon * yearly**2 + horizon**2 * epoch**2))


def ahead(posterior: Posterior, deciding: Scenario | None) -> dict[str, Array] | None:
    """Give logarithms of the series of the class over their base year, (year ahead, draw); None if one is lacking."""
    if deciding is None:
        return None
    ensemble = Ensemble(deciding, posterior, SEED)
    if not {r.variable for r in READ} <= {*ensemble.names, *ensemble.model.series}:
        return None
    readings = integrate(ensemble.model, ensemble.inputs(0, DRAWS), READ, engine=best_engine())
    base = deciding.plan.base_year - deciding.plan.start
    levels = {name: level(readings) for name, level in LEVELS.items()}
    return {name: log(level[base + 1 :] / level[base]) for name, level in levels.items()}


def _sds(posterior: Posterior, deciding: Scenario | None) -> dict[str, Array] | None:
    logs = ahead(posterior, deciding)
    return None if logs is None else {name: np.std(v, axis=1) for name, v in logs.items()}


def sd_of_the_last_year(posterior: Posterior, deciding: Scenario | None) -> Figure | None:
    """Sd of logarithms of what is projected for the last year, over that of other countries: the least of all."""
    sds = _sds(posterior, deciding)
    return None if sds is None else least({n: float(sd[-1]) / _class_sd(n, len(sd)) for n, sd in sds.items()})


def sd_of_the_next_year(posterior: Posterior, deciding: Scenario | None) -> Figure | None:
    """The same one year ahead: the series farthest from 1, by how many times."""
    sds = _sds(posterior, deciding)
    if sds is None:
        return None
    return worst({n: float(np.exp(abs(np.log(sd[0] / _class_sd(n, 1))))) for n, sd in sds.items()})


def growth_of_the_sd(posterior: Posterior, deciding: Scenario | None) -> Figure | None:
    """Power of the horizon with which the sd grows, in the middle of all series."""
    sds = _sds(posterior, deciding)
    if sds is None:
        return None
    powers = {n: study.exponent(sd.tolist()) for n, sd in sds.items()}
    return Figure(float(np.median(list(powers.values()))), ", ".join(f"{n} {v:.2f}" for n, v in powers.items()))


def _correlation(posterior: Posterior, deciding: Scenario | None, first: str, second: str) -> Figure | None:
    logs = ahead(posterior, deciding)
    return None if logs is None else Figure(float(np.corrcoef(logs[first][-1], logs[second][-1])[0, 1]))


def spending_and_personnel(posterior: Posterior, deciding: Scenario | None) -> Figure | None:
    """Correlation of what real R&D expenditure and personnel are in the last year."""
    return _correlation(posterior, deciding, "rd_real", "researchers")


def personnel_and_applications(posterior: Posterior, deciding: Scenario | None) -> Figure | None:
    """Correlation of what personnel and invention applications are in the last year."""
    return _correlation(posterior, deciding, "researchers", "applications")


def intensity_and_gdp(posterior: Posterior, deciding: Scenario | None) -> Figure | None:
    """Correlation of what R&D over GDP and real GDP are in the last year."""
    return _correlation(posterior, deciding, "rd_intensity", "gdp_real")


def chances_by_scale(posterior: Posterior, scenario: Scenario) -> dict[str, tuple[float, float, float]]:
    """Give the chance of each target with shocks and drifts ahead a third smaller, as they are, and a third larger."""

    def chances(factor: float) -> dict[str, float]:
        priors = posterior.evidence.priors
        scaled = {
            n: s.model_copy(update={"yearly_sd": factor * s.yearly_sd, "epoch_sd": factor * s.epoch_sd})
            for n, s in priors.surprises.items()
        }
        evidence = replace(posterior.evidence, priors=priors.model_copy(update={"surprises": scaled}))
        findings = reach(Ensemble(scenario, replace(posterior, evidence=evidence), SEED), TRIED).findings
        return {f.target.label: f.probability.value for f in findings if f.probability}

    less, same, more = (chances(factor) for factor in (1.0 - THIRD, 1.0, 1.0 + THIRD))
    return {name: (less[name], same[name], more[name]) for name in same}


def chances_and_scales(posterior: Posterior, scenario: Scenario) -> Figure | None:
    """Most that a chance of the plan moves where shocks and drifts ahead are a third smaller or larger."""
    by_scale = chances_by_scale(posterior, scenario)
    moves = {n: max(abs(less - same), abs(more - same)) for n, (less, same, more) in by_scale.items()}
    figure = worst(moves)
    each = "; ".join(f"{n} " + ", ".join(f"{v:.2f}" for v in row) for n, row in by_scale.items())
    return Figure(figure.value, f"{figure.at} ({each})")
