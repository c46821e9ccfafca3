"""Lowering: each operation once, as seldom as it may be done, and still what the formula says."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fiveyear.model import Model, Reading, assemble, elementary
from fiveyear.model.declarations import Parameter, Series, Stock
from fiveyear.model.kernel.lowering import NUMBER, PARAMETER, SERIES, STATE, Program, lower
from fiveyear.model.kernel.sections import sections
from fiveyear.model.quantities import Array, Number, PerYear, exp, log, maximum, minimum, where

VALUES = {"p": 1.75, "q": 0.625, "s": 2.5, "x": 3.0, "rate": 1.0}
OWN = {"exp": elementary.exp, "log": elementary.log}  # all others are numpy's, by name


def names(formula: Any) -> list[str]:
    return list(inspect.signature(formula).parameters)


def one_equation(formula: Any) -> Model:
    """A model in which ``y`` is the formula of a Parameter p and q, a Series s and a Stock x."""
    module = ModuleType("toy", "Toy.")

    def y(*values: Any) -> Any:
        """What is computed."""
        return formula(*values)

    used = names(formula)
    y.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in used]
    )
    y.__annotations__ = {**dict.fromkeys(used, Number), "return": Number}

    def inflow(rate: PerYear, p: Number, q: Number, s: Number) -> PerYear:
        """What enters."""
        return rate * p * q * s

    y.__module__ = inflow.__module__ = "toy"
    for name, value in {
        "p": Parameter("1", 0.0, 10.0, "p"),
        "q": Parameter("1", 0.0, 10.0, "q"),
        "rate": Parameter("1/year", 0.0, 10.0, "rate"),
        "s": Series("1", 0.0, 10.0, about="s"),
        "x": Stock("1", "p", ("inflow",), about="x"),
        "y": y,
        "inflow": inflow,
    }.items():
        setattr(module, name, value)
    return assemble([module])


def lowered(formula: Any) -> tuple[Program, int]:
    program = lower(one_equation(formula), [Reading("y", "year end")])
    return program, program.closing[0]


def value(program: Program, place: int) -> Array:
    found: dict[int, Any] = {}
    for i, node in enumerate(program.nodes[: place + 1]):
        if node.op == NUMBER:
            found[i] = node.value
        elif node.op in (PARAMETER, SERIES, STATE):
            found[i] = np.float64(VALUES[node.name])
        else:
            found[i] = (OWN.get(node.op) or getattr(np, node.op))(*(found[a] for a in node.args))
    return np.asarray(found[place])


def operations(program: Program, place: int) -> list[str]:
    return [program.nodes[p].op for p in program.behind([place])]


FORMULAS: dict[str, Any] = {
    "whole powers": lambda x: x**2.0 + x**3.0 + x**4.0 + x**5.0 + x**8.0 + x**1.0,
    "negative powers": lambda x: x**-3.0 + x**-0.5,
    "roots": lambda x: x**0.5 + x**0.25 + np.sqrt(x),
    "a power beyond products": lambda x: x**9.0 + x**0.3,
    "a power of what is drawn": lambda p, q, x: (x / p) ** q,
    "powers of one base": lambda p, q, s, x: (x / p) ** q * (x / p) ** s,
    "exponentials in a product": lambda p, q, s, x: p * exp(x) * exp(s) * exp(q),
    "exponentials apart": lambda p, q, x: exp(x) * (p * exp(q)),
    "division by an exponential": lambda q, s, x: x / exp(s * q),
    "divisions in a row": lambda p, q, x: x / (x + p) / (x + q),
    "division by a quotient": lambda p, s, x: p / (x / (x + s)),
    "division by what is given": lambda p, s, x: x / s / p,
    "one and nothing": lambda p, x: 1.0 * x + (0.0 + p * 1.0),
    "choices": lambda p, q, s, x: where(x > p, minimum(x, s), maximum(x, 9.0)) + where(x < q, 1.0, 0.0),
    "logarithms": lambda p, q, s, x: log(x) - log(p / q) + abs(p - x) + -s,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_what_is_lowered_is_what_the_formula_says(name: str) -> None:
    program, place = lowered(FORMULAS[name])
    values = [np.float64(VALUES[n]) for n in names(FORMULAS[name])]
    assert float(value(program, place)) == pytest.approx(float(FORMULAS[name](*values)), rel=1e-14)


def test_the_logarithm_of_one_base_is_taken_once() -> None:
    program, place = lowered(lambda p, q, s, x: (x / p) ** q + (x / p) ** s)
    found = operations(program, place)
    assert found.count("log") == 1
    assert found.count("exp") == 2


def test_a_product_of_powers_is_one_exponential() -> None:
    assert operations(*lowered(FORMULAS["exponentials in a product"])).count("exp") == 1
    assert operations(*lowered(FORMULAS["powers of one base"])).count("exp") == 1


def test_what_is_divided_by_is_inverted_as_seldom_as_it_changes() -> None:
    program, place = lowered(lambda p, s, x: x / p + x / s)
    levels = [program.nodes[i].level for i in program.behind([place]) if program.nodes[i].op == "divide"]
    assert sorted(levels) == [0, 1]


def test_equal_operations_are_one_whichever_way_round_sums_and_products_stand() -> None:
    assert len(operations(*lowered(lambda p, s, x: (x + p) * (p + x) + x * s + s * x))) == 5


def test_zero_and_its_negative_are_two_numbers() -> None:
    program, place = lowered(lambda p, x: where(x > p, 0.0, -0.0))
    assert np.signbit(value(program, place)) == np.signbit(0.0)
    numbers = [n.value for n in program.nodes if n.op == NUMBER]
    assert sorted(np.signbit([v for v in numbers if v == 0.0]).tolist()) == [False, True]


def test_a_section_reads_each_row_once_and_no_value_before_it_is_made() -> None:
    made = sections(lower(one_equation(FORMULAS["choices"]), [Reading("y", "year end"), Reading("inflow", "average")]))
    for section in made.all:
        seen: set[object] = set(section.arguments)
        for target, _, args in section.lines:
            assert all(a in seen for a in args if isinstance(a, str)), (section.name, target)
            seen.add(target)
        values = [t for t, *_ in section.lines if isinstance(t, str)]
        assert len(values) == len(set(values))


def test_no_section_reads_a_row_after_it_has_put_something_else_there() -> None:
    readings = [Reading("x", "average"), Reading("y", "year end"), Reading("inflow", "average")]
    made = sections(lower(one_equation(lambda p: p * 1.0), readings))
    for section in made.all:
        if section.name == "pass_time":
            continue  # it moves Series on, and then reads where they are
        put: set[object] = set()
        for target, op, args in section.lines:
            own = {target} if op == "add_product" else set()
            assert not put & {a for a in args if isinstance(a, int)} - own, (section.name, target)
            put.add(target)
