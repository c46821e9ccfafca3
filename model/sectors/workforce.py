"""The R&D workforce: what spending pays for, as fast as people can be hired.

The cost of a person-year follows prices and, in part, the productivity of the economy at large (Goolsbee 1998:
much of a rise in R&D spending goes into pay).
"""

from ..declarations import Parameter, Series, Stock
from ..quantities import (
    Number,
    Persons,
    PersonsPerYear,
    PerYear,
    Share,
    Years,
    YuanPerPersonYear,
    YuanPerYear,
    maximum,
    minimum,
)

researchers_at_start = Parameter(
    "person", low=1e4, high=1e7, about="R&D personnel in full-time equivalents at the start"
)
reference_productivity = Parameter(
    "yuan/person/year", low=1e3, high=1e6, about="output per employed that cost is quoted at"
)
reference_cost = Parameter(
    "yuan/person/year",
    low=1e4,
    high=1e7,
    about="cost of a person-year of R&D at reference productivity, base-year prices",
)
cost_elasticity = Parameter("1", low=-1.0, high=2.0, about="rise of the real cost of a person-year with productivity")
hiring_time = Parameter(
    "year", low=0.2, high=3.0, about="time to close a gap between people paid for and people at work"
)
attrition_rate = Parameter("1/year", low=0.0, high=0.3, about="share of the R&D workforce that leaves in a year")
graduate_entry_share = Parameter("share", low=0.02, high=1.0, about="share of a year's graduates that R&D can draw on")
graduates = Series("person/year", low=1e3, high=1e8, about="first degrees in science and engineering")

researchers = Stock(
    "person",
    initial="researchers_at_start",
    inflows=("hiring",),
    outflows=("attrition",),
    about="R&D personnel in full-time equivalents",
)


def cost_per_researcher(
    reference_cost: YuanPerPersonYear,
    price_level: Number,
    productivity: YuanPerPersonYear,
    reference_productivity: YuanPerPersonYear,
    cost_elasticity: Number,
) -> YuanPerPersonYear:
    """Spending on R&D per person-year, pay and equipment together, in current prices."""
    return reference_cost * price_level * (productivity / reference_productivity) ** cost_elasticity


def researchers_affordable(rd_spending: YuanPerYear, cost_per_researcher: YuanPerPersonYear) -> Persons:
    """R&D personnel that the spending pays for."""
    return rd_spending / cost_per_researcher


def hires_wanted(
    researchers_affordable: Persons, researchers: Persons, hiring_time: Years, attrition: PersonsPerYear
) -> PersonsPerYear:
    """Hires that would close the gap in the hiring time and make good those who leave; never below none."""
    return maximum((researchers_affordable - researchers) / hiring_time + attrition, 0.0)


def graduate_supply(graduates: PersonsPerYear, graduate_entry_share: Share) -> PersonsPerYear:
    """People that R&D can hire in a year."""
    return graduates * graduate_entry_share


def hiring(hires_wanted: PersonsPerYear, graduate_supply: PersonsPerYear) -> PersonsPerYear:
    """Hires in a year: what is wanted, up to what is there."""
    return minimum(hires_wanted, graduate_supply)


def attrition(researchers: Persons, attrition_rate: PerYear) -> PersonsPerYear:
    """R&D personnel who leave in a year."""
    return researchers * attrition_rate
