"""A checked model: functions wired by name, in an order of computation, and what can be asked of it."""

from __future__ import annotations

import functools
import graphlib
import hashlib
import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import signs
from .country import Country
from .declarations import Chain, Each, Loop, Parameter, Series, Stock
from .errors import WiringError, nearest
from .indicators import INDICATORS, STATISTICS, Indicator
from .observation import History, Observation
from .trace import Term, trace
from .units import Unit

Argument = str | tuple[str, ...]  # what one parameter of an equation is given: a variable, or all members of a group


@dataclass(frozen=True)
class Equation:
    """One computed variable: the function, what each of its parameters is given, and what the trace read off.

    ``parts`` are the pieces of the formula to which the function gives a name of its own.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    unit: Unit
    sector: str
    about: str
    term: Term
    parts: Mapping[str, Term]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The variables read, in the order of the signature."""
        return flat(self.arguments)


@dataclass(frozen=True, eq=False)  # a model is itself, so that what is made of it can be kept by it
class Model:
    """A checked model: declarations and equations by name, the unit and the sector of every variable.

    What is computed stands in three groups, each in an order of computation: ``constants`` depend on Parameters
    only, ``timed`` on Series too, ``states`` on what accumulates. ``cuts`` names the loops that are cut.
    """

    parameters: Mapping[str, Parameter]
    series: Mapping[str, Series]
    stocks: Mapping[str, Stock]
    chains: Mapping[str, Chain]
    loops: Mapping[str, Loop]
    equations: Mapping[str, Equation]
    units: Mapping[str, Unit]
    sectors: Mapping[str, str]
    observations: Mapping[str, Observation]  # by series of facts
    histories: Mapping[str, History]  # by Series
    constants: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    country: Country = field(default_factory=Country)
    without_members: frozenset[str] = frozenset()  # what hangs on a group that has none, and is not there

    @functools.cached_property
    def indicators(self) -> dict[str, Indicator]:
        """What a plan may count, as it is in this country."""
        here = self.country.indicators(INDICATORS)
        return {n: i for n, i in here.items() if not self.without_members & {r.variable for r in i.readings}}

    @functools.cached_property
    def statistics(self) -> dict[str, Indicator]:
        """What statistics publish besides."""
        return self.country.indicators(STATISTICS)

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

    def members(self, name: str) -> tuple[str, ...]:
        """Give the members of the group that a variable, other than an outflow, is one of; none if it is of none."""
        groups = (self.parameters, self.series, self.stocks, self.chains)
        declared = next((group[name] for group in groups if name in group), None)
        each: Each = declared.each if declared else getattr(self.equations[name].function, "each", ())
        return self.country.members(each)

    @functools.cached_property
    def outflows(self) -> dict[str, str]:
        """The chain that owns each outflow of a chain."""
        return {declared.outflow: chain for chain, declared in self.chains.items()}

    def cut(self, names: Iterable[str]) -> Model:
        """Give the model with these loops cut: each reader is set to what is held in place of the source."""
        return _cut(self, tuple(dict.fromkeys(names)))

    def _cut(self, names: tuple[str, ...]) -> Model:
        unknown = [n for n in names if n not in self.loops]
        if unknown:
            raise WiringError("the cut", [f"no loop is called {n!r}{nearest(n, self.loops)}" for n in unknown])
        model = self
        for loop in (self.loops[n] for n in names):
            model = model.hold(loop.source, loop.reader, loop.held)
        return replace(model, cuts=(*self.cuts, *names))

    def hold(self, source: str, reader: str, held: str) -> Model:
        """Give ``held`` to ``reader`` in place of ``source``; raises WiringError if they do not go together."""
        title = "what is held"
        faults = self.link_faults(f"the link {source} -> {reader}", source, reader, held)
        if faults:
            raise WiringError(title, faults)
        equation = self.equations[reader]
        fed = tuple(
            tuple(held if n == source else n for n in a) if isinstance(a, tuple) else held if a == source else a
            for a in equation.arguments
        )
        term, parts = trace(equation.function, symbols(fed, self.units))
        rewired = replace(equation, arguments=fed, term=term, parts=parts)
        model = replace(self, equations={**self.equations, reader: rewired}).ordered(title)
        faults = model.initial_faults()
        if faults:
            raise WiringError(title, faults)
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

    def upstream(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give these variables and everything they depend on, directly or not, sorted."""
        return _upstream(self, frozenset(names))

    def _upstream(self, names: frozenset[str]) -> tuple[str, ...]:
        dependencies: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in dependencies:
                dependencies.add(name)
                waiting += self.reads(name)
        return tuple(sorted(dependencies))

    def downstream(self, names: Iterable[str]) -> frozenset[str]:
        """Give these variables and everything that depends on them, directly or not."""
        readers: dict[str, list[str]] = {}
        for name in self.names:
            for source in self.reads(name):
                readers.setdefault(source, []).append(name)
        dependents: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in dependents:
                dependents.add(name)
                waiting += readers.get(name, ())
        return frozenset(dependents)

    def pruned(self, names: Iterable[str]) -> Model:
        """Give the model of these variables and everything they depend on, and no more."""
        return _pruned(self, frozenset(names))

    def _pruned(self, names: frozenset[str]) -> Model:
        kept = set(self.upstream(names))
        chains = {n: c for n, c in self.chains.items() if n in kept}
        kept |= {c.outflow for c in chains.values()}
        return replace(
            self,
            parameters={n: d for n, d in self.parameters.items() if n in kept},
            series={n: d for n, d in self.series.items() if n in kept},
            stocks={n: d for n, d in self.stocks.items() if n in kept},
            chains=chains,
            loops={n: d for n, d in self.loops.items() if kept >= {d.source, d.reader, d.held}},
            equations={n: e for n, e in self.equations.items() if n in kept},
            units={n: u for n, u in self.units.items() if n in kept},
            sectors={n: s for n, s in self.sectors.items() if n in kept},
            constants=tuple(n for n in self.constants if n in kept),
            timed=tuple(n for n in self.timed if n in kept),
            states=tuple(n for n in self.states if n in kept),
        )

    def structure(self, names: Iterable[str]) -> str:
        """A hash of all that these variables depend on, whatever order files came in and whatever the sentences say."""
        return _structure(self, frozenset(names))

    def _structure(self, names: frozenset[str]) -> str:
        lines = []
        for name in self.upstream(names):
            if name in self.equations:
                equation = self.equations[name]
                lines.append(f"{name} [{equation.unit.powers}] = {equation.term}")
            else:
                groups: tuple[Mapping[str, Any], ...] = (self.parameters, self.series, self.stocks, self.chains)
                declared = [replace(g[name], about="") for g in groups if name in g]
                lines.append(f"{name}: {declared!r}")
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def stages(self, chain: str) -> tuple[str, ...]:
        """Give the names of the stages of a chain, first to last."""
        return tuple(f"{chain}_{i + 1}" for i in range(self.chains[chain].stages))

    def ranges(self) -> dict[str, signs.Interval]:
        """Bound every variable, from the hard ranges and the formulas."""
        bounds: dict[str, signs.Interval] = {n: (d.low, d.high) for n, d in self.parameters.items()}
        bounds |= {n: (d.low, d.high) for n, d in self.series.items()}
        bounds |= {n: (d.low, math.inf) for n, d in self.stocks.items()}
        for name, chain in self.chains.items():
            bounds |= {name: (0.0, math.inf), chain.outflow: (0.0, math.inf)}
        for name in (*self.constants, *self.timed, *self.states):
            if name in self.equations:
                bounds[name] = signs.bounds(self.equations[name].term, bounds)
        return bounds

    @functools.cached_property
    def acts_on(self) -> dict[str, tuple[str, ...]]:
        """What every variable acts on directly."""
        readers: dict[str, dict[str, None]] = {name: {} for name in self.units}
        for name, equation in self.equations.items():
            for source in equation.inputs:
                readers[source][name] = None
        for name, stock in self.stocks.items():
            for flow in (*stock.inflows, *stock.outflows):
                readers[flow][name] = None
        for name, chain in self.chains.items():
            for source, reader in (
                (chain.inflow, name), (name, chain.outflow), (chain.outflow, name), (chain.time, chain.outflow)
            ):  # fmt: skip
                readers[source][reader] = None
        return {name: tuple(of) for name, of in readers.items()}

    def influence(self, source: str, reader: str) -> signs.Interval:
        """Give the bounds of the influence of a variable on one that it acts on directly."""
        if reader in self.equations:
            return signs.slope(self.equations[reader].term, source, self._ranges)
        if reader in self.stocks:
            return (1.0, 1.0) if source in self.stocks[reader].inflows else (-1.0, -1.0)
        if reader in self.chains:
            return (0.0, 1.0) if source == self.chains[reader].inflow else (-1.0, 0.0)
        return (0.0, math.inf) if source in self.chains else (-math.inf, 0.0)

    @functools.cached_property
    def _ranges(self) -> dict[str, signs.Interval]:
        return self.ranges()

    @functools.cached_property
    def influences(self) -> dict[str, dict[str, signs.Interval]]:
        """Give, for every variable, what it acts on directly and the bounds of that influence."""
        return {name: {r: self.influence(name, r) for r in readers} for name, readers in self.acts_on.items()}

    def cycle(self, loop: Loop) -> tuple[tuple[str, ...], str]:
        """Give the shortest cycle through source -> reader, and its sign; an empty path if there is none."""
        paths: deque[tuple[str, ...]] = deque([(loop.reader,)])
        seen = {loop.reader}
        while paths:
            path = paths.popleft()
            if path[-1] == loop.source:
                cycle = (loop.source, *path)
                steps = [self.influence(a, b) for a, b in itertools.pairwise(cycle)]
                product = (1.0, 1.0)
                for step in steps:
                    product = signs.times(product, step)
                return cycle, signs.sign(product)
            for follower in self.acts_on[path[-1]]:
                if follower not in seen:
                    seen.add(follower)
                    paths.append((*path, follower))
        return (), "?"

    def ordered(self, title: str) -> Model:
        """Put the equations in an order of computation; raises WiringError, with this title, if there is none."""
        outflows = self.outflows
        graph = {n: e.inputs for n, e in self.equations.items()}
        graph |= {outflow: (self.chains[chain].time, chain) for outflow, chain in outflows.items()}
        try:
            order = list(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError as error:
            cycle = " -> ".join(error.args[1])
            raise WiringError(title, [f"cyclic: {cycle}, with no stock or chain in between"]) from None
        level = dict.fromkeys(self.parameters, 0) | dict.fromkeys(self.series, 1)
        level |= dict.fromkeys((*self.stocks, *self.chains), 2)
        for name in order:
            if name in graph:
                level[name] = 2 if name in outflows else max((level[i] for i in graph[name]), default=0)
        computed = [n for n in order if n in graph]
        by_level = [tuple(n for n in computed if level[n] == wanted) for wanted in (0, 1, 2)]
        return replace(self, constants=by_level[0], timed=by_level[1], states=by_level[2])

    def initial_faults(self) -> list[str]:
        """Name each initial value that depends on more than Parameters."""
        faults = []
        fixed = {*self.parameters, *self.constants}
        initials = [(n, d.initial) for n, d in self.stocks.items() if d.initial]
        initials += [(n, i) for n, d in self.chains.items() for i in (d.initial, d.growth) if i]
        for name, initial in initials:
            if initial not in fixed:
                kind = "the state" if initial in (*self.states, *self.stocks, *self.chains) else "time"
                faults.append(
                    f"{self.sectors[name]}.{name}: its initial {initial} ({self.sectors[initial]}) depends on {kind};"
                    " it may depend on Parameters only"
                )
        return faults

    def link_faults(self, ends: str, source: str, reader: str, held: str) -> list[str]:
        """Say why ``reader`` cannot be given ``held`` in place of ``source``."""
        unknown = [n for n in (source, reader, held) if n not in self.units]
        if unknown:
            return [f"{ends} names {n}, which nobody owns{nearest(n, self.units)}" for n in unknown]
        if reader not in self.equations or source not in self.equations[reader].inputs:
            return [f"{ends}: {reader} does not read {source}"]
        if self.units[held] != self.units[source]:
            there, here = self.units[held], self.units[source]
            return [f"{ends}: holds {held}, which is {there}, in place of {source}, which is {here}"]
        return []


# A run asks for the same again and again; what it would take to work it out is more than a single run takes.
_cut = functools.lru_cache(maxsize=64)(Model._cut)
_upstream = functools.lru_cache(maxsize=4096)(Model._upstream)
_pruned = functools.lru_cache(maxsize=256)(Model._pruned)
_structure = functools.lru_cache(maxsize=256)(Model._structure)


def flat(arguments: Iterable[Argument]) -> tuple[str, ...]:
    """Give each variable that is fed, once, in order.

    >>> flat(["gdp", ("articles_us", "articles_japan"), "gdp"])
    ('gdp', 'articles_us', 'articles_japan')
    """
    return tuple(dict.fromkeys(n for a in arguments for n in (a if isinstance(a, tuple) else (a,))))


def symbols(arguments: Iterable[Argument], units: Mapping[str, Unit]) -> tuple[Any, ...]:
    """Give the symbols that an equation is called on."""
    return tuple(
        tuple(Term.variable(n, units[n]) for n in a) if isinstance(a, tuple) else Term.variable(a, units[a])
        for a in arguments
    )
