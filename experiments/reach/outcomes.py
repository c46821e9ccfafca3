"""What an answer is read from: a few numbers of each draw, gathered stretch by stretch.

A draw by year takes some kilobytes, what is said of it some hundred bytes: memory holds few draws whole at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from fiveyear.experiments.forecast.ensemble import Ensemble, stretches
from fiveyear.experiments.forecast.targets import decisive, groups, met_of
from fiveyear.model import Run
from fiveyear.model.cores import cores
from fiveyear.model.quantities import Array, Condition

from .finance import TOP_UP, contributions
from .places import OWN, RANK, RIVAL, margin
from .regimes import SUPPLY, WANTED, candidates_short, has_regimes

MEMO = ("gdp_counted", "rd_counted", "high_tech_value_added")  # amounts printed below the targets
# Of who pays for R&D: yearly totals, shares, and given shares of the year.
PAYING = ("government_rd", "enterprise_rd", "other_rd", "rd_counted", "gdp", "gdp_counted", TOP_UP)
DRIVING = ("fiscal_share", "st_share_of_fiscal", "rd_content_of_st", "revenue_to_gdp")
#: What R&D over GDP hangs on, in words, and in which unit.
DRIVERS = {"growth of industrial revenue / GDP": "%/year", "effect of the 2009 R&D census": "1"}


Key = tuple[str, str]  # kind and name, such as ("decisive", indicator)
Column = npt.NDArray[Any]  # numbers, or whether something holds


@dataclass(frozen=True)
class Outcomes:
    """What has been gathered. ``columns``: (draw,), by what they are.

    ``met_by_year``: of each indicator with a target, in how many draws it is met, (year,). ``whole``: the draws by
    year, if they were asked for.
    """

    draws: int
    columns: Mapping[Key, Column]
    met_by_year: Mapping[str, Array]
    whole: Run | None

    def of(self, kind: str) -> dict[str, Column]:
        """Give the columns of a kind, (draw,), by name."""
        return {name: column for (of, name), column in self.columns.items() if of == kind}

    @property
    def decisive(self) -> dict[str, Array]:
        """The number of each draw that decides whether a target is met, (draw,), by indicator, in its unit."""
        return self.of("decisive")

    @property
    def met(self) -> dict[str, Condition]:
        """Whether each draw meets a target when it falls due, (draw,), by indicator."""
        return self.of("met")


def gather(ensemble: Ensemble, draws: int, whole: bool, progress: Callable[[int], None] | None = None) -> Outcomes:
    """Run the draws, and keep of them what the answer is read from; all of them, if they are asked for ``whole``."""
    columns: dict[Key, Column] = {}
    tables: dict[str, Array] = {}
    met_by_year: dict[str, Array] = {}
    kept = _kept(ensemble)
    for which in stretches(draws):
        run = ensemble.run(which, kept, progress=progress, threads=cores())
        for key, column in _columns(ensemble, run):
            _put(columns.setdefault(key, _room(draws, column)), run, column)
        for target in ensemble.scenario.plan.targets:
            if (name := target.indicator) in run.values:
                met = met_of(ensemble, target, run.values[name]).sum(axis=0)
                met_by_year[name] = met_by_year[name] + met if name in met_by_year else met
        if whole:
            for name, table in run.values.items():
                _put(tables.setdefault(name, _room(draws, table)), run, table)
        run = replace(run, values=tables)  # which leaves room for the next
    every = replace(run, draws=np.arange(draws), attributes=run.attributes | ensemble.provenance(draws))
    return Outcomes(draws, columns, met_by_year, every if whole else None)


def size_of_whole(ensemble: Ensemble, draws: int) -> int:
    """Give how many bytes of memory the draws by year take."""
    names = {*ensemble.indicators, *_kept(ensemble)}
    return 8 * draws * len(ensemble.years) * len(names)


def _room(draws: int, like: Column) -> Column:
    return np.empty((draws, *like.shape[1:]), like.dtype)


def _put(whole: Column, run: Run, part: Column) -> None:
    whole[run.draws[0] : run.draws[-1] + 1] = part


def _kept(ensemble: Ensemble) -> list[str]:
    """Give the variables that the answer is read from, beside indicators."""
    names = ensemble.names
    kept = [n for n in MEMO if n in names]
    if has_ranks(ensemble):
        kept += [n for n in names if n == OWN or n.startswith(RIVAL)]
    if has_finance(ensemble):
        kept += PAYING
    if has_regimes(ensemble):
        kept += [WANTED, SUPPLY]
    return kept


def _columns(ensemble: Ensemble, run: Run) -> Iterator[tuple[Key, Column]]:
    values, plan = run.values, ensemble.scenario.plan
    for target in plan.targets:
        if (name := target.indicator) in values:
            yield ("decisive", name), decisive(ensemble, target, values[name])
            yield ("at base", name), values[name][:, plan.base_year - plan.start]
            yield ("met", name), met_of(ensemble, target, values[name])[:, -1]
    for name in MEMO:
        if name in values:
            yield ("memo", name), values[name][:, -1]
    if has_ranks(ensemble):
        yield ("margin", RANK), margin(values, place_asked(ensemble))[:, -1]
    if has_regimes(ensemble):
        yield ("short", "candidates"), candidates_short(values[WANTED], values[SUPPLY], ensemble.years_ahead)
    if has_finance(ensemble):
        yield from _of_finance(ensemble, run)


def _of_finance(ensemble: Ensemble, run: Run) -> Iterator[tuple[Key, Column]]:
    """Yield what each factor adds to R&D over GDP in each of the periods, and what it hangs on."""
    draws = len(run.draws)
    inputs = ensemble.inputs(int(run.draws[0]), int(run.draws[-1]) + 1)
    given = {n: inputs.series[n] for n in DRIVING}
    splice = np.asarray(inputs.parameters["census_splice"])
    given["census_coverage"] = splice ** (np.reshape(inputs.series["census_done"], (-1, 1)) - 1.0)
    wide = {n: np.broadcast_to(np.reshape(v, (len(v), -1)), (len(v), draws)).T for n, v in given.items()}
    paid = {**{n: run.values[n] for n in PAYING}, **wide}
    if not np.any(inputs.series["gap_closing"]):
        del paid[TOP_UP]
    for period in periods(ensemble):
        for factor, added in contributions(paid, run.years.tolist(), *period).items():
            yield (period_name(*period), factor), added
    deepening, ahead = wide["revenue_to_gdp"], ensemble.years_ahead
    growth = 100.0 * ((deepening[:, -1] / deepening[:, -1 - ahead]) ** (1.0 / ahead) - 1.0)
    for driver, column in zip(DRIVERS, (growth, 1.0 / wide["census_coverage"][:, 0]), strict=True):
        yield ("driver", driver), column


def periods(ensemble: Ensemble) -> list[tuple[int, int]]:
    """Give first and last year of the periods over which R&D over GDP is told apart: the past, and the years ahead."""
    plan = ensemble.scenario.plan
    return list(pairwise((plan.start, plan.base_year, plan.end)))


def period_name(first: int, last: int) -> str:
    """Give the kind of the columns of a period."""
    return f"{first} to {last}"


def has_finance(ensemble: Ensemble) -> bool:
    """Tell whether the plan has a target for R&D over GDP, and those who pay, not the plan, set what is spent."""
    asked = "rd_intensity" in [t.indicator for t in ensemble.scenario.plan.targets]
    return asked and "rd_intensity" in ensemble.indicators and not ensemble.is_given("rd_intensity")


def has_joint_probability(ensemble: Ensemble) -> bool:
    """Tell whether several headline targets that statistics measure have a probability, and the facts refuse none."""
    plan, cuts = ensemble.scenario.plan, ensemble.scenario.cuts
    told = [t for t in groups(plan.targets)["measurable"] if not (t.unmodelled or t.untold_under(cuts))]
    return len(told) > 1 and not any(ensemble.lacking(t.indicator) for t in told)


def has_ranks(ensemble: Ensemble) -> bool:
    """Tell whether the plan has a target for the place by citations, and the model says what it is."""
    asked = RANK in [t.indicator for t in ensemble.scenario.plan.targets]
    return asked and RANK in ensemble.indicators


def place_asked(ensemble: Ensemble) -> int:
    """Give the place by citations that is the plan's target."""
    return next(int(t.value) for t in ensemble.scenario.plan.targets if t.indicator == RANK)
