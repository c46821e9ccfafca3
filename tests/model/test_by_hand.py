from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from fiveyear.model import Model

Worked = dict[str, dict[str, list[dict[str, Any]]]]


def test_every_equation_worked_out_by_hand_gives_what_was_found(
    by_hand: Worked, slips: Callable[[ModuleType, str], list[str]]
) -> None:
    for sector in by_hand:
        assert slips(importlib.import_module(f"fiveyear.model.sectors.{sector}"), sector) == []


def test_what_is_worked_out_by_hand_names_equations_of_the_model_and_all_that_they_read(
    model: Model, by_hand: Worked
) -> None:
    for sector, equations in by_hand.items():
        module = importlib.import_module(f"fiveyear.model.sectors.{sector}")
        for name, rows in equations.items():
            for row in rows:
                assert list(row["given"]) == list(inspect.signature(getattr(module, name)).parameters), name
    assert set(by_hand) <= set(model.sectors.values())
