"""Points of a design: what the factors of an experiment take together, in an order that their file alone decides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fiveyear.model import elementary
from fiveyear.model.quantities import Array

from .experiment_table import DesignTable, FactorTable

Point = tuple[Any, ...]  # what each factor takes


def count(design: DesignTable, factors: Sequence[FactorTable]) -> int:
    """Give the number of points without making them.

    >>> count(DesignTable(kind="full factorial"), [FactorTable(values=[1, 2]), FactorTable(values=["a", "b", "c"])])
    6
    """
    return design.points or math.prod(len(factor.values or ()) for factor in factors)


def points(design: DesignTable, factors: Sequence[FactorTable]) -> list[Point]:
    """Give the points of a checked design.

    All combinations come with the last factor changing fastest. A sample is the same for the same seed; of ``sobol``
    the first half of the points is the sample of half as many.

    >>> points(DesignTable(kind="full factorial"), [FactorTable(values=[1, 2]), FactorTable(values=["a", "b"])])
    [(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]
    """
    if design.kind == "full factorial":
        return list(itertools.product(*(factor.values or () for factor in factors)))
    shares = _shares(design, len(factors))
    return list(zip(*(_taken(factor, shares[:, k]) for k, factor in enumerate(factors)), strict=True))


def _shares(design: DesignTable, dimensions: int) -> Array:
    """Give where in its range each factor lies at each point, (point, factor), from 0 up to but not including 1."""
    from scipy.stats import qmc  # its import takes most of a second

    assert design.points is not None
    random = np.random.default_rng(design.seed)
    if design.kind == "sobol":
        shares: Array = qmc.Sobol(dimensions, scramble=True, seed=random).random_base2(design.points.bit_length() - 1)
    else:
        shares = qmc.LatinHypercube(dimensions, seed=random).random(design.points)
    return np.minimum(shares, np.nextafter(1.0, 0.0))  # rounded, the last stratum may end at 1


def _taken(factor: FactorTable, shares: Array) -> list[Any]:
    """Give what a factor takes where it lies at these shares of its range, (point,)."""
    if factor.values is not None:
        return [factor.values[int(place)] for place in np.floor(shares * len(factor.values))]
    assert factor.low is not None and factor.high is not None
    low, high = factor.low, factor.high
    if factor.scale == "log":  # with the same last digit on every machine: `math` does not promise that
        start, end = elementary.log(np.array([low, high], dtype=float))
        numbers = elementary.exp(start + shares * (end - start))
    else:
        numbers = low + shares * (high - low)
    return [float(number) for number in np.clip(numbers, low, high)]
