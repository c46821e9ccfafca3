"""The file as a whole: what it holds, what survives the way there and back, what is refused, what differs."""

from __future__ import annotations

import dataclasses
import math
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fiveyear.model import InputError, Inputs, Model
from fiveyear.model.xmile import views
from fiveyear.model.xmile.comparison import Difference, differences
from fiveyear.model.xmile.document import NAMESPACE
from fiveyear.model.xmile.names import naming
from fiveyear.model.xmile.reading import LARGEST, parse, read
from fiveyear.model.xmile.variables import Variable, variables

FileOf = Callable[..., bytes]
HOSTILE = {
    "people": 'the "new" people',
    "births": "births & <deaths>",
    "deaths": "two\nlines\tand a tab",
    "school_time": "back\\slash\\n",
    "leavers": "毕业生（离校）",
    "births_per_head": "it's 50% of 'x' ]]> {y}",
    "people_at_start": "naïve Größe",
}


def hostile(name: str) -> str:
    return naming(HOSTILE)(name)


# -- what it holds ------------------------------------------------------------------------------------------
def test_a_chain_becomes_its_stages_with_a_flow_between_each_two(scalars: dict[str, Variable]) -> None:
    stages = {n: (scalars[n].inflows, scalars[n].outflows) for n in ("pupils_1", "pupils_2")}
    assert stages == {"pupils_1": (("births",), ("pupils_1_left",)), "pupils_2": (("pupils_1_left",), ("leavers",))}
    assert scalars["people"].inflows == ("leavers",)
    assert {n for n, v in scalars.items() if v.kind == "flow"} >= {"births", "pupils_1_left", "leavers", "deaths"}
    assert (
        str(scalars["time_at_school_initially"].formula) == "school_time * (people_at_start / people_at_start) ** 0.5"
    )


def test_a_series_becomes_the_straight_lines_that_are_run(scalars: dict[str, Variable]) -> None:
    times, values = zip(*scalars["births_per_head"].points, strict=True)
    assert times == (2005.0, 2005.5, 2006.5, 2007.0, 2007.5, 2008.5, 2009.0)
    inside = np.interp(np.linspace(2007.0, 2008.0, 100_001), times, values)  # each year's mean is what was given
    assert float(np.mean((inside[1:] + inside[:-1]) / 2)) == pytest.approx(0.025, rel=1e-6)


def test_a_series_that_jumps_becomes_a_choice_and_only_for_euler(people: Model) -> None:
    jumping = dataclasses.replace(people.series["births_per_head"], dated="constant within the year")
    model = dataclasses.replace(people, series={"births_per_head": jumping})
    inputs = Inputs(
        2005,
        2007,
        {n: 0.5 * (p.low + p.high) for n, p in people.parameters.items()},
        {"births_per_head": np.array([0.02, 0.03, 0.025])},
    )
    made = variables(model, inputs, {}, "euler")["births_per_head"]
    # A little before the year end, since programs that add up steps of a tenth get there at 2005.9999999.
    expected = "where((TIME < 2005.999999), 0.02, where((TIME < 2006.999999), 0.03, 0.025))"
    assert (str(made.formula), made.points) == (expected, ())
    with pytest.raises(InputError, match="births_per_head jumps at year ends"):
        variables(model, inputs, {}, "rk4")


def test_a_flow_that_would_enter_two_stocks_is_refused_by_name(people: Model, inputs_of_people: Inputs) -> None:
    twin = dataclasses.replace(people.stocks["people"], about="the same again")
    model = dataclasses.replace(
        people,
        stocks={**people.stocks, "twins": twin},
        units={**people.units, "twins": people.units["people"]},
        sectors={**people.sectors, "twins": "people"},
    )
    with pytest.raises(InputError, match="leavers: in the inflows of 2 stocks"):
        variables(model, inputs_of_people, {}, "euler")


def test_the_file_says_how_it_is_run_what_each_thing_is_and_in_which_unit(
    scalars: dict[str, Variable], file_of: FileOf
) -> None:
    root = ET.fromstring(file_of(scalars))
    space = {"": NAMESPACE}
    specs = root.find("sim_specs", space)
    assert specs is not None and specs.attrib == {"method": "euler", "time_units": "year"}
    assert {child.tag.rpartition("}")[2]: child.text for child in specs} == {"start": "2005", "stop": "2009", "dt": "8"}
    elements = {e.get("name"): e for e in root.findall("model/variables/*[eqn]", space)}
    assert set(elements) == set(scalars)
    for name, variable in scalars.items():
        texts = {c.tag.rpartition("}")[2]: c.text for c in elements[name]}
        assert variable.about.split()[0] in str(texts["doc"])
        assert texts["units"]
    assert elements["births_so_far"].find("units", space).text == "person"  # type: ignore[union-attr]


