"""Draws as a Parquet file, one block after the other: however many there are, memory holds one block."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def write(blocks: Iterable[xr.Dataset], cases: Sequence[Case], about: Mapping[str, Any], file: Path) -> None:
    """Write one row a draw and year: case, draw, scenario, the factors, year, and one column an indicator.

    Parameters
    ----------
    blocks : Datasets with dims (row, year), coords row, case, draw; float64, kept to the bit, NaN and infinity too
    cases : the scenario and the factors of each case, by its number
    about : what the draws were made from, which goes into the metadata as JSON
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    of_cases = _case_columns(cases)
    writer = None
    try:
        for block in blocks:
            table = pa.table(dict(_columns(block, of_cases)))
            if writer is None:
                schema = _schema(table.schema, block, about)
                texts = [f.name for f in schema if pa.types.is_dictionary(f.type)]
                writer = ParquetWriter(file, schema, use_dictionary=["case", "year", *texts])
            writer.write_table(table.cast(writer.schema))
    finally:
        if writer is not None:
            writer.close()


def _case_columns(cases: Sequence[Case]) -> dict[str, pa.Array]:
    """Give what a case says of each of its draws: one array a column, one element a case."""
    scenarios = Column("scenario", "scenario", [one_line(c.scenario) for c in cases])
    return {str(c.name): _array(c) for c in (scenarios, *factor_columns([c.factors for c in cases], NAMES))}


def _array(column: Column) -> pa.Array:
    import pyarrow as pa

    if column.kind == "text":
        return pa.array(column.texts(), pa.string()).dictionary_encode()
    return pa.array(column.cells, pa.int64() if column.kind == "integer" else pa.float64())


def _columns(block: xr.Dataset, of_cases: Mapping[str, pa.Array]) -> Iterator[tuple[str, object]]:
    import pyarrow as pa

    years = block.sizes["year"]
    case = np.repeat(block["case"].values.astype(np.int64), years)
    yield "case", case
    yield "draw", np.repeat(block["draw"].values.astype(np.int64), years)
    for name, array in of_cases.items():
        yield name, array.take(pa.array(case))
    yield "year", np.tile(block["year"].values.astype(np.int32), block.sizes["row"])
    for name, indicator in _names(block, of_cases).items():
        yield name, block[indicator].transpose("row", "year").values.astype(np.float64).ravel()


def _names(block: xr.Dataset, of_cases: Mapping[str, pa.Array]) -> dict[str, str]:
    """Give the indicator of each column that holds one."""
    indicators = [str(v) for v in block.data_vars]
    return dict(zip(distinct(indicators, {*NAMES, *of_cases}), indicators, strict=True))


def _schema(schema: pa.Schema, block: xr.Dataset, about: Mapping[str, Any]) -> pa.Schema:
    for name, indicator in _names(block, schema.names[: schema.names.index("year")]).items():
        place = schema.get_field_index(name)
        attrs = block[indicator].attrs
        texts = {"unit": one_line(attrs.get("units", "")), "label": one_line(attrs.get("long_name", ""))}
        schema = schema.set(place, schema.field(place).with_metadata(texts))
    return schema.with_metadata({PROVENANCE: json.dumps(about)})
