"""What was believed before the facts: distributions read from ``priors.toml``, one a name.

Every distribution is a map from a standard normal number, so that all of a prior is the unit normal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import scipy
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from fiveyear.model import Model, Unit, ordinary_files
from fiveyear.model.elementary import exp, log
from fiveyear.model.errors import nearest
from fiveyear.model.quantities import Array
from fiveyear.model.units import DIMENSIONLESS, YEAR
from fiveyear.scenarios import ScenarioError
from fiveyear.scenarios.checks import GROWTH_RANGE
from fiveyear.scenarios.errors import shown
from fiveyear.scenarios.tables import name_faults, one_of
from fiveyear.scenarios.toml_files import parse

from .errors import CalibrationError
from .facts import STATUSES, Status
from .random_numbers import normal_quantile, normal_share
from .series import unit_fault

LARGEST = 2 * 1024**2  # bytes; the largest file shipped has some 17,000
SMALLEST = 1e-6  # of the largest value there may be: the least median of a lognormal prior
NARROWEST = 1e-4  # of the hard range: the least sd of a normal prior; what is known better is a value of the plan
WIDEST_SHOCK = 0.1  # of the hard range: the most that a shock, or a drift, may scatter
Positive = Annotated[float, Field(gt=0.0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True, defer_build=True)


class _Sourced(_Table):
    model_config = ConfigDict(json_schema_extra=one_of("source", "assumed"))

    unit: str
    source: str = ""
    assumed: str = ""

    @model_validator(mode="after")
    def _one_of_source_and_assumed(self) -> _Sourced:
        if bool(self.source.strip()) == bool(self.assumed.strip()):
            raise ValueError("give either source or assumed")
        return self


class Normal(_Sourced):
    """A normal distribution."""

    distribution: Literal["normal"]
    mean: float
    sd: Positive


class Lognormal(_Sourced):
    """A lognormal distribution; ``sigma`` is the sd of the logarithm."""

    distribution: Literal["lognormal"]
    median: Positive
    sigma: float = Field(ge=1e-3, le=3.0)  # nothing to learn, and one sd a factor of twenty


class Uniform(_Sourced):
    """Any value between two ends."""

    distribution: Literal["uniform"]
    low: float
    high: float


class HalfNormal(_Sourced):
    """The upper half of a normal distribution round 0, whose sd is ``sd``."""

    distribution: Literal["half_normal"]
    sd: Positive


Distribution = Annotated[Normal | Lognormal | Uniform | HalfNormal, Field(discriminator="distribution")]


class Surprise(_Sourced):
    """The shocks of a Series, with a mean of nil: one a year, and after the base year the drift of an epoch as well.

    The drift is a share, ``retained``, of the mean shock of the past, and what is new, of sd ``epoch_sd``. What grows
    by them is off by yearly_sd^2 h + epoch_sd^2 h^2 after h years. Sds are in ``unit``.
    """

    yearly_sd: Positive
    epoch_sd: float = Field(ge=0.0)
    retained: float = Field(ge=-1.0, le=1.0)
    retained_sd: float = Field(ge=0.0, le=1.0)

    @property
    def yearly(self) -> Normal:
        """The shock of a year."""
        where = self.model_dump(include={"unit", "source", "assumed"})
        return Normal(distribution="normal", mean=0.0, sd=self.yearly_sd, **where)


class Course(_Sourced):
    """How a given Series goes on after the base year: by growth, or by change, a year. Numbers are in ``unit``.

    It returns to a steady state of this mean and sd (of growth, the sd of logarithms). ``autocorrelation`` and
    ``yearly_sd`` are the middle of what is believed of the share of a deviation that lasts a year, and of the sd of a
    year's shock (see ``outlook``).
    ``follows``: the Series whose steady state and shocks it is correlated with.
    """

    kind: Literal["growth", "change"]
    mean: float
    sd: float = Field(ge=0.0)
    yearly_sd: Positive
    autocorrelation: float = Field(gt=-1.0, lt=1.0)
    follows: str = ""
    correlation: float = Field(default=0.0, ge=-1.0, le=1.0)


class PastPrior(_Table):
    """How a given Series grew up to the base year, where the facts do not say; and where it stood, if even that."""

    growth: Normal
    level: Lognormal | None = None


class InformationSet(_Table):
    """Which facts a set holds: those published up to the month ``by``, of these statuses; and which loops it cuts."""

    by: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    statuses: list[Status] = Field(list(STATUSES), min_length=1)
    cuts: list[str] = []


def _month_alone(written: Any) -> Any:
    return {"by": written} if isinstance(written, str) else written


class Priors(_Table):
    """All that ``priors.toml`` says."""

    information_sets: dict[str, Annotated[InformationSet, BeforeValidator(_month_alone)]] = Field(min_length=1)
    parameters: dict[str, Distribution]
    surprises: dict[str, Surprise]
    outlook: dict[str, Course]
    past: dict[str, PastPrior] = {}

    @property
    def fingerprint(self) -> str:
        """A hash of what the fit depends on: the distributions of parameters, and of the shock of a year."""
        drawn: dict[str, dict[str, Distribution]] = {
            "parameters": self.parameters,
            "surprises": {n: s.yearly for n, s in self.surprises.items()},
        }
        fitted = {
            k: {n: d.model_dump(exclude={"source", "assumed"}) for n, d in by_name.items()}
            for k, by_name in drawn.items()
        }
        return hashlib.sha256(json.dumps(fitted, sort_keys=True).encode()).hexdigest()


def read_priors(file: Path, model: Model) -> Priors:
    """Read and check ``priors.toml`` against the model; raises CalibrationError with every fault."""
    try:
        content = parse(ordinary_files.read(file, LARGEST).decode("utf-8-sig"), str(file))
    except OSError as error:
        raise CalibrationError(str(file), [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise CalibrationError(str(file), [f"cannot be read: {error}"]) from None
    except ScenarioError as error:
        raise CalibrationError(str(file), [f"cannot be read: {fault}" for fault in error.faults]) from None
    faults = []
    try:
        priors = Priors.model_validate(content)
    except ValidationError as error:
        faults = [_structure_fault(dict(e)) for e in error.errors()]
        try:
            priors = Priors.model_validate(_without(content, [e["loc"] for e in error.errors()]))
        except ValidationError:
            raise CalibrationError(str(file), faults) from None
    faults += _model_faults(priors, model)
    if faults:
        raise CalibrationError(str(file), faults)
    return priors


#: The distributions by name; pydantic puts the name among the keys, where no file has it.
_DISTRIBUTIONS: dict[str, type[_Table]] = {
    "normal": Normal,
    "lognormal": Lognormal,
    "uniform": Uniform,
    "half_normal": HalfNormal,
}
#: The tables in which a key may be misspelt, by the last of the keys that lead there.
_TABLES: dict[str, type[_Table]] = {
    **_DISTRIBUTIONS,
    "growth": Normal,
    "level": Lognormal,
    "past": PastPrior,
    "surprises": Surprise,
    "outlook": Course,
    "information_sets": InformationSet,
}


def _structure_fault(error: Mapping[str, Any]) -> str:
    *place, last = map(str, error["loc"])
    key = ".".join(part for n, part in enumerate([*place, last]) if n != 2 or part not in _DISTRIBUTIONS)
    if error["type"] == "missing":
        return f"{key}: missing"
    if error["type"] == "extra_forbidden":
        table = next((_TABLES[part] for part in reversed(place) if part in _TABLES), Priors)
        return f"{key}: no such key{nearest(last, table.model_fields)}"
    entry = error["input"]
    message = error["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" + ("" if isinstance(entry, dict) else f"; found {shown(entry)}")


def _without(content: Mapping[str, Any], places: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    """Give what a file holds without the tables in which something is wrong, so that the others can be looked at."""
    left = {key: dict(inner) if isinstance(inner, dict) else inner for key, inner in content.items()}
    for place in places:
        group = left.get(str(place[0]))
        if len(place) > 1 and isinstance(group, dict):
            group.pop(str(place[1]), None)
        else:
            left.pop(str(place[0]), None)
    return left


def _model_faults(priors: Priors, model: Model) -> list[str]:
    """Give what the model says of the names, units and sizes in priors."""
    faults = []
    for group, declared in (("parameters", model.parameters), ("surprises", model.series), ("outlook", model.series)):
        tables: Mapping[str, Distribution | Surprise | Course] = getattr(priors, group)
        for name, table in tables.items():
            key = f"{group}.{name}"
            if name not in declared:
                what = "parameter" if group == "parameters" else "series"
                faults.append(f"{key}: the model has no such {what}{nearest(name, declared)}")
                continue
            of, wanted = declared[name], Unit.parse(declared[name].unit)
            if isinstance(table, Course):  # any scale will do: % or a share
                wanted = (DIMENSIONLESS if table.kind == "growth" else wanted) / YEAR
            wrong = _unit_faults(key, table.unit, wanted, same=not isinstance(table, Course))
            faults += wrong
            if isinstance(table, Course):
                faults += [] if wrong else _course_faults(key, table, of.high - of.low)
            elif isinstance(table, Surprise):
                least, widest = NARROWEST * (of.high - of.low), WIDEST_SHOCK * (of.high - of.low)
                faults += [
                    f"{key}.{n}: found {sd:g} {of.unit}, expected {low:g} to {widest:g} {of.unit}"
                    for n, low in (("yearly_sd", least), ("epoch_sd", 0.0))
                    if not low <= (sd := getattr(table, n)) <= widest
                ]
            else:
                faults += _distribution_faults(key, table, of.low, of.high, of.unit)
    for name, chosen in priors.information_sets.items():
        faults += [f"information_sets: {fault.text}" for fault in name_faults(name)]
        unknown = [c for c in chosen.cuts if c not in model.loops]
        faults += [f"information_sets.{name}.cuts: no loop is called {c!r}{nearest(c, model.loops)}" for c in unknown]
    for name, past in priors.past.items():
        if name not in model.series:
            faults.append(f"past.{name}: the model has no such series{nearest(name, model.series)}")
            continue
        faults += _unit_faults(f"past.{name}.growth", past.growth.unit, DIMENSIONLESS / YEAR) or _distribution_faults(
            f"past.{name}.growth", past.growth, *_scaled(past.growth.unit, *GROWTH_RANGE), past.growth.unit
        )
        if past.level:
            of, unit = model.series[name], past.level.unit
            key = f"past.{name}.level"
            faults += _unit_faults(key, unit, Unit.parse(of.unit)) or _distribution_faults(
                key, past.level, *_scaled(unit, of.low, of.high), unit
            )
    for name, course in priors.outlook.items():
        if course.follows and (course.follows not in priors.outlook or priors.outlook[course.follows].follows):
            near = nearest(course.follows, {n for n, c in priors.outlook.items() if not c.follows} - {name})
            faults.append(f"outlook.{name}.follows: {course.follows} has no outlook of its own{near}")
    return faults


def _unit_faults(key: str, unit: str, wanted: Unit, same: bool = False) -> list[str]:
    if wrong := unit_fault(unit):
        return [f"{key}.unit: {wrong}"]
    stated_unit = Unit.parse(unit)
    fits = stated_unit == wanted if same else stated_unit.converts_to(wanted)
    return [] if fits else [f"{key}.unit: is {unit}, expected {wanted}"]


def _scaled(unit: str, low: float, high: float) -> tuple[float, float]:
    """Give a range in base units in another unit."""
    scale = Unit.parse(unit).scale
    return low / scale, high / scale


def _distribution_faults(key: str, d: Distribution, low: float, high: float, unit: str) -> list[str]:
    """Give what is wrong with a distribution on a hard range: its middle lies outside, or the range within one sd."""
    bounded, hard_range = Bounded(d, low, high), f"{low:g} to {high:g} {unit}"
    if isinstance(d, Lognormal):
        low = max(low, SMALLEST * high)
    places = {"mean", "median"} & type(d).model_fields.keys() or {"low", "high"} & type(d).model_fields.keys()
    outside = [n for n in sorted(places) if not low <= getattr(d, n) <= high]
    if outside:
        return [f"{key}.{n}: found {getattr(d, n):g} {unit}, expected {hard_range}" for n in outside]
    if isinstance(d, Normal | HalfNormal) and d.sd < NARROWEST * (high - low):
        least = NARROWEST * (high - low)
        return [f"{key}.sd: found {d.sd:g} {unit}, expected {least:g} at least on the hard range, {hard_range}"]
    first, last = bounded.at(np.array([0.16, 0.84]))
    if not first < last:
        return [f"{key}: no values inside the model's hard range, {hard_range}"]
    ends = bounded.ends
    if not isinstance(d, Uniform) and ends[0] > -1.0 and ends[1] < 1.0:
        sd = f"sigma: found {d.sigma:g}" if isinstance(d, Lognormal) else f"sd: found {d.sd:g} {unit}"
        return [f"{key}.{sd}: the whole hard range, {hard_range}, lies within one sd"]
    return []


def _course_faults(key: str, course: Course, width: float) -> list[str]:
    """Give what is wrong with the size of growth, or of change: it would cross the whole hard range in ten years."""
    widest = width / 10.0
    low, high = _scaled(course.unit, *(GROWTH_RANGE if course.kind == "growth" else (-widest, widest)))
    faults = []
    if not low <= course.mean <= high:
        faults.append(f"{key}.mean: found {course.mean:g} {course.unit}, expected {low:g} to {high:g} {course.unit}")
    for name in ("sd", "yearly_sd"):
        if (sd := getattr(course, name)) > high:
            faults.append(f"{key}.{name}: found {sd:g} {course.unit}, expected at most {high:g} {course.unit}")
    return faults


@dataclass(frozen=True)
class Bounded:
    """A distribution cut at a hard range, as a map from the standard normal, or from shares of the distribution."""

    distribution: Distribution
    low: float
    high: float

    def __call__(self, z: Array) -> Array:
        """Give the values that standard normal numbers stand for, of the same shape."""
        if self.is_whole:
            return self._placed(z, np.exp)
        return self._values(scipy.special.ndtr(z), scipy.special.ndtr, scipy.special.ndtri, np.exp)

    def at(self, share: Array) -> Array:
        """Give the values below which these shares, 0 to 1, of the distribution lie: the same bits on every machine."""
        return self._values(share, normal_share, normal_quantile, exp)

    @cached_property
    def is_whole(self) -> bool:
        """Whether so little is cut off that no number tells the difference."""
        low, high = self.ends
        return not isinstance(self.distribution, Uniform) and bool(
            scipy.special.ndtr(low) + scipy.special.ndtr(-high) < 1e-16
        )

    def _values(
        self,
        share: Array,
        below: Callable[[float], float],
        quantile: Callable[[Array], Array],
        exp: Callable[..., Array],
    ) -> Array:
        low, high = self.ends
        if isinstance(self.distribution, Uniform):
            return np.asarray(low + (high - low) * share)
        first = below(low)
        # Rounding at the far end of the distribution may not carry a value over its bound.
        values = quantile(first + share * (below(high) - first))
        return self._placed(np.minimum(np.maximum(values, low), high), exp)

    def _placed(self, z: Array, exp: Callable[..., Array]) -> Array:
        match d := self.distribution:
            case Normal():
                return np.asarray(d.mean + d.sd * z)
            case Lognormal():
                return np.asarray(d.median * exp(d.sigma * z))
            case HalfNormal():
                return np.asarray(d.sd * z)
            case Uniform():
                raise AssertionError("a uniform distribution is placed by its ends")

    @cached_property
    def ends(self) -> tuple[Any, Any]:
        """Where the distribution is cut, in its own sds; the ends of a uniform one themselves."""
        d = self.distribution
        match d:
            case Normal():
                return (self.low - d.mean) / d.sd, (self.high - d.mean) / d.sd
            case Lognormal():
                low, high = log(np.array([np.maximum(self.low, 0.0), self.high]) / d.median) / d.sigma
                return low, high
            case Uniform():
                return np.maximum(d.low, self.low), np.minimum(d.high, self.high)
            case HalfNormal():
                return np.maximum(self.low, 0.0) / d.sd, self.high / d.sd


class Together:
    """Distributions, one a row, worked out at once to the same bits: a few calls for all that are of one kind.

    Inside, rows are sorted by kind: first the lognormal, last the uniform, those that are cut in the middle.
    """

    def __init__(self, several: Sequence[Bounded]) -> None:
        kinds = [_kind(one) for one in several]
        self._order = np.argsort(kinds, kind="stable")
        self._place = np.argsort(self._order)
        ends = np.searchsorted(np.sort(kinds), np.arange(6)).tolist()
        self._lognormal, self._cut = slice(ends[0], ends[2]), slice(ends[1], ends[3])
        self._normal, self._uniform = slice(ends[2], ends[4]), slice(ends[4], ends[5])
        rows = [several[i] for i in self._order]
        self._middle, self._spread = np.array([_middle_and_spread(one) for one in rows]).T[:, :, None]
        self._low, self._high = np.array([one.ends for one in rows]).T[:, :, None]
        below = scipy.special.ndtr(self._low[self._cut])
        self._below, self._mass = below, scipy.special.ndtr(self._high[self._cut]) - below

    def __call__(self, z: Array) -> Array:
        """Give the values that standard normal numbers stand for, both (distribution, draw)."""
        z = z.take(self._order, axis=0)
        return self._values(z, self._uncut(z))[self._place]

    def with_slopes(self, z: Array) -> tuple[Array, Array]:
        """Give what standard normal numbers stand for, and how fast it changes with these, (distribution, draw)."""
        z = z.take(self._order, axis=0)
        uncut = self._uncut(z)
        values = self._values(z, uncut)
        slopes = np.empty_like(z)
        slopes[: self._uniform.start] = self._spread[: self._uniform.start]
        slopes[self._lognormal] *= values[self._lognormal]
        slopes[self._cut] *= self._mass
        slopes[self._cut] *= np.exp(0.5 * (uncut**2 - z[self._cut] ** 2))
        slopes[self._uniform] = (
            self._spread[self._uniform] * np.exp(-0.5 * z[self._uniform] ** 2) / np.sqrt(2.0 * np.pi)
        )
        return values.take(self._place, axis=0), slopes.take(self._place, axis=0)

    def _uncut(self, z: Array) -> Array:
        """Give where those that are cut would be if they were whole; rounding may carry some over their ends."""
        return np.asarray(scipy.special.ndtri(self._below + scipy.special.ndtr(z[self._cut]) * self._mass))

    def _values(self, z: Array, uncut: Array) -> Array:
        place = z.copy()
        place[self._cut] = np.minimum(np.maximum(uncut, self._low[self._cut]), self._high[self._cut])
        place[self._uniform] = scipy.special.ndtr(z[self._uniform])
        place *= self._spread
        place[self._lognormal] = self._middle[self._lognormal] * np.exp(place[self._lognormal])
        place[self._normal] += self._middle[self._normal]
        place[self._uniform] += self._middle[self._uniform]
        return place


def _kind(one: Bounded) -> int:
    match one.distribution:
        case Lognormal():
            return 0 if one.is_whole else 1
        case Uniform():
            return 4
    return 3 if one.is_whole else 2


def _middle_and_spread(one: Bounded) -> tuple[float, float]:
    """Give what a value is made of: middle + spread z; of a lognormal, middle exp(spread z); low + width share."""
    match d := one.distribution:
        case Normal():
            return d.mean, d.sd
        case Lognormal():
            return d.median, d.sigma
        case HalfNormal():
            return 0.0, d.sd
        case Uniform():
            low, high = one.ends
            return low, high - low
