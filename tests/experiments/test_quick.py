"""What makes answers come at once, counted: modules imported, kernels made, files read, plans checked, draws made."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import fiveyear as fy
from fiveyear import model
from fiveyear.calibration import outlook, posterior
from fiveyear.calibration.fit import Problem
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.store import computation, results
from fiveyear.experiments.store.description import Description
from fiveyear.model import whole
from fiveyear.model.kernel import engine
from fiveyear.model.kernel.lowering import lower
from fiveyear.model.simulation import quickest_engine
from fiveyear.scenarios import plan as plans
from fiveyear.scenarios import shipped, toml_files

SLOW_TO_IMPORT = (
    "numpy",
    "scipy.special",
    "scipy.sparse",
    "scipy.stats",
    "scipy.optimize",
    "threadpoolctl",
    "xarray",
    "pandas",
    "matplotlib",
    "rich.progress",
    "fiveyear.model.whole",
    "fiveyear.calibration.posterior",
    "fiveyear.experiments.reach.files",
)


# -- imports ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "needed"),
    [
        ("--version", set()),
        ("scenario list", set()),
        ("model show rd_intensity", {"numpy", "fiveyear.model.whole"}),
        ("scenario check plan", {"numpy", "fiveyear.model.whole", "fiveyear.calibration.posterior"}),
        (
            "reach plan --draws 50 --json",
            {"numpy", "fiveyear.model.whole", "fiveyear.calibration.posterior", "scipy.special"},
        ),
    ],
)
def test_a_command_imports_nothing_that_it_does_not_use(words: str, needed: set[str], tmp_path: Path) -> None:
    code = f"""
import atexit, json, sys
from fiveyear.experiments.command_line import main
def say():
    rooms = [name for name in sys.modules if name.startswith("fiveyear.experiments.") and name.endswith(".command")]
    slow = [name for name in {SLOW_TO_IMPORT!r} if name in sys.modules]
    print(json.dumps([slow, rooms]), file=sys.stderr)
atexit.register(say)
sys.argv = {["fiveyear", *words.split()]!r}
main()
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    slow, rooms = json.loads(ended.stderr.splitlines()[-1])
    assert set(slow) == needed
    assert len(rooms) == (0 if words == "--version" else 1)  # of the command that is asked for, and of no other


def test_the_list_of_scenarios_reads_each_file_once(fiveyear: Callable[..., Any]) -> None:
    with mock.patch.object(toml_files, "read", wraps=toml_files.read) as read:
        assert fiveyear("scenario", "list").code == 0
    assert sorted(call.args[0] for call in read.call_args_list) == shipped.files("scenarios/*.toml")


# -- the second answer of a process -------------------------------------------------------------------------
@pytest.fixture
def counted() -> Iterator[dict[str, mock.Mock]]:
    """Count what an answer is made of."""
    made: dict[str, tuple[Any, str]] = {
        "priors read": (posterior, "read_priors"),
        "facts read": (posterior, "read_facts"),
        "posteriors read": (posterior, "_read"),
        "problems": (posterior, "Problem"),
        "kernels": (engine, "lower"),
        "draws made": (outlook, "carry_on"),
    }
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(mock.patch.object(where, what, wraps=getattr(where, what)))
            for name, (where, what) in made.items()
        }


def test_an_answer_after_a_changed_lever_reads_no_file_and_makes_no_kernel_and_no_draw(
    counted: dict[str, mock.Mock],
) -> None:
    scenario = fy.plan("twelfth").scenario("plan")
    first, second = (
        scenario.change({"planned_rd_intensity": {2015: f"{level} %"}}, name="mine") for level in (2.1, 2.3)
    )
    fy.reach(first, draws=160, seed=7)
    for one in counted.values():
        one.reset_mock()
    assert fy.reach(second, draws=160, seed=7).chance("rd_intensity").shape == (1, 3)
    assert {name: one.call_count for name, one in counted.items()} == dict.fromkeys(counted, 0)


