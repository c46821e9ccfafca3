"""The model: equations by sector, the engine that runs them, and the indicators a plan counts."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from . import indicators, loops, sectors
from .assembly import assemble
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
    "integrate",
    "load",
    "require_fast_engine",
    "Run",
    "simulate",
    "trajectories",
]


@functools.cache
def load() -> Model:
    """Give the model made of every file in ``model/sectors`` and the loops; raises WiringError with every fault."""
    names = sorted(module.name for module in pkgutil.iter_modules(sectors.__path__))
    modules = [importlib.import_module(f"{sectors.__name__}.{name}") for name in names]
    model = assemble([*modules, loops])
    faults = indicators.check(model)
    if faults:
        raise WiringError("the model", faults)
    return model
