"""What can be done to a valid file: what makes it wrong, at a key that is known, and what leaves its meaning."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from fiveyear.model import INDICATORS
from fiveyear.scenarios import Plan
from fiveyear.scenarios.experiment_table import ExperimentTable
from fiveyear.scenarios.programme_table import ProgrammeTable
from fiveyear.scenarios.tables import PlanTable, ScenarioTable, Table

from .valid_files import PLANS, SHIPPED, SPENDING, WHOLE, Content, at_base, growing

Keys = tuple[str | int, ...]


class Mutation(NamedTuple):
    """One thing to do to what a file holds: ``key`` is where it is wrong then; None if it means the same."""

    label: str
    key: Keys | None
    change: Callable[[Content], object]


@cache
def schema_of(table: type[Table]) -> Content:
    """Give the JSON Schema of a table, which is slow to make."""
    return table.model_json_schema()


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
    may_be_listed = any(one.get("type") == "array" for one in schema.get("anyOf", ()))
    schema = _resolved(schema, whole)
    kind = schema.get("type")
    if kind is None:
        return
    for wrong in WRONG[kind] if keys else ():
        if may_be_listed and isinstance(wrong, list):
            continue
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


def inner_table(content: Any, keys: Keys) -> Any:
    """Give what stands at a place of what a file holds."""
    for key in keys:
        content = content[key]
    return content


def _put(keys: Keys, value: Any) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        inner_table(content, keys[:-1])[keys[-1]] = value

    return change


def _drop(*several: Keys) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        for keys in several:
            inner_table(content, keys[:-1]).pop(keys[-1], None)

    return change


def _rename(keys: Keys, name: str) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        table = inner_table(content, keys[:-1])
        entries = [(name if key == keys[-1] else key, value) for key, value in table.items()]
        table.clear()
        table.update(entries)

    return change


# -- what makes them invalid, by the model ------------------------------------------------------------------
def of_numbers(content: Content, plan: Plan, of_scenario: bool) -> Iterator[Mutation]:
    """Yield what the model says is wrong in the paths, parameters and loops of a file of a plan."""
    for group, declared in (("paths", WHOLE.series), ("parameters", WHOLE.parameters)):
        other = "parameters" if group == "paths" else "paths"
        for name, table in content.get(group, {}).items():
            keys: Keys = (group, name)
            wrong = f"{name}y"
            yield Mutation("a name that the model does not have", (*keys[:-1], wrong), _rename(keys, wrong))
            yield Mutation(f"one of the {group} among the {other}", (other, name), _move(group, other, name))
            for unit in ("person^3", "furlong", "person/", "0 person"):
                yield Mutation("a unit that does not fit", (*keys, "unit"), _put((*keys, "unit"), unit))
            provenance = "source" if "source" in table else "assumed"
            rival = "assumed" if provenance == "source" else "source"
            yield Mutation("both source and assumed", keys, _put((*keys, rival), "x"))
            yield Mutation("neither source nor assumed", keys, _drop((*keys, provenance)))
            if group == "paths":
                yield from _of_path(table, plan, keys, of_scenario)
            else:
                same_unit = table["unit"] == declared[name].unit
                yield from _outside((*keys, "value"), declared[name].low, declared[name].high, same_unit)
    for key in ("cuts", "closes"):
        names = content.get(key, [])
        for place, _ in enumerate(names):
            yield Mutation("a loop that there is not", (key, place), _put((key, place), "R99"))
        if names:
            yield Mutation("a loop twice", (key,), _put((key,), [*names, names[0]]))


def _of_path(table: Content, plan: Plan, keys: Keys, of_scenario: bool) -> Iterator[Mutation]:
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
    usual = (growing if form == "growth" else at_base)(plan.name).get(str(keys[-1]), 0.0)
    if usual and of_scenario:  # a plan is its own measure
        for label, factor in (
            ("a percentage as a share", 0.01),
            ("a share as a percentage", 100.0),
            ("a zero too many", 1e3),
        ):
            for year in (y for y in years if int(y) > plan.base_year):
                yield Mutation(label, (*inner, year), _put((*inner, year), table[form][year] * factor))
    after = str(plan.outlook_end + 1)
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


def _move(group: str, other: str, name: str) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        content.setdefault(other, {})[name] = content[group].pop(name)

    return change


def of_scenario(content: Content) -> Iterator[Mutation]:
    """Yield what is wrong with where a scenario comes from, and with the loops that it closes."""
    origin = "plan" if "plan" in content else "extends"
    yield Mutation("both plan and extends", (), _both)
    yield Mutation("neither plan nor extends", (), _drop(("plan",), ("extends",)))
    for name in ("twelvth", "no/such.toml", "../..", "/dev/null/x.toml", "a\x00b.toml"):
        yield Mutation("a file that there is not", (origin,), _put((origin,), name))
    yield Mutation("a file that extends itself", ("extends",), _itself)
    closes = [name for name in WHOLE.loops if name not in ("FINANCE", "R1")]
    for name in closes[:2]:
        yield Mutation("a loop closed that is not cut", ("closes", 0), _put(("closes",), [name]))


def _both(content: Content) -> None:
    content.update(plan="twelfth", extends="plan")


def _itself(content: Content) -> None:
    content.pop("plan", None)
    content["extends"] = "mine.toml"


def of_plan(content: Content) -> Iterator[Mutation]:
    """Yield what is wrong with the years and targets of a plan."""
    yield Mutation("years in another order", ("base_year",), _put(("base_year",), content["start"]))
    yield Mutation("years in another order", ("end",), _put(("end",), content["base_year"]))
    for place, target in enumerate(content["targets"]):
        keys: Keys = ("targets", place)
        if target["indicator"] in INDICATORS:
            yield Mutation("a unit that does not fit", (*keys, "unit"), _put((*keys, "unit"), "person^3"))
            wrong = (*keys, "indicator")
            yield Mutation("a name that the model does not have", wrong, _put(wrong, f"{target['indicator']}y"))
            yield Mutation("a target called unmodelled", (*keys, "unmodelled"), _put((*keys, "unmodelled"), "x"))
        twice = _put(("targets",), [*content["targets"], target])
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


# -- programmes ---------------------------------------------------------------------------------------------
_NUMBERS: dict[str, Sequence[Any]] = {  # of a programme -> what it cannot be
    "overrun": [0.01, 11, "1.2", [1.5, 1.1]],
    "spread": [-0.1, 3.5, True, [0.1]],
    "national": [-0.1, 40],
    "share": [-1, 101, "1 %"],
    "starts": [0, 1.5, 10_001, -3],
    "begins": [1811, 20111, "2011", [2012, 2011]],
    "over": [-1, 101],
    "patience": [0, -1, 1000],
    "priority": [0, 10, 1.5],
    "years": [0, -2, 101, [3, 3], [1, 2, 3]],
    "gate": [1.5, -0.1, 80, "80 %"],
    "cost": [-1, 1e10, math.inf],
    "each": [0, -4, math.nan],
    "base": [-2, 1e10],
    "growth": [9, -6, "fast"],
    "ceiling": [0, -1],
    "ramp": [0, 500],
}


def of_programme(content: Content) -> Iterator[Mutation]:
    """Yield what is wrong with a programme that no table tells."""
    for keys, table in _tables_of(content):
        for name in [n for n in table if n in _NUMBERS and not isinstance(table[n], dict)]:
            for wrong in _NUMBERS[name]:
                if name == "each" and "ramp" in table and wrong == 0:
                    continue  # what a lift adds may be nothing
                yield Mutation("a number outside its bounds", (*keys, name), _put((*keys, name), wrong))
        if "sources" in table:
            yield Mutation(
                "a source of no number", (*keys, "sources", "colour"), _put((*keys, "sources", "colour"), "x")
            )
    for name, line in content.get("lines", {}).items():
        keys = ("lines", name)
        yield Mutation("a line that starts before the plan", (*keys, "begins"), _put((*keys, "begins"), 2001.0))
        yield Mutation("no entry", (*keys, "stages"), _put((*keys, "stages"), []))
        yield Mutation(
            "a stage twice", (*keys, "stages"), _put((*keys, "stages"), [*line["stages"], line["stages"][0]])
        )
        for place, _ in enumerate(line["stages"]):
            inner: Keys = (*keys, "stages", place)
            yield Mutation("a name that there is not", (*inner, "platform"), _put((*inner, "platform"), "fleld_trials"))
            yield Mutation("a name that there is not", (*inner, "after"), _put((*inner, "after"), ["no such"]))
    for group in ("deliverables", "diffusions"):
        for figure in content.get(group, {}):
            wrong = f"{figure[:-1]}O"
            yield Mutation("a figure that is none", (group, wrong), _rename((group, figure), wrong))
    for figure in content.get("deliverables", {}):
        yield Mutation(
            "a name that there is not",
            ("deliverables", figure, "line"),
            _put(("deliverables", figure, "line"), "no_such"),
        )
    for name in ("twelvth", "no/such.toml", "../.."):
        yield Mutation("a file that there is not", ("plan",), _put(("plan",), name))


def _tables_of(node: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Content]]:
    """Yield every table inside what a file holds, with the keys that lead to it."""
    if isinstance(node, dict):
        yield keys, node
        for key, inner in node.items():
            yield from _tables_of(inner, (*keys, key))
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from _tables_of(inner, (*keys, place))


TABLES: dict[str, type[Table]] = {
    "scenario": ScenarioTable,
    "plan": PlanTable,
    "experiment": ExperimentTable,
    "programme": ProgrammeTable,
}


def invalid(kind: str, content: Content) -> list[Mutation]:
    """Give all that is known to make a valid file of a kind invalid."""
    found = [*by_schema(schema_of(TABLES[kind]), content)]
    if kind == "scenario":
        plan = PLANS[content["plan"]] if "plan" in content else SHIPPED[content["extends"]].plan
        return [*found, *of_scenario(content), *of_numbers(content, plan, True)]
    if kind == "plan":
        span = next(plan for plan in PLANS.values() if plan.start == content["start"])
        return [*found, *of_plan(content), *of_numbers(content, span, False)]
    return [*found, *(of_experiment(content) if kind == "experiment" else of_programme(content))]


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
        number = isinstance(of_key.get("default"), list) and bool(of_key["default"])  # which then needs a source
        if key not in node and of_key.get("default") is not None and not (inherited or of_sample or number):
            yield Mutation("a default written out", None, _put((*keys, key), copy.deepcopy(of_key["default"])))
    inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), {})
    for key, value in node.items():
        yield from defaults(known.get(key, inner), value, (*keys, key), whole)


def other_units(content: Content) -> Iterator[Mutation]:
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
                    "a unit and its numbers in another", None, _convert((group, name), *other[table["unit"]])
                )


def _convert(keys: Keys, unit: str, factor: float) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        table = inner_table(content, keys)
        table["unit"] = unit
        for form in ("values", "growth"):
            if form in table:
                table[form] = {year: number * factor for year, number in table[form].items()}
        if "value" in table:
            table["value"] *= factor

    return change


def _reverse(keys: Keys) -> Callable[[Content], object]:
    def change(content: Content) -> None:
        table = inner_table(content, keys)
        entries = list(table.items())[::-1]
        table.clear()
        table.update(entries)

    return change


def alike(kind: str, content: Content) -> list[Mutation]:
    """Give all that is known to leave the meaning of a file of a kind as it is."""
    found = [Mutation("keys in another order", None, _reverse(()))]
    found += defaults(schema_of(TABLES[kind]), content)
    found += other_units(content) if kind in ("scenario", "plan") else ()
    for group in ("paths", "parameters"):
        if len(content.get(group, {})) > 1:
            found.append(Mutation("keys in another order", None, _reverse((group,))))
        for name in content.get(group, {}):
            found.append(Mutation("keys in another order", None, _reverse((group, name))))
    return found


# -- what gives them another meaning, which is theirs to have -----------------------------------------------
def otherwise(kind: str, content: Content, other: Callable[[float], float]) -> list[Mutation]:
    """Give what may be said in place of what a file says: another text, or ``other`` for a number."""
    found = [Mutation("another title", None, _put(("title",), "Another title"))]
    if kind == "experiment":
        found.append(Mutation("another number of draws", None, _put(("draws",), 7)))
        found.append(Mutation("another seed", None, _put(("seed",), 7)))
    if kind == "plan":
        for place, target in enumerate(content["targets"]):
            if target["kind"] != "directional":
                keys: Keys = ("targets", place, "value")
                found.append(Mutation("another target", None, _put(keys, target["value"] + target["rounding"])))
    if kind == "scenario":
        for name, table in content.get("paths", {}).items():
            form = "growth" if "growth" in table else "values"
            low = WHOLE.series[name].low if form == "values" else -0.5
            for year, number in table[form].items():
                found.append(
                    Mutation("another number", None, _put(("paths", name, form, year), max(other(number), low)))
                )
        for name, table in content.get("parameters", {}).items():
            number = max(other(table["value"]), WHOLE.parameters[name].low)
            found.append(Mutation("another number", None, _put(("parameters", name, "value"), number)))
    if kind == "programme":
        for keys, table in _tables_of(content):
            found += [
                Mutation("another number", None, _put((*keys, name), [other(end) for end in table[name]]))
                for name in ("years", "overrun")
                if isinstance(table.get(name), list)
            ]
    return found


def told(content: Content, keys: Keys) -> str:
    """Give keys as a message writes them: one that is no plain word in quotes, a table of a list by its name."""
    parts = []
    for place, key in enumerate(keys):
        if isinstance(key, int) and keys[place - 1] in ("targets", "stages"):
            items = inner_table(content, keys[:place])
            entry = items[key] if isinstance(items, list) else None
            name = entry.get("indicator", entry.get("name")) if isinstance(entry, dict) else None
            parts.append(
                _quoted(name) if isinstance(name, str) and re.fullmatch(r"\w[\w -]{0,59}", name) else str(key + 1)
            )
        else:
            parts.append(_quoted(str(key)))
    return ".".join(parts)


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key) else json.dumps(key, ensure_ascii=False)
