"""What the model says of the names, units, years and ranges in a plan or scenario file.

Each check reads what passed as a table and gives every fault of it; what did not pass is left out here, since it
has been reported already.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from fiveyear.model import INDICATORS, Indicator, Model, Unit, UnitError
from fiveyear.model.errors import nearest

from .errors import Fault, dotted
from .sizes import far_text, in_steps, is_far
from .tables import TABLE_KEYS, LimitTable, ParameterTable, PathTable, Table, Target, item_name
from .yearly_path import YearlyPath

T = TypeVar("T", bound=Table)
GROWTH_UNIT = "1/year"
SPENDING = ("planned_rd_intensity", "fiscal_share", "other_rd_intensity")  # what is spent, as a share of GDP
SMALLEST_STEP = 1e-5  # of a target, in which a plan may print it
GROWTH_RANGE = (-0.5, 1.0)  # a yearly number that halves or doubles within a year is a slip of the pen


class Limit(NamedTuple):
    """How far a lever may be moved, in base units; ``unit`` is the one in which it is told."""

    unit: str
    low: float
    high: float
    step: float  # from one year to the next


class Span(NamedTuple):
    """The years of a plan."""

    start: int
    base_year: int
    end: int
    outlook_end: int


def span_faults(span: Span) -> list[Fault]:
    """Give the faults of a plan's years."""
    faults = []
    if not span.start < span.base_year:
        faults.append(Fault("base_year", found=str(span.base_year), expected=f"a year after start = {span.start}"))
    if not span.base_year < span.end:
        faults.append(Fault("end", found=str(span.end), expected=f"a year after base_year = {span.base_year}"))
    if span.outlook_end < span.end:
        faults.append(Fault("outlook_end", found=str(span.outlook_end), expected=f"end = {span.end}, or a later year"))
    return faults


def parameter_faults(content: Mapping[str, Any], model: Model) -> list[Fault]:
    """Give the faults of the parameters of a file, over those of structure."""
    faults: list[Fault] = []
    for name, entry in _tables(content, "parameters"):
        key = dotted("parameters", name)
        declared = model.parameters.get(name)
        if declared is None:
            hint = (
                f"; it is a Series: write [paths.{name}]" if name in model.series else nearest(name, model.parameters)
            )
            faults.append(Fault(key, "the model has no such parameter", found=name, near=hint))
        table = passed(ParameterTable, entry)
        if table is None:
            continue
        faults += _provenance_faults(key, table)
        if declared is not None:
            factor, wrong = factor_of(f"{key}.unit", table.unit, declared.unit)
            faults += wrong or _range_faults(
                f"{key}.value", table.value, table.unit, factor, declared.low, declared.high
            )
    return faults


def _what_is_meant(name: str, model: Model) -> str:
    """Give the hint that ends a message about a path of no Series."""
    if name in model.parameters:
        return f"; it is a parameter: write [parameters.{name}]"
    if name not in INDICATORS:
        return nearest(name, model.series)
    upstream = model.upstream(r.variable for r in INDICATORS[name].readings)
    levers = [n for n in model.series if n in upstream and model.series[n].lever]
    return f"; it is an indicator, which is computed; levers that may act on it: {', '.join(levers) or 'none'}"


