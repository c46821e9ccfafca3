"""The material delay that a Chain stands for: stages in a row, each left at the rate of its content over its time.

Written once for arrays of draws and for symbols alike, so that other engines get the very equations that are run here.
"""

from __future__ import annotations

from typing import TypeVar

from .quantities import Array
from .trace import Term

Quantity = TypeVar("Quantity", Array, Term)


def leaving(content: Quantity, average_time: Quantity, stages: int) -> Quantity:
    """Give what leaves a stage in a year: each holds what enters for its part of the time through the whole chain."""
    rate: Quantity = content * (stages / average_time)
    return rate


def stage_ratio(growth: Quantity, average_time: Quantity, stages: int) -> Quantity:
    """Give what a stage holds of the one before it, where what enters has grown at one rate for ever."""
    ratio: Quantity = 1.0 / (1.0 + growth * average_time / stages)
    return ratio


def stage_weights(ratio: Quantity, stages: int) -> list[Quantity]:
    """Give what the stages hold, in units of the first."""
    return [ratio**i for i in range(stages)]
