# mypy: disable-error-code="arg-type, list-item, return-value"
"""Formulas in LaTeX and MathML: what each operation looks like, which parentheses stay, where lines break."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.model.latex import aligned, latex, printed
from fiveyear.model.mathml import mathml
from fiveyear.model.quantities import exp, log, maximum, minimum, where
from fiveyear.model.trace import Term
from fiveyear.model.typeset import Row, laid_out, lines, name, wide
from fiveyear.model.units import DIMENSIONLESS, Unit


def symbol(variable: str) -> Term:
    return Term.variable(variable, DIMENSIONLESS)


a, b, c = (symbol(letter) for letter in "abc")
A, B, C = (rf"\mathrm{{{letter}}}" for letter in "abc")
FORMULAS: list[tuple[Callable[[], Term], str]] = [
    (lambda: a + b - c, f"{A} + {B} - {C}"),
    (lambda: a + (b - c), f"{A} + {B} - {C}"),
    (lambda: a - (b + c), rf"{A} - \left({B} + {C}\right)"),
    (lambda: a - (b - c), rf"{A} - \left({B} - {C}\right)"),
    (lambda: a - -b, f"{A} + {B}"),
    (lambda: a + -b, f"{A} - {B}"),
    (lambda: -(a + b), rf"- \left({A} + {B}\right)"),
    (lambda: -(a * b), rf"- {A} \cdot {B}"),
    (lambda: -a * b, rf"\left(- {A}\right) \cdot {B}"),
    (lambda: a * -2.0, rf"{A} \cdot \left(- 2\right)"),
    (lambda: a + -2.0, f"{A} - 2"),
    (lambda: sum((a, b)), f"{A} + {B}"),
    (lambda: a * (b * c), rf"{A} \cdot {B} \cdot {C}"),
    (lambda: a * (b + c), rf"{A} \cdot \left({B} + {C}\right)"),
    (lambda: a / b * c, rf"\frac{{{A}}}{{{B}}} \cdot {C}"),
    (lambda: a / (b * c), rf"\frac{{{A}}}{{{B} \cdot {C}}}"),
    (lambda: a / (b / c), rf"\frac{{{A}}}{{{B} / {C}}}"),
    (lambda: a / (b / c * b), rf"\frac{{{A}}}{{\left({B} / {C}\right) \cdot {B}}}"),
    (lambda: a / (b / (a * c)), rf"\frac{{{A}}}{{{B} / \left({A} \cdot {C}\right)}}"),
    (lambda: (a / (b / c) + 1.0) / c, rf"\frac{{{A} / \left({B} / {C}\right) + 1}}{{{C}}}"),
    (lambda: a ** (b / c), f"{A}^{{{B} / {C}}}"),
    (lambda: a ** (1.0 / (1.0 + b)), rf"{A}^{{1 / \left(1 + {B}\right)}}"),
    (lambda: a ** (b * c / b / c), rf"{A}^{{\left({B} \cdot {C} / {B}\right) / {C}}}"),
    (lambda: a ** (b - (b + c) / c), rf"{A}^{{{B} - \left({B} + {C}\right) / {C}}}"),
    (lambda: a ** exp(b / c), rf"{A}^{{\exp\left({B} / {C}\right)}}"),
    (lambda: a**0.5 + (a + b) ** 0.5, rf"\sqrt{{{A}}} + \sqrt{{{A} + {B}}}"),
    (lambda: a / (1.0 + (b / c) ** 2) ** 0.5, rf"\frac{{{A}}}{{\sqrt{{1 + \left({B} / {C}\right)^{{2}}}}}}"),
    (lambda: (a + b) / (a - b), rf"\frac{{{A} + {B}}}{{{A} - {B}}}"),
    (lambda: a**2, f"{A}^{{2}}"),
    (lambda: a**-0.5, f"{A}^{{- 0.5}}"),
    (lambda: (a**b) ** c, rf"\left({A}^{{{B}}}\right)^{{{C}}}"),
    (lambda: a ** (b**c), f"{A}^{{{B}^{{{C}}}}}"),
    (lambda: (-a) ** 2, rf"\left(- {A}\right)^{{2}}"),
    (lambda: -(a**2), f"- {A}^{{2}}"),
    (lambda: (a / b) ** c, rf"\left(\frac{{{A}}}{{{B}}}\right)^{{{C}}}"),
    (lambda: np.power(np.float64(-2.0), a), rf"\left(- 2\right)^{{{A}}}"),
    (lambda: exp(a + b), rf"\exp\left({A} + {B}\right)"),
    (lambda: exp(a) ** 2, rf"\left(\exp\left({A}\right)\right)^{{2}}"),
    (lambda: log(a), rf"\ln\left({A}\right)"),
    (lambda: np.sqrt(a + b), rf"\sqrt{{{A} + {B}}}"),
    (lambda: abs(a - b), rf"\left|{A} - {B}\right|"),
    (lambda: minimum(a, maximum(b, 0.0)), rf"\min\left({A}, \max\left({B}, 0\right)\right)"),
    (
        lambda: where(a >= b, c, 0.0),
        rf"\begin{{cases}} {C} & \text{{if }} {A} \ge {B} \cr 0 & \text{{otherwise}} \end{{cases}}",
    ),
    (
        lambda: a * where(np.logical_and(a < b, np.logical_not(b == c)), 1.0, 2.0),
        rf"{A} \cdot \left(\begin{{cases}} 1 & \text{{if }} \left({A} < {B}\right) \land"
        rf" \left(\lnot \left({B} = {C}\right)\right) \cr 2 & \text{{otherwise}} \end{{cases}}\right)",
    ),
    (lambda: a * 0.01, rf"{A} \cdot 0.01"),
    (lambda: a * 1e22, rf"{A} \cdot 10^{{22}}"),
    (lambda: a + 1.5e-7, rf"{A} + 1.5 \cdot 10^{{-7}}"),
    (lambda: np.power(np.float64(1e22), a), rf"\left(10^{{22}}\right)^{{{A}}}"),
    (lambda: symbol("rd_per_head[i]") * 3.0, r"\mathrm{rd\ per\ head} _{i} \cdot 3"),
    (lambda: symbol("stage[k-1]") + symbol("citations[united_states]"),
     r"\mathrm{stage} _{k-1} + \mathrm{citations} _{\mathrm{united\ states}}"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), FORMULAS, ids=range(len(FORMULAS)))
def test_a_formula_prints_as_an_economist_would_set_it(formula: Callable[[], Term], expected: str) -> None:
    assert latex(formula()) == expected


@pytest.mark.parametrize("formula", [formula for formula, _ in FORMULAS], ids=range(len(FORMULAS)))
def test_every_formula_is_sound_xml_in_mathml(formula: Callable[[], Term]) -> None:
    found = ET.fromstring(mathml([lines([name("left")], formula(), 30.0)]))
    assert "left" in [e.text for e in found.iter("mi")]


def test_a_sum_over_an_index_and_a_named_part_are_told_from_variables() -> None:
    inner = Term("part", (), DIMENSIONLESS, name="share_left")
    total = Term("sum", (inner,), DIMENSIONLESS, name="i")
    assert latex(total + a) == rf"\sum _{{i}} \mathit{{share\ left}} + {A}"
    assert latex(total * a) == rf"\left(\sum _{{i}} \mathit{{share\ left}}\right) \cdot {A}"


@pytest.mark.parametrize("width", [12.0, 30.0, 60.0, 1000.0])
def test_lines_stay_within_the_width_and_lose_nothing(width: float) -> None:
    long = [symbol(f"a_long_name_{i}") for i in range(6)]
    formula = long[0] * long[1] / long[2] * long[3] - (long[4] + long[5]) + a
    rows = lines([name("left")], formula, width)
    assert all(wide(Row(row)) <= width or len(row) <= 2 for row in rows)
    whole = printed(Row(tuple(box for row in rows for box in row)))
    assert whole == rf"\mathrm{{left}} = {latex(formula)}"
    assert len(rows) == 1 or width < 1000.0


def test_a_fraction_wider_than_a_line_is_broken_into_factors() -> None:
    long = symbol("a_name_of_some_length")
    (first, second, third) = lines([name("x")], long * (1.0 + long) / a, 30.0)
    assert printed(Row(first)) == r"\mathrm{x} = \mathrm{a\ name\ of\ some\ length}"
    assert printed(Row(second)) == r"\cdot \left(1 + \mathrm{a\ name\ of\ some\ length}\right)"
    assert printed(Row(third)) == rf"\cdot \frac{{1}}{{{A}}}"


def test_a_wide_fraction_within_a_fraction_stays_one() -> None:
    wide_name = symbol("a_name_that_is_far_too_long_for_one_line_of_a_formula_and_more")
    assert latex(a / (1.0 + wide_name / b)).count(r"\frac") == 2
    assert latex(a ** (1.0 + wide_name / b)).count(r"\frac") == 0


def test_lines_are_aligned_and_only_later_ones_set_in() -> None:
    rows = lines([name("x")], a + b, 6.0)
    assert aligned([rows]) == (rf"\begin{{aligned}} & \mathrm{{x}} = {A} \cr & \quad {{}} + {B} \end{{aligned}}")


def test_latex_is_ascii_whatever_letters_a_name_has() -> None:
    found = latex(symbol("é_中_μ") * symbol("citations[日本]"))
    assert found == r"\mathrm{e\ u4e2d\ u03bc} \cdot \mathrm{citations} _{\mathrm{u65e5u672c}}"


def test_markdown_has_nothing_to_eat_in_a_formula() -> None:
    # It takes a backslash before punctuation for an escape, and an underscore behind a bracket for emphasis.
    for formula, _ in FORMULAS:
        found = aligned([lines([name("x[i]")], formula(), 30.0)])
        assert "\n" not in found
        assert "~" not in found
        assert not any(f"\\{sign}" in found for sign in "\\,;:!{}_*[]()|")
        assert "_" not in found.replace(" _{", "")


def test_a_formula_is_set_the_same_whatever_its_units() -> None:
    people = Term.variable("people", Unit.parse("person"))
    assert printed(laid_out(people + people)) == r"\mathrm{people} + \mathrm{people}"
