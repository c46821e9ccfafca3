"""A paper that is built in seconds, and how it is built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fiveyear.experiments.paper import build as building
from fiveyear.experiments.paper.paper_file import load

SMALL = """
title = "A small paper"
authors = ["A. Author", "B. Author"]
draws = 500
others = ["frozen"]
figures = ["heat_map", "exceedance"]
tables = ["attainment", "targets"]
"""


@pytest.fixture
def paper(tmp_path: Path) -> Callable[..., Path]:
    """Write a paper.toml, its text changed here and there."""

    def give(*changes: tuple[str, str], more: str = "") -> Path:
        text = SMALL
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "paper.toml"
        file.write_text(text + more, encoding="utf-8")
        return file

    return give


@pytest.fixture
def build() -> Callable[..., list[str]]:
    """Build a paper, and give the names of what was made."""

    def give(file: Path, out: Path, **how: object) -> list[str]:
        lines: list[str] = []
        building.build(load(file, **how), out, "fiveyear paper", lines.append)  # type: ignore[arg-type]
        return sorted(line.rpartition(":")[0] for line in lines)

    return give
