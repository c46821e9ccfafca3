"""Random numbers keyed by the draw: draw 17 has the same ones however many others are computed, in whatever order."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.special import ndtri

from fiveyear.model.quantities import Array


def uniforms(seed: int, stream: str, start: int, stop: int, count: int) -> Array:
    """Give ``count`` uniform numbers for each of the draws ``start`` to ``stop``, as (draw, count), inside (0, 1).

    Streams of different names are independent. One Philox stream is advanced to a draw's place; it gives four
    numbers a step, so each draw takes a multiple of four.
    """
    each = -(-count // 4) * 4
    key = int.from_bytes(hashlib.sha256(f"{seed} {stream}".encode()).digest()[:16], "big")
    generator = np.random.Generator(np.random.Philox(key=key).advance(start * each // 4))
    numbers = generator.random((stop - start, each))[:, :count]
    return np.asarray(np.clip(numbers, 2.0**-53, 1.0 - 2.0**-53))


def normals(seed: int, stream: str, start: int, stop: int, count: int) -> Array:
    """Give ``count`` standard normal numbers for each of the draws ``start`` to ``stop``, as (draw, count)."""
    return np.asarray(ndtri(uniforms(seed, stream, start, stop, count)))
