"""What the tests of XMILE share: a small model, its scalars and its file."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, assemble
from fiveyear.model.declarations import Chain, Parameter, Series, Stock
from fiveyear.model.indicators import Indicator
from fiveyear.model.observation import Reading
from fiveyear.model.quantities import Persons, PersonsPerYear, PerYear, Share, Years, where
from fiveyear.model.xmile.document import document
from fiveyear.model.xmile.variables import Variable, variables

INPUTS = Inputs(
    2005,
    2008,
    {
        "pupils_at_start": 300.0,
        "people_at_start": 1000.0,
        "growth_before": 0.02,
        "death_rate": 0.01,
        "school_time": 3.0,
    },
    {"births_per_head": np.array([0.02, 0.03, 0.025, 0.02])},
    settled_years=(2006,),
)


def sector() -> ModuleType:
    module = ModuleType("people", "People and pupils.")

    def births(people: Persons, births_per_head: PerYear) -> PersonsPerYear:
        r"""Children born in a year; said "born", & <b>not</b> \\n hatched."""
        return people * births_per_head

    def deaths(people: Persons, death_rate: PerYear) -> PersonsPerYear:
        """Deaths in a year."""
        return people * death_rate

    def time_at_school(people: Persons, people_at_start: Persons, school_time: Years) -> Years:
        """Years at school, longer where people are many."""
        return school_time * (people / people_at_start) ** 0.5

    def crowded(people: Persons, people_at_start: Persons) -> Share:
        """Whether there are more than at the start."""
        return where(people > people_at_start, 1.0, 0.0)

    made = {
        "school_time": Parameter("year", 0.5, 10.0, "years at school at the start"),
        "death_rate": Parameter("1/year", 0.0, 1.0, "deaths a head"),
        "growth_before": Parameter("1/year", 0.0, 1.0, "growth of births before the start"),
        "people_at_start": Parameter("person", 0.0, 1e9, "people at the start"),
        "pupils_at_start": Parameter("person", 0.0, 1e9, "pupils at the start"),
        "births_per_head": Series("1/year", 0.0, 1.0, about="births a head"),
        "people": Stock("person", "people_at_start", ("leavers",), ("deaths",), "people who have left school"),
        "pupils": Chain(
            "person", 2, "births", "leavers", "time_at_school", "pupils_at_start", "growth_before", "pupils"
        ),
    }
    for name, value in {**made, "births": births, "deaths": deaths, "time_at_school": time_at_school}.items():
        module.__dict__[name] = value
    module.__dict__["crowded"] = crowded
    for function in (births, deaths, time_at_school, crowded):
        function.__module__ = "people"
    return module


INDICATORS = {
    "birth_rate": Indicator(
        "Births a head",
        "1/year",
        Reading("births", "over the year"),
        Reading("people", "year end"),
        "Births of a year over people at its end.",
        "all",
    )
}


@pytest.fixture(scope="session")
def inputs_of_people() -> Inputs:
    return INPUTS


@pytest.fixture(scope="session")
def people() -> Model:
    return assemble([sector()])


@pytest.fixture(scope="session")
def scalars(people: Model) -> dict[str, Variable]:
    return variables(people, INPUTS, INDICATORS, "euler")


@pytest.fixture(scope="session")
def file_of() -> Callable[..., bytes]:
    def give(
        scalars: dict[str, Variable],
        name: Callable[[str], str] = lambda n: n,
        title: str = "People",
        step: float = 0.125,
    ) -> bytes:
        return document(
            scalars,
            title=title,
            version="1",
            start=2005.0,
            stop=2009.0,
            step=step,
            method="euler",
            language="en",
            name=name,
            made='{"scenario": "people"}',
        )

    return give
