"""The scoreboard: statistics by horizon against closed forms, origins blind to later facts, origins refused by name."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.history import Facts
from fiveyear.experiments.backtest import looks, scoreboard_figure, scoreboard_report, scores
from fiveyear.experiments.backtest import scoreboard as board
from fiveyear.experiments.backtest.backtest import (
    BANDS,
    CONTINUED,
    FADES,
    MODEL,
    POOL,
    TURNED_OUT,
    WALK,
    Forecaster,
    Score,
    backtest,
    read_later,
)
from fiveyear.experiments.backtest.method import at_origin, known_at
from fiveyear.experiments.backtest.scoreboard import Origin, Pair, Scoreboard
from fiveyear.experiments.forecast import rivals
from fiveyear.experiments.page.figure import Drawing
from fiveyear.scenarios import load_plan

Z90 = float(stats.norm.ppf(0.95))


# -- scores ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("came", [0.5, 1.0, 2.5])
def test_the_log_score_of_a_normal_sample_is_that_of_the_closed_form(came: float) -> None:
    sample = np.exp(stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 0.2, 0.8))
    expected = -stats.norm.logpdf(np.log(came), 0.2, 0.8)
    assert scores.log_score(sample, came) == pytest.approx(expected, abs=0.02)


def test_the_energy_score_of_one_number_is_its_crps_and_of_two_falls_when_they_go_together() -> None:
    sample = np.random.default_rng(1).normal(0.3, 1.0, 20_000)
    assert scores.energy(sample[:, None]) == pytest.approx(scores.crps(sample, 0.0), rel=0.01)
    # Both numbers came 1.5 sds high: more likely for a forecaster who knows that they go together.
    apart = np.random.default_rng(2).normal(-1.5, 1.0, (20_000, 2))
    together = np.repeat(apart[:, :1], 2, axis=1)
    assert scores.energy(together) < scores.energy(apart) + 0.2
    point = np.array([[3.0, 4.0]] * 2)
    assert scores.energy(point) == pytest.approx(5.0)


def test_the_pool_of_two_normal_forecasts_has_their_mean_middle_and_mean_sd() -> None:
    walk = rivals.Forecast(np.log(4.0), 0.3, 10_000, "log")
    own = np.exp(stats.norm.ppf((np.arange(10_000) + 0.5) / 10_000, np.log(9.0), 0.1))
    logs = np.log(rivals.pooled(np.random.default_rng(3).permutation(own), walk))
    assert np.mean(logs) == pytest.approx(np.log(6.0), abs=1e-3)
    assert np.std(logs) == pytest.approx(0.2, rel=0.01)
    level = rivals.pooled(np.array([1.0, 3.0]), rivals.Forecast(10.0, 0.0, 5, "linear"))
    assert level == pytest.approx([5.5, 6.5])


@pytest.mark.parametrize("came", [0.3, 1.0, 7.0])
def test_the_pool_scores_no_worse_than_the_mean_of_its_parts(came: float) -> None:
    walk = rivals.Forecast(0.5, 0.4, 4, "log")
    own = np.exp(np.random.default_rng(4).normal(-0.2, 0.2, 4000))
    other = walk.quantiles((np.arange(4000) + 0.5) / 4000)
    parts = [scores.log_crps(s, came) for s in (own, other)]
    assert scores.log_crps(rivals.pooled(own, walk), came) <= np.mean(parts) + 1e-12


def test_growth_that_fades_is_a_geometric_sum() -> None:
    facts = {2000: 100.0, 2005: 100.0 * np.exp(0.5)}
    share = sum(0.9**k for k in range(1, 6))
    assert rivals.growth_fades(facts, 2005, 2010) == pytest.approx(facts[2005] * np.exp(0.1 * share))
    assert rivals.growth_fades({2005: 1.0}, 2005, 2010) is None


# -- statistics -----------------------------------------------------------------------------------------------------
def score(forecaster: Forecaster, year: int, error: float, sd: float, series: str = "rd_fte") -> Score:
    """Make a score of a normal forecast of 1 with an error and an sd, in logarithms."""
    bands = {
        b: (float(np.exp(error - h)), float(np.exp(error + h)))
        for b in BANDS
        for h in [stats.norm.ppf(0.5 + b / 2) * sd]
    }
    return Score(forecaster, series, year, 1.0, float(np.exp(error)), bands, abs(error), 0.0, 0.5)


def made(errors: Callable[[int, int], float], sd: Callable[[int], float], walk: float = 2.0) -> Scoreboard:
    """Make a scoreboard of errors by origin and horizon; the walk's are ``walk`` times those."""
    origins = []
    for year in range(2003, 2010):
        pairs = []
        for h in range(1, min(5, 2010 - year) + 1):
            for f in board.COLUMNS:
                error = errors(year, h) * (walk if f == WALK else 1.0)
                pairs.append(Pair(year, score(f, year + h, error, sd(h)), given=False))
        energy = {f: {h: 0.1 * h for h in range(1, min(5, 2010 - year) + 1)} for f in (MODEL, TURNED_OUT, WALK)}
        origins.append(Origin(year, tuple(pairs), energy, str(year), "facts"))
    return Scoreboard("eleventh", "yearbook", tuple(origins), {"rd_fte": "R&D personnel"}, 100, 1, 0.02)


