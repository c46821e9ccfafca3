"""What may stand in a plan or scenario file: names, types and texts. What the model says of them is in ``checks``."""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError, WithJsonSchema

from fiveyear.model.docstrings import docstring
from fiveyear.model.errors import nearest
from fiveyear.model.labels import label, with_unit

from .errors import Fault, dotted, shown

Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
Year = Annotated[int, Field(ge=1900, le=2200)]
YEAR, NAME, FIGURE = r"^(19|20|21)[0-9]{2}$", r"^[a-z][a-z0-9_]{0,59}$", r"^S[0-9]{3}$"
YearKey = Annotated[str, Field(pattern=YEAR)]
Name = Annotated[str, Field(pattern=NAME)]
FigureId = Annotated[str, Field(pattern=FIGURE)]
Numbers = dict[YearKey, float]
UNUSUAL = Field(False, description="true: a number ten times or more away from the base year's is meant")
TABLE_KEYS = ("table", "column", "years", "sheet", "numbers")  # of a path whose numbers are in a file of their own
MOST_EXTENDED = 16

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 2000, "pattern": r"\S"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_EXTENDED}


def _listed(value: object) -> object:
    return value if value is None or isinstance(value, list) else [value]


#: A text, or a list of such.
Texts = Annotated[
    Annotated[list[Text], Field(min_length=1, max_length=MOST_EXTENDED)] | None,
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_TEXT, _TEXTS]}),
]


def one_of(*keys: str) -> dict[str, JsonValue]:
    """Give the JSON Schema of a table that holds one of these keys."""
    return {"oneOf": [{"required": [key]} for key in keys]}


class Table(BaseModel):
    """A table in which a misspelt key, a text for a number, ``nan`` or ``inf`` is a fault."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True, defer_build=True)

    def __init_subclass__(cls, **others: Any) -> None:
        super().__init_subclass__(**others)
        cls.__doc__ = docstring(cls)  # the description in the JSON Schema


class ParameterTable(Table):
    """A number that is constant in a run."""

    model_config = ConfigDict(json_schema_extra=one_of("source", "assumed"))

    value: float = Field(description="the number, in `unit`")
    unit: Text = Field(description="such as yuan/person/year")
    source: Text | None = Field(None, description="where the number is from")
    assumed: Text | None = Field(None, description="why the number is taken, if it has no source")
    unusual: bool = UNUSUAL


class PathTable(Table):
    """Yearly numbers of a Series, or their growth: written out, or from a column of a table."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [one_of("source", "assumed"), one_of("values", "growth", "table")],
            "dependentRequired": {"table": ["column"], **{key: ["table"] for key in TABLE_KEYS[1:]}},
        }
    )

    unit: Text = Field(description="of the numbers, such as 100M yuan/year; of growth, %/year or 1/year")
    values: Numbers | None = Field(None, min_length=1, description="numbers by year; straight between, then held")
    growth: Numbers | None = Field(None, min_length=1, description="growth over the year before, by year; then held")
    table: Text | None = Field(None, description="a .csv or .xlsx beside the scenario file, in place of the numbers")
    column: Text | None = Field(None, description="the heading of the column of `table` that holds the numbers")
    years: Text | None = Field(None, description="the heading of the column of their years; by default year")
    sheet: Text | None = Field(None, description="the sheet of an .xlsx; by default its first")
    numbers: Literal["values", "growth"] | None = Field(None, description="what `column` holds; by default values")
    shape: float = Field(1.0, gt=0.0, le=100.0, description="1: straight; below 1: early; above 1: late")
    hold: Literal["intensity", "spend"] = Field(
        "intensity",
        description="what `shape` leaves as it is: the value given, or spending summed over the years of the plan",
    )
    source: Text | None = Field(None, description="where the numbers are from")
    assumed: Text | None = Field(None, description="why the numbers are taken, if they have no source")
    unusual: bool = UNUSUAL


