"""What R&D gives back to growth, and how growth is accounted for (Solow 1957).

The return of knowledge to output is small within five years, and cut in most scenarios. The share of growth put down
to science and technology is what capital and labour leave unexplained: a residual that hangs on the capital share.
"""

from typing import cast

from ..declarations import Parameter, Series, Stock
from ..observation import History
from ..quantities import Money, MoneyPerYear, Number, Persons, PerYear, Rank, Share, exp, maximum

output_elasticity = Parameter("1", low=0.0, high=0.5, about="rise of output with the stock of knowledge")
knowledge_growth_foreseen = Parameter(
    "1/year", low=0.0, high=0.5, about="growth of knowledge that the foreseen output rests on"
)
knowledge_return = Series(
    "share", low=0.0, high=1.0, dated="at year end", about="whether output strays from what was foreseen"
)
capital_growth = Parameter("1/year", low=-0.1, high=0.3, about="growth of the stock of fixed capital")
capital_share = Parameter("share", low=0.2, high=0.8, about="share of capital in output")
reference_employment = Parameter(
    "person", low=1e6, high=1e10, about="employed persons that factor productivity is quoted at"
)
innovation_standing = Series(
    "rank", low=-100.0, high=200.0, dated="at year end", about="place by capability to innovate, as it wanders"
)
innovation_history = History("innovation_standing", "latest", ("innovation_rank",))

output_gain = Stock(
    "1",
    inflows=("output_gained",),
    low=float("-inf"),
    about="output above what was foreseen, in logarithms",
)
capital_gain = Stock(
    "1", inflows=("capital_growth",), low=float("-inf"), about="growth of capital since the start, in logarithms"
)


def knowledge_growth(rd_spending_real: MoneyPerYear, obsolescence: MoneyPerYear, knowledge: Money) -> PerYear:
    """Growth rate of the stock of knowledge."""
    return (rd_spending_real - obsolescence) / knowledge


def output_gained(
    output_elasticity: Number, knowledge_growth: PerYear, knowledge_growth_foreseen: PerYear, knowledge_return: Share
) -> PerYear:
    """Growth of output that comes of more knowledge than was foreseen (Guellec & van Pottelsberghe 2004)."""
    return output_elasticity * (knowledge_growth - knowledge_growth_foreseen) * knowledge_return


def output_index(output_gain: Number) -> Number:
    """Output over what was foreseen."""
    return exp(output_gain)


def output_as_foreseen() -> Number:
    """Output over what was foreseen where knowledge returns nothing: one."""
    return cast(Number, 1.0)


def factor_productivity(
    output_real: MoneyPerYear,
    capital_gain: Number,
    capital_share: Share,
    employed: Persons,
    reference_employment: Persons,
) -> MoneyPerYear:
    """Output that capital and labour, at constant returns, do not account for."""
    labour = (employed / reference_employment) ** (1.0 - capital_share)
    return output_real / (exp(capital_share * capital_gain) * labour)


def rank_by_innovation(innovation_standing: Rank) -> Rank:
    """Place among some 40 countries by capability to innovate; none is better than the first."""
    return maximum(innovation_standing, 1.0)
