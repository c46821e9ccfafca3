"""Mutate 10,000 scenario, plan and experiment files: ``python benchmarks/configs.py``.

Each is valid, and drawn from the tables and the declarations of the project itself; then one thing is done to it that
either makes it invalid by construction, at a key that is known, or leaves its meaning as it is. It must be refused with
a ScenarioError that names the key, or mean the same. Prints what became of them, and writes it into docs/configs.md.
The tests use the same functions: tests/scenarios/test_mutated_files.py.
"""

from __future__ import annotations

import copy
import itertools
import json
import math
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fiveyear import model
from fiveyear.model import INDICATORS
from fiveyear.scenarios import (
    Experiment,
    Plan,
    Scenario,
    ScenarioError,
    load_experiment,
    load_plan,
    load_scenario,
    plan_names,
    restore,
    scenario_names,
)
from fiveyear.scenarios.experiment_table import ExperimentTable
from fiveyear.scenarios.tables import PlanTable, ScenarioTable, StoredTable, Table, json_schema

DOCUMENT = Path(__file__).parents[1] / "docs" / "configs.md"
COUNT = 10_000
REFUSED, EQUAL = "refused, with its key", "equal in meaning"
SPENDING = ("planned_rd_intensity", "fiscal_share", "other_rd_intensity")
OWN = 'title = "Own"\nextends = "plan"\nexpect = "As the plan."\n'  # own.toml, beside each experiment

Content = dict[str, Any]
Keys = tuple[str | int, ...]


class Mutation(NamedTuple):
    """One thing to do to what a file holds: ``key`` is where it is wrong then; None if it means the same."""

    label: str
    key: Keys | None
    change: Callable[[Content], object]


@dataclass(frozen=True)
class Mutated:
    """A valid file and what became of it; ``key``, as messages write it, is None if it means the same."""

    kind: str
    label: str
    key: str | None
    original: bytes
    changed: bytes
    tolerance: float = 0.0


# -- valid files --------------------------------------------------------------------------------------------
WHOLE = model.load()
PLANS = {name: load_plan(name) for name in plan_names()}
SHIPPED = {name: load_scenario(name) for name in scenario_names()}
TEXTS = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=12).map("T{}".format)


@st.composite
def some(draw: st.DrawFn, names: Sequence[str], most: int) -> list[str]:
    """Draw some of the names, in any order."""
    return draw(st.lists(st.sampled_from(list(names)), unique=True, max_size=most)) if names else []


@st.composite
def numbers(draw: st.DrawFn, low: float, high: float) -> float | int:
    """Draw a number of a range, now and then a whole one."""
    number = draw(st.floats(low, high, allow_subnormal=False))
    return int(number) if low <= int(number) and draw(st.booleans()) else number


@st.composite
def paths(draw: st.DrawFn, name: str, plan: Plan) -> Content:
    """Draw what a scenario may say of a path."""
    declared, later = WHOLE.series[name], range(plan.base_year + 1, plan.end + 1)
    table: Content = {"unit": declared.unit, draw(st.sampled_from(["source", "assumed"])): draw(TEXTS)}
    years = sorted(draw(st.sets(st.sampled_from(list(later)), min_size=1, max_size=3)))
    if draw(st.integers(0, 3)) == 0:
        years = sorted({later[0], *years})
        return table | {"unit": "1/year", "growth": {str(y): draw(numbers(-0.5, 1.0)) for y in years}}
    table["values"] = {str(y): draw(numbers(declared.low, declared.high)) for y in years}
    if len(years) == 1 and draw(st.booleans()):
        table["shape"] = draw(numbers(0.01, 100.0))
        if name in SPENDING:
            table["hold"] = draw(st.sampled_from(["intensity", "spend"]))
    return table


@st.composite
def scenario_files(draw: st.DrawFn) -> Content:
    """Draw a scenario over a shipped plan or scenario."""
    content: Content = {"title": draw(TEXTS), "expect": draw(TEXTS)}
    if draw(st.booleans()):
        content["plan"] = draw(st.sampled_from(list(PLANS)))
        plan = PLANS[content["plan"]]
    else:
        content["extends"] = draw(st.sampled_from(list(SHIPPED)))
        plan = SHIPPED[content["extends"]].plan
    content["cuts"] = draw(some(list(WHOLE.loops), 3))
    content["closes"] = draw(some([n for n in plan.cuts if n not in content["cuts"]], 2))
    names = ["planned_rd_intensity", "gdp_real", *WHOLE.series]
    content["paths"] = {n: draw(paths(n, plan)) for n in draw(some(list(dict.fromkeys(names)), 3))}
    content["parameters"] = {
        n: {
            "value": draw(numbers(WHOLE.parameters[n].low, WHOLE.parameters[n].high)),
            "unit": WHOLE.parameters[n].unit,
            draw(st.sampled_from(["source", "assumed"])): draw(TEXTS),
        }
        for n in draw(some(list(WHOLE.parameters), 3))
    }
    for key in draw(some(["cuts", "closes", "paths", "parameters"], 4)):
        if not content[key]:
            del content[key]
    return content


