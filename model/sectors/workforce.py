"""The R&D workforce: what spending pays for, as fast as people can be hired.

The cost of a person-year follows prices and, in part, the productivity of the economy at large (Goolsbee 1998:
much of a rise in R&D spending goes into pay). Posts meet candidates as in the matching function of den Haan, Ramey &
Watson (2000): hires fall short of both, the more so the closer the two are.
"""

from ..declarations import Parameter, Series, Stock
from ..observation import History, Observation, Reading
from ..quantities import (
    MoneyPerPersonYear,
    MoneyPerYear,
    Number,
    Persons,
    PersonsPerYear,
    PerYear,
    Share,
    Years,
    exp,
    maximum,
    minimum,
)

researchers_at_start = Parameter(
    "person", low=1e4, high=1e7, about="R&D personnel in full-time equivalents at the start"
)
reference_productivity = Parameter(
    "money/person/year", low=1e3, high=1e6, about="output per employed that cost is quoted at"
)
reference_cost = Parameter(
    "money/person/year",
    low=1e4,
    high=1e7,
    about="cost of a person-year of R&D at reference productivity, base-year prices",
)
cost_elasticity = Parameter("1", low=-1.0, high=2.0, about="rise of the real cost of a person-year with productivity")
cost_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of the cost of a person-year that nobody foresaw"
)
scarcity_elasticity = Parameter(
    "1", low=0.0, high=2.0, about="rise of the cost of a person-year with people wanted over people at work"
)
hiring_time = Parameter(
    "year", low=0.2, high=3.0, about="time to close a gap between people paid for and people at work"
)
attrition_rate = Parameter("1/year", low=0.0, high=0.3, about="share of the R&D workforce that leaves in a year")
graduate_entry_share = Parameter(
    "share", low=0.02, high=3.0, about="candidates for R&D over a year's first degrees in science and engineering"
)
graduates = Series("person/year", low=1e3, high=1e8, about="first degrees in science and engineering")
candidates_at_start = Parameter("person", low=1e3, high=1e8, about="graduates open to a post in R&D at the start")
candidate_time = Parameter("year", low=0.25, high=20.0, about="years for which a graduate stays open to a post in R&D")
search_time = Parameter("year", low=0.1, high=2.0, about="time in which all candidates could be placed")

graduates_history = History("graduates", "level", ("se_first_degrees",))
graduates_observed = Observation("se_first_degrees", like=("graduates",), total=True)

cost_gain = Stock(
    "1",
    inflows=("cost_surprise",),
    low=float("-inf"),
    about="rise of the cost of a person-year that nobody foresaw, in logarithms",
)
researchers = Stock(
    "person",
    initial="researchers_at_start",
    inflows=("hiring",),
    outflows=("attrition",),
    about="R&D personnel in full-time equivalents",
)
candidates = Stock(
    "person",
    initial="candidates_at_start",
    inflows=("candidates_entering",),
    outflows=("hiring", "candidates_leaving"),
    about="graduates open to a post in R&D",
)


def cost_per_researcher(
    reference_cost: MoneyPerPersonYear,
    price_level: Number,
    productivity: MoneyPerPersonYear,
    reference_productivity: MoneyPerPersonYear,
    cost_elasticity: Number,
    cost_gain: Number,
) -> MoneyPerPersonYear:
    """Spending on R&D per person-year, pay and equipment together, in current prices."""
    foreseen = reference_cost * price_level * (productivity / reference_productivity) ** cost_elasticity
    return foreseen * exp(cost_gain)


def researchers_affordable(
    rd_spending: MoneyPerYear,
    cost_per_researcher: MoneyPerPersonYear,
    researchers: Persons,
    scarcity_elasticity: Number,
) -> Persons:
    """R&D personnel that the spending pays for, at the cost that wanting so many brings about (Goolsbee 1998)."""
    # With cost * (wanted / researchers)^x, the people wanted solve wanted * cost * (wanted / researchers)^x = spending.
    at_present_cost = rd_spending / (cost_per_researcher * researchers)
    return researchers * at_present_cost ** (1.0 / (1.0 + scarcity_elasticity))


def hires_wanted(
    researchers_affordable: Persons, researchers: Persons, hiring_time: Years, attrition: PersonsPerYear
) -> PersonsPerYear:
    """Hires that would close the gap in the hiring time and make good those who leave; never below none."""
    needed = (researchers_affordable - researchers) / hiring_time + attrition
    # Toward none it fades, within a hundredth of those at work: at a kink the integration would lose its order.
    margin = 0.01 * researchers / hiring_time
    fading = minimum(maximum((needed + margin) / (2.0 * margin), 0.0), 1.0)
    return margin * fading**2.0 + maximum(needed - margin, 0.0)


def candidates_entering(graduates: PersonsPerYear, graduate_entry_share: Share) -> PersonsPerYear:
    """Graduates of a year who are open to a post in R&D."""
    return graduates * graduate_entry_share


def candidates_leaving(candidates: Persons, candidate_time: Years) -> PersonsPerYear:
    """Candidates who turn elsewhere in a year."""
    return candidates / candidate_time


def graduate_supply(candidates: Persons, search_time: Years) -> PersonsPerYear:
    """People that R&D can hire in a year."""
    return candidates / search_time


def hiring(hires_wanted: PersonsPerYear, graduate_supply: PersonsPerYear) -> PersonsPerYear:
    """Hires in a year: what is wanted as far as it finds what is there (den Haan, Ramey & Watson 2000)."""
    return hires_wanted / (1.0 + (hires_wanted / graduate_supply) ** 2.0) ** 0.5


def attrition(researchers: Persons, attrition_rate: PerYear) -> PersonsPerYear:
    """R&D personnel who leave in a year."""
    return researchers * attrition_rate


def researchers_counted(researchers: Persons, statistical_coverage: Share) -> Persons:
    """R&D personnel in full-time equivalents, as statistics count them."""
    return researchers * statistical_coverage


researchers_observed = Observation(
    "rd_fte", like=("researchers_at_start",), readings=(Reading("researchers_counted", "average"),)
)
researchers_growth_observed = Observation(
    "rd_fte_growth", readings=(Reading("researchers_counted", "average"),), printed="growth", of="rd_fte"
)
