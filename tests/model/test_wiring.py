from __future__ import annotations

import itertools
from collections.abc import Callable
from types import ModuleType

import pytest

from fiveyear.model import Model, WiringError, assemble
from fiveyear.model.labels import in_words

# A sector without a fault, that each test below spoils in one place.
SOUND = '''
births_per_head = Parameter("1/year", low=0.0, high=1.0, about="births a head")
people_at_start = Parameter("person", low=1.0, high=1e6, about="people at the start")
schooling_time = Parameter("year", low=1.0, high=30.0, about="years at school")
arrivals = Series("person/year", low=0.0, high=1e6, about="arrivals")

people = Stock("person", initial="people_at_start", inflows=("births", "arrivals"), about="people")
pupils = Chain(
    "person", stages=3, inflow="births", outflow="leavers", time="schooling_time", initial="pupils_at_start"
)
R = Loop("more people, more births", sign="+", source="people", reader="births", held="people_at_start")


def births(people: Persons, births_per_head: PerYear) -> PersonsPerYear:
    """Births in a year."""
    return people * births_per_head


def pupils_at_start(people_at_start: Persons, births_per_head: PerYear, schooling_time: Years) -> Persons:
    """Pupils at the start."""
    return people_at_start * births_per_head * schooling_time
'''
ARRIVALS = 'arrivals = Series("person/year"'
BIRTHS = "def births(people: Persons, births_per_head: PerYear) -> PersonsPerYear:"
BODY = "    return people * births_per_head\n"


def faults_of(make: Callable[[], Model]) -> list[str]:
    with pytest.raises(WiringError) as caught:
        make()
    return [*caught.value.faults]