@st.composite
def plan_files(draw: st.DrawFn) -> Content:
    """Draw a part of a shipped plan."""
    content = copy.deepcopy(dict(PLANS[draw(st.sampled_from(list(PLANS)))].content))
    targets = draw(st.sets(st.integers(0, len(content["targets"]) - 1), min_size=1, max_size=4))
    content["targets"] = [content["targets"][place] for place in sorted(targets)]
    for group in ("paths", "parameters"):
        content[group] = {n: content[group][n] for n in draw(some(list(content[group]), 4))}
    content["title"] = draw(TEXTS)
    return content


@st.composite
def experiment_files(draw: st.DrawFn) -> Content:
    """Draw an experiment with a few cases."""
    of_plan = ["plan", "behavioural", "crisis_2012", "talent_first", "own.toml"]
    content: Content = {
        "title": draw(TEXTS),
        "scenarios": draw(st.lists(st.sampled_from(of_plan), unique=True, min_size=1, max_size=3)),
        "draws": draw(st.integers(1, 10**8)),
    }
    own: Content = {
        "seed": draw(st.integers(0, 2**63 - 1)),
        "facts": draw(TEXTS),  # whether there is such an information set is for the calibration to say
        "keep": draw(st.sampled_from(["draws", "summary"])),
        "outputs": draw(some([*INDICATORS, *WHOLE.units], 3)) or ["rd_intensity"],
        "method": draw(st.sampled_from(["rk4", "euler"])),
        "step": draw(numbers(1e-3, 1.0)),
    }
    content |= {key: own[key] for key in draw(some(list(own), 6))}
    kind = draw(st.sampled_from(["full factorial", "latin hypercube", "sobol"]))
    ranges = {"paths.planned_rd_intensity.values.2015": (1.8, 2.6), "parameters.attrition_rate.value": (0.02, 0.08)}
    factors: Content = {}
    for key in draw(some([*ranges, "closes", "expect"], 3)):
        if key not in ranges:
            values = [[], ["R1"], ["FINANCE", "R1"]] if key == "closes" else ["Much.", "Little."]
            factors[key] = {"values": values[: draw(st.integers(1, 3))]}
        elif kind != "full factorial" and draw(st.booleans()):
            factors[key] = {"low": ranges[key][0], "high": draw(st.floats(ranges[key][0] * 1.01, ranges[key][1]))}
            factors[key] |= draw(st.sampled_from([{}, {"scale": "log"}, {"scale": "linear"}]))
        else:
            given_values = st.lists(st.floats(*ranges[key]), unique=True, min_size=1, max_size=3)
            factors[key] = {"values": draw(given_values)}
    if factors:
        content["factors"] = factors
        content["design"] = {"kind": kind}
        if kind != "full factorial":
            content["design"]["points"] = 2 ** draw(st.integers(0, 4)) + draw(st.integers(0, 2)) * (kind != "sobol")
            content["design"] |= draw(st.sampled_from([{}, {"seed": 3}]))
    return content


@st.composite
def stored_scenarios(draw: st.DrawFn) -> Content:
    """Draw a scenario as a result stores it."""
    scenario = SHIPPED[draw(st.sampled_from(list(SHIPPED)))]
    stored: Content = copy.deepcopy(scenario.stored())
    stored["content"]["title"] = draw(TEXTS)
    stored["settings"] = draw(st.lists(TEXTS, max_size=2))
    return stored


FILES: dict[str, st.SearchStrategy[Content]] = {
    "scenario": scenario_files(),
    "plan": plan_files(),
    "experiment": experiment_files(),
    "stored scenario": stored_scenarios(),
}


@cache
def schema_of(table: type[Table]) -> Content:
    """Give the JSON Schema of a table, which is slow to make."""
    return json_schema(table)


# -- what makes them invalid, by the tables -----------------------------------------------------------------
WRONG: dict[str, Sequence[Any]] = {
    "number": ["1", True, [1.0], {}],
    "integer": [1.5, 2011.0, "1", True, [1]],
    "string": [1, 1.5, False, ["x"], {"x": 1}],
    "boolean": [1, "true"],
    "array": ["x", 1, {"x": 1}],
    "object": ["x", 1, ["x"]],
}


