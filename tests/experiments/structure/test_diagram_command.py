"""``fiveyear model diagram``: what it writes, what it refuses, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]  # words -> how it ended: code, out, err

FIRST_BYTES = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.mark.parametrize("form", sorted(FIRST_BYTES))
def test_the_same_model_gives_the_same_bytes(fiveyear: Run, tmp_path: Path, form: str) -> None:
    one, two = (tmp_path / f"{name}{form}" for name in ("one", "two"))
    for file in (one, two):
        ended = fiveyear("model", "diagram", "--out", file, "--sector", "papers", "--sector", "literacy")
        assert (ended.code, ended.out, ended.err) == (0, f"written: {file}\n", "")
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes().startswith(FIRST_BYTES[form])


def test_a_sector_named_twice_is_drawn_once(fiveyear: Run, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.svg", tmp_path / "twice.svg"
    fiveyear("model", "diagram", "--out", once, "--sector", "market")
    fiveyear("model", "diagram", "--out", twice, "--sector", "market", "--sector", "market")
    assert once.read_bytes() == twice.read_bytes()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(
            ("a.png", "--sector", "papres"), "papres: the model has no such sector; nearest is papers", id="one"
        ),
        pytest.param(("a.png", "--sector", "papers", "--sector", "xyz"), "xyz: the model has no such", id="one of two"),
        pytest.param(("a.png", "--overview", "--sector", "papers"), "--loops, --overview and --sector", id="two pages"),
        pytest.param(("a.gif",), "ends in .gif; expected .png, .pdf, .svg", id="an unknown suffix"),
        pytest.param(("a",), "ends in nothing; expected .png, .pdf, .svg", id="no suffix"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(
    fiveyear: Run, tmp_path: Path, words: tuple[str, ...], fault: str
) -> None:
    ended = fiveyear("model", "diagram", "--out", tmp_path / words[0], *words[1:])
    assert (ended.code, ended.out) == (2, "")
    assert fault in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_the_overview_of_the_sectors_is_drawn_on_one_page(fiveyear: Run, tmp_path: Path) -> None:
    ended = fiveyear("model", "diagram", "--overview", "--out", tmp_path / "a.svg")
    assert (ended.code, ended.out, ended.err) == (0, f"written: {tmp_path / 'a.svg'}\n", "")
    assert "workforce" in (tmp_path / "a.svg").read_text()


def test_an_existing_diagram_is_kept_unless_forced(fiveyear: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_text("mine")
    words = ("model", "diagram", "--out", file, "--sector", "market")
    ended = fiveyear(*words)
    assert ended.code == 2
    assert "exists; --force writes over it" in ended.err
    assert file.read_text() == "mine"
    assert fiveyear(*words, "--force").code == 0
    assert file.read_text() != "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_ends_in_74_and_leaves_nothing(fiveyear: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")  # a place below a file cannot be written, not even by root
    ended = fiveyear("model", "diagram", "--out", tmp_path / "file" / "a.svg", "--sector", "market")
    assert ended.code == 74
    assert str(tmp_path / "file") in ended.err
    assert "Traceback" not in ended.err
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
