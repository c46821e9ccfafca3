"""What is validated: the model with what one plan and information set give it, each part worked out when asked for."""

from __future__ import annotations

from functools import cached_property

from fiveyear.calibration import posterior
from fiveyear.calibration.fit import Fit, Problem, fit
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.model import InputError, Inputs, Model
from fiveyear.scenarios import Scenario, load_plan, load_scenario, scenarios_of

from .behaviour import CLOSING

DRAWS = 200  # enough for what must hold in every draw
SEED = 2011


class Subject:
    """A plan's own scenario under one posterior; raises InputError if no scenario is the plan's own."""

    def __init__(self, plan: str, information_set: str | None) -> None:
        own = [s for s in scenarios_of(load_plan(plan)) if "extends" not in s.content]
        if not own:
            raise InputError("--plan", [f"{plan}: none of its scenarios starts from the plan itself"])
        self.scenario = own[0]
        self.information_set = information_set

    @cached_property
    def evidence(self) -> posterior.Evidence:
        """The facts and the priors."""
        return posterior.evidence(self.scenario.plan, self.information_set)

    @cached_property
    def posterior(self) -> posterior.Posterior:
        """The posterior that is kept."""
        return posterior.load(self.evidence)

    @cached_property
    def ensemble(self) -> Ensemble:
        """The scenario under the posterior."""
        return Ensemble(self.scenario, self.posterior, SEED)

    @cached_property
    def whole(self) -> Model:
        """The model with all loops closed, whether the plan gives its inputs or not."""
        return self.scenario.plan.model

    @cached_property
    def model(self) -> Model:
        """What the plan gives inputs for: the model with all loops closed, or else a part with the plan's cuts."""
        if {*self.whole.parameters, *self.whole.series} <= {*self.median.parameters, *self.median.series}:
            return self.whole
        return self.ensemble.model.pruned(self.ensemble.names)

    @cached_property
    def deciding(self) -> Scenario | None:
        """The scenario of the plan in which those who pay decide on spending, if there is one."""
        scenario = load_scenario(CLOSING["FINANCE"])
        return scenario if scenario.plan.content == self.scenario.plan.content else None

    @cached_property
    def draws(self) -> Inputs:
        """Draws of all that is uncertain, history and plan."""
        return self.ensemble.inputs(0, DRAWS)

    @cached_property
    def median(self) -> Inputs:
        """A single run in the middle of all that is uncertain."""
        return self.ensemble.median_inputs()

    @cached_property
    def problem(self) -> Problem:
        """What is fitted to what."""
        return self.evidence.problem()

    @cached_property
    def fit(self) -> Fit:
        """The most probable parameters."""
        return fit(self.problem)
