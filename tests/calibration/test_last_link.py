"""The last link: least squares against closed forms, and that it finds what made-up panels were made with."""

from __future__ import annotations

import numpy as np
import pytest

from fiveyear.calibration.reference_class import last_link as link
from fiveyear.calibration.reference_class.panel import FIRST, LAST, Panel, read_panel
from fiveyear.model.quantities import Array

YEARS = LAST - FIRST + 1


def moving(seed: int, countries: int, sd: float = 0.1) -> Array:
    """Give random walks, (country, year)."""
    return np.random.default_rng(seed).normal(0.0, sd, (countries, YEARS)).cumsum(axis=1)


def made_up(countries: int) -> Panel:
    """Give a panel of countries large enough, whose R&D, applications and GDP move at random."""
    values = {
        "gerd_gdp": 2.0 * np.exp(moving(1, countries)),
        "patents_resident": 1e4 * np.exp(moving(2, countries)),
        "gdp_real": 1e11 * np.exp(moving(3, countries)),
        "population": np.full((countries, YEARS), 1e7),
        "high_tech_export_share": np.full((countries, YEARS), 20.0) * np.exp(moving(4, countries, 0.01)),
    }
    return Panel(tuple(f"C{n:02d}" for n in range(countries)), values)


# -- least squares --------------------------------------------------------------------------------------------------
def test_two_years_are_a_regression_of_changes() -> None:
    x = np.array([[1.0, 2.0], [4.0, 4.0], [0.0, 3.0], [2.0, 1.0]])
    y = np.array([[0.0, 2.0], [5.0, 4.0], [1.0, 2.0], [3.0, 3.0]])
    fit = link.regress(y, x[None])
    # Changes of x: 1, 0, 3, -1, less their mean of .75; of y: 2, -1, 1, 0, less .5.
    dx, dy = np.array([0.25, -0.75, 2.25, -1.75]), np.array([1.5, -1.5, 0.5, -0.5])
    slope = float(dx @ dy / (dx @ dx))
    assert slope == pytest.approx(3.5 / 8.75)
    residuals = dy - slope * dx
    # Four clusters; eight observations; a slope, and two effects of years of which those of countries leave one.
    few = 4 / 3 * 7 / 6
    assert fit.slopes == pytest.approx([slope])
    assert fit.covariance[0, 0] == pytest.approx(few * np.sum(dx**2 * residuals**2) / np.sum(dx**2) ** 2)
    assert (fit.observations, fit.clusters) == (8, 4)


def test_clusters_of_one_observation_have_the_errors_of_white() -> None:
    random = np.random.default_rng(1)
    x = np.vstack([random.normal(size=(2, 30)), np.ones(30)])
    y = np.array([0.5, -1.0, 2.0]) @ x + random.normal(size=30) * np.abs(x[0])
    fit = link.least_squares(y, x, np.arange(30))
    inverse = np.linalg.inv(x @ x.T)
    residuals = y - np.linalg.solve(x @ x.T, x @ y) @ x
    white = inverse @ (x * residuals**2) @ x.T @ inverse
    np.testing.assert_allclose(fit.covariance, 30 / 27 * white, rtol=1e-10)


def test_the_same_as_with_a_column_for_each_country_and_year() -> None:
    random = np.random.default_rng(2)
    x, y = random.normal(size=(2, 9, 7)), random.normal(size=(9, 7))
    y[random.random((9, 7)) < 0.3] = np.nan
    y[8], x[:, 8] = [1.0, *[np.nan] * 6], 0.0  # a country with one figure
    x[0, 3, 2] = np.nan
    fit = link.regress(y, x)
    there = np.isfinite(y) & np.isfinite(x).all(axis=0)
    country, year = np.nonzero(there)
    columns = [*x[:, there], *(country == np.arange(9)[:, None]), *(year == np.arange(1, 7)[:, None])]
    slopes = np.linalg.lstsq(np.array(columns, dtype=float).T, y[there], rcond=None)[0]
    assert fit.slopes == pytest.approx(slopes[:2])
    counts = there.sum(axis=1)
    assert (fit.clusters, fit.observations) == (np.sum(counts > 1), counts[counts > 1].sum())
    assert 1 in counts


