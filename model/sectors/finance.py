"""R&D finance along the plan's own path: the share of GDP spent on R&D is the lever."""

from ..declarations import Series
from ..quantities import Number, Share, YuanPerYear

planned_rd_intensity = Series("share", low=0.0, high=0.1, lever=True, about="R&D expenditure over GDP, as planned")


def rd_spending(planned_rd_intensity: Share, gdp: YuanPerYear) -> YuanPerYear:
    """Gross domestic expenditure on R&D in current prices."""
    return planned_rd_intensity * gdp


def rd_spending_real(rd_spending: YuanPerYear, price_level: Number) -> YuanPerYear:
    """Gross domestic expenditure on R&D in prices of the base year."""
    return rd_spending / price_level
