"""What a chunk of an experiment is made of: its description says all, and the same description gives the same bytes."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from fiveyear import model
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.forecast.runnable import faults_of_cases
from fiveyear.model import INDICATORS, Country, Engine, InputError, simulation
from fiveyear.model.declarations import Parameter, Series
from fiveyear.model.kernel.lowering import VERSION
from fiveyear.model.netcdf import conventional, made_by
from fiveyear.model.quantities import Array, Condition
from fiveyear.scenarios import ScenarioError, restore

from . import summary
from .description import MOST_TARGETS, CountedTarget, Description, counted_targets

if TYPE_CHECKING:
    from fiveyear.scenarios import Experiment, Scenario

SCHEMA = "fiveyear.experiment/3"
DRAWS, SUMMARY = "fiveyear.draws/1", "fiveyear.summary/1"  # the schemas of a chunk's file
BLOCK = 16_384  # draws that are computed together, so that memory stays flat
NAMED = 20  # rows at most that a chunk names because they are not finite
MOST_ROWS = 2**31 - 1  # of a chunk: netCDF-3 has no larger whole numbers
MADE_BY = ("fiveyear", "numpy", "scipy", "python")  # which may move the last bits

Tables = dict[str, Array]  # output -> (draw, year)

# Freed at once. From here on glibc keeps what is freed instead of giving it back to the system for the next block to
# fetch again, which takes a third of the time that a draw's numbers take.
np.empty(4_000_000)


# -- describing ---------------------------------------------------------------------------------------------
def describe(experiment: Experiment, chunk: int, engine: Engine) -> Description:
    """Give all that computing an experiment needs: no file of the user is read again.

    ``chunk`` is the number of rows of a chunk. Raises InputError for a chunk that is too large, ScenarioError with all
    that keeps cases from running, and CalibrationError if the plan has no posterior that holds.
    """
    if chunk > MOST_ROWS:
        raise InputError("the chunk", [f"has {chunk:,} rows, expected at most {MOST_ROWS:,}"])
    first = ensemble(experiment.cases[0].scenario, experiment.facts, experiment.seed, engine)
    outputs = tuple(experiment.outputs) or tuple(first.indicators)
    if faults := faults_of_cases(first, experiment.cases, experiment.outputs, experiment.content):
        raise ScenarioError(f"experiment {experiment.name}", faults)
    cases = [_case(case.scenario, case.factors) for case in experiment.cases]
    return _description(
        first, cases, outputs, experiment.draws,
        title=experiment.title, name=experiment.name, chunk=chunk, keep=experiment.keep,
        method=experiment.method, step=experiment.step,
    )  # fmt: skip


def describe_run(ensemble: Ensemble, outputs: Sequence[str], draws: int, method: str, step: float) -> Description:
    """Give the same for a run of a single scenario, as an experiment of one case and one chunk."""
    return _description(
        ensemble, [_case(ensemble.scenario, {})], outputs, draws,
        title=ensemble.scenario.title, name=ensemble.scenario.name, chunk=draws, keep="draws", method=method, step=step,
    )  # fmt: skip


def _case(scenario: Scenario, factors: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "factors": dict(factors),
        # The plan, most of what a scenario stores, is the same in all cases.
        "content": {k: v for k, v in scenario.stored().items() if k != "plan"},
    }


def _description(
    ensemble: Ensemble, cases: Sequence[Any], outputs: Sequence[str], draws: int, **others: Any
) -> Description:
    plan = ensemble.scenario.plan
    targets = [{key: getattr(t, key) for key in CountedTarget.model_fields} for t in counted_targets(plan, outputs)]
    if len(targets) > MOST_TARGETS:
        raise InputError(f"plan {plan.name}", [f"has more than {MOST_TARGETS} targets that are modelled"])
    description = {
        "schema": SCHEMA,
        **others,
        "rows": len(cases) * draws,
        "draws": draws,
        "parameter_sets": ensemble.posterior.size,
        "seed": ensemble.seed,
        "facts": ensemble.posterior.evidence.information_set,
        "years": [plan.start, plan.base_year, ensemble.end],
        "outputs": list(outputs),
        "attributes": {n: simulation.describe(ensemble.model, ensemble.indicators, n) for n in outputs},
        "targets": targets,
        "engine": ensemble.engine,
        "plan": ensemble.scenario.stored()["plan"],
        "cases": list(cases),
        "model": _model_identity(plan.country, ensemble.engine),
        "posterior": _posterior_identity(ensemble),
    }
    made_by = {n: _version(n) for n in MADE_BY}
    return Description.model_validate({**description, "fingerprint": fingerprint(description), "made_by": made_by})


def fingerprint(content: Mapping[str, Any]) -> str:
    """Give the hash of all that JSON holds of a description but what made it: the same for the same experiment."""
    hashed = {k: v for k, v in content.items() if k not in ("fingerprint", "made_by")}
    return _hash(json.dumps(hashed, sort_keys=True))


# -- identities ---------------------------------------------------------------------------------------------
@cache
def _model_identity(country: Country, engine: Engine) -> dict[str, str]:
    whole = model.load(country)
    loops = sorted((n, loop.source, loop.reader, loop.held) for n, loop in whole.loops.items())
    counted = sorted((n, i.readings, i.unit, i.trend, i.above) for n, i in whole.indicators.items())
    return {
        "structure": whole.structure(whole.names),
        "loops": _hash(repr(loops)),
        "indicators": _hash(repr(counted)),
        **({"lowering": str(VERSION)} if engine == "fast" else {}),
    }


def _posterior_identity(ensemble: Ensemble) -> dict[str, str]:
    fitted = ensemble.posterior
    priors = fitted.evidence.priors
    outlook, surprises = (
        {n: t.model_dump(exclude={"source", "assumed"}) for n, t in tables.items()}
        for tables in (priors.outlook, priors.surprises)
    )
    groups: dict[str, Mapping[str, Array]] = {
        "parameters": fitted.parameters,
        "surprises": fitted.shocks,
    }
    numbers = hashlib.sha256()
    for group, arrays in groups.items():
        for name, array in sorted(arrays.items()):
            numbers.update(f"{group} {name} {array.shape}".encode())
            numbers.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return {
        **fitted.evidence.identity,
        "outlook": _hash(json.dumps(outlook, sort_keys=True)),
        "surprises": _hash(json.dumps(surprises, sort_keys=True)),
        "checksum": numbers.hexdigest(),
    }


def changed_versions(description: Description) -> list[str]:
    """Give what other versions an experiment was made by than those that are here, a sentence each."""
    return [
        f"made by {name} {version}, here is {_version(name) or 'none'}"
        for name, version in description.made_by.model_dump(include=set(MADE_BY)).items()
        if _version(name) != version
    ]


def _version(package: str) -> str:
    if package == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# -- running ------------------------------------------------------------------------------------------------
def ensemble_of(description: Description, case: int) -> Ensemble:
    """Give the ensemble of a case, from the description alone.

    Raises InputError that names what has changed if this is not the model and the posterior that were described.
    """
    return _ensemble(description.shared, json.dumps(description.cases[case].content))


@lru_cache(maxsize=64)
def _ensemble(shared: str, content: str) -> Ensemble:
    first = _first(shared)
    plan = first.scenario.plan
    return replace(first, scenario=restore({**json.loads(content), "plan": plan.content}, plan=plan))


@lru_cache(maxsize=1)
def _first(shared: str) -> Ensemble:
    """Give the ensemble of the first case, once it is seen to be what was described."""
    described = SimpleNamespace(**json.loads(shared))
    scenario = restore({**described.first, "plan": described.plan})
    first = ensemble(scenario, described.facts, described.seed, described.engine).going_on(described.years[2])
    faults = [
        f"the {group}: {name.replace('_', ' ')} has changed since"
        for group, was, here in (
            ("model", described.model, _model_identity(scenario.plan.country, first.engine)),
            ("posterior", described.posterior, _posterior_identity(first)),
        )
        for name in sorted({*was, *here})
        if was.get(name) != here.get(name)
    ]
    if faults:
        remedy = "; go on with the version of fiveyear that it was described by, or run it anew into another folder"
        raise InputError("the experiment", [*faults[:-1], faults[-1] + remedy])
    return first


def run(description: Description, case: int, draws: Sequence[int]) -> Tables:
    """Run draws of a case: output -> (draw, year), NaN where a value is not finite.

    A draw with an input outside the model's ranges is NaN throughout, and takes no other draw with it.
    """
    ensemble = ensemble_of(description, case)
    indicators = [n for n in description.outputs if n in INDICATORS]
    if unmodelled := [n for n in indicators if n not in ensemble.indicators]:
        lacking = f"the plan {ensemble.scenario.plan.name} does not give all that this indicator needs"
        raise InputError("outputs", [f"{n}: {lacking}" for n in unmodelled])
    keep = [n for n in description.outputs if n not in INDICATORS]

    def computed(some: Sequence[int]) -> Tables:
        run = ensemble.run(
            some, keep, indicators=indicators, method=description.method, step=description.step, only_finite=False
        )
        return {n: np.where(np.isfinite(run.values[n]), run.values[n], np.nan) for n in description.outputs}

    try:
        return computed(draws)
    except InputError:
        inside = _inside(ensemble, draws)
        if inside.all():
            raise
    tables = {n: np.full((len(draws), len(ensemble.years)), np.nan) for n in description.outputs}
    if inside.any():
        for name, values in computed(np.asarray(draws)[inside].tolist()).items():
            tables[name][inside] = values
    return tables


def _inside(ensemble: Ensemble, draws: Sequence[int]) -> Condition:
    """Tell which draws have all that is drawn for them inside the model's ranges."""
    inputs = ensemble.inputs_of(draws)
    inside = np.ones(len(draws), dtype=bool)
    declared: dict[str, Parameter | Series] = {**ensemble.model.parameters, **ensemble.model.series}
    for group, by_draw in ((inputs.parameters, 1), (inputs.series, 2)):
        for name, value in group.items():
            if np.ndim(value) == by_draw:
                rows = np.reshape(value, (-1, len(draws)))
                inside &= np.all((rows >= declared[name].low) & (rows <= declared[name].high), axis=0)
    return inside


