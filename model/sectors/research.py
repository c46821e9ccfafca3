"""R&D expenditure by type of research, in prices of the base year: basic, applied, experimental development."""

from ..declarations import Series
from ..observation import History, Observation
from ..quantities import MoneyPerYear, Number, Share

basic_research_share = Series("share", low=0.0, high=0.5, lever=True, about="basic research in R&D expenditure")
applied_research_share = Series("share", low=0.0, high=0.5, lever=True, about="applied research in R&D expenditure")

basic_history = History("basic_research_share", "share", ("rd_expenditure_basic", "rd_expenditure"))
applied_history = History("applied_research_share", "share", ("rd_expenditure_applied", "rd_expenditure"))
basic_observed = Observation("rd_expenditure_basic", like=("rd_spending_at_start",), total=True)
applied_observed = Observation("rd_expenditure_applied", like=("rd_spending_at_start",), total=True)


def basic_research(rd_counted: MoneyPerYear, price_level: Number, basic_research_share: Share) -> MoneyPerYear:
    """Real expenditure on basic research."""
    return rd_counted / price_level * basic_research_share


def applied_research(rd_counted: MoneyPerYear, price_level: Number, applied_research_share: Share) -> MoneyPerYear:
    """Real expenditure on applied research."""
    return rd_counted / price_level * applied_research_share


def experimental_development(
    rd_counted: MoneyPerYear, price_level: Number, basic_research: MoneyPerYear, applied_research: MoneyPerYear
) -> MoneyPerYear:
    """Real expenditure on experimental development."""
    return rd_counted / price_level - basic_research - applied_research
