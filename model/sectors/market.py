"""The technology market: contracts follow R&D spending."""

from ..declarations import Parameter, Series, Stock
from ..observation import Observation, Reading
from ..quantities import MoneyPerYear, Number, exp

reference_rd_spending = Parameter(
    "money/year", low=1e8, high=1e14, about="real R&D expenditure that contracts are quoted at"
)
reference_contracts = Parameter("money/year", low=1e8, high=1e14, about="real value of contracts at that expenditure")
contract_elasticity = Parameter(
    "1", low=0.0, high=3.0, about="rise of the real value of contracts with real R&D expenditure"
)
contract_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of the value of contracts that nobody foresaw"
)

contract_gain = Stock(
    "1",
    inflows=("contract_surprise",),
    low=float("-inf"),
    about="rise of the value of contracts that nobody foresaw, in logarithms",
)


def technology_contracts(
    reference_contracts: MoneyPerYear,
    price_level: Number,
    rd_spending_real: MoneyPerYear,
    reference_rd_spending: MoneyPerYear,
    contract_elasticity: Number,
    contract_gain: Number,
) -> MoneyPerYear:
    """Value of contracts registered on the technology market in a year, in current prices."""
    from_spending = (rd_spending_real / reference_rd_spending) ** contract_elasticity
    return reference_contracts * price_level * from_spending * exp(contract_gain)


contracts_observed = Observation(
    "technology_market_value", readings=(Reading("technology_contracts", "over the year"),)
)
contracts_growth_observed = Observation(
    "technology_market_value_growth",
    readings=(Reading("technology_contracts", "over the year"),),
    printed="growth",
    of="technology_market_value",
)
