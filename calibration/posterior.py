"""The posterior: fitted, sampled, saved with what it was fitted to, and refused when that has changed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from fiveyear.model import (
    INDICATOR_FACTS,
    Model,
    ordinary_files,
    require_fast_engine,
)
from fiveyear.model.labels import in_words
from fiveyear.model.netcdf import conventional, made_by
from fiveyear.model.quantities import Array
from fiveyear.model.units import DIMENSIONLESS
from fiveyear.scenarios import Plan
from fiveyear.scenarios.tables import name_faults

from . import classic_netcdf
from .errors import CalibrationError, NotFittedError
from .facts import ANY_MONTH, FACTS, PRIORS, RECORD, Fact, Record, fingerprint, known_by, read_facts, read_records
from .fit import Fit, Problem, fit
from .history import Facts, counted_once, history, indicator_facts, misfits
from .outlook import Growth, learned
from .priors import Priors, read_priors
from .sampler import Convergence, sample
from .user_folder import user_folder

LARGEST = 64 * 1024**2  # bytes; the largest file shipped has some 330,000

# What scipy raises on a file that is no netCDF, or only a part of one.
DAMAGE = (OSError, EOFError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError, MemoryError)


@dataclass(frozen=True, eq=False)  # itself, so that what is made of it can be kept by it
class Evidence:
    """What a posterior rests on: the facts of one information set, and the priors."""

    plan: Plan
    information_set: str
    facts: Facts
    priors: Priors
    model: Model

    @cached_property
    def identity(self) -> dict[str, str]:
        """What must be the same for a posterior to hold: hashes by name. Targets are no part of it."""
        fixed = {n: float(v) for n, v in sorted(self.plan.parameters.items())}
        years = np.arange(self.plan.start, self.plan.base_year + 1, dtype=float)
        paths = {n: [float(x) for x in p.yearly(years, None)] for n, p in sorted(self.plan.paths.items())}
        problem = self.problem()
        compared = {n: (i.readings, i.unit, i.trend) for n, i in problem.indicators.items()}
        pairs = [*problem.observed.values(), *(i.readings for i in problem.indicators.values())]
        read = sorted({r.variable for pair in pairs for r in pair if r})
        return {
            "information_set": self.information_set,
            "model_structure": problem.run_model.structure(read),
            "comparisons": _hash(*(repr(sorted(t.items())) for t in (problem.observed, INDICATOR_FACTS, compared))),
            "facts": fingerprint(self.facts),
            "priors": self.priors.fingerprint,
            "fixed_values": repr((self.plan.start, self.plan.base_year, fixed, paths)),
        } | ({"pasts": repr(problem.pasts)} if problem.pasts else {})

    @property
    def is_shipped(self) -> bool:
        """Whether it is what a shipped plan lists, of which a posterior is shipped, too."""
        return self.plan.named and self.information_set in self.priors.information_sets

    @property
    def month(self) -> str:
        """The month up to which facts had been published."""
        sets = self.priors.information_sets
        if self.information_set in sets:
            return sets[self.information_set].by
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}", self.information_set):  # of a vintage
            return self.information_set
        return max(fact.first_published for years in self.facts.values() for fact in years.values())

    @cached_property
    def history(self) -> dict[str, Array]:
        """The given Series up to the base year, each (year,), in base units."""
        return history(self.facts, self.plan.start, self.plan.base_year, self.model)

    @cached_property
    def growth(self) -> dict[str, Growth]:
        """How the growth of each Series with an outlook varies."""
        return learned(self.priors, self.facts, self.history, self.plan.start, self.model)

    def record(self, indicator: str, month: str) -> list[float]:
        """Give the shares of planned rises of an indicator that earlier plans delivered, as known by a month."""
        return [r.share for r in self._records if r.indicator == indicator and r.first_published <= month]

    @cached_property
    def _records(self) -> list[Record]:
        return read_records(self.plan.folder / RECORD, self.plan.model)

    def indicator(self, name: str) -> dict[int, tuple[float, float]]:
        """Give what the facts say of an indicator in the true years: year -> (value, sd), in its own unit."""
        if name not in self._of_indicators:
            unit = self.model.indicators[name].unit
            self._of_indicators[name] = indicator_facts(self.facts, name, unit, self._middle)
        return self._of_indicators[name]

    @cached_property
    def _of_indicators(self) -> dict[str, dict[int, tuple[float, float]]]:
        return {}

    @cached_property
    def _middle(self) -> dict[str, float]:
        """The middle of each Parameter's prior, or what the plan sets."""
        middle = {n: float(b.at(np.array([0.5]))[0]) for n, b in self.problem().parameters.items()}
        return {**middle, **self.plan.parameters}

    def problem(self, last_year: int | None = None) -> Problem:
        """Give what is to be fitted; facts after ``last_year`` are held out."""
        if last_year is None:
            return self._problem
        return Problem(self.model, self.plan, self.facts, self.priors, last_year)

    @cached_property
    def _problem(self) -> Problem:
        return Problem(self.model, self.plan, self.facts, self.priors, self.plan.base_year)


