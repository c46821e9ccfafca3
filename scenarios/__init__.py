"""Checked, frozen inputs: plans, scenarios, programmes and experiments. A name is loaded when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fiveyear.model.on_demand import loading

if TYPE_CHECKING:
    from .errors import ScenarioError as ScenarioError
    from .experiment import Case as Case
    from .experiment import Experiment as Experiment
    from .experiment import is_experiment as is_experiment
    from .experiment import load_experiment as load_experiment
    from .plan import Plan as Plan
    from .plan import is_plan as is_plan
    from .plan import load_plan as load_plan
    from .plan import plan_names as plan_names
    from .plan import restore_plan as restore_plan
    from .scenario import Scenario as Scenario
    from .scenario_file import answered_by as answered_by
    from .scenario_file import load_scenario as load_scenario
    from .scenario_file import restore as restore
    from .scenario_file import scenario_names as scenario_names
    from .scenario_file import scenarios_of as scenarios_of
    from .tables import Target as Target
    from .yearly_path import YearlyPath as YearlyPath

#: Where each name comes from.
_PLACES = {
    "ScenarioError": "errors",
    "Case": "experiment",
    "Experiment": "experiment",
    "is_experiment": "experiment",
    "load_experiment": "experiment",
    "Plan": "plan",
    "is_plan": "plan",
    "load_plan": "plan",
    "plan_names": "plan",
    "restore_plan": "plan",
    "Scenario": "scenario",
    "answered_by": "scenario_file",
    "load_scenario": "scenario_file",
    "restore": "scenario_file",
    "scenario_names": "scenario_file",
    "scenarios_of": "scenario_file",
    "Target": "tables",
    "YearlyPath": "yearly_path",
}

__all__ = [*_PLACES]
__getattr__ = loading(__name__, _PLACES)
