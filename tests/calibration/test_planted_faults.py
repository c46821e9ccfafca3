"""A fault planted in one cell of a shipped table is refused with its row, what was found, and what was expected.

The tables are those of the twelfth plan, copied; the rows are found by what they say, and counted here from the file.
"""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import read_facts, read_records
from fiveyear.calibration.history import ratios, rises
from fiveyear.calibration.series import measures
from fiveyear.model import INDICATOR_FACTS, Model, Unit
from fiveyear.scenarios import Plan, ScenarioError, load_plan, plan_names
from fiveyear.scenarios.shipped import PLANS

Change = Mapping[str, str]


@pytest.fixture
def copied(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the plan's folder of facts and priors, which is read in its place."""
    place = tmp_path / "twelfth"
    shutil.copytree(plan.folder, place, ignore=shutil.ignore_patterns("*.nc", "__pycache__"))
    monkeypatch.setattr(Plan, "folder", property(lambda plan: place))
    return place


def changed(file: Path, chosen: Callable[[Mapping[str, str]], bool], change: Change) -> list[int]:
    """Change the rows that are chosen, in their file; give their numbers."""
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    numbers = []
    for number, row in enumerate(rows, start=2):
        if chosen(row):
            row.update(change)
            numbers.append(number)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return numbers


def of(series: str, year: str) -> Callable[[Mapping[str, str]], bool]:
    """Choose the rows of a series and year; of all years where that is "*"."""
    return lambda row: row["series"] == series and year in ("*", row["year"])


def first(series: str, year: str) -> Callable[[Mapping[str, str]], bool]:
    """Choose the first row of a series and year."""
    left = [True]
    return lambda row: of(series, year)(row) and bool(left) and left.pop()


# -- facts: one cell ------------------------------------------------------------------------------------------
FACTS: dict[str, tuple[str, str, Change, str]] = {
    "a misspelt series": ("gdp", "2009", {"series": "gpd"}, 'nothing reads a series called "gpd"; nearest is gdp'),
    "a blank before": ("rd_fte", "2009", {"series": " rd_fte"}, '" rd_fte"; nearest is rd_fte'),
    "capitals": ("citations", "2009", {"series": "Citations"}, '"Citations"; nearest is citations'),
    "a series of elsewhere": ("employed", "2006", {"series": "steel"}, '"steel"; or say kept for its status'),
    "a control sign": ("employed", "2006", {"series": "a\x1b[31m"}, "\\u001b"),
    "GDP below 0": ("gdp", "2007", {"value": "-265810.3"}, "gdp of 2007: found -265810 100M yuan, expected 1000 to"),
    "a GDP of 0": ("gdp", "2007", {"value": "0"}, "found 0 100M yuan, expected 1000 to"),
    "GDP in persons": ("gdp", "2007", {"unit": "person"}, 'unit is "person", expected one such as "yuan'),
    "GDP a year": ("gdp", "2007", {"unit": "100M yuan/year"}, 'unit is "100M yuan/year", expected one such as'),
    "GDP 1e8 too small": ("gdp", "2007", {"unit": "yuan"}, "found 246619 yuan, expected 1e+11 to 1e+15 yuan"),
    "GDP 1e4 too small": ("gdp", "2007", {"unit": "10k yuan"}, "expected 1e+07 to 1e+11 10k yuan"),
    "GDP 1e4 too large": ("gdp", "2007", {"value": "2658103000"}, "found 2.6581e+09 100M yuan"),
    "a digit of GDP lost": (
        "gdp",
        "2010",
        {"value": "39798.3"},
        "found 39798.3 100M yuan, 1/10 of what is expected by row",
    ),
    "growth of a share": ("gdp_real_growth", "2009", {"unit": "%"}, 'unit is "%", expected one such as "1/year"'),
    "growth of 920 %": ("gdp_real_growth", "2007", {"value": "142"}, "found 142 %/year, expected 0.01 to 100 %/year"),
    "growth of 0": ("gdp_real_growth", "2010", {"value": "0"}, "found 0 %/year, expected 0.01 to 100 %/year"),
    "a fall of five years": ("rd_fte_growth", "2010", {"value": "-60"}, "found -60 %/year, expected -50 to 100 %/year"),
    "growth below -50 %": ("gdp_real_growth", "2007", {"value": "-75.0"}, "found -75 %/year"),
    "people as 10k": ("population", "2006", {"unit": "person"}, "found 131448 person, expected 1e+06 to 1e+10 person"),
    "people in billions": ("population", "2006", {"unit": "1M person"}, "found 131448 1M person"),
    "people below 0": ("population", "2006", {"value": "-131448"}, "found -131448 10k person, expected 100 to"),
    "jobs in yuan": ("employed", "2008", {"unit": "yuan"}, 'unit is "yuan", expected one such as "person"'),
    "a tenth of all jobs": ("employed", "2008", {"value": "7548"}, "1/10 of"),
    "underscores": ("rd_fte", "2007", {"value": "17_3.6"}, "value '17_3.6' is not a number in plain digits"),
    "full-width digits": ("rd_fte", "2007", {"value": "１７３.６"}, "is not a number in plain digits"),
    "a comma in a number": ("rd_fte", "2007", {"value": "1,736"}, "value '1,736' is not a number in plain digits"),
    "a blank in a number": ("rd_fte", "2007", {"value": " 173.6"}, "is not a number in plain digits"),
    "a number too large": ("rd_fte", "2007", {"value": "1e999"}, "value '1e999' is not a number in plain digits"),
    "an sd with underscores": ("rd_fte", "2007", {"sd": "3_4"}, "sd '3_4' is not a number in plain digits"),
    "an sd in full width": ("rd_fte", "2007", {"sd": "３"}, "is not a number in plain digits"),
    "a rounding in full width": ("gdp_real_growth", "2007", {"rounding": "０.１"}, "rounding"),
    "a year in full width": ("rd_fte", "2007", {"year": "２００７"}, "year '２００７' is not a year"),
    "a year of the Han": ("rd_fte", "2007", {"year": "0207"}, "year '0207' is not a year"),
    "a month in full width": ("rd_fte", "2007", {"first_published": "２００８-10"}, "is not a month such as 2011-07"),
    "published in 2080": ("rd_fte", "2007", {"first_published": "2080-10"}, "is more than 10 years after 2010"),
    "a unit in full width": ("rd_fte", "2007", {"unit": "１０k person"}, "cannot read"),
    "a unit of no size": (
        "gdp",
        "2007",
        {"unit": "yuan*yuan/" + "9" * 400 + " yuan"},
        "is too large or too small for a",
    ),
    "a unit beyond floats": ("gdp", "2007", {"unit": "9" * 400 + " yuan"}, "is too large or too small for a number"),
    "an sd above its value": ("rd_fte", "2007", {"sd": "347.2"}, "sd 347.2 10k person, expected 0.001736 to 173.6"),
    "an sd 1e8 too small": ("gdp", "2007", {"sd": "2.466e-5"}, "sd 2.466e-05 100M yuan, expected 2.46619 to"),
    "an sd of growth of 300 %": ("rd_fte_growth", "2010", {"sd": "300"}, "sd 300 %/year, expected 0 to 75 beside 13"),
    "steps that do not fit": ("rd_intensity", "2010", {"rounding": "0.1"}, "1.75 % is not printed in steps of 0.1"),
    "R&D in yuan": ("rd_expenditure", "2008", {"unit": "yuan"}, "found 4616 yuan, expected 1e+08 to 1e+14 yuan"),
    "R&D with a digit lost": ("rd_expenditure", "2008", {"value": "461.6"}, "rd_expenditure of 2008: found 461.6"),
    "the last figure times 10": (
        "industrial_revenue",
        "2010",
        {"value": "69774.4"},
        "1/8 of what is expected by row 78, row 79",
    ),
    "the first figure times 10": (
        "rd_expenditure_basic",
        "2005",
        {"value": "1312"},
        "9 times what is expected by row",
    ),
    "one of three": ("civic_scientific_literacy", "2007", {"value": "22.5"}, "11 times what is expected by row"),
    "growth of nothing": ("rd_fte_growth", "2010", {"value": "1.3e-7"}, "is not printed in steps of 1"),
    "R&D a hundred times": ("rd_expenditure", "2008", {"value": "461600"}, "99 times what is expected by"),
    "R&D intensity of 175 %": ("rd_intensity", "2010", {"value": "175"}, "found 175 %, expected 0.01 to 10 %"),
    "R&D intensity as share": ("rd_intensity", "2010", {"unit": "share"}, "found 1.75 share, expected 0.0001 to 0.1"),
    "a share of 900 %": ("high_tech_value_added_share", "2006", {"value": "900"}, "found 900 %, expected 1 to 60 %"),
    "a share as a number": ("high_tech_value_added_share", "2006", {"value": "0.1412"}, "found 0.1412 %"),
    "older than 900 %": ("share_in_force_older_than_5_years", "2010", {"value": "900"}, "found 900 %, expected more"),
    "literacy of 500 %": ("civic_scientific_literacy", "2007", {"value": "500"}, "found 500 %, expected 0.1 to 100 %"),
    "literacy below 0": ("civic_scientific_literacy", "2007", {"value": "-2.25"}, "found -2.25 %, expected 0.1"),
    "literacy as a share": ("civic_scientific_literacy", "2007", {"value": "0.0225"}, "found 0.0225 %"),
    "a place of -4": ("citation_rank", "2009", {"value": "-4"}, "found -4 rank, expected 1 to 200 rank"),
    "a place of 0": ("citation_rank", "2009", {"value": "0"}, "found 0 rank, expected 1 to 200 rank"),
    "a place of 900": ("innovation_rank", "2010", {"value": "900"}, "found 900 rank, expected 1 to 200 rank"),
    "a place in per cent of yuan": ("citation_rank", "2009", {"unit": "100M yuan"}, 'unit is "100M yuan", expected'),
    "a base of -33": ("rd_fte_per_10k_employed", "2010", {"value": "-33"}, "found -33 person/10k person, expected 0.1"),
    "a base of 3,300": ("rd_fte_per_10k_employed", "2010", {"value": "3300"}, "found 3300 person/10k person"),
    "grants below 0": ("invention_grants_domestic", "2007", {"value": "-31945"}, "found -31945 patent, expected 0.5"),
    "grants 1e8 too small": ("invention_grants_domestic", "2007", {"value": "0.00031945"}, "expected 0.5 to 1e+07"),
    "grants as applications": ("invention_grants_domestic", "2007", {"unit": "application"}, 'unit is "application"'),
    "grants in 10k": (
        "invention_grants_domestic",
        "2007",
        {"value": "3.1945", "sd": "0.03"},
        "found 3.1945 patent, 1/",
    ),
    "applications of none": ("invention_applications_total", "2006", {"value": "0"}, "found 0 application"),
    "patents in force in M": ("invention_patents_in_force", "2009", {"unit": "1M patent"}, "found 180042 1M patent"),
    "contracts in yuan": ("technology_market_value", "2007", {"unit": "yuan"}, "found 2226.5 yuan, expected 1e+08"),
    "contracts below 0": ("technology_market_value", "2007", {"value": "-2226.5"}, "found -2226.5 100M yuan"),
    "contracts times 10": ("technology_market_value", "2007", {"value": "22265"}, "found 22265 100M yuan, 10 times"),
    "papers for 10k papers": ("sci_papers", "2008", {"unit": "paper"}, "found 11.67 paper, expected 1000 to 1e+07"),
    "citations for M": ("citations", "2009", {"unit": "citation"}, "found 3.404 citation, expected 10000 to 1e+09"),
    "graduates for M": ("se_first_degrees", "2007", {"value": "1.031911"}, "found 1.03191 person, expected 1000"),
    "a multiple of 2,800": (
        "rd_expenditure_multiple",
        "2010",
        {"value": "2800"},
        "found 2800 1, expected 0.03125 to 32",
    ),
    "growth of 2,570 %": ("invention_applications_domestic_growth", "2010", {"value": "257"}, "found 257 %/year"),
    "a bound below 0": ("citations_over_italy", "2010", {"value": "<=-1"}, "found -1 1, expected 1e-05 to 100000 1"),
    "a bound with _": ("citations_over_italy", "2010", {"value": "<=1_0"}, "value '<=1_0' is not a number in plain"),
    "no status of these": (
        "gdp",
        "2007",
        {"status": "keep"},
        "status 'keep' is not one of seen, recalled, derived, plan",
    ),
    "a source of blanks": ("gdp", "2007", {"source": "  "}, "no source"),
}


@pytest.mark.parametrize("fault", FACTS)
def test_a_fault_in_a_fact_is_refused_with_its_row_and_what_it_is(
    copied: Path, plan: Plan, model: Model, fault: str
) -> None:
    series, year, change, message = FACTS[fault]
    number = changed(copied / "observed.csv", first(series, year), change)[0]
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "july2011")
    assert refused.value.title.endswith("observed.csv")
    (told,) = refused.value.faults
    assert told.startswith(f"row {number}: ")
    assert message in told