@dataclass
class NotFinite:
    """The rows with a value that is not finite though it should be: how many, and the first of them."""

    rows: int = 0
    first: list[tuple[int, str, int]] = field(default_factory=list)  # row, and its first such output and year

    def look(self, description: Description, row: int, tables: Mapping[str, Array]) -> None:
        """Look at the draws of rows from ``row`` on. A rise has no value in some years up to the base year."""
        start, base, _ = description.years
        bad = {n: ~np.isfinite(t) for n, t in tables.items()}
        for name in bad:
            if name in INDICATORS and INDICATORS[name].above:
                bad[name][:, : base + 1 - start] = False
        places = np.flatnonzero(np.any([b.any(axis=1) for b in bad.values()], axis=0))
        first = []
        for place in places[:NAMED].tolist():
            name = next(n for n, b in bad.items() if b[place].any())
            first.append((row + place, name, start + int(np.argmax(bad[name][place]))))
        self.add(len(places), first)

    def add(self, rows: int, first: Sequence[tuple[int, str, int]]) -> None:
        """Add what was computed in later rows."""
        self.rows += rows
        self.first += first[: max(NAMED - len(self.first), 0)]


def named(description: Description, faults: NotFinite) -> list[str]:
    """Say of the first rows that are not finite which draws of which cases they are, with their parameters."""
    lines = []
    for row, output, year in faults.first:
        case, draw = divmod(row, description.draws)
        ensemble = ensemble_of(description, case)
        inputs = ensemble.inputs(draw, draw + 1).parameters
        parameters = ", ".join(f"{n} = {float(np.ravel(inputs[n])[0]):.6g}" for n in ensemble.posterior.parameters)
        where = f"row {row}, draw {draw} of {description.case_name(case)}"
        lines.append(f"{where}: {output} is not finite in {year}; its parameters: {parameters}")
    more = faults.rows - len(lines)
    return [*lines, f"and {more} rows more"] if more else lines


