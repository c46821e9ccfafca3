"""Assemble a model: functions wired by name, checked at both ends, put in order.

``assemble(modules)`` collects the declarations and functions of sector modules. A function's name is
the variable it computes, its parameters are the variables it reads, its annotations are the units.
Everything that does not fit is reported at once, each fault naming both ends.
"""

from __future__ import annotations

import graphlib
import hashlib
import inspect
import itertools
import math
import typing
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from . import signs
from .declarations import Chain, Declaration, Loop, Parameter, Series, Stock
from .errors import TraceError, UnitError, WiringError, nearest
from .trace import Term, trace
from .units import YEAR, Unit

Argument = str | tuple[str, ...]


@dataclass(frozen=True)
class Equation:
    """One computed variable: the function, what each of its parameters is fed, and what the trace read off."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    unit: Unit
    sector: str
    about: str
    term: Term

    @property
    def inputs(self) -> tuple[str, ...]:
        """The variables read, in the order of the signature."""
        return _flat(self.arguments)


@dataclass(frozen=True)
class Model:
    """A checked model. Declarations and equations by name; ``order`` is the order of computation.

    ``constants`` depend on Parameters only, ``timed`` on Series too, ``states`` on what accumulates.
    """

    parameters: Mapping[str, Parameter]
    series: Mapping[str, Series]
    stocks: Mapping[str, Stock]
    chains: Mapping[str, Chain]
    loops: Mapping[str, Loop]
    equations: Mapping[str, Equation]
    units: Mapping[str, Unit]
    sectors: Mapping[str, str]
    constants: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    cuts: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable a run can keep."""
        return tuple(self.units)

    def about(self, name: str) -> str:
        """Give the sentence that says what a variable is."""
        if name in self.equations:
            return self.equations[name].about
        for group in (self.parameters, self.series, self.stocks, self.chains):
            if name in group:
                return group[name].about
        return f"what leaves {self.outflows[name]}"

    @property
    def outflows(self) -> dict[str, str]:
        """The chain that owns each outflow of a chain."""
        return {declared.outflow: chain for chain, declared in self.chains.items()}

    def cut(self, names: Iterable[str]) -> Model:
        """Give the model with these loops cut: each reader is fed what is held in place of the source."""
        names = tuple(dict.fromkeys(names))
        unknown = [n for n in names if n not in self.loops]
        if unknown:
            raise WiringError("the cut", [f"no loop is called {n!r}{nearest(n, self.loops)}" for n in unknown])
        model = self
        for loop in (self.loops[n] for n in names):
            model = model.hold(loop.source, loop.reader, loop.held)
        return replace(model, cuts=(*self.cuts, *names))

    def hold(self, source: str, reader: str, held: str) -> Model:
        """Feed ``held`` to ``reader`` in place of ``source``; raises WiringError if they do not go together."""
        faults = _link_faults(self, f"the link {source} -> {reader}", source, reader, held)
        if faults:
            raise WiringError("what is held", faults)
        equation = self.equations[reader]
        fed = tuple(
            tuple(held if n == source else n for n in a) if isinstance(a, tuple) else held if a == source else a
            for a in equation.arguments
        )
        rewired = replace(equation, arguments=fed, term=trace(equation.function, _symbols(fed, self.units)))
        model = _ordered(replace(self, equations={**self.equations, reader: rewired}), faults)
        if not faults:
            _check_initials(model, faults)
        if faults:
            raise WiringError("what is held", faults)
        return model

    def reads(self, name: str) -> tuple[str, ...]:
        """Give everything a variable depends on directly, initials included."""
        if name in self.equations:
            return self.equations[name].inputs
        if name in self.outflows:
            return (self.outflows[name],)
        sources: tuple[str, ...] = ()
        if name in self.stocks:
            stock = self.stocks[name]
            sources = (stock.initial, *stock.inflows, *stock.outflows)
        elif name in self.chains:
            chain = self.chains[name]
            sources = (chain.inflow, chain.time, chain.initial, chain.growth)
        return tuple(n for n in sources if n)

    def structure(self, names: Iterable[str]) -> str:
        """A hash of all that these variables depend on, whatever order files came in and whatever the sentences say."""
        waiting, lines = list(names), dict[str, str]()
        while waiting:
            name = waiting.pop()
            if name in lines:
                continue
            if name in self.equations:
                equation = self.equations[name]
                lines[name] = f"{name} [{equation.unit.powers}] = {equation.term}"
            else:
                groups: tuple[Mapping[str, Any], ...] = (self.parameters, self.series, self.stocks, self.chains)
                declared = [replace(g[name], about="") for g in groups if name in g]
                lines[name] = f"{name}: {declared!r}"
            waiting += self.reads(name)
        return hashlib.sha256("\n".join(sorted(lines.values())).encode()).hexdigest()

    def stages(self, chain: str) -> tuple[str, ...]:
        """Give the names of the stages of a chain, first to last."""
        return tuple(f"{chain}_{i + 1}" for i in range(self.chains[chain].stages))

    def ranges(self) -> dict[str, signs.Interval]:
        """Bound every variable, from the hard ranges and the formulas."""
        found: dict[str, signs.Interval] = {n: (d.low, d.high) for n, d in self.parameters.items()}
        found |= {n: (d.low, d.high) for n, d in self.series.items()}
        found |= {n: (d.low, math.inf) for n, d in self.stocks.items()}
        for name, chain in self.chains.items():
            found |= {name: (0.0, math.inf), chain.outflow: (0.0, math.inf)}
        for name in (*self.constants, *self.timed, *self.states):
            if name in self.equations:
                found[name] = signs.bounds(self.equations[name].term, found)
        return found

    def influences(self) -> dict[str, dict[str, signs.Interval]]:
        """Give, for every variable, what it acts on directly and the bounds of that influence."""
        ranges = self.ranges()
        found: dict[str, dict[str, signs.Interval]] = {name: {} for name in self.units}
        for name, equation in self.equations.items():
            for source in equation.inputs:
                found[source][name] = signs.slope(equation.term, source, ranges)
        for name, stock in self.stocks.items():
            for flow in stock.inflows:
                found[flow][name] = (1.0, 1.0)
            for flow in stock.outflows:
                found[flow][name] = (-1.0, -1.0)
        for name, chain in self.chains.items():
            found[chain.inflow][name] = (0.0, 1.0)
            found[name][chain.outflow] = (0.0, math.inf)
            found[chain.outflow][name] = (-1.0, 0.0)
            found[chain.time][chain.outflow] = (-math.inf, 0.0)
        return found

    def cycle(self, loop: Loop) -> tuple[tuple[str, ...], str]:
        """Give the shortest cycle through source -> reader, and its sign; an empty path if there is none."""
        influences = self.influences()
        paths: deque[tuple[str, ...]] = deque([(loop.reader,)])
        seen = {loop.reader}
        while paths:
            path = paths.popleft()
            if path[-1] == loop.source:
                cycle = (loop.source, *path)
                steps = [influences[a][b] for a, b in itertools.pairwise(cycle)]
                product = (1.0, 1.0)
                for step in steps:
                    product = signs.times(product, step)
                return cycle, signs.sign(product)
            for follower in influences[path[-1]]:
                if follower not in seen:
                    seen.add(follower)
                    paths.append((*path, follower))
        return (), "?"


