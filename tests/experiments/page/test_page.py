"""The page of the figures: folding, what a figure says of itself, and what makes it illegible."""

from __future__ import annotations

import dataclasses
import itertools
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from fiveyear.experiments.console.errors import FigureError, WriteError
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import SHEETS, house_style, undrawable
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures.scenarios import made_from, require_few, scenario_labels, scenario_titles


@pytest.fixture(scope="module")
def plan(reached: Callable[..., Reach]) -> Reach:
    return reached("plan")


def called(found: Reach, name: str, settings: tuple[str, ...] = ()) -> Reach:
    scenario = dataclasses.replace(found.ensemble.scenario, name=name, settings=settings)
    return dataclasses.replace(found, ensemble=dataclasses.replace(found.ensemble, scenario=scenario))


# -- text ---------------------------------------------------------------------------------------------------
def test_folded_lines_fit_and_lose_no_word() -> None:
    text = "Applications for invention patents per hundred person-years of research and development"
    with house_style():
        lines = page.folded(text, 40.0, 7, "normal")
        assert all(page.text_width(line, 7, "normal") <= 40.0 for line in lines)
    assert len(lines) > 1
    assert " ".join(lines) == text


def test_a_word_that_is_too_long_is_broken_at_a_joint() -> None:
    with house_style():
        lines = page.folded("set paths.planned_rd_intensity.values.2015=2.0", 30.0, 7, "normal")
        assert all(page.text_width(line, 7, "normal") <= 30.0 for line in lines)
    assert "".join(lines) == "setpaths.planned_rd_intensity.values.2015=2.0"
    assert all(line[-1] in page.JOINTS for line in lines[1:-1])


def test_a_word_without_joints_is_broken_where_the_line_ends() -> None:
    with house_style():
        lines = page.folded("m" * 50, 20.0, 7, "normal")
        assert all(page.text_width(line, 7, "normal") <= 20.0 for line in lines)
    assert "".join(lines) == "m" * 50


def test_folding_measures_only_where_a_line_may_end_and_folds_as_if_it_measured_all() -> None:
    text = "Applications for R&D, AVATAR To Wye “fifty” plan ≥ 2.2 % of GDP in 2015; P = 0.35 (0.31 to 0.39)"
    words = text.split()
    chance, counted, measured = random.Random(2011), 0, []
    for width, size, weight in itertools.product((25.0, 60.0, 176.0), (7.0, 9.0), ("normal", "bold")):
        text = " ".join(chance.choices(words, k=80))
        with house_style():
            page.text_width.cache_clear()
            lines = page.folded(text, width, size, weight)
            counted += page.text_width.cache_info().misses
            plain = [""]
            for word in text.split():
                longer = f"{plain[-1]} {word}".strip()
                if page.text_width(longer, size, weight) <= width:
                    plain[-1] = longer
                else:
                    plain.append(word)
            measured += plain
        assert lines == plain
    # Beside each word once, a line twice at most.
    assert counted <= 12 * (len(set(words)) + 2) + 2 * len(measured)


def test_a_line_of_chinese_does_not_start_with_what_closes_a_sentence() -> None:
    text = "年，月。" * 30
    for width in range(20, 40):
        with house_style():
            lines = page.folded(text, float(width), 7, "normal")
            assert all(page.text_width(line, 7, "normal") <= width for line in lines)
        assert "".join(lines) == text
        assert not any(line[0] in page.CLOSING for line in lines)


def test_every_character_of_gb_2312_can_be_drawn_in_both_weights(caplog: pytest.LogCaptureFixture) -> None:
    codes = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    chinese = "".join(code.decode("gb2312", "ignore") for code in codes)
    assert len(chinese) == 6763
    assert undrawable(chinese + "“《２．２％》”：；！？、。…—·①") == ""
    assert undrawable("plan 🚀 龘 🚀") == "🚀龘"
    for weight in ("normal", "bold"):
        with house_style():
            assert page.text_width("研", 7, weight) == pytest.approx(7 / page.POINTS, rel=0.1)
    assert not caplog.records


def test_a_line_of_chinese_ends_anywhere_and_numbers_and_words_in_it_stay_whole() -> None:
    text = "在统计可衡量的目标中，“研究与试验发展经费”最薄弱：在“规划如期执行”情景下为0.1973，其他（accelerated）" * 4
    for width in range(30, 60):
        with house_style():
            lines = page.folded(text, float(width), 7, "normal")
            assert all(page.text_width(line, 7, "normal") <= width for line in lines)
        assert "".join(lines) == text
        assert not any(line[0] in page.CLOSING or line[-1] in page.OPENING for line in lines)
        assert sum("0.1973" in line for line in lines) == sum("accelerated" in line for line in lines) == 4


def test_a_page_is_as_high_as_its_sheet_when_all_the_room_is_taken() -> None:
    frame = page.Frame("A title that says what was found " * 5, "A plan", "Where it is from. " * 30)
    for style, paper in SHEETS.items():
        with house_style(style):
            assert page.Page(*frame, page.room(frame)).height == pytest.approx(paper.tallest)