# -- chunks -------------------------------------------------------------------------------------------------
def compute(content: Mapping[str, Any], start: int, stop: int) -> bytes:
    """Give the netCDF-3 file of the rows ``start`` to ``stop``: the same bytes for the same description and rows.

    ``content`` is the description as JSON holds it, which is how it gets to a worker. Raises InputError if the model or
    the posterior is not the one that was described.
    """
    description = _described(content)
    faults = NotFinite()
    keeps_draws = description.keep == "draws"
    dataset = (_draws if keeps_draws else _counts)(description, start, stop, faults)
    dataset.attrs = {
        "schema": DRAWS if keeps_draws else SUMMARY,
        "experiment": description.fingerprint,
        "start": str(start),  # netCDF-3 has no whole numbers of 64 bits
        "stop": str(stop),
        "not_finite": str(faults.rows),
        "not_finite_first": json.dumps(faults.first),
    }
    for name in dataset.variables:
        dataset[name].encoding["_FillValue"] = None
    made_from = {"experiment": description.name, **{k: getattr(description, k) for k in ("facts", "seed", "engine")}}
    history = made_by(description.made_by.fiveyear, "run", {**made_from, "rows": f"{start} to {stop}"})
    return bytes(conventional(dataset, description.title, history).to_netcdf(engine="scipy"))


