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


def add_names(parts: Iterable[str]) -> None:
    """Write these words with a capital from now on: parts of the names of countries, say."""
    for part in parts:
        WRITTEN.setdefault(part, part.capitalize())


def in_words(name: str) -> str:
    """Give the name of a variable, an input or a series of facts in words.

    >>> in_words("high_tech_share_at_start"), in_words("rd_funds_enterprise")
    ('high tech share at start', 'R&D funds enterprise')
    """
    return " ".join(WRITTEN.get(part, part) for part in name.split("_"))


def label(name: str, heading: bool = False) -> str:
    """Give the label of an indicator, and of all else its name in words, as a heading with a capital.

    >>> label("rd_intensity"), label("effort_trend"), label("effort_trend", heading=True)
    ('R&D / GDP', 'effort trend', 'Effort trend')
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
