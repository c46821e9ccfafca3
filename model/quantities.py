"""The words equations are written in: quantities with a unit, and the functions an equation may call.

An annotation such as ``researchers: Persons`` states the unit; the model compares it with what the
owner of ``researchers`` states. The functions work on arrays of draws and on symbols alike.
"""

from __future__ import annotations

from typing import Annotated, cast

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Condition = npt.NDArray[np.bool_]

Share = Annotated[Array, "share"]
Number = Annotated[Array, "1"]
Years = Annotated[Array, "year"]
PerYear = Annotated[Array, "1/year"]
PerYearSquared = Annotated[Array, "1/year^2"]
Persons = Annotated[Array, "person"]
PersonsPerYear = Annotated[Array, "person/year"]
Money = Annotated[Array, "money"]
MoneyPerYear = Annotated[Array, "money/year"]
MoneyPerYearSquared = Annotated[Array, "money/year^2"]
MoneyPerPersonYear = Annotated[Array, "money/person/year"]
Applications = Annotated[Array, "application"]
ApplicationsPerYear = Annotated[Array, "application/year"]
ApplicationsPerYearSquared = Annotated[Array, "application/year^2"]
ApplicationsPerPersonYear = Annotated[Array, "application/person/year"]
Patents = Annotated[Array, "patent"]
PatentsPerYear = Annotated[Array, "patent/year"]
PatentsPerApplication = Annotated[Array, "patent/application"]
PatentsPerPerson = Annotated[Array, "patent/person"]
Papers = Annotated[Array, "paper"]
PapersPerYear = Annotated[Array, "paper/year"]
Citations = Annotated[Array, "citation"]
CitationsPerYear = Annotated[Array, "citation/year"]
Rank = Annotated[Array, "rank"]


def exp(x: Array) -> Array:
    """Give e to the power of a number without a unit."""
    return cast(Array, np.exp(x))


def log(x: Array) -> Array:
    """Give the natural logarithm of a positive number without a unit."""
    return cast(Array, np.log(x))


def minimum(a: Array, b: Array | float) -> Array:
    """Give the smaller of two quantities of one unit."""
    return cast(Array, np.minimum(a, b))


def maximum(a: Array, b: Array | float) -> Array:
    """Give the larger of two quantities of one unit."""
    return cast(Array, np.maximum(a, b))


def where(condition: Condition, yes: Array | float, no: Array | float) -> Array:
    """Choose between two quantities of one unit, draw by draw."""
    return cast(Array, np.where(condition, yes, no))