def by_schema(schema: Content, node: Any, keys: Keys = (), whole: Content | None = None) -> Iterator[Mutation]:
    """Yield what breaks the JSON Schema of a table, at every place of what a file holds."""
    whole = whole or schema
    schema = _resolved(schema, whole)
    kind = schema.get("type")
    if kind is None:
        return
    for wrong in WRONG[kind] if keys else ():
        yield Mutation("a value of another type", keys, _put(keys, wrong))
    if kind in ("number", "integer"):
        for wrong in (math.nan, math.inf, -math.inf) if kind == "number" else ():
            yield Mutation("a number that is not finite", keys, _put(keys, wrong))
        for bound, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
            if bound in schema:
                end = schema[bound]
                beyond = end + step if kind == "integer" else math.nextafter(end, step * math.inf) if step else end
                yield Mutation("a number outside its bounds", keys, _put(keys, beyond))
    if kind == "string" and "enum" in schema:
        for wrong in ("no such", "", schema["enum"][0].upper() + " "):
            yield Mutation("a word that is not known", keys, _put(keys, wrong))
    elif kind == "string" and "maxLength" in schema:
        for wrong in ("", "  ", "\t"):
            yield Mutation("a text that is empty", keys, _put(keys, wrong))
        yield Mutation("a text that is too long", keys, _put(keys, "x" * (schema["maxLength"] + 1)))
    if kind == "array":
        if "minItems" in schema:
            yield Mutation("no entry", keys, _put(keys, []))
        if "maxItems" in schema:
            yield Mutation("too many entries", keys, _put(keys, node * (schema["maxItems"] + 1)))
        for place, inner in enumerate(node):
            yield from by_schema(schema["items"], inner, (*keys, place), whole)
    if kind == "object":
        yield from _by_object(schema, node, keys, whole)


def _by_object(schema: Content, node: Content, keys: Keys, whole: Content) -> Iterator[Mutation]:
    known = schema.get("properties", {})
    if known:
        for key in ("colour", "Title", "größe"):
            yield Mutation("a key that no table has", (*keys, key), _put((*keys, key), 1))
        for key in known:
            if key in node:
                wrong = f"{key}s"
                if wrong not in known:
                    yield Mutation("a misspelt key", (*keys, wrong), _rename((*keys, key), wrong))
                yield from by_schema(known[key], node[key], (*keys, key), whole)
        for key in schema.get("required", ()):
            yield Mutation("a key that is missing", (*keys, key), _drop((*keys, key)))
        return
    if "minProperties" in schema:
        yield Mutation("no entry", keys, _put(keys, {}))
    if "patternProperties" in schema:
        for year in ("15", "20155", "soon"):
            yield Mutation("a year that is none", (*keys, year), _put((*keys, year), 1.0))
    if "maxProperties" in schema:
        many = {f"expect{n}": {"values": ["x"]} for n in range(schema["maxProperties"] + 1)}
        yield Mutation("too many entries", keys, _put(keys, many))
    inner: Content = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), {})
    for key, value in node.items():
        yield from by_schema(inner, value, (*keys, key), whole)


def _resolved(schema: Content, whole: Content) -> Content:
    if "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    return whole["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _table(content: Any, keys: Keys) -> Any:
    for key in keys:
        content = content[key]
    return content


def _put(keys: Keys, value: Any) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        _table(content, keys[:-1])[keys[-1]] = value

    return change


def _drop(*several: Keys) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        for keys in several:
            _table(content, keys[:-1]).pop(keys[-1], None)

    return change


def _rename(keys: Keys, name: str) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        table = _table(content, keys[:-1])
        entries = [(name if key == keys[-1] else key, value) for key, value in table.items()]
        table.clear()
        table.update(entries)

    return change


# -- what makes them invalid, by the model ------------------------------------------------------------------
def of_numbers(content: Content, plan: Plan, at: Keys = ()) -> Iterator[Mutation]:
    """Yield what the model says is wrong in the paths, parameters and loops of a file of a plan."""
    for group, declared in (("paths", WHOLE.series), ("parameters", WHOLE.parameters)):
        other = "parameters" if group == "paths" else "paths"
        for name, table in content.get(group, {}).items():
            keys: Keys = (*at, group, name)
            wrong = f"{name}y"
            yield Mutation("a name that the model does not have", (*keys[:-1], wrong), _rename(keys, wrong))
            yield Mutation(f"one of the {group} among the {other}", (*at, other, name), _move(at, group, other, name))
            for unit in ("person^3", "furlong", "person/", "0 person"):
                yield Mutation("a unit that does not fit", (*keys, "unit"), _put((*keys, "unit"), unit))
            provenance = "source" if "source" in table else "assumed"
            rival = "assumed" if provenance == "source" else "source"
            yield Mutation("both source and assumed", keys, _put((*keys, rival), "x"))
            yield Mutation("neither source nor assumed", keys, _drop((*keys, provenance)))
            if group == "paths":
                yield from _of_path(table, plan, keys)
            else:
                same_unit = table["unit"] == declared[name].unit
                yield from _outside((*keys, "value"), declared[name].low, declared[name].high, same_unit)
    for key in ("cuts", "closes"):
        names = content.get(key, [])
        for place, _ in enumerate(names):
            yield Mutation("a loop that there is not", (*at, key, place), _put((*at, key, place), "R99"))
        if names:
            yield Mutation("a loop twice", (*at, key), _put((*at, key), [*names, names[0]]))


