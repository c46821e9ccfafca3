"""The formulas of a model as a reader wants them: a group's equation once, with an index; named pieces by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from fiveyear.model import Model, delays
from fiveyear.model.trace import Term, operation
from fiveyear.model.typeset import Fraction, Line, Name, Row, Words, lines, name
from fiveyear.model.units import DIMENSIONLESS

WIDTH = 100.0  # of a line, in characters

Formula = tuple[Line, ...]


@dataclass(frozen=True)
class Group:
    """Members that share declarations and equations; ``letter`` is their index, ``other`` one for sums beside it."""

    members: tuple[str, ...]
    letter: str
    other: str


@dataclass(frozen=True)
class Member:
    """A variable as a member of a group: ``base`` is the name that all have in common."""

    base: str
    member: str
    group: Group


def members(model: Model) -> dict[str, Member]:
    """Give each variable that belongs to a group."""
    each: dict[str, tuple[str, ...]] = {n: model.members(n) for n in model.equations}
    declared: tuple[Mapping[str, Any], ...] = (model.parameters, model.series, model.stocks, model.chains)
    each |= {n: model.members(n) for group in declared for n in group}
    each |= {chain.outflow: model.members(n) for n, chain in model.chains.items()}
    sets = dict.fromkeys(m for m in each.values() if m)
    groups = {m: Group(m, f"i{n}", f"j{n}") for n, m in zip(["", *range(2, 2 + len(sets))], sets, strict=False)}
    memberships = {}
    for variable, names in each.items():
        for member in names:
            base = variable.removesuffix(f"_{member}")
            if base != variable and all(f"{base}_{m}" in each for m in names):
                memberships[variable] = Member(base, member, groups[names])
    return memberships


class Formulas:
    """The formulas of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.members = members(model)

    @property
    def once(self) -> tuple[str, ...]:
        """Every variable, but of a group the first member only."""
        later = {n for n, member in self.members.items() if member.member != member.group.members[0]}
        return tuple(n for n in self.model.names if n not in later)

    def all_of(self, variable: str) -> tuple[str, ...]:
        """Give a variable with those of the other members of its group."""
        member = self.members.get(variable)
        return tuple(f"{member.base}_{m}" for m in member.group.members) if member else (variable,)

    def indexed(self, variable: str, of: str = "") -> str:
        """Give a variable by its index, as ``name`` takes it, in an equation for the variable ``of``."""
        member, own = self.members.get(variable), self.members.get(of or variable)
        if member is None:
            return variable
        same = own is not None and (own.group, own.member) == (member.group, member.member)
        return f"{member.base}[{member.group.letter if same else member.member}]"

    def name(self, variable: str) -> Name:
        """Give the name of a variable, of a group with its index."""
        return name(self.indexed(variable))

    def of(self, variable: str) -> tuple[Formula, ...]:
        """Give all that defines a variable that is computed."""
        if variable in self.model.stocks:
            return self._stock(variable)
        if variable in self.model.chains:
            return self._chain(variable)
        if variable in self.model.outflows:
            return (self._leaving(variable),)
        equation = self.model.equations[variable]
        parts = [
            lines([Words("and " if i else "where "), name(n, part=True)], self.term(variable, n), WIDTH)
            for i, n in enumerate(equation.parts)
        ]
        return (lines([self.name(variable)], self.term(variable), WIDTH), *parts)

    def term(self, variable: str, part: str = "") -> Term:
        """Give the formula of an equation, or of a part of it, with its parts by name and members by index."""
        equation = self.model.equations[variable]
        return self._rewritten(equation.parts.get(part, equation.term), variable, equation.parts)

    def _rewritten(self, root: Term, variable: str, parts: Mapping[str, Term]) -> Term:
        named = {id(term): n for n, term in parts.items() if term is not root}

        def rewrite(term: Term) -> Term:
            if id(term) in named:
                return Term("part", (), term.unit, name=named[id(term)])
            if term.op == "variable":
                return replace(term, name=self.indexed(term.name, variable))
            if term.op == "add":
                return reduce(lambda a, b: operation("add", a, b), self._totalled(addends(term), variable, rewrite))
            return replace(term, args=tuple(rewrite(a) for a in term.args))

        def addends(term: Term) -> list[Term]:
            is_sum = term.op == "add" and id(term) not in named
            return [t for a in term.args for t in addends(a)] if is_sum else [term]

        return rewrite(root)

    def _totalled(self, addends: list[Term], variable: str, rewrite: Any) -> list[Term]:
        """Rewrite the addends; where one stands for each member of a group, they become one sum over the index."""
        terms: list[Term] = []
        groups = {m.group.members: m.group for m in self.members.values()}.values()
        while addends:
            for group in groups:
                total = self._total(addends[: len(group.members)], group, variable)
                if total is not None:
                    terms.append(total)
                    addends = addends[len(group.members) :]
                    break
            else:
                terms.append(rewrite(addends[0]))
                addends = addends[1:]
        return terms

    def _total(self, addends: list[Term], group: Group, variable: str) -> Term | None:
        own = self.members.get(variable)
        letter = group.other if own and own.group == group else group.letter
        seen, bodies = set(), []
        for addend in addends:
            named = {m for n in addend.inputs if (m := self.members.get(n)) and m.group == group}
            if len({m.member for m in named}) != 1:
                return None
            seen.add(next(iter(named)).member)
            bodies.append(_renamed(addend, {f"{m.base}_{m.member}": f"{m.base}[{letter}]" for m in named}))
        if seen != set(group.members) or len({str(body) for body in bodies}) != 1:
            return None
        return Term("sum", (bodies[0],), bodies[0].unit, name=letter)

    # -- what accumulates --------------------------------------------------------------------------------------
    def _variable(self, variable: str, of: str) -> Any:
        return Term.variable(self.indexed(variable, of), self.model.units[variable])

    def _stock(self, variable: str) -> tuple[Formula, ...]:
        stock = self.model.stocks[variable]
        zero = Term("number", (), DIMENSIONLESS)
        rate = zero
        for flow in stock.inflows:
            rate = operation("add", rate, self._variable(flow, variable))
        for flow in stock.outflows:
            rate = operation("subtract", rate, self._variable(flow, variable))
        start = self._variable(stock.initial, variable) if stock.initial else zero
        own = self.name(variable)
        return (lines([_change(own)], rate, WIDTH), lines([own, Words("(0)")], start, WIDTH))

    def _leaving(self, outflow: str) -> Formula:
        chain = self.model.outflows[outflow]
        last = self._stage(chain, str(self.model.chains[chain].stages))
        return lines([self.name(outflow)], self._passing(chain, last), WIDTH)

    def _passing(self, variable: str, stage: Any) -> Any:
        chain = self.model.chains[variable]
        return delays.leaving(stage, self._variable(chain.time, variable), chain.stages)

    def _stage(self, variable: str, place: str) -> Any:
        base, _, index = self.indexed(variable).removesuffix("]").partition("[")
        index = f"{index}, {place}" if index else place
        return Term.variable(f"{base}[{index}]", self.model.units[variable])

    def _chain(self, variable: str) -> tuple[Formula, ...]:
        """Give the stages of a chain as ``reference.Run`` runs them, and how they start in ``Run.initial``."""
        chain = self.model.chains[variable]
        inflow, total = self._variable(chain.inflow, variable), self._variable(chain.initial, variable)
        here, before, first = (self._stage(variable, place) for place in ("k", "k-1", "1"))
        counter = Term("part", (), DIMENSIONLESS, name="k")
        formulas = [
            lines([self.name(variable)], Term("sum", (here,), here.unit, name="k"), WIDTH),
            lines([_change(name(first.name))], inflow - self._passing(variable, first), WIDTH),
        ]
        if chain.stages > 1:
            rate = self._passing(variable, before) - self._passing(variable, here)
            *ahead, last = lines([_change(name(here.name))], rate, WIDTH)
            places = (Words(", "), name("k", part=True), Words(f" = {_range(2, chain.stages)}"))
            formulas.append((*ahead, (*last, *places)))
        start = (name(here.name), Words("(0)"))
        if not chain.growth:
            return (*formulas, lines(start, total / _number(chain.stages), WIDTH))
        ratio, other = Term("part", (), DIMENSIONLESS, name="w"), Term("part", (), DIMENSIONLESS, name="l")
        weights = Term("sum", (ratio ** (other - 1.0),), DIMENSIONLESS, name="l")
        at_start, _, index = self.indexed(chain.time, variable).partition("[")
        time: Any = Term.variable(f"{at_start}(0){'[' + index if index else ''}", self.model.units[chain.time])
        held: Any = delays.stage_ratio(self._variable(chain.growth, variable), time, chain.stages)
        return (
            *formulas,
            lines(start, total * (ratio ** (counter - 1.0) / weights), WIDTH),
            lines([Words("where "), name("w", part=True)], held, WIDTH),
        )


def _number(value: float) -> Any:
    return Term("number", (), DIMENSIONLESS, value=float(value))


def _change(of: Name) -> Fraction:
    """Give the derivative of a variable with respect to time."""
    return Fraction(Row((Words("d "), of)), Row((Words("d "), name("t", part=True))))


def _range(first: int, last: int) -> str:
    return ", ".join(map(str, range(first, last + 1))) if last - first < 4 else f"{first}, ..., {last}"


def _renamed(term: Term, names: Mapping[str, str]) -> Term:
    if term.op == "variable":
        return replace(term, name=names.get(term.name, term.name))
    return replace(term, args=tuple(_renamed(a, names) for a in term.args))
