# Symbols stand where the functions of an equation take arrays; a type checker cannot know that they may.
# mypy: disable-error-code="arg-type, attr-defined, index, redundant-expr, unreachable"

from __future__ import annotations

import cProfile
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fiveyear.model import Model
from fiveyear.model.errors import TraceError
from fiveyear.model.quantities import exp, log, maximum, minimum, where
from fiveyear.model.trace import Term, trace
from fiveyear.model.units import Unit


def symbol(name: str, unit: str) -> Term:
    return Term.variable(name, Unit.parse(unit))


people, more_people = symbol("people", "person"), symbol("more_people", "person")
money, share, number = symbol("money", "yuan/year"), symbol("share", "share"), symbol("number", "1")


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        (lambda: people + more_people, "person"),
        (lambda: people - more_people, "person"),
        (lambda: people + 0, "person"),
        (lambda: 0.0 - people, "person"),
        (lambda: sum((people, more_people)), "person"),
        (lambda: people * money, "person*yuan/year"),
        (lambda: money / people, "yuan/person/year"),
        (lambda: 2.0 * people, "person"),
        (lambda: 1.0 / people, "1/person"),
        (lambda: -people, "person"),
        (lambda: abs(people), "person"),
        (lambda: people**2, "person^2"),
        (lambda: people**-1.0, "1/person"),
        (lambda: (people / more_people) ** number, "1"),
        (lambda: 2.0**number, "1"),
        (lambda: exp(number), "1"),
        (lambda: log(people / more_people), "1"),
        (lambda: np.sqrt(share), "1"),
        (lambda: minimum(people, more_people), "person"),
        (lambda: maximum(people, 0.0), "person"),
        (lambda: where(people > more_people, money, 0.0), "yuan/year"),
        (lambda: np.float64(3.0) * money, "yuan/year"),
    ],
)
def test_every_operation_gives_the_unit_of_its_result(formula: Callable[[], Term], unit: str) -> None:
    term = formula()
    assert term.unit == Unit.parse(unit)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (lambda: people + money, "add of unlike units: people is person, money is yuan/year"),
        (lambda: people - 1.0, "subtract of unlike units: people is person, 1 is 1"),
        (lambda: minimum(people, money), "minimum of unlike units"),
        (lambda: maximum(people, 5), "maximum of unlike units"),
        (lambda: where(people > more_people, people, money), "where of unlike units"),
        (lambda: people > money, "greater of unlike units"),
        (lambda: exp(people), r"exp\(people\) takes a number without a unit, not person"),
        (lambda: log(money), r"log\(money\) takes a number without a unit"),
        (lambda: people**number, "uncertain power: people has a unit, person, and the exponent number"),
        (lambda: people**0.5, "uncertain power"),
        (lambda: 2.0**people, "the exponent people has a unit, person"),
        (lambda: (people > more_people) * people, r"uses the condition \(\(people > more_people\)\) as a quantity"),
        (lambda: where(people, 1.0, 2.0), "the first argument must be a condition"),
        (lambda: where(share > 0.5, share > 0.2, share > 0.1), "as a quantity"),
        (lambda: (share > 0.5) & (share < 0.6), r"uses the condition \(\(share > 0.5\)\) as a quantity"),
        (lambda: np.logical_and(share > 0.5, share), "logical_and joins conditions, not quantities"),
        (lambda: np.sin(number), "numpy.sin is not part of a formula"),
        (lambda: np.add.reduce(people), "numpy.add.reduce is not part of a formula"),
        (lambda: np.sum(people), "numpy.sum is not part of a formula"),
        (lambda: np.where(share > 0.5), "numpy.where is not part of a formula"),
        (lambda: people * "two", "uses 'two', which is neither a quantity nor a number"),
        (lambda: people * True, "uses True"),
        (lambda: math.exp(number), "not math"),
        (lambda: max(people, more_people), "branches on a value"),
        (lambda: 0.0 < share < 1.0, "branches on a value"),
        (lambda: share if share > 0.5 else number, "branches on a value"),
        (lambda: number and share, "branches on a value"),
        (lambda: not number, "branches on a value"),
        (lambda: np.asarray(people), "turns a symbol into numbers"),
        (lambda: (people, money), "neither a quantity nor a number"),
        (lambda: None, "neither a quantity nor a number"),
        (lambda: people.missing, "AttributeError"),
        (lambda: people[0], "line [0-9]+: TypeError"),
    ],
)
def test_what_has_no_meaning_in_a_formula_is_refused(formula: Callable[[], Any], message: str) -> None:
    with pytest.raises(TraceError, match=message):
        trace(formula, ())


def test_inputs_are_named_once_in_the_order_of_the_formula() -> None:
    assert (money / people + money / more_people).inputs == ("money", "people", "more_people")


def test_the_conditions_that_a_where_decides_on_can_be_read_off() -> None:
    term = where(np.logical_and(people > more_people, share <= 0.5), 1.0, where(share < 0.2, 2.0, 3.0))
    assert [str(c) for c in term.conditions] == ["((people > more_people) and (share <= 0.5))", "(share < 0.2)"]
    assert all(c.unit is None for c in term.conditions)