def test_a_step_that_is_no_part_of_a_year_is_written_as_it_is(scalars: dict[str, Variable], file_of: FileOf) -> None:
    assert b"<dt>0.4</dt>" in file_of(scalars, step=0.4)
    assert parse(file_of(scalars, step=0.4), "x").specs["dt"] == 0.4


def test_the_same_run_gives_the_same_bytes(scalars: dict[str, Variable], file_of: FileOf) -> None:
    assert file_of(scalars) == file_of(scalars)


# -- the diagram --------------------------------------------------------------------------------------------
def test_everything_stands_once_in_the_diagram_in_the_frame_of_its_sector_and_clear_of_the_rest(
    scalars: dict[str, Variable],
) -> None:
    frames = views.frames(scalars)
    placed = [name for frame, _ in frames for name in frame.places]
    assert sorted(placed) == sorted(scalars)
    spots = [spot for frame, _ in frames for spot in (*frame.places.values(), *frame.aliases.values())]
    for n, (x, y) in enumerate(spots):
        for other_x, other_y in spots[n + 1 :]:
            assert abs(x - other_x) >= views.WIDE or abs(y - other_y) >= views.HIGH - 5.0
    for frame, (left, top) in frames:
        for x, y in (*frame.places.values(), *frame.aliases.values()):
            assert left < x < left + frame.wide and top < y < top + frame.high
    boxes = [(left, top, left + f.wide, top + f.high) for f, (left, top) in frames]
    for n, one in enumerate(boxes):
        for two in boxes[n + 1 :]:
            assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]


def test_a_pipe_ends_at_the_stocks_that_its_flow_joins_and_has_right_angles(scalars: dict[str, Variable]) -> None:
    for frame, _ in views.frames(scalars):
        for name, variable in scalars.items():
            for flow, end in [(f, 1) for f in variable.inflows] + [(f, 0) for f in variable.outflows]:
                if name not in frame.places:
                    continue
                (x, y), (stock_x, stock_y) = frame.pipes[flow][end], frame.places[name]
                assert abs(x - stock_x) <= views.WIDE / 2 and abs(y - stock_y) <= views.HIGH / 2
        for start, end_point in frame.pipes.values():
            assert start[0] == end_point[0] or start[1] == end_point[1]


def test_an_arrow_bends_round_what_stands_in_its_way() -> None:
    frame = views.Frame("s", {"a": (0.0, 0.0), "b": (200.0, 0.0), "c": (100.0, 0.0)}, links=[("a", "b"), ("a", "c")])
    angles = views._angles(frame, [])
    assert angles == [22.0, 0.0]  # at 12 it would rise by 10.5 only; the other goes straight on
    arc = views._arc(np.array([0.0, 0.0]), np.array([200.0, 0.0]), 12.0)
    radius = 100.0 / math.sin(math.radians(12.0))  # of the circle through both that leaves the chord at 12 degrees
    distances = np.hypot(arc[:, 0] - 100.0, arc[:, 1] - radius * math.cos(math.radians(12.0)))
    assert distances == pytest.approx(np.full(len(arc), radius))
    assert arc[[0, -1]] == pytest.approx(np.array([[0.0, 0.0], [200.0, 0.0]]), abs=1e-9)


def test_each_variable_read_has_an_arrow_from_itself_or_from_an_alias(scalars: dict[str, Variable]) -> None:
    drawn = {link for frame, _ in views.frames(scalars) for link in frame.links}
    assert drawn == {(i, n) for n, v in scalars.items() for i in v.formula.inputs if i in scalars}
    for frame, _ in views.frames(scalars):
        for source, target in frame.links:
            assert target in frame.places
            assert (source in frame.places) != (source in frame.aliases)


