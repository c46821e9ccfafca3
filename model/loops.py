"""The feedback loops by name, R reinforcing and B balancing; a scenario cuts them to see what they do.

FINANCE is no feedback of its own but the place where spending follows the plan (cut) or what those who pay decide.
Not here, since no link of the model closes them: R2 (patents that breed knowledge: five years of facts say nothing of
it, and `knowledge_elasticity` is 0 but for a sensitivity), B1 (cost of a person-year: solved in one formula,
`researchers_affordable`), B5 (duplication: an exponent below one, `research_elasticity`, which feeds nothing back), R5
(papers and citations: papers breed citations, but nobody pays for research by them).
"""

from .declarations import Loop

FINANCE = Loop(
    "what government and firms decide sets spending, not the plan",
    sign="+",
    source="rd_decided",
    reader="rd_counted",
    held="rd_planned",
)
R1 = Loop(
    "more knowledge, more output, more spending",
    sign="+",
    source="output_index",
    reader="output_real",
    held="output_as_foreseen",
)
R3 = Loop(
    "more high-tech sales, more R&D by firms",
    sign="+",
    source="high_tech_share",
    reader="effort_aimed_at",
    held="high_tech_share_at_start",
)
R4 = Loop(
    "more patents in force, more strategic filing",
    sign="+",
    source="patents_in_force",
    reader="applications",
    held="patents_in_force_at_start",
)
B2 = Loop(
    "more hiring, fewer candidates left",
    sign="-",
    source="candidates",
    reader="graduate_supply",
    held="candidates_at_start",
)
B3 = Loop(
    "a longer queue calls for more examiners",
    sign="-",
    source="backlog",
    reader="capacity_needed",
    held="backlog_at_start",
)
B4 = Loop(
    "more old patents, more lapses",
    sign="-",
    source="mature_patents",
    reader="mature_lapses",
    held="mature_patents_at_start",
)
B6 = Loop(
    "more knowledge, more of it obsolete",
    sign="-",
    source="knowledge",
    reader="obsolescence",
    held="knowledge_at_start",
)
B7 = Loop(
    "the nearer the ceiling, the slower literacy spreads",
    sign="-",
    source="literate_share",
    reader="literacy_left",
    held="literate_share_at_start",
)
B8 = Loop(
    "the wider the gap to the plan, the more government adds",
    sign="-",
    source="intensity_decided",
    reader="gap_closed",
    held="planned_rd_intensity",
)
