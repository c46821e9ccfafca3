"""The inputs of a run, and whether they are what the model declares."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from .declarations import Parameter, Series
from .errors import InputError, nearest
from .paths import Path, path
from .quantities import Array
from .wiring import Model


@dataclass(frozen=True)
class Known:
    """What has been found out of inputs, by name, each with the numbers that it holds of.

    ``paths``: those through the yearly numbers of Series; ``sound``: by how many draws, what has passed ``check``.
    """

    paths: dict[str, tuple[Array, Path]] = field(default_factory=dict)
    sound: dict[int, dict[str, Array | float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Inputs:
    """What a run needs besides the model: yearly numbers from ``first_year`` on, and the values of Parameters.

    ``parameters``: name -> () or (draw,); ``series``: name -> (year,) or (year, draw), in base units. Up to each of
    ``settled_years`` the paths through the yearly numbers do not depend on later ones; the first is the base year.
    """

    first_year: int
    last_year: int
    parameters: Mapping[str, Array | float]
    series: Mapping[str, Array]
    settled_years: tuple[int, ...] = ()
    known: Known = field(default_factory=Known, repr=False, compare=False)

    @functools.cached_property
    def draws(self) -> int:
        """The number of draws: the one length that the uncertain inputs share, or 1."""
        # numpy's own function takes ten times as long, for each input of each run.
        lengths = {v.shape[-1] for v in self.parameters.values() if isinstance(v, np.ndarray) and v.ndim == 1}
        lengths |= {np.shape(v)[-1] for v in self.series.values() if np.ndim(v) == 2}
        return max(lengths, default=1)

    def block(self, start: int, stop: int) -> Inputs:
        """Give the inputs of some of the draws."""
        if start == 0 and stop >= self.draws:
            return self
        parameters = {n: (v[start:stop] if np.ndim(v) == 1 else v) for n, v in self.parameters.items()}  # type: ignore[index]
        series = {n: (v[:, start:stop] if np.ndim(v) == 2 else v) for n, v in self.series.items()}
        return Inputs(self.first_year, self.last_year, parameters, series, self.settled_years, self.known)

    def but(self, parameters: Mapping[str, Array | float], series: Mapping[str, Array]) -> Inputs:
        """Give the same inputs but for these; the paths of the others are not worked out again."""
        merged = ({**self.parameters, **parameters}, {**self.series, **series})
        return Inputs(self.first_year, self.last_year, *merged, self.settled_years, self.known)

    @property
    def settled(self) -> tuple[int, ...]:
        """The number of years up to each settled one."""
        return tuple(year + 1 - self.first_year for year in self.settled_years)

    @property
    def base_year(self) -> int:
        """The year from which rises are counted: the first that is settled, or the last."""
        return self.settled_years[0] if self.settled_years else self.last_year

    def path(self, declared: Series, name: str) -> Path:
        """Give the path of a Series through its yearly numbers."""
        yearly = self.series[name]
        numbers, stored_path = self.known.paths.get(name, (None, None))
        if stored_path is not None and numbers is yearly:
            return stored_path
        series_path = path(declared, self.first_year, np.asarray(yearly, dtype=float), self.settled)
        self.known.paths[name] = yearly, series_path
        return series_path


def check(model: Model, inputs: Inputs, keep: Iterable[str] = (), read: Iterable[str] | None = None) -> None:
    """Compare inputs, and the variables to keep, with what the model declares; raises InputError with every fault.

    What a run reads, ``read`` and ``keep``, says which inputs it needs; without ``read`` it needs all.
    """
    keep = list(keep)
    unknown = [n for n in keep if n not in model.units]
    if unknown:
        raise InputError("keep", [f"{n}: the model has no such variable{nearest(n, model.units)}" for n in unknown])
    needed = model if read is None else model.pruned([*read, *keep])
    sound = inputs.known.sound.setdefault(inputs.draws, {})
    every = (*inputs.parameters.items(), *inputs.series.items())
    names = {*inputs.parameters, *inputs.series}
    known = not {*needed.parameters, *needed.series} - names and not names - {*model.parameters, *model.series}
    if known and all(sound.get(name) is value for name, value in every):
        return
    declared: dict[str, Parameter | Series] = {**model.parameters, **model.series}
    faults = []
    for given, kind in ((inputs.parameters, model.parameters), (inputs.series, model.series)):
        for name in sorted(set(given) - set(kind)):
            faults.append(f"{name}: the model has no such input{nearest(name, declared)}")
    for name, declaration in declared.items():
        group = inputs.series if isinstance(declaration, Series) else inputs.parameters
        if name in group:
            if sound.get(name) is not group[name]:
                own = _input_faults(name, declaration, np.asarray(group[name], dtype=float), inputs)
                faults += own
                if not own:
                    sound[name] = group[name]
        elif name in needed.units:
            faults.append(f"{name} ({declaration.unit}): no value; {declaration.about}")
    if faults:
        raise InputError("the run", faults)


def _input_faults(name: str, declaration: Parameter | Series, value: Array, inputs: Inputs) -> list[str]:
    dated = isinstance(declaration, Series)
    years = inputs.last_year - inputs.first_year + 1
    if dated and (value.ndim not in (1, 2) or len(value) != years):
        return [f"{name}: {len(value) if value.ndim else 1} yearly values, but the run has {years} years"]
    if not dated and value.ndim > 1:
        return [f"{name}: an array of {value.ndim} dimensions, but a Parameter is one number, or one a draw"]
    if value.ndim > dated and value.shape[-1] != inputs.draws:
        return [f"{name}: {value.shape[-1]} draws, but the run has {inputs.draws}"]
    inside = (value >= declaration.low) & (value <= declaration.high)  # NaN is outside too
    if inside.all():
        return []
    place = tuple(np.argwhere(~inside)[0])
    parts = [f"in {inputs.first_year + place[0]}"] if dated else []
    parts += [f"in draw {place[-1]}"] if value.ndim > dated else []
    where = "".join(f" {part}" for part in parts)
    hard_range = f"[{declaration.low:g}, {declaration.high:g}] {declaration.unit}"
    return [f"{name}: {float(value[place]):g}{where} is outside {hard_range}"]