# -- there and back -----------------------------------------------------------------------------------------
def test_a_file_read_back_holds_what_was_written(scalars: dict[str, Variable], file_of: FileOf) -> None:
    content = parse(file_of(scalars), "x")
    assert content.made == '{"scenario": "people"}'
    assert content.more == ()
    assert content.specs == {"method": "euler", "time_units": "year", "start": 2005.0, "stop": 2009.0, "dt": 0.125}
    assert {n: (e.kind, e.inflows, e.outflows, e.points) for n, e in content.elements.items()} == {
        n: (v.kind, v.inflows, v.outflows, v.points) for n, v in scalars.items()
    }
    assert differences(content, parse(file_of(scalars), "y")) == []


def test_hostile_names_and_titles_survive_the_way_there_and_back(scalars: dict[str, Variable], file_of: FileOf) -> None:
    title = 'a "title" & <more>\nin two lines \\ 国'
    data = file_of(scalars, name=hostile, title=title)
    content = parse(data, "x")
    assert {e.name for e in content.elements.values()} == {hostile(n) for n in scalars}
    plain = parse(file_of(scalars), "x")
    assert len(content.elements) == len(plain.elements)
    named = {e.name: e for e in content.elements.values()}
    for name, variable in scalars.items():
        flows = [content.elements[f].name for f in named[hostile(name)].inflows]
        assert flows == [hostile(f) for f in variable.inflows]


def test_two_names_that_are_one_to_xmile_and_words_of_its_own_are_refused(
    scalars: dict[str, Variable], file_of: FileOf
) -> None:
    with pytest.raises(InputError, match="deaths: called BIRTHS, which XMILE takes for the name of births"):
        file_of(scalars, name=naming({"deaths": "BIRTHS"}))
    with pytest.raises(InputError, match="births: programs have a meaning of their own for Pulse"):
        file_of(scalars, name=naming({"births": "Pulse"}))


@pytest.mark.parametrize("name", ["time_step", "Final Time", "saveper", "std", ""])
def test_a_name_that_a_program_keeps_for_itself_and_none_at_all_are_refused(
    scalars: dict[str, Variable], file_of: FileOf, name: str
) -> None:
    with pytest.raises(InputError, match="births: "):
        file_of(scalars, name=naming({"births": name}))


def test_a_variable_called_like_one_that_is_made_beside_it_is_refused(people: Model, inputs_of_people: Inputs) -> None:
    for taken in ("pupils_stage_ratio", "time_at_school_initially", "pupils_1_left"):
        model = dataclasses.replace(
            people,
            equations={**people.equations, taken: people.equations["births"]},
            units={**people.units, taken: people.units["births"]},
            sectors={**people.sectors, taken: "people"},
        )
        with pytest.raises(InputError, match=f"{taken}: the model owns it"):
            variables(model, inputs_of_people, {}, "euler")


def test_a_text_that_xml_cannot_hold_is_refused(scalars: dict[str, Variable], file_of: FileOf) -> None:
    for text, said in (("a\0b", "U\\+0000"), ("a\ufffe", "U\\+FFFE"), ("a\udcff", "U\\+DCFF")):
        with pytest.raises(InputError, match=f"no file in XML can hold {said}"):
            file_of(scalars, title=text)


@pytest.mark.parametrize("count", [7, 10, 100, 186, 331, 999])
def test_a_step_is_such_that_a_program_that_counts_whole_ones_comes_to_the_end(
    scalars: dict[str, Variable], file_of: FileOf, count: int
) -> None:
    step = parse(file_of(scalars, step=1.0 / count), "x").specs["dt"]
    assert isinstance(step, float)
    assert math.floor(4.0 / step) == 4 * count
    assert step == pytest.approx(1.0 / count, rel=1e-14)


