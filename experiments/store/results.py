"""Reading results: a finished store of draws or of counts, or the file of a single ``fiveyear run``, all in one way."""

from __future__ import annotations

import hashlib
import io
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from fiveyear.calibration.posterior import DAMAGE
from fiveyear.experiments.console.errors import StoreError
from fiveyear.experiments.forecast.probability import Probability, at_most_of_sets, of_sets
from fiveyear.experiments.forecast.verdicts import UNTOLD, verdict
from fiveyear.experiments.parallel.work import Chunk
from fiveyear.model import INDICATORS, InputError, ordinary_files
from fiveyear.model.cores import cores
from fiveyear.model.quantities import Array
from fiveyear.scenarios import Target, restore_plan

from .computation import DRAWS, SCHEMA, SUMMARY, NotFinite, fingerprint
from .description import Case, Description, counted_targets, faults_of
from .store import LARGEST, Store, rows_text
from .summary import Counts, Whole, from_dataset, patterns_of
from .tables.statistics import LEVELS, Statistic

AT_ONCE = 1 << 28  # bytes of draws that are in memory together
Moments = tuple[int, str, int, int, tuple[float, Array] | None]
SLICE = 16_384  # rows of a block of a single run


@dataclass(frozen=True)
class TargetsMet:
    """How many draws of a case meet what in the last year, as exact counts."""

    case: int
    scenario: str
    factors: Mapping[str, object]
    draws: int
    untold: Collection[str]  # indicators of whose targets no probability is given
    met: Mapping[str, int]  # indicator -> draws that meet its target
    together: Mapping[tuple[str, ...], int]  # indicators whose targets are met, and no others -> draws
    sets: int  # parameter sets that the draws take in turn
    by_set: Whole | None = field(compare=False)  # (pattern, set): draws of ``together``; None where each has its own

    def probability(self, indicator: str) -> float | None:
        """Give the share of draws that meet a target; None if it is no forecast."""
        return None if indicator in self.untold else self.met[indicator] / self.draws

    def chance(self, happens: Callable[[Collection[str]], bool]) -> Probability:
        """Give the probability that the targets met are such, told of each draw by its indicators.

        The interval is the one of ``reach``. Where counts are kept of more draws than sets, which tell no set from
        another, it is as wide as if the set alone decided.
        """
        chosen = np.array([happens(met) for met in self.together])
        share = float(np.sum(np.array(list(self.together.values()))[chosen]) / self.draws)
        if self.by_set is not None:
            return of_sets(self.by_set[chosen].sum(axis=0), self.by_set.sum(axis=0))
        return at_most_of_sets(share, self.draws, self.sets)

    def verdict(self, target: Target) -> str:
        """Say of a target in words what ``reach`` says of it."""
        chance = self.probability(target.indicator)
        return UNTOLD if chance is None else verdict(chance)

    def jointly(self, indicators: Sequence[str]) -> float:
        """Give the share of draws that meet all of these targets."""
        return sum(c for met, c in self.together.items() if set(indicators) <= set(met)) / self.draws


