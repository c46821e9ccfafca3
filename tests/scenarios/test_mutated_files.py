"""Files of all kinds with one thing done to them: refused with its key if it is a fault, and else the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import configs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mutations import alike, invalid
from toml_text import WRITTEN
from valid_files import FILES, Content


@pytest.mark.slow
def test_a_mutated_file_is_refused_where_it_is_wrong_or_means_the_same(tmp_path: Path) -> None:
    found = configs.collect(300, tmp_path)
    assert found.total() == 300
    assert {result for _, _, result in found} == {configs.REFUSED, configs.EQUAL}
    assert {kind for kind, _, _ in found} == set(FILES)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_everything_that_can_be_done_to_a_file_can_be_done_to_some(kind: str) -> None:
    labels: set[str] = set()
    kept: set[str] = set()

    @settings(
        max_examples=20,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(FILES[kind])
    def look(content: Content) -> None:
        labels.update(mutation.label for mutation in invalid(kind, content))
        kept.update(mutation.label for mutation in alike(kind, content))

    look()
    assert len(labels) >= 20
    assert len(kept) >= 2
    assert not labels & kept


@settings(max_examples=30, database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.one_of(*(FILES[kind] for kind in ("scenario", "plan", "experiment"))))
def test_every_way_to_write_a_file_holds_the_same(content: Content) -> None:
    for write in WRITTEN.values():
        assert tomllib.loads(write(content).decode("utf-8-sig")) == content


def test_an_outcome_that_should_not_be_is_told(tmp_path: Path) -> None:
    def outcome(key: str | None, changed: str) -> str:
        return configs.outcome(configs.Mutated("scenario", "", key, configs.OWN.encode(), changed.encode()), tmp_path)

    assert outcome(None, configs.OWN) == configs.EQUAL
    assert outcome("expect", configs.OWN.replace("expect", "expected")) == configs.REFUSED
    assert outcome("title", configs.OWN.replace("expect", "expected")).startswith("refused, but without title: ")
    assert outcome(None, configs.OWN.replace("expect", "expected")).startswith("refused, though it means the same")
    assert outcome("title", configs.OWN) == "taken, though title is wrong"
    assert outcome(None, configs.OWN.replace("As", "Not as")) == "taken, but it means something else"
