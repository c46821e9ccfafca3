"""Machine code of generated code, compiled by LLVM for this processor in a tenth of a second, and called by ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numpy as np

from ..quantities import Array


class MachineCode:
    """The function ``run`` of a module, whose ``kinds`` of arguments are numbers and, with a star, arrays."""

    def __init__(self, text: str, kinds: Mapping[str, str]) -> None:
        self._kinds = {n: np.dtype(kind[:-1]) if kind.endswith("*") else None for n, kind in kinds.items()}
        machine = target_machine()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine)
        self._engine.finalize_object()
        given = [ctypes.c_int64 if kind is None else ctypes.c_void_p for kind in self._kinds.values()]
        self._run = ctypes.CFUNCTYPE(None, *given)(self._engine.get_function_address("run"))

    def __call__(self, **arguments: Any) -> None:
        """Run the code, without holding Python's lock; raises TypeError for another kind of array."""
        self._run(*[_given(n, arguments[n], kind) for n, kind in self._kinds.items()])

    def addresses(self, **arrays: Array) -> dict[str, int]:
        """Give where arrays are, as a call takes them, too, as long as the caller holds on to them."""
        return {n: _given(n, array, self._kinds[n]) for n, array in arrays.items()}


def processor() -> tuple[str, str]:
    """Give the name of this processor, and what it can do, as LLVM calls them."""
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def target_machine() -> Any:
    """Give what code is made for."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = processor()
    # Straight lines of vector instructions leave LLVM's passes over a module nothing to do.
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=name, features=features, opt=2, codemodel="jitdefault", jit=True
    )


def _given(name: str, value: Any, kind: np.dtype[Any] | None) -> Any:
    if kind is None or isinstance(value, int):
        return value
    if value.dtype != kind or not value.flags.c_contiguous:
        raise TypeError(f"{name} must be {kind} in order of C, and is {value.dtype} with strides {value.strides}")
    return value.ctypes.data