class Target(Table):
    """One target as the plan prints it; ``value``, ``base`` and ``rounding`` are in ``unit``, that of the indicator."""

    indicator: Text
    own_label: Text | None = Field(None, alias="label", description="in place of the indicator's label")
    value: float
    unit: Text
    comparator: Literal[">=", "<="]
    kind: Literal["headline", "monitoring", "directional"]
    base: float | None = None  # the value of the base year as the plan prints it
    reference_lag: int = Field(0, ge=0, le=5)  # years by which that value is older than the base year
    rounding: float = Field(gt=0.0)  # the step in which the plan prints the number
    source: Text
    note: Text | None = None  # what is known to be wrong with the printed base value
    unusual: bool = False  # whether it is meant to be ten times its base or more, or a tenth or less
    every_year: bool = False  # whether each year after the base year must meet it, not only the last
    unmeasurable: Text | None = None  # why no statistic shows whether it was met
    unmodelled: Text | None = None  # why the model has no such indicator
    untold: Text | None = None  # why no probability is given of it
    untold_where_cut: Text | None = None  # the loop without which that is so; by default it always is

    def untold_under(self, cuts: Collection[str]) -> str | None:
        """Give the reason why there is no probability where these loops are cut, if there is none."""
        return self.untold if self.untold_where_cut is None or self.untold_where_cut in cuts else None

    @property
    def label(self) -> str:
        """What the target is called in every table, figure and file."""
        return self.own_label or label(self.indicator)

    @property
    def heading(self) -> str:
        """Its label and unit, for the row of a table."""
        return with_unit(self.label, self.unit)


class LimitTable(Table):
    """How far policy may move a lever, in the years after the base year."""

    model_config = ConfigDict(json_schema_extra=one_of("source", "assumed"))

    unit: Text = Field(description="of the numbers, such as %")
    low: float = Field(description="the least that it may be")
    high: float = Field(description="the most that it may be")
    step: float = Field(gt=0.0, description="the most that it may change from one year to the next")
    source: Text | None = Field(None, description="where the numbers are from")
    assumed: Text | None = Field(None, description="why the numbers are taken, if they have no source")


class MoneyTable(Table):
    """What a country's money is called."""

    unit: Text = Field(description="in which amounts are printed, such as 100M yuan")
    per_dollar: float = Field(ge=1e-6, le=1e9, description="roughly: which amounts are plausible follows from it")


class PlanTable(Table):
    """A plan file."""

    title: Text
    start: Year
    base_year: Year
    end: Year  # when the targets fall due
    outlook_end: Year | None = None  # the last year that a run may go on to; by default end
    source: Text
    money: MoneyTable
    groups: dict[Name, list[Name]] = {}  # of the model, such as rivals: their members
    targets: list[Target] = Field(min_length=1)
    cuts: list[Text] = []  # loops that are cut unless a scenario closes them
    parameters: dict[str, ParameterTable] = {}
    paths: dict[str, PathTable] = {}
    limits: dict[str, LimitTable] = {}  # of levers


class ScenarioTable(Table):
    """A scenario of a plan: a few paths, parameters and cut loops, and what to expect of them."""

    model_config = ConfigDict(title="fiveyear scenario", json_schema_extra=one_of("plan", "extends"))

    title: Text = Field(description="a line for tables and figures")
    plan: Text | None = Field(None, description="the plan it belongs to: twelfth, eleventh, or a path to a .toml")
    extends: Texts = Field(
        None, description="the scenario it changes: a shipped one, or a path to a .toml; or a list of such, stacked"
    )
    expect: Text = Field(description="one sentence: what to expect, and why")
    paths: dict[str, PathTable] = Field({}, description="by name of the Series")
    parameters: dict[str, ParameterTable] = Field({}, description="by name of the Parameter")
    cuts: list[Text] = Field([], description="names of loops to cut, such as R4")
    closes: list[Text] = Field([], description="names of loops to close that the plan leaves cut, such as FINANCE")


class StoredTable(Table):
    """A scenario with all that it rests on, as a result holds it. The inner tables are checked as those of files."""

    name: str
    plan: dict[str, Any]
    content: dict[str, Any]
    settings: list[str]


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_number(text: str) -> float | None:
    """Give the finite number that a text is, in plain digits; None for what else Python takes for one.

    >>> read_number("1.078e+04"), read_number("1_0"), read_number("\uff11\uff10"), read_number("nan")
    (10780.0, None, None, None)
    """
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None


LONGEST_NAME = 200  # bytes
_NAME = re.compile(r'\w(?:[^/\\:*?"<>|]*[^/\\:*?"<>|. ])?')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)  # no file can be called so elsewhere


