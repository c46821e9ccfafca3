"""The whole model of a country: every file in ``model/sectors``, the loops, and the indicators."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from . import indicators, loops, sectors
from .assembly import assemble
from .country import Country
from .declarations import Group
from .errors import WiringError
from .wiring import Model


def modules() -> list[ModuleType]:
    """Give the sectors, found by listing the folder, and the loops."""
    names = sorted(module.name for module in pkgutil.iter_modules(sectors.__path__))
    return [*(importlib.import_module(f"{sectors.__name__}.{name}") for name in names), loops]


@functools.cache
def groups() -> tuple[str, ...]:
    """Give the names of the groups whose members a plan names."""
    return tuple(sorted(g.name for m in modules() for g in vars(m).values() if isinstance(g, Group)))


@functools.cache
def load(country: Country) -> Model:
    """Give the model of a country; raises WiringError with every fault."""
    model = assemble(modules(), country)
    faults = indicators.check(model)
    if faults:
        raise WiringError("the model", faults)
    return model
