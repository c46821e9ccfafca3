"""Programmes: projects by line and stage, the platforms they share, and the plan's figures that they are to deliver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from fiveyear.model.errors import nearest
from fiveyear.model.programmes.works import Line, Stage

from . import toml_files
from .checks import passed
from .errors import Fault, ScenarioError, dotted, shown
from .plan import Plan, load_plan
from .programme_table import (
    DeliverableTable,
    DiffusionTable,
    LineTable,
    MoneyTable,
    Numbers,
    PaceTable,
    PlatformsTable,
    PlatformTable,
    ProgrammeTable,
    Range,
    StageTable,
)
from .register import Figure, read_register
from .tables import name_faults, structure_faults

PLATFORMS = "platforms"  # the file of what programmes share
COUNTED = ("portfolio", "milestone")  # the classes of figures that arrivals of projects are counted for


@dataclass(frozen=True)
class Number:
    """A number of a programme file: its dotted key, the range it lies in, and its source, or "" if it is assumed."""

    key: str
    range: Range
    source: str


@dataclass(frozen=True)
class Programme:
    """A checked programme. ``figures``: those of the plan's register that it is to deliver, by id."""

    name: str
    plan: Plan
    table: ProgrammeTable
    figures: Mapping[str, Figure]
    numbers: tuple[Number, ...]

    @property
    def title(self) -> str:
        return self.table.title

    @cached_property
    def lines(self) -> dict[str, Line]:
        """Its lines as the simulation takes them, each called by programme and line."""
        return {n: _line(self.name, n, table) for n, table in self.table.lines.items()}

    @cached_property
    def platforms(self) -> frozenset[str]:
        """The names of the platforms on which its projects work."""
        return frozenset(s.platform for line in self.lines.values() for s in line.stages if s.platform)


@dataclass(frozen=True)
class Portfolio:
    """Programmes of one plan, by name, with the platforms that they share."""

    plan: Plan
    programmes: Mapping[str, Programme]
    platforms: Mapping[str, PlatformTable]
    numbers: tuple[Number, ...]  # of the platforms

    def among(self, names: Sequence[str]) -> Portfolio:
        """Give these programmes and all that share a platform with them, or with one that does: what moves them."""
        chosen, shared = set(names), set[str]()
        while True:
            shared |= {p for name in chosen for p in self.programmes[name].platforms}
            more = {n for n, programme in self.programmes.items() if programme.platforms & shared} - chosen
            if not more:
                break
            chosen |= more
        kept = {n: p for n, p in self.programmes.items() if n in chosen}
        return Portfolio(self.plan, kept, self.platforms, self.numbers)


def folder(plan: Plan) -> Path:
    """Give the folder with the programmes of a plan."""
    return plan.folder / "programmes"


def programme_files(plan: Plan) -> dict[str, Path]:
    """Give the files of the programmes of a plan, by name."""
    return toml_files.by_name(path for path in folder(plan).glob("*.toml") if path.stem != PLATFORMS)


def load_portfolio(plan: Plan, names: Sequence[str] = ()) -> tuple[Portfolio, tuple[str, ...]]:
    """Give the programmes of a plan, with those of files over them, and the names of those asked for (default: all).

    ``names`` are those of the plan's programmes, or paths to TOML files; a programme of a file takes the place of those
    of the plan with which it shares figures. Raises ScenarioError with every fault of every file.
    """
    of_plan = programme_files(plan)
    if not of_plan:
        raise ScenarioError(str(folder(plan)), [f"the plan {plan.name} has no programmes: it holds no .toml of one"])
    asked: dict[str, Path] = {}
    faults: list[ScenarioError] = []
    for name in names:
        try:
            path = toml_files.locate(name, "programme", of_plan)
        except ScenarioError as error:
            faults.append(error)
        else:
            if path.stem == PLATFORMS:
                faults.append(ScenarioError(str(path), ["its name is that of the file of platforms; give it another"]))
            elif path != asked.get(path.stem, path):
                text = f"{asked[path.stem]} has the same name; give one of them another"
                faults.append(ScenarioError(str(path), [text]))
            asked[path.stem] = path
    asked.pop(PLATFORMS, None)
    platforms = read_platforms(folder(plan) / f"{PLATFORMS}.toml")
    programmes: dict[str, Programme] = {}
    for path in {**of_plan, **asked}.values():
        try:
            programmes[path.stem] = read_programme(path, platforms)
        except ScenarioError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ScenarioError("programmes", [f"{e.title}: {text}" for e in faults for text in e.faults])
    own = {i for name, path in asked.items() if path != of_plan.get(name) for i in programmes[name].figures}
    kept = {n: p for n, p in programmes.items() if n in asked or not own & set(p.figures)}
    if others := sorted({p.plan.name for p in kept.values() if p.plan.content != plan.content}):
        raise ScenarioError("programmes", [f"are of {', '.join(others)}, too; expected those of {plan.name} alone"])
    numbers = tuple(n for key, table in platforms.items() for n in _numbers(dotted(PLATFORMS, key), table))
    return Portfolio(plan, kept, platforms, numbers), tuple(asked) or tuple(kept)


