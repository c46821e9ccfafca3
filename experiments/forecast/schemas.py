"""JSON Schemas of the files that users write, for completion and checks in an editor.

What may stand in a file comes from its tables; the names in it, with unit, range and what they mean, from the model,
and what may be extended from the files that are shipped. A schema says less than ``scenario check``: little of years,
or of what two keys have to do with each other, and nothing of what stands in other files.

Editors complete from ``properties``, and of a table with ``allOf`` or ``oneOf`` from these alone: what is only a check
stands in ``then`` (see ``_checked``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from fiveyear.calibration.priors import SMALLEST, WIDEST_SHOCK, Priors
from fiveyear.model import INDICATORS, Country, Unit, load
from fiveyear.model.declarations import Parameter, Series
from fiveyear.model.units import MONEY, NAMES, YEAR
from fiveyear.scenarios import load_plan, load_scenario, plan_names, scenario_names, schemas, shipped
from fiveyear.scenarios.checks import GROWTH_RANGE, GROWTH_UNIT, SPENDING
from fiveyear.scenarios.experiment_table import ExperimentTable
from fiveyear.scenarios.plan import model_of
from fiveyear.scenarios.programme import COUNTED, PLATFORMS, read_platforms
from fiveyear.scenarios.programme_table import PlatformsTable, ProgrammeTable, Range
from fiveyear.scenarios.register import registers
from fiveyear.scenarios.settings import SETTABLE
from fiveyear.scenarios.tables import TABLE_KEYS, PlanTable, ScenarioTable

Schema = dict[str, Any]
Inputs = Mapping[str, Parameter] | Mapping[str, Series]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PATH = r"(\.toml$|[/\\])"  # of a name: it is that of a file
TEXT = {"type": "string"}
GROWTH = {
    "anyOf": [{"required": ["growth"]}, {"required": ["numbers"], "properties": {"numbers": {"const": "growth"}}}]
}


def schema_of(kind: str) -> Schema:
    """Give the JSON Schema of the files of a kind, one of ``KINDS``."""
    return {"$schema": DIALECT, **KINDS[kind]()}


def schema_file(kind: str) -> Path:
    """Give the file that comes with this package, and holds the same."""
    return Path(schemas.__path__[0]) / f"{kind}.json"


# -- files --------------------------------------------------------------------------------------------------
def _scenario() -> Schema:
    schema = _of_table(ScenarioTable)
    keys = schema["properties"]
    several = keys["extends"]["anyOf"][1]
    keys["extends"]["anyOf"] = [*_scenario_names(), {**several, "items": {"anyOf": _scenario_names()}}]
    _name_plans(schema)
    _name_loops(schema)
    _name_inputs(schema)
    return schema


def _plan() -> Schema:
    schema = _of_table(PlanTable)
    tables = schema["$defs"]
    for key in TABLE_KEYS:  # only a scenario takes numbers from a table
        del tables["PathTable"]["properties"][key]
    _name_loops(schema)
    _name_inputs(schema)
    labels = {name: indicator.label for name, indicator in INDICATORS.items()}
    tables["Target"]["properties"]["indicator"] = {"anyOf": [_choice(labels), TEXT]}
    of_indicators = [
        {
            "if": {"properties": {"indicator": {"const": name}}},
            "then": {
                "properties": {
                    "unit": {"const": indicator.unit},
                    **dict.fromkeys(("value", "base"), _between(indicator.low, indicator.high)),
                }
            },
        }
        for name, indicator in model_of(None).indicators.items()
        if not _is_of_money(indicator.unit)
    ]
    is_modelled, is_always = (
        {"properties": {"indicator": {"enum": list(names)}}} for names in (INDICATORS, load(Country()).indicators)
    )
    modelled = {"if": {"required": ["unmodelled"]}, "then": {"not": is_always}, "else": is_modelled}
    tables["Target"] |= _checked(modelled, *of_indicators)
    return schema


def _experiment() -> Schema:
    schema = _of_table(ExperimentTable)
    keys, whole = schema["properties"], model_of(None)
    keys["scenarios"]["items"] = {"anyOf": _scenario_names()}
    labels = {name: indicator.label for name, indicator in INDICATORS.items()}
    keys["outputs"]["items"] = _choice({name: str(unit) for name, unit in whole.units.items()} | labels)
    inputs: dict[str, Inputs] = {"paths": whole.series, "parameters": whole.parameters}
    factors = keys["factors"]
    of_factor = factors.pop("additionalProperties")  # as a pattern: editors would complete keys with dots unquoted
    settable = [rf"{key}(\.({'|'.join(inputs[key])})(\..+)?)?" if key in inputs else key for key in SETTABLE]
    factors["patternProperties"] = {f"^({'|'.join(settable)})$": of_factor}
    factors["additionalProperties"] = {"const": "a key of a scenario"}
    return schema


def _programme() -> Schema:
    schema = _of_table(ProgrammeTable)
    _name_plans(schema)
    tables = schema["$defs"]
    figures = [figure for register in registers() for figure in register]
    for key, classes in (("deliverables", COUNTED), ("diffusions", ("diffusion",))):
        (of_figure,) = schema["properties"][key].pop("patternProperties").values()
        table = of_figure["$ref"].rsplit("/", 1)[1]
        schema["properties"][key] |= {
            "properties": {
                figure.id: _named(f"{figure.measured}: {figure.in_words()}", table, schema)
                for figure in figures
                if figure.modelled_as in classes
            },
            "additionalProperties": {"const": "a figure of the plan"},
        }
    files = shipped.files(f"programmes/{PLATFORMS}.toml")
    platforms = {name: of for file in files for name, of in read_platforms(file).items()}
    tables["StageTable"]["properties"]["platform"] |= _choice({name: of.title for name, of in platforms.items()})
    return schema


def _platforms() -> Schema:
    return _of_table(PlatformsTable)


def _priors() -> Schema:
    schema = _of_table(Priors)
    whole, keys, tables = model_of(None), schema["properties"], schema["$defs"]
    sets, months = keys["information_sets"], tables["InformationSet"]["properties"]
    sets["additionalProperties"] = {"anyOf": [months["by"], sets["additionalProperties"]]}
    months["cuts"]["items"] = _choice({name: loop.about for name, loop in whole.loops.items()})
    about = {name: of.about for name, of in whole.series.items()}
    tables["Course"]["properties"]["follows"] |= _choice(about)
    one_of = keys["parameters"]["additionalProperties"]["oneOf"]
    kinds = [tables[of["$ref"].rsplit("/", 1)[1]] for of in one_of]
    tables["Distribution"] = {
        "properties": {
            **{key: of for kind in kinds for key, of in kind["properties"].items()},
            "distribution": {"enum": [kind["properties"]["distribution"]["const"] for kind in kinds]},
        },
        **_checked({"oneOf": one_of}),
    }
    units = {name: [of.unit] for name, of in whole.parameters.items()}
    rules = {name: [_prior(of)] for name, of in whole.parameters.items()}
    _name(keys["parameters"], whole.parameters, "Distribution", schema, rules, units)
    units = {name: [of.unit] for name, of in whole.series.items()}
    rules = {name: [_surprise(of)] for name, of in whole.series.items()}
    _name(keys["surprises"], whole.series, "Surprise", schema, rules, units)
    _name(keys["outlook"], whole.series, "Course", schema, {name: _course(of) for name, of in whole.series.items()})
    _name(keys["past"], whole.series, "PastPrior", schema, {name: [_past(of)] for name, of in whole.series.items()})
    _define_units(schema, _units_of_inputs(), exactly=True)
    of_series = [of.unit for of in whole.series.values()]
    _define_units(schema, [GROWTH_UNIT, *of_series, *map(_a_year, of_series)])
    return schema


#: The kinds of files that have a schema.
KINDS: Mapping[str, Callable[[], Schema]] = {
    "scenario": _scenario,
    "experiment": _experiment,
    "programme": _programme,
    "platforms": _platforms,
    "plan": _plan,
    "priors": _priors,
}


# -- names --------------------------------------------------------------------------------------------------
def _name_inputs(schema: Schema) -> None:
    """Put the names of the model into the paths and parameters of a plan or scenario."""
    whole, tables, keys = model_of(None), schema["$defs"], schema["properties"]
    straight = {"shape": {"const": 1}, "hold": {"const": "intensity"}}
    growth = {"if": GROWTH, "then": {"properties": {"unit": _unit(GROWTH_UNIT), **straight}}}
    tables["PathTable"] |= _checked(
        tables["PathTable"].pop("then"), growth, *_sizes("growth", GROWTH_UNIT, *GROWTH_RANGE)
    )
    of_paths = {
        name: [
            {"if": {"not": GROWTH}, "then": {"properties": {"unit": _unit(of.unit)}}},
            *_sizes("values", of.unit, of.low, of.high),
            *([] if name in SPENDING else [{"properties": {"hold": {"const": "intensity"}}}]),
        ]
        for name, of in whole.series.items()
    }
    of_growth = _usual(GROWTH_UNIT)
    units = {name: [*_usual(of.unit), *of_growth] for name, of in whole.series.items()}
    _name(keys["paths"], whole.series, "PathTable", schema, of_paths, units)
    of_parameters = {
        name: [{"properties": {"unit": _unit(of.unit)}}, *_sizes("value", of.unit, of.low, of.high)]
        for name, of in whole.parameters.items()
    }
    units = {name: _usual(of.unit) for name, of in whole.parameters.items()}
    _name(keys["parameters"], whole.parameters, "ParameterTable", schema, of_parameters, units)
    _define_units(schema, [GROWTH_UNIT, *_units_of_inputs()])


def _name_loops(schema: Schema) -> None:
    loops = {name: loop.about for name, loop in model_of(None).loops.items()}
    for key in {"cuts", "closes"} & schema["properties"].keys():
        schema["properties"][key] |= {"items": _choice(loops), "uniqueItems": True}


def _name_plans(schema: Schema) -> None:
    plan = schema["properties"]["plan"]
    titles = {name: load_plan(name).title for name in plan_names()}
    schema["properties"]["plan"] = {"description": plan["description"], "anyOf": _or_path(titles)}


def _scenario_names() -> list[Schema]:
    return _or_path({name: load_scenario(name).title for name in scenario_names()})


def _or_path(meanings: Mapping[str, str]) -> list[Schema]:
    """Give the schemas of a shipped name, and of a path to a file."""
    return [_choice(meanings), {"type": "string", "pattern": PATH}]


def _choice(meanings: Mapping[str, str]) -> Schema:
    """Give the schema of one of some names, with what each means."""
    return {"enum": list(meanings), "x-taplo": {"docs": {"enumValues": list(meanings.values())}}}


def _name(
    group: Schema,
    inputs: Inputs,
    table: str,
    schema: Schema,
    rules: Mapping[str, Sequence[Schema]],
    units: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Let a group hold the inputs of the model and nothing else; ``rules`` and usual ``units`` are by name."""
    units = units or {}
    group["properties"] = {
        name: _named(_meaning(of), table, schema, *rules[name], units=units.get(name, ()))
        for name, of in inputs.items()
    }
    of_member = {f"^{each}_[a-z0-9_]+$": name for name, of in inputs.items() if (each := _before_member(name, of))}
    group["patternProperties"] = {pattern: group["properties"][name] for pattern, name in of_member.items()}
    kind = next(type(of).__name__ for of in inputs.values())
    group["additionalProperties"] = {"const": f"a {kind} of the model"}  # `false` would have the whole group underlined


