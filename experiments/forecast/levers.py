"""What each lever moves: by how much, how surely, and when, if it is raised in the years of the plan.

Effects are of first order: the slopes of what indicators are read from, by each year of each lever, which the kernel
gives run backwards, times by how much the lever is raised in that year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fiveyear.model import INDICATORS, Indicator, InputError, Inputs, PreparedRun, Reading, Unit
from fiveyear.model.errors import Fault
from fiveyear.model.labels import label
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import default_reading

from . import assumed
from .ensemble import Ensemble

STEP = 0.25  # years
DRAWS = 1_000
RAISED = 0.1  # of its path, by which a lever is raised
#: What is told besides indicators, and its unit: what a place by citations, which moves by steps, hangs on; and what a
#: deduction costs.
BESIDE = {"papers": "paper", "citations": "citation", "tax_forgone": "money"}
HARDLY = 0.025  # of the scatter over draws: what moves less is not worth a line


@dataclass(frozen=True)
class Effect:
    """What raising a lever moves of an indicator in a year, in its unit.

    ``assumed``: the share of the variance of the effect that parameters account for of which facts say little; None
    where draws are too few to tell. ``of_scatter``: how large the effect is, at the end of the band that is farther
    from nothing, over the sd of the indicator itself.
    """

    lever: str
    indicator: str
    label: str
    unit: str
    year: int
    median: float
    p05: float
    p95: float
    assumed: float | None
    of_scatter: float


def effects(ensemble: Ensemble, draws: int, by: float = RAISED) -> list[Effect]:
    """Give what each lever moves, in the year when the plan's targets fall due and in the last year that is run.

    A lever is raised, by the share ``by`` of its path, in the years after the base year in which targets are not due
    yet, and in that year; by that share of its range, where its path is nil. Raises InputError where that leads out of
    its range, or if the fast engine is not installed.
    """
    assumptions = assumed.assumed(ensemble, draws)
    start, years = ensemble.scenario.plan.start, years_of(ensemble)
    return [
        _effect(lever, name, of, year, before[year - start], moved[year - start], assumptions)
        for lever, name, of, before, moved in moves(ensemble, draws, by)
        for year in years
    ]


def years_of(ensemble: Ensemble) -> list[int]:
    """Give the years of which effects are told: when targets fall due, and the last."""
    return sorted({ensemble.scenario.plan.end, ensemble.end})


def moves(ensemble: Ensemble, draws: int, by: float) -> Iterator[tuple[str, str, Indicator, Array, Array]]:
    """Yield each lever and quantity: their names, its values, and how far they move, (year, draw), in its unit.

    How far is worked out for the years of ``years_of``.
    """
    model, start = ensemble.model, ensemble.scenario.plan.start
    inputs = ensemble.inputs(0, draws)
    raised = rises(ensemble, inputs, by)
    read = _quantities(ensemble)
    readings = tuple(dict.fromkeys(r for of in read.values() for r in of.readings))
    parameters = [n for n, v in inputs.parameters.items() if np.ndim(v) == 1]
    series = [n for n, v in inputs.series.items() if np.ndim(v) == 2 or n in raised]
    run = PreparedRun(model, inputs, parameters, series, readings, STEP)
    given = np.array([by_draw(inputs.series[n], draws) for n in series])
    values, slopes = run(np.array([np.asarray(inputs.parameters[n]) for n in parameters]), given)
    rising = {r for of in read.values() if of.above == "the year before" for r in of.readings}
    # (lever, reading, year, draw): how far each reading moves in each year that an indicator of those years looks at.
    moved = np.zeros((len(raised), *values.shape))
    for place, reading in enumerate(readings):
        for year in {y - start - back for y in years_of(ensemble) for back in ((0, 1) if reading in rising else (0,))}:
            by_reading = np.zeros_like(values)
            by_reading[place, year] = 1.0
            by_series = slopes(by_reading)[1]
            for row, (name, rise) in zip(moved, raised.items(), strict=True):
                row[place, year] = np.sum(by_series[series.index(name)] * rise, axis=0)
    base = ensemble.scenario.plan.base_year - start
    for lever, row in zip(raised, moved, strict=True):
        for name, of in read.items():
            before = _values(of, readings, values, model.units, base)
            yield lever, name, of, before, _values(of, readings, values + row, model.units, base) - before


def rises(ensemble: Ensemble, inputs: Inputs, by: float) -> dict[str, Array]:
    """Give by how much each lever is raised, (year, draw or 1); raises InputError where that leads out of a range."""
    plan, model = ensemble.scenario.plan, ensemble.model
    years = np.arange(inputs.first_year, inputs.last_year + 1)
    ahead = ((years > plan.base_year) & (years <= plan.end))[:, None]
    raised, faults = {}, []
    for name, declared in model.series.items():
        if declared.lever and name in inputs.series:
            path = inputs.series[name].reshape(len(years), -1)
            of = path if np.any(path[ahead[:, 0]]) else np.full_like(path, declared.high - declared.low)
            rise = np.where(ahead, by * of, 0.0)
            outside = (path + rise > declared.high) | (path + rise < declared.low)
            if outside.any():
                year, draw = np.argwhere(outside)[0]
                number = (
                    f"{(path + rise)[year, draw]:.3g} {declared.unit} in {years[year]}, raised by {by:g} of its path"
                )
                allowed = f"{declared.low:g} to {declared.high:g} {declared.unit}"
                faults.append(Fault(name, found=number, expected=allowed))
            raised[name] = rise
    if faults:
        raise InputError("the levers", faults)
    return raised


def missing(ensemble: Ensemble) -> dict[str, tuple[str, ...]]:
    """Give the indicators that the plan does not let the model compute, and the inputs that each lacks."""
    targets = [t.indicator for t in ensemble.scenario.plan.targets if t.indicator in INDICATORS]
    return {n: lacking for n in targets if (lacking := ensemble.lacking(n))}


def _quantities(ensemble: Ensemble) -> dict[str, Indicator]:
    """Give what effects are told of: indicators that move smoothly, and what the places of the others hang on."""
    smooth = {n: i for n, i in ensemble.indicators.items() if i.unit != "rank"}
    for name, unit in BESIDE.items():
        if name in ensemble.names:
            reading = default_reading(ensemble.model, name)
            here = ensemble.model.country.indicator_unit(unit)
            smooth[name] = Indicator(label(name, heading=True), here, reading, None, "", "")
    return smooth


def _values(of: Indicator, readings: Sequence[Reading], values: Array, units: Mapping[str, Unit], base: int) -> Array:
    return of.value({r: values[readings.index(r)] for r in of.readings}, units, base)


def by_draw(path: Array, draws: int) -> Array:
    """Give a path, (year,) or (year, draw), for each of some draws."""
    return np.broadcast_to(path.reshape(len(path), -1), (len(path), draws))


def _effect(lever: str, name: str, of: Indicator, year: int, before: Array, moved: Array, assumptions: Array) -> Effect:
    p05, median, p95 = np.quantile(moved, [0.05, 0.5, 0.95]).tolist()
    largest, scatter = max(abs(p05), abs(p95)), float(np.std(before))
    of_scatter = largest / scatter if scatter > 0.0 else float(largest > 0.0)
    share = assumed.shares({"": moved}, assumptions).get("")
    return Effect(lever, name, of.label, of.unit, year, median, p05, p95, share, of_scatter)
