"""What the tests of the model share: one set of inputs for a whole run, and toy sectors made from text."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fiveyear.experiments.validation import extremes
from fiveyear.model import Country, Inputs, Model, assemble, integrate, load
from fiveyear.model.inputs import check
from fiveyear.model.reference import Run

FIRST, BASE, LAST = 2005, 2010, 2015
YEARS = np.arange(FIRST, LAST + 1)
SINCE = YEARS - FIRST

RIVALS = ("united_states", "germany", "england", "japan", "france", "canada", "italy", "netherlands")
CHINA = Country("100M yuan", 6.8, (("rivals", RIVALS),))
LATER = (YEARS > BASE) * 1.0

# Made up for these tests: round numbers of a plausible size. None of them is a fact, an estimate or a forecast.
PARAMETERS: dict[str, float] = {
    # finance
    "gap_closing_rate": 0.02,
    "enterprise_effort_at_start": 0.007,
    "effort_trend": 0.02,
    "effort_adjustment_time": 3.0,
    "crowding": 0.1,
    "high_tech_pull": 0.2,
    "reference_government_intensity": 0.004,
    "census_splice": 1.05,
    "enterprise_share_of_rd": 0.7,
    "gdp_revision": 0.03,
    "reference_deduction": 1.5,
    "profit_tax_rate": 0.25,
    "deduction_uptake": 0.6,
    "user_cost_elasticity": 0.9,
    # the economy
    "gdp_at_start": 2.4e13,
    "gdp_growth_before_start": 0.12,
    "budget_lag": 1.0,
    "growth_lag": 3.0,
    # workforce
    "researchers_at_start": 1.25e6,
    "reference_productivity": 5e4,
    "reference_cost": 2.6e5,
    "cost_elasticity": 0.35,
    "scarcity_elasticity": 0.3,
    "hiring_time": 0.75,
    "attrition_rate": 0.04,
    "graduate_entry_share": 0.5,
    "candidates_at_start": 8e5,
    "candidate_time": 2.0,
    "search_time": 1.0,
    # knowledge
    "obsolescence_rate": 0.15,
    "rd_spending_at_start": 2.5e11,
    "rd_growth_before_start": 0.15,
    # patents
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
    # examination
    "foreign_applications_at_start": 7e4,
    "filing_growth_before_start": 0.25,
    "examination_time_at_start": 3.0,
    "examination_time_aimed_at": 2.75,
    "minimum_examination_time": 1.0,
    "capacity_adjustment_time": 2.0,
    "domestic_grant_share": 0.5,
    # market
    "reference_rd_spending": 7e11,
    "reference_contracts": 4e11,
    "contract_elasticity": 0.9,
    # high tech
    "high_tech_share_at_start": 0.135,
    "high_tech_share_ceiling": 0.3,
    "high_tech_drift": -0.01,
    "knowledge_effect": 0.15,
    "patent_effect": 0.04,
    "reference_knowledge_intensity": 0.04,
    "reference_patent_density": 5e-5,
    "diffusion_time": 2.0,
    # papers
    "reference_papers": 1e5,
    "reference_research": 1.2e11,
    "research_at_start": 5e10,
    "publication_lag": 2.0,
    "citation_window": 10.0,
    "paper_growth_before_start": 0.15,
    "paper_elasticity": 0.7,
    "paper_drift_at_start": 0.05,
    "paper_drift_persistence": 15.0,
    "citations_at_start": 1e6,
    "citation_growth_at_start": 0.25,
    "lasting_impact_growth": 0.03,
    "citation_growth_persistence": 4.0,
    "rival_growth": 0.05,
    **{f"rival_own_growth_{rival}": 0.001 * place for place, rival in enumerate(RIVALS, -3)},
    **{f"counted_citations_{rival}": 1e6 * (9 - place) for place, rival in enumerate(RIVALS)},
    # literacy
    "literate_share_at_start": 0.02,
    "literacy_growth_rate": 0.1,
    "literacy_ceiling": 0.3,
    # growth
    "output_elasticity": 0.1,
    "knowledge_growth_foreseen": 0.1,
    "capital_growth": 0.12,
    "capital_share": 0.5,
    "reference_employment": 7.5e8,
}
SERIES: dict[str, np.ndarray] = {
    # the economy
    "gdp_real": 3e13 * 1.1**SINCE,
    "price_level": 1.04 ** (SINCE - 5.0),
    "population": np.full(len(YEARS), 1.3e9),
    "employed": 7.5e8 * 1.005**SINCE,
    "manufacturing_share": np.full(len(YEARS), 0.32),
    # finance: spending goes by the plan at first, and for a quarter of it later
    "planned_rd_intensity": 0.013 + 0.001 * SINCE,
    "plan_followed": 1.0 - 0.75 * LATER,
    "fiscal_share": 0.2 + 0.002 * SINCE,
    "st_share_of_fiscal": np.full(len(YEARS), 0.045),
    "rd_content_of_st": np.full(len(YEARS), 0.45),
    "gap_closing": LATER,
    "revenue_to_gdp": 1.4 * 1.03**SINCE,
    "rd_deduction": np.full(len(YEARS), 1.5),
    "effort_surprise": np.zeros(len(YEARS)),
    "other_rd_intensity": np.full(len(YEARS), 0.001),
    "census_done": (SINCE >= 4) * 1.0,
    "gdp_revised": (SINCE >= 8) * 1.0,
    "revision_budgeted": (SINCE >= 9) * 1.0,
    "budgets_ahead": LATER,
    # research and workforce
    "basic_research_share": np.full(len(YEARS), 0.05),
    "applied_research_share": 0.15 - 0.003 * SINCE,
    "graduates": np.full(len(YEARS), 1.2e6),
    # patents and examination
    "filing_incentive": np.ones(len(YEARS)),
    "propensity_surprise": np.zeros(len(YEARS)),
    "cost_surprise": np.zeros(len(YEARS)),
    "counting_break_done": (SINCE >= 5) * 1.0,
    "foreign_applications": np.full(len(YEARS), 9e4),
    "examiner_effort": np.ones(len(YEARS)),
    "capacity_surprise": np.zeros(len(YEARS)),
    # contracts, high-tech, papers, growth, literacy
    "contract_surprise": np.zeros(len(YEARS)),
    "high_tech_surprise": np.zeros(len(YEARS)),
    "paper_surprise": np.zeros(len(YEARS)),
    "citation_surprise": np.zeros(len(YEARS)),
    "literacy_surprise": np.zeros(len(YEARS)),
    "years_since_count": SINCE - 4.0,
    "rival_recut": np.zeros(len(YEARS)),
    "knowledge_return": LATER,
    "innovation_standing": 20.0 - 0.5 * SINCE,
}
WORDS = """
from fiveyear.model.declarations import *
from fiveyear.model.quantities import *
"""


@pytest.fixture(scope="session")
def model() -> Model:
    return load(CHINA)


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    """One draw of the made-up inputs."""
    return Inputs(FIRST, LAST, PARAMETERS, SERIES, (BASE,))


@pytest.fixture(scope="session")
def changed() -> Callable[..., Inputs]:
    """Give inputs with some of them changed; one number for a Series is its value in every year."""
    return extremes.changed


@pytest.fixture(scope="session")
def read() -> Callable[..., list[np.ndarray]]:
    """Give variables as they are read "over the year", "average" or "year end", each (year, draw)."""
    return extremes.read


@pytest.fixture(scope="session")
def watched() -> Callable[..., tuple[np.ndarray, list[np.ndarray]]]:
    """Give the years since the start, (time, 1), and variables at every step of a run, each (time, draw)."""

    def watch(model: Model, inputs: Inputs, *names: str) -> tuple[np.ndarray, list[np.ndarray]]:
        check(model, inputs, names)
        times: list[float] = []
        rows: list[list[np.ndarray]] = [[] for _ in names]

        def note(time: float, values: Mapping[str, np.ndarray]) -> None:
            times.append(time - inputs.first_year)
            for row, name in zip(rows, names, strict=True):
                row.append(np.broadcast_to(values[name], inputs.draws))

        integrate(model.pruned(names), inputs, [], watch=note)
        return np.array(times)[:, None], [np.array(row) for row in rows]

    return watch


@pytest.fixture(scope="session")
def at_start() -> Callable[[Model, Inputs], Mapping[str, np.ndarray]]:
    """Give every variable at the very start of a run."""

    def look(model: Model, inputs: Inputs) -> Mapping[str, np.ndarray]:
        run = Run(model, inputs)
        with np.errstate(divide="ignore"):  # what never comes takes for ever
            return run.values(float(inputs.first_year), run.initial())

    return look


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
        return Inputs(FIRST, LAST, parameters, SERIES, (BASE,))

    return scatter


@pytest.fixture(scope="session")
def by_hand() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Give, by sector and equation, what it is given and what it gives, as worked out by hand."""
    return tomllib.loads((Path(__file__).parent / "by_hand.toml").read_text())


@pytest.fixture(scope="session")
def slips(by_hand: dict[str, dict[str, list[dict[str, Any]]]]) -> Callable[[ModuleType, str], list[str]]:
    """Name each equation of a sector's module that is missing, or gives another number than was worked out by hand."""

    def array(value: float | list[float]) -> Any:
        # A list stands for the members of a group.
        return tuple(np.array([float(v)]) for v in value) if isinstance(value, list) else np.array([float(value)])

    def look(module: ModuleType, sector: str) -> list[str]:
        found = []
        for name, rows in by_hand.get(sector, {}).items():
            function = getattr(module, name, None)
            for row in rows if function else []:
                assert function is not None
                with np.errstate(all="ignore"):
                    given = function(*(array(v) for v in row["given"].values()))
                if not np.allclose(given, row["gives"], rtol=1e-12, atol=1e-12):
                    found.append(name)
            found += [] if function else [name]
        return found

    return look


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
