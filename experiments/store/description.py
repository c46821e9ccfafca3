"""The description of an experiment: all that computing it needs. A stranger may have changed it and its hashes.

Types and bounds are those of experiment files; the plan and the scenarios in it are checked as their files were.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from fiveyear.calibration.series import unit_fault
from fiveyear.model import INDICATORS, Engine, Method
from fiveyear.model.errors import LISTED, nearest
from fiveyear.scenarios import Plan, ScenarioError, Target, restore, restore_plan
from fiveyear.scenarios.errors import Fault, dotted, shown
from fiveyear.scenarios.experiment import odd_values
from fiveyear.scenarios.experiment_table import MOST_CASES, MOST_FACTORS, MOST_ROWS, Seed
from fiveyear.scenarios.tables import Table, Text, Year, name_faults, structure_faults

MOST_TARGETS = 31  # that a pattern of 32 bits can hold
MOST_OUTPUTS = 2000  # the model has some hundreds of variables

Version = Annotated[str, Field(min_length=1, max_length=200)]


class Attributes(Table):
    """What is said of an output."""

    units: Annotated[str, Field(max_length=200)]
    long_name: Text
    description: Text
    reading: Text


class CountedTarget(Table):
    """A target of the plan, as counting needs it."""

    indicator: Text
    label: Text
    value: float
    unit: Text
    comparator: Literal[">=", "<="]
    kind: Literal["headline", "monitoring", "directional"]
    every_year: bool


class Case(Table):
    """A case: a scenario, and what its factors are there."""

    scenario: str
    factors: Annotated[dict[str, Any], Field(max_length=MOST_FACTORS)]
    content: dict[str, Any]


class MadeBy(Table):
    """The versions of what made it."""

    fiveyear: Version
    numpy: Version
    scipy: Version
    numba: Version | None = None  # of 0.1.0, whose kernels it compiled
    python: Version


class Description(Table):
    """The description of an experiment, or of the run of a single scenario."""

    description_schema: str = Field(alias="schema")
    title: Text
    name: str
    chunk: int = Field(ge=1, le=2**31 - 1)
    keep: Literal["draws", "summary"]
    method: Method
    step: float = Field(ge=1e-4, le=1.0)
    rows: int = Field(ge=1, le=MOST_ROWS)
    draws: int = Field(ge=1, le=MOST_ROWS)
    parameter_sets: int = Field(ge=1)  # that the draws take in turn
    seed: Seed
    facts: Text
    years: list[Year] = Field(min_length=3, max_length=3)
    outputs: list[Text] = Field(min_length=1, max_length=MOST_OUTPUTS)
    attributes: dict[str, Attributes] = Field(max_length=MOST_OUTPUTS)
    targets: list[CountedTarget] = Field(max_length=MOST_TARGETS)
    engine: Engine
    plan: dict[str, Any]
    cases: list[Case] = Field(min_length=1, max_length=MOST_CASES)
    model: dict[str, str]
    posterior: dict[str, str]
    fingerprint: str
    made_by: MadeBy

    def content(self) -> dict[str, Any]:
        """Give what ``experiment.json`` holds, ready for JSON."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @property
    def all_years(self) -> range:
        """The years of every output."""
        return range(self.years[0], self.years[2] + 1)

    @cached_property
    def shared(self) -> str:
        """What all cases share and the first of them, as JSON: what a case is computed from besides its own content."""
        keys = ("plan", "years", "facts", "seed", "engine", "model", "posterior")
        return json.dumps({**{key: getattr(self, key) for key in keys}, "first": self.cases[0].content})

    @property
    def due(self) -> int:
        """The year in which the plan's targets fall due, up to which a run goes at least."""
        return int(self.plan["end"])

    def case_name(self, case: int) -> str:
        """Give what a case is called in messages: its scenario, and its factors."""
        entry = self.cases[case]
        factors = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.factors.items())
        return f"case {case} ({entry.scenario}{', ' if factors else ''}{factors})"


class _Outline(Description):
    """The same with cases that are not looked at yet: of very many that are faulty only the first are named."""

    cases: list[Any] = Field(min_length=1, max_length=MOST_CASES)


