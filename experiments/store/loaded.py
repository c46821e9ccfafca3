"""Results that have been written, for a program: a store, or the file of a ``run`` or ``reach``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from fiveyear.experiments.forecast.selection import require_text
from fiveyear.model.errors import printable

from .results import Result, open_result

if TYPE_CHECKING:
    import pandas as pd


class Loaded:
    """A finished experiment or run. ``result`` reads it part by part, however large it is."""

    def __init__(self, result: Result) -> None:
        self.result = result

    @property
    def table(self) -> pd.DataFrame:
        """A row for each case and target: what its factors take, probability, verdict, and p05, median, p95 of the end.

        Numbers are in ``unit``. The probability is NaN where the scenario itself sets the target; median, p05 and p95
        are those of the last year, NaN of a target that each year must meet.
        """
        import pandas as pd

        targets = {t.indicator: t for t in self.result.plan_targets}
        ends = {
            (s.case, s.indicator): s
            for s in self.result.statistics((0.05, 0.5, 0.95))
            if s.year == self.result.years[-1] and s.indicator in targets
        }
        rows = []
        for case in self.result.targets():
            for name, target in targets.items():
                quantiles = ends[case.case, name].quantiles.values()
                p05, median, p95 = (float("nan"),) * 3 if target.every_year else quantiles
                rows.append(
                    {
                        "case": case.case,
                        "scenario": case.scenario,
                        **case.factors,
                        "indicator": name,
                        "label": target.label,
                        "unit": target.unit,
                        "comparator": target.comparator,
                        "target": target.value,
                        "probability": case.probability(name),
                        "verdict": case.verdict(target),
                        "median": median,
                        "p05": p05,
                        "p95": p95,
                    }
                )
        return pd.DataFrame(rows)

    @property
    def draws(self) -> xr.Dataset:
        """Every draw, dims (case, draw, year), units in the attributes; raises Error if only counts were kept."""
        return self.result.dataset()

    def __repr__(self) -> str:
        description = self.result.description
        size = f"{len(self.result.cases)} cases of {description.draws:,} draws"
        return f"<result {self.result.path}: {printable(description.title)}; {size}>"


def load(path: str | Path) -> Loaded:
    """Give what ``run``, ``reach`` or ``experiment`` has written: a store's folder, or an .nc file.

    Raises Error if it is not there, damaged, not finished, or of another version.
    """
    return Loaded(open_result(Path(require_text("load", path, "the folder of a store, or an .nc file"))))
