"""The place by citations: margins and distributions in closed form, the figure, and the files it leaves."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle, StepPatch

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reach.answer import Reach
from fiveyear.experiments.reach.figures import rank as figure_of_ranks
from fiveyear.experiments.reach.figures.rank import shown
from fiveyear.experiments.reach.places import RANK, margin, rank_distribution
from fiveyear.model.errors import InputError
from fiveyear.model.quantities import Array

RIVALS = ("united_states", "germany", "england", "japan", "france", "canada", "italy", "netherlands")


def counted(own: Array, rivals: Array) -> dict[str, Array]:
    """Give citations, (draw, year), those of as many rivals as `rivals` (rival, draw, year) has, and the rank."""
    names = [f"rival_citations_{n}" for n in RIVALS[: len(rivals)]]
    ahead = np.sum(rivals > own, axis=0)
    return {"citations": own, "citation_rank": 1.0 + ahead, **dict(zip(names, rivals, strict=True))}


# -- numbers ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("place", "rival"), [(1, 800.0), (4, 500.0), (5, 400.0), (8, 100.0)])
def test_the_margin_is_the_logarithm_over_the_rival_in_that_place(place: int, rival: float) -> None:
    rivals = 100.0 * np.arange(1.0, 9.0)[::-1, None, None]
    assert margin(counted(np.array([[450.0]]), rivals), place) == pytest.approx(np.log([[450.0 / rival]]), rel=1e-14)


def test_the_margin_is_not_negative_exactly_where_the_place_is_held() -> None:
    numbers = np.random.default_rng(3)
    rivals, own = np.exp(numbers.normal(size=(8, 500, 3))), np.exp(numbers.normal(size=(500, 3)))
    own[:50] = rivals[2, :50]  # a tie is no rival ahead
    values = counted(own, rivals)
    for place in range(1, 9):
        held = values["citation_rank"] <= place
        assert 0 < held.sum() < held.size
        assert np.array_equal(margin(values, place) >= 0.0, held)


def test_the_margin_of_a_real_answer_agrees_with_its_rank(reached: Callable[..., Reach]) -> None:
    values = reached("plan").run.values
    for place in (4, 5, 6):
        assert np.array_equal(margin(values, place) >= 0.0, values["citation_rank"] <= place)


def test_the_order_of_the_rivals_does_not_matter() -> None:
    rivals = np.exp(np.random.default_rng(4).normal(size=(8, 20, 2)))
    own = np.ones((20, 2))
    assert np.array_equal(margin(counted(own, rivals), 5), margin(counted(own, rivals[::-1]), 5))


@pytest.mark.parametrize("place", [0, 9])
def test_a_place_for_which_there_are_too_few_rivals_is_an_error(place: int) -> None:
    with pytest.raises(InputError, match=rf"8 found; expected {place} at least"):
        margin(counted(np.ones((1, 1)), np.ones((8, 1, 1))), place)


def test_missing_citations_are_an_error() -> None:
    with pytest.raises(InputError, match="citations: missing"):
        margin({n: v for n, v in counted(np.ones((1, 1)), np.ones((8, 1, 1))).items() if n != "citations"}, 5)


def test_the_distribution_counts_each_place_and_adds_up_to_one() -> None:
    rivals = 100.0 * np.arange(1.0, 9.0)[:, None, None] * np.ones((8, 4, 2))
    own = np.array([[50.0, 850.0], [50.0, 450.0], [50.0, 450.0], [50.0, 50.0]])
    ranks = counted(own, rivals)["citation_rank"]
    shares = rank_distribution(ranks[:, 1])
    assert list(shares) == list(range(1, 11))
    assert {k: p for k, p in shares.items() if p} == {1: 0.25, 5: 0.5, 9: 0.25}
    assert rank_distribution(ranks[:, 0])[9] == 1.0


# -- picture ------------------------------------------------------------------------------------------------
def with_citations(found: Reach, values: dict[str, Array]) -> Reach:
    """Give an answer with other citations, (draw, year), and places by them."""
    ranks = {("decisive", RANK): values[RANK][:, -1], ("margin", RANK): margin(values, 5)[:, -1]}
    outcomes = dataclasses.replace(found.outcomes, columns={**found.outcomes.columns, **ranks})
    return dataclasses.replace(found, outcomes=outcomes)


@pytest.fixture(scope="module")
def six(reached: Callable[..., Reach]) -> list[Reach]:
    plan = reached("plan")
    numbers = np.random.default_rng(5)
    table = plan.run.values["citations"].shape
    rivals = np.exp(16.0 - 0.25 * np.arange(8.0)[:, None, None] + 0.05 * numbers.normal(size=(8, *table)))

    def one(name: str, growth: float) -> Reach:
        own = np.exp(14.9 + growth + 0.15 * numbers.normal(size=table))
        scenario = dataclasses.replace(plan.ensemble.scenario, name=name)
        found = dataclasses.replace(plan, ensemble=dataclasses.replace(plan.ensemble, scenario=scenario))
        return with_citations(found, counted(own, rivals))

    names = (
        "plan",
        "frozen",
        "accelerated",
        "growth_7",
        "a_scenario_with_a_name_that_does_not_fit_on_one_line",
        "late",
    )
    return [one(name, 0.3 * n - 0.4) for n, name in enumerate(names)]


def drawn(found: list[Reach]) -> Figure:
    with house_style():
        return figure_of_ranks.drawing(found).figure()


def named(axes: Axes) -> dict[str, Artist]:
    return {str(a.get_gid()): a for a in axes.findobj(include_self=False) if a.get_gid() not in (None, "target")}


@pytest.mark.parametrize("count", [1, 2, 6])
def test_the_table_holds_what_is_on_the_picture_and_no_more(six: list[Reach], count: int, tmp_path: Path) -> None:
    found = six[:count]
    *_, table = page.write_files(tmp_path / "rank.png", *figure_of_ranks.drawing(found))
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    ranks, margins = drawn(found).axes
    bars = {n: a.get_width() for n, a in named(ranks).items() if isinstance(a, Rectangle)}
    assert bars == pytest.approx(
        {f"rank {r['from']} {r['scenario']}": float(r["value"]) for r in rows if r["what"] == "rank"}, rel=1e-8
    )
    artists = named(margins)
    assert len(artists) == 2 * count
    for one in found:
        name = one.ensemble.scenario.name
        stairs, median = artists[f"margin {name}"], artists[f"median {name}"]
        assert isinstance(stairs, StepPatch) and isinstance(median, Line2D)
        mine = [r for r in rows if r["scenario"] == name]
        bins = [r for r in mine if r["what"] == "margin"]
        densities, edges, _ = stairs.get_data()
        assert densities == pytest.approx([float(r["value"]) for r in bins], rel=1e-8)
        ends = [float(r["from"]) for r in bins] + [float(bins[-1]["to"])]
        assert edges == pytest.approx(ends, rel=1e-8, abs=1e-8)
        (said,) = (float(r["value"]) for r in mine if r["what"] == "median margin")
        assert np.asarray(median.get_ydata()) == pytest.approx([said], rel=1e-8)
    words = " ".join(t.get_text() for t in drawn(found).texts)
    for row in rows:
        if row["what"] == "target met" and 0.05 <= float(row["value"]) <= 0.95:
            assert f"{float(row['value']):.2f}"[1:] in words


def test_better_is_up_and_no_median_hides_another(six: list[Reach]) -> None:
    again = [dataclasses.replace(six[0]), *six[1:]]
    ranks, margins = drawn(again).axes
    bottom, top = ranks.get_ylim()
    assert top < 1.0 < bottom
    assert margins.get_ylim()[1] > 0.0 > margins.get_ylim()[0]
    places = [float(np.asarray(a.get_xdata())[0]) for n, a in named(margins).items() if isinstance(a, Line2D)]
    steps = np.diff(sorted(places))
    width = margins.get_window_extent().width / np.ptp(margins.get_xlim())
    assert len(places) == 6 and min(steps) * width >= 4.0 / 72.0 * margins.get_figure().dpi  # type: ignore[union-attr]


def test_won_and_missed_places_share_no_bin_and_the_shares_of_both_panels_agree(six: list[Reach]) -> None:
    numbers = shown(six)
    assert np.isclose(numbers.edges, 0.0, atol=1e-9).sum() == 1
    step = numbers.edges[1] - numbers.edges[0]
    for one in numbers.scenarios:
        above = float(one.density[numbers.edges[:-1] > -step / 2.0].sum() * step)
        assert above == pytest.approx(one.held, abs=numbers.outside + 1e-9)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_no_text_lies_on_another_or_leaves_the_page(six: list[Reach], count: int) -> None:
    picture = drawn(six[:count])
    assert picture.get_size_inches()[0] * 25.4 == pytest.approx(180.0)
    assert page.faults(picture) == []


@pytest.mark.parametrize("place", [0, 5])
def test_a_place_that_is_safely_won_or_out_of_reach_stays_legible(six: list[Reach], place: int) -> None:
    values = six[0].run.values
    far = {n: v for n, v in values.items() if "citations" in n}
    far["citations"] = values["citations"] * np.exp(9.0 if place == 0 else -9.0)
    far["citation_rank"] = np.full(far["citations"].shape, 1.0 if place == 0 else 9.0)
    found = [with_citations(six[0], far)]
    assert len(shown(found).edges) < 50
    assert page.faults(drawn(found)) == []


def test_axes_carry_their_units(six: list[Reach]) -> None:
    picture = drawn(six)
    ranks, margins = picture.axes
    assert (ranks.get_xlabel(), margins.get_xlabel()) == ("share of draws", "share of draws per %")
    units = [t.get_text() for t in picture.texts if t.get_gid() == "unit"]
    assert units == ["place", "citations over those of the rival in place 5, %"]


# -- files --------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_two_runs_write_the_same_bytes_whatever_the_reader_has_set(six: list[Reach], tmp_path: Path) -> None:
    first = [f.read_bytes() for f in page.write_files(tmp_path / "first.png", *figure_of_ranks.drawing(six[:2]))]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        second = [f.read_bytes() for f in page.write_files(tmp_path / "second.png", *figure_of_ranks.drawing(six[:2]))]
    assert first == second
    assert {f.name for f in tmp_path.iterdir()} == {
        f.name for n in ("first", "second") for f in page.files(Path(f"{n}.png"))
    }


def test_a_scenario_without_the_rank_is_an_error(six: list[Reach], tmp_path: Path) -> None:
    columns = {key: column for key, column in six[1].outcomes.columns.items() if RANK not in key}
    bare = dataclasses.replace(six[1], outcomes=dataclasses.replace(six[1].outcomes, columns=columns))
    with pytest.raises(FigureError, match="frozen: citation_rank is not modelled"):
        page.write_files(tmp_path / "rank.png", *figure_of_ranks.drawing([six[0], bare]))


def test_a_plan_without_the_target_is_an_error(six: list[Reach], tmp_path: Path) -> None:
    scenario = six[0].ensemble.scenario
    scenario = dataclasses.replace(scenario, plan=dataclasses.replace(scenario.plan, targets=()))
    bare = dataclasses.replace(six[0], ensemble=dataclasses.replace(six[0].ensemble, scenario=scenario))
    with pytest.raises(FigureError, match="has no target of citation_rank"):
        page.write_files(tmp_path / "rank.png", *figure_of_ranks.drawing([bare]))