def _of_path(table: Content, plan: Plan, keys: Keys) -> Iterator[Mutation]:
    form, rival = ("growth", "values") if "growth" in table else ("values", "growth")
    years = list(table[form])
    inner: Keys = (*keys, form)
    declared = WHOLE.series[str(keys[-1])]
    yield Mutation("both values and growth", keys, _put((*keys, rival), {str(plan.end): 0.01}))
    yield Mutation("neither values nor growth", keys, _drop(inner))
    for year in years:
        low, high = (-0.5, 1.0) if form == "growth" else (declared.low, declared.high)
        same_unit = table["unit"] == ("1/year" if form == "growth" else declared.unit)
        yield from _outside((*inner, year), low, high, same_unit)
    after = str(plan.end + 1)
    yield Mutation("a year outside the plan", (*inner, after), _rename((*inner, years[-1]), after))
    if len(years) > 1:
        backwards = {year: table[form][year] for year in reversed(years)}
        yield Mutation("years that fall", inner, _put(inner, backwards))
    if form == "values" and int(years[0]) > plan.base_year:
        history = str(plan.base_year)
        yield Mutation("a year of history alone", (*inner, history), _rename((*inner, years[0]), history))
    if form == "growth":
        yield Mutation("growth that starts late", inner, _put(inner, {str(plan.base_year + 2): 0.01}))
    if form == "growth" or len(years) > 2:
        yield Mutation("a shape where nothing bends", (*keys, "shape"), _put((*keys, "shape"), 2.0))
    if keys[-1] not in SPENDING:
        yield Mutation("spending held where none is", (*keys, "hold"), _put((*keys, "hold"), "spend"))


def _outside(keys: Keys, low: float, high: float, same_unit: bool) -> Iterator[Mutation]:
    beyond = [math.nextafter(low, -math.inf), math.nextafter(high, math.inf)] if same_unit else []
    for number in (-1e300, 1e300, *beyond):
        yield Mutation("a number outside the model's range", keys, _put(keys, number))


def _move(at: Keys, group: str, other: str, name: str) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        inner = _table(content, at)
        inner.setdefault(other, {})[name] = inner[group].pop(name)

    return change


def of_scenario(content: Content, at: Keys = ()) -> Iterator[Mutation]:
    """Yield what is wrong with where a scenario comes from, and with the loops that it closes."""
    origin = "plan" if "plan" in content else "extends"
    yield Mutation("both plan and extends", at, _both(at))
    yield Mutation("neither plan nor extends", at, _drop((*at, "plan"), (*at, "extends")))
    if not at:
        for name in ("twelvth", "no/such.toml", "../..", "/dev/null/x.toml", "a\x00b.toml"):
            yield Mutation("a file that there is not", (origin,), _put((origin,), name))
        yield Mutation("a file that extends itself", ("extends",), _itself)
    closes = [name for name in WHOLE.loops if name not in ("FINANCE", "R1")]
    for name in closes[:2]:
        yield Mutation("a loop closed that is not cut", (*at, "closes", 0), _put((*at, "closes"), [name]))


def _both(at: Keys) -> Callable[[Content], object]:
    return lambda content: _table(content, at).update(plan="twelfth", extends="plan")


def _itself(content: Content) -> None:
    content.pop("plan", None)
    content["extends"] = "mine.toml"


def of_plan(content: Content, at: Keys = ()) -> Iterator[Mutation]:
    """Yield what is wrong with the years and targets of a plan."""
    yield Mutation("years in another order", (*at, "base_year"), _put((*at, "base_year"), content["start"]))
    yield Mutation("years in another order", (*at, "end"), _put((*at, "end"), content["base_year"]))
    for place, target in enumerate(content["targets"]):
        keys: Keys = (*at, "targets", place)
        if target["indicator"] in INDICATORS:
            yield Mutation("a unit that does not fit", (*keys, "unit"), _put((*keys, "unit"), "person^3"))
            wrong = (*keys, "indicator")
            yield Mutation("a name that the model does not have", wrong, _put(wrong, f"{target['indicator']}y"))
            yield Mutation("a target called unmodelled", (*keys, "unmodelled"), _put((*keys, "unmodelled"), "x"))
        for lever in ("gdp_real", "levy"):
            yield Mutation("a lever that is none", (*keys, "lever"), _put((*keys, "lever"), lever))
        twice = _put((*at, "targets"), [*content["targets"], target])
        yield Mutation("a target twice", (*keys, "indicator"), twice)


