"""`fiveyear scenario`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator

from fiveyear.calibration import posterior
from fiveyear.scenarios import load_plan, load_scenario, scenario_names

Run = Callable[..., Any]  # words in, how it ended out

BAD = Path(__file__).parents[2] / "scenarios" / "bad"


@pytest.fixture
def run(fiveyear: Run) -> Run:
    return lambda *words: fiveyear("scenario", *words)


def test_list_gives_every_shipped_scenario_a_line_below_the_one_it_changes(run: Run) -> None:
    result = run("list")
    assert result.code == 0
    plan, depth, seen = "", {"": 0}, []
    for line in result.out.splitlines()[:-1]:
        if not line.startswith(" "):
            plan = line.removesuffix(" plan")
            continue
        name, title = line.split(maxsplit=1)
        scenario = load_scenario(name)
        above = scenario.content.get("extends", "")
        depth[name] = len(line) - len(line.lstrip())
        seen.append(name)
        assert (scenario.plan.name, scenario.title) == (plan, title)
        assert depth[name] == depth[above] + 2
        assert not above or above in seen
    assert sorted(seen) == list(scenario_names())
    assert result.out.splitlines()[-1] == "What to expect of one: fiveyear scenario show NAME"


@pytest.mark.parametrize("words", [["list"], *(["show", name] for name in scenario_names())])
def test_what_is_shown_fits_a_hundred_columns(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 100


def test_show_tells_what_to_expect_and_where_each_number_is_from(run: Run) -> None:
    for name in ("crisis_2012", "scarce_researchers"):
        scenario, words = load_scenario(name), " ".join(run("show", name).out.split())
        assert f"{name}: {scenario.title} (twelfth plan) Expect: {scenario.expect}" in words
        for group in ("paths", "parameters"):
            for own, table in scenario.content[group].items():
                assert own in words
                assert " ".join((table.get("source") or table["assumed"]).split()) in words


def test_show_gives_growth_as_growth_and_levels_from_the_base_year_on(run: Run) -> None:
    found = json.loads(run("show", "crisis_2012", "--json").out)["yearly"]
    growth = {"2011": 9.0, "2012": 4.0, "2013": 7.0, "2014": 9.0, "2015": 9.0}
    assert found["gdp_real"]["unit"] == "%/year"
    assert {y: v for y, v in found["gdp_real"]["numbers"].items() if y > "2010"} == pytest.approx(growth)
    intensity = found["planned_rd_intensity"]["numbers"]
    assert list(intensity) == ["2010", "2011", "2012", "2013", "2014", "2015"]
    assert intensity["2010"] == pytest.approx(100 * 6980 / 397983)
    assert intensity["2015"] == 2.2


def middle_of_gdp() -> list[float]:
    """Give real GDP from 2010 on, over 2010: growth returns from 10.3 % to 9.2 % a year as fast as facts say."""
    evidence = posterior.evidence(load_scenario("plan").plan, None)
    lasts, growth, levels = evidence.growth["gdp_real"].mean_persistence, math.log(1.103), [1.0]
    for _ in range(5):
        growth = math.log(1.092) + lasts * (growth - math.log(1.092))
        levels.append(levels[-1] * math.exp(growth))
    return levels


def test_show_tells_the_end_of_a_path_that_holds_spend(run: Run) -> None:
    found = json.loads(run("show", "back_loaded_spend", "--json").out)
    base = 100 * 6980 / 397983
    gone, output = [n / 5 for n in range(1, 6)], middle_of_gdp()[1:]
    straight = sum(g * y for g, y in zip(gone, output, strict=True))
    bent = sum(g**2 * y for g, y in zip(gone, output, strict=True))
    end = base + (2.2 - base) * straight / bent
    assert found["yearly"]["planned_rd_intensity"]["numbers"]["2015"] == pytest.approx(end, rel=1e-9)
    assert found["paths"]["planned_rd_intensity"]["hold"] == "spend"
    assert found["paths"]["planned_rd_intensity"]["values"] == {"2015": 2.2}
    assert f"{end:.4g}" in run("show", "back_loaded_spend").out


def test_show_refuses_what_is_no_scenario(run: Run) -> None:
    result = run("show", "plann")
    assert (result.code, result.out) == (2, "")
    assert "nearest is plan" in result.err


def test_show_reads_a_file_of_one_s_own(run: Run, tmp_path: Path) -> None:
    run("new", "Mine", "--out", tmp_path / "mine.toml", "--extends", "behavioural")
    result = run("show", tmp_path / "mine.toml")
    assert result.code == 0
    assert "Loops cut: R1" in result.out


def test_show_says_which_of_a_stack_sets_a_number_and_from_which_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("year,planned\n2014,2.1\n2015,2.3\n", encoding="utf-8")
    own = '[paths.planned_rd_intensity]\nunit = "%"\ntable = "t.csv"\ncolumn = "planned"\nsource = "a ministry"\n'
    text = f'title = "T"\nextends = ["growth_7", "talent_first"]\nexpect = "x"\n\n{own}'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    result = run("show", tmp_path / "mine.toml")
    assert result.code == 0
    blocks = {block.split(",")[0]: block.splitlines() for block in result.out.split("\n\n")}
    assert blocks["gdp_real"][-1] == "  set in: growth_7"
    assert blocks["graduates"][-1] == "  set in: talent_first"
    end = ["  source: a ministry", '  read from: t.csv, column "planned"', "  set in: mine"]
    assert blocks["planned_rd_intensity"][-3:] == end
    found = json.loads(run("show", tmp_path / "mine.toml", "--json").out)
    assert found["paths"]["planned_rd_intensity"]["values"] == {"2014": 2.1, "2015": 2.3}
    assert found["yearly"]["planned_rd_intensity"]["numbers"]["2015"] == pytest.approx(2.3)


def test_check_tells_the_row_of_a_number_of_another_size(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("year,planned\n2014,2.1\n2015,0.02\n", encoding="utf-8")
    own = '[paths.planned_rd_intensity]\nunit = "%"\ntable = "t.csv"\ncolumn = "planned"\nsource = "a ministry"\n'
    (tmp_path / "mine.toml").write_text(f'title = "T"\nextends = "plan"\nexpect = "x"\n\n{own}', encoding="utf-8")
    result = run("check", tmp_path / "mine.toml")
    assert result.code == 2
    assert 'paths.planned_rd_intensity.table: t.csv, row 3, column "planned": found 0.02 %, 1/88 of' in result.err


def test_a_new_scenario_may_stack_several(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    assert run("new", "Mine", "--out", out, "--extends", "growth_7", "--extends", "talent_first").code == 0
    assert 'extends = ["growth_7", "talent_first"]' in out.read_text(encoding="utf-8")
    assert run("check", out).code == 0
    refused = run("new", "M", "--out", tmp_path / "b.toml", "--extends", "plan", "--extends", "eleventh_plan")
    assert refused.code == 2
    assert "expected scenarios of one plan" in refused.err


@pytest.mark.parametrize(
    "extends", [["growth_7", "talent_first", "growth_10"], ["plan", "plan"], ["below/low.toml", "growth_7"]]
)
def test_a_stack_that_is_refused_cannot_be_started_and_is_told_as_a_check_tells_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extends: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    own = '[paths.gdp_real]\nunit = "%/year"\ngrowth = { 2011 = 6 }\nassumed = "x"\n'
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "low.toml").write_text(
        f'title = "L"\nextends = "plan"\nexpect = "x"\n{own}', encoding="utf-8"
    )
    started = run("new", "Mine", "--out", "mine.toml", *(word for name in extends for word in ("--extends", name)))
    assert (started.code, started.out) == (2, "")
    assert not Path("mine.toml").exists()
    Path("mine.toml").write_text(f'title = "M"\nextends = {json.dumps(extends)}\nexpect = "x"\n', encoding="utf-8")
    checked = run("check", "mine.toml")
    assert checked.code == 2
    assert started.err == checked.err


def test_list_as_json_is_one_object_and_nothing_else(run: Run) -> None:
    result = run("list", "--json")
    found = json.loads(result.out)
    assert found["schema"] == "fiveyear.scenario-list/1"
    scenarios = [load_scenario(name) for name in scenario_names()]
    rows = [{"name": s.name, "plan": s.plan.name, "title": s.title, "expect": s.expect} for s in scenarios]
    assert found["scenarios"] == rows  # the files themselves are read for the list, and not checked


@pytest.mark.parametrize("title", ["Mine", 'A "quoted" \\ title', "创新"])
def test_a_new_scenario_passes_its_check_and_is_called_what_was_asked(run: Run, tmp_path: Path, title: str) -> None:
    out = tmp_path / "mine.toml"
    assert run("new", title, "--out", out).code == 0
    assert run("check", out).code == 0
    assert load_scenario(str(out)).title == title
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("extends", ["plan", "eleventh_plan"])
def test_the_examples_in_a_new_scenario_pass_once_they_are_no_comments(run: Run, tmp_path: Path, extends: str) -> None:
    out = tmp_path / "mine.toml"
    run("new", "Mine", "--out", out, "--extends", extends)
    example = re.compile(r"^# (?=\[|(?:cuts|closes) =|(?:unit|growth|value|assumed) =)", re.MULTILINE)
    text, count = example.subn("", out.read_text(encoding="utf-8"))
    assert count == 10
    out.write_text(text, encoding="utf-8")
    scenario = load_scenario(str(out))
    assert scenario.cuts == ("R1", "R4")
    assert scenario.parameters["attrition_rate"] == 0.05
    assert [year for year, _ in scenario.paths["gdp_real"].points] == [scenario.plan.base_year + 1]


LEVER = re.compile(r"^# (paths\.(\w+) = .*)$", re.MULTILINE)


@pytest.mark.parametrize("extends", ["behavioural", "eleventh_plan"])
def test_a_new_scenario_has_a_line_for_each_lever_that_runs_once_it_is_no_comment(
    run: Run, tmp_path: Path, extends: str
) -> None:
    out = tmp_path / "mine.toml"
    run("new", "Mine", "--out", out, "--extends", extends)
    text = out.read_text(encoding="utf-8")
    levers = [name for name, series in load_plan("twelfth").model.series.items() if series.lever]
    assert [name for _, name in LEVER.findall(text)] == levers
    for line, name in LEVER.findall(text):
        file = tmp_path / f"{name}.toml"
        file.write_text(text.replace(f"# {line}", line), encoding="utf-8")
        own = load_scenario(str(file)).content["paths"][name]
        assert run("check", file).code == 0
        least, most, unit = re.search(rf"from (\S+) to (\S+) (\S+)\n# paths.{name} ", text).groups()  # type: ignore[union-attr]
        assert own["unit"] == unit
        assert float(least) <= next(iter(own["values"].values())) <= float(most)
    out.write_text(LEVER.sub(r"\1", text), encoding="utf-8")
    assert run("check", out).code == 0
    assert set(levers) <= load_scenario(str(out)).content["paths"].keys()


def test_a_lever_is_shown_with_its_value_of_the_base_year(run: Run, tmp_path: Path) -> None:
    run("new", "Mine", "--out", tmp_path / "mine.toml")
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    base = 100 * 6980 / 397983  # as the plan's facts have it
    assert f"R&D expenditure over GDP, as planned; 2010: {base:.4g} %; from 0 to 10 %" in text


@pytest.mark.parametrize("words", [[], ["--experiment"]])
def test_a_new_file_leads_an_editor_to_the_schema_that_it_passes(run: Run, tmp_path: Path, words: list[str]) -> None:
    out = tmp_path / "mine.toml"
    run("new", "Mine", "--out", out, *words)
    first, *_ = out.read_text(encoding="utf-8").splitlines()
    assert first.startswith("#:schema file:///")
    schema = json.loads(Path(unquote(urlsplit(first.removeprefix("#:schema ")).path)).read_text(encoding="utf-8"))
    assert schema["title"] == f"fiveyear {'experiment' if words else 'scenario'}"
    content = tomllib.loads(out.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(content)) == []


def test_a_new_scenario_finds_the_file_it_extends_from_its_own_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    assert run("new", "First", "--out", "first.toml").code == 0
    assert run("new", "Second", "--out", "sub/second.toml", "--extends", "first.toml").code == 0
    assert 'extends = "../first.toml"' in Path("sub/second.toml").read_text(encoding="utf-8")
    assert run("check", "sub/second.toml").code == 0


def test_a_file_that_exists_is_written_over_only_by_force(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("precious", encoding="utf-8")
    result = run("new", "Mine", "--out", out)
    assert result.code == 2
    assert "--force" in result.err
    assert out.read_text(encoding="utf-8") == "precious"
    assert run("new", "Mine", "--out", out, "--force").code == 0
    assert load_scenario(str(out)).title == "Mine"


def test_a_scenario_is_not_written_over_the_one_it_extends(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    run("new", "Mine", "--out", out)
    before = out.read_bytes()
    result = run("new", "Mine", "--out", out, "--extends", out, "--force")
    assert result.code == 2
    assert "cannot extend itself" in result.err
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Mine", "--out", "mine.txt"], "expected a file that ends with .toml"),
        (["two\nlines", "--out", "mine.toml"], "NAME: expected a line of text"),
        ([" ", "--out", "mine.toml"], "NAME is empty; expected NAME"),
        (["Mine", "--out", "mine.toml", "--extends", "plann"], "nearest is plan"),
        (["Mine", "--out", "mine.toml", "--extends", "none.toml"], "there is no such file"),
    ],
)
def test_new_refuses_bad_input_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("new", *words)
    assert result.code == 2
    assert expected in result.err
    assert result.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/mine.toml", "file/mine.toml", "x" * 300 + ".toml"])
def test_a_file_that_cannot_be_written_ends_with_74(run: Run, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    result = run("new", "Mine", "--out", tmp_path / place)
    assert result.code == 74
    assert "cannot be written" in result.err


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_other(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "mine.toml"
    out.write_text("precious", encoding="utf-8")
    monkeypatch.setattr("os.fsync", full)
    result = run("new", "Mine", "--out", out, "--force")
    assert result.code == 74
    assert "No space left on device" in result.err
    assert out.read_text(encoding="utf-8") == "precious"
    assert list(tmp_path.iterdir()) == [out]


def test_check_says_of_each_good_file_that_it_has_no_fault(run: Run) -> None:
    result = run("check", "plan", "frozen")
    assert result.code == 0
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["plan", "frozen"]
    assert result.err == ""


def test_a_new_scenario_says_what_finance_is_and_which_loops_the_plan_cuts(run: Run, tmp_path: Path) -> None:
    run("new", "Mine", "--out", tmp_path / "mine.toml")
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert "with FINANCE cut, spending follows `planned_rd_intensity`" in text
    cut = re.findall(r"^#   (\w+): .* \(the plan cuts it\)$", text, re.MULTILINE)
    assert cut == ["FINANCE", "R1"]


@pytest.mark.parametrize("name", ["close_of_what_is_not_cut", "close_unknown", "cut_and_closed", "hold_of_growth"])
def test_check_knows_the_loops_and_what_a_path_may_hold(run: Run, name: str) -> None:
    result = run("check", BAD / f"{name}.toml")
    assert (result.code, result.out) == (2, "")
    assert f"{name}.toml has 1 fault:" in result.err


def test_check_tells_the_faults_of_every_bad_file_and_ends_with_2(run: Run) -> None:
    result = run("check", BAD / "nan.toml", "plan", BAD / "four_faults.toml")
    assert result.code == 2
    assert "nan.toml has 1 fault:" in result.err
    assert "four_faults.toml has 4 faults:" in result.err
    assert result.out.startswith("plan: no fault")


def test_the_commands_load_without_the_model(run: Run) -> None:
    heavy = "numpy", "scipy", "pydantic", "fiveyear.model", "fiveyear.scenarios", "rich"
    code = f"import sys, fiveyear.experiments.forecast.command; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_path_that_is_an_indicator_leads_to_the_levers_of_it(fiveyear: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    head = 'title = "A"\nexpect = "B"\nextends = "plan"\n'
    file.write_text(f'{head}[paths.rd_intensity]\nunit = "%"\nvalues = {{ 2015 = 2 }}\nassumed = "C"\n', "utf-8")
    told = fiveyear("scenario", "check", file).err
    assert "paths.rd_intensity: the model has no such input; it is an indicator, which is computed; levers" in told
    assert "planned_rd_intensity" in told and "other_rd_intensity" not in told


def test_a_scenario_shows_what_a_parameter_is_without_it(fiveyear: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    rows = [("attrition_rate", 6, "%/year"), ("hiring_time", 2, "year")]
    tables = "".join(f'[parameters.{n}]\nvalue = {v}\nunit = "{u}"\nassumed = "C"\n' for n, v, u in rows)
    file.write_text(f'title = "A"\nexpect = "B"\nextends = "plan"\n{tables}', "utf-8")
    shown = fiveyear("scenario", "show", file).out
    plan = tomllib.loads(Path(load_plan("twelfth").file).read_text("utf-8"))["parameters"]["attrition_rate"]
    assert f"attrition_rate = 6 %/year (the plan: {100 * plan['value']:.3g})" in shown
    priors = tomllib.loads((load_plan("twelfth").folder / "priors.toml").read_text("utf-8"))
    median = priors["parameters"]["hiring_time"]["median"]
    assert f"hiring_time = 2 year (fitted; median of its prior: {median:.3g})" in shown