def evidence(plan: Plan, information_set: str | None) -> Evidence:
    """Give the facts and priors of a plan; without a name, the first information set that its priors list.

    They are read again when a file has changed. Raises CalibrationError if one is faulty or the set is unknown.
    """
    files = tuple(_content(plan.folder / name) for name in (PRIORS, FACTS, RECORD))
    return _evidence(_Stated(plan), information_set, files)


class _Stated:
    """A plan, equal to any that states the same."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.says = (plan.name, plan.file, plan.named, plan.base_year, json.dumps(plan.content, sort_keys=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stated) and self.says == other.says

    def __hash__(self) -> int:
        return hash(self.says)


def _content(file: Path) -> bytes | None:
    """Give what is in a file, None where that cannot be read; whoever needs it says why."""
    try:
        return ordinary_files.read(file, LARGEST)
    except OSError:
        return None


@lru_cache(maxsize=16)
def _evidence(stated: _Stated, information_set: str | None, files: tuple[bytes | None, ...]) -> Evidence:
    plan, model = stated.plan, stated.plan.model
    priors, facts = _files(plan)
    sets = priors.information_sets
    information_set = information_set or next(iter(sets))
    if information_set not in sets:
        raise CalibrationError(
            f"--facts {information_set}",
            [f"the plan {plan.name} has no such information set; it has {', '.join(sets)}"],
        )
    chosen = sets[information_set]
    published_facts = _counted(plan, known_by(facts, chosen.by, chosen.statuses), model)
    if not published_facts:
        text = f"information_sets.{information_set}: no fact of these statuses had been published by {chosen.by}"
        raise CalibrationError(str(plan.folder / PRIORS), [text])
    return Evidence(plan, information_set, published_facts, priors, model.cut(chosen.cuts))


def with_facts(plan: Plan, file: Path) -> Evidence:
    """Give the first information set of a plan with facts of a file in it, which may be of later years.

    They take the place of the set's own of the same series and year; their last year is what the plan is based on from
    then on. Raises CalibrationError with every fault of the file: a fact of the year in which targets fall due, or of a
    later one, is one.
    """
    own = evidence(plan, None)
    added = known_by(read_facts(file, plan.end - 1, plan.model), ANY_MONTH)
    facts = {n: {**own.facts.get(n, {}), **added.get(n, {})} for n in dict.fromkeys((*own.facts, *added))}
    last = max(plan.base_year, *(year for years in added.values() for year in years))
    if wrong := name_faults(file.stem):
        raise CalibrationError(str(file), wrong)
    based = plan.based_on(last)
    counted = counted_once(facts, plan.model)
    if faults := misfits(counted, plan.start, last, plan.model):
        raise CalibrationError(str(file), faults)
    return Evidence(based, file.stem, counted, own.priors, own.model)


def _files(plan: Plan) -> tuple[Priors, list[Fact]]:
    """Read the priors, facts and record of targets of a plan; raises CalibrationError with every fault of all three."""
    place = plan.folder
    refused: list[CalibrationError] = []
    priors, facts = None, None
    try:
        priors = read_priors(place / PRIORS, plan.model)
    except CalibrationError as error:
        refused.append(error)
    try:
        facts = read_facts(place / FACTS, plan.base_year, plan.model)
    except CalibrationError as error:
        refused.append(error)
    try:
        read_records(place / RECORD, plan.model)
    except CalibrationError as error:
        refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if priors is None or facts is None:
        raise CalibrationError(str(place), [f"{Path(e.title).name}: {fault}" for e in refused for fault in e.faults])
    return priors, facts


def _counted(plan: Plan, facts: Facts, model: Model) -> Facts:
    """Give facts of which none follows from others; raises CalibrationError for what they cannot be together."""
    counted = counted_once(facts, model)
    if faults := misfits(counted, plan.start, plan.base_year, model):
        raise CalibrationError(str(plan.folder / FACTS), faults)
    return counted


def vintage(plan: Plan, month: str) -> Evidence:
    """Give what had been published by a month; under the name of the information set that holds the same, if one does.

    Raises CalibrationError if the files are faulty, or nothing had been published.
    """
    file = plan.folder / FACTS
    model = plan.model
    priors, read = _files(plan)
    facts = _counted(plan, known_by(read, month), model)
    if not facts:
        raise CalibrationError(str(file), [f"--vintage {month}: none of its facts had been published by then"])
    sets = (evidence(plan, name) for name, chosen in priors.information_sets.items() if not chosen.cuts)
    same = (candidate for candidate in sets if fingerprint(candidate.facts) == fingerprint(facts))
    return next(same, Evidence(plan, month, facts, priors, model))


@dataclass(frozen=True, eq=False)  # itself, so that what is made of it can be kept by it
class Posterior:
    """Draws of the fitted parameters and of all that was learned with them; every array ends in ``draw``."""

    evidence: Evidence
    parameters: dict[str, Array]  # name -> (draw,)
    shocks: dict[str, Array]  # name -> (year, draw)
    contraction: dict[str, float]  # how much of the prior variance the facts took away: 1 all, 0 nothing
    convergence: Convergence

    @property
    def size(self) -> int:
        """The number of parameter sets."""
        return len(next(iter(self.parameters.values())))


def calibrate(evidence: Evidence, progress: Callable[[int], None] | None = None) -> tuple[Fit, Posterior]:
    """Give the fit, and the posterior sampled from it; raises InputError if the fast engine is not installed."""
    require_fast_engine()
    best_fit = fit(evidence.problem())
    z, convergence = sample(best_fit, progress=progress)
    problem = best_fit.problem
    parameters, shocks = problem.values(z)
    taken = np.where(problem.informed, 1.0 - np.var(z, axis=0), 0.0)
    contraction = {n: float(t) for n, t in zip(problem.names, taken, strict=True)}
    return best_fit, Posterior(evidence, parameters, shocks, contraction, convergence)


# -- files --------------------------------------------------------------------------------------------------
def file_of(evidence: Evidence) -> Path:
    """Give where the posterior of a plan and information set lies: in the plan's folder."""
    return evidence.plan.folder / f"posterior_{evidence.information_set}.nc"


