"""The heat map: its cells, their colours, and the files it leaves."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.heat_map import COLOURS, ink, luminance
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures import heat_map
from fiveyear.experiments.reach.figures.heat_map import BASE_PAIR, by_chance, cells, with_chances

NAMES = ("plan", "frozen", "accelerated", "growth_7")
LONG = "a_scenario_with_a_name_that_does_not_fit_beside_the_cells"


def called(found: Reach, name: str) -> Reach:
    scenario = dataclasses.replace(found.ensemble.scenario, name=name)
    return dataclasses.replace(found, ensemble=dataclasses.replace(found.ensemble, scenario=scenario))


@pytest.fixture(scope="module")
def found(reached: Callable[..., Reach]) -> list[Reach]:
    return [reached(name) for name in NAMES]


def drawn(found: list[Reach]) -> Figure:
    with house_style():
        return heat_map.drawing(found).figure()


# -- numbers ------------------------------------------------------------------------------------------------
def test_headline_targets_come_first_each_group_from_the_likeliest_in_the_first_scenario_on(
    found: list[Reach],
) -> None:
    rows = cells(found)
    assert [row[0].scenario for row in rows] == list(NAMES)
    kinds = {f.target.indicator: f.target.kind for f in found[0].findings}
    *columns, last = (c.column for c in rows[0])
    assert last == "measurable" and all([c.column for c in row] == [*columns, last] for row in rows)
    headline = [kinds[name] == "headline" for name in columns]
    assert headline == sorted(headline, reverse=True) and sum(headline) == 8
    chances = [c.probability.value for c in rows[0][:8] if c.probability]
    assert chances == sorted(chances, reverse=True) and len(chances) == 8


def test_the_base_pair_comes_first_and_then_the_scenario_in_which_most_is_met_together(
    found: list[Reach], reached: Callable[..., Reach]
) -> None:
    rows = by_chance([*found[1:], reached("behavioural"), found[0]])
    names = [answer.ensemble.scenario.name for answer in rows]
    assert tuple(names[:2]) == BASE_PAIR
    joint = [answer.joint["measurable"] for answer in rows[2:]]
    values = [chance.value for chance in joint if chance]
    assert values == sorted(values, reverse=True) and len(values) == 3 and values[0] > values[2]


def test_of_what_no_scenario_tells_there_is_no_column_and_the_foot_names_it(found: list[Reach]) -> None:
    untold = {f.target.label for f in found[0].findings} - {t.label for t in with_chances(found)}
    assert {"World rank by innovation", "S&T contribution to growth"} <= untold
    assert all(any(c.probability for c in column) for column in zip(*cells(found), strict=True))
    foot = " ".join(" ".join(t.get_text().split()) for t in drawn(found).texts)
    assert all(name in foot for name in untold)


def test_a_cell_says_the_probability_or_why_there_is_none(found: list[Reach]) -> None:
    rows = {row[0].scenario: {c.column: c for c in row} for row in cells(found)}
    said = next(f for f in found[0].findings if f.target.indicator == "technology_market_value").probability
    assert said is not None
    assert rows["plan"]["technology_market_value"].text == f"{said.value:.2f}"[1:]
    assert rows["frozen"]["rd_intensity"].text == rows["frozen"]["measurable"].text == "< .05"


def test_what_is_more_likely_met_than_missed_is_told_apart_by_more_than_its_colour(found: list[Reach]) -> None:
    picture = drawn(found)
    cell_of = {text.get_text(): text for text in picture.axes[0].texts}
    assert cell_of["> .95"].get_fontweight() == "bold" and cell_of["< .05"].get_fontweight() == "normal"
    words = [t.get_text() for t in picture.texts]
    verdicts = [word for _, word in reversed(CUT_POINTS)]
    assert [word for word in words if word in verdicts] == verdicts


def test_what_is_not_modelled_is_a_dash(found: list[Reach]) -> None:
    bare = [dataclasses.replace(f, median=None, probability=None) for f in found[0].findings]
    (row,) = cells([dataclasses.replace(found[0], findings=tuple(bare))])
    assert {c.text for c in row[:-1]} == {"–"}


def test_of_one_measurable_target_nothing_is_said_together(reached: Callable[..., Reach]) -> None:
    (row,) = cells([reached("eleventh_plan", "yearbook")])
    assert [c.column for c in row if c.probability] == ["rd_intensity", "high_tech_value_added_share"]
    assert row[-1].column != "measurable"


# -- picture ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "facts", "together"), [("plan", "july2011", True), ("eleventh_plan", "yearbook", False)]
)
def test_what_no_statistic_shows_is_marked(
    reached: Callable[..., Reach], name: str, facts: str, together: bool
) -> None:
    answer = reached(name, facts)
    words = [" ".join(t.get_text().split()) for t in drawn([answer]).texts]
    for target in with_chances([answer]):
        (heading,) = [w for w in words if w.startswith(target.label) and w[-1].isdigit() | w.endswith("%")]
        assert ("(a)" in heading) == bool(target.unmeasurable)
    assert any("(a): no official statistic shows whether it is met." in w for w in words)
    assert any(w.startswith("All that statistics") for w in words) == together


def test_the_table_holds_what_is_on_the_picture_and_no_more(found: list[Reach], tmp_path: Path) -> None:
    *_, table = page.write_files(tmp_path / "map.png", *heat_map.drawing(found))
    with table.open(newline="", encoding="utf-8") as stream:
        said = {f"{r['scenario']} {r['target']}": r for r in csv.DictReader(stream)}
    axes = drawn(found).axes[0]
    scale = mpl.colormaps[COLOURS]
    patches = [p for p in axes.patches if isinstance(p, Rectangle)]
    assert [str(p.get_gid()) for p in patches] == list(said)
    for patch, text in zip(patches, axes.texts, strict=True):
        row = said[str(patch.get_gid())]
        assert text.get_text() == row["text"]
        assert patch.get_xy()[0] < text.get_position()[0] < patch.get_xy()[0] + patch.get_width()
        if row["probability"]:
            assert to_rgb(patch.get_facecolor()) == pytest.approx(scale(float(row["probability"]))[:3])
            assert 0.0 <= float(row["low"]) < float(row["high"]) <= 1.0
        else:
            assert row["text"] == "–"


@pytest.mark.parametrize("count", [1, 2, 6, 20])
def test_no_text_lies_on_another_or_leaves_the_page(found: list[Reach], count: int) -> None:
    many = [called(found[n % 4], LONG if n == 1 else f"scenario_{n}") for n in range(count)]
    picture = drawn(many)
    assert picture.get_size_inches()[0] * 25.4 == pytest.approx(180.0)
    assert page.faults(picture) == []


def test_long_labels_of_targets_stay_apart(found: list[Reach]) -> None:
    label = "Share of a thing with quite a long name in all of that thing, in % of the whole"
    long = [dataclasses.replace(f, target=f.target.model_copy(update={"own_label": label})) for f in found[0].findings]
    assert page.faults(drawn([dataclasses.replace(found[0], findings=tuple(long))])) == []


def test_every_cell_can_be_read() -> None:
    scale = mpl.colormaps[COLOURS]
    for share in np.linspace(0.0, 1.0, 501):
        red, green, blue, _ = scale(share)
        lit, text = luminance((red, green, blue)), 0.0 if ink((red, green, blue)) == "black" else 1.0
        assert (max(lit, text) + 0.05) / (min(lit, text) + 0.05) >= 4.5


def test_a_higher_probability_is_lighter() -> None:
    scale = mpl.colormaps[COLOURS]
    lit = [luminance(tuple(scale(share)[:3])) for share in np.linspace(0.0, 1.0, 101)]
    assert np.all(np.diff(lit) > 0.0)


def test_the_luminance_of_primary_colours_is_that_of_the_standard() -> None:
    assert [
        luminance(c) for c in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.5, 0.5))
    ] == pytest.approx([0.2126, 0.7152, 0.0722, 0.2140], abs=1e-4)


# -- files --------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_two_runs_write_the_same_bytes_whatever_the_reader_has_set(found: list[Reach], tmp_path: Path) -> None:
    first = [f.read_bytes() for f in page.write_files(tmp_path / "first.png", *heat_map.drawing(found))]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "image.cmap": "jet"}):
        second = [f.read_bytes() for f in page.write_files(tmp_path / "second.png", *heat_map.drawing(found))]
    assert first == second
    assert {f.name for f in tmp_path.iterdir()} == {
        f.name for n in ("first", "second") for f in page.files(Path(f"{n}.png"))
    }


def test_a_plan_without_targets_is_an_error(found: list[Reach], tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="the plan twelfth has no targets"):
        page.write_files(tmp_path / "map.png", *heat_map.drawing([dataclasses.replace(found[0], findings=())]))