def path_faults(
    content: Mapping[str, Any], model: Model, span: Span | None, unread: Collection[str] = ()
) -> list[Fault]:
    """Give the faults of the paths of a file, over those of structure; without the plan's years, not those of years.

    ``unread`` are the paths whose numbers are in a table that has faults. All other paths hold theirs.
    """
    faults: list[Fault] = []
    for name, entry in _tables(content, "paths"):
        key = dotted("paths", name)
        declared = model.series.get(name)
        if declared is None:
            faults.append(Fault(key, "the model has no such input", found=name, near=_what_is_meant(name, model)))
        table = passed(PathTable, entry)
        if table is None:
            continue
        faults += _provenance_faults(key, table)
        given = [kind for kind in ("values", "growth", "table") if getattr(table, kind) is not None]
        if len(given) != 1:
            both = f"both {' and '.join(given)}" if given else "neither values nor growth"
            faults.append(Fault(key, f"found {both}, expected one"))
            continue
        if name in unread:
            is_growth = table.numbers == "growth"
            if is_growth or declared is not None:
                taken = GROWTH_UNIT if is_growth or declared is None else declared.unit
                faults += factor_of(f"{key}.unit", table.unit, taken, *(["growth is in"] if is_growth else []))[1]
            continue
        if of_table := [k for k in TABLE_KEYS if k in table.model_fields_set]:
            text = "only a scenario file takes numbers from a table; expected values or growth"
            text = text if table.table is not None else "found without table, the file that it is of"
            faults.append(Fault(f"{key}.{of_table[0]}", text))
            continue
        if table.hold == "spend" and name not in SPENDING:
            text = f'found "spend", expected "intensity": only of {", ".join(SPENDING)} a sum of money is spent'
            faults.append(Fault(f"{key}.hold", text))
        elif span is not None:
            faults += _hold_faults(key, table, span)
        if span is not None:
            faults += _year_faults(key, table, span)
        if table.growth is not None:
            factor, wrong = factor_of(f"{key}.unit", table.unit, GROWTH_UNIT, "growth is in")
            low, high = GROWTH_RANGE
        elif declared is not None:
            factor, wrong = factor_of(f"{key}.unit", table.unit, declared.unit)
            low, high = declared.low, declared.high
        else:
            continue
        faults += wrong
        numbers = "values" if table.growth is None else "growth"
        for year, number in (table.values or table.growth or {}).items() if not wrong else ():
            faults += _range_faults(f"{key}.{numbers}.{year}", number, table.unit, factor, low, high)
    return faults


def target_faults(content: Mapping[str, Any], model: Model) -> list[Fault]:
    """Give the faults of the targets of a plan, over those of structure."""
    faults: list[Fault] = []
    seen: set[str] = set()
    targets = content.get("targets")
    for place, entry in enumerate(targets if isinstance(targets, list) else ()):
        key = f"targets.{item_name(targets, place)}"
        target = passed(Target, entry)
        if target is None:
            continue
        if target.indicator in seen:
            faults.append(Fault(f"{key}.indicator", f"{target.indicator} has a target already"))
        seen.add(target.indicator)
        indicator = model.indicators.get(target.indicator)
        if indicator is None and target.unmodelled is None:
            faults.append(
                Fault(f"{key}.indicator", "no such indicator", near=nearest(target.indicator, model.indicators))
            )
        if indicator is not None and target.unmodelled is not None:
            faults.append(Fault(f"{key}.unmodelled", f"the model has {target.indicator}; leave this key out"))
        factor, wrong = factor_of(f"{key}.unit", target.unit, indicator.unit if indicator else target.unit)
        if not wrong and abs(factor - 1.0) > 1e-9:
            assert indicator is not None
            wrong = [Fault(f"{key}.unit", f'unit is "{target.unit}", the indicator is in "{indicator.unit}"')]
        faults += wrong
        if indicator is not None and not wrong:
            faults += _size_faults(key, target, indicator)
        if (loop := target.untold_where_cut) is not None:
            if loop not in model.loops:
                faults.append(
                    Fault(f"{key}.untold_where_cut", "no such loop", found=loop, near=nearest(loop, model.loops))
                )
            if target.untold is None:
                faults.append(Fault(f"{key}.untold", "missing: the reason why no probability is given"))
    return faults


def limit_faults(content: Mapping[str, Any], model: Model) -> list[Fault]:
    """Give the faults of the limits of levers, over those of structure."""
    faults: list[Fault] = []
    levers = [name for name, declared in model.series.items() if declared.lever]
    for name, entry in _tables(content, "limits"):
        key = dotted("limits", name)
        if name not in levers:
            faults.append(Fault(key, "the model has no such lever", found=name, near=nearest(name, levers)))
        table = passed(LimitTable, entry)
        if table is None:
            continue
        faults += _provenance_faults(key, table)
        if not table.low < table.high:
            faults.append(Fault(f"{key}.high", found=f"{table.high:g}", expected=f"more than low, {table.low:g}"))
        if name in levers:
            declared = model.series[name]
            factor, wrong = factor_of(f"{key}.unit", table.unit, declared.unit)
            faults += wrong
            for end, number in (("low", table.low), ("high", table.high)) if not wrong else ():
                faults += _range_faults(f"{key}.{end}", number, table.unit, factor, declared.low, declared.high)
    return faults


