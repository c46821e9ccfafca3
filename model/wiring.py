"""Assemble a model: functions wired by name, checked at both ends, put in order.

``assemble(modules)`` collects the declarations and functions of sector modules. A function's name is
the variable it computes, its parameters are the variables it reads, its annotations are the units.
Everything that does not fit is reported at once, each fault naming both ends.
"""

from __future__ import annotations

import difflib
import graphlib
import hashlib
import inspect
import math
import typing
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Any

from . import signs
from .declarations import Chain, Declaration, Loop, Parameter, Series, Stock
from .errors import TraceError, UnitError, WiringError
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
        flat = [n for a in self.arguments for n in (a if isinstance(a, tuple) else (a,))]
        return tuple(dict.fromkeys(flat))


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
        (chain,) = [c for c, d in self.chains.items() if d.outflow == name]
        return f"what leaves {chain}"

    def cut(self, names: Iterable[str]) -> Model:
        """Give the model with these loops cut: each reader is fed what is held in place of the source."""
        model = self
        for name in names:
            if name not in self.loops:
                raise WiringError("the cut", [f"no loop is called {name!r}{_nearest(name, self.loops)}"])
            loop = self.loops[name]
            model = model.hold(loop.source, loop.reader, loop.held)
        return replace(model, cuts=(*self.cuts, *names))

    def hold(self, source: str, reader: str, held: str) -> Model:
        """Feed ``held`` to ``reader`` in place of ``source``; both must have one unit."""
        equation = self.equations[reader]
        fed = tuple(held if a == source else a for a in equation.arguments)
        symbols = tuple(
            tuple(Term.variable(n, self.units[n]) for n in a) if isinstance(a, tuple) else Term.variable(a, self.units[a])
            for a in fed
        )
        rewired = replace(equation, arguments=fed, term=trace(equation.function, symbols))
        return _ordered(replace(self, equations={**self.equations, reader: rewired}), [])

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the structure: every declaration, equation and initial, whatever order files came in."""
        lines = [f"{n}: {d!r}" for g in (self.parameters, self.series, self.stocks, self.chains) for n, d in g.items()]
        lines += [f"{n} [{e.unit.powers}] = {e.term} <- {e.arguments}" for n, e in self.equations.items()]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

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
        paths = deque([(loop.reader,)])
        seen = {loop.reader}
        while paths:
            path = paths.popleft()
            if path[-1] == loop.source:
                cycle = (loop.source, *path)
                steps = [influences[a][b] for a, b in zip(cycle, cycle[1:], strict=False)]
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
            members = getattr(value, "each", ())
            if isinstance(value, Declaration):
                for full, member in _members(name, members):
                    if own(full, sector):
                        declarations[full] = _of_member(value, member)
            elif inspect.isfunction(value) and value.__module__ == module.__name__:
                for full, _ in _members(name, members):
                    if own(full, sector):
                        functions[full] = value
            else:
                continue
            if members:
                groups[name] = members

    declarations = {n: _resolve(d, n, groups) for n, d in declarations.items()}
    loops = {n: d for n, d in declarations.items() if isinstance(d, Loop)}
    chains = {n: d for n, d in declarations.items() if isinstance(d, Chain)}
    for name, chain in chains.items():
        own(chain.outflow, f"{owners[name]} (the outflow of {name})")
    for name in loops:
        del owners[name]

    units = _declared_units({n: d for n, d in declarations.items() if not isinstance(d, Loop)}, owners, faults)
    signatures = {n: _signature(n, f, owners, groups, faults) for n, f in functions.items()}
    for name, read in signatures.items():
        if read is not None:
            units[name] = read[1]
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
    _check_used(model, faults)
    if not faults:
        model = _ordered(model, faults)
    if not faults:
        _check_initials(model, faults)
        _check_loops(model, faults)
    if faults:
        raise WiringError("the model", faults)
    return model


# -- collecting ---------------------------------------------------------------------------------------------
def _members(name: str, members: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{name}_{m}", m) for m in members] or [(name, "")]


def _of_member(declaration: Declaration, member: str) -> Declaration:
    if isinstance(declaration, Loop) or not member:
        return declaration
    return replace(declaration, about=f"{declaration.about} ({member})")


def _resolve(declaration: Declaration, name: str, groups: Mapping[str, tuple[str, ...]]) -> Declaration:
    """Turn the group names inside a member's declaration into that member's own names."""
    if isinstance(declaration, Loop | Parameter | Series) or not declaration.each:
        return declaration
    (member,) = [m for m in declaration.each if name.endswith(f"_{m}")][-1:]

    def own(other: str) -> str:
        return f"{other}_{member}" if groups.get(other) == declaration.each else other

    if isinstance(declaration, Stock):
        flows = [tuple(own(f) for f in group) for group in (declaration.inflows, declaration.outflows)]
        initial = own(declaration.initial) if declaration.initial else ""
        return replace(declaration, initial=initial, inflows=flows[0], outflows=flows[1])
    return replace(
        declaration,
        inflow=own(declaration.inflow),
        outflow=f"{declaration.outflow}_{member}",
        time=own(declaration.time),
        initial=own(declaration.initial),
        growth=own(declaration.growth) if declaration.growth else "",
    )


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


Signature = tuple[list[tuple[str, Argument, Unit]], Unit]


def _signature(
    name: str,
    function: Callable[..., Any],
    owners: Mapping[str, str],
    groups: Mapping[str, tuple[str, ...]],
    faults: list[str],
) -> Signature | None:
    """Read a function's parameters (as written, as fed, unit) and its unit; None if they cannot be read."""
    where = f"{owners[name]}.{name}"
    members: tuple[str, ...] = getattr(function, "each", ())
    member = next((m for m in members if name.endswith(f"_{m}")), "")
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        faults.append(f"{where}: its annotations cannot be read: {error}")
        return None
    read: list[tuple[str, Argument, Unit]] = []
    for parameter in inspect.signature(function).parameters.values():
        written = parameter.name
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.default is not parameter.empty:
            faults.append(f"{where}: {written} must be a plain parameter without a default")
            return None
        unit = _annotated(where, written, hints.get(written), faults)
        if unit is None:
            return None
        group = groups.get(written, ())
        fed: Argument = written
        if group:
            fed = f"{written}_{member}" if group == members else tuple(f"{written}_{m}" for m in group)
        for one in fed if isinstance(fed, tuple) else (fed,):
            if one not in owners:
                faults.append(f"{where} reads {one}, which nobody owns{_nearest(one, owners)}")
                return None
        read.append((written, fed, unit))
    result = _annotated(where, "its result", hints.get("return"), faults)
    if not (function.__doc__ or "").strip():
        faults.append(f"{where}: has no docstring; one sentence says what it is")
    return None if result is None else (read, result)


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
    signatures: Mapping[str, Signature | None],
    units: Mapping[str, Unit],
    owners: Mapping[str, str],
    faults: list[str],
) -> dict[str, Equation]:
    equations = {}
    for name, function in functions.items():
        signature = signatures[name]
        if signature is None:
            continue
        read, stated = signature
        where = f"{owners[name]}.{name}"
        symbols: list[Any] = []
        for _, fed, unit in read:
            fed_names = fed if isinstance(fed, tuple) else (fed,)
            for one in fed_names:
                if one in units and units[one] != unit:
                    faults.append(f"{where} reads {one} as {unit}, but {owners[one]} owns it as {units[one]}")
            terms = tuple(Term.variable(one, unit) for one in fed_names)
            symbols.append(terms if isinstance(fed, tuple) else terms[0])
        try:
            term = trace(function, tuple(symbols))
        except TraceError as error:
            faults.append(f"{where}: {error}")
            continue
        for written, fed, _ in read:
            if not set(fed if isinstance(fed, tuple) else (fed,)) & set(term.inputs):
                faults.append(f"{where} takes {written} but its formula does not use it")
        if term.unit is None:
            faults.append(f"{where}: its formula is a condition, not a quantity")
        elif term.unit != stated and not (term.op == "number" and term.value == 0.0):
            faults.append(f"{where} states {stated}, but its formula ({term}) gives {term.unit}")
        equations[name] = Equation(
            name=name,
            function=function,
            arguments=tuple(fed for _, fed, _ in read),
            unit=stated,
            sector=owners[name],
            about=" ".join((function.__doc__ or "").split()),
            term=term,
        )
    return equations


