"""Changes that a program makes in a scenario, with units; and the text of the file that holds what comes of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

from fiveyear.model.errors import nearest

from .checks import factor_of
from .errors import Fault, ScenarioError, dotted
from .plan import model_of
from .scenario import Scenario
from .scenario_file import checked_scenario
from .settings import NUMBERS, unit_of, written
from .tables import read_number

Quantity = str | float  # a number with its unit, such as "2.0 %", or a number in the unit that the scenario states
ASSUMED = "set by a program"


@dataclass(frozen=True)
class Growth:
    """Growth over the year before: one rate for every year of the plan, or rates by year, held after the last."""

    rate: Quantity | Mapping[int, Quantity]


def growth(rate: Quantity | Mapping[int, Quantity]) -> Growth:
    """Give growth for ``Scenario.change``: a rate such as "8 %/year", or rates by year; a bare number is in %/year.

    >>> growth("8 %/year")
    Growth(rate='8 %/year')
    """
    return Growth(rate)


Value = Quantity | Growth | Mapping[int, Quantity]
Values = Sequence[Quantity] | Mapping[int, Sequence[Quantity]] | Growth


def changed(
    scenario: Scenario, changes: Mapping[str, Value], name: str, title: str | None = None, expect: str | None = None
) -> Scenario:
    """Give a scenario under another name with paths and parameters changed.

    Parameters
    ----------
    changes : by name of the Series or Parameter. Numbers by year join the years that the scenario, or else its plan,
        gives already; levels take the place of growth, and the other way round; so does growth at one rate. What is
        changed is assumed.
    title, expect : what tables and figures say of it; by default that it is the scenario, changed

    Raises ScenarioError with every fault: of names, units, years and sizes, as of a file.
    """
    tables = {group: dict(scenario.content[group]) for group in NUMBERS}
    faults: list[Fault] = []
    if not isinstance(changes, Mapping):
        raise ScenarioError(
            "changes", [Fault("", found=shown_value(changes), expected='a dictionary such as {"attrition_rate": 0.05}')]
        )
    if not changes:
        example = '{"attrition_rate": 0.05}'
        raise ScenarioError("changes", [Fault("", found="no change", expected=f"one or more, such as {example}")])
    declared = scenario.plan.model
    inputs = [*declared.series, *declared.parameters]
    for input_name, value in changes.items():
        if input_name in declared.parameters:
            tables["parameters"][input_name] = _parameter(scenario, input_name, value, faults)
        elif input_name in declared.series:
            tables["paths"][input_name] = _path(scenario, input_name, value, faults)
        else:
            computed = "the model computes it; what can be changed is listed in the levers of the plan"
            text = computed if input_name in declared.units else "the model has no such input"
            near = "" if input_name in declared.units else nearest(str(input_name), inputs)
            faults.append(Fault(shown_value(input_name), text, found=str(input_name), near=near))
    if faults:
        raise ScenarioError(f"changes of {scenario.name}", faults)
    texts = {
        "title": title or f"The scenario {scenario.name}, changed",
        "expect": expect or f"What {scenario.name} gives, but for {', '.join(changes)}.",
    }
    return replace(checked_scenario(name, scenario.plan, {**scenario.content, **texts, **tables}), before=scenario)


def factors_of(
    scenarios: Sequence[Scenario], vary: Mapping[str, Values], faults: list[Fault]
) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """Yield what varies over scenarios as factors of an experiment file, by key; adds what is wrong to ``faults``."""
    declared = model_of(scenarios[0].plan if scenarios else None)
    for name, values in vary.items():
        is_parameter, is_growth = name in declared.parameters, isinstance(values, Growth)
        if not is_parameter and name not in declared.series:
            near = nearest(str(name), [*declared.series, *declared.parameters])
            faults.append(Fault(shown_value(name), "the model has no such input", found=str(name), near=near))
            continue
        group, kind = ("parameters", "value") if is_parameter else ("paths", "growth" if is_growth else "values")
        units = {_stated_unit(s, group, name, growth=is_growth) for s in scenarios}
        if len(units) > 1:
            text = f"the scenarios state it in {', '.join(sorted(units))}; expected one unit"
            faults.append(Fault(f"{group}.{name}", text, found=", ".join(sorted(units)), expected="one unit"))
        by_key = values.rate if isinstance(values, Growth) else values
        by_year: object = {"": by_key} if is_parameter else by_key
        for year, several in by_year.items() if isinstance(by_year, Mapping) else [("", by_year)]:
            key = ".".join(filter(None, (group, name, kind, str(year))))
            if isinstance(several, str) or not isinstance(several, Sequence) or not (year or is_parameter):
                example = "[1, 2]" if is_parameter else f"{{{scenarios[0].plan.end}: [1, 2]}}"
                faults.append(Fault(key, found=shown_value(several), expected=f"values, such as {example}"))
            else:
                numbers = [quantity(f"{key}.{place}", v, min(units), faults) for place, v in enumerate(several)]
                yield key, {"values": numbers}


def quantity(key: str, value: object, unit: str, faults: list[Fault], of: str = "the scenario states") -> float:
    """Give a number in a unit; adds what is wrong with it to ``faults``, and then gives nan.

    >>> quantity("x", "1.5 M yuan", "k yuan", [])
    nan
    >>> quantity("x", "2.0 %", "1", [])
    0.02
    """
    number: float | None = None
    stated = unit
    if isinstance(value, str) and (parts := re.fullmatch(r"\s*(\S+)\s*(.*?)\s*", value)):
        digits = re.match(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?", parts[1])
        number = read_number(digits[0]) if digits else None
        rest = f"{parts[1][digits.end() :]} {parts[2]}".strip() if digits else ""
        stated = rest or unit
    elif not isinstance(value, bool) and isinstance(value, Real):
        number = float(value) if math.isfinite(value) else None
    if number is None:
        example = f'"2 {unit}"' if unit != "1" else "2"
        faults.append(
            Fault(key, found=shown_value(value), expected=f"a finite number, or one with its unit, as {example}")
        )
        return math.nan
    factor, wrong = factor_of(key, stated, unit, of)
    faults += wrong
    return math.nan if wrong else number * factor


def _parameter(scenario: Scenario, name: str, value: object, faults: list[Fault]) -> dict[str, Any]:
    unit = _stated_unit(scenario, "parameters", name, growth=False)
    return {"value": quantity(dotted("parameters", name), value, unit, faults), "unit": unit, "assumed": ASSUMED}


def _path(scenario: Scenario, name: str, value: object, faults: list[Fault]) -> dict[str, Any]:
    kind = "growth" if isinstance(value, Growth) else "values"
    own = scenario.content["paths"].get(name) or scenario.plan.content.get("paths", {}).get(name, {})
    unit = _stated_unit(scenario, "paths", name, growth=kind == "growth")
    kept = own if kind in own else {}
    by_year: object = value
    if isinstance(value, Growth):
        by_year = value.rate
        if not isinstance(by_year, Mapping):
            by_year, kept = {scenario.plan.base_year + 1: by_year}, {}
    key = dotted("paths", name, kind)
    if not isinstance(by_year, Mapping) or not by_year:
        given = "no year" if isinstance(by_year, Mapping) else shown_value(by_year)
        expected = f'numbers by year, such as {{{scenario.plan.end}: "2 {unit}"}}'
        faults.append(Fault(key, found=given, expected=expected))
        return {}
    numbers = dict(kept.get(kind, {}))
    for year, number in by_year.items():
        if isinstance(year, bool) or not re.fullmatch("[0-9]{4}", str(year)):
            faults.append(Fault(key, found=shown_value(year), expected=f"a year such as {scenario.plan.end}"))
        else:
            numbers[str(year)] = quantity(f"{key}.{year}", number, unit, faults)
    others = {k: v for k, v in kept.items() if k in ("shape", "hold", "unusual")}
    return {"unit": unit, kind: dict(sorted(numbers.items())), **others, "assumed": ASSUMED}


def _stated_unit(scenario: Scenario, group: str, name: str, *, growth: bool) -> str:
    """Give the unit in which a scenario, or else its plan, or else the model, states a number or its growth."""
    own = scenario.content[group].get(name, {})
    if own and ("growth" in own) == growth:
        return str(own["unit"])
    return str(unit_of(group, name, growth, scenario.plan.content, scenario.plan.model))


def shown_value(value: object) -> str:
    """Give a value of Python in a message: its text if it is short, or else what kind of thing it is."""
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else f"a {type(value).__name__}"


def toml_text(scenario: Scenario) -> str:
    """Give the scenario file that makes the same scenario over its plan, whatever it extends.

    Raises ScenarioError if its plan is neither shipped nor of a file.
    """
    plan, content = scenario.plan, scenario.content
    if not plan.file:
        text = "was read from a result; expected a plan that is shipped, or of a file"
        raise ScenarioError(f"scenario {scenario.name}", [Fault("plan", text, found=plan.name)])
    top = {"title": scenario.title, "plan": plan.name if plan.named else str(plan.folder), "expect": content["expect"]}
    top |= {key: content[key] for key in ("cuts", "closes") if content.get(key)}
    lines = [f"{key} = {written(value)}" for key, value in top.items()]
    for group in NUMBERS:
        for name, table in content[group].items():
            lines += ["", f"[{group}.{name}]", *(f"{key} = {written(value)}" for key, value in table.items())]
    return "\n".join([*lines, ""])