def test_errors_that_grow_like_a_power_have_that_exponent_and_bands_their_own() -> None:
    of = made(lambda _, h: 0.1 * h**0.8, lambda h: 0.1 * h**0.5)
    assert of.exponent(MODEL, board.rmse) == pytest.approx(0.8)
    assert of.exponent(MODEL, board.stated) == pytest.approx(0.5)
    assert of.exponent(MODEL, board.rmse, ["nothing"]) is np.nan


def test_the_ratio_is_that_of_the_mean_scores_and_has_no_width_where_all_are_alike() -> None:
    ratio = made(lambda _, h: 0.1 * h, lambda _: 0.1).ratio()
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((0.5, 0.5, 0.5))


def test_coverage_counts_what_lies_inside_by_hand_and_its_interval_holds_it() -> None:
    # Errors of 1.7 sds from odd origins are outside 90 %, which ends at 1.645; errors of 1 sd lie inside 80 % and 90 %.
    of = made(lambda year, _: 0.17 if year % 2 else 0.1, lambda _: 0.1)
    pairs = of.pairs(MODEL, None, [1])
    held = of.estimate(pairs, partial(board.covered, band=0.9))
    assert held.value == pytest.approx(3.0 / 7.0)
    assert held.low <= held.value <= held.high
    assert board.covered([p for o in pairs for p in o], 0.5) == 0.0
    everything = [p for o in of.pairs(MODEL) for p in o]
    assert board.bias(everything) > 0.0
    assert board.rmse(everything) == pytest.approx(np.sqrt(np.mean([p.error**2 for p in everything])))


def test_bars_are_missed_where_bands_hold_too_little_or_the_walk_is_nearer() -> None:
    good = made(lambda _, h: 0.01 * h, lambda _: 0.1)
    assert [b.met for b in scoreboard_report.bars(good)] == [True, True]
    bad = made(lambda _, h: 0.1 * h, lambda _: 0.1, walk=0.5)
    assert [b.met for b in scoreboard_report.bars(bad)] == [False, False]


def test_without_the_census_only_what_it_counts_across_its_year_is_lower() -> None:
    across = Pair(2007, score(MODEL, 2009, 0.0, 0.1), given=False)
    assert across.without_census(0.02).error == pytest.approx(0.02)
    before = Pair(2006, score(MODEL, 2008, 0.0, 0.1), given=False)
    after = Pair(2009, score(MODEL, 2010, 0.0, 0.1), given=False)
    contracts = Pair(2007, score(MODEL, 2009, 0.0, 0.1, "technology_market_value"), given=False)
    assert [p.without_census(0.02) for p in (before, after, contracts)] == [before, after, contracts]


def test_the_census_raised_what_is_counted_by_the_share_of_firms() -> None:
    plan = load_plan("twelfth")
    splice, share = 1.035, plan.parameters["enterprise_share_of_rd"]
    assert np.exp(-board.census_rise()) == pytest.approx(1.0 - share + share / splice)


# -- origins --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def later() -> Facts:
    return read_later(at_origin("eleventh", None, None, None, 2011), None)


