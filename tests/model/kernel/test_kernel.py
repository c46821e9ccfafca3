"""The kernel: the numbers of the reference, and the same bits whatever the machine, the neighbours and the printer."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numpy as np
import pytest
from c_kernel import Kind, c_kernel

from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.model import InputError, Inputs, Model, PreparedRun, Reading, assemble, integrate
from fiveyear.model.declarations import Chain, Parameter, Series, Stock
from fiveyear.model.kernel import engine
from fiveyear.model.kernel.llvm_text import llvm_text
from fiveyear.model.kernel.machine_code import target_machine
from fiveyear.model.kernel.sections import WIDTH
from fiveyear.model.observation import How
from fiveyear.model.quantities import Array, Number, PerYear, exp, log, maximum, minimum, where
from fiveyear.scenarios import load_scenario

CLOSE = 1e-12
HOWS = get_args(How)
FLAGS = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""


def shipped(name: str) -> Ensemble:
    return ensemble(load_scenario(name), None, 2011)


def read(found: Ensemble) -> list[Reading]:
    return list(dict.fromkeys(r for i in found.indicators.values() for r in i.readings))


def run(found: Ensemble, inputs: Inputs, **options: Any) -> dict[Reading, Array]:
    return integrate(found.model, inputs, read(found), engine="fast", **options)


def bits(found: dict[Reading, Array], start: int = 0, stop: int | None = None) -> str:
    rows = sorted((r.variable, r.how, values[:, start:stop].tobytes()) for r, values in found.items())
    return hashlib.sha256(repr(rows).encode()).hexdigest()


# One scenario for each set of loops that is cut, and the other plan; others differ in numbers only.
@pytest.mark.parametrize("name", ["plan", "behavioural", "endogenous_growth", "eleventh_plan"])
@pytest.mark.parametrize("method", ["rk4", "euler"])
def test_every_reading_is_that_of_the_reference(name: str, method: Any) -> None:
    found = shipped(name)
    for inputs, step in ((found.inputs(0, 200), 0.125), (found.median_inputs(), 0.1), (found.inputs(7, 8), 0.25)):
        fast = run(found, inputs, method=method, step=step)
        reference = integrate(found.model, inputs, read(found), method=method, step=step)
        for reading, values in reference.items():
            np.testing.assert_allclose(fast[reading], values, rtol=CLOSE, atol=0.0, err_msg=str(reading))


def test_a_draw_has_the_same_bits_in_whatever_company() -> None:
    found = shipped("behavioural")
    whole = run(found, found.inputs(0, 40))
    for start, stop in ((0, 1), (7, 8), (39, 40), (0, WIDTH), (3, 3 + WIDTH), (5, 38)):
        assert bits(run(found, found.inputs(start, stop))) == bits(whole, start, stop), (start, stop)


def test_threads_do_not_disturb_each_other() -> None:
    found = shipped("behavioural")
    inputs = found.inputs(0, 512)
    whole = run(found, inputs)
    parts = [(start, start + 64) for start in range(0, 512, 64)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda part: bits(run(found, inputs.block(*part))), parts))
    assert made == [bits(whole, *part) for part in parts]


def test_what_is_the_same_in_all_draws_may_be_given_once() -> None:
    found = shipped("plan")
    once = found.median_inputs()
    repeated = replace(
        once,
        parameters={n: np.broadcast_to(v, 3).copy() for n, v in once.parameters.items()},
        series={n: np.repeat(v[:, None], 3, axis=1) for n, v in once.series.items()},
    )
    one, three = run(found, once), run(found, repeated)
    assert all(np.array_equal(np.repeat(one[r], 3, axis=1), three[r]) for r in one)


def test_a_draw_that_is_not_finite_says_so_and_leaves_its_neighbours_alone() -> None:
    found = shipped("behavioural")
    inputs = found.inputs(0, 16)
    propensity = np.array(inputs.parameters["propensity"])
    propensity[3] = np.nan
    sick = replace(inputs, parameters={**inputs.parameters, "propensity": propensity})
    well, ill = run(found, inputs), run(found, sick)
    applications = Reading("applications", "over the year")
    assert np.isnan(ill[applications][:, 3]).all()
    for reading, values in well.items():
        assert np.array_equal(np.delete(values, 3, axis=1), np.delete(ill[reading], 3, axis=1))


# -- the same bits everywhere -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def given() -> tuple[engine.Kernel, tuple[Any, ...], tuple[int, ...]]:
    """The kernel of a scenario, what it is called with, and the shape of its results."""
    found = shipped("behavioural")
    kernel = engine.kernel(found.model, frozenset(read(found)))
    return kernel, kernel.arguments(found.inputs(0, 96), 0.125), (len(kernel.readings), 11, 96)


CALL = """
import hashlib, pickle, sys
import numpy as np
from fiveyear.model.kernel import machine_code
from fiveyear.model.kernel.engine import Kernel
if sys.argv[2:]:
    machine_code.processor = lambda: (sys.argv[2], "")
