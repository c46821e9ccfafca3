"""``import fiveyear as fy``: what it loads, what its answers hold, and that the command line gives the same bits."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.main import get_command

import fiveyear as fy
from fiveyear.experiments.command_line import app
from fiveyear.scenarios import YearlyPath, load_scenario
from fiveyear.scenarios.changes import Value

Run = Callable[..., Any]  # words -> how it ended: code, out, err
DRAWS = 300


@pytest.fixture(scope="module")
def answer() -> fy.Answers:
    return fy.reach("behavioural", "plan", draws=DRAWS)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def python(code: str, folder: Path, *options: str) -> str:
    ended = subprocess.run([sys.executable, *options, "-c", code], cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_change_that_moves_nothing_is_warned_of_where_it_was_asked_for() -> None:
    idle = fy.plan("twelfth").scenario("plan").change({"st_share_of_fiscal": {2015: "6 %"}}, name="idle")
    with pytest.warns(UserWarning, match=r"idle: paths.st_share_of_fiscal moves none of the 8 headline") as warned:
        fy.reach("plan", idle, draws=20)
    assert [w.filename for w in warned] == [__file__]


# -- what it loads ----------------------------------------------------------------------------------------------
def test_importing_it_loads_neither_numpy_nor_xarray_nor_any_other_part(tmp_path: Path) -> None:
    code = "import sys, typing; before = {*sys.modules}; import fiveyear as fy; dir(fy); print({*sys.modules} - before)"
    assert python(code, tmp_path) == "{'fiveyear'}\n"


def test_every_public_name_can_be_used_and_hides_no_part_of_the_package_and_no_builtin() -> None:
    import builtins

    folders = {"model", "scenarios", "calibration", "experiments"}
    assert {name for name in fy.__all__ if getattr(fy, name, None) is None} == set()
    assert {*fy.__all__} & (folders | {*dir(builtins)}) == set()
    assert {name for name in fy.__all__ if name != "__version__" and not inspect.getdoc(getattr(fy, name))} == set()


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'raech'"):
        _ = fy.raech


def test_the_package_runs_as_a_program_and_tells_its_version(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fiveyear", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ended.stdout == f"fiveyear {fy.__version__}\n"


@pytest.mark.parametrize("words", ["--help", "--version"])
def test_help_and_version_load_nothing_that_takes_long(words: str, tmp_path: Path) -> None:
    code = f"""
