"""Every step of a run, for looking at one closely or holding it beside another engine's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from .indicators import MOMENT, Indicator
from .inputs import Inputs, check
from .labels import in_words
from .quantities import Array
from .simulation import integrate
from .steps import DEFAULT_STEP, Method
from .wiring import Model

if TYPE_CHECKING:
    import xarray as xr


def trajectories(
    model: Model,
    inputs: Inputs,
    indicators: Mapping[str, Indicator],
    names: Iterable[str],
    *,
    method: Method = "rk4",
    step: float = DEFAULT_STEP,
) -> xr.Dataset:
    """Give variables at the start of each step and at the end, as they stand, in base units: (draw, moment).

    So do the indicators, but for those that count a rise, which no moment has. Raises InputError as ``simulate`` does.
    """
    import xarray as xr

    names = list(dict.fromkeys(names))
    moments = {n: i for n, i in indicators.items() if not i.above}
    read = [r.variable for i in moments.values() for r in i.readings]
    check(model, inputs, names, read)
    model = model.pruned([*names, *read])
    times: list[float] = []
    rows: dict[str, list[Array]] = {n: [] for n in [*moments, *names]}

    def watch(time: float, values: Mapping[str, Array]) -> None:
        times.append(time)
        for name, indicator in moments.items():
            rows[name].append(np.broadcast_to(indicator.at_a_moment(values), (inputs.draws,)))
        for name in names:
            rows[name].append(np.broadcast_to(values[name], (inputs.draws,)))

    integrate(model, inputs, [], method=method, step=step, watch=watch)
    attributes = {
        n: {"units": str(i.at_a_moment(model.units)), "long_name": i.label, "description": f"{i.about} {MOMENT}"}
        for n, i in moments.items()
    } | {n: {"units": str(model.units[n]), "long_name": in_words(n), "description": model.about(n)} for n in names}
    return xr.Dataset(
        {n: (("draw", "moment"), np.stack(r, axis=1), attributes[n]) for n, r in rows.items()},
        coords={
            "draw": np.arange(inputs.draws),
            # Called "time", programs would take it for a date.
            "moment": ("moment", times, {"units": "year", "long_name": "calendar time"}),
        },
        attrs={"model": model.structure(names), "method": method, "step": step, "cuts": " ".join(model.cuts)},
    )