made, arguments, shape = pickle.load(open(sys.argv[1], "rb"))
found = np.empty(shape)
Kernel(None, (), made).run(*arguments, False, found)
print(hashlib.sha256(found.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("processor", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_every_kind_of_processor_gives_the_same_bits(
    processor: str, given: tuple[engine.Kernel, tuple[Any, ...], tuple[int, ...]], tmp_path: Path
) -> None:
    needed = {"x86-64-v2": "sse4_2", "x86-64-v3": "avx2", "x86-64-v4": "avx512vl"}[processor]
    if needed not in FLAGS:
        pytest.skip(f"this machine cannot run code for {processor}")
    kernel, arguments, shape = given
    here = np.empty(shape)
    kernel.run(*arguments, False, here)
    file = tmp_path / "given.pickle"
    file.write_bytes(pickle.dumps((kernel.made, arguments, shape)))
    ended = subprocess.run([sys.executable, "-c", CALL, str(file), processor], capture_output=True, text=True)
    assert (ended.stdout.strip(), ended.stderr) == (hashlib.sha256(here.tobytes()).hexdigest(), "")


@pytest.mark.parametrize("kind", ["strict", "fast", "scalar"])
def test_c_printed_from_the_same_sections_gives_the_same_numbers(
    kind: Kind, given: tuple[engine.Kernel, tuple[Any, ...], tuple[int, ...]]
) -> None:
    kernel, arguments, shape = given
    here, there = np.empty(shape), np.empty(shape)
    kernel.run(*arguments, False, here)
    c_kernel(kernel.made, kind)(*arguments, False, there)
    np.testing.assert_allclose(there, here, rtol=CLOSE, atol=0.0)
    if kind == "strict":
        assert here.tobytes() == there.tobytes()
    # Nor does what is loaded change the arithmetic of this process: the smallest number stays.
    assert np.ldexp(1.0, -1074) * np.float64(1.0) != 0.0


def test_the_loops_are_vector_instructions(given: tuple[engine.Kernel, tuple[Any, ...], tuple[int, ...]]) -> None:
    code = target_machine().emit_assembly(llvm.parse_assembly(llvm_text(given[0].made)))
    packed = sum(code.count(f"{op}pd") for op in ("mul", "add", "sub", "div"))
    single = sum(code.count(f"{op}sd") for op in ("mul", "add", "sub", "div"))
    assert packed > 10 * single  # what is single is the driver's: lengths of steps, the ends of paths
    if "avx512f" in FLAGS:
        assert code.count("%zmm") > code.count("%ymm")


def test_an_array_of_another_kind_is_refused_before_it_is_read(
    given: tuple[engine.Kernel, tuple[Any, ...], tuple[int, ...]],
) -> None:
    kernel, (parameters, *others), shape = given
    for wrong in (parameters.astype(np.float32), np.asfortranarray(parameters)):
        with pytest.raises(TypeError, match=r"^parameters must be float64 in order of C, and is"):
            kernel.run(wrong, *others, False, np.empty(shape))


# -- without llvmlite ------------------------------------------------------------------------------------------
def test_the_fast_engine_that_is_not_installed_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "available", lambda: False)
    found = shipped("plan")
    with pytest.raises(InputError, match=r'pip install "fiveyear\[fast\]"'):
        run(found, found.median_inputs())


# -- what no shipped scenario has ---------------------------------------------------------------------------
def everything() -> Model:
    """A model of all operations, with a path that jumps, a chain that was in balance, and a stock that starts empty."""
    module = ModuleType("toy", "Toy.")

    def inflow(x: Number, p: Number, jumping: PerYear, bending: PerYear) -> PerYear:
        """What enters: it meets every comparison, and both sides of each choice."""
        low = where(np.logical_and(x > p, np.logical_not(x >= 9.0)), jumping, -jumping)
        high = where(np.logical_or(x < 1.5, np.equal(p, 2.0)), jumping * 2.0, abs(jumping) / 2.0)
        return (
            low
            + where(x <= 4.0, minimum(low, high), maximum(high, low))
            * exp(-abs(x))
            * log(x * x + p)
            * (x * x + p) ** 0.3
            + bending / (1.0 + x * x)
        )

    def passing(jumping: PerYear, p: Number) -> PerYear:
        """What enters the chain."""
        return jumping * p

    for function in (inflow, passing):
        function.__module__ = "toy"
        setattr(module, function.__name__, function)
    module.p = Parameter("1", 0.1, 10.0, "p")  # type: ignore[attr-defined]
    module.delay = Parameter("year", 0.1, 10.0, "delay")  # type: ignore[attr-defined]
    module.jumping = Series("1/year", -9.0, 9.0, dated="constant within the year", about="j")  # type: ignore[attr-defined]
    module.bending = Series("1/year", -9.0, 9.0, dated="over the year", about="b")  # type: ignore[attr-defined]
    module.x = Stock("1", "p", ("inflow",), about="x", low=float("-inf"))  # type: ignore[attr-defined]
    module.y = Stock("1", "", ("leaving",), about="y")  # type: ignore[attr-defined]
    module.chain = Chain("1", 3, "passing", "leaving", "delay", "p", about="c")  # type: ignore[attr-defined]
    return assemble([module])


def of_everything(draws: int) -> Inputs:
    random = np.random.default_rng(1)
    p = np.array([0.5, 1.0, 2.0, 3.0, *random.uniform(0.2, 5.0, draws - 4)])
    series = {"jumping": random.uniform(-1.0, 2.0, (6, draws)), "bending": random.uniform(-0.5, 0.5, (6, draws))}
    return Inputs(2001, 2006, {"p": p, "delay": 1.7}, series, settled_years=(2003,))


@pytest.mark.parametrize("method", ["rk4", "euler"])
def test_all_operations_and_paths_that_jump_are_those_of_the_reference(method: Any) -> None:
    model = everything()
    inputs = of_everything(34)
    readings = [Reading(n, how) for n in ("x", "y", "chain", "inflow", "leaving") for how in HOWS]
    fast = integrate(model, inputs, readings, method=method, engine="fast")
    reference = integrate(model, inputs, readings, method=method)
    assert np.ptp(reference[Reading("inflow", "year end")]) > 0.1
    for reading, values in reference.items():
        np.testing.assert_allclose(fast[reading], values, rtol=CLOSE, atol=1e-15, err_msg=str(reading))


# -- slopes -------------------------------------------------------------------------------------------------
SHIFT = 1e-5


def test_slopes_are_those_of_differences_whatever_the_operation_and_the_path() -> None:
    model, inputs, step = everything(), of_everything(19), 0.125
    readings = [Reading(n, how) for n in ("x", "y", "chain", "inflow", "leaving") for how in HOWS]
    read = integrate(model, inputs, readings, step=step)
    random = np.random.default_rng(2)
    weights = {r: random.uniform(0.5, 1.5, v.shape) / np.max(np.abs(v), axis=1, keepdims=True) for r, v in read.items()}

    def number(**changed: Array) -> Array:
        parameters = {n: changed.get(n, v) for n, v in inputs.parameters.items()}
        series = {n: changed.get(n, v) for n, v in inputs.series.items()}
        found = integrate(model, replace(inputs, parameters=parameters, series=series), readings, step=step)
        return np.asarray(sum(np.sum(weights[r] * v, axis=0) for r, v in found.items()))

    parameters = {n: np.asarray(v) for n, v in inputs.parameters.items() if np.ndim(v) == 1}
    series = {n: v for n, v in inputs.series.items() if np.ndim(v) == 2}
    prepared = PreparedRun(model, inputs, tuple(parameters), tuple(series), readings, step)
    values, slopes = prepared(np.array([*parameters.values()]), np.array([*series.values()]))
    for reading, value in zip(readings, values, strict=True):
        np.testing.assert_allclose(value, read[reading], rtol=CLOSE, atol=1e-15, err_msg=str(reading))
    by_parameter, by_series = slopes(np.array([weights[r] for r in readings]))
    found = dict(zip((*parameters, *series), (*by_parameter, *by_series), strict=True))
    compared = 0
    for name, given in {**parameters, **series}.items():
        rows = np.atleast_2d(given)
        for place in range(len(rows)):
            shift = np.zeros_like(rows)
            shift[place] = SHIFT * (np.abs(rows[place]) + 1e-9)
            above, below = (number(**{name: (rows + s).reshape(given.shape)}) for s in (shift, -shift))
            by_share = np.atleast_2d(found[name])[place] * shift[place] / SHIFT
            # A draw may stand at a bend, where a difference is neither slope.
            close = np.isclose(by_share, (above - below) / (2.0 * SHIFT), rtol=1e-4, atol=1e-6)
            assert np.mean(close) > 0.9, (name, place)
            compared += close.size
    assert compared == (1 + 6 + 6) * 19


def test_slopes_need_the_engine_that_computes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "available", lambda: False)
    with pytest.raises(InputError, match=r'pip install "fiveyear\[fast\]"'):
        PreparedRun(everything(), of_everything(4), [], [], [], 0.25)