import atexit, sys
from fiveyear.experiments.command_line import main
heavy = ("numpy", "xarray", "scipy", "pydantic", "pandas", "matplotlib", "rich", "fiveyear.model")
atexit.register(lambda: print([name for name in heavy if name in sys.modules]))
sys.argv = ["fiveyear", "{words}"]
main()
"""
    assert python(code, tmp_path).splitlines()[-1] == "[]"


# -- one definition of each option ------------------------------------------------------------------------------
def command_defaults(name: str) -> dict[str, Any]:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    return {option.name: option.default for option in command.params}


@pytest.mark.parametrize("name", ["reach", "compare", "validate", "backtest", "calibrate"])
def test_the_door_and_the_command_line_take_the_same_where_nothing_is_given(name: str) -> None:
    door = {
        n: p.default
        for n, p in inspect.signature(getattr(fy, name)).parameters.items()
        if p.default is not inspect.Parameter.empty
    }
    command = command_defaults(name)
    shared = {n: command[n] for n in door if n in command}
    assert shared, f"{name} shares no option with its command"
    assert {n: door[n] for n in shared} == shared


# -- plans and scenarios ----------------------------------------------------------------------------------------
def rounded(path: YearlyPath) -> tuple[tuple[int, float], ...]:
    return tuple((year, round(number, 12)) for year, number in path.points)


def test_a_change_joins_the_years_that_a_path_has_already() -> None:
    plan = fy.plan("twelfth").scenario("plan")
    first = plan.change({"planned_rd_intensity": {2013: "1.9 %"}}, name="first")
    # A bare number is in the unit of the path, which is %.
    both = first.change({"planned_rd_intensity": {2015: 0.02}, "attrition_rate": "5 %/year"}, name="both")
    assert rounded(first.paths["planned_rd_intensity"]) == ((2013, 0.019), (2015, 0.022))
    assert rounded(both.paths["planned_rd_intensity"]) == (
        (2013, 0.019),
        (2015, 0.0002),
    )  # a bare number is in %
    assert both.parameters["attrition_rate"] == pytest.approx(0.05)
    assert rounded(plan.paths["planned_rd_intensity"]) == ((2015, 0.022),)


def test_growth_is_set_for_all_years_or_by_year() -> None:
    plan = fy.plan("twelfth").scenario("plan")
    everywhere = plan.change({"gdp_real": fy.growth("7 %/year")}, name="everywhere").paths["gdp_real"]
    by_year = plan.change({"gdp_real": fy.growth({2011: 8, 2013: "0.06 1/year"})}, name="by_year").paths["gdp_real"]
    assert (everywhere.numbers, rounded(everywhere)) == ("growth", ((2011, 0.07),))
    assert rounded(by_year) == ((2011, 0.08), (2013, 0.06))


@pytest.mark.parametrize("name", ["plan", "behavioural", "front_loaded_spend", "frozen", "ideas_from_knowledge"])
def test_a_saved_scenario_is_the_scenario(name: str, tmp_path: Path) -> None:
    scenario = fy.plan("twelfth").scenario(name)
    read = load_scenario(str(scenario.save(tmp_path / f"{name}.toml")))
    assert (read.paths, read.parameters, read.cuts) == (scenario.paths, scenario.parameters, scenario.cuts)
    assert (read.title, read.expect, read.plan) == (scenario.title, scenario.expect, scenario.plan)
    assert list(read.paths) == list(scenario.paths)


def test_the_command_line_answers_a_saved_scenario_with_the_same_bits(fiveyear: Run, tmp_path: Path) -> None:
    slow = fy.plan("twelfth").scenario("plan").change({"planned_rd_intensity": {2013: "1.93 %"}}, name="slow")
    slow.save("slow.toml")
    answer = fy.reach(slow, draws=DRAWS, seed=7)
    words = ("reach", "slow.toml", "--draws", str(DRAWS), "--seed", "7", "--json")
    (printed,) = json.loads(fiveyear(*words).out)["scenarios"]
    columns = ["probability", "median", "p05", "p95", "verdict"]
    told = {t["indicator"]: [t[column] for column in columns] for t in printed["targets"]}
    table = answer.table.set_index("indicator")[columns].astype(object)
    rows = dict(zip(table.index, table.where(table.notna(), None).values.tolist(), strict=True))
    assert rows == told
    assert fiveyear("reach", "slow.toml", "--draws", str(DRAWS), "--seed", "7", "--out", "out").code == 0
    with xr.open_dataset("out/slow.nc", engine="scipy") as written:
        own = answer.draws.sel(scenario="slow")
        assert {*own.data_vars} == {*written.data_vars}
        assert all(np.array_equal(own[n].values, written[n].values, equal_nan=True) for n in own.data_vars)


def test_a_saved_stack_with_a_table_gives_the_same_draws_without_it(tmp_path: Path) -> None:
    (tmp_path / "intensity.csv").write_text("year,planned\n2013,1.93\n2014,2.1\n2015,2.2\n", encoding="utf-8")
    own = '[paths.planned_rd_intensity]\nunit = "%"\ntable = "intensity.csv"\ncolumn = "planned"\nassumed = "a test"\n'
    text = f'title = "T"\nextends = ["growth_7", "talent_first"]\nexpect = "x"\n\n{own}'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    mine = fy.plan("twelfth").scenario(tmp_path / "mine.toml")
    (tmp_path / "saved").mkdir()
    saved = mine.save(tmp_path / "saved" / "mine.toml")
    changes: dict[str, Value] = {
        "planned_rd_intensity": {2013: "1.93 %", 2014: "2.1 %", 2015: "2.2 %"},
        "gdp_real": fy.growth("7 %/year"),
        "graduates": fy.growth("8 %/year"),
    }
    by_hand = fy.plan("twelfth").scenario("plan").change(changes, name="mine")
    before = fy.reach(mine, draws=DRAWS, seed=7).draws
    (tmp_path / "intensity.csv").unlink()
    for other in (saved, by_hand):
        after = fy.reach(other, draws=DRAWS, seed=7).draws
        assert all(np.array_equal(before[n].values, after[n].values, equal_nan=True) for n in before.data_vars)


def test_the_levers_are_those_that_the_model_declares_with_their_value_in_the_base_year() -> None:
    levers = fy.plan("twelfth").levers
    assert levers.loc["planned_rd_intensity", "unit"] == "share"
    assert levers.loc["planned_rd_intensity", "base"] == pytest.approx(0.0175, abs=5e-5)  # the plan prints 1.75 %
    assert "gdp_real" not in levers.index
    assert "behavioural" in levers.loc["rd_deduction", "acts_in"].split(", ")
    assert "plan" not in levers.loc["rd_deduction", "acts_in"].split(", ")  # there the plan sets what is spent


# -- answers ----------------------------------------------------------------------------------------------------
def test_the_table_has_a_row_for_each_scenario_and_target(answer: fy.Answers) -> None:
    table = answer.table
    targets = [t.indicator for t in fy.plan("twelfth").targets]
    assert list(zip(table["scenario"], table["indicator"], strict=True)) == [
        (name, t) for name in ("behavioural", "plan") for t in targets
    ]


def test_the_draws_have_the_dimensions_and_units_that_are_promised(answer: fy.Answers) -> None:
    intensity = answer.draws["rd_intensity"]
    assert intensity.dims == ("scenario", "draw", "year")
    assert intensity.shape == (2, DRAWS, 11)
    assert intensity.attrs["units"] == "%"
    assert answer.draws["scenario"].values.tolist() == ["behavioural", "plan"]


def test_the_chance_of_a_threshold_is_the_share_of_draws_beyond_it(answer: fy.Answers) -> None:
    last = answer.draws["rd_intensity"].sel(scenario="behavioural", year=2015).values
    papers = answer.draws["citation_rank"].sel(scenario="behavioural", year=2015).values
    chance = answer.chance("rd_intensity", at_least="2.1 %").loc["behavioural"]
    assert chance["probability"] == np.mean(last >= 2.1)
    assert chance["low"] < chance["probability"] < chance["high"]
    assert answer.chance("rd_intensity", at_most="0.02 1").loc["behavioural", "probability"] == np.mean(last <= 2.0)
    both = answer.chance(at_least={"rd_intensity": 2.1}, at_most={"citation_rank": 6})
    assert both.loc["behavioural", "probability"] == np.mean((last >= 2.1) & (papers <= 6))


def test_the_chance_of_a_target_is_that_of_the_table(answer: fy.Answers) -> None:
    table = answer.table.set_index(["scenario", "indicator"])
    for scenario in ("behavioural", "plan"):
        for indicator in ("citation_rank", "technology_market_value", "rd_intensity"):
            expected = table.loc[(scenario, indicator), ["probability", "probability_low", "probability_high"]]
            assert answer.chance(indicator).loc[scenario].tolist() == expected.tolist()


def test_an_answer_fits_a_screen_however_many_scenarios_it_has(answer: fy.Answers) -> None:
    first = answer.by_scenario[0]
    scenarios = [replace(first.ensemble.scenario, name=f"scenario_{n}") for n in range(24)]
    many = fy.Answers(tuple(replace(first, ensemble=replace(first.ensemble, scenario=s)) for s in scenarios))
    for shown in (repr(answer), repr(many)):
        lines = shown.splitlines()
        assert len(lines) <= 30
        assert max(map(len, lines)) <= 100
    assert "behavioural" in repr(answer)
    assert "scenarios more" in repr(many)
    assert "<table" in answer._repr_html_()
    assert "<td>2.2</td>" in answer._repr_html_()


def test_the_plot_is_a_figure_with_a_cell_for_each_probability(answer: fy.Answers) -> None:
    figure: Any = answer.plot()
    assert figure._repr_png_().startswith(b"\x89PNG")  # by which a notebook shows it
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    chance = answer.table.set_index(["scenario", "indicator"]).loc[("behavioural", "citation_rank"), "probability"]
    assert f"{chance:.2f}"[1:] in texts


def test_a_comparison_has_the_difference_of_the_same_draws() -> None:
    rows = fy.compare("behavioural", "plan", draws=DRAWS).set_index("indicator")
    both = fy.reach("behavioural", "plan", draws=DRAWS).draws["rd_fte_per_10k_employed"].sel(year=2015)
    difference = both.sel(scenario="plan").values - both.sel(scenario="behavioural").values
    assert rows.loc["rd_fte_per_10k_employed", "difference"] == pytest.approx(np.median(difference), rel=1e-12)


# -- experiments ------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> fy.Loaded:
    out = tmp_path_factory.mktemp("sweep") / "r"
    base = fy.plan("twelfth").scenario("plan")
    return fy.experiment([base], vary={"planned_rd_intensity": {2015: ["1.9 %", "2.2 %"]}}, draws=DRAWS, out=out)


def test_a_case_of_an_experiment_is_the_scenario_changed_so(stored: fy.Loaded) -> None:
    slow = fy.plan("twelfth").scenario("plan").change({"planned_rd_intensity": {2015: "1.9 %"}}, name="slow")
    expected = fy.reach(slow, draws=DRAWS)
    table = stored.table
    assert table["paths.planned_rd_intensity.values.2015"].unique().tolist() == [1.9, 2.2]
    own = table[table["case"] == 0].set_index("indicator")
    rows = expected.table.set_index("indicator").loc[own.index]
    every_year = ["basic_research_growth"]  # of which the last year alone says little
    assert own.loc[every_year, "median"].isna().all()
    rows.loc[every_year, ["median", "p05", "p95"]] = np.nan
    for column in ("probability", "median", "p05", "p95"):
        assert np.array_equal(own[column].astype(float), rows[column].astype(float), equal_nan=True), column
    assert own["verdict"].tolist() == rows["verdict"].tolist()
    draws = stored.draws["rd_fte_per_10k_employed"].isel(case=0).values
    assert np.array_equal(draws, expected.draws["rd_fte_per_10k_employed"].isel(scenario=0).values)


def test_the_same_call_goes_on_with_a_store_and_another_is_refused(stored: fy.Loaded) -> None:
    vary = {"planned_rd_intensity": {2015: ["1.9 %", "2.2 %"]}}
    again = fy.experiment(["plan"], vary=vary, draws=DRAWS, out=stored.result.path)
    assert again.result.content_hash() == stored.result.content_hash()
    with pytest.raises(fy.Error, match="draws"):
        fy.experiment(["plan"], vary=vary, draws=DRAWS + 1, out=stored.result.path)


@pytest.mark.usefixtures("unprinted")
def test_a_file_of_reach_is_loaded_with_what_reach_says(fiveyear: Run) -> None:
    fiveyear("reach", "behavioural", "--draws", str(DRAWS), "--out", "out")
    loaded = fy.load("out/behavioural.nc").table.set_index("indicator")
    said = fy.reach("behavioural", draws=DRAWS).table.set_index("indicator").loc[loaded.index]
    # Empty in both where there is no probability.
    assert np.array_equal(loaded["probability"], said["probability"], equal_nan=True)


@pytest.mark.slow
def test_a_script_without_a_guard_starts_workers_and_is_not_run_again_in_them(tmp_path: Path) -> None:
    script = """
print("run")
import fiveyear as fy
vary = {"planned_rd_intensity": {2015: [1.8, 2.2]}}
print(len(fy.experiment(["plan"], vary=vary, draws=4_000, out="r", workers=2).table))
"""
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    ended = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["run", "24"]


# -- other questions --------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_backtest_gives_the_scores_that_are_printed(fiveyear: Run) -> None:
    evaluation = fy.backtest(draws=100)
    printed = json.loads(fiveyear("backtest", "--draws", "100", "--json").out)
    assert set(evaluation.series) == {row["series"] for row in printed["series"]}
