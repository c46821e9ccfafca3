"""Other engines run the exported files: PySD and simlin give our numbers, find our loops and check our units."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Annotated, NamedTuple
from xml.etree import ElementTree as ET

import engines
import numpy as np
import pytest

from fiveyear.experiments.structure.exchange import Export
from fiveyear.model import Model, Unit, WiringError, assemble, loops
from fiveyear.model.errors import TraceError
from fiveyear.model.quantities import Array
from fiveyear.model.trace import trace
from fiveyear.model.wiring import symbols
from fiveyear.model.xmile import formulas
from fiveyear.model.xmile.document import NAMESPACE
from fiveyear.model.xmile.names import naming, table
from fiveyear.scenarios import load_plan

WHOLE = load_plan("twelfth").model

QUICK = {("plan", "median"), ("behavioural", "777")}


@pytest.fixture(autouse=True)
def plain_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the code that PySD writes as it comes: to lay it out nicely takes three quarters of the time."""
    monkeypatch.setattr("black.format_file_contents", lambda text, **_: text)


@pytest.mark.parametrize(
    ("scenario", "draw"),
    [
        pytest.param(s, d, marks=() if (s, d) in QUICK else pytest.mark.slow)
        for s in engines.SCENARIOS
        for d in engines.DRAWS
    ],
)
def test_simlin_integrates_euler_and_rk4_to_our_numbers(scenario: str, draw: str, tmp_path: Path) -> None:
    euler = Export(scenario=scenario, draw=draw, method="euler")
    assert engines.largest_difference(engines.run_in_simlin(euler.file(), tmp_path), euler)[0] <= 1e-9
    rk4 = Export(scenario=scenario, draw=draw)
    assert engines.largest_difference(engines.run_in_simlin(rk4.file(), tmp_path), rk4)[0] <= 1e-8


@pytest.mark.slow
@pytest.mark.parametrize("draw", engines.DRAWS)
@pytest.mark.parametrize("scenario", engines.SCENARIOS)
def test_pysd_integrates_euler_to_our_numbers(scenario: str, draw: str, tmp_path: Path) -> None:
    export = Export(scenario=scenario, draw=draw, method="euler")
    assert engines.largest_difference(engines.run_in_pysd(export.file(), tmp_path), export)[0] <= 1e-9


@pytest.mark.slow
def test_pysd_ignores_rk4_as_the_warning_says(tmp_path: Path) -> None:
    asked = engines.run_in_pysd(Export(scenario="plan").file(), tmp_path)
    euler = engines.run_in_pysd(Export(scenario="plan", method="euler").file(), tmp_path)
    np.testing.assert_array_equal(asked["researchers"], euler["researchers"])


@pytest.mark.slow
def test_chinese_names_run_in_both_to_the_numbers_of_the_english_ones(tmp_path: Path) -> None:
    name = naming(table("zh"))
    english = engines.run_in_simlin(Export(scenario="plan", method="euler").file(), tmp_path)
    chinese = Export(scenario="plan", method="euler", language="zh").file()
    for found in (engines.run_in_simlin(chinese, tmp_path), engines.run_in_pysd(chinese, tmp_path)):
        lower = {n.casefold(): v for n, v in found.items()}
        assert {n for n in WHOLE.names if name(n).casefold() not in lower} == {
            n for n in WHOLE.names if n not in english
        }
        for variable in WHOLE.names:
            if variable in english:
                np.testing.assert_allclose(lower[name(variable).casefold()], english[variable], rtol=1e-9)


# -- loops --------------------------------------------------------------------------------------------------
def test_simlin_finds_each_loop_with_its_sign_where_it_is_closed_and_not_where_it_is_cut(tmp_path: Path) -> None:
    found = list(engines.loops(tmp_path))
    assert [name for name, *_ in found] == list(WHOLE.loops)
    for name, declared, by_formulas, in_simlin, though_cut in found:
        assert (in_simlin, though_cut) == (declared, False), name
        assert by_formulas in (declared, "?"), name


# -- units --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("scenario", engines.SCENARIOS)
def test_simlin_has_nothing_to_say_of_units_or_anything_else(scenario: str, tmp_path: Path) -> None:
    model = engines.simlin_model(Export(scenario=scenario).file(), tmp_path)
    assert list(model.check()) == []
    assert list(model.check_units()) == []


class Planted(NamedTuple):
    """A fault of units in a variable: another unit stated, or another variable read in the place of one."""

    variable: str
    unit: str
    swapped: Mapping[str, str]


def planted_faults() -> list[Planted]:
    """Give 100 faults that our own check refuses, 60 in stated units and 40 in formulas; the same at every call."""
    model, random = WHOLE, np.random.default_rng(1)
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
    model = WHOLE
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
    modules = [importlib.import_module(f"fiveyear.model.sectors.{s}") for s in sorted({*model.sectors.values()})]
    with contextlib.suppress(WiringError):
        assemble([*(stating(fault, module) for module in modules), loops])
        return False
    return True


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
def test_simlin_reports_at_least_93_of_100_planted_faults_of_units_that_we_refuse(tmp_path: Path) -> None:
    model, intact = WHOLE, Export(scenario="behavioural").file()
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
        issues = engines.simlin_model(ET.tostring(root), tmp_path).check()
        if not any("unit" in issue.message for issue in issues):
            missed.append(fault)
    print(f"planted: {len(faults)}, of which simlin reports {len(faults) - len(missed)}")
    assert len(faults) == 100
    assert len(missed) <= 7, missed


def written(model: Model, fault: Planted) -> str:
    """Give the formula with the fault in it as XMILE has it; nothing if the formula is what it was."""
    if not fault.swapped:
        return ""
    return formulas.formula(model.equations[fault.variable].term, lambda name: fault.swapped.get(name, name))
