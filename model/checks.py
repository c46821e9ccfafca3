"""Whether declarations and equations fit together; each check gives the faults it finds."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .declarations import Parameter, Series
from .errors import nearest
from .units import YEAR, Unit
from .wiring import Model


def declaration_faults(model: Model) -> list[str]:
    """Compare what declarations name with its owner, and look at their ranges and stages."""
    units, owners = model.units, model.sectors
    faults: list[str] = []

    def refer(name: str, role: str, other: str, unit: Unit) -> None:
        where = f"{owners[name]}.{name}"
        if other not in owners:
            faults.append(f"{where} names {other} as its {role}, which nobody owns{nearest(other, owners)}")
        elif other in units and units[other] != unit:
            held = f"{owners[other]} owns it as {units[other]}"
            faults.append(f"{where} takes {other} as its {role} in {unit}, but {held}")

    given: dict[str, Parameter | Series] = {**model.parameters, **model.series}
    for name, declaration in given.items():
        low, high = declaration.low, declaration.high
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            faults.append(f"{owners[name]}.{name}: its hard range [{low:g}, {high:g}] is not a finite range")
    for name, stock in model.stocks.items():
        if stock.initial:
            refer(name, "initial", stock.initial, units[name])
        for role, flows in (("inflow", stock.inflows), ("outflow", stock.outflows)):
            for flow in flows:
                refer(name, role, flow, units[name] / YEAR)
                if flow in model.stocks:  # no other engine takes one for a flow
                    text = f"takes the stock {flow} as its {role}; a stock is no flow: let a function give it"
                    faults.append(f"{owners[name]}.{name} {text}")
    for name, chain in model.chains.items():
        refer(name, "initial", chain.initial, units[name])
        refer(name, "inflow", chain.inflow, units[name] / YEAR)
        refer(name, "time", chain.time, YEAR)
        if chain.growth:
            refer(name, "growth", chain.growth, Unit.parse("1/year"))
        if chain.stages < 1:
            faults.append(f"{owners[name]}.{name}: a chain has at least one stage, not {chain.stages}")
    return faults


def observation_faults(model: Model) -> list[str]:
    """Find what observations and histories name and nobody owns or observes."""
    faults: list[str] = []

    def refer(where: str, other: str, owners: Iterable[str], what: str) -> None:
        if other not in owners:
            faults.append(f"{where} names {other}, {what}{nearest(other, owners)}")

    inputs = {**model.parameters, **model.series}
    for name, observation in model.observations.items():
        where = f"the observation of {name}"
        for reading in observation.readings:
            refer(where, reading.variable, model.units, "which nobody owns")
        for other in (*observation.like, *observation.over):
            refer(where, other, inputs, "which is neither a Parameter nor a Series")
        if observation.of:
            refer(where, observation.of, model.observations, "a series of facts that nothing observes")
    for name in model.histories:
        refer(f"the history of {name}", name, model.series, "which is no Series")
    return faults


def use_faults(model: Model, read: Iterable[str]) -> list[str]:
    """Name each input that is neither among those ``read`` by a function nor named by a declaration."""
    used = set(read)
    for stock in model.stocks.values():
        used |= {stock.initial, *stock.inflows, *stock.outflows}
    for chain in model.chains.values():
        used |= {chain.inflow, chain.time, chain.initial, chain.growth}
    used |= {loop.held for loop in model.loops.values()}
    # An equation that nobody reads is a result; an input is a mistake.
    inputs = (*model.parameters, *model.series)
    return [f"{model.sectors[name]}.{name}: nobody reads it" for name in inputs if name not in used]


def loop_faults(model: Model) -> list[str]:
    """Tell of each loop whether it can be cut, lies on a cycle, and has the sign that is declared."""
    faults: list[str] = []
    for name, loop in model.loops.items():
        ends = f"loop {name} ({loop.source} -> {loop.reader})"
        unlinked = model.link_faults(ends, loop.source, loop.reader, loop.held)
        faults += unlinked
        if not unlinked:
            path, sign = model.cycle(loop)
            if not path:
                faults.append(f"{ends} is no cycle: nothing leads from {loop.reader} back to {loop.source}")
            elif sign not in ("?", loop.sign):
                faults.append(f"{ends} is declared {loop.sign}, but its formulas give {sign} along {' -> '.join(path)}")
    return faults
