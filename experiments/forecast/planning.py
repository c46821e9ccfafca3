"""Plans and scenarios as a program works with them: find one, change it, save it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from fiveyear import scenarios as checked
from fiveyear.calibration import posterior
from fiveyear.experiments.console.defaults import SEED
from fiveyear.experiments.console.files import refuse_existing, write_whole
from fiveyear.model import InputError
from fiveyear.model.errors import Fault
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan, scenarios_of
from fiveyear.scenarios.changes import Value, changed, toml_text
from fiveyear.scenarios.tables import name_faults

from . import inert
from . import levers as lever_numbers
from .ensemble import Ensemble
from .selection import require_text, scenario_of

if TYPE_CHECKING:
    import pandas as pd


class Scenario(checked.Scenario):
    """A checked scenario that can be changed and saved."""

    @classmethod
    def of(cls, scenario: checked.Scenario) -> Scenario:
        return cls(**{f.name: getattr(scenario, f.name) for f in fields(scenario)})

    def change(
        self, changes: Mapping[str, Value], *, name: str, title: str | None = None, expect: str | None = None
    ) -> Scenario:
        """Give the scenario under another name with inputs changed, by name of the Series or Parameter.

        Numbers by year join those that the scenario, or its plan, gives already: ``{"planned_rd_intensity": {2015: "2.0
        %"}}`` keeps the other years. ``fiveyear.growth`` sets growth. A number without a unit is in the one that the
        scenario states. Raises Error with every fault of names, units, years and sizes.
        """
        return Scenario.of(changed(self, changes, name, title, expect))

    def save(self, file: str | Path, *, force: bool = False) -> Path:
        """Write the scenario file that ``fiveyear reach`` and ``reach`` answer with the same bits; gives its path.

        The scenario in it goes by the name of the file. Raises Error if the file exists and not ``force``.
        """
        path = Path(require_text("file", file, "a file that ends with .toml"))
        faults = name_faults(path.stem)
        if path.suffix != ".toml":
            faults.append(Fault("", found=str(path), expected="a file that ends with .toml"))
        if faults:
            raise InputError(str(path), faults)
        text = toml_text(self)
        refuse_existing([path], force)
        write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
        return path

    def __repr__(self) -> str:
        return f"<scenario {self.name}: {self.title} ({self.plan.name} plan)>"


class Plan(checked.Plan):
    """A checked plan, with its scenarios and levers."""

    def scenario(self, name: str | Path) -> Scenario:
        """Give the scenario of a name in the plan's folder, or of a file; raises Error if it is of another plan."""
        text = require_text("scenario", name, "the name or file of a scenario")
        own = self.folder / "scenarios" / f"{text}.toml"
        scenario = scenario_of(own if not self.named and own.exists() else text)
        if scenario.plan.content != self.content:
            text = f"it is of the plan {scenario.plan.name}, expected one of {self.name}"
            fault = Fault("plan", text, found=scenario.plan.name, expected=self.name)
            raise InputError(f"scenario {scenario.name}", [fault])
        return Scenario.of(scenario)

    @property
    def levers(self) -> pd.DataFrame:
        """The inputs that policy may move, a row each: unit, value of the base year, range, and where they act.

        ``base`` is what facts or the plan give for the base year, NaN where neither does. ``acts_in`` names the shipped
        scenarios in which raising the lever by a tenth moves a target's numbers by a fortieth of their scatter or more;
        that is tried, in some seconds.
        """
        import pandas as pd

        fitted = posterior.load(posterior.evidence(self, None))
        levers = {n: s for n, s in fitted.evidence.model.series.items() if s.lever}
        acting = acting_in(self, fitted, list(levers))
        base = base_values(self, fitted.evidence.history)
        rows = [
            {
                "lever": n,
                "unit": s.unit,
                "base": base.get(n, float("nan")),
                "low": s.low,
                "high": s.high,
                "acts_in": ", ".join(acting[n]),
                "about": s.about,
            }
            for n, s in levers.items()
        ]
        return pd.DataFrame(rows).set_index("lever")

    def lever_effects(
        self,
        scenario: str | Path = "plan",
        *,
        draws: int = lever_numbers.DRAWS,
        by: float = lever_numbers.RAISED,
        end: int | None = None,
        seed: int = SEED,
    ) -> pd.DataFrame:
        """Give what each lever moves under a scenario, a row for each lever, indicator and year.

        Each is raised by the share ``by`` of its path from the year after the base year until targets fall due; told
        are that year and ``end``, by default the last that the plan's outlooks reach. ``median``, ``p05``, ``p95`` are
        in ``unit``; ``assumed`` is the share of the variance that parameters account for of which facts say little.
        Raises Error where a lever would leave its range, or ``end`` lies beyond the outlooks.
        """
        import pandas as pd

        fitted = posterior.load(posterior.evidence(self, None))
        ensemble = Ensemble(self.scenario(scenario), fitted, seed).going_on(self.outlook_end if end is None else end)
        return pd.DataFrame(map(asdict, lever_numbers.effects(ensemble, draws, by))).set_index(
            ["lever", "indicator", "year"]
        )

    def __repr__(self) -> str:
        years = f"{self.start} to {self.end}, base year {self.base_year}"
        return f"<plan {self.name}: {self.title}; {years}; {len(self.targets)} targets>"


def acting_in(plan: checked.Plan, fitted: posterior.Posterior, levers: list[str]) -> dict[str, list[str]]:
    """Give by lever the scenarios of a plan in which it moves a target, tried as ``inert.acting`` does.

    Scenarios that go on from facts which the posterior does not know are left out.
    """
    every = (Ensemble(s, fitted, SEED) for s in scenarios_of(plan))
    return inert.acting(list(filter(_runs, every)), levers)


def _runs(ensemble: Ensemble) -> bool:
    try:
        ensemble.median_inputs()
    except checked.ScenarioError:
        return False
    return True


def base_values(plan: checked.Plan, history: Mapping[str, Array]) -> dict[str, float]:
    """Give the value of the base year of each Series that the facts or the plan have, in base units."""
    base = {n: p.points[0][1] for n, p in plan.paths.items() if p.points[0][0] <= plan.base_year}
    return base | {n: float(v[plan.base_year - plan.start]) for n, v in history.items()}


def plan(name: str | Path) -> Plan:
    """Give a plan by its shipped name or the path of its folder; raises Error with every fault of it."""
    loaded = load_plan(require_text("plan", name, "the name of a plan, or its folder"))
    return Plan(**{f.name: getattr(loaded, f.name) for f in fields(loaded)})
