"""What a listing says of the Series: where their numbers come from, and the numbers, year by year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fiveyear.calibration.posterior import Posterior
from fiveyear.experiments.forecast.ensemble import ground as ground_of
from fiveyear.experiments.page.blocks import Block, Grid, Heading, Paragraph, unit
from fiveyear.model import Model
from fiveyear.model.quantities import Array

from .sentences import converted, course, distribution, origin, plain, sentence, surprise

YEARS = 11  # side by side on a page
SIZES = (("trillion", 1e12), ("billion", 1e9), ("million", 1e6), ("thousand", 1e3))


class Given:
    """The Series of a model, with what one information set of a plan says of them."""

    def __init__(self, model: Model, posterior: Posterior) -> None:
        self.model = model
        self.posterior = posterior
        self.plan = posterior.evidence.plan
        self.priors = posterior.evidence.priors
        self.history = posterior.evidence.history

    def source(self, series: str) -> str:
        """Give where the numbers of a Series come from, a line for each span of years."""
        base, end = self.plan.base_year, self.plan.end
        path = self.plan.content.get("paths", {}).get(series)
        lines = []
        is_given = bool(path) or series in self.priors.surprises or series in self.priors.outlook
        if series in self.history:
            facts = "; ".join(map(self._facts, self.model.histories[series].facts))
            lines.append(f"to {base}, facts: {facts}.")
        elif series in self.priors.past and series in self.posterior.shocks:
            past = self.priors.past[series].growth
            lines.append(f"to {base}, fitted: growth a year {distribution(past)}; {origin(past)}.")
        if path:
            lines.append(f"Plan: {_path(path, self.model.series[series].unit)}; {origin(path)}.")
        if series in self.priors.surprises:
            prior = self.priors.surprises[series]
            lines.append(f"to {base}, fitted; from {base + 1}, drawn: {surprise(prior)}; {origin(prior)}.")
        if series in self.priors.outlook:
            ahead = self.priors.outlook[series]
            lines.append(f"from {base + 1}, outlook: {course(ahead)}; {origin(ahead)}.")
        if not is_given:
            lines.append(f"{f'from {base + 1} to {end}' if lines else 'all years'}: a scenario must give it.")
        return "\n".join(sentence(text).removesuffix(".") + "." for text in lines)

    def _facts(self, series: str) -> str:
        facts = self.posterior.evidence.facts[series]
        sources = dict.fromkeys(facts[year].source for year in sorted(facts))
        return f"{plain(series)} ({'; '.join(sources)})"

    def values(self) -> Iterable[Block]:
        """Give the numbers of all Series, year by year."""
        if not self.model.series:
            return
        base = self.plan.base_year
        yield Heading("Values of the series", 1)
        yield Paragraph(
            f"Up to {base}: the facts, as a run has them, gaps filled at the growth next to them; of what is fitted"
            f" year by year, the median of the posterior. After {base}: the middle of the outlook. Paths of the plan in"
            " all years. Blank: a scenario must give it."
        )
        years = range(self.plan.start, self.plan.end + 1)
        courses = self._yearly()
        rows = {n: _readable(self.model.series[n].unit, n in self.history, courses.get(n)) for n in self.model.series}
        for first in range(0, len(years), YEARS):
            shown = years[first : first + YEARS]
            columns = (("series", 24), ("unit", 17), *((str(year), 6) for year in shown))
            cells = ((plain(n), unit_text, *numbers[first : first + YEARS]) for n, (unit_text, numbers) in rows.items())
            yield Grid(columns, tuple((*row, *[""] * (len(columns) - len(row))) for row in cells), texts=2)

    def _yearly(self) -> dict[str, Array]:
        """Give what is known of each Series, from the first year on, in base units."""
        years = np.arange(self.plan.start, self.plan.end + 1, dtype=float)
        ground = ground_of(self.posterior)
        courses = {**ground.history, **ground.course(self.plan.end - self.plan.base_year)}
        for name, path in self.plan.paths.items():
            if name in ground.history or not path.needs_history:
                courses[name] = path.yearly(years, ground.history.get(name), courses.get("gdp_real"))
        return courses


def _readable(measured: str, counted: bool, values: Array | None) -> tuple[str, tuple[str, ...]]:
    """Give a unit in which values are easily read, and the values in it, each to the same place."""
    if values is None:
        return unit(measured), ()
    if (measured == "share" and counted) or measured == "1/year":
        measured, values = measured.replace("share", "%").replace("1/", "%/"), 100.0 * values
    largest = float(np.max(np.abs(values)))
    word, size = next(((w, s) for w, s in SIZES if largest >= 10.0 * s), ("", 1.0))
    values, largest = values / size, largest / size
    whole = np.allclose(values, np.round(values), rtol=0.0, atol=1e-9)
    places = 0 if whole else min(max(2 - math.floor(math.log10(largest)), 0), 3)
    numbers = (f"{round(float(v), places) + 0.0:,.{places}f}".replace("-", "−") for v in values)
    return f"{word} {unit(measured)}".strip(), tuple(numbers)


def _path(table: Mapping[str, Any], wanted: str) -> str:
    given = table.get("values") or table["growth"]
    held = "values" in table
    wanted = wanted if held else table["unit"]
    numbers = ", ".join(f"{year}: {converted(value, table['unit'], wanted)}" for year, value in given.items())
    return numbers if held else f"growth {numbers} {unit(table['unit'])}"