def cached_file_of(evidence: Evidence) -> Path:
    """Give where it is kept if that folder is not one's own: in the user's cache, by all that it rests on."""
    rests_on = _hash(repr(sorted(evidence.identity.items())))
    return user_folder() / f"posterior_{evidence.plan.name}_{evidence.information_set}_{rests_on[:12]}.nc"


def place_to_keep(evidence: Evidence) -> Path:
    """Give where a new posterior is kept: with a plan of one's own, if its folder takes it, else in the cache."""
    own = file_of(evidence)
    of_plan = not evidence.plan.named and evidence.information_set in evidence.priors.information_sets
    if of_plan and os.access(own.parent, os.W_OK):
        return own
    cached = cached_file_of(evidence)
    cached.parent.mkdir(parents=True, exist_ok=True)
    return cached


def save(posterior: Posterior, file: Path) -> None:
    """Write the draws, with the hashes of what they were fitted to, as netCDF."""
    import xarray as xr

    evidence = posterior.evidence
    variables: dict[str, Any] = {n: ("draw", v) for n, v in posterior.parameters.items()}
    variables |= {n: (("year", "draw"), v) for n, v in posterior.shocks.items()}
    years = evidence.problem().years.astype(int)
    dataset = xr.Dataset(variables, coords={"year": years}, attrs=evidence.identity).astype(np.float32)
    for key, variable in dataset.items():
        units = evidence.model.units.get(str(key), DIMENSIONLESS)
        variable.attrs = {"units": str(units), "long_name": in_words(str(key))}
    numbers: dict[str, float] = {}
    for figure, diagnostic in {"contraction": posterior.contraction, **asdict(posterior.convergence)}.items():
        if isinstance(diagnostic, dict):
            numbers |= {f"{figure} {n}": v for n, v in diagnostic.items()}
            for of, by_year in groupby(diagnostic, lambda n: n.partition("[")[0]):
                dataset[of].attrs[figure] = [diagnostic[n] for n in by_year]
        else:
            dataset.attrs[figure] = diagnostic
    made_from = {"plan": evidence.plan.name, "facts": evidence.information_set}
    history = made_by(importlib.metadata.version("fiveyear"), "calibrate", made_from)
    title = f"Posterior of the plan {evidence.plan.name}, facts of {evidence.month}"
    dataset = conventional(dataset, title, history)
    dataset.attrs["checksum"] = _checksum(dataset.attrs | numbers, {str(n): v.values for n, v in dataset.items()})
    dataset.to_netcdf(file, engine="scipy")


