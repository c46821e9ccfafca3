"""What is asked of a portfolio, held against its replications; and the command."""

from __future__ import annotations

import csv
import json
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.page.comma_separated import drawn
from fiveyear.experiments.page.figure import write_files
from fiveyear.experiments.programmes import bottlenecks, dates
from fiveyear.experiments.programmes.replication import RAMPS
from fiveyear.experiments.programmes.study import Study, figures, study
from fiveyear.model.programmes.diffusion import ramped
from fiveyear.scenarios import load_plan, load_scenario
from fiveyear.scenarios.programme import load_portfolio

Run = Callable[..., Any]
DRAWS = 120


@cache
def of(*names: str, draws: int = DRAWS) -> Study:
    portfolio, asked = load_portfolio(load_plan("twelfth"), names)
    return study(ensemble(load_scenario("plan"), None, 2011), portfolio, asked, draws, 1)


def test_a_probability_is_the_share_of_draws_that_are_in_time() -> None:
    found = of("oil_and_gas", "nuclear_power")
    for answer in found.answers:
        place = [f.id for _, f in figures(found.portfolio)].index(answer.figure.id)
        due = 2013 if answer.figure.id == "S057" else 2015
        in_time = found.replications.met[:, place] < due + 1
        assert answer.probability.value == np.mean(in_time)
        if answer.figure.modelled_as != "diffusion":
            assert np.array_equal(in_time, found.replications.level[:, place] >= (answer.figure.low or np.nan))


def test_only_what_is_asked_for_is_answered_though_more_is_simulated() -> None:
    found = of("oil_and_gas")
    assert "machine_tools" in found.portfolio.programmes
    assert {a.programme for a in found.answers} == {"oil_and_gas"}
    assert set(found.ends()) == {"oil_and_gas"}


def test_the_money_is_that_of_the_scenarios_government() -> None:
    plan, more = (
        study(ensemble(load_scenario(name), None, 2011), *load_portfolio(load_plan("twelfth"), ["smart_grid"]), 20, 1)
        for name in ("plan", "government_led")
    )
    assert np.array_equal(plan.government[:, :6], more.government[:, :6])  # history
    assert np.all(more.government[:, -1] > plan.government[:, -1])


def test_a_number_that_moves_a_probability_most_is_the_one_that_decides_it() -> None:
    (answer,) = of("agriculture", draws=300).answers
    first = answer.sensitivity[0]
    assert (first.key, first.low, first.high) == ("diffusions.S112.base", 0.0, 1.0)


def test_a_ramp_of_none_is_left_out_of_the_share_of_the_core() -> None:
    found = of("biomaterials")
    off, high = (found.coupled()[ramp] for ramp in ("off", "high"))
    gain = 100.0 * found.replications.added[:, 1, -1] / found.high_tech["manufacturing_value_added"]
    shares = found.high_tech["high_tech_value_added_share"]
    assert off["share"]["median"] == np.quantile(shares, 0.5, method="inverted_cdf")
    assert high["share"]["median"] == np.quantile(shares + gain, 0.5, method="inverted_cdf")


def test_ramps_are_those_of_the_model() -> None:
    assert ramped(np.array([2011.0]), np.array([2013.0]), RAMPS["high"])[0] == 1.0
    assert ramped(np.array([2011.0]), np.array([2013.0]), RAMPS["low"])[0] == 0.5


def test_the_numbers_are_counted_and_those_of_platforms_with_them() -> None:
    assumed, total = of("oil_and_gas").share_assumed()
    numbers = of("oil_and_gas").portfolio.programmes["oil_and_gas"].numbers
    assert total == len(numbers) + 1  # test sites
    assert assumed == total
    some, of_all = of("nuclear_power").share_assumed()
    assert 0 < some < of_all


@pytest.mark.parametrize("module", [dates, bottlenecks])
def test_every_figure_fits_a_column_a_page_and_a_slide(module: Any, tmp_path: Path, fits: Any) -> None:
    found = of("oil_and_gas", "nuclear_power", "seed_industry", "agriculture", "biomanufacturing", "biomaterials")
    assert fits(lambda: module.drawing(found)) == []
    assert pickle.loads(pickle.dumps(module.drawing(found).figure))
    written = write_files(tmp_path / "x.png", *module.drawing(found))
    assert [f.suffix for f in written] == [".png", ".pdf", ".csv"]


@pytest.mark.slow
@pytest.mark.parametrize("module", [dates, bottlenecks])
def test_a_figure_of_all_programmes_fits_a_column_a_page_and_a_slide(module: Any, fits: Any) -> None:
    assert fits(lambda: module.drawing(of(draws=40))) == []


