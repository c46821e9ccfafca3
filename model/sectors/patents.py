"""Invention patents: applied for by researchers, in force, lapsed (Griliches 1990; Hu & Jefferson 2009; Li 2012).

Applications follow effort; how many a researcher files drifts. Patents in force are kept in two classes by age
since filing, since fees rise with age and the old lapse faster.
"""

from ..declarations import Parameter, Series, Stock
from ..observation import Observation, Reading
from ..quantities import (
    ApplicationsPerPersonYear,
    ApplicationsPerYear,
    Money,
    Number,
    Patents,
    PatentsPerYear,
    Persons,
    PerYear,
    PerYearSquared,
    Share,
    Years,
    exp,
)

propensity = Parameter("application/person/year", low=0.001, high=1.0, about="applications a researcher at the start")
research_elasticity = Parameter("1", low=0.0, high=2.0, about="rise of applications with researchers")
knowledge_elasticity = Parameter("1", low=-0.5, high=1.0, about="rise of applications with knowledge")
strategic_filing = Parameter("1", low=0.0, high=1.0, about="rise of applications with patents already in force")
propensity_drift_at_start = Parameter(
    "1/year", low=-1.0, high=1.0, about="growth of applications a researcher at the start"
)
propensity_drift_persistence = Parameter(
    "year", low=0.5, high=50.0, about="time in which growth of applications a researcher fades"
)
filing_incentive = Series(
    "share",
    low=0.0,
    high=5.0,
    lever=True,
    about="growth of applications a researcher, over that with incentives as they are",
)
propensity_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of applications a researcher that nobody foresaw"
)

patents_in_force_at_start = Parameter(
    "patent", low=1e3, high=1e7, about="domestic invention patents in force at the start"
)
mature_share_at_start = Parameter("share", low=0.0, high=1.0, about="share of them over five years from filing")
time_to_maturity = Parameter("year", low=0.5, high=5.0, about="years from grant until five years from filing")
young_lapse_rate = Parameter("1/year", low=0.0, high=0.5, about="lapses of patents up to five years from filing")
mature_lapse_rate = Parameter("1/year", low=0.0, high=0.9, about="lapses of patents over five years from filing")
counting_break = Parameter("share", low=-0.5, high=1.0, about="rise in the count that no flow explains")
counting_break_done = Series(
    "share", low=0.0, high=1.0, dated="at year end", about="whether the count has had that rise"
)
mainland_share = Parameter(
    "share", low=0.0, high=1.0, about="share of domestic patents held by residents of the mainland"
)

propensity_drift = Stock(
    "1/year",
    initial="propensity_drift_at_start",
    outflows=("drift_fading",),
    low=float("-inf"),
    about="foreseeable growth of applications a researcher",
)
propensity_gain = Stock(
    "1",
    inflows=("propensity_growth", "propensity_surprise"),
    low=float("-inf"),
    about="rise of applications a researcher since the start, in logarithms",
)
young_patents = Stock(
    "patent",
    initial="young_patents_at_start",
    inflows=("domestic_grants",),
    outflows=("maturing", "young_lapses"),
    about="domestic invention patents in force, up to five years from filing",
)
mature_patents = Stock(
    "patent",
    initial="mature_patents_at_start",
    inflows=("maturing",),
    outflows=("mature_lapses",),
    about="domestic invention patents in force, over five years from filing",
)


def drift_fading(propensity_drift: PerYear, propensity_drift_persistence: Years) -> PerYearSquared:
    """Loss of the drift in a year: it returns to none."""
    return propensity_drift / propensity_drift_persistence


def propensity_growth(propensity_drift: PerYear, filing_incentive: Share) -> PerYear:
    """Foreseeable growth of applications a researcher with the incentives there are (Li 2012 on subsidies)."""
    return propensity_drift * filing_incentive


def applications(
    propensity: ApplicationsPerPersonYear,
    researchers: Persons,
    researchers_at_start: Persons,
    research_elasticity: Number,
    knowledge: Money,
    knowledge_at_start: Money,
    knowledge_elasticity: Number,
    patents_in_force: Patents,
    patents_in_force_at_start: Patents,
    strategic_filing: Number,
    propensity_gain: Number,
) -> ApplicationsPerYear:
    """Domestic invention applications filed in a year (Griliches 1990)."""
    effort = (researchers / researchers_at_start) ** research_elasticity
    stock_of_ideas = (knowledge / knowledge_at_start) ** knowledge_elasticity
    portfolio = (patents_in_force / patents_in_force_at_start) ** strategic_filing
    return propensity * researchers_at_start * effort * stock_of_ideas * portfolio * exp(propensity_gain)


applications_observed = Observation(
    "invention_applications_domestic",
    like=("propensity", "researchers_at_start"),
    total=True,
    readings=(Reading("applications", "over the year"),),
)
applications_growth_observed = Observation(
    "invention_applications_domestic_growth",
    readings=(Reading("applications", "over the year"),),
    printed="growth",
    of="invention_applications_domestic",
)
applications_per_fte_observed = Observation(
    "applications_per_100_fte",
    readings=(Reading("applications", "over the year"), Reading("researchers_counted", "average")),
)


def young_patents_at_start(patents_in_force_at_start: Patents, mature_share_at_start: Share) -> Patents:
    """Patents up to five years from filing at the start."""
    return patents_in_force_at_start * (1.0 - mature_share_at_start)


def mature_patents_at_start(patents_in_force_at_start: Patents, mature_share_at_start: Share) -> Patents:
    """Patents over five years from filing at the start."""
    return patents_in_force_at_start * mature_share_at_start


def maturing(young_patents: Patents, time_to_maturity: Years) -> PatentsPerYear:
    """Patents that pass five years from filing in a year."""
    return young_patents / time_to_maturity


def young_lapses(young_patents: Patents, young_lapse_rate: PerYear) -> PatentsPerYear:
    """Young patents that lapse in a year."""
    return young_patents * young_lapse_rate


def mature_lapses(mature_patents: Patents, mature_lapse_rate: PerYear) -> PatentsPerYear:
    """Mature patents that lapse in a year."""
    return mature_patents * mature_lapse_rate


def patents_in_force(young_patents: Patents, mature_patents: Patents) -> Patents:
    """Domestic invention patents in force."""
    return young_patents + mature_patents


def mature_share(mature_patents: Patents, patents_in_force: Patents) -> Share:
    """Share of patents in force over five years from filing."""
    return mature_patents / patents_in_force


mature_share_observed = Observation(
    "share_in_force_older_than_5_years",
    like=("mature_share_at_start",),
    readings=(Reading("mature_share", "year end"),),
)


def patents_in_force_counted(patents_in_force: Patents, counting_break: Share, counting_break_done: Share) -> Patents:
    """Domestic invention patents in force as the office counts them, with the rise that no flow explains."""
    return patents_in_force * (1.0 + counting_break * counting_break_done)


patents_in_force_observed = Observation(
    "invention_patents_in_force",
    like=("patents_in_force_at_start",),
    readings=(Reading("patents_in_force_counted", "year end"),),
)


def mainland_patents_in_force(patents_in_force_counted: Patents, mainland_share: Share) -> Patents:
    """Invention patents in force held by residents of the mainland, as the office counts them."""
    return patents_in_force_counted * mainland_share
