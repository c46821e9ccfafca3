"""What the tests of calibration share: the plan, and what is known of it in each information set."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fiveyear.calibration.posterior import Evidence, evidence
from fiveyear.model import Model
from fiveyear.scenarios import Plan, load_plan


@pytest.fixture(scope="session")
def model() -> Model:
    return load_plan("twelfth").model


@pytest.fixture(scope="session")
def plan() -> Plan:
    return load_plan("twelfth")


@pytest.fixture(scope="session")
def known(plan: Plan, model: Model) -> Mapping[str, Evidence]:
    """The evidence by the name of its information set."""
    return {name: evidence(plan, name) for name in ("july2011", "yearbook")}
