"""The fan charts: what they show of their numbers, and the files they leave."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Tick
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.text import Text

from fiveyear.experiments.console.errors import FigureError, WriteError
from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reach.answer import Reach, reach
from fiveyear.experiments.reach.figures import fan
from fiveyear.experiments.reach.figures.panels import Fan, Panel, headed, panels
from fiveyear.experiments.reach.figures.scenarios import scenario_titles
from fiveyear.scenarios import load_scenario

SCENARIOS = ("plan", "frozen", "accelerated", "growth_7")
TICKS_OF_PANEL = 12  # made by matplotlib: some beyond the ends of an axis, and two to begin with
LEAST_SIZE = 7.0  # points, on a page 180 mm wide


@pytest.fixture(scope="module")
def reached() -> dict[str, Reach]:
    return {name: reach(ensemble(load_scenario(name), "july2011", 2011), 600) for name in SCENARIOS}


@pytest.fixture(scope="module")
def plan(reached: dict[str, Reach]) -> Reach:
    return reached["plan"]


def both(found: Reach) -> list[Panel]:
    """Give the panels of headline targets, and then those of the others."""
    return [*panels([found], headline=True), *panels([found], headline=False)]


def drawn(found: Reach, shown: list[Panel] | None = None, *others: Reach) -> Figure:
    answers = [found, *others]
    with house_style():
        panels_drawn = panels(answers, headline=True) if shown is None else shown
        frame = fan.frame(answers, panels_drawn, headline=True)
        picture = fan.figure(frame, scenario_titles(answers), panels_drawn)
        picture.draw_without_rendering()
    return picture


# -- picture ------------------------------------------------------------------------------------------------
def named(axes: Axes) -> dict[str, Artist]:
    return {str(a.get_gid()): a for a in axes.findobj(include_self=False) if a.get_gid()}


def ends_of_band(artist: Artist) -> tuple[dict[float, float], dict[float, float]]:
    assert isinstance(artist, PolyCollection)
    low: dict[float, float] = {}
    high: dict[float, float] = {}
    for x, y in (v for path in artist.get_paths() for v in np.asarray(path.vertices)):  # none where nothing is known
        low[x], high[x] = min(low.get(x, y), y), max(high.get(x, y), y)
    return low, high


def points_of(artist: Artist) -> list[tuple[float, float]]:
    assert isinstance(artist, Line2D)
    return [(x, y) for x, y in zip(*map(np.asarray, artist.get_data()), strict=True) if np.isfinite(y)]


def ends_of_bars(artist: Artist) -> list[tuple[float, float, float]]:
    assert isinstance(artist, LineCollection)
    return [(s[0, 0], s[0, 1], s[1, 1]) for s in map(np.asarray, artist.get_segments())]


def read_off(axes: Axes, panel: Panel) -> dict[tuple[str, int], float]:
    """Read the numbers of a panel off its artists."""
    end, artists = panel.end, named(axes)
    first, *others = panel.fans
    found: dict[tuple[str, int], float] = {}
    for when in ("past", "ahead"):
        for share, ends in (("90 %", ("p05", "p95")), ("50 %", ("p25", "p75"))):
            for name, values in zip(ends, ends_of_band(artists[f"{share} {when}"]), strict=True):
                found |= {(f"{first.scenario}: model {name}", int(x)): y for x, y in values.items()}
        found |= {(f"{first.scenario}: model p50", int(x)): y for x, y in points_of(artists[f"median {when}"])}
    for other in others:
        found |= {
            (f"{other.scenario}: model p50", int(x)): y for x, y in points_of(artists[f"median {other.scenario}"])
        }
        outline = points_of(artists[f"90 % {other.scenario}"])
        half = len(outline) // 2
        for name, points in (("p05", outline[:half]), ("p95", outline[half:])):
            found |= {(f"{other.scenario}: model {name}", int(x)): y for x, y in points}
    for fan_drawn in panel.fans:
        of = fan_drawn.scenario
        bar: dict[str, float] = {}
        for share, ends in (("90 %", ("p05", "p95")), ("50 %", ("p25", "p75"))):
            bar |= {name: y for name, (_, y) in zip(ends, points_of(artists[f"end {share} {of}"]), strict=True)}
        bar["p50"] = points_of(artists[f"end {of}"])[0][1]
        for name, y in bar.items():
            assert found.setdefault((f"{of}: model {name}", end), y) == pytest.approx(y)
    if "facts" in artists:
        found |= {("fact", int(x)): y for x, y in points_of(artists["facts"])}
        for x, low, high in ends_of_bars(artists["facts bar"]):
            found |= {("fact - 2 sd", int(x)): low, ("fact + 2 sd", int(x)): high}
    found |= {(f"target {panel.comparator}", int(x)): y for x, y in points_of(artists["target"])}
    if "required" in artists:
        found |= {("required", int(x)): y for x, y in points_of(artists["required"])}
    if "growth continues" in artists:
        found["growth continues", end] = points_of(artists["growth continues"])[0][1]
    for rival in ("random walk", "record of earlier plans"):
        if rival in artists:
            found[f"{rival} median", end] = points_of(artists[rival])[0][1]
            _, found[f"{rival} p05", end], found[f"{rival} p95", end] = ends_of_bars(artists[f"{rival} bar"])[0]
    return found


@pytest.mark.parametrize("names", [["plan"], ["plan", "frozen"]])
def test_the_table_holds_what_is_on_the_picture_and_no_more(
    reached: dict[str, Reach], names: list[str], tmp_path: Path
) -> None:
    answers = [reached[name] for name in names]
    *_, table = page.write_files(tmp_path / "plan.png", *fan.drawing(answers))
    rows: dict[str, dict[tuple[str, int], float]] = {}
    chances: dict[str, dict[str, list[float]]] = {}
    with table.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            of, _, what = row["what"].rpartition(": ")
            if what.startswith("probability"):
                chances.setdefault(of, {}).setdefault(row["indicator"], []).append(float(row["value"]))
            else:
                rows.setdefault(row["indicator"], {})[row["what"], int(row["year"])] = float(row["value"])
    shown = panels(answers, headline=True)
    picture = drawn(answers[0], shown, *answers[1:])
    assert list(rows) == [p.indicator for p in shown]
    for panel, axes in zip(shown, picture.axes, strict=True):
        assert read_off(axes, panel) == pytest.approx(rows[panel.indicator], rel=1e-8)
    for answer in answers:
        said = {f.target.indicator: f.probability for f in answer.findings if f.target.kind == "headline"}
        assert chances[answer.ensemble.scenario.name] == {
            n: pytest.approx([p.value, p.low, p.high], rel=1e-8) for n, p in said.items() if p
        }


def texts(picture: Figure) -> Iterator[Text]:
    """Give the texts that a reader sees."""
    outside = set()  # matplotlib keeps ticks beyond the ends of an axis and does not draw them
    for axis in itertools.chain.from_iterable((a.xaxis, a.yaxis) for a in picture.axes):
        low, high = sorted(axis.get_view_interval())
        outside |= {t.label1 for t in axis.get_major_ticks() if not low <= t.get_loc() <= high}
    for text in picture.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip() and text not in outside:
            yield text


def assert_legible(picture: Figure) -> None:
    with house_style():
        renderer = picture.canvas.get_renderer()  # type: ignore[attr-defined]
        boxes = [(t, t.get_window_extent(renderer)) for t in texts(picture)]
    assert all(float(t.get_fontsize()) >= LEAST_SIZE for t, _ in boxes)
    width, height = picture.canvas.get_width_height(physical=True)
    for text, box in boxes:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, f"{text.get_text()!r} leaves the page"
    for (one, a), (two, b) in itertools.combinations(boxes, 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
        assert apart, f"{one.get_text()!r} lies on {two.get_text()!r}"


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_text_lies_on_another_or_leaves_the_page(reached: dict[str, Reach], name: str) -> None:
    picture = drawn(reached[name])
    assert picture.get_size_inches()[0] * 25.4 == pytest.approx(180.0)
    assert_legible(picture)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8])
def test_any_number_of_panels_stays_legible(plan: Reach, count: int) -> None:
    shown = list(itertools.islice(itertools.cycle(both(plan)), count))
    picture = drawn(plan, shown)
    assert len(picture.axes) == count
    assert_legible(picture)


def test_a_target_from_above_says_so(plan: Reach) -> None:
    shown = [dataclasses.replace(p, comparator="<=", place=False) for p in both(plan)]
    picture = drawn(plan, shown)
    assert_legible(picture)
    assert "target ≤ 43" in {t.get_text() for t in texts(picture)}


def test_every_panel_has_its_letter_its_unit_and_the_chance_under_each_scenario(reached: dict[str, Reach]) -> None:
    answers = [reached["plan"], reached["frozen"]]
    shown = panels(answers, headline=True)
    picture = drawn(answers[0], shown, answers[1])
    heads = " ".join(t.get_text() for t in picture.texts)
    by_target = zip(*([f for f in a.findings if f.target.kind == "headline"] for a in answers), strict=True)
    for letter, panel, findings in zip("abcdefgh", shown, by_target, strict=True):
        assert f" {letter} {headed(panel.label, panel.unit, panel.place)}" in heads
        chances = [f.probability.value for f in findings if f.probability]
        words = ["< .05" if c < 0.05 else "> .95" if c > 0.95 else f"{c:.2f}"[1:] for c in chances]
        assert f" chance {' '.join(words)}" in heads
    for panel, axes in zip(shown, picture.axes, strict=True):
        said = [t.get_text() for t in axes.texts]
        assert ("target: place 5" if panel.place else f"target {panel.target:,g}") in said
    assert all(unit in heads for unit in ("100 million yuan", "R&D / GDP, %", "per 10,000 people"))
    assert "100M" not in heads


def test_every_number_drawn_lies_inside_its_panel_and_the_axis_starts_at_zero_or_the_first_place(plan: Reach) -> None:
    shown = both(plan)
    bottoms = {}
    for panel, axes in zip(shown, drawn(plan, shown).axes, strict=True):
        low, high = sorted(axes.get_ylim())
        bottoms[panel.indicator] = low
        assert all(low <= value <= high for _, _, value in panel.numbers())
    # A rise may be a fall, and from place 21 the first is far.
    free = {"st_contribution_rate", "basic_research_growth", "enterprise_rd_per_revenue_rise", "innovation_rank"}
    assert {n: low for n, low in bottoms.items() if n not in free} == {
        n: 1.0 if n == "citation_rank" else 0.0 for n in bottoms if n not in free
    }


def test_better_is_up_in_every_panel(plan: Reach) -> None:
    shown = both(plan)
    for panel, axes in zip(shown, drawn(plan, shown).axes, strict=True):
        bottom, top = axes.get_ylim()
        assert (top > bottom) == (panel.comparator == ">="), panel.indicator


def test_of_two_scenarios_that_coincide_both_are_seen(plan: Reach) -> None:
    shown = [
        dataclasses.replace(p, fans=(p.fans[0], dataclasses.replace(p.fans[0], scenario="again")))
        for p in panels([plan], headline=True)
    ]
    for axes in drawn(plan, shown, plan_again(plan)).axes:
        artists = named(axes)
        first, second = artists["median ahead"], artists["median again"]
        assert isinstance(first, Line2D) and isinstance(second, Line2D)
        assert first.get_linestyle() == "-" and second.get_linestyle() == "--"
        assert second.get_zorder() > first.get_zorder() and second.get_linewidth() < first.get_linewidth()
        ends = [points_of(artists[f"end {name}"])[0][0] for name in ("plan", "again")]
        assert ends[0] < ends[1]


def plan_again(plan: Reach) -> Reach:
    scenario = dataclasses.replace(plan.ensemble.scenario, name="again", title="The plan again")
    return dataclasses.replace(plan, ensemble=dataclasses.replace(plan.ensemble, scenario=scenario))


def test_all_that_speaks_of_the_last_year_alone_stands_right_of_it(plan: Reach) -> None:
    for panel, axes in zip(both(plan), drawn(plan, both(plan)).axes, strict=True):
        for name, artist in named(axes).items():
            if name in ("random walk", "growth continues", "record of earlier plans", "end plan"):
                assert points_of(artist)[0][0] > panel.end
    assert "Other forecasts of 2015" in {t.get_text() for t in texts(drawn(plan))}


def test_the_tick_labels_of_an_axis_have_the_same_decimals(plan: Reach) -> None:
    shown = both(plan)
    for panel, axes in zip(shown, drawn(plan, shown).axes, strict=True):
        labels = [t.get_text() for t in axes.get_yticklabels()]
        assert len({len(label.partition(".")[2]) for label in labels}) == 1
        for label, value in zip(labels, axes.get_yticks(), strict=True):
            assert float(label.replace(",", "").replace("−", "-")) == pytest.approx(value), panel.indicator


def test_every_year_is_marked_and_only_those_with_a_label_by_a_tick(plan: Reach) -> None:
    for axes, panel in zip(drawn(plan, both(plan)).axes, both(plan), strict=True):
        ticks = [float(at) for at in axes.get_xticks()]
        marked = [at for at, _ in points_of(named(axes)["years"])]
        assert sorted({*ticks, *marked}) == panel.years.tolist() and not {*ticks} & {*marked}
        assert ticks == [panel.years[0], panel.base_year, panel.end] and not len(axes.get_xticks(minor=True))


def test_the_axis_leaves_zero_where_zero_would_flatten_the_content(plan: Reach) -> None:
    flat = dataclasses.replace(
        both(plan)[0],
        fans=(Fan("plan", None, np.full((5, 11), 100.0)),),
        facts=((2010, 100.0, 1.0),), target=104.0, required=np.array([]),
        walk=None, continued=None, view=None,
    )  # fmt: skip
    low, _ = drawn(plan, [flat]).axes[0].get_ylim()
    assert 90.0 < low < 98.0


def test_the_legend_explains_only_marks_that_are_drawn(plan: Reach) -> None:
    bare = [dataclasses.replace(p, walk=None, continued=None, view=None) for p in panels([plan], headline=True)]
    words = " ".join(t.get_text() for t in texts(drawn(plan, bare)))
    assert "random walk" not in words
    assert "Other forecasts" not in words
    assert "random walk" in " ".join(t.get_text() for t in texts(drawn(plan)))


def test_two_files_take_two_draws_and_few_ticks_and_each_measures_a_line_of_text_once(plan: Reach) -> None:
    counts: Counter[str] = Counter()

    def counted(name: str, method: Any) -> Any:
        def call(*given: Any, **how: Any) -> Any:
            counts[name] += 1
            return method(*given, **how)

        return call

    with house_style(), mock.patch.object(Tick, "__init__", counted("ticks", Tick.__init__)):
        picture = fan.drawing([plan]).figure()
        with (
            mock.patch.object(Figure, "draw", counted("draws", Figure.draw)),
            mock.patch.object(FT2Font, "set_text", counted("measured", FT2Font.set_text)),
        ):
            page.printed(picture, "png"), page.printed(picture, "pdf")
    looks = {
        (line, text.get_fontsize(), text.get_fontweight())
        for text in texts(picture)
        for line in ("lp", *text.get_text().split("\n"))  # matplotlib takes the height of a line from "lp"
    }
    assert counts["draws"] == 2
    assert counts["measured"] <= 2 * len(looks)
    assert counts["ticks"] <= TICKS_OF_PANEL * len(picture.axes)


# -- files --------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_two_runs_write_the_same_bytes_whatever_the_reader_has_set(plan: Reach, tmp_path: Path) -> None:
    first = [f.read_bytes() for f in page.write_files(tmp_path / "first.png", *fan.drawing([plan]))]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "savefig.bbox": "tight", "lines.linewidth": 9}):
        second = [f.read_bytes() for f in page.write_files(tmp_path / "second.png", *fan.drawing([plan]))]
        assert mpl.rcParams["font.size"] == 20
    assert first == second
    assert first[0].startswith(b"\x89PNG")
    assert first[1].startswith(b"%PDF")
    assert b"CreationDate" not in first[1]
    assert sorted(f.name for f in tmp_path.iterdir()) == sorted(
        f"{n}.{e}" for n in ("first", "second") for e in ("png", "pdf", "csv")
    )


def titled(found: Reach, title: str) -> Reach:
    scenario = dataclasses.replace(found.ensemble.scenario, title=title)
    return dataclasses.replace(found, ensemble=dataclasses.replace(found.ensemble, scenario=scenario))


@pytest.mark.parametrize("title", ["研发投入占国内生产总值两个百分点", "全社会研发经费支出占国内生产总值的比重，" * 6])
def test_a_chinese_title_is_drawn_with_every_character(plan: Reach, tmp_path: Path, title: str) -> None:
    picture = drawn(titled(plan, title))
    assert_legible(picture)  # a warning of a missing glyph would be an error here
    lines = [t.get_text() for t in picture.texts if t.get_fontsize() == 9.0]
    assert title[:70] in "".join(lines) and not any(line.startswith("，") for line in lines)
    for form in ("png", "pdf", "svg"):
        with house_style():
            picture.savefig(tmp_path / f"plan.{form}")
    assert b"FiveyearHan" in (tmp_path / "plan.pdf").read_bytes()
    first, second = (
        [f.read_bytes() for f in page.write_files(tmp_path / f"{n}.png", *fan.drawing([titled(plan, title)]))]
        for n in "ab"
    )
    assert first == second


def test_a_title_is_text_and_not_mathematics(plan: Reach, tmp_path: Path) -> None:
    picture = drawn(titled(plan, "Costs $1 and $2_a " * 12))
    assert_legible(picture)
    assert "$1 and $2_a" in " ".join(t.get_text() for t in picture.texts if t.get_fontsize() == 9.0)


def test_a_folder_that_is_not_there_is_an_error(plan: Reach, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"plan\.png: cannot be written"):
        page.write_files(tmp_path / "missing" / "plan.png", *fan.drawing([plan]))


def test_a_name_that_is_no_png_is_an_error(plan: Reach, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match=r"ends in \.svg"):
        page.write_files(tmp_path / "plan.svg", *fan.drawing([plan]))


def test_a_plan_of_which_nothing_is_modelled_is_an_error(plan: Reach, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no target of the plan twelfth is modelled"):
        page.write_files(tmp_path / "plan.png", *fan.drawing([dataclasses.replace(plan, findings=())]))


def test_matplotlib_is_not_loaded_before_a_figure_is_drawn() -> None:
    code = "import sys, fiveyear.experiments.reach.figures.fan; print('matplotlib' in sys.modules)"
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
