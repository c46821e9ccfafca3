"""The backtest: scores against closed forms, forecasts blind to what comes later, and every look on record.

The later facts are made up: growth at one and the same rate, as no country ever had. None is an observation.
"""

from __future__ import annotations

import csv
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.facts import COLUMNS
from fiveyear.calibration.history import Facts
from fiveyear.experiments.backtest import backtest as module
from fiveyear.experiments.backtest import bands, looks, report, scores, skills
from fiveyear.experiments.backtest.backtest import MODEL, TURNED_OUT, WALK, Backtest, Score, backtest, read_later
from fiveyear.experiments.backtest.looks import Look
from fiveyear.experiments.backtest.method import SERIES, Method, at_origin, up_to
from fiveyear.experiments.forecast.rivals import walk
from fiveyear.experiments.page.figure import write_files
from fiveyear.model.errors import InputError
from fiveyear.scenarios import load_plan

DRAWS = 1000
MADE_UP = {
    *(*SERIES, "gdp", "gdp_real_growth", "population", "employed", "se_first_degrees"),
    *("invention_applications_total", "manufacturing_value_added", "high_tech_value_added_share"),
}


def made_up(file: Path, plan: str, growth: float = 1.2, years: int = 5) -> Path:
    """Write later facts that nobody observed: from the plan's last ones on, all series grow at one rate."""
    with (load_plan(plan).folder / "observed.csv").open(newline="", encoding="utf-8") as stream:
        last = {r["series"]: r for r in csv.DictReader(stream) if r["series"] in MADE_UP}
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for name, row in last.items():
            for ahead in range(1, years + 1):
                factor = 1.0 if name == "gdp_real_growth" else growth**ahead
                writer.writerow(
                    {
                        **row,
                        "year": load_plan(plan).base_year + ahead,
                        "value": float(row["value"]) * factor,
                        "sd": float(row["sd"]) * factor,
                        "rounding": "",
                        "vintage": "made up",
                        "first_published": f"{load_plan(plan).base_year + ahead + 1}-10",
                        "source": "made up for a test: no observation",
                        "status": "derived",
                    }
                )
    return file


@pytest.fixture(scope="module")
def method() -> Method:
    return at_origin("eleventh", None, None, None, 2011)


