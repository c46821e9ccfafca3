"""Formulas as XMILE writes them: what is written means what was meant, to our own reader and to other engines."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fiveyear.model import InputError
from fiveyear.model.trace import Term, lift, operation
from fiveyear.model.units import DIMENSIONLESS, Unit
from fiveyear.model.xmile import formulas
from fiveyear.model.xmile.document import document
from fiveyear.model.xmile.expressions import ExpressionError, Tree, read, same
from fiveyear.model.xmile.variables import Variable

VALUES = {"a": 1.75, "b": 0.625, "c": -2.5, "d": 3.0}
A, B, C, D = (Term.variable(n, DIMENSIONLESS) for n in VALUES)
N = lift


def same_name(name: str) -> str:
    return name


def shown(term: Any) -> str:
    return formulas.formula(lift(term), same_name)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (A + B - C, "a + b - c"),
        (A - (B - C), "a - (b - c)"),
        (A - (B + C), "a - (b + c)"),
        (A + (B + C), "a + (b + c)"),  # the order of sums is the order of rounding
        (A * (B + C), "a * (b + c)"),
        (A / B / C, "a / b / c"),
        (A / (B * C), "a / (b * c)"),
        (A**B**C, "a ^ (b ^ c)"),
        ((A**B) ** C, "(a ^ b) ^ c"),
        ((-A) ** 2.0, "(-a) ^ 2"),
        (-(A**2.0), "-(a ^ 2)"),
        (A ** (-1.0), "a ^ (-1)"),
        (2.0 - A * -3.0, "2 - a * (-3)"),
        (np.exp(-A), "EXP(-a)"),
        (np.log(A), "LN(a)"),
        (np.sqrt(A), "SQRT(a)"),
        (np.absolute(C), "ABS(c)"),
        (np.minimum(A, np.maximum(B, 0.0)), "MIN(a, MAX(b, 0))"),
        (np.where(A > B, C, D) + 1.0, "(IF a > b THEN c ELSE d) + 1"),
        (np.where(np.logical_and(A > B, C <= D), 1.0, 0.0), "(IF a > b AND c <= d THEN 1 ELSE 0)"),
        (
            np.where(np.logical_or(np.logical_not(A < B), np.equal(C, D)), 1.0, 0.0),
            "(IF NOT (a < b) OR c = d THEN 1 ELSE 0)",
        ),
        (A * 1e-7 + 1.25e15, "a * 1e-07 + 1250000000000000"),
    ],
)
def test_a_formula_is_written_with_the_parentheses_it_needs(term: Term, text: str) -> None:
    assert shown(term) == text


def test_a_name_that_is_no_plain_word_stands_in_quotes() -> None:
    names = {"a": 'said "so" \\ and\nmore', "b": "R&D 支出"}
    assert formulas.formula(A + B, lambda n: names[n]) == r'"said \"so\" \\ and\nmore" + "R&D 支出"'


def test_what_is_not_known_to_run_alike_elsewhere_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="sinh: not among"):
        shown(Term("sinh", (A,), DIMENSIONLESS))
    with pytest.raises(InputError, match="nan is no number"):
        shown(Term("number", (), DIMENSIONLESS, value=float("nan")))


def test_units_are_written_in_base_units_and_what_has_none_is_one() -> None:
    written = {u: formulas.unit(Unit.parse(u)) for u in ("share", "rank", "yuan/person/year", "1/year^2")}
    assert written == {"share": "1", "rank": "1", "yuan/person/year": "yuan/person/year", "1/year^2": "1/year^2"}


# -- random formulas ----------------------------------------------------------------------------------------
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "negative": np.negative,
    "absolute": np.absolute,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "where": np.where,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_not": np.logical_not,
}
_JOINS = ("logical_and", "logical_or", "logical_not")
_COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal")


def quantity(random: np.random.Generator, depth: int) -> Term:
    if depth == 0:
        leaves = [A, B, C, D, N(float(random.integers(-3, 4))), N(0.375)]
        return leaves[random.integers(len(leaves))]
    op = str(random.choice([o for o in OPERATIONS if o not in (*_JOINS, *_COMPARISONS)]))
    if op == "where":
        return operation(op, condition(random, depth - 1), quantity(random, depth - 1), quantity(random, depth - 1))
    count = 1 if op in ("negative", "absolute", "exp", "log", "sqrt") else 2
    return operation(op, *(quantity(random, depth - 1) for _ in range(count)))


def condition(random: np.random.Generator, depth: int) -> Term:
    if depth == 0 or random.random() < 0.5:
        op = str(random.choice(_COMPARISONS))
        return operation(op, quantity(random, max(depth - 1, 0)), quantity(random, max(depth - 1, 0)))
    op = str(random.choice(_JOINS))
    return operation(op, *(condition(random, depth - 1) for _ in range(1 if op == "logical_not" else 2)))


def value(term: Term) -> Any:
    if term.op in ("variable", "number"):
        return np.float64(VALUES[term.name] if term.op == "variable" else term.value)
    return OPERATIONS[term.op](*(value(a) for a in term.args))


def sound(seed: int, count: int) -> Iterator[tuple[Term, float]]:
    """Give random formulas whose every step is finite, and what numpy makes of them."""
    random = np.random.default_rng(seed)
    while count:
        term = quantity(random, int(random.integers(1, 5)))
        with np.errstate(all="ignore"):
            steps = [float(value(t)) for t in term.walk()]
        if all(np.isfinite(steps)) and max(map(abs, steps)) < 1e9:
            count -= 1
            yield term, steps[0]


MEANING: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "and": operator.and_,
    "or": operator.or_,
    "not": operator.not_,
    "if": lambda test, yes, no: yes if test else no,
    "min": min,
    "max": max,
    "exp": np.exp,
    "ln": np.log,
    "sqrt": np.sqrt,
    "abs": abs,
    "-": lambda *x: x[0] - x[1] if len(x) == 2 else -x[0],
}


def evaluated(tree: Tree) -> Any:
    if isinstance(tree, float):
        return tree
    if isinstance(tree, str):
        return VALUES[tree]
    sign, parts = tree
    return MEANING[sign](*(evaluated(p) for p in parts))


def test_what_is_written_is_read_back_as_what_was_meant() -> None:
    for term, expected in sound(1, 3000):
        assert evaluated(read(shown(term))) == pytest.approx(expected, rel=1e-12, abs=1e-300), shown(term)


@pytest.mark.slow
def test_other_engines_take_random_formulas_of_all_operations_for_what_they_mean(tmp_path: Path) -> None:
    import simlin

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysd
    expected = dict(enumerate(sound(2, 400)))
    met = {t.op for term, _ in expected.values() for t in term.walk()}
    assert met >= set(OPERATIONS)
    scalars = {n: Variable("aux", N(v), DIMENSIONLESS, "s", "a number") for n, v in VALUES.items()}
    scalars |= {f"f_{k}": Variable("aux", term, DIMENSIONLESS, "s", "a formula") for k, (term, _) in expected.items()}
    file = tmp_path / "formulas.stmx"
    file.write_bytes(
        document(
            scalars,
            title="t",
            version="1",
            start=0.0,
            stop=1.0,
            step=1.0,
            method="euler",
            language="en",
            name=same_name,
            made="",
        )
    )
    from_simlin = simlin.load(file).run(analyze_loops=False).results
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from_pysd = pysd.read_xmile(str(file)).run()
    for k, (term, number) in expected.items():
        for found in (from_simlin, from_pysd):
            assert float(found[f"f_{k}"].iloc[-1]) == pytest.approx(number, rel=1e-12, abs=1e-300), shown(term)


# -- reading what others write ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a + b", "( A+B )"),
        ("a + b { as of 2010 } * 2 { and 2011 }", "a + b*2.0"),
        ("gdp_real", '"GDP  Real"'),
        ("gdp_real", '"GDP\\nreal"'),
        ("1250000", "1.25E+06"),
        ("0.1", "0.10000000000000001"),
        ("if a > b then 1 else 0", "IF (a>b) THEN 1 ELSE 0"),
        ("-2", "(-(2))"),
    ],
)
def test_blanks_case_parentheses_and_digits_of_rounding_say_nothing(one: str, other: str) -> None:
    assert same(read(one), read(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b", "b - a"),
        ("a - (b - c)", "a - b - c"),
        ("-a ^ 2", "(-a) ^ 2"),
        ("1", "1.00000001"),
        ("min(a, b)", "max(a, b)"),
        ("a", "1"),
        ("a < b", "a <= b"),
        ("min(a, b)", "min(a, b, c)"),
    ],
)
def test_what_means_something_else_is_not_the_same(one: str, other: str) -> None:
    assert not same(read(one), read(other))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found the end"),
        ("a +", "found the end, expected a number or a name"),
        ("a b", "found b, expected the end"),
        ("(a", "expected , or )"),
        ("a # b", "'# b', expected a number"),
        ("if a then b", "found the end, expected else"),
        ("(" * 5000 + "a" + ")" * 5000, "too much lies within one another"),
        ("-" * 5000 + "a", "too much lies within one another"),
    ],
)
def test_what_is_no_formula_is_told_apart(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        read(text)
    assert message in str(error.value)