def read_platforms(path: Path) -> dict[str, PlatformTable]:
    """Give the platforms of a file; raises ScenarioError with every fault of it."""
    content = toml_files.read(path)
    faults = structure_faults(PlatformsTable, content)
    for key, entry in _tables(content, PLATFORMS):
        faults += _provenance_faults(dotted(PLATFORMS, key), passed(PlatformTable, entry))
    if faults:
        raise ScenarioError(str(path), faults)
    return PlatformsTable.model_validate(content).platforms


def read_programme(path: Path, platforms: Mapping[str, PlatformTable]) -> Programme:
    """Give the programme of a file; raises ScenarioError with every fault of it."""
    if wrong := name_faults(path.stem):
        raise ScenarioError(str(path), wrong)
    content = toml_files.read(path)
    faults = structure_faults(ProgrammeTable, content)
    plan = None
    if isinstance(content.get("plan"), str):
        try:
            plan = load_plan(content["plan"], path.parent)
            register = {f.id: f for f in read_register(plan)}
        except ScenarioError as error:
            faults += [Fault("plan", f"found {error.title}; {text}") for text in error.faults]
            plan = None
    for key, table, above in _number_tables(content):
        faults += _provenance_faults(key, table, above)
    if "money" not in content:
        costly = [stage for _, line in _tables(content, "lines") for stage in _stages(line) if stage.get("cost")]
        faults += [Fault("money", "missing: a stage costs something, and nothing pays for it")] if costly else []
    for key, entry in _tables(content, "lines"):
        faults += _line_faults(dotted("lines", key), entry, platforms, plan)
    if plan is not None:
        faults += _figure_faults(content, plan, register)
    if faults or plan is None:
        raise ScenarioError(str(path), faults)
    checked = ProgrammeTable.model_validate(content)
    ids = (*checked.deliverables, *checked.diffusions)
    return Programme(
        path.stem,
        plan,
        checked,
        {i: register[i] for i in sorted(ids)},
        tuple(n for key, table, _ in _number_tables(content) if table for n in _numbers(key, table)),
    )


# -- numbers ------------------------------------------------------------------------------------------------
def _number_tables(content: Mapping[str, Any]) -> Iterator[tuple[str, Numbers | None, object]]:
    """Give every table of numbers: its key, the table, or None where it has faults of structure, and what is assumed.

    The last is what the table above it says of its numbers: a line speaks for its stages.
    """
    for name, table in (("pace", PaceTable), ("money", MoneyTable)):
        if name in content:
            yield name, passed(table, content[name]), None
    for name, entry in _tables(content, "lines"):
        yield dotted("lines", name), passed(LineTable, entry), None
        for stage in _stages(entry):
            yield (
                dotted("lines", name, "stages", str(stage.get("name"))),
                passed(StageTable, stage),
                entry.get("assumed"),
            )
    for name, entry in _tables(content, "deliverables"):
        yield dotted("deliverables", name), passed(DeliverableTable, entry), None
    for name, entry in _tables(content, "diffusions"):
        diffusion = passed(DiffusionTable, entry)
        yield dotted("diffusions", name), diffusion, None
        if diffusion is not None and diffusion.lift is not None:
            yield dotted("diffusions", name, "lift"), diffusion.lift, None


def _numbers(key: str, table: Numbers) -> Iterator[Number]:
    for name, value in table.numbers():
        yield Number(f"{key}.{name}", value, table.sources.get(name, ""))


def _provenance_faults(key: str, table: Numbers | None, above: object = None) -> Iterator[Fault]:
    """Give what is wrong with where the numbers of a table are from; ``above``: what the table above it assumes."""
    if table is None:
        return
    names = [name for name, _ in table.numbers()]
    for name in table.sources:
        if name not in names:
            yield Fault(f"{key}.sources.{name}", f"no number of this name stands here{nearest(name, names)}")
    without = [name for name in names if name not in table.sources]
    if without and table.assumed is None and above is None:
        yield Fault(key, f"found no source for {', '.join(without)}, expected one in sources, or why in assumed")
    if table.assumed is not None and not without:
        yield Fault(f"{key}.assumed", "every number has a source; leave this key out")