def assemble(modules: Iterable[ModuleType]) -> Model:
    """Collect, expand, check and order a model; raises WiringError with every fault found."""
    faults: list[str] = []
    owners: dict[str, str] = {}
    declarations: dict[str, Declaration] = {}
    functions: dict[str, Callable[..., Any]] = {}
    groups: dict[str, tuple[str, ...]] = {}
    member_of: dict[str, str] = {}

    def own(name: str, sector: str) -> bool:
        if name in owners:
            faults.append(f"{name}: owned by {owners[name]} and by {sector}")
            return False
        owners[name] = sector
        return True

    for module in modules:
        sector = module.__name__.rsplit(".", 1)[-1]
        for name, value in vars(module).items():
            if name.startswith("_"):
                continue
            declared = isinstance(value, Declaration)
            if not declared and not (inspect.isfunction(value) and value.__module__ == module.__name__):
                continue
            members: tuple[str, ...] = getattr(value, "each", ())
            for member in members or ("",):
                full = _member_name(name, member)
                if own(full, sector):
                    member_of[full] = member
                    if declared:
                        declarations[full] = value
                    else:
                        functions[full] = value
            if members:
                groups[name] = members
                if isinstance(value, Chain):
                    groups[value.outflow] = members

    declarations = {n: _of_member(d, member_of[n], groups) for n, d in declarations.items()}
    loops = {n: d for n, d in declarations.items() if isinstance(d, Loop)}
    chains = {n: d for n, d in declarations.items() if isinstance(d, Chain)}
    for name, chain in chains.items():
        own(chain.outflow, f"{owners[name]} (the outflow of {name})")
    for name in loops:
        del owners[name]

    units = _declared_units({n: d for n, d in declarations.items() if not isinstance(d, Loop)}, owners, faults)
    signatures = {n: _signature(n, member_of[n], f, owners, groups, faults) for n, f in functions.items()}
    units |= {n: signature.unit for n, signature in signatures.items() if signature.unit is not None}
    equations = _trace_all(functions, signatures, units, owners, faults)

    model = Model(
        parameters={n: d for n, d in declarations.items() if isinstance(d, Parameter)},
        series={n: d for n, d in declarations.items() if isinstance(d, Series)},
        stocks={n: d for n, d in declarations.items() if isinstance(d, Stock)},
        chains=chains,
        loops=loops,
        equations=equations,
        units=units,
        sectors=owners,
    )
    _check_declarations(model, faults)
    _check_used(model, signatures, faults)
    if not faults:
        model = _ordered(model, faults)
    if not faults:
        _check_initials(model, faults)
        _check_loops(model, faults)
    if faults:
        raise WiringError("the model", faults)
    return model


