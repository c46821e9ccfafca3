"""Plans: the years of a run, what may be known of them, and the targets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from fiveyear import model
from fiveyear.model import Country, Model, UnitError, ordinary_files
from fiveyear.model.errors import nearest

from . import shipped, toml_files
from .checks import (
    Limit,
    Span,
    base_units,
    cut_faults,
    limit_faults,
    limits,
    parameter_faults,
    passed,
    path_faults,
    span_faults,
    target_faults,
    yearly_paths,
)
from .errors import Fault, ScenarioError, shown
from .tables import NAME, MoneyTable, PlanTable, Target, name_faults, structure_faults
from .yearly_path import YearlyPath

FILE = "plan.toml"  # of the folder of a plan
DEFAULT = "twelfth"  # where nothing says of which plan something is


@dataclass(frozen=True)
class Plan:
    """A checked plan. ``parameters`` are in base units; ``content`` is what the file holds."""

    name: str
    title: str
    start: int  # first simulated year
    base_year: int  # last year that facts give
    end: int  # when the targets fall due
    outlook_end: int  # the last year that a run may go on to
    source: str
    targets: tuple[Target, ...]
    parameters: Mapping[str, float]
    paths: Mapping[str, YearlyPath]
    limits: Mapping[str, Limit]
    cuts: tuple[str, ...]
    country: Country
    content: Mapping[str, Any]
    file: str = field(default="", compare=False, repr=False)  # where it was read from; "" of a stored one
    named: bool = field(default=True, compare=False, repr=False)  # asked for by a shipped name: its folder is not ours

    @property
    def model(self) -> Model:
        """The model of the plan's country."""
        return model.load(self.country)

    @property
    def folder(self) -> Path:
        """Where its facts, priors and posterior lie: of a stored plan, those of the shipped one of its name."""
        return Path(self.file).parent if self.file else shipped.PLANS / self.name

    @property
    def call(self) -> str:
        """What a command calls it: its shipped name, or the path of its folder."""
        return self.name if self.named else os.path.relpath(self.folder)

    def based_on(self, year: int) -> Plan:
        """Give the plan when a later year is the last that facts give."""
        return replace(self, base_year=year, paths={n: path.based_on(year) for n, path in self.paths.items()})

    def asking(self, values: Mapping[str, float]) -> Plan:
        """Give the plan with other values of some targets, in their units; raises ScenarioError as for a file.

        A value between the steps in which the plan prints a target is in steps of its own last digit.
        """
        targets = []
        for target in self.content["targets"]:
            value = values.get(target["indicator"], target["value"])
            steps = value / target["rounding"]
            last_digit = float(Decimal(1).scaleb(int(Decimal(repr(float(value))).normalize().as_tuple().exponent)))
            rounding = target["rounding"] if abs(steps - round(steps)) < 1e-6 else last_digit
            targets.append({**target, "value": value, "rounding": rounding})
        asked = checked_plan(self.name, {**self.content, "targets": targets}, "--target")
        return replace(self, targets=asked.targets, content=asked.content)

    def about(self, indicators: Sequence[str]) -> Plan:
        """Give the plan with the targets of these indicators alone."""
        content = [target for target in self.content["targets"] if target["indicator"] in indicators]
        targets = tuple(target for target in self.targets if target.indicator in indicators)
        return replace(self, targets=targets, content={**self.content, "targets": content})

    @property
    def span(self) -> Span:
        return Span(self.start, self.base_year, self.end, self.outlook_end)

    def as_dict(self) -> dict[str, Any]:
        """Give the plan as its file states it, with units and sources, ready for JSON; of one's own, where it lies."""
        return {"name": self.name, **({} if self.named else {"folder": str(self.folder)}), **self.content}


def model_of(plan: Plan | None) -> Model:
    """Give the model of a plan's country; without a plan, of that which is taken where none is named."""
    return plan.model if plan else _default_model()


@cache
def _default_model() -> Model:
    return load_plan(DEFAULT).model


def plan_names() -> tuple[str, ...]:
    """Give the names of the shipped plans.

    >>> plan_names()
    ('eleventh', 'korea577', 'twelfth')
    """
    return tuple(_by_name())


def load_plan(name: str, beside: Path | None = None) -> Plan:
    """Give the plan of a shipped name or of the path of its folder; a relative path starts at ``beside``.

    Raises ScenarioError with every fault of its file.

    >>> load_plan("twelfth").base_year
    2010
    """
    path = locate_plan(name, beside)
    own = path.parent.name if path.name == FILE else path.stem
    if wrong := name_faults(own):
        raise ScenarioError(str(path), wrong)
    return replace(checked_plan(own, toml_files.read(path), str(path)), file=str(path), named=name in plan_names())