def faults_of(content: Mapping[str, Any]) -> list[str]:
    """Give what is wrong with a description as JSON holds it, a line each with its key; of very many the first."""
    faults = structure_faults(_Outline, content)
    if not faults:
        description = _Outline.model_validate(content)
        try:
            plan = restore_plan(description.plan)
        except ScenarioError as error:
            faults += [fault.under("plan") for fault in error.faults]
        else:
            faults += [*_shared_faults(description, plan)]
            of_cases = (
                fault.under(dotted("cases", str(number)))
                for number, case in enumerate(description.cases)
                for fault in _case_faults(description, case, plan)
            )
            faults += itertools.islice(of_cases, LISTED + 1)
    return [*map(str, faults[:LISTED]), *(["and more"] if len(faults) > LISTED else [])]


def _shared_faults(description: Description, plan: Plan) -> Iterator[Fault]:
    """Yield where the parts that all cases share contradict one another, or the plan."""
    rows, cases, draws = description.rows, len(description.cases), description.draws
    if rows != cases * draws:
        yield Fault("rows", f"found {rows}, expected {cases} cases x {draws} draws = {cases * draws}")
    years, last = [plan.start, plan.base_year], description.years[2]
    if description.years[:2] != years or not plan.end <= last <= plan.outlook_end:
        ends = f"{plan.end}" if plan.end == plan.outlook_end else f"{plan.end} to {plan.outlook_end}"
        expected = f"those of the plan in it, [{years[0]}, {years[1]}, {ends}]"
        yield Fault("years", f"found {description.years}, expected {expected}")
    yield from (fault.under("name") for fault in name_faults(description.name))
    outputs = description.outputs
    quantities = {**INDICATORS, **plan.model.units}
    for place, name in enumerate(outputs):
        if name not in quantities:
            text = f"no indicator and no variable of the model is called {shown(name)}{nearest(name, quantities)}"
            yield Fault(f"outputs.{place}", text)
        if name in outputs[:place]:
            yield Fault(f"outputs.{place}", f"{shown(name)} stands in outputs.{outputs.index(name)}, too")
    attributes = description.attributes
    yield from (Fault(dotted("attributes", n), "missing") for n in dict.fromkeys(outputs) if n not in attributes)
    yield from (Fault(dotted("attributes", n), "is of no output") for n in attributes if n not in outputs)
    unread = ((dotted("attributes", n, "units"), unit_fault(a.units)) for n, a in attributes.items())
    yield from (Fault(key, fault) for key, fault in unread if fault)
    yield from _target_faults(description.targets, plan, outputs)


def counted_targets(plan: Plan, outputs: Sequence[str]) -> list[Target]:
    """Give the targets of a plan that are among the outputs and modelled, in its order."""
    return [t for t in plan.targets if t.indicator in outputs and t.indicator in INDICATORS]


def _target_faults(targets: Sequence[CountedTarget], plan: Plan, outputs: Sequence[str]) -> Iterator[Fault]:
    """Yield where targets are not those that the plan has of the outputs, in its order."""
    expected = counted_targets(plan, outputs)
    names = [t.indicator for t in expected]
    if (indicators := [t.indicator for t in targets]) != names:
        listing = ", ".join(map(shown, indicators)) or "none"
        yield Fault("targets", f"found {listing}; the plan in it has, of these outputs, {', '.join(names) or 'none'}")
        return
    for target, of_plan in zip(targets, expected, strict=True):
        # What an indicator is called may change from version to version.
        for key, value in target.model_dump(exclude={"label"}).items():
            if value != getattr(of_plan, key):
                text = f"found {shown(value)}, the plan in it says {shown(getattr(of_plan, key))}"
                yield Fault(f"targets.{of_plan.indicator}.{key}", text)


def _case_faults(description: Description, content: Any, plan: Plan) -> Iterator[Fault]:
    """Yield the faults of a case, by its own keys."""
    if faults := structure_faults(Case, content):
        yield from faults
        return
    case = Case.model_validate(content)
    if "plan" in case.content:
        yield Fault("content.plan", "no such key; the plan of all cases stands in plan")
    try:
        scenario = restore({**case.content, "plan": description.plan}, plan=plan)
    except ScenarioError as error:
        yield from (fault.under("content") for fault in error.faults)
    else:
        if case.scenario != scenario.name:
            yield Fault("scenario", f"found {shown(case.scenario)}, its content is of {shown(scenario.name)}")
    for name, value in case.factors.items():
        yield from (Fault(dotted("factors", name), text) for text in odd_values({name: value}))
