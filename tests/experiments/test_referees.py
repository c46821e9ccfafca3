"""Other people's engines run the exported files: PySD and pysimlin give our numbers, find our loops, check our units.

Houghton & Siegel (2015), PySD; Powers, simlin.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import itertools
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Annotated, Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from fiveyear.experiments.ensemble import Ensemble
from fiveyear.experiments.exchange import Export
from fiveyear.model import Model, Reading, Unit, WiringError, assemble, load, loops, simulate, trajectories
from fiveyear.model.errors import TraceError
from fiveyear.model.quantities import Array
from fiveyear.model.simulation import DEFAULT_STEP
from fiveyear.model.trace import trace
from fiveyear.model.wiring import symbols
from fiveyear.model.xmile import formulas
from fiveyear.model.xmile.document import NAMESPACE
from fiveyear.model.xmile.variables import so_far

SCENARIOS = (
    "plan",
    "behavioural",
    "crisis_2012",
    "endogenous_growth",
    "midterm_review",
    "talent_first",
    "examiner_cut",
    "eleventh_plan",
)
DRAWS = ("median", "0", "777")
QUICK = {("plan", "median"), ("behavioural", "777")}
Frame = Mapping[str, Array]


def simlin_model(data: bytes, folder: Path) -> Any:
    import simlin

    file = folder / "exported.stmx"
    file.write_bytes(data)
    return simlin.load(file)


def run_in_simlin(data: bytes, folder: Path) -> Frame:
    results = simlin_model(data, folder).run(analyze_loops=False).results
    return {str(n): results[n].to_numpy() for n in results}


def run_in_pysd(data: bytes, folder: Path) -> Frame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PySD and what it imports, not ours
        import pysd

        file = folder / "for_pysd.stmx"
        file.write_bytes(data)
        # PySD writes graphical functions with numpy's print precision, eight digits unless told otherwise.
        with np.printoptions(floatmode="unique"):
            results = pysd.read_xmile(str(file)).run()
    return {str(n): results[n].to_numpy(float) for n in results}


def assert_alike(found: Frame, export: Export, rtol: float) -> None:
    """Hold another engine's run against ours: each variable at each step, and each indicator of each year."""
    ensemble: Ensemble = export.ensemble
    inputs = ensemble.single_inputs(export.draw)
    names = [n for n in ensemble.names if n not in ensemble.model.parameters]
    ours = trajectories(ensemble.model, inputs, ensemble.indicators, names, method=export.method)
    assert {*ours.data_vars} >= {*names} | {n for n, i in ensemble.indicators.items() if not i.above}
    for name, values in ours.data_vars.items():
        np.testing.assert_allclose(found[str(name)], values.values[0], rtol=rtol, atol=0.0, err_msg=str(name))
    yearly = simulate(ensemble.model, inputs, ensemble.indicators, method=export.method)
    assert inputs.settled_year is not None
    base = inputs.settled_year - inputs.first_year
    readings = {r: of_years(found, r) for i in ensemble.indicators.values() for r in i.readings}
    for name, indicator in ensemble.indicators.items():
        theirs = indicator.value(readings, ensemble.model.units, base)[:, 0]
        np.testing.assert_allclose(theirs, yearly[name].values[0], rtol=rtol, atol=1e-12, err_msg=name)


def of_years(found: Frame, reading: Reading) -> Array:
    """Give a reading of every year, (year, 1): a year adds up to the difference between its two ends."""
    steps = round(1.0 / DEFAULT_STEP)
    if reading.how == "year end":
        return found[reading.variable][steps::steps, None]
    return np.diff(found[so_far(reading.variable)][::steps])[:, None]


