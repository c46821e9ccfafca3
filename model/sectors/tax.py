"""Tax on firms' profit: what R&D costs after it, and what government forgoes where more is deducted than was spent."""

from ..declarations import Parameter, Series
from ..quantities import MoneyPerYear, Number, Share

rd_deduction = Series(
    "share", low=1.0, high=2.5, lever=True, about="what firms may deduct from taxed profit, over their spending on R&D"
)
reference_deduction = Parameter("share", low=1.0, high=2.5, about="deduction that firms' R&D per revenue is quoted at")
profit_tax_rate = Parameter("share", low=0.0, high=0.39, about="tax on the profit of firms, over their profit")
deduction_uptake = Parameter(
    "share", low=0.0, high=1.0, about="firms' R&D for which more than the spending is deducted, over all of it"
)


def user_cost(
    rd_deduction: Share, reference_deduction: Share, profit_tax_rate: Share, deduction_uptake: Share
) -> Number:
    """What R&D costs firms after tax, over what it does at the deduction of reference (Warda 2001)."""
    relief, of_reference = ((1.0 + deduction_uptake * (d - 1.0)) for d in (rd_deduction, reference_deduction))
    return (1.0 - profit_tax_rate * relief) / (1.0 - profit_tax_rate * of_reference)


def tax_forgone(
    enterprise_rd: MoneyPerYear, rd_deduction: Share, profit_tax_rate: Share, deduction_uptake: Share
) -> MoneyPerYear:
    """Tax that government forgoes where firms deduct more than they spend on R&D."""
    return profit_tax_rate * deduction_uptake * (rd_deduction - 1.0) * enterprise_rd
