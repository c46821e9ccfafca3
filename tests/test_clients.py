"""What `make clients` would take for a client's fault; the clients themselves are not installed here."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from clients import KNOWN, ClientError, in_pandas, refused, same

TEXT = 'units for high_tech_value_added, "{}" are not recognized by UDUNITS'


def test_numbers_that_differ_in_the_last_bit_are_not_the_same() -> None:
    written = np.array([1.0, np.nan, 3.0])
    assert same(written.copy(), written) == "the same 3 numbers"
    read = np.array([1.0, np.nan, np.nextafter(3.0, 4.0)])
    with pytest.raises(ClientError, match="1 of 3 numbers differ"):
        same(read, written)
    assert same(read, written, rounding=4e-16) == "the same 3 numbers, but for the last bit of 1"


@pytest.mark.parametrize("read", [[1.0, 2.0, 3.0], [1.0, np.nan], [1.0, np.nan, np.nan]])
def test_a_number_too_many_and_one_that_is_missing_are_told(read: list[float]) -> None:
    with pytest.raises(ClientError):
        same(np.array(read), np.array([1.0, np.nan, 3.0]), rounding=4e-16)


def test_yuan_is_the_only_unit_that_a_checker_need_not_know() -> None:
    assert all(KNOWN.fullmatch(TEXT.format(u)) for u in ("yuan", "100000000 yuan", "yuan year-1"))
    assert not any(KNOWN.fullmatch(TEXT.format(u)) for u in ("rank", "patent/10k person", "yuans"))


def test_what_is_to_be_refused_and_is_taken_is_a_fault() -> None:
    with pytest.raises(ClientError, match="is taken: valid"):
        refused(lambda: "valid")


def test_a_csv_file_is_read_with_all_digits(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).lognormal(9.0, 1.0, 1000)
    file = tmp_path / "x.csv"
    file.write_text("a\n" + "\n".join(map(repr, numbers.tolist())), "utf-8")
    assert same(in_pandas(file)["a"].to_numpy(), numbers)


def test_what_the_page_says_was_measured_names_no_failure() -> None:
    page = (Path(__file__).parents[1] / "docs" / "clients.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!client|---)", page, re.MULTILINE)
    assert len(rows) > 50 and "failed" not in page
