"""The quantiles as a long table: one row a case, indicator and year."""

from __future__ import annotations

from collections.abc import Sequence

from fiveyear.experiments.page.columns import Column, cell, factor_columns
from fiveyear.experiments.page.text import one_line

from .statistics import LEVELS, Statistic

NAMES = ("scenario", "indicator", "label", "unit", "year", "draws", "not_finite", "mean")


def table(statistics: Sequence[Statistic]) -> list[Column]:
    """Give the columns: the case, the indicator with its unit, the year, and what the draws say; None if not known."""
    levels = [(f"p{100 * level:02.0f}", level) for level in LEVELS]
    return [
        Column("scenario", "scenario", [one_line(s.scenario) for s in statistics]),
        *factor_columns([s.factors for s in statistics], {*NAMES, *(name for name, _ in levels)}),
        Column("indicator", "name of the indicator", [one_line(s.indicator) for s in statistics]),
        Column("label", "label of the indicator", [one_line(s.label) for s in statistics]),
        Column("unit", "unit of mean and quantiles", [one_line(s.unit) for s in statistics]),
        Column("year", "year", [int(s.year) for s in statistics]),
        Column("draws", "draws of the case", [int(s.draws) for s in statistics]),
        Column("not_finite", "draws left out, for they are not finite", [int(s.not_finite) for s in statistics]),
        Column("mean", "mean, in the unit that unit states", [cell(s.mean) for s in statistics]),
        *(
            Column(
                name,
                f"{100 * level:.0f}th percentile, in the unit that unit states",
                [cell(s.quantiles.get(level)) for s in statistics],
            )
            for name, level in levels
        ),
    ]
