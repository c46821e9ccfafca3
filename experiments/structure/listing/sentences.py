"""How a listing says what declarations, plans and priors hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fiveyear.calibration.priors import Course, Distribution, Surprise
from fiveyear.experiments.page.blocks import number, unit
from fiveyear.model import Unit


def plain(variable: str) -> str:
    """Give a name of the code with blanks for underscores."""
    return variable.replace("_", " ")


def proper(member: str) -> str:
    """Give the member of a group, a country, as a proper name.

    >>> proper("united_states")
    'United States'
    """
    return plain(member).title()


def title(sector: str) -> str:
    """Give the name of a sector as a heading."""
    return plain(sector)[:1].upper() + plain(sector)[1:]


def sentence(text: str) -> str:
    """Give a text with a capital and a full stop."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def origin(table: Any) -> str:
    """Give the source of a table, or what it assumes, whole."""
    content: Mapping[str, str] = table if isinstance(table, Mapping) else table.model_dump()
    return content["source"] if content.get("source") else f"assumed: {content.get('assumed')}"


def distribution(prior: Distribution) -> str:
    """Give a prior with its numbers."""
    numbers = prior.model_dump(exclude={"distribution", "unit", "source", "assumed"})
    parameters = ", ".join(f"{key} {number(value)}" for key, value in numbers.items())
    return f"{prior.distribution.replace('_', '-')}, {parameters}"


def surprise(shocks: Surprise) -> str:
    """Give the shocks of a Series."""
    epoch = f"drift of the epoch: {number(shocks.retained)} (sd {number(shocks.retained_sd)}) of the mean shock before"
    return f"a shock a year, sd {number(shocks.yearly_sd)}; {epoch}, and what is new, sd {number(shocks.epoch_sd)}"


def course(outlook: Course) -> str:
    """Give how a Series goes on, without what is nought."""
    measured = unit(outlook.unit)
    if outlook.kind == "change" and measured.startswith("%"):  # a share may change by %, but of what?
        measured = f"percentage points{measured[1:].replace('/year', ' a year')}"
    follows = f", correlated by {number(outlook.correlation)} with that of {plain(outlook.follows)}"
    steady = f"mean {number(outlook.mean)}" + (f", sd {number(outlook.sd)}" if outlook.sd else "")
    steady += follows if outlook.follows and outlook.sd else ""
    yearly = f"shock of a year, sd some {number(outlook.yearly_sd)}"
    lasts = f"of a deviation some {number(outlook.autocorrelation)} lasts a year"
    return f"{outlook.kind}, in {measured}, about a steady state: {steady}; {yearly}; {lasts}"


def converted(value: float, given: str, wanted: str) -> str:
    """Give a value in another unit, without the last digits, which hold rounding."""
    return number(float(f"{value * Unit.parse(given).factor_to(Unit.parse(wanted)):.12g}"))
