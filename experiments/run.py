"""``fiveyear run``: an ensemble, or a single run, to a netCDF file."""

from __future__ import annotations

import json
from pathlib import Path

from fiveyear import model
from fiveyear.model import INDICATORS, Method
from fiveyear.model.errors import InputError

from .ensemble import Ensemble
from .files import write_netcdf
from .progress import counter


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
    """Run ``draws`` draws with discrepancy, or the single ``draw`` ("median" or a number) without, and write them.

    Raises InputError for an unknown variable or draw, WriteError if the file cannot be written.
    """
    if "all" in keep:
        keep = [n for n in ensemble.model.names if n not in INDICATORS]
    number = _number(draw)
    if every_step and draw is None:
        raise InputError("run", ["--every-step keeps the steps of a single run: add --draw median or --draw 0"])
    if draw is None:
        with counter(f"{ensemble.scenario.name}: draws", draws) as count:
            dataset = ensemble.run(draws, keep, method=method, step=step, progress=count)
    elif every_step:
        names = keep or [n for n in ensemble.model.names if n not in ensemble.model.parameters]
        dataset = model.trajectories(ensemble.model, ensemble.one(number), names, method=method, step=step)
    else:
        dataset = model.simulate(ensemble.model, ensemble.one(number), INDICATORS, keep, method=method, step=step)
    dataset.attrs |= ensemble.provenance(draws if draw is None else 1)
    dataset.attrs |= {
        "draw": draw or "all",
        "scenario_content": json.dumps(ensemble.scenario.as_dict(), sort_keys=True),
    }
    write_netcdf(dataset, out)


def _number(draw: str | None) -> int | None:
    if draw is None or draw == "median":
        return None
    if not draw.isascii() or not draw.isdigit() or int(draw) >= 10_000_000:
        raise InputError("run", [f"--draw {draw!r}: expected median, or the number of a draw from 0 on"])
    return int(draw)