# -- checking -----------------------------------------------------------------------------------------------
def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f"; nearest is {near[0]}" if near else ""


def _check_declarations(model: Model, faults: list[str]) -> None:
    units, owners = model.units, model.sectors

    def refer(name: str, role: str, other: str, unit: Unit | None) -> None:
        where = f"{owners[name]}.{name}"
        if other not in units:
            faults.append(f"{where} names {other} as its {role}, which nobody owns{_nearest(other, units)}")
        elif unit is not None and units[other] != unit:
            faults.append(f"{where} takes {other} as its {role} in {unit}, but {owners[other]} owns it as {units[other]}")

    for name, declaration in (*model.parameters.items(), *model.series.items()):
        if not (math.isfinite(declaration.low) and math.isfinite(declaration.high) and declaration.low < declaration.high):
            faults.append(
                f"{owners[name]}.{name}: its hard range [{declaration.low:g}, {declaration.high:g}] is not a finite range"
            )
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


def _check_used(model: Model, faults: list[str]) -> None:
    used: set[str] = set()
    for equation in model.equations.values():
        used |= set(equation.inputs)
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
    outflows = {chain.outflow: name for name, chain in model.chains.items()}
    graph = {n: set(e.inputs) for n, e in model.equations.items()}
    graph |= {outflow: {model.chains[chain].time, chain} for outflow, chain in outflows.items()}
    try:
        order = list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        path = list(reversed(error.args[1]))
        faults.append(f"cyclic: {' -> '.join(path)}, with no stock or chain in between")
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
    accumulating = {n: d.initial for n, d in (*model.stocks.items(), *model.chains.items()) if d.initial}
    accumulating |= {n: d.growth for n, d in model.chains.items() if d.growth}
    for name, initial in accumulating.items():
        if initial not in fixed:
            kind = "the state" if initial in (*model.states, *model.stocks, *model.chains) else "time"
            faults.append(
                f"{model.sectors[name]}.{name}: its initial {initial} ({model.sectors[initial]}) depends on {kind};"
                " it may depend on Parameters only"
            )


def _check_loops(model: Model, faults: list[str]) -> None:
    for name, loop in model.loops.items():
        ends = f"loop {name} ({loop.source} -> {loop.reader})"
        unknown = [n for n in (loop.source, loop.reader, loop.held) if n not in model.units]
        if unknown:
            faults += [f"{ends} names {n}, which nobody owns{_nearest(n, model.units)}" for n in unknown]
        elif loop.reader not in model.equations or loop.source not in model.equations[loop.reader].inputs:
            faults.append(f"{ends}: {loop.reader} does not read {loop.source}")
        elif model.units[loop.held] != model.units[loop.source]:
            faults.append(
                f"{ends}: holds {loop.held}, which is {model.units[loop.held]}, in place of {loop.source},"
                f" which is {model.units[loop.source]}"
            )
        else:
            path, sign = model.cycle(loop)
            if not path:
                faults.append(f"{ends} is no cycle: nothing leads from {loop.reader} back to {loop.source}")
            elif sign not in ("?", loop.sign):
                faults.append(f"{ends} is declared {loop.sign}, but its formulas give {sign} along {' -> '.join(path)}")
