"""Whether two numbers are of one size, and what is said of one that is not."""

from __future__ import annotations

import math

FAR = 10.0  # times, either way
SLIPS = (10.0, 1e2, 1e3, 1e4, 1e6, 1e8)  # a digit, per cent, k, 万, M, 亿


def is_far(number: float, usual: float) -> bool:
    """Tell whether a number is ten times or more away from a usual one; never if either is 0, or they differ in sign.

    >>> is_far(0.02, 1.75), is_far(0.2, 1.75), is_far(0.0, 1.75), is_far(-0.02, 1.75)
    (True, False, False, False)
    """
    alike = number > 0.0 < usual or number < 0.0 > usual
    return alike and _decades(number, usual) >= math.log10(FAR) - 1e-9


def far_text(number: float, unit: str, usual: float, called: str) -> str:
    """Say how far a number is from a usual one, and which slip would bring it near.

    >>> far_text(0.02, "%", 1.75, "2010's")
    "found 0.02 %, 1/88 of 2010's 1.75 %: did you mean 2 %? If it is meant, say unusual = true"
    """
    slips = [slip for factor in SLIPS for slip in (number * factor, number / factor) if slip and math.isfinite(slip)]
    meant = min(slips, key=lambda slip: _decades(slip, usual))
    question = "." if is_far(meant, usual) else f": did you mean {meant:g} {unit}?"
    comparison = f"found {number:g} {unit}, {times(number, usual)} {called} {_short(usual)} {unit}"
    return f"{comparison}{question} If it is meant, say unusual = true"


def times(number: float, usual: float) -> str:
    """Say the ratio of two numbers of one sign in words that go before the second.

    >>> times(20.0, 1.0), times(-1.0, -1e4)
    ('20 times', '1/10,000 of')
    """
    larger, smaller = max(abs(number), abs(usual)), min(abs(number), abs(usual))
    ratio = larger / smaller
    magnitude = f"{ratio:,.0f}" if ratio < 1e12 else f"10^{_decades(larger, smaller):.0f}"
    return f"{magnitude} times" if abs(number) == larger else f"1/{magnitude} of"


def in_steps(number: float, step: float) -> bool:
    """Tell whether a number is a whole number of steps, but for the last bits.

    >>> in_steps(3.404, 0.001), in_steps(1.75, 0.1)
    (True, False)
    """
    steps = number / step
    if not math.isfinite(steps) or (number and abs(steps) < 0.5):
        return False
    return abs(steps - round(steps)) <= 1e-9 * max(1.0, abs(steps))


def _decades(number: float, usual: float) -> float:
    # Not of the ratio, which may be too large or too small for a float.
    return abs(math.log10(abs(number)) - math.log10(abs(usual)))


def _short(number: float) -> str:
    return f"{number:,.0f}" if 1e3 <= abs(number) < 1e15 else f"{number:.3g}"