_latest: tuple[Mapping[str, Any], Description] | None = None  # a worker computes many chunks of one experiment


def _described(content: Mapping[str, Any]) -> Description:
    global _latest
    if _latest is None or _latest[0] is not content:
        _latest = content, Description.model_validate(content)
    return _latest[1]


def _pieces(description: Description, start: int, stop: int, faults: NotFinite) -> Iterator[tuple[int, int, Tables]]:
    """Run the rows block by block, none across two cases: first row, case and values; ``faults`` looks at each."""
    draws = description.draws
    while start < stop:
        case, draw = divmod(start, draws)
        size = min(BLOCK, stop - start, draws - draw)
        tables = run(description, case, range(draw, draw + size))
        faults.look(description, start, tables)
        yield start, case, tables
        start += size


def _draws(description: Description, start: int, stop: int, faults: NotFinite) -> xr.Dataset:
    years = np.array(description.all_years, dtype=np.int32)
    tables = {n: np.empty((stop - start, len(years))) for n in description.outputs}
    for row, _, piece in _pieces(description, start, stop, faults):
        for name, values in piece.items():
            tables[name][row - start : row - start + len(values)] = values
    case, draw = np.divmod(np.arange(start, stop), description.draws)
    return xr.Dataset(
        {n: (("row", "year"), t, description.attributes[n].model_dump()) for n, t in tables.items()},
        coords={"year": years, "case": ("row", case.astype(np.int32)), "draw": ("row", draw.astype(float))},
    )


def _counts(description: Description, start: int, stop: int, faults: NotFinite) -> xr.Dataset:
    by_case: dict[int, summary.Counts] = {}
    for _, case, piece in _pieces(description, start, stop, faults):
        counted = summary.count(list(piece.values()), summary.patterns_of(description, piece))
        by_case[case] = by_case[case] + counted if case in by_case else counted
    return summary.to_dataset(by_case)