def test_more_figures_of_a_series_than_anybody_has_are_refused_at_once(copied: Path, plan: Plan) -> None:
    file = copied / "observed.csv"
    more = [f"gdp,2009,340506.9,100M yuan,3405,,v{i},2011-01,a yearbook,seen" for i in range(20_000)]
    file.write_text(file.read_text(encoding="utf-8") + "\n".join(more) + "\n", encoding="utf-8")
    start = time.process_time()
    with pytest.raises(CalibrationError, match=r"has 1 fault:\n  row [0-9]+: more than 100 figures of gdp$"):
        read_facts(file, plan.base_year, plan.model)
    assert time.process_time() - start < 20.0  # some 2; minutes if each were compared with each


# -- facts: a whole series ------------------------------------------------------------------------------------
SERIES: dict[str, tuple[str, Change, str]] = {
    "R&D in 10k yuan": ("rd_expenditure", {"unit": "10k yuan"}, "expected 10000 to 1e+10 10k yuan"),
    "R&D in yuan": ("rd_expenditure", {"unit": "yuan"}, "expected 1e+08 to 1e+14 yuan"),
    "GDP in thousands": ("gdp", {"unit": "1k yuan"}, "expected 1e+08 to 1e+12 1k yuan"),
    "a population in M": ("population", {"unit": "1M person"}, "found 129988 1M person, expected 1 to 10000 1M person"),
    "budgets in M": ("fiscal_expenditure", {"unit": "1M yuan"}, "found 33930.3 1M yuan, expected 100000 to 1e+09 1M"),
    "a budget above GDP": ("fiscal_expenditure", {"unit": "1G yuan"}, "fiscal_share of 2005 would be 1.8"),
    "researchers in persons": ("rd_fte", {"unit": "person"}, "found 115.26 person, expected 10000 to 1e+07 person"),
    "researchers in M": ("rd_fte", {"unit": "1M person"}, "expected 0.01 to 10 1M person"),
    "firms' funds above all": ("rd_funds_enterprise", {"unit": "1G yuan"}, "other_rd_intensity of 2005 would be -0.07"),
}


