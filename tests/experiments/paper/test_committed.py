"""The paper in docs/paper: no number of its text is older than the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fiveyear.experiments.paper import article, numbers
from fiveyear.experiments.paper.contents import FIGURES, TABLES
from fiveyear.experiments.paper.paper_file import load
from fiveyear.experiments.paper.studies import STUDIES

PAPER = Path(__file__).parents[3] / "docs" / "paper"
KEPT = json.loads((PAPER / "numbers.json").read_text(encoding="utf-8"))["numbers"]
QUOTED = {key: KEPT[key] for key in article.keys(article.shipped())}


@pytest.mark.slow
@pytest.mark.parametrize("study", sorted({number["study"] for number in QUOTED.values()}))
def test_every_number_that_the_text_quotes_is_what_the_program_says(study: str) -> None:
    result = STUDIES[study].compute(load()) if study != "scoreboard" else None  # whose numbers are kept elsewhere
    now = {key: number.text for key, number in numbers.of(study, result).items()}
    then = {key: number["text"] for key, number in QUOTED.items() if number["study"] == study}
    assert {key: now.get(key) for key in then} == then, "to build the paper again: make paper"


def test_the_text_is_the_shipped_one_with_these_numbers() -> None:
    texts = {key: number["text"] for key, number in KEPT.items()}
    tables = {name: (PAPER / "tables" / f"{name}.md").read_text(encoding="utf-8") for name in TABLES}
    pictures = {name: f"figures/{name}.svg" for name in FIGURES}
    whole = article.filled(article.shipped(), texts, pictures, tables)
    assert (PAPER / "paper.md").read_text(encoding="utf-8") == whole


def test_every_picture_of_the_text_is_there() -> None:
    for name in article.shown(article.shipped(), "figure"):
        assert (PAPER / "figures" / f"{name}.svg").stat().st_size > 1_000
