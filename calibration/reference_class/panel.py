"""The panel: series of other countries, read from its tables and checked row by row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import read_rows
from fiveyear.model.errors import InputError, nearest
from fiveyear.model.quantities import Array

HERE = Path(__file__).parent
FIRST, LAST = 1980, 2010
EARLIEST = 2006  # that the panel may be cut at: before, no forecast of researchers is in its fifth year
OWN = ("CHN", "HKG", "MAC")  # the forecasts are of China: it is no part of its own reference class
PEOPLE = 1e6  # in the year of origin; smaller countries are another kind


@dataclass(frozen=True)
class Panel:
    """Figures by series, (country, year), in the unit of its source; NaN where there is none."""

    countries: tuple[str, ...]
    values: Mapping[str, Array]

    def as_known(self, year: int, without: str = "") -> Panel:
        """Give the panel to a year, without a country: what a plan of that country may take from the others.

        Raises InputError for a year outside ``EARLIEST`` to ``LAST``, or a country that has no row.
        """
        faults = []
        if not EARLIEST <= year <= LAST:
            faults.append(f"found {year}, expected a last year from {EARLIEST} to {LAST}")
        if without and without not in self.countries:
            near = nearest(without, self.countries)
            expected = "a country of the panel, in the three letters of ISO 3166 such as KOR"
            faults.append(f'found "{without[:40]}", expected {expected}{near}')
        if faults:
            raise InputError("the reference class", faults)
        others = [place for place, country in enumerate(self.countries) if country != without]
        values = {name: np.where(self.years <= year, figures[others], np.nan) for name, figures in self.values.items()}
        return Panel(tuple(self.countries[place] for place in others), values)

    @property
    def years(self) -> npt.NDArray[np.int_]:
        """The years, (year,)."""
        return np.arange(FIRST, LAST + 1)

    def levels(self, name: str) -> Array:
        """Give a series of ``SERIES``, (country, year)."""
        return SERIES[name].level(self.values)

    def logs(self, name: str) -> Array:
        """Give the logarithm of a series of ``SERIES``, or of its odds if it is a share with a ceiling."""
        levels = self.levels(name)
        if SERIES[name].is_share:
            levels = levels / (100.0 - levels)
        return np.log(levels)

    def is_origin(self, name: str) -> npt.NDArray[np.bool_]:
        """Tell in which years a country is large enough to be forecast from, (country, year)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (self.values["population"] >= PEOPLE)
                & (self.levels(SERIES[name].counted or name) >= SERIES[name].least)
            )


class ClassSeries(NamedTuple):
    """A series of the class: how it is made of the panel's, and the least of ``counted`` that makes an origin."""

    label: str
    level: Callable[[Mapping[str, Array]], Array]
    least: float
    counted: str = ""  # the series that ``least`` is of, if another
    is_share: bool = False


#: What is forecast, by name.
SERIES: dict[str, ClassSeries] = {
    "rd_intensity": ClassSeries("R&D / GDP", lambda v: v["gerd_gdp"], 0.1),
    "rd_real": ClassSeries("Real R&D expenditure", lambda v: v["gerd_gdp"] * v["gdp_real"], 0.1, "rd_intensity"),
    "researchers": ClassSeries("Researchers", lambda v: v["researchers_per_million"] * v["population"] / 1e6, 1000.0),
    "applications": ClassSeries("Patent applications of residents", lambda v: v["patents_resident"], 1000.0),
    "applications_per_researcher": ClassSeries(
        "Applications per researcher",
        lambda v: v["patents_resident"] / (v["researchers_per_million"] * v["population"] / 1e6),
        1000.0,
        "applications",
    ),
    "grants": ClassSeries("Patent grants by origin", lambda v: v["grants_by_origin"], 1000.0),
    "articles": ClassSeries("Articles", lambda v: v["articles"], 1000.0),
    "gdp_real": ClassSeries("Real GDP", lambda v: v["gdp_real"], 0.0),
    "high_tech_share": ClassSeries(
        "Medium- and high-tech share of manufacturing", lambda v: v["medium_high_tech_share"], 5.0, is_share=True
    ),
}


def read_panel(folder: Path = HERE) -> Panel:
    """Read ``panel.csv`` and ``sources.csv`` of a folder; raises CalibrationError with every faulty row."""
    sources = _read_sources(folder / "sources.csv")
    file = folder / "panel.csv"
    columns = ("series", "iso3", "year", "value", "source_id")
    faults: list[str] = []
    figures: dict[tuple[str, str, int], float] = {}
    rows: dict[tuple[str, str, int], int] = {}
    for number, row in enumerate(read_rows(file, columns), start=2):
        wrong = list(_row_faults(row, sources))
        if not wrong:
            key = (row["series"], row["iso3"], int(row["year"]))
            if key in rows:
                wrong = [f"{' '.join(map(str, key))} stands in row {rows[key]} too"]
            rows.setdefault(key, number)
            figures[key] = float(row["value"])
        faults += [f"row {number}: {fault}" for fault in wrong]
    with_rows = {series for series, _, _ in figures}
    faults += [f"no row of {series}, which sources.csv has" for series in sorted({*sources.values()} - with_rows)]
    if faults:
        raise CalibrationError(str(file), faults)
    countries = tuple(sorted({country for _, country, _ in figures}))
    values = {series: np.full((len(countries), LAST - FIRST + 1), np.nan) for series in with_rows}
    places = {country: place for place, country in enumerate(countries)}
    for (series, country, year), value in figures.items():
        values[series][places[country], year - FIRST] = value
    return Panel(countries, values)


def _read_sources(file: Path) -> dict[str, str]:
    """Give the series of each source; raises CalibrationError with every faulty row."""
    sources: dict[str, str] = {}
    faults = []
    for number, row in enumerate(read_rows(file, ("source_id", "series", "unit", "source", "licence")), start=2):
        faults += [f"row {number}: no {key}" for key, text in row.items() if not (text or "").strip()]
        if row["source_id"] in sources:
            faults.append(f"row {number}: {row['source_id']} stands twice")
        sources[row["source_id"]] = row["series"]
    if faults:
        raise CalibrationError(str(file), faults)
    return sources


def _row_faults(row: Mapping[str, str], sources: Mapping[str, str]) -> list[str]:
    if None in row or None in row.values():
        return ["has more or fewer cells than there are columns"]
    faults = []
    if sources.get(row["source_id"]) != row["series"]:
        given = f'source_id "{row["source_id"]}"' if row["source_id"] else "no source_id"
        faults.append(f"{given}: sources.csv has no source and licence of {row['series']} under it")
    if not re.fullmatch("[A-Z]{3}", row["iso3"]):
        faults.append(f'iso3 "{row["iso3"]}": expected three capital letters, as ISO 3166 has them')
    elif row["iso3"] in OWN:
        faults.append(f"{row['iso3']}: China is no part of its own reference class")
    if not re.fullmatch("[0-9]{4}", row["year"]) or not FIRST <= int(row["year"]) <= LAST:
        faults.append(f'year "{row["year"]}": expected {FIRST} to {LAST}')
    try:
        is_size = 0.0 < float(row["value"]) < math.inf
    except ValueError:
        is_size = False
    if not is_size:
        faults.append(f'value "{row["value"]}": expected a number above 0')
    return faults
