"""Several scenarios as one: what each of a stack sets, and where two of them contradict each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .errors import Fault
from .scenario import Origin, Scenario
from .settings import NUMBERS, written

Key = tuple[str, str]  # paths, parameters or loops; and a name
LOOPS = "loops"


class Member(NamedTuple):
    """A scenario, and the files that it is made of: its own and all that it extends."""

    scenario: Scenario
    lineage: frozenset[Path]


class Stacked(NamedTuple):
    """What members make together, from left to right; ``conflicts`` says by key what two of them contradict."""

    content: dict[str, Any]
    origins: dict[Key, Origin]
    lineage: frozenset[Path]
    conflicts: dict[Key, list[str]]


def stacked(members: Sequence[Member]) -> Stacked:
    """Give what scenarios of one plan make together.

    What a file sets gives way to what another sets that extends it: of two that both rest on ``plan``, the one that
    changes a path of it counts, and not the other. Where neither extends the other, what they set is to be the same.
    """
    conflicts: dict[Key, list[str]] = {}
    owners: dict[Key, Scenario] = {}
    for key in dict.fromkeys(key for member in members for key in member.scenario.origins):
        setters = [member for member in members if key in member.scenario.origins]
        kept = list(setters)
        for first, other in itertools.combinations(setters, 2):
            if _value(first.scenario, key) == _value(other.scenario, key):
                continue
            files = [member.scenario.origins[key].file for member in (first, other)]
            gives_way = [files[0] in other.lineage, files[1] in first.lineage]
            if gives_way[0] == gives_way[1]:
                conflicts.setdefault(key, []).append(_conflict(key, first.scenario, other.scenario))
            else:
                kept = [member for member in kept if member is not (first if gives_way[0] else other)]
        owners[key] = (kept or setters)[-1].scenario
    origins = {key: owner.origins[key] for key, owner in owners.items()}
    lineage = frozenset(file for member in members for file in member.lineage)
    content: dict[str, Any] = {group: {} for group in NUMBERS}
    states = {name: loop_state(owner.content, name) for (group, name), owner in owners.items() if group == LOOPS}
    for (group, name), owner in owners.items():
        if group in NUMBERS:
            content[group][name] = owner.content[group][name]
    content["cuts"] = [name for name, state in states.items() if state == "cut"]
    content["closes"] = [name for name, state in states.items() if state == "closed"]
    return Stacked(content, origins, lineage, conflicts)


def loop_state(content: Mapping[str, Any], name: str) -> str:
    """Say what a scenario makes of a loop: cut, closed, or as the plan has it."""
    if name in content.get("cuts", ()):
        return "cut"
    return "closed" if name in content.get("closes", ()) else "as the plan has it"


def repeated(place: int, name: str) -> Fault:
    """Give the fault of a scenario that stands in ``extends`` a second time."""
    return Fault(f"extends.{place}", f"{name} stands twice", found=name, expected="each scenario once")


def _value(scenario: Scenario, key: Key) -> Any:
    group, name = key
    return loop_state(scenario.content, name) if group == LOOPS else getattr(scenario, group)[name]


def _conflict(key: Key, one: Scenario, other: Scenario) -> str:
    first, second = (_shown(scenario, key) for scenario in (one, other))
    files = [scenario.origins[key].file for scenario in (one, other)]
    names = [str(file) if files[0].name == files[1].name else file.name for file in files]
    return f"{names[0]} has {first}, {names[1]} {second}; expected the same in both, or a decision in this file"


def _shown(scenario: Scenario, key: Key) -> str:
    group, name = key
    if group == LOOPS:
        return f"it {loop_state(scenario.content, name)}"
    table = scenario.content[group][name]
    if group == "parameters":
        return f"{table['value']:g} {table['unit']}"
    kind = "growth" if "growth" in table else "values"
    others = "".join(f", {k} = {written(table[k])}" for k in ("shape", "hold") if k in table)
    numbers = ", ".join(f"{year} = {number:g}" for year, number in table[kind].items())
    numbers = numbers if len(numbers) <= 80 else f"{numbers[:76]} ..."
    return f"{kind} {numbers} {table['unit']}{others}"
