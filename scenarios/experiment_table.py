"""What may stand in an experiment file: names, types and texts. How it becomes cases is in ``experiment``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from fiveyear.model import Method
from fiveyear.model.steps import DEFAULT_STEP

from .tables import Table, Text

MOST_CASES = 100_000
MOST_ROWS = 10**10  # a case has one a draw
MOST_SCENARIOS = 1000
MOST_FACTORS = 100
SEED = 2011

Kind = Literal["full factorial", "latin hypercube", "sobol"]
Bound = Annotated[float, Field(ge=-1e300, le=1e300)]  # the width of a range is a number, too
Seed = Annotated[int, Field(ge=0, lt=2**63)]


class DesignTable(Table):
    """Which combinations of the factors are run."""

    kind: Kind = Field(description="all combinations of values, or a sample of them")
    points: int | None = Field(None, ge=1, le=MOST_CASES, description="of a sample; for sobol a power of two")
    seed: Seed = Field(SEED, description="of a sample: the same seed gives the same points")


class FactorTable(Table):
    """What one key of the scenarios takes: some values, or all numbers of a range."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["values"]}, {"required": ["low", "high"]}]})

    values: list[Any] | None = Field(
        None, min_length=1, description="what the key takes in turn; in a sample each as often as the others, about"
    )
    low: Bound | None = Field(None, description="where the range starts")
    high: Bound | None = Field(None, description="where the range ends")
    scale: Literal["linear", "log"] = Field("linear", description="in what the numbers of the range are uniform")


class ExperimentTable(Table):
    """An experiment: scenarios, each at every point of a design, with many draws."""

    model_config = ConfigDict(title="fiveyear experiment")

    title: Text = Field(description="a line for tables and figures")
    scenarios: list[Text] = Field(
        min_length=1, max_length=MOST_SCENARIOS, description="shipped names, or paths that start beside this file"
    )
    facts: Text | None = Field(None, description="information set: what had been published when; or the plan's first")
    draws: int = Field(ge=1, le=MOST_ROWS, description="of each case, a scenario at one point of the design")
    seed: Seed = Field(SEED, description="the same seed gives each draw the same random numbers, in every case")
    keep: Literal["draws", "summary"] = Field("draws", description="whether each draw is stored, or only counts")
    outputs: list[Text] | None = Field(
        None, min_length=1, description="indicators, or variables of the model; or all indicators that the plan has"
    )
    method: Method = Field("rk4", description="how the model is integrated")
    step: float = Field(DEFAULT_STEP, ge=1e-4, le=1.0, description="longest step of it, in years")
    design: DesignTable | None = Field(None, description="or all combinations, if every factor has values")
    factors: dict[str, FactorTable] = Field(
        {}, max_length=MOST_FACTORS, description="by key, such as paths.planned_rd_intensity.values.2015"
    )
