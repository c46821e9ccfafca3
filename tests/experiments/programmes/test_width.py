"""Replications and widths against closed forms, and where queues eat up what is added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from fiveyear.experiments.programmes import width as widths
from fiveyear.experiments.programmes.draws import Draws
from fiveyear.experiments.programmes.replication import replicate, run_line
from fiveyear.experiments.programmes.width import WANTED, arrivals, unhindered, width
from fiveyear.model.programmes.works import Line, Outcome, Stage
from fiveyear.scenarios import load_plan
from fiveyear.scenarios.programme import Portfolio, Programme, load_portfolio

GATE, COUNT, DRAWS = 0.4, 30, 400

FILE = """\
title = "Drugs"
plan = "twelfth"
[pace]
overrun = 1
spread = 0
national = 0
assumed = "nothing takes longer"
[money]
share = {share}
assumed = "for a test"
[lines.drugs]
title = "drugs"
starts = {starts}
begins = 2011.0
over = 0
patience = 50
priority = 1
assumed = "for a test"
[[lines.drugs.stages]]
name = "trial"
years = 1
spread = 0
gate = {gate}
cost = {cost}
[deliverables.S063]
line = "drugs"
"""


def portfolio(folder: Path, starts: int, cost: float = 0.0, share: float = 1.0, gate: float = GATE) -> Portfolio:
    file = folder / "drugs.toml"
    file.write_text(FILE.format(starts=starts, gate=gate, cost=cost, share=share), encoding="utf-8")
    whole, asked = load_portfolio(load_plan("twelfth"), [str(file)])
    return whole.among(asked)


def exact_width() -> int:
    """Give the least number of trials of which thirty succeed with the probability wanted."""
    return next(n for n in range(COUNT, 1000) if stats.binom.sf(COUNT - 1, n, GATE) >= WANTED)


def test_the_probability_of_a_count_is_that_of_the_binomial_distribution(tmp_path: Path) -> None:
    of = portfolio(tmp_path, starts=75)
    met = replicate(Draws(of, 3, 0, DRAWS, np.ones((DRAWS, 11)))).met[:, 0]
    expected = float(stats.binom.sf(COUNT - 1, 75, GATE))
    assert abs(np.mean(met < 2016.0) - expected) < 3.5 * np.sqrt(expected * (1.0 - expected) / DRAWS)
    assert set(met[np.isfinite(met)]) == {2012.0}


def test_arrivals_add_what_the_file_says_of_each_over_the_years_of_a_ramp(tmp_path: Path) -> None:
    file = tmp_path / "drugs.toml"
    sure = FILE.format(starts=30, gate=1.0, cost=0.0, share=1.0) + 'value_added = [1, 2]\nassumed = "for a test"\n'
    file.write_text(sure, encoding="utf-8")
    whole, asked = load_portfolio(load_plan("twelfth"), [str(file)])
    added = replicate(Draws(whole.among(asked), 3, 0, 1, np.ones((1, 11)))).added[0]
    # All thirty arrive at the start of 2012; ramps of four years and of two, at the middles of 2011 to 2015.
    assert np.allclose(added[0], 30.0 * 1e8 * np.array([0.0, 0.125, 0.375, 0.625, 0.875]))
    assert np.allclose(added[1], 30.0 * 2e8 * np.array([0.0, 0.25, 0.75, 1.0, 1.0]))


def test_what_spreads_grows_at_its_rate_and_by_what_arrivals_lift(tmp_path: Path) -> None:
    file = tmp_path / "drugs.toml"
    lift = 'lift = { line = "drugs", each = 2, ramp = 4, assumed = "for a test" }'
    spreads = f'[diffusions.S110]\nbase = 1\ngrowth = 0.5\nassumed = "for a test"\n{lift}\n'
    file.write_text(FILE.format(starts=30, gate=1.0, cost=0.0, share=1.0) + spreads, encoding="utf-8")
    whole, asked = load_portfolio(load_plan("twelfth"), [str(file)])
    found = replicate(Draws(whole.among(asked), 3, 0, 1, np.ones((1, 11))))
    # At the end of 2015, five years after the base, with thirty that have arrived four years before.
    assert np.isclose(found.level[0, 1], np.exp(2.5) + 60.0)
    # The vehicles promised are 100; exp(t / 2) + 60 passes that after 2 ln 40 = 7.4 years, seen quarter by quarter.
    assert found.met[0, 1] == 2011.0 + 7.5


def test_the_width_needed_is_that_of_the_binomial_distribution_where_nothing_waits(tmp_path: Path) -> None:
    of = portfolio(tmp_path, starts=60)
    programme = of.programmes["drugs"]
    found = width(of, 3, np.ones((DRAWS, 11)), programme, programme.figures["S063"])
    assert found.unhindered == found.needed
    assert found.needed is not None
    assert abs(found.needed - exact_width()) <= 3
    assert found.probability >= WANTED


def test_no_width_is_enough_where_money_pays_for_too_few(tmp_path: Path) -> None:
    of = portfolio(tmp_path, starts=60, cost=1.0, share=1.0)
    programme = of.programmes["drugs"]
    funds = np.full((50, 11), 1e11)  # yuan, of which one per cent pays for ten projects a year
    found = width(of, 3, funds, programme, programme.figures["S063"])
    assert found.needed is None
    assert found.probability == 0.0
    assert found.held_up_by == "money"
    assert found.waiting > 0.5


def test_no_number_is_enough_if_nothing_can_arrive_in_time(tmp_path: Path) -> None:
    of = portfolio(tmp_path, starts=60)
    file = tmp_path / "drugs.toml"
    file.write_text(file.read_text().replace("years = 1\n", "years = 6\n"), encoding="utf-8")
    whole, asked = load_portfolio(load_plan("twelfth"), [str(file)])
    of = whole.among(asked)
    draws = Draws(of, 3, 0, 20, np.ones((20, 11)))
    assert unhindered(draws, of.programmes["drugs"], of.programmes["drugs"].figures["S063"]) is None


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the draws that are run from now on, in a list that grows."""
    ran: list[int] = []

    def run_and_count(draws: Draws, draw: int, programme: Programme, line: str) -> Outcome:
        ran.append(draw)
        return run_line(draws, draw, programme, line)

    monkeypatch.setattr(widths, "run_line", run_and_count)
    return ran


