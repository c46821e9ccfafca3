"""Examination: one queue for all applications, domestic and foreign, worked off by examiners.

Capacity follows the backlog with a delay. A decision comes on average backlog / capacity years after filing
(Little 1961), spread by a third-order delay; a fixed share of decisions is a grant.
"""

from ..declarations import Chain, Parameter, Series, Stock
from ..observation import History, Observation, Reading
from ..quantities import (
    Applications,
    ApplicationsPerPersonYear,
    ApplicationsPerYear,
    ApplicationsPerYearSquared,
    Array,
    PatentsPerApplication,
    PatentsPerYear,
    Persons,
    PerYear,
    Share,
    Years,
)

STAGES = 3

foreign_applications = Series("application/year", low=0.0, high=1e7, about="invention applications from abroad")
examiner_effort = Series(
    "share", low=0.0, high=5.0, lever=True, about="examiners at work over those the backlog calls for"
)
capacity_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of examination capacity that nobody foresaw"
)
foreign_applications_at_start = Parameter(
    "application/year", low=0.0, high=1e7, about="applications from abroad at the start"
)
filing_growth_before_start = Parameter("1/year", low=0.01, high=1.0, about="growth of filings before the start")
examination_time_at_start = Parameter("year", low=0.5, high=10.0, about="filing to decision at the start")
examination_time_aimed_at = Parameter(
    "year", low=0.5, high=10.0, about="filing to decision that capacity is planned for"
)
minimum_examination_time = Parameter("year", low=0.5, high=3.0, about="filing to decision with no queue at all")
capacity_adjustment_time = Parameter("year", low=0.5, high=20.0, about="time to recruit and train examiners")
domestic_grant_share = Parameter(
    "patent/application", low=0.05, high=1.0, about="grants among decisions on domestic applications"
)

foreign_history = History(
    "foreign_applications", "difference", ("invention_applications_total", "invention_applications_domestic")
)
all_applications_observed = Observation(
    "invention_applications_total", like=("propensity", "researchers_at_start"), total=True
)

examination_capacity = Stock(
    "application/year",
    initial="examination_capacity_at_start",
    inflows=("capacity_growth", "capacity_growth_unforeseen"),
    about="decisions that examiners can take in a year",
)
domestic_under_examination = Chain(
    "application",
    stages=STAGES,
    inflow="applications",
    outflow="domestic_decisions",
    time="examination_time",
    initial="domestic_backlog_at_start",
    growth="filing_growth_before_start",
    about="domestic applications waiting for a decision",
)
foreign_under_examination = Chain(
    "application",
    stages=STAGES,
    inflow="foreign_applications",
    outflow="foreign_decisions",
    time="examination_time",
    initial="foreign_backlog_at_start",
    growth="filing_growth_before_start",
    about="foreign applications waiting for a decision",
)


def _waiting(filings: Array, growth: Array, time: Array) -> Array:
    # What a delay of STAGES stages holds, in total, after filings have grown at one rate for ever.
    return filings * (1.0 - (1.0 + growth * time / STAGES) ** -STAGES) / growth


def domestic_backlog_at_start(
    propensity: ApplicationsPerPersonYear,
    researchers_at_start: Persons,
    filing_growth_before_start: PerYear,
    examination_time_at_start: Years,
) -> Applications:
    """Domestic applications waiting at the start, had filings grown steadily."""
    return _waiting(propensity * researchers_at_start, filing_growth_before_start, examination_time_at_start)


def foreign_backlog_at_start(
    foreign_applications_at_start: ApplicationsPerYear,
    filing_growth_before_start: PerYear,
    examination_time_at_start: Years,
) -> Applications:
    """Foreign applications waiting at the start, had filings grown steadily."""
    return _waiting(foreign_applications_at_start, filing_growth_before_start, examination_time_at_start)


def backlog_at_start(domestic_backlog_at_start: Applications, foreign_backlog_at_start: Applications) -> Applications:
    """All applications waiting at the start."""
    return domestic_backlog_at_start + foreign_backlog_at_start


def examination_capacity_at_start(
    backlog_at_start: Applications, examination_time_at_start: Years
) -> ApplicationsPerYear:
    """Decisions a year that the time to a decision at the start implies."""
    return backlog_at_start / examination_time_at_start


def backlog(domestic_under_examination: Applications, foreign_under_examination: Applications) -> Applications:
    """All applications waiting for a decision."""
    return domestic_under_examination + foreign_under_examination


def examination_time(
    backlog: Applications,
    examination_capacity: ApplicationsPerYear,
    examiner_effort: Share,
    minimum_examination_time: Years,
) -> Years:
    """Filing to decision: the backlog over what examiners decide in a year (Little 1961), with a smooth floor."""
    waiting = backlog / (examination_capacity * examiner_effort)
    # The fourth power keeps it within a per cent of the larger of the two from 2.2 times the floor on.
    return minimum_examination_time * (1.0 + (waiting / minimum_examination_time) ** 4.0) ** 0.25


def capacity_needed(backlog: Applications, examination_time_aimed_at: Years) -> ApplicationsPerYear:
    """Decisions a year that would bring the time to a decision to the one aimed at."""
    return backlog / examination_time_aimed_at


def capacity_growth(
    capacity_needed: ApplicationsPerYear, examination_capacity: ApplicationsPerYear, capacity_adjustment_time: Years
) -> ApplicationsPerYearSquared:
    """Examiners recruited and trained in a year, in decisions a year."""
    return (capacity_needed - examination_capacity) / capacity_adjustment_time


def capacity_growth_unforeseen(
    examination_capacity: ApplicationsPerYear, capacity_surprise: PerYear
) -> ApplicationsPerYearSquared:
    """Change of capacity in a year that the backlog does not explain."""
    return examination_capacity * capacity_surprise


def domestic_grants(
    domestic_decisions: ApplicationsPerYear, domestic_grant_share: PatentsPerApplication
) -> PatentsPerYear:
    """Invention patents granted to domestic applicants in a year."""
    return domestic_decisions * domestic_grant_share


grants_observed = Observation(
    "invention_grants_domestic",
    like=("propensity", "researchers_at_start", "domestic_grant_share"),
    total=True,
    readings=(Reading("domestic_grants", "over the year"),),
)
grants_growth_observed = Observation(
    "invention_grants_domestic_growth",
    readings=(Reading("domestic_grants", "over the year"),),
    printed="growth",
    of="invention_grants_domestic",
)
