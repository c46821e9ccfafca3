"""Experiments: scenarios, each at every point of a design of factors, with many draws of all that is uncertain."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fiveyear.model import INDICATORS, Method
from fiveyear.model.errors import nearest

from . import design, toml_files
from .checks import passed
from .errors import Fault, ScenarioError, dotted, shown
from .experiment_table import (
    MOST_CASES,
    MOST_FACTORS,
    MOST_ROWS,
    MOST_SCENARIOS,
    DesignTable,
    ExperimentTable,
    FactorTable,
)
from .plan import Plan, model_of
from .scenario import Scenario
from .scenario_file import change, locate_scenario, read_scenario
from .settings import NUMBERS, SETTABLE, displaced, keys_of, meant_by, setting, unsettable, written
from .tables import ScenarioTable, name_faults, structure_faults

SMALLEST_OF_LOG = 1e-300
LISTED = 3  # faults of the values of one factor at most that a message tells
_BREAKING = ("C", "Zl", "Zp")  # of Unicode: control and other unseen signs, and what ends a line; not odd blanks
EXAMPLE = "paths.planned_rd_intensity.values.2015"


@dataclass(frozen=True)
class Case:
    """A scenario at one point of the design; ``factors`` is what it takes there, by key of the scenario."""

    number: int
    scenario: Scenario
    factors: Mapping[str, Any]


@dataclass(frozen=True)
class Experiment:
    """A checked experiment. The cases are numbered from 0: those of the first scenario, point by point, come first.

    ``name`` and the names of scenarios hold what ``name_faults`` lets pass; keys of ``factors`` are words and dots, and
    texts in them stand on one line: all of them may stand in labels.
    """

    name: str
    title: str
    draws: int  # of each case
    seed: int
    facts: str | None  # None: the plan's first information set
    keep: Literal["draws", "summary"]
    outputs: tuple[str, ...]  # none: all indicators that the plan has
    method: Method
    step: float
    cases: tuple[Case, ...]
    content: Mapping[str, Any]

    @property
    def rows(self) -> int:
        return len(self.cases) * self.draws


class _Factor(NamedTuple):
    keys: tuple[str, ...]
    table: FactorTable


def is_experiment(name: str) -> bool:
    """Tell whether a name is that of an experiment file: a TOML file with ``scenarios``, or meant to have them."""
    try:
        keys = toml_files.read(Path(name)).keys()
    except ScenarioError:
        return False
    own = ExperimentTable.model_fields.keys() - ScenarioTable.model_fields.keys()
    return "scenarios" in keys or bool(keys & own and not keys & {"plan", "extends"})


@dataclass(frozen=True)
class Draft:
    """What an experiment file says, as far as it can be read, and every fault; ``cases`` are those that can be made."""

    title: str
    plan: Plan | None
    facts: str | None
    outputs: tuple[str, ...]
    cases: tuple[Case, ...]
    faults: tuple[Fault, ...]
    content: Mapping[str, Any]


def load_experiment(name: str) -> Experiment:
    """Give the experiment of a path to a TOML file, its cases in order.

    Paths of scenarios start beside the file. Raises ScenarioError with every fault of the file, of the scenarios that
    it names, and of its cases; it is cheap for an experiment that is too large.
    """
    return _experiment(Path(name).stem, draft_experiment(name))


def experiment_of(scenarios: Sequence[Scenario], content: Mapping[str, Any]) -> Experiment:
    """Give the experiment with these scenarios, of one plan, and what else a file would say of it.

    Raises ScenarioError with every fault.
    """
    content = {"title": "An experiment", "scenarios": [s.name for s in scenarios], **content}
    return _experiment("experiment", _draft("experiment", content, dict(enumerate(scenarios)), []))


def _experiment(name: str, draft: Draft) -> Experiment:
    if draft.faults:
        raise ScenarioError(draft.title, draft.faults)
    table = ExperimentTable.model_validate(draft.content)
    return Experiment(
        name=name,
        title=table.title,
        draws=table.draws,
        seed=table.seed,
        facts=table.facts,
        keep=table.keep,
        outputs=draft.outputs,
        method=table.method,
        step=table.step,
        cases=draft.cases,
        content=draft.content,
    )


def draft_experiment(name: str) -> Draft:
    """Give what a path to a TOML file says, with every fault; raises ScenarioError if it cannot be read."""
    path = Path(name)
    faults = name_faults(path.stem)
    try:
        content = toml_files.read(path)
    except ScenarioError as error:
        raise ScenarioError(error.title, [*faults, *error.faults]) from None
    scenarios, of_scenarios = _scenarios(content, path.parent)
    return _draft(str(path), content, scenarios, [*faults, *of_scenarios])


def _draft(title: str, content: Mapping[str, Any], scenarios: Mapping[int, Scenario], faults: list[Fault]) -> Draft:
    """Give what content says, with every fault, after those that are known already."""
    wrong = structure_faults(ExperimentTable, content)
    faults = [*wrong, *faults]
    faults += [
        Fault("title", text) for text in odd_values(content.get("title", "")) if isinstance(content["title"], str)
    ]
    first = next(iter(scenarios.values()), None)
    of_outputs = _output_faults(content, first.plan if first else None)
    factors, of_factors = _factors(content, first)
    plan = _design(content)
    of_design = [] if plan is None else _design_faults(plan, content, factors)
    faults += [*of_outputs, *of_factors, *of_design]
    sound = {fault.key.partition(".")[0] for fault in wrong}.isdisjoint({"factors", "design", "scenarios"})
    cases: tuple[Case, ...] = ()
    if plan is not None and sound and not of_factors and not of_design:
        draws = content.get("draws")
        points = design.count(plan, [f.table for f in factors])
        if not isinstance(draws, int) or "draws" in [fault.key for fault in wrong]:
            draws = 1
        of_size = _size_faults(len(scenarios), points, draws)
        faults += of_size
        if not of_size:
            cases, of_cases = _cases(scenarios, factors, plan)
            faults += of_cases
    facts, outputs = content.get("facts"), content.get("outputs", [])
    return Draft(
        title,
        first.plan if first else None,
        facts if _is_text(facts) else None,
        tuple(outputs) if isinstance(outputs, list) and not of_outputs and all(map(_is_text, outputs)) else (),
        cases,
        tuple(faults),
        content,
    )


def _is_text(value: object) -> bool:
    """Tell whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value.strip())


