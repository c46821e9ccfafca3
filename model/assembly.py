"""Assemble a model: functions wired by name, checked at both ends, put in order.

``assemble(modules, country)`` collects the declarations and functions of sector modules. A function's name is
the variable it computes, its parameters are the variables it reads, its annotations are the units.
Everything that does not fit is reported at once, each fault naming both ends.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from . import checks
from .country import Country
from .declarations import Chain, Declaration, Loop, Parameter, Series, Stock
from .docstrings import docstring
from .errors import TraceError, UnitError, WiringError, nearest
from .labels import in_words
from .observation import History, Observation
from .trace import trace
from .units import YEAR, Unit
from .wiring import Argument, Equation, Model, flat, symbols

TITLE = "the model"  # what a message says has faults

# The model of another country is made of the same functions.
_signature_of = functools.lru_cache(maxsize=1024)(inspect.signature)
_hints_of = functools.lru_cache(maxsize=1024)(functools.partial(typing.get_type_hints, include_extras=True))


def assemble(modules: Iterable[ModuleType], country: Country | None = None) -> Model:
    """Collect, expand, check and order a model; raises WiringError with every fault found."""
    country = country or Country()
    faults: list[str] = []
    owners: dict[str, str] = {}
    declarations: dict[str, Declaration] = {}
    functions: dict[str, Callable[..., Any]] = {}
    groups: dict[str, tuple[str, ...]] = {}
    member_of: dict[str, str] = {}
    observations: list[tuple[str, Observation]] = []
    histories: dict[str, History] = {}
    absent: set[str] = set()  # what each member of a group would have, which has none
    unread: set[str] = set()  # but by what is absent

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
            if isinstance(value, Observation):
                observations.append((f"{sector}.{name}", value))
            if isinstance(value, History):
                if value.series in histories:
                    faults.append(f"{sector}.{name}: {value.series} has a history already")
                histories[value.series] = value
            declared = isinstance(value, Declaration)
            if not declared and not (inspect.isfunction(value) and value.__module__ == module.__name__):
                continue
            each = getattr(value, "each", ())
            members = country.members(each)
            if each and not members:
                absent.add(name)
                unread |= set() if declared else {*_signature_of(value).parameters}
            for member in members if each else ("",):
                full = _member_name(name, member)
                if own(full, sector):
                    member_of[full] = member
                    if declared:
                        declarations[full] = value if isinstance(value, Loop) else country.declared(value)
                    else:
                        functions[full] = value
            if members:
                groups[name] = members
                if isinstance(value, Chain):
                    groups[value.outflow] = members

    declarations = {n: _of_member(d, member_of[n], groups) for n, d in declarations.items()}
    for name in _hanging_on(absent, functions):
        absent.add(name)
        unread |= {*_signature_of(functions.pop(name)).parameters}
        del owners[name], member_of[name]
    for name in unread & _inputs(declarations) - _named(declarations.values(), functions.values()):
        absent.add(name)
        del declarations[name], owners[name], member_of[name]
    loops = {n: d for n, d in declarations.items() if isinstance(d, Loop)}
    chains = {n: d for n, d in declarations.items() if isinstance(d, Chain)}
    for name, chain in chains.items():
        own(chain.outflow, f"{owners[name]} (the outflow of {name})")
    for name in loops:
        del owners[name]

    units = _declared_units({n: d for n, d in declarations.items() if not isinstance(d, Loop)}, owners, faults)
    signatures = {n: _signature(n, member_of[n], f, owners, groups, country, faults) for n, f in functions.items()}
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
        sectors={n: owner.split(" ")[0] for n, owner in owners.items()},  # of an outflow, without what it is
        observations=_observations(observations, groups, country, faults),
        histories={n: h for n, h in histories.items() if n in declarations},
        country=country,
        without_members=frozenset({*absent, *_without_members(observations, country)}),
    )
    faults += checks.declaration_faults(model)
    faults += checks.observation_faults(model)
    faults += checks.use_faults(model, (n for signature in signatures.values() for n in signature.inputs))
    if faults:
        raise WiringError(TITLE, faults)
    model = model.ordered(TITLE)
    faults = model.initial_faults() + checks.loop_faults(model)
    if faults:
        raise WiringError(TITLE, faults)
    return model


# -- collecting ---------------------------------------------------------------------------------------------
def _member_name(name: str, member: str) -> str:
    return f"{name}_{member}" if member else name


def _hanging_on(absent: Collection[str], functions: Mapping[str, Callable[..., Any]]) -> list[str]:
    """Give the functions that read what is absent, or what hangs on it."""
    gone = set(absent)
    while more := {n for n, f in functions.items() if n not in gone and gone & {*_signature_of(f).parameters}}:
        gone |= more
    return [n for n in functions if n in gone]


def _inputs(declarations: Mapping[str, Declaration]) -> set[str]:
    return {name for name, declared in declarations.items() if isinstance(declared, Parameter | Series)}


def _named(declarations: Iterable[Declaration], functions: Iterable[Callable[..., Any]]) -> set[str]:
    """Give all that functions read, and that declarations name."""
    read = {name for function in functions for name in _signature_of(function).parameters}
    texts = [value for declared in declarations for value in vars(declared).values()]
    return read | {t for text in texts for t in (text if isinstance(text, tuple) else (text,)) if isinstance(t, str)}


def _of_member(declaration: Declaration, member: str, groups: Mapping[str, tuple[str, ...]]) -> Declaration:
    """Turn the group names inside a member's declaration into that member's own names."""
    if isinstance(declaration, Loop) or not member:
        return declaration

    def own(other: str) -> str:
        return _member_name(other, member) if groups.get(other) == members else other

    members = declaration.each
    declaration = replace(declaration, about=f"{declaration.about} ({in_words(member)})")
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


def _without_members(declared: Iterable[tuple[str, Observation]], country: Country) -> set[str]:
    return {o.series for _, o in declared if o.each and not country.members(o.each)}


def _observations(
    declared: Iterable[tuple[str, Observation]],
    groups: Mapping[str, tuple[str, ...]],
    country: Country,
    faults: list[str],
) -> dict[str, Observation]:
    """Give each series of facts by name; of a group, one for every member, who has its own names."""
    by_series: dict[str, Observation] = {}
    for where, observation in declared:
        members = country.members(observation.each)
        for member in members if observation.each else ("",):

            def own(name: str, member: str = member, members: tuple[str, ...] = members) -> str:
                return _member_name(name, member) if members and groups.get(name) == members else name

            full = _member_name(observation.series, member)
            if full in by_series:
                faults.append(f"{where}: the series of facts {full} is observed already")
            by_series[full] = replace(
                observation,
                series=full,
                like=tuple(own(n) for n in observation.like),
                over=tuple(own(n) for n in observation.over),
                readings=tuple(r._replace(variable=own(r.variable)) for r in observation.readings),
                each=(),
            )
    return by_series


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
        return flat(self.arguments)


def _signature(
    name: str,
    member: str,
    function: Callable[..., Any],
    owners: Mapping[str, str],
    groups: Mapping[str, tuple[str, ...]],
    country: Country,
    faults: list[str],
) -> _Signature:
    where = f"{owners[name]}.{name}"
    members = country.members(getattr(function, "each", ()))
    parameters = _signature_of(function).parameters
    arguments: list[Argument] = []
    for written, parameter in parameters.items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD or parameter.default is not parameter.empty:
            faults.append(f"{where}: {written} must be a plain parameter without a default")
        group = groups.get(written, ())
        group_names = tuple(_member_name(written, m) for m in group)
        arguments.append(_member_name(written, member) if group == members else group_names or written)
    for argument in flat(arguments):
        if argument not in owners:
            faults.append(f"{where} reads {argument}, which nobody owns{nearest(argument, owners)}")
    if not docstring(function).strip():
        faults.append(f"{where}: has no docstring; one sentence says what it is")
    try:
        hints = _hints_of(function)
    except (AttributeError, NameError, SyntaxError, TypeError) as error:
        faults.append(f"{where}: its annotations cannot be read: {error}")
        return _Signature(tuple(parameters), tuple(arguments), (None,) * len(arguments), None)
    units = tuple(_annotated(where, written, hints.get(written), country, faults) for written in parameters)
    result = _annotated(where, "its result", hints.get("return"), country, faults)
    return _Signature(tuple(parameters), tuple(arguments), units, result)


def _annotated(where: str, what: str, hint: Any, country: Country, faults: list[str]) -> Unit | None:
    if typing.get_origin(hint) is tuple:
        hint = typing.get_args(hint)[0]
    texts = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, str)]
    if not texts:
        faults.append(f"{where}: {what} is not annotated with a unit (as in fiveyear.model.quantities)")
        return None
    try:
        return _base_unit(country.unit(texts[0]))
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
            for input_name in argument if isinstance(argument, tuple) else (argument,):
                assert unit is not None
                stated[input_name] = unit
                if input_name in units and units[input_name] != unit:
                    faults.append(
                        f"{where} reads {input_name} as {unit}, but {owners[input_name]} owns it as {units[input_name]}"
                    )
        try:
            term, parts = trace(function, symbols(signature.arguments, stated))
        except TraceError as error:
            faults.append(f"{where}: {error}")
            continue
        for written, argument in zip(signature.written, signature.arguments, strict=True):
            if not set(flat([argument])) & set(term.inputs):
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
            about=" ".join(docstring(function).split()),
            term=term,
            parts=parts,
        )
    return equations
