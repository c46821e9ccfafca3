"""Reproducing a result from the file alone: some of its rows are computed again and held against it, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fiveyear.model.errors import LISTED

from . import computation
from .results import DrawsResult, StoredCounts, open_result, opened_netcdf


@dataclass(frozen=True)
class Difference:
    """A value that came out otherwise."""

    row: int
    case: str
    draw: int
    output: str
    year: int
    stored: float
    computed: float

    def __str__(self) -> str:
        apart = abs(self.computed - self.stored)
        return (
            f"row {self.row}, draw {self.draw} of {self.case}: {self.output} in {self.year} is {self.stored!r}, "
            f"computed again {self.computed!r}, {apart:.2g} apart"
        )


@dataclass(frozen=True)
class Reproduction:
    """What came of it: how many rows and values were compared, and what differs."""

    path: Path
    rows: int
    values: int
    differences: tuple[Difference, ...]
    other: tuple[str, ...]  # what differs and is no value of a draw
    versions: tuple[str, ...]  # what it was made by that is not here: a reason for last bits to differ, no fault

    @property
    def same(self) -> bool:
        """Whether all that was compared is the same to the bit."""
        return not self.differences and not self.other

    def lines(self) -> list[str]:
        """Say what was found, a sentence a line."""
        compared = f"{self.path}: {self.rows:,} rows, {self.values:,} values computed again"
        sentences = [f"{compared}: {'the same to the bit' if self.same else 'NOT the same'}"]
        if self.differences:
            sentences += [str(d) for d in self.differences[:LISTED]]
            rows = len({d.row for d in self.differences})
            outputs = ", ".join(dict.fromkeys(d.output for d in self.differences))
            sentences.append(f"{len(self.differences):,} values of {rows:,} rows differ, in {outputs}")
        return [*sentences, *self.other, *self.versions]


def reproduce(path: Path, draws: int = 100, seed: int = 0) -> Reproduction:
    """Compute random rows of a result again, from its folder or file alone, and compare the bits.

    Counts hold no rows: of a store of them the chunk of a random row is computed again, then others until their rows
    are as many as ``draws``. Raises StoreError if the result cannot be read, InputError naming what has changed if the
    model or the posterior is not the one that it was made with.
    """
    result = open_result(path)
    versions = tuple(computation.changed_versions(result.description))
    random = np.random.default_rng(seed)
    if isinstance(result, StoredCounts):
        return _chunks_again(result, draws, random, versions)
    assert isinstance(result, DrawsResult)
    every = result.description.rows
    # Different numbers, without a list of all of them.
    rows = np.sort(random.choice(every, size=min(draws, every), replace=False, shuffle=False))
    differences: list[Difference] = []
    for start, stop in result.spans:
        differences += _differing(result, start, stop, rows[(rows >= start) & (rows < stop)])
    values = len(rows) * len(result.outputs) * len(result.years)
    return Reproduction(path, len(rows), values, tuple(differences), (), versions)


def _differing(result: DrawsResult, start: int, stop: int, rows: np.ndarray[Any, Any]) -> list[Difference]:
    """Compare rows of one block, rising."""
    if not len(rows):
        return []
    description = result.description
    block = result.block(start, stop)
    differences = []
    cases, draws = np.divmod(rows, description.draws)
    for case in np.unique(cases).tolist():
        of_case = rows[cases == case]
        computed = computation.run(description, case, draws[cases == case].tolist())
        there, here = (  # (row, output, year)
            np.stack([np.asarray(numbers[n], dtype=float) for n in result.outputs], axis=1)
            for numbers in (block.isel(row=of_case - start), computed)
        )
        for place, output, year in np.argwhere(_bits(there) != _bits(here)).tolist():
            row, name = int(of_case[place]), description.case_name(case)
            draw, both = row - case * description.draws, (float(a[place, output, year]) for a in (there, here))
            differences.append(Difference(row, name, draw, result.outputs[output], result.years[year], *both))
    return differences


def _bits(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Give the bits of numbers; all that are no number have the same."""
    return np.where(np.isnan(values), np.nan, values).astype(float).view(np.int64)


def _chunks_again(
    result: StoredCounts, draws: int, random: np.random.Generator, versions: Sequence[str]
) -> Reproduction:
    store = result.store
    rows, values, other = 0, 0, []
    for place in random.permutation(len(store.chunks)).tolist():
        if rows >= draws:
            break
        chunk = store.chunks[place]
        rows += chunk.stop - chunk.start
        values += (chunk.stop - chunk.start) * len(result.outputs) * len(result.years)
        computed, stored = (
            opened_netcdf(data)
            for data in (computation.compute(result.store.description, chunk.start, chunk.stop), store.read(chunk))
        )
        # What a version before says of itself is less.
        if not computed.equals(stored) or stored.attrs.items() - computed.attrs.items():
            other.append(f"the counts of rows {chunk.start} to {chunk.stop} differ")
    return Reproduction(result.path, rows, values, (), tuple(other), tuple(versions))
