"""Altered folders of plans, checked by ``plan check``: one thing done to a file, or several that must all be told."""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from fiveyear.experiments.plans.new import TEMPLATE
from fiveyear.scenarios import load_plan
from fiveyear.scenarios.tables import PlanTable, ScenarioTable

from .case import EQUAL, OTHER, Case, Expected
from .mutations import by_schema, of_plan, schema_of, told
from .plan_tables import FACTS, PRIORS, RECORD, REWRITTEN, SPOILT, bad_facts, bad_priors, csv_of, rows_of
from .slips import SLIPS
from .toml_text import DAMAGED, WRITTEN, toml

HERE, PLAN = "mine", "plan.toml"
CHECK = ("plan", "check", HERE)
FOREIGN = "korea577"  # a shipped plan, as the folder of somebody's own
LACKING = (0, 1)  # exit codes of a folder without faults, whose targets lack nothing or something
TEN_MB = 10 * 2**20

Files = dict[str, bytes]


class Fault(NamedTuple):
    """One thing that is wrong with a folder: what, in which file, the places that may tell it, and its bytes then.

    Without bytes, the file is not there.
    """

    label: str
    file: str
    places: tuple[str, ...]
    data: bytes | None


@cache
def folders() -> Mapping[str, Files]:
    """Give the files of valid folders: the template, and a shipped plan as one's own."""
    korea = load_plan(FOREIGN).folder
    of_korea = _files(korea, {p for p in korea.rglob("*") if p.suffix in (".toml", ".csv")})
    for name, data in of_korea.items():
        if name.startswith("scenarios/"):
            of_korea[name] = data.replace(f'"{FOREIGN}"'.encode(), b'".."')
    return {
        "template": _files(TEMPLATE, {p for p in TEMPLATE.rglob("*") if p.suffix in (".toml", ".csv", ".md")}),
        FOREIGN: of_korea,
    }


def _files(root: Path, paths: set[Path]) -> Files:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(paths) if path.is_file()}


def case(random: Random) -> Case:
    """Give an altered folder."""
    files = dict(folders()[random.choice(list(folders()))])
    how = random.choices(["fault", "faults", "slip", "same", "place"], [40, 20, 20, 10, 10])[0]
    return {"fault": _one, "faults": _several, "slip": _slip, "same": _same, "place": _place}[how](files, random)


def _case(label: str, files: Files, expected: Expected, prepare: Callable[[Path], object] = lambda _: None) -> Case:
    return Case(label, CHECK, expected, {f"{HERE}/{name}": data for name, data in files.items()}, prepare)


def _altered(files: Files, faults: list[Fault]) -> Files:
    gone = {fault.file for fault in faults if fault.data is None}
    altered = files | {fault.file: fault.data for fault in faults if fault.data is not None}
    return {name: data for name, data in altered.items() if name not in gone}


# -- what is wrong --------------------------------------------------------------------------------------------------
def _one(files: Files, random: Random) -> Case:
    fault = _fault(random.choice(sorted(files)), files, random)
    return _case(fault.label, _altered(files, [fault]), Expected((fault.file,), fault.places))


def _several(files: Files, random: Random) -> Case:
    """Give a folder with something wrong in several files, but for the plan, without which others cannot be told of."""
    names = random.sample(sorted(set(files) - {PLAN}), random.randint(2, 3))
    faults = [_fault(name, files, random) for name in names]
    # Each file is to be named; that its place is, cases of one fault show.
    return _case("faults in several files", _altered(files, faults), Expected(tuple(f.file for f in faults)))


def _fault(name: str, files: Files, random: Random) -> Fault:
    faults = list(_faults(name, files[name]))
    label = random.choice(sorted({fault.label for fault in faults}))
    return random.choice([fault for fault in faults if fault.label == label])


