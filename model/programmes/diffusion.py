"""What arrivals bring: a part that ramps up after each, and the spread of something new (Fisher & Pry 1971)."""

from __future__ import annotations

import numpy as np

from ..quantities import Array


def ramped(arrivals: Array, years: Array, ramp: float) -> Array:
    """Give how many arrivals have taken effect, each in a straight line over ``ramp`` years from its date.

    Parameters
    ----------
    arrivals : (arrival,), dates in years
    years : (year,), the dates asked for
    ramp : years, above 0

    Returns
    -------
    (year,)

    >>> ramped(np.array([2011.0, 2014.0]), np.array([2010.0, 2013.0, 2016.0]), 4.0)
    array([0. , 0.5, 1.5])
    """
    since = (np.asarray(years)[:, None] - np.asarray(arrivals)[None, :]) / ramp
    return np.asarray(np.clip(since, 0.0, 1.0).sum(axis=1))


def spread(base: Array, growth: Array, years: Array, ceiling: float | None = None) -> Array:
    """Give the level that something reaches after some years of growth, without end or to a ceiling.

    Parameters
    ----------
    base : at the start, above 0 and below the ceiling
    growth : a year, in logarithms, of the level or, where there is a ceiling, of its odds
    years : since the start

    >>> spread(np.array(1.0), np.array(0.5), np.array([0.0, 2.0])).round(3)
    array([1.   , 2.718])
    >>> spread(np.array(50.0), np.array(1.0), np.array([0.0, 50.0]), 100.0).round(3)
    array([ 50., 100.])
    """
    if ceiling is None:
        return np.asarray(base * np.exp(growth * years))
    return np.asarray(ceiling / (1.0 + (ceiling / base - 1.0) * np.exp(-growth * years)))