def test_a_term_that_is_used_again_and_again_is_walked_once() -> None:
    term = number
    for _ in range(200):
        term = term + term  # 2^200 ways lead to the variable
    assert len(list(term.walk())) == 201
    assert term.inputs == ("number",)
    assert [t.op for t in (share * number + share).walk()] == ["add", "multiply", "variable", "variable"]


# -- named parts --------------------------------------------------------------------------------------------
def named(a: Any, b: Any) -> Any:
    first = a + b
    unused = a * b * 2.0
    second = first / b
    alias = a
    same = second
    count = 3.0
    assert unused is not None
    return second**2 + _inside(first) * alias * count + same


def _inside(x: Any) -> Any:
    hidden = x * 5.0
    return hidden - 1.0


def test_parts_are_the_pieces_that_an_equation_itself_gives_a_name_in_the_order_of_the_formula() -> None:
    term, parts = trace(named, (number, share))
    assert {n: str(t) for n, t in parts.items()} == {"second": "(number + share) / share", "first": "number + share"}
    assert list(parts) == ["second", "first"]
    assert all(any(t is part for t in term.walk()) for part in parts.values())


def test_a_name_for_the_whole_formula_is_no_part() -> None:
    def equation(a: Any) -> Any:
        whole = a * 2.0
        return whole  # noqa: RET504 - the name is what is tested

    assert trace(equation, (number,))[1] == {}


def test_tracing_leaves_a_profiler_in_place_and_works_under_one_in_c() -> None:
    def mine(*_: object) -> None: ...

    before = sys.getprofile()
    try:
        sys.setprofile(mine)
        trace(named, (number, share))
        with pytest.raises(TraceError):
            trace(lambda a: a[0], (number,))
        assert sys.getprofile() is mine
    finally:
        sys.setprofile(before)
    with cProfile.Profile() as profile:
        assert str(trace(named, (number, share))[0])
        there: object = sys.getprofile()
        assert there is profile
    assert sys.getprofile() is before


def test_an_equation_that_is_held_keeps_its_parts_in_step(model: Model) -> None:
    held = model.cut(["R3"]).equations["effort_aimed_at"]
    assert "high_tech_share_at_start / high_tech_share_at_start" in str(held.parts["from_sales"])
    for equation in (held, *model.equations.values()):
        nodes = {id(t) for t in equation.term.walk()}
        assert all(id(part) in nodes for part in equation.parts.values()), equation.name


@pytest.mark.parametrize(
    "formula",
    [
        lambda a, b, c: a - (b - c),
        lambda a, b, c: (a - b) - c,
        lambda a, b, c: a / (b * c),
        lambda a, b, c: a / b * c,
        lambda a, b, c: a / (b / c),
        lambda a, b, c: (a**b) ** c,
        lambda a, b, c: a ** (b**c),
        lambda a, b, c: -(a**b) + c,
        lambda a, b, c: (-a) ** 2 * b * c,
        lambda a, b, c: a * -b - -c,
        lambda a, b, c: a ** -(b * c),
        lambda a, b, c: -(a * b) - -(a + c),
        lambda a, b, c: (-2.0) ** 3 * a + (-2.0 * b) ** 2 - c**-1.5,
        lambda a, b, c: 0.1234567890123456 * a + 1e-30 * b + 1e22 * c,
        lambda a, b, c: np.where(a > b, a - (b + c), a / (b + c)),
        lambda a, b, c: np.minimum(a + b, np.maximum(a, -c)) * np.exp(-a) + np.absolute(np.log(b) - np.sqrt(c)),
    ],
)
def test_the_printed_formula_computes_what_the_function_computes(formula: Callable[..., Any]) -> None:
    random = np.random.default_rng(1)
    values = {name: random.uniform(0.5, 2.0, 100) for name in "abc"}
    term, _ = trace(formula, tuple(symbol(name, "1") for name in "abc"))
    printed = eval(str(term), {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, **vars(np), **values})
    np.testing.assert_array_equal(printed, formula(*values.values()))


def test_the_minus_of_a_negative_base_is_not_lost_in_print() -> None:
    # numpy folds constants before the trace sees them, so the base must meet the trace as a number of its own
    term, _ = trace(lambda x: np.power(np.float64(-2.0), x), (symbol("x", "1"),))
    assert eval(str(term), {"x": 2.0}) == 4.0


def test_every_shipped_equation_prints_as_it_computes(model: Model) -> None:
    random = np.random.default_rng(2)
    assert model.equations
    for name, equation in model.equations.items():
        values = {n: random.uniform(0.1, 3.0, 50) for n in equation.inputs}
        arguments = [tuple(values[n] for n in a) if isinstance(a, tuple) else values[a] for a in equation.arguments]
        printed = eval(str(equation.term), {**vars(np), **values})
        np.testing.assert_array_equal(printed, equation.function(*arguments), err_msg=name)


def test_every_shipped_equation_has_the_unit_it_states_and_a_sentence(model: Model) -> None:
    for name, equation in model.equations.items():
        assert equation.term.unit == equation.unit == model.units[name], name
        assert equation.about.endswith("."), name
        assert set(equation.term.inputs) == set(equation.inputs), name
