"""The files of the shipped plans, and what the scenarios among them say of themselves. Loads no model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from . import toml_files

PLANS = Path(__file__).parent / "plans"


def files(pattern: str) -> list[Path]:
    """Give the files in the folders of the shipped plans that match a pattern, sorted."""
    return sorted(PLANS.glob(f"*/{pattern}"))


class Heading(NamedTuple):
    """What a scenario says of itself; ``extends``: the name of the scenario that it changes, if it is one alone."""

    name: str
    plan: str
    title: str
    expect: str
    extends: str | list[str] | None


def headings() -> list[Heading]:
    """Give those of the shipped scenarios, by name. What else stands in their files is not checked: tests do that.

    >>> [heading.extends for heading in headings() if heading.name == "behavioural"]
    ['plan']
    """
    headings = []
    for name, file in toml_files.by_name(files("scenarios/*.toml")).items():
        content = toml_files.read(file)
        title, plan = " ".join(content["title"].split()), file.parent.parent.name
        headings.append(Heading(name, plan, title, content["expect"], content.get("extends")))
    return headings
