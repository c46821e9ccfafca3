"""What a reader reads, in the language asked for: English, or another by a catalogue of what the project says."""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

#: What can be spoken, and the catalogue of each: English on the left, and by it what stands in its place.
CATALOGUES = {"en": "", "zh": "chinese.toml"}
_spoken = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say all in a language, one of ``CATALOGUES``."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """Give the language that is spoken."""
    return _spoken.get()


def say(text: str, **values: object) -> str:
    """Give a text in the language spoken, with values in place of the names in its braces.

    What the catalogue lacks stays as it is: the names and titles of users' own files.

    >>> say("Probability of each target in {year}", year=2015)
    'Probability of each target in 2015'
    """
    here = _catalogue(spoken()).get(text, text)
    return here.format(**values) if values else here


def say_heading(text: str) -> str:
    """Give the same as a heading: with a capital, in a language that has them."""
    here = say(text)
    return here[:1].upper() + here[1:]


def month_in_words(month: str) -> str:
    """Give a month such as 2011-07 in words.

    >>> month_in_words("2011-07")
    'July 2011'
    """
    year, number = month.split("-")
    names = (
        say("January {year}", year=year), say("February {year}", year=year), say("March {year}", year=year),
        say("April {year}", year=year), say("May {year}", year=year), say("June {year}", year=year),
        say("July {year}", year=year), say("August {year}", year=year), say("September {year}", year=year),
        say("October {year}", year=year), say("November {year}", year=year), say("December {year}", year=year),
    )  # fmt: skip
    return names[int(number) - 1]


@functools.cache
def _catalogue(language: str) -> Mapping[str, str]:
    if not CATALOGUES[language]:
        return {}
    content = importlib.resources.files(__package__).joinpath(CATALOGUES[language]).read_text(encoding="utf-8")
    return dict(tomllib.loads(content))