@pytest.mark.parametrize("fault", SERIES)
def test_a_whole_series_in_a_wrong_unit_is_refused_by_its_size_or_by_what_it_makes(
    copied: Path, plan: Plan, model: Model, fault: str
) -> None:
    series, change, message = SERIES[fault]
    numbers = changed(copied / "observed.csv", of(series, "*"), change)
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "yearbook")
    told = [f for f in refused.value.faults if message in f]
    assert told
    assert any(f"row {number}" in fault for number in numbers for fault in told)


def test_what_a_series_makes_is_refused_with_the_rows_that_make_it(copied: Path, plan: Plan, model: Model) -> None:
    (number,) = changed(copied / "observed.csv", of("fiscal_expenditure", "2008"), {"value": "350000"})
    (gdp,) = changed(
        copied / "observed.csv",
        lambda row: of("gdp", "2008")(row) and row["first_published"] == "2010-09",
        {},
    )
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "july2011")
    # 350,000 over 314,045.4
    said = f"row {number} (fiscal_expenditure), row {gdp} (gdp): fiscal_share of 2008 would be 1.11449, expected 0 to 1"
    assert refused.value.faults == [f"{said} share"]


# -- facts: rows that are only kept -----------------------------------------------------------------------------
def test_a_row_that_is_only_kept_may_be_of_any_series_and_is_read_by_nothing(
    copied: Path, plan: Plan, model: Model
) -> None:
    before = posterior.evidence(plan, "july2011").identity
    file = copied / "observed.csv"
    rows = (
        "steel,2007,4.9,100M person,0.1,,final,2008-09,a yearbook,kept\ngdp,2007,1,yuan,5,,mine,2008-09,a note,kept\n"
    )
    file.write_text(file.read_text(encoding="utf-8") + rows, encoding="utf-8")
    assert "steel" not in {fact.series for fact in read_facts(file, plan.base_year, plan.model)}
    assert posterior.evidence(plan, "july2011").identity == before