# -- what is refused ----------------------------------------------------------------------------------------
HEAD = f'<xmile version="1.0" xmlns="{NAMESPACE}">'
SPECS = "<sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs>"
ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
REFUSED = {
    "an external entity": (f"{ENTITY}{HEAD}<model><variables>&a;</variables></model></xmile>", "document type"),
    "entities without end": ("<!DOCTYPE x [<!ENTITY a '&#38;a;&#38;a;'>]><x>&a;</x>", "document type"),
    "no XML": ("gdp = 3", "is no XML: syntax error: line 1"),
    "half a file": (f"{HEAD}<model>", "is no XML: no element found"),
    "nothing": ("", "is no XML: no element found"),
    "something else": ("<html></html>", "starts with <html>; expected <xmile>"),
    "no model": (f"{HEAD}{SPECS}</xmile>", "has no variables"),
    "a name that is there twice": (
        f'{HEAD}{SPECS}<model><variables><aux name="a"/><flow name="A"/></variables></model></xmile>',
        "A: is there twice",
    ),
    "two sets of variables": (
        f"{HEAD}{SPECS}<model><variables/><variables/></model></xmile>",
        "<variables> stands twice in <model>",
    ),
    "two equations": (
        f'{HEAD}{SPECS}<model><variables><aux name="a"><eqn>1</eqn><eqn>2</eqn></aux></variables></model></xmile>',
        "<eqn> stands twice in <aux>",
    ),
    "a function that is none": (
        f'{HEAD}{SPECS}<model><variables><aux name="a"><gf><xpts>1,2</xpts><ypts>1,nan</ypts></gf></aux></variables>'
        "</model></xmile>",
        "a: its graphical function cannot be read",
    ),
    "no way to run it": (f"{HEAD}<model><variables/></model></xmile>", "sim_specs: missing"),
    "a step that is no number": (
        f"{HEAD}<sim_specs><start>0</start><stop>1</stop><dt>soon</dt></sim_specs><model><variables/></model></xmile>",
        "sim_specs: dt is soon; expected a number",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sound_file_is_refused_with_what_is_wrong(what: str) -> None:
    text, message = REFUSED[what]
    with pytest.raises(InputError, match=re.escape(message)) as error:
        parse(text.encode(), "f.stmx")
    assert str(error.value).startswith("f.stmx has ")


def test_a_huge_file_one_in_another_encoding_and_none_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.stmx"
    with huge.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(InputError, match="larger than 20 MB"):
        read(huge)
    with pytest.raises(InputError, match="byte 1 is not UTF-8"):
        parse(f"{ENTITY}<x/>".encode("utf-16"), "x")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read(tmp_path / "nowhere.stmx")
    with pytest.raises(InputError, match="it is a folder"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe.stmx")
    with pytest.raises(InputError, match="it is a pipe"):
        read(tmp_path / "pipe.stmx")


# -- what differs -------------------------------------------------------------------------------------------
EDITS = {
    "an equation": (
        "<eqn>people * births_per_head</eqn>",
        "<eqn>people / births_per_head</eqn>",
        Difference("births", "equation", "people * births_per_head", "people / births_per_head"),
    ),
    "an equation that cannot be read": (
        "<eqn>people * births_per_head</eqn>",
        "<eqn>people *</eqn>",
        Difference("births", "equation", "people * births_per_head", "people *"),
    ),
    "a value": ("<eqn>0.01</eqn>", "<eqn>0.011</eqn>", Difference("death_rate", "value", "0.01", "0.011")),
    "a unit": (
        "<units>person</units>\n      </stock>\n",
        "<units>people</units>\n      </stock>\n",
        Difference("people", "units", "person", "people"),
    ),
    "a stock without an outflow": (
        "<outflow>deaths</outflow>",
        "",
        Difference("people", "outflows", "deaths", "none"),
    ),
    "a stock that cannot be negative": (
        "<inflow>leavers</inflow>",
        "<inflow>leavers</inflow><non_negative/>",
        Difference("people", "properties", "none", "non_negative"),
    ),
    "the method": ('method="euler"', 'method="RK4"', Difference("sim_specs", "method", "euler", "rk4")),
    "the step": ('<dt reciprocal="true">8</dt>', "<dt>0.25</dt>", Difference("sim_specs", "dt", "0.125", "0.25")),
    "points in another order": (
        "<xpts>2005,2005.5,",
        "<xpts>2005.5,2005,",
        None,
    ),
    "a function that jumps": (
        "<gf>",
        '<gf type="discrete">',
        Difference("births_per_head", "properties", "none", "discrete graphical function"),
    ),
    "a function redefined": (
        "</xmile>",
        '<macro name="EXP"><parm>x</parm><eqn>x</eqn></macro></xmile>',
        Difference("the file", "more", "none", "<macro> in <xmile>"),
    ),
    "stocks that can no more be negative": (
        "<model>",
        "<behavior><stock><non_negative/></stock></behavior><model>",
        Difference("the file", "more", "none", "<behavior> in <xmile>"),
    ),
    "another way to run it inside the model": (
        "<model>",
        "<model><sim_specs><start>0</start></sim_specs>",
        Difference("the file", "more", "none", "<sim_specs> in <model>"),
    ),
    "another model": (
        "</xmile>",
        '<model name="b"><variables/></model></xmile>',
        Difference("the file", "more", "none", "<model name='b'>"),
    ),
    "a unit in terms of another": (
        "<model>",
        "<model_units><unit name='person'><eqn>1000 * yuan</eqn></unit></model_units><model>",
        Difference("the file", "more", "none", "<eqn> in <unit>"),
    ),
    "another unit of time": (
        'time_units="year"',
        'time_units="month"',
        Difference("sim_specs", "time_units", "year", "month"),
    ),
    "a pause": ("<sim_specs ", '<sim_specs pause="2" ', Difference("sim_specs", "pause", "none", "2")),
    "a new variable": (
        "<variables>",
        "<variables><aux name='luck'><eqn>7</eqn></aux>",
        Difference("luck", "variable", "none", "aux: 7"),
    ),
}
SAYS_NOTHING = {
    "blanks and parentheses": ("<eqn>people * births_per_head</eqn>", "<eqn>(People*Births_per_head)</eqn>"),
    "digits of rounding": ("<eqn>0.01</eqn>", "<eqn>0.0100000000000001</eqn>"),
    "another sentence": ("deaths a head", "deaths a head, said better"),
    "no unit by another name": ("<units>1</units>", "<units>dmnl</units>"),
    "a unit in another order": ("<units>person/year</units>", "<units>1/(Years * person^-1)</units>"),
    "the unit of time in the plural": ('time_units="year"', 'time_units="Years"'),
    "a comment at the end": ("people * births_per_head</eqn>", "people * births_per_head { as counted }</eqn>"),
    "a property that is off": (
        "<inflow>leavers</inflow>",
        "<inflow>leavers</inflow><non_negative>false</non_negative>",
    ),
    "a step written the other way": ('<dt reciprocal="true">8</dt>', "<dt>0.125</dt>"),
    "how it looks": ("<header>", "<style color='red'/><header>"),
    "what other programs add": ("<header>", "<header xmlns:z='urn:z'><z:zoom>1</z:zoom>"),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_is_reported_with_what_the_code_has_and_what_the_file_has(
    scalars: dict[str, Variable], file_of: FileOf, what: str
) -> None:
    before, after, expected = EDITS[what]
    text = file_of(scalars).decode()
    assert before in text
    edited = text.replace(before, after, 1).encode()
    found = differences(parse(file_of(scalars), "code"), parse(edited, "file"))
    if expected is None:
        assert [(d.name, d.what) for d in found] == [("births_per_head", "graphical function")]
    else:
        assert found == [expected]


def test_points_that_were_moved_are_reported_and_no_others(scalars: dict[str, Variable], file_of: FileOf) -> None:
    text = file_of(scalars).decode()
    ypts = re.findall("<ypts>(.*)</ypts>", text)[0]
    moved = ",".join([*ypts.split(",")[:-1], "0.5"])
    (found,) = differences(parse(text.encode(), "code"), parse(text.replace(ypts, moved).encode(), "file"))
    last = scalars["births_per_head"].points[-1]
    expected = ("births_per_head", "graphical function", f"(2009, {last[1]:.12g})", "(2009, 0.5)")
    assert dataclasses.astuple(found) == expected


@pytest.mark.parametrize("what", SAYS_NOTHING)
def test_what_changes_no_meaning_is_no_difference(scalars: dict[str, Variable], file_of: FileOf, what: str) -> None:
    before, after = SAYS_NOTHING[what]
    text = file_of(scalars).decode()
    assert before in text
    edited = text.replace(before, after, 1).encode()
    assert differences(parse(file_of(scalars), "code"), parse(edited, "file")) == []


def test_a_variable_that_was_removed_or_became_another_kind_is_reported(
    scalars: dict[str, Variable], file_of: FileOf
) -> None:
    fewer = {n: v for n, v in scalars.items() if n != "crowded"}
    other = {**fewer, "time_at_school": dataclasses.replace(fewer["time_at_school"], kind="stock")}
    found = differences(parse(file_of(scalars), "code"), parse(file_of(other), "file"))
    assert [dataclasses.astuple(d) for d in found] == [
        ("time_at_school", "kind", "aux", "stock"),
        ("crowded", "variable", "aux: (IF people > people_at_start THEN 1 ELSE 0)", "none"),
    ]
