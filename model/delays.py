"""The material delay that a Chain stands for: stages in a row, each left at the rate of its content over its time.

Written once for arrays of draws and for symbols alike, so that other engines get the very equations that are run here.
"""

from __future__ import annotations

from .quantities import Array


def leaving(content: Array, average_time: Array, stages: int) -> Array:
    """Give what leaves a stage in a year: each holds what enters for its part of the time through the whole chain."""
    return content * (stages / average_time)


def stage_ratio(growth: Array, average_time: Array, stages: int) -> Array:
    """Give what a stage holds of the one before it, where what enters has grown at one rate for ever."""
    return 1.0 / (1.0 + growth * average_time / stages)


def stage_weights(ratio: Array, stages: int) -> list[Array]:
    """Give what the stages hold, in units of the first."""
    return [ratio**i for i in range(stages)]
