"""What is wrong with a paper is said before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fiveyear.experiments.console.errors import WriteError
from fiveyear.experiments.paper import build as building
from fiveyear.experiments.paper import paper_file
from fiveyear.model.errors import ModelError

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ((('"heat_map"', '"heat_mop"'),), r"figures: there is none called heat_mop.*heat_map"),
        ((('"attainment"', '"atainment"'),), r"tables: there is none called atainment.*attainment"),
        ((('"frozen"', '"frosen"'),), r"frosen.*frozen"),
        ((("others =", 'scenarios = ["plam"]\nothers ='),), r"plam.*plan"),
        ((("others =", 'style = "poster"\nothers ='),), r"style.*poster.*column"),
        ((("others =", 'language = "fr"\nothers ='),), r"language"),
        ((("others =", 'targets = ["rd_intensty"]\nothers ='),), r"targets.*rd_intensty.*rd_intensity"),
        ((("others =", 'article = "text.md"\nothers ='),), r"article: text.md cannot be read"),
        ((("others =", 'plan = "eleventh"\nothers ='),), r"frozen"),
        ((("A small paper", "A small paper 🚀"),), r"no font has 🚀"),
        ((("draws = 500", "draws = 5"),), r"draws"),
        ((("others =", 'facts = "2012"\nothers ='),), r"paper.toml.*\n  facts: .*july2011"),
        (
            (('"exceedance"', '"frontier"'), ("draws = 500", 'need.targets = ["rd_intensty"]\ndraws = 500')),
            r"need.targets: rd_intensty: the plan has no such target; nearest is rd_intensity",
        ),
    ],
)
def test_a_fault_is_named(
    changes: tuple[tuple[str, str], ...],
    message: str,
    paper: Write,
    fiveyear: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
) -> None:
    code, printed, errors = fiveyear("paper", str(paper(*changes)), "--out", str(tmp_path / "out"))
    assert code == 2 and not printed
    assert re.search(message, errors, re.DOTALL), errors
    assert "Traceback" not in errors
    assert not (tmp_path / "out").exists()


def test_all_faults_are_named_at_once(paper: Write) -> None:
    file = paper(('"heat_map"', '"x"'), ('"attainment"', '"y"'), ('"frozen"', '"z"'))
    with pytest.raises(ModelError) as caught:
        paper_file.load(file)
    assert all(name in str(caught.value) for name in ("x", "y", "z"))


def test_a_figure_that_the_plan_does_not_give_is_refused_by_name(paper: Write) -> None:
    file = paper(('others = ["frozen"]', 'plan = "korea577"'), ('"exceedance"', '"scoreboard"'))
    with pytest.raises(ModelError, match="scoreboard"):
        paper_file.load(file)


def test_a_folder_with_other_files_is_left_alone(paper: Write, tmp_path: Path) -> None:
    out = tmp_path / "own"
    out.mkdir()
    (out / "thesis.tex").write_text("years of work")
    with pytest.raises(WriteError, match="holds other files"):
        building.build(paper_file.load(paper()), out, "fiveyear paper")
    assert [f.name for f in out.iterdir()] == ["thesis.tex"]


def test_a_file_in_place_of_a_folder_is_left_alone(paper: Write, tmp_path: Path) -> None:
    out = tmp_path / "own"
    out.write_text("years of work")
    with pytest.raises(WriteError, match="it is a file"):
        building.build(paper_file.load(paper()), out, "fiveyear paper")
    assert out.read_text() == "years of work"


def test_a_posterior_that_does_not_hold_is_named(paper: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from fiveyear.calibration import posterior
    from fiveyear.calibration.errors import NotFittedError

    def stale(_: object) -> None:
        raise NotFittedError("posterior_july2011.nc", ["is stale: since the fit these have changed: facts"])

    monkeypatch.setattr(posterior, "load", stale)
    with pytest.raises(ModelError, match="is stale"):
        paper_file.load(paper())


def test_a_wrong_style_hides_no_other_fault(paper: Write) -> None:
    file = paper(("others =", 'style = "poster"\nothers ='), ('"heat_map"', '"x"'), ('"frozen"', '"z"'))
    with pytest.raises(ModelError) as caught:
        paper_file.load(file)
    assert all(name in str(caught.value) for name in ("poster", "x", "z"))


@pytest.mark.parametrize("key", ["figures", "tables", "scenarios", "others", "targets"])
def test_what_is_named_twice_is_refused(paper: Write, key: str) -> None:
    file = paper()
    lines = [line for line in file.read_text().splitlines() if not line.startswith(f"{key} =")]
    name = {"figures": "fan", "tables": "fit", "targets": "rd_intensity"}.get(key, "frozen")
    file.write_text("\n".join([*lines, f'{key} = ["{name}", "{name}"]']))
    with pytest.raises(ModelError, match=f"{key}: {name} is named twice"):
        paper_file.load(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text.md cannot be read: it is empty"),
        ("![Fan](figure:fam)", "figure fam"),
        ("See {ref:heat_map}.", "reference to heat_map"),
        ("{table:attainment}", "table attainment"),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused_before_anything_is_computed(
    paper: Write, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "text.md").write_text(text)
    with pytest.raises(ModelError, match=message):
        paper_file.load(paper(("others =", 'article = "text.md"\nothers =')))


@pytest.mark.parametrize(
    ("others", "drawn"),
    [
        ('others = ["frozen"]', True),
        ('plan = "korea577"', False),  # which has one target
        ('others = []\nfacts = "plan-only"', False),  # which refuses patents
    ],
)
def test_how_many_targets_are_met_is_drawn_of_several_with_a_probability(
    paper: Write, others: str, drawn: bool
) -> None:
    file = paper(('figures = ["heat_map", "exceedance"]\n', ""), ('others = ["frozen"]', others))
    assert ("number_met" in paper_file.load(file).figures) is drawn
