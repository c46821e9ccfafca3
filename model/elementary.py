"""Exponential and logarithm of float64 made of + - * / and bits only: the same bits on every machine.

numpy's own take other routes on other processors, and differ in the last bit. What is written here is a straight line
of operations without branches. Whoever prints it in another language repeats each operation in the order in which it
stands, rounds after each, and never contracts a product and a sum into one: then its bits are these, too.

``exp(x)``, with c the ``EXP_TERMS``; `<<` on the 64 bits that stand for a number:

    x = EXP_LOW if EXP_LOW > x else x;  x = EXP_HIGH if EXP_HIGH < x else x        NaN stays NaN
    t = x * EXP_LOG2_E + EXP_SHIFT;  k = t - EXP_SHIFT        k: the nearest whole number to x / ln 2
    r = (x - k * LN2_HIGH) - k * LN2_LOW;  z = r * r
    even = c0 + z * (c2 + z * (c4 + z * (c6 + z * c8)));  odd = c1 + z * (c3 + z * (c5 + z * (c7 + z * c9)))
    q = even + r * odd
    result = (1 + (r + z * q)) * number(bits(t) << 52)        the last is 2**k; 0 below, inf above what there is

The shift holds the bias of the exponent, so that the lowest bits of t are those of 2**k. The result is 0 below -708.74
(what lies between there and -708.4 is denormal) and inf from 709.44 on. At most 1.1 units in the last place wrong.

``log(x)``, with c the ``LOG_TERMS`` (those of fdlibm, Sun Microsystems 1993); shifts and sums of bits are unsigned:

    u = bits(x) + LOG_TO_HALF                                 so that the fraction lies in [sqrt(1/2), sqrt(2))
    k = number((u >> 52) | LOG_MAGIC) - LOG_BIAS              from whole to floating: 2**52 + k + 1023, less that
    m = number((u & LOG_FRACTION) + LOG_SQRT_HALF)
    s = (m - 1) / (m + 1);  z = s * s;  w = z * z            log m = 2 artanh s
    p = (c0 + z * c1) + w * ((c2 + z * c3) + w * ((c4 + z * c5) + w * c6))
    result = k * LN2 + s * (2 + z * p)
    result = result if x <= LARGEST else x                    inf and NaN
    result = (NaN if x < 0 else -inf) if x < SMALLEST else result

Denormal numbers count as 0. At most 3 units in the last place wrong.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .quantities import Array

LN2 = float.fromhex("0x1.62e42fefa39efp-1")
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")  # k * LN2_HIGH is exact

EXP_LOW, EXP_HIGH = -709.0, 710.0
EXP_LOG2_E = float.fromhex("0x1.71547652b82fep+0")
EXP_SHIFT = 1.5 * 2.0**52 + 1023.0
EXP_TERMS = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
)

LOG_TERMS = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
LOG_SQRT_HALF = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
LOG_TO_HALF = 0x3FF0000000000000 - LOG_SQRT_HALF  # the bits of 1 less those
LOG_FRACTION = 0x000FFFFFFFFFFFFF
LOG_MAGIC, LOG_BIAS = 0x4330000000000000, 2.0**52 + 1023.0  # the bits of 2**52
SMALLEST, LARGEST = 2.0**-1022, (2.0 - 2.0**-52) * 2.0**1023  # of the normal numbers

BLOCK = 8192  # numbers computed at once: enough to outweigh the calls, few enough to stay in the cache

_Bits = npt.NDArray[np.uint64]


def exp(x: npt.ArrayLike) -> Array:
    """Give e**x, of the shape of ``x``; 0 below -708.74, inf from 709.44 on."""
    return _in_blocks(_exp, x)


def log(x: npt.ArrayLike) -> Array:
    """Give the natural logarithm, of the shape of ``x``; -inf at 0, NaN below, without a warning."""
    return _in_blocks(_log, x)


def _in_blocks(function: Callable[[Array, Array, Array], None], x: npt.ArrayLike) -> Array:
    given = np.ascontiguousarray(x, dtype=float)
    values = np.empty(np.shape(x))
    source, other = given.reshape(-1), values.reshape(-1)
    work = np.empty((5, min(BLOCK, source.size)))
    for start in range(0, source.size, BLOCK):
        part = source[start : start + BLOCK]
        function(part, other[start : start + BLOCK], work[:, : part.size])
    return values


def _exp(x: Array, out: Array, work: Array) -> None:
    r, t, z, even, odd = work
    np.maximum(EXP_LOW, x, out=r)
    np.minimum(EXP_HIGH, r, out=r)
    np.multiply(r, EXP_LOG2_E, out=t)
    t += EXP_SHIFT
    k = np.subtract(t, EXP_SHIFT, out=z)
    r -= np.multiply(k, LN2_HIGH, out=out)
    k *= LN2_LOW
    r -= k
    np.multiply(r, r, out=z)
    _horner(z, EXP_TERMS[0::2], even)
    _horner(z, EXP_TERMS[1::2], odd)
    odd *= r
    even += odd
    even *= z
    even += r
    even += 1.0
    bits: _Bits = t.view(np.uint64)
    np.left_shift(bits, np.uint64(52), out=bits)
    np.multiply(even, t, out=out)


def _horner(x: Array, terms: tuple[float, ...], out: Array) -> None:
    *others, last = terms
    np.multiply(x, last, out=out)
    for term in others[:0:-1]:
        out += term
        out *= x
    out += others[0]


def _log(x: Array, out: Array, work: Array) -> None:
    k, m, s, z, w = work
    c = LOG_TERMS
    u: _Bits = k.view(np.uint64)
    fraction: _Bits = m.view(np.uint64)
    np.add(x.view(np.uint64), np.uint64(LOG_TO_HALF), out=u)
    np.bitwise_and(u, np.uint64(LOG_FRACTION), out=fraction)
    fraction += np.uint64(LOG_SQRT_HALF)
    u >>= np.uint64(52)
    u |= np.uint64(LOG_MAGIC)
    k -= LOG_BIAS
    np.subtract(m, 1.0, out=s)
    m += 1.0
    s /= m
    np.multiply(s, s, out=z)
    np.multiply(z, z, out=w)
    p, pair = out, m
    np.multiply(w, c[6], out=p)
    for low, high in ((c[4], c[5]), (c[2], c[3]), (c[0], c[1])):
        np.multiply(z, high, out=pair)
        pair += low
        p += pair
        if low != c[0]:
            p *= w
    p *= z
    p += 2.0
    p *= s
    k *= LN2
    out += k
    if not (x.min() >= SMALLEST and x.max() <= LARGEST):
        out[:] = np.where(x <= LARGEST, out, x)
        out[:] = np.where(x < SMALLEST, np.where(x < 0.0, np.nan, -np.inf), out)
