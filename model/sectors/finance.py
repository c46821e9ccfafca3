"""R&D finance: who pays, and how much of GDP it comes to.

Either spending follows the plan's own path (loop FINANCE cut), or it is what government, firms and others decide:
government gives a share of its budget, firms a share of their revenue that moves slowly to what they find worth
while after tax. Statistics missed some of firms' R&D before the census; what they miss is spent all the same.
"""

from ..declarations import Parameter, Series, Stock
from ..observation import History, Observation, Reading
from ..quantities import MoneyPerYear, Number, PerYear, Share, Years, exp, maximum

planned_rd_intensity = Series("share", low=0.0, high=0.1, lever=True, about="R&D expenditure over GDP, as planned")
plan_followed = Series(
    "share", low=0.0, high=1.0, dated="at year end", about="weight of the plan, against what those who pay decide"
)
fiscal_share = Series("share", low=0.0, high=1.0, about="government expenditure over GDP")
st_share_of_fiscal = Series(
    "share", low=0.0, high=0.3, lever=True, about="science and technology in government expenditure"
)
rd_content_of_st = Series(
    "share",
    low=0.0,
    high=1.0,
    lever=True,
    about="government R&D funds over its appropriations to science and technology",
)
gap_closing = Series(
    "share", low=0.0, high=1.0, dated="at year end", lever=True, about="whether government closes the gap to the plan"
)
gap_closing_rate = Parameter("1/year", low=0.0, high=2.0, about="share of the gap that government closes in a year")
revenue_to_gdp = Series("1", low=0.05, high=5.0, about="revenue of industrial firms over GDP")
effort_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of firms' R&D per revenue that nobody foresaw"
)
other_rd_intensity = Series("share", low=0.0, high=0.02, about="R&D funds from abroad and from elsewhere over GDP")
enterprise_effort_at_start = Parameter("share", low=0.001, high=0.05, about="firms' R&D per revenue at the start")
effort_trend = Parameter("1/year", low=-0.2, high=0.2, about="growth of the R&D per revenue that firms aim at")
effort_adjustment_time = Parameter(
    "year", low=0.5, high=20.0, about="time in which firms move to the R&D per revenue aimed at"
)
user_cost_elasticity = Parameter(
    "1", low=0.0, high=5.0, about="fall of the R&D per revenue that firms aim at with its user cost"
)
crowding = Parameter(
    "1", low=-1.0, high=1.0, about="rise of firms' R&D per revenue with government's over GDP; below 0 it crowds out"
)
high_tech_pull = Parameter("1", low=-1.0, high=2.0, about="rise of firms' R&D per revenue with the high-tech share")
reference_government_intensity = Parameter(
    "share", low=1e-4, high=0.05, about="government R&D funds over GDP at which they neither crowd in nor out"
)
census_done = Series("share", low=-0.5, high=1.5, about="whether the census of R&D has been taken")
census_splice = Parameter(
    "1", low=0.8, high=1.5, about="firms' R&D as counted from the census on, over the count before"
)
enterprise_share_of_rd = Parameter(
    "share", low=0.1, high=1.0, about="share of R&D that firms pay for, for what the census found"
)
revision_budgeted = Series(
    "share", low=0.0, high=1.0, dated="at year end", about="whether budgets reckon with GDP as revised"
)

planned_history = History("planned_rd_intensity", "ratio", ("rd_expenditure", "gdp"))
fiscal_history = History("fiscal_share", "share", ("fiscal_expenditure", "gdp"))
st_history = History("st_share_of_fiscal", "share", ("fiscal_st_appropriation", "fiscal_expenditure"))
rd_content_history = History("rd_content_of_st", "share", ("rd_funds_government", "fiscal_st_appropriation"))
revenue_history = History("revenue_to_gdp", "share", ("industrial_revenue", "gdp"))
other_history = History(
    "other_rd_intensity", "rest", ("rd_expenditure", "rd_funds_government", "rd_funds_enterprise", "gdp")
)
fiscal_observed = Observation("fiscal_expenditure", like=("gdp_real",), total=True)
st_observed = Observation("fiscal_st_appropriation", like=("rd_spending_at_start",), total=True)
government_observed = Observation("rd_funds_government", like=("rd_spending_at_start",), total=True)
enterprise_observed = Observation("rd_funds_enterprise", like=("rd_spending_at_start",), total=True)
revenue_observed = Observation("industrial_revenue", like=("gdp_real",), total=True)

enterprise_effort = Stock(
    "share",
    initial="enterprise_effort_at_start",
    inflows=("effort_adjustment", "effort_unforeseen"),
    about="firms' R&D over their revenue",
)
effort_gain = Stock(
    "1",
    inflows=("effort_trend", "effort_surprise"),
    low=float("-inf"),
    about="rise of the R&D per revenue that firms aim at, in logarithms",
)
government_top_up = Stock(
    "share",
    inflows=("gap_closed",),
    low=float("-inf"),
    about="government R&D funds over GDP beyond its usual share, to close the gap",
)


def government_intensity(
    fiscal_share: Share, st_share_of_fiscal: Share, rd_content_of_st: Share, government_top_up: Share
) -> Share:
    """Government R&D funds over GDP."""
    return fiscal_share * st_share_of_fiscal * rd_content_of_st + government_top_up


def government_rd(government_intensity: Share, gdp_budgeted: MoneyPerYear) -> MoneyPerYear:
    """R&D that government pays for, from budgets drawn up before the year."""
    return government_intensity * gdp_budgeted


