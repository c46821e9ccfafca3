"""What can be wrong with a plan, scenario or experiment file."""

from __future__ import annotations

import json
import re

from fiveyear.model.errors import Fault as Fault
from fiveyear.model.errors import ModelError
from fiveyear.model.errors import printable as printable


class ScenarioError(ModelError):
    """A plan, scenario or experiment that cannot be used: each fault says where, what was found, what was expected."""


def dotted(*names: str) -> str:
    """Give names as one dotted key, such as are no plain word in quotes.

    >>> dotted("factors", "paths.gdp_real.growth.2011", "low")
    'factors."paths.gdp_real.growth.2011".low'
    """
    return ".".join(name if re.fullmatch(r"[\w-]{1,60}", name) else shown(name) for name in names)


def shown(value: object) -> str:
    """Give a value as its author wrote it, about, on one line and not too long.

    >>> shown("2.2"), shown(True), shown({"a": 1})
    ('"2.2"', 'true', 'a table')
    """
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a whole number of more than 64 bits"
    if isinstance(value, str | bool):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 60 else f"{text[:56]}..."
    return str(value)
