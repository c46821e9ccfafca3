"""Papers and citations: the country's place among those most cited.

Papers follow spending on basic and applied research, and the standing that citations bring. Citations are counted in a
window of some ten years: papers enter it, are cited while they are in it, and leave it with their citations. Rivals'
counts are given but for their growth (Essential Science Indicators).
"""

from typing import cast

from ..declarations import Parameter, Series, Stock, for_each
from ..quantities import (
    Citations,
    CitationsPerPaperYear,
    CitationsPerYear,
    Number,
    Papers,
    PapersPerYear,
    PerYear,
    Rank,
    Years,
    YuanPerYear,
    exp,
    where,
)

RIVALS = ("united_states", "germany", "england", "japan", "france", "canada", "italy", "netherlands")

reference_papers = Parameter("paper/year", low=1e3, high=1e7, about="papers a year at the spending they are quoted at")
reference_research = Parameter(
    "yuan/year", low=1e8, high=1e13, about="real spending on basic and applied research that papers are quoted at"
)
paper_elasticity = Parameter("1", low=0.0, high=2.0, about="rise of papers with spending on basic and applied research")
standing_effect = Parameter("1", low=0.0, high=1.0, about="rise of papers with citations won so far")
paper_drift = Parameter("1/year", low=-0.3, high=0.5, about="growth of papers at the start that nothing else explains")
citation_window = Parameter("year", low=2.0, high=30.0, about="years in which papers and citations are counted")
citable_papers_at_start = Parameter("paper", low=1e3, high=1e8, about="papers in the window at the start")
citations_at_start = Parameter("citation", low=1e4, high=1e9, about="citations in the window at the start")
citing_rate_at_start = Parameter(
    "citation/paper/year", low=0.05, high=50.0, about="citations of a paper in a year at the start"
)
citing_drift = Parameter(
    "1/year", low=-0.5, high=0.5, about="growth of the citations of a paper at the start beyond their trend"
)
citing_trend = Parameter("1/year", low=-0.3, high=0.3, about="lasting growth of the citations of a paper")
surge_persistence = Parameter("year", low=0.5, high=50.0, about="time in which both growths fade")
citing_surprise = Series(
    "1/year", low=-2.0, high=2.0, dated="at year end", about="growth of citations of a paper that nobody foresaw"
)
years_since_count = Series(
    "year", low=-50.0, high=50.0, dated="at year end", about="years since rivals' citations were counted"
)
rival_recut = Series(
    "1", low=-3.0, high=3.0, dated="at year end", about="change of rivals' counts by new cuts of the data, in logarithms"
)
rival_growth = Parameter("1/year", low=-0.3, high=0.5, about="growth of citations that rivals have in common")
rival_own_growth = Parameter("1/year", low=-0.3, high=0.3, about="growth of a rival's own", each=RIVALS)
counted_citations = Parameter("citation", low=1e4, high=1e9, about="citations when they were counted", each=RIVALS)

surge = Stock(
    "1", initial="surge_at_start", outflows=("surge_fading",), about="what is left of the growths at the start"
)
paper_gain = Stock(
    "1", inflows=("paper_growth",), low=float("-inf"), about="growth of papers beyond spending, in logarithms"
)
citable_papers = Stock(
    "paper",
    initial="citable_papers_at_start",
    inflows=("papers",),
    outflows=("papers_leaving",),
    about="papers in the window",
)
citing_gain = Stock(
    "1",
    inflows=("citing_growth", "citing_surprise"),
    low=float("-inf"),
    about="growth of the citations of a paper in a year, in logarithms",
)
citations = Stock(
    "citation",
    initial="citations_at_start",
    inflows=("citations_won",),
    outflows=("citations_leaving",),
    about="citations in the window",
)


def surge_at_start() -> Number:
    """All of the growths at the start: one."""
    return cast(Number, 1.0)


def surge_fading(surge: Number, surge_persistence: Years) -> PerYear:
    """Loss of the growths in a year: what drives them is used up."""
    return surge / surge_persistence


def paper_growth(paper_drift: PerYear, surge: Number) -> PerYear:
    """Growth of papers beyond spending: incentives, and journals newly counted."""
    return paper_drift * surge


def citing_growth(citing_trend: PerYear, citing_drift: PerYear, surge: Number) -> PerYear:
    """Foreseeable growth of the citations of a paper in a year."""
    return citing_trend + citing_drift * surge


def papers(
    reference_papers: PapersPerYear,
    basic_research: YuanPerYear,
    applied_research: YuanPerYear,
    reference_research: YuanPerYear,
    paper_elasticity: Number,
    paper_gain: Number,
    citations: Citations,
    citations_at_start: Citations,
    standing_effect: Number,
) -> PapersPerYear:
    """Scientific papers in a year (Adams & Griliches 1996 on the elasticity)."""
    from_spending = ((basic_research + applied_research) / reference_research) ** paper_elasticity
    from_standing = (citations / citations_at_start) ** standing_effect
    return reference_papers * from_spending * from_standing * exp(paper_gain)


def papers_leaving(citable_papers: Papers, citation_window: Years) -> PapersPerYear:
    """Papers that the window leaves behind in a year."""
    return citable_papers / citation_window


def citing_rate(citing_rate_at_start: CitationsPerPaperYear, citing_gain: Number) -> CitationsPerPaperYear:
    """Citations of a paper in a year."""
    return citing_rate_at_start * exp(citing_gain)


def citations_won(citable_papers: Papers, citing_rate: CitationsPerPaperYear) -> CitationsPerYear:
    """Citations in a year of the papers in the window."""
    return citable_papers * citing_rate


def citations_leaving(citations: Citations, citation_window: Years) -> CitationsPerYear:
    """Citations that the window leaves behind in a year."""
    return citations / citation_window


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


def rank_by_citations(citations: Citations, rival_citations: tuple[Citations, ...]) -> Rank:
    """Place by citations: one more than the rivals ahead."""
    return 1.0 + sum(where(rival > citations, 1.0, 0.0) for rival in rival_citations)
