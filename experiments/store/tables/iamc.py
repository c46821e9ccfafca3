"""The wide table of the Integrated Assessment Modeling Consortium (IAMC): one row a scenario and variable.

A variable is a sector of the model, what is counted there, and a quantile, which is named as in the database of the
IPCC's sixth report: ``Workforce|R&D personnel per 10,000 employed|50.0th Percentile``.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from fiveyear.experiments.page.columns import Column, cell
from fiveyear.experiments.page.text import one_line
from fiveyear.model import INDICATORS
from fiveyear.model.labels import in_words
from fiveyear.scenarios.plan import model_of

from .statistics import LEVELS, Statistic


def table(statistics: Sequence[Statistic], region: str) -> list[Column]:
    """Give the columns Model, Scenario, Region, Variable, Unit, and one a year; a quantile that is not known is None.

    The factors of a case stand in its scenario's name, since the format has no other place for them.
    """
    variables = _variables(statistics)
    by_case: dict[tuple[int, str], dict[int, Statistic]] = {}
    for s in statistics:
        by_case.setdefault((s.case, s.indicator), {})[s.year] = s
    rows = [(by_year, level) for by_year in by_case.values() for level in LEVELS]
    years = sorted({s.year for s in statistics})
    of_row = [next(iter(by_year.values())) for by_year, _ in rows]
    quantiles = [{year: cell(s.quantiles.get(level)) for year, s in by_year.items()} for by_year, level in rows]
    return [
        Column("Model", "model", [f"fiveyear {version('fiveyear')}"] * len(rows)),
        Column("Scenario", "scenario", [_scenario(s) for s in of_row]),
        Column("Region", "region", [one_line(region)] * len(rows)),
        Column(
            "Variable",
            "variable",
            [f"{variables[s.indicator]}|{100 * p:.1f}th Percentile" for s, (_, p) in zip(of_row, rows, strict=True)],
        ),
        Column("Unit", "unit", [one_line(s.unit) for s in of_row]),
        *(Column(year, str(year), [row.get(year) for row in quantiles]) for year in years),
    ]


def _variables(statistics: Sequence[Statistic]) -> dict[str, str]:
    """Give each indicator's variable: its sector and its label, with the indicator where two have one label."""
    # A bar in a label would make a level of the hierarchy.
    labels = {s.indicator: one_line(s.label).replace("|", "/") for s in statistics}
    shared, sectors = list(labels.values()), model_of(None).sectors
    variables = {}
    for name, label in labels.items():
        sector = sectors.get(INDICATORS[name].numerator.variable if name in INDICATORS else name)
        above = f"{in_words(sector).capitalize()}|" if sector else ""  # what another version kept may be unknown
        variables[name] = above + (label if shared.count(label) == 1 else f"{label} ({name})")
    return variables


def _scenario(statistic: Statistic) -> str:
    factors = ", ".join(f"{one_line(key)} = {cell(value)}" for key, value in statistic.factors.items())
    return one_line(statistic.scenario) + (f" ({factors})" if factors else "")
