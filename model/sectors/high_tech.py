"""High-tech industry: its share of manufacturing value added moves toward what knowledge and patents support.

The share supported is a logistic curve below a ceiling: its odds rise with knowledge per unit of output, with
patents in force per head, and with a drift of their own.
"""

from ..declarations import Parameter, Series, Stock
from ..observation import History, Observation, Reading
from ..quantities import (
    Money,
    MoneyPerYear,
    Number,
    Patents,
    PatentsPerPerson,
    Persons,
    PerYear,
    Share,
    Years,
    exp,
)

manufacturing_share = Series("share", low=0.0, high=1.0, about="manufacturing value added over GDP")
high_tech_share_at_start = Parameter(
    "share", low=0.01, high=0.24, about="high-tech share of manufacturing at the start"
)
high_tech_share_ceiling = Parameter("share", low=0.25, high=0.6, about="share that high-tech industry cannot exceed")
high_tech_drift = Parameter(
    "1/year", low=-0.5, high=0.5, about="growth of the odds of the share that nothing else explains"
)
knowledge_effect = Parameter("1", low=-1.0, high=2.0, about="rise of the odds with knowledge per unit of output")
patent_effect = Parameter("1", low=0.0, high=1.0, about="rise of the odds with patents in force per head")
reference_knowledge_intensity = Parameter(
    "year", low=0.001, high=1.0, about="knowledge over real GDP that the odds are quoted at"
)
reference_patent_density = Parameter(
    "patent/person", low=1e-7, high=0.1, about="patents per head that the odds are quoted at"
)
high_tech_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of the odds of the share that nobody foresaw"
)
diffusion_time = Parameter("year", low=0.25, high=10.0, about="time for industry to grow into the share supported")

manufacturing_history = History("manufacturing_share", "share", ("manufacturing_value_added", "gdp"))
manufacturing_observed = Observation("manufacturing_value_added", like=("gdp_real",), total=True)

high_tech_share = Stock(
    "share",
    initial="high_tech_share_at_start",
    inflows=("high_tech_growth",),
    about="high-tech value added over manufacturing value added",
)
high_tech_trend = Stock(
    "1",
    inflows=("high_tech_drift", "high_tech_surprise"),
    low=float("-inf"),
    about="rise of the odds since the start that nothing else explains, in logarithms",
)


def manufacturing_value_added(manufacturing_share: Share, gdp: MoneyPerYear) -> MoneyPerYear:
    """Value added of manufacturing in a year, in current prices."""
    return manufacturing_share * gdp


def knowledge_intensity(knowledge: Money, output_real: MoneyPerYear) -> Years:
    """The stock of knowledge over real GDP."""
    return knowledge / output_real


def patent_density(patents_in_force: Patents, population: Persons) -> PatentsPerPerson:
    """Domestic invention patents in force per head."""
    return patents_in_force / population


def high_tech_odds(
    high_tech_share_at_start: Share,
    high_tech_share_ceiling: Share,
    high_tech_trend: Number,
    knowledge_intensity: Years,
    reference_knowledge_intensity: Years,
    knowledge_effect: Number,
    patent_density: PatentsPerPerson,
    reference_patent_density: PatentsPerPerson,
    patent_effect: Number,
) -> Number:
    """Odds of the share that knowledge and patents support, against what is left to the ceiling (Griliches 1957)."""
    at_start = high_tech_share_at_start / (high_tech_share_ceiling - high_tech_share_at_start)
    from_knowledge = (knowledge_intensity / reference_knowledge_intensity) ** knowledge_effect
    from_patents = (patent_density / reference_patent_density) ** patent_effect
    return at_start * exp(high_tech_trend) * from_knowledge * from_patents


def high_tech_share_supported(high_tech_share_ceiling: Share, high_tech_odds: Number) -> Share:
    """High-tech share of manufacturing that knowledge and patents support."""
    return high_tech_share_ceiling * high_tech_odds / (1.0 + high_tech_odds)


def high_tech_growth(high_tech_share_supported: Share, high_tech_share: Share, diffusion_time: Years) -> PerYear:
    """Change of the share in a year, toward the share supported."""
    return (high_tech_share_supported - high_tech_share) / diffusion_time


def high_tech_value_added(high_tech_share: Share, manufacturing_value_added: MoneyPerYear) -> MoneyPerYear:
    """Value added of high-tech industry in a year, in current prices."""
    return high_tech_share * manufacturing_value_added


high_tech_observed = Observation(
    "high_tech_value_added_share",
    readings=(
        Reading("high_tech_value_added", "over the year"),
        Reading("manufacturing_value_added", "over the year"),
    ),
)