def test_the_sound_sector_has_no_fault(assembled: Callable[[str], Model]) -> None:
    model = assembled(SOUND)
    assert set(model.names) == {
        *("births_per_head", "people_at_start", "schooling_time", "arrivals", "people", "pupils", "leavers"),
        *("births", "pupils_at_start"),
    }
    assert model.constants == ("pupils_at_start",)
    assert set(model.states) == {"births", "leavers"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param(
            BIRTHS,
            BIRTHS.replace("people: Persons", "peopel: Persons"),
            "toy.births reads peopel, which nobody owns; nearest is people",
            id="missing",
        ),
        pytest.param(
            ARRIVALS,
            'departures = Series("person/year", low=0.0, high=1.0)\n' + ARRIVALS,
            "toy.departures: nobody reads it",
            id="unused input",
        ),
        pytest.param(
            BODY,
            "    return people * schooling_time\n",
            r"toy.births: uses Parameter\(unit='year', .*, which is neither a quantity nor a number",
            id="reads past its signature",
        ),
        pytest.param(
            BODY,
            "    return people * leavers\n",
            "toy.births: line [0-9]+: NameError: name 'leavers' is not defined",
            id="reads past its signature what another file owns",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("PerYear)", "PerYear, arrivals: PersonsPerYear)"),
            "toy.births takes arrivals but its formula does not use it",
            id="unused parameter",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("births_per_head: PerYear", "births_per_head: Share"),
            "toy.births reads births_per_head as share, but toy owns it as 1/year",
            id="unlike units of reader and owner",
        ),
        pytest.param(
            BODY,
            "    return people + births_per_head\n",
            "toy.births: add of unlike units: people is person, births_per_head is 1/year",
            id="sum of unlike units",
        ),
        pytest.param(
            BODY,
            "    return people / births_per_head\n",
            r"toy.births states person/year, but its formula \(people / births_per_head\) gives person\*year",
            id="unit of the result",
        ),
        pytest.param(
            BODY,
            "    return people * births_per_head if people > 10.0 * people else people * births_per_head\n",
            r"toy.births: branches on a value \(if, and, or, not, min, max\): use where",
            id="branch",
        ),
        pytest.param(
            BODY,
            "    return people**births_per_head\n",
            "toy.births: the exponent births_per_head has a unit, 1/year",
            id="exponent with a unit",
        ),
        pytest.param(
            "    return people_at_start * births_per_head * schooling_time\n",
            "    return people_at_start ** (births_per_head * schooling_time)\n",
            "toy.pupils_at_start: uncertain power: people_at_start has a unit, person",
            id="uncertain power",
        ),
        pytest.param(
            BODY,
            "    return people * births_per_head > 0.0\n",
            "toy.births: its formula is a condition, not a quantity",
            id="a condition for a result",
        ),
        pytest.param(
            'initial="people_at_start"',
            'initial="leavers_so_far"',
            "toy.people names leavers_so_far as its initial, which nobody owns",
            id="missing initial",
        ),
        pytest.param(
            'initial="people_at_start"',
            'initial="births_per_head"',
            "toy.people takes births_per_head as its initial in person, but toy owns it as 1/year",
            id="initial of unlike unit",
        ),
        pytest.param(
            'inflows=("births", "arrivals")',
            'inflows=("births", "arrivals", "people_at_start")',
            "toy.people takes people_at_start as its inflow in person/year, but toy owns it as person",
            id="inflow of unlike unit",
        ),
        pytest.param(
            'inflows=("births", "arrivals")',
            'inflows=("births", "arrivals"), outflows=("schooling_time",)',
            "toy.people takes schooling_time as its outflow in person/year, but toy owns it as year",
            id="outflow of unlike unit",
        ),
        pytest.param(
            'inflows=("births", "arrivals")',
            'inflows=("birth", "arrivals")',
            "toy.people names birth as its inflow, which nobody owns; nearest is births",
            id="missing inflow",
        ),
        pytest.param(
            'inflows=("births", "arrivals"), about="people")',
            'inflows=("births", "arrivals", "pace"), about="people")\npace = Stock("person/year", about="pace")',
            "toy.people takes the stock pace as its inflow; a stock is no flow: let a function give it",
            id="a stock for an inflow",
        ),
        pytest.param(
            'inflow="births", outflow',
            'inflow="people", outflow',
            "toy.pupils takes people as its inflow in person/year, but toy owns it as person",
            id="inflow of a chain of unlike unit",
        ),
        pytest.param(
            'time="schooling_time"',
            'time="births_per_head"',
            "toy.pupils takes births_per_head as its time in year, but toy owns it as 1/year",
            id="time of a chain of unlike unit",
        ),
        pytest.param(
            'time="schooling_time"',
            'time="shooling_time"',
            "toy.pupils names shooling_time as its time, which nobody owns; nearest is schooling_time",
            id="missing time of a chain",
        ),
        pytest.param(
            'initial="pupils_at_start"',
            'initial="pupils_at_start", growth="schooling_time"',
            "toy.pupils takes schooling_time as its growth in 1/year, but toy owns it as year",
            id="growth of a chain of unlike unit",
        ),
        pytest.param(
            "stages=3", "stages=0", "toy.pupils: a chain has at least one stage, not 0", id="chain without stages"
        ),
        pytest.param(
            'outflow="leavers"',
            'outflow="births"',
            r"births: owned by toy and by toy \(the outflow of pupils\)",
            id="outflow of a chain owned twice",
        ),
        pytest.param(
            'reader="births"',
            'reader="leavers"',
            r"loop R \(people -> leavers\): leavers does not read people",
            id="loop whose reader does not read its source",
        ),
        pytest.param(
            'source="people"',
            'source="births_per_head"',
            r"loop R \(births_per_head -> births\): holds people_at_start, which is person, in place of",
            id="held of unlike unit",
        ),
        pytest.param(
            'held="people_at_start"',
            'held="people_at_stat"',
            r"loop R \(people -> births\) names people_at_stat, which nobody owns; nearest is people_at_start",
            id="loop with an unknown name",
        ),
        pytest.param(
            'sign="+"',
            'sign="-"',
            r"loop R \(people -> births\) is declared -, but its formulas give \+ along people -> births -> people",
            id="loop of the wrong sign",
        ),
        pytest.param(
            BODY,
            "    return -people * births_per_head\n",
            r"loop R \(people -> births\) is declared \+, but its formulas give - along people -> births -> people",
            id="loop of the wrong sign in its first link",
        ),
        pytest.param(
            'inflows=("births", "arrivals")',
            'inflows=("arrivals",), outflows=("births",)',
            r"loop R \(people -> births\) is declared \+, but its formulas give - along people -> births -> people",
            id="loop of the wrong sign in its last link",
        ),
        pytest.param(
            'inflows=("births", "arrivals")',
            'inflows=("arrivals",)',
            r"loop R \(people -> births\) is no cycle: nothing leads from births back to people",
            id="loop that is no cycle",
        ),
        pytest.param(
            'schooling_time = Parameter("year"',
            'schooling_time = Parameter("10 year"',
            'toy.schooling_time: unit "10 year" is scaled by 10; equations use base units',
            id="scaled unit",
        ),
        pytest.param(
            'schooling_time = Parameter("year"',
            'schooling_time = Parameter("yaer"',
            'toy.schooling_time: unit "yaer": cannot read "yaer"; nearest is year',
            id="unreadable unit",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("people: Persons", 'people: Annotated[Array, "1k person"]'),
            'toy.births: people: unit "1k person" is scaled by 1000',
            id="scaled unit in an annotation",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("people: Persons", "people"),
            "toy.births: people is not annotated with a unit",
            id="missing annotation",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("people: Persons", "people: float"),
            "toy.births: people is not annotated with a unit",
            id="annotation without a unit",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace(" -> PersonsPerYear", ""),
            "toy.births: its result is not annotated with a unit",
            id="missing annotation of the result",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("people: Persons", 'people: "Peple"'),
            "toy.births: its annotations cannot be read: name 'Peple' is not defined",
            id="unknown annotation",
        ),
        pytest.param(
            '    """Births in a year."""\n',
            "",
            "toy.births: has no docstring; one sentence says what it is",
            id="missing docstring",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("births_per_head: PerYear", "births_per_head: PerYear = 0.02"),
            "toy.births: births_per_head must be a plain parameter without a default",
            id="default",
        ),
        pytest.param(
            BIRTHS,
            BIRTHS.replace("births_per_head: PerYear", "*births_per_head: PerYear"),
            "toy.births: births_per_head must be a plain parameter",
            id="any number of parameters",
        ),
        pytest.param(
            'schooling_time = Parameter("year", low=1.0, high=30.0',
            "schooling_time = Parameter(\"year\", low=1.0, high=float('inf')",
            r"toy.schooling_time: its hard range \[1, inf\] is not a finite range",
            id="range without an end",
        ),
    ],
)
def test_each_fault_is_named_at_both_ends(assembled: Callable[[str], Model], old: str, new: str, fault: str) -> None:
    assert SOUND.count(old) == 1
    with pytest.raises(WiringError, match=fault):
        assembled(SOUND.replace(old, new))


