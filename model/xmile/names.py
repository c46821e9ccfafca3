"""What variables are called in another language; a name that a table lacks stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

LANGUAGES = ("en", "zh")

_SUFFIX = re.compile(r"(?P<of>.+?)_(?P<end>\d+|left|initially|stage_ratio|adding_up|so_far|sector)")


@cache
def table(language: str) -> Mapping[str, str]:
    """Give the names in a language by the names of the code, from ``names_<language>.toml``; none for English."""
    if language == "en":
        return {}
    text = resources.files(__package__).joinpath(f"names_{language}.toml").read_text("utf-8")
    names: dict[str, str] = tomllib.loads(text)
    return names


def naming(names: Mapping[str, str]) -> Callable[[str], str]:
    """Give what tells the name of a variable, or of what is made of one: a stage, a total.

    >>> naming({"gdp": "GDP", "so_far": "so far"})("gdp_so_far")
    'GDP_so far'
    """

    def name(of: str) -> str:
        if of in names:
            return names[of]
        made = _SUFFIX.fullmatch(of)
        base = made and name(made["of"])
        return f"{base}_{names.get(made['end'], made['end'])}" if made and base != made["of"] else of

    return name
