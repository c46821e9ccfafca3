"""A check: a function that gives one figure, the threshold that the figure must keep, and where that is from."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fiveyear.model.docstrings import docstring
from fiveyear.model.quantities import Array


class Figure(NamedTuple):
    """One number that a check found, and what it was found at: the variable, loop or fact that stands worst."""

    value: float
    at: str = ""


Measure = Callable[..., Figure | None]


def looked_up(function: Callable[..., Any], subject: Any) -> Any:
    """Call a function that names what it takes of a subject by its parameters, as equations name their variables."""
    return function(*(getattr(subject, n) for n in inspect.signature(function).parameters))


@dataclass(frozen=True)
class Check:
    """A figure and the range, ends included, that it must lie in; NaN lies in none.

    ``measure`` is ``looked_up`` in a subject, and gives None where the plan lacks what it compares.
    """

    measure: Measure
    unit: str
    bounds: tuple[float, float]
    source: str
    means: str  # what to make of it if the figure lies outside
    about: tuple[str, ...] = ()  # variables of the model without which there is nothing to measure

    @property
    def name(self) -> str:
        """What it is called: as the function that measures."""
        return self.measure.__name__

    @property
    def group(self) -> str:
        """The group it belongs to, named for the file that measures."""
        return self.measure.__module__.rpartition(".")[2]

    @property
    def tests(self) -> str:
        """What the figure is, in a sentence."""
        return " ".join(docstring(self.measure).split())

    @property
    def threshold(self) -> str:
        """The range in words.

        >>> Check(print, "1", (3.8, 4.2), "", "").threshold
        '3.8 to 4.2'
        """
        low, high = self.bounds
        if low == high:
            return f"{low:g}"
        if math.isinf(low):
            return f"<= {high:g}"
        return f">= {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"

    def figure(self, subject: Any) -> Figure | None:
        """Measure a subject; None if its plan lacks what the check is about."""
        if self.about and not {*self.about} <= set(subject.model.units):
            return None
        figure: Figure | None = looked_up(self.measure, subject)
        return figure

    def holds(self, figure: Figure) -> bool:
        """Tell whether a figure lies in the range."""
        low, high = self.bounds
        return low <= figure.value <= high


def worst(values: Mapping[str, float | Array]) -> Figure:
    """Give the largest of all that is named, and its name; NaN counts as larger than any number, and so does nothing.

    >>> worst({"a": 1.0, "b": math.nan, "c": 2.0})
    Figure(value=nan, at='b')
    >>> worst({"a": 0.0, "b": 0.0})
    Figure(value=0.0, at='')
    """
    if not values:
        return Figure(math.nan, "nothing to measure")
    largest = {name: float(np.max(value)) for name, value in values.items()}
    name = max(largest, key=lambda n: math.inf if math.isnan(largest[n]) else largest[n])
    return Figure(largest[name], name if largest[name] else "")


def least(values: Mapping[str, float | Array]) -> Figure:
    """Give the smallest of all that is named, and its name; NaN counts as smaller than any number.

    >>> least({"a": 1.0, "b": 3.0})
    Figure(value=1.0, at='a')
    """
    figure = worst({name: -value for name, value in values.items()})
    return Figure(-figure.value, figure.at)


def counted(faults: list[str]) -> Figure:
    """Give how many faults there are, and the first of them."""
    return Figure(float(len(faults)), faults[0] if faults else "")
