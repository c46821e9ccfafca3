"""What became of other countries' plans, and of the technology markets of provinces: read from tables, row by row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import read_rows
from fiveyear.model.quantities import Array

from .panel import HERE, LAST, OWN

TARGET_COLUMNS = (
    "programme", "iso3", "announced", "base_year", "base", "target_year", "target", "base_as_outcome",
    "outcome", "unit", "outcome_source", "source", "status",
)  # fmt: skip
FIGURES = ("base", "target", "base_as_outcome", "outcome")
PROVINCE_COLUMNS = ("series", "province", "year", "value", "unit", "source")
SURVEYS = (2000, 2005, 2010)  # years of the provinces' figures
NATION = "China"  # a total is no province


@dataclass(frozen=True)
class PlannedRise:
    """A rise in R&D that a government promised, and what it came to; in one unit.

    ``base_as_outcome``: the base in the vintage of the outcome, since two vintages in one difference are no rise.
    """

    programme: str
    country: str
    due: int  # the year
    base: float
    target: float
    base_as_outcome: float
    outcome: float

    @property
    def delivered(self) -> float:
        """The share of the planned rise that was delivered."""
        return (self.outcome - self.base_as_outcome) / (self.target - self.base)

    @property
    def met(self) -> bool:
        """Whether the target was met."""
        return self.outcome >= self.target


def read_planned_rises(folder: Path = HERE) -> list[PlannedRise]:
    """Read ``targets.csv`` of a folder; raises CalibrationError with every faulty row."""
    file = folder / "targets.csv"
    rises, faults = [], []
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(read_rows(file, TARGET_COLUMNS), start=2):
        wrong = list(_target_faults(row))
        key = tuple(str(row[n]) for n in ("programme", "iso3", "target_year"))
        if key in seen:
            wrong.append(f"{' '.join(key)} stands in row {seen[key]} too")
        seen.setdefault(key, number)
        faults += [f"row {number}: {fault}" for fault in wrong]
        if not wrong:
            figures = (float(row[n]) for n in FIGURES)
            rises.append(PlannedRise(row["programme"], row["iso3"], int(row["target_year"]), *figures))
    if faults:
        raise CalibrationError(str(file), faults)
    return rises


def _target_faults(row: Mapping[str, str]) -> Iterator[str]:
    yield from (f"no {key}" for key in TARGET_COLUMNS if not (row[key] or "").strip())
    if row["iso3"] in OWN:
        yield f"{row['iso3']}: China is no part of its own reference class"
    figures = [_number(row[key]) for key in FIGURES]
    if None in figures:
        yield f"{', '.join(FIGURES)}: expected numbers above 0"
    elif figures[1] <= figures[0]:  # type: ignore[operator]
        yield f"target {row['target']}: expected more than the base, {row['base']}"
    if not re.fullmatch("[0-9]{4}", row["target_year"] or "") or int(row["target_year"]) > LAST:
        yield f'target_year "{row["target_year"]}": expected a year up to {LAST}'


def read_provinces(folder: Path = HERE) -> dict[str, Array]:
    """Read ``provinces.csv``: series -> (province, survey); raises CalibrationError with every faulty row."""
    file = folder / "provinces.csv"
    figures: dict[str, dict[str, dict[int, float]]] = {}
    faults = []
    for number, row in enumerate(read_rows(file, PROVINCE_COLUMNS), start=2):
        wrong = [f"no {key}" for key in PROVINCE_COLUMNS if not (row[key] or "").strip()]
        value, year = _number(row["value"], nil=True), row["year"]
        if value is None:
            wrong.append(f'value "{row["value"]}": expected a number of 0 or more')
        if year not in map(str, SURVEYS):
            wrong.append(f'year "{year}": expected {", ".join(map(str, SURVEYS))}')
        if row["province"] == NATION:
            wrong.append(f"{NATION} is the total, no province")
        if not wrong and value is not None:
            of_province = figures.setdefault(row["series"], {}).setdefault(row["province"], {})
            if int(year) in of_province:
                wrong.append(f"{row['series']} {row['province']} {year} stands twice")
            of_province[int(year)] = value
        faults += [f"row {number}: {fault}" for fault in wrong]
    if faults:
        raise CalibrationError(str(file), faults)
    return {
        series: np.array([[by_year.get(year, math.nan) for year in SURVEYS] for _, by_year in sorted(of.items())])
        for series, of in figures.items()
    }


def _number(text: str | None, nil: bool = False) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0.0 < value < math.inf or (nil and value == 0.0) else None
