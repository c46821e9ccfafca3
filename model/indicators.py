"""What a plan counts: each indicator as one reading of the model over another.

A published figure is a reading (a year's total, a year's average, or a level at year end), or the ratio of two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .errors import UnitError, nearest
from .units import YEAR, Unit
from .wiring import Model

How = Literal["over the year", "average", "year end"]


@dataclass(frozen=True)
class Reading:
    """A variable as statistics count it: its total over the year, its average, or its level at year end."""

    variable: str
    how: How

    def unit(self, of_variable: Unit) -> Unit:
        return of_variable * YEAR if self.how == "over the year" else of_variable


@dataclass(frozen=True)
class Indicator:
    """One indicator: its definition, and how its published figures are to be understood."""

    label: str
    unit: str
    numerator: Reading
    denominator: Reading | None
    about: str
    coverage: str
    trend: Literal["linear", "log"] = "log"  # whether a trend of it is drawn in levels or in logarithms
    nominal: bool = False  # counted in current prices

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The numerator, and the denominator if there is one."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    def unit_of_readings(self, of_variables: Mapping[str, Unit]) -> Unit:
        """Give the unit that the readings have together, before they are put into the indicator's own."""
        unit = self.numerator.unit(of_variables[self.numerator.variable])
        if self.denominator is None:
            return unit
        return unit / self.denominator.unit(of_variables[self.denominator.variable])


INDICATORS: dict[str, Indicator] = {
    "rd_intensity": Indicator(
        label="R&D expenditure / GDP",
        unit="%",
        numerator=Reading("rd_spending", "over the year"),
        denominator=Reading("gdp", "over the year"),
        about="Gross domestic expenditure on R&D over gross domestic product, both in current prices of one vintage.",
        coverage="whole economy",
        trend="linear",
    ),
    "rd_fte_per_10k_employed": Indicator(
        label="R&D personnel per 10,000 employed",
        unit="person/10k person",
        numerator=Reading("researchers", "average"),
        denominator=Reading("employed", "year end"),
        about="Person-years of R&D personnel (full-time equivalents) in a year per 10,000 employed at its end.",
        coverage="whole economy",
    ),
    "invention_patents_per_10k": Indicator(
        label="Invention patents in force per 10,000 people",
        unit="patent/10k person",
        numerator=Reading("mainland_patents_in_force", "year end"),
        denominator=Reading("population", "year end"),
        about="Invention patents in force held by residents of the mainland per 10,000 population, at year end.",
        coverage="residents of the mainland",
    ),
    "applications_per_100_fte": Indicator(
        label="Invention applications per 100 person-years of R&D",
        unit="application/100 person",
        numerator=Reading("applications", "over the year"),
        denominator=Reading("researchers", "average"),
        about="Domestic invention applications filed in a year per 100 person-years of R&D personnel.",
        coverage="domestic applicants",
    ),
    "technology_market_value": Indicator(
        label="Technology market contracts",
        unit="100M yuan",
        numerator=Reading("technology_contracts", "over the year"),
        denominator=None,
        about="Value of contracts registered on the technology market in a year, in current prices.",
        coverage="registered contracts",
        nominal=True,
    ),
    "high_tech_value_added_share": Indicator(
        label="High-tech value added / manufacturing value added",
        unit="%",
        numerator=Reading("high_tech_value_added", "over the year"),
        denominator=Reading("manufacturing_value_added", "over the year"),
        about="High-tech value added over manufacturing value added.",
        coverage="above-scale firms",
        trend="linear",
    ),
}


def check(model: Model) -> list[str]:
    """Give the faults of the indicators: what they read and the model lacks, and units that do not convert."""
    faults = []
    for name, indicator in INDICATORS.items():
        unowned = [r.variable for r in indicator.readings if r.variable not in model.units]
        if unowned:
            faults += [f"indicator {name} reads {n}, which nobody owns{nearest(n, model.units)}" for n in unowned]
            continue
        try:
            indicator.unit_of_readings(model.units).factor_to(Unit.parse(indicator.unit))
        except UnitError as error:
            faults.append(f"indicator {name}: {error}")
    return faults