def limits(tables: Mapping[str, LimitTable], model: Model) -> dict[str, Limit]:
    """Give checked limits in base units."""
    by_lever = {}
    for name, table in tables.items():
        factor = Unit.parse(table.unit).factor_to(Unit.parse(model.series[name].unit))
        by_lever[name] = Limit(table.unit, table.low * factor, table.high * factor, table.step * factor)
    return by_lever


def _size_faults(key: str, target: Target, indicator: Indicator) -> list[Fault]:
    """Give what is wrong with the numbers of a target, which are in the unit of its indicator."""
    numbers = {"value": target.value} | ({} if target.base is None else {"base": target.base})
    faults = [
        fault
        for name, number in numbers.items()
        for fault in _range_faults(f"{key}.{name}", number, target.unit, 1.0, indicator.low, indicator.high)
    ]
    least, most = SMALLEST_STEP * abs(target.value), (indicator.high - indicator.low) / 10.0
    if not least <= target.rounding <= most:
        text = f"found {target.rounding:g} {target.unit}, expected {least:g} to {most:g} {target.unit}"
        faults.append(Fault(f"{key}.rounding", text))
    elif not in_steps(target.value, target.rounding):
        text = f"found {target.rounding:g} {target.unit}, and {target.value:g} is not printed in such steps"
        faults.append(Fault(f"{key}.rounding", text))
    if not faults and target.base is not None and not target.unusual and is_far(target.value, target.base):
        text = far_text(target.value, target.unit, target.base, "its base, of")
        faults.append(Fault(f"{key}.value", text))
    return faults


def cut_faults(content: Mapping[str, Any], model: Model) -> list[Fault]:
    """Give the faults of the loops that a file cuts."""
    return _loop_faults("cuts", content, model)


def close_faults(content: Mapping[str, Any], model: Model, cut: Sequence[str]) -> list[Fault]:
    """Give the faults of the loops that a scenario closes; ``cut`` are those that its plan leaves cut."""
    faults = _loop_faults("closes", content, model)
    for place, name in enumerate(_texts(content, "closes")):
        if name in model.loops and name not in cut:
            cut_names = ", ".join(cut) or "none"
            faults.append(Fault(f"closes.{place}", f"{name} is not cut by the plan; it cuts {cut_names}"))
        elif name in _texts(content, "cuts"):
            faults.append(Fault(f"closes.{place}", f"{name} stands in cuts too"))
    return faults


def _loop_faults(key: str, content: Mapping[str, Any], model: Model) -> list[Fault]:
    names = _texts(content, key)
    faults = [
        Fault(f"{key}.{place}", f"no loop is called {name}", found=name, near=nearest(name, model.loops))
        for place, name in enumerate(names)
        if name not in model.loops
    ]
    return faults + [Fault(key, f"{name} stands twice") for name in sorted({n for n in names if names.count(n) > 1})]


def _texts(content: Mapping[str, Any], key: str) -> list[str]:
    entries = content.get(key)
    return [name for name in entries if isinstance(name, str)] if isinstance(entries, list) else []


def passed(table: type[T], content: object) -> T | None:
    """Give the table that some content is, or None if it has faults of structure."""
    try:
        return table.model_validate(content)
    except ValidationError:
        return None


def _tables(content: Mapping[str, Any], group: str) -> Iterator[tuple[str, Any]]:
    tables = content.get(group)
    return iter(tables.items() if isinstance(tables, dict) else ())