def test_a_name_owned_by_two_sectors_is_a_fault_that_names_both(sector: Callable[..., ModuleType]) -> None:
    other = sector('people = Parameter("person", low=0.0, high=1.0)', "census")
    found = faults_of(lambda: assemble([sector(SOUND), other]))
    assert found == ["people: owned by toy and by census"]


def test_a_circle_of_equations_is_named_in_the_direction_of_influence(assembled: Callable[[str], Model]) -> None:
    text = '''
    def first(third: Share) -> Share:
        """First."""
        return third * 2.0

    def second(first: Share) -> Share:
        """Second."""
        return first * 2.0

    def third(second: Share) -> Share:
        """Third."""
        return second * 2.0
    '''
    (fault,) = faults_of(lambda: assembled(text))
    path = fault.removeprefix("cyclic: ").removesuffix(", with no stock or chain in between").split(" -> ")
    assert path[0] == path[-1]
    assert set(itertools.pairwise(path)) == {("first", "second"), ("second", "third"), ("third", "first")}


@pytest.mark.parametrize(
    ("equation", "kind"),
    [
        ("def found(people: Persons) -> Persons:\n    'Found.'\n    return people * 1.0", "the state"),
        ("def found(arrivals: PersonsPerYear) -> Persons:\n    'Found.'\n    return arrivals * LENGTH", "time"),
    ],
)
@pytest.mark.parametrize("declaration", ["stock", "chain"])
def test_an_initial_depends_on_parameters_only(
    assembled: Callable[[str], Model], equation: str, kind: str, declaration: str
) -> None:
    # The time passes as a parameter of one year, so that the units hold.
    equation = equation.replace(")", ", schooling_time: Years)", 1).replace("LENGTH", "schooling_time")
    equation = equation.replace("people * 1.0", "people * (schooling_time / schooling_time)")
    old = 'initial="people_at_start"' if declaration == "stock" else 'initial="pupils_at_start"'
    name = "people" if declaration == "stock" else "pupils"
    found = faults_of(lambda: assembled(SOUND.replace(old, 'initial="found"') + "\n" + equation))
    assert found == [f"toy.{name}: its initial found (toy) depends on {kind}; it may depend on Parameters only"]


def test_the_growth_of_a_chain_does_not_hide_that_its_initial_depends_on_the_state(
    assembled: Callable[[str], Model],
) -> None:
    text = SOUND.replace('initial="pupils_at_start"', 'initial="people", growth="births_per_head"')
    (fault,) = faults_of(lambda: assembled(text))
    assert fault.startswith("toy.pupils: its initial people (toy) depends on the state")


