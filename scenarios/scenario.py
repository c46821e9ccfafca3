"""Scenarios: a plan, with paths, parameters and cut loops of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fiveyear.model.quantities import Array

from .errors import Fault
from .path_tables import Column, at_table
from .plan import Plan
from .yearly_path import YearlyPath


class Origin(NamedTuple):
    """What sets a path, a parameter or the state of a loop: a scenario file, which may take it from a table."""

    file: Path
    column: Column | None = None


@dataclass(frozen=True)
class Scenario:
    """A checked scenario. ``parameters``, in base units, and ``paths`` are the plan's with its own over them.

    What a file says of itself, ``title`` and ``expect``, is not said of a scenario in which ``settings`` changed a
    number or a loop: then the title says that, and ``expect`` is empty, unless they were set too.
    """

    name: str
    title: str
    expect: str
    plan: Plan
    parameters: Mapping[str, float]
    paths: Mapping[str, YearlyPath]
    cuts: tuple[str, ...]
    settings: tuple[str, ...]  # what the command line, or an experiment, changed
    content: Mapping[str, Any]
    file: str = field(default="", compare=False, repr=False)  # where it was read from, for messages
    before: Scenario | None = field(default=None, repr=False, compare=False)  # what its file, or a setting, changed
    origins: Mapping[tuple[str, str], Origin] = field(default_factory=dict, compare=False, repr=False)  # where of files

    @property
    def place(self) -> str:
        """What a message about the scenario is headed: its file, if it is of one."""
        return self.file or f"scenario {self.name}"

    def placed(self, fault: Fault) -> Fault:
        """Give a fault of the scenario as one of the table that its numbers are from, if they are from one."""
        columns = {name: origin.column for (group, name), origin in self.origins.items() if group == "paths"}
        return at_table(fault, {name: column for name, column in columns.items() if column is not None})

    def based_on(self, plan: Plan) -> Scenario:
        """Give the scenario over its plan as that is based on a later year."""
        paths = {name: path.based_on(plan.base_year) for name, path in self.paths.items()}
        return replace(self, plan=plan, paths=paths)

    def yearly_paths(self, years: Array, history: Mapping[str, Array], output: Array | None = None) -> dict[str, Array]:
        """Give the yearly numbers of every path of the scenario, in base units.

        Parameters
        ----------
        years : (year,), rising by one from the first simulated year
        history : the numbers up to the base year that facts give, by name of the Series
        output : (year,), real GDP on the middle of its outlook, for a path that holds spend; a path that the scenario
            itself gives output stands over it

        Returns
        -------
        name -> (year,)
        """
        if "gdp_real" in self.paths:
            output = self.paths["gdp_real"].yearly(years, history.get("gdp_real"))
        due = years <= self.plan.end
        yearly = {}
        for name, path in self.paths.items():
            if path.hold == "spend":  # that of the years up to which the plan's targets fall due
                of_plan = path.yearly(years[due], history.get(name), None if output is None else output[due])
                held = np.broadcast_to(of_plan[-1:], (len(years) - len(of_plan), *of_plan.shape[1:]))
                yearly[name] = np.concatenate([of_plan, held])
            else:
                yearly[name] = path.yearly(years, history.get(name))
        return yearly

    def as_dict(self) -> dict[str, Any]:
        """Give all that makes the scenario, with units and sources, ready for JSON."""
        tables = {
            group: {**self.plan.content.get(group, {}), **self.content[group]} for group in ("parameters", "paths")
        }
        return {
            "name": self.name,
            "title": self.title,
            "expect": self.expect,
            "plan": self.plan.as_dict(),
            **tables,
            "cuts": list(self.cuts),
            "settings": list(self.settings),
        }

    def stored(self) -> dict[str, Any]:
        """Give what ``restore`` makes the same scenario of, ready for JSON; what it holds is not to be changed."""
        return {
            "name": self.name,
            "plan": self.plan.as_dict(),
            "content": dict(self.content),
            "settings": list(self.settings),
        }