@pytest.fixture(scope="module")
def later(method: Method, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return read_later(method, made_up(tmp_path_factory.mktemp("facts") / "made_up.csv", "eleventh"))


@pytest.fixture(scope="module")
def found(method: Method, later: Facts) -> Backtest:
    return backtest(method, later, DRAWS)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the looks of a test apart from those on record."""
    file = tmp_path / "looks.csv"
    monkeypatch.setattr(looks, "ledger", lambda plan: [file])
    return file


# -- scores -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("came", [-2.0, 0.0, 0.3, 4.0])
def test_the_crps_of_a_normal_sample_is_that_of_the_closed_form(came: float) -> None:
    mean, sd = 0.5, 2.0
    sample = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, mean, sd)
    z = (came - mean) / sd
    expected = sd * (z * (2.0 * stats.norm.cdf(z) - 1.0) + 2.0 * stats.norm.pdf(z) - 1.0 / np.sqrt(np.pi))
    assert scores.crps(np.random.default_rng(1).permutation(sample), came) == pytest.approx(expected, rel=1e-3)


def test_the_score_of_logarithms_does_not_know_the_unit() -> None:
    sample = np.array([3.0, 4.0, 6.0])
    assert scores.log_crps(sample, 5.0) == pytest.approx(scores.log_crps(1e6 * sample, 5e6))
    assert scores.log_crps(np.array([5.0 * np.exp(0.1)]), 5.0) == pytest.approx(0.1)


def test_a_draw_below_nothing_does_not_spoil_a_score() -> None:
    assert np.isfinite(scores.log_crps(np.array([-1.0, 4.0, 5.0]), 5.0))


def test_the_walk_is_the_t_distribution_that_its_quantiles_say() -> None:
    values = {2000: 1.0, 2001: 1.3, 2002: 1.4, 2003: 2.0}
    changes = np.diff(np.log(list(values.values())))
    found = walk(values, 2005, "log")
    assert found is not None
    shares = np.array([0.05, 0.5, 0.9])
    scale = changes.std(ddof=1) * np.sqrt(2.0 + 4.0 / 3.0)
    expected = np.exp(stats.t.ppf(shares, 2, np.log(2.0) + 2.0 * changes.mean(), scale))
    assert found.quantiles(shares) == pytest.approx(expected)
    assert found.below(float(expected[2])) == pytest.approx(0.9)


def test_an_interval_over_series_that_are_alike_is_a_point_and_one_series_may_widen_it() -> None:
    alike = [np.array([0.0, 1.0])] * 4
    assert scores.over_series(alike) == (0.5, 0.5, 0.5)
    value, low, high = scores.over_series([*alike, np.array([1.0, 1.0])])
    assert value == pytest.approx(0.6)
    assert low < value < high


def test_what_lies_between_the_ends_of_a_band_is_inside() -> None:
    sample = np.arange(101.0)
    for came, inside in ((50.0, [1, 1, 1]), (20.0, [0, 1, 1]), (7.0, [0, 0, 1]), (99.0, [0, 0, 0])):
        assert module._score(MODEL, "rd_fte", 2006, came, sample).inside.tolist() == inside


def test_skill_width_and_coverage_are_those_worked_out_by_hand(found: Backtest) -> None:
    def row(forecaster: module.Forecaster, series: str, crps: float, half_width: float) -> Score:
        ends = {b: (np.exp(-half_width * b / 0.9), np.exp(half_width * b / 0.9)) for b in (0.5, 0.8, 0.9)}
        return Score(forecaster, series, 2006, np.exp(0.2), 1.0, ends, crps)

    # 0.2 lies in the bands of half width w from a share of 0.18 / w on.
    rows = (
        row(MODEL, "rd_fte", 0.1, 0.30),
        row(WALK, "rd_fte", 0.2, 0.22),
        row(MODEL, "rd_expenditure", 0.3, 0.21),
        row(WALK, "rd_expenditure", 0.6, 0.64),
        row(MODEL, "civic_scientific_literacy", 0.5, 0.10),
    )
    made = replace(found, scores=rows, came={s.series: found.came[s.series] for s in rows})
    assert made.compared == ("rd_fte", "rd_expenditure")
    assert made.skill("rd_fte") == pytest.approx(0.5)
    assert made.width("rd_expenditure") == pytest.approx(0.21 / 0.64)
    assert made.skill("civic_scientific_literacy") is None
    assert made.width("civic_scientific_literacy") is None
    assert made.overall["skill"] == pytest.approx((0.5, 0.5, 0.5))
    assert made.overall["width"] == pytest.approx((0.51 / 0.86, 0.21 / 0.64, 0.30 / 0.22))
    assert [three[0] for three in made.coverage(MODEL).values()] == pytest.approx([0.0, 1 / 3, 2 / 3])
    assert [three[0] for three in made.coverage(WALK).values()] == pytest.approx([0.5, 0.5, 1.0])


def test_the_brier_score_is_the_squared_error_of_a_probability(found: Backtest) -> None:
    first, second = found.promises
    one = replace(first, met=True, chances={MODEL: 0.8, WALK: 0.5})
    other = replace(second, met=False, chances={MODEL: 0.4, WALK: None})
    scored = replace(found, promises=(one, other)).brier()
    assert scored[MODEL] == pytest.approx(((0.04 + 0.16) / 2.0,) * 2)
    assert scored[WALK] == pytest.approx((0.25, 0.04))  # of the first target alone


# -- blind to what comes later ------------------------------------------------------------------------------
def test_no_fact_after_the_origin_is_known(method: Method) -> None:
    assert method.plan.base_year == 2005
    assert max(y for years in method.evidence.facts.values() for y in years) == 2005
    (early, *_), later = (
        method.evidence.facts["rd_fte"].values(),
        replace(method.evidence.facts["gdp"][2005], year=2006),
    )
    assert up_to({"rd_fte": {early.year: early, 2006: later}, "gdp": {2006: later}}, 2005) == {
        "rd_fte": {early.year: early}
    }


def test_an_earlier_origin_is_fitted_to_its_own_facts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[posterior.Evidence] = []

    def stop(known: posterior.Evidence) -> None:
        given.append(known)
        raise InterruptedError

    monkeypatch.setattr(posterior, "calibrate", stop)
    with pytest.raises(InterruptedError):
        at_origin("eleventh", 2003, 2, None, 2011)
    (known,) = given
    assert (known.plan.start, known.plan.base_year, known.plan.end) == (2001, 2003, 2005)
    assert max(y for years in known.facts.values() for y in years) == 2003
    assert max(o.year for o in known.problem().observations) == 2003
    assert {len(path) for path in known.history.values()} == {3}


def test_later_facts_move_no_forecast_and_no_rival(method: Method, found: Backtest, tmp_path: Path) -> None:
    other = backtest(method, read_later(method, made_up(tmp_path / "other.csv", "eleventh", growth=0.9)), DRAWS)
    for name in found.series:
        np.testing.assert_array_equal(found.draws[name], other.draws[name])
    for one, two in zip(found.of(WALK, "rd_fte"), other.of(WALK, "rd_fte"), strict=True):
        assert one.bands == two.bands
        assert one.log_crps != two.log_crps


def test_facts_after_the_horizon_are_not_read_on(tmp_path: Path, method: Method) -> None:
    file = made_up(tmp_path / "long.csv", "eleventh", growth=1.1, years=9)
    assert max(y for years in read_later(method, file).values() for y in years) == method.plan.end


def test_a_ratio_is_not_scored_in_years_when_nobody_knows_what_stands_below_its_line(
    method: Method, later: Facts
) -> None:
    assert module._came(method, later)["rd_intensity"].keys() == set(method.years)
    fewer = {**later, "gdp": {y: f for y, f in later["gdp"].items() if y != 2008}}
    assert module._came(method, fewer)["rd_intensity"].keys() == set(method.years) - {2008}
    assert "rd_intensity" not in module._came(method, {n: f for n, f in later.items() if n != "gdp"})


def test_facts_that_are_the_model_s_medians_are_inside_every_band_and_beat_the_walk(
    method: Method, found: Backtest, later: Facts
) -> None:
    name = "invention_grants_domestic"
    medians = {
        y: replace(
            f, value=float(np.median(found.draws[name][:, y - method.plan.start])), unit=method.scored[name].unit
        )
        for y, f in later[name].items()
        if y > 2005
    }
    told = backtest(method, {**later, name: medians}, DRAWS)
    assert all(s.inside.all() for s in told.of(MODEL, name))
    skill = told.skill(name)
    assert skill is not None
    assert skill > 0.5


def test_what_is_given_goes_on_at_the_growth_of_the_later_facts(method: Method, later: Facts) -> None:
    given = method._given_as(later)
    for name in ("population", "employed", "graduates"):
        past = method.evidence.history[name]
        assert given[name][: len(past)] == pytest.approx(past)
        assert given[name][len(past) :] / given[name][len(past) - 1 : -1] == pytest.approx(np.full(5, 1.2))
    # Spending over GDP stays, since both grow alike; real output grows as the facts say, whatever their prices.
    assert given["planned_rd_intensity"][-1] == pytest.approx(given["planned_rd_intensity"][-6])
    assert given["gdp_real"][-1] / given["gdp_real"][-2] == pytest.approx(1.113)


def test_spending_is_scored_as_an_outlook_and_researchers_as_the_model_s(method: Method) -> None:
    assert set(SERIES) < set(method.scored)
    assert {n for n in method.scored if method.is_given(n)} == {"rd_expenditure", "rd_intensity"}


def test_a_loss_is_put_down_to_the_outlook_only_if_knowing_what_is_given_would_have_turned_it(found: Backtest) -> None:
    def scored(known: float) -> str:
        rows = [(MODEL, 2.0), (WALK, 1.0), (TURNED_OUT, known)]
        ends = dict.fromkeys((0.5, 0.8, 0.9), (1.0, 2.0))
        made = [Score(f, "rd_fte", 2006, 1.5, 1.5, ends, crps) for f, crps in rows]
        return replace(found, scores=tuple(made)).why("rd_fte")

    assert scored(0.5).startswith("the outlook")
    assert scored(1.5).startswith("the model")


def test_bands_hold_the_shares_of_the_model_s_own_draws_that_they_name(found: Backtest) -> None:
    last = found.draws["rd_fte"][:, -1]
    inside = [module._score(MODEL, "rd_fte", 2010, float(value), last).inside for value in last[:200]]
    assert np.mean(inside, axis=0) == pytest.approx([0.5, 0.8, 0.9], abs=0.1)


# -- looks --------------------------------------------------------------------------------------------------
def test_a_look_is_had_only_on_record_and_counted_once(tmp_path: Path) -> None:
    file, this = tmp_path / "looks.csv", Look("2011-07-01", "eleventh", "2005", 5, "method", "facts", "")
    with pytest.raises(InputError, match=r"0 looks are on record .* --look"):
        looks.have([file], this)
    assert not file.exists()
    looks.have([file], replace(this, changed="the first"))
    assert len(looks.have([file], this)) == 1
    assert len(looks.have([file], replace(this, changed="the same again"))) == 1
    with pytest.raises(InputError, match="1 looks are on record"):
        looks.have([file], replace(this, method="another"))
    assert len(looks.have([file], replace(this, method="another", changed="a wider prior"))) == 2
    assert len(looks.have([file], replace(this, origin="2003", changed="elsewhere"))) == 3
    assert len(looks.have([file], replace(this, plan="twelfth", changed="another plan"))) == 1
    told = ["the first", "a wider prior", "elsewhere", "another plan"]
    assert [look.changed for look in looks.read(file)] == told


def test_the_shipped_method_was_looked_at_once_and_that_is_on_record(method: Method) -> None:
    seen = [look for look in looks.read(looks.ledger("eleventh")[0]) if look.origin == "2005"]
    assert [look.method for look in seen].count(method.fingerprint) == 1


def test_every_faulty_row_of_the_record_is_named(tmp_path: Path) -> None:
    file = tmp_path / "looks.csv"
    file.write_text(
        "date,plan,origin,horizon,method,facts,changed\n2011-07-01,eleventh,2005,five,a,b,c\n2011-07-01,2005\n"
    )
    with pytest.raises(CalibrationError, match=r"(?s)row 2.*row 3"):
        looks.read(file)
    file.write_text("date,origin\n")
    with pytest.raises(CalibrationError, match="expected date, plan, origin, horizon, method, facts, changed"):
        looks.read(file)


def test_what_the_method_follows_from_is_in_its_hash(method: Method) -> None:
    known = method.evidence
    wider = known.priors.outlook["gdp_real"].model_copy(update={"sd": 3.5})
    priors = known.priors.model_copy(update={"outlook": {**known.priors.outlook, "gdp_real": wider}})
    fitted = replace(method.ensemble.posterior, evidence=replace(known, priors=priors))
    assert Method(replace(method.ensemble, posterior=fitted)).fingerprint != method.fingerprint
    drifting = known.priors.surprises["cost_surprise"].model_copy(update={"epoch_sd": 0.1})
    priors = known.priors.model_copy(update={"surprises": {**known.priors.surprises, "cost_surprise": drifting}})
    fitted = replace(method.ensemble.posterior, evidence=replace(known, priors=priors))
    assert Method(replace(method.ensemble, posterior=fitted)).fingerprint != method.fingerprint


# -- figures ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("module", [bands, skills])
def test_every_figure_fits_a_column_a_page_and_a_slide(found: Backtest, module: Any, fits: Callable[..., Any]) -> None:
    assert fits(lambda: module.drawing(found)) == []
    assert pickle.loads(pickle.dumps(module.drawing(found).figure))


def test_titles_count_what_lay_in_the_bands_and_where_the_model_was_better(found: Backtest) -> None:
    scored = [s for s in found.scores if s.forecaster == "model"]
    inside = sum(s.bands[0.9][0] <= s.came <= s.bands[0.9][1] for s in scored)
    assert bands.drawing(found).figure.args[0].title.startswith(f"{inside} of {len(scored)} figures")  # type: ignore[attr-defined]
    better = [n for n in found.compared if (found.skill(n) or 0.0) > 0.0]
    title = skills.drawing(found).figure.args[0].title  # type: ignore[attr-defined]
    assert title.endswith(f"random walk on {len(better)} of {len(found.compared)} series")


def test_every_number_drawn_is_written_beside_the_picture(found: Backtest, tmp_path: Path) -> None:
    write_files(tmp_path / "bands.png", *bands.drawing(found))
    with (tmp_path / "bands.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {r["series"] for r in rows} == set(found.series)
    drawn = {(r["series"], r["what"], r["year"]): float(r["value"]) for r in rows}
    expected = np.quantile(found.draws["rd_fte"][:, -1], 0.95)
    assert drawn["rd_fte", "model p95", "2010"] == pytest.approx(expected)
    with (load_plan("eleventh").folder / "observed.csv").open(newline="", encoding="utf-8") as stream:
        (fact,) = [r for r in csv.DictReader(stream) if (r["series"], r["year"]) == ("rd_fte", "2005")]
    assert drawn["rd_fte", "before", "2005"] == float(fact["value"])


# -- command ------------------------------------------------------------------------------------------------
def test_the_command_scores_later_facts_of_any_plan(
    fiveyear: Callable[..., Any], ledger: Path, tmp_path: Path, found: Backtest
) -> None:
    file, out = made_up(tmp_path / "later.csv", "eleventh"), tmp_path / "out"
    words = ("backtest", "--scored", file, "--draws", str(DRAWS))
    refused = fiveyear(*words)
    assert (refused.code, refused.out) == (2, "")
    assert "--look" in refused.err
    ended = fiveyear(*words, "--look", "made-up facts", "--json", "--out", out)
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert told["schema"] == "fiveyear.backtest/1"
    assert (told["origin"], told["horizon"], len(told["looks"])) == (2005, 5, 1)
    assert told["overall"]["skill"]["value"] == pytest.approx(found.overall["skill"][0])
    assert {f.suffix for f in out.iterdir()} == {".md", ".png", ".pdf", ".csv"}
    again = fiveyear(*words, "--out", out)
    assert (again.code, "exists" in again.err) == (2, True)
    printed = fiveyear(*words)
    assert printed.code == 0
    assert "Looks at scores so far: 1 from 2005." in printed.out
    assert len(looks.read(ledger)) == 1


@pytest.mark.slow
def test_the_twelfth_plan_can_be_scored_once_its_facts_are_there(
    fiveyear: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    file = made_up(tmp_path / "later.csv", "twelfth", growth=1.1)
    words = ("backtest", "--plan", "twelfth", "--origin", "2010", "--draws", str(DRAWS))
    ended = fiveyear(*words, "--scored", file, "--look", "made-up facts", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert [s["given"] for s in told["series"]] == [False] * len(told["series"])  # here the model explains spending too
    assert len(told["targets"]) >= 6
    nothing = fiveyear(*words)
    assert nothing.code == 2
    assert "no plan kept here has facts up to 2015" in nothing.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--plan", "thirteenth"), ["thirteenth"]),
        (
            ("--origin", "2002"),
            [f"{n} has 3 facts up to then; expected 4" for n in ("rd_fte", "technology_market_value")],
        ),
        (("--origin", "2011"), ["expected a year with facts to fit, 2002 to 2005"]),
        (("--horizon", "0"), ["--horizon 0: expected a year or more after the origin, 2005"]),
        (("--facts", "rumours"), ["no such information set"]),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    fiveyear: Callable[..., Any], ledger: Path, words: tuple[str, ...], told: list[str]
) -> None:
    ended = fiveyear("backtest", *words)
    assert (ended.code, ended.out) == (2, "")
    assert all(text in ended.err for text in told), ended.err
    assert not ledger.exists()


def test_facts_that_end_before_the_horizon_are_refused(
    fiveyear: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    file = made_up(tmp_path / "short.csv", "eleventh", years=3)
    ended = fiveyear("backtest", "--scored", file, "--look", "made-up facts")
    assert ended.code == 2
    assert "they end in 2008, 3 years after the origin; expected facts up to 2010" in ended.err
    assert not ledger.exists()


def test_every_faulty_row_of_the_later_facts_is_named(
    fiveyear: Callable[..., Any], ledger: Path, tmp_path: Path
) -> None:
    file = made_up(tmp_path / "later.csv", "eleventh")
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace("made up for a test: no observation", "")
    lines[7] = lines[7].replace(",2007,", ",2007b,").replace(",2006,", ",2006b,")
    file.write_text("\n".join(lines), encoding="utf-8")
    ended = fiveyear("backtest", "--scored", file, "--look", "made-up facts")
    assert (ended.code, ended.out) == (2, "")
    assert "row 4: no source" in ended.err
    assert "row 8: year" in ended.err


def test_a_figure_without_a_logarithm_is_refused(method: Method, later: Facts) -> None:
    nothing = {y: replace(f, value=-1.0) for y, f in later["rd_fte"].items()}
    with pytest.raises(CalibrationError, match=r"rd_fte of 2007: -1 has no logarithm"):
        backtest(method, {**later, "rd_fte": nothing}, 10)


def test_the_page_names_the_command_and_says_all_that_is_printed(found: Backtest) -> None:
    look = Look("2011-07-01", "eleventh", "2005", 5, "method", "facts", "the first")
    page = report.page(found, [look], "fiveyear backtest --plan eleventh --out DIR", {"bands.png": "Bands"})
    assert "`fiveyear backtest --plan eleventh --out DIR`" in page
    assert all(line in page for line in report.sentences(found, [look]))
    assert "2011-07-01, from 2005, 5 years ahead, method method: the first" in page