def test_the_form_of_a_row_that_is_only_kept_is_looked_at(copied: Path, plan: Plan) -> None:
    file = copied / "observed.csv"
    changed(file, first("gdp", "2007"), {"status": "kept", "value": "1_0"})
    with pytest.raises(CalibrationError, match="value '1_0' is not a number in plain digits"):
        read_facts(file, plan.base_year, plan.model)


# -- the registry of series -------------------------------------------------------------------------------------
def test_a_series_has_a_measure_if_and_only_if_something_reads_it(model: Model) -> None:
    parts = [n for past in model.histories.values() for n in past.facts]
    of_ratios = [n for ratio in ratios(model).values() for n in (ratio.numerator, ratio.denominator) if n]
    compared = [n for n, observation in model.observations.items() if observation.readings]
    assert set(measures(model)) == {*parts, *of_ratios, *compared, *ratios(model), *rises(model)}


def test_a_measure_is_of_the_dimension_that_the_model_compares_it_in(model: Model) -> None:
    rise_of = rises(model)
    for name, observation in model.observations.items():
        if not observation.readings:
            continue
        top, *bottom = observation.readings
        unit = rise_of[name].unit if name in rise_of else top.unit(model.units[top.variable])
        for reading in bottom:
            unit = unit / reading.unit(model.units[reading.variable])
        assert measures(model)[name].unit.converts_to(unit), name
    for name in INDICATOR_FACTS:
        assert measures(model)[name].unit.converts_to(Unit.parse(model.indicators[name].unit)), name


