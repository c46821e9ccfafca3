"""The sign of an influence, from the formula alone: interval arithmetic over the hard ranges.

``slope(term, name, ranges)`` bounds the derivative of a term with respect to one variable over
everything its inputs may be; where the bounds lie on one side of zero the sign is certain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from .trace import Term

Interval = tuple[float, float]
EVERYTHING: Interval = (-math.inf, math.inf)
ZERO: Interval = (0.0, 0.0)


def _product(a: float, b: float) -> float:
    # The bound 0 x infinity is 0: infinity stands for "any finite number".
    return 0.0 if a == 0.0 or b == 0.0 else a * b


def times(a: Interval, b: Interval) -> Interval:
    """Give the bounds of x times y."""
    corners = [_product(x, y) for x in a for y in b]
    return min(corners), max(corners)


def plus(a: Interval, b: Interval) -> Interval:
    """Give the bounds of x + y."""
    return a[0] + b[0], a[1] + b[1]


def minus(a: Interval) -> Interval:
    """Give the bounds of -x."""
    return -a[1], -a[0]


def over(a: Interval) -> Interval:
    """Give the bounds of 1/x; an end at zero is taken as never reached, since the quotient has no value there."""
    if a[0] >= 0.0:
        return (1.0 / a[1] if a[1] > 0.0 else math.inf), (math.inf if a[0] == 0.0 else 1.0 / a[0])
    if a[1] <= 0.0:
        return minus(over(minus(a)))
    return EVERYTHING


def hull(a: Interval, b: Interval) -> Interval:
    """Give the bounds of what is either x or y."""
    return min(a[0], b[0]), max(a[1], b[1])


def _exp(x: float) -> float:
    return math.exp(x) if x < 700.0 else math.inf


def bounds(term: Term, ranges: Mapping[str, Interval]) -> Interval:
    """Bound the value of a term, given the bounds of its variables."""
    if term.op == "variable":
        return ranges[term.name]
    if term.op == "number":
        return term.value, term.value
    if term.op == "where":
        return hull(bounds(term.args[1], ranges), bounds(term.args[2], ranges))
    inner = [bounds(a, ranges) for a in term.args]
    a = inner[0]
    match term.op:
        case "add":
            return plus(a, inner[1])
        case "subtract":
            return plus(a, minus(inner[1]))
        case "multiply":
            return times(a, inner[1])
        case "divide":
            return times(a, over(inner[1]))
        case "minimum":
            return min(a[0], inner[1][0]), min(a[1], inner[1][1])
        case "maximum":
            return max(a[0], inner[1][0]), max(a[1], inner[1][1])
        case "negative":
            return minus(a)
        case "exp":
            return _exp(a[0]), _exp(a[1])
        case "log":
            return (math.log(a[0]) if a[0] > 0 else -math.inf), (math.log(a[1]) if 0 < a[1] < math.inf else math.inf)
        case "power" | "sqrt":
            return (0.0, math.inf) if a[0] >= 0.0 else EVERYTHING
        case "absolute":
            return 0.0, max(abs(a[0]), abs(a[1]))
    return EVERYTHING


def slope(term: Term, name: str, ranges: Mapping[str, Interval]) -> Interval:
    """Bound the derivative of a term with respect to the variable ``name``."""
    if term.op == "variable":
        return (1.0, 1.0) if term.name == name else ZERO
    if name not in term.inputs:
        return ZERO
    if term.op == "where":
        if name in term.args[0].inputs:
            return EVERYTHING  # it may jump from one to the other
        return hull(slope(term.args[1], name, ranges), slope(term.args[2], name, ranges))
    inner = [slope(a, name, ranges) for a in term.args]
    value = [bounds(a, ranges) for a in term.args]
    match term.op:
        case "add":
            return plus(inner[0], inner[1])
        case "subtract":
            return plus(inner[0], minus(inner[1]))
        case "multiply":
            return plus(times(inner[0], value[1]), times(value[0], inner[1]))
        case "divide":
            inverse = over(value[1])
            return plus(times(inner[0], inverse), minus(times(times(value[0], inner[1]), times(inverse, inverse))))
        case "minimum" | "maximum":
            return hull(inner[0], inner[1])
        case "negative":
            return minus(inner[0])
        case "exp":
            return times(bounds(term, ranges), inner[0])
        case "log":
            return times(over(value[0]), inner[0])
        case "sqrt":
            return times((0.0, math.inf), inner[0])
        case "power":
            rising = times((0.0, math.inf) if value[0][0] >= 0.0 else EVERYTHING, value[1])
            return plus(times(rising, inner[0]), times(EVERYTHING, inner[1]))
    return EVERYTHING


def sign(interval: Interval) -> str:
    """Give "+", "-" or "?" for an influence bounded so.

    >>> sign((0.0, 2.0)), sign((-1.0, 0.0)), sign((-1.0, 2.0))
    ('+', '-', '?')
    """
    if interval[0] >= 0.0 and interval[1] > 0.0:
        return "+"
    if interval[1] <= 0.0 and interval[0] < 0.0:
        return "-"
    return "?"
