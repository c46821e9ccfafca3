"""The decomposition of R&D over GDP: closed forms, that it adds up, the figure, and the files it leaves."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from scipy import stats

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reach.answer import Finance, Reach
from fiveyear.experiments.reach.figures import decomposition as figure_of_factors
from fiveyear.experiments.reach.finance import (
    Bin,
    Conditional,
    Decomposition,
    conditional_probability,
    decompose,
    log_mean,
)
from fiveyear.model.errors import InputError
from fiveyear.model.quantities import Array, Condition

YEARS = np.arange(2005, 2016)


def economy(**given: Array | float) -> dict[str, Array]:
    """Give shares and totals of which rd_counted follows; each may be given, as something that spreads over years."""
    names = {
        "gdp": 18.0e12,
        "revision": 0.0,
        "fiscal_share": 0.18,
        "st_share_of_fiscal": 0.04,
        "rd_content_of_st": 0.45,
        "government_top_up": 0.0,
        "revenue_to_gdp": 1.3,
        "census_coverage": 1.0,
        "effort": 0.007,
        "other": 0.0008,
    }
    v = {n: np.asarray(given.get(n, value)) * np.ones((1, len(YEARS))) for n, value in names.items()}
    shape = np.broadcast_shapes(*(a.shape for a in v.values()))
    v = {n: np.broadcast_to(a, shape) for n, a in v.items()}
    government = v["fiscal_share"] * v["st_share_of_fiscal"] * v["rd_content_of_st"] + v["government_top_up"]
    firms = v["revenue_to_gdp"] * v["census_coverage"] * v["effort"]
    return {
        **{n: a for n, a in v.items() if n not in ("revision", "effort", "other")},
        "gdp_counted": v["gdp"] * (1.0 + v["revision"]),
        "government_rd": government * v["gdp"],
        "enterprise_rd": firms * v["gdp"],
        "other_rd": v["other"] * v["gdp"],
        "rd_counted": (government + firms + v["other"]) * v["gdp"],
    }


def grown(start: float, rate: float) -> Array:
    return np.asarray(start * np.exp(rate * (YEARS - YEARS[0]))[None, :])


def means(found: Decomposition) -> dict[str, float]:
    return {r.label: r.mean for r in found.rows}


def random_tables(draws: int, top_up: float = 0.0) -> dict[str, Array]:
    numbers = np.random.default_rng(6)

    def walk(start: float, growth: float, sd: float) -> Array:
        return grown(start, growth) * np.exp(np.cumsum(sd * numbers.normal(size=(draws, len(YEARS))), axis=1))

    return economy(
        gdp=walk(18e12, 0.14, 0.03),
        revision=numbers.uniform(0.0, 0.05, (draws, 1)) * (YEARS >= 2013),
        fiscal_share=walk(0.18, 0.03, 0.02),
        st_share_of_fiscal=walk(0.04, 0.01, 0.03),
        rd_content_of_st=walk(0.45, -0.01, 0.03),
        government_top_up=top_up * np.maximum(YEARS - 2010, 0) * numbers.normal(size=(draws, 1)),
        revenue_to_gdp=walk(1.3, 0.03, 0.03),
        census_coverage=np.where(YEARS >= 2009, 1.0, 1.0 / numbers.uniform(1.0, 1.15, (draws, 1))),
        effort=walk(0.007, 0.02, 0.03),
        other=walk(0.0008, 0.0, 0.05),
    )


# -- numbers ------------------------------------------------------------------------------------------------
def test_the_logarithmic_mean_lies_between_the_geometric_and_the_arithmetic_mean() -> None:
    one, two = np.exp(np.random.default_rng(7).normal(size=(2, 1000)))
    found = log_mean(one, two)
    assert np.all(found >= np.sqrt(one * two) * (1.0 - 1e-12))
    assert np.all(found <= (one + two) / 2.0 * (1.0 + 1e-12))
    assert log_mean(two, one) == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("apart", [0.0, 1e-12, 1e-8, 1e-7, 1e-6, 1e-4])
def test_the_logarithmic_mean_of_numbers_that_are_almost_the_same_keeps_its_digits(apart: float) -> None:
    # (x - 1) / ln(x) at x = 1 + h is 1 + h / 2 - h^2 / 12 + ...
    assert log_mean(np.array(3.0 * (1.0 + apart)), np.array(3.0)) == pytest.approx(
        3.0 * (1.0 + apart / 2.0 - apart**2 / 12.0), rel=1e-9
    )


def test_a_change_of_one_factor_is_all_its_own() -> None:
    found = decompose(economy(revenue_to_gdp=grown(1.3, 0.04)), list(YEARS), 2005, 2010)
    change = 100.0 * 1.3 * 0.007 * (math.exp(0.2) - 1.0)
    assert means(found)["industrial revenue / GDP"] == pytest.approx(change, rel=1e-12)
    assert found.total.mean == pytest.approx(change, rel=1e-12)
    others = [v for n, v in means(found).items() if n != "industrial revenue / GDP"]
    assert others == pytest.approx([0.0] * len(others), abs=1e-12)


def test_factors_of_one_part_share_its_change_as_their_growth() -> None:
    tables = economy(
        fiscal_share=grown(0.18, 0.03), st_share_of_fiscal=grown(0.04, 0.01), rd_content_of_st=grown(0.45, -0.02)
    )
    found = means(decompose(tables, list(YEARS), 2005, 2010))
    change = 100.0 * 0.18 * 0.04 * 0.45 * (math.exp(0.1) - 1.0)
    assert [found[n] for n in ("fiscal expenditure / GDP", "S&T share of it", "R&D content")] == pytest.approx(
        [1.5 * change, 0.5 * change, -1.0 * change], rel=1e-12
    )


def test_the_census_counts_as_coverage_and_not_as_effort() -> None:
    tables = economy(census_coverage=np.where(YEARS >= 2009, 1.0, 0.9)[None, :])
    found = means(decompose(tables, list(YEARS), 2005, 2010))
    assert found["coverage of the R&D census"] == pytest.approx(100.0 * 0.1 * 1.3 * 0.007, rel=1e-12)
    assert found["firms' own effort"] == pytest.approx(0.0, abs=1e-12)
    assert means(decompose(tables, list(YEARS), 2010, 2015))["coverage of the R&D census"] == 0.0


def test_a_revision_of_gdp_lowers_the_intensity_by_what_it_adds_to_gdp() -> None:
    tables = economy(revision=np.where(YEARS >= 2013, 0.04, 0.0)[None, :])
    found = decompose(tables, list(YEARS), 2010, 2015)
    intensity = 100.0 * (0.18 * 0.04 * 0.45 + 1.3 * 0.007 + 0.0008)
    assert means(found)["GDP revision"] == pytest.approx(intensity * (1.0 / 1.04 - 1.0), rel=1e-12)
    assert found.total.mean == pytest.approx(intensity * (1.0 / 1.04 - 1.0), rel=1e-12)


@pytest.mark.parametrize("top_up", [0.0, 3e-4])
@pytest.mark.parametrize("years", [(2005, 2010), (2010, 2015), (2012, 2008), (2010, 2010)])
def test_the_mean_contributions_add_up_to_the_mean_change(top_up: float, years: tuple[int, int]) -> None:
    tables = random_tables(300, top_up)
    found = decompose(tables, list(YEARS), *years)
    intensity = 100.0 * tables["rd_counted"] / tables["gdp_counted"]
    first, last = (intensity[:, y - 2005] for y in years)
    assert found.total.mean == pytest.approx(float(np.mean(last - first)), rel=1e-12, abs=1e-13)
    assert sum(means(found).values()) == pytest.approx(found.total.mean, rel=1e-12, abs=1e-13)


def test_each_draw_adds_up_by_itself() -> None:
    tables = random_tables(20, 3e-4)
    for draw in range(20):
        found = decompose({n: t[draw : draw + 1] for n, t in tables.items()}, list(YEARS), 2010, 2015)
        assert sum(r.median for r in found.rows) == pytest.approx(found.total.median, rel=1e-12)


def test_the_quantiles_are_those_of_the_draws() -> None:
    growth = np.linspace(-0.02, 0.05, 101)[:, None]
    tables = economy(effort=0.007 * np.exp(growth * (YEARS - 2005)))
    row = next(r for r in decompose(tables, list(YEARS), 2005, 2010).rows if r.label == "firms' own effort")
    expected = [100.0 * 1.3 * 0.007 * (math.exp(5.0 * float(growth[k, 0])) - 1.0) for k in (5, 50, 95)]
    assert (row.p05, row.median, row.p95) == pytest.approx(expected, rel=1e-12)


def test_what_the_factors_do_not_explain_counts_as_the_last_of_their_part() -> None:
    tables = economy()
    tables["government_rd"] = tables["government_rd"] * np.where(YEARS == 2010, 1.01, 1.0)
    tables["rd_counted"] = tables["government_rd"] + tables["enterprise_rd"] + tables["other_rd"]
    found = means(decompose(tables, list(YEARS), 2005, 2010))
    assert found["R&D content"] == pytest.approx(100.0 * 0.01 * 0.18 * 0.04 * 0.45, rel=1e-9)
    assert found["S&T share of it"] == 0.0


def test_a_top_up_has_a_row_only_if_there_is_one() -> None:
    without = random_tables(5)
    found = means(decompose(without, list(YEARS), 2010, 2015))
    assert "government top-up" not in found
    del without["government_top_up"]
    assert means(decompose(without, list(YEARS), 2010, 2015)) == found
    tables = economy(government_top_up=np.where(YEARS > 2010, 0.001, 0.0)[None, :])
    found = means(decompose(tables, list(YEARS), 2010, 2015))
    assert found["government top-up"] == pytest.approx(0.1, rel=1e-12)
    assert found["R&D content"] == pytest.approx(0.0, abs=1e-12)


def test_the_dictionary_holds_every_row_and_the_total() -> None:
    found = decompose(random_tables(5), list(YEARS), 2005, 2010)
    said = found.as_dict()
    assert (said["from"], said["to"], said["unit"]) == (2005, 2010, "percentage points")
    assert list(said["contributions"]) == [*(r.label for r in found.rows), found.total.label]


def test_every_missing_name_and_year_is_told() -> None:
    bare = {n: v for n, v in random_tables(2).items() if n not in ("gdp", "fiscal_share")}
    with pytest.raises(InputError) as told:
        decompose(bare, list(YEARS), 2005, 2020)
    assert told.value.faults == [
        "gdp: missing",
        "fiscal_share: missing",
        "2020: no such year; expected 2005 to 2015",
    ]


def test_a_factor_of_nil_is_an_error() -> None:
    with pytest.raises(InputError, match="fiscal_share: not above zero in a draw"):
        decompose(economy(fiscal_share=np.where(YEARS == 2010, 0.0, 0.2)[None, :]), list(YEARS), 2005, 2010)


# -- probability by a driver --------------------------------------------------------------------------------
def test_each_bin_holds_the_share_of_its_draws_that_meet_the_target_with_the_interval_of_jeffreys() -> None:
    by = np.random.default_rng(8).permutation(np.arange(400.0))
    met = by % 10 < np.floor(by / 100.0) * 3  # 0, 30, 60 and 90 % in the four hundreds
    found = conditional_probability(met, by, bins=4)
    assert [b.centre for b in found] == [49.5, 149.5, 249.5, 349.5]
    assert [b.probability for b in found] == [0.0, 0.3, 0.6, 0.9]
    for b, count in zip(found, (0, 30, 60, 90), strict=True):
        assert (b.low, b.high) == pytest.approx(stats.beta.interval(0.9, count + 0.5, 100.5 - count), rel=1e-9)


def test_bins_hold_equally_many_draws_and_together_all_of_them() -> None:
    numbers = np.random.default_rng(9)
    by, met = numbers.lognormal(size=803), numbers.uniform(size=803) < 0.4
    found = conditional_probability(met, by)
    assert len(found) == 8
    sizes = [101, 101, 101, 100, 100, 100, 100, 100]
    assert sum(b.probability * n for b, n in zip(found, sizes, strict=True)) == pytest.approx(met.sum())


@pytest.mark.parametrize(
    ("met", "by", "bins", "match"),
    [
        (np.ones(3, bool), np.ones(4), 2, "expected two rows of draws"),
        (np.ones(4, bool), np.arange(4.0), 5, "5 bins of 4 draws; expected 1 to 4"),
        (np.ones(4, bool), np.arange(4.0), 0, "0 bins of 4 draws"),
        (np.ones(4, bool), np.ones(4), 2, "expected a driver that varies"),
    ],
)
def test_a_driver_that_cannot_be_binned_is_an_error(met: Condition, by: Array, bins: int, match: str) -> None:
    with pytest.raises(InputError, match=match):
        conditional_probability(met, by, bins)


# -- picture ------------------------------------------------------------------------------------------------
CURVES = (
    Conditional(
        "R&D / GDP of 2.2 %",
        "growth of industrial revenue / GDP after 2010",
        "% a year",
        tuple(Bin(n - 3.0, n / 8.0, n / 8.0 - 0.02, n / 8.0 + 0.02) for n in range(1, 8)),
    ),
    Conditional("R&D / GDP of 2.2 %", "census splice", "%", (Bin(4.0, 0.0, 1e-5, 0.02), Bin(9.0, 1.0, 0.98, 0.9999))),
)


@pytest.fixture(scope="module")
def plan(reached: Callable[..., Reach]) -> Reach:
    return reached("plan")


PERIODS = ((2005, 2010), (2010, 2015))


def finance(*curves: Conditional, tables: dict[str, Array] | None = None) -> Finance:
    values = random_tables(200, 1e-4) if tables is None else tables
    return Finance(tuple(decompose(values, list(YEARS), *years) for years in PERIODS), curves)


def drawn(found: Reach, shown: Finance) -> Figure:
    with house_style():
        return figure_of_factors.drawing(found, shown).figure()


def test_the_panels_are_the_years_of_the_facts_and_the_years_of_the_plan(reached: Callable[..., Reach]) -> None:
    shown = reached("behavioural").finance
    assert shown is not None
    assert [(d.from_year, d.to_year) for d in shown.periods] == list(PERIODS)
    assert all(len(d.rows) == 8 for d in shown.periods)  # without a top-up by government


def test_the_table_holds_what_is_on_the_picture_and_no_more(plan: Reach, tmp_path: Path) -> None:
    *_, table = page.write_files(tmp_path / "factors.png", *figure_of_factors.drawing(plan, finance(*CURVES)))
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    first, second, *curves = drawn(plan, finance(*CURVES)).axes
    numbers = 0
    for axes, years in ((first, "2005-2010"), (second, "2010-2015")):
        mine = {r["row"]: r for r in rows if r["panel"] == years}
        bars = {str(p.get_gid()): p.get_width() for p in axes.patches if isinstance(p, Rectangle)}
        assert bars == pytest.approx({n: float(r["value"]) for n, r in mine.items()}, rel=1e-8, abs=1e-12)
        whiskers = {str(c.get_gid()): c for c in axes.collections if isinstance(c, LineCollection)}
        for name, row in mine.items():
            (segment,) = whiskers[f"{name} bar"].get_segments()
            assert np.asarray(segment)[:, 0] == pytest.approx(
                [float(row["p05"]), float(row["p95"])], rel=1e-8, abs=1e-12
            )
            said = [t.get_text() for t in axes.texts]
            assert page.signed(float(row["value"]), 2) in said
        numbers += len(mine)
    for axes, curve in zip(curves, CURVES, strict=True):
        points = [r for r in rows if r["row"] == curve.driver]
        (line,) = (a for a in axes.lines if a.get_gid() == "curve")
        assert isinstance(line, Line2D)
        assert np.asarray(line.get_xdata()) == pytest.approx([float(r["at"]) for r in points], rel=1e-8)
        assert np.asarray(line.get_ydata()) == pytest.approx([float(r["value"]) for r in points], rel=1e-8)
        (ends,) = (c for c in axes.collections if isinstance(c, LineCollection))
        assert [np.asarray(s)[:, 1].tolist() for s in ends.get_segments()] == [
            pytest.approx([float(r["p05"]), float(r["p95"])], rel=1e-8) for r in points
        ]
        numbers += len(points)
    assert numbers == len(rows)


def test_both_periods_are_drawn_to_one_scale(plan: Reach) -> None:
    first, second = drawn(plan, finance()).axes
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlabel() == second.get_xlabel() == "percentage points of GDP"


def test_a_curve_names_its_target_and_its_driver_with_the_unit_unless_it_has_none(plan: Reach) -> None:
    bare = Conditional("R&D / GDP >= 2.2 %", "census splice", "1", CURVES[1].bins)
    *_, first, second = drawn(plan, finance(CURVES[0], bare)).axes
    assert " ".join(first.get_xlabel().split()) == "growth of industrial revenue / GDP after 2010, % a year"
    assert second.get_xlabel() == "census splice"


def test_panels_have_headings_that_differ(plan: Reach) -> None:
    heads = [" ".join(t.get_text().split()) for t in drawn(plan, finance(*CURVES)).texts]
    assert "Chance of the target, by census splice" in heads
    assert len([h for h in heads if h in ("a", "b", "c", "d")]) == 4


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_no_text_lies_on_another_or_leaves_the_page(plan: Reach, count: int) -> None:
    picture = drawn(plan, finance(*(*CURVES, CURVES[0])[:count]))
    assert picture.get_size_inches()[0] * 25.4 == pytest.approx(180.0)
    assert len(picture.axes) == 2 + count
    assert page.faults(picture) == []


def test_an_intensity_that_does_not_change_stays_legible(plan: Reach) -> None:
    still = {n: np.repeat(t, 200, axis=0) for n, t in economy().items()}
    assert page.faults(drawn(plan, finance(tables=still))) == []


# -- files --------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_two_runs_write_the_same_bytes_whatever_the_reader_has_set(plan: Reach, tmp_path: Path) -> None:
    first = [
        f.read_bytes()
        for f in page.write_files(tmp_path / "first.png", *figure_of_factors.drawing(plan, finance(*CURVES)))
    ]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        second = [
            f.read_bytes()
            for f in page.write_files(tmp_path / "second.png", *figure_of_factors.drawing(plan, finance(*CURVES)))
        ]
    assert first == second
    assert {f.name for f in tmp_path.iterdir()} == {
        f.name for n in ("first", "second") for f in page.files(Path(f"{n}.png"))
    }


def test_a_curve_without_bins_is_an_error(plan: Reach, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="by nothing: no bins"):
        page.write_files(
            tmp_path / "factors.png", *figure_of_factors.drawing(plan, finance(Conditional("P", "nothing", "%", ())))
        )
