"""Settings: single values that the command line changes in a scenario, ``--set paths.NAME.values.2015=2.4``."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from fiveyear.model import Model
from fiveyear.model.declarations import Parameter, Series
from fiveyear.model.errors import nearest

from .errors import ScenarioError, shown
from .toml_files import parse

SETTABLE = ("title", "expect", "paths", "parameters", "cuts", "closes")
NUMBERS = ("paths", "parameters")  # of these, what holds numbers with a unit
ASSUMED = "set on the command line"
GROWTH_UNIT = "%/year"

#: What gives way to what is set, since only one of them may stand.
_RIVALS = {"values": "growth", "growth": "values", "source": "assumed", "assumed": "source"}


class Setting(NamedTuple):
    """One setting: as written, the keys that lead to the value, and the value."""

    text: str
    keys: tuple[str, ...]
    value: Any


def read_settings(texts: Sequence[str]) -> tuple[Setting, ...]:
    """Read settings; raises ScenarioError with every fault of every one.

    >>> read_settings(["parameters.attrition_rate.value=0.05"])[0].keys
    ('parameters', 'attrition_rate', 'value')
    """
    settings, faults = [], []
    for text in texts:
        key, equals, value = text.partition("=")
        keys = tuple(part.strip() for part in key.split("."))
        if not equals or not all(keys):
            faults.append(f"{shown(text)}: expected KEY=VALUE, such as paths.planned_rd_intensity.values.2015=2.4")
        elif keys[0] not in SETTABLE:
            faults.append(f"{shown(text)}: a scenario has no {keys[0]} to set{nearest(keys[0], SETTABLE)}")
        else:
            try:
                content = parse(f"value = {value}", "--set")
            except ScenarioError as error:
                faults.append(f"{shown(text)}: {error.faults[0]}; a text stands in quotes")
                continue
            if content.keys() == {"value"}:  # a line break in the text would smuggle in more keys
                settings.append(Setting(text, keys, content["value"]))
            else:
                faults.append(f"{shown(text)}: expected one value")
    if faults:
        raise ScenarioError("--set", faults)
    return tuple(settings)


def apply(
    settings: Sequence[Setting], content: Mapping[str, Any], plan: Mapping[str, Any], model: Model
) -> dict[str, Any]:
    """Give what a scenario holds once it is changed; raises ScenarioError for a key below something that is no table.

    Where the scenario has no such path or parameter, its numbers are in the unit of the plan, or else of the model;
    the plan's numbers are not taken over: those of history stay the plan's.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(content))
    faults = []
    for text, keys, value in settings:
        if keys[0] in NUMBERS and len(keys) > 2:
            table = _inner(changed, keys[:2])
            if table is not None:
                _give_way(table, keys[2])
        place = _inner(changed, keys[:-1])
        if place is None:
            faults.append(f"{shown(text)}: {'.'.join(keys[:-1])} is not a table")
            continue
        place[keys[-1]] = value
        if keys[-2:-1] in (("values",), ("growth",)):
            years = sorted(place.items())
            place.clear()
            place.update(years)
    if faults:
        raise ScenarioError("--set", faults)
    for group, name in dict.fromkeys(s.keys[:2] for s in settings if s.keys[0] in NUMBERS and len(s.keys) > 2):
        tables = changed[group]
        table = tables.get(name) if isinstance(tables, dict) else None  # a later setting may have put a number here
        if isinstance(table, dict) and "unit" not in table:
            unit = _unit(group, name, "growth" in table, plan, model)
            tables[name] = table if unit is None else {"unit": unit} | table
    return changed


def _unit(group: str, name: str, growth: bool, plan: Mapping[str, Any], model: Model) -> str | None:
    """Give the unit of a number, or of growth, that states none; None for a name that the model does not have."""
    of_plan = plan.get(group, {}).get(name)
    if of_plan is not None and ("growth" in of_plan) == growth:
        return str(of_plan["unit"])
    if growth:
        return GROWTH_UNIT
    known: Mapping[str, Parameter | Series] = model.parameters if group == "parameters" else model.series
    return known[name].unit if name in known else None


def _inner(content: dict[str, Any], keys: Sequence[str]) -> dict[str, Any] | None:
    """Give the table that keys lead to, made where there is none; None if they lead through something else."""
    table: Any = content
    for key in keys:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            return None
    return cast(dict[str, Any], table)


def _give_way(table: dict[str, Any], field: str) -> None:
    """Take out of a path or parameter what may not stand beside a field that is set, and its source."""
    if field not in ("source", "assumed"):
        table.pop("source", None)
        table["assumed"] = ASSUMED
    table.pop(_RIVALS.get(field, ""), None)


def changed_by(settings: Sequence[Setting], key: str) -> str:
    """Give the end of a message about a key: the settings that changed it, if any did.

    >>> changed_by(read_settings(["cuts=['R9']"]), "cuts.0")
    " (from --set cuts=['R9'])"
    """
    parts = key.split(".")
    found = [s.text for s in settings if parts[: len(s.keys)] == list(s.keys)]
    found = found or [s.text for s in settings if parts[:2] == list(s.keys[:2])]
    return f" (from --set {', '.join(text[:80] for text in found)})" if found else ""
