"""Generated code as a module that lies in no file, and its function, which is compiled once and then kept."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable
from types import ModuleType


@functools.cache
def compiled(text: str) -> Callable[..., None]:
    """Give the function ``run`` of generated code: numba compiles it, or reads it back, when it is first called."""
    from .machine_code import MachineCode  # and numba, which takes a third of a second, and may not be there

    name = f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    module = ModuleType(name)
    sys.modules[name] = module  # where numba looks for it when it reads machine code back
    exec(compile(text, name, "exec"), module.__dict__)
    module.run._cache = MachineCode(text)
    run: Callable[..., None] = module.run
    return run
