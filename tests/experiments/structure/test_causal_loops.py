"""The causal-loop diagram: it shows the loops and the signs that the code has, and a reader can tell them apart."""

from __future__ import annotations

import itertools
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from fiveyear.experiments.console.errors import FigureError
from fiveyear.experiments.page import figure as page
from fiveyear.experiments.page.style import SHEETS, house_style
from fiveyear.experiments.structure.diagrams import causal_loops, loop_pictures
from fiveyear.experiments.structure.diagrams.loop_pictures import Drawing
from fiveyear.model import Model, assemble, signs
from fiveyear.model.labels import in_words
from fiveyear.scenarios import load_plan

Run = Callable[..., Any]  # words -> how it ended: code, out, err
Fits = Callable[[Callable[[], page.Drawing]], list[str]]

FIRST_BYTES = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}
TOWN = '''
from fiveyear.model.declarations import Chain, Loop, Parameter, Stock
from fiveyear.model.quantities import PerYear, Persons, PersonsPerYear

births_per_head = Parameter("1/year", low=0.0, high=1.0)
leaving_rate = Parameter("1/year", low=-1.0, high=1.0)
people_at_start = Parameter("person", low=1.0, high=1e6)
schooling_time = Parameter("year", low=1.0, high=20.0)

people = Stock("person", initial="people_at_start", inflows=("leavers",), outflows=("removals",))
pupils = Chain("person", 3, inflow="births", outflow="leavers", time="schooling_time", initial="people_at_start")
GROWTH = Loop("more people, more births", sign="+", source="people", reader="births", held="people_at_start")
B1 = Loop("more people, more who leave", sign="-", source="people", reader="removals", held="people_at_start")


def births(people: Persons, births_per_head: PerYear) -> PersonsPerYear:
    """Births in a year."""
    return people * births_per_head


def removals(people: Persons, leaving_rate: PerYear) -> PersonsPerYear:
    """Those who leave in a year."""
    return people * leaving_rate
'''


@pytest.fixture(scope="module")
def toy() -> Model:
    """A model that the code has never seen."""
    module = ModuleType("town")
    exec(compile(textwrap.dedent(TOWN), "town.py", "exec"), vars(module))
    return assemble([module])


@pytest.fixture(scope="module")
def model() -> Model:
    return load_plan("twelfth").model


@pytest.fixture(scope="module")
def drawings(model: Model) -> list[Drawing]:
    with house_style():
        return [loop_pictures.drawing(group) for group in loop_pictures.groups(model)]