# -- what the file says ----------------------------------------------------------------------------------------
def _scenarios(content: Mapping[str, Any], folder: Path) -> tuple[dict[int, Scenario], list[Fault]]:
    """Give the scenarios that can be read, by place, and what is wrong with the others, or with all of them."""
    scenarios: dict[int, Scenario] = {}
    faults = []
    names = content.get("scenarios")
    if not isinstance(names, list) or len(names) > MOST_SCENARIOS:
        return {}, []
    for place, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            continue
        key = f"scenarios.{place}"
        try:
            scenario = read_scenario(locate_scenario(name, folder))
        except ScenarioError as error:
            faults += [Fault(key, f"found {error.title}; {text}") for text in error.faults]
            continue
        same = next((other for other, before in scenarios.items() if before.name == scenario.name), None)
        first, reference = next(iter(scenarios.items()), (place, scenario))
        if same is not None:
            text = f"{scenario.name} is the name of scenarios.{same}, too: results go by the name of the file"
            faults.append(Fault(key, text))
        elif reference.plan != scenario.plan:
            text = f"it is of the plan {scenario.plan.name}, scenarios.{first} is of {reference.plan.name}"
            faults.append(Fault(key, f"{text}; expected one plan, of the same content"))
        scenarios[place] = scenario
    return scenarios, faults


def _output_faults(content: Mapping[str, Any], plan: Plan | None) -> list[Fault]:
    names, faults = content.get("outputs"), []
    quantities = {**INDICATORS, **model_of(plan).units}
    given = [name if isinstance(name, str) else None for name in (names if isinstance(names, list) else ())]
    for place, name in enumerate(given):
        key = f"outputs.{place}"
        if name and name.strip() and name not in quantities:
            text = f"no indicator and no variable of the model is called {shown(name)}{nearest(name, quantities)}"
            faults.append(Fault(key, text))
        elif name is not None and name in given[:place]:
            faults.append(Fault(key, f"{name} stands in outputs.{given.index(name)}, too"))
    return faults


def _factors(content: Mapping[str, Any], scenario: Scenario | None) -> tuple[list[_Factor], list[Fault]]:
    """Give the factors that can be read, and what is wrong with any; of a scenario the nearest key is told."""
    factors: list[_Factor] = []
    faults: list[Fault] = []
    tables = content.get("factors")
    tables = tables if isinstance(tables, dict) else {}
    if len(tables) > MOST_FACTORS:
        return [], []
    for name, content_of_one in tables.items():
        key, keys, wrong = dotted("factors", name), keys_of(name), []
        table = passed(FactorTable, content_of_one)
        if not all(keys) or not name.isprintable():
            wrong.append(Fault(key, f'expected a key of a scenario, such as [factors."{EXAMPLE}"]'))
        elif keys[0] not in SETTABLE:
            wrong.append(Fault(key, unsettable(keys, scenario)))
        elif name in NUMBERS and table is None:
            wrong.append(Fault(key, f'the whole key of a factor stands in quotes, as in [factors."{EXAMPLE}"]'))
        for other in factors if not wrong else ():
            if displaced(other.keys, keys):
                text = f"it takes the place of what {'.'.join(other.keys)} sets; expected one of them"
                wrong.append(Fault(key, text))
        wrong += [] if table is None else [fault.under(key) for fault in _factor_faults(table)]
        faults += wrong
        if table is not None and not wrong:
            factors.append(_Factor(keys, table))
    return factors, faults