def of_experiment(content: Content) -> Iterator[Mutation]:
    """Yield what is wrong with an experiment that no table tells."""
    names, factors = content["scenarios"], content.get("factors", {})
    last = ("scenarios", len(names))
    for label, name in (
        ("a scenario twice", names[0]),
        ("a scenario of another plan", "eleventh_plan"),
        ("a file that there is not", "no such"),
        ("a file that there is not", "../no.toml"),
        ("a file of another kind", "mine.toml"),
        ("a folder", "../."),
    ):
        yield Mutation(label, last, _put(("scenarios",), [*names, name]))
    for name in ("rd_intensty", "x", "rd_intensity "):
        yield Mutation("a name that the model does not have", ("outputs", 0), _put(("outputs",), [name]))
    yield Mutation("an output twice", ("outputs", 1), _put(("outputs",), ["rd_intensity", "rd_intensity"]))
    yield Mutation("a title of two lines", ("title",), _put(("title",), "one\ntwo"))
    yield Mutation("too many rows", ("draws",), _too_many_rows)
    wrong_keys = ("plan", "pahts.x.values.2015", "paths..x", "", "name", "paths.x\n", "unit=1")
    for key in wrong_keys:
        yield Mutation("a factor that nothing takes", ("factors", key), _add_factor(key, [1, 2]))
    for key in ("paths.planned_rd_intensty.values.2015", "parameters.attrition_rat.value"):
        yield Mutation("a factor that the model does not have", ("factors", key), _add_factor(key, [1, 2]))
    tall: Any = {"kind": "latin hypercube", "points": 100_000}
    if len(names) > 1 and factors:
        yield Mutation("too many cases", (), _put(("design",), tall))
    if not factors:
        yield Mutation("a design of nothing", ("factors",), _put(("design",), tall))
        return
    yield Mutation("a sample without points", ("design", "points"), _put(("design",), {"kind": "sobol"}))
    for points in (3, 100, 99_999):
        not_two = {"kind": "sobol", "points": points}
        yield Mutation("sobol without a power of two", ("design", "points"), _put(("design",), not_two))
    for key, value in (("points", 4), ("seed", 1)):
        of_grid = {"kind": "full factorial", key: value}
        if all("values" in table for table in factors.values()):
            yield Mutation("a grid with keys of a sample", ("design", key), _put(("design",), of_grid))
    for name, table in factors.items():
        keys: Keys = ("factors", name)
        if "low" in table:
            yield Mutation("a range in a grid", keys, _put(("design",), {"kind": "full factorial"}))
            yield Mutation("a range without one end", keys, _drop((*keys, "high")))
            yield Mutation("a range that is upside down", (*keys, "high"), _put((*keys, "high"), table["low"]))
            logarithmic = _put(keys, {"low": -1.0, "high": 1.0, "scale": "log"})
            yield Mutation("a logarithm of what has none", (*keys, "low"), logarithmic)
            continue
        values = table["values"]
        last_value: Keys = (*keys, "values", len(values))
        yield Mutation("both values and a range", (*keys, "low"), _put((*keys, "low"), 1.0))
        yield Mutation("a value twice", last_value, _put((*keys, "values"), [*values, values[0]]))
        yield Mutation("a value that no scenario takes", last_value, _put((*keys, "values"), [*values, math.nan]))
        yield Mutation(
            "a value that no scenario takes", last_value, _put((*keys, "values"), [*values, date(2011, 7, 1)])
        )
        yield Mutation("a value that no scenario takes", last_value, _put((*keys, "values"), [*values, "a\nb"]))
        if name[0] == "p":
            yield Mutation("a value outside the model's range", keys, _put(("factors",), {name: {"values": [1e300]}}))
            deeper = f"{name}.x"
            yield Mutation("a factor within another", ("factors", deeper), _add_factor(deeper, [1]))


def _too_many_rows(content: Content) -> None:
    content["draws"] = 10**10
    content.setdefault("factors", {})["title"] = {"values": ["one", "two"]}
    content.pop("design", None)
    content["factors"] = {"title": content["factors"]["title"]}


def _add_factor(key: str, values: list[Any]) -> Callable[[Content], object]:
    return lambda content: content.setdefault("factors", {}).update({key: {"values": values}})


def invalid(kind: str, content: Content) -> list[Mutation]:
    """Give all that is known to make a valid file of a kind invalid."""
    if kind == "scenario":
        plan = PLANS[content["plan"]] if "plan" in content else SHIPPED[content["extends"]].plan
        own = [*of_scenario(content), *of_numbers(content, plan)]
        return [*by_schema(schema_of(ScenarioTable), content), *own]
    if kind == "plan":
        span = next(plan for plan in PLANS.values() if plan.start == content["start"])
        return [*by_schema(schema_of(PlanTable), content), *of_plan(content), *of_numbers(content, span)]
    if kind == "experiment":
        return [*by_schema(schema_of(ExperimentTable), content), *of_experiment(content)]
    inner, of_its_plan = content["content"], {k: v for k, v in content["plan"].items() if k != "name"}
    plan = PLANS[content["plan"]["name"]]
    outer = {**content, "plan": {}, "content": {}}
    return [
        *by_schema(schema_of(StoredTable), outer),
        *by_schema(schema_of(PlanTable), of_its_plan, ("plan",)),
        *of_plan(of_its_plan, ("plan",)),
        *of_numbers(of_its_plan, plan, ("plan",)),
        *by_schema(schema_of(ScenarioTable), inner, ("content",)),
        *of_scenario(inner, ("content",)),
        *of_numbers(inner, plan, ("content",)),
    ]


