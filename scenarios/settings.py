"""Settings: single values that the command line, or a factor of an experiment, changes in a scenario.

As text: ``paths.NAME.values.2015=2.4``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fiveyear.model import Model
from fiveyear.model.declarations import Parameter, Series
from fiveyear.model.errors import nearest

from .errors import Fault, ScenarioError, shown
from .scenario import Scenario
from .tables import YEAR
from .toml_files import parse

SETTABLE = ("title", "expect", "paths", "parameters", "cuts", "closes")
NUMBERS = ("paths", "parameters")  # of these, what holds numbers with a unit
ASSUMED = "set on the command line, or by an experiment"
GROWTH_UNIT = "%/year"

#: What gives way to what is set, since only one of them may stand.
_RIVALS = {"values": "growth", "growth": "values", "source": "assumed", "assumed": "source"}


class Setting(NamedTuple):
    """One setting: as written, the keys that lead to the value, and the value."""

    text: str
    keys: tuple[str, ...]
    value: Any


def read_settings(texts: Sequence[str], scenario: Scenario | None = None) -> tuple[Setting, ...]:
    """Read settings; raises ScenarioError with every fault of every one, and the nearest key of the scenario.

    >>> read_settings(["parameters.attrition_rate.value=0.05"])[0].keys
    ('parameters', 'attrition_rate', 'value')
    """
    settings, faults = [], []
    for text in texts:
        key, equals, value = text.partition("=")
        keys = keys_of(key)
        if not equals or not all(keys):
            faults.append(f"{shown(text)}: expected KEY=VALUE, such as paths.planned_rd_intensity.values.2015=2.4")
        elif keys[0] not in SETTABLE:
            faults.append(f"{shown(text)}: {unsettable(keys, scenario)}")
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


def keys_of(key: str) -> tuple[str, ...]:
    """Give the keys that a dotted key consists of, without the blanks round them."""
    return tuple(part.strip() for part in key.split("."))


def unsettable(keys: Sequence[str], scenario: Scenario | None = None) -> str:
    """Say that keys lead to nothing that may be set, and what is nearest among the keys of the scenario."""
    near = difflib.get_close_matches(keys[0], SETTABLE, 1, 0.6)
    full_key = key_of_number(keys, scenario) if scenario is not None and not near else None
    return f"a scenario has no {keys[0]} to set{f'; nearest is {full_key}' if full_key else nearest(keys[0], SETTABLE)}"


def key_of_number(keys: Sequence[str], scenario: Scenario) -> str | None:
    """Give the whole key of the number that keys are likely to mean, or None if they lead to no input of the model.

    The year is that of the keys, or else the last of the path, or of the plan.
    """
    full_model = scenario.plan.model
    name = keys[1] if keys[0] in NUMBERS and len(keys) > 1 else keys[0]
    near = difflib.get_close_matches(name, [*full_model.series, *full_model.parameters], 1, 0.6)
    if not near:
        return None
    if near[0] in full_model.parameters:
        return f"parameters.{near[0]}.value"
    plan = scenario.plan
    own = scenario.content["paths"].get(near[0]) or plan.content.get("paths", {}).get(near[0], {})
    group = "growth" if "growth" in own else "values"
    years = [k for k in keys if re.match(YEAR, k)] + [
        y for y in reversed(own.get(group, ())) if int(y) > plan.base_year
    ]
    return f"paths.{near[0]}.{group}.{next(iter(years), plan.end)}"


def meant_by(settings: Sequence[Setting], key: str, scenario: Scenario) -> str:
    """Give the end of a message about a key: the whole key, if a number was set where a table belongs."""
    for setting in settings:
        keys = setting.keys
        of_table = keys[0] in NUMBERS and len(keys) > 1 and not isinstance(setting.value, dict | str)
        short = len(keys) == 2 or (len(keys) == 3 and (keys[2] in ("values", "growth") or re.match(YEAR, keys[2])))
        if ".".join(keys) == key and of_table and short and (full_key := key_of_number(keys, scenario)):
            return f"; nearest is {full_key}"
    return ""


def setting(keys: tuple[str, ...], value: Any) -> Setting:
    """Give the setting of a value, its text such that it reads back as the same value.

    >>> setting(("paths", "gdp_real", "growth"), {"2011": 7.0}).text
    'paths.gdp_real.growth={"2011" = 7.0}'
    """
    return Setting(f"{'.'.join(keys)}={written(value)}", keys, value)


def written(value: Any) -> str:
    """Write a value in TOML, on one line: a text, number, truth value, or a list or table of such."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{written(str(key))} = {written(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str):  # JSON escapes as TOML does, but for one sign
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value) if isinstance(value, bool) else repr(value)


