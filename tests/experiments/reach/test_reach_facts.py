"""``--facts`` and ``--vintage``: sets side by side, what a set cannot tell, and tables of facts that are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiveyear.calibration import posterior
from fiveyear.scenarios import load_plan, shipped

Run = Callable[..., Any]
REFUSED = {
    "invention_patents_per_10k": ("foreign applications", "population"),
    "high_tech_value_added_share": ("foreign applications", "manufacturing share", "population"),
}


# -- several sets -------------------------------------------------------------------------------------------
def test_several_sets_stand_side_by_side_in_one_table_for_each_scenario(fiveyear: Run) -> None:
    ended = fiveyear("reach", "plan", "frozen", "--facts", "plan-only", "--facts", "july2011", "--draws", 60)
    assert (ended.code, ended.err) == (0, "")
    headings = [line for line in ended.out.splitlines() if line.startswith("P, median")]
    assert len(headings) == 2
    assert all("facts of plan-only" in h and "facts of july2011" in h for h in headings)
    assert ended.out.count("Refused, since plan-only does not tell foreign applications, population:") == 2


def test_each_set_says_side_by_side_what_it_says_alone(fiveyear: Run) -> None:
    words = ("reach", "plan", "--draws", 60, "--json")
    both = json.loads(fiveyear(*words, "--facts", "july2011", "--facts", "yearbook").out)["scenarios"]
    alone = [json.loads(fiveyear(*words, "--facts", name).out)["scenarios"][0] for name in ("july2011", "yearbook")]
    assert [s["facts"] for s in both] == ["july2011", "yearbook"]
    assert both == alone


@pytest.mark.usefixtures("unprinted")
def test_each_set_writes_into_a_folder_of_its_own(fiveyear: Run, tmp_path: Path) -> None:
    ended = fiveyear("reach", "plan", "--facts", "plan-only", "--facts", "july2011", "--draws", 60, "--out", tmp_path)
    assert ended.code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["july2011", "plan-only"]
    for name in ("july2011", "plan-only"):
        assert {"plan.nc", "targets.csv", "twelfth_targets.png"} <= {p.name for p in (tmp_path / name).iterdir()}


# -- what a set cannot tell ---------------------------------------------------------------------------------
def test_a_probability_that_the_facts_cannot_give_is_null_with_the_reason(fiveyear: Run) -> None:
    ended = fiveyear("reach", "plan", "--facts", "plan-only", "--draws", 60, "--json")
    told = {t["indicator"]: t for t in json.loads(ended.out)["scenarios"][0]["targets"]}
    for indicator, lacking in REFUSED.items():
        found = told[indicator]
        assert (found["probability"], found["median"], found["verdict"]) == (None, None, "refused")
        assert found["refused"] == f"plan-only does not tell {', '.join(lacking)}"
    for indicator in ("rd_fte_per_10k_employed", "applications_per_100_fte", "technology_market_value"):
        assert 0.0 <= told[indicator]["probability"] <= 1.0
        assert told[indicator]["refused"] is None


def test_a_joint_probability_is_refused_with_that_of_any_of_its_targets(fiveyear: Run) -> None:
    ended = fiveyear("reach", "plan", "--facts", "plan-only", "--draws", 60, "--json")
    (found,) = json.loads(ended.out)["scenarios"]
    assert found["joint"] == {"all": None, "measurable": None}
    assert "invention_patents_per_10k" in found["joint_targets"]["measurable"]
    assert len(found["number_met"]) == 7  # none to six of the six of which something is told
    assert sum(found["number_met"]) == pytest.approx(1.0)
    told = fiveyear("reach", "plan", "--full", "--facts", "plan-only", "--draws", 60).out
    assert "P(the 7 that statistics measure) = refused, as are Invention patents per 10,000 people" in told


def test_where_those_who_pay_decide_the_plan_alone_tells_nothing_that_depends_on_money(fiveyear: Run) -> None:
    ended = fiveyear("reach", "behavioural", "--facts", "plan-only", "--draws", 60, "--json")
    told = {t["indicator"]: t for t in json.loads(ended.out)["scenarios"][0]["targets"]}
    for indicator in ("rd_intensity", "rd_fte_per_10k_employed", "technology_market_value"):
        assert told[indicator]["probability"] is None
        assert "revenue to GDP" in told[indicator]["refused"]
    assert told["civic_scientific_literacy"]["probability"] is not None


# -- vintages -----------------------------------------------------------------------------------------------
def test_a_vintage_with_the_facts_of_a_set_gives_the_numbers_of_that_set(fiveyear: Run) -> None:
    words = ("reach", "plan", "--draws", 60, "--json")
    assert fiveyear(*words, "--vintage", "2011-07").out == fiveyear(*words, "--facts", "july2011").out


@pytest.mark.parametrize(
    ("month", "message"),
    [
        ("2011-13", "expected a month such as 2011-07"),
        ("july", "expected a month such as 2011-07"),
        ("1999-01", "none of its facts had been published by then"),
    ],
)
def test_a_wrong_vintage_is_refused(fiveyear: Run, month: str, message: str) -> None:
    ended = fiveyear("reach", "plan", "--vintage", month)
    assert (ended.code, ended.out) == (2, "")
    assert message in " ".join(ended.err.split())


@pytest.mark.slow
@pytest.mark.usefixtures("briefly_sampled")
def test_a_vintage_of_its_own_is_fitted_to_what_had_been_published(fiveyear: Run) -> None:
    words = ("reach", "plan", "--draws", 2000, "--json")
    found = json.loads(fiveyear(*words, "--facts", "july2011", "--vintage", "2010-12").out)["scenarios"]
    assert [s["facts"] for s in found] == ["july2011", "2010-12"]
    # In 2010 R&D personnel, applications and contracts of 2010 had not been counted yet.
    for indicator in ("rd_fte_per_10k_employed", "technology_market_value"):
        known, before = (next(t for t in s["targets"] if t["indicator"] == indicator) for s in found)
        assert known["value_at_base_in_truth"] is not None
        assert before["value_at_base_in_truth"] is None
        assert before["growth_achieved"] is None
        assert before["median"] != pytest.approx(known["median"], rel=0.01)


# -- tables that are refused --------------------------------------------------------------------------------
@pytest.fixture
def observed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the twelfth plan's table of facts that the program reads in its place."""
    shutil.copytree(shipped.PLANS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(shipped, "PLANS", tmp_path)
    return tmp_path / "twelfth" / "observed.csv"


ROW = "rd_fte,2009,229.1,10k person,4.582,,final,2010-10,"
FAULTS = {
    "no source": ("a yearbook,recalled", ",recalled", "row 2: no source"),
    "an unknown unit": ("10k person", "10k persn", "persn"),
    "a later year": ("rd_fte,2009", "rd_fte,2011", "row 2: rd_fte of 2011 is later than 2010"),
    "the same again": (
        "a yearbook,recalled",
        "a yearbook,recalled\n" + ROW + "another,seen",
        "row 3: rd_fte 2009 (final)",
    ),
}


@pytest.mark.parametrize(
    "command", [("reach", "plan"), ("calibrate", "--plan", "twelfth"), ("compare", "plan", "frozen")]
)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_row_is_refused_by_its_number_before_anything_is_computed(
    fiveyear: Run, observed: Path, fault: str, command: tuple[str, ...]
) -> None:
    right, wrong, message = FAULTS[fault]
    row = ROW + "a yearbook,recalled"
    assert right in row
    header = observed.read_text(encoding="utf-8").splitlines()[0]
    observed.write_text(f"{header}\n{row.replace(right, wrong)}\n", encoding="utf-8")
    ended = fiveyear(*command)
    assert (ended.code, ended.out) == (2, "")
    assert f"{observed} has " in ended.err
    assert message in ended.err
    assert "Traceback" not in ended.err


def test_facts_that_have_changed_since_the_fit_are_refused_with_what_changed(fiveyear: Run, observed: Path) -> None:
    text = observed.read_text(encoding="utf-8")
    observed.write_text(text.replace("rd_fte,2008,196.5,", "rd_fte,2008,196.6,"), encoding="utf-8")
    ended = fiveyear("reach", "plan")
    assert (ended.code, ended.out) == (2, "")
    assert "is stale: since the fit these have changed: facts" in ended.err
    assert "fit again with: fiveyear calibrate --plan twelfth --facts july2011" in ended.err


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("rd_fte,2008,196.5,10k person,3.93,", "rd_fte,2008,393,10k person,3.93,"),  # both halves of a year, twice
        ("technology_market_value,2005,1551,", "technology_market_value,2005,3039,"),  # that of 2009
    ],
)
def test_figures_that_cannot_be_right_are_refused_by_calibrate_and_nothing_is_kept(
    fiveyear: Run, observed: Path, right: str, wrong: str
) -> None:
    text = observed.read_text(encoding="utf-8")
    assert right in text
    observed.write_text(text.replace(right, wrong), encoding="utf-8")
    kept = {f: f.read_bytes() for f in observed.parent.glob("*.nc")}
    ended = fiveyear("calibrate", "--plan", "twelfth", "--facts", "july2011")
    assert (ended.code, ended.out) == (2, "")
    assert f"{observed} has " in ended.err
    assert f"{right.split(',')[0]}: squared distance from what the priors foresee: " in ended.err
    assert {f: f.read_bytes() for f in observed.parent.glob("*.nc")} == kept


def test_the_kept_posterior_of_plan_only_holds() -> None:
    evidence = posterior.evidence(load_plan("twelfth"), "plan-only")
    assert set(posterior.load(evidence).shocks) >= set(evidence.problem().pasts)
