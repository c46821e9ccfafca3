"""Packages whose names are loaded when they are used: type checkers and programs find the same under each name."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from types import ModuleType

import pytest

PACKAGES = ("fiveyear", "fiveyear.model", "fiveyear.scenarios")


def for_type_checkers(package: ModuleType) -> dict[str, str]:
    """Give where each name comes from by what only type checkers read: module by name."""
    assert package.__file__ is not None
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    (block,) = (n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    imports = [n for n in block.body if isinstance(n, ast.ImportFrom)]
    before = {0: "", 1: f"{package.__name__}."}
    return {name.name: f"{before[n.level]}{n.module}" for n in imports for name in n.names}


@pytest.mark.parametrize("name", PACKAGES)
def test_both_lists_of_names_say_the_same(name: str) -> None:
    package = importlib.import_module(name)
    stated = for_type_checkers(package)
    assert {n: f"{name}.{place}" for n, place in vars(package)["_PLACES"].items()} == stated
    for one, module in stated.items():
        assert getattr(package, one) is getattr(importlib.import_module(module), one)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_name_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        _ = importlib.import_module(name).nothing
