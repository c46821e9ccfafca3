"""What replications run on: keyed by the draw, whatever else is computed; and the events that follow from it."""

from __future__ import annotations

import gc
from functools import cache

import numpy as np
import pytest
from scipy import stats

from fiveyear.experiments.programmes.draws import MONEY, Draws
from fiveyear.experiments.programmes.replication import replicate, run, run_line
from fiveyear.experiments.programmes.study import replications
from fiveyear.model.programmes.works import Event
from fiveyear.scenarios import load_plan
from fiveyear.scenarios.programme import Portfolio, load_portfolio

YEARS = 11  # from the plan's first year to its last
SOME = ("machine_tools", "oil_and_gas")


@cache
def portfolio(*names: str) -> Portfolio:
    whole, asked = load_portfolio(load_plan("twelfth"), names)
    return whole.among(asked)


def government(draws: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.full((draws, YEARS), 1.5e11) * np.linspace(0.5, 1.5, draws)[:, None]


def draws(start: int, stop: int, *names: str, seed: int = 7, **starts: int) -> Draws:
    of = {("oil_and_gas", line): count for line, count in starts.items()}
    return Draws(portfolio(*(names or SOME)), seed, start, stop, government(40)[start:stop], of)


def log(of: Draws, draw: int) -> list[Event]:
    found: list[Event] = []
    run(of, draw, found)
    return found


def test_a_draw_has_the_same_events_whatever_others_are_drawn_with_it() -> None:
    assert log(draws(0, 40), 23) == log(draws(23, 24), 23)
    assert log(draws(0, 40), 23) != log(draws(0, 40), 22)
    assert log(draws(23, 24, seed=8), 23) != log(draws(23, 24), 23)


def test_a_programme_has_the_same_numbers_whatever_others_are_simulated() -> None:
    alone, all_of_them = draws(3, 4), Draws(portfolio(), 7, 3, 4, government(40)[3:4])
    names = {work.line.name for work in alone.works(3)}
    among_all = [work for work in all_of_them.works(3) if work.line.name in names]
    for one, other in zip(alone.works(3), among_all, strict=True):
        assert (one.line, one.costs, one.patience) == (other.line, other.costs, other.patience)
        for of in ("begins", "years", "passes"):
            assert np.array_equal(getattr(one, of), getattr(other, of))


@pytest.mark.parametrize("line", ["technologies", "equipment"])
def test_a_line_run_with_what_can_hold_it_up_alone_ends_as_in_the_whole_portfolio(line: str) -> None:
    of = Draws(portfolio(), 7, 0, 40, government(40))
    programme = of.portfolio.programmes["oil_and_gas"]
    name = programme.lines[line].name
    for draw in range(0, 40, 4):
        whole, alone = run(of, draw), run_line(of, draw, programme, line)
        assert alone.lines[name] == whole.lines[name]
        assert alone.events < whole.events
        assert "new_drugs innovative_drugs" not in alone.lines  # shares neither a platform nor an account


def test_a_log_has_all_on_the_clock_and_changes_nothing_that_comes_out() -> None:
    of = Draws(portfolio(), 7, 0, 2, government(40)[:2])
    for draw in range(2):
        logged, usual = run(of, draw, []), run(of, draw)
        assert (logged.lines, logged.busy, logged.balance) == (usual.lines, usual.busy, usual.balance)
        for name, payments in usual.payments.items():
            assert sorted(payments) == sorted(logged.payments[name])
        assert usual.events < logged.events


def test_what_is_after_the_end_is_left_out_and_changes_nothing_before() -> None:
    usual = Draws(portfolio(*SOME), 7, 0, 5, government(40)[:5])
    early = Draws(portfolio(*SOME), 7, 0, 5, government(40)[:5], later=0)
    for draw in range(5):
        whole, part = run(usual, draw), run(early, draw)
        assert part.events < whole.events
        for name, line in whole.lines.items():
            assert part.lines[name].delivered == [date for date in line.delivered if date < early.end]
            assert part.lines[name].spent == line.spent  # within the plan


def test_more_starts_add_projects_and_change_none() -> None:
    programme = portfolio(*SOME).programmes["oil_and_gas"]
    few, many = (draws(0, 1).projects(0, programme, "equipment", n) for n in (5, 50))
    for one, other in zip(few, many, strict=True):
        assert np.array_equal(one, other[:5])
    (work,) = [w for w in draws(0, 1, equipment=9).works(0) if w.line.name == "oil_and_gas equipment"]
    assert len(work.begins) == 9


@pytest.mark.slow
def test_results_are_the_same_for_any_number_of_workers() -> None:
    one, two, three = (replications(portfolio(*SOME), 7, government(40), workers) for workers in (1, 2, 3))
    for name in vars(one):
        assert np.array_equal(getattr(one, name), getattr(two, name))
        assert np.array_equal(getattr(one, name), getattr(three, name))


def test_numbers_lie_in_the_ranges_of_their_files_and_are_uniform_there() -> None:
    of = Draws(portfolio(*SOME), 7, 0, 1000, np.ones((1000, YEARS)))
    programme = of.portfolio.programmes["oil_and_gas"]
    for number in programme.numbers:
        values, (low, high) = of.numbers["oil_and_gas"][number.key], number.range
        if low == high:
            assert set(values) == {low}
        else:
            assert stats.kstest((values - low) / (high - low), "uniform").pvalue > 1e-4


def test_programme_factors_share_the_national_shock_and_have_heavy_tails_of_their_own() -> None:
    of = Draws(portfolio(*SOME), 7, 0, 20_000, np.ones((20_000, YEARS)))
    assert stats.kstest(of.own["oil_and_gas"], stats.t(4).cdf).pvalue > 1e-4
    logs = {n: np.log(of.factors[n] / of.numbers[n]["pace.overrun"]) for n in SOME}
    expected = 0.05**2  # of two programmes, the covariance is that of the shock, of this spread in both
    assert np.cov(np.array(list(logs.values())))[0, 1] == pytest.approx(
        expected, abs=3.5 * 0.2**2 * 2.0 / np.sqrt(20_000)
    )


def test_stages_take_their_median_times_and_pass_as_often_as_their_gates_say() -> None:
    of = draws(0, 1, "nuclear_power", "oil_and_gas")
    programme = of.portfolio.programmes["oil_and_gas"]
    _, years, passes = of.projects(0, programme, "technologies", 20_000)
    numbers = of.numbers["oil_and_gas"]
    median = numbers["lines.technologies.stages.research.years"][0] * of.factors["oil_and_gas"][0]
    assert np.median(years[:, 0]) == pytest.approx(median, rel=0.02)
    gate = numbers["lines.technologies.stages.research.gate"][0]
    assert passes[:, 0].mean() == pytest.approx(gate, abs=0.012)


def test_appropriations_are_their_share_of_governments_funds_in_whole_units() -> None:
    of = draws(5, 6)
    share = of.numbers["oil_and_gas"]["money.share"][0] / 100.0
    amounts = dict(of.appropriations(5)["oil_and_gas"])
    assert list(amounts) == list(range(2008, 2021))
    assert all(isinstance(amount, int) for amount in amounts.values())
    assert amounts[2011.0] == pytest.approx(share * government(40)[5, 6] / MONEY, abs=1.0)
    assert amounts[2020.0] == amounts[2015.0]


def test_money_and_projects_are_conserved_in_the_shipped_portfolio() -> None:
    of = Draws(portfolio(), 7, 0, 3, government(40)[:3])
    found = replicate(of)
    for draw in range(3):
        outcome = run(of, draw)
        for work in of.works(draw):
            assert sum(outcome.lines[work.line.name].ends.values()) == len(work.begins)
        for account, given in of.appropriations(draw).items():
            net = sum(amount for _, amount in outcome.payments[account])
            appropriated = sum(amount for _, amount in given)
            assert net == outcome.balance[account] <= appropriated
    assert np.all(found.money[:, :, 0] >= found.money[:, :, 1])


def test_a_run_leaves_no_projects_that_only_a_collector_would_find() -> None:
    of = Draws(portfolio(), 7, 0, 1, government(40)[:1])
    run(of, 0)  # makes what is drawn for all draws, once
    gc.collect()
    gc.disable()  # as it is during replications
    try:
        outcome = run(of, 0)
        assert sum(sum(line.ends.values()) for line in outcome.lines.values()) > 1000
        assert gc.collect() < 100
    finally:
        gc.enable()
