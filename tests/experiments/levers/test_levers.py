"""What levers move: by slopes the same as by running the model again with a lever raised."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fiveyear.experiments.forecast import levers
from fiveyear.experiments.forecast.ensemble import Ensemble, ensemble
from fiveyear.experiments.forecast.planning import plan
from fiveyear.experiments.levers import command
from fiveyear.experiments.levers.chain import LABELS, LINKS
from fiveyear.experiments.levers.table import Table
from fiveyear.experiments.levers.table import tables as tables_of
from fiveyear.model import InputError, simulate
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_scenario

DRAWS = 200


@pytest.fixture(scope="module")
def tables(shipped: Callable[..., Ensemble]) -> dict[str, Table]:
    """The tables of two scenarios, up to 2020."""
    names = ("plan", "behavioural")
    return dict(zip(names, tables_of([shipped(n).going_on(2020) for n in names], DRAWS, 0.1), strict=True))


def rerun(one: Ensemble, lever: str, by: float) -> dict[str, Array]:
    """Give each indicator, (draw, year), with a lever raised, by running the model again."""
    inputs = one.inputs(0, DRAWS)
    rise = levers.rises(one, inputs, abs(by))[lever] * np.sign(by)
    raised = np.broadcast_to(inputs.series[lever].reshape(len(rise), -1) + rise, (len(rise), DRAWS))
    changed = replace(inputs, series={**inputs.series, lever: raised})
    smooth = {n: i for n, i in one.indicators.items() if i.unit != "rank"}
    how: dict[str, Any] = {"step": levers.STEP, "engine": one.engine, "only_finite": False}
    return simulate(one.model, changed, smooth, ["papers"], **how).values


@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_effects_by_slopes_are_those_of_running_the_model_again(scenario: str, tables: dict[str, Table]) -> None:
    one, by = tables[scenario].ensemble, 1e-4
    by_slopes = {(lever, name): moved for lever, name, _, _, moved in levers.moves(one, DRAWS, by)}
    before = rerun(one, "examiner_effort", 0.0)
    for lever in {e.lever for e in tables[scenario].effects}:
        after = rerun(one, lever, by)
        for name, values in after.items():
            for place in (10, 15):  # 2015 and 2020
                moved, expected = by_slopes[lever, name][place], (values - before[name])[:, place]
                slack = 0.01 * np.abs(expected) + 1e-9 * np.abs(before[name][:, place])
                # A draw may stand at a bend, or at the end of a range.
                assert np.mean(np.abs(moved - expected) <= slack) >= 0.98, (lever, name, place)


@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_effects_of_a_tenth_are_those_of_running_the_model_again_but_for_chance(
    scenario: str, tables: dict[str, Table]
) -> None:
    one = tables[scenario].ensemble
    before = rerun(one, "examiner_effort", 0.0)
    for effect in tables[scenario].effects:
        if effect.indicator in before and effect.of_scatter >= levers.HARDLY:
            moved = (rerun(one, effect.lever, 0.1)[effect.indicator] - before[effect.indicator])[:, effect.year - 2005]
            chance = 3.0 * 1.2533 * np.nanstd(moved) / np.sqrt(DRAWS)  # of a median
            assert effect.median == pytest.approx(float(np.nanmedian(moved)), abs=chance + 0.01 * abs(effect.median)), (
                effect.lever, effect.indicator, effect.year,
            )  # fmt: skip


@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_no_lever_that_is_said_to_act_moves_nothing(scenario: str, tables: dict[str, Table]) -> None:
    of = tables[scenario]
    acting = [name for name, acts_in in of.acting.items() if scenario in acts_in]
    # Under the plan's money, who pays moves only what the plan asks of firms, which has no probability.
    of_plan = {"planned_rd_intensity", "basic_research_share", "filing_incentive", "examiner_effort"}
    assert {*acting} == of_plan if scenario == "plan" else len(acting) >= 7
    for name in acting:
        # What a deduction costs is no target, nor what one hangs on.
        moved = [e for e in of.effects if e.lever == name and e.indicator != "tax_forgone" and e.of_scatter > 1e-4]
        assert moved, name
    every = {e.lever for e in of.effects if e.of_scatter >= levers.HARDLY}
    assert every >= of.acting.keys() - {"gap_closing", "rd_deduction"}


def test_a_lever_is_raised_in_the_years_of_the_plan_alone(shipped: Callable[..., Ensemble]) -> None:
    one = shipped("plan").going_on(2020)
    rise = levers.rises(one, one.inputs(0, 5), 0.1)
    assert np.allclose(
        rise["planned_rd_intensity"][6:11, 0], 0.1 * one.inputs(0, 1).series["planned_rd_intensity"][6:11]
    )
    assert all(np.all(r[:6] == 0.0) and np.all(r[11:] == 0.0) for r in rise.values())
    assert np.all(rise["gap_closing"][6:11] == 0.1)  # of its range, its path being nil


def test_a_change_that_leaves_the_range_of_a_lever_is_refused_with_the_first_such_year(
    shipped: Callable[..., Ensemble],
) -> None:
    with pytest.raises(InputError) as caught:
        levers.effects(shipped("plan"), 4, 4.0)
    text = str(caught.value)
    assert "planned_rd_intensity: found 0.101 share in 2013, raised by 4 of its path, expected 0 to 0.1 share" in text


def test_a_plan_without_what_an_indicator_needs_says_what_is_missing() -> None:
    missing = levers.missing(ensemble(load_scenario("plan"), "plan-only", 2011))
    assert missing["invention_patents_per_10k"] == ("foreign_applications", "population")
    assert "rd_intensity" not in missing


def test_the_command_prints_tables_json_and_a_file(
    fiveyear: Callable[..., Any], tmp_path: Path, tables: dict[str, Table]
) -> None:
    out = tmp_path / "levers.csv"
    ended = fiveyear("levers", "plan", "--draws", DRAWS, "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert "plan: what each lever moves, raised by 10 % of its path from 2011 to 2015" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 100
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(tables["plan"].effects)
    told = json.loads(fiveyear("levers", "plan", "--draws", DRAWS, "--json").out)
    assert told["schema"] == "fiveyear.levers/1" and told["years"] == [2015, 2020]
    assert [e["median"] for e in told["effects"]] == pytest.approx([e.median for e in tables["plan"].effects])
    assert [float(r["median"]) for r in rows] == [e["median"] for e in told["effects"]]
    assert "From R&D to high-tech value added: what 10 % more from 2011 on comes to, %" in ended.out
    assert {(row["scenario"], row["link"]) for row in told["chain"]} == {("plan", link) for link in LINKS}
    assert [row["median"] for row in told["chain"]] == pytest.approx([r.median for r in tables["plan"].chain])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--end", "2021"], "found 2021, expected 2015 to 2020: the outlooks of the plan twelfth go no further"),
        (["--by", "0"], "greater than or equal to 0.001"),
        (["--out", "levers.txt"], "levers.txt: expected a file that ends with .csv"),
        (["plan", "eleventh_plan"], "expected scenarios of one plan"),
    ],
)
def test_a_mistake_is_said_with_what_was_expected(
    fiveyear: Callable[..., Any], words: list[str], expected: str
) -> None:
    ended = fiveyear("levers", *words)
    assert ended.code == 2 and expected in " ".join(ended.err.split())


def test_the_command_has_the_numbers_of_the_function() -> None:
    assert (command.DRAWS, command.RAISED) == (levers.DRAWS, levers.RAISED)


def test_a_plan_gives_the_same_effects_as_a_table(tables: dict[str, Table]) -> None:
    frame = plan("twelfth").lever_effects("behavioural", draws=DRAWS)
    assert frame["median"].tolist() == [e.median for e in tables["behavioural"].effects]
    assert frame.loc[("rd_deduction", "rd_intensity", 2015), "unit"] == "%"


# -- from R&D to high-tech value added --------------------------------------------------------------------------------
@pytest.mark.parametrize("scenario", ["plan", "behavioural"])
def test_a_tenth_more_of_each_link_raises_all_that_follow_and_more_in_ten_years_than_in_five(
    scenario: str, tables: dict[str, Table]
) -> None:
    medians = {(r.raised, r.link, r.year): r.median for r in tables[scenario].chain}
    assert len(medians) == len(LABELS) * len(LINKS) * 2
    assert medians["rd", "rd_counted", 2015] == pytest.approx(10.0, abs=0.1)
    assert 2.0 < medians["researchers", "researchers", 2015] <= 10.0
    assert medians["applications", "applications", 2015] == pytest.approx(10.0, abs=0.3)
    assert medians["researchers", "rd_counted", 2015] == pytest.approx(0.0, abs=0.02)
    assert all(medians["applications", n, 2015] == pytest.approx(0.0, abs=0.02) for n in ("rd_counted", "researchers"))
    for raised in LABELS:
        for link in ("patents_in_force", "high_tech_value_added"):
            # Before grants, more filings are but a longer queue.
            assert -0.001 < medians[raised, link, 2015] < medians[raised, link, 2020] < 10.0
            assert medians[raised, link, 2020] > 0.01
