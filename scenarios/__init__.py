"""Checked, frozen inputs: plans, scenarios, programmes and experiments."""

from .errors import ScenarioError
from .experiment import Case, Experiment, is_experiment, load_experiment
from .plan import Plan, is_plan, load_plan, plan_names, restore_plan
from .scenario import Scenario
from .scenario_file import answered_by, load_scenario, restore, scenario_names, scenarios_of
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
    "answered_by",
    "is_experiment",
    "is_plan",
    "load_experiment",
    "load_plan",
    "load_scenario",
    "plan_names",
    "restore",
    "restore_plan",
    "scenario_names",
    "scenarios_of",
]
