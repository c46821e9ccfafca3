"""Run a model: RK4 or Euler over arrays of draws, steps aligned to year ends and to the bends of every path.

``simulate`` gives yearly integrals of what is per year, year-end values of the rest.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from . import reference
from .errors import InputError
from .indicators import Indicator
from .inputs import Inputs, check
from .kernel import engine as kernel_engine
from .labels import in_words
from .observation import Reading
from .quantities import Array
from .steps import DEFAULT_STEP, Method
from .wiring import Model

if TYPE_CHECKING:
    import xarray as xr

#: The kernel that is generated from the equations, or the equations themselves, called on arrays.
Engine = Literal["fast", "reference"]
BLOCK = 4096  # draws that are computed together: their arrays fit the processor's cache


def best_engine() -> Engine:
    """Give the fast engine where llvmlite (extra ``fast``) is installed, or else the reference."""
    return "fast" if kernel_engine.available() else "reference"


def quickest_engine(model: Model, inputs: Inputs, readings: Iterable[Reading]) -> Engine:
    """Give the engine that has a few draws first: the fast one where what it runs has been compiled already."""
    return "fast" if kernel_engine.compiled(model, inputs, readings) else "reference"


def integrate(
    model: Model,
    inputs: Inputs,
    readings: Iterable[Reading],
    *,
    method: Method = "rk4",
    step: float = DEFAULT_STEP,
    engine: Engine = "reference",
    watch: Callable[[float, Mapping[str, Array]], None] | None = None,
) -> dict[Reading, Array]:
    """Give each reading as (year, draw), in base units.

    ``step`` is the longest step in years; it is shortened so that steps end at year ends and at the bends of paths.
    Only what the readings depend on is computed; ``watch``, which the reference engine alone knows, is called with the
    time and all variables of the model at each step and at the end. The inputs must have passed ``inputs.check``.
    Raises InputError if the fast engine is not installed.
    """
    if engine == "fast" and watch is None:
        kernel_engine.require_fast_engine()
        return kernel_engine.integrate(model, inputs, readings, method, step)
    return reference.integrate(model, inputs, readings, method, step, watch)


def default_reading(model: Model, name: str) -> Reading:
    """Give the default reading of a variable: what is per year is totalled, the rest is at year end."""
    per_year = dict(model.units[name].powers).get("year") == -1
    return Reading(name, "over the year" if per_year else "year end")


def _needed(model: Model, indicators: Mapping[str, Indicator], keep: Iterable[str]) -> list[Reading]:
    readings = [r for i in indicators.values() for r in i.readings]
    return list(dict.fromkeys([*readings, *(default_reading(model, n) for n in keep)]))


@dataclass(frozen=True)
class Run:
    """What a run has computed. ``values`` : of indicators and variables that are kept, (draw, year), in their units.

    ``draws`` : the number of each draw. ``attributes`` : what the run says of itself.
    """

    model: Model
    indicators: Mapping[str, Indicator]
    draws: npt.NDArray[np.int_]
    years: npt.NDArray[np.int_]
    values: dict[str, Array]
    attributes: dict[str, Any]

    def dataset(self) -> xr.Dataset:
        """Give the run as a Dataset with dims (draw, year).

        Attributes of each variable: ``units``, ``long_name``, ``description`` (the equation's sentence), ``reading``.
        """
        import xarray as xr  # which takes as long to import as an answer to compute

        return xr.Dataset(
            {n: (("draw", "year"), v, describe(self.model, self.indicators, n)) for n, v in self.values.items()},
            coords={"draw": self.draws, "year": self.years},
            attrs=self.attributes,
        )


def simulate(
    model: Model,
    inputs: Inputs,
    indicators: Mapping[str, Indicator],
    keep: Iterable[str] = (),
    *,
    method: Method = "rk4",
    step: float = DEFAULT_STEP,
    engine: Engine | None = None,
    progress: Callable[[int], None] | None = None,
    only_finite: bool = True,
    threads: int = 1,
    numbers: Sequence[int] | None = None,
) -> Run:
    """Run all draws and give the indicators, and the variables to ``keep``, each (draw, year), by the best engine.

    Raises InputError if an input is missing or out of range, or a draw goes non-finite and ``only_finite`` is true; a
    draw is called by its number in ``numbers``, by default from 0 on.
    ``progress`` is called with the number of draws done, block by block. ``threads`` compute blocks side by side, to
    the same bits.
    """
    from concurrent.futures import ThreadPoolExecutor  # with logging; a trial on a few draws needs neither

    draws = np.arange(inputs.draws) if numbers is None else np.asarray(numbers)
    keep, engine = list(dict.fromkeys(keep)), engine or best_engine()
    readings = _needed(model, indicators, [n for n in keep if n in model.units])
    check(model, inputs, keep, [r.variable for r in readings])
    years = np.arange(inputs.first_year, inputs.last_year + 1)
    names = [*indicators, *keep]
    base = inputs.base_year - inputs.first_year
    tables = {n: np.empty((inputs.draws, len(years))) for n in names}

    def run(start: int) -> int:
        stop = min(start + size, inputs.draws)
        values = integrate(model, inputs.block(start, stop), readings, method=method, step=step, engine=engine)
        for name, indicator in indicators.items():
            tables[name][start:stop] = indicator.value(values, model.units, base).T
        for name in keep:
            tables[name][start:stop] = values[default_reading(model, name)].T
        return stop - start

    size = min(BLOCK, -(-inputs.draws // threads))
    starts = range(0, inputs.draws, size)
    with ThreadPoolExecutor(threads) if threads > 1 else contextlib.nullcontext() as pool:
        for done in pool.map(run, starts) if pool else map(run, starts):
            if progress:
                progress(done)
    if only_finite:
        rises = {n for n, i in indicators.items() if i.above}  # which some years up to the base year have none of
        _require_finite({n: t[:, base + 1 :] if n in rises else t for n, t in tables.items()}, inputs.last_year, draws)
    says = {"model": model.structure(model.names), "method": method, "step": step, "cuts": " ".join(model.cuts)}
    return Run(model, indicators, draws, years, tables, says)


def describe(model: Model, indicators: Mapping[str, Indicator], name: str) -> dict[str, str]:
    """Give the attributes of a variable or indicator in a Dataset."""
    if name in indicators:
        indicator = indicators[name]
        return {
            "units": indicator.unit,
            "long_name": indicator.label,
            "description": indicator.about,
            "reading": "indicator",
        }
    reading = default_reading(model, name)
    return {
        "units": str(reading.unit(model.units[name])),
        "long_name": in_words(name),
        "description": model.about(name),
        "reading": reading.how,
    }


def _require_finite(tables: Mapping[str, Array], last_year: int, numbers: npt.NDArray[np.int_]) -> None:
    faults = []
    for name, table in tables.items():
        finite = np.isfinite(table)
        if not finite.all():
            bad = np.argwhere(~finite)
            draw, year = bad[0]
            many = f"{len(np.unique(bad[:, 0]))} of {len(numbers):,} draws"
            when = last_year + 1 - table.shape[1] + year
            faults.append(f"{name}: draw {numbers[draw]} is {table[draw, year]} in {when} ({many})")
    if faults:
        raise InputError("the result", faults)
