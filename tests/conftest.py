"""What all tests share: the thresholds of the validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fiveyear.experiments.validation.check import Figure
from fiveyear.experiments.validation.criteria import CHECKS


@pytest.fixture(scope="session")
def holds() -> Callable[..., bool]:
    """Tell whether what a check measures, on a subject of the test's own, keeps the threshold of the check."""
    checks = {check.measure: check for check in CHECKS}

    def look(measure: Callable[..., Figure | None], *parts: Any) -> bool:
        figure = measure(*parts)
        assert figure is not None
        print(f"{checks[measure].name}: {figure}, expected {checks[measure].threshold}")
        return checks[measure].holds(figure)

    return look