def test_the_title_counts_the_figures_that_are_more_likely_than_not_in_time() -> None:
    found = of("oil_and_gas", "nuclear_power", "seed_industry", "agriculture")
    likely = sum(a.probability.value >= 0.5 for a in found.answers)
    assert dates.drawing(found).figure.args[0].title.startswith(f"{likely} of {len(found.answers)} figures")  # type: ignore[attr-defined]


def test_where_not_all_fit_each_programme_keeps_its_least_likely_figure() -> None:
    rows = [
        dates.Row(p, "", "", None, (), 2016.0, chance) for p, chance in (("a", 0.9), ("a", 0.2), ("b", 0.8), ("a", 0.5))
    ]
    assert [(r.programme, r.probability) for r in dates.chosen(rows, 2)] == [("a", 0.2), ("b", 0.8)]
    assert [(r.programme, r.probability) for r in dates.chosen(rows, 3)] == [("a", 0.2), ("b", 0.8), ("a", 0.5)]
    assert dates.chosen(rows, 9) == rows


@pytest.mark.parametrize(
    ("low", "high", "unit", "comparator", "words"),
    [
        (100.0, None, "100M yuan/year", ">=", "≥ 10 billion yuan / year"),
        (20.0, None, "10k person", "about", "about 200,000 person"),
        (8.0, 10.0, "%", ">=", "≥ 8-10 %"),
    ],
)
def test_a_promise_is_written_in_plain_numbers(
    low: float, high: float | None, unit: str, comparator: str, words: str
) -> None:
    promise = replace(of("agriculture").answers[0].figure, low=low, high=high, unit=unit, comparator=comparator)
    assert dates.promised(promise, load_plan("twelfth").country) == words


def test_the_dates_drawn_are_those_of_the_answers(tmp_path: Path) -> None:
    found = of("oil_and_gas")
    rows = list(csv.DictReader(drawn(dates.table(found)).decode().splitlines()))
    for row, answer in zip(rows, found.answers, strict=True):
        assert row["figure"] == answer.figure.id
        assert row["median"] == ("" if answer.met["median"] is None else f"{answer.met['median']:.10g}")


# -- the command --------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_command_gives_one_object_and_all_files(fiveyear: Run, tmp_path: Path) -> None:
    ended = fiveyear(
        "programmes",
        "reach",
        "biomass",
        "nuclear_power",
        "--draws",
        "40",
        "--workers",
        "1",
        "--json",
        "--out",
        tmp_path,
    )
    assert ended.code == 0
    content = json.loads(ended.out)
    assert content["schema"] == "fiveyear.programmes-reach/1"
    rows = {row["id"]: row for row in content["figures"]}
    assert set(rows) == {"S056", "S057", "S105"}
    assert rows["S056"]["width"] is None
    assert rows["S105"]["width"]["unhindered"] > 0
    data = xr.load_dataset(tmp_path / "programmes.nc")
    met = data["reached"].sel(figure="S105").values
    assert rows["S105"]["probability"] == np.mean(met < 2016.0)
    assert data["projects"].sum("end").min() >= 1.0
    events = list(csv.DictReader((tmp_path / "programmes_events.csv").read_text().splitlines()))
    assert {"started", "appropriated"} <= {e["what"] for e in events}
    again = fiveyear("programmes", "reach", "biomass", "--draws", "40", "--out", tmp_path)
    assert again.code == 2
    assert "exists; --force writes over it" in again.err


@pytest.mark.slow
def test_the_command_says_what_is_needed_first_and_what_is_assumed_last(fiveyear: Run) -> None:
    ended = fiveyear("programmes", "reach", "biomass", "--draws", "40", "--workers", "1")
    assert ended.code == 0
    assert ended.out.index("projects needed") < ended.out.index("  P  ")
    assert re.search("S105: (Limited by [a-z ]+, [0-9]+ % (in use|drawn)|Limited by no queue)", ended.out)
    assert "are assumed" in ended.out.splitlines()[-2] + ended.out.splitlines()[-1]


def test_bad_programmes_end_with_a_message(fiveyear: Run, tmp_path: Path) -> None:
    ended = fiveyear("programmes", "reach", "new_drug")
    assert ended.code == 2
    assert "nearest is new_drugs" in ended.err
    (tmp_path / "x.toml").write_text('title = "x"\n', encoding="utf-8")
    ended = fiveyear("programmes", "reach", tmp_path / "x.toml")
    assert ended.code == 2
    assert "plan: missing" in ended.err
    assert "pace: missing" in ended.err


def test_a_scenario_of_another_plan_is_refused(fiveyear: Run) -> None:
    ended = fiveyear("programmes", "reach", "--scenario", "eleventh_plan")
    assert ended.code == 2
    assert "the plan eleventh has no programmes" in ended.err
