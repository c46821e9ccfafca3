"""What a table is made of: its form, and what a store says of one indicator in one year over the draws of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)  # of the quantiles, unless a user asks for others


class Form(StrEnum):
    """What a table holds: chances of targets, which are met together, quantiles by year, draws, or the form of IAMC."""

    TARGETS = "targets"
    TOGETHER = "together"
    QUANTILES = "quantiles"
    DRAWS = "draws"
    IAMC = "iamc"


@dataclass(frozen=True)
class Statistic:
    """The draws of one case for one indicator and year, in short; mean and quantiles are in ``unit``.

    ``factors`` holds the JSON values by key; ``not_finite`` counts the draws that mean and quantiles leave out. Where
    none is left, or where the store has no mean, ``mean`` is None; a quantile that is not known is NaN or absent.
    """

    scenario: str
    factors: Mapping[str, object]
    case: int
    indicator: str
    label: str
    unit: str
    year: int
    draws: int
    not_finite: int
    mean: float | None
    quantiles: Mapping[float, float]