def _before_member(name: str, of: Parameter | Series) -> str | None:
    """Give the part of an input's name before that of a member of its group, whose members the plan names."""
    members = model_of(None).country.members(of.each)
    return next((name.removesuffix(f"_{member}") for member in members if name.endswith(f"_{member}")), None)


def _named(meaning: str, table: str, schema: Schema, *rules: Schema, units: Sequence[str] = ()) -> Schema:
    """Give the schema of a table, one of the definitions, that has a name of its own and follows further rules."""
    whole = f"#/$defs/{table}"
    keys = {key: {"$ref": f"{whole}/properties/{key}"} for key in schema["$defs"][table]["properties"]}
    usual = {"description": meaning.partition("; ")[2], "enum": list(units)}
    own = {"unit": {"anyOf": [usual, TEXT]}} if units else {}
    return {"description": meaning, "properties": keys | own, **_checked({"$ref": whole}, *rules)}


def _meaning(of: Parameter | Series) -> str:
    in_units = ", or ".join(f"{low:g} to {high:g} {unit}" for unit, low, high in ranges(of.unit, of.low, of.high))
    return f"{of.about}; {in_units}{'; a lever' if isinstance(of, Series) and of.lever else ''}"


# -- units and sizes ----------------------------------------------------------------------------------------
def ranges(unit: str, low: float, high: float) -> list[tuple[str, float, float]]:
    """Give a range in the units in which one would write the quantity: that of the model first."""
    base = Unit.parse(unit)
    in_percent = re.sub(r"^(share|1)\b", "%", unit)
    indicators = model_of(None).indicators.values()
    others = [of.unit for of in indicators if base.powers and Unit.parse(of.unit).converts_to(base)]
    scales = {name: Unit.parse(name).factor_to(base) for name in dict.fromkeys((unit, in_percent, *others))}
    return [(name, float(f"{low / scale:.12g}"), float(f"{high / scale:.12g}")) for name, scale in scales.items()]


