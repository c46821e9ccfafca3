"""How statistics see what the model computes, declared beside it: names of series of facts, never their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from .declarations import Each
from .units import YEAR, Unit

How = Literal["over the year", "average", "year end"]


class Reading(NamedTuple):
    """A variable as statistics count it: its total over the year, its average, or its level at year end."""

    variable: str
    how: How

    def unit(self, of_variable: Unit) -> Unit:
        return of_variable * YEAR if self.how == "over the year" else of_variable


@dataclass(frozen=True)
class Ratio:
    """An indicator's figures in the facts: one series over another, or a series alone; ``share`` of it is counted."""

    numerator: str
    denominator: str = ""
    share: str = ""


@dataclass(frozen=True)
class Observation:
    """A series of facts: what its figures are like, and what of the model they are compared with in a fit.

    Attributes
    ----------
    series : its name in a table of facts
    like : the inputs whose product has its dimension and range, divided by those of ``over``; of a flow, its ``total``
        over a year. Without them it is the indicator of its name, or growth, or a multiple.
    readings : what it is compared with, one reading or the ratio of two; none if a fit does not compare it
    printed : whether it is the growth a year, or the multiple, of the series ``of`` over five years, or a ratio that
        follows from it; such a figure says nothing where that series is there
    """

    series: str
    like: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    total: bool = False
    readings: tuple[Reading, ...] = ()
    printed: Literal["", "growth", "multiple", "ratio"] = ""
    of: str = ""
    each: Each = ()


@dataclass(frozen=True)
class History:
    """The series of facts of which the past of a given Series is made.

    ``how``: the ``level`` of one; the ``share`` of one in another, which stays where a figure is missing; the ``ratio``
    of two, each carried on; the ``difference`` of two; the ``rest`` of one after two others, over a fourth; the
    ``volume`` or the ``deflator`` of one, by the real growth that the other gives; the ``latest`` figure, in all years;
    ``nil``, as long as there are such facts.
    """

    series: str
    how: Literal["level", "share", "ratio", "difference", "rest", "volume", "deflator", "latest", "nil"]
    facts: tuple[str, ...]
