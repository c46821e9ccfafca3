"""What is called by a name in code, in the words that a reader sees."""

from __future__ import annotations

from collections.abc import Iterable

from .indicators import INDICATORS, STATISTICS

#: Parts of names that are not written as they stand.
WRITTEN = {
    "rd": "R&D",
    "gdp": "GDP",
    "st": "S&T",
    "fte": "FTE",
    "sci": "SCI",
    "se": "S&E",
}

#: What is called so in words that its name does not give; with "at the start" after it where a name says so.
LABELS = {
    # Money for R&D.
    "budgets_ahead": "budgets set by foreseen output",
    "census_splice": "effect of the R&D census",
    "crowding": "crowding in by government R&D",
    "deduction_uptake": "uptake of the R&D deduction",
    "effort_adjustment": "R&D effort adjustment",
    "effort_adjustment_time": "time firms take to adjust R&D",
    "effort_aimed_at": "R&D effort aimed at",
    "effort_trend": "trend of firms' R&D effort",
    "enterprise_effort": "firms' R&D effort",
    "enterprise_rd": "R&D by firms",
    "fiscal_expenditure": "government expenditure",
    "fiscal_st_appropriation": "government spending on S&T",
    "gap_closed": "R&D gap closed",
    "gap_closing_rate": "rate of closing the R&D gap",
    "gdp_foreseen": "GDP as foreseen",
    "gdp_real_growth": "growth of real GDP",
    "gdp_revision": "revision of GDP",
    "government_intensity": "government R&D / GDP",
    "government_top_up": "government top-up",
    "high_tech_pull": "pull of high tech on firms' R&D",
    "intensity_decided": "decided intensity",
    "rd_counted": "counted R&D spending",
    "rd_decided": "decided R&D spending",
    "rd_expenditure_applied": "applied research expenditure",
    "rd_expenditure_basic": "basic research expenditure",
    "rd_expenditure_multiple": "R&D over that of an earlier year",
    "rd_funds_enterprise": "R&D paid for by firms",
    "rd_funds_government": "R&D paid for by government",
    "rd_growth_before_start": "R&D growth before the start",
    "rd_planned": "planned R&D spending",
    "rd_spending_real": "real R&D spending",
    "user_cost": "user cost of R&D",
    "user_cost_elasticity": "elasticity to the user cost of R&D",
    # People.
    "cost_elasticity": "elasticity of R&D costs",
    "employed": "people employed",
    "graduate_entry_share": "graduates who enter R&D",
    "rd_fte_growth": "growth of R&D personnel",
    "reference_cost": "reference cost of a researcher",
    "se_first_degrees": "first degrees in S&E",
    # Output.
    "capital_growth": "growth of fixed capital",
    "capital_share": "share of capital in output",
    "industrial_revenue": "revenue of industrial firms",
    "manufacturing_value_added": "value added of manufacturing",
    "obsolescence_rate": "obsolescence rate of knowledge",
    "output_real": "real output",
    # Patents and their examination.
    "capacity_adjustment_time": "time to train examiners",
    "counting_break": "break in the count of patents",
    "domestic_grant_share": "grants per domestic decision",
    "domestic_under_examination": "domestic backlog",
    "invention_applications_domestic_growth": "growth of invention applications",
    "invention_applications_total": "invention applications, all",
    "invention_grants_domestic_growth": "growth of invention grants",
    "invention_patents_in_force": "invention patents in force",
    "mainland_share": "mainland share of patents",
    "mature_lapse_rate": "lapse rate of older patents",
    "mature_lapses": "lapses of older patents",
    "mature_patents": "older patents",
    "mature_share": "older patents' share",
    "propensity": "propensity to patent",
    "propensity_drift": "patenting drift",
    "propensity_drift_persistence": "persistence of the patenting drift",
    "research_elasticity": "elasticity of filings to research",
    "share_in_force_older_than_5_years": "patents in force over 5 years old",
    "time_to_maturity": "time until a patent is older",
    "young_lapse_rate": "lapse rate of young patents",
    # Papers and citations.
    "citation_growth": "growth of citations",
    "citation_growth_persistence": "persistence of citation growth",
    "citations_over_italy": "citations over Italy's",
    "citations_over_netherlands": "citations over the Netherlands'",
    "lasting_impact_growth": "lasting growth of impact",
    "paper_drift": "drift of papers",
    "paper_drift_persistence": "persistence of the drift of papers",
    "paper_elasticity": "elasticity of papers to spending",
    "reference_papers": "papers at reference spending",
    "rival_growth": "rivals' common growth of citations",
    "sci_papers": "SCI papers",
    # Markets, high tech, literacy.
    "contract_elasticity": "elasticity of contracts to R&D",
    "diffusion_time": "time for high tech to spread",
    "high_tech_drift": "drift of the high-tech share",
    "high_tech_share_ceiling": "ceiling of the high-tech share",
    "knowledge_effect": "effect of knowledge on high tech",
    "literacy_ceiling": "ceiling of literacy",
    "literacy_growth_rate": "growth rate of literacy",
    "literacy_left": "literacy left to gain",
    "patent_effect": "effect of patents on high tech",
    "reference_contracts": "contracts at reference spending",
    "technology_market_value_growth": "growth of the technology market",
}
AT_START = "_at_start"
OWN_GROWTH = "rival_own_growth_"  # of the citations of a country


def add_names(parts: Iterable[str]) -> None:
    """Write these words with a capital from now on: parts of the names of countries, say."""
    for part in parts:
        WRITTEN.setdefault(part, part.capitalize())


def in_words(name: str) -> str:
    """Give the name of a variable, an input or a series of facts in words.

    >>> in_words("high_tech_share_at_start"), in_words("rd_spending_real"), in_words("rd_funds_abroad")
    ('high-tech share at the start', 'real R&D spending', 'R&D funds abroad')
    """
    if name in LABELS:
        return LABELS[name]
    if name.endswith(AT_START):
        return f"{in_words(name.removesuffix(AT_START))} at the start"
    words = " ".join(WRITTEN.get(part, part) for part in name.removeprefix(OWN_GROWTH).split("_"))
    if name.startswith(OWN_GROWTH):
        return f"{words}'{'' if words.endswith('s') else 's'} own growth of citations"
    return words.replace("high tech ", "high-tech ")


def label(name: str, heading: bool = False) -> str:
    """Give the label of an indicator, and of all else its name in words, as a heading with a capital.

    >>> label("rd_intensity"), label("hiring_time"), label("hiring_time", heading=True)
    ('R&D / GDP', 'hiring time', 'Hiring time')
    """
    if indicator := INDICATORS.get(name) or STATISTICS.get(name):
        return indicator.label
    words = in_words(name)
    return words[:1].upper() + words[1:] if heading else words


def with_unit(label: str, unit: str) -> str:
    """Give the label of an indicator and its unit, unless the label says it.

    >>> with_unit("R&D / GDP", "%"), with_unit("World rank by citations", "rank")
    ('R&D / GDP, %', 'World rank by citations')
    >>> with_unit("Invention patents per 10,000 people", "patent/10k person")
    'Invention patents per 10,000 people'
    """
    return label if unit == "rank" or " per " in label else f"{label}, {unit}"