def _usual(unit: str) -> list[str]:
    return [name for name, *_ in ranges(unit, 0.0, 0.0)]


def _is_of_money(unit: str) -> bool:
    """Tell whether amounts in a unit, and their range, are those of one country's money."""
    return any(base in MONEY for base, _ in Unit.parse(unit).powers)


def _names() -> dict[str, tuple[float, str]]:
    """Give the words of units, without those for money, whichever of them this process has met."""
    return {name: of for name, of in NAMES.items() if name not in MONEY}


def _units_of_inputs() -> list[str]:
    inputs: list[Parameter | Series] = [*model_of(None).series.values(), *model_of(None).parameters.values()]
    return [of.unit for of in inputs]


def _a_year(unit: str) -> str:
    return str(Unit.parse(unit) / YEAR)


def _between(low: float, high: float) -> Schema:
    return {"minimum": low, "maximum": high}


def _sizes(key: str, unit: str, low: float, high: float) -> list[Schema]:
    """Give what says that the number, or the numbers by year, of a key are in range, for each usual unit."""
    return [
        {
            "if": {"required": ["unit", key], "properties": {"unit": {"const": name}}},
            "then": {
                "properties": {
                    key: _between(*ends) if key == "value" else {"additionalProperties": _between(*ends)},
                }
            },
        }
        for name, *ends in ranges(unit, low, high)
    ]


