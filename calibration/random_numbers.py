"""Random numbers keyed by the draw: draw 17 has the same ones however many others are computed, in whatever order.

They have the same bits on every machine, too, and so has all that is made of them by + - * / and square roots.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache

import numpy as np

from fiveyear.model.elementary import BLOCK, exp, log
from fiveyear.model.elementary import SMALLEST as SMALLEST_NORMAL
from fiveyear.model.quantities import Array

SMALLEST = 2.0**-53  # of the numbers inside (0, 1) that are drawn; the largest is as far from 1

# Wichura 1988, algorithm AS 241 (PPND16): numerator and denominator of each part, highest power first. The middle is in
# 0.425**2 - (p - 1/2)**2; the tails in the root of -log p, less 1.6, and from 5 on less 5.
MIDDLE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.3871328727963666080,
    ),
    (
        5226.4952788528545610,
        28729.085735721942674,
        39307.895800092710610,
        21213.794301586595867,
        5394.1960214247511077,
        687.18700749205790830,
        42.313330701600911252,
        1.0,
    ),
)
TAIL = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258,
        3.64784832476320460504,
        5.76949722146069140550,
        4.63033784615654529590,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940,
        2.05319162663775882187,
        1.0,
    ),
)
FAR_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580,
        5.46378491116411436990,
        6.65790464350110377720,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)
Rational = tuple[tuple[float, ...], tuple[float, ...]]


def uniforms(seed: int, stream: str, start: int, stop: int, count: int) -> Array:
    """Give ``count`` uniform numbers for each of the draws ``start`` to ``stop``, as (draw, count), inside (0, 1).

    Streams of different names are independent. One Philox stream is advanced to a draw's place; it gives four
    numbers a step, so each draw takes a multiple of four.
    """
    numbers = np.empty((count, stop - start))
    fill(numbers, seed, stream, start, count)
    return numbers.T


def fill(numbers: Array, seed: int, stream: str, start: int, count: int) -> None:
    """Put the first of the ``count`` uniform numbers of each draw from ``start`` on into (number, draw)."""
    each = -(-count // 4) * 4
    generator = np.random.Generator(np.random.Philox(key=_key(seed, stream)).advance(start * each // 4))
    taken, draws = numbers.shape
    block = BLOCK // 2
    work = np.empty((min(draws, block), each))
    for first in range(0, draws, block):
        some = generator.random(out=work[: draws - first])
        np.maximum(some[:, :taken].T, SMALLEST, out=numbers[:, first : first + block])  # 1 is not among them


def uniforms_of_draw(seed: int, stream: str, draw: int, count: int) -> Array:
    """Give ``count`` uniform numbers of one draw, inside (0, 1); the first are the same however many are asked for."""
    numbers = generator_of_draw(seed, stream, draw).random(count)
    return np.maximum(numbers, SMALLEST, out=numbers)


def generator_of_draw(seed: int, stream: str, draw: int) -> np.random.Generator:
    """Give numpy's generator of one draw, which shares no number with those of other draws."""
    return np.random.Generator(np.random.Philox(key=_key(seed, stream), counter=[0, 0, draw, 0]))


def _key(seed: int, stream: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {stream}".encode()).digest()[:16], "big")


def normals(seed: int, stream: str, start: int, stop: int, count: int) -> Array:
    """Give ``count`` standard normal numbers for each of the draws ``start`` to ``stop``, as (draw, count)."""
    return normal_quantile(uniforms(seed, stream, start, stop, count).T).T


def normal_quantile(probability: Array) -> Array:
    """Give the standard normal numbers below which these probabilities lie, of the same shape; -inf at 0, inf at 1."""
    p = np.ascontiguousarray(probability).reshape(-1)
    quantiles = np.empty(p.shape)
    work = np.empty((3, min(BLOCK, p.size)))
    for start in range(0, p.size, BLOCK):
        out = quantiles[start : start + BLOCK]
        q, r, below = work[:, : out.size]
        np.subtract(p[start : start + BLOCK], 0.5, out=q)
        np.subtract(0.180625, np.multiply(q, q, out=r), out=r)
        _ratio(MIDDLE, r, out, below)
        out *= q
    far = np.flatnonzero(np.abs(p - 0.5) > 0.425)
    quantiles[far] = _in_tails(p[far])
    return quantiles.reshape(probability.shape)


def _ratio(rational: Rational, x: Array, out: Array, work: Array) -> None:
    for (highest, *lower), into in zip(rational, (out, work), strict=True):
        np.multiply(x, highest, out=into)
        for term in lower[:-1]:
            into += term
            into *= x
        into += lower[-1]
    out /= work


def _in_tails(p: Array) -> Array:
    upper = p > 0.5
    distance = np.where(upper, 1.0 - p, p)
    r = np.sqrt(-log(np.maximum(distance, SMALLEST_NORMAL)))
    quantiles, work = np.empty((2, r.size))
    _ratio(TAIL, r - 1.6, quantiles, work)
    farther = np.flatnonzero(r > 5.0)
    if farther.size:
        most, work = np.empty((2, farther.size))
        _ratio(FAR_TAIL, r[farther] - 5.0, most, work)
        quantiles[farther] = np.where(distance[farther] > 0.0, most, np.inf)
    return np.where(upper, quantiles, -quantiles)


@cache
def normal_share(z: float) -> float:
    """Give the probability that a standard normal number lies below ``z``.

    By its power series near 0, by Laplace's continued fraction in the tails; right to 1e-13 of the smaller side.
    """
    density = float(exp(-0.5 * z * z)) / math.sqrt(2.0 * math.pi)
    if abs(z) > 2.0:
        fraction = abs(z)
        for i in range(200, 0, -1):
            fraction = abs(z) + i / fraction
        return density / fraction if z < 0.0 else 1.0 - density / fraction
    term = total = z
    for i in range(3, 81, 2):
        term *= z * z / i
        total += term
    return 0.5 + density * total