# -- lines --------------------------------------------------------------------------------------------------
def _line_faults(key: str, entry: Any, platforms: Mapping[str, PlatformTable], plan: Plan | None) -> Iterator[Fault]:
    """Give the faults of a line beyond structure: its dates, its platforms, and the order of its stages."""
    stages = [stage for stage in _stages(entry) if isinstance(stage.get("name"), str)]
    names = [stage["name"] for stage in stages]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield Fault(f"{key}.stages", f"{name} stands twice")
    for stage in stages:
        place = dotted(*key.split("."), "stages", stage["name"])
        platform = stage.get("platform")
        if isinstance(platform, str) and platform not in platforms:
            yield Fault(f"{place}.platform", f"no such platform{nearest(platform, platforms)}")
        for before in _texts(stage.get("after")):
            if before not in names:
                yield Fault(f"{place}.after", f"no stage is called {shown(before)}{nearest(before, names)}")
    circle = _circle(_before(stages))
    if circle:
        yield Fault(f"{key}.stages", f"{' after '.join(circle)}, in a circle")
    line = passed(LineTable, entry)
    if plan is not None and line is not None and line.begins.low < plan.start:
        yield Fault(
            f"{key}.begins", f"found {line.begins.low:g}, expected {plan.start} or later: the plan's first year"
        )


def _before(stages: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Give the stages right before each, by name: those it names, or else the one above."""
    predecessors: dict[str, list[str]] = {}
    above: list[str] = []
    for stage in stages:
        predecessors[stage["name"]] = above if stage.get("after") is None else _texts(stage["after"])
        above = [stage["name"]]
    return predecessors


def _line(programme: str, name: str, table: LineTable) -> Line:
    before = _before([{"name": s.name, "after": s.after} for s in table.stages])
    places = {s.name: place for place, s in enumerate(table.stages)}
    stages = tuple(Stage(s.name, tuple(places[n] for n in before[s.name]), s.platform or "") for s in table.stages)
    return Line(f"{programme} {name}", programme, stages, int(table.priority.low))


def _circle(before: Mapping[str, list[str]]) -> list[str]:
    """Give stages of which each comes after the next, the first again at the end, if there are such."""
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


# -- figures ------------------------------------------------------------------------------------------------
def _figure_faults(content: Mapping[str, Any], plan: Plan, register: Mapping[str, Figure]) -> Iterator[Fault]:
    """Give what is wrong with the figures that a programme is to deliver."""
    lines = {name: passed(LineTable, entry) for name, entry in _tables(content, "lines")}
    for group, classes in (("deliverables", COUNTED), ("diffusions", ("diffusion",))):
        for name, entry in _tables(content, group):
            key, figure = dotted(group, name), register.get(name)
            if figure is None or figure.modelled_as not in classes:
                candidates = [i for i, f in register.items() if f.modelled_as in classes]
                is_what = f"{name} is {figure.modelled_as} in" if figure else f"no {name} in"
                yield Fault(key, f"{is_what} the register of {plan.name}, expected one of {', '.join(candidates)}")
            of = entry.get("lift", {}) if group == "diffusions" and isinstance(entry, dict) else entry
            place = f"{key}.lift" if group == "diffusions" else key
            line_name = of.get("line") if isinstance(of, dict) else None
            if not isinstance(line_name, str):
                continue
            if line_name not in lines:
                yield Fault(f"{place}.line", f"no line is called {shown(line_name)}{nearest(line_name, lines)}")
                continue
            line = lines[line_name]
            stage = of.get("stage")
            if line is not None and isinstance(stage, str) and stage not in [s.name for s in line.stages]:
                names = [s.name for s in line.stages]
                yield Fault(
                    f"{place}.stage", f"no stage of {line_name} is called {shown(stage)}{nearest(stage, names)}"
                )
            if line is not None and figure is not None and line.begins.high >= due(figure) + 1.0:
                text = f"{line_name} begins in {line.begins.high:g}, and {name} is due at the end of {due(figure)}"
                yield Fault(f"{place}.line", text)
    for name, entry in _tables(content, "diffusions"):
        diffusion = passed(DiffusionTable, entry)
        if diffusion is None:
            continue
        base, ceiling = diffusion.base, diffusion.ceiling
        if ceiling is not None and (base is None or not 0.0 < base.low <= base.high < ceiling.low):
            found_text = f"{base.low:g} to {base.high:g}" if base else "none"
            text = f"found {found_text}, expected numbers above 0 and below the ceiling, {ceiling.low:g}"
            yield Fault(f"{dotted('diffusions', name)}.base", text)


def due(figure: Figure) -> int:
    """Give the last year by whose end a figure is to be reached."""
    return int(figure.due.split("-")[-1])


def _tables(content: Mapping[str, Any], group: str) -> Iterator[tuple[str, Any]]:
    tables = content.get(group)
    return iter(tables.items() if isinstance(tables, dict) else ())


def _stages(line: Any) -> list[dict[str, Any]]:
    stages = line.get("stages") if isinstance(line, dict) else None
    return [stage for stage in stages if isinstance(stage, dict)] if isinstance(stages, list) else []


def _texts(entries: object) -> list[str]:
    return [name for name in entries if isinstance(name, str)] if isinstance(entries, list) else []
