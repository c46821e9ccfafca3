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
    """A variable with its unit, its sentence, and its formulas, each in one or more lines, under one number."""

    number: int
    name: Name
    unit: str
    about: str
    formulas: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table. The first cell of a row holds a name in bold and what it means; a line end in a cell breaks the line."""

    columns: tuple[tuple[str, int], ...]  # title, and width in hundredths of the page
    rows: tuple[tuple[Name, tuple[str, ...]], ...]  # the name, and the cells

    @property
    def texts(self) -> int:
        """How many columns hold text: all."""
        return len(self.columns)


@dataclass(frozen=True)
class Grid:
    """A table without names in bold: the first ``texts`` columns hold text, all others numbers."""

    columns: tuple[tuple[str, int], ...]  # title, and width in hundredths of the page
    rows: tuple[tuple[str, ...], ...]
    texts: int


@dataclass(frozen=True)
class References:
    """Works cited."""

    works: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """Names in alphabetical order, each with the number of the equation that defines it, or 0, and with words."""

    entries: tuple[tuple[str, int, str], ...]


Block = Heading | Paragraph | Definition | Table | Grid | References | Index


@dataclass(frozen=True)
class Listing:
    """A whole listing."""

    title: str
    blocks: tuple[Block, ...]


def spans(text: str, plain: Callable[[str], str], code: Callable[[str], str]) -> str:
    """Write a text, what stands in backquotes by ``code`` and the rest by ``plain``, with dashes between years.

    >>> spans("as `gdp` is", str.upper, str.title)
    'AS Gdp IS'
    """
    pieces = re.split(r"`+([\w./]+(?: [\w./]+)*)`+", text)
    return "".join(code(piece) if i % 2 else plain(dashed(piece)) for i, piece in enumerate(pieces))


def by_row(
    table: Table | Grid, name: Callable[[Name], str], escaped: Callable[[str], str], line_end: str
) -> list[list[str]]:
    """Write the cells of a table, row by row; the first of a row begins with its name, if it has one."""
    if isinstance(table, Grid):
        return [list(map(escaped, row)) for row in table.rows]
    written = [(name(of), [line_end.join(map(escaped, c.split("\n"))) for c in row]) for of, row in table.rows]
    return [[f"{of}{line_end}{first}", *others] for of, (first, *others) in written]


def dashed(text: str) -> str:
    """Put a dash between the years of a range; a month, which only "to" and "by" stand beside, keeps its hyphen.

    >>> dashed("2011-2015, in 2005-10; 1999-01 to 2010-12")
    '2011–2015, in 2005–10; 1999-01 to 2010-12'
    """
    years = r"(?<!to )(?<!by )\b(\d{4})-(\d{4}|\d\d)\b(?! to )"
    return re.sub(years, lambda f: f"{f[1]}{'–' if f[2] > f[1][-len(f[2]) :] else '-'}{f[2]}", text)


def cited(work: str, plain: Callable[[str], str], italic: Callable[[str], str]) -> str:
    """Write a work, its journal or book, which stands ahead of the volume, by ``italic`` and the rest by ``plain``.

    >>> cited("Solow, R. M. (1957). Technical change. Review of Economics 39(3), 312.", str, str.upper)
    'Solow, R. M. (1957). Technical change. REVIEW OF ECONOMICS 39(3), 312.'
    """
    pieces = re.split(r"(?:(?<=[.?] )|(?<=\(eds\.\), ))([A-Z][\w &]+)(?= \d+[(,]|, vol\. )", work)
    return "".join((italic if i % 2 else plain)(piece) for i, piece in enumerate(pieces))


def number(value: float) -> str:
    r"""Write a number as short as exact.

    >>> number(1.2e6), number(72095), number(-0.025), number(float("inf"))
    ('1.2\xa0×\xa010⁶', '72,095', '−0.025', '∞')
    """
    plain = repr(float(value)).replace("inf", "∞").removesuffix(".0")
    if 1e3 <= abs(value) < 1e5:
        integer, point, decimals = plain.partition(".")
        plain = f"{int(integer):,}{point}{decimals}"
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
    return re.sub(r"\^(\d)", lambda match: _raised(match[1]), text)


def _raised(digits: str) -> str:
    return digits.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
