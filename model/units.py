"""Units: products of base units with whole powers, and a scale.

Inside the model every quantity is in base units (scale 1); scenario files, facts and indicators
may use scaled ones such as ``%``, ``100M money`` or ``person/10k person``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from .errors import UnitError, nearest

#: Every unit that may be written, with its scale and its base unit ("" has no dimension).
NAMES: dict[str, tuple[float, str]] = {
    "1": (1.0, ""),
    "share": (1.0, ""),
    "%": (0.01, ""),
    "rank": (1.0, ""),  # a place in an order is one more than a count of those ahead
    "money": (1.0, "money"),
    "person": (1.0, "person"),
    "application": (1.0, "application"),
    "patent": (1.0, "patent"),
    "paper": (1.0, "paper"),
    "citation": (1.0, "citation"),
    "year": (1.0, "year"),
}
MONEY = {"money"}  # those of them that are a country's money
#: The base units that netCDF files do not name: by the CF conventions what is only counted is of the unit 1. Money they
#: name, though UDUNITS, by which they state units, knows none.
NOT_IN_NETCDF = ("person", "application", "patent", "paper", "citation")
PREFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_TERM = re.compile(
    r"(?:(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<prefix>[kMG]?)\s+)?(?P<name>[A-Za-z]+|%|1)(?:\^(?P<power>[1-9]))?"
)


@dataclass(frozen=True)
class Unit:
    """A scale and powers of base units; ``text`` is how it was written.

    >>> Unit.parse("100M money/year").scale
    100000000.0
    >>> Unit.parse("money/person/year") == Unit.parse("money/year/person")
    True
    >>> str(Unit.parse("money/year") * Unit.parse("year"))
    'money'
    """

    scale: float
    powers: tuple[tuple[str, int], ...]
    text: str = field(default="", compare=False)

    @staticmethod
    @cache
    def parse(text: str) -> Unit:
        """Read a unit such as ``application/person/year``; raises UnitError naming the part it cannot read."""
        scale, powers = 1.0, dict[str, int]()
        parts = re.split(r"([*/])", text)  # terms at the even places, the signs between them at the odd ones
        for part, before in zip(parts[::2], ["*", *parts[1::2]], strict=True):
            match = _TERM.fullmatch(part.strip())
            if match is None or match["name"] not in NAMES or float(match["number"] or 1) == 0.0:
                word = match["name"] if match else part.strip()
                raise UnitError(f'unit "{text}": cannot read "{part.strip()}"{nearest(word, NAMES)}')
            factor, base = NAMES[match["name"]]
            power = int(match["power"] or 1) * (-1 if before == "/" else 1)
            number = float(match["number"] or 1) * PREFIXES[match["prefix"] or ""]
            scale *= (number * factor) ** power
            powers[base] = powers.get(base, 0) + power
        powers.pop("", None)
        return Unit(scale, tuple(sorted((b, p) for b, p in powers.items() if p)), text)

    def __mul__(self, other: Unit) -> Unit:
        return self._combine(other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return self._combine(other, -1)

    def __pow__(self, power: int) -> Unit:
        return Unit(self.scale**power, tuple((b, p * power) for b, p in self.powers if power))

    def _combine(self, other: Unit, sign: int) -> Unit:
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, 0) + sign * power
        return Unit(self.scale * other.scale**sign, tuple(sorted((b, p) for b, p in powers.items() if p)))

    @property
    def dimensionless(self) -> bool:
        return not self.powers

    def converts_to(self, other: Unit) -> bool:
        """Tell whether a number in this unit can be rewritten in the other."""
        return self.powers == other.powers

    def factor_to(self, other: Unit) -> float:
        """Give what a number in this unit is multiplied by to be in the other; raises UnitError if unlike.

        >>> round(Unit.parse("%").factor_to(Unit.parse("share")), 12)
        0.01
        """
        if not self.converts_to(other):
            raise UnitError(f'"{self}" cannot be converted to "{other}"')
        return self.scale / other.scale

    @property
    def udunits(self) -> str:
        """The same unit for a netCDF file, as UDUNITS spells it.

        >>> [Unit.parse(text).udunits for text in ("%/year", "patent/10k person", "100M money", "money/person/year")]
        ['% year-1', '0.0001', '100000000 money', 'money year-1']
        """
        percent = self.scale == NAMES["%"][0] and "%" in self.text
        scale = "%" if percent else "" if self.scale == 1.0 else f"{self.scale:.12g}"
        named = sorted((-p, b) for b, p in self.powers if b not in NOT_IN_NETCDF)
        powers = [b if p == -1 else f"{b}{-p}" for p, b in named]
        return " ".join(filter(None, [scale, *powers])) or "1"

    def __str__(self) -> str:
        if self.text:
            return self.text
        above = [b if p == 1 else f"{b}^{p}" for b, p in self.powers if p > 0]
        below = [b if p == -1 else f"{b}^{-p}" for b, p in self.powers if p < 0]
        return "/".join(["*".join(above) or "1", *below])


def add_money(name: str) -> None:
    """Let units name a country's money from now on; no money converts to another.

    Raises UnitError for a name that is no word of letters, or that is taken.
    """
    if not re.fullmatch("[A-Za-z]+", name) or (name in NAMES and name not in MONEY):
        raise UnitError(f'money cannot be called "{name}"; expected a word of letters that no unit has')
    MONEY.add(name)
    NAMES[name] = (1.0, name)


DIMENSIONLESS = Unit.parse("1")
YEAR = Unit.parse("year")
