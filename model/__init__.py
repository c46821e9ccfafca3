"""The model: equations by sector, the engine that runs them, and the indicators a plan counts."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from . import loops, sectors
from .errors import InputError, ModelError, UnitError, WiringError
from .indicators import INDICATORS, Indicator, Reading
from .simulation import Inputs, Method, evaluate, integrate, simulate
from .trajectories import trajectories
from .units import Unit
from .wiring import Model, assemble

__all__ = [
    "INDICATORS",
    "Indicator",
    "InputError",
    "Inputs",
    "Method",
    "Model",
    "ModelError",
    "Reading",
    "Unit",
    "UnitError",
    "WiringError",
    "assemble",
    "evaluate",
    "integrate",
    "load",
    "simulate",
    "trajectories",
]


@functools.cache
def load() -> Model:
    """Give the model made of every file in ``model/sectors`` and the loops; raises WiringError with every fault."""
    names = sorted(module.name for module in pkgutil.iter_modules(sectors.__path__))
    modules = [importlib.import_module(f"{sectors.__name__}.{name}") for name in names]
    readings = {n: [r for r in (i.numerator, i.denominator) if r] for n, i in INDICATORS.items()}
    model = assemble([*modules, loops])
    faults = []
    for name, parts in readings.items():
        missing = [r.variable for r in parts if r.variable not in model.units]
        if missing:
            faults += [f"indicator {name} reads {m}, which nobody owns" for m in missing]
            continue
        unit = parts[0].unit(model.units[parts[0].variable])
        for other in parts[1:]:
            unit = unit / other.unit(model.units[other.variable])
        try:
            unit.factor_to(Unit.parse(INDICATORS[name].unit))
        except UnitError as error:
            faults.append(f"indicator {name}: {error}")
    if faults:
        raise WiringError("the model", faults)
    return model