def test_intervals_hold_the_slope_a_panel_was_made_with_where_errors_last() -> None:
    held, held_apart, slopes = [], [], []
    for seed in range(300):
        random = np.random.default_rng(seed)
        x, errors = random.normal(size=(2, 40, 11)).cumsum(axis=2)
        y = 0.3 * x + errors + random.normal(size=(40, 1)) + random.normal(size=11)
        fit = link.regress(y, x[None])
        of = fit.estimate(0)
        held.append(of.low <= 0.3 <= of.high)
        slopes.append(of.value)
        # The same with errors that go each by itself, which they do not.
        within = [v - v.mean(axis=1, keepdims=True) - v.mean(axis=0) + v.mean() for v in (y, x)]
        apart = link.least_squares(within[0].ravel(), within[1].reshape(1, -1), np.arange(440)).estimate(0)
        held_apart.append(apart.low <= 0.3 <= apart.high)
    # Three standard errors of 300 panels: .05.
    assert np.mean(held) == pytest.approx(0.9, abs=0.05)
    assert np.mean(held_apart) < 0.8
    assert np.mean(slopes) == pytest.approx(0.3, abs=3.0 * np.std(slopes) / np.sqrt(300))


# -- what enters ----------------------------------------------------------------------------------------------------
def test_nothing_is_filled_beyond_figures_and_a_stock_begins_with_its_flow() -> None:
    flow = np.array([[np.nan, 2.0, np.nan, 8.0, np.nan]])
    stocks = link.stock(link.filled(flow))
    assert np.isfinite(stocks).tolist() == [[False, True, True, True, False]]
    first = 0.85 * 2.0 / 0.18 + 2.0
    np.testing.assert_allclose(stocks[0, 1:4], [first, 0.85 * first + 4.0, 0.85**2 * first + 0.85 * 4.0 + 8.0])


def test_a_country_too_small_or_with_too_few_applications_is_not_in_it() -> None:
    panel = made_up(4)
    panel.values["population"][0] = 0.9e6
    panel.values["gerd_gdp"][1] = 0.09
    panel.values["patents_resident"][2] = 150.0
    assert np.isfinite(link.causes(panel)).any(axis=(0, 2)).tolist() == [False, False, False, True]


def test_what_a_share_was_made_of_is_found() -> None:
    panel = made_up(30)
    knowledge, patents = link.lagged(link.causes(panel), 2)
    odds = np.exp(0.4 * knowledge + 0.2 * patents + moving(5, 30, 1.0)[:, :1])
    share = {"medium_high_tech_share": 100.0 * odds / (1.0 + odds)}
    of = link.last_link(Panel(panel.countries, {**panel.values, **share}))
    rows = {s.name: s for s in (*of.specifications, *of.checks)}
    for name in ("lag_2", "long", "reported", "income", "without_one"):
        assert rows[name].estimate("knowledge").value == pytest.approx(0.4, abs=1e-6)
        assert rows[name].estimate("patents").value == pytest.approx(0.2, abs=1e-6)
    assert rows["lag_0"].standard_error("knowledge") > 1e-3
    assert abs(rows["exports_lag_2"].estimate("knowledge").value) < 0.1


def test_a_prior_is_no_narrower_than_any_standard_error_nor_than_the_spread() -> None:
    def one(slope: float, error: float) -> link.Specification:
        fit = link.Fit(np.array([slope, 0.0]), np.diag([error**2, 0.01]), 100, 10)
        return link.Specification("a", "A", fit)

    of = link.LastLink((one(0.1, 0.03), one(0.3, 0.04)), ())
    assert of.estimate("knowledge").value == pytest.approx(0.2)
    assert of.sd("knowledge") == pytest.approx(np.sqrt((0.03**2 + 0.04**2) / 2.0 + 0.02))
    assert link.LastLink((one(0.2, 0.01), one(0.2, 0.05)), ()).sd("knowledge") == pytest.approx(0.05)
    assert of.sd("patents") == pytest.approx(0.1)


def test_the_panel_that_is_shipped_has_enough_countries_for_errors_by_country() -> None:
    of = link.last_link(read_panel())
    assert len(of.specifications) == 7
    for s in (*of.specifications, *of.checks):
        assert s.fit.clusters >= 40 and np.isfinite(s.fit.standard_errors).all()
    for cause in link.CAUSES:
        assert of.sd(cause) >= max(s.standard_error(cause) for s in of.specifications)
