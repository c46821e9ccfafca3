"""The model as programs see it that know only scalars: stocks, flows and auxiliaries, with one formula each.

Series become functions of time, Parameters numbers, chains their stages. What statistics add up over a year is added up
from the start of the run, in stocks called ``..._so_far``: a year's total is the difference between two year ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from .. import delays
from ..errors import InputError
from ..indicators import MOMENT, Indicator
from ..inputs import Inputs
from ..paths import Path
from ..reference import Run
from ..steps import Method
from ..trace import Term, lift, operation
from ..units import DIMENSIONLESS, YEAR, Unit
from ..wiring import Model

Kind = Literal["stock", "flow", "aux"]
Points = tuple[tuple[float, float], ...]

TIME = "TIME"  # as XMILE calls the clock
EARLIER = 1e-6  # years: programs that add up steps reach a year end a little early or late
INDICATORS = "indicators"  # what stands in the place of a sector for them


@dataclass(frozen=True)
class Variable:
    """One scalar: the formula of a flow or an auxiliary, or the initial value of a stock.

    With ``points`` it is read off the straight lines between them, at what the formula gives.
    """

    kind: Kind
    formula: Term
    unit: Unit
    sector: str
    about: str
    inflows: tuple[str, ...] = ()
    outflows: tuple[str, ...] = ()
    points: Points = ()


def variables(model: Model, inputs: Inputs, indicators: Mapping[str, Indicator], method: Method) -> dict[str, Variable]:
    """Give every scalar of a model with the inputs of one draw, by name, sector by sector.

    Raises InputError with the name of each thing that no such formula can stand for.
    """
    run = Run(model, inputs)
    made = [item for name in model.names for item in _of(model, run, inputs, name, method)]
    made += _indicators(model, indicators)
    by_name: dict[str, Variable] = {}
    faults = []
    for name, variable in made:  # chains may share what they make of a time, and indicators what they add up
        if repr(by_name.setdefault(name, variable)) != repr(variable):
            faults.append(f"{name}: the model owns it, and it is made beside it; rename the one in the model")
    by_name = _flows_marked(by_name)
    faults += _shared_flows(by_name)
    if faults:
        raise InputError("the model as XMILE", faults)
    ordered = sorted(by_name, key=lambda n: (by_name[n].sector == INDICATORS, by_name[n].sector))
    return {n: by_name[n] for n in ordered}


def _of(model: Model, run: Run, inputs: Inputs, name: str, method: Method) -> list[tuple[str, Variable]]:
    """Give the scalars that stand for one variable of the model."""
    unit, about, sector = model.units[name], model.about(name), model.sectors[name]
    if name in model.parameters:
        return [(name, Variable("aux", lift(_single(inputs.parameters[name])), unit, sector, about))]
    if name in model.series:
        formula, points = _course(name, run.paths[name], method)
        return [(name, Variable("aux", formula, unit, sector, about, points=points))]
    if name in model.stocks:
        stock = model.stocks[name]
        initial = _read(model, stock.initial) if stock.initial else lift(0.0)
        return [(name, Variable("stock", initial, unit, sector, about, stock.inflows, stock.outflows))]
    if name in model.chains:
        return list(_stages(model, name))
    if name in model.outflows:
        return []  # comes with its chain
    return [(name, Variable("aux", model.equations[name].term, unit, sector, about))]


def _single(value: Any) -> float:
    return float(np.ravel(value)[0])


def _read(model: Model, name: str) -> Term:
    return Term.variable(name, model.units[name])


def _course(name: str, path: Path, method: Method) -> tuple[Term, Points]:
    """Give a path as a function of time: points to draw straight lines through, or a choice between constants."""
    time, values = Term.variable(TIME, YEAR), [_single(v) for v in path.values]
    if not path.constant:
        return time, tuple(zip(path.times.tolist(), values, strict=True))
    if method != "euler":
        fault = f"{name} jumps at year ends, and programs differ in how they step across a jump; only Euler can be used"
        raise InputError("the model as XMILE", [fault])
    chosen = lift(values[-1])
    for start, value in zip(path.times[:0:-1].tolist(), values[-2::-1], strict=True):
        jump = Term("number", (), YEAR, value=start - EARLIER)
        chosen = operation("where", operation("less", time, jump), lift(value), chosen)
    return chosen, ()


# -- chains -------------------------------------------------------------------------------------------------
def _stages(model: Model, name: str) -> Iterator[tuple[str, Variable]]:
    """Give the stages of a chain, what passes between them and leaves, and the total of all."""
    chain, stages, unit = model.chains[name], model.stages(name), model.units[name]
    sector, about = model.sectors[name], model.about(name)
    passing = [chain.inflow, *(f"{stage}_left" for stage in stages[:-1]), chain.outflow]
    weights = [lift(1.0)] * chain.stages
    if chain.growth:
        ratio, before = f"{name}_stage_ratio", f"{chain.time}_initially"
        description = f"{model.about(chain.time)} As what a start is made of gives it; only its first value is used."
        yield before, Variable("aux", _at_start(model, chain.time), YEAR, sector, description)
        formula = delays.stage_ratio(_read(model, chain.growth), Term.variable(before, YEAR), chain.stages)
        yield ratio, Variable("aux", formula, DIMENSIONLESS, sector, f"What a stage holds of the one before: {about}.")
        weights = delays.stage_weights(Term.variable(ratio, DIMENSIONLESS), chain.stages)
    initial, time = _read(model, chain.initial), _read(model, chain.time)
    for n, stage in enumerate(stages):
        share = initial * weights[n] / sum(weights[1:], start=weights[0])
        of = f"stage {n + 1} of {chain.stages}: {about}"
        yield stage, Variable("stock", share, unit, sector, of, (passing[n],), (passing[n + 1],))
        rate = delays.leaving(Term.variable(stage, unit), time, chain.stages)
        last = stage == stages[-1]
        yield passing[n + 1], Variable("aux", rate, unit / YEAR, sector, f"What leaves {name if last else of}.")
    first, *others = (Term.variable(stage, unit) for stage in stages)
    yield name, Variable("aux", sum(others, start=first), unit, sector, about)


def _at_start(model: Model, name: str) -> Term:
    """Give what a variable is at the start: its formula, with what each stock and chain starts from in their place."""
    if name in model.stocks:
        initial = model.stocks[name].initial
        return _read(model, initial) if initial else lift(0.0)
    if name in model.chains:
        return _read(model, model.chains[name].initial)
    if name in model.outflows:
        fault = f"{name}: what leaves a chain at the start would have to be known for a chain to start"
        raise InputError("the model as XMILE", [fault])
    if name not in model.states:
        return _read(model, name)
    equation = model.equations[name]
    return _with(equation.term, {n: _at_start(model, n) for n in equation.inputs})


def _with(term: Term, terms: Mapping[str, Term]) -> Term:
    """Give a formula with terms in the place of its variables."""
    if term.op == "variable":
        return terms[term.name]
    return operation(term.op, *(_with(a, terms) for a in term.args)) if term.args else term


# -- indicators ---------------------------------------------------------------------------------------------
def _indicators(model: Model, indicators: Mapping[str, Indicator]) -> Iterator[tuple[str, Variable]]:
    """Give each indicator as it stands at a moment, and what the readings of a year add up from."""
    for name, indicator in indicators.items():
        if not indicator.above:
            read = {r.variable: _read(model, r.variable) for r in indicator.readings}
            formula, unit = indicator.at_a_moment(read), indicator.at_a_moment(model.units)
            about = f"{indicator.about} {MOMENT} Published in {indicator.unit}."
            yield name, Variable("aux", formula, unit, INDICATORS, about)
        for variable in (r.variable for r in indicator.readings if r.how != "year end"):
            unit, adding = model.units[variable], f"{variable}_adding_up"
            about = f"{variable} since the start; the difference between two year ends is what a year adds up to."
            yield adding, Variable("aux", _read(model, variable), unit, INDICATORS, f"{variable}, to be added up.")
            yield so_far(variable), Variable("stock", lift(0.0), unit * YEAR, INDICATORS, about, (adding,))


def so_far(variable: str) -> str:
    """Give the name of the stock in which a variable is added up from the start."""
    return f"{variable}_so_far"


# -- flows --------------------------------------------------------------------------------------------------
def _flows_marked(variables: Mapping[str, Variable]) -> dict[str, Variable]:
    flows = {f for v in variables.values() for f in (*v.inflows, *v.outflows)}
    return {n: replace(v, kind="flow") if n in flows else v for n, v in variables.items()}


def _shared_flows(variables: Mapping[str, Variable]) -> list[str]:
    """Name each flow that would enter, or leave, more than one stock: a pipe has two ends."""
    faults = []
    for way in ("inflows", "outflows"):
        ends = Counter(f for v in variables.values() for f in getattr(v, way))
        faults += [
            f"{n}: in the {way} of {count} stocks; a flow has one at each end" for n, count in ends.items() if count > 1
        ]
    return faults
