"""The model: equations by sector, the engine that runs them, and the indicators a plan counts."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from . import indicators, loops, sectors
from .assembly import assemble
from .country import Country
from .declarations import Group
from .errors import InputError, ModelError, UnitError, WiringError
from .indicators import INDICATOR_FACTS, INDICATORS, STATISTICS, Indicator
from .inputs import Inputs
from .kernel.engine import PreparedRun, require_fast_engine
from .observation import Ratio, Reading
from .simulation import Engine, Run, best_engine, integrate, simulate
from .steps import Method
from .trajectories import trajectories
from .units import Unit
from .wiring import Model

__all__ = [
    "INDICATORS",
    "INDICATOR_FACTS",
    "STATISTICS",
    "Country",
    "Engine",
    "Indicator",
    "InputError",
    "Inputs",
    "Method",
    "Model",
    "ModelError",
    "PreparedRun",
    "Ratio",
    "Reading",
    "Unit",
    "UnitError",
    "WiringError",
    "assemble",
    "best_engine",
    "groups",
    "integrate",
    "load",
    "require_fast_engine",
    "Run",
    "simulate",
    "trajectories",
]


def _modules() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(sectors.__path__))
    return [importlib.import_module(f"{sectors.__name__}.{name}") for name in names]


@functools.cache
def groups() -> tuple[str, ...]:
    """Give the names of the groups whose members a plan names."""
    return tuple(sorted(g.name for m in _modules() for g in vars(m).values() if isinstance(g, Group)))


@functools.cache
def load(country: Country) -> Model:
    """Give the model of a country, of every file in ``model/sectors`` and the loops.

    Raises WiringError with every fault.
    """
    model = assemble([*_modules(), loops], country)
    faults = indicators.check(model)
    if faults:
        raise WiringError("the model", faults)
    return model
