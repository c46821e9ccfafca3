"""The facts: read from a table, checked row by row, and chosen by what had been published at a date."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from fiveyear.model import INDICATORS, Model, Unit, ordinary_files
from fiveyear.model.errors import nearest
from fiveyear.scenarios.errors import shown
from fiveyear.scenarios.sizes import in_steps, is_far, times
from fiveyear.scenarios.tables import read_number

from .errors import CalibrationError
from .series import measures, of_indicator, unit_fault

YEAR = "(?:19|20)[0-9]{2}"
ANY_MONTH = "9999-12"  # after whatever may have been published
FACTS, PRIORS, RECORD = "observed.csv", "priors.toml", "record_of_targets.csv"  # of the folder of a plan
COLUMNS = ("series", "year", "value", "unit", "sd", "rounding", "vintage", "first_published", "source", "status")
Status = Literal["seen", "recalled", "derived", "plan"]
STATUSES: tuple[Status, ...] = get_args(Status)
KEPT = "kept"  # the status of a row that stands in the table only, and that nothing reads
RECORD_COLUMNS = (
    "indicator",
    "plan",
    "years",
    "base",
    "target",
    "outcome",
    "unit",
    "first_published",
    "source",
    "status",
)
TOLD = ("base", "target", "outcome")
LATEST = 10  # years after the last year of facts in which one may be published: yearbooks and revisions
JUMP = 8.0  # times that no level is away from what others foretell: a digit lost, and what a year may bring
ENOUGH = 4  # figures of a series of which this is told
MOST = 100  # figures of one series
SMALLEST_SD = 1e-5  # of a level; nobody measures better
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
    row: int = field(default=0, compare=False, repr=False)  # of the table it was read from

    def to(self, unit: Unit) -> Fact:
        """Give the fact in another unit; raises UnitError if it does not convert."""
        factor = Unit.parse(self.unit).factor_to(unit)
        return Fact(
            self.series, self.year, self.value * factor, str(unit), self.sd * factor, self.rounding * factor,
            self.vintage, self.first_published, self.source, self.status, self.row,
        )  # fmt: skip


def read_facts(file: Path, last_year: int, model: Model) -> list[Fact]:
    """Read a table of facts, none of a year after ``last_year``, without what is only kept there or of no group.

    Raises CalibrationError with every fault: of form, of a series that nothing reads, of a dimension or a size that its
    series cannot have.
    """
    rows = read_rows(file, COLUMNS)
    if not rows:
        raise CalibrationError(str(file), ["there is no fact in it"])
    facts: list[Fact] = []
    faults: dict[int, list[str]] = {}
    seen: dict[tuple[str, int, str], int] = {}
    counts: Counter[str] = Counter()
    for number, row in enumerate(rows, start=2):
        faults[number] = _faults(row, last_year)
        if faults[number] or row["status"] == KEPT or _is_absent(row["series"], model):
            continue
        fact = _fact(row, number)
        faults[number] = _misfits(fact, model)
        key = (fact.series, fact.year, fact.vintage)
        if key in seen:
            faults[number].append(f"{fact.series} {fact.year} ({fact.vintage}) stands in row {seen[key]} too")
        seen[key] = number
        counts[fact.series] += 1
        if counts[fact.series] == MOST + 1:
            faults[number].append(f"more than {MOST} figures of {fact.series}")
        if counts[fact.series] <= MOST:
            facts.append(fact)
    for number, fault in _jumps([f for f in facts if not faults[f.row]], model):
        faults[number].append(fault)
    if listed := [f"row {number}: {fault}" for number, row_faults in faults.items() for fault in row_faults]:
        raise CalibrationError(str(file), listed)
    return facts


def read_rows(file: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Read the rows of a table with these columns; raises CalibrationError if it is none."""
    try:
        reader = csv.DictReader(io.StringIO(ordinary_files.read(file, LARGEST).decode("utf-8-sig"), newline=""))
        rows, header = list(reader), tuple(reader.fieldnames or ())
    except OSError as error:
        raise CalibrationError(str(file), [f"cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(str(file), [f"cannot be read: {error}"]) from None
    if header != columns:
        raise CalibrationError(str(file), [f"columns are {', '.join(header) or 'none'}; expected {', '.join(columns)}"])
    return rows


def _fact(row: Mapping[str, str], number: int) -> Fact:
    bound, value = _printed(row["value"])
    return Fact(
        row["series"], int(row["year"]), float(value), row["unit"], float(row["sd"]),
        BOUNDS[bound] if bound else float(row["rounding"] or 0.0),
        row["vintage"], row["first_published"], row["source"], row["status"], number,
    )  # fmt: skip


def _printed(value: str) -> tuple[str, str]:
    """Give the bound, if a value was printed as one, and the number."""
    bound = value[:2] if value[:2] in BOUNDS else ""
    return bound, value[len(bound) :]


def _faults(row: Mapping[str, str], last_year: int) -> list[str]:
    if broken := _broken(row, COLUMNS):
        return broken
    faults = []
    if not row["series"]:
        faults.append("no series")
    is_year = re.fullmatch(YEAR, row["year"]) is not None
    if not is_year:
        faults.append(f"year {row['year']!r} is not a year")
    elif int(row["year"]) > last_year:
        faults.append(f"{row['series']} of {row['year']} is later than {last_year}, the last year a fact may have")
    for column in ("value", "sd", "rounding"):
        if column == "rounding" and not row[column]:
            continue
        number = read_number(_printed(row[column])[1] if column == "value" else row[column])
        if number is None:
            faults.append(f"{column} {row[column]!r} is not a number in plain digits")
        elif column != "value" and number <= 0.0:
            faults.append(f"{column} {row[column]} is not a positive number")
    if _printed(row["value"])[0] and row["rounding"]:
        faults.append(f"rounding {row['rounding']}: a bound such as {row['value']} has none")
    if wrong := unit_fault(row["unit"]):
        faults.append(wrong)
    faults += _month_faults(row["first_published"])
    if is_year and re.match(YEAR + "-", row["first_published"]):
        published = int(row["first_published"][:4])
        if published < int(row["year"]) <= last_year:
            faults.append(f"first_published {row['first_published']} is before {row['year']}, the year it speaks of")
        elif published > last_year + LATEST:
            faults.append(f"first_published {row['first_published']} is more than {LATEST} years after {last_year}")
    if not row["source"].strip():
        faults.append("no source")
    if row["status"] not in (*STATUSES, KEPT):
        faults.append(f"status {row['status']!r} is not one of {', '.join((*STATUSES, KEPT))}")
    return faults


def _broken(row: Mapping[str, str], columns: tuple[str, ...]) -> list[str]:
    if set(row) != set(columns) or None in row.values():
        return [f"expected {len(columns)} entries: a comma is missing or stands outside quotes"]
    hidden = [column for column in columns if not row[column].replace("\t", " ").isprintable()]
    return [f"{column} holds a sign that cannot be printed: {shown(row[column])}" for column in hidden]


def _month_faults(month: str) -> list[str]:
    if re.fullmatch(YEAR + "-(0[1-9]|1[0-2])", month):
        return []
    return [f"first_published {month!r} is not a month such as 2011-07"]


def _misfits(fact: Fact, model: Model) -> list[str]:
    """Give what is wrong with a fact of good form, as one of its series."""
    measure, unit = measures(model).get(fact.series), Unit.parse(fact.unit)
    if measure is None:
        hint = nearest(fact.series, measures(model))
        return [f"nothing reads a series called {shown(fact.series)}{hint}; or say {KEPT} for its status"]
    of = f"{fact.series} of {fact.year}"
    if not unit.converts_to(measure.unit):
        return [f'{of}: unit is "{unit}", expected one such as "{measure.unit}"']
    if fault := measure.fault(fact.value, unit):
        return [f"{of}: {fault}"]
    faults = []
    least, most = SMALLEST_SD * fact.value, fact.value
    if not measure.is_level:
        least, most = 0.0, (measure.high - measure.low) / 2.0 / unit.factor_to(measure.unit)
    if not least <= fact.sd <= most:
        faults.append(f"{of}: sd {fact.sd:g} {unit}, expected {least:g} to {most:g} beside {fact.value:g}")
    if 0.0 < fact.rounding < math.inf and not in_steps(fact.value, fact.rounding):
        faults.append(f"{of}: {fact.value:g} {unit} is not printed in steps of {fact.rounding:g}, its rounding")
    return faults


def _is_absent(series: str, model: Model) -> bool:
    """Tell whether a series is of a group that has no members in this country."""
    of_group = any(series.startswith(f"{name}_") for name in model.without_members)
    return of_group or (series in INDICATORS and series not in model.indicators)


def _jumps(facts: Iterable[Fact], model: Model) -> list[tuple[int, str]]:
    """Give, with its row, each level that is far from what the figures round it foretell.

    A wrong figure foretells wrong ones for those round it: what is taken out first is that without which the others
    fit best. A few faults of a series are enough.
    """
    jumps = []
    by_series: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda f: (f.year, f.first_published)):
        if measures(model)[fact.series].is_level:
            by_series.setdefault(fact.series, []).append(fact)
    for series, left in by_series.items():
        unit = measures(model)[series].unit
        logs = {f.row: math.log10(f.value * Unit.parse(f.unit).factor_to(unit)) for f in left}
        for _ in range(ENOUGH):
            off = _off(left, logs)
            worst = sorted((f for f in left if abs(off[f.row]) >= math.log10(JUMP)), key=lambda f: -abs(off[f.row]))
            if not worst:
                break
            rests = [[f for f in left if f is not wrong] for wrong in worst[:ENOUGH]]
            left_off = [max(map(abs, _off(rest, logs).values())) for rest in rests]
            chosen = left_off.index(min(left_off))
            fact, rows = worst[chosen], _foretold(worst[chosen], left, logs)[1]
            left = rests[chosen]
            comparison = f"found {fact.value:g} {fact.unit}, {times(10.0 ** off[fact.row], 1.0)} what is expected by"
            named = ", ".join(f"row {row}" for row in sorted(rows))
            jumps.append((fact.row, f"{series} of {fact.year}: {comparison} {named}: a digit, or the unit?"))
    return jumps


def _off(series: Sequence[Fact], logs: Mapping[int, float]) -> dict[int, float]:
    """Give how far the logarithm of each figure, by its row, is off what the others of a series, sorted, foretell."""
    if len(series) < 2:
        return dict.fromkeys(logs, 0.0)
    return {f.row: logs[f.row] - _foretold(f, series, logs)[0] for f in series}


def _foretold(fact: Fact, series: Sequence[Fact], logs: Mapping[int, float]) -> tuple[float, set[int]]:
    """Give the logarithm that other figures of a series, sorted, foretell for one, and their rows.

    That is the middle of other figures of its year, and of the line through the nearest years: between them, or on from
    two of them, by a doubling a year at most.
    """
    same = [f for f in series if f.year == fact.year and f is not fact]
    before = {f.year: f for f in series if f.year < fact.year}  # the last figure of each year
    after = {f.year: f for f in reversed(series) if f.year > fact.year}
    earlier, later = [before[y] for y in sorted(before)[-2:]], [after[y] for y in sorted(after)[:2]]
    line = [earlier[-1], later[0]] if earlier and later else [*reversed(earlier), *later][:2]
    foretold = [logs[f.row] for f in same]
    if line:
        nearest, *other = line
        slope = sum((logs[f.row] - logs[nearest.row]) / (f.year - nearest.year) for f in other)
        if not (earlier and later):
            slope = min(max(slope, -math.log10(2.0)), math.log10(2.0))
        foretold.append(logs[nearest.row] + slope * (fact.year - nearest.year))
    return statistics.median(foretold), {f.row for f in (*same, *line)}


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


@dataclass(frozen=True)
class Record:
    """What became of a target of an earlier plan: ``share`` of the planned rise was delivered."""

    indicator: str
    first_published: str
    share: float


def read_records(file: Path, model: Model) -> list[Record]:
    """Read what became of targets of earlier plans; none without a file. Raises CalibrationError with every fault."""
    if not os.path.lexists(file):
        return []
    records, faults = [], []
    for number, row in enumerate(read_rows(file, RECORD_COLUMNS), start=2):
        if row_faults := _record_faults(row, model):
            faults += [f"row {number}: {fault}" for fault in row_faults]
            continue
        base, target, outcome = (float(row[c]) for c in TOLD)
        records.append(Record(row["indicator"], row["first_published"], (outcome - base) / (target - base)))
    if faults:
        raise CalibrationError(str(file), faults)
    return records


def _record_faults(row: Mapping[str, str], model: Model) -> list[str]:
    if broken := _broken(row, RECORD_COLUMNS):
        return broken
    name = row["indicator"]
    faults = [f"no {column}" for column in ("plan", "source") if not row[column].strip()]
    if row["status"] not in STATUSES:
        faults.append(f"status {row['status']!r} is not one of {', '.join(STATUSES)}")
    faults += _month_faults(row["first_published"])
    years = re.fullmatch(f"({YEAR})-({YEAR})", row["years"])
    if not years or not int(years[1]) < int(years[2]):
        faults.append(f"years {row['years']!r} are not those of a plan, such as 2006-2010")
    elif not faults and row["first_published"][:4] < years[2]:
        faults.append(f"first_published {row['first_published']} is before {years[2]}, of which the outcome is")
    numbers = {column: number for column in TOLD if (number := read_number(row[column])) is not None}
    faults += [f"{c} {row[c]!r} is not a number in plain digits" for c in TOLD if c not in numbers]
    if name not in model.indicators:
        return [*faults, f"no indicator is called {shown(name)}{nearest(name, model.indicators)}"]
    measure = of_indicator(model.indicators[name])
    if wrong := unit_fault(row["unit"]):
        return [*faults, wrong]
    unit = Unit.parse(row["unit"])
    if not unit.converts_to(measure.unit):
        return [*faults, f'{name}: unit is "{unit}", expected "{measure.unit}"']
    misfits = {c: fault for c, number in numbers.items() if (fault := measure.fault(number, unit))}
    faults += [f"{c} of {name}: {fault}" for c, fault in misfits.items()]
    if len(numbers) < len(TOLD) or misfits:
        return faults
    base = numbers.pop("base")
    if numbers["target"] == base:
        faults.append(f"target of {name}: found {base:g} {unit}, its base; expected a rise or a fall")
    far = {c: n for c, n in numbers.items() if measure.is_level and is_far(n, base)}
    return faults + [f"{c} of {name}: found {n:g} {unit}, beside a base of {base:g}: the unit?" for c, n in far.items()]
