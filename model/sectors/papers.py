"""Papers and citations: the country's place among those most cited.

Papers follow spending on basic and applied research some years late. Citations are counted for papers of some ten
years: their growth fades to that of the papers counted, and of what a paper is cited beyond it, so that what is spent
within a plan hardly moves them before it ends, and much of it does after ten years. Rivals' counts are given but for
their growth (Essential Science Indicators).
"""

from typing import cast

from ..declarations import Group, Parameter, Series, Stock, for_each
from ..observation import History, Observation, Reading
from ..quantities import (
    Citations,
    CitationsPerYear,
    MoneyPerYear,
    MoneyPerYearSquared,
    Number,
    Papers,
    PapersPerYear,
    PerYear,
    PerYearSquared,
    Rank,
    Years,
    exp,
    where,
)

RIVALS = Group("rivals")  # countries among which the place is

reference_papers = Parameter(
    "paper/year", low=1e3, high=1e7, about="papers a year at the spending they are quoted at, at the start"
)
reference_research = Parameter(
    "money/year", low=1e8, high=1e13, about="real spending on basic and applied research that papers are quoted at"
)
research_at_start = Parameter(
    "money/year",
    low=1e8,
    high=1e13,
    about="real spending on basic and applied research that papers at the start rest on",
)
publication_lag = Parameter("year", low=0.25, high=10.0, about="time from spending on research to its papers")
paper_elasticity = Parameter("1", low=0.0, high=2.0, about="rise of papers with spending on basic and applied research")
paper_drift_at_start = Parameter("1/year", low=-0.3, high=0.5, about="growth of papers beyond spending, at the start")
paper_drift_persistence = Parameter("year", low=0.5, high=50.0, about="time in which it fades")
paper_surprise = Series("1/year", low=-2.0, high=2.0, dated="at year end", about="growth of papers that nobody foresaw")
citation_window = Parameter("year", low=1.0, high=30.0, about="years whose papers are counted")
paper_growth_before_start = Parameter("1/year", low=-0.05, high=0.5, about="growth of papers before the start")
citations_at_start = Parameter("citation", low=1e4, high=1e9, about="citations in the window at the start")
citation_growth_at_start = Parameter("1/year", low=-0.2, high=1.0, about="growth of citations at the start")
lasting_impact_growth = Parameter(
    "1/year", low=-0.2, high=0.5, about="growth of citations beyond that of the papers counted, in the long run"
)
citation_growth_persistence = Parameter("year", low=0.5, high=50.0, about="time in which the one turns into the other")
citation_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of citations that nobody foresaw"
)
years_since_count = Series(
    "year", low=-50.0, high=50.0, dated="at year end", about="years since rivals' citations were counted"
)
rival_recut = Series(
    "1",
    low=-3.0,
    high=3.0,
    dated="at year end",
    about="change of rivals' counts by new cuts of the data, in logarithms",
)
rival_growth = Parameter("1/year", low=-0.3, high=0.5, about="growth of citations that rivals have in common")
rival_own_growth = Parameter("1/year", low=-0.3, high=0.3, about="growth of a rival's own", each=RIVALS)
counted_citations = Parameter("citation", low=1e4, high=1e9, about="a rival's citations when counted", each=RIVALS)

# The rivals are counted as they were in the cut that the facts come from.
recut_history = History("rival_recut", "nil", ("citation_rank",))

research_in_print = Stock(
    "money/year",
    initial="research_at_start",
    inflows=("research_published",),
    about="real spending on basic and applied research that the papers of the year rest on",
)
papers_counted = Stock(
    "paper",
    initial="papers_counted_at_start",
    inflows=("papers",),
    outflows=("papers_leaving",),
    about="papers whose citations are counted",
)
paper_drift = Stock(
    "1/year",
    initial="paper_drift_at_start",
    outflows=("paper_drift_fading",),
    low=float("-inf"),
    about="foreseeable growth of papers beyond spending",
)
paper_gain = Stock(
    "1",
    inflows=("paper_trend", "paper_surprise"),
    low=float("-inf"),
    about="growth of papers beyond spending, in logarithms",
)
citation_growth = Stock(
    "1/year",
    initial="citation_growth_at_start",
    outflows=("citation_growth_fading",),
    low=float("-inf"),
    about="growth of citations",
)
citations = Stock(
    "citation",
    initial="citations_at_start",
    inflows=("citations_won", "citations_unforeseen"),
    about="citations in the window",
)
citations_observed = Observation(
    "citations", like=("citations_at_start",), readings=(Reading("citations", "year end"),)
)


