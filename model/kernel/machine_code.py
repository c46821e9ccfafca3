"""The machine code of generated code, kept between numba and the cache.

numba's own cache trusts whatever lies where it looks, and looks where the environment says: a changed bit gives other
numbers, a file of another's is run. So it is not used: here what it would have kept goes to ``cache``, which checks.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

import llvmlite  # type: ignore[import-untyped]
import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from . import cache


class MachineCode(NullCache):
    """What a function of numba takes its machine code from, and gives it to."""

    def __init__(self, text: str) -> None:
        self.text = text

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Give what was compiled for these types of arguments; None if it is to be compiled."""
        target_context.refresh()
        data = cache.read(self._key(sig, target_context.codegen()))
        if data is None:
            return None
        made: CompileResult = CompileResult._rebuild(target_context, *pickle.loads(data))  # type: ignore[no-untyped-call]
        return made

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Keep what was compiled for these types of arguments."""
        cache.write(self._key(sig, cres.codegen), dumps(cres._reduce()))  # type: ignore[no-untyped-call]

    def _key(self, sig: Any, codegen: Any) -> str:
        made_by = (sys.version, numba.__version__, llvmlite.__version__, *codegen.magic_tuple())  # and the processor
        return "\n".join((*map(str, made_by), str(sig), self.text))
