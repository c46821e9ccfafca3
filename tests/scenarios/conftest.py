"""What tests of scenario files share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fiveyear.scenarios import ScenarioError, load_scenario


@pytest.fixture
def faults_of() -> Callable[[str], list[str]]:
    """Give the faults for which a scenario file is refused, under its own name."""

    def refused(file: str) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load_scenario(file)
        assert caught.value.title == file
        return list(map(str, caught.value.faults))

    return refused