def test_a_try_ends_when_its_verdict_is_certain_and_only_the_one_told_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = portfolio(tmp_path, starts=60, cost=5.0, share=1.0, gate=1.0)
    programme = of.programmes["drugs"]
    ran = counted(monkeypatch)
    found = width(of, 3, np.full((50, 11), 1e11), programme, programme.figures["S063"])
    assert found.probability == 0.0
    # Eleven of fifty missed are more than 20 %; so it is with more starts, which are no better; then the first is told.
    assert ran == [*range(11), *range(11), *range(11, 50)]


def test_a_width_that_is_enough_is_run_once_on_each_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = portfolio(tmp_path, starts=60)
    programme = of.programmes["drugs"]
    ran = counted(monkeypatch)
    width(of, 3, np.ones((DRAWS, 11)), programme, programme.figures["S063"])
    assert sorted(ran) == list(range(DRAWS))


def test_what_cannot_arrive_in_time_unhindered_is_not_run_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portfolio(tmp_path, starts=60)
    file = tmp_path / "drugs.toml"
    file.write_text(file.read_text().replace("years = 1\n", "years = 6\n"), encoding="utf-8")
    whole, asked = load_portfolio(load_plan("twelfth"), [str(file)])
    of = whole.among(asked)
    ran = counted(monkeypatch)
    found = width(of, 3, np.ones((20, 11)), of.programmes["drugs"], of.programmes["drugs"].figures["S063"])
    assert found.needed is None
    assert ran == list(range(20))


def test_a_project_arrives_after_the_longer_of_its_branches_and_not_at_all_if_a_gate_is_shut() -> None:
    line = Line("l", "a", (Stage("a"), Stage("b", (0,)), Stage("c", (0,)), Stage("d", (1, 2))))
    years = np.array([[1.0, 2.0, 5.0, 0.5], [1.0, 2.0, 5.0, 0.5]])
    passes = np.array([[True] * 4, [True, True, True, False]])
    assert arrivals(line, np.array([2010.0, 2011.0]), years, passes, 4).tolist() == [2016.5, np.inf]
    assert arrivals(line, np.array([2010.0, 2011.0]), years, passes, 1).tolist() == [2013.0, 2014.0]
