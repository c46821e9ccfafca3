"""Results that have been written, for a program: a store, or the file of a ``run`` or ``reach``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from fiveyear.experiments.forecast.selection import require_text
from fiveyear.experiments.page.columns import Column
from fiveyear.model.errors import printable

from .factors import swings
from .results import Result, open_result
from .tables import targets

if TYPE_CHECKING:
    import pandas as pd


class Loaded:
    """A finished experiment or run. ``result`` reads it part by part, however large it is."""

    def __init__(self, result: Result) -> None:
        self.result = result

    @property
    def table(self) -> pd.DataFrame:
        """A row for each case and target: what its factors take, probability, verdict, and p05, median, p95 of the end.

        Numbers are in ``unit``. The probability is NaN of what is no forecast; median, p05 and p95 are those of the
        year when targets fall due, NaN of a target that each year must meet.
        """
        return self._events[~self._events["kind"].isin(targets.SEVERAL)]

    @property
    def joint(self) -> pd.DataFrame:
        """A row for each case and what may come of its headline targets together: all are met, or so many."""
        of_one = ["unit", "comparator", "target", "p05", "median", "p95"]
        return self._events[self._events["kind"].isin(targets.SEVERAL)].drop(columns=of_one)

    @property
    def factors(self) -> pd.DataFrame:
        """How far each factor moves the chance of each target, the most first: a row for each of both.

        ``least`` and ``most`` are mean chances over all that the other factors take, at the levels ``at_least`` and
        ``at_most``; ``crosses_a_verdict``: the verdict is another at the one than at the other.
        """
        import pandas as pd

        return pd.DataFrame([{**asdict(swing), "crosses_a_verdict": swing.crosses} for swing in swings(self.result)])

    @property
    def together(self) -> pd.DataFrame:
        """Which targets are met together: a row for each case and combination, with its share of the draws."""
        return _frame(targets.together(self.result))

    @cached_property
    def _events(self) -> pd.DataFrame:
        return _frame(targets.table(self.result))

    @property
    def draws(self) -> xr.Dataset:
        """Every draw, dims (case, draw, year), units in the attributes; raises Error if only counts were kept."""
        return self.result.dataset()

    def __repr__(self) -> str:
        description = self.result.description
        size = f"{len(self.result.cases)} cases of {description.draws:,} draws"
        return f"<result {self.result.path}: {printable(description.title)}; {size}>"


def _frame(columns: Sequence[Column]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({str(c.name): c.cells for c in columns})


def load(path: str | Path) -> Loaded:
    """Give what ``run``, ``reach`` or ``experiment`` has written: a store's folder, or an .nc file.

    Raises Error if it is not there, damaged, not finished, or of another version.
    """
    return Loaded(open_result(Path(require_text("load", path, "the folder of a store, or an .nc file"))))
