"""The facts: read from a table, checked row by row, and chosen by what had been published at a date."""

from __future__ import annotations

import csv
import hashlib
import importlib.resources
import io
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from fiveyear.model import Unit, UnitError, ordinary_files
from fiveyear.scenarios import Plan

from .errors import CalibrationError

COLUMNS = ("series", "year", "value", "unit", "sd", "rounding", "vintage", "first_published", "source", "status")
Status = Literal["seen", "recalled", "derived", "plan"]
STATUSES: tuple[Status, ...] = get_args(Status)
LARGEST = 2 * 1024**2  # bytes; the largest table shipped has some 24,000
BOUNDS = {">=": math.inf, "<=": -math.inf}  # how a bound is written before a value, and the rounding that stands for it


@dataclass(frozen=True)
class Fact:
    """One published number.

    ``sd`` is the error of measurement; ``rounding`` the step it was printed in: 0 if it is exact, infinite if only a
    bound was printed, "at least" (inf) or "at most" (-inf).
    """

    series: str
    year: int
    value: float
    unit: str
    sd: float
    rounding: float
    vintage: str
    first_published: str
    source: str
    status: str

    def to(self, unit: Unit) -> Fact:
        """Give the fact in another unit; raises UnitError if it does not convert."""
        factor = Unit.parse(self.unit).factor_to(unit)
        return Fact(
            self.series, self.year, self.value * factor, str(unit), self.sd * factor, self.rounding * factor,
            self.vintage, self.first_published, self.source, self.status,
        )  # fmt: skip


def folder(plan: Plan) -> Path:
    """Give the folder with the facts, priors and posterior of a plan; raises CalibrationError if there is none."""
    path = Path(str(importlib.resources.files("fiveyear.calibration"))) / plan.name
    if not (path / "observed.csv").is_file():
        raise CalibrationError(str(path), [f"no facts for the plan {plan.name}: observed.csv is not there"])
    return path


def read_facts(file: Path, last_year: int) -> list[Fact]:
    """Read a table of facts, none of them of a year after ``last_year``; raises CalibrationError with every fault."""
    facts: list[Fact] = []
    faults: list[str] = []
    seen: dict[tuple[str, int, str], int] = {}
    try:
        reader = csv.DictReader(io.StringIO(ordinary_files.read(file, LARGEST).decode("utf-8"), newline=""))
        rows, columns = list(reader), tuple(reader.fieldnames or ())
    except OSError as error:
        raise CalibrationError(str(file), [f"cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(str(file), [f"cannot be read: {error}"]) from None
    if columns != COLUMNS:
        raise CalibrationError(
            str(file), [f"columns are {', '.join(columns) or 'none'}; expected {', '.join(COLUMNS)}"]
        )
    if not rows:
        raise CalibrationError(str(file), ["there is no fact in it"])
    for number, row in enumerate(rows, start=2):
        found = [f"row {number}: {fault}" for fault in _faults(row, last_year)]
        if not found:
            key = (row["series"], int(row["year"]), row["vintage"])
            if key in seen:
                found.append(f"row {number}: {key[0]} {key[1]} ({key[2]}) stands in row {seen[key]} too")
            seen[key] = number
        if found:
            faults += found
            continue
        bound, value = _printed(row["value"])
        facts.append(
            Fact(
                row["series"],
                int(row["year"]),
                float(value),
                row["unit"],
                float(row["sd"]),
                BOUNDS[bound] if bound else float(row["rounding"] or 0.0),
                row["vintage"],
                row["first_published"],
                row["source"],
                row["status"],
            )
        )
    if faults:
        raise CalibrationError(str(file), faults)
    return facts


def _printed(value: str) -> tuple[str, str]:
    """Give the bound, if a value was printed as one, and the number."""
    bound = value[:2] if value[:2] in BOUNDS else ""
    return bound, value[len(bound) :]


def _faults(row: Mapping[str, str], last_year: int) -> list[str]:
    if set(row) != set(COLUMNS) or None in row.values():
        return [f"expected {len(COLUMNS)} entries: a comma is missing or stands outside quotes"]
    faults = []
    if not row["series"]:
        faults.append("no series")
    if not re.fullmatch(r"[0-9]{4}", row["year"]):
        faults.append(f"year {row['year']!r} is not a year")
    elif int(row["year"]) > last_year:
        faults.append(f"{row['series']} of {row['year']} is later than {last_year}, the last year a fact may have")
    for column in ("value", "sd", "rounding"):
        if column == "rounding" and not row[column]:
            continue
        try:
            number = float(_printed(row[column])[1] if column == "value" else row[column])
        except (TypeError, ValueError):
            faults.append(f"{column} {row[column]!r} is not a number")
            continue
        if not math.isfinite(number) or (column != "value" and number <= 0.0):
            faults.append(f"{column} {row[column]} is not a {'finite' if column == 'value' else 'positive'} number")
    if _printed(row["value"])[0] and row["rounding"]:
        faults.append(f"rounding {row['rounding']}: a bound such as {row['value']} has none")
    try:
        Unit.parse(row["unit"])
    except UnitError as error:
        faults.append(str(error))
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", row["first_published"]):
        faults.append(f"first_published {row['first_published']!r} is not a month such as 2011-07")
    elif row["first_published"][:4] < row["year"] <= f"{last_year}":
        faults.append(f"first_published {row['first_published']} is before {row['year']}, the year it speaks of")
    if not row["source"]:
        faults.append("no source")
    if row["status"] not in STATUSES:
        faults.append(f"status {row['status']!r} is not one of {', '.join(STATUSES)}")
    return faults


def known_by(facts: Iterable[Fact], month: str, statuses: Collection[str] = STATUSES) -> dict[str, dict[int, Fact]]:
    """Choose, for each series and year, the fact last published up to a month: series -> year -> fact.

    Preliminary and final figures are observations of one truth, but not two: an earlier figure is the later one and
    the error that its revision took away, so that beside the later one it says nothing of the truth (noise that is
    later removed, in the words of Mankiw & Shapiro 1986). The last one counts, and alone.
    """
    chosen: dict[str, dict[int, Fact]] = {}
    for fact in sorted(facts, key=lambda f: (f.year, f.first_published)):
        if fact.first_published <= month and fact.status in statuses:
            chosen.setdefault(fact.series, {})[fact.year] = fact
    return chosen


def fingerprint(facts: Mapping[str, Mapping[int, Fact]]) -> str:
    """A hash of what the facts say; sources and notes may be reworded without changing it."""
    lines = sorted(
        f"{f.series} {f.year} {f.value!r} {f.unit} {f.sd!r} {f.rounding!r}"
        for years in facts.values()
        for f in years.values()
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_record(file: Path, indicator: str, month: str) -> list[float]:
    """Read the shares of planned rises that earlier plans delivered, as known by a month; none without a record.

    Raises CalibrationError with every faulty row.
    """
    shares: list[float] = []
    faults = []
    try:
        reader = csv.DictReader(io.StringIO(ordinary_files.read(file, LARGEST).decode("utf-8"), newline=""))
        rows = list(reader)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CalibrationError(str(file), [f"cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(str(file), [f"cannot be read: {error}"]) from None
    for number, row in enumerate(rows, start=2):
        try:
            base, target, outcome = (float(row[c]) for c in ("base", "target", "outcome"))
            share = (outcome - base) / (target - base)
            if row["indicator"] == indicator and row["first_published"] <= month:
                shares.append(share)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            faults.append(f"row {number}: cannot be read as a target with base and outcome ({error!r})")
    if faults:
        raise CalibrationError(str(file), faults)
    return shares
