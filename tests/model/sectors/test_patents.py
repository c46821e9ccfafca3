"""Invention patents and their examination: closed forms of applications, lapses and the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from fiveyear.model import Inputs, Model, simulate

Change = Callable[..., Inputs]
Read = Callable[..., list[np.ndarray]]
Watch = Callable[..., tuple[np.ndarray, list[np.ndarray]]]
Look = Callable[[Model, Inputs], Mapping[str, np.ndarray]]

NO_ELASTICITY = {"research_elasticity": 0.0, "knowledge_elasticity": 0.0, "strategic_filing": 0.0}
FILED_AT_START = 0.06 * 1.25e6


@pytest.fixture(scope="module")
def planned(model: Model) -> Model:
    """Spending as planned: nothing that patents do comes back through it."""
    return model.cut(["FINANCE", "R1"])


# -- applications -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("drift", "persistence"), [(0.15, 6.0), (-0.1, 2.0), (0.0, 5.0)])
@pytest.mark.parametrize("incentive", [0.0, 1.0, 2.5])
def test_applications_grow_by_the_integral_of_a_drift_that_fades_exponentially(
    planned: Model,
    inputs: Inputs,
    changed: Change,
    watched: Watch,
    drift: float,
    persistence: float,
    incentive: float,
) -> None:
    surprise = 0.03
    drifting = changed(
        inputs,
        **NO_ELASTICITY,
        propensity_drift_at_start=drift,
        propensity_drift_persistence=persistence,
        filing_incentive=incentive,
        propensity_surprise=surprise,
    )
    time, (omega, filed) = watched(planned, drifting, "propensity_drift", "applications")
    fade = np.exp(-time / persistence)
    np.testing.assert_allclose(omega, drift * fade, rtol=1e-6)
    gain = incentive * drift * persistence * (1.0 - fade) + surprise * time
    np.testing.assert_allclose(filed, FILED_AT_START * np.exp(gain), rtol=1e-6)


@pytest.mark.parametrize(
    ("elasticity", "level", "start"),
    [
        ("research_elasticity", "researchers", "researchers_at_start"),
        ("knowledge_elasticity", "knowledge", "knowledge_at_start"),
        ("strategic_filing", "patents_in_force", "patents_in_force_at_start"),
    ],
)
def test_applications_rise_with_each_cause_by_its_elasticity(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch, elasticity: str, level: str, start: str
) -> None:
    only = changed(inputs, **{**NO_ELASTICITY, elasticity: 0.5}, propensity_drift_at_start=0.0)
    _, (filed, now, then) = watched(planned, only, "applications", level, start)
    np.testing.assert_allclose(filed, FILED_AT_START * (now / then) ** 0.5, rtol=1e-12)
    assert (now[-1] > 1.2 * then[-1]).all()


# -- patents in force ---------------------------------------------------------------------------------------------
def test_without_grants_young_patents_mature_and_both_lapse_as_two_exponentials(
    planned: Model, inputs: Inputs, changed: Change, watched: Watch
) -> None:
    idle = changed(inputs, examiner_effort=0.0)
    time, (young, mature, in_force, share) = watched(
        planned, idle, "young_patents", "mature_patents", "patents_in_force", "mature_share"
    )
    mature_share, passing, young_lapses, lapses = 0.45, 1.0 / 2.0, 0.04, 0.15
    leaving = passing + young_lapses
    young_start, mature_start = 6e4 * (1.0 - mature_share), 6e4 * mature_share
    of_young = passing * young_start / (leaving - lapses) * (np.exp(-lapses * time) - np.exp(-leaving * time))
    np.testing.assert_allclose(young, young_start * np.exp(-leaving * time), rtol=1e-5)
    np.testing.assert_allclose(mature, mature_start * np.exp(-lapses * time) + of_young, rtol=1e-5)
    np.testing.assert_allclose(in_force, young + mature, rtol=1e-14)
    np.testing.assert_allclose(share * in_force, mature, rtol=1e-13)


def test_all_patents_that_leave_have_lapsed_young_or_mature(
    model: Model, scattered: Callable[..., Inputs], read: Read, at_start: Look
) -> None:
    inputs = scattered(50, spread=0.3, seed=31)
    (in_force,) = read(model, inputs, "year end", "patents_in_force")
    grants, young, mature = read(model, inputs, "over the year", "domestic_grants", "young_lapses", "mature_lapses")
    before = np.concatenate([np.atleast_2d(at_start(model, inputs)["patents_in_force"]), in_force[:-1]])
    assert (np.abs(in_force - before - grants + young + mature) <= 1e-12 * (in_force + grants)).all()
    assert (young > 0.0).all() and (mature > 0.0).all()


@pytest.mark.parametrize(("break_", "mainland"), [(0.1, 0.9), (0.0, 1.0), (-0.2, 0.5)])
def test_a_break_of_the_count_raises_what_is_counted_and_no_stock(
    planned: Model, inputs: Inputs, changed: Change, break_: float, mainland: float
) -> None:
    kept = ["patents_in_force", "patents_in_force_counted", "mainland_patents_in_force", "applications"]
    broken = changed(inputs, counting_break=break_, mainland_share=mainland)
    data = simulate(planned, broken, {}, keep=kept).dataset()
    whole = simulate(planned, changed(broken, counting_break_done=0.0), {}, keep=kept).dataset()
    in_force, counted, mainland_counted, filed = (data[n].values[0] for n in kept)
    np.testing.assert_array_equal(in_force, whole["patents_in_force"].values[0])
    np.testing.assert_array_equal(filed, whole["applications"].values[0])
    np.testing.assert_allclose(counted[:5], in_force[:5], rtol=1e-14)
    np.testing.assert_allclose(counted[5:], in_force[5:] * (1.0 + break_), rtol=1e-12)
    np.testing.assert_allclose(mainland_counted, counted * mainland, rtol=1e-14)
    np.testing.assert_allclose(whole["patents_in_force_counted"], whole["patents_in_force"], rtol=1e-14)


# -- examination --------------------------------------------------------------------------------------------------
def test_what_waits_at_the_start_is_what_steady_growth_of_filings_leaves_in_three_stages(
    model: Model, inputs: Inputs, at_start: Look
) -> None:
    start = at_start(model, inputs)
    growth, stage_time = 0.25, 3.0 / 3
    # Stage k holds what entered a stage's time ago, and so on: filings x s / (1 + g s)^k.
    held = sum(stage_time / (1.0 + growth * stage_time) ** k for k in (1, 2, 3))
    assert start["domestic_backlog_at_start"].item() == pytest.approx(FILED_AT_START * held, rel=1e-12)
    assert start["foreign_backlog_at_start"].item() == pytest.approx(7e4 * held, rel=1e-12)
    assert start["backlog"].item() == pytest.approx((FILED_AT_START + 7e4) * held, rel=1e-12)
    # Little's law: what waits, over what is decided in a year, is the time to a decision.
    assert start["examination_capacity"].item() == pytest.approx(start["backlog"].item() / 3.0, rel=1e-12)


@pytest.mark.parametrize("effort", [0.5, 1.0, 2.0])
def test_a_decision_takes_the_backlog_over_the_capacity_but_never_less_than_the_floor(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, effort: float
) -> None:
    names = ("examination_time", "backlog", "examination_capacity")
    _, (time, backlog, capacity) = watched(model, changed(inputs, examiner_effort=effort), *names)
    waiting = backlog / (capacity * effort)
    assert (time > waiting).all() and (time > 1.0).all()
    np.testing.assert_allclose(time**4, waiting**4 + 1.0, rtol=1e-12)
    far = waiting > 2.2  # from 2.2 times the floor on it is the waiting time, to a per cent
    np.testing.assert_allclose(time[far], waiting[far], rtol=1.1e-2)


@pytest.mark.parametrize(("surprise", "loop"), [(0.0, ()), (0.1, ("B3",)), (-0.2, ("B3",))])
def test_capacity_moves_toward_what_the_backlog_calls_for(
    model: Model, inputs: Inputs, changed: Change, watched: Watch, surprise: float, loop: tuple[str, ...]
) -> None:
    # c' = (needed - c) / 2 + s c, closed where the loop is cut and what is needed stays what it was at the start.
    names = ("examination_capacity", "capacity_needed", "backlog", "backlog_at_start")
    time, (capacity, needed, backlog, start) = watched(
        model.cut(loop), changed(inputs, capacity_surprise=surprise), *names
    )
    np.testing.assert_allclose(needed, (start if loop else backlog) / 2.75, rtol=1e-14)
    if loop:
        rate = 1.0 / 2.0 - surprise
        settled = start / 2.75 / 2.0 / rate
        expected = settled + (start / 3.0 - settled) * np.exp(-rate * time)
        np.testing.assert_allclose(capacity, expected, rtol=1e-5)
    else:
        assert (np.sign(np.diff(capacity, axis=0)) == np.sign(needed - capacity)[:-1]).mean() > 0.95


def test_a_fixed_share_of_domestic_decisions_is_granted(
    model: Model, scattered: Callable[..., Inputs], watched: Watch
) -> None:
    inputs = scattered(20, spread=0.3, seed=32)
    _, (grants, decisions) = watched(model, inputs, "domestic_grants", "domestic_decisions")
    np.testing.assert_allclose(grants, decisions * inputs.parameters["domestic_grant_share"], rtol=1e-14)


def test_twice_the_applications_from_abroad_delay_domestic_grants_for_good_only_if_capacity_is_held(
    model: Model, inputs: Inputs, changed: Change, read: Read
) -> None:
    flooded = changed(inputs, foreign_applications=2.0 * inputs.series["foreign_applications"])
    ratios = {}
    for name, cut in {"held": model.cut(["B3"]), "following": model}.items():
        (before,), (after,) = (read(cut, i, "over the year", "domestic_grants") for i in (inputs, flooded))
        ratios[name] = after[:, 0] / before[:, 0]
    assert (ratios["held"] < 1.0 - 1e-3).all()
    assert (ratios["following"][:3] < 1.0 - 1e-3).all()
    # Capacity that follows the queue lags the less, the less the queue grows; filings from abroad do not grow.
    assert (ratios["following"] > ratios["held"]).all()
    assert ratios["following"][-1] > 1.0


def test_the_fewer_examiners_the_fewer_patents_in_force_and_the_longer_the_queue(
    planned: Model, inputs: Inputs, changed: Change, read: Read
) -> None:
    last = []
    for effort in (0.4, 0.7, 1.0, 1.5):
        levels = read(planned, changed(inputs, examiner_effort=effort), "year end", "patents_in_force", "backlog")
        last.append([level[-1, 0] for level in levels])
    patents, backlog = np.transpose(last)
    assert (np.diff(patents) > 0.01 * patents[:-1]).all()
    assert (np.diff(backlog) < -0.01 * backlog[:-1]).all()
