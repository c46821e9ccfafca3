"""The structure diagram: it shows what the wiring says, no more and no less, and a reader can tell it apart."""

from __future__ import annotations

import itertools
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import house_style
from fiveyear.experiments.structure.diagrams import diagram
from fiveyear.experiments.structure.diagrams.curves import curves
from fiveyear.experiments.structure.diagrams.layout import Panel, laid_out
from fiveyear.experiments.structure.diagrams.sketch import Pipe, Sketch, sketch, structure
from fiveyear.model import Model, assemble
from fiveyear.scenarios import load_plan

Run = Callable[..., Any]  # words -> how it ended: code, out, err

WORDS = """
from fiveyear.model.declarations import Chain, Loop, Parameter, Series, Stock, for_each
from fiveyear.model.quantities import PerYear, Persons, PersonsPerYear, Years
"""
TOWN = '''
births_per_head = Parameter("1/year", low=0.0, high=1.0)
people_at_start = Parameter("person", low=1.0, high=1e6)
arrivals = Series("person/year", low=0.0, high=1e6)
visitors = Series("person", low=0.0, high=1e6)
newcomers = Parameter("person/year", low=0.0, high=1e6)

people = Stock("person", initial="people_at_start", inflows=("births", "arrivals", "newcomers"), outflows=("removals",))
elsewhere = Stock("person", inflows=("removals",), outflows=("deaths",))
R = Loop("more people, more births", sign="+", source="people", reader="births", held="people_at_start")


def births(people: Persons, births_per_head: PerYear) -> PersonsPerYear:
    """Births in a year."""
    return people * births_per_head


def removals(people: Persons, schooling_time: Years) -> PersonsPerYear:
    """Those who move away in a year."""
    return people / schooling_time


def deaths(elsewhere: Persons, births_per_head: PerYear) -> PersonsPerYear:
    """Deaths of those who moved."""
    return elsewhere * births_per_head
'''
SCHOOLS = '''
GRADES = ("first", "second")
usual_time = Parameter("year", low=1.0, high=30.0)
share = Parameter("1/year", low=0.0, high=1.0, each=GRADES)

pupils = Chain("person", 3, inflow="births", outflow="leavers", time="schooling_time", initial="pupils_at_start")


def schooling_time(usual_time: Years) -> Years:
    """Years at school."""
    return usual_time * 2.0


def pupils_at_start(people_at_start: Persons, births_per_head: PerYear, schooling_time: Years) -> Persons:
    """Pupils at the start."""
    return people_at_start * births_per_head * schooling_time


@for_each(GRADES)
def seats(pupils: Persons, share: PerYear) -> PersonsPerYear:
    """Seats taken in a grade."""
    return pupils * share


def crowd(visitors: Persons, usual_time: Years) -> PersonsPerYear:
    """Visitors who look in on a lesson in a year."""
    return visitors / usual_time


def all_seats(seats: tuple[PersonsPerYear, ...]) -> PersonsPerYear:
    """Seats taken."""
    return sum(seats[1:], seats[0])
'''


def sector(name: str, text: str) -> ModuleType:
    """Give the sector that a text would be, were it a file in ``model/sectors``."""
    module = ModuleType(name)
    exec(compile(WORDS + textwrap.dedent(text), f"{name}.py", "exec"), vars(module))
    return module


@pytest.fixture(scope="module")
def toy() -> Model:
    return assemble([sector("town", TOWN), sector("schools", SCHOOLS)])


@pytest.fixture(scope="module")
def model() -> Model:
    return load_plan("twelfth").model


@pytest.fixture(autouse=True)
def in_house_style() -> Iterator[None]:
    with house_style():
        yield


def sketches(model: Model) -> dict[str, Sketch]:
    drawn = structure(model)
    return {name: sketch(drawn, name) for name in set(drawn.sectors.values())}


@pytest.fixture(scope="module")
def panels(model: Model) -> list[Panel]:
    with house_style():
        return [laid_out(found) for found in sketches(model).values()]