def _factor_faults(factor: FactorTable) -> list[Fault]:
    ends = [end for end in ("low", "high") if getattr(factor, end) is not None]
    if factor.values is not None:
        faults = [Fault(end, "found beside values; expected values alone, or low and high") for end in ends]
        if factor.scale == "log":
            faults.append(Fault("scale", 'found "log" beside values; only a range has a scale'))
        return faults + _value_faults(factor.values)
    if len(ends) < 2:
        stated = f"{ends[0]} alone" if ends else "neither"
        return [Fault("", f"found {stated}, expected values, or low and high")]
    assert factor.low is not None and factor.high is not None
    if not factor.low < factor.high:
        return [Fault("high", f"found {factor.high:g}, expected a number above low = {factor.low:g}")]
    if factor.scale == "log" and factor.low < SMALLEST_OF_LOG:
        return [Fault("low", f'found {factor.low:g}, expected a number above 0 where scale is "log"')]
    return []


def _value_faults(values: Sequence[Any]) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[tuple[bool, Any], int] = {}
    for place, value in enumerate(values):
        key = f"values.{place}"
        wrong = next(odd_values(value), None)
        if wrong is not None:
            faults.append(Fault(key, wrong))
            continue
        identity = (isinstance(value, bool), value if isinstance(value, int | float) else written(value))
        if identity in seen:
            faults.append(Fault(key, f"{shown(value)} stands in values.{seen[identity]}, too"))
        seen.setdefault(identity, place)
    return faults


def odd_values(value: Any) -> Iterator[str]:
    """Yield what no scenario takes, and no label, wherever in a value it stands."""
    if isinstance(value, dict | list):
        for inner in value if isinstance(value, list) else (*value, *value.values()):
            yield from odd_values(inner)
    elif isinstance(value, str):
        # All that breaks a line is unprintable, which is asked in one go.
        if not value.isprintable() and any(unicodedata.category(sign).startswith(_BREAKING) for sign in value):
            yield f"found {shown(value)}, expected a text on one line"
    elif isinstance(value, int):
        if value.bit_length() > 63:
            yield f"found {shown(value)}, expected a number of a size in use"
    elif not isinstance(value, float):
        yield f"found {shown(value)}, expected a number, a text in quotes, a list or a table"
    elif not math.isfinite(value):
        yield f"found {shown(value)}, expected a finite number"


def _design(content: Mapping[str, Any]) -> DesignTable | None:
    """Give the design, all combinations if the file has none; None if it cannot be read."""
    return passed(DesignTable, content.get("design", {"kind": "full factorial"}))


def _design_faults(plan: DesignTable, content: Mapping[str, Any], factors: Sequence[_Factor]) -> list[Fault]:
    faults = []
    of_file = content.get("design", {})
    if plan.kind == "full factorial":
        for key in ("points", "seed"):
            if key in of_file:
                faults.append(Fault(f"design.{key}", "only a sample has it; a full factorial is all combinations"))
        example = 'a sample, such as [design] kind = "latin hypercube", points = 100'
        for factor in factors:
            if factor.table.values is None:
                key = dotted("factors", ".".join(factor.keys))
                faults.append(Fault(key, f"found a range, expected values for a full factorial; or {example}"))
    elif plan.points is None:
        faults.append(Fault("design.points", "missing"))
    elif plan.kind == "sobol" and plan.points & (plan.points - 1):
        power = 2 ** (plan.points.bit_length() - 1)
        near = power if 2 * power > MOST_CASES or plan.points - power < 2 * power - plan.points else 2 * power
        faults.append(Fault("design.points", f"found {plan.points}, expected a power of two for sobol, such as {near}"))
    if of_file and not content.get("factors"):
        faults.append(Fault("factors", "missing; a design is one of factors"))
    return faults


