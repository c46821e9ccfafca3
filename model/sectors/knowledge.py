"""The stock of knowledge: real R&D by perpetual inventory (Hall, Mairesse & Mohnen 2010)."""

from ..declarations import Parameter, Stock
from ..quantities import Money, MoneyPerYear, PerYear

obsolescence_rate = Parameter("1/year", low=0.0, high=0.5, about="share of knowledge that loses its worth in a year")
rd_spending_at_start = Parameter("money/year", low=1e8, high=1e14, about="real R&D expenditure at the start")
rd_growth_before_start = Parameter("1/year", low=0.0, high=0.5, about="growth of real R&D expenditure before the start")

knowledge = Stock(
    "money",
    initial="knowledge_at_start",
    inflows=("rd_spending_real",),
    outflows=("obsolescence",),
    about="stock of knowledge in prices of the base year",
)


def knowledge_at_start(
    rd_spending_at_start: MoneyPerYear, rd_growth_before_start: PerYear, obsolescence_rate: PerYear
) -> Money:
    """The stock that steady growth of R&D before the start had left."""
    return rd_spending_at_start / (rd_growth_before_start + obsolescence_rate)


def obsolescence(knowledge: Money, obsolescence_rate: PerYear) -> MoneyPerYear:
    """Knowledge that loses its worth in a year."""
    return knowledge * obsolescence_rate
