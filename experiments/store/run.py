"""``fiveyear run``: an ensemble, or a single run, to a netCDF file."""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from fiveyear import model
from fiveyear.experiments.console.files import write_netcdf
from fiveyear.experiments.console.progress import counter
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.model import INDICATORS, Method
from fiveyear.model.errors import InputError
from fiveyear.model.steps import DEFAULT_STEP

from .computation import describe_run


def run(
    ensemble: Ensemble,
    out: Path,
    draws: int,
    draw: str | None,
    method: Method,
    step: float,
    every_step: bool,
    keep: list[str],
) -> None:
    """Run ``draws`` draws, or the single ``draw`` ("median" or a number), and write them.

    Raises InputError for an unknown variable or draw, WriteError if the file cannot be written.
    """
    if out.suffix != ".nc":
        raise InputError("run", [f"--out {out}: expected a file that ends with .nc"])
    if "all" in keep:
        keep = [n for n in ensemble.names if n not in INDICATORS]
    if every_step and draw is None:
        raise InputError("run", ["--every-step keeps the steps of a single run: add --draw median or --draw 0"])
    if draw is None:
        with counter(f"{ensemble.scenario.name}: draws", draws) as count:
            dataset = ensemble.run(draws, keep, method=method, step=step, progress=count).dataset()
        dataset = described(ensemble, dataset, method, step)
    else:
        inputs = ensemble.single_inputs(draw)
        if every_step:
            names = keep or [n for n in ensemble.names if n not in ensemble.model.parameters]
            dataset = model.trajectories(ensemble.model, inputs, ensemble.indicators, names, method=method, step=step)
        else:
            dataset = model.simulate(
                ensemble.model, inputs, ensemble.indicators, keep, method=method, step=step, engine=ensemble.engine
            ).dataset()
        dataset = dataset.assign_coords(draw=[-1 if draw == "median" else int(draw)])
        dataset.attrs |= {**ensemble.provenance(1), "draw": draw, "scenario_content": _content(ensemble)}
    write_netcdf(dataset, out, ensemble.scenario.title, "run")


def described(
    ensemble: Ensemble, dataset: xr.Dataset, method: Method = "rk4", step: float = DEFAULT_STEP
) -> xr.Dataset:
    """Give the draws of a scenario with all that ``fiveyear store`` needs to show, export and reproduce them.

    ``dataset`` is what ``Ensemble.run`` gives by the same method and step, from draw 0 on.
    """
    draws = dataset.sizes["draw"]
    description = describe_run(ensemble, list(map(str, dataset.data_vars)), draws, method, step)
    return dataset.assign_attrs(
        ensemble.provenance(draws),
        description=json.dumps(description.content()),
        draw="all",
        scenario_content=_content(ensemble),
    )


def _content(ensemble: Ensemble) -> str:
    return json.dumps(ensemble.scenario.as_dict(), sort_keys=True)