@pytest.fixture(scope="module")
def sheet(model: Model, drawings: list[Drawing]) -> Figure:
    """The whole page."""
    ready = iter(drawings)
    with house_style(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(causal_loops, "drawing", lambda group: next(ready))
        return causal_loops.figure(causal_loops.frame(model, "A plan"), model)


@pytest.fixture(scope="module")
def toy_sheet(toy: Model) -> Figure:
    with house_style():
        return causal_loops.figure(causal_loops.frame(toy, "A town"), toy)


@pytest.fixture(params=["sheet", "toy_sheet"])
def any_sheet(request: pytest.FixtureRequest) -> Figure:
    found: Figure = request.getfixturevalue(request.param)
    return found


def extents(picture: Figure) -> list[tuple[str, Bbox]]:
    """Give each text and where it stands, in pixels."""
    with house_style():
        picture.draw_without_rendering()
        return [(t.get_text(), t.get_window_extent()) for t in picture.findobj(Text) if t.get_text()]


def marked(picture: Figure, kind: str) -> Counter[tuple[str, ...]]:
    """Count what bears a mark of this kind: the words after it, and the text, if it is one."""
    found: Counter[tuple[str, ...]] = Counter()
    for artist in picture.findobj():
        first, *words = (artist.get_gid() or "").split("/")
        if first == kind:
            found[*words, *([artist.get_text()] if isinstance(artist, Text) else [])] += 1
    return found


def expected(model: Model) -> dict[tuple[str, str], str]:
    """Give each link of a named loop, and its sign."""
    influences = model.influences
    links = {pair for loop in model.loops.values() for pair in itertools.pairwise(model.cycle(loop)[0])}
    return {(a, b): signs.sign(influences[a][b]).replace("-", "−") for a, b in links}


# -- what it shows ------------------------------------------------------------------------------------------
def test_every_link_of_every_loop_is_drawn_once_with_the_sign_that_its_formula_gives(
    model: Model, sheet: Figure
) -> None:
    links = expected(model)
    assert marked(sheet, "link") == Counter(list(links))
    assert marked(sheet, "polarity") == Counter((a, b, sign) for (a, b), sign in links.items())


def test_every_variable_of_a_loop_is_drawn_once(model: Model, drawings: list[Drawing]) -> None:
    drawn = Counter(name for one in drawings for name in one.places)
    assert drawn == Counter({name for link in expected(model) for name in link})


def test_stocks_and_delays_are_told_from_what_is_computed(model: Model, drawings: list[Drawing]) -> None:
    kinds = {name: part.kind for one in drawings for name, part in one.group.parts.items()}
    assert {n for n, kind in kinds.items() if kind == "stock"} == set(kinds) & set(model.stocks)
    assert {n for n, kind in kinds.items() if kind == "chain"} == set(kinds) & set(model.chains)


def test_the_signs_drawn_multiply_to_the_sign_a_loop_declares_or_leave_it_open(model: Model, sheet: Figure) -> None:
    drawn = {(a, b): sign for a, b, sign in marked(sheet, "polarity")}
    for name, loop in model.loops.items():
        round_it = [drawn[pair] for pair in itertools.pairwise(model.cycle(loop)[0])]
        product = "-" if round_it.count("−") % 2 else "+"
        assert "?" in round_it or product == loop.sign, name


def test_every_loop_has_one_symbol_and_its_cut_is_marked_at_its_link(model: Model, sheet: Figure) -> None:
    symbols = marked(sheet, "loop")
    assert {words[0] for words in symbols} == set(model.loops)
    for name, loop in model.loops.items():
        letter = "R" if loop.sign == "+" else "B"
        short = name.startswith(letter)
        assert symbols[name, "round"] == symbols[name, name if short else letter] == 1
        assert symbols[name, "name", name] == (0 if short else 1)
    cuts = Counter((loop.source, loop.reader, name) for name, loop in model.loops.items())
    assert marked(sheet, "cut") == cuts


def test_the_list_says_what_each_loop_is(model: Model, sheet: Figure) -> None:
    written = " ".join(text.get_text() for text in sheet.findobj(Text))
    assert marked(sheet, "list") == Counter((name, name) for name in model.loops)
    assert all(f"{loop.about[:1].upper()}{loop.about[1:]}" in written for loop in model.loops.values())


def test_where_there_is_room_the_list_says_what_a_cut_feeds(toy: Model, toy_sheet: Figure) -> None:
    written = " ".join(text.get_text() for text in toy_sheet.findobj(Text))
    for loop in toy.loops.values():
        assert f"Cut: {in_words(loop.reader)} is set to {in_words(loop.held)}." in written


def test_the_title_counts_loops_of_each_kind_and_those_that_share_most(model: Model) -> None:
    assert causal_loops.frame(model, "").title == (
        "10 named feedback loops: 4 reinforce and 6 balance; 4 pass through decided R&D spending"
    )


def test_a_column_a_page_and_a_slide_hold_the_loops_and_name_those_left_out(fits: Fits, model: Model) -> None:
    assert fits(lambda: causal_loops.of_plan(load_plan("twelfth"))) == []
    with house_style("slide"):
        drawn = causal_loops.of_plan(load_plan("twelfth")).figure()
    listed = {name for name, _ in marked(drawn, "list")}
    (foot,) = [t.get_text() for t in drawn.findobj(Text) if t.get_text().startswith("Left out: ")]
    left_out = foot.removeprefix("Left out: ").partition(".")[0].split(", ")
    assert sorted([*listed, *left_out]) == sorted(model.loops)
    sizes = [float(t.get_fontsize()) for t in drawn.findobj(Text) if t.get_text()]
    assert min(sizes) >= 6.0 - 1e-9


def test_loops_that_share_a_variable_stand_in_one_picture_and_others_apart(model: Model) -> None:
    members = {name: set(model.cycle(loop)[0]) for name, loop in model.loops.items()}
    place = {loop: n for n, group in enumerate(loop_pictures.groups(model)) for loop in group.kinds}
    for one, two in itertools.combinations(members, 2):
        if members[one] & members[two]:
            assert place[one] == place[two]
    for group in loop_pictures.groups(model):
        reached, waiting = set(), [next(iter(group.kinds))]
        while waiting:
            one = waiting.pop()
            reached.add(one)
            waiting += [two for two in members if two not in reached and members[one] & members[two]]
        assert reached == set(group.kinds)


def test_the_symbol_of_a_loop_stands_inside_it_and_turns_as_it_does(drawings: list[Drawing]) -> None:
    for one in drawings:
        for ring in one.group.rings:
            for loop in ring.loops:
                symbol, clockwise = one.symbols[loop]
                x, y = (np.concatenate([one.arcs[link] for link in ring.links]) - symbol).T
                angle = np.arctan2(y, x)
                steps = (np.diff(angle, append=angle[0]) + np.pi) % (2 * np.pi) - np.pi
                assert round(steps.sum() / (2 * np.pi)) == (1 if clockwise else -1), loop  # y is down


def test_a_loop_that_is_new_to_the_code_is_drawn_by_itself(toy_sheet: Figure) -> None:
    picture = toy_sheet
    assert marked(picture, "polarity") == Counter(
        [
            ("people", "births", "+"), ("births", "pupils", "+"), ("pupils", "leavers", "+"),
            ("leavers", "people", "+"), ("people", "removals", "?"), ("removals", "people", "−"),
        ]
    )  # fmt: skip
    assert marked(picture, "loop") == Counter(
        [("GROWTH", "R"), ("GROWTH", "name", "GROWTH"), ("GROWTH", "round"), ("B1", "B1"), ("B1", "round")]
    )
    assert marked(picture, "cut") == Counter([("people", "births", "GROWTH"), ("people", "removals", "B1")])


# -- legible ------------------------------------------------------------------------------------------------
def test_no_text_lies_on_another_or_leaves_the_page_and_none_is_small(any_sheet: Figure) -> None:
    assert page.faults(any_sheet) == []
    assert min(float(text.get_fontsize()) for text in any_sheet.findobj(Text) if text.get_text()) >= 6.5
    assert any_sheet.get_figwidth() * 25.4 == pytest.approx(SHEETS["page"].width)
    assert any_sheet.get_figheight() * 25.4 <= SHEETS["page"].tallest


def test_no_arrow_or_stroke_runs_through_a_text_or_leaves_the_page(any_sheet: Figure) -> None:
    boxes = extents(any_sheet)
    lines = [(axes, line) for axes in any_sheet.axes for line in axes.lines]
    assert len(lines) > len(boxes) / 4
    for axes, line in lines:
        data = np.asarray(line.get_xydata())
        ways = [np.linspace(a, b, 20) for a, b in itertools.pairwise(data)]  # a stroke has two points only
        x, y = line.get_transform().transform(np.concatenate(ways)).T
        through = [t for t, b in boxes if ((b.x0 < x) & (x < b.x1) & (b.y0 < y) & (y < b.y1)).any()]
        assert not through, f"{line.get_gid()} runs through {through}"
        assert axes.bbox.contains(x.max(), y.max()) and axes.bbox.contains(x.min(), y.min())


def test_every_text_stands_inside_a_box_or_clear_of_it(any_sheet: Figure) -> None:
    boxes = [p.get_window_extent() for p in any_sheet.findobj(Rectangle) if (p.get_gid() or "").startswith("name/")]
    assert boxes
    for words, b in extents(any_sheet):
        for box in boxes:
            inside = box.x0 < b.x0 and b.x1 < box.x1 and box.y0 < b.y0 and b.y1 < box.y1
            assert inside or b.x1 < box.x0 or box.x1 < b.x0 or b.y1 < box.y0 or box.y1 < b.y0, words


def test_every_arrow_is_long_enough_to_see_and_joins_its_two_names(drawings: list[Drawing]) -> None:
    for one in drawings:
        for link, arc in one.arcs.items():
            assert np.hypot(*np.diff(arc, axis=0).T).sum() > 4.0, link
            for name, point in zip(link, (arc[0], arc[-1]), strict=True):
                ((left, top, right, low),) = one.group.parts[name].boxes
                x, y = point - one.places[name]
                assert 0.0 < max(left - x, x - right, top - y, y - low) < 2.0, link


def test_no_two_arrows_cross(drawings: list[Drawing]) -> None:
    def side(a: Any, b: Any, c: Any) -> Any:
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])

    for one in drawings:
        for (first, p), (second, q) in itertools.combinations(one.arcs.items(), 2):
            a, b, c, d = p[:-1, None], p[1:, None], q[None, :-1], q[None, 1:]
            crossed = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
            assert not crossed.any(), (first, second)


