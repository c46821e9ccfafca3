from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import fiveyear.model

MODULES = [found.name for found in pkgutil.walk_packages(fiveyear.model.__path__, "fiveyear.model.")]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_gives_what_it_shows(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
