"""What the tests of the model share: one set of inputs for a whole run, and toy sectors made from text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, assemble, load

FIRST, LAST = 2005, 2015
YEARS = np.arange(FIRST, LAST + 1)
SINCE = YEARS - FIRST

# Made up for these tests: round numbers of a plausible size. None of them is a fact, an estimate or a forecast.
PARAMETERS: dict[str, float] = {
    "researchers_at_start": 1.25e6,
    "reference_productivity": 5e4,
    "reference_cost": 2.6e5,
    "cost_elasticity": 0.35,
    "hiring_time": 0.75,
    "attrition_rate": 0.04,
    "graduate_entry_share": 0.5,
    "obsolescence_rate": 0.15,
    "rd_spending_at_start": 2.5e11,
    "rd_growth_before_start": 0.15,
    "propensity": 0.06,
    "research_elasticity": 0.7,
    "knowledge_elasticity": 0.1,
    "strategic_filing": 0.03,
    "propensity_drift_at_start": 0.15,
    "propensity_drift_persistence": 6.0,
    "patents_in_force_at_start": 6e4,
    "mature_share_at_start": 0.45,
    "time_to_maturity": 2.0,
    "young_lapse_rate": 0.04,
    "mature_lapse_rate": 0.15,
    "counting_break": 0.1,
    "mainland_share": 0.9,
    "foreign_applications_at_start": 7e4,
    "filing_growth_before_start": 0.25,
    "examination_time_at_start": 3.0,
    "examination_time_aimed_at": 2.75,
    "minimum_examination_time": 1.0,
    "capacity_adjustment_time": 2.0,
    "domestic_grant_share": 0.5,
    "reference_rd_spending": 7e11,
    "reference_contracts": 4e11,
    "contract_elasticity": 0.9,
    "high_tech_share_at_start": 0.135,
    "high_tech_share_ceiling": 0.3,
    "high_tech_drift": -0.01,
    "knowledge_effect": 0.15,
    "patent_effect": 0.04,
    "reference_knowledge_intensity": 0.04,
    "reference_patent_density": 5e-5,
    "diffusion_time": 2.0,
}
SERIES: dict[str, np.ndarray] = {
    "gdp_real": 3e13 * 1.1**SINCE,
    "price_level": 1.04 ** (SINCE - 5.0),
    "population": np.full(len(YEARS), 1.3e9),
    "employed": np.full(len(YEARS), 7.5e8),
    "planned_rd_intensity": 0.013 + 0.001 * SINCE,
    "graduates": np.full(len(YEARS), 1.2e6),
    "propensity_surprise": np.zeros(len(YEARS)),
    "counting_break_done": (SINCE >= 5) * 1.0,
    "foreign_applications": np.full(len(YEARS), 9e4),
    "examiner_effort": np.ones(len(YEARS)),
    "capacity_surprise": np.zeros(len(YEARS)),
    "manufacturing_share": np.full(len(YEARS), 0.32),
}
WORDS = """
from fiveyear.model.declarations import *
from fiveyear.model.quantities import *
"""


@pytest.fixture(scope="session")
def model() -> Model:
    return load()


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    """One draw of the made-up inputs."""
    return Inputs(FIRST, LAST, PARAMETERS, SERIES)


@pytest.fixture(scope="session")
def scattered(model: Model) -> Callable[..., Inputs]:
    """Give so many draws, each parameter multiplied by exp(spread x a normal number) and kept in its hard range."""

    def scatter(draws: int, spread: float, seed: int) -> Inputs:
        random = np.random.default_rng(seed)
        parameters = {
            name: np.clip(
                value * np.exp(spread * random.standard_normal(draws)),
                model.parameters[name].low,
                model.parameters[name].high,
            )
            for name, value in PARAMETERS.items()
        }
        return Inputs(FIRST, LAST, parameters, SERIES)

    return scatter


@pytest.fixture(scope="session")
def sector() -> Callable[..., ModuleType]:
    """Give the sector that a text would be, were it a file in ``model/sectors``."""

    def make(text: str, name: str = "toy") -> ModuleType:
        module = ModuleType(name)
        module.__doc__ = "A toy sector."
        exec(compile(WORDS + textwrap.dedent(text), f"{name}.py", "exec"), vars(module))
        return module

    return make


@pytest.fixture(scope="session")
def assembled(sector: Callable[..., ModuleType]) -> Callable[[str], Model]:
    """Give the model that one text makes."""
    return lambda text: assemble([sector(text)])
