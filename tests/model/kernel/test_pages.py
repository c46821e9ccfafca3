"""The benchmark of the kernel: a row with wrong numbers ends it, and a page never keeps a row that is not measured."""

from __future__ import annotations

import numpy as np
import pytest
from kernel import CLOSE, require_close, without_what_changed

NEW = """\
# The kernel, AVX-512

*Written by* a new version.

| engine | runs/s |
|---|---:|
| C, mended | 9 |
| **the kernel** | 8 |
"""
OLD = """\
# The kernel, AVX2

*Written by* an old version.

| engine | runs/s |
|---|---:|
| C, wrong | 7 |
| **the kernel** | 6 |

A sentence.
"""


@pytest.mark.parametrize("value", [1.0 + 3.0 * CLOSE, np.nan, np.inf, 0.0, -1.0])
def test_a_row_with_one_number_that_is_off_ends_the_benchmark(value: float) -> None:
    right = np.ones((3, 4))
    wrong = right.copy()
    wrong[2, 1] = value
    require_close("a row", right * (1.0 + 0.5 * CLOSE), right)
    with pytest.raises(SystemExit, match=r"^a row: 8\.3% of its numbers are off"):
        require_close("a row", wrong, right)


def test_a_page_of_another_processor_loses_the_rows_that_are_measured_anew_and_says_which() -> None:
    kept = without_what_changed(OLD, NEW)
    assert "| C, wrong" not in kept
    assert "| C, mended" not in kept
    assert "| **the kernel** | 6 |" in kept
    assert '*Left out since*: "C, wrong". ' in kept
    assert without_what_changed(kept, NEW) == kept
