"""What can be wrong with a plan or scenario file."""

from __future__ import annotations

import json
from typing import NamedTuple

from fiveyear.model.errors import ModelError


class ScenarioError(ModelError):
    """A plan or scenario that cannot be used: each fault says where, what was found, what was expected."""


class Fault(NamedTuple):
    """One fault: the dotted key it is about ("" for the file as a whole), and what is wrong there."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}" if self.key else self.text


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