def _provenance_faults(key: str, table: ParameterTable | PathTable | LimitTable) -> list[Fault]:
    if (table.source is None) != (table.assumed is None):
        return []
    provenance = "neither source nor assumed" if table.source is None else "both source and assumed"
    return [Fault(key, found=provenance, expected="one: where the number is from, or why it is taken")]


def factor_of(key: str, unit: str, expected: str, takes: str = "the model takes") -> tuple[float, list[Fault]]:
    """Give what a number in a unit is multiplied by to be in the other, and what is wrong with that."""
    try:
        stated_unit = Unit.parse(unit)
    except UnitError as error:
        return 1.0, [Fault(key, f'{error}; {takes} "{expected}"', found=unit, expected=expected)]
    except ArithmeticError:  # one over "0 person", or a scale too large for a float
        stated_unit = None
    wanted = Unit.parse(expected)
    if stated_unit is None or not 0.0 < stated_unit.scale < math.inf or not stated_unit.converts_to(wanted):
        return 1.0, [Fault(key, f'unit is "{unit}", {takes} "{expected}"', found=unit, expected=expected)]
    return stated_unit.factor_to(wanted), []


def _range_faults(key: str, number: float, unit: str, factor: float, low: float, high: float) -> list[Fault]:
    if low <= number * factor <= high:
        return []
    expected = f"{low / factor:g} to {high / factor:g} {unit}"
    return [Fault(key, found=f"{number:g} {unit}", expected=expected)]


def _year_faults(key: str, table: PathTable, span: Span) -> list[Fault]:
    numbers = "values" if table.growth is None else "growth"
    years = [int(year) for year in (table.values or table.growth or {})]
    faults = [
        Fault(
            f"{key}.{numbers}.{year}",
            f"found a year outside the plan's, {span.start} to {span.outlook_end}",
            found=str(year),
            expected=f"{span.start} to {span.outlook_end}",
        )
        for year in years
        if not span.start <= year <= span.outlook_end
    ]
    if years != sorted(years):
        faults.append(
            Fault(f"{key}.{numbers}", f"found years in the order {', '.join(map(str, years))}; years must rise")
        )
    first = min(years)
    if table.growth is not None and first != span.base_year + 1:
        text = f"growth starts in {first}, expected {span.base_year + 1}: it continues from the base year"
        faults.append(Fault(f"{key}.growth", text))
    elif span.start < first <= span.base_year:
        text = (
            f"{span.base_year} and before is history: give later years only; of what no fact gives, all from "
            f"{span.start} may be given"
        )
        faults.append(Fault(f"{key}.{numbers}.{first}", text))
    if table.shape != 1.0 and (table.growth is not None or len(years) + (first > span.base_year) != 2):
        faults.append(Fault(f"{key}.shape", "expected values that lead from one point to one other"))
    return faults


def _hold_faults(key: str, table: PathTable, span: Span) -> list[Fault]:
    years = list(table.values or ())
    if table.hold == "intensity" or (len(years) == 1 and int(years[0]) > span.base_year):
        return []
    text = f'found "spend", expected "intensity", or the value of one year after {span.base_year}, for it to move'
    return [Fault(f"{key}.hold", text)]


def base_units(parameters: Mapping[str, ParameterTable], model: Model) -> dict[str, float]:
    """Give the values of checked parameters in base units."""
    return {
        n: t.value * Unit.parse(t.unit).factor_to(Unit.parse(model.parameters[n].unit)) for n, t in parameters.items()
    }


def yearly_paths(paths: Mapping[str, PathTable], model: Model, span: Span) -> dict[str, YearlyPath]:
    """Give checked paths in base units."""
    by_name = {}
    for name, table in paths.items():
        unit = model.series[name].unit if table.growth is None else GROWTH_UNIT
        factor = Unit.parse(table.unit).factor_to(Unit.parse(unit))
        points = tuple((int(year), number * factor) for year, number in (table.values or table.growth or {}).items())
        numbers: Literal["values", "growth"] = "values" if table.growth is None else "growth"
        by_name[name] = YearlyPath(span.base_year, points, numbers, table.shape, hold=table.hold)
    return by_name