def displaced(earlier: Sequence[str], later: Sequence[str]) -> bool:
    """Tell whether what is set by one key is gone, or part of something else, once the other is set.

    >>> displaced(("paths", "x", "values", "2015"), ("paths", "x", "growth", "2011"))
    True
    """
    shorter = min(len(earlier), len(later))
    rivals = earlier[0] in NUMBERS and earlier[:2] == later[:2] and _RIVALS.get("".join(earlier[2:3])) in later[2:3]
    return rivals or earlier[:shorter] == later[:shorter]


def apply(
    settings: Sequence[Setting], content: Mapping[str, Any], plan: Mapping[str, Any], model: Model
) -> dict[str, Any]:
    """Give what a scenario holds once it is changed; raises ScenarioError for a key below something that is no table.

    The content given stays as it is, and what is not changed is shared with it.
    Where the scenario has no such path or parameter, its numbers are in the unit of the plan, or else of the model;
    the plan's numbers are not taken over: those of history stay the plan's.
    """
    changed = dict(content)
    faults = []
    for _, keys, value in settings:
        if keys[0] in NUMBERS and len(keys) > 2:
            table = _inner(changed, keys[:2])
            if table is not None:
                _give_way(table, keys[2])
        place = _inner(changed, keys[:-1])
        if place is None:
            faults.append(Fault(".".join(keys), f"{'.'.join(keys[:-1])} is not a table"))
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
            unit = unit_of(group, name, "growth" in table, plan, model)
            changed[group] = tables | {name: table if unit is None else {"unit": unit} | table}
    return changed


def unit_of(group: str, name: str, growth: bool, plan: Mapping[str, Any], model: Model) -> str | None:
    """Give the unit of a number, or of growth, that states none; None for a name that the model does not have."""
    of_plan = plan.get(group, {}).get(name)
    if of_plan is not None and ("growth" in of_plan) == growth:
        return str(of_plan["unit"])
    if growth:
        return GROWTH_UNIT
    declarations: Mapping[str, Parameter | Series] = model.parameters if group == "parameters" else model.series
    return declarations[name].unit if name in declarations else None


def _inner(content: dict[str, Any], keys: Sequence[str]) -> dict[str, Any] | None:
    """Give a copy of the table that keys lead to, put in its place; None if they lead through something else.

    The tables above it are copies too: those of the scenario that is changed stay as they are.
    """
    table = content
    for key in keys:
        inner = table.get(key, {})
        if not isinstance(inner, dict):
            return None
        table[key] = inner = dict(inner)
        table = inner
    return table


def _give_way(table: dict[str, Any], field: str) -> None:
    """Take out of a path or parameter what may not stand beside a field that is set, and its source."""
    if field not in ("source", "assumed", "unusual"):
        table.pop("source", None)
        table["assumed"] = ASSUMED
    table.pop(_RIVALS.get(field, ""), None)


def changed_by(settings: Sequence[Setting], key: str, scenario: Scenario | None = None) -> str:
    """Give the end of a message about a key: the settings that changed it, if any did, and the key they may mean."""
    parts = key.split(".")
    texts = [s.text for s in settings if parts[: len(s.keys)] == list(s.keys)]
    texts = texts or [s.text for s in settings if parts[:2] == list(s.keys[:2])]
    origin = f" (from --set {', '.join(text[:80] for text in texts)})" if texts else ""
    return origin + (meant_by(settings, key, scenario) if scenario else "")
