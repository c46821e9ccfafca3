"""Checked, frozen inputs: plans, scenarios, programmes and experiments."""

from .errors import ScenarioError
from .plan import Plan, load_plan, plan_names
from .scenario import Scenario, load_scenario, scenario_names
from .tables import Target
from .yearly_path import YearlyPath

__all__ = [
    "Plan",
    "Scenario",
    "ScenarioError",
    "Target",
    "YearlyPath",
    "load_plan",
    "load_scenario",
    "plan_names",
    "scenario_names",
]
