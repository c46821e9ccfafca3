"""Plans of one's own: made, checked, answered; in another money, with other rivals, and with all their faults told."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fiveyear as fy
from fiveyear.model import Country, UnitError, load
from fiveyear.model.declarations import Parameter, Series
from fiveyear.scenarios import ScenarioError, YearlyPath, load_plan, load_scenario, plan_names
from fiveyear.scenarios.shipped import PLANS

Run = Callable[..., Any]


@pytest.fixture
def ruritania(fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert fiveyear("plan", "new", "ruritania").code == 0
    return tmp_path / "ruritania"


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


# -- a new one ----------------------------------------------------------------------------------------------------
def test_a_new_plan_lacks_nothing_and_each_of_its_targets_can_be_answered(fiveyear: Run, ruritania: Path) -> None:
    ended = fiveyear("plan", "check", "ruritania", "--json")
    answer = json.loads(ended.out)
    assert (ended.code, answer["missing"]) == (0, [])
    assert [t["state"] for t in answer["targets"]] == ["can be answered"] * 3
    shown = fiveyear("plan", "show", ruritania)
    assert shown.code == 0 and "amounts in 1M crown" in shown.out and "Scenarios: plan, slow" in shown.out


@pytest.mark.slow
@pytest.mark.usefixtures("briefly_sampled")
def test_a_new_plan_is_fitted_once_and_answered_in_its_own_money(fiveyear: Run, ruritania: Path) -> None:
    ended = fiveyear("reach", "ruritania", "--draws", "500", "--full")
    assert ended.code == 0 and "not fitted yet; fitting" in ended.err
    assert "R&D / GDP" in ended.out and "1M crown in current prices" in ended.out and "yuan" not in ended.out
    assert (ruritania / "posterior_now.nc").is_file()
    again = fiveyear("reach", "ruritania/scenarios/plan.toml", "ruritania/scenarios/slow.toml", "--draws", "500")
    assert (again.code, "fitting" in again.err) == (0, False)
    assert "no forecast of this country has been held against what came" in " ".join(again.out.split())
    answer = fy.reach(fy.plan("ruritania").scenario("slow"), draws=500)
    assert float(answer.chance("rd_intensity", at_least="1.6 %")["probability"].iloc[0]) < 0.1
    # Facts that change make it stale, which is fitted anew and not answered from.
    changed(ruritania / "observed.csv", "rd_fte,2010,26.1", "rd_fte,2010,26.3")
    checked = json.loads(fiveyear("plan", "check", "ruritania", "--json").out)
    assert "is stale: since the fit these have changed: facts" in checked["unfitted"]["now"][0]


@pytest.mark.slow
@pytest.mark.usefixtures("briefly_sampled")
def test_a_folder_that_cannot_be_written_to_keeps_nothing_in_it(
    fiveyear: Run, ruritania: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *asked: False)  # the superuser may write anywhere
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before = sorted(ruritania.rglob("*"))
    assert fiveyear("reach", "ruritania", "--draws", "50").code == 0
    assert sorted(ruritania.rglob("*")) == before
    assert len(list((tmp_path / "cache" / "fiveyear").glob("posterior_ruritania_now_*.nc"))) == 1
    assert "fitting" not in fiveyear("reach", "ruritania", "--draws", "50").err


def test_a_folder_that_is_there_is_left_as_it_is(fiveyear: Run, ruritania: Path) -> None:
    before = {p: p.read_bytes() for p in ruritania.rglob("*") if p.is_file()}
    ended = fiveyear("plan", "new", "ruritania")
    assert ended.code == 2 and "ruritania is there already, and is left as it is" in ended.err
    assert {p: p.read_bytes() for p in ruritania.rglob("*") if p.is_file()} == before


@pytest.mark.slow
def test_all_that_is_asked_of_the_shipped_plan_can_be_asked_of_a_new_one(fiveyear: Run, ruritania: Path) -> None:
    assert fiveyear("calibrate", "--plan", "ruritania").code == 0
    plan, slow = (f"ruritania/scenarios/{name}.toml" for name in ("plan", "slow"))
    checked = json.loads(fiveyear("validate", "--plan", "ruritania", "--json").out)
    assert checked["failed"] == []
    Path("exp.toml").write_text(f'title = "Own"\nscenarios = ["{plan}", "{slow}"]\ndraws = 20\n', "utf-8")
    for words in (
        ("run", plan, "--draws", "20", "--out", "a.nc"),
        ("store", "reproduce", "a.nc"),
        ("run", "exp.toml", "--out", "store", "--workers", "2"),
        ("store", "verify", "store"),
        ("compare", plan, slow, "--draws", "200"),
        ("levers", plan, "--draws", "200"),
        ("model", "export", plan, "--out", "a.stmx"),
        ("reach", "ruritania", "--draws", "200", "--out", "figures"),
    ):
        ended = fiveyear(*words)
        assert ended.code == 0, (words, ended.err)
        assert "yuan" not in ended.out
    assert "crown" in Path("a.stmx").read_text("utf-8")
    for words in (("run", plan, "--out", "b.nc"), ("model", "export", plan, "--out", "b.stmx")):
        refused = fiveyear(*words, "--facts", "later.csv")
        assert refused.code == 2 and "a file of facts goes with reach and compare" in " ".join(refused.err.split())


# -- facts of one's own -------------------------------------------------------------------------------------------
def later_facts(*rows: str) -> str:
    head = "series,year,value,unit,sd,rounding,vintage,first_published,source,status"
    return "\n".join([head, *(f"{row},,yearbook,2013-09,made up,seen" for row in rows)]) + "\n"


@pytest.mark.slow
@pytest.mark.usefixtures("briefly_sampled")
def test_later_facts_are_fitted_and_stand_beside_the_first_set(fiveyear: Run, ruritania: Path) -> None:
    # Spending that stood still for two years: what is left of the rise has to come in three.
    rows = [f"rd_expenditure,{y},1640,1M crown,16" for y in (2011, 2012)]
    rows += [f"gdp,{y},{v},1G crown,0.6" for y, v in ((2011, 134.1), (2012, 139.0))]
    rows += [f"gdp_real_growth,{y},1.5,%/year,0.2" for y in (2011, 2012)]
    rows += [f"rd_fte,{y},26.2,1k person,0.4" for y in (2011, 2012)]
    Path("later.csv").write_text(later_facts(*rows), "utf-8")
    ended = fiveyear("reach", "ruritania", "--facts", "later.csv", "--draws", "2000", "--json")
    assert ended.code == 0
    before, after = json.loads(ended.out)["scenarios"]
    assert (before["facts"], after["facts"]) == ("now", "later")
    people = [next(t for t in s["targets"] if "rd_fte" in t["indicator"])["probability"] for s in (before, after)]
    assert people[1] < people[0] - 0.03
    assert "posterior_later.nc" not in [p.name for p in ruritania.iterdir()]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("gdp,2015,150,1G crown,0.6", "gdp of 2015 is later than 2014"),
        ("gpd,2011,150,1G crown,0.6", "nothing reads a series called"),
        ("gdp,2011,150,1G yuan,0.6", 'gdp of 2011: unit is "1G yuan"'),
    ],
)
def test_facts_that_no_one_can_know_or_read_are_refused_by_their_row(
    fiveyear: Run, ruritania: Path, row: str, words: str
) -> None:
    Country("1G yuan")  # whatever other plans this process has met
    Path("later.csv").write_text(later_facts(row), "utf-8")
    ended = fiveyear("reach", "ruritania/scenarios/plan.toml", "--facts", "now", "--facts", "later.csv")
    assert (ended.code, ended.out) == (2, "")
    assert "later.csv has 1 fault" in ended.err and f"row 2: {words}" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # A switch that turns after the base year.
        (YearlyPath(2010, ((2005, 0.0), (2010, 0.0), (2011, 1.0))), ((2005, 0.0), (2012, 0.0), (2013, 1.0))),
        # Years written out stay.
        (YearlyPath(2010, ((2005, 0.0), (2012, 0.0), (2013, 1.0))), ((2005, 0.0), (2012, 0.0), (2013, 1.0))),
        (YearlyPath(2010, ((2011, 1.9), (2015, 2.2))), ((2015, 2.2),)),
        (YearlyPath(2010, ((2011, 0.1),), "growth"), ((2013, 0.1),)),
    ],
)
def test_a_path_goes_on_from_a_later_base_year(path: YearlyPath, expected: tuple[tuple[int, float], ...]) -> None:
    moved = path.based_on(2012)
    assert (moved.base_year, moved.points) == (2012, expected)


# -- names --------------------------------------------------------------------------------------------------------
def test_scenarios_of_a_folder_extend_those_beside_them_and_no_shipped_ones(ruritania: Path) -> None:
    slow = load_scenario(str(ruritania / "scenarios" / "slow.toml"))
    assert slow.plan.name == "ruritania" and slow.plan.country.currency == "crown"
    changed(ruritania / "scenarios" / "slow.toml", 'extends = "plan"', 'extends = "behavioural"')
    with pytest.raises(ScenarioError, match="no scenario of this name"):
        load_scenario(str(ruritania / "scenarios" / "slow.toml"))


def test_names_of_shipped_scenarios_are_each_of_one_plan() -> None:
    stems = [path.stem for path in PLANS.glob("*/scenarios/*.toml")]
    assert len(stems) == len(set(stems))


def test_the_name_of_a_plan_stands_for_the_scenarios_by_which_it_is_answered(fiveyear: Run) -> None:
    answer = json.loads(fiveyear("reach", "eleventh", "--draws", "50", "--json").out)
    assert [s["scenario"] for s in answer["scenarios"]] == ["eleventh_plan", "eleventh_trend"]
    assert [row["name"] for row in json.loads(fiveyear("plan", "list", "--json").out)["plans"]] == list(plan_names())


# -- the country --------------------------------------------------------------------------------------------------
def test_ranges_of_amounts_are_as_large_as_the_money_is_small() -> None:
    yuan, won = load(Country("100M yuan")), load(Country("1000G won", 680.0))
    assert str(won.units["gdp"]) == "won/year"
    of_yuan: dict[str, Parameter | Series] = {**yuan.parameters, **yuan.series}
    of_won: dict[str, Parameter | Series] = {**won.parameters, **won.series}
    for name, declared in of_yuan.items():
        power = dict(yuan.units[name].powers).get("yuan", 0)
        assert of_won[name].high == pytest.approx(declared.high * 100.0**power, rel=1e-12), name
    assert won.indicators["technology_market_value"].unit == "1000G won"
    assert won.indicators["technology_market_value"].high == pytest.approx(1e6 * 1e8 * 100.0 / 1e12)


def test_members_of_a_group_are_those_of_the_plan_and_without_any_what_hangs_on_them_is_not_there() -> None:
    two = load(Country("1M crown", 1.2, (("rivals", ("graustark", "zenda")),)))
    assert {n for n in two.names if n.startswith("rival_citations_")} == {
        "rival_citations_graustark",
        "rival_citations_zenda",
    }
    assert "citation_rank" in two.indicators
    none = load(Country("1M crown"))
    assert "rank_by_citations" not in none.units and "citation_rank" not in none.indicators
    assert "citations" in none.units


@pytest.mark.parametrize("money", ["person", "100M", "1M crown/year", "krone2", "%", "", "1M k r"])
def test_what_no_money_can_be_called_is_refused(money: str) -> None:
    with pytest.raises(UnitError):
        Country(money)


def test_the_shipped_plan_is_of_the_money_and_the_rivals_of_its_file() -> None:
    plan = load_plan("twelfth")
    assert plan.country.money == "100M yuan" and len(dict(plan.country.groups)["rivals"]) == 8
    assert load_plan("eleventh").country.groups == ()


# -- what is wrong ------------------------------------------------------------------------------------------------
BAD: dict[str, tuple[str, str, str, list[str]]] = {
    "a target without an indicator": (
        "plan.toml",
        '"rd_intensity"',
        '"rd_intensty"',
        ["no such indicator", "rd_intensity"],
    ),
    "another money": ("priors.toml", "crown/person/year", "yuan/person/year", ["priors.toml", "reference_cost"]),
    "a year after the cut-off": ("observed.csv", "rd_fte,2010", "rd_fte,2011", ["row 25", "later than 2010"]),
    "an unknown series": ("observed.csv", "employed,2005", "employd,2005", ["row 26", "nearest is employed"]),
    "an unknown unit": ("observed.csv", "1G crown", "1G crwn", ["row 2", "crwn"]),
    "a prior of nothing": (
        "priors.toml",
        "[parameters.propensity]",
        "[parameters.propensty]",
        ["propensty", "propensity"],
    ),
    "a label that is a formula": (
        "plan.toml",
        'indicator = "rd_intensity"',
        'indicator = "rd_intensity"\nlabel = "=1+1"',
        ["targets.rd_intensity.label", 'found "=1+1"', "does not begin as a formula"],
    ),
    "no plan": ("scenarios/plan.toml", 'plan = ".."', 'plan = "../.."', ["plan.toml"]),
    "an unknown group": ("plan.toml", "[money]", '[groups]\nrival = ["zenda"]\n[money]', ["groups.rival", "rivals"]),
    "money that is none": ("plan.toml", '"1M crown"', '"1M person"', ["money.unit", "person"]),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_fault_of_a_folder_is_told_with_its_file_and_place(fiveyear: Run, ruritania: Path, fault: str) -> None:
    file, old, new, words = BAD[fault]
    changed(ruritania / file, old, new)
    ended = fiveyear("plan", "check", "ruritania")
    assert (ended.code, ended.out) == (2, "")
    message = " ".join(ended.err.split())
    assert all(word in message for word in words), message
    assert "Traceback" not in message


def test_all_faults_of_a_folder_are_told_at_once(fiveyear: Run, ruritania: Path) -> None:
    for file, old, new, _ in (BAD[n] for n in ("an unknown series", "a prior of nothing", "no plan")):
        changed(ruritania / file, old, new)
    shutil.copy(ruritania / "scenarios" / "slow.toml", ruritania / "scenarios" / "Slow.toml")
    ended = fiveyear("plan", "check", "ruritania")
    message = " ".join(ended.err.split())
    assert ended.code == 2
    for words in ("employd", "propensty", "scenarios/plan.toml", "two scenarios of one name"):
        assert words in message, words


def test_files_that_are_missing_are_told_by_name(fiveyear: Run, ruritania: Path) -> None:
    (ruritania / "observed.csv").unlink()
    ended = fiveyear("plan", "check", "ruritania")
    assert ended.code == 2 and "observed.csv" in ended.err
    shutil.rmtree(ruritania / "scenarios")
    (ruritania / "plan.toml").unlink()
    ended = fiveyear("plan", "check", "ruritania")
    assert ended.code == 2 and re.search(r"it is a folder without a plan\.toml", ended.err)


def test_a_target_that_lacks_an_outlook_is_told_which_and_the_others_can_be_answered(
    fiveyear: Run, ruritania: Path
) -> None:
    priors = ruritania / "priors.toml"
    text = priors.read_text("utf-8")
    priors.write_text(text[: text.index("[outlook.graduates]")], "utf-8")
    ended = fiveyear("plan", "check", "ruritania", "--json")
    answer = json.loads(ended.out)
    assert ended.code == 1
    assert [t["state"] for t in answer["targets"]] == ["can be answered", *["lacks 1 thing, below"] * 2]
    assert [text.partition(": ")[2].partition(":")[0] for text in answer["missing"]] == ["outlook.graduates"]
