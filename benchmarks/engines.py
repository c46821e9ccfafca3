"""Hold other people's engines against ours: ``make engines`` runs exported files in PySD and pysimlin, side by side.

Prints, and writes into docs/engines.md: the largest relative difference of any variable at any step and of any
indicator in any year, runs a second (medians of several rounds in one run), and the loops that simlin finds.
The tests use the same functions: tests/experiments/structure/test_referees.py.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from fiveyear import model
from fiveyear.experiments.structure.exchange import Export
from fiveyear.model import Engine, Inputs, Method, Reading
from fiveyear.model.quantities import Array
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.model.xmile.variables import so_far
from fiveyear.scenarios import load_plan

WHOLE = load_plan("twelfth").model

DOCUMENT = Path(__file__).parents[1] / "docs" / "engines.md"
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
ROUNDS = 5
BATCH = 20_000

Frame = Mapping[str, Array]  # every variable at every step


# -- the engines --------------------------------------------------------------------------------------------
def simlin_model(data: bytes, folder: Path) -> Any:
    """Open a file in simlin."""
    import simlin

    file = folder / "for_simlin.stmx"
    file.write_bytes(data)
    return simlin.load(file)


def pysd_model(data: bytes, folder: Path, exact: bool = True) -> Any:
    """Open a file in PySD.

    PySD writes graphical functions with numpy's print precision, eight digits unless told otherwise: not ``exact``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PySD and of what it imports
        import pysd

        file = folder / "for_pysd.stmx"
        file.write_bytes(data)
        with np.printoptions(floatmode="unique" if exact else "maxprec"):
            return pysd.read_xmile(str(file))


def run_in_simlin(data: bytes, folder: Path) -> Frame:
    """Run a file in simlin."""
    return _frame(simlin_model(data, folder).run(analyze_loops=False).results)


def run_in_pysd(data: bytes, folder: Path, exact: bool = True) -> Frame:
    """Run a file in PySD."""
    opened = pysd_model(data, folder, exact)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _frame(opened.run())


def _frame(results: Any) -> Frame:
    return {str(name): results[name].to_numpy(float) for name in results}


# -- held against ours --------------------------------------------------------------------------------------
def largest_difference(found: Frame, export: Export) -> tuple[float, str]:
    """Give the largest relative difference from our run, and the variable: at each step, and of each year's indicators.

    At each step it is relative to the value there; of an indicator, to its largest of all years.
    """
    ensemble = export.ensemble
    inputs = ensemble.single_inputs(export.draw)
    names = [n for n in ensemble.names if n not in ensemble.model.parameters]
    ours = model.trajectories(ensemble.model, inputs, ensemble.indicators, names, method=export.method)
    worst = [(_relative(found[str(n)], v.values[0], abs(v.values[0])), str(n)) for n, v in ours.data_vars.items()]
    yearly = model.simulate(ensemble.model, inputs, ensemble.indicators, method=export.method).dataset()
    base = inputs.base_year - inputs.first_year
    readings = {r: of_years(found, r) for i in ensemble.indicators.values() for r in i.readings}
    for name, indicator in ensemble.indicators.items():
        values = yearly[name].values[0]
        theirs = indicator.value(readings, ensemble.model.units, base)[:, 0]
        assert np.array_equal(np.isnan(theirs), np.isnan(values))
        known = ~np.isnan(values)
        worst.append((_relative(theirs[known], values[known], np.max(abs(values[known]))), f"{name} of a year"))
    return max(worst)


def _relative(theirs: Array, ours: Array, size: Any) -> float:
    assert theirs.shape == ours.shape and np.isfinite(theirs).all()
    away = abs(theirs - ours)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.max(np.where(away == 0.0, 0.0, away / size)))


def of_years(found: Frame, reading: Reading) -> Array:
    """Give a reading of every year, (year, 1): a year adds up to the difference between its two ends."""
    steps = round(1.0 / DEFAULT_STEP)
    if reading.how == "year end":
        return found[reading.variable][steps::steps, None]
    return np.diff(found[so_far(reading.variable)][::steps])[:, None]


# -- loops --------------------------------------------------------------------------------------------------
def loops_closed(closed: set[str], folder: Path) -> tuple[dict[frozenset[str], str], int]:
    """Give the loops that simlin finds where only these of ours are closed: variables, sign in the run, and how many.

    Stages of a chain, and what passes between them, count as the chain.
    """
    whole = WHOLE
    cuts = [n for n in whole.loops if n not in closed]
    closes = [n for n in closed if n in ("FINANCE", "R1")]  # which the plan cuts
    # With the review, government closes gaps to the plan; without it, the link of B8 lies idle.
    export = Export(scenario="midterm_review", settings=[f"cuts={cuts}", f"closes={closes}"])
    found = simlin_model(export.file(), folder).run(analyze_loops=True).loops
    chains = {stage: chain for chain in whole.chains for stage in whole.stages(chain)}
    folded = {
        frozenset(chains.get(n.removesuffix("_left"), n) for n in loop.variables): str(loop.polarity) for loop in found
    }
    return folded, len(found)


def loops(folder: Path) -> Iterator[tuple[str, str, str, str, bool]]:
    """Give for each loop of ours: name, sign declared, sign by our formulas, sign in simlin's run, found though cut."""
    whole = WHOLE
    for name, loop in whole.loops.items():
        cycle, sign = whole.cycle(loop)
        links = set(itertools.pairwise(cycle))
        needed = {n for n, other in whole.loops.items() if (other.source, other.reader) in links}
        (closed, _), (cut, _) = loops_closed(needed, folder), loops_closed(needed - {name}, folder)
        theirs = {"R": "+", "B": "-"}.get(closed.get(frozenset(cycle), ""), "?")
        yield name, loop.sign, sign, theirs if frozenset(cycle) in closed else "not found", frozenset(cycle) in cut