class Result(ABC):
    """A finished experiment. ``description`` is what its ``experiment.json`` holds."""

    def __init__(self, path: Path, description: Description) -> None:
        self.path, self.description = path, description
        self.cases, self.outputs = description.cases, description.outputs
        self.years = list(description.all_years)

    @abstractmethod
    def content_hash(self) -> str:
        """Give the SHA-256 of all values in the order of rows; the same however the rows were cut into chunks."""

    @abstractmethod
    def not_finite(self) -> NotFinite:
        """Give the rows that are not finite though they should be: how many, and the first."""

    @abstractmethod
    def _moments(self, levels: Sequence[float], years: Sequence[int]) -> Iterator[Moments]:
        """Give case, output, year, the number of draws that are not finite, and mean and quantiles of the others."""

    @abstractmethod
    def _patterns(self) -> Iterator[tuple[int, Whole, Whole, Whole | None]]:
        """Give of each case the patterns of targets met, (pattern,), how many draws have each, and so by set."""

    def blocks(self) -> Iterator[xr.Dataset]:
        """Give the draws chunk by chunk: dims (row, year), coordinates row, case and draw.

        Raises InputError if it is counts that were kept.
        """
        raise InputError(
            str(self.path), ['keep = "summary" kept counts, no draws; run the experiment with keep = "draws"']
        )

    def statistics(self, levels: Sequence[float] = LEVELS, years: Sequence[int] | None = None) -> Iterator[Statistic]:
        """Give mean and quantiles of each case, output and year, in this order, over the draws that are finite.

        An indicator that has no value in a year, such as a rise in its first, is left out there.
        """
        for case, name, year, missing, moments in self._moments(levels, years or self.years):
            is_rise = name in INDICATORS and bool(INDICATORS[name].above)
            if moments is None and is_rise and year <= self.description.years[1]:
                continue
            mean, quantiles = moments or (None, np.full(len(levels), np.nan))
            entry, shown = self.cases[case], self.description.attributes[name]
            yield Statistic(
                scenario=entry.scenario,
                factors=entry.factors,
                case=case,
                indicator=name,
                label=shown.long_name,
                unit=shown.units,
                year=year,
                draws=self.description.draws,
                not_finite=missing,
                mean=mean,
                quantiles={level: float(q) for level, q in zip(levels, quantiles, strict=True)},
            )

    def targets(self) -> Iterator[TargetsMet]:
        """Give how many draws meet the targets, case by case."""
        names = [t.indicator for t in self.description.targets]
        met_in: dict[int, tuple[str, ...]] = {}  # of many cases the patterns are few
        for case, patterns, counts, by_set in self._patterns():
            entry, bits = self.cases[case], patterns[:, None] >> np.arange(len(names)) & 1  # (pattern, target)
            cuts = self._cuts(entry)
            for pattern in set(patterns.tolist()) - met_in.keys():
                met_in[pattern] = tuple(n for place, n in enumerate(names) if pattern >> place & 1)
            yield TargetsMet(
                case,
                entry.scenario,
                entry.factors,
                int(counts.sum()),
                [t.indicator for t in self.plan_targets if t.untold_under(cuts)],
                dict(zip(names, (counts @ bits).tolist(), strict=True)),
                {met_in[p]: count for p, count in zip(patterns.tolist(), counts.tolist(), strict=True)},
                self.description.parameter_sets,
                by_set,
            )

    @cached_property
    def of_cases(self) -> tuple[TargetsMet, ...]:
        """The same of all cases, read once."""
        return tuple(self.targets())

    def _cuts(self, entry: Case) -> list[str]:
        """Give the loops that are cut in a case."""
        own = entry.content["content"]
        cuts = [*self.description.plan.get("cuts", ()), *own.get("cuts", ())]
        return [loop for loop in cuts if loop not in own.get("closes", ())]

    def dataset(self) -> xr.Dataset:
        """Give all draws in one Dataset with dims (case, draw, year); MemoryError where they do not fit.

        Raises InputError if it is counts that were kept.
        """
        shape = (len(self.cases), self.description.draws, len(self.years))
        tables: dict[str, Array] = {}
        for block in self.blocks():
            for name in self.outputs:
                tables.setdefault(name, np.empty((shape[0] * shape[1], shape[2])))[block["row"].values] = block[name]
        provenance = {k: getattr(self.description, k) for k in ("title", "facts", "seed", "engine", "draws")}
        return xr.Dataset(
            {
                n: (("case", "draw", "year"), t.reshape(shape), self.description.attributes[n].model_dump())
                for n, t in tables.items()
            },
            coords={
                "case": np.arange(shape[0]),
                "draw": np.arange(shape[1]),
                "year": self.years,
                "scenario": ("case", [c.scenario for c in self.cases]),
            },
            attrs={
                **provenance,
                "version": self.description.made_by.fiveyear,
                "description": json.dumps(self.description.content()),
            },
        )

    @cached_property
    def plan_targets(self) -> tuple[Target, ...]:
        """The targets of the plan that are among the outputs, in its order."""
        return tuple(counted_targets(restore_plan(self.description.plan, str(self.path)), self.outputs))

    @property
    def about(self) -> dict[str, Any]:
        """What the results were made from, but for the cases, ready for JSON."""
        return {key: value for key, value in self.description.content().items() if key != "cases"}


