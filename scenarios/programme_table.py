"""What may stand in a programme file: names, types and texts. How it becomes a programme is in ``programme``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_plain_validator_function

from .tables import FigureId, Name, Table, Text

MOST_STARTS = 10_000


class Range(NamedTuple):
    """The two numbers between which a number lies; twice the same where it is one."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return 0.5 * (self.low + self.high)

    @property
    def is_open(self) -> bool:
        return self.low < self.high


@dataclass(frozen=True)
class _Number:
    """A number, or a list of two that rise; ``above``: the low end is not part of it."""

    low: float
    high: float = math.inf
    above: bool = False
    whole: bool = False

    def check(self, entry: object) -> Range:
        ends = entry if isinstance(entry, list) else [entry, entry]
        numbers = [e for e in ends if isinstance(e, int | float) and not isinstance(e, bool)]
        fits = len(ends) == len(numbers) == 2 and (not isinstance(entry, list) or numbers[0] < numbers[1])
        for number in numbers:
            fits = fits and (self.low < number if self.above else self.low <= number)
            fits = fits and number <= self.high and math.isfinite(number)
            fits = fits and not (self.whole and number != int(number))
        if not fits:
            limits = f"{'above' if self.above else 'from'} {self.low:g}"
            limits += f" to {self.high:g}" if self.high < math.inf else " on"
            expected = f"a {'whole ' if self.whole else ''}number {limits}, or a list of two such that rise"
            raise PydanticCustomError("number", "{expected}", {"expected": expected})
        return Range(float(numbers[0]), float(numbers[1]))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "number"} | ({"multipleOf": 1} if self.whole else {})
        number["exclusiveMinimum" if self.above else "minimum"] = self.low
        number |= {"maximum": self.high} if self.high < math.inf else {}
        return {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 2}]}


Years = Annotated[Range, _Number(0.0, 100.0, above=True)]
Wait = Annotated[Range, _Number(0.0, 100.0)]
LogSpread = Annotated[Range, _Number(0.0, 3.0)]
Chance = Annotated[Range, _Number(0.0, 1.0)]
Count = Annotated[Range, _Number(1, MOST_STARTS, whole=True)]
Amount = Annotated[Range, _Number(0.0, 1e9)]
Positive = Annotated[Range, _Number(0.0, 1e9, above=True)]
Factor = Annotated[Range, _Number(0.1, 10.0)]
Percent = Annotated[Range, _Number(0.0, 100.0)]
Growth = Annotated[Range, _Number(-5.0, 5.0)]
Date = Annotated[Range, _Number(1900.0, 2200.0)]
Priority = Annotated[Range, _Number(1, 9, whole=True)]
ONE, NONE = Range(1.0, 1.0), Range(0.0, 0.0)


class Numbers(Table):
    """A table of numbers. Those that ``sources`` names have a source; the others are assumed, for a reason."""

    sources: dict[str, Text] = Field({}, description="of numbers of this table, by name")
    assumed: Text | None = Field(None, description="why the others are taken")

    def numbers(self) -> Iterator[tuple[str, Range]]:
        """Give every number of the table, by key; not those of tables inside it."""
        for key in type(self).model_fields:
            if key in self.model_fields_set and isinstance(value := getattr(self, key), Range):
                yield key, value


class PaceTable(Numbers):
    """By how much everything in the programme takes longer than planned: one factor, of heavy tail, for all of it."""

    overrun: Factor = Field(description="the median of the factor (the planning fallacy)")
    spread: LogSpread = Field(description="of its logarithm, for what is the programme's own (Student's t, 4 degrees)")
    national: LogSpread = Field(description="of its logarithm, for a shock that all programmes share")


class MoneyTable(Numbers):
    """What the programme gets out of government's R&D funds, each year at its start."""

    share: Percent = Field(description="%, of government's R&D funds of the year")


class StageTable(Numbers):
    """A stage of the projects of a line."""

    name: Text
    years: Years = Field(description="the median, as planned")
    spread: LogSpread = Field(description="of the logarithm of the years, from project to project")
    gate: Chance = Field(ONE, description="the chance that a project passes")
    cost: Amount = Field(NONE, description="100M of the plan's money, drawn when the stage starts")
    platform: Name | None = Field(None, description="on which it takes a place")
    after: list[Text] | None = Field(None, description="the stages right before it; by default the one above")


class LineTable(Numbers):
    """Projects of one kind, which start in parallel."""

    title: Text
    starts: Count = Field(description="projects that are started")
    begins: Date = Field(description="when the first starts")
    over: Wait = Field(description="years over which the starts are spread")
    patience: Years = Field(description="years that a project waits for money or a place, and then is cancelled")
    priority: Priority = Field(description="on platforms: 1 before 2")
    stages: list[StageTable] = Field(min_length=1, max_length=20)


class DeliverableTable(Numbers):
    """A figure of the plan that counts arrivals of a line."""

    line: Name
    stage: Text | None = Field(None, description="whose passing counts; by default the arrival")
    each: Positive = Field(ONE, description="what one of them counts for, in the figure's unit")
    value_added: Amount | None = Field(
        None, description="100M of the plan's money a year that each adds to high-tech industry, at last"
    )


class LiftTable(Numbers):
    """What each arrival of a line adds to a level, in a straight line over the years of a ramp."""

    line: Name
    each: Amount = Field(description="in the figure's unit")
    ramp: Years


class DiffusionTable(Numbers):
    """A figure of the plan that is a share or a value, which spreads."""

    base: Amount | None = Field(None, description="in the base year, in the figure's unit; none: it is a rise in %")
    growth: Growth = Field(description="a year, in logarithms, of the level or of its odds, at the pace planned")
    ceiling: Positive | None = Field(None, description="that the level cannot pass, in the figure's unit")
    lift: LiftTable | None = None


class ProgrammeTable(Table):
    """A programme file."""

    title: Text
    plan: Text = Field(description="whose register holds its figures")
    pace: PaceTable
    money: MoneyTable | None = Field(None, description="needed where a stage costs anything")
    lines: dict[Name, LineTable] = Field({}, description="projects of one kind each")
    deliverables: dict[FigureId, DeliverableTable] = Field({}, description="figures that arrivals are counted for")
    diffusions: dict[FigureId, DiffusionTable] = Field({}, description="figures that spread")


class PlatformTable(Numbers):
    """What takes some projects at once, of whatever programme."""

    title: Text
    capacity: Count


class PlatformsTable(Table):
    """The file of the platforms."""

    platforms: dict[Name, PlatformTable] = Field(min_length=1)