# -- what leaves their meaning as it is ---------------------------------------------------------------------
def defaults(schema: Content, node: Any, keys: Keys = (), whole: Content | None = None) -> Iterator[Mutation]:
    """Yield the defaults that may be written out, and the numbers that may be written in another way."""
    whole = whole or schema
    schema = _resolved(schema, whole)
    if schema.get("type") == "number" and isinstance(node, int) and abs(node) < 2**53:
        yield Mutation("a whole number with a point", None, _put(keys, float(node)))
    if schema.get("type") == "number" and isinstance(node, float) and node.is_integer() and abs(node) < 2**53:
        yield Mutation("a number without its point", None, _put(keys, int(node)))
    if schema.get("type") == "array":
        for place, inner in enumerate(node):
            yield from defaults(schema["items"], inner, (*keys, place), whole)
    if schema.get("type") != "object":
        return
    known = schema.get("properties", {})
    for key, of_key in known.items():
        inherited = key in ("cuts", "closes")  # here an empty list is not what a missing one is
        of_sample = key == "seed" and node.get("kind") == "full factorial"  # which has none to write out
        if key not in node and of_key.get("default") is not None and not inherited and not of_sample:
            yield Mutation("a default written out", None, _put((*keys, key), copy.deepcopy(of_key["default"])))
    inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), {})
    for key, value in node.items():
        yield from defaults(known.get(key, inner), value, (*keys, key), whole)


def other_units(content: Content, at: Keys = ()) -> Iterator[Mutation]:
    """Yield the shares that may be written in percent, and the other way round."""
    for group in ("paths", "parameters"):
        for name, table in content.get(group, {}).items():
            other = {
                "share": ("%", 100.0),
                "1/year": ("%/year", 100.0),
                "%": ("share", 0.01),
                "%/year": ("1/year", 0.01),
            }
            if table["unit"] in other:
                yield Mutation(
                    "a unit and its numbers in another", None, _convert((*at, group, name), *other[table["unit"]])
                )


def _convert(keys: Keys, unit: str, factor: float) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        table = _table(content, keys)
        table["unit"] = unit
        for form in ("values", "growth"):
            if form in table:
                table[form] = {year: number * factor for year, number in table[form].items()}
        if "value" in table:
            table["value"] *= factor

    return change


def _reverse(keys: Keys) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        table = _table(content, keys)
        entries = list(table.items())[::-1]
        table.clear()
        table.update(entries)

    return change


def alike(kind: str, content: Content) -> list[Mutation]:
    """Give all that is known to leave the meaning of a file of a kind as it is."""
    parts: list[tuple[Keys, Content, Content]]
    if kind == "stored scenario":
        of_its_plan = {k: v for k, v in content["plan"].items() if k != "name"}
        parts = [
            (("plan",), schema_of(PlanTable), of_its_plan),
            (("content",), schema_of(ScenarioTable), content["content"]),
        ]
    else:
        tables = {"scenario": ScenarioTable, "plan": PlanTable, "experiment": ExperimentTable}
        parts = [((), schema_of(tables[kind]), content)]
    found = [Mutation("keys in another order", None, _reverse(()))]
    for at, schema, part in parts:
        found += defaults(schema, part, at)
        found += other_units(part, at) if kind != "experiment" else ()
        for group in ("paths", "parameters"):
            if len(part.get(group, {})) > 1:
                found.append(Mutation("keys in another order", None, _reverse((*at, group))))
            for name in part.get(group, {}):
                found.append(Mutation("keys in another order", None, _reverse((*at, group, name))))
    return found


# -- as text ------------------------------------------------------------------------------------------------
def toml(content: Content, inline: bool = False, quoted: bool = False, text: Callable[[str], str] | None = None) -> str:
    """Write content in TOML, its tables under headings or ``inline``; ``text`` says how texts are written."""
    text = text or _basic

    def name(key: str) -> str:
        return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) and not quoted else _basic(key)

    def value(found: Any) -> str:
        if isinstance(found, dict):
            return "{" + ", ".join(f"{name(k)} = {value(v)}" for k, v in found.items()) + "}"
        if isinstance(found, list):
            return "[" + ", ".join(map(value, found)) + "]"
        if isinstance(found, str):
            return text(found)
        return (
            str(found).lower()
            if isinstance(found, bool)
            else found.isoformat()
            if isinstance(found, date)
            else repr(found)
        )

    lines, tables = [], []
    for key, found in content.items():
        if isinstance(found, dict) and not inline and all(isinstance(inner, dict) for inner in found.values()):
            tables.append(f"[{name(key)}]")
            for inner_key, inner in found.items():
                tables += [f"[{name(key)}.{name(inner_key)}]", *(f"{name(k)} = {value(v)}" for k, v in inner.items())]
        elif isinstance(found, dict) and not inline:
            tables += [f"[{name(key)}]", *(f"{name(k)} = {value(v)}" for k, v in found.items())]
        else:
            lines.append(f"{name(key)} = {value(found)}")
    return "\n".join([*lines, *tables]) + "\n"


