# Symbols stand where the functions of an equation take arrays; a type checker cannot know that they may.
# mypy: disable-error-code="arg-type, attr-defined, index, redundant-expr, unreachable"

from __future__ import annotations

import math

import numpy as np
import pytest

from fiveyear.model import Model
from fiveyear.model.quantities import exp, log, maximum, minimum, where
from fiveyear.model.signs import Interval, bounds, over, sign, slope, times
from fiveyear.model.trace import Term
from fiveyear.model.units import Unit

x, y = (Term.variable(name, Unit.parse("1")) for name in "xy")
RANGES: dict[str, Interval] = {"x": (0.5, 2.0), "y": (-1.0, 3.0)}
FORMULAS = [
    x + y,
    x - 2.0 * y,
    x * y,
    y / x,
    -y * x,
    exp(y) * x,
    log(x) - y,
    x**2,
    x**y,
    x**-1.5,
    2.0**y,
    minimum(x, y),
    maximum(x * x, y),
    np.sqrt(x),
    where(y > 1.0, x, 2.0 * x),
    where(x > 1.0, x, 3.0 * x),
    np.absolute(y),
    x / (1.0 + x),
    1.0 / x / x,
]


def _evaluate(term: Term, **values: np.ndarray) -> np.ndarray:
    return np.asarray(eval(str(term), {**vars(np), **values}))


@pytest.mark.parametrize("term", FORMULAS, ids=str)
def test_no_value_lies_outside_its_bounds(term: Term) -> None:
    random = np.random.default_rng(1)
    values = {name: random.uniform(*RANGES[name], 2000) for name in "xy"}
    low, high = bounds(term, RANGES)
    found = _evaluate(term, **values)
    assert low - 1e-12 <= found.min()
    assert found.max() <= high + 1e-12


@pytest.mark.parametrize("term", FORMULAS, ids=str)
@pytest.mark.parametrize("name", ["x", "y"])
def test_no_slope_lies_outside_its_bounds(term: Term, name: str) -> None:
    random = np.random.default_rng(2)
    values = {n: random.uniform(*RANGES[n], 2000) for n in "xy"}
    nudged = {**values, name: values[name] + 1e-3}
    found = (_evaluate(term, **nudged) - _evaluate(term, **values)) / 1e-3
    low, high = slope(term, name, {n: (a, b + 1e-3) for n, (a, b) in RANGES.items()})
    assert low - 1e-9 <= found.min()
    assert found.max() <= high + 1e-9


def test_a_jump_that_depends_on_the_variable_has_no_certain_sign() -> None:
    falls_at_one = where(x > 1.0, x, 3.0 * x)  # it rises on both sides and falls from 3 to 1 at x = 1
    assert sign(slope(falls_at_one, "x", RANGES)) == "?"


def test_zero_times_infinity_is_zero_and_an_end_at_zero_is_never_reached() -> None:
    assert times((0.0, 0.0), (-math.inf, math.inf)) == (0.0, 0.0)
    assert over((0.0, math.inf)) == (0.0, math.inf)
    assert over((-2.0, 0.0)) == (-math.inf, -0.5)
    assert over((-1.0, 1.0)) == (-math.inf, math.inf)


def test_the_sign_of_every_shipped_influence_agrees_with_a_nudge(model: Model) -> None:
    random = np.random.default_rng(3)
    ranges = model.ranges()
    checked = 0
    for name, equation in model.equations.items():
        values = {}
        for n in equation.inputs:
            low = max(ranges[n][0], -5.0)
            values[n] = random.uniform(low, min(ranges[n][1], max(10.0 * low, 10.0)), 200)
        with np.errstate(invalid="ignore"):  # a negative number to a broken power is no number, and is passed over
            base = _evaluate(equation.term, **values)
        assert np.isfinite(base).any(), name
        for n in equation.inputs:
            higher = {**values, n: values[n] * (1.0 + 1e-6 * np.sign(values[n]))}
            with np.errstate(invalid="ignore"):
                nudged = _evaluate(equation.term, **higher)
            change = (nudged - base)[np.isfinite(nudged) & np.isfinite(base)]
            noise = 1e-12 * np.abs(base[np.isfinite(nudged) & np.isfinite(base)])
            certain = sign(slope(equation.term, n, ranges))
            assert certain != "+" or (change >= -noise).all(), (name, n)
            assert certain != "-" or (change <= noise).all(), (name, n)
            checked += certain != "?"
    assert checked > 120
