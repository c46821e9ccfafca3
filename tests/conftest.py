"""What all tests share: the thresholds of the validation, a cache of their own, and shorter samplings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fiveyear.calibration import sampler
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


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what a user's cache would hold in a folder of the tests: what is in the user's must not decide one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def briefly_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample what is fitted in a tenth of the time: it has not settled, but a chance is right to a hundredth."""
    for name, brief in {"WARM_UP": (20, 20), "LEAPS": 30, "STEPS": 60, "AGAIN": 1}.items():
        monkeypatch.setattr(sampler, name, brief)