def _faults(name: str, data: bytes) -> Iterator[Fault]:
    """Yield what can be wrong with a file of a folder."""
    if name in (FACTS, PRIORS):
        yield Fault("a file that is missing", name, (), None)
    if name.endswith(".csv"):
        for label, spoil in SPOILT.items():
            if not (name == RECORD and label == "a heading alone"):
                yield Fault(label, name, (), spoil(data))
        yield Fault("a table of ten megabytes", name, (), data + b"x" * TEN_MB)
        if name == RECORD:
            row = b"rd_intensity,first,2001-2005,1.0,2.0,soon,%,2006-01,Survey,seen\n"
            yield Fault("an outcome that is none", name, ("row 2",), data + row)
            return
        yield from _of_rows(name, data)
        return
    content = tomllib.loads(data.decode())
    for label, damage in DAMAGED.items():
        yield Fault(label, name, (), damage(toml(content).encode()))
    if name == PRIORS:
        for label, keys, change in bad_priors(content):
            changed = copy.deepcopy(content)
            change(changed)
            shorter = (f"{'.'.join(keys[:-1])}:",) if keys[1:] else ()  # of two kinds, or of source and assumed
            yield Fault(label, name, (".".join(keys), *shorter), toml(changed).encode())
        return
    table = PlanTable if name == PLAN else ScenarioTable
    for mutation in (*by_schema(schema_of(table), content), *(of_plan(content) if name == PLAN else ())):
        changed = copy.deepcopy(content)
        mutation.change(changed)
        assert mutation.key is not None
        key = told(changed, mutation.key)
        yield Fault(mutation.label, name, (f"{key}:",) if key else (), toml(changed).encode())


def _of_rows(name: str, data: bytes) -> Iterator[Fault]:
    rows = rows_of(data)
    for place in (1, len(rows) // 2, len(rows) - 1):
        if rows[place][-1] == "kept":  # such a row is read by nothing
            continue
        for label, row in bad_facts(rows[place]):
            changed = [*rows[:place], row, *rows[place + 1 :]]
            yield Fault(label, name, (f"row {place + 1}",), csv_of(changed))
        for sign in ("\x1b[31m", "\u202e", "\x00"):
            row = [*rows[place][:-2], f"Survey{sign}", rows[place][-1]]
            changed = [*rows[:place], row, *rows[place + 1 :]]
            yield Fault("a control character in a label", name, (f"row {place + 1}", "NUL"), csv_of(changed))
        yield Fault("a row twice", name, (f"row {place + 1}", f"row {len(rows) + 1}"), csv_of([*rows, rows[place]]))


# -- what is not known beforehand, or means the same ----------------------------------------------------------------
def _slip(files: Files, random: Random) -> Case:
    """Give a folder with a slip in a file: refused with the name of a file, or taken."""
    name, label = random.choice(sorted(files)), random.choice(list(SLIPS))
    altered = files | {name: SLIPS[label](files[name], random)}
    # What one file says no more, another may be missed by.
    return _case(label, altered, Expected((HERE,), tuple(sorted(files)), taken_as=OTHER, codes=LACKING))


def _same(files: Files, random: Random) -> Case:
    name = random.choice(sorted(files))
    if name.endswith(".csv"):
        ways = {label: write(files[name]) for label, write in REWRITTEN.items()}
    else:
        ways = {label: write(tomllib.loads(files[name].decode())) for label, write in WRITTEN.items()}
    label = random.choice(list(ways))
    return _case(label, files | {name: ways[label]}, Expected(refused=False, taken_as=EQUAL))


def _place(files: Files, random: Random) -> Case:
    """Give a folder in which something of another kind lies, or something more."""
    name = random.choice(sorted(set(files) - {PLAN}))
    if name.startswith("scenarios/"):
        twin = f"scenarios/{Path(name).stem.capitalize()}.toml"
        twice = Expected((name.rpartition("/")[2], "two scenarios of one name"))
        return _case("two scenarios of one name", files | {twin: files[name]}, twice)
    others: dict[str, Callable[[Path], object]] = {
        "a folder for a file": lambda file: file.mkdir(),
        "a link to nothing": lambda file: file.symlink_to("nowhere"),
        "a pipe": os.mkfifo,
    }
    label = random.choice([*others, "a foreign file"])
    if label == "a foreign file":
        return _case(label, files | {"notes.docx": b"PK\x03\x04"}, Expected(refused=False, taken_as=EQUAL))
    without = {n: data for n, data in files.items() if n != name}
    return _case(label, without, Expected((name,)), lambda folder: others[label](folder / HERE / name))
