"""The country that a model is of: what its money is called, how large a unit of it is, and who is in its groups."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from . import labels, units
from .declarations import Chain, Each, Group, Parameter, Series, Stock
from .errors import UnitError
from .indicators import Indicator
from .units import Unit

MONEY = "money"  # what the equations' unit of money is called in declarations
RANGED_AT = 6.8  # units of money that made a dollar where the hard ranges of declarations are meant

Declared = TypeVar("Declared", Stock, Chain, Parameter, Series)


@dataclass(frozen=True)
class Country:
    """What declarations leave open. ``money``: the unit in which its amounts are printed, such as ``100M yuan``.

    ``per_dollar``: roughly how many units of the money make a dollar; hard ranges of amounts move with it. ``groups``:
    the members of each group, such as rivals, by its name. Raises UnitError for money that cannot be called so.

    >>> won = Country("1000G won", 1000.0)
    >>> won.unit("money/person/year"), won.indicator_unit("money")
    ('won/person/year', '1000G won')
    """

    money: str = MONEY
    per_dollar: float = RANGED_AT
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        """Let units and labels know the words, in this process."""
        units.add_money(self.currency)
        if Unit.parse(self.money).powers != ((self.currency, 1),):
            raise UnitError(f'"{self.money}" is no unit of money; expected one such as 100M yuan')
        labels.add_names(part for _, members in self.groups for name in members for part in name.split("_"))

    def __reduce__(self) -> tuple[Any, ...]:
        return Country, (self.money, self.per_dollar, self.groups)  # so that another process knows them, too

    @property
    def currency(self) -> str:
        """The money itself, such as ``yuan``."""
        return self.money.split(" ")[-1]

    @property
    def scale(self) -> float:
        """How much of it the unit is in which amounts are printed."""
        return Unit.parse(self.money).scale

    def members(self, each: Each) -> tuple[str, ...]:
        """Give the members of a group."""
        return dict(self.groups).get(each.name, ()) if isinstance(each, Group) else each

    def unit(self, text: str) -> str:
        """Give a unit of a declaration with the name of the money in it."""
        return re.sub(rf"\b{MONEY}\b", self.currency, text)

    def indicator_unit(self, text: str) -> str:
        """Give the unit of an indicator: of an amount, that in which amounts are printed."""
        return self.money if text == MONEY else self.unit(text)

    def larger(self, unit: Unit) -> float:
        """Give by how much numbers of a unit are larger than where ranges are meant."""
        return float((self.per_dollar / RANGED_AT) ** dict(unit.powers).get(self.currency, 0))

    def indicators(self, of: Mapping[str, Indicator]) -> dict[str, Indicator]:
        """Give indicators as they are in this country: amounts of money, and their range, in its unit."""
        here = {}
        for name, indicator in of.items():
            unit = self.indicator_unit(indicator.unit)
            by = self.larger(Unit.parse(unit)) * Unit.parse(indicator.unit).scale / Unit.parse(unit).scale
            low, high = (end * by if math.isfinite(end) else end for end in (indicator.low, indicator.high))
            here[name] = replace(indicator, unit=unit, low=low, high=high)
        return here

    def declared(self, declaration: Declared) -> Declared:
        """Give a declaration as it is in this country: its unit, its members, and the hard range of an input."""
        unit, members = self.unit(declaration.unit), self.members(declaration.each)
        by = self.larger(Unit.parse(unit)) if unit != declaration.unit else 1.0
        ends = {end: getattr(declaration, end) * by for end in ("low", "high") if hasattr(declaration, end)}
        here: dict[str, Any] = {"unit": unit, "each": members, **ends}
        return replace(declaration, **here)