# -- collecting ---------------------------------------------------------------------------------------------
def _member_name(name: str, member: str) -> str:
    return f"{name}_{member}" if member else name


def _of_member(declaration: Declaration, member: str, groups: Mapping[str, tuple[str, ...]]) -> Declaration:
    """Turn the group names inside a member's declaration into that member's own names."""
    if isinstance(declaration, Loop) or not member:
        return declaration

    def own(other: str) -> str:
        return _member_name(other, member) if groups.get(other) == members else other

    members = declaration.each
    declaration = replace(declaration, about=f"{declaration.about} ({member})")
    if isinstance(declaration, Stock):
        return replace(
            declaration,
            initial=own(declaration.initial),
            inflows=tuple(own(flow) for flow in declaration.inflows),
            outflows=tuple(own(flow) for flow in declaration.outflows),
        )
    if isinstance(declaration, Chain):
        return replace(
            declaration,
            inflow=own(declaration.inflow),
            outflow=own(declaration.outflow),
            time=own(declaration.time),
            initial=own(declaration.initial),
            growth=own(declaration.growth),
        )
    return declaration


def _declared_units(
    declarations: Mapping[str, Declaration], owners: Mapping[str, str], faults: list[str]
) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for name, declaration in declarations.items():
        assert not isinstance(declaration, Loop)
        try:
            units[name] = _base_unit(declaration.unit)
        except UnitError as error:
            faults.append(f"{owners[name]}.{name}: {error}")
            units[name] = Unit(1.0, (("unreadable", 1),), declaration.unit)
        if isinstance(declaration, Chain):
            units[declaration.outflow] = units[name] / YEAR
    return units


def _base_unit(text: str) -> Unit:
    unit = Unit.parse(text)
    if unit.scale != 1.0:
        raise UnitError(f'unit "{text}" is scaled by {unit.scale:g}; equations use base units')
    return unit


@dataclass(frozen=True)
class _Signature:
    """What a function states: the unit of each of its parameters, and of its result. None: it cannot be read."""

    written: tuple[str, ...]
    arguments: tuple[Argument, ...]
    units: tuple[Unit | None, ...]
    unit: Unit | None

    @property
    def inputs(self) -> tuple[str, ...]:
        return _flat(self.arguments)


def _flat(arguments: Iterable[Argument]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for a in arguments for n in (a if isinstance(a, tuple) else (a,))))