# -- what it shows ------------------------------------------------------------------------------------------
def test_all_but_parameters_that_are_no_flows_is_in_one_panel_as_its_own(model: Model) -> None:
    flows = {f for stock in model.stocks.values() for f in (*stock.inflows, *stock.outflows)}
    names = [n for n in model.units if n not in model.parameters or n in flows]
    # The members of a group are told by what made them: one function.
    shown = {n: n for n in names}
    for name in names:
        members = model.members(name) if name in model.equations else ()
        if members:
            shown[name] = f"{model.equations[name].function.__name__} ({len(members)})"
    assert shown["rival_citations_japan"] == shown["rival_citations_italy"] == "rival_citations (8)"
    found: Counter[tuple[str, str]] = Counter()
    for title, panel in sketches(model).items():
        found.update((title, key) for key, part in panel.parts.items() if part.kind != "ghost")
    assert found == Counter({(model.sectors[n], shown[n]) for n in names})


def test_pipes_and_links_of_a_toy_model_are_those_of_its_wiring(toy: Model) -> None:
    found = sketches(toy)
    assert {key: part.kind for key, part in found["town"].parts.items()} == {
        **{"people": "stock", "elsewhere": "stock", "births": "flow", "arrivals": "series", "newcomers": "flow"},
        **{"removals": "flow", "deaths": "flow", "visitors": "series", "schooling_time": "ghost"},
    }
    assert sorted(found["town"].pipes, key=lambda pipe: pipe.flow) == [
        Pipe("", "arrivals", "people", (True, False)),
        Pipe("", "births", "people", (True, False)),
        Pipe("elsewhere", "deaths", "", (False, True)),
        Pipe("", "newcomers", "people", (True, False)),
        Pipe("people", "removals", "elsewhere", (False, False)),
    ]
    assert found["town"].links == {
        ("people", "births"): "",
        ("people", "removals"): "",
        ("schooling_time", "removals"): "",
        ("elsewhere", "deaths"): "",
    }
    assert {key: part.kind for key, part in found["schools"].parts.items()} == {
        **{"pupils": "chain", "births": "ghost", "leavers": "flow", "pupils_at_start": "equation"},
        **{"schooling_time": "equation", "seats (2)": "equation", "all_seats": "equation"},
        **{"crowd": "equation", "visitors": "ghost"},
    }
    assert found["schools"].pipes == [
        Pipe("", "births", "pupils", (True, False)),
        Pipe("pupils", "leavers", "", (False, True)),
    ]
    assert found["schools"].links == {
        ("pupils_at_start", "pupils"): "initial",
        ("schooling_time", "pupils_at_start"): "",
        ("schooling_time", "leavers"): "",
        ("pupils", "seats (2)"): "",
        ("seats (2)", "all_seats"): "",
        ("visitors", "crowd"): "",
    }


def test_the_links_and_pipes_of_the_model_are_its_influences_and_no_others(model: Model) -> None:
    shown = set()
    for panel in sketches(model).values():
        shown |= {ends for ends, how in panel.links.items() if not how}
        # A pipe moves the stock at either end of it.
        shown |= {(p.flow.split(" at ")[0], end) for p in panel.pipes for end in (p.source, p.target) if end}
    acting = {
        (source, target)
        for source, targets in model.influences.items()
        for target in targets
        if (source not in model.parameters or target in model.stocks)
        and model.outflows.get(target) != source  # a chain empties into its outflow: that is its pipe
    }
    members = {n for n in model.equations if model.members(n)}
    assert {ends for ends in acting if not members & set(ends)} == {
        ends for ends in shown if not any("(" in name for name in ends)
    }
    assert {ends for ends in shown if any("(" in name for name in ends)} == {
        ("years_since_count", "rival_citations (8)"),
        ("rival_recut", "rival_citations (8)"),
        ("rival_citations (8)", "rank_by_citations"),
    }


def test_a_flow_between_stocks_of_two_sectors_ends_in_no_cloud() -> None:
    """The toy sector is new to the code, and may hand on what it likes."""
    giver = sector("giver", 'left = Stock("person", outflows=("moving",))\nmoving = Series("person/year", 0.0, 1.0)')
    taker = sector("taker", 'right = Stock("person", inflows=("moving",))')
    found = sketches(assemble([giver, taker]))
    assert found["giver"].pipes == [Pipe("left", "moving", "", (False, False))]
    assert found["taker"].pipes == [Pipe("", "moving", "right", (False, False))]
    assert found["taker"].parts["moving"].kind == "ghost"


