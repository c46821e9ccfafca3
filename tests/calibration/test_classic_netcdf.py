"""The reader of netCDF-3 beside that of SciPy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import netcdf_file

from fiveyear.calibration import classic_netcdf
from fiveyear.scenarios import shipped


def by_scipy(content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    with netcdf_file(io.BytesIO(content), mmap=False) as file:
        variables = {n: (v.dimensions, texts(v._attributes), np.array(v.data)) for n, v in file.variables.items()}
        return texts(file._attributes), variables


def texts(attributes: dict[str, Any]) -> dict[str, Any]:
    return {n: v.decode() if isinstance(v, bytes) else v for n, v in attributes.items()}


def require_same(content: bytes) -> None:
    attributes, variables = classic_netcdf.read(content)
    expected, others = by_scipy(content)
    assert str(attributes) == str(expected)
    assert list(variables) == list(others)
    for name, (dimensions, of_variable, numbers) in others.items():
        assert variables[name].dimensions == dimensions
        assert str(variables[name].attributes) == str(of_variable)
        assert variables[name].numbers.dtype == numbers.dtype
        assert np.array_equal(variables[name].numbers, numbers)


@pytest.mark.parametrize("file", shipped.files("*.nc"), ids=lambda file: file.name)
def test_a_shipped_posterior_is_read_as_scipy_reads_it(file: Path) -> None:
    require_same(file.read_bytes())


@pytest.mark.parametrize("version", [1, 2])
def test_numbers_of_every_kind_are_read_as_scipy_reads_them(version: int) -> None:
    kept = io.BytesIO()
    with netcdf_file(kept, "w", version=version) as file:
        file.note, file.many, file.one = "R&D", np.arange(3.0), 7
        file.createDimension("year", 5)
        file.createDimension("draw", 3)
        for kind in ("i1", "i2", "i4", "f4", "f8"):
            variable = file.createVariable(f"of_{kind}", kind, ("year", "draw"))
            variable[:] = np.arange(15).reshape(5, 3)
            variable.units = "person"
        file.createVariable("alone", "f8", ())[...] = 2.5
        file.flush()
        require_same(kept.getvalue())