def locate_plan(name: str, beside: Path | None = None) -> Path:
    """Give the file of a plan of a shipped name or of the path of its folder, or of the file in it.

    Raises ScenarioError if there is none.
    """
    is_folder = ordinary_files.is_folder((beside or Path()) / name)
    if name not in plan_names() and (toml_files.is_path(name) or is_folder):
        if is_folder:
            if not ((beside or Path()) / name / FILE).exists():
                raise ScenarioError(shown(name), [f"it is a folder without a {FILE}; expected the folder of a plan"])
            name = str(Path(name) / FILE)
        return Path(os.path.realpath(toml_files.locate(name, "plan", {}, beside)))
    return toml_files.locate(name, "plan", _by_name())


def _by_name() -> dict[str, Path]:
    return {path.parent.name: path for path in shipped.files(FILE)}


def is_plan(name: str) -> bool:
    """Tell whether a text is the name of a shipped plan, or the path of a folder with a plan."""
    return name in plan_names() or (ordinary_files.is_folder(Path(name)) and (Path(name) / FILE).is_file())


def restore_plan(stored: Mapping[str, Any], title: str = "a stored plan") -> Plan:
    """Give the plan of which ``Plan.as_dict`` gave this, before or after a way through JSON.

    It is checked as its file was, and none is read. Raises ScenarioError, under this title, with every fault.

    >>> restore_plan(load_plan("twelfth").as_dict()) == load_plan("twelfth")
    True
    """
    content = dict(stored)
    name, place = content.pop("name", None), content.pop("folder", None)
    faults = [fault.under("name") for fault in name_faults(name)]
    try:
        plan = checked_plan(name if isinstance(name, str) else "", content, title)
    except ScenarioError as error:
        raise ScenarioError(title, [*error.faults, *faults]) from None
    if faults:
        raise ScenarioError(title, faults)
    return replace(plan, file=str(Path(place) / FILE), named=False) if isinstance(place, str) else plan


def checked_plan(name: str, content: Mapping[str, Any], title: str) -> Plan:
    """Give the plan that content makes; raises ScenarioError, under this title, with every fault of it."""
    faults = structure_faults(PlanTable, content)
    country, of_country = _country(content)
    full_model = model.load(country)
    faults += of_country
    wrong = {fault.key for fault in faults}
    span = None
    if not wrong & {"start", "base_year", "end", "outlook_end"}:
        last = content.get("outlook_end") or content["end"]
        span = Span(content["start"], content["base_year"], content["end"], last)
        faults += span_faults(span)
        span = None if span_faults(span) else span
    faults += target_faults(content, full_model)
    faults += parameter_faults(content, full_model)
    faults += path_faults(content, full_model, span)
    faults += limit_faults(content, full_model)
    faults += cut_faults(content, full_model)
    if faults:
        raise ScenarioError(title, faults)
    table = PlanTable.model_validate(content)
    assert span is not None
    return Plan(
        name=name,
        title=" ".join(table.title.split()),
        start=table.start,
        base_year=table.base_year,
        end=table.end,
        outlook_end=span.outlook_end,
        source=table.source,
        targets=tuple(table.targets),
        parameters=base_units(table.parameters, full_model),
        paths=yearly_paths(table.paths, full_model, span),
        limits=limits(table.limits, full_model),
        cuts=tuple(table.cuts),
        country=country,
        content=content,
    )


def _country(content: Mapping[str, Any]) -> tuple[Country, list[Fault]]:
    """Give the country that a plan's file says it is of, and what is wrong with it."""
    of_money = passed(MoneyTable, content.get("money"))
    groups = content.get("groups")
    named = {
        name: tuple(members)
        for name, members in (groups if isinstance(groups, dict) else {}).items()
        if isinstance(members, list) and all(isinstance(m, str) and re.fullmatch(NAME, m) for m in members)
    }
    faults = [
        Fault(f"groups.{name}", "the model has no such group", found=name, near=nearest(name, model.groups()))
        for name in named
        if name not in model.groups()
    ]
    for name, members in named.items():
        if len(set(members)) < len(members):
            faults.append(Fault(f"groups.{name}", "a member stands there twice", found=", ".join(members)))
    members = tuple(sorted((n, m) for n, m in named.items() if n in model.groups() and len(set(m)) == len(m)))
    if of_money is None:
        return Country(groups=members), faults
    try:
        return Country(of_money.unit, of_money.per_dollar, members), faults
    except UnitError as error:
        return Country(groups=members), [*faults, Fault("money.unit", str(error), found=shown(of_money.unit))]