def _signature(
    name: str,
    member: str,
    function: Callable[..., Any],
    owners: Mapping[str, str],
    groups: Mapping[str, tuple[str, ...]],
    faults: list[str],
) -> _Signature:
    where = f"{owners[name]}.{name}"
    members: tuple[str, ...] = getattr(function, "each", ())
    parameters = inspect.signature(function).parameters
    arguments: list[Argument] = []
    for written, parameter in parameters.items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.default is not parameter.empty:
            faults.append(f"{where}: {written} must be a plain parameter without a default")
        group = groups.get(written, ())
        whole = tuple(_member_name(written, m) for m in group)
        arguments.append(_member_name(written, member) if group == members else whole or written)
    for one in _flat(arguments):
        if one not in owners:
            faults.append(f"{where} reads {one}, which nobody owns{nearest(one, owners)}")
    if not (function.__doc__ or "").strip():
        faults.append(f"{where}: has no docstring; one sentence says what it is")
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (AttributeError, NameError, SyntaxError, TypeError) as error:
        faults.append(f"{where}: its annotations cannot be read: {error}")
        return _Signature(tuple(parameters), tuple(arguments), (None,) * len(arguments), None)
    units = tuple(_annotated(where, written, hints.get(written), faults) for written in parameters)
    result = _annotated(where, "its result", hints.get("return"), faults)
    return _Signature(tuple(parameters), tuple(arguments), units, result)


def _annotated(where: str, what: str, hint: Any, faults: list[str]) -> Unit | None:
    if typing.get_origin(hint) is tuple:
        hint = typing.get_args(hint)[0]
    texts = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, str)]
    if not texts:
        faults.append(f"{where}: {what} is not annotated with a unit (as in fiveyear.model.quantities)")
        return None
    try:
        return _base_unit(texts[0])
    except UnitError as error:
        faults.append(f"{where}: {what}: {error}")
        return None


# -- tracing ------------------------------------------------------------------------------------------------
def _trace_all(
    functions: Mapping[str, Callable[..., Any]],
    signatures: Mapping[str, _Signature],
    units: Mapping[str, Unit],
    owners: Mapping[str, str],
    faults: list[str],
) -> dict[str, Equation]:
    equations = {}
    for name, function in functions.items():
        signature = signatures[name]
        if signature.unit is None or None in signature.units:
            continue
        where = f"{owners[name]}.{name}"
        stated: dict[str, Unit] = {}
        for argument, unit in zip(signature.arguments, signature.units, strict=True):
            for one in argument if isinstance(argument, tuple) else (argument,):
                assert unit is not None
                stated[one] = unit
                if one in units and units[one] != unit:
                    faults.append(f"{where} reads {one} as {unit}, but {owners[one]} owns it as {units[one]}")
        try:
            term = trace(function, _symbols(signature.arguments, stated))
        except TraceError as error:
            faults.append(f"{where}: {error}")
            continue
        for written, argument in zip(signature.written, signature.arguments, strict=True):
            if not set(_flat([argument])) & set(term.inputs):
                faults.append(f"{where} takes {written} but its formula does not use it")
        if term.unit is None:
            faults.append(f"{where}: its formula is a condition, not a quantity")
        elif term.unit != signature.unit and not (term.op == "number" and term.value == 0.0):
            faults.append(f"{where} states {signature.unit}, but its formula ({term}) gives {term.unit}")
        equations[name] = Equation(
            name=name,
            function=function,
            arguments=signature.arguments,
            unit=signature.unit,
            sector=owners[name],
            about=" ".join((function.__doc__ or "").split()),
            term=term,
        )
    return equations


def _symbols(arguments: Iterable[Argument], units: Mapping[str, Unit]) -> tuple[Any, ...]:
    return tuple(
        tuple(Term.variable(n, units[n]) for n in a) if isinstance(a, tuple) else Term.variable(a, units[a])
        for a in arguments
    )


