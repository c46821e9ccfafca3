"""Parquet files: a table; or draws, one block after the other: however many there are, memory holds one block."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fiveyear.experiments.page.columns import Column, distinct, factor_columns
from fiveyear.experiments.page.text import one_line

from ..description import Case

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

NAMES = ("case", "draw", "scenario", "year")
PROVENANCE = b"fiveyear"  # the key of the file's metadata under which it stands, as JSON


def write(columns: Sequence[Column], about: Mapping[str, Any], file: Path) -> None:
    """Write a table; ``about``, what it was made from, goes into the metadata as JSON."""
    import pyarrow as pa
    from pyarrow.parquet import write_table

    made = [(pa.field(str(c.name), a.type, metadata={"label": c.meaning}), a) for c in columns for a in [_array(c)]]
    schema = pa.schema([field for field, _ in made], {PROVENANCE: json.dumps(about)})
    write_table(pa.table([array for _, array in made], schema=schema), file)


def write_draws(blocks: Iterable[xr.Dataset], cases: Sequence[Case], about: Mapping[str, Any], file: Path) -> None:
    """Write one row a draw and year: case, draw, scenario, the factors, year, and one column an indicator.

    Parameters
    ----------
    blocks : Datasets with dims (row, year), coords row, case, draw; float64, kept to the bit, NaN and infinity too
    cases : the scenario and the factors of each case, by its number
    about : what the draws were made from, which goes into the metadata as JSON
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    scenarios = Column("scenario", "scenario", [one_line(c.scenario) for c in cases])
    of_cases = {str(c.name): _array(c) for c in (scenarios, *factor_columns([c.factors for c in cases], NAMES))}
    with contextlib.ExitStack() as stack:
        writer: Any = None
        for block in blocks:
            case = np.repeat(block["case"].values.astype(np.int64), block.sizes["year"])
            columns: dict[str, object] = {
                "case": case,
                "draw": np.repeat(block["draw"].values.astype(np.int64), block.sizes["year"]),
                **{name: array.take(pa.array(case)) for name, array in of_cases.items()},
                "year": np.tile(block["year"].values.astype(np.int32), block.sizes["row"]),
            }
            about_columns: dict[str, dict[str, str]] = {}
            for name, indicator in zip(distinct(map(str, block), columns), map(str, block), strict=True):
                columns[name] = block[indicator].transpose("row", "year").values.astype(np.float64).ravel()
                keys = {"unit": "units", "label": "long_name"}
                about_columns[name] = {n: one_line(block[indicator].attrs.get(key, "")) for n, key in keys.items()}
            if writer is None:
                fields = [f.with_metadata(about_columns.get(f.name)) for f in pa.table(columns).schema]
                texts = [f.name for f in fields if pa.types.is_dictionary(f.type)]
                schema = pa.schema(fields, {PROVENANCE: json.dumps(about)})
                writer = stack.enter_context(ParquetWriter(file, schema, use_dictionary=["case", "year", *texts]))
            writer.write_table(pa.table(columns, writer.schema))


def _array(column: Column) -> pa.Array:
    import pyarrow as pa

    if column.kind == "text":
        return pa.array(column.texts(), pa.string()).dictionary_encode()
    return pa.array(column.cells, pa.int64() if column.kind == "integer" else pa.float64())
