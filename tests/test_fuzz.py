"""Altered inputs of every kind: a short round of `make fuzz`, and that the harness itself tells what should not be."""

from __future__ import annotations

import contextlib
import signal
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random

import fuzz
import pytest
from fuzzing import case as cases
from fuzzing.case import EQUAL, HANG, OTHER, REFUSED, TRACEBACK, UNPLACED, WRONG, Case, Ended, Expected, outcome
from fuzzing.toml_cases import within
from fuzzing.toml_text import WRITTEN
from fuzzing.valid_files import FILES

SHORT = {
    "scenario": 25,
    "table": 25,
    "stack": 15,
    "experiment": 12,
    "plan": 20,
    "programme": 12,
    "facts": 25,
    "scored": 12,
    "record": 12,
    "priors": 20,
    "folder": 40,
    "xmile": 8,
    "run": 12,
    "reach": 8,
    "store": 10,
    "options": 15,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_every_altered_input_is_refused_with_its_place_or_means_what_it_says(kind: str) -> None:
    found = fuzz.collect({kind: SHORT[kind]}, sampled=10**9)
    assert len(found) == SHORT[kind]
    assert {result.verdict for result in found} <= {REFUSED, EQUAL, OTHER}
    assert REFUSED in {result.verdict for result in found}


def test_twelve_thousand_cases_are_of_every_kind() -> None:
    assert sum(kind.cases for kind in fuzz.KINDS.values()) == 12_000
    assert set(SHORT) == set(fuzz.KINDS)


@pytest.mark.parametrize("kind", ["scenario", "experiment", "programme", "facts", "record", "priors", "options"])
def test_a_case_is_what_its_kind_and_number_say(kind: str) -> None:
    for number in (0, 7, 4711):
        one, other = fuzz.make(kind, number), fuzz.make(kind, number)
        assert (one.label, one.words, one.files) == (other.label, other.words, other.files)
    assert len({fuzz.make(kind, number).label for number in range(60)}) > 10


@pytest.mark.parametrize("kind", ["scenario", "plan", "experiment", "programme"])
def test_every_way_to_write_a_file_holds_the_same(kind: str) -> None:
    for number in range(5):
        content = FILES[kind](Random(number))
        for write in WRITTEN.values():
            assert tomllib.loads(write(content).decode("utf-8-sig")) == content


# -- the harness tells what should not be -------------------------------------------------------------------
def _told(expected: Expected, run: Callable[[], Ended], folder: Path) -> str:
    return outcome(Case("", (), expected, {"mine.toml": b"x"}, run=lambda words, folder: run()), folder).verdict


def _refusal(text: str, code: int = 2) -> Callable[[], Ended]:
    return lambda: Ended(code, "", text)


def test_a_refusal_counts_where_it_names_the_file_and_the_place(tmp_path: Path) -> None:
    expected = Expected(("mine.toml",), ("title:", "expect:"))
    assert _told(expected, _refusal("mine.toml has 1 fault:\n  expect: missing"), tmp_path) == REFUSED
    assert _told(expected, _refusal("mine.toml has 1 fault:\n  plan: missing"), tmp_path) == UNPLACED
    assert _told(expected, _refusal("it has 1 fault:\n  title: missing"), tmp_path) == UNPLACED
    assert _told(expected, _refusal(""), tmp_path) == WRONG
    assert _told(expected, _refusal("mine.toml: title: missing", code=1), tmp_path) == WRONG
    assert _told(Expected(refused=False, taken_as=EQUAL), _refusal("mine.toml: no"), tmp_path) == WRONG


def test_what_is_taken_counts_where_it_may_be_and_holds(tmp_path: Path) -> None:
    taken: Callable[[], Ended] = lambda: Ended(0, "no fault", "")  # noqa: E731 - one of several such
    assert _told(Expected(("mine.toml",)), taken, tmp_path) == WRONG
    assert _told(Expected(refused=False, taken_as=EQUAL), taken, tmp_path) == EQUAL
    assert _told(Expected(taken_as=OTHER, holds=lambda ended, folder: "other numbers"), taken, tmp_path) == WRONG
    assert _told(Expected(taken_as=OTHER), taken, tmp_path) == OTHER


def test_what_steers_a_terminal_or_leaves_a_file_is_wrong(tmp_path: Path) -> None:
    def leaves() -> Ended:
        Path("left.toml").touch()
        return Ended(2, "", "mine.toml: title: missing")

    assert _told(Expected(("mine.toml",)), _refusal("mine.toml: \x1b[31m"), tmp_path) == WRONG
    assert _told(Expected(("mine.toml",)), leaves, tmp_path) == WRONG
    assert _told(Expected(("mine.toml",)), _refusal("mine.toml: title: missing"), tmp_path) == REFUSED


def test_an_exception_is_a_traceback_and_an_endless_loop_a_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Ended:
        raise KeyError("draw")

    def hangs() -> Ended:
        while True:
            with contextlib.suppress(Exception):  # a command that catches all must not go on for ever
                signal.pause()

    monkeypatch.setattr(cases, "SECONDS", 0.05)
    assert _told(Expected(("mine.toml",)), fails, tmp_path) == TRACEBACK
    assert _told(Expected(("mine.toml",)), hangs, tmp_path) == HANG
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_number_that_was_read_otherwise_is_seen() -> None:
    assert within({"years": [1.0, 2]}, {"years": (1.0, 2.0), "more": None})
    assert within({"years": 2.5}, {"years": (2.5, 2.5)})
    assert not within({"years": 2.5}, {"years": (2.5, 2.6)})
    assert not within({"years": 2.5}, {})


def test_the_page_counts_every_case_once_in_each_table() -> None:
    found = [
        fuzz.Result("scenario", 0, "a misspelt key", REFUSED, ""),
        fuzz.Result("scenario", 1, "a misspelt key", WRONG, "taken"),
        fuzz.Result("facts", 0, "a minus", HANG, "not done"),
    ]
    page = fuzz.document(found)
    assert "| a misspelt key | 1 | 0 | 0 | 0 | 1 | 0 | 0 | 2 |" in page
    assert f"| {fuzz.KINDS['facts'].about} | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 1 |" in page
    assert "| all | 1 | 0 | 0 | 0 | 1 | 0 | 1 | 3 |" in page