def other_rd(other_rd_intensity: Share, gdp: MoneyPerYear) -> MoneyPerYear:
    """R&D paid from abroad and from elsewhere."""
    return other_rd_intensity * gdp


def revenue(revenue_to_gdp: Number, gdp: MoneyPerYear) -> MoneyPerYear:
    """Revenue of industrial firms above scale."""
    return revenue_to_gdp * gdp


def gdp_budgeted(gdp: MoneyPerYear, gdp_foreseen: MoneyPerYear, budgets_ahead: Share) -> MoneyPerYear:
    """Gross domestic product in current prices that spending of the year goes by."""
    return (1.0 - budgets_ahead) * gdp + budgets_ahead * gdp_foreseen


def effort_aimed_at(
    enterprise_effort_at_start: Share,
    effort_gain: Number,
    user_cost: Number,
    user_cost_elasticity: Number,
    government_intensity: Share,
    reference_government_intensity: Share,
    crowding: Number,
    high_tech_share: Share,
    high_tech_share_at_start: Share,
    high_tech_pull: Number,
) -> Share:
    """R&D per revenue that firms find worth while (David, Hall & Toole 2000; Hall & Van Reenen 2000 on tax)."""
    from_tax = user_cost**-user_cost_elasticity
    from_government = (government_intensity / reference_government_intensity) ** crowding
    from_sales = (high_tech_share / high_tech_share_at_start) ** high_tech_pull
    return enterprise_effort_at_start * exp(effort_gain) * from_tax * from_government * from_sales


def effort_adjustment(effort_aimed_at: Share, enterprise_effort: Share, effort_adjustment_time: Years) -> PerYear:
    """Change of firms' R&D per revenue in a year, toward what they aim at."""
    return (effort_aimed_at - enterprise_effort) / effort_adjustment_time


def effort_unforeseen(enterprise_effort: Share, effort_surprise: PerYear) -> PerYear:
    """Change of firms' R&D per revenue in a year that nothing else explains."""
    return enterprise_effort * effort_surprise


def census_coverage(census_splice: Number, census_done: Share) -> Share:
    """Share of firms' R&D that statistics count."""
    return census_splice ** (census_done - 1.0)


def rd_decided(
    government_rd: MoneyPerYear,
    enterprise_effort: Share,
    census_coverage: Share,
    revenue: MoneyPerYear,
    other_rd: MoneyPerYear,
) -> MoneyPerYear:
    """R&D expenditure that government, firms and others decide on, as counted."""
    return government_rd + enterprise_effort * census_coverage * revenue + other_rd


rd_observed = Observation(
    "rd_expenditure",
    like=("rd_spending_at_start",),
    total=True,
    readings=(Reading("rd_decided", "over the year"),),
)


def gdp_in_view(gdp_budgeted: MoneyPerYear, gdp_revision: Share, revision_budgeted: Share) -> MoneyPerYear:
    """GDP in current prices that goals over it are held against: by a census, once budgets have learned of it."""
    return gdp_budgeted * (1.0 + gdp_revision * revision_budgeted)


def intensity_decided(rd_decided: MoneyPerYear, gdp_in_view: MoneyPerYear) -> Share:
    """R&D expenditure over GDP that those who pay decide on, as it looks when they do."""
    return rd_decided / gdp_in_view


def gap_closed(
    gap_closing_rate: PerYear, gap_closing: Share, planned_rd_intensity: Share, intensity_decided: Share
) -> PerYear:
    """Funds over GDP that government adds in a year where spending is short of the plan; beyond it, none."""
    return gap_closing_rate * gap_closing * maximum(planned_rd_intensity - intensity_decided, 0.0)


def rd_planned(planned_rd_intensity: Share, gdp_in_view: MoneyPerYear) -> MoneyPerYear:
    """R&D expenditure that the plan's path asks for."""
    return planned_rd_intensity * gdp_in_view


def rd_counted(plan_followed: Share, rd_planned: MoneyPerYear, rd_decided: MoneyPerYear) -> MoneyPerYear:
    """Gross domestic expenditure on R&D in current prices, as counted."""
    return plan_followed * rd_planned + (1.0 - plan_followed) * rd_decided


rd_multiple_observed = Observation(
    "rd_expenditure_multiple",
    readings=(Reading("rd_counted", "over the year"),),
    printed="multiple",
    of="rd_expenditure",
)


def enterprise_rd(rd_counted: MoneyPerYear, government_rd: MoneyPerYear, other_rd: MoneyPerYear) -> MoneyPerYear:
    """R&D that firms pay for, as counted."""
    return rd_counted - government_rd - other_rd


def enterprise_rd_per_revenue(enterprise_rd: MoneyPerYear, revenue: MoneyPerYear) -> Share:
    """R&D that firms pay for over their revenue, as counted."""
    return enterprise_rd / revenue


def statistical_coverage(enterprise_share_of_rd: Share, census_coverage: Share) -> Share:
    """Share of all R&D, money and people, that statistics count."""
    return 1.0 - enterprise_share_of_rd * (1.0 - census_coverage)


def rd_spending(rd_counted: MoneyPerYear, statistical_coverage: Share) -> MoneyPerYear:
    """Gross domestic expenditure on R&D in current prices, with what statistics miss."""
    return rd_counted / statistical_coverage


def rd_spending_real(rd_spending: MoneyPerYear, price_level: Number) -> MoneyPerYear:
    """Gross domestic expenditure on R&D in prices of the base year."""
    return rd_spending / price_level
