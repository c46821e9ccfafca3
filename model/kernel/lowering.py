"""From formulas to straight-line code: every operation once, sorted by how often it has to be done.

A model is lowered to a graph of plain operations on numbers. Equal operations are one node, so that what equations
share (the logarithm of one ratio, say) is computed once. What depends on Parameters only is done once a draw, what
depends on given Series too once a time, the rest at every evaluation; what only year-end readings need, once a year.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .. import delays
from ..observation import Reading
from ..trace import Term
from ..units import DIMENSIONLESS
from ..wiring import Model

#: Rewrites of formulas move values by rounding errors, so that a hash of results is tied to them.
VERSION = 2

NUMBER, PARAMETER, SERIES, STATE = "number", "parameter", "series", "state"
LEAVES = (NUMBER, PARAMETER, SERIES, STATE)
LARGEST_POWER = 8  # whole powers up to here are products


class Node(NamedTuple):
    """One operation on earlier nodes, or a leaf; ``level``: 0 a draw, 1 a time, 2 an evaluation (-1 a number)."""

    op: str
    args: tuple[int, ...]
    name: str
    value: float
    level: int


@dataclass(frozen=True)
class Program:
    """A lowered model. Everything is a place in ``nodes``.

    ``initial`` and ``rates``: the states at the start, and their rates of change, in the order of ``states``;
    ``totals`` and ``closing``: what readings over a year add up, and what those at year ends take.
    """

    nodes: tuple[Node, ...]
    parameters: tuple[str, ...]
    series: tuple[str, ...]
    states: tuple[str, ...]
    initial: tuple[int, ...]
    rates: tuple[int, ...]
    totals: tuple[int, ...]
    closing: tuple[int, ...]

    def behind(self, roots: Iterable[int], available: Iterable[int] = ()) -> list[int]:
        """Give the nodes that ``roots`` depend on, without leaves and those ``known``, in topological order."""
        needed: set[int] = set()
        stop = set(available)
        waiting = list(roots)
        while waiting:
            place = waiting.pop()
            if place not in needed and place not in stop and self.nodes[place].op not in LEAVES:
                needed.add(place)
                waiting += self.nodes[place].args
        return sorted(needed)

    def shared(self, roots: Iterable[int], level: int) -> list[int]:
        """Give the computed nodes of a level that ``roots`` read, directly or through nodes of a higher level."""
        roots = list(roots)
        reading = [p for p in self.behind(roots) if self.nodes[p].level > level]
        read = {*roots, *(a for p in reading for a in self.nodes[p].args)}
        return sorted(p for p in read if self.nodes[p].level == level and self.nodes[p].op not in LEAVES)


@dataclass
class _Graph:
    """A table of nodes under construction; ``make`` gives the place of an operation, simplified where that is exact."""

    nodes: list[Node] = field(default_factory=list)
    places: dict[tuple[object, ...], int] = field(default_factory=dict)

    def leaf(self, op: str, name: str) -> int:
        return self._place(Node(op, (), name, 0.0, {PARAMETER: 0, SERIES: 1, STATE: 2}[op]))

    def number(self, value: float) -> int:
        return self._place(Node(NUMBER, (), value.hex(), value, -1))  # the text tells 0.0 from -0.0

    def _place(self, node: Node) -> int:
        key = (node.op, node.args, node.name)
        if key not in self.places:
            self.places[key] = len(self.nodes)
            self.nodes.append(node)
        return self.places[key]

    def make(self, op: str, *args: int) -> int:
        nodes = [self.nodes[a] for a in args]
        if op == "power":
            return self._power(*args)
        if op == "divide":
            quotient = self._quotient(*args)
            if quotient is not None:
                return quotient
        if op == "multiply":
            for factor, other in (args, args[::-1]):
                if self.nodes[factor].op == NUMBER and self.nodes[factor].value == 1.0:
                    return other
            merged = self._merged(*args)
            if merged is not None:
                return merged
        if op == "add" and nodes[0].op == NUMBER and nodes[0].value == 0.0:
            return args[1]
        if op in ("add", "multiply"):
            args = tuple(sorted(args))  # both are the same either way round
        level = max(n.level for n in nodes)
        return self._place(Node(op, tuple(args), "", 0.0, max(level, 0)))

    def _quotient(self, top: int, bottom: int) -> int | None:
        """Replace a quotient by a product where the reciprocal is computed less often, or is an exponential."""
        above, below = self.nodes[top], self.nodes[bottom]
        if below.level < above.level:
            return self.make("multiply", top, self.make("divide", self.number(1.0), bottom))
        if below.op == "exp":
            return self.make("multiply", top, self.make("exp", self.make("negative", below.args[0])))
        if above.op == "divide":
            return self.make("divide", above.args[0], self.make("multiply", above.args[1], bottom))
        if below.op == "divide":
            return self.make("divide", self.make("multiply", top, below.args[1]), below.args[0])
        return None

    def _power(self, base: int, exponent: int) -> int:
        of = self.nodes[exponent]
        if of.op == NUMBER and of.value < 0.0:
            return self.make("divide", self.number(1.0), self._power(base, self.number(-of.value)))
        if of.op == NUMBER and of.value == 0.5:
            return self.make("sqrt", base)
        if of.op == NUMBER and of.value == 0.25:
            return self.make("sqrt", self.make("sqrt", base))
        if of.op == NUMBER and of.value == int(of.value) and 0 < of.value <= LARGEST_POWER:
            half, odd = divmod(int(of.value), 2)
            if not half:
                return base
            root = self._power(base, self.number(float(half)))
            square = self.make("multiply", root, root)
            return self.make("multiply", square, base) if odd else square
        return self.make("exp", self.make("multiply", exponent, self.make("log", base)))

    def _merged(self, left: int, right: int) -> int | None:
        """Merge a product of two exponentials into one, also behind another factor."""
        left_node, other = self.nodes[left], self.nodes[right]
        if other.op != "exp":
            return None
        if left_node.op == "exp":
            return self.make("exp", self.make("add", left_node.args[0], other.args[0]))
        if left_node.op == "multiply":
            for factor, rest in (left_node.args, left_node.args[::-1]):
                if self.nodes[factor].op == "exp":
                    exponent = self.make("add", self.nodes[factor].args[0], other.args[0])
                    return self.make("multiply", rest, self.make("exp", exponent))
        return None


class _Lowering:
    """Formulas as nodes, each variable once; at the start, a state is its initial value."""

    def __init__(self, model: Model, graph: _Graph, at_start: bool) -> None:
        self.model, self.graph, self.at_start = model, graph, at_start
        self.by_variable: dict[str, int] = {}
        self.stages = {s: c for c in model.chains for s in model.stages(c)}

    def variable(self, name: str) -> int:
        if name not in self.by_variable:
            self.by_variable[name] = self._variable(name)
        return self.by_variable[name]

    def _variable(self, name: str) -> int:
        model = self.model
        if name in model.parameters:
            return self.graph.leaf(PARAMETER, name)
        if name in model.series:
            return self.graph.leaf(SERIES, name)
        if name in model.chains:
            stages = model.stages(name)
            total = self.variable(stages[0])
            for stage in stages[1:]:
                total = self.graph.make("add", total, self.variable(stage))
            return total
        if name in model.outflows:
            return self._leaving(model.stages(model.outflows[name])[-1])
        if name in model.stocks or name in self.stages:
            return self._start(name) if self.at_start else self.graph.leaf(STATE, name)
        return self.term(model.equations[name].term)

    def _leaving(self, stage: str) -> int:
        chain = self.model.chains[self.stages[stage]]
        content = Term.variable(stage, DIMENSIONLESS)
        return self.term(delays.leaving(content, Term.variable(chain.time, DIMENSIONLESS), chain.stages))

    def _start(self, name: str) -> int:
        """Give the initial value of a stock, or an equal share of its chain for a stage, as a provisional value."""
        if name in self.model.stocks:
            initial = self.model.stocks[name].initial
            return self.variable(initial) if initial else self.graph.number(0.0)
        chain = self.model.chains[self.stages[name]]
        even = self.graph.number(1.0 / chain.stages)
        return self.graph.make("multiply", self.variable(chain.initial), even)

    def started(self, chain_name: str) -> list[int]:
        """Give the initial values of the stages of a chain."""
        chain = self.model.chains[chain_name]
        if not chain.growth:
            return [self.variable(stage) for stage in self.model.stages(chain_name)]
        growth, time, initial = (Term.variable(n, DIMENSIONLESS) for n in (chain.growth, chain.time, chain.initial))
        weights = delays.stage_weights(delays.stage_ratio(growth, time, chain.stages), chain.stages)
        total = sum(weights[1:], start=weights[0])
        return [self.term(initial * weight / total) for weight in weights]

    def rate(self, flows: Iterable[tuple[str, int]]) -> int:
        """Give the sum of flows, each a node with its sign."""
        total: int | None = None
        for sign, flow in flows:
            if total is None:
                total = flow if sign == "add" else self.graph.make("negative", flow)
            else:
                total = self.graph.make(sign, total, flow)
        return self.graph.number(0.0) if total is None else total

    def rates(self) -> Iterator[int]:
        for stock in self.model.stocks.values():
            ins = [("add", self.variable(f)) for f in stock.inflows]
            yield self.rate([*ins, *(("subtract", self.variable(f)) for f in stock.outflows)])
        for name, chain in self.model.chains.items():
            inner = [self._leaving(stage) for stage in self.model.stages(name)[:-1]]
            passing = [self.variable(chain.inflow), *inner, self.variable(chain.outflow)]
            for inflow, other in itertools.pairwise(passing):
                yield self.rate([("add", inflow), ("subtract", other)])

    def term(self, term: Term) -> int:
        """Lower a formula; a part that several branches share is lowered once."""
        done: dict[int, int] = {}
        waiting = [(term, False)]
        while waiting:
            part, ready = waiting.pop()
            if id(part) in done:
                continue
            if part.op == "variable":
                done[id(part)] = self.variable(part.name)
            elif part.op == "number":
                done[id(part)] = self.graph.number(part.value)
            elif ready:
                done[id(part)] = self.graph.make(part.op, *(done[id(a)] for a in part.args))
            else:
                waiting += [(part, True), *((a, False) for a in part.args)]
        return done[id(term)]


def lower(model: Model, readings: Sequence[Reading]) -> Program:
    """Lower what the readings depend on, to which ``model`` is pruned, to a program."""
    graph = _Graph()
    start, now = (_Lowering(model, graph, at_start) for at_start in (True, False))
    initial = [start.variable(n) for n in model.stocks]
    initial += [place for chain in model.chains for place in start.started(chain)]
    rates = list(now.rates())
    totals = [now.variable(r.variable) for r in readings if r.how != "year end"]
    closing = [now.variable(r.variable) for r in readings if r.how == "year end"]
    return Program(
        nodes=tuple(graph.nodes),
        parameters=tuple(model.parameters),
        series=tuple(model.series),
        states=(*model.stocks, *(s for c in model.chains for s in model.stages(c))),
        initial=tuple(initial),
        rates=tuple(rates),
        totals=tuple(totals),
        closing=tuple(closing),
    )
