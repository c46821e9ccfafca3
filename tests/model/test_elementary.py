"""exp and log: against extended precision, against their own docstring in plain floats, and at their ends."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import numpy as np
import pytest

from fiveyear.model import elementary
from fiveyear.model.elementary import exp, log
from fiveyear.model.quantities import Array

DRAWN = np.random.default_rng(4)
wider = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="long double is no wider than double here")


def units_wrong(found: Array, exact: np.typing.NDArray[np.longdouble]) -> float:
    """Give the largest error in units of the last place."""
    return float(np.max(np.abs(found - exact) / np.spacing(np.abs(exact.astype(float)))))


@wider
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-708.3, 709.4), (-1e-3, 1e-3), (-0.35, 0.35), (-20.0, 20.0)])
def test_exp_is_at_most_1_1_units_in_the_last_place_wrong(low: float, high: float) -> None:
    x = DRAWN.uniform(low, high, 200_000)
    assert units_wrong(exp(x), np.exp(x.astype(np.longdouble))) <= 1.1


@wider
@pytest.mark.parametrize(
    ("low", "high"), [(0.5, 2.0), (0.7, 1.42), (0.99, 1.01), (1e-3, 1e3), (1.0 - 1e-9, 1.0 + 1e-8)]
)
def test_log_is_at_most_3_units_in_the_last_place_wrong(low: float, high: float) -> None:
    x = DRAWN.uniform(low, high, 200_000)
    x = x[x != 1.0]
    assert units_wrong(log(x), np.log(x.astype(np.longdouble))) <= 3.0


@wider
def test_log_is_right_over_the_whole_range() -> None:
    x = 2.0 ** DRAWN.uniform(-1022.0, 1024.0, 200_000)
    assert units_wrong(log(x), np.log(x.astype(np.longdouble))) <= 3.0


@pytest.mark.parametrize(
    ("x", "value"),
    [
        *((0.0, 1.0), (-0.0, 1.0), (math.inf, math.inf), (-math.inf, 0.0), (math.nan, math.nan)),
        *((709.5, math.inf), (1e300, math.inf), (-709.0, 0.0), (-1e300, 0.0), (5e-324, 1.0)),
    ],
)
def test_exp_at_its_ends(x: float, value: float) -> None:
    np.testing.assert_array_equal(exp(x), value)


@pytest.mark.parametrize(
    ("x", "value"),
    [
        *((1.0, 0.0), (0.0, -math.inf), (-0.0, -math.inf), (math.inf, math.inf), (math.nan, math.nan)),
        *((-1.0, math.nan), (-math.inf, math.nan), (-5e-324, math.nan), (5e-324, -math.inf)),
    ],
)
def test_log_at_its_ends(x: float, value: float) -> None:
    np.testing.assert_array_equal(log(x), value)


def test_the_last_and_first_numbers_inside_the_range_are_right() -> None:
    assert exp(np.array([709.43, -708.39])) == pytest.approx([math.exp(709.43), math.exp(-708.39)], rel=1e-15, abs=0.0)
    ends = np.array([elementary.SMALLEST, elementary.LARGEST])
    assert log(ends) == pytest.approx([-1022.0 * math.log(2.0), 1024.0 * math.log(2.0)], rel=1e-15)


def near(places: Array) -> Array:
    """Give the 20 floats next to each place on either side, in order, a row a place."""
    rows = [places]
    for towards in (-np.inf, np.inf):
        neighbours = [places]
        for _ in range(20):
            neighbours.append(np.nextafter(neighbours[-1], towards))
        rows = [*neighbours[:0:-1], *rows] if towards < 0 else [*rows, *neighbours[1:]]
    return np.stack(rows, axis=1)


@pytest.mark.parametrize(
    ("function", "places"),
    [
        (exp, (np.arange(-1021, 1023) + 0.5) * math.log(2.0)),  # where the power of 2 changes
        (exp, np.arange(1.0, 1023.0) * math.log(2.0)),  # where the result passes one
        (log, 2.0 ** np.arange(-1000, 1000)),
        (log, math.sqrt(0.5) * 2.0 ** np.arange(-1000, 1000)),
    ],
)
def test_nothing_falls_back_by_more_than_its_error_where_the_exponent_changes(
    function: Callable[[Array], Array], places: Array
) -> None:
    found = function(near(places))
    assert np.all(np.diff(found, axis=1) >= -4.0 * np.spacing(np.abs(found[:, 1:])))


# -- the docstring, operation by operation, on Python's floats -------------------------------------------------
def bits(number: float) -> int:
    return int.from_bytes(struct.pack("<d", number), "little")


def number(pattern: int) -> float:
    return float(struct.unpack("<d", (pattern % 2**64).to_bytes(8, "little"))[0])


def exp_by_hand(x: float) -> float:
    e = elementary
    c = e.EXP_TERMS
    x = e.EXP_LOW if x < e.EXP_LOW else x
    x = e.EXP_HIGH if x > e.EXP_HIGH else x
    t = x * e.EXP_LOG2_E + e.EXP_SHIFT
    k = t - e.EXP_SHIFT
    r = (x - k * e.LN2_HIGH) - k * e.LN2_LOW
    z = r * r
    even = c[0] + z * (c[2] + z * (c[4] + z * (c[6] + z * c[8])))
    odd = c[1] + z * (c[3] + z * (c[5] + z * (c[7] + z * c[9])))
    q = even + r * odd
    return (1.0 + (r + z * q)) * number(bits(t) << 52)


def log_by_hand(x: float) -> float:
    e = elementary
    c = e.LOG_TERMS
    u = (bits(x) + e.LOG_TO_HALF) % 2**64
    k = number((u >> 52) | e.LOG_MAGIC) - e.LOG_BIAS
    m = number((u & e.LOG_FRACTION) + e.LOG_SQRT_HALF)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    w = z * z
    p = (c[0] + z * c[1]) + w * ((c[2] + z * c[3]) + w * ((c[4] + z * c[5]) + w * c[6]))
    value = k * e.LN2 + s * (2.0 + z * p)
    value = value if x <= e.LARGEST else x
    return (math.nan if x < 0.0 else -math.inf) if x < e.SMALLEST else value


def test_the_bits_are_those_of_the_operations_that_the_docstring_lists() -> None:
    x = np.concatenate([DRAWN.uniform(-720.0, 720.0, 4_000), DRAWN.uniform(-1.0, 1.0, 4_000), [0.0, 709.44, -708.75]])
    assert exp(x).tobytes() == np.array([exp_by_hand(float(v)) for v in x]).tobytes()
    y = np.concatenate([2.0 ** DRAWN.uniform(-1022.0, 1023.0, 4_000), DRAWN.uniform(0.5, 2.0, 4_000), [0.0, 1e-320]])
    assert log(y).tobytes() == np.array([log_by_hand(float(v)) for v in y]).tobytes()


@pytest.mark.parametrize("function", [exp, log])
def test_a_number_has_the_same_bits_in_an_array_of_any_shape_and_layout(function: Callable[[Array], Array]) -> None:
    x = DRAWN.uniform(0.1, 3.0, (7, 3_000))
    whole = function(x)
    assert function(x.T).T.tobytes() == whole.tobytes()
    assert function(x[:, ::3]).tobytes() == np.ascontiguousarray(whole[:, ::3]).tobytes()
    assert function(x[2, 5:6]).tobytes() == whole[2, 5:6].tobytes()
    assert function(x[2, 5]).shape == ()
    assert function(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("function", [exp, log])
def test_what_is_given_is_left_as_it_is(function: Callable[[Array], Array]) -> None:
    x = DRAWN.uniform(0.1, 3.0, 100)
    before = x.copy()
    function(x)
    assert x.tobytes() == before.tobytes()