@pytest.mark.parametrize("name", plan_names())
def test_every_shipped_table_passes_and_lies_well_within_its_measures(name: str) -> None:
    plan = load_plan(name)
    facts = read_facts(plan.folder / "observed.csv", plan.base_year, plan.model)
    assert len(facts) > 50
    kept = read_records(plan.folder / "record_of_targets.csv", plan.model)
    assert kept or name == "korea577"  # of whose earlier plans none is kept
    for fact in facts:
        measure = measures(plan.model)[fact.series]
        value = fact.value * Unit.parse(fact.unit).factor_to(measure.unit)
        assert measure.low <= value <= measure.high


# -- the record of earlier targets ------------------------------------------------------------------------------
RECORDS: dict[str, tuple[Change, str]] = {
    "a misspelt indicator": (
        {"indicator": "rd_intensty"},
        'no indicator is called "rd_intensty"; nearest is rd_intensity',
    ),
    "a unit of people": ({"unit": "person"}, 'rd_intensity: unit is "person", expected "%"'),
    "a unit of nobody": ({"unit": "percent"}, 'cannot read "percent"'),
    "a target below 0": ({"target": "-1.5"}, "target of rd_intensity: found -1.5 %, expected 0.01 to 10 %"),
    "a base of 900 %": ({"base": "900"}, "base of rd_intensity: found 900 %, expected 0.01 to 10 %"),
    "shares for per cent": ({"unit": "share"}, "base of rd_intensity: found 1 share, expected 0.0001 to 0.1 share"),
    "an outcome of 0": ({"outcome": "0"}, "outcome of rd_intensity: found 0 %, expected 0.01"),
    "an outcome as a share": ({"outcome": "0.0134"}, "outcome of rd_intensity: found 0.0134 %, beside a base of 1"),
    "an outcome with _": ({"outcome": "1_34"}, "outcome '1_34' is not a number in plain digits"),
    "a base in full width": ({"base": "１.0"}, "is not a number in plain digits"),
    "no outcome": ({"outcome": ""}, "outcome '' is not a number in plain digits"),
    "a NaN": ({"target": "nan"}, "target 'nan' is not a number in plain digits"),
    "no rise": ({"target": "1.00"}, "target of rd_intensity: found 1 %, its base; expected a rise or a fall"),
    "years of one": ({"years": "2001"}, "years '2001' are not those of a plan, such as 2006-2010"),
    "years the wrong way": ({"years": "2005-2001"}, "years '2005-2001' are not those of a plan"),
    "known before": ({"first_published": "2004-10"}, "first_published 2004-10 is before 2005"),
    "no month": ({"first_published": "2006"}, "first_published '2006' is not a month such as 2011-07"),
    "no status": ({"status": "guessed"}, "status 'guessed' is not one of seen, recalled, derived, plan"),
    "no source": ({"source": " "}, "no source"),
}


@pytest.mark.parametrize("fault", RECORDS)
def test_a_fault_in_the_record_of_targets_is_refused_with_its_row(
    copied: Path, plan: Plan, model: Model, fault: str
) -> None:
    change, message = RECORDS[fault]
    (number,) = changed(copied / "record_of_targets.csv", lambda row: row["plan"] == "10th", change)
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "july2011")
    assert refused.value.title.endswith("record_of_targets.csv")
    assert any(told.startswith(f"row {number}: ") and message in told for told in refused.value.faults)


def test_a_record_with_other_columns_is_refused(copied: Path, plan: Plan, model: Model) -> None:
    (copied / "record_of_targets.csv").write_text("indicator,base\nrd_intensity,1\n", encoding="utf-8")
    with pytest.raises(CalibrationError, match="columns are indicator, base; expected indicator, plan, years"):
        posterior.evidence(plan, "july2011")


