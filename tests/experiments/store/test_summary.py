"""Summaries: bins hold what they must, adding is exact in any order, and quantiles are right to the width of a bin."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from fiveyear.experiments.store.computation import compute
from fiveyear.experiments.store.description import MOST_TARGETS, CountedTarget
from fiveyear.experiments.store.summary import Counts, bins_of, count, edges, from_dataset, patterns_of, to_dataset

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def target(name: str, value: float, comparator: Literal[">=", "<="], every_year: bool = False) -> CountedTarget:
    about = {"label": name, "unit": "1", "kind": "headline"}
    return CountedTarget.model_validate(
        {"indicator": name, "value": value, "comparator": comparator, "every_year": every_year, **about}
    )


TARGETS = [target("reached", 2.0, ">="), target("kept", 5.0, "<=", every_year=True)]


def met_of(targets: Sequence[CountedTarget], values: Mapping[str, Any]) -> Any:
    """Give the patterns of draws of which the last two years are ahead."""
    described: Any = SimpleNamespace(targets=targets, years=(2010, 2010, 2012), due=2012)
    return patterns_of(described, values)


def same(one: Counts, other: Counts) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True))


def random_draws(seed: int, draws: int = 900) -> tuple[list[Any], Any]:
    random = np.random.default_rng(seed)
    outputs = [np.exp(random.normal(size=(draws, 3))), random.normal(size=(draws, 3)) * 1e-3]
    outputs[1][random.random(outputs[1].shape) < 0.01] = np.nan
    return outputs, random.integers(0, 8, draws)


@given(st.lists(NUMBERS, min_size=1))
def test_a_number_lies_in_its_bin(numbers: list[float]) -> None:
    values = np.array(numbers)
    low, high = edges(bins_of(values))
    assert np.all((low <= values) & (values <= high))


@given(st.lists(NUMBERS, min_size=2))
def test_a_larger_number_is_in_no_lower_bin(numbers: list[float]) -> None:
    assert np.all(np.diff(bins_of(np.sort(numbers))) >= 0)


@given(st.floats(2.3e-308, 1.7e308), st.sampled_from([-1.0, 1.0]))
def test_a_bin_is_at_most_a_128th_of_its_numbers_wide(size: float, sign: float) -> None:
    low, high = edges(bins_of(np.array([sign * size])))
    assert (high - low)[0] <= size / 128.0 * (1.0 + 1.0 / 128.0)


def test_zero_has_a_bin_that_no_number_in_use_shares() -> None:
    zero, negative_zero, tiny, negative = bins_of(np.array([0.0, -0.0, 1e-300, -1e-300]))
    assert zero == negative_zero
    assert negative < zero < tiny


@pytest.mark.parametrize("size", [1, 7, 300])
def test_counts_of_parts_add_up_to_those_of_the_whole_in_any_order(size: int) -> None:
    outputs, patterns = random_draws(1)
    whole = count(outputs, patterns)
    parts = [count([o[i : i + size] for o in outputs], patterns[i : i + size]) for i in range(0, len(patterns), size)]
    order = np.random.default_rng(size).permutation(len(parts))
    added = parts[order[0]]
    for place in order[1:]:
        added += parts[place]
    assert same(added, whole)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("draws", [1, 2, 17, 5000])
def test_a_quantile_is_no_further_from_the_exact_one_than_a_bin_is_wide(draws: int, sign: float) -> None:
    values = sign * np.exp(np.random.default_rng(draws).normal(2.0, 0.7, draws))
    histogram = count([values[:, None]], np.zeros(draws, dtype=np.int64)).histogram(0, 0)
    assert histogram is not None
    levels = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0]
    exact = np.quantile(values, levels)
    assert np.all(np.abs(histogram.quantiles(levels) - exact) <= np.abs(exact) / 128.0)
    assert abs(histogram.mean() - values.mean()) <= abs(values.mean()) / 256.0
    assert histogram.quantiles([0.0, 1.0]) == pytest.approx([values.min(), values.max()], rel=1.0 / 128.0)


def test_a_number_that_all_draws_share_comes_out_as_it_is() -> None:
    histogram = count([np.full((400, 1), 2.2)], np.zeros(400, dtype=np.int64)).histogram(0, 0)
    assert histogram is not None
    assert histogram.quantiles([0.05, 0.5, 0.95]).tolist() == [2.2, 2.2, 2.2]
    assert histogram.mean() == 2.2


def test_what_is_not_finite_is_counted_apart() -> None:
    values = np.array([[1.0, np.nan], [np.inf, np.nan], [3.0, np.nan]])
    counts = count([values], np.zeros(3, dtype=np.int64))
    assert counts.not_finite.tolist() == [[1, 3]]
    histogram = counts.histogram(0, 0)
    assert histogram is not None and histogram.counts.sum() == 2
    assert (histogram.lowest, histogram.highest) == (1.0, 3.0)
    assert counts.histogram(0, 1) is None


@pytest.mark.parametrize(
    "outputs",
    {
        "two outputs": random_draws(2)[0],
        "far apart": [np.array([[1e-300, -1e300], [1e300, 0.0], [1.0, 1.0]])],
        "nothing finite": [np.full((4, 2), np.nan)],
    }.values(),
    ids=["two outputs", "far apart", "nothing finite"],
)
def test_counts_are_the_same_after_a_way_through_a_file(outputs: list[Any]) -> None:
    by_case = {case: count([o[case::2] for o in outputs], np.arange(len(outputs[0][case::2]))) for case in (0, 1)}
    data = bytes(to_dataset(by_case).to_netcdf(engine="scipy"))
    found = from_dataset(xr.open_dataset(io.BytesIO(data), engine="scipy").load())
    assert list(found) == [0, 1]
    assert all(same(found[case], by_case[case]) for case in by_case)


def test_a_pattern_says_which_targets_are_met() -> None:
    values = {
        "reached": np.array([[0.0, 0.0, 2.0], [9.0, 9.0, 1.9], [0.0, 0.0, np.nan], [0.0, 0.0, 2.0 - 1e-12]]),
        "kept": np.array([[9.0, 5.0, 5.0], [9.0, 5.0, 5.0], [9.0, 6.0, 5.0], [0.0, 6.0, 4.0]]),  # from 2 years ahead
    }
    assert met_of(TARGETS, values).tolist() == [3, 2, 0, 1]


def test_a_thousand_million_draws_come_to_less_than_a_hundred_and_twenty_megabytes(
    described: Callable[..., Any],
) -> None:
    told = described(keep="'summary'", scenarios="['behavioural']", draws=10**9, chunk=4_000_000)
    some, more = (len(compute(told, 0, stop)) for stop in (1024, 16_384))
    # Each time that the draws are sixteen times as many, the tails reach into about as many bins more.
    times = math.log(told["chunk"] / 16_384, 16)
    of_chunk = more + 1.2 * (more - some) * times
    assert of_chunk * told["rows"] / told["chunk"] < 120e6


def test_a_file_holds_the_pattern_of_a_draw_that_meets_as_many_targets_as_there_may_be() -> None:
    targets = [target("a", 0.0, ">=")] * MOST_TARGETS
    every = met_of(targets, {"a": np.ones((2, 3))})
    data = bytes(to_dataset({0: count([np.ones((2, 3))], every)}).to_netcdf(engine="scipy"))
    (found,) = from_dataset(xr.open_dataset(io.BytesIO(data), engine="scipy").load()).values()
    assert (found.patterns.tolist(), found.pattern_counts.tolist()) == ([2 ** len(targets) - 1], [2])
