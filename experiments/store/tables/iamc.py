"""The wide table of the Integrated Assessment Modeling Consortium (IAMC): one row a scenario and variable.

Quantiles are named as in the database of the IPCC's sixth report: ``Researchers|50.0th Percentile``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from fiveyear.experiments.page.columns import Cell, Column, cell
from fiveyear.experiments.page.text import one_line

from .statistics import LEVELS, Statistic


def table(statistics: Sequence[Statistic], region: str) -> list[Column]:
    """Give the columns Model, Scenario, Region, Variable, Unit, and one a year; a quantile that is not known is None.

    The factors of a case stand in its scenario's name, since the format has no other place for them.
    """
    variables = _variables(statistics)
    rows: dict[tuple[int, str, float], dict[int, Cell]] = {}
    first: dict[tuple[int, str], Statistic] = {}
    for s in statistics:
        first.setdefault((s.case, s.indicator), s)
        for level in LEVELS:
            rows.setdefault((s.case, s.indicator, level), {})[int(s.year)] = cell(s.quantiles.get(level))
    of_row = [first[case, indicator] for case, indicator, _ in rows]
    years = sorted({int(s.year) for s in statistics})
    return [
        Column("Model", "model", [f"fiveyear {version('fiveyear')}"] * len(rows)),
        Column("Scenario", "scenario", [_scenario(s) for s in of_row]),
        Column("Region", "region", [one_line(region)] * len(rows)),
        Column(
            "Variable",
            "variable",
            [f"{variables[indicator]}|{100 * level:.1f}th Percentile" for _, indicator, level in rows],
        ),
        Column("Unit", "unit", [one_line(s.unit) for s in of_row]),
        *(Column(year, str(year), [values.get(year) for values in rows.values()]) for year in years),
    ]


def _variables(statistics: Sequence[Statistic]) -> dict[str, str]:
    """Give each indicator's variable: its label, with the indicator where two have one label."""
    # A bar in a label would make a level of the hierarchy.
    labels = {s.indicator: one_line(s.label).replace("|", "/") for s in statistics}
    shared = list(labels.values())
    return {
        indicator: label if shared.count(label) == 1 else f"{label} ({indicator})"
        for indicator, label in labels.items()
    }


def _scenario(statistic: Statistic) -> str:
    factors = ", ".join(f"{one_line(key)} = {cell(value)}" for key, value in statistic.factors.items())
    return one_line(statistic.scenario) + (f" ({factors})" if factors else "")
