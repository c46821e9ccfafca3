"""Facts: the shipped tables, what is refused in a table, and which vintage counts when."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import COLUMNS, Fact, fingerprint, known_by, read_facts
from fiveyear.calibration.posterior import Evidence
from fiveyear.calibration.priors import read_priors
from fiveyear.model import Unit
from fiveyear.scenarios import Plan, load_plan

WHOLE = load_plan("twelfth").model
PLANS = ("eleventh", "twelfth")
ROW = {
    "series": "gdp",
    "year": "2009",
    "value": "340506.9",
    "unit": "100M yuan",
    "sd": "3405",
    "rounding": "",
    "vintage": "final",
    "first_published": "2010-09",
    "source": "a yearbook",
    "status": "recalled",
}


def table(file: Path, *rows: Mapping[str, str]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return file


# -- the shipped tables -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PLANS)
def test_no_shipped_fact_is_of_a_year_after_the_base_year_of_its_plan(name: str) -> None:
    plan = load_plan(name)
    facts = read_facts(plan.folder / "observed.csv", plan.base_year, plan.model)
    assert facts
    assert max(f.year for f in facts) <= plan.base_year


@pytest.mark.parametrize("name", PLANS)
def test_no_table_of_any_kind_beside_the_facts_speaks_of_a_year_after_2010(name: str) -> None:
    for file in (load_plan(name).folder / n for n in ("observed.csv", "record_of_targets.csv")):
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            years = [row["year"]] if "year" in row else row["years"].split("-")
            assert max(map(int, years)) <= 2010, (file, row)


@pytest.mark.parametrize("name", PLANS)
def test_every_shipped_fact_says_when_it_was_first_published_and_by_whom(name: str) -> None:
    plan = load_plan(name)
    for fact in read_facts(plan.folder / "observed.csv", plan.base_year, plan.model):
        assert re.fullmatch(r"\d{4}-\d{2}", fact.first_published)
        assert int(fact.first_published[:4]) >= fact.year
        assert fact.source


def test_no_fact_of_july_2011_is_first_published_later(known: Mapping[str, Evidence]) -> None:
    months = [f.first_published for years in known["july2011"].facts.values() for f in years.values()]
    assert max(months) == "2011-07"


def test_in_july_2011_the_plan_s_own_preliminary_figures_are_the_ones_known(known: Mapping[str, Evidence]) -> None:
    facts = known["july2011"].facts
    assert (facts["rd_expenditure"][2010].value, facts["rd_fte"][2010].value) == (6980.0, 255.0)
    assert max(facts["employed"]) == 2009
    assert facts["employed"][2009].vintage == "before 2010 census"


def test_the_yearbooks_bring_final_figures_and_the_census(known: Mapping[str, Evidence]) -> None:
    facts = known["yearbook"].facts
    assert (facts["rd_expenditure"][2010].value, facts["rd_fte"][2010].value) == (7062.6, 255.4)
    assert {f.vintage for f in facts["employed"].values()} == {"after 2010 census"}


@pytest.mark.parametrize(("name", "printed"), [("july2011", 1.75), ("yearbook", 1.76)])
def test_rd_over_gdp_of_2010_is_what_was_printed_at_the_time(
    known: Mapping[str, Evidence], name: str, printed: float
) -> None:
    facts = known[name].facts
    by_hand = 100.0 * facts["rd_expenditure"][2010].value / facts["gdp"][2010].value
    assert round(by_hand, 2) == printed
    assert known[name].indicator("rd_intensity")[2010][0] == pytest.approx(by_hand)


def test_the_information_sets_differ_in_what_they_say(known: Mapping[str, Evidence]) -> None:
    assert fingerprint(known["july2011"].facts) != fingerprint(known["yearbook"].facts)


# -- one fault, one message ---------------------------------------------------------------------------------
FAULTS = {
    "a year with letters": ({"year": "20l0"}, "year '20l0' is not a year"),
    "a year with a fraction": ({"year": "2009.0"}, "is not a year"),
    "a later year": ({"year": "2011"}, "gdp of 2011 is later than 2010"),
    "a value that is not a number": ({"value": "n/a"}, "value 'n/a' is not a number"),
    "no value": ({"value": ""}, "value '' is not a number"),
    "a NaN": ({"value": "nan"}, "value 'nan' is not a number in plain digits"),
    "an infinite value": ({"value": "inf"}, "value 'inf' is not a number in plain digits"),
    "a NaN for an sd": ({"sd": "nan"}, "sd 'nan' is not a number in plain digits"),
    "a negative sd": ({"sd": "-1"}, "sd -1 is not a positive number"),
    "an sd of nothing": ({"sd": "0"}, "sd 0 is not a positive number"),
    "a negative rounding": ({"rounding": "-0.1"}, "rounding -0.1 is not a positive number"),
    "a unit nobody knows": ({"unit": "100M yuna"}, "yuna"),
    "no source": ({"source": ""}, "no source"),
    "no series": ({"series": ""}, "no series"),
    "a month that does not exist": ({"first_published": "2010-13"}, "'2010-13' is not a month"),
    "no month": ({"first_published": ""}, "'' is not a month"),
    "a rounded bound": ({"value": ">=20", "rounding": "1"}, "rounding 1: a bound such as >=20 has none"),
    "a bound without a number": ({"value": ">="}, "value '>=' is not a number"),
    "a month before the year": ({"first_published": "2008-12"}, "first_published 2008-12 is before 2009"),
    "a status nobody knows": ({"status": "guessed"}, "status 'guessed' is not one of seen, recalled, derived, plan"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_the_number_of_its_row(tmp_path: Path, fault: str) -> None:
    change, message = FAULTS[fault]
    file = table(tmp_path / "observed.csv", {**ROW, "year": "2008"}, {**ROW, **change})
    with pytest.raises(CalibrationError, match=re.escape(message)) as refused:
        read_facts(file, 2010, WHOLE)
    assert [f.startswith("row 3: ") for f in refused.value.faults] == [True]


def test_the_same_series_year_and_vintage_twice_are_refused_with_both_rows(tmp_path: Path) -> None:
    file = table(tmp_path / "observed.csv", ROW, {**ROW, "year": "2008"}, {**ROW, "value": "1"})
    with pytest.raises(CalibrationError, match=r"row 4: gdp 2009 \(final\) stands in row 2 too"):
        read_facts(file, 2010, WHOLE)


def test_all_faults_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    file = table(tmp_path / "observed.csv", {**ROW, "sd": "-1", "source": ""}, {**ROW, "status": "?"})
    with pytest.raises(CalibrationError) as refused:
        read_facts(file, 2010, WHOLE)
    assert [f[:6] for f in refused.value.faults] == ["row 2:", "row 2:", "row 3:"]


@pytest.mark.parametrize("line", ["gdp,2009,1", ",".join([*ROW.values(), "more"]), "gdp"])
def test_a_row_with_too_few_or_too_many_entries_is_refused(tmp_path: Path, line: str) -> None:
    file = table(tmp_path / "observed.csv", ROW)
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(CalibrationError, match="row 3: expected 10 entries"):
        read_facts(file, 2010, WHOLE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "columns are none; expected series, year"),
        (b"series,year\ngdp,2009\n", "columns are series, year; expected series, year, value"),
        (b"\xff\xfe\x00", "cannot be read"),
        ((",".join(COLUMNS) + "\n").encode(), "there is no fact in it"),
        ((",".join(COLUMNS) + '\ngdp,"' + "9" * 200_000 + '"\n').encode(), "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_of_facts_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "observed.csv"
    file.write_bytes(content)
    with pytest.raises(CalibrationError, match=message):
        read_facts(file, 2010, WHOLE)


def test_a_byte_order_mark_says_nothing_and_a_sign_that_hides_is_refused(tmp_path: Path) -> None:
    shipped = load_plan("twelfth").folder
    facts, priors, file = shipped / "observed.csv", shipped / "priors.toml", tmp_path / "x"
    file.write_bytes(b"\xef\xbb\xbf" + facts.read_bytes())
    assert read_facts(file, 2010, WHOLE) == read_facts(facts, 2010, WHOLE)
    file.write_bytes(b"\xef\xbb\xbf" + priors.read_bytes())
    assert read_priors(file, load_plan("twelfth").model) == read_priors(priors, load_plan("twelfth").model)
    for sign in ("\0", "\x1b", "\u202e"):
        file.write_text(facts.read_text(encoding="utf-8").replace("ISTIC", f"IS{sign}TIC", 1), encoding="utf-8")
        with pytest.raises(CalibrationError, match="row 4: source holds a sign that cannot be printed: "):
            read_facts(file, 2010, WHOLE)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(CalibrationError, match="cannot be read"):
            read_facts(place, 2010, WHOLE)


def test_a_bound_is_read_as_one(tmp_path: Path) -> None:
    growth = {**ROW, "series": "gdp_real_growth", "unit": "%/year", "sd": "1"}
    rows = ({**growth, "value": ">=20"}, {**growth, "year": "2008", "value": "<=1.5"})
    over, under = read_facts(table(tmp_path / "observed.csv", *rows), 2010, WHOLE)
    assert (over.value, over.rounding) == (20.0, math.inf)
    assert (under.value, under.rounding) == (1.5, -math.inf)
    assert under.to(Unit.parse("1/year")).rounding == -math.inf


# -- vintages -----------------------------------------------------------------------------------------------
def fact(value: float, month: str, year: int = 2009) -> Fact:
    return Fact("gdp", year, value, "100M yuan", 1.0, 0.0, month, month, "a source", "seen")


def test_the_last_vintage_up_to_a_month_counts_in_whatever_order_the_rows_stand() -> None:
    vintages = [fact(3.0, "2011-09"), fact(1.0, "2010-02"), fact(2.0, "2010-09")]
    for month, value in {"2010-02": 1.0, "2010-08": 1.0, "2010-09": 2.0, "2011-07": 2.0, "2011-09": 3.0}.items():
        assert known_by(vintages, month)["gdp"][2009].value == value
    assert known_by(vintages, "2010-01") == {}


def test_the_error_of_a_preliminary_figure_covers_what_its_revision_took_away(known: Mapping[str, Evidence]) -> None:
    early, late = known["july2011"].problem().observations, known["yearbook"].facts
    revised = [(f, g.to(Unit.parse(f.unit))) for f in early if (g := late[f.series][f.year]).vintage != f.vintage]
    assert {f.series for f, _ in revised} >= {"rd_expenditure", "rd_fte", "high_tech_value_added_share"}
    assert all(abs(f.value - g.value) < f.sd for f, g in revised)


def test_a_set_may_hold_facts_of_some_statuses_only() -> None:
    printed = Fact("gdp", 2009, 5.0, "100M yuan", 1.0, 0.0, "plan", "2010-01", "a plan", "plan")
    assert known_by([printed, fact(2.0, "2010-09")], "2010-12", ["plan"])["gdp"][2009] == printed


def test_a_fact_keeps_its_relative_error_in_another_unit() -> None:
    one = Fact("gdp", 2009, 3.0, "100M yuan", 0.3, 0.1, "", "2010-09", "a source", "seen").to(Unit.parse("yuan"))
    assert (one.value, one.sd, one.rounding) == pytest.approx((3e8, 3e7, 1e7))


def test_rewording_a_source_leaves_the_fingerprint_and_a_changed_sd_does_not() -> None:
    plain = {"gdp": {2009: fact(1.0, "2010-02")}}
    reworded = {"gdp": {2009: Fact("gdp", 2009, 1.0, "100M yuan", 1.0, 0.0, "v", "2010-02", "another", "recalled")}}
    widened = {"gdp": {2009: Fact("gdp", 2009, 1.0, "100M yuan", 1.1, 0.0, "v", "2010-02", "a source", "seen")}}
    assert fingerprint(plain) == fingerprint(reworded) != fingerprint(widened)


def test_a_plan_without_facts_is_refused(plan: Plan) -> None:
    from dataclasses import replace

    with pytest.raises(CalibrationError, match=r"observed\.csv: cannot be read: No such file"):
        posterior.evidence(replace(plan, name="thirteenth", file=""), None)