def test_a_file_that_changes_is_read_again(own_plan: Path) -> None:
    first = fy.plan(str(own_plan.parent))
    priors = own_plan.parent / "priors.toml"
    before = posterior.evidence(plans.load_plan(str(own_plan.parent)), None)
    assert posterior.evidence(plans.load_plan(str(own_plan.parent)), None) is before
    priors.write_text(priors.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert posterior.evidence(plans.load_plan(str(own_plan.parent)), None) is not before
    assert first.name == "twelfth"


def test_what_all_draws_share_cannot_be_changed_by_one_scenario(shipped: Callable[..., Ensemble]) -> None:
    inputs = shipped("plan").inputs(0, 8)
    with pytest.raises(ValueError, match="read-only"):
        inputs.series["price_level"][0] = 1.0


def test_a_problem_is_built_once_for_all_that_ask(shipped: Callable[..., Ensemble]) -> None:
    evidence = shipped("plan").posterior.evidence
    assert evidence.problem() is evidence.problem()
    assert isinstance(evidence.problem(2009), Problem) and evidence.problem(2009) is not evidence.problem()


# -- kernels ------------------------------------------------------------------------------------------------
def test_a_larger_kernel_gives_the_bits_of_a_smaller_one(shipped: Callable[..., Ensemble]) -> None:
    ensemble = shipped("behavioural")
    inputs = ensemble.inputs(0, 40)
    some = sorted({r for name in ("rd_intensity", "citation_rank") for r in ensemble.indicators[name].readings})
    every = {r for indicator in ensemble.indicators.values() for r in indicator.readings}
    small, large = (engine.kernel(ensemble.model, frozenset(read)) for read in (some, every))
    few, many = (kernel.results(inputs, 0.125, False) for kernel in (small, large))
    for reading in some:
        assert few[reading].tobytes() == many[reading].tobytes(), reading


def test_a_few_draws_are_run_by_a_kernel_that_is_there_and_make_none(shipped: Callable[..., Ensemble]) -> None:
    ensemble = shipped("behavioural")
    inputs = ensemble.inputs(0, 8)
    readings = ensemble.indicators["rd_intensity"].readings
    engine.kernel(ensemble.model, frozenset(readings))
    assert quickest_engine(ensemble.model, inputs, readings) == "fast"
    fresh = model.assemble(whole.modules(), ensemble.model.country)
    assert quickest_engine(fresh, inputs, readings) == "reference"


def test_threads_give_the_bits_of_one_and_compile_once(shipped: Callable[..., Ensemble]) -> None:
    ensemble = shipped("plan")
    inputs, indicators = ensemble.inputs(0, 1000), ensemble.indicators
    one, two = (model.simulate(ensemble.model, inputs, indicators, threads=threads) for threads in (1, 2))
    for name, values in one.values.items():
        assert np.array_equal(values, two.values[name], equal_nan=True), name


def test_a_run_is_by_the_best_engine_where_none_is_named(shipped: Callable[..., Ensemble]) -> None:
    ensemble = shipped("plan")
    with mock.patch.object(engine, "integrate", wraps=engine.integrate) as by_kernel:
        model.simulate(ensemble.model, ensemble.median_inputs(), ensemble.indicators)
    assert by_kernel.call_count == 1


# -- experiments of many cases ------------------------------------------------------------------------------
FACTOR = "[factors.'paths.planned_rd_intensity.values.2015']"


def test_cases_are_of_one_plan_that_is_checked_once_on_draws_that_are_made_once(described: Callable[..., Any]) -> None:
    told = described(FACTOR, "values = [1.9, 2.0, 2.1, 2.2, 2.3]", scenarios="['plan']", draws=8, chunk=40)
    computation._first.cache_clear()
    computation._ensemble.cache_clear()
    with (
        mock.patch("fiveyear.experiments.store.computation.ensemble", wraps=ensemble) as built,
        mock.patch("fiveyear.scenarios.scenario_file.restore_plan", wraps=plans.restore_plan) as checked,
        mock.patch.object(outlook, "carry_on", wraps=outlook.carry_on) as drawn,
        mock.patch("fiveyear.model.kernel.engine.lower", wraps=lower) as lowered,
    ):
        computation.compute(told, 0, 40)
    assert (built.call_count, checked.call_count) == (1, 1)
    assert drawn.call_count <= 1 and lowered.call_count <= 1  # none where an earlier test has made them


def test_what_a_store_says_of_all_its_cases_is_read_from_each_chunk_once(
    fiveyear: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    levels = ", ".join(str(1.9 + 0.05 * n) for n in range(8))
    Path("small.toml").write_text(
        f'title = "Small"\nscenarios = ["plan"]\ndraws = 20\n{FACTOR}\nvalues = [{levels}]\n', encoding="utf-8"
    )
    assert fiveyear("run", "small.toml", "--out", "store", "--chunk", "40").code == 0
    with mock.patch.object(results, "opened_netcdf", wraps=results.opened_netcdf) as opened:
        assert fiveyear("store", "show", "store").code == 0
    assert opened.call_count == 4
    assert isinstance(results.open_result(Path("store")).description, Description)