def test_flows_in_a_circle_of_stocks_are_all_drawn() -> None:
    text = """
    one = Stock("person", inflows=("back",), outflows=("forth",))
    two = Stock("person", inflows=("forth",), outflows=("back",))
    forth = Series("person/year", 0.0, 1.0)
    back = Series("person/year", 0.0, 1.0)
    """
    found = sketches(assemble([sector("circle", text)]))["circle"]
    assert {(p.source, p.flow.split(" at ")[0], p.target) for p in found.pipes} == {
        ("one", "forth", "two"), ("two", "back", ""), ("", "back", "one"),
    }  # fmt: skip
    assert not any(cloud for pipe in found.pipes for cloud in pipe.clouds)


def test_a_new_sector_and_all_loops_are_on_the_sheet_in_words(toy: Model) -> None:
    (sheet,) = diagram.figures(toy)
    written = {text.get_text() for text in sheet.findobj(Text)}
    assert written >= {"Town", "Schools", "people", "3 stages", "seats (2)", "<births>", "visitors", "all seats"}
    assert written >= {"R (+)", "more people, more births", "people → births → people"}


def test_every_loop_of_the_model_is_listed_with_its_name_and_sign(model: Model) -> None:
    listed = {(name, about) for name, about, _ in diagram._loops(model).loops}
    assert listed == {(f"{n} ({loop.sign.replace('-', '−')})", loop.about) for n, loop in model.loops.items()}


def test_a_sector_of_parameters_only_is_an_empty_panel(tmp_path: Path) -> None:
    usual = next(line for line in SCHOOLS.splitlines() if line.startswith("usual_time"))
    texts = {"numbers": usual, "town": TOWN, "schools": SCHOOLS.replace(usual, "")}
    diagram.draw(assemble([sector(*named) for named in texts.items()]), tmp_path / "a.png", ["numbers"])
    assert (tmp_path / "a.png").stat().st_size > 0


# -- legible ------------------------------------------------------------------------------------------------
def test_no_two_parts_of_a_panel_overlap_and_all_are_inside_its_frame(panels: list[Panel]) -> None:
    for panel in panels:
        boxes = panel.boxes()
        assert {key for key, _ in boxes} == set(panel.sketch.parts)
        for (one, a), (two, b) in itertools.combinations(boxes, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart or one == two, f"{panel.sketch.title}: {one} lies on {two}"
        edges = np.array([box for _, box in boxes])
        assert (edges.min(axis=0)[:2] > 0).all()
        assert (edges.max(axis=0)[2:] < (panel.wide, panel.high)).all()


def test_no_link_runs_over_a_name_and_each_joins_the_parts_it_links(panels: list[Panel]) -> None:
    steps = np.linspace(0.0, 1.0, 100)[:, None]
    for panel in panels:
        for (source, target), curve in zip(panel.sketch.links, curves(panel), strict=True):
            start, bend, end = (np.array(point) for point in (curve.start, curve.bend, curve.end))
            x, y = ((1 - steps) ** 2 * start + 2 * steps * (1 - steps) * bend + steps**2 * end).T
            met = [
                key
                for key, (left, top, right, low) in panel.boxes()
                if ((left < x) & (x < right) & (top < y) & (y < low)).any()
            ]
            assert not set(met) - {source, target}, f"{panel.sketch.title}: {source} -> {target} runs over {met}"
            for point, key in ((curve.start, source), (curve.end, target)):
                away = [
                    max(left - point[0], point[0] - right, top - point[1], point[1] - low)
                    for one, (left, top, right, low) in panel.boxes()
                    if one == key
                ]
                assert min(away) < 1.5, f"{panel.sketch.title}: {source} -> {target} does not reach {key}"


@pytest.mark.parametrize("paged", [False, True])
def test_no_text_lies_on_another_or_leaves_the_page(toy: Model, paged: bool) -> None:
    for picture in diagram.figures(toy, paged=paged):
        assert page.faults(picture) == []
