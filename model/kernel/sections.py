"""A program as loops over draws: the rows of working storage, and what each loop reads, computes and writes.

Work is a table of rows, ``WIDTH`` draws wide. A section is one loop over those draws without branches: each of
its lines is a vector instruction or a few. How the sections follow each other is the driver's business (see
``llvm_text``); ``benchmarks`` print C from the same sections, which tests hold the kernel against.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .lowering import LEAVES, NUMBER, PARAMETER, SERIES, Program

WIDTH = 8  # draws: one AVX-512 register; the rows of 8 draws fit the smallest cache, those of 32 do not


class Line(NamedTuple):
    """One statement: ``target`` is ``op`` of ``args``.

    A place is a row (int), a value of the loop or an argument (str), or a number (float).
    """

    target: int | str
    op: str
    args: tuple[int | str | float, ...]


class Section(NamedTuple):
    """One loop over a block of draws; ``arguments`` are its scalars, the same for all draws."""

    name: str
    arguments: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Rows:
    """The first row of each group, and the number of all."""

    parameters: int
    fixed: int
    slopes: int
    states: int
    series: int
    timed: int
    moved: int
    change: int
    totals: int
    closing: int
    count: int

    @property
    def kept(self) -> range:
        """The rows that change from one evaluation to the next and that loops read: what the way back needs of each."""
        return range(self.series, self.change)


@dataclass(frozen=True)
class Sections:
    """The loops of a program, by name, and their rows.

    ``fix``: what depends on Parameters only. ``start``: the states. ``pass_time``: Series move ``ahead`` years, and
    what depends on them. ``evaluate``: rates at ``moved``; adds ``weight`` times these to ``change`` and to totals, and
    puts ``moved`` ``move`` years along them. ``step``: adds ``change`` to the states. ``close``: what year ends take.
    """

    program: Program
    rows: Rows
    all: tuple[Section, ...]


def sections(program: Program) -> Sections:
    """Give the loops of a program."""
    often = (*program.rates, *program.totals)
    fixed = program.shared([*often, *program.closing, *program.initial], 0)
    timed = program.shared(often, 1)
    sizes = {
        "parameters": len(program.parameters),
        "fixed": len(fixed),
        "slopes": len(program.series),
        "states": len(program.states),
        "series": len(program.series),
        "timed": len(timed),
        "moved": len(program.states),
        "change": len(program.states),
        "totals": len(program.totals),
        "closing": len(program.closing),
    }
    first: dict[str, int] = {}
    count = 0
    for group, size in sizes.items():
        first[group] = count
        count += size
    rows = Rows(**first, count=count)
    row_of = {place: rows.fixed + i for i, place in enumerate(fixed)}
    row_of |= {place: rows.timed + i for i, place in enumerate(timed)}

    def loop(name: str, arguments: tuple[str, ...], roots: Iterable[int], available: Iterable[int]) -> _Loop:
        return _Loop(program, rows, name, arguments, tuple(roots), {p: row_of[p] for p in available})

    fix = loop("fix", (), fixed, ())
    fix.store(fixed, rows.fixed)

    start = loop("start", (), program.initial, (*fixed, *timed))
    for first_row in (rows.states, rows.moved):
        start.store(program.initial, first_row)
    for i in range(len(program.states)):
        start.put(rows.change + i, "set", 0.0)
    for i in range(len(program.totals)):
        start.put(rows.totals + i, "set", 0.0)

    pass_time = loop("pass_time", ("ahead",), timed, fixed)
    pass_time.begin(
        Line(rows.series + i, "add_product", (rows.series + i, "ahead", rows.slopes + i))
        for i in range(len(program.series))
    )
    pass_time.store(timed, rows.timed)

    evaluate = loop("evaluate", ("weight", "move"), often, (*fixed, *timed))
    # All is read before anything is put: a state may be added up that no rate has read.
    rates = [evaluate.place(place) for place in program.rates]
    totals = [evaluate.place(place) for place in program.totals]
    for i, rate in enumerate(rates):
        evaluate.put(rows.change + i, "add_product", rows.change + i, "weight", rate)
        evaluate.put(rows.moved + i, "add_product", rows.states + i, "move", rate)
    for i, total in enumerate(totals):
        evaluate.put(rows.totals + i, "add_product", rows.totals + i, "weight", total)

    step = loop("step", (), (), ())
    for i in range(len(program.states)):
        step.put(f"s{i}", "add", rows.states + i, rows.change + i)
        for first_row in (rows.states, rows.moved):
            step.put(first_row + i, "set", f"s{i}")
        step.put(rows.change + i, "set", 0.0)

    close = loop("close", (), program.closing, (*fixed, *timed))
    close.store(program.closing, rows.closing)
    return Sections(
        program, rows, tuple(builder.section() for builder in (fix, start, pass_time, evaluate, step, close))
    )


class _Loop:
    """A section under construction: the values its roots depend on, each row read once, then what it writes to rows."""

    def __init__(
        self,
        program: Program,
        rows: Rows,
        name: str,
        arguments: tuple[str, ...],
        roots: tuple[int, ...],
        available: dict[int, int],
    ) -> None:
        self.program, self.rows, self.name, self.arguments, self.available = program, rows, name, arguments, available
        self.opening: list[Line] = []
        self.lines: list[Line] = []
        self.read: set[int] = set()
        for node in program.behind(roots, available):
            operation = program.nodes[node]
            self.lines.append(Line(f"v{node}", operation.op, tuple(self.place(a) for a in operation.args)))

    def place(self, node: int) -> str | float:
        """Give a node as an argument; its row is read at its first use."""
        operation = self.program.nodes[node]
        if operation.op == NUMBER:
            return operation.value
        if node not in self.read and (node in self.available or operation.op in LEAVES):
            self.read.add(node)
            self.lines.append(Line(f"v{node}", "set", (self._row(node),)))
        return f"v{node}"

    def _row(self, node: int) -> int:
        operation = self.program.nodes[node]
        if node in self.available:
            return self.available[node]
        if operation.op == PARAMETER:
            return self.rows.parameters + self.program.parameters.index(operation.name)
        if operation.op == SERIES:
            return self.rows.series + self.program.series.index(operation.name)
        return self.rows.moved + self.program.states.index(operation.name)

    def begin(self, lines: Iterable[Line]) -> None:
        self.opening += lines

    def put(self, target: int | str, op: str, *args: int | str | float) -> None:
        self.lines.append(Line(target, op, args))

    def store(self, nodes: Iterable[int], first_row: int) -> None:
        for i, node in enumerate(nodes):
            self.put(first_row + i, "set", self.place(node))

    def section(self) -> Section:
        return Section(self.name, self.arguments, (*self.opening, *self.lines))
