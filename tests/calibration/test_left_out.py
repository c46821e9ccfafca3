"""One country left out: the scores of Student's t, and bands of a process that made-up panels were made with."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from scipy.stats import t as student

from fiveyear.calibration.reference_class import left_out, study
from fiveyear.calibration.reference_class.left_out import LeftOut, crps, process, without
from fiveyear.calibration.reference_class.panel import FIRST, LAST, Panel
from fiveyear.model.quantities import Array

YEARS = LAST - FIRST + 1
UNIT = np.sqrt(0.5)  # scale of Student's t with 4 degrees of freedom and an sd of 1


def made_up(logs: Array) -> Panel:
    """Give a panel whose articles have these logarithms, (country, year); the first seven economies are the largest."""
    others = ("gerd_gdp", "researchers_per_million", "patents_resident", "grants_by_origin", "medium_high_tech_share")
    values = {name: np.full_like(logs, np.nan) for name in others}
    size = np.where(np.arange(len(logs)) < 7, 10.0, 1.0)
    values |= {"articles": 1e6 * np.exp(logs), "population": np.full_like(logs, 1e8)}
    values |= {"gdp_real": np.tile(size[:, None], logs.shape[1])}
    return Panel(tuple(f"C{n:03d}" for n in range(len(logs))), values)


def walks(seed: int, countries: int, sd: Array | float = 0.05) -> Array:
    """Give random walks, (country, year), with normal shocks of these sds, (country, 1)."""
    random = np.random.default_rng(seed)
    return np.asarray(np.cumsum(sd * random.normal(0.0, 1.0, (countries, YEARS)), axis=1))


def over_all(rows: list[LeftOut], horizon: int) -> LeftOut:
    (row,) = (r for r in rows if (r.among, r.horizon) == ("all", horizon))
    return row


# -- the score ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("error", "scale"), [(0.0, 1.0), (0.3, 0.2), (-0.3, 0.2), (2.5, 0.4)])
def test_the_score_is_the_integral_it_stands_for(error: float, scale: float) -> None:
    def below(x: float) -> float:
        return float(student.cdf(x, 4, scale=scale) ** 2)

    def above(x: float) -> float:
        return float(student.sf(x, 4, scale=scale) ** 2)

    expected = quad(below, -np.inf, error)[0] + quad(above, error, np.inf)[0]
    assert float(crps(np.array(error), np.array(scale))) == pytest.approx(expected, rel=1e-6)


def test_the_score_of_a_distant_error_is_its_distance_less_half_the_mean_distance_of_two_draws() -> None:
    # By hand, for 4 degrees of freedom: that half is 15 pi / 64.
    assert float(crps(np.array(1e4), np.array(1.0))) == pytest.approx(1e4 - 15.0 * np.pi / 64.0, abs=1e-6)


# -- the process ----------------------------------------------------------------------------------------------------
def test_the_process_is_that_which_the_panel_was_made_with() -> None:
    sd = np.where(np.arange(600) < 7, 0.02, 0.08)[:, None]
    found = process(study.windows(made_up(walks(1, 600, sd)), "articles"))
    fast, large, others = found.scales
    assert found.retained == pytest.approx(0.0, abs=0.1)  # of growth that is drawn anew each year
    for h in left_out.AHEAD:
        assert fast.sd(h) == pytest.approx(0.08 * np.sqrt(h), rel=0.1)
        assert others.sd(h) == pytest.approx(0.08 * np.sqrt(h), rel=0.1)
        assert large.sd(h) == pytest.approx(0.02 * np.sqrt(h), rel=0.2)


def test_growth_for_good_is_retained_and_leaves_nothing_to_drift() -> None:
    random = np.random.default_rng(2)
    ever = np.outer(random.normal(0.0, 0.04, 300), np.arange(YEARS)) + walks(3, 300, 0.001)
    found = process(study.windows(made_up(ever), "articles"))
    assert found.retained == pytest.approx(1.0, abs=0.02)
    assert max(s.sd(5) for s in found.scales) < 0.01


def test_a_country_left_out_has_no_part_in_its_own_process() -> None:
    logs = walks(4, 40)
    wild = logs.copy()
    wild[20] = 50.0 * walks(5, 1)
    calm, other = (study.windows(made_up(of), "articles") for of in (logs, wild))
    assert without(other, 20) == without(calm, 20)
    assert without(other, 21) != without(calm, 21)


def test_a_wild_country_does_not_widen_its_own_band_but_that_of_others() -> None:
    logs = walks(6, 40)
    logs[20] = 50.0 * walks(7, 1)
    of = study.windows(made_up(logs), "articles")
    assert max(s.sd(5) for s in without(of, 20).scales) < 0.2
    assert max(s.sd(5) for s in without(of, 21).scales) > 1.0


def test_a_kind_without_windows_has_no_scales() -> None:
    panel = made_up(walks(8, 40))
    panel.values["articles"][:7] = np.nan
    panel.values["gdp_real"][:] = np.nan
    of = study.windows(panel, "articles")
    of.is_large[:] = False
    assert np.isnan(process(of).scales[1]).all()


# -- bands ----------------------------------------------------------------------------------------------------------
def test_bands_hold_what_their_level_says_where_tails_are_those_of_the_process() -> None:
    random = np.random.default_rng(9)
    # Normal shocks times a factor of the country: Student's t with 4 degrees of freedom and an sd of .05.
    sd = 0.05 * UNIT / np.sqrt(random.chisquare(4, (300, 1)) / 4.0)
    rows = left_out.left_out(made_up(walks(10, 300, sd)), "articles")
    for h in left_out.AHEAD:
        for level, held in over_all(rows, h).process.covered.items():
            share = level / 100.0
            assert held.value == pytest.approx(share, abs=3.0 * np.sqrt(share * (1.0 - share) / 300))
            assert held.low < held.value < held.high


def test_bands_of_a_t_hold_of_normal_shocks_what_the_closed_form_says() -> None:
    rows = left_out.left_out(made_up(walks(11, 300)), "articles")
    for h in left_out.AHEAD:
        row = over_all(rows, h)
        assert (row.windows, row.countries) == (300 * (YEARS - 5 - h), 300)
        for level, held in row.process.covered.items():
            half = UNIT * student.ppf(0.5 + level / 200.0, 4)
            assert held.value == pytest.approx(2.0 * norm.cdf(half) - 1.0, abs=0.02)
        # The walk's growth and sd are of five years: its error over its scale is Student's t.
        for level, held in row.walk.covered.items():
            assert held.value == pytest.approx(level / 100.0, abs=0.02)
        assert row.ratio.value == pytest.approx(row.process.crps.value / row.walk.crps.value)
        assert row.ratio.value < 1.0  # who knows that nothing is retained does better


def test_windows_are_scored_in_their_groups() -> None:
    rows = left_out.left_out(made_up(walks(12, 60)), "articles")
    assert [(r.among, r.horizon) for r in rows] == [(a, h) for h in (1, 3, 5) for a in left_out.AMONG]
    for r in rows:
        origins = YEARS - 5 - r.horizon
        if r.among == "large economies":
            assert (r.windows, r.countries) == (7 * origins, 7)
        if r.among == "fast growers":
            assert r.windows == pytest.approx(0.25 * 60 * origins, rel=0.1)


def test_a_window_without_a_band_of_the_walk_is_not_scored() -> None:
    logs = walks(13, 40)
    logs[10, 15] = np.nan  # no figure: no window from it or five years on, and no sd in those years
    logs[11] = 0.0  # no change at all: the walk's sd is nil
    row = over_all(left_out.left_out(made_up(logs), "articles"), 1)
    # Of origins 5 to 29: 15 to 20 without a band, and 14, whose next year has no figure.
    assert (row.windows, row.countries) == (39 * (YEARS - 6) - 7, 39)


@pytest.mark.parametrize(
    ("among", "share", "holds"),
    [
        ("all", 0.85, False), ("all", 0.86, True), ("all", 0.95, False),
        ("large economies", 0.79, False), ("fast growers", 0.99, True),
    ],
)  # fmt: skip
def test_a_bar_holds_between_its_ends(among: str, share: float, holds: bool) -> None:
    of = study.Estimate(share, share, share)
    bands = left_out.Bands({90: of}, of)
    assert LeftOut("articles", among, 1, 10, 5, bands, bands, of).holds is holds
