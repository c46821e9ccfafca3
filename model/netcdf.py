"""What every netCDF file says of itself, by the CF conventions: https://cfconventions.org."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .labels import in_words
from .units import Unit

if TYPE_CHECKING:  # an answer that is not written does not wait for it
    import xarray as xr

CONVENTIONS = "CF-1.8"

#: What the coordinates of all kinds of files are called for a reader.
COORDINATES = {
    "year": "calendar year",
    "draw": "number of the draw; -1: the median of every parameter",
    "case": "number of the case in the experiment",
}


def made_by(version: str, command: str, made_from: Mapping[str, object]) -> str:
    """Say what made a file from what. No clock time: the same command gives the same bytes.

    >>> made_by("1.0", "run", {"scenario": "plan", "draws": 500})
    'fiveyear 1.0, run: scenario plan, draws 500'
    """
    return f"fiveyear {version}, {command}: " + ", ".join(f"{key} {value}" for key, value in made_from.items())


def conventional(dataset: xr.Dataset, title: str, history: str) -> xr.Dataset:
    """Give a Dataset as a file is to hold it: with a title, its history, and names and units on all variables.

    ``units`` of a variable are turned into those of UDUNITS; ``unit`` keeps how this project spells them.
    """
    dataset = dataset.copy()
    dataset.attrs = {"Conventions": CONVENTIONS, "title": title, "history": history, **dataset.attrs}
    for name, variable in dataset.variables.items():
        attributes = variable.attrs
        if name in dataset.coords:
            variable.encoding["_FillValue"] = None  # none is missing
            attributes.setdefault("long_name", COORDINATES.get(str(name), in_words(str(name))))
            if variable.dtype.kind in "iuf":
                attributes.setdefault("units", "1")
        if "units" in attributes:
            unit = Unit.parse(attributes["units"])
            variable.attrs = {**attributes, "units": unit.udunits, "unit": str(unit)}
    return dataset
