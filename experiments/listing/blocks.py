"""What a listing is made of, whatever format it is written in.

Texts are plain, but for names of the code in backquotes; a writer escapes them for its format.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fiveyear.model.typeset import Line, Name


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a sector's, level 2 stands below it."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Definition:
    """A variable with its unit, its sentence, and its formulas, each in one or more lines."""

    name: Name
    unit: str
    about: str
    formulas: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table. The first cell of a row holds a name in bold and what it means; a line end in a cell breaks the line."""

    columns: tuple[tuple[str, int], ...]  # title, and width in hundredths of the page
    rows: tuple[tuple[Name, tuple[str, ...]], ...]  # the name, and the cells


@dataclass(frozen=True)
class References:
    """Works cited."""

    works: tuple[str, ...]


Block = Heading | Paragraph | Definition | Table | References


@dataclass(frozen=True)
class Listing:
    """A whole listing."""

    title: str
    blocks: tuple[Block, ...]


def spans(text: str, plain: Callable[[str], str], code: Callable[[str], str]) -> str:
    """Write a text, what stands in backquotes by ``code`` and the rest by ``plain``.

    >>> spans("as `gdp` is", str.upper, str.title)
    'AS Gdp IS'
    """
    pieces = re.split(r"`+([\w.]+)`+", text)
    return "".join((code if i % 2 else plain)(piece) for i, piece in enumerate(pieces))


def number(value: float) -> str:
    r"""Write a number as short as exact.

    >>> number(1.2e6), number(-0.025), number(float("inf"))
    ('1.2\xa0×\xa010⁶', '−0.025', '∞')
    """
    plain = repr(float(value)).replace("inf", "∞").removesuffix(".0")
    if plain.strip("-∞0") and not 1e-4 <= abs(value) < 1e5:
        shortest = next(t for d in range(17) if float(t := f"{value:.{d}e}") == value)
        mantissa, _, exponent = shortest.partition("e")
        power = f"10{_raised(str(int(exponent)))}"
        plain = power if mantissa == "1" else f"{mantissa}\xa0×\xa0{power}"
    return plain.replace("-", "−")


def unit(text: str) -> str:
    """Write a unit with its powers raised.

    >>> unit("1/year^2")
    '1/year²'
    """
    return re.sub(r"\^(\d)", lambda found: _raised(found[1]), text)


def _raised(digits: str) -> str:
    return digits.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