# -- priors -----------------------------------------------------------------------------------------------------
PRIORS: dict[str, tuple[str, str, str]] = {
    "a misspelt parameter": (
        "[parameters.hiring_time]",
        "[parameters.hirring_time]",
        "parameters.hirring_time: the model has no such parameter; nearest is hiring_time",
    ),
    "a misspelt Series": (
        "[outlook.population]",
        "[outlook.populaton]",
        "outlook.populaton: the model has no such series; nearest is population",
    ),
    "a misspelt past": ("[past.employed.", "[past.employd.", "past.employd: the model has no such series; nearest is"),
    "a misspelt key": (
        "median = 1.2e6",
        "medain = 1.2e6",
        "parameters.researchers_at_start.medain: no such key; nearest is median",
    ),
    "a misspelt key of an outlook": (
        "yearly_sd = 1.8",
        "yearly_ds = 1.8",
        "yearly_ds: no such key; nearest is yearly_sd",
    ),
    "a missing key": ("mean = 0.35\n", "", "parameters.cost_elasticity.mean: missing"),
    "a mean outside": (
        "mean = 0.7\nsd = 0.15",
        "mean = 7\nsd = 0.15",
        "research_elasticity.mean: found 7 1, expected 0 to 2 1",
    ),
    "a median as persons": (
        "median = 1.2e6",
        "median = 120",
        "median: found 120 person, expected 10000 to 1e+07 person",
    ),
    "a median 1e8 too small": (
        "median = 2.8e11",
        "median = 2800",
        "found 2800 yuan/year, expected 1e+08 to 1e+14 yuan",
    ),
    "a share as per cent": (
        "mean = 0.88",
        "mean = 88",
        "parameters.mainland_share.mean: found 88 share, expected 0 to 1 share",
    ),
    "a negative median": ("median = 0.75", "median = -0.75", "Input should be greater than 0; found -0.75"),
    "an sd as wide as the range": (
        'sd = 0.03\nunit = "1/year"\nsource = "Hall',
        'sd = 3.0\nunit = "1/year"\nsource = "Hall',
        "obsolescence_rate.sd: found 3 1/year: the whole hard range",
    ),
    "an sd of nothing": (
        "mean = 0.88\nsd = 0.01",
        "mean = 0.88\nsd = 1e-9",
        "mainland_share.sd: found 1e-09 share, expected",
    ),
    "a sigma of nothing": (
        "sigma = 0.10",
        "sigma = 1e-6",
        "researchers_at_start.sigma: Input should be greater than or equal to 0.001",
    ),
    "a median of nothing": ("median = 0.04", "median = 4e-9", "young_lapse_rate.median: found 4e-09 1/year, expected"),
    "a sigma as per cent": (
        "sigma = 0.10",
        "sigma = 10",
        "researchers_at_start.sigma: Input should be less than or",
    ),
    "an end outside": (
        "low = 0.25\nhigh = 0.40",
        "low = 0.25\nhigh = 40.0",
        "high_tech_share_ceiling.high: found 40 share, expected 0.25",
    ),
    "a growth of shares": (
        "mean = 9.2\nsd = 2.5",
        "mean = 920.0\nsd = 2.5",
        "outlook.gdp_real.mean: found 920 %/year, expected -50",
    ),
    "a growth without a year": (
        'kind = "growth"\nunit = "%/year"',
        'kind = "growth"\nunit = "%"',
        "outlook.gdp_real.unit: is %, expected",
    ),
    "an sd of 200 % a year": (
        "sd = 2.5",
        "sd = 200.0",
        "outlook.gdp_real.sd: found 200 %/year, expected at most 100 %/year",
    ),
    "a shock of 200 % a year": (
        "yearly_sd = 1.8",
        "yearly_sd = 200.0",
        "outlook.gdp_real.yearly_sd: found 200 %/year, expected at most 100 %/year",
    ),
    "growth without shocks": (
        "yearly_sd = 1.8",
        "yearly_sd = 0.0",
        "outlook.gdp_real.yearly_sd: Input should be greater than 0; found 0.0",
    ),
    "a change of 20 points": (
        "mean = -0.2\nsd = 0.3",
        "mean = -20.0\nsd = 0.3",
        "outlook.manufacturing_share.mean: found -20 %/year",
    ),
    "a past of 920 %": (
        "mean = 9.2\nsd = 3.0",
        "mean = 920.0\nsd = 3.0",
        "past.gdp_real.growth.mean: found 920 %/year",
    ),
    "a past level of a million": (
        "median = 1.0e6\nsigma = 0.5",
        "median = 1.0\nsigma = 0.5",
        "past.graduates.level.median: found 1 person/year, expected 1000",
    ),
    "a past in no unit": (
        'mean = 9.2\nsd = 3.0\nunit = "%/year"',
        'mean = 9.2\nsd = 3.0\nunit = "percent"',
        'past.gdp_real.growth.unit: unit "percent"',
    ),
    "a surprise of no year": (
        "yearly_sd = 0.0425\n",
        "",
        "surprises.cost_surprise.yearly_sd: missing",
    ),
    "a surprise of no epoch": (
        "epoch_sd = 0.0375\n",
        "",
        "surprises.cost_surprise.epoch_sd: missing",
    ),
    "a surprise that retains nothing said": (
        "retained = 0.65\n",
        "",
        "surprises.cost_surprise.retained: missing",
    ),
    "a misspelt key of a surprise": (
        "retained_sd = 0.2",
        "retaind_sd = 0.2",
        "surprises.cost_surprise.retaind_sd: no such key; nearest is retained_sd",
    ),
    "a negative sd of a year": (
        "yearly_sd = 0.0425",
        "yearly_sd = -0.0425",
        "surprises.cost_surprise.yearly_sd: Input should be greater than 0; found -0.0425",
    ),
    "a negative sd of an epoch": (
        "epoch_sd = 0.0375",
        "epoch_sd = -0.0375",
        "surprises.cost_surprise.epoch_sd: Input should be greater than or equal to 0; found -0.0375",
    ),
    "a negative sd of a share": (
        "retained_sd = 0.2",
        "retained_sd = -0.2",
        "surprises.cost_surprise.retained_sd: Input should be greater than or equal to 0; found -0.2",
    ),
    "more retained than there was": (
        "retained = 0.65",
        "retained = 2.0",
        "surprises.cost_surprise.retained: Input should be less than or equal to 1; found 2.0",
    ),
    "a surprise in per cent": (
        'unit = "1/year"\nyearly_sd = 0.0425',
        'unit = "%/year"\nyearly_sd = 4.25',
        "surprises.cost_surprise.unit: is %/year, expected 1/year",
    ),
    "a surprise without a year": (
        'unit = "1/year"\nyearly_sd = 0.0425',
        'unit = "share"\nyearly_sd = 0.0425',
        "surprises.cost_surprise.unit: is share, expected 1/year",
    ),
    "shocks of a tenth of the range": (
        "yearly_sd = 0.0425",
        "yearly_sd = 4.25",
        "surprises.cost_surprise.yearly_sd: found 4.25 1/year, expected 0.0004 to 0.4 1/year",
    ),
    "drifts of a tenth of the range": (
        "epoch_sd = 0.0375",
        "epoch_sd = 3.75",
        "surprises.cost_surprise.epoch_sd: found 3.75 1/year, expected 0 to 0.4 1/year",
    ),
    "a misspelt surprise": (
        "[surprises.cost_surprise]",
        "[surprises.cost_suprise]",
        "surprises.cost_suprise: the model has no such series; nearest is cost_surprise",
    ),
    "a surprise as a distribution": (
        "yearly_sd = 0.0425",
        'distribution = "normal"',
        "surprises.cost_surprise.distribution: no such key; known are assumed, epoch_sd, retained, retained_sd,",
    ),
    "a discrepancy": (
        "[outlook.gdp_real]",
        "[discrepancy]\nscale = 0.03\n\n[outlook.gdp_real]",
        "discrepancy: no such key; known are information_sets, outlook, parameters, past, surprises",
    ),
    "a month in full width": ('"2011-07"  #', '"２０１１-07"  #', "information_sets.july2011.by: String should match"),
    "a set called ..": (
        "[information_sets.plan-only]",
        '[information_sets."../x"]',
        'information_sets: its name, "../x"',
    ),
    "a set of no status": (
        'statuses = ["plan"]',
        "statuses = []",
        "information_sets.plan-only.statuses: List should have at least",
    ),
    "a set of kept rows": (
        'statuses = ["plan"]',
        'statuses = ["kept"]',
        "information_sets.plan-only.statuses.0: Input should be",
    ),
    "following a misspelt name": (
        'follows = "gdp_real"',
        'follows = "gdp_reel"',
        "gdp_reel has no outlook of its own; nearest is gdp_real",
    ),
    "a source of blanks": ('source = "Hall, Mairesse & Mohnen 2010"', 'source = "  "', "give either source or assumed"),
    "a number of 5,000 digits": (
        "median = 1.2e6",
        "median = " + "9" * 5000,
        "cannot be read: a whole number in it has",
    ),
}


