"""The exceedance curves: their numbers, what is on the picture, and the files they leave."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.forecast.probability import Probability
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.reach.answer import Finding, Reach
from fiveyear.experiments.reach.figures import exceedance
from fiveyear.experiments.reach.figures.exceedance import Panel, panels, shares_beyond
from fiveyear.experiments.reach.figures.scenarios import scenario_titles

LONG = "a_scenario_with_a_name_that_does_not_fit_on_one_line_of_the_legend"


def called(found: Reach, name: str) -> Reach:
    scenario = dataclasses.replace(found.ensemble.scenario, name=name)
    return dataclasses.replace(found, ensemble=dataclasses.replace(found.ensemble, scenario=scenario))


def with_rank(found: Reach, ranks: list[float], chance: float) -> Reach:
    """Give an answer in which every draw in turn has one of some ranks by citations in the last year."""
    columns = {**found.outcomes.columns, ("decisive", "citation_rank"): np.resize(ranks, found.draws)}

    def known(finding: Finding) -> Finding:
        if finding.target.indicator != "citation_rank":
            return finding
        probability = Probability(chance, chance, chance)
        return dataclasses.replace(finding, median=float(np.median(ranks)), probability=probability)

    outcomes = dataclasses.replace(found.outcomes, columns=columns)
    return dataclasses.replace(found, outcomes=outcomes, findings=tuple(map(known, found.findings)))


@pytest.fixture(scope="module")
def plan(reached: Callable[..., Reach]) -> Reach:
    return with_rank(reached("plan"), [4.0, 5.0, 5.0, 7.0], 0.75)


@pytest.fixture(scope="module")
def six(plan: Reach, reached: Callable[..., Reach]) -> list[Reach]:
    names = ("frozen", "accelerated", "growth_7")
    others = [with_rank(reached(name), [3.0 + n, 8.0], 0.5) for n, name in enumerate(names)]
    return [plan, *others, called(plan, LONG), called(others[0], "frozen_too")]


def drawn(found: list[Reach], shown: list[Panel] | None = None) -> Figure:
    with house_style():
        drawn_panels = panels(found) if shown is None else shown
        return exceedance.figure(exceedance.frame(found, drawn_panels), scenario_titles(found), drawn_panels)


def lines(axes: Axes) -> dict[str, Line2D]:
    return {str(a.get_gid()): a for a in axes.findobj(Line2D, include_self=False) if a.get_gid()}


# -- numbers ------------------------------------------------------------------------------------------------
def test_the_curve_of_a_normal_number_is_its_survival_function() -> None:
    draws = np.random.default_rng(1).normal(size=200_000)
    points = np.array([-1.0, 0.0, 1.645])
    expected = [0.5 * math.erfc(x / math.sqrt(2.0)) for x in points]
    assert shares_beyond(draws, points, ">=") == pytest.approx(expected, abs=0.004)
    assert shares_beyond(draws, points, "<=") == pytest.approx(1.0 - np.array(expected), abs=0.004)


def test_the_curve_passes_through_the_probability_of_the_target(plan: Reach) -> None:
    for panel in panels([plan]):
        (curve,) = panel.curves
        at = int(np.flatnonzero(curve.values == panel.target)[0])
        assert curve.shares[at] == pytest.approx(curve.at_target, abs=1e-12), panel.indicator


def test_a_curve_falls_for_a_target_from_below_and_rises_for_one_from_above(six: list[Reach]) -> None:
    for panel in panels(six):
        sign = -1.0 if panel.comparator == ">=" else 1.0
        for curve in panel.curves:
            assert np.all(sign * np.diff(curve.shares) >= 0.0)


def test_every_target_that_has_a_probability_has_a_panel_in_the_order_of_the_plan(plan: Reach) -> None:
    told = [f.target.indicator for f in plan.findings if f.median is not None and not f.untold]
    assert [p.indicator for p in panels([plan])] == told


def test_a_rank_is_counted_in_whole_places(plan: Reach) -> None:
    rank = next(p for p in panels([plan]) if p.indicator == "citation_rank")
    (curve,) = rank.curves
    assert rank.whole
    assert not any(p.whole for p in panels([plan]) if p.indicator != "citation_rank")
    assert dict(zip(curve.values, curve.shares, strict=True)) == pytest.approx(
        {3.0: 0.0, 4.0: 0.25, 5.0: 0.75, 6.0: 0.75, 7.0: 1.0, 8.0: 1.0}
    )


# -- picture ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 2, 6])
def test_the_table_holds_what_is_on_the_picture_and_no_more(six: list[Reach], count: int, tmp_path: Path) -> None:
    found = six[:count]
    *_, table = page.write_files(tmp_path / "curves.png", *exceedance.drawing(found))
    said: dict[str, dict[str, list[tuple[float, float]]]] = {}
    with table.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            name = {"curve": "curve", "target": "at target"}[row["what"]]
            points = said.setdefault(row["indicator"], {}).setdefault(f"{name} {row['scenario']}", [])
            points.append((float(row["value"]), float(row["probability"])))
    shown = panels(found)
    for panel, axes in zip(shown, drawn(found, shown).axes, strict=True):
        artists = lines(axes)
        assert np.asarray(artists.pop("target").get_xdata()) == pytest.approx([panel.target] * 2)
        assert set(artists) == set(said[panel.indicator])
        for name, artist in artists.items():
            values, shares = (np.array(v) for v in zip(*said[panel.indicator][name], strict=True))
            assert np.asarray(artist.get_xdata()) == pytest.approx(values, rel=1e-8)
            assert np.asarray(artist.get_ydata()) == pytest.approx(shares, rel=1e-8, abs=1e-12)
    assert list(said) == [p.indicator for p in shown]


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_no_text_lies_on_another_or_leaves_the_page(six: list[Reach], count: int) -> None:
    picture = drawn(six[:count])
    assert picture.get_size_inches()[0] * 25.4 == pytest.approx(180.0)
    assert page.faults(picture) == []


@pytest.mark.parametrize("count", [1, 2, 4, 5, 12])
def test_any_number_of_panels_stays_legible(six: list[Reach], count: int) -> None:
    shown = (panels(six) * 2)[:count]
    picture = drawn(six, shown)
    assert len(picture.axes) == count
    assert page.faults(picture) == []


def test_every_axis_has_its_unit_and_every_panel_says_which_side_counts(plan: Reach) -> None:
    shown = panels([plan])
    picture = drawn([plan], shown)
    for panel, axes in zip(shown, picture.axes, strict=True):
        assert " ".join(axes.get_xlabel().split("\n")) == panel.unit
    words = " ".join(t.get_text() for t in picture.texts)
    for asked in ("chance of 2.2 or more .", "chance of place 5 or better .75", "chance of 0 or more in every year"):
        assert asked in words


def test_better_is_to_the_right_and_the_side_that_meets_the_target_is_shaded(plan: Reach) -> None:
    shown = panels([plan])
    for panel, axes in zip(shown, drawn([plan], shown).axes, strict=True):
        left, right = axes.get_xlim()
        assert (right > left) == (panel.comparator == ">=")
        (shade,) = axes.patches
        ends = axes.transData.transform([(panel.target, 0.0), (right, 0.0)])[:, 0]
        assert sorted(np.asarray(shade.get_extents().get_points())[:, 0]) == pytest.approx(sorted(ends))


def test_of_curves_that_coincide_each_is_seen_between_the_dashes_of_the_next(plan: Reach) -> None:
    for axes in drawn([plan, called(plan, "again")]).axes:
        curves = lines(axes)
        first, second = curves["curve plan"], curves["curve again"]
        assert np.array_equal(np.asarray(first.get_ydata()), np.asarray(second.get_ydata()))
        assert first.get_linestyle() == "-" and second.get_linestyle() == "--"
        marks = [curves[f"at target {name}"].get_markersize() for name in ("plan", "again")]
        assert marks[0] > marks[1]


def test_a_rank_is_drawn_in_steps_that_hold_up_to_the_next_worse_place(plan: Reach) -> None:
    shown = panels([plan])
    styles = {p.indicator: lines(a) for p, a in zip(shown, drawn([plan], shown).axes, strict=True)}
    assert styles["citation_rank"]["curve plan"].get_drawstyle() == "steps-post"
    assert styles["technology_market_value"]["curve plan"].get_drawstyle() == "default"


# -- files --------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_two_runs_write_the_same_bytes_whatever_the_reader_has_set(six: list[Reach], tmp_path: Path) -> None:
    first = [f.read_bytes() for f in page.write_files(tmp_path / "first.png", *exceedance.drawing(six[:2]))]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        second = [f.read_bytes() for f in page.write_files(tmp_path / "second.png", *exceedance.drawing(six[:2]))]
    assert first == second
    assert {f.name for f in tmp_path.iterdir()} == {
        f.name for n in ("first", "second") for f in page.files(Path(f"{n}.png"))
    }


def test_seven_scenarios_are_too_many(six: list[Reach], tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="7 scenarios; expected 6 at most"):
        page.write_files(tmp_path / "curves.png", *exceedance.drawing([*six, called(six[0], "seventh")]))


def test_a_plan_of_which_nothing_is_modelled_is_an_error(plan: Reach, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no target of the plan is modelled"):
        page.write_files(tmp_path / "curves.png", *exceedance.drawing([dataclasses.replace(plan, findings=())]))