@pytest.mark.parametrize(
    ("scenario", "draw"),
    [pytest.param(s, d, marks=() if (s, d) in QUICK else pytest.mark.slow) for s in SCENARIOS for d in DRAWS],
)
def test_simlin_integrates_euler_and_rk4_to_our_numbers(scenario: str, draw: str, tmp_path: Path) -> None:
    euler = Export(scenario=scenario, draw=draw, method="euler")
    assert_alike(run_in_simlin(euler.file(), tmp_path), euler, rtol=1e-9)
    rk4 = Export(scenario=scenario, draw=draw)
    assert_alike(run_in_simlin(rk4.file(), tmp_path), rk4, rtol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_pysd_integrates_euler_to_our_numbers(scenario: str, draw: str, tmp_path: Path) -> None:
    export = Export(scenario=scenario, draw=draw, method="euler")
    assert_alike(run_in_pysd(export.file(), tmp_path), export, rtol=1e-9)


@pytest.mark.slow
def test_pysd_ignores_rk4_as_the_warning_says(tmp_path: Path) -> None:
    asked = run_in_pysd(Export(scenario="plan").file(), tmp_path)
    euler = run_in_pysd(Export(scenario="plan", method="euler").file(), tmp_path)
    np.testing.assert_array_equal(asked["researchers"], euler["researchers"])


@pytest.mark.slow
def test_chinese_names_run_in_both_to_the_numbers_of_the_english_ones(tmp_path: Path) -> None:
    from fiveyear.model.xmile.names import naming, table

    name = naming(table("zh"))
    english = run_in_simlin(Export(scenario="plan", method="euler").file(), tmp_path)
    chinese = Export(scenario="plan", method="euler", language="zh").file()
    for found in (run_in_simlin(chinese, tmp_path), run_in_pysd(chinese, tmp_path)):
        for variable in load().names:
            if variable in english:
                lower = {n.casefold(): v for n, v in found.items()}
                np.testing.assert_allclose(lower[name(variable).casefold()], english[variable], rtol=1e-9)


# -- loops --------------------------------------------------------------------------------------------------
def folded(variables: tuple[str, ...]) -> frozenset[str]:
    """Give the variables of a loop with each chain as one: its stages, and what passes between them."""
    model = load()
    stages = {s: chain for chain in model.chains for s in model.stages(chain)}
    return frozenset(stages.get(n.removesuffix("_left"), n) for n in variables)


def loops_with(closed: set[str], folder: Path) -> dict[frozenset[str], str]:
    """Give the loops that simlin finds in a file in which these alone are closed, with the polarity of a run."""
    model = load()
    cuts = [n for n in model.loops if n not in closed]
    closes = [n for n in closed if n in ("FINANCE", "R1")]  # which the plan cuts
    # With the review, government closes gaps to the plan; without, the link of B8 lies idle.
    export = Export(scenario="midterm_review", settings=[f"cuts={cuts}", f"closes={closes}"])
    found = simlin_model(export.file(), folder).run(analyze_loops=True).loops
    return {folded(loop.variables): str(loop.polarity) for loop in found}


@pytest.mark.parametrize("name", load().loops)
def test_simlin_finds_each_loop_with_its_sign_where_it_is_closed_and_not_where_it_is_cut(
    name: str, tmp_path: Path
) -> None:
    model = load()
    cycle, sign = model.cycle(model.loops[name])
    links = set(itertools.pairwise(cycle))
    needed = {n for n, loop in model.loops.items() if (loop.source, loop.reader) in links}
    closed, cut = loops_with(needed, tmp_path), loops_with(needed - {name}, tmp_path)
    assert closed[frozenset(cycle)] == {"+": "R", "-": "B"}[model.loops[name].sign]
    assert sign in (model.loops[name].sign, "?")
    assert frozenset(cycle) not in cut


# -- units --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_simlin_has_nothing_to_say_of_units_or_anything_else(scenario: str, tmp_path: Path) -> None:
    model = simlin_model(Export(scenario=scenario).file(), tmp_path)
    assert list(model.check()) == []
    assert list(model.check_units()) == []


class Planted(NamedTuple):
    """A fault of units in a variable: another unit stated, or another variable read in the place of one."""

    variable: str
    unit: str
    swapped: Mapping[str, str]


def planted_faults() -> list[Planted]:
    """Give 100 faults that our own check refuses, 60 in stated units and 40 in formulas; the same at every call."""
    model, random = load(), np.random.default_rng(1)
    faults: list[Planted] = []
    given = [*model.parameters, *model.series]  # what can be read anywhere without going round in a circle
    while len(faults) < 100:
        if len(faults) < 60:
            name = str(random.choice([n for n in model.names if n not in (*model.chains, *model.outflows)]))
            unit = str(model.units[name] * Unit.parse(str(random.choice(["person", "yuan", "1/year", "patent"]))))
            fault = Planted(name, unit, {})
        else:
            name = str(random.choice([n for n, e in model.equations.items() if e.inputs]))
            source, other = str(random.choice(model.equations[name].inputs)), str(random.choice(given))
            fault = Planted(name, str(model.units[name]), {source: other})
        if fault not in faults and refused_by_us(fault):
            faults.append(fault)
    return faults


def refused_by_us(fault: Planted) -> bool:
    """Tell whether the model is refused with the fault in its code."""
    model = load()
    if fault.swapped:
        equation = model.equations[fault.variable]
        fed = [
            tuple(fault.swapped.get(n, n) for n in a) if isinstance(a, tuple) else fault.swapped.get(a, a)
            for a in equation.arguments
        ]
        try:
            return trace(equation.function, symbols(fed, model.units))[0].unit != equation.unit
        except TraceError:
            return True
    modules = [importlib.import_module(f"fiveyear.model.sectors.{s}") for s in sorted({*model.sectors.values()} - ODD)]
    with contextlib.suppress(WiringError):
        assemble([*(stating(fault, module) for module in modules), loops])
        return False
    return True


ODD = {s for s in load().sectors.values() if " " in s}  # of outflows of chains


def stating(fault: Planted, module: ModuleType) -> ModuleType:
    """Give a module that states another unit for the variable, if it has it."""
    copy = ModuleType(module.__name__, module.__doc__)
    copy.__dict__.update(vars(module))
    found = vars(module).get(fault.variable)
    if isinstance(found, FunctionType):
        made = FunctionType(found.__code__, found.__globals__, found.__name__)
        made.__doc__, made.__module__ = found.__doc__, found.__module__
        made.__annotations__ = {**found.__annotations__, "return": Annotated[Array, fault.unit]}
        copy.__dict__[fault.variable] = made
    elif found is not None:
        copy.__dict__[fault.variable] = dataclasses.replace(found, unit=fault.unit)
    return copy


@pytest.mark.slow
def test_simlin_reports_at_least_95_of_100_planted_faults_of_units_that_we_refuse(tmp_path: Path) -> None:
    model, intact = load(), Export(scenario="behavioural").file()
    faults = planted_faults()
    missed = []
    for fault in faults:
        root = ET.fromstring(intact)
        element = root.find(f".//{{{NAMESPACE}}}variables/*[@name='{fault.variable}']")
        assert element is not None
        for tag, text in (("units", fault.unit), ("eqn", written(model, fault))):
            child = element.find(f"{{{NAMESPACE}}}{tag}")
            assert child is not None
            child.text = text or child.text
        issues = simlin_model(ET.tostring(root), tmp_path).check()
        if not any("unit" in issue.message for issue in issues):
            missed.append(fault)
    print(f"planted: {len(faults)}, of which simlin reports {len(faults) - len(missed)}")
    assert len(faults) == 100
    assert len(missed) <= 5, missed


def written(model: Model, fault: Planted) -> str:
    """Give the formula with the fault in it as XMILE has it; nothing if the formula is what it was."""
    if not fault.swapped:
        return ""
    return formulas.formula(model.equations[fault.variable].term, lambda name: fault.swapped.get(name, name))