def test_what_is_known_at_an_origin_ends_there_and_is_of_the_series_of_the_plan(later: Facts) -> None:
    plan = load_plan("eleventh")
    base = posterior.evidence(plan, None)
    for origin in (2003, 2008):
        evidence = known_at("eleventh", origin, 2, None, later)
        assert max(y for years in evidence.facts.values() for y in years) == origin
        assert (evidence.plan.base_year, evidence.plan.end) == (origin, origin + 2)
        assert set(evidence.facts) <= set(base.facts)
        for name, years in base.facts.items():
            assert all(evidence.facts[name][y] == f for y, f in years.items() if y <= origin)
    assert known_at("eleventh", 2008, 2, None, later).facts["rd_fte"][2008] == later["rd_fte"][2008]


def test_an_origin_does_not_know_what_comes_after_it(later: Facts) -> None:
    doubled = {
        n: {y: replace(f, value=2.0 * f.value) if y > 2008 else f for y, f in years.items()}
        for n, years in later.items()
    }
    one, other = (known_at("eleventh", 2008, 2, None, facts) for facts in (later, doubled))
    assert one.identity == other.identity


def test_an_origin_is_scored_with_all_forecasters_and_its_horizons(later: Facts) -> None:
    method = at_origin("eleventh", None, None, None, 2011)
    of = board._origin(method, later, 500)
    assert of.year == 2005
    assert {p.horizon for p in of.pairs} == {1, 2, 3, 4, 5}
    assert {p.score.forecaster for p in of.pairs} == {MODEL, TURNED_OUT, WALK, CONTINUED, FADES, POOL}
    assert {p.score.series for p in of.pairs if p.given} == {"rd_expenditure", "rd_intensity"}
    assert set(of.energy[MODEL]) == {1, 2, 3, 4, 5}
    # The same numbers as the backtest from that origin has.
    alone = backtest(method, later, 500)
    assert [p.score.as_dict() for p in of.pairs] == [s.as_dict() for s in alone.scores]


def test_faults_of_all_origins_are_told_before_anything_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posterior, "calibrate", lambda *_: pytest.fail("fitted"))
    with pytest.raises(CalibrationError) as error:
        board.scoreboard("eleventh", [2001, 2002, 2009, 2010], None, 100, 1)
    assert [str(f)[:15] for f in error.value.faults] == ["--origin 2001: "] + ["--origin 2002: "] * 5 + [
        "--origin 2010: "
    ]


# -- words and files ------------------------------------------------------------------------------------------------
def test_the_page_and_the_figure_have_every_part(fits: Callable[[Callable[[], Drawing]], list[str]]) -> None:
    of = made(lambda year, h: 0.02 * h + 0.001 * (year - 2006), lambda h: 0.1 * h**0.5)
    page = scoreboard_report.page(
        of, [], "fiveyear backtest --origins 2003-2009 --out DIR", {"scoreboard.png": "Scores"}
    )
    assert page.count("\n## ") == len(list(scoreboard_report.tables(of)))
    assert "nan" not in page
    told = scoreboard_report.as_dict(of, [])
    assert [row["rmse"] for row in told["by_horizon"][WALK]] == pytest.approx(
        [2.0 * row["rmse"] for row in told["by_horizon"][MODEL]]
    )
    assert fits(lambda: scoreboard_figure.drawing(of)) == []
    assert pickle.loads(pickle.dumps(scoreboard_figure.drawing(of).figure))
    assert scoreboard_figure.frame(of).title.startswith(
        f"Errors grew with the horizon to the power of {of.exponent(MODEL, board.rmse):.2f}, "
    )
    drawn = list(scoreboard_figure.numbers(of))
    assert len({len(row) for row in drawn}) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--origins", "2009-2003"), 'found "2009-2003", expected two years, the earlier first'),
        (("--origins", "all"), 'found "all", expected two years'),
        (("--origins", "2003-2009", "--origin", "2005"), "--origin goes with one origin only"),
        (("--origins", "2003-2009", "--horizon", "2"), "--horizon goes with one origin only"),
        (("--origins", "2002-2009"), "--origin 2002: rd_expenditure has 3 facts up to then"),
        (("--origins", "2005-2011"), "--origin 2011: the facts to score with end in 2010"),
    ],
)
def test_origins_that_cannot_be_scored_are_refused(
    fiveyear: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = fiveyear("backtest", *words, "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert told in " ".join(done.err.split())
    assert not (tmp_path / "out").exists()


def test_a_plan_named_by_its_folder_is_the_same_on_record() -> None:
    of = made(lambda year, h: 0.1 * h, lambda h: 0.1 * h)
    folder = str(load_plan("eleventh").folder)
    assert looks.at(replace(of, plan=folder), "") == looks.at(of, "")
