"""What the validation measures, for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fiveyear.experiments.console.defaults import PLAN
from fiveyear.experiments.console.progress import counter

from .criteria import CHECKS
from .validate import validate as measured

if TYPE_CHECKING:
    import pandas as pd


def validate(plan: str = PLAN, facts: str | None = None) -> pd.DataFrame:
    """Test structure, extremes, conservation, numerics, behaviour and inference of the model of a plan, in minutes.

    Gives a row for each check, as ``fiveyear validate --json`` does: its figure, threshold and verdict ("holds",
    "FAILS", or "no input" where the plan lacks what it is about). Raises Error if the plan, its facts or its posterior
    cannot be used.
    """
    import pandas as pd

    with counter("checks", len(CHECKS)) as count:
        return pd.DataFrame([result.as_dict() for result in measured(plan, facts, progress=count).results])