def _prior(of: Parameter | Series) -> Schema:
    """Give what the distribution of an input is: its numbers are in the unit of the model, and its middle in range."""
    lowest = {"mean": of.low, "low": of.low, "high": of.low, "median": max(of.low, SMALLEST * of.high)}
    numbers = {key: _between(low, of.high) for key, low in lowest.items() if not _is_of_money(of.unit)}
    return {"properties": {"unit": _unit(of.unit, exactly=True), **numbers}}


def _surprise(of: Series) -> Schema:
    widest = _between(0.0, WIDEST_SHOCK * (of.high - of.low))
    return {"properties": {"unit": _unit(of.unit, exactly=True), "yearly_sd": widest, "epoch_sd": widest}}


def _course(of: Series) -> list[Schema]:
    units = {"growth": _unit(GROWTH_UNIT), "change": _unit(_a_year(of.unit))}
    return [
        {"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"unit": unit}}}
        for kind, unit in units.items()
    ]


def _past(of: Series) -> Schema:
    units = {"growth": _unit(GROWTH_UNIT), "level": _unit(of.unit)}
    return {"properties": {key: {"properties": {"unit": unit}} for key, unit in units.items()}}


def _unit(unit: str, exactly: bool = False) -> Schema:
    """Refer to the definition of what converts to a unit of the model, or is ``exactly`` the same."""
    return {"$ref": f"#/$defs/{_unit_name(unit, exactly)}"}


def _unit_name(unit: str, exactly: bool) -> str:
    return f"{'exactly_' * exactly}{unit.replace('/', '_per_')}"


def _define_units(schema: Schema, units: Iterable[str], exactly: bool = False) -> None:
    """Define what converts to each of some units, or is ``exactly`` the same."""
    for unit in dict.fromkeys(units):
        other = {"type": "string", "pattern": _pattern(Unit.parse(unit).powers, exactly)}
        schema["$defs"][_unit_name(unit, exactly)] = {"anyOf": [{"enum": [unit] if exactly else _usual(unit)}, other]}


def _pattern(powers: Sequence[tuple[str, int]], exactly: bool) -> str:
    """Give the regular expression of a product of base units: those of positive power first, in any order."""
    number = "" if exactly else r"([0-9]+(\.[0-9]+)?[kMG]?\s+)?"

    def term(base: str, power: int = 1) -> str:
        names = [name for name, (scale, of) in _names().items() if of == base and (scale == 1.0 or not exactly)]
        if base in MONEY:  # what it is called, the plan says
            names = [rf"(?!({'|'.join(name for name in _names() if name.isalpha())})\b)[A-Za-z]+"]
        return f"{number}({'|'.join(names)})" + (rf"\^{power}" if power > 1 else "")

    above = [term(base, power) for base, power in powers if power > 0] or [term("")]
    below = [rf"\s*/\s*{term(base, -power)}" for base, power in powers if power < 0]
    products = [
        r"\s*\*\s*".join(top) + "".join(bottom)
        for top in itertools.permutations(above)
        for bottom in itertools.permutations(below)
    ]
    ratios = [rf"{term(base)}\s*/\s*{term(base)}" for _, base in _names().values() if base] if not powers else []
    return f"^({'|'.join(products + ratios)})$"


# -- tables -------------------------------------------------------------------------------------------------
class _Generator(GenerateJsonSchema):
    """Of what TOML can say: there is no null; and of a table whose keys have a pattern, it has no other keys."""

    def nullable_schema(self, schema: Any) -> Schema:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> Schema:
        return (
            super().default_schema(schema)
            if schema.get("default") is not None
            else self.generate_inner(schema["schema"])
        )

    def encode_default(self, dft: Any) -> Any:
        return dft.low if isinstance(dft, Range) else super().encode_default(dft)

    def dict_schema(self, schema: Any) -> Schema:
        table = super().dict_schema(schema)
        return {**table, "additionalProperties": False} if "patternProperties" in table else table

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _of_table(table: type[BaseModel]) -> Schema:
    schema = table.model_json_schema(schema_generator=_Generator)
    for of in (schema, *schema.get("$defs", {}).values()):
        if rules := [{key: of.pop(key)} for key in ("oneOf", "allOf") if key in of]:
            of |= _checked(*rules)
    return schema


def _checked(*rules: Schema) -> Schema:
    """Give what holds a table to rules without hiding its keys from an editor that completes."""
    return {"if": {}, "then": {"allOf": list(rules)}}
