"""``fiveyear reference``: what the command writes, and that its page says what the study found."""

from __future__ import annotations

import csv
import json
import math
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fiveyear.calibration.reference_class import study as of_class
from fiveyear.calibration.reference_class.last_link import CAUSES
from fiveyear.calibration.reference_class.left_out import AMONG, SCORED
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reference import command, horizons, left_out, report
from fiveyear.experiments.reference import study as of_reference
from fiveyear.experiments.reference.study import Study, own_growth, study

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def few() -> Iterator[None]:
    """Draw few countries for intervals, which take the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_class, "DRAWS", 20)
        yield


@pytest.fixture(scope="module")
def studied(few: None) -> Study:
    return study()


@pytest.fixture(scope="module")
def of_korea(few: None) -> Study:
    return study(2007, "KOR")


def test_growth_of_china_is_that_of_the_facts_of_july_2011() -> None:
    own = own_growth()
    # 2010: 293,066 over 2.553829 million person-years; 2005: 93,485 over 1.364799 million.
    assert own["applications_per_researcher"] == pytest.approx(
        math.log(293_066 / 2.553829 / (93_485 / 1.364799)) / 5.0, abs=0.002
    )
    assert own["applications"] == pytest.approx(math.log(293_066 / 93_485) / 5.0, abs=1e-6)
    assert own["rd_real"] == pytest.approx(own["rd_intensity"] + own["gdp_real"])


def test_each_number_has_an_id_of_its_own_and_an_interval_that_holds_it(studied: Study) -> None:
    rows = list(studied.rows())
    assert len({row["id"] for row in rows}) == len(rows) > 300
    for row in rows:
        if row["p05"] is not None:
            assert row["p05"] <= row["p95"], row
    assert {
        "split.researchers.epoch",
        "targets.delivered.mean",
        "provinces.technology_sold.rmse",
        "spread.researchers.slower_large_economies.yearly",
        "left_out.researchers.all.5.covered_90",
        "left_out.articles.fast_growers.1.walk_covered_50",
        "left_out.applications.large_economies.3.crps_ratio",
        "last_link.knowledge",
        "last_link.patents.sd",
        "last_link.lag_2.knowledge.standard_error",
    } <= {row["id"] for row in rows}


def test_the_page_says_what_was_found(studied: Study) -> None:
    text = report.page(studied, "fiveyear reference --out DIR", {"a.png": "a figure"})
    assert "Of 36 official targets of R&D due by 2010, 2 were met" in text
    (of,) = (s for s in studied.splits if s.series == "researchers")
    assert f"| Researchers | {of.yearly.value:.3f} (" in text
    assert text.count("\n## ") == 8 and "![a figure](a.png)" in text


def test_the_page_says_of_the_last_link_whether_it_can_be_told_from_nil(studied: Study) -> None:
    lines = [line for line in report.sentences(studied) if line.startswith("Last link")]
    for cause, line in zip(CAUSES, lines, strict=True):
        of = studied.last_link.estimate(cause)
        assert f"is {of.value:.2f} in the mean of 7" in line and f"sd of {studied.last_link.sd(cause):.2f}," in line
        assert ("cannot be told" in line) == (of.low <= 0.0 <= of.high)


def test_the_page_says_of_each_bar_where_it_does_not_hold(studied: Study) -> None:
    lines = [line for line in report.sentences(studied) if line.startswith("One country left out")]
    assert len(lines) == 3
    for among, line in zip(AMONG, lines, strict=True):
        rows = [r for r in studied.left_out if r.among == among]
        assert len(rows) == 12
        missed = sum(not r.holds for r in rows)
        worse = sum(r.ratio.value > 1.0 for r in rows)
        assert f"holds in {12 - missed} of 12 cases" in line and f"holds in {12 - worse} of 12 cases" in line
        assert line.count("h = ") == missed + worse


def test_what_is_scored_lies_between_what_can_be(studied: Study) -> None:
    for r in studied.left_out:
        for bands in (r.process, r.walk):
            assert 0.0 < bands.covered[50].value <= bands.covered[80].value <= bands.covered[90].value <= 1.0
            assert 0.0 < bands.crps.low <= bands.crps.value <= bands.crps.high


@pytest.mark.parametrize("drawn", [horizons, left_out])
def test_every_figure_fits_a_column_a_page_and_a_slide(
    studied: Study, of_korea: Study, drawn: ModuleType, fits: Callable[[Callable[[], page.Drawing]], list[str]]
) -> None:
    assert fits(lambda: drawn.drawing(studied)) == []
    assert fits(lambda: drawn.drawing(of_korea)) == []
    assert pickle.loads(pickle.dumps(drawn.drawing(studied).figure))


def test_what_a_plan_of_2008_may_take_is_told_without_its_country_and_later_figures(of_korea: Study) -> None:
    text = report.page(of_korea, command.call(2007, "KOR"), {})
    assert "countries other than KOR, from series to 2007" in text
    assert "`fiveyear reference --last-year 2007 --without KOR --out DIR`" in text
    # Due by 2007 in targets.csv: Mexico, India, the first date of South Africa, and two plans of Japan.
    assert "Of 5 official targets of R&D due by 2007, 1 was met" in text
    assert "high_tech_share" not in of_korea.series  # it begins in 2000: five years back and five ahead end in 2010
    assert not of_korea.markets and "provinces of China" not in text
    assert "2010" not in text


def test_the_axes_hold_all_that_is_scored(studied: Study) -> None:
    with house_style():
        figure = left_out.drawing(studied).figure()
    for place, axes in enumerate(figure.axes):
        series, is_ratio = SCORED[place // 2], place % 2
        for r in (r for r in studied.left_out if r.series == series):
            of = r.ratio if is_ratio else r.process.covered[90]
            low, high = sorted(axes.get_ylim())
            assert low < of.low <= of.high < high


def test_the_command_writes_all_or_refuses(
    fiveyear: Run, tmp_path: Path, studied: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_reference, "study", lambda *asked, progress: studied)  # which takes half a minute
    words = ("reference", "--json", "--out", tmp_path / "r")
    rows = json.loads(fiveyear(*words).out)["rows"]
    assert rows == [json.loads(json.dumps(row)) for row in studied.rows()]
    with (tmp_path / "r" / "reference_class.csv").open(newline="", encoding="utf-8") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [row["id"] for row in rows]
    assert {f.suffix for f in (tmp_path / "r").iterdir()} == {".csv", ".md", ".png", ".pdf"}
    again = fiveyear(*words)
    assert again.code == 2 and "--force" in again.err


def test_a_year_or_a_country_of_which_the_panel_tells_nothing_is_refused(fiveyear: Run) -> None:
    ended = fiveyear("reference", "--last-year", 2005, "--without", "CHN")
    assert ended.code == 2
    assert "found 2005, expected a last year from 2006 to 2010" in ended.err
    assert 'found "CHN", expected a country of the panel' in ended.err