def _basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'


def _literal(text: str) -> str:
    return f"'{text}'" if "'" not in text and text.isprintable() else _basic(text)


def _long(text: str) -> str:
    return '"""\n' + _basic(text)[1:-1] + '"""'


def _commented(content: Content) -> str:
    return "# first\n\n" + "".join(f"  {line}  # of this line = [\n\n" for line in toml(content).splitlines())


#: Ways to write the same.
WRITTEN: dict[str, Callable[[Content], bytes]] = {
    "a byte order mark": lambda c: b"\xef\xbb\xbf" + toml(c).encode(),
    "line ends of Windows": lambda c: toml(c).replace("\n", "\r\n").encode(),
    "no line end at the end": lambda c: toml(c).rstrip("\n").encode(),
    "comments, blanks and empty lines": lambda c: _commented(c).encode(),
    "tables on one line": lambda c: toml(c, inline=True).encode(),
    "keys in quotes": lambda c: toml(c, quoted=True).encode(),
    "texts in escapes": lambda c: toml(c, text=_escaped).encode(),
    "texts in single quotes": lambda c: toml(c, text=_literal).encode(),
    "texts in three quotes": lambda c: toml(c, text=_long).encode(),
}

#: What no TOML file is; it has no key to name.
DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda _: b"",
    "blanks alone": lambda _: b" \n\t\n",
    "a control character": lambda t: t[: len(t) // 2] + b"\x01" + t[len(t) // 2 :],
    "a NUL at the end": lambda t: t + b"\0",
    "a byte that is no UTF-8": lambda t: t[: len(t) // 3] + b"\xff" + t[len(t) // 3 :],
    "UTF-16": lambda t: t.decode().encode("utf-16"),
    "a text without its end": lambda t: t + b'[x]\ny = "z',
    "a table without its end": lambda t: t + b"[x\n",
    "a key without a value": lambda t: t + b"x =\n",
    "marks of a merge": lambda t: b"<<<<<<< mine\n" + t + b">>>>>>> theirs\n",
    "a key twice": lambda t: t.split(b"\n")[0] + b"\n" + t,
    "a table twice": lambda t: t + b"[x]\n[x]\n",
    "too many bytes": lambda t: t + b"#" * 2**18,
    "lists in lists": lambda t: b"x = " + b"[" * 5000 + b"]" * 5000 + b"\n" + t,
    "a key of very many": lambda t: b"x" + b".x" * 60_000 + b" = 1\n" + t,
    "a number of very many digits": lambda t: b"x = " + b"9" * 5000 + b"\n" + t,
    "JSON": lambda _: b'{"title": "x"}',
    "a web page": lambda _: b"<!DOCTYPE html>\n<html></html>",
}


@st.composite
def mutated_files(draw: st.DrawFn) -> Mutated:
    """Draw a valid file of any kind, and something to do to it."""
    kind = draw(st.sampled_from(list(FILES)))
    content = draw(FILES[kind])
    is_json = kind == "stored scenario"
    original = _written(content, is_json)
    how = draw(
        st.sampled_from(
            ["invalid", "invalid", "alike"] if is_json else ["invalid"] * 5 + ["alike"] * 3 + ["damaged", "written"]
        )
    )
    if how == "damaged":
        label = draw(st.sampled_from(list(DAMAGED)))
        return Mutated(kind, label, "", original, DAMAGED[label](original))
    if how == "written":
        label = draw(st.sampled_from(list(WRITTEN)))
        return Mutated(kind, label, None, original, WRITTEN[label](content))
    found = invalid(kind, content) if how == "invalid" else alike(kind, content)
    label = draw(st.sampled_from(sorted({mutation.label for mutation in found})))
    mutation = draw(st.sampled_from([mutation for mutation in found if mutation.label == label]))
    changed = copy.deepcopy(content)
    mutation.change(changed)
    key = None if mutation.key is None else told(changed, mutation.key)
    tolerance = 1e-12 if label == "a unit and its numbers in another" else 0.0
    return Mutated(kind, label, key, original, _written(changed, is_json), tolerance)


def _written(content: Content, is_json: bool) -> bytes:
    return (json.dumps(content, ensure_ascii=False, default=str) if is_json else toml(content)).encode()


def told(content: Content, keys: Keys) -> str:
    """Give keys as a message writes them: one that is no plain word in quotes, a target by its indicator."""
    parts = []
    for place, key in enumerate(keys):
        if place and keys[place - 1] == "targets" and isinstance(key, int):
            targets = _table(content, keys[:place])
            entry = targets[key] if isinstance(targets, list) else None
            name = entry.get("indicator") if isinstance(entry, dict) else None
            parts.append(name if isinstance(name, str) and re.fullmatch(r"\w{1,60}", name) else str(key + 1))
        else:
            parts.append(str(key) if re.fullmatch(r"[\w-]+", str(key)) else json.dumps(key, ensure_ascii=False))
    return ".".join(parts)


# -- what became of them ------------------------------------------------------------------------------------
LOADERS: dict[str, Callable[[str], Scenario | Plan | Experiment]] = {
    "scenario": load_scenario,
    "plan": load_plan,
    "experiment": load_experiment,
    "stored scenario": lambda path: restore(json.loads(Path(path).read_text(encoding="utf-8"))),
}


def meaning(found: Any) -> Any:
    """Give all that a scenario, plan or experiment is run with: what it is but not how its file says it."""
    if is_dataclass(found) and not isinstance(found, type):
        return {f.name: meaning(getattr(found, f.name)) for f in fields(found) if f.name != "content"}
    if isinstance(found, Mapping):
        return {key: meaning(value) for key, value in found.items()}
    if isinstance(found, Sequence) and not isinstance(found, str):
        return [meaning(value) for value in found]
    return found.model_dump() if hasattr(found, "model_dump") else found


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Tell whether two meanings are one, numbers up to a relative tolerance."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*pair, tolerance) for pair in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float) and tolerance:
        return math.isclose(one, other, rel_tol=tolerance)
    return bool(one == other)


def outcome(file: Mutated, folder: Path) -> str:
    """Give REFUSED or EQUAL, as it should be; or else what went wrong."""
    path = folder / "mine.toml"
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    load = LOADERS[file.kind]
    path.write_bytes(file.original)
    before = load(str(path))
    path.write_bytes(file.changed)
    try:
        after = load(str(path))
    except ScenarioError as error:
        return _refused(file, error)
    except Exception as error:  # noqa: BLE001 - that there is none is what is shown
        return f"another exception: {error!r}"
    if file.key is not None:
        return f"taken, though {file.key or 'the file'} is wrong"
    if not same(meaning(before), meaning(after), file.tolerance):
        return "taken, but it means something else"
    if isinstance(after, Scenario) and restore(json.loads(json.dumps(after.stored()))) != after:
        return "taken, but it does not come back from where it is stored"
    return EQUAL


def _refused(file: Mutated, error: ScenarioError) -> str:
    if file.key is None:
        return f"refused, though it means the same: {error}"
    if not all(line.isprintable() for line in str(error).split("\n")):
        return f"refused, with a message that steers a terminal: {str(error)!r}"
    if file.key and not any(fault.startswith(f"{file.key}: ") for fault in error.faults):
        return f"refused, but without {file.key}: {error}"
    return REFUSED


def collect(count: int, folder: Path) -> Counter[tuple[str, str, str]]:
    """Mutate files until there are so many different ones: (kind, what was done, what became of it) -> how many."""
    seen: set[Mutated] = set()
    found: Counter[tuple[str, str, str]] = Counter()

    for start in itertools.count():

        @seed(start)
        @settings(
            max_examples=min(1000, count - len(seen) + 20),  # the first ones are the same in every round
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(mutated_files())
        def look(file: Mutated) -> None:
            if file in seen or len(seen) == count:
                return
            seen.add(file)
            result = outcome(file, folder)
            found[file.kind, file.label, result] += 1
            if result not in (REFUSED, EQUAL):
                print(f"{file.kind}, {file.label}: {result}", file=sys.stderr)

        look()
        if len(seen) == count:
            return found
    raise AssertionError


TEXT = """\
# Mutated files

Written by `python benchmarks/configs.py`. {count:,} different files: scenarios, plans and experiments in TOML, and
scenarios as a result stores them in JSON. Each was drawn as a valid one, from the tables in `scenarios/` and from what
the model declares, with Hypothesis; then one thing was done to it, which makes it invalid by construction, at a key
that is known, or leaves its meaning as it is. Files that are damaged as text have no key to name.

| file | invalid: {refused} | same: {equal} | anything else |
| --- | --- | --- | --- |
{kinds}

| what was done | {refused} | {equal} | anything else |
| --- | --- | --- | --- |
{labels}
"""


def document(found: Counter[tuple[str, str, str]]) -> str:
    """Give the page that says what became of the files."""

    def rows(place: int) -> str:
        names = sorted({key[place] for key in found})
        return "\n".join(_row(name, {k: n for k, n in found.items() if k[place] == name}) for name in names)

    return TEXT.format(
        count=found.total(),
        refused=REFUSED,
        equal=EQUAL,
        kinds=f"{rows(0)}\n{_row('all', found)}",
        labels=rows(1),
    )


def _row(name: str, found: Mapping[tuple[str, str, str], int]) -> str:
    by_result = Counter[str]()
    for (_, _, result), number in found.items():
        by_result[result if result in (REFUSED, EQUAL) else "else"] += number
    return f"| {name} | {by_result[REFUSED]:,} | {by_result[EQUAL]:,} | {by_result['else']:,} |"


def main() -> None:
    """Mutate the files, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        text = document(collect(COUNT, Path(folder)))
    print(text)
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
