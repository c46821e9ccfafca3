"""The feedback loops by name, R reinforcing and B balancing; a scenario cuts them to see what they do.

Numbers that are missing belong to loops that no sector closes yet.
"""

from .declarations import Loop

R4 = Loop(
    "more patents in force, more strategic filing",
    sign="+",
    source="patents_in_force",
    reader="applications",
    held="patents_in_force_at_start",
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
