"""Altered scenario, plan, experiment and programme files."""

from __future__ import annotations

import copy
import math
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from fiveyear.scenarios import Experiment, Plan, Scenario, load_experiment, load_scenario
from fiveyear.scenarios.programme import Programme, load_portfolio

from .case import EQUAL, OTHER, Case, Ended, Expected, captured
from .mutations import alike, invalid, otherwise, told
from .slips import SLIPS
from .toml_text import DAMAGED, WRITTEN, toml
from .valid_files import FILES, PLANS, Content

OWN = 'title = "Own"\nextends = "plan"\nexpect = "As the plan."\n'  # own.toml, beside each experiment
BASED = """\
title = "Based"
plan = "{plan}"
expect = "As the plan."

[paths.planned_rd_intensity]
unit = "%"
values = {{ {end} = 2.1 }}
assumed = "for a test"
"""


def case(kind: str, random: Random) -> Case:
    """Give an altered file of a kind."""
    content = FILES[kind](random)
    of_plan = next(p for p, plan in PLANS.items() if plan.start == content["start"]) if kind == "plan" else ""
    name = f"{of_plan}/plan.toml" if of_plan else "mine.toml"
    build = partial(_case, kind, name, content)
    how = random.choices(["invalid", "alike", "otherwise", "damaged", "written", "slip"], [40, 15, 12, 4, 8, 21])[0]
    original = toml(content).encode()
    if how == "damaged":
        label = random.choice(list(DAMAGED))
        return build(label, DAMAGED[label](original), Expected((name,)))
    if how == "written":
        label = random.choice(list(WRITTEN))
        return build(label, WRITTEN[label](content), _same(kind, name, original))
    if how == "slip":
        label = random.choice(list(SLIPS))
        return _slip(build, kind, name, label, original, SLIPS[label](original, random))
    found = {
        "invalid": lambda: invalid(kind, content),
        "alike": lambda: alike(kind, content),
        "otherwise": lambda: otherwise(kind, content, lambda number: float(f"{number * random.uniform(0.9, 1.0):.4g}")),
    }[how]()
    label = random.choice(sorted({mutation.label for mutation in found}))
    mutation = random.choice([mutation for mutation in found if mutation.label == label])
    changed = copy.deepcopy(content)
    mutation.change(changed)
    data = toml(changed).encode()
    if how == "otherwise":
        return build(label, data, Expected(refused=False, taken_as=OTHER, holds=_as_written(kind, changed)))
    if how == "alike":
        return build(label, data, _same(kind, name, original, 1e-12 if "unit" in label else 0.0))
    assert mutation.key is not None
    key = told(changed, mutation.key)
    return build(label, data, Expected((name,), (f"{key}:",) if key else ()))


def _case(kind: str, name: str, content: Content, label: str, data: bytes, expected: Expected) -> Case:
    files = {name: data}
    words = ("scenario", "check", "mine.toml")
    if kind == "experiment":
        files["own.toml"] = OWN.encode()
    if kind == "plan":
        plan = PLANS[name.partition("/")[0]]
        files["mine.toml"] = BASED.format(plan=f"./{plan.name}", end=content["end"]).encode()
        return Case(label, words, expected, files, prepare=partial(_beside, plan))
    if kind == "programme":
        return Case(label, ("programmes", "reach", "mine.toml"), expected, files, run=_read_programme)
    return Case(label, words, expected, files)


def _beside(plan: Plan, folder: Path) -> None:
    """Lay what else is in the folder of a shipped plan beside an altered plan, but for its scenarios."""
    (folder / plan.name).mkdir(exist_ok=True)
    for file in plan.folder.iterdir():
        if file.suffix in (".csv", ".nc") or file.name == "priors.toml":
            shutil.copyfile(file, folder / plan.name / file.name)


def _read_programme(words: tuple[str, ...], folder: Path) -> Ended:
    """Read what ``programmes reach`` reads, and simulate nothing."""
    from fiveyear.experiments import command_line

    def read() -> None:
        try:
            load_portfolio(PLANS["twelfth"], words[2:])
        except ValueError as error:
            raise SystemExit(command_line._exit_code(error)) from None

    return captured(read)


