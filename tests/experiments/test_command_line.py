"""The command line as a user meets it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import csv
import inspect
import json
import math
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear.calibration import posterior
from fiveyear.experiments.store.command import run_command
from fiveyear.model import INDICATORS
from fiveyear.model.steps import DEFAULT_STEP
from fiveyear.scenarios import load_plan, load_scenario

WHOLE = load_plan("twelfth").model

Run = Callable[..., Any]  # words -> how it ended: code, out, err
BAD = Path(__file__).parents[1] / "scenarios" / "bad"
PROGRAM = Path(sys.executable).parent / "fiveyear"
COMMANDS = (
    "reach", "run", "compare", "calibrate", "model", "model list", "model show", "scenario", "scenario list",
    "programmes list",
)  # fmt: skip

# What users of the JSON may count on.
SCENARIO_KEYS = {"scenario", "plan", "draws", "seed", "facts", "targets", "joint", "number_met", "binding_target"}
TARGET_KEYS = {
    "indicator",
    "unit",
    "value_at_base",
    "target",
    "median",
    "p05",
    "p95",
    "probability",
    "probability_low",
    "probability_high",
    "probability_rounded",
    "rivals",
    "flags",
    "verdict",
}


# -- reach --------------------------------------------------------------------------------------------------
def test_reach_as_json_is_one_object_with_the_promised_keys_and_nothing_else(fiveyear: Run) -> None:
    ended = fiveyear("reach", "plan", "frozen", "--draws", 60, "--json")
    assert (ended.code, ended.err) == (0, "")
    found = json.loads(ended.out)
    assert ended.out.count("\n") == 1
    assert set(found) == {"schema", "scenarios"}
    assert found["schema"] == "fiveyear.reach/1"
    assert [s["scenario"] for s in found["scenarios"]] == ["plan", "frozen"]
    for scenario in found["scenarios"]:
        assert set(scenario) >= SCENARIO_KEYS
        assert (scenario["plan"], scenario["draws"], scenario["seed"], scenario["facts"]) == (
            "twelfth", 60, 2011, "july2011",
        )  # fmt: skip
        assert set(scenario["joint"]) == {"all", "measurable"}
        assert isinstance(scenario["binding_target"], str)
        assert all(isinstance(share, float) for share in scenario["number_met"])
        for target in scenario["targets"]:
            assert set(target) >= TARGET_KEYS
            assert isinstance(target["rivals"], dict)
            assert isinstance(target["flags"], list)
    assert "NaN" not in ended.out
    assert "Infinity" not in ended.out


def test_reach_prints_every_target_with_plain_words_and_no_progress(fiveyear: Run) -> None:
    ended = fiveyear("reach", "plan", "--full", "--draws", 60)
    assert (ended.code, ended.err) == (0, "")
    for words in ("R&D personnel per 10,000 employed", "very likely", "P(all 8)", "number met", "binding target"):
        assert words in ended.out
    assert "\x1b" not in ended.out  # no colours outside a terminal


def test_without_a_scenario_reach_answers_for_the_plan_and_for_what_those_who_pay_decide(fiveyear: Run) -> None:
    found = json.loads(fiveyear("reach", "--draws", 20, "--json").out)
    assert [s["scenario"] for s in found["scenarios"]] == ["plan", "behavioural"]


def test_reach_says_the_same_bytes_for_the_same_seed_and_others_for_another(fiveyear: Run) -> None:
    once, again, other = (fiveyear("reach", "plan", "--draws", 40, "--json", "--seed", s).out for s in (5, 5, 6))
    assert once == again != other


def test_reach_writes_data_table_and_figure_and_each_of_them_whole(fiveyear: Run, tmp_path: Path) -> None:
    ended = fiveyear("reach", "plan", "--draws", 40, "--out", tmp_path / "a" / "b")
    assert ended.code == 0
    names = sorted(p.name for p in (tmp_path / "a" / "b").iterdir())
    figures = ("twelfth_targets", "twelfth_other_targets", "twelfth_exceedance", "twelfth_heat_map", "twelfth_ranks")
    assert names == sorted(["plan.nc", "targets.csv", *(f"{n}.{e}" for n in figures for e in ("csv", "pdf", "png"))])
    with xr.open_dataset(tmp_path / "a" / "b" / "plan.nc", engine="scipy") as data:
        assert set(INDICATORS) <= set(data)
        assert dict(data.sizes) == {"draw": 40, "year": 11}
        assert (data.attrs["scenario"], data.attrs["facts"], data.attrs["seed"]) == ("plan", "july2011", 2011)
    rows = list(csv.DictReader((tmp_path / "a" / "b" / "targets.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 12
    assert {r["scenario"] for r in rows} == {"plan"}


@pytest.mark.usefixtures("unprinted")
@pytest.mark.parametrize(
    "there", ["targets.csv", *(pytest.param(n, marks=pytest.mark.slow) for n in ("plan.nc", "twelfth_targets.png"))]
)
def test_reach_writes_over_nothing_unasked_and_says_so_before_it_works(
    fiveyear: Run, tmp_path: Path, there: str
) -> None:
    (tmp_path / there).write_text("mine")
    ended = fiveyear("reach", "plan", "--draws", 1_000_000, "--out", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert f"{there}: exists; --force writes over it" in ended.err
    assert [p.name for p in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"
    assert fiveyear("reach", "plan", "--draws", 10, "--out", tmp_path, "--force").code == 0
    assert (tmp_path / there).read_bytes()[:4] != b"mine"


def test_other_facts_and_other_settings_are_named_in_the_answer(fiveyear: Run) -> None:
    setting = "paths.planned_rd_intensity.values.2015=2.0"
    found = json.loads(fiveyear("reach", "plan", "--draws", 10, "--json", "--facts", "yearbook", "--set", setting).out)
    (scenario,) = found["scenarios"]
    assert (scenario["facts"], scenario["settings"]) == ("yearbook", [setting])
    intensity = scenario["targets"][0]
    assert 1.7 < intensity["median"] < 2.0  # of GDP as the census has it
    assert intensity["verdict"] == "very unlikely"
    assert scenario["joint"]["all"] == 0.0


@pytest.mark.parametrize(
    ("settings", "title", "expect"),
    [
        ((), "The plan is followed", "R&D/GDP falls short of 2.2 more likely than not"),
        (("paths.planned_rd_intensity.values.2015=2.0",), "The scenario plan, changed", None),
        (("cuts=['R4']",), "The scenario plan, changed", None),
        (("paths.planned_rd_intensity.values.2015=2.0", "expect='Less.'"), "The scenario plan, changed", "Less."),
        (("title='Mine'",), "Mine", "R&D/GDP falls short of 2.2 more likely than not"),
        (("title='Mine'", "paths.planned_rd_intensity.values.2015=2.0"), "Mine", None),
    ],
)
def test_a_scenario_that_was_changed_claims_nothing_that_its_file_says(
    fiveyear: Run, settings: tuple[str, ...], title: str, expect: str | None
) -> None:
    words = ("reach", "plan", "--draws", 10, *(w for text in settings for w in ("--set", text)))
    printed = " ".join(fiveyear(*words, "--full").out.split())
    (scenario,) = json.loads(fiveyear(*words, "--json").out)["scenarios"]
    assert printed.startswith(f"PLAN: {title}. {expect or ''}".rstrip())
    assert ("likely than not" in printed) == ("likely than not" in (expect or ""))
    assert all(f"set: {text}" in printed for text in settings)
    assert scenario["title"] == title
    assert scenario["expect"] is None if expect is None else scenario["expect"].startswith(expect)


# -- wrong input --------------------------------------------------------------------------------------------
WRONG = {
    "an unknown scenario": (("reach", "plna"), "nearest is plan"),
    "a scenario file that is not there": (("reach", "nowhere.toml"), "there is no such file"),
    "an unknown set of facts": (("reach", "plan", "--facts", "july2012"), "has july2011, yearbook"),
    "a target that is set": (("reach", "plan", "--set", "targets.rd_intensity.value=1"), "targets"),
    "a setting without a value": (("reach", "plan", "--set", "paths"), "paths"),
    "a setting of an unknown path": (("reach", "plan", "--set", "paths.rd_intensty.values.2015=2"), "rd_intensty"),
    "no draws": (("reach", "plan", "--draws", "0"), "draws"),
    "draws that are no number": (("reach", "plan", "--draws", "many"), "draws"),
    "a negative seed": (("reach", "plan", "--seed", "-1"), "seed"),
    "an option nobody knows": (("reach", "plan", "--drawz", "5"), "--drawz"),
    "an unknown command": (("raech",), "raech"),
    "a run without --out": (("run", "plan"), "--out"),
    "a draw that is no number": (("run", "plan", "--out", "x.nc", "--draw", "nonsense"), "expected median, or the"),
    "a negative draw": (("run", "plan", "--out", "x.nc", "--draw=-1"), "expected median, or the number"),
    "a draw far beyond any": (("run", "plan", "--out", "x.nc", "--draw", "9" * 30), "expected median, or the number"),
    "steps of an ensemble": (("run", "plan", "--out", "x.nc", "--every-step"), "add --draw median"),
    "an unknown variable": (("run", "plan", "--out", "x.nc", "--keep", "reserchers"), "nearest is researchers"),
    "a step that is no number": (("run", "plan", "--out", "x.nc", "--step", "nan"), "step"),
    "a step of nothing": (("run", "plan", "--out", "x.nc", "--step", "0"), "step"),
    "an unknown method": (("run", "plan", "--out", "x.nc", "--method", "rk5"), "rk5"),
    "one scenario to compare": (("compare", "plan"), "SCENARIO"),
    "an unknown plan to fit": (("calibrate", "--plan", "twelvth"), "nearest is twelfth"),
    "unknown facts to fit": (("calibrate", "--plan", "twelfth", "--facts", "july2012"), "has july2011, yearbook"),
    "an unknown variable to show": (("model", "show", "reserchers"), "nearest is researchers"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_ends_in_2_with_a_message_and_no_traceback_and_writes_nothing(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.chdir(tmp_path)
    words, message = WRONG[wrong]
    ended = fiveyear(*words)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("reach",), ("run", "--out", "x.nc"), ("compare", "plan")])
def test_a_wrong_scenario_file_is_told_in_one_message_by_every_command(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = fiveyear(*command, BAD / "four_faults.toml")
    assert (ended.code, ended.out) == (2, "")
    assert "four_faults.toml has 4 faults:" in ended.err


def test_scenarios_of_different_plans_cannot_be_compared(fiveyear: Run) -> None:
    ended = fiveyear("compare", "plan", "eleventh_plan", "--draws", 10)
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err


# -- run ----------------------------------------------------------------------------------------------------
def test_an_existing_file_is_kept_unless_forced(fiveyear: Run, tmp_path: Path) -> None:
    file = tmp_path / "run.nc"
    file.write_text("mine")
    ended = fiveyear("run", "plan", "--out", file, "--draws", 5)
    assert ended.code == 2
    assert "exists; --force writes over it" in ended.err
    assert file.read_text() == "mine"
    assert fiveyear("run", "plan", "--out", file, "--draws", 5, "--force").code == 0
    assert file.read_bytes()[:3] == b"CDF"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("command", [("run", "plan", "--draws", 5), ("reach", "plan", "--draws", 5)])
def test_a_place_that_cannot_be_written_ends_in_74_and_leaves_nothing(
    fiveyear: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("mine")  # a place below a file cannot be written, not even by root
    ended = fiveyear(*command, "--out", tmp_path / "file" / "result.nc")
    assert ended.code == 74
    assert str(tmp_path / "file") in ended.err
    assert "Traceback" not in ended.err
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


def run_to(fiveyear: Run, file: Path, *words: object) -> xr.Dataset:
    ended = fiveyear("run", "plan", "--out", file, "--force", *words)
    assert ended.code == 0, ended.err
    with xr.open_dataset(file, engine="scipy") as data:
        return data.load()


def test_draw_3_is_row_3_of_an_ensemble(fiveyear: Run, tmp_path: Path) -> None:
    names = ("researchers", "patents_in_force", "high_tech_value_added", "gdp", "applications")
    keep = [word for name in names for word in ("--keep", name)]
    whole = run_to(fiveyear, tmp_path / "a.nc", "--draws", 6, *keep)
    one = run_to(fiveyear, tmp_path / "b.nc", "--draw", 3, *keep)
    assert dict(one.sizes) == {"draw": 1, "year": 11}
    for name in names:
        assert one[name].values[0] == pytest.approx(whole[name].values[3], rel=1e-12), name
    assert one.attrs["draws"] == 1
    assert one.attrs["draw"] == "3"


def test_the_median_run_has_gdp_on_the_middle_of_its_outlook(fiveyear: Run, tmp_path: Path) -> None:
    middle = run_to(fiveyear, tmp_path / "a.nc", "--draw", "median", "--keep", "gdp")
    # 397,983 in 2010; real growth returns from 10.3 % to 9.2 %, that of prices from what 2010 had of both to 4 %.
    growth = posterior.evidence(load_scenario("plan").plan, None).growth
    real, prices = math.log(1.103), math.log(397_983 / 340_506.9 / 1.103)
    level = math.log(397_983e8)
    for _ in range(5):
        real = math.log(1.092) + growth["gdp_real"].mean_persistence * (real - math.log(1.092))
        prices = math.log(1.04) + growth["price_level"].mean_persistence * (prices - math.log(1.04))
        level += real + prices
    assert middle["gdp"].sel(year=2015).item() == pytest.approx(math.exp(level), rel=1e-3)
    # Budgets know nothing of the revision, and carry on growth that falls a little.
    revision = posterior.load(posterior.evidence(load_scenario("plan").plan, None)).parameters["gdp_revision"]
    expected = 2.2 / (1.0 + np.median(revision))
    assert expected < middle["rd_intensity"].sel(year=2015).item() < 1.015 * expected


def test_euler_and_finer_steps_differ_little_and_both_are_named(fiveyear: Run, tmp_path: Path) -> None:
    rk4, euler, fine = (
        run_to(fiveyear, tmp_path / "a.nc", "--draw", "median", *words)
        for words in ((), ("--method", "euler", "--step", 0.01), ("--step", 0.125))
    )
    assert (rk4.attrs["method"], euler.attrs["method"]) == ("rk4", "euler")
    for name in set(INDICATORS) - {"citation_rank"}:  # a place jumps where citations cross
        assert rk4[name].values[0, -1] == pytest.approx(fine[name].values[0, -1], rel=1e-4), name
        assert rk4[name].values[0, -1] == pytest.approx(euler[name].values[0, -1], rel=0.01), name


def test_every_step_of_a_single_run_can_be_kept(fiveyear: Run, tmp_path: Path) -> None:
    steps = run_to(fiveyear, tmp_path / "a.nc", "--draw", "median", "--every-step", "--keep", "researchers")
    yearly = run_to(fiveyear, tmp_path / "b.nc", "--draw", "median", "--keep", "researchers")
    (time_axis,) = [d for d in steps["researchers"].dims if d != "draw"]
    times = steps[time_axis].values
    assert (times[0], times[-1]) == (2005.0, 2016.0)
    assert len(times) >= 4 * 11 + 1
    at_end = steps["researchers"].values.ravel()[np.searchsorted(times, 2016.0)]
    assert at_end == pytest.approx(yearly["researchers"].values[0, -1])


def test_keep_all_keeps_every_variable_of_the_model_with_its_unit(fiveyear: Run, tmp_path: Path) -> None:
    data = run_to(fiveyear, tmp_path / "a.nc", "--draws", 3, "--keep", "all")
    assert set(data) >= set(WHOLE.names) | set(INDICATORS)
    assert all(data[n].attrs["units"] and data[n].attrs["long_name"] for n in data)


def test_a_file_tells_all_that_made_it(fiveyear: Run, tmp_path: Path) -> None:
    told = run_to(fiveyear, tmp_path / "a.nc", "--draws", 3, "--seed", 7).attrs
    assert (told["scenario"], told["plan"], told["facts"], told["seed"]) == ("plan", "twelfth", "july2011", 7)
    assert json.loads(told["scenario_content"])["paths"]["planned_rd_intensity"]["values"] == {"2015": 2.2}


@pytest.mark.parametrize("seed", [2**31 - 1, 2**31, 2**32 + 1, 2**63 - 1])
def test_a_file_has_the_very_seed_however_large_it_is(fiveyear: Run, tmp_path: Path, seed: int) -> None:
    data = run_to(fiveyear, tmp_path / "a.nc", "--draws", 3, "--seed", seed)
    assert int(data.attrs["seed"]) == seed
    assert not data.identical(run_to(fiveyear, tmp_path / "b.nc", "--draws", 3, "--seed", seed - 1))
    ended = fiveyear("store", "reproduce", tmp_path / "a.nc")
    assert (ended.code, ended.err) == (0, "")
    assert "the same to the bit" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        "reach plan",
        "run plan --out a.nc",
        "compare plan frozen",
        "backtest",
        "model export plan --out a.stmx",
        "programmes reach",
        "programmes examination",
    ],
)
def test_a_seed_of_more_than_63_bits_is_refused_before_anything_is_computed(fiveyear: Run, words: str) -> None:
    ended = fiveyear(*words.split(), "--seed", 2**63)
    assert (ended.code, ended.out) == (2, "")
    assert "'--seed': " in ended.err
    assert str(2**63 - 1) in ended.err


# -- compare, help, model -----------------------------------------------------------------------------------
def test_compare_gives_the_difference_draw_by_draw(fiveyear: Run) -> None:
    found = json.loads(fiveyear("compare", "frozen", "plan", "accelerated", "--draws", 50, "--json").out)
    assert found["schema"] == "fiveyear.compare/1"
    rows = {(r["scenario"], r["indicator"]): r for r in found["comparisons"]}
    assert set(rows) == {(s, i) for s in ("plan", "accelerated") for i in INDICATORS}
    contracts = rows["plan", "technology_market_value"]
    assert contracts["share_higher"] == 1.0
    assert 0.0 < contracts["difference_p05"] <= contracts["difference"] <= contracts["difference_p95"]
    assert "Technology market" in fiveyear("compare", "frozen", "plan", "--draws", 20).out


def test_a_scenario_compared_with_one_that_is_the_same_differs_in_nothing(fiveyear: Run, tmp_path: Path) -> None:
    same = tmp_path / "same.toml"
    same.write_text('title = "The same"\nextends = "plan"\nexpect = "No difference."\n', encoding="utf-8")
    for row in json.loads(fiveyear("compare", "plan", same, "--draws", 30, "--json").out)["comparisons"]:
        assert (row["difference"], row["share_higher"]) == (0.0, 0.0)
        assert row["probability"] == row["probability_of_first"]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(fiveyear: Run, command: str) -> None:
    ended = fiveyear(*command.split(), "--help")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(rf"^ *Usage: .*fiveyear {command}", ended.out)
    assert len(ended.out.splitlines()) > 5


def test_no_command_at_all_shows_the_help(fiveyear: Run) -> None:
    ended = fiveyear()
    assert "Usage: " in ended.out + ended.err


# -- as a process -------------------------------------------------------------------------------------------
def test_the_installed_program_prints_json_alone_and_ends_in_0() -> None:
    ended = subprocess.run(
        [PROGRAM, "reach", "plan", "--draws", "10", "--json"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["schema"] == "fiveyear.reach/1"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_with_its_code_and_leaves_no_part_of_a_file(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    words: list[str | Path] = [PROGRAM, "run", "plan", "--out", tmp_path / "run.nc", "--draws", "200000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(3.0)
        assert process.poll() is None, "ended before the signal"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_on_windows_the_program_says_in_one_sentence_where_it_runs() -> None:
    absent = ("fcntl", "grp", "pwd", "resource", "termios")
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({absent}))\n"  # none of them can be imported any more
        "from fiveyear.experiments.command_line import main\n"
        "sys.platform = 'win32'; sys.argv = ['fiveyear', 'reach', 'plan']\n"
        "main()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"fiveyear needs a POSIX system, such as Linux; on Windows, run it in .*\n", ended.stderr)


def test_the_step_that_help_names_is_the_default_of_the_model() -> None:
    # The command line states it by itself, since help must not wait for the model.
    assert inspect.signature(run_command).parameters["step"].default == DEFAULT_STEP