@pytest.mark.parametrize("fault", PRIORS)
def test_a_fault_in_the_priors_is_refused_with_its_key(copied: Path, plan: Plan, model: Model, fault: str) -> None:
    right, wrong, message = PRIORS[fault]
    file = copied / "priors.toml"
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "july2011")
    assert refused.value.title.endswith("priors.toml")
    assert any(message in told for told in refused.value.faults), refused.value


def test_a_surprise_as_it_was_written_before_is_refused_with_all_that_it_lacks(
    copied: Path, plan: Plan, model: Model
) -> None:
    file = copied / "priors.toml"
    before, after = file.read_text(encoding="utf-8").split("[surprises.cost_surprise]")
    old = 'distribution = "normal"\nmean = 0.0\nsd = 0.1\nunit = "1/year"\nassumed = "a test"\n\n'
    rest = after[after.index("[surprises.") :]
    file.write_text(f"{before}[surprises.cost_surprise]\n{old}{rest}", encoding="utf-8")
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "july2011")
    lacking = {f"{n}: missing" for n in ("yearly_sd", "epoch_sd", "retained", "retained_sd")}
    too_much = {f"{n}: no such key; known are assumed" for n in ("distribution", "mean", "sd")}
    told = {fault.removeprefix("surprises.cost_surprise.").split(",")[0] for fault in refused.value.faults}
    assert told == lacking | too_much


def test_a_set_before_all_facts_is_refused(copied: Path, plan: Plan, model: Model) -> None:
    file = copied / "priors.toml"
    text = file.read_text(encoding="utf-8").replace('july2011 = "2011-07"', 'july2011 = "1999-07"')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"information_sets\.july2011: no fact .* had been published by 1999-07"):
        posterior.evidence(plan, "july2011")


