"""Scientific literacy: a logistic curve. R&D policy has no credible lever on it within five years."""

from ..declarations import Parameter, Series, Stock
from ..observation import Observation, Reading
from ..quantities import PerYear, Share

literate_share_at_start = Parameter("share", low=0.001, high=0.2, about="share of adults who are literate at the start")
literacy_growth_rate = Parameter("1/year", low=-0.2, high=0.5, about="growth of the literate share while it is small")
literacy_ceiling = Parameter("share", low=0.15, high=1.0, about="share that literacy cannot exceed")
literacy_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of a small literate share that nobody foresaw"
)

literate_share = Stock(
    "share",
    initial="literate_share_at_start",
    inflows=("literacy_growth", "literacy_unforeseen"),
    about="share of adults who are literate in science",
)
literacy_observed = Observation("civic_scientific_literacy", readings=(Reading("literate_share", "average"),))


def literacy_left(literate_share: Share, literacy_ceiling: Share) -> Share:
    """Share of the way to the ceiling that is left."""
    return 1.0 - literate_share / literacy_ceiling


def literacy_growth(literate_share: Share, literacy_growth_rate: PerYear, literacy_left: Share) -> PerYear:
    """Rise of the literate share in a year, slower toward the ceiling (Griliches 1957)."""
    return literate_share * literacy_growth_rate * literacy_left


def literacy_unforeseen(literate_share: Share, literacy_surprise: PerYear, literacy_left: Share) -> PerYear:
    """Change of the literate share in a year that nobody foresaw, smaller toward the ceiling."""
    return literate_share * literacy_surprise * literacy_left