def test_on_a_slide_the_foot_ends_at_its_first_line_end() -> None:
    frame = page.Frame("title", "subtitle", "Facts.\nHow to read it.")
    for style, words in (("page", "Facts. How to read it."), ("slide", "Facts.")):
        with house_style(style):
            assert words in [t.get_text() for t in page.Page(*frame, 20.0).picture.texts]


# -- what a figure says of itself ---------------------------------------------------------------------------
def test_the_foot_tells_facts_draws_and_seed_in_words(plan: Reach) -> None:
    assert made_from([plan, plan]) == "Facts published by July 2011; 2,000 draws, seed 2011."


def test_a_scenario_is_called_by_its_title_and_what_was_set_in_words(plan: Reach) -> None:
    other = called(plan, "other_one", ("paths.planned_rd_intensity.values.2015=2.0",))
    assert scenario_titles([plan, other]) == [
        "The plan is followed", "The plan is followed, with planned R&D intensity 2015 = 2.0",
    ]  # fmt: skip
    assert scenario_titles([plan, called(plan, "other_one")]) == [
        "The plan is followed (plan)", "The plan is followed (other one)",
    ]  # fmt: skip


def test_two_scenarios_of_one_name_are_an_error(plan: Reach) -> None:
    with pytest.raises(FigureError, match="two scenarios are called plan"):
        scenario_labels([plan, plan])


def test_scenarios_of_two_plans_are_an_error(plan: Reach) -> None:
    old = called(plan, "old")
    scenario = old.ensemble.scenario
    scenario = dataclasses.replace(scenario, plan=dataclasses.replace(scenario.plan, name="eleventh"))
    old = dataclasses.replace(old, ensemble=dataclasses.replace(old.ensemble, scenario=scenario))
    with pytest.raises(FigureError, match="expected scenarios of one plan; found eleventh, twelfth"):
        scenario_labels([plan, old])


def test_no_scenario_is_an_error() -> None:
    with pytest.raises(FigureError, match="found none"):
        scenario_labels([])


def test_more_scenarios_than_colours_are_an_error(plan: Reach) -> None:
    with pytest.raises(FigureError, match="7 scenarios; expected 6 at most"):
        require_few([plan] * 7)


# -- what makes a picture illegible -------------------------------------------------------------------------
def test_a_picture_whose_texts_keep_apart_has_no_fault() -> None:
    picture = Figure()
    picture.text(0.3, 0.3, "here")
    picture.text(0.3, 0.5, "there")
    picture.add_subplot().set_xlim(0.0, 1.0)
    assert page.faults(picture) == []


def test_texts_that_overlap_or_leave_the_page_are_told() -> None:
    picture = Figure()
    picture.text(0.5, 0.5, "one")
    picture.text(0.501, 0.5, "two")
    picture.text(0.99, 0.1, "over the edge")
    assert page.faults(picture) == ["'over the edge' leaves the page", "'one' lies on 'two'"]


# -- files --------------------------------------------------------------------------------------------------
def test_a_character_that_no_font_has_is_drawn_as_a_box(tmp_path: Path) -> None:
    def picture() -> Figure:
        return page.Page("规划 🚀", "", "foot", 10.0).picture

    written = page.write_files(tmp_path / "plan.png", picture, [])
    assert all(file.exists() for file in written)
    with pytest.warns(UserWarning, match=r"Glyph 128640 .*missing"), house_style():
        picture().savefig(tmp_path / "bare.png")


def test_a_pdf_holds_a_font_once_and_its_ligatures_beside_it(tmp_path: Path) -> None:
    def picture() -> Figure:
        return page.Page("The first: ≥ 2.2 – 研发投入", "", "≤ 1 → −1 ± five fifths", 10.0).picture

    content = page.write_files(tmp_path / "plan.png", picture, [])[1].read_bytes()
    fonts = sorted(re.findall(rb"/FontName /[A-Z]{6}\+(\S+)", content))
    assert fonts == [b"FiveyearHan", *[b"FiveyearSans"] * 2, *[b"FiveyearSans-Bold"] * 2]
    assert b"/CIDFontType2" in content and b"/Type3" not in content


def test_a_figure_is_laid_out_once_for_all_its_files(tmp_path: Path) -> None:
    laid_out = []

    def picture() -> Figure:
        laid_out.append(page.Page("title", "", "foot", 10.0).picture)
        return laid_out[-1]

    assert len(page.write_files(tmp_path / "plan.png", picture, [])) == 3
    assert len(laid_out) == 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"plan\.png: cannot be written"):
        page.write_files(tmp_path / "missing" / "plan.png", Figure, [])


def test_a_name_that_is_no_png_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match=r"ends in \.svg"):
        page.write_files(tmp_path / "plan.svg", Figure, [])


@pytest.mark.parametrize("name", ["exceedance", "heat_map", "rank", "decomposition"])
def test_matplotlib_is_not_loaded_before_a_figure_is_drawn(name: str) -> None:
    code = f"import sys, fiveyear.experiments.reach.figures.{name}; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
