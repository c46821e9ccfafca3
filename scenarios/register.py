"""The register of a plan: every figure that it prints, and how each is modelled, or why it is not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from fiveyear.model import INDICATORS, ordinary_files
from fiveyear.model.errors import nearest

from . import shipped
from .errors import ScenarioError, shown
from .plan import Plan
from .tables import read_number

Class = Literal["core", "directional", "portfolio", "diffusion", "milestone", "recorded"]
CLASSES: tuple[Class, ...] = get_args(Class)
COMPARATORS = (">=", "<=", "=", "about", "between")
REGISTER = "register.csv"  # of the folder of a plan
LARGEST = 2 * 1024**2  # bytes; the largest one shipped has some 30,000
PROGRAMME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Figure:
    """One figure of a plan. Texts are empty, and numbers None, where the plan says nothing.

    ``low``, ``high``: the number, or both ends of a range; ``due``: the year, or the years of a report on the past;
    ``model``: the indicator of a figure that is ``core``, the programme of a portfolio, diffusion or milestone;
    ``quote``: where it stands in the text.
    """

    id: str
    chapter: int
    section: str
    measured: str
    low: float | None
    high: float | None
    unit: str
    comparator: str
    due: str
    base: float | None
    base_year: int | None
    modelled_as: Class
    model: str
    reason: str
    quote: str

    def in_words(self) -> str:
        """Give the figure as one would say it.

        >>> from fiveyear.scenarios import load_plan
        >>> read_register(load_plan("twelfth"))[35].in_words()
        'about 60 studios'
        """
        if self.low is None:
            return "no figure"
        if self.unit == "milestone":
            return "about then" if self.comparator == "about" else "by then"
        number = f"{self.low:,g}" if self.high is None else f"{self.low:,g} to {self.high:,g}"
        front = f"{self.comparator} " if self.comparator in (">=", "<=", "about") else ""
        return f"{front}{number} {self.unit}"


COLUMNS = tuple(f.name for f in fields(Figure))


def read_register(plan: Plan) -> list[Figure]:
    """Read the register of a plan; raises ScenarioError with every fault, or if the plan has none."""
    return read_figures(plan.folder / REGISTER)


def registers() -> list[list[Figure]]:
    """Read the register of each shipped plan that has one."""
    return [read_figures(file) for file in shipped.files(REGISTER)]


def read_figures(file: Path) -> list[Figure]:
    """Read a table of figures; raises ScenarioError with every fault."""
    try:
        text = ordinary_files.read(file, LARGEST).decode("utf-8")
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
        rows, columns = list(reader), tuple(reader.fieldnames or ())
    except OSError as error:
        raise ScenarioError(str(file), [f"cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(str(file), [f"cannot be read: {error}"]) from None
    if columns != COLUMNS:
        expected = ", ".join(COLUMNS)
        raise ScenarioError(str(file), [f"columns are {', '.join(columns) or 'none'}; expected {expected}"])
    faults, last = [], ""
    for number, row in enumerate(rows, start=2):
        own = list(_faults(row))
        if not own:
            if row["id"] <= last:
                own = [f"id: {row['id']} after {last}; expected ids that rise"]
            last = row["id"]
        faults += [f"row {number}: {fault}" for fault in own]
    if faults:
        raise ScenarioError(str(file), faults)
    return [_figure(row) for row in rows]


def _figure(row: Mapping[str, str]) -> Figure:
    modelled_as = next(c for c in CLASSES if c == row["modelled_as"])
    low, high, base = (float(row[key]) if row[key] else None for key in ("low", "high", "base"))
    return Figure(
        row["id"], int(row["chapter"]), row["section"], row["measured"], low, high, row["unit"], row["comparator"],
        row["due"], base, int(row["base_year"]) if row["base_year"] else None, modelled_as, row["model"],
        row["reason"], row["quote"],
    )  # fmt: skip


def _faults(row: dict[str | None, str]) -> Iterator[str]:
    """Give what is wrong with a row."""
    if None in row:
        yield f"{len(row[None])} values too many"
        return
    cells = {str(key): value for key, value in row.items()}
    for key, (fits, expected) in FORMS.items():
        if not fits(cells[key]):
            yield f"{key}: is {shown(cells[key])}, expected {expected}"
    if cells["low"] and not (cells["unit"] and cells["comparator"]):
        yield "unit, comparator: empty, expected both beside a number"
    if (cells["comparator"] == "between") != bool(cells["high"]):
        yield f"high: is {shown(cells['high'])}, expected a number where the comparator is between, and only there"
    elif _is_number(cells["low"]) and _is_number(cells["high"]) and not float(cells["low"]) < float(cells["high"]):
        yield f"low, high: {cells['low']} to {cells['high']}, expected low below high"
    yield from _faults_of_class(cells)


def _faults_of_class(row: Mapping[str, str]) -> Iterator[str]:
    name, modelled_as = row["model"], row["modelled_as"]
    if modelled_as == "core":
        if name not in INDICATORS:
            yield f"model: is {shown(name)}, expected an indicator{nearest(name, INDICATORS)}"
    elif modelled_as in ("portfolio", "diffusion", "milestone"):
        if not PROGRAMME.fullmatch(name):
            yield f"model: is {shown(name)}, expected the name of a programme"
        if not row["low"]:
            yield f"low: empty, expected a number, as it is modelled as a {modelled_as}"
    elif modelled_as in CLASSES:
        if name:
            yield f"model: is {shown(name)}, expected none, as it is {modelled_as}"
        if not row["reason"]:
            yield f"reason: empty, expected why it is {modelled_as}"


def _is_number(text: str) -> bool:
    return read_number(text) is not None


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


#: What the text in a column must be, and how that is said.
FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    "id": (_matches(r"S[0-9]{3}"), "S and three digits"),
    "chapter": (_matches(r"[1-9][0-9]?"), "the number of a chapter"),
    "section": (_matches(r"\S.*"), "a text"),
    "measured": (_matches(r"\S.*"), "a text"),
    "quote": (_matches(r"\S.*"), "the words of the plan"),
    "low": (lambda text: not text or _is_number(text), "a number or nothing"),
    "high": (lambda text: not text or _is_number(text), "a number or nothing"),
    "base": (lambda text: not text or _is_number(text), "a number or nothing"),
    "base_year": (_matches(r"((19|20)[0-9][0-9])?"), "a year or nothing"),
    "due": (_matches(r"(19|20)[0-9][0-9](-(19|20)[0-9][0-9])?"), "a year, or two with a hyphen"),
    "comparator": (lambda text: not text or text in COMPARATORS, f"one of {', '.join(COMPARATORS)}, or nothing"),
    "modelled_as": (lambda text: text in CLASSES, f"one of {', '.join(CLASSES)}"),
}
