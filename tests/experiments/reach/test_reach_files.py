"""What ``reach --out`` writes: data and tables whatever becomes of a figure; what none can show is told first."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.parallel import work
from fiveyear.experiments.reach import files as reach_files
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures import fan

Run = Callable[..., Any]


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[[str], Path]:
    def give(title: str) -> Path:
        file = tmp_path / "own.toml"
        file.write_text(f'title = "{title}"\nextends = "plan"\nexpect = "达到2.2%"\n', encoding="utf-8")
        return file

    return give


def test_a_chinese_title_goes_into_every_file_without_a_word(
    fiveyear: Run, scenario: Callable[[str], Path], tmp_path: Path
) -> None:
    title = "研发投入占国内生产总值两个百分点"
    ended = fiveyear("reach", scenario(title), "--full", "--draws", "50", "--out", tmp_path / "out")
    assert (ended.code, ended.err) == (0, "")
    assert title in ended.out
    assert (tmp_path / "out" / "twelfth_targets.png").exists() and (tmp_path / "out" / "twelfth_targets.pdf").exists()


def test_what_no_font_has_is_told_before_anything_is_computed(
    fiveyear: Run, scenario: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fiveyear.experiments.reach import answer as computing

    def stopped(*_: object, **__: object) -> None:
        raise FigureError("the computation", ["is not begun"])

    file = scenario("Moon 🚀 龘")
    with monkeypatch.context() as patch:
        patch.setattr(computing, "reach", stopped)
        ended = fiveyear("reach", file, "--draws", "50", "--out", tmp_path / "out")
    told = "note: scenario own, title: figures show a box for 🚀 (U+1F680), 龘 (U+9F98): no font has it\n"
    assert ended.err.startswith(told) and "is not begun" in ended.err
    ended = fiveyear("reach", file, "--draws", "50", "--out", tmp_path / "out")
    assert (ended.code, ended.err) == (0, told)
    assert (tmp_path / "out" / "twelfth_targets.png").exists()


def test_data_tables_and_other_figures_are_written_though_one_cannot_be_drawn(
    fiveyear: Run, scenario: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise FigureError("the figure of own", ["shows nothing"])

    monkeypatch.setattr(fan, "drawing", refused)
    out = tmp_path / "out"
    ended = fiveyear("reach", scenario("Own"), "--draws", "50", "--out", out)
    assert ended.code == 2
    assert "draws, tables and all other figures are written" in ended.err
    assert "twelfth_targets.png: shows nothing" in ended.err
    names = {file.name for file in out.iterdir()}
    assert {"own.nc", "targets.csv", "twelfth_heat_map.png"} <= names and "twelfth_targets.png" not in names


def test_figures_are_the_same_on_one_processor_and_on_two(
    fiveyear: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for processors in (1, 2):
        monkeypatch.setattr(work, "cores", lambda processors=processors: processors)
        out = tmp_path / str(processors)
        assert fiveyear("reach", "behavioural", "--draws", "50", "--out", out).code == 0
        made.append({file.name: file.read_bytes() for file in out.iterdir() if file.suffix != ".nc"})
    assert made[0] == made[1]
    assert {"twelfth_targets.png", "behavioural_finance.pdf", "twelfth_ranks.csv"} <= made[0].keys()


def test_what_a_process_is_given_to_draw_holds_no_answer(reached: Callable[..., Reach]) -> None:
    answers = [reached("plan"), reached("behavioural")]
    for name, (made_by, places) in reach_files._figures([answer.ensemble for answer in answers]).items():
        drawing = made_by([answers[place] for place in places])
        assert len(pickle.dumps(drawing.figure)) < 100_000, name
