"""All that an ensemble draws has the same bits on every machine, and however the draws are cut.

Other machines are emulated: numpy and the C library are told to leave alone what this processor can do.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest
from numpy._core import _multiarray_umath  # type: ignore[attr-defined]  # numpy tells it nowhere else

PROGRAM = """
import hashlib
import sys

import numpy as np

from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.model.paths import path
from fiveyear.scenarios import load_scenario

size = int(sys.argv[1])
found = {}
for scenario in ("behavioural", "back_loaded_spend", "crisis_2012", "eleventh_plan"):
    one = ensemble(load_scenario(scenario), None, 2011)
    settled = (one.scenario.plan.base_year + 1 - one.scenario.plan.start,)
    for start in range(1000, 4000, size):
        draws = np.arange(start, min(start + size, 4000))
        inputs = one.inputs(start, int(draws[-1]) + 1)
        parts = {("drawn", n): v for n, v in {**inputs.parameters, **inputs.series}.items()}
        for name, values in inputs.series.items():
            knots = path(one.model.series[name], inputs.first_year, np.asarray(values), settled).values
            parts["path", name] = knots
        for key, values in parts.items():
            by_draw = np.shape(values)[-1:] == draws.shape  # what a scenario gives is the same in all
            if by_draw or start == 1000:
                found.setdefault((scenario, *key), []).append(np.asarray(values, dtype=float))
for key, values in found.items():
    whole = np.concatenate(values, axis=-1) if values[0].ndim else values[0]
    print(*key, hashlib.sha256(np.ascontiguousarray(whole).tobytes()).hexdigest())
"""

# What numpy was built to use beyond what every machine has, as far as this processor has it too.
FEATURES = [f for f in _multiarray_umath.__cpu_dispatch__ if _multiarray_umath.__cpu_features__[f]]
NO_FMA = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"
MACHINES = {
    "without AVX-512": {"NPY_DISABLE_CPU_FEATURES": " ".join(f for f in FEATURES if "512" in f or f == "X86_V4")},
    "with SSE only": {"NPY_DISABLE_CPU_FEATURES": " ".join(FEATURES), "GLIBC_TUNABLES": NO_FMA},
}


def hashes(machine: dict[str, str], size: int) -> list[str]:
    """Give a line for each input and path of 3,000 draws, drawn ``size`` at a time."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(size)], env=os.environ | machine, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def here() -> list[str]:
    return hashes({}, 3_000)


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="emulates other x86-64 machines")
@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_drawn_has_the_same_bits_on_another_machine(here: list[str], machine: str) -> None:
    assert hashes(MACHINES[machine], 3_000) == here


@pytest.mark.slow
@pytest.mark.parametrize("size", [1_000, 677])
def test_what_is_drawn_has_the_same_bits_however_the_draws_are_cut(here: list[str], size: int) -> None:
    assert hashes({}, size) == here
