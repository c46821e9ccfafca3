"""The report on a calibration: its numbers, its words, its files; and twins, of which the truth is known."""

from __future__ import annotations

import csv
import html
import io
import json
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from fiveyear.calibration import information, posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.fit import Fit, fit
from fiveyear.calibration.posterior import Evidence, Posterior
from fiveyear.calibration.random_numbers import normals
from fiveyear.calibration.sampler import Convergence
from fiveyear.experiments.learned import files as report
from fiveyear.experiments.learned import robustness, sections, tables
from fiveyear.experiments.learned import study as of_study
from fiveyear.experiments.learned.page import written
from fiveyear.experiments.learned.robustness import Moved
from fiveyear.experiments.learned.study import Study
from fiveyear.experiments.page.comma_separated import drawn
from fiveyear.experiments.page.figure import Drawing
from fiveyear.experiments.page.style import house_style
from fiveyear.model.kernel import engine
from fiveyear.model.labels import label
from fiveyear.scenarios import answered_by, load_plan

DRAWS = 200


@pytest.fixture(scope="module")
def few() -> Iterator[None]:
    """Let the report take few draws and points: enough for all but digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robustness, "DRAWS", DRAWS)
        patch.setattr(information, "POINTS", 5)
        yield


@pytest.fixture(scope="module")
def known() -> Evidence:
    return posterior.evidence(load_plan("twelfth"), "july2011")


@pytest.fixture(scope="module")
def found(known: Evidence) -> Fit:
    return fit(known.problem())


@pytest.fixture(scope="module")
def study(known: Evidence, found: Fit, few: None) -> Study:
    return of_study.study(posterior.load(known), found)


# -- numbers ----------------------------------------------------------------------------------------------------
def test_every_fact_is_told_in_the_unit_it_was_published_in(study: Study, known: Evidence) -> None:
    assert len(study.facts) == len(known.problem().observations)
    for row in study.facts:
        fact = known.facts[row.series][row.year]
        assert (row.fact, row.unit, row.sd) == (fact.value, fact.unit, fact.sd)
        assert row.p05 < row.median < row.p95
        assert row.residual == pytest.approx((row.fact - row.mode) / row.sd, rel=1e-6)


def test_theils_shares_of_every_series_add_to_1(study: Study) -> None:
    for row in study.series:
        assert row.bias + row.variance + row.covariance == pytest.approx(1.0)


def test_prior_and_posterior_agree_where_no_fact_speaks(study: Study) -> None:
    unread = [p for p in study.parameters if not p.read]
    assert "mainland_share" in [p.parameter for p in unread]
    for row in unread:
        assert row.profile == "flat"
        assert not row.informed
        spread = row.prior_p95 - row.prior_p05
        assert row.median == pytest.approx(row.prior_median, abs=0.1 * spread)
        assert row.p95 - row.p05 == pytest.approx(spread, rel=0.2)


def test_a_parameter_with_a_closed_profile_is_nearer_to_it_than_its_prior_is_wide(study: Study) -> None:
    closed = [p for p in study.parameters if p.profile == "closed"]
    assert len(closed) > 5
    for row in closed:
        assert row.profile_low is not None
        assert row.profile_high is not None
        assert row.profile_low < row.median < row.profile_high
        assert row.p95 - row.p05 < row.prior_p95 - row.prior_p05


def test_the_prior_holds_more_facts_than_its_intervals_promise(study: Study) -> None:
    inside = {(r.drawn_from, r.level): r.inside for r in study.predictive}
    assert inside["prior", 0.9] >= 0.9
    assert all(inside[name, 0.5] <= inside[name, 0.9] for name in ("prior", "posterior"))


def test_the_effective_number_is_between_nothing_and_the_number_of_facts(study: Study) -> None:
    number = information.effective_number(study.spectrum)
    assert 0.0 < number < len(study.facts)
    # What each series alone tells cannot be more than all tell together.
    assert sum(row.lost for row in study.left_out) < number


# -- robustness -------------------------------------------------------------------------------------------------
def test_a_parameter_that_is_moved_stands_there_and_what_no_fact_ties_to_it_stays(study: Study, found: Fit) -> None:
    problem = found.problem
    z = information.latent(problem, study.fitted.parameters, study.fitted.shocks)
    (moved,) = information.conditioned(found, z, "rival_growth", [1.0])
    place = problem.names.index("rival_growth")
    assert np.all(moved[:, place] == 1.0)
    assert np.delete(moved, place, axis=1) == pytest.approx(np.delete(z, place, axis=1), abs=1e-9)


def test_facts_stay_as_well_met_when_a_parameter_is_moved_along_what_it_goes_together_with(
    study: Study, found: Fit
) -> None:
    problem = found.problem
    z = information.latent(problem, study.fitted.parameters, study.fitted.shocks)
    alone = z.copy()
    alone[:, problem.names.index("hiring_time")] = -1.645
    as_fitted, with_the_others, by_itself = (
        np.median(np.sum(problem.residuals(moved) ** 2, axis=1))
        for moved in (z, *information.conditioned(found, z, "hiring_time", [-1.645]), alone)
    )
    assert with_the_others < as_fitted + 20.0
    assert by_itself > 2.0 * as_fitted


def test_rivals_who_grow_fast_cost_the_rank_and_nothing_else(study: Study) -> None:
    by_rivals = [m for m in study.moved if m.parameter == "rival_growth"]
    assert {m.scenario for m in by_rivals} == {"plan", "behavioural"}
    for one in by_rivals:
        if one.indicator == "citation_rank":
            assert one.at_low > one.probability > one.at_high
            assert one.other_word
        else:
            assert one.at_low == one.probability == one.at_high


def test_the_probability_as_fitted_is_that_of_reach(study: Study, reached: Callable[..., Any]) -> None:
    for scenario in ("plan", "behavioural"):
        chances = {f.target.indicator: f.probability for f in reached(scenario, draws=DRAWS).findings}
        told = {m.indicator: m.probability for m in study.moved if m.scenario == scenario}
        assert told == {n: p.value for n, p in chances.items() if p is not None}


@pytest.mark.parametrize(
    ("ends", "word", "side"),
    [((0.6, 0.5), False, False), ((0.6, 0.49), False, True), ((0.7, 0.55), True, False), ((0.55, 0.55), False, False)],
)
def test_an_answer_changes_its_word_at_a_cut_point_and_its_side_at_one_half(
    ends: tuple[float, float], word: bool, side: bool
) -> None:
    one = Moved("plan", "rd_intensity", "hiring_time", 0.55, *ends)
    assert (one.other_word, one.other_side) == (word, side)


def test_a_plan_without_the_two_scenarios_is_judged_by_its_own() -> None:
    assert [s.name for s in answered_by(load_plan("twelfth"))] == ["plan", "behavioural"]
    assert [s.name for s in answered_by(load_plan("eleventh"))] == ["eleventh_plan", "eleventh_trend"]


# -- words, tables, figures -------------------------------------------------------------------------------------
def test_every_section_says_first_what_it_shows_and_then_what_this_run_says(study: Study) -> None:
    for section in sections.sections(study):
        assert section.reading.startswith("This section ")
        assert section.findings
        assert all(re.fullmatch(r".+[.]", sentence) for sentence in section.findings)


def test_what_a_sampling_falls_short_of_is_told_first(study: Study) -> None:
    names = study.fitted.convergence.r_hat
    good = Convergence(
        r_hat=dict.fromkeys(names, 1.001),
        ess_bulk=dict.fromkeys(names, 900.0),
        ess_tail=dict.fromkeys(names, 800.0),
        autocorrelation_time=dict.fromkeys(names, 20.0),
        steps=1000,
        walkers=64,
        ensembles=4,
    )
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "has settled"),
        ({"r_hat": {**good.r_hat, "hiring_time": 1.02}}, "R-hat is not below 1.01"),
        ({"ess_tail": {**good.ess_tail, "hiring_time": 90.0}}, "effective draws are not above 400"),
        ({"steps": 980}, "49 times as many steps"),
    )
    for changed, told in changes:
        fitted = replace(study.fitted, convergence=replace(good, **changed))
        assert told in sections.sections(replace(study, fitted=fitted))[0].findings[0]


def test_words_follow_the_numbers(study: Study) -> None:
    bad = replace(study.series[0], series="rd_fte", chance=0.001, durbin_watson=0.3, bias=0.9, variance=0.05)
    first, *others = sections._fit(replace(study, series=(bad, *study.series[1:]))).findings
    assert "R&D personnel (such residuals come by chance with P .001)" in first
    assert "R&D personnel" in others[0]
    assert "R&D personnel (0.3)" in others[1]
    calm = [replace(s, chance=0.5, durbin_watson=2.0, bias=0.0, variance=0.0) for s in study.series]
    first, *others = sections._fit(replace(study, series=tuple(calm))).findings
    assert "every series is followed" in first
    assert all("In no series" in sentence for sentence in others)


def test_the_page_holds_its_figures_and_asks_the_network_for_nothing(study: Study) -> None:
    page = written(study, {name: b"picture of " + name.encode() for name in report.FIGURES})
    assert page.count('src="data:image/png;base64,') == len(report.FIGURES)
    assert not re.search(r"https?:|<script|<link", page)
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "`" not in text
    assert "nan" not in text
    assert not re.search(r"[a-z]_[a-z]", text)  # a name in code
    for row in study.parameters:
        assert label(row.parameter) in text


@pytest.mark.parametrize("name", report.FIGURES)
def test_every_figure_fits_a_column_a_page_and_a_slide(
    study: Study, name: str, fits: Callable[[Callable[[], Drawing]], list[str]]
) -> None:
    assert fits(lambda: report.FIGURES[name](study)) == []
    assert pickle.loads(pickle.dumps(report.FIGURES[name](study).figure))


def test_titles_say_what_the_numbers_say(study: Study) -> None:
    titles = {name: drawing(study).figure.args[0].title for name, drawing in report.FIGURES.items()}  # type: ignore[attr-defined]
    informed = sum(p.contraction >= 0.5 for p in study.parameters)
    assert titles["parameters"].startswith(f"The facts narrow {informed} of {len(study.parameters)} parameters")
    headline = {t.indicator for t in study.fitted.evidence.plan.targets if t.kind == "headline"}
    crossed = {
        (m.scenario, m.indicator)
        for m in study.moved
        if m.indicator in headline and not (min(m.at_low, m.at_high, m.probability) >= 0.5)
        and max(m.at_low, m.at_high, m.probability) >= 0.5
    }  # fmt: skip
    assert f", {len(crossed)} of " in titles["robustness"]
    calm = replace(study, series=tuple(replace(s, chance=0.5) for s in study.series))
    assert report.FIGURES["fit"](calm).figure.args[0].title.endswith("every series is followed within its error")  # type: ignore[attr-defined]
    astray = replace(study, series=(replace(study.series[0], series="rd_fte", chance=0.001), *calm.series[1:]))
    assert report.FIGURES["fit"](astray).figure.args[0].title.endswith("of measurement: R&D personnel")  # type: ignore[attr-defined]


def test_what_does_not_fit_a_figure_is_said_to_be_in_the_numbers(study: Study) -> None:
    drawing = report.FIGURES["parameters"](study)
    with house_style("slide"):
        picture = drawing.figure()
    (bars, *_) = picture.axes
    drawn_rows = len(bars.get_yticks())
    assert drawn_rows < len(study.parameters)
    text = " ".join(" ".join(t.get_text().split()) for t in picture.findobj(Text))
    assert f"{len(study.parameters) - drawn_rows} parameters with less contraction" in text
    assert len(list(drawing.rows)) == 1 + len(study.parameters)


def test_tables_hold_what_the_page_tells(study: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(drawn(tables.table("parameters", study)).decode())))
    assert [r["parameter"] for r in rows] == [p.parameter for p in study.parameters]
    assert [r["informed"] == "true" for r in rows] == [p.informed for p in study.parameters]
    assert {r["profile_high"] for r in rows if r["profile"] == "flat"} == {""}
    changed = list(csv.DictReader(io.StringIO(drawn(tables.table("robustness", study)).decode())))
    assert sum(r["other_word"] == "true" for r in changed) == sum(m.other_word for m in study.moved)


# -- the command ------------------------------------------------------------------------------------------------
def test_the_command_writes_the_report_from_the_posterior_that_is_kept(
    fiveyear: Callable[..., Any], tmp_path: Path, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("sampled again")

    monkeypatch.setattr(posterior, "calibrate", never)
    ended = fiveyear("calibrate", "--report", tmp_path / "report", "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["schema"] == "fiveyear.calibrate/1"
    assert (told["report"]["plan"], told["report"]["facts"]) == ("twelfth", "july2011")
    assert {Path(f) for f in told["files"]} == set((tmp_path / "report").iterdir())
    assert "mainland_share" in told["report"]["uninformed"]
    again = fiveyear("calibrate", "--report", tmp_path / "report")
    assert again.code == 2
    assert "--force" in again.err


def test_a_posterior_that_does_not_hold_is_sampled_again_and_kept(
    fiveyear: Callable[..., Any],
    tmp_path: Path,
    few: None,
    known: Evidence,
    found: Fit,
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stale(*args: object) -> None:
        raise CalibrationError("posterior.nc", ["is stale: since the fit these have changed: facts"])

    monkeypatch.setattr(posterior, "load", stale)
    monkeypatch.setattr(posterior, "calibrate", lambda *args, **kwargs: (found, study.fitted))
    monkeypatch.setattr(posterior, "place_to_keep", lambda *args: tmp_path / "kept.nc")
    monkeypatch.setattr(of_study, "study", lambda *args, **kwargs: study)
    ended = fiveyear("calibrate", "--report", tmp_path / "report")
    assert ended.code == 0
    assert "these have changed: facts\nfitting again" in ended.err
    written = ended.out.split("written: ")[1].split(", ")
    assert len(written) == 1 + 23 and written[0] == str(tmp_path / "report" / "report.html")
    assert (tmp_path / "kept.nc").is_file()


BAD = {
    "two plans": (("--plan", "twelfth", "--plan", "eleventh"), "one --plan and one --facts at most"),
    "an unknown set": (("--facts", "july2012"), "july2011"),
    "an unknown plan": (("--plan", "twelvth"), "nearest is twelfth"),
}


def test_force_without_a_report_is_refused(fiveyear: Callable[..., Any]) -> None:
    ended = fiveyear("calibrate", "--force")
    assert ended.code == 2
    assert "--force: only --report" in ended.err


def test_without_the_engine_that_sampling_needs_calibrate_says_what_to_install(
    fiveyear: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "available", lambda: False)
    ended = fiveyear("calibrate", "--plan", "eleventh")
    assert (ended.code, ended.out) == (2, "")
    assert 'pip install "fiveyear[fast]"' in " ".join(ended.err.split())


@pytest.mark.parametrize(("words", "told"), BAD.values(), ids=BAD)
def test_what_cannot_be_reported_is_refused_before_any_work(
    fiveyear: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ended = fiveyear("calibrate", "--report", tmp_path / "report", *words)
    assert ended.code == 2
    assert told in ended.err
    assert not (tmp_path / "report").exists()


# -- twins: facts made by the model itself ------------------------------------------------------------------------
# In the order in which their errors are drawn: those of a fact do not hang on where its series is declared.
DRAWN = (
    *("rd_expenditure", "rd_fte", "invention_applications_domestic", "invention_grants_domestic"),
    *("invention_patents_in_force", "share_in_force_older_than_5_years", "technology_market_value"),
    *("high_tech_value_added_share", "sci_papers", "citations", "civic_scientific_literacy"),
)
DRIFT, SERIES = "propensity_drift_at_start", "invention_applications_domestic"


def _twin(known: Evidence, found: Fit, drift: float) -> Evidence:
    """Give the facts that the model makes with a known drift and no surprise, errors of measurement added."""
    problem = found.problem
    z = found.mode.copy()
    z[[n.startswith(tuple(problem.shocks)) for n in problem.names]] = 0.0
    ladder = np.linspace(-8.0, 8.0, 16_001)
    z[problem.names.index(DRIFT)] = np.interp(drift, problem.parameters[DRIFT](ladder), ladder)
    predicted = zip(problem.observations, problem.predict(z[None, :])[0], strict=True)
    ordered = sorted(predicted, key=lambda pair: DRAWN.index(pair[0].series))
    errors = normals(1, "errors", 0, 1, len(ordered))[0]
    facts = {series: dict(years) for series, years in known.facts.items()}
    for (fact, true), error in zip(ordered, errors, strict=True):
        published = facts[fact.series][fact.year]
        value = float(published.value / fact.value * (true + fact.sd * error))
        facts[fact.series][fact.year] = replace(published, value=value, rounding=0.0)
    return replace(known, facts=facts)


def _without_drift(twin: Evidence) -> Evidence:
    return replace(twin, plan=replace(twin.plan, parameters={**twin.plan.parameters, DRIFT: 0.0}))


def _width_ahead(evidence: Evidence) -> float:
    """Give the sd of the logarithm of applications of the last year, as forecast from the facts of earlier ones."""
    early = fit(evidence.problem(evidence.plan.base_year - 1))
    whole = evidence.problem()
    predicted = whole.predict(early.sample(normals(3, "ahead", 0, 500, len(whole.names))))
    last = max(n for n, f in enumerate(whole.observations) if f.series == SERIES)
    return float(np.log(predicted[:, last]).std())


def _studied(twin: Evidence, shipped: Posterior, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Give the report on the normal approximation, without running scenarios."""
    monkeypatch.setattr(of_study, "robustness", lambda *args: ())
    again = fit(twin.problem())
    parameters, shocks = again.problem.values(again.sample(normals(2, "twin", 0, 500, len(again.problem.names))))
    taken = dict(zip(again.problem.names, 1.0 - np.diag(again.covariance), strict=True))
    fitted = replace(shipped, evidence=twin, parameters=parameters, shocks=shocks, contraction=taken)
    return of_study.study(fitted, again)


def test_a_twin_without_drift_fitted_by_the_full_model_widens_the_bands_and_the_drift_is_told_to_be_open(
    known: Evidence, found: Fit, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = _twin(known, found, 0.0)
    full = _studied(twin, posterior.load(known), monkeypatch)
    # The forecast of applications per person one year ahead, by the full model and by the true one.
    assert _width_ahead(twin) > 1.02 * _width_ahead(_without_drift(twin))
    drift = next(p for p in full.parameters if p.parameter == DRIFT)
    assert drift.p05 < 0.0 < drift.p95
    assert not any(s.one_sided for s in full.shocks)


def test_a_twin_with_drift_fitted_without_it_has_shocks_on_one_side_and_the_report_says_where(
    known: Evidence, found: Fit, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = _twin(known, found, 0.25)
    full, lacking = (_studied(e, posterior.load(known), monkeypatch) for e in (twin, _without_drift(twin)))
    assert [s.shock for s in lacking.shocks if s.one_sided] == ["propensity_surprise"]
    assert "propensity surprise (up in 6 of 6 years" in sections._shocks(lacking).findings[0]
    assert not any(s.one_sided for s in full.shocks)