def test_all_faults_are_told_at_once(assembled: Callable[[str], Model]) -> None:
    text = (
        SOUND.replace(BIRTHS, BIRTHS.replace("people: Persons, births_per_head", "peopel: Persons, births_per_hed"))
        .replace('time="schooling_time"', 'time="shooling_time"')
        .replace('schooling_time = Parameter("year"', 'schooling_time = Parameter("yaer"')
        .replace('    """Pupils at the start."""\n', "")
    )
    found = "\n".join(faults_of(lambda: assembled(text)))
    for part in ("reads peopel", "reads births_per_hed", "names shooling_time", '"yaer"', "has no docstring"):
        assert part in found
    assert found.count("\n") + 1 == len(faults_of(lambda: assembled(text)))


def test_a_fault_in_an_equation_is_not_told_again_by_those_who_name_it(assembled: Callable[[str], Model]) -> None:
    found = faults_of(lambda: assembled(SOUND.replace(" -> PersonsPerYear", "")))
    assert found == ["toy.births: its result is not annotated with a unit (as in fiveyear.model.quantities)"]


def test_the_message_counts_the_faults_and_gives_each_a_line() -> None:
    error = WiringError("the model", ["first", "second"])
    assert str(error) == "the model has 2 faults:\n  first\n  second"
    assert str(WiringError("the model", ["first"])) == "the model has 1 fault:\n  first"


def test_the_order_of_the_files_changes_no_hash(sector: Callable[..., ModuleType]) -> None:
    head, tail = SOUND.split("def births(")
    one, other = sector(head, "one"), sector("def births(" + tail, "other")
    there, back = assemble([one, other]), assemble([other, one])
    assert there.structure(["people", "leavers"]) == back.structure(["leavers", "people"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BODY, "    return 1.00000002 * people * births_per_head\n"),
        ("high=30.0", "high=31.0"),
        ("stages=3", "stages=4"),
        ('initial="people_at_start"', 'initial="pupils_at_start"'),
        ("return people_at_start * births_per_head", "return 2.0 * people_at_start * births_per_head"),
        ('inflows=("births", "arrivals")', 'inflows=("arrivals", "births", "births")'),
    ],
)
def test_the_hash_of_a_variable_sees_every_change_of_what_it_depends_on(
    assembled: Callable[[str], Model], old: str, new: str
) -> None:
    before = SOUND.replace(BODY, "    return 1.00000001 * people * births_per_head\n")
    after = (SOUND if old == BODY else before).replace(old, new)
    assert before != after
    assert assembled(before).structure(["leavers"]) != assembled(after).structure(["leavers"])


def test_the_hash_of_a_variable_sees_no_sentence_and_nothing_it_does_not_depend_on(
    assembled: Callable[[str], Model],
) -> None:
    apart = 'def apart(schooling_time: Years) -> Years:\n    "Apart."\n    return 2.0 * schooling_time\n'
    reworded = SOUND.replace('about="arrivals"', 'about="people who arrive"').replace("Births in", "Births during")
    assert assembled(SOUND).structure(["leavers"]) == assembled(f"{reworded}\n{apart}").structure(["leavers"])


# -- groups -------------------------------------------------------------------------------------------------
GROUP = '''
RIVALS = ("japan", "south_japan")

fame_at_start = Parameter("citation", low=0.0, high=1e9, each=RIVALS, about="citations at the start")
growth_rate = Parameter("1/year", low=-1.0, high=1.0, about="growth of citations")
reading_time = Parameter("year", low=0.1, high=9.0, each=RIVALS, about="time until a citation is read")
fame = Stock("citation", initial="fame_at_start", inflows=("gain",), each=RIVALS, about="citations")
unread = Chain("citation", stages=2, inflow="gain", outflow="readings", time="reading_time",
               initial="fame_at_start", growth="growth_rate", each=RIVALS, about="citations not yet read")


@for_each(RIVALS)
def gain(fame: Annotated[Array, "citation"], growth_rate: PerYear) -> Annotated[Array, "citation/year"]:
    """Citations gained in a year."""
    return fame * growth_rate


@for_each(RIVALS)
def late_readings(readings: Annotated[Array, "citation/year"]) -> Annotated[Array, "citation/year"]:
    """Twice the citations read in a year."""
    return 2.0 * readings


def all_fame(fame: tuple[Annotated[Array, "citation"], ...]) -> Annotated[Array, "citation"]:
    """Citations of all."""
    first, second = fame
    return first + second
'''