def research_published(
    basic_research: MoneyPerYear,
    applied_research: MoneyPerYear,
    research_in_print: MoneyPerYear,
    publication_lag: Years,
) -> MoneyPerYearSquared:
    """Change in a year of the spending that papers rest on, toward what is spent."""
    return (basic_research + applied_research - research_in_print) / publication_lag


def paper_drift_fading(paper_drift: PerYear, paper_drift_persistence: Years) -> PerYearSquared:
    """Loss of the drift in a year: it returns to none."""
    return paper_drift / paper_drift_persistence


def paper_trend(paper_drift: PerYear) -> PerYear:
    """Foreseeable growth of papers beyond spending: a stock is no flow."""
    return paper_drift


def papers(
    reference_papers: PapersPerYear,
    research_in_print: MoneyPerYear,
    reference_research: MoneyPerYear,
    paper_elasticity: Number,
    paper_gain: Number,
) -> PapersPerYear:
    """Scientific papers in a year (Adams & Griliches 1996 on the elasticity)."""
    return reference_papers * (research_in_print / reference_research) ** paper_elasticity * exp(paper_gain)


papers_observed = Observation(
    "sci_papers", like=("reference_papers",), total=True, readings=(Reading("papers", "over the year"),)
)


def papers_counted_at_start(
    reference_papers: PapersPerYear,
    research_at_start: MoneyPerYear,
    reference_research: MoneyPerYear,
    paper_elasticity: Number,
    paper_growth_before_start: PerYear,
    citation_window: Years,
) -> Papers:
    """The papers counted that steady growth before the start had left."""
    at_start = reference_papers * (research_at_start / reference_research) ** paper_elasticity
    return at_start / (paper_growth_before_start + 1.0 / citation_window)


def papers_leaving(papers_counted: Papers, citation_window: Years) -> PapersPerYear:
    """Papers whose citations are no longer counted."""
    return papers_counted / citation_window


def papers_counted_growth(papers: PapersPerYear, papers_leaving: PapersPerYear, papers_counted: Papers) -> PerYear:
    """Growth of the papers counted."""
    return (papers - papers_leaving) / papers_counted


def citation_growth_fading(
    citation_growth: PerYear,
    papers_counted_growth: PerYear,
    lasting_impact_growth: PerYear,
    citation_growth_persistence: Years,
) -> PerYearSquared:
    """Loss of growth in a year: it returns to that of the papers counted and of what a paper is cited."""
    return (citation_growth - papers_counted_growth - lasting_impact_growth) / citation_growth_persistence


def citations_won(citations: Citations, citation_growth: PerYear) -> CitationsPerYear:
    """Citations that enter the window in a year less those that leave it."""
    return citations * citation_growth


def citations_unforeseen(citations: Citations, citation_surprise: PerYear) -> CitationsPerYear:
    """Change of citations in a year that nobody foresaw."""
    return citations * citation_surprise


@for_each(RIVALS)
def rival_citations(
    counted_citations: Citations,
    rival_growth: PerYear,
    rival_own_growth: PerYear,
    years_since_count: Years,
    rival_recut: Number,
) -> Citations:
    """A rival's citations in the window."""
    return counted_citations * exp((rival_growth + rival_own_growth) * years_since_count + rival_recut)


# What a text may print in place of citations: a place by them bounds them, above the rival that comes next and below
# the one ahead. The rival's own are those of the plan's file.
citations_over_rivals_observed = Observation(
    "citations_over",
    like=("citations_at_start",),
    over=("counted_citations",),
    readings=(Reading("citations", "year end"), Reading("rival_citations", "year end")),
    printed="ratio",
    of="citations",
    each=RIVALS,
)


def rank_by_citations(citations: Citations, rival_citations: tuple[Citations, ...]) -> Rank:
    """Place by citations: one more than the rivals ahead."""
    return cast(Rank, 1.0 + sum(where(rival > citations, 1.0, 0.0) for rival in rival_citations))
