"""The process that walks half of the walkers: the same bits with it, without it, and when it is killed."""

from __future__ import annotations

import contextlib
import select
from typing import Any

import numpy as np
import pytest

from fiveyear.calibration import beside, sampler
from fiveyear.calibration.fit import Fit, fit
from fiveyear.calibration.posterior import evidence
from fiveyear.model.quantities import Array
from fiveyear.scenarios import load_plan


@pytest.fixture(scope="module")
def found() -> Fit:
    return fit(evidence(load_plan("korea577"), "panel").problem())


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "WARM_UP", (5,))
    monkeypatch.setattr(sampler, "LEAPS", 8)


def drawn(found: Fit) -> Array:
    return sampler.sample(found, seed=5, steps=30)[0]


def alone(found: Fit, monkeypatch: pytest.MonkeyPatch) -> Array:
    with monkeypatch.context() as patch:
        patch.setattr(sampler, "beside", contextlib.nullcontext)
        return drawn(found)


class Patient(beside.Beside):
    """Waits until the process is ready; counts what it is sent, and may kill it before it can answer."""

    sent = 0
    killed_at = -1

    @property
    def is_ready(self) -> bool:
        if not self._ready:
            select.select([self._process.stdout or 0], [], [], 60.0)
        return super().is_ready

    def send(self, something: Any) -> None:
        type(self).sent += 1
        if self.sent == self.killed_at:
            self._process.kill()
            self._process.wait()
        super().send(something)


@pytest.mark.slow
@pytest.mark.parametrize(("killed_at", "sent"), [(-1, 5), (3, 3)])
def test_walkers_walk_the_same_way_beside_another_process_even_if_it_is_killed(
    found: Fit, monkeypatch: pytest.MonkeyPatch, killed_at: int, sent: int
) -> None:
    expected = alone(found, monkeypatch)
    monkeypatch.setattr(beside, "cores", lambda: 2)
    monkeypatch.setattr(beside, "Beside", Patient)
    monkeypatch.setattr(Patient, "sent", 0)
    monkeypatch.setattr(Patient, "killed_at", killed_at)
    assert drawn(found).tobytes() == expected.tobytes()
    assert Patient.sent == sent  # what it works on; 5 trajectories; three times 10


def test_nothing_is_started_where_there_is_no_second_processor(found: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a process was started")

    expected = alone(found, monkeypatch)
    monkeypatch.setattr(beside, "cores", lambda: 1)
    monkeypatch.setattr("subprocess.Popen", refuse)
    assert np.array_equal(drawn(found), expected)