# -- the file -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", sorted(FIRST_BYTES))
def test_the_same_model_gives_the_same_bytes(toy: Model, tmp_path: Path, form: str) -> None:
    one, two = (tmp_path / f"{name}{form}" for name in ("one", "two"))
    for file in (one, two):
        causal_loops.draw(toy, file)
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes().startswith(FIRST_BYTES[form])


def test_a_model_without_loops_is_refused(toy: Model, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="the model names no feedback loop"):
        causal_loops.draw(toy.pruned(["births_per_head"]), tmp_path / "a.svg")
    assert list(tmp_path.iterdir()) == []


def test_the_command_draws_the_loops(
    fiveyear: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toy: Model
) -> None:
    monkeypatch.setattr("fiveyear.scenarios.load_plan", lambda name: SimpleNamespace(model=toy, title="A town"))
    ended = fiveyear("model", "diagram", "--loops", "--out", tmp_path / "a.svg")
    assert (ended.code, ended.out, ended.err) == (0, f"written: {tmp_path / 'a.svg'}\n", "")
    assert "loop/GROWTH" in (tmp_path / "a.svg").read_text()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(("a.png", "--sector", "papers"), "--loops, --overview and --sector draw", id="with a sector"),
        pytest.param(("a.gif",), "ends in .gif; expected .png, .pdf, .svg", id="an unknown suffix"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(
    fiveyear: Run, tmp_path: Path, words: tuple[str, ...], fault: str
) -> None:
    ended = fiveyear("model", "diagram", "--loops", "--out", tmp_path / words[0], *words[1:])
    assert (ended.code, ended.out) == (2, "")
    assert fault in ended.err
    assert list(tmp_path.iterdir()) == []
