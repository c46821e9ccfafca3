"""Summaries of draws as whole numbers: adding them up gives the same result in any order and from any chunks.

Every output and year has a histogram whose bins come from the bits of the number itself: sign, exponent and the first
seven binary places. So there is no range to choose, and a bin is at most 1/128 of its value wide. Lowest and highest
number are kept as they are. For the targets it is counted which of them are met together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from fiveyear.experiments.forecast.targets import met_by_year
from fiveyear.model.quantities import Array

from .description import Description

Whole = npt.NDArray[np.int64]

PLACES = 7  # of the mantissa that tell bins apart
SHIFT = 52 - PLACES  # of a double's 52
BINS = 1 << 20  # more than there are, of either sign
ZERO = BINS // 2  # where the bins of positive numbers start: that of 0, and of numbers too small for all their digits
BRIDGED = 4  # empty bins at most that a run of bins in a file goes over


def bins_of(values: Array) -> Whole:
    """Give the bin of each finite number, rising with it."""
    bins = np.abs(values).view(np.int64)
    bins >>= SHIFT
    negative = values < 0.0
    if negative.any():
        bins = np.where(negative, ~bins, bins)
    bins += ZERO
    return bins


def edges(bins: Whole) -> tuple[Array, Array]:
    """Give the lower and upper edge of each bin, exactly."""
    number = bins - ZERO
    magnitude = np.where(number < 0, ~number, number)
    near, far = ((magnitude + offset << SHIFT).view(np.float64) for offset in (0, 1))
    return np.where(number < 0, -far, near), np.where(number < 0, -near, far)


@dataclass(frozen=True)
class Histogram:
    """How many of the finite numbers of one output and year fell into which bins, rising; and the two ends."""

    bins: Whole
    counts: Whole
    lowest: float
    highest: float

    def _within(self) -> tuple[Array, Array]:
        """Give the edges of the bins, no further out than the lowest and the highest number."""
        low, high = edges(self.bins)
        return np.maximum(low, self.lowest), np.minimum(high, self.highest)

    def mean(self) -> float:
        """Give the mean as if every number stood in the middle of its bin: at most 0.4 % of each wrong."""
        low, high = self._within()
        return float(np.sum(self.counts * (0.5 * low + 0.5 * high)) / np.sum(self.counts))

    def quantiles(self, levels: Sequence[float]) -> Array:
        """Give quantiles, (level,), as if the numbers of a bin lay evenly in it: no further from exact than its width.

        As for numpy's, a quantile lies between two of the sorted numbers, in proportion.
        """
        above = np.cumsum(self.counts)
        low, high = self._within()

        def number(place: Array) -> Array:
            which = np.searchsorted(above, place, side="right")
            gone = (place - (above[which] - self.counts[which]) + 0.5) / self.counts[which]
            return np.asarray((1.0 - gone) * low[which] + gone * high[which])

        place = np.asarray(levels) * (above[-1] - 1.0)
        before = np.floor(place)
        part = place - before
        return np.asarray((1.0 - part) * number(before) + part * number(np.minimum(before + 1.0, above[-1] - 1.0)))


@dataclass(frozen=True)
class Counts:
    """What is counted of the draws of one case; ``+`` adds those of other draws.

    ``entries`` are places in all histograms, one behind the other, rising: (output * years + year) * BINS + bin.
    Bit i of a pattern says whether the target i of the description is met.
    """

    draws: int
    entries: Whole  # (entry,)
    counts: Whole  # (entry,)
    not_finite: Whole  # (output, year): how many numbers are not
    lowest: Array  # (output, year); inf where no number is finite
    highest: Array  # (output, year); -inf where no number is finite
    patterns: Whole  # (pattern,), rising
    pattern_counts: Whole  # (pattern,)

    def __add__(self, other: Counts) -> Counts:
        entries, counts = _added(self.entries, self.counts, other.entries, other.counts)
        patterns, pattern_counts = _added(self.patterns, self.pattern_counts, other.patterns, other.pattern_counts)
        return Counts(
            self.draws + other.draws,
            entries,
            counts,
            self.not_finite + other.not_finite,
            np.minimum(self.lowest, other.lowest),
            np.maximum(self.highest, other.highest),
            patterns,
            pattern_counts,
        )

    def histogram(self, output: int, year: int) -> Histogram | None:
        """Give the histogram of an output and year, by their places; None where no number is finite."""
        first = (output * self.lowest.shape[1] + year) * BINS
        begin, end = np.searchsorted(self.entries, [first, first + BINS])
        if begin == end:
            return None
        lowest, highest = float(self.lowest[output, year]), float(self.highest[output, year])
        return Histogram(self.entries[begin:end] - first, self.counts[begin:end], lowest, highest)

    def are_of(self, draws: int, shape: tuple[int, int], targets: int) -> bool:
        """Tell whether these can be the counts of so many draws and targets, in this shape (output, year)."""
        size = shape[0] * shape[1]
        if self.draws != draws or not self.lowest.shape == self.highest.shape == self.not_finite.shape == shape:
            return False
        rising = np.diff(self.entries, prepend=-1) > 0
        if not rising.all() or (self.entries >= size * BINS).any() or (self.counts < 1).any():
            return False
        some = np.bincount(self.entries // BINS, self.counts, size).reshape(shape)
        combined = np.diff(self.patterns, prepend=-1) > 0
        return bool(
            (self.not_finite >= 0).all()
            and (some + self.not_finite == draws).all()
            and (self.lowest <= self.highest)[some > 0].all()
            and combined.all()
            and (self.patterns < 1 << targets).all()
            and (self.pattern_counts > 0).all()
            and self.pattern_counts.sum() == draws
        )


def _added(places: Whole, counts: Whole, others: Whole, other_counts: Whole) -> tuple[Whole, Whole]:
    every, inverse = np.unique(np.concatenate([places, others]), return_inverse=True)
    total = np.zeros(len(every), dtype=np.int64)
    total[inverse[: len(places)]] = counts
    total[inverse[len(places) :]] += other_counts
    return every, total


def count(values: Sequence[Array], patterns: Whole) -> Counts:
    """Count draws: ``values`` holds one array (draw, year) an output, ``patterns`` (draw,) the targets met."""
    years = values[0].shape[1]
    entries, counts = [], []
    not_finite = np.zeros((len(values), years), dtype=np.int64)
    lowest, highest = np.full(not_finite.shape, np.inf), np.full(not_finite.shape, -np.inf)
    for output, table in enumerate(values):
        by_year = np.ascontiguousarray(table.T)  # along which numpy is several times as fast
        finite = np.isfinite(by_year)
        if not finite.all():
            not_finite[output] = len(table) - np.count_nonzero(finite, axis=1)
        some = np.flatnonzero(not_finite[output] < len(table))
        if not len(some):
            continue
        if len(some) < years:
            by_year, finite = by_year[some], finite[some]
        chosen: Any = True if finite.all() else finite
        lowest[output, some] = by_year.min(axis=1, initial=np.inf, where=chosen)
        highest[output, some] = by_year.max(axis=1, initial=-np.inf, where=chosen)
        # One count for all years: the bins of a year from its lowest to its highest stand behind those of others.
        first, last = bins_of(lowest[output, some]), bins_of(highest[output, some])
        ends = np.cumsum(last - first + 1)
        begins = ends - (last - first + 1)
        place = bins_of(by_year)
        place += (begins - first)[:, None]
        dense = np.bincount(place.ravel() if chosen is True else place[finite], minlength=ends[-1])
        full = np.flatnonzero(dense)
        year = np.searchsorted(ends, full, side="right")
        entries.append((output * years + some[year]) * BINS + full - begins[year] + first[year])
        counts.append(dense[full])
    combinations, times = np.unique(patterns, return_counts=True)
    none = [np.zeros(0, dtype=np.int64)]
    return Counts(
        len(values[0]),
        np.concatenate(entries or none),
        np.concatenate(counts or none),
        not_finite,
        lowest,
        highest,
        combinations,
        times,
    )


def patterns_of(description: Description, values: Mapping[str, Array]) -> Whole:
    """Give the targets that each draw meets when they fall due as bits, (draw,); bit i is for the target i.

    ``values``: output -> (draw, year). A number that is not finite meets none.
    """
    patterns = np.zeros(len(next(iter(values.values()))), dtype=np.int64)
    start, base, _ = description.years
    for i, target in enumerate(description.targets):
        name, wanted = target.indicator, (target.value, target.comparator, target.every_year)
        due = values[name][:, : description.due + 1 - start]
        met = met_by_year(due, *wanted, description.due - base)
        patterns |= met[:, -1].astype(np.int64) << i
    return patterns


# -- files --------------------------------------------------------------------------------------------------
def to_dataset(by_case: Mapping[int, Counts]) -> xr.Dataset:
    """Give the counts of the cases of a chunk as a Dataset of 32-bit whole numbers, for netCDF-3 has no longer ones.

    The counts of the histograms stand in runs: bins that follow each other, from ``first`` on, of one ``segment``
    (case, output and year, counted through). Most bins of a histogram do; and a few empty ones cost less than a run.
    """
    every = list(by_case.values())
    segments = every[0].lowest.size
    # Where nothing is finite one bin holds nothing: a dimension of length 0 would be the unlimited one.
    places = np.concatenate([c.entries + i * segments * BINS for i, c in enumerate(every)])
    counts = np.concatenate([c.counts for c in every])
    if not len(places):
        places, counts = np.array([ZERO]), np.array([0])
    begins = np.flatnonzero(np.diff(places, prepend=-BINS) > BRIDGED)
    ends = np.append(begins[1:], len(places)) - 1
    lengths = places[ends] - places[begins] + 1
    dense = np.zeros(lengths.sum(), dtype=np.int64)
    run = np.repeat(np.arange(len(begins)), ends - begins + 1)
    dense[(np.cumsum(lengths) - lengths)[run] + places - places[begins][run]] = counts
    table = ("case", "output", "year")
    counted: dict[str, tuple[Any, Any, str]] = {
        "draws": ("case", [c.draws for c in every], "draws"),
        "not_finite": (table, [c.not_finite for c in every], "draws that are not finite"),
        "segment": ("run", places[begins] // BINS, "case, output and year of a run of bins, counted through"),
        "first": ("run", places[begins] % BINS, "first bin of a run"),
        "length": ("run", lengths, "bins of a run"),
        "count": ("bin", dense, "draws in a bin"),
        "patterns": ("case", [len(c.patterns) for c in every], "combinations of targets met"),
        "pattern": ("combination", np.concatenate([c.patterns for c in every]), "targets met, a bit each"),
        "pattern_count": ("combination", np.concatenate([c.pattern_counts for c in every]), "draws that meet them"),
    }
    ranges = {
        "lowest": (table, np.stack([c.lowest for c in every]), {"long_name": "lowest number, in the output's unit"}),
        "highest": (table, np.stack([c.highest for c in every]), {"long_name": "highest number, in the output's unit"}),
    }
    return xr.Dataset(
        {n: (dims, _short(numbers), {"long_name": about}) for n, (dims, numbers, about) in counted.items()} | ranges,
        coords={"case": _short(list(by_case))},
    )


def from_dataset(dataset: xr.Dataset) -> dict[int, Counts]:
    """Give the counts of each case of a chunk; raises ValueError or LookupError where they do not fit together."""
    v: dict[str, Any] = {str(n): dataset[n].values for n in (*dataset.data_vars, "case")}
    integers: dict[str, Whole] = {n: a.astype(np.int64) for n, a in v.items() if n not in ("lowest", "highest")}
    lengths, segments = integers["length"], v["lowest"][0].size
    if (lengths < 0).any() or lengths.sum() != len(integers["count"]):
        raise ValueError("its runs of bins are not as long as what they count")
    run = np.repeat(np.arange(len(lengths)), lengths)
    places = (
        (integers["segment"] * BINS + integers["first"])[run]
        + np.arange(len(run))
        - (np.cumsum(lengths) - lengths)[run]
    )
    held = integers["count"] != 0
    places, counts = places[held], integers["count"][held]
    cuts = np.searchsorted(places, np.arange(len(integers["case"]) + 1) * segments * BINS)
    ends = np.cumsum(integers["patterns"])
    by_case = {}
    for i, case in enumerate(integers["case"].tolist()):
        combinations = slice(ends[i] - integers["patterns"][i], ends[i])
        by_case[case] = Counts(
            int(integers["draws"][i]),
            places[cuts[i] : cuts[i + 1]] - i * segments * BINS,
            counts[cuts[i] : cuts[i + 1]],
            integers["not_finite"][i],
            v["lowest"][i].astype(float),
            v["highest"][i].astype(float),
            integers["pattern"][combinations],
            integers["pattern_count"][combinations],
        )
    return by_case


def _short(numbers: Any) -> npt.NDArray[np.int32]:
    return np.asarray(numbers).astype(np.int32)