def _size_faults(scenarios: int, points: int, draws: int) -> list[Fault]:
    cases = scenarios * points
    if cases > MOST_CASES:
        points_text = f"{points:,}" if points < 10**15 else "more than 10^15"
        text = f"found {scenarios} scenarios at {points_text} points each, expected at most {MOST_CASES:,} cases"
        return [Fault("", text)]
    if cases * draws > MOST_ROWS:
        text = f"found {draws:,}, expected at most {MOST_ROWS // cases:,} of {cases:,} cases: {MOST_ROWS:,} in all"
        return [Fault("draws", text)]
    return []


# -- what it makes ---------------------------------------------------------------------------------------------
def _cases(
    scenarios: Mapping[int, Scenario], factors: Sequence[_Factor], plan: DesignTable
) -> tuple[tuple[Case, ...], list[Fault]]:
    """Give the cases of the scenarios, each by its place in the file, and what is wrong with those that none are."""
    keys = [".".join(factor.keys) for factor in factors]
    cases: list[Case] = []
    refused = Refused()
    points = design.points(plan, [factor.table for factor in factors])
    for (place, scenario), (at, point) in itertools.product(scenarios.items(), enumerate(points)):
        number = place * len(points) + at
        settings = [setting(factor.keys, value) for factor, value in zip(factors, point, strict=True)]
        of_case = dict(zip(keys, point, strict=True))
        try:
            changed = change(scenario, settings) if settings else scenario
        except ScenarioError as error:
            faults = [f.altered(text=f.text + meant_by(settings, f.key, scenario)) for f in error.faults]
            refused.note(number, scenario.name, of_case, faults)
        else:
            cases.append(Case(number, changed, of_case))
    return tuple(cases), refused.faults()


def case_faults(
    cases: Sequence[Case], faults_of: Callable[[Scenario], Sequence[Fault]], ranges: Iterable[str] = ()
) -> list[Fault]:
    """Give the faults that ``faults_of`` finds in cases, each as one of the factor that made it, or of the scenario.

    A factor in ``ranges`` is judged as a whole: only such faults count as all that it takes have.
    """
    by_case = [(case, list(faults_of(case.scenario))) for case in cases]
    usual = {(c.scenario.name, key) for c, faults in by_case for key in set(ranges) - {fault.key for fault in faults}}
    refused = Refused()
    own: dict[Fault, None] = {}
    for case, faults in by_case:
        name = case.scenario.name
        made = [fault for fault in faults if any(_is_of(fault, key) for key in case.factors)]
        refused.note(case.number, name, case.factors, [f for f in made if (name, f.key) not in usual])
        own |= dict.fromkeys(Fault(f"scenarios.{name}", str(fault)) for fault in faults if fault not in made)
    return [*own, *refused.faults()]


def _is_of(fault: Fault, factor: str) -> bool:
    """Tell whether a fault is about what a factor sets, or about all of its table."""
    return all(a == b for a, b in zip(fault.key.split("."), factor.split("."), strict=False))


class Refused:
    """The faults of cases: the same in many cases is one, told with the first of them."""

    def __init__(self) -> None:
        self.first: dict[str, dict[Fault, str]] = {}  # key in the file -> fault -> the first case that has it
        self.times: dict[str, int] = {}  # how many there are, by that key

    def note(self, number: int, scenario: str, factors: Mapping[str, Any], faults: Sequence[Fault]) -> None:
        """Note the faults of a case, by keys of its scenario."""
        for fault in (_of_factor(fault, factors) for fault in faults):
            cases = self.first.setdefault(fault.key, {})
            self.times[fault.key] = self.times.get(fault.key, 0) + 1
            if fault not in cases and len(cases) < LISTED:
                values = ", ".join(f"{name} = {_short(value)}" for name, value in factors.items())
                cases[fault] = f"case {number}: {scenario}" + (f" with {values}" if values else "")

    def faults(self) -> list[Fault]:
        """Give those noted, by keys of the file."""
        listed = []
        for key, cases in self.first.items():
            listed += [fault.altered(text=f"{fault.text} (first in {case})") for fault, case in cases.items()]
            if (more := self.times[key] - len(cases)) > 0:
                listed.append(Fault(key, f"and {more:,} more faults of cases"))
        return listed


def _of_factor(fault: Fault, factors: Iterable[str]) -> Fault:
    """Give a fault of a scenario as one of the factor that made it, or else of all factors."""
    parts = fault.key.split(".")
    by = [key for key in factors if parts[: key.count(".") + 1] == key.split(".")]
    by = by or [key for key in factors if parts[:2] == key.split(".")[:2]]
    text = fault.text if fault.key in by else str(fault)
    return fault.altered(key=dotted("factors", by[-1]) if by else "factors", text=text)


def _short(value: Any) -> str:
    text = written(value)
    return text if len(text) <= 60 else f"{text[:56]}..."
