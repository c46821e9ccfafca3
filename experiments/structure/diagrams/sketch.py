"""What a panel of the structure diagram shows, read off the model: nothing here names a sector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from fiveyear.experiments.page.figure import MARGIN, folded, text_width
from fiveyear.experiments.page.style import SHEETS
from fiveyear.model import Model
from fiveyear.model.labels import in_words

Cell = tuple[int, int]  # column and row
Box = tuple[float, float, float, float]  # left, top, right and bottom

# Millimetres on the page.
WIDTH = SHEETS["page"].width
COLUMN = (WIDTH - 2 * MARGIN - 4.0) / 6  # of the grid; six fill the width of a page
ROW = 17.0
RAISED = 2.5  # pipes lie this much above the middle of a cell, for the names under them
LINE = 2.9  # of text
WRAP = 21.5  # names are folded to this width
STOCK = 23.5  # width of a stock
VALVE = 1.7  # half of its width and height
UNDER = 2.4  # from the pipe to the name of the flow

SIZE = 7.0  # of text, in points


@dataclass(frozen=True)
class Part:
    """One thing drawn: its kind, its words line by line, how many cells it is high, and its width if it is a box."""

    kind: str  # stock, chain, flow, equation, series, ghost (of another sector) or sector
    lines: tuple[str, ...]
    valve: bool = False  # on a pipe; a series and a ghost may be there too
    rows: int = 1
    wide: float = STOCK  # of a box

    @property
    def boxed(self) -> bool:
        """Whether it is drawn as a box."""
        return self.kind in ("stock", "chain", "sector")

    @property
    def raised(self) -> float:
        """How far above the middle of its cell it stands."""
        return RAISED if self.valve or self.kind in ("stock", "chain") else 0.0

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The rectangles it covers, in millimetres from its place."""
        wide = max(text_width(line, SIZE, "normal") for line in self.lines) / 2 + 0.4
        high = len(self.lines) * LINE / 2 + 0.3
        if self.boxed:
            half = max(4.5, high + 0.9)
            return ((-self.wide / 2, -half, self.wide / 2, half + (self.rows - 1) * ROW),)
        if self.valve:
            return (-2.2, -VALVE - 0.3, 2.2, VALVE + 0.3), (-wide, UNDER - 0.4, wide, UNDER + 2 * high)
        return ((-wide, -high, wide, high),)


@dataclass(frozen=True)
class Pipe:
    """A flow on its way; ``source`` or ``target`` is empty where no stock of the panel is."""

    source: str
    flow: str
    target: str
    clouds: tuple[bool, bool]  # whether it comes from, or goes to, what is not modelled


@dataclass
class Sketch:
    """One panel before it has a layout.

    ``items`` are placed as one each: parts by key, each with its cell. ``links`` tells how one part acts on another:
    "" or "initial".
    """

    title: str
    parts: dict[str, Part] = field(default_factory=dict)
    items: list[dict[str, Cell]] = field(default_factory=list)
    pipes: list[Pipe] = field(default_factory=list)
    links: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, key: str, part: Part) -> None:
        """Add a part that is placed on its own."""
        self.parts[key] = part
        self.items.append({key: (0, 0)})


# -- the model as it is drawn -------------------------------------------------------------------------------
@dataclass
class Structure:
    """The model with the members of a group as one name, such as ``rival_citations (8)``, in the order it is declared.

    ``stages`` of a stock is 0. ``links`` leaves out what pipes show, and Parameters.
    """

    kinds: dict[str, str] = field(default_factory=dict)  # parameter, series, stock, chain or equation
    sectors: dict[str, str] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    inflows: dict[str, list[str]] = field(default_factory=dict)  # by stock or chain
    outflows: dict[str, list[str]] = field(default_factory=dict)
    links: dict[tuple[str, str], str] = field(default_factory=dict)

    def own(self, sector: str) -> list[str]:
        """Give what the panel of a sector shows as its own: all but Parameters, unless they are flows."""
        flows = {f for part in (self.inflows, self.outflows) for names in part.values() for f in names}
        return [n for n, s in self.sectors.items() if s == sector and (self.kinds[n] != "parameter" or n in flows)]


