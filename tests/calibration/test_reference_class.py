"""The reference class: what its tables may hold, and that its study finds what made-up panels were made with."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fiveyear.calibration import posterior
from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.priors import Lognormal
from fiveyear.calibration.reference_class import study
from fiveyear.calibration.reference_class.panel import FIRST, HERE, LAST, OWN, SERIES, Panel, read_panel
from fiveyear.calibration.reference_class.records import read_planned_rises, read_provinces
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan

YEARS = LAST - FIRST + 1


def made_up(logs: Array) -> Panel:
    """Give a panel whose real GDP has these logarithms, (country, year); all countries are large enough."""
    others = (
        "gerd_gdp", "researchers_per_million", "patents_resident", "grants_by_origin", "articles",
        "medium_high_tech_share",
    )  # fmt: skip
    values = {name: np.full_like(logs, np.nan) for name in others}
    values |= {"gdp_real": np.exp(logs), "population": np.full_like(logs, 1e8)}
    return Panel(tuple(f"C{n:02d}" for n in range(len(logs))), values)


def walks(seed: int, countries: int, yearly: float, epoch: float) -> Array:
    """Give walks, (country, year), whose growth is drawn anew every five years, about nil, with yearly shocks."""
    random = np.random.default_rng(seed)
    growth = np.repeat(random.normal(0.0, epoch, (countries, -(-YEARS // 5))), 5, axis=1)[:, :YEARS]
    return np.asarray(np.cumsum(growth + random.normal(0.0, yearly, growth.shape), axis=1))


# -- what the tables hold -------------------------------------------------------------------------------------------
def test_the_panel_that_is_shipped_holds_other_countries_up_to_2010_each_row_with_source_and_licence() -> None:
    panel = read_panel()
    assert len(panel.countries) > 150
    assert not {*OWN} & {*panel.countries}
    assert panel.years[-1] == 2010
    with (HERE / "sources.csv").open(newline="", encoding="utf-8") as stream:
        assert all(row["source"] and row["licence"] for row in csv.DictReader(stream))
    for name in SERIES:
        assert np.isfinite(panel.logs(name)).sum() > 500


def test_a_panel_as_it_was_known_forgets_what_came_later_and_a_country() -> None:
    whole = read_panel()
    of_2007 = whole.as_known(2007, "KOR")
    assert "KOR" in whole.countries and "KOR" not in of_2007.countries
    place = whole.countries.index("KOR")
    for name, figures in whole.values.items():
        altered = np.where(whole.years > 2007, 2.0 * figures, figures)
        altered[place] *= 3.0
        again = Panel(whole.countries, {**whole.values, name: altered}).as_known(2007, "KOR")
        np.testing.assert_array_equal(again.values[name], of_2007.values[name])
        assert np.isfinite(of_2007.values[name][:, : 2008 - FIRST]).sum() > 100


def test_priors_of_korea_are_what_the_class_said_in_2007(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "DRAWS", 2)  # no interval is asked about
    panel, priors = read_panel().as_known(2007, "KOR"), posterior.evidence(load_plan("korea577"), None).priors
    splits = {name: study.split(panel, name) for name in study.forecast_series(panel)}
    yearly_and_epoch = {name: (of.yearly.value, of.epoch.value) for name, of in splits.items()}
    kept = {n: study.share_retained(*study.windows(panel, n).fast_growth) for n in yearly_and_epoch}
    surprises = {n: (s.yearly_sd, s.epoch_sd, s.retained) for n, s in priors.surprises.items()}
    cost, papers = ((1.25 * s, 1.25 * u) for s, u in (yearly_and_epoch["researchers"], yearly_and_epoch["articles"]))
    assert surprises["cost_surprise"] == pytest.approx((*cost, kept["researchers"]), abs=0.005)
    assert surprises["paper_surprise"] == pytest.approx((*papers, kept["articles"]), abs=0.005)
    yearly, (s, u) = yearly_and_epoch["applications"][0], yearly_and_epoch["applications_per_researcher"]
    epoch = np.sqrt((5.0 * s**2 + 25.0 * u**2 - 5.0 * yearly**2) / 25.0)
    assert surprises["propensity_surprise"] == pytest.approx((1.25 * yearly, 1.25 * epoch, 0.0), abs=0.0005)
    assert kept["applications_per_researcher"] < 0.0
    lasting = priors.parameters["paper_drift_persistence"]
    assert isinstance(lasting, Lognormal)
    assert np.exp(-5.0 / lasting.median) == pytest.approx(kept["articles"], abs=0.005)
    gdp, intensity = (priors.outlook[name] for name in ("gdp_real", "planned_rd_intensity"))  # in %/year
    assert (gdp.yearly_sd / 100.0, gdp.sd / 100.0) == pytest.approx(yearly_and_epoch["gdp_real"], abs=0.0005)
    assert intensity.yearly_sd / 100.0 == pytest.approx(yearly_and_epoch["rd_intensity"][0], abs=0.0005)
    delivered = np.mean([rise.delivered for rise in read_planned_rises() if rise.due <= 2007])
    assert intensity.mean / 100.0 == pytest.approx(np.log1p(delivered * (5.0 - 3.21) / 3.21) / 5.0, abs=0.001)


FAULTS: dict[str, tuple[str, Callable[[list[str]], list[str]], str]] = {
    "a row of China": (
        "panel.csv",
        lambda lines: [*lines, "articles,CHN,2009,74019,s01"],
        r"row \d+: CHN: China is no part of its own reference class",
    ),
    "a duplicate": (
        "panel.csv",
        lambda lines: [*lines, lines[1]],
        r"row \d+: articles AFG 1986 stands in row 2 too",
    ),
    "a row without a source": (
        "panel.csv",
        lambda lines: [*lines, "articles,FRA,2010,1,"],
        "no source_id: sources.csv has no source and licence of articles under it",
    ),
    "a source of another series": (
        "panel.csv",
        lambda lines: [*lines, "articles,FRA,2010,1,s06"],
        'source_id "s06": sources.csv has no source and licence of articles',
    ),
    "a later year": ("panel.csv", lambda lines: [*lines, "articles,FRA,2011,1,s01"], 'year "2011": expected 1980'),
    "a text": ("panel.csv", lambda lines: [*lines, "articles,FRA,2010,many,s01"], 'value "many": expected a number'),
    "nil": ("panel.csv", lambda lines: [*lines, "articles,FRA,2010,0,s01"], 'value "0": expected a number above 0'),
    "a cell too few": ("panel.csv", lambda lines: [*lines, "articles,FRA,2010,1"], "more or fewer cells"),
    "a cell too many": ("panel.csv", lambda lines: [*lines, "articles,FRA,2010,1,s01,x"], "more or fewer cells"),
    "a source without a licence": (
        "sources.csv",
        lambda lines: [lines[0], *(line.rsplit(',"World', 1)[0] + "," for line in lines[1:2]), *lines[2:]],
        "row 2: no licence",
    ),
    "no row of a source": (
        "panel.csv",
        lambda lines: [line for line in lines if not line.startswith("articles,")],
        "no row of articles, which sources.csv has",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_row_that_cannot_be_is_refused_by_its_number(tmp_path: Path, fault: str) -> None:
    name, change, match = FAULTS[fault]
    for file in HERE.glob("*.csv"):
        shutil.copy(file, tmp_path)
    lines = (tmp_path / name).read_text("utf-8").splitlines()
    (tmp_path / name).write_text("\n".join(change(lines)) + "\n", "utf-8")
    with pytest.raises(CalibrationError, match=match) as refused:
        read_panel(tmp_path)
    assert name in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("Lisbon national target,AUT", "Lisbon national target,CHN", "row 2: CHN: China is no part"),
        (",AUT,2006,2004,2.26,2010,3.0,", ",AUT,2006,2004,2.26,2010,2.0,", "row 2: target 2.0: expected more than"),
        (",AUT,2006,2004,2.26,2010,", ",AUT,2006,2004,2.26,2020,", 'row 2: target_year "2020": expected a year up'),
        (",AUT,2006,2004,2.26,", ",AUT,2006,2004,,", "row 2: no base"),
        ("Lisbon national target,BEL", "Lisbon national target,AUT", "row 3: .* stands in row 2 too"),
    ],
)
def test_a_target_that_cannot_be_is_refused_by_its_row(tmp_path: Path, old: str, new: str, match: str) -> None:
    text = (HERE / "targets.csv").read_text("utf-8")
    assert text.count(old) == 1
    (tmp_path / "targets.csv").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(CalibrationError, match=match):
        read_planned_rises(tmp_path)


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("technology_sold,China,2010,1,10k yuan,x", "China is the total, no province"),
        ("technology_sold,Hubei,2011,1,10k yuan,x", 'year "2011": expected 2000, 2005, 2010'),
        ("technology_sold,Hubei,2010,1,10k yuan,x", "technology_sold Hubei 2010 stands twice"),
        ("technology_sold,Hubei,2010,-1,10k yuan,x", 'value "-1": expected a number of 0 or more'),
        ("technology_sold,Hubei,2010,1,10k yuan,", "no source"),
    ],
)
def test_a_province_that_cannot_be_is_refused_by_its_row(tmp_path: Path, row: str, match: str) -> None:
    text = (HERE / "provinces.csv").read_text("utf-8")
    (tmp_path / "provinces.csv").write_text(f"{text}{row}\n", "utf-8")
    with pytest.raises(CalibrationError, match=rf"row {text.count(chr(10)) + 1}: {match}"):
        read_provinces(tmp_path)


def test_a_rise_is_delivered_in_the_vintage_of_its_outcome() -> None:
    austria = next(r for r in read_planned_rises() if r.country == "AUT")
    assert austria.delivered == pytest.approx((2.7878 - 2.2366) / (3.0 - 2.26))
    assert not austria.met


# -- what the study finds -------------------------------------------------------------------------------------------
def test_steady_growth_is_carried_on_without_an_error() -> None:
    steady = np.outer(np.linspace(0.01, 0.09, 9), np.arange(YEARS))
    of = study.windows(made_up(steady), "gdp_real")
    assert np.isfinite(of.growth).sum() == 9 * (YEARS - 5)
    for h in study.HORIZONS:
        assert np.isfinite(of.errors[h]).sum() == 9 * (YEARS - 5 - h)
        assert np.nanmax(np.abs(of.errors[h])) < 1e-12
    np.testing.assert_allclose(of.next_growth()[:, 10], np.linspace(0.01, 0.09, 9), rtol=1e-9)


def test_errors_of_a_random_walk_are_those_of_the_closed_form() -> None:
    panel = made_up(walks(1, 600, 0.05, 0.0))
    rows = [r for r in study.horizon_errors(panel, "gdp_real") if r.among == "all"]
    for row in rows:
        # h shocks to come, and h times a growth known from five.
        sd = 0.05 * np.sqrt(row.horizon + row.horizon**2 / 5.0)
        assert row.rmse.value == pytest.approx(sd, rel=0.05)
        assert row.robust_sd.value == pytest.approx(sd, rel=0.05)
        assert row.rmse.low < row.rmse.value < row.rmse.high
        assert row.covered == pytest.approx(0.9, abs=0.02)


def test_each_country_counts_the_same() -> None:
    errors = np.array([[0.1, 0.1, 0.1, 0.1], [0.3, np.nan, np.nan, np.nan]])
    assert study.rmse(errors) == pytest.approx(np.sqrt((0.01 + 0.09) / 2.0))


def test_a_country_too_small_is_no_origin() -> None:
    logs = walks(2, 3, 0.05, 0.0)
    panel = made_up(logs)
    panel.values["population"][0] = 0.9e6
    panel.values["population"][1, :20] = 0.9e6
    growth = study.windows(panel, "gdp_real").growth
    assert np.isfinite(growth).sum(axis=1).tolist() == [0, YEARS - 20, YEARS - 5]


def test_the_largest_economies_are_chosen_year_by_year() -> None:
    panel = made_up(np.tile(np.arange(12.0)[:, None], YEARS))
    is_large = study.windows(panel, "gdp_real").is_large
    assert is_large[:, 10].tolist() == [False] * 5 + [True] * 7
    assert not is_large[:, :5].any()


@pytest.mark.parametrize(("yearly", "epoch"), [(0.06, 0.0), (0.03, 0.03), (0.0, 0.04)])
def test_what_a_panel_was_made_with_is_what_its_variance_is_split_into(yearly: float, epoch: float) -> None:
    sizes = [np.sqrt(h * yearly**2 + h**2 * epoch**2) for h in study.HORIZONS]
    assert study.shocks_and_drift(sizes) == pytest.approx((yearly, epoch), abs=1e-9)


def test_growth_drawn_anew_is_not_retained_and_growth_for_good_is() -> None:
    random = np.random.default_rng(5)
    ever = np.outer(random.normal(0.0, 0.04, 300), np.arange(YEARS)) + walks(6, 300, 0.001, 0.0)
    assert study.persistence(made_up(ever), "gdp_real").retained.value == pytest.approx(1.0, abs=0.02)
    new = walks(7, 300, 0.001, 0.04)
    # Windows that lie across epochs keep what they share with the next; on average half of the windows' variance.
    retained = study.persistence(made_up(new), "gdp_real").retained
    assert 0.0 < retained.value < 0.5 and retained.low < retained.value < retained.high


@pytest.mark.parametrize("first", [0, 16])
def test_nothing_is_retained_of_growth_that_is_drawn_anew_each_year(first: int) -> None:
    logs = walks(9, 400, 0.05, 0.0)
    logs[:, :first] = np.nan
    of = study.persistence(made_up(logs), "gdp_real")
    # The shorter the series, the fewer windows a country has among which the fastest are chosen.
    assert of.retained.value == pytest.approx(0.0, abs=0.12)
    assert of.retained.low < 0.0 < of.retained.high


def test_support_counts_the_countries_that_grew_as_fast() -> None:
    panel = made_up(np.outer(np.arange(20.0) / 100.0, np.arange(YEARS)))
    of = study.support(panel, "gdp_real", 0.0999999)
    assert (of.countries, of.of, of.gives_means) == (10, 20, True)
    assert not study.support(panel, "gdp_real", 0.1000001).gives_means


def test_errors_that_share_a_cause_go_together() -> None:
    random = np.random.default_rng(8)
    shared, own = (random.normal(0.0, 0.05, (200, YEARS)).cumsum(axis=1) for _ in range(2))
    panel = made_up(shared)
    panel.values["gerd_gdp"][:] = np.exp(shared + own)
    panel.values["articles"][:] = 1e4 * np.exp(own)
    rows = {(t.first, t.second): t.correlation.value for t in study.correlations(panel, ("rd_intensity", "articles"))}
    assert rows["rd_intensity", "articles"] == pytest.approx(np.sqrt(0.5), abs=0.05)
    rows = {(t.first, t.second): t.correlation.value for t in study.correlations(panel, ("articles", "gdp_real"))}
    assert rows["articles", "gdp_real"] == pytest.approx(0.0, abs=0.1)