# -- checking -----------------------------------------------------------------------------------------------
def _check_declarations(model: Model, faults: list[str]) -> None:
    units, owners = model.units, model.sectors

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
        for flow in stock.inflows:
            refer(name, "inflow", flow, units[name] / YEAR)
        for flow in stock.outflows:
            refer(name, "outflow", flow, units[name] / YEAR)
    for name, chain in model.chains.items():
        refer(name, "initial", chain.initial, units[name])
        refer(name, "inflow", chain.inflow, units[name] / YEAR)
        refer(name, "time", chain.time, YEAR)
        if chain.growth:
            refer(name, "growth", chain.growth, Unit.parse("1/year"))
        if chain.stages < 1:
            faults.append(f"{owners[name]}.{name}: a chain has at least one stage, not {chain.stages}")


def _check_used(model: Model, signatures: Mapping[str, _Signature], faults: list[str]) -> None:
    used = {name for signature in signatures.values() for name in signature.inputs}
    for stock in model.stocks.values():
        used |= {stock.initial, *stock.inflows, *stock.outflows}
    for chain in model.chains.values():
        used |= {chain.inflow, chain.time, chain.initial, chain.growth}
    used |= {loop.held for loop in model.loops.values()}
    for name in (*model.parameters, *model.series):  # an equation that nobody reads is a result; an input is a mistake
        if name not in used:
            faults.append(f"{model.sectors[name]}.{name}: nobody reads it")


def _ordered(model: Model, faults: list[str]) -> Model:
    """Put the equations in an order of computation, by what they depend on."""
    outflows = model.outflows
    graph = {n: e.inputs for n, e in model.equations.items()}
    graph |= {outflow: (model.chains[chain].time, chain) for outflow, chain in outflows.items()}
    try:
        order = list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        faults.append(f"cyclic: {' -> '.join(error.args[1])}, with no stock or chain in between")
        return model
    level = dict.fromkeys(model.parameters, 0) | dict.fromkeys(model.series, 1)
    level |= dict.fromkeys((*model.stocks, *model.chains), 2)
    for name in order:
        if name in graph:
            level[name] = 2 if name in outflows else max((level[i] for i in graph[name]), default=0)
    computed = [n for n in order if n in graph]
    by_level = [tuple(n for n in computed if level[n] == wanted) for wanted in (0, 1, 2)]
    return replace(model, constants=by_level[0], timed=by_level[1], states=by_level[2])


def _check_initials(model: Model, faults: list[str]) -> None:
    fixed = {*model.parameters, *model.constants}
    initials = [(n, d.initial) for n, d in model.stocks.items() if d.initial]
    initials += [(n, i) for n, d in model.chains.items() for i in (d.initial, d.growth) if i]
    for name, initial in initials:
        if initial not in fixed:
            kind = "the state" if initial in (*model.states, *model.stocks, *model.chains) else "time"
            faults.append(
                f"{model.sectors[name]}.{name}: its initial {initial} ({model.sectors[initial]}) depends on {kind};"
                " it may depend on Parameters only"
            )


def _link_faults(model: Model, ends: str, source: str, reader: str, held: str) -> list[str]:
    """Tell why ``reader`` cannot be fed ``held`` in place of ``source``."""
    unknown = [n for n in (source, reader, held) if n not in model.units]
    if unknown:
        return [f"{ends} names {n}, which nobody owns{nearest(n, model.units)}" for n in unknown]
    if reader not in model.equations or source not in model.equations[reader].inputs:
        return [f"{ends}: {reader} does not read {source}"]
    if model.units[held] != model.units[source]:
        return [
            f"{ends}: holds {held}, which is {model.units[held]}, in place of {source}, which is {model.units[source]}"
        ]
    return []


def _check_loops(model: Model, faults: list[str]) -> None:
    for name, loop in model.loops.items():
        ends = f"loop {name} ({loop.source} -> {loop.reader})"
        unlinked = _link_faults(model, ends, loop.source, loop.reader, loop.held)
        faults += unlinked
        if not unlinked:
            path, sign = model.cycle(loop)
            if not path:
                faults.append(f"{ends} is no cycle: nothing leads from {loop.reader} back to {loop.source}")
            elif sign not in ("?", loop.sign):
                faults.append(f"{ends} is declared {loop.sign}, but its formulas give {sign} along {' -> '.join(path)}")