HEAD = """\
# Other engines, the same numbers

Made by `make engines` (benchmarks/engines.py) with {versions}.
The tests hold the same files, at the default step of an eighth of a year, to 1e-9 (Euler) and 1e-8 (RK4):
tests/experiments/structure/test_referees.py.

Difference: the largest relative one of any variable at any step, and of any indicator in any year, over {draws}
parameter sets (the median and two draws) in each of these scenarios:
{scenarios}.

Runs a second: `plan`, one core, each engine as fast as its users can have it without writing anything down but what the
indicators read; medians of {rounds} rounds in which each had its turn. "times PySD": the median of the ratios, round by
round, of Euler, which is all that PySD has. A batch shares what each of its runs needs; a single run of ours spends its
time on calls.

| engine | method | largest difference | where | runs a second | times PySD |
| --- | --- | --- | --- | --- | --- |"""

MIDDLE = """
PySD integrates Euler whatever the file says, and writes the points of graphical functions with numpy's print precision,
eight digits after the point. To have all digits:

```python
with numpy.printoptions(floatmode="unique"):
    model = pysd.read_xmile("plan.stmx")
```

## Loops

Each named loop in a file of `midterm_review` in which all others are cut, but those that share its cut link, and again
with itself cut. "formulas" is the sign for all values in the hard ranges, ? where bounds of the formulas leave it open;
"simlin" the sign of the loop in simlin's run.

| loop | declared | formulas | simlin | when cut |
| --- | --- | --- | --- | --- |"""


# -- the table ----------------------------------------------------------------------------------------------
def worst_of_all(run: Callable[[bytes, Path], Frame], method: Method, folder: Path) -> tuple[float, str]:
    """Give the largest difference over all scenarios and draws."""
    exports = [Export(scenario=s, draw=d, method=method) for s in SCENARIOS for d in DRAWS]
    return max(largest_difference(run(export.file(), folder), export) for export in exports)


def rates(method: Method, folder: Path) -> dict[str, list[float]]:
    """Give runs a second of each engine on one core, round by round, each engine once in every round."""
    export = Export(scenario="plan", draw="0", method=method)
    ensemble = export.ensemble
    whole, one, indicators = ensemble.model, export.ensemble.single_inputs("0"), ensemble.indicators
    batch = ensemble.inputs(0, BATCH)
    sim = simlin_model(export.file(), folder).simulate()
    in_pysd = pysd_model(export.file(), folder)
    read = {r for i in indicators.values() for r in i.readings}
    columns = sorted({r.variable if r.how == "year end" else so_far(r.variable) for r in read})
    years = list(range(one.first_year, one.last_year + 2))

    def in_simlin() -> None:
        sim.reset()
        sim.run_to_end()
        for column in columns:
            sim.get_series(column)

    def ours(inputs: Inputs, engine: Engine) -> Callable[[], object]:
        return lambda: model.simulate(whole, inputs, indicators, method=method, engine=engine).dataset()

    works: dict[str, tuple[int, Callable[[], object]]] = {
        "fiveyear, fast engine, a batch of 20,000 draws": (BATCH, ours(batch, "fast")),
        "fiveyear, fast engine, one run at a time": (1, ours(one, "fast")),
        "fiveyear, reference engine, a batch of 20,000 draws": (BATCH, ours(batch, "reference")),
        "fiveyear, reference engine, one run at a time": (1, ours(one, "reference")),
        "pysimlin": (1, in_simlin),
    }
    works["fiveyear, fast engine, one run at a time"][1]()  # compiles
    if method == "euler":
        works["PySD"] = (1, lambda: in_pysd.run(return_columns=columns, return_timestamps=years))
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, (draws, work) in works.items():
            times = 1 if draws > 1 else 10
            start = time.perf_counter()
            for _ in range(times):
                work()
            found[name].append(draws * times / (time.perf_counter() - start))
    return found


def table(folder: Path) -> Iterator[str]:
    """Give the lines of the document."""
    versions = f"PySD {version('pysd')}, pysimlin {version('pysimlin')}, numpy {np.__version__}"
    yield HEAD.format(versions=versions, scenarios=", ".join(SCENARIOS), draws=len(DRAWS), rounds=ROUNDS)
    methods: tuple[Method, ...] = ("euler", "rk4")
    found = {method: rates(method, folder) for method in methods}
    slowest = found["euler"]["PySD"]
    for method, engines in found.items():
        for name, rounds in engines.items():
            run = {"pysimlin": run_in_simlin, "PySD": run_in_pysd}.get(name)
            worst, where = worst_of_all(run, method, folder) if run else (0.0, "")
            shown = f"{worst:.0e} | `{where}`" if run else "reference | "
            ratio = statistics.median(a / b for a, b in zip(rounds, slowest, strict=True))
            times = "" if method == "rk4" else f"{ratio:,.0f}" if ratio >= 10.0 else f"{ratio:.1f}"
            yield f"| {name} | {method} | {shown} | {statistics.median(rounds):,.0f} | {times} |"
    rounded = worst_of_all(lambda data, where: run_in_pysd(data, where, exact=False), "euler", folder)
    yield f"| PySD, read without the option below | euler | {rounded[0]:.0e} | `{rounded[1]}` | | |"
    yield MIDDLE
    for name, declared, sign, theirs, still in loops(folder):
        yield f"| {name} | {declared} | {sign} | {theirs} | {'found' if still else 'gone'} |"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        lines = []
        for line in table(Path(temporary)):
            print(line, flush=True)
            lines.append(line)
    DOCUMENT.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"written: {DOCUMENT}")
