"""Checked, frozen inputs: plans, scenarios, programmes and experiments."""

from .errors import ScenarioError
from .experiment import Case, Experiment, is_experiment, load_experiment
from .plan import Plan, load_plan, plan_names, restore_plan
from .scenario import Scenario
from .scenario_file import load_scenario, restore, scenario_names
from .tables import Target
from .yearly_path import YearlyPath

__all__ = [
    "Case",
    "Experiment",
    "Plan",
    "Scenario",
    "ScenarioError",
    "Target",
    "YearlyPath",
    "is_experiment",
    "load_experiment",
    "load_plan",
    "load_scenario",
    "plan_names",
    "restore",
    "restore_plan",
    "scenario_names",
]