def _slip(
    build: Callable[[str, bytes, Expected], Case], kind: str, name: str, label: str, original: bytes, data: bytes
) -> Case:
    try:
        said = tomllib.loads(data.decode().removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return build(label, data, Expected((name,)))
    if same(said, tomllib.loads(original.decode())):
        return build(label, data, _same(kind, name, original))
    places = (name, "posterior_") if kind == "plan" else (name,)  # which may hold for the plan no more
    return build(label, data, Expected((), places, taken_as=OTHER, holds=_as_written(kind, said)))


# -- what a file means --------------------------------------------------------------------------------------
def load(kind: str, folder: Path) -> Scenario | Plan | Experiment | Programme:
    """Give what the file of a case is read as."""
    if kind == "programme":
        return load_portfolio(PLANS["twelfth"], [str(folder / "mine.toml")])[0].programmes["mine"]
    if kind == "plan":
        return load_scenario(str(folder / "mine.toml")).plan
    return (
        load_experiment(str(folder / "mine.toml")) if kind == "experiment" else load_scenario(str(folder / "mine.toml"))
    )


def meaning(read: Any) -> Any:
    """Give all that a file is run with: what it is but not how its file says it."""
    if is_dataclass(read) and not isinstance(read, type):
        return {f.name: meaning(getattr(read, f.name)) for f in fields(read) if f.name != "content"}
    if isinstance(read, Mapping):
        return {key: meaning(value) for key, value in read.items()}
    if hasattr(read, "model_dump"):
        return meaning(read.model_dump())
    if isinstance(read, Sequence) and not isinstance(read, str):
        return [meaning(value) for value in read]
    return read


def same(one: Any, other: Any, tolerance: float = 0.0) -> bool:
    """Tell whether two meanings are one, numbers up to a relative tolerance."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*pair, tolerance) for pair in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float) and tolerance:
        return math.isclose(one, other, rel_tol=tolerance)
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _same(kind: str, name: str, original: bytes, tolerance: float = 0.0) -> Expected:
    """Expect that a file means what the original meant."""

    def holds(ended: Ended, folder: Path) -> str:
        after = meaning(load(kind, folder))
        (folder / name).write_bytes(original)
        before = meaning(load(kind, folder))
        return "" if same(before, after, tolerance) else f"it means {after}, meant {before}"

    return Expected(refused=False, taken_as=EQUAL, holds=holds)


#: What a number in a unit is in base units. Written down here anew: it is what the readers are held against.
SCALES = {
    "%": 0.01,
    "%/year": 0.01,
    "share": 1.0,
    "1": 1.0,
    "1/year": 1.0,
    "person": 1.0,
    "10k person": 1e4,
    "year": 1.0,
    "yuan/year": 1.0,
    "100M yuan/year": 1e8,
}


def _as_written(kind: str, content: Content) -> Callable[[Ended, Path], str]:
    """Expect that a file is read as its text says."""

    def holds(ended: Ended, folder: Path) -> str:
        read: Any = load(kind, folder)
        wrong = [f"title is {read.title!r}"] if read.title.strip() != content["title"].strip() else []
        if kind == "experiment":
            wrong += [
                f"{key} is {getattr(read, key)}"
                for key in ("draws", "seed", "keep", "method", "step", "facts")
                if key in content and getattr(read, key) != content[key]
            ]
            wrong += [f"outputs are {read.outputs}"] if list(read.outputs) != content.get("outputs", []) else []
            names = {Path(name).stem for name in content["scenarios"]}
            wrong += [] if {c.scenario.name for c in read.cases} == names else [f"cases are {read.cases}"]
            for case in read.cases:
                wrong += (
                    [f"factors are {case.factors}"] if case.factors.keys() != content.get("factors", {}).keys() else []
                )
        if kind == "plan":
            wrong += [
                f"{key} is {getattr(read, key)}"
                for key in ("start", "base_year", "end")
                if getattr(read, key) != content[key]
            ]
            dumped = [t.model_dump(by_alias=True) for t in read.targets]
            wrong += [f"targets are {dumped}"] if not within(content["targets"], dumped) else []
        if kind == "programme":
            dumped = read.table.model_dump(by_alias=True)
            wrong += [] if within(content, dumped) else [f"it is read as {dumped}"]
        if kind in ("scenario", "plan"):
            wrong += _numbers_unlike(content, read)
        return "; ".join(wrong)

    return holds


def _numbers_unlike(content: Content, read: Any) -> list[str]:
    wrong = []
    for name, table in content.get("paths", {}).items():
        if table["unit"] in SCALES:
            written = table.get("values", table.get("growth"))
            points = [(int(year), number * SCALES[table["unit"]]) for year, number in written.items()]
            wrong += (
                [] if same([list(p) for p in read.paths[name].points], [list(p) for p in points], 1e-12) else [name]
            )
    for name, table in content.get("parameters", {}).items():
        if table["unit"] in SCALES:
            number = float(table["value"] * SCALES[table["unit"]])
            wrong += [] if math.isclose(read.parameters[name], number, rel_tol=1e-12) else [name]
    if list(read.cuts) != content.get("cuts", []) and not set(content.get("cuts", [])) <= set(read.cuts):
        wrong.append(f"cuts are {read.cuts}")
    return wrong


def within(written: Any, read: Any) -> bool:
    """Tell whether all that is written stands in what was read, a number as one or as both ends of a range."""
    if isinstance(written, dict):
        return isinstance(read, Mapping) and all(
            key in read and within(value, read[key]) for key, value in written.items()
        )
    if isinstance(written, list):
        return isinstance(read, Sequence) and len(written) == len(read) and all(map(within, written, read))
    if isinstance(read, Sequence) and not isinstance(read, str):
        return list(read) == [written, written]
    return bool(written == read)