def name_faults(name: object) -> list[Fault]:
    r"""Give what is wrong with the name of a file, which becomes a label and a part of other names.

    It holds up to 200 bytes of printable characters but ``/ \ : * ? " < > |``, starts with a letter, a digit or ``_``,
    and does not end with a blank or a dot.
    """
    if not isinstance(name, str):
        return [Fault("", found=shown(name), expected="a name")]
    if not name.isprintable() or len(name.encode()) > LONGEST_NAME or not _NAME.fullmatch(name):
        expected = "up to 200 letters, digits and other printable signs, a letter or a digit first"
        text = f"its name, {shown(name)}, becomes a label; expected {expected}"
        return [Fault("", text, found=shown(name), expected=expected)]
    return [Fault("", f"its name, {name}, is that of a device elsewhere")] if _DEVICE.fullmatch(name) else []


#: What was expected of a key, by its pattern.
_EXPECTED_KEY = {
    YEAR: "a year such as 2015",
    NAME: "a name of small letters, digits and _ such as new_drugs",
    FIGURE: "the id of a figure such as S036",
}

#: What was expected, by pydantic's name of the fault.
_EXPECTED = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "string_too_short": "a text that is not empty",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "too_short": "at least one entry",
}


def structure_faults(table: type[Table], content: Mapping[str, Any]) -> list[Fault]:
    """Give every fault of names, types and texts in what a file holds."""
    try:
        table.model_validate(content)
    except ValidationError as error:
        return [_fault(table, content, dict(detail)) for detail in error.errors(include_url=False)]
    return []


def item_name(items: object, place: int) -> str:
    """Give what a table of a list is called in messages: its indicator or name, or else its place, counted from 1."""
    entry = items[place] if isinstance(items, list) else None
    name = entry.get("indicator", entry.get("name")) if isinstance(entry, dict) else None
    return name if isinstance(name, str) and re.fullmatch(r"\w[\w -]{0,59}", name) else str(place + 1)


def _named(content: object, place: Sequence[str | int]) -> list[str]:
    """Give the keys that lead to a place, those of tables in lists by what they are called."""
    names = []
    for part in place:
        if isinstance(part, int) and not isinstance(content, list):
            continue  # of a single entry that stands for a list of one
        of_tables = isinstance(content, list) and any(isinstance(item, dict) for item in content)
        names.append(item_name(content, int(part)) if of_tables else str(part))
        if isinstance(content, dict):
            content = content.get(part)
        else:
            content = content[part] if isinstance(content, list) and isinstance(part, int) else None
    return names


def _fault(table: type[Table], content: Mapping[str, Any], detail: dict[str, Any]) -> Fault:
    place = [str(part) for part in detail["loc"]]
    of_key = detail["type"] == "string_pattern_mismatch" and place[-1] == "[key]"
    place = place[:-1] if of_key else place
    key = dotted(*_named(content, detail["loc"][: len(place)]))
    kind, input_text = detail["type"], shown(detail["input"])
    if kind == "missing":
        about = _table_at(table, place[:-1]).model_fields[place[-1]].description
        return Fault(key, f"missing; expected {about}" if about else "missing")
    if kind == "extra_forbidden":
        near = nearest(place[-1], _table_at(table, place[:-1]).model_fields)
        return Fault(key, "no such key", found=place[-1], near=near)
    if of_key:
        return Fault(key, found=input_text, expected=_EXPECTED_KEY[detail["ctx"]["pattern"]])
    if kind == "string_pattern_mismatch":
        return Fault(key, found="blanks only", expected="a text")
    if kind == "too_long":
        entries, most = f"{len(detail['input'])} entries", f"at most {detail['ctx']['max_length']}"
        return Fault(key, found=entries, expected=most)
    expected = _EXPECTED.get(kind) or detail["msg"].removeprefix("Input should be ")
    return Fault(key, found=input_text, expected=expected)


def _table_at(table: type[Table], place: Sequence[str]) -> type[Table]:
    """Give the table that keys lead to, those of tables and lists of tables among them."""
    parts = iter(place)
    for part in parts:
        annotation = table.model_fields[part].annotation
        if typing.get_origin(annotation) in (dict, list):
            next(parts, None)
        table = _inner_table(annotation)
    return table


def _inner_table(annotation: Any) -> type[Table]:
    tables = [a for a in (annotation, *typing.get_args(annotation)) if isinstance(a, type) and issubclass(a, Table)]
    return tables[0]