def load(evidence: Evidence) -> Posterior:
    """Give the posterior of a plan and information set, from its folder or the user's cache.

    It is read again when its file has changed. Raises CalibrationError if the one in the folder is missing, damaged or
    stale, and none is in the cache.
    """
    try:
        return _loaded(evidence, file_of(evidence), _content(file_of(evidence)))
    except NotFittedError:
        if not (cached := cached_file_of(evidence)).exists():
            raise
    return _loaded(evidence, cached, _content(cached))


@lru_cache(maxsize=16)
def _loaded(evidence: Evidence, file: Path, content: bytes | None) -> Posterior:
    remedy = f"fit again with: fiveyear calibrate --plan {evidence.plan.call} --facts {evidence.information_set}"
    if content is None:
        try:
            content = ordinary_files.read(file, LARGEST)
        except FileNotFoundError:
            raise NotFittedError(str(file), [f"is not there; {remedy}"]) from None
        except OSError as error:
            raise CalibrationError(str(file), [f"cannot be read: {error.strerror}; {remedy}"]) from None
    try:
        attributes, values = _read(content)
    except DAMAGE as error:
        raise CalibrationError(str(file), [f"cannot be read ({type(error).__name__}: {error}); {remedy}"]) from None
    changed = [n.replace("_", " ") for n, v in evidence.identity.items() if attributes.get(n) != v]
    if changed:
        raise NotFittedError(str(file), [f"is stale: since the fit these have changed: {', '.join(changed)}; {remedy}"])
    if "ensembles" not in attributes:
        raise CalibrationError(str(file), [f"is of an earlier version: it does not say how it was sampled; {remedy}"])
    if attributes.get("checksum") != _checksum(attributes, values):
        raise CalibrationError(str(file), [f"is damaged: its numbers are not those that were written; {remedy}"])
    problem = evidence.problem()
    return Posterior(
        evidence,
        {n: _inside(values[n], problem.parameters[n].low, problem.parameters[n].high) for n in problem.parameters},
        {n: values[n] for n in problem.shocks},
        {n: float(attributes[f"contraction {n}"]) for n in problem.names},
        _convergence(attributes),
    )


def _convergence(attributes: Mapping[str, Any]) -> Convergence:
    diagnostics: dict[str, Any] = {}
    for figure in fields(Convergence):
        by_name = {n.partition(" ")[2]: float(v) for n, v in attributes.items() if n.partition(" ")[0] == figure.name}
        diagnostics[figure.name] = by_name if figure.name not in attributes else int(attributes[figure.name])
    return Convergence(**diagnostics)


def _read(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Give the attributes and the variables of a file.

    A number that is said of a variable is among the attributes as "contraction propensity", or, of one year,
    "contraction propensity_surprise[2007]": so all were called in files of 0.1.0, which said none of variables.
    """
    attributes, variables = classic_netcdf.read(content)
    for name, variable in variables.items():
        for figure, value in variable.attributes.items():
            if not isinstance(value, str) and figure != "_FillValue":
                yearly = "year" in variable.dimensions
                names = [f"{name}[{y}]" for y in variables["year"].numbers] if yearly else [name]
                attributes |= {f"{figure} {n}": v for n, v in zip(names, np.atleast_1d(value), strict=True)}
    return attributes, {n: v.numbers.astype(float) for n, v in variables.items() if n != "year"}


def _checksum(attributes: Mapping[str, Any], variables: Mapping[str, Array]) -> str:
    # netCDF-3 itself notices no flipped bit.
    says = {n: v if isinstance(v, str) else float(v) for n, v in attributes.items() if n != "checksum"}
    numbers = {n: hashlib.sha256(v.astype("<f4").tobytes()).hexdigest() for n, v in variables.items()}
    return _hash(*(repr(sorted(t.items())) for t in (says, numbers)))


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _inside(values: Array, low: float, high: float) -> Array:
    return np.clip(values, low, high)  # the file holds single precision, which may round a value over its bound