def structure(model: Model) -> Structure:
    """Read what is drawn off the model."""
    shown = {name: _shown(model, name) for name in model.units}
    structure = Structure()

    def link(sources: Sequence[str], target: str, how: str) -> None:
        drawn = [s for s in sources if s and s not in model.parameters]
        structure.links |= {(shown[s], shown[target]): how for s in drawn if shown[s] != shown[target]}

    kinds = {"parameter": model.parameters, "series": model.series, "stock": model.stocks, "chain": model.chains}
    for name in model.units:
        structure.kinds[shown[name]] = next((kind for kind, names in kinds.items() if name in names), "equation")
        structure.sectors[shown[name]] = model.sectors[name]
        if name in model.equations:
            link(model.equations[name].inputs, name, "")
    for name, stock in model.stocks.items():
        structure.stages[shown[name]] = 0
        structure.inflows[shown[name]] = [shown[f] for f in stock.inflows]
        structure.outflows[shown[name]] = [shown[f] for f in stock.outflows]
        link([stock.initial], name, "initial")
    for name, chain in model.chains.items():
        structure.stages[shown[name]] = chain.stages
        structure.inflows[shown[name]], structure.outflows[shown[name]] = [shown[chain.inflow]], [shown[chain.outflow]]
        link([chain.initial, chain.growth], name, "initial")
        link([chain.time], chain.outflow, "")
    return structure


def _shown(model: Model, name: str) -> str:
    """Give the name under which a variable is drawn; no variable can be called like a group, which has a space."""
    owner = model.outflows.get(name, name)
    members = model.members(owner)
    own = max((m for m in members if name.endswith(f"_{m}")), key=len, default="")
    return f"{name.removesuffix(f'_{own}')} ({len(members)})" if own else name


# -- panels -------------------------------------------------------------------------------------------------
def sketch(drawn: Structure, sector: str) -> Sketch:
    """Say what the panel of a sector shows: what it owns, and what acts on that from other sectors."""
    sketch = Sketch(sector)
    own = drawn.own(sector)
    waiting = [n for n in own if n in drawn.stages]
    while waiting:  # stocks that follow one another by a flow stand in a row
        row = [next((n for n in waiting if not any(_joins(drawn, m, n) for m in waiting if m != n)), waiting[0])]
        while following := [n for n in waiting if n not in row and _joins(drawn, row[-1], n)]:
            row.append(following[0])
        waiting = [n for n in waiting if n not in row]
        _add_row(sketch, drawn, row)
    links = {ends: how for ends, how in drawn.links.items() if ends[1] in own}
    for name in dict.fromkeys((*own, *(source for source, _ in links))):
        if name not in sketch.parts:
            sketch.add(name, _part(drawn, name, sector))
    sketch.links = links
    return sketch


def _joins(drawn: Structure, source: str, target: str) -> list[str]:
    return [flow for flow in drawn.outflows[source] if flow in drawn.inflows[target]]


def _part(drawn: Structure, name: str, sector: str, valve: bool = False) -> Part:
    if drawn.sectors[name] != sector:
        return Part("ghost", _words(name, form="<{}>"), valve)
    return Part("series" if drawn.kinds[name] == "series" else "flow" if valve else "equation", _words(name), valve)


def _words(name: str, width: float = WRAP, form: str = "{}") -> tuple[str, ...]:
    return tuple(folded(form.format(in_words(name)), width, SIZE, "normal"))


def _add_row(sketch: Sketch, drawn: Structure, row: Sequence[str]) -> None:
    """Set stocks in a row, each as high as it has flows on a side; every flow has a cell of its own between them."""
    sources = {flow for flows in drawn.outflows.values() for flow in flows}
    targets = {flow for flows in drawn.inflows.values() for flow in flows}
    cells: dict[str, Cell] = {}
    free: Counter[int] = Counter()  # by column, the first row that is free

    def add(source: str, flow: str, target: str, column: int) -> None:
        key = flow if flow not in sketch.parts else f"{flow} at {source or target}"  # drawn twice
        sketch.parts[key] = _part(drawn, flow, sketch.title, valve=True)
        cells[key] = (column, free[column])
        free[column] += 1
        clouds = (not source and flow not in sources, not target and flow not in targets)
        sketch.pipes.append(Pipe(source, key, target, clouds))

    for n, stock in enumerate(row):
        after = row[n + 1] if n + 1 < len(row) else ""
        joined = _joins(drawn, stock, after) if after else []
        met = _joins(drawn, row[n - 1], stock) if n else []
        for flow in drawn.inflows[stock]:
            if flow not in met:
                add("", flow, stock, 2 * n)
        for flow in (*joined, *(f for f in drawn.outflows[stock] if f not in joined)):
            add(stock, flow, after if flow in joined else "", 2 * n + 2)
    for n, stock in enumerate(row):
        ends = [cells[p.flow][1] for p in sketch.pipes if stock in (p.source, p.target)]
        stages = drawn.stages[stock]
        words = _words(stock, STOCK - 2.0) + ((f"{stages} stages",) if stages else ())
        sketch.parts[stock] = Part("chain" if stages else "stock", words, rows=max(ends, default=0) + 1)
        cells[stock] = (2 * n + 1, 0)
    left = min(column for column, _ in cells.values())
    sketch.items.append({key: (column - left, down) for key, (column, down) in cells.items()})
