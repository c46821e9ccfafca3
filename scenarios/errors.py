"""What can be wrong with a plan, scenario or experiment file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from fiveyear.model.errors import ModelError
from fiveyear.model.errors import printable as printable


class ScenarioError(ModelError):
    """A plan, scenario or experiment that cannot be used: each fault says where, what was found, what was expected.

    ``by_key`` holds the faults with the keys they are about.
    """

    def __init__(self, title: str, faults: Sequence[Fault | str]) -> None:
        super().__init__(title, [str(fault) for fault in faults])
        self.by_key = [fault if isinstance(fault, Fault) else Fault("", fault) for fault in faults]


class Fault(NamedTuple):
    """One fault: the dotted key it is about ("" for the file as a whole), and what is wrong there."""

    key: str
    text: str

    def under(self, key: str) -> Fault:
        """Give the fault as one of the table that this key leads to."""
        return Fault(f"{key}.{self.key}" if self.key else key, self.text)

    def __str__(self) -> str:
        return f"{self.key}: {self.text}" if self.key else self.text


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
