"""`fiveyear programmes`: what it prints."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from fiveyear.experiments.programmes.command import Kind
from fiveyear.scenarios import load_plan
from fiveyear.scenarios.register import CLASSES, read_register

Run = Callable[..., Any]  # words in, how it ended out


def test_every_figure_is_listed_once_with_its_class(fiveyear: Run) -> None:
    ended = fiveyear("programmes", "list")
    assert (ended.code, ended.err) == (0, "")
    said = " ".join(ended.out.split())
    for figure in read_register(load_plan("twelfth")):
        of = f": {figure.model}" if figure.model else ""
        told = f"{figure.id} {figure.due} {figure.measured}: {figure.in_words()} [{figure.modelled_as}{of}]"
        assert said.count(told) == 1
    assert max(len(line) for line in ended.out.splitlines()) <= 100


@pytest.mark.parametrize("kind", CLASSES)
def test_a_kind_lists_its_own_figures_only(fiveyear: Run, kind: str) -> None:
    found = json.loads(fiveyear("programmes", "list", "--kind", kind, "--json").out)
    assert found["schema"] == "fiveyear.programmes-list/1"
    register = read_register(load_plan("twelfth"))
    assert [f["id"] for f in found["figures"]] == [f.id for f in register if f.modelled_as == kind]
    assert {f["modelled_as"] for f in found["figures"]} == {kind}


def test_the_kinds_are_the_classes_of_the_register() -> None:
    assert tuple(Kind) == CLASSES


def test_another_kind_is_refused(fiveyear: Run) -> None:
    ended = fiveyear("programmes", "list", "--kind", "guess")
    assert (ended.code, ended.out) == (2, "")
    assert "--kind is 'guess'; expected one of 'core', 'directional'" in ended.err


def test_a_programme_without_projects_has_all_files(fiveyear: Callable[..., Any], tmp_path: Path) -> None:
    ended = fiveyear("programmes", "reach", "agriculture", "--draws", 10, "--out", tmp_path)  # its figures only spread
    assert (ended.code, "Warning" in ended.err) == (0, False)
    dataset = xr.load_dataset(io.BytesIO((tmp_path / "programmes.nc").read_bytes()), engine="scipy")
    assert dataset["reached"].sizes["draw"] == 10
    assert "line" not in dataset.sizes