def test_for_each_makes_one_of_everything_for_every_member(assembled: Callable[[str], Model]) -> None:
    model = assembled(GROUP)
    for member in ("japan", "south_japan"):
        assert model.equations[f"gain_{member}"].inputs == (f"fame_{member}", "growth_rate")
        assert model.equations[f"late_readings_{member}"].inputs == (f"readings_{member}",)
        stock, chain = model.stocks[f"fame_{member}"], model.chains[f"unread_{member}"]
        assert (stock.initial, stock.inflows) == (f"fame_at_start_{member}", (f"gain_{member}",))
        assert (chain.inflow, chain.outflow) == (f"gain_{member}", f"readings_{member}")
        assert (chain.time, chain.growth) == (f"reading_time_{member}", "growth_rate")
        assert stock.about == f"citations ({in_words(member)})"
    assert "fame" not in model.names


def test_a_reader_outside_the_group_gets_all_members_in_order(assembled: Callable[[str], Model]) -> None:
    equation = assembled(GROUP).equations["all_fame"]
    assert equation.arguments == (("fame_japan", "fame_south_japan"),)
    assert str(equation.term) == "fame_japan + fame_south_japan"


def test_one_member_can_be_held_among_all(assembled: Callable[[str], Model]) -> None:
    held = assembled(GROUP).hold("fame_japan", "all_fame", "fame_at_start_japan")
    assert held.equations["all_fame"].arguments == (("fame_at_start_japan", "fame_south_japan"),)


def test_a_member_that_nobody_owns_is_named_in_full(assembled: Callable[[str], Model]) -> None:
    text = GROUP.replace('each=RIVALS, about="time until', 'each=("japan", "france"), about="time until')
    found = "\n".join(faults_of(lambda: assembled(text)))
    assert "toy.unread_south_japan names reading_time as its time, which nobody owns" in found


# -- what is cut and held -----------------------------------------------------------------------------------
def test_an_unknown_loop_is_refused_with_the_nearest(assembled: Callable[[str], Model]) -> None:
    with pytest.raises(WiringError, match="no loop is called 'RR'; nearest is R"):
        assembled(SOUND).cut(["RR", "R"])


@pytest.mark.parametrize(
    ("source", "reader", "held", "fault"),
    [
        (
            "people",
            "births",
            "schooling_time",
            "holds schooling_time, which is year, in place of people, which is person",
        ),
        ("arrivals", "births", "people_at_start", "births does not read arrivals"),
        ("peple", "births", "people_at_start", "names peple, which nobody owns; nearest is people"),
        ("people", "birth", "people_at_start", "names birth, which nobody owns; nearest is births"),
        ("births_per_head", "births", "fertility", "cyclic: .*births"),
        (
            "people_at_start",
            "pupils_at_start",
            "people",
            "toy.pupils: its initial pupils_at_start .toy. depends on the state",
        ),
    ],
)
def test_what_cannot_be_held_is_refused(
    assembled: Callable[[str], Model], source: str, reader: str, held: str, fault: str
) -> None:
    fertility = (
        "def fertility(births: PersonsPerYear, people: Persons) -> PerYear:\n    'F.'\n    return births / people"
    )
    with pytest.raises(WiringError, match=fault):
        assembled(f"{SOUND}\n{fertility}").hold(source, reader, held)


def test_a_cut_feeds_the_reader_what_is_held_and_nothing_else_changes(assembled: Callable[[str], Model]) -> None:
    model = assembled(SOUND)
    cut = model.cut(iter(["R"]))
    assert cut.equations["births"].arguments == ("people_at_start", "births_per_head")
    assert cut.equations["births"].inputs == cut.equations["births"].term.inputs
    assert cut.cuts == ("R",)
    assert cut.structure(["people"]) != model.structure(["people"])
    assert model.equations["births"].arguments == ("people", "births_per_head")
    assert {**cut.equations, "births": model.equations["births"]} == dict(model.equations)


def test_a_sentence_is_found_for_every_name(model: Model) -> None:
    for name in model.names:
        assert model.about(name).strip(), name


def test_a_stage_of_every_chain_has_a_name_of_its_own(model: Model) -> None:
    stages = [stage for chain in model.chains for stage in model.stages(chain)]
    assert len(set(stages)) == len(stages)
    assert not set(stages) & set(model.names)


def test_two_assemblies_of_one_text_are_the_same_model(assembled: Callable[[str], Model]) -> None:
    one, other = assembled(GROUP), assembled(GROUP)
    assert (one.constants, one.timed, one.states) == (other.constants, other.timed, other.states)
    assert one.structure(one.names) == other.structure(other.names)


def test_what_depends_on_a_variable_is_all_that_has_it_upstream(model: Model) -> None:
    for name in ("propensity", "gdp_real", "patents_in_force"):
        assert model.downstream([name]) == {n for n in model.names if name in model.upstream([n])}
    assert model.downstream([]) == frozenset()