def test_a_fault_of_form_in_the_priors_hides_no_fault_of_size(copied: Path, plan: Plan, model: Model) -> None:
    file = copied / "priors.toml"
    text = (
        file.read_text(encoding="utf-8").replace("median = 1.2e6", "medain = 1.2e6").replace("mean = 0.88", "mean = 88")
    )
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError) as refused:
        posterior.evidence(plan, "july2011")
    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "parameters.researchers_at_start.median",
        "parameters.researchers_at_start.medain",
        "parameters.mainland_share.mean",
    ]


def test_the_faults_of_one_file_hide_those_of_no_other(copied: Path, plan: Plan, model: Model) -> None:
    changed(copied / "observed.csv", first("gdp", "2007"), {"value": "-1"})
    changed(copied / "record_of_targets.csv", lambda row: row["plan"] == "10th", {"target": "-1.5"})
    with pytest.raises(CalibrationError, match="twelfth has 2 faults") as refused:
        posterior.evidence(plan, "july2011")
    assert [fault.split(": ")[0] for fault in refused.value.faults] == ["observed.csv", "record_of_targets.csv"]


# -- targets ----------------------------------------------------------------------------------------------------
TARGETS: dict[str, tuple[str, str, str]] = {
    "a target of -43": (
        "value = 43",
        "value = -43",
        "found -43 person/10k person, expected 0.1 to 1000 person/10k person",
    ),
    "a base of -33": ("base = 33", "base = -33", "targets.rd_fte_per_10k_employed.base: found -33 person/10k person"),
    "literacy of 500 %": ('value = 5\nunit = "%"', 'value = 500\nunit = "%"', "found 500 %, expected 0.1 to 100 %"),
    "a place of -4": ('value = 5\nunit = "rank"', 'value = -4\nunit = "rank"', "found -4 rank, expected 1 to 200 rank"),
    "a place of 0": ("base = 8", "base = 0", "targets.citation_rank.base: found 0 rank, expected 1 to 200 rank"),
    "a share of 900 %": ('value = 18\nunit = "%"', 'value = 900\nunit = "%"', "found 900 %, expected 1 to 60 %"),
    "R&D intensity as a share": (
        "value = 2.2",
        "value = 0.1",
        "found 0.1 %, 1/18 of its base, of 1.75 %: did you mean 1 %?",
    ),
    "R&D intensity of 22 %": (
        "value = 2.2",
        "value = 22",
        "targets.rd_intensity.value: found 22 %, expected 0.01 to 10 %",
    ),
    "contracts in 10k": ("value = 8000", "value = 80000000", "found 8e+07 100M yuan, expected 1 to 1e+06 100M yuan"),
    "contracts times 10": (
        "value = 8000",
        "value = 80000",
        "found 80000 100M yuan, 20 times its base, of 3,906 100M yuan",
    ),
    "a contribution of 5,500 %": ("value = 55", "value = 5500", "found 5500 %, expected -200 to 200 %"),
    "steps that do not fit": (
        "value = 2.2",
        "value = 2.25",
        "targets.rd_intensity.rounding: found 0.1 %, and 2.25 is not",
    ),
    "steps larger than the number": ("rounding = 1\n", "rounding = 100\n", "rounding: found 100 person/10k person"),
    "steps beyond all": (
        "rounding = 1\n",
        "rounding = 1e308\n",
        "rounding: found 1e+308 person/10k person, expected",
    ),
    "steps of nothing": (
        "rounding = 0.1\n",
        "rounding = 1e-9\n",
        "rounding: found 1e-09 %, expected 2.2e-05 to 0.999",
    ),
    "a misspelt indicator": ('"citation_rank"', '"citaton_rank"', "no such indicator; nearest is citation_rank"),
    "another dimension": ('unit = "patent/10k person"', 'unit = "100M yuan"', 'unit is "100M yuan", the model takes'),
}


@pytest.mark.parametrize("fault", TARGETS)
def test_a_fault_in_a_target_is_refused_with_its_key(tmp_path: Path, fault: str) -> None:
    right, wrong, message = TARGETS[fault]
    text = (PLANS / "twelfth" / "plan.toml").read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "own.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_plan(str(file))
    assert any(message in told and told.startswith("targets.") for told in refused.value.faults), refused.value


def test_a_target_that_is_said_to_be_unusual_passes(tmp_path: Path) -> None:
    text = (PLANS / "twelfth" / "plan.toml").read_text(encoding="utf-8")
    file = tmp_path / "own.toml"
    file.write_text(text.replace("value = 8000", "value = 80000\nunusual = true", 1), encoding="utf-8")
    assert load_plan(str(file)).targets[5].value == 80_000