class DrawsResult(Result):
    """A result that keeps the draws; ``spans`` are the rows of its blocks, start to stop."""

    spans: Sequence[tuple[int, int]]

    @abstractmethod
    def block(self, start: int, stop: int) -> xr.Dataset:
        """Give the draws of a block, with dims (row, year)."""

    def blocks(self) -> Iterator[xr.Dataset]:
        attributes = self.description.attributes
        for (start, stop), read in zip(self.spans, self._each(), strict=True):
            case, draw = np.divmod(np.arange(start, stop), self.description.draws)
            rows = {"row": np.arange(start, stop), "case": ("row", case), "draw": ("row", draw)}
            block = read.assign_coords(rows)
            yield block.assign({n: block[n].assign_attrs(attributes[n].model_dump()) for n in self.outputs})

    def _each(self) -> Iterator[xr.Dataset]:
        """Give each block in turn, while the next few are read."""
        with ThreadPoolExecutor(cores()) as pool:
            coming: deque[Future[xr.Dataset]] = deque()
            for span in self.spans:
                coming.append(pool.submit(self.block, *span))
                if len(coming) > cores():
                    yield coming.popleft().result()
            for block in coming:
                yield block.result()

    def _moments(self, levels: Sequence[float], years: Sequence[int]) -> Iterator[Moments]:
        for case in range(len(self.cases)):
            for name, table in self._tables(case, self.outputs):
                for place, year in ((self.years.index(y), y) for y in years):
                    finite = table[np.isfinite(table[:, place]), place]
                    moments = (float(finite.mean()), np.quantile(finite, levels)) if len(finite) else None
                    yield case, name, year, len(table) - len(finite), moments

    def _patterns(self) -> Iterator[tuple[int, Whole, Whole, Whole | None]]:
        # Without a target there is one pattern, of none: it takes an output to count the draws of it.
        names = list(dict.fromkeys(t.indicator for t in self.description.targets)) or self.outputs[:1]
        sets, draws = self.description.parameter_sets, self.description.draws
        case, left = 0, np.empty(0, dtype=np.int64)
        for block in self._each():
            found = patterns_of(self.description, {n: block[n].values for n in names})
            left = np.concatenate([left, found])
            while len(left) >= draws:  # a block may hold many cases, a case many blocks
                patterns, which, counts = np.unique(left[:draws], return_inverse=True, return_counts=True)
                by_set = None
                if sets < draws:
                    by_set = np.zeros((len(patterns), sets), dtype=np.int64)
                    np.add.at(by_set, (which, np.arange(draws) % sets), 1)
                yield case, patterns, counts, by_set
                case, left = case + 1, left[draws:]

    def content_hash(self) -> str:
        digest = hashlib.sha256(json.dumps([list(self.outputs), self.years]).encode())
        for block in self._each():
            values = np.stack([block[n].values for n in self.outputs], axis=1)
            # There are many bit patterns that are not a number: they count as one.
            digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
        return digest.hexdigest()

    def _tables(self, case: int, names: Sequence[str]) -> Iterator[tuple[str, Array]]:
        """Give each output of a case, (draw, year): as many at once as memory allows, lest blocks be read again."""
        draws = self.description.draws
        each = max(1, AT_ONCE // (draws * len(self.years) * 8))
        for place in range(0, len(names), each):
            tables = {n: np.empty((draws, len(self.years))) for n in names[place : place + each]}
            for draw, block in self._parts(case):
                for name, table in tables.items():
                    table[draw : draw + block.sizes["row"]] = block[name].values
            yield from tables.items()

    def _parts(self, case: int) -> Iterator[tuple[int, xr.Dataset]]:
        """Give the draws of a case block by block, each with the number of its first."""
        first = case * self.description.draws
        last = first + self.description.draws
        for start, stop in self.spans:
            begin, end = max(start, first), min(stop, last)
            if begin < end:
                yield begin - first, self._latest(start, stop).isel(row=slice(begin - start, end - start))

    def _latest(self, start: int, stop: int) -> xr.Dataset:
        """Give a block; the one read last is kept, since a chunk may hold many cases."""
        if self._kept is None or self._kept[0] != start:
            self._kept = start, self.block(start, stop)
        return self._kept[1]

    _kept: tuple[int, xr.Dataset] | None = None


class _Stored(Result):
    """A store that is finished."""

    def __init__(self, store: Store, description: Description) -> None:
        super().__init__(store.folder, description)
        self.store = store
        self._said: dict[Chunk, dict[str, Any]] = {}  # what chunks that have been read say of themselves

    def not_finite(self) -> NotFinite:
        not_finite = NotFinite()
        for chunk in self.store.chunks:
            attributes, rows = self._said.get(chunk) or self._read(chunk).attrs, range(*chunk)
            try:
                first = [(row, str(name), year) for row, name, year in json.loads(attributes["not_finite_first"])]
                count = int(attributes["not_finite"])
                if not all(row in rows and n in self.outputs and y in self.years for row, n, y in first):
                    raise ValueError("not_finite_first names what it does not hold")
            except (*DAMAGE, RecursionError) as error:
                raise self._faulty(chunk, f"cannot be read: {error}") from None
            not_finite.add(count, first)
        return not_finite

    def _read(self, chunk: Chunk) -> xr.Dataset:
        """Read a chunk's file; raises StoreError if it is not of this experiment and these rows."""
        keeps_draws = self.description.keep == "draws"
        expected = {
            "schema": DRAWS if keeps_draws else SUMMARY,
            "experiment": self.description.fingerprint,
            "start": str(chunk.start),
            "stop": str(chunk.stop),
        }
        data = self.store.read(chunk)
        try:
            with opened_netcdf(data) as opened:
                dataset = opened.load()
        except DAMAGE as error:
            raise self._faulty(chunk, f"cannot be read: {type(error).__name__}: {error}") from None
        attrs = dataset.attrs
        wrong = [f"{n} is {attrs.get(n)}, expected {v}" for n, v in expected.items() if attrs.get(n) != v]
        if not wrong and keeps_draws:
            wrong = _shape_faults(dataset, self.description, "row", chunk.stop - chunk.start)
        if wrong:
            raise self._faulty(chunk, "; ".join(wrong))
        self._said[chunk] = attrs
        return dataset

    def _faulty(self, chunk: Chunk, fault: str) -> StoreError:
        return StoreError(str(self.path), [f"{rows_text(chunk)}: {fault}"])


class StoredDraws(_Stored, DrawsResult):
    """A store that keeps the draws."""

    def __init__(self, store: Store, description: Description) -> None:
        super().__init__(store, description)
        self.spans = store.chunks

    def block(self, start: int, stop: int) -> xr.Dataset:
        return self._read(Chunk(start, stop))[list(self.outputs)].reset_coords(drop=True)


class SingleRun(DrawsResult):
    """The file of a ``fiveyear run``."""

    def __init__(self, path: Path, description: Description, opened: xr.Dataset) -> None:
        super().__init__(path, description)
        self._opened = opened[list(self.outputs)].reset_coords(drop=True).rename_dims(draw="row").drop_vars("draw")
        rows = description.rows
        self.spans = [(start, min(start + SLICE, rows)) for start in range(0, rows, SLICE)]

    def block(self, start: int, stop: int) -> xr.Dataset:
        return self._opened.isel(row=slice(start, stop))

    def not_finite(self) -> NotFinite:
        return NotFinite()  # a run with such a value writes no file


class StoredCounts(_Stored):
    """A store that keeps counts. Means and quantiles are those of numbers that lie evenly in their bins."""

    def by_case(self) -> Iterator[tuple[int, Counts]]:
        """Give the counts of each case, added up over the chunks."""
        waiting: dict[int, Counts] = {}
        for chunk in self.store.chunks:
            dataset = self._read(chunk)
            try:
                by_case = from_dataset(dataset)
            except DAMAGE as error:
                raise self._faulty(chunk, repr(error)) from None
            if not self._fits(by_case, chunk):
                raise self._faulty(chunk, "its counts are not those of its rows")
            for case, counts in by_case.items():
                if case in waiting:
                    waiting[case] += counts
                else:
                    yield from waiting.items()  # cases follow each other: no later chunk holds these
                    waiting = {case: counts}
        yield from waiting.items()

    def _fits(self, by_case: Mapping[int, Counts], chunk: Chunk) -> bool:
        """Tell whether counts can be those of the rows of a chunk."""
        draws, shape = self.description.draws, (len(self.outputs), len(self.years))
        rows = {
            case: min(chunk.stop, (case + 1) * draws) - max(chunk.start, case * draws)
            for case in range(chunk.start // draws, (chunk.stop - 1) // draws + 1)
        }
        targets = len(self.description.targets)
        return by_case.keys() == rows.keys() and all(
            counts.are_of(rows[case], shape, targets) for case, counts in by_case.items()
        )

    def _moments(self, levels: Sequence[float], years: Sequence[int]) -> Iterator[Moments]:
        for case, counts in self.by_case():
            for output, name in enumerate(self.outputs):
                for place, year in ((self.years.index(y), y) for y in years):
                    histogram = counts.histogram(output, place)
                    moments = (histogram.mean(), histogram.quantiles(levels)) if histogram else None
                    yield case, name, year, int(counts.not_finite[output, place]), moments

    def _patterns(self) -> Iterator[tuple[int, Whole, Whole, Whole | None]]:
        for case, counts in self.by_case():
            yield case, counts.patterns, counts.pattern_counts, None

    def content_hash(self) -> str:
        digest = hashlib.sha256(json.dumps([list(self.outputs), self.years]).encode())
        for case, counts in self.by_case():
            digest.update(json.dumps([case, counts.draws, len(counts.entries), len(counts.patterns)]).encode())
            for integers in (counts.entries, counts.counts, counts.not_finite, counts.patterns, counts.pattern_counts):
                digest.update(integers.astype("<i8").tobytes())
            for ends in (counts.lowest, counts.highest):
                digest.update(ends.astype("<f8").tobytes())
        return digest.hexdigest()


def open_result(path: Path) -> Result:
    """Give a finished result: of the folder of a store, or of a file of ``fiveyear run``.

    Raises StoreError if it is not there, damaged, or not finished.
    """
    if ordinary_files.is_folder(path):
        store = open_store(path)
        missing = store.missing(check=False)
        if missing:
            state = f"is not finished: {len(missing)} of {len(store.chunks)} chunks are not there"
            raise StoreError(str(path), [f"{state}; go on with: fiveyear run EXPERIMENT.toml --out {path} --resume"])
        description = Description.model_validate(store.description)
        return (StoredDraws if description.keep == "draws" else StoredCounts)(store, description)
    expected = "expected a folder or a file that fiveyear run wrote"
    if path.suffix == ".toml" and path.is_file():
        raise StoreError(str(path), [f"it is a scenario or an experiment, not a result; {expected}"])
    try:
        data = ordinary_files.read(path, LARGEST)
    except OSError as error:
        raise StoreError(str(path), [f"cannot be read: {error.strerror}; {expected}"]) from None
    try:
        opened = opened_netcdf(data)  # from memory: scipy leaves a damaged file open
        single = opened.attrs["draw"] != "all"
        content = {} if single else json.loads(opened.attrs["description"])
    except (*DAMAGE, RecursionError) as error:
        fault = f"cannot be read as a result ({type(error).__name__}: {error}); {expected}"
        raise StoreError(str(path), [fault]) from None
    if single:
        raise StoreError(str(path), ["holds a single run; expected draws"])
    _require_known(path, content)
    description = Description.model_validate(content)
    if wrong := _shape_faults(opened, description, "draw", description.rows):
        raise StoreError(str(path), [f"is not what it says of itself: {wrong[0]}"])
    return SingleRun(path, description, opened)


def open_store(folder: Path) -> Store:
    """Give the store in a folder; raises StoreError if there is none, or its description does not hold."""
    store = Store.open(folder)
    _require_known(folder, store.description)
    return store


def _require_known(path: Path, content: Any) -> None:
    """Raise StoreError for a description that another version wrote, or that does not hold."""
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        to_do = "open it with the version that wrote it, or run it again"
        raise StoreError(str(path), [f"is of the schema {schema}; this version of fiveyear reads {SCHEMA}: {to_do}"])
    try:
        faults = faults_of(content)
        if not faults and fingerprint(content) != content["fingerprint"]:
            faults = ["the description has been changed: it is not what its fingerprint says"]
    except RecursionError:
        faults = ["too much of the description lies within one another"]
    if faults:
        raise StoreError(str(path), faults)


def opened_netcdf(data: bytes) -> xr.Dataset:
    """Open a netCDF file from its bytes; years stay numbers."""
    return xr.open_dataset(io.BytesIO(data), engine="scipy", decode_times=False)


def _shape_faults(dataset: xr.Dataset, description: Description, rows: str, count: int) -> list[str]:
    """Tell where draws, along the dimension ``rows``, are not those of so many rows of a description."""
    years = description.all_years
    if "year" not in dataset.coords or not np.array_equal(dataset["year"].values, years):
        return [f"its years are not {years[0]} to {years[-1]}"]
    if dataset.sizes.get(rows) != count:
        return [f"holds {dataset.sizes.get(rows, 0)} rows, expected {count}"]
    return [
        f"{name} is not there, or is no table of numbers by {rows} and year"
        for name in description.outputs
        if name not in dataset or dataset[name].dims != (rows, "year") or dataset[name].dtype.kind != "f"
    ]
